//! The engine: runs the statements of a plan over the location counter until nothing moves.
//!
//! A round walks all statements once. What stands further down (a symbol, the size of a section,
//! how many program headers there are, where the data segment ends) is taken from the round before;
//! the last round found everything where it had been. Most links need three.
//!
//! ```text
//! round 1   SIZEOF_HEADERS is guessed, DATA_SEGMENT_ALIGN does not know where its data end
//! round 2   headers are counted, relro data end at the end of a page
//! round 3   nothing moves
//! ```

use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::raw::{SHF_ALLOC, SHF_TLS};

use super::attributes::Attributes;
use super::blocks::{Block, Contents};
use super::data_segment::DataSegment;
use super::environment::Asked;
use super::form::Forms;
use super::known::Known;
use super::plan::{Plan, Statement};
use super::regions::Regions;
use super::threads;
use crate::arch::Identity;
use crate::diagnostics::Diagnostics;
use crate::ids::{SectionId, SymbolId};
use crate::names::Names;
use crate::options::{Kind as OutputKind, Options};
use crate::resolve::Resolved;
use crate::script::ast::Name;
use crate::script::expr::Value;
use crate::script::source::Sources;

/// How often statements are walked before what still moves is left where it is.
const MAX_ROUNDS: usize = 12;

/// An output section while it is laid out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// What its inputs make of it.
    pub attributes: Attributes,
    /// Whether the output has it.
    pub exists: bool,
    /// Whether this round has passed it.
    pub is_placed: bool,
    /// The virtual address.
    pub addr: u64,
    /// The load address.
    pub load_addr: u64,
    /// Its size, in bytes.
    pub size: u64,
    /// Its alignment, in bytes.
    pub align: u64,
    /// `SUBALIGN`: what takes the place of the alignment of inputs, in bytes.
    pub subalign: Option<u64>,
    /// What gaps are filled with.
    pub fill: Vec<u8>,
    /// Where each item of its body starts, in bytes from the start of the section.
    pub item_starts: Vec<u64>,
    /// Where the location counter stands behind it; nowhere else than before if none.
    pub goes_on: Option<u64>,
}

impl Section {
    /// Whether it takes memory where it lies.
    pub fn is_alloc(&self) -> bool {
        self.attributes.flags & SHF_ALLOC.0 != 0
    }

    /// Whether each thread has its own copy, so that none lies in memory here.
    pub fn is_tls_zeros(&self) -> bool {
        self.attributes.flags & SHF_TLS.0 != 0 && !self.attributes.has_bytes
    }

    /// The address behind its last byte.
    pub fn end(&self) -> u64 {
        self.addr.wrapping_add(self.size)
    }
}

/// A symbol that a script defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defined {
    /// Its number.
    pub id: SymbolId,
    /// Its value, of this round.
    pub value: Option<Value<u32>>,
    /// Its value, of the round before.
    pub before: Option<Value<u32>>,
    /// The output section next to an address outside of all of them.
    pub near: Option<u32>,
    /// Whether it is hidden.
    pub is_hidden: bool,
    /// The only symbol that its value was computed of: it is of that one's type.
    pub source: Option<SymbolId>,
}

/// What the engine reads.
pub struct Setting<'e, 'a> {
    /// The statements.
    pub plan: &'e Plan<'a>,
    /// The files and symbols.
    pub resolved: &'e Resolved<'a>,
    /// The names of symbols.
    pub names: &'e Names<'a>,
    /// What the command line asks for.
    pub options: &'e Options,
    /// The machine.
    pub machine: &'static Identity,
    /// The texts of scripts.
    pub sources: &'e Sources<'a>,
}

/// The engine.
pub struct Engine<'e, 'a> {
    pub(super) setting: Setting<'e, 'a>,
    /// By rule, its sections.
    pub blocks: Vec<Block>,
    /// By number, the output sections.
    pub sections: Vec<Section>,
    /// Symbols, by name.
    pub symbols: HashMap<Name<'a>, Defined, RandomState>,
    /// Bytes of the ELF header and the program headers.
    pub headers: u64,
    /// Whether nothing moves any more, so that only symbols and assertions are left to settle.
    pub(super) is_settled: bool,
    /// Whether an expression asked for them.
    pub asks_for_headers: bool,
    /// What there is to say of the last round.
    pub said: Diagnostics,
    /// The data segment.
    pub data: DataSegment,
    /// Symbols of inputs that expressions ask for.
    pub known: Known<'a>,
    /// Memory regions.
    pub regions: Regions<'a>,
    /// The output section whose body is walked.
    pub(super) current: Option<u32>,
    pub(super) dot: u64,
    /// Where output sections without an address of their own go on: not moved, as the location
    /// counter is, by an address of what is left out, until something is assigned.
    pub(super) free: u64,
    /// What the expression that is evaluated asked for.
    pub(super) asked: Asked,
    /// The statement that is walked.
    pub(super) at: usize,
    /// The last output section in memory that was passed, and since then the location counter was
    /// not moved.
    pub(super) before: Option<u32>,
    /// The last output section in memory that was passed.
    pub(super) last: Option<u32>,
    /// The first address of the OVERLAY that is walked, and the end of its longest section.
    pub(super) overlay: (u64, u64),
}

impl<'e, 'a> Engine<'e, 'a> {
    /// Reads the sections of all rules.
    pub fn new(
        setting: Setting<'e, 'a>,
        by_rule: &[Vec<SectionId>],
        forms: &Forms,
        contents: &dyn Contents,
    ) -> Self {
        let blocks: Vec<Block> =
            by_rule.iter().map(|sections| Block::new(sections, forms, contents)).collect();
        let known = Known::new(setting.plan, setting.names, setting.resolved, &blocks);
        let regions = Regions::new(setting.plan);
        let mut engine = Self {
            setting,
            blocks,
            sections: Vec::new(),
            symbols: HashMap::default(),
            headers: 0,
            is_settled: false,
            asks_for_headers: false,
            said: Diagnostics::new(),
            data: DataSegment::default(),
            known,
            regions,
            current: None,
            dot: 0,
            free: 0,
            asked: Asked::Nothing,
            at: 0,
            before: None,
            last: None,
            overlay: (0, 0),
        };
        engine.define_symbols();
        engine.start_sections();
        let plan = engine.setting.plan;
        if !engine.is_relocatable() {
            threads::align(plan, &mut engine.sections);
        }
        engine
    }

    pub(super) fn is_relocatable(&self) -> bool {
        self.setting.options.output.kind == OutputKind::Relocatable
    }

    /// Walks the statements until nothing moves.
    pub fn settle(&mut self) {
        let has_twin = self.has_twin();
        for _ in 0..MAX_ROUNDS {
            let (sections, data) = (self.sections.clone(), self.data);
            self.round();
            let relro = self.setting.options.layout.relro;
            self.data = self.data.settle(&self.sections, relro, has_twin);
            let is_settled = self.symbols.values().all(|symbol| symbol.value == symbol.before);
            if is_settled && sections == self.sections && data == self.data {
                return;
            }
        }
    }

    /// Whether an output section that is there has a second statement whose constraint
    /// (`ONLY_IF_RW`) does not hold.
    fn has_twin(&self) -> bool {
        let outputs = || self.setting.plan.outputs.iter().zip(&self.sections);
        let disabled = outputs().filter(|(planned, _)| !planned.is_enabled);
        disabled
            .map(|(planned, _)| planned.name)
            .any(|name| outputs().any(|(planned, section)| section.exists && planned.name == name))
    }

    fn round(&mut self) {
        self.said = Diagnostics::new();
        self.data = self.data.next_round();
        for section in &mut self.sections {
            section.is_placed = false;
        }
        self.start_regions();
        self.walk();
    }

    /// Settles symbols and assertions, once nothing moves any more.
    ///
    /// An output section that the file does not have moves the location counter of the layout to the
    /// address that its statement asks for; that of symbols stays where the last section ends:
    ///
    /// ```text
    /// .text 0x1000 : { *(.text) }      7 bytes
    /// .none 0x5000 : { *(.none) }      nothing
    /// here = . ;                       0x1007
    /// .data : { *(.data) }             at 0x5000
    /// ```
    pub fn finish(&mut self) {
        self.is_settled = true;
        self.walk();
        self.check_regions();
    }

    /// Walks all statements once.
    fn walk(&mut self) {
        self.dot = 0;
        self.free = 0;
        self.current = None;
        self.before = None;
        self.last = None;
        for symbol in self.symbols.values_mut() {
            symbol.before = symbol.value.take().or(symbol.before);
        }
        let plan = self.setting.plan;
        for (at, statement) in plan.statements.iter().enumerate() {
            self.at = at;
            match statement {
                Statement::Assignment(assignment) => {
                    self.assign(assignment);
                    self.free = self.dot;
                }
                Statement::Assert(assertion) => {
                    self.assert(assertion);
                    self.free = self.dot;
                }
                Statement::Output(number) => {
                    let Some(planned) = plan.outputs.get(*number as usize) else { continue };
                    if self.is_settled {
                        self.pass(*number, planned);
                    } else {
                        self.output(*number, planned);
                    }
                }
            }
        }
    }

    /// Where the part of the memory starts and ends that is read-only after relocation.
    pub fn relro(&self) -> Option<(u64, u64)> {
        self.data.relro()
    }
}

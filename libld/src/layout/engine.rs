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
use libelf::raw::{
    SHF_ALLOC, SHF_TLS, SHF_WRITE, SHT_FINI_ARRAY, SHT_INIT_ARRAY, SHT_PREINIT_ARRAY, SectionType,
};

use super::attributes::Attributes;
use super::blocks::{Block, Contents};
use super::data_segment::DataSegment;
use super::environment::Asked;
use super::form::{Forms, SHF_GNU_RETAIN};
use super::known::Known;
use super::plan::{Item, Plan, Planned, Statement};
use super::regions::Regions;
use super::{room, seat, threads};
use crate::arch::Identity;
use crate::diagnostics::{Diagnostics, Severity};
use crate::ids::{SectionId, SymbolId};
use crate::names::Names;
use crate::options::{Kind as OutputKind, Magic, Options};
use crate::resolve::{Kind, Resolved};
use crate::script::ast::{
    Assertion, Assignment, AssignmentKind, BinaryOp, DataSize, Expr, Fill, Name, SectionKind,
};
use crate::script::expr::{self, Base, Environment, Evaluated, Lookup, Unknown, Value, operate};
use crate::script::source::{Sources, Span};

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
    /// What the expression that is evaluated asked for.
    pub(super) asked: Asked,
    /// The statement that is walked.
    at: usize,
    /// The last output section in memory that was passed, and since then the location counter was
    /// not moved.
    pub(super) before: Option<u32>,
    /// The last output section in memory that was passed.
    last: Option<u32>,
    /// The first address of the OVERLAY that is walked, and the end of its longest section.
    overlay: (u64, u64),
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
            asks_for_headers: false,
            said: Diagnostics::new(),
            data: DataSegment::default(),
            known,
            regions,
            current: None,
            dot: 0,
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

    /// The symbols that the plan defines.
    fn define_symbols(&mut self) {
        for assignment in self.setting.plan.assignments() {
            let name = assignment.target.name;
            if name != b"." && self.is_wanted(assignment) {
                let id = self.setting.names.find(name).unwrap_or(SymbolId::NONE);
                let is_hidden = matches!(
                    assignment.kind,
                    AssignmentKind::Hidden | AssignmentKind::ProvideHidden
                );
                let new =
                    Defined { id, value: None, before: None, near: None, is_hidden, source: None };
                self.symbols.entry(name).or_insert(new);
            }
        }
    }

    /// The output sections before the first round. Numbers that are assigned before them tell whether
    /// there is anything in them.
    fn start_sections(&mut self) {
        let plan = self.setting.plan;
        self.sections = plan.outputs.iter().map(|planned| self.section(planned)).collect();
        for statement in &plan.statements {
            match statement {
                Statement::Assignment(assignment)
                    if assignment.target.name != b"." && room::is_number(&assignment.value) =>
                {
                    self.assign(assignment);
                }
                Statement::Output(number) => {
                    let planned = plan.outputs.get(*number as usize);
                    let exists = planned.is_some_and(|planned| self.exists(planned));
                    if let Some(section) = self.sections.get_mut(*number as usize) {
                        section.exists = exists;
                    }
                }
                Statement::Assignment(_) | Statement::Assert(_) => {}
            }
        }
    }

    /// Whether a symbol is known to be the number 0 before anything has an address.
    fn is_known_zero(&self, name: &[u8]) -> bool {
        let symbol = self.symbols.get(name);
        symbol.and_then(|symbol| symbol.value).is_some_and(|value| value == Value::absolute(0))
    }

    /// Whether an assignment defines its symbol: a PROVIDE does if somebody needs it, which is
    /// settled by now.
    pub(super) fn is_wanted(&self, assignment: &Assignment) -> bool {
        match assignment.kind {
            AssignmentKind::Plain | AssignmentKind::Hidden => true,
            AssignmentKind::Provide | AssignmentKind::ProvideHidden => {
                let id = self.setting.names.find(assignment.target.name);
                id.is_some_and(|id| self.setting.resolved.symbols.get(id).kind == Kind::Linker)
            }
        }
    }

    /// An output section before the first round.
    fn section(&mut self, planned: &Planned<'a>) -> Section {
        let mut section = Section { align: 1, ..Section::default() };
        if !planned.is_enabled || planned.discards() {
            return section;
        }
        for item in &planned.body {
            if let Item::Inputs(rule) = item
                && let Some(block) = self.blocks.get(*rule as usize)
            {
                section.attributes = section.attributes.join(block.attributes);
            }
        }
        section.exists = self.exists(planned);
        if !planned.is_orphan && !self.is_relocatable() {
            section.attributes.flags &= !SHF_GNU_RETAIN;
        }
        section.attributes = section.attributes.with_statements(planned);
        self.settle_type(planned, &mut section.attributes);
        self.settle_text(planned, &mut section.attributes);
        section.align = section.attributes.align.max(1);
        section
    }

    /// Whether there is anything in an output section, by what is known of symbols now.
    fn exists(&self, planned: &Planned<'a>) -> bool {
        if !planned.is_enabled || planned.discards() {
            return false;
        }
        // Relocations that stay may be of what is empty.
        let keeps_empty = self.is_relocatable() || self.setting.options.output.emit_relocs;
        let is_zero = |name: &[u8]| self.is_known_zero(name);
        planned.body.iter().any(|item| match item {
            Item::Inputs(rule) => self
                .blocks
                .get(*rule as usize)
                .is_some_and(|block| block.has_size || keeps_empty && block.attributes.has_inputs),
            Item::Data(..) | Item::Asciz(_) => true,
            Item::Assignment(assignment) => room::is_made_by(assignment, &is_zero),
            Item::Assert(_) | Item::Fill(_) | Item::LinkerVersion => false,
        })
    }

    /// The type that a script gives holds unless inputs have one.
    fn settle_type(&mut self, planned: &Planned<'a>, attributes: &mut Attributes) {
        if let SectionKind::Type(kind) | SectionKind::ReadOnlyType(kind) = &planned.kind
            && !attributes.has_inputs
            && let Some(kind) = self.address_of(kind)
        {
            attributes.kind = SectionType(kind as u32);
        }
        if matches!(attributes.kind, SHT_INIT_ARRAY | SHT_FINI_ARRAY | SHT_PREINIT_ARRAY) {
            attributes.entsize = self.setting.machine.word();
        }
    }

    /// `.text` of a program is read-only whatever is in it, and writable with -N.
    fn settle_text(&self, planned: &Planned<'a>, attributes: &mut Attributes) {
        if planned.name != b".text" || self.is_relocatable() {
            return;
        }
        if self.setting.options.output.magic == Magic::Omagic {
            attributes.flags |= SHF_WRITE.0;
        } else {
            attributes.flags &= !SHF_WRITE.0;
        }
    }

    fn is_relocatable(&self) -> bool {
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
        self.dot = 0;
        self.current = None;
        self.before = None;
        self.last = None;
        self.data = self.data.next_round();
        for section in &mut self.sections {
            section.is_placed = false;
        }
        for symbol in self.symbols.values_mut() {
            symbol.before = symbol.value.take().or(symbol.before);
        }
        self.start_regions();
        let plan = self.setting.plan;
        for (at, statement) in plan.statements.iter().enumerate() {
            self.at = at;
            match statement {
                Statement::Assignment(assignment) => self.assign(assignment),
                Statement::Assert(assertion) => self.assert(assertion),
                Statement::Output(number) => {
                    if let Some(planned) = plan.outputs.get(*number as usize) {
                        self.output(*number, planned);
                    }
                }
            }
        }
        self.check_regions();
    }

    // ---- assignments

    fn assert(&mut self, assertion: &Assertion<'a>) {
        if self.address_of(&assertion.condition) == Some(0) {
            self.assertion_failed(assertion);
        }
    }

    fn assign(&mut self, assignment: &Assignment<'a>) {
        let name = assignment.target.name;
        let is_dot = name == b".";
        let is_done = is_dot || self.symbols.contains_key(name) && self.is_wanted(assignment);
        if !is_done {
            return;
        }
        self.asked = Asked::Nothing;
        let evaluated = match expr::evaluate(&assignment.value, self) {
            Ok(value) => value,
            Err(unknown) => return self.unknown(unknown),
        };
        let asked = self.asked;
        let evaluated = match assignment.operator {
            None => evaluated,
            Some(operator) => match self.operate(name, operator, evaluated) {
                Some(value) => value,
                None => return,
            },
        };
        if is_dot {
            self.move_dot(evaluated, assignment.span);
            if self.current.is_none() {
                self.before = None;
            }
        } else {
            let near = if evaluated.from_dot && self.current.is_none() && self.before.is_none() {
                self.neighbour()
            } else {
                None
            };
            if let Some(value) = evaluated.assigned(self, self.before)
                && let Some(symbol) = self.symbols.get_mut(name)
            {
                symbol.value = Some(value);
                symbol.near = near;
                if let Asked::One(source) = asked {
                    symbol.source = Some(source);
                }
            }
        }
    }

    /// The output section that the symbol table says an address belongs to if the location counter
    /// was moved since the last one: the next, or else the last after all.
    fn neighbour(&self) -> Option<u32> {
        let plan = self.setting.plan;
        let in_file = |statement: &Statement<'a>| match statement {
            Statement::Output(number) => {
                let section = self.sections.get(*number as usize)?;
                let planned = plan.outputs.get(*number as usize)?;
                (section.exists && !planned.is_orphan).then_some((*number, section))
            }
            _ => None,
        };
        let rest = plan.statements.get(self.at..).unwrap_or_default();
        let next = rest.iter().find_map(in_file).filter(|(_, section)| seat::is_seat(section));
        next.map(|(number, _)| number).or(self.last)
    }

    /// `symbol += value` and its like.
    pub(super) fn operate(
        &mut self,
        name: Name<'a>,
        operator: BinaryOp,
        right: Evaluated<u32>,
    ) -> Option<Evaluated<u32>> {
        let is_dot = name == b".";
        let left = if is_dot {
            match self.current {
                Some(section) => {
                    Value::offset(section, self.dot.wrapping_sub(self.base_of(section)))
                }
                None => Value::absolute(self.dot),
            }
        } else {
            match self.symbol(name) {
                Lookup::Known(value) => value,
                _ => return None,
            }
        };
        let (a, b, base) = match (left.base, right.value.base) {
            (base, Base::Number) => (left.value, right.value.value, base),
            (a, b) if a == b => (left.value, right.value.value, a),
            (Base::Section(_), Base::Absolute) => (left.value, right.value.value, left.base),
            _ => {
                let left = Evaluated { value: left, from_dot: false };
                (left.address(self)?, right.address(self)?, Base::Absolute)
            }
        };
        let value = operate::binary(operator, a, b)?;
        Some(Evaluated { value: Value { value, base }, from_dot: is_dot })
    }

    fn move_dot(&mut self, to: Evaluated<u32>, span: Span) {
        let to = match (to.value.base, self.current) {
            (Base::Number, Some(section)) => self.base_of(section).wrapping_add(to.value.value),
            _ => match to.address(self) {
                Some(address) => address,
                None => return,
            },
        };
        let to = self.setting.machine.wrap(to);
        if self.current.is_some() && to < self.dot {
            let place = String::from_utf8_lossy(&self.setting.sources.place(span)).into_owned();
            let from = self.dot;
            let text = format!(
                "{place} cannot move location counter backwards (from {from:016x} to {to:016x})"
            );
            self.said.placed(Severity::Fatal, text);
            return;
        }
        if to != self.dot {
            self.make_gap();
        }
        self.dot = to;
    }

    /// A gap in an output section takes memory, unless the script says that nothing of it does.
    fn make_gap(&mut self) {
        let Some(number) = self.current else { return };
        let planned = self.setting.plan.outputs.get(number as usize);
        if planned.is_some_and(|planned| !matches!(planned.kind, SectionKind::NoAlloc(_)))
            && let Some(section) = self.sections.get_mut(number as usize)
        {
            section.attributes.take_gap();
        }
    }

    pub(super) fn base_of(&self, section: u32) -> u64 {
        self.sections.get(section as usize).map_or(0, |section| section.addr)
    }

    pub(super) fn address_of(&mut self, expr: &Expr<'a>) -> Option<u64> {
        match expr::evaluate(expr, self) {
            Ok(value) => value.address(self),
            Err(unknown) => {
                self.unknown(unknown);
                None
            }
        }
    }

    fn unknown(&mut self, unknown: Unknown) {
        if let Unknown::Wrong(error) = unknown {
            let mut text = self.setting.sources.place(error.span);
            text.extend_from_slice(&error.text);
            self.said.placed(Severity::Fatal, text);
        }
    }

    // ---- output sections

    fn output(&mut self, number: u32, planned: &Planned<'a>) {
        if !planned.is_enabled || planned.discards() {
            return;
        }
        let Some(section) = self.sections.get(number as usize) else { return };
        let (exists, is_alloc) = (section.exists, section.is_alloc());
        let is_tls_zeros = section.is_tls_zeros();
        let mut own_align = section.attributes.align.max(1);
        let asks = planned.address;
        let defines = planned.symbols().any(|assignment| self.is_wanted(assignment));
        if !exists && !defines {
            if let Some(address) = asks.and_then(|asks| self.address_of(asks))
                && let Some(section) = self.sections.get_mut(number as usize)
            {
                section.addr = address;
                section.load_addr = address;
                section.is_placed = true;
            }
            return self.skipped(number, planned);
        }
        let asked_align = planned.align.and_then(|align| self.address_of(align)).unwrap_or(1);
        let subalign = planned.subalign.and_then(|align| self.address_of(align));
        own_align = own_align.max(subalign.unwrap_or(1));
        let align = own_align.max(asked_align);
        let start = self.section_start(planned.name);
        let asked = start.or_else(|| asks.and_then(|asks| self.address_of(asks)));
        let region = self.region_of(planned, number, asked.is_some());
        let dot_before = self.dot;
        // Where it would start but for its alignment.
        let wanted = match (asked, planned.overlay) {
            (Some(address), _) => address,
            (None, Some((_, false))) => self.overlay.0,
            (None, _) if self.is_relocatable() && planned.is_orphan => 0,
            (None, _) if planned.is_orphan && !is_alloc => 0,
            (None, _) => self.regions.current(region).unwrap_or(self.dot),
        };
        let is_first_or_alone = !matches!(planned.overlay, Some((_, false)));
        let addr = match asked {
            Some(_) => operate::align(wanted, asked_align),
            None if is_first_or_alone => {
                operate::align(wanted, if exists { align } else { asked_align })
            }
            None => wanted,
        };
        let warns = self.setting.options.warnings.section_align && planned.overlay.is_none();
        if (asked.is_some() || warns) && addr != wanted {
            let name = String::from_utf8_lossy(planned.name);
            let by = addr.wrapping_sub(wanted);
            self.said.warn(format!("warning: start of section {name} changed by {by}"));
        }
        if let Some((_, true)) = planned.overlay {
            self.overlay = (addr, addr);
        }
        self.dot = addr;
        if let Some(section) = self.sections.get_mut(number as usize) {
            section.addr = addr;
            section.align = align;
            section.subalign = subalign;
            section.is_placed = true;
        }
        self.current = Some(number);
        let (starts, fill) = self.body(planned, subalign);
        self.current = None;
        let mut end = self.dot;
        if let Some(section) = self.sections.get_mut(number as usize) {
            section.size = end.wrapping_sub(addr);
            section.item_starts = starts;
            section.fill = fill;
        }
        self.place_load_address(number, planned, region, addr.wrapping_sub(wanted), asked_align);
        if planned.overlay.is_some() {
            self.overlay.1 = self.overlay.1.max(end);
            end = self.overlay.1;
        }
        self.regions.advance(region, end, is_alloc && !is_tls_zeros);
        if planned.is_orphan && !is_alloc {
            self.dot = dot_before;
        } else if is_tls_zeros {
            // Each thread has its own copy: no memory is taken here.
            self.dot = addr;
        }
        if planned.overlay.is_some() {
            self.dot = end;
        }
        if self.sections.get(number as usize).is_some_and(seat::is_seat) {
            self.before = Some(number);
            self.last = Some(number);
        }
        if exists {
            self.check_region(number, region, asked.is_some());
        }
    }

    /// An output section that the file does not have, and that defines nothing.
    fn skipped(&mut self, number: u32, planned: &Planned<'a>) {
        let dot = self.dot;
        if let Some(section) = self.sections.get_mut(number as usize)
            && planned.address.is_none()
        {
            section.addr = dot;
            section.load_addr = dot;
            section.is_placed = true;
        }
    }

    fn section_start(&self, name: &[u8]) -> Option<u64> {
        let starts = &self.setting.options.layout.section_starts;
        starts.iter().rev().find(|start| start.section == name).map(|start| start.address)
    }

    /// Walks what an output section holds; answers where each item starts, and the fill.
    fn body(&mut self, planned: &Planned<'a>, subalign: Option<u64>) -> (Vec<u64>, Vec<u8>) {
        let mut starts = Vec::with_capacity(planned.body.len());
        let base = self.dot;
        for item in &planned.body {
            starts.push(self.dot.wrapping_sub(base));
            match item {
                Item::Assignment(assignment) => self.assign(assignment),
                Item::Assert(assertion) => self.assert(assertion),
                Item::Inputs(rule) => {
                    if let Some(block) = self.blocks.get_mut(*rule as usize) {
                        self.known.passes(*rule, block, self.dot, base, subalign);
                        self.dot = block.end(self.dot, subalign);
                    }
                }
                Item::Data(size, _) => self.dot = self.dot.wrapping_add(size.bytes()),
                Item::Asciz(text) => self.dot = self.dot.wrapping_add(text.len() as u64 + 1),
                Item::Fill(_) | Item::LinkerVersion => {}
            }
        }
        let fill = planned.fill.map_or_else(Vec::new, |fill| self.fill(fill));
        (starts, fill)
    }

    /// The bytes of a fill.
    pub fn fill(&mut self, fill: &Fill<'a>) -> Vec<u8> {
        match fill {
            Fill::Bytes(bytes) => bytes.clone(),
            Fill::Expr(expr) => {
                let value = self.address_of(expr).unwrap_or(0);
                (value as u32).to_be_bytes().to_vec()
            }
        }
    }

    /// The bytes of a datum.
    pub fn datum(&mut self, size: DataSize, value: &Expr<'a>) -> Vec<u8> {
        let value = self.address_of(value).unwrap_or(0);
        let bytes = value.to_le_bytes();
        bytes.get(..size.bytes() as usize).unwrap_or_default().to_vec()
    }

    /// Runs `ask` as if in the body of an output section, at an offset.
    pub fn within<T>(&mut self, section: u32, offset: u64, ask: impl FnOnce(&mut Self) -> T) -> T {
        self.current = Some(section);
        self.dot = self.base_of(section).wrapping_add(offset);
        let answer = ask(self);
        self.current = None;
        answer
    }

    /// Where the part of the memory starts and ends that is read-only after relocation.
    pub fn relro(&self) -> Option<(u64, u64)> {
        self.data.relro()
    }
}

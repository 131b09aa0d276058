//! The layout pass.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::raw::{PT_LOAD, ProgramType, SHF_ALLOC, SHT_PROGBITS, STT_NOTYPE, SymbolType};

use super::blocks::Contents;
use super::engine::{Engine, Section, Setting};
use super::form::Forms;
use super::orphans::Orphans;
use super::plan::{Item, Plan, Planned, Statement};
use super::seat;
use super::segments::{self, Mapped, Mapping};
use super::spill::spill;
use super::started;
use super::{
    Layout, OutputSection, Part, Place, Places, Role, ScriptSymbol, Sizes, offsets, ordered,
};
use crate::arch::Identity;
use crate::diagnostics::Diagnostics;
use crate::ids::{FileId, SectionId, SymbolId};
use crate::names::Names;
use crate::options::{Kind as OutputKind, Magic, Options};
use crate::resolve::Resolved;
use crate::script::ast::{Phdr, Word};
use crate::script::expr::{Base, Evaluated};
use crate::script::matching::Matched;
use crate::script::source::Sources;

/// How often program headers may change the layout that they come from.
const MAX_TRIES: usize = 8;

/// How many symbols in a row may be assigned one to the other to pass on a type.
const MAX_SOURCES: usize = 32;

/// What the layout reads.
pub struct Request<'r, 'a> {
    /// The files and symbols.
    pub resolved: &'r Resolved<'a>,
    /// The names of symbols.
    pub names: &'r Names<'a>,
    /// What the command line asks for.
    pub options: &'r Options,
    /// The machine.
    pub machine: &'static Identity,
    /// The forms of input sections.
    pub forms: &'r Forms<'r, 'a>,
    /// What lives, and how large it is.
    pub contents: &'r dyn Contents,
    /// The texts of scripts.
    pub sources: &'r Sources<'a>,
    /// Whether the output has headers: bytes of memory alone have none.
    pub has_headers: bool,
    /// The rights (`p_flags`) and the size of the stack, where a header says so.
    pub stack: Option<(u32, u64)>,
}

/// Lays out the output. The engine is handed back as it stopped: it knows the values of all
/// expressions.
pub fn lay_out<'r, 'a>(
    plan: &'r mut Plan<'a>,
    mut matched: Matched,
    request: &Request<'r, 'a>,
    said: &mut Diagnostics,
) -> (Layout<'a>, Engine<'r, 'a>) {
    let orphans = Orphans {
        forms: request.forms,
        contents: request.contents,
        options: request.options,
        resolved: request.resolved,
    };
    orphans.place(plan, &mut matched, said);
    if request.options.output.kind != OutputKind::Relocatable {
        ordered::sort(plan, &mut matched, request.resolved);
    }
    let plan: &'r Plan<'a> = plan;
    let setting = Setting {
        plan,
        resolved: request.resolved,
        names: request.names,
        options: request.options,
        machine: request.machine,
        sources: request.sources,
    };
    let mut run = Run { plan, request, order: Vec::new() };
    let (mut engine, sections, mapped) = loop {
        let setting = Setting { ..setting };
        let mut engine = Engine::new(setting, &matched.by_rule, request.forms, request.contents);
        let (sections, mapped) = run.settle(&mut engine);
        let moves = request.options.layout.non_contiguous_regions
            && !said.is_fatal()
            && spill(&engine, plan, &mut matched, request.resolved, request.options, said);
        if !moves {
            break (engine, sections, mapped);
        }
    };
    engine.finish();
    said.append(std::mem::take(&mut engine.said));
    run.warn_of_types(&engine, said);
    let layout = run.finish(&mut engine, sections, &mapped, said);
    (layout, engine)
}

/// What is known of a section whose size depends on where others lie.
#[derive(Default)]
struct Late {
    /// How many bytes it took before the layout was known: as many as it can need.
    most: Option<u64>,
    tries: usize,
}

impl Late {
    /// How often a size is tried that may prove too small.
    const TRIES: usize = 3;

    /// The size to lay out next, if the one that was laid out will not do. One that is a little too
    /// large will: the rest is filled up.
    fn next(&mut self, size: u64, needed: u64) -> Option<u64> {
        let most = *self.most.get_or_insert(size);
        let is_first = self.tries == 0;
        self.tries += 1;
        let will_do = needed == size || needed < size && !is_first;
        if will_do {
            return None;
        }
        Some(if self.tries > Self::TRIES { most } else { needed })
    }
}

struct Run<'r, 'a> {
    plan: &'r Plan<'a>,
    request: &'r Request<'r, 'a>,
    /// The numbers of the output sections that the file has, in order.
    order: Vec<u32>,
}

impl<'a> Run<'_, 'a> {
    fn is_relocatable(&self) -> bool {
        self.request.options.output.kind == OutputKind::Relocatable
    }

    /// Lays out until the program headers are as many as were assumed.
    fn settle(&mut self, engine: &mut Engine<'_, 'a>) -> (Vec<OutputSection<'a>>, Vec<Mapped>) {
        let mut late = Late::default();
        let mut mapped: Vec<Mapped> = Vec::new();
        let mut sections = Vec::new();
        for _ in 0..MAX_TRIES {
            engine.headers = self.headers(mapped.len());
            engine.settle();
            sections = self.sections(engine);
            let before = mapped.len();
            mapped = self.map(&sections, engine);
            if mapped.len() == before && !self.resize(engine, &mut late) {
                break;
            }
        }
        (sections, mapped)
    }

    /// Bytes of the ELF header and of so many program headers.
    fn headers(&self, count: usize) -> u64 {
        let machine = self.request.machine;
        if !self.request.has_headers {
            return 0;
        }
        machine.file_header_size() + count as u64 * machine.program_header_size()
    }

    fn mapping(&self, engine: &Engine) -> Mapping {
        let options = self.request.options;
        let pages = &options.layout.pages;
        let is_paged = options.output.magic == Magic::DemandPaged && !self.is_relocatable();
        Mapping {
            max_page: pages.max.unwrap_or(self.request.machine.max_page),
            word: self.request.machine.word(),
            is_paged,
            separates_code: options.layout.separate_code,
            headers: engine.headers,
            has_room_for_headers: engine.asks_for_headers,
            relro: engine.relro().filter(|_| options.layout.relro && is_paged),
            stack: self.request.stack,
            wx_needed: options.layout.wx_needed,
        }
    }

    /// The output sections that the file has, as the engine laid them out.
    fn sections(&mut self, engine: &Engine) -> Vec<OutputSection<'a>> {
        self.order.clear();
        let mut sections = Vec::new();
        for statement in &self.plan.statements {
            let Statement::Output(number) = statement else { continue };
            let planned = self.plan.outputs.get(*number as usize);
            let (Some(planned), Some(section)) = (planned, engine.sections.get(*number as usize))
            else {
                continue;
            };
            if is_there(section) {
                self.order.push(*number);
                sections.push(output_section(planned, section));
            }
        }
        sections
    }

    /// Gives the section its size whose size depends on the layout; whether the layout must be
    /// tried again.
    fn resize(&self, engine: &mut Engine<'_, 'a>, late: &mut Late) -> bool {
        let mut addresses = HashMap::<SectionId, u64, RandomState>::default();
        let address = |section: SectionId| addresses.get(&section).copied();
        if self.request.contents.late_size(&address).is_none() {
            return false;
        }
        for &number in &self.order {
            let Some(planned) = self.plan.outputs.get(number as usize) else { continue };
            let Some(section) = engine.sections.get(number as usize) else { continue };
            for (item, &start) in planned.body.iter().zip(&section.item_starts) {
                let Item::Inputs(rule) = item else { continue };
                let Some(block) = engine.blocks.get(*rule as usize) else { continue };
                let start = section.addr.wrapping_add(start);
                let places = block.places(start, section.subalign);
                addresses.extend(places.map(|(section, address, _)| (section, address)));
            }
        }
        let address = |section: SectionId| addresses.get(&section).copied();
        let Some((section, needed)) = self.request.contents.late_size(&address) else {
            return false;
        };
        let found = engine.blocks.iter_mut().find_map(|block| block.size_of(section));
        let Some(size) = found else { return false };
        match late.next(*size, needed) {
            Some(next) => {
                *size = next;
                true
            }
            None => false,
        }
    }

    fn map(&self, sections: &[OutputSection], engine: &mut Engine<'_, 'a>) -> Vec<Mapped> {
        if self.is_relocatable() {
            return Vec::new();
        }
        match &self.plan.phdrs {
            Some(phdrs) => self.map_as_asked(phdrs, sections, engine),
            None => segments::map(sections, &self.mapping(engine)),
        }
    }

    /// The segments of PHDRS. A section is in those that its statement names, or else in those of
    /// the section before it.
    fn map_as_asked(
        &self,
        phdrs: &[&'a Phdr<'a>],
        sections: &[OutputSection],
        engine: &mut Engine<'_, 'a>,
    ) -> Vec<Mapped> {
        let mut mapped: Vec<Mapped> = phdrs
            .iter()
            .map(|phdr| Mapped {
                kind: ProgramType(engine.address_of(&phdr.kind).unwrap_or(0) as u32),
                flags: phdr.flags.as_ref().and_then(|it| engine.address_of(it)).map(|it| it as u32),
                load_addr: phdr.at.as_ref().and_then(|at| engine.address_of(at)),
                has_file_header: phdr.file_header,
                has_program_headers: phdr.program_headers,
                ..Mapped::default()
            })
            .collect();
        let mut current: &[Word<'a>] = &[];
        let mut lost: Vec<(&[u8], &[u8])> = Vec::new();
        for ((index, section), &number) in (0..).zip(sections).zip(&self.order) {
            let Some(planned) = self.plan.outputs.get(number as usize) else { continue };
            if !planned.phdrs.is_empty() {
                current = &planned.phdrs;
            } else if section.flags & SHF_ALLOC.0 == 0 {
                continue;
            }
            for word in current.iter().filter(|word| word.name != b"NONE") {
                match phdrs.iter().position(|phdr| phdr.name.name == word.name) {
                    Some(at) => {
                        if let Some(segment) = mapped.get_mut(at) {
                            segment.sections.push(index);
                        }
                    }
                    None if planned.phdrs.is_empty() => {}
                    None => lost.push((planned.name, word.name)),
                }
            }
        }
        for (section, phdr) in lost {
            let text = [b"section `", section, b"' assigned to non-existent phdr `", phdr, b"'"];
            engine.said.error(text.concat());
        }
        mapped
    }

    fn finish(
        &self,
        engine: &mut Engine<'_, 'a>,
        mut sections: Vec<OutputSection<'a>>,
        mapped: &[Mapped],
        said: &mut Diagnostics,
    ) -> Layout<'a> {
        let mapping = self.mapping(engine);
        if self.plan.phdrs.is_some() {
            self.settle_asked(&mut sections, mapped, said);
        }
        let file_end = offsets::place(&mut sections, mapped, &mapping);
        let machine = self.request.machine;
        let file_header = machine.file_header_size();
        let mut headers: Vec<_> = mapped
            .iter()
            .map(|segment| segments::header(segment, &sections, &mapping, file_header))
            .collect();
        let size = engine.headers.saturating_sub(file_header);
        segments::settle_program_headers(&mut headers, mapped, file_header, size, machine.word());
        let (places, sizes) = self.places(engine, &mut sections);
        ordered::settle(&mut sections, &places, self.request.resolved);
        let symbols = self.symbols(engine);
        let mut layout = Layout { sections, segments: headers, places, sizes, symbols, file_end };
        started::bring_forward(&mut layout, &self.request.options.layout.section_starts);
        layout
    }

    /// Zeros in front of bytes become bytes of the file.
    fn warn_of_types(&self, engine: &Engine<'_, 'a>, said: &mut Diagnostics) {
        for &number in &self.order {
            let attributes = engine.sections.get(number as usize).map(|it| it.attributes);
            let (Some(attributes), Some(planned)) =
                (attributes, self.plan.outputs.get(number as usize))
            else {
                continue;
            };
            if attributes.began_without_bytes && attributes.kind == SHT_PROGBITS {
                let name = String::from_utf8_lossy(planned.name);
                said.warn(format!("warning: section `{name}' type changed to PROGBITS"));
            }
        }
    }

    /// What the script says of segments holds for their sections too.
    fn settle_asked(
        &self,
        sections: &mut [OutputSection],
        mapped: &[Mapped],
        said: &mut Diagnostics,
    ) {
        let output = self.request.options.output.path().display();
        for segment in mapped.iter().filter(|segment| segment.kind == PT_LOAD) {
            let Some(load_addr) = segment.load_addr else { continue };
            let first = segment.sections.first().and_then(|&first| sections.get(first as usize));
            let Some(bias) = first.map(|first| load_addr.wrapping_sub(first.addr)) else {
                continue;
            };
            for &index in &segment.sections {
                let Some(section) = sections.get_mut(index as usize) else { continue };
                let settled = section.addr.wrapping_add(bias);
                let before = std::mem::replace(&mut section.load_addr, settled);
                if before != settled {
                    let name = String::from_utf8_lossy(&section.name);
                    said.remark(format!(
                        "{output}: section {name} lma {before:#x} adjusted to {settled:#x}"
                    ));
                }
            }
        }
        for (index, section) in (0_u32..).zip(&*sections) {
            let is_mapped = mapped.iter().any(|segment| segment.sections.contains(&index));
            if section.flags & SHF_ALLOC.0 != 0 && section.size > 0 && !is_mapped {
                let name = String::from_utf8_lossy(&section.name);
                said.warn(format!("{output}: warning: allocated section `{name}' not in segment"));
            }
        }
    }

    /// Where input sections lie; tells the output sections what they consist of.
    fn places(
        &self,
        engine: &mut Engine<'_, 'a>,
        sections: &mut [OutputSection],
    ) -> (Places, Sizes) {
        let files = self.request.resolved.files.len() as u32;
        let counts = (0..files).map(|file| self.request.forms.count(FileId(file)));
        let counts: Vec<usize> = counts.collect();
        let mut places = Places::new(counts.clone());
        let mut sizes = Sizes::new(counts);
        for ((index, &number), output) in (0_u32..).zip(&self.order).zip(sections) {
            let Some(planned) = self.plan.outputs.get(number as usize) else { continue };
            let Some(section) = engine.sections.get(number as usize).cloned() else { continue };
            for (item, &start) in planned.body.iter().zip(&section.item_starts) {
                if let Item::Inputs(rule) = item {
                    let Some(block) = engine.blocks.get(*rule as usize) else { continue };
                    let addr = section.addr.wrapping_add(start);
                    for (id, addr, size) in block.places(addr, section.subalign) {
                        let offset = addr.wrapping_sub(section.addr);
                        places.set(id, Place { output: index, offset });
                        sizes.set(id, size);
                    }
                }
                output.parts.extend(part(item, number, start, engine));
            }
        }
        self.empty_places(engine, &mut places);
        (places, sizes)
    }

    /// Where the input sections would lie whose output sections are left out.
    fn empty_places(&self, engine: &Engine<'_, 'a>, places: &mut Places) {
        for (number, planned) in (0_u32..).zip(&self.plan.outputs) {
            let Some(section) = engine.sections.get(number as usize) else { continue };
            if section.exists || planned.discards() || !section.attributes.has_inputs {
                continue;
            }
            let Some(output) = self.home(engine, number, section.addr) else { continue };
            let home =
                self.order.get(output as usize).and_then(|&it| engine.sections.get(it as usize));
            let addr = home.map_or(0, |home| home.addr);
            for item in &planned.body {
                let Item::Inputs(rule) = item else { continue };
                let Some(block) = engine.blocks.get(*rule as usize) else { continue };
                for &id in &block.sections {
                    let offset = section.addr.wrapping_sub(addr);
                    places.set_nearby(id, Place { output, offset });
                }
            }
        }
    }

    fn symbols(&self, engine: &Engine<'_, 'a>) -> HashMap<SymbolId, ScriptSymbol, RandomState> {
        let symbols = engine.symbols.values().filter_map(|symbol| {
            let value = symbol.value?;
            let address = Evaluated { value, from_dot: false }.address(engine)?;
            let section = match value.base {
                Base::Section(section) => self.home(engine, section, address),
                _ => symbol.near.and_then(|section| self.home(engine, section, address)),
            };
            let is_hidden = symbol.is_hidden;
            let size = self.request.resolved.defining_symbol(symbol.id).map_or(0, |it| it.size);
            let kind = self.kind_of(engine, symbol.id);
            let symbol =
                (symbol.id, ScriptSymbol { value: address, section, is_hidden, kind, size });
            (symbol.0 != SymbolId::NONE).then_some(symbol)
        });
        symbols.collect()
    }

    /// The section, as an index in the output, of a symbol in an output section: if the output does
    /// not have that one, one of its neighbours, the one that is more of its kind.
    fn home(&self, engine: &Engine<'_, 'a>, number: u32, address: u64) -> Option<u32> {
        let statements = self.plan.statements.iter();
        let before =
            statements.take_while(|it| !matches!(it, Statement::Output(it) if *it == number));
        let exists = |statement: &&Statement<'_>| match statement {
            Statement::Output(other) => engine.sections.get(*other as usize).is_some_and(is_there),
            _ => false,
        };
        let next = before.filter(exists).count();
        if self.order.get(next) == Some(&number) {
            return Some(next as u32);
        }
        let section = |index: usize| engine.sections.get(*self.order.get(index)? as usize);
        let previous = next.checked_sub(1);
        let chosen = match (previous.and_then(section), section(next)) {
            (Some(left), Some(right)) => {
                let own = engine.sections.get(number as usize)?;
                let [own, first, second] = [own, left, right].map(seat::Kind::of);
                let reaches = address >= right.addr;
                if seat::goes_behind(own, first, second, reaches) { next } else { previous? }
            }
            (Some(_), None) => previous?,
            (None, Some(_)) => next,
            (None, None) => return None,
        };
        Some(chosen as u32)
    }

    /// The type of a symbol: it comes from the symbol that the value comes from.
    fn kind_of(&self, engine: &Engine<'_, 'a>, id: SymbolId) -> SymbolType {
        let mut id = id;
        for _ in 0..MAX_SOURCES {
            let defined = engine.symbols.get(self.request.names.name(id));
            match defined.and_then(|defined| defined.source) {
                Some(source) if source != id => id = source,
                _ => break,
            }
        }
        self.request.resolved.defining_symbol(id).map_or(STT_NOTYPE, |symbol| symbol.kind())
    }
}

/// Whether the output has a section.
fn is_there(section: &Section) -> bool {
    section.exists && section.is_placed
}

fn output_section<'a>(planned: &Planned<'a>, section: &Section) -> OutputSection<'a> {
    let attributes = section.attributes;
    // An alignment that the address does not have would be a lie.
    let align = match section.addr {
        0 => section.align,
        addr => section.align.min(1 << addr.trailing_zeros()),
    };
    OutputSection {
        name: Cow::Borrowed(planned.name),
        kind: attributes.kind,
        flags: attributes.flags,
        entsize: attributes.entsize,
        align,
        addr: section.addr,
        load_addr: section.load_addr,
        offset: 0,
        size: section.size,
        fill: section.fill.clone(),
        parts: Vec::new(),
        role: Role::Contents,
        ordered_by: None,
    }
}

/// What an item makes of its output section, at an offset in it.
fn part<'a>(
    item: &Item<'a>,
    output: u32,
    offset: u64,
    engine: &mut Engine<'_, 'a>,
) -> Option<Part> {
    Some(match *item {
        Item::Inputs(rule) => {
            let block = engine.blocks.get(rule as usize).filter(|it| !it.sections.is_empty())?;
            Part::Inputs(block.sections.clone())
        }
        Item::Data(size, value) => {
            let bytes = engine.within(output, offset, |it| it.datum(size, value));
            Part::Bytes { offset, bytes }
        }
        Item::Asciz(text) => Part::Bytes { offset, bytes: [text, b"\0"].concat() },
        Item::Fill(fill) => {
            let pattern = engine.within(output, offset, |it| it.fill(fill));
            Part::Fill { offset, pattern }
        }
        Item::Assignment(_) | Item::Assert(_) | Item::LinkerVersion => return None,
    })
}

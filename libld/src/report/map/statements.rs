//! The statements of the scripts, with what they came to.

use libelf::raw::{SHF_MERGE, SHT_NOBITS};

use super::MapInput;
use super::head::{file_name, with_property};
use super::lines::Lines;
use super::order::{self, Piece};
use super::phantoms::{self, Phantom, Shown};
use super::symbols::SymbolList;
use crate::ids::{FileId, SectionId};
use crate::input::Load;
use crate::layout::Engine;
use crate::layout::plan::{Item, Plan, Planned, Statement};
use crate::made::{INTERNAL, Made};
use crate::script::ast::{
    Assertion, Assignment, AssignmentKind, DataSize, ExprKind, InputStatement,
};
use crate::script::expr::operate;
use crate::script::print::{Printer, Style};

/// Writes them all, and what the output is called.
pub fn write<'data>(
    input: &MapInput<'_, 'data>,
    engine: &mut Engine<'_, 'data>,
    lines: &mut Lines,
) {
    lines.text("\nLinker script and memory map\n");
    lines.end();
    for start in &input.options.layout.section_starts {
        lines.text("Address of section ");
        lines.name(&start.section);
        lines.text(&format!(" set to {:#x}", start.address));
        lines.end();
    }
    let layout = &input.options.layout;
    let segments = [
        (".text-segment", layout.text_segment),
        (".rodata-segment", layout.rodata_segment),
        (".ldata-segment", layout.ldata_segment),
    ];
    for (name, address) in segments {
        if let Some(address) = address {
            lines.text(&format!("Address of section {name} set to {address:#x}"));
            lines.end();
        }
    }
    let symbols = SymbolList::new(input);
    let owner = input.resolved.objects().next().map_or(INTERNAL, |(file, _)| file);
    let plan = engine.plan();
    let flags = |number: u32| {
        let section = engine.sections.get(number as usize);
        let attributes = section.map(|section| section.attributes)?;
        (attributes.kind != SHT_NOBITS).then_some(attributes.flags)
    };
    let shown = phantoms::place(input.phantoms, plan, input.is_rela, &flags);
    let mut writer = Writer {
        shown,
        input,
        engine,
        lines,
        symbols,
        owner,
        dot: 0,
        laid: 0,
        load_delta: 0,
        exists: true,
    };
    let plan = writer.engine.plan();
    let arguments = &input.options.inputs.arguments;
    // What is behind all that scripts lay out follows the name of the output.
    let end = plan.statements.iter().rposition(|it| !is_last(plan, it)).map_or(0, |at| at + 1);
    let pieces = order::pieces(arguments, input.loads, &plan.script_ends, plan.statements.len());
    for piece in pieces {
        match piece {
            Piece::Loads(range) => writer.loads(range),
            Piece::Statements(range) => {
                for at in range {
                    let Some(statement) = plan.statements.get(at) else { continue };
                    if at < end {
                        writer.orphans(at);
                        writer.statement(statement);
                    }
                }
            }
        }
    }
    let output = input.options.output.path().display();
    writer.lines.text(&format!("OUTPUT({output} {})", input.format));
    writer.lines.end();
    for (at, statement) in plan.statements.iter().enumerate().skip(end) {
        writer.orphans(at);
        writer.statement(statement);
    }
    writer.orphans(plan.statements.len());
}

/// Whether a statement is for sections that no script lays out, behind all that scripts do.
fn is_last(plan: &Plan<'_>, statement: &Statement<'_>) -> bool {
    matches!(statement, Statement::Output(number) if plan.last.contains(number))
}

fn print(text: impl FnOnce(&mut Printer)) -> Vec<u8> {
    let mut printer = Printer::new(Style::Map);
    text(&mut printer);
    printer.out
}

struct Writer<'w, 'm, 'e, 'data> {
    input: &'w MapInput<'m, 'data>,
    engine: &'w mut Engine<'e, 'data>,
    lines: &'w mut Lines,
    symbols: SymbolList,
    /// Where sections are shown that are none.
    shown: Shown,
    /// The file that GNU ld lets the sections belong to that a link makes.
    owner: FileId,
    /// The location counter.
    dot: u64,
    /// By how much load addresses of the section before differ from its addresses.
    load_delta: u64,
    /// Where the layout goes on: not moved by what is not there.
    laid: u64,
    /// Whether the output has the section that is walked.
    exists: bool,
}

impl<'data> Writer<'_, '_, '_, 'data> {
    /// The output sections before a statement that have only phantoms.
    fn orphans(&mut self, before: usize) {
        let (here, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.shown.orphans).into_iter().partition(|(at, _)| *at == before);
        self.shown.orphans = rest;
        for (_, orphan) in here {
            let align = orphan.phantoms.iter().map(|phantom| phantom.align).max().unwrap_or(1);
            self.dot = operate::align(self.laid, align);
            self.lines.end();
            self.lines.extent(&orphan.name, self.dot, 0);
            self.load_address(self.dot, self.dot.wrapping_add(self.load_delta));
            self.lines.end();
            self.phantoms(&orphan.phantoms);
        }
    }

    fn load_address(&mut self, address: u64, load_address: u64) {
        if load_address != address {
            self.lines.text(" load address ");
            self.lines.address(load_address);
        }
    }

    fn phantoms(&mut self, phantoms: &[Phantom]) {
        for phantom in phantoms {
            self.lines.extent(&[b" ", phantom.name.as_slice()].concat(), self.dot, phantom.size);
            self.lines.text(" ");
            self.lines.text(&file_name(self.input, self.owner));
            self.lines.end();
            self.dot = self.dot.wrapping_add(phantom.size);
        }
    }

    fn statement(&mut self, statement: &Statement<'data>) {
        match statement {
            Statement::Assignment(assignment) => self.assignment(assignment, None),
            Statement::Assert(assertion) => self.assertion(assertion, None),
            Statement::Output(number) => {
                if let Some(planned) = self.engine.plan().outputs.get(*number as usize) {
                    self.output(*number, planned);
                }
            }
        }
    }

    fn assertion(&mut self, assertion: &Assertion<'data>, section: Option<u32>) {
        let value = self.engine.assertion_at(assertion, self.dot, section);
        self.lines.value(value, "*undef*");
        self.lines.name(&print(|it| it.assertion(assertion)));
        self.lines.end();
    }

    fn loads(&mut self, range: std::ops::Range<usize>) {
        for load in self.input.loads.list.get(range).unwrap_or_default() {
            match load {
                Load::File(path) | Load::Script(path) => {
                    self.lines.text("LOAD ");
                    self.lines.text(&path.display().to_string());
                }
                Load::GroupStart => self.lines.text("START GROUP"),
                Load::GroupEnd => self.lines.text("END GROUP"),
            }
            self.lines.end();
        }
    }

    fn assignment(&mut self, assignment: &Assignment<'data>, section: Option<u32>) {
        let is_provide =
            matches!(assignment.kind, AssignmentKind::Provide | AssignmentKind::ProvideHidden);
        if assignment.target.name == b"." {
            let value = self.engine.moved_dot(assignment, self.dot, section);
            self.lines.value(value, "*undef*");
            self.dot = value.unwrap_or(self.dot);
            self.laid = self.dot;
        } else {
            let symbol = self.engine.defined(assignment);
            let value = symbol.and_then(|symbol| self.engine.address_of_symbol(&symbol));
            self.lines.value(value, if is_provide { "[!provide]" } else { "*undef*" });
        }
        self.lines.name(&print(|it| it.shown_assignment(assignment)));
        self.lines.end();
    }

    fn output(&mut self, number: u32, planned: &Planned<'data>) {
        let section = self.engine.sections.get(number as usize);
        let mut section = section.cloned().unwrap_or_default();
        if !section.exists {
            let align = match planned.address {
                Some(_) => 1,
                None => section.align.max(phantoms::align(&self.shown, planned)),
            };
            section.addr = operate::align(section.addr, align);
            section.load_addr = section.addr;
            section.size = 0;
        }
        self.lines.end();
        self.exists = section.exists;
        let has_section = planned.is_enabled && !planned.discards() && self.has_section(planned);
        if has_section {
            self.lines.extent(planned.name, section.addr, section.size);
            self.load_address(section.addr, section.load_addr);
            self.load_delta = section.load_addr.wrapping_sub(section.addr);
            self.dot = section.addr;
        } else {
            self.lines.name(planned.name);
        }
        self.lines.end();
        let mut fill = section.fill.clone();
        for (at, item) in planned.body.iter().enumerate() {
            match item {
                Item::Assignment(assignment) => {
                    let before = self.dot;
                    self.assignment(assignment, Some(number));
                    if self.dot > before && has_section {
                        self.fill(before, self.dot, &fill);
                    }
                }
                Item::Assert(assertion) => self.assertion(assertion, Some(number)),
                Item::Inputs(rule) => {
                    let offset = section.item_starts.get(at).copied().unwrap_or(0);
                    let start = if section.exists { section.addr } else { self.dot };
                    let start = start.wrapping_add(offset);
                    self.inputs(*rule, has_section.then_some(start), section.subalign, &fill);
                }
                Item::Data(size, value) => self.datum(*size, value, number),
                Item::Asciz(text) => {
                    let size = text.len() as u64 + 1;
                    self.lines.unnamed(self.dot, size);
                    self.lines.text(" ASCIZ ");
                    self.lines.name(text);
                    self.lines.end();
                    self.dot = self.dot.wrapping_add(size);
                }
                Item::Fill(asked) => {
                    fill = self.engine.fill(asked);
                    self.lines.text(" FILL mask 0x");
                    self.lines.text(&hex(significant(&fill)));
                    self.lines.end();
                }
                Item::LinkerVersion => {}
            }
        }
        if has_section {
            self.dot = section.addr.wrapping_add(section.size);
        }
        self.laid = section.goes_on.unwrap_or(self.laid);
    }

    /// Whether GNU ld makes the section at all, be it empty: if a section goes there, or something
    /// happens in it.
    fn has_section(&self, planned: &Planned<'data>) -> bool {
        phantoms::has_phantom(&self.shown, planned)
            || planned.body.iter().any(|item| match item {
                Item::Inputs(rule) => {
                    let block = self.engine.blocks.get(*rule as usize);
                    block.is_some_and(|block| !block.sections.is_empty())
                }
                Item::Assignment(_) | Item::Data(..) | Item::Asciz(_) => true,
                Item::Assert(_) | Item::Fill(_) | Item::LinkerVersion => false,
            })
    }

    fn inputs(&mut self, rule: u32, start: Option<u64>, subalign: Option<u64>, fill: &[u8]) {
        let plan = self.engine.plan();
        let statement = plan.rules.get(rule as usize).and_then(|rule| rule.statement);
        if let Some(statement) = statement.filter(|it| !is_for_relocations(it)) {
            self.lines.text(" ");
            self.lines.name(&print(|it| it.input(statement)));
            self.lines.end();
        }
        if let Some(phantoms) = self.shown.by_rule.remove(&rule) {
            self.phantoms(&phantoms);
        }
        let block = self.engine.blocks.get(rule as usize);
        let (Some(block), Some(start)) = (block, start) else { return };
        let mut sections: Vec<_> = block.places(start, subalign).collect();
        self.put_frames_behind(&mut sections);
        for (section, addr, size) in sections {
            if addr > self.dot {
                self.fill(self.dot, addr, fill);
            }
            self.section(section, addr, size);
            self.dot = addr.wrapping_add(size);
        }
    }

    /// The records of the procedure linkage tables belong to the first file, behind its own; those
    /// of entries with a slot of their own are a section of their own there, mostly empty.
    fn put_frames_behind(&self, sections: &mut Vec<(SectionId, u64, u64)>) {
        let plt = Made::PltFrames.section();
        let Some(at) = sections.iter().position(|(section, ..)| *section == plt) else { return };
        let frames = sections.remove(at);
        let own = sections.iter().rposition(|(section, ..)| section.file == self.owner);
        let place = own.map_or(at, |own| own + 1);
        let addr = match own.and_then(|own| sections.get(own)) {
            Some((_, addr, size)) if frames.2 == 0 => addr.wrapping_add(*size),
            _ => frames.1,
        };
        let again = (frames.2 == 0).then_some((frames.0, addr, 0));
        sections.splice(place..place, [(frames.0, addr, frames.2)].into_iter().chain(again));
    }

    /// The line of an input section and those of its symbols.
    fn section(&mut self, section: SectionId, addr: u64, size: u64) {
        if section == Made::RelaDyn.section() {
            let rest = std::mem::take(&mut self.shown.rest);
            return self.phantoms(&rest);
        }
        let Some(form) = self.input.forms.get(section) else { return };
        // Of what is in other sections now, the size that it had is shown.
        let is_merged_away = size == 0 && form.flags & SHF_MERGE.0 != 0;
        let shown = if is_merged_away { form.size } else { size };
        self.lines.extent(&[b" ", form.name].concat(), addr, shown);
        self.lines.text(" ");
        let file = if section.file == INTERNAL { self.owner_of(section) } else { section.file };
        self.lines.text(&file_name(self.input, file));
        self.lines.end();
        let is_common = self
            .input
            .resolved
            .object(section.file)
            .is_some_and(|object| object.sections.len() == section.index as usize);
        if section.file != INTERNAL && !is_common && form.size != shown {
            self.lines.size_before(form.size);
        }
        if !self.exists {
            return;
        }
        for (address, name) in self.symbols.of(section, self.input) {
            self.lines.symbol(address, &name);
        }
    }

    /// The file that a made section is shown with.
    fn owner_of(&self, section: SectionId) -> FileId {
        match Made::from_index(section.index) {
            Some(Made::Property) => with_property(self.input.resolved).unwrap_or(self.owner),
            _ => self.owner,
        }
    }

    fn fill(&mut self, from: u64, to: u64, fill: &[u8]) {
        self.lines.extent(b" *fill*", from, to.wrapping_sub(from));
        self.lines.text(" ");
        self.lines.text(&hex(significant(fill)));
        self.lines.end();
    }

    fn datum(
        &mut self,
        size: DataSize,
        value: &'data crate::script::ast::Expr<'data>,
        number: u32,
    ) {
        let name = match size {
            DataSize::Byte => "BYTE",
            DataSize::Short => "SHORT",
            DataSize::Long => "LONG",
            DataSize::Quad => "QUAD",
            DataSize::Squad => "SQUAD",
        };
        self.lines.unnamed(self.dot, size.bytes());
        let shown = self.engine.value_at(value, self.dot, Some(number)).unwrap_or(0);
        self.lines.text(&format!(" {name} {shown:#x}"));
        if !matches!(value.kind, ExprKind::Number(_)) {
            self.lines.text(" ");
            self.lines.name(&print(|it| it.expr(value)));
        }
        self.lines.end();
        self.dot = self.dot.wrapping_add(size.bytes());
    }
}

/// Whether a statement only takes the section that all dynamic relocations are in: the built-in
/// scripts have such a one, which GNU ld's have not.
fn is_for_relocations(statement: &InputStatement<'_>) -> bool {
    match statement.sections.as_slice() {
        [only] => matches!(only.pattern.text, b".rela.dyn" | b".rel.dyn"),
        _ => false,
    }
}

/// A fill without the zeros in front that a number of four bytes has.
fn significant(fill: &[u8]) -> &[u8] {
    let first = fill.iter().position(|&byte| byte != 0).unwrap_or(fill.len());
    fill.get(first..).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

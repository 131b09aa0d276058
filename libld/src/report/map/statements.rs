//! The statements of the scripts, with what they came to.

use super::MapInput;
use super::head::{file_name, with_property};
use super::lines::Lines;
use super::order::{self, Piece};
use super::symbols::SymbolList;
use crate::ids::{FileId, SectionId};
use crate::input::Load;
use crate::layout::plan::{Item, Planned, Statement};
use crate::layout::{Engine, Section};
use crate::made::{INTERNAL, Made};
use crate::script::ast::{Assertion, Assignment, AssignmentKind, DataSize, ExprKind};
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
    let symbols = SymbolList::new(input);
    let owner = input.resolved.objects().next().map_or(INTERNAL, |(file, _)| file);
    let mut writer = Writer { input, engine, lines, symbols, owner, dot: 0, absent: None };
    let plan = writer.engine.plan();
    let arguments = &input.options.inputs.arguments;
    let pieces = order::pieces(arguments, input.loads, &plan.script_ends, plan.statements.len());
    for piece in pieces {
        match piece {
            Piece::Loads(range) => writer.loads(range),
            Piece::Statements(range) => {
                for statement in plan.statements.get(range).unwrap_or_default() {
                    writer.statement(statement);
                }
            }
        }
    }
    lines.text("OUTPUT(");
    lines.text(&input.options.output.path().display().to_string());
    lines.text(" ");
    lines.text(input.format);
    lines.text(")\n");
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
    /// The file that GNU ld lets the sections belong to that a link makes.
    owner: FileId,
    /// The location counter.
    dot: u64,
    /// Where it would stand behind an output section that is not there at all.
    absent: Option<u64>,
}

impl<'data> Writer<'_, '_, '_, 'data> {
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
            self.absent = None;
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
            section.addr = self.address_of_absent(planned, &section);
            section.load_addr = section.addr;
            section.size = 0;
        }
        self.lines.end();
        let has_section = planned.is_enabled && !planned.discards() && self.has_section(planned);
        if has_section {
            self.lines.extent(planned.name, section.addr, section.size);
            if section.load_addr != section.addr {
                self.lines.text(" load address ");
                self.lines.address(section.load_addr);
            }
            self.dot = section.addr;
            self.absent = None;
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
    }

    /// Where GNU ld shows an output section that the file does not have: where it would start,
    /// behind those before it that are not there either.
    fn address_of_absent(&mut self, planned: &Planned<'data>, section: &Section) -> u64 {
        let dot = self.absent.unwrap_or(self.dot);
        match planned.address {
            Some(address) if !planned.discards() => {
                let address = self.engine.value_at(address, dot, None).unwrap_or(dot);
                self.absent = Some(address);
                address
            }
            _ => operate::align(dot, section.align),
        }
    }

    /// Whether GNU ld makes the section at all, be it empty: if a section goes there, or something
    /// happens in it.
    fn has_section(&self, planned: &Planned<'data>) -> bool {
        planned.body.iter().any(|item| match item {
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
        if let Some(statement) = plan.rules.get(rule as usize).and_then(|rule| rule.statement) {
            self.lines.text(" ");
            self.lines.name(&print(|it| it.input(statement)));
            self.lines.end();
        }
        let block = self.engine.blocks.get(rule as usize);
        let (Some(block), Some(start)) = (block, start) else { return };
        let sections: Vec<_> = block.places(start, subalign).collect();
        for (section, addr, size) in sections {
            if addr > self.dot {
                self.fill(self.dot, addr, fill);
            }
            self.section(section, addr, size);
            self.dot = addr.wrapping_add(size);
        }
    }

    /// The line of an input section and those of its symbols.
    fn section(&mut self, section: SectionId, addr: u64, size: u64) {
        let Some(form) = self.input.forms.get(section) else { return };
        self.lines.extent(&[b" ", form.name].concat(), addr, size);
        self.lines.text(" ");
        let file = if section.file == INTERNAL { self.owner_of(section) } else { section.file };
        self.lines.text(&file_name(self.input, file));
        self.lines.end();
        let is_common = self
            .input
            .resolved
            .object(section.file)
            .is_some_and(|object| object.sections.len() == section.index as usize);
        if section.file != INTERNAL && !is_common && form.size != size {
            self.lines.size_before(form.size);
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

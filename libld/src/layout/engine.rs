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
use super::eval::{self, Fault, Value, World, align_up};
use super::form::Forms;
use super::plan::{Item, Plan, Planned, Statement};
use crate::arch::Identity;
use crate::diagnostics::Diagnostics;
use crate::ids::{SectionId, SymbolId};
use crate::names::Names;
use crate::options::{Kind as OutputKind, Options};
use crate::resolve::{Kind, Resolved};
use crate::script::ast::{
    Assignment, AssignmentKind, BinaryOp, Constant, DataSize, Expr, ExprKind, Fill, Name,
    SectionKind,
};
use crate::script::source::Span;

/// How often statements are walked before what still moves is left where it is.
const MAX_ROUNDS: usize = 12;

/// An output section while it is laid out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// What its inputs make of it.
    pub attributes: Attributes,
    /// Whether the output has it.
    pub exists: bool,
    /// Whether its address was passed in this round.
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

/// A symbol that a script defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defined {
    /// Its number.
    pub id: SymbolId,
    /// Its value, of this round.
    pub value: Option<Value>,
    /// Its value, of the round before.
    before: Option<Value>,
    /// Whether it is hidden.
    pub is_hidden: bool,
}

/// The data segment that DATA_SEGMENT_ALIGN starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct DataSegment {
    /// Where it starts, once that is settled by what is in it.
    settled: Option<u64>,
    /// Where it started in this round.
    base: Option<u64>,
    /// Where data end that are read-only after relocation.
    relro_end: Option<u64>,
    /// Where it ends.
    end: Option<u64>,
    max_page: u64,
    common_page: u64,
}

/// What the engine reads.
pub struct Setting<'e, 'a, 'data> {
    /// The statements.
    pub plan: &'e Plan<'a>,
    /// The files and symbols.
    pub resolved: &'e Resolved<'data>,
    /// The names of symbols.
    pub names: &'e Names<'data>,
    /// What the command line asks for.
    pub options: &'e Options,
    /// The machine.
    pub machine: &'static Identity,
}

/// The engine.
pub struct Engine<'e, 'a, 'data> {
    setting: Setting<'e, 'a, 'data>,
    /// By rule, its sections.
    pub blocks: Vec<Block>,
    /// By number, the output sections.
    pub sections: Vec<Section>,
    /// Symbols, by name.
    pub symbols: HashMap<Name<'a>, Defined, RandomState>,
    /// Bytes of the ELF header and the program headers.
    pub headers: u64,
    /// What there is to say of the last round.
    pub said: Diagnostics,
    /// The output section whose body is walked.
    current: Option<u32>,
    dot: u64,
    /// The difference between load addresses and addresses, where a statement made one.
    load_bias: u64,
    data: DataSegment,
}

impl<'e, 'a, 'data> Engine<'e, 'a, 'data> {
    /// Reads the sections of all rules.
    pub fn new(
        setting: Setting<'e, 'a, 'data>,
        by_rule: &[Vec<SectionId>],
        forms: &Forms,
        contents: &dyn Contents,
    ) -> Self {
        let blocks = by_rule.iter().map(|sections| Block::new(sections, forms, contents)).collect();
        let mut engine = Self {
            setting,
            blocks,
            sections: Vec::new(),
            symbols: HashMap::default(),
            headers: 0,
            said: Diagnostics::new(),
            current: None,
            dot: 0,
            load_bias: 0,
            data: DataSegment::default(),
        };
        engine.define_symbols();
        engine.sections = engine.setting.plan.outputs.iter().map(|it| engine.section(it)).collect();
        engine
    }

    /// The symbols that the plan defines.
    fn define_symbols(&mut self) {
        let plan = self.setting.plan;
        let mut assignments = Vec::new();
        for statement in &plan.statements {
            match statement {
                Statement::Assignment(assignment) => assignments.push(*assignment),
                Statement::Assert(_) => {}
                Statement::Output(number) => {
                    let body = plan.outputs.get(*number as usize).map(|output| &output.body);
                    assignments.extend(body.into_iter().flatten().filter_map(|item| match item {
                        Item::Assignment(assignment) => Some(*assignment),
                        _ => None,
                    }));
                }
            }
        }
        for assignment in assignments {
            let name = assignment.target.name;
            if name != b"." && self.is_wanted(assignment) {
                let id = self.setting.names.find(name).unwrap_or(SymbolId::NONE);
                let is_hidden = matches!(
                    assignment.kind,
                    AssignmentKind::Hidden | AssignmentKind::ProvideHidden
                );
                let new = Defined { id, value: None, before: None, is_hidden };
                self.symbols.entry(name).or_insert(new);
            }
        }
    }

    /// Whether an assignment defines its symbol: a PROVIDE does if somebody needs it.
    fn is_wanted(&self, assignment: &Assignment) -> bool {
        match assignment.kind {
            AssignmentKind::Plain | AssignmentKind::Hidden => true,
            AssignmentKind::Provide | AssignmentKind::ProvideHidden => {
                let Some(id) = self.setting.names.find(assignment.target.name) else {
                    return false;
                };
                let state = self.setting.resolved.symbols.get(id);
                match state.kind {
                    Kind::WeakReference | Kind::Reference | Kind::Linker => true,
                    Kind::Shared | Kind::WeakShared => state.is_object_reference(),
                    _ => false,
                }
            }
        }
    }

    /// An output section before the first round.
    fn section(&self, planned: &Planned<'a>) -> Section {
        let mut section = Section { align: 1, ..Section::default() };
        if !planned.is_enabled || planned.discards() {
            return section;
        }
        for item in &planned.body {
            match item {
                Item::Inputs(rule) => {
                    let Some(block) = self.blocks.get(*rule as usize) else { continue };
                    section.attributes = section.attributes.join(block.attributes);
                    section.exists |= block.has_size;
                }
                Item::Data(..) | Item::Asciz(_) => section.exists = true,
                Item::Assignment(assignment) => section.exists |= makes_room(assignment),
                Item::Assert(_) | Item::Fill(_) | Item::LinkerVersion => {}
            }
        }
        if self.setting.options.output.kind == OutputKind::Relocatable {
            section.exists |= section.attributes.has_inputs;
        }
        section.align = section.attributes.align.max(1);
        section
    }

    /// Walks the statements until nothing moves.
    pub fn settle(&mut self) {
        for _ in 0..MAX_ROUNDS {
            let before = (self.sections.clone(), self.data);
            self.round();
            let data = self.settle_data_segment();
            let settled_symbols = self.symbols.values().all(|symbol| symbol.value == symbol.before);
            if (&before.0, before.1) == (&self.sections, data) && settled_symbols {
                return;
            }
            self.data = data;
        }
    }

    fn round(&mut self) {
        self.said = Diagnostics::new();
        self.dot = 0;
        self.load_bias = 0;
        self.current = None;
        self.data = DataSegment { settled: self.data.settled, ..DataSegment::default() };
        for section in &mut self.sections {
            section.is_placed = false;
        }
        for symbol in self.symbols.values_mut() {
            symbol.before = symbol.value.take();
        }
        let plan = self.setting.plan;
        for statement in &plan.statements {
            match statement {
                Statement::Assignment(assignment) => self.assign(assignment),
                Statement::Assert(assertion) => {
                    if self.address_of(&assertion.condition) == Some(0) {
                        self.assertion_failed(assertion.message.name);
                    }
                }
                Statement::Output(number) => {
                    if let Some(planned) = plan.outputs.get(*number as usize) {
                        self.output(*number, planned);
                    }
                }
            }
        }
    }

    // ---- assignments

    fn assign(&mut self, assignment: &Assignment<'a>) {
        let name = assignment.target.name;
        let is_dot = name == b".";
        if !is_dot && !self.symbols.contains_key(name) {
            return;
        }
        if !is_dot && !self.is_wanted(assignment) {
            return;
        }
        let value = match eval::evaluate(&assignment.value, self) {
            Ok(value) => value,
            Err(fault) => return self.fault(fault),
        };
        let value = match assignment.operator {
            None => value,
            Some(operator) => match self.operate(assignment, operator, value) {
                Ok(value) => value,
                Err(fault) => return self.fault(fault),
            },
        };
        if is_dot { self.move_dot(value) } else { self.define(name, value) }
    }

    /// `symbol += value` and its like.
    fn operate(
        &mut self,
        assignment: &Assignment<'a>,
        operator: BinaryOp,
        value: Value,
    ) -> Result<Value, Fault<'a>> {
        let name = assignment.target.name;
        let before = if name == b"." { self.dot()? } else { self.symbol(name, assignment.span)? };
        eval::operate(operator, before, value, assignment.span, self)
    }

    fn define(&mut self, name: Name<'a>, value: Value) {
        // In an output section, a number is an offset in it.
        let value = match (value, self.current) {
            (Value::Number(number), Some(section)) => Value::Relative { section, offset: number },
            (Value::Number(number), None) => Value::Absolute(number),
            (value, _) => value,
        };
        if let Some(symbol) = self.symbols.get_mut(name) {
            symbol.value = Some(value);
        }
    }

    fn move_dot(&mut self, value: Value) {
        let to = match (value, self.current) {
            (Value::Number(offset), Some(section)) => self.base_of(section).wrapping_add(offset),
            _ => match eval::address(value, self) {
                Ok(address) => address,
                Err(fault) => return self.fault(fault),
            },
        };
        self.dot = self.setting.machine.wrap(to);
    }

    fn base_of(&self, section: u32) -> u64 {
        self.sections.get(section as usize).map_or(0, |section| section.addr)
    }

    fn address_of(&mut self, expr: &Expr<'a>) -> Option<u64> {
        match eval::to_address(expr, self) {
            Ok(address) => Some(address),
            Err(fault) => {
                self.fault(fault);
                None
            }
        }
    }

    fn fault(&mut self, fault: Fault<'a>) {
        match fault {
            Fault::NotYet => {}
            Fault::Undefined(name, _) => {
                let name = String::from_utf8_lossy(name);
                self.said.fatal(format!("undefined symbol `{name}' referenced in expression"));
            }
            Fault::NoSection(name, _) => {
                let name = String::from_utf8_lossy(name);
                self.said.fatal(format!("undefined section `{name}' referenced in expression"));
            }
            Fault::NoRegion(name, _) => {
                let name = String::from_utf8_lossy(name);
                self.said
                    .fatal(format!("undefined MEMORY region `{name}' referenced in expression"));
            }
            Fault::DivisionByZero(_) => self.said.fatal("/ by zero"),
            Fault::RemainderByZero(_) => self.said.fatal("% by zero"),
        }
    }

    // ---- output sections

    fn output(&mut self, number: u32, planned: &Planned<'a>) {
        if !planned.is_enabled || planned.discards() {
            return;
        }
        let before = self.dot;
        let Some(section) = self.sections.get(number as usize) else { return };
        let exists = section.exists;
        let attributes = section.attributes;
        let is_relocatable = self.setting.options.output.kind == OutputKind::Relocatable;
        let is_alloc = attributes.flags & SHF_ALLOC.0 != 0 || !attributes.has_inputs;

        let mut align = attributes.align.max(1);
        if let Some(asked) = planned.align.and_then(|align| self.address_of(align)) {
            align = align.max(asked);
        }
        let subalign = planned.subalign.and_then(|align| self.address_of(align));
        if let Some(subalign) = subalign {
            align = align.max(subalign);
        }
        let start = self.section_start(planned.name);
        let asked = planned.address.and_then(|address| self.address_of(address));
        let addr = match start.or(asked) {
            Some(address) => address,
            None if is_relocatable || !is_alloc && exists => 0,
            None if exists => align_up(self.dot, align),
            None => self.dot,
        };
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
        let end = self.dot;
        let load_addr = self.load_address(planned, addr);
        let Some(section) = self.sections.get_mut(number as usize) else { return };
        section.size = end.wrapping_sub(addr);
        section.item_starts = starts;
        section.fill = fill;
        section.load_addr = load_addr;
        let is_tls_nobits = attributes.flags & SHF_TLS.0 != 0 && !attributes.has_bytes;
        if !exists {
            self.dot = if section.size == 0 { before } else { end };
        } else if !is_alloc || matches!(planned.kind, SectionKind::NoAlloc(_)) {
            self.dot = before;
        } else if is_tls_nobits {
            // Each thread has its own copy: no memory is taken here.
            self.dot = addr;
        }
    }

    fn section_start(&self, name: &[u8]) -> Option<u64> {
        let starts = &self.setting.options.layout.section_starts;
        starts.iter().rev().find(|start| start.section == name).map(|start| start.address)
    }

    fn load_address(&mut self, planned: &Planned<'a>, addr: u64) -> u64 {
        if let Some(at) = planned.at.and_then(|at| self.address_of(at)) {
            self.load_bias = at.wrapping_sub(addr);
        }
        addr.wrapping_add(self.load_bias)
    }

    /// Walks what an output section holds; answers where each item starts, and the fill.
    fn body(&mut self, planned: &Planned<'a>, subalign: Option<u64>) -> (Vec<u64>, Vec<u8>) {
        let mut starts = Vec::with_capacity(planned.body.len());
        let base = self.dot;
        for item in &planned.body {
            starts.push(self.dot.wrapping_sub(base));
            match item {
                Item::Assignment(assignment) => self.assign(assignment),
                Item::Assert(assertion) => {
                    if self.address_of(&assertion.condition) == Some(0) {
                        self.assertion_failed(assertion.message.name);
                    }
                }
                Item::Inputs(rule) => {
                    if let Some(block) = self.blocks.get_mut(*rule as usize) {
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
        Some((self.data.base?, self.data.relro_end?))
    }

    // ---- the data segment

    /// What the next round should know of the data segment.
    fn settle_data_segment(&self) -> DataSegment {
        let mut data = self.data;
        let (Some(base), Some(relro_end)) = (data.base, data.relro_end) else { return data };
        if !self.setting.options.layout.relro || relro_end <= base {
            return data;
        }
        let wanted = align_up(relro_end, data.common_page);
        if relro_end != wanted {
            data.settled = Some(self.start_for_end(base, relro_end, wanted));
        }
        data
    }

    /// Where the data segment must start for its relro part, which now lies from `base` to `end`,
    /// to end at `wanted`.
    fn start_for_end(&self, base: u64, end: u64, wanted: u64) -> u64 {
        let mut sections: Vec<&Section> = self.sections.iter().collect();
        sections.retain(|section| {
            section.exists && section.size > 0 && (base..end).contains(&section.addr)
        });
        sections.sort_by_key(|section| section.addr);
        let (mut old, mut new) = (end, wanted);
        for section in sections.iter().rev() {
            let moved = section.addr.wrapping_add(new.wrapping_sub(old));
            new = moved & !(section.align.max(1) - 1);
            old = section.addr;
        }
        base.wrapping_add(new.wrapping_sub(old))
    }
}

/// Whether an assignment to `.` makes an output section without inputs: all do but those that
/// the manual's chapter "Output Section Discarding" lists.
fn makes_room(assignment: &Assignment) -> bool {
    if assignment.target.name != b"." {
        return false;
    }
    let is_zero = |expr: &Expr| match &expr.kind {
        ExprKind::Number(number) => *number == 0,
        ExprKind::Symbol(_) => true,
        _ => false,
    };
    let value = &assignment.value;
    if assignment.operator == Some(BinaryOp::Add) {
        return !is_zero(value);
    }
    match &value.kind {
        ExprKind::Binary(BinaryOp::Add, operands) => {
            let [left, right] = &**operands;
            !(left.kind == ExprKind::Dot && is_zero(right))
        }
        ExprKind::Align(inner) => {
            let ExprKind::Conditional(parts) = &inner.kind else { return true };
            let [condition, ..] = &**parts;
            !is_dot_not_zero(condition)
        }
        _ => !is_zero(value),
    }
}

/// `. != 0`
fn is_dot_not_zero(expr: &Expr) -> bool {
    let ExprKind::Binary(BinaryOp::NotEqual, operands) = &expr.kind else { return false };
    let [left, right] = &**operands;
    left.kind == ExprKind::Dot && right.kind == ExprKind::Number(0)
}

impl<'a> World<'a> for Engine<'_, 'a, '_> {
    fn dot(&self) -> Result<Value, Fault<'a>> {
        Ok(match self.current {
            Some(section) => {
                Value::Relative { section, offset: self.dot.wrapping_sub(self.base_of(section)) }
            }
            None => Value::Absolute(self.dot),
        })
    }

    fn symbol(&mut self, name: Name<'a>, span: Span) -> Result<Value, Fault<'a>> {
        if let Some(symbol) = self.symbols.get(name)
            && let Some(value) = symbol.value.or(symbol.before)
        {
            return Ok(value);
        }
        let id = self.setting.names.find(name);
        let state = id.map(|id| self.setting.resolved.symbols.get(id));
        if self.symbols.contains_key(name) || state.is_some_and(|state| state.kind.is_regular()) {
            return Err(Fault::NotYet);
        }
        Err(Fault::Undefined(name, span))
    }

    fn is_defined(&mut self, name: Name<'a>) -> bool {
        if let Some(symbol) = self.symbols.get(name) {
            return symbol.value.is_some();
        }
        let id = self.setting.names.find(name);
        id.is_some_and(|id| self.setting.resolved.symbols.get(id).kind.is_regular())
    }

    fn section(&self, name: Name<'a>, _span: Span) -> Result<Option<u32>, Fault<'a>> {
        Ok(self.setting.plan.output_named(name))
    }

    fn section_address(&self, section: u32) -> Result<u64, Fault<'a>> {
        Ok(self.base_of(section))
    }

    fn section_load_address(&self, section: u32) -> Result<u64, Fault<'a>> {
        Ok(self.sections.get(section as usize).map_or(0, |section| section.load_addr))
    }

    fn section_size(&self, section: u32) -> Result<u64, Fault<'a>> {
        Ok(self.sections.get(section as usize).map_or(0, |section| section.size))
    }

    fn section_align(&self, section: u32) -> Result<u64, Fault<'a>> {
        Ok(self.sections.get(section as usize).map_or(0, |section| section.align))
    }

    fn size_of_headers(&self) -> u64 {
        self.headers
    }

    fn region(&mut self, name: Name<'a>, span: Span) -> Result<(u64, u64), Fault<'a>> {
        let plan = self.setting.plan;
        let name = plan.aliases.get(name).copied().unwrap_or(name);
        let region = plan.regions.iter().find(|region| region.name.name == name);
        let Some(region) = region else { return Err(Fault::NoRegion(name, span)) };
        Ok((eval::to_address(&region.origin, self)?, eval::to_address(&region.length, self)?))
    }

    fn constant(&self, constant: Constant) -> u64 {
        let pages = &self.setting.options.layout.pages;
        match constant {
            Constant::MaxPageSize => pages.max.unwrap_or(self.setting.machine.max_page),
            Constant::CommonPageSize => pages.common.unwrap_or(self.setting.machine.common_page),
        }
    }

    fn segment_start(&self, name: Name<'a>) -> Option<u64> {
        let layout = &self.setting.options.layout;
        match name {
            b"text-segment" => layout.text_segment,
            b"rodata-segment" => layout.rodata_segment,
            b"ldata-segment" => layout.ldata_segment,
            _ => None,
        }
    }

    fn data_segment_align(&mut self, dot: u64, max_page: u64, common_page: u64) -> u64 {
        let base = self.data.settled.unwrap_or_else(|| {
            align_up(dot, max_page).wrapping_add(dot & max_page.wrapping_sub(1))
        });
        self.data.base = Some(base);
        self.data.max_page = max_page;
        self.data.common_page = common_page;
        base
    }

    fn data_segment_relro_end(&mut self, offset: u64, address: u64) -> u64 {
        self.data.relro_end = Some(address.wrapping_add(offset));
        address
    }

    fn data_segment_end(&mut self, address: u64) -> u64 {
        self.data.end = Some(address);
        address
    }

    fn assertion_failed(&mut self, message: Name<'a>) {
        self.said.fatal(message);
    }

    fn is_in_section(&self) -> bool {
        self.current.is_some()
    }
}

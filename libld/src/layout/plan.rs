//! What the scripts of a link ask for, as one list of statements.
//!
//! A plan is made of the trees of all scripts in their order. Output sections are numbered in the
//! order in which they are laid out, input statements ("rules") in the order in which they take
//! sections. Sections that no rule takes get output sections of their own later, which join the
//! same lists.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::diagnostics::{Diagnostics, Severity};
use crate::script::ast::{
    Assertion, Assignment, AssignmentKind, Command, Constraint, DataSize, Expr, ExprKind, Fill,
    InputStatement, Name, OutputSection, Overlay, Phdr, Region, Script, SectionItem, SectionKind,
    SectionsItem, Word,
};
use crate::script::source::Sources;

/// The name of the output section that throws its inputs away.
pub const DISCARD: &[u8] = b"/DISCARD/";

/// The statements of a link.
#[derive(Debug, Default)]
pub struct Plan<'s> {
    /// Statements in the order in which they happen.
    pub statements: Vec<Statement<'s>>,
    /// Output sections, by number.
    pub outputs: Vec<Planned<'s>>,
    /// Input statements, by number.
    pub rules: Vec<Rule<'s>>,
    /// Memory regions, in order.
    pub regions: Vec<&'s Region<'s>>,
    /// Other names of regions.
    pub aliases: HashMap<Name<'s>, Name<'s>, RandomState>,
    /// The program headers that the script asks for; none if they are left to the linker.
    pub phdrs: Option<Vec<&'s Phdr<'s>>>,
    /// Output sections that may not refer to one another.
    pub no_cross_refs: Vec<NoCrossRefs<'s>>,
    /// `LD_FEATURE("SANE_EXPR")`
    pub is_sane: bool,
    /// Regions that are declared once more: the first declaration counts.
    pub redeclared: Vec<Word<'s>>,
    /// Output sections that an INSERT names and no script has.
    pub lost_inserts: Vec<Name<'s>>,
    /// For each script, where its statements end; none if INSERT has mixed them.
    pub script_ends: Vec<usize>,
    /// Output sections for orphans that have no place among the others: they follow all.
    pub last: Vec<u32>,
    by_name: HashMap<Name<'s>, Vec<u32>, RandomState>,
}

/// Statements that INSERT moves.
struct Insert<'s> {
    moved: std::ops::Range<usize>,
    /// Behind the output section rather than before it.
    after: bool,
    section: Name<'s>,
}

/// A step of the layout.
#[derive(Clone, Copy, Debug)]
pub enum Statement<'s> {
    /// An assignment outside of output sections.
    Assignment(&'s Assignment<'s>),
    /// `ASSERT`
    Assert(&'s Assertion<'s>),
    /// An output section.
    Output(u32),
}

/// An output section as the script asks for it.
#[derive(Clone, Debug)]
pub struct Planned<'s> {
    /// Its name.
    pub name: Name<'s>,
    /// Its address.
    pub address: Option<&'s Expr<'s>>,
    /// `(type)`
    pub kind: SectionKind<'s>,
    /// `AT(address)`
    pub at: Option<&'s Expr<'s>>,
    /// `ALIGN(align)`
    pub align: Option<&'s Expr<'s>>,
    /// `ALIGN_WITH_INPUT`
    pub align_with_input: bool,
    /// `SUBALIGN(align)`
    pub subalign: Option<&'s Expr<'s>>,
    /// `ONLY_IF_RO`, `ONLY_IF_RW`
    pub constraint: Constraint,
    /// What it holds.
    pub body: Vec<Item<'s>>,
    /// `>region`
    pub region: Option<Word<'s>>,
    /// `AT>region`
    pub lma_region: Option<Word<'s>>,
    /// `:phdr`
    pub phdrs: Vec<Word<'s>>,
    /// `=fill`
    pub fill: Option<&'s Fill<'s>>,
    /// Which OVERLAY it belongs to, and whether it is the first of it.
    pub overlay: Option<(u32, bool)>,
    /// Whether it was made for a section that no rule takes.
    pub is_orphan: bool,
    /// Whether its constraint holds.
    pub is_enabled: bool,
}

impl<'s> Planned<'s> {
    /// Nothing but a name.
    pub fn named(name: Name<'s>) -> Self {
        Self {
            name,
            address: None,
            kind: SectionKind::Normal,
            at: None,
            align: None,
            align_with_input: false,
            subalign: None,
            constraint: Constraint::None,
            body: Vec::new(),
            region: None,
            lma_region: None,
            phdrs: Vec::new(),
            fill: None,
            overlay: None,
            is_orphan: false,
            is_enabled: true,
        }
    }

    /// The assignments of symbols in it: if any is done, the section's address counts even if the
    /// file does not have it.
    pub fn symbols(&self) -> impl Iterator<Item = &'s Assignment<'s>> {
        self.body.iter().filter_map(|item| match item {
            Item::Assignment(assignment) if assignment.target.name != b"." => Some(*assignment),
            _ => None,
        })
    }

    /// Whether it throws its inputs away.
    pub fn discards(&self) -> bool {
        self.name == DISCARD
    }
}

/// What an output section holds.
#[derive(Clone, Copy, Debug)]
pub enum Item<'s> {
    /// An assignment.
    Assignment(&'s Assignment<'s>),
    /// `ASSERT`
    Assert(&'s Assertion<'s>),
    /// The input sections of a rule.
    Inputs(u32),
    /// `BYTE(value)` and its like.
    Data(DataSize, &'s Expr<'s>),
    /// `ASCIZ "text"`
    Asciz(Name<'s>),
    /// `FILL(fill)`
    Fill(&'s Fill<'s>),
    /// `LINKER_VERSION`
    LinkerVersion,
}

/// An input statement, or a list of sections that no statement takes.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'s> {
    /// The output section that it stands in.
    pub output: u32,
    /// The statement.
    pub statement: Option<&'s InputStatement<'s>>,
}

/// Output sections that may not refer to one another.
#[derive(Clone, Debug)]
pub struct NoCrossRefs<'s> {
    /// The output sections.
    pub sections: Vec<Name<'s>>,
    /// Only the first may not be referred to, by the others.
    pub only_first: bool,
}

impl<'s> Plan<'s> {
    /// Of these scripts, in order.
    pub fn new(scripts: &[&'s Script<'s>]) -> Self {
        Self::with_inputs(0, scripts)
    }

    /// The same, where the first `inputs` scripts stand among the files: what they lay out comes
    /// behind all else.
    pub fn with_inputs(inputs: usize, scripts: &[&'s Script<'s>]) -> Self {
        let mut plan = Self::default();
        let mut inserts = Vec::new();
        let mut behind = Vec::new();
        for (number, script) in scripts.iter().enumerate() {
            let has_insert = script.commands.iter().any(|it| matches!(it, Command::Insert { .. }));
            let is_behind = number < inputs && !has_insert;
            // The statements that the next INSERT moves start here.
            let mut start = plan.statements.len();
            for command in &script.commands {
                if let Command::Insert { after, section } = command {
                    let moved = start..plan.statements.len();
                    inserts.push(Insert { moved, after: *after, section: section.name });
                    start = plan.statements.len();
                } else if is_behind && matches!(command, Command::Sections(_)) {
                    behind.push(command);
                } else {
                    plan.command(command);
                }
            }
            plan.script_ends.push(plan.statements.len());
        }
        for command in behind {
            plan.command(command);
        }
        plan.insert(&inserts);
        plan
    }

    /// Moves the statements of INSERT to their places. The order in which rules take sections stays
    /// that in which scripts are read.
    fn insert(&mut self, inserts: &[Insert<'s>]) {
        if inserts.is_empty() {
            return;
        }
        self.script_ends.clear();
        let is_moved = |at: usize| inserts.iter().any(|insert| insert.moved.contains(&at));
        let all = std::mem::take(&mut self.statements);
        let kept = all.iter().enumerate().filter(|(at, _)| !is_moved(*at));
        self.statements = kept.map(|(_, statement)| *statement).collect();
        for insert in inserts {
            let moved = all.get(insert.moved.clone()).unwrap_or_default();
            let output = self.output_named(insert.section);
            let place = self.statements.iter().position(
                |statement| matches!(statement, Statement::Output(it) if Some(*it) == output),
            );
            if let Some(place) = place {
                let place = if insert.after { place + 1 } else { self.before(place) };
                self.statements.splice(place..place, moved.iter().copied());
            } else {
                self.lost_inserts.push(insert.section);
                self.statements.extend(moved);
            }
        }
    }

    /// Where a section goes that is put before another: behind the one before that and the symbols
    /// that belong to it.
    fn before(&self, output: usize) -> usize {
        let before = self.statements.get(..output).unwrap_or_default();
        let is_output = |statement: &Statement<'_>| matches!(statement, Statement::Output(_));
        match before.iter().rposition(is_output) {
            Some(last) => behind_assignments(&self.statements, last + 1),
            None => output,
        }
    }

    /// All assignments, in order.
    pub fn assignments(&self) -> impl Iterator<Item = &'s Assignment<'s>> {
        let mut assignments = Vec::new();
        for statement in &self.statements {
            match statement {
                Statement::Assignment(assignment) => assignments.push(*assignment),
                Statement::Assert(_) => {}
                Statement::Output(number) => {
                    let body = self.outputs.get(*number as usize).map(|output| &output.body);
                    assignments.extend(body.into_iter().flatten().filter_map(|item| match item {
                        Item::Assignment(assignment) => Some(*assignment),
                        _ => None,
                    }));
                }
            }
        }
        assignments.into_iter()
    }

    /// The names of symbols in expressions but those of PROVIDE, which may come to nothing.
    pub fn symbols_asked_for(&self) -> HashSet<Name<'s>, RandomState> {
        self.symbols_in_expressions(|assignment| {
            !matches!(assignment.kind, AssignmentKind::Provide | AssignmentKind::ProvideHidden)
        })
    }

    /// The names of symbols in expressions, among them those of the assignments that `counts`.
    pub fn symbols_in_expressions(
        &self,
        counts: impl Fn(&Assignment<'s>) -> bool,
    ) -> HashSet<Name<'s>, RandomState> {
        let mut names = HashSet::default();
        for region in &self.regions {
            collect(&region.origin, &mut names);
            collect(&region.length, &mut names);
        }
        for assignment in self.assignments().filter(|assignment| counts(assignment)) {
            collect(&assignment.value, &mut names);
            if assignment.operator.is_some() {
                names.insert(assignment.target.name);
            }
        }
        for statement in &self.statements {
            if let Statement::Assert(assertion) = statement {
                collect(&assertion.condition, &mut names);
            }
        }
        for phdr in self.phdrs.iter().flatten() {
            let exprs = [Some(&phdr.kind), phdr.at.as_ref(), phdr.flags.as_ref()];
            exprs.into_iter().flatten().for_each(|expr| collect(expr, &mut names));
        }
        for output in &self.outputs {
            let exprs = [output.address, output.at, output.align, output.subalign];
            exprs.into_iter().flatten().for_each(|expr| collect(expr, &mut names));
            for item in &output.body {
                match item {
                    Item::Assert(assertion) => collect(&assertion.condition, &mut names),
                    Item::Data(_, value) => collect(value, &mut names),
                    _ => {}
                }
            }
        }
        names
    }

    fn command(&mut self, command: &'s Command<'s>) {
        match command {
            Command::Sections(items) => items.iter().for_each(|item| self.sections_item(item)),
            Command::Assignment(assignment) => {
                self.statements.push(Statement::Assignment(assignment));
            }
            Command::Assert(assertion) => self.statements.push(Statement::Assert(assertion)),
            Command::Memory(regions) => regions.iter().for_each(|region| self.region(region)),
            Command::RegionAlias { alias, region } => {
                self.aliases.insert(alias.name, region.name);
            }
            Command::Phdrs(phdrs) => self.phdrs.get_or_insert_default().extend(phdrs),
            Command::NoCrossRefs(names) => self.no_cross_refs(names, false),
            Command::NoCrossRefsTo(names) => self.no_cross_refs(names, true),
            Command::LdFeature(name) => self.is_sane |= name.name == b"SANE_EXPR",
            // These are for other passes.
            _ => {}
        }
    }

    fn region(&mut self, region: &'s Region<'s>) {
        match self.regions.iter_mut().find(|known| known.name.name == region.name.name) {
            Some(known) => {
                self.redeclared.push(region.name);
                *known = region;
            }
            None => self.regions.push(region),
        }
    }

    /// Regions that output sections name and nobody declares, in order.
    pub fn undeclared_regions(&self) -> Vec<Word<'s>> {
        let mut seen: Vec<Word<'s>> = Vec::new();
        for word in self.outputs.iter().flat_map(|output| [output.region, output.lma_region]) {
            let Some(word) = word else { continue };
            let is_known = self.aliases.contains_key(word.name)
                || self.regions.iter().any(|region| region.name.name == word.name)
                || seen.iter().any(|other| other.name == word.name);
            if !is_known {
                seen.push(word);
            }
        }
        seen
    }

    /// What is odd about the scripts, as far as it shows before anything is laid out.
    pub fn complain(&self, sources: &Sources<'s>, said: &mut Diagnostics) {
        let mut warn = |word: &Word<'s>, text: String| {
            let place = sources.place(word.span);
            said.placed(Severity::Warning, [&place[..], b": warning: ", text.as_bytes()].concat());
        };
        for word in &self.redeclared {
            let name = String::from_utf8_lossy(word.name);
            warn(word, format!("redeclaration of memory region `{name}'"));
        }
        for word in &self.undeclared_regions() {
            let name = String::from_utf8_lossy(word.name);
            warn(word, format!("memory region `{name}' not declared"));
        }
    }

    fn no_cross_refs(&mut self, names: &[Word<'s>], only_first: bool) {
        let sections = names.iter().map(|word| word.name).collect();
        self.no_cross_refs.push(NoCrossRefs { sections, only_first });
    }

    fn sections_item(&mut self, item: &'s SectionsItem<'s>) {
        match item {
            SectionsItem::Assignment(assignment) => {
                self.statements.push(Statement::Assignment(assignment));
            }
            SectionsItem::Assert(assertion) => self.statements.push(Statement::Assert(assertion)),
            SectionsItem::Output(section) => self.output(section),
            SectionsItem::Overlay(overlay) => self.overlay(overlay),
            SectionsItem::Entry(_) => {}
        }
    }

    fn output(&mut self, section: &'s OutputSection<'s>) {
        let name = section.name.name;
        // A second statement for a name is a second section of that name.
        let mut planned = Planned::named(name);
        planned.constraint = section.constraint;
        planned.address = section.address.as_ref();
        planned.kind = section.kind.clone();
        planned.at = section.at.as_ref();
        planned.align = section.align.as_ref();
        planned.align_with_input = section.align_with_input;
        planned.subalign = section.subalign.as_ref();
        planned.region = section.region;
        planned.lma_region = section.lma_region;
        planned.phdrs.clone_from(&section.phdrs);
        planned.fill = section.fill.as_ref();
        let number = self.add_output(planned);
        let body = self.body(number, &section.body);
        if let Some(planned) = self.outputs.get_mut(number as usize) {
            planned.body = body;
        }
    }

    fn overlay(&mut self, overlay: &'s Overlay<'s>) {
        let first = self.outputs.len() as u32;
        for section in &overlay.sections {
            self.output(section);
        }
        let end = self.outputs.len();
        for (place, planned) in self.outputs.iter_mut().skip(first as usize).enumerate() {
            planned.overlay = Some((first, place == 0));
            planned.region = overlay.region;
            planned.lma_region = overlay.lma_region;
            planned.subalign = overlay.subalign.as_ref();
            if place == 0 {
                planned.address = overlay.address.as_ref();
                planned.at = overlay.at.as_ref();
            }
            if planned.fill.is_none() {
                planned.fill = overlay.fill.as_ref();
            }
            if planned.phdrs.is_empty() && place + 1 == end - first as usize {
                planned.phdrs.clone_from(&overlay.phdrs);
            }
        }
        if overlay.no_cross_refs {
            let sections = overlay.sections.iter().map(|section| section.name.name).collect();
            self.no_cross_refs.push(NoCrossRefs { sections, only_first: false });
        }
    }

    fn body(&mut self, output: u32, items: &'s [SectionItem<'s>]) -> Vec<Item<'s>> {
        let mut body = Vec::with_capacity(items.len());
        for item in items {
            body.push(match item {
                SectionItem::Assignment(assignment) => Item::Assignment(assignment),
                SectionItem::Assert(assertion) => Item::Assert(assertion),
                SectionItem::Input(statement) => Item::Inputs(self.add_rule(output, statement)),
                SectionItem::Data { size, value, .. } => Item::Data(*size, value),
                SectionItem::Asciz(text) => Item::Asciz(text.name),
                SectionItem::Fill(fill) => Item::Fill(fill),
                SectionItem::LinkerVersion(_) => Item::LinkerVersion,
                // Of no meaning in ELF, or for symbols alone.
                SectionItem::Constructors { .. } | SectionItem::CreateObjectSymbols(_) => continue,
            });
        }
        body
    }

    fn add_rule(&mut self, output: u32, statement: &'s InputStatement<'s>) -> u32 {
        let number = self.rules.len() as u32;
        self.rules.push(Rule { output, statement: Some(statement) });
        number
    }

    /// Adds an output section at the end of the statements.
    fn add_output(&mut self, planned: Planned<'s>) -> u32 {
        let number = self.add_unplaced(planned);
        self.statements.push(Statement::Output(number));
        number
    }

    /// Adds a statement for an output section, at a place among the statements or behind all.
    pub fn place_output(&mut self, number: u32, at: Option<usize>) {
        if at.is_none_or(|at| at >= self.statements.len()) {
            self.last.push(number);
        }
        let at = at.unwrap_or(self.statements.len()).min(self.statements.len());
        self.statements.insert(at, Statement::Output(number));
        for end in self.script_ends.iter_mut().filter(|end| **end >= at) {
            *end += 1;
        }
    }

    /// Adds an output section whose statement is placed by the caller.
    pub fn add_unplaced(&mut self, planned: Planned<'s>) -> u32 {
        let number = self.outputs.len() as u32;
        self.by_name.entry(planned.name).or_default().push(number);
        self.outputs.push(planned);
        number
    }

    /// Adds a list of sections without a statement at the end of an output section.
    pub fn add_orphan_rule(&mut self, output: u32) -> u32 {
        let number = self.rules.len() as u32;
        self.rules.push(Rule { output, statement: None });
        if let Some(planned) = self.outputs.get_mut(output as usize) {
            planned.body.push(Item::Inputs(number));
        }
        number
    }

    /// The numbers of output sections in the order of their statements.
    pub fn outputs_in_order(&self) -> impl Iterator<Item = u32> {
        self.statements.iter().filter_map(|statement| match statement {
            Statement::Output(number) => Some(*number),
            _ => None,
        })
    }

    /// Whether an output section has this name.
    pub fn is_called(&self, output: u32, name: &[u8]) -> bool {
        self.outputs.get(output as usize).is_some_and(|planned| planned.name == name)
    }

    /// The numbers of the output sections of this name, in order.
    pub fn outputs_named(&self, name: &[u8]) -> &[u32] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The number of the output section of this name whose constraint holds, the first of several.
    pub fn output_named(&self, name: &[u8]) -> Option<u32> {
        let enabled = |&&number: &&u32| {
            self.outputs.get(number as usize).is_some_and(|output| output.is_enabled)
        };
        self.outputs_named(name).iter().find(enabled).copied()
    }
}

/// Assignments behind an output section belong to it, but for those to `.`. The manual's chapter
/// "The Location Counter" says so.
pub fn behind_assignments(statements: &[Statement], from: usize) -> usize {
    let rest = statements.get(from..).unwrap_or_default();
    let belongs = |statement: &&Statement| match statement {
        Statement::Assignment(assignment) => assignment.target.name != b".",
        Statement::Assert(_) => true,
        Statement::Output(_) => false,
    };
    from + rest.iter().take_while(belongs).count()
}

/// Adds the names of symbols in an expression.
pub fn collect<'s>(expr: &Expr<'s>, names: &mut HashSet<Name<'s>, RandomState>) {
    match &expr.kind {
        ExprKind::Symbol(name) => {
            names.insert(name);
        }
        ExprKind::Unary(_, inner)
        | ExprKind::Absolute(inner)
        | ExprKind::Align(inner)
        | ExprKind::Next(inner)
        | ExprKind::Log2Ceil(inner)
        | ExprKind::DataSegmentEnd(inner)
        | ExprKind::SegmentStart(_, inner) => collect(inner, names),
        ExprKind::Binary(_, parts)
        | ExprKind::AlignTo(parts)
        | ExprKind::Max(parts)
        | ExprKind::Min(parts)
        | ExprKind::DataSegmentAlign(parts)
        | ExprKind::DataSegmentRelroEnd(parts) => {
            parts.iter().for_each(|part| collect(part, names));
        }
        ExprKind::Conditional(parts) => parts.iter().for_each(|part| collect(part, names)),
        ExprKind::Assert(assertion) => collect(&assertion.condition, names),
        _ => {}
    }
}

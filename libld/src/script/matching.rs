//! Which statement of a script takes each input section.
//!
//! The first statement that matches takes a section. Names are compared with all patterns at once:
//! what is found is looked at in the order of the script, together with what a statement says of files
//! and flags. Files are matched in parallel.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::ast::{FileSort, InputStatement, SectionPattern, Sort};
use super::glob::Glob;
use super::pattern::{FileGlob, FileName, SectionIndex};
use crate::ids::{FileId, SectionId};
use crate::input::Object;
use crate::layout::form::{Forms, InputForm};
use crate::layout::orphans::is_unique;
use crate::layout::plan::{Plan, Planned, Rule};
use crate::options::{Options, SectionOrder};
use crate::resolve::Resolved;

/// A section that no statement takes.
const ORPHAN: u32 = u32::MAX;
/// A section that is not to be placed.
const NOT_PLACED: u32 = u32::MAX - 1;

/// Which sections each rule takes.
#[derive(Debug, Default)]
pub struct Matched {
    /// By rule, its sections in the order in which they are laid out.
    pub by_rule: Vec<Vec<SectionId>>,
    /// Sections that no rule takes, in the order of files.
    pub orphans: Vec<SectionId>,
    /// If sections may go on to a later rule that matches them as well: those rules, in order.
    pub others: HashMap<SectionId, Vec<u32>, RandomState>,
}

impl Matched {
    /// The next rule that matches a section and `may` take it.
    pub fn next_rule(&self, section: SectionId, may: impl Fn(u32) -> bool) -> Option<u32> {
        self.others.get(&section)?.iter().copied().find(|&rule| may(rule))
    }
}

/// A pattern of a rule.
struct Candidate<'p> {
    rule: u32,
    /// The statement.
    statement: &'p InputStatement<'p>,
    /// What the file must be called.
    file: FileGlob<'p>,
    /// Files that are left out.
    excluded: Vec<FileGlob<'p>>,
}

/// The pattern of a statement without parentheses.
const ALL_SECTIONS: &[u8] = b"*";

/// All section patterns of a plan.
struct Patterns<'p> {
    candidates: Vec<Candidate<'p>>,
    index: SectionIndex<'p>,
}

impl<'p> Patterns<'p> {
    fn new(rules: &[Rule<'p>]) -> Self {
        let mut candidates = Vec::new();
        let mut texts = Vec::new();
        for (rule, statement) in (0..).zip(rules.iter().map(|rule| rule.statement)) {
            let Some(statement) = statement else { continue };
            let file = FileGlob::new(&statement.file);
            let excluded: Vec<_> = statement.exclude.iter().map(FileGlob::new).collect();
            if statement.sections.is_empty() {
                texts.push(ALL_SECTIONS);
                let excluded = excluded.clone();
                candidates.push(Candidate { rule, statement, file, excluded });
            }
            for section in &statement.sections {
                texts.push(section.pattern.text);
                let mut excluded = excluded.clone();
                excluded.extend(section.exclude.iter().map(FileGlob::new));
                candidates.push(Candidate { rule, statement, file, excluded });
            }
        }
        Self { candidates, index: SectionIndex::new(texts) }
    }
}

/// The name of a file, as file patterns see it.
fn file_name<'f>(object: &'f Object<'_>) -> FileName<'f> {
    use std::os::unix::ffi::OsStrExt;
    let path = object.origin.path.as_os_str().as_bytes();
    match object.origin.member {
        Some(member) => FileName { archive: Some(path), file: member },
        None => FileName { archive: None, file: path },
    }
}

impl Candidate<'_> {
    fn takes(&self, file: Option<FileName>, form: &InputForm) -> bool {
        let is_file = match file {
            Some(file) => {
                self.file.matches(file) && !self.excluded.iter().any(|it| it.excludes(file))
            }
            // A section that the link makes belongs to no file.
            None => self.file.is_anything(),
        };
        is_file && flags_fit(self.statement, form)
    }
}

fn flags_fit(statement: &InputStatement, form: &InputForm) -> bool {
    statement.flags.iter().all(|flag| {
        let bits = flag_bits(flag.name.name);
        (form.flags & bits == bits) != flag.negated
    })
}

/// The value of a flag's name, or of a number. gABI, chapter 4, "Section Attribute Flags".
fn flag_bits(name: &[u8]) -> u64 {
    use libelf::raw;
    const NAMES: [(&str, u64); 13] = [
        ("SHF_WRITE", raw::SHF_WRITE.0),
        ("SHF_ALLOC", raw::SHF_ALLOC.0),
        ("SHF_EXECINSTR", raw::SHF_EXECINSTR.0),
        ("SHF_MERGE", raw::SHF_MERGE.0),
        ("SHF_STRINGS", raw::SHF_STRINGS.0),
        ("SHF_INFO_LINK", raw::SHF_INFO_LINK.0),
        ("SHF_LINK_ORDER", raw::SHF_LINK_ORDER.0),
        ("SHF_OS_NONCONFORMING", raw::SHF_OS_NONCONFORMING.0),
        ("SHF_GROUP", raw::SHF_GROUP.0),
        ("SHF_TLS", raw::SHF_TLS.0),
        ("SHF_COMPRESSED", raw::SHF_COMPRESSED.0),
        ("SHF_EXCLUDE", 0x8000_0000),
        ("SHF_MASKOS", raw::SHF_MASKOS),
    ];
    if let Some((_, bits)) = NAMES.iter().find(|(known, _)| known.as_bytes() == name) {
        return *bits;
    }
    let text = std::str::from_utf8(name).unwrap_or_default();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).unwrap_or(0),
        None => text.parse().unwrap_or(0),
    }
}

/// Lets the plan's rules take the sections of all files. Statements whose constraint does not hold
/// are switched off in the plan.
pub fn match_sections(
    plan: &mut Plan,
    resolved: &Resolved,
    forms: &Forms,
    options: &Options,
) -> Matched {
    let patterns = Patterns::new(&plan.rules);
    let matching = Matching { plan, patterns, resolved, forms, options };
    let mut slots: Vec<Box<[u32]>> = (0..resolved.files.len() as u32)
        .into_par_iter()
        .map(|file| matching.file(FileId(file)))
        .collect();
    let switched_off = matching.apply_constraints(&mut slots);
    let mut matched = matching.gather(&slots);
    if options.layout.non_contiguous_regions {
        matched.others = matching.others(&matched.by_rule);
    }
    for output in switched_off {
        if let Some(planned) = plan.outputs.get_mut(output as usize) {
            planned.is_enabled = false;
        }
    }
    matched
}

/// So many files are gathered by one thread.
const FILES_AT_ONCE: usize = 128;

struct Matching<'m, 's, 'data> {
    plan: &'m Plan<'s>,
    patterns: Patterns<'s>,
    resolved: &'m Resolved<'data>,
    forms: &'m Forms<'m, 'data>,
    options: &'m Options,
}

impl Matching<'_, '_, '_> {
    /// By section of a file, the rule that takes it.
    fn file(&self, file: FileId) -> Box<[u32]> {
        let count = self.forms.count(file);
        let name = self.resolved.object(file).map(file_name);
        let mut found = Vec::new();
        let slot = |index| {
            let section = SectionId { file, index };
            let Some(form) = self.forms.get(section) else { return NOT_PLACED };
            self.first_rule(&form, name, 0, &mut found)
        };
        (0..count as u32).map(slot).collect()
    }

    /// The first rule from `least` on that takes such a section.
    fn first_rule(
        &self,
        form: &InputForm,
        file: Option<FileName>,
        least: u32,
        found: &mut Vec<u32>,
    ) -> u32 {
        self.patterns.index.matches(form.name, found);
        let candidates = self.patterns.candidates.as_slice();
        let mut found = found.iter().filter_map(|&number| candidates.get(number as usize));
        let is_unique = is_unique(form, self.options);
        let taking = found.find(|it| {
            it.rule >= least && (!is_unique || self.discards(it.rule)) && it.takes(file, form)
        });
        taking.map_or(ORPHAN, |candidate| candidate.rule)
    }

    /// Whether a rule throws away what it takes.
    fn discards(&self, rule: u32) -> bool {
        let output = self.plan.rules.get(rule as usize).map(|rule| rule.output as usize);
        output.and_then(|it| self.plan.outputs.get(it)).is_some_and(Planned::discards)
    }

    /// Looks at output sections with a constraint, in order: where it does not hold, their sections
    /// go to later rules. Answers the numbers of those output sections.
    fn apply_constraints(&self, slots: &mut [Box<[u32]>]) -> Vec<u32> {
        use super::ast::Constraint;
        let mut switched_off = Vec::new();
        for (output, planned) in (0..).zip(&self.plan.outputs) {
            let asks_for_writable = match planned.constraint {
                Constraint::OnlyIfReadOnly => false,
                Constraint::OnlyIfWritable => true,
                _ => continue,
            };
            let taken = self.taken_by(output, slots);
            // One that is writable makes the whole so.
            let is_writable = taken
                .iter()
                .any(|&section| self.forms.get(section).is_some_and(|form| form.is_writable()));
            if is_writable == asks_for_writable {
                continue;
            }
            switched_off.push(output);
            for section in taken {
                self.move_on(section, slots);
            }
        }
        switched_off
    }

    fn taken_by(&self, output: u32, slots: &[Box<[u32]>]) -> Vec<SectionId> {
        let is_of: Vec<bool> = self.plan.rules.iter().map(|rule| rule.output == output).collect();
        let takes = |rule: u32| is_of.get(rule as usize).copied().unwrap_or(false);
        let of_file = |file: u32| {
            let (slots, file) = (slots.get(file as usize).map(|slots| &**slots), FileId(file));
            let taken = (0..).zip(slots.unwrap_or_default()).filter(|(_, rule)| takes(**rule));
            taken.map(|(index, _)| SectionId { file, index }).collect::<Vec<_>>()
        };
        (0..slots.len() as u32).into_par_iter().flat_map_iter(of_file).collect()
    }

    /// Gives a section to the first rule of a later output section.
    fn move_on(&self, section: SectionId, slots: &mut [Box<[u32]>]) {
        let Some(form) = self.forms.get(section) else { return };
        let file = self.resolved.object(section.file).map(file_name);
        let slots = slots.get_mut(section.file.index());
        let Some(slot) = slots.and_then(|slots| slots.get_mut(section.index as usize)) else {
            return;
        };
        let output = self.plan.rules.get(*slot as usize).map(|rule| rule.output);
        let same_output =
            |rule: u32| self.plan.rules.get(rule as usize).map(|rule| rule.output) == output;
        let mut found = Vec::new();
        while *slot < NOT_PLACED && same_output(*slot) {
            *slot = self.first_rule(&form, file, *slot + 1, &mut found);
        }
    }

    /// Of each section that a rule takes, the later ones that match it as well.
    fn others(&self, by_rule: &[Vec<SectionId>]) -> HashMap<SectionId, Vec<u32>, RandomState> {
        let mut others = HashMap::default();
        let mut found = Vec::new();
        for (rule, sections) in (0_u32..).zip(by_rule) {
            for &section in sections {
                let Some(form) = self.forms.get(section) else { continue };
                let file = self.resolved.object(section.file).map(file_name);
                let mut rules = Vec::new();
                let mut last = rule;
                while last < NOT_PLACED {
                    last = self.first_rule(&form, file, last.saturating_add(1), &mut found);
                    if last < NOT_PLACED && !self.discards(last) {
                        rules.push(last);
                    }
                }
                others.insert(section, rules);
            }
        }
        others
    }

    fn gather(&self, slots: &[Box<[u32]>]) -> Matched {
        let first_files = (0..slots.len() as u32).step_by(FILES_AT_ONCE);
        let parts: Vec<Matched> = first_files
            .collect::<Vec<_>>()
            .into_par_iter()
            .zip(slots.par_chunks(FILES_AT_ONCE))
            .map(|(first, slots)| self.gather_files(first, slots))
            .collect();
        let mut matched = Matched {
            by_rule: vec![Vec::new(); self.plan.rules.len()],
            orphans: parts.iter().flat_map(|part| &part.orphans).copied().collect(),
            others: HashMap::default(),
        };
        matched.by_rule.par_iter_mut().enumerate().for_each(|(rule, sections)| {
            let lists = || parts.iter().filter_map(|part| part.by_rule.get(rule));
            sections.reserve_exact(lists().map(Vec::len).sum());
            lists().for_each(|list| sections.extend_from_slice(list));
        });
        matched.by_rule.par_iter_mut().zip(&self.plan.rules).for_each(|(sections, rule)| {
            if let Some(statement) = rule.statement {
                self.sort(sections, statement);
            }
        });
        matched
    }

    /// What rules take of the files from `first` on, by whose sections they are.
    fn gather_files(&self, first: u32, slots: &[Box<[u32]>]) -> Matched {
        let by_rule = vec![Vec::new(); self.plan.rules.len()];
        let mut matched = Matched { by_rule, ..Matched::default() };
        for (file, slots) in (first..).zip(slots) {
            for (index, &rule) in (0..).zip(slots) {
                let section = SectionId { file: FileId(file), index };
                match matched.by_rule.get_mut(rule as usize) {
                    Some(sections) => sections.push(section),
                    None if rule == ORPHAN => matched.orphans.push(section),
                    None => {}
                }
            }
        }
        matched
    }

    /// Brings the sections of a statement into its order. A pattern that is not sorted adds its
    /// sections at the end; one that is puts each before the first that must come after it.
    fn sort(&self, sections: &mut Vec<SectionId>, statement: &InputStatement) {
        let orders: Vec<Order> =
            statement.sections.iter().map(|pattern| self.order(pattern)).collect();
        if statement.file_sort != FileSort::None {
            self.sort_by_file(sections, statement.file_sort);
        }
        let Some(order) = orders.iter().find(|order| order.sorts()).copied() else { return };
        if orders.iter().all(|other| *other == order) {
            sections.sort_by_cached_key(|&section| self.key(section, order));
            return;
        }
        let globs: Vec<Glob> =
            statement.sections.iter().map(|pattern| Glob::new(pattern.pattern.text)).collect();
        let mut groups: BTreeMap<Key, Vec<SectionId>> = BTreeMap::new();
        for &section in &*sections {
            let name = self.forms.get(section).map_or(&b""[..], |form| form.name);
            let pattern = globs.iter().position(|glob| glob.matches(name)).unwrap_or(0);
            let key = self.key(section, order);
            let sorts = orders.get(pattern).is_some_and(|order| order.sorts());
            // What is added at the end stands behind all that is not greater.
            let stays_last = groups.last_key_value().is_some_and(|(last, _)| *last >= key);
            if !sorts && stays_last {
                if let Some(mut last) = groups.last_entry() {
                    last.get_mut().push(section);
                }
            } else {
                groups.entry(key).or_default().push(section);
            }
        }
        *sections = groups.into_values().flatten().collect();
    }

    fn sort_by_file(&self, sections: &mut [SectionId], order: FileSort) {
        use std::os::unix::ffi::OsStrExt;
        let name = |section: &SectionId| {
            let origin = self.resolved.object(section.file).map(|object| object.origin);
            origin.map(|origin| (origin.path.as_os_str().as_bytes(), origin.member))
        };
        sections.sort_by(|a, b| match order {
            FileSort::ReverseByName => name(b).cmp(&name(a)),
            _ => name(a).cmp(&name(b)),
        });
    }

    /// How a pattern sorts: as it says, and else as --sort-section does.
    fn order(&self, pattern: &SectionPattern) -> Order {
        let by_option = match self.options.layout.sort_section {
            Some(SectionOrder::Name) => Sort::ByName,
            Some(SectionOrder::Alignment) => Sort::ByAlignment,
            None => Sort::None,
        };
        let [outer, inner] = pattern.sort;
        let sorts = match (outer, inner) {
            (Sort::Unset, _) => [by_option, Sort::None],
            (Sort::None, _) => [Sort::None, Sort::None],
            // The option sorts further what a pattern's one order leaves equal.
            (outer, Sort::Unset) if outer != by_option => [outer, by_option],
            (outer, inner) => [outer, inner],
        };
        Order { sorts, reverse: pattern.reverse }
    }

    fn key(&self, section: SectionId, order: Order) -> Key<'_> {
        let Some(form) = self.forms.get(section) else { return Key::default() };
        let mut key = Key::default();
        for (slot, sort) in key.parts.iter_mut().zip(order.sorts) {
            *slot = match sort {
                Sort::Unset | Sort::None => Part::Equal,
                Sort::ByName if order.reverse => Part::Reversed(Reverse(form.name)),
                Sort::ByName => Part::Name(form.name),
                Sort::ByAlignment => Part::Number(u64::MAX - form.align),
                Sort::ByInitPriority if order.reverse => {
                    Part::Number(u64::MAX - init_priority(form.name))
                }
                Sort::ByInitPriority => Part::Number(init_priority(form.name)),
            };
        }
        key
    }
}

/// How a pattern sorts its sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Order {
    /// The order that counts most comes first.
    sorts: [Sort; 2],
    reverse: bool,
}

impl Order {
    fn sorts(self) -> bool {
        self.sorts.iter().any(|sort| !matches!(sort, Sort::Unset | Sort::None))
    }
}

/// What sections are compared by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'n> {
    #[default]
    Equal,
    Number(u64),
    Name(&'n [u8]),
    Reversed(Reverse<&'n [u8]>),
}

/// What a section is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'n> {
    parts: [Part<'n>; 2],
}

/// The priority at the end of a name. `.ctors.N` and `.dtors.N` count from the other end.
fn init_priority(name: &[u8]) -> u64 {
    /// The highest priority that the compiler gives.
    const LAST: u64 = 65535;
    let dot = memchr::memrchr(b'.', name).map_or(name.len(), |dot| dot + 1);
    let digits = name.get(dot..).unwrap_or_default();
    let number = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    if name.starts_with(b".ctors") || name.starts_with(b".dtors") {
        LAST.saturating_sub(number)
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_of_constructors_count_backwards() {
        assert_eq!(init_priority(b".init_array.00101"), 101);
        assert_eq!(init_priority(b".ctors.65434"), 101);
        assert_eq!(init_priority(b".init_array"), 0);
    }
}

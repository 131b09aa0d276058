//! Sections that no statement of a script takes.
//!
//! Those of one name become one output section, behind the last one of its kind: code behind
//! code, constants behind constants.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::raw::{
    SHF_ALLOC, SHF_EXECINSTR, SHF_TLS, SHF_WRITE, SHT_NOBITS, SHT_NOTE, SHT_REL, SHT_RELA,
};

use super::blocks::Contents;
use super::form::{Forms, InputForm, is_debug_name};
use super::plan::{Plan, Planned, Statement, behind_assignments};
use crate::diagnostics::Diagnostics;
use crate::dynamic::division;
use crate::ids::SectionId;
use crate::made::INTERNAL;
use crate::options::{Kind, Options, OrphanHandling, Unique};
use crate::resolve::Resolved;
use crate::script::glob::Glob;
use crate::script::matching::Matched;

/// Places where orphans go behind, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Note,
    Code,
    Constants,
    Relocations,
    Tls,
    Data,
    Zeros,
    NotLoaded,
    /// At the very end.
    Debug,
}

fn class(form: &InputForm) -> Class {
    let has = |flag: u64| form.flags & flag != 0;
    if !has(SHF_ALLOC.0) {
        if is_debug_name(form.name) { Class::Debug } else { Class::NotLoaded }
    } else if form.kind == SHT_NOTE {
        Class::Note
    } else if has(SHF_TLS.0) {
        Class::Tls
    } else if form.kind == SHT_NOBITS {
        Class::Zeros
    } else if has(SHF_WRITE.0) {
        Class::Data
    } else if has(SHF_EXECINSTR.0) {
        Class::Code
    } else if matches!(form.kind, SHT_REL | SHT_RELA) {
        Class::Relocations
    } else {
        Class::Constants
    }
}

impl Class {
    /// The output sections behind which GNU ld puts orphans of this class, best first.
    fn holders(self) -> &'static [&'static [u8]] {
        match self {
            Self::Note => &[b".interp"],
            Self::Code => &[b".text"],
            Self::Constants => &[b".rodata"],
            Self::Relocations => &[b".rela.dyn", b".rel.dyn", b".rela.plt", b".rel.plt"],
            Self::Tls => &[b".tdata"],
            Self::Data => &[b".data"],
            Self::Zeros => &[b".bss"],
            Self::NotLoaded => &[b".comment"],
            Self::Debug => &[],
        }
    }
}

/// What placing orphans reads.
pub struct Orphans<'o, 'a> {
    /// What sections are.
    pub forms: &'o Forms<'o, 'a>,
    /// What lives.
    pub contents: &'o dyn Contents,
    /// What the command line asks for.
    pub options: &'o Options,
    /// What files are called.
    pub resolved: &'o Resolved<'a>,
}

/// An output section that was made for orphans.
#[derive(Clone, Copy)]
struct Placed {
    class: Class,
    output: u32,
    align: u64,
}

impl<'a> Orphans<'_, 'a> {
    /// The index of the option that says where sections of this name start.
    fn start(&self, form: &InputForm) -> Option<usize> {
        let starts = &self.options.layout.section_starts;
        starts.iter().position(|start| start.makes(form.name))
    }

    /// Gives the sections that no rule takes their output sections.
    pub fn place(&self, plan: &mut Plan<'a>, matched: &mut Matched, said: &mut Diagnostics) {
        let mut placed: Vec<Placed> = Vec::new();
        let mut kinds: Option<Kinds> = None;
        let mut started: Vec<usize> = Vec::new();
        for section in behind_first_object(std::mem::take(&mut matched.orphans)) {
            let Some(form) = self.orphan(section) else { continue };
            match self.options.layout.orphans {
                OrphanHandling::Place => {}
                OrphanHandling::Discard => continue,
                OrphanHandling::Warn => said.warn(self.message("warning", section, &form)),
                OrphanHandling::Error => said.error(self.message("error", section, &form)),
            }
            let own = if self.is_unique(&form) { None } else { plan.output_named(form.name) };
            let rule = if let Some(output) = own {
                orphan_rule(plan, output)
            } else if let Some(start) = self.start(&form) {
                // As if the script began with it: what follows does not lie behind it.
                let planned = Planned { is_orphan: true, ..Planned::named(form.name) };
                let output = plan.add_unplaced(planned);
                let before = started.iter().filter(|&&other| other < start).count();
                plan.place_output(output, Some(before));
                started.push(start);
                plan.add_orphan_rule(output)
            } else {
                let align = self.contents.extent(section).map_or(form.align, |it| it.align);
                let class = class(&form);
                let behind = match class {
                    Class::Note => self.place_of_note(plan, matched, &placed, align),
                    Class::Debug => None,
                    Class::Relocations if self.divides() => place_of_relocs(plan, &placed),
                    _ => place_of(plan, class, &placed),
                };
                let is_lone_note = class == Class::Note && section.file == INTERNAL;
                let front = || plan.outputs_in_order().next().map(|_| Spot::First);
                let front = if is_lone_note { front() } else { None };
                let behind = behind.or(front).or_else(|| {
                    let kinds = kinds.get_or_insert_with(|| self.kinds(plan, matched));
                    place_by_kind(
                        plan,
                        class,
                        kinds,
                        self.is_relocatable(),
                        section.file == INTERNAL,
                    )
                });
                let output = add(plan, form.name, behind);
                if let Some(kinds) = &mut kinds {
                    kinds.insert(output, SectionTraits::of(&form, section));
                }
                placed.push(Placed { class, output, align });
                plan.add_orphan_rule(output)
            };
            let rule = rule as usize;
            if matched.by_rule.len() <= rule {
                matched.by_rule.resize(rule + 1, Vec::new());
            }
            if let Some(sections) = matched.by_rule.get_mut(rule) {
                sections.push(section);
            }
        }
        matched.by_rule.resize(plan.rules.len(), Vec::new());
    }

    /// What the output sections of the scripts are by their inputs.
    fn kinds(&self, plan: &Plan, matched: &Matched) -> Kinds {
        let mut kinds = Kinds::default();
        for (rule, sections) in plan.rules.iter().zip(&matched.by_rule) {
            // What is thrown away is nobody's neighbour.
            if plan.outputs.get(rule.output as usize).is_some_and(Planned::discards) {
                continue;
            }
            for &section in sections {
                let Some(form) = self.orphan(section) else { continue };
                kinds.entry(rule.output).or_default().join(SectionTraits::of(&form, section));
            }
        }
        kinds
    }

    /// What a section is that needs a place.
    fn orphan(&self, section: SectionId) -> Option<InputForm<'a>> {
        if !self.contents.is_live(section) {
            return None;
        }
        let mut form = self.forms.get(section)?;
        let is_rela = form.kind == SHT_RELA;
        let is_reloc = is_rela || form.kind == SHT_REL;
        let combines = self.forms.division.is_some() && !self.divides();
        if is_reloc && section.file == INTERNAL && combines {
            form.name = division::combined(is_rela);
        }
        if self.is_common(section) {
            form.name = COMMONS;
        }
        let is_absent = self.contents.extent(section).is_none_or(|extent| extent.size == 0);
        (section.file != INTERNAL || !is_absent).then_some(form)
    }

    fn is_common(&self, section: SectionId) -> bool {
        let object = self.resolved.object(section.file);
        object.is_some_and(|object| object.sections.len() == section.index as usize)
    }

    fn message(&self, severity: &str, section: SectionId, form: &InputForm) -> String {
        let name = String::from_utf8_lossy(form.name);
        let file = match self.resolved.object(section.file) {
            Some(object) => object.origin.to_string(),
            None => "linker stubs".to_owned(),
        };
        match severity {
            "warning" => format!(
                "warning: orphan section `{name}' from `{file}' being placed in section `{name}'"
            ),
            _ => format!("error: unplaced orphan section `{name}' from `{file}'"),
        }
    }

    /// Whether dynamic relocations that no statement takes are in sections of their own.
    fn divides(&self) -> bool {
        self.forms.division.is_some() && !self.options.dynamic.combine_relocs
    }

    fn is_relocatable(&self) -> bool {
        self.options.output.kind == Kind::Relocatable
    }

    /// Whether a section does not join others of its name.
    fn is_unique(&self, form: &InputForm) -> bool {
        is_unique(form, self.options) || self.options.layout.unique.contains(&Unique::Orphans)
    }

    /// Notes go behind the path of the dynamic linker, those with the greatest alignment first, so
    /// that notes of one alignment are one segment.
    fn place_of_note(
        &self,
        plan: &Plan,
        matched: &Matched,
        placed: &[Placed],
        align: u64,
    ) -> Option<Spot> {
        let known = |output: u32| placed.iter().find(|it| it.output == output);
        let Some(interp) = plan.output_named(b".interp") else {
            // Without it, as the sections of libraries begin: with notes.
            let ids: Vec<u32> = plan.outputs_in_order().collect();
            let is_note = |output: &&u32| {
                known(**output).is_some_and(|it| it.class == Class::Note)
                    || plan.is_called(**output, BUILD_ID)
            };
            let notes: Vec<u32> = ids.iter().filter(is_note).copied().collect();
            let Some(&first) = notes.first() else {
                return place_of(plan, Class::Note, placed);
            };
            let behind = notes.iter().rev().find(|&&output| {
                known(output).is_some_and(|it| it.align >= align)
                    || known(output).is_none() && BUILD_ID_ALIGN >= align
            });
            return Some(behind.map_or(Spot::Before(first), |&output| Spot::Behind(output)));
        };
        let mut behind = interp;
        for output in plan.outputs_in_order().skip_while(|&output| output != interp).skip(1) {
            let note_align = match known(output) {
                Some(it) if it.class == Class::Note => Some(it.align),
                Some(_) => None,
                None => self.note_align(plan, matched, output),
            };
            match note_align {
                Some(other) if other >= align => behind = output,
                Some(_) => break,
                None if plan.is_called(output, BUILD_ID) => {}
                None => break,
            }
        }
        Some(Spot::Behind(behind))
    }

    /// The alignment of an output section of the script, if it holds notes.
    fn note_align(&self, plan: &Plan, matched: &Matched, output: u32) -> Option<u64> {
        let mut found = None;
        for (rule, sections) in plan.rules.iter().zip(&matched.by_rule) {
            if rule.output != output {
                continue;
            }
            for &section in sections {
                let Some(form) = self.orphan(section) else { continue };
                if form.kind != SHT_NOTE {
                    return None;
                }
                let align = self.contents.extent(section).map_or(form.align, |it| it.align);
                found = found.max(Some(align));
            }
        }
        found
    }
}

/// Where common symbols go that no statement takes.
const COMMONS: &[u8] = b".bss";

/// The note that the built-in scripts name.
const BUILD_ID: &[u8] = b".note.gnu.build-id";
/// Its alignment, in bytes.
const BUILD_ID_ALIGN: u64 = 4;

/// Whether a section does not join others of its name: members of groups of a relocatable output,
/// and what --unique names.
pub fn is_unique(form: &InputForm, options: &Options) -> bool {
    let is_relocatable = options.output.kind == Kind::Relocatable;
    if is_relocatable && form.is_grouped() && !options.layout.force_group_allocation {
        return true;
    }
    options.layout.unique.iter().any(|unique| match unique {
        Unique::Orphans => false,
        Unique::Pattern(pattern) => Glob::new(pattern).matches(form.name),
    })
}

/// Where an output section goes.
#[derive(Clone, Copy)]
enum Spot {
    /// Before all others, but behind what the script does first.
    First,
    Before(u32),
    Behind(u32),
}

/// What counts of an output section where nothing has the name that orphans look for.
#[derive(Clone, Copy, Debug, Default)]
struct SectionTraits {
    is_alloc: bool,
    is_code: bool,
    is_writable: bool,
    is_tls: bool,
    is_note: bool,
    has_bytes: bool,
    /// Whether some of it comes from files.
    has_input: bool,
}

/// By output section.
type Kinds = HashMap<u32, SectionTraits, RandomState>;

impl SectionTraits {
    fn of(form: &InputForm, section: SectionId) -> Self {
        let has = |flag: u64| form.flags & flag != 0;
        Self {
            is_alloc: has(SHF_ALLOC.0),
            is_code: has(SHF_EXECINSTR.0),
            is_writable: has(SHF_WRITE.0),
            is_tls: has(SHF_TLS.0),
            is_note: form.kind == SHT_NOTE,
            has_bytes: form.kind != SHT_NOBITS,
            has_input: section.file != INTERNAL,
        }
    }

    fn join(&mut self, other: Self) {
        self.is_alloc |= other.is_alloc;
        self.is_code |= other.is_code;
        self.is_writable |= other.is_writable;
        self.is_tls |= other.is_tls;
        self.is_note |= other.is_note;
        self.has_bytes |= other.has_bytes;
        self.has_input |= other.has_input;
    }
}

/// The orphans with what the link makes behind those of the first object, as GNU ld makes it a part
/// of that.
fn behind_first_object(orphans: Vec<SectionId>) -> Vec<SectionId> {
    let first = orphans.iter().map(|section| section.file).find(|&file| file != INTERNAL);
    let (mut ordered, rest): (Vec<SectionId>, Vec<SectionId>) =
        orphans.into_iter().partition(|section| Some(section.file) == first);
    ordered.extend(rest);
    ordered
}

/// Behind the last of its class, or behind the section whose name is that of its class.
fn place_of(plan: &Plan, class: Class, placed: &[Placed]) -> Option<Spot> {
    let before = placed.iter().rev().find(|known| known.class == class).map(|known| known.output);
    let holder = || class.holders().iter().find_map(|holder| plan.output_named(holder));
    before.or_else(holder).map(Spot::Behind)
}

/// Behind the last of them, or the last that the script has, but before those of the procedure
/// linkage table.
fn place_of_relocs(plan: &Plan, placed: &[Placed]) -> Option<Spot> {
    let before = placed.iter().rev().find(|known| known.class == Class::Relocations);
    let is_of_script = |output: &u32| {
        let name = plan.outputs.get(*output as usize).map_or(&[][..], |output| output.name);
        name.starts_with(b".rel") && !matches!(name, b".rela.plt" | b".rel.plt" | b".relr.dyn")
    };
    let last = || plan.outputs_in_order().filter(is_of_script).last();
    before.map(|known| known.output).or_else(last).map(Spot::Behind)
}

/// Behind the last output section that is most like it, and where none is like it, before all.
fn place_by_kind(
    plan: &Plan,
    class: Class,
    kinds: &Kinds,
    is_relocatable: bool,
    is_made: bool,
) -> Option<Spot> {
    let last = |fits: &dyn Fn(&SectionTraits) -> bool| {
        let fits = |output: &u32| kinds.get(output).is_some_and(fits);
        plan.outputs_in_order().filter(fits).last()
    };
    let has_bytes = |it: &SectionTraits| it.is_alloc && it.has_bytes;
    let is_read_only = |it: &SectionTraits| has_bytes(it) && !it.is_writable;
    let is_code = |it: &SectionTraits| it.is_alloc && it.is_code;
    let behind = match class {
        Class::NotLoaded | Class::Debug => return None,
        Class::Code => last(&is_code),
        // Of a finished output, notes go behind all that is read only.
        Class::Note if is_relocatable => {
            last(&|it| is_read_only(it) && !it.is_code).or_else(|| last(&is_read_only))
        }
        Class::Note => last(&is_read_only),
        Class::Constants | Class::Relocations => {
            let is_constant = |it: &SectionTraits| is_read_only(it) && !it.is_code && !it.is_note;
            // What the link makes is no place for what comes from files.
            let takes = |it: &SectionTraits| is_constant(it) && (is_made || it.has_input);
            last(&takes).or_else(|| last(&is_code))
        }
        Class::Data => {
            let is_data = |it: &SectionTraits| has_bytes(it) && !it.is_tls && !it.is_note;
            last(&|it| is_data(it) && it.is_writable).or_else(|| last(&is_data))
        }
        Class::Tls => last(&|it| it.is_tls).or_else(|| last(&has_bytes)),
        Class::Zeros => {
            let is_zeros = |it: &SectionTraits| it.is_alloc && !it.has_bytes && !it.is_tls;
            last(&is_zeros).or_else(|| last(&|it| it.is_alloc))
        }
    };
    match behind {
        Some(output) => Some(Spot::Behind(output)),
        None => plan.outputs_in_order().next().map(|_| Spot::First),
    }
}

/// The list of orphans at the end of an output section.
fn orphan_rule(plan: &mut Plan, output: u32) -> u32 {
    let last = plan.outputs.get(output as usize).and_then(|planned| planned.body.last());
    if let Some(super::plan::Item::Inputs(rule)) = last
        && plan.rules.get(*rule as usize).is_some_and(|rule| rule.statement.is_none())
    {
        return *rule;
    }
    plan.add_orphan_rule(output)
}

/// Adds an output section for orphans.
fn add<'a>(plan: &mut Plan<'a>, name: &'a [u8], spot: Option<Spot>) -> u32 {
    let region = match spot {
        Some(Spot::Behind(of)) => plan.outputs.get(of as usize).and_then(|it| it.region),
        _ => None,
    };
    let planned = Planned { is_orphan: true, region, ..Planned::named(name) };
    let output = plan.add_unplaced(planned);
    let place = |of: u32| {
        let is_it = |it: &Statement| matches!(it, Statement::Output(it) if *it == of);
        plan.statements.iter().position(is_it)
    };
    let at = match spot {
        Some(Spot::First) => Some(front(&plan.statements)),
        Some(Spot::Before(of)) => place(of),
        Some(Spot::Behind(of)) => place(of).map(|at| behind(&plan.statements, at)),
        None => None,
    };
    plan.place_output(output, at);
    output
}

/// Where an orphan goes that is laid out before all others: behind what moves the location counter
/// first, as that says where the output starts.
fn front(statements: &[Statement]) -> usize {
    let first = behind_assignments(statements, 0);
    match statements.get(first) {
        Some(Statement::Assignment(_)) => behind_assignments(statements, first + 1),
        _ => first,
    }
}

/// Where an orphan goes that follows an output section: behind its assignments, and behind all if
/// no other output section follows.
fn behind(statements: &[Statement], of: usize) -> usize {
    let is_output = |it: &Statement| matches!(it, Statement::Output(_));
    let rest = statements.get(of + 1..).unwrap_or_default();
    if rest.iter().any(is_output) {
        behind_assignments(statements, of + 1)
    } else {
        statements.len()
    }
}

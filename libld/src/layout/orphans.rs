//! Sections that no statement of a script takes.
//!
//! Those of one name become one output section, behind the last one of its kind: code behind
//! code, constants behind constants.

use libelf::raw::{
    SHF_ALLOC, SHF_EXECINSTR, SHF_TLS, SHF_WRITE, SHT_NOBITS, SHT_NOTE, SHT_REL, SHT_RELA,
};

use super::blocks::Contents;
use super::form::{Forms, InputForm};
use super::plan::{Plan, Planned, Statement};
use crate::made::INTERNAL;
use crate::script::matching::Matched;

/// Places where orphans go behind, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Note,
    Code,
    Constants,
    Relocations,
    Tls,
    Data,
    Zeros,
    NotLoaded,
}

fn class(form: &InputForm) -> Class {
    let has = |flag: u64| form.flags & flag != 0;
    if !has(SHF_ALLOC.0) {
        Class::NotLoaded
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
            Self::Note => &[b".interp", b".rodata", b".text"],
            Self::Code => &[b".text"],
            Self::Constants => &[b".rodata", b".text"],
            Self::Relocations => &[b".rela.dyn", b".rel.dyn", b".rela.plt", b".rel.plt"],
            Self::Tls => &[b".tdata", b".data"],
            Self::Data => &[b".data"],
            Self::Zeros => &[b".bss", b".data"],
            Self::NotLoaded => &[],
        }
    }
}

/// Gives the sections that no rule takes their output sections.
pub fn place<'a>(
    plan: &mut Plan<'a>,
    matched: &mut Matched,
    forms: &Forms<'_, 'a>,
    contents: &dyn Contents,
) {
    let mut placed: Vec<(Class, u32)> = Vec::new();
    for section in std::mem::take(&mut matched.orphans) {
        if !contents.is_live(section) {
            continue;
        }
        let Some(form) = forms.get(section) else { continue };
        let is_absent = contents.extent(section).is_none_or(|extent| extent.size == 0);
        if section.file == INTERNAL && is_absent {
            continue;
        }
        let rule = if let Some(output) = plan.output_named(form.name) {
            orphan_rule(plan, output)
        } else {
            let class = class(&form);
            let output = add(plan, form.name, class, &placed);
            placed.push((class, output));
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
fn add<'a>(plan: &mut Plan<'a>, name: &'a [u8], class: Class, placed: &[(Class, u32)]) -> u32 {
    let before = placed.iter().rev().find(|(known, _)| *known == class);
    let behind = match before {
        Some((_, output)) => Some(*output),
        None => class.holders().iter().find_map(|holder| plan.output_named(holder)),
    };
    let output = plan.add_unplaced(Planned { is_orphan: true, ..Planned::named(name) });
    let statement = Statement::Output(output);
    let at = behind.and_then(|behind| {
        plan.statements
            .iter()
            .position(|statement| matches!(statement, Statement::Output(it) if *it == behind))
    });
    match at {
        Some(at) => plan.statements.insert(at + 1, statement),
        None => plan.statements.push(statement),
    }
    output
}

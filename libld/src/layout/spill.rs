//! `--enable-non-contiguous-regions`: a section that does not fit the region of its output section
//! goes on to the next output section whose statements match it, and so do those behind it.
//!
//! ```text
//! MEMORY { small : ORIGIN = 0x1000, LENGTH = 0x18   large : ORIGIN = 0x2000, LENGTH = 0x40 }
//! .one : { *(.text.*) } >small      a (16 bytes)
//! .two : { *(.text.*) } >large      b (16 bytes) does not fit behind a; c (8 bytes) stays behind b
//! ```

use super::engine::Engine;
use super::plan::{Item, Plan, Statement};
use crate::diagnostics::Diagnostics;
use crate::ids::SectionId;
use crate::options::Options;
use crate::resolve::Resolved;
use crate::script::expr::Lookup;
use crate::script::matching::Matched;

/// The first section that does not fit, in the order of statements.
struct Spill {
    /// The output section.
    output: u32,
    /// The item of its body and the rule that took the section.
    item: usize,
    rule: u32,
    /// The section's place among those of the rule.
    section: SectionId,
}

/// Moves what does not fit; `false` if all does.
pub fn spill(
    engine: &Engine<'_, '_>,
    plan: &Plan<'_>,
    matched: &mut Matched,
    resolved: &Resolved<'_>,
    options: &Options,
    said: &mut Diagnostics,
) -> bool {
    let Some(spill) = first(engine, plan) else { return false };
    let mut moved = take_from(&mut matched.by_rule, spill.rule, Some(spill.section));
    let body = plan.outputs.get(spill.output as usize).map(|planned| planned.body.as_slice());
    for item in body.unwrap_or_default().iter().skip(spill.item.saturating_add(1)) {
        if let Item::Inputs(rule) = item {
            moved.extend(take_from(&mut matched.by_rule, *rule, None));
        }
    }
    let name_of = |output: u32| {
        let planned = plan.outputs.get(output as usize);
        planned.map_or(String::new(), |it| String::from_utf8_lossy(it.name).into_owned())
    };
    for section in moved {
        let shown = shown(section, resolved);
        let next = matched.next_rule(section, |rule| {
            plan.rules.get(rule as usize).is_some_and(|it| it.output > spill.output)
        });
        let output = next.and_then(|rule| plan.rules.get(rule as usize)).map(|it| it.output);
        match (next, output) {
            (Some(rule), Some(output)) => {
                if options.layout.warn_non_contiguous_regions {
                    let (from, to) = (name_of(spill.output), name_of(output));
                    said.warn(format!(
                        "warning: --enable-non-contiguous-regions may change behaviour for section \
                         {shown} (assigned to {from}, but additional match: {to})"
                    ));
                }
                if let Some(sections) = matched.by_rule.get_mut(rule as usize) {
                    sections.push(section);
                }
            }
            _ => said.error(format!("--enable-non-contiguous-regions discards section {shown}")),
        }
    }
    true
}

/// The sections of a rule from one on, or all.
fn take_from(by_rule: &mut [Vec<SectionId>], rule: u32, from: Option<SectionId>) -> Vec<SectionId> {
    let Some(sections) = by_rule.get_mut(rule as usize) else { return Vec::new() };
    let at = match from {
        Some(from) => sections.iter().position(|section| *section == from),
        None => Some(0),
    };
    at.map_or_else(Vec::new, |at| sections.split_off(at))
}

fn first(engine: &Engine<'_, '_>, plan: &Plan<'_>) -> Option<Spill> {
    plan.statements.iter().find_map(|statement| {
        let Statement::Output(output) = *statement else { return None };
        let planned = plan.outputs.get(output as usize)?;
        let section = engine.sections.get(output as usize)?;
        let region = planned.region?.name;
        let (Lookup::Known(origin), Lookup::Known(length)) =
            (engine.regions.origin(region), engine.regions.length(region))
        else {
            return None;
        };
        let end = origin.saturating_add(length);
        if !section.exists || section.end() <= end {
            return None;
        }
        let starts = section.item_starts.iter();
        let items = planned.body.iter().enumerate().zip(starts);
        items.into_iter().find_map(|((item, what), start)| {
            let Item::Inputs(rule) = *what else { return None };
            let block = engine.blocks.get(rule as usize)?;
            let start = section.addr.wrapping_add(*start);
            let mut places = block.places(start, section.subalign);
            let (section, ..) =
                places.find(|(_, start, size)| start.saturating_add(*size) > end)?;
            Some(Spill { output, item, rule, section })
        })
    })
}

/// `NAME' from `FILE', quoted as GNU ld does.
fn shown(section: SectionId, resolved: &Resolved<'_>) -> String {
    let object = resolved.object(section.file);
    let name = object.and_then(|object| object.section_name(section.index)).unwrap_or_default();
    let file = object.map_or(String::new(), |object| object.origin.to_string());
    format!("`{}' from `{file}'", String::from_utf8_lossy(name))
}

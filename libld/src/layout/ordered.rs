//! Sections that are ordered by others (`SHF_LINK_ORDER`). gABI, chapter 4, "Section Attribute
//! Flags".
//!
//! Each tells of another section, and who reads them may look for it by halves, so they lie as the
//! sections do that they tell of:
//!
//! ```text
//! a.o  .text.b  .text.unlikely.a      .text:  a  b       as the script has it
//!      order→b  order→a               order:  of a  of b
//! ```
//!
//! What stands in one list with them and tells of no other comes first, as GNU ld has it.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::raw::SHF_LINK_ORDER;

use super::plan::Plan;
use super::{OutputSection, Part, Places};
use crate::ids::SectionId;
use crate::resolve::Resolved;
use crate::script::matching::Matched;

/// Where a section lies: the output section's place in the plan, the rule and the place there.
type Rank = (usize, usize, usize);

/// Brings the sections that are ordered by others into their order, once all have a rule.
pub fn sort(plan: &Plan<'_>, matched: &mut Matched, resolved: &Resolved<'_>) {
    if !resolved.objects().any(|(_, object)| object.has_link_order) {
        return;
    }
    let outputs: HashMap<u32, usize, RandomState> =
        plan.outputs_in_order().enumerate().map(|(place, output)| (output, place)).collect();
    let mut ranks: HashMap<SectionId, Rank, RandomState> = HashMap::default();
    for (number, (rule, sections)) in plan.rules.iter().zip(&matched.by_rule).enumerate() {
        let output = outputs.get(&rule.output).copied().unwrap_or(usize::MAX);
        let places = sections.iter().enumerate();
        ranks.extend(places.map(|(place, &section)| (section, (output, number, place))));
    }
    let rank = |section: SectionId| ranks.get(&order_of(section, resolved)?).copied();
    for sections in &mut matched.by_rule {
        if sections.iter().any(|&section| order_of(section, resolved).is_some()) {
            // Without a rank is least.
            sections.sort_by_key(|&section| rank(section));
        }
    }
}

/// Tells output sections that are ordered by others which ones: what their first input section
/// names.
pub fn settle(sections: &mut [OutputSection<'_>], places: &Places, resolved: &Resolved<'_>) {
    let is_ordered = |section: &&mut OutputSection| section.flags & SHF_LINK_ORDER.0 != 0;
    for section in sections.iter_mut().filter(is_ordered) {
        let mut inputs = section.parts.iter().flat_map(|part| match part {
            Part::Inputs(list) => list.as_slice(),
            _ => &[],
        });
        let first = inputs.find_map(|&id| order_of(id, resolved));
        section.ordered_by = first.and_then(|id| places.get(id)).map(|place| place.output);
    }
}

/// The section that a section is ordered by.
pub fn order_of(id: SectionId, resolved: &Resolved<'_>) -> Option<SectionId> {
    let object = resolved.object(id.file).filter(|object| object.has_link_order)?;
    let header = object.sections.get(id.index as usize)?;
    let is_ordered = header.flags & SHF_LINK_ORDER.0 != 0 && header.link != 0;
    is_ordered.then_some(SectionId { file: id.file, index: header.link })
}

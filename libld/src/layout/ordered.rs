//! Sections that are ordered by others (`SHF_LINK_ORDER`). gABI, chapter 4, "Section Attribute
//! Flags".

use libelf::raw::SHF_LINK_ORDER;

use super::{OutputSection, Part, Places};
use crate::ids::SectionId;
use crate::resolve::Resolved;

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
    let header = resolved.object(id.file)?.sections.get(id.index as usize)?;
    let is_ordered = header.flags & SHF_LINK_ORDER.0 != 0 && header.link != 0;
    is_ordered.then_some(SectionId { file: id.file, index: header.link })
}

//! Section groups of a relocatable output.

use libelf::Encoding;
use libelf::raw::{GRP_COMDAT, STT_SECTION};

use crate::encode::put_u32;
use crate::ids::{FileId, SectionId};
use crate::input::object::{Group, Place};
use crate::layout::{Layout, Role};
use crate::resolve::Resolved;

use super::SymbolNumbers;
use super::tables::GROUP_WORD;

/// A group that is kept.
pub struct KeptGroup<'r> {
    /// The file that it comes from.
    pub file: FileId,
    /// The group there.
    pub group: &'r Group<'r>,
    /// How many bytes its section takes.
    pub size: u64,
}

/// The groups that are kept, in the order of files: those of which a member is in the output.
pub fn kept<'r>(resolved: &'r Resolved<'_>, layout: &Layout<'_>) -> Vec<KeptGroup<'r>> {
    let mut kept = Vec::new();
    for (file, object) in resolved.objects() {
        for group in &object.groups {
            if resolved.is_discarded(file, group.section) {
                continue;
            }
            let members = group.members.iter().map(|index| SectionId { file, index });
            let mut count = 0;
            for id in members.filter(|id| layout.places.get(*id).is_some()) {
                // A table of relocations is a member too.
                count += 1 + u64::from(super::tables::reloc_count(resolved, id) != 0);
            }
            if count != 0 {
                let size = GROUP_WORD.saturating_mul(1 + count);
                kept.push(KeptGroup { file, group, size });
            }
        }
    }
    kept
}

/// Appends the contents of a group.
pub fn write(group: &KeptGroup<'_>, layout: &Layout<'_>, encoding: Encoding, to: &mut Vec<u8>) {
    put_u32(to, if group.group.is_comdat { GRP_COMDAT.0 } else { 0 }, encoding);
    for index in group.group.members.iter() {
        let Some(place) = layout.places.get(SectionId { file: group.file, index }) else {
            continue;
        };
        put_u32(to, place.output.wrapping_add(1), encoding);
        let next = layout.sections.get(place.output as usize + 1);
        if next.is_some_and(|next| next.role == Role::Relocs(place.output)) {
            put_u32(to, place.output.wrapping_add(2), encoding);
        }
    }
}

/// Tells the sections of groups, which are the first of the output, their signatures.
pub fn settle_signatures(
    layout: &mut Layout<'_>,
    resolved: &Resolved<'_>,
    groups: &[KeptGroup<'_>],
    numbers: &SymbolNumbers,
) {
    for (at, kept) in groups.iter().enumerate() {
        let signature = signature(layout, resolved, kept, numbers).unwrap_or(0);
        if let Some(section) = layout.sections.get_mut(at) {
            section.role = Role::Group(signature);
        }
    }
}

/// The number of the symbol that is a group's signature.
fn signature(
    layout: &Layout<'_>,
    resolved: &Resolved<'_>,
    kept: &KeptGroup<'_>,
    numbers: &SymbolNumbers,
) -> Option<u32> {
    let object = resolved.object(kept.file)?;
    let index = object.sections.get(kept.group.section as usize)?.info;
    if let Some(&id) = object.global(index) {
        return Some(numbers.global(id));
    }
    let symbol = object.symbols.get(index as usize)?;
    if symbol.kind() == STT_SECTION
        && let Place::Section(section) = object.place(index, &symbol)
    {
        let place = layout.places.get(SectionId { file: kept.file, index: section })?;
        return Some(numbers.section(place.output));
    }
    Some(numbers.local(kept.file, index))
}

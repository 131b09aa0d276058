//! The contents of a relocatable output: as they are in inputs, side by side.

use libelf::raw::SHT_NOBITS;

use super::relocs::{self, RelocInput};
use crate::arch::Arch;
use crate::ids::SectionId;
use crate::made::INTERNAL;
use crate::write::room::Room;
use crate::write::{Outcome, Written, fill_sections};

/// Writes all sections.
pub fn write(input: &RelocInput<'_, '_>, arch: &dyn Arch, room: &dyn Room) -> Written {
    fill_sections(input.layout, arch.identity().pad_code, room, &|id, _, _, bytes, outcome| {
        fill(input, arch, id, bytes, outcome);
    })
}

fn fill(
    input: &RelocInput<'_, '_>,
    arch: &dyn Arch,
    id: SectionId,
    bytes: &mut [u8],
    outcome: &mut Outcome,
) {
    if id.file == INTERNAL {
        return;
    }
    let Some(object) = input.resolved.object(id.file) else { return };
    let Some(header) = object.sections.get(id.index as usize) else { return };
    if header.kind == SHT_NOBITS {
        return;
    }
    if input.frames.fill(id, input.layout, bytes).is_none()
        && outcome.copy(id, object, &header, bytes).is_none()
    {
        return;
    }
    if input.identity.is_rela {
        return;
    }
    // Addends lie in the contents here.
    for reloc in object.relocs_of(id.index).iter() {
        let offset = relocs::kept_offset(input, id, reloc.offset);
        let kept = relocs::resolve(input, id, object, &reloc);
        let (Some(offset), Some(kept)) = (offset, kept) else { continue };
        if kept.addend != 0 {
            arch.add_to_addend(reloc.kind, offset, kept.addend as u64, bytes);
        }
    }
}

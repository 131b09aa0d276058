//! Sections that are not loaded: debugging information, comments.
//!
//! They stay if anything of their file does, notes aside. Those with relocations that are no
//! debugging information must be referred to like any other.

use libelf::raw::{SHF_ALLOC, SHT_NOTE};
use rayon::prelude::*;

use super::mark::{Marks, is_loaded};
use crate::ids::{FileId, SectionId};
use crate::input::Object;
use crate::resolve::Resolved;

/// Marks them.
pub fn mark(resolved: &Resolved<'_>, marks: &Marks) {
    (0..resolved.files.len() as u32).into_par_iter().map(FileId).for_each(|file| {
        if let Some(object) = resolved.object(file)
            && has_kept(file, object, marks)
        {
            mark_of_file(file, object, marks);
        }
    });
}

fn has_kept(file: FileId, object: &Object<'_>, marks: &Marks) -> bool {
    (0_u32..).zip(object.sections.iter()).any(|(index, header)| {
        header.flags & SHF_ALLOC.0 != 0
            && header.kind != SHT_NOTE
            && marks.contains(SectionId { file, index })
    })
}

fn mark_of_file(file: FileId, object: &Object<'_>, marks: &Marks) {
    for (index, header) in (0_u32..).zip(object.sections.iter()) {
        if header.flags & SHF_ALLOC.0 != 0 || Object::is_grouped(&header) {
            continue;
        }
        let has_relocs = object.relocs.get(index as usize).is_some_and(|&relocs| relocs != 0);
        let name = object.section_name(index).unwrap_or_default();
        if !has_relocs || is_debugging(name) {
            marks.set(SectionId { file, index });
        }
    }
    // A group that is all of it debugging information belongs to no function.
    for group in &object.groups {
        if !group.members.iter().any(|index| is_loaded(object, index)) {
            for index in group.members.iter() {
                marks.set(SectionId { file, index });
            }
        }
    }
}

/// Whether a section of this name is debugging information.
fn is_debugging(name: &[u8]) -> bool {
    const STARTS: [&[u8]; 6] =
        [b".debug", b".zdebug", b".gnu.linkonce.wi.", b".gnu.debuglto_.debug_", b".line", b".stab"];
    STARTS.iter().any(|start| name.starts_with(start)) || name == b".gdb_index"
}

//! Which sections lie in which segments.

use object::elf;

use super::SectionId;
use crate::section::SectionHeader;
use crate::segment::ProgramHeader;

/// For each segment the sections that lie in it, in order.
///
/// Damaged files can have any number of segments that all cover any number of sections. Once more
/// pairs were found than sound files have, segments get no more sections.
pub(super) fn of(segments: &[ProgramHeader], sections: &[SectionHeader]) -> Vec<Vec<SectionId>> {
    let mut by_offset: Vec<u32> = (1..sections.len() as u32).collect();
    let offset = |&index: &u32| sections.get(index as usize).map_or(0, |section| section.offset);
    by_offset.sort_by_key(offset);
    let mut steps = 64 * (segments.len() + sections.len());
    let members = |segment: &ProgramHeader| {
        // Sections without bytes may be said to lie behind the others, aligned.
        let end = segment.offset.saturating_add(segment.filesz.max(segment.memsz));
        let first = by_offset.partition_point(|index| offset(index) < segment.offset);
        let candidates = by_offset.get(first..).unwrap_or_default();
        let candidates = candidates.iter().take_while(|index| offset(index) <= end);
        let mut found = Vec::new();
        for &index in candidates {
            steps = match steps.checked_sub(1) {
                Some(left) => left,
                None => return Vec::new(),
            };
            if sections.get(index as usize).is_some_and(|section| is_in(section, segment)) {
                found.push(index);
            }
        }
        found.sort_unstable();
        found.into_iter().map(SectionId).collect()
    };
    segments.iter().map(members).collect()
}

/// Whether a section lies in a segment: its bytes in the file and its addresses.
fn is_in(section: &SectionHeader, segment: &ProgramHeader) -> bool {
    if section.flags & elf::SHF_ALLOC.0 == 0 {
        return false;
    }
    let is_thread_local = section.flags & elf::SHF_TLS.0 != 0;
    let has_room = match segment.kind {
        elf::PT_TLS => is_thread_local,
        elf::PT_LOAD | elf::PT_GNU_RELRO => true,
        elf::PT_PHDR | elf::PT_GNU_STACK => false,
        _ => !is_thread_local,
    };
    // Space that each thread has takes none of the program's.
    let is_thread_space = is_thread_local && section.is_nobits() && segment.kind != elf::PT_TLS;
    let size = if is_thread_space { 0 } else { section.size };
    let is_in_file =
        section.is_nobits() || within(section.offset, section.size, segment.offset, segment.filesz);
    has_room && is_in_file && within(section.addr, size, segment.vaddr, segment.memsz)
}

/// Whether a range lies in another. An empty one at the very end does not, unless the other is
/// empty too.
fn within(start: u64, size: u64, outer: u64, outer_size: u64) -> bool {
    let Some(from) = start.checked_sub(outer) else { return false };
    from.checked_add(size).is_some_and(|end| end <= outer_size)
        && (size != 0 || from < outer_size || outer_size == 0)
}

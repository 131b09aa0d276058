//! Where sections lie in the file.

use libelf::raw::{PT_LOAD, SHF_ALLOC, SHT_NOBITS};

use super::OutputSection;
use super::segments::{Mapped, Mapping, by_load_address};
use crate::script::expr::operate::align;

/// Gives each section its place in the file; answers where the last one ends.
///
/// In a paged file, places are congruent to addresses modulo the size of a page, so that pages of
/// the file can be pages of memory.
pub fn place(sections: &mut [OutputSection], segments: &[Mapped], mapping: &Mapping) -> u64 {
    let mut loads = vec![None; sections.len()];
    for (number, segment) in segments.iter().enumerate().filter(|(_, it)| it.kind == PT_LOAD) {
        for &index in &segment.sections {
            if let Some(load) = loads.get_mut(index as usize) {
                *load = Some(number);
            }
        }
    }
    let mut at = mapping.headers;
    let mut current = None;
    // The difference between places and addresses in the current segment.
    let mut bias = 0_u64;
    // Where zeros of the current segment are said to be.
    let mut zeros = 0_u64;
    let with_bytes: Vec<bool> = segments
        .iter()
        .map(|segment| {
            let mut kinds = segment.sections.iter().map(|&index| sections.get(index as usize));
            segment.has_file_header || kinds.any(|it| it.is_some_and(|it| it.kind != SHT_NOBITS))
        })
        .collect();
    let has_bytes = |load: usize| with_bytes.get(load).copied().unwrap_or(false);
    // What is loaded comes first, in the order of segments.
    let loaded = by_load_address(sections);
    let is_loaded = |index: &u32| loads.get(*index as usize).is_some_and(Option::is_some);
    let rest = (0..sections.len() as u32).filter(|index| !is_loaded(index));
    let order: Vec<u32> = loaded.iter().copied().filter(is_loaded).chain(rest).collect();
    for index in order {
        let load = loads.get(index as usize).copied().flatten();
        let Some(section) = sections.get_mut(index as usize) else { continue };
        match load {
            Some(load) if current != Some(load) => {
                current = Some(load);
                let before = at;
                let page = if mapping.is_paged { mapping.max_page.max(1) } else { section.align };
                let page = page.max(section.align).max(1);
                at = at.wrapping_add(section.addr.wrapping_sub(at) & (page - 1));
                bias = section.load_addr.wrapping_sub(at);
                section.offset = at;
                zeros = at;
                if !has_bytes(load) {
                    // A segment of zeros takes no room.
                    at = before;
                    bias = section.load_addr.wrapping_sub(section.offset);
                }
            }
            Some(load) if section.kind == SHT_NOBITS => {
                section.offset = if has_bytes(load) { at } else { zeros };
            }
            Some(_) => section.offset = section.load_addr.wrapping_sub(bias),
            None if section.flags & SHF_ALLOC.0 != 0 && mapping.is_paged => {
                let page = mapping.max_page.max(1);
                section.offset = at.wrapping_add(section.addr.wrapping_sub(at) & (page - 1));
            }
            None => section.offset = align(at, section.align),
        }
        if section.kind != SHT_NOBITS {
            at = section.offset.wrapping_add(section.size);
        }
    }
    at
}

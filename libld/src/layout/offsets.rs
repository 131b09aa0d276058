//! Where sections lie in the file.

use libelf::raw::{PT_LOAD, SHT_NOBITS};

use super::OutputSection;
use super::segments::{Mapped, Mapping};
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
    for (section, load) in sections.iter_mut().zip(loads) {
        match load {
            Some(load) if current != Some(load) => {
                current = Some(load);
                let page = if mapping.is_paged { mapping.max_page.max(1) } else { section.align };
                let page = page.max(section.align).max(1);
                let has_header = segments.get(load).is_some_and(|it| it.has_file_header);
                if has_header && mapping.is_paged {
                    at = section.addr & (page - 1);
                    at = at.max(mapping.headers);
                    at = at.wrapping_add(section.addr.wrapping_sub(at) & (page - 1));
                } else {
                    at = at.wrapping_add(section.addr.wrapping_sub(at) & (page - 1));
                }
                bias = section.load_addr.wrapping_sub(at);
                section.offset = at;
            }
            Some(_) if section.kind == SHT_NOBITS => section.offset = at,
            Some(_) => section.offset = section.load_addr.wrapping_sub(bias),
            None => section.offset = align(at, section.align),
        }
        if section.kind != SHT_NOBITS {
            at = section.offset.wrapping_add(section.size);
        }
    }
    at
}

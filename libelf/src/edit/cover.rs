//! The fields of program headers, from what the segments cover. gABI, chapter 5, "Program Header".
//!
//! A segment starts at the ELF header, the program headers or its first section, whichever it has,
//! and ends where the last of what it covers ends. One that covers nothing and has no contents is
//! empty.

use object::elf::{self, ProgramType};

use super::defaults::{align_up, own_segment_align, page_size};
use super::error::{Place, Result};
use super::layout::{Layout, SectionPlace, SegmentPlace};
use super::place::{SMALL_PAGE, is_thread_space};
use super::plan::{Autos, header_size, program_header_size, settle, stride, table_end};
use super::{Object, Section, Segment};
use crate::segment::ProgramHeader;

/// Settles the fields of all program headers: loaded segments first, as others lie within them.
pub(super) fn segments(object: &Object, layout: &mut Layout, autos: &mut Autos) -> Result<()> {
    let mut end = contents_end(layout);
    for is_load in [true, false] {
        for (key, segment) in object.segments.iter() {
            if (segment.kind == elf::PT_LOAD.0) == is_load {
                settle_segment(object, layout, autos, key, segment, &mut end)?;
            }
        }
    }
    Ok(())
}

/// Where the last section's contents end.
fn contents_end(layout: &Layout) -> u64 {
    let places = layout.sections.iter().flatten().filter(|place| place.length != 0);
    places.map(|place| place.placed_at.saturating_add(place.length)).max().unwrap_or(0)
}

fn settle_segment(
    object: &Object,
    layout: &mut Layout,
    autos: &mut Autos,
    key: u32,
    segment: &Segment,
    end: &mut u64,
) -> Result<()> {
    let Some(Some(slot)) = layout.segments.get(key as usize) else { return Ok(()) };
    let SegmentPlace { index, length: own_length, has_address, header: settled } = *slot;
    let place = Place::Segment(index);
    let bits = 8 * object.header.encoding.word_size() as u32;
    let cover = Cover::of(object, layout, segment);
    let mut auto = ProgramHeader {
        kind: ProgramType(segment.kind),
        flags: flags(segment, &cover),
        align: align(object, segment, &cover),
        ..ProgramHeader::default()
    };
    let mut header = auto;
    header.flags = settle(segment.flags, auto.flags.into(), 32, "p_flags", place)? as u32;
    header.align = settle(segment.align, auto.align, bits, "p_align", place)?;

    auto.offset = match cover.offset {
        Some(offset) => offset,
        None if own_length != 0 => {
            let start = (*end).max(headers_end(object, layout));
            // What is aligned to more than a page does not lie so in files.
            if header.align <= page_size(object.header.machine) {
                align_up(start, header.align)
            } else {
                start
            }
        }
        None => 0,
    };
    header.offset = settle(segment.offset, auto.offset, bits, "p_offset", place)?;
    if own_length != 0 {
        *end = (*end).max(header.offset.saturating_add(own_length));
    }

    let is_relro = segment.kind == elf::PT_GNU_RELRO.0;
    auto.filesz = match cover.end {
        Some(end) if is_relro => {
            // What is made read-only are whole pages.
            let past = cover.memory_end.unwrap_or(0);
            end.saturating_add(align_up(past, SMALL_PAGE) - past).saturating_sub(header.offset)
        }
        Some(end) => end.saturating_sub(header.offset),
        None => own_length,
    };
    header.filesz = settle(segment.file_size, auto.filesz, bits, "p_filesz", place)?;

    if has_address {
        auto.vaddr = autos.segments.get(key as usize).map_or(0, |auto| auto.vaddr);
        header.vaddr = settled.vaddr;
    } else {
        auto.vaddr = cover.address(header.offset).or_else(|| within(layout, &header)).unwrap_or(0);
        header.vaddr = settle(segment.address, auto.vaddr, bits, "p_vaddr", place)?;
    }
    auto.paddr = header.vaddr;
    header.paddr = settle(segment.physical, auto.paddr, bits, "p_paddr", place)?;

    let memory = cover.memory_end.map_or(0, |end| end.saturating_sub(header.vaddr));
    auto.memsz = memory.max(header.filesz);
    header.memsz = settle(segment.memory_size, auto.memsz, bits, "p_memsz", place)?;

    if let Some(Some(slot)) = layout.segments.get_mut(key as usize) {
        slot.header = header;
    }
    if let Some(slot) = autos.segments.get_mut(key as usize) {
        *slot = auto;
    }
    Ok(())
}

/// Where the program headers end.
fn headers_end(object: &Object, layout: &Layout) -> u64 {
    let class = object.header.encoding.class;
    let size = program_header_size(class);
    let stride = stride(layout.header.phentsize, size);
    let table = table_end(layout.segment_table, object.segments.len(), stride, size);
    table.max(header_size(class))
}

/// What a segment covers.
#[derive(Clone, Copy, Debug, Default)]
struct Cover {
    /// Where it starts in the file.
    offset: Option<u64>,
    /// Where it ends in the file.
    end: Option<u64>,
    /// Offset and address of its first section.
    first: Option<(u64, u64)>,
    /// Where it ends in memory.
    memory_end: Option<u64>,
    /// The largest alignment of its sections.
    align: u64,
    is_writable: bool,
    is_executable: bool,
}

impl Cover {
    fn of(object: &Object, layout: &Layout, segment: &Segment) -> Self {
        let mut cover = Self::default();
        if segment.holds_file_header {
            cover.bytes(0, header_size(object.header.encoding.class));
        }
        if segment.holds_segment_table {
            let size = program_header_size(object.header.encoding.class);
            let stride = stride(layout.header.phentsize, size);
            let at = layout.segment_table;
            let end = table_end(at, object.segments.len(), stride, size);
            cover.bytes(at, end.saturating_sub(at));
        }
        let is_threads = segment.kind == elf::PT_TLS.0;
        for &id in &segment.sections {
            let (Some(section), Some(place)) = (object.sections.get(id.0), layout.section(id))
            else {
                continue;
            };
            cover.section(section, place, is_threads);
        }
        cover
    }

    fn bytes(&mut self, at: u64, length: u64) {
        self.offset = Some(self.offset.map_or(at, |offset| offset.min(at)));
        let end = at.saturating_add(length);
        self.end = Some(self.end.map_or(end, |before| before.max(end)));
    }

    fn section(&mut self, section: &Section, place: &SectionPlace, is_threads: bool) {
        let header = &place.header;
        if place.length != 0 || self.offset.is_none() {
            self.bytes(header.offset, place.length);
        }
        self.first.get_or_insert((header.offset, header.addr));
        if is_threads || !is_thread_space(section) {
            let end = header.addr.saturating_add(header.size);
            self.memory_end = Some(self.memory_end.map_or(end, |before| before.max(end)));
        }
        self.align = self.align.max(header.addralign);
        self.is_writable |= section.flags & elf::SHF_WRITE.0 != 0;
        self.is_executable |= section.flags & elf::SHF_EXECINSTR.0 != 0;
    }

    /// The address of what lies at `offset`, if sections tell.
    fn address(&self, offset: u64) -> Option<u64> {
        let (first, address) = self.first?;
        Some(address.wrapping_sub(first.wrapping_sub(offset)))
    }
}

/// Segments in which the bytes of another are looked for: were it all of them, a file of a million
/// segments would keep it busy for hours.
const MOST_LOADS: usize = 1024;

/// The address of a segment without sections, from the loaded one that its bytes are in.
fn within(layout: &Layout, header: &ProgramHeader) -> Option<u64> {
    if header.filesz == 0 {
        return None;
    }
    let loads = layout.segments.iter().take(MOST_LOADS).flatten().map(|place| place.header);
    let load = loads
        .filter(|load| load.kind == elf::PT_LOAD)
        .find(|load| header.offset >= load.offset && header.offset - load.offset < load.filesz)?;
    Some(load.vaddr.wrapping_add(header.offset - load.offset))
}

/// `p_flags`: what the sections need; readable and writable for the stack.
fn flags(segment: &Segment, cover: &Cover) -> u32 {
    let mut flags = elf::PF_R.0;
    match ProgramType(segment.kind) {
        elf::PT_GNU_STACK => flags |= elf::PF_W.0,
        elf::PT_TLS | elf::PT_GNU_RELRO | elf::PT_NOTE => {}
        _ => {
            if cover.is_writable {
                flags |= elf::PF_W.0;
            }
            if cover.is_executable {
                flags |= elf::PF_X.0;
            }
        }
    }
    flags
}

/// `p_align`: a page for loaded segments, else what the sections need.
fn align(object: &Object, segment: &Segment, cover: &Cover) -> u64 {
    let word = object.header.encoding.word_size() as u64;
    match ProgramType(segment.kind) {
        elf::PT_LOAD => page_size(object.header.machine),
        elf::PT_PHDR => word,
        elf::PT_GNU_STACK => 16,
        elf::PT_GNU_RELRO | elf::PT_INTERP => 1,
        _ if segment.sections.is_empty() => own_segment_align(segment),
        _ => cover.align,
    }
}

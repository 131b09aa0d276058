//! Where sections lie in the file and in memory, where that is not given.
//!
//! **In the file** each section follows the one before, aligned. An executable or shared library
//! has its sections in the order of their headers; a relocatable file has its symbols, their names,
//! relocations and the sections' names after all others, in this order, as GNU as and LLVM write
//! them, wherever their headers are. LLVM's, known by the sections' names in `.strtab`, have groups
//! before the symbols:
//!
//! ```text
//! headers  .text .rela.text .data .symtab .strtab .shstrtab
//! file     .text .data .symtab .strtab .rela.text .shstrtab
//! ```
//!
//! A section of a loaded segment lies as far behind the one before as it does in memory; the first
//! one where offset and address differ by a multiple of the segment's alignment; one without bytes
//! right where the one before ends. A given offset is where the next section goes on from.
//!
//! **In memory** a section follows the loaded one before, aligned. A loaded segment starts on the
//! next page; where it is writable or pages are large, its offset in the page is that in the file,
//! so that the file needs no padding. Thread-local sections without bytes take no memory.
//! Relocatable files, and sections that are not loaded, have no addresses.

use object::elf::{self, SectionType};

use super::defaults::{align_up, base_address, congruent, page_size};
use super::error::{Place, Result};
use super::layout::Layout;
use super::links::SHT_LLVM_ADDRSIG;
use super::plan::{Autos, header_size, program_header_size, settle, stride, table_end};
use super::{Contents, Object, Section, SectionId, Segment};

/// Padding the file to pages of up to this many bytes costs little.
pub(super) const SMALL_PAGE: u64 = 0x1000;

/// The running position.
struct Cursor {
    /// In the file, in bytes.
    offset: u64,
    /// In memory; `None` before the first loaded section.
    address: Option<u64>,
}

/// A loaded segment, as far as its sections have places.
#[derive(Clone, Copy, Debug)]
struct Load {
    key: u32,
    /// The alignment of the segment.
    align: u64,
    holds_file_header: bool,
    /// Offset and address of its last section.
    last: Option<(u64, u64)>,
}

/// Settles address and offset of all sections.
pub(super) fn sections(
    object: &Object,
    names: Option<SectionId>,
    layout: &mut Layout,
    autos: &mut Autos,
) -> Result<()> {
    let is_relocatable = object.header.kind == elf::ET_REL.0;
    let bits = 8 * object.header.encoding.word_size() as u32;
    let (mut loads, load_of) = loads(object);
    let mut cursor = Cursor { offset: start(object, layout), address: None };
    for id in file_order(object, names) {
        let Some(section) = object.sections.get(id.0) else { continue };
        let Some(slot) = layout.section(id) else { continue };
        let place = Place::Section(slot.index);
        let is_loaded = section.flags & elf::SHF_ALLOC.0 != 0 && !is_relocatable;
        let load = load_of.get(id.0 as usize).copied().flatten().filter(|_| is_loaded);
        let load = load.and_then(|index| loads.get_mut(index));
        let align = slot.header.addralign;
        let is_first = slot.index == 0;

        let auto_address = match &load {
            _ if !is_loaded || is_first => 0,
            Some(load) if load.last.is_none() => {
                let auto = load.start(&cursor, section, align, object);
                let start = settle_start(object, load.key, auto, layout, autos)?;
                load.first_address(start, &cursor, align)
            }
            _ => align_up(cursor.address.unwrap_or(0), align),
        };
        let Some(Some(slot)) = layout.sections.get_mut(id.0 as usize) else { continue };
        slot.header.addr = settle(section.address, auto_address, bits, "sh_addr", place)?;

        let auto_offset = match &load {
            _ if slot.index == 0 || section.kind == elf::SHT_NULL.0 => 0,
            Some(_) if slot.length == 0 && slot.header.size != 0 => cursor.offset,
            Some(load) => load.offset_of(&cursor, slot.header.addr, align),
            None => align_up(cursor.offset, align),
        };
        slot.header.offset = settle(section.offset, auto_offset, bits, "sh_offset", place)?;
        slot.placed_at = section.placed_at.or(slot.header.offset);

        if let Some(load) = load {
            load.last = Some((slot.placed_at, slot.header.addr));
        }
        if slot.index != 0 && section.kind != elf::SHT_NULL.0 {
            cursor.offset = slot.placed_at.saturating_add(slot.length);
        }
        if is_loaded && !is_thread_space(section) {
            cursor.address = Some(slot.header.addr.saturating_add(slot.header.size));
        }
        if let Some(auto) = autos.sections.get_mut(id.0 as usize) {
            auto.addr = auto_address;
            auto.offset = auto_offset;
        }
        if let Some(auto) = autos.placed_at.get_mut(id.0 as usize) {
            *auto = slot.header.offset;
        }
    }
    Ok(())
}

/// Settles the address of a loaded segment before that of its first section.
fn settle_start(
    object: &Object,
    key: u32,
    auto: u64,
    layout: &mut Layout,
    autos: &mut Autos,
) -> Result<u64> {
    let bits = 8 * object.header.encoding.word_size() as u32;
    let (Some(segment), Some(Some(slot)), Some(auto_slot)) = (
        object.segments.get(key),
        layout.segments.get_mut(key as usize),
        autos.segments.get_mut(key as usize),
    ) else {
        return Ok(auto);
    };
    auto_slot.vaddr = auto;
    let place = Place::Segment(slot.index);
    slot.header.vaddr = settle(segment.address, auto, bits, "p_vaddr", place)?;
    slot.has_address = true;
    Ok(slot.header.vaddr)
}

impl Load {
    /// Where the segment starts in memory.
    fn start(&self, cursor: &Cursor, first: &Section, align: u64, object: &Object) -> u64 {
        let is_executable = object.header.kind == elf::ET_EXEC.0;
        let page = match cursor.address {
            Some(address) => align_up(address, self.align),
            None if is_executable => base_address(object.header.machine, object.header.encoding),
            None => 0,
        };
        let is_writable = first.flags & elf::SHF_WRITE.0 != 0;
        if self.holds_file_header || self.align <= SMALL_PAGE && !is_writable {
            return page;
        }
        let offset = align_up(cursor.offset, align);
        page.saturating_add(offset.checked_rem(self.align).unwrap_or(0))
    }

    /// The address of the first section of a segment that starts at `start`.
    fn first_address(&self, start: u64, cursor: &Cursor, align: u64) -> u64 {
        if self.holds_file_header {
            // It lies behind the headers.
            start.saturating_add(align_up(cursor.offset, align))
        } else {
            align_up(start, align)
        }
    }

    fn offset_of(&self, cursor: &Cursor, address: u64, align: u64) -> u64 {
        match self.last {
            Some((offset, before)) if address >= before => offset.saturating_add(address - before),
            Some(_) => align_up(cursor.offset, align),
            None => congruent(cursor.offset, address, self.align.max(1)),
        }
    }
}

/// Whether it is thread-local and without bytes (`.tbss`): space that each thread has, and the
/// program has not.
pub(super) fn is_thread_space(section: &Section) -> bool {
    section.flags & elf::SHF_TLS.0 != 0
        && (matches!(section.contents, Contents::NoBits(_)) || section.kind == elf::SHT_NOBITS.0)
}

/// Where the first section can lie: behind the ELF header, and the program headers if those are
/// right behind it.
fn start(object: &Object, layout: &Layout) -> u64 {
    let class = object.header.encoding.class;
    let header = header_size(class);
    if layout.segment_table != header {
        return header;
    }
    let size = program_header_size(class);
    let stride = stride(layout.header.phentsize, size);
    header.max(table_end(header, object.segments.len(), stride, size))
}

/// The sections in the order in which they lie in the file.
fn file_order(object: &Object, names: Option<SectionId>) -> Vec<SectionId> {
    let mut order: Vec<SectionId> =
        object.sections.keys().iter().map(|&key| SectionId(key)).collect();
    if object.header.kind == elf::ET_REL.0 {
        let names_section = names.and_then(|id| object.sections.get(id.0));
        let is_llvm = names_section.is_some_and(|names| *names.name.text == *b".strtab");
        order.sort_by_key(|&id| {
            let section = object.sections.get(id.0);
            section.map_or(0, |section| rank(section, names == Some(id), is_llvm))
        });
    }
    order
}

/// Which sections of a relocatable file come after which.
fn rank(section: &Section, has_section_names: bool, is_llvm: bool) -> u8 {
    match SectionType(section.kind) {
        _ if section.flags & elf::SHF_ALLOC.0 != 0 => 0,
        elf::SHT_GROUP if is_llvm => 1,
        elf::SHT_SYMTAB | elf::SHT_SYMTAB_SHNDX => 2,
        elf::SHT_STRTAB if has_section_names => 5,
        elf::SHT_STRTAB => 3,
        elf::SHT_REL | elf::SHT_RELA | elf::SHT_CREL | SHT_LLVM_ADDRSIG => 4,
        _ => 0,
    }
}

/// The loaded segments, and by the key of each section the one that it is in.
fn loads(object: &Object) -> (Vec<Load>, Vec<Option<usize>>) {
    let is_load = |segment: &Segment| segment.kind == elf::PT_LOAD.0;
    let mut loads = Vec::new();
    let mut load_of = vec![None; object.sections.positions().len()];
    for (key, segment) in object.segments.iter().filter(|(_, segment)| is_load(segment)) {
        for id in &segment.sections {
            if let Some(slot) = load_of.get_mut(id.0 as usize) {
                slot.get_or_insert(loads.len());
            }
        }
        loads.push(Load {
            key,
            align: segment.align.or(page_size(object.header.machine)),
            holds_file_header: segment.holds_file_header,
            last: None,
        });
    }
    (loads, load_of)
}

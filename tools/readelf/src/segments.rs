//! Program headers: `-l`, and the checks that are made whether they are shown or not.

use common::{Output, format, out};
use libelf::raw::{
    EM_PARISC, PF_R, PF_W, PF_X, PT_DYNAMIC, PT_GNU_EH_FRAME, PT_GNU_RELRO, PT_GNU_STACK,
    PT_INTERP, PT_LOAD, PT_NOTE, PT_PHDR, PT_TLS, SHF_ALLOC, SHF_TLS, SHT_NOBITS,
};
use libelf::{ProgramHeader, SectionHeader, names};

use crate::header::file_type;
use crate::object::Object;
use crate::options::Options;
use crate::text;

/// `PT_GNU_MBIND_LO`: the first of the segment types for memory of a special kind.
const PT_GNU_MBIND_LO: u32 = 0x6474_e555;
/// `PT_GNU_MBIND_HI`: the last of them.
const PT_GNU_MBIND_HI: u32 = PT_GNU_MBIND_LO + 4095;

/// Shows the program headers if they are asked for, and finds the dynamic section.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if object.phnum == 0 {
        if object.header.phoff != 0 {
            out.warn(format_args!(
                "possibly corrupt ELF header - it has a non-zero program header offset, but no \
                 program headers"
            ));
            return true;
        }
        if options.segments {
            out!(out, "\nThere are no program headers in {}.\n", object.this_file());
        }
        return true;
    }
    if options.segments && !options.header {
        show_summary(out, object);
    }
    if !object.load_segments(out) {
        return true;
    }
    let segments = object.segments.take().unwrap_or_default();
    if options.segments {
        show_title(out, options, object);
    }
    object.dynamic.place = (0, 0);
    for (index, segment) in segments.iter().enumerate() {
        if options.segments {
            show_segment(out, options, object, segment);
        }
        check_segment(out, options, object, &segments, index);
    }
    if options.segments && !object.sections.is_empty() && object.section_names.is_some() {
        show_section_mapping(out, object, &segments);
    }
    object.segments = Some(segments);
    true
}

/// What stands above the table when the ELF header is not shown.
fn show_summary(out: &mut Output, object: &mut Object<'_>) {
    let kind = file_type(out, object);
    out!(out, "\n");
    object.put_title(out, "Elf file type", " the ELF file type");
    out!(out, " is {kind}\nEntry point 0x{:x}\n", object.header.entry);
    if object.phnum == 1 {
        out!(out, "There is 1 program header");
    } else {
        // The number is printed as a signed one.
        out!(out, "There are {} program headers", object.phnum.cast_signed());
    }
    out!(out, ", starting at offset {}\n", object.header.phoff);
}

fn show_title(out: &mut Output, options: &Options, object: &Object<'_>) {
    out!(out, "\nProgram Headers:\n");
    if !object.is_64() {
        out!(out, "  Type           Offset   VirtAddr   PhysAddr   FileSiz MemSiz  Flg Align\n");
    } else if options.wide {
        out!(
            out,
            "  Type           Offset   VirtAddr           PhysAddr           FileSiz  MemSiz   \
             Flg Align\n"
        );
    } else {
        out!(
            out,
            "  Type           Offset             VirtAddr           PhysAddr\n\
             \x20                FileSiz            MemSiz              Flags  Align\n"
        );
    }
}

fn show_segment(out: &mut Output, options: &Options, object: &Object<'_>, segment: &ProgramHeader) {
    let kind = names::program_type(&object.header, segment.kind);
    let line = out.buf();
    line.extend_from_slice(b"  ");
    format::left_cut(line, kind.as_bytes(), 14);
    line.push(b' ');
    let flag = |bit: u32, letter: char| if segment.flags & bit == 0 { ' ' } else { letter };
    let flags: String = [flag(PF_R.0, 'R'), flag(PF_W.0, 'W'), flag(PF_X.0, 'E')].iter().collect();
    let ProgramHeader { offset, vaddr, paddr, filesz, memsz, align, .. } = *segment;
    // `%#lx` prints no prefix for zero.
    let prefix = if align == 0 { "" } else { "0x" };
    if !object.is_64() {
        out!(
            out,
            "0x{offset:06x} 0x{vaddr:08x} 0x{paddr:08x} 0x{filesz:05x} 0x{memsz:05x} {flags} \
             {prefix}{align:x}\n"
        );
    } else if options.wide {
        out!(
            out,
            "0x{offset:06x} 0x{vaddr:016x} 0x{paddr:016x} 0x{filesz:06x} 0x{memsz:06x} {flags} \
             {prefix}{align:x}\n"
        );
    } else {
        out!(
            out,
            "0x{offset:016x} 0x{vaddr:016x} 0x{paddr:016x}\n                 \
             0x{filesz:016x} 0x{memsz:016x}  {flags}    0x{align:x}\n"
        );
    }
}

/// readelf's checks of one segment, and what it notes of it.
fn check_segment(
    out: &mut Output,
    options: &Options,
    object: &mut Object<'_>,
    segments: &[ProgramHeader],
    index: usize,
) {
    let Some(segment) = segments.get(index) else { return };
    match segment.kind {
        PT_PHDR => check_phdr(out, object, segments, index),
        PT_LOAD if segment.filesz > segment.memsz => {
            out.error(format_args!("the segment's file size is larger than its memory size"));
        }
        PT_DYNAMIC => note_dynamic(out, options, object, segment),
        PT_INTERP => show_interpreter(out, options, object, segment),
        _ => {}
    }
}

/// The program headers must be loaded, and come before what is loaded.
fn check_phdr(out: &mut Output, object: &Object<'_>, segments: &[ProgramHeader], index: usize) {
    let Some(phdr) = segments.get(index) else { return };
    if segments.iter().take(index).any(|segment| segment.kind == PT_LOAD) {
        out.error(format_args!("the PHDR segment must occur before any LOAD segment"));
    }
    // Ends wrap around, and the first segment is not looked at, as in GNU readelf.
    let covered = segments.iter().skip(1).any(|segment| {
        let covers = |start: u64, base: u64| {
            base <= start && base.wrapping_add(segment.filesz) >= start.wrapping_add(phdr.filesz)
        };
        segment.kind == PT_LOAD
            && covers(phdr.offset, segment.offset)
            && covers(phdr.vaddr, segment.vaddr)
    });
    // PA-RISC's program headers lie outside what is loaded.
    if !covered && object.header.machine != EM_PARISC {
        out.error(format_args!("the PHDR segment is not covered by a LOAD segment"));
    }
}

/// Notes where the dynamic section lies: the section of that name knows better than the segment.
fn note_dynamic(
    out: &mut Output,
    options: &Options,
    object: &mut Object<'_>,
    segment: &ProgramHeader,
) {
    // One at the start of the file does not count for the first.
    if object.dynamic.place.0 != 0 {
        out.error(format_args!("more than one dynamic segment"));
    }
    object.dynamic.place = (segment.offset, segment.filesz);
    if !object.sections.is_empty() {
        match object.section_by_name(b".dynamic").map(|(_, section)| *section) {
            Some(section) if section.size != 0 => {
                if section.kind == SHT_NOBITS {
                    object.dynamic.place = (section.offset, 0);
                } else {
                    object.dynamic.place = (section.offset, section.size);
                    if options.lint && object.dynamic.place != (segment.offset, segment.filesz) {
                        out.warn(format_args!(
                            "the .dynamic section is not the same as the dynamic segment"
                        ));
                    }
                }
            }
            // The segment's place is left as it is, even beyond the end of the file.
            _ => {
                out.error(format_args!("no .dynamic section in the dynamic segment"));
                return;
            }
        }
    }
    let (offset, size) = object.dynamic.place;
    let file_size = object.file_size;
    if offset > file_size || size > file_size - offset {
        out.error(format_args!("the dynamic segment offset + size exceeds the size of the file"));
        object.dynamic.place = (0, 0);
    }
}

fn show_interpreter(
    out: &mut Output,
    options: &Options,
    object: &Object<'_>,
    segment: &ProgramHeader,
) {
    let bytes = match object.bytes_at(segment.offset, segment.filesz) {
        Some(bytes) if !bytes.is_empty() => bytes,
        _ => {
            out.error(format_args!("Unable to find program interpreter name"));
            return;
        }
    };
    if !options.segments {
        return;
    }
    let name = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    out!(out, "      [Requesting program interpreter: ");
    out.put(&text::printable(name));
    out!(out, "]\n");
}

/// Lists the sections that lie in each segment.
fn show_section_mapping(out: &mut Output, object: &Object<'_>, segments: &[ProgramHeader]) {
    out!(out, "\n Section to Segment mapping:\n  Segment Sections...\n");
    for (index, segment) in segments.iter().enumerate() {
        out!(out, "   {index:02}     ");
        for section in object.sections.iter().skip(1) {
            if !is_tbss_outside_tls(section, segment) && is_in_segment(section, segment) {
                let name = text::section_name(object.section_name(section));
                out.put(&name);
                out.put(b" ");
            }
        }
        out.put(b"\n");
    }
}

/// Whether this is a section of uninitialised thread-local data in a segment other than the
/// thread-local one, where it takes no room.
fn is_tbss_outside_tls(section: &SectionHeader, segment: &ProgramHeader) -> bool {
    section.flags & SHF_TLS.0 != 0 && section.kind == SHT_NOBITS && segment.kind != PT_TLS
}

/// Whether a section lies in a segment, judged by its kind, its place in the file and its address.
fn is_in_segment(section: &SectionHeader, segment: &ProgramHeader) -> bool {
    let is_alloc = section.flags & SHF_ALLOC.0 != 0;
    let is_nobits = section.kind == SHT_NOBITS;
    kind_fits(section, segment)
        && (is_nobits || within(section.offset, section.size, segment.offset, segment.filesz))
        && (!is_alloc || within(section.addr, section.size, segment.vaddr, segment.memsz))
        && !is_empty_at_edge(section, segment)
}

/// Whether a section of this kind can lie in a segment of that type at all.
fn kind_fits(section: &SectionHeader, segment: &ProgramHeader) -> bool {
    let fits_tls = if section.flags & SHF_TLS.0 == 0 {
        !matches!(segment.kind, PT_TLS | PT_PHDR)
    } else {
        matches!(segment.kind, PT_TLS | PT_GNU_RELRO | PT_LOAD)
    };
    let needs_memory = matches!(
        segment.kind,
        PT_LOAD | PT_DYNAMIC | PT_GNU_EH_FRAME | PT_GNU_STACK | PT_GNU_RELRO
    ) || (PT_GNU_MBIND_LO..=PT_GNU_MBIND_HI).contains(&segment.kind.0);
    fits_tls && (section.flags & SHF_ALLOC.0 != 0 || !needs_memory)
}

/// Whether `size` bytes at `start` lie within `room` bytes at `base`, and do not start at their
/// end. The end wraps around, as in GNU readelf.
fn within(start: u64, size: u64, base: u64, room: u64) -> bool {
    let Some(skip) = start.checked_sub(base) else { return false };
    skip <= room.wrapping_sub(1) && skip.wrapping_add(size) <= room
}

/// Whether an empty section touches the start or end of a dynamic or note segment, where it
/// belongs to a neighbour.
fn is_empty_at_edge(section: &SectionHeader, segment: &ProgramHeader) -> bool {
    if !matches!(segment.kind, PT_DYNAMIC | PT_NOTE) || section.size != 0 || segment.memsz == 0 {
        return false;
    }
    let inside = |start: u64, base: u64, room: u64| start > base && start - base < room;
    let in_file =
        section.kind == SHT_NOBITS || inside(section.offset, segment.offset, segment.filesz);
    let in_memory =
        section.flags & SHF_ALLOC.0 == 0 || inside(section.addr, segment.vaddr, segment.memsz);
    !(in_file && in_memory)
}

//! Program headers: which parts of the file are loaded where, with which rights.
//!
//! Sections that follow one another are in one segment as long as memory lets them be: they have
//! the same rights, or lie on one page.
//!
//! ```text
//! .interp .dynsym …   R     LOAD with the file's headers
//! .init .text         R E   LOAD on pages of its own (-z separate-code)
//! .rodata .eh_frame   R     LOAD
//! .got .data .bss     RW    LOAD
//! ```

use libelf::raw::{
    PF_R, PF_W, PF_X, PT_DYNAMIC, PT_GNU_EH_FRAME, PT_GNU_PROPERTY, PT_GNU_RELRO, PT_GNU_STACK,
    PT_INTERP, PT_LOAD, PT_NOTE, PT_PHDR, PT_TLS, ProgramType, SHF_ALLOC, SHF_EXECINSTR, SHF_TLS,
    SHF_WRITE, SHT_NOBITS, SHT_NOTE,
};

use super::{OutputSection, Segment};
use crate::script::expr::operate::align;

/// A segment, by the sections that it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    /// `p_type`
    pub kind: ProgramType,
    /// `p_flags`, if they are not left to the sections.
    pub flags: Option<u32>,
    /// `p_paddr`, if it is not left to the sections.
    pub load_addr: Option<u64>,
    /// Whether the ELF header is in it.
    pub has_file_header: bool,
    /// Whether the program headers are in it.
    pub has_program_headers: bool,
    /// Its sections, as indexes in the list of output sections; in order.
    pub sections: Vec<u32>,
    /// `p_align`, if it is not left to the sections.
    pub align: Option<u64>,
    /// `p_memsz`, where there are no sections to tell it.
    pub size: u64,
    /// The range of addresses, where that and not the sections tell it.
    pub range: Option<(u64, u64)>,
}

impl Mapped {
    fn of(kind: ProgramType) -> Self {
        Self { kind, ..Self::default() }
    }
}

/// The program writes to what it executes, and OpenBSD is to let it.
const PT_OPENBSD_WXNEEDED: ProgramType = ProgramType(0x65a3_dbe7);

/// What the automatic choice of segments depends on.
#[derive(Clone, Copy, Debug)]
pub struct Mapping {
    /// What segments are aligned to, in bytes.
    pub max_page: u64,
    /// The size of an address, in bytes.
    pub word: u64,
    /// Whether the file is paged: not with `-n`, `-N`.
    pub is_paged: bool,
    /// `-z separate-code`
    pub separates_code: bool,
    /// Bytes of the ELF header and of the program headers, as the layout assumed them.
    pub headers: u64,
    /// Whether the script asked how large they are.
    pub has_room_for_headers: bool,
    /// The memory that is read-only after relocation.
    pub relro: Option<(u64, u64)>,
    /// The rights and the size of the stack, where a header says so.
    pub stack: Option<(u32, u64)>,
    /// `-z wxneeded`
    pub wx_needed: bool,
}

fn has(section: &OutputSection, flag: u64) -> bool {
    section.flags & flag != 0
}

/// Whether the section takes no memory where it lies: each thread has its own copy.
pub fn is_tls_zeros(section: &OutputSection) -> bool {
    section.kind == SHT_NOBITS && has(section, SHF_TLS.0)
}

/// Chooses the segments for these sections.
pub fn map(sections: &[OutputSection], mapping: &Mapping) -> Vec<Mapped> {
    let mut segments = Vec::new();
    let named = |name: &[u8]| {
        let found = (0..).zip(sections).find(|(_, section)| {
            section.name == name && has(section, SHF_ALLOC.0) && section.kind != SHT_NOBITS
        });
        found.map(|(index, _)| index)
    };
    let mut loads = loads(sections, mapping);
    let have_room = loads.first().is_some_and(|load| holds_headers(load, sections, mapping));
    // Code stands alone, but on the first page of all.
    let is_apart = mapping.separates_code
        && first_section(&loads, sections).is_some_and(|first| {
            has(first, SHF_EXECINSTR.0) && first.load_addr >= mapping.max_page
        });
    // Where there is no room on its page, they may take one before it.
    let before = (have_room || mapping.has_room_for_headers)
        .then(|| headers_alone(&loads, sections, mapping))
        .flatten();
    let has_headers = (have_room || before.is_some()) && !is_apart;
    if let Some(interp) = named(b".interp") {
        let headers =
            Mapped { has_program_headers: true, flags: Some(PF_R.0), ..Mapped::of(PT_PHDR) };
        if has_headers {
            segments.push(headers);
        }
        segments.push(Mapped { sections: vec![interp], ..Mapped::of(PT_INTERP) });
    }
    if has_headers && let Some(first) = loads.first_mut() {
        first.has_file_header = true;
        first.has_program_headers = true;
    } else if let Some(headers) = before {
        loads.insert(0, headers);
    }
    segments.append(&mut loads);
    if let Some(dynamic) = named(b".dynamic") {
        segments.push(Mapped { sections: vec![dynamic], ..Mapped::of(PT_DYNAMIC) });
    }
    segments.extend(notes(sections));
    let is_tls = |section: &OutputSection| has(section, SHF_TLS.0);
    let tls: Vec<u32> =
        (0..).zip(sections).filter(|(_, section)| is_tls(section)).map(|it| it.0).collect();
    if !tls.is_empty() {
        segments.push(Mapped { sections: tls, flags: Some(PF_R.0), ..Mapped::of(PT_TLS) });
    }
    if let Some(property) = named(b".note.gnu.property") {
        segments.push(Mapped { sections: vec![property], ..Mapped::of(PT_GNU_PROPERTY) });
    }
    if let Some(frames) = named(b".eh_frame_hdr") {
        segments.push(Mapped { sections: vec![frames], ..Mapped::of(PT_GNU_EH_FRAME) });
    }
    if let Some((flags, size)) = mapping.stack {
        /// What GNU ld says of the stack's alignment, in bytes.
        const STACK_ALIGN: u64 = 16;
        let stack =
            Mapped { flags: Some(flags), align: Some(STACK_ALIGN), size, ..Mapped::default() };
        segments.push(Mapped { kind: PT_GNU_STACK, ..stack });
    }
    segments.extend(relro(sections, mapping));
    if mapping.wx_needed {
        let flags = Some(PF_X.0);
        segments.push(Mapped { flags, ..Mapped::of(PT_OPENBSD_WXNEEDED) });
    }
    segments
}

/// Whether the first segment starts early enough on its page for the headers to stand before it.
fn holds_headers(load: &Mapped, sections: &[OutputSection], mapping: &Mapping) -> bool {
    let Some(first) = load.sections.first().and_then(|&first| sections.get(first as usize)) else {
        return false;
    };
    mapping.is_paged
        && first.addr % mapping.max_page.max(1) >= mapping.headers % mapping.max_page.max(1)
        && first.load_addr >= mapping.headers
}

fn first_section<'s, 'a>(
    loads: &[Mapped],
    sections: &'s [OutputSection<'a>],
) -> Option<&'s OutputSection<'a>> {
    let first = loads.first()?.sections.first()?;
    sections.get(*first as usize)
}

/// Headers that there is room for have a segment of their own if the first section does not lie on
/// their page, or is code.
fn headers_alone(
    loads: &[Mapped],
    sections: &[OutputSection],
    mapping: &Mapping,
) -> Option<Mapped> {
    if !mapping.is_paged {
        return None;
    }
    let first = loads.first().and_then(|load| load.sections.first());
    let first = sections.get(*first? as usize)?;
    let page = mapping.max_page.max(1);
    let addr = first.addr.checked_sub(mapping.headers)? & !(page - 1);
    // As GNU ld does: the page before that of the first section.
    let load_addr = (first.load_addr & !(page - 1)).saturating_sub(page);
    Some(Mapped {
        flags: Some(PF_R.0),
        load_addr: Some(load_addr),
        has_file_header: true,
        has_program_headers: true,
        align: Some(page),
        range: Some((addr, addr.wrapping_add(mapping.headers))),
        ..Mapped::of(PT_LOAD)
    })
}

fn loads(sections: &[OutputSection], mapping: &Mapping) -> Vec<Mapped> {
    let mut loads: Vec<Mapped> = Vec::new();
    let mut rights = Rights::default();
    let mut last: Option<&OutputSection> = None;
    for index in by_load_address(sections) {
        let Some(section) = sections.get(index as usize) else { continue };
        let starts = last.is_none_or(|last| starts_segment(last, section, rights, mapping));
        if starts {
            loads.push(Mapped { align: None, ..Mapped::of(PT_LOAD) });
            rights = Rights::default();
        }
        rights.add(section);
        if let Some(load) = loads.last_mut() {
            load.sections.push(index);
        }
        if !is_tls_zeros(section) || last.is_none() {
            last = Some(section);
        }
    }
    loads
}

/// The sections in memory in the order of load addresses; of those at one, what takes no bytes in
/// the file comes behind what does, unless it is empty.
pub fn by_load_address(sections: &[OutputSection]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..)
        .zip(sections)
        .filter(|(_, section)| has(section, SHF_ALLOC.0))
        .map(|(index, _)| index)
        .collect();
    order.sort_by_key(|&index| {
        let section = sections.get(index as usize);
        section.map(|it| {
            let is_last = it.kind == SHT_NOBITS && it.size > 0 && !is_tls_zeros(it);
            (it.load_addr, it.addr, is_last)
        })
    });
    order
}

/// What the sections of a segment need so far.
#[derive(Clone, Copy, Debug, Default)]
struct Rights {
    is_writable: bool,
    is_code: bool,
}

impl Rights {
    fn add(&mut self, section: &OutputSection) {
        self.is_writable |= has(section, SHF_WRITE.0);
        self.is_code |= has(section, SHF_EXECINSTR.0);
    }
}

/// Whether `section` cannot be in the segment that `last` ends.
fn starts_segment(
    last: &OutputSection,
    section: &OutputSection,
    rights: Rights,
    mapping: &Mapping,
) -> bool {
    let bias = |section: &OutputSection| section.load_addr.wrapping_sub(section.addr);
    let end = last.load_addr.wrapping_add(last.size);
    if bias(last) != bias(section) || section.load_addr < end {
        return true;
    }
    let page = mapping.max_page.max(1);
    let skips_pages = align(end, page) < section.load_addr & !(page - 1);
    if skips_pages {
        return true;
    }
    let page = if mapping.is_paged { page } else { 1 };
    let is_on_later_page = align(end, page) <= section.load_addr;
    if last.kind == SHT_NOBITS && section.kind != SHT_NOBITS && is_on_later_page {
        return true;
    }
    // What is not paged is read into memory as a whole.
    if !mapping.is_paged {
        return false;
    }
    let is_code = has(section, SHF_EXECINSTR.0);
    if mapping.separates_code && rights.is_code != is_code && is_on_later_page {
        return true;
    }
    !rights.is_writable && has(section, SHF_WRITE.0) && is_on_later_page
}

/// Notes that follow one another with equal alignment are one segment.
fn notes(sections: &[OutputSection]) -> Vec<Mapped> {
    let mut notes: Vec<Mapped> = Vec::new();
    let mut last: Option<&OutputSection> = None;
    for (index, section) in (0..).zip(sections) {
        let is_note = section.kind == SHT_NOTE && has(section, SHF_ALLOC.0);
        if !is_note {
            last = None;
            continue;
        }
        let joins = last.is_some_and(|last| {
            last.align == section.align
                && align(last.load_addr.wrapping_add(last.size), section.align) == section.load_addr
        });
        match notes.last_mut() {
            Some(note) if joins => note.sections.push(index),
            _ => notes.push(Mapped { sections: vec![index], ..Mapped::of(PT_NOTE) }),
        }
        last = Some(section);
    }
    notes
}

fn relro(sections: &[OutputSection], mapping: &Mapping) -> Option<Mapped> {
    let (start, end) = mapping.relro?;
    let inside: Vec<u32> = (0..)
        .zip(sections)
        .filter(|(_, section)| {
            has(section, SHF_ALLOC.0)
                && section.size > 0
                && section.addr >= start
                && section.addr < end
                && section.kind != SHT_NOBITS
        })
        .map(|(index, _)| index)
        .collect();
    let first = sections.get(*inside.first()? as usize)?;
    Some(Mapped {
        sections: inside,
        flags: Some(PF_R.0),
        align: Some(1),
        range: Some((first.addr, end)),
        ..Mapped::of(PT_GNU_RELRO)
    })
}

/// The rights that these sections need.
pub fn rights<'s>(sections: impl Iterator<Item = &'s OutputSection<'s>>) -> u32 {
    sections.fold(PF_R.0, |flags, section| {
        let write = if has(section, SHF_WRITE.0) { PF_W.0 } else { 0 };
        let execute = if has(section, SHF_EXECINSTR.0) { PF_X.0 } else { 0 };
        flags | write | execute
    })
}

/// Fills in what a segment's sections tell, once they have their places in the file.
pub fn header(
    mapped: &Mapped,
    sections: &[OutputSection],
    mapping: &Mapping,
    file_header: u64,
) -> Segment {
    let mine: Vec<&OutputSection> =
        mapped.sections.iter().filter_map(|&index| sections.get(index as usize)).collect();
    let flags = mapped.flags.unwrap_or_else(|| rights(mine.iter().copied()));
    let mut segment = Segment { kind: mapped.kind, flags, size: mapped.size, ..Segment::default() };
    let aligns = mine.iter().map(|section| section.align).max().unwrap_or(0);
    segment.align = mapped.align.unwrap_or(match mapped.kind {
        PT_LOAD if mapping.is_paged => mapping.max_page.max(aligns),
        _ => aligns,
    });
    let Some(first) = mine.first() else {
        if let Some((start, end)) = mapped.range {
            segment.addr = start;
            segment.load_addr = mapped.load_addr.unwrap_or(start);
            segment.file_size = end.wrapping_sub(start);
            segment.size = segment.file_size;
        } else {
            // What a script asks for and gives nothing to.
            let own = if mapped.has_program_headers { PF_R.0 } else { 0 };
            segment.flags = mapped.flags.unwrap_or(own);
            segment.align = mapped.align.unwrap_or(match mapped.kind {
                PT_LOAD => mapping.max_page,
                _ => mapping.word,
            });
            segment.offset = if mapped.kind == PT_LOAD { mapping.headers } else { 0 };
        }
        return segment;
    };
    segment.offset = first.offset;
    segment.addr = first.addr;
    segment.load_addr = first.load_addr;
    // The headers stand at the start of the file.
    let before = match (mapped.has_file_header, mapped.has_program_headers) {
        (true, _) => first.offset,
        (false, true) => first.offset.saturating_sub(file_header),
        (false, false) => 0,
    };
    segment.offset = segment.offset.wrapping_sub(before);
    segment.addr = segment.addr.wrapping_sub(before);
    segment.load_addr = segment.load_addr.wrapping_sub(before);
    let is_tls = mapped.kind == PT_TLS;
    for section in &mine {
        let end = section.addr.wrapping_add(section.size).wrapping_sub(segment.addr);
        if section.kind != SHT_NOBITS {
            segment.file_size = segment.file_size.max(end);
        }
        if is_tls || !is_tls_zeros(section) {
            segment.size = segment.size.max(end);
        }
    }
    if let Some((start, end)) = mapped.range {
        segment.file_size = end.wrapping_sub(start);
        segment.size = segment.file_size;
    }
    if mapped.kind == PT_LOAD && mapping.is_paged && segment.file_size == 0 {
        // Where it would lie on its page.
        segment.offset &= mapping.max_page.max(1) - 1;
    }
    if let Some(load_addr) = mapped.load_addr {
        segment.load_addr = load_addr;
    }
    segment
}

/// The program headers' own segment lies in that which holds them.
pub fn settle_program_headers(
    segments: &mut [Segment],
    mapped: &[Mapped],
    file_header: u64,
    size: u64,
    word: u64,
) {
    let holder = segments
        .iter()
        .zip(mapped)
        .find(|(segment, mapped)| segment.kind == PT_LOAD && mapped.has_program_headers);
    let Some((holder, has_file_header)) =
        holder.map(|(segment, mapped)| (*segment, mapped.has_file_header))
    else {
        return;
    };
    let skipped = if has_file_header { file_header } else { 0 };
    for segment in segments.iter_mut().filter(|segment| segment.kind == PT_PHDR) {
        segment.offset = file_header;
        segment.addr = holder.addr.wrapping_add(skipped);
        segment.load_addr = holder.load_addr.wrapping_add(skipped);
        segment.file_size = size;
        segment.size = size;
        segment.align = word;
    }
}

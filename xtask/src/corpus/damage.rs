//! Sound files with one thing changed in them: a field of a section header, of a program header, of
//! a dynamic entry or of a table. Each stands for a rule of what a reader does with such a file.
//!
//! What is changed is found by its type, so that the files stay right when a compiler lays out its
//! output in another way. All are 64-bit and little-endian.

use ::tests::corpus::Subset;
use anyhow::{Context, Result};

use super::step::{Folder, Step};

/// Where something is changed, and to what.
#[derive(Clone, Copy)]
enum Change {
    /// A field of the ELF header, at this offset.
    Header(usize, &'static [u8]),
    /// A field of the header of the first section of this type.
    Section(u32, SectionField, u64),
    /// A field of the first program header of this type.
    Segment(u32, SegmentField, u64),
    /// The value of the dynamic entry with this tag.
    Value(u64, u64),
    /// The tag of the dynamic entry with this tag.
    Tag(u64, u64),
    /// Bytes so far into the first section of this type.
    Contents(u32, usize, &'static [u8]),
}

/// Fields of a section header, by their offsets in it.
#[derive(Clone, Copy)]
enum SectionField {
    Type = 4,
    Flags = 8,
    Offset = 24,
    Size = 32,
    Link = 40,
    Info = 44,
    EntrySize = 56,
}

impl SectionField {
    fn size(self) -> usize {
        if matches!(self, Self::Type | Self::Link | Self::Info) { 4 } else { 8 }
    }
}

/// Fields of a program header, by their offsets in it.
#[derive(Clone, Copy)]
enum SegmentField {
    Type = 0,
    Offset = 8,
    Address = 16,
    FileSize = 32,
    MemorySize = 40,
}

impl SegmentField {
    fn size(self) -> usize {
        if matches!(self, Self::Type) { 4 } else { 8 }
    }
}

const PROGBITS: u32 = 1;
const SYMTAB: u32 = 2;
const STRTAB: u32 = 3;
const RELA: u32 = 4;
const HASH: u32 = 5;
const DYNAMIC: u32 = 6;
const NOTE: u32 = 7;
const NOBITS: u32 = 8;
const DYNSYM: u32 = 11;
const GROUP: u32 = 17;
const GNU_HASH: u32 = 0x6fff_fff6;
const VERDEF: u32 = 0x6fff_fffd;
const VERNEED: u32 = 0x6fff_fffe;
const VERSYM: u32 = 0x6fff_ffff;

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_INTERP: u32 = 3;
const PT_NOTE: u32 = 4;
const PT_PHDR: u32 = 6;

const DT_STRTAB: u64 = 5;
const DT_SYMTAB: u64 = 6;
const DT_STRSZ: u64 = 10;
const DT_SYMENT: u64 = 11;
const DT_GNU_HASH: u64 = 0x6fff_fef5;

/// Far beyond the end of any of the files.
const FAR: u64 = 1 << 40;

/// What is made of a kind of file: the name that a file gets, and what is changed in it.
type Recipes = &'static [(&'static str, &'static [Change])];

/// What is made of an object file.
#[rustfmt::skip]
const OBJECTS: Recipes = &[
    ("phentsize-0", &[Change::Header(54, &[0, 0]), Change::Header(56, &[1, 0])]),
    ("shentsize-0", &[Change::Header(58, &[0, 0])]),
    ("shnum-1", &[Change::Header(60, &[1, 0])]),
    ("link-huge", &[Change::Section(PROGBITS, SectionField::Link, 0x7fff_ffff)]),
    ("info-link", &[Change::Section(PROGBITS, SectionField::Flags, 0x46)]),
    ("all-flags", &[Change::Section(PROGBITS, SectionField::Flags, u64::MAX)]),
    ("relocs-far", &[Change::Section(RELA, SectionField::Offset, FAR)]),
    ("relocs-size-odd", &[Change::Section(RELA, SectionField::Size, 25)]),
    ("relocs-link-1", &[Change::Section(RELA, SectionField::Link, 1)]),
    ("relocs-link-huge", &[Change::Section(RELA, SectionField::Link, 1000)]),
    ("symbols-none", &[Change::Section(SYMTAB, SectionField::Size, 0)]),
    ("symbols-few", &[Change::Section(SYMTAB, SectionField::Size, 5)]),
    ("symbols-far", &[Change::Section(SYMTAB, SectionField::Offset, FAR)]),
    ("symbols-size-huge", &[Change::Section(SYMTAB, SectionField::Size, u64::MAX)]),
    ("symbols-entsize-1", &[Change::Section(SYMTAB, SectionField::EntrySize, 1)]),
    ("symbols-link-huge", &[Change::Section(SYMTAB, SectionField::Link, 1000)]),
    ("symbols-info-0", &[Change::Section(SYMTAB, SectionField::Info, 0)]),
    ("symbols-info-0-solaris",
        &[Change::Section(SYMTAB, SectionField::Info, 0), Change::Header(7, &[6])]),
    ("symbol-other-7", &[Change::Contents(SYMTAB, 5, &[7]), Change::Header(7, &[6])]),
    ("symbol-section-bad", &[Change::Contents(SYMTAB, 30, &[0xf0, 0xfe])]),
    ("strings-none", &[Change::Section(STRTAB, SectionField::Size, 0)]),
    ("strings-far", &[Change::Section(STRTAB, SectionField::Offset, FAR)]),
    ("strings-endless", &[Change::Section(STRTAB, SectionField::Size, u64::MAX)]),
    ("compressed-at-end", &[
        Change::Section(PROGBITS, SectionField::Flags, 0x800),
        Change::Section(PROGBITS, SectionField::Offset, FAR),
    ]),
];

/// What is made of an object file with section groups.
const GROUPS: Recipes = &[
    ("group-of-section-1", &[Change::Contents(GROUP, 4, &[1, 0, 0, 0])]),
    ("group-of-none", &[Change::Contents(GROUP, 4, &[0xff, 0xff, 0xff, 0xff])]),
    ("group-flags", &[Change::Contents(GROUP, 0, &[0xff, 0xff, 0xff, 0xff])]),
    ("group-link-0", &[Change::Section(GROUP, SectionField::Link, 0)]),
    ("group-info-huge", &[Change::Section(GROUP, SectionField::Info, u64::MAX)]),
    ("group-size-2", &[Change::Section(GROUP, SectionField::Size, 2)]),
    ("groups-headers-far", &[Change::Header(40, &[0, 0, 0, 1])]),
];

/// What is made of a program or a shared library.
#[rustfmt::skip]
const LINKED: Recipes = &[
    ("phdr-far", &[Change::Segment(PT_PHDR, SegmentField::Offset, FAR)]),
    ("phdr-elsewhere", &[Change::Segment(PT_PHDR, SegmentField::Address, FAR)]),
    ("phdr-large", &[Change::Segment(PT_PHDR, SegmentField::FileSize, 0x1_0000)]),
    ("interpreter-none", &[Change::Segment(PT_INTERP, SegmentField::FileSize, 0)]),
    ("interpreter-far", &[Change::Segment(PT_INTERP, SegmentField::Offset, FAR)]),
    ("load-large", &[Change::Segment(PT_LOAD, SegmentField::FileSize, FAR)]),
    ("load-no-memory", &[Change::Segment(PT_LOAD, SegmentField::MemorySize, 0)]),
    ("load-elsewhere", &[Change::Segment(PT_LOAD, SegmentField::Address, FAR)]),
    ("load-none", &[Change::Segment(PT_LOAD, SegmentField::Type, 0)]),
    ("load-note", &[Change::Segment(PT_LOAD, SegmentField::Type, PT_NOTE as u64)]),
    ("dynamic-far", &[Change::Segment(PT_DYNAMIC, SegmentField::Offset, FAR)]),
    ("dynamic-far-alone", &[
        Change::Segment(PT_DYNAMIC, SegmentField::Offset, FAR),
        Change::Section(DYNAMIC, SectionField::Size, 0),
    ]),
    ("dynamic-at-0", &[
        Change::Segment(PT_DYNAMIC, SegmentField::Offset, 0),
        Change::Section(DYNAMIC, SectionField::Offset, 0),
    ]),
    ("dynamic-wraps", &[Change::Segment(PT_DYNAMIC, SegmentField::FileSize, u64::MAX)]),
    ("dynamic-shifted", &[Change::Section(DYNAMIC, SectionField::Offset, 0x40)]),
    ("dynamic-size-0", &[Change::Section(DYNAMIC, SectionField::Size, 0)]),
    ("dynamic-size-1", &[Change::Section(DYNAMIC, SectionField::Size, 1)]),
    ("dynamic-size-2", &[Change::Section(DYNAMIC, SectionField::Size, 2)]),
    ("dynamic-size-16", &[Change::Section(DYNAMIC, SectionField::Size, 16)]),
    ("dynamic-nobits", &[Change::Section(DYNAMIC, SectionField::Type, NOBITS as u64)]),
    ("dynsym-none", &[Change::Section(DYNSYM, SectionField::Size, 0)]),
    ("dynsym-far", &[Change::Section(DYNSYM, SectionField::Offset, FAR)]),
    ("dynsym-moved", &[
        Change::Section(DYNSYM, SectionField::Size, 0),
        Change::Value(DT_SYMTAB, 0x10),
    ]),
    ("dynsym-elsewhere", &[
        Change::Section(DYNSYM, SectionField::Size, 0),
        Change::Value(DT_SYMTAB, FAR),
    ]),
    ("dynsym-entsize-4", &[
        Change::Section(DYNSYM, SectionField::Size, 0),
        Change::Value(DT_SYMENT, 4),
    ]),
    ("dynsym-no-entsize", &[
        Change::Section(DYNSYM, SectionField::Size, 0),
        Change::Tag(DT_SYMENT, 0x1c),
    ]),
    ("dynsym-load-large", &[
        Change::Section(DYNSYM, SectionField::Size, 0),
        Change::Segment(PT_LOAD, SegmentField::FileSize, FAR),
    ]),
    ("dynstr-far", &[Change::Section(STRTAB, SectionField::Offset, FAR)]),
    ("dynstr-no-size", &[
        Change::Section(STRTAB, SectionField::Offset, FAR),
        Change::Value(DT_STRSZ, 0),
    ]),
    ("dynstr-size-huge", &[
        Change::Section(STRTAB, SectionField::Offset, FAR),
        Change::Value(DT_STRSZ, FAR),
    ]),
    ("dynstr-elsewhere", &[
        Change::Section(STRTAB, SectionField::Offset, FAR),
        Change::Value(DT_STRTAB, FAR),
    ]),
    ("dynstr-twice", &[
        Change::Section(STRTAB, SectionField::Offset, FAR),
        Change::Tag(DT_GNU_HASH, DT_STRTAB),
    ]),
    ("hash-no-buckets", &[Change::Contents(HASH, 0, &[0; 4])]),
    ("hash-many-buckets", &[Change::Contents(HASH, 0, &[0xff; 4])]),
    ("hash-many-chains", &[Change::Contents(HASH, 4, &[0xff; 4])]),
    ("hash-few-chains", &[Change::Contents(HASH, 4, &[1, 0, 0, 0])]),
    ("hash-circle", &[Change::Contents(HASH, 8, &[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0])]),
    ("gnu-hash-no-buckets", &[Change::Contents(GNU_HASH, 0, &[0; 4])]),
    ("gnu-hash-many-buckets", &[Change::Contents(GNU_HASH, 0, &[0xff; 4])]),
    ("gnu-hash-first-0", &[Change::Contents(GNU_HASH, 4, &[0; 4])]),
    ("gnu-hash-bloom-large", &[Change::Contents(GNU_HASH, 8, &[0, 0, 0, 8])]),
    ("gnu-hash-elsewhere", &[Change::Value(DT_GNU_HASH, FAR)]),
    ("versym-link-huge", &[Change::Section(VERSYM, SectionField::Link, 1000)]),
    ("versym-far", &[Change::Section(VERSYM, SectionField::Offset, FAR)]),
    ("versym-size-odd", &[Change::Section(VERSYM, SectionField::Size, 5)]),
    ("versym-unknown", &[Change::Contents(VERSYM, 2, &[9, 0, 9, 0x80, 9, 0, 9, 0])]),
    ("verneed-next-far", &[Change::Contents(VERNEED, 12, &[0, 0, 0, 1])]),
    ("verneed-aux-far", &[Change::Contents(VERNEED, 8, &[0, 0, 0, 1])]),
    ("verneed-circle", &[Change::Contents(VERNEED, 12, &[0, 0, 0, 0x80])]),
    ("verneed-info-huge", &[Change::Section(VERNEED, SectionField::Info, u64::MAX)]),
    ("verdef-aux-far", &[Change::Contents(VERDEF, 12, &[0, 0, 0, 1])]),
    ("verdef-next-far", &[Change::Contents(VERDEF, 16, &[0, 0, 0, 1])]),
    ("verdef-size-4", &[Change::Section(VERDEF, SectionField::Size, 4)]),
    ("note-name-huge", &[Change::Contents(NOTE, 0, &[0xff; 4])]),
    ("note-contents-huge", &[Change::Contents(NOTE, 4, &[0xff; 4])]),
    ("section-endless", &[Change::Section(NOBITS, SectionField::Size, u64::MAX)]),
];

/// The only step.
pub fn steps() -> Vec<Step> {
    vec![Step::new("made/damage", Subset::Ci, "1", make)]
}

fn make(folder: &mut Folder) -> Result<()> {
    let bases: &[(&str, Recipes)] = &[
        ("plain.o", OBJECTS),
        ("clang-sections.o", GROUPS),
        ("libversions.so", LINKED),
        ("libboth.so", LINKED),
        ("user.exe", LINKED),
    ];
    let made = folder.path.parent().context("a parent")?.join("x86_64");
    for (base, changes) in bases {
        let bytes = std::fs::read(made.join(base))?;
        for (name, changes) in *changes {
            // A base that lacks what is to be changed makes no file.
            if let Some(changed) = damaged(&bytes, changes) {
                folder.write(Subset::Ci, &format!("{name}.{base}"), &changed)?;
            }
        }
    }
    Ok(())
}

/// A copy of `bytes` with all these changes, if each finds its place.
fn damaged(bytes: &[u8], changes: &[Change]) -> Option<Vec<u8>> {
    let mut copy = bytes.to_vec();
    for change in changes {
        let (at, new) = place(bytes, *change)?;
        copy.get_mut(at..at.checked_add(new.len())?)?.copy_from_slice(&new);
    }
    Some(copy)
}

/// Where a change takes place, and the bytes that it puts there.
fn place(bytes: &[u8], change: Change) -> Option<(usize, Vec<u8>)> {
    let number = |value: u64, size: usize| value.to_le_bytes().get(..size).map(<[u8]>::to_vec);
    match change {
        Change::Header(at, new) => Some((at, new.to_vec())),
        Change::Section(kind, field, value) => {
            Some((section(bytes, kind)?.checked_add(field as usize)?, number(value, field.size())?))
        }
        Change::Segment(kind, field, value) => {
            Some((segment(bytes, kind)?.checked_add(field as usize)?, number(value, field.size())?))
        }
        Change::Value(tag, value) => {
            Some((dynamic_entry(bytes, tag)?.checked_add(8)?, number(value, 8)?))
        }
        Change::Tag(tag, value) => Some((dynamic_entry(bytes, tag)?, number(value, 8)?)),
        Change::Contents(kind, at, new) => {
            let header = section(bytes, kind)?;
            let size = read(bytes, header.checked_add(SectionField::Size as usize)?, 8)?;
            if size < at.checked_add(new.len())? {
                return None;
            }
            let start = read(bytes, header.checked_add(SectionField::Offset as usize)?, 8)?;
            Some((start.checked_add(at)?, new.to_vec()))
        }
    }
}

/// Where the header of the first section of this type is.
fn section(bytes: &[u8], kind: u32) -> Option<usize> {
    first_of(bytes, (40, 60), 64, (SectionField::Type as usize, kind))
}

/// Where the first program header of this type is.
fn segment(bytes: &[u8], kind: u32) -> Option<usize> {
    first_of(bytes, (32, 56), 56, (SegmentField::Type as usize, kind))
}

/// The first header of a table with this type. `(offset, count)` are the fields of the ELF header
/// that tell of the table, `stride` is the size of a header in it.
fn first_of(
    bytes: &[u8],
    (offset, count): (usize, usize),
    stride: usize,
    (type_at, kind): (usize, u32),
) -> Option<usize> {
    let start = read(bytes, offset, 8)?;
    (0..read(bytes, count, 2)?)
        .filter_map(|index| start.checked_add(index.checked_mul(stride)?))
        .find(|&at| read(bytes, at + type_at, 4) == usize::try_from(kind).ok())
}

/// Where the first dynamic entry with this tag is.
fn dynamic_entry(bytes: &[u8], tag: u64) -> Option<usize> {
    let header = section(bytes, DYNAMIC)?;
    let start = read(bytes, header.checked_add(SectionField::Offset as usize)?, 8)?;
    let size = read(bytes, header.checked_add(SectionField::Size as usize)?, 8)?;
    (start..start.checked_add(size)?)
        .step_by(16)
        .find(|&at| read(bytes, at, 8) == usize::try_from(tag).ok())
}

/// The little-endian number of `size` bytes at `at`.
fn read(bytes: &[u8], at: usize, size: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(size)?)?;
    let number = field.iter().rev().fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with one section header, of a dynamic section with one entry, and one program header.
    fn sample() -> Vec<u8> {
        let mut bytes = vec![0; 64 + 64 + 56 + 16];
        bytes[40] = 64;
        bytes[60] = 1;
        bytes[32] = 128;
        bytes[56] = 1;
        bytes[64 + 4] = 6;
        bytes[64 + 24] = 184;
        bytes[64 + 32] = 16;
        bytes[128] = 1;
        bytes[184] = 5;
        bytes
    }

    #[test]
    fn changes_find_their_places() {
        let at = |change| place(&sample(), change).map(|(at, new)| (at, new.len()));
        assert_eq!(at(Change::Section(DYNAMIC, SectionField::Link, 1)), Some((64 + 40, 4)));
        assert_eq!(at(Change::Segment(PT_LOAD, SegmentField::Offset, 1)), Some((128 + 8, 8)));
        assert_eq!(at(Change::Value(DT_STRTAB, 1)), Some((192, 8)));
        assert_eq!(at(Change::Tag(DT_STRTAB, 1)), Some((184, 8)));
        assert_eq!(at(Change::Contents(DYNAMIC, 8, &[1])), Some((192, 1)));
        assert_eq!(at(Change::Contents(DYNAMIC, 16, &[1])), None);
        assert_eq!(at(Change::Section(SYMTAB, SectionField::Link, 1)), None);
    }

    #[test]
    fn a_change_without_a_place_makes_no_file() {
        let sound = Change::Value(DT_STRTAB, 0x1234);
        let changed = damaged(&sample(), &[sound]).unwrap();
        assert_eq!(changed[192..194], [0x34, 0x12]);
        assert!(damaged(&sample(), &[sound, Change::Tag(DT_SYMTAB, 0)]).is_none());
    }
}

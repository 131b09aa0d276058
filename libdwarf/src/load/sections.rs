//! The debugging sections of one file: found by name, unpacked and relocated when they are asked
//! for, once.

use std::borrow::Cow;
use std::sync::OnceLock;

use gimli::{EndianSlice, RunTimeEndian};
use libelf::compress::{self, Limits};
use libelf::raw::ET_REL;
use libelf::{File, SectionHeader};

use super::Backing;
use super::relocate::Relocator;
use crate::section::SectionId;

/// Bytes of a section as `gimli` reads them.
pub type Slice<'data> = EndianSlice<'data, RunTimeEndian>;
/// A file as `gimli` reads it.
pub type Dwarf<'data> = gimli::Dwarf<Slice<'data>>;

/// Those that the search for functions and lines reads.
pub const FOR_LOOKUP: &[SectionId] = &[
    SectionId::Abbrev,
    SectionId::Addr,
    SectionId::Aranges,
    SectionId::Info,
    SectionId::Line,
    SectionId::LineStr,
    SectionId::Ranges,
    SectionId::Rnglists,
    SectionId::Str,
    SectionId::StrOffsets,
    SectionId::Types,
];

/// The debugging sections of a file.
#[derive(Debug)]
pub struct Sections<'data> {
    file: File<'data>,
    backing: &'data Backing,
    /// Where sections of each kind are, by section index in the order of the file.
    found: Vec<(SectionId, u32, SectionHeader)>,
    loaded: Vec<OnceLock<&'data [u8]>>,
    relocator: Option<Relocator<'data>>,
}

impl<'data> Sections<'data> {
    /// The sections of `file`. Nothing is read but the section headers and their names; what has
    /// to be unpacked or relocated later is kept in `backing`.
    pub fn new(file: File<'data>, backing: &'data Backing) -> Self {
        let found = find(&file).unwrap_or_default();
        let relocator =
            (file.header().kind == ET_REL).then(|| Relocator::new(file, &found)).flatten();
        let loaded = SectionId::ALL.iter().map(|_| OnceLock::new()).collect();
        Self { file, backing, found, loaded, relocator }
    }

    /// The file.
    pub fn file(&self) -> &File<'data> {
        &self.file
    }

    /// Whether the file has such a section, with bytes in it.
    pub fn has(&self, id: SectionId) -> bool {
        self.found.iter().any(|(other, _, header)| *other == id && has_bytes(header))
    }

    /// The contents of a section as they are after unpacking and relocation; empty if there is
    /// none, or one that cannot be read. Several sections of one name, as compilers make them for
    /// type units of relocatable files, are one after the other.
    pub fn get(&self, id: SectionId) -> &'data [u8] {
        let Some(slot) = self.loaded.get(id as usize) else { return &[] };
        slot.get_or_init(|| self.load(id))
    }

    /// The address at which `offset` of the section with this index is found here: sections of
    /// relocatable files have none of their own, and lie where no two overlap.
    pub fn address_of(&self, section: u32, offset: u64) -> Option<u64> {
        if let Some(relocator) = &self.relocator {
            return Some(relocator.base(section)?.wrapping_add(offset));
        }
        Some(self.file.section(section).ok()?.addr.wrapping_add(offset))
    }

    /// The sections of `wanted` as `gimli` reads them; all others are empty.
    pub fn dwarf(&self, wanted: &[SectionId]) -> Dwarf<'data> {
        let endian = self.endian();
        let load = |id: gimli::SectionId| -> Result<Slice<'data>, std::convert::Infallible> {
            let ours = SectionId::of_name(id.name().as_bytes());
            let bytes = ours.filter(|id| wanted.contains(id)).map_or(&[][..], |id| self.get(id));
            Ok(EndianSlice::new(bytes, endian))
        };
        match Dwarf::load(load) {
            Ok(dwarf) => dwarf,
            Err(never) => match never {},
        }
    }

    /// The byte order.
    pub fn endian(&self) -> RunTimeEndian {
        if self.file.encoding().is_big_endian() {
            RunTimeEndian::Big
        } else {
            RunTimeEndian::Little
        }
    }

    fn load(&self, id: SectionId) -> &'data [u8] {
        let mut parts = Vec::new();
        for (_, index, header) in self.found.iter().filter(|(other, ..)| *other == id) {
            let part = self.load_one(*index, header);
            // What follows lies where its place was fixed before, which a part that cannot be
            // read would shift.
            let Some(part) = part else { break };
            parts.push(part);
            if self.relocator.is_none() {
                break;
            }
        }
        match parts.len() {
            0 => &[],
            1 => match parts.pop() {
                Some(Cow::Borrowed(bytes)) => bytes,
                Some(Cow::Owned(bytes)) => self.backing.keep_bytes(bytes),
                None => &[],
            },
            _ => self.backing.keep_bytes(parts.concat()),
        }
    }

    fn load_one(&self, index: u32, header: &SectionHeader) -> Option<Cow<'data, [u8]>> {
        if !has_bytes(header) {
            return None;
        }
        let limits = Limits { size: self.backing.left(self.file.data().len()) };
        let mut contents = compress::section_contents(&self.file, header, limits).ok()?;
        if let Some(relocator) = &self.relocator {
            relocator.apply(index, &mut contents);
        }
        if let Cow::Owned(bytes) = &contents {
            self.backing.spend(bytes.len());
        }
        Some(contents)
    }
}

fn has_bytes(header: &SectionHeader) -> bool {
    !header.is_nobits() && header.size != 0
}

/// Where the debugging sections are.
fn find(file: &File<'_>) -> Option<Vec<(SectionId, u32, SectionHeader)>> {
    let names = file.section_names().ok()?;
    let headers = file.section_headers().ok()?;
    let named = |(index, header): (u32, SectionHeader)| {
        let name = names.get_up_to(header.name.into(), LONGEST_NAME)?;
        // Most sections of a file can be told by a letter or two.
        let may_be = matches!(name, [b'.', b'd' | b'z' | b'e' | b'g' | b's' | b't', ..]);
        let id = may_be.then(|| SectionId::of_name(name)).flatten()?;
        Some((id, index, header))
    };
    Some((0..).zip(headers.iter()).filter_map(named).collect())
}

/// Longer than the name of any section that is looked for.
const LONGEST_NAME: usize = 64;

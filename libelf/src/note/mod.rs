//! Notes: small records that tools, the loader and the kernel leave in a file. gABI, chapter 5,
//! "Note Section".
//!
//! A note has an owner (its name), a type that the owner gives a meaning, and a descriptor. Notes
//! lie one behind the other in `SHT_NOTE` sections and, where the loader or a debugger of core
//! files shall see them, in `PT_NOTE` segments:
//!
//! ```text
//! namesz  descsz  type        3 words of 32 bits, in both classes
//! name                        namesz bytes, closing zero byte included
//! (padding)                   up to the alignment of the section
//! descriptor                  descsz bytes
//! (padding)
//! ```
//!
//! The alignment is 4, or 8 where the section or segment says 8, which is how x86-64 and AArch64
//! store `.note.gnu.property`. HP's OpenVMS for IA-64 has 64-bit words instead ([`Format::Vms`]).
//!
//! [`Notes`] iterates over a range of bytes; [`crate::File::notes`] finds the ranges of a file.
//! What a descriptor holds is read by the views of the submodules: [`gnu`] (build-id, ABI tag,
//! properties), [`probe`] (SystemTap's probes), [`core_file`] (threads, memory maps, auxiliary
//! vector; [`freebsd_core`] for FreeBSD's) and [`owner`] (Go, the BSDs, Xen, packaging metadata).
//! All borrow from the file, so that in relocatable files addresses in notes are as stored: see
//! [`crate::reloc_apply`].
//!
//! # Find the build-id
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let data = libelf::map::read(std::env::current_exe()?)?;
//! let file = libelf::File::parse(&data)?;
//! if let Some(id) = file.build_id() {
//!     for byte in id {
//!         print!("{byte:02x}");
//!     }
//!     println!();
//! }
//! # Ok(())
//! # }
//! ```

pub mod core_file;
pub mod freebsd_core;
pub mod gnu;
pub mod owner;
pub mod probe;

use std::ops::Range;

use object::elf::{EM_IA_64, NoteType, OsAbi, PT_NOTE, SHT_NOTE};

use crate::error::{Error, Problem, Result};
use crate::file::File;
use crate::ident::Encoding;

/// `ELFOSABI_OPENVMS`
const OSABI_OPENVMS: OsAbi = OsAbi(13);
/// The name that GNU tools and the GNU C library give their notes.
pub const OWNER_GNU: &[u8] = b"GNU";

/// How the header of a note is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Three 32-bit words, as the gABI has it.
    #[default]
    Standard,
    /// Three 64-bit words, as OpenVMS for IA-64 has it.
    Vms,
}

impl Format {
    /// The format of a file's notes.
    pub fn of(header: &crate::Header) -> Self {
        if header.machine == EM_IA_64 && header.os_abi() == OSABI_OPENVMS {
            Self::Vms
        } else {
            Self::Standard
        }
    }

    /// The size of a header in bytes.
    pub const fn header_size(self) -> usize {
        match self {
            Self::Standard => 12,
            Self::Vms => 24,
        }
    }
}

/// The header of a note, as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoteHeader {
    /// The size of the name in bytes, its closing zero byte included (`n_namesz`).
    pub name_size: u64,
    /// The size of the descriptor in bytes (`n_descsz`).
    pub desc_size: u64,
    /// The type (`n_type`).
    pub kind: u64,
}

/// Where the parts of a note lie, in bytes from the start of the range of notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteLayout {
    /// The name, its closing zero byte included.
    pub name: Range<usize>,
    /// The descriptor.
    pub desc: Range<usize>,
    /// The next note: the end of the descriptor and the padding behind it.
    pub next: usize,
}

impl NoteHeader {
    /// Reads the header that starts `at` bytes into `bytes`; `None` if it does not lie within.
    pub fn decode(bytes: &[u8], at: usize, encoding: Encoding, format: Format) -> Option<Self> {
        let field = |index: usize| match format {
            Format::Standard => encoding.u32(bytes, at.checked_add(index * 4)?).map(u64::from),
            Format::Vms => encoding.u64(bytes, at.checked_add(index * 8)?),
        };
        Some(Self { name_size: field(0)?, desc_size: field(1)?, kind: field(2)? })
    }

    /// The layout of the note whose header starts at `at`; `None` if it, with the padding behind
    /// it, ends past `end`. `align` is 4 or 8; notes of OpenVMS are always padded to 8.
    pub fn layout(
        &self,
        at: usize,
        end: usize,
        align: usize,
        format: Format,
    ) -> Option<NoteLayout> {
        let align = if format == Format::Vms { 8 } else { align };
        let name_start = at.checked_add(format.header_size())?;
        let name_end = name_start.checked_add(usize::try_from(self.name_size).ok()?)?;
        // Padding counts from the start of the note.
        let desc_start = at.checked_add((name_end - at).checked_next_multiple_of(align)?)?;
        let desc_end = desc_start.checked_add(usize::try_from(self.desc_size).ok()?)?;
        let next = at.checked_add((desc_end - at).checked_next_multiple_of(align)?)?;
        (next <= end).then_some(NoteLayout {
            name: name_start..name_end,
            desc: desc_start..desc_end,
            next,
        })
    }
}

/// A note, borrowing from the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note<'data> {
    /// Who gave the type its meaning: the name up to its first zero byte.
    pub name: &'data [u8],
    /// The type, an `NT_` number of the owner.
    pub kind: NoteType,
    /// The descriptor, without padding.
    pub desc: &'data [u8],
    /// The offset of the note's header from the start of the file, in bytes.
    pub offset: u64,
}

impl Note<'_> {
    /// Whether this is the note of `owner` with this type.
    pub fn is(&self, owner: &[u8], kind: NoteType) -> bool {
        self.name == owner && self.kind == kind
    }
}

/// The notes of a range of bytes, in order.
///
/// A note that does not lie within the range ends the iteration with an error, as nothing tells
/// where the next one would start.
#[derive(Clone, Debug)]
pub struct Notes<'data> {
    bytes: &'data [u8],
    encoding: Encoding,
    format: Format,
    align: usize,
    base: u64,
    at: usize,
    done: bool,
}

impl<'data> Notes<'data> {
    /// The notes in `bytes`, which lie `base` bytes into the file. `align` is the `sh_addralign`
    /// of their section or the `p_align` of their segment; below 4, which many files have, it
    /// means 4.
    ///
    /// # Errors
    /// [`Problem::BadValue`] if `align` is neither 4 nor 8.
    pub fn new(
        bytes: &'data [u8],
        encoding: Encoding,
        format: Format,
        align: u64,
        base: u64,
    ) -> Result<Self> {
        let align = match align {
            0..=4 => 4,
            8 => 8,
            value => {
                return Err(Error::new(Problem::BadValue {
                    what: "alignment of notes",
                    value,
                    expected: "4 or 8",
                })
                .at(base));
            }
        };
        Ok(Self { bytes, encoding, format, align, base, at: 0, done: false })
    }

    fn read(&self) -> Option<(Note<'data>, usize)> {
        let header = NoteHeader::decode(self.bytes, self.at, self.encoding, self.format)?;
        let layout = header.layout(self.at, self.bytes.len(), self.align, self.format)?;
        let name = self.bytes.get(layout.name)?;
        let end = memchr::memchr(0, name).unwrap_or(name.len());
        let note = Note {
            name: name.get(..end)?,
            kind: NoteType(header.kind as u32),
            desc: self.bytes.get(layout.desc)?,
            offset: self.base.saturating_add(self.at as u64),
        };
        Some((note, layout.next))
    }
}

impl<'data> Iterator for Notes<'data> {
    type Item = Result<Note<'data>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done || self.at >= self.bytes.len() {
            return None;
        }
        if let Some((note, next)) = self.read() {
            self.at = next;
            return Some(Ok(note));
        }
        self.done = true;
        let header = NoteHeader::decode(self.bytes, self.at, self.encoding, self.format);
        let size = header.map_or(self.format.header_size() as u64, |header| {
            header.name_size.saturating_add(header.desc_size)
        });
        Some(Err(Error::new(Problem::PastEnd {
            what: "note",
            end: (self.at as u64).saturating_add(size),
            limit: self.bytes.len() as u64,
        })
        .at(self.base.saturating_add(self.at as u64))))
    }
}

impl std::iter::FusedIterator for Notes<'_> {}

/// Where notes lie in a file.
#[derive(Clone, Copy)]
struct Extent {
    offset: u64,
    size: u64,
    align: u64,
    section: Option<u32>,
}

impl<'data> File<'data> {
    /// All notes: those of the `SHT_NOTE` sections, or if there are none (core files, stripped
    /// files) those of the `PT_NOTE` segments. An area that cannot be read gives one error, and
    /// the next area follows.
    pub fn notes(&self) -> impl Iterator<Item = Result<Note<'data>>> + use<'data> {
        let file = *self;
        let sections = self.section_headers().ok();
        let has_sections = sections
            .is_some_and(|sections| sections.iter().any(|section| section.kind == SHT_NOTE));
        let segments = self.program_headers().ok().filter(|_| !has_sections);
        let of_sections = sections
            .into_iter()
            .flat_map(|sections| (0..).zip(sections.iter()))
            .filter(|(_, section)| section.kind == SHT_NOTE)
            .map(|(index, section)| Extent {
                offset: section.offset,
                size: section.size,
                align: section.addralign,
                section: Some(index),
            });
        let of_segments = segments
            .into_iter()
            .flat_map(|segments| segments.iter())
            .filter(|segment| segment.kind == PT_NOTE)
            .map(|segment| Extent {
                offset: segment.offset,
                size: segment.filesz,
                align: segment.align,
                section: None,
            });
        of_sections.chain(of_segments).flat_map(move |extent| file.notes_in(extent))
    }

    /// The notes of one area, each error with the section it lies in.
    fn notes_in(&self, extent: Extent) -> impl Iterator<Item = Result<Note<'data>>> + use<'data> {
        let notes = self.bytes(extent.offset, extent.size, "notes").and_then(|bytes| {
            Notes::new(
                bytes,
                self.encoding(),
                Format::of(self.header()),
                extent.align,
                extent.offset,
            )
        });
        let (notes, error) = match notes {
            Ok(notes) => (Some(notes), None),
            Err(error) => (None, Some(Err(error))),
        };
        notes.into_iter().flatten().chain(error).map(move |note| {
            note.map_err(|error: Error| match extent.section {
                Some(index) => error.in_section(index),
                None => error,
            })
        })
    }

    /// The build-id: what the linker derived from the contents of the file, the same in a
    /// program and in its separate debug file (`NT_GNU_BUILD_ID`). Areas that cannot be read are
    /// passed over.
    pub fn build_id(&self) -> Option<&'data [u8]> {
        self.notes()
            .filter_map(Result::ok)
            .find(|note| note.is(OWNER_GNU, object::elf::NT_GNU_BUILD_ID))
            .map(|note| note.desc)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::ident::Class;
    use object::endian::Endianness;
    use proptest::prelude::*;

    pub(crate) const LE: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
    pub(crate) const BE32: Encoding = Encoding { class: Class::Elf32, endian: Endianness::Big };

    /// A note as an assembler would write it, with alignment 4.
    fn note(name: &[u8], kind: u32, desc: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in [name.len() as u32, desc.len() as u32, kind] {
            bytes.extend(word.to_le_bytes());
        }
        for part in [name, desc] {
            bytes.extend(part);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        bytes
    }

    fn notes(bytes: &[u8], align: u64) -> Vec<Result<Note<'_>>> {
        Notes::new(bytes, LE, Format::Standard, align, 0x100).unwrap().collect()
    }

    #[test]
    fn notes_follow_each_other() {
        let mut bytes = note(b"GNU\0", 3, b"abcde");
        let second = bytes.len() as u64;
        bytes.extend(note(b"", 7, b""));
        bytes.extend(note(b"no zero", 8, b"x"));
        let found: Vec<_> = notes(&bytes, 0).into_iter().map(Result::unwrap).collect();
        assert!(found[0].is(b"GNU", object::elf::NT_GNU_BUILD_ID));
        assert_eq!((found[0].desc, found[0].offset), (&b"abcde"[..], 0x100));
        assert_eq!((found[1].name, found[1].offset), (&b""[..], 0x100 + second));
        assert_eq!((found[2].name, found[2].desc), (&b"no zero"[..], &b"x"[..]));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn alignment_8_pads_name_and_descriptor() {
        let mut bytes = note(b"abcde\0\0\0\0\0\0\0", 1, b"d");
        bytes[0] = 6;
        bytes.resize(32, 0);
        bytes.extend(note(b"GNU\0", 5, b"12345678"));
        let found: Vec<_> = notes(&bytes, 8).into_iter().map(Result::unwrap).collect();
        assert_eq!((found[0].name, found[0].desc), (&b"abcde"[..], &b"d"[..]));
        assert_eq!((found[1].name, found[1].desc), (&b"GNU"[..], &b"12345678"[..]));
        let error = Notes::new(&bytes, LE, Format::Standard, 16, 0).unwrap_err();
        assert!(matches!(error.problem, Problem::BadValue { value: 16, .. }));
    }

    #[test]
    fn a_note_past_the_end_is_reported_with_its_place() {
        let good = note(b"GNU\0", 3, b"id");
        let mut bytes = good.clone();
        bytes.extend(note(b"GNU\0", 3, b"id"));
        bytes.truncate(bytes.len() - 4);
        let found = notes(&bytes, 4);
        assert_eq!(found.len(), 2);
        let error = found[1].clone().unwrap_err();
        assert_eq!(error.place.offset, Some(0x100 + good.len() as u64));
        assert_eq!(notes(&good[..5], 4).len(), 1);
        let huge = [0xff; 12];
        assert!(notes(&huge, 4)[0].is_err());
    }

    #[test]
    fn vms_has_words_of_64_bits() {
        let mut bytes = Vec::new();
        for word in [8_u64, 4, 2] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(b"IPF/VMS\0C++\0\0\0\0\0");
        let found: Vec<_> =
            Notes::new(&bytes, LE, Format::Vms, 8, 0).unwrap().map(Result::unwrap).collect();
        assert_eq!((found[0].name, found[0].desc), (&b"IPF/VMS"[..], &b"C++\0"[..]));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn the_running_test_has_notes_in_its_sections() {
        let data = crate::map::read(std::env::current_exe().unwrap()).unwrap();
        let file = File::parse(&data).unwrap();
        assert!(file.notes().all(|note| note.is_ok()));
        let tag = file
            .notes()
            .filter_map(Result::ok)
            .find(|note| note.is(OWNER_GNU, object::elf::NT_GNU_ABI_TAG));
        if let Some(tag) = tag {
            assert!(gnu::AbiTag::parse(tag.desc, file.encoding()).is_some());
        }
    }

    proptest! {
        /// Whatever the bytes, iteration ends, and what it yields lies within them.
        #[test]
        fn random_bytes_never_panic_and_end(
            bytes in proptest::collection::vec(
                prop_oneof![3 => 0_u8..9, 1 => any::<u8>()], 0..200),
            align in prop_oneof![Just(0_u64), Just(4), Just(8)],
            vms: bool,
            big: bool,
        ) {
            let encoding = if big { BE32 } else { LE };
            let format = if vms { Format::Vms } else { Format::Standard };
            let found = Notes::new(&bytes, encoding, format, align, u64::MAX - 8).unwrap();
            let most = bytes.len() / format.header_size() + 1;
            let mut count = 0;
            for note in found {
                count += 1;
                let Ok(note) = note else { continue };
                prop_assert!(note.name.len() + note.desc.len() <= bytes.len());
                gnu::exercise(note.desc, encoding);
                core_file::exercise(note.desc, encoding);
                freebsd_core::exercise(note.desc, encoding);
                owner::exercise(note.desc, encoding);
                let _ = probe::Probe::parse(note.desc, encoding);
            }
            prop_assert!(count <= most);
        }
    }
}

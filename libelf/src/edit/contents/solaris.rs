//! Lists of Solaris and of prelinked files, one small structure an entry. Solaris "Linker and
//! Libraries Guide", chapter 13: "Capabilities Section", "Syminfo Table", "Move Section";
//! `<elf.h>` for the list of libraries.
//!
//! | section | entry |
//! |---|---|
//! | `SHT_SUNW_cap` | [`Capability`] |
//! | `SHT_SUNW_syminfo` | [`Syminfo`] |
//! | `SHT_SUNW_move` | [`Move`] |
//! | `SHT_GNU_LIBLIST`, `SHT_MIPS_LIBLIST` | [`Library`] |

use super::name::Name;
use super::writer::{self, Writer};
use crate::edit::context::{Context, Source};
use crate::edit::error::Result;
use crate::ident::{Class, Encoding};
use crate::mips;
use crate::table::{Record, Table};

/// A capability (`Elf32_Cap`, `Elf64_Cap`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capability {
    /// `c_tag`: a `CA_SUNW_` number.
    pub tag: u64,
    /// `c_val`, or `c_ptr`: an offset in a string table.
    pub value: u64,
}

/// What is known of a dynamic symbol (`Elf_Syminfo`); the entry of the null symbol holds the
/// version of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Syminfo {
    /// `si_boundto`: the index of the dynamic entry with the library, or a `SYMINFO_BT_` number.
    pub bound_to: u16,
    /// `si_flags`: `SYMINFO_FLG_` bits.
    pub flags: u16,
}

/// How data that is mostly equal is filled in (`Elf_Move`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Move {
    /// `m_value`: what is stored.
    pub value: u64,
    /// `m_info`: the symbol's index above the size.
    pub info: u64,
    /// `m_poffset`: where from the symbol on, in bytes.
    pub offset: u64,
    /// `m_repeat`: how often.
    pub repeat: u16,
    /// `m_stride`: how many units lie between.
    pub stride: u16,
}

/// A library that a file was prelinked with (`Elf32_Lib`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Library<'data> {
    /// `l_name`
    pub name: Name<'data>,
    /// `l_time_stamp`, in seconds since 1970.
    pub time_stamp: u32,
    /// `l_checksum`
    pub checksum: u32,
    /// `l_version`
    pub version: Name<'data>,
    /// `l_flags`
    pub flags: u32,
}

impl Record for Capability {
    fn size(class: Class) -> usize {
        if class == Class::Elf64 { 16 } else { 8 }
    }

    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        Some(Self {
            tag: encoding.word(bytes, 0)?,
            value: encoding.word(bytes, encoding.word_size())?,
        })
    }
}

impl Record for Syminfo {
    fn size(_: Class) -> usize {
        4
    }

    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        Some(Self { bound_to: encoding.u16(bytes, 0)?, flags: encoding.u16(bytes, 2)? })
    }
}

impl Record for Move {
    fn size(class: Class) -> usize {
        // Both end with padding up to the alignment of `m_value`.
        if class == Class::Elf64 { 32 } else { 24 }
    }

    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        let word = encoding.word_size();
        Some(Self {
            value: encoding.u64(bytes, 0)?,
            info: encoding.word(bytes, 8)?,
            offset: encoding.word(bytes, 8 + word)?,
            repeat: encoding.u16(bytes, 8 + 2 * word)?,
            stride: encoding.u16(bytes, 10 + 2 * word)?,
        })
    }
}

/// Reads a list. `None` if the section is no whole number of entries.
pub fn decode<R: Record>(bytes: &[u8], encoding: Encoding) -> Option<Vec<R>> {
    let is_whole = bytes.len().is_multiple_of(R::size(encoding.class));
    is_whole.then(|| Table::<R>::new(bytes, encoding).iter().collect())
}

/// The bytes of a list of capabilities.
///
/// # Errors
/// A value that does not fit the class's word.
pub fn encode_capabilities(list: &[Capability], encoding: Encoding) -> writer::Result<Vec<u8>> {
    let mut writer = Writer::new(encoding, "capability");
    for (index, capability) in list.iter().enumerate() {
        writer.entry(index);
        writer.word("c_tag", capability.tag)?;
        writer.word("c_val", capability.value)?;
    }
    Ok(writer.finish())
}

/// The bytes of a syminfo table.
pub fn encode_syminfo(list: &[Syminfo], encoding: Encoding) -> Vec<u8> {
    let mut writer = Writer::new(encoding, "syminfo");
    for info in list {
        writer.u16(info.bound_to);
        writer.u16(info.flags);
    }
    writer.finish()
}

/// The bytes of a move section.
///
/// # Errors
/// A value that does not fit the class's word.
pub fn encode_moves(list: &[Move], encoding: Encoding) -> writer::Result<Vec<u8>> {
    let mut writer = Writer::new(encoding, "move");
    for (index, entry) in list.iter().enumerate() {
        writer.entry(index);
        writer.u64(entry.value);
        writer.word("m_info", entry.info)?;
        writer.word("m_poffset", entry.offset)?;
        writer.u16(entry.repeat);
        writer.u16(entry.stride);
        writer.align(8);
    }
    Ok(writer.finish())
}

/// Reads a list of libraries. `None` if the section is no whole number of entries.
pub(super) fn decode_libraries<'data>(
    source: &Source<'_, 'data>,
    bytes: &'data [u8],
) -> Option<Vec<Library<'data>>> {
    let list: Vec<mips::Library> = decode(bytes, source.encoding)?;
    let library = |library: mips::Library| Library {
        name: source.name(library.name),
        time_stamp: library.time_stamp,
        checksum: library.checksum,
        version: source.name(library.version),
        flags: library.flags,
    };
    Some(list.into_iter().map(library).collect())
}

/// The bytes of a list of libraries.
///
/// # Errors
/// A name that the string table does not hold.
pub(super) fn encode_libraries(list: &[Library<'_>], context: &Context) -> Result<Vec<u8>> {
    let mut writer = Writer::new(context.encoding, "library");
    for (index, library) in list.iter().enumerate() {
        let place = || context.entry("library", index);
        writer.u32(context.name_offset(&library.name, place)?);
        writer.u32(library.time_stamp);
        writer.u32(library.checksum);
        writer.u32(context.name_offset(&library.version, place)?);
        writer.u32(library.flags);
    }
    Ok(writer.finish())
}

/// Leaves the offsets of names to the writer where it finds them.
pub(super) fn simplify_libraries(list: &mut [Library<'_>], context: &Context) {
    for library in list {
        context.simplify_name(&mut library.name);
        context.simplify_name(&mut library.version);
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use object::elf::{EM_SPARC, SHT_GNU_LIBLIST, SHT_STRTAB};

    use super::super::Contents;
    use super::super::test_support::{encodings, object, round_trip, section, with_context};
    use super::*;

    #[test]
    fn lists_come_back_in_all_encodings() {
        for encoding in encodings() {
            let list = vec![Capability { tag: 1, value: 0x1800 }, Capability::default()];
            let bytes = encode_capabilities(&list, encoding).unwrap();
            assert_eq!(decode(&bytes, encoding), Some(list));
            let list = vec![Syminfo { bound_to: 1, flags: 0 }, Syminfo { bound_to: 9, flags: 5 }];
            let bytes = encode_syminfo(&list, encoding);
            assert_eq!(decode(&bytes, encoding), Some(list));
            let entry = Move { value: 1 << 40, info: 0x104, offset: 8, repeat: 3, stride: 2 };
            let bytes = encode_moves(&[entry; 2], encoding).unwrap();
            assert_eq!(bytes.len(), 2 * Move::size(encoding.class));
            assert_eq!(decode(&bytes, encoding), Some(vec![entry; 2]));
            assert_eq!(decode::<Move>(&bytes[1..], encoding), None);
        }
        let wide = Move { info: 1 << 32, ..Move::default() };
        assert!(encode_moves(&[wide], encodings()[0]).is_err());
    }

    #[test]
    fn libraries_name_themselves() {
        for encoding in encodings() {
            let strings = Contents::Bytes(Cow::Borrowed(b"\0libc.so.6\0V1\0"));
            let sections = vec![
                section(".dynstr", SHT_STRTAB, 0, 0, strings),
                section(".gnu.liblist", SHT_GNU_LIBLIST, 1, 0, Contents::Empty),
            ];
            let object = object(encoding, EM_SPARC, sections);
            let list = vec![Library {
                name: Name::from("libc.so.6"),
                time_stamp: 1,
                checksum: 2,
                version: Name::from("V1"),
                flags: 3,
            }];
            let bytes = with_context(&object, 2, |context| encode_libraries(&list, context));
            let read = round_trip(&object, 2, SHT_GNU_LIBLIST, &bytes.unwrap());
            assert_eq!(read, Some(Contents::Libraries(list)));
        }
    }
}

//! Structures from one byte order to the other, and from one class to the other.
//!
//! ELF(3)'s `elf32_xlatetof` and `elf64_xlatetom` translate between a file and the memory of the
//! host. Here both sides are named: [`translate`] turns the bytes of tables from the order of one
//! [`Encoding`] to that of another, in memory that the caller has, and `host -> file` is one case
//! of it. [`convert`] changes the class as well, and refuses values that do not fit.
//!
//! A [`Type`] is one of ELF(3)'s `ELF_T_` types. Those of fixed size are arrays: the bytes must be
//! whole structures. Version tables, notes and GNU hash tables are walked as their own offsets and
//! sizes say; what lies between their structures has no byte order and stays as it is.
//!
//! ```
//! # fn main() -> Result<(), libelf::Error> {
//! use libelf::raw::{EM_NONE, Endianness};
//! use libelf::xlate::{self, Type};
//! use libelf::{Class, Encoding};
//!
//! let little = Encoding { class: Class::Elf32, endian: Endianness::Little };
//! let big = Encoding { class: Class::Elf64, endian: Endianness::Big };
//! let relative = [8, 0, 0, 0, 0x12, 0x34, 0, 0];
//! let swapped = xlate::translated(Type::Rel, little, big.endian, EM_NONE, &relative)?;
//! assert_eq!(swapped, [0, 0, 0, 8, 0, 0, 0x34, 0x12]);
//! let wide = xlate::convert(Type::Rel, little, big, EM_NONE, &relative)?;
//! assert_eq!(wide, [0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0x34, 0, 0, 0, 0x12]);
//! # Ok(())
//! # }
//! ```

mod chains;
mod class;
mod layout;
#[cfg(test)]
mod tests;

pub use class::convert;

use object::elf::{EM_MIPS, Machine};
use object::endian::Endianness;

use crate::error::{Problem, Result};
use crate::ident::{Class, Encoding};
use layout::{Layout, Sort};

/// What bytes hold: ELF(3)'s `Elf_Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Virtual addresses, as wide as the class (`ELF_T_ADDR`).
    Addr,
    /// Bytes (`ELF_T_BYTE`).
    Byte,
    /// Hardware and software capabilities (`ELF_T_CAP`).
    Cap,
    /// A compression header (`ELF_T_CHDR`).
    Chdr,
    /// Dynamic entries (`ELF_T_DYN`).
    Dyn,
    /// An ELF header (`ELF_T_EHDR`). Its identification bytes stay as they are.
    Ehdr,
    /// A GNU hash table (`ELF_T_GNUHASH`).
    GnuHash,
    /// 16-bit integers (`ELF_T_HALF`).
    Half,
    /// 64-bit integers in both classes (`ELF_T_LWORD`).
    Lword,
    /// Move entries (`ELF_T_MOVE`).
    Move,
    /// Notes, padded to multiples of 4 bytes (`ELF_T_NOTE`).
    Note,
    /// Notes, padded to multiples of 8 bytes.
    Note8,
    /// File offsets, as wide as the class (`ELF_T_OFF`).
    Off,
    /// Program headers (`ELF_T_PHDR`).
    Phdr,
    /// Relocations without addends (`ELF_T_REL`).
    Rel,
    /// Relocations with addends (`ELF_T_RELA`).
    Rela,
    /// Words of packed relative relocations, as wide as the class.
    Relr,
    /// Section headers (`ELF_T_SHDR`).
    Shdr,
    /// Signed 32-bit integers (`ELF_T_SWORD`).
    Sword,
    /// Signed 64-bit integers (`ELF_T_SXWORD`).
    Sxword,
    /// Symbols (`ELF_T_SYM`).
    Sym,
    /// Symbol information entries (`ELF_T_SYMINFO`).
    Syminfo,
    /// Version definitions and their names (`ELF_T_VDEF`).
    Vdef,
    /// Version needs and their names (`ELF_T_VNEED`).
    Vneed,
    /// 32-bit integers (`ELF_T_WORD`).
    Word,
    /// 64-bit integers (`ELF_T_XWORD`).
    Xword,
}

impl Type {
    /// The bytes of one structure in a file of this class (ELF(3)'s `elf32_fsize`); `None` for
    /// version tables, notes and hash tables, which have no fixed size.
    pub fn size(self, class: Class) -> Option<usize> {
        layout::of(self).map(|layout| layout.size(class))
    }
}

/// Translates structures to the byte order `to`, where they lie. `from` tells their class and
/// byte order now. The `machine` matters for the relocations of 64-bit MIPS alone, where the
/// second half of `r_info` is four bytes; `EM_NONE` will do for all else.
///
/// Translating there and back gives the same bytes.
///
/// # Errors
/// Nothing is changed by them. [`Problem::BadValue`] if the bytes are no whole structures,
/// [`Problem::PastEnd`] if a chain, a note or a hash table goes past the end, and
/// [`Problem::Malformed`] if structures of a chain overlap.
pub fn translate(
    kind: Type,
    from: Encoding,
    to: Endianness,
    machine: Machine,
    bytes: &mut [u8],
) -> Result<()> {
    let Some(layout) = layout::of(kind) else {
        let spans = chains::spans(kind, from, bytes)?;
        if from.endian != to {
            for span in spans {
                let tail = bytes.get_mut(span.start..).unwrap_or_default();
                let end = span.count.saturating_mul(span.layout.size(from.class)).min(tail.len());
                swap_all(span.layout, from.class, tail.get_mut(..end).unwrap_or_default());
            }
        }
        return Ok(());
    };
    check_length(layout, from.class, bytes.len())?;
    if from.endian != to {
        swap_all(layout, from.class, bytes);
        if has_mips_info(kind, from.class, machine) {
            // What was swapped as one word is a word and four bytes: halves back in their
            // places, and the bytes of the second as they were.
            for record in bytes.chunks_exact_mut(layout.size(from.class)) {
                let info = record.get_mut(MIPS_INFO..MIPS_INFO + 8).unwrap_or_default();
                info.rotate_left(4);
                info.get_mut(4..).unwrap_or_default().reverse();
            }
        }
    }
    Ok(())
}

/// As [`translate`], from `source` into the start of `target`; how many bytes that are.
///
/// # Errors
/// Those of [`translate`], which may have changed `target`, and [`Problem::PastEnd`] if `target`
/// is shorter than `source`.
pub fn translate_into(
    kind: Type,
    from: Encoding,
    to: Endianness,
    machine: Machine,
    source: &[u8],
    target: &mut [u8],
) -> Result<usize> {
    let limit = target.len() as u64;
    let target = target.get_mut(..source.len()).ok_or(Problem::PastEnd {
        what: "translated data",
        end: source.len() as u64,
        limit,
    })?;
    target.copy_from_slice(source);
    translate(kind, from, to, machine, target)?;
    Ok(source.len())
}

/// As [`translate`], of a copy.
///
/// # Errors
/// Those of [`translate`].
pub fn translated(
    kind: Type,
    from: Encoding,
    to: Endianness,
    machine: Machine,
    bytes: &[u8],
) -> Result<Vec<u8>> {
    let mut copy = bytes.to_vec();
    translate(kind, from, to, machine, &mut copy)?;
    Ok(copy)
}

/// Where `r_info` lies in 64-bit relocations, in bytes.
const MIPS_INFO: usize = 8;

/// Whether `r_info` is a word and four bytes.
fn has_mips_info(kind: Type, class: Class, machine: Machine) -> bool {
    machine == EM_MIPS && class == Class::Elf64 && matches!(kind, Type::Rel | Type::Rela)
}

fn check_length(layout: &Layout, class: Class, length: usize) -> Result<()> {
    if length.is_multiple_of(layout.size(class)) {
        return Ok(());
    }
    Err(Problem::BadValue {
        what: "size of the data",
        value: length as u64,
        expected: "a multiple of the size of its structures",
    }
    .into())
}

/// Reverses the bytes of each field of each structure.
fn swap_all(layout: &Layout, class: Class, bytes: &mut [u8]) {
    for record in bytes.chunks_exact_mut(layout.size(class)) {
        for field in layout.fields {
            if field.sort == Sort::Bytes {
                continue;
            }
            let span = field.span(class);
            let tail = record.get_mut(span.start..).unwrap_or_default();
            tail.get_mut(..span.size).unwrap_or_default().reverse();
        }
    }
}

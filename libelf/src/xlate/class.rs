//! From one class to the other.

use object::elf::Machine;
use object::endian::Endianness;

use super::layout::{self, Field, Layout, Sort};
use super::{Type, check_length, has_mips_info, translated};
use crate::error::{Problem, Result};
use crate::ident::{Class, Encoding};

/// Structures of the class and byte order `from` in those of `to`. Integers keep their value:
/// addends and dynamic tags their sign, symbol and type of a relocation their meaning.
///
/// The bytes of version tables and notes differ in byte order alone; the identification bytes of
/// an ELF header, and its sizes of structures, stay as they are.
///
/// # Errors
/// Those of [`super::translate`]; [`Problem::TooWide`] for a value that the 32-bit structure does
/// not hold; [`Problem::Malformed`] for a GNU hash table of the other class, whose filter must be
/// made anew.
pub fn convert(
    kind: Type,
    from: Encoding,
    to: Encoding,
    machine: Machine,
    bytes: &[u8],
) -> Result<Vec<u8>> {
    if from.class == to.class {
        return translated(kind, from, to.endian, machine, bytes);
    }
    let Some(layout) = layout::of(kind) else {
        if kind == Type::GnuHash {
            let text = "a GNU hash table cannot be converted to the other class";
            return Err(Problem::Malformed(text.to_owned()).into());
        }
        return translated(kind, from, to.endian, machine, bytes);
    };
    check_length(layout, from.class, bytes.len())?;
    let size = layout.size(to.class);
    let records = bytes.chunks_exact(layout.size(from.class));
    let mut out = vec![0; records.len().saturating_mul(size)];
    let is_mips = has_mips_info(kind, Class::Elf64, machine);
    let converter = Converter { from, to, is_mips };
    for (record, out) in records.zip(out.chunks_exact_mut(size)) {
        converter.record(layout, record, out)?;
    }
    Ok(out)
}

#[derive(Clone, Copy)]
struct Converter {
    from: Encoding,
    to: Encoding,
    /// Whether the 64-bit `r_info` is that of MIPS.
    is_mips: bool,
}

impl Converter {
    fn record(self, layout: &Layout, record: &[u8], out: &mut [u8]) -> Result<()> {
        for field in layout.fields {
            let source = field.span(self.from.class);
            let target = field.span(self.to.class);
            let value = record.get(source.start..).and_then(|tail| tail.get(..source.size));
            let place = out.get_mut(target.start..).and_then(|tail| tail.get_mut(..target.size));
            if let (Some(value), Some(place)) = (value, place) {
                self.field(field, value, place)?;
            }
        }
        Ok(())
    }

    fn field(self, field: &Field, source: &[u8], target: &mut [u8]) -> Result<()> {
        if field.sort == Sort::Bytes {
            target.copy_from_slice(source);
            return Ok(());
        }
        let mut value = self.from.uint(source, 0, source.len()).unwrap_or_default();
        match field.sort {
            Sort::Signed => value = sign_extended(value, source.len()),
            Sort::RelocInfo => value = self.reloc_info(value)?,
            _ => {}
        }
        let kept = match field.sort {
            Sort::Signed => sign_extended(value, target.len()),
            _ => value & mask(target.len()),
        };
        if kept != value {
            return Err(too_wide(field.name, value, target.len()));
        }
        store(value, self.to.endian, target);
        Ok(())
    }

    /// `r_info` of the other class.
    fn reloc_info(self, info: u64) -> Result<u64> {
        let wide = |symbol: u64, kind: u64| symbol << 32 | kind;
        if self.to.is_64() {
            let (symbol, kind) = (info >> 8, info & 0xff);
            return Ok(match self.to.endian {
                // The type is the last of four bytes, and the symbol a word before them.
                Endianness::Little if self.is_mips => wide(kind << 24, symbol),
                _ => wide(symbol, kind),
            });
        }
        let (symbol, kind) = match self.from.endian {
            Endianness::Little if self.is_mips => {
                (info & mask(4), u64::from(((info >> 32) as u32).swap_bytes()))
            }
            _ => (info >> 32, info & mask(4)),
        };
        // 24 bits of symbol and 8 of type.
        if kind > 0xff {
            return Err(too_wide("relocation type", kind, 1));
        }
        if symbol > 0xff_ffff {
            return Err(too_wide("symbol index", symbol, 3));
        }
        Ok(symbol << 8 | kind)
    }
}

fn too_wide(what: &'static str, value: u64, width: usize) -> crate::Error {
    Problem::TooWide { what, value, width: width as u64 }.into()
}

/// The bits of `size` bytes.
const fn mask(size: usize) -> u64 {
    match size {
        0 => 0,
        1..8 => (1 << (8 * size)) - 1,
        _ => u64::MAX,
    }
}

fn sign_extended(value: u64, size: usize) -> u64 {
    let value = value & mask(size);
    match size {
        1..8 if value >> (8 * size - 1) != 0 => value | !mask(size),
        _ => value,
    }
}

/// Puts the low bytes of `value`.
fn store(value: u64, endian: Endianness, target: &mut [u8]) {
    let little = value.to_le_bytes();
    for (byte, &given) in target.iter_mut().zip(&little) {
        *byte = given;
    }
    if endian == Endianness::Big {
        target.reverse();
    }
}

//! CREL: relocations as differences in LEB128 numbers.
//!
//! The section starts with `count * 8 | has_addends * 4 | shift` as ULEB128. Each entry starts with
//! a byte whose lowest bits are flags and whose others are the lowest bits of the offset's
//! difference to the entry before, divided by `2^shift`:
//!
//! ```text
//! bit 0  a difference of the symbol index follows (SLEB128)
//! bit 1  a difference of the type follows (SLEB128)
//! bit 2  a difference of the addend follows (SLEB128); a bit of the offset without addends
//! bit 7  the offset's difference goes on in a ULEB128
//! ```
//!
//! From the proposal of compact relocations to the gABI.

use super::writer::Writer;
use crate::edit::error::{Place, Result};
use crate::edit::reloc::Relocation;
use crate::ident::{Class, Encoding};
use crate::leb128;
use crate::reloc::Reloc;

/// The most entries that are decoded: an entry of one byte becomes some eighty.
const ENTRY_LIMIT: u64 = 1 << 20;

/// Whether entries hold addends, and the entries; `None` if they cannot be decoded.
pub(super) fn decode(bytes: &[u8], encoding: Encoding) -> Option<(bool, Vec<Reloc>)> {
    let header = leb128::unsigned(bytes);
    if header.value >> 3 > ENTRY_LIMIT.min(bytes.len() as u64) {
        return None;
    }
    let entries = crate::reloc::crel(bytes).ok()?;
    let mut entries: Vec<Reloc> = entries.collect::<crate::Result<_>>().ok()?;
    if !encoding.is_64() {
        // Sums are of the width of the class, too.
        for entry in &mut entries {
            entry.offset &= u64::from(u32::MAX);
            entry.addend = entry.addend.map(|addend| i64::from(addend as i32));
        }
    }
    Some((header.value & 4 != 0, entries))
}

/// The relocations as a CREL section.
pub(super) fn encode(
    list: &[Relocation],
    has_addends: bool,
    encoding: Encoding,
    place: impl Fn(usize) -> Place,
    symbol_index: impl Fn(&Relocation, usize) -> Result<u32>,
) -> Result<Vec<u8>> {
    // Differences are of the width of the class.
    let mask = if encoding.is_64() { u64::MAX } else { u32::MAX.into() };
    let shift = list.iter().fold(8, |bits, entry| bits | entry.offset).trailing_zeros();
    let mut out = Writer::with_capacity(encoding, "entry", 4 * list.len() + 8);
    out.uleb128((list.len() as u64) << 3 | u64::from(has_addends) << 2 | u64::from(shift));
    let (flag_bits, continues) = if has_addends { (3, 4) } else { (2, 5) };
    let mut last = Relocation::default();
    let mut last_symbol = 0_u32;
    for (index, entry) in list.iter().enumerate() {
        if encoding.class == Class::Elf32 {
            crate::edit::context::fit(entry.offset, 32, "r_offset", place(index))?;
        }
        let symbol = symbol_index(entry, index)?;
        let delta = (entry.offset.wrapping_sub(last.offset) & mask) >> shift;
        let flags = u8::from(symbol != last_symbol)
            | u8::from(entry.kind != last.kind) << 1
            | u8::from(has_addends && entry.addend != last.addend) << 2;
        let low_bits = 7 - flag_bits;
        let low = (delta & ((1 << low_bits) - 1)) as u8;
        debug_assert_eq!(low_bits, continues);
        if delta >> low_bits == 0 {
            out.u8(low << flag_bits | flags);
        } else {
            out.u8(0x80 | low << flag_bits | flags);
            out.uleb128(delta >> low_bits);
        }
        if flags & 1 != 0 {
            out.sleb128(i64::from(symbol.wrapping_sub(last_symbol) as i32));
        }
        if flags & 2 != 0 {
            out.sleb128(i64::from(entry.kind.wrapping_sub(last.kind) as i32));
        }
        if flags & 4 != 0 {
            out.sleb128(difference(entry.addend, last.addend, encoding));
        }
        last = *entry;
        last_symbol = symbol;
    }
    Ok(out.finish())
}

/// The difference of addends in the width of the class.
fn difference(addend: i64, last: i64, encoding: Encoding) -> i64 {
    let difference = addend.wrapping_sub(last);
    if encoding.is_64() { difference } else { i64::from(difference as i32) }
}

//! `.debug_aranges`: the addresses of each unit. DWARF 5, section 6.1.2.

use super::info::Unit;
use super::initial_length::{self, Initial};
use super::number::{Hex, push_hex_padded};
use super::{Cursor, Dump, Loaded};
use crate::put;

/// The largest address and segment together.
const MAX_ADDRESS_SIZE: u8 = 8;
/// Addresses up to this size stand under a narrow title.
const NARROW: u8 = 4;

impl<'data> Dump<'_, 'data> {
    /// Shows the addresses of units.
    pub(super) fn display_aranges(&mut self, section: &Loaded<'data>) -> bool {
        self.heading(section);
        self.info_units();
        let mut cursor = Cursor::new(&section.data, self.target.encoding);
        while !cursor.is_at_end() {
            let Some(unit) = initial_length::read(&mut self.text, &mut cursor, section) else {
                break;
            };
            if !self.show_aranges_of_unit(section, unit) {
                break;
            }
            self.relieve();
        }
        self.text.put(b"\n");
        true
    }

    /// Shows one set of addresses. Returns whether there may be more behind it.
    fn show_aranges_of_unit(&mut self, section: &Loaded<'_>, unit: Initial<'_>) -> bool {
        if unit.length == 0 {
            return false;
        }
        let mut cursor = unit.contents;
        let version = cursor.u16();
        let info = cursor.uint(unit.offset_size);
        self.check_unit_offset(info, section);
        let address_size = cursor.u8();
        let segment_size = cursor.u8();
        let text = &mut self.text;
        if !(2..=3).contains(&version) {
            text.warn(format_args!("Only DWARF 2 and 3 aranges are currently supported."));
            return false;
        }
        put!(text, "  Length:                   {}\n", unit.length.cast_signed());
        put!(text, "  Version:                  {version}\n");
        put!(text, "  Offset into .debug_info:  {}\n", Hex(info));
        put!(text, "  Pointer Size:             {address_size}\n");
        put!(text, "  Segment Size:             {segment_size}\n");
        let size = address_size.wrapping_add(segment_size);
        if size == 0 || size > MAX_ADDRESS_SIZE {
            let name = String::from_utf8_lossy(&section.name);
            text.error(format_args!("Invalid address size in {name} section!"));
            return false;
        }
        if !size.is_power_of_two() {
            text.warn(format_args!("Pointer size + Segment size is not a power of two."));
            return false;
        }
        text.put(if size > NARROW {
            b"\n    Address            Length\n"
        } else {
            b"\n    Address    Length\n"
        });
        // The addresses are aligned to their pairs, from the start of the set on.
        let pair = usize::from(size).saturating_mul(2);
        let header = unit.own_size.saturating_add(cursor.position());
        let padding = header.next_multiple_of(pair).saturating_sub(header);
        cursor.bytes(padding);
        show_pairs(&mut text.buf, &mut cursor, size.into());
        true
    }

    /// Says so if no unit of `.debug_info` starts at this offset.
    pub(super) fn check_unit_offset(&mut self, offset: u64, section: &Loaded<'_>) {
        let Some(scan) = self.info_units() else { return };
        let units = scan.units.as_deref().unwrap_or_default();
        let place = |unit: &Unit| (unit.header.offset as u64).cmp(&offset);
        if !units.is_empty() && units.binary_search_by(place).is_err() {
            self.text.warn(format_args!(
                ".debug_info offset of {} in {} section does not point to a CU header.",
                Hex(offset),
                String::from_utf8_lossy(&section.name)
            ));
        }
    }
}

fn show_pairs(buf: &mut Vec<u8>, cursor: &mut Cursor<'_>, size: usize) {
    let digits = size.saturating_mul(2);
    while cursor.remaining() >= digits {
        let (address, length) = (cursor.uint(size), cursor.uint(size));
        buf.extend_from_slice(b"    ");
        push_hex_padded(buf, address, digits);
        buf.push(b' ');
        push_hex_padded(buf, length, digits);
        buf.push(b'\n');
    }
}

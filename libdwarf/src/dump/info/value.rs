//! Values of attributes: read, shown and passed over. DWARF 5, section 7.5.5.
//!
//! A value is shown with the blank before it; what is known before the value is read stands in the
//! line of the abbreviation already.

use super::super::abbrev::{push_form, push_short_form};
use super::super::number::{push_decimal, push_hex, push_hex_digits, push_hex_padded, push_signed};
use super::super::{Cursor, Text, leb};
use super::unit::Hex;
use super::{Context, Unit, form};

/// `DW_OP_addrx`
const OP_ADDRX: u8 = 0xa1;
/// How many times `DW_FORM_indirect` may lead to another form.
const MAX_INDIRECTION: u32 = 16;

/// A value that was read, as far as what follows needs it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Value<'d> {
    /// The number; the size of a block; the offset or index of a string.
    pub number: u64,
    /// The bytes of a block.
    pub block: Option<&'d [u8]>,
    /// The form, after `DW_FORM_indirect`.
    pub form: u64,
}

impl<'d> Context<'d> {
    /// Shows the value of `form` where the cursor is.
    #[inline]
    pub(super) fn show_value(
        &self,
        text: &mut Text,
        cursor: &mut Cursor<'d>,
        unit: &Unit,
        form: u64,
        implicit: i64,
    ) -> Value<'d> {
        let mut value = Value { number: 0, block: None, form };
        match form {
            form::REF4 => {
                let offset = u64::from(cursor.u32());
                value.number = Self::show_reference(text, unit, offset);
            }
            form::STRP => {
                value.number = cursor.uint(unit.header.offset_size.into());
                self.strings.warn_outside(text, value.number);
                text.put(if self.wide { b" (offset: " } else { b" (indirect string, offset: " });
                push_hex(&mut text.buf, value.number);
                text.put(b"): ");
                self.strings.show(text, value.number);
            }
            form::DATA1 | form::FLAG => {
                value.number = cursor.u8().into();
                text.buf.push(b' ');
                push_decimal(&mut text.buf, value.number);
            }
            form::DATA2 => {
                value.number = cursor.u16().into();
                text.buf.push(b' ');
                push_decimal(&mut text.buf, value.number);
            }
            form::DATA4 => {
                value.number = cursor.u32().into();
                put_hex(text, value.number);
            }
            form::DATA8 => {
                value.number = cursor.u64();
                put_hex(text, value.number);
            }
            form::SEC_OFFSET => {
                value.number = cursor.uint(unit.header.offset_size.into());
                put_hex(text, value.number);
            }
            form::ADDR => {
                value.number = cursor.uint(unit.header.address_size.into());
                put_hex(text, value.number);
            }
            form::FLAG_PRESENT => {
                value.number = 1;
                text.put(b" 1");
            }
            form::IMPLICIT_CONST => {
                value.number = implicit.cast_unsigned();
                text.buf.push(b' ');
                push_signed(&mut text.buf, implicit);
            }
            form::EXPRLOC | form::BLOCK => {
                let size = leb::unsigned(text, cursor);
                show_block_value(text, cursor, size, &mut value);
            }
            form::UDATA => {
                value.number = leb::unsigned(text, cursor);
                text.buf.push(b' ');
                push_decimal(&mut text.buf, value.number);
            }
            form::SDATA => {
                let number = leb::signed(text, cursor);
                value.number = number.cast_unsigned();
                text.buf.push(b' ');
                push_signed(&mut text.buf, number);
            }
            form::STRING => {
                text.buf.push(b' ');
                let string = cursor.string();
                text.put_name(string);
            }
            _ => self.show_rarer(text, cursor, unit, &mut value, 0),
        }
        value
    }

    fn show_rarer(
        &self,
        text: &mut Text,
        cursor: &mut Cursor<'d>,
        unit: &Unit,
        value: &mut Value<'d>,
        indirection: u32,
    ) {
        let offset_size = usize::from(unit.header.offset_size);
        match value.form {
            form::REF1 => {
                let offset = cursor.u8().into();
                value.number = Self::show_reference(text, unit, offset);
            }
            form::REF2 => {
                let offset = cursor.u16().into();
                value.number = Self::show_reference(text, unit, offset);
            }
            form::REF_UDATA => {
                let offset = leb::unsigned(text, cursor);
                value.number = Self::show_reference(text, unit, offset);
            }
            form::REF8 => {
                value.number = cursor.u64().wrapping_add(unit.header.offset as u64);
                put_hex(text, value.number);
            }
            form::REF_ADDR => {
                value.number = cursor.uint(unit.header.reference_size().into());
                put_angles(text, b" <", value.number);
            }
            form::REF_SUP4 => {
                value.number = cursor.u32().into();
                // GNU counts it from the unit when it is shown.
                put_angles(text, b" <", value.number.wrapping_add(unit.header.offset as u64));
            }
            form::REF_SUP8 => {
                value.number = cursor.u64();
                put_hex(text, value.number);
            }
            form::STRP_SUP => {
                value.number = cursor.uint(offset_size);
                // GNU counts it from the unit when it is shown.
                put_angles(text, b" <", value.number.wrapping_add(unit.header.offset as u64));
            }
            form::GNU_REF_ALT => {
                value.number = cursor.uint(offset_size);
                put_angles(text, if self.wide { b" <" } else { b" <alt " }, value.number);
            }
            form::GNU_STRP_ALT => {
                value.number = cursor.uint(offset_size);
                let lead: &[u8] =
                    if self.wide { b" (offset: " } else { b" (alt indirect string, offset: " };
                text.put(lead);
                push_hex(&mut text.buf, value.number);
                text.put(b") ");
                self.show_supplementary(text, value.number);
            }
            form::REF_SIG8 => {
                value.number = cursor.u64();
                text.put(if self.wide { b" : " } else { b" signature: " });
                push_hex(&mut text.buf, value.number);
            }
            form::LINE_STRP => {
                value.number = cursor.uint(offset_size);
                self.line_strings.warn_outside(text, value.number);
                let lead: &[u8] =
                    if self.wide { b" (offset: " } else { b" (indirect line string, offset: " };
                text.put(lead);
                push_hex(&mut text.buf, value.number);
                text.put(b"): ");
                self.line_strings.show(text, value.number);
            }
            form::DATA16 => show_16(text, cursor, value, self.is_big()),
            form::BLOCK1 => {
                let size = cursor.u8().into();
                show_block_value(text, cursor, size, value);
            }
            form::BLOCK2 => {
                let size = cursor.u16().into();
                show_block_value(text, cursor, size, value);
            }
            form::BLOCK4 => {
                let size = cursor.u32().into();
                show_block_value(text, cursor, size, value);
            }
            form::STRX | form::GNU_STR_INDEX => {
                value.number = leb::unsigned(text, cursor);
                self.show_indexed_string(text, unit, value.number);
            }
            form::STRX1..=form::STRX4 => {
                let size = value.form.wrapping_sub(form::STRX1).wrapping_add(1);
                value.number = cursor.uint(size as usize);
                self.show_indexed_string(text, unit, value.number);
            }
            form::ADDRX | form::GNU_ADDR_INDEX => {
                value.number = leb::unsigned(text, cursor);
                self.show_indexed_address(text, unit, value.number);
            }
            form::ADDRX1..=form::ADDRX4 => {
                let size = value.form.wrapping_sub(form::ADDRX1).wrapping_add(1);
                value.number = cursor.uint(size as usize);
                self.show_indexed_address(text, unit, value.number);
            }
            form::LOCLISTX => {
                value.number = leb::unsigned(text, cursor);
                self.show_location_list(text, unit, value.number);
            }
            form::RNGLISTX => {
                value.number = leb::unsigned(text, cursor);
                self.show_range_list(text, unit, value.number);
            }
            form::INDIRECT => self.show_indirect(text, cursor, unit, value, indirection),
            other => {
                text.warn(format_args!("Unrecognized form: {}", Hex(other)));
                // Nothing is known of its size.
            }
        }
    }

    fn show_indirect(
        &self,
        text: &mut Text,
        cursor: &mut Cursor<'d>,
        unit: &Unit,
        value: &mut Value<'d>,
        indirection: u32,
    ) {
        let form = leb::unsigned(text, cursor);
        text.buf.push(b' ');
        push_form(&mut text.buf, form);
        if self.wide {
            text.put(b" (");
            push_short_form(&mut text.buf, form);
            text.put(b")");
        }
        let implicit = if form == form::IMPLICIT_CONST { leb::signed(text, cursor) } else { 0 };
        if form == form::INDIRECT {
            value.form = form;
            if indirection < MAX_INDIRECTION {
                self.show_rarer(text, cursor, unit, value, indirection.saturating_add(1));
            }
        } else {
            *value = self.show_value(text, cursor, unit, form, implicit);
        }
    }

    /// Shows an offset from the unit as one from the section, which it returns.
    #[inline]
    fn show_reference(text: &mut Text, unit: &Unit, offset: u64) -> u64 {
        let target = offset.wrapping_add(unit.header.offset as u64);
        put_angles(text, b" <", target);
        target
    }
}

fn put_hex(text: &mut Text, value: u64) {
    text.buf.push(b' ');
    push_hex(&mut text.buf, value);
}

fn put_angles(text: &mut Text, lead: &[u8], value: u64) {
    text.put(lead);
    push_hex(&mut text.buf, value);
    text.buf.push(b'>');
}

/// A number of 16 bytes.
fn show_16(text: &mut Text, cursor: &mut Cursor<'_>, value: &mut Value<'_>, is_big: bool) {
    let first = cursor.u64();
    let second = cursor.u64();
    let (high, low) = if is_big { (first, second) } else { (second, first) };
    value.number = low;
    text.put(b" 0x");
    if high == 0 {
        push_hex_digits(&mut text.buf, low);
    } else {
        push_hex_digits(&mut text.buf, high);
        push_hex_padded(&mut text.buf, low, 16);
    }
}

fn show_block_value<'d>(
    text: &mut Text,
    cursor: &mut Cursor<'d>,
    size: u64,
    value: &mut Value<'d>,
) {
    let bytes = cursor.bytes(usize::try_from(size).unwrap_or(usize::MAX));
    value.number = size;
    value.block = Some(bytes);
    // An indexed address is shown as an expression alone.
    if bytes.first() != Some(&OP_ADDRX) {
        text.buf.push(b' ');
        push_decimal(&mut text.buf, size);
        text.put(b" byte block: ");
        for &byte in bytes {
            push_hex_digits(&mut text.buf, byte.into());
            text.buf.push(b' ');
        }
    }
}

/// A value that is not shown, but read as far as the scan needs it.
pub fn skip<'d>(cursor: &mut Cursor<'d>, unit: &super::Header, form: u64) -> Value<'d> {
    let mut value = Value { number: 0, block: None, form };
    for _ in 0..MAX_INDIRECTION {
        match form::size(value.form) {
            form::Size::Bytes(16) => drop(cursor.bytes(16)),
            form::Size::Bytes(size) => value.number = cursor.uint(size.into()),
            form::Size::Address => value.number = cursor.uint(unit.address_size.into()),
            form::Size::Offset => value.number = cursor.uint(unit.offset_size.into()),
            form::Size::Reference => value.number = cursor.uint(unit.reference_size().into()),
            form::Size::Variable => {
                if value.form == form::INDIRECT {
                    value.form = cursor.uleb();
                    continue;
                }
                skip_variable(cursor, &mut value);
            }
        }
        break;
    }
    value
}

fn skip_variable<'d>(cursor: &mut Cursor<'d>, value: &mut Value<'d>) {
    let size = match value.form {
        form::BLOCK1 => cursor.u8().into(),
        form::BLOCK2 => cursor.u16().into(),
        form::BLOCK4 => cursor.u32().into(),
        form::BLOCK | form::EXPRLOC => cursor.uleb(),
        form::STRING => {
            value.block = Some(cursor.string());
            return;
        }
        form::SDATA => {
            value.number = cursor.sleb().cast_unsigned();
            return;
        }
        form::UDATA
        | form::REF_UDATA
        | form::STRX
        | form::ADDRX
        | form::LOCLISTX
        | form::RNGLISTX
        | form::GNU_ADDR_INDEX
        | form::GNU_STR_INDEX => {
            value.number = cursor.uleb();
            return;
        }
        _ => return,
    };
    value.number = size;
    value.block = Some(cursor.bytes(usize::try_from(size).unwrap_or(usize::MAX)));
}

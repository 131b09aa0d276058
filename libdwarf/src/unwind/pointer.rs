//! Encoded pointers of `.eh_frame` and of tables for exceptions: a byte says how a value is stored,
//! and what it is relative to. Linux Standard Base, section 10.5.

use gimli::{DwEhPe, Error, Pointer, Reader as _};

use crate::load::Slice;

/// There is nothing (`DW_EH_PE_omit`).
pub(super) const OMIT: u8 = 0xff;
/// An address as it is (`DW_EH_PE_absptr`).
pub(super) const ADDRESS: u8 = 0;
/// The bits that say how the value is stored.
const FORM: u8 = 0xf;
/// The bits that say what it is relative to: nothing; its own place; the text; data; the function;
/// or nothing again, but its place is aligned.
const RELATIVE: u8 = 0x70;
const TO_NOTHING: u8 = 0;
const TO_PLACE: u8 = 0x10;
const TO_TEXT: u8 = 0x20;
const TO_DATA: u8 = 0x30;
const TO_FUNCTION: u8 = 0x40;
const ALIGNED: u8 = 0x50;
/// The value is the address of where the value is.
const INDIRECT: u8 = 0x80;

/// What pointers are relative to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bases {
    /// The address of the bytes that are read.
    pub start: u64,
    /// The address of `.text`, if it is known.
    pub text: u64,
    /// The address of `.got`, likewise.
    pub data: u64,
    /// The bytes of an address.
    pub address_size: u8,
}

impl Bases {
    /// An address without the bits that the machine's do not have.
    pub fn cut(&self, address: u64) -> u64 {
        address & mask(self.address_size)
    }
}

/// The bits of an address with this many bytes.
pub(super) fn mask(address_size: u8) -> u64 {
    if address_size >= 8 {
        u64::MAX
    } else {
        (1u64 << u32::from(address_size).saturating_mul(8)).wrapping_sub(1)
    }
}

/// How many bytes a value takes, if all of the encoding take as many.
pub(super) fn size(encoding: u8, address_size: u8) -> Option<u64> {
    Some(match encoding & FORM {
        0x0 | 0x8 => address_size.into(),
        0x2 | 0xa => 2,
        0x3 | 0xb => 4,
        0x4 | 0xc => 8,
        _ => return None,
    })
}

/// A value as it is stored, with its sign if it has one.
///
/// # Errors
/// If it is cut short, or stored in an unknown way.
pub(super) fn read_value(
    reader: &mut Slice<'_>,
    encoding: u8,
    address_size: u8,
) -> Result<u64, Error> {
    Ok(match encoding & FORM {
        0x0 => reader.read_address(address_size)?,
        0x1 => reader.read_uleb128()?,
        0x2 => reader.read_u16()?.into(),
        0x3 => reader.read_u32()?.into(),
        0x4 => reader.read_u64()?,
        0x8 if address_size == 4 => i64::from(reader.read_i32()?).cast_unsigned(),
        0x8 => reader.read_address(address_size)?,
        0x9 => reader.read_sleb128()?.cast_unsigned(),
        0xa => i64::from(reader.read_i16()?).cast_unsigned(),
        0xb => i64::from(reader.read_i32()?).cast_unsigned(),
        0xc => reader.read_i64()?.cast_unsigned(),
        _ => return Err(Error::UnknownPointerEncoding(DwEhPe(encoding))),
    })
}

/// A pointer at `reader`, which reads `all`; 0 stays 0, whatever it is relative to. `function` is
/// the address of the function, where that is known.
///
/// # Errors
/// As [`read_value`], and if it is relative to what is not known.
pub(super) fn read(
    all: Slice<'_>,
    reader: &mut Slice<'_>,
    encoding: u8,
    bases: &Bases,
    function: Option<u64>,
) -> Result<Pointer, Error> {
    let unsupported = Error::UnsupportedPointerEncoding(DwEhPe(encoding));
    let place = |reader: &Slice<'_>| bases.start.wrapping_add(reader.offset_from(all) as u64);
    let base = match encoding & RELATIVE {
        TO_NOTHING => 0,
        TO_PLACE => place(reader),
        TO_TEXT => bases.text,
        TO_DATA => bases.data,
        TO_FUNCTION => function.ok_or(unsupported)?,
        ALIGNED => {
            let size = u64::from(bases.address_size);
            let behind = place(reader).checked_rem(size).unwrap_or(0);
            if behind != 0 {
                reader.skip(size.saturating_sub(behind) as usize)?;
            }
            0
        }
        _ => return Err(unsupported),
    };
    let value = match read_value(reader, encoding, bases.address_size)? {
        0 => 0,
        value => bases.cut(value.wrapping_add(base)),
    };
    let is_indirect = encoding & INDIRECT != 0 && value != 0;
    Ok(if is_indirect { Pointer::Indirect(value) } else { Pointer::Direct(value) })
}

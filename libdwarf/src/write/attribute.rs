//! Values of attributes and the forms they are written in. DWARF 5, sections 2.2 and 7.5.
//!
//! A value says what is meant; the form follows from it and the version, or is chosen by the caller
//! among those that can say the same: a string goes in `DW_FORM_strp` unless `DW_FORM_strx2` is asked
//! for.

use gimli::{DwAt, DwForm, Encoding, Format, constants as dw};

use super::distance::Address;
use super::error::{Error, Result};
use super::expression::Expression;
use super::lists::{LocationListId, RangeListId};
use super::strings::StringId;
use super::{EntryId, LineId, MacroId, UnitId};
use crate::section::SectionId;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Value {
    /// An address; `DW_FORM_addr`, or indexed (`addrx`).
    Address(Address),
    /// An unsigned constant: `DW_FORM_data1` to `data8`, `udata`, `implicit_const`.
    Unsigned(u64),
    /// A signed constant: `DW_FORM_sdata`, `data1` to `data8`, `implicit_const`.
    Signed(i64),
    /// The bytes from one address to another, such as the length of a function: `DW_FORM_data1` to
    /// `data8`, with a relocation if it is not known.
    Distance(Address, Address),
    /// A constant of 16 bytes.
    Data16(u128),
    /// Bytes: `DW_FORM_block`, `block1` to `block4`.
    Block(Vec<u8>),
    /// An expression: `DW_FORM_exprloc`, a block before version 4.
    Expression(Expression),
    /// `DW_FORM_flag`, or `flag_present`.
    Flag(bool),
    /// A string in its place: `DW_FORM_string`.
    Text(Vec<u8>),
    /// A string of `.debug_str`: `DW_FORM_strp`, or indexed (`strx`).
    String(StringId),
    /// A string of `.debug_line_str`.
    LineString(StringId),
    /// A string of the supplementary file, by its offset there.
    StringSup(u64),
    /// An entry of the same unit: `DW_FORM_ref4` or another size, `ref_udata`.
    Entry(EntryId),
    /// An entry of any unit: `DW_FORM_ref_addr`.
    EntryOf(UnitId, EntryId),
    /// An entry of the supplementary file, by its offset there.
    EntrySup(u64),
    /// A type unit, by its signature.
    Signature(u64),
    /// A line number program.
    Line(LineId),
    /// A range list of the same unit: an offset, or indexed (`DW_FORM_rnglistx`).
    Ranges(RangeListId),
    /// A location list of the same unit: an offset, or indexed (`DW_FORM_loclistx`).
    Locations(LocationListId),
    /// The views of a location list of the same unit, which must have some.
    Views(LocationListId),
    /// Macros.
    Macros(MacroId),
    /// An offset in some other section.
    SectionOffset(SectionId, u64),
}

/// An attribute of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attribute {
    /// What it says.
    pub name: DwAt,
    /// The value.
    pub value: Value,
    /// The form, if it is not to follow from the value.
    pub form: Option<DwForm>,
    /// Whether the form lies with the value (`DW_FORM_indirect`) instead of the abbreviation.
    pub indirect: bool,
}

/// The first version with a form.
fn version_of(form: DwForm) -> u16 {
    match form {
        dw::DW_FORM_sec_offset
        | dw::DW_FORM_exprloc
        | dw::DW_FORM_flag_present
        | dw::DW_FORM_ref_sig8 => 4,
        // GNU's extensions, and all of version 2.
        _ if form.0 <= dw::DW_FORM_indirect.0 || form.0 > 0xff => 2,
        _ => 5,
    }
}

impl Attribute {
    /// The form it is written in.
    ///
    /// # Errors
    /// If the chosen one cannot say the value, or the version has not got it.
    pub(super) fn form(&self, encoding: Encoding) -> Result<DwForm> {
        let form = self.form.unwrap_or_else(|| self.value.default_form(encoding));
        if !self.value.can_have(form, encoding)
            || (self.indirect && form == dw::DW_FORM_implicit_const)
        {
            return Err(Error::Form { name: self.name, form });
        }
        let version = version_of(form);
        if encoding.version < version {
            let what = form.static_string().unwrap_or("a form");
            return Err(Error::NeedsVersion { what, version });
        }
        Ok(form)
    }
}

impl Value {
    fn default_form(&self, encoding: Encoding) -> DwForm {
        let since = |version, form, else_form| {
            if encoding.version >= version { form } else { else_form }
        };
        let by_format = |form32, form64| match encoding.format {
            Format::Dwarf32 => form32,
            Format::Dwarf64 => form64,
        };
        match self {
            Self::Address(_) => dw::DW_FORM_addr,
            Self::Unsigned(0..=0xff) => dw::DW_FORM_data1,
            Self::Unsigned(0..=0xffff) => dw::DW_FORM_data2,
            // Before version 4, four bytes may be an offset in a section.
            Self::Unsigned(_) if encoding.version < 4 => dw::DW_FORM_udata,
            Self::Unsigned(0..=0xffff_ffff) => dw::DW_FORM_data4,
            Self::Unsigned(_) => dw::DW_FORM_data8,
            Self::Signed(_) => dw::DW_FORM_sdata,
            Self::Distance(..) if encoding.address_size == 8 => dw::DW_FORM_data8,
            Self::Distance(..) => dw::DW_FORM_data4,
            Self::Data16(_) => dw::DW_FORM_data16,
            Self::Block(bytes) if bytes.len() <= 0xff => dw::DW_FORM_block1,
            Self::Block(_) => dw::DW_FORM_block,
            Self::Expression(_) => since(4, dw::DW_FORM_exprloc, dw::DW_FORM_block),
            Self::Flag(true) => since(4, dw::DW_FORM_flag_present, dw::DW_FORM_flag),
            Self::Flag(false) => dw::DW_FORM_flag,
            Self::Text(_) => dw::DW_FORM_string,
            Self::String(_) => dw::DW_FORM_strp,
            Self::LineString(_) => dw::DW_FORM_line_strp,
            Self::StringSup(_) => since(5, dw::DW_FORM_strp_sup, dw::DW_FORM_GNU_strp_alt),
            Self::Entry(_) => by_format(dw::DW_FORM_ref4, dw::DW_FORM_ref8),
            Self::EntryOf(..) => dw::DW_FORM_ref_addr,
            Self::EntrySup(_) if encoding.version < 5 => dw::DW_FORM_GNU_ref_alt,
            Self::EntrySup(_) => by_format(dw::DW_FORM_ref_sup4, dw::DW_FORM_ref_sup8),
            Self::Signature(_) => dw::DW_FORM_ref_sig8,
            Self::Line(_)
            | Self::Ranges(_)
            | Self::Locations(_)
            | Self::Views(_)
            | Self::Macros(_)
            | Self::SectionOffset(..) => offset_form(encoding),
        }
    }

    fn can_have(&self, form: DwForm, encoding: Encoding) -> bool {
        const BLOCKS: [DwForm; 4] =
            [dw::DW_FORM_block, dw::DW_FORM_block1, dw::DW_FORM_block2, dw::DW_FORM_block4];
        const DATA: [DwForm; 4] =
            [dw::DW_FORM_data1, dw::DW_FORM_data2, dw::DW_FORM_data4, dw::DW_FORM_data8];
        match self {
            Self::Address(_) => form == dw::DW_FORM_addr || is_address_index(form),
            Self::Unsigned(value) => {
                let is_small = i64::try_from(*value).is_ok();
                DATA.contains(&form)
                    || form == dw::DW_FORM_udata
                    || (form == dw::DW_FORM_implicit_const && is_small)
            }
            Self::Signed(_) => {
                DATA.contains(&form)
                    || form == dw::DW_FORM_sdata
                    || form == dw::DW_FORM_implicit_const
            }
            Self::Distance(..) => DATA.contains(&form),
            Self::Data16(_) => form == dw::DW_FORM_data16,
            Self::Block(_) => BLOCKS.contains(&form),
            Self::Expression(_) => BLOCKS.contains(&form) || form == dw::DW_FORM_exprloc,
            Self::Flag(value) => {
                form == dw::DW_FORM_flag || (*value && form == dw::DW_FORM_flag_present)
            }
            Self::Text(_) => form == dw::DW_FORM_string,
            Self::String(_) => form == dw::DW_FORM_strp || is_string_index(form),
            Self::LineString(_) => form == dw::DW_FORM_line_strp,
            Self::StringSup(_) => form == dw::DW_FORM_strp_sup || form == dw::DW_FORM_GNU_strp_alt,
            Self::Entry(_) => form == dw::DW_FORM_ref_udata || fixed_reference_size(form).is_some(),
            Self::EntryOf(..) => form == dw::DW_FORM_ref_addr,
            Self::EntrySup(_) => {
                [dw::DW_FORM_ref_sup4, dw::DW_FORM_ref_sup8, dw::DW_FORM_GNU_ref_alt]
                    .contains(&form)
            }
            Self::Signature(_) => form == dw::DW_FORM_ref_sig8,
            Self::Ranges(_) if form == dw::DW_FORM_rnglistx => true,
            Self::Locations(_) if form == dw::DW_FORM_loclistx => true,
            Self::Line(_)
            | Self::Ranges(_)
            | Self::Locations(_)
            | Self::Views(_)
            | Self::Macros(_)
            | Self::SectionOffset(..) => form == offset_form(encoding),
        }
    }
}

/// The form of an offset in another section: before version 4, plain data.
pub(super) fn offset_form(encoding: Encoding) -> DwForm {
    match encoding.format {
        _ if encoding.version >= 4 => dw::DW_FORM_sec_offset,
        Format::Dwarf32 => dw::DW_FORM_data4,
        Format::Dwarf64 => dw::DW_FORM_data8,
    }
}

/// Whether a form holds an index in the table of addresses.
pub(super) fn is_address_index(form: DwForm) -> bool {
    [
        dw::DW_FORM_addrx,
        dw::DW_FORM_addrx1,
        dw::DW_FORM_addrx2,
        dw::DW_FORM_addrx3,
        dw::DW_FORM_addrx4,
        dw::DW_FORM_GNU_addr_index,
    ]
    .contains(&form)
}

/// Whether a form holds an index in the table of strings.
pub(super) fn is_string_index(form: DwForm) -> bool {
    [
        dw::DW_FORM_strx,
        dw::DW_FORM_strx1,
        dw::DW_FORM_strx2,
        dw::DW_FORM_strx3,
        dw::DW_FORM_strx4,
        dw::DW_FORM_GNU_str_index,
    ]
    .contains(&form)
}

/// The bytes of an index whose form fixes them; none for LEB128.
pub(super) fn index_size(form: DwForm) -> Option<u8> {
    match form {
        dw::DW_FORM_addrx1 | dw::DW_FORM_strx1 => Some(1),
        dw::DW_FORM_addrx2 | dw::DW_FORM_strx2 => Some(2),
        dw::DW_FORM_addrx3 | dw::DW_FORM_strx3 => Some(3),
        dw::DW_FORM_addrx4 | dw::DW_FORM_strx4 => Some(4),
        _ => None,
    }
}

/// The bytes of a reference inside the unit whose form fixes them.
pub(super) fn fixed_reference_size(form: DwForm) -> Option<u8> {
    match form {
        dw::DW_FORM_ref1 => Some(1),
        dw::DW_FORM_ref2 => Some(2),
        dw::DW_FORM_ref4 => Some(4),
        dw::DW_FORM_ref8 => Some(8),
        _ => None,
    }
}

/// The bytes of a constant whose form fixes them.
pub(super) fn data_size(form: DwForm) -> Option<u8> {
    match form {
        dw::DW_FORM_data1 => Some(1),
        dw::DW_FORM_data2 => Some(2),
        dw::DW_FORM_data4 => Some(4),
        dw::DW_FORM_data8 => Some(8),
        _ => None,
    }
}

/// The bytes of the length of a block whose form fixes them; none for LEB128.
pub(super) fn block_size(form: DwForm) -> Option<u8> {
    match form {
        dw::DW_FORM_block1 => Some(1),
        dw::DW_FORM_block2 => Some(2),
        dw::DW_FORM_block4 => Some(4),
        _ => None,
    }
}

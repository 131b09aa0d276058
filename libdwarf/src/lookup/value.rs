//! Values of attributes. DWARF 5, section 7.5.5.

use gimli::constants as c;

use super::abbrev::{Format, Spec};
use super::bytes::Bytes;

/// A value as it stands in the entry: nothing that it leads to was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'data> {
    Address(u64),
    /// The number of an address in `.debug_addr`.
    AddressIndex(u64),
    Unsigned(u64),
    Signed(i64),
    String(&'data [u8]),
    /// An offset in `.debug_str`.
    StringAt(u64),
    /// An offset in `.debug_line_str`.
    LineStringAt(u64),
    /// The number of a string in `.debug_str_offsets`.
    StringIndex(u64),
    /// An offset in `.debug_str` of the supplementary file.
    SupplementaryStringAt(u64),
    /// An entry, by its offset from the start of the unit.
    InUnit(u64),
    /// An entry, by its offset in `.debug_info`.
    InSection(u64),
    /// An entry of the supplementary file, by its offset in `.debug_info` there.
    InSupplementary(u64),
    /// The type of a type unit with this signature.
    Signature(u64),
    /// An offset in the section that the attribute implies.
    Offset(u64),
    /// The number of a range list.
    RangeListIndex(u64),
    Other,
}

impl<'data> Value<'data> {
    /// The value of an attribute, which is passed over.
    #[inline]
    pub(super) fn read(spec: &Spec, format: Format, bytes: &mut Bytes<'data>) -> Option<Self> {
        let width = format.width;
        let mut form = spec.form;
        if form == c::DW_FORM_indirect {
            form = gimli::DwForm(u16::try_from(bytes.uleb()?).ok()?);
        }
        Some(match form {
            c::DW_FORM_addr => Self::Address(bytes.uint(format.address_size)?),
            c::DW_FORM_addrx | c::DW_FORM_GNU_addr_index => Self::AddressIndex(bytes.uleb()?),
            c::DW_FORM_addrx1 => Self::AddressIndex(bytes.uint(1)?),
            c::DW_FORM_addrx2 => Self::AddressIndex(bytes.uint(2)?),
            c::DW_FORM_addrx3 => Self::AddressIndex(bytes.uint(3)?),
            c::DW_FORM_addrx4 => Self::AddressIndex(bytes.uint(4)?),
            c::DW_FORM_data1 | c::DW_FORM_flag => Self::Unsigned(bytes.uint(1)?),
            c::DW_FORM_data2 => Self::Unsigned(bytes.uint(2)?),
            c::DW_FORM_data4 => Self::Unsigned(bytes.uint(4)?),
            c::DW_FORM_data8 => Self::Unsigned(bytes.uint(8)?),
            c::DW_FORM_udata => Self::Unsigned(bytes.uleb()?),
            c::DW_FORM_sdata => Self::Signed(bytes.sleb()?),
            c::DW_FORM_implicit_const => Self::Signed(spec.implicit),
            c::DW_FORM_flag_present => Self::Unsigned(1),
            c::DW_FORM_string => Self::String(bytes.string()?),
            c::DW_FORM_strp => Self::StringAt(bytes.word(width)?),
            c::DW_FORM_line_strp => Self::LineStringAt(bytes.word(width)?),
            c::DW_FORM_strp_sup | c::DW_FORM_GNU_strp_alt => {
                Self::SupplementaryStringAt(bytes.word(width)?)
            }
            c::DW_FORM_strx | c::DW_FORM_GNU_str_index => Self::StringIndex(bytes.uleb()?),
            c::DW_FORM_strx1 => Self::StringIndex(bytes.uint(1)?),
            c::DW_FORM_strx2 => Self::StringIndex(bytes.uint(2)?),
            c::DW_FORM_strx3 => Self::StringIndex(bytes.uint(3)?),
            c::DW_FORM_strx4 => Self::StringIndex(bytes.uint(4)?),
            c::DW_FORM_ref1 => Self::InUnit(bytes.uint(1)?),
            c::DW_FORM_ref2 => Self::InUnit(bytes.uint(2)?),
            c::DW_FORM_ref4 => Self::InUnit(bytes.uint(4)?),
            c::DW_FORM_ref8 => Self::InUnit(bytes.uint(8)?),
            c::DW_FORM_ref_udata => Self::InUnit(bytes.uleb()?),
            c::DW_FORM_ref_addr if format.version <= 2 => {
                Self::InSection(bytes.uint(format.address_size)?)
            }
            c::DW_FORM_ref_addr => Self::InSection(bytes.word(width)?),
            c::DW_FORM_GNU_ref_alt => Self::InSupplementary(bytes.word(width)?),
            c::DW_FORM_ref_sup4 => Self::InSupplementary(bytes.uint(4)?),
            c::DW_FORM_ref_sup8 => Self::InSupplementary(bytes.uint(8)?),
            c::DW_FORM_ref_sig8 => Self::Signature(bytes.u64()?),
            c::DW_FORM_sec_offset => Self::Offset(bytes.word(width)?),
            c::DW_FORM_rnglistx => Self::RangeListIndex(bytes.uleb()?),
            c::DW_FORM_loclistx => {
                bytes.skip_leb()?;
                Self::Other
            }
            c::DW_FORM_data16 => {
                bytes.skip(16)?;
                Self::Other
            }
            c::DW_FORM_block1 => {
                let size = bytes.uint(1)?;
                bytes.skip(size)?;
                Self::Other
            }
            c::DW_FORM_block2 => {
                let size = bytes.uint(2)?;
                bytes.skip(size)?;
                Self::Other
            }
            c::DW_FORM_block4 => {
                let size = bytes.uint(4)?;
                bytes.skip(size)?;
                Self::Other
            }
            c::DW_FORM_block | c::DW_FORM_exprloc => {
                let size = bytes.uleb()?;
                bytes.skip(size)?;
                Self::Other
            }
            _ => return None,
        })
    }

    /// A number that is not negative.
    pub(super) fn unsigned(self) -> Option<u64> {
        match self {
            Self::Unsigned(value) => Some(value),
            Self::Signed(value) => u64::try_from(value).ok(),
            _ => None,
        }
    }

    /// An offset in another section: before version 4 it had the form of a number.
    pub(super) fn offset(self) -> Option<u64> {
        match self {
            Self::Offset(value) | Self::Unsigned(value) => Some(value),
            _ => None,
        }
    }
}

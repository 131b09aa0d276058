//! The values of attributes, with what they refer to found. DWARF 5, section 7.5.5.

use gimli::{AttributeValue, Expression};

use super::entry::Entry;
use super::unit::Unit;
use super::{Error, Result};
use crate::load::Slice;

/// The value of an attribute.
#[derive(Clone, Debug)]
pub enum Value<'w, 'data> {
    /// An address of the program.
    Address(u64),
    /// A number whose form says that it has no sign, or says nothing of signs.
    Unsigned(u64),
    /// A number with a sign.
    Signed(i64),
    /// A number of 16 bytes.
    Wide(u128),
    /// Whether something is so.
    Flag(bool),
    /// Bytes of whatever meaning.
    Bytes(&'data [u8]),
    /// A string, whatever section or file it lies in.
    Text(&'data [u8]),
    /// Operations that compute an address or a value.
    Expression(Expression<Slice<'data>>),
    /// Another entry, whatever unit or file it lies in.
    Entry(Box<Entry<'w, 'data>>),
    /// A list of address ranges: see [`Entry::ranges`].
    Ranges,
    /// A list of locations: see [`Entry::locations`].
    Locations,
    /// Where the line number program lies in `.debug_line`, in bytes.
    Lines(u64),
    /// Macros: see [`Unit::macros`](super::Unit::macros).
    Macros,
    /// A constant of the standard with a name, such as `DW_LANG_C11`; the number, if it has none.
    Constant(u64, Option<&'static str>),
    /// What only [`gimli`] knows.
    Other(AttributeValue<Slice<'data>>),
}

impl Value<'_, '_> {
    /// It as a number without a sign, if it is one that is not negative.
    pub fn number(&self) -> Option<u64> {
        match *self {
            Self::Unsigned(number) | Self::Address(number) | Self::Constant(number, _) => {
                Some(number)
            }
            Self::Signed(number) => u64::try_from(number).ok(),
            Self::Flag(flag) => Some(flag.into()),
            _ => None,
        }
    }
}

/// A constant of [`gimli`] as a value.
macro_rules! constant {
    ($value:expr) => {
        Value::Constant($value.0.into(), $value.static_string())
    };
}

/// What `value` of an entry in `unit` means.
pub(super) fn resolve<'w, 'data>(
    unit: Unit<'w, 'data>,
    value: AttributeValue<Slice<'data>>,
) -> Result<Value<'w, 'data>> {
    use AttributeValue as A;
    Ok(match value {
        A::Addr(address) => Value::Address(address),
        A::DebugAddrIndex(index) => {
            let address = unit.gimli()?.address(index);
            Value::Address(address.map_err(|problem| unit.damaged(problem))?)
        }
        A::Block(bytes) => Value::Bytes(bytes.slice()),
        A::Data1(number) => Value::Unsigned(number.into()),
        A::Data2(number) => Value::Unsigned(number.into()),
        A::Data4(number) => Value::Unsigned(number.into()),
        A::Data8(number) | A::Udata(number) => Value::Unsigned(number),
        A::FileIndex(number) => Value::Unsigned(number),
        A::Data16(number) => Value::Wide(number),
        A::Sdata(number) => Value::Signed(number),
        A::Exprloc(expression) => Value::Expression(expression),
        A::Flag(flag) => Value::Flag(flag),
        A::UnitRef(offset) => Value::Entry(Box::new(unit.entry(offset)?)),
        A::DebugInfoRef(offset) => {
            let index = unit.side.holder_of(offset.0 as u64);
            let index = index.ok_or(Error::NoUnit { offset: offset.0 as u64 })?;
            let holder = Unit { index, ..unit };
            Value::Entry(Box::new(holder.entry_at_info_offset(offset.0 as u64)?))
        }
        A::DebugInfoRefSup(offset) => {
            Value::Entry(Box::new(unit.supplementary_entry(offset.0 as u64)?))
        }
        A::DebugTypesRef(signature) => {
            Value::Entry(Box::new(unit.entry_of_signature(signature.0)?))
        }
        A::DebugLineRef(offset) => Value::Lines(offset.0 as u64),
        A::LocationListsRef(_) | A::DebugLocListsIndex(_) => Value::Locations,
        A::RangeListsRef(_) | A::DebugRngListsIndex(_) => Value::Ranges,
        A::DebugMacinfoRef(_) | A::DebugMacroRef(_) => Value::Macros,
        A::String(_)
        | A::DebugStrRef(_)
        | A::DebugStrRefSup(_)
        | A::DebugStrOffsetsIndex(_)
        | A::DebugLineStrRef(_) => {
            let text = unit.gimli()?.attr_string(value);
            Value::Text(text.map_err(|problem| unit.damaged(problem))?.slice())
        }
        A::SecOffset(offset) => Value::Unsigned(offset as u64),
        A::Encoding(value) => constant!(value),
        A::DecimalSign(value) => constant!(value),
        A::Endianity(value) => constant!(value),
        A::Accessibility(value) => constant!(value),
        A::Visibility(value) => constant!(value),
        A::Virtuality(value) => constant!(value),
        A::Language(value) => constant!(value),
        A::IdentifierCase(value) => constant!(value),
        A::CallingConvention(value) => constant!(value),
        A::Inline(value) => constant!(value),
        A::Ordering(value) => constant!(value),
        A::AddressClass(value) => Value::Unsigned(value.0),
        other => Value::Other(other),
    })
}

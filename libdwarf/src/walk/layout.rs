//! Where the members of a structure, union or class lie.

#![expect(non_upper_case_globals, reason = "constants are named as the standard names them")]

use gimli::{
    AttributeValue, DW_AT_bit_offset, DW_AT_bit_size, DW_AT_byte_size, DW_AT_data_bit_offset,
    DW_AT_data_member_location, DW_AT_declaration, DW_TAG_inheritance, DW_TAG_member,
};

use super::Result;
use super::declaration::size_of;
use super::entry::Entry;

/// The layout of a type. DWARF 5, section 5.7.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The size of all of it, in bytes.
    pub size: u64,
    /// Base classes and members, in order of declaration; static ones are none.
    pub members: Vec<Member>,
}

/// A member, or a base class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Where it starts, in bytes from the start of the type. What is found only while the program
    /// runs, such as a virtual base class, is at 0.
    pub offset: u64,
    /// Its size in bytes; 0 where it is not known.
    pub size: u64,
    /// For a bit-field, the lowest bit that it takes from `offset` on, and how many; bits are
    /// counted as the machine orders its bytes.
    pub bits: Option<(u64, u64)>,
    /// Its C declaration.
    pub declaration: String,
}

/// The bits of a byte.
const BYTE: u64 = 8;

impl Entry<'_, '_> {
    /// The layout of this type.
    ///
    /// # Errors
    /// Where an entry is damaged.
    pub fn layout(&self) -> Result<Layout> {
        let mut members = Vec::new();
        let mut children = self.children()?;
        while let Some(child) = children.next()? {
            let is_static = child.number(DW_AT_declaration)?.is_some_and(|flag| flag != 0);
            match child.tag() {
                DW_TAG_member if !is_static => members.push(child.member(false)?),
                DW_TAG_inheritance => members.push(child.member(true)?),
                _ => {}
            }
        }
        Ok(Layout { size: self.number(DW_AT_byte_size)?.unwrap_or(0), members })
    }

    fn member(&self, is_base: bool) -> Result<Member> {
        let of = self.type_entry()?;
        let size = of.as_ref().map(size_of).transpose()?.flatten().unwrap_or(0);
        let mut declaration = match (&of, is_base) {
            (Some(of), true) => of.declaration(b"")?,
            _ => self.own_declaration()?,
        };
        let (mut offset, bits) = self.place(size)?;
        if let Some((first, count)) = bits {
            declaration = format!("{declaration} : {count}");
            // The storage starts at a multiple of its size.
            if offset == 0 {
                let unit = (first / BYTE).checked_div(size).unwrap_or(0);
                offset = unit.saturating_mul(size);
            }
        }
        let before = offset.saturating_mul(BYTE);
        let bits = bits.map(|(first, count)| (first.saturating_sub(before), count));
        Ok(Member { offset, size, bits, declaration })
    }

    /// The offset in bytes, and the bits from the start of the type on, of a bit-field.
    fn place(&self, size: u64) -> Result<(u64, Option<(u64, u64)>)> {
        let offset = self.member_offset()?;
        let Some(count) = self.number(DW_AT_bit_size)? else { return Ok((offset, None)) };
        if let Some(first) = self.number(DW_AT_data_bit_offset)? {
            return Ok((0, Some((first, count))));
        }
        // Up to version 3: counted from the highest bit of the storage.
        let from_top = self.number(DW_AT_bit_offset)?.unwrap_or(0);
        let storage = self.number(DW_AT_byte_size)?.unwrap_or(size).saturating_mul(BYTE);
        let is_big = self.unit().is_big_endian();
        let first =
            if is_big { from_top } else { storage.saturating_sub(from_top).saturating_sub(count) };
        Ok((offset, Some((offset.saturating_mul(BYTE).saturating_add(first), count))))
    }

    /// `DW_AT_data_member_location`: a number, or up to version 3 an expression that adds one.
    fn member_offset(&self) -> Result<u64> {
        let value = self.parsed.attr_value(DW_AT_data_member_location);
        let bytes = match value {
            Some(AttributeValue::Exprloc(expression)) => expression.0,
            Some(AttributeValue::Block(bytes)) => bytes,
            _ => return Ok(self.number(DW_AT_data_member_location)?.unwrap_or(0)),
        };
        Ok(match bytes.slice().split_first() {
            Some((&code, operand)) if code == gimli::DW_OP_plus_uconst.0 => {
                libelf::leb128::unsigned(operand).value
            }
            _ => 0,
        })
    }
}

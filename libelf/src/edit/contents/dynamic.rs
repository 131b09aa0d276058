//! The dynamic section. gABI, chapter 5, "Dynamic Section".
//!
//! What an entry holds follows for most tags from the rest of the file: `DT_STRTAB` is the address
//! of the linked string table, `DT_RELASZ` the size of the relocations that the loader applies.
//! Such an entry is [`DynamicValue::Auto`]; one that names another section than its tag asks for
//! refers to that by id, and so follows it too.
//!
//! ```text
//! NEEDED    "libc.so.6"        a name in the linked string table
//! INIT                         Auto: the address of .init
//! STRTAB                       Auto: the address of the linked string table
//! FLAGS     8                  a number
//! 0x70000001 = 4096            any tag
//! NULL NULL NULL               `nulls`: how many close the table
//! ```

use super::name::Name;
use super::writer::{Result, Writer};
use crate::dynamic::Dyn;
use crate::edit::SectionId;
use crate::ident::Encoding;
use crate::table::{Record, Table};

pub use super::dynamic_auto::{DynamicContext, SectionFacts};
use super::dynamic_auto::{Meaning, meaning};

/// A dynamic section.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dynamic<'data> {
    /// The entries, without the null entries at the end.
    pub entries: Vec<DynamicEntry<'data>>,
    /// How many entries with nothing but zeros follow. Linkers leave some for what edits the file
    /// later.
    pub nulls: usize,
}

/// An entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DynamicEntry<'data> {
    /// `d_tag`: a `DT_` number, zero-extended in 32-bit files.
    pub tag: u64,
    /// `d_un`
    pub value: DynamicValue<'data>,
}

/// The value of an entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum DynamicValue<'data> {
    /// What the tag asks for; 0 for a tag that asks for nothing, or for what the file lacks.
    #[default]
    Auto,
    /// A number; an error when it does not fit the class's word.
    Number(u64),
    /// A number, cut to the class's word.
    Raw(u64),
    /// A name in the linked string table.
    Name(Name<'data>),
    /// The address of a section.
    Address(SectionId),
    /// The size of a section in memory, in bytes.
    Size(SectionId),
}

impl<'data> Dynamic<'data> {
    /// Reads a dynamic section. `None` if it is no whole number of entries.
    pub fn decode(bytes: &'data [u8], context: &DynamicContext<'_, 'data>) -> Option<Self> {
        let table = Table::<Dyn>::new(bytes, context.encoding);
        if !bytes.len().is_multiple_of(Dyn::size(context.encoding.class)) {
            return None;
        }
        let is_null = |entry: &Dyn| entry.tag.0 == 0 && entry.value == 0;
        let nulls = table.iter().rev().take_while(is_null).count();
        let entries = table
            .iter()
            .take(table.len().saturating_sub(nulls))
            .map(|entry| {
                let tag = entry.tag.0.cast_unsigned();
                DynamicEntry { tag, value: DynamicValue::decode(tag, entry.value, context) }
            })
            .collect();
        Some(Self { entries, nulls })
    }

    /// The size in bytes, which does not depend on any address.
    pub fn size(&self, encoding: Encoding) -> usize {
        self.entries.len().saturating_add(self.nulls).saturating_mul(Dyn::size(encoding.class))
    }

    /// The bytes of the section.
    ///
    /// # Errors
    /// A value that does not fit.
    pub fn encode(&self, context: &DynamicContext<'_, 'data>) -> Result<Vec<u8>> {
        let size = self.size(context.encoding);
        let mut writer = Writer::with_capacity(context.encoding, "dynamic entry", size);
        let word = context.encoding.word_size();
        for (index, entry) in self.entries.iter().enumerate() {
            writer.entry(index);
            writer.word("d_tag", entry.tag)?;
            let value = match &entry.value {
                DynamicValue::Auto => context.auto(entry.tag).unwrap_or_default(),
                DynamicValue::Number(number) => *number,
                DynamicValue::Raw(number) => {
                    writer.cut(*number, word);
                    continue;
                }
                DynamicValue::Name(name) => {
                    writer.field("d_val", name.value(context.strings), 0, word)?;
                    continue;
                }
                DynamicValue::Address(id) => {
                    context.section(*id).map(|section| section.address).unwrap_or_default()
                }
                DynamicValue::Size(id) => {
                    context.section(*id).map(|section| section.size).unwrap_or_default()
                }
            };
            writer.word("d_un", value)?;
        }
        writer.zeros(size.saturating_sub(writer.length()));
        Ok(writer.finish())
    }

    /// The names that the linked string table must hold, in the order of their use.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().filter_map(|entry| match &entry.value {
            DynamicValue::Name(name) => name.needed(),
            _ => None,
        })
    }
}

impl<'data> DynamicValue<'data> {
    /// The form of `value` that says most.
    fn decode(tag: u64, value: u64, context: &DynamicContext<'_, 'data>) -> Self {
        match meaning(tag, context.machine) {
            Meaning::Name => {
                return match u32::try_from(value) {
                    Ok(offset) => Self::Name(Name::decode(offset, context.strings)),
                    Err(_) => Self::Number(value),
                };
            }
            Meaning::Number => {
                return if value == 0 { Self::Auto } else { Self::Number(value) };
            }
            _ => {}
        }
        if context.auto(tag).unwrap_or_default() == value {
            return Self::Auto;
        }
        let section = match meaning(tag, context.machine) {
            Meaning::Address(_) => context.at_address(value).map(Self::Address),
            _ => None,
        };
        section.unwrap_or(Self::Number(value))
    }
}

#[cfg(test)]
#[path = "dynamic_tests.rs"]
mod tests;

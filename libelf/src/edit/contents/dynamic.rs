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

use object::elf::Machine;

use super::dynamic_auto::{Meaning, auto, meaning};
use super::name::Name;
use super::writer::Writer;
use crate::dynamic::Dyn;
use crate::edit::context::{Context, Source};
use crate::edit::error::{Error, Result};
use crate::edit::{Field, SectionId};
use crate::ident::Encoding;
use crate::table::{Record, Table};

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
    /// Reads a dynamic section; values are names or numbers. `None` if it is no whole number of
    /// entries.
    pub fn decode(source: &Source<'_, 'data>, bytes: &'data [u8]) -> Option<Self> {
        let table = Table::<Dyn>::new(bytes, source.encoding);
        if !bytes.len().is_multiple_of(Dyn::size(source.encoding.class)) {
            return None;
        }
        let is_null = |entry: &Dyn| entry.tag.0 == 0 && entry.value == 0;
        let nulls = table.iter().rev().take_while(is_null).count();
        let entries = table.iter().take(table.len().saturating_sub(nulls)).map(|entry| {
            let tag = entry.tag.0.cast_unsigned();
            let value = match (meaning(tag, Machine(source.machine)), u32::try_from(entry.value)) {
                (Meaning::Name, Ok(offset)) => DynamicValue::Name(source.name(offset)),
                _ => DynamicValue::Number(entry.value),
            };
            DynamicEntry { tag, value }
        });
        Some(Self { entries: entries.collect(), nulls })
    }

    /// The size in bytes, which does not depend on any address.
    pub fn size(&self, encoding: Encoding) -> u64 {
        let count = self.entries.len().saturating_add(self.nulls) as u64;
        count.saturating_mul(Dyn::size(encoding.class) as u64)
    }

    /// The bytes of the section.
    ///
    /// # Errors
    /// A value that does not fit, a name that the string table does not hold, or a section that is
    /// not there.
    pub fn encode(&self, context: &Context) -> Result<Vec<u8>> {
        let size = self.size(context.encoding) as usize;
        let mut writer = Writer::with_capacity(context.encoding, "dynamic entry", size);
        for (index, entry) in self.entries.iter().enumerate() {
            writer.entry(index);
            writer.word("d_tag", entry.tag).map_err(|unfit| unfit.at(context.place()))?;
            let value = entry.value.settle(entry.tag, index, context)?;
            writer
                .field("d_un", value, 0, context.encoding.word_size())
                .map_err(|unfit| unfit.at(context.place()))?;
        }
        writer.zeros(size.saturating_sub(writer.length()));
        Ok(writer.finish())
    }

    /// The names that the linked string table must hold, in the order of their use.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().filter_map(|entry| match &entry.value {
            DynamicValue::Name(name) => Some(&*name.text),
            _ => None,
        })
    }

    /// Leaves all values to the writer that it finds, and lets addresses follow their sections.
    pub fn simplify(&mut self, context: &Context) {
        for entry in &mut self.entries {
            match &mut entry.value {
                DynamicValue::Name(name) => context.simplify_name(name),
                DynamicValue::Number(value) => {
                    let value = *value;
                    if auto(entry.tag, context).unwrap_or_default() == value {
                        entry.value = DynamicValue::Auto;
                        continue;
                    }
                    let meaning = meaning(entry.tag, Machine(context.machine));
                    let layout = context.layout.filter(|_| matches!(meaning, Meaning::Address(_)));
                    if let Some(id) = layout.and_then(|layout| layout.loaded_at(value)) {
                        entry.value = DynamicValue::Address(id);
                    }
                }
                _ => {}
            }
        }
    }
}

impl DynamicValue<'_> {
    /// The number to be stored.
    fn settle(&self, tag: u64, index: usize, context: &Context) -> Result<Field<u64>> {
        let place = || context.entry("dynamic entry", index);
        let header = |id| {
            // Nothing has an address while only sizes are asked for.
            let Some(layout) = context.layout else { return Ok(None) };
            let found = layout.section(id).map(|section| Some(section.header));
            found.ok_or_else(|| Error::Dangling { place: place(), field: "d_un", what: "section" })
        };
        Ok(Field::Is(match self {
            Self::Auto => auto(tag, context).unwrap_or_default(),
            Self::Number(number) => *number,
            Self::Raw(number) => return Ok(Field::Raw(*number)),
            Self::Name(name) => context.name_offset(name, place)?.into(),
            Self::Address(id) => header(*id)?.map_or(0, |header| header.addr),
            Self::Size(id) => header(*id)?.map_or(0, |header| header.size),
        }))
    }
}

#[cfg(test)]
#[path = "dynamic_tests.rs"]
mod tests;

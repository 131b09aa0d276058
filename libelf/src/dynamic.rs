//! The dynamic section. gABI, chapter 5, "Dynamic Section".

use object::elf::{DT_NEEDED, DT_NULL, Dyn32, Dyn64, DynamicTag};
use object::endian::Endianness;
use object::pod::from_bytes;

use crate::error::Result;
use crate::ident::{Class, Encoding};
use crate::strtab::StringTable;
use crate::table::{Record, Table};

/// An entry of the dynamic section, in host integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dyn {
    /// What it is (`d_tag`, a `DT_` number), zero-extended in 32-bit files.
    pub tag: DynamicTag,
    /// Its value or address (`d_un`).
    pub value: u64,
}

impl Record for Dyn {
    fn size(class: Class) -> usize {
        match class {
            Class::Elf32 => size_of::<Dyn32<Endianness>>(),
            Class::Elf64 => size_of::<Dyn64<Endianness>>(),
        }
    }

    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        let endian = encoding.endian;
        Some(match encoding.class {
            Class::Elf32 => {
                let (raw, _) = from_bytes::<Dyn32<Endianness>>(bytes).ok()?;
                Self {
                    tag: DynamicTag(i64::from(encoding.u32(bytes, 0)?)),
                    value: raw.d_val.get(endian).into(),
                }
            }
            Class::Elf64 => {
                let (raw, _) = from_bytes::<Dyn64<Endianness>>(bytes).ok()?;
                Self { tag: raw.d_tag.get(endian), value: raw.d_val.get(endian) }
            }
        })
    }
}

/// The dynamic section with its string table.
#[derive(Clone, Copy, Debug)]
pub struct Dynamic<'data> {
    /// All entries, with those after the closing `DT_NULL`.
    pub entries: Table<'data, Dyn>,
    /// The strings that entries name.
    pub strings: StringTable<'data>,
}

impl<'data> Dynamic<'data> {
    /// The entries before the closing `DT_NULL`.
    pub fn iter(&self) -> impl Iterator<Item = Dyn> + use<'data> {
        self.entries.iter().take_while(|entry| entry.tag != DT_NULL)
    }

    /// The value of the first entry with this tag.
    pub fn value(&self, tag: DynamicTag) -> Option<u64> {
        self.iter().find(|entry| entry.tag == tag).map(|entry| entry.value)
    }

    /// The names of the needed libraries (`DT_NEEDED`), in order.
    pub fn needed(&self) -> impl Iterator<Item = Result<&'data [u8]>> + use<'data> {
        let strings = self.strings;
        self.iter()
            .filter(|entry| entry.tag == DT_NEEDED)
            .map(move |entry| strings.get(entry.value))
    }
}

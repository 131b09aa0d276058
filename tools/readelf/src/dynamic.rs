//! The dynamic section: `-d`, and what other parts need to know of it.

use libelf::StringTable;
use libelf::dynamic::Dyn;
use libelf::raw::DynamicTag;

/// What the dynamic section says, as far as it is loaded.
#[derive(Clone, Debug, Default)]
pub struct Dynamic<'data> {
    /// Where it lies in the file: offset and size in bytes; `(0, 0)` if the file has none.
    pub place: (u64, u64),
    /// Its entries up to the closing `DT_NULL`; empty while it is not loaded.
    pub entries: Vec<Dyn>,
    /// The strings that it names, if they are available.
    pub strings: Option<StringTable<'data>>,
}

impl Dynamic<'_> {
    /// The value of the last entry with this tag, which is the one that readelf goes by.
    pub fn value(&self, tag: DynamicTag) -> Option<u64> {
        self.entries.iter().rev().find(|entry| entry.tag == tag).map(|entry| entry.value)
    }
}

//! Units and entries, one by one: for readers that want to know more of a program than where its
//! lines are.
//!
//! ```text
//! Walk ─ units() ─> Unit ─ whole() ─> Unit ─ root() ─> Entry ─ children() ─> Entry …
//!                                                        │
//!                                                        ├─ attributes(), value(at) ─> Value
//!                                                        ├─ ranges(), locations(at)
//!                                                        └─ declaration(), layout()
//! ```
//!
//! What refers to other units, to type units by their signature (of a package, too) and to the
//! supplementary file is followed. Of a program whose units are split, [`Walk::units`] has the
//! skeletons, and [`Unit::whole`] leads from each to the unit that has the entries. An entry is
//! read when it is asked for; units are read, and objects opened, once and kept.
//!
//! # A struct's layout
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use libdwarf::load::{Backing, Debug, Places};
//! use libdwarf::walk::{DW_TAG_structure_type, Walk};
//!
//! let path = std::env::current_exe()?;
//! let bytes = libelf::map::read(&path)?;
//! let backing = Backing::new();
//! let debug = Debug::load(libelf::File::parse(&bytes)?, &path, &Places::default(), &backing);
//! let walk = Walk::new(&debug)?;
//! # let mut shown = 0;
//! 'found: for unit in walk.units() {
//!     let mut entries = unit.whole()?.entries()?;
//!     while let Some(entry) = entries.next()? {
//!         if entry.tag() != DW_TAG_structure_type || entry.name()? != Some(b"Layout") {
//!             continue;
//!         }
//!         println!("{} {{", entry.declaration(b"")?);
//!         for member in entry.layout()?.members {
//!             println!("  /* {:4} {:4} */ {};", member.offset, member.size, member.declaration);
//!         }
//!         println!("}}");
//! #       shown += 1;
//!         break 'found;
//!     }
//! }
//! # assert!(shown <= 1);
//! # Ok(())
//! # }
//! ```

mod declaration;
mod entry;
mod error;
mod layout;
mod lists;
mod macros;
mod side;
mod unit;
mod value;

pub use entry::{Children, Entries, Entry};
pub use error::Error;
/// The constants of the standard, DWARF 5, section 7: tags, attributes, and the values of those.
pub use gimli::constants::*;
pub use layout::{Layout, Member};
pub use lists::Location;
pub use macros::Macro;
pub use unit::Unit;
pub use value::Value;

use std::sync::{Arc, OnceLock};

use crate::load::{Debug, Splits};
use crate::section::SectionId;
use side::Side;

/// What a walk fails with.
pub type Result<T> = std::result::Result<T, Error>;

/// The sections that a walk reads.
const SECTIONS: &[SectionId] = &[
    SectionId::Abbrev,
    SectionId::Addr,
    SectionId::Info,
    SectionId::Line,
    SectionId::LineStr,
    SectionId::Loc,
    SectionId::Loclists,
    SectionId::Macinfo,
    SectionId::Macro,
    SectionId::Ranges,
    SectionId::Rnglists,
    SectionId::Str,
    SectionId::StrOffsets,
    SectionId::Types,
];

/// The units of a file, and of what it refers to.
#[derive(Debug)]
pub struct Walk<'data> {
    main: Side<'data>,
    supplementary: Option<Side<'data>>,
    splits: Arc<Splits<'data>>,
    /// The type units of the package, each a file of its own, by row.
    packed_types: OnceLock<Box<[PackedType<'data>]>>,
}

/// A type unit of a package, once it was asked for; nothing if it is damaged.
type PackedType<'data> = OnceLock<Option<Box<Side<'data>>>>;

impl<'data> Walk<'data> {
    /// The units of `debug`, whose headers are read.
    ///
    /// # Errors
    /// Where the header of a unit is damaged.
    pub fn new(debug: &Debug<'data>) -> Result<Self> {
        let supplementary = debug.supplementary();
        let mut dwarf = debug.sections().dwarf(SECTIONS);
        if let Some(sections) = supplementary {
            dwarf.set_sup(sections.dwarf(SECTIONS));
        }
        let supplementary = supplementary.map(|sections| Side::new(sections.dwarf(SECTIONS)));
        Ok(Self::of(Side::new(dwarf)?, supplementary.transpose()?, debug.splits()))
    }

    fn of(
        main: Side<'data>,
        supplementary: Option<Side<'data>>,
        splits: Arc<Splits<'data>>,
    ) -> Self {
        Self { main, supplementary, splits, packed_types: OnceLock::new() }
    }

    /// The units of the file, in order: those of `.debug_info`, then those of `.debug_types`.
    /// Split units are behind their skeletons: see [`Unit::whole`].
    pub fn units(&self) -> impl Iterator<Item = Unit<'_, 'data>> {
        self.main.indexes().map(|index| Unit { walk: self, side: &self.main, index })
    }

    /// The unit with an offset of `.debug_info`, in bytes.
    pub fn unit_at(&self, offset: u64) -> Option<Unit<'_, 'data>> {
        let index = self.main.holder_of(offset)?;
        Some(Unit { walk: self, side: &self.main, index })
    }

    /// The entry at an offset of `.debug_info`, in bytes.
    ///
    /// # Errors
    /// Where no unit has it, or it is damaged.
    pub fn entry_at(&self, offset: u64) -> Result<Entry<'_, 'data>> {
        self.entry_of(&self.main, offset)
    }

    /// The type unit of the package with a signature, as a file.
    fn packed_types(&self, signature: u64) -> Option<&Side<'data>> {
        let row = self.splits.type_row(signature)?;
        let units = self.packed_types.get_or_init(|| {
            let rows = 0..self.splits.type_rows();
            rows.map(|_| OnceLock::new()).collect()
        });
        let unit = units.get((row as usize).checked_sub(1)?)?;
        let read = || {
            let dwarf = self.splits.type_unit(&self.main.dwarf, row)?;
            Side::new(dwarf).ok().map(Box::new)
        };
        unit.get_or_init(read).as_deref()
    }

    fn entry_of<'w>(&'w self, side: &'w Side<'data>, offset: u64) -> Result<Entry<'w, 'data>> {
        let index = side.holder_of(offset).ok_or(Error::NoUnit { offset })?;
        Unit { walk: self, side, index }.entry_at_info_offset(offset)
    }
}

#[cfg(test)]
mod tests;

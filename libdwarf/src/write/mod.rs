//! DWARF that is made: every section that compilers, assemblers and linkers write.
//!
//! # What is written, and by what
//!
//! | section | made by |
//! |---|---|
//! | `.debug_info`, `.debug_types`, `.debug_abbrev` | [`Dwarf`]: [`Unit`]s of entries |
//! | `.debug_str`, `.debug_line_str`, `.debug_str_offsets` | [`Strings`]; indexes as attributes need them |
//! | `.debug_addr` | indexes as attributes, lists and expressions need them |
//! | `.debug_ranges`, `.debug_rnglists` | [`RangeList`]s of a unit |
//! | `.debug_loc`, `.debug_loclists` | [`LocationList`]s of a unit |
//! | `.debug_line` | [`LineProgram`] |
//! | `.debug_macinfo`, `.debug_macro` | [`MacroUnit`] |
//! | `.eh_frame`, `.debug_frame` | [`FrameTable`] |
//! | `.eh_frame_hdr` | [`EhFrameHdr`] |
//! | `.debug_aranges` | [`Aranges`] |
//! | `.debug_names` | [`Names`] |
//! | `.debug_pubnames`, `.debug_pubtypes`, and GNU's of these | [`PublicNames`] |
//! | `.gdb_index` | [`GdbIndex`] |
//!
//! All of it in versions 2 to 5, in the 32- and the 64-bit format, in both byte orders, with
//! addresses of 2, 4 and 8 bytes.
//!
//! # Addresses that are not known yet
//!
//! Each part comes out as a [`Section`]: bytes, and [`Relocation`]s. For an object they become those
//! of the file; for a linked file [`Section::resolve`] applies them. A compiler that writes an object
//! knows nothing but symbols; an assembler learns distances late; a linker knows everything. The
//! same calls serve all three, by [`Distances`]: what tells how far two symbols lie apart, if that is
//! final. Where it says nothing, whatever can be relocated is.
//!
//! # Why not `gimli::write`
//!
//! What reads here is gimli, and so are the words: constants, [`Encoding`](gimli::Encoding),
//! [`Register`](gimli::Register), [`Address`]. Its writer serves programs that rewrite what they
//! read; here it falls short. It panics at identifiers of other tables and at unfit names, walks
//! entries by recursion, wants every distance at once and in 32 bits, and has no type units, split
//! units, indexed forms, indexes, aranges or macros, nor a choice of forms; its expressions can be
//! written by its own units alone. So the writer is our own. Programs that rewrite with
//! `gimli::write::Dwarf` have the sections of this module all the same, as a [`Section`] is a
//! `gimli::write::Writer`.
//!
//! # Example
//!
//! An object with a function, its line table and its frame, read again:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
#![doc = include_str!("example.rs")]
//! # Ok(())
//! # }
//! ```

mod aranges;
mod attribute;
mod distance;
mod eh_frame_hdr;
mod error;
mod expression;
mod frame;
mod gdb_index;
mod gimli_writer;
mod line;
mod lists;
mod macros;
mod names;
mod object;
mod public_names;
mod section;
mod strings;
mod tables;
mod unit;

use std::collections::BTreeMap;

use gimli::{Encoding, Format, RunTimeEndian};

pub use aranges::Aranges;
pub use attribute::{Attribute, Value};
pub use distance::{Address, Distance, Distances, known_distance, no_distances};
pub use eh_frame_hdr::EhFrameHdr;
pub use error::{Error, Result};
pub use expression::{Expression, Operation};
pub use frame::{CallFrameInstruction, Cie, CieId, Fde, FrameSection, FrameTable};
pub use gdb_index::{GdbIndex, GdbRange, GdbTypeUnit, GdbUnit, SymbolClass, SymbolKind};
pub use line::{File, LineAdvance, LineProgram, LineStep, LineString, Row};
pub use lists::{Bounds, LocationList, LocationListId, RangeList, RangeListId};
pub use macros::{MacroEntry, MacroText, MacroUnit};
pub(crate) use names::hash as names_hash;
pub use names::{NameParent, NameUnit, NamedEntry, Names};
pub use object::add_to_object;
pub use public_names::{PublicName, PublicNames};
pub use section::{Length, Relocation, RelocationKind, Section, Target};
pub use strings::{StringId, Strings};
pub use unit::dwarf::{Dwarf, LineId, MacroId, Placed, UnitId};
pub use unit::{Entry, EntryId, Unit, UnitKind};

use crate::section::SectionId;

/// Something of each section.
type SectionsById<T> = BTreeMap<SectionId, T>;

/// The sections of a file, made as they are written to.
#[derive(Clone, Debug)]
pub struct Sections {
    endian: RunTimeEndian,
    sections: SectionsById<Section>,
}

impl Sections {
    /// No sections yet.
    pub fn new(endian: RunTimeEndian) -> Self {
        Self { endian, sections: SectionsById::new() }
    }

    /// The byte order.
    pub fn endian(&self) -> RunTimeEndian {
        self.endian
    }

    /// The section, which is made if need be.
    pub fn get_mut(&mut self, id: SectionId) -> &mut Section {
        self.sections.entry(id).or_insert_with(|| Section::new(self.endian))
    }

    /// The section, if something was written to it.
    pub fn get(&self, id: SectionId) -> Option<&Section> {
        self.sections.get(&id)
    }

    /// The bytes of a section; none if there is no such section.
    pub fn bytes(&self, id: SectionId) -> &[u8] {
        self.get(id).map_or(&[], Section::bytes)
    }

    /// The sections that are not empty, in the order of their identifiers.
    pub fn iter(&self) -> impl Iterator<Item = (SectionId, &Section)> {
        let written = self.sections.iter().filter(|(_, section)| !section.is_empty());
        written.map(|(&id, section)| (id, section))
    }

    /// Takes the sections that are not empty.
    pub fn into_sections(self) -> impl Iterator<Item = (SectionId, Section)> {
        self.sections.into_iter().filter(|(_, section)| !section.is_empty())
    }

    /// Applies the relocations whose targets are known, with sections of debugging information at
    /// address 0, as in a linked file; see [`Section::resolve`].
    ///
    /// # Errors
    /// If a result does not fit.
    pub fn resolve(&mut self, symbols: &dyn Fn(usize) -> Option<u64>) -> Result<()> {
        let address_of = |target| match target {
            Target::Section(_) => Some(0),
            Target::Symbol(symbol) => symbols(symbol),
        };
        self.sections.values_mut().try_for_each(|section| section.resolve(0, &address_of))
    }
}

/// # Errors
/// If no machine has such addresses.
fn check_address_size(size: u8) -> Result<()> {
    match size {
        1 | 2 | 4 | 8 => Ok(()),
        _ => Err(Error::AddressSize(size)),
    }
}

/// How many bytes `DW_FORM_ref_addr` takes: DWARF 2 says as many as an address.
fn reference_size(encoding: Encoding) -> u8 {
    match (encoding.version, encoding.format) {
        (..=2, _) => encoding.address_size,
        (_, Format::Dwarf32) => 4,
        (_, Format::Dwarf64) => 8,
    }
}

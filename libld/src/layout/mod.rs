//! Where everything of the output lies: what the layout engine answers, and all later passes read.
//!
//! One engine lays out every link: the built-in layout is itself a linker script.
//!
//! ```text
//! scripts ─ Plan::new ─ match_sections ─ (other passes settle what lives and how large it is)
//!                                             │
//!         lay_out: orphans ─ engine ─ segments ─ engine … ─ offsets ─ Layout
//! ```

mod assign;
mod attributes;
mod begin;
mod blocks;
pub mod built_in;
mod data_segment;
mod engine;
mod environment;
pub mod form;
pub mod gaps;
mod known;
mod offsets;
mod ordered;
pub(crate) mod orphans;
mod place;
pub mod plan;
mod regions;
mod replay;
mod room;
mod run;
mod seat;
mod segments;
mod spill;
mod started;
mod threads;

pub use blocks::{Addresses, Contents};
pub use engine::{Engine, Section};
pub use run::{Request, lay_out};

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::raw::{ProgramType, SectionType, SymbolType};
use rayon::prelude::*;

use crate::ids::{SectionId, SymbolId};
use crate::made::INTERNAL;

/// The output, laid out.
#[derive(Debug, Default)]
pub struct Layout<'a> {
    /// The output sections that the file has, in the order of their section headers: the header of
    /// the first has the index 1. The tables that close a file (`.symtab`, `.strtab`, `.shstrtab`)
    /// are not among them; they follow.
    pub sections: Vec<OutputSection<'a>>,
    /// The program headers, in order.
    pub segments: Vec<Segment>,
    /// Where input sections lie.
    pub places: Places,
    /// How many bytes they take there.
    pub sizes: Sizes,
    /// Symbols that the script defines.
    pub symbols: HashMap<SymbolId, ScriptSymbol, RandomState>,
    /// The end of the last byte of a section in the file; what closes the file follows.
    pub file_end: u64,
}

/// A section of the output.
#[derive(Clone, Debug, Default)]
pub struct OutputSection<'a> {
    /// Its name.
    pub name: Cow<'a, [u8]>,
    /// `sh_type`
    pub kind: SectionType,
    /// `sh_flags`
    pub flags: u64,
    /// `sh_entsize`
    pub entsize: u64,
    /// `sh_addralign`, in bytes.
    pub align: u64,
    /// The virtual address (VMA).
    pub addr: u64,
    /// The load address (LMA): `p_paddr` of its segment.
    pub load_addr: u64,
    /// Where its bytes start in the file.
    pub offset: u64,
    /// How many bytes it takes, in memory and (unless `SHT_NOBITS`) in the file.
    pub size: u64,
    /// What gaps are filled with, repeated; empty: zero, or in code the machine's own padding.
    pub fill: Vec<u8>,
    /// What it consists of, in the order of offsets; between parts are gaps.
    pub parts: Vec<Part>,
    /// What it is there for.
    pub role: Role,
    /// The output section that it is ordered by (`SHF_LINK_ORDER`), as an index in
    /// [`Layout::sections`].
    pub ordered_by: Option<u32>,
}

/// What an output section is there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// It has contents of its own.
    #[default]
    Contents,
    /// It holds the relocations that are kept of the output section with this index in
    /// [`Layout::sections`]. Such tables lie behind `.strtab` in the file, in order.
    Relocs(u32),
    /// It is a section group; the number of the symbol that is its signature.
    Group(u32),
}

/// A part of an output section.
#[derive(Clone, Debug)]
pub enum Part {
    /// Input sections in order; each lies where [`Places`] says.
    Inputs(Vec<SectionId>),
    /// Bytes that the script gives (`LONG(…)`, `ASCIZ`).
    Bytes {
        /// Where they start in the section.
        offset: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// From here on, another fill (`FILL(…)`).
    Fill {
        /// Where it starts in the section.
        offset: u64,
        /// What is repeated.
        pattern: Vec<u8>,
    },
}

/// A program header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// `p_type`
    pub kind: ProgramType,
    /// `p_flags`
    pub flags: u32,
    /// `p_offset`
    pub offset: u64,
    /// `p_vaddr`
    pub addr: u64,
    /// `p_paddr`
    pub load_addr: u64,
    /// `p_filesz`
    pub file_size: u64,
    /// `p_memsz`
    pub size: u64,
    /// `p_align`
    pub align: u64,
}

/// A symbol that the script (or the link itself, by a script) defines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScriptSymbol {
    /// The address or the number.
    pub value: u64,
    /// The output section that the value is an address in, as an index in [`Layout::sections`];
    /// `None` for a number.
    pub section: Option<u32>,
    /// Whether it is hidden (`HIDDEN`, `PROVIDE_HIDDEN`).
    pub is_hidden: bool,
    /// Its type: that of the symbol that it is computed of, or that it has in an object.
    pub kind: SymbolType,
    /// Its size in the object that defines it as well, in bytes.
    pub size: u64,
}

/// Where an input section lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The output section, as an index in [`Layout::sections`].
    pub output: u32,
    /// Where it starts in that section, in bytes.
    pub offset: u64,
}

impl Place {
    /// Of a section that is not in the output.
    pub const NONE: Self = Self { output: u32::MAX, offset: 0 };
}

/// Where input sections lie: an entry for each section header of each file, and behind those of an
/// object one for its common symbols.
#[derive(Debug, Default)]
pub struct Places {
    by_file: Vec<Box<[Place]>>,
    /// Empty sections of output sections that the file does not have: the same place, told by an
    /// output section nearby.
    empty: HashMap<SectionId, Place, RandomState>,
}

impl Places {
    /// Nothing placed; `counts` are the files' numbers of entries.
    pub fn new(counts: Vec<usize>) -> Self {
        let counts = counts.into_par_iter();
        let by_file = counts.map(|count| vec![Place::NONE; count].into_boxed_slice());
        Self { by_file: by_file.collect(), empty: HashMap::default() }
    }

    /// Where a section lies, also if the output section that would hold it is empty and so left
    /// out.
    #[inline]
    pub fn get_or_nearby(&self, section: SectionId) -> Option<Place> {
        self.get(section).or_else(|| self.empty.get(&section).copied())
    }

    /// Whether the section is empty, as the output section that would hold it.
    pub fn is_empty(&self, section: SectionId) -> bool {
        self.empty.contains_key(&section)
    }

    /// Settles where a section would lie whose output section is left out.
    pub fn set_nearby(&mut self, section: SectionId, place: Place) {
        self.empty.insert(section, place);
    }

    /// Where a section lies; `None` if it is not in the output.
    #[inline]
    pub fn get(&self, section: SectionId) -> Option<Place> {
        let place = self.by_file.get(section.file.index())?.get(section.index as usize)?;
        (*place != Place::NONE).then_some(*place)
    }

    /// How many sections the link makes.
    pub fn internal_count(&self) -> usize {
        self.by_file.get(INTERNAL.index()).map_or(0, |file| file.len())
    }

    /// Gives output sections other numbers: that at an index becomes what stands there.
    pub fn renumber(&mut self, numbers: &[u32]) {
        self.by_file.par_iter_mut().flat_map_iter(|file| file.iter_mut()).for_each(|place| {
            place.output = numbers.get(place.output as usize).copied().unwrap_or(u32::MAX);
        });
        for place in self.empty.values_mut() {
            place.output = numbers.get(place.output as usize).copied().unwrap_or(u32::MAX);
        }
    }

    /// Settles where a section lies.
    pub fn set(&mut self, section: SectionId, place: Place) {
        let file = self.by_file.get_mut(section.file.index());
        if let Some(slot) = file.and_then(|file| file.get_mut(section.index as usize)) {
            *slot = place;
        }
    }
}

/// How many bytes input sections take in the output: those of their headers, but for sections that
/// the link makes or changes.
#[derive(Debug, Default)]
pub struct Sizes {
    by_file: Vec<Box<[u64]>>,
}

impl Sizes {
    /// All empty; `counts` are the files' numbers of entries, as for [`Places::new`].
    pub fn new(counts: Vec<usize>) -> Self {
        let counts = counts.into_par_iter();
        Self { by_file: counts.map(|count| vec![0; count].into_boxed_slice()).collect() }
    }

    /// The size of a section, in bytes.
    #[inline]
    pub fn get(&self, section: SectionId) -> u64 {
        let file = self.by_file.get(section.file.index());
        file.and_then(|file| file.get(section.index as usize)).copied().unwrap_or(0)
    }

    /// Settles the size of a section.
    pub fn set(&mut self, section: SectionId, size: u64) {
        let file = self.by_file.get_mut(section.file.index());
        if let Some(slot) = file.and_then(|file| file.get_mut(section.index as usize)) {
            *slot = size;
        }
    }
}

/// `SHF_GNU_RETAIN` and `SHF_GNU_MBIND`, which only GNU systems know.
const GNU_FLAGS: u64 = 1 << 21 | 1 << 24;

impl Layout<'_> {
    /// Whether sections have flags that only GNU systems know.
    pub fn has_gnu_flags(&self) -> bool {
        self.sections.iter().any(|section| section.flags & GNU_FLAGS != 0)
    }

    /// Gives output sections other numbers, wherever they are named: that at an index becomes what
    /// stands there.
    pub fn renumber(&mut self, numbers: &[u32]) {
        self.places.renumber(numbers);
        let renumbered = |old: Option<u32>| old.and_then(|it| numbers.get(it as usize).copied());
        for section in &mut self.sections {
            section.ordered_by = renumbered(section.ordered_by);
        }
        for symbol in self.symbols.values_mut() {
            symbol.section = renumbered(symbol.section);
        }
    }

    /// The address of a place in an input section, `offset` bytes from its start.
    #[inline]
    pub fn address(&self, section: SectionId, offset: u64) -> Option<u64> {
        let place = self.places.get_or_nearby(section)?;
        let output = self.sections.get(place.output as usize)?;
        Some(output.addr.wrapping_add(place.offset).wrapping_add(offset))
    }
}

//! The chains of version definitions and needs as readelf looks a version up in them: by the
//! addresses in the dynamic section, structure by structure, until one has the wanted index.
//!
//! A chain is walked once, into a table by index; a look-up in it then costs one step, and reports
//! again what the walk ran into.

use common::Output;
use libelf::raw::{DT_VERDEF, DT_VERNEED, DynamicTag, VER_FLG_BASE, VER_NDX_GLOBAL};
use libelf::version::{VERSYM_INDEX, Verdaux, Verdef, Vernaux, Verneed};
use libelf::{Record, StringTable};

use crate::object::Object;
use crate::symbol_table::Hex;

/// The most structures of a chain that are looked at. Indexes have 15 bits, so a longer chain
/// only repeats itself.
const MOST_STEPS: usize = 1 << 20;

/// The most faults of a chain that are reported, each time anew for each symbol that they matter
/// to.
const MOST_FAULTS: usize = 16;

/// What a version definition says of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// It is the file's own name, which no symbol shows.
    Base,
    /// The name's offset in the string table, in bytes.
    Named(u32),
    /// The structure with the name lies outside the file.
    OutOfFile,
}

/// Structures that each tell where the next one is, as found by a walk along them.
pub struct Chain<T> {
    place: Place,
    /// What the first structure with each index says, and how many faults a walk meets before.
    by_index: Vec<Option<(T, usize)>>,
    /// What a walk along the whole chain runs into, in order.
    faults: Vec<OutOfFile>,
    /// The highest index, without the bit that hides symbols.
    highest: u16,
}

/// Bytes that were to be read and lie outside the file.
#[derive(Clone, Copy)]
pub struct OutOfFile {
    /// How many.
    pub size: usize,
    /// What they were to be.
    pub what: &'static str,
}

impl OutOfFile {
    /// Says so, as [`Object::get_data`] does.
    pub fn report(self, out: &mut Output) {
        let Self { size, what } = self;
        out.error(format_args!("Reading {size} bytes extends past end of file for {what}"));
    }
}

const NO_DEFINITION: OutOfFile = OutOfFile { size: 20, what: "version def" };
const NO_NEED: OutOfFile = OutOfFile { size: 16, what: "version need" };
const NO_NEED_NAME_SIZE: usize = 16;

/// What a definition lacks whose name lies outside the file.
pub const NO_DEFINITION_NAME: OutOfFile = OutOfFile { size: 8, what: "version def aux" };

/// The place in the file of something at a virtual address.
#[derive(Clone, Copy)]
pub struct Place {
    /// The virtual address.
    pub addr: u64,
    /// Its file offset; the address itself if no segment holds it.
    pub offset: u64,
    /// Whether a segment holds it; if not, each use warns.
    pub is_loaded: bool,
}

impl Place {
    /// The place of `size` bytes at virtual address `addr`.
    fn of(object: &Object<'_>, addr: u64, size: usize) -> Self {
        match object.segment_offset(addr, size as u64) {
            Some(offset) => Self { addr, offset, is_loaded: true },
            None => Self { addr, offset: addr, is_loaded: false },
        }
    }

    /// Warns if no segment holds it.
    pub fn report(self, out: &mut Output) {
        if !self.is_loaded {
            out.warn(format_args!(
                "Virtual address {} not located in any PT_LOAD segment.",
                Hex(self.addr)
            ));
        }
    }
}

impl<T: Copy> Chain<T> {
    fn new(place: Place) -> Self {
        Self { place, by_index: Vec::new(), faults: Vec::new(), highest: 0 }
    }

    /// Notes what a structure says, unless one before it has the same index.
    fn note(&mut self, index: u16, value: T) {
        self.highest = self.highest.max(index & VERSYM_INDEX);
        let index = usize::from(index);
        if self.by_index.len() <= index {
            self.by_index.resize(index.saturating_add(1), None);
        }
        if let Some(entry) = self.by_index.get_mut(index) {
            entry.get_or_insert((value, self.faults.len()));
        }
    }

    /// Notes that a structure lies outside the file.
    fn note_fault(&mut self, fault: OutOfFile) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        }
    }

    /// What the first structure with this index says, if there is one. Reports what a walk to it
    /// runs into.
    pub fn find(&self, out: &mut Output, index: u16) -> Option<T> {
        self.place.report(out);
        let found = self.by_index.get(usize::from(index)).copied().flatten();
        let faults = found.map_or(self.faults.len(), |(_, faults)| faults);
        for fault in self.faults.iter().take(faults) {
            fault.report(out);
        }
        found.map(|(value, _)| value)
    }

    /// The highest index of its structures, without the bit that hides symbols; 0 if there are
    /// none.
    pub fn highest_index(&self) -> u16 {
        self.highest
    }
}

/// The structure at `offset` in the file.
fn structure<R: Record>(object: &Object<'_>, offset: u64) -> Option<R> {
    let size = R::size(object.encoding().class) as u64;
    R::decode(object.bytes_at(offset, size)?, object.encoding())
}

/// The address that the dynamic section gives with this tag, if any.
pub fn dynamic_address(object: &Object<'_>, tag: DynamicTag) -> Option<u64> {
    object.dynamic.value(tag).filter(|&addr| addr != 0)
}

/// The versions that the file defines, by the `DT_VERDEF` of its dynamic section.
pub fn definitions(object: &Object<'_>) -> Option<Chain<Definition>> {
    let addr = dynamic_address(object, DT_VERDEF)?;
    let mut chain = Chain::new(Place::of(object, addr, NO_DEFINITION.size));
    let mut offset = chain.place.offset;
    for _ in 0..MOST_STEPS {
        let Some(definition) = structure::<Verdef>(object, offset) else {
            chain.note_fault(NO_DEFINITION);
            break;
        };
        let says = if definition.index == VER_NDX_GLOBAL.0 && definition.flags == VER_FLG_BASE.0 {
            Definition::Base
        } else {
            structure::<Verdaux>(object, offset.wrapping_add(definition.aux.into()))
                .map_or(Definition::OutOfFile, |aux| Definition::Named(aux.name))
        };
        chain.note(definition.index, says);
        if definition.next == 0 {
            break;
        }
        offset = offset.wrapping_add(definition.next.into());
    }
    Some(chain)
}

/// The names of the versions that the file needs, by the `DT_VERNEED` of its dynamic section, as
/// offsets in the string table. `name_what` is what a name outside the file is called.
pub fn needs(object: &Object<'_>, name_what: &'static str) -> Option<Chain<u32>> {
    let addr = dynamic_address(object, DT_VERNEED)?;
    let mut chain = Chain::new(Place::of(object, addr, NO_NEED.size));
    let mut offset = chain.place.offset;
    let mut steps = 0..MOST_STEPS;
    while steps.next().is_some() {
        let Some(need) = structure::<Verneed>(object, offset) else {
            chain.note_fault(NO_NEED);
            break;
        };
        let mut name_at = offset.wrapping_add(need.aux.into());
        loop {
            let Some(version) = structure::<Vernaux>(object, name_at) else {
                chain.note_fault(OutOfFile { size: NO_NEED_NAME_SIZE, what: name_what });
                break;
            };
            chain.note(version.other, version.name);
            if version.next == 0 || steps.next().is_none() {
                break;
            }
            name_at = name_at.wrapping_add(version.next.into());
        }
        if need.next == 0 {
            break;
        }
        offset = offset.wrapping_add(need.next.into());
    }
    Some(chain)
}

/// The string at `offset`, or `instead` if the table does not reach there.
pub fn name_or<'data>(
    strings: Option<StringTable<'data>>,
    offset: u32,
    instead: &'static [u8],
) -> &'data [u8] {
    strings.and_then(|strings| strings.get_cut(offset.into())).unwrap_or(instead)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A chain at a sound place whose walk was not stopped.
    pub fn chain<T: Copy>(entries: &[(u16, T)]) -> Chain<T> {
        let mut chain = Chain::new(Place { addr: 0, offset: 0, is_loaded: true });
        for &(index, value) in entries {
            chain.note(index, value);
        }
        chain
    }

    #[test]
    fn the_first_structure_with_an_index_counts() {
        let mut out = Output::process("readelf").recorder();
        let chain = chain(&[(2, 'a'), (2, 'b'), (0x8003, 'c')]);
        assert_eq!(chain.find(&mut out, 2), Some('a'));
        assert_eq!(chain.find(&mut out, 0x8003), Some('c'));
        assert_eq!(chain.find(&mut out, 1), None);
        assert_eq!(chain.highest_index(), 3);
        assert_eq!(out.diagnostics(), 0);
    }

    #[test]
    fn a_fault_matters_to_what_lies_behind_it() {
        let mut out = Output::process("readelf").recorder();
        let mut broken = chain(&[(2, ())]);
        broken.note_fault(NO_NEED);
        broken.note(4, ());
        assert_eq!(broken.find(&mut out, 2), Some(()));
        assert_eq!(out.diagnostics(), 0);
        assert_eq!(broken.find(&mut out, 4), Some(()));
        assert_eq!(out.diagnostics(), 1);
        assert_eq!(broken.find(&mut out, 3), None);
        assert_eq!(out.diagnostics(), 2);
    }
}

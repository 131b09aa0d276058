//! From addresses to functions and lines, and back.
//!
//! A [`Lookup`] reads of a file what the questions need: to answer for one address it finds the
//! unit through `.debug_aranges` or `.gdb_index`, walks over the entries of that unit and runs its line number
//! program; nothing else is touched. Functions are found by name through `.debug_names`. Split units
//! are looked up in their objects, or the package beside the program. What was read is kept for the next question. Threads may ask at
//! the same time.
//!
//! | question | answer |
//! |---|---|
//! | what is at this address? | [`Lookup::find`] |
//! | what is at these thousands of addresses? | [`Lookup::frames_of_all`], [`Lookup::fold`] |
//! | where is this variable declared? | [`Lookup::variable`] |
//! | where is this function? | [`Lookup::functions_named`] |
//! | where is this line? | [`Lookup::addresses_of_line`] |
//!
//! Several units or functions may claim an address. Of units it is the first in the file, of
//! functions the one with the smallest range, of line number rows the last: what GNU addr2line
//! answers.
//!
//! # Symbolise a stack
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use libdwarf::load::{Backing, Debug, Places};
//! use libdwarf::lookup::Lookup;
//!
//! let path = std::env::current_exe()?;
//! let bytes = libelf::map::read(&path)?;
//! let file = libelf::File::parse(&bytes)?;
//! let backing = Backing::new();
//! let debug = Debug::load(file, &path, &Places::default(), &backing);
//! let lookup = Lookup::new(&debug);
//!
//! // What a profiler samples: addresses of the process. Those of the file are lower by the load
//! // bias, which is where the file's first byte is mapped.
//! fn leaf() {}
//! fn caller() {
//!     leaf();
//! }
//! let sampled = [leaf as fn() as usize, caller as fn() as usize + 4];
//! let maps = std::fs::read_to_string("/proc/self/maps")?;
//! let first = maps.lines().find(|line| line.ends_with(path.to_str().unwrap_or_default()));
//! let start = first.and_then(|line| line.split('-').next()).unwrap_or("0");
//! let bias = u64::from_str_radix(start, 16)?;
//!
//! for (number, address) in sampled.into_iter().enumerate() {
//!     let address = (address as u64).wrapping_sub(bias);
//!     // A return address stands behind its call, perhaps in another line.
//!     let address = if number == 0 { address } else { address.wrapping_sub(1) };
//!     let Some(found) = lookup.find(address) else { continue };
//!     for frame in lookup.frames(&found) {
//!         let function = frame.name.text.unwrap_or(b"??");
//!         let mut place = Vec::new();
//!         frame.location.write_path(&mut place);
//!         println!(
//!             "{number} {} at {}:{}",
//!             function.escape_ascii(),
//!             place.escape_ascii(),
//!             frame.location.line
//!         );
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod abbrev;
mod batch;
mod bytes;
mod entry;
mod functions;
mod index;
mod lines;
mod location;
mod slot;
mod split;
mod unit;
mod units;
mod value;
mod variables;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::load::Debug;
use crate::section::SectionId;
use entry::Files;
use functions::{Function, Functions, NONE};
use index::Named;
use lines::{Lines, Row};
use split::{PackedRows, PackedTypes, Split};
use unit::Unit;
use units::Units;
use variables::{Variable, Variables};

pub use entry::Name;
pub use location::{Location, SourceFile};

/// The functions and lines of a file.
#[derive(Debug)]
pub struct Lookup<'a, 'data> {
    debug: &'a Debug<'data>,
    main: Units<'data>,
    supplementary: OnceLock<Option<Units<'data>>>,
    variables: OnceLock<Variables>,
    packed_types: PackedRows<'data>,
    /// Whether objects of split units are opened.
    has_splits: bool,
    /// The bytes of functions and lines that are kept.
    kept: AtomicUsize,
}

/// What is at an address.
#[derive(Clone, Debug)]
pub struct Found<'data> {
    unit: Arc<Unit<'data>>,
    functions: Arc<Functions<'data>>,
    function: Option<u32>,
    lines: Arc<Lines<'data>>,
    row: Option<Row>,
}

/// A function in the file: two are the same if they are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId {
    /// Where its unit starts in `.debug_info`.
    unit: u64,
    number: u32,
}

/// A function that is at an address, or that another was inlined in.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'data> {
    /// Which function; `None` if the address has none.
    pub function: Option<FunctionId>,
    /// Its name.
    pub name: Name<'data>,
    /// The line of the address, or where the function of the frame before was inlined.
    pub location: Location<'data>,
}

/// Where something is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration<'data> {
    /// The unit that tells it, as [`Lookup::unit_of`] numbers units.
    pub unit: u64,
    /// The file and line.
    pub location: Location<'data>,
}

/// So many bytes of functions and lines are kept; beyond, all are dropped and read again.
const MOST_KEPT: usize = 48 << 20;

/// So many variables at one address are looked at.
const MOST_AT_ONE_ADDRESS: usize = 100;

impl<'a, 'data> Lookup<'a, 'data> {
    /// Nothing is read yet but which sections there are.
    pub fn new(debug: &'a Debug<'data>) -> Self {
        let sections = debug.sections();
        let strings = debug
            .supplementary()
            .map_or(&[][..], |supplementary| supplementary.get(SectionId::Str));
        Self {
            debug,
            main: Units::new(sections, strings),
            supplementary: OnceLock::new(),
            variables: OnceLock::new(),
            packed_types: PackedRows::default(),
            has_splits: true,
            kept: AtomicUsize::new(0),
        }
    }

    /// The same, but of split units there is only what their skeletons tell: lines, no functions.
    /// No other file is opened.
    pub fn without_splits(debug: &'a Debug<'data>) -> Self {
        Self { has_splits: false, ..Self::new(debug) }
    }

    /// What is at an address; `None` if no unit has it. In relocatable files addresses are those
    /// of [`crate::load::Sections::address_of`].
    pub fn find(&self, address: u64) -> Option<Found<'data>> {
        if !self.main.has_all() {
            for start in self.by_index(address) {
                let unit = self.main.at(start);
                let unit = unit.filter(|unit| unit.ranges.iter().any(|r| r.contains(address)));
                if let Some(found) = unit.and_then(|unit| self.find_in(&unit, address)) {
                    return Some(found);
                }
            }
        }
        self.main.by_address().with(address).find_map(|unit| self.find_in(unit, address))
    }

    /// The units that a table of the file gives an address.
    fn by_index(&self, address: u64) -> Vec<u64> {
        let starts = self.main.by_aranges(address);
        if !starts.is_empty() {
            return starts;
        }
        let source = &self.main.source;
        let index = self.debug.sections().get(SectionId::GdbIndex);
        index::units_at(index, source.info, source.endian, address)
    }

    /// The unit of what was found, as a number: where it starts in `.debug_info`.
    pub fn unit_of(found: &Found<'data>) -> u64 {
        found.unit.header.start
    }

    /// The addresses that have lines in a unit, though it says that they are none of its own:
    /// mostly the gaps that alignment leaves between functions.
    pub fn lines_outside(&self, unit: u64) -> Vec<std::ops::Range<u64>> {
        let Some(unit) = self.main.at(unit) else { return Vec::new() };
        let outside = unit.lines_outside.get_or_init(|| self.lines(&unit).outside(&unit.ranges));
        outside.iter().map(|range| range.start..range.end).collect()
    }

    /// What a unit tells of an address, whether it says that it has the address or not; `None` if
    /// no line of its has it.
    pub fn find_in_unit(&self, unit: u64, address: u64) -> Option<Found<'data>> {
        let found = self.find_in(&self.main.at(unit)?, address)?;
        found.row.is_some().then_some(found)
    }

    /// Where the function of a symbol is declared that is at the address of `found`: its innermost
    /// one, or one that that was inlined in. The name of the function must be part of that of the
    /// symbol, which may be mangled, or of a piece of the function: `work.cold`.
    pub fn declaration(&self, found: &Found<'data>, symbol: &[u8]) -> Option<Location<'data>> {
        let mut number = found.function?;
        loop {
            let record = found.functions.get(number)?;
            let name = self.name(&found.unit, &found.functions, record).text;
            if name.is_some_and(|name| memchr::memmem::find(symbol, name).is_some()) {
                let (units, unit) = self.entries(&found.unit);
                let declared = entry::declaration(units, unit, record.entry.into());
                let place = declared.place;
                place.file?;
                return Some(match declared.unit {
                    Some(other) => Location::of_call(&other, &self.lines(&other), place),
                    None => Location::of_call(&found.unit, &found.lines, place),
                });
            }
            number = Some(record.caller).filter(|caller| *caller != NONE)?;
        }
    }

    /// Where the variable is declared that starts at an address.
    pub fn variable(&self, address: u64) -> Option<Declaration<'data>> {
        self.variable_with(address, |_, _| true)
    }

    /// The same for the one whose name is part of that of a symbol, which may be mangled.
    pub fn variable_of_symbol(&self, address: u64, symbol: &[u8]) -> Option<Declaration<'data>> {
        self.variable_with(address, |unit, entry| {
            let name = self.name_of_entry(unit, entry).text;
            name.is_some_and(|name| memchr::memmem::find(symbol, name).is_some())
        })
    }

    fn variable_with(
        &self,
        address: u64,
        is_right: impl Fn(&Arc<Unit<'data>>, u64) -> bool,
    ) -> Option<Declaration<'data>> {
        let variables = self.variables().at(address).take(MOST_AT_ONE_ADDRESS);
        self.first_declaration(variables, is_right)
    }

    /// Where the first thread-local variable is declared whose name is part of that of a symbol, or
    /// the first of all.
    pub fn thread_local_variable(&self, symbol: Option<&[u8]>) -> Option<Declaration<'data>> {
        self.first_declaration(self.variables().thread_local().iter(), |unit, entry| {
            let Some(symbol) = symbol else { return true };
            let name = self.name_of_entry(unit, entry).text;
            name.is_some_and(|name| memchr::memmem::find(symbol, name).is_some())
        })
    }

    fn variables(&self) -> &Variables {
        self.variables.get_or_init(|| {
            let units = self.main.by_address().units.iter();
            Variables::of(units.map(|unit| (unit.header.start, self.entries(unit))))
        })
    }

    /// Where the first of these variables that is right is declared.
    fn first_declaration<'v>(
        &self,
        mut variables: impl Iterator<Item = &'v Variable>,
        is_right: impl Fn(&Arc<Unit<'data>>, u64) -> bool,
    ) -> Option<Declaration<'data>> {
        variables.find_map(|variable| {
            let unit = self.main.at(variable.unit)?;
            is_right(&unit, variable.entry).then(|| Declaration {
                unit: variable.unit,
                location: Location::of_call(&unit, &self.lines(&unit), variable.declaration),
            })
        })
    }

    fn find_in(&self, unit: &Arc<Unit<'data>>, address: u64) -> Option<Found<'data>> {
        let functions = self.functions(unit);
        let lines = self.lines(unit);
        let function = functions.at(address);
        let row = lines.at(address);
        let is_found = function.is_some() || row.is_some();
        is_found.then(|| Found { unit: Arc::clone(unit), functions, function, lines, row })
    }

    /// The functions at the address of `found`: the innermost first, then those that it was
    /// inlined in. There is one at least.
    pub fn frames<'f>(
        &'f self,
        found: &'f Found<'data>,
    ) -> impl Iterator<Item = Frame<'data>> + 'f {
        let location = found.row.map(|row| Location::of_row(&found.unit, &found.lines, row));
        let mut next = Some((found.function, location.unwrap_or_default()));
        std::iter::from_fn(move || {
            let (number, location) = next.take()?;
            let record = number.and_then(|number| found.functions.get(number));
            let mut name = Name::default();
            if let Some(record) = record {
                name = self.name(&found.unit, &found.functions, record);
                if record.caller != NONE {
                    let (units, unit) = self.entries(&found.unit);
                    let call = entry::call(units, unit, record.entry.into());
                    let location = Location::of_call(&found.unit, &found.lines, call);
                    next = Some((Some(record.caller), location));
                }
            }
            let id = |number| FunctionId { unit: found.unit.header.start, number };
            Some(Frame { function: number.map(id), name, location })
        })
    }

    /// Where the innermost function of `found` starts: of several ranges, at the start of the first.
    pub fn start_of(&self, found: &Found<'data>) -> Option<u64> {
        let record = found.functions.get(found.function?)?;
        let (units, unit) = self.entries(&found.unit);
        entry::start(units, unit, record.entry.into())
    }

    fn name(
        &self,
        unit: &Arc<Unit<'data>>,
        functions: &Functions<'data>,
        function: Function,
    ) -> Name<'data> {
        let (name, kept) = functions.name(function, |entry| self.name_of_entry(unit, entry));
        self.keep(kept);
        name
    }

    fn name_of_entry(&self, unit: &Arc<Unit<'data>>, entry: u64) -> Name<'data> {
        let supplementary =
            self.supplementary.get_or_init(|| Some(Units::new(self.debug.supplementary()?, &[])));
        let (units, unit) = self.entries(unit);
        let (debug, parent) = (self.debug, &self.main.source);
        let packed_types = PackedTypes { rows: &self.packed_types, debug, parent };
        let files = Files { main: units, supplementary: supplementary.as_ref(), packed_types };
        entry::name(files, unit, entry)
    }

    /// Where the entries of a unit are: in itself, or in what it stands for.
    fn entries<'u>(
        &'u self,
        unit: &'u Arc<Unit<'data>>,
    ) -> (&'u Units<'data>, &'u Arc<Unit<'data>>) {
        if !unit.is_skeleton || !self.has_splits {
            return (&self.main, unit);
        }
        let split = unit.split.get_or_init(|| {
            Split::of(self.debug, &self.main.source, unit.header.start).map(Arc::new)
        });
        split.as_ref().map_or((&self.main, unit), |split| (&split.units, &split.unit))
    }

    fn functions(&self, unit: &Arc<Unit<'data>>) -> Arc<Functions<'data>> {
        let mut made = 0;
        let functions = unit.functions.get_or_make(|| {
            let (units, unit) = self.entries(unit);
            let functions = Functions::of_unit(&units.source, unit);
            made = functions.memory();
            functions
        });
        self.keep(made);
        functions
    }

    fn lines(&self, unit: &Arc<Unit<'data>>) -> Arc<Lines<'data>> {
        let mut made = 0;
        let lines = unit.lines.get_or_make(|| {
            let lines = Lines::of_unit(&self.main.source, unit);
            made = lines.memory();
            lines
        });
        self.keep(made);
        lines
    }

    /// Counts what was made, and drops all of it once it is too much.
    fn keep(&self, made: usize) {
        if made == 0 {
            return;
        }
        let kept = self.kept.fetch_add(made, Ordering::Relaxed).saturating_add(made);
        if kept > MOST_KEPT {
            self.kept.store(0, Ordering::Relaxed);
            self.main.clear();
        }
    }

    /// The addresses of the functions with this name, mangled or plain, as they stand in the file.
    pub fn functions_named(&self, name: &[u8]) -> Vec<u64> {
        let mut addresses = Vec::new();
        let source = &self.main.source;
        let names = self.debug.sections().get(SectionId::Names);
        let named = Named::of(names, source.strings, source.endian, name);
        let units = &self.main.by_address().units;
        for unit in units.iter().filter(|unit| named.may_be_in(unit.header.start)) {
            let functions = self.functions(unit);
            let mut last = NONE;
            for (address, number) in functions.iter() {
                let Some(function) = functions.get(number).filter(|_| number != last) else {
                    continue;
                };
                last = number;
                if self.name_of_entry(unit, function.entry.into()).text == Some(name) {
                    addresses.push(address);
                }
            }
        }
        addresses
    }

    /// The addresses at which code of a line starts, ascending. `file` is the end of a path, from
    /// a `/` on.
    pub fn addresses_of_line(&self, file: &[u8], line: u32) -> Vec<u64> {
        let mut addresses = Vec::new();
        let mut path = Vec::new();
        for unit in &self.main.by_address().units {
            let lines = self.lines(unit);
            for (address, row) in lines.iter().filter(|(_, row)| row.line == line) {
                path.clear();
                Location::of_row(unit, &lines, row).write_path(&mut path);
                let before = path.strip_suffix(file);
                if before.is_some_and(|before| before.is_empty() || before.ends_with(b"/")) {
                    addresses.push(address);
                }
            }
        }
        addresses.sort_unstable();
        addresses
    }
}

#[cfg(test)]
mod tests;

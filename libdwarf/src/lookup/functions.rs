//! The functions of a unit, and which of them has an address.
//!
//! A walk over all entries gathers the ranges of functions and of copies that were inlined into
//! others. Where ranges overlap, the smallest has the addresses; of equal ones the last, which is
//! the innermost. From that follow *segments*, none overlapping another, so that one binary search
//! finds the function of an address.
//!
//! ```text
//! main                ├──────────────────────────┤
//!   inlined a            ├──────────────┤
//!     inlined b               ├────┤
//! segments            │m │a   │b   │a   │main    │
//! ```

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::RwLock;

use foldhash::fast::FixedState;
use gimli::constants as c;
use hashbrown::HashMap;

use super::abbrev::{Kind, Stop};
use super::batch::{ANYWHERE, partition_near};
use super::entry::Name;
use super::unit::{Range, Source, Span, Unit};
use super::value::Value;

/// No function.
pub(super) const NONE: u32 = u32::MAX;
/// Entries that are nested deeper are those of no compiler.
const DEEPEST: usize = 1 << 14;

/// A function with code, or one that another is inlined in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Function {
    /// Where its entry is, from the start of the unit.
    pub(super) entry: u32,
    /// For an inlined copy the function that it is inlined in, or [`NONE`].
    pub(super) caller: u32,
    /// Where the entry is that has the name or leads to it: for a copy mostly that of which it is
    /// one, so that all copies have it in common.
    pub(super) named_by: u32,
}

#[derive(Debug, Default)]
pub(super) struct Functions<'data> {
    list: Vec<Function>,
    /// Names that were asked for, by [`Function::named_by`].
    names: RwLock<HashMap<u32, Name<'data>, FixedState>>,
    /// Where each segment starts, ascending.
    starts: Vec<u64>,
    /// The function that has each segment, or [`NONE`].
    owners: Vec<u32>,
}

/// A function whose entry is not over yet.
struct Open {
    depth: usize,
    entry: u32,
    named_by: u32,
    kind: Kind,
    /// Its number, once it has one.
    number: u32,
}

/// The most ranges of a unit: no compiler's has as many.
const MOST_RANGES: usize = 3_000_000;

/// How many ranges a unit of so many bytes may have: entries of a hostile file can all lead to one
/// long list.
fn most_ranges(size: u64) -> usize {
    const FEW: usize = 1 << 12;
    const FOR_EACH_BYTE: usize = 4;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    size.saturating_mul(FOR_EACH_BYTE).saturating_add(FEW).min(MOST_RANGES)
}

/// What a walk over the entries of a unit gathers.
#[derive(Default)]
struct Walk {
    list: Vec<Function>,
    ranges: Vec<(Range, u32)>,
    open: Vec<Open>,
}

impl<'data> Functions<'data> {
    /// The functions of a unit.
    pub(super) fn of_unit(source: &Source<'data>, unit: &Unit<'data>) -> Self {
        let mut walk = Walk::default();
        // What is damaged ends the walk; what came before it counts.
        let _ = walk.run(source, unit);
        let Walk { mut list, ranges, .. } = walk;
        list.shrink_to_fit();
        let mut functions = Self { list, ..Self::default() };
        functions.divide(&ranges);
        functions
    }

    /// The number of the function that has an address.
    pub(super) fn at(&self, address: u64) -> Option<u32> {
        self.at_near(address, &mut { ANYWHERE })
    }

    /// The same; `near` is where the answer before was, and becomes where this one is.
    #[inline]
    pub(super) fn at_near(&self, address: u64, near: &mut usize) -> Option<u32> {
        let after = partition_near(&self.starts, *near, |start| *start <= address);
        *near = after.checked_sub(1)?;
        let owner = *self.owners.get(*near)?;
        (owner != NONE).then_some(owner)
    }

    /// The name of a function: made once for all its copies. The second is how many bytes more are
    /// kept.
    pub(super) fn name(
        &self,
        function: Function,
        make: impl FnOnce(u64) -> Name<'data>,
    ) -> (Name<'data>, usize) {
        let key = function.named_by;
        if let Ok(names) = self.names.read()
            && let Some(name) = names.get(&key)
        {
            return (*name, 0);
        }
        let name = make(key.into());
        if let Ok(mut names) = self.names.write() {
            names.insert(key, name);
        }
        (name, size_of::<(u32, Name<'_>)>())
    }

    pub(super) fn get(&self, number: u32) -> Option<Function> {
        self.list.get(number as usize).copied()
    }

    /// All functions that have addresses, with one of those, in the order of addresses.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        let segments = self.starts.iter().copied().zip(self.owners.iter().copied());
        segments.filter(|(_, owner)| *owner != NONE)
    }

    /// The addresses that have functions, in order.
    pub(super) fn ranges(&self) -> impl Iterator<Item = Range> + '_ {
        let ends = self.starts.iter().skip(1);
        let segments = self.starts.iter().zip(ends).zip(&self.owners);
        segments
            .filter(|(_, owner)| **owner != NONE)
            .map(|((start, end), _)| Range { start: *start, end: *end })
    }

    /// The bytes that it takes.
    pub(super) fn memory(&self) -> usize {
        let of_list = self.list.len().saturating_mul(size_of::<Function>());
        let of_segments = self.starts.len().saturating_mul(size_of::<u64>() + size_of::<u32>());
        of_list.saturating_add(of_segments)
    }

    /// Makes segments of ranges, which come with ascending numbers.
    fn divide(&mut self, ranges: &[(Range, u32)]) {
        self.starts.reserve_exact(ranges.len().saturating_mul(2));
        self.owners.reserve_exact(ranges.len().saturating_mul(2));
        let first = ranges.iter().map(|(range, _)| range.start).min().unwrap_or(0);
        let last = ranges.iter().map(|(range, _)| range.start).max().unwrap_or(0);
        // Numbers of one word are sorted much faster. The second half keeps the order of numbers.
        if u32::try_from(last.wrapping_sub(first)).is_ok() && u32::try_from(ranges.len()).is_ok() {
            let key = |(number, (range, _)): (u64, &(Range, u32))| {
                range.start.wrapping_sub(first) << 32 | number
            };
            let mut order: Vec<u64> = (0..).zip(ranges).map(key).collect();
            order.sort_unstable();
            self.sweep(order.iter().filter_map(|key| ranges.get(*key as u32 as usize)));
        } else {
            let mut order: Vec<_> = ranges.iter().collect();
            order.sort_by_key(|(range, _)| range.start);
            self.sweep(order.into_iter());
        }
        self.starts.shrink_to_fit();
        self.owners.shrink_to_fit();
    }

    /// Adds the segments of ranges in the order of their starts, and of their numbers.
    fn sweep<'r>(&mut self, ranges: impl Iterator<Item = &'r (Range, u32)>) {
        // The ranges that have started, the smallest on top, and of equal ones the last.
        let mut started: BinaryHeap<(Reverse<u64>, u32, u64)> = BinaryHeap::new();
        let mut next = ranges.peekable();
        let mut position = 0;
        loop {
            while started.peek().is_some_and(|(.., end)| *end <= position) {
                started.pop();
            }
            let start = next.peek().map(|(range, _)| range.start);
            position = match (started.peek(), start) {
                (None, None) => break,
                (None, Some(start)) => {
                    self.segment(position, NONE);
                    start
                }
                (Some(&(_, owner, end)), start) => {
                    self.segment(position, owner);
                    start.map_or(end, |start| start.min(end))
                }
            };
            while let Some((range, number)) = next.next_if(|(range, _)| range.start == position) {
                let size = range.end.saturating_sub(range.start);
                started.push((Reverse(size), *number, range.end));
            }
        }
        self.segment(position, NONE);
    }

    /// From `start` on the addresses belong to `owner`.
    fn segment(&mut self, start: u64, owner: u32) {
        if self.owners.last() == Some(&owner) {
            return;
        }
        if self.starts.last() == Some(&start) {
            self.starts.pop();
            self.owners.pop();
        }
        self.starts.push(start);
        self.owners.push(owner);
    }
}

impl Walk {
    fn run<'data>(&mut self, source: &Source<'data>, unit: &Unit<'data>) -> Option<()> {
        let format = unit.header.format;
        let abbrevs = &*unit.abbrevs;
        let mut bytes = unit.bytes_at(source, unit.header.root);
        let mut depth = 0_usize;
        let mut ranges = Vec::new();
        let most = most_ranges(unit.header.end.saturating_sub(unit.header.start));
        while !bytes.is_at_end() {
            let entry = bytes.offset() as u64;
            let code = bytes.uleb()?;
            if code == 0 {
                depth = depth.saturating_sub(1);
                while self.open.pop_if(|open| open.depth >= depth).is_some() {}
                if depth == 0 {
                    break;
                }
                continue;
            }
            let abbrev = abbrevs.get(code)?;
            if abbrev.kind == Kind::Other {
                abbrevs.skip(abbrev, format, &mut bytes)?;
            } else {
                let mut span = Span::default();
                let entry = u32::try_from(entry.checked_sub(unit.header.start)?).ok()?;
                let mut named_by = entry;
                for stop in abbrevs.stops(abbrev) {
                    let spec = match stop {
                        Stop::Pass(step) => {
                            step.take(format, &mut bytes)?;
                            continue;
                        }
                        Stop::Read(spec) => spec,
                    };
                    let value = Value::read(spec, format, &mut bytes)?;
                    if spec.name == c::DW_AT_abstract_origin
                        && let Value::InUnit(origin) = value
                        && !abbrev.has_name
                    {
                        named_by = u32::try_from(origin).unwrap_or(entry);
                    }
                    span.add(spec.name, value);
                }
                let mut number = NONE;
                if span.is_some() {
                    ranges.clear();
                    let left = most.checked_sub(self.ranges.len())?;
                    span.resolve(source, unit, &mut ranges, left);
                    if !ranges.is_empty() {
                        number = self.add(entry, named_by, abbrev.kind);
                        self.ranges.extend(ranges.iter().map(|range| (*range, number)));
                    }
                }
                if abbrev.has_children {
                    self.open.push(Open { depth, entry, named_by, kind: abbrev.kind, number });
                }
            }
            if abbrev.has_children {
                depth = depth.saturating_add(1);
                (depth < DEEPEST).then_some(())?;
            } else if depth == 0 {
                break;
            }
        }
        Some(())
    }

    /// Adds a function and, if it is an inlined copy, those that it is inlined in.
    fn add(&mut self, entry: u32, named_by: u32, kind: Kind) -> u32 {
        let mut caller = NONE;
        if kind == Kind::Inlined {
            // From the outermost one without a number on; a subprogram has no caller.
            let known = self
                .open
                .iter()
                .rposition(|open| open.number != NONE || open.kind == Kind::Function);
            let first = known.unwrap_or(0);
            for open in self.open.get_mut(first..).unwrap_or_default() {
                if open.number == NONE {
                    let above = if open.kind == Kind::Inlined { caller } else { NONE };
                    open.number = self.list.len() as u32;
                    let (entry, named_by) = (open.entry, open.named_by);
                    self.list.push(Function { entry, caller: above, named_by });
                }
                caller = open.number;
            }
        }
        let number = self.list.len() as u32;
        self.list.push(Function { entry, caller, named_by });
        number
    }
}

/// Whether plain names of a language are those of its symbols.
pub(super) fn names_are_symbols(language: gimli::DwLang) -> bool {
    /// UPC before it had a number of the standard.
    const OLD_UPC: gimli::DwLang = gimli::DwLang(0x8765);
    matches!(
        language,
        c::DW_LANG_C89
            | c::DW_LANG_C
            | c::DW_LANG_Cobol74
            | c::DW_LANG_Cobol85
            | c::DW_LANG_Fortran77
            | c::DW_LANG_Pascal83
            | c::DW_LANG_C99
            | c::DW_LANG_PLI
            | c::DW_LANG_UPC
            | c::DW_LANG_C11
            | c::DW_LANG_Mips_Assembler
            | OLD_UPC
    )
}

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

use gimli::constants as c;

use super::abbrev::Kind;
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
}

#[derive(Debug, Default)]
pub(super) struct Functions {
    list: Vec<Function>,
    /// Where each segment starts, ascending.
    starts: Vec<u64>,
    /// The function that has each segment, or [`NONE`].
    owners: Vec<u32>,
}

/// A function whose entry is not over yet.
struct Open {
    depth: usize,
    entry: u32,
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

impl Functions {
    /// The functions of a unit.
    pub(super) fn of_unit<'data>(source: &Source<'data>, unit: &Unit<'data>) -> Self {
        let mut walk = Walk::default();
        // What is damaged ends the walk; what came before it counts.
        let _ = walk.run(source, unit);
        let Walk { mut list, ranges, .. } = walk;
        list.shrink_to_fit();
        let mut functions = Self { list, ..Self::default() };
        functions.divide(ranges);
        functions
    }

    /// The number of the function that has an address.
    pub(super) fn at(&self, address: u64) -> Option<u32> {
        let after = self.starts.partition_point(|start| *start <= address);
        let owner = *self.owners.get(after.checked_sub(1)?)?;
        (owner != NONE).then_some(owner)
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
        self.list.len().saturating_add(self.starts.len()).saturating_mul(size_of::<(u64, u32)>())
    }

    /// Makes segments of ranges.
    fn divide(&mut self, mut ranges: Vec<(Range, u32)>) {
        ranges.sort_unstable_by_key(|(range, number)| (range.start, *number));
        self.starts.reserve_exact(ranges.len().saturating_mul(2));
        self.owners.reserve_exact(ranges.len().saturating_mul(2));
        // The ranges that have started, the smallest on top, and of equal ones the last.
        let mut started: BinaryHeap<(Reverse<u64>, u32, u64)> = BinaryHeap::new();
        let mut next = ranges.iter().peekable();
        let mut position = 0;
        loop {
            while started.peek().is_some_and(|(.., end)| *end <= position) {
                started.pop();
            }
            let start = next.peek().map(|(range, _)| range.start);
            let Some(&(_, owner, end)) = started.peek() else {
                let Some(start) = start else { break };
                self.segment(position, NONE);
                position = start;
                while let Some((range, number)) = next.next_if(|(range, _)| range.start == position)
                {
                    let size = range.end.saturating_sub(range.start);
                    started.push((Reverse(size), *number, range.end));
                }
                continue;
            };
            self.segment(position, owner);
            position = start.map_or(end, |start| start.min(end));
            while let Some((range, number)) = next.next_if(|(range, _)| range.start == position) {
                let size = range.end.saturating_sub(range.start);
                started.push((Reverse(size), *number, range.end));
            }
        }
        self.segment(position, NONE);
        self.starts.shrink_to_fit();
        self.owners.shrink_to_fit();
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
                for spec in abbrevs.specs(abbrev) {
                    let value = Value::read(spec, format, &mut bytes)?;
                    span.add(spec.name, value);
                }
                let entry = u32::try_from(entry.checked_sub(unit.header.start)?).ok()?;
                let mut number = NONE;
                if span.is_some() {
                    ranges.clear();
                    let left = most.checked_sub(self.ranges.len())?;
                    span.resolve(source, unit, &mut ranges, left);
                    if !ranges.is_empty() {
                        number = self.add(entry, abbrev.kind);
                        self.ranges.extend(ranges.iter().map(|range| (*range, number)));
                    }
                }
                if abbrev.has_children {
                    self.open.push(Open { depth, entry, kind: abbrev.kind, number });
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
    fn add(&mut self, entry: u32, kind: Kind) -> u32 {
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
                    self.list.push(Function { entry: open.entry, caller: above });
                }
                caller = open.number;
            }
        }
        let number = self.list.len() as u32;
        self.list.push(Function { entry, caller });
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

//! The units of one file, each read when it is asked for.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::abbrev::{Abbrevs, Format};
use super::batch::{ANYWHERE, partition_near};
use super::bytes::Bytes;
use super::functions::Functions;
use super::lines::Lines;
use super::unit::{Bases, Header, Range, Source, Unit};
use crate::load::{FOR_LOOKUP, Sections};
use crate::section::SectionId;

type ByKey<K, V> = HashMap<K, V, FixedState>;
type Cached<'data> = ByKey<u64, Option<Arc<Unit<'data>>>>;

/// The units of one file.
#[derive(Debug)]
pub(super) struct Units<'data> {
    pub(super) source: Source<'data>,
    /// Tables of abbreviations by where they are: in many files units share them.
    abbrevs: Mutex<ByKey<(u64, Format), Arc<Abbrevs>>>,
    /// Units of `.debug_info`, by their start.
    in_info: RwLock<Cached<'data>>,
    /// Those of `.debug_types`.
    in_types: RwLock<Cached<'data>>,
    starts: OnceLock<Vec<u64>>,
    signatures: OnceLock<ByKey<u64, Place>>,
    by_address: OnceLock<ByAddress<'data>>,
}

/// A type of a type unit.
#[derive(Clone, Copy, Debug)]
struct Place {
    is_types: bool,
    unit: u64,
    entry: u64,
}

/// All units and their addresses.
#[derive(Debug)]
pub(super) struct ByAddress<'data> {
    /// In the order of the file.
    pub(super) units: Vec<Arc<Unit<'data>>>,
    /// Where each segment starts, ascending, and the number of the first unit that has it.
    segments: Vec<(u64, u32)>,
}

const NONE: u32 = u32::MAX;

impl<'data> Units<'data> {
    /// The units of a file, whose supplementary file has these strings.
    pub(super) fn new(sections: &Sections<'data>, supplementary_strings: &'data [u8]) -> Self {
        // The shortest entry of a list has two bytes.
        let lists = [SectionId::Ranges, SectionId::Rnglists].map(|id| sections.get(id).len());
        let info = sections.get(SectionId::Info).len();
        let most_ranges = lists.iter().fold(info, |sum, size| sum.saturating_add(*size));
        Self::of_source(Source {
            dwarf: Arc::new(sections.dwarf(FOR_LOOKUP)),
            endian: sections.endian(),
            info: sections.get(SectionId::Info),
            types: sections.get(SectionId::Types),
            abbrev: sections.get(SectionId::Abbrev),
            strings: sections.get(SectionId::Str),
            line_strings: sections.get(SectionId::LineStr),
            string_offsets: sections.get(SectionId::StrOffsets),
            addresses: sections.get(SectionId::Addr),
            lines: sections.get(SectionId::Line),
            aranges: sections.get(SectionId::Aranges),
            supplementary_strings,
            ranges_left: Arc::new(AtomicUsize::new(most_ranges)),
        })
    }

    /// The units of the sections of a source.
    pub(super) fn of_source(source: Source<'data>) -> Self {
        Self {
            source,
            abbrevs: Mutex::default(),
            in_info: RwLock::default(),
            in_types: RwLock::default(),
            starts: OnceLock::new(),
            signatures: OnceLock::new(),
            by_address: OnceLock::new(),
        }
    }

    /// The unit that starts at an offset of `.debug_info`.
    pub(super) fn at(&self, start: u64) -> Option<Arc<Unit<'data>>> {
        self.cached(start, false)
    }

    fn cached(&self, start: u64, is_types: bool) -> Option<Arc<Unit<'data>>> {
        let cache = if is_types { &self.in_types } else { &self.in_info };
        if let Ok(units) = cache.read()
            && let Some(unit) = units.get(&start)
        {
            return unit.clone();
        }
        let unit = self.read(start, is_types).map(Arc::new);
        let mut units = cache.write().ok()?;
        units.entry(start).or_insert(unit).clone()
    }

    fn read(&self, start: u64, is_types: bool) -> Option<Unit<'data>> {
        let section = if is_types { self.source.types } else { self.source.info };
        let header = Header::parse(section, start, self.source.endian, is_types)?;
        let abbrevs = self.abbrevs(&header)?;
        Unit::new(&self.source, header, section, abbrevs)
    }

    /// The unit that starts at an offset of `.debug_info`, of which another unit tells where its
    /// parts of other sections start.
    pub(super) fn with_bases(&self, start: u64, bases: Bases, low_pc: u64) -> Option<Unit<'data>> {
        let unit = self.read(start, false)?;
        Some(Unit { low_pc, bases, ..unit })
    }

    fn abbrevs(&self, header: &Header) -> Option<Arc<Abbrevs>> {
        let mut tables = self.abbrevs.lock().ok()?;
        let key = Unit::abbrevs_key(header);
        if let Some(table) = tables.get(&key) {
            return Some(Arc::clone(table));
        }
        let table = Arc::new(Unit::parse_abbrevs(&self.source, header));
        // Tables that overlap could fill memory: those of real files do not.
        let room = self.source.abbrev.len().saturating_mul(ABBREVS_RATIO).max(MOST_ABBREVS);
        let kept: usize = tables.values().map(|table| table.memory()).sum();
        if kept > room {
            tables.clear();
        }
        tables.insert(key, Arc::clone(&table));
        Some(table)
    }

    /// Where units start, ascending.
    fn starts(&self) -> &[u64] {
        self.starts.get_or_init(|| {
            let section = self.source.info;
            let mut starts = Vec::new();
            let mut start = 0;
            while let Some(end) = unit_end(section, start, &self.source) {
                starts.push(start);
                start = end;
            }
            starts
        })
    }

    /// The unit that an offset of `.debug_info` lies in.
    pub(super) fn around(&self, offset: u64) -> Option<Arc<Unit<'data>>> {
        let starts = self.starts();
        let after = starts.partition_point(|start| *start <= offset);
        self.at(*starts.get(after.checked_sub(1)?)?)
    }

    /// The unit with the type of a signature, and where its entry is, from the start of the unit.
    pub(super) fn of_signature(&self, signature: u64) -> Option<(Arc<Unit<'data>>, u64)> {
        let places = self.signatures.get_or_init(|| {
            let mut places = ByKey::default();
            for (is_types, section) in [(false, self.source.info), (true, self.source.types)] {
                let mut start = 0;
                while let Some(end) = unit_end(section, start, &self.source) {
                    let header = Header::parse(section, start, self.source.endian, is_types);
                    if let Some((signature, entry)) = header.and_then(|header| header.type_unit) {
                        places.entry(signature).or_insert(Place { is_types, unit: start, entry });
                    }
                    start = end;
                }
            }
            places
        });
        let place = places.get(&signature)?;
        Some((self.cached(place.unit, place.is_types)?, place.entry))
    }

    /// All units by their addresses.
    pub(super) fn by_address(&self) -> &ByAddress<'data> {
        self.by_address.get_or_init(|| {
            let units: Vec<_> = self
                .starts()
                .iter()
                .filter_map(|start| self.with_code(*start))
                .take(MOST_UNITS)
                .collect();
            let ranges = self.ranges_of(&units);
            ByAddress::new(units, ranges)
        })
    }

    /// The unit that starts at an offset, if it may have code. Others are not kept.
    fn with_code(&self, start: u64) -> Option<Arc<Unit<'data>>> {
        let has_code = |unit: &Arc<Unit<'data>>| {
            !unit.ranges.is_empty() || (unit.is_whole && unit.lines_at.is_some())
        };
        if let Some(known) = self.in_info.read().ok()?.get(&start) {
            return known.clone().filter(has_code);
        }
        let unit = Some(Arc::new(self.read(start, false)?)).filter(has_code)?;
        let mut units = self.in_info.write().ok()?;
        units.entry(start).or_insert(Some(unit)).clone()
    }

    /// The addresses of units, with their numbers. One that does not tell has those of its lines
    /// and functions.
    fn ranges_of(&self, units: &[Arc<Unit<'data>>]) -> Vec<(Range, u32)> {
        let mut ranges = Vec::new();
        let mut tables = HashSet::with_hasher(FixedState::default());
        // Every row takes a byte at least, of tables that do not overlap.
        let mut rows_left = self.source.lines.len();
        for (number, unit) in (0..).zip(units) {
            ranges.extend(unit.ranges.iter().map(|range| (*range, number)));
            // Of several units with one table the first has the addresses.
            if !unit.ranges.is_empty() || rows_left == 0 || !tables.insert(unit.lines_at) {
                continue;
            }
            let lines = Lines::of_unit(&self.source, unit);
            rows_left = rows_left.saturating_sub(lines.len().max(1));
            let functions = Functions::of_unit(&self.source, unit);
            let both = lines.ranges().chain(functions.ranges());
            ranges.extend(both.map(|range| (range, number)));
        }
        ranges
    }

    /// Whether [`Self::by_address`] costs nothing more.
    pub(super) fn has_all(&self) -> bool {
        self.by_address.get().is_some()
    }

    /// The units that `.debug_aranges` gives an address, in the order of `.debug_info`.
    pub(super) fn by_aranges(&self, address: u64) -> Vec<u64> {
        let mut starts = Vec::new();
        let section = self.source.aranges;
        let mut at = 0;
        while let Some(next) = scan_aranges(section, at, &self.source, address, &mut starts) {
            at = next;
        }
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// Drops what was made of units, but for their roots.
    pub(super) fn clear(&self) {
        for cache in [&self.in_info, &self.in_types] {
            let Ok(units) = cache.read() else { continue };
            for unit in units.values().flatten() {
                unit.functions.clear();
                unit.lines.clear();
            }
        }
    }
}

/// More units with code than any file has.
const MOST_UNITS: usize = 400_000;
/// How many bytes may be kept of tables of abbreviations, for each byte of their section.
const ABBREVS_RATIO: usize = 16;
const MOST_ABBREVS: usize = 1 << 20;

/// The end of the unit at an offset, whether it can be read or not.
fn unit_end(section: &[u8], start: u64, source: &Source<'_>) -> Option<u64> {
    if start >= section.len() as u64 {
        return None;
    }
    if let Some(header) = Header::parse(section, start, source.endian, false) {
        return Some(header.next()).filter(|next| *next > start);
    }
    let mut bytes = Bytes::at(section, start, source.endian);
    let length = match bytes.u32()? {
        0xffff_ffff => bytes.u64()?,
        length => length.into(),
    };
    (bytes.offset() as u64).checked_add(length).filter(|next| *next > start)
}

/// Looks for an address in the table at an offset of `.debug_aranges`; tells where the next one is.
/// DWARF 5, section 6.1.2.
fn scan_aranges(
    section: &[u8],
    at: usize,
    source: &Source<'_>,
    address: u64,
    starts: &mut Vec<u64>,
) -> Option<usize> {
    use super::abbrev::Width;
    let mut bytes = Bytes::at(section, at as u64, source.endian);
    let (length, width) = match bytes.u32()? {
        0xffff_ffff => (bytes.u64()?, Width::Eight),
        length => (u64::from(length), Width::Four),
    };
    let next = bytes.offset().checked_add(usize::try_from(length).ok()?)?;
    let mut bytes = bytes.up_to(next as u64);
    let _version = bytes.u16()?;
    let unit = bytes.word(width)?;
    let (address_size, segment_size) = (bytes.u8()?, bytes.u8()?);
    // Tuples are aligned to their size, counted from the start of the table.
    let size = usize::from(address_size).checked_mul(2)?;
    let used = bytes.offset().checked_sub(at)?;
    let padding = used.checked_next_multiple_of(size)?.checked_sub(used)?;
    if segment_size == 0 && bytes.skip(padding as u64).is_some() {
        while let (Some(start), Some(length)) = (bytes.uint(address_size), bytes.uint(address_size))
        {
            if address.checked_sub(start).is_some_and(|offset| offset < length) {
                starts.push(unit);
                break;
            }
        }
    }
    Some(next)
}

impl<'data> ByAddress<'data> {
    fn new(units: Vec<Arc<Unit<'data>>>, ranges: Vec<(Range, u32)>) -> Self {
        let segments = first_owners(ranges);
        Self { units, segments }
    }

    /// The number of the first unit that has an address.
    fn first(&self, address: u64) -> Option<usize> {
        self.first_near(address, &mut { ANYWHERE })
    }

    /// The same; `near` is where the answer before was, and becomes where this one is.
    #[inline]
    pub(super) fn first_near(&self, address: u64, near: &mut usize) -> Option<usize> {
        let after = partition_near(&self.segments, *near, |(start, _)| *start <= address);
        *near = after.checked_sub(1)?;
        let (_, number) = self.segments.get(*near)?;
        (*number != NONE).then_some(*number as usize)
    }

    /// The units that have an address, in the order of the file.
    pub(super) fn with(&self, address: u64) -> impl Iterator<Item = &Arc<Unit<'data>>> {
        let first = self.first(address);
        let rest = first.map_or(self.units.len(), |first| first.saturating_add(1));
        let others = self.units.get(rest..).unwrap_or_default().iter();
        let others = others.filter(move |unit| unit.ranges.iter().any(|r| r.contains(address)));
        first.and_then(|first| self.units.get(first)).into_iter().chain(others)
    }
}

/// Segments, none overlapping another, with the lowest number of the ranges that cover each.
fn first_owners(mut ranges: Vec<(Range, u32)>) -> Vec<(u64, u32)> {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;
    ranges.sort_unstable_by_key(|(range, number)| (range.start, *number));
    let mut segments: Vec<(u64, u32)> = Vec::with_capacity(ranges.len());
    let mut say = |start: u64, owner: u32| {
        if segments.last().is_some_and(|(last, _)| *last == start) {
            segments.pop();
        }
        if segments.last().map_or(NONE, |(_, last)| *last) != owner {
            segments.push((start, owner));
        }
    };
    let mut started: BinaryHeap<Reverse<(u32, u64)>> = BinaryHeap::new();
    let mut next = ranges.iter().peekable();
    let mut position = 0;
    loop {
        while started.peek().is_some_and(|Reverse((_, end))| *end <= position) {
            started.pop();
        }
        let start = next.peek().map(|(range, _)| range.start);
        if let Some(&Reverse((owner, end))) = started.peek() {
            say(position, owner);
            position = start.map_or(end, |start| start.min(end));
        } else {
            say(position, NONE);
            let Some(start) = start else { break };
            position = start;
        }
        while let Some((range, number)) = next.next_if(|(range, _)| range.start == position) {
            started.push(Reverse((*number, range.end)));
        }
    }
    segments
}

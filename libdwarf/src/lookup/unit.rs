//! A unit: its header and its root entry. DWARF 5, sections 7.5.1 and 3.1.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use gimli::constants as c;
use gimli::{DebugAddrBase, DwLang, DwarfFileType, RangeListsOffset, RunTimeEndian};

use super::abbrev::{Abbrevs, Format, Spec, Width};
use super::bytes::{Bytes, string_at};
use super::functions::Functions;
use super::lines::Lines;
use super::slot::Slot;
use super::split::Split;
use super::value::Value;
use crate::load::{Dwarf, list_offset};

/// The bytes of the sections that are read here.
#[derive(Clone, Debug)]
pub(super) struct Source<'data> {
    pub(super) dwarf: Arc<Dwarf<'data>>,
    pub(super) endian: RunTimeEndian,
    pub(super) info: &'data [u8],
    pub(super) types: &'data [u8],
    pub(super) abbrev: &'data [u8],
    pub(super) strings: &'data [u8],
    pub(super) line_strings: &'data [u8],
    pub(super) string_offsets: &'data [u8],
    pub(super) addresses: &'data [u8],
    pub(super) lines: &'data [u8],
    pub(super) aranges: &'data [u8],
    /// The strings of the supplementary file.
    pub(super) supplementary_strings: &'data [u8],
    /// How many ranges units may still have together.
    pub(super) ranges_left: Arc<AtomicUsize>,
}

/// A range of addresses, from `start` to before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Range {
    pub(super) fn contains(&self, address: u64) -> bool {
        self.start <= address && address < self.end
    }
}

/// What stands before the entries of a unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    /// Where the unit starts in its section.
    pub(super) start: u64,
    /// Where it ends.
    pub(super) end: u64,
    /// Where its root entry is.
    pub(super) root: u64,
    pub(super) format: Format,
    abbrevs: u64,
    /// Of type units: the signature, and where the type is, from `start` on.
    pub(super) type_unit: Option<(u64, u64)>,
}

impl Header {
    /// The header at an offset of `.debug_info`, or of `.debug_types`.
    pub(super) fn parse(
        section: &[u8],
        start: u64,
        endian: RunTimeEndian,
        is_types: bool,
    ) -> Option<Self> {
        const LONG: u32 = 0xffff_ffff;
        const FIRST_RESERVED: u32 = 0xffff_fff0;
        let mut bytes = Bytes::at(section, start, endian);
        let (length, width) = match bytes.u32()? {
            LONG => (bytes.u64()?, Width::Eight),
            FIRST_RESERVED.. => return None,
            length => (u64::from(length), Width::Four),
        };
        // What is cut off is read as far as it goes.
        let end = (bytes.offset() as u64).checked_add(length)?.min(section.len() as u64);
        let version = bytes.u16()?;
        if !(2..=5).contains(&version) {
            return None;
        }
        let (kind, address_size, abbrevs) = if version >= 5 {
            let kind = gimli::DwUt(bytes.u8()?);
            let address_size = bytes.u8()?;
            (kind, address_size, bytes.word(width)?)
        } else {
            let abbrevs = bytes.word(width)?;
            let kind = if is_types { c::DW_UT_type } else { c::DW_UT_compile };
            (kind, bytes.u8()?, abbrevs)
        };
        let mut type_unit = None;
        match kind {
            c::DW_UT_type | c::DW_UT_split_type => {
                let signature = bytes.u64()?;
                type_unit = Some((signature, bytes.word(width)?));
            }
            c::DW_UT_skeleton | c::DW_UT_split_compile => bytes.skip(8)?,
            _ => {}
        }
        matches!(address_size, 1 | 2 | 4 | 8).then_some(())?;
        let format = Format { version, address_size, width };
        let root = bytes.offset() as u64;
        Some(Self { start, end, root, format, abbrevs, type_unit })
    }

    /// Where the unit after it starts, by its length.
    pub(super) fn next(&self) -> u64 {
        self.end
    }
}

/// A unit and what was found in it so far.
#[derive(Debug)]
pub(super) struct Unit<'data> {
    pub(super) header: Header,
    pub(super) abbrevs: Arc<Abbrevs>,
    /// The section it lies in.
    pub(super) section: &'data [u8],
    pub(super) name: Option<&'data [u8]>,
    /// The folder that it was compiled in.
    pub(super) folder: Option<&'data [u8]>,
    pub(super) language: Option<DwLang>,
    /// Where its line number program is.
    pub(super) lines_at: Option<u64>,
    /// Whether it has code of its own, and is not there for others to include.
    pub(super) is_whole: bool,
    /// Whether its entries are in an object of their own.
    pub(super) is_skeleton: bool,
    /// The addresses of its code; none if it does not tell.
    pub(super) ranges: Vec<Range>,
    pub(super) low_pc: u64,
    pub(super) bases: Bases,
    pub(super) functions: Slot<Functions<'data>>,
    pub(super) lines: Slot<Lines<'data>>,
    /// See [`Lines::outside`].
    pub(super) lines_outside: OnceLock<Vec<Range>>,
    /// Of a skeleton: what it stands for, if that is there.
    pub(super) split: OnceLock<Option<Arc<Split<'data>>>>,
}

/// Where the unit's parts of other sections start.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bases {
    pub(super) string_offsets: Option<u64>,
    pub(super) addresses: Option<u64>,
    pub(super) range_lists: Option<u64>,
}

impl<'data> Unit<'data> {
    /// The unit with this header.
    pub(super) fn new(
        source: &Source<'data>,
        header: Header,
        section: &'data [u8],
        abbrevs: Arc<Abbrevs>,
    ) -> Option<Self> {
        let mut unit = Self {
            header,
            abbrevs,
            section,
            name: None,
            folder: None,
            language: None,
            lines_at: None,
            is_whole: false,
            is_skeleton: false,
            ranges: Vec::new(),
            low_pc: 0,
            bases: Bases::default(),
            functions: Slot::default(),
            lines: Slot::default(),
            lines_outside: OnceLock::new(),
            split: OnceLock::new(),
        };
        let mut bytes = unit.bytes_at(source, header.root);
        let abbrevs = Arc::clone(&unit.abbrevs);
        let abbrev = abbrevs.get(bytes.uleb()?)?;
        unit.is_whole = matches!(abbrev.tag, c::DW_TAG_compile_unit | c::DW_TAG_skeleton_unit);
        // Bases may stand behind what needs them.
        let mut values: Vec<(Spec, Value<'data>)> = Vec::new();
        for spec in abbrevs.specs(abbrev) {
            let Some(value) = Value::read(spec, header.format, &mut bytes) else { break };
            match (spec.name, value.offset()) {
                (c::DW_AT_str_offsets_base, base) => unit.bases.string_offsets = base,
                (c::DW_AT_addr_base | c::DW_AT_GNU_addr_base, base) => unit.bases.addresses = base,
                (c::DW_AT_rnglists_base | c::DW_AT_GNU_ranges_base, base) => {
                    unit.bases.range_lists = base;
                }
                _ => values.push((*spec, value)),
            }
        }
        let mut span = Span::default();
        for (spec, value) in values {
            match spec.name {
                c::DW_AT_name => unit.name = unit.string(source, value),
                c::DW_AT_comp_dir => unit.folder = unit.string(source, value),
                c::DW_AT_language => {
                    unit.language = value.unsigned().map(|value| DwLang(value as u16));
                }
                c::DW_AT_stmt_list => unit.lines_at = value.offset(),
                c::DW_AT_dwo_name | c::DW_AT_GNU_dwo_name => unit.is_skeleton = true,
                c::DW_AT_low_pc | c::DW_AT_high_pc | c::DW_AT_ranges => span.add(spec.name, value),
                _ => {}
            }
        }
        unit.low_pc = span.low.and_then(|value| unit.address(source, value)).unwrap_or(0);
        let mut ranges = Vec::new();
        // All units may lead to one long list.
        let left = source.ranges_left.load(Ordering::Relaxed);
        span.resolve(source, &unit, &mut ranges, left);
        source.ranges_left.store(left.saturating_sub(ranges.len()), Ordering::Relaxed);
        unit.ranges = ranges;
        Some(unit)
    }

    /// Whether the units of a source are what skeletons stand for.
    fn is_split(source: &Source<'data>) -> bool {
        source.dwarf.file_type == DwarfFileType::Dwo
    }

    /// A place in the unit, by its offset in the section.
    pub(super) fn bytes_at(&self, source: &Source<'data>, offset: u64) -> Bytes<'data> {
        Bytes::at(self.section, offset, source.endian).up_to(self.header.end)
    }

    /// The abbreviations of a unit with this header.
    pub(super) fn parse_abbrevs(source: &Source<'data>, header: &Header) -> Abbrevs {
        Abbrevs::parse(Bytes::at(source.abbrev, header.abbrevs, source.endian), header.format)
    }

    /// Of which table its abbreviations are, and how they are read.
    pub(super) fn abbrevs_key(header: &Header) -> (u64, Format) {
        (header.abbrevs, header.format)
    }

    /// The string that a value is.
    pub(super) fn string(
        &self,
        source: &Source<'data>,
        value: Value<'data>,
    ) -> Option<&'data [u8]> {
        match value {
            Value::String(string) => Some(string),
            Value::StringAt(offset) => string_at(source.strings, offset),
            Value::SupplementaryStringAt(offset) => string_at(source.supplementary_strings, offset),
            Value::LineStringAt(offset) => string_at(source.line_strings, offset),
            Value::StringIndex(index) => {
                let width = self.header.format.width;
                // Without a base the offsets start behind the header, which version 4 had not.
                let header = if self.header.format.version < 5 {
                    0
                } else if width == Width::Four {
                    8
                } else {
                    16
                };
                let base = self.bases.string_offsets.unwrap_or(header);
                // A base within the header was never relocated: what stands there are not the
                // unit's strings.
                if base < header {
                    return None;
                }
                let at = index.checked_mul(width.bytes().into())?.checked_add(base)?;
                let offset = Bytes::at(source.string_offsets, at, source.endian).word(width)?;
                string_at(source.strings, offset)
            }
            _ => None,
        }
    }

    /// The address that a value is.
    pub(super) fn address(&self, source: &Source<'data>, value: Value<'data>) -> Option<u64> {
        match value {
            Value::Address(address) => Some(address),
            Value::AddressIndex(index) => {
                let size = self.header.format.address_size;
                let base = self.bases.addresses.unwrap_or(0);
                let at = index.checked_mul(size.into())?.checked_add(base)?;
                Bytes::at(source.addresses, at, source.endian).uint(size)
            }
            _ => None,
        }
    }

    /// The ranges that the value of `DW_AT_ranges` leads to.
    fn add_ranges(
        &self,
        source: &Source<'data>,
        value: Value<'data>,
        ranges: &mut Vec<Range>,
        most: usize,
    ) {
        let format = self.header.format;
        let encoding = gimli::Encoding {
            address_size: format.address_size,
            format: match format.width {
                Width::Four => gimli::Format::Dwarf32,
                Width::Eight => gimli::Format::Dwarf64,
            },
            version: format.version,
        };
        let lists = &source.dwarf.ranges;
        let base = match self.bases.range_lists {
            Some(base) => gimli::DebugRngListsBase(base as usize),
            None => gimli::DebugRngListsBase::default_for_encoding_and_file(
                encoding,
                source.dwarf.file_type,
            ),
        };
        let offset = match value {
            Value::RangeListIndex(index) => {
                let index = gimli::DebugRngListsIndex(index as usize);
                match list_offset::of_ranges(lists, encoding, base.0, index) {
                    Ok(offset) => offset,
                    Err(_) => return,
                }
            }
            _ => match value.offset() {
                // Before version 5 the lists of split units are in the file of the skeleton, from
                // its base on.
                Some(offset) if format.version < 5 && Self::is_split(source) => {
                    let base = self.bases.range_lists.unwrap_or(0);
                    RangeListsOffset(offset.wrapping_add(base) as usize)
                }
                Some(offset) => RangeListsOffset(offset as usize),
                None => return,
            },
        };
        let addresses = &source.dwarf.debug_addr;
        let addresses_base = DebugAddrBase(self.bases.addresses.unwrap_or(0) as usize);
        let list = lists.ranges(offset, encoding, self.low_pc, addresses, addresses_base);
        let Ok(mut list) = list else { return };
        for _ in 0..most {
            let Ok(Some(range)) = list.next() else { break };
            if range.begin < range.end {
                ranges.push(Range { start: range.begin, end: range.end });
            }
        }
    }
}

/// The attributes that tell which addresses an entry has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span<'data> {
    low: Option<Value<'data>>,
    high: Option<Value<'data>>,
    ranges: Option<Value<'data>>,
}

impl<'data> Span<'data> {
    /// Takes an attribute, if it is one of these.
    #[inline]
    pub(super) fn add(&mut self, name: gimli::DwAt, value: Value<'data>) {
        match name {
            c::DW_AT_low_pc => self.low = Some(value),
            c::DW_AT_high_pc => self.high = Some(value),
            c::DW_AT_ranges => self.ranges = Some(value),
            _ => {}
        }
    }

    /// Whether there can be any.
    #[inline]
    pub(super) fn is_some(&self) -> bool {
        self.ranges.is_some() || self.low.is_some()
    }

    /// Adds the ranges of the entry, `most` at most, those that are not empty.
    pub(super) fn resolve(
        &self,
        source: &Source<'data>,
        unit: &Unit<'data>,
        ranges: &mut Vec<Range>,
        most: usize,
    ) {
        if let Some(low) = self.low.and_then(|low| unit.address(source, low))
            && let Some(high) = self.high
        {
            let end = match unit.address(source, high) {
                Some(address) => Some(address),
                None => high.unsigned().and_then(|size| low.checked_add(size)),
            };
            if let Some(end) = end.filter(|end| *end > low) {
                ranges.push(Range { start: low, end });
                return;
            }
        }
        if let Some(list) = self.ranges {
            unit.add_ranges(source, list, ranges, most);
        }
    }
}

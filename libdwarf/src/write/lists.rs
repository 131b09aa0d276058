//! Range lists and location lists. DWARF 5, sections 2.6.2, 2.17.3, 7.28 and 7.29; DWARF 4, sections
//! 2.6.2 and 2.17.3.
//!
//! Version 5 says of each entry what it is. Before, an entry is a pair of offsets from a base, which
//! is where the unit begins until an entry sets another: pairs of addresses are turned into such
//! offsets where they can be, and else the base is set to 0.

use gimli::{DwLle, DwRle, Encoding, constants as dw};

use super::distance::{Address, address_after, known_distance};
use super::error::{Error, Result};
use super::expression::{Expression, References};
use super::section::Section;

/// A range list of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RangeListId(pub(super) u32);

/// A location list of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocationListId(pub(super) u32);

/// Of which addresses an entry of a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bounds {
    /// Of none: the base of the offsets that follow.
    Base(Address),
    /// From and up to offsets from the base, in bytes.
    Offsets {
        /// The first offset.
        begin: u64,
        /// The offset after the last one.
        end: u64,
    },
    /// From and up to addresses.
    StartEnd {
        /// The first address.
        begin: Address,
        /// The address after the last one.
        end: Address,
    },
    /// From an address on.
    StartLength {
        /// The first address.
        begin: Address,
        /// How many bytes.
        length: u64,
    },
    /// Of all that no other entry is of; in location lists from version 5 on.
    Default,
}

/// A list of ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeList {
    /// The entries in their order.
    pub ranges: Vec<Bounds>,
    /// Whether addresses are indexes in the unit's table, from version 5 on.
    pub indexed: bool,
}

/// A list of locations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocationList {
    /// The entries in their order; the expression of [`Bounds::Base`] is not written.
    pub locations: Vec<(Bounds, Expression)>,
    /// Whether addresses are indexes in the unit's table, from version 5 on.
    pub indexed: bool,
    /// The views from and up to which locations are of, GNU's `DW_AT_GNU_locviews`: of several
    /// places of the source at one address, by number. Either none, or a pair for each entry but
    /// [`Bounds::Base`], whose attribute then is [`Value::Views`](super::Value::Views).
    pub views: Vec<(u64, u64)>,
}

/// What lists of both kinds share with their unit.
pub(super) struct ListContext<'a> {
    pub(super) encoding: Encoding,
    /// `DW_AT_low_pc` of the unit.
    pub(super) base: Address,
    pub(super) references: &'a dyn References,
    /// Whether the unit is split off.
    pub(super) is_split: bool,
    /// Whether attributes have indexes of lists.
    pub(super) has_indexes: bool,
}

/// Where the lists of a unit are.
#[derive(Default)]
pub(super) struct ListPlaces {
    /// Where indexes count from: the table of offsets.
    pub(super) base: u64,
    /// By list, in bytes from the start of the section.
    pub(super) offsets: Vec<u64>,
    /// By list, where its views are, likewise; they lie before it.
    pub(super) views: Vec<u64>,
}

/// A list of either kind: what the two differ in.
pub(super) trait List {
    /// The codes of version 5.
    const CODES: Codes;
    fn is_indexed(&self) -> bool;
    fn bounds(&self) -> impl Iterator<Item = Bounds>;
    /// Writes what lies before the list.
    fn write_views(&self, _: &mut Section) -> Result<()> {
        Ok(())
    }
    /// Writes what belongs to the entry besides its bounds.
    fn write_rest(&self, index: usize, section: &mut Section, context: &ListContext) -> Result<()>;
}

/// The codes of entries, which the two kinds number differently from 5 on.
pub(super) struct Codes {
    end: u8,
    base_index: u8,
    start_end_index: u8,
    start_length_index: u8,
    offsets: u8,
    default: Option<u8>,
    base: u8,
    start_end: u8,
    start_length: u8,
}

/// Codes of `.debug_loc.dwo` before version 5, of GNU.
const SPLIT_END: u8 = 0;
const SPLIT_BASE: u8 = 1;
const SPLIT_START_END: u8 = 2;
const SPLIT_START_LENGTH: u8 = 3;

impl List for RangeList {
    const CODES: Codes = {
        const fn code(code: DwRle) -> u8 {
            code.0
        }
        Codes {
            end: code(dw::DW_RLE_end_of_list),
            base_index: code(dw::DW_RLE_base_addressx),
            start_end_index: code(dw::DW_RLE_startx_endx),
            start_length_index: code(dw::DW_RLE_startx_length),
            offsets: code(dw::DW_RLE_offset_pair),
            default: None,
            base: code(dw::DW_RLE_base_address),
            start_end: code(dw::DW_RLE_start_end),
            start_length: code(dw::DW_RLE_start_length),
        }
    };

    fn is_indexed(&self) -> bool {
        self.indexed
    }

    fn bounds(&self) -> impl Iterator<Item = Bounds> {
        self.ranges.iter().copied()
    }

    fn write_rest(&self, _: usize, _: &mut Section, _: &ListContext) -> Result<()> {
        Ok(())
    }
}

impl List for LocationList {
    const CODES: Codes = {
        const fn code(code: DwLle) -> u8 {
            code.0
        }
        Codes {
            end: code(dw::DW_LLE_end_of_list),
            base_index: code(dw::DW_LLE_base_addressx),
            start_end_index: code(dw::DW_LLE_startx_endx),
            start_length_index: code(dw::DW_LLE_startx_length),
            offsets: code(dw::DW_LLE_offset_pair),
            default: Some(code(dw::DW_LLE_default_location)),
            base: code(dw::DW_LLE_base_address),
            start_end: code(dw::DW_LLE_start_end),
            start_length: code(dw::DW_LLE_start_length),
        }
    };

    fn is_indexed(&self) -> bool {
        self.indexed
    }

    fn bounds(&self) -> impl Iterator<Item = Bounds> {
        self.locations.iter().map(|(bounds, _)| *bounds)
    }

    fn write_views(&self, section: &mut Section) -> Result<()> {
        if self.views.is_empty() {
            return Ok(());
        }
        let is_location = |bounds: &Bounds| !matches!(bounds, Bounds::Base(_));
        if self.bounds().filter(is_location).count() != self.views.len() {
            return Err(Error::Parameters("views of a location list that are not one an entry"));
        }
        for &(begin, end) in &self.views {
            section.uleb(begin);
            section.uleb(end);
        }
        Ok(())
    }

    fn write_rest(&self, index: usize, section: &mut Section, context: &ListContext) -> Result<()> {
        let Some((_, expression)) = self.locations.get(index) else { return Ok(()) };
        let size = (context.encoding.version < 5).then_some(2);
        expression.write_counted(section, context.encoding, context.references, size)
    }
}

/// Calls `see` with each address of a list.
pub(super) fn each_address<L: List>(list: &L, see: &mut dyn FnMut(Address)) {
    for bounds in list.bounds() {
        match bounds {
            Bounds::Base(begin) | Bounds::StartLength { begin, .. } => see(begin),
            Bounds::StartEnd { begin, end } => {
                see(begin);
                see(end);
            }
            Bounds::Offsets { .. } | Bounds::Default => {}
        }
    }
}

/// Appends the lists of a unit.
pub(super) fn write<L: List>(
    section: &mut Section,
    lists: &[L],
    context: &ListContext,
) -> Result<ListPlaces> {
    let mut places = ListPlaces::default();
    if lists.is_empty() {
        return Ok(places);
    }
    let encoding = context.encoding;
    if encoding.version < 5 {
        for list in lists {
            places.views.push(section.len() as u64);
            list.write_views(section)?;
            places.offsets.push(section.len() as u64);
            if context.is_split {
                write_split_list(section, list, context)?;
            } else {
                write_old_list(section, list, context)?;
            }
        }
        return Ok(places);
    }
    let unit = section.begin(encoding.format)?;
    section.number(encoding.version.into(), 2)?;
    section.byte(encoding.address_size);
    section.byte(0); // no segments
    let indexes = if context.has_indexes { lists.len() as u64 } else { 0 };
    section.number(indexes, 4)?;
    let base = section.len();
    places.base = base as u64;
    let size = encoding.format.word_size();
    for _ in 0..indexes {
        section.number(0, size)?;
    }
    let mut entry = base;
    for list in lists {
        places.views.push(section.len() as u64);
        list.write_views(section)?;
        let offset = section.len();
        if context.has_indexes {
            section.patch(entry, offset.saturating_sub(base) as u64, size)?;
            entry = entry.saturating_add(size.into());
        }
        places.offsets.push(offset as u64);
        write_list(section, list, context)?;
    }
    section.end(unit)?;
    Ok(places)
}

/// Whether two addresses are the same, as far as can be told.
fn is_empty(begin: Address, end: Address) -> bool {
    known_distance(begin, end) == Some(0)
}

/// A list as in version 5.
fn write_list<L: List>(section: &mut Section, list: &L, context: &ListContext) -> Result<()> {
    let size = context.encoding.address_size;
    let codes = L::CODES;
    let indexed = list.is_indexed();
    let put = |section: &mut Section, address| {
        if indexed {
            section.uleb(context.references.address_index(address)?);
            Ok(())
        } else {
            section.address(address, size)
        }
    };
    for (index, bounds) in list.bounds().enumerate() {
        match bounds {
            Bounds::Base(address) => {
                section.byte(if indexed { codes.base_index } else { codes.base });
                put(section, address)?;
                continue;
            }
            Bounds::Offsets { begin, end } => {
                section.byte(codes.offsets);
                section.uleb(begin);
                section.uleb(end);
            }
            Bounds::StartEnd { begin, end } => {
                section.byte(if indexed { codes.start_end_index } else { codes.start_end });
                put(section, begin)?;
                put(section, end)?;
            }
            Bounds::StartLength { begin, length } => {
                section.byte(if indexed { codes.start_length_index } else { codes.start_length });
                put(section, begin)?;
                section.uleb(length);
            }
            Bounds::Default => {
                section.byte(codes.default.ok_or(Error::EmptyRange)?);
            }
        }
        list.write_rest(index, section, context)?;
    }
    section.byte(codes.end);
    Ok(())
}

/// The base of offsets before version 5.
struct Base<'a> {
    section: &'a mut Section,
    address: Address,
    size: u8,
}

impl Base<'_> {
    /// The highest address, which marks an entry that sets the base.
    fn mark(&self) -> u64 {
        u64::MAX >> (64 - 8 * u32::from(self.size.clamp(1, 8)))
    }

    fn set(&mut self, address: Address) -> Result<()> {
        self.section.number(self.mark(), self.size)?;
        self.section.address(address, self.size)?;
        self.address = address;
        Ok(())
    }

    fn write_offsets(&mut self, begin: u64, end: u64) -> Result<()> {
        // Two zeros end a list, the mark sets the base.
        if begin == end || begin == self.mark() {
            return Err(Error::EmptyRange);
        }
        self.section.number(begin, self.size)?;
        self.section.number(end, self.size)
    }

    fn write_addresses(&mut self, begin: Address, end: Address) -> Result<()> {
        if is_empty(begin, end) {
            return Err(Error::EmptyRange);
        }
        let offset = |address| {
            known_distance(self.address, address).and_then(|offset| u64::try_from(offset).ok())
        };
        if let (Some(begin), Some(end)) = (offset(begin), offset(end)) {
            return self.write_offsets(begin, end);
        }
        if self.address != Address::Constant(0) {
            self.set(Address::Constant(0))?;
        }
        if begin == Address::Constant(self.mark()) {
            return Err(Error::EmptyRange);
        }
        self.section.address(begin, self.size)?;
        self.section.address(end, self.size)
    }
}

/// A list as before version 5.
fn write_old_list<L: List>(section: &mut Section, list: &L, context: &ListContext) -> Result<()> {
    if list.is_indexed() {
        return Err(Error::NeedsVersion { what: "a list with indexed addresses", version: 5 });
    }
    let size = context.encoding.address_size;
    let mut base = Base { section, address: context.base, size };
    for (index, bounds) in list.bounds().enumerate() {
        match bounds {
            Bounds::Base(address) => {
                base.set(address)?;
                continue;
            }
            Bounds::Offsets { begin, end } => base.write_offsets(begin, end)?,
            Bounds::StartEnd { begin, end } => base.write_addresses(begin, end)?,
            Bounds::StartLength { begin, length } => {
                let end =
                    address_after(begin, length).ok_or(Error::TooLarge { value: length, size })?;
                base.write_addresses(begin, end)?;
            }
            Bounds::Default => {
                return Err(Error::NeedsVersion { what: "a default location", version: 5 });
            }
        }
        list.write_rest(index, base.section, context)?;
    }
    base.section.number(0, size)?;
    base.section.number(0, size)
}

/// A location list of a split unit before version 5: GNU's, with indexed addresses.
fn write_split_list<L: List>(section: &mut Section, list: &L, context: &ListContext) -> Result<()> {
    if L::CODES.default.is_none() {
        return Err(Error::NeedsVersion { what: "a range list of a split unit", version: 5 });
    }
    let index_of = |address| context.references.address_index(address);
    for (index, bounds) in list.bounds().enumerate() {
        match bounds {
            Bounds::Base(address) => {
                section.byte(SPLIT_BASE);
                section.uleb(index_of(address)?);
                continue;
            }
            Bounds::StartEnd { begin, end } => {
                section.byte(SPLIT_START_END);
                section.uleb(index_of(begin)?);
                section.uleb(index_of(end)?);
            }
            Bounds::StartLength { begin, length } => {
                section.byte(SPLIT_START_LENGTH);
                section.uleb(index_of(begin)?);
                section.number(length, 4)?;
            }
            Bounds::Offsets { .. } | Bounds::Default => {
                return Err(Error::NeedsVersion { what: "offsets in a split unit", version: 5 });
            }
        }
        list.write_rest(index, section, context)?;
    }
    section.byte(SPLIT_END);
    Ok(())
}

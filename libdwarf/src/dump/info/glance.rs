//! A quick look through the units of `.debug_info`, for dumps that show nothing of them.
//!
//! Such dumps still say what is wrong with units, and load the split objects that units name: the
//! [`scan`](super::scan) finds both, and reads every value of every entry for it. In almost every
//! file nothing is wrong and nothing is named, and to find just that takes far less: an
//! abbreviation is made into the number of bytes that its values take, and to walk over an entry is
//! to add it. An abbreviation such as
//!
//! ```text
//!   5  DW_TAG_variable  [no children]
//!      DW_AT_name       DW_FORM_strp        4 bytes
//!      DW_AT_type       DW_FORM_ref4        4 bytes
//!      DW_AT_location   DW_FORM_exprloc     a length, and so many bytes
//! ```
//!
//! becomes "8 bytes, then a block". Whatever could make the scan say something, or concerns split
//! objects, ends the look: it is the scan's to say.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use libelf::ident::Encoding;
use libelf::leb128;
use rayon::prelude::*;

use super::super::{Cursor, Dump, Loaded, Text};
use super::class::Class;
use super::found::at;
use super::lookup::{Lists, Sections, Tables};
use super::{Header, abbrevs_of, form};
use crate::section::SectionId;

#[cfg(test)]
mod tests;

/// Codes of abbreviations beyond this are the scan's.
const MAX_CODE: u64 = 1 << 16;
/// Bytes that are read and kept of all sets of abbreviations. Damaged units may each start a set in
/// the middle of another's.
const MAX_COST: usize = 64 << 20;
/// Set in the bytes of a number in LEB128 that others follow.
const MORE: u8 = 0x80;

/// A set of abbreviations: where it is, and the sizes of values that the header of the unit gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    offset: usize,
    address_size: u8,
    offset_size: u8,
    reference_size: u8,
}

/// How to get over values of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// So many bytes.
    Bytes(u32),
    /// A number in LEB128.
    Leb,
    /// A string with its NUL.
    String,
    /// A length of so many bytes, and what it counts.
    Block(u8),
    /// A length in LEB128, and what it counts.
    LebBlock,
    /// The index of a list, which has to be in its table.
    Index(Lists),
    /// Where a table starts: an offset, which a unit gives once.
    Base(Base),
    /// A directory, which has to be among the strings: its form and, unless it is a number in
    /// LEB128, its size. A unit gives it once.
    Directory(u64, Option<u8>),
}

/// Tables whose start units give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Strings,
    Lists(Lists),
}

/// An abbreviation, as far as it tells how to get over entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Passage {
    /// Whether the set has it.
    exists: bool,
    has_children: bool,
    /// The bytes before the first step.
    bytes: u32,
    /// Its steps in [`Set::steps`].
    steps: Range<u32>,
}

/// A set of abbreviations.
#[derive(Debug, Default)]
struct Set {
    /// By code.
    passages: Vec<Passage>,
    steps: Vec<Step>,
}

/// The headers of units, each with the place of its key.
type Units = Vec<(Header, usize)>;

impl Dump<'_, '_> {
    /// Whether nothing is wrong with the units of `.debug_info` and none has to do with split
    /// objects. If it is not so, the scan tells more.
    pub(in crate::dump) fn has_plain_units(
        &mut self,
        section: &Loaded<'_>,
        sections: &Sections<'_>,
    ) -> bool {
        if section.id != SectionId::Info {
            return false;
        }
        let Some(abbrevs) = self.load(abbrevs_of(section.id)) else { return false };
        are_plain(section, &abbrevs.data, sections.tables()).is_some()
    }
}

fn are_plain(section: &Loaded<'_>, abbrevs: &[u8], tables: Tables<'_>) -> Option<()> {
    let (units, keys) = units_of(section, tables.encoding)?;
    let cost = AtomicUsize::new(0);
    let sets: Option<Vec<Set>> =
        keys.par_iter().map(|key| Set::read(abbrevs, *key, &cost)).collect();
    let sets = sets?;
    units.par_iter().try_for_each(|(header, set)| {
        let data = section.data.get(..header.end)?;
        let mut walk = Walk {
            data,
            encoding: tables.encoding,
            offset_size: header.offset_size,
            set: sets.get(*set)?,
            found: Lookups::default(),
        };
        walk.pass_all(header.entries)?;
        walk.found.check(tables, header.offset_size)
    })
}

/// The headers of all units, and the sets that they need; `None` if anything is odd.
fn units_of(section: &Loaded<'_>, encoding: Encoding) -> Option<(Units, Vec<Key>)> {
    let mut cursor = Cursor::new(&section.data, encoding);
    let mut known = HashMap::new();
    let (mut units, mut keys) = (Units::new(), Vec::new());
    while !cursor.is_at_end() {
        let header = Header::read(&mut cursor, section.id).ok()?;
        if !header.is_supported() {
            return None;
        }
        let key = Key {
            offset: usize::try_from(header.abbrev_offset).ok()?,
            address_size: header.address_size,
            offset_size: header.offset_size,
            reference_size: header.reference_size(),
        };
        let index = *known.entry(key).or_insert_with(|| {
            keys.push(key);
            keys.len().saturating_sub(1)
        });
        units.push((header, index));
    }
    Some((units, keys))
}

impl Set {
    /// Reads the set with this key; `None` if it is odd. `cost` is what others took.
    fn read(abbrevs: &[u8], key: Key, cost: &AtomicUsize) -> Option<Self> {
        let start = abbrevs.get(key.offset..).filter(|bytes| !bytes.is_empty())?;
        let mut set = Self::default();
        let mut rest = start;
        loop {
            let before = rest.len();
            let code = leb(&mut rest)?;
            if code == 0 {
                return Some(set);
            }
            let first = set.steps.len();
            let kept = set.passages.len();
            let _tag = leb(&mut rest)?;
            let (&children, after) = rest.split_first()?;
            rest = after;
            let mut maker = Maker { steps: &mut set.steps, first, key, lists: 0 };
            while let Some((name, form)) = attribute(&mut rest)? {
                maker.add(name, form)?;
            }
            set.finish(code, first, children != 0)?;
            let read = before.saturating_sub(rest.len());
            let steps = set.steps.len().saturating_sub(first).saturating_mul(size_of::<Step>());
            let passages = set.passages.len().saturating_sub(kept);
            let passages = passages.saturating_mul(size_of::<Passage>());
            let own = read.saturating_add(steps).saturating_add(passages);
            if cost.fetch_add(own, Ordering::Relaxed) > MAX_COST {
                return None;
            }
        }
    }

    /// Adds the abbreviation whose steps start at `first`.
    fn finish(&mut self, code: u64, first: usize, has_children: bool) -> Option<()> {
        let code = usize::try_from(code).ok().filter(|&code| code as u64 <= MAX_CODE)?;
        let mut steps = u32::try_from(first).ok()?..u32::try_from(self.steps.len()).ok()?;
        let mut bytes = 0;
        if let Some(&Step::Bytes(fixed)) = self.steps.get(first) {
            bytes = fixed;
            steps.start = steps.start.saturating_add(1);
        }
        if self.passages.len() <= code {
            self.passages.resize(code.saturating_add(1), Passage::default());
        }
        // Which of two with the same code counts is the scan's to know.
        let place = self.passages.get_mut(code).filter(|place| !place.exists)?;
        *place = Passage { exists: true, has_children, bytes, steps };
        Some(())
    }
}

/// The name and form of the next attribute of an abbreviation; `Some(None)` behind the last one,
/// `None` if it is odd.
#[expect(clippy::option_option, reason = "the outer one ends the look, the inner one the list")]
fn attribute(rest: &mut &[u8]) -> Option<Option<(u64, u64)>> {
    let (name, form) = (leb(rest)?, leb(rest)?);
    if form == form::IMPLICIT_CONST {
        let value = leb128::signed(rest);
        *rest = rest.get(value.len..).filter(|_| value.terminated && value.fits)?;
    }
    // At least the zero that ends the set follows.
    if rest.is_empty() {
        return None;
    }
    Some((name != 0).then_some((name, form)))
}

/// Takes a number in LEB128 from the start of `rest`; `None` if anything is wrong with it.
fn leb(rest: &mut &[u8]) -> Option<u64> {
    let number = leb128::unsigned(rest);
    *rest = rest.get(number.len..).filter(|_| number.is_sound())?;
    Some(number.value)
}

/// The abbreviation that is made into steps.
struct Maker<'t> {
    steps: &'t mut Vec<Step>,
    /// Where its own start.
    first: usize,
    key: Key,
    /// Lists of locations that no numbers of views were given for.
    lists: u32,
}

impl Maker<'_> {
    /// Adds an attribute; `None` if that is for the scan to look at.
    fn add(&mut self, name: u64, form: u64) -> Option<()> {
        match name {
            at::DWO_NAME | at::GNU_DWO_NAME | at::GNU_DWO_ID => return None,
            at::COMP_DIR => return self.add_directory(form),
            // There must be a list that they are of.
            at::GNU_LOCVIEWS => self.lists = self.lists.checked_sub(1)?,
            at::STR_OFFSETS_BASE => return self.add_base(Base::Strings, form),
            at::LOCLISTS_BASE => return self.add_base(Base::Lists(Lists::Locations), form),
            at::RNGLISTS_BASE => return self.add_base(Base::Lists(Lists::Ranges), form),
            at::RANGES if form == form::RNGLISTX => {
                self.steps.push(Step::Index(Lists::Ranges));
                return Some(());
            }
            _ if matches!(Class::of(name), Class::Location | Class::FrameBase) => {
                if form == form::LOCLISTX {
                    self.lists = self.lists.saturating_add(1);
                    self.steps.push(Step::Index(Lists::Locations));
                    return Some(());
                }
                self.lists = self.lists.saturating_add((form == form::SEC_OFFSET).into());
            }
            _ => {}
        }
        self.add_value(form)
    }

    fn add_directory(&mut self, form: u64) -> Option<()> {
        let size = match form {
            form::STRING | form::LINE_STRP => return self.add_value(form),
            form::STRX => None,
            form::STRP | form::STRX1 | form::STRX2 | form::STRX3 | form::STRX4 => {
                match form::size(form) {
                    form::Size::Offset => Some(self.key.offset_size),
                    form::Size::Bytes(size) => Some(size),
                    _ => return None,
                }
            }
            _ => return None,
        };
        self.steps.push(Step::Directory(form, size));
        Some(())
    }

    fn add_base(&mut self, base: Base, form: u64) -> Option<()> {
        self.steps.push(Step::Base(base));
        (form == form::SEC_OFFSET).then_some(())
    }

    fn add_value(&mut self, form: u64) -> Option<()> {
        let size = match form::size(form) {
            form::Size::Bytes(size) => size,
            form::Size::Address => self.key.address_size,
            form::Size::Offset => self.key.offset_size,
            form::Size::Reference => self.key.reference_size,
            form::Size::Variable => {
                self.steps.push(variable(form)?);
                return Some(());
            }
        };
        let own = self.steps.get_mut(self.first..).and_then(<[Step]>::last_mut);
        match own {
            Some(Step::Bytes(bytes)) => *bytes = bytes.checked_add(size.into())?,
            _ => self.steps.push(Step::Bytes(size.into())),
        }
        Some(())
    }
}

/// How to get over a value whose size is not fixed; `None` if that is for the scan.
fn variable(form: u64) -> Option<Step> {
    Some(match form {
        form::BLOCK1 => Step::Block(1),
        form::BLOCK2 => Step::Block(2),
        form::BLOCK4 => Step::Block(4),
        form::BLOCK | form::EXPRLOC => Step::LebBlock,
        form::STRING => Step::String,
        form::SDATA | form::UDATA | form::REF_UDATA | form::STRX | form::ADDRX => Step::Leb,
        form::LOCLISTX | form::RNGLISTX | form::GNU_ADDR_INDEX | form::GNU_STR_INDEX => Step::Leb,
        _ => return None,
    })
}

/// A walk over the entries of a unit. All that ends with `None` is for the scan to say.
struct Walk<'d> {
    /// The section up to the end of the unit.
    data: &'d [u8],
    encoding: Encoding,
    offset_size: u8,
    set: &'d Set,
    found: Lookups,
}

impl Walk<'_> {
    fn pass_all(&mut self, entries: usize) -> Option<()> {
        let mut at = entries;
        let mut level = 0usize;
        // A value that leads out of the unit ends it, and the scan says nothing of it either.
        while let Some(&byte) = self.data.get(at) {
            at = at.wrapping_add(1);
            let mut code = usize::from(byte);
            if code == 0 {
                let Some(above) = level.checked_sub(1) else { return self.is_padding(at) };
                level = above;
                continue;
            }
            if byte & MORE != 0 {
                let mut rest = self.data.get(at.wrapping_sub(1)..)?;
                code = usize::try_from(leb(&mut rest)?).ok().filter(|&code| code != 0)?;
                at = self.data.len().saturating_sub(rest.len());
            }
            let passage = self.set.passages.get(code).filter(|passage| passage.exists)?;
            // Both are less than half of what there is to count.
            at = at.wrapping_add(passage.bytes as usize);
            level = level.wrapping_add(passage.has_children.into());
            let Range { start, end } = passage.steps;
            if start < end {
                for step in self.set.steps.get(start as usize..end as usize)? {
                    at = self.step(at, *step)?;
                }
            }
        }
        Some(())
    }

    /// Whether there is nothing from here on.
    fn is_padding(&self, at: usize) -> Option<()> {
        self.data.get(at..)?.iter().all(|&byte| byte == 0).then_some(())
    }

    /// Where the value ends that starts at `at`.
    #[inline]
    fn step(&mut self, at: usize, step: Step) -> Option<usize> {
        let mut rest = self.data.get(at..)?;
        let end = |rest: &[u8]| self.data.len().saturating_sub(rest.len());
        match step {
            Step::Bytes(size) => return at.checked_add(size as usize),
            Step::Leb => {
                let last = rest.iter().position(|&byte| byte & MORE == 0)?;
                return at.checked_add(last)?.checked_add(1);
            }
            Step::LebBlock => {
                let size = match rest.split_first() {
                    Some((&byte, after)) if byte & MORE == 0 => {
                        rest = after;
                        byte.into()
                    }
                    _ => usize::try_from(leb(&mut rest)?).ok()?,
                };
                return end(rest).checked_add(size);
            }
            Step::String => {
                let nul = memchr::memchr(0, rest)?;
                return at.checked_add(nul)?.checked_add(1);
            }
            Step::Block(size) => {
                let length = self.number(rest, size)?;
                return at.checked_add(size.into())?.checked_add(usize::try_from(length).ok()?);
            }
            Step::Index(lists) => {
                let index = leb(&mut rest)?;
                let end = end(rest);
                let largest = self.found.largest(lists);
                *largest = (*largest).max(Some(index));
                return Some(end);
            }
            Step::Directory(form, size) => {
                let (number, end) = match size {
                    Some(size) => (self.number(rest, size)?, at.checked_add(size.into())?),
                    None => (leb(&mut rest)?, end(rest)),
                };
                let base = self.found.strings_base.unwrap_or(0);
                let directory = Directory { form, number, base };
                return self.found.directory.replace(directory).is_none().then_some(end);
            }
            Step::Base(base) => {
                let number = self.number(rest, self.offset_size)?;
                let before = self.found.base(base).replace(number);
                if before.is_some() {
                    return None;
                }
            }
        }
        at.checked_add(self.offset_size.into())
    }

    /// The number of `size` bytes that `rest` starts with.
    fn number(&self, rest: &[u8], size: u8) -> Option<u64> {
        let bytes = rest.get(..size.into())?;
        Some(Cursor::new(bytes, self.encoding).uint(size.into()))
    }
}

/// The bases and the largest indices of lists that a unit has.
#[derive(Debug, Default)]
struct Lookups {
    strings_base: Option<u64>,
    locations_base: Option<u64>,
    ranges_base: Option<u64>,
    location: Option<u64>,
    range: Option<u64>,
    directory: Option<Directory>,
}

/// The directory of a unit.
#[derive(Clone, Copy, Debug)]
struct Directory {
    form: u64,
    number: u64,
    /// Where the unit's strings start, as far as that was said before.
    base: u64,
}

impl Lookups {
    fn base(&mut self, base: Base) -> &mut Option<u64> {
        match base {
            Base::Strings => &mut self.strings_base,
            Base::Lists(Lists::Locations) => &mut self.locations_base,
            Base::Lists(Lists::Ranges) => &mut self.ranges_base,
        }
    }

    fn largest(&mut self, lists: Lists) -> &mut Option<u64> {
        match lists {
            Lists::Locations => &mut self.location,
            Lists::Ranges => &mut self.range,
        }
    }

    /// Whether all lists are in their tables.
    fn check(&self, tables: Tables<'_>, offset_size: u8) -> Option<()> {
        let has = |lists, index: Option<u64>, base: Option<u64>| {
            index.is_none_or(|index| tables.has_lists(lists, base.unwrap_or(0), offset_size, index))
        };
        if let Some(Directory { form, number, base }) = self.directory {
            let mut said = Text::default();
            tables.warn_of_string(&mut said, base, offset_size, form, number);
            if !said.is_empty() {
                return None;
            }
        }
        (has(Lists::Locations, self.location, self.locations_base)
            // As the scan takes it, whichever table this unit has.
            && has(Lists::Ranges, self.range, None))
        .then_some(())
    }
}

//! Where code and variables are: ranges and locations, whichever of their many forms an entry has.
//! DWARF 5, sections 2.6 and 2.17.

use std::ops::Range;

use gimli::{AttributeValue, DW_AT_high_pc, DW_AT_low_pc, DW_AT_ranges, DwAt, Expression};

use super::Result;
use super::entry::Entry;
use super::value::Value;
use crate::load::{Slice, list_offset};

/// Where something is while the program is at some addresses.
#[derive(Clone, Debug)]
pub struct Location<'data> {
    /// The addresses of the program; `None` for all that the entry covers.
    pub range: Option<Range<u64>>,
    /// What computes the place.
    pub expression: Expression<Slice<'data>>,
}

/// Lists longer than this are not whole: no function has so many parts.
const MOST: usize = 1 << 20;

impl<'data> Entry<'_, 'data> {
    /// The addresses that the entry covers: `DW_AT_low_pc` and `DW_AT_high_pc`, or `DW_AT_ranges`.
    /// Empty ranges, and those of code that a linker left out, are none.
    ///
    /// # Errors
    /// Where a list is damaged.
    pub fn ranges(&self) -> Result<Vec<Range<u64>>> {
        let failed = |problem| self.unit.damaged(problem);
        let Some(list) = self.parsed.attr_value(DW_AT_ranges) else {
            return Ok(self.only_range()?.into_iter().collect());
        };
        let mut found = Vec::new();
        let unit = self.unit.gimli()?;
        let ranges = match list {
            AttributeValue::DebugRngListsIndex(index) => {
                let lists = &unit.dwarf.ranges;
                let base = unit.rnglists_base.0;
                list_offset::of_ranges(lists, unit.encoding(), base, index)
                    .and_then(|offset| unit.ranges(offset))
                    .map(Some)
            }
            _ => unit.attr_ranges(list),
        };
        let ranges = ranges.map_err(failed)?;
        let Some(mut ranges) = ranges else { return Ok(found) };
        while let Some(range) = ranges.next().map_err(failed)? {
            if range.begin < range.end && found.len() < MOST {
                found.push(range.begin..range.end);
            }
        }
        Ok(found)
    }

    /// `DW_AT_low_pc` and `DW_AT_high_pc`, which is an address too, or counts from the former.
    fn only_range(&self) -> Result<Option<Range<u64>>> {
        let Some(Value::Address(start)) = self.value(DW_AT_low_pc)? else { return Ok(None) };
        let end = match self.value(DW_AT_high_pc)? {
            Some(Value::Address(end)) => Some(end),
            Some(size) => size.number().and_then(|size| start.checked_add(size)),
            None => None,
        };
        let is_left_out = self.unit.gimli()?.is_tombstone_address(start);
        Ok(end.filter(|&end| start < end && !is_left_out).map(|end| start..end))
    }

    /// The locations that an attribute of its own gives, such as `DW_AT_location` and
    /// `DW_AT_frame_base`; none, if it has no such attribute or it gives none.
    ///
    /// # Errors
    /// Where a list is damaged.
    pub fn locations(&self, name: DwAt) -> Result<Vec<Location<'data>>> {
        let Some(value) = self.parsed.attr_value(name) else { return Ok(Vec::new()) };
        if let AttributeValue::Exprloc(expression) = value {
            return Ok(vec![Location { range: None, expression }]);
        }
        if let AttributeValue::Block(bytes) = value {
            return Ok(vec![Location { range: None, expression: Expression(bytes) }]);
        }
        let failed = |problem| self.unit.damaged(problem);
        let mut found = Vec::new();
        let unit = self.unit.gimli()?;
        let locations = match value {
            AttributeValue::DebugLocListsIndex(index) => {
                let lists = &unit.dwarf.locations;
                let base = unit.loclists_base.0;
                list_offset::of_locations(lists, unit.encoding(), base, index)
                    .and_then(|offset| unit.locations(offset))
                    .map(Some)
            }
            _ => unit.attr_locations(value),
        };
        let locations = locations.map_err(failed)?;
        let Some(mut locations) = locations else { return Ok(found) };
        while let Some(entry) = locations.next().map_err(failed)? {
            if found.len() < MOST {
                let range = Some(entry.range.begin..entry.range.end);
                found.push(Location { range, expression: entry.data });
            }
        }
        Ok(found)
    }
}

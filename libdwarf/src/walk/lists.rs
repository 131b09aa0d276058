//! Where code and variables are: ranges and locations, whichever of their many forms an entry has.
//! DWARF 5, sections 2.6 and 2.17.

use std::ops::Range;

use gimli::{AttributeValue, DwAt, Expression};

use super::Result;
use super::entry::Entry;
use crate::load::Slice;

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
        let mut found = Vec::new();
        let mut ranges = self.unit.gimli()?.die_ranges(&self.parsed).map_err(failed)?;
        while let Some(range) = ranges.next().map_err(failed)? {
            if range.begin < range.end && found.len() < MOST {
                found.push(range.begin..range.end);
            }
        }
        Ok(found)
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
        let locations = self.unit.gimli()?.attr_locations(value).map_err(failed)?;
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

//! String tables in which equal names are one, and a name that ends another is part of it.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// A string table in the making. Names that are not part of others lie in the order in which they
/// were added.
#[derive(Debug, Default)]
pub struct StringTable<'s> {
    strings: Vec<&'s [u8]>,
    numbers: HashMap<&'s [u8], u32, RandomState>,
}

/// A string table that is complete.
#[derive(Debug, Default)]
pub struct Strings {
    /// The table.
    pub bytes: Vec<u8>,
    /// Where each name starts, by its number.
    pub offsets: Vec<u32>,
}

impl<'s> StringTable<'s> {
    /// Adds a name; answers its number.
    pub fn add(&mut self, name: &'s [u8]) -> u32 {
        let next = self.strings.len() as u32;
        *self.numbers.entry(name).or_insert_with(|| {
            self.strings.push(name);
            next
        })
    }

    /// The number of a name that was added.
    pub fn find(&self, name: &[u8]) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// Lays out the table.
    pub fn finish(&self) -> Strings {
        use rayon::prelude::*;
        let mut order: Vec<u32> = (0..self.strings.len() as u32).collect();
        let text = |number: u32| self.strings.get(number as usize).copied().unwrap_or_default();
        // By their ends: a name that ends others comes right before one of them.
        order.par_sort_unstable_by(|&a, &b| text(a).iter().rev().cmp(text(b).iter().rev()));
        let mut holders: Vec<u32> = (0..self.strings.len() as u32).collect();
        let mut last: Option<u32> = None;
        for &number in order.iter().rev() {
            match last {
                Some(holder) if text(holder).ends_with(text(number)) => {
                    if let Some(slot) = holders.get_mut(number as usize) {
                        *slot = holder;
                    }
                }
                _ => last = Some(number),
            }
        }
        let mut bytes = vec![0];
        let mut offsets = vec![0_u32; self.strings.len()];
        for (number, name) in self.strings.iter().enumerate() {
            if name.is_empty() || holders.get(number) != Some(&(number as u32)) {
                continue;
            }
            if let Some(slot) = offsets.get_mut(number) {
                *slot = bytes.len() as u32;
            }
            bytes.extend_from_slice(name);
            bytes.push(0);
        }
        for (number, &holder) in holders.iter().enumerate() {
            if holder as usize == number || text(number as u32).is_empty() {
                continue;
            }
            let shorter = text(holder).len().saturating_sub(text(number as u32).len()) as u32;
            let start = offsets.get(holder as usize).copied().unwrap_or(0);
            if let Some(slot) = offsets.get_mut(number) {
                *slot = start.wrapping_add(shorter);
            }
        }
        Strings { bytes, offsets }
    }
}

#[cfg(test)]
mod tests {
    use super::StringTable;

    #[test]
    fn ends_of_names_are_shared() {
        let mut table = StringTable::default();
        let names: [&[u8]; 7] = [b"sf", b"f", b"pf", b"zf", b"", b"ozf", b"sf"];
        let numbers = names.map(|name| table.add(name));
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 0]);
        let strings = table.finish();
        assert_eq!(strings.bytes, b"\0sf\0pf\0ozf\0");
        assert_eq!(strings.offsets, [1, 5, 4, 8, 0, 7]);
    }
}

//! Many addresses at once, on all processors.
//!
//! Addresses come in any order, and those of one function far from each other. Sorted, neighbours
//! share all that is read for them: a unit is walked over once, and each search goes on where the
//! one before ended. Pieces of neighbours go to different threads.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Found, Frame, Lookup};

/// For so few addresses what all of the file's units need is not gathered.
const FEW: usize = 64;
/// The pieces that work is cut into: more than there are processors, as some take longer.
const PIECES: usize = 16;

impl<'data> Lookup<'_, 'data> {
    /// Looks at many addresses. `add` takes the number of an address and what is there to a state,
    /// of which `start` makes one for each piece of the work; the states come back. Within a piece
    /// addresses ascend.
    ///
    /// Pieces run at the same time in the pool of rayon that this is called in.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use libdwarf::load::{Backing, Debug, Places};
    /// use libdwarf::lookup::Lookup;
    ///
    /// # let path = std::env::current_exe()?;
    /// # let bytes = libelf::map::read(&path)?;
    /// # let file = libelf::File::parse(&bytes)?;
    /// # let backing = Backing::new();
    /// # let debug = Debug::load(file, &path, &Places::default(), &backing);
    /// let lookup = Lookup::new(&debug);
    /// // How many of these addresses have a line.
    /// let addresses: Vec<u64> = (0x1000..0x9000).collect();
    /// let counts = lookup.fold(&addresses, || 0, |count, _, found| {
    ///     let innermost = found.and_then(|found| lookup.frames(found).next());
    ///     *count += usize::from(innermost.is_some_and(|frame| frame.location.line != 0));
    /// });
    /// let count: usize = counts.into_iter().sum();
    /// println!("{count}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn fold<S: Send>(
        &self,
        addresses: &[u64],
        start: impl Fn() -> S + Sync,
        add: impl Fn(&mut S, usize, Option<&Found<'data>>) + Sync,
    ) -> Vec<S> {
        if addresses.len() < FEW {
            let mut state = start();
            for (number, address) in addresses.iter().enumerate() {
                add(&mut state, number, self.find(*address).as_ref());
            }
            return vec![state];
        }
        let mut order: Vec<(u64, usize)> = addresses.iter().copied().zip(0..).collect();
        order.par_sort_unstable();
        let piece = order.len().div_ceil(PIECES).max(1);
        let pieces = order.par_chunks(piece).map(|piece| {
            let mut state = start();
            let mut cursor = Cursor::new(self);
            for (address, number) in piece {
                add(&mut state, *number, cursor.find(*address));
            }
            state
        });
        pieces.collect()
    }

    /// The functions at each of many addresses, in the order of `addresses`: the innermost first,
    /// then those that it was inlined in; none where no unit has the address. Runs on all
    /// processors, as [`Self::fold`] does.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use libdwarf::load::{Backing, Debug, Places};
    /// # use libdwarf::lookup::Lookup;
    /// # let path = std::env::current_exe()?;
    /// # let bytes = libelf::map::read(&path)?;
    /// # let file = libelf::File::parse(&bytes)?;
    /// # let backing = Backing::new();
    /// # let debug = Debug::load(file, &path, &Places::default(), &backing);
    /// let lookup = Lookup::new(&debug);
    /// let samples = [0x1000, 0x401000, 0x1000];
    /// for (address, frames) in samples.iter().zip(lookup.frames_of_all(&samples)) {
    ///     for frame in frames {
    ///         let name = frame.name.text.unwrap_or(b"??");
    ///         println!("{address:#x} {} line {}", name.escape_ascii(), frame.location.line);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn frames_of_all(&self, addresses: &[u64]) -> Vec<Vec<Frame<'data>>> {
        let pieces = self.fold(addresses, Vec::new, |piece, number, found| {
            if let Some(found) = found {
                piece.push((number, self.frames(found).collect::<Vec<_>>()));
            }
        });
        let mut all = vec![Vec::new(); addresses.len()];
        for (number, frames) in pieces.into_iter().flatten() {
            if let Some(slot) = all.get_mut(number) {
                *slot = frames;
            }
        }
        all
    }
}

/// Finds addresses that ascend.
struct Cursor<'l, 'a, 'data> {
    lookup: &'l Lookup<'a, 'data>,
    /// What was found last.
    found: Option<Found<'data>>,
    /// Where the last answers were: among the segments of units, of functions, and of lines.
    unit: usize,
    function: usize,
    line: usize,
}

impl<'l, 'a, 'data> Cursor<'l, 'a, 'data> {
    fn new(lookup: &'l Lookup<'a, 'data>) -> Self {
        Self { lookup, found: None, unit: ANYWHERE, function: ANYWHERE, line: ANYWHERE }
    }

    fn find(&mut self, address: u64) -> Option<&Found<'data>> {
        let all = self.lookup.main.by_address();
        let first = all.first_near(address, &mut self.unit);
        let first = first.and_then(|first| all.units.get(first))?;
        if !self.found.as_ref().is_some_and(|found| Arc::ptr_eq(&found.unit, first)) {
            self.enter(first);
        }
        let found = self.found.as_mut()?;
        found.function = found.functions.at_near(address, &mut self.function);
        found.row = found.lines.at_near(address, &mut self.line);
        if found.function.is_none() && found.row.is_none() {
            // Another unit may have it.
            self.found = self.lookup.find(address);
            (self.function, self.line) = (ANYWHERE, ANYWHERE);
        }
        self.found.as_ref()
    }

    /// Goes on in another unit.
    fn enter(&mut self, unit: &Arc<super::Unit<'data>>) {
        let functions = self.lookup.functions(unit);
        let lines = self.lookup.lines(unit);
        let unit = Arc::clone(unit);
        self.found = Some(Found { unit, functions, function: None, lines, row: None });
        (self.function, self.line) = (ANYWHERE, ANYWHERE);
    }
}

/// For a search that follows none.
pub(super) const ANYWHERE: usize = usize::MAX;

/// [`slice::partition_point`], which looks first at `near` and soon behind it.
#[inline]
pub(super) fn partition_near<T>(list: &[T], near: usize, is_before: impl Fn(&T) -> bool) -> usize {
    let mut low = 0;
    let mut high = list.len();
    if list.get(near).is_some_and(&is_before) {
        low = near.saturating_add(1);
        let mut step = 1_usize;
        loop {
            let next = low.saturating_add(step);
            match list.get(next.saturating_sub(1)) {
                Some(item) if is_before(item) => {
                    low = next;
                    step = step.saturating_mul(2);
                }
                Some(_) => {
                    high = next.saturating_sub(1);
                    break;
                }
                None => break,
            }
        }
    } else if near < high {
        high = near;
    }
    let between = list.get(low..high).unwrap_or_default();
    low.saturating_add(between.partition_point(is_before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_from_anywhere_ends_at_the_same_place() {
        let list: Vec<u32> = (0..50).map(|number| number * 3).collect();
        for near in 0..60 {
            for wanted in 0..160 {
                let expected = list.partition_point(|item| *item <= wanted);
                assert_eq!(partition_near(&list, near, |item| *item <= wanted), expected);
            }
        }
        assert_eq!(partition_near(&[0_u8; 0], 0, |_| true), 0);
    }
}

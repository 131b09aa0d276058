//! The one shape of a table of names.

/// Numbers with their names, in ascending order of the numbers.
#[derive(Clone, Copy, Debug)]
pub struct Names<T: 'static>(pub &'static [(T, &'static str)]);

impl<T: Copy + Ord> Names<T> {
    /// A table without names.
    pub const EMPTY: Self = Self(&[]);

    /// The name of `number`.
    pub fn get(&self, number: T) -> Option<&'static str> {
        let at = self.0.binary_search_by_key(&number, |&(number, _)| number).ok()?;
        self.0.get(at).map(|&(_, name)| name)
    }

    /// Whether the numbers ascend, which [`Self::get`] relies on.
    pub fn is_sorted(&self) -> bool {
        self.0.iter().zip(self.0.iter().skip(1)).all(|(a, b)| a.0 < b.0)
    }
}

//! Sections whose contents are merged: strings and constants of which the output needs one copy.

use std::marker::PhantomData;

use crate::ids::SectionId;

/// Where the pieces of merged sections went.
#[derive(Debug, Default)]
pub struct Merged<'data> {
    borrows: PhantomData<&'data [u8]>,
}

/// A place in the output, as a place in an input section that holds merged contents for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The section that has the contents.
    pub section: SectionId,
    /// Bytes from its start, in the output.
    pub offset: u64,
}

impl Merged<'_> {
    /// Where the byte at `offset` of an input section went; `None` if its contents are not merged.
    #[inline]
    pub fn map(&self, _section: SectionId, _offset: u64) -> Option<Piece> {
        None
    }
}

//! Names that a section stores as offsets in its linked string table.

use std::borrow::Cow;

use crate::edit::Field;

/// A name in the linked string table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name<'data> {
    /// The name, without its closing zero byte. Of no effect where the offset is given.
    pub text: Cow<'data, [u8]>,
    /// Its offset in the string table, in bytes.
    pub offset: Field<u32>,
}

impl<'data> Name<'data> {
    /// A name whose offset follows from the string table.
    pub fn new(text: impl Into<Cow<'data, [u8]>>) -> Self {
        Self { text: text.into(), offset: Field::Auto }
    }
}

impl<'data> From<&'data [u8]> for Name<'data> {
    fn from(text: &'data [u8]) -> Self {
        Self::new(text)
    }
}

impl<'data> From<&'data str> for Name<'data> {
    fn from(text: &'data str) -> Self {
        Self::new(text.as_bytes())
    }
}

impl From<String> for Name<'_> {
    fn from(text: String) -> Self {
        Self::new(text.into_bytes())
    }
}

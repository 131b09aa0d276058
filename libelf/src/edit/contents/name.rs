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

/// A string table as those see it that store offsets in it.
pub trait StringLookup<'data> {
    /// The string at `offset`, without its closing zero byte; `None` if there is none.
    fn text(&self, offset: u32) -> Option<&'data [u8]>;

    /// Where a name that the table holds is looked up: what [`Field::Auto`] of an offset means.
    fn offset(&self, text: &[u8]) -> Option<u32>;
}

impl<'data> Name<'data> {
    /// A name whose offset follows from the string table.
    pub fn new(text: impl Into<Cow<'data, [u8]>>) -> Self {
        Self { text: text.into(), offset: Field::Auto }
    }

    /// The name at `offset`.
    pub fn decode(offset: u32, strings: &dyn StringLookup<'data>) -> Self {
        let text = strings.text(offset).unwrap_or_default();
        let is_found = strings.offset(text) == Some(offset);
        Self {
            text: Cow::Borrowed(text),
            offset: if is_found { Field::Auto } else { Field::Is(offset) },
        }
    }

    /// What is stored: the offset. 0 for a name that the table does not hold.
    pub fn value(&self, strings: &dyn StringLookup<'data>) -> Field<u32> {
        match self.offset {
            Field::Auto => Field::Is(strings.offset(&self.text).unwrap_or_default()),
            given => given,
        }
    }

    /// The text that the string table must hold, if any.
    pub fn needed(&self) -> Option<&[u8]> {
        self.offset.is_auto().then_some(&*self.text)
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

/// A string table that is given, searched from its start: the reference for what an offset that
/// is looked up must be - a whole string first, else the end of another.
#[cfg(test)]
impl<'data> StringLookup<'data> for crate::StringTable<'data> {
    fn text(&self, offset: u32) -> Option<&'data [u8]> {
        self.get(offset.into()).ok()
    }

    fn offset(&self, text: &[u8]) -> Option<u32> {
        let mut start = 0;
        let mut tail = None;
        while let Ok(string) = self.get(start.into()) {
            if string == text {
                return Some(start);
            }
            if string.ends_with(text) {
                tail.get_or_insert(start + (string.len() - text.len()) as u32);
            }
            start += string.len() as u32 + 1;
        }
        tail
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StringTable;

    #[test]
    fn a_name_is_kept_as_text_where_looking_it_up_finds_it() {
        let strings = StringTable::new(b"\0libc\0c\0c\0");
        let name = Name::decode(6, &strings);
        assert_eq!(name, Name::new(&b"c"[..]));
        assert_eq!(name.value(&strings), Field::Is(6));
        for offset in [4, 8, 99] {
            let name = Name::decode(offset, &strings);
            assert_eq!(name.offset, Field::Is(offset));
            assert_eq!(name.value(&strings), Field::Is(offset));
            assert_eq!(name.needed(), None);
        }
    }
}

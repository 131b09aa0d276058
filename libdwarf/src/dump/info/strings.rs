//! Strings that lie in a section of their own.

use std::sync::Arc;

use super::super::{Dump, Text};
use super::unit::Hex;
use crate::section::SectionId;

/// The sections of strings, loaded.
pub struct Loaded<'data> {
    /// `.debug_str`
    pub strings: Option<Arc<super::Loaded<'data>>>,
    /// `.debug_line_str`
    pub line_strings: Option<Arc<super::Loaded<'data>>>,
}

impl<'data> Loaded<'data> {
    /// Those that units need.
    pub fn of(dump: &mut Dump<'_, 'data>) -> Self {
        let strings = dump.load(SectionId::Str);
        Self { strings, line_strings: dump.load(SectionId::LineStr) }
    }

    /// Strings by offset.
    pub fn strings(&self) -> Strings<'_> {
        Strings::new(self.strings.as_deref(), SectionId::Str)
    }

    /// Strings of line number programs by offset.
    pub fn line_strings(&self) -> Strings<'_> {
        Strings::new(self.line_strings.as_deref(), SectionId::LineStr)
    }
}

/// A section of strings.
#[derive(Clone, Copy)]
pub struct Strings<'d> {
    data: Option<&'d [u8]>,
    name: &'static str,
    form: &'static str,
}

impl<'d> Strings<'d> {
    /// Those of a section, if the file has it.
    pub fn new(section: Option<&'d super::Loaded<'_>>, id: SectionId) -> Self {
        let data = section.map(|section| &*section.data);
        let form = if id == SectionId::LineStr { "DW_FORM_line_strp" } else { "DW_FORM_strp" };
        Self { data, name: id.name(), form }
    }

    /// Whether the section is there, and an offset lies outside of it, which is said.
    pub fn warn_outside(&self, text: &mut Text, offset: u64) {
        if self.data.is_some_and(|data| offset >= data.len() as u64) {
            let form = self.form;
            text.warn(format_args!("{form} offset too big: {}", Hex(offset)));
        }
    }

    /// Appends the string at `offset`, or why there is none.
    #[inline]
    pub fn show(&self, text: &mut Text, offset: u64) {
        let Some(data) = self.data else {
            text.put(b"<no ");
            text.put(self.name.as_bytes());
            return text.put(b" section>");
        };
        let Some(rest) = usize::try_from(offset).ok().and_then(|offset| data.get(offset..)) else {
            return text.put(b"<offset is too big>");
        };
        if rest.is_empty() {
            return text.put(b"<offset is too big>");
        }
        if let Some(string) = memchr::memchr(0, rest).and_then(|end| rest.get(..end)) {
            text.put_name(string);
        } else {
            text.put(b"<no NUL byte at end of ");
            text.put(self.name.as_bytes());
            text.put(b" section>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_that_are_not_there_say_why() {
        let shown = |data: Option<&[u8]>, offset| {
            let strings = Strings { data, name: ".debug_str", form: "DW_FORM_strp" };
            let mut text = Text::default();
            strings.show(&mut text, offset);
            String::from_utf8(text.buf.clone()).unwrap()
        };
        let data: Option<&[u8]> = Some(b"one\0two");
        assert_eq!(shown(data, 0), "one");
        assert_eq!(shown(data, 3), "");
        assert_eq!(shown(data, 4), "<no NUL byte at end of .debug_str section>");
        assert_eq!(shown(data, 7), "<offset is too big>");
        assert_eq!(shown(None, 0), "<no .debug_str section>");
    }
}

//! Texts of scripts, and places in them.

use std::fmt::Write as _;

use crate::diagnostics::visible;

/// Which text of a link: the script itself, or one that it includes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// A place in a text: the bytes from `start` up to `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Which text.
    pub source: SourceId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// From the start of this place to the end of `last`, if that is in the same text.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        if last.source == self.source {
            Self { end: last.end.max(self.start), ..self }
        } else {
            self
        }
    }
}

/// A text of a script.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// What messages call it: the file's name as it was found.
    pub name: &'s [u8],
    /// The text.
    pub text: &'s [u8],
    /// The INCLUDE that named it.
    pub included_at: Option<Span>,
}

/// All texts of scripts of a link.
#[derive(Clone, Debug, Default)]
pub struct Sources<'s> {
    list: Vec<Source<'s>>,
}

/// The longest part of a line that an excerpt shows, in bytes.
const EXCERPT: usize = 120;
/// What of a cut line stays before the marker.
const LEAD: usize = 40;

impl<'s> Sources<'s> {
    /// What all texts are called, in the order in which they were read.
    pub fn names(&self) -> impl Iterator<Item = &'s [u8]> {
        self.list.iter().map(|source| source.name)
    }

    /// No text yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a text.
    pub fn add(&mut self, source: Source<'s>) -> SourceId {
        let id = SourceId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(source);
        id
    }

    /// A text.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<&Source<'s>> {
        self.list.get(id.0 as usize)
    }

    /// Whether `id` stands, by way of INCLUDE, in so many texts.
    #[must_use]
    pub fn depth(&self, id: SourceId) -> usize {
        let mut depth = 0usize;
        let mut at = self.get(id).and_then(|source| source.included_at);
        while let Some(span) = at {
            depth = depth.saturating_add(1);
            at = self.get(span.source).and_then(|source| source.included_at);
        }
        depth
    }

    /// The line of the start of a place, from 1.
    #[must_use]
    pub fn line(&self, span: Span) -> usize {
        let text = self.get(span.source).map_or(&b""[..], |source| source.text);
        let before = text.get(..span.start as usize).unwrap_or(text);
        memchr::memchr_iter(b'\n', before).count().saturating_add(1)
    }

    /// `file:line`, as messages begin.
    #[must_use]
    pub fn place(&self, span: Span) -> Vec<u8> {
        self.place_of_line(span.source, self.line(span))
    }

    /// `file:line`, of a line that is known.
    pub(super) fn place_of_line(&self, id: SourceId, line: usize) -> Vec<u8> {
        let mut out = Vec::new();
        visible(&mut out, self.get(id).map_or(&b""[..], |source| source.name));
        out.extend_from_slice(format!(":{line}").as_bytes());
        out
    }

    /// The line of a place, with a marker below it; both begin with a newline. Empty for a place
    /// behind the end of a text.
    #[must_use]
    pub fn excerpt(&self, span: Span, note: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let Some(source) = self.get(span.source) else { return out };
        let start = span.start as usize;
        let (Some(before), Some(from)) = (source.text.get(..start), source.text.get(start..))
        else {
            return out;
        };
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at.saturating_add(1));
        let head = before.get(line_start..).unwrap_or_default();
        let tail = from.get(..memchr::memchr(b'\n', from).unwrap_or(from.len())).unwrap_or(from);
        let tail = tail.strip_suffix(b"\r").unwrap_or(tail);
        let cut = if head.len() > EXCERPT.saturating_sub(LEAD) {
            head.len().saturating_sub(LEAD)
        } else {
            0
        };
        let head = head.get(cut..).unwrap_or(head);
        let tail = tail.get(..EXCERPT.saturating_sub(head.len().min(EXCERPT))).unwrap_or(tail);
        let mut gutter = String::new();
        let _ = write!(gutter, "{:>5}", self.line(span));
        out.push(b'\n');
        out.extend_from_slice(gutter.as_bytes());
        out.extend_from_slice(b" | ");
        let text_start = out.len();
        visible(&mut out, head);
        let shown = out.get(text_start..).unwrap_or_default().to_vec();
        visible(&mut out, tail);
        out.push(b'\n');
        out.extend(std::iter::repeat_n(b' ', gutter.len()));
        out.extend_from_slice(b" | ");
        // A tab stays a tab, so that the marker stands right whatever its width.
        out.extend(shown.iter().filter(|byte| **byte & 0xc0 != 0x80).map(|byte| match byte {
            b'\t' => b'\t',
            _ => b' ',
        }));
        out.push(b'^');
        let length = (span.end as usize).saturating_sub(start).min(tail.len());
        out.extend(std::iter::repeat_n(b'~', length.saturating_sub(1)));
        if !note.is_empty() {
            out.push(b' ');
            out.extend_from_slice(note.as_bytes());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_its_line_and_a_marker() {
        let mut sources = Sources::new();
        let text = b"a = 1;\n\tb = = 2;\n";
        let id = sources.add(Source { name: b"x.ld", text, included_at: None });
        let span = Span { source: id, start: 12, end: 13 };
        assert_eq!(sources.place(span), b"x.ld:2");
        let excerpt = sources.excerpt(span, "expected a value");
        let wanted = "\n    2 | \tb = = 2;\n      | \t    ^ expected a value";
        assert_eq!(String::from_utf8_lossy(&excerpt), wanted);
    }

    #[test]
    fn depth_counts_includes() {
        let mut sources = Sources::new();
        let first = sources.add(Source { name: b"a", text: b"", included_at: None });
        let at = Some(Span { source: first, start: 0, end: 0 });
        let second = sources.add(Source { name: b"b", text: b"", included_at: at });
        assert_eq!((sources.depth(first), sources.depth(second)), (0, 1));
    }
}

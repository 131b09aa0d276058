//! Texts and places in them.
//!
//! A [`SourceMap`] owns every text of a run. Trees borrow from it, and it can still take in more
//! texts (includes) while they do. A [`Span`] is twelve bytes: it names a *view* of a text, so that
//! a place inside a template or a repetition also tells which use of the template, which turn of
//! the repetition it belongs to. Views form chains up to the text that was asked for first:
//!
//! ```text
//! view 0  main.elfc
//! view 1  rows.elfc                 included from view 0, bytes 20..40
//! view 2  rows.elfc, template row   used in view 1, bytes 90..110
//! ```

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::diagnostic::Diagnostic;

/// How many texts a map holds at most.
pub const MAX_SOURCES: usize = 1024;
/// Bytes that a text may have: offsets in it are 32 bits wide.
pub const MAX_SOURCE_SIZE: usize = u32::MAX as usize - 1;

/// The system's words for an error, without the number that Rust adds.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error ").next().unwrap_or(&text).to_owned()
}

/// A view of a text: the text as such, or its use by an include, a template or a repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub(crate) u32);

/// A place in a text: the bytes from `start` up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// In which view of which text.
    pub source: SourceId,
    /// Offset of the first byte, in bytes from the start of the text.
    pub start: u32,
    /// Offset behind the last byte. Equal to `start` for a place between two bytes.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` up to `end` of a text; offsets are cut to 32 bits.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let cut = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { source, start: cut(start), end: cut(end) }
    }

    /// From the start of this place to the end of `last`, which lies in the same view.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        Self { end: last.end.max(self.start), ..self }
    }

    /// The place before the first byte of this one.
    #[must_use]
    pub fn before(self) -> Self {
        Self { end: self.start, ..self }
    }

    /// The place behind the last byte of this one.
    #[must_use]
    pub fn after(self) -> Self {
        Self { start: self.end, ..self }
    }
}

/// A line and a column as people count them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// Why a view exists: what the chain of a diagnostic tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A text that was asked for first.
    Root,
    /// A text that the statement at this place includes.
    Include(Span),
    /// The body of a template of this name, used at this place.
    Use(String, Span),
    /// A body that is repeated by the statement at this place; what the variable is, if there is
    /// one, and its value in this view.
    Repeat(Option<String>, i128, Span),
}

impl Origin {
    /// The place that made the view, for all but [`Origin::Root`].
    pub fn place(&self) -> Option<Span> {
        match self {
            Self::Root => None,
            Self::Include(place) | Self::Use(_, place) | Self::Repeat(_, _, place) => Some(*place),
        }
    }
}

/// Views `first ..` up to the next entry's: all turns of one repetition share an entry.
#[derive(Debug)]
struct View {
    first: u32,
    /// Index of the text.
    text: u32,
    origin: Origin,
}

#[derive(Debug)]
struct Text {
    name: String,
    path: Option<PathBuf>,
    content: String,
    /// Offset of the first byte of each line.
    lines: OnceLock<Vec<u32>>,
}

/// Every text of a run, and the views of them.
#[derive(Debug)]
pub struct SourceMap {
    /// A fixed number of places, so that a text stays where it is while others are added: trees
    /// borrow from it.
    texts: Box<[OnceLock<Text>]>,
    views: Mutex<Views>,
}

#[derive(Debug, Default)]
struct Views {
    list: Vec<View>,
    next: u32,
    texts: u32,
}

impl Default for SourceMap {
    fn default() -> Self {
        Self::new()
    }
}

impl SourceMap {
    /// A map without texts.
    pub fn new() -> Self {
        let texts = std::iter::repeat_with(OnceLock::new).take(MAX_SOURCES).collect();
        Self { texts, views: Mutex::default() }
    }

    /// Takes in a text. `name` is what diagnostics call it.
    ///
    /// # Errors
    /// The text is larger than [`MAX_SOURCE_SIZE`], is not UTF-8, or there are [`MAX_SOURCES`]
    /// already. A text that is not UTF-8 is kept all the same, so that the error can show the line.
    pub fn add(&self, name: &str, text: impl Into<Vec<u8>>) -> Result<SourceId, Diagnostic> {
        self.add_text(name, None, text.into(), Origin::Root)
    }

    /// Reads a file; `-` is the standard input.
    ///
    /// # Errors
    /// Those of reading the file, and of [`SourceMap::add`].
    pub fn read(&self, path: &Path) -> Result<SourceId, Diagnostic> {
        let name = path.to_string_lossy();
        let mut bytes = Vec::new();
        let result = if path.as_os_str() == OsStr::new("-") {
            std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
        } else {
            std::fs::read(path).map(|read| bytes = read)
        };
        if let Err(error) = result {
            let message = format!("cannot read {name}: {}", reason(&error));
            return Err(Diagnostic::error(None, message));
        }
        self.add_text(&name, Some(path.to_owned()), bytes, Origin::Root)
    }

    pub(crate) fn add_text(
        &self,
        name: &str,
        path: Option<PathBuf>,
        bytes: Vec<u8>,
        origin: Origin,
    ) -> Result<SourceId, Diagnostic> {
        let place = origin.place();
        if bytes.len() > MAX_SOURCE_SIZE {
            return Err(Diagnostic::error(place, format!("{name} is larger than 4 GiB")));
        }
        // A mark that some editors put in front of a text; it says nothing.
        let bytes = match bytes.strip_prefix("\u{feff}".as_bytes()) {
            Some(rest) => rest.to_vec(),
            None => bytes,
        };
        let (text, bad) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let bad = error.utf8_error().valid_up_to();
                (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(bad))
            }
        };
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let index = views.texts;
        let Some(slot) = self.texts.get(index as usize) else {
            return Err(Diagnostic::error(place, format!("more than {MAX_SOURCES} files")));
        };
        let text = Text { name: name.to_owned(), path, content: text, lines: OnceLock::new() };
        // The slot is empty: its index is counted under the lock.
        let _ = slot.set(text);
        views.texts = index.saturating_add(1);
        drop(views);
        let Some(id) = self.add_views(index, 1, origin) else {
            return Err(Diagnostic::error(place, "too many expansions"));
        };
        match bad {
            None => Ok(id),
            Some(bad) => {
                let span = Span::new(id, bad, bad.saturating_add('\u{FFFD}'.len_utf8()));
                Err(Diagnostic::error(Some(span), "this byte is not UTF-8")
                    .hint("in a string, any byte can be written as \\xNN"))
            }
        }
    }

    /// A view of the text of `of` by itself, for a use of a part of it or another inclusion of it.
    pub(crate) fn derive(&self, of: SourceId, origin: Origin) -> Option<SourceId> {
        let text = self.text_index(of)?;
        self.add_views(text, 1, origin)
    }

    /// Views for `count` turns of a repetition in the view `of`. The one that comes `n`th has a
    /// value of the variable that is `n` higher than the first.
    pub(crate) fn derive_turns(
        &self,
        of: SourceId,
        count: u32,
        origin: Origin,
    ) -> Option<SourceId> {
        let text = self.text_index(of)?;
        self.add_views(text, count, origin)
    }

    fn add_views(&self, text: u32, count: u32, origin: Origin) -> Option<SourceId> {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let first = views.next;
        views.next = first.checked_add(count)?;
        views.list.push(View { first, text, origin });
        Some(SourceId(first))
    }

    /// Whether `view` is of the text of `text`, or stands in one that is.
    pub(crate) fn encloses(&self, text: SourceId, view: SourceId) -> bool {
        let wanted = self.text_index(text);
        let mut view = view;
        loop {
            if self.text_index(view) == wanted {
                return true;
            }
            match self.origin(view).place() {
                Some(place) => view = place.source,
                None => return false,
            }
        }
    }

    fn with_view<R>(&self, id: SourceId, look: impl FnOnce(&View) -> R) -> Option<R> {
        let views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let behind = views.list.partition_point(|view| view.first <= id.0);
        views.list.get(behind.checked_sub(1)?).map(look)
    }

    fn text_index(&self, id: SourceId) -> Option<u32> {
        self.with_view(id, |view| view.text)
    }

    fn lookup(&self, id: SourceId) -> Option<&Text> {
        self.texts.get(self.text_index(id)? as usize)?.get()
    }

    /// The text of a view; empty if the view is of another map.
    pub fn text(&self, id: SourceId) -> &str {
        self.lookup(id).map_or("", |text| &text.content)
    }

    /// What diagnostics call the text of a view.
    pub fn name(&self, id: SourceId) -> &str {
        self.lookup(id).map_or("", |text| &text.name)
    }

    /// The file that the text of a view was read from, if it was.
    pub fn path(&self, id: SourceId) -> Option<&Path> {
        self.lookup(id)?.path.as_deref()
    }

    /// Why a view exists.
    pub fn origin(&self, id: SourceId) -> Origin {
        let found = self.with_view(id, |view| match &view.origin {
            Origin::Repeat(variable, first, place) => {
                let turn = i128::from(id.0.saturating_sub(view.first));
                Origin::Repeat(variable.clone(), first.saturating_add(turn), *place)
            }
            other => other.clone(),
        });
        found.unwrap_or(Origin::Root)
    }

    /// The bytes of a place, or what of them there is.
    pub fn slice(&self, span: Span) -> &str {
        let text = self.text(span.source);
        text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Line and column of an offset in bytes.
    pub fn position(&self, id: SourceId, offset: usize) -> Position {
        let Some(text) = self.lookup(id) else {
            return Position { line: 1, column: 1 };
        };
        let lines = text.lines();
        let line = lines.partition_point(|start| *start as usize <= offset).max(1);
        let start = lines.get(line.saturating_sub(1)).map_or(0, |start| *start as usize);
        let before =
            text.content.as_bytes().get(start..offset.min(text.content.len())).unwrap_or(b"");
        let characters = before.iter().filter(|byte| is_char_start(**byte)).count();
        Position { line, column: characters.saturating_add(1) }
    }

    /// The line that an offset lies in: where it starts, and its text without the line end.
    pub fn line(&self, id: SourceId, offset: usize) -> (usize, &str) {
        let Some(text) = self.lookup(id) else {
            return (0, "");
        };
        let lines = text.lines();
        let behind = lines.partition_point(|start| *start as usize <= offset).max(1);
        let start = lines.get(behind.saturating_sub(1)).map_or(0, |start| *start as usize);
        let end = lines.get(behind).map_or(text.content.len(), |start| *start as usize);
        let line = text.content.get(start..end).unwrap_or("");
        (start, line.trim_end_matches(['\n', '\r']))
    }

    /// The bytes of all texts.
    pub fn total_size(&self) -> u64 {
        let texts = self.texts.iter().map_while(OnceLock::get);
        texts.map(|text| text.content.len() as u64).sum()
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.views.lock().unwrap_or_else(PoisonError::into_inner).texts as usize
    }

    /// Whether there is no text yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The view of a text that was read from `path` before, if one was.
    pub(crate) fn find_path(&self, path: &Path) -> Option<SourceId> {
        let known = self.len();
        let same = |slot: &OnceLock<Text>| slot.get().and_then(|t| t.path.as_deref()) == Some(path);
        let index = self.texts.iter().take(known).position(same)?;
        let views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let view = views.list.iter().find(|view| view.text as usize == index)?;
        Some(SourceId(view.first))
    }
}

impl Text {
    fn lines(&self) -> &[u32] {
        // Found only when a message needs them.
        self.lines.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', self.content.as_bytes());
            std::iter::once(0).chain(ends.map(|end| end.saturating_add(1) as u32)).collect()
        })
    }
}

fn is_char_start(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let map = SourceMap::new();
        let id = map.add("a", "eins\nzwölf x\n\nend").unwrap();
        assert_eq!(map.position(id, 0), Position { line: 1, column: 1 });
        assert_eq!(map.position(id, 4), Position { line: 1, column: 5 });
        assert_eq!(map.position(id, 5), Position { line: 2, column: 1 });
        assert_eq!(map.position(id, 12), Position { line: 2, column: 7 });
        assert_eq!(map.position(id, 13), Position { line: 2, column: 8 });
        assert_eq!(map.position(id, 14), Position { line: 3, column: 1 });
        assert_eq!(map.position(id, 999), Position { line: 4, column: 4 });
        assert_eq!(map.line(id, 8), (5, "zwölf x"));
        assert_eq!(map.line(id, 999), (15, "end"));
    }

    #[test]
    fn a_text_stays_while_others_are_added() {
        let map = SourceMap::new();
        let first = map.add("a", "one").unwrap();
        let text = map.text(first);
        let second = map.add("b", "two").unwrap();
        assert_eq!((text, map.text(second), map.len()), ("one", "two", 2));
        assert_eq!(map.slice(Span::new(second, 1, 3)), "wo");
        assert_eq!(map.slice(Span::new(second, 2, 9)), "");
    }

    #[test]
    fn turns_of_a_repetition_know_their_value() {
        let map = SourceMap::new();
        let id = map.add("a", "text").unwrap();
        let place = Span::new(id, 1, 2);
        let origin = Origin::Repeat(Some("i".into()), 10, place);
        let turns = map.derive_turns(id, 5, origin).unwrap();
        let later = map.derive(id, Origin::Use("t".into(), place)).unwrap();
        let third = SourceId(turns.0 + 3);
        assert_eq!(map.origin(third), Origin::Repeat(Some("i".into()), 13, place));
        assert_eq!(map.text(third), "text");
        assert_eq!(map.origin(later), Origin::Use("t".into(), place));
    }

    #[test]
    fn too_many_texts_are_an_error() {
        let map = SourceMap::new();
        for _ in 0..MAX_SOURCES {
            map.add("a", "").unwrap();
        }
        assert!(map.add("a", "").is_err());
    }
}

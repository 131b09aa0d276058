//! Places in inputs, as messages name them.
//!
//! ```text
//! a.o: in function `main':
//! a.c:(.text+0x41)             the first in a function, and then
//! a.c:(.text+0x4d)             the others
//! b.o:(.data+0x0)              outside of functions
//! ```

use libelf::raw::{STT_FILE, STT_FUNC};

use crate::ids::{FileId, SectionId};
use crate::input::Object;
use crate::input::object::Place;
use crate::resolve::Resolved;

/// Finds places.
pub struct Locator<'r, 'data> {
    resolved: &'r Resolved<'data>,
    demangles: bool,
    /// The function that was named last.
    last: Option<(FileId, &'data [u8])>,
}

/// What an object's symbols tell of a place.
struct Around<'data> {
    function: Option<&'data [u8]>,
    source: Option<&'data [u8]>,
}

impl<'r, 'data> Locator<'r, 'data> {
    /// In these files.
    pub fn new(resolved: &'r Resolved<'data>, demangles: bool) -> Self {
        Self { resolved, demangles, last: None }
    }

    /// A place with its function, if that was not the last one named.
    pub fn long(&mut self, section: SectionId, offset: u64, text: &mut Vec<u8>) {
        let Some(object) = self.resolved.object(section.file) else { return };
        let around = around(object, section.index, offset);
        let file = object.origin.to_string();
        let Some(function) = around.function else {
            self.last = None;
            text.extend_from_slice(file.as_bytes());
            text.push(b':');
            offset_text(object, section.index, offset, text);
            return;
        };
        if self.last != Some((section.file, function)) {
            self.last = Some((section.file, function));
            text.extend_from_slice(file.as_bytes());
            text.extend_from_slice(b": in function `");
            if !self.demangles || !super::demangle(function, text) {
                text.extend_from_slice(function);
            }
            text.extend_from_slice(b"':\n");
        }
        if let Some(source) = around.source {
            text.extend_from_slice(source);
            text.push(b':');
        }
        offset_text(object, section.index, offset, text);
    }

    /// A place in one line.
    pub fn short(&self, section: SectionId, offset: u64, text: &mut Vec<u8>) {
        let Some(object) = self.resolved.object(section.file) else { return };
        let around = around(object, section.index, offset);
        text.extend_from_slice(object.origin.to_string().as_bytes());
        text.push(b':');
        if let Some(source) = around.source.filter(|_| around.function.is_some()) {
            text.extend_from_slice(source);
            text.push(b':');
        }
        offset_text(object, section.index, offset, text);
    }
}

/// `(SECTION+OFFSET)`, and of a member of a group `(SECTION[SIGNATURE]+OFFSET)`.
fn offset_text(object: &Object<'_>, section: u32, offset: u64, text: &mut Vec<u8>) {
    text.push(b'(');
    text.extend_from_slice(object.section_name(section).unwrap_or(b"?"));
    if let Some(signature) = object.group_name(section) {
        text.push(b'[');
        text.extend_from_slice(signature);
        text.push(b']');
    }
    text.extend_from_slice(format!("+{offset:#x})").as_bytes());
}

/// The function around a place, and the source file that symbols name.
fn around<'data>(object: &Object<'data>, section: u32, offset: u64) -> Around<'data> {
    let mut found = Around { function: None, source: None };
    let mut best = None;
    let mut source = None;
    for (index, symbol) in (0_u32..).zip(object.symbols.iter()) {
        if symbol.kind() == STT_FILE {
            source = object.symbol_name(index);
            continue;
        }
        let is_here = object.place(index, &symbol) == Place::Section(section)
            && symbol.kind() == STT_FUNC
            && symbol.value <= offset
            && offset - symbol.value < symbol.size.max(1);
        if is_here && best.is_none_or(|best| symbol.value >= best) {
            best = Some(symbol.value);
            found = Around { function: object.symbol_name(index), source };
        }
    }
    found
}

//! Places in inputs, as messages name them.
//!
//! ```text
//! a.o: in function `main':
//! a.c:(.text+0x41)             the first in a function, and then
//! a.c:(.text+0x4d)             the others
//! b.o:(.data+0x0)              outside of functions
//! /src/a.c:7                   where debugging information tells the line
//! ```

use elsa::FrozenVec;
use libdwarf::load::{Backing, Debug, Places};
use libdwarf::lookup::{Location, Lookup};
use libelf::raw::{STT_FILE, STT_FUNC, STT_NOTYPE, STT_OBJECT, STT_SECTION};

use crate::diagnostics::beginning;
use crate::ids::{FileId, SectionId};
use crate::input::Object;
use crate::input::object::Place;
use crate::resolve::Resolved;

/// The debugging information of objects that messages are about: it is read when the first message
/// needs it, and kept.
pub struct DebugFiles<'data> {
    backing: &'data Backing,
    files: FrozenVec<Box<Debug<'data>>>,
}

impl<'data> DebugFiles<'data> {
    /// None is read yet; what has to be unpacked is kept in `backing`.
    pub fn new(backing: &'data Backing) -> Self {
        Self { backing, files: FrozenVec::new() }
    }

    fn of(&self, object: &Object<'data>) -> &Debug<'data> {
        let (file, path) = (object.file, object.origin.path);
        let debug = Debug::load(file, path, &Places::default(), self.backing);
        self.files.push_get(Box::new(debug))
    }
}

/// Finds places.
pub struct Locator<'r, 'data> {
    resolved: &'r Resolved<'data>,
    debug_files: &'r DebugFiles<'data>,
    /// The lines of the file that was asked for last.
    lookup: Option<(FileId, &'r Debug<'data>, Lookup<'r, 'data>)>,
    demangles: bool,
    /// The function that was named last.
    last: Option<(FileId, Vec<u8>)>,
}

/// A line of source text.
struct Line {
    /// `FILE:NUMBER`
    text: Vec<u8>,
    /// The function, if it is inlined in another one.
    inlined: Option<Vec<u8>>,
}

/// What an object's symbols tell of a place.
struct Around<'data> {
    function: Option<&'data [u8]>,
    source: Option<&'data [u8]>,
}

impl<'r, 'data> Locator<'r, 'data> {
    /// In these files.
    pub fn new(
        resolved: &'r Resolved<'data>,
        demangles: bool,
        debug_files: &'r DebugFiles<'data>,
    ) -> Self {
        Self { resolved, debug_files, lookup: None, demangles, last: None }
    }

    /// The source line of a place: that of its code, or of the variable that it lies in; and the
    /// name of the function that the line belongs to, which may be inlined in another one.
    fn line(&mut self, section: SectionId, offset: u64) -> Option<Line> {
        let object = self.resolved.object(section.file)?;
        if self.lookup.as_ref().is_none_or(|(file, ..)| *file != section.file) {
            let debug = self.debug_files.of(object);
            self.lookup = Some((section.file, debug, Lookup::without_splits(debug)));
        }
        let (_, debug, lookup) = self.lookup.as_ref()?;
        let address = |offset| debug.sections().address_of(section.index, offset);
        let of_code = || {
            let found = lookup.find(address(offset)?)?;
            let mut frames = lookup.frames(&found);
            let frame = frames.next()?;
            let name = frame.name.text.filter(|_| frames.next().is_some());
            Some((frame.location, name.map(<[u8]>::to_vec)))
        };
        let of_variable = || {
            let start = variable_around(object, section.index, offset)?;
            lookup.variable(address(start)?).map(|it| (it.location, None))
        };
        let has_line =
            |found: &(Location<'_>, Option<Vec<u8>>)| found.0.line != 0 && found.0.file.is_some();
        let found = of_code().filter(has_line).or_else(of_variable).filter(has_line);
        let (location, inlined) = found?;
        let mut text = Vec::new();
        location.write_path(&mut text);
        text.extend_from_slice(format!(":{}", location.line).as_bytes());
        Some(Line { text, inlined })
    }

    /// A place with its function, if that was not the last one named.
    pub fn long(&mut self, section: SectionId, offset: u64, text: &mut Vec<u8>) {
        let Some(object) = self.resolved.object(section.file) else { return };
        let around = around(object, section.index, offset);
        let file = object.origin.to_string();
        let line = self.line(section, offset);
        let inlined = line.as_ref().and_then(|line| line.inlined.as_deref());
        let Some(function) = inlined.or(around.function) else {
            self.last = None;
            text.extend_from_slice(file.as_bytes());
            text.push(b':');
            match line {
                Some(line) => text.extend(line.text),
                None => offset_text(object, section.index, offset, text),
            }
            return;
        };
        if !self.last.as_ref().is_some_and(|(f, name)| *f == section.file && name == function) {
            self.last = Some((section.file, function.to_vec()));
            text.extend_from_slice(file.as_bytes());
            text.extend_from_slice(b": in function `");
            if !self.demangles || !super::demangle(function, text) {
                text.extend_from_slice(beginning(function));
            }
            text.extend_from_slice(b"':\n");
        }
        if let Some(line) = line {
            text.extend(line.text);
            return;
        }
        if let Some(source) = around.source {
            text.extend_from_slice(source);
            text.push(b':');
        }
        offset_text(object, section.index, offset, text);
    }

    /// A place in one line; the function is named again behind it.
    pub fn short(&mut self, section: SectionId, offset: u64, text: &mut Vec<u8>) {
        self.last = None;
        let Some(object) = self.resolved.object(section.file) else { return };
        let around = around(object, section.index, offset);
        text.extend_from_slice(object.origin.to_string().as_bytes());
        text.push(b':');
        if let Some(line) = self.line(section, offset) {
            text.extend(line.text);
            return;
        }
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
    text.extend_from_slice(beginning(object.section_name(section).unwrap_or(b"?")));
    if let Some(signature) = object.group_name(section) {
        text.push(b'[');
        text.extend_from_slice(beginning(signature));
        text.push(b']');
    }
    text.extend_from_slice(format!("+{offset:#x})").as_bytes());
}

/// Where the variable starts that a place lies in.
fn variable_around(object: &Object<'_>, section: u32, offset: u64) -> Option<u64> {
    let starts = (0_u32..).zip(object.symbols.iter()).filter_map(|(index, symbol)| {
        let is_around = symbol.kind() == STT_OBJECT
            && symbol.value <= offset
            && offset - symbol.value < symbol.size.max(1)
            && object.place(index, &symbol) == Place::Section(section);
        is_around.then_some(symbol.value)
    });
    starts.max()
}

/// The function around a place, and the source file that symbols name: the last symbol before the
/// place that is a function or of no type; of several at once the largest, then a function, then
/// the first.
fn around<'data>(object: &Object<'data>, section: u32, offset: u64) -> Around<'data> {
    let mut found = Around { function: None, source: None };
    let mut best = None;
    let mut source = None;
    let (mut has_symbols, mut has_many_sources) = (false, false);
    for (index, symbol) in (0_u32..).zip(object.symbols.iter()).skip(1) {
        match symbol.kind() {
            STT_FILE => {
                has_many_sources |= has_symbols;
                source = object.symbol_name(index);
            }
            STT_FUNC | STT_NOTYPE if symbol.value <= offset => {
                has_symbols = true;
                if object.place(index, &symbol) != Place::Section(section) {
                    continue;
                }
                let rank = (symbol.value, symbol.size, symbol.kind() == STT_FUNC);
                if best.is_none_or(|best| rank > best) {
                    best = Some(rank);
                    // A global symbol may be of any of several sources.
                    let is_told = index < object.first_global || !has_many_sources;
                    let source = source.filter(|_| is_told);
                    found = Around { function: object.symbol_name(index), source };
                }
            }
            STT_SECTION => {}
            _ => has_symbols = true,
        }
    }
    found
}

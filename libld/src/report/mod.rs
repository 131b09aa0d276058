//! What is wrong with a link, in GNU's words.

pub mod checks;
mod commons;
pub mod cross;
mod crossings;
pub mod dependencies;
pub mod libraries;
pub mod map;
pub mod memory;
mod place;
pub mod relative;
mod relocation;
mod text_relocs;
mod tls;
pub mod trace;
mod untyped;
mod warned;

pub use place::{DebugFiles, Locator};
pub use text_relocs::{makes_text_writable, text_relocs};
pub use untyped::untyped;

use std::collections::HashSet;

use crossings::CrossingInput;
use foldhash::fast::RandomState;
use libdemangle::{Demangler, Options as DemangleOptions};

use crate::diagnostics::{Diagnostics, Missing, beginning};
use crate::ids::{FileId, SectionId, SymbolId};
use crate::input::object::Place;
use crate::layout::Layout;
use crate::layout::plan::NoCrossRefs;
use crate::names::Names;
use crate::options::{Kind as OutputKind, Options};
use crate::resolve::{Duplicate, InputFile, Problem, Resolved};
use crate::scan::{Report, Target, Trouble, target};

/// How many relocations that do not fit are named, unless more is asked for (`--verbose`).
const MOST_OVERFLOWS: usize = 10;
/// How many references to one undefined symbol are named before the rest is summed up.
const MOST_IN_A_ROW: usize = 5;

/// Appends the demangled form of a name; `false` if it has none.
pub fn demangle(name: &[u8], out: &mut Vec<u8>) -> bool {
    Demangler::new(DemangleOptions::NM).append(name, out).is_ok()
}

/// What messages are made from.
pub struct Reporter<'r, 'data> {
    resolved: &'r Resolved<'data>,
    names: &'r Names<'data>,
    demangles: bool,
    kind: OutputKind,
    locator: Locator<'r, 'data>,
    /// How often each undefined symbol was named in a row.
    last: Option<(SymbolId, usize)>,
    /// With `--warn-once`, the undefined symbols that were named.
    named: Option<HashSet<SymbolId, RandomState>>,
    /// What the output is called.
    output: String,
    /// How many relocations that do not fit were named, and how many are to be.
    overflows: usize,
    most_overflows: usize,
    /// Protected symbols that cannot be copied and were named.
    uncopied: Vec<SymbolId>,
}

impl<'r, 'data> Reporter<'r, 'data> {
    /// Of these files and symbols.
    pub fn new(
        resolved: &'r Resolved<'data>,
        names: &'r Names<'data>,
        options: &Options,
        debug_files: &'r DebugFiles<'data>,
    ) -> Self {
        let demangles = options.report.demangle.is_some();
        Self {
            resolved,
            names,
            demangles,
            kind: options.output.kind,
            locator: Locator::new(resolved, demangles, debug_files),
            last: None,
            named: options.warnings.undefined_once.then(HashSet::default),
            output: options.output.path().display().to_string(),
            overflows: 0,
            most_overflows: if options.report.verbose > 0 { usize::MAX } else { MOST_OVERFLOWS },
            uncopied: Vec::new(),
        }
    }

    /// Says what was wrong with files and symbols, and with `--warn-common` all of common symbols.
    pub fn problems(
        &mut self,
        problems: &[Problem<'data>],
        warns_of_commons: bool,
        said: &mut Diagnostics,
    ) {
        for problem in problems {
            match problem {
                Problem::Fault(origin, text) => said.error(format!("{origin}: {text}")),
                Problem::NotRecognized(origin) => {
                    said.error(format!(
                        "{origin}: file not recognized: file format not recognized"
                    ));
                }
                Problem::NoIndex(origin) => said.error(format!(
                    "{origin}: error adding symbols: archive has no index; run ranlib to add one"
                )),
                Problem::Duplicate(duplicate) => self.duplicate(duplicate, said),
                Problem::Common(met) => self.common(met, warns_of_commons, said),
                Problem::Tls(mismatch) => return self.tls(mismatch, said),
            }
        }
    }

    fn duplicate(&mut self, duplicate: &Duplicate, said: &mut Diagnostics) {
        let place = |(file, symbol): (FileId, u32)| {
            let object = self.resolved.object(file)?;
            let symbol_entry = object.symbols.get(symbol as usize)?;
            match object.place(symbol, &symbol_entry) {
                Place::Section(index) => Some((SectionId { file, index }, symbol_entry.value)),
                _ => None,
            }
        };
        let (first, second) = (place(duplicate.first), place(duplicate.second));
        let name = self.shown(duplicate.id);
        let mut text = Vec::new();
        match second {
            Some((section, offset)) => self.locator.long(section, offset, &mut text),
            None => self.number(duplicate.second, &name, &mut text),
        }
        text.extend_from_slice(b": multiple definition of `");
        text.extend_from_slice(&name);
        text.push(b'\'');
        if let Some((section, offset)) = first {
            text.extend_from_slice(b"; ");
            self.locator.short(section, offset, &mut text);
            text.extend_from_slice(b": first defined here");
        }
        said.error(text);
    }

    /// The place of a symbol that is a number.
    fn number(&self, (file, symbol): (FileId, u32), name: &[u8], text: &mut Vec<u8>) {
        let object = self.resolved.object(file);
        let value = object.and_then(|it| it.symbols.get(symbol as usize)).map_or(0, |it| it.value);
        text.extend_from_slice(self.file_name(file).as_bytes());
        text.extend_from_slice(b": in function `");
        text.extend_from_slice(name);
        text.extend_from_slice(format!("':\n(*ABS*+{value:#x})").as_bytes());
    }

    fn file_name(&self, file: FileId) -> String {
        match self.resolved.file(file) {
            Some(InputFile::Object(object)) => object.origin.to_string(),
            Some(InputFile::Shared { shared, .. }) => shared.origin.to_string(),
            _ => String::new(),
        }
    }

    fn shown(&self, id: SymbolId) -> Vec<u8> {
        self.shown_name(self.names.name(id))
    }

    fn shown_name(&self, name: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        if !self.demangles || !demangle(name, &mut text) {
            text = beginning(name).to_vec();
        }
        text
    }

    /// Says what is wrong with relocations. `ignores` are symbols that may stay undefined.
    pub fn relocations(
        &mut self,
        reports: &[Report],
        ignores: &dyn Fn(SymbolId) -> bool,
        only_warn: bool,
        said: &mut Diagnostics,
    ) {
        for report in reports {
            let Some(object) = self.resolved.object(report.section.file) else { continue };
            let target = target(report.section.file, object, report.reloc.symbol);
            match (report.trouble, target) {
                (Trouble::Undefined, Some(Target::Global(id))) => {
                    if !ignores(id) {
                        self.undefined(report, id, only_warn, said);
                    }
                }
                (_, target) => self.relocation(report, target, said),
            }
            if said.is_fatal() {
                return;
            }
        }
    }

    /// Says what ends the link before anything has its place, if anything does.
    pub fn too_early(&mut self, reports: &[Report], said: &mut Diagnostics) {
        let is_early =
            |report: &&Report| matches!(report.trouble, Trouble::NeedsPic | Trouble::NeedsBase);
        if let Some(report) = reports.iter().find(is_early) {
            self.relocations(std::slice::from_ref(report), &|_| false, false, said);
        }
    }

    /// Says that a symbol which others must not define is not defined, if one of those is missed.
    pub fn hidden(&mut self, symbols: impl Iterator<Item = SymbolId>, said: &mut Diagnostics) {
        for id in symbols {
            let which = relocation::visibility_word(self.resolved.symbols.get(id).visibility());
            if let Some(which) = which {
                let name = self.shown(id);
                let name = String::from_utf8_lossy(&name);
                said.error(format!("{}: {which} symbol `{name}' isn't defined", self.output));
                said.fatal("final link failed: bad value");
                return;
            }
        }
    }

    /// Says what inputs want to be said of those who refer to some of their symbols.
    pub fn warnings(&mut self, said: &mut Diagnostics) {
        warned::warnings(self.resolved, self.names, &mut self.locator, said);
    }

    /// Says which references between output sections the lists of a script forbid.
    pub fn crossings(
        &mut self,
        layout: &Layout<'_>,
        lists: &[NoCrossRefs<'_>],
        said: &mut Diagnostics,
    ) {
        let input = CrossingInput { resolved: self.resolved, names: self.names, layout };
        crossings::crossings(&input, lists, self.demangles, &mut self.locator, said);
    }

    fn undefined(
        &mut self,
        report: &Report,
        id: SymbolId,
        only_warn: bool,
        said: &mut Diagnostics,
    ) {
        let count = match self.last {
            Some((last, count)) if last == id => count + 1,
            _ => 1,
        };
        self.last = Some((id, count));
        if self.named.as_mut().is_some_and(|named| !named.insert(id)) {
            return;
        }
        if count > MOST_IN_A_ROW + 1 {
            return;
        }
        let mut text = Vec::new();
        let (section, offset) = (report.section, report.reloc.offset);
        let name = self.shown(id);
        let warning: &[u8] = if only_warn { b"warning: " } else { b"" };
        if count > MOST_IN_A_ROW {
            self.locator.short(section, offset, &mut text);
            text.extend_from_slice(b": ");
            text.extend_from_slice(warning);
            text.extend_from_slice(b"more undefined references to `");
            text.extend_from_slice(&name);
            text.extend_from_slice(b"' follow");
        } else {
            self.locator.long(section, offset, &mut text);
            text.extend_from_slice(b": ");
            text.extend_from_slice(warning);
            text.extend_from_slice(b"undefined reference to `");
            text.extend_from_slice(&name);
            text.extend_from_slice(b"'");
        }
        if only_warn {
            said.warn(text);
        } else {
            said.error(text);
        }
        said.is_of(Missing::Symbol(self.names.name(id).to_vec()));
    }
}

//! What is wrong with a link, in GNU's words.

pub mod checks;
mod commons;
pub mod cross;
mod crossings;
pub mod dependencies;
mod libraries;
pub mod map;
pub mod memory;
mod place;
mod text_relocs;
pub mod trace;
mod warned;

pub use place::{DebugFiles, Locator};
pub use text_relocs::text_relocs;

use std::collections::HashSet;

use crossings::CrossingInput;
use foldhash::fast::RandomState;
use libdemangle::{Demangler, Options as DemangleOptions};

use crate::diagnostics::{Diagnostics, Missing};
use crate::ids::{FileId, SectionId, SymbolId};
use crate::layout::Layout;
use crate::layout::plan::NoCrossRefs;
use crate::names::Names;
use crate::options::Kind as OutputKind;
use crate::resolve::{Duplicate, Problem, Resolved};
use crate::scan::{Report, Target, Trouble, target};

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
}

impl<'r, 'data> Reporter<'r, 'data> {
    /// Of these files and symbols.
    pub fn new(
        resolved: &'r Resolved<'data>,
        names: &'r Names<'data>,
        demangles: bool,
        kind: OutputKind,
        debug_files: &'r DebugFiles<'data>,
    ) -> Self {
        let locator = Locator::new(resolved, demangles, debug_files);
        Self { resolved, names, demangles, kind, locator, last: None, named: None }
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
            }
        }
    }

    fn duplicate(&mut self, duplicate: &Duplicate, said: &mut Diagnostics) {
        let place = |(file, symbol): (FileId, u32)| {
            let object = self.resolved.object(file)?;
            let symbol_entry = object.symbols.get(symbol as usize)?;
            match object.place(symbol, &symbol_entry) {
                crate::input::object::Place::Section(index) => {
                    Some((SectionId { file, index }, symbol_entry.value))
                }
                _ => None,
            }
        };
        let (first, second) = (place(duplicate.first), place(duplicate.second));
        let name = self.shown(duplicate.id);
        let mut text = Vec::new();
        match second {
            Some((section, offset)) => self.locator.long(section, offset, &mut text),
            None => text.extend_from_slice(self.file_name(duplicate.second.0).as_bytes()),
        }
        text.extend_from_slice(b": multiple definition of `");
        text.extend_from_slice(&name);
        text.extend_from_slice(b"'; ");
        match first {
            Some((section, offset)) => self.locator.short(section, offset, &mut text),
            None => text.extend_from_slice(self.file_name(duplicate.first.0).as_bytes()),
        }
        text.extend_from_slice(b": first defined here");
        said.error(text);
    }

    fn file_name(&self, file: FileId) -> String {
        self.resolved.object(file).map_or(String::new(), |object| object.origin.to_string())
    }

    fn shown(&self, id: SymbolId) -> Vec<u8> {
        self.shown_name(self.names.name(id))
    }

    fn shown_name(&self, name: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        if !self.demangles || !demangle(name, &mut text) {
            text = name.to_vec();
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
                (trouble, target) => {
                    let text = self.relocation(report, trouble, target);
                    said.error(text);
                }
            }
        }
    }

    /// Names each undefined symbol once (`--warn-once`).
    pub fn name_once(&mut self) {
        self.named = Some(HashSet::default());
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

    fn relocation(&mut self, report: &Report, trouble: Trouble, target: Option<Target>) -> Vec<u8> {
        let object = self.resolved.object(report.section.file);
        let kind = report.reloc.kind;
        let kind_name = object
            .and_then(|object| libelf::names::reloc(object.file.header(), kind))
            .map_or_else(|| format!("{kind:#x}"), ToString::to_string);
        let symbol = match target {
            _ if trouble == Trouble::Packed => {
                let name = object.and_then(|object| object.section_name(report.section.index));
                name.unwrap_or_default().to_vec()
            }
            Some(Target::Global(id)) => self.shown(id),
            _ => object
                .and_then(|object| object.symbol_name(report.reloc.symbol))
                .map_or_else(Vec::new, |name| self.shown_name(name)),
        };
        let symbol = String::from_utf8_lossy(&symbol).into_owned();
        let file = self.file_name(report.section.file);
        let mut text = Vec::new();
        match trouble {
            Trouble::NeedsPic => {
                let (output, option) = match self.kind {
                    OutputKind::Shared => ("a shared object", "-fPIC"),
                    _ => ("a PIE object", "-fPIE"),
                };
                text.extend_from_slice(
                    format!(
                        "{file}: relocation {kind_name} against symbol `{symbol}' can not be used \
                         when making {output}; recompile with {option}"
                    )
                    .as_bytes(),
                );
            }
            Trouble::ToAbsolute => {
                let section = object.and_then(|object| object.section_name(report.section.index));
                let section = String::from_utf8_lossy(section.unwrap_or_default());
                text.extend_from_slice(
                    format!(
                        "{file}: relocation {kind_name} against absolute symbol `{symbol}' in \
                         section `{section}' is disallowed"
                    )
                    .as_bytes(),
                );
            }
            Trouble::Overflow => {
                self.locator.long(report.section, report.reloc.offset, &mut text);
                text.extend_from_slice(
                    format!(": relocation truncated to fit: {kind_name} against `{symbol}'")
                        .as_bytes(),
                );
            }
            Trouble::NotRelaxed => {
                self.locator.long(report.section, report.reloc.offset, &mut text);
                let what = "failed to convert GOTPCREL relocation against";
                let advice = "relink with --no-relax";
                text.extend_from_slice(format!(": {what} '{symbol}'; {advice}").as_bytes());
            }
            Trouble::Undefined | Trouble::NoSymbol => {
                self.locator.long(report.section, report.reloc.offset, &mut text);
                text.extend_from_slice(b": bad symbol index in relocation");
            }
            Trouble::UnknownType => text.extend_from_slice(
                format!("{file}: unsupported relocation type {:#x}", report.reloc.kind).as_bytes(),
            ),
            Trouble::Packed => text.extend_from_slice(
                format!("{file}: unable to decompress section {symbol}").as_bytes(),
            ),
            Trouble::Outside => {
                self.locator.long(report.section, report.reloc.offset, &mut text);
                text.extend_from_slice(
                    format!(": relocation {kind_name} goes past the end of its section").as_bytes(),
                );
            }
        }
        text
    }
}

//! What is wrong with relocations, in GNU's words.

use libelf::raw::{STT_SECTION, STV_HIDDEN, STV_INTERNAL, STV_PROTECTED, SymbolVisibility};

use super::Reporter;
use crate::diagnostics::Diagnostics;
use crate::ids::{FileId, SectionId, SymbolId};
use crate::input::object::Place;
use crate::options::Kind as OutputKind;
use crate::resolve::Kind;
use crate::scan::{Report, Target, Trouble};

/// What ends a link that cannot go on before anything has its place, and one later on.
const EARLY_END: &str = "failed to set dynamic section sizes: bad value";
const LATE_END: &str = "final link failed: bad value";

/// What symbols are called that others cannot define, or do not see.
pub(super) fn visibility_word(visibility: SymbolVisibility) -> Option<&'static str> {
    match visibility {
        STV_HIDDEN => Some("hidden"),
        STV_INTERNAL => Some("internal"),
        STV_PROTECTED => Some("protected"),
        _ => None,
    }
}

/// A relocation as messages call its parts.
struct Words {
    /// The file that has it.
    file: String,
    /// The name of its type.
    kind: String,
    /// The symbol: of a section the section's name.
    symbol: String,
}

impl Reporter<'_, '_> {
    pub(super) fn relocation(
        &mut self,
        report: &Report,
        target: Option<Target>,
        said: &mut Diagnostics,
    ) {
        let words = self.words(report, target);
        let Words { file, kind, symbol } = &words;
        match report.trouble {
            Trouble::NeedsPic => self.needs_pic(&words, target, EARLY_END, said),
            Trouble::CannotReach => self.needs_pic(&words, target, LATE_END, said),
            Trouble::NotFromGot => {
                let (which, _) = self.which(target);
                said.error(format!(
                    "{file}: relocation {kind} against {which}`{symbol}' can not be used when \
                     making a shared object"
                ));
                said.fatal(LATE_END);
            }
            Trouble::NeedsBase => {
                said.error(format!(
                    "{file}: direct GOT relocation {kind} against `{symbol}' without base \
                     register can not be used when making a shared object"
                ));
                said.fatal("failed to set dynamic section sizes: file format not recognized");
            }
            Trouble::ToAbsolute => {
                let section = self.section(report.section);
                said.error(format!(
                    "{file}: relocation {kind} against absolute symbol `{symbol}' in section \
                     `{section}' is disallowed"
                ));
            }
            Trouble::Unresolvable => {
                let section = self.section(report.section);
                let (offset, which) = (report.reloc.offset, self.which(target).0);
                said.error(format!(
                    "{file}({section}+{offset:#x}): unresolvable {kind} relocation against \
                     {which}`{symbol}'"
                ));
            }
            Trouble::Lost => self.lost(report, &words, target, said),
            Trouble::ProtectedCopy => self.protected_copy(&words, target, said),
            Trouble::Overflow => self.overflow(report, &words, target, said),
            Trouble::NotRelaxed => {
                let what = "failed to convert GOTPCREL relocation against";
                let text = format!(": {what} '{symbol}'; relink with --no-relax");
                self.at(report, &text, said);
            }
            Trouble::Undefined | Trouble::NoSymbol => {
                self.at(report, ": bad symbol index in relocation", said);
            }
            Trouble::UnknownType => {
                let kind = report.reloc.kind;
                said.error(format!("{file}: unsupported relocation type {kind:#x}"));
            }
            Trouble::Packed => {
                let section = self.section(report.section);
                said.error(format!("{file}: unable to decompress section {section}"));
            }
            Trouble::Outside => {
                let text = format!(": relocation {kind} goes past the end of its section");
                self.at(report, &text, said);
            }
        }
    }

    /// An error at the place of a relocation.
    fn at(&mut self, report: &Report, what: &str, said: &mut Diagnostics) {
        let mut text = Vec::new();
        self.locator.long(report.section, report.reloc.offset, &mut text);
        text.extend_from_slice(what.as_bytes());
        said.error(text);
    }

    fn words(&self, report: &Report, target: Option<Target>) -> Words {
        let object = self.resolved.object(report.section.file);
        let kind = report.reloc.kind;
        let kind_name = object
            .and_then(|object| libelf::names::reloc(object.file.header(), kind))
            .map_or_else(|| format!("{kind:#x}"), ToString::to_string);
        let symbol = match target {
            Some(Target::Global(id)) => self.shown(id),
            Some(Target::Local(file, index)) => self.local(file, index),
            _ => object
                .and_then(|object| object.symbol_name(report.reloc.symbol))
                .map_or_else(Vec::new, |name| self.shown_name(name)),
        };
        let symbol = String::from_utf8_lossy(&symbol).into_owned();
        Words { file: self.file_name(report.section.file), kind: kind_name, symbol }
    }

    /// The name of a local symbol; of one of a section, the section's.
    fn local(&self, file: FileId, index: u32) -> Vec<u8> {
        let Some(object) = self.resolved.object(file) else { return Vec::new() };
        let symbol = object.symbols.get(index as usize);
        let section = symbol.and_then(|symbol| match object.place(index, &symbol) {
            Place::Section(section) if symbol.kind() == STT_SECTION => Some(section),
            _ => None,
        });
        let name = match section {
            Some(section) => object.section_name(section),
            None => object.symbol_name(index),
        };
        name.map_or_else(Vec::new, |name| self.shown_name(name))
    }

    /// The name of an input section.
    fn section(&self, section: SectionId) -> String {
        let object = self.resolved.object(section.file);
        let name = object.and_then(|object| object.section_name(section.index));
        String::from_utf8_lossy(name.unwrap_or_default()).into_owned()
    }

    /// What kind of symbol a target is, and whether position independent code would help.
    fn which(&self, target: Option<Target>) -> (String, bool) {
        let Some(Target::Global(id)) = target else { return (String::new(), true) };
        let state = self.resolved.symbols.get(id);
        let undefined = if state.kind.is_undefined() { "undefined " } else { "" };
        if let Some(word) = visibility_word(state.visibility()) {
            return (format!("{undefined}{word} symbol "), false);
        }
        let of_library = self.resolved.shared_symbol(&state);
        let is_protected = of_library.is_some_and(|it| it.visibility() == STV_PROTECTED);
        let protected = if is_protected { "protected " } else { "" };
        (format!("{undefined}{protected}symbol "), true)
    }

    /// Code that the output cannot have: the link ends.
    fn needs_pic(
        &self,
        words: &Words,
        target: Option<Target>,
        end: &'static str,
        said: &mut Diagnostics,
    ) {
        let Words { file, kind, symbol } = words;
        let (output, option) = match self.kind {
            OutputKind::Shared => ("a shared object", "-fPIC"),
            OutputKind::Pie => ("a PIE object", "-fPIE"),
            _ => ("a PDE object", "-fPIE"),
        };
        let (which, helps) = self.which(target);
        let advice = if helps { format!("; recompile with {option}") } else { String::new() };
        said.error(format!(
            "{file}: relocation {kind} against {which}`{symbol}' can not be used when making \
             {output}{advice}"
        ));
        said.fatal(end);
    }

    /// A reference to what the output does not have.
    fn lost(&self, report: &Report, words: &Words, target: Option<Target>, said: &mut Diagnostics) {
        let defined = match target {
            Some(Target::Global(id)) => {
                let state = self.resolved.symbols.get(id);
                Some((state.file, state.index))
            }
            Some(Target::Local(file, index)) => Some((file, index)),
            _ => None,
        };
        let Words { file, symbol, .. } = words;
        let section = self.section(report.section);
        let mut text = format!("`{symbol}' referenced in section `{section}' of {file}");
        if let Some((file, index)) = defined
            && let Some(object) = self.resolved.object(file)
            && let Some(entry) = object.symbols.get(index as usize)
            && let Place::Section(index) = object.place(index, &entry)
        {
            let name = self.section(SectionId { file, index });
            let group = object.group_name(index).map(String::from_utf8_lossy);
            let group = group.map_or_else(String::new, |group| format!("[{group}]"));
            let owner = self.file_name(file);
            let place = format!(": defined in discarded section `{name}{group}' of {owner}");
            text.push_str(&place);
        }
        said.bare(text);
    }

    /// A variable that must not be copied, or a function that must not have another address.
    fn protected_copy(&mut self, words: &Words, target: Option<Target>, said: &mut Diagnostics) {
        let Some(Target::Global(id)) = target else { return };
        if self.uncopied.contains(&id) {
            return;
        }
        self.uncopied.push(id);
        let state = self.resolved.symbols.get(id);
        let library = self.resolved.shared(state.file).map(|shared| shared.origin.to_string());
        let (file, symbol, library) = (&words.file, &words.symbol, library.unwrap_or_default());
        said.error(format!(
            "{file}: copy relocation against non-copyable protected symbol `{symbol}' in {library}"
        ));
    }

    fn overflow(
        &mut self,
        report: &Report,
        words: &Words,
        target: Option<Target>,
        said: &mut Diagnostics,
    ) {
        if self.overflows > self.most_overflows {
            return;
        }
        self.overflows += 1;
        let mut text = Vec::new();
        self.locator.long(report.section, report.reloc.offset, &mut text);
        if self.overflows > self.most_overflows {
            text.extend_from_slice(b": additional relocation overflows omitted from the output");
            said.bare(text);
            return;
        }
        let Words { kind, symbol, .. } = words;
        let what = match target {
            Some(Target::Global(id)) => match self.definition(id) {
                Some((section, file)) => {
                    format!("symbol `{symbol}' defined in {section} section in {file}")
                }
                None => format!("undefined symbol `{symbol}'"),
            },
            _ => format!("`{symbol}'"),
        };
        let what = format!(": relocation truncated to fit: {kind} against {what}");
        text.extend_from_slice(what.as_bytes());
        said.bare(text);
    }

    /// The section that a symbol is defined in, and the file; `None` if nothing defines it.
    fn definition(&self, id: SymbolId) -> Option<(String, String)> {
        let absolute = || Some(("*ABS*".to_owned(), self.output.clone()));
        let state = self.resolved.symbols.get(id);
        match state.kind {
            Kind::Linker => absolute(),
            Kind::Common => Some(("COMMON".to_owned(), self.file_name(state.file))),
            Kind::Definition | Kind::WeakDefinition => {
                let object = self.resolved.object(state.file)?;
                let symbol = object.symbols.get(state.index as usize)?;
                let Place::Section(index) = object.place(state.index, &symbol) else {
                    return absolute();
                };
                let section = self.section(SectionId { file: state.file, index });
                Some((section, self.file_name(state.file)))
            }
            Kind::Shared | Kind::WeakShared => {
                let shared = self.resolved.shared(state.file)?;
                let symbol = self.resolved.shared_symbol(&state)?;
                let section = shared.file.section(symbol.shndx.0.into()).ok()?;
                let names = shared.file.section_names().ok()?;
                let name = names.get(section.name.into()).unwrap_or_default();
                let name = String::from_utf8_lossy(name).into_owned();
                Some((name, shared.origin.to_string()))
            }
            _ => None,
        }
    }
}

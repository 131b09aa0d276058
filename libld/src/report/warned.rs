//! `.gnu.warning.SYMBOL`: sections whose text is a warning for those who refer to a symbol.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::Locator;
use crate::diagnostics::Diagnostics;
use crate::ids::{SectionId, SymbolId};
use crate::input::object::SpecialSections;
use crate::names::Names;
use crate::resolve::{InputFile, Resolved};

/// The start of the names of such sections.
const WARNING: &[u8] = b".gnu.warning.";

/// What is said of a symbol.
struct Warning<'data> {
    text: &'data [u8],
    /// The file that says it, and the section.
    by: (u32, u32),
}

/// By symbol, what is said of it.
type Warnings<'data> = HashMap<SymbolId, Warning<'data>, RandomState>;

/// When something is said: as the file of that number joins, the warnings of its own sections in
/// their order, then those of the symbols that it refers to.
type Moment = (u32, bool, u32);

/// Says the warnings of symbols that objects refer to: each once, where the first reference is, and
/// in the order in which GNU ld comes upon them.
pub fn warnings<'data>(
    resolved: &Resolved<'data>,
    names: &Names<'data>,
    locator: &mut Locator<'_, 'data>,
    said: &mut Diagnostics,
) {
    let mut open = collect(resolved, names);
    let mut found: Vec<(Moment, SectionId, u64, &[u8])> = Vec::new();
    for (file, object) in resolved.objects() {
        if open.is_empty() {
            break;
        }
        if !object.globals.iter().any(|id| open.contains_key(id)) {
            continue;
        }
        for index in 0..object.sections.len() as u32 {
            if resolved.is_discarded(file, index) {
                continue;
            }
            for reloc in object.relocs_of(index).iter() {
                let Some(id) = object.global(reloc.symbol) else { continue };
                let Some(Warning { text, by: (by, section) }) = open.remove(id) else { continue };
                let moment =
                    if file.0 <= by { (by, false, section) } else { (file.0, true, reloc.symbol) };
                found.push((moment, SectionId { file, index }, reloc.offset, text));
            }
        }
    }
    found.sort_by_key(|&(moment, ..)| moment);
    for (_, section, offset, warning) in found {
        let mut text = Vec::new();
        locator.long(section, offset, &mut text);
        text.extend_from_slice(b": warning: ");
        text.extend_from_slice(String::from_utf8_lossy(warning).trim_end_matches('\0').as_bytes());
        said.warn(text);
    }
}

fn collect<'data>(resolved: &Resolved<'data>, names: &Names<'data>) -> Warnings<'data> {
    let mut warnings = Warnings::default();
    for (number, file) in (0_u32..).zip(&resolved.files) {
        let elf = match file {
            InputFile::Object(object) if object.special.warning => &object.file,
            InputFile::Shared { shared, .. } => &shared.file,
            _ => continue,
        };
        let Ok(section_names) = elf.section_names() else { continue };
        if !SpecialSections::of(section_names.bytes()).warning {
            continue;
        }
        let headers = elf.section_headers().into_iter().flat_map(|headers| headers.iter());
        for (section, header) in (0_u32..).zip(headers) {
            let name = section_names.get(header.name.into()).unwrap_or_default();
            let symbol = name.strip_prefix(WARNING).and_then(|symbol| names.find(symbol));
            let symbol = symbol.filter(|&id| resolved.symbols.get(id).is_in_object());
            if let (Some(id), Ok(text)) = (symbol, elf.section_data(&header)) {
                warnings.entry(id).or_insert(Warning { text, by: (number, section) });
            }
        }
    }
    warnings
}

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

/// By symbol, the text.
type Texts<'data> = HashMap<SymbolId, &'data [u8], RandomState>;

/// Says the warnings of symbols that objects refer to: each once, where the first reference is.
pub fn warnings<'data>(
    resolved: &Resolved<'data>,
    names: &Names<'data>,
    locator: &mut Locator<'_, 'data>,
    said: &mut Diagnostics,
) {
    let mut texts = texts(resolved, names);
    for (file, object) in resolved.objects() {
        if texts.is_empty() {
            return;
        }
        if !object.globals.iter().any(|id| texts.contains_key(id)) {
            continue;
        }
        for index in 0..object.sections.len() as u32 {
            if resolved.is_discarded(file, index) {
                continue;
            }
            for reloc in object.relocs_of(index).iter() {
                let Some(id) = object.global(reloc.symbol) else { continue };
                let Some(warning) = texts.remove(id) else { continue };
                let mut text = Vec::new();
                locator.long(SectionId { file, index }, reloc.offset, &mut text);
                text.extend_from_slice(b": warning: ");
                text.extend_from_slice(
                    String::from_utf8_lossy(warning).trim_end_matches('\0').as_bytes(),
                );
                said.warn(text);
            }
        }
    }
}

fn texts<'data>(resolved: &Resolved<'data>, names: &Names<'data>) -> Texts<'data> {
    let mut texts = Texts::default();
    for file in &resolved.files {
        let elf = match file {
            InputFile::Object(object) if object.special.warning => &object.file,
            InputFile::Shared { shared, .. } => &shared.file,
            _ => continue,
        };
        let Ok(section_names) = elf.section_names() else { continue };
        if !SpecialSections::of(section_names.bytes()).warning {
            continue;
        }
        for header in elf.section_headers().into_iter().flat_map(|headers| headers.iter()) {
            let name = section_names.get(header.name.into()).unwrap_or_default();
            let symbol = name.strip_prefix(WARNING).and_then(|symbol| names.find(symbol));
            if let (Some(id), Ok(text)) = (symbol, elf.section_data(&header)) {
                texts.entry(id).or_insert(text);
            }
        }
    }
    texts
}

//! What a map tells before it comes to the memory.

use super::MapInput;
use super::lines::Lines;
use super::symbols::shown_name;
use crate::ids::{FileId, SectionId, SymbolId};
use crate::input::Object;
use crate::layout::Engine;
use crate::made::Made;
use crate::note::property;
use crate::resolve::{CommonSymbol, InputFile, Joined, Reason, Resolved};
use crate::script::ast::RegionFlags;
use libelf::raw::SHT_GROUP;

/// Properties that not all inputs have.
pub fn properties(input: &MapInput<'_, '_>, lines: &mut Lines) {
    if input.removed_properties.is_empty() {
        return;
    }
    lines.text("\nMerging program properties\n\n");
    for text in input.removed_properties {
        lines.text(text);
        lines.end();
    }
}

/// Why members of archives joined, or libraries that are only linked if they are needed.
pub fn joined(input: &MapInput<'_, '_>, is_library: bool, lines: &mut Lines) {
    let is_of_kind = |joined: &&Joined| {
        let file = input.resolved.file(joined.file);
        matches!(file, Some(InputFile::Shared { .. })) == is_library
    };
    let mut is_first = true;
    for joined in input.resolved.reasons.iter().filter(is_of_kind) {
        if is_first {
            lines.text(if is_library { "\nAs-needed library" } else { "Archive member" });
            lines.text(" included to satisfy reference by file (symbol)\n");
            lines.end();
            is_first = false;
        }
        match input.resolved.file(joined.file) {
            Some(InputFile::Shared { shared, .. }) => lines.name(shared.needed_name()),
            _ => lines.text(&file_name(input, joined.file)),
        }
        lines.second();
        reason(input, joined.reason, is_library, lines);
        lines.end();
    }
}

fn reason(input: &MapInput<'_, '_>, reason: Reason, is_library: bool, lines: &mut Lines) {
    match reason {
        Reason::Whole => lines.text("(--whole-archive)"),
        Reason::Symbol { id, by } => {
            if by != FileId(0) {
                lines.text(&file_name(input, by));
                lines.text(" ");
            }
            lines.text("(");
            lines.name(&shown_name(input, id, is_library));
            lines.text(")");
        }
    }
}

/// What a file is called.
pub fn file_name(input: &MapInput<'_, '_>, file: FileId) -> String {
    match input.resolved.file(file) {
        Some(InputFile::Object(object)) => object.origin.to_string(),
        Some(InputFile::Shared { shared, .. }) => shared.origin.to_string(),
        _ => String::new(),
    }
}

/// Common symbols that get space.
pub fn commons(input: &MapInput<'_, '_>, lines: &mut Lines) {
    let has_space = |&(&id, _): &(&SymbolId, &CommonSymbol)| {
        let file = input.resolved.symbols.get(id).file;
        let object = input.resolved.object(file);
        object.is_some_and(|object| {
            let section = SectionId { file, index: object.sections.len() as u32 };
            input.layout.places.get(section).is_some()
        })
    };
    let mut all: Vec<_> = input.resolved.commons.iter().filter(has_space).collect();
    if all.is_empty() {
        return;
    }
    let place = |id| {
        let state = input.resolved.symbols.get(id);
        (state.file, state.index)
    };
    all.sort_unstable_by_key(|&(&id, common)| (place(id).0, common.offset, place(id).1));
    lines.text("\nAllocating common symbols\nCommon symbol       size              file\n");
    lines.end();
    for (&id, common) in all {
        let name = shown_name(input, id, false);
        lines.common(&name, common.size, &file_name(input, place(id).0));
    }
}

/// Input sections that the output does not have.
pub fn discarded(input: &MapInput<'_, '_>, lines: &mut Lines) {
    let start = lines.out.len();
    lines.text("\nDiscarded input sections\n");
    lines.end();
    let empty = lines.out.len();
    let has_property = input.layout.places.get(Made::Property.section()).is_some();
    let with_property = with_property(input.resolved).filter(|_| has_property);
    for (file, object) in input.resolved.objects() {
        for (index, header) in (0_u32..).zip(object.sections.iter()) {
            let section = SectionId { file, index };
            // Groups stay in relocatable outputs.
            let is_group = header.kind == SHT_GROUP
                && (input.addresses.is_some() || input.resolved.is_discarded(file, index));
            let is_content = Object::is_content(header.kind, header.flags);
            if !is_group && !is_content || (input.is_kept)(section) {
                continue;
            }
            let name = object.unpacked_name(&header).unwrap_or_default();
            if name == property::NAME && with_property == Some(file) {
                // It becomes the note of the output.
                continue;
            }
            lines.extent(&[b" ", name].concat(), 0, object.extent_of(&header).size);
            lines.text(" ");
            lines.text(&object.origin.to_string());
            lines.end();
        }
        // Common symbols of a relocatable output stay what they are.
        if input.addresses.is_none() && has_commons(object) {
            lines.extent(b" COMMON", 0, 0);
            lines.text(" ");
            lines.text(&object.origin.to_string());
            lines.end();
        }
    }
    if lines.out.len() == empty {
        lines.out.truncate(start);
        lines.restart();
    }
}

fn has_commons(object: &Object<'_>) -> bool {
    let first = object.first_global as usize;
    let globals = object.symbols.range(first, object.symbols.len());
    globals.iter().any(|symbol| symbol.shndx == libelf::raw::SHN_COMMON)
}

/// The first file with a note of properties: the output's note is shown as its own.
pub fn with_property(resolved: &Resolved<'_>) -> Option<FileId> {
    let has_note = |(_, object): &(FileId, &Object<'_>)| {
        let mut headers = object.sections.iter();
        headers.any(|header| object.section_names.is_at(header.name.into(), property::NAME))
    };
    resolved.objects().find(has_note).map(|(file, _)| file)
}

/// The regions of the memory.
pub fn memory(engine: &Engine<'_, '_>, lines: &mut Lines) {
    lines.text("\nMemory Configuration\n\n");
    lines.text("Name             Origin             Length             Attributes");
    lines.end();
    for region in &engine.plan().regions {
        let name = region.name.name;
        let Some((origin, length)) = engine.region(name) else { continue };
        let mut attributes = letters(region.attributes.with);
        if region.attributes.without != RegionFlags::default() {
            attributes.push('!');
            attributes.push_str(&letters(region.attributes.without));
        }
        lines.region(name, origin, length, &attributes);
    }
    lines.region(b"*default*", 0, u64::MAX, "");
}

fn letters(flags: RegionFlags) -> String {
    let letters = [
        (flags.alloc, 'a'),
        (flags.code, 'x'),
        (flags.read_only, 'r'),
        (flags.writable, 'w'),
        (flags.load, 'l'),
    ];
    letters.iter().filter(|(is_set, _)| *is_set).map(|&(_, letter)| letter).collect()
}

//! What a map tells before it comes to the memory.

use super::MapInput;
use super::lines::Lines;
use super::symbols::shown_name;
use crate::ids::{FileId, SectionId};
use crate::input::Object;
use crate::layout::Engine;
use crate::note::property;
use crate::resolve::{InputFile, Joined, Reason, Resolved};
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
    lines.end();
}

/// Why members of archives joined, and libraries that are only linked if they are needed.
pub fn joined(input: &MapInput<'_, '_>, lines: &mut Lines) {
    let kinds = [
        ("Archive member included to satisfy reference by file (symbol)", false),
        ("As-needed library included to satisfy reference by file (symbol)", true),
    ];
    for (title, is_library) in kinds {
        let is_of_kind = |joined: &&Joined| {
            let file = input.resolved.file(joined.file);
            matches!(file, Some(InputFile::Shared { .. })) == is_library
        };
        let mut is_first = true;
        for joined in input.resolved.reasons.iter().filter(is_of_kind) {
            if is_first {
                if is_library || !lines.out.is_empty() {
                    lines.end();
                }
                lines.text(title);
                lines.text("\n");
                lines.end();
                is_first = false;
            }
            match input.resolved.file(joined.file) {
                Some(InputFile::Shared { shared, .. }) => lines.name(shared.needed_name()),
                _ => lines.text(&file_name(input, joined.file)),
            }
            lines.second();
            match joined.reason {
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
            lines.end();
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
    let mut all: Vec<_> = input.resolved.commons.iter().collect();
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
    let mut is_first = true;
    let with_property = with_property(input.resolved);
    for (file, object) in input.resolved.objects() {
        for (index, header) in (0_u32..).zip(object.sections.iter()) {
            let section = SectionId { file, index };
            let is_group = header.kind == SHT_GROUP;
            let is_content = Object::is_content(header.kind, header.flags);
            if !is_group && (!is_content || (input.is_kept)(section)) {
                continue;
            }
            let name = object.unpacked_name(&header).unwrap_or_default();
            if name == property::NAME && with_property == Some(file) {
                // It becomes the note of the output.
                continue;
            }
            if is_first {
                lines.text("\nDiscarded input sections\n");
                lines.end();
                is_first = false;
            }
            lines.extent(&[b" ", name].concat(), 0, object.extent_of(&header).size);
            lines.text(" ");
            lines.text(&object.origin.to_string());
            lines.end();
        }
    }
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

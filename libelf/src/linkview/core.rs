//! Core files: sections made of segments and of the notes in them.

use std::borrow::Cow;

use object::elf::{
    PF_W, PF_X, PT_DYNAMIC, PT_GNU_EH_FRAME, PT_GNU_RELRO, PT_GNU_STACK, PT_INTERP, PT_LOAD,
    PT_NOTE, PT_NULL, PT_PHDR, PT_SHLIB, ProgramType,
};

use super::core_notes::CoreNotes;
use super::{Checked, Flags, LinkView, Name, Notice, Refused, Section, headers};
use crate::file::File;
use crate::segment::ProgramHeader;

/// The view of a core file.
pub(super) fn parse<'data>(
    file: &File<'data>,
    notices: &mut Vec<Notice>,
) -> Checked<LinkView<'data>> {
    let header = file.header();
    let stride = usize::from(header.phentsize);
    if header.phoff == 0 || stride != <ProgramHeader as crate::Record>::size(file.encoding().class)
    {
        return Err(Refused);
    }
    // A core file's table may be cut or lie; the alignments in it are of no use to anyone.
    let segments = headers::program_headers(file, &mut Vec::new())?;
    let length = file.data().len() as u64;
    let mut view = LinkView { is_core: true, ..LinkView::default() };
    let mut notes = CoreNotes::new(file);
    let mut has_noted = false;
    for (index, segment) in segments.iter().enumerate() {
        let widened = ProgramHeader { vaddr: headers::widen(file, segment.vaddr), ..segment };
        add_segment(&mut view.sections, index, &widened);
        if segment.kind == PT_NOTE {
            notes.read(&segment, &mut view.sections)?;
        }
        let ends_past_file =
            segment.offset.checked_add(segment.filesz).is_none_or(|end| end > length);
        if segment.filesz != 0 && ends_past_file && !has_noted {
            has_noted = true;
            notices.push(Notice::SegmentPastEnd);
        }
    }
    view.command = notes.into_command();
    Ok(view)
}

/// The start of a segment's name.
fn type_name(kind: ProgramType) -> &'static str {
    match kind {
        PT_NULL => "null",
        PT_LOAD => "load",
        PT_DYNAMIC => "dynamic",
        PT_INTERP => "interp",
        PT_NOTE => "note",
        PT_SHLIB => "shlib",
        PT_PHDR => "phdr",
        PT_GNU_EH_FRAME => "eh_frame_hdr",
        PT_GNU_STACK => "stack",
        PT_GNU_RELRO => "relro",
        _ => "proc",
    }
}

/// The part of a segment in the file, and the part that is only memory.
fn add_segment(sections: &mut Vec<Section<'_>>, index: usize, segment: &ProgramHeader) {
    let is_split = segment.memsz > segment.filesz && segment.filesz > 0;
    let name = |part: &str| {
        let kind = type_name(segment.kind);
        let part = if is_split { part } else { "" };
        Name(Cow::Owned(format!("{kind}{index}{part}").into_bytes()))
    };
    let mut bits = 0;
    let is_load = segment.kind == PT_LOAD;
    if is_load {
        bits |= Flags::ALLOC;
        if segment.flags & PF_X.0 != 0 {
            bits |= Flags::CODE;
        }
    }
    if segment.flags & PF_W.0 == 0 {
        bits |= Flags::READONLY;
    }
    if segment.filesz > 0 {
        sections.push(Section {
            name: name("a"),
            size: segment.filesz,
            addr: segment.vaddr,
            offset: segment.offset,
            flags: Flags(bits | Flags::CONTENTS),
            header: 0,
        });
    }
    if is_load && segment.memsz > segment.filesz {
        sections.push(Section {
            name: name("b"),
            size: segment.memsz.wrapping_sub(segment.filesz),
            addr: segment.vaddr.wrapping_add(segment.filesz),
            offset: segment.offset.wrapping_add(segment.filesz),
            flags: Flags(bits),
            header: 0,
        });
    }
}

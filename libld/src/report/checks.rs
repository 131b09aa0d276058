//! What is wrong with a layout: sections that lie upon one another, segments with too many rights.

use libelf::raw::{
    PF_R, PF_W, PF_X, PT_INTERP, PT_LOAD, PT_PHDR, PT_TLS, SHF_ALLOC, SHF_TLS, SHT_NOBITS,
};

use crate::diagnostics::Diagnostics;
use crate::layout::{Layout, OutputSection, Segment};
use crate::options::Options;

/// Says which sections overlap in the file's memory image, and which at run time.
///
/// As GNU ld does, sections are compared with those whose addresses come before theirs. Where two
/// start at one address, they are overlays: nothing is said of run time then.
pub fn overlaps(layout: &Layout<'_>, options: &Options, is_64: bool, said: &mut Diagnostics) {
    if options.layout.check_overlaps == Some(false) {
        return;
    }
    let takes_room = |section: &&OutputSection<'_>| {
        section.flags & SHF_ALLOC.0 != 0 && section.kind != SHT_NOBITS && section.size != 0
    };
    let mut sections: Vec<_> = layout.sections.iter().filter(takes_room).collect();
    sections.sort_by_key(|section| section.load_addr);
    for pair in sections.windows(2) {
        let [before, section] = pair else { continue };
        if overlap(before.load_addr, before.size, section.load_addr) {
            let ranges = [(*section, section.load_addr), (*before, before.load_addr)];
            say("LMA", ranges, is_64, said);
        }
    }
    sections.retain(|section| section.flags & SHF_TLS.0 == 0 || section.kind != SHT_NOBITS);
    sections.sort_by_key(|section| section.addr);
    let is_overlay = |pair: &[&OutputSection<'_>]| match pair {
        [before, section] => before.addr == section.addr,
        _ => false,
    };
    if sections.windows(2).any(is_overlay) {
        return;
    }
    for pair in sections.windows(2) {
        let [before, section] = pair else { continue };
        if overlap(before.addr, before.size, section.addr) {
            say("VMA", [(*section, section.addr), (*before, before.addr)], is_64, said);
        }
    }
}

/// Whether something that starts at `next` lies in the `size` bytes from `start` on.
const fn overlap(start: u64, size: u64, next: u64) -> bool {
    next.wrapping_sub(start) < size
}

fn say(
    kind: &str,
    [section, before]: [(&OutputSection<'_>, u64); 2],
    is_64: bool,
    said: &mut Diagnostics,
) {
    let width = if is_64 { 16 } else { 8 };
    let text = |(section, start): (&OutputSection<'_>, u64)| {
        let last = start.wrapping_add(section.size.saturating_sub(1));
        let name = String::from_utf8_lossy(&section.name);
        format!("section {name} {kind} [{start:0width$x},{last:0width$x}]")
    };
    said.error(format!("{} overlaps {}", text(section), text(before)));
}

/// Says that the program headers are not in memory, where the loader wants to read them: where there
/// is a header for them, or where programs that name a loader have one, unless a script says which
/// headers there are (`has_own_headers`).
pub fn headers(
    layout: &Layout<'_>,
    has_own_headers: bool,
    options: &Options,
    said: &mut Diagnostics,
) {
    let find = |kind| layout.segments.iter().find(|segment| segment.kind == kind);
    let is_covered = |headers: &Segment| {
        let end = headers.offset.saturating_add(headers.file_size);
        layout.segments.iter().filter(|segment| segment.kind == PT_LOAD).any(|segment| {
            let segment_end = segment.offset.saturating_add(segment.file_size);
            segment.offset <= headers.offset && end <= segment_end
        })
    };
    let is_wrong = match find(PT_PHDR) {
        Some(headers) => !is_covered(headers),
        None => !has_own_headers && find(PT_INTERP).is_some(),
    };
    if is_wrong {
        let output = options.output.path().display();
        said.error(format!("{output}: error: PHDR segment not covered by LOAD segment"));
    }
}

/// Warns of segments that are written and executed (`--no-warn-rwx-segments` does not).
pub fn rights(layout: &Layout<'_>, options: &Options, said: &mut Diagnostics) {
    if !options.warnings.rwx_segments {
        return;
    }
    let output = options.output.path().display();
    for segment in &layout.segments {
        let all = PF_R.0 | PF_W.0 | PF_X.0;
        if segment.kind == PT_LOAD && segment.flags & all == all {
            said.warn(format!("warning: {output} has a LOAD segment with RWX permissions"));
        } else if segment.kind == PT_TLS && segment.flags & PF_X.0 != 0 {
            said.warn(format!("warning: {output} has a TLS segment with execute permission"));
        }
    }
}

#[cfg(test)]
mod tests {
    use libelf::raw::SHT_PROGBITS;

    use super::*;

    fn said(sections: &[(&'static [u8], u64, u64)]) -> Vec<String> {
        let section = |&(name, addr, load_addr): &(&'static [u8], u64, u64)| OutputSection {
            name: name.into(),
            kind: SHT_PROGBITS,
            flags: SHF_ALLOC.0,
            addr,
            load_addr,
            size: 16,
            ..OutputSection::default()
        };
        let sections = sections.iter().map(section).collect();
        let layout = Layout { sections, ..Layout::default() };
        let mut said = Diagnostics::new();
        overlaps(&layout, &Options::default(), false, &mut said);
        said.take().into_iter().map(|it| String::from_utf8(it.text).unwrap()).collect()
    }

    #[test]
    fn sections_overlap_in_the_image_or_at_run_time() {
        assert!(said(&[(b".a", 0, 0), (b".b", 16, 16)]).is_empty());
        assert_eq!(
            said(&[(b".a", 0x1000, 0), (b".b", 0x100f, 0x20), (b".c", 0x2000, 0x2f)]),
            [
                "section .c LMA [0000002f,0000003e] overlaps section .b LMA [00000020,0000002f]",
                "section .b VMA [0000100f,0000101e] overlaps section .a VMA [00001000,0000100f]",
            ]
        );
    }

    #[test]
    fn overlays_may_overlap() {
        assert!(said(&[(b".a", 0, 0), (b".b", 0, 16), (b".c", 8, 32)]).is_empty());
    }
}

//! An object as parts of a file, one behind the other.
//!
//! Each part is a range of the file and what fills it. Where parts meet, the first of this order
//! wins: ELF header, program headers, section headers, sections by index, segments by index,
//! fillers. What no part fills is zero.

use std::ops::Range;

use super::claims::Claims;
use super::plan::{Plan, header_size, program_header_size, section_header_size, stride};
use super::{Object, SectionId, SegmentId};

/// What fills a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Filling {
    Header,
    /// Program headers: the first and how many.
    SegmentHeaders(u32, u32),
    /// Section headers: the first and how many.
    SectionHeaders(u32, u32),
    Section(SectionId),
    Segment(SegmentId),
    /// The filler with this index.
    Filler(usize),
}

/// A piece of a part that is written.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Where it lies in the file.
    pub(super) range: Range<u64>,
    /// What fills the part.
    pub(super) filling: Filling,
    /// Where the part starts in the file.
    pub(super) start: u64,
    /// How many pieces the part is in.
    pub(super) siblings: usize,
}

/// All pieces in the order of the file. None meet, none goes past the length of the file.
pub(super) fn pieces(object: &Object, plan: &Plan) -> Vec<Piece> {
    let mut claims = Claims::default();
    let mut pieces = Vec::new();
    for (range, filling) in parts(object, plan) {
        let range = range.start..range.end.min(plan.layout.length);
        let gaps = claims.gaps(range.clone());
        let siblings = gaps.len();
        for gap in gaps {
            pieces.push(Piece { range: gap, filling, start: range.start, siblings });
        }
        claims.take(range);
    }
    pieces.sort_unstable_by_key(|piece| piece.range.start);
    pieces
}

/// All parts, those that win first.
fn parts(object: &Object, plan: &Plan) -> Vec<(Range<u64>, Filling)> {
    let class = object.header.encoding.class;
    let layout = &plan.layout;
    let mut parts = vec![(0..header_size(class), Filling::Header)];
    let range = |at: u64, length: u64| at..at.saturating_add(length);

    let size = program_header_size(class);
    let step = stride(layout.header.phentsize, size);
    let table = table(layout.segment_table, object.segments.len() as u32, step, size);
    parts.extend(table.map(|(range, first, count)| (range, Filling::SegmentHeaders(first, count))));

    let size = section_header_size(class);
    let step = stride(layout.header.shentsize, size);
    let table = self::table(layout.section_table, object.sections.len() as u32, step, size);
    parts.extend(table.map(|(range, first, count)| (range, Filling::SectionHeaders(first, count))));

    for (key, section) in object.sections.iter() {
        if let Some(place) = layout.section(SectionId(key))
            && !matches!(section.contents, super::Contents::Shared(_))
        {
            parts.push((range(place.placed_at, place.length), Filling::Section(SectionId(key))));
        }
    }
    for (key, segment) in object.segments.iter() {
        if let Some(place) = layout.segment(SegmentId(key))
            && !matches!(segment.contents, super::Contents::Shared(_))
        {
            let range = range(place.header.offset, place.length);
            parts.push((range, Filling::Segment(SegmentId(key))));
        }
    }
    for (index, filler) in object.fillers.iter().enumerate() {
        parts.push((range(filler.offset, filler.bytes.len() as u64), Filling::Filler(index)));
    }
    parts.retain(|(range, _)| range.start < range.end);
    parts
}

/// A table of headers: one part if they lie one behind the other, else one a header. With each its
/// range, the index of its first header and how many it has.
fn table(
    at: u64,
    count: u32,
    step: u64,
    size: u64,
) -> impl Iterator<Item = (Range<u64>, u32, u32)> {
    let (parts, each) = if step == size { (u32::from(count != 0), count) } else { (count, 1) };
    (0..parts).map(move |part| {
        let start = at.saturating_add(step.saturating_mul(part.into()));
        (start..start.saturating_add(size.saturating_mul(each.into())), part, each)
    })
}

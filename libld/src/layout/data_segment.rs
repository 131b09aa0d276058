//! The data segment: where DATA_SEGMENT_ALIGN starts it, so that what is read-only after
//! relocation ends at the end of a page.
//!
//! ```text
//!      base                 relro end = a multiple of the page
//!        │ .init_array … .got │ .got.plt .data .bss │
//!        └─ PT_GNU_RELRO ─────┘                     end
//! ```

use super::engine::Section;
use crate::script::expr::operate::align;

/// How often a start is chosen before the end is padded instead: what the segment holds may still
/// change in the first rounds.
const MOST_TRIES: u8 = 5;

/// The data segment of a round, and what rounds before found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataSegment {
    /// Where it starts, once that is settled by what is in it.
    settled: Option<u64>,
    /// Whether the end of the relro part is padded, as no start makes it end with a page.
    pads: bool,
    /// How often the start was chosen.
    tries: u8,
    /// Where it started in this round.
    base: Option<u64>,
    /// Where data end that are read-only after relocation.
    relro_end: Option<u64>,
    /// Where it ends.
    end: Option<u64>,
    max_page: u64,
    common_page: u64,
    /// Where it would start otherwise: the next round starts anew if that has changed.
    natural: u64,
    /// The start of the page from which on the relro part is measured.
    floor: u64,
    /// Where it starts if that saves a page: the manual's second formula.
    even: u64,
    /// The natural start for which `settled` was found.
    settled_for: u64,
}

impl DataSegment {
    /// Before a round.
    #[must_use]
    pub fn next_round(self) -> Self {
        Self {
            settled: self.settled,
            settled_for: self.settled_for,
            pads: self.pads,
            tries: self.tries,
            ..Self::default()
        }
    }

    /// `DATA_SEGMENT_ALIGN(max_page, common_page)` at `dot`.
    pub fn start(&mut self, max_page: u64, common_page: u64, dot: u64) -> u64 {
        self.max_page = max_page;
        self.common_page = common_page;
        // On the next page, at the same place in it: the file goes on without a gap.
        self.floor = align(dot, max_page);
        self.natural = self.floor.wrapping_add(dot & max_page.wrapping_sub(1));
        let rounded = dot.wrapping_add(common_page.wrapping_sub(1));
        self.even = self.floor.wrapping_add(rounded & max_page.wrapping_sub(common_page));
        if self.settled_for != self.natural {
            self.settled = None;
            self.pads = false;
            self.tries = 0;
        }
        let base = self.settled.unwrap_or(self.natural);
        self.base = Some(base);
        base
    }

    /// `DATA_SEGMENT_RELRO_END(offset, address)`: moved to the end of a page, where the start of
    /// the segment could not be chosen well enough.
    pub fn end_relro(&mut self, offset: u64, address: u64) -> u64 {
        let moved = self.relro_end_at(offset, address);
        self.relro_end = Some(moved.wrapping_add(offset));
        moved
    }

    /// The same, without a change of the segment.
    pub fn relro_end_at(&self, offset: u64, address: u64) -> u64 {
        let end = address.wrapping_add(offset);
        let aligned = if self.pads { align(end, self.max_page) } else { end };
        aligned.wrapping_sub(offset)
    }

    /// `DATA_SEGMENT_END(address)`
    pub fn end(&mut self, address: u64) {
        self.end = Some(address);
    }

    /// Where it starts.
    pub const fn base(&self) -> Option<u64> {
        self.base
    }

    /// The part that is read-only after relocation.
    pub fn relro(&self) -> Option<(u64, u64)> {
        Some((self.base?, self.relro_end?))
    }

    /// What the next round should do. `has_twin` says that a section which is not writable could
    /// have been in the relro part: as GNU ld does, a page ends there then though nothing is in it.
    #[must_use]
    pub fn settle(mut self, sections: &[Section], relro: bool, has_twin: bool) -> Self {
        let (Some(base), Some(end)) = (self.base, self.end) else { return self };
        let Some(relro_end) = self.relro_end.filter(|&relro_end| relro && relro_end != base) else {
            let is_apart = relro && self.relro_end.is_some() && has_twin;
            if self.settled.is_none() && is_apart {
                self.settled = Some(self.natural & !(self.common_page.max(1) - 1));
                self.settled_for = self.natural;
            } else if self.settled.is_none() && self.saves_page(base, end) {
                self.settled = Some(self.even);
                self.settled_for = self.natural;
            }
            return self;
        };
        // The first end of a page that it reaches if it starts with one.
        let moved = end_for_start(sections, base, relro_end, self.floor)
            .wrapping_sub(end_for_start(sections, base, relro_end, base));
        let wanted = align(relro_end.wrapping_add(moved), self.max_page);
        if relro_end == wanted || self.pads {
            return self;
        }
        let start = start_for_end(sections, base, relro_end, wanted);
        self.pads = self.settled == Some(start) || self.tries >= MOST_TRIES;
        self.settled = Some(start);
        self.settled_for = self.natural;
        self.tries += 1;
        self
    }

    /// Whether the segment takes a page less if it starts on a page.
    fn saves_page(&self, base: u64, end: u64) -> bool {
        let page = self.common_page.max(1);
        let first = base.wrapping_neg() & (page - 1);
        let last = end & (page - 1);
        let same_page = base & !(page - 1) == end & !(page - 1);
        first != 0 && last != 0 && !same_page && first.saturating_add(last) <= page
    }
}

/// Where the data segment must start for its part from `base` to `end` to end at `wanted`.
///
/// Sections keep their alignments, so they are moved one by one, the last first.
fn start_for_end(sections: &[Section], base: u64, end: u64, wanted: u64) -> u64 {
    let inside = inside(sections, base, end);
    let end_of = |it: &Section| end_of(it, end);
    // What is behind the last section stays behind it.
    let last = inside.iter().map(|it| end_of(it)).max().unwrap_or(end);
    let mut new = wanted.wrapping_sub(end.wrapping_sub(last));
    for section in inside.iter().rev() {
        let size = end_of(section).wrapping_sub(section.addr);
        new = new.wrapping_sub(size) & !(section.align.max(1) - 1);
    }
    if inside.is_empty() { base.wrapping_add(wanted.wrapping_sub(end)) } else { new }
}

/// Where the sections that lie from `base` to `end` would end if they started at `start`.
fn end_for_start(sections: &[Section], base: u64, end: u64, start: u64) -> u64 {
    inside(sections, base, end).iter().fold(start, |dot, section| {
        let size = end_of(section, end).wrapping_sub(section.addr);
        align(dot, section.align.max(1)).wrapping_add(size)
    })
}

/// The sections in memory from `base` to `end`, in order.
fn inside(sections: &[Section], base: u64, end: u64) -> Vec<&Section> {
    let mut inside: Vec<&Section> = sections
        .iter()
        .filter(|it| it.exists && it.is_placed && it.is_alloc() && (base..end).contains(&it.addr))
        .collect();
    inside.sort_by_key(|section| (section.addr, end_of(section, end)));
    inside
}

/// Where the part of a section ends that counts before `end`.
fn end_of(section: &Section, end: u64) -> u64 {
    if section.is_tls_zeros() { section.addr } else { section.end().min(end) }
}

#[cfg(test)]
mod tests {
    use libelf::raw::SHF_ALLOC;

    use super::*;
    use crate::layout::attributes::Attributes;

    const PAGE: u64 = 0x1000;

    /// Sections of these sizes and alignments, one behind the other from `dot` on. The relro part
    /// ends `offset` bytes behind the start of the number `last`.
    fn round(
        data: &mut DataSegment,
        sizes: &[(u64, u64)],
        last: usize,
        offset: u64,
    ) -> Vec<Section> {
        *data = data.next_round();
        let mut dot = data.start(PAGE, PAGE, 0x20a4);
        let mut sections = Vec::new();
        for (number, &(size, own_align)) in sizes.iter().enumerate() {
            if number == last {
                dot = data.end_relro(offset, dot);
            }
            dot = align(dot, own_align);
            let attributes =
                Attributes { flags: SHF_ALLOC.0, has_bytes: true, ..Default::default() };
            sections.push(Section {
                attributes,
                exists: true,
                is_placed: true,
                addr: dot,
                size,
                align: own_align,
                ..Section::default()
            });
            dot += size;
        }
        data.end(dot);
        *data = data.settle(&sections, true, false);
        sections
    }

    #[test]
    fn the_relro_part_ends_with_a_page() {
        // As in a program: .tdata, arrays, .dynamic, .got, .got.plt, .data, .bss.
        let sizes =
            [(4, 4), (8, 8), (8, 8), (0x1e0, 8), (0x28, 8), (0x28, 8), (0x20, 16), (0x1d0, 32)];
        let mut data = DataSegment::default();
        // The size of .got.plt is not known in the first round.
        round(&mut data, &sizes, 5, 0);
        round(&mut data, &sizes, 5, 24);
        let sections = round(&mut data, &sizes, 5, 24);
        assert_eq!(data.relro(), Some((0x3dcc, 0x4000)));
        assert_eq!(sections.get(5).map(|it| it.addr), Some(0x3fe8));
    }

    #[test]
    fn what_no_start_can_align_is_padded() {
        let sizes = [(4, 4), (0x20, 32), (4, 4), (8, 8)];
        let mut data = DataSegment::default();
        for _ in 0..6 {
            round(&mut data, &sizes, 3, 0);
        }
        let (start, end) = data.relro().unwrap_or_default();
        assert_eq!(end % PAGE, 0);
        assert!(start < end);
    }
}

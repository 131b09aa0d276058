//! Mergeable sections: equal strings and constants are kept once.
//!
//! A section with `SHF_MERGE` is a row of *pieces*: constants of `sh_entsize` bytes, or with
//! `SHF_STRINGS` strings that a zero of that width ends. Where several sections with the same
//! entry size, kind and alignment go to one output section, a piece that occurs more than once is
//! kept where it occurs first, and each section shrinks to the pieces that it keeps:
//!
//! ```text
//! a.o .rodata.str1.1  "yes" "no"            keeps "yes" "no"       7 bytes
//! b.o .rodata.str1.1  "no" "maybe" "yes"    keeps "maybe"          6 bytes
//!
//! map(b.o, 0) = (a.o, 4)      map(b.o, 5) = (b.o, 2)      map(b.o, 9) = (a.o, 0)
//! ```
//!
//! So sections stay what they were for the layout, only smaller, and where a section lies does not
//! matter here. With tail merging, `"no"` is also found in the end of `"piano"`.
//!
//! The work is done in three steps, each in parallel:
//!
//! 1. `split`: sections are cut into pieces, in batches of about equal size; the hash of each piece
//!    picks a *shard*;
//! 2. `unify`: a shard looks at its pieces in order, and finds for each the first that is equal;
//! 3. the pieces that a section keeps are given their new offsets.
//!
//! A piece takes eight bytes of memory: where it starts (not kept for constants), and a *slot* which
//! says where it lies if it is kept, else which piece stands for it. Neither the number of threads
//! nor that of shards has a part in the result.

pub mod addresses;
mod pieces;
mod plan;
mod split;
mod tail;
#[cfg(test)]
mod tests;
mod unify;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};

use foldhash::fast::RandomState;
use libelf::raw::SHF_MERGE;
use rayon::prelude::*;

use crate::diagnostics::Diagnostics;
use crate::ids::SectionId;
use crate::input::Storage;
use crate::resolve::Resolved;
use pieces::{Part, Section};

/// Set in the slot of a piece that is kept; the rest is its offset in what is left of the section.
/// Without it a slot is the number of another piece.
const KEPT: u32 = 1 << 31;

/// A place in the output, as a place in an input section that holds merged contents for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The section that has the contents.
    pub section: SectionId,
    /// Bytes from its start, in the output.
    pub offset: u64,
}

/// How sections are merged.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// How many bytes of strings that may be shared are looked through for those that end others:
    /// where there are more, all must be asked for (`-O2`).
    pub tails: u64,
}

impl Settings {
    /// GNU ld looks through all strings. In a large link that takes longer than all else, and saves
    /// little; in a small one nobody waits for it.
    pub const USUAL: Self = Self { tails: 1 << 22 };
    /// All strings.
    pub const SMALLEST: Self = Self { tails: u64::MAX };
}

/// All sections that were merged.
#[derive(Default)]
pub struct Merged<'data> {
    sections: Vec<Section<'data>>,
    /// By file and section header, one more than the index in `sections`; 0 for none. Empty for
    /// files without such sections.
    by_file: Vec<Box<[u32]>>,
    parts: Vec<Part>,
    /// The starts of pieces, by batch; see [`Part::at`].
    starts: Vec<Box<[u32]>>,
    slots: Vec<AtomicU32>,
    /// Where strings are found by their offsets; see [`split::Split::coarse`].
    coarse: Vec<Box<[u32]>>,
    /// For each [`BLOCK`] pieces, the part that the first of them is in.
    blocks: Vec<u32>,
}

/// How many pieces share an entry of [`Merged::blocks`].
const BLOCK: usize = 16;

/// Merges the sections for which `output` gives an output section: those that are part of the
/// output. Compressed ones are unpacked into `storage`.
pub fn merge<'data>(
    resolved: &Resolved<'data>,
    output: &(dyn Fn(SectionId) -> Option<u32> + Sync),
    storage: &'data Storage,
    settings: Settings,
    diagnostics: &mut Diagnostics,
) -> Merged<'data> {
    let sections = plan::candidates(resolved, output, storage, diagnostics);
    let by_file = plan::index(resolved, &sections);
    Merged::of(sections, by_file, settings)
}

/// The groups whose strings have at most so many bytes together.
fn small_groups(sections: &[Section<'_>], most: u64) -> HashSet<u32, RandomState> {
    let mut sizes: HashMap<u32, u64, RandomState> = HashMap::default();
    for section in sections.iter().filter(|section| section.is_strings) {
        *sizes.entry(section.group).or_default() += section.data.len() as u64;
    }
    sizes.retain(|_, size| *size <= most);
    sizes.into_keys().collect()
}

impl<'data> Merged<'data> {
    fn of(sections: Vec<Section<'data>>, by_file: Vec<Box<[u32]>>, settings: Settings) -> Self {
        let mut merged = Self { sections, by_file, ..Self::default() };
        let split = split::split(&mut merged.sections);
        let Some(split) = split else { return Self::default() };
        merged.blocks = pieces::blocks(&split.parts);
        merged.slots.resize_with(split.pieces, AtomicU32::default);
        merged.parts = split.parts;
        merged.starts = split.starts;
        merged.coarse = split.coarse;
        let groups = small_groups(&merged.sections, settings.tails);
        for section in &mut merged.sections {
            section.has_tails = groups.contains(&section.group);
        }
        let (mut uniques, small) = unify::unify(&merged, &split.shards, &groups);
        drop(split.shards);
        uniques.extend(tail::merge(&merged, &small));
        let raised = unify::raised(uniques);
        let sizes: Vec<u64> =
            merged.sections.par_iter().map(|section| merged.settle(section, &raised)).collect();
        for (section, size) in merged.sections.iter_mut().zip(sizes) {
            section.size = size;
        }
        merged
    }

    /// Gives the pieces that a section keeps their offsets; returns the size of all of them.
    fn settle(&self, section: &Section<'_>, raised: &[(u32, u8)]) -> u64 {
        let mut size = 0_u64;
        for part in self.parts(section) {
            for index in 0..part.count {
                let piece = part.first.wrapping_add(index);
                let Some(slot) = self.slots.get(piece as usize) else { continue };
                if slot.load(Ordering::Relaxed) & KEPT == 0 {
                    continue;
                }
                let start = self.start(section, part, index);
                let mut align = section.alignment_at(start);
                if section.is_padded
                    && let Ok(at) = raised.binary_search_by_key(&piece, |&(piece, _)| piece)
                    && let Some(&(_, log)) = raised.get(at)
                {
                    align = 1 << log;
                }
                size = size.next_multiple_of(align);
                slot.store(KEPT | size as u32, Ordering::Relaxed);
                let text = self.text(section, part, index);
                size += text.len() as u64 + section.terminator();
            }
        }
        size
    }

    /// The index in `sections` of a merged section.
    #[inline]
    fn number(&self, id: SectionId) -> Option<usize> {
        let number = *self.by_file.get(id.file.index())?.get(id.index as usize)?;
        Some(number.checked_sub(1)? as usize)
    }

    /// What is known of a merged section.
    #[inline]
    fn section(&self, id: SectionId) -> Option<&Section<'data>> {
        self.sections.get(self.number(id)?)
    }

    /// Whether a section was merged.
    pub fn contains(&self, id: SectionId) -> bool {
        self.section(id).is_some()
    }

    /// How many bytes of a section are left; `None` if it was not merged.
    pub fn size(&self, id: SectionId) -> Option<u64> {
        Some(self.section(id)?.size)
    }

    /// Where the byte lies now that was at `offset` of a section: a section and an offset in what
    /// is left of it. `None` if the section was not merged.
    ///
    /// An offset within a piece leads into the piece that stands for it. What lies at or past the
    /// end of the section keeps its distance from the end.
    pub fn map(&self, id: SectionId, offset: u64) -> Option<Piece> {
        let section = self.section(id)?;
        if let Some(past) = offset.checked_sub(section.data.len() as u64) {
            return Some(Piece { section: id, offset: section.size.wrapping_add(past) });
        }
        let (part, index) = self.piece_at(section, offset as u32)?;
        let start = self.start(section, part, index);
        let within = offset.wrapping_sub(start.into());
        let (section, offset) = self.resolve(section, part, index)?;
        Some(Piece { section: section.id, offset: offset.wrapping_add(within) })
    }

    /// The part and the index in it of the last piece that starts at `offset` or before.
    fn piece_at(&self, section: &Section<'_>, offset: u32) -> Option<(&Part, u32)> {
        let parts = self.parts(section);
        let mut number = (offset / section.part_size()) as usize;
        // A long piece may start in an earlier part.
        loop {
            let part = parts.get(number)?;
            let before = if section.is_strings {
                let near = self.near(part, offset);
                let starts = self.starts_of(part).get(near.clone()).unwrap_or_default();
                (near.start + starts.partition_point(|&start| start <= offset)) as u32
            } else {
                let first = part.offset;
                (offset.wrapping_sub(first) / section.entsize + 1).min(part.count)
            };
            if let Some(index) = before.checked_sub(1) {
                return Some((part, index));
            }
            number = number.checked_sub(1)?;
        }
    }

    /// Where a piece lies: in which section, and at which offset of what is left of it.
    fn resolve(
        &self,
        section: &Section<'data>,
        part: &Part,
        index: u32,
    ) -> Option<(&Section<'data>, u64)> {
        let mut slot = self.slot(part.first.wrapping_add(index))?;
        if slot & KEPT != 0 {
            // Not `section` itself: it may be borrowed for less long.
            return Some((self.section(section.id)?, u64::from(slot & !KEPT)));
        }
        // Only the end of a longer string is found by its size.
        let size = if section.has_tails { self.text(section, part, index).len() } else { 0 };
        loop {
            let (owner_part, owner_index) = self.piece(slot)?;
            let owner = self.sections.get(owner_part.section as usize)?;
            let next = self.slot(slot)?;
            if next & KEPT != 0 {
                // Either equal, or the end of a longer one.
                let delta = if section.has_tails {
                    let owner_size = self.text(owner, owner_part, owner_index).len();
                    owner_size.saturating_sub(size) as u64
                } else {
                    0
                };
                return Some((owner, u64::from(next & !KEPT) + delta));
            }
            slot = next;
        }
    }

    fn slot(&self, piece: u32) -> Option<u32> {
        Some(self.slots.get(piece as usize)?.load(Ordering::Relaxed))
    }

    /// Writes what is left of a section, [`Self::size`] bytes; nothing if it was not merged.
    pub fn write(&self, id: SectionId, out: &mut [u8]) {
        let Some(section) = self.section(id) else { return };
        if section.is_padded {
            out.fill(0);
        }
        let mut run = Run::default();
        for part in self.parts(section) {
            for index in 0..part.count {
                let Some(slot) = self.slot(part.first.wrapping_add(index)) else { continue };
                if slot & KEPT == 0 {
                    continue;
                }
                let start = self.start(section, part, index) as usize;
                let text = self.text(section, part, index);
                let end = start + text.len() + section.terminator() as usize;
                let piece = Run { start, end, to: (slot & !KEPT) as usize };
                if !run.join(&piece) {
                    run.copy(section.data, out);
                    run = piece;
                }
            }
        }
        run.copy(section.data, out);
    }
}

/// Bytes that are copied at once.
#[derive(Default)]
struct Run {
    start: usize,
    end: usize,
    to: usize,
}

impl Run {
    /// Takes up `next` if it lies behind this one, there and here.
    fn join(&mut self, next: &Self) -> bool {
        let joins = self.end == next.start && self.to + (self.end - self.start) == next.to;
        if joins {
            self.end = next.end;
        }
        joins
    }

    fn copy(&self, from: &[u8], out: &mut [u8]) {
        // The last string may lack its zero, which is made here.
        let text = from.get(self.start..self.end.min(from.len())).unwrap_or_default();
        if let Some(out) = out.get_mut(self.to..self.to + (self.end - self.start)) {
            let (copied, zeros) = out.split_at_mut(text.len());
            copied.copy_from_slice(text);
            zeros.fill(0);
        }
    }
}

/// Whether a section with these fields can be merged.
pub fn is_mergeable(header: &libelf::SectionHeader) -> bool {
    header.flags & SHF_MERGE.0 != 0 && header.entsize != 0 && !header.is_nobits()
}

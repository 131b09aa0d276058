//! Sections are cut into pieces.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::pieces::{Part, Section, zero};

/// A part holds the pieces that start in so many bytes of a section. A multiple of every entry size
/// that is a power of two; the parts of constants of other sizes are the whole section.
pub const PART: u32 = 1 << 18;
/// So many bytes are split at once, unless a section is longer.
const BATCH: usize = 1 << 19;
/// So many bytes are worth a shard of their own.
const BYTES_A_SHARD: usize = 1 << 18;
const MAX_SHARDS: usize = 256;
/// How many bytes of a section share an entry of [`Split::coarse`], as a power of two.
pub const LOG_COARSE: u32 = 8;
/// Any constant.
const SEED: u64 = 0x7069_6563_6573_2e2e;

/// All pieces.
pub struct Split {
    /// In the order of sections.
    pub parts: Vec<Part>,
    /// By batch, where strings start.
    pub starts: Vec<Box<[u32]>>,
    /// By batch, an entry for each [`LOG_COARSE`] bytes of a part of strings: how many strings of
    /// the part start before them. So one that is looked up by its offset is found at once.
    pub coarse: Vec<Box<[u32]>>,
    /// By batch, its pieces by shard.
    pub shards: Vec<Shards>,
    /// How many pieces there are.
    pub pieces: usize,
}

/// The pieces of a batch by the shard that their hashes pick.
pub struct Shards {
    /// The index of the batch's first part.
    pub first_part: usize,
    /// The lower half of the hash, and the number of the piece in its batch; ascending in each
    /// shard.
    entries: Box<[(u32, u32)]>,
    /// Where in `entries` each shard ends.
    ends: Box<[u32]>,
}

impl Shards {
    /// The pieces of a shard.
    pub fn get(&self, shard: usize) -> &[(u32, u32)] {
        let end = self.ends.get(shard).copied().unwrap_or(0) as usize;
        let start = shard.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        self.entries.get(start.unwrap_or(0) as usize..end).unwrap_or_default()
    }

    /// How many shards there are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }
}

/// Bytes of a section that are to be split.
struct Task {
    section: u32,
    from: u32,
    to: u32,
}

/// What a batch was split into.
struct Batch {
    /// By part, how many pieces there are, and how many entries of `coarse`.
    counts: Vec<(u32, u32)>,
    starts: Vec<u32>,
    coarse: Vec<u32>,
    hashes: Vec<u64>,
}

/// Splits all sections; they learn which parts are theirs. `None` if there are more pieces than
/// can be numbered.
pub fn split(sections: &mut [Section<'_>]) -> Option<Split> {
    let (tasks, bytes) = plan(sections);
    let batches = batches(&tasks);
    let shard_bits = (bytes / BYTES_A_SHARD).clamp(1, MAX_SHARDS).ilog2();
    let sections = &*sections;
    let done: Vec<_> = batches
        .par_iter()
        .map(|&(first_part, tasks)| {
            let batch = split_batch(tasks, sections);
            let shards = Shards::of(&batch.hashes, first_part, shard_bits);
            (batch.counts, batch.starts.into_boxed_slice(), batch.coarse.into_boxed_slice(), shards)
        })
        .collect();
    let mut split = Split {
        parts: Vec::with_capacity(tasks.len()),
        starts: Vec::new(),
        coarse: Vec::new(),
        shards: Vec::new(),
        pieces: 0,
    };
    let mut tasks = tasks.iter();
    for (number, (counts, starts, coarse, shards)) in (0_u32..).zip(done) {
        let (mut at, mut coarse_at) = (0_u32, 0_u32);
        for ((count, coarse_count), task) in counts.into_iter().zip(&mut tasks) {
            let first = u32::try_from(split.pieces).ok().filter(|&first| first < super::KEPT)?;
            let (section, offset) = (task.section, task.from);
            let batch = number;
            let coarse = (coarse_at, coarse_count);
            split.parts.push(Part { section, batch, at, coarse, first, count, offset });
            at += count;
            coarse_at += coarse_count;
            split.pieces += count as usize;
        }
        split.starts.push(starts);
        split.coarse.push(coarse);
        split.shards.push(shards);
    }
    (split.pieces < super::KEPT as usize).then_some(split)
}

/// The parts of all sections, and how many bytes they hold.
fn plan(sections: &mut [Section<'_>]) -> (Vec<Task>, usize) {
    let mut tasks: Vec<Task> = Vec::with_capacity(sections.len());
    let mut bytes = 0_usize;
    for (number, section) in (0_u32..).zip(sections) {
        let first = tasks.len() as u32;
        let size = section.data.len() as u32;
        bytes = bytes.saturating_add(section.data.len());
        let step = section.part_size();
        let mut from = 0;
        while from < size {
            let to = from.saturating_add(step).min(size);
            tasks.push(Task { section: number, from, to });
            from = to;
        }
        section.parts = (first, tasks.len() as u32 - first);
    }
    (tasks, bytes)
}

impl Section<'_> {
    /// How many bytes of the section a part spans.
    pub fn part_size(&self) -> u32 {
        if self.entsize.is_power_of_two() && self.entsize <= PART { PART } else { u32::MAX }
    }
}

/// Parts that are split together, with the index of the first.
fn batches(tasks: &[Task]) -> Vec<(usize, &[Task])> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (number, task) in tasks.iter().enumerate() {
        bytes += (task.to - task.from) as usize;
        if bytes >= BATCH || number + 1 == tasks.len() {
            batches.push((start, tasks.get(start..=number).unwrap_or_default()));
            (start, bytes) = (number + 1, 0);
        }
    }
    batches
}

fn split_batch(tasks: &[Task], sections: &[Section<'_>]) -> Batch {
    let hasher = FixedState::with_seed(SEED);
    let mut batch = Batch {
        counts: Vec::with_capacity(tasks.len()),
        starts: Vec::new(),
        coarse: Vec::new(),
        hashes: Vec::new(),
    };
    for task in tasks {
        let before = batch.hashes.len();
        let coarse_before = batch.coarse.len();
        if let Some(section) = sections.get(task.section as usize) {
            if section.is_strings {
                split_strings(section, task, &hasher, &mut batch);
                index_strings(task, before, &mut batch);
            } else {
                let data = section.data.get(task.from as usize..task.to as usize);
                let constants = data.unwrap_or_default().chunks_exact(section.entsize as usize);
                batch.hashes.extend(constants.map(|constant| hasher.hash_one(constant)));
                // Numbers of pieces in the batch are indexes of starts.
                batch.starts.resize(batch.hashes.len(), 0);
            }
        }
        let coarse_count = batch.coarse.len() - coarse_before;
        batch.counts.push(((batch.hashes.len() - before) as u32, coarse_count as u32));
    }
    batch
}

fn split_strings(section: &Section<'_>, task: &Task, hasher: &FixedState, batch: &mut Batch) {
    let width = section.entsize as usize;
    let end = task.to as usize;
    let mut at = first_start(section, task.from as usize);
    while at < end {
        if section.is_padded && is_padding(section, at) {
            at += width;
            continue;
        }
        let rest = section.data.get(at..).unwrap_or_default();
        let size = zero(rest, width).unwrap_or(rest.len());
        batch.starts.push(at as u32);
        batch.hashes.push(hasher.hash_one(rest.get(..size).unwrap_or_default()));
        at += size + width;
    }
}

/// Counts the strings of a part, which are those from number `first` of the batch on, by where they
/// start.
fn index_strings(task: &Task, first: usize, batch: &mut Batch) {
    let starts = batch.starts.get(first..).unwrap_or_default();
    let base = batch.coarse.len();
    for (number, start) in (0_u32..).zip(starts) {
        let entry = (start.saturating_sub(task.from) >> LOG_COARSE) as usize;
        while batch.coarse.len() - base <= entry {
            batch.coarse.push(number);
        }
    }
    let entries = ((task.to - task.from) >> LOG_COARSE) as usize + 1;
    batch.coarse.resize(base + entries.max(batch.coarse.len() - base), starts.len() as u32);
}

/// Where the first string starts, or the first zero of padding lies, at `from` or behind it.
fn first_start(section: &Section<'_>, from: usize) -> usize {
    let width = section.entsize as usize;
    // The character before tells whether one starts here.
    let Some(before) = from.checked_sub(width) else { return 0 };
    let rest = section.data.get(before..).unwrap_or_default();
    zero(rest, width).map_or(section.data.len(), |at| before + at + width)
}

/// Whether the character at `at`, which stands where a string may start, is there to align the next
/// one: an empty string is where a string would be aligned.
fn is_padding(section: &Section<'_>, at: usize) -> bool {
    let end = at + section.entsize as usize;
    let is_zero = section.data.get(at..end).is_some_and(|text| text.iter().all(|&byte| byte == 0));
    is_zero && !at.is_multiple_of(section.align as usize)
}

impl Shards {
    /// Sorts pieces by shard, in order within each.
    fn of(hashes: &[u64], first_part: usize, bits: u32) -> Self {
        // Shifting by all 64 bits is none at all.
        let shard_of = |hash: u64| (hash.checked_shr(u64::BITS - bits).unwrap_or(0)) as usize;
        let mut ends = vec![0_u32; 1 << bits].into_boxed_slice();
        for &hash in hashes {
            if let Some(count) = ends.get_mut(shard_of(hash)) {
                *count += 1;
            }
        }
        // Ends become starts, and starts ends again as pieces are put in.
        let mut start = 0;
        for end in &mut ends {
            start += std::mem::replace(end, start);
        }
        let mut entries = vec![(0, 0); hashes.len()].into_boxed_slice();
        for (number, &hash) in (0_u32..).zip(hashes) {
            let Some(end) = ends.get_mut(shard_of(hash)) else { continue };
            if let Some(entry) = entries.get_mut(*end as usize) {
                *entry = (hash as u32, number);
            }
            *end += 1;
        }
        Self { first_part, entries, ends }
    }
}

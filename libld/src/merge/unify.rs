//! Equal pieces are found.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use rayon::prelude::*;

use super::split::Shards;
use super::{KEPT, Merged};

/// The groups whose tails are merged.
pub type Groups = HashSet<u32, RandomState>;

/// A piece that occurs first here.
#[derive(Clone, Copy)]
pub struct Unique<'m> {
    hash: u32,
    /// Its number.
    pub piece: u32,
    /// The sections that it may be shared with.
    pub group: u32,
    /// The alignment that all pieces which are equal need, as a power of two.
    pub log_align: u8,
    /// Whether that is more than the piece itself needs.
    pub is_raised: bool,
    /// Its bytes, without a closing zero.
    pub text: &'m [u8],
}

/// Finds for each piece the first that is equal, and settles its slot: [`KEPT`] for a first one,
/// else the number of the first. Returns those that later passes need: the ones whose alignment was
/// raised, and by shard all of the groups whose tails shall be merged.
pub fn unify<'m>(
    merged: &'m Merged<'_>,
    shards: &[Shards],
    groups: &Groups,
) -> (Vec<Unique<'m>>, Vec<Vec<Unique<'m>>>) {
    let count = shards.first().map_or(0, Shards::count);
    let found: Vec<_> = (0..count)
        .into_par_iter()
        .with_max_len(1)
        .map(|shard| {
            let uniques = unify_shard(merged, shards, shard).into_iter();
            let needed =
                uniques.filter(|unique| unique.is_raised || groups.contains(&unique.group));
            needed.partition::<Vec<_>, _>(|unique| !groups.contains(&unique.group))
        })
        .collect();
    let (raised, with_tails): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    (raised.concat(), with_tails)
}

fn unify_shard<'m>(
    merged: &'m Merged<'_>,
    shards: &[Shards],
    shard: usize,
) -> HashTable<Unique<'m>> {
    let most = shards.iter().map(|batch| batch.get(shard).len()).sum();
    let mut table = HashTable::<Unique<'m>>::with_capacity(most);
    for batch in shards {
        let mut number = batch.first_part;
        let mut current = merged.part_and_section(number);
        for &(hash, piece) in batch.get(shard) {
            // Pieces ascend, and so do parts.
            while let Some((part, _)) = current
                && piece >= part.at + part.count
            {
                number += 1;
                current = merged.part_and_section(number);
            }
            let Some((part, section)) = current else { break };
            let index = piece - part.at;
            let text = merged.text(section, part, index);
            let align = section.alignment_at(merged.start(section, part, index));
            let log_align = align.trailing_zeros() as u8;
            let piece = part.first + index;
            let Some(slot) = merged.slots.get(piece as usize) else { continue };
            let found = table.find_mut(spread(hash), |unique| {
                unique.hash == hash && unique.group == section.group && unique.text == text
            });
            if let Some(first) = found {
                if log_align > first.log_align {
                    (first.log_align, first.is_raised) = (log_align, true);
                }
                slot.store(first.piece, Ordering::Relaxed);
                continue;
            }
            slot.store(KEPT, Ordering::Relaxed);
            let group = section.group;
            let unique = Unique { hash, piece, group, log_align, is_raised: false, text };
            table.insert_unique(spread(hash), unique, |unique| spread(unique.hash));
        }
    }
    table
}

/// The hash for a table: of 32 bits, as the others picked the shard.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The pieces that need more alignment than their own sections promise, with that alignment as a
/// power of two; in order of pieces.
pub fn raised(uniques: Vec<Unique<'_>>) -> Vec<(u32, u8)> {
    let raised = uniques.into_iter().filter(|unique| unique.is_raised);
    let mut raised: Vec<_> = raised.map(|unique| (unique.piece, unique.log_align)).collect();
    raised.sort_unstable();
    raised
}

//! What lives as long as the arena, added one by one behind a shared reference.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Enough blocks for any number of values: each has twice the room of the one before.
const BLOCKS: usize = usize::BITS as usize;

type Block<T> = Box<[OnceLock<T>]>;

/// Values that are only ever added, from any thread.
#[derive(Debug)]
pub(super) struct Arena<T> {
    count: AtomicUsize,
    blocks: [OnceLock<Block<T>>; BLOCKS],
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { count: AtomicUsize::new(0), blocks: [const { OnceLock::new() }; BLOCKS] }
    }
}

impl<T> Arena<T> {
    /// Adds a value, and gives a place that stays.
    pub(super) fn keep(&self, value: T) -> &T {
        // Places are counted from 1, so that block n has those from 2^n on.
        let place = self.count.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let number = place.ilog2();
        let first = 1_usize << number;
        let slot = self.blocks.get(number as usize).and_then(|block| {
            let block = block.get_or_init(|| (0..first).map(|_| OnceLock::new()).collect());
            block.get(place.saturating_sub(first))
        });
        // There is a block for every number, so nothing is ever leaked.
        let Some(slot) = slot else { return Box::leak(Box::new(value)) };
        slot.get_or_init(|| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay() {
        let arena = Arena::default();
        let kept: Vec<&String> = (0..100).map(|n| arena.keep(format!("{n}"))).collect();
        for (number, text) in kept.iter().enumerate() {
            assert_eq!(**text, number.to_string());
        }
    }

    #[test]
    fn threads_share_it() {
        let arena = Arena::default();
        std::thread::scope(|scope| {
            for start in 0..4 {
                let arena = &arena;
                scope.spawn(move || {
                    let kept: Vec<&usize> = (0..1000).map(|n| arena.keep(start + n)).collect();
                    assert!(kept.iter().enumerate().all(|(n, kept)| **kept == start + n));
                });
            }
        });
    }
}

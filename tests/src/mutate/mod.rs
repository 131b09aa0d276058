//! Broken inputs, made from whole ones: the same number always gives the same input.
//!
//! An input is a seed file with a few changes. Each change is drawn from the kinds that break
//! readers: flipped bits, cut ends, header fields with odd values, counts that are too large,
//! links that overlap or go in circles, compressed sections that claim or hold too much.

pub mod bombs;
pub mod change;
pub mod linker;
pub mod random;
pub mod seeds;
pub mod shape;
pub mod trial;

use bombs::Bombs;
use random::Random;
use seeds::Seed;

/// The most changes of one input.
const CHANGES: u64 = 5;

/// The input of that number.
pub fn input(number: u64, seeds: &[Seed], bombs: &Bombs) -> Vec<u8> {
    let mut random = Random::new(number);
    let Some(seed) = seeds.get((number % seeds.len().max(1) as u64) as usize) else {
        return Vec::new();
    };
    let mut bytes = seed.bytes.clone();
    for _ in 0..=random.below(CHANGES) {
        change::apply(&mut bytes, &mut random, bombs);
    }
    bytes
}

//! A hash that is as fast as memory, for numbers that tell outputs apart.
//!
//! Nobody has to be kept from making two outputs with one number, so it need not be a cryptographic
//! one. It follows the idea of XXH3: eight accumulators each take eight bytes of a stripe of 64,
//! multiplied half by half after a key was mixed in, and the bytes of their neighbour as they are,
//! so that no product that is zero swallows them. Stripes of a block have keys of their own; after
//! each block all accumulators are scrambled.

/// How many accumulators there are.
const LANES: usize = 8;
/// How many stripes a block has.
const BLOCK: usize = 16;
/// The bytes of a stripe.
const STRIPE: usize = LANES * 8;
/// The bytes of a hash.
pub const SIZE: usize = LANES * 8;

/// Any odd numbers with bits all over: digits of the square root of 2 onwards, by a generator.
const KEYS: [u64; LANES] = keys(0x6a09_e667_f3bc_c908);
/// By how much keys move from stripe to stripe. Odd, as the golden ratio's.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
/// A prime that scatters bits.
const PRIME: u64 = 0x9e37_79b1;

/// SplitMix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators".
const fn keys(seed: u64) -> [u64; LANES] {
    let mut keys = [0; LANES];
    let mut state = seed;
    let mut at = 0;
    while at < LANES {
        state = state.wrapping_add(STEP);
        let mut key = state;
        key = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        key = (key ^ (key >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        // LANES is the length of the array.
        #[allow(clippy::indexing_slicing, reason = "no other way in a constant function")]
        {
            keys[at] = (key ^ (key >> 31)) | 1;
        }
        at += 1;
    }
    keys
}

/// The state of all accumulators after these bytes. Equal for equal bytes on every machine.
pub fn hash(bytes: &[u8]) -> [u8; SIZE] {
    let mut lanes = KEYS;
    let (stripes, rest) = bytes.as_chunks::<STRIPE>();
    for block in stripes.chunks(BLOCK) {
        let mut keys = KEYS;
        for stripe in block {
            take(&mut lanes, stripe, &keys);
            for key in &mut keys {
                *key = key.wrapping_add(STEP);
            }
        }
        scramble(&mut lanes);
    }
    let mut last = [0; STRIPE];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    take(&mut lanes, &last, &KEYS);
    for lane in &mut lanes {
        *lane ^= bytes.len() as u64;
    }
    scramble(&mut lanes);
    let mut hash = [0; SIZE];
    for (to, lane) in hash.as_chunks_mut::<8>().0.iter_mut().zip(lanes) {
        *to = lane.to_le_bytes();
    }
    hash
}

#[inline]
fn take(lanes: &mut [u64; LANES], stripe: &[u8; STRIPE], keys: &[u64; LANES]) {
    let mut words = [0_u64; LANES];
    for (word, bytes) in words.iter_mut().zip(stripe.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    let mut neighbours = words;
    for pair in neighbours.as_chunks_mut::<2>().0 {
        pair.reverse();
    }
    for (((lane, word), neighbour), key) in lanes.iter_mut().zip(words).zip(neighbours).zip(keys) {
        let mixed = word ^ key;
        let product = (mixed & 0xffff_ffff).wrapping_mul(mixed >> 32);
        *lane = lane.wrapping_add(product).wrapping_add(neighbour);
    }
}

#[inline]
fn scramble(lanes: &mut [u64; LANES]) {
    for (lane, key) in lanes.iter_mut().zip(KEYS) {
        let mixed = *lane ^ (*lane >> 47) ^ key;
        *lane = mixed.wrapping_mul(PRIME);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_bit_its_place_and_the_length_count() {
        let base: Vec<u8> = (0..3000_u32).map(|at| (at * 7) as u8).collect();
        let mut seen = HashSet::new();
        assert!(seen.insert(hash(&base)));
        for at in (0..base.len()).step_by(13) {
            for bit in 0..8 {
                let mut changed = base.clone();
                changed[at] ^= 1 << bit;
                assert!(seen.insert(hash(&changed)), "{at} {bit}");
            }
        }
        for length in 0..base.len() {
            assert!(seen.insert(hash(&base[..length])), "{length}");
        }
        let mut zeros = HashSet::new();
        assert!((0..5000).all(|length| zeros.insert(hash(&vec![0; length]))));
        // Stripes that change places.
        let mut swapped = base.clone();
        let (left, right) = swapped.split_at_mut(STRIPE);
        left.swap_with_slice(&mut right[..STRIPE]);
        assert!(seen.insert(hash(&swapped)));
    }
}

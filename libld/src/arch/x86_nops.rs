//! What fills gaps in code: instructions that do nothing, as few and as long as may be. Intel's
//! Software Developer's Manual, volume 2B, "NOP", and its recommended sequences.

/// Of each length from 1 on.
const LONG: [&[u8]; 10] = [
    &[0x90],
    &[0x66, 0x90],
    &[0x0f, 0x1f, 0x00],
    &[0x0f, 0x1f, 0x40, 0x00],
    &[0x0f, 0x1f, 0x44, 0x00, 0x00],
    &[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
    &[0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
    &[0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    &[0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    &[0x66, 0x2e, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
];

/// With instructions that every processor with 64 bits has.
pub fn pad_long(gap: &mut [u8]) {
    pad(gap, &LONG);
}

/// With instructions that every processor with 32 bits has.
pub fn pad_short(gap: &mut [u8]) {
    pad(gap, LONG.get(..2).unwrap_or_default());
}

/// Fills with the longest, and what is left with one of its length.
fn pad(gap: &mut [u8], nops: &[&[u8]]) {
    for part in gap.chunks_mut(nops.len().max(1)) {
        if let Some(nop) = nops.get(part.len().wrapping_sub(1)) {
            part.copy_from_slice(nop);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LONG, pad_long, pad_short};

    #[test]
    fn gaps_of_all_lengths_are_filled() {
        assert!(LONG.iter().zip(1..).all(|(nop, length)| nop.len() == length));
        let mut gap = [0xcc; 19];
        pad_long(&mut gap);
        assert_eq!(gap, *[LONG[9], LONG[8]].concat());
        let mut gap = [0xcc; 5];
        pad_short(&mut gap);
        assert_eq!(gap, [0x66, 0x90, 0x66, 0x90, 0x90]);
        pad_long(&mut []);
    }
}

//! Identifiers with characters outside ASCII: Punycode, RFC 3492.

use alloc::vec::Vec;

use crate::Error;

/// The parameters of RFC 3492, section 5.
const BASE: u64 = 36;
const T_MIN: u64 = 1;
const T_MAX: u64 = 26;
const SKEW: u64 = 38;
const DAMP: u64 = 700;
const INITIAL_BIAS: u64 = 72;
const INITIAL_N: u64 = 0x80;

/// The characters of an identifier: those in ASCII, then what `codes` says is put between them.
/// An identifier whose codes end too early has none.
pub(super) fn decode(ascii: &[u8], codes: &[u8]) -> Result<Vec<u32>, Error> {
    let mut characters: Vec<u32> = ascii.iter().map(|&byte| u32::from(byte)).collect();
    let mut codes = codes.iter();
    let mut n = INITIAL_N;
    let mut index: u64 = 0;
    let mut bias = INITIAL_BIAS;
    let mut damp = DAMP;
    while !codes.as_slice().is_empty() {
        let Some(delta) = delta(&mut codes, bias)? else { return Ok(Vec::new()) };
        let length = u64::try_from(characters.len()).unwrap_or(u64::MAX).saturating_add(1);
        index = index.wrapping_add(delta);
        n = n.wrapping_add(index.checked_div(length).unwrap_or_default());
        index = index.checked_rem(length).unwrap_or_default();
        let place = usize::try_from(index).map_err(|_| Error::NotMangled)?;
        // Wider code points than Unicode has are printed all the same, in as many bits as fit.
        characters.insert(place.min(characters.len()), (n & u64::from(u32::MAX)) as u32);
        index = index.wrapping_add(1);
        bias = adapted(delta.checked_div(damp).unwrap_or_default(), length);
        damp = 2;
    }
    Ok(characters)
}

/// The next variable-length number; `None` if the codes end within.
fn delta(codes: &mut core::slice::Iter<u8>, bias: u64) -> Result<Option<u64>, Error> {
    let mut delta: u64 = 0;
    let mut weight: u64 = 1;
    let mut k: u64 = 0;
    loop {
        k = k.wrapping_add(BASE);
        let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
        let Some(code) = codes.next() else { return Ok(None) };
        let digit = match code {
            b'a'..=b'z' => u64::from(code.wrapping_sub(b'a')),
            b'0'..=b'9' => u64::from(code.wrapping_sub(b'0')).wrapping_add(26),
            _ => return Err(Error::NotMangled),
        };
        delta = delta.wrapping_add(digit.wrapping_mul(weight));
        if digit < threshold {
            return Ok(Some(delta));
        }
        weight = weight.wrapping_mul(BASE.wrapping_sub(threshold));
    }
}

/// The bias for the next number: section 6.1.
fn adapted(mut delta: u64, length: u64) -> u64 {
    delta = delta.wrapping_add(delta.checked_div(length).unwrap_or_default());
    let mut k: u64 = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        k = k.wrapping_add(BASE);
    }
    let share = (BASE - T_MIN + 1).wrapping_mul(delta);
    k.wrapping_add(share.checked_div(delta.wrapping_add(SKEW)).unwrap_or_default())
}

/// A code point in UTF-8.
pub(super) fn utf8(character: u32) -> ([u8; 4], usize) {
    // The bits that a byte holds; what does not fit is dropped.
    let byte = |shift: u32, mask: u32, mark: u32| ((character >> shift) & mask | mark) as u8;
    let tail = |shift| byte(shift, 0x3f, 0x80);
    match character {
        0..0x80 => ([byte(0, 0x7f, 0), 0, 0, 0], 1),
        0x80..0x800 => ([byte(6, 0x1f, 0xc0), tail(0), 0, 0], 2),
        0x800..0x1_0000 => ([byte(12, 0xf, 0xe0), tail(6), tail(0), 0], 3),
        _ => ([byte(18, 0xff, 0xf0), tail(12), tail(6), tail(0)], 4),
    }
}

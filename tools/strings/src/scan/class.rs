//! Which bytes are characters of a string.

/// The bytes that one look classifies, and the bits of what it tells.
pub const GROUP: usize = u64::BITS as usize;

/// A set of bytes: what is printed in ASCII with the tab, and more.
///
/// The tests are made so that compilers turn them into vector instructions: all bytes go through
/// the same few comparisons, whatever the set.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    /// How many bytes from the tab on are in the set.
    whitespace: u8,
    /// The bits of which any puts a byte into the set.
    high: u8,
}

impl Class {
    const TAB: u8 = b'\t';
    /// Tab, line feed, vertical tab, form feed, carriage return.
    const ALL_WHITESPACE: u8 = 5;
    const FIRST_PRINTED: u8 = b' ';
    /// From the blank to the tilde.
    const PRINTED: u8 = b'~' - b' ' + 1;

    /// The set with all white space, and with the bytes from 0x80 on.
    pub fn new(takes_whitespace: bool, takes_high: bool) -> Self {
        Self {
            whitespace: if takes_whitespace { Self::ALL_WHITESPACE } else { 1 },
            high: if takes_high { 0x80 } else { 0 },
        }
    }

    /// Whether a byte is in the set.
    #[inline]
    pub fn contains(self, byte: u8) -> bool {
        byte.wrapping_sub(Self::FIRST_PRINTED) < Self::PRINTED
            || byte.wrapping_sub(Self::TAB) < self.whitespace
            || byte & self.high != 0
    }

    /// Which of the bytes are in the set: bit `i` is byte `i`.
    #[inline]
    pub fn bits(self, group: &[u8; GROUP]) -> u64 {
        bits_of(group, |byte| self.contains(byte))
    }
}

/// For which of the bytes something holds: bit `i` is byte `i`.
#[inline]
pub fn bits_of(group: &[u8; GROUP], holds: impl Fn(u8) -> bool) -> u64 {
    // Brings the lowest bit of each byte to the highest byte, that of byte `i` to its bit `i`.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let found = group.map(|byte| u8::from(holds(byte)));
    let mut bits = 0;
    for (at, eight) in found.as_chunks::<8>().0.iter().enumerate() {
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56;
        bits |= gathered << (8 * at);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_as_asked() {
        for (whitespace, high) in [(false, false), (true, false), (false, true), (true, true)] {
            let class = Class::new(whitespace, high);
            for byte in 0..=u8::MAX {
                let wanted = matches!(byte, b' '..=b'~' | b'\t')
                    || whitespace && matches!(byte, 9..=13)
                    || high && byte >= 0x80;
                assert_eq!(class.contains(byte), wanted, "{byte:#x}");
            }
        }
    }

    #[test]
    fn bits_are_those_of_the_bytes() {
        let class = Class::new(false, false);
        for first in 0..4u8 {
            let group: [u8; GROUP] = std::array::from_fn(|at| (at as u8).wrapping_mul(7) ^ first);
            let bits = class.bits(&group);
            for (at, byte) in group.into_iter().enumerate() {
                assert_eq!(bits >> at & 1 == 1, class.contains(byte), "{at}");
            }
        }
    }
}

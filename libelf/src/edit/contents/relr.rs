//! Relative relocations in their packed form (`SHT_RELR`). gABI, "Relative Relocation Table".
//!
//! An even word is the address of a word to relocate. An odd word is a bitmap: its bit `n` (from 1)
//! stands for the `n`th word behind the last address that was said, and the next bitmap goes on
//! where this one ends. A bitmap without bits says nothing; linkers pad with it.
//!
//! ```text
//! 0x1000  0b1011   0x1000, 0x1008, 0x1018 in a 64-bit file
//! ```

use super::writer::{Result, UnfitFault, Writer};
use crate::ident::Encoding;
use crate::table::Table;

/// Packed relative relocations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relr {
    /// The words that are relocated, packed as linkers do.
    Addresses {
        /// Their addresses, from the lowest on; even.
        addresses: Vec<u64>,
        /// How many empty bitmaps follow.
        padding: usize,
    },
    /// The words as they are.
    Words(Vec<u64>),
}

/// A bitmap without bits.
const EMPTY_BITMAP: u64 = 1;

impl Default for Relr {
    fn default() -> Self {
        Self::Addresses { addresses: Vec::new(), padding: 0 }
    }
}

impl Relr {
    /// Reads a section. `None` if it is no whole number of words.
    pub fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        let word_size = encoding.word_size();
        if !bytes.len().is_multiple_of(word_size) {
            return None;
        }
        let words: Vec<u64> = if encoding.is_64() {
            Table::<u64>::new(bytes, encoding).iter().collect()
        } else {
            Table::<u32>::new(bytes, encoding).iter().map(u64::from).collect()
        };
        let padding = words.iter().rev().take_while(|&&word| word == EMPTY_BITMAP).count();
        let used = words.get(..words.len().saturating_sub(padding)).unwrap_or_default();
        match unpack(used, encoding) {
            Some(addresses) if pack(&addresses, encoding).as_deref() == Some(used) => {
                Some(Self::Addresses { addresses, padding })
            }
            _ => Some(Self::Words(words)),
        }
    }

    /// The bytes of the section.
    ///
    /// # Errors
    /// An address that is odd, or a value that does not fit the class's word.
    pub fn encode(&self, encoding: Encoding) -> Result<Vec<u8>> {
        let mut writer = Writer::new(encoding, "relative relocation");
        match self {
            Self::Words(words) => {
                for (index, &word) in words.iter().enumerate() {
                    writer.entry(index);
                    writer.word("word", word)?;
                }
            }
            Self::Addresses { addresses, padding } => {
                if let Some(index) = addresses.iter().position(|address| address & 1 != 0) {
                    writer.entry(index);
                    return Err(writer.fault(UnfitFault::Other("the address is odd")));
                }
                for word in pack(addresses, encoding).unwrap_or_default() {
                    writer.word("address", word)?;
                }
                for _ in 0..*padding {
                    writer.word("padding", EMPTY_BITMAP)?;
                }
            }
        }
        Ok(writer.finish())
    }
}

/// The addresses that words stand for; `None` if a bitmap has no address before it, an address
/// is past the address space, or they are so many that bitmaps cannot be meant.
fn unpack(words: &[u64], encoding: Encoding) -> Option<Vec<u64>> {
    let word_size = encoding.word_size() as u64;
    let bits = 8 * word_size - 1;
    let mut addresses = Vec::new();
    let mut base = None;
    for &word in words {
        if word & 1 == 0 {
            addresses.push(word);
            base = word.checked_add(word_size);
            continue;
        }
        let start = base?;
        for bit in 0..bits {
            if word >> (bit + 1) & 1 != 0 {
                addresses.push(start.checked_add(bit * word_size)?);
            }
        }
        base = start.checked_add(bits * word_size);
    }
    Some(addresses)
}

/// The fewest words that stand for even addresses, as linkers choose them; `None` if one is odd.
fn pack(addresses: &[u64], encoding: Encoding) -> Option<Vec<u64>> {
    let word_size = encoding.word_size() as u64;
    let bits = 8 * word_size - 1;
    let mut words = Vec::new();
    let mut rest = addresses.iter().copied().peekable();
    while let Some(address) = rest.next() {
        if address & 1 != 0 {
            return None;
        }
        words.push(address);
        let mut base = address.wrapping_add(word_size);
        loop {
            let mut bitmap = 0;
            while let Some(distance) = rest.peek().and_then(|next| next.checked_sub(base)) {
                let bit = distance / word_size;
                if bit >= bits || !distance.is_multiple_of(word_size) {
                    break;
                }
                bitmap |= 1 << (bit + 1);
                rest.next();
            }
            if bitmap == 0 {
                break;
            }
            words.push(bitmap | 1);
            base = base.wrapping_add(bits * word_size);
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use object::endian::Endianness;
    use proptest::prelude::*;

    use super::*;
    use crate::ident::Class;

    fn encodings() -> [Encoding; 4] {
        [
            Encoding { class: Class::Elf32, endian: Endianness::Little },
            Encoding { class: Class::Elf32, endian: Endianness::Big },
            Encoding { class: Class::Elf64, endian: Endianness::Little },
            Encoding { class: Class::Elf64, endian: Endianness::Big },
        ]
    }

    #[test]
    fn addresses_are_packed_into_bitmaps() {
        let addresses = vec![0x1000, 0x1008, 0x1018, 0x1018 + 8 * 80, 0x9002];
        let relr = Relr::Addresses { addresses, padding: 1 };
        let bytes = relr.encode(encodings()[2]).unwrap();
        let words: Vec<u64> = Table::<u64>::new(&bytes, encodings()[2]).iter().collect();
        assert_eq!(words, [0x1000, 0b1011, 1 << (80 + 2 - 63 + 1) | 1, 0x9002, 1]);
        assert_eq!(Relr::decode(&bytes, encodings()[2]), Some(relr));
    }

    #[test]
    fn what_no_linker_packs_so_is_kept_as_words() {
        for words in [vec![3], vec![8, 16, 1, 3], vec![u64::from(u32::MAX) - 1, 3]] {
            let relr = Relr::Words(words);
            for encoding in encodings() {
                let bytes = relr.encode(encoding).unwrap();
                let read = Relr::decode(&bytes, encoding).unwrap();
                assert_eq!(read.encode(encoding).unwrap(), bytes);
            }
        }
        let odd = Relr::Addresses { addresses: vec![8, 9], padding: 0 };
        assert_eq!(odd.encode(encodings()[0]).unwrap_err().entry, 1);
        let wide = Relr::Addresses { addresses: vec![1 << 32], padding: 0 };
        assert!(wide.encode(encodings()[0]).is_err());
        assert!(Relr::decode(&[0; 7], encodings()[0]).is_none());
    }

    proptest! {
        #[test]
        fn what_is_decoded_is_encoded_alike(
            words in prop::collection::vec(prop_oneof![any::<u32>(), 0_u32..0x400, any::<u32>().prop_map(|word| word | 1)], 0..20),
            which in 0_usize..4,
        ) {
            let encoding = encodings()[which];
            let words = words.into_iter().map(u64::from).collect();
            let bytes = Relr::Words(words).encode(encoding).unwrap();
            let read = Relr::decode(&bytes, encoding).unwrap();
            prop_assert_eq!(read.encode(encoding).unwrap(), bytes);
        }

        #[test]
        fn addresses_come_back(
            steps in prop::collection::vec(prop_oneof![Just(4_u64), Just(8), 1_u64..2000], 1..60),
            which in 0_usize..4,
        ) {
            let mut at = 0;
            let addresses: Vec<u64> = steps.iter().map(|step| { at += 2 * step; at }).collect();
            let relr = Relr::Addresses { addresses, padding: 0 };
            let bytes = relr.encode(encodings()[which]).unwrap();
            prop_assert_eq!(Relr::decode(&bytes, encodings()[which]), Some(relr));
        }
    }
}

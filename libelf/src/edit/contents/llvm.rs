//! Sections that LLVM's compiler leaves for its linker and tools. LLVM, "Extensions": `.llvm_addrsig`,
//! `.llvm.call-graph-profile`, `.stack_sizes`, `.llvm_bb_addr_map`.
//!
//! | section | contents |
//! |---|---|
//! | `SHT_LLVM_ADDRSIG` | the symbols whose addresses matter, as LEB128 indexes |
//! | `SHT_LLVM_CALL_GRAPH_PROFILE` | a 64-bit weight for each call, whose ends relocations name |
//! | `.stack_sizes` | the address of each function, and the size of its frame as LEB128 number |
//! | `SHT_LLVM_BB_ADDR_MAP` | the basic blocks of each function: see [`BlockMap`] |

use super::writer::{self, Writer};
use crate::edit::Field;
use crate::edit::context::{Context, Source};
use crate::edit::error::Result;
use crate::edit::reloc::RelocSymbol;
use crate::ident::Encoding;
use crate::leb128;

/// A function and the size of its frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StackSize {
    /// The function's address.
    pub address: u64,
    /// The size of its frame in bytes.
    pub size: u64,
}

/// The basic blocks of a function.
///
/// Version 0 is that of sections of type `SHT_LLVM_BB_ADDR_MAP_V0`, which store neither it nor
/// features. Blocks have ids from version 2 on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockMap {
    /// The version of the encoding.
    pub version: u8,
    /// Bits of the modules' constants: [`FUNCTION_COUNT`] and so on.
    pub features: u8,
    /// How many ranges there are; stored with [`MULTIPLE_RANGES`] only.
    pub range_count: Field<u64>,
    /// The ranges of code that the function is made of.
    pub ranges: Vec<BlockRange>,
    /// How often the function was called: stored with [`FUNCTION_COUNT`].
    pub entry_count: u64,
    /// What is known of each block: stored with [`BLOCK_FREQUENCY`] or [`BRANCH_PROBABILITY`].
    pub profile: Vec<BlockProfile>,
}

/// A range of code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockRange {
    /// The address of the first byte.
    pub address: u64,
    /// How many blocks there are.
    pub block_count: Field<u64>,
    /// The blocks, in order.
    pub blocks: Vec<Block>,
}

/// A basic block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Its number in the function, from version 2 on.
    pub id: u64,
    /// From the end of the block before, or from version 0 the start of the function, in bytes.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Flags: bit 0 returns, 1 tail call, 2 landing pad, 3 falls through, 4 indirect branch.
    pub metadata: u64,
}

/// What profiles say of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockProfile {
    /// How often it ran: stored with [`BLOCK_FREQUENCY`].
    pub frequency: u64,
    /// Id and probability of each block that follows: stored with [`BRANCH_PROBABILITY`].
    pub successors: Vec<(u64, u64)>,
}

/// The function's entry count is stored.
pub const FUNCTION_COUNT: u8 = 1;
/// Blocks have frequencies.
pub const BLOCK_FREQUENCY: u8 = 2;
/// Blocks have successors with probabilities.
pub const BRANCH_PROBABILITY: u8 = 4;
/// A function has several ranges.
pub const MULTIPLE_RANGES: u8 = 8;
/// The versions that are known.
const LAST_VERSION: u8 = 2;

/// A place in a section of LEB128 numbers.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    encoding: Encoding,
}

impl Cursor<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn word(&mut self) -> Option<u64> {
        let word = self.encoding.word(self.bytes, self.at)?;
        self.at = self.at.checked_add(self.encoding.word_size())?;
        Some(word)
    }

    fn number(&mut self) -> Option<u64> {
        let number = leb128::unsigned(self.bytes.get(self.at..)?);
        self.at = self.at.checked_add(number.len)?;
        number.is_sound().then_some(number.value)
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }
}

/// Reads the symbols of `.llvm_addrsig`. `None` if a number is not whole.
pub(super) fn decode_symbols(source: &Source<'_, '_>, bytes: &[u8]) -> Option<Vec<RelocSymbol>> {
    let mut cursor = Cursor { bytes, at: 0, encoding: source.encoding };
    let mut symbols = Vec::new();
    while !cursor.is_at_end() {
        let index = u32::try_from(cursor.number()?).ok()?;
        symbols.push(match source.symbol(index) {
            Some(id) => RelocSymbol::Symbol(id),
            None if index == 0 => RelocSymbol::None,
            None => RelocSymbol::Index(index),
        });
    }
    Some(symbols)
}

/// The bytes of `.llvm_addrsig`.
///
/// # Errors
/// A symbol that is not there.
pub(super) fn encode_symbols(symbols: &[RelocSymbol], context: &Context) -> Result<Vec<u8>> {
    let mut writer = Writer::new(context.encoding, "symbol");
    for symbol in symbols {
        writer.uleb128(match symbol {
            RelocSymbol::None => 0,
            RelocSymbol::Symbol(id) => context.symbol_index(*id, "symbol")?.into(),
            RelocSymbol::Index(index) => (*index).into(),
        });
    }
    Ok(writer.finish())
}

/// Reads 64-bit weights. `None` if the section is no whole number of them.
pub fn decode_weights(bytes: &[u8], encoding: Encoding) -> Option<Vec<u64>> {
    super::solaris::decode(bytes, encoding)
}

/// The bytes of 64-bit weights.
pub fn encode_weights(weights: &[u64], encoding: Encoding) -> Vec<u8> {
    let mut writer = Writer::new(encoding, "weight");
    for &weight in weights {
        writer.u64(weight);
    }
    writer.finish()
}

/// Reads `.stack_sizes`. `None` if an entry is not whole.
pub fn decode_stack_sizes(bytes: &[u8], encoding: Encoding) -> Option<Vec<StackSize>> {
    let mut cursor = Cursor { bytes, at: 0, encoding };
    let mut list = Vec::new();
    while !cursor.is_at_end() {
        list.push(StackSize { address: cursor.word()?, size: cursor.number()? });
    }
    Some(list)
}

/// The bytes of `.stack_sizes`.
///
/// # Errors
/// An address that does not fit the class's word.
pub fn encode_stack_sizes(list: &[StackSize], encoding: Encoding) -> writer::Result<Vec<u8>> {
    let mut writer = Writer::new(encoding, "stack size");
    for (index, entry) in list.iter().enumerate() {
        writer.entry(index);
        writer.word("address", entry.address)?;
        writer.uleb128(entry.size);
    }
    Ok(writer.finish())
}

/// More functions than this are left as bytes: a map of a few bytes takes many in memory.
const MOST_MAPS: usize = 1 << 19;

/// Reads a section of block maps; those of `SHT_LLVM_BB_ADDR_MAP_V0` if `is_old`. `None` if one is
/// of an unknown version or not whole.
pub fn decode_block_maps(bytes: &[u8], is_old: bool, encoding: Encoding) -> Option<Vec<BlockMap>> {
    let mut cursor = Cursor { bytes, at: 0, encoding };
    let mut maps = Vec::new();
    while !cursor.is_at_end() {
        if maps.len() >= MOST_MAPS {
            return None;
        }
        maps.push(BlockMap::decode(&mut cursor, is_old)?);
    }
    Some(maps)
}

/// The bytes of block maps; of `SHT_LLVM_BB_ADDR_MAP_V0` if `is_old`.
///
/// # Errors
/// An address that does not fit the class's word.
pub fn encode_block_maps(
    maps: &[BlockMap],
    is_old: bool,
    encoding: Encoding,
) -> writer::Result<Vec<u8>> {
    let mut writer = Writer::new(encoding, "block map");
    for (index, map) in maps.iter().enumerate() {
        writer.entry(index);
        map.encode(&mut writer, is_old)?;
    }
    Ok(writer.finish())
}

impl BlockMap {
    fn has(&self, feature: u8) -> bool {
        self.features & feature != 0
    }

    fn decode(cursor: &mut Cursor<'_>, is_old: bool) -> Option<Self> {
        let mut map = Self::default();
        if !is_old {
            map.version = cursor.byte().filter(|&version| version <= LAST_VERSION)?;
            map.features = cursor.byte()?;
        }
        let known = FUNCTION_COUNT | BLOCK_FREQUENCY | BRANCH_PROBABILITY | MULTIPLE_RANGES;
        if map.features & !known != 0 {
            return None;
        }
        let ranges = if map.has(MULTIPLE_RANGES) { cursor.number()? } else { 1 };
        for _ in 0..ranges {
            let mut range = BlockRange { address: cursor.word()?, ..BlockRange::default() };
            for _ in 0..cursor.number()? {
                range.blocks.push(Block {
                    id: if map.version >= 2 { cursor.number()? } else { 0 },
                    offset: cursor.number()?,
                    size: cursor.number()?,
                    metadata: cursor.number()?,
                });
            }
            map.ranges.push(range);
        }
        if map.has(FUNCTION_COUNT) {
            map.entry_count = cursor.number()?;
        }
        if map.has(BLOCK_FREQUENCY | BRANCH_PROBABILITY) {
            for _ in 0..map.ranges.iter().map(|range| range.blocks.len()).sum::<usize>() {
                let mut block = BlockProfile::default();
                if map.has(BLOCK_FREQUENCY) {
                    block.frequency = cursor.number()?;
                }
                if map.has(BRANCH_PROBABILITY) {
                    for _ in 0..cursor.number()? {
                        block.successors.push((cursor.number()?, cursor.number()?));
                    }
                }
                map.profile.push(block);
            }
        }
        Some(map)
    }

    fn encode(&self, writer: &mut Writer, is_old: bool) -> writer::Result<()> {
        if !is_old {
            writer.u8(self.version);
            writer.u8(self.features);
        }
        if self.has(MULTIPLE_RANGES) {
            writer.uleb128(self.range_count.or(self.ranges.len() as u64));
        }
        for range in &self.ranges {
            writer.word("address", range.address)?;
            writer.uleb128(range.block_count.or(range.blocks.len() as u64));
            for block in &range.blocks {
                if self.version >= 2 {
                    writer.uleb128(block.id);
                }
                for number in [block.offset, block.size, block.metadata] {
                    writer.uleb128(number);
                }
            }
        }
        if self.has(FUNCTION_COUNT) {
            writer.uleb128(self.entry_count);
        }
        for block in &self.profile {
            if self.has(BLOCK_FREQUENCY) {
                writer.uleb128(block.frequency);
            }
            if self.has(BRANCH_PROBABILITY) {
                writer.uleb128(block.successors.len() as u64);
                for &(id, probability) in &block.successors {
                    writer.uleb128(id);
                    writer.uleb128(probability);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::test_support::encodings;
    use super::*;

    fn map(version: u8, features: u8) -> BlockMap {
        let block = |id| Block { id, offset: 1, size: 300, metadata: 8 };
        let ids: [u64; 2] = if version >= 2 { [4, 5] } else { [0, 0] };
        let range = BlockRange {
            address: 0x1000,
            block_count: Field::Auto,
            blocks: ids.map(block).to_vec(),
        };
        let mut map = BlockMap { version, features, ranges: vec![range], ..BlockMap::default() };
        if map.has(MULTIPLE_RANGES) {
            map.ranges.push(BlockRange { address: 0x2000, ..BlockRange::default() });
        }
        if map.has(FUNCTION_COUNT) {
            map.entry_count = 700;
        }
        if map.has(BLOCK_FREQUENCY | BRANCH_PROBABILITY) {
            map.profile = vec![BlockProfile::default(); 2];
        }
        if map.has(BRANCH_PROBABILITY) {
            map.profile[1].successors = vec![(4, 0x8000_0000)];
        }
        map
    }

    #[test]
    fn block_maps_of_all_versions_come_back() {
        for encoding in encodings() {
            for version in 0..=2 {
                for features in 0..16 {
                    let maps = vec![map(version, features), map(version, 0)];
                    let bytes = encode_block_maps(&maps, false, encoding).unwrap();
                    assert_eq!(decode_block_maps(&bytes, false, encoding), Some(maps));
                }
            }
            let maps = vec![map(0, 0); 3];
            let bytes = encode_block_maps(&maps, true, encoding).unwrap();
            assert_eq!(decode_block_maps(&bytes, true, encoding), Some(maps));
            assert_eq!(decode_block_maps(&bytes[1..], false, encoding), None);
        }
    }

    #[test]
    fn false_counts_are_written_and_not_read() {
        let mut wrong = map(2, 0);
        wrong.ranges[0].block_count = Field::Is(9);
        let bytes = encode_block_maps(&[wrong], false, encodings()[0]).unwrap();
        assert_eq!(bytes[6], 9);
        assert_eq!(decode_block_maps(&bytes, false, encodings()[0]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_decode_without_panic(
            bytes in prop::collection::vec(prop_oneof![3 => 0_u8..5, 1 => any::<u8>()], 0..80),
            which in 0_usize..4,
            is_old: bool,
        ) {
            let encoding = encodings()[which];
            if let Some(maps) = decode_block_maps(&bytes, is_old, encoding) {
                prop_assert!(encode_block_maps(&maps, is_old, encoding).is_ok());
            }
            if let Some(list) = decode_stack_sizes(&bytes, encoding) {
                let stored = encode_stack_sizes(&list, encoding).unwrap();
                prop_assert_eq!(decode_stack_sizes(&stored, encoding), Some(list));
            }
            if let Some(weights) = decode_weights(&bytes, encoding) {
                prop_assert_eq!(encode_weights(&weights, encoding), bytes);
            }
        }
    }
}

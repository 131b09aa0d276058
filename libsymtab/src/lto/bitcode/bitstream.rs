//! The container of LLVM bitcode: a stream of bits in blocks ("LLVM Bitcode File Format",
//! "Bitstream Format").
//!
//! Bits are taken from the lowest of each byte. Numbers have a fixed width, or are *VBR*: groups of
//! a width, of which the highest bit says that another follows. Each block says how wide the
//! numbers are that start its parts ([`Part`]), and how many 32-bit words it has, so that it can be
//! skipped. A record is either spelled out, or follows an *abbreviation* that the block defined
//! before, which says how each of its numbers is written.
//!
//! Only what blocks with blobs need is here: the blocks at the top of a stream, and in each the
//! records that are a number and a blob. Abbreviations of other records are followed to skip them.

use super::Fault;

/// Part numbers that every block has; those behind are its abbreviations.
mod part {
    pub(super) const END_BLOCK: u64 = 0;
    pub(super) const ENTER_BLOCK: u64 = 1;
    pub(super) const DEFINE_ABBREVIATION: u64 = 2;
    pub(super) const UNABBREVIATED: u64 = 3;
    pub(super) const FIRST_ABBREVIATION: u64 = 4;
}

/// The width of part numbers at the top of a stream.
const TOP_WIDTH: u32 = 2;
/// No number is wider.
const MAX_WIDTH: u32 = 64;
/// The blocks and abbreviations of a real stream are a handful.
const MAX_ABBREVIATIONS: usize = 1024;
const MAX_OPERANDS: usize = 256;

/// Reads numbers from bits.
#[derive(Clone, Debug)]
struct Bits<'data> {
    bytes: &'data [u8],
    /// How many bits are taken.
    at: u64,
}

impl<'data> Bits<'data> {
    fn new(bytes: &'data [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn left(&self) -> u64 {
        (self.bytes.len() as u64).saturating_mul(8).saturating_sub(self.at)
    }

    /// A number of `width` bits, at most 64.
    fn fixed(&mut self, width: u32) -> Result<u64, Fault> {
        if width > MAX_WIDTH || u64::from(width) > self.left() {
            return Err(Fault::Malformed);
        }
        let bits = self.window().ok_or(Fault::Malformed)?;
        self.at += u64::from(width);
        Ok((bits & ((1u128 << width) - 1)) as u64)
    }

    /// The next bits, 64 at least, with zeros behind the last.
    fn window(&self) -> Option<u128> {
        let start = usize::try_from(self.at / 8).ok()?;
        let shift = (self.at % 8) as u32;
        // Sixteen bytes hold 64 bits from any bit of the first on.
        let mut window = [0; 16];
        let from = self.bytes.get(start..)?;
        let length = from.len().min(window.len());
        window.get_mut(..length)?.copy_from_slice(from.get(..length)?);
        Some(u128::from_le_bytes(window) >> shift)
    }

    /// A number in groups of `width` bits.
    fn vbr(&mut self, width: u32) -> Result<u64, Fault> {
        if !(2..=32).contains(&width) {
            return Err(Fault::Malformed);
        }
        let more = 1u64 << (width - 1);
        let (mut value, mut shift) = (0u64, 0);
        loop {
            let group = self.fixed(width)?;
            let bits = group & (more - 1);
            // Groups past the 64th bit must be empty.
            let placed = if shift < u64::BITS { bits << shift } else { 0 };
            if placed.checked_shr(shift).unwrap_or(0) != bits {
                return Err(Fault::Malformed);
            }
            value |= placed;
            if group & more == 0 {
                return Ok(value);
            }
            shift += width - 1;
        }
    }

    /// Goes on at the next 32-bit word.
    fn align(&mut self) {
        self.at = self.at.next_multiple_of(32);
    }

    /// So many bytes from a 32-bit word on, and what fills their last word.
    fn words(&mut self, size: u64) -> Result<&'data [u8], Fault> {
        self.align();
        let bytes = self.bytes_of(size).ok_or(Fault::Malformed)?;
        // They are there, so that their bits can be counted.
        self.at += size * 8;
        self.align();
        Ok(bytes)
    }

    fn bytes_of(&self, size: u64) -> Option<&'data [u8]> {
        let start = usize::try_from(self.at / 8).ok()?;
        self.bytes.get(start..)?.get(..usize::try_from(size).ok()?)
    }
}

/// A block at the top of a stream.
#[derive(Clone, Copy, Debug)]
pub struct Block<'data> {
    /// What the block is.
    pub id: u32,
    /// The width of its part numbers.
    width: u32,
    bytes: &'data [u8],
}

/// The blocks at the top of a stream. A fault ends them.
pub struct Blocks<'data> {
    bits: Bits<'data>,
}

impl<'data> Blocks<'data> {
    /// The blocks of a stream, from behind its magic bytes on.
    pub fn new(bytes: &'data [u8]) -> Self {
        Self { bits: Bits::new(bytes) }
    }

    fn block(&mut self) -> Result<Block<'data>, Fault> {
        if self.bits.fixed(TOP_WIDTH)? != part::ENTER_BLOCK {
            return Err(Fault::Malformed);
        }
        enter(&mut self.bits)
    }
}

impl<'data> Iterator for Blocks<'data> {
    type Item = Result<Block<'data>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        // Less than a word is what fills a file's end.
        if self.bits.left() < 32 {
            return None;
        }
        let block = self.block();
        if block.is_err() {
            self.bits = Bits::new(&[]);
        }
        Some(block)
    }
}

/// Reads the head of a block, behind its part number, and skips the block.
fn enter<'data>(bits: &mut Bits<'data>) -> Result<Block<'data>, Fault> {
    let id = narrow(bits.vbr(8)?)?;
    let width = narrow(bits.vbr(4)?)?;
    bits.align();
    let words = bits.fixed(32)?;
    let bytes = bits.words(words * 4)?;
    Ok(Block { id, width, bytes })
}

fn narrow(number: u64) -> Result<u32, Fault> {
    u32::try_from(number).map_err(|_| Fault::Malformed)
}

/// A record that ends with bytes.
#[derive(Clone, Copy, Debug)]
pub struct Blob<'data> {
    /// What the record is.
    pub code: u64,
    /// Its bytes.
    pub bytes: &'data [u8],
}

/// How a number of an abbreviation is written.
#[derive(Clone, Copy, Debug)]
enum Operand {
    /// Not at all: it is always this.
    Literal(u64),
    Fixed(u32),
    Vbr(u32),
    /// As many as a VBR number says, as the next operand tells.
    Array,
    /// A letter in six bits.
    Char6,
    /// As many bytes as a VBR number says.
    Blob,
}

/// The records of a block that end with bytes. A fault ends them.
pub struct Blobs<'data> {
    bits: Bits<'data>,
    width: u32,
    abbreviations: Vec<Vec<Operand>>,
}

impl<'data> Block<'data> {
    /// The records that end with bytes.
    pub fn blobs(&self) -> Blobs<'data> {
        Blobs { bits: Bits::new(self.bytes), width: self.width, abbreviations: Vec::new() }
    }
}

impl<'data> Iterator for Blobs<'data> {
    type Item = Result<Blob<'data>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.bits.left() > 0 {
            match self.part() {
                Ok(Some(blob)) => return Some(Ok(blob)),
                Ok(None) => {}
                Err(fault) => {
                    self.bits = Bits::new(&[]);
                    return Some(Err(fault));
                }
            }
        }
        None
    }
}

impl<'data> Blobs<'data> {
    /// Reads the next part of the block; `None` if it has no blob.
    fn part(&mut self) -> Result<Option<Blob<'data>>, Fault> {
        let number = match self.width {
            0 => return Err(Fault::Malformed),
            width => self.bits.fixed(width)?,
        };
        match number {
            part::END_BLOCK => self.bits = Bits::new(&[]),
            part::ENTER_BLOCK => {
                enter(&mut self.bits)?;
            }
            part::DEFINE_ABBREVIATION => {
                if self.abbreviations.len() >= MAX_ABBREVIATIONS {
                    return Err(Fault::Malformed);
                }
                let abbreviation = self.abbreviation()?;
                self.abbreviations.push(abbreviation);
            }
            part::UNABBREVIATED => {
                self.bits.vbr(6)?;
                for _ in 0..self.bits.vbr(6)? {
                    self.bits.vbr(6)?;
                }
            }
            number => {
                let index = number.wrapping_sub(part::FIRST_ABBREVIATION) as usize;
                let place = self.abbreviations.get_mut(index).ok_or(Fault::Malformed)?;
                // Put back afterwards: it is read while the bits are.
                let abbreviation = std::mem::take(place);
                let blob = self.record(&abbreviation);
                if let Some(place) = self.abbreviations.get_mut(index) {
                    *place = abbreviation;
                }
                return blob;
            }
        }
        Ok(None)
    }

    fn abbreviation(&mut self) -> Result<Vec<Operand>, Fault> {
        let count = narrow(self.bits.vbr(5)?)? as usize;
        if count > MAX_OPERANDS {
            return Err(Fault::Malformed);
        }
        let mut operands = Vec::with_capacity(count);
        for _ in 0..count {
            let is_literal = self.bits.fixed(1)? == 1;
            operands.push(if is_literal {
                Operand::Literal(self.bits.vbr(8)?)
            } else {
                match self.bits.fixed(3)? {
                    1 => Operand::Fixed(narrow(self.bits.vbr(5)?)?),
                    2 => Operand::Vbr(narrow(self.bits.vbr(5)?)?),
                    3 => Operand::Array,
                    4 => Operand::Char6,
                    5 => Operand::Blob,
                    _ => return Err(Fault::Malformed),
                }
            });
        }
        Ok(operands)
    }

    /// Reads a record; its first number is its code.
    fn record(&mut self, operands: &[Operand]) -> Result<Option<Blob<'data>>, Fault> {
        let mut code = None;
        let mut operands = operands.iter();
        while let Some(operand) = operands.next() {
            let value = match operand {
                Operand::Array => {
                    let element = operands.next().ok_or(Fault::Malformed)?;
                    let count = self.bits.vbr(6)?;
                    // Elements without bits could be any number.
                    if matches!(element, Operand::Literal(_) | Operand::Fixed(0) | Operand::Vbr(0))
                    {
                        return Err(Fault::Malformed);
                    }
                    for _ in 0..count {
                        self.number(element)?;
                    }
                    continue;
                }
                Operand::Blob => {
                    let size = self.bits.vbr(6)?;
                    let bytes = self.bits.words(size)?;
                    return Ok(code.map(|code| Blob { code, bytes }));
                }
                number => self.number(number)?,
            };
            code.get_or_insert(value);
        }
        Ok(None)
    }

    fn number(&mut self, operand: &Operand) -> Result<u64, Fault> {
        match *operand {
            Operand::Literal(value) => Ok(value),
            Operand::Fixed(width) => self.bits.fixed(width),
            Operand::Vbr(0) => Ok(0),
            Operand::Vbr(width) => self.bits.vbr(width),
            Operand::Char6 => self.bits.fixed(6),
            Operand::Array | Operand::Blob => Err(Fault::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_the_lowest_bit_on() {
        let mut bits = Bits::new(&[0b1010_0110, 0b0000_1101, 0xff]);
        assert_eq!(bits.fixed(3), Ok(0b110));
        assert_eq!(bits.fixed(9), Ok(0b1_1011_0100 & 0x1ff));
        assert_eq!(bits.fixed(0), Ok(0));
        assert_eq!(bits.left(), 12);
        assert_eq!(bits.fixed(13), Err(Fault::Malformed));
    }

    #[test]
    fn groups_go_on_while_their_highest_bit_is_set() {
        // 0b10_0001 in groups of four: 0b1001, 0b1100, 0b0000.
        let mut bits = Bits::new(&[0b1100_1001, 0b0000_0000]);
        assert_eq!(bits.vbr(4), Ok(0b10_0001));
        assert_eq!(Bits::new(&[0xff; 40]).vbr(6), Err(Fault::Malformed));
        assert_eq!(Bits::new(&[0]).vbr(1), Err(Fault::Malformed));
    }

    #[test]
    fn words_are_aligned() {
        let mut bits = Bits::new(b"xxxxabcdefgh");
        bits.fixed(1).unwrap();
        assert_eq!(bits.words(5), Ok(&b"abcde"[..]));
        assert_eq!(bits.left(), 0);
        assert_eq!(bits.words(1), Err(Fault::Malformed));
    }

    #[test]
    fn broken_streams_end() {
        for bytes in [&b"\0\0\0\0"[..], &[0xff; 64], &[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]] {
            let faults = Blocks::new(bytes).filter(Result::is_err).count();
            assert_eq!(faults, 1, "{bytes:?}");
        }
    }
}

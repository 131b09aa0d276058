//! What a CIE says of its FDEs, as far as a linker cares.

use libelf::{Encoding, leb128};

/// How pointers are stored: `DW_EH_PE_`, LSB, 10.5.1.
pub mod pointer {
    /// As wide as an address.
    pub const ABSOLUTE: u8 = 0x00;
    /// Two bytes.
    pub const UDATA2: u8 = 0x02;
    /// Four bytes.
    pub const UDATA4: u8 = 0x03;
    /// Eight bytes.
    pub const UDATA8: u8 = 0x04;
    /// Set with the three above: signed.
    pub const SIGNED: u8 = 0x08;
    /// The format's bits.
    pub const FORMAT: u8 = 0x0f;
    /// Relative to where the pointer lies.
    pub const PC_RELATIVE: u8 = 0x10;
    /// Relative to the start of `.eh_frame_hdr`.
    pub const DATA_RELATIVE: u8 = 0x30;
    /// What it is relative to.
    pub const APPLICATION: u8 = 0x70;
    /// Padded to the width of an address.
    pub const ALIGNED: u8 = 0x50;
    /// There is none.
    pub const OMITTED: u8 = 0xff;
}

/// How many bytes a pointer with this encoding takes; `None` if that is not fixed.
pub fn pointer_size(format: u8, encoding: Encoding) -> Option<usize> {
    match format & pointer::FORMAT & !pointer::SIGNED {
        pointer::ABSOLUTE => Some(encoding.word_size()),
        pointer::UDATA2 => Some(2),
        pointer::UDATA4 => Some(4),
        pointer::UDATA8 => Some(8),
        _ => None,
    }
}

/// What a CIE says of its FDEs and of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CieForm {
    /// How FDEs store where their code starts.
    pub code_format: u8,
    /// Whether FDEs have augmentation data, behind a number that tells its size.
    pub has_data: bool,
    /// Where its instructions start, in bytes from its start.
    pub instructions: usize,
}

/// What a CIE, whose bytes these are, says. `None` if it is of a kind that is not known.
pub fn cie_form(cie: &[u8], encoding: Encoding) -> Option<CieForm> {
    let version = *cie.get(CIE_VERSION)?;
    let text = cie.get(CIE_VERSION + 1..)?;
    let end = memchr::memchr(0, text)?;
    let (augmentation, rest) = (text.get(..end)?, text.get(end + 1..)?);
    let mut rest = Reader(rest);
    if augmentation == b"eh" {
        rest.skip(encoding.word_size())?;
    } else if !augmentation.is_empty() && augmentation.first() != Some(&b'z') {
        return None;
    }
    rest.number()?;
    rest.number()?;
    match version {
        1 => rest.skip(1)?,
        3 => rest.number()?,
        _ => return None,
    }
    let here = |rest: &Reader<'_>| cie.len().saturating_sub(rest.0.len());
    let [b'z', letters @ ..] = augmentation else {
        let instructions = here(&rest);
        return Some(CieForm { code_format: pointer::ABSOLUTE, has_data: false, instructions });
    };
    // The size of what the letters stand for.
    let size = rest.value()?;
    let instructions = here(&rest).checked_add(usize::try_from(size).ok()?)?;
    let mut format = pointer::ABSOLUTE;
    for letter in letters {
        match letter {
            b'R' => format = rest.byte()?,
            b'L' => {
                rest.byte()?;
            }
            b'P' => {
                let format = rest.byte()?;
                if format & pointer::APPLICATION == pointer::ALIGNED {
                    return None;
                }
                rest.skip(pointer_size(format, encoding)?)?;
            }
            b'S' | b'B' => {}
            _ => return None,
        }
    }
    pointer_size(format, encoding)?;
    Some(CieForm { code_format: format, has_data: true, instructions })
}

/// Where the version of a CIE is.
const CIE_VERSION: usize = 8;

/// Bytes that are still to be read.
pub struct Reader<'d>(pub &'d [u8]);

impl Reader<'_> {
    /// The next byte.
    pub fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    /// Passes over so many bytes.
    pub fn skip(&mut self, count: usize) -> Option<()> {
        self.0 = self.0.get(count..)?;
        Some(())
    }

    /// A LEB128 number, signed or not, is passed over.
    pub fn number(&mut self) -> Option<()> {
        self.value().map(|_| ())
    }

    /// An unsigned LEB128 number.
    pub fn value(&mut self) -> Option<u64> {
        let number = leb128::unsigned(self.0);
        if !number.terminated {
            return None;
        }
        self.skip(number.len)?;
        Some(number.value)
    }
}

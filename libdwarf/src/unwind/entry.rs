//! The entries of `.eh_frame` and `.debug_frame`: a CIE has what several functions have in common,
//! an FDE has a function. DWARF 5, section 6.4.1; Linux Standard Base, section 10.6.
//!
//! ```text
//! length │ 0 or -1 │ version │ "zR" │ alignments, return address │ data of "zR" │ instructions   CIE
//! length │ its CIE │ address, length of the function │ data of "zR" │ instructions               FDE
//! ```
//!
//! The letters of the augmentation say what else an entry has. With `z` first, their data has a
//! length; GCC before 3 wrote `eh` and a pointer; `armcc+` only says that a bug is gone. A CIE with
//! an unknown one still has its name: what its functions cover can be told, their rows cannot.

use gimli::{Error, Format, Pointer, Reader as _};

use super::pointer::{self, Bases, OMIT};
use crate::load::Slice;
use crate::section::SectionId;

/// The augmentation of old GCC, behind which is an address.
const OLD_GCC: &[u8] = b"eh";
/// That of ARM's compiler, which adds nothing.
const ARM: &[u8] = b"armcc+";

/// One of the two sections.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'data> {
    pub section: SectionId,
    pub bytes: Slice<'data>,
    pub bases: Bases,
}

/// What several functions have in common.
#[derive(Clone, Debug)]
pub(super) struct Cie<'data> {
    /// How pointers are read: of its own size of addresses.
    bases: Bases,
    /// The bytes of the segment before an address.
    segment_size: u8,
    pub code_factor: u64,
    pub data_factor: i64,
    pub return_register: u32,
    pub is_signal: bool,
    pub personality: Option<Pointer>,
    /// How addresses are encoded.
    address_encoding: u8,
    lsda_encoding: u8,
    /// Whether there are data behind the augmentation, with their length before them.
    has_data: bool,
    /// Whether everything of the augmentation was understood.
    is_known: bool,
    instructions: Slice<'data>,
}

/// A function, or a part of one.
#[derive(Clone, Debug)]
pub(super) struct Fde<'data> {
    /// Where it is in the section.
    pub offset: usize,
    pub cie: Cie<'data>,
    pub start: u64,
    pub end: u64,
    pub lsda: Option<Pointer>,
    instructions: Slice<'data>,
}

/// An entry: where it is, what it is, and what it has behind its identifier.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'data> {
    pub offset: usize,
    /// Where the CIE is, of an FDE; `None` for a CIE.
    pub cie: Option<usize>,
    body: Slice<'data>,
}

impl<'data> Table<'data> {
    /// The entry at an offset, and where the next one is; no entry for one of no length.
    ///
    /// # Errors
    /// If it goes past the end of the section.
    pub fn entry(&self, offset: usize) -> Result<(Option<Entry<'data>>, usize), Error> {
        let mut reader = self.bytes;
        reader.skip(offset)?;
        let (length, format) = reader.read_initial_length()?;
        let start = reader.offset_from(self.bytes);
        let next = start.saturating_add(length);
        let mut body = reader.split(length)?;
        if length == 0 {
            return Ok((None, next));
        }
        let cie = if self.section == SectionId::Frame {
            let id = body.read_offset(format)?;
            let is_cie = match format {
                Format::Dwarf32 => id == u32::MAX as usize,
                Format::Dwarf64 => id == usize::MAX,
            };
            (!is_cie).then_some(id)
        } else {
            // Counted back from its own place; 4 bytes in both formats.
            let back = body.read_u32()? as usize;
            let found = start.checked_sub(back).ok_or(Error::OffsetOutOfBounds(offset as u64))?;
            (back != 0).then_some(found)
        };
        Ok((Some(Entry { offset, cie, body }), next))
    }

    /// The CIE at an offset.
    ///
    /// # Errors
    /// If there is none, or it is damaged.
    pub fn cie(&self, offset: usize) -> Result<Cie<'data>, Error> {
        match self.entry(offset)?.0 {
            Some(Entry { cie: None, body, .. }) => self.parse_cie(body),
            _ => Err(Error::NotCieId(offset as u64)),
        }
    }

    /// The FDE at an offset, with its CIE.
    ///
    /// # Errors
    /// If there is none, or either is damaged.
    pub fn fde(&self, offset: usize) -> Result<Fde<'data>, Error> {
        match self.entry(offset)?.0 {
            Some(entry @ Entry { cie: Some(cie), .. }) => self.parse_fde(&entry, self.cie(cie)?),
            _ => Err(Error::NotCiePointer(offset as u64)),
        }
    }

    fn parse_cie(&self, body: Slice<'data>) -> Result<Cie<'data>, Error> {
        let mut reader = body;
        let version = reader.read_u8()?;
        if !matches!(version, 1 | 3 | 4) {
            return Err(Error::UnknownVersion(version.into()));
        }
        let augmentation = reader.read_null_terminated_slice()?.slice();
        let mut bases = self.bases;
        let mut segment_size = 0;
        if version >= 4 {
            bases.address_size = reader.read_address_size()?;
            segment_size = reader.read_u8()?;
        }
        if augmentation == OLD_GCC {
            // Where the table for exceptions is that older ways of unwinding read.
            reader.read_address(bases.address_size)?;
        }
        let code_factor = reader.read_uleb128()?;
        let data_factor = reader.read_sleb128()?;
        let return_register = match version {
            1 => reader.read_u8()?.into(),
            _ => reader.read_uleb128_u32()?,
        };
        let letters = augmentation.strip_prefix(b"z");
        let mut cie = Cie {
            bases,
            segment_size,
            code_factor,
            data_factor,
            return_register,
            is_signal: false,
            personality: None,
            address_encoding: pointer::ADDRESS,
            lsda_encoding: OMIT,
            has_data: letters.is_some(),
            is_known: letters.is_some() || matches!(augmentation, b"" | OLD_GCC | ARM),
            instructions: reader,
        };
        if let Some(letters) = letters {
            let length = length(&mut reader)?;
            let data = reader.split(length)?;
            cie.instructions = reader;
            self.read_letters(&mut cie, letters, data)?;
        }
        Ok(cie)
    }

    /// What the letters behind `z` say.
    fn read_letters(
        &self,
        cie: &mut Cie<'data>,
        letters: &[u8],
        mut data: Slice<'data>,
    ) -> Result<(), Error> {
        for letter in letters {
            match letter {
                b'L' => cie.lsda_encoding = data.read_u8()?,
                b'R' => cie.address_encoding = data.read_u8()?,
                b'P' => {
                    let encoding = data.read_u8()?;
                    if encoding != OMIT {
                        let read = pointer::read(self.bytes, &mut data, encoding, &cie.bases, None);
                        cie.personality = Some(read?);
                    }
                }
                b'S' => cie.is_signal = true,
                // AArch64: keys of signed addresses, and tagged stacks; nothing for unwinding.
                b'B' | b'G' => {}
                _ => {
                    cie.is_known = false;
                    break;
                }
            }
        }
        Ok(())
    }

    /// An FDE whose CIE was read.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn parse_fde(&self, entry: &Entry<'data>, cie: Cie<'data>) -> Result<Fde<'data>, Error> {
        let mut reader = entry.body;
        reader.skip(cie.segment_size.into())?;
        let bases = &cie.bases;
        let encoding = cie.address_encoding;
        let start = match encoding {
            // 0 is a place like any other here.
            pointer::ADDRESS => reader.read_address(bases.address_size)?,
            _ => pointer::read(self.bytes, &mut reader, encoding, bases, None)?.direct()?,
        };
        let size = pointer::read_value(&mut reader, encoding, bases.address_size)?;
        // A length has no sign, however it is stored.
        let size = pointer::size(encoding, bases.address_size)
            .map_or(size, |bytes| size & pointer::mask(bytes as u8));
        let mut lsda = None;
        if cie.has_data {
            let length = length(&mut reader)?;
            let mut data = reader.split(length)?;
            if cie.lsda_encoding != OMIT && !data.is_empty() {
                let encoding = cie.lsda_encoding;
                let read = pointer::read(self.bytes, &mut data, encoding, bases, Some(start))?;
                lsda = Some(read).filter(|pointer| pointer.pointer() != 0);
            }
        }
        let end = start.saturating_add(size);
        Ok(Fde { offset: entry.offset, cie, start, end, lsda, instructions: reader })
    }
}

impl<'data> Cie<'data> {
    /// An address within instructions, which `reader` reads.
    pub fn read_address(
        &self,
        table: &Table<'data>,
        reader: &mut Slice<'data>,
    ) -> Result<u64, Error> {
        pointer::read(table.bytes, reader, self.address_encoding, &self.bases, None)?.direct()
    }
}

impl<'data> Fde<'data> {
    pub fn contains(&self, address: u64) -> bool {
        self.start <= address && address < self.end
    }

    /// The instructions of the CIE, and its own.
    ///
    /// # Errors
    /// If there is an augmentation that is not known: it may mean anything.
    pub fn instructions(&self) -> Result<[Slice<'data>; 2], Error> {
        if self.cie.is_known {
            Ok([self.cie.instructions, self.instructions])
        } else {
            Err(Error::UnknownAugmentation)
        }
    }
}

/// The length of an augmentation's data.
fn length(reader: &mut Slice<'_>) -> Result<usize, Error> {
    let length = reader.read_uleb128()?;
    usize::try_from(length).map_err(|_| Error::OffsetOutOfBounds(length))
}

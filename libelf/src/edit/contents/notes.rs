//! Notes. gABI, chapter 5, "Note Section"; [`crate::note`] tells how they lie in a file.
//!
//! ```text
//! Note { name: "GNU", kind: 1, desc: AbiTag { os: 0, version: [3, 2, 0] } }
//! Note { name: "GNU", kind: 3, desc: Bytes(build-id) }
//! ```
//!
//! Sizes and padding follow from name, descriptor and alignment, unless they are given. A
//! descriptor is typed where that says all of it: see [`Desc`].

use std::borrow::Cow;

use object::elf::{ELFOSABI_OPENVMS, EM_IA_64};

use super::Contents;
pub use super::note_desc::Desc;
use super::writer::{Result, Writer};
use crate::edit::Field;
use crate::edit::context::{Context, Source};
use crate::ident::Encoding;
use crate::note::{Format, NoteHeader};

/// The notes of a section or segment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes<'data> {
    /// How headers are laid out; [`Format::Vms`] for OpenVMS on IA-64 only.
    pub format: Format,
    /// To how many bytes names and descriptors are padded. Without a value, what [`padding`] says
    /// of the section's or segment's alignment.
    pub align: Field<u8>,
    /// The notes, in order.
    pub notes: Vec<Note<'data>>,
}

/// A note.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Note<'data> {
    /// The owner, without the zero byte that closes it.
    pub name: Cow<'data, [u8]>,
    /// Whether a zero byte closes the name, as it should unless there is no name.
    pub is_terminated: bool,
    /// `n_type`: what the note is, by its owner. 64 bits in [`Format::Vms`].
    pub kind: u64,
    /// What it says.
    pub desc: Desc<'data>,
    /// `n_namesz`: the size of the name in bytes, its zero byte included.
    pub name_size: Field<u64>,
    /// `n_descsz`: the size of the descriptor in bytes.
    pub desc_size: Field<u64>,
    /// What follows the name, if that is not zeros up to the alignment.
    pub name_padding: Option<Cow<'data, [u8]>>,
    /// What follows the descriptor, if that is not zeros up to the alignment.
    pub desc_padding: Option<Cow<'data, [u8]>>,
}

/// More notes than any file has, whose typed form would take much more memory than their bytes.
const MOST_NOTES: usize = 1 << 20;

/// To how many bytes notes are padded in a section or segment with the alignment `align`: 8 where
/// it says so, else 4.
pub const fn padding(align: u64) -> u8 {
    if align == 8 { 8 } else { 4 }
}

impl<'data> Note<'data> {
    /// A note whose sizes and padding follow from what it holds.
    pub fn new(name: impl Into<Cow<'data, [u8]>>, kind: u64, desc: Desc<'data>) -> Self {
        let name = name.into();
        Self { is_terminated: !name.is_empty(), name, kind, desc, ..Self::default() }
    }

    fn decode(
        bytes: &'data [u8],
        at: usize,
        align: usize,
        encoding: Encoding,
        format: Format,
    ) -> Option<(Self, usize)> {
        let header = NoteHeader::decode(bytes, at, encoding, format)?;
        let name_start = at.checked_add(format.header_size())?;
        let name_end = name_start.checked_add(usize::try_from(header.name_size).ok()?)?;
        // Padding counts from the start of the note.
        let pad =
            |end: usize| at.checked_add(end.checked_sub(at)?.checked_next_multiple_of(align)?);
        let desc_start = pad(name_end)?;
        let desc_end = desc_start.checked_add(usize::try_from(header.desc_size).ok()?)?;
        // The last note may lack its padding.
        let next = pad(desc_end)?.min(bytes.len());
        let (name, is_terminated) = match bytes.get(name_start..name_end)?.split_last() {
            Some((0, name)) => (name, true),
            Some(_) => (bytes.get(name_start..name_end)?, false),
            None => (&[][..], false),
        };
        let odd = |range: std::ops::Range<usize>, length: usize| {
            let padding = bytes.get(range)?;
            let is_usual = padding.len() == length && padding.iter().all(|&byte| byte == 0);
            Some((!is_usual).then_some(Cow::Borrowed(padding)))
        };
        let note = Self {
            name: Cow::Borrowed(name),
            is_terminated,
            kind: header.kind,
            desc: Desc::decode(name, header.kind, bytes.get(desc_start..desc_end)?, encoding),
            name_size: Field::Auto,
            desc_size: Field::Auto,
            name_padding: odd(name_end..desc_start, desc_start - name_end)?,
            desc_padding: odd(desc_end..next, pad(desc_end)? - desc_end)?,
        };
        Some((note, next))
    }

    fn encode(&self, writer: &mut Writer, align: usize, format: Format) -> Result<()> {
        let start = writer.length();
        let word = format.header_size() / 3;
        let desc = self.desc.encode(writer.encoding())?;
        let name_size = self.name.len() + usize::from(self.is_terminated);
        writer.field("n_namesz", self.name_size, name_size as u64, word)?;
        writer.field("n_descsz", self.desc_size, desc.len() as u64, word)?;
        writer.uint("n_type", self.kind, word)?;
        writer.bytes(&self.name);
        writer.zeros(usize::from(self.is_terminated));
        pad(writer, self.name_padding.as_deref(), start, align);
        writer.bytes(&desc);
        pad(writer, self.desc_padding.as_deref(), start, align);
        Ok(())
    }
}

/// The padding that is given, or zeros up to the alignment, counted from the note's start.
fn pad(writer: &mut Writer, given: Option<&[u8]>, start: usize, align: usize) {
    let length = writer.length().saturating_sub(start);
    match given {
        Some(padding) => writer.bytes(padding),
        None => writer.zeros(length.next_multiple_of(align) - length),
    }
}

/// The alignment of the section or segment that notes are written to.
pub(super) fn alignment(context: &Context) -> u64 {
    context.alignment()
}

/// The notes of a section or segment.
pub(super) fn decode<'data>(
    source: &Source<'_, 'data>,
    bytes: &'data [u8],
    align: u64,
) -> Option<Contents<'data>> {
    let is_vms = source.machine == EM_IA_64.0 && source.os_abi == ELFOSABI_OPENVMS.0;
    let format = if is_vms { Format::Vms } else { Format::Standard };
    Notes::decode(bytes, source.encoding, format, align).map(Contents::Notes)
}

impl<'data> Notes<'data> {
    /// Reads notes in a section or segment with the alignment `align`. `None` if they are not
    /// whole.
    pub fn decode(
        bytes: &'data [u8],
        encoding: Encoding,
        format: Format,
        align: u64,
    ) -> Option<Self> {
        let usual = padding(align);
        let other = if usual == 8 { 4 } else { 8 };
        // Some producers align a section to 8 bytes and pad its notes to 4, and the reverse.
        Self::decode_padded(bytes, encoding, format, usual, Field::Auto)
            .or_else(|| Self::decode_padded(bytes, encoding, format, other, Field::Is(other)))
    }

    fn decode_padded(
        bytes: &'data [u8],
        encoding: Encoding,
        format: Format,
        pad: u8,
        align: Field<u8>,
    ) -> Option<Self> {
        let mut notes = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            if notes.len() >= MOST_NOTES {
                return None;
            }
            let (note, next) = Note::decode(bytes, at, pad.into(), encoding, format)?;
            notes.push(note);
            at = next;
        }
        Some(Self { format, align, notes })
    }

    /// The bytes of the section or segment, whose alignment is `align`.
    ///
    /// # Errors
    /// A value that does not fit.
    pub fn encode(&self, encoding: Encoding, align: u64) -> Result<Vec<u8>> {
        let mut writer = Writer::new(encoding, "note");
        // A number of any size is taken for what it is near to: no padding, or that much.
        let pad = self.align.or(padding(align).into()).clamp(1, 255) as usize;
        for (index, note) in self.notes.iter().enumerate() {
            writer.entry(index);
            note.encode(&mut writer, pad, self.format)?;
        }
        Ok(writer.finish())
    }
}

#[cfg(test)]
#[path = "notes_tests.rs"]
mod tests;

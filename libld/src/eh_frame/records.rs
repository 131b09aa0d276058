//! The records of one section.

use libelf::Encoding;

use super::augmentation::{CieForm, Reader, cie_form, pointer_size};
use super::instructions;
use super::{CODE_START, EXTENDED, ID, LENGTH_SIZE};
use crate::input::relocs::RelocTable;

/// A record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it starts in the section, in bytes.
    pub offset: u32,
    /// How many bytes it takes, its length among them.
    pub size: u32,
    /// How many of them are left without instructions at the end that do nothing; a multiple of 4
    /// where that is not more.
    pub used: u32,
    /// Its relocations: the index of the first; they go up to that of the next record.
    pub first_reloc: u32,
    /// What it is.
    pub kind: Kind,
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A CIE: its number among those of the section.
    Cie(u32),
    /// An FDE: the number of its CIE.
    Fde(u32),
    /// The end of the table.
    End,
}

/// The records of a section.
#[derive(Debug, Default)]
pub struct Records {
    /// In order.
    pub all: Vec<Record>,
    /// Of each CIE, its index in `all` and what it says.
    pub cies: Vec<(u32, CieForm)>,
}

impl Records {
    /// The bytes of a record.
    pub fn bytes<'d>(data: &'d [u8], record: &Record) -> &'d [u8] {
        let start = record.offset as usize;
        data.get(start..start + record.size as usize).unwrap_or_default()
    }

    /// The index behind the last relocation of the record with this index.
    pub fn end_reloc(&self, index: usize, relocs: &RelocTable<'_>) -> u32 {
        self.all.get(index + 1).map_or(relocs.len() as u32, |next| next.first_reloc)
    }
}

/// Takes a section apart; `None` if it is not what it should be. Relocations must ascend.
pub fn split(data: &[u8], relocs: &RelocTable<'_>, encoding: Encoding) -> Option<Records> {
    let mut records = Records::default();
    let mut at = 0_usize;
    let mut reloc = 0_usize;
    let mut last_offset = 0;
    while at < data.len() {
        let length = encoding.u32(data, at)?;
        if length == EXTENDED {
            return None;
        }
        let end = at.checked_add(LENGTH_SIZE)?.checked_add(length as usize)?;
        let bytes = data.get(at..end)?;
        let kind = kind(bytes, at, &mut records, encoding)?;
        let first_reloc = reloc as u32;
        while let Some(next) = relocs.get(reloc).filter(|next| next.offset < end as u64) {
            if next.offset < last_offset {
                return None;
            }
            last_offset = next.offset;
            reloc += 1;
        }
        let size = (end - at) as u32;
        let used = used(bytes, kind, &records, encoding)?;
        let offset = u32::try_from(at).ok()?;
        records.all.push(Record { offset, size, used, first_reloc, kind });
        at = end;
    }
    // A relocation behind the end, or before others.
    (reloc == relocs.len()).then_some(records)
}

fn kind(bytes: &[u8], at: usize, records: &mut Records, encoding: Encoding) -> Option<Kind> {
    if bytes.len() == LENGTH_SIZE {
        return Some(Kind::End);
    }
    let id = encoding.u32(bytes, ID)?;
    if id == 0 {
        let form = cie_form(bytes, encoding)?;
        records.cies.push((records.all.len() as u32, form));
        return Some(Kind::Cie(records.cies.len() as u32 - 1));
    }
    let cie = (at + ID).checked_sub(id as usize)? as u32;
    // Mostly the last one.
    let is_it = |&(record, _): &(u32, CieForm)| {
        records.all.get(record as usize).is_some_and(|record| record.offset == cie)
    };
    let number = records.cies.iter().rposition(is_it)?;
    bytes.get(CODE_START..).filter(|rest| rest.len() >= 2 * LENGTH_SIZE)?;
    Some(Kind::Fde(number as u32))
}

/// How many bytes of a record are left without instructions at the end that do nothing.
fn used(bytes: &[u8], kind: Kind, records: &Records, encoding: Encoding) -> Option<u32> {
    let form = match kind {
        Kind::Cie(cie) | Kind::Fde(cie) => records.cies.get(cie as usize)?.1,
        Kind::End => return Some(bytes.len() as u32),
    };
    // Nothing is to be gained by most, and reading instructions takes time.
    if !bytes.ends_with(&[instructions::NOP; LENGTH_SIZE]) {
        return Some(bytes.len() as u32);
    }
    let code_size = pointer_size(form.code_format, encoding)?;
    let start = match kind {
        Kind::Cie(_) => form.instructions,
        _ => instructions_of_fde(bytes, form.has_data, code_size)?,
    };
    let used = start + instructions::used(bytes.get(start..)?, code_size)?;
    Some(used.next_multiple_of(LENGTH_SIZE).min(bytes.len()) as u32)
}

/// Where the instructions of an FDE start: behind the start and the size of its code, and its data.
fn instructions_of_fde(bytes: &[u8], has_data: bool, code_size: usize) -> Option<usize> {
    let head = CODE_START + 2 * code_size;
    if !has_data {
        return Some(head);
    }
    let mut rest = Reader(bytes.get(head..)?);
    let size = usize::try_from(rest.value()?).ok()?;
    (bytes.len() - rest.0.len()).checked_add(size)
}

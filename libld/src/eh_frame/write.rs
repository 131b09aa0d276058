//! The records that are kept, written.

use super::parse::FrameSection;
use super::records::{Kind, Record, Records};
use super::select::{Frames, KeptRecord, KeptSection};
use super::{ID, LENGTH_SIZE};
use crate::ids::SectionId;
use crate::input::relocs::RelocTable;
use crate::layout::Layout;

/// The relocations of what is left of a section, with the offsets that they have there.
pub struct Moved<'data> {
    /// As they would be stored.
    bytes: Vec<u8>,
    form: RelocTable<'data>,
}

impl Moved<'_> {
    /// The relocations.
    pub fn table(&self) -> RelocTable<'_> {
        self.form.with_bytes(&self.bytes)
    }
}

impl<'data> Frames<'data> {
    /// Writes what is left of a section, and tells which relocations are left. `None` if the
    /// section is not one with records that were read.
    pub fn fill(&self, id: SectionId, layout: &Layout<'_>, out: &mut [u8]) -> Option<Moved<'data>> {
        let number = self.parsed.number(id)?;
        let (section, kept) = (self.parsed.sections.get(number)?, self.kept.get(number)?);
        let mut moved = Moved { bytes: Vec::new(), form: section.relocs };
        for kept_record in &kept.records {
            let index = kept_record.record as usize;
            let Some(record) = section.records.all.get(index) else { continue };
            let start = kept_record.at as usize;
            let Some(out) = out.get_mut(start..start + kept_record.size as usize) else { continue };
            section.write_record(record, kept_record, out);
            if let Kind::Fde(cie) = record.kind
                && let Some(distance) = self.distance(section, kept, kept_record, cie, layout)
            {
                put_u32(section, out, ID, distance);
            }
            let end = section.records.end_reloc(index, &section.relocs);
            for reloc in record.first_reloc..end {
                let delta = kept_record.at.wrapping_sub(record.offset);
                section.relocs.copy_moved(reloc as usize, delta, &mut moved.bytes);
            }
        }
        Some(moved)
    }

    /// The relocations of what is left of a section, with the offsets that they had. `None` if the
    /// section is not one with records that were read.
    pub fn relocs(&self, id: SectionId) -> Option<Moved<'data>> {
        let number = self.parsed.number(id)?;
        let (section, kept) = (self.parsed.sections.get(number)?, self.kept.get(number)?);
        let mut moved = Moved { bytes: Vec::new(), form: section.relocs };
        for kept in &kept.records {
            let index = kept.record as usize;
            let start = section.records.all.get(index).map_or(0, |record| record.first_reloc);
            for reloc in start..section.records.end_reloc(index, &section.relocs) {
                section.relocs.copy_moved(reloc as usize, 0, &mut moved.bytes);
            }
        }
        Some(moved)
    }

    /// The bytes from an FDE's CIE to where it names it.
    fn distance(
        &self,
        section: &FrameSection<'_>,
        kept: &KeptSection,
        fde: &KeptRecord,
        cie: u32,
        layout: &Layout<'_>,
    ) -> Option<u32> {
        let (owner, number) = kept.cies.get(cie as usize)?.owner;
        let owner_section = self.parsed.sections.get(owner as usize)?;
        let at = self.kept.get(owner as usize)?.cies.get(number as usize)?.at;
        let here = layout.places.get(section.id)?.offset + u64::from(fde.at) + ID as u64;
        let there = layout.places.get(owner_section.id)?.offset + u64::from(at);
        Some(here.wrapping_sub(there) as u32)
    }
}

impl FrameSection<'_> {
    /// Copies a record; what it grew by is `DW_CFA_nop`, which is zero.
    fn write_record(&self, record: &Record, kept: &KeptRecord, out: &mut [u8]) {
        let bytes = Records::bytes(self.data, record);
        let bytes = bytes.get(..record.used as usize).unwrap_or(bytes);
        if let Some(to) = out.get_mut(..bytes.len()) {
            to.copy_from_slice(bytes);
        }
        if kept.size != record.size {
            put_u32(self, out, 0, kept.size.wrapping_sub(LENGTH_SIZE as u32));
        }
    }
}

fn put_u32(section: &FrameSection<'_>, out: &mut [u8], at: usize, value: u32) {
    let bytes =
        if section.encoding.is_big_endian() { value.to_be_bytes() } else { value.to_le_bytes() };
    crate::write::bytes::put(out, at, &bytes);
}

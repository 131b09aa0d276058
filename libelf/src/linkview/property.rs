//! GNU properties, as far as linkers look at them when they open a file: they merge them later,
//! so they want to know early which ones are of no use. Linux Extensions to gABI,
//! "Program Property".

use object::elf::{EM_386, EM_AARCH64, EM_IAMCU, EM_X86_64};

use super::notice::{Readings, readings};
use super::{Builder, Notice};
use crate::section::SectionHeader;

const NT_GNU_PROPERTY_TYPE_0: u32 = 5;
const STACK_SIZE: u32 = 1;
const NO_COPY_ON_PROTECTED: u32 = 2;
/// Properties of 32 bits that all machines share.
const UINT32_LO: u32 = 0xb000_0000;
const UINT32_HI: u32 = 0xb000_ffff;
/// Those of the processor, and after them those of users.
const LOPROC: u32 = 0xc000_0000;
const AARCH64_FEATURE_1_AND: u32 = 0xc000_0000;
/// The last of the properties of 32 bits of x86.
const X86_UINT32_HI: u32 = 0xc001_7fff;

/// What is wrong with a property.
enum Fault {
    /// It is of no use; the next one may be.
    Useless(Notice),
    /// Nothing after it can be told.
    Corrupt(Notice),
}

struct Note<'data> {
    /// With its closing zero byte.
    owner: &'data [u8],
    kind: u32,
    desc: &'data [u8],
}

impl Builder<'_, '_> {
    /// Notes the faults of the properties in a section of notes.
    pub(super) fn check_properties(&mut self, section: &SectionHeader) {
        let bytes = self.file.section_data(section).unwrap_or_default();
        let align = match section.addralign {
            0..=4 => 4,
            8 => 8,
            _ => return,
        };
        let mut rest = bytes;
        while let Some((note, tail)) = self.split_note(rest, align) {
            let is_property = note.owner == b"GNU\0" && note.kind == NT_GNU_PROPERTY_TYPE_0;
            if is_property && !self.check_note(note.desc) {
                return;
            }
            rest = tail;
        }
    }

    /// The note at the start of `bytes`, and what follows it.
    fn split_note<'b>(&self, bytes: &'b [u8], align: usize) -> Option<(Note<'b>, &'b [u8])> {
        const HEADER: usize = 12;
        let encoding = self.file.encoding();
        let name_size = encoding.u32(bytes, 0)? as usize;
        let desc_size = encoding.u32(bytes, 4)? as usize;
        let kind = encoding.u32(bytes, 8)?;
        let end_of_name = HEADER.checked_add(name_size)?;
        let owner = bytes.get(HEADER..end_of_name)?;
        let start = end_of_name.checked_next_multiple_of(align)?;
        let end = start.checked_add(desc_size)?;
        let desc = bytes.get(start..end)?;
        let next = end.checked_next_multiple_of(align)?;
        Some((Note { owner, kind, desc }, bytes.get(next..).unwrap_or_default()))
    }

    /// Whether the properties of a note could be read to the end.
    fn check_note(&mut self, desc: &[u8]) -> bool {
        const HEADER: usize = 8;
        let encoding = self.file.encoding();
        let align = encoding.word_size();
        if desc.len() < HEADER || !desc.len().is_multiple_of(align) {
            self.notices.push(Notice::PropertiesOfSize { size: desc.len() as u64 });
            return false;
        }
        let mut rest = desc;
        while let (Some(kind), Some(size)) = (encoding.u32(rest, 0), encoding.u32(rest, 4)) {
            let data = rest.get(HEADER..).unwrap_or_default();
            if size as usize > data.len() {
                self.notices.push(Notice::PropertyPastEnd { kind, size });
                return false;
            }
            match self.check_property(kind, size) {
                Ok(()) => {}
                Err(Fault::Useless(notice)) => self.notices.push(notice),
                Err(Fault::Corrupt(notice)) => {
                    self.notices.push(notice);
                    return false;
                }
            }
            let next = (size as usize).checked_next_multiple_of(align);
            rest = next.and_then(|next| data.get(next..)).unwrap_or_default();
        }
        true
    }

    fn check_property(&self, kind: u32, size: u32) -> Result<(), Fault> {
        let word = self.file.encoding().word_size() as u32;
        let corrupt = |is_so: bool, notice: Notice| {
            if is_so { Err(Fault::Corrupt(notice)) } else { Ok(()) }
        };
        match kind {
            LOPROC.. => self.check_processor_property(kind, size),
            STACK_SIZE => corrupt(size != word, Notice::StackSizeOfSize { size }),
            NO_COPY_ON_PROTECTED => corrupt(size != 0, Notice::NoCopyOfSize { size }),
            UINT32_LO..=UINT32_HI => {
                corrupt(size != 4, Notice::PropertyOfSize { owner: "", kind, size })
            }
            _ => Err(Fault::Useless(Notice::UnknownProperty { kind })),
        }
    }

    fn check_processor_property(&self, kind: u32, size: u32) -> Result<(), Fault> {
        let header = self.file.header();
        if readings(header) == Readings::Any {
            return Ok(());
        }
        let notice = match (header.machine, kind) {
            (EM_386 | EM_IAMCU | EM_X86_64, LOPROC..=X86_UINT32_HI) => {
                Notice::PropertyOfSize { owner: "x86 ", kind, size }
            }
            (EM_AARCH64, AARCH64_FEATURE_1_AND) => Notice::AArch64FeaturesOfSize { size },
            _ => return Err(Fault::Useless(Notice::UnknownProperty { kind })),
        };
        if size == 4 { Ok(()) } else { Err(Fault::Corrupt(notice)) }
    }
}

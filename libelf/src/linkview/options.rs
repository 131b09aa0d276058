//! The options that MIPS keeps of a file (64-bit ELF Object File Specification of MIPS, "Options").

use object::elf::EM_MIPS;

use super::{Builder, Notice};
use crate::section::SectionHeader;

/// The size of the head of an option, in bytes: kind, size, section, info.
const HEAD_SIZE: usize = 8;
/// `ODK_REGINFO`: what registers the file uses.
const ODK_REGINFO: u8 = 1;
/// The size of register masks and `gp`, in bytes, by class.
const REGINFO_32: usize = 24;
const REGINFO_64: usize = 32;

impl Builder<'_, '_> {
    /// Notes an option that its section cuts. What follows it is not looked at.
    pub(super) fn check_mips_options(&mut self, section: &SectionHeader) {
        let has_name = self
            .name_at(section.name)
            .is_some_and(|name| matches!(&name[..], b".MIPS.options" | b".options"));
        if self.file.header().machine != EM_MIPS || !has_name {
            return;
        }
        let reginfo = if self.file.encoding().is_64() { REGINFO_64 } else { REGINFO_32 };
        let mut rest = self.file.section_data(section).unwrap_or_default();
        while let Some(&[kind, size, ..]) = rest.get(..HEAD_SIZE) {
            let size = usize::from(size);
            let needed = if kind == ODK_REGINFO { HEAD_SIZE + reginfo } else { HEAD_SIZE };
            if size < needed || rest.len() < needed {
                let is_64 = self.file.encoding().is_64();
                self.notices.push(Notice::OptionCut { is_64 });
                return;
            }
            rest = rest.get(size..).unwrap_or_default();
        }
    }
}

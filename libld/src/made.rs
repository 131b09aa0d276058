//! The sections that a link makes itself: tables for the loader, for the program and for people.
//!
//! They are sections of the file number 0, so that a script's patterns place them as any other:
//! `*(.got)` finds the global offset table. The output is said to have such a section as soon as its
//! size is not zero.

use libelf::raw::{
    SHF_ALLOC, SHF_EXECINSTR, SHF_MERGE, SHF_STRINGS, SHF_WRITE, SHT_DYNAMIC, SHT_DYNSYM,
    SHT_GNU_HASH, SHT_GNU_VERDEF, SHT_GNU_VERNEED, SHT_GNU_VERSYM, SHT_HASH, SHT_NOBITS, SHT_NOTE,
    SHT_PROGBITS, SHT_REL, SHT_RELA, SHT_RELR, SHT_STRTAB, SectionFlags, SectionType,
};

use crate::ids::{FileId, SectionId};

/// The file that all made sections belong to.
pub const INTERNAL: FileId = FileId(0);

/// A section that the link makes. Where no script places them, they come in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Made {
    /// The path of the dynamic linker.
    Interp,
    /// `.note.gnu.property`, merged from all inputs.
    Property,
    /// `.note.gnu.build-id`
    BuildId,
    /// Versions that the output defines.
    VerDef,
    /// The version of each dynamic symbol.
    VerSym,
    /// Versions that the output needs.
    VerNeed,
    /// Dynamic symbols.
    DynSym,
    /// The strings of dynamic tables.
    DynStr,
    /// The System V hash table of dynamic symbols.
    Hash,
    /// GNU's hash table of dynamic symbols.
    GnuHash,
    /// Dynamic relocations.
    RelaDyn,
    /// Relative relocations, packed.
    Relr,
    /// Dynamic relocations of the procedure linkage table.
    RelaPlt,
    /// The procedure linkage table with its header.
    Plt,
    /// The relocations that a static program applies to itself: addresses of its IFUNCs.
    RelaIplt,
    /// Entries of the procedure linkage table for IFUNCs of the output.
    Iplt,
    /// The slots that those use.
    IgotPlt,
    /// Entries of the procedure linkage table that jump through `.got`.
    PltGot,
    /// The second procedure linkage table, where branches must end at `endbr`.
    PltSec,
    /// Where the entries of `.eh_frame` are, sorted.
    EhFrameHdr,
    /// How to unwind out of the procedure linkage tables.
    PltFrames,
    /// The dynamic section.
    Dynamic,
    /// The global offset table.
    Got,
    /// The part of it that the procedure linkage table uses.
    GotPlt,
    /// Copies of read-only variables of shared libraries.
    CopyRelro,
    /// Copies of variables of shared libraries.
    CopyBss,
    /// `.comment`, the linker's own part: none unless asked for.
    Comment,
    /// `.note.package`: the package that the output belongs to.
    Package,
}

/// What a made section is called and is.
#[derive(Clone, Copy, Debug)]
pub struct MadeForm {
    /// Which it is.
    pub made: Made,
    /// Its name, as patterns see it.
    pub name: &'static str,
    /// `sh_type`
    pub kind: SectionType,
    /// `sh_flags`
    pub flags: u64,
}

const A: u64 = SHF_ALLOC.0;
const WA: u64 = SHF_ALLOC.0 | SHF_WRITE.0;
const AX: u64 = SHF_ALLOC.0 | SHF_EXECINSTR.0;
const MS: u64 = SHF_MERGE.0 | SHF_STRINGS.0;

const fn form(made: Made, name: &'static str, kind: SectionType, flags: u64) -> MadeForm {
    MadeForm { made, name, kind, flags }
}

/// All made sections; the place in this list is the section's index in the file [`INTERNAL`].
pub const MADE: [MadeForm; 28] = [
    form(Made::Interp, ".interp", SHT_PROGBITS, A),
    form(Made::Property, ".note.gnu.property", SHT_NOTE, A),
    form(Made::BuildId, ".note.gnu.build-id", SHT_NOTE, A),
    form(Made::VerDef, ".gnu.version_d", SHT_GNU_VERDEF, A),
    form(Made::VerSym, ".gnu.version", SHT_GNU_VERSYM, A),
    form(Made::VerNeed, ".gnu.version_r", SHT_GNU_VERNEED, A),
    form(Made::DynSym, ".dynsym", SHT_DYNSYM, A),
    form(Made::DynStr, ".dynstr", SHT_STRTAB, A),
    form(Made::Hash, ".hash", SHT_HASH, A),
    form(Made::GnuHash, ".gnu.hash", SHT_GNU_HASH, A),
    form(Made::RelaDyn, ".rela.dyn", SHT_RELA, A),
    form(Made::Relr, ".relr.dyn", SHT_RELR, A),
    form(Made::RelaPlt, ".rela.plt", SHT_RELA, A),
    form(Made::Plt, ".plt", SHT_PROGBITS, AX),
    form(Made::RelaIplt, ".rela.iplt", SHT_RELA, A),
    form(Made::Iplt, ".iplt", SHT_PROGBITS, AX),
    form(Made::IgotPlt, ".igot.plt", SHT_PROGBITS, WA),
    form(Made::PltGot, ".plt.got", SHT_PROGBITS, AX),
    form(Made::PltSec, ".plt.sec", SHT_PROGBITS, AX),
    form(Made::EhFrameHdr, ".eh_frame_hdr", SHT_PROGBITS, A),
    form(Made::PltFrames, ".eh_frame", SHT_PROGBITS, A),
    form(Made::Dynamic, ".dynamic", SHT_DYNAMIC, WA),
    form(Made::Got, ".got", SHT_PROGBITS, WA),
    form(Made::GotPlt, ".got.plt", SHT_PROGBITS, WA),
    form(Made::CopyRelro, ".data.rel.ro", SHT_PROGBITS, WA),
    form(Made::CopyBss, ".dynbss", SHT_NOBITS, WA),
    form(Made::Comment, ".comment", SHT_PROGBITS, MS),
    form(Made::Package, ".note.package", SHT_NOTE, A),
];

impl Made {
    /// Its number in the file [`INTERNAL`].
    pub const fn section(self) -> SectionId {
        SectionId { file: INTERNAL, index: self as u32 }
    }

    /// The made section with this number.
    pub fn from_index(index: u32) -> Option<Self> {
        MADE.get(index as usize).map(|form| form.made)
    }

    /// What it is called and is where relocations do not hold their addends (REL).
    pub fn rel_form(self) -> MadeForm {
        let form = self.form();
        let name = match self {
            Self::RelaDyn => ".rel.dyn",
            Self::RelaPlt => ".rel.plt",
            Self::RelaIplt => ".rel.iplt",
            _ => return form,
        };
        MadeForm { name, kind: SHT_REL, ..form }
    }

    /// What it is called and is.
    pub fn form(self) -> MadeForm {
        // The list has one form for each, in order: a test looks.
        MADE.get(self as usize).copied().unwrap_or(form(self, "", SHT_PROGBITS, 0))
    }
}

/// How large each made section is and how it must be aligned, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MadeSizes {
    extents: [Extent; MADE.len()],
}

/// Size and alignment of a section, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// How many bytes it takes.
    pub size: u64,
    /// What its address is a multiple of: a power of two, or 0 as 1.
    pub align: u64,
}

impl MadeSizes {
    /// Of one section; size 0 if the output does not have it.
    pub fn get(&self, made: Made) -> Extent {
        self.extents.get(made as usize).copied().unwrap_or_default()
    }

    /// Whether the output has a section: if it has a size. The unwind records of the procedure
    /// linkage tables make an `.eh_frame` also where there are none, as GNU ld does.
    pub fn has(&self, made: Made) -> bool {
        let extent = self.get(made);
        extent.size != 0 || made == Made::PltFrames && extent.align != 0
    }

    /// Settles it.
    pub fn set(&mut self, made: Made, size: u64, align: u64) {
        if let Some(extent) = self.extents.get_mut(made as usize) {
            *extent = Extent { size, align };
        }
    }
}

/// `sh_flags` of a made section, typed.
pub fn flags(form: &MadeForm) -> SectionFlags {
    SectionFlags(form.flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_numbers() {
        for (index, form) in (0..).zip(MADE) {
            assert_eq!(form.made as u32, index, "{}", form.name);
            assert_eq!(Made::from_index(index), Some(form.made));
        }
    }
}

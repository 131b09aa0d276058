//! Machines: what each relocation means, how code is relaxed, what the tables look like.
//!
//! A machine is a folder here that implements [`Arch`]. Nothing outside knows one.

pub mod i386;
pub mod x86_64;
mod x86_nops;
pub mod x86_property;

use libelf::raw::{Machine, RelocationType};
use libelf::{Class, Encoding};

use crate::note::property::{ProcessorRules, Properties};
use crate::options::Options;
use crate::scan::SectionScan;
use crate::write::SectionWrite;

/// A machine, as the passes see it.
pub trait Arch: Sync {
    /// What does not change.
    fn identity(&self) -> &'static Identity;

    /// Looks at the relocations of a section that is kept and in memory: what do its symbols need?
    fn scan(&self, scan: &mut SectionScan<'_, '_>);

    /// Relocates the contents of a section.
    fn relocate(&self, section: &mut SectionWrite<'_, '_>);

    /// Adds to the addend that a field at `offset` of `bytes` holds, for a relocation of this type.
    /// Machines whose relocations hold their addends have no such fields.
    fn add_to_addend(&self, kind: u32, offset: u64, delta: u64, bytes: &mut [u8]) {
        let _ = (kind, offset, delta, bytes);
    }

    /// The forms of the procedure linkage table.
    fn plt(&self) -> &'static dyn Plt;

    /// The machine as an output with these properties has it: with tables in which indirect
    /// branches end at marks, say.
    fn of_output(&self, options: &Options, properties: &Properties) -> &'static dyn Arch;

    /// How the machine's properties in `.note.gnu.property` are merged.
    fn property_rules(&self, options: &Options) -> ProcessorRules;
}

/// Facts of a machine.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// `e_machine`
    pub machine: Machine,
    /// Class and byte order.
    pub encoding: Encoding,
    /// The emulation, as `-m` names it.
    pub emulation: &'static str,
    /// The format, as OUTPUT_FORMAT names it.
    pub format: &'static str,
    /// The dynamic linker of GNU/Linux.
    pub interpreter: &'static str,
    /// The largest page of the machine (`-z max-page-size`), in bytes.
    pub max_page: u64,
    /// The usual page (`-z common-page-size`), in bytes.
    pub common_page: u64,
    /// Where a program that is not PIC starts.
    pub image_base: u64,
    /// Fills a gap in code with what does nothing.
    pub pad_code: fn(&mut [u8]),
    /// Whether relocations hold their addends (RELA).
    pub is_rela: bool,
    /// The size of a slot of the global offset table, in bytes.
    pub got_slot: u64,
    /// What `sh_entsize` of `.plt` is, in bytes.
    pub plt_entsize: u64,
    /// As OUTPUT_ARCH names it.
    pub arch_name: &'static str,
    /// Whether there are sections for what lies more than two gigabytes away (`.ldata`).
    pub has_large_sections: bool,
    /// The numbers of dynamic relocations.
    pub dynamic: DynamicKinds,
}

impl Identity {
    /// The size of the ELF header, in bytes. gABI, chapter 4, "ELF Header".
    pub fn file_header_size(&self) -> u64 {
        match self.encoding.class {
            Class::Elf32 => 52,
            Class::Elf64 => 64,
        }
    }

    /// The size of a program header, in bytes. gABI, chapter 5, "Program Header".
    pub fn program_header_size(&self) -> u64 {
        match self.encoding.class {
            Class::Elf32 => 32,
            Class::Elf64 => 56,
        }
    }

    /// The size of an address, in bytes.
    pub fn word(&self) -> u64 {
        match self.encoding.class {
            Class::Elf32 => 4,
            Class::Elf64 => 8,
        }
    }

    /// Cuts an address to the bits that it has.
    pub fn wrap(&self, address: u64) -> u64 {
        match self.encoding.class {
            Class::Elf32 => address & u64::from(u32::MAX),
            Class::Elf64 => address,
        }
    }
}

/// The numbers of the relocations that the dynamic linker applies.
#[derive(Clone, Copy, Debug)]
pub struct DynamicKinds {
    /// Adds the load bias.
    pub relative: RelocationType,
    /// A symbol's address, as wide as an address.
    pub absolute: RelocationType,
    /// A symbol's address, in the global offset table.
    pub glob_dat: RelocationType,
    /// A function's address, in the part of the table that the procedure linkage table uses.
    pub jump_slot: RelocationType,
    /// A variable's contents.
    pub copy: RelocationType,
    /// What a function answers when it is called.
    pub irelative: RelocationType,
    /// A symbol's distance from the place, as wide as an address: for code that is not PIC.
    pub distance: RelocationType,
    /// The number of a symbol's module.
    pub tls_module: RelocationType,
    /// A symbol's offset in its module's block.
    pub tls_offset: RelocationType,
    /// A symbol's offset from the thread pointer.
    pub tls_tp_offset: RelocationType,
    /// The same, counted from the symbol up to the thread pointer; machines that have none of it
    /// ask for none.
    pub tls_tp_distance: RelocationType,
    /// A descriptor.
    pub tls_desc: RelocationType,
}

/// What the code of a procedure linkage table rests on.
#[derive(Clone, Copy, Debug)]
pub struct PltBase {
    /// The address of the table.
    pub plt: u64,
    /// The address that `_GLOBAL_OFFSET_TABLE_` names.
    pub got: u64,
    /// Whether addresses are settled when the program starts.
    pub is_pic: bool,
}

/// The procedure linkage table of a machine.
pub trait Plt: Sync {
    /// The size of the header, in bytes.
    fn header_size(&self) -> u64;
    /// The size of an entry, in bytes.
    fn entry_size(&self) -> u64;
    /// The size of an entry of `.plt.got`, in bytes.
    fn got_entry_size(&self) -> u64;
    /// Writes the header.
    fn write_header(&self, bytes: &mut [u8], base: &PltBase);
    /// Writes the entry number `index`, at the address `entry`, which jumps through `slot`.
    fn write_entry(&self, bytes: &mut [u8], index: u32, entry: u64, slot: u64, base: &PltBase);
    /// Writes an entry at the address `entry` that only jumps through `slot`.
    fn write_got_entry(&self, bytes: &mut [u8], entry: u64, slot: u64, base: &PltBase);
    /// The size of an entry of the second table (`.plt.sec`), in bytes; 0 if there is none.
    fn second_entry_size(&self) -> u64 {
        0
    }
    /// Writes an entry of the second table, at the address `entry`, which jumps through `slot`.
    fn write_second_entry(&self, bytes: &mut [u8], entry: u64, slot: u64, base: &PltBase) {
        self.write_got_entry(bytes, entry, slot, base);
    }
    /// What the code of all tables has in common for who unwinds the stack: a CIE without its
    /// length, whose FDEs name code by 32-bit distances.
    fn common_frame(&self) -> &'static [u8];
    /// Call frame instructions for `.plt`.
    fn lazy_frame(&self) -> &'static [u8];
    /// Where a lazy slot points before it is bound: into its entry, in bytes from its start.
    fn lazy_offset(&self) -> u64;
}

//! Machines: what each relocation means, how code is relaxed, what the tables look like.
//!
//! A machine is a folder here that implements [`Arch`]. Nothing outside knows one.

pub mod i386;
pub mod x86_64;
mod x86_nops;
pub mod x86_property;

use libelf::raw::{EM_IAMCU, Machine, RelocationType};
use libelf::{Class, Encoding};

use crate::dynamic::section::Entry;
use crate::made::Made;
use crate::note::property::{ProcessorRules, Properties};
use crate::options::{Emulation, Options};
use crate::resolve::Resolved;
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

    /// `e_flags` of the output, from those of its objects.
    fn file_flags(&self, resolved: &Resolved<'_>) -> u32 {
        let _ = resolved;
        0
    }

    /// Entries of the dynamic section that only this machine has.
    fn dynamic_entries(&self, options: &Options, properties: &Properties) -> Vec<Entry> {
        let _ = (options, properties);
        Vec::new()
    }

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
    /// How many words of `.got.plt` are the loader's own, before those of functions.
    pub got_plt_reserved: u64,
    /// The section whose start `_GLOBAL_OFFSET_TABLE_` names, if the output has it: the other of
    /// the two, if not.
    pub got_base: Made,
    /// Where thread-local storage lies.
    pub threads: Threads,
    /// How the names of its relocations begin.
    pub reloc_prefix: &'static str,
    /// As OUTPUT_ARCH names it.
    pub arch_name: &'static str,
    /// Other names that OUTPUT_ARCH may call it by.
    pub arch_aliases: &'static [&'static str],
    /// The emulations that link for it.
    pub emulations: &'static [Emulation],
    /// Whether there are sections for what lies more than two gigabytes away (`.ldata`).
    pub has_large_sections: bool,
    /// The numbers of dynamic relocations.
    pub dynamic: DynamicKinds,
}

impl Identity {
    /// Whether OUTPUT_ARCH means this machine by a name.
    pub fn is_called(&self, name: &[u8]) -> bool {
        let mut names = std::iter::once(&self.arch_name).chain(self.arch_aliases);
        names.any(|own| own.as_bytes() == name)
    }

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

/// Where thread-local storage lies, as seen from the thread pointer. "ELF Handling For Thread-Local
/// Storage", section 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threads {
    /// Which side the program's block is on.
    pub side: ThreadSide,
    /// What offsets in a module's block are less than counted from its start, in bytes
    /// (`DTP_OFFSET` of MIPS, say).
    pub module_bias: u64,
}

/// Which side of the thread pointer the program's block is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadSide {
    /// The block ends at the pointer, which is aligned as the block is (variant II).
    Below,
    /// The block starts behind `gap` bytes that begin where the pointer points, less `bias`
    /// (variant I).
    Above {
        /// Bytes of the thread's own, before the block's alignment.
        gap: u64,
        /// How much further on the pointer points.
        bias: u64,
    },
}

impl Threads {
    /// The thread pointer of a program whose block has this start, size and alignment, as an
    /// address of its image.
    pub fn pointer(self, start: u64, size: u64, align: u64) -> u64 {
        let align = align.max(1);
        match self.side {
            ThreadSide::Below => {
                let end = start.saturating_add(size);
                end.checked_next_multiple_of(align).unwrap_or(end)
            }
            ThreadSide::Above { gap, bias } => {
                let gap = gap.checked_next_multiple_of(align).unwrap_or(gap);
                start.wrapping_sub(gap).wrapping_add(bias)
            }
        }
    }
}

/// The machines that can be linked for.
static MACHINES: [&dyn Arch; 3] = [&x86_64::LP64, &x86_64::X32, &i386::I386];

/// The machine that an emulation links for.
pub fn of(emulation: Emulation) -> &'static dyn Arch {
    let links = |arch: &&&dyn Arch| arch.identity().emulations.contains(&emulation);
    MACHINES.iter().find(links).copied().unwrap_or(&x86_64::LP64)
}

/// What messages call the machine of a file; `None` if nothing here knows it.
pub fn name_of(machine: Machine, class: Class) -> Option<&'static str> {
    if (machine, class) == (EM_IAMCU, Class::Elf32) {
        // Known by name: a relative of i386 that nothing is linked for.
        return Some("iamcu");
    }
    let identities = MACHINES.iter().map(|arch| arch.identity());
    let mut fitting = identities.filter(|it| (it.machine, it.encoding.class) == (machine, class));
    fitting.next().map(|identity| identity.arch_name)
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
    /// What the tables' addresses are multiples of, in bytes.
    fn align(&self) -> u64 {
        16
    }
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

#[cfg(test)]
mod tests {
    use libelf::raw::{EM_386, EM_AARCH64, EM_X86_64};

    use super::*;

    #[test]
    fn each_emulation_has_its_machine() {
        for arch in MACHINES {
            let identity = arch.identity();
            for &emulation in identity.emulations {
                assert_eq!(of(emulation).identity().format, identity.format);
            }
            assert!(identity.is_called(identity.arch_name.as_bytes()));
        }
        assert_eq!(of(Emulation::ElfI386FreeBsd).identity().machine, EM_386);
    }

    #[test]
    fn machines_are_called_as_messages_call_them() {
        assert_eq!(name_of(EM_X86_64, Class::Elf32), Some("i386:x64-32"));
        assert_eq!(name_of(EM_386, Class::Elf32), Some("i386"));
        assert_eq!(name_of(EM_AARCH64, Class::Elf64), None);
    }

    #[test]
    fn the_thread_pointer_is_on_either_side() {
        let below = Threads { side: ThreadSide::Below, module_bias: 0 };
        assert_eq!(below.pointer(0x1000, 0x14, 0x10), 0x1020);
        // AArch64: 16 bytes of the thread's own, rounded up to the block's alignment.
        let above = |gap, bias| Threads { side: ThreadSide::Above { gap, bias }, module_bias: 0 };
        assert_eq!(above(16, 0).pointer(0x1000, 0x14, 8), 0xff0);
        assert_eq!(above(16, 0).pointer(0x1000, 0x14, 64), 0xfc0);
        // MIPS: the pointer is 0x7000 further on.
        assert_eq!(above(0, 0x7000).pointer(0x1000, 0x14, 8), 0x8000);
    }
}

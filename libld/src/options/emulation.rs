//! What `-m` names: a machine with its class, and a system.

/// A machine and class to link for, and the system that its files are marked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Emulation {
    /// `elf_x86_64`: ELF64, `EM_X86_64`.
    #[default]
    ElfX86_64,
    /// `elf32_x86_64`: ELF32, `EM_X86_64`, the x32 ABI.
    Elf32X86_64,
    /// `elf_i386`: ELF32, `EM_386`.
    ElfI386,
    /// `elf_x86_64_fbsd`: as `elf_x86_64`, marked for FreeBSD.
    ElfX86_64FreeBsd,
    /// `elf_i386_fbsd`: as `elf_i386`, marked for FreeBSD.
    ElfI386FreeBsd,
}

/// The system whose conventions an emulation keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmulationSystem {
    /// `EI_OSABI` is `ELFOSABI_NONE`, or `ELFOSABI_GNU` where a file needs it.
    Gnu,
    /// `EI_OSABI` is `ELFOSABI_FREEBSD`.
    FreeBsd,
}

/// What there is to know of an emulation.
struct Row {
    emulation: Emulation,
    /// As `-m` and `-V` have it.
    name: &'static str,
    /// The output format, as `--oformat` and `OUTPUT_FORMAT` have it.
    format: &'static str,
    system: EmulationSystem,
    /// `=` stands for the sysroot.
    directories: &'static [&'static str],
}

const ROWS: [Row; 5] = [
    Row {
        emulation: Emulation::ElfX86_64,
        name: "elf_x86_64",
        format: "elf64-x86-64",
        system: EmulationSystem::Gnu,
        directories: DIRECTORIES_64,
    },
    Row {
        emulation: Emulation::Elf32X86_64,
        name: "elf32_x86_64",
        format: "elf32-x86-64",
        system: EmulationSystem::Gnu,
        directories: DIRECTORIES_X32,
    },
    Row {
        emulation: Emulation::ElfI386,
        name: "elf_i386",
        format: "elf32-i386",
        system: EmulationSystem::Gnu,
        directories: DIRECTORIES_32,
    },
    Row {
        emulation: Emulation::ElfX86_64FreeBsd,
        name: "elf_x86_64_fbsd",
        format: "elf64-x86-64-freebsd",
        system: EmulationSystem::FreeBsd,
        directories: DIRECTORIES_64,
    },
    Row {
        emulation: Emulation::ElfI386FreeBsd,
        name: "elf_i386_fbsd",
        format: "elf32-i386-freebsd",
        system: EmulationSystem::FreeBsd,
        directories: DIRECTORIES_32,
    },
];

const DIRECTORIES_64: &[&str] = &[
    "=/usr/local/lib/x86_64-linux-gnu",
    "=/lib/x86_64-linux-gnu",
    "=/usr/lib/x86_64-linux-gnu",
    "=/usr/lib/x86_64-linux-gnu64",
    "=/usr/local/lib64",
    "=/lib64",
    "=/usr/lib64",
    "=/usr/local/lib",
    "=/lib",
    "=/usr/lib",
    "=/usr/x86_64-linux-gnu/lib64",
    "=/usr/x86_64-linux-gnu/lib",
];

const DIRECTORIES_X32: &[&str] = &[
    "=/usr/local/lib/x86_64-linux-gnux32",
    "=/lib/x86_64-linux-gnux32",
    "=/usr/lib/x86_64-linux-gnux32",
    "=/usr/local/lib/i386-linux-gnu",
    "=/lib/i386-linux-gnu",
    "=/usr/lib/i386-linux-gnu",
    "=/usr/local/libx32",
    "=/libx32",
    "=/usr/libx32",
    "=/usr/lib/x86_64-linux-gnu",
    "=/usr/local/lib",
    "=/lib",
    "=/usr/lib",
    "=/usr/x86_64-linux-gnu/libx32",
    "=/usr/x86_64-linux-gnu/lib",
];

const DIRECTORIES_32: &[&str] = &[
    "=/usr/local/lib/i386-linux-gnu",
    "=/lib/i386-linux-gnu",
    "=/usr/lib/i386-linux-gnu",
    "=/usr/lib/x86_64-linux-gnu32",
    "=/usr/local/lib32",
    "=/lib32",
    "=/usr/lib32",
    "=/usr/lib/x86_64-linux-gnu",
    "=/usr/local/lib",
    "=/lib",
    "=/usr/lib",
    "=/usr/i386-linux-gnu/lib32",
    "=/usr/x86_64-linux-gnu/lib32",
    "=/usr/i386-linux-gnu/lib",
];

impl Emulation {
    /// Every emulation, in the order that `-V` lists them.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.emulation)
    }

    /// The emulation of that name.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        ROWS.iter().find(|row| row.name.as_bytes() == name).map(|row| row.emulation)
    }

    /// The emulation whose output format has that name.
    #[must_use]
    pub fn of_format(format: &[u8]) -> Option<Self> {
        ROWS.iter().find(|row| row.format.as_bytes() == format).map(|row| row.emulation)
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.emulation == self)
    }

    /// Its name, as `-m` and `-V` have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// The name of its output format, as `--oformat` and `OUTPUT_FORMAT` have it.
    #[must_use]
    pub fn format_name(self) -> &'static str {
        self.row().map_or("", |row| row.format)
    }

    /// The system whose conventions it keeps.
    #[must_use]
    pub fn system(self) -> EmulationSystem {
        self.row().map_or(EmulationSystem::Gnu, |row| row.system)
    }

    /// The folders that the built-in script searches (`SEARCH_DIR`), in order; `=` in front
    /// stands for the sysroot. They are searched after those of `-L`; a script of the user's in
    /// place of the built-in one does not search them.
    #[must_use]
    pub fn directories(self) -> &'static [&'static str] {
        self.row().map_or(&[], |row| row.directories)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_emulations_and_back() {
        for emulation in Emulation::all() {
            assert_eq!(Emulation::named(emulation.name().as_bytes()), Some(emulation));
            assert_eq!(Emulation::of_format(emulation.format_name().as_bytes()), Some(emulation));
            assert!(!emulation.directories().is_empty());
        }
        assert_eq!(Emulation::named(b"elf_x86"), None);
    }
}

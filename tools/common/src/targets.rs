//! Names of BFD targets, as `--target` takes them.

/// How files are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// As what they are.
    Any,
    /// As one section of data.
    Binary,
    /// In a way that nobody knows.
    Unknown,
}

impl Target {
    /// The target of that name.
    ///
    /// A name of GNU's list of targets only steers what a file is tried as first; what is found in
    /// the end is the same for all of them but `binary`.
    pub fn named(name: &[u8]) -> Self {
        let name = str::from_utf8(name).unwrap_or_default();
        let is_triplet = || {
            let mut parts = name.split('-');
            parts.next().is_some_and(|cpu| TRIPLET_CPUS.contains(&cpu))
                && parts.any(|part| part == "linux")
        };
        if name == "binary" {
            Self::Binary
        } else if name == "default" || SUPPORTED.contains(&name) || is_triplet() {
            Self::Any
        } else {
            Self::Unknown
        }
    }
}

/// The machines whose triplets stand for a target.
const TRIPLET_CPUS: &[&str] = &[
    "x86_64",
    "i386",
    "i486",
    "i586",
    "i686",
    "aarch64",
    "arm",
    "mips",
    "mipsel",
    "mips64",
    "mips64el",
    "powerpc",
    "powerpc64",
    "powerpc64le",
    "riscv32",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "alpha",
    "hppa",
    "ia64",
    "m68k",
    "sh4",
];

/// The targets that GNU's programs of a Debian system support, as their `--help` lists them: scripts
/// look there for the formats that they need.
pub const SUPPORTED: &[&str] = &[
    "elf64-x86-64",
    "elf32-i386",
    "elf32-iamcu",
    "elf32-x86-64",
    "pei-i386",
    "pe-x86-64",
    "pei-x86-64",
    "elf64-little",
    "elf64-big",
    "elf32-little",
    "elf32-big",
    "elf64-littleaarch64",
    "elf64-bigaarch64",
    "elf32-littleaarch64",
    "elf32-bigaarch64",
    "elf32-littlearm",
    "elf32-bigarm",
    "pei-aarch64-little",
    "pe-aarch64-little",
    "elf64-alpha",
    "ecoff-littlealpha",
    "elf32-littlearm-fdpic",
    "elf32-bigarm-fdpic",
    "elf32-hppa-linux",
    "elf32-hppa",
    "elf64-ia64-little",
    "elf64-ia64-big",
    "pei-ia64",
    "elf32-m32r-linux",
    "elf32-m32rle-linux",
    "elf32-m68k",
    "elf32-tradbigmips",
    "elf32-tradlittlemips",
    "ecoff-bigmips",
    "ecoff-littlemips",
    "elf32-ntradbigmips",
    "elf64-tradbigmips",
    "elf32-ntradlittlemips",
    "elf64-tradlittlemips",
    "elf32-powerpc",
    "aixcoff-rs6000",
    "elf32-powerpcle",
    "ppcboot",
    "elf64-powerpc",
    "elf64-powerpcle",
    "aixcoff64-rs6000",
    "aix5coff64-rs6000",
    "elf64-littleriscv",
    "elf32-littleriscv",
    "elf32-bigriscv",
    "elf64-bigriscv",
    "elf32-s390",
    "elf64-s390",
    "elf32-sh-linux",
    "elf32-shbig-linux",
    "elf32-sh-fdpic",
    "elf32-shbig-fdpic",
    "elf32-sparc",
    "elf64-sparc",
    "pe-bigobj-x86-64",
    "pe-i386",
    "pdb",
    "srec",
    "symbolsrec",
    "verilog",
    "tekhex",
    "binary",
    "ihex",
    "plugin",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_known_by_name() {
        assert_eq!(Target::named(b"elf32-sparc"), Target::Any);
        assert_eq!(Target::named(b"x86_64-linux-gnu"), Target::Any);
        assert_eq!(Target::named(b"binary"), Target::Binary);
        assert_eq!(Target::named(b"foo"), Target::Unknown);
    }
}

//! What a file is, told from its first bytes: for the corpus list and for the counts.
//!
//! It reads by itself, and not with libelf, so that a mistake of libelf does not hide files from
//! the tests.

use std::fmt;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// `REL`, `EXEC`, `DYN`, `CORE`, `archive`, `thin archive` or `other`.
    pub form: String,
    /// The machine, or `-`. For an archive: that of its first member that is an object.
    pub machine: String,
    /// 32 or 64; 0 where it is not known.
    pub bits: u8,
    /// `LSB`, `MSB` or `-`.
    pub order: String,
    /// The operating system it was made for, or `-`.
    pub os: String,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { form, machine, bits, order, os } = self;
        write!(f, "{form}\t{machine}\t{bits}\t{order}\t{os}")
    }
}

/// Size of an archive member's header.
const MEMBER_HEADER: usize = 60;
/// `PT_INTERP`
const INTERP: u32 = 3;
/// `PT_NOTE`
const NOTE: u32 = 4;

/// Names of `e_machine` values, as uname or common use has them.
const MACHINES: &[(u16, &str)] = &[
    (2, "sparc"),
    (3, "i386"),
    (4, "m68k"),
    (7, "i960"),
    (8, "mips"),
    (15, "hppa"),
    (18, "sparc32plus"),
    (20, "powerpc"),
    (21, "ppc64"),
    (22, "s390"),
    (40, "arm"),
    (42, "sh"),
    (43, "sparc64"),
    (50, "ia64"),
    (62, "x86_64"),
    (83, "avr"),
    (92, "openrisc"),
    (93, "arc"),
    (94, "xtensa"),
    (105, "msp430"),
    (106, "blackfin"),
    (113, "nios2"),
    (164, "hexagon"),
    (183, "aarch64"),
    (189, "microblaze"),
    (195, "arcv2"),
    (203, "xcore"),
    (224, "amdgpu"),
    (243, "riscv"),
    (244, "lanai"),
    (247, "bpf"),
    (251, "ve"),
    (252, "csky"),
    (258, "loongarch"),
    (0x9026, "alpha"),
];

/// Names of `EI_OSABI` values.
const SYSTEMS: &[(u8, &str)] = &[
    (1, "HP-UX"),
    (2, "NetBSD"),
    (3, "Linux"),
    (6, "Solaris"),
    (9, "FreeBSD"),
    (12, "OpenBSD"),
    (64, "bare"),
    (97, "bare"),
    (255, "bare"),
];

/// Owners of notes and paths of dynamic linkers that only one system has.
const SIGNS: &[(&[u8], &str)] = &[
    (b"NetBSD\0", "NetBSD"),
    (b"OpenBSD\0", "OpenBSD"),
    (b"FreeBSD\0", "FreeBSD"),
    (b"Android\0", "Android"),
    (b"/system/bin/linker", "Android"),
    (b"/usr/lib/ld.so.1", "Solaris"),
    (b"/usr/lib/amd64/ld.so.1", "Solaris"),
    (b"/usr/lib/64/ld.so.1", "Solaris"),
    (b"/libexec/ld.elf_so", "NetBSD"),
    (b"/usr/libexec/ld.so", "OpenBSD"),
    (b"/libexec/ld-elf.so", "FreeBSD"),
    (b"GNU\0", "Linux"),
    (b"/lib", "Linux"),
    (b"CORE\0", "Linux"),
];

/// Tells what `bytes` are.
pub fn of(bytes: &[u8]) -> Kind {
    if bytes.starts_with(b"!<arch>\n") {
        of_archive(bytes)
    } else if bytes.starts_with(b"!<thin>\n") {
        unknown("thin archive")
    } else if bytes.starts_with(b"\x7fELF") {
        of_elf(bytes).unwrap_or_else(|| unknown("other"))
    } else {
        unknown("other")
    }
}

fn unknown(form: &str) -> Kind {
    Kind {
        form: form.to_owned(),
        machine: "-".to_owned(),
        bits: 0,
        order: "-".to_owned(),
        os: "-".to_owned(),
    }
}

fn of_archive(bytes: &[u8]) -> Kind {
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some(size) = member_size(rest) {
        let body = rest.get(MEMBER_HEADER..).unwrap_or_default();
        // A name of BSD's long form stands before the object.
        for start in [0, 8, 12, 16, 20, 24, 28, 32] {
            let object = body.get(start..size).unwrap_or_default();
            if object.starts_with(b"\x7fELF")
                && let Some(kind) = of_elf(object)
            {
                return Kind { form: "archive".to_owned(), ..kind };
            }
        }
        rest = body.get(size.next_multiple_of(2)..).unwrap_or_default();
    }
    unknown("archive")
}

/// The size of the member whose header `bytes` start with.
fn member_size(bytes: &[u8]) -> Option<usize> {
    let field = std::str::from_utf8(bytes.get(48..58)?).ok()?;
    field.trim_end().parse().ok()
}

/// Integers of a file in its own byte order.
#[derive(Clone, Copy)]
struct Reader<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl Reader<'_> {
    fn number(self, at: usize, size: usize) -> Option<u64> {
        let field = self.bytes.get(at..at.checked_add(size)?)?;
        let add = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        Some(if self.big { field.iter().fold(0, add) } else { field.iter().rev().fold(0, add) })
    }
}

fn of_elf(bytes: &[u8]) -> Option<Kind> {
    let wide = bytes.get(4) == Some(&2);
    let reader = Reader { bytes, big: bytes.get(5) == Some(&2) };
    let machine = reader.number(18, 2)? as u16;
    let form = match reader.number(16, 2)? {
        1 => "REL",
        2 => "EXEC",
        3 => "DYN",
        4 => "CORE",
        _ => "other",
    };
    let abi = *bytes.get(7)?;
    let os = SYSTEMS
        .iter()
        .find(|(value, _)| *value == abi)
        .map(|(_, name)| *name)
        .or_else(|| by_segments(reader, wide))
        .unwrap_or("-");
    Some(Kind {
        form: form.to_owned(),
        machine: MACHINES
            .iter()
            .find(|(value, _)| *value == machine)
            .map_or_else(|| format!("machine-{machine}"), |(_, name)| (*name).into()),
        bits: if wide { 64 } else { 32 },
        order: if reader.big { "MSB" } else { "LSB" }.to_owned(),
        os: os.to_owned(),
    })
}

/// The system that the notes or the dynamic linker of a file tell.
fn by_segments(reader: Reader, wide: bool) -> Option<&'static str> {
    let (table, word, at_offset, at_size) =
        if wide { (0x20, 8, 0x08, 0x20) } else { (0x1c, 4, 0x04, 0x10) };
    let start = reader.number(table, word)? as usize;
    let size = reader.number(if wide { 0x36 } else { 0x2a }, 2)? as usize;
    let count = reader.number(if wide { 0x38 } else { 0x2c }, 2)? as usize;
    let mut found = Vec::new();
    for index in 0..count {
        let header = start.checked_add(index.checked_mul(size)?)?;
        let kind = reader.number(header, 4)? as u32;
        if kind != INTERP && kind != NOTE {
            continue;
        }
        let offset = reader.number(header.checked_add(at_offset)?, word)? as usize;
        let length = reader.number(header.checked_add(at_size)?, word)? as usize;
        // Owners stand near the start; a core file's notes may be long.
        let end = offset.checked_add(length.min(4096))?;
        found.push(reader.bytes.get(offset..end).unwrap_or_default());
    }
    SIGNS
        .iter()
        .find(|(sign, _)| found.iter().any(|bytes| contains(bytes, sign)))
        .map(|(_, name)| *name)
}

fn contains(bytes: &[u8], sign: &[u8]) -> bool {
    bytes.windows(sign.len()).any(|window| window == sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_executable_is_known() {
        let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let kind = of(&bytes);
        assert_eq!(kind.os, "Linux");
        assert_ne!(kind.machine, "-");
        assert_eq!(kind.bits, 64);
    }

    #[test]
    fn other_files_are_known_and_nothing_breaks() {
        assert_eq!(of(b"").form, "other");
        assert_eq!(of(b"!<thin>\n").form, "thin archive");
        assert_eq!(of(b"\x7fELF").form, "other");
        let mut header = b"\x7fELF\x02\x02\x01\x09".to_vec();
        header.resize(64, 0);
        header.splice(16..20, [0, 2, 0, 21]);
        let kind = of(&header);
        assert_eq!(kind.to_string(), "EXEC\tppc64\t64\tMSB\tFreeBSD");
        let mut archive = b"!<arch>\n".to_vec();
        archive.extend(format!("{:<48}{:<10}`\n", "a.o/", header.len()).bytes());
        archive.extend(&header);
        assert_eq!(of(&archive).to_string(), "archive\tppc64\t64\tMSB\tFreeBSD");
    }
}

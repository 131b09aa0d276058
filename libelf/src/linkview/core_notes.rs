//! The notes of core files: which system writes which, and the sections that they become.
//!
//! A note of `NT_PRSTATUS` starts a thread: it has the thread's number and, somewhere in the middle,
//! its general registers. The notes after it are of the same thread until the next one. There is
//! no field that tells the layout of such a structure; its size does, together with the machine.
//!
//! | system | owner of the notes | document |
//! |---|---|---|
//! | Linux | `CORE`, `LINUX` | core(5), `linux/elf.h`, `struct elf_prstatus` of `sys/procfs.h` |
//! | FreeBSD | `FreeBSD` | `sys/elf_common.h`, `sys/procfs.h` |
//! | NetBSD | `NetBSD-CORE`, `NetBSD-CORE@THREAD` | core(5) |
//! | OpenBSD | `OpenBSD`, `OpenBSD@THREAD` | core(5) |

use std::borrow::Cow;

use object::elf::{
    EM_68K, EM_AARCH64, EM_ALPHA, EM_ARM, EM_MIPS, EM_PPC, EM_PPC64, EM_RISCV, EM_S390, EM_SH,
    EM_SPARC, EM_SPARC32PLUS, EM_SPARCV9, EM_X86_64, Machine,
};
use object::endian::Endianness;

use super::{Checked, Flags, Name, Refused, Section};
use crate::file::File;
use crate::ident::{Class, Encoding};
use crate::segment::ProgramHeader;

const NT_PRSTATUS: u32 = 1;
const NT_FPREGSET: u32 = 2;
const NT_PRPSINFO: u32 = 3;
const NT_AUXV: u32 = 6;
const NT_SIGINFO: u32 = 0x5349_4749;
const NT_FILE: u32 = 0x4649_4c45;
const NT_GDB_TDESC: u32 = 0xff00_0000;

const FREEBSD_PROCSTAT_AUXV: u32 = 16;
const NETBSD_PROCINFO: u32 = 1;
const NETBSD_AUXV: u32 = 2;
const NETBSD_LWPSTATUS: u32 = 24;
/// NetBSD numbers the requests of ptrace(2) that each machine has of its own from here.
const NETBSD_FIRST_MACHINE: u32 = 32;
const OPENBSD_PROCINFO: u32 = 10;
const OPENBSD_AUXV: u32 = 11;
const OPENBSD_REGS: u32 = 20;
const OPENBSD_FPREGS: u32 = 21;
const OPENBSD_XFPREGS: u32 = 22;

/// The size of the `prpsinfo_t` of Solaris.
const SOLARIS_PSINFO_SIZE: usize = 260;
/// The size of `pr_psargs` on Linux.
const LINUX_ARGS_SIZE: usize = 80;
/// The longest command that the notes of NetBSD and OpenBSD hold.
const BSD_COMMAND_SIZE: usize = 31;

/// Register notes of the owner `LINUX`.
const LINUX_SECTIONS: &[(u32, &str)] = &[
    (0x46e6_2b7f, ".reg-xfp"),
    (0x100, ".reg-ppc-vmx"),
    (0x102, ".reg-ppc-vsx"),
    (0x103, ".reg-ppc-tar"),
    (0x104, ".reg-ppc-ppr"),
    (0x105, ".reg-ppc-dscr"),
    (0x106, ".reg-ppc-ebb"),
    (0x107, ".reg-ppc-pmu"),
    (0x108, ".reg-ppc-tm-cgpr"),
    (0x109, ".reg-ppc-tm-cfpr"),
    (0x10a, ".reg-ppc-tm-cvmx"),
    (0x10b, ".reg-ppc-tm-cvsx"),
    (0x10c, ".reg-ppc-tm-spr"),
    (0x10d, ".reg-ppc-tm-ctar"),
    (0x10e, ".reg-ppc-tm-cppr"),
    (0x10f, ".reg-ppc-tm-cdscr"),
    (0x202, ".reg-xstate"),
    (0x300, ".reg-s390-high-gprs"),
    (0x301, ".reg-s390-timer"),
    (0x302, ".reg-s390-todcmp"),
    (0x303, ".reg-s390-todpreg"),
    (0x304, ".reg-s390-ctrs"),
    (0x305, ".reg-s390-prefix"),
    (0x306, ".reg-s390-last-break"),
    (0x307, ".reg-s390-system-call"),
    (0x308, ".reg-s390-tdb"),
    (0x309, ".reg-s390-vxrs-low"),
    (0x30a, ".reg-s390-vxrs-high"),
    (0x30b, ".reg-s390-gs-cb"),
    (0x30c, ".reg-s390-gs-bc"),
    (0x400, ".reg-arm-vfp"),
    (0x401, ".reg-aarch-tls"),
    (0x402, ".reg-aarch-hw-break"),
    (0x403, ".reg-aarch-hw-watch"),
    (0x405, ".reg-aarch-sve"),
    (0x406, ".reg-aarch-pauth"),
    (0x409, ".reg-aarch-mte"),
    (0x600, ".reg-arc-v2"),
    (0xa00, ".reg-loongarch-cpucfg"),
    (0xa02, ".reg-loongarch-lsx"),
    (0xa03, ".reg-loongarch-lasx"),
    (0xa04, ".reg-loongarch-lbt"),
];

/// Register notes that gdb adds.
const GDB_SECTIONS: &[(u32, &str)] = &[(0x900, ".reg-riscv-csr"), (NT_GDB_TDESC, ".gdb-tdesc")];

const FREEBSD_SECTIONS: &[(u32, &str)] = &[
    (NT_FPREGSET, ".reg2"),
    (7, ".thrmisc"),
    (8, ".note.freebsdcore.proc"),
    (9, ".note.freebsdcore.files"),
    (10, ".note.freebsdcore.vmmap"),
    (17, ".note.freebsdcore.lwpinfo"),
    (0x200, ".reg-x86-segbases"),
    (0x202, ".reg-xstate"),
    (0x400, ".reg-arm-vfp"),
    (0x401, ".reg-aarch-tls"),
];

const QNX_SECTIONS: &[(u32, &str)] =
    &[(7, ".qnx_core_info"), (8, ".qnx_core_status"), (9, ".reg"), (10, ".reg2")];

/// Where the parts of a `struct elf_prstatus` lie, in bytes.
struct StatusLayout {
    size: usize,
    pid: usize,
    registers: u64,
}

/// Layouts that are known for every machine, for the sake of debuggers on x86; the thread's number
/// is read as on x86, too.
const ANY_STATUS: [StatusLayout; 6] = [
    StatusLayout { size: 144, pid: 24, registers: 68 },
    StatusLayout { size: 336, pid: 32, registers: 216 },
    StatusLayout { size: 432, pid: 308, registers: 76 },
    StatusLayout { size: 508, pid: 308, registers: 152 },
    StatusLayout { size: 824, pid: 520, registers: 224 },
    StatusLayout { size: 904, pid: 520, registers: 304 },
];

/// The layout that a machine's Linux writes.
fn linux_status(machine: Machine, encoding: Encoding) -> Option<StatusLayout> {
    let (size, registers) = match (machine, encoding.class) {
        (EM_X86_64, _) if !encoding.is_big_endian() => (296, 216),
        (EM_MIPS, Class::Elf32) => (256, 180),
        (EM_MIPS, Class::Elf64) => (480, 360),
        (EM_PPC, Class::Elf32) => (268, 192),
        (EM_PPC64, Class::Elf64) => (504, 384),
        (EM_S390, Class::Elf32) if encoding.is_big_endian() => (224, 144),
        (EM_S390, Class::Elf64) if encoding.is_big_endian() => (336, 216),
        (EM_ARM, Class::Elf32) => (148, 72),
        (EM_SH, Class::Elf32) => (168, 92),
        (EM_AARCH64, _) => (392, 272),
        (EM_RISCV, Class::Elf32) => (204, 128),
        (EM_RISCV, Class::Elf64) => (376, 256),
        _ => return None,
    };
    // Signal numbers and masks come first: three integers, a short, and two words.
    let is_wide = encoding.is_64() || machine == EM_AARCH64;
    Some(StatusLayout { size, pid: if is_wide { 32 } else { 24 }, registers })
}

/// Where the command line lies in a `struct elf_prpsinfo`, by its size in bytes.
fn psinfo_args(size: usize, machine: Machine, encoding: Encoding) -> Option<usize> {
    match size {
        124 => Some(44),
        128 => {
            let has_wide_ids = matches!(machine, EM_MIPS | EM_PPC | EM_RISCV);
            (has_wide_ids && !encoding.is_64()).then_some(48)
        }
        136 => Some(56),
        SOLARIS_PSINFO_SIZE => Some(100),
        _ => None,
    }
}

/// A note of a core file.
struct Note<'data> {
    owner: &'data [u8],
    kind: u32,
    desc: &'data [u8],
}

/// What the notes of a core file have told so far.
pub(super) struct CoreNotes<'a, 'data> {
    file: &'a File<'data>,
    pid: u32,
    thread: u32,
    command: Option<Vec<u8>>,
    /// Names that are taken: the first of a kind also gets the short name.
    seen: Vec<&'static str>,
}

impl<'a, 'data> CoreNotes<'a, 'data> {
    pub(super) fn new(file: &'a File<'data>) -> Self {
        Self { file, pid: 0, thread: 0, command: None, seen: Vec::new() }
    }

    /// The command line, if a note held it.
    pub(super) fn into_command(self) -> Option<Vec<u8>> {
        self.command
    }

    /// Adds the sections of the notes in a segment.
    pub(super) fn read(
        &mut self,
        segment: &ProgramHeader,
        sections: &mut Vec<Section<'data>>,
    ) -> Checked<()> {
        if segment.filesz == 0 {
            return Ok(());
        }
        let bytes = self.file.segment_data(segment).map_err(|_| Refused)?;
        // The gABI has eight for 64 bits; only a segment that says so is written like that.
        let align = match segment.align {
            0..=4 => 4,
            8 => 8,
            _ => return Err(Refused),
        };
        let mut rest = bytes;
        while !rest.is_empty() {
            let (note, tail) = self.split_note(rest, align).ok_or(Refused)?;
            self.add(&note, sections)?;
            rest = tail;
        }
        Ok(())
    }

    fn split_note(&self, bytes: &'data [u8], align: usize) -> Option<(Note<'data>, &'data [u8])> {
        const HEADER: usize = 12;
        let encoding = self.file.encoding();
        let name_size = encoding.u32(bytes, 0)? as usize;
        let desc_size = encoding.u32(bytes, 4)? as usize;
        let kind = encoding.u32(bytes, 8)?;
        let owner = bytes.get(HEADER..HEADER.checked_add(name_size)?)?;
        let start = HEADER.checked_add(name_size)?.checked_next_multiple_of(align)?;
        let desc =
            if desc_size == 0 { &[] } else { bytes.get(start..start.checked_add(desc_size)?)? };
        let end = start.checked_add(desc_size)?.checked_next_multiple_of(align)?;
        let end_of_name = memchr::memchr(0, owner).unwrap_or(owner.len());
        let note = Note { owner: owner.get(..end_of_name)?, kind, desc };
        Some((note, bytes.get(end..).unwrap_or_default()))
    }

    fn add(&mut self, note: &Note<'data>, sections: &mut Vec<Section<'data>>) -> Checked<()> {
        match note.owner {
            b"FreeBSD" => self.add_freebsd(note, sections)?,
            b"OpenBSD" => self.add_openbsd(note, sections)?,
            b"QNX" => self.add_listed(QNX_SECTIONS, note, sections),
            b"GNU" => {}
            owner if owner.starts_with(b"NetBSD-CORE") => self.add_netbsd(note, sections)?,
            owner if owner.starts_with(b"OpenBSD") => self.add_openbsd(note, sections)?,
            owner if owner.starts_with(b"SPU/") => {
                sections.push(section(Cow::Borrowed(owner), note.desc.len()));
            }
            _ => self.add_linux(note, sections),
        }
        Ok(())
    }

    fn add_linux(&mut self, note: &Note<'data>, sections: &mut Vec<Section<'data>>) {
        match note.kind {
            NT_PRSTATUS => self.add_linux_thread(note, sections),
            NT_FPREGSET => self.add_pair(".reg2", note.desc.len(), sections),
            NT_PRPSINFO => self.take_linux_command(note),
            NT_AUXV => sections.push(section(Cow::Borrowed(b".auxv"), note.desc.len())),
            NT_SIGINFO => self.add_pair(".note.linuxcore.siginfo", note.desc.len(), sections),
            NT_FILE => self.add_pair(".note.linuxcore.file", note.desc.len(), sections),
            _ if note.owner == b"LINUX" => self.add_listed(LINUX_SECTIONS, note, sections),
            _ if note.owner == b"GDB" => self.add_listed(GDB_SECTIONS, note, sections),
            _ => {}
        }
    }

    fn add_linux_thread(&mut self, note: &Note<'data>, sections: &mut Vec<Section<'data>>) {
        let header = self.file.header();
        let size = note.desc.len();
        let own = linux_status(header.machine, header.encoding)
            .filter(|layout| layout.size == size)
            .map(|layout| (layout, header.encoding));
        let x86 = Encoding { class: Class::Elf64, endian: Endianness::Little };
        let any = || {
            let layout = ANY_STATUS.into_iter().find(|layout| layout.size == size)?;
            Some((layout, x86))
        };
        let Some((layout, encoding)) = own.or_else(any) else {
            return;
        };
        self.thread = encoding.u32(note.desc, layout.pid).unwrap_or(0);
        if self.pid == 0 {
            self.pid = self.thread;
        }
        let size = usize::try_from(layout.registers).unwrap_or(0);
        self.add_pair(".reg", size, sections);
    }

    fn take_linux_command(&mut self, note: &Note<'data>) {
        let header = self.file.header();
        let size = note.desc.len();
        let Some(start) = psinfo_args(size, header.machine, header.encoding) else {
            return;
        };
        self.take_command(note, start, LINUX_ARGS_SIZE);
        // Linux leaves a space after the last argument. GNU's readers for 64-bit PowerPC and for
        // the layout of Solaris let it stand.
        let is_ppc64 = header.machine == EM_PPC64 && header.encoding.is_64();
        let keeps_space = size == SOLARIS_PSINFO_SIZE || is_ppc64 && size == 136;
        if let Some(command) = &mut self.command
            && command.last() == Some(&b' ')
            && !keeps_space
        {
            command.pop();
        }
    }

    /// The text of at most `size` bytes at `start`.
    fn take_command(&mut self, note: &Note<'data>, start: usize, size: usize) {
        let tail = note.desc.get(start..).unwrap_or_default();
        let field = tail.get(..size).unwrap_or(tail);
        let end = memchr::memchr(0, field).unwrap_or(field.len());
        self.command = Some(field.get(..end).unwrap_or_default().to_vec());
    }

    fn add_freebsd(
        &mut self,
        note: &Note<'data>,
        sections: &mut Vec<Section<'data>>,
    ) -> Checked<()> {
        let encoding = self.file.encoding();
        let word = encoding.word_size();
        match note.kind {
            NT_PRSTATUS => {
                // A version, the sizes of the structure and of both register sets, the release of
                // the system, the signal, the thread.
                let has_version = encoding.u32(note.desc, 0) == Some(1);
                let size = encoding.word(note.desc, 2 * word).ok_or(Refused)?;
                let pid_at = 4 * word + 8;
                self.thread = encoding.u32(note.desc, pid_at).ok_or(Refused)?;
                let start = (pid_at + 4).next_multiple_of(word);
                let left = note.desc.len().saturating_sub(start) as u64;
                if !has_version || size > left {
                    return Err(Refused);
                }
                if self.pid == 0 {
                    self.pid = self.thread;
                }
                self.add_pair(".reg", usize::try_from(size).unwrap_or(0), sections);
            }
            NT_PRPSINFO => {
                const NAME_SIZE: usize = 17;
                const ARGS_SIZE: usize = 81;
                let is_whole = note.desc.len() >= 2 * word + NAME_SIZE + ARGS_SIZE;
                if encoding.u32(note.desc, 0) != Some(1) || !is_whole {
                    return Err(Refused);
                }
                self.take_command(note, 2 * word + NAME_SIZE, ARGS_SIZE);
            }
            FREEBSD_PROCSTAT_AUXV => add_auxv_after_word(note, sections),
            _ => self.add_listed(FREEBSD_SECTIONS, note, sections),
        }
        Ok(())
    }

    fn add_netbsd(
        &mut self,
        note: &Note<'data>,
        sections: &mut Vec<Section<'data>>,
    ) -> Checked<()> {
        const PID: usize = 0x50;
        const COMMAND: usize = 0x7c;
        self.take_thread_of_owner(note);
        match note.kind {
            NETBSD_PROCINFO => {
                check_command(note, COMMAND)?;
                self.pid = self.file.encoding().u32(note.desc, PID).unwrap_or(0);
                self.take_command(note, COMMAND, BSD_COMMAND_SIZE);
                self.add_pair(".note.netbsdcore.procinfo", note.desc.len(), sections);
            }
            NETBSD_AUXV => add_auxv_after_word(note, sections),
            NETBSD_LWPSTATUS => {
                self.add_pair(".note.netbsdcore.lwpstatus", note.desc.len(), sections);
            }
            kind => {
                // PT_GETREGS and PT_GETFPREGS, in the numbers of the machine.
                let (regs, fpregs) = match self.file.header().machine {
                    EM_AARCH64 | EM_ALPHA | EM_SPARC | EM_SPARC32PLUS | EM_SPARCV9 => (0, 2),
                    EM_SH => (3, 5),
                    EM_68K => (1, 3),
                    _ => (1, 3),
                };
                match kind.checked_sub(NETBSD_FIRST_MACHINE) {
                    Some(request) if request == regs => {
                        self.add_pair(".reg", note.desc.len(), sections);
                    }
                    Some(request) if request == fpregs => {
                        self.add_pair(".reg2", note.desc.len(), sections);
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn add_openbsd(
        &mut self,
        note: &Note<'data>,
        sections: &mut Vec<Section<'data>>,
    ) -> Checked<()> {
        const PID: usize = 0x20;
        const COMMAND: usize = 0x48;
        match note.kind {
            OPENBSD_PROCINFO => {
                check_command(note, COMMAND)?;
                self.pid = self.file.encoding().u32(note.desc, PID).unwrap_or(0);
                self.take_command(note, COMMAND, BSD_COMMAND_SIZE);
            }
            OPENBSD_AUXV => sections.push(section(Cow::Borrowed(b".auxv"), note.desc.len())),
            OPENBSD_REGS => self.add_pair(".reg", note.desc.len(), sections),
            OPENBSD_FPREGS => self.add_pair(".reg2", note.desc.len(), sections),
            OPENBSD_XFPREGS => self.add_pair(".reg-xfp", note.desc.len(), sections),
            _ => {}
        }
        Ok(())
    }

    /// `NetBSD-CORE@7`: the number after the sign is the thread's.
    fn take_thread_of_owner(&mut self, note: &Note<'data>) {
        let number = note.owner.split(|&byte| byte == b'@').nth(1);
        if let Some(number) = number {
            self.thread = leading_number(number);
        }
    }

    fn add_listed(
        &mut self,
        list: &[(u32, &'static str)],
        note: &Note<'data>,
        sections: &mut Vec<Section<'data>>,
    ) {
        if let Some((_, name)) = list.iter().find(|(kind, _)| *kind == note.kind) {
            self.add_pair(name, note.desc.len(), sections);
        }
    }

    /// `name/THREAD`, and for the first of its kind also `name`.
    fn add_pair(&mut self, name: &'static str, size: usize, sections: &mut Vec<Section<'data>>) {
        let thread = if self.thread == 0 { self.pid } else { self.thread };
        let long = format!("{name}/{}", thread.cast_signed());
        sections.push(section(Cow::Owned(long.into_bytes()), size));
        if !self.seen.contains(&name) {
            self.seen.push(name);
            sections.push(section(Cow::Borrowed(name.as_bytes()), size));
        }
    }
}

/// The command must lie in the note, with a byte to close it.
fn check_command(note: &Note<'_>, start: usize) -> Checked<()> {
    if note.desc.len() > start.saturating_add(BSD_COMMAND_SIZE) { Ok(()) } else { Err(Refused) }
}

/// The number at the start of a text as C's atoi(3) reads it, cut to 32 bits.
fn leading_number(text: &[u8]) -> u32 {
    let text = text.trim_ascii_start();
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    let limit = i64::MAX as u64;
    let number = digits.fold(0u64, |number, &digit| {
        number.saturating_mul(10).saturating_add(u64::from(digit & 0xf)).min(limit)
    });
    let number = number as u32;
    if is_negative { number.wrapping_neg() } else { number }
}

/// BSD systems write the size of an entry before the auxiliary vector. A note without it has a
/// section that is smaller than nothing.
fn add_auxv_after_word(note: &Note<'_>, sections: &mut Vec<Section<'_>>) {
    let size = note.desc.len().wrapping_sub(4);
    sections.push(section(Cow::Borrowed(b".auxv"), size));
}

fn section(name: Cow<'_, [u8]>, size: usize) -> Section<'_> {
    Section {
        name: Name(name),
        size: size as u64,
        addr: 0,
        offset: 0,
        flags: Flags(Flags::CONTENTS),
        header: 0,
    }
}

//! Descriptors of the notes of core files, as the Linux kernel writes them under the owners `CORE`
//! and `LINUX`. `<linux/elfcore.h>`, `<sys/procfs.h>`; core(5).
//!
//! Each thread has an `NT_PRSTATUS` note, followed by notes with its other registers; the process
//! has `NT_PRPSINFO`, `NT_AUXV`, `NT_FILE` and `NT_SIGINFO`.

use crate::ident::Encoding;

/// The owner of the notes that System V defines.
pub const OWNER_CORE: &[u8] = b"CORE";
/// The owner of the notes that Linux adds.
pub const OWNER_LINUX: &[u8] = b"LINUX";

/// A span of processor time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// Whole seconds.
    pub seconds: u64,
    /// Microseconds beside them.
    pub microseconds: u64,
}

/// `NT_PRSTATUS`: a thread when the core file was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadStatus<'data> {
    /// The signal that stopped the process, in the thread that took it.
    pub signal: u32,
    /// The signal's code (`si_code`).
    pub code: i32,
    /// The error number that came with it (`si_errno`).
    pub errno: i32,
    /// The signal that the thread is handling (`pr_cursig`).
    pub current_signal: u16,
    /// Pending signals, bit `n - 1` for signal `n`.
    pub pending: u64,
    /// Blocked signals, bit `n - 1` for signal `n`.
    pub held: u64,
    /// The thread's number, which Linux calls its process id too.
    pub pid: u32,
    /// The parent process.
    pub parent: u32,
    /// The process group.
    pub group: u32,
    /// The session.
    pub session: u32,
    /// Time in user space.
    pub user_time: Time,
    /// Time in the kernel.
    pub system_time: Time,
    /// The general registers, in the machine's own order, and what follows them: whether
    /// floating-point registers are valid.
    pub registers: &'data [u8],
}

impl<'data> ThreadStatus<'data> {
    /// Reads a descriptor; `None` if it ends before the registers.
    pub fn parse(desc: &'data [u8], encoding: Encoding) -> Option<Self> {
        let word = encoding.word_size();
        let pid_at = 16 + 2 * word;
        let times_at = pid_at + 16;
        let time = |index: usize| {
            let at = times_at + index * 2 * word;
            Some(Time {
                seconds: encoding.word(desc, at)?,
                microseconds: encoding.word(desc, at + word)?,
            })
        };
        Some(Self {
            signal: encoding.u32(desc, 0)?,
            code: encoding.u32(desc, 4)?.cast_signed(),
            errno: encoding.u32(desc, 8)?.cast_signed(),
            current_signal: encoding.u16(desc, 12)?,
            pending: encoding.word(desc, 16)?,
            held: encoding.word(desc, 16 + word)?,
            pid: encoding.u32(desc, pid_at)?,
            parent: encoding.u32(desc, pid_at + 4)?,
            group: encoding.u32(desc, pid_at + 8)?,
            session: encoding.u32(desc, pid_at + 12)?,
            user_time: time(0)?,
            system_time: time(1)?,
            registers: desc.get(times_at + 8 * word..)?,
        })
    }
}

/// `NT_PRPSINFO`: the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessInfo<'data> {
    /// The state as a number, 0 for running.
    pub state: u8,
    /// The state as the letter that ps(1) shows.
    pub state_letter: u8,
    /// The nice value.
    pub nice: i8,
    /// The kernel's flags of the task.
    pub flags: u64,
    /// The real user.
    pub user: u32,
    /// The real group.
    pub group: u32,
    /// The process.
    pub pid: u32,
    /// The parent process.
    pub parent: u32,
    /// The process group.
    pub process_group: u32,
    /// The session.
    pub session: u32,
    /// The name of the program, cut after 15 bytes.
    pub program: &'data [u8],
    /// The command line with blanks between arguments, cut after 79 bytes.
    pub arguments: &'data [u8],
}

impl<'data> ProcessInfo<'data> {
    const PROGRAM_SIZE: usize = 16;
    const ARGUMENTS_SIZE: usize = 80;

    /// Reads a descriptor; `None` if it is too short. Users and groups have 16 bits on machines
    /// that once had no more (i386, ARM, m68k, SuperH), which shows in the size.
    pub fn parse(desc: &'data [u8], encoding: Encoding) -> Option<Self> {
        let word = encoding.word_size();
        let fixed = Self::PROGRAM_SIZE + Self::ARGUMENTS_SIZE;
        let user_at = 2 * word;
        // Four process ids lie between the owner and the names.
        let id_size = if desc.len() < user_at + 2 * 4 + 4 * 4 + fixed { 2 } else { 4 };
        let pid_at = user_at + 2 * id_size;
        let id = |at: usize| encoding.uint(desc, at, id_size).map(|id| id as u32);
        let program_at = pid_at + 16;
        let text = |at: usize, size: usize| {
            let field = desc.get(at..at + size)?;
            field.get(..memchr::memchr(0, field).unwrap_or(size))
        };
        Some(Self {
            state: *desc.first()?,
            state_letter: *desc.get(1)?,
            nice: desc.get(3)?.cast_signed(),
            flags: encoding.word(desc, word)?,
            user: id(user_at)?,
            group: id(user_at + id_size)?,
            pid: encoding.u32(desc, pid_at)?,
            parent: encoding.u32(desc, pid_at + 4)?,
            process_group: encoding.u32(desc, pid_at + 8)?,
            session: encoding.u32(desc, pid_at + 12)?,
            program: text(program_at, Self::PROGRAM_SIZE)?,
            arguments: text(program_at + Self::PROGRAM_SIZE, Self::ARGUMENTS_SIZE)?,
        })
    }
}

/// `NT_AUXV`: what the kernel told the loader: pairs of an `AT_` number and a value, up to the
/// pair with `AT_NULL`, which is left out. getauxval(3).
pub fn auxiliary_vector(desc: &[u8], encoding: Encoding) -> impl Iterator<Item = (u64, u64)> + '_ {
    let word = encoding.word_size();
    desc.chunks_exact(2 * word)
        .filter_map(move |pair| Some((encoding.word(pair, 0)?, encoding.word(pair, word)?)))
        .take_while(|&(kind, _)| kind != 0)
}

/// Why an `NT_FILE` descriptor cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMappings {
    /// Less than the two words at the start.
    #[error("too short for its header")]
    NoHeader,
    /// The last name is not closed by a zero byte.
    #[error("does not end with a zero byte")]
    Unterminated,
    /// Fewer bytes than the stored number of mappings needs.
    #[error("too short for the number of mappings")]
    TooFew,
}

/// A file that was mapped into the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping<'data> {
    /// The first address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// Where in the file the mapping starts, in pages.
    pub page_offset: u64,
    /// The path; `None` if the names end before.
    pub path: Option<&'data [u8]>,
}

/// `NT_FILE`: the files that were mapped into the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mappings<'data> {
    /// The size of a page in bytes.
    pub page_size: u64,
    entries: &'data [u8],
    names: &'data [u8],
    encoding: Encoding,
}

impl<'data> Mappings<'data> {
    /// Reads a descriptor.
    ///
    /// # Errors
    /// See [`BadMappings`].
    pub fn parse(desc: &'data [u8], encoding: Encoding) -> Result<Self, BadMappings> {
        let word = encoding.word_size();
        let (count, page_size, tail) = (|| {
            Some((encoding.word(desc, 0)?, encoding.word(desc, word)?, desc.get(2 * word..)?))
        })()
        .ok_or(BadMappings::NoHeader)?;
        if desc.last() != Some(&0) {
            return Err(BadMappings::Unterminated);
        }
        let (entries, names) = usize::try_from(count)
            .ok()
            .and_then(|count| count.checked_mul(3 * word))
            .and_then(|size| tail.split_at_checked(size))
            .ok_or(BadMappings::TooFew)?;
        Ok(Self { page_size, entries, names, encoding })
    }

    /// The mappings in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Mapping<'data>> + use<'data> {
        let encoding = self.encoding;
        let word = encoding.word_size();
        let mut names = self.names;
        self.entries.chunks_exact(3 * word).map(move |entry| {
            let field = |index: usize| encoding.word(entry, index * word).unwrap_or_default();
            let path = memchr::memchr(0, names).and_then(|end| names.split_at_checked(end));
            if let Some((_, tail)) = path {
                names = tail.get(1..).unwrap_or_default();
            }
            Mapping {
                start: field(0),
                end: field(1),
                page_offset: field(2),
                path: path.map(|(path, _)| path),
            }
        })
    }
}

/// `NT_SIGINFO`: the start of the `siginfo_t` of the signal that ended the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalInfo {
    /// The signal.
    pub signal: u32,
    /// The second word: the error number (`si_errno`); on MIPS the code.
    pub errno: i32,
    /// The third word: why the signal was sent (`si_code`); on MIPS the error number.
    pub code: i32,
    /// The union's first word: for faults the address of the access.
    pub address: u64,
}

impl SignalInfo {
    /// Reads a descriptor; `None` if it is too short.
    pub fn parse(desc: &[u8], encoding: Encoding) -> Option<Self> {
        let union_at = if encoding.is_64() { 16 } else { 12 };
        Some(Self {
            signal: encoding.u32(desc, 0)?,
            errno: encoding.u32(desc, 4)?.cast_signed(),
            code: encoding.u32(desc, 8)?.cast_signed(),
            address: encoding.word(desc, union_at)?,
        })
    }
}

/// Reads `desc` as everything this module knows.
#[cfg(test)]
pub(crate) fn exercise(desc: &[u8], encoding: Encoding) {
    let _ = ThreadStatus::parse(desc, encoding);
    let _ = ProcessInfo::parse(desc, encoding);
    let _ = SignalInfo::parse(desc, encoding);
    assert!(auxiliary_vector(desc, encoding).count() <= desc.len() / 8);
    if let Ok(mappings) = Mappings::parse(desc, encoding) {
        assert!(mappings.iter().count() <= desc.len() / 12);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::Class;
    use crate::note::tests::{BE32, LE};
    use object::endian::Endianness;

    const LE32: Encoding = Encoding { class: Class::Elf32, endian: Endianness::Little };

    #[test]
    fn a_thread_status_ends_with_registers() {
        let mut desc = vec![0_u8; 336];
        desc[0] = 6;
        desc[12] = 6;
        desc[32..36].copy_from_slice(&77_u32.to_le_bytes());
        desc[48] = 3;
        desc[112] = 0xaa;
        let status = ThreadStatus::parse(&desc, LE).unwrap();
        assert_eq!((status.signal, status.current_signal, status.pid), (6, 6, 77));
        assert_eq!(status.user_time.seconds, 3);
        assert_eq!((status.registers.len(), status.registers[0]), (224, 0xaa));
        assert_eq!(ThreadStatus::parse(&desc[..100], LE), None);
        assert_eq!(ThreadStatus::parse(&desc[..144], LE32).unwrap().registers.len(), 72);
    }

    #[test]
    fn process_info_has_users_of_16_or_32_bits() {
        let build = |id_size: usize, word: usize| {
            let mut desc = vec![0_u8, b'R', 0, 0xff];
            desc.resize(2 * word, 0);
            desc.extend(&1000_u32.to_le_bytes()[..id_size]);
            desc.extend(&100_u32.to_le_bytes()[..id_size]);
            for id in [7_u32, 1, 7, 7] {
                desc.extend(id.to_le_bytes());
            }
            let start = desc.len();
            desc.extend(b"prog");
            desc.resize(start + 16, 0);
            desc.extend(b"./prog -x ");
            desc.resize(start + 96, 0);
            desc
        };
        for (desc, encoding) in [(build(2, 4), LE32), (build(4, 4), LE32), (build(4, 8), LE)] {
            let info = ProcessInfo::parse(&desc, encoding).unwrap();
            assert_eq!((info.state_letter, info.nice), (b'R', -1));
            assert_eq!((info.user, info.group, info.pid), (1000, 100, 7));
            assert_eq!((info.program, info.arguments), (&b"prog"[..], &b"./prog -x "[..]));
            assert_eq!(ProcessInfo::parse(&desc[..90], encoding), None);
        }
    }

    #[test]
    fn the_auxiliary_vector_ends_at_null() {
        let desc: Vec<u8> =
            [6_u32, 4096, 3, 0x34, 0, 0, 5, 5].iter().flat_map(|word| word.to_be_bytes()).collect();
        let pairs: Vec<_> = auxiliary_vector(&desc, BE32).collect();
        assert_eq!(pairs, [(6, 4096), (3, 0x34)]);
    }

    #[test]
    fn mappings_have_names_behind_all_entries() {
        let mut desc: Vec<u8> = [2_u64, 4096, 0x1000, 0x2000, 0, 0x5000, 0x6000, 3]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        assert_eq!(Mappings::parse(&desc[..8], LE), Err(BadMappings::NoHeader));
        desc.extend(b"/bin/a\0");
        let mappings = Mappings::parse(&desc, LE).unwrap();
        let found: Vec<_> = mappings.iter().collect();
        assert_eq!(mappings.page_size, 4096);
        assert_eq!((found[0].start, found[0].path), (0x1000, Some(&b"/bin/a"[..])));
        assert_eq!((found[1].page_offset, found[1].path), (3, None));
        desc.push(b'x');
        assert_eq!(Mappings::parse(&desc, LE), Err(BadMappings::Unterminated));
        desc[0] = 200;
        desc.push(0);
        assert_eq!(Mappings::parse(&desc, LE), Err(BadMappings::TooFew));
    }
}

//! Descriptors of the notes of FreeBSD's core files, of the owner `FreeBSD`. FreeBSD,
//! `<sys/procfs.h>` and `<sys/elf_common.h>`.
//!
//! They have the types of System V's (`NT_PRSTATUS`, `NT_PRPSINFO`), and a version number at the
//! start; what `procstat` shows follows in notes of their own, whose descriptors start with the
//! size of one structure.

use crate::ident::Encoding;

/// The version that this module reads.
const VERSION: u32 = 1;

/// `NT_PRSTATUS`: a thread when the core file was written (`prstatus_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadStatus<'data> {
    /// The version of the kernel (`__FreeBSD_version`).
    pub kernel_version: u32,
    /// The signal that stopped the process.
    pub signal: u32,
    /// The number of the thread.
    pub thread: u32,
    /// The general registers, in the machine's own order.
    pub registers: &'data [u8],
}

impl<'data> ThreadStatus<'data> {
    /// Reads a descriptor; `None` if it is too short or of another version.
    pub fn parse(desc: &'data [u8], encoding: Encoding) -> Option<Self> {
        let word = encoding.word_size();
        if encoding.u32(desc, 0)? != VERSION {
            return None;
        }
        // The version is padded to a word; the sizes of three structures follow.
        let ids_at = 4 * word;
        let registers_size = usize::try_from(encoding.word(desc, 2 * word)?).ok()?;
        let registers_at = (ids_at + 3 * 4).next_multiple_of(word);
        Some(Self {
            kernel_version: encoding.u32(desc, ids_at)?,
            signal: encoding.u32(desc, ids_at + 4)?,
            thread: encoding.u32(desc, ids_at + 8)?,
            registers: desc.get(registers_at..registers_at.checked_add(registers_size)?)?,
        })
    }
}

/// `NT_PRPSINFO`: the process (`prpsinfo_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessInfo<'data> {
    /// The name of the program, cut after 16 bytes.
    pub program: &'data [u8],
    /// The command line, cut after 80 bytes.
    pub arguments: &'data [u8],
    /// The process, which older kernels do not say.
    pub pid: Option<u32>,
}

impl<'data> ProcessInfo<'data> {
    const PROGRAM_SIZE: usize = 17;
    const ARGUMENTS_SIZE: usize = 81;

    /// Reads a descriptor; `None` if it is too short or of another version.
    pub fn parse(desc: &'data [u8], encoding: Encoding) -> Option<Self> {
        if encoding.u32(desc, 0)? != VERSION {
            return None;
        }
        let program_at = 2 * encoding.word_size();
        let arguments_at = program_at + Self::PROGRAM_SIZE;
        let pid_at = (arguments_at + Self::ARGUMENTS_SIZE).next_multiple_of(4);
        let text = |at: usize, size: usize| {
            let field = desc.get(at..at + size)?;
            field.get(..memchr::memchr(0, field).unwrap_or(size))
        };
        Some(Self {
            program: text(program_at, Self::PROGRAM_SIZE)?,
            arguments: text(arguments_at, Self::ARGUMENTS_SIZE)?,
            pid: encoding.u32(desc, pid_at),
        })
    }
}

/// The structures of a `NT_PROCSTAT_` descriptor: their size in bytes, and the bytes of all. For
/// the auxiliary vector see [`super::core_file::auxiliary_vector`]. `None` if the descriptor is
/// shorter than the size.
pub fn procstat(desc: &[u8], encoding: Encoding) -> Option<(u32, &[u8])> {
    Some((encoding.u32(desc, 0)?, desc.get(4..)?))
}

/// Reads `desc` as everything this module knows.
#[cfg(test)]
pub(crate) fn exercise(desc: &[u8], encoding: Encoding) {
    let _ = ThreadStatus::parse(desc, encoding);
    let _ = ProcessInfo::parse(desc, encoding);
    let _ = procstat(desc, encoding);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::tests::{BE32, LE};

    #[test]
    fn a_thread_status_has_its_registers_behind_their_sizes() {
        let mut desc = Vec::new();
        for word in [1_u64, 0x58, 16, 0] {
            desc.extend(word.to_le_bytes());
        }
        for id in [1_400_097_u32, 6, 100_123, 0] {
            desc.extend(id.to_le_bytes());
        }
        desc.extend([0xaa; 16]);
        let status = ThreadStatus::parse(&desc, LE).unwrap();
        assert_eq!((status.signal, status.thread), (6, 100_123));
        assert_eq!(status.registers, [0xaa; 16]);
        assert_eq!(ThreadStatus::parse(&desc[..60], LE), None);
        desc[0] = 9;
        assert_eq!(ThreadStatus::parse(&desc, LE), None);
    }

    #[test]
    fn process_info_may_lack_the_process() {
        let mut desc = Vec::new();
        for word in [1_u32, 108] {
            desc.extend(word.to_be_bytes());
        }
        desc.extend(b"sh");
        desc.resize(8 + 17, 0);
        desc.extend(b"sh -c x");
        desc.resize(8 + 17 + 81, 0);
        let info = ProcessInfo::parse(&desc, BE32).unwrap();
        assert_eq!((info.program, info.arguments), (&b"sh"[..], &b"sh -c x"[..]));
        assert_eq!(info.pid, None);
        desc.extend([0, 0, 0, 0, 0, 77]);
        assert_eq!(ProcessInfo::parse(&desc, BE32).unwrap().pid, Some(77));
    }
}

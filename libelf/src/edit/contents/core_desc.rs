//! Descriptors of core files' notes, as [`crate::note::core_file`] reads them, to be written.

use std::borrow::Cow;

use super::writer::{Result, UnfitFault, Writer};
use crate::edit::Field;
use crate::ident::Encoding;
use crate::note::core_file::{self, Time};

/// `NT_PRSTATUS`: a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadStatus<'data> {
    /// The signal that stopped the process (`si_signo`).
    pub signal: u32,
    /// `si_code`
    pub code: i32,
    /// `si_errno`
    pub errno: i32,
    /// The signal that the thread is handling (`pr_cursig`).
    pub current_signal: u16,
    /// Pending signals, bit `n - 1` for signal `n`.
    pub pending: u64,
    /// Blocked signals, bit `n - 1` for signal `n`.
    pub held: u64,
    /// The thread's number.
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
    /// Time in user space of children that were waited for.
    pub child_user_time: Time,
    /// Time in the kernel of children that were waited for.
    pub child_system_time: Time,
    /// The general registers, in the machine's order, and what follows them.
    pub registers: Cow<'data, [u8]>,
}

impl<'data> ThreadStatus<'data> {
    /// Reads a descriptor; bytes of padding are taken for zeros.
    pub fn decode(desc: &'data [u8], encoding: Encoding) -> Option<Self> {
        let status = core_file::ThreadStatus::parse(desc, encoding)?;
        let word = encoding.word_size();
        let child_time = |index: usize| {
            let at = 32 + 2 * word + index * 2 * word;
            Some(Time {
                seconds: encoding.word(desc, at)?,
                microseconds: encoding.word(desc, at + word)?,
            })
        };
        Some(Self {
            signal: status.signal,
            code: status.code,
            errno: status.errno,
            current_signal: status.current_signal,
            pending: status.pending,
            held: status.held,
            pid: status.pid,
            parent: status.parent,
            group: status.group,
            session: status.session,
            user_time: status.user_time,
            system_time: status.system_time,
            child_user_time: child_time(2)?,
            child_system_time: child_time(3)?,
            registers: Cow::Borrowed(status.registers),
        })
    }

    pub(super) fn encode(&self, writer: &mut Writer) -> Result<()> {
        writer.u32(self.signal);
        writer.u32(self.code.cast_unsigned());
        writer.u32(self.errno.cast_unsigned());
        writer.u16(self.current_signal);
        writer.u16(0);
        writer.word("pr_sigpend", self.pending)?;
        writer.word("pr_sighold", self.held)?;
        for id in [self.pid, self.parent, self.group, self.session] {
            writer.u32(id);
        }
        let times =
            [self.user_time, self.system_time, self.child_user_time, self.child_system_time];
        for time in times {
            writer.word("tv_sec", time.seconds)?;
            writer.word("tv_usec", time.microseconds)?;
        }
        writer.bytes(&self.registers);
        Ok(())
    }
}

/// `NT_PRPSINFO`: the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessInfo<'data> {
    /// The state as a number, 0 for running.
    pub state: u8,
    /// The state as the letter that ps(1) shows.
    pub state_letter: u8,
    /// 1 for a zombie.
    pub is_zombie: u8,
    /// The nice value.
    pub nice: i8,
    /// The kernel's flags of the task.
    pub flags: u64,
    /// Whether users and groups have 16 bits: the machines that once had no more.
    pub has_short_ids: bool,
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
    /// The name of the program: at most 16 bytes, zeros fill the field.
    pub program: Cow<'data, [u8]>,
    /// The command line: at most 80 bytes, zeros fill the field.
    pub arguments: Cow<'data, [u8]>,
}

/// The bytes of `pr_fname`.
const PROGRAM_SIZE: usize = 16;
/// The bytes of `pr_psargs`.
const ARGUMENTS_SIZE: usize = 80;

impl<'data> ProcessInfo<'data> {
    /// Reads a descriptor; bytes of padding are taken for zeros.
    pub fn decode(desc: &'data [u8], encoding: Encoding) -> Option<Self> {
        let info = core_file::ProcessInfo::parse(desc, encoding)?;
        let long = 2 * encoding.word_size() + 2 * 4 + 4 * 4 + PROGRAM_SIZE + ARGUMENTS_SIZE;
        Some(Self {
            state: info.state,
            state_letter: info.state_letter,
            is_zombie: *desc.get(2)?,
            nice: info.nice,
            flags: info.flags,
            has_short_ids: desc.len() < long,
            user: info.user,
            group: info.group,
            pid: info.pid,
            parent: info.parent,
            process_group: info.process_group,
            session: info.session,
            program: Cow::Borrowed(info.program),
            arguments: Cow::Borrowed(info.arguments),
        })
    }

    pub(super) fn encode(&self, writer: &mut Writer) -> Result<()> {
        for byte in [self.state, self.state_letter, self.is_zombie, self.nice.cast_unsigned()] {
            writer.u8(byte);
        }
        writer.align(writer.encoding().word_size());
        writer.word("pr_flag", self.flags)?;
        let id_size = if self.has_short_ids { 2 } else { 4 };
        writer.uint("pr_uid", self.user.into(), id_size)?;
        writer.uint("pr_gid", self.group.into(), id_size)?;
        for id in [self.pid, self.parent, self.process_group, self.session] {
            writer.u32(id);
        }
        let texts = [
            (&self.program, PROGRAM_SIZE, "pr_fname has 16 bytes at most"),
            (&self.arguments, ARGUMENTS_SIZE, "pr_psargs has 80 bytes at most"),
        ];
        for (text, size, fault) in texts {
            let rest = size
                .checked_sub(text.len())
                .ok_or_else(|| writer.fault(UnfitFault::Other(fault)))?;
            writer.bytes(text);
            writer.zeros(rest);
        }
        // The structure ends as it is aligned.
        writer.align(writer.encoding().word_size());
        Ok(())
    }
}

/// `NT_FILE`: the files that were mapped into the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mappings<'data> {
    /// How many mappings the descriptor claims.
    pub count: Field<u64>,
    /// The size of a page in bytes.
    pub page_size: u64,
    /// The mappings, in order.
    pub mappings: Vec<Mapping<'data>>,
}

/// A file that was mapped into the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping<'data> {
    /// The first address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// Where in the file the mapping starts, in pages.
    pub page_offset: u64,
    /// The path.
    pub path: Cow<'data, [u8]>,
}

impl<'data> Mappings<'data> {
    /// Reads a descriptor; `None` if there is not one name for each mapping.
    pub fn decode(desc: &'data [u8], encoding: Encoding) -> Option<Self> {
        let found = core_file::Mappings::parse(desc, encoding).ok()?;
        let mappings = found.iter().map(|mapping| {
            Some(Mapping {
                start: mapping.start,
                end: mapping.end,
                page_offset: mapping.page_offset,
                path: Cow::Borrowed(mapping.path?),
            })
        });
        let mappings = mappings.collect::<Option<_>>()?;
        Some(Self { count: Field::Auto, page_size: found.page_size, mappings })
    }

    pub(super) fn encode(&self, writer: &mut Writer) -> Result<()> {
        let word = writer.encoding().word_size();
        writer.field("count", self.count, self.mappings.len() as u64, word)?;
        writer.word("page_size", self.page_size)?;
        for (index, mapping) in self.mappings.iter().enumerate() {
            writer.entry_of("mapping", index);
            writer.word("start", mapping.start)?;
            writer.word("end", mapping.end)?;
            writer.word("file_ofs", mapping.page_offset)?;
        }
        for mapping in &self.mappings {
            writer.text(&mapping.path);
        }
        Ok(())
    }
}

/// `NT_SIGINFO`: the signal that ended the process (`siginfo_t`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignalInfo<'data> {
    /// The signal.
    pub signal: u32,
    /// The second word: `si_errno`; on MIPS `si_code`.
    pub errno: i32,
    /// The third word: `si_code`; on MIPS `si_errno`.
    pub code: i32,
    /// What follows: in 64-bit files a word of padding, then the union.
    pub rest: Cow<'data, [u8]>,
}

impl<'data> SignalInfo<'data> {
    /// Reads a descriptor.
    pub fn decode(desc: &'data [u8], encoding: Encoding) -> Option<Self> {
        Some(Self {
            signal: encoding.u32(desc, 0)?,
            errno: encoding.u32(desc, 4)?.cast_signed(),
            code: encoding.u32(desc, 8)?.cast_signed(),
            rest: Cow::Borrowed(desc.get(12..)?),
        })
    }

    pub(super) fn encode(&self, writer: &mut Writer) {
        writer.u32(self.signal);
        writer.u32(self.errno.cast_unsigned());
        writer.u32(self.code.cast_unsigned());
        writer.bytes(&self.rest);
    }
}

//! Unwinding: from a place in a program to its caller's, with the registers it had.
//!
//! A compiler says of each address of a function where the frame of its caller is (the CFA, an
//! address), and where the registers of the caller are kept: a [`Row`]. Rows are in `.eh_frame`,
//! which a table in `.eh_frame_hdr` finds by address, or in `.debug_frame`. DWARF 5, section 6.4;
//! Linux Standard Base, chapter 10.
//!
//! An [`Unwinder`] has the frames of one file. It answers [`Unwinder::row`] for an address, and
//! goes to the caller with [`Unwinder::step`], for which it is given the registers and a way to
//! read memory: of a live process, a core file or a copy of a stack. What C++ and Rust do when an
//! exception comes by is in the [`lsda`] of a frame.
//!
//! Unwinding one frame:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use libdwarf::load::{Backing, Sections};
//! use libdwarf::unwind::{State, Unwinder};
//!
//! let bytes = libelf::map::read(&std::env::current_exe()?)?;
//! let backing = Backing::new();
//! let sections = Sections::new(libelf::File::parse(&bytes)?, &backing);
//! let unwinder = Unwinder::of(&sections);
//! let frame = unwinder.frames().next().ok_or("no frames")??;
//!
//! // At its first instruction; the stack has the return address and is zero elsewhere.
//! let mut state = State::new(frame.start());
//! for register in 0..32 {
//!     state.set(register, 0x7000);
//! }
//! let mut memory = |_address: u64, _size: u8| Some(0x1234);
//! match unwinder.step(&state, &mut memory)? {
//!     Some(caller) => println!("called from {:#x}", caller.pc()),
//!     None => println!("nobody called it"),
//! }
//! # Ok(())
//! # }
//! ```

mod entry;
mod evaluate;
mod header;
mod index;
pub mod lsda;
mod pointer;
mod row;
mod run;
mod step;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use gimli::{EndianSlice, Pointer, RunTimeEndian};
use libelf::raw::Machine;

use crate::load::{Sections, Slice};
use crate::registers::Registers;
use crate::section::SectionId;

use entry::{Fde, Table};
use header::Header;
use index::Index;
use lsda::Lsda;
use pointer::Bases;

pub use evaluate::Memory;
pub use row::{Cfa, Row, Rule};
pub use step::State;

/// An expression of a row.
pub type Expression<'data> = gimli::Expression<Slice<'data>>;

/// Why a frame cannot be unwound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The frames cannot be read.
    #[error("call frames: {0}")]
    Frames(#[from] gimli::Error),
    /// The instructions of a function end before the address.
    #[error("no row of call frames for address {0:#x}")]
    NoRow(u64),
    /// A register is needed whose value is not known.
    #[error("the value of register {0} is not known")]
    NoRegister(u32),
    /// Memory is needed that cannot be read.
    #[error("memory at {address:#x} cannot be read ({size} bytes)")]
    NoMemory {
        /// Where.
        address: u64,
        /// How many bytes.
        size: u8,
    },
    /// An expression asks for what there is not in a frame.
    #[error("an expression of call frames asks for what is not there")]
    Expression,
    /// A table for exceptions cannot be read.
    #[error("damaged table for exceptions")]
    Lsda,
}

/// The sections that unwinding reads, with their addresses.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'data> {
    /// `e_machine`
    pub machine: Machine,
    /// The byte order.
    pub endian: RunTimeEndian,
    /// The bytes of an address.
    pub address_size: u8,
    /// `.eh_frame`, empty if there is none, and its address.
    pub eh_frame: (&'data [u8], u64),
    /// `.eh_frame_hdr`, likewise.
    pub eh_frame_hdr: (&'data [u8], u64),
    /// `.debug_frame`, empty if there is none.
    pub debug_frame: &'data [u8],
    /// The address of `.text`, which some encodings are relative to.
    pub text: u64,
    /// The address of `.got`, likewise.
    pub got: u64,
}

/// The frames of a file.
#[derive(Debug)]
pub struct Unwinder<'data> {
    machine: Machine,
    endian: RunTimeEndian,
    address_size: u8,
    load_bias: u64,
    eh_frame: Table<'data>,
    debug_frame: Table<'data>,
    header: Option<Header<'data>>,
    eh_index: OnceLock<Index>,
    debug_index: OnceLock<Index>,
}

/// One function, or a part of one, that has rows.
#[derive(Clone, Debug)]
pub struct Frame<'data> {
    section: SectionId,
    fde: Fde<'data>,
}

impl Frame<'_> {
    /// The section that it is in: `.eh_frame` or `.debug_frame`.
    pub fn section(&self) -> SectionId {
        self.section
    }

    /// The offset of its FDE in the section.
    pub fn offset(&self) -> usize {
        self.fde.offset
    }

    /// The address where it starts, as in the file.
    pub fn start(&self) -> u64 {
        self.fde.start
    }

    /// The address behind it.
    pub fn end(&self) -> u64 {
        self.fde.end
    }

    /// The register that the return address is in: its column in rows.
    pub fn return_address_register(&self) -> u32 {
        self.fde.cie.return_register
    }

    /// Whether it was called by a signal, not by an instruction before the return address.
    pub fn is_signal_trampoline(&self) -> bool {
        self.fde.cie.is_signal
    }

    /// The function that is asked what to do when an exception comes by.
    pub fn personality(&self) -> Option<Pointer> {
        self.fde.cie.personality
    }

    /// Where the table for exceptions is that the personality reads: see [`lsda`].
    pub fn lsda(&self) -> Option<Pointer> {
        self.fde.lsda
    }
}

impl<'data> Unwinder<'data> {
    /// The frames of a file whose sections are found.
    pub fn of(sections: &Sections<'data>) -> Self {
        let file = sections.file();
        let address = |id: SectionId| {
            let found = file.section_by_name(id.name().as_bytes()).ok().flatten();
            found.and_then(|(index, _)| sections.address_of(index, 0)).unwrap_or(0)
        };
        let named = |name: &[u8]| {
            let found = file.section_by_name(name).ok().flatten();
            found.map_or(0, |(_, header)| header.addr)
        };
        Self::new(Parts {
            machine: file.header().machine,
            endian: sections.endian(),
            address_size: file.encoding().word_size() as u8,
            eh_frame: (sections.get(SectionId::EhFrame), address(SectionId::EhFrame)),
            eh_frame_hdr: (sections.get(SectionId::EhFrameHdr), address(SectionId::EhFrameHdr)),
            debug_frame: sections.get(SectionId::Frame),
            text: named(b".text"),
            got: named(b".got"),
        })
    }

    /// The frames in these sections.
    pub fn new(parts: Parts<'data>) -> Self {
        let Parts { machine, endian, address_size, .. } = parts;
        let slice = |bytes| EndianSlice::new(bytes, endian);
        let table = |section, bytes, start| {
            let bases = Bases { start, text: parts.text, data: parts.got, address_size };
            Table { section, bytes: slice(bytes), bases }
        };
        let (eh_frame, eh_frame_address) = parts.eh_frame;
        let (header, header_address) = parts.eh_frame_hdr;
        let header = table(SectionId::EhFrameHdr, header, header_address);
        Self {
            machine,
            endian,
            address_size,
            load_bias: 0,
            header: Header::parse(header.bytes, header.bases).ok().flatten(),
            eh_frame: table(SectionId::EhFrame, eh_frame, eh_frame_address),
            debug_frame: table(SectionId::Frame, parts.debug_frame, 0),
            eh_index: OnceLock::new(),
            debug_index: OnceLock::new(),
        }
    }

    /// The same where the file was loaded this much higher than it says: addresses of [`State`]s
    /// are those of the process.
    #[must_use]
    pub fn with_load_bias(mut self, bias: u64) -> Self {
        self.load_bias = bias;
        self
    }

    /// The names of registers.
    pub fn registers(&self) -> Registers {
        Registers::of(self.machine)
    }

    /// The frame that an address (of the file) is in: by the table of `.eh_frame_hdr`, or by going
    /// through `.eh_frame` once; else in `.debug_frame`.
    ///
    /// # Errors
    /// If the frame is found and cannot be read.
    pub fn frame(&self, address: u64) -> Result<Option<Frame<'data>>, Error> {
        if let Some(offset) = self.eh_offset(address) {
            let frame = self.frame_at(SectionId::EhFrame, offset)?;
            if frame.fde.contains(address) {
                return Ok(Some(frame));
            }
        }
        let Some(offset) = self.debug_index().find(address) else { return Ok(None) };
        self.frame_at(SectionId::Frame, offset).map(Some)
    }

    /// The frame whose FDE is at this offset of `.eh_frame` or `.debug_frame`.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn frame_at(&self, section: SectionId, offset: usize) -> Result<Frame<'data>, Error> {
        Ok(Frame { section, fde: self.table(section).fde(offset)? })
    }

    /// All frames by address, those of `.eh_frame` first.
    pub fn frames(&self) -> impl Iterator<Item = Result<Frame<'data>, Error>> + '_ {
        let eh = self.eh_index().offsets().map(|offset| (SectionId::EhFrame, offset));
        let all = eh.chain(self.debug_index().offsets().map(|offset| (SectionId::Frame, offset)));
        all.map(|(section, offset)| self.frame_at(section, offset))
    }

    /// The row for an address (of the file) of a frame.
    ///
    /// # Errors
    /// If the instructions cannot be run, or there is none.
    pub fn row(&self, frame: &Frame<'data>, address: u64) -> Result<Row<'data>, Error> {
        let mut found = None;
        let is_it = |start: u64, end: u64| start <= address && address < end;
        self.each_row(frame, is_it, |row| {
            found = Some(row);
            false
        })?;
        found.ok_or(Error::NoRow(address))
    }

    /// Hands each row of a frame to `wanted`, ascending, as long as that says so.
    ///
    /// # Errors
    /// If the instructions cannot be run.
    pub fn rows(
        &self,
        frame: &Frame<'data>,
        wanted: impl FnMut(Row<'data>) -> bool,
    ) -> Result<(), Error> {
        self.each_row(frame, |_, _| true, wanted)
    }

    /// As [`Self::rows`], of the rows between whose addresses `is_wanted` says so.
    fn each_row(
        &self,
        frame: &Frame<'data>,
        is_wanted: impl Fn(u64, u64) -> bool,
        wanted: impl FnMut(Row<'data>) -> bool,
    ) -> Result<(), Error> {
        let table = self.table(frame.section);
        Ok(run::rows(table, &frame.fde, self.machine, is_wanted, wanted)?)
    }

    /// The table for exceptions of a frame: `table` starts where [`Frame::lsda`] leads, and may go
    /// on behind it.
    ///
    /// # Errors
    /// If the frame has none at a known address, or it is damaged.
    pub fn exceptions<'t>(&self, frame: &Frame<'_>, table: &'t [u8]) -> Result<Lsda<'t>, Error> {
        let Some(Pointer::Direct(address)) = frame.lsda() else { return Err(Error::Lsda) };
        let address_size = self.address_size;
        let base = lsda::Base { address, function: frame.start(), address_size };
        Lsda::parse(table, self.endian, base)
    }

    fn eh_index(&self) -> &Index {
        self.eh_index.get_or_init(|| Index::new(&self.eh_frame))
    }

    fn debug_index(&self) -> &Index {
        self.debug_index.get_or_init(|| Index::new(&self.debug_frame))
    }

    fn table(&self, section: SectionId) -> &Table<'data> {
        if section == SectionId::Frame { &self.debug_frame } else { &self.eh_frame }
    }

    /// The offset in `.eh_frame` of the frame for an address.
    fn eh_offset(&self, address: u64) -> Option<usize> {
        let by_table = self.header.and_then(|header| {
            let offset = header.find(address)?.checked_sub(self.eh_frame.bases.start)?;
            usize::try_from(offset).ok()
        });
        if by_table.is_some() {
            return by_table;
        }
        self.eh_index().find(address)
    }
}

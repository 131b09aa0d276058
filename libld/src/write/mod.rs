//! The contents of the output, made in parallel.
//!
//! The output is cut into parts that never overlap: output sections, and in them runs of input
//! sections. Each part is made by one thread in a buffer: copied, relocated, its gaps filled; then
//! it is given to the room that the output has. What has to be gathered (dynamic relocations,
//! troubles) is gathered by part and joined in order.

pub mod addresses;
pub mod bytes;
pub mod headers;
mod made;
pub mod room;
mod runs;
mod split;
pub mod symtab;
pub mod unique;

pub use addresses::{AddressInput, Addresses};
pub use runs::{Fill, fill_sections};

use std::borrow::Cow;

use libelf::raw::{SHF_WRITE, SHT_NOBITS};
use libelf::section::SectionHeader;

use crate::arch::Arch;
use crate::eh_frame::Frames;
use crate::form::Form;
use crate::ids::{FileId, SectionId};
use crate::input::Object;
use crate::input::relocs::{Reloc, RelocTable};
use crate::layout::OutputSection;
use crate::made::INTERNAL;
use crate::options::Options;
use crate::resolve::Resolved;
use crate::scan::{Facts, Report, Target, Trouble, facts_of, facts_of_local, target};
use crate::script::glob::Glob;
use crate::tables::Tables;
use room::Room;

/// What writing reads.
pub struct WriteInput<'a, 'data> {
    /// Files and symbols.
    pub resolved: &'a Resolved<'data>,
    /// What is true of each symbol.
    pub facts: &'a [Facts],
    /// Slots.
    pub tables: &'a Tables,
    /// The address of everything.
    pub addresses: &'a Addresses<'a, 'data>,
    /// The machine.
    pub arch: &'a dyn Arch,
    /// The kind of output.
    pub form: Form,
    /// Whether relative relocations are packed.
    pub packs_relative: bool,
    /// The contents of sections that another pass made, by their numbers.
    pub contents: &'a dyn Contents,
    /// What is left of `.eh_frame`.
    pub frames: &'a Frames<'data>,
    /// Whether relocations are kept, so that changed ones are told.
    pub keeps_relocs: bool,
    /// What the command line asks for: a machine may have options of its own.
    pub options: &'a Options,
}

/// Contents that other passes make: merged strings, unwind tables, dynamic symbols.
pub trait Contents: Sync {
    /// Fills the bytes of a section; `false` if the section is an ordinary one.
    fn fill(&self, section: SectionId, address: u64, bytes: &mut [u8]) -> bool;
}

/// A dynamic relocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DynamicReloc {
    /// Where it applies.
    pub address: u64,
    /// What it does.
    pub kind: DynamicKind,
    /// The symbol that it names, if it names one.
    pub target: Target,
    /// What is added.
    pub addend: i64,
}

/// What a dynamic relocation does, in the order in which they are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DynamicKind {
    /// Adds the load bias.
    Relative,
    /// A symbol's address.
    Absolute,
    /// A symbol's distance from the place.
    Distance,
    /// A symbol's address in the global offset table.
    GlobDat,
    /// The number of a module.
    TlsModule,
    /// An offset in a module's block.
    TlsOffset,
    /// An offset from the thread pointer.
    TlsTpOffset,
    /// The same, counted from the symbol up to the thread pointer.
    TlsTpDistance,
    /// A descriptor.
    TlsDesc,
    /// The contents of a variable.
    Copy,
    /// What a function answers.
    Irelative,
    /// A function's address in the procedure linkage table's slots.
    JumpSlot,
    /// The relocation of an object as it is, of this type.
    Native(u32),
}

/// A relocation as its object has it: its section, its offset there in bytes and its type.
pub type RewrittenKey = (SectionId, u64, u32);

/// A dynamic relocation that adds the load bias: nearly all are such, so they are kept small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relative {
    /// Where it applies.
    pub address: u64,
    /// What the load bias is added to.
    pub value: u64,
}

/// What writing a part gathers.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Relative relocations, in the order in which they were met.
    pub relative: Vec<Relative>,
    /// Other dynamic relocations of input sections and of tables.
    pub dynamic: Vec<DynamicReloc>,
    /// What is wrong.
    pub reports: Vec<Report>,
    /// If relocations are kept: those of code that was made simpler, as they are now.
    pub rewritten: Vec<(RewrittenKey, Reloc)>,
}

impl Outcome {
    /// Copies the contents of an input section, unpacked, and answers them; if they cannot be
    /// unpacked, that is noted.
    pub fn copy<'data>(
        &mut self,
        id: SectionId,
        object: &Object<'data>,
        header: &SectionHeader,
        bytes: &mut [u8],
    ) -> Option<Cow<'data, [u8]>> {
        let Ok(contents) = object.contents(header) else {
            let (reloc, trouble) = (Reloc::default(), Trouble::Packed);
            self.reports.push(Report { section: id, reloc, trouble });
            return None;
        };
        let length = bytes.len().min(contents.len());
        if let (Some(to), Some(from)) = (bytes.get_mut(..length), contents.get(..length)) {
            to.copy_from_slice(from);
        }
        Some(contents)
    }
}

/// What writing all parts gathers, in the order of parts.
#[derive(Debug, Default)]
pub struct Written {
    /// Relative relocations, by part.
    pub relative: Vec<Vec<Relative>>,
    /// Other dynamic relocations.
    pub dynamic: Vec<DynamicReloc>,
    /// What is wrong.
    pub reports: Vec<Report>,
    /// If relocations are kept: those of code that was made simpler, as they are now.
    pub rewritten: Vec<(RewrittenKey, Reloc)>,
}

/// Writes all sections.
pub fn write_sections(input: &WriteInput<'_, '_>, room: &dyn Room) -> Written {
    let pad_code = input.arch.identity().pad_code;
    let fill: &Fill<'_> = &|id, section, addr, bytes, outcome| {
        write_input(input, id, section, addr, bytes, outcome);
    };
    fill_sections(input.addresses.layout(), pad_code, room, fill)
}

fn write_input(
    input: &WriteInput<'_, '_>,
    id: SectionId,
    output: &OutputSection<'_>,
    addr: u64,
    bytes: &mut [u8],
    outcome: &mut Outcome,
) {
    if input.contents.fill(id, addr, bytes) {
        return;
    }
    if id.file == INTERNAL {
        made::fill(input, id, addr, bytes, outcome);
        return;
    }
    let Some(object) = input.resolved.object(id.file) else { return };
    let Some(header) = object.sections.get(id.index as usize) else { return };
    let layout = input.addresses.layout();
    if header.kind == SHT_NOBITS {
        return;
    }
    if let Some(moved) = input.frames.fill(id, layout, bytes) {
        let input_bytes = bytes.to_vec();
        let mut section = SectionWrite {
            input,
            file: id.file,
            object,
            index: id.index,
            header,
            relocs: moved.table(),
            addr,
            input_bytes: &input_bytes,
            output_name: &output.name,
            bytes,
            outcome,
        };
        input.arch.relocate(&mut section);
        return;
    }
    let Some(contents) = outcome.copy(id, object, &header, bytes) else { return };
    let mut section = SectionWrite {
        input,
        file: id.file,
        object,
        index: id.index,
        header,
        relocs: object.relocs_of(id.index),
        addr,
        input_bytes: &contents,
        output_name: &output.name,
        bytes,
        outcome,
    };
    input.arch.relocate(&mut section);
}

/// A section while it is relocated.
pub struct SectionWrite<'a, 'data> {
    input: &'a WriteInput<'a, 'data>,
    file: FileId,
    /// The object that it belongs to.
    pub object: &'a Object<'data>,
    index: u32,
    /// Its section header.
    pub header: SectionHeader,
    relocs: RelocTable<'a>,
    /// Where it lies in memory.
    pub addr: u64,
    /// Its contents as they were.
    pub input_bytes: &'a [u8],
    output_name: &'a [u8],
    bytes: &'a mut [u8],
    outcome: &'a mut Outcome,
}

impl<'a, 'data> SectionWrite<'a, 'data> {
    /// The relocations that apply to it.
    pub fn relocs(&self) -> RelocTable<'a> {
        self.relocs
    }

    /// What the symbol with this index is.
    pub fn target(&self, symbol: u32) -> Option<Target> {
        target(self.file, self.object, symbol)
    }

    /// What is true of a target.
    pub fn facts(&self, target: Target) -> Facts {
        match target {
            Target::Local(_, index) => facts_of_local(self.object, index),
            _ => facts_of(self.input.resolved, self.input.facts, target),
        }
    }

    /// The kind of output.
    pub fn form(&self) -> Form {
        self.input.form
    }

    /// What the command line asks for.
    pub fn options(&self) -> &'a Options {
        self.input.options
    }

    /// Whether the program may write to the section.
    pub fn is_writable(&self) -> bool {
        self.header.flags & SHF_WRITE.0 != 0
    }

    /// The address of everything.
    pub fn addresses(&self) -> &'a Addresses<'a, 'data> {
        self.input.addresses
    }

    /// The first of the two words for the output's own module.
    pub fn module_slot(&self) -> Option<u32> {
        self.input.tables.module_slot
    }

    /// The size of the symbol, in bytes.
    pub fn size_of(&self, target: Target) -> u64 {
        let (object, index) = match target {
            Target::None => return 0,
            Target::Local(file, index) => (self.input.resolved.object(file), index),
            Target::Global(id) => {
                let state = self.input.resolved.symbols.get(id);
                if let Some(symbol) = self.input.resolved.shared_symbol(&state) {
                    return symbol.size;
                }
                (self.input.resolved.object(state.file), state.index)
            }
        };
        object.and_then(|object| object.symbols.get(index as usize)).map_or(0, |symbol| symbol.size)
    }

    /// What stands for an address that the output does not have: what options say, the last that
    /// fits. In lists of ranges and locations a pair of zeros ends the list, so they get ones.
    pub fn tombstone(&self) -> u64 {
        let asked = &self.input.options.output.dead_relocs;
        if !asked.is_empty() {
            let name = self.object.section_name(self.index).unwrap_or_default();
            let fits = |(pattern, _): &&(Vec<u8>, u64)| Glob::new(pattern).matches(name);
            if let Some((_, value)) = asked.iter().rev().find(fits) {
                return *value;
            }
        }
        let name = self.output_name;
        let ends_at_zero = name == b".debug_ranges" || name == b".debug_loc";
        u64::from(ends_at_zero)
    }

    /// The byte at this offset, as it was.
    pub fn input_byte(&self, offset: u64) -> Option<u8> {
        self.input_bytes.get(usize::try_from(offset).ok()?).copied()
    }

    /// Writes bytes; `false` if they lie outside.
    pub fn put(&mut self, offset: Option<u64>, text: &[u8]) -> bool {
        let start = offset.and_then(|offset| usize::try_from(offset).ok());
        let field = start
            .and_then(|start| Some(start..start.checked_add(text.len())?))
            .and_then(|range| self.bytes.get_mut(range));
        match field {
            Some(field) => {
                field.copy_from_slice(text);
                true
            }
            None => false,
        }
    }

    /// Notes that the code at a relocation was made simpler, so that it is another one: with the
    /// type and the addend `kind` and `addend`, `moved` bytes on.
    pub fn rewritten(&mut self, reloc: &Reloc, kind: u32, addend: i64, moved: i64) {
        if self.input.keeps_relocs {
            let section = SectionId { file: self.file, index: self.index };
            let offset = reloc.offset.wrapping_add_signed(moved);
            let now = Reloc { kind, addend, offset, symbol: reloc.symbol };
            self.outcome.rewritten.push(((section, reloc.offset, reloc.kind), now));
        }
    }

    /// Notes a relocation that adds the load bias.
    pub fn relative(&mut self, offset: u64, value: u64) {
        let is_packed = self.input.packs_relative
            && self.header.addralign > 1
            && (self.header.addralign | offset).is_multiple_of(2);
        if !is_packed {
            let address = self.addr.wrapping_add(offset);
            self.outcome.relative.push(Relative { address, value });
        }
    }

    /// Notes a relocation that writes a symbol's address.
    pub fn symbolic(&mut self, reloc: &Reloc, target: Target) {
        self.dynamic(reloc.offset, DynamicKind::Absolute, target, reloc.addend);
    }

    /// Notes a relocation that writes a symbol's distance.
    pub fn distance(&mut self, reloc: &Reloc, target: Target) {
        self.dynamic(reloc.offset, DynamicKind::Distance, target, reloc.addend);
    }

    /// Notes that a relocation is left to the loader as it is.
    pub fn native(&mut self, reloc: &Reloc, target: Target) {
        self.dynamic(reloc.offset, DynamicKind::Native(reloc.kind), target, reloc.addend);
    }

    /// Notes a relocation that writes a thread-local symbol's offset from the thread pointer:
    /// that of `target`, or of what lies at `offset` in the output's own block.
    pub fn tp_offset(&mut self, reloc: &Reloc, target: Target, offset: u64) {
        self.dynamic(reloc.offset, DynamicKind::TlsTpOffset, target, offset as i64);
    }

    /// Notes a relocation that writes what the function at `value` answers.
    pub fn irelative(&mut self, offset: u64, value: u64) {
        self.dynamic(offset, DynamicKind::Irelative, Target::None, value as i64);
    }

    fn dynamic(&mut self, offset: u64, kind: DynamicKind, target: Target, addend: i64) {
        let address = self.addr.wrapping_add(offset);
        self.outcome.dynamic.push(DynamicReloc { address, kind, target, addend });
    }

    /// Notes that something is wrong.
    pub fn trouble(&mut self, reloc: &Reloc, trouble: Trouble) {
        let section = SectionId { file: self.file, index: self.index };
        self.outcome.reports.push(Report { section, reloc: *reloc, trouble });
    }
}

//! The slots of symbols, and what a slot holds.

use libelf::raw::{PT_GNU_RELRO, SHF_WRITE, SHN_UNDEF, STT_TLS};

use crate::ids::{FileId, SymbolId};
use crate::input::Shared;
use crate::made::Made;
use crate::resolve::{Kind, Resolved};
use crate::scan::Target;

/// Where a symbol finds what it needs: numbers of words of `.got`, of entries of the tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// The word with its address.
    pub got: Option<u32>,
    /// The word with its offset from the thread pointer.
    pub got_tp: Option<u32>,
    /// The word with the offset from the symbol to the thread pointer.
    pub got_tp_distance: Option<u32>,
    /// The first of two words: module and offset.
    pub tls_gd: Option<u32>,
    /// The first of two words: a descriptor.
    pub tls_desc: Option<u32>,
    /// The entry of `.plt`.
    pub plt: Option<u32>,
    /// The entry of `.iplt`.
    pub iplt: Option<u32>,
    /// The entry of `.plt.got`.
    pub plt_got: Option<u32>,
    /// The copy.
    pub copy: Option<u32>,
    /// Whether the entry of `.plt` is the function's address.
    pub is_canonical: bool,
}

/// What a word of `.got` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GotSlot {
    /// The address of a symbol.
    Address(Target),
    /// The address of an IFUNC's entry in `.iplt`.
    Iplt(Target),
    /// A symbol's offset from the thread pointer.
    TpOffset(Target),
    /// The offset from a symbol to the thread pointer.
    TpDistance(Target),
    /// The number of a symbol's module.
    Module(Target),
    /// A symbol's offset in its module's block.
    DtpOffset(Target),
    /// The number of the output's own module.
    OwnModule,
    /// A descriptor; the word behind it belongs to it.
    Descriptor(Target),
    /// Zero.
    Zero,
}

/// A variable that is copied from its library when the program starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopySlot {
    /// The symbol.
    pub id: SymbolId,
    /// Where the copy starts in its section, in bytes.
    pub offset: u64,
    /// How many bytes are copied.
    pub size: u64,
    /// What its address must be a multiple of.
    pub align: u64,
    /// Whether the library does not write to it once it is relocated, so that nobody needs to.
    pub is_read_only: bool,
}

impl CopySlot {
    /// The section that the copy is in.
    pub const fn section(&self) -> Made {
        if self.is_read_only { Made::CopyRelro } else { Made::CopyBss }
    }

    /// Calls the copy by a name that is not weak, unless it has such a name already.
    pub fn take_name(&mut self, id: SymbolId, resolved: &Resolved<'_>) {
        if resolved.symbols.get(self.id).kind != Kind::Shared {
            self.id = id;
        }
    }
}

/// A variable of a library, whatever its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Variable {
    /// The library.
    pub file: FileId,
    /// Its address there.
    pub address: u64,
}

/// The variable that a symbol names in the library that defines it.
pub fn variable(id: SymbolId, resolved: &Resolved<'_>) -> Option<Variable> {
    let state = resolved.symbols.get(id);
    if !state.kind.is_shared() {
        return None;
    }
    let symbol = resolved.shared_symbol(&state)?;
    let is_data = symbol.shndx != SHN_UNDEF && symbol.kind() != STT_TLS;
    is_data.then_some(Variable { file: state.file, address: symbol.value })
}

/// The largest alignment that a copy is given: nothing tells more than the address that the
/// variable has in its library.
const MOST_ALIGN: u64 = 1 << 12;

/// The copy of a variable, behind those known in its section.
pub fn copy_slot(id: SymbolId, resolved: &Resolved<'_>, known: &[CopySlot]) -> Option<CopySlot> {
    let state = resolved.symbols.get(id);
    let symbol = resolved.shared_symbol(&state)?;
    if symbol.shndx == SHN_UNDEF {
        return None;
    }
    let shared = resolved.shared(state.file)?;
    let section = shared.file.section(symbol.shndx.0.into()).ok();
    let is_constant = section.is_some_and(|section| section.flags & SHF_WRITE.0 == 0);
    let is_read_only = is_constant || is_in_relro(shared, symbol.value);
    let limit = section.map_or(MOST_ALIGN, |section| section.addralign.max(1)).min(MOST_ALIGN);
    let by_address = 1_u64.checked_shl(symbol.value.trailing_zeros()).unwrap_or(MOST_ALIGN);
    let align = limit.min(by_address).max(1);
    let before = known.iter().rev().find(|copy| copy.is_read_only == is_read_only);
    let end = before.map_or(0, |copy| copy.offset.saturating_add(copy.size));
    let offset = end.checked_next_multiple_of(align)?;
    Some(CopySlot { id, offset, size: symbol.size, align, is_read_only })
}

/// Whether an address of a library is in what is read-only once the library is relocated.
fn is_in_relro(shared: &Shared<'_>, address: u64) -> bool {
    let Ok(segments) = shared.file.program_headers() else { return false };
    segments.iter().any(|segment| {
        segment.kind == PT_GNU_RELRO && address.wrapping_sub(segment.vaddr) < segment.memsz
    })
}

//! The address of everything, once the output is laid out.

use libelf::raw::{PT_LOAD, PT_TLS, STT_SECTION};
use libelf::symbol::Symbol;
use rayon::prelude::*;

use crate::arch::Arch;
use crate::eh_frame::Frames;
use crate::ids::{FileId, SectionId, SymbolId};
use crate::input::Object;
use crate::input::object::Place;
use crate::input::relocs::Reloc;
use crate::layout::Layout;
use crate::made::Made;
use crate::merge::Merged;
use crate::merge::addresses::{PieceAddresses, Spot};
use crate::resolve::{Kind, Resolved};
use crate::scan::Target;
use crate::symbols::{Standard, StandardSymbols};
use crate::tables::{CopySlot, Slots, Tables};

/// What addresses follow from.
#[derive(Clone, Copy)]
pub struct AddressInput<'a, 'data> {
    /// Files and symbols.
    pub resolved: &'a Resolved<'data>,
    /// Where sections lie.
    pub layout: &'a Layout<'a>,
    /// Where pieces of merged sections lie.
    pub merged: &'a Merged<'data>,
    /// What is left of `.eh_frame`.
    pub frames: &'a Frames<'data>,
    /// Slots.
    pub tables: &'a Tables,
    /// Symbols that the link defines without a script.
    pub standard: &'a StandardSymbols,
    /// The machine.
    pub arch: &'a dyn Arch,
}

/// The address of everything.
pub struct Addresses<'a, 'data> {
    input: AddressInput<'a, 'data>,
    /// Of what is in merged sections.
    pieces: PieceAddresses<'a, 'data>,
    /// Of global symbols, by number: their values, wherever relocations find them.
    globals: Vec<u64>,
    made: [u64; crate::made::MADE.len()],
    /// The thread pointer, as an address of the image.
    thread_pointer: u64,
    /// The start of the image of thread-local storage.
    tls_start: u64,
    /// The bytes of a slot.
    slot: u64,
}

/// A symbol's address and what is to be added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    /// S
    pub symbol: u64,
    /// A
    pub addend: i64,
    /// Whether the symbol is in a part of its file that the output does not have.
    pub is_gone: bool,
}

impl<'a, 'data> Addresses<'a, 'data> {
    /// Works out all that is asked for often.
    pub fn new(input: AddressInput<'a, 'data>) -> Self {
        let made = std::array::from_fn(|index| {
            let section = Made::from_index(index as u32).map(Made::section);
            section.and_then(|section| input.layout.address(section, 0)).unwrap_or(0)
        });
        let tls = input.layout.segments.iter().find(|segment| segment.kind == PT_TLS);
        let tls_start = tls.map_or(0, |tls| tls.addr);
        let threads = input.arch.identity().threads;
        let thread_pointer = tls.map_or(0, |tls| threads.pointer(tls.addr, tls.size, tls.align));
        let spot = |section| {
            let place = input.layout.places.get_or_nearby(section)?;
            let output = input.layout.sections.get(place.output as usize)?.addr;
            Some(Spot { output, offset: place.offset })
        };
        let mut addresses = Self {
            input,
            pieces: PieceAddresses::new(input.merged, &spot),
            globals: Vec::new(),
            made,
            thread_pointer,
            tls_start,
            slot: input.arch.identity().got_slot,
        };
        let globals = (0..input.resolved.symbols.len() as u32)
            .into_par_iter()
            .with_min_len(1 << 12)
            .map(|number| addresses.value_of(SymbolId(number)).unwrap_or(0));
        addresses.globals = globals.collect();
        addresses
    }

    /// The layout.
    pub fn layout(&self) -> &'a Layout<'a> {
        self.input.layout
    }

    /// The value of a global symbol; `None` if the output does not have what it names.
    fn value_of(&self, id: SymbolId) -> Option<u64> {
        let AddressInput { resolved, layout, tables, .. } = self.input;
        let state = resolved.symbols.get(id);
        if let Some(symbol) = layout.symbols.get(&id) {
            return Some(symbol.value);
        }
        match state.kind {
            Kind::Linker => self.input.standard.get(id).and_then(|symbol| self.standard(symbol)),
            Kind::Definition | Kind::WeakDefinition => {
                let object = resolved.object(state.file)?;
                let symbol = object.symbols.get(state.index as usize)?;
                self.of_symbol(state.file, object, state.index, &symbol)
            }
            Kind::Common => {
                let object = resolved.object(state.file)?;
                let index = object.sections.len() as u32;
                let offset = resolved.commons.get(&id)?.offset;
                layout.address(SectionId { file: state.file, index }, offset)
            }
            Kind::Shared | Kind::WeakShared => {
                let slots = tables.slots(Target::Global(id))?;
                if let Some(copy) = self.copy(slots) {
                    return Some(self.made(copy.section()).wrapping_add(copy.offset));
                }
                if slots.is_canonical { self.plt_entry(slots) } else { None }
            }
            _ => None,
        }
    }

    /// What a symbol stands for that the link defines without a script.
    pub fn standard_symbol(&self, id: SymbolId) -> Option<&'a Standard> {
        self.input.standard.get(id)
    }

    fn standard(&self, symbol: &Standard) -> Option<u64> {
        let section =
            |name: &[u8]| self.input.layout.sections.iter().find(|section| *section.name == *name);
        match symbol {
            Standard::ElfHeader => {
                let segments = &self.input.layout.segments;
                let first = segments.iter().find(|it| it.kind == PT_LOAD && it.offset == 0)?;
                Some(first.addr)
            }
            Standard::Version => Some(0),
            Standard::Dynamic => Some(self.made(Made::Dynamic)),
            Standard::Got => Some(self.got_base()),
            Standard::TlsBlock => Some(self.tls_start),
            Standard::SectionStart(name) => Some(section(name)?.addr),
            Standard::SectionStop(name) => {
                section(name).map(|section| section.addr.wrapping_add(section.size))
            }
        }
    }

    /// The index of the output section whose bound a symbol is that no script defines.
    pub fn bounded_section(&self, id: SymbolId) -> Option<u32> {
        let (Standard::SectionStart(name) | Standard::SectionStop(name)) =
            self.input.standard.get(id)?
        else {
            return None;
        };
        let sections = &self.input.layout.sections;
        sections.iter().position(|section| *section.name == **name).map(|index| index as u32)
    }

    /// The value of a symbol of an object.
    fn of_symbol(
        &self,
        file: FileId,
        object: &Object<'data>,
        index: u32,
        symbol: &Symbol,
    ) -> Option<u64> {
        match object.place(index, symbol) {
            Place::Section(section) => {
                self.in_section(SectionId { file, index: section }, symbol.value)
            }
            Place::Absolute => Some(symbol.value),
            _ => None,
        }
    }

    /// The address of a place in an input section, wherever its pieces went.
    #[inline]
    pub fn in_section(&self, section: SectionId, offset: u64) -> Option<u64> {
        if let Some(address) = self.pieces.find(section, offset) {
            return address;
        }
        let offset = self.input.frames.map(section, offset).unwrap_or(offset);
        self.input.layout.address(section, offset)
    }

    /// Whether the output has an input section, with all that was in it.
    #[inline]
    pub fn has_whole(&self, section: SectionId) -> bool {
        !self.input.merged.contains(section) && self.input.layout.places.get(section).is_some()
    }

    /// The section header index of the output section that an input section lies in.
    pub fn section_at(&self, section: SectionId) -> Option<u16> {
        let section = self.input.merged.map(section, 0).map_or(section, |piece| piece.section);
        let place = self.input.layout.places.get_or_nearby(section)?;
        Some(super::symtab::header_index(place.output))
    }

    /// The output section of this name.
    pub fn output_named(&self, name: &str) -> Option<&'a crate::layout::OutputSection<'a>> {
        self.input.layout.sections.iter().find(|section| *section.name == *name.as_bytes())
    }

    /// The address of a made section; 0 if the output does not have it.
    pub fn made(&self, made: Made) -> u64 {
        self.made.get(made as usize).copied().unwrap_or(0)
    }

    /// The value of a global symbol; 0 if it has none.
    #[inline]
    pub fn global(&self, id: SymbolId) -> u64 {
        self.globals.get(id.index()).copied().unwrap_or(0)
    }

    /// The address of a target, 0 if it has none.
    pub fn target(&self, target: Target) -> u64 {
        match target {
            Target::None => 0,
            Target::Global(id) => self.global(id),
            Target::Local(file, index) => self.local(file, index).unwrap_or(0),
        }
    }

    fn local(&self, file: FileId, index: u32) -> Option<u64> {
        let object = self.input.resolved.object(file)?;
        let symbol = object.symbols.get(index as usize)?;
        self.of_symbol(file, object, index, &symbol)
    }

    /// S and A of a relocation.
    #[inline]
    pub fn locate(&self, object: &Object<'data>, target: Target, reloc: &Reloc) -> Located {
        let addend = reloc.addend;
        let (file, index) = match target {
            Target::None => return Located { symbol: 0, addend, is_gone: false },
            Target::Global(id) => {
                return Located { symbol: self.global(id), addend, is_gone: self.is_gone(id) };
            }
            Target::Local(file, index) => (file, index),
        };
        let Some(symbol) = object.symbols.get(index as usize) else {
            return Located { symbol: 0, addend, is_gone: true };
        };
        if symbol.kind() == STT_SECTION
            && let Place::Section(section) = object.place(index, &symbol)
        {
            let section = SectionId { file, index: section };
            let offset = symbol.value.wrapping_add_signed(addend);
            // In a merged section, symbol and addend together say which piece is meant.
            if let Some(address) = self.pieces.find(section, offset) {
                let symbol = address.unwrap_or(0);
                return Located { symbol, addend: 0, is_gone: address.is_none() };
            }
        }
        let address = self.of_symbol(file, object, index, &symbol);
        Located { symbol: address.unwrap_or(0), addend, is_gone: address.is_none() }
    }

    fn is_gone(&self, id: SymbolId) -> bool {
        if self.global(id) != 0 {
            return false;
        }
        let state = self.input.resolved.symbols.get(id);
        matches!(state.kind, Kind::Definition | Kind::WeakDefinition) && self.value_of(id).is_none()
    }

    // ---- slots

    /// The slots of a target.
    pub fn slots(&self, target: Target) -> Slots {
        self.input.tables.slots(target).copied().unwrap_or_default()
    }

    /// The copy that a symbol of a library names.
    pub fn copy(&self, slots: &Slots) -> Option<&'a CopySlot> {
        self.input.tables.copies.get(slots.copy? as usize)
    }

    /// The address of a word of `.got`.
    pub fn got_word(&self, word: u32) -> u64 {
        self.made(Made::Got).wrapping_add(u64::from(word) * self.slot)
    }

    /// The address of the global offset table: what `_GLOBAL_OFFSET_TABLE_` names.
    pub fn got_base(&self) -> u64 {
        let (first, other) = match self.input.arch.identity().got_base {
            Made::Got => (Made::Got, Made::GotPlt),
            _ => (Made::GotPlt, Made::Got),
        };
        match self.made(first) {
            0 => self.made(other),
            address => address,
        }
    }

    /// The slot of an entry of `.plt`.
    pub fn plt_slot(&self, entry: u32) -> u64 {
        let word = self.input.arch.identity().got_plt_reserved + u64::from(entry);
        self.made(Made::GotPlt).wrapping_add(word * self.slot)
    }

    /// The slot of an entry of `.iplt`.
    pub fn iplt_slot(&self, entry: u32) -> u64 {
        self.made(Made::IgotPlt).wrapping_add(u64::from(entry) * self.slot)
    }

    /// The address of the entry of a procedure linkage table that calls go through.
    pub fn plt_entry(&self, slots: &Slots) -> Option<u64> {
        let plt = self.input.arch.plt();
        if let Some(entry) = slots.plt
            && plt.second_entry_size() != 0
        {
            let offset = u64::from(entry) * plt.second_entry_size();
            return Some(self.made(Made::PltSec).wrapping_add(offset));
        }
        if let Some(entry) = slots.plt {
            let offset = plt.header_size() + u64::from(entry) * plt.entry_size();
            return Some(self.made(Made::Plt).wrapping_add(offset));
        }
        if let Some(entry) = slots.iplt {
            let offset = u64::from(entry) * plt.got_entry_size();
            return Some(self.made(Made::Iplt).wrapping_add(offset));
        }
        let entry = slots.plt_got?;
        Some(self.made(Made::PltGot).wrapping_add(u64::from(entry) * plt.got_entry_size()))
    }

    /// The offset of an address of thread-local storage from the thread pointer.
    pub fn tp_offset(&self, address: u64) -> u64 {
        address.wrapping_sub(self.thread_pointer)
    }

    /// The offset of an address of thread-local storage in the output's block.
    pub fn dtp_offset(&self, address: u64) -> u64 {
        address.wrapping_sub(self.tls_start)
    }
}

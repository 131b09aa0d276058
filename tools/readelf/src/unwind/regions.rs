//! What the unwind tables of PA-RISC and IA-64 have in common: an entry for each region of code, of
//! words of which the first ones are addresses.
//!
//! ```text
//! .PARISC.unwind   start  end  flags  flags     words of 32 bits in both classes
//! .IA_64.unwind    start  end  information      words of the class
//! ```
//!
//! Addresses count from the start of the segment that holds the table. In relocatable files they
//! are what relocations of one family (`SEGREL`) say.

use common::{Output, out};
use libelf::raw::{PT_LOAD, SHT_RELA};
use libelf::reloc::{Reloc, Relocs};
use libelf::{SectionHeader, names};

use super::functions::{Address, FunctionSymbols, Functions, put_number};
use crate::object::Object;
use crate::symbol_table::Hex;
use crate::text;

/// The most addresses that an entry has.
const MOST_ADDRESSES: usize = 3;

/// How the entries of a table are stored.
pub struct Layout {
    /// The bytes of a word.
    pub word: usize,
    /// The words of an entry, and how many of them, from the first, are addresses.
    pub words: usize,
    /// See `words`.
    pub addresses: usize,
    /// What the names of the relocations that apply to addresses start with.
    pub relocs: &'static str,
}

impl Layout {
    /// The bytes of an entry.
    pub fn entry_size(&self) -> usize {
        self.words * self.word
    }
}

/// An entry of a table.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'data> {
    addresses: [Address; MOST_ADDRESSES],
    /// The entry as stored.
    pub bytes: &'data [u8],
}

impl Entry<'_> {
    /// Where the unwind information of the region is, if entries say so.
    pub fn info(&self) -> Address {
        let [_, _, info] = self.addresses;
        info
    }

    /// Prints the region as a heading: `<function+1a>: [0x10-0x20]`.
    pub fn put_region(&self, out: &mut Output, functions: &Functions<'_>) {
        let [start, end, _] = self.addresses;
        out.put(b"\n<");
        if let Some((name, distance)) = functions.find(start) {
            out.put(&text::printable(name));
            if distance != 0 {
                out!(out, "+{distance:x}");
            }
        }
        out.put(b">: [");
        put_number(out, start.offset);
        out.put(b"-");
        put_number(out, end.offset);
        out.put(b"]");
    }
}

/// Reads the tables of a file, one after the other.
pub struct Reader<'a, 'data> {
    /// How entries are stored.
    pub layout: Layout,
    /// What relocations refer to.
    pub symbols: &'a FunctionSymbols<'data>,
    /// The address that the table read last counts from. A table that no segment holds is taken to
    /// lie where the one before it does.
    pub base: u64,
}

impl Reader<'_, '_> {
    /// The table in the section with this `index`, relocated; `None` if it, the program headers or
    /// its relocations cannot be read, which is reported.
    pub fn read<'data>(
        &mut self,
        out: &mut Output,
        object: &mut Object<'data>,
        index: u32,
        section: &SectionHeader,
    ) -> Option<Vec<Entry<'data>>> {
        self.find_base(out, object, section)?;
        let data = object.section_data(out, section, "unwind table")?;
        let entries = data.chunks_exact(self.layout.entry_size());
        let mut table: Vec<_> = entries.map(|bytes| self.entry(object, bytes)).collect();
        self.relocate(out, object, index, &mut table)?;
        Some(table)
    }

    /// Finds the address of the segment that holds `section`.
    fn find_base(
        &mut self,
        out: &mut Output,
        object: &mut Object<'_>,
        section: &SectionHeader,
    ) -> Option<()> {
        if object.phnum == 0 {
            return Some(());
        }
        if !object.load_segments(out) {
            return None;
        }
        let end = section.addr.wrapping_add(section.size);
        let holder = object.segments.iter().flatten().find(|segment| {
            segment.kind == PT_LOAD
                && section.addr >= segment.vaddr
                && end <= segment.vaddr.wrapping_add(segment.memsz)
        });
        if let Some(segment) = holder {
            self.base = segment.vaddr;
        }
        Some(())
    }

    fn entry<'data>(&self, object: &Object<'_>, bytes: &'data [u8]) -> Entry<'data> {
        let Layout { word, addresses: count, .. } = self.layout;
        let mut entry = Entry { addresses: [Address::default(); MOST_ADDRESSES], bytes };
        for (number, address) in entry.addresses.iter_mut().enumerate().take(count) {
            let stored = object.encoding().uint(bytes, number * word, word).unwrap_or(0);
            address.offset = self.base.wrapping_add(stored);
        }
        entry
    }

    /// Applies the relocations of the table in the section with this `index`; `None` if they
    /// cannot be read.
    fn relocate(
        &self,
        out: &mut Output,
        object: &Object<'_>,
        index: u32,
        table: &mut [Entry<'_>],
    ) -> Option<()> {
        let what = match self.layout.word {
            8 => "64-bit relocation data",
            _ => "32-bit relocation data",
        };
        let is_wanted =
            |section: &&SectionHeader| section.kind == SHT_RELA && section.info == index;
        for rela in object.sections.iter().filter(is_wanted) {
            let bytes = object.section_data(out, rela, what)?;
            for reloc in Relocs::rela(bytes, object.encoding(), object.header.machine).iter() {
                self.apply(out, object, table, &reloc);
            }
        }
        Some(())
    }

    /// Applies one relocation, or warns that it cannot be applied.
    fn apply(&self, out: &mut Output, object: &Object<'_>, table: &mut [Entry<'_>], reloc: &Reloc) {
        let name = names::reloc_names(&object.header).and_then(|names| names.get(reloc.kind));
        match name {
            Some(name) if name.starts_with(self.layout.relocs) => {}
            Some(name) => {
                out.warn(format_args!("Skipping unexpected relocation type: {name}"));
                return;
            }
            None => {
                out.warn(format_args!("Skipping unknown relocation type: {}", reloc.kind));
                return;
            }
        }
        let number = reloc.offset / self.layout.entry_size() as u64;
        let entry = usize::try_from(number).ok().and_then(|number| table.get_mut(number));
        let Some(entry) = entry else {
            out.warn(format_args!("Skipping reloc with overlarge offset: {}", Hex(number)));
            return;
        };
        let index = reloc.symbol;
        let symbol = self.symbols.symbols.and_then(|symbols| symbols.symbols.get(index as usize));
        let Some(symbol) = symbol else {
            out.warn(format_args!("Skipping reloc with invalid symbol index: {index}"));
            return;
        };
        let word = reloc.offset / self.layout.word as u64 % self.layout.words as u64;
        let addresses = entry.addresses.iter_mut().take(self.layout.addresses);
        if let Some((_, address)) = (0..).zip(addresses).find(|&(number, _)| number == word) {
            *address = Address {
                section: symbol.shndx.0.into(),
                offset: symbol.value.wrapping_add_signed(reloc.addend.unwrap_or(0)),
            };
        }
    }
}

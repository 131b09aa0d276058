//! ARM's exception tables, which TI's C6000 has taken over. Exception Handling ABI for the ARM
//! Architecture (EHABI), chapters 6 to 10.
//!
//! `.ARM.exidx` has two words for each function. The first says where the function starts: a
//! signed offset of 31 bits from the word itself (`prel31`). The second one is
//!
//! - 1: the function cannot be unwound through;
//! - with the highest bit set: the byte code itself;
//! - else the offset (`prel31`) of an entry of `.ARM.extab`.
//!
//! An entry of `.ARM.extab` starts with a word that either has the highest bit set and holds the
//! start of the byte code, or is the offset of a personality routine. In a relocatable file all
//! offsets are made by relocations.

use std::cell::RefCell;

use common::{Output, out};
use libelf::raw::{EM_TI_C6000, SHN_UNDEF, SHT_REL, SHT_RELA, SectionType};
use libelf::reloc::Relocs;
use libelf::{Reloc, SectionHeader, names};

use super::functions::{Address, FunctionSymbols, Functions, put_name, put_number};
use super::{Budget, arm_code, c6000_code, no_sections};
use crate::object::Object;
use crate::symbol_table::Hex;
use crate::text;

/// `SHT_ARM_EXIDX` and `SHT_C6000_UNWIND`.
const SHT_INDEX: SectionType = SectionType(0x7000_0001);
/// The bytes of an index entry.
const ENTRY_SIZE: u64 = 8;
/// The second word of a function that cannot be unwound through.
const CANT_UNWIND: u32 = 1;
/// The bit of a word that holds byte code, not an offset.
const INLINE: u32 = 0x8000_0000;
/// The bits of an offset.
const PREL31: u32 = 0x7fff_ffff;
/// The most relocations that are looked at for a section.
const MOST_STEPS: usize = 1 << 26;
/// Names that the personality routines of compilers start with, after which byte code follows in
/// the form of compact model 1.
const GNU_PERSONALITIES: [&[u8]; 4] = [
    b"__gcc_personality_v0",
    b"__gxx_personality_v0",
    b"__gcj_personality_v0",
    b"__gnu_objc_personality_v0",
];

/// Shows all index sections of a file.
pub fn display(out: &mut Output, object: &Object<'_>) -> bool {
    if object.sections.is_empty() || object.section_names.is_none() {
        return false;
    }
    let Some(symbols) = FunctionSymbols::read(out, object) else { return false };
    let functions = Functions::new(object, &symbols);
    let tables = Tables { object, functions, symbols, budget: RefCell::new(Budget::of(object)) };
    let mut found = false;
    let mut good = true;
    for (index, section) in (0..).zip(&object.sections) {
        if section.kind != SHT_INDEX {
            continue;
        }
        found = true;
        let count = section.size / ENTRY_SIZE;
        out!(out, "\nUnwind section '");
        out.put(&text::section_name(object.section_name(section)));
        let entries = if count == 1 { "entry" } else { "entries" };
        out!(out, "' at offset {} contains {count} {entries}:\n\n", Hex(section.offset));
        good &= tables.display_index(out, index, count);
    }
    if !found {
        no_sections(out);
    }
    good
}

/// What the tables of a file are read with.
pub struct Tables<'a, 'data> {
    object: &'a Object<'data>,
    symbols: FunctionSymbols<'data>,
    functions: Functions<'data>,
    budget: RefCell<Budget>,
}

/// A section whose words are read in turn.
#[derive(Default)]
pub struct Words<'data> {
    section: Option<u32>,
    data: &'data [u8],
    relocs: Option<Relocs<'data>>,
    /// Where the search for a relocation starts.
    next_reloc: usize,
    /// See [`is_sorted`].
    is_sorted: bool,
    /// How many relocations may still be looked at; a table that is out of order could make this
    /// the square of its size.
    steps: usize,
}

/// A word, and what a relocation says of it.
#[derive(Clone, Copy, Debug, Default)]
struct Word<'data> {
    value: u32,
    address: Address,
    symbol: Option<&'data [u8]>,
}

impl<'data> Tables<'_, 'data> {
    fn is_c6000(&self) -> bool {
        self.object.header.machine == EM_TI_C6000
    }

    /// The address that a `prel31` word at address `at` gives. Those of C6000 count half-words.
    fn expand(&self, word: u32, at: u64) -> u64 {
        let offset = i64::from((word << 1).cast_signed() >> 1);
        let offset = if self.is_c6000() { offset << 1 } else { offset };
        at.wrapping_add_signed(offset)
    }

    fn display_index(&self, out: &mut Output, index: u32, count: u64) -> bool {
        let Some(section) = self.object.section(index) else { return false };
        let mut good = true;
        let mut words = Words::default();
        let mut table = Words::default();
        for number in 0..count {
            let at = number * ENTRY_SIZE;
            let entry = self
                .word(out, &mut words, index, at)
                .and_then(|start| Some((start, self.word(out, &mut words, index, at + 4)?)));
            let Some((start, what)) = entry else { return false };
            if start.value & INLINE != 0 {
                out.warn(format_args!("corrupt index table entry: {:x}", start.value));
                good = false;
            }
            let addr = self.expand(start.value, section.addr.wrapping_add(at));
            self.put_address(out, Word { symbol: None, ..start }, addr);
            out.put(b": ");
            good &= self.display_entry(out, section, at + 4, what, &mut table);
        }
        good
    }

    /// Prints `addr`, which `word` gives, with its name, and returns the latter.
    fn put_address(&self, out: &mut Output, word: Word<'data>, addr: u64) -> Option<&'data [u8]> {
        let offset = if word.address == Address::default() { addr } else { word.address.offset };
        let address = Address { section: word.address.section, offset };
        let named = match word.symbol {
            Some(name) => Some((name, 0)),
            None => self.functions.find(address),
        };
        put_number(out, addr);
        let (name, distance) = named?;
        put_name(out, name, distance);
        Some(name)
    }

    /// Shows what the second word of an index entry says.
    fn display_entry(
        &self,
        out: &mut Output,
        index: &SectionHeader,
        at: u64,
        what: Word<'data>,
        table: &mut Words<'data>,
    ) -> bool {
        let mut good = true;
        if what.value == CANT_UNWIND {
            out!(out, "0x1 [cantunwind]\n");
        } else if what.value & INLINE != 0 {
            out!(out, "{:#x}\n", what.value);
            // GNU readelf does not mind damage here.
            self.display_table_entry(out, what, &mut Code::inline(what.value));
        } else {
            out.put(b"@");
            let addr = self.expand(what.value, index.addr.wrapping_add(at));
            let section = self.object.section(what.address.section);
            let place = match section.filter(|_| what.address.section != 0) {
                Some(section) => Some((what.address.section, addr.wrapping_sub(section.addr))),
                None => (0..).zip(&self.object.sections).find_map(|(index, section)| {
                    let offset = addr.checked_sub(section.addr)?;
                    (offset < section.size).then_some((index, offset))
                }),
            };
            put_number(out, addr);
            out.put(b"\n");
            if let Some((section, offset)) = place.filter(|&place| self.holds(out, place)) {
                let first = self.word(out, table, section, offset);
                good = first.is_some_and(|first| {
                    let mut code = Code::table(first.value, table, section, offset);
                    self.display_table_entry(out, first, &mut code)
                });
            } else {
                if place.is_none() {
                    out.warn(format_args!(
                        "Could not locate .ARM.extab section containing {addr:#x}."
                    ));
                }
                good = false;
            }
        }
        out.put(b"\n");
        good
    }

    /// Whether the section with the first number has the offset that is the second one; reports it
    /// if not.
    fn holds(&self, out: &mut Output, (index, offset): (u32, u64)) -> bool {
        let Some(section) = self.object.section(index) else { return false };
        if offset <= section.size {
            return true;
        }
        let name = text::section_name(self.object.section_name(section));
        out.warn(format_args!(
            "Unwind entry contains corrupt offset ({}) into section {}",
            Hex(offset),
            String::from_utf8_lossy(&name)
        ));
        false
    }

    /// Shows the entry that starts with the word `first`; `code` starts with it too.
    fn display_table_entry(
        &self,
        out: &mut Output,
        first: Word<'data>,
        code: &mut Code<'_, 'data>,
    ) -> bool {
        if first.value & INLINE == 0 {
            return self.display_personality(out, first, code);
        }
        let mut good = true;
        if !self.is_c6000() && first.value & 0x7000_0000 != 0 {
            out.warn(format_args!("Corrupt ARM compact model table entry: {:x} ", first.value));
            good = false;
        }
        let model = first.value >> 24 & 0x7f;
        out!(out, "  Compact model index: {model}\n");
        match (model, self.is_c6000()) {
            (0, _) => code.start(1, 0),
            (1 | 2, _) => code.start(2, first.value >> 16 & 0xff),
            (3 | 4, true) => {
                c6000_code::display_compact(out, first.value, model == 4);
                return good;
            }
            (_, true) => {
                out!(out, "  [reserved ({model})]\n");
                return good;
            }
            (_, false) => {
                out.warn(format_args!("Unknown ARM compact model index encountered"));
                out!(out, "  [reserved]\n");
                return false;
            }
        }
        self.display_code(out, code) && good
    }

    fn display_code(&self, out: &mut Output, code: &mut Code<'_, 'data>) -> bool {
        let size = u64::from(code.remaining).saturating_add(u64::from(code.more_words) * 4);
        if !self.budget.borrow_mut().take(out, size) {
            return false;
        }
        let mut bytes = Bytes { tables: self, code };
        let result = if self.is_c6000() {
            c6000_code::display(out, &mut bytes)
        } else {
            arm_code::display(out, &mut bytes)
        };
        result.is_ok()
    }

    fn display_personality(
        &self,
        out: &mut Output,
        first: Word<'data>,
        code: &mut Code<'_, 'data>,
    ) -> bool {
        let addr = self.expand(first.value, code.address(self.object));
        out!(out, "  Personality routine: ");
        let name = self.put_address(out, first, addr);
        out.put(b"\n");
        let is_gnu =
            name.is_some_and(|name| GNU_PERSONALITIES.iter().any(|known| name.starts_with(known)));
        if !is_gnu {
            return true;
        }
        code.start(4, 1);
        match code.advance(out, self) {
            Err(Stop) => false,
            Ok(false) => {
                out!(out, "  [Truncated data]\n");
                false
            }
            Ok(true) => {
                let words = code.word >> 24;
                code.word <<= 8;
                code.remaining = 3;
                code.more_words = words;
                self.display_code(out, code)
            }
        }
    }

    /// The word `at` bytes into the section with this `index`, after relocation.
    fn word(
        &self,
        out: &mut Output,
        words: &mut Words<'data>,
        index: u32,
        at: u64,
    ) -> Option<Word<'data>> {
        if words.section != Some(index) {
            // Contents that cannot be read are reported once.
            *words = Words { section: Some(index), ..Words::default() };
            *words = self.load(out, index)?;
        }
        let encoding = self.object.encoding();
        let value = encoding.u32(words.data, usize::try_from(at).ok()?)?;
        let mut word = Word { value, ..Word::default() };
        self.relocate(out, words, index, at, &mut word);
        Some(word)
    }

    fn load(&self, out: &mut Output, index: u32) -> Option<Words<'data>> {
        let section = self.object.section(index)?;
        let data = self.object.section_data(out, section, "unwind data")?;
        let table = self.object.sections.iter().find(|candidate| {
            matches!(candidate.kind, SHT_REL | SHT_RELA) && candidate.info == index
        });
        let relocs = match table {
            None => None,
            Some(table) => {
                let bits = if self.object.is_64() { "64" } else { "32" };
                let what = format!("{bits}-bit relocation data");
                let bytes = self.object.section_data(out, table, &what)?;
                let machine = self.object.header.machine;
                let encoding = self.object.encoding();
                Some(if table.kind == SHT_RELA {
                    Relocs::rela(bytes, encoding, machine)
                } else {
                    Relocs::rel(bytes, encoding, machine)
                })
            }
        };
        let is_sorted = relocs.is_some_and(is_sorted);
        Some(Words {
            section: Some(index),
            data,
            relocs,
            next_reloc: 0,
            is_sorted,
            steps: MOST_STEPS,
        })
    }

    /// Applies the relocations of `word`, which lies `at` bytes into its section.
    fn relocate(
        &self,
        out: &mut Output,
        words: &mut Words<'data>,
        index: u32,
        at: u64,
        word: &mut Word<'data>,
    ) {
        let (Some(relocs), Some(symbols)) = (words.relocs, self.symbols.symbols) else { return };
        let mut search = Search::new(words, relocs, at);
        while let Some(reloc) = search.next(out, words) {
            let count = symbols.symbols.len();
            let Some(symbol) = symbols.symbols.get(reloc.symbol as usize) else {
                out.error(format_args!(
                    "Bad symbol index in unwind relocation ({} > {count})",
                    reloc.symbol
                ));
                break;
            };
            let machine = if self.is_c6000() { "C6000" } else { "ARM" };
            let names = names::reloc_names(&self.object.header);
            match names.and_then(|names| names.get(reloc.kind)) {
                Some("R_ARM_NONE" | "R_C6000_NONE") => continue,
                Some("R_ARM_PREL31" | "R_C6000_PREL31") => {}
                Some(name) => {
                    out.warn(format_args!("Skipping unexpected {machine} relocation type {name}"));
                    continue;
                }
                None => {
                    out.warn(format_args!(
                        "Skipping unknown {machine} relocation type: {}",
                        reloc.kind
                    ));
                    continue;
                }
            }
            let addend = reloc.addend.unwrap_or_else(|| addend(word.value));
            let offset = symbol.value.wrapping_add_signed(addend);
            let base = self.object.section(index).map_or(0, |section| section.addr);
            let mut relative = offset.wrapping_sub(base.wrapping_add(at));
            if self.is_c6000() {
                relative >>= 1;
            }
            word.value = word.value & INLINE | relative as u32 & PREL31;
            word.symbol = (symbol.shndx == SHN_UNDEF).then(|| self.symbols.name(&symbol));
            word.address = Address { section: symbol.shndx.0.into(), offset };
            break;
        }
        search.leave(words);
    }
}

/// The search for the relocations of a word.
///
/// It starts where the search for the word before ended, and once goes back to the start if that
/// lies behind the word; so does GNU readelf, and complains of an unaligned relocation each time
/// that it passes it.
struct Search<'data> {
    relocs: Relocs<'data>,
    at: u64,
    next: usize,
    has_wrapped: bool,
}

impl<'data> Search<'data> {
    fn new(words: &Words<'data>, relocs: Relocs<'data>, at: u64) -> Self {
        Self { relocs, at, next: words.next_reloc, has_wrapped: false }
    }

    /// The next relocation of the word.
    fn next(&mut self, out: &mut Output, words: &mut Words<'data>) -> Option<Reloc> {
        loop {
            let mut reloc = self.relocs.get(self.next)?;
            if reloc.offset > self.at && !self.has_wrapped {
                self.has_wrapped = true;
                self.next = if words.is_sorted { self.first_not_before() } else { 0 };
                reloc = self.relocs.get(self.next)?;
            }
            if reloc.offset > self.at {
                return None;
            }
            words.steps = words.steps.saturating_sub(1);
            if words.steps == 0 {
                return None;
            }
            self.next = self.next.saturating_add(1);
            if reloc.offset & 3 != 0 {
                out.warn(format_args!(
                    "Skipping unexpected relocation at offset {:#x}",
                    reloc.offset
                ));
            } else if reloc.offset == self.at {
                return Some(reloc);
            }
        }
    }

    /// Among sorted relocations, the index of the first one that is not before the word.
    fn first_not_before(&self) -> usize {
        let (mut low, mut high) = (0, self.relocs.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.relocs.get(middle).is_some_and(|reloc| reloc.offset < self.at) {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        low
    }

    /// Leaves the place for the next search.
    fn leave(self, words: &mut Words<'data>) {
        words.next_reloc = self.next;
    }
}

/// Whether no relocation is out of order or unaligned, so that a search may skip some unseen.
fn is_sorted(relocs: Relocs<'_>) -> bool {
    let mut last = 0;
    relocs.iter().all(|reloc| {
        let good = reloc.offset >= last && reloc.offset % 4 == 0;
        last = reloc.offset;
        good
    })
}

/// The addend that a word holds that is to be relocated.
fn addend(word: u32) -> i64 {
    i64::from((word << 1).cast_signed() >> 1)
}

/// Byte code: what is left of a word, highest byte first, and how many words follow.
pub struct Code<'w, 'data> {
    word: u32,
    remaining: u32,
    more_words: u32,
    /// The section of the next words, and where they are in it; nothing for inline code.
    source: Option<(&'w mut Words<'data>, u32, u64)>,
}

/// The code cannot be read on; what was to be said is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;

impl<'w, 'data> Code<'w, 'data> {
    fn inline(word: u32) -> Self {
        Self { word, remaining: 4, more_words: 0, source: None }
    }

    fn table(word: u32, words: &'w mut Words<'data>, section: u32, at: u64) -> Self {
        Self { word, remaining: 4, more_words: 0, source: Some((words, section, at)) }
    }

    /// The address of the current word.
    fn address(&self, object: &Object<'_>) -> u64 {
        self.source.as_ref().map_or(0, |&(_, section, at)| {
            object.section(section).map_or(0, |section| section.addr).wrapping_add(at)
        })
    }

    /// Passes over the first `bytes` of the word; `more_words` follow it.
    fn start(&mut self, bytes: u32, more_words: u32) {
        self.word = self.word.checked_shl(8 * bytes).unwrap_or(0);
        self.remaining = self.remaining.saturating_sub(bytes);
        self.more_words = more_words;
    }

    /// Takes the next word if this one is used up. Returns whether a byte is there.
    fn advance(&mut self, out: &mut Output, tables: &Tables<'_, 'data>) -> Result<bool, Stop> {
        if self.remaining == 0 && self.more_words != 0 {
            let (words, section, at) = self.source.as_mut().ok_or(Stop)?;
            *at = at.wrapping_add(4);
            self.word = tables.word(out, words, *section, *at).ok_or(Stop)?.value;
            self.remaining = 4;
            self.more_words = self.more_words.saturating_sub(1);
        }
        Ok(self.remaining != 0)
    }
}

/// The bytes of byte code in turn.
pub struct Bytes<'a, 'b, 'w, 'data> {
    tables: &'a Tables<'b, 'data>,
    code: &'a mut Code<'w, 'data>,
}

impl Bytes<'_, '_, '_, '_> {
    /// The first byte of an instruction, printed; `None` at the end.
    pub fn start(&mut self, out: &mut Output) -> Result<Option<u8>, Stop> {
        if !self.code.advance(out, self.tables)? {
            return Ok(None);
        }
        let byte = self.take();
        out!(out, "  0x{byte:02x} ");
        Ok(Some(byte))
    }

    /// A further byte of an instruction, printed.
    pub fn next(&mut self, out: &mut Output) -> Result<u8, Stop> {
        if !self.code.advance(out, self.tables)? {
            out!(out, "[Truncated opcode]\n");
            return Err(Stop);
        }
        let byte = self.take();
        out!(out, "0x{byte:02x} ");
        Ok(byte)
    }

    fn take(&mut self) -> u8 {
        let byte = self.code.word >> 24;
        self.code.word <<= 8;
        self.code.remaining = self.code.remaining.saturating_sub(1);
        byte as u8
    }

    /// An unsigned LEB128 number, its bytes printed; `None` if it is too long.
    pub fn uleb(&mut self, out: &mut Output) -> Result<Option<u64>, Stop> {
        /// The most bytes that are read.
        const LONGEST: u32 = 9;
        let mut value = 0_u64;
        for index in 0..LONGEST {
            let byte = self.next(out)?;
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }
}

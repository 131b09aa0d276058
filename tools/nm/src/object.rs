//! The symbols of one object file that are listed.

use std::collections::HashMap;

use libelf::linkview::{
    BadVersions, CommonFault, LinkView, Notice, Section, Symbols, Versions, widen,
};
use libelf::raw::{
    ET_DYN, ET_EXEC, SHN_UNDEF, STB_GLOBAL, STB_GNU_UNIQUE, STB_WEAK, STT_FILE, STT_GNU_IFUNC,
    STT_SECTION,
};
use libelf::{File, Symbol};
use libsymtab::class::{self, Home};
use libsymtab::special::Special;
use libsymtab::synthetic::synthetic;

use crate::format::{Details, Line, Listed};
use crate::lines::Spot;
use crate::options::{Options, Order};
use crate::sort::{self, Entry, Names};
use crate::text::until_zero;

/// The name of a symbol whose name cannot be had.
const NO_NAME: &[u8] = b"(null)";

/// How the name of a slim object's only symbol ends, with its zero byte. Before it stands another
/// `_`, or two.
const SLIM_MARK: &[u8] = b"_gnu_lto_slim\0";

/// The most bytes that names have together.
const NAMES_LIMIT: usize = 1 << 30;

/// Why nothing is listed.
#[derive(Debug)]
pub enum Failure {
    /// There is no symbol table.
    NoSymbols,
    /// The dynamic symbols cannot be read.
    NoDynamicSymbols(Option<CommonFault>),
    /// The symbols cannot be read, which ends the run.
    Unreadable(CommonFault),
    /// The dynamic symbols, which synthetic ones are made of, cannot be read, which ends the run, as
    /// well.
    NotSynthetic(Option<CommonFault>),
    /// The names of a damaged file share their bytes so much that they would never end.
    EndlessNames,
}

/// The symbols of a file, in the order in which they are listed.
#[derive(Debug)]
pub struct Object<'data> {
    file: File<'data>,
    symbols: Symbols<'data>,
    versions: Versions<'data>,
    sections: Vec<SectionInfo<'data>>,
    names: NameTable<'data>,
    /// No name is longer than this, in bytes.
    longest_name: usize,
    entries: Vec<Entry>,
    made: Vec<Made>,
    /// The sizes of symbols that stand for sections or are made up, by index.
    sizes: HashMap<u32, u64>,
    ifunc_letters: [u8; 2],
}

/// A section, by the index of its header.
#[derive(Clone, Debug, Default)]
struct SectionInfo<'data> {
    section: Option<Section<'data>>,
    /// The letter of local symbols.
    letter: u8,
    /// What symbols are relative to.
    addr: u64,
}

impl SectionInfo<'_> {
    /// The address behind the section.
    fn end(&self) -> u64 {
        self.section.as_ref().map_or(0, |section| section.addr.wrapping_add(section.size))
    }
}

/// A symbol that is in no symbol table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Made {
    /// The letter of its class.
    pub letter: u8,
    /// Its value.
    pub value: u64,
    /// The header index of the section that it lies in.
    pub section: u32,
}

/// The names of symbols: those in the file, and behind them those that had to be put together.
#[derive(Debug)]
struct NameTable<'data> {
    strings: &'data [u8],
    more: Vec<u8>,
}

impl NameTable<'_> {
    /// The offset of the first name that is not in the file.
    fn base(&self) -> usize {
        self.strings.len()
    }

    /// Adds a name of parts. Its offset, or that of the last name if there are too many.
    fn add(&mut self, parts: &[&[u8]]) -> u32 {
        let offset = u32::try_from(self.base() + self.more.len()).unwrap_or(u32::MAX);
        for part in parts {
            self.more.extend_from_slice(part);
        }
        self.more.push(0);
        offset
    }

    /// The bytes from an offset on, and where in them.
    fn at(&self, offset: u32) -> (&[u8], usize) {
        let offset = offset as usize;
        match offset.checked_sub(self.base()) {
            Some(offset) => (&self.more, offset),
            None => (self.strings, offset),
        }
    }

    /// No name is longer than this, in bytes; for most files it is some times as much as the
    /// longest, but small enough that `count` names are soon known to be bounded.
    fn longest(&self, count: usize) -> usize {
        let stride = (NAMES_LIMIT / count.max(1) / 2).clamp(LEAST_STRIDE, MOST_STRIDE);
        longest_at_most(self.strings, stride).max(longest_at_most(&self.more, stride))
    }

    /// A name with what follows its zero byte.
    fn and_rest(&self, offset: u32) -> &[u8] {
        let (bytes, offset) = self.at(offset);
        bytes.get(offset..).unwrap_or_default()
    }

    fn get(&self, offset: u32) -> &[u8] {
        until_zero(self.and_rest(offset))
    }
}

/// Strings are looked at in steps between these, in bytes.
const LEAST_STRIDE: usize = 1 << 8;
const MOST_STRIDE: usize = 1 << 12;

/// No string is longer than this. Some zero bytes are enough to tell, if there are many.
fn longest_at_most(strings: &[u8], stride: usize) -> usize {
    let mut longest = 0;
    let mut end = 0usize;
    while let Some(tail) = strings.get(end.saturating_add(stride)..) {
        let Some(length) = memchr::memchr(0, tail) else { break };
        longest = longest.max(stride.saturating_add(length));
        end = end.saturating_add(stride).saturating_add(length);
    }
    longest.max(strings.len().saturating_sub(end))
}

impl Names for NameTable<'_> {
    #[inline]
    fn word(&self, entry: &Entry, depth: usize) -> u64 {
        let (bytes, offset) = self.at(entry.name);
        sort::word_at(bytes, offset.saturating_add(depth))
    }
}

impl<'data> Object<'data> {
    /// Reads the symbols that are listed, sorted. What is wrong with them is noted.
    ///
    /// # Errors
    /// [`Failure`]
    pub fn read(
        file: File<'data>,
        view: &LinkView<'data>,
        options: &Options,
        notices: &mut Vec<Notice>,
    ) -> Result<Self, Failure> {
        let index = Self::table(&file, view, options)?;
        let unreadable = |fault| {
            if options.dynamic {
                Failure::NoDynamicSymbols(Some(fault))
            } else {
                Failure::Unreadable(fault)
            }
        };
        let symbols = Symbols::read(&file, index).map_err(unreadable)?;
        // The first says nothing.
        if symbols.table.len() <= 1 {
            return Err(Failure::NoSymbols);
        }
        let versions = if options.dynamic {
            let Ok(versions) = Versions::read(&file, symbols.table.len(), notices) else {
                return Err(Failure::NoDynamicSymbols(None));
            };
            versions
        } else {
            Versions::default()
        };
        symbols.note_names(&file, notices);
        if options.synthetic && !options.dynamic {
            check_dynamic_symbols(&file, view, notices)?;
        }
        let sections = sections(&file, view);
        let names =
            NameTable { strings: symbols.sound_strings().unwrap_or_default(), more: Vec::new() };
        let mut object = Self {
            file,
            symbols,
            versions,
            sections,
            names,
            longest_name: 0,
            entries: Vec::new(),
            made: Vec::new(),
            sizes: HashMap::new(),
            ifunc_letters: options.ifunc_letters,
        };
        object.select(options);
        if options.synthetic {
            object.add_synthetic(view, options);
        }
        object.longest_name = object.names.longest(object.entries.len());
        object.check_names()?;
        object.sort(options);
        Ok(object)
    }

    /// Whether any symbol, listed or not, tells that a compiler left the rest in another form.
    pub fn has_slim_mark(&self) -> bool {
        // Hardly any file has the name, and one look at all names tells.
        if memchr::memmem::find(self.names.strings, SLIM_MARK).is_none() {
            return false;
        }
        self.symbols.table.iter().skip(1).filter(|symbol| symbol.name != 0).any(|symbol| {
            let name = self.names.strings.get(symbol.name as usize..).unwrap_or_default();
            let name = name.strip_prefix(b"_").unwrap_or_default();
            let has_mark = |name: &[u8]| name.starts_with(SLIM_MARK);
            has_mark(name) || name.strip_prefix(b"_").is_some_and(has_mark)
        })
    }

    /// The index of the section header of the table that is listed.
    fn table(file: &File<'_>, view: &LinkView<'_>, options: &Options) -> Result<usize, Failure> {
        let count = |index: usize| {
            let header = file.section_headers().ok()?.get(index)?;
            let size = if file.encoding().is_64() { 24 } else { 16 };
            Some(header.size / size)
        };
        let symtab = view.symtab.filter(|&index| count(index).is_some_and(|count| count > 0));
        if options.dynamic {
            return view.dynsym.ok_or(Failure::NoDynamicSymbols(None));
        }
        symtab.ok_or(Failure::NoSymbols)
    }

    fn home(&self, index: usize, symbol: &Symbol) -> Home {
        let (section, is_reserved) = self.symbols.section(index, symbol);
        if is_reserved {
            return match Home::reserved(self.file.header(), symbol) {
                Home::Named(name) => self.section_named(name.as_bytes()),
                home => home,
            };
        }
        match self.sections.get(section as usize) {
            _ if symbol.shndx == SHN_UNDEF => Home::Undefined,
            Some(SectionInfo { section: Some(_), .. }) => Home::Section(section),
            _ => Home::Absolute,
        }
    }

    fn section_named(&self, name: &[u8]) -> Home {
        let has_name = |info: &SectionInfo<'_>| {
            info.section.as_ref().is_some_and(|section| section.name() == name)
        };
        match self.sections.iter().position(has_name) {
            Some(index) => Home::Section(index as u32),
            None => Home::Absolute,
        }
    }

    fn info(&self, home: Home) -> Option<&SectionInfo<'data>> {
        match home {
            Home::Section(index) => self.sections.get(index as usize),
            _ => None,
        }
    }

    fn value(&self, symbol: &Symbol, home: Home) -> u64 {
        let addr = self.info(home).map_or(0, |info| info.addr);
        class::symbol_value(self.file.header(), symbol, home, addr)
    }

    /// Makes the entries of the symbols that are listed.
    fn select(&mut self, options: &Options) {
        let special = if options.special_syms {
            Special::None
        } else {
            Special::of(self.file.header().machine, self.file.encoding().is_64())
        };
        let has_strings = self.symbols.sound_strings().is_some();
        let filter = Filter::of(options);
        let table = self.symbols.table;
        let mut entries = Vec::with_capacity(table.len());
        for (index, symbol) in table.iter().enumerate().skip(1) {
            let kind = symbol.kind();
            let is_debugging = kind == STT_SECTION || kind == STT_FILE;
            if is_debugging && !options.debug_syms {
                continue;
            }
            let home = self.home(index, &symbol);
            if !filter.keeps(&symbol, home) {
                continue;
            }
            let is_in_file =
                has_strings && symbol.name != 0 && (symbol.name as usize) < self.names.base();
            let mut name = symbol.name;
            if !is_in_file {
                let text = self.symbols.name(index, &symbol).unwrap_or(NO_NAME);
                name = self.names.add(&[text]);
            }
            if special != Special::None && special.has(self.names.and_rest(name)) {
                continue;
            }
            let key = match options.order {
                // The values of undefined symbols mean something else, where they have any.
                Order::Value if home != Home::Undefined => self.value(&symbol, home),
                _ => 0,
            };
            entries.push(Entry { key, index: index as u32, name });
        }
        self.entries = entries;
    }

    /// Adds the symbols that are in no table; all of them are defined.
    fn add_synthetic(&mut self, view: &LinkView<'_>, options: &Options) {
        for synthetic in synthetic(&self.file, view) {
            if options.undefined_only || options.no_weak && matches!(synthetic.letter, b'W' | b'V')
            {
                continue;
            }
            let name = self.names.add(&[&synthetic.name]);
            let index = (self.symbols.table.len() + self.made.len()) as u32;
            let letter = match synthetic.letter {
                b'i' => self.ifunc_letters[0],
                letter => letter,
            };
            let key = if options.order == Order::Value { synthetic.value } else { 0 };
            self.entries.push(Entry { key, index, name });
            let (value, section) = (synthetic.value, synthetic.section);
            self.made.push(Made { letter, value, section });
        }
    }

    /// Names of sound files hardly share their bytes.
    fn check_names(&self) -> Result<(), Failure> {
        let longest = self.longest_name.saturating_mul(self.entries.len());
        if longest <= NAMES_LIMIT {
            return Ok(());
        }
        let mut total = 0usize;
        for entry in &self.entries {
            total = total.saturating_add(self.names.get(entry.name).len());
            if total > NAMES_LIMIT {
                return Err(Failure::EndlessNames);
            }
        }
        Ok(())
    }

    fn sort(&mut self, options: &Options) {
        let reverse = options.reverse;
        match options.order {
            Order::File => {}
            Order::Name => sort::by_name(&mut self.entries, &self.names, reverse),
            Order::Size => self.sort_by_size(options),
            Order::Value => self.sort_by_value(reverse),
        }
    }

    fn section_size(&self, index: u32) -> u64 {
        self.sizes.get(&index).copied().unwrap_or_default()
    }

    /// Equal sizes and names stay in the order of values.
    fn sort_by_size(&mut self, options: &Options) {
        let mut entries = std::mem::take(&mut self.entries);
        for entry in &mut entries {
            entry.key = self.place(entry.index).map_or(0, |(_, value)| value);
        }
        sort::by_key_and_name(&mut entries, &self.names, false);
        if options.debug_syms || options.synthetic {
            self.measure_sections(&entries);
        }
        let by_value: Vec<u32> = entries.iter().map(|entry| entry.index).collect();
        for (rank, entry) in (0..).zip(&mut entries) {
            entry.key = match self.symbols.table.get(entry.index as usize) {
                Some(symbol) if symbol.kind() != STT_SECTION => symbol.size,
                _ => self.section_size(entry.index),
            };
            entry.index = rank;
        }
        entries.retain(|entry| entry.key != 0);
        sort::by_key_and_name(&mut entries, &self.names, options.reverse);
        for entry in &mut entries {
            entry.index = by_value.get(entry.index as usize).copied().unwrap_or_default();
        }
        self.entries = entries;
    }

    /// Symbols that stand for sections, and those that are made up, have no size of their own when
    /// symbols are sorted by size: it is the distance to the next symbol of all, by value, if that
    /// is in the same section, and else to the section's end.
    fn measure_sections(&mut self, by_value: &[Entry]) {
        for (at, entry) in by_value.iter().enumerate() {
            let symbol = self.symbols.table.get(entry.index as usize);
            if symbol.is_some_and(|symbol| symbol.kind() != STT_SECTION) {
                continue;
            }
            let Some((home, value)) = self.place(entry.index) else { continue };
            let next = by_value.get(at + 1).and_then(|next| self.place(next.index));
            let end = match next {
                Some((next, value)) if next == home => value,
                _ => self.info(home).map_or(0, SectionInfo::end),
            };
            self.sizes.insert(entry.index, end.wrapping_sub(value));
        }
    }

    /// Where a symbol is defined, and its value.
    fn place(&self, index: u32) -> Option<(Home, u64)> {
        if let Some(made) = self.made(index) {
            return Some((Home::Section(made.section), made.value));
        }
        let symbol = self.symbols.table.get(index as usize)?;
        let home = self.home(index as usize, &symbol);
        Some((home, self.value(&symbol, home)))
    }

    /// Undefined symbols come first.
    fn sort_by_value(&mut self, reverse: bool) {
        let mut entries = std::mem::take(&mut self.entries);
        let count = self.move_undefined_first(&mut entries);
        let (undefined, defined) = entries.split_at_mut(count);
        sort::by_key_and_name(undefined, &self.names, reverse);
        sort::by_key_and_name(defined, &self.names, reverse);
        if reverse {
            entries.rotate_left(count);
        }
        self.entries = entries;
    }

    /// Their number.
    fn move_undefined_first(&self, entries: &mut [Entry]) -> usize {
        let mut count = 0;
        for at in 0..entries.len() {
            // Only they have a key of 0 for sure, and few others do.
            let is_undefined =
                entries.get(at).is_some_and(|entry| entry.key == 0 && self.is_undefined(entry));
            if is_undefined {
                entries.swap(count, at);
                count += 1;
            }
        }
        count
    }

    fn is_undefined(&self, entry: &Entry) -> bool {
        let index = entry.index as usize;
        let symbol = self.symbols.table.get(index);
        symbol.is_some_and(|symbol| self.home(index, &symbol) == Home::Undefined)
    }

    fn made(&self, index: u32) -> Option<Made> {
        let number = (index as usize).checked_sub(self.symbols.table.len())?;
        self.made.get(number).copied()
    }

    fn made_line<'a>(&self, index: u32, name: &'a [u8]) -> Line<'a> {
        let made = self.made(index).unwrap_or_default();
        Line {
            name,
            version: None,
            letter: made.letter,
            is_undefined: false,
            value: made.value,
            size: self.section_size(index),
            details: None,
        }
    }
}

impl Listed for Object<'_> {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn digits(&self) -> usize {
        if self.file.encoding().is_64() { 16 } else { 8 }
    }

    fn longest_line(&self) -> usize {
        let sections = self.sections.iter().filter_map(|info| info.section.as_ref());
        let section = sections.map(|section| section.name().len()).max().unwrap_or(0);
        let version = self.versions.longest();
        self.longest_name.saturating_add(section).saturating_add(version).saturating_add(128)
    }

    fn spot(&self, entry: &Entry) -> Spot {
        match self.place(entry.index) {
            Some((Home::Section(section), value)) => Spot::Section(section, value),
            Some((Home::Undefined, _)) => Spot::Undefined(entry.index),
            _ => Spot::None,
        }
    }

    #[inline]
    fn touch(&self, entry: &Entry) -> u8 {
        let name = self.names.and_rest(entry.name).first().copied().unwrap_or_default();
        let symbol = self.symbols.table.get(entry.index as usize);
        name ^ symbol.map_or(0, |symbol| symbol.info)
    }

    #[inline]
    fn line(&self, entry: &Entry) -> Line<'_> {
        let index = entry.index as usize;
        let name = self.names.and_rest(entry.name);
        let Some(symbol) = self.symbols.table.get(index) else {
            return self.made_line(entry.index, name);
        };
        let home = self.home(index, &symbol);
        let info = self.info(home);
        let section_letter = match home {
            Home::AllottedCommon => b'b',
            _ => info.map_or(b'a', |info| info.letter),
        };
        let mut letter = class::symbol_letter(&symbol, home, section_letter);
        if letter == b'i' && symbol.kind() == STT_GNU_IFUNC {
            let [global, local] = self.ifunc_letters;
            letter = if symbol.binding() == STB_GLOBAL { global } else { local };
        }
        let is_section = symbol.kind() == STT_SECTION;
        Line {
            name,
            version: self.versions.of(index, &symbol, name),
            letter,
            is_undefined: home == Home::Undefined,
            value: self.value(&symbol, home),
            size: if is_section { self.section_size(entry.index) } else { symbol.size },
            details: (!is_section).then(|| Details {
                kind: symbol.kind(),
                size: symbol.size,
                section: section_name(home, info),
            }),
        }
    }
}

/// Reads the dynamic symbols for what is wrong with them.
fn check_dynamic_symbols(
    file: &File<'_>,
    view: &LinkView<'_>,
    notices: &mut Vec<Notice>,
) -> Result<(), Failure> {
    let Some(index) = view.dynsym else { return Ok(()) };
    let symbols = Symbols::read(file, index).map_err(|fault| Failure::NotSynthetic(Some(fault)))?;
    if symbols.table.len() <= 1 {
        return Ok(());
    }
    if let Err(fault) = Versions::read(file, symbols.table.len(), notices) {
        let is_truncated = fault == BadVersions::Truncated;
        return Err(Failure::NotSynthetic(is_truncated.then_some(CommonFault::Truncated)));
    }
    symbols.note_names(file, notices);
    Ok(())
}

fn section_name<'a>(home: Home, info: Option<&'a SectionInfo<'_>>) -> &'a [u8] {
    match home {
        Home::Undefined => b"*UND*",
        Home::Common => b"*COM*",
        Home::SmallCommon => b".scommon",
        Home::AllottedCommon => b".acommon",
        _ => match info.and_then(|info| info.section.as_ref()) {
            Some(section) => section.name(),
            None => b"*ABS*",
        },
    }
}

/// The sections by the indexes of their headers.
fn sections<'data>(file: &File<'data>, view: &LinkView<'data>) -> Vec<SectionInfo<'data>> {
    let Ok(headers) = file.section_headers() else { return Vec::new() };
    let mut infos = vec![SectionInfo { letter: b'a', ..SectionInfo::default() }; headers.len()];
    let is_linked = matches!(file.header().kind, ET_EXEC | ET_DYN);
    for section in &view.sections {
        let index = section.header as usize;
        let (Some(info), Some(header)) = (infos.get_mut(index), headers.get(index)) else {
            continue;
        };
        *info = SectionInfo {
            letter: class::section_letter(file.header(), section, header.flags),
            addr: if is_linked { 0 } else { widen(file, header.addr) },
            section: Some(section.clone()),
        };
    }
    infos
}

/// Which symbols are listed.
struct Filter<'a> {
    options: &'a Options,
    /// Whether none is left out.
    is_open: bool,
}

impl<'a> Filter<'a> {
    fn of(options: &'a Options) -> Self {
        let is_open = !(options.undefined_only
            || options.defined_only
            || options.extern_only
            || options.no_weak
            || options.order == Order::Size);
        Self { options, is_open }
    }

    #[inline]
    fn keeps(&self, symbol: &Symbol, home: Home) -> bool {
        self.is_open || self.keeps_one(symbol, home)
    }

    fn keeps_one(&self, symbol: &Symbol, home: Home) -> bool {
        let options = self.options;
        let is_undefined = home == Home::Undefined;
        let is_common = matches!(home, Home::Common | Home::SmallCommon);
        let binding = symbol.binding();
        let is_kept = if options.undefined_only {
            is_undefined
        } else if options.extern_only {
            is_undefined || is_common || matches!(binding, STB_GLOBAL | STB_WEAK | STB_GNU_UNIQUE)
        } else if options.no_weak {
            binding != STB_WEAK
        } else {
            true
        };
        let is_sized = options.order != Order::Size || !is_undefined && home != Home::Absolute;
        is_kept && is_sized && !(options.defined_only && is_undefined)
    }
}

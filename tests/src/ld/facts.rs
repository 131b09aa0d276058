//! What holds of an executable or a library, without the addresses that linkers may choose.

use std::collections::BTreeMap;

use libdwarf::unwind::Unwinder;
use libelf::File;
use libelf::dynamic::Dyn;
use libelf::hash::{GnuHash, SysvHash, gnu_hash, sysv_hash};
use libelf::linkview::Versions;
use libelf::names;
use libelf::raw::*;
use libelf::section::SectionHeader;
use libelf::symbol::Symbol;

/// By kind, lines; most kinds are sorted.
pub type Facts = BTreeMap<&'static str, Vec<String>>;

/// What a file is; `None` if it is not an executable or a library.
pub fn of(bytes: &[u8]) -> Option<Facts> {
    let file = File::parse(bytes).ok()?;
    if !matches!(file.header().kind, ET_EXEC | ET_DYN | ET_REL) {
        return None;
    }
    let view = View { file };
    let mut facts = Facts::new();
    facts.insert("header", view.header());
    facts.insert("sections", view.sections());
    facts.insert("segments", view.segments());
    facts.insert("dynamic", view.dynamic());
    facts.insert("relocations", sorted(view.relocations()));
    facts.insert("dynamic symbols", sorted(view.dynamic_symbols()));
    facts.insert("symbols", sorted(view.symbols()));
    facts.insert("look-ups", sorted(view.look_ups()));
    facts.insert("unwinding", sorted(view.rows()));
    Some(facts)
}

/// The lines that are only in the one and only in the other.
pub fn only<'a>(one: &'a [String], other: &'a [String]) -> (Vec<&'a str>, Vec<&'a str>) {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for line in one {
        *counts.entry(line).or_default() += 1;
    }
    for line in other {
        *counts.entry(line).or_default() -= 1;
    }
    if counts.values().all(|&count| count == 0) {
        let differing = one.iter().zip(other).find(|(one, other)| one != other);
        return differing.map_or_else(Default::default, |(one, other)| {
            (vec![one.as_str()], vec![other.as_str()])
        });
    }
    let lines = |wanted: fn(i64) -> bool| {
        counts.iter().filter(|&(_, &count)| wanted(count)).map(|(&line, _)| line).collect()
    };
    (lines(|count| count > 0), lines(|count| count < 0))
}

pub(super) fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort_unstable();
    lines
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Sections that only serve the linker's own bookkeeping: their sizes say nothing.
pub(super) struct View<'data> {
    pub(super) file: File<'data>,
}

impl View<'_> {
    fn header(&self) -> Vec<String> {
        let header = self.file.header();
        let entry = match self.place(header.entry) {
            _ if header.entry == 0 => "none".to_owned(),
            place => place,
        };
        vec![
            format!("type {}", header.kind.0),
            format!("OS {}", header.os_abi().0),
            format!("entry in {entry}"),
        ]
    }

    pub(super) fn headers(&self) -> Vec<SectionHeader> {
        self.file.section_headers().map(|headers| headers.iter().collect()).unwrap_or_default()
    }

    pub(super) fn name(&self, section: &SectionHeader) -> String {
        let names = self.file.section_names().ok();
        names.and_then(|names| names.get(section.name.into()).ok()).map(text).unwrap_or_default()
    }

    fn name_at(&self, index: u32) -> String {
        self.file.section(index).map(|section| self.name(&section)).unwrap_or_default()
    }

    /// The section that an address lies in.
    pub(super) fn place(&self, address: u64) -> String {
        let holds = |section: &&SectionHeader| {
            section.flags & SHF_ALLOC.0 != 0
                && section.flags & SHF_TLS.0 == 0
                && address.wrapping_sub(section.addr) < section.size
        };
        let headers = self.headers();
        headers.iter().find(holds).map_or_else(|| "nothing".to_owned(), |found| self.name(found))
    }

    fn sections(&self) -> Vec<String> {
        let headers = self.headers();
        let lines = headers.iter().map(|section| {
            let link = match section.kind {
                SHT_NULL => String::new(),
                _ if section.link == 0 => String::new(),
                _ => self.name_at(section.link),
            };
            format!(
                "{} {} flags {:#x} align {} entries {} link {link}",
                self.name(section),
                names::section_type(self.file.header(), section.kind),
                section.flags,
                section.addralign,
                section.entsize,
            )
        });
        lines.collect()
    }

    fn segments(&self) -> Vec<String> {
        let Ok(segments) = self.file.program_headers() else { return Vec::new() };
        let headers = self.headers();
        let lines = segments.iter().map(|segment| {
            let is_inside = |section: &&SectionHeader| {
                section.flags & SHF_ALLOC.0 != 0
                    && section.size != 0
                    && (segment.kind == PT_TLS
                        || section.flags & SHF_TLS.0 == 0
                        || section.kind != SHT_NOBITS)
                    && section.addr >= segment.vaddr
                    && section.addr - segment.vaddr < segment.memsz
            };
            let inside: Vec<String> =
                headers.iter().filter(is_inside).map(|section| self.name(section)).collect();
            let kind = names::program_type(self.file.header(), segment.kind);
            let align = segment.align;
            format!("{kind} {} align {align:#x}: {}", segment.flags, inside.join(" "))
        });
        lines.collect()
    }

    fn dynamic(&self) -> Vec<String> {
        let Ok(dynamic) = self.file.dynamic() else { return Vec::new() };
        let value = |entry: &Dyn| match entry.tag {
            DT_NEEDED | DT_SONAME | DT_RPATH | DT_RUNPATH | DT_AUXILIARY | DT_FILTER => {
                dynamic.strings.get(entry.value).map(text).unwrap_or_default()
            }
            DT_FLAGS | DT_FLAGS_1 | DT_RELACOUNT | DT_RELCOUNT | DT_PLTREL | DT_RELASZ
            | DT_RELSZ | DT_PLTRELSZ | DT_VERNEEDNUM | DT_VERDEFNUM | DT_INIT_ARRAYSZ
            | DT_FINI_ARRAYSZ | DT_PREINIT_ARRAYSZ | DT_RELENT | DT_RELAENT | DT_SYMENT
            | DT_RELRENT => {
                format!("{:#x}", entry.value)
            }
            _ => String::new(),
        };
        let header = self.file.header();
        dynamic
            .iter()
            .map(|entry| format!("{} {}", names::dynamic_tag(header, entry.tag), value(&entry)))
            .collect()
    }

    fn relocations(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for section in self.headers() {
            let is_dynamic = section.flags & SHF_ALLOC.0 != 0;
            let Ok(relocs) = self.file.relocs(&section) else { continue };
            if !matches!(section.kind, SHT_REL | SHT_RELA) || !is_dynamic {
                continue;
            }
            for reloc in relocs.iter() {
                let kind = names::reloc(self.file.header(), reloc.kind).unwrap_or("unknown");
                let symbol = self.dynamic_name(reloc.symbol as usize);
                let place = self.place(reloc.offset);
                let addend = match reloc.addend {
                    Some(addend) if reloc.symbol != 0 => format!("{addend:+}"),
                    _ => String::new(),
                };
                lines.push(format!("{} {kind} in {place} {symbol}{addend}", self.name(&section)));
            }
        }
        lines
    }

    /// A dynamic symbol's name with its version.
    pub(super) fn dynamic_name(&self, index: usize) -> String {
        let Ok(Some(table)) = self.file.symbols(SHT_DYNSYM) else { return String::new() };
        let Some(symbol) = table.symbols.get(index) else { return String::new() };
        let Ok(name) = table.name(&symbol) else { return String::new() };
        let versions = Versions::read(&self.file, table.symbols.len(), &mut Vec::new()).ok();
        let version = versions.and_then(|versions| versions.of(index, &symbol, name));
        match version {
            Some(version) => {
                let at = if version.is_hidden { "@" } else { "@@" };
                format!("{}{at}{}", text(name), text(version.name))
            }
            None => text(name),
        }
    }

    fn symbol(&self, symbol: &Symbol, name: &str) -> String {
        let header = self.file.header();
        let place = match symbol.shndx {
            SHN_UNDEF | SHN_ABS | SHN_COMMON => names::special_section(header, symbol.shndx).into(),
            index => self.name_at(index.0.into()),
        };
        let value = match symbol.shndx {
            SHN_ABS => format!(" = {:#x}", symbol.value),
            _ => String::new(),
        };
        format!(
            "{name} {} {} visibility {} size {} in {place}{value}",
            names::symbol_binding(header, symbol.binding()),
            names::symbol_type(header, symbol.kind()),
            symbol.visibility().0,
            symbol.size,
        )
    }

    fn dynamic_symbols(&self) -> Vec<String> {
        let Ok(Some(table)) = self.file.symbols(SHT_DYNSYM) else { return Vec::new() };
        (0..)
            .zip(table.iter())
            .skip(1)
            .map(|(index, symbol)| self.symbol(&symbol, &self.dynamic_name(index)))
            .collect()
    }

    fn symbols(&self) -> Vec<String> {
        let Ok(Some(table)) = self.file.symbols(SHT_SYMTAB) else { return Vec::new() };
        let mut lines = Vec::new();
        for symbol in table.iter().skip(1) {
            let name = table.name(&symbol).map(text).unwrap_or_default();
            lines.push(self.symbol(&symbol, &name));
        }
        lines
    }

    /// Whether the loader finds each symbol that others may use, in each hash table.
    pub(super) fn look_ups(&self) -> Vec<String> {
        let Ok(Some(table)) = self.file.symbols(SHT_DYNSYM) else { return Vec::new() };
        let encoding = self.file.encoding();
        let mut lines = Vec::new();
        for section in self.headers() {
            let Ok(bytes) = self.file.section_data(&section) else { continue };
            for (index, symbol) in (0_u32..).zip(table.iter()) {
                let is_export = symbol.shndx != SHN_UNDEF && symbol.binding() != STB_LOCAL;
                let (true, Ok(name)) = (is_export, table.name(&symbol)) else { continue };
                let is_found = match section.kind {
                    SHT_HASH => SysvHash::<u32>::parse(bytes, encoding)
                        .is_some_and(|hash| hash.candidates(sysv_hash(name)).any(|at| at == index)),
                    SHT_GNU_HASH => GnuHash::parse(bytes, encoding).is_some_and(|hash| {
                        hash.candidates(gnu_hash(name), encoding).any(|at| at == index)
                    }),
                    _ => continue,
                };
                let found = if is_found { "found" } else { "NOT found" };
                lines.push(format!("{} {} {found}", self.name(&section), text(name)));
            }
        }
        lines
    }

    /// The rows of each function's frame, by the function's name.
    pub(super) fn rows(&self) -> Vec<String> {
        let Ok(Some(table)) = self.file.symbols(SHT_SYMTAB) else { return Vec::new() };
        let backing = libdwarf::load::Backing::new();
        let unwinder = Unwinder::of(&libdwarf::load::Sections::new(self.file, &backing));
        let mut lines = Vec::new();
        for symbol in table.iter() {
            let is_function = symbol.kind() == STT_FUNC && symbol.shndx != SHN_UNDEF;
            let (true, Ok(name)) = (is_function, table.name(&symbol)) else { continue };
            let name = text(name);
            match unwinder.frame(symbol.value) {
                Ok(Some(frame)) => {
                    let result = unwinder.rows(&frame, |row| {
                        let from = row.start.wrapping_sub(symbol.value);
                        lines.push(format!("{name}+{from:#x} {:?} {:?}", row.cfa, row.rules()));
                        true
                    });
                    if let Err(error) = result {
                        lines.push(format!("{name}: {error}"));
                    }
                }
                Ok(None) => lines.push(format!("{name}: no frame")),
                Err(error) => lines.push(format!("{name}: {error}")),
            }
        }
        lines
    }
}

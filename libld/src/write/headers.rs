//! The ELF header, the program headers and the section headers. gABI, chapters 4 and 5.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::Encoding;
use libelf::raw::{
    ELFCLASS32, ELFCLASS64, ELFDATA2LSB, ELFDATA2MSB, ELFMAG, ET_DYN, ET_EXEC, ET_REL, EV_CURRENT,
    FileType, OsAbi, PT_LOAD, SHF_INFO_LINK, SHN_LORESERVE, SHN_XINDEX, SHT_NULL, SHT_RELA,
    SHT_STRTAB, SHT_SYMTAB, SHT_SYMTAB_SHNDX, SectionType,
};

use crate::arch::Identity;
use crate::dynamic::division;
use crate::encode::{put_u16, put_u32, put_word};
use crate::layout::{Layout, OutputSection, Role, Segment};
use crate::made::Made;
use crate::options::Kind as OutputKind;
use crate::relocatable;
use crate::relocatable::strings::StringTable;
use crate::tables::reloc_size;
use crate::write::room::Room;

/// Sizes of headers, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct HeaderSizes {
    /// The ELF header.
    pub file: usize,
    /// A program header.
    pub program: usize,
    /// A section header.
    pub section: usize,
}

impl HeaderSizes {
    /// Of a class.
    pub const fn of(encoding: Encoding) -> Self {
        if encoding.is_64() {
            Self { file: 64, program: 56, section: 64 }
        } else {
            Self { file: 52, program: 32, section: 40 }
        }
    }
}

/// Where the tables lie that close the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// `.symtab`: offset and size; size 0 if there is none.
    pub symbols: (u64, u64),
    /// The number of its first symbol that is not local.
    pub first_global: u32,
    /// `.symtab_shndx`, the section numbers that do not fit `.symtab`; size 0 if there is none.
    pub indexes: (u64, u64),
    /// `.strtab`
    pub strings: (u64, u64),
    /// All tables of relocations that the output keeps.
    pub relocs: (u64, u64),
    /// `.shstrtab`
    pub names: (u64, u64),
    /// The section headers.
    pub headers: u64,
    /// The end of the file.
    pub end: u64,
    /// Whether there are section headers.
    pub has_headers: bool,
}

/// How large the tables are that close the file, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TailSizes {
    /// `.symtab`
    pub symbols: usize,
    /// The number of its first symbol that is not local.
    pub first_global: usize,
    /// `.symtab_shndx`
    pub indexes: usize,
    /// `.strtab`
    pub strings: usize,
    /// There are no section headers, and so there is nothing of this.
    pub lacks_headers: bool,
}

/// The name of the table of section numbers that do not fit `.symtab`.
const INDEXES_NAME: &[u8] = b".symtab_shndx";
/// The names of the other closing tables, in order.
const TAIL_NAMES: [&[u8]; 3] = [b".symtab", b".strtab", b".shstrtab"];

/// `.shstrtab`, and where names start in it.
#[derive(Debug, Default)]
pub struct SectionNames {
    /// The table.
    pub bytes: Vec<u8>,
    offsets: HashMap<Vec<u8>, u32, RandomState>,
}

impl SectionNames {
    /// Of all sections of the output; `has_indexes` tells whether `.symtab_shndx` is one.
    pub fn new(layout: &Layout<'_>, has_indexes: bool) -> Self {
        let mut table = StringTable::default();
        let tail = TAIL_NAMES.into_iter().chain(has_indexes.then_some(INDEXES_NAME));
        let names: Vec<&[u8]> =
            tail.chain(layout.sections.iter().map(|section| &*section.name)).collect();
        let numbers: Vec<u32> = names.iter().map(|name| table.add(name)).collect();
        let strings = table.finish();
        let offset = |number: &u32| strings.offsets.get(*number as usize).copied().unwrap_or(0);
        let offsets = names.iter().zip(&numbers);
        let offsets = offsets.map(|(name, number)| (name.to_vec(), offset(number))).collect();
        Self { bytes: strings.bytes, offsets }
    }

    fn find(&self, name: &[u8]) -> u32 {
        self.offsets.get(name).copied().unwrap_or(0)
    }
}

impl Tail {
    /// Puts the tables behind what is laid out.
    pub fn new(
        layout: &Layout<'_>,
        sizes: TailSizes,
        names: &SectionNames,
        encoding: Encoding,
    ) -> Self {
        let word = encoding.word_size() as u64;
        let align = |offset: u64| offset.checked_next_multiple_of(word).unwrap_or(offset);
        if sizes.lacks_headers {
            let end = layout.file_end;
            return Self { end, ..Self::default() };
        }
        let start = align(layout.file_end);
        let symbols_end = start.saturating_add(sizes.symbols as u64);
        let indexes_end = symbols_end.saturating_add(sizes.indexes as u64);
        let strings_end = indexes_end.saturating_add(sizes.strings as u64);
        let relocs_size = relocatable::tables::size(layout);
        let relocs_start = if relocs_size == 0 { strings_end } else { align(strings_end) };
        let relocs_end = relocs_start.saturating_add(relocs_size);
        let names_end = relocs_end.saturating_add(names.bytes.len() as u64);
        let headers = align(names_end);
        let closing = if sizes.symbols == 0 { 1 } else { 3 } + usize::from(sizes.indexes != 0);
        let count = (1 + layout.sections.len() + closing) as u64;
        Self {
            symbols: (start, sizes.symbols as u64),
            first_global: sizes.first_global as u32,
            indexes: (symbols_end, sizes.indexes as u64),
            strings: (indexes_end, sizes.strings as u64),
            relocs: (relocs_start, relocs_size),
            names: (relocs_end, names.bytes.len() as u64),
            headers,
            end: headers.saturating_add(count * HeaderSizes::of(encoding).section as u64),
            has_headers: true,
        }
    }
}

/// What headers follow from.
pub struct HeaderInput<'a> {
    /// Where everything lies.
    pub layout: &'a Layout<'a>,
    /// What closes the file.
    pub tail: Tail,
    /// Section names.
    pub names: &'a SectionNames,
    /// The machine.
    pub identity: &'static Identity,
    /// The kind of output.
    pub kind: OutputKind,
    /// `EI_OSABI`
    pub os_abi: OsAbi,
    /// `e_flags`
    pub flags: u32,
    /// `e_entry`
    pub entry: u64,
    /// What `sh_info` of a made section is, where it counts something.
    pub counts: &'a dyn Fn(Made) -> Option<u32>,
}

/// A section header.
#[derive(Clone, Copy, Debug, Default)]
struct Header {
    name: u32,
    kind: SectionType,
    flags: u64,
    addr: u64,
    offset: u64,
    size: u64,
    link: u32,
    info: u32,
    align: u64,
    entsize: u64,
}

/// Writes all headers.
pub fn write(input: &HeaderInput<'_>, room: &dyn Room) {
    let encoding = input.identity.encoding;
    let sizes = HeaderSizes::of(encoding);
    let headers = if input.tail.has_headers { section_headers(input) } else { Vec::new() };
    let mut bytes = file_header(input, sizes, headers.len());
    bytes.resize(sizes.file, 0);
    for segment in &input.layout.segments {
        program_header(segment, encoding, &mut bytes);
    }
    room.put(0, &bytes);
    if headers.is_empty() {
        return;
    }
    bytes.clear();
    for header in &headers {
        section_header(header, encoding, &mut bytes);
    }
    room.put(input.tail.headers, &bytes);
    room.put(input.tail.names.0, &input.names.bytes);
}

/// The least address of what is loaded.
fn lowest_address(layout: &Layout) -> Option<u64> {
    let loads = layout.segments.iter().filter(|segment| segment.kind == PT_LOAD);
    loads.map(|segment| segment.addr).min()
}

fn file_header(input: &HeaderInput<'_>, sizes: HeaderSizes, sections: usize) -> Vec<u8> {
    let encoding = input.identity.encoding;
    let class = if encoding.is_64() { ELFCLASS64 } else { ELFCLASS32 };
    let data = if encoding.is_big_endian() { ELFDATA2MSB } else { ELFDATA2LSB };
    let kind: FileType = match input.kind {
        OutputKind::Executable => ET_EXEC,
        // What does not begin at 0 was given its place, and is to be loaded there.
        OutputKind::Pie if lowest_address(input.layout).is_some_and(|it| it != 0) => ET_EXEC,
        OutputKind::Pie | OutputKind::Shared => ET_DYN,
        OutputKind::Relocatable => ET_REL,
    };
    let segments = input.layout.segments.len();
    let mut bytes = Vec::with_capacity(sizes.file);
    bytes.extend_from_slice(&ELFMAG);
    bytes.extend_from_slice(&[class.0, data.0, EV_CURRENT.0, input.os_abi.0]);
    bytes.resize(16, 0);
    put_u16(&mut bytes, kind.0, encoding);
    put_u16(&mut bytes, input.identity.machine.0, encoding);
    put_u32(&mut bytes, EV_CURRENT.0 as u32, encoding);
    put_word(&mut bytes, input.entry, encoding);
    put_word(&mut bytes, if segments == 0 { 0 } else { sizes.file as u64 }, encoding);
    put_word(&mut bytes, input.tail.headers, encoding);
    put_u32(&mut bytes, input.flags, encoding);
    put_u16(&mut bytes, sizes.file as u16, encoding);
    put_u16(&mut bytes, if segments == 0 { 0 } else { sizes.program as u16 }, encoding);
    put_u16(&mut bytes, segments as u16, encoding);
    put_u16(&mut bytes, sizes.section as u16, encoding);
    // Numbers that do not fit stand in the first section header.
    let is_large = sections >= usize::from(SHN_LORESERVE);
    put_u16(&mut bytes, if is_large { 0 } else { sections as u16 }, encoding);
    put_u16(
        &mut bytes,
        if is_large { SHN_XINDEX.0 } else { sections.saturating_sub(1) as u16 },
        encoding,
    );
    bytes
}

fn program_header(segment: &Segment, encoding: Encoding, bytes: &mut Vec<u8>) {
    put_u32(bytes, segment.kind.0, encoding);
    if encoding.is_64() {
        put_u32(bytes, segment.flags, encoding);
    }
    for value in [segment.offset, segment.addr, segment.load_addr, segment.file_size, segment.size]
    {
        put_word(bytes, value, encoding);
    }
    if !encoding.is_64() {
        put_u32(bytes, segment.flags, encoding);
    }
    put_word(bytes, segment.align, encoding);
}

fn section_header(header: &Header, encoding: Encoding, bytes: &mut Vec<u8>) {
    put_u32(bytes, header.name, encoding);
    put_u32(bytes, header.kind.0, encoding);
    for value in [header.flags, header.addr, header.offset, header.size] {
        put_word(bytes, value, encoding);
    }
    put_u32(bytes, header.link, encoding);
    put_u32(bytes, header.info, encoding);
    put_word(bytes, header.align, encoding);
    put_word(bytes, header.entsize, encoding);
}

fn section_headers(input: &HeaderInput<'_>) -> Vec<Header> {
    let layout = input.layout;
    let mut headers = Vec::with_capacity(layout.sections.len() + 4);
    headers.push(Header { kind: SHT_NULL, ..Header::default() });
    let tail = input.tail;
    let links = Links::new(layout, tail.symbols.1 != 0);
    let symbols = if tail.symbols.1 == 0 { 0 } else { layout.sections.len() as u32 + 1 };
    let mut relocs_at = tail.relocs.0;
    for (number, section) in (0_u32..).zip(&layout.sections) {
        let mut header = of_section(section, input.names);
        links.settle(number, &mut header, input.identity, input.counts);
        match section.role {
            Role::Contents => {
                header.link = section.ordered_by.map_or(header.link, |it| it + 1);
            }
            Role::Relocs(target) => {
                (header.link, header.info) = (symbols, target + 1);
                header.offset = relocs_at;
                relocs_at = relocs_at.saturating_add(section.size);
            }
            Role::Group(signature) => (header.link, header.info) = (symbols, signature),
        }
        headers.push(header);
    }
    let is_64 = input.identity.encoding.is_64();
    let word = input.identity.encoding.word_size() as u64;
    let table = |name: &[u8], kind, (offset, size): (u64, u64), align| Header {
        name: input.names.find(name),
        kind,
        offset,
        size,
        align,
        ..Header::default()
    };
    if tail.symbols.1 != 0 {
        let has_indexes = tail.indexes.1 != 0;
        headers.push(Header {
            link: symbols + 1 + u32::from(has_indexes),
            info: tail.first_global,
            entsize: if is_64 { 24 } else { 16 },
            ..table(b".symtab", SHT_SYMTAB, tail.symbols, word)
        });
        if has_indexes {
            headers.push(Header {
                link: symbols,
                entsize: 4,
                ..table(INDEXES_NAME, SHT_SYMTAB_SHNDX, tail.indexes, 4)
            });
        }
        headers.push(table(b".strtab", SHT_STRTAB, tail.strings, 1));
    }
    headers.push(table(b".shstrtab", SHT_STRTAB, tail.names, 1));
    let count = headers.len();
    if count >= usize::from(SHN_LORESERVE)
        && let Some(first) = headers.first_mut()
    {
        (first.size, first.link) = (count as u64, count as u32 - 1);
    }
    headers
}

fn of_section(section: &OutputSection<'_>, names: &SectionNames) -> Header {
    Header {
        name: names.find(&section.name),
        kind: section.kind,
        flags: section.flags,
        addr: section.addr,
        offset: section.offset,
        size: section.size,
        align: section.align,
        entsize: section.entsize,
        ..Header::default()
    }
}

/// Which sections name which.
struct Links {
    /// The made sections of an output section.
    outputs: HashMap<u32, Vec<Made>, RandomState>,
    /// The output sections of dynamic relocations, where there is more than one, each with the
    /// number of the section that its name says it is for.
    relocs: HashMap<u32, Option<u32>, RandomState>,
    /// `.symtab`
    symbols: u32,
    dynamic_symbols: u32,
    dynamic_strings: u32,
    plt_slots: u32,
}

impl Links {
    fn new(layout: &Layout<'_>, has_symbols: bool) -> Self {
        let output = |made: Made| layout.places.get(made.section()).map(|place| place.output);
        let number = |made: Made| output(made).map_or(0, |output| output + 1);
        let mut outputs: HashMap<u32, Vec<Made>, RandomState> = HashMap::default();
        for form in crate::made::MADE {
            if let Some(output) = output(form.made) {
                outputs.entry(output).or_default().push(form.made);
            }
        }
        let plt_slots = match number(Made::GotPlt) {
            0 => number(Made::IgotPlt),
            number => number,
        };
        let symbols = if has_symbols { layout.sections.len() as u32 + 1 } else { 0 };
        let relocs = division::outputs(layout).map(|it| (it, subject(layout, it))).collect();
        Self {
            outputs,
            relocs,
            symbols,
            dynamic_symbols: number(Made::DynSym),
            dynamic_strings: number(Made::DynStr),
            plt_slots,
        }
    }

    fn settle(
        &self,
        output: u32,
        header: &mut Header,
        identity: &Identity,
        counts: &dyn Fn(Made) -> Option<u32>,
    ) {
        let of_relocs = self.relocs.get(&output);
        if let Some(subject) = of_relocs {
            header.entsize = reloc_size(identity.encoding.is_64(), identity.is_rela);
            header.link = self.dynamic_symbols;
            if let Some(subject) = subject {
                header.info = *subject;
                header.flags |= SHF_INFO_LINK.0;
            }
        }
        for &made in self.outputs.get(&output).into_iter().flatten() {
            if !(made == Made::Got && self.dynamic_symbols == 0 && header.entsize == 0) {
                header.entsize = entry_size(made, identity, header.align).unwrap_or(header.entsize);
            }
            let link = match made {
                Made::Hash | Made::GnuHash | Made::VerSym | Made::RelaDyn => self.dynamic_symbols,
                Made::DynSym | Made::VerDef | Made::VerNeed | Made::Dynamic => self.dynamic_strings,
                Made::RelaPlt | Made::RelaIplt if self.dynamic_symbols != 0 => self.dynamic_symbols,
                Made::RelaPlt | Made::RelaIplt => self.symbols,
                _ => continue,
            };
            header.link = link;
            if let Some(count) = counts(made) {
                header.info = count;
            }
            if matches!(made, Made::RelaPlt | Made::RelaIplt) && of_relocs.is_none() {
                header.info = self.plt_slots;
                header.flags |= SHF_INFO_LINK.0;
            }
        }
    }
}

/// The number of the section that a section of relocations is for, by its name.
fn subject(layout: &Layout<'_>, output: u32) -> Option<u32> {
    let section = layout.sections.get(output as usize)?;
    let name = division::subject(&section.name, section.kind == SHT_RELA)?;
    let found = layout.sections.iter().position(|other| other.name == name)?;
    u32::try_from(found).ok()?.checked_add(1)
}

/// `sh_entsize` of a made section that is aligned to `align` bytes, in bytes, where it is a table.
fn entry_size(made: Made, identity: &Identity, align: u64) -> Option<u64> {
    let is_64 = identity.encoding.is_64();
    let word = identity.word();
    Some(match made {
        Made::DynSym => {
            if is_64 {
                24
            } else {
                16
            }
        }
        Made::Dynamic => 2 * word,
        Made::VerSym => 2,
        Made::Hash => 4,
        Made::RelaDyn | Made::RelaPlt | Made::RelaIplt => reloc_size(is_64, identity.is_rela),
        // Its parts are of words and of halves of words; where these are the same, it has a size.
        Made::GnuHash if !is_64 => word,
        Made::Relr => word,
        Made::Got | Made::GotPlt | Made::IgotPlt => identity.got_slot,
        Made::Plt => identity.plt_entsize,
        // Its entries are as large as they are aligned.
        Made::PltGot | Made::PltSec => align,
        _ => return None,
    })
}

//! An ELF file: headers, tables, strings, hash tables, versions, groups, compressed sections.

use std::hint::black_box;

use libelf::compress::{self, Compressed, Limits};
use libelf::group::Group;
use libelf::hash::{GnuHash, SysvHash};
use libelf::raw::{
    Rel, SHT_DYNSYM, SHT_GNU_ATTRIBUTES, SHT_GNU_HASH, SHT_GNU_VERDEF, SHT_GNU_VERNEED, SHT_GROUP,
    SHT_HASH, SHT_RELR, SHT_SYMTAB, Sym,
};
use libelf::section::SectionHeader;
use libelf::symbol::SymbolTable;
use libelf::version::{Verdaux, Verdef, Vernaux, Verneed, chain};
use libelf::{File, Table, Typed, reloc};

use super::{ENTRIES, PARTS, attributes, notes};

/// Reads all that an ELF file can hold.
pub fn exercise(data: &[u8]) {
    let Ok(file) = File::parse(data) else { return };
    black_box((file.header(), file.section_count(), file.segment_count()));
    black_box((file.section_by_name(b".text").is_ok(), file.section_by_kind(SHT_SYMTAB).is_ok()));
    dynamic(&file);
    segments(&file);
    notes::of_file(&file);
    for kind in [SHT_SYMTAB, SHT_DYNSYM] {
        if let Ok(Some(table)) = file.symbols(kind) {
            symbols(&table);
        }
    }
    let Ok(headers) = file.section_headers() else { return };
    let names = file.section_names();
    let mut unpacked = 0;
    for (index, header) in (0..).zip(headers.iter().take(PARTS)) {
        if let Ok(names) = &names {
            black_box((names.get(header.name.into()).is_ok(), names.get_cut(header.name.into())));
        }
        section(&file, index, &header);
        // Each may unpack to its limit; a few are enough.
        if header.is_compressed() && unpacked < 4 {
            unpacked += 1;
            let limits = Limits::for_input(data.len());
            black_box(compress::section_contents(&file, &header, limits).is_ok());
        }
    }
}

fn dynamic(file: &File) {
    let Ok(dynamic) = file.dynamic() else { return };
    for entry in dynamic.iter().take(ENTRIES) {
        black_box((entry, dynamic.value(entry.tag)));
    }
    black_box(dynamic.needed().take(ENTRIES).filter_map(Result::ok).map(<[u8]>::len).max());
}

fn segments(file: &File) {
    let Ok(headers) = file.program_headers() else { return };
    for header in headers.iter().take(PARTS) {
        black_box(file.segment_data(&header).map(<[u8]>::len).ok());
        black_box(file.segment_bytes_at(header.vaddr).map(<[u8]>::len));
    }
}

fn symbols(table: &SymbolTable) {
    for (index, symbol) in table.iter().enumerate().take(ENTRIES) {
        black_box((table.name(&symbol).is_ok(), table.section_index(index, &symbol)));
        black_box((symbol.kind(), symbol.binding(), symbol.visibility()));
    }
}

fn section(file: &File, index: u32, header: &SectionHeader) {
    if let Ok(table) = file.symbol_table(index) {
        symbols(&table);
    }
    if let Ok(strings) = file.string_table(index) {
        black_box((strings.get(1).is_ok(), strings.get(u64::MAX).is_ok()));
    }
    if let Ok(relocs) = file.relocs(header) {
        for reloc in relocs.iter().take(ENTRIES) {
            black_box((reloc, reloc.mips_types(), reloc.mips_special_symbol()));
        }
    }
    typed(file, header);
    let Ok(contents) = file.section_data(header) else { return };
    contents_by_kind(file, header, contents);
    black_box(Compressed::parse_zdebug(contents).is_some());
}

/// Contents, read as the section's kind says.
fn contents_by_kind(file: &File, header: &SectionHeader, contents: &[u8]) {
    let encoding = file.encoding();
    match header.kind {
        SHT_GROUP => {
            if let Some(group) = Group::parse(contents, encoding) {
                black_box((group.is_comdat(), group.members.iter().take(ENTRIES).max()));
            }
        }
        SHT_HASH => {
            let narrow = SysvHash::<u32>::parse(contents, encoding);
            let wide = SysvHash::<u64>::parse(contents, encoding);
            black_box(narrow.map(|table| table.chains.iter().take(ENTRIES).max()));
            black_box(wide.map(|table| table.buckets.iter().take(ENTRIES).max()));
        }
        SHT_GNU_HASH => {
            black_box(GnuHash::parse(contents, encoding).and_then(|table| table.symbol_count()));
        }
        SHT_RELR => {
            let words = Table::<u64>::new(contents, encoding);
            black_box(reloc::relr_addresses(words).take(ENTRIES).max());
            let words = Table::<u32>::new(contents, encoding);
            black_box(reloc::relr_addresses_32(words).take(ENTRIES).max());
        }
        SHT_GNU_VERDEF => {
            for (at, record) in definitions(contents, file, header) {
                let start = at.saturating_add(record.aux as usize);
                let limit = usize::from(record.count);
                black_box(chain::<Verdaux>(contents, encoding, start, limit).count());
            }
        }
        SHT_GNU_VERNEED => {
            let limit = (header.info as usize).min(PARTS);
            for item in chain::<Verneed>(contents, encoding, 0, limit) {
                let Ok((at, record)) = item else { break };
                let start = at.saturating_add(record.aux as usize);
                let limit = usize::from(record.count);
                black_box(chain::<Vernaux>(contents, encoding, start, limit).count());
            }
        }
        SHT_GNU_ATTRIBUTES => attributes::exercise(contents, file),
        // Processors' attributes have numbers in a range that they share with others.
        kind if kind.0 >= 0x7000_0000 => attributes::exercise(contents, file),
        _ => {}
    }
}

fn definitions(contents: &[u8], file: &File, header: &SectionHeader) -> Vec<(usize, Verdef)> {
    let limit = (header.info as usize).min(PARTS);
    chain::<Verdef>(contents, file.encoding(), 0, limit).map_while(Result::ok).collect()
}

/// The structures of the ABI itself.
fn typed(file: &File, header: &SectionHeader) {
    use libelf::raw::FileHeader;

    fn of<Elf: FileHeader>(
        file: &libelf::file::TypedFile<Elf>,
        header: &SectionHeader,
        endian: Elf::Endian,
    ) {
        if let Ok(symbols) = file.entries::<Elf::Sym>(header) {
            black_box(symbols.iter().take(ENTRIES).map(|symbol| symbol.st_name(endian)).max());
        }
        if let Ok(relocs) = file.entries::<Elf::Rel>(header) {
            black_box(relocs.iter().take(ENTRIES).map(|reloc| reloc.r_type(endian)).max());
        }
    }
    match file.typed() {
        Typed::Elf32Le(typed) => of(&typed, header, libelf::raw::LittleEndian),
        Typed::Elf32Be(typed) => of(&typed, header, libelf::raw::BigEndian),
        Typed::Elf64Le(typed) => of(&typed, header, libelf::raw::LittleEndian),
        Typed::Elf64Be(typed) => of(&typed, header, libelf::raw::BigEndian),
    }
}

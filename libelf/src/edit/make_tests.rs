use object::endian::Endianness;

use super::*;
use crate::File;
use crate::ident::Class;

const ENCODINGS: [Encoding; 4] = [
    Encoding { class: Class::Elf32, endian: Endianness::Little },
    Encoding { class: Class::Elf32, endian: Endianness::Big },
    Encoding { class: Class::Elf64, endian: Endianness::Little },
    Encoding { class: Class::Elf64, endian: Endianness::Big },
];

fn section(name: &'static str, flags: u64, bytes: &'static [u8]) -> Section<'static> {
    Section {
        name: name.into(),
        kind: elf::SHT_PROGBITS.0,
        flags: elf::SHF_ALLOC.0 | flags,
        contents: Contents::Bytes(bytes.into()),
        ..Section::default()
    }
}

#[test]
fn an_object_from_nothing_reads_as_it_was_made() {
    for encoding in ENCODINGS {
        let mut object = Object::new(encoding, elf::ET_REL.0, elf::EM_386.0);
        let text = object.add_section(section(".text", elf::SHF_EXECINSTR.0, b"\xc3"));
        let table = object.symbol_table();
        let symbol = |name: &'static str, info| Symbol {
            name: name.into(),
            info,
            section: SymbolSection::Section(text),
            ..Symbol::default()
        };
        object.add_symbol(table, symbol("main", 0x12)).unwrap();
        object.add_symbol(table, symbol("local", 0)).unwrap();
        object.complete();
        let bytes = object.to_bytes().unwrap();
        assert_eq!(object.to_bytes().unwrap(), bytes);

        let file = File::parse(&bytes).unwrap();
        let symbols = file.symbols(elf::SHT_SYMTAB).unwrap().unwrap();
        let names: Vec<_> = symbols.iter().map(|s| symbols.name(&s).unwrap()).collect();
        assert_eq!(names, [&b""[..], b"local", b"main"]);
        let (_, header) = file.section_by_name(b".symtab").unwrap().unwrap();
        assert_eq!((header.info, header.entsize), (2, if encoding.is_64() { 24 } else { 16 }));

        let mut again = Object::open(&bytes).unwrap();
        again.simplify().unwrap();
        assert_eq!(again, object);
    }
}

#[test]
fn segments_of_an_executable_cover_its_sections() {
    let encoding = ENCODINGS[2];
    let mut object = Object::new(encoding, elf::ET_EXEC.0, elf::EM_X86_64.0);
    let text = object.add_section(section(".text", elf::SHF_EXECINSTR.0, b"\x90\xc3"));
    let data = object.add_section(section(".data", elf::SHF_WRITE.0, b"abc"));
    let bss = object.add_section(Section {
        name: ".bss".into(),
        kind: elf::SHT_NOBITS.0,
        flags: elf::SHF_ALLOC.0 | elf::SHF_WRITE.0,
        contents: Contents::NoBits(0x5000),
        ..Section::default()
    });
    object.make_segments();
    object.complete();
    let layout = object.layout().unwrap();
    let loads: Vec<_> = layout.segments.iter().flatten().map(|place| place.header).collect();
    let [code, variables, stack] = loads[..] else { panic!("{loads:?}") };
    assert_eq!((code.offset, code.vaddr, code.flags), (0, 0x40_0000, 5));
    assert_eq!(layout.section(text).unwrap().header.addr % 0x1000, code.filesz - 2);
    assert_eq!(variables.vaddr % 0x1000, variables.offset % 0x1000);
    assert_eq!(variables.vaddr, layout.section(data).unwrap().header.addr);
    assert_eq!((variables.filesz, variables.memsz), (3, 0x5003));
    assert_eq!(layout.section(bss).unwrap().header.addr, variables.vaddr + 3);
    assert_eq!(stack.flags, 6);
}

#[test]
fn more_sections_than_the_header_counts_are_counted_by_the_null_section() {
    let mut object = Object::new(ENCODINGS[0], elf::ET_REL.0, elf::EM_386.0);
    let mut last = SectionId(0);
    for _ in 0..0xff10 {
        last = object.add_section(section(".text", 0, b""));
    }
    let table = object.symbol_table();
    let name = "far".into();
    let section = SymbolSection::Section(last);
    object.add_symbol(table, Symbol { name, section, ..Symbol::default() }).unwrap();
    let error = object.to_bytes().unwrap_err();
    assert!(error.to_string().contains("SHT_SYMTAB_SHNDX"), "{error}");
    object.complete();
    let bytes = object.to_bytes().unwrap();
    let file = File::parse(&bytes).unwrap();
    assert_eq!(file.header().shnum, 0);
    assert_eq!(file.section_count(), 0xff11 + 4);
    let symbols = file.symbols(elf::SHT_SYMTAB).unwrap().unwrap();
    let far = symbols.symbols.get(1).unwrap();
    assert_eq!(symbols.section_index(1, &far), 0xff10);
}

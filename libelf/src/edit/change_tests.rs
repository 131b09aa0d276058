use object::endian::Endianness;

use super::*;
use crate::edit::reloc::{RelocForm, RelocSymbol, Relocation};
use crate::edit::{Field, SymbolSection};
use crate::ident::Class;

const ENCODING: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };

/// `.text` with a relocation to `callee`.
fn object() -> (Object<'static>, SectionId, SymbolId) {
    let mut object = Object::new(ENCODING, elf::ET_REL.0, elf::EM_X86_64.0);
    let text = object.add_section(Section {
        name: ".text".into(),
        kind: elf::SHT_PROGBITS.0,
        flags: elf::SHF_ALLOC.0,
        contents: Contents::Bytes(vec![0; 8].into()),
        ..Section::default()
    });
    let table = object.symbol_table();
    let callee = Symbol { name: "callee".into(), info: 0x10, ..Symbol::default() };
    let callee = object.add_symbol(table, callee).unwrap();
    let symbol = RelocSymbol::Symbol(callee);
    object.add_section(Section {
        name: ".rela.text".into(),
        kind: elf::SHT_RELA.0,
        contents: Contents::Relocations(
            RelocForm::Rela,
            vec![Relocation { offset: 1, symbol, kind: 4, addend: -4 }],
        ),
        ..Section::default()
    });
    object.complete();
    (object, text, callee)
}

fn symbol_of_first_relocation(bytes: &[u8]) -> u32 {
    let file = crate::File::parse(bytes).unwrap();
    let (_, header) = file.section_by_kind(elf::SHT_RELA).unwrap().unwrap();
    file.relocs(&header).unwrap().get(0).unwrap().symbol
}

#[test]
fn references_follow_what_moves() {
    let (mut object, text, callee) = object();
    assert_eq!(symbol_of_first_relocation(&object.to_bytes().unwrap()), 1);
    let local =
        Symbol { name: "local".into(), section: SymbolSection::Section(text), ..Symbol::default() };
    object.add_symbol(callee.table, local).unwrap();
    object.insert_section(1, Section { name: ".first".into(), kind: 1, ..Section::default() });
    let bytes = object.to_bytes().unwrap();
    assert_eq!(symbol_of_first_relocation(&bytes), 2);
    let file = crate::File::parse(&bytes).unwrap();
    let symbols = file.symbols(elf::SHT_SYMTAB).unwrap().unwrap();
    assert_eq!(symbols.symbols.get(1).unwrap().shndx.0, 2);
    let (_, rela) = file.section_by_kind(elf::SHT_RELA).unwrap().unwrap();
    assert_eq!(rela.info, 2);
}

#[test]
fn a_reference_to_what_was_removed_is_an_error_that_says_where() {
    let (mut object, text, callee) = object();
    object.remove_symbol(callee);
    let error = object.to_bytes().unwrap_err();
    assert_eq!(
        error.to_string(),
        "section [4]: relocation 0: r_info refers to a symbol that is not there"
    );
    assert_eq!(object.dangling(), [error]);

    let (mut object, ..) = self::object();
    let symbols = object.symbol_table();
    let section = SymbolSection::Section(text);
    object.add_symbol(symbols, Symbol { section, ..Symbol::default() }).unwrap();
    object.remove_section(text);
    let error = object.to_bytes().unwrap_err();
    assert!(error.to_string().contains("symbol 1: st_shndx"), "{error}");
}

#[test]
fn values_that_do_not_fit_are_errors_unless_raw() {
    let (mut object, text, _) = object();
    object.convert(Encoding { class: Class::Elf32, endian: Endianness::Big }).unwrap();
    assert!(object.to_bytes().is_ok());
    object.section_mut(text).unwrap().address = Field::Is(0x1_2345_6789);
    let error = object.to_bytes().unwrap_err();
    assert_eq!(error.to_string(), "section [1]: sh_addr is 0x123456789, and has 32 bits");
    object.section_mut(text).unwrap().address = Field::Raw(0x1_2345_6789);
    let bytes = object.to_bytes().unwrap();
    let file = crate::File::parse(&bytes).unwrap();
    assert_eq!(file.section(1).unwrap().addr, 0x2345_6789);
}

#[test]
fn conversion_and_back_is_the_same() {
    let (mut object, ..) = object();
    let before = object.to_bytes().unwrap();
    object.convert(Encoding { class: Class::Elf32, endian: Endianness::Big }).unwrap();
    let narrow = object.to_bytes().unwrap();
    let mut again = Object::open(&narrow).unwrap();
    again.convert(ENCODING).unwrap();
    assert!(again.to_bytes().unwrap() == before);
}

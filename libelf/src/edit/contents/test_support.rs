//! A small object, laid out by hand, for the tests of contents.

use std::borrow::Cow;

use object::elf::*;
use object::endian::Endianness;

use super::Contents;
use crate::edit::context::{Context, Header, NameBudget, OpenStrings, Source};
use crate::edit::error::Owner;
use crate::edit::layout::{Layout, SectionPlace};
use crate::edit::links::Links;
use crate::edit::numbers::Numbers;
use crate::edit::string_index::{StringIndex, StringTables};
use crate::edit::{Field, Link, Name, Object, Section, SectionId};
use crate::ident::{Class, Encoding};
use crate::section::SectionHeader;

/// Both classes in both orders: 32-bit little, big, 64-bit little, big.
pub(crate) fn encodings() -> [Encoding; 4] {
    [
        Encoding { class: Class::Elf32, endian: Endianness::Little },
        Encoding { class: Class::Elf32, endian: Endianness::Big },
        Encoding { class: Class::Elf64, endian: Endianness::Little },
        Encoding { class: Class::Elf64, endian: Endianness::Big },
    ]
}

/// A section with everything given.
pub(crate) fn section(
    name: &'static str,
    kind: SectionType,
    link: u32,
    address: u64,
    contents: Contents<'static>,
) -> Section<'static> {
    Section {
        name: Name::from(name),
        kind: kind.0,
        flags: SHF_ALLOC.0,
        address: Field::Is(address),
        link: Link::Section(SectionId(link)),
        contents,
        ..Section::default()
    }
}

/// An object with these sections behind the null section.
pub(crate) fn object(
    encoding: Encoding,
    machine: Machine,
    sections: Vec<Section<'static>>,
) -> Object<'static> {
    let mut object = Object::new(encoding, ET_DYN.0, machine.0);
    for section in sections {
        object.sections.push(section);
    }
    object
}

/// Calls `call` with what the contents of the section `owner` are encoded for.
pub(crate) fn with_context<R>(
    object: &Object<'static>,
    owner: u32,
    call: impl FnOnce(&Context<'_, 'static>) -> R,
) -> R {
    let numbers = Numbers::of(object);
    let links = Links::of(object, &numbers).unwrap();
    let tables = StringTables::of(object, &links);
    let mut layout = Layout::default();
    let mut context = Context {
        encoding: object.header.encoding,
        machine: object.header.machine,
        file_kind: object.header.kind,
        owner: Owner::Section(SectionId(owner)),
        object,
        numbers: &numbers,
        links: &links,
        tables: &tables,
        layout: None,
    };
    for (index, (key, section)) in (0..).zip(object.sections.iter()) {
        let owner = Owner::Section(SectionId(key));
        let size = super::size(&section.contents, &Context { owner, ..context }).unwrap();
        let header = SectionHeader {
            name: 0,
            kind: SectionType(section.kind),
            flags: section.flags,
            addr: section.address.or(0),
            offset: 0,
            size,
            link: 0,
            info: super::info(&section.contents).unwrap_or(3),
            addralign: 1,
            entsize: 8,
        };
        layout.sections.push(Some(SectionPlace { index, header, placed_at: 0, length: size }));
    }
    context.layout = Some(&layout);
    call(&context)
}

/// Decodes `bytes` as contents of the section `owner` of `object`, whose `sh_type` is `kind`; a
/// linked string table must be given as bytes.
pub(crate) fn decode(
    object: &Object<'static>,
    owner: u32,
    kind: SectionType,
    bytes: &'static [u8],
) -> Option<Contents<'static>> {
    let section = object.sections.get(owner).unwrap();
    let link = match section.link {
        Link::Section(id) => Some(id),
        _ => None,
    };
    let linked = link.and_then(|id| object.sections.get(id.0)).map(|section| &section.contents);
    let symbol_count = match linked {
        Some(Contents::Symbols(symbols)) => symbols.len() as u32,
        _ => 0,
    };
    let strings = match linked {
        Some(Contents::Bytes(Cow::Borrowed(bytes))) => *bytes,
        _ => &[],
    };
    let index = StringIndex::new(Cow::Borrowed(strings));
    let budget = NameBudget::for_length(1 << 20);
    let header = SectionHeader {
        name: 0,
        kind,
        flags: section.flags,
        addr: 0,
        offset: 0,
        size: bytes.len() as u64,
        link: link.map_or(0, |id| id.0),
        info: 0,
        addralign: section.align.or(0),
        entsize: 0,
    };
    let source = Source {
        encoding: object.header.encoding,
        machine: object.header.machine,
        os_abi: object.header.os_abi,
        file_kind: object.header.kind,
        owner: Owner::Section(SectionId(owner)),
        header: Header::Section(header),
        name: &section.name.text,
        link,
        strings: OpenStrings { index: Some(&index), budget: &budget },
        extended: &[],
        section_count: object.sections.len() as u32,
        symbol_count,
    };
    super::decode(&source, bytes)
}

/// Decodes `bytes` as [`decode`] does, and checks that encoding gives them again, before and after
/// the contents are simplified. The simplified contents.
pub(crate) fn round_trip(
    object: &Object<'static>,
    owner: u32,
    kind: SectionType,
    bytes: &[u8],
) -> Option<Contents<'static>> {
    let bytes: &'static [u8] = Vec::leak(bytes.to_vec());
    let mut contents = decode(object, owner, kind, bytes)?;
    with_context(object, owner, |context| {
        assert_eq!(&*super::encode(&contents, context).unwrap(), bytes);
        assert_eq!(super::size(&contents, context).unwrap(), bytes.len() as u64);
        super::simplify(&mut contents, context, &mut { u64::MAX });
        assert_eq!(&*super::encode(&contents, context).unwrap(), bytes, "simplified");
    });
    Some(contents)
}

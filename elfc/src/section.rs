//! The `section` statement: a section header, and what the section holds. gABI, chapter 4,
//! "Sections".
//!
//! ```text
//! section .text PROGBITS AX align=16 { hex { c3 } }
//! section .bss NOBITS WA size=32;
//! ```
//!
//! The name is followed by the type and by the letters of the flags, as readelf prints them. A
//! well-known name needs neither. Attributes stand in the head, or as statements at the start of
//! the block:
//!
//! | attribute | |
//! |---|---|
//! | `type` | the type, as a number |
//! | `flags` | flags without a letter: numbers, or a list of names and numbers |
//! | `addr`, `offset`, `size`, `align`, `entsize` | the field of that name with `sh_` before it |
//! | `link`, `info` | a section by name, `symbol(name)`, or a number |
//! | `name_offset` | `sh_name` |
//! | `placed_at` | where the contents are written, if that is not where `offset` says |
//! | `index` | 0 on the first section: there is no null section before it |

use libelf::edit::{Contents, Field, Link, Name, Section, SectionId};
use libelf::raw::{SHF_ALLOC, SHT_GROUP, SHT_NOBITS, SHT_NULL, SHT_PROGBITS};
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::{Statement, Term, TermKind};

use crate::context::{Context, Read, missing, no_attribute, unexpected};
use crate::header::field;
use crate::names::Names;
use crate::printer::Printer;
use crate::row::{self, Once};
use crate::view::{Owner, View};
use crate::{contents, data};

/// Whether the section is the null section as it is without a statement.
pub fn is_plain_null(section: &Section<'_>) -> bool {
    *section == Section::default()
}

/// Prints the statement.
pub fn print<'data>(
    id: SectionId,
    section: &Section<'data>,
    printer: &mut Printer<'_>,
    view: &View<'_, 'data>,
) {
    let index = view.section_index(id);
    printer.text("section ");
    printer.name(&section.name.text);
    print_type(section.kind, view, printer);
    print_flags(section.flags, view, printer);
    if index == 0 && section.kind != SHT_NULL.0 {
        printer.dec_attribute("index", 0);
    }
    print_address("addr", section.address, printer);
    print_address("offset", section.offset, printer);
    print_address("placed_at", section.placed_at, printer);
    let is_memory = memory_size(section);
    match is_memory {
        Some(0) | None => field("size", section.size, printer),
        Some(size) => printer.dec_attribute("size", size),
    }
    print_link("link", section, section.link, printer, view);
    print_link("info", section, section.info, printer, view);
    field("align", section.align, printer);
    field("entsize", section.entry_size, printer);
    field("name_offset", section.name.offset, printer);
    if is_memory.is_some() {
        return printer.end();
    }
    if !section.name.text.is_empty()
        && !view.is_unique(&section.name.text)
        && data::is_block(section)
    {
        // The reader of references by index looks for it.
        printer.text(" /* index ");
        printer.dec(index.into());
        printer.text(" */");
    }
    contents::print(&section.contents, Owner::Section(id, section), printer, view);
}

/// The size of a section that holds memory only, if that is all that its size says.
fn memory_size(section: &Section<'_>) -> Option<u64> {
    match section.contents {
        Contents::NoBits(size) if section.kind == SHT_NOBITS.0 && section.size == Field::Auto => {
            Some(size)
        }
        _ => None,
    }
}

fn print_type(kind: u32, view: &View<'_, '_>, printer: &mut Printer<'_>) {
    match view.names.section_type(kind) {
        Some(word) => printer.word(&word),
        None => printer.hex_attribute("type", kind.into()),
    }
}

fn print_flags(flags: u64, view: &View<'_, '_>, printer: &mut Printer<'_>) {
    let (letters, left) = view.names.section_flags(flags);
    if !letters.is_empty() {
        printer.word(&letters);
    }
    if left != 0 {
        printer.hex_attribute("flags", left);
    }
}

/// Prints ` name=0x…` if the field is given.
pub fn print_address(name: &str, value: Field<u64>, printer: &mut Printer<'_>) {
    match value {
        Field::Is(value) => printer.hex_attribute(name, value),
        other => field(name, other, printer),
    }
}

fn print_link(
    name: &str,
    section: &Section<'_>,
    link: Link,
    printer: &mut Printer<'_>,
    view: &View<'_, '_>,
) {
    match link {
        Link::Auto => {}
        Link::Number(number) => printer.dec_attribute(name, number.into()),
        Link::Section(id) => {
            printer.attribute(name);
            let is_symbols = name == "info" && info_is_symbol(section.kind);
            printer.text(if is_symbols { "section(" } else { "" });
            view.print_reference(printer, view.section(id));
            printer.text(if is_symbols { ")" } else { "" });
        }
        Link::Symbol(id) => {
            printer.attribute(name);
            let is_expected = name == "info" && info_is_symbol(section.kind);
            let reference = view.symbol(id);
            let is_plain = is_expected && matches!(reference, crate::view::Reference::Name(_));
            printer.text(if is_plain { "" } else { "symbol(" });
            view.print_reference(printer, reference);
            printer.text(if is_plain { "" } else { ")" });
        }
    }
}

/// Whether a name in `info=` is a symbol's.
fn info_is_symbol(kind: u32) -> bool {
    kind == SHT_GROUP.0
}

/// Type and flags that go with a well-known name. gABI, "Special Sections".
fn well_known(name: &[u8]) -> (&'static str, &'static str) {
    let table: &[(&[u8], &str, &str)] = &[
        (b".text", "PROGBITS", "AX"),
        (b".init", "PROGBITS", "AX"),
        (b".fini", "PROGBITS", "AX"),
        (b".plt", "PROGBITS", "AX"),
        (b".rodata", "PROGBITS", "A"),
        (b".eh_frame", "PROGBITS", "A"),
        (b".interp", "PROGBITS", "A"),
        (b".data", "PROGBITS", "WA"),
        (b".got", "PROGBITS", "WA"),
        (b".tdata", "PROGBITS", "WAT"),
        (b".bss", "NOBITS", "WA"),
        (b".tbss", "NOBITS", "WAT"),
        (b".init_array", "INIT_ARRAY", "WA"),
        (b".fini_array", "FINI_ARRAY", "WA"),
        (b".preinit_array", "PREINIT_ARRAY", "WA"),
        (b".dynamic", "DYNAMIC", "WA"),
        (b".dynsym", "DYNSYM", "A"),
        (b".dynstr", "STRTAB", "A"),
        (b".hash", "HASH", "A"),
        (b".gnu.hash", "GNU_HASH", "A"),
        (b".gnu.version", "VERSYM", "A"),
        (b".gnu.version_d", "VERDEF", "A"),
        (b".gnu.version_r", "VERNEED", "A"),
        (b".rela", "RELA", ""),
        (b".rel", "REL", ""),
        (b".relr", "RELR", "A"),
        (b".crel", "CREL", ""),
        (b".symtab", "SYMTAB", ""),
        (b".symtab_shndx", "SYMTAB_SHNDX", ""),
        (b".strtab", "STRTAB", ""),
        (b".shstrtab", "STRTAB", ""),
        (b".group", "GROUP", ""),
        (b".note", "NOTE", ""),
    ];
    let of = |name: &[u8]| {
        let found = table.iter().find(|(known, ..)| *known == name);
        found.map(|(_, kind, flags)| (*kind, *flags))
    };
    // `.text.f` is as `.text`; `.rela.dyn` and `.rela.plt` are loaded.
    let stem = || {
        let end = memchr::memchr(b'.', name.get(1..)?)?;
        let found = of(name.get(..=end)?)?;
        let is_loaded = matches!(name, b".rela.dyn" | b".rela.plt" | b".rel.dyn" | b".rel.plt")
            || name.starts_with(b".note.gnu.");
        Some(if is_loaded { (found.0, "A") } else { found })
    };
    of(name).or_else(stem).unwrap_or(("PROGBITS", ""))
}

/// Reads the head of the statement as far as others may ask for it: name, type, flags.
///
/// # Errors
/// There is no name, or a word is neither a type nor letters of flags.
pub fn read_head<'s>(statement: &'s Statement<'s>, names: &Names) -> Read<Section<'s>> {
    let Some(term) = statement.terms.get(1) else {
        return Err(missing(statement, "the name of the section"));
    };
    let name = term.text().ok_or_else(|| unexpected(term, "the name of the section"))?;
    let (mut kind, mut flags) = (None, None);
    for term in statement.terms.iter().skip(2) {
        let TermKind::Word(word) = term.kind else { continue };
        let found = names.section_type_number(word).filter(|_| kind.is_none() && flags.is_none());
        if found.is_some() {
            kind = found;
            continue;
        }
        let letters = names.section_flags_number(word).filter(|_| flags.is_none());
        let Some(letters) = letters else {
            let error = unexpected(term, "a section type, or letters of flags such as `AX`");
            return Err(names.suggest(error, word.as_bytes(), names.section_type_words()));
        };
        flags = Some(letters);
    }
    let has_attribute = |wanted| statement.attributes().any(|(name, _)| name == wanted);
    if kind.is_none() && !has_attribute("type") {
        let (word, letters) = well_known(name);
        kind = names.section_type_number(word);
        if flags.is_none() && !has_attribute("flags") {
            flags = names.section_flags_number(letters);
        }
    }
    Ok(Section {
        name: Name::from(name),
        kind: kind.unwrap_or(SHT_PROGBITS.0),
        flags: flags.unwrap_or_default(),
        ..Section::default()
    })
}

/// The statements of the block that are contents: those behind the attributes.
pub fn contents_of<'s>(statement: &'s Statement<'s>) -> Option<&'s [Statement<'s>]> {
    let block = statement.block.as_deref()?;
    let attributes = block.iter().take_while(|child| child.as_attribute().is_some()).count();
    let rest = block.get(attributes..).unwrap_or_default();
    // A block with nothing but attributes says nothing about the contents.
    (!rest.is_empty() || attributes == 0).then_some(rest)
}

/// Reads the attributes that say what the section is: `type` and `flags`.
///
/// # Errors
/// A value that is no type or no flags.
pub fn read_kind(statement: &Statement<'_>, id: SectionId, context: &mut Context<'_>) -> Read<()> {
    for (name, value) in attributes(statement) {
        match name {
            "type" => {
                let known = value.word().and_then(|word| context.names.section_type_number(word));
                let kind = match known {
                    Some(kind) => kind,
                    None => context.unsigned(value, u32::BITS)? as u32,
                };
                set(context, id, |section| section.kind = kind);
            }
            "flags" => {
                let flags = read_flags(value, context)?;
                set(context, id, |section| section.flags |= flags);
            }
            _ => {}
        }
    }
    Ok(())
}

fn read_flags(value: &Term<'_>, context: &mut Context<'_>) -> Read<u64> {
    let bits = context.word_bits();
    if let Some(letters) = value.word().and_then(|word| context.names.section_flags_number(word)) {
        return Ok(letters);
    }
    let words = context.names.section_flag_words();
    row::flags(value, bits, context, &words)
}

/// Reads what the section holds.
pub fn read_contents<'s>(statement: &'s Statement<'s>, id: SectionId, context: &mut Context<'s>) {
    let Some(kind) = context.object.sections.get(id.0).map(|section| section.kind) else {
        return;
    };
    context.section = Some(id);
    context.position = 0;
    let read = match contents_of(statement) {
        Some(block) => contents::read(block, context),
        None => Ok(contents::default(kind)),
    };
    context.section = None;
    if let Some(contents) = context.check(read) {
        set(context, id, |section| section.contents = contents);
    }
}

/// Reads all attributes but those of [`read_kind`].
pub fn read_attributes(statement: &Statement<'_>, id: SectionId, context: &mut Context<'_>) {
    for term in statement.terms.iter().skip(2) {
        if !matches!(term.kind, TermKind::Attr(..) | TermKind::Word(_)) {
            context.report(unexpected(term, "an attribute such as `align=16`"));
        }
    }
    let mut once = Once::default();
    for (name, value) in attributes(statement) {
        let read = once.read(name, value, || read_attribute(name, value, id, statement, context));
        context.check(read);
    }
}

/// The attributes of a section.
const ATTRIBUTES: &[&str] = &[
    "type",
    "flags",
    "addr",
    "offset",
    "size",
    "link",
    "info",
    "align",
    "entsize",
    "name_offset",
    "placed_at",
    "index",
];

fn read_attribute(
    name: &str,
    value: &Term<'_>,
    id: SectionId,
    statement: &Statement<'_>,
    context: &mut Context<'_>,
) -> Read<()> {
    let word = context.word_bits();
    match name {
        "type" | "flags" => {}
        "index" => null_index(value, context)?,
        "addr" => {
            let address = context.field(value, word)?;
            set(context, id, |section| section.address = address);
        }
        "offset" => {
            let offset = context.field(value, word)?;
            set(context, id, |section| section.offset = offset);
        }
        "placed_at" => {
            let offset = context.field(value, u64::BITS)?;
            set(context, id, |section| section.placed_at = offset);
        }
        "size" => {
            let size: Field<u64> = context.field(value, word)?;
            set(context, id, |section| match (&mut section.contents, size) {
                (Contents::NoBits(memory), Field::Is(size))
                    if section.kind == SHT_NOBITS.0 && *memory == 0 =>
                {
                    *memory = size;
                }
                _ => section.size = size,
            });
        }
        "align" => {
            let align = context.field(value, word)?;
            set(context, id, |section| section.align = align);
        }
        "entsize" => {
            let size = context.field(value, word)?;
            set(context, id, |section| section.entry_size = size);
        }
        "name_offset" => {
            let offset = context.field(value, u32::BITS)?;
            set(context, id, |section| section.name.offset = offset);
        }
        "link" => {
            let link = context.link(value, linked_table(id, context), false)?;
            set(context, id, |section| section.link = link);
        }
        "info" => {
            let kind = context.object.sections.get(id.0).map_or(0, |section| section.kind);
            let table = linked_table(id, context);
            let info = context.link(value, table, info_is_symbol(kind))?;
            set(context, id, |section| section.info = info);
        }
        _ => {
            return Err(no_attribute("a section", name, statement, ATTRIBUTES));
        }
    }
    Ok(())
}

/// The symbol table that a section is linked to: the one that its `link` names, else the usual one.
pub fn linked_table(id: SectionId, context: &Context<'_>) -> Option<SectionId> {
    let sections = &context.object.sections;
    let section = sections.get(id.0)?;
    match section.link {
        Link::Section(table) => Some(table),
        Link::Number(index) => sections.keys().get(index as usize).map(|&key| SectionId(key)),
        _ if section.flags & SHF_ALLOC.0 != 0 => context.symbol_tables.dynamic_first(),
        _ => context.symbol_tables.static_first(),
    }
}

/// `index=0` says that a row is the null entry of its table; other indexes follow from the order.
///
/// # Errors
/// It is another index.
pub fn null_index(value: &Term<'_>, context: &mut Context<'_>) -> Read<()> {
    match context.number(value)? {
        0 => Ok(()),
        _ => Err(Diagnostic::error(value.span, "the index follows from the order")
            .hint("`index=0` is the null entry, which is not written otherwise")),
    }
}

fn set<'s>(context: &mut Context<'s>, id: SectionId, change: impl FnOnce(&mut Section<'s>)) {
    if let Some(section) = context.object.sections.get_mut(id.0) {
        change(section);
    }
}

/// The attributes of the head, and those at the start of the block.
fn attributes<'t, 's>(
    statement: &'t Statement<'s>,
) -> impl Iterator<Item = (&'s str, &'t Term<'s>)> {
    let children = statement.children().iter().map_while(Statement::as_attribute);
    statement.attributes().chain(children)
}

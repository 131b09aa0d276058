//! The `elf` statement: the ELF header. gABI, chapter 4, "ELF Header".
//!
//! ```text
//! elf type=DYN machine=MIPS flags=[MIPS_NOREORDER, 0x1000] { entry = addr(.text); }
//! ```
//!
//! | attribute | field | without it |
//! |---|---|---|
//! | `class`, `order` | 32 or 64, `little` or `big`: how the file is written | as usual for the machine |
//! | `type`, `machine`, `osabi`, `abiversion`, `flags` | names or numbers | `REL`, `X86_64`, 0 |
//! | `magic`, `ident_class`, `ident_data`, `ident_version`, `padding` | bytes of `e_ident` | what is right |
//! | `version`, `entry`, `phoff`, `shoff`, `ehsize`, `phentsize`, `phnum`, `shentsize`, `shnum`, `shstrndx` | the field of that name with `e_` before it | what is right |
//! | `section_names` | the section with the names of sections, or `none` | `.shstrtab` or `.strtab`, which is made |
//! | `segment_table`, `section_table` | where the tables are written | where `phoff` and `shoff` say |

use std::borrow::Cow;

use libelf::edit::{Field, FileHeader, SectionId};
use libelf::raw::{
    ELFMAG, EM_68K, EM_386, EM_ARC_COMPACT, EM_ARC_COMPACT2, EM_ARM, EM_AVR, EM_CSKY, EM_IAMCU,
    EM_MICROBLAZE, EM_MIPS, EM_MSP430, EM_OPENRISC, EM_PARISC, EM_PPC, EM_PPC64, EM_S390, EM_SH,
    EM_SPARC, EM_SPARC32PLUS, EM_SPARCV9, EM_X86_64, EM_XTENSA, ET_REL, Endianness, Machine,
};
use libelf::{Class, Encoding};
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::{NoNames, Statement, Term, TermKind, eval};
use libpeg::source::Span;

use crate::build::has_section_names;
use crate::context::{Context, Read, call, no_attribute, unexpected};
use crate::names::{self, Names};
use crate::printer::Printer;
use crate::row::{self, Once};
use crate::view::View;

/// How files of a machine are usually written.
pub fn usual_encoding(machine: u16) -> Encoding {
    let machine = Machine(machine);
    let class = match machine {
        EM_386 | EM_68K | EM_ARC_COMPACT | EM_ARC_COMPACT2 | EM_ARM | EM_AVR | EM_CSKY
        | EM_IAMCU | EM_MICROBLAZE | EM_MIPS | EM_MSP430 | EM_OPENRISC | EM_PARISC | EM_PPC
        | EM_SH | EM_SPARC | EM_SPARC32PLUS | EM_XTENSA => Class::Elf32,
        _ => Class::Elf64,
    };
    let endian = match machine {
        EM_68K | EM_MIPS | EM_OPENRISC | EM_PARISC | EM_PPC | EM_PPC64 | EM_S390 | EM_SPARC
        | EM_SPARC32PLUS | EM_SPARCV9 => Endianness::Big,
        _ => Endianness::Little,
    };
    Encoding { class, endian }
}

/// The header of a file about which nothing is said.
pub fn new() -> FileHeader {
    FileHeader::new(usual_encoding(EM_X86_64.0), ET_REL.0, EM_X86_64.0)
}

/// Prints the statement.
pub fn print(printer: &mut Printer<'_>, view: &View<'_, '_>) {
    let header = &view.object.header;
    printer.text("elf");
    print_encoding(header, printer);
    word_or_number("type", names::file_type(header.kind), header.kind.into(), printer);
    word_or_number("machine", names::machine(header.machine), header.machine.into(), printer);
    if header.os_abi != 0 {
        word_or_number("osabi", names::os_abi(header.os_abi), header.os_abi.into(), printer);
    }
    if header.abi_version != 0 {
        printer.dec_attribute("abiversion", header.abi_version.into());
    }
    if header.flags != 0 {
        print_flags(header.flags, &view.names, printer);
    }
    if header.magic != ELFMAG {
        printer.attribute("magic");
        printer.string(&header.magic);
    }
    field("ident_class", header.class, printer);
    field("ident_data", header.data, printer);
    field("ident_version", header.ident_version, printer);
    if header.padding != [0; 7] {
        printer.attribute("padding");
        printer.string(&header.padding);
    }
    field("version", header.version, printer);
    field("entry", header.entry, printer);
    field("phoff", header.phoff, printer);
    field("shoff", header.shoff, printer);
    field("ehsize", header.ehsize, printer);
    field("phentsize", header.phentsize, printer);
    field("phnum", header.phnum, printer);
    field("shentsize", header.shentsize, printer);
    field("shnum", header.shnum, printer);
    field("shstrndx", header.shstrndx, printer);
    if let Some(id) = header.section_names {
        printer.attribute("section_names");
        view.print_reference(printer, view.section(id));
    } else if !view.object.sections.is_empty() && !has_section_names(view.object) {
        printer.attribute("section_names");
        printer.text("none");
    }
    field("segment_table", header.segment_table, printer);
    field("section_table", header.section_table, printer);
    printer.end();
}

fn print_encoding(header: &FileHeader, printer: &mut Printer<'_>) {
    let usual = usual_encoding(header.machine);
    if header.encoding.class != usual.class {
        printer.dec_attribute("class", if header.encoding.is_64() { 64 } else { 32 });
    }
    if header.encoding.endian != usual.endian {
        printer.attribute("order");
        printer.text(if header.encoding.is_big_endian() { "big" } else { "little" });
    }
}

fn word_or_number(
    name: &str,
    word: Option<impl AsRef<str>>,
    number: u64,
    printer: &mut Printer<'_>,
) {
    printer.attribute(name);
    match word {
        Some(word) => printer.text(word.as_ref()),
        None => printer.number(number),
    }
}

fn print_flags(flags: u32, names: &Names, printer: &mut Printer<'_>) {
    let (words, left) = names.machine_flags(flags);
    printer.attribute("flags");
    if words.is_empty() {
        return printer.hex_number(flags.into());
    }
    printer.text("[");
    printer.text(&words.join(", "));
    if left != 0 {
        printer.text(", ");
        printer.hex_number(left.into());
    }
    printer.text("]");
}

/// Prints ` name=value` if the field is given.
pub fn field<T: Copy + Into<u64>>(name: &str, field: Field<T>, printer: &mut Printer<'_>) {
    if !field.is_auto() {
        printer.attribute(name);
        value(field, printer);
    }
}

/// Prints the value of a field that is given.
pub fn value<T: Copy + Into<u64>>(field: Field<T>, printer: &mut Printer<'_>) {
    match field {
        Field::Auto => {}
        Field::Is(value) => printer.number(value.into()),
        Field::Raw(value) => {
            printer.text("raw(");
            printer.number(value);
            printer.text(")");
        }
    }
}

/// What the command line may say about the file's encoding where its description does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Encodings {
    /// The class.
    pub class: Option<Class>,
    /// The byte order.
    pub order: Option<Endianness>,
}

/// Reads what must be known before all else: class, byte order, machine, operating system, type.
///
/// # Errors
/// What is no such thing.
pub fn read_identity(statement: Option<&Statement<'_>>, defaults: Encodings) -> Read<FileHeader> {
    let mut header = new();
    let (mut class, mut order) = (defaults.class, defaults.order);
    for (name, value) in statement.into_iter().flat_map(attributes) {
        match name {
            "machine" => {
                header.machine = number_or_word(
                    value,
                    "a machine such as `X86_64`, or its number",
                    names::machine_words,
                    names::machine_number,
                )?;
            }
            "osabi" => {
                header.os_abi = number_or_word(
                    value,
                    "an operating system such as `FREEBSD`, or its number",
                    names::os_abi_words,
                    names::os_abi_number,
                )?;
            }
            "type" => {
                header.kind = number_or_word(
                    value,
                    "a file type such as `EXEC`, or its number",
                    names::file_type_words,
                    names::file_type_number,
                )?;
            }
            "class" => class = Some(class_of(value)?),
            "order" => order = Some(order_of(value)?),
            _ => {}
        }
    }
    let usual = usual_encoding(header.machine);
    header.encoding =
        Encoding { class: class.unwrap_or(usual.class), endian: order.unwrap_or(usual.endian) };
    Ok(header)
}

/// The class that a term says: 32 or 64.
///
/// # Errors
/// It says something else.
pub fn class_of(term: &Term<'_>) -> Read<Class> {
    match term.value(&mut NoNames) {
        Ok(32) => Ok(Class::Elf32),
        Ok(64) => Ok(Class::Elf64),
        _ => Err(unexpected(term, "32 or 64")),
    }
}

/// The byte order that a term says: `little` or `big`.
///
/// # Errors
/// It says something else.
pub fn order_of(term: &Term<'_>) -> Read<Endianness> {
    match term.text() {
        Some(b"little") => Ok(Endianness::Little),
        Some(b"big") => Ok(Endianness::Big),
        _ => Err(unexpected(term, "`little` or `big`")),
    }
}

fn number_or_word<T: TryFrom<i128>>(
    term: &Term<'_>,
    what: &str,
    words: impl Fn() -> Vec<Cow<'static, str>>,
    number: impl Fn(&str) -> Option<T>,
) -> Read<T> {
    if let Some(word) = term.word() {
        return number(word).ok_or_else(|| {
            let words = words();
            let known = words.iter().map(|word| word.as_bytes());
            names::suggest(unexpected(term, what), word.as_bytes(), known)
        });
    }
    let value = match call(term, "raw") {
        // The bits that fit.
        Some(arg) => eval(arg, &mut NoNames)? & ((1 << (8 * size_of::<T>())) - 1),
        None => term.value(&mut NoNames)?,
    };
    T::try_from(value)
        .map_err(|_| Diagnostic::error(term.span, format!("expected {what}, found {value}")))
}

/// Reads all other attributes.
pub fn read(statement: &Statement<'_>, context: &mut Context<'_>) {
    let mut once = Once::default();
    for (name, value) in attributes(statement) {
        let read = once.read(name, value, || read_attribute(name, value, statement, context));
        context.check(read);
    }
    for term in statement.terms.iter().skip(1) {
        if !matches!(term.kind, TermKind::Attr(..)) {
            let error = unexpected(term, "an attribute such as `type=EXEC`");
            // A statement that goes on as the next one.
            let is_next = matches!(term.word(), Some("section" | "segment" | "filler"));
            if is_next {
                context.report(error.hint("is the `;` of `elf` missing?"));
                return;
            }
            context.report(error);
        }
    }
    for child in statement.children() {
        if child.as_attribute().is_none() {
            context.report(Diagnostic::error(child.span, "expected a field such as `entry = 0;`"));
        }
    }
}

/// The attributes that [`read`] knows.
const FIELDS: &[&str] = &[
    "class",
    "order",
    "machine",
    "osabi",
    "type",
    "abiversion",
    "flags",
    "magic",
    "padding",
    "ident_class",
    "ident_data",
    "ident_version",
    "version",
    "entry",
    "phoff",
    "shoff",
    "ehsize",
    "phentsize",
    "phnum",
    "shentsize",
    "shnum",
    "shstrndx",
    "section_names",
    "segment_table",
    "section_table",
];

fn read_attribute(
    name: &str,
    value: &Term<'_>,
    statement: &Statement<'_>,
    context: &mut Context<'_>,
) -> Read<()> {
    let word = context.word_bits();
    match name {
        "class" | "order" | "machine" | "osabi" | "type" => {}
        "abiversion" => context.object.header.abi_version = context.unsigned(value, 8)? as u8,
        "flags" => context.object.header.flags = read_flags(value, context)?,
        "magic" => context.object.header.magic = bytes(value, "4 bytes")?,
        "padding" => context.object.header.padding = bytes(value, "7 bytes")?,
        "ident_class" => context.object.header.class = context.field(value, 8)?,
        "ident_data" => context.object.header.data = context.field(value, 8)?,
        "ident_version" => context.object.header.ident_version = context.field(value, 8)?,
        "version" => context.object.header.version = context.field(value, 32)?,
        "entry" => context.object.header.entry = context.field(value, word)?,
        "phoff" => context.object.header.phoff = context.field(value, word)?,
        "shoff" => context.object.header.shoff = context.field(value, word)?,
        "ehsize" => context.object.header.ehsize = context.field(value, 16)?,
        "phentsize" => context.object.header.phentsize = context.field(value, 16)?,
        "phnum" => context.object.header.phnum = context.field(value, 16)?,
        "shentsize" => context.object.header.shentsize = context.field(value, 16)?,
        "shnum" => context.object.header.shnum = context.field(value, 16)?,
        "shstrndx" => context.object.header.shstrndx = context.field(value, 16)?,
        "section_names" if value.word() == Some("none") => {}
        "section_names" => {
            let id: SectionId = context.section(value)?;
            context.object.header.section_names = Some(id);
        }
        "segment_table" => context.object.header.segment_table = context.field(value, 64)?,
        "section_table" => context.object.header.section_table = context.field(value, 64)?,
        _ => {
            return Err(no_attribute("the ELF header", name, statement, FIELDS));
        }
    }
    Ok(())
}

fn read_flags(value: &Term<'_>, context: &mut Context<'_>) -> Read<u32> {
    let words = context.names.machine_flag_words();
    Ok(row::flags(value, u32::BITS, context, &words)? as u32)
}

fn bytes<const N: usize>(term: &Term<'_>, expected: &str) -> Read<[u8; N]> {
    term.bytes().and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| unexpected(term, expected))
}

/// The place of an attribute's name in a statement or its block.
pub fn attribute_span(statement: &Statement<'_>, name: &str) -> Span {
    let children = statement.children().iter().filter_map(|child| child.terms.first());
    let mut terms = statement.terms.iter().chain(children);
    let found = terms.find(|term| matches!(&term.kind, TermKind::Attr(known, _) if *known == name));
    let Some(term) = found else { return statement.span };
    let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
    Span { end: term.span.start.saturating_add(length), ..term.span }
}

/// The attributes of a statement: those of its head, and those that are statements of its block.
pub fn attributes<'t, 's>(
    statement: &'t Statement<'s>,
) -> impl Iterator<Item = (&'s str, &'t Term<'s>)> {
    let children = statement.children().iter().filter_map(Statement::as_attribute);
    statement.attributes().chain(children)
}

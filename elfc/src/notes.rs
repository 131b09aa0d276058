//! Notes: `notes { … }`.
//!
//! ```text
//! section .note.gnu.build-id { notes {
//!     note GNU BUILD_ID hex { 0102 };
//! } }
//! ```
//!
//! | row | descriptor |
//! |---|---|
//! | `note "x" 7;` | empty |
//! | `note "x" 7 hex { 0102 };` `note Go BUILD_ID "text";` | bytes |
//! | `note "x" 7 { u32 1; asciz "a"; }` | data, as in any section |
//! | `note FreeBSD VERSION [1300139];` | numbers of 32 bits |
//! | `note GNU ABI_TAG os=0 version=[3, 2, 0];` | the oldest system |
//! | `note GNU PROPERTY_TYPE_0 { property X86_FEATURE_1_AND [IBT]; }` | properties |
//! | `note stapsdt STAPSDT location=… base=… semaphore=… provider=… name=… args=…;` | a probe |
//! | `note CORE PRSTATUS …` | see [`crate::core_notes`] |
//!
//! Behind each may stand `namesz=`, `descsz=`, `name_padding=hex { … }`, `desc_padding=`, and
//! `unterminated=1` for a name that no zero byte closes. `notes align=4 { … }` pads to 4 bytes
//! where the section's alignment is not that; `format=vms` is that of OpenVMS on IA-64.

use std::borrow::Cow;

use libelf::edit::Contents;
use libelf::edit::contents::note_desc::{Desc, Probe, Property, PropertyValue};
use libelf::edit::contents::notes::{Note, Notes};
use libelf::note::Format;
use libelf::note::gnu::AbiTag;
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::{Statement, Term, TermKind};

use crate::context::{Context, Read, unexpected};
use crate::printer::Printer;
use crate::row::{self, Row};
use crate::view::View;
use crate::{core_notes, data};

/// Prints the block.
pub fn print(notes: &Notes<'_>, printer: &mut Printer<'_>, view: &View<'_, '_>) {
    printer.text(" { notes");
    if notes.format == Format::Vms {
        printer.attribute("format");
        printer.text("vms");
    }
    row::print_field(printer, "align", notes.align);
    if let [note] = notes.notes.as_slice()
        && is_short(&note.desc)
    {
        printer.text(" { ");
        print_head(note, printer, view);
        if let Desc::Properties(properties) = &note.desc {
            printer.text(" { ");
            for property in properties {
                print_property(property, printer, view);
            }
            return printer.text("; } } }\n");
        }
        return printer.text("; } }\n");
    }
    printer.open();
    for note in &notes.notes {
        if printer.has_failed() {
            break;
        }
        printer.indent();
        print_head(note, printer, view);
        match &note.desc {
            Desc::Properties(properties) => print_properties(properties, printer, view),
            Desc::AuxiliaryVector(pairs) => core_notes::print_vector(pairs, printer),
            Desc::Mappings(mappings) => core_notes::print_mappings(mappings, printer),
            Desc::ThreadStatus(status) => core_notes::print_registers(status, printer),
            Desc::SignalInfo(info) => core_notes::print_signal_rest(info, printer),
            _ => printer.end(),
        }
    }
    printer.close_inner();
}

/// Whether a note by itself is printed on the line of its section.
fn is_short(desc: &Desc<'_>) -> bool {
    const SHORT: usize = 40;
    match desc {
        Desc::Properties(properties) => properties.len() == 1,
        Desc::Bytes(bytes) => bytes.len() <= SHORT,
        Desc::Words(_) | Desc::AbiTag(_) => true,
        _ => false,
    }
}

/// Prints a note as far as its block.
fn print_head(note: &Note<'_>, printer: &mut Printer<'_>, view: &View<'_, '_>) {
    printer.text("note ");
    printer.name(&note.name);
    printer.text(" ");
    match view.names.note_type(&note.name, note.kind) {
        Some(word) => printer.text(&word),
        None => printer.number(note.kind),
    }
    match &note.desc {
        Desc::Bytes(bytes) if bytes.is_empty() => {}
        Desc::Bytes(bytes) => {
            printer.text(" ");
            row::print_bytes(printer, bytes);
        }
        Desc::Words(words) => {
            printer.text(" ");
            row::print_numbers(printer, words.iter().map(|&word| word.into()));
        }
        Desc::AbiTag(tag) => {
            printer.dec_attribute("os", tag.os.into());
            printer.attribute("version");
            row::print_numbers(printer, tag.version.iter().map(|&number| number.into()));
        }
        Desc::Probe(probe) => print_probe(probe, printer),
        Desc::ThreadStatus(status) => core_notes::print_status(status, printer),
        Desc::ProcessInfo(info) => core_notes::print_process(info, printer),
        Desc::SignalInfo(info) => core_notes::print_signal(info, printer),
        Desc::Mappings(mappings) => core_notes::print_mappings_head(mappings, printer),
        Desc::Properties(_) | Desc::AuxiliaryVector(_) => {}
    }
    print_raw_fields(note, printer);
}

fn print_raw_fields(note: &Note<'_>, printer: &mut Printer<'_>) {
    if note.is_terminated == note.name.is_empty() {
        printer.dec_attribute(if note.is_terminated { "terminated" } else { "unterminated" }, 1);
    }
    row::print_field(printer, "namesz", note.name_size);
    row::print_field(printer, "descsz", note.desc_size);
    for (name, padding) in
        [("name_padding", &note.name_padding), ("desc_padding", &note.desc_padding)]
    {
        if let Some(padding) = padding {
            printer.attribute(name);
            printer.hex_value(padding);
        }
    }
}

fn print_properties(properties: &[Property<'_>], printer: &mut Printer<'_>, view: &View<'_, '_>) {
    if properties.is_empty() {
        return printer.text(" { property; }\n");
    }
    printer.open();
    for property in properties {
        printer.indent();
        print_property(property, printer, view);
        printer.end();
    }
    printer.close();
}

fn print_property(property: &Property<'_>, printer: &mut Printer<'_>, view: &View<'_, '_>) {
    printer.text("property ");
    match view.names.property(property.kind) {
        Some(word) => printer.text(word),
        None => printer.number(property.kind.into()),
    }
    match &property.value {
        PropertyValue::U32(value) => {
            printer.text(" ");
            let flags = view.names.property_flags(property.kind);
            let flags = flags.iter().map(|(bit, name)| (*bit, name.as_str()));
            row::print_flags(printer, (*value).into(), flags);
        }
        PropertyValue::U64(value) => printer.hex_attribute("wide", *value),
        PropertyValue::Bytes(bytes) if bytes.is_empty() => {}
        PropertyValue::Bytes(bytes) => {
            printer.text(" ");
            printer.hex_value(bytes);
        }
    }
    row::print_field(printer, "size", property.size);
}

fn print_probe(probe: &Probe<'_>, printer: &mut Printer<'_>) {
    printer.hex_attribute("location", probe.location);
    printer.hex_attribute("base", probe.base);
    printer.hex_attribute("semaphore", probe.semaphore);
    for (name, text) in
        [("provider", &probe.provider), ("name", &probe.name), ("args", &probe.arguments)]
    {
        printer.attribute(name);
        printer.string(text);
    }
}

/// Reads the statement.
///
/// # Errors
/// An attribute that it does not have. Errors of notes are collected.
pub fn read<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Contents<'s>> {
    let mut head = Row::after_keyword(statement);
    let format = match head.attribute("format") {
        None => Format::default(),
        Some(term) if term.word() == Some("vms") => Format::Vms,
        Some(term) => return Err(unexpected(term, "`vms`")),
    };
    let align = head.field("align", 8, context)?;
    head.finish()?;
    let bits = if format == Format::Vms { u64::BITS } else { u32::BITS };
    let mut notes = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let note = read_note(statement, bits, context);
        notes.extend(context.check(note));
    }
    Ok(Contents::Notes(Notes { format, align, notes }))
}

/// Reads a note whose header has fields of so many bits.
fn read_note<'s>(
    statement: &'s Statement<'s>,
    bits: u32,
    context: &mut Context<'s>,
) -> Read<Note<'s>> {
    if statement.keyword() != Some("note") {
        return Err(Diagnostic::error(statement.span, "expected `note`"));
    }
    let mut row = Row::after_keyword(statement);
    let owner = row.need("the owner of the note")?;
    let name = owner.text().ok_or_else(|| unexpected(owner, "the owner of the note"))?;
    let term = row.need("the type of the note")?;
    let kind = match term.word() {
        Some(word) => context.names.note_type_number(name, word).ok_or_else(|| {
            let words = context.names.note_type_words(name);
            let error = unexpected(term, "a note type of this owner");
            let known = words.iter().map(String::as_bytes);
            context.names.suggest(error, word.as_bytes(), known)
        })?,
        None => context.unsigned(term, bits)?,
    };
    let mut note = Note::new(name, kind, Desc::default());
    if let Some(value) = row.unsigned("unterminated", 1, context)? {
        note.is_terminated = value == 0;
    }
    if let Some(value) = row.unsigned("terminated", 1, context)? {
        note.is_terminated = value != 0;
    }
    note.name_size = row.field("namesz", bits, context)?;
    note.desc_size = row.field("descsz", bits, context)?;
    note.name_padding = row.bytes("name_padding")?;
    note.desc_padding = row.bytes("desc_padding")?;
    note.desc = read_desc(&mut row, context)?;
    row.finish()?;
    Ok(note)
}

/// The descriptor: which form it has is told by what stands there.
fn read_desc<'s>(row: &mut Row<'s>, context: &mut Context<'s>) -> Read<Desc<'s>> {
    if let Some(term) = row.take() {
        return match &term.kind {
            TermKind::List(_) => row::numbers(term, u32::BITS, context).map(Desc::Words),
            _ => row::bytes(term).map(Desc::Bytes),
        };
    }
    if let Some(version) = row.attribute("version") {
        return read_abi_tag(version, row, context);
    }
    if row.has_attribute("provider") {
        return read_probe(row, context).map(Desc::Probe);
    }
    if let Some(desc) = core_notes::read_line(row, context)? {
        return Ok(desc);
    }
    let Some(block) = row.statement().block.as_deref() else {
        return Ok(Desc::default());
    };
    match block.first().and_then(Statement::keyword) {
        Some("property") => Ok(read_properties(block, context)),
        Some("entry") => Ok(core_notes::read_vector(block, context)),
        Some("map") => core_notes::read_mappings(block, row, context),
        _ => data::read(block, context).map(Desc::Bytes),
    }
}

fn read_abi_tag<'s>(
    version: &Term<'s>,
    row: &mut Row<'s>,
    context: &mut Context<'s>,
) -> Read<Desc<'s>> {
    let numbers: Vec<u32> = row::numbers(version, u32::BITS, context)?;
    let version = <[u32; 3]>::try_from(numbers)
        .map_err(|_| Diagnostic::error(version.span, "expected three numbers"))?;
    let os = row.unsigned("os", u32::BITS, context)?.unwrap_or_default() as u32;
    Ok(Desc::AbiTag(AbiTag { os, version }))
}

fn read_probe<'s>(row: &mut Row<'s>, context: &mut Context<'s>) -> Read<Probe<'s>> {
    let bits = context.word_bits();
    Ok(Probe {
        location: row.unsigned("location", bits, context)?.unwrap_or_default(),
        base: row.unsigned("base", bits, context)?.unwrap_or_default(),
        semaphore: row.unsigned("semaphore", bits, context)?.unwrap_or_default(),
        provider: row.bytes("provider")?.unwrap_or_default(),
        name: row.bytes("name")?.unwrap_or_default(),
        arguments: row.bytes("args")?.unwrap_or_default(),
    })
}

fn read_properties<'s>(block: &'s [Statement<'s>], context: &mut Context<'s>) -> Desc<'s> {
    if let [only] = block
        && only.terms.len() == 1
    {
        return Desc::Properties(Vec::new());
    }
    let mut properties = Vec::with_capacity(block.len());
    for statement in block {
        let property = read_property(statement, context);
        properties.extend(context.check(property));
    }
    Desc::Properties(properties)
}

fn read_property<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Property<'s>> {
    if statement.keyword() != Some("property") {
        return Err(Diagnostic::error(statement.span, "expected `property`"));
    }
    let mut row = Row::after_keyword(statement);
    let term = row.need("a property")?;
    let kind = match term.word() {
        Some(word) => context
            .names
            .property_number(word)
            .ok_or_else(|| unexpected(term, "a property of this machine, or its number"))?,
        None => context.unsigned(term, u32::BITS)? as u32,
    };
    let size = row.field("size", u32::BITS, context)?;
    let wide = row.unsigned("wide", u64::BITS, context)?;
    let value = match (wide, row.take()) {
        (Some(value), _) => PropertyValue::U64(value),
        (None, None) => PropertyValue::Bytes(Cow::Borrowed(&[])),
        (None, Some(term)) => match &term.kind {
            TermKind::Str(_) | TermKind::Hex(_) => PropertyValue::Bytes(row::bytes(term)?),
            _ => {
                let names = context.names.property_flags(kind);
                PropertyValue::U32(row::flags(term, u32::BITS, context, &names)? as u32)
            }
        },
    };
    row.finish_line()?;
    Ok(Property { kind, size, value })
}

//! The `segment` statement: a program header, and bytes that it alone describes. gABI, chapter 5,
//! "Program Header".
//!
//! ```text
//! segment LOAD RX covers=[header, table, .text];
//! segment NOTE { notes { … } }
//! ```
//!
//! | attribute | |
//! |---|---|
//! | `covers` | the ELF header, the program headers (`table`), and sections in order |
//! | `offset`, `vaddr`, `paddr`, `filesz`, `memsz`, `align` | the field of that name with `p_` before it |
//! | `type`, `flags` | as numbers |

use libelf::edit::{Field, Segment, SegmentId};
use libelf::raw::PT_NULL;
use libpeg::notation::{Statement, Term, TermKind};

use crate::contents;
use crate::context::{Context, Read, missing, no_attribute, unexpected};
use crate::header::{attributes, field};
use crate::printer::Printer;
use crate::row::Once;
use crate::section::print_address;
use crate::view::{Owner, View};

/// The letters of `p_flags`, as readelf prints them.
const FLAGS: &[(u32, u8)] = &[(4, b'R'), (2, b'W'), (1, b'X')];

/// Prints the statement.
pub fn print<'data>(
    id: SegmentId,
    segment: &Segment<'data>,
    printer: &mut Printer<'_>,
    view: &View<'_, 'data>,
) {
    printer.text("segment");
    match view.names.segment_type(segment.kind) {
        Some(word) => printer.word(&word),
        None => printer.hex_attribute("type", segment.kind.into()),
    }
    print_flags(segment.flags, printer);
    print_covers(segment, printer, view);
    print_address("offset", segment.offset, printer);
    print_address("vaddr", segment.address, printer);
    print_address("paddr", segment.physical, printer);
    print_address("filesz", segment.file_size, printer);
    print_address("memsz", segment.memory_size, printer);
    print_address("align", segment.align, printer);
    contents::print(&segment.contents, Owner::Segment(id, segment), printer, view);
}

fn print_flags(flags: Field<u32>, printer: &mut Printer<'_>) {
    let Field::Is(value) = flags else {
        return field("flags", flags, printer);
    };
    let known = FLAGS.iter().fold(0, |known, (bit, _)| known | bit);
    if value == 0 || value & !known != 0 {
        return printer.hex_attribute("flags", value.into());
    }
    printer.text(" ");
    for &(_, letter) in FLAGS.iter().filter(|(bit, _)| value & bit != 0) {
        printer.text(char::from(letter).encode_utf8(&mut [0; 4]));
    }
}

fn print_covers(segment: &Segment<'_>, printer: &mut Printer<'_>, view: &View<'_, '_>) {
    let words = [(segment.holds_file_header, "header"), (segment.holds_segment_table, "table")];
    let words = words.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word);
    let mut is_first = true;
    let mut separate = |printer: &mut Printer<'_>| {
        if std::mem::take(&mut is_first) {
            printer.attribute("covers");
            printer.text("[");
        } else {
            printer.text(", ");
        }
    };
    for word in words {
        separate(printer);
        printer.text(word);
    }
    for &id in &segment.sections {
        separate(printer);
        match view.section(id) {
            crate::view::Reference::Name(name) if matches!(name, b"header" | b"table") => {
                printer.string(name);
            }
            reference => view.print_reference(printer, reference),
        }
    }
    if !is_first {
        printer.text("]");
    }
}

/// Reads the type of the segment; all else is [`read`].
///
/// # Errors
/// There is no type.
pub fn read_head<'s>(statement: &Statement<'s>, context: &mut Context<'_>) -> Read<Segment<'s>> {
    let mut segment = Segment { kind: PT_NULL.0, ..Segment::default() };
    let mut has_type = false;
    for term in statement.terms.iter().skip(1) {
        match term.kind {
            TermKind::Word(word) if !has_type => {
                let kind = context.names.segment_type_number(word);
                segment.kind = kind.ok_or_else(|| {
                    let names = &context.names;
                    let error = unexpected(term, "a segment type");
                    names.suggest(error, word.as_bytes(), names.segment_type_words())
                })?;
                has_type = true;
            }
            TermKind::Word(word) if segment.flags.is_auto() => {
                segment.flags = Field::Is(
                    flags_of(word)
                        .ok_or_else(|| unexpected(term, "letters of flags: `R`, `W`, `X`"))?,
                );
            }
            TermKind::Attr("type", ref value) => {
                segment.kind = context.unsigned(value, u32::BITS)? as u32;
                has_type = true;
            }
            TermKind::Attr(..) => {}
            _ => return Err(unexpected(term, "an attribute such as `covers=[.text]`")),
        }
    }
    if has_type { Ok(segment) } else { Err(missing(statement, "the type of the segment")) }
}

fn flags_of(letters: &str) -> Option<u32> {
    letters.bytes().try_fold(0, |flags, letter| {
        let (bit, _) = FLAGS.iter().find(|(_, known)| *known == letter)?;
        Some(flags | bit)
    })
}

/// Reads attributes and contents.
pub fn read<'s>(statement: &'s Statement<'s>, id: SegmentId, context: &mut Context<'s>) {
    let mut once = Once::default();
    for (name, value) in attributes(statement) {
        let read = once.read(name, value, || read_attribute(name, value, id, statement, context));
        context.check(read);
    }
    if let Some(block) = crate::section::contents_of(statement) {
        let read = contents::read(block, context);
        if let Some(contents) = context.check(read) {
            set(context, id, |segment| segment.contents = contents);
        }
    }
}

/// The attributes of a segment.
const ATTRIBUTES: &[&str] =
    &["type", "flags", "covers", "offset", "vaddr", "paddr", "filesz", "memsz", "align"];

fn read_attribute(
    name: &str,
    value: &Term<'_>,
    id: SegmentId,
    statement: &Statement<'_>,
    context: &mut Context<'_>,
) -> Read<()> {
    let word = context.word_bits();
    match name {
        "type" => {}
        "flags" => {
            let flags = context.field(value, u32::BITS)?;
            set(context, id, |segment| segment.flags = flags);
        }
        "covers" => read_covers(value, id, context)?,
        "offset" => {
            let offset = context.field(value, word)?;
            set(context, id, |segment| segment.offset = offset);
        }
        "vaddr" => {
            let address = context.field(value, word)?;
            set(context, id, |segment| segment.address = address);
        }
        "paddr" => {
            let address = context.field(value, word)?;
            set(context, id, |segment| segment.physical = address);
        }
        "filesz" => {
            let size = context.field(value, word)?;
            set(context, id, |segment| segment.file_size = size);
        }
        "memsz" => {
            let size = context.field(value, word)?;
            set(context, id, |segment| segment.memory_size = size);
        }
        "align" => {
            let align = context.field(value, word)?;
            set(context, id, |segment| segment.align = align);
        }
        _ => {
            return Err(no_attribute("a segment", name, statement, ATTRIBUTES));
        }
    }
    Ok(())
}

fn read_covers(value: &Term<'_>, id: SegmentId, context: &mut Context<'_>) -> Read<()> {
    let Some(terms) = value.list() else {
        return Err(unexpected(value, "a list such as `[header, table, .text]`"));
    };
    for term in terms {
        match term.kind {
            TermKind::Word("header") => {
                set(context, id, |segment| segment.holds_file_header = true);
            }
            TermKind::Word("table") => {
                set(context, id, |segment| segment.holds_segment_table = true);
            }
            _ => {
                let section = context.section(term)?;
                set(context, id, |segment| segment.sections.push(section));
            }
        }
    }
    Ok(())
}

fn set<'s>(context: &mut Context<'s>, id: SegmentId, change: impl FnOnce(&mut Segment<'s>)) {
    if let Some(segment) = context.object.segments.get_mut(id.0) {
        change(segment);
    }
}

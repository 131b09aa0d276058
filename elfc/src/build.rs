//! From a description to an object.
//!
//! Statements refer to each other in any order, so an object is read in passes over its statements:
//!
//! 1. the ELF header's machine, class and byte order: names depend on them
//! 2. the heads of sections and segments: now each has its id
//! 3. attributes that say what links to what
//! 4. symbol tables: now each symbol has its id
//! 5. everything else
//!
//! What an expression asks of the layout is answered in rounds: see [`crate::context`].

use std::borrow::Cow;
use std::path::Path;

use libelf::edit::{Filler, Object, Section, SectionId, SegmentId, Slots};
use libelf::raw::{SHT_DYNSYM, SHT_NULL, SHT_SYMTAB, SectionType};
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::Statement;

use crate::context::{Context, Facts, Read, missing, unexpected};
use crate::header::Encodings;
use crate::{data, header, section, segment, symbols};

/// The name of the section that holds the names of sections, where nothing else is said.
const SECTION_NAMES: &[u8] = b".shstrtab";

/// The statements of one object, by what they are.
#[derive(Debug, Default)]
struct Parts<'s> {
    header: Option<&'s Statement<'s>>,
    sections: Vec<(&'s Statement<'s>, SectionId)>,
    segments: Vec<(&'s Statement<'s>, SegmentId)>,
    fillers: Vec<&'s Statement<'s>>,
    length: Option<&'s Statement<'s>>,
}

/// Reads the statements of an object in one round. What is wrong lies in the context's diagnostics.
///
/// # Errors
/// The ELF header cannot be read.
pub fn object<'s>(
    statements: &'s [Statement<'s>],
    encodings: Encodings,
    folder: &Path,
    facts: Facts,
) -> Read<Context<'s>> {
    let is_header = |statement: &&Statement<'_>| statement.keyword() == Some("elf");
    let head = statements.iter().find(is_header);
    let object = Object {
        header: header::read_identity(head, encodings)?,
        sections: Slots::default(),
        segments: Slots::default(),
        fillers: Vec::new(),
        length: libelf::edit::Field::Auto,
    };
    let mut context = Context::new(object, folder, facts);
    let mut parts = Parts::default();
    for statement in statements {
        let read = sort(statement, &mut parts, &mut context);
        context.check(read);
    }
    add_section_names(&parts, &mut context);
    read(&parts, &mut context);
    Ok(context)
}

/// Finds out what a statement is, and gives sections and segments their ids.
fn sort<'s>(
    statement: &'s Statement<'s>,
    parts: &mut Parts<'s>,
    context: &mut Context<'s>,
) -> Read<()> {
    match statement.keyword() {
        Some("elf") => {
            if let Some(first) = parts.header.replace(statement) {
                return Err(Diagnostic::error(statement.span, "a file has one ELF header")
                    .note(first.span, "here is another"));
            }
        }
        Some("section") => {
            let section = section::read_head(statement, &context.names)?;
            let is_own_null = section.kind == SHT_NULL.0
                || statement.attributes().any(|(name, _)| name == "index");
            if context.object.sections.is_empty() && !is_own_null {
                context.object.sections.push(Section::default());
            }
            let id = add_section(section, context);
            parts.sections.push((statement, id));
        }
        Some("segment") => {
            let segment = segment::read_head(statement, context)?;
            let id = SegmentId(context.object.segments.push(segment));
            parts.segments.push((statement, id));
        }
        Some("filler") => parts.fillers.push(statement),
        _ => match statement.as_attribute() {
            Some(("length", _)) => parts.length = Some(statement),
            _ => {
                return Err(Diagnostic::error(
                    statement.span,
                    "expected `elf`, `section`, `segment`, `filler` or `length =`",
                ));
            }
        },
    }
    Ok(())
}

fn add_section<'s>(section: Section<'s>, context: &mut Context<'s>) -> SectionId {
    let name = match section.name.text {
        Cow::Borrowed(name) => name,
        Cow::Owned(_) => &[],
    };
    let id = SectionId(context.object.sections.push(section));
    context.add_section(name, id);
    id
}

/// Adds the section with the names of sections, if there are sections and nothing is said of it.
fn add_section_names<'s>(parts: &Parts<'s>, context: &mut Context<'s>) {
    let said = parts.header.into_iter().flat_map(header::attributes);
    let is_said = said.into_iter().any(|(name, _)| matches!(name, "section_names" | "shstrndx"));
    let is_there = context.section_by_name(SECTION_NAMES).is_some();
    if context.object.sections.is_empty() || is_said || is_there {
        return;
    }
    let kind = libelf::raw::SHT_STRTAB.0;
    let section = Section {
        name: SECTION_NAMES.into(),
        kind,
        contents: crate::contents::default(kind),
        ..Section::default()
    };
    add_section(section, context);
}

fn read<'s>(parts: &Parts<'s>, context: &mut Context<'s>) {
    for &(statement, id) in &parts.sections {
        let read = section::read_kind(statement, id, context);
        context.check(read);
    }
    let is_table = |id: SectionId, context: &Context<'_>| {
        let kind = context.object.sections.get(id.0).map_or(0, |section| section.kind);
        matches!(SectionType(kind), SHT_SYMTAB | SHT_DYNSYM)
            || parts
                .sections
                .iter()
                .any(|(statement, other)| *other == id && holds_symbols(statement))
    };
    let (tables, others): (Vec<_>, Vec<_>) =
        parts.sections.iter().partition(|(_, id)| is_table(*id, context));
    for &(statement, id) in &tables {
        section::read_contents(statement, id, context);
        symbols::register(id, statement.children(), context);
    }
    for &(statement, id) in tables.iter().chain(&others) {
        section::read_attributes(statement, id, context);
    }
    for &(statement, id) in &others {
        section::read_contents(statement, id, context);
    }
    for &(statement, id) in &parts.segments {
        segment::read(statement, id, context);
    }
    for statement in &parts.fillers {
        let filler = read_filler(statement, context);
        let filler = context.check(filler);
        context.object.fillers.extend(filler);
    }
    if let Some((_, value)) = parts.length.and_then(Statement::as_attribute) {
        let length = context.field(value, u64::BITS);
        if let Some(length) = context.check(length) {
            context.object.length = length;
        }
    }
    if let Some(statement) = parts.header {
        header::read(statement, context);
    }
}

fn holds_symbols(statement: &Statement<'_>) -> bool {
    statement.children().iter().any(|child| child.keyword() == Some("symbols"))
}

fn read_filler<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Filler<'s>> {
    let mut offset = None;
    for term in statement.terms.iter().skip(1) {
        match &term.kind {
            libpeg::notation::TermKind::Attr("offset", value) => {
                offset = Some(context.unsigned(value, u64::BITS)?);
            }
            _ => return Err(unexpected(term, "`offset=`")),
        }
    }
    let Some(offset) = offset else {
        return Err(missing(statement, "`offset=`: where the bytes lie in the file"));
    };
    let bytes = data::read(statement.children(), context)?;
    Ok(Filler { offset, bytes })
}

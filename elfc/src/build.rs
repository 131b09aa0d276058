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
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::HashMap;
use libelf::archive::{self, Build};
use libelf::edit::error::Place;
use libelf::edit::layout::Layout;
use libelf::edit::{self, Field, Filler, Object, Planned, Section, SectionId, SegmentId, Slots};
use libelf::raw::{
    ET_DYN, ET_EXEC, FileType, SHT_DYNSYM, SHT_NULL, SHT_STRTAB, SHT_SYMTAB, SectionType,
};
use libpeg::diagnostic::{Diagnostic, Diagnostics};
use libpeg::notation::{Statement, TermKind};
use libpeg::source::Span;

use crate::context::{Context, Extent, Facts, Read, SymbolTables, missing, unexpected};
use crate::header::Encodings;
use crate::warnings::Spans;
use crate::{archives, contents, data, header, section, segment, symbols, warnings};

/// Rounds after which addresses that still change are taken for a circle.
const MOST_ROUNDS: usize = 8;

/// The bytes that a file may have where nothing else is said.
pub const LARGEST_FILE: u64 = 4 << 30;

/// The memory that an object may take where nothing else is said, in bytes.
pub const MEMORY: u64 = 128 << 20;
/// What a section or a segment takes of it.
const HEADER: u64 = 640;

/// What a description does not say itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Class and byte order of headers that do not say theirs.
    pub encodings: Encodings,
    /// The folder that files named in the description are relative to.
    pub folder: PathBuf,
    /// The bytes that the file may have.
    pub largest_file: u64,
    /// The memory that headers may take, and contents that short statements make, such as `fill`.
    pub memory: Room,
}

/// What may still be made, in bytes. Copies share it.
#[derive(Clone, Debug)]
pub struct Room(Arc<AtomicU64>);

impl Room {
    /// Room for this many bytes.
    pub fn new(bytes: u64) -> Self {
        Self(Arc::new(AtomicU64::new(bytes)))
    }

    /// The bytes that are left.
    pub fn left(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Leaves this many.
    pub fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// Takes `count` bytes; whether there were as many.
    pub fn take(&self, count: u64) -> bool {
        let left = self.left().checked_sub(count);
        self.set(left.unwrap_or(0));
        left.is_some()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            encodings: Encodings::default(),
            folder: PathBuf::new(),
            largest_file: LARGEST_FILE,
            memory: Room::new(MEMORY),
        }
    }
}

/// A file that a description makes.
#[derive(Debug)]
pub enum File<'s> {
    /// An ELF file.
    Object(Box<Described<'s>>),
    /// An archive.
    Archive(Box<Build<'s>>, Span),
    /// Bytes.
    Raw(Cow<'s, [u8]>),
}

/// An object, and the statements that say what it is.
#[derive(Debug)]
pub struct Described<'s> {
    /// The object.
    pub object: Object<'s>,
    parts: Parts<'s>,
}

/// A file that is ready to be written.
#[derive(Debug)]
pub enum Prepared<'f, 's> {
    /// An ELF file.
    Object(&'f Described<'s>, Box<Planned<'f, 's>>),
    /// An archive.
    Archive(archive::build::Plan<'f>),
    /// Bytes.
    Raw(&'f [u8]),
}

/// Why a file was not written.
#[derive(Debug)]
pub enum Failure {
    /// The output takes no more; the reason.
    Output(String),
    /// The description asks for what cannot be written.
    Description(Diagnostic),
}

impl<'s> File<'s> {
    /// Works out where everything lies; `None` if that cannot be.
    pub fn prepare(
        &self,
        settings: &Settings,
        diagnostics: &mut Diagnostics,
    ) -> Option<Prepared<'_, 's>> {
        let (prepared, span) = match self {
            Self::Object(described) => match described.object.plan() {
                Ok(plan) => {
                    let Described { object, parts } = &**described;
                    warnings::check(object, plan.layout(), parts, diagnostics);
                    let span = Spans::header(parts);
                    (Prepared::Object(described, Box::new(plan)), span)
                }
                Err(error) => {
                    diagnostics.push(misfit(&error, &described.object, &described.parts));
                    return None;
                }
            },
            Self::Archive(archive, span) => match archive.plan() {
                Ok(plan) => (Prepared::Archive(plan), Some(*span)),
                Err(error) => {
                    diagnostics.push(Diagnostic::error(*span, error.to_string()));
                    return None;
                }
            },
            Self::Raw(bytes) => (Prepared::Raw(bytes), None),
        };
        let length = prepared.length();
        if length > settings.largest_file {
            let message = format!("the file would have {length} bytes");
            diagnostics.push(
                Diagnostic::error(span, message)
                    .hint(format!("it may have {}", settings.largest_file)),
            );
            return None;
        }
        Some(prepared)
    }

    /// Whether the system could run it: an executable or a shared object.
    pub fn is_program(&self) -> bool {
        match self {
            Self::Object(described) => {
                matches!(FileType(described.object.header.kind), ET_EXEC | ET_DYN)
            }
            _ => false,
        }
    }
}

impl Prepared<'_, '_> {
    /// The bytes of the file.
    pub fn length(&self) -> u64 {
        match self {
            Self::Object(_, plan) => plan.layout().length,
            Self::Archive(plan) => plan.size(),
            Self::Raw(bytes) => bytes.len() as u64,
        }
    }

    /// Writes the file from its start to its end.
    ///
    /// # Errors
    /// Those of the output, and values in single entries of tables that cannot be written.
    pub fn write(&self, mut out: &mut dyn Write) -> Result<(), Failure> {
        let output = |error: std::io::Error| Failure::Output(system_message(error.to_string()));
        match self {
            Self::Object(described, plan) => match plan.write(out) {
                Ok(()) => Ok(()),
                Err(edit::Error::Io(reason)) => Err(Failure::Output(system_message(reason))),
                Err(error) => {
                    Err(Failure::Description(misfit(&error, &described.object, &described.parts)))
                }
            },
            Self::Archive(plan) => plan.write_to(&mut out).map_err(output),
            Self::Raw(bytes) => out.write_all(bytes).map_err(output),
        }
    }
}

/// The reason of an error of the system without its number.
pub fn system_message(mut text: String) -> String {
    if let Some(end) = text.rfind(" (os error ") {
        text.truncate(end);
    }
    text
}

/// Makes the file that statements describe; `None` if they have errors.
pub fn build<'s>(
    statements: &'s [Statement<'s>],
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<File<'s>> {
    let Some(first) = statements.first() else {
        diagnostics.push(Diagnostic::error(None, "the description is empty"));
        return None;
    };
    let Some(word @ ("archive" | "raw")) = first.keyword() else {
        let described = object(statements, settings, diagnostics)?;
        return Some(File::Object(Box::new(described)));
    };
    if let Some(second) = statements.get(1) {
        let message = format!("nothing can follow `{word}`");
        diagnostics.push(Diagnostic::error(second.span, message));
        return None;
    }
    if word == "archive" {
        let archive = archives::read(first, settings, diagnostics)?;
        return Some(File::Archive(Box::new(archive), first.span));
    }
    raw(first, settings, diagnostics).map(File::Raw)
}

/// The bytes of `raw { … }`, or of a member's block.
pub fn raw<'s>(
    statement: &'s Statement<'s>,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Cow<'s, [u8]>> {
    let object = empty(header::new());
    let mut context = Context::new(object, settings, None);
    let read = data::read(statement.children(), &mut context);
    let bytes = context.check(read);
    let is_right = !context.diagnostics.has_errors();
    diagnostics.append(context.diagnostics);
    bytes.filter(|_| is_right)
}

/// An object with nothing but a header.
fn empty(header: edit::FileHeader) -> Object<'static> {
    Object {
        header,
        sections: Slots::default(),
        segments: Slots::default(),
        fillers: Vec::new(),
        length: Field::Auto,
    }
}

/// Makes the object that statements describe; `None` if they have errors.
pub fn object<'s>(
    statements: &'s [Statement<'s>],
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Described<'s>> {
    let mut facts = None;
    let room = settings.memory.left();
    for _ in 0..MOST_ROUNDS {
        settings.memory.set(room);
        let (mut context, parts) = match round(statements, settings, facts.take()) {
            Ok(round) => round,
            Err(error) => {
                diagnostics.push(error);
                return None;
            }
        };
        let mut new = None;
        if context.asked() && !context.diagnostics.has_errors() {
            let labels = context.take_labels();
            match context.object.layout() {
                Ok(layout) => new = Some(facts_of(&context.object, &layout, labels)),
                Err(error) => context.report(misfit(&error, &context.object, &parts)),
            }
        }
        if context.diagnostics.has_errors() {
            diagnostics.append(context.diagnostics);
            return None;
        }
        if new.is_none() || context.facts() == new.as_ref() {
            diagnostics.append(context.diagnostics);
            return Some(Described { object: context.object, parts });
        }
        facts = new;
    }
    let span = statements.first().map(|statement| statement.span);
    diagnostics.push(
        Diagnostic::error(span, "the addresses and sizes that expressions ask for depend on them")
            .hint("an expression may make the file grow each time it is worked out"),
    );
    None
}

/// What a round came to.
fn facts_of(object: &Object<'_>, layout: &Layout, labels: HashMap<Vec<u8>, (u32, u64)>) -> Facts {
    let section = |key: u32| {
        let place = layout.section(SectionId(key));
        place.map_or_else(Extent::default, |place| Extent {
            offset: place.header.offset,
            address: place.header.addr,
            size: place.header.size,
        })
    };
    let segment = |key: u32| {
        let place = layout.segment(SegmentId(key));
        place.map_or_else(Extent::default, |place| Extent {
            offset: place.header.offset,
            address: place.header.vaddr,
            size: place.header.memsz,
        })
    };
    let table = |offset: u64, stride: u16, count: usize| Extent {
        offset,
        address: address_of(object, layout, offset),
        size: u64::from(stride).saturating_mul(count as u64),
    };
    let (segments, sections) = (layout.header.phentsize, layout.header.shentsize);
    Facts {
        sections: object.sections.keys().iter().map(|&key| section(key)).collect(),
        segments: object.segments.keys().iter().map(|&key| segment(key)).collect(),
        segment_table: table(layout.segment_table, segments, object.segments.len()),
        section_table: table(layout.section_table, sections, object.sections.len()),
        length: layout.length,
        labels,
    }
}

/// The address at which a place of the file is loaded; 0 if it is not.
fn address_of(object: &Object<'_>, layout: &Layout, offset: u64) -> u64 {
    let loaded = object.segments.iter().find_map(|(key, segment)| {
        let header = layout.segment(SegmentId(key))?.header;
        let distance = offset.checked_sub(header.offset)?;
        let is_in = segment.kind == libelf::raw::PT_LOAD.0 && distance < header.filesz;
        is_in.then(|| header.vaddr.wrapping_add(distance))
    });
    loaded.unwrap_or_default()
}

/// The diagnostic for what libelf cannot write.
fn misfit(error: &edit::Error, object: &Object<'_>, parts: &Parts<'_>) -> Diagnostic {
    use edit::Error;
    let place = match error {
        Error::TooWide { place, .. }
        | Error::Dangling { place, .. }
        | Error::NoName { place, .. }
        | Error::NoSymbolSections { place }
        | Error::Contents { place, .. } => Some(*place),
        _ => None,
    };
    let span = match error {
        Error::TooLarge { .. } => farthest(object, parts),
        _ => place.and_then(|place| parts.span(place)),
    };
    let mut diagnostic = Diagnostic::error(span, error.to_string());
    if let Error::TooWide { .. } = error {
        diagnostic = diagnostic.hint("`raw(…)` writes the bits that fit");
    }
    diagnostic
}

/// The statement with the largest offset or alignment: why a file is too large.
fn farthest(object: &Object<'_>, parts: &Parts<'_>) -> Option<Span> {
    let largest = |fields: [Field<u64>; 3]| fields.map(|field| field.or(0)).into_iter().max();
    let sections = parts.sections.iter().filter_map(|(statement, id)| {
        let section = object.sections.get(id.0)?;
        let reach = largest([section.offset, section.placed_at, section.align]);
        Some((reach, statement.span))
    });
    let segments = parts.segments.iter().filter_map(|(statement, id)| {
        let segment = object.segments.get(id.0)?;
        Some((largest([segment.offset, segment.align, Field::Auto]), statement.span))
    });
    let fillers = parts.fillers.iter().zip(&object.fillers);
    let fillers = fillers.map(|(statement, filler)| (Some(filler.offset), statement.span));
    let header = &object.header;
    let tables = largest([header.segment_table, header.section_table, header.phoff])
        .max(Some(header.shoff.or(0)));
    let header = parts.header.map(|statement| (tables, statement.span));
    let length = parts.length.map(|statement| (Some(object.length.or(0)), statement.span));
    let all = sections.chain(segments).chain(fillers).chain(header).chain(length);
    all.max_by_key(|(reach, _)| *reach).map(|(_, span)| span)
}

/// The name of the section that holds the names of sections, where nothing else is said.
const SECTION_NAMES: &str = ".shstrtab";
/// The name of the section that holds the names of symbols, where nothing else is said.
const SYMBOL_NAMES: &str = ".strtab";

/// The statements of one object, by what they are.
#[derive(Debug, Default)]
struct Parts<'s> {
    header: Option<&'s Statement<'s>>,
    sections: Vec<(&'s Statement<'s>, SectionId)>,
    segments: Vec<(&'s Statement<'s>, SegmentId)>,
    fillers: Vec<&'s Statement<'s>>,
    length: Option<&'s Statement<'s>>,
}

impl Spans for Parts<'_> {
    fn header(&self) -> Option<Span> {
        self.header.map(|statement| statement.span)
    }

    fn section(&self, index: u32) -> Option<Span> {
        // Sections are in the order of their ids, which are their indexes.
        let at = self.sections.binary_search_by_key(&index, |(_, id)| id.0).ok()?;
        self.sections.get(at).map(|(statement, _)| statement.span)
    }

    fn entry(&self, section: u32, entry: usize) -> Option<Span> {
        self.span(Place::Entry { section, entry: u32::try_from(entry).ok()?, what: "" })
    }

    fn segment(&self, index: u32) -> Option<Span> {
        self.segments.get(index as usize).map(|(statement, _)| statement.span)
    }
}

impl Parts<'_> {
    /// The statement, or the row in one, that says what is at a place of the file.
    fn span(&self, place: Place) -> Option<Span> {
        let section = |index: u32| {
            self.sections.iter().find(|(_, id)| id.0 == index).map(|(statement, _)| *statement)
        };
        let segment =
            |index: u32| self.segments.get(index as usize).map(|(statement, _)| *statement);
        let statement = match place {
            Place::Header => self.header?,
            Place::Section(index) => section(index)?,
            Place::Segment(index) | Place::SegmentContents(index) => segment(index)?,
            Place::Entry { section: index, entry, .. } => {
                let statement = section(index)?;
                let rows = statement.children().last().map_or(&[][..], Statement::children);
                // The null symbol has no row.
                let is_table = statement.children().last()?.keyword() == Some("symbols");
                let row = (entry as usize).checked_sub(usize::from(is_table));
                row.and_then(|row| rows.get(row)).unwrap_or(statement)
            }
        };
        Some(statement.span)
    }
}

/// Reads the statements of an object once. What is wrong lies in the context's diagnostics.
///
/// # Errors
/// The ELF header cannot be read.
fn round<'s>(
    statements: &'s [Statement<'s>],
    settings: &Settings,
    facts: Option<Facts>,
) -> Read<(Context<'s>, Parts<'s>)> {
    let is_header = |statement: &&Statement<'_>| statement.keyword() == Some("elf");
    let head = statements.iter().find(is_header);
    let object = empty(header::read_identity(head, settings.encodings)?);
    let mut context = Context::new(object, settings, facts);
    let mut parts = Parts::default();
    for statement in statements {
        let read = sort(statement, &mut parts, &mut context);
        context.check(read);
    }
    add_section_names(&parts, &mut context);
    add_symbol_names(&parts, &mut context);
    read(&parts, &mut context);
    Ok((context, parts))
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
            context.make(HEADER, statement.span)?;
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
            context.make(HEADER, statement.span)?;
            let segment = segment::read_head(statement, context)?;
            let id = SegmentId(context.object.segments.push(segment));
            parts.segments.push((statement, id));
        }
        Some("filler") => parts.fillers.push(statement),
        _ if matches!(statement.as_attribute(), Some(("length", _))) => {
            parts.length = Some(statement);
        }
        _ => {
            let expected = "expected `elf`, `section`, `segment`, `filler` or `length =`";
            let error = Diagnostic::error(statement.span, expected);
            let known = ["elf", "section", "segment", "filler", "length", "archive", "raw"];
            let word = statement.keyword().unwrap_or_default().as_bytes();
            if matches!(word, b"archive" | b"raw") {
                return Err(error.hint("this would be a file by itself, without `elf`"));
            }
            return Err(context.names.suggest(error, word, known.map(str::as_bytes)));
        }
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

/// Adds the section with the names of symbols, if a table of symbols would link to it.
fn add_symbol_names<'s>(parts: &Parts<'s>, context: &mut Context<'s>) {
    let object = &context.object;
    let has_strings = object.sections.iter().any(|(_, section)| {
        section.kind == SHT_STRTAB.0 && &*section.name.text == SYMBOL_NAMES.as_bytes()
    });
    let needs_strings = parts.sections.iter().any(|(statement, id)| {
        object.sections.get(id.0).is_some_and(|section| section.kind == SHT_SYMTAB.0)
            && statement.attributes().all(|(name, _)| name != "link")
            && has_named_symbols(statement)
    });
    if needs_strings && !has_strings {
        add_string_table(SYMBOL_NAMES, context);
    }
}

/// Whether a section's statement has rows of symbols with names.
fn has_named_symbols(section: &Statement<'_>) -> bool {
    let tables = section.children().iter().filter(|part| part.keyword() == Some("symbols"));
    tables.flat_map(Statement::children).any(|row| {
        row.terms.first().is_some_and(|name| match &name.kind {
            TermKind::Str(text) => !text.is_empty(),
            _ => true,
        })
    })
}

/// Adds the section with the names of sections, if there are sections and nothing is said of it.
fn add_section_names<'s>(parts: &Parts<'s>, context: &mut Context<'s>) {
    let mut said = parts.header.into_iter().flat_map(header::attributes);
    let is_said = said.any(|(name, _)| name == "section_names");
    if context.object.sections.is_empty() || is_said || has_section_names(&context.object) {
        return;
    }
    add_string_table(SECTION_NAMES, context);
}

/// Adds a section with the names that are used.
fn add_string_table(name: &'static str, context: &mut Context<'_>) {
    let section = Section {
        name: name.into(),
        kind: SHT_STRTAB.0,
        contents: contents::default(SHT_STRTAB.0),
        ..Section::default()
    };
    add_section(section, context);
}

/// Whether a section would hold the names of sections though nothing is said of it.
pub fn has_section_names(object: &Object<'_>) -> bool {
    object.sections.iter().any(|(_, section)| {
        section.kind == SHT_STRTAB.0 && matches!(&*section.name.text, b".shstrtab" | b".strtab")
    })
}

fn read<'s>(parts: &Parts<'s>, context: &mut Context<'s>) {
    for &(statement, id) in &parts.sections {
        let read = section::read_kind(statement, id, context);
        context.check(read);
    }
    context.symbol_tables = SymbolTables::of(&context.object);
    let is_table = |&(statement, id): &(&Statement<'_>, SectionId)| {
        let kind = context.object.sections.get(id.0).map_or(0, |section| section.kind);
        matches!(SectionType(kind), SHT_SYMTAB | SHT_DYNSYM) || holds_symbols(statement)
    };
    let (tables, others): (Vec<_>, Vec<_>) = parts.sections.iter().copied().partition(is_table);
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
            TermKind::Attr("offset", value) => {
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

//! The `archive` statement: an archive and its members. ar(5).
//!
//! ```text
//! archive form=gnu {
//!     member "a.o" mode=0o600 {
//!         elf type=REL;
//!         section .text { hex { c3 } }
//!     }
//!     member "readme" { ascii "hello\n"; }
//! }
//! ```
//!
//! | statement | |
//! |---|---|
//! | `archive form=gnu\|thin\|bsd\|bsd_aligned\|darwin magic="…" index=no` | whose habits fill what is not given; other magic bytes; no symbol index by itself |
//! | `member "name" { … }` | an object (its statements), an archive, or data |
//! | `external "path" size=… origin=…;` | a file that lies elsewhere; `origin` is its header's offset in the archive of that path |
//! | `index kind=gnu32 order=big { main member=0; f offset=68; }` | the symbol index, at this place; without a block it is computed |
//! | `names;` | the table of long names, at this place; with a block, these bytes |
//! | `gap { … }` | bytes without a header |
//!
//! All but `gap` take the fields of a header: `date`, `uid`, `gid`, `mode`, `size` as numbers, or as
//! strings with any text; `stored_name` and `end` as strings; and `prefix` and `padding`, the bytes
//! before and behind the contents.

use std::borrow::Cow;

use libelf::archive::build::{Contents, Flavour, Member, MemberId};
use libelf::archive::build::{Entries, Entry, Fields, Index, Magic, Target, Text};
use libelf::archive::{Build, IndexKind};
use libelf::raw::Endianness;
use libpeg::diagnostic::{Diagnostic, Diagnostics};
use libpeg::notation::{NoNames, Statement, Term, TermKind};

use crate::build::{Failure, Settings, raw};
use crate::context::{Read, missing, no_attribute, unexpected};
use crate::data;
use crate::describe::structured;
use crate::header::order_of;
use crate::names::suggest;
use crate::printer::Printer;
use crate::view::Owner;

/// The words for whose habits an archive follows.
const FORMS: &[(&str, Flavour)] = &[
    ("gnu", Flavour::Gnu),
    ("bsd", Flavour::Bsd),
    ("bsd_aligned", Flavour::BsdAligned),
    ("darwin", Flavour::Darwin),
];
/// The words for the layouts of a symbol index.
const KINDS: &[(&str, IndexKind)] = &[
    ("gnu32", IndexKind::Gnu32),
    ("gnu64", IndexKind::Gnu64),
    ("bsd32", IndexKind::Bsd32),
    ("bsd64", IndexKind::Bsd64),
];

/// Prints the statement.
pub fn print(archive: &Build<'_>, printer: &mut Printer<'_>, depth: usize) {
    printer.text("archive");
    printer.attribute("form");
    printer.text(match archive.magic {
        Magic::Thin if archive.flavour == Flavour::Gnu => "thin",
        _ => {
            FORMS.iter().find(|(_, form)| *form == archive.flavour).map_or("gnu", |(word, _)| word)
        }
    });
    match &archive.magic {
        Magic::Bytes(magic) => string("magic", magic, printer),
        Magic::Thin if archive.flavour != Flavour::Gnu => {
            string("magic", libelf::archive::THIN_MAGIC, printer);
        }
        _ => {}
    }
    if !archive.implied_index {
        printer.attribute("index");
        printer.text("no");
    }
    printer.open();
    for (_, member) in archive.members.iter() {
        printer.indent();
        print_member(member, archive, printer, depth);
        if printer.has_failed() {
            break;
        }
    }
    printer.close();
}

fn string(name: &str, text: &[u8], printer: &mut Printer<'_>) {
    printer.attribute(name);
    printer.string(text);
}

fn print_member(member: &Member<'_>, archive: &Build<'_>, printer: &mut Printer<'_>, depth: usize) {
    printer.text(match member.contents {
        Contents::File(_) => "member",
        Contents::External { .. } => "external",
        Contents::Index(_) => "index",
        Contents::Names(_) => "names",
        Contents::Gap(_) => "gap",
    });
    if member.is_file() || !member.name.is_empty() {
        printer.text(" ");
        printer.string(&member.name);
    }
    print_fields(member, printer);
    match &member.contents {
        Contents::File(bytes) => print_file(bytes, printer, depth),
        Contents::External { size, origin, .. } => {
            // The header's own size is printed only if it is another one.
            if member.header.size == Text::Auto {
                printer.dec_attribute("size", *size);
            } else {
                printer.dec_attribute("contents_size", *size);
            }
            if let Some(origin) = origin {
                printer.dec_attribute("origin", *origin);
            }
            printer.end();
        }
        Contents::Index(index) => print_index(index, archive, printer),
        Contents::Names(None) => printer.end(),
        Contents::Names(Some(bytes)) | Contents::Gap(bytes) => {
            data::print(bytes, Owner::Filler, printer);
        }
    }
}

fn print_fields(member: &Member<'_>, printer: &mut Printer<'_>) {
    let Fields { name, date, uid, gid, mode, size, end } = &member.header;
    if let Some(name) = name {
        string("stored_name", name, printer);
    }
    for (word, text) in [("date", date), ("uid", uid), ("gid", gid), ("mode", mode), ("size", size)]
    {
        match text {
            Text::Auto => {}
            Text::Is(value) if word == "mode" => {
                printer.attribute(word);
                printer.text(&format!("{value:#o}"));
            }
            Text::Is(value) => {
                printer.attribute(word);
                printer.dec(*value);
            }
            Text::Raw(text) => string(word, text, printer),
        }
    }
    let bytes = [("end", end), ("prefix", &member.prefix), ("padding", &member.padding)];
    for (word, bytes) in bytes {
        if let Some(bytes) = bytes {
            string(word, bytes, printer);
        }
    }
}

fn print_file(bytes: &[u8], printer: &mut Printer<'_>, depth: usize) {
    if !libelf::archive::is_archive(bytes) && !bytes.starts_with(&libelf::raw::ELFMAG) {
        return data::print(bytes, Owner::Filler, printer);
    }
    printer.open();
    printer.indent();
    if !structured(bytes, printer, depth + 1) {
        // An archive that lies too deep.
        printer.text("raw");
        data::print(bytes, Owner::Filler, printer);
    }
    printer.close();
}

fn print_index(index: &Index<'_>, archive: &Build<'_>, printer: &mut Printer<'_>) {
    let kind = KINDS.iter().find(|(_, kind)| Some(*kind) == index.kind);
    if let Some((word, _)) = kind {
        printer.attribute("kind");
        printer.text(word);
    }
    if let Some(order) = index.order {
        printer.attribute("order");
        printer.text(if order == Endianness::Big { "big" } else { "little" });
    }
    if let Some(tail) = &index.tail {
        string("tail", tail, printer);
    }
    match &index.entries {
        Entries::Computed => printer.end(),
        Entries::Given(entries) => {
            printer.open_inner("entries");
            let positions = archive.members.positions();
            for entry in entries {
                printer.indent();
                printer.name(&entry.name);
                match entry.target {
                    Target::Member(id) => {
                        let position = positions.get(id.0 as usize).copied().unwrap_or(u32::MAX);
                        printer.dec_attribute("member", position.into());
                    }
                    Target::Offset(offset) => printer.dec_attribute("offset", offset),
                }
                printer.end();
            }
            printer.close_inner();
        }
        Entries::Bytes(bytes) => data::print(bytes, Owner::Filler, printer),
    }
}

/// Reads the statement.
pub fn read<'s>(
    statement: &'s Statement<'s>,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Build<'s>> {
    let mut reader = Reader { settings, diagnostics };
    let before = reader.diagnostics.errors();
    let archive = reader.archive(statement);
    let archive = match archive {
        Ok(archive) => archive,
        Err(error) => {
            reader.diagnostics.push(error);
            return None;
        }
    };
    (reader.diagnostics.errors() == before).then_some(archive)
}

struct Reader<'r> {
    settings: &'r Settings,
    diagnostics: &'r mut Diagnostics,
}

impl Reader<'_> {
    fn archive<'s>(&mut self, statement: &'s Statement<'s>) -> Read<Build<'s>> {
        let mut archive = Build::default();
        for term in statement.terms.iter().skip(1) {
            match &term.kind {
                TermKind::Attr("form", value) if value.word() == Some("thin") => {
                    archive.magic = Magic::Thin;
                }
                TermKind::Attr("form", value) => {
                    let form = FORMS.iter().find(|(word, _)| value.word() == Some(word));
                    let (_, form) = form.ok_or_else(|| {
                        unexpected(value, "`gnu`, `thin`, `bsd`, `bsd_aligned` or `darwin`")
                    })?;
                    archive.flavour = *form;
                }
                TermKind::Attr("magic", value) => {
                    archive.magic = match bytes(value)? {
                        magic if *magic == *libelf::archive::THIN_MAGIC => Magic::Thin,
                        magic => Magic::Bytes(magic),
                    };
                }
                TermKind::Attr("index", value) if value.word() == Some("no") => {
                    archive.implied_index = false;
                }
                _ => return Err(unexpected(term, "`form=`, `magic=` or `index=no`")),
            }
        }
        let Some(block) = &statement.block else {
            return Err(missing(statement, "a block of members"));
        };
        for child in block {
            match self.member(child) {
                Ok(member) => {
                    archive.push(member);
                }
                Err(error) => self.diagnostics.push(error),
            }
        }
        Ok(archive)
    }

    fn member<'s>(&mut self, statement: &'s Statement<'s>) -> Read<Member<'s>> {
        let keyword = statement.keyword().unwrap_or_default();
        let mut member = Member::default();
        let mut external_size = None;
        let mut origin = None;
        let mut index = Index::default();
        for term in statement.terms.iter().skip(1) {
            match &term.kind {
                TermKind::Str(name) => member.name = Cow::Borrowed(name),
                TermKind::Word(name) => member.name = Cow::Borrowed(name.as_bytes()),
                TermKind::Attr("size", value)
                    if keyword == "external" && external_size.is_none() =>
                {
                    match value.kind {
                        TermKind::Str(_) => member.header.size = text(value)?,
                        _ => external_size = Some(number(value)?),
                    }
                }
                TermKind::Attr("contents_size", value) if keyword == "external" => {
                    if let Some(size) = external_size.replace(number(value)?) {
                        member.header.size = Text::Is(size);
                    }
                }
                TermKind::Attr("origin", value) if keyword == "external" => {
                    origin = Some(number(value)?);
                }
                TermKind::Attr("kind", value) if keyword == "index" => {
                    let kind = KINDS.iter().find(|(word, _)| value.word() == Some(word));
                    let kind = kind.ok_or_else(|| unexpected(value, "a layout such as `gnu32`"))?;
                    index.kind = Some(kind.1);
                }
                TermKind::Attr("order", value) if keyword == "index" => {
                    index.order = Some(order_of(value)?);
                }
                TermKind::Attr("tail", value) if keyword == "index" => {
                    index.tail = Some(bytes(value)?);
                }
                TermKind::Attr(name, value) => field(name, value, statement, &mut member)?,
                _ => return Err(unexpected(term, "a name or an attribute")),
            }
        }
        member.contents = match keyword {
            "member" => Contents::File(self.file(statement)?),
            "external" => {
                Contents::External { size: external_size.unwrap_or_default(), origin, data: None }
            }
            "index" => Contents::Index(self.index(statement, index)?),
            "names" => Contents::Names(match statement.block {
                Some(_) => Some(self.data(statement)?),
                None => None,
            }),
            "gap" => Contents::Gap(self.data(statement)?),
            _ => {
                let expected = "expected `member`, `external`, `index`, `names` or `gap`";
                let error = Diagnostic::error(statement.span, expected);
                let known = ["member", "external", "index", "names", "gap"].map(str::as_bytes);
                return Err(suggest(error, keyword.as_bytes(), known));
            }
        };
        Ok(member)
    }

    fn data<'s>(&mut self, statement: &'s Statement<'s>) -> Read<Cow<'s, [u8]>> {
        raw(statement, self.settings, self.diagnostics).ok_or_else(|| broken(statement))
    }

    /// The bytes of a member: an object's statements, an archive, or data.
    fn file<'s>(&mut self, statement: &'s Statement<'s>) -> Read<Cow<'s, [u8]>> {
        let block = statement.children();
        let is_file = |child: &Statement<'_>| {
            matches!(child.keyword(), Some("elf" | "section" | "segment" | "archive" | "raw"))
        };
        if !block.iter().any(is_file) {
            return self.data(statement);
        }
        // It is held in memory until the archive is written.
        let largest_file = self.settings.largest_file.min(self.settings.memory.left());
        let settings = &Settings { largest_file, ..self.settings.clone() };
        let file = crate::build(block, settings, self.diagnostics);
        let file = file.ok_or_else(|| broken(statement))?;
        let prepared = file.prepare(settings, self.diagnostics);
        let prepared = prepared.ok_or_else(|| broken(statement))?;
        let mut bytes = Vec::new();
        match prepared.write(&mut bytes) {
            Ok(()) => {
                self.settings.memory.take(bytes.len() as u64);
                Ok(Cow::Owned(bytes))
            }
            Err(Failure::Description(diagnostic)) => Err(diagnostic),
            Err(Failure::Output(reason)) => Err(Diagnostic::error(statement.span, reason)),
        }
    }

    fn index<'s>(&mut self, statement: &'s Statement<'s>, mut index: Index<'s>) -> Read<Index<'s>> {
        index.entries = match statement.children() {
            [] if statement.block.is_none() => Entries::Computed,
            [entries] if entries.keyword() == Some("entries") => {
                Entries::Given(entries.children().iter().map(entry).collect::<Read<_>>()?)
            }
            _ => Entries::Bytes(self.data(statement)?),
        };
        Ok(index)
    }
}

/// The error of a member whose own errors are reported already.
fn broken(statement: &Statement<'_>) -> Diagnostic {
    Diagnostic::error(statement.span, "this member cannot be made")
}

/// `main member=0;`
fn entry<'s>(row: &'s Statement<'s>) -> Read<Entry<'s>> {
    let [name, target] = row.terms.as_slice() else {
        return Err(missing(row, "a name, and `member=` or `offset=`"));
    };
    let symbol = name.text().ok_or_else(|| unexpected(name, "a name"))?;
    let target = match &target.kind {
        TermKind::Attr("member", value) => {
            let index = u32::try_from(number(value)?);
            Target::Member(MemberId(index.map_err(|_| unexpected(value, "the index of a member"))?))
        }
        TermKind::Attr("offset", value) => Target::Offset(number(value)?),
        _ => return Err(unexpected(target, "`member=` or `offset=`")),
    };
    Ok(Entry { name: Cow::Borrowed(symbol), target })
}

/// The fields of a member that [`field`] knows.
const FIELDS: &[&str] =
    &["stored_name", "date", "uid", "gid", "mode", "size", "end", "prefix", "padding"];

fn field<'s>(
    name: &str,
    value: &'s Term<'s>,
    statement: &Statement<'_>,
    member: &mut Member<'s>,
) -> Read<()> {
    match name {
        "stored_name" => member.header.name = Some(bytes(value)?),
        "date" => member.header.date = text(value)?,
        "uid" => member.header.uid = text(value)?,
        "gid" => member.header.gid = text(value)?,
        "mode" => member.header.mode = text(value)?,
        "size" => member.header.size = text(value)?,
        "end" => member.header.end = Some(bytes(value)?),
        "prefix" => member.prefix = Some(bytes(value)?),
        "padding" => member.padding = Some(bytes(value)?),
        _ => {
            return Err(no_attribute("a member", name, statement, FIELDS));
        }
    }
    Ok(())
}

fn text<'s>(value: &'s Term<'s>) -> Read<Text<'s>> {
    match &value.kind {
        TermKind::Str(text) => Ok(Text::Raw(Cow::Borrowed(text))),
        _ => number(value).map(Text::Is),
    }
}

fn number(value: &Term<'_>) -> Read<u64> {
    let number = value.value(&mut NoNames)?;
    u64::try_from(number).map_err(|_| unexpected(value, "a number of at most 64 bits"))
}

fn bytes<'s>(value: &'s Term<'s>) -> Read<Cow<'s, [u8]>> {
    value.bytes().map(Cow::Borrowed).ok_or_else(|| unexpected(value, "a string"))
}

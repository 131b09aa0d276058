//! Lines in the four formats.

use std::hint::black_box;
use std::io::Write as _;

use common::demangle::SymbolNames;
use common::{Output, format};
use libelf::linkview::Version;
use libelf::raw::SymbolType;
use rayon::prelude::*;

use crate::lines::Spot;
use crate::options::{Format, Options, Order, Radix};
use crate::sort::Entry;
use crate::text::{push_name, push_name_and_rest, until_zero};

/// A symbol as it is printed.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The name. A zero byte and anything may follow it.
    pub name: &'a [u8],
    /// Its version, if the file keeps that elsewhere.
    pub version: Option<Version<'a>>,
    /// The letter of its class.
    pub letter: u8,
    /// Whether it has no value.
    pub is_undefined: bool,
    /// The value: mostly an address.
    pub value: u64,
    /// The size in bytes, 0 if it has none.
    pub size: u64,
    /// What the symbol table says, if it is of one and not made up.
    pub details: Option<Details<'a>>,
}

/// What only the table of System V shows.
#[derive(Clone, Copy, Debug)]
pub struct Details<'a> {
    /// The type of the symbol.
    pub kind: SymbolType,
    /// The size in the symbol table, in bytes.
    pub size: u64,
    /// The name of the section.
    pub section: &'a [u8],
}

/// What symbols are listed of an object.
pub trait Listed: Sync {
    /// The symbols in order.
    fn entries(&self) -> &[Entry];
    /// How many digits a value has at least.
    fn digits(&self) -> usize;
    /// How long a line may become at most, but for the name of the file, in bytes.
    fn longest_line(&self) -> usize;
    /// A symbol as it is printed.
    fn line(&self, entry: &Entry) -> Line<'_>;
    /// Where a symbol is.
    fn spot(&self, entry: &Entry) -> Spot {
        let _ = entry;
        Spot::None
    }
    /// Reads a byte of what [`Self::line`] will, so that it is at hand then.
    fn touch(&self, entry: &Entry) -> u8;
}

/// Tells source lines.
pub trait SourceLines: Sync {
    /// Adds the line of a symbol, after a tab, if it is known.
    fn put(&self, buf: &mut Vec<u8>, options: &Options, spot: Spot, name: &[u8]);
}

/// How an object is called.
#[derive(Clone, Copy, Debug)]
pub struct Title<'a> {
    /// Its own name: of the file, or of the member.
    pub name: &'a [u8],
    /// The path of its archive.
    pub archive: Option<&'a [u8]>,
}

/// Entries that one task formats.
const STRETCH: usize = 1 << 9;
/// Lines up to this length in bytes, before names are demangled, are formatted in stretches.
const LONG_LINE: usize = 1 << 14;
/// Stretches that are formatted at the same time, for each thread.
const STRETCHES_PER_THREAD: usize = 4;

/// So many entries are touched before they are formatted.
const AHEAD: usize = 6;

/// Prints what stands before the symbols of a file. `is_one_of_many` is whether the command line
/// names several.
pub fn object_heading(out: &mut Output, options: &Options, title: Title<'_>, is_one_of_many: bool) {
    let is_told = !options.print_file_name && (is_one_of_many || title.archive.is_some());
    let buf = out.buf();
    match options.format {
        Format::Bsd if is_told => {
            buf.push(b'\n');
            push_name(buf, title.name, options.unicode);
            buf.extend_from_slice(b":\n");
        }
        Format::Posix if is_told => {
            put_title(buf, options, title);
            buf.extend_from_slice(b":\n");
        }
        _ => {}
    }
}

/// Prints what stands before the members of an archive.
pub fn archive_heading(out: &mut Output, options: &Options, name: &[u8], is_one_of_many: bool) {
    if options.format == Format::Bsd && is_one_of_many {
        let buf = out.buf();
        buf.push(b'\n');
        push_name(buf, name, options.unicode);
        buf.extend_from_slice(b":\n");
    }
}

/// `archive[member]`, or the name of the file.
fn put_title(buf: &mut Vec<u8>, options: &Options, title: Title<'_>) {
    match title.archive {
        Some(archive) => {
            push_name(buf, archive, options.unicode);
            buf.push(b'[');
            push_name(buf, title.name, options.unicode);
            buf.push(b']');
        }
        None => push_name(buf, title.name, options.unicode),
    }
}

/// Prints the head of the table of System V.
pub fn table_heading(out: &mut Output, options: &Options, title: Title<'_>, digits: usize) {
    if options.format != Format::SysV {
        return;
    }
    let buf = out.buf();
    let kind: &[u8] =
        if options.undefined_only { b"\n\nUndefined symbols from " } else { b"\n\nSymbols from " };
    buf.extend_from_slice(kind);
    put_title(buf, options, title);
    buf.extend_from_slice(b":\n\n");
    let gap = digits - 8;
    format::left(buf, b"Name                  Value", 27 + gap);
    buf.extend_from_slice(b"   Class        Type         Size     ");
    buf.resize(buf.len() + gap, b' ');
    buf.extend_from_slice(b"Line  Section\n\n");
}

/// More bytes than any sound file has to show.
const TEXT_LIMIT: usize = 1 << 30;

/// A file has more to show than [`TEXT_LIMIT`]; what fits was printed.
#[derive(Debug)]
pub struct TooMuch;

/// What demangles names; `None` if they are to be printed as they are.
pub fn symbol_names(options: &Options) -> Option<SymbolNames> {
    let style = options.demangle?;
    Some(SymbolNames::new(style, options.recurse_limit))
}

/// Prints symbols in the order of their entries. `names` are demangled by what
/// [`symbol_names`] made.
///
/// # Errors
/// [`TooMuch`]
pub fn symbols(
    out: &mut Output,
    options: &Options,
    title: Title<'_>,
    object: &impl Listed,
    names: &mut Option<SymbolNames>,
    lines: Option<&dyn SourceLines>,
) -> Result<(), TooMuch> {
    let mut prefix = Vec::new();
    if options.print_file_name {
        put_prefix(&mut prefix, options, title);
    }
    let digits = object.digits();
    let printer = Printer { options, prefix: &prefix, digits, limit: TEXT_LIMIT, lines };
    let entries = object.entries();
    let is_short = entries.len() <= 2 * STRETCH || out.is_in_line();
    if is_short || !printer.is_bounded(object) {
        return printer.one_by_one(out, object, names, entries, 0);
    }
    in_stretches(out, &printer, object, names)
}

/// Prints what [`Printer::one_by_one`] does, on several threads.
fn in_stretches(
    out: &mut Output,
    printer: &Printer<'_>,
    object: &impl Listed,
    names: &mut Option<SymbolNames>,
) -> Result<(), TooMuch> {
    let entries = object.entries();
    let mut total = 0usize;
    let wave = rayon::current_num_threads() * STRETCHES_PER_THREAD;
    let mut stretches: Vec<(Option<SymbolNames>, Vec<u8>)> =
        (0..wave).map(|_| (symbol_names(printer.options), Vec::new())).collect();
    for part in entries.chunks(wave * STRETCH) {
        let tasks = stretches.par_iter_mut().zip(part.par_chunks(STRETCH));
        tasks.for_each(|((names, text), entries)| {
            for (at, entry) in entries.iter().enumerate() {
                // Sorted symbols are spread over the file. The memory takes its time meanwhile.
                black_box(entries.get(at + AHEAD).map(|entry| object.touch(entry)));
                printer.put(text, names, object, entry);
            }
        });
        for ((_, text), entries) in stretches.iter_mut().zip(part.chunks(STRETCH)) {
            let before = total;
            total = total.saturating_add(text.len());
            if total > printer.limit {
                return printer.one_by_one(out, object, names, entries, before);
            }
            out.put(text);
            text.clear();
        }
    }
    Ok(())
}

/// What stands before each symbol with `-A`.
fn put_prefix(buf: &mut Vec<u8>, options: &Options, title: Title<'_>) {
    match options.format {
        Format::Bsd | Format::SysV => {
            if let Some(archive) = title.archive {
                push_name(buf, archive, options.unicode);
                buf.push(b':');
            }
            push_name(buf, title.name, options.unicode);
            buf.push(b':');
        }
        Format::Posix => {
            put_title(buf, options, title);
            buf.extend_from_slice(b": ");
        }
        Format::JustSymbols => {}
    }
}

/// Prints the symbols of one file.
struct Printer<'a> {
    options: &'a Options,
    prefix: &'a [u8],
    /// How many digits values have at least.
    digits: usize,
    /// The most bytes that are printed.
    limit: usize,
    /// The source lines, if they are asked for.
    lines: Option<&'a dyn SourceLines>,
}

impl Printer<'_> {
    /// Whether no stretch takes much memory, however its lines are spread.
    fn is_bounded(&self, object: &impl Listed) -> bool {
        object.longest_line().saturating_add(self.prefix.len()) <= LONG_LINE
    }

    /// Prints entries; `total` is how many bytes were printed before.
    fn one_by_one(
        &self,
        out: &mut Output,
        object: &impl Listed,
        names: &mut Option<SymbolNames>,
        entries: &[Entry],
        mut total: usize,
    ) -> Result<(), TooMuch> {
        for entry in entries {
            let start = out.buf().len();
            self.put(out.buf(), names, object, entry);
            total = total.saturating_add(out.buf().len().saturating_sub(start));
            if total > self.limit {
                return Err(TooMuch);
            }
            out.relieve();
        }
        Ok(())
    }

    #[inline]
    fn put(
        &self,
        buf: &mut Vec<u8>,
        names: &mut Option<SymbolNames>,
        object: &impl Listed,
        entry: &Entry,
    ) {
        let line = &object.line(entry);
        if !self.prefix.is_empty() {
            buf.extend_from_slice(self.prefix);
        }
        match self.options.format {
            Format::Bsd => self.put_bsd(buf, names, line),
            Format::SysV => self.put_sysv(buf, names, line),
            Format::Posix => self.put_posix(buf, names, line),
            Format::JustSymbols => self.put_name(buf, names, line),
        }
        if let Some(lines) = self.lines {
            lines.put(buf, self.options, object.spot(entry), until_zero(line.name));
        }
        buf.push(b'\n');
    }

    #[inline]
    fn put_bsd(&self, buf: &mut Vec<u8>, names: &mut Option<SymbolNames>, line: &Line<'_>) {
        if line.is_undefined {
            self.put_blank(buf);
        } else {
            let is_size = self.options.order == Order::Size && !self.options.print_size;
            self.put_number(buf, if is_size { line.size } else { line.value });
            if self.options.print_size && line.size != 0 {
                buf.push(b' ');
                self.put_number(buf, line.size);
            }
        }
        buf.extend_from_slice(&[b' ', line.letter, b' ']);
        self.put_name(buf, names, line);
    }

    fn put_posix(&self, buf: &mut Vec<u8>, names: &mut Option<SymbolNames>, line: &Line<'_>) {
        self.put_name(buf, names, line);
        buf.extend_from_slice(&[b' ', line.letter, b' ']);
        if line.is_undefined {
            buf.extend_from_slice(b"        ");
            return;
        }
        self.put_short_number(buf, line.value);
        buf.push(b' ');
        if line.size != 0 {
            self.put_short_number(buf, line.size);
        }
    }

    fn put_sysv(&self, buf: &mut Vec<u8>, names: &mut Option<SymbolNames>, line: &Line<'_>) {
        const NAME_WIDTH: usize = 20;
        const TYPE_WIDTH: usize = 18;
        let start = buf.len();
        self.put_name(buf, names, line);
        buf.resize(buf.len().max(start + NAME_WIDTH), b' ');
        buf.push(b'|');
        if line.is_undefined {
            self.put_blank(buf);
        } else {
            self.put_number(buf, line.value);
        }
        buf.extend_from_slice(&[b'|', b' ', b' ', b' ', line.letter, b' ', b' ', b'|']);
        match line.details {
            Some(details) => put_type(buf, details.kind, TYPE_WIDTH),
            None => buf.resize(buf.len() + TYPE_WIDTH, b' '),
        }
        buf.push(b'|');
        match line.details {
            Some(Details { size, .. }) if size != 0 => self.put_number(buf, size),
            _ => self.put_blank(buf),
        }
        buf.extend_from_slice(b"|     |");
        if let Some(details) = line.details {
            push_name(buf, details.section, self.options.unicode);
        }
    }

    #[inline]
    fn put_name(&self, buf: &mut Vec<u8>, names: &mut Option<SymbolNames>, line: &Line<'_>) {
        let unicode = self.options.unicode;
        if self.options.versions {
            match names {
                Some(names) => push_name(buf, names.demangle_and_rest(line.name), unicode),
                None => push_name_and_rest(buf, line.name, unicode),
            }
        } else {
            let name = without_version(until_zero(line.name));
            let shown = match names {
                Some(names) => names.demangle(name),
                None => name,
            };
            push_name(buf, shown, unicode);
        }
        if let Some(version) = line.version.filter(|_| self.options.versions) {
            let sign: &[u8] = if version.is_hidden { b"@" } else { b"@@" };
            buf.extend_from_slice(sign);
            push_name(buf, version.name, unicode);
        }
    }

    fn put_blank(&self, buf: &mut Vec<u8>) {
        buf.resize(buf.len() + self.digits, b' ');
    }

    #[inline]
    fn put_number(&self, buf: &mut Vec<u8>, value: u64) {
        match self.options.radix {
            Radix::Hex => format::hex_padded(buf, value, self.digits),
            _ => self.put_rare_number(buf, value),
        }
    }

    fn put_rare_number(&self, buf: &mut Vec<u8>, value: u64) {
        // Writing to memory does not fail.
        let width = self.digits;
        let _ = match self.options.radix {
            Radix::Hex => write!(buf, "{value:0width$x}"),
            Radix::Octal => write!(buf, "{value:0width$o}"),
            Radix::Decimal => write!(buf, "{:0width$}", value.cast_signed()),
        };
    }

    fn put_short_number(&self, buf: &mut Vec<u8>, value: u64) {
        match self.options.radix {
            Radix::Hex => format::hex(buf, value),
            Radix::Octal => format::octal(buf, value),
            Radix::Decimal => {
                let _ = write!(buf, "{}", value.cast_signed());
            }
        }
    }
}

fn without_version(name: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'@', name).unwrap_or(name.len());
    name.get(..end).unwrap_or_default()
}

/// The name of a symbol's type, to the right.
fn put_type(buf: &mut Vec<u8>, kind: SymbolType, width: usize) {
    const NAMES: [&str; 7] = ["NOTYPE", "OBJECT", "FUNC", "SECTION", "FILE", "COMMON", "TLS"];
    let number = kind.0;
    let name = match NAMES.get(usize::from(number)) {
        Some(name) => (*name).to_owned(),
        None if (10..=12).contains(&number) => format!("<OS specific>: {number}"),
        None if (13..=15).contains(&number) => format!("<processor specific>: {number}"),
        None => format!("<unknown>: {number}"),
    };
    format::right(buf, name.as_bytes(), width);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Symbols of one name.
    struct Same(Vec<Entry>);

    impl Listed for Same {
        fn entries(&self) -> &[Entry] {
            &self.0
        }

        fn digits(&self) -> usize {
            8
        }

        fn longest_line(&self) -> usize {
            100
        }

        fn line(&self, entry: &Entry) -> Line<'_> {
            Line {
                name: b"_Z4namev\0more",
                version: None,
                letter: b'T',
                is_undefined: false,
                value: entry.index.into(),
                size: 0,
                details: None,
            }
        }

        fn touch(&self, _: &Entry) -> u8 {
            0
        }
    }

    #[test]
    fn text_is_cut_at_the_same_place_on_any_number_of_threads() {
        let entries = (0..9 * STRETCH as u32).map(|index| Entry { key: 0, index, name: 0 });
        let object = Same(entries.collect());
        let options =
            Options { demangle: Some(common::demangle::Style::Auto), ..Options::default() };
        let line = b"00000000 T name()\n".len();
        let whole = object.0.len() * line;
        for (limit, printed) in [
            (whole, whole),
            (whole - 1, whole),
            (whole / 2 + 1, whole / 2 + line),
            (STRETCH * line, (STRETCH + 1) * line),
            (0, line),
        ] {
            let printer = Printer { options: &options, prefix: &[], digits: 8, limit, lines: None };
            let print = |is_parallel: bool| {
                let mut out = Output::process("nm").recorder();
                let names = &mut symbol_names(&options);
                let result = if is_parallel {
                    in_stretches(&mut out, &printer, &object, names)
                } else {
                    printer.one_by_one(&mut out, &object, names, object.entries(), 0)
                };
                (out.recorded_text(), result.is_ok())
            };
            let (text, is_whole) = print(true);
            assert_eq!((text.len(), is_whole), (printed, limit == whole), "{limit}");
            assert!((text, is_whole) == print(false), "{limit}");
        }
    }
}

//! The three tables.

use common::input::put_name;
use common::{Output, format};

use crate::measure::{Measured, Sizes};
use crate::options::{Options, Radix, Style};

/// The name under which common symbols stand among the sections.
const COMMON_NAME: &[u8] = b"*COM*";

/// More than most lines of the one-line styles take, in bytes.
const LINE_GUESS: usize = 120;

/// How an object is called in a table.
#[derive(Clone, Copy, Debug)]
pub struct Title<'a> {
    /// Its own name: of the file, or of the member.
    pub name: &'a [u8],
    /// The path of its archive.
    pub archive: Option<&'a [u8]>,
}

/// One object as it is printed: a line, or a table of its own.
#[derive(Debug)]
pub struct Row {
    sizes: Sizes,
    text: Vec<u8>,
}

impl Row {
    /// Formats an object.
    pub fn new(options: &Options, title: &Title<'_>, measured: &Measured<'_>) -> Self {
        let mut text = Vec::with_capacity(LINE_GUESS);
        if options.style == Style::SysV {
            put_sections(&mut text, options, title, measured);
        } else {
            put_line(&mut text, options, title, measured);
        }
        Self { sizes: measured.sizes, text }
    }
}

/// Prints rows under a header, and sums what it prints.
#[derive(Debug)]
pub struct Printer {
    style: Style,
    radix: Radix,
    wants_totals: bool,
    has_header: bool,
    has_ended: bool,
    totals: Sizes,
}

impl Printer {
    /// A printer for a command line.
    pub fn new(options: &Options) -> Self {
        Self {
            style: options.style,
            radix: options.radix,
            wants_totals: options.totals,
            has_header: false,
            has_ended: false,
            totals: Sizes::default(),
        }
    }

    /// Prints one object.
    pub fn print(&mut self, out: &mut Output, row: &Row) {
        self.totals.add(&row.sizes);
        if !self.has_header {
            self.has_header = true;
            out.put(match (self.style, self.radix) {
                (Style::SysV, _) => b"",
                (Style::Gnu, _) => b"      text       data        bss      total filename\n",
                (_, Radix::Octal) => b"   text\t   data\t    bss\t    oct\t    hex\tfilename\n",
                _ => b"   text\t   data\t    bss\t    dec\t    hex\tfilename\n",
            });
        }
        out.put(&row.text);
        out.relieve();
    }

    /// Ends the run: symbols that cannot be read end GNU size at once.
    pub fn end(&mut self) {
        self.has_ended = true;
    }

    /// Whether nothing more is to be measured.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Prints the sums, if they were asked for and the run came to its end.
    pub fn totals(&self, out: &mut Output) {
        if !self.has_ended && self.wants_totals && self.style != Style::SysV {
            put_sizes(out.buf(), self.style, self.radix, &self.totals);
            out.put(b"(TOTALS)\n");
        }
    }
}

fn put_line(buf: &mut Vec<u8>, options: &Options, title: &Title<'_>, measured: &Measured<'_>) {
    put_sizes(buf, options.style, options.radix, &measured.sizes);
    put_name(buf, title.name);
    if let Some(archive) = title.archive {
        put_archive(buf, archive);
    }
    if let Some(core) = &measured.core {
        put_core(buf, core.command.as_deref());
        buf.push(b'\n');
    }
    buf.push(b'\n');
}

/// The numbers of a line, up to the name.
fn put_sizes(buf: &mut Vec<u8>, style: Style, radix: Radix, sizes: &Sizes) {
    const BERKELEY_WIDTH: usize = 7;
    const GNU_WIDTH: usize = 10;
    let total = sizes.total();
    if style == Style::Gnu {
        for size in [sizes.text, sizes.data, sizes.bss, total] {
            put_number(buf, radix, size, GNU_WIDTH);
            buf.push(b' ');
        }
        return;
    }
    for size in [sizes.text, sizes.data, sizes.bss] {
        put_number(buf, radix, size, BERKELEY_WIDTH);
        buf.push(b'\t');
    }
    // The sum is in octal or decimal, without a mark of its base, and in hexadecimal.
    let mut sum = Vec::new();
    match radix {
        Radix::Octal => format::octal(&mut sum, total),
        _ => format::dec(&mut sum, total),
    }
    format::right(buf, &sum, BERKELEY_WIDTH);
    buf.push(b'\t');
    format::hex_right(buf, total, BERKELEY_WIDTH);
    buf.push(b'\t');
}

/// A number with the mark of its base, to the right of `width` columns.
fn put_number(buf: &mut Vec<u8>, radix: Radix, value: u64, width: usize) {
    if radix == Radix::Decimal {
        format::dec_right(buf, value, width);
    } else {
        format::right(buf, &digits(radix, value), width);
    }
}

fn digits(radix: Radix, value: u64) -> Vec<u8> {
    let mut digits = Vec::new();
    match radix {
        Radix::Decimal => format::dec(&mut digits, value),
        Radix::Octal => {
            digits.push(b'0');
            format::octal(&mut digits, value);
        }
        Radix::Hex => {
            digits.extend_from_slice(b"0x");
            format::hex(&mut digits, value);
        }
    }
    digits
}

/// The table of a file's sections.
fn put_sections(buf: &mut Vec<u8>, options: &Options, title: &Title<'_>, measured: &Measured<'_>) {
    const SIZE: &[u8] = b"size";
    const ADDR: &[u8] = b"addr";
    let radix = options.radix;
    let sections = &measured.sections;
    let total =
        sections.iter().fold(measured.common, |sum, section| sum.wrapping_add(section.size));
    let highest = sections.iter().map(|section| section.addr).max();
    let common = options.common.then_some(COMMON_NAME.len());
    let names = sections.iter().map(|section| section.name().len());
    let longest = names.chain(common).max();
    let widths = Widths {
        name: longest.unwrap_or(0),
        size: digits(radix, total).len().max(SIZE.len()),
        addr: digits(radix, highest.unwrap_or(0)).len().max(ADDR.len()),
    };

    put_name(buf, title.name);
    buf.extend_from_slice(b"  ");
    if let Some(archive) = title.archive {
        put_archive(buf, archive);
    }
    buf.extend_from_slice(b":\n");
    widths.row(buf, b"section", SIZE, Some(ADDR));
    for section in sections {
        let (size, addr) = (digits(radix, section.size), digits(radix, section.addr));
        widths.row(buf, section.name(), &size, Some(&addr));
    }
    if options.common {
        let (size, addr) = (digits(radix, measured.common), digits(radix, 0));
        widths.row(buf, COMMON_NAME, &size, Some(&addr));
    }
    widths.row(buf, b"Total", &digits(radix, total), None);
    buf.push(b'\n');
    if let Some(core) = &measured.core {
        put_core(buf, core.command.as_deref());
        buf.push(b'\n');
    }
    buf.push(b'\n');
}

/// The columns of a table of sections.
struct Widths {
    name: usize,
    size: usize,
    addr: usize,
}

impl Widths {
    fn row(&self, buf: &mut Vec<u8>, name: &[u8], size: &[u8], addr: Option<&[u8]>) {
        const GAP: &[u8] = b"   ";
        put_name(buf, name);
        buf.resize(buf.len() + self.name.saturating_sub(name.len()), b' ');
        buf.extend_from_slice(GAP);
        format::right(buf, size, self.size);
        if let Some(addr) = addr {
            buf.extend_from_slice(GAP);
            format::right(buf, addr, self.addr);
        }
        buf.push(b'\n');
    }
}

fn put_archive(buf: &mut Vec<u8>, archive: &[u8]) {
    buf.extend_from_slice(b" (ex ");
    put_name(buf, archive);
    buf.push(b')');
}

fn put_core(buf: &mut Vec<u8>, command: Option<&[u8]>) {
    buf.extend_from_slice(b" (core file");
    if let Some(command) = command {
        buf.extend_from_slice(b" invoked as ");
        put_name(buf, command);
    }
    buf.push(b')');
}

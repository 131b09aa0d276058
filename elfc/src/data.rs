//! Data: contents as bytes, one statement after the other.
//!
//! | statement | bytes |
//! |---|---|
//! | `hex { 55 4889e5 }` | these |
//! | `ascii "a" "b";` | those of the strings |
//! | `asciz "a" "b";` | the same, each closed by a zero byte |
//! | `u8 1 2;` `u16` `u32` `u64` `word` | integers in the file's byte order; `word` has the class's width |
//! | `u32be 1;` `u32le 1;` | in this byte order |
//! | `uleb 624485;` `sleb -1;` | LEB128. DWARF 5, section 7.6 |
//! | `f32 1 "-0.5";` `f64 "1e3";` | IEEE 754 floats |
//! | `align 16;` `align 16 0x90;` | zeros, or a byte again and again, up to a multiple of 16 |
//! | `fill 100;` `fill 100 0xff;` | as many |
//! | `label end;` | none: gives the place a name |
//! | `file "name" offset=16 size=32;` | those of a file |

use std::borrow::Cow;
use std::io::{Read as _, Seek, SeekFrom};

use libelf::edit::{Contents, Section};
use libelf::raw::{Endian, Endianness, SHF_STRINGS};
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::{Statement, Term, TermKind};

use crate::context::{Context, Read, missing, unexpected};
use crate::files;
use crate::printer::Printer;
use crate::view::Owner;

/// Sections that hold strings, though no flag says so.
const TEXTS: &[&[u8]] =
    &[b".interp", b".comment", b".debug_str", b".debug_line_str", b".stabstr", b".ident"];

/// Whether the contents are printed as a block of several lines.
pub fn is_block(section: &Section<'_>) -> bool {
    !matches!(section.contents, Contents::Empty)
}

/// Prints bytes as a block: as strings where they are text, else as hex runs.
pub fn print(bytes: &[u8], owner: Owner<'_, '_>, printer: &mut Printer<'_>) {
    if is_text(bytes, owner) {
        let strings = bytes.strip_suffix(b"\0").unwrap_or(bytes).split(|&byte| byte == 0);
        return print_strings(strings, printer);
    }
    if bytes.is_empty() {
        return printer.text(" { }\n");
    }
    if Printer::is_short(bytes.len()) {
        printer.text(" { ");
        printer.hex_value(bytes);
        return printer.text(" }\n");
    }
    printer.open();
    printer.hex(bytes);
    printer.close();
}

/// Prints strings that close with a zero byte each, as a block.
pub fn print_strings<'b>(
    strings: impl Iterator<Item = &'b [u8]> + Clone,
    printer: &mut Printer<'_>,
) {
    let length = strings.clone().take(SHORT_TEXT).map(|string| string.len() + 1).sum::<usize>();
    if length < SHORT_TEXT {
        printer.text(" { asciz");
        for string in strings {
            printer.text(" ");
            printer.string(string);
        }
        return printer.text("; }\n");
    }
    printer.open();
    printer.strings(strings);
    printer.close();
}

/// Prints integers of the class's width as a block.
pub fn print_words(words: &[u64], printer: &mut Printer<'_>) {
    const IN_A_LINE: usize = 4;
    if words.len() <= IN_A_LINE {
        printer.text(" { word");
        for &word in words {
            print_word(word, printer);
        }
        return printer.text("; }\n");
    }
    printer.open();
    for line in words.chunks(IN_A_LINE) {
        printer.indent();
        printer.text("word");
        for &word in line {
            print_word(word, printer);
        }
        printer.end();
    }
    printer.close();
}

fn print_word(word: u64, printer: &mut Printer<'_>) {
    printer.text(" ");
    printer.number(word);
}

/// Text that is printed on the line of its section, in bytes.
const SHORT_TEXT: usize = 60;

/// Whether bytes are strings that close with zero bytes, in a section that is meant for them.
fn is_text(bytes: &[u8], owner: Owner<'_, '_>) -> bool {
    let Some(section) = owner.section() else { return false };
    let is_meant = section.flags & SHF_STRINGS.0 != 0 || TEXTS.contains(&&*section.name.text);
    let is_readable = |byte: &u8| matches!(byte, 0 | b'\t' | b'\n' | b' '..=b'~' | 0x80..);
    is_meant && bytes.last() == Some(&0) && {
        let zeros = memchr::memchr_iter(0, bytes).count();
        // Wide characters and numbers have many zeros.
        zeros <= bytes.len() / 2 + 1 && bytes.iter().all(is_readable)
    }
}

/// Reads the statements of a block. Errors are collected; what they are about is left out.
///
/// # Errors
/// None so far: all are collected.
pub fn read<'s>(block: &'s [Statement<'s>], context: &mut Context<'s>) -> Read<Cow<'s, [u8]>> {
    // One hex run or string is all that most blocks hold: it is not copied.
    if let [statement] = block
        && let Some(bytes) = single(statement)
    {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut out = Vec::new();
    for statement in block {
        context.position = out.len() as u64;
        let read = read_statement(statement, &mut out, context);
        context.check(read);
    }
    Ok(Cow::Owned(out))
}

/// The bytes of a statement that is one hex run, or `ascii` and one string.
fn single<'s>(statement: &'s Statement<'s>) -> Option<&'s [u8]> {
    match (statement.terms.as_slice(), &statement.block) {
        ([Term { kind: TermKind::Hex(bytes), .. }], None) => Some(bytes),
        ([Term { kind: TermKind::Word("ascii"), .. }, string], None) => match &string.kind {
            TermKind::Str(bytes) => Some(bytes),
            _ => None,
        },
        _ => None,
    }
}

fn read_statement(
    statement: &Statement<'_>,
    out: &mut Vec<u8>,
    context: &mut Context<'_>,
) -> Read<()> {
    if let Some(block) = &statement.block {
        let place = block.first().map_or(statement.span, |child| child.span);
        return Err(Diagnostic::error(place, "data has no block")
            .hint("contents with a structure, such as `symbols { … }`, stand alone"));
    }
    let Some((first, args)) = statement.terms.split_first() else {
        return Ok(());
    };
    let word = match &first.kind {
        TermKind::Word(word) => *word,
        TermKind::Hex(_) => {
            return statement.terms.iter().try_for_each(|term| match &term.kind {
                TermKind::Hex(bytes) => {
                    out.extend_from_slice(bytes);
                    Ok(())
                }
                _ => Err(unexpected(term, "a hex run")),
            });
        }
        _ => return Err(unexpected(first, "a statement of data such as `hex { 00 }` or `u32 1;`")),
    };
    match word {
        "ascii" => strings(statement, args, false, out),
        "asciz" => strings(statement, args, true, out),
        "uleb" => each(statement, args, |term| uleb(context.number(term)?, term, out)),
        "sleb" => each(statement, args, |term| {
            sleb(context.number(term)?, out);
            Ok(())
        }),
        "f32" => each(statement, args, |term| {
            push(out, float(term)?.1.into(), 4, context.encoding().endian);
            Ok(())
        }),
        "f64" => each(statement, args, |term| {
            push(out, float(term)?.0, 8, context.encoding().endian);
            Ok(())
        }),
        "align" => align(statement, args, out, context),
        "fill" => {
            let Some(count) = args.first() else {
                return Err(missing(statement, "a number of bytes"));
            };
            let count = context.unsigned(count, u64::BITS)?;
            fill(statement, args, count, out, context)
        }
        "label" => match args {
            [name] => context.set_label(name),
            [_, term, ..] => Err(unexpected(term, "`;`")),
            [] => Err(missing(statement, "a name")),
        },
        "file" => file(statement, args, out, context),
        _ => integers(statement, first, word, args, out, context),
    }
}

/// Does something for each argument, of which there must be one; lists stand for their terms.
fn each(
    statement: &Statement<'_>,
    args: &[Term<'_>],
    mut act: impl FnMut(&Term<'_>) -> Read<()>,
) -> Read<()> {
    if args.is_empty() {
        return Err(missing(statement, "a value"));
    }
    args.iter()
        .flat_map(|term| term.list().unwrap_or(std::slice::from_ref(term)))
        .try_for_each(&mut act)
}

fn strings(
    statement: &Statement<'_>,
    args: &[Term<'_>],
    is_closed: bool,
    out: &mut Vec<u8>,
) -> Read<()> {
    each(statement, args, |term| {
        let TermKind::Str(bytes) = &term.kind else {
            return Err(unexpected(term, "a string"));
        };
        out.extend_from_slice(bytes);
        if is_closed {
            out.push(0);
        }
        Ok(())
    })
}

/// `u32 1 2;` and its like.
fn integers(
    statement: &Statement<'_>,
    first: &Term<'_>,
    word: &str,
    args: &[Term<'_>],
    out: &mut Vec<u8>,
    context: &mut Context<'_>,
) -> Read<()> {
    let encoding = context.encoding();
    let (stem, endian) = match word.strip_suffix("be").zip(Some(Endianness::Big)) {
        Some((stem, endian)) => (stem, endian),
        None => match word.strip_suffix("le") {
            Some(stem) => (stem, Endianness::Little),
            None => (word, encoding.endian),
        },
    };
    let size = match stem {
        "u8" => 1,
        "u16" => 2,
        "u32" => 4,
        "u64" => 8,
        "word" => encoding.word_size(),
        _ => {
            return Err(unexpected(first, "a statement of data").hint(
                "data is hex, ascii, asciz, u8, u16, u32, u64, word, uleb, sleb, f32, f64, align, \
                 fill, label or file",
            ));
        }
    };
    let mut position = out.len();
    each(statement, args, |term| {
        context.position = position as u64;
        let value = match context.raw(term) {
            Some(value) => value?,
            None => context.wrapped(term, size as u32 * 8)?,
        };
        push(out, value, size, endian);
        position = out.len();
        Ok(())
    })
}

/// Appends the low `size` bytes of an integer.
fn push(out: &mut Vec<u8>, value: u64, size: usize, endian: Endianness) {
    let bytes = value.to_le_bytes();
    let bytes = bytes.get(..size).unwrap_or(&bytes);
    if endian.is_big_endian() {
        out.extend(bytes.iter().rev());
    } else {
        out.extend_from_slice(bytes);
    }
}

fn uleb(value: i128, term: &Term<'_>, out: &mut Vec<u8>) -> Read<()> {
    let Ok(mut value) = u128::try_from(value) else {
        return Err(Diagnostic::error(term.span, "ULEB128 has no negative numbers"));
    };
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        out.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            return Ok(());
        }
    }
}

fn sleb(mut value: i128, out: &mut Vec<u8>) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        let is_last = (value == 0 && low & 0x40 == 0) || (value == -1 && low & 0x40 != 0);
        out.push(if is_last { low } else { low | 0x80 });
        if is_last {
            return;
        }
    }
}

/// The bits of the float that a string or an integer says, with 64 bits and with 32.
fn float(term: &Term<'_>) -> Read<(u64, u32)> {
    let text = match &term.kind {
        TermKind::Str(text) => String::from_utf8_lossy(text).into_owned(),
        TermKind::Int(value) => value.to_string(),
        _ => return Err(unexpected(term, "an integer, or a string such as `\"-1.5e3\"`")),
    };
    match (text.parse::<f64>(), text.parse::<f32>()) {
        (Ok(wide), Ok(narrow)) => Ok((wide.to_bits(), narrow.to_bits())),
        _ => Err(unexpected(term, "a float such as `\"-1.5e3\"`")),
    }
}

fn align(
    statement: &Statement<'_>,
    args: &[Term<'_>],
    out: &mut Vec<u8>,
    context: &mut Context<'_>,
) -> Read<()> {
    let Some(to_term) = args.first() else {
        return Err(missing(statement, "an alignment in bytes"));
    };
    let to = context.unsigned(to_term, u64::BITS)?;
    let position = out.len() as u64;
    let end = (to != 0).then(|| position.checked_next_multiple_of(to)).flatten();
    let Some(end) = end else {
        return Err(Diagnostic::error(to_term.span, "an alignment is greater than 0"));
    };
    fill(statement, args, end.saturating_sub(position), out, context)
}

/// `count` bytes: zeros, or what the second argument says.
fn fill(
    statement: &Statement<'_>,
    args: &[Term<'_>],
    count: u64,
    out: &mut Vec<u8>,
    context: &mut Context<'_>,
) -> Read<()> {
    let byte = match args.get(1) {
        Some(term) => context.wrapped(term, 8)? as u8,
        None => 0,
    };
    if let Some(term) = args.get(2) {
        return Err(unexpected(term, "`;`"));
    }
    context.make(count, statement.span)?;
    out.resize(out.len().saturating_add(usize::try_from(count).unwrap_or(usize::MAX)), byte);
    Ok(())
}

/// `file "name" offset=16 size=32;`
fn file(
    statement: &Statement<'_>,
    args: &[Term<'_>],
    out: &mut Vec<u8>,
    context: &mut Context<'_>,
) -> Read<()> {
    let Some(TermKind::Str(name)) = args.first().map(|term| &term.kind) else {
        let expected = "the name of a file, as a string";
        let error = args.first().map(|term| unexpected(term, expected));
        return Err(error.unwrap_or_else(|| missing(statement, expected)));
    };
    let (mut offset, mut size) = (0, None);
    for term in args.iter().skip(1) {
        match &term.kind {
            TermKind::Attr("offset", value) => offset = context.unsigned(value, 63)?,
            TermKind::Attr("size", value) => size = Some(context.unsigned(value, u64::BITS)?),
            _ => return Err(unexpected(term, "`offset=` or `size=`")),
        }
    }
    let (mut file, length) = files::open(name, statement.span, context)?;
    let rest = length.saturating_sub(offset);
    let wanted = size.unwrap_or(rest);
    let short = |found: u64| {
        let name = String::from_utf8_lossy(name);
        let message = format!("{name} has only {found} bytes from there on");
        Diagnostic::error(statement.span, message)
    };
    if wanted > rest {
        return Err(short(rest));
    }
    context.include(name, wanted, statement.span)?;
    let read = file
        .seek(SeekFrom::Start(offset))
        .and_then(|_| file.take(wanted).read_to_end(out))
        .map_err(|error| files::failed(name, statement.span, &error))?;
    // It may have become shorter meanwhile.
    if read as u64 == wanted { Ok(()) } else { Err(short(read as u64)) }
}

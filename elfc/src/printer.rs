//! Text in the notation: what a description is printed with.
//!
//! A printer knows how names, strings, numbers and bytes are written, and where a line starts; what
//! is written it is told by the module of each kind of content. Text is collected in one buffer,
//! which is handed to the output when it is large.
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! let mut text = Vec::new();
//! let mut printer = elfc::Printer::new(&mut text);
//! printer.text("section ");
//! printer.name(b".text");
//! printer.hex_attribute("offset", 64);
//! printer.open();
//! printer.hex(&[0x55, 0xc3]);
//! printer.close();
//! printer.finish()?;
//! assert_eq!(text, b"section .text offset=0x40 {\n    hex { 55c3 }\n}\n");
//! # Ok(())
//! # }
//! ```

use std::io::{self, Write};

/// The buffer is handed to the output when it is longer than this, in bytes.
const FLUSH_AT: usize = 1 << 20;
/// How far a block is set in, in columns.
const INDENT: usize = 4;
/// The bytes of a line of a hex run.
const HEX_LINE: usize = 32;
/// The bytes of a hex run that stand without a space between.
const HEX_GROUP: usize = 4;
/// As many zero bytes at least are written as a `fill`.
const FILL_LEAST: usize = 4 * HEX_LINE;
/// Where a line of strings ends, in columns.
const STRINGS_WIDTH: usize = 100;

/// Words that mean something to the notation, wherever they start a statement or stand before a
/// block. A name that is one of them is written as a string.
const RESERVED: &[&str] =
    &["include", "let", "default", "repeat", "if", "else", "def", "use", "hex", "in"];

/// Text in the making.
pub struct Printer<'w> {
    out: Vec<u8>,
    sink: &'w mut dyn Write,
    error: Option<io::Error>,
    depth: usize,
}

impl<'w> Printer<'w> {
    /// A printer to `sink`.
    pub fn new(sink: &'w mut dyn Write) -> Self {
        Self { out: Vec::with_capacity(FLUSH_AT + (1 << 16)), sink, error: None, depth: 0 }
    }

    /// Hands what is left to the output.
    ///
    /// # Errors
    /// The first error of writing to the output.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush();
        match self.error.take() {
            Some(error) => Err(error),
            None => self.sink.flush(),
        }
    }

    /// Whether the output takes no more: what is still printed is lost.
    pub fn has_failed(&self) -> bool {
        self.error.is_some()
    }

    fn flush(&mut self) {
        if self.error.is_none()
            && let Err(error) = self.sink.write_all(&self.out)
        {
            self.error = Some(error);
        }
        self.out.clear();
    }

    /// Text as it is.
    pub fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// A space, and text as it is: a word after another.
    pub fn word(&mut self, word: &str) {
        self.out.push(b' ');
        self.text(word);
    }

    /// A name: a word where the notation takes it for one, else a string.
    pub fn name(&mut self, name: &[u8]) {
        if is_word(name) {
            self.out.extend_from_slice(name);
        } else {
            self.string(name);
        }
    }

    /// A string. Characters that a terminal could mistake are escaped.
    pub fn string(&mut self, bytes: &[u8]) {
        self.out.push(b'"');
        push_escaped(&mut self.out, bytes);
        self.out.push(b'"');
    }

    /// A number in base 10.
    pub fn dec(&mut self, value: u64) {
        push_dec(&mut self.out, value);
    }

    /// A number in base 16, with its `0x`.
    pub fn hex_number(&mut self, value: u64) {
        self.hex_padded(value, 1);
    }

    /// A number in base 16, with its `0x`, of at least `width` digits.
    pub fn hex_padded(&mut self, value: u64, width: usize) {
        self.out.extend_from_slice(b"0x");
        push_hex(&mut self.out, value, width);
    }

    /// A number that may be negative: small ones in base 10, others in base 16.
    pub fn signed(&mut self, value: i64) {
        if value < 0 {
            self.out.push(b'-');
        }
        self.number(value.unsigned_abs());
    }

    /// A number: small ones in base 10, others in base 16.
    pub fn number(&mut self, value: u64) {
        const LARGEST_IN_BASE_10: u64 = 4095;
        if value <= LARGEST_IN_BASE_10 {
            self.dec(value);
        } else {
            self.hex_number(value);
        }
    }

    /// ` name=`: the value follows.
    pub fn attribute(&mut self, name: &str) {
        self.word(name);
        self.out.push(b'=');
    }

    /// ` name=12`
    pub fn dec_attribute(&mut self, name: &str, value: u64) {
        self.attribute(name);
        self.number(value);
    }

    /// ` name=0x40`
    pub fn hex_attribute(&mut self, name: &str, value: u64) {
        self.attribute(name);
        self.hex_number(value);
    }

    /// The length of what is printed and not yet handed on, for [`Self::pad`].
    pub fn mark(&self) -> usize {
        self.out.len()
    }

    /// Spaces, until what was printed since `mark` is `width` long.
    pub fn pad(&mut self, mark: usize, width: usize) {
        self.out.resize(self.out.len().max(mark.saturating_add(width)), b' ');
    }

    /// The start of a line.
    pub fn indent(&mut self) {
        self.out.resize(self.out.len() + self.depth * INDENT, b' ');
    }

    /// The end of a statement and its line.
    pub fn end(&mut self) {
        self.out.extend_from_slice(b";\n");
        self.relieve();
    }

    /// The end of a line.
    pub fn end_line(&mut self) {
        self.out.push(b'\n');
        self.relieve();
    }

    fn relieve(&mut self) {
        if self.out.len() > FLUSH_AT {
            self.flush();
        }
    }

    /// ` {` and a new line; what follows is set in.
    pub fn open(&mut self) {
        self.text(" {\n");
        self.depth += 1;
    }

    /// A line with `}`.
    pub fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.indent();
        self.text("}\n");
        self.relieve();
    }

    /// ` { STATEMENT {` and a new line: a block of which one statement is all. What follows is set
    /// in once.
    pub fn open_inner(&mut self, statement: &str) {
        self.text(" { ");
        self.text(statement);
        self.open();
    }

    /// A line with `} }`: the end of [`Self::open_inner`].
    pub fn close_inner(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.indent();
        self.text("} }\n");
        self.relieve();
    }

    /// A line with `} } }`: the end of a block in [`Self::open_inner`] that stands in another one.
    pub fn close_both(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.indent();
        self.text("} } }\n");
        self.relieve();
    }

    /// The bytes of contents, as lines of a block: hex runs, and `fill` for many zeros.
    pub fn hex(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() && self.error.is_none() {
            let zeros = leading_zero_lines(rest);
            if zeros >= FILL_LEAST || zeros == rest.len() && zeros > HEX_LINE {
                self.indent();
                self.text("fill ");
                self.number(zeros as u64);
                self.end();
                rest = rest.get(zeros..).unwrap_or_default();
                continue;
            }
            let end = zeros_start(rest);
            let (run, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            self.hex_run(run);
            rest = after;
        }
    }

    /// One hex run.
    fn hex_run(&mut self, bytes: &[u8]) {
        self.indent();
        if bytes.len() <= HEX_LINE {
            self.hex_value(bytes);
            self.end_line();
            return;
        }
        self.text("hex {\n");
        self.depth += 1;
        for line in bytes.chunks(HEX_LINE) {
            self.indent();
            push_hex_line(&mut self.out, line);
            self.end_line();
        }
        self.close();
    }

    /// `hex { 55c3 }`, on the line where it stands.
    pub fn hex_value(&mut self, bytes: &[u8]) {
        self.text("hex { ");
        push_hex_line(&mut self.out, bytes);
        self.text(if bytes.is_empty() { "}" } else { " }" });
    }

    /// Whether [`Self::hex_value`] of this many bytes fits a line.
    pub const fn is_short(len: usize) -> bool {
        len <= HEX_LINE
    }

    /// Strings that close with a zero byte each, as lines of a block: `asciz "a" "b";`.
    pub fn strings<'b>(&mut self, strings: impl IntoIterator<Item = &'b [u8]>) {
        let mut line_start = None;
        for string in strings {
            match line_start {
                Some(start)
                    if self.out.len().saturating_sub(start) + string.len() + 4 < STRINGS_WIDTH =>
                {
                    self.out.push(b' ');
                }
                started => {
                    if started.is_some() {
                        self.end();
                    }
                    line_start = Some(self.out.len());
                    self.indent();
                    self.text("asciz ");
                }
            }
            self.string(string);
        }
        if line_start.is_some() {
            self.end();
        }
    }
}

/// Whether the notation takes these bytes for a word.
pub fn is_word(name: &[u8]) -> bool {
    let is_first =
        |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'$' | b'@');
    let Some((&first, rest)) = name.split_first() else {
        return false;
    };
    is_first(first)
        && rest.iter().all(|&byte| is_first(byte) || byte.is_ascii_digit())
        && !RESERVED.iter().any(|word| word.as_bytes() == name)
}

/// The bytes at the start that are zero, in whole lines of a hex run, or all.
fn leading_zero_lines(bytes: &[u8]) -> usize {
    let zeros = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
    if zeros == bytes.len() { zeros } else { zeros / HEX_LINE * HEX_LINE }
}

/// Where the first line starts from which on there are zeros enough for a `fill`; the end if there
/// is none.
fn zeros_start(bytes: &[u8]) -> usize {
    let is_zero = |line: &[u8]| line.iter().all(|&byte| byte == 0);
    let mut zeros = 0;
    for (index, line) in bytes.chunks(HEX_LINE).enumerate() {
        if !is_zero(line) {
            zeros = 0;
            continue;
        }
        zeros += line.len();
        // What begins with zeros was found to be too short.
        let end = index * HEX_LINE + line.len();
        if zeros >= FILL_LEAST && end > zeros {
            return end - zeros;
        }
    }
    bytes.len()
}

const HEX_DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The two digits of each byte.
const HEX_PAIRS: [[u8; 2]; 256] = {
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::indexing_slicing, reason = "in a constant")]
        {
            pairs[byte] = [HEX_DIGITS[byte >> 4], HEX_DIGITS[byte & 15]];
        }
        byte += 1;
    }
    pairs
};

fn pair(byte: u8) -> [u8; 2] {
    HEX_PAIRS.get(usize::from(byte)).copied().unwrap_or_default()
}

fn push_hex_line(out: &mut Vec<u8>, line: &[u8]) {
    let mut is_first = true;
    let mut groups = line.chunks_exact(HEX_GROUP);
    for group in groups.by_ref() {
        let mut text = [b' '; 1 + 2 * HEX_GROUP];
        for (place, &byte) in text.get_mut(1..).unwrap_or_default().chunks_mut(2).zip(group) {
            place.copy_from_slice(&pair(byte));
        }
        out.extend_from_slice(text.get(usize::from(is_first)..).unwrap_or_default());
        is_first = false;
    }
    let rest = groups.remainder();
    if !rest.is_empty() && !is_first {
        out.push(b' ');
    }
    for &byte in rest {
        out.extend_from_slice(&pair(byte));
    }
}

fn push_dec(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [b'0'; 20];
    let mut len = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
        len += 1;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - len..).unwrap_or_default());
}

fn push_hex(out: &mut Vec<u8>, value: u64, width: usize) {
    let needed = (u64::BITS - (value | 1).leading_zeros()).div_ceil(4) as usize;
    let mut digits = [0; 16];
    for (digit, &byte) in digits.chunks_exact_mut(2).zip(&value.to_be_bytes()) {
        digit.copy_from_slice(&pair(byte));
    }
    let start = digits.len() - needed.max(width).min(digits.len());
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

/// Appends bytes as they stand in a string, without its quotes.
fn push_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    let is_plain = |&byte: &u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if bytes.iter().all(is_plain) {
        out.extend_from_slice(bytes);
        return;
    }
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            push_character(out, character);
        }
        for &byte in chunk.invalid() {
            push_byte(out, byte);
        }
    }
}

fn push_character(out: &mut Vec<u8>, character: char) {
    let mut buffer = [0; 4];
    let encoded = character.encode_utf8(&mut buffer).as_bytes();
    match character {
        '"' | '\\' => out.extend_from_slice(&[b'\\', character as u8]),
        ' '..='~' => out.push(character as u8),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        // Letters of all languages; nothing that is invisible or turns the direction of text.
        _ if !character.is_ascii() && character.is_alphanumeric() => out.extend_from_slice(encoded),
        _ => encoded.iter().for_each(|&byte| push_byte(out, byte)),
    }
}

fn push_byte(out: &mut Vec<u8>, byte: u8) {
    out.extend_from_slice(b"\\x");
    out.extend_from_slice(&pair(byte));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(print: impl FnOnce(&mut Printer<'_>)) -> String {
        let mut text = Vec::new();
        let mut printer = Printer::new(&mut text);
        print(&mut printer);
        printer.finish().unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn names_are_quoted_where_they_are_no_words() {
        for word in [".text", "memcpy@GLIBC_2.2.5", "_", "$x", "a1"] {
            assert_eq!(text(|printer| printer.name(word.as_bytes())), word);
        }
        for name in ["", "1a", "a-b", "hex", "use", "a b"] {
            assert_eq!(text(|printer| printer.name(name.as_bytes())), format!("\"{name}\""));
        }
    }

    #[test]
    fn strings_hold_any_byte() {
        let print = |bytes: &[u8]| text(|printer| printer.string(bytes));
        assert_eq!(print(b"a\"b\\c\n\t\x00\x7f"), r#""a\"b\\c\n\t\x00\x7f""#);
        assert_eq!(print("zwölf".as_bytes()), "\"zwölf\"");
        assert_eq!(print("a\u{202e}".as_bytes()), r#""a\xe2\x80\xae""#);
        assert_eq!(print(b"\xff\xc3"), r#""\xff\xc3""#);
    }

    #[test]
    fn numbers_are_small_or_hexadecimal() {
        assert_eq!(text(|printer| printer.signed(-4)), "-4");
        assert_eq!(text(|printer| printer.signed(i64::MIN)), "-0x8000000000000000");
        assert_eq!(text(|printer| printer.number(4096)), "0x1000");
        assert_eq!(text(|printer| printer.hex_padded(0x2a, 4)), "0x002a");
    }

    #[test]
    fn long_runs_of_zeros_become_fills() {
        let mut bytes = vec![1; 40];
        bytes.extend([0; 200]);
        bytes.push(7);
        let printed = text(|printer| printer.hex(&bytes));
        let lines: Vec<&str> = printed.lines().collect();
        let ones = "01010101 01010101 01010101 01010101 01010101 01010101 01010101 01010101";
        assert_eq!(
            lines,
            [
                "hex {",
                &format!("    {ones}"),
                "    01010101 01010101 00000000 00000000 00000000 00000000 00000000 00000000",
                "}",
                "fill 160;",
                "hex { 00000000 00000000 00000000 00000000 07 }"
            ]
        );
        assert_eq!(text(|printer| printer.hex(&[0; 100])), "fill 100;\n");
        assert_eq!(text(|printer| printer.hex(&[0; 3])), "hex { 000000 }\n");
    }

    #[test]
    fn strings_share_lines() {
        let printed = text(|printer| printer.strings([&b"a"[..], b"", b"b c"]));
        assert_eq!(printed, "asciz \"a\" \"\" \"b c\";\n");
    }
}

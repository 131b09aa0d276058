//! What the text of a token stands for: `lexical.pest` by hand, for speed and for messages that
//! point at the one wrong character.

use std::borrow::Cow;

/// Why a token is wrong: the bytes of it that are, and what to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fault {
    /// Offset in the token's text of the first byte that is wrong.
    pub at: usize,
    /// How many bytes are.
    pub len: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
}

impl Fault {
    fn new(at: usize, len: usize, message: impl Into<String>, hint: &'static str) -> Self {
        Self { at, len, message: message.into(), hint }
    }
}

/// Class of a byte.
const WORD_START: u8 = 1;
const DIGIT: u8 = 2;
const BLANK: u8 = 4;

const CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "the index is below 256")]
const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'.' | b'$' | b'@' => WORD_START,
            b'0'..=b'9' => DIGIT,
            b' ' | b'\t' | b'\r' | b'\n' => BLANK,
            _ => 0,
        };
        byte += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "there are 256 entries")]
fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

/// Whether a word can start with this byte.
pub fn is_word_start(byte: u8) -> bool {
    class(byte) == WORD_START
}

/// Whether a word can go on with this byte.
pub fn is_word(byte: u8) -> bool {
    class(byte) & (WORD_START | DIGIT) != 0
}

/// Whether this byte separates terms.
pub fn is_blank(byte: u8) -> bool {
    class(byte) == BLANK
}

/// Whether a text is a word by itself.
pub fn is_whole_word(text: &[u8]) -> bool {
    text.first().is_some_and(|first| is_word_start(*first)) && text.iter().all(|b| is_word(*b))
}

/// The bytes from the start that a word is made of.
pub fn word_length(text: &[u8]) -> usize {
    text.iter().position(|byte| !is_word(*byte)).unwrap_or(text.len())
}

/// The offset behind blanks and comments from `at` on. A block comment that is not closed goes to
/// the end.
pub fn skip_trivia(text: &[u8], mut at: usize) -> usize {
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let blanks = rest.iter().position(|byte| !is_blank(*byte)).unwrap_or(rest.len());
        at = at.saturating_add(blanks);
        match comment_length(rest.get(blanks..).unwrap_or_default()) {
            0 => return at,
            length => at = at.saturating_add(length),
        }
    }
}

/// The length of the comment that a text starts with, without the line end; 0 if it does not.
pub fn comment_length(text: &[u8]) -> usize {
    match text {
        [b'/', b'/', rest @ ..] => {
            memchr::memchr(b'\n', rest).unwrap_or(rest.len()).saturating_add(2)
        }
        [b'/', b'*', rest @ ..] => {
            memchr::memmem::find(rest, b"*/").map_or(text.len(), |end| end.saturating_add(4))
        }
        _ => 0,
    }
}

/// The value of an integer token: digits of any base with a unit.
pub fn integer(text: &str) -> Result<i128, Fault> {
    let (base, from) = match text.as_bytes() {
        [b'0', b'x', ..] => (16, 2),
        [b'0', b'o', ..] => (8, 2),
        [b'0', b'b', ..] => (2, 2),
        _ => (10, 0),
    };
    let digits = text.get(from..).unwrap_or_default();
    let (digits, unit) = match digits.as_bytes().last() {
        Some(b'K') => (digits.strip_suffix('K'), 10),
        Some(b'M') => (digits.strip_suffix('M'), 20),
        Some(b'G') => (digits.strip_suffix('G'), 30),
        Some(b'T') => (digits.strip_suffix('T'), 40),
        _ => (Some(digits), 0),
    };
    let digits = digits.unwrap_or_default();
    if digits.is_empty() {
        return Err(Fault::new(0, text.len(), format!("`{text}` has no digits"), ""));
    }
    let mut value: i128 = 0;
    let mut fits = true;
    let mut last_was_digit = false;
    for (index, character) in digits.char_indices() {
        if character == '_' && last_was_digit {
            last_was_digit = index.saturating_add(1) != digits.len();
            if last_was_digit {
                continue;
            }
        }
        let Some(digit) = character.to_digit(base) else {
            let at = from.saturating_add(index);
            let rest = text.get(at..).unwrap_or_default();
            return Err(Fault::new(
                at,
                rest.len(),
                format!("`{rest}` cannot stand in an integer of base {base}"),
                "the units are K, M, G and T; a name that starts with a digit is written in quotes",
            ));
        };
        last_was_digit = true;
        match value.checked_mul(i128::from(base)).and_then(|v| v.checked_add(i128::from(digit))) {
            Some(next) => value = next,
            None => fits = false,
        }
    }
    value
        .checked_mul(1 << unit)
        .filter(|_| fits)
        .ok_or_else(|| Fault::new(0, text.len(), "the integer does not fit 128 bits", ""))
}

/// The number of a character token, quotes included.
pub fn character(text: &str) -> Result<i128, Fault> {
    let whole = text.len();
    let bad =
        || Fault::new(0, whole, "this is not one character in quotes", "a text is written in \"\"");
    let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let inner = inner.ok_or_else(bad)?;
    if inner.starts_with('\\') {
        return match escape(inner, 1)? {
            (Escape::Byte(byte), length) if length == inner.len() => Ok(i128::from(byte)),
            (Escape::Character(one), length) if length == inner.len() => {
                Ok(i128::from(u32::from(one)))
            }
            _ => Err(bad()),
        };
    }
    let mut characters = inner.chars();
    match (characters.next(), characters.next()) {
        (Some(one), None) if one != '\'' && one != '\n' => Ok(i128::from(u32::from(one))),
        _ => Err(bad()),
    }
}

/// What an escape stands for.
enum Escape {
    Byte(u8),
    Character(char),
    /// The expression inside `\( )`, by its length.
    Expression(usize),
}

/// The escape that `text` starts with, and its length. `at` is where it stands in its token.
fn escape(text: &str, at: usize) -> Result<(Escape, usize), Fault> {
    let byte = |byte| Ok((Escape::Byte(byte), 2));
    match text.as_bytes() {
        [b'\\', b'n', ..] => byte(b'\n'),
        [b'\\', b't', ..] => byte(b'\t'),
        [b'\\', b'r', ..] => byte(b'\r'),
        [b'\\', b'0', ..] => byte(0),
        [b'\\', b'a', ..] => byte(0x07),
        [b'\\', b'b', ..] => byte(0x08),
        [b'\\', b'f', ..] => byte(0x0c),
        [b'\\', b'v', ..] => byte(0x0b),
        [b'\\', b'e', ..] => byte(0x1b),
        [b'\\', sign @ (b'\\' | b'"' | b'\''), ..] => byte(*sign),
        [b'\\', b'x', rest @ ..] => match rest {
            [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                Ok((Escape::Byte(super::hex::value(*high) << 4 | super::hex::value(*low)), 4))
            }
            _ => Err(Fault::new(at, 2, "expected two hexadecimal digits after `\\x`", "")),
        },
        [b'\\', b'u', b'{', ..] => {
            let digits = text.get(3..).and_then(|rest| rest.split_once('}')).map(|parts| parts.0);
            let digits = digits
                .filter(|d| (1..=6).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_hexdigit()));
            let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
            let length = digits.map_or(3, |digits| digits.len().saturating_add(4));
            match number.and_then(char::from_u32) {
                Some(character) => Ok((Escape::Character(character), length)),
                None => Err(Fault::new(
                    at,
                    length,
                    "expected the number of a character in `\\u{...}`",
                    "any byte is \\xNN",
                )),
            }
        }
        [b'\\', b'(', ..] => match closing(text.get(2..).unwrap_or_default()) {
            Some(length) => Ok((Escape::Expression(length), length.saturating_add(3))),
            None => Err(Fault::new(at, 2, "this `\\(` is not closed in the string", "")),
        },
        _ => {
            let length = text.chars().nth(1).map_or(1, |c| c.len_utf8().saturating_add(1));
            Err(Fault::new(
                at,
                length,
                format!("`{}` is no escape", text.get(..length).unwrap_or("\\")),
                "escapes are \\\\ \\\" \\n \\t \\r \\0 \\a \\b \\f \\v \\e \\xNN \\u{N} and \\(expression)",
            ))
        }
    }
}

/// Where the parenthesis that is open at the start is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth = depth.saturating_add(1),
            b')' if depth == 0 => return Some(at),
            b')' => depth = depth.saturating_sub(1),
            b'\\' | b'"' | b'\n' => return None,
            _ => {}
        }
    }
    None
}

/// The length of the string token that `text` starts with, quotes included; `None` if it does not
/// end in its line.
pub fn string_length(text: &[u8]) -> Option<usize> {
    let mut at = 1usize;
    loop {
        let rest = text.get(at..)?;
        let found = memchr::memchr3(b'"', b'\\', b'\n', rest)?;
        at = at.saturating_add(found).saturating_add(1);
        match rest.get(found) {
            Some(b'"') => return Some(at),
            // What is escaped does not end the string; a line end does all the same.
            Some(b'\\') if text.get(at) != Some(&b'\n') => at = at.saturating_add(1),
            _ => return None,
        }
    }
}

/// The bytes up to the end of the line that `text` starts in.
pub fn line_length(text: &[u8]) -> usize {
    memchr::memchr(b'\n', text).unwrap_or(text.len())
}

/// The length of the character token that `text` starts with, quotes included; `None` if it does
/// not end in its line.
pub fn character_length(text: &[u8]) -> Option<usize> {
    let mut at = 1usize;
    loop {
        match text.get(at)? {
            b'\'' if at > 1 => return Some(at.saturating_add(1)),
            b'\n' => return None,
            b'\\' => at = at.saturating_add(2),
            _ => at = at.saturating_add(1),
        }
    }
}

/// The bytes of a string token. `token` has its quotes; `interpolate` gives the bytes for the
/// expression that stands at an offset of the token with a length.
pub fn string<E: From<Fault>>(
    token: &str,
    mut interpolate: impl FnMut(usize, usize) -> Result<Vec<u8>, E>,
) -> Result<Cow<'_, [u8]>, E> {
    let inner = token.get(1..token.len().saturating_sub(1)).unwrap_or_default();
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(inner.as_bytes()));
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner;
    let mut at = 1usize;
    while let Some(length) = memchr::memchr(b'\\', rest.as_bytes()) {
        bytes.extend_from_slice(rest.as_bytes().get(..length).unwrap_or_default());
        at = at.saturating_add(length);
        rest = rest.get(length..).unwrap_or_default();
        let (what, length) = escape(rest, at)?;
        match what {
            Escape::Byte(byte) => bytes.push(byte),
            Escape::Character(one) => {
                bytes.extend_from_slice(one.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Escape::Expression(length) => {
                bytes.extend_from_slice(&interpolate(at.saturating_add(2), length)?);
            }
        }
        at = at.saturating_add(length);
        rest = rest.get(length..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(Cow::Owned(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        for (text, value) in [
            ("0", 0),
            ("64", 64),
            ("010", 10),
            ("0x40_1000", 0x401000),
            ("0xffffffffffffffff", 0xffff_ffff_ffff_ffff),
            ("0o644", 0o644),
            ("0b1010", 10),
            ("4K", 4096),
            ("0x10M", 16 << 20),
            ("1_000__000", 1_000_000),
            ("170141183460469231731687303715884105727", i128::MAX),
        ] {
            assert_eq!(integer(text), Ok(value), "{text}");
        }
        for text in ["", "0x", "K", "1_", "_1", "12ab", "0b2", "0o8", "1KK", "1_K"] {
            assert!(integer(text).is_err(), "{text}");
        }
        assert!(integer("170141183460469231731687303715884105728").is_err());
        assert!(integer("170141183460469231731687303715884105727T").is_err());
    }

    #[test]
    fn characters() {
        for (text, value) in [("'a'", 97), ("'\\n'", 10), ("'\\xff'", 255), ("'ä'", 228)] {
            assert_eq!(character(text), Ok(value), "{text}");
        }
        assert_eq!(character("'\\''"), Ok(39));
        assert_eq!(character("'\\u{1F600}'"), Ok(0x1F600));
        for text in ["''", "'ab'", "'\\q'", "'\\n0'", "'", "'\\(1)'"] {
            assert!(character(text).is_err(), "{text}");
        }
    }

    fn decode(token: &str) -> Result<Vec<u8>, Fault> {
        string(token, |_, _| Ok(b"<>".to_vec())).map(Cow::into_owned)
    }

    #[test]
    fn strings() {
        assert_eq!(decode(r#""a\x00\xffb\n\u{e4}\"\\\e""#).unwrap(), b"a\0\xffb\n\xc3\xa4\"\\\x1b");
        assert_eq!(decode(r#""s\(i + (1))z""#).unwrap(), b"s<>z");
        assert_eq!(decode(r#""""#).unwrap(), b"");
        let fault = decode(r#""ab\q""#).unwrap_err();
        assert_eq!((fault.at, fault.len), (3, 2));
        for token in [r#""\x1""#, r#""\u{110000}""#, r#""\u{}""#, r#""\(1""#, r#""\x+1""#] {
            assert!(decode(token).is_err(), "{token}");
        }
    }

    #[test]
    fn string_ends() {
        assert_eq!(string_length(br#""ab"c"#), Some(4));
        assert_eq!(string_length(br#""a\"b"c"#), Some(6));
        assert_eq!(string_length(br#""a\\"c"#), Some(5));
        assert_eq!(string_length(b"\"a\nb\""), None);
        assert_eq!(string_length(b"\"a\\\nb\""), None);
        assert_eq!(string_length(b"\"a\\"), None);
    }
}

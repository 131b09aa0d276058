//! The text of a grammar below the level of its syntax: comments, strings, brackets.

use std::ops::Range;

/// Brackets inside brackets, and comments inside comments.
const MAX_NESTING: usize = 200;

/// What is wrong at a place of a text, in bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Its start.
    pub at: usize,
    /// Its end.
    pub end: usize,
    /// What it is.
    pub message: String,
}

fn wrong<T>(at: usize, length: usize, message: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { at, end: at.saturating_add(length), message: message.into() })
}

/// Finds what a parser by descent must not meet: a comment that does not end, of which pest would
/// try all readings, and brackets that are nested too deep.
///
/// Stops quietly at a string that does not end: the parser gets no further.
pub fn check(text: &str) -> Result<(), Wrong> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        at = at.saturating_add(match rest {
            [b'/', b'/', ..] => memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
            [b'/', b'*', ..] => block_comment(rest, at)?,
            [b'"', ..] => match string(rest) {
                Some(length) => length,
                None => return Ok(()),
            },
            [b'\'', ..] => match character(rest) {
                Some(length) => length,
                None => return Ok(()),
            },
            [b'(', ..] => {
                depth = depth.saturating_add(1);
                if depth > MAX_NESTING {
                    return wrong(at, 1, format!("brackets nested more than {MAX_NESTING} deep"));
                }
                1
            }
            [b')', ..] => {
                depth = depth.saturating_sub(1);
                1
            }
            _ => 1,
        });
    }
    Ok(())
}

/// The length of the comment at the start of `rest`, which is at offset `at` of the text.
fn block_comment(rest: &[u8], at: usize) -> Result<usize, Wrong> {
    let mut depth = 0_usize;
    let mut length = 0_usize;
    loop {
        match rest.get(length..) {
            Some([b'/', b'*', ..]) => {
                depth = depth.saturating_add(1);
                if depth > MAX_NESTING {
                    return wrong(at, 2, format!("comments nested more than {MAX_NESTING} deep"));
                }
                length = length.saturating_add(2);
            }
            Some([b'*', b'/', ..]) => {
                depth = depth.saturating_sub(1);
                length = length.saturating_add(2);
                if depth == 0 {
                    return Ok(length);
                }
            }
            Some([_, ..]) => length = length.saturating_add(1),
            _ => return wrong(at, 2, "this comment does not end"),
        }
    }
}

/// The length of the string at the start of `rest`.
fn string(rest: &[u8]) -> Option<usize> {
    let mut at = 1_usize;
    loop {
        match rest.get(at)? {
            b'"' => return at.checked_add(1),
            b'\\' => at = at.checked_add(2)?,
            _ => at = at.checked_add(1)?,
        }
    }
}

/// The length of the quoted character at the start of `rest`.
fn character(rest: &[u8]) -> Option<usize> {
    /// No escape is longer than that of a code of six digits.
    const LONGEST: usize = 12;
    let from = if rest.get(1) == Some(&b'\\') { 3_usize } else { 2 };
    let end = rest.iter().skip(from).take(LONGEST).position(|&byte| byte == b'\'')?;
    from.checked_add(end)?.checked_add(1)
}

/// What a text inside quotes means, or the place of a number that no character has. The syntax of
/// escapes has been checked before.
pub fn unescape(text: &str) -> Result<String, (usize, usize)> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        out.push_str(plain);
        let start = text.len().saturating_sub(escaped.len()).saturating_sub(1);
        let mut characters = escaped.chars();
        let (character, behind) = match characters.next() {
            Some('x') => {
                let (digits, behind) = escaped.split_at_checked(3).unwrap_or((escaped, ""));
                (code(digits.get(1..).unwrap_or_default()), behind)
            }
            Some('u') => {
                let (digits, behind) = escaped.split_once('}').unwrap_or((escaped, ""));
                (code(digits.get(2..).unwrap_or_default()), behind)
            }
            other => (
                Some(match other {
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('t') => '\t',
                    Some('0') => '\0',
                    Some(character) => character,
                    None => '\\',
                }),
                characters.as_str(),
            ),
        };
        let Some(character) = character else {
            return Err((start, text.len().saturating_sub(behind.len())));
        };
        out.push(character);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

fn code(digits: &str) -> Option<char> {
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

/// The definition that the offset `at` lies in, by the look of its lines: from a line that starts
/// with `name =` up to the next such line; and that name. The start of the text, before the first,
/// has none.
///
/// Where a definition starts right at `at` and the one before has no end, it is the one before: its
/// `}` is missing.
pub fn definition_around(text: &str, at: usize) -> (Range<usize>, Option<String>) {
    let mut found = 0..text.len();
    let mut name = None;
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        if let Some(defined) = defined_name(line) {
            let before = text.get(found.start..start).unwrap_or_default().trim_end();
            let is_open = name.is_some() && !before.is_empty() && !before.ends_with('}');
            if start > at || (start == at && is_open) {
                found.end = start;
                break;
            }
            found.start = start;
            name = Some(defined.to_owned());
        }
        start = start.saturating_add(line.len());
    }
    (found, name)
}

/// The name that a line starts to define.
fn defined_name(line: &str) -> Option<&str> {
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, rest) = line.split_at_checked(end)?;
    (!name.is_empty() && rest.trim_start().starts_with('=')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_must_end_and_brackets_have_a_limit() {
        assert_eq!(check("a = { \"/*\" ~ '\"' ~ \"\\\"/*\" } // /*\n/* /* */ */"), Ok(()));
        assert_eq!(check("a /* /* */").unwrap_err().at, 2);
        assert_eq!(check(&"/*".repeat(100_000)).unwrap_err().at, 0);
        assert!(check(&"(".repeat(MAX_NESTING)).is_ok());
        assert!(check(&"(".repeat(MAX_NESTING + 1)).is_err());
        assert_eq!(check("'\\u{10FFFF}' ('('..')')"), Ok(()));
    }

    #[test]
    fn escapes_are_characters() {
        assert_eq!(
            unescape(r#"a\n\r\t\0\\\"\'\x41\u{1F600}b"#).unwrap(),
            "a\n\r\t\0\\\"'A\u{1F600}b"
        );
        assert_eq!(unescape(r"ab\u{D800}c"), Err((2, 10)));
        assert_eq!(unescape(r"\xff").unwrap(), "\u{ff}");
    }

    #[test]
    fn definitions_are_known_by_their_first_line() {
        let text = "// x\na = { b }\nb = {\n  c }\nd={e}";
        let name = |at| definition_around(text, at).1;
        assert_eq!(name(0), None);
        assert_eq!(name(6).as_deref(), Some("a"));
        assert_eq!(name(24).as_deref(), Some("b"));
        assert_eq!(definition_around(text, 24).0, 15..27);
        assert_eq!(name(text.len()).as_deref(), Some("d"));
        assert_eq!(definition_around("a = { b\nc = { d }", 8).1.as_deref(), Some("a"));
        assert_eq!(definition_around("a = { b }\nc = { d }", 10).1.as_deref(), Some("c"));
    }
}

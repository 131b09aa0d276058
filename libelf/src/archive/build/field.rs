//! The text fields of a header: what is given for them, and how it is written.

use std::borrow::Cow;

use crate::error::{Problem, Result};

/// A number that a header holds as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Text<'data> {
    /// What the rest of the archive says it must be.
    #[default]
    Auto,
    /// This value; an error when its digits do not fit the field.
    Is(u64),
    /// This text, padded with spaces, cut to the width of the field.
    Raw(Cow<'data, [u8]>),
}

/// A field of `struct ar_hdr`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub what: &'static str,
    pub start: usize,
    pub width: usize,
    pub base: u64,
}

pub(super) const NAME: Column = Column { what: "ar_name", start: 0, width: 16, base: 10 };
pub(super) const DATE: Column = Column { what: "ar_date", start: 16, width: 12, base: 10 };
pub(super) const UID: Column = Column { what: "ar_uid", start: 28, width: 6, base: 10 };
pub(super) const GID: Column = Column { what: "ar_gid", start: 34, width: 6, base: 10 };
pub(super) const MODE: Column = Column { what: "ar_mode", start: 40, width: 8, base: 8 };
pub(super) const SIZE: Column = Column { what: "ar_size", start: 48, width: 10, base: 10 };
pub(super) const END: Column = Column { what: "ar_fmag", start: 58, width: 2, base: 10 };

pub(super) const HEADER_SIZE: usize = 60;

/// A header that is being written: spaces where nothing was put.
pub(super) struct HeaderText(pub [u8; HEADER_SIZE]);

impl HeaderText {
    pub fn new() -> Self {
        Self([b' '; HEADER_SIZE])
    }

    /// Puts `text` at the start of a field, as much of it as fits.
    pub fn put(&mut self, column: Column, text: &[u8]) {
        let field = self.0.iter_mut().skip(column.start).take(column.width);
        for (byte, &given) in field.zip(text) {
            *byte = given;
        }
    }

    /// Puts a number; `auto` is the one for a field that is not given, `None` for blanks.
    pub fn put_number(&mut self, column: Column, text: &Text, auto: Option<u64>) -> Result<()> {
        match (text, auto) {
            (Text::Auto, None) => {}
            (Text::Auto, Some(value)) | (&Text::Is(value), _) => {
                let mut digits = [0; MAX_DIGITS];
                let digits = digits_of(value, column.base, &mut digits);
                if digits.len() > column.width {
                    return Err(Problem::TooWide {
                        what: column.what,
                        value,
                        width: column.width as u64,
                    }
                    .into());
                }
                self.put(column, digits);
            }
            (Text::Raw(text), _) => self.put(column, text),
        }
        Ok(())
    }
}

/// The digits of the largest number in octal.
const MAX_DIGITS: usize = 22;

fn digits_of(value: u64, base: u64, buffer: &mut [u8; MAX_DIGITS]) -> &[u8] {
    let mut left = value;
    let mut count = 0;
    for byte in buffer.iter_mut().rev() {
        *byte = b'0'.wrapping_add((left % base) as u8);
        left /= base;
        count += 1;
        if left == 0 {
            break;
        }
    }
    buffer.get(MAX_DIGITS - count..).unwrap_or_default()
}

/// The bytes of a field of a stored header.
pub(super) fn column(header: &[u8; HEADER_SIZE], column: Column) -> &[u8] {
    header.get(column.start..).and_then(|tail| tail.get(..column.width)).unwrap_or_default()
}

/// Cuts the spaces at the end: a writer puts them back.
pub(super) fn trim(field: &[u8]) -> &[u8] {
    let end = field.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
    field.get(..end).unwrap_or_default()
}

/// A stored field: its value, if a writer makes the same text of it.
pub(super) fn read(header: &[u8; HEADER_SIZE], from: Column) -> Text<'_> {
    let text = trim(column(header, from));
    let mut value = Some(0u64);
    for &byte in text {
        let digit = u64::from(byte.wrapping_sub(b'0'));
        value = value
            .filter(|_| digit < from.base)
            .and_then(|value| value.checked_mul(from.base)?.checked_add(digit));
    }
    match value {
        Some(value) if digits_of(value, from.base, &mut [0; MAX_DIGITS]) == text => Text::Is(value),
        _ => Text::Raw(Cow::Borrowed(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_in_the_base_of_the_column() {
        let mut header = HeaderText::new();
        header.put_number(MODE, &Text::Is(0o100_644), None).unwrap();
        header.put_number(SIZE, &Text::Is(9_999_999_999), None).unwrap();
        header.put_number(DATE, &Text::Auto, Some(0)).unwrap();
        header.put_number(UID, &Text::Raw(b"-1234567"[..].into()), None).unwrap();
        assert_eq!(column(&header.0, MODE), b"100644  ");
        assert_eq!(column(&header.0, SIZE), b"9999999999");
        assert_eq!(column(&header.0, DATE), b"0           ");
        assert_eq!(column(&header.0, UID), b"-12345");
        assert_eq!(column(&header.0, GID), b"      ");
        assert_eq!(read(&header.0, MODE), Text::Is(0o100_644));
        assert_eq!(read(&header.0, UID), Text::Raw(b"-12345"[..].into()));
        assert_eq!(read(&header.0, GID), Text::Raw(b""[..].into()));
        let error = header.put_number(SIZE, &Text::Is(10_000_000_000), None).unwrap_err();
        assert!(matches!(error.problem, Problem::TooWide { width: 10, .. }));
        assert_eq!(digits_of(u64::MAX, 8, &mut [0; MAX_DIGITS]).len(), MAX_DIGITS);
    }

    #[test]
    fn a_number_that_is_written_otherwise_stays_text() {
        for text in [&b"007"[..], b" 7", b"7x", b"8", b"+7"] {
            let mut header = HeaderText::new();
            header.put(MODE, text);
            assert_eq!(read(&header.0, MODE), Text::Raw(text.into()));
        }
    }
}

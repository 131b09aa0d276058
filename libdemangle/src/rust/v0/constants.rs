//! Constants: generic arguments that are values, and the lengths of arrays.

use super::types::basic_type;
use super::{Machine, Step};
use crate::Error;

impl<'a> Machine<'a> {
    /// ```text
    /// <const> = <type> <const-data> | "p" | <backref>
    /// <const-data> = ["n"] {<hex-digit>} "_"
    /// ```
    pub(super) fn constant(&mut self) -> Result<(), Error> {
        self.enter()?;
        let tag = self.byte()?;
        match tag {
            b'B' => return self.back_reference(Step::Const),
            b'p' => {
                self.put(b"_")?;
                self.then([Step::Leave]);
                return Ok(());
            }
            b'h' | b't' | b'm' | b'y' | b'o' | b'j' => self.integer()?,
            b'a' | b's' | b'l' | b'x' | b'n' | b'i' => {
                if self.eat(b'n') {
                    self.put(b"-")?;
                }
                self.integer()?;
            }
            b'b' => match self.hex_digits()? {
                b"0" => self.put(b"false")?,
                b"1" => self.put(b"true")?,
                _ => return Err(Error::NotMangled),
            },
            b'c' => self.character()?,
            _ => return Err(Error::NotMangled),
        }
        if self.verbose {
            self.put(b": ")?;
            self.put(basic_type(tag).unwrap_or_default().as_bytes())?;
        }
        self.then([Step::Leave]);
        Ok(())
    }

    /// Digits up to a `_`, at least one.
    fn hex_digits(&mut self) -> Result<&'a [u8], Error> {
        let start = self.next;
        loop {
            match self.byte()? {
                b'0'..=b'9' | b'a'..=b'f' => {}
                b'_' => break,
                _ => return Err(Error::NotMangled),
            }
        }
        let digits = self.name.get(start..self.next.saturating_sub(1)).unwrap_or_default();
        if digits.is_empty() { Err(Error::NotMangled) } else { Ok(digits) }
    }

    fn integer(&mut self) -> Result<(), Error> {
        let digits = self.hex_digits()?;
        if digits.len() <= 16 {
            return self.put_number(value(digits));
        }
        // What does not fit 64 bits is printed as GNU does, from the second digit to the `_`.
        self.put(b"0x")?;
        self.put(digits.get(1..).unwrap_or_default())?;
        self.put(b"_")
    }

    fn character(&mut self) -> Result<(), Error> {
        let digits = self.hex_digits()?;
        if digits.len() > 8 {
            return Err(Error::NotMangled);
        }
        self.put(b"'")?;
        match value(digits) {
            0x09 => self.put(b"\\t")?,
            0x0a => self.put(b"\\n")?,
            0x0d => self.put(b"\\r")?,
            value @ 0x21..=0x7d => self.put(&[value as u8])?,
            value => {
                self.put(b"\\u{")?;
                self.put_hexadecimal(value)?;
                self.put(b"}")?;
            }
        }
        self.put(b"'")
    }
}

/// The value of at most 16 hexadecimal digits.
fn value(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value, &digit| {
        let digit = if digit <= b'9' { digit & 0xf } else { (digit & 0xf).wrapping_add(9) };
        value << 4 | u64::from(digit)
    })
}

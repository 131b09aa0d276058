//! Values that are arguments of templates.

use super::{Reader, value};
use crate::Error;

impl Reader<'_> {
    /// ```text
    /// Value = "n" | ["i"] Number | "N" Number | "e" HexFloat | "c" HexFloat "c" HexFloat
    ///       | ("a" | "w" | "d") Number "_" {HexDigit} | "A" Number {Value} | "S" Number {Value}
    ///       | "f" MangledName
    /// ```
    /// `kind` is the first letter of its type, 0 where that is not known.
    pub(super) fn value(&mut self, kind: u8) -> Result<(), Error> {
        self.nested(|this| {
            if this.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return this.integer(kind);
            }
            match this.byte()? {
                b'n' => this.put(b"null"),
                b'N' => {
                    this.put(b"-")?;
                    this.integer(kind)
                }
                b'i' => this.integer(kind),
                b'e' => this.real(),
                b'c' => {
                    this.real()?;
                    this.put(b"+")?;
                    if !this.eat(b'c') {
                        return Err(Error::NotMangled);
                    }
                    this.real()?;
                    this.put(b"i")
                }
                width @ (b'a' | b'w' | b'd') => this.string(width),
                b'A' => this.array(kind == b'H'),
                b'S' => this.fields(),
                b'f' => this.nested(Self::mangled_name),
                _ => Err(Error::NotMangled),
            }
        })
    }

    fn integer(&mut self, kind: u8) -> Result<(), Error> {
        let (start, end) = self.digits()?;
        let digits = self.name.get(start..end).unwrap_or_default();
        if digits.is_empty() {
            return Err(Error::NotMangled);
        }
        match kind {
            b'a' | b'u' | b'w' => {
                let value = u32::try_from(value(digits)?).map_err(|_| Error::NotMangled)?;
                self.put(b"'")?;
                match (kind, value) {
                    (b'a', 0x20..=0x7e) => self.put(&[value as u8])?,
                    (b'a', _) => self.put_hex(b"\\x", value, 2)?,
                    (b'u', _) => self.put_hex(b"\\u", value, 4)?,
                    _ => self.put_hex(b"\\U", value, 8)?,
                }
                self.put(b"'")
            }
            b'b' => {
                let value = value(digits)?;
                self.put(if value == 0 { b"false" } else { b"true" })
            }
            _ => {
                self.put_range(start, end)?;
                self.put(match kind {
                    b'h' | b't' | b'k' => b"u",
                    b'l' => b"L",
                    b'm' => b"uL",
                    _ => b"",
                })
            }
        }
    }

    /// A number in hexadecimal, of at least so many digits.
    fn put_hex(&mut self, prefix: &[u8], value: u32, width: u32) -> Result<(), Error> {
        self.put(prefix)?;
        let digits = value.checked_ilog(16).unwrap_or_default().saturating_add(1).max(width);
        for place in (0..digits).rev() {
            let digit = value.checked_shr(place.saturating_mul(4)).unwrap_or_default() & 0xf;
            let digit = u8::try_from(digit).unwrap_or_default();
            self.put(&[if digit < 10 { b'0' | digit } else { digit.wrapping_add(b'a' - 10) }])?;
        }
        Ok(())
    }

    /// ```text
    /// HexFloat = "NAN" | "INF" | "NINF" | ["N"] {HexDigit} "P" ["N"] Number
    /// ```
    fn real(&mut self) -> Result<(), Error> {
        for (code, words) in [(&b"NAN"[..], &b"NaN"[..]), (b"INF", b"Inf"), (b"NINF", b"-Inf")] {
            if self.rest().starts_with(code) {
                self.skip(code.len());
                return self.put(words);
            }
        }
        if self.eat(b'N') {
            self.put(b"-")?;
        }
        let first = self.byte()?;
        if !first.is_ascii_hexdigit() {
            return Err(Error::NotMangled);
        }
        self.put(b"0x")?;
        self.put(&[first])?;
        self.put(b".")?;
        let start = self.next;
        while self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
            self.skip(1);
        }
        self.put_range(start, self.next)?;
        if !self.eat(b'P') {
            return Err(Error::NotMangled);
        }
        self.put(b"p")?;
        if self.eat(b'N') {
            self.put(b"-")?;
        }
        let (start, end) = self.digits()?;
        self.put_range(start, end)
    }

    fn string(&mut self, width: u8) -> Result<(), Error> {
        let length = self.number()?;
        if !self.eat(b'_') {
            return Err(Error::NotMangled);
        }
        self.put(b"\"")?;
        for _ in 0..length {
            let start = self.next;
            let high = self.hex_digit()?;
            let low = self.hex_digit()?;
            match high << 4 | low {
                b'\t' => self.put(b"\\t")?,
                b'\n' => self.put(b"\\n")?,
                b'\r' => self.put(b"\\r")?,
                0x0c => self.put(b"\\f")?,
                0x0b => self.put(b"\\v")?,
                byte @ 0x20..=0x7e => self.put(&[byte])?,
                _ => {
                    self.put(b"\\x")?;
                    self.put_range(start, self.next)?;
                }
            }
        }
        self.put(b"\"")?;
        if width == b'a' { Ok(()) } else { self.put(&[width]) }
    }

    fn hex_digit(&mut self) -> Result<u8, Error> {
        let byte = self.byte()?;
        let digit = char::from(byte).to_digit(16).ok_or(Error::NotMangled)?;
        u8::try_from(digit).map_err(|_| Error::NotMangled)
    }

    fn array(&mut self, is_associative: bool) -> Result<(), Error> {
        let length = self.number()?;
        self.put(b"[")?;
        for index in 0..length {
            if index > 0 {
                self.put(b", ")?;
            }
            self.value(0)?;
            if is_associative {
                self.put(b":")?;
                self.value(0)?;
            }
        }
        self.put(b"]")
    }

    fn fields(&mut self) -> Result<(), Error> {
        let length = self.number()?;
        self.put(b"(")?;
        for index in 0..length {
            if index > 0 {
                self.put(b", ")?;
            }
            self.value(0)?;
        }
        self.put(b")")
    }
}

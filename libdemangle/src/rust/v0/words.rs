//! What names are made of: numbers and identifiers.

use super::super::punycode;
use super::Machine;
use crate::Error;

/// The characters of an identifier: those in ASCII, and codes for all others.
pub(super) struct Ident<'a> {
    pub ascii: &'a [u8],
    pub codes: &'a [u8],
}

impl Ident<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.ascii.is_empty() && self.codes.is_empty()
    }
}

impl<'a> Machine<'a> {
    /// ```text
    /// <base-62-number> = {<0-9a-zA-Z>} "_"
    /// ```
    pub(super) fn base62(&mut self) -> Result<u64, Error> {
        if self.eat(b'_') {
            return Ok(0);
        }
        let mut value: u64 = 0;
        loop {
            let digit = match self.byte()? {
                digit @ b'0'..=b'9' => digit.wrapping_sub(b'0'),
                digit @ b'a'..=b'z' => digit.wrapping_sub(b'a').wrapping_add(10),
                digit @ b'A'..=b'Z' => digit.wrapping_sub(b'A').wrapping_add(36),
                b'_' => return Ok(value.wrapping_add(1)),
                _ => return Err(Error::NotMangled),
            };
            value = value.wrapping_mul(62).wrapping_add(u64::from(digit));
        }
    }

    /// A number after `tag`, from 1 on; 0 without.
    pub(super) fn optional_base62(&mut self, tag: u8) -> Result<u64, Error> {
        if self.eat(tag) { Ok(self.base62()?.wrapping_add(1)) } else { Ok(0) }
    }

    /// ```text
    /// <disambiguator> = "s" <base-62-number>
    /// ```
    pub(super) fn disambiguator(&mut self) -> Result<u64, Error> {
        self.optional_base62(b's')
    }

    /// ```text
    /// <undisambiguated-identifier> = ["u"] <decimal-number> ["_"] <bytes>
    /// ```
    pub(super) fn ident(&mut self) -> Result<Ident<'a>, Error> {
        let has_codes = self.eat(b'u');
        let first = self.byte()?;
        if !first.is_ascii_digit() {
            return Err(Error::NotMangled);
        }
        let mut length = u64::from(first.wrapping_sub(b'0'));
        if length != 0 {
            while let Some(digit @ b'0'..=b'9') = self.name.get(self.next) {
                length = length.wrapping_mul(10).wrapping_add(u64::from(digit.wrapping_sub(b'0')));
                self.next = self.next.saturating_add(1);
            }
        }
        self.eat(b'_');
        let rest = self.name.get(self.next..).unwrap_or_default();
        let length = usize::try_from(length).map_err(|_| Error::NotMangled)?;
        let bytes = rest.get(..length).ok_or(Error::NotMangled)?;
        self.next = self.next.saturating_add(length);
        if !has_codes {
            return Ok(Ident { ascii: bytes, codes: &[] });
        }
        let (ascii, codes) = match bytes.iter().rposition(|&byte| byte == b'_') {
            Some(at) => {
                let (ascii, codes) = bytes.split_at(at);
                (ascii, codes.get(1..).unwrap_or_default())
            }
            None => (&[][..], bytes),
        };
        if codes.is_empty() { Err(Error::NotMangled) } else { Ok(Ident { ascii, codes }) }
    }

    pub(super) fn put_ident(&mut self, ident: &Ident) -> Result<(), Error> {
        if self.muted > 0 {
            return Ok(());
        }
        if ident.codes.is_empty() {
            return self.put(ident.ascii);
        }
        for character in punycode::decode(ident.ascii, ident.codes)? {
            let (bytes, length) = punycode::utf8(character);
            self.put(bytes.get(..length).unwrap_or_default())?;
        }
        Ok(())
    }

    pub(super) fn put_number(&mut self, value: u64) -> Result<(), Error> {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = value;
        for place in digits.iter_mut().rev() {
            *place = b'0' | (rest % 10) as u8;
            start = start.saturating_sub(1);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.put(digits.get(start..).unwrap_or_default())
    }

    pub(super) fn put_hexadecimal(&mut self, value: u64) -> Result<(), Error> {
        if self.muted > 0 {
            return Ok(());
        }
        // All digits are made, without a branch for each.
        let digits: [u8; 16] = core::array::from_fn(|place| {
            let digit = (value >> (60 - 4 * place)) as u8 & 0xf;
            digit + if digit < 10 { b'0' } else { b'a' - 10 }
        });
        let zeros = value.leading_zeros() as usize / 4;
        self.text.put(digits.get(zeros.min(15)..).unwrap_or_default())
    }
}

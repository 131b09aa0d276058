//! The header of an archive member: `struct ar_hdr` of ar(5), all text.

use super::{IndexKind, NameField, Role};
use crate::error::{Error, Problem, Result};

/// The last two bytes of every header (`ARFMAG`).
const END_MAGIC: &[u8; 2] = b"`\n";

const HEADER_SIZE: usize = 60;

/// The 60 bytes before a member's contents. Fields are decoded when they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberHeader<'data> {
    bytes: &'data [u8; HEADER_SIZE],
}

impl<'data> MemberHeader<'data> {
    /// The size of a header in bytes.
    pub const SIZE: usize = HEADER_SIZE;

    /// A header of these bytes, whatever its magic bytes are.
    pub(super) fn new(bytes: &'data [u8; HEADER_SIZE]) -> Self {
        Self { bytes }
    }

    /// The header at `offset` bytes of an archive.
    ///
    /// # Errors
    /// [`Problem::PastEnd`], or [`Problem::BadField`] if it does not end with its magic bytes.
    pub(super) fn at(data: &'data [u8], offset: u64) -> Result<Self> {
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|offset| data.get(offset..)?.first_chunk())
            .ok_or(Problem::PastEnd {
                what: "archive member header",
                end: offset.saturating_add(Self::SIZE as u64),
                limit: data.len() as u64,
            })?;
        let header = Self { bytes };
        if header.field(58, 2) == END_MAGIC {
            Ok(header)
        } else {
            Err(Problem::BadField("ar_fmag").into())
        }
    }

    /// The header as stored.
    pub fn bytes(self) -> &'data [u8; HEADER_SIZE] {
        self.bytes
    }

    fn field(self, at: usize, size: usize) -> &'data [u8] {
        self.bytes.get(at..).and_then(|tail| tail.get(..size)).unwrap_or_default()
    }

    /// The name as stored: with the padding and the marks of the archive's flavour (`ar_name`).
    pub fn raw_name(self) -> &'data [u8] {
        self.field(0, 16)
    }

    /// The time of the last change, in seconds since 1970 UTC (`ar_date`).
    ///
    /// # Errors
    /// [`Problem::BadField`] if it is no decimal number. An empty field is 0, as in special
    /// members; so for all fields but the size.
    pub fn date(self) -> Result<u64> {
        number(self.field(16, 12), 10, "ar_date")
    }

    /// The owner's number (`ar_uid`).
    ///
    /// # Errors
    /// As [`Self::date`].
    pub fn uid(self) -> Result<u64> {
        number(self.field(28, 6), 10, "ar_uid")
    }

    /// The group's number (`ar_gid`).
    ///
    /// # Errors
    /// As [`Self::date`].
    pub fn gid(self) -> Result<u64> {
        number(self.field(34, 6), 10, "ar_gid")
    }

    /// The file type and permission bits of stat(2) (`ar_mode`, an octal number).
    ///
    /// # Errors
    /// As [`Self::date`].
    pub fn mode(self) -> Result<u64> {
        number(self.field(40, 8), 8, "ar_mode")
    }

    /// The size of the contents in bytes, with a name of BSD flavour that starts them (`ar_size`).
    /// In a thin archive it is the size of the file that the name names.
    ///
    /// # Errors
    /// [`Problem::BadField`] if it is no decimal number: negative, empty, or with other text.
    pub fn size(self) -> Result<u64> {
        let field = self.field(48, 10);
        if field.trim_ascii().is_empty() {
            return Err(Problem::BadField("ar_size").into());
        }
        number(field, 10, "ar_size")
    }

    pub(super) fn role(self) -> Role {
        match self.raw_name().trim_ascii_end() {
            b"//" | b"ARFILENAMES/" => Role::Names,
            b"/" => Role::Index(IndexKind::Gnu32),
            b"/SYM64/" => Role::Index(IndexKind::Gnu64),
            name => role_of_name(name),
        }
    }

    pub(super) fn name_field(self) -> NameField<'data> {
        let name = self.raw_name();
        if let Some(length) = name.strip_prefix(b"#1/")
            && let Ok(length) = number(length, 10, "")
        {
            return NameField::InContents(length);
        }
        // Some archives of Darwin and of old systems put a space before the number.
        if let [b'/' | b' ', digits @ ..] = name
            && digits.first().is_some_and(u8::is_ascii_digit)
            && let Some(field) = table_offset(digits)
        {
            return field;
        }
        NameField::Short(short_name(name))
    }
}

/// `123` or, in a thin archive, `123:4567`. What follows is left over from another name: GNU `ar`
/// writes `/0             /` for a file of 15 letters in a thin archive.
fn table_offset(text: &[u8]) -> Option<NameField<'static>> {
    let (offset, rest) = leading_digits(text);
    let offset = number(offset, 10, "").ok()?;
    let origin = match rest {
        [b':', rest @ ..] => Some(number(leading_digits(rest).0, 10, "").ok()?),
        _ => None,
    };
    Some(NameField::InTable { offset, origin })
}

fn leading_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

/// The name of a field that holds it whole: up to GNU's slash, else less the padding.
fn short_name(name: &[u8]) -> &[u8] {
    let padded = name.trim_ascii_end();
    match padded {
        b"/" | b"//" | b"/SYM64/" => padded,
        _ => match memchr::memchr2(b'/', 0, name) {
            Some(end) => name.get(..end).unwrap_or_default(),
            None => padded,
        },
    }
}

/// The role of a member of BSD flavour.
pub(super) fn role_of_name(name: &[u8]) -> Role {
    match name {
        b"__.SYMDEF" | b"__.SYMDEF/" | b"__.SYMDEF SORTED" => Role::Index(IndexKind::Bsd32),
        b"__.SYMDEF_64" | b"__.SYMDEF_64 SORTED" => Role::Index(IndexKind::Bsd64),
        _ => Role::File,
    }
}

/// A number of text, with spaces around it; nothing but spaces is 0.
fn number(text: &[u8], base: u64, what: &'static str) -> Result<u64> {
    let bad = || Error::new(Problem::BadField(what));
    let mut value = 0u64;
    for &byte in text.trim_ascii() {
        let digit = u64::from(byte.wrapping_sub(b'0'));
        if digit >= base {
            return Err(bad());
        }
        value =
            value.checked_mul(base).and_then(|value| value.checked_add(digit)).ok_or_else(bad)?;
    }
    Ok(value)
}

//! The names of members: in the header, in the table of long names, or before the contents.

use std::borrow::Cow;

use super::walk::{NAME_SIZE, RawHeader, leading_number, leading_signed_number, until};

/// The name of a member.
#[derive(Debug, Default)]
pub struct Name<'data> {
    /// The name; in a thin archive the path of a file as seen from the archive's folder.
    pub text: Cow<'data, [u8]>,
    /// In a thin archive: the file is an archive, and the member's header at this offset of it.
    pub origin: Option<u64>,
    /// The contents start with a name of so many bytes, which `text` is to become.
    pub(super) length_in_contents: Option<usize>,
}

impl<'data> Name<'data> {
    fn plain(text: &'data [u8]) -> Self {
        Self { text: Cow::Borrowed(text), ..Self::default() }
    }
}

/// Why a member's name cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// It should be in the table of long names, and there is none.
    NoTable,
    /// It should be at this offset of the table of long names, which ends before.
    BeyondTable(i64),
    /// It is that of an archive, and empty.
    EmptyInner,
    /// It does not end, or not in the member.
    Malformed,
}

fn name_field(header: &RawHeader) -> &[u8; NAME_SIZE] {
    // The header is longer than its first field.
    header.first_chunk().unwrap_or(&[0; NAME_SIZE])
}

/// The name as readelf takes it: up to a slash, or `/123`, or in a thin archive `/123:456`.
pub(super) fn readelf_name<'data>(
    names: Option<&'data [u8]>,
    header: &'data RawHeader,
    is_thin: bool,
) -> Result<Name<'data>, NameFault> {
    // A number may go on in the field after the name.
    let Some(digits) = header.strip_prefix(b"/") else {
        return Ok(Name::plain(until(until(name_field(header), 0), b'/')));
    };
    let names = names.ok_or(NameFault::NoTable)?;
    let (offset, rest) = leading_signed_number(digits);
    let tail = usize::try_from(offset).ok().and_then(|offset| names.get(offset..));
    let tail = tail.ok_or(NameFault::BeyondTable(offset.cast_signed()))?;
    // GNU marks the end of a name with a slash before the line end.
    let line = until(until(tail, b'\n'), 0);
    let name = line.strip_suffix(b"/").unwrap_or(line);
    // The first of an archive is its magic, and no member.
    let origin = Some(origin_after(rest)).filter(|&origin| is_thin && origin != 0);
    if origin.is_some() && name.is_empty() {
        return Err(NameFault::EmptyInner);
    }
    Ok(Name { origin, ..Name::plain(name) })
}

/// The offset that the name of a thin archive's member ends in, by readelf's rules: 0 if in none,
/// `None` if the name is not in the table of long names.
pub(super) fn origin(header: &RawHeader) -> Option<u64> {
    let digits = header.strip_prefix(b"/")?;
    Some(origin_after(leading_signed_number(digits).1))
}

/// `:456`
fn origin_after(rest: &[u8]) -> u64 {
    rest.strip_prefix(b":").map_or(0, |origin| leading_signed_number(origin).0)
}

/// The name as the other programs take it.
pub(super) fn bfd_name<'data>(
    names: Option<&'data [u8]>,
    header: &'data RawHeader,
    is_thin: bool,
) -> Result<Name<'data>, NameFault> {
    let field = name_field(header);
    let is_numbered = field.starts_with(b"/") || field.starts_with(b" ") && !field.contains(&b'/');
    if let Some(names) = names.filter(|_| is_numbered) {
        return name_in_table(names, header, is_thin).ok_or(NameFault::Malformed);
    }
    if let Some(length) = length_of_name(field) {
        return Ok(Name { length_in_contents: Some(length), ..Name::default() });
    }
    Ok(Name::plain(short_name(field)))
}

/// `#1/20`: how long the name is that starts the contents.
fn length_of_name(field: &[u8; NAME_SIZE]) -> Option<usize> {
    let digits = field.strip_prefix(b"#1/")?;
    digits.first()?.is_ascii_digit().then_some(())?;
    usize::try_from(leading_number(digits).0).ok()
}

/// `/123` or `/123:456`: a name in the table, and the offset in the archive of that name.
fn name_in_table<'data>(
    names: &'data [u8],
    header: &RawHeader,
    is_thin: bool,
) -> Option<Name<'data>> {
    // A number may go on in the field after the name.
    let (start, rest) = leading_signed_number(header.get(1..)?);
    let start = usize::try_from(start).ok()?;
    let origin = match rest {
        [b':', origin @ ..] if is_thin => Some(leading_signed_number(origin).0),
        _ => None,
    };
    let origin = origin.filter(|origin| origin.cast_signed() > 0);
    let tail = names.get(start..).filter(|tail| !tail.is_empty())?;
    let name = tail.get(..table_name_length(names, start)).unwrap_or(tail);
    Some(Name { text: with_slashes(name), origin, length_in_contents: None })
}

/// How long the name is that starts at `start` of the table: to a line end, or to the slash before
/// it. A line end after a slash ends nothing.
fn table_name_length(names: &[u8], start: usize) -> usize {
    let is_slash = |at: usize| matches!(names.get(at), Some(b'/' | b'\\'));
    let ends = |at: &usize| match names.get(*at) {
        Some(b'/' | b'\\') => names.get(at.saturating_add(1)) == Some(&b'\n'),
        Some(b'\n') => *at == 0 || !is_slash(at.saturating_sub(1)),
        Some(byte) => *byte == 0,
        None => true,
    };
    (start..names.len()).find(ends).unwrap_or(names.len()).saturating_sub(start)
}

/// Names written on a system whose paths have backslashes.
fn with_slashes(name: &[u8]) -> Cow<'_, [u8]> {
    if !name.contains(&b'\\') {
        return Cow::Borrowed(name);
    }
    let slash = |&byte: &u8| if byte == b'\\' { b'/' } else { byte };
    Cow::Owned(name.iter().map(slash).collect())
}

/// A name that ends at a NUL, else at a slash, else at a space; one that does not end fills all
/// but the last byte of the field.
fn short_name(field: &[u8; NAME_SIZE]) -> &[u8] {
    let (unended, _) = field.split_at(NAME_SIZE - 1);
    [0, b'/', b' ']
        .into_iter()
        .find_map(|end| field.get(..memchr::memchr(end, field)?))
        .unwrap_or(unended)
}

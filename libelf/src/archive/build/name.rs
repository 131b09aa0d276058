//! How the name of a member is stored, and read back.

use std::borrow::Cow;
use std::collections::HashMap;

use super::field::{self, NAME};
use super::{Contents, Flavour, Member};
use crate::archive::IndexKind;
use crate::error::{Error, Problem, Result};

/// The longest name in a header of GNU's flavour, in bytes: a slash follows.
const GNU_SHORT: usize = 15;
/// What a name before the contents is announced with; its length follows.
const INLINE: &[u8] = b"#1/";
/// What contents in [`Flavour::is_aligned`] are aligned to, in bytes.
pub(super) const ALIGNMENT: u64 = 8;

/// A stored name: the header's field and what comes before the contents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stored<'a> {
    pub field: Cow<'a, [u8]>,
    pub prefix: Cow<'a, [u8]>,
}

/// The name that GNU's archives give an index or table of names.
pub(super) fn special<'a>(contents: &Contents, kind: IndexKind) -> Option<&'a [u8]> {
    match contents {
        Contents::Names(_) => Some(b"//"),
        Contents::Index(_) => Some(match kind {
            IndexKind::Gnu32 => b"/",
            IndexKind::Gnu64 => b"/SYM64/",
            IndexKind::Bsd32 => b"__.SYMDEF",
            IndexKind::Bsd64 => b"__.SYMDEF_64",
        }),
        _ => None,
    }
}

/// Whether the name of this member lies in the table of long names.
pub(super) fn needs_table(flavour: Flavour, member: &Member) -> bool {
    let is_left = member.header.name.is_none() && member.prefix.is_none();
    let is_long = match member.contents {
        Contents::File(_) => member.name.len() > GNU_SHORT,
        Contents::External { .. } => true,
        _ => false,
    };
    flavour == Flavour::Gnu && is_left && is_long
}

/// The table of long names, and where each is found in it.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The bytes, if they are computed.
    pub computed: Vec<u8>,
    /// For each item its offset in the table, in bytes.
    pub offsets: Vec<Option<u64>>,
}

impl Table {
    /// The table that `members` need, or their places in the one that is given.
    pub fn new<'a>(flavour: Flavour, members: &[&'a Member<'a>]) -> Result<Self> {
        let given = members.iter().find_map(|member| match &member.contents {
            Contents::Names(Some(bytes)) => Some(&bytes[..]),
            _ => None,
        });
        let mut table = Self::default();
        let places = given.map(places);
        let mut before: Option<(&[u8], u64)> = None;
        for member in members {
            if !needs_table(flavour, member) {
                table.offsets.push(None);
                continue;
            }
            let name = &member.name[..];
            let is_nested = matches!(member.contents, Contents::External { origin: Some(_), .. });
            let offset = match &places {
                Some(places) => *places.get(name).ok_or_else(|| unwritable(name))?,
                None => match before.filter(|&(path, _)| is_nested && path == name) {
                    Some((_, offset)) => offset,
                    None => table.append(name)?,
                },
            };
            before = is_nested.then_some((name, offset));
            table.offsets.push(Some(offset));
        }
        if !table.computed.len().is_multiple_of(2) {
            table.computed.push(b'\n');
        }
        Ok(table)
    }

    fn append(&mut self, name: &[u8]) -> Result<u64> {
        // What is read back ends at a line end or zero byte, less one slash.
        if memchr::memchr2(b'\n', 0, name).is_some() {
            return Err(unwritable(name));
        }
        let offset = self.computed.len() as u64;
        self.computed.extend(name);
        self.computed.extend(b"/\n");
        Ok(offset)
    }
}

/// Where each name of a table starts, in bytes.
pub(super) fn places(table: &[u8]) -> HashMap<&[u8], u64> {
    let mut places = HashMap::new();
    let mut offset = 0u64;
    for line in table.split(|&byte| byte == b'\n') {
        if let Some(name) = line.strip_suffix(b"/") {
            places.entry(name).or_insert(offset);
        }
        offset = offset.saturating_add(line.len() as u64).saturating_add(1);
    }
    places
}

/// How the name of `member` is stored. `place` is its offset in the table of names, `start` the
/// offset of its header in the archive, both in bytes.
pub(super) fn store<'a>(
    flavour: Flavour,
    member: &'a Member<'a>,
    kind: IndexKind,
    place: Option<u64>,
    start: u64,
) -> Result<Stored<'a>> {
    let given_prefix = || Cow::Borrowed(member.prefix.as_deref().unwrap_or_default());
    if let Some(given) = &member.header.name {
        return Ok(Stored { field: Cow::Borrowed(given), prefix: given_prefix() });
    }
    if let Some(prefix) = &member.prefix {
        return Ok(Stored { field: inline_field(prefix.len())?.into(), prefix: given_prefix() });
    }
    if let Some(place) = place {
        return header_name(table_field(member, place).into());
    }
    let name = match special(&member.contents, kind) {
        // GNU's specials are what they are in any flavour.
        Some(name) if member.name.is_empty() && name.starts_with(b"/") => {
            return header_name(Cow::Borrowed(name));
        }
        Some(name) if member.name.is_empty() => name,
        _ => &member.name[..],
    };
    let short = match flavour {
        Flavour::Gnu if member.is_file() => Some([name, b"/"].concat().into()),
        Flavour::Gnu => Some(Cow::Borrowed(name)),
        Flavour::Bsd if is_bsd_short(member, name) => Some(Cow::Borrowed(name)),
        _ => None,
    };
    match short {
        Some(field) => {
            if member.is_file() && !reads_back(&field, name) {
                return Err(unwritable(name));
            }
            header_name(field)
        }
        None => inline(flavour, name, start),
    }
}

/// The field of a name that lies in the table, `place` bytes from its start.
fn table_field(member: &Member, place: u64) -> Vec<u8> {
    let mut field = format!("/{place}").into_bytes();
    match member.contents {
        Contents::External { origin: Some(origin), .. } => {
            field.extend(format!(":{origin}").into_bytes());
        }
        // GNU `ar` writes the file's name first, the offset over it, and leaves the slash of the
        // one length that reaches the end of the field. Readers stop at the offset.
        Contents::External { origin: None, .. } => {
            let base = member.name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
            if base.len() == GNU_SHORT && field.len() < NAME.width {
                field.resize(GNU_SHORT, b' ');
                field.push(b'/');
            }
        }
        _ => {}
    }
    field
}

fn header_name(field: Cow<'_, [u8]>) -> Result<Stored<'_>> {
    if field.len() > NAME.width {
        return Err(unwritable(&field));
    }
    Ok(Stored { field, prefix: Cow::default() })
}

fn is_bsd_short(member: &Member, name: &[u8]) -> bool {
    let fits = name.len() <= NAME.width && !name.contains(&b' ');
    fits && (!member.is_file() || reads_back(name, name))
}

/// Whether a header with this field is read as the file `name`.
fn reads_back(field: &[u8], name: &[u8]) -> bool {
    let mut padded = [b' '; NAME.width];
    for (byte, &given) in padded.iter_mut().zip(field) {
        *byte = given;
    }
    field.len() <= NAME.width && !is_special(field) && short(&padded) == Some(name)
}

fn is_special(field: &[u8]) -> bool {
    matches!(field, b"/" | b"//" | b"/SYM64/" | b"ARFILENAMES/")
        || crate::archive::header::role_of_name(field) != crate::archive::Role::File
}

/// The name that a header's field holds itself; `None` if the field says where the name lies.
pub(super) fn short(name_field: &[u8]) -> Option<&[u8]> {
    let text = field::trim(name_field);
    let refers = match text {
        [b'#', b'1', b'/', ..] => true,
        [b'/' | b' ', digit, ..] => digit.is_ascii_digit(),
        _ => false,
    };
    (!refers).then(|| text.strip_suffix(b"/").unwrap_or(text))
}

/// The name before the contents.
fn inline(flavour: Flavour, name: &[u8], start: u64) -> Result<Stored<'_>> {
    if name.contains(&0) {
        return Err(unwritable(name));
    }
    let mut prefix = Cow::Borrowed(name);
    if flavour.is_aligned() {
        let end = start.saturating_add(field::HEADER_SIZE as u64).saturating_add(name.len() as u64);
        let aligned = end.checked_next_multiple_of(ALIGNMENT).unwrap_or(end);
        let length = name.len().saturating_add((aligned - end) as usize);
        prefix.to_mut().resize(length, 0);
    }
    Ok(Stored { field: inline_field(prefix.len())?.into(), prefix })
}

pub(super) fn inline_field(length: usize) -> Result<Vec<u8>> {
    let field = [INLINE, length.to_string().as_bytes()].concat();
    if field.len() > NAME.width {
        return Err(Problem::TooWide {
            what: NAME.what,
            value: length as u64,
            width: (NAME.width - INLINE.len()) as u64,
        }
        .into());
    }
    Ok(field)
}

fn unwritable(name: &[u8]) -> Error {
    Problem::Malformed(format!(
        "the name '{}' cannot be stored as this flavour of archive stores names",
        name.escape_ascii()
    ))
    .into()
}

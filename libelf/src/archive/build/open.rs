//! From any bytes to the model, with every field given.

use std::borrow::Cow;

use super::field::{self, DATE, END, GID, HEADER_SIZE, MODE, NAME, SIZE, UID};
use super::{Build, Contents, Entries, Fields, Flavour, Index, Magic, Member, Text, name, plan};
use crate::archive::header::role_of_name;
use crate::archive::{
    IndexKind, MAGIC, MemberHeader, NameField, Role, is_archive, long_name, until_nul,
};
use crate::error::{Problem, Result};

impl<'data> Build<'data> {
    /// The archive `data`, so that it is written again byte for byte, however damaged it is:
    /// every field is given, fields that are no number as text. A member that the end of the file
    /// cuts off has what is there of its contents; what cannot be a member is a
    /// [`Contents::Gap`]. Contents are borrowed.
    ///
    /// # Errors
    /// [`Problem::NotArchive`], if it starts with neither magic.
    pub fn open(data: &'data [u8]) -> Result<Self> {
        if !is_archive(data) {
            return Err(Problem::NotArchive.into());
        }
        let is_thin = !data.starts_with(MAGIC);
        let mut build = Self { implied_index: false, ..Self::new(Flavour::Gnu) };
        if is_thin {
            build.magic = Magic::Thin;
        }
        let mut reader = Reader { data, at: MAGIC.len(), is_thin, names: &[] };
        while let Some(member) = reader.next() {
            build.push(member);
        }
        build.flavour = flavour(&build);
        Ok(build)
    }
}

struct Reader<'data> {
    data: &'data [u8],
    /// The offset of the next member.
    at: usize,
    is_thin: bool,
    /// The table of long names that was read last.
    names: &'data [u8],
}

impl<'data> Reader<'data> {
    fn next(&mut self) -> Option<Member<'data>> {
        let rest = self.data.get(self.at..).filter(|rest| !rest.is_empty())?;
        let Some((header, after)) = rest.split_first_chunk::<HEADER_SIZE>() else {
            return Some(self.gap(rest));
        };
        let member = MemberHeader::new(header);
        let size = member.size().ok().and_then(|size| usize::try_from(size).ok());
        let fits = size.is_some_and(|size| size <= after.len());
        let has_contents = !self.is_thin || member.role() != Role::File;
        if field::column(header, END) != b"`\n" && !(fits || size.is_some() && !has_contents) {
            return Some(self.gap(rest));
        }
        let fields = fields(header);
        if !has_contents {
            self.at = self.at.saturating_add(HEADER_SIZE);
            return Some(self.external(fields, member));
        }
        let length = size.unwrap_or(usize::MAX).min(after.len());
        let (stored, after) = after.split_at_checked(length)?;
        self.at = self.at.saturating_add(HEADER_SIZE).saturating_add(length);
        // The start is even, or what read it would not have found it here.
        let has_padding = !self.at.is_multiple_of(2) && !after.is_empty();
        let padding = after.get(..usize::from(has_padding)).unwrap_or_default();
        self.at = self.at.saturating_add(padding.len());
        Some(self.stored(fields, member, stored, padding))
    }

    /// The rest of the archive, which is no member.
    fn gap(&mut self, rest: &'data [u8]) -> Member<'data> {
        self.at = self.data.len();
        Member::new(Cow::default(), Contents::Gap(rest.into()))
    }

    /// A file of a thin archive.
    fn external(&self, header: Fields<'data>, member: MemberHeader<'data>) -> Member<'data> {
        let (name, origin) = match member.name_field() {
            NameField::InTable { offset, origin } => (self.long_name(offset), origin),
            _ => (name::short(member.raw_name()).unwrap_or_default(), None),
        };
        let size = match header.size {
            Text::Is(size) => size,
            _ => member.size().unwrap_or_default(),
        };
        Member {
            name: name.into(),
            header,
            prefix: Some(Cow::default()),
            contents: Contents::External { size, origin, data: None },
            padding: Some(Cow::default()),
        }
    }

    fn stored(
        &mut self,
        header: Fields<'data>,
        member: MemberHeader<'data>,
        stored: &'data [u8],
        padding: &'data [u8],
    ) -> Member<'data> {
        let mut prefix = &[][..];
        let mut contents = stored;
        let mut role = member.role();
        let name = match member.name_field() {
            NameField::InContents(length) => {
                let split =
                    usize::try_from(length).ok().and_then(|length| stored.split_at_checked(length));
                if let Some((name, rest)) = split {
                    (prefix, contents) = (name, rest);
                    role = role_of_name(until_nul(name));
                }
                until_nul(prefix)
            }
            NameField::InTable { offset, .. } => self.long_name(offset),
            NameField::Short(_) => name::short(member.raw_name()).unwrap_or_default(),
        };
        let contents = contents_of(role, contents);
        if let Contents::Names(Some(Cow::Borrowed(names))) = contents {
            self.names = names;
        }
        let is_plain = match (&contents, role) {
            (Contents::Index(_), Role::Index(kind)) => name::special(&contents, kind) == Some(name),
            (Contents::Names(_), _) => true,
            _ => false,
        };
        // The name of a special member of GNU's is nothing but the mark that it is one.
        let is_mark = matches!(role, Role::Index(IndexKind::Gnu32 | IndexKind::Gnu64));
        Member {
            name: if is_plain || is_mark { Cow::default() } else { name.into() },
            header,
            prefix: Some(prefix.into()),
            contents,
            padding: Some(padding.into()),
        }
    }

    fn long_name(&self, offset: u64) -> &'data [u8] {
        long_name(self.names, offset).unwrap_or_default()
    }
}

fn contents_of(role: Role, bytes: &[u8]) -> Contents<'_> {
    match role {
        Role::File => Contents::File(bytes.into()),
        Role::Names => Contents::Names(Some(bytes.into())),
        Role::Index(kind) => Contents::Index(Index {
            kind: Some(kind),
            entries: Entries::Bytes(bytes.into()),
            ..Index::default()
        }),
    }
}

fn fields(header: &[u8; HEADER_SIZE]) -> Fields<'_> {
    Fields {
        name: Some(field::trim(field::column(header, NAME)).into()),
        date: field::read(header, DATE),
        uid: field::read(header, UID),
        gid: field::read(header, GID),
        mode: field::read(header, MODE),
        size: field::read(header, SIZE),
        end: Some(field::column(header, END).into()),
    }
}

/// The flavour whose habits explain the most of an archive.
fn flavour(build: &Build) -> Flavour {
    let mut has_inline = false;
    let mut has_plain = false;
    let mut are_starts_aligned = true;
    let mut are_ends_aligned = true;
    let mut at = build.magic.bytes().len();
    for (_, member) in build.members.iter() {
        let Some(field) = member.header.name.as_deref() else { continue };
        match field {
            [b'/', ..] | [.., b'/'] => return Flavour::Gnu,
            [b'#', b'1', b'/', ..] => has_inline = true,
            _ => has_plain = true,
        }
        let length = |bytes: &Option<Cow<[u8]>>| bytes.as_ref().map_or(0, |bytes| bytes.len());
        at = at.saturating_add(HEADER_SIZE).saturating_add(length(&member.prefix));
        are_starts_aligned &= at.is_multiple_of(name::ALIGNMENT as usize);
        at = at.saturating_add(plan::stored_bytes(&member.contents).len());
        are_ends_aligned &= at.is_multiple_of(name::ALIGNMENT as usize);
        at = at.saturating_add(length(&member.padding));
    }
    match (has_inline, has_plain) {
        (false, false) => Flavour::Gnu,
        (true, false) if are_starts_aligned && are_ends_aligned => Flavour::Darwin,
        (true, false) if are_starts_aligned => Flavour::BsdAligned,
        _ => Flavour::Bsd,
    }
}

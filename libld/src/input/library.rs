//! Archives: libraries whose members join the link when they are needed.
//!
//! What an archive defines is read from its symbol index, so a member that nobody needs is never
//! looked at. A member is parsed at most once, on whichever thread asks first.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use libelf::File;
use libelf::archive::{Archive, Member as RawMember};
use libelf::raw::{ET_DYN, ET_REL};

use super::object::{Fault, Object};
use super::shared::Shared;
use super::{Origin, Storage};
use crate::ids::SymbolId;
use crate::names::{Batch, Names};

/// An archive.
pub struct Library<'data> {
    /// What it is called.
    pub origin: Origin<'data>,
    /// The archive.
    pub archive: Archive<'data>,
    /// The members that the symbol index names, and those that were asked for, by offset.
    pub members: Vec<LazyMember<'data>>,
    /// The symbols of the index in its order, each with an index in `members`.
    pub index: Vec<(SymbolId, u32)>,
    /// The names of those symbols.
    index_names: Vec<&'data [u8]>,
}

/// A member that may never be looked at.
pub struct LazyMember<'data> {
    /// Where its header lies in the archive, in bytes.
    pub offset: u64,
    /// Whether it is part of the link.
    pub has_joined: bool,
    is_claimed: AtomicBool,
    /// Where its symbols begin in the index, as a rule.
    first_in_index: u32,
    parsed: OnceLock<Result<Loaded<'data>, Fault>>,
}

impl LazyMember<'_> {
    fn new(offset: u64) -> Self {
        Self {
            offset,
            has_joined: false,
            is_claimed: AtomicBool::new(false),
            first_in_index: u32::MAX,
            parsed: OnceLock::new(),
        }
    }
}

/// What a file turned out to be.
pub enum Loaded<'data> {
    /// A relocatable object.
    Object(Box<Object<'data>>),
    /// A shared library.
    Shared(Box<Shared<'data>>),
    /// Something that cannot be linked.
    Unknown,
}

impl<'data> Library<'data> {
    /// Reads the symbol index of an archive and gives its symbols their numbers. With
    /// `all_members`, members that the index does not name are listed as well.
    ///
    /// # Errors
    /// If the archive is damaged.
    pub fn parse(
        origin: Origin<'data>,
        archive: Archive<'data>,
        names: &Names<'data>,
        all_members: bool,
    ) -> Result<Self, Fault> {
        let mut offsets: Vec<u64> = Vec::new();
        if all_members {
            for member in archive.members() {
                offsets.push(member?.offset());
            }
        }
        let mut entries = Vec::new();
        let mut batch = Batch::default();
        if let Some(index) = archive.symbol_index() {
            for entry in index.symbols()? {
                let entry = entry?;
                batch.ask(entry.name, entries.len() as u32);
                entries.push((entry.member, entry.name));
                // Entries come member by member.
                if !all_members && offsets.last() != Some(&entry.member) {
                    offsets.push(entry.member);
                }
            }
        }
        let mut ids = vec![SymbolId::NONE; entries.len()];
        names.intern_all(&batch, &mut ids);
        offsets.sort_unstable();
        offsets.dedup();
        let number = |offset| offsets.binary_search(&offset).ok().map(|at| at as u32);
        let mut members: Vec<_> = offsets.iter().copied().map(LazyMember::new).collect();
        let mut index = Vec::with_capacity(entries.len());
        let mut index_names = Vec::with_capacity(entries.len());
        for ((member, name), id) in entries.into_iter().zip(ids) {
            let Some(member) = number(member) else { continue };
            if let Some(member @ LazyMember { first_in_index: u32::MAX, .. }) =
                members.get_mut(member as usize)
            {
                member.first_in_index = index.len() as u32;
            }
            index.push((id, member));
            index_names.push(name);
        }
        Ok(Self { origin, archive, members, index, index_names })
    }

    /// Whether an archive has members but no symbol index.
    pub fn lacks_index(&self) -> bool {
        self.archive.symbol_index().is_none() && self.archive.members().next().is_some()
    }

    /// The member, parsed now if nobody asked for it before.
    ///
    /// # Errors
    /// If there is no such member or it cannot be read.
    pub fn member(
        &self,
        number: u32,
        storage: &'data Storage,
        names: &Names<'data>,
    ) -> Option<&Result<Loaded<'data>, Fault>> {
        let member = self.members.get(number as usize)?;
        Some(member.parsed.get_or_init(|| self.load(member, storage, names)))
    }

    /// Whether the caller is the first who wants to parse the member ahead of time.
    pub fn claim(&self, number: u32) -> bool {
        let member = self.members.get(number as usize);
        member.is_some_and(|member| !member.is_claimed.swap(true, Ordering::Relaxed))
    }

    /// Takes a parsed member out: it joins the link.
    pub fn take_member(&mut self, number: u32) -> Option<Result<Loaded<'data>, Fault>> {
        let member = self.members.get_mut(number as usize)?;
        member.has_joined = true;
        member.parsed.take()
    }

    /// What a member is called.
    pub fn member_origin(&self, number: u32) -> Origin<'data> {
        let member = self.members.get(number as usize);
        let member = member.and_then(|member| self.archive.member_at(member.offset).ok());
        self.origin_of(member.as_ref().map(RawMember::name))
    }

    fn origin_of(&self, member: Option<&'data [u8]>) -> Origin<'data> {
        Origin { member, is_apart: self.archive.is_thin(), ..self.origin }
    }

    fn load(
        &self,
        lazy: &LazyMember<'data>,
        storage: &'data Storage,
        names: &Names<'data>,
    ) -> Result<Loaded<'data>, Fault> {
        let member = self.archive.member_at(lazy.offset)?;
        let origin = self.origin_of(Some(member.name()));
        let bytes = member_bytes(&member, self.origin, storage)?;
        let first = lazy.first_in_index as usize;
        let known = Known {
            ids: self.index.get(first..).unwrap_or_default(),
            names: self.index_names.get(first..).unwrap_or_default(),
        };
        load_known(origin, bytes, names, known)
    }
}

/// What the index of an archive tells of a member's symbols: those that it defines, in the order of
/// its symbol table. It is believed as far as names are the same.
#[derive(Clone, Copy, Default)]
pub struct Known<'k, 'data> {
    ids: &'k [(SymbolId, u32)],
    names: &'k [&'data [u8]],
}

impl Known<'_, '_> {
    /// The number of the next symbol, if this is its name.
    #[inline]
    pub fn take(&mut self, name: &[u8]) -> Option<SymbolId> {
        let (&(id, _), ids) = self.ids.split_first()?;
        let (&known, names) = self.names.split_first()?;
        (known == name).then(|| {
            (self.ids, self.names) = (ids, names);
            id
        })
    }
}

fn member_bytes<'data>(
    member: &RawMember<'data>,
    archive: Origin<'data>,
    storage: &'data Storage,
) -> Result<&'data [u8], Fault> {
    if let Some(data) = member.data() {
        return Ok(data);
    }
    let path = member.external().map_or_else(PathBuf::new, |file| file.resolve(archive.path));
    let bytes = storage.map(&path).map_err(|error| Fault::Open { path, error })?;
    match member.external().and_then(|file| file.origin) {
        // A member of another archive.
        Some(origin) => Archive::parse(bytes)?.member_at(origin)?.data().ok_or(Fault::Truncated),
        None => Ok(bytes),
    }
}

/// Reads a file by what its ELF header says it is.
///
/// # Errors
/// If it is an ELF file with a damaged table.
pub fn load<'data>(
    origin: Origin<'data>,
    bytes: &'data [u8],
    names: &Names<'data>,
) -> Result<Loaded<'data>, Fault> {
    load_known(origin, bytes, names, Known::default())
}

fn load_known<'data>(
    origin: Origin<'data>,
    bytes: &'data [u8],
    names: &Names<'data>,
    known: Known<'_, 'data>,
) -> Result<Loaded<'data>, Fault> {
    let Ok(file) = File::parse(bytes) else { return Ok(Loaded::Unknown) };
    match file.header().kind {
        ET_REL => Object::parse_known(origin, file, names, known).map(Box::new).map(Loaded::Object),
        ET_DYN => Shared::parse(origin, file, names).map(Box::new).map(Loaded::Shared),
        _ => Ok(Loaded::Unknown),
    }
}

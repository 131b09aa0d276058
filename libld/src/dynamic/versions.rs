//! Versions of dynamic symbols: those that the output defines and those that it needs. LSB Core,
//! chapter 10, "Symbol Versioning".
//!
//! Numbers: 0 local, 1 without a version, then the versions that the output defines (the first of
//! them its own name), then those that it needs.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::Encoding;
use libelf::raw::{VER_FLG_BASE, VER_FLG_WEAK};

use super::hash::sysv;
use super::strings::Strings;
use crate::encode::{put_u16, put_u32};
use crate::ids::FileId;
use crate::resolve::{InputFile, Resolved};

/// The version number of symbols without a version.
pub const GLOBAL: u16 = 1;
/// The bit of a version number that hides a symbol from look-ups without a version.
pub const HIDDEN: u16 = 0x8000;

/// A version that the output defines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: Vec<u8>,
    /// The versions that it depends on.
    pub parents: Vec<Vec<u8>>,
    /// Whether only weak symbols have it.
    pub is_weak: bool,
}

/// The versions that a library is needed for.
#[derive(Debug)]
struct Need<'data> {
    library: &'data [u8],
    versions: Vec<(&'data [u8], u16)>,
}

/// All versions of the output.
#[derive(Debug, Default)]
pub struct Versions<'data> {
    /// Those that it defines, its own name not among them.
    pub definitions: Vec<Definition>,
    needs: Vec<Need<'data>>,
    by_file: HashMap<FileId, usize, RandomState>,
    needed: u16,
}

impl<'data> Versions<'data> {
    /// Those that the output defines; none is needed as yet.
    pub fn defining(definitions: Vec<Definition>) -> Self {
        Self { definitions, ..Self::default() }
    }

    /// Whether the output has version tables at all.
    pub fn is_empty(&self) -> bool {
        self.definitions.is_empty() && self.needs.is_empty()
    }

    /// The number of a version that the output defines.
    pub fn defined(&self, name: &[u8]) -> Option<u16> {
        let at = self.definitions.iter().position(|definition| definition.name == name)?;
        u16::try_from(at + 2).ok()
    }

    /// How many versions are defined, with the output's own name.
    pub fn definition_count(&self) -> u32 {
        if self.definitions.is_empty() { 0 } else { self.definitions.len() as u32 + 1 }
    }

    /// For how many libraries versions are needed.
    pub fn need_count(&self) -> u32 {
        self.needs.len() as u32
    }

    /// The number of a version of a library, which is needed from now on. Definitions must be
    /// complete.
    pub fn need(&mut self, file: FileId, library: &'data [u8], version: &'data [u8]) -> u16 {
        let next = (self.definition_count() as u16).max(1) + 1 + self.needed;
        let needs = &mut self.needs;
        let at = *self.by_file.entry(file).or_insert_with(|| {
            needs.push(Need { library, versions: Vec::new() });
            needs.len() - 1
        });
        let Some(need) = needs.get_mut(at) else { return GLOBAL };
        if let Some(&(_, number)) = need.versions.iter().find(|(name, _)| *name == version) {
            return number;
        }
        need.versions.push((version, next));
        self.needed += 1;
        next
    }

    /// Packed relocations need a C library that knows them: it says so by a version.
    pub fn need_packed_relocs(&mut self, resolved: &Resolved<'data>) {
        const VERSION: &[u8] = b"GLIBC_ABI_DT_RELR";
        for (number, file) in (0_u32..).zip(&resolved.files) {
            if let InputFile::Shared { shared, .. } = file
                && shared.needed_name().starts_with(b"libc.so.")
                && let Some(&version) = shared.versions.iter().find(|name| **name == VERSION)
            {
                self.need(FileId(number), shared.needed_name(), version);
            }
        }
    }

    /// Puts the names into the string table; `own` is what the output is called.
    pub fn add_strings<'s>(&'s self, own: &'s [u8], strings: &mut Strings<'s>)
    where
        'data: 's,
    {
        if !self.definitions.is_empty() {
            strings.add(own);
        }
        for definition in &self.definitions {
            strings.add(&definition.name);
            for parent in &definition.parents {
                strings.add(parent);
            }
        }
        for need in &self.needs {
            strings.add(need.library);
            for (version, _) in &need.versions {
                strings.add(version);
            }
        }
    }

    /// `.gnu.version_d`
    pub fn definition_table(
        &self,
        own: &[u8],
        strings: &Strings<'_>,
        encoding: Encoding,
    ) -> Vec<u8> {
        /// The sizes of `Verdef` and `Verdaux`, in bytes.
        const DEFINITION: u32 = 20;
        const NAME: u32 = 8;
        let mut table = Vec::new();
        if self.definitions.is_empty() {
            return table;
        }
        let own = Definition { name: own.to_vec(), ..Definition::default() };
        let all = std::iter::once(&own).chain(&self.definitions);
        let last = self.definitions.len();
        for (at, definition) in all.enumerate() {
            let names = definition.parents.len() as u32 + 1;
            let base = if at == 0 { VER_FLG_BASE.0 } else { 0 };
            let weak = if definition.is_weak { VER_FLG_WEAK.0 } else { 0 };
            put_u16(&mut table, 1, encoding);
            put_u16(&mut table, base | weak, encoding);
            put_u16(&mut table, at as u16 + 1, encoding);
            put_u16(&mut table, names as u16, encoding);
            put_u32(&mut table, sysv(&definition.name), encoding);
            put_u32(&mut table, DEFINITION, encoding);
            let next = if at == last { 0 } else { DEFINITION + NAME * names };
            put_u32(&mut table, next, encoding);
            let texts = std::iter::once(&definition.name).chain(&definition.parents);
            for (number, text) in (1..).zip(texts) {
                put_u32(&mut table, strings.find(text).unwrap_or(0), encoding);
                put_u32(&mut table, if number == names { 0 } else { NAME }, encoding);
            }
        }
        table
    }

    /// `.gnu.version_r`
    pub fn need_table(&self, strings: &Strings<'_>, encoding: Encoding) -> Vec<u8> {
        /// The sizes of `Verneed` and `Vernaux`, in bytes: they are the same.
        const RECORD: u32 = 16;
        let mut table = Vec::new();
        for (at, need) in self.needs.iter().enumerate() {
            let count = need.versions.len() as u32;
            put_u16(&mut table, 1, encoding);
            put_u16(&mut table, count as u16, encoding);
            put_u32(&mut table, strings.find(need.library).unwrap_or(0), encoding);
            put_u32(&mut table, RECORD, encoding);
            let is_last = at + 1 == self.needs.len();
            put_u32(&mut table, if is_last { 0 } else { RECORD * (count + 1) }, encoding);
            for (index, &(name, number)) in (1..).zip(&need.versions) {
                put_u32(&mut table, sysv(name), encoding);
                put_u16(&mut table, 0, encoding);
                put_u16(&mut table, number, encoding);
                put_u32(&mut table, strings.find(name).unwrap_or(0), encoding);
                put_u32(&mut table, if index == count { 0 } else { RECORD }, encoding);
            }
        }
        table
    }
}

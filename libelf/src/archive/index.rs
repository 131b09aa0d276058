//! The symbol index of an archive: which member defines a symbol.
//!
//! | kind | layout |
//! |---|---|
//! | GNU, SVR4 | count, that many member offsets, then as many strings that end with a zero byte; integers big-endian of 32 bits, in `/SYM64/` of 64 |
//! | BSD | size in bytes of a table, the table of pairs (offset of the name in the strings, offset of the member), size of the strings, the strings; integers of 32 bits, in `__.SYMDEF_64` of 64, in the byte order of the machine |
//!
//! The byte order of a BSD index is nowhere written: it is the one in which the sizes fit.

use object::endian::Endianness;

use crate::error::{Error, Problem, Result};
use crate::ident::{Class, Encoding};

/// The layout of a symbol index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexKind {
    /// Member `/`.
    Gnu32,
    /// Member `/SYM64/`.
    Gnu64,
    /// Member `__.SYMDEF`.
    Bsd32,
    /// Member `__.SYMDEF_64`.
    Bsd64,
}

impl IndexKind {
    fn class(self) -> Class {
        match self {
            Self::Gnu32 | Self::Bsd32 => Class::Elf32,
            Self::Gnu64 | Self::Bsd64 => Class::Elf64,
        }
    }

    fn is_bsd(self) -> bool {
        matches!(self, Self::Bsd32 | Self::Bsd64)
    }
}

/// The symbol index of an archive, over borrowed bytes.
#[derive(Clone, Copy, Debug)]
pub struct SymbolIndex<'data> {
    data: &'data [u8],
    kind: IndexKind,
}

/// One symbol of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexEntry<'data> {
    /// The symbol's name.
    pub name: &'data [u8],
    /// The offset of the header of the member that defines it, in bytes:
    /// [`super::Archive::member_at`].
    pub member: u64,
}

impl<'data> SymbolIndex<'data> {
    /// The index in `data`, the contents of its member.
    pub fn new(data: &'data [u8], kind: IndexKind) -> Self {
        Self { data, kind }
    }

    /// The layout.
    pub fn kind(&self) -> IndexKind {
        self.kind
    }

    /// The bytes of the index member.
    pub fn data(&self) -> &'data [u8] {
        self.data
    }

    /// How many symbols the index says it has.
    ///
    /// # Errors
    /// As [`Self::symbols`].
    pub fn len(&self) -> Result<u64> {
        Ok(self.tables()?.count)
    }

    /// Whether the index has no symbols.
    ///
    /// # Errors
    /// As [`Self::symbols`].
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The symbols, in the index's order.
    ///
    /// # Errors
    /// [`Problem::PastEnd`] if the tables that the index announces do not fit it. The iterator
    /// yields errors of single entries.
    pub fn symbols(&self) -> Result<SymbolIndexIter<'data>> {
        let tables = self.tables()?;
        Ok(SymbolIndexIter { kind: self.kind, tables, next: 0 })
    }

    fn tables(&self) -> Result<Tables<'data>> {
        let encodings = [Endianness::Little, Endianness::Big]
            .map(|endian| Encoding { class: self.kind.class(), endian });
        let [little, big] = encodings;
        if self.kind.is_bsd() {
            self.bsd_tables(little).or_else(|_| self.bsd_tables(big))
        } else {
            self.gnu_tables(big)
        }
    }

    fn gnu_tables(&self, encoding: Encoding) -> Result<Tables<'data>> {
        let word = encoding.word_size();
        let count = encoding.word(self.data, 0).ok_or_else(|| self.past_end(word as u64))?;
        let (entries, strings) = self.split(word, count.checked_mul(word as u64))?;
        Ok(Tables { encoding, count, entries, strings })
    }

    fn bsd_tables(&self, encoding: Encoding) -> Result<Tables<'data>> {
        let word = encoding.word_size();
        let size = encoding.word(self.data, 0).ok_or_else(|| self.past_end(word as u64))?;
        let (entries, rest) = self.split(word, Some(size))?;
        let strings_size = encoding.word(rest, 0).unwrap_or(0);
        let strings = usize::try_from(strings_size)
            .ok()
            .and_then(|size| rest.get(word..)?.get(..size))
            .or(rest.is_empty().then_some(rest))
            .ok_or_else(|| self.past_end(strings_size))?;
        let pair = 2 * word as u64;
        if size % pair != 0 {
            return Err(Problem::BadValue {
                what: "size of the symbol index",
                value: size,
                expected: "a multiple of the size of an entry",
            }
            .into());
        }
        Ok(Tables { encoding, count: size / pair, entries, strings })
    }

    /// `size` bytes from `start`, and what follows them.
    fn split(&self, start: usize, size: Option<u64>) -> Result<(&'data [u8], &'data [u8])> {
        let size = size.unwrap_or(u64::MAX);
        usize::try_from(size)
            .ok()
            .and_then(|size| self.data.get(start..)?.split_at_checked(size))
            .ok_or_else(|| self.past_end(size.saturating_add(start as u64)))
    }

    fn past_end(&self, end: u64) -> Error {
        Problem::PastEnd { what: "symbol index of the archive", end, limit: self.data.len() as u64 }
            .into()
    }
}

#[derive(Clone, Copy, Debug)]
struct Tables<'data> {
    encoding: Encoding,
    count: u64,
    entries: &'data [u8],
    strings: &'data [u8],
}

/// Iterator over the symbols of an index.
#[derive(Clone, Debug)]
pub struct SymbolIndexIter<'data> {
    kind: IndexKind,
    /// For the GNU kinds `strings` is what lies after the last name given.
    tables: Tables<'data>,
    next: u64,
}

impl<'data> SymbolIndexIter<'data> {
    fn entry(&mut self) -> Result<IndexEntry<'data>> {
        let encoding = self.tables.encoding;
        let word = encoding.word_size();
        let position = usize::try_from(self.next).unwrap_or(usize::MAX);
        if self.kind.is_bsd() {
            let at = position.saturating_mul(2 * word);
            let no_entry = || self.no_name(self.next);
            let name = encoding.word(self.tables.entries, at).ok_or_else(no_entry)?;
            let member =
                encoding.word(self.tables.entries, at.saturating_add(word)).ok_or_else(no_entry)?;
            let tail = usize::try_from(name)
                .ok()
                .and_then(|name| self.tables.strings.get(name..))
                .ok_or_else(|| self.no_name(name))?;
            let (name, _) = split_nul(tail).ok_or(Problem::Unterminated)?;
            Ok(IndexEntry { name, member })
        } else {
            let member = encoding
                .word(self.tables.entries, position.saturating_mul(word))
                .ok_or_else(|| self.no_name(self.next))?;
            let (name, rest) = split_nul(self.tables.strings).ok_or(Problem::Unterminated)?;
            self.tables.strings = rest;
            Ok(IndexEntry { name, member })
        }
    }

    fn no_name(&self, index: u64) -> Error {
        Problem::NoSuch {
            what: "name in the symbol index",
            index,
            count: self.tables.strings.len() as u64,
        }
        .into()
    }
}

impl<'data> Iterator for SymbolIndexIter<'data> {
    type Item = Result<IndexEntry<'data>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.tables.count {
            return None;
        }
        let entry = self.entry();
        // Without its name, no later name of a GNU index can be told either.
        self.next = if entry.is_err() && !self.kind.is_bsd() {
            self.tables.count
        } else {
            self.next.saturating_add(1)
        };
        Some(entry)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.tables.count.saturating_sub(self.next);
        (0, usize::try_from(left).ok())
    }
}

fn split_nul(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(0, text)?;
    Some((text.get(..end)?, text.get(end.checked_add(1)?..)?))
}

//! The walk over the headers of an archive, by the rules of either reader that GNU's programs have.
//!
//! | | [`Rules::Bfd`] | [`Rules::Readelf`] |
//! |---|---|---|
//! | a size `12x` | 12 | 12 |
//! | no size | ends the walk | 0 |
//! | a negative size | the rest, then a fault | a fault after the member |
//! | a cut header | the end | a fault |
//! | symbol indexes | GNU, BSD, Darwin; a false one makes it no archive | GNU; stepped over |
//! | names | GNU, BSD, SVR4 | GNU |

use std::borrow::Cow;
use std::ops::Range;

use libelf::archive::{IndexKind, MAGIC, SymbolIndex, THIN_MAGIC};
use libelf::ident::{Class, Encoding};
use libelf::raw::Endianness;

use super::name::{Name, NameFault, bfd_name, origin, readelf_name};

/// The bytes of a member's header.
pub const HEADER_SIZE: usize = 60;
/// The bytes of its first field, the name.
pub(super) const NAME_SIZE: usize = 16;
const END_MAGIC: &[u8; 2] = b"`\n";
/// The shortest table of long names that readelf takes for one.
const SMALLEST_NAMES: u64 = 8;

/// How the name of a BSD symbol index starts, and the size of the name that contents start with.
const BSD_INDEX_NAME: &[u8] = b"__.SYMDEF";
const BSD_INDEX_NAME_SIZE: usize = 20;

/// Nobody seeks farther: the size of the largest file on the usual file system of Linux.
const FARTHEST: u64 = (16 << 40) - 4096;

/// A header as stored: `struct ar_hdr` of ar(5).
pub type RawHeader = [u8; HEADER_SIZE];

/// Whose rules an archive is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Those of the library that most programs read archives with.
    Bfd,
    /// Those of readelf, which has a reader of its own.
    Readelf,
}

/// Why a walk ends before the archive does, or cannot start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalkFault {
    /// The archive ends in a header.
    CutHeader,
    /// The archive ends in the header after the symbol index.
    CutAfterIndex,
    /// No file is so large that a header could be there.
    FarHeader,
    /// A header does not end as one does.
    BadMagic,
    /// A size is no number.
    NoSize,
    /// The size of the symbol index is negative.
    NegativeIndex(i64),
    /// The symbol index is damaged.
    BadIndex,
    /// The table of long names has so few bytes that it is none.
    SmallNames(u64),
    /// The table of long names is larger than the archive.
    LargeNames(u64),
    /// The table of long names goes past the end of the archive.
    CutNames,
    /// A member's name cannot be told.
    Name(NameFault),
    /// The size of the member before is negative.
    Nowhere,
    /// The size of the member before leads before the start of the archive.
    BeforeStart,
}

/// An archive whose special members have been found.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'data> {
    data: &'data [u8],
    rules: Rules,
    is_thin: bool,
    names: Option<&'data [u8]>,
    /// The symbol index, by the rules of BFD.
    index: Option<SymbolIndex<'data>>,
    start: usize,
}

/// A symbol index of GNU's kind: the bytes of its numbers, where it starts, and its size.
#[derive(Clone, Copy, Debug)]
pub struct StoredIndex {
    /// 4 or 8.
    pub word: usize,
    /// The offset of its contents.
    pub start: usize,
    /// As stored, with the byte that pads it.
    pub size: u64,
}

/// A member of the archive itself.
#[derive(Debug)]
pub struct Entry<'data> {
    /// The name.
    pub name: Name<'data>,
    /// Where the contents lie, as far as the archive has them; in a thin archive nothing.
    pub contents: Range<usize>,
}

/// What comes after the members found so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// A header, or the end, at this offset.
    At(usize),
    /// Nobody knows.
    Fault(WalkFault),
    /// Nothing.
    End,
}

/// Walks the members in order. A fault ends the walk.
#[derive(Clone, Debug)]
pub struct Cursor<'data> {
    walk: Walk<'data>,
    next: Next,
}

impl Cursor<'_> {
    /// How far the walk has come, in bytes of the archive.
    pub fn offset(&self) -> usize {
        let end = self.walk.data.len();
        match self.next {
            Next::At(at) => at.min(end),
            Next::Fault(_) | Next::End => end,
        }
    }

    /// Ends the walk.
    pub fn stop(&mut self) {
        self.next = Next::End;
    }
}

impl<'data> Iterator for Cursor<'data> {
    type Item = Result<Entry<'data>, WalkFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = match self.next {
            Next::At(at) => at,
            Next::Fault(fault) => {
                self.stop();
                return Some(Err(fault));
            }
            Next::End => return None,
        };
        self.stop();
        let parsed = self.walk.step(at)?;
        Some(parsed.map(|(entry, next)| {
            self.next = next;
            entry
        }))
    }
}

impl<'data> Walk<'data> {
    /// Starts a walk of the archive with these bytes, before its table of long names, with the
    /// place of its symbol index if it has one that the rules tell from a member: see
    /// [`Self::read_names`].
    ///
    /// # Errors
    /// If it is no archive by the rules.
    pub fn start(
        data: &'data [u8],
        rules: Rules,
    ) -> Result<(Self, Option<StoredIndex>), WalkFault> {
        let is_thin = data.starts_with(THIN_MAGIC);
        if !is_thin && !data.starts_with(MAGIC) {
            return Err(WalkFault::BadMagic);
        }
        let mut walk = Self { data, rules, is_thin, names: None, index: None, start: MAGIC.len() };
        let index = match rules {
            Rules::Bfd => walk.skip_bfd_index().map(|()| None).ok_or(WalkFault::BadIndex)?,
            Rules::Readelf => walk.skip_readelf_index()?,
        };
        Ok((walk, index))
    }

    /// Finds the table of long names, and steps over it.
    ///
    /// # Errors
    /// If what should be one is none.
    pub fn read_names(&mut self) -> Result<(), WalkFault> {
        match self.rules {
            Rules::Bfd => self.read_bfd_names().ok_or(WalkFault::BadIndex),
            Rules::Readelf => self.read_readelf_names(),
        }
    }

    /// As [`Self::start`] and [`Self::read_names`], by readelf's rules, for an archive that a thin
    /// one names: readelf takes any file for one. What is wrong before its members it tells once,
    /// and does without the table of long names.
    pub fn inner(data: &'data [u8]) -> (Self, Option<WalkFault>) {
        let (rules, start) = (Rules::Readelf, MAGIC.len());
        let mut walk = Self { data, rules, is_thin: false, names: None, index: None, start };
        let read = walk.skip_readelf_index().and_then(|_| walk.read_names());
        (walk, read.err())
    }

    /// The members from here on.
    pub fn members(self) -> Cursor<'data> {
        Cursor { walk: self, next: Next::At(self.start) }
    }

    /// The symbol index. By readelf's rules there is none here.
    pub fn index(&self) -> Option<SymbolIndex<'data>> {
        self.index
    }

    /// Whether the members are files of their own.
    pub fn is_thin(&self) -> bool {
        self.is_thin
    }

    /// The header at `at`.
    ///
    /// # Errors
    /// If the archive ends before its end, or there is none.
    pub fn header(&self, at: u64) -> Result<&'data RawHeader, WalkFault> {
        if at > FARTHEST {
            return Err(WalkFault::FarHeader);
        }
        let header = usize::try_from(at).ok().and_then(|at| self.stored(at));
        let header = header.ok_or(WalkFault::CutHeader)?;
        if header.ends_with(END_MAGIC) { Ok(header) } else { Err(WalkFault::BadMagic) }
    }

    /// The name in a header; not one that the contents start with.
    ///
    /// # Errors
    /// If it has none.
    pub fn name(&self, header: &'data RawHeader) -> Result<Name<'data>, WalkFault> {
        let name = match self.rules {
            Rules::Bfd => bfd_name(self.names, header, self.is_thin),
            Rules::Readelf => readelf_name(self.names, header, self.is_thin),
        };
        name.map_err(WalkFault::Name)
    }

    /// What a name in the table of long names says of another archive, which it is then the path
    /// of: where the member's header is there. 0 if nothing, `None` if the name is not in the
    /// table.
    pub fn origin(&self, header: &RawHeader) -> Option<u64> {
        (self.is_thin && self.names.is_some()).then(|| origin(header)).flatten()
    }

    /// The member whose header is at `at`; `None` at the end.
    pub fn member_at(&self, at: usize) -> Option<Result<Entry<'data>, WalkFault>> {
        self.step(at).map(|step| step.map(|(entry, _)| entry))
    }

    fn step(&self, at: usize) -> Option<Result<(Entry<'data>, Next), WalkFault>> {
        let is_end = match self.rules {
            Rules::Bfd => self.stored(at).is_none() || self.is_cut_in_name(at),
            // A seek past the end is no error, a cut header is one.
            Rules::Readelf => at >= self.data.len(),
        };
        (!is_end).then(|| self.parse(at))
    }

    /// Whether the archive ends in the name that starts a member's contents. One that the whole
    /// archive has no room for is no name.
    fn is_cut_in_name(&self, at: usize) -> bool {
        let Some(header) = self.stored(at).filter(|header| header.ends_with(END_MAGIC)) else {
            return false;
        };
        let length = self.name(header).ok().and_then(|name| name.length_in_contents);
        let room = match declared_size(header) {
            Some(Size::Bytes(size)) => size.min(self.data.len()),
            _ => return false,
        };
        let start = at.saturating_add(HEADER_SIZE);
        length
            .filter(|&length| length <= room)
            .is_some_and(|length| self.data.len() < start.saturating_add(length))
    }

    fn parse(&self, at: usize) -> Result<(Entry<'data>, Next), WalkFault> {
        let header = self.header(at as u64)?;
        let declared = self.declared_size(header)?;
        let start = at.saturating_add(HEADER_SIZE);
        let tail = self.data.len().saturating_sub(start);
        let size = match declared {
            Size::Bytes(size) => size,
            Size::Negative(_) => tail,
        };
        let mut contents = start..start.saturating_add(size.min(tail));
        let mut name = self.name(header)?;
        if let Some(length) = name.length_in_contents {
            let end = start.saturating_add(length);
            let text = self.data.get(start..end).filter(|_| length <= size);
            let text = text.ok_or(WalkFault::Name(NameFault::Malformed))?;
            name.text = Cow::Borrowed(until(text, 0));
            contents.start = end;
        }
        let end = if self.is_thin { Some(contents.start) } else { start.checked_add(size) };
        let next = match declared {
            Size::Negative(size) if !self.is_thin => self.after_negative(start, size),
            _ => end.and_then(|end| end.checked_next_multiple_of(2)).map_or(Next::End, Next::At),
        };
        Ok((Entry { name, contents }, next))
    }

    /// What follows a member that starts at `start`, by its negative size.
    fn after_negative(&self, start: usize, size: i64) -> Next {
        let end = (start as u64).checked_add_signed(size);
        match (self.rules, end.and_then(|end| end.checked_next_multiple_of(2))) {
            (Rules::Bfd, None) => Next::Fault(WalkFault::BeforeStart),
            (Rules::Bfd, Some(next)) if next == start as u64 => Next::At(start),
            _ => Next::Fault(WalkFault::Nowhere),
        }
    }

    /// The header at `at` as stored, whatever it is.
    fn stored(&self, at: usize) -> Option<&'data RawHeader> {
        self.data.get(at..)?.first_chunk()
    }

    /// The name field of the header at `at`, even if the archive ends after it.
    fn name_field(&self, at: usize) -> Option<&'data [u8; NAME_SIZE]> {
        self.data.get(at..)?.first_chunk()
    }

    fn declared_size(&self, header: &RawHeader) -> Result<Size, WalkFault> {
        match (declared_size(header), self.rules) {
            (Some(size), _) => Ok(size),
            (None, Rules::Bfd) => Err(WalkFault::NoSize),
            (None, Rules::Readelf) => Ok(Size::Bytes(0)),
        }
    }

    /// Skips the symbol index; `None` if it is so wrong that this is no archive.
    fn skip_bfd_index(&mut self) -> Option<()> {
        if self.start == self.data.len() {
            return Some(());
        }
        let kind = match self.name_field(self.start)? {
            b"/               " => IndexKind::Gnu32,
            b"/SYM64/         " => IndexKind::Gnu64,
            b"__.SYMDEF       " | b"__.SYMDEF/      " => IndexKind::Bsd32,
            b"#1/20           " if self.long_index_name()?.starts_with(BSD_INDEX_NAME) => {
                IndexKind::Bsd32
            }
            _ => return Some(()),
        };
        let (mut contents, next) = self.special(self.start)?;
        if kind == IndexKind::Bsd32 {
            let has_long_name = self.name_field(self.start)?.starts_with(b"#");
            let named = if has_long_name { BSD_INDEX_NAME_SIZE } else { 0 };
            contents = contents.get(named..)?;
            check_bsd_index(contents)?;
        } else {
            SymbolIndex::new(contents, kind).symbols().ok()?;
        }
        self.index = Some(SymbolIndex::new(contents, kind));
        self.start = next;
        if kind == IndexKind::Gnu32 {
            self.skip_second_index();
        }
        Some(())
    }

    /// The name that starts the first member's contents.
    fn long_index_name(&self) -> Option<&'data [u8; BSD_INDEX_NAME_SIZE]> {
        self.data.get(self.start.checked_add(HEADER_SIZE)?..)?.first_chunk()
    }

    /// The archives of one system have a second index, in another order, after the first. Its
    /// size is taken as it is; if it leads before the start of the archive, there is nothing more.
    fn skip_second_index(&mut self) {
        let header = self.header(self.start as u64).ok();
        let Some(header) = header.filter(|header| header.starts_with(b"/ ")) else { return };
        let size = match declared_size(header) {
            Some(Size::Bytes(size)) => size as u64,
            Some(Size::Negative(size)) => size.cast_unsigned(),
            None => return,
        };
        // BFD has 32 bits for it.
        let size = isize::try_from(size as i32).unwrap_or(isize::MAX);
        let end = self.start.saturating_add(HEADER_SIZE).checked_add_signed(size);
        let next = end.and_then(|end| end.checked_next_multiple_of(2));
        self.start = next.unwrap_or(self.data.len());
    }

    fn read_bfd_names(&mut self) -> Option<()> {
        let name = self.name_field(self.start);
        if name == Some(b"//              ") || name == Some(b"ARFILENAMES/    ") {
            let (names, next) = self.special(self.start)?;
            self.names = Some(names);
            self.start = next;
        }
        Some(())
    }

    /// The contents of the special member at `at`, and what follows it.
    fn special(&self, at: usize) -> Option<(&'data [u8], usize)> {
        let header = self.header(at as u64).ok()?;
        let Size::Bytes(size) = declared_size(header)? else { return None };
        let start = at.checked_add(HEADER_SIZE)?;
        let end = start.checked_add(size)?;
        Some((self.data.get(start..end)?, end.checked_next_multiple_of(2)?))
    }

    /// Skips the symbol index without a look at its contents.
    fn skip_readelf_index(&mut self) -> Result<Option<StoredIndex>, WalkFault> {
        if self.data.len() == self.start {
            return Ok(None);
        }
        let header = self.stored(self.start).ok_or(WalkFault::CutHeader)?;
        let word = match header.first_chunk() {
            Some(b"/               ") => 4,
            Some(b"/SYM64/         ") => 8,
            _ => return Ok(None),
        };
        let size = match self.declared_size(header)? {
            Size::Bytes(size) => size as u64,
            Size::Negative(size) => return Err(WalkFault::NegativeIndex(size)),
        };
        let size = size.saturating_add(size % 2);
        let start = self.start.saturating_add(HEADER_SIZE);
        self.start = start.saturating_add(usize::try_from(size).unwrap_or(usize::MAX));
        Ok(Some(StoredIndex { word, start, size }))
    }

    fn read_readelf_names(&mut self) -> Result<(), WalkFault> {
        let Some(header) = self.stored(self.start) else {
            let has_index = self.start > MAGIC.len();
            let is_cut = has_index && self.start < self.data.len();
            return if is_cut { Err(WalkFault::CutAfterIndex) } else { Ok(()) };
        };
        if header.first_chunk() != Some(b"//              ") {
            return Ok(());
        }
        let size = match self.declared_size(header)? {
            Size::Bytes(size) => size as u64,
            Size::Negative(size) => size.cast_unsigned(),
        };
        if size < SMALLEST_NAMES {
            return Err(WalkFault::SmallNames(size));
        }
        let start = self.start.saturating_add(HEADER_SIZE);
        if size > self.data.len() as u64 {
            return Err(WalkFault::LargeNames(size));
        }
        let end = usize::try_from(size).ok().and_then(|size| start.checked_add(size));
        let names = end.and_then(|end| self.data.get(start..end)).ok_or(WalkFault::CutNames)?;
        self.names = Some(names);
        // What follows is looked for right behind the table, without the byte that pads an odd one.
        self.start = start.saturating_add(names.len());
        Ok(())
    }
}

/// The number that `text` starts with as strtoul(3) reads it in C, 0 if with none, and what follows
/// it: after spaces a sign may stand, and a negative number wraps.
pub(super) fn leading_signed_number(text: &[u8]) -> (u64, &[u8]) {
    let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let spaces = text.iter().take_while(is_space).count();
    let signed = text.get(spaces..).unwrap_or_default();
    let (is_negative, digits) = match signed {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if !digits.first().is_some_and(u8::is_ascii_digit) {
        return (0, text);
    }
    let (number, rest) = leading_number(digits);
    (if is_negative { number.wrapping_neg() } else { number }, rest)
}

/// `None` if the contents of a BSD symbol index are damaged: the bytes of all its entries, the
/// entries, each the place of a name among the strings and the offset of a member, the bytes of
/// the strings, which nobody looks at, and the strings.
fn check_bsd_index(contents: &[u8]) -> Option<()> {
    let is_sound = |encoding: Encoding| {
        let word = encoding.word_size();
        let size = usize::try_from(encoding.word(contents, 0)?).ok()?;
        let entries = contents.get(word..)?.get(..size)?;
        let strings = contents.len().checked_sub(size.checked_add(2 * word)?)? as u64;
        let has_name = |entry: &[u8]| encoding.word(entry, 0).is_some_and(|name| name < strings);
        let is_whole = size % (2 * word) == 0;
        (is_whole && entries.chunks_exact(2 * word).all(has_name)).then_some(())
    };
    [Endianness::Little, Endianness::Big]
        .into_iter()
        .find_map(|endian| is_sound(Encoding { class: Class::Elf32, endian }))
}

/// A size as strtol(3) reads it.
#[derive(Clone, Copy)]
enum Size {
    Bytes(usize),
    Negative(i64),
}

/// The size field; `None` if it starts with no number.
fn declared_size(header: &RawHeader) -> Option<Size> {
    let field = header.get(48..58)?.trim_ascii_start();
    let (is_negative, digits) = match field {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if !digits.first()?.is_ascii_digit() {
        return None;
    }
    // At most ten digits.
    let size = leading_number(digits).0;
    Some(if is_negative && size != 0 {
        Size::Negative(size.cast_signed().wrapping_neg())
    } else {
        Size::Bytes(usize::try_from(size).ok()?)
    })
}

/// The number that `text` starts with, 0 if with none, and what follows it.
pub(super) fn leading_number(text: &[u8]) -> (u64, &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(count).unwrap_or((text, &[]));
    let number = digits.iter().fold(0u64, |number, byte| {
        number.saturating_mul(10).saturating_add(u64::from(byte.wrapping_sub(b'0')))
    });
    (number, rest)
}

pub(super) fn until(text: &[u8], end: u8) -> &[u8] {
    let length = memchr::memchr(end, text).unwrap_or(text.len());
    text.get(..length).unwrap_or_default()
}

//! Symbols of LLVM bitcode.
//!
//! Bitcode is a stream of bits, cut into blocks; see "LLVM Bitcode File Format" in LLVM's
//! documentation and [`bitstream`]. For linkers, which want to know no more of a module than its
//! symbols, LLVM writes two blocks behind the modules, each with one blob of bytes:
//!
//! - `SYMTAB_BLOCK` (25): the table of symbols, structures of little-endian 32-bit words;
//! - `STRTAB_BLOCK` (23): the bytes of all names.
//!
//! The table starts with a header, whose words are:
//!
//! | word | holds |
//! |---|---|
//! | 0 | version |
//! | 1, 2 | who wrote it: offset and size in the strings |
//! | 3, 4 | modules: offset in the table and count |
//! | 5, 6 | COMDAT groups |
//! | 7, 8 | symbols |
//! | 9, 10 | what only few symbols have |
//!
//! A symbol has six words: name (two), name in the module (two), COMDAT group or -1, flags. The
//! flags' lowest bits are the visibility, the next says that the symbol is the next of the few.
//!
//! LLVM's plugin makes the table anew if another version of LLVM wrote it, and refuses modules that
//! are newer than itself. The table alone is read here, whatever the version of the module.

pub mod bitstream;

use super::{Contents, Fault, Kind, LtoSymbol, Visibility};
use bitstream::{Blob, Blocks};

/// The start of a stream.
const MAGIC: &[u8; 4] = b"BC\xc0\xde";
/// The start of a wrapper, 0x0B17C0DE in little-endian; where the stream is follows in two words
/// behind a version.
const WRAPPER_MAGIC: &[u8; 4] = b"\xde\xc0\x17\x0b";
const WRAPPED_OFFSET: usize = 8;
const WRAPPED_SIZE: usize = 12;

const STRTAB_BLOCK: u32 = 23;
const SYMTAB_BLOCK: u32 = 25;
/// The code of the record with the blob, in both blocks.
const BLOB_CODE: u64 = 1;

/// The last version of the table whose layout is known; those before have the same up to here.
const LAST_VERSION: u32 = 3;
const COMDATS_AT: usize = 20;
const SYMBOLS_AT: usize = 28;
const UNCOMMONS_AT: usize = 36;
const SYMBOL_SIZE: usize = 24;
const UNCOMMON_SIZE: usize = 24;
/// Version 3 added a word to COMDAT groups.
const COMDAT_SIZE: usize = 12;
const OLD_COMDAT_SIZE: usize = 8;
const FIRST_LONG_COMDAT: u32 = 3;

/// Fields of a symbol.
const COMDAT_AT: usize = 16;
const FLAGS_AT: usize = 20;
const HAS_UNCOMMON: u32 = 1 << 2;
const UNDEFINED: u32 = 1 << 3;
const WEAK: u32 = 1 << 4;
const COMMON: u32 = 1 << 5;
const GLOBAL: u32 = 1 << 10;
const FORMAT_SPECIFIC: u32 = 1 << 11;

/// The bitcode that a file holds, or `None` if it holds none.
///
/// # Errors
/// If a wrapper holds none.
pub fn stream(data: &[u8]) -> Option<Result<&[u8], Fault>> {
    if data.starts_with(MAGIC) {
        Some(Ok(data))
    } else if data.starts_with(WRAPPER_MAGIC) {
        Some(wrapped(data).ok_or(Fault::Malformed))
    } else {
        None
    }
}

fn wrapped(data: &[u8]) -> Option<&[u8]> {
    let start = word(data, WRAPPED_OFFSET)? as usize;
    let size = word(data, WRAPPED_SIZE)? as usize;
    let rest = data.get(start..)?;
    let stream = rest.get(..size).unwrap_or(rest);
    stream.starts_with(MAGIC).then_some(stream)
}

/// A table and the strings that belong to it.
#[derive(Clone, Copy, Debug)]
struct Table<'data> {
    bytes: &'data [u8],
    strings: &'data [u8],
    version: u32,
    /// Where the next symbol is, and how many are left.
    symbol_at: usize,
    symbols_left: u32,
    /// Where what the next of the few has is.
    uncommon_at: usize,
    comdats_at: usize,
    comdats: u32,
}

/// The symbols of bitcode.
#[derive(Clone, Debug)]
pub struct Symbols<'data> {
    /// The tables that are not read yet, the next one last.
    tables: Vec<Table<'data>>,
}

/// The symbols of a stream that starts with bitcode's magic bytes.
///
/// # Errors
/// If it has no table of symbols, or that cannot be read.
pub fn symbols(stream: &[u8]) -> Result<Symbols<'_>, Fault> {
    let mut tables = Vec::new();
    let mut pending = None;
    let start = stream.get(MAGIC.len()..).ok_or(Fault::Malformed)?;
    for block in Blocks::new(start) {
        let block = match block {
            Ok(block) => block,
            // What follows the tables is not needed.
            Err(_) if !tables.is_empty() => break,
            Err(fault) => return Err(fault),
        };
        match block.id {
            SYMTAB_BLOCK => pending = blob(&block)?,
            STRTAB_BLOCK => {
                if let (Some(bytes), Some(strings)) = (pending.take(), blob(&block)?) {
                    tables.push(Table::new(bytes, strings)?);
                }
            }
            _ => {}
        }
    }
    if tables.is_empty() {
        return Err(Fault::NoTable);
    }
    tables.reverse();
    Ok(Symbols { tables })
}

fn blob<'data>(block: &bitstream::Block<'data>) -> Result<Option<&'data [u8]>, Fault> {
    let found =
        block.blobs().find(|blob| !matches!(blob, Ok(Blob { code, .. }) if *code != BLOB_CODE));
    found.transpose().map(|blob| blob.map(|blob| blob.bytes))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

impl<'data> Table<'data> {
    fn new(bytes: &'data [u8], strings: &'data [u8]) -> Result<Self, Fault> {
        let word = |at| word(bytes, at).ok_or(Fault::Truncated);
        let version = word(0)?;
        if version > LAST_VERSION {
            return Err(Fault::Version(version));
        }
        Ok(Self {
            bytes,
            strings,
            version,
            symbol_at: word(SYMBOLS_AT)? as usize,
            symbols_left: word(SYMBOLS_AT + 4)?,
            uncommon_at: word(UNCOMMONS_AT)? as usize,
            comdats_at: word(COMDATS_AT)? as usize,
            comdats: word(COMDATS_AT + 4)?,
        })
    }

    /// A string by the place of its offset and size in the table.
    fn string(&self, at: usize) -> Option<&'data [u8]> {
        let offset = word(self.bytes, at)? as usize;
        let size = word(self.bytes, at.checked_add(4)?)? as usize;
        self.strings.get(offset..)?.get(..size)
    }

    fn comdat(&self, index: u32) -> Option<&'data [u8]> {
        let size = if self.version < FIRST_LONG_COMDAT { OLD_COMDAT_SIZE } else { COMDAT_SIZE };
        if index >= self.comdats {
            return None;
        }
        self.string(self.comdats_at.checked_add((index as usize).checked_mul(size)?)?)
    }

    /// Reads the next symbol, whether linkers see it or not.
    fn symbol(&mut self) -> Option<(LtoSymbol<'data>, u32)> {
        let at = self.symbol_at;
        self.symbol_at = at.checked_add(SYMBOL_SIZE)?;
        self.symbols_left = self.symbols_left.checked_sub(1)?;
        let fields = self.bytes.get(at..self.symbol_at)?;
        let name = self.string(at)?;
        let group = word(fields, COMDAT_AT)?;
        let flags = word(fields, FLAGS_AT)?;
        let mut common_size = 0;
        if flags & HAS_UNCOMMON != 0 {
            common_size = word(self.bytes, self.uncommon_at)?;
            self.uncommon_at = self.uncommon_at.checked_add(UNCOMMON_SIZE)?;
        }
        let kind = kind_of(flags);
        let visibility = match flags & 3 {
            1 => Visibility::Hidden,
            2 => Visibility::Protected,
            _ => Visibility::Default,
        };
        let symbol = LtoSymbol {
            name,
            comdat: self.comdat(group).unwrap_or_default(),
            kind,
            visibility,
            contents: Contents::Unknown,
            size: if kind == Kind::Common { u64::from(common_size) } else { 0 },
        };
        Some((symbol, flags))
    }
}

fn kind_of(flags: u32) -> Kind {
    let is_weak = flags & WEAK != 0;
    match (flags & UNDEFINED != 0, flags & COMMON != 0) {
        (true, _) if is_weak => Kind::WeakUndefined,
        (true, _) => Kind::Undefined,
        (false, true) => Kind::Common,
        (false, false) if is_weak => Kind::WeakDefined,
        (false, false) => Kind::Defined,
    }
}

/// Whether linkers see a symbol: no local ones, and none of LLVM's own.
fn is_listed(flags: u32) -> bool {
    flags & GLOBAL != 0 && flags & FORMAT_SPECIFIC == 0
}

impl<'data> Iterator for Symbols<'data> {
    type Item = Result<LtoSymbol<'data>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let table = self.tables.last_mut()?;
            if table.symbols_left == 0 {
                self.tables.pop();
                continue;
            }
            let Some((symbol, flags)) = table.symbol() else {
                self.tables.clear();
                return Some(Err(Fault::Truncated));
            };
            if is_listed(flags) {
                return Some(Ok(symbol));
            }
        }
    }
}

#[cfg(test)]
mod tests;

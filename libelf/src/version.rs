//! Symbol versions: `SHT_GNU_verdef`, `SHT_GNU_verneed` and `SHT_GNU_versym`. LSB Core, chapter
//! 10, "Symbol Versioning". The structures are the same in both classes.

use crate::error::{Problem, Result};
use crate::ident::{Class, Encoding};
use crate::table::Record;

/// The index bits of a `versym` entry.
pub const VERSYM_INDEX: u16 = 0x7fff;
/// The bit of a `versym` entry that hides the symbol from lookups without a version.
pub const VERSYM_HIDDEN: u16 = 0x8000;

/// A version definition (`Verdef`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdef {
    /// The structure's version: 1.
    pub version: u16,
    /// `VER_FLG_` bits.
    pub flags: u16,
    /// The version index that `versym` entries name.
    pub index: u16,
    /// How many [`Verdaux`] entries belong to it: its name, then its parents' names.
    pub count: u16,
    /// The SysV hash of the name.
    pub hash: u32,
    /// From here to the first [`Verdaux`], in bytes.
    pub aux: u32,
    /// From here to the next definition, in bytes; 0 at the last.
    pub next: u32,
}

impl Record for Verdef {
    fn size(_: Class) -> usize {
        20
    }

    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        Some(Self {
            version: encoding.u16(bytes, 0)?,
            flags: encoding.u16(bytes, 2)?,
            index: encoding.u16(bytes, 4)?,
            count: encoding.u16(bytes, 6)?,
            hash: encoding.u32(bytes, 8)?,
            aux: encoding.u32(bytes, 12)?,
            next: encoding.u32(bytes, 16)?,
        })
    }
}

/// A name of a version definition (`Verdaux`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdaux {
    /// The name's offset in the linked string table, in bytes.
    pub name: u32,
    /// From here to the next name, in bytes; 0 at the last.
    pub next: u32,
}

impl Record for Verdaux {
    fn size(_: Class) -> usize {
        8
    }

    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        Some(Self { name: encoding.u32(bytes, 0)?, next: encoding.u32(bytes, 4)? })
    }
}

/// The versions needed from one library (`Verneed`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verneed {
    /// The structure's version: 1.
    pub version: u16,
    /// How many [`Vernaux`] entries belong to it.
    pub count: u16,
    /// The library's name: its offset in the linked string table, in bytes.
    pub file: u32,
    /// From here to the first [`Vernaux`], in bytes.
    pub aux: u32,
    /// From here to the next library, in bytes; 0 at the last.
    pub next: u32,
}

impl Record for Verneed {
    fn size(_: Class) -> usize {
        16
    }

    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        Some(Self {
            version: encoding.u16(bytes, 0)?,
            count: encoding.u16(bytes, 2)?,
            file: encoding.u32(bytes, 4)?,
            aux: encoding.u32(bytes, 8)?,
            next: encoding.u32(bytes, 12)?,
        })
    }
}

/// A needed version (`Vernaux`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vernaux {
    /// The SysV hash of the name.
    pub hash: u32,
    /// `VER_FLG_` bits.
    pub flags: u16,
    /// The version index that `versym` entries name.
    pub other: u16,
    /// The name's offset in the linked string table, in bytes.
    pub name: u32,
    /// From here to the next version, in bytes; 0 at the last.
    pub next: u32,
}

impl Record for Vernaux {
    fn size(_: Class) -> usize {
        16
    }

    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        Some(Self {
            hash: encoding.u32(bytes, 0)?,
            flags: encoding.u16(bytes, 4)?,
            other: encoding.u16(bytes, 6)?,
            name: encoding.u32(bytes, 8)?,
            next: encoding.u32(bytes, 12)?,
        })
    }
}

/// A record that names the distance to the next of its chain.
pub trait Linked: Record {
    /// From this record to the next in bytes; 0 at the last.
    fn next(&self) -> u32;
}

impl Linked for Verdef {
    fn next(&self) -> u32 {
        self.next
    }
}

impl Linked for Verdaux {
    fn next(&self) -> u32 {
        self.next
    }
}

impl Linked for Verneed {
    fn next(&self) -> u32 {
        self.next
    }
}

impl Linked for Vernaux {
    fn next(&self) -> u32 {
        self.next
    }
}

/// The records of a chain, each with its offset in `bytes`, from the one at `start` on.
///
/// At most `limit` records come (a `vd_cnt`, `vn_cnt` or `sh_info`). A record outside `bytes` ends
/// the chain with an error. Distances are positive, so no chain is endless.
pub fn chain<R: Linked>(
    bytes: &[u8],
    encoding: Encoding,
    start: usize,
    limit: usize,
) -> impl Iterator<Item = Result<(usize, R)>> {
    let mut at = Some(start);
    std::iter::from_fn(move || {
        let offset = at.take()?;
        let Some(record) = bytes.get(offset..).and_then(|tail| R::decode(tail, encoding)) else {
            return Some(Err(Problem::PastEnd {
                what: "version record",
                end: (offset as u64).saturating_add(R::size(encoding.class) as u64),
                limit: bytes.len() as u64,
            }
            .into()));
        };
        if record.next() != 0 {
            at = usize::try_from(record.next()).ok().and_then(|next| offset.checked_add(next));
        }
        Some(Ok((offset, record)))
    })
    .take(limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::endian::Endianness;

    const LE: Encoding = Encoding { class: Class::Elf32, endian: Endianness::Little };

    #[test]
    fn a_chain_ends_at_zero_at_the_limit_or_with_an_error() {
        let bytes: Vec<u8> =
            [1_u32, 8, 2, 8, 3, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
        let names = |limit, bytes: &[u8]| {
            chain::<Verdaux>(bytes, LE, 0, limit)
                .map(|record| record.map(|(_, aux)| aux.name).map_err(|error| error.problem))
                .collect::<Vec<_>>()
        };
        assert_eq!(names(9, &bytes), [Ok(1), Ok(2), Ok(3)]);
        assert_eq!(names(2, &bytes), [Ok(1), Ok(2)]);
        assert!(matches!(names(9, &bytes[..16])[2], Err(Problem::PastEnd { .. })));
    }
}

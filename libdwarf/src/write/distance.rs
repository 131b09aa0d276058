//! How far two addresses lie apart, when not every address is known.
//!
//! An assembler describes code before it knows how long its jumps become; an object for a linker
//! that relaxes code never knows. So what is written here asks for distances instead of
//! addresses: an answer that is final is used in as few bytes as possible, and where there is none
//! the distance is left to a relocation.
//!
//! Two places in one symbol are a known distance apart. Where a linker may shorten the code between
//! them, they need a symbol each.

pub use gimli::write::Address;

/// How far apart two addresses are, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distance {
    /// So far, and it will not change.
    Exactly(i64),
    /// No farther than this: the linker may take code out between them. It is left to a relocation,
    /// of as few bytes as this needs.
    AtMost(u64),
    /// The linker will know.
    Unknown,
}

impl Distance {
    /// The distance, if it is final.
    pub fn exactly(self) -> Option<i64> {
        match self {
            Self::Exactly(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// Tells how many bytes lie from the first address to the second. Asked only for what
/// [`known_distance`] cannot tell, and the same answer is expected each time.
pub type Distances<'a> = &'a dyn Fn(Address, Address) -> Distance;

/// How many bytes lie from one address to another, as far as the addresses themselves say it: both
/// are numbers, or both are relative to one symbol.
///
/// ```
/// use libdwarf::write::{Address, known_distance};
///
/// let symbol = |addend| Address::Symbol { symbol: 7, addend };
/// assert_eq!(known_distance(symbol(4), symbol(10)), Some(6));
/// assert_eq!(known_distance(Address::Constant(4), symbol(10)), None);
/// ```
pub fn known_distance(from: Address, to: Address) -> Option<i64> {
    match (from, to) {
        (Address::Constant(from), Address::Constant(to)) => Some(to.wrapping_sub(from) as i64),
        (
            Address::Symbol { symbol: first, addend: from },
            Address::Symbol { symbol: second, addend: to },
        ) if first == second => to.checked_sub(from),
        _ => None,
    }
}

/// Tells no distance: all that is not constant is left to relocations.
pub fn no_distances(_: Address, _: Address) -> Distance {
    Distance::Unknown
}

/// What the addresses say, else what `distances` does.
pub(super) fn distance(distances: Distances<'_>, from: Address, to: Address) -> Distance {
    known_distance(from, to).map_or_else(|| distances(from, to), Distance::Exactly)
}

/// The address `length` bytes after `start`, if there is one.
pub(super) fn address_after(start: Address, length: u64) -> Option<Address> {
    Some(match start {
        Address::Constant(value) => Address::Constant(value.checked_add(length)?),
        Address::Symbol { symbol, addend } => {
            let addend = addend.checked_add(i64::try_from(length).ok()?)?;
            Address::Symbol { symbol, addend }
        }
    })
}

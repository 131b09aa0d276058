//! Tables for exceptions (`.gcc_except_table`): what a function does when one comes by.
//!
//! The Language-Specific Data Area of C++, and in the same form of Rust and others. A header is
//! followed by call sites, stretches of the function with a landing pad that is jumped to; by
//! actions, chains of what a landing pad is for; and by types, from their end to their start.
//! Itanium C++ ABI: Exception Handling, level II; Linux Standard Base, section 10.7.
//!
//! ```
//! use gimli::RunTimeEndian;
//! use libdwarf::unwind::lsda::{Action, Base, Lsda};
//!
//! // From 4 to 6 of the function, 16 is jumped to, to clean up.
//! let table = [0xff, 0xff, 0x01, 4, 4, 2, 0x10, 0];
//! let base = Base { address: 0x2000, function: 0x1000, address_size: 8 };
//! let lsda = Lsda::parse(&table, RunTimeEndian::Little, base)?;
//! let site = lsda.call_site(0x1005).ok_or("no call site")?;
//! assert_eq!(site.landing_pad, Some(0x1010));
//! assert_eq!(lsda.actions(site).collect::<Vec<_>>(), [Action::Cleanup]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use gimli::{EndianSlice, Pointer, Reader as _, RunTimeEndian};

use crate::load::Slice;

use super::Error;
use super::pointer::{self, Bases, OMIT};

/// Actions that are followed in a chain; damaged ones are endless.
const MAX_CHAIN: usize = 4096;

/// Where a table is, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Base {
    /// The address of the table.
    pub address: u64,
    /// The address of its function.
    pub function: u64,
    /// The bytes of an address.
    pub address_size: u8,
}

impl Base {
    /// What the pointers of the table are relative to: nothing is relative to text or data.
    fn bases(&self) -> Bases {
        Bases { start: self.address, text: 0, data: 0, address_size: self.address_size }
    }
}

/// A stretch of the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallSite {
    /// The address where it starts.
    pub start: u64,
    /// The address behind it.
    pub end: u64,
    /// What is jumped to; `None` if the exception goes by.
    pub landing_pad: Option<u64>,
    /// Where its first action is, and 1; 0 if it only cleans up.
    action: u64,
}

/// What a landing pad is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Destructors; the exception goes on.
    Cleanup,
    /// A handler of exceptions of a type.
    Catch(Type),
    /// Other exceptions than those of a list are not let through: the offset of the list, behind
    /// the types.
    Specification(u64),
}

/// The type information of a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// All types are handled.
    Any,
    /// The address of the type information.
    Direct(u64),
    /// The address of where the address is.
    Indirect(u64),
}

/// A table.
#[derive(Clone, Debug)]
pub struct Lsda<'data> {
    /// Ascending, as compilers write them.
    call_sites: Vec<CallSite>,
    actions: Slice<'data>,
    /// From the start of the section's rest; types are counted from `types_end` down.
    all: Slice<'data>,
    types_end: Option<u64>,
    type_encoding: u8,
    base: Base,
}

impl<'data> Lsda<'data> {
    /// Reads the table at the start of `data`, which may go on behind it.
    ///
    /// # Errors
    /// If it is cut short, or encoded in an unknown way.
    pub fn parse(data: &'data [u8], endian: RunTimeEndian, base: Base) -> Result<Self, Error> {
        let all = EndianSlice::new(data, endian);
        let mut reader = all;
        let bases = base.bases();
        let value = |reader: &mut Slice<'data>, encoding| {
            pointer::read(all, reader, encoding, &bases, Some(base.function))?.direct()
        };
        let start_encoding = reader.read_u8()?;
        let landing_pads = match start_encoding {
            OMIT => base.function,
            encoding => value(&mut reader, encoding)?,
        };
        let type_encoding = reader.read_u8()?;
        let types_end = if type_encoding == OMIT {
            None
        } else {
            let offset = reader.read_uleb128()?;
            Some((reader.offset_from(all) as u64).saturating_add(offset))
        };
        let encoding = reader.read_u8()?;
        let size = reader.read_uleb128()?;
        let size = usize::try_from(size).map_err(|_| Error::Lsda)?;
        let mut sites = reader.split(size)?;
        let mut call_sites = Vec::new();
        while !sites.is_empty() {
            let start = base.function.wrapping_add(value(&mut sites, encoding)?);
            let length = value(&mut sites, encoding)?;
            let landing_pad = value(&mut sites, encoding)?;
            let action = sites.read_uleb128()?;
            call_sites.push(CallSite {
                start,
                end: start.wrapping_add(length),
                landing_pad: (landing_pad != 0).then(|| landing_pads.wrapping_add(landing_pad)),
                action,
            });
        }
        Ok(Self { call_sites, actions: reader, all, types_end, type_encoding, base })
    }

    /// All call sites.
    pub fn call_sites(&self) -> &[CallSite] {
        &self.call_sites
    }

    /// The call site that an address is in. Where there is none, exceptions end the program.
    pub fn call_site(&self, address: u64) -> Option<&CallSite> {
        self.call_sites.iter().find(|site| site.start <= address && address < site.end)
    }

    /// What the landing pad of a call site is for, in the order in which it is tried. What cannot
    /// be read ends it.
    pub fn actions(&self, site: &CallSite) -> impl Iterator<Item = Action> + '_ {
        let mut next = site.action.checked_sub(1);
        let mut only_cleanup = site.action == 0 && site.landing_pad.is_some();
        (0..MAX_CHAIN).map_while(move |_| {
            if std::mem::take(&mut only_cleanup) {
                return Some(Action::Cleanup);
            }
            let at = next?;
            let mut reader = self.actions;
            reader.skip(usize::try_from(at).ok()?).ok()?;
            let filter = reader.read_sleb128().ok()?;
            let place = reader.offset_from(self.actions) as u64;
            let displacement = reader.read_sleb128().ok()?;
            next = (displacement != 0).then(|| place.wrapping_add_signed(displacement));
            self.action(filter)
        })
    }

    fn action(&self, filter: i64) -> Option<Action> {
        Some(match filter {
            0 => Action::Cleanup,
            1.. => Action::Catch(self.type_at(filter.cast_unsigned())?),
            _ => Action::Specification(filter.unsigned_abs().checked_sub(1)?),
        })
    }

    /// The type with this number, from 1.
    fn type_at(&self, number: u64) -> Option<Type> {
        let size = pointer::size(self.type_encoding, self.base.address_size)?;
        let at = self.types_end?.checked_sub(number.checked_mul(size)?)?;
        let mut reader = self.all;
        reader.skip(usize::try_from(at).ok()?).ok()?;
        let (bases, function) = (self.base.bases(), Some(self.base.function));
        let found = pointer::read(self.all, &mut reader, self.type_encoding, &bases, function);
        Some(match found.ok()? {
            Pointer::Direct(0) => Type::Any,
            Pointer::Direct(address) => Type::Direct(address),
            Pointer::Indirect(address) => Type::Indirect(address),
        })
    }
}

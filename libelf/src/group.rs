//! Section groups. gABI, chapter 4, "Section Groups".

use object::elf::GRP_COMDAT;

use crate::ident::Encoding;
use crate::table::Table;

/// The flag bits of a group that are left to operating systems (`GRP_MASKOS`).
pub const GRP_MASKOS: u32 = 0x0ff0_0000;
/// The flag bits of a group that are left to processors (`GRP_MASKPROC`).
pub const GRP_MASKPROC: u32 = 0xf000_0000;

/// A section group (`SHT_GROUP`).
#[derive(Clone, Copy, Debug)]
pub struct Group<'data> {
    /// Its flags (`GRP_` bits).
    pub flags: u32,
    /// The section header indexes of its members, as stored.
    pub members: Table<'data, u32>,
}

impl<'data> Group<'data> {
    /// Reads the contents of a group section; `None` if they are too few for the flag word.
    pub fn parse(contents: &'data [u8], encoding: Encoding) -> Option<Self> {
        let words = Table::<u32>::new(contents, encoding);
        Some(Self { flags: words.get(0)?, members: words.range(1, usize::MAX) })
    }

    /// Whether only one group of its name is kept at link time (`GRP_COMDAT`).
    pub fn is_comdat(&self) -> bool {
        self.flags & GRP_COMDAT.0 != 0
    }
}

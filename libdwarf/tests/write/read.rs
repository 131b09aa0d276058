//! Sections as gimli reads them.

use gimli::{EndianSlice, RunTimeEndian};
use libdwarf::section::SectionId;
use libdwarf::write::{Address, Sections};

/// How gimli reads.
pub type Slice<'a> = EndianSlice<'a, RunTimeEndian>;

/// Where symbols lie once they are known: all of them, as [`Sections::resolve`] asks.
#[expect(clippy::unnecessary_wraps)]
pub fn address_of(symbol: usize) -> Option<u64> {
    Some([0x1000, 0x2000, 0x2100].get(symbol).copied().unwrap_or(0x3000))
}

/// Where an address lies once symbols are known.
pub fn value_of(address: Address) -> u64 {
    match address {
        Address::Constant(value) => value,
        Address::Symbol { symbol, addend } => {
            address_of(symbol).unwrap().wrapping_add_signed(addend)
        }
    }
}

/// The sections with all relocations applied.
pub fn linked(sections: &Sections) -> Sections {
    let mut linked = sections.clone();
    linked.resolve(&address_of).unwrap();
    linked
}

/// The sections of a file as gimli reads them.
pub fn dwarf(sections: &Sections) -> gimli::Dwarf<Slice<'_>> {
    gimli::Dwarf::load(|id| {
        let id = SectionId::of_name(id.name().as_bytes());
        let bytes = id.map_or(&[][..], |id| sections.bytes(id));
        Ok::<_, gimli::Error>(EndianSlice::new(bytes, sections.endian()))
    })
    .unwrap()
}

/// So many cases; failures are not kept in files.
pub fn cases(cases: u32) -> proptest::prelude::ProptestConfig {
    let failure_persistence = None;
    proptest::prelude::ProptestConfig { cases, failure_persistence, ..Default::default() }
}

//! A host for tests: sections are those that it is given, and what is printed is kept.

use libelf::ident::{Class, Encoding};
use libelf::raw::{Endianness, Machine};

use super::{Host, Level, Load, Loaded, Target, Text};
use crate::section::SectionId;

/// A little-endian file of 64 bits for x86-64.
pub const TARGET: Target = Target {
    encoding: Encoding { class: Class::Elf64, endian: Endianness::Little },
    machine: Machine(62),
    flags: 0,
    is_relocatable: false,
    has_long32: false,
};

/// Keeps what is printed; diagnostics are lines that start with `!`.
#[derive(Debug, Default)]
pub struct Kept<'data> {
    /// What was printed.
    pub printed: Vec<u8>,
    sections: Vec<(SectionId, &'data [u8])>,
}

impl<'data> Kept<'data> {
    /// With these sections.
    pub fn with(sections: &[(SectionId, &'data [u8])]) -> Self {
        Self { sections: sections.to_vec(), printed: Vec::new() }
    }
}

/// A section that is as it is stored.
pub fn loaded(id: SectionId, data: &[u8]) -> Loaded<'_> {
    Loaded {
        id,
        name: id.name().as_bytes().to_vec(),
        address: 0,
        data: data.into(),
        relocated: Vec::new(),
        origin: Vec::new(),
    }
}

impl<'data> Host<'data> for Kept<'data> {
    fn load(&mut self, id: SectionId) -> Load<'data> {
        let found = self.sections.iter().find(|(known, _)| *known == id);
        found.map_or(Load::Missing, |(_, data)| Load::Whole(loaded(id, data)))
    }

    fn print(&mut self, text: &mut Text) {
        let put = |printed: &mut Vec<u8>, bytes: &[u8]| printed.extend_from_slice(bytes);
        text.drain(&mut self.printed, put, |printed, _: Level, message| {
            printed.push(b'!');
            printed.extend_from_slice(message);
            printed.push(b'\n');
        });
    }
}

//! Build attributes: vendors, their subsections, tags and values.

use std::hint::black_box;

use libelf::File;
use libelf::attributes::{Attributes, dictionary};
use libelf::raw::{Endianness, Machine};

use super::{ENTRIES, PARTS};

/// Reads a section of attributes of a file.
pub fn exercise(contents: &[u8], file: &File) {
    read(contents, file.encoding().endian, file.header().machine);
}

/// Reads bare bytes as attributes: the first two choose byte order and machine.
pub fn exercise_bytes(data: &[u8]) {
    let [order, machine, rest @ ..] = data else { return };
    let endian = if order & 1 == 0 { Endianness::Little } else { Endianness::Big };
    read(rest, endian, Machine(u16::from(*machine)));
}

fn read(contents: &[u8], endian: Endianness, machine: Machine) {
    let Ok(attributes) = Attributes::parse(contents, endian) else { return };
    black_box((attributes.len(), attributes.is_empty()));
    for vendor in attributes.vendors().flatten().take(PARTS) {
        let Ok(name) = vendor.name() else { continue };
        let Some(dictionary) = dictionary(machine, name) else { continue };
        for subsection in vendor.subsections().flatten().take(PARTS) {
            black_box(subsection.indexes().take(ENTRIES).count());
            for attribute in subsection.attributes(dictionary).flatten().take(ENTRIES) {
                black_box((dictionary.name(attribute.tag), attribute.value));
            }
        }
    }
}

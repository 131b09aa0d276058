//! Editing: what is opened and written again is the same, and no change makes it panic.

use std::hint::black_box;

use libelf::edit::{Object, SectionId};

/// The longest file that is written of what damaged fields ask for, over the length of the input.
const ROOM: u64 = 1 << 20;

/// Opens, simplifies, changes and writes a file.
///
/// # Panics
/// If what is written is not what was opened.
pub fn exercise(data: &[u8]) {
    let Ok(mut object) = Object::open(data) else { return };
    assert!(written(&object, data) == data, "an opened file is written as it was");
    assert!(object.simplify().is_ok(), "an opened file can be simplified");
    assert!(written(&object, data) == data, "a simplified file is written as it was");

    // Takes out some sections and symbols, to which others may refer.
    let tables: Vec<SectionId> = object.sections.keys().iter().map(|&key| SectionId(key)).collect();
    for (&table, byte) in tables.iter().zip(data.iter().skip(16)) {
        object.retain_symbols(table, |id, _| id.key % 7 != u32::from(byte % 8));
        if byte % 5 == 0 {
            object.remove_section(table);
        }
    }
    black_box(object.dangling().len());
    let limit = (data.len() as u64).saturating_add(ROOM);
    if object.layout().is_ok_and(|layout| layout.length <= limit) {
        black_box(object.to_bytes().is_ok());
    }
}

/// The bytes of an unchanged object, by each way to write it.
fn written(object: &Object, data: &[u8]) -> Vec<u8> {
    let bytes = object.to_bytes().unwrap_or_default();
    let mut mapped = vec![0; data.len()];
    assert!(object.write_into(&mut mapped).is_ok() && mapped == bytes, "both ways write the same");
    bytes
}

//! Notes: of files, and bare bytes as notes of each layout.

use std::hint::black_box;

use libelf::note::core_file::{Mappings, ProcessInfo, SignalInfo, ThreadStatus, auxiliary_vector};
use libelf::note::{Format, Note, Notes};
use libelf::{Encoding, File};

use super::ENTRIES;

/// Reads the notes of a file.
pub fn of_file(file: &File) {
    black_box(file.build_id().map(<[u8]>::len));
    for note in file.notes().take(ENTRIES).flatten() {
        contents(&note, file.encoding());
    }
}

/// Reads bare bytes as notes: the first byte chooses class, byte order and alignment.
pub fn exercise(data: &[u8]) {
    let Some((choice, bytes)) = data.split_first() else { return };
    // The header that says the class and byte order of a file that has nothing else.
    let class = 1 + (choice & 1);
    let order = 1 + (choice >> 1 & 1);
    let mut header = b"\x7fELF".to_vec();
    header.extend([class, order, 1]);
    header.resize(64, 0);
    let Ok(encoding) = libelf::header::encoding(&header) else { return };
    let Ok(file) = File::parse(&header) else { return };
    let format = Format::of(file.header());
    let align = if choice & 4 == 0 { 4 } else { 8 };
    let Ok(notes) = Notes::new(bytes, encoding, format, align, 0) else { return };
    for note in notes.flatten().take(ENTRIES) {
        contents(&note, encoding);
    }
}

/// The contents of a note, as each kind that they may be.
fn contents(note: &Note, encoding: Encoding) {
    let desc = note.desc;
    black_box(ThreadStatus::parse(desc, encoding).is_some());
    black_box(ProcessInfo::parse(desc, encoding).is_some());
    black_box(SignalInfo::parse(desc, encoding).is_some());
    black_box(auxiliary_vector(desc, encoding).take(ENTRIES).count());
    if let Ok(mappings) = Mappings::parse(desc, encoding) {
        black_box(mappings.iter().take(ENTRIES).count());
    }
}

//! `-z unique-symbol`: each local symbol gets a number behind its name, so that tools which know
//! functions by their names alone can tell two of the same name apart.
//!
//! ```text
//! a.o: local f        f.0
//! b.o: local f, g     f.1, g.0
//! ```

use std::collections::HashMap;
use std::io::Write as _;

use foldhash::fast::RandomState;

use crate::ids::FileId;

/// The numbers of local symbols.
#[derive(Debug, Default)]
pub struct UniqueNames {
    seen: HashMap<Vec<u8>, u32, RandomState>,
    numbers: HashMap<(FileId, u32), u32, RandomState>,
}

impl UniqueNames {
    /// Numbers a symbol, by its file and its index there. Symbols come in the order of the output.
    pub fn add(&mut self, file: FileId, index: u32, name: &[u8]) -> u32 {
        let next = self.seen.entry(name.to_vec()).or_default();
        let number = *next;
        *next = next.saturating_add(1);
        self.numbers.insert((file, index), number);
        number
    }

    /// The name of a symbol that was numbered, and else `name`.
    pub fn name(&self, file: FileId, index: u32, name: &[u8]) -> Vec<u8> {
        match self.numbers.get(&(file, index)) {
            Some(&number) => numbered(name, number),
            None => name.to_vec(),
        }
    }
}

/// `NAME.NUMBER`
pub fn numbered(name: &[u8], number: u32) -> Vec<u8> {
    let mut text = name.to_vec();
    // Writing to memory does not fail.
    let _ = write!(text, ".{number}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_by_name() {
        let mut names = UniqueNames::default();
        names.add(FileId(1), 1, b"f");
        names.add(FileId(2), 1, b"f");
        names.add(FileId(2), 2, b"g");
        assert_eq!(names.name(FileId(1), 1, b"f"), b"f.0");
        assert_eq!(names.name(FileId(2), 1, b"f"), b"f.1");
        assert_eq!(names.name(FileId(2), 2, b"g"), b"g.0");
        assert_eq!(names.name(FileId(3), 2, b"g"), b"g");
    }
}

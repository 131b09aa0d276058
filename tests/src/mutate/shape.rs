//! Where the fields of an ELF file lie, so that changes can aim at them. It reads by itself, and
//! survives headers that earlier changes broke.

/// A field: its offset and size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Offset from the start of the file.
    pub at: usize,
    /// Size.
    pub size: usize,
}

/// The fields of one file.
#[derive(Debug)]
pub struct Shape {
    /// Whether numbers are big-endian.
    pub big: bool,
    /// 4 or 8: the size of an address.
    pub word: usize,
    /// The header's fields.
    pub header: Vec<Field>,
    /// Each section header's fields: name, type, flags, address, offset, size, link, info,
    /// alignment, entry size.
    pub sections: Vec<Vec<Field>>,
    /// Each program header's fields.
    pub segments: Vec<Vec<Field>>,
}

/// More entries than this are not aimed at.
const MOST: u64 = 200;
/// Sizes of a header's fields after the identification; 0 stands for an address.
const HEADER: &[usize] = &[2, 2, 4, 0, 0, 0, 4, 2, 2, 2, 2, 2, 2];
/// Sizes of a section header's fields.
const SECTION: &[usize] = &[4, 4, 0, 0, 0, 0, 4, 4, 0, 0];
/// Sizes of a program header's fields, 32 bits.
const SEGMENT_32: &[usize] = &[4, 4, 4, 4, 4, 4, 4, 4];
/// Sizes of a program header's fields, 64 bits.
const SEGMENT_64: &[usize] = &[4, 4, 8, 8, 8, 8, 8, 8];

impl Shape {
    /// The shape of a file; `None` if it is no ELF file at all.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if !bytes.starts_with(b"\x7fELF") {
            return None;
        }
        let word = if bytes.get(4) == Some(&2) { 8 } else { 4 };
        let mut shape = Self {
            big: bytes.get(5) == Some(&2),
            word,
            header: fields(16, HEADER, word),
            sections: Vec::new(),
            segments: Vec::new(),
        };
        let header = |index: usize| {
            let field = shape.header.get(index)?;
            shape.read(bytes, *field)
        };
        let (segments_at, sections_at) = (header(4)?, header(5)?);
        let (segment_count, section_count) = (header(9)?, header(11)?);
        let segment = if word == 8 { SEGMENT_64 } else { SEGMENT_32 };
        let segments = table(segments_at, segment_count, segment, word, bytes.len());
        let sections = table(sections_at, section_count, SECTION, word, bytes.len());
        shape.segments = segments;
        shape.sections = sections;
        Some(shape)
    }

    /// The value of a field; `None` past the end of the file.
    pub fn read(&self, bytes: &[u8], field: Field) -> Option<u64> {
        let field = bytes.get(field.at..field.at.checked_add(field.size)?)?;
        let add = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        Some(if self.big { field.iter().fold(0, add) } else { field.iter().rev().fold(0, add) })
    }

    /// Sets a field; nothing past the end of the file.
    pub fn write(&self, bytes: &mut [u8], field: Field, value: u64) {
        let end = field.at.saturating_add(field.size);
        let Some(place) = bytes.get_mut(field.at..end) else { return };
        let mut rest = value;
        let mut set = |byte: &mut u8| {
            *byte = rest as u8;
            rest >>= 8;
        };
        if self.big {
            place.iter_mut().rev().for_each(&mut set);
        } else {
            place.iter_mut().for_each(&mut set);
        }
    }
}

/// The fields of one structure.
fn fields(start: usize, sizes: &[usize], word: usize) -> Vec<Field> {
    let mut at = start;
    let mut found = Vec::new();
    for size in sizes {
        let size = if *size == 0 { word } else { *size };
        found.push(Field { at, size });
        at = at.saturating_add(size);
    }
    found
}

/// The fields of all structures of a table that lie in the file.
fn table(start: u64, count: u64, sizes: &[usize], word: usize, length: usize) -> Vec<Vec<Field>> {
    let mut found = Vec::new();
    let Ok(mut at) = usize::try_from(start) else { return found };
    for _ in 0..count.min(MOST) {
        let fields = fields(at, sizes, word);
        at = fields.last().map_or(at, |last| last.at.saturating_add(last.size));
        if at > length {
            break;
        }
        found.push(fields);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_this_executable_are_found() {
        let mut bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let shape = Shape::of(&bytes).unwrap();
        assert_eq!(shape.word, 8);
        assert!(shape.sections.len() > 5 && shape.segments.len() > 3);
        let machine = shape.header[1];
        assert_eq!(machine, Field { at: 18, size: 2 });
        shape.write(&mut bytes, machine, 0x1234);
        assert_eq!(shape.read(&bytes, machine), Some(0x1234));
        assert!(Shape::of(b"text").is_none());
        assert!(Shape::of(b"\x7fELF").is_none());
    }
}

//! The changes that break files.

use super::bombs::Bombs;
use super::random::Random;
use super::shape::{Field, Shape};

/// Field numbers of a section header.
mod section {
    pub const TYPE: usize = 1;
    pub const FLAGS: usize = 2;
    pub const OFFSET: usize = 4;
    pub const SIZE: usize = 5;
    pub const LINK: usize = 6;
    pub const INFO: usize = 7;
    pub const ENTRY_SIZE: usize = 9;
}

/// `SHF_ALLOC`
const ALLOCATED: u64 = 2;
/// `SHF_COMPRESSED`
const COMPRESSED: u64 = 0x800;
/// Section types that readers look into: all of the gABI, GNU's, and processors' first ones.
const TYPES: &[u64] = &[
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    11,
    14,
    15,
    16,
    17,
    18,
    19,
    20,
    0x6fff_fff5,
    0x6fff_fff6,
    0x6fff_fffd,
    0x6fff_fffe,
    0x6fff_ffff,
    0x6fff_4c00,
    0x7000_0000,
    0x7000_0001,
    0x7000_0003,
    0x7000_0006,
    0x7000_000d,
    0x7000_002a,
];
/// Machines that readers know special things of.
const MACHINES: &[u64] = &[
    2, 3, 4, 8, 10, 15, 18, 20, 21, 22, 40, 41, 42, 43, 50, 62, 83, 92, 93, 94, 105, 113, 140, 183,
    189, 195, 203, 220, 243, 247, 250, 252, 258, 0x9026,
];
/// Segment types that readers look into.
const SEGMENT_TYPES: &[u64] = &[
    0,
    1,
    2,
    3,
    4,
    6,
    7,
    0x6474_e550,
    0x6474_e551,
    0x6474_e552,
    0x6474_e553,
    0x7000_0000,
    0x7000_0001,
];

/// Makes one change.
pub fn apply(bytes: &mut Vec<u8>, random: &mut Random, bombs: &Bombs) {
    if bytes.is_empty() {
        bytes.push(0x7f);
    }
    match (random.below(26), Shape::of(bytes)) {
        (0, _) => cut(bytes, random),
        (1, _) => flip_bits(bytes, random),
        (2, _) => copy_part(bytes, random),
        (3 | 4, None) => digits(bytes, random),
        (_, None) => {
            let (length, big) = (bytes.len(), random.below(2) == 0);
            set_word(bytes, random, 0, length, big);
        }
        (3..=5, Some(shape)) => header_field(bytes, random, &shape),
        (6..=9, Some(shape)) => section_field(bytes, random, &shape),
        (10, Some(shape)) => segment_field(bytes, random, &shape),
        (11, Some(shape)) => links(bytes, random, &shape),
        (12, Some(shape)) => swap(bytes, random, &shape),
        (13, Some(shape)) => overlap(bytes, random, &shape),
        (14, Some(shape)) => compressed(bytes, random, &shape, bombs),
        (15..=20, Some(shape)) => debugging(bytes, random, &shape),
        (_, Some(shape)) => contents(bytes, random, &shape),
    }
}

/// A value that readers trip over, for a field of `size` bytes in a file of `length` bytes.
fn odd_value(random: &mut Random, length: usize, old: u64) -> u64 {
    let length = length as u64;
    match random.below(16) {
        0 => 0,
        1 => 1,
        2 => u64::MAX,
        3 => u64::MAX >> 1,
        4 => 0x8000_0000,
        5 => 0x7fff_ffff,
        6 => 0xffff_ffff,
        7 => 0xffff,
        8 => length,
        9 => length.wrapping_sub(1 + random.below(64)),
        10 => length.wrapping_add(random.below(64)),
        11 => old.wrapping_add(1),
        12 => old.wrapping_sub(1),
        13 => old ^ 1 << random.below(64),
        14 => random.below(256),
        _ => random.number(),
    }
}

fn cut(bytes: &mut Vec<u8>, random: &mut Random) {
    let length = random.index(bytes.len());
    if random.below(4) == 0 {
        let end = bytes.len().saturating_add(random.index(4096));
        bytes.resize(end, random.number() as u8);
    } else {
        bytes.truncate(length);
    }
}

fn flip_bits(bytes: &mut [u8], random: &mut Random) {
    for _ in 0..=random.below(16) {
        let at = random.index(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << random.below(8);
        }
    }
}

/// Copies a part over another.
fn copy_part(bytes: &mut [u8], random: &mut Random) {
    let length = random.index(bytes.len().min(256));
    let from = random.index(bytes.len().saturating_sub(length));
    let to = random.index(bytes.len().saturating_sub(length));
    if let Some(end) = from.checked_add(length)
        && end <= bytes.len()
        && to.saturating_add(length) <= bytes.len()
    {
        bytes.copy_within(from..end, to);
    }
}

/// Changes a digit or a separator of an archive's headers.
fn digits(bytes: &mut [u8], random: &mut Random) {
    let places: Vec<usize> = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| byte.is_ascii_digit() || b"/`# \n".contains(byte))
        .map(|(at, _)| at)
        .collect();
    for _ in 0..=random.below(4) {
        let Some(at) = random.pick(&places).copied() else { return };
        let new = random.pick(b"0123456789/`# -\n\0").copied();
        if let (Some(byte), Some(new)) = (bytes.get_mut(at), new) {
            *byte = new;
        }
    }
}

/// Sets a number somewhere in a part of the file.
fn set_word(bytes: &mut [u8], random: &mut Random, start: usize, size: usize, big: bool) {
    let width = 1 << random.below(4);
    let at = start.saturating_add(random.index(size)) & !(width - 1);
    let shape = Shape { big, word: 8, header: vec![], sections: vec![], segments: vec![] };
    let field = Field { at, size: width };
    let old = shape.read(bytes, field).unwrap_or(0);
    let new = odd_value(random, bytes.len(), old);
    shape.write(bytes, field, new);
}

fn header_field(bytes: &mut [u8], random: &mut Random, shape: &Shape) {
    if random.below(6) == 0 {
        // Class, order, version, system: what the rest is read by.
        let at = 4 + random.index(5);
        if let Some(byte) = bytes.get_mut(at) {
            *byte = random.below(4) as u8;
        }
        return;
    }
    let Some(field) = random.pick(&shape.header).copied() else { return };
    // The machine is the second field; most values of it say nothing to a reader.
    if field.at == 18 {
        let machine = random.pick(MACHINES).copied().unwrap_or(0);
        shape.write(bytes, field, machine);
        return;
    }
    set_oddly(bytes, random, shape, field);
}

fn set_oddly(bytes: &mut [u8], random: &mut Random, shape: &Shape, field: Field) {
    let old = shape.read(bytes, field).unwrap_or(0);
    let new = odd_value(random, bytes.len(), old);
    shape.write(bytes, field, new);
}

fn section_field(bytes: &mut [u8], random: &mut Random, shape: &Shape) {
    let Some(fields) = random.pick(&shape.sections) else { return };
    match random.below(4) {
        0 => set(bytes, shape, fields, section::TYPE, random.pick(TYPES).copied().unwrap_or(0)),
        1 => set(bytes, shape, fields, section::ENTRY_SIZE, random.below(40)),
        _ => {
            if let Some(field) = random.pick(fields).copied() {
                set_oddly(bytes, random, shape, field);
            }
        }
    }
}

fn set(bytes: &mut [u8], shape: &Shape, fields: &[Field], number: usize, value: u64) {
    if let Some(field) = fields.get(number) {
        shape.write(bytes, *field, value);
    }
}

fn segment_field(bytes: &mut [u8], random: &mut Random, shape: &Shape) {
    let Some(fields) = random.pick(&shape.segments) else { return };
    if random.below(3) == 0 {
        set(bytes, shape, fields, 0, random.pick(SEGMENT_TYPES).copied().unwrap_or(0));
    } else if let Some(field) = random.pick(fields).copied() {
        set_oddly(bytes, random, shape, field);
    }
}

/// Links that name their own section, each other, or none.
fn links(bytes: &mut [u8], random: &mut Random, shape: &Shape) {
    let count = shape.sections.len();
    for _ in 0..=random.below(4) {
        let index = random.index(count);
        let Some(fields) = shape.sections.get(index) else { return };
        let number = if random.below(2) == 0 { section::LINK } else { section::INFO };
        let value = if random.below(2) == 0 { index } else { random.index(count + 1) };
        set(bytes, shape, fields, number, value as u64);
    }
}

/// Two entries of a table change places.
fn swap(bytes: &mut [u8], random: &mut Random, shape: &Shape) {
    let table = if random.below(3) == 0 { &shape.segments } else { &shape.sections };
    let (Some(left), Some(right)) = (random.pick(table), random.pick(table)) else { return };
    for (a, b) in left.iter().zip(right) {
        if let (Some(x), Some(y)) = (shape.read(bytes, *a), shape.read(bytes, *b)) {
            shape.write(bytes, *a, y);
            shape.write(bytes, *b, x);
        }
    }
}

/// A section lies where another does, or where the headers are.
fn overlap(bytes: &mut [u8], random: &mut Random, shape: &Shape) {
    let (Some(fields), Some(other)) = (random.pick(&shape.sections), random.pick(&shape.sections))
    else {
        return;
    };
    let offset = other.get(section::OFFSET).and_then(|field| shape.read(bytes, *field));
    let offset = if random.below(3) == 0 { 0 } else { offset.unwrap_or(0) };
    set(bytes, shape, fields, section::OFFSET, offset.wrapping_add(random.below(3)));
    if random.below(2) == 0 {
        let size = (bytes.len() as u64).saturating_sub(offset);
        set(bytes, shape, fields, section::SIZE, size);
    }
}

/// A section becomes a compressed one, with a wrong header or with contents that unpack to far
/// more than they are.
fn compressed(bytes: &mut Vec<u8>, random: &mut Random, shape: &Shape, bombs: &Bombs) {
    let Some(fields) = random.pick(&shape.sections) else { return };
    let read = |bytes: &[u8], number: usize| {
        fields.get(number).and_then(|field| shape.read(bytes, *field)).unwrap_or(0)
    };
    let flags = read(bytes, section::FLAGS);
    set(bytes, shape, fields, section::FLAGS, flags | COMPRESSED);
    let mut at = read(bytes, section::OFFSET) as usize;
    let kind = 1 + random.below(2);
    if random.below(4) == 0 {
        // Real contents, at the end of the file.
        at = bytes.len();
        let contents = if kind == 1 { &bombs.zlib } else { &bombs.zstd };
        bytes.resize(at + 3 * shape.word, 0);
        bytes.extend(contents);
        set(bytes, shape, fields, section::OFFSET, at as u64);
        let size = bytes.len().saturating_sub(at) as u64;
        set(bytes, shape, fields, section::SIZE, size);
    }
    // Type, a reserved word if addresses have 8 bytes, size, alignment.
    let claims = [1 << 60, 1 << 40, 1 << 32, 600 << 20, 100, u64::MAX];
    let size = random.pick(&claims).copied().unwrap_or(0);
    let word = shape.word;
    shape.write(bytes, Field { at, size: 4 }, kind);
    shape.write(bytes, Field { at: at.saturating_add(word), size: word }, size);
    shape.write(bytes, Field { at: at.saturating_add(2 * word), size: word }, 1);
}

/// Bytes that mean much in debugging information: the ends of strings and lists, numbers of one
/// byte and of many, escapes, lengths of the 64-bit format, forms and operations that have others
/// inside.
const DEBUG_BYTES: &[u8] =
    &[0, 1, 2, 3, 4, 5, 8, 0x10, 0x16, 0x21, 0x7f, 0x80, 0x81, 0xe0, 0xf0, 0xf3, 0xff];

/// Bytes inside a section that takes no memory at run time, as those with debugging information.
fn debugging(bytes: &mut [u8], random: &mut Random, shape: &Shape) {
    let value = |fields: &[Field], number: usize| {
        fields.get(number).and_then(|field| shape.read(bytes, *field)).unwrap_or(0)
    };
    let is_one = |fields: &&Vec<Field>| {
        value(fields, section::TYPE) == 1 && value(fields, section::FLAGS) & ALLOCATED == 0
    };
    let places: Vec<(usize, usize)> = shape
        .sections
        .iter()
        .filter(is_one)
        .map(|fields| (value(fields, section::OFFSET), value(fields, section::SIZE)))
        .map(|(start, size)| (start as usize, (size as usize).min(bytes.len())))
        .collect();
    let Some(&(start, size)) = random.pick(&places) else { return };
    // The start of a section is its header.
    let size = if random.below(3) == 0 { size.min(64) } else { size };
    for _ in 0..=random.below(4) {
        let at = start.saturating_add(random.index(size));
        let run = if random.below(6) == 0 { 1 + random.index(12) } else { 1 };
        let new = random.pick(DEBUG_BYTES).copied().unwrap_or(0);
        if let Some(place) = bytes.get_mut(at..at.saturating_add(run)) {
            place.fill(new);
        }
    }
}

/// Numbers inside a section's contents: symbols, notes, dynamic entries, versions, hash tables.
fn contents(bytes: &mut [u8], random: &mut Random, shape: &Shape) {
    let parts = if shape.sections.is_empty() { &shape.segments } else { &shape.sections };
    let Some(fields) = random.pick(parts) else {
        let length = bytes.len();
        set_word(bytes, random, 0, length, shape.big);
        return;
    };
    let (offset, size) = if shape.sections.is_empty() {
        // Offset and size of a program header.
        if shape.word == 8 { (2, 5) } else { (1, 4) }
    } else {
        (section::OFFSET, section::SIZE)
    };
    let read = |number: usize| {
        fields.get(number).and_then(|field| shape.read(bytes, *field)).unwrap_or(0) as usize
    };
    let (start, size) = (read(offset), read(size).min(bytes.len()));
    for _ in 0..=random.below(3) {
        set_word(bytes, random, start, size, shape.big);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_the_same_each_time_and_never_fail() {
        let whole = std::fs::read("/bin/true").unwrap();
        let bombs = Bombs { zlib: vec![1; 100], zstd: vec![2; 100] };
        let mut differing = 0;
        for number in 0..300 {
            let changed = |start: &[u8]| {
                let mut bytes = start.to_vec();
                let mut random = Random::new(number);
                for _ in 0..8 {
                    apply(&mut bytes, &mut random, &bombs);
                }
                bytes
            };
            assert_eq!(changed(&whole), changed(&whole));
            changed(b"");
            changed(b"!<arch>\nname/           0           0     0     644     4         `\nabcd");
            differing += usize::from(changed(&whole) != whole);
        }
        assert!(differing > 290, "{differing}");
    }
}

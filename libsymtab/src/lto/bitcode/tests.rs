//! Tables in streams that are put together here, as LLVM writes them.

use super::*;

/// Writes bits.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    bits: u32,
}

impl Writer {
    fn fixed(&mut self, value: u64, width: u32) -> &mut Self {
        for bit in 0..width {
            if self.bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= ((value >> bit & 1) as u8) << (self.bits % 8);
            self.bits += 1;
        }
        self
    }

    fn align(&mut self) -> &mut Self {
        while !self.bits.is_multiple_of(32) {
            self.fixed(0, 1);
        }
        self
    }

    fn put(&mut self, bytes: &[u8]) -> &mut Self {
        self.align();
        self.bytes.extend(bytes);
        self.bits += 8 * bytes.len() as u32;
        self.align()
    }

    fn vbr6(&mut self, mut value: u64) -> &mut Self {
        while value >= 32 {
            self.fixed(value & 31 | 32, 6);
            value >>= 5;
        }
        self.fixed(value, 6)
    }

    /// A block of 3-bit part numbers with an abbreviation `[1, blob]` and its one record.
    fn block(&mut self, id: u64, blob: &[u8]) -> &mut Self {
        let mut inner = Self::default();
        inner.fixed(2, 3).fixed(2, 5).fixed(1, 1).fixed(1, 8).fixed(0, 1).fixed(5, 3);
        inner.fixed(4, 3).vbr6(blob.len() as u64).put(blob).fixed(0, 3).align();
        self.fixed(1, 2).fixed(id, 8).fixed(3, 4).align();
        self.fixed(inner.bytes.len() as u64 / 4, 32).put(&inner.bytes)
    }
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

const STRINGS: &[u8] = b"mainputsbufgroup";

/// A table with `main`, `puts`, a common `buf` and one that linkers do not see.
fn table(version: u32) -> Vec<u8> {
    let mut table = words(&[version, 0, 0, 0, 0, 76, 1, 88, 4, 184, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    table.extend(words(&[11, 5, 0]));
    table.extend(words(&[0, 4, 0, 4, 0, GLOBAL | 1]));
    table.extend(words(&[4, 4, 4, 4, u32::MAX, GLOBAL | UNDEFINED | WEAK]));
    table.extend(words(&[4, 2, 4, 2, u32::MAX, GLOBAL | FORMAT_SPECIFIC]));
    table.extend(words(&[8, 3, 8, 3, u32::MAX, GLOBAL | COMMON | HAS_UNCOMMON | 2]));
    table.extend(words(&[400, 16, 0, 0, 0, 0]));
    table
}

fn stream_of(table: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.put(MAGIC).block(8, b"a module").block(25, table).block(23, STRINGS);
    writer.bytes
}

fn read(stream: &[u8]) -> Result<Vec<LtoSymbol<'_>>, Fault> {
    symbols(stream)?.collect()
}

#[test]
fn a_table_is_read() {
    let bytes = stream_of(&table(3));
    let found = read(stream(&bytes).unwrap().unwrap()).unwrap();
    let [main, puts, buf] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((main.name, main.kind, main.comdat), (&b"main"[..], Kind::Defined, &b"group"[..]));
    assert_eq!(main.visibility, Visibility::Hidden);
    assert_eq!((puts.name, puts.kind, puts.comdat), (&b"puts"[..], Kind::WeakUndefined, &b""[..]));
    assert_eq!((buf.name, buf.kind, buf.size), (&b"buf"[..], Kind::Common, 400));
    assert_eq!(buf.visibility, Visibility::Protected);
}

#[test]
fn a_wrapper_is_taken_off() {
    let bytes = stream_of(&table(3));
    let mut wrapped = words(&[0x0b17_c0de, 0, 20, bytes.len() as u32, 7]);
    wrapped.extend(&bytes);
    wrapped.extend([0; 12]);
    assert_eq!(stream(&wrapped), Some(Ok(&bytes[..])));
    assert_eq!(stream(&wrapped[..16]), Some(Err(Fault::Malformed)));
    assert_eq!(stream(b"\x7fELF"), None);
}

#[test]
fn what_cannot_be_read_is_told() {
    let mut without = Writer::default();
    without.put(MAGIC).block(8, b"a module").block(23, STRINGS);
    assert_eq!(read(&without.bytes), Err(Fault::NoTable));
    assert_eq!(read(&stream_of(&table(9))), Err(Fault::Version(9)));
    assert_eq!(read(&stream_of(&table(3)[..40])), Err(Fault::Truncated));
    assert_eq!(read(&stream_of(&table(3)[..100])), Err(Fault::Truncated));
    assert_eq!(read(b"BC\xc0\xde\0\0\0\0"), Err(Fault::Malformed));
    let bytes = stream_of(&table(3));
    for end in 4..bytes.len() {
        drop(read(&bytes[..end]));
    }
    // What follows the tables is no matter.
    assert!(read(&[&bytes[..], &[0xff; 8]].concat()).is_ok());
}

//! `--compress-debug-sections`: debug sections, packed when all their contents are known.
//!
//! A section is packed in blocks of [`BLOCK`] bytes, in parallel; the blocks are joined so that
//! every reader takes them for one stream: zlib's end at a byte, since each but the last is flushed,
//! and only the checksum is of the whole; Zstandard has frames that follow each other. A section that
//! does not get smaller stays as it is. gABI, chapter 4, "Section Compression"; `.zdebug_` is older.

use std::borrow::Cow;

use flate2::{Compress, Compression as Level, FlushCompress, Status};
use libelf::compress::{ELFCOMPRESS_ZLIB, ELFCOMPRESS_ZSTD, Format};
use libelf::raw::{SHF_ALLOC, SHF_COMPRESSED, SHT_NOBITS};
use libelf::{Encoding, Error};
use rayon::prelude::*;

use crate::layout::{OutputSection, Role};
use crate::options::Compression;

/// What is packed at once.
const BLOCK: usize = 1 << 20;
/// zlib's own default.
const ZLIB_LEVEL: u32 = 6;
/// Zstandard's own default.
const ZSTD_LEVEL: u8 = 3;
/// The first bytes of a zlib stream with a window of 32 KiB and the default level. RFC 1950.
const ZLIB_HEADER: [u8; 2] = [0x78, 0x9c];
/// The first bytes of a `.zdebug_` section.
const ZDEBUG_MAGIC: &[u8; 4] = b"ZLIB";

/// The end of the file's sections, after some have been packed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// From where on the file has other bytes.
    pub start: u64,
    /// Those bytes, up to the end of the last section.
    pub bytes: Vec<u8>,
}

/// Packs the debug sections of a file that is written but for its closing tables, and moves what
/// lies behind them. `image` holds the bytes of the sections. The sections learn their new offsets,
/// sizes, flags and names. `None` if nothing changes.
pub fn pack(
    sections: &mut [OutputSection<'_>],
    image: &[u8],
    encoding: Encoding,
    how: Compression,
) -> Option<Packed> {
    if how == Compression::Nothing {
        return None;
    }
    let packed: Vec<Option<Vec<u8>>> = sections
        .par_iter()
        .with_max_len(1)
        .map(|section| {
            is_debug(section)
                .then(|| pack_section(contents(section, image), section.align, encoding, how))?
        })
        .collect();
    let first = sections.iter().zip(&packed).filter(|(_, packed)| packed.is_some());
    let start = first.map(|(section, _)| section.offset).min()?;
    let mut order: Vec<_> = sections.iter_mut().zip(packed).collect();
    // What has no bytes keeps its place.
    order.retain(|(section, _)| {
        section.offset >= start && section.kind != SHT_NOBITS && section.role == Role::Contents
    });
    order.sort_by_key(|(section, _)| section.offset);
    let mut bytes = Vec::new();
    for (section, packed) in order {
        let contents = match &packed {
            Some(packed) => packed,
            None => contents(section, image),
        };
        let is_zdebug = packed.is_some() && how == Compression::ZlibGnu;
        if packed.is_some() && !is_zdebug {
            section.flags |= SHF_COMPRESSED.0;
            section.align = encoding.word_size() as u64;
        }
        if is_zdebug {
            section.name = zdebug_name(&section.name);
        } else {
            let end = start.checked_add(bytes.len() as u64)?;
            let gap = end.checked_next_multiple_of(section.align.max(1))? - end;
            bytes.resize(bytes.len().checked_add(usize::try_from(gap).ok()?)?, 0);
        }
        section.offset = start.checked_add(bytes.len() as u64)?;
        section.size = contents.len() as u64;
        bytes.extend_from_slice(contents);
    }
    Some(Packed { start, bytes })
}

fn is_debug(section: &OutputSection<'_>) -> bool {
    let flags = section.flags & (SHF_ALLOC.0 | SHF_COMPRESSED.0);
    flags == 0 && section.kind != SHT_NOBITS && section.name.starts_with(b".debug_")
}

fn contents<'i>(section: &OutputSection<'_>, image: &'i [u8]) -> &'i [u8] {
    let range = usize::try_from(section.offset).ok().and_then(|start| {
        let size = usize::try_from(section.size).ok()?;
        Some(start..start.checked_add(size)?)
    });
    range.and_then(|range| image.get(range)).unwrap_or_default()
}

fn zdebug_name(name: &[u8]) -> Cow<'static, [u8]> {
    let mut renamed = b".z".to_vec();
    renamed.extend_from_slice(name.strip_prefix(b".").unwrap_or(name));
    Cow::Owned(renamed)
}

/// The packed form of a section with its header; `None` if it is not smaller.
fn pack_section(
    contents: &[u8],
    align: u64,
    encoding: Encoding,
    how: Compression,
) -> Option<Vec<u8>> {
    let mut packed = match how {
        Compression::Nothing => return None,
        Compression::Zlib => header(ELFCOMPRESS_ZLIB, contents.len() as u64, align, encoding),
        Compression::Zstd => header(ELFCOMPRESS_ZSTD, contents.len() as u64, align, encoding),
        Compression::ZlibGnu => {
            let size = (contents.len() as u64).to_be_bytes();
            [ZDEBUG_MAGIC, &size[..]].concat()
        }
    };
    match how {
        Compression::Zstd => zstd(contents, &mut packed).ok()?,
        _ => zlib(contents, &mut packed)?,
    }
    (packed.len() < contents.len()).then_some(packed)
}

/// `Elf32_Chdr` or `Elf64_Chdr`.
fn header(kind: u32, size: u64, align: u64, encoding: Encoding) -> Vec<u8> {
    let word = |value: u32| {
        if encoding.is_big_endian() { value.to_be_bytes() } else { value.to_le_bytes() }
    };
    let long = |value: u64| {
        if encoding.is_big_endian() { value.to_be_bytes() } else { value.to_le_bytes() }
    };
    if encoding.is_64() {
        [&word(kind)[..], &[0; 4], &long(size), &long(align)].concat()
    } else {
        [word(kind), word(size as u32), word(align as u32)].concat()
    }
}

fn zstd(contents: &[u8], packed: &mut Vec<u8>) -> Result<(), Error> {
    let blocks: Vec<_> = contents
        .par_chunks(BLOCK)
        .map(|block| libelf::compress::compress(block, Format::Zstd, ZSTD_LEVEL))
        .collect();
    for block in blocks {
        packed.extend(block?);
    }
    Ok(())
}

fn zlib(contents: &[u8], packed: &mut Vec<u8>) -> Option<()> {
    let last = contents.len().div_ceil(BLOCK).checked_sub(1)?;
    let blocks: Vec<_> = contents
        .par_chunks(BLOCK)
        .enumerate()
        .map(|(number, block)| Some((deflate(block, number == last)?, Adler::of(block))))
        .collect();
    packed.extend(ZLIB_HEADER);
    let mut sum = Adler::of(&[]);
    for block in blocks {
        let (block, block_sum) = block?;
        packed.extend(block);
        sum = sum.join(block_sum);
    }
    packed.extend(sum.value().to_be_bytes());
    Some(())
}

/// A block as a part of a deflate stream, which ends at a byte.
fn deflate(block: &[u8], is_last: bool) -> Option<Vec<u8>> {
    let mut stream = Compress::new(Level::new(ZLIB_LEVEL), false);
    let mut out = Vec::with_capacity(block.len() / 2 + 64);
    let flush = if is_last { FlushCompress::Finish } else { FlushCompress::Sync };
    loop {
        let taken = usize::try_from(stream.total_in()).ok()?;
        let status = stream.compress_vec(block.get(taken..)?, &mut out, flush).ok()?;
        let is_done = match status {
            Status::StreamEnd => true,
            // A flush is complete when there is room left behind it.
            _ => !is_last && out.len() < out.capacity() && stream.total_in() == block.len() as u64,
        };
        if is_done {
            return Some(out);
        }
        out.reserve(block.len() / 4 + 64);
    }
}

/// Adler-32, of which the parts of a text can be summed by themselves. RFC 1950, section 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Adler {
    a: u32,
    b: u32,
    /// How many bytes it is of, modulo [`Self::PRIME`].
    size: u32,
}

impl Adler {
    /// The largest prime below 2^16.
    const PRIME: u32 = 65521;
    /// How many bytes can be summed before `b` leaves 32 bits.
    const STEP: usize = 5552;

    fn of(bytes: &[u8]) -> Self {
        let (mut a, mut b) = (1_u32, 0_u32);
        for step in bytes.chunks(Self::STEP) {
            for &byte in step {
                a += u32::from(byte);
                b += a;
            }
            a %= Self::PRIME;
            b %= Self::PRIME;
        }
        Self { a, b, size: (bytes.len() % Self::PRIME as usize) as u32 }
    }

    /// That of both texts, one behind the other.
    fn join(self, next: Self) -> Self {
        let prime = u64::from(Self::PRIME);
        let (a1, b1) = (u64::from(self.a), u64::from(self.b));
        let (a2, b2) = (u64::from(next.a), u64::from(next.b));
        // Each byte of `next` is summed with `a1` before it where it was with 1.
        let before = a1 + prime - 1;
        Self {
            a: ((a2 + before) % prime) as u32,
            b: ((b1 + b2 + u64::from(next.size) * (before % prime)) % prime) as u32,
            size: (self.size + next.size) % Self::PRIME,
        }
    }

    fn value(self) -> u32 {
        self.b << 16 | self.a
    }
}

#[cfg(test)]
mod tests {
    use libelf::Class;
    use libelf::compress::{Compressed, Limits};
    use libelf::raw::{Endianness, SHT_PROGBITS};

    use super::*;

    const LE: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };

    fn section(name: &'static str, flags: u64, offset: u64, size: u64) -> OutputSection<'static> {
        let name = Cow::Borrowed(name.as_bytes());
        OutputSection {
            name,
            kind: SHT_PROGBITS,
            flags,
            offset,
            size,
            align: 1,
            ..Default::default()
        }
    }

    fn sample() -> (Vec<OutputSection<'static>>, Vec<u8>) {
        let mut image = vec![0; 100];
        let text: Vec<u8> =
            (0..400_000_u32).flat_map(|n| n.wrapping_mul(n % 500).to_le_bytes()).collect();
        image.extend(&text);
        image.extend(b"tiny");
        image.extend([b'x'; 3000]);
        image.extend(b"the end");
        let size = text.len() as u64;
        let sections = vec![
            section(".debug_alloc", SHF_ALLOC.0, 0, 100),
            section(".debug_info", 0, 100, size),
            section(".debug_tiny", 0, 100 + size, 4),
            section(".debug_x", 0, 104 + size, 3000),
            section(".comment", 0, 3104 + size, 7),
        ];
        (sections, image)
    }

    fn packed(how: Compression) -> (Vec<OutputSection<'static>>, Vec<u8>) {
        let (mut sections, mut image) = sample();
        let packed = pack(&mut sections, &image, LE, how).unwrap();
        assert_eq!(packed.start, 100);
        image.truncate(100);
        image.extend(packed.bytes);
        (sections, image)
    }

    #[test]
    fn what_is_packed_is_what_was_there() {
        for how in [Compression::Zlib, Compression::Zstd] {
            let (before, old) = sample();
            let (after, new) = packed(how);
            for (before, after) in before.iter().zip(&after) {
                let (old, new) = (contents(before, &old), contents(after, &new));
                if after.flags & SHF_COMPRESSED.0 == 0 {
                    assert_eq!(old, new);
                    continue;
                }
                assert_eq!((after.align, after.offset % 8), (8, 0));
                let header = Compressed::parse(new, LE).unwrap();
                assert_eq!(header.addralign, 1);
                assert!(header.decompress(Limits::NONE).unwrap() == old);
            }
            let is_packed = |n: usize| after[n].flags & SHF_COMPRESSED.0 != 0;
            assert_eq!([0, 1, 2, 3, 4].map(is_packed), [false, true, false, true, false]);
            let last = after.last().unwrap();
            assert_eq!(last.offset + last.size, new.len() as u64);
        }
    }

    #[test]
    fn the_older_form_has_names_of_its_own() {
        let (sections, image) = packed(Compression::ZlibGnu);
        let names: Vec<_> = sections.iter().map(|section| &*section.name).collect();
        let expected: [&[u8]; 5] =
            [b".debug_alloc", b".zdebug_info", b".debug_tiny", b".zdebug_x", b".comment"];
        assert_eq!(names, expected);
        let header = Compressed::parse_zdebug(contents(&sections[3], &image)).unwrap();
        assert_eq!(header.decompress(Limits::NONE).unwrap(), [b'x'; 3000]);
    }

    #[test]
    fn nothing_to_pack_changes_nothing() {
        let (mut sections, image) = sample();
        assert_eq!(pack(&mut sections, &image, LE, Compression::Nothing), None);
        assert_eq!(pack(&mut sections[..1], &image, LE, Compression::Zlib), None);
        assert_eq!(pack(&mut sections[2..3], &image, LE, Compression::Zlib), None);
    }

    #[test]
    fn sums_of_parts_are_joined() {
        let text: Vec<u8> = (0..200_000_u32).map(|n| ((n * 7) >> 3) as u8 | 0x80).collect();
        for at in [0, 1, 65_521, 65_522, 150_000, 200_000] {
            let joined = Adler::of(&text[..at]).join(Adler::of(&text[at..]));
            assert_eq!(joined, Adler::of(&text));
        }
        // RFC 1950 has the value of nothing; "Wikipedia" is a well-known one.
        assert_eq!(Adler::of(&[]).value(), 1);
        assert_eq!(Adler::of(b"Wikipedia").value(), 0x11E6_0398);
    }
}

//! `.note.gnu.build-id`: a number that tells this output from all others.
//!
//! It is a hash of the file with zeros in the number's place. The file is hashed in pieces, in
//! parallel, and the number is the hash of their hashes: a hash of the whole in one go would take
//! longer than writing it.

use std::io::Read;

use libelf::Encoding;
use libelf::raw::NT_GNU_BUILD_ID;
use md5::Md5;
use rayon::prelude::*;
use sha1::Sha1;
use sha2::Sha256;
use sha2::digest::Digest;

use super::wide_hash;
use crate::layout::gaps::Filled;
use crate::options::BuildId;

/// The bytes of the note before the number: three words, and the owner.
const HEADER: usize = 16;
/// So many bytes of the file are hashed by themselves.
const PIECE: usize = 1 << 20;
const UUID_SIZE: usize = 16;
const FAST_SIZE: usize = 8;

/// How many bytes the note takes; it is aligned to 4.
pub fn note_size(id: &BuildId) -> u64 {
    let size = match id {
        BuildId::Fast => FAST_SIZE,
        BuildId::Default => <Sha1 as Digest>::output_size(),
        BuildId::Md5 => <Md5 as Digest>::output_size(),
        BuildId::Sha1 => <Sha1 as Digest>::output_size(),
        BuildId::Sha256 => <Sha256 as Digest>::output_size(),
        BuildId::Uuid => UUID_SIZE,
        BuildId::Hex(bytes) => bytes.len(),
    };
    (HEADER + size).next_multiple_of(4) as u64
}

/// Writes the note at `offset` of the file `image`, which is complete but for it.
///
/// Of a file that is mostly gaps only what is `filled` counts, and what lies behind it.
pub fn write(id: &BuildId, image: &mut [u8], offset: u64, encoding: Encoding, filled: &Filled) {
    let Ok(offset) = usize::try_from(offset) else { return };
    let Some(end) = offset.checked_add(note_size(id) as usize) else { return };
    let Some(note) = image.get_mut(offset..end) else { return };
    note.fill(0);
    let number = number(id, &pieces_of(image, filled));
    let word = |value: u32| {
        if encoding.is_big_endian() { value.to_be_bytes() } else { value.to_le_bytes() }
    };
    let head = [word(4), word(number.len() as u32), word(NT_GNU_BUILD_ID.0), *b"GNU\0"];
    crate::write::bytes::put(image, offset, head.as_flattened());
    crate::write::bytes::put(image, offset + HEADER, &number);
}

/// The pieces of the file that are hashed.
fn pieces_of<'i>(image: &'i [u8], filled: &Filled) -> Vec<&'i [u8]> {
    let Filled::Parts(parts) = filled else { return image.chunks(PIECE).collect() };
    let end = parts.last().map_or(0, |part| part.end);
    let parts = parts.iter().cloned().chain(std::iter::once(end..image.len() as u64));
    let parts = parts.filter_map(|part| image.get(part.start as usize..part.end as usize));
    parts.flat_map(|part| part.chunks(PIECE)).collect()
}

/// The number of a file of these pieces.
fn number(id: &BuildId, image: &[&[u8]]) -> Vec<u8> {
    match id {
        BuildId::Fast => fast(image).get(..FAST_SIZE).unwrap_or_default().to_vec(),
        BuildId::Default => fast(image),
        BuildId::Md5 => digest::<Md5>(image),
        BuildId::Sha1 => digest::<Sha1>(image),
        BuildId::Sha256 => digest::<Sha256>(image),
        BuildId::Uuid => random(),
        BuildId::Hex(bytes) => bytes.clone(),
    }
}

/// As many bytes as of SHA-1, which here only joins what is left of the pieces.
fn fast(image: &[&[u8]]) -> Vec<u8> {
    Sha1::digest(pieces(image, |piece| wide_hash::hash(piece).to_vec())).to_vec()
}

fn digest<D: Digest>(image: &[&[u8]]) -> Vec<u8> {
    D::digest(pieces(image, |piece| D::digest(piece).to_vec())).to_vec()
}

/// The hashes of all pieces, one behind the other.
fn pieces(image: &[&[u8]], hash: impl Fn(&[u8]) -> Vec<u8> + Sync) -> Vec<u8> {
    let hashes: Vec<Vec<u8>> = image.par_iter().map(|piece| hash(piece)).collect();
    hashes.concat()
}

/// Bytes that nobody can guess; zeros on a system that has none to give.
fn random() -> Vec<u8> {
    let mut bytes = [0; UUID_SIZE];
    let source = std::fs::File::open("/dev/urandom");
    // What a system without randomness can give is a number like any other.
    let _ = source.and_then(|mut source| source.read_exact(&mut bytes));
    bytes.to_vec()
}

#[cfg(test)]
mod tests {
    use libelf::Class;
    use libelf::raw::Endianness;

    use super::*;

    const LE: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };

    fn note(id: &BuildId, image: &[u8]) -> Vec<u8> {
        let mut image = image.to_vec();
        write(id, &mut image, 8, LE, &Filled::Whole);
        image[8..8 + note_size(id) as usize].to_vec()
    }

    #[test]
    fn the_note_has_a_header_and_a_number_of_its_size() {
        let image = vec![7; 3 * PIECE / 2];
        let sizes = [
            (BuildId::Fast, 8),
            (BuildId::Default, 20),
            (BuildId::Md5, 16),
            (BuildId::Sha1, 20),
            (BuildId::Sha256, 32),
        ];
        for (id, size) in sizes {
            let note = note(&id, &image);
            assert_eq!(
                note[..16],
                [&[4, 0, 0, 0, size, 0, 0, 0, 3, 0, 0, 0], &b"GNU\0"[..]].concat()
            );
            assert_eq!(note.len(), 16 + usize::from(size));
            assert!(note[16..].iter().any(|&byte| byte != 0));
        }
        let hex = note(&BuildId::Hex(vec![0xab, 0xcd]), &image);
        assert_eq!(hex[16..], [0xab, 0xcd, 0, 0]);
        assert_eq!(note(&BuildId::Uuid, &image).len(), 32);
    }

    #[test]
    fn every_byte_counts_but_those_of_the_note() {
        let mut image = vec![0; 2 * PIECE + 5];
        let first = note(&BuildId::Sha1, &image);
        image[12] = 9;
        assert_eq!(note(&BuildId::Sha1, &image), first);
        *image.last_mut().unwrap() = 1;
        let second = note(&BuildId::Sha1, &image);
        assert_ne!(second, first);
        image[PIECE] = 1;
        assert_ne!(note(&BuildId::Sha1, &image), second);
    }

    #[test]
    fn a_note_outside_the_file_is_not_written() {
        let mut image = vec![0; 20];
        write(&BuildId::Sha1, &mut image, 0, LE, &Filled::Whole);
        write(&BuildId::Sha1, &mut image, u64::MAX, LE, &Filled::Whole);
        assert_eq!(image, [0; 20]);
    }
}

//! `.note.gnu.build-id`: a number that tells this output from all others.
//!
//! It is a hash of the file with zeros in the number's place. The file is hashed in pieces, and the
//! number is the hash of their hashes: a hash of the whole in one go would take longer than writing
//! it. Most pieces are hashed on their way to the file, while their bytes are near; only those that
//! come in parts, or change later, are read again.

use std::io::Read;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

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
use crate::write::room::Room;

/// The bytes of the note before the number: three words, and the owner.
const HEADER: usize = 16;
/// So many bytes of the file are hashed by themselves.
const PIECE: u64 = 1 << 14;
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

/// How a piece is hashed.
type HashPiece = fn(&[u8]) -> Vec<u8>;

/// How pieces are hashed; `None` if the number is no hash.
fn hash_of(id: &BuildId) -> Option<HashPiece> {
    match id {
        BuildId::Fast | BuildId::Default => Some(|piece| wide_hash::hash(piece).to_vec()),
        BuildId::Md5 => Some(|piece| Md5::digest(piece).to_vec()),
        BuildId::Sha1 => Some(|piece| Sha1::digest(piece).to_vec()),
        BuildId::Sha256 => Some(|piece| Sha256::digest(piece).to_vec()),
        BuildId::Uuid | BuildId::Hex(_) => None,
    }
}

/// The number of a file whose pieces have these hashes.
fn number(id: &BuildId, hashes: &[u8]) -> Vec<u8> {
    match id {
        BuildId::Fast => Sha1::digest(hashes).get(..FAST_SIZE).unwrap_or_default().to_vec(),
        BuildId::Default | BuildId::Sha1 => Sha1::digest(hashes).to_vec(),
        BuildId::Md5 => Md5::digest(hashes).to_vec(),
        BuildId::Sha256 => Sha256::digest(hashes).to_vec(),
        BuildId::Uuid => random(),
        BuildId::Hex(bytes) => bytes.clone(),
    }
}

/// A room that hashes what goes through it.
pub struct Hashing<'h> {
    room: &'h dyn Room,
    id: &'h BuildId,
    /// The size of the file, in bytes.
    size: u64,
    /// What is hashed, from the start to the end of the file.
    pieces: Vec<Range<u64>>,
    /// The hash of each piece, if all of it came at once.
    hashes: Mutex<Vec<Option<Vec<u8>>>>,
}

impl<'h> Hashing<'h> {
    /// For a file of `size` bytes. If it is mostly gaps, only what is `filled` counts, and what lies
    /// behind it.
    pub fn new(room: &'h dyn Room, id: &'h BuildId, size: u64, filled: &Filled) -> Self {
        let parts = match filled {
            Filled::Whole => &[][..],
            Filled::Parts(parts) => parts,
        };
        let end = parts.last().map_or(0, |part| part.end);
        let parts = parts.iter().cloned().chain(std::iter::once(end..size));
        let cut = |part: Range<u64>| {
            let end = part.end;
            let starts = part.step_by(PIECE as usize);
            starts.map(move |start| start..end.min(start.saturating_add(PIECE)))
        };
        let pieces: Vec<_> = parts.flat_map(cut).collect();
        let hashes = Mutex::new(vec![None; pieces.len()]);
        Self { room, id, size, pieces, hashes }
    }

    /// Writes the note at `offset` of the file, which is complete but for it.
    pub fn write_note(&self, offset: u64, encoding: Encoding) {
        let note_size = note_size(self.id);
        if offset.checked_add(note_size).is_none_or(|end| end > self.size) {
            return;
        }
        self.put(offset, &vec![0; note_size as usize]);
        let number = number(self.id, &self.all_hashes());
        let word = |value: u32| {
            if encoding.is_big_endian() { value.to_be_bytes() } else { value.to_le_bytes() }
        };
        let head = [word(4), word(number.len() as u32), word(NT_GNU_BUILD_ID.0), *b"GNU\0"];
        self.room.put(offset, &[head.as_flattened(), &number].concat());
    }

    /// The hashes of all pieces, one behind the other.
    fn all_hashes(&self) -> Vec<u8> {
        let Some(hash) = hash_of(self.id) else { return Vec::new() };
        let known = std::mem::take(&mut *self.lock());
        let hashed = |buffer: &mut Vec<u8>, (piece, known): (&Range<u64>, Option<Vec<u8>>)| {
            known.unwrap_or_else(|| {
                // A piece has PIECE bytes at most.
                buffer.resize((piece.end - piece.start) as usize, 0);
                self.room.get(piece.start, buffer);
                hash(buffer)
            })
        };
        let pieces = self.pieces.par_iter().zip(known);
        let hashes: Vec<Vec<u8>> = pieces.map_init(Vec::new, hashed).collect();
        hashes.concat()
    }

    /// Takes up what `bytes`, which are to be at `offset`, mean for the pieces that they touch.
    fn look_at(&self, offset: u64, bytes: &[u8]) {
        let Some(hash) = hash_of(self.id) else { return };
        let end = offset.saturating_add(bytes.len() as u64);
        let first = self.pieces.partition_point(|piece| piece.end <= offset);
        let touched = self.pieces.iter().skip(first).take_while(|piece| piece.start < end);
        let hashes: Vec<Option<Vec<u8>>> = touched
            .map(|piece| {
                let start = usize::try_from(piece.start.checked_sub(offset)?).ok()?;
                let end = start.checked_add(usize::try_from(piece.end - piece.start).ok()?)?;
                bytes.get(start..end).map(hash)
            })
            .collect();
        for (known, hash) in self.lock().iter_mut().skip(first).zip(hashes) {
            *known = hash;
        }
    }

    /// No code panics while it holds the lock; if it did, what is there would be whole all the same.
    fn lock(&self) -> MutexGuard<'_, Vec<Option<Vec<u8>>>> {
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room for Hashing<'_> {
    fn give(&self, offset: u64, bytes: Vec<u8>) -> Vec<u8> {
        self.look_at(offset, &bytes);
        self.room.give(offset, bytes)
    }

    fn get(&self, offset: u64, bytes: &mut [u8]) {
        self.room.get(offset, bytes);
    }
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
    use crate::write::room::Memory;

    const LE: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };

    fn note(id: &BuildId, image: &[u8]) -> Vec<u8> {
        let room = written(id, image, 8);
        room[8..8 + note_size(id) as usize].to_vec()
    }

    fn written(id: &BuildId, image: &[u8], offset: u64) -> Vec<u8> {
        let room = Memory::new(image.len());
        let hashing = Hashing::new(&room, id, image.len() as u64, &Filled::Whole);
        hashing.put(0, image);
        hashing.write_note(offset, LE);
        room.into_bytes()
    }

    #[test]
    fn the_note_has_a_header_and_a_number_of_its_size() {
        let image = vec![7; 3 * PIECE as usize / 2];
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
        let mut image = vec![0; 2 * PIECE as usize + 5];
        let first = note(&BuildId::Sha1, &image);
        image[12] = 9;
        assert_eq!(note(&BuildId::Sha1, &image), first);
        *image.last_mut().unwrap() = 1;
        let second = note(&BuildId::Sha1, &image);
        assert_ne!(second, first);
        image[PIECE as usize] = 1;
        assert_ne!(note(&BuildId::Sha1, &image), second);
    }

    #[test]
    fn it_does_not_matter_how_the_bytes_came() {
        let image: Vec<u8> = (0..3 * PIECE + 77).map(|at| (at % 251) as u8).collect();
        let room = Memory::new(image.len());
        let hashing = Hashing::new(&room, &BuildId::Default, image.len() as u64, &Filled::Whole);
        let (first, second) = image.split_at(PIECE as usize * 2 + 5);
        hashing.put(0, &vec![9; image.len()]);
        hashing.put(first.len() as u64, second);
        hashing.put(0, first);
        hashing.write_note(8, LE);
        assert_eq!(room.into_bytes(), written(&BuildId::Default, &image, 8));
    }

    #[test]
    fn a_note_outside_the_file_is_not_written() {
        for offset in [0, u64::MAX] {
            assert_eq!(written(&BuildId::Sha1, &[0; 20], offset), [0; 20]);
        }
    }
}

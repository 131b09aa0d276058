//! Compressed sections: `SHF_COMPRESSED` with its header (gABI, chapter 4, "Section
//! Compression"), and the older `.zdebug_` sections of GNU.
//!
//! | form | before the compressed bytes | compression |
//! |---|---|---|
//! | flag `SHF_COMPRESSED` | `Elf32_Chdr` or `Elf64_Chdr`: type, uncompressed size, alignment | zlib (1), Zstandard (2) |
//! | name starts with `.zdebug` | `ZLIB` and the uncompressed size, 64 bits, big-endian | zlib |
//!
//! The size that a header claims is a claim only. It is refused before a byte is unpacked if the
//! compression could not reach it from the bytes there are, or if it is over the caller's
//! [`Limits`]; and the memory for it is touched as far as real contents come.
//!
//! # Decompress a section
//!
//! ```
//! # fn main() -> Result<(), libelf::Error> {
//! # let bytes = libelf::map::read(std::env::current_exe().unwrap()).unwrap();
//! use libelf::compress::{self, Limits};
//!
//! let file = libelf::File::parse(&bytes)?;
//! if let Some((index, section)) = file.section_by_name(b".debug_info")? {
//!     let limits = Limits::for_input(bytes.len());
//!     let contents = compress::section_contents(&file, &section, limits)
//!         .map_err(|error| error.in_section(index))?;
//!     println!("{} bytes of .debug_info", contents.len());
//! }
//! # Ok(())
//! # }
//! ```

use std::borrow::Cow;
use std::io::{Read, Write};

use crate::error::{Problem, Result};
use crate::file::File;
use crate::ident::{Class, Encoding};
use crate::section::SectionHeader;

/// Why a section does not decompress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The section is shorter than the compression header.
    #[error("the section is too small for a compression header")]
    NoHeader,
    /// `ch_type` is no compression known here.
    #[error("compression type {0:#x} is not known")]
    UnknownType(u32),
    /// The claimed size cannot come out of the bytes there are.
    #[error("{claimed:#x} bytes cannot come from {compressed:#x} compressed bytes")]
    Implausible {
        /// The uncompressed size of the header, in bytes.
        claimed: u64,
        /// The size of the compressed bytes.
        compressed: u64,
    },
    /// The claimed size is over the caller's limit.
    #[error("uncompressed size {claimed:#x} is over the limit of {limit:#x} bytes")]
    OverLimit {
        /// The uncompressed size of the header, in bytes.
        claimed: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The compressed bytes break their format's rules or end too early.
    #[error("the compressed bytes are corrupt")]
    Corrupt,
    /// The compressed bytes hold another size than the header claims.
    #[error("the uncompressed contents do not have the size of the compression header")]
    WrongSize,
}

/// How the contents are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `ELFCOMPRESS_ZLIB`, and `.zdebug`: RFC 1950.
    Zlib,
    /// `ELFCOMPRESS_ZSTD`: RFC 8878.
    Zstd,
    /// Another `ch_type`.
    Other(u32),
}

/// `ELFCOMPRESS_ZLIB`
pub const ELFCOMPRESS_ZLIB: u32 = 1;
/// `ELFCOMPRESS_ZSTD`
pub const ELFCOMPRESS_ZSTD: u32 = 2;

/// The first bytes of a `.zdebug` section.
pub(crate) const ZDEBUG_MAGIC: &[u8; 4] = b"ZLIB";

/// Deflate gives at most 258 bytes for two bits of input, 1032 for a byte.
const ZLIB_MAX_RATIO: u64 = 1032;
/// A Zstandard block gives at most 128 KiB, and an RLE block takes four bytes.
const ZSTD_MAX_RATIO: u64 = (128 << 10) / 4;

/// What a caller is ready to hold in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that one section may unpack to.
    pub size: u64,
}

impl Limits {
    /// No limit but what the format can reach from the bytes there are.
    pub const NONE: Self = Self { size: u64::MAX };

    /// What a small section of a small file may always unpack to.
    const FLOOR: u64 = 160 << 20;
    /// Real sections shrink to a third, those full of zeros to a hundredth; but nobody keeps a
    /// large file of those.
    const USUAL_RATIO: u64 = 16;

    /// A limit that fits all but contrived sections of a file of `length` bytes.
    pub fn for_input(length: usize) -> Self {
        Self { size: (length as u64).saturating_mul(Self::USUAL_RATIO).max(Self::FLOOR) }
    }
}

/// A compressed section: what its header says, and the bytes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compressed<'data> {
    /// How the contents are compressed (`ch_type`).
    pub format: Format,
    /// The size of the uncompressed contents in bytes (`ch_size`).
    pub size: u64,
    /// The alignment of the uncompressed contents in bytes (`ch_addralign`); 1 for `.zdebug`.
    pub addralign: u64,
    /// The compressed bytes.
    pub payload: &'data [u8],
}

impl<'data> Compressed<'data> {
    /// Reads the header of a section with the flag `SHF_COMPRESSED`; `data` is what is stored.
    ///
    /// # Errors
    /// [`Fault::NoHeader`]
    pub fn parse(data: &'data [u8], encoding: Encoding) -> Result<Self> {
        Self::parse_fields(data, encoding).ok_or_else(|| Fault::NoHeader.into())
    }

    fn parse_fields(data: &'data [u8], encoding: Encoding) -> Option<Self> {
        // The 64-bit header has four reserved bytes after the type.
        let (size_at, align_at, end) = match encoding.class {
            Class::Elf32 => (4, 8, 12),
            Class::Elf64 => (8, 16, 24),
        };
        Some(Self {
            format: match encoding.u32(data, 0)? {
                ELFCOMPRESS_ZLIB => Format::Zlib,
                ELFCOMPRESS_ZSTD => Format::Zstd,
                other => Format::Other(other),
            },
            size: encoding.word(data, size_at)?,
            addralign: encoding.word(data, align_at)?,
            payload: data.get(end..)?,
        })
    }

    /// Reads the start of a `.zdebug` section, or `None` if it does not start as one.
    pub fn parse_zdebug(data: &'data [u8]) -> Option<Self> {
        let rest = data.strip_prefix(ZDEBUG_MAGIC)?;
        let (size, payload) = rest.split_first_chunk::<8>()?;
        Some(Self { format: Format::Zlib, size: u64::from_be_bytes(*size), addralign: 1, payload })
    }

    /// The uncompressed contents.
    ///
    /// # Errors
    /// A [`Fault`] if they cannot be had within `limits`, or are not what the header claims.
    pub fn decompress(&self, limits: Limits) -> Result<Vec<u8>> {
        let ratio = match self.format {
            Format::Zlib => ZLIB_MAX_RATIO,
            Format::Zstd => ZSTD_MAX_RATIO,
            Format::Other(kind) => return Err(Fault::UnknownType(kind).into()),
        };
        let compressed = self.payload.len() as u64;
        if self.size > compressed.saturating_mul(ratio) {
            return Err(Fault::Implausible { claimed: self.size, compressed }.into());
        }
        let over_limit = Fault::OverLimit { claimed: self.size, limit: limits.size };
        if self.size > limits.size {
            return Err(over_limit.into());
        }
        // Zeroed memory comes from the system as it is touched, so the part that real contents
        // never reach costs nothing.
        let mut contents = vec![0; usize::try_from(self.size).map_err(|_| over_limit)?];
        match self.format {
            Format::Zlib => inflate(self.payload, &mut contents)?,
            _ => unzstd(self.payload, &mut contents)?,
        }
        Ok(contents)
    }
}

/// Fills `output` from zlib streams: one, or several one after the other, as a linker leaves
/// them that joins compressed sections without a look inside.
fn inflate(mut input: &[u8], mut output: &mut [u8]) -> std::result::Result<(), Fault> {
    use flate2::{Decompress, FlushDecompress, Status};
    let mut stream = Decompress::new(true);
    while !input.is_empty() && !output.is_empty() {
        let status = stream
            .decompress(input, output, FlushDecompress::Finish)
            .map_err(|_| Fault::Corrupt)?;
        let taken = usize::try_from(stream.total_in()).unwrap_or(usize::MAX);
        let given = usize::try_from(stream.total_out()).unwrap_or(usize::MAX);
        if status != Status::StreamEnd {
            // The whole input and the whole room were offered at once: one of them is short.
            return Err(if given < output.len() { Fault::Corrupt } else { Fault::WrongSize });
        }
        input = input.get(taken..).unwrap_or_default();
        output = output.get_mut(given..).unwrap_or_default();
        stream.reset(true);
    }
    match (input.is_empty(), output.is_empty()) {
        (true, true) => Ok(()),
        // What follows the last stream is none.
        (false, true) => Err(Fault::Corrupt),
        _ => Err(Fault::WrongSize),
    }
}

/// Fills `output` from Zstandard frames.
fn unzstd(mut input: &[u8], mut output: &mut [u8]) -> std::result::Result<(), Fault> {
    while !input.is_empty() {
        let Some(rest) = skippable_frame(input) else {
            let mut frame =
                ruzstd::decoding::StreamingDecoder::new(&mut input).map_err(|_| Fault::Corrupt)?;
            loop {
                // A full buffer still asks once more, to see that the frame ends there.
                let mut probe = [0];
                let room = if output.is_empty() { &mut probe[..] } else { &mut *output };
                let given = frame.read(room).map_err(|_| Fault::Corrupt)?;
                if given == 0 {
                    break;
                }
                if output.is_empty() {
                    return Err(Fault::WrongSize);
                }
                output = output.get_mut(given..).unwrap_or_default();
            }
            continue;
        };
        input = rest;
    }
    if output.is_empty() { Ok(()) } else { Err(Fault::WrongSize) }
}

/// `contents` compressed, without a header. `level` is 0 to 9 for zlib and 1 to 22 for Zstandard;
/// a higher one is taken for the highest.
///
/// The bytes are those of zlib-rs and of the Zstandard library of this build: other compressors
/// make others of the same contents.
///
/// # Errors
/// [`Fault::UnknownType`]
pub fn compress(contents: &[u8], format: Format, level: u8) -> Result<Vec<u8>> {
    match format {
        Format::Zlib => {
            let level = flate2::Compression::new(level.min(9).into());
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
            // Memory takes all that is written.
            let written = encoder.write_all(contents).and_then(|()| encoder.finish());
            written.map_err(|_| Fault::Corrupt.into())
        }
        Format::Zstd => zstd::bulk::compress(contents, level.clamp(1, 22).into())
            .map_err(|_| Fault::Corrupt.into()),
        Format::Other(kind) => Err(Fault::UnknownType(kind).into()),
    }
}

/// How many bytes compressed bytes hold; `None` if they are corrupt, or hold more than `limit`.
pub fn uncompressed_size(payload: &[u8], format: Format, limit: u64) -> Option<u64> {
    match format {
        Format::Zlib => inflated_size(payload, limit),
        Format::Zstd => unzstd_size(payload, limit),
        Format::Other(_) => None,
    }
}

/// The bytes that are unpacked at once where only their number counts.
const SCRATCH: usize = 64 << 10;

fn inflated_size(mut input: &[u8], limit: u64) -> Option<u64> {
    use flate2::{Decompress, FlushDecompress, Status};
    let mut scratch = vec![0; SCRATCH];
    let mut size = 0_u64;
    let mut stream = Decompress::new(true);
    while !input.is_empty() {
        let (taken, given) = (stream.total_in(), stream.total_out());
        let status = stream.decompress(input, &mut scratch, FlushDecompress::None).ok()?;
        let taken = stream.total_in().checked_sub(taken)?;
        let given = stream.total_out().checked_sub(given)?;
        size = size.checked_add(given).filter(|&size| size <= limit)?;
        input = input.get(usize::try_from(taken).ok()?..)?;
        match status {
            Status::StreamEnd => stream.reset(true),
            _ if input.is_empty() && given < SCRATCH as u64 => return None,
            _ if taken == 0 && given == 0 => return None,
            _ => {}
        }
    }
    Some(size)
}

fn unzstd_size(mut input: &[u8], limit: u64) -> Option<u64> {
    let mut scratch = vec![0; SCRATCH];
    let mut size = 0_u64;
    while !input.is_empty() {
        if let Some(rest) = skippable_frame(input) {
            input = rest;
            continue;
        }
        let mut frame = ruzstd::decoding::StreamingDecoder::new(&mut input).ok()?;
        loop {
            let given = frame.read(&mut scratch).ok()?;
            if given == 0 {
                break;
            }
            size = size.checked_add(given as u64).filter(|&size| size <= limit)?;
        }
    }
    Some(size)
}

/// What follows a skippable frame at the start of `input`, if there is one (RFC 8878, 3.1.2).
fn skippable_frame(input: &[u8]) -> Option<&[u8]> {
    let (magic, rest) = input.split_first_chunk::<4>()?;
    if u32::from_le_bytes(*magic) & !0xf != 0x184D_2A50 {
        return None;
    }
    let (size, rest) = rest.split_first_chunk::<4>()?;
    rest.get(usize::try_from(u32::from_le_bytes(*size)).ok()?..)
}

/// The contents of a section, uncompressed if it has the flag `SHF_COMPRESSED` or is a `.zdebug`
/// section by name and start; else borrowed as they are.
///
/// # Errors
/// If the section goes past the end of the file, or a [`Fault`].
pub fn section_contents<'data>(
    file: &File<'data>,
    section: &SectionHeader,
    limits: Limits,
) -> Result<Cow<'data, [u8]>> {
    let data = file.section_data(section)?;
    if section.is_nobits() {
        return Ok(Cow::Borrowed(data));
    }
    if section.is_compressed() {
        let compressed = Compressed::parse(data, file.encoding())?;
        return compressed.decompress(limits).map(Cow::Owned);
    }
    let is_zdebug = || {
        let names = file.section_names().ok()?;
        Some(names.get(section.name.into()).ok()?.starts_with(b".zdebug"))
    };
    match Compressed::parse_zdebug(data) {
        Some(compressed) if is_zdebug() == Some(true) => {
            compressed.decompress(limits).map(Cow::Owned)
        }
        _ => Ok(Cow::Borrowed(data)),
    }
}

impl From<Fault> for crate::Error {
    fn from(fault: Fault) -> Self {
        Problem::Compression(fault).into()
    }
}

#[cfg(test)]
mod tests {
    use object::endian::Endianness;

    use super::*;

    const LE64: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
    const BE32: Encoding = Encoding { class: Class::Elf32, endian: Endianness::Big };

    fn zlib(data: &[u8]) -> Vec<u8> {
        compress(data, Format::Zlib, 6).unwrap()
    }

    fn zstd(data: &[u8]) -> Vec<u8> {
        compress(data, Format::Zstd, 3).unwrap()
    }

    fn compressed(format: Format, size: usize, payload: &[u8]) -> Compressed<'_> {
        Compressed { format, size: size as u64, addralign: 1, payload }
    }

    fn fault(result: Result<Vec<u8>>) -> Fault {
        match result.unwrap_err().problem {
            Problem::Compression(fault) => fault,
            other => panic!("{other:?}"),
        }
    }

    fn text() -> Vec<u8> {
        (0..5000u32).flat_map(|n| (n / 7).to_le_bytes()).collect()
    }

    #[test]
    fn headers_of_both_classes_are_read() {
        let mut section = vec![2, 0, 0, 0, 9, 9, 9, 9];
        section.extend(300u64.to_le_bytes());
        section.extend(8u64.to_le_bytes());
        section.extend(b"rest");
        let found = Compressed::parse(&section, LE64).unwrap();
        assert_eq!(found.format, Format::Zstd);
        assert_eq!((found.size, found.addralign, found.payload), (300, 8, &b"rest"[..]));
        let section = [0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 4];
        let found = Compressed::parse(&section, BE32).unwrap();
        assert_eq!(found.format, Format::Zlib);
        assert_eq!((found.size, found.addralign, found.payload), (256, 4, &b""[..]));
        assert!(Compressed::parse(&section[..11], BE32).is_err());
        assert!(Compressed::parse(&section, LE64).is_err());
    }

    #[test]
    fn contents_come_back() {
        let text = text();
        for (format, payload) in [(Format::Zlib, zlib(&text)), (Format::Zstd, zstd(&text))] {
            let found = compressed(format, text.len(), &payload);
            assert_eq!(found.decompress(Limits::NONE).unwrap(), text);
            // Streams that stand one after the other are one.
            let twice = [&payload[..], &payload].concat();
            let found = compressed(format, 2 * text.len(), &twice);
            assert_eq!(found.decompress(Limits::NONE).unwrap(), text.repeat(2));
        }
        let mut zdebug = b"ZLIB".to_vec();
        zdebug.extend((text.len() as u64).to_be_bytes());
        zdebug.extend(zlib(&text));
        let found = Compressed::parse_zdebug(&zdebug).unwrap();
        assert_eq!(found.decompress(Limits::NONE).unwrap(), text);
    }

    #[test]
    fn sizes_are_counted_up_to_a_limit() {
        let text = text();
        let size = text.len() as u64;
        for (format, payload) in [(Format::Zlib, zlib(&text)), (Format::Zstd, zstd(&text))] {
            assert_eq!(uncompressed_size(&payload, format, u64::MAX), Some(size));
            assert_eq!(uncompressed_size(&payload, format, size - 1), None);
            let twice = [&payload[..], &payload].concat();
            assert_eq!(uncompressed_size(&twice, format, u64::MAX), Some(2 * size));
            let cut = payload.get(..payload.len() - 1).unwrap();
            assert_eq!(uncompressed_size(cut, format, u64::MAX), None, "{format:?}");
        }
        let zeros = zlib(&vec![0; 1 << 20]);
        assert_eq!(uncompressed_size(&zeros, Format::Zlib, u64::MAX), Some(1 << 20));
    }

    #[test]
    fn false_sizes_are_faults() {
        let text = text();
        for (format, payload) in [(Format::Zlib, zlib(&text)), (Format::Zstd, zstd(&text))] {
            for size in [text.len() - 1, text.len() + 1, 1] {
                let found = compressed(format, size, &payload);
                assert_eq!(fault(found.decompress(Limits::NONE)), Fault::WrongSize, "{size}");
            }
            let claimed = usize::MAX;
            let found = compressed(format, claimed, &payload);
            assert!(matches!(fault(found.decompress(Limits::NONE)), Fault::Implausible { .. }));
            let found = compressed(format, text.len(), &payload);
            let limits = Limits { size: 100 };
            assert!(matches!(fault(found.decompress(limits)), Fault::OverLimit { .. }));
        }
    }

    #[test]
    fn broken_bytes_are_faults() {
        let text = text();
        for (format, payload) in [(Format::Zlib, zlib(&text)), (Format::Zstd, zstd(&text))] {
            for cut in 1..payload.len().min(400) {
                let found = compressed(format, text.len(), &payload[..payload.len() - cut]);
                assert!(found.decompress(Limits::NONE).is_err(), "{format:?} {cut}");
            }
            let mut broken = payload.clone();
            broken[0] ^= 0xff;
            let found = compressed(format, text.len(), &broken);
            assert_eq!(fault(found.decompress(Limits::NONE)), Fault::Corrupt);
        }
        let found = compressed(Format::Other(7), 1, b"x");
        assert_eq!(fault(found.decompress(Limits::NONE)), Fault::UnknownType(7));
    }
}

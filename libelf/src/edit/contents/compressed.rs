//! Compressed sections: the header, and the compressed bytes as they are. [`crate::compress`]
//! tells how both forms lie in a section.
//!
//! Bytes that are compressed anew do not become what another program made of them - every
//! compressor has its own way -, so that a section that is read keeps its compressed bytes.

use std::borrow::Cow;

use object::elf::SHF_COMPRESSED;

use super::Contents;
use super::writer::{Result, Writer};
use crate::compress::{self, Format, Limits, ZDEBUG_MAGIC};
use crate::edit::{Field, Section};
use crate::ident::Encoding;

/// A compressed section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compressed<'data> {
    /// What is before the compressed bytes.
    pub header: CompressionHeader,
    /// The compressed bytes.
    pub payload: Cow<'data, [u8]>,
}

/// The start of a compressed section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompressionHeader {
    /// `Elf32_Chdr` or `Elf64_Chdr`: of a section with the flag `SHF_COMPRESSED`.
    Chdr {
        /// `ch_type`: 1 zlib, 2 Zstandard.
        kind: u32,
        /// `ch_reserved`, in 64-bit files.
        reserved: u32,
        /// `ch_size`: the size of the uncompressed contents in bytes. Without a value, what the
        /// compressed bytes hold; 0 if they are corrupt.
        size: Field<u64>,
        /// `ch_addralign`: the alignment of the uncompressed contents in bytes.
        align: u64,
    },
    /// `ZLIB` and the size: of a section whose name starts with `.zdebug`.
    Zdebug {
        /// The size of the uncompressed contents in bytes, as in [`Self::Chdr`].
        size: Field<u64>,
    },
}

impl Default for CompressionHeader {
    fn default() -> Self {
        Self::Chdr { kind: ELFCOMPRESS_ZLIB, reserved: 0, size: Field::Auto, align: 1 }
    }
}

/// `ELFCOMPRESS_ZLIB`
const ELFCOMPRESS_ZLIB: u32 = object::elf::ELFCOMPRESS_ZLIB.0;
/// `ELFCOMPRESS_ZSTD`
const ELFCOMPRESS_ZSTD: u32 = object::elf::ELFCOMPRESS_ZSTD.0;

/// The most that is unpacked to learn how much there is, in bytes.
const MOST_COUNTED: u64 = 1 << 33;

/// The number of a compression (`ch_type`).
const fn kind_of(format: Format) -> u32 {
    match format {
        Format::Zlib => ELFCOMPRESS_ZLIB,
        Format::Zstd => ELFCOMPRESS_ZSTD,
        Format::Other(kind) => kind,
    }
}

/// The compression with this number.
const fn format_of(kind: u32) -> Format {
    match kind {
        ELFCOMPRESS_ZLIB => Format::Zlib,
        ELFCOMPRESS_ZSTD => Format::Zstd,
        other => Format::Other(other),
    }
}

impl<'data> Compressed<'data> {
    /// Reads a section with the flag `SHF_COMPRESSED`. `None` if it has no whole header.
    pub fn decode(bytes: &'data [u8], encoding: Encoding) -> Option<Self> {
        let found = compress::Compressed::parse(bytes, encoding).ok()?;
        let header = CompressionHeader::Chdr {
            kind: kind_of(found.format),
            reserved: if encoding.is_64() { encoding.u32(bytes, 4)? } else { 0 },
            size: Field::Is(found.size),
            align: found.addralign,
        };
        Some(Self { header, payload: Cow::Borrowed(found.payload) })
    }

    /// Reads a `.zdebug` section. `None` if it does not start as one.
    pub fn decode_zdebug(bytes: &'data [u8]) -> Option<Self> {
        let found = compress::Compressed::parse_zdebug(bytes)?;
        let header = CompressionHeader::Zdebug { size: Field::Is(found.size) };
        Some(Self { header, payload: Cow::Borrowed(found.payload) })
    }

    /// `contents` compressed; `align` is their alignment in bytes, `level` that of the compression:
    /// for zlib 0 to 9, for Zstandard 1 to 22.
    ///
    /// # Errors
    /// An unknown compression.
    pub fn new(
        contents: &[u8],
        format: Format,
        level: u8,
        align: u64,
    ) -> crate::error::Result<Self> {
        let payload = compress::compress(contents, format, level)?;
        let size = Field::Is(contents.len() as u64);
        let kind = kind_of(format);
        let header = CompressionHeader::Chdr { kind, reserved: 0, size, align };
        Ok(Self { header, payload: payload.into() })
    }

    /// How the contents are compressed, and their size as the header gives it.
    fn claim(&self) -> (Format, Field<u64>) {
        match self.header {
            CompressionHeader::Chdr { kind, size, .. } => (format_of(kind), size),
            CompressionHeader::Zdebug { size } => (Format::Zlib, size),
        }
    }

    /// The size of the uncompressed contents in bytes, as far as they are no more than `limit`.
    fn counted(&self, limit: u64) -> Option<u64> {
        compress::uncompressed_size(&self.payload, self.claim().0, limit)
    }

    /// The uncompressed contents.
    ///
    /// # Errors
    /// A [`compress::Fault`]
    pub fn decompress(&self, limits: Limits) -> crate::error::Result<Vec<u8>> {
        let (format, size) = self.claim();
        let size = match size {
            Field::Auto => self.counted(limits.size).unwrap_or_default(),
            given => given.or(0),
        };
        compress::Compressed { format, size, addralign: 1, payload: &self.payload }
            .decompress(limits)
    }

    /// The bytes of the section.
    ///
    /// # Errors
    /// A value that does not fit.
    pub fn encode(&self, encoding: Encoding) -> Result<Vec<u8>> {
        let room = self.payload.len().saturating_add(24);
        let mut writer = Writer::with_capacity(encoding, "compression header", room);
        let auto = match self.claim().1 {
            Field::Auto => self.counted(MOST_COUNTED).unwrap_or_default(),
            _ => 0,
        };
        match self.header {
            CompressionHeader::Chdr { kind, reserved, size, align } => {
                writer.u32(kind);
                if encoding.is_64() {
                    writer.u32(reserved);
                }
                writer.field("ch_size", size, auto, encoding.word_size())?;
                writer.word("ch_addralign", align)?;
            }
            CompressionHeader::Zdebug { size } => {
                writer.bytes(ZDEBUG_MAGIC);
                writer.bytes(&size.or(auto).to_be_bytes());
            }
        }
        writer.bytes(&self.payload);
        Ok(writer.finish())
    }

    /// The size of the section in bytes.
    pub(super) fn size(&self, encoding: Encoding) -> u64 {
        let header = match self.header {
            CompressionHeader::Chdr { .. } if encoding.is_64() => 24,
            CompressionHeader::Chdr { .. } | CompressionHeader::Zdebug { .. } => 12,
        };
        self.payload.len() as u64 + header
    }

    /// Leaves the size to the writer if the compressed bytes hold as much.
    pub(in crate::edit) fn simplify(&mut self, room: &mut u64) {
        let claimed = self.claim().1.or(0);
        let most = Limits::for_input(self.payload.len()).size.min(*room);
        if claimed > most {
            return;
        }
        *room = room.saturating_sub(claimed);
        if self.counted(claimed) != Some(claimed) {
            return;
        }
        match &mut self.header {
            CompressionHeader::Chdr { size, .. } | CompressionHeader::Zdebug { size } => {
                *size = Field::Auto;
            }
        }
    }
}

impl Section<'_> {
    /// Compresses the section's bytes, and says so in its flags and alignment; see
    /// [`Compressed::new`]. Whether it did: contents of another kind stay as they are.
    ///
    /// # Errors
    /// An unknown compression.
    pub fn compress(
        &mut self,
        format: Format,
        level: u8,
        encoding: Encoding,
    ) -> crate::error::Result<bool> {
        let Contents::Bytes(bytes) = &self.contents else { return Ok(false) };
        let compressed = Compressed::new(bytes, format, level, self.align.or(1))?;
        self.contents = Contents::Compressed(compressed);
        self.flags |= SHF_COMPRESSED.0;
        self.align = Field::Is(encoding.word_size() as u64);
        self.size = Field::Auto;
        Ok(true)
    }

    /// Uncompresses the section, and gives it the flags, the alignment and, if it is a `.zdebug`
    /// section, the name of an uncompressed one. Whether it was compressed.
    ///
    /// # Errors
    /// A [`compress::Fault`]
    pub fn decompress(&mut self, limits: Limits) -> crate::error::Result<bool> {
        let Contents::Compressed(compressed) = &self.contents else { return Ok(false) };
        let bytes = compressed.decompress(limits)?;
        match compressed.header {
            CompressionHeader::Chdr { align, .. } => {
                self.align = Field::Is(align);
                self.flags &= !SHF_COMPRESSED.0;
            }
            CompressionHeader::Zdebug { .. } => {
                if let Some(rest) = self.name.text.strip_prefix(b".z") {
                    self.name = super::name::Name::new([b".", rest].concat());
                }
            }
        }
        self.contents = Contents::Bytes(bytes.into());
        self.size = Field::Auto;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use object::elf::{EM_X86_64, SHT_PROGBITS};
    use proptest::prelude::*;

    use super::super::test_support::{encodings, object, round_trip, section};
    use super::*;

    fn text() -> Vec<u8> {
        (0..5000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect()
    }

    #[test]
    fn compressed_sections_come_back_and_the_size_follows() {
        for encoding in encodings() {
            for format in [Format::Zlib, Format::Zstd] {
                let mut own = section(".debug_str", SHT_PROGBITS, 0, 0, Contents::Empty);
                own.flags = SHF_COMPRESSED.0;
                let object = object(encoding, EM_X86_64, vec![own]);
                let compressed = Compressed::new(&text(), format, 3, 4).unwrap();
                let bytes = compressed.encode(encoding).unwrap();
                let read = round_trip(&object, 1, SHT_PROGBITS, &bytes);
                let Some(Contents::Compressed(read)) = read else { panic!("{read:?}") };
                assert!(read.claim().1.is_auto());
                assert_eq!(read.decompress(Limits::NONE).unwrap(), text());
            }
        }
    }

    #[test]
    fn false_sizes_and_broken_bytes_are_kept() {
        let encoding = encodings()[2];
        let mut compressed = Compressed::new(&text(), Format::Zlib, 6, 1).unwrap();
        for size in [7, u64::MAX] {
            compressed.header =
                CompressionHeader::Chdr { kind: 1, reserved: 3, size: Field::Is(size), align: 9 };
            let bytes = compressed.encode(encoding).unwrap();
            let mut read = Compressed::decode(&bytes, encoding).unwrap();
            read.simplify(&mut { u64::MAX });
            assert_eq!(read, compressed);
            assert_eq!(read.encode(encoding).unwrap(), bytes);
        }
        compressed.payload.to_mut()[0] = 0;
        compressed.header = CompressionHeader::default();
        assert_eq!(compressed.encode(encoding).unwrap()[8..16], [0; 8]);
        compressed.header =
            CompressionHeader::Chdr { kind: 1, reserved: 0, size: Field::Is(1 << 32), align: 1 };
        assert!(compressed.encode(encodings()[0]).is_err());
    }

    #[test]
    fn sections_are_compressed_and_uncompressed_in_place() {
        let mut own =
            section(".debug_line", SHT_PROGBITS, 0, 0, Contents::Bytes(Cow::Owned(text())));
        own.align = Field::Is(2);
        let before = own.clone();
        assert!(own.compress(Format::Zlib, 9, encodings()[2]).unwrap());
        assert_ne!(own.flags & SHF_COMPRESSED.0, 0);
        assert!(!own.compress(Format::Zlib, 9, encodings()[2]).unwrap());
        assert!(own.decompress(Limits::NONE).unwrap());
        assert_eq!(own, before);

        let payload = compress::compress(&text(), Format::Zlib, 6).unwrap().into();
        let header = CompressionHeader::Zdebug { size: Field::Auto };
        let old = Compressed { header, payload };
        let bytes = old.encode(encodings()[0]).unwrap();
        assert_eq!(bytes[..12], *b"ZLIB\0\0\0\0\0\0\x4e\x20");
        let mut read = Compressed::decode_zdebug(&bytes).unwrap();
        read.simplify(&mut { u64::MAX });
        assert_eq!(read, old);
        let mut own = section(".zdebug_line", SHT_PROGBITS, 0, 0, Contents::Compressed(old));
        assert!(own.decompress(Limits::NONE).unwrap());
        assert_eq!(*own.name.text, *b".debug_line");
        assert!(own.compress(Format::Other(9), 1, encodings()[0]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_kept(bytes in prop::collection::vec(0_u8..4, 0..60), which in 0_usize..4) {
            let encoding = encodings()[which];
            for read in [Compressed::decode(&bytes, encoding), Compressed::decode_zdebug(&bytes)] {
                let Some(mut read) = read else { continue };
                read.simplify(&mut { u64::MAX });
                prop_assert_eq!(read.encode(encoding).unwrap(), &bytes[..]);
            }
        }
    }
}

//! Compressed bytes that unpack to far more than they are.

use std::io::Write;

/// Compressed contents, without the header that a section has before them.
#[derive(Debug, Default)]
pub struct Bombs {
    /// A zlib stream.
    pub zlib: Vec<u8>,
    /// A Zstandard frame.
    pub zstd: Vec<u8>,
}

/// What the zlib stream unpacks to: more than readers may take.
const ZLIB_SIZE: usize = 600 << 20;
/// How many blocks of 128 KiB the Zstandard frame unpacks to: 4 GiB.
const ZSTD_BLOCKS: usize = 1 << 15;

impl Bombs {
    /// Makes both.
    ///
    /// # Errors
    /// None in practice: they are made in memory.
    pub fn make() -> std::io::Result<Self> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        let zeros = vec![0; 1 << 20];
        for _ in 0..ZLIB_SIZE >> 20 {
            encoder.write_all(&zeros)?;
        }
        Ok(Self { zlib: encoder.finish()?, zstd: zstd_of_zeros() })
    }
}

/// A Zstandard frame by hand (RFC 8878): magic, a descriptor that gives no content size, the
/// largest window that decoders accept, and blocks that each repeat one byte 128 Ki times.
fn zstd_of_zeros() -> Vec<u8> {
    const RLE: u32 = 1 << 1;
    const BLOCK_SIZE: u32 = 1 << 17;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88];
    for block in 1..=ZSTD_BLOCKS {
        let last = u32::from(block == ZSTD_BLOCKS);
        let header = BLOCK_SIZE << 3 | RLE | last;
        frame.extend(header.to_le_bytes().into_iter().take(3));
        frame.push(0);
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bombs_are_small_and_well_formed() {
        use std::io::Read;
        let bombs = Bombs::make().unwrap();
        assert!(bombs.zlib.len() < 8 << 20, "{}", bombs.zlib.len());
        assert!(bombs.zstd.len() < 1 << 20);
        let mut start = [1; 4096];
        flate2::read::ZlibDecoder::new(&bombs.zlib[..]).read_exact(&mut start).unwrap();
        assert_eq!(start, [0; 4096]);
    }
}

//! `.gnu_debugdata`: a small ELF file, compressed with xz, that has the symbols of functions which
//! the dynamic symbol table has not. GDB manual, "MiniDebugInfo".
//!
//! Distributions leave it in programs whose symbol table lies in a separate file, so that a stack
//! can be shown without that.

use libelf::compress::Fault;
use libelf::{File, Result};
use xz4rust::{XzDecoder, XzNextBlockResult};

/// The section's name.
const SECTION: &[u8] = b".gnu_debugdata";
/// The most bytes that it is unpacked to: a program of a gigabyte has a tenth of it.
const MOST_UNPACKED: usize = 128 << 20;
/// The largest dictionary of xz that is followed, in bytes: that of its highest level.
const MOST_DICTIONARY: usize = 64 << 20;
/// What a dictionary starts with.
const FIRST_DICTIONARY: usize = 1 << 16;
/// How much room the unpacked bytes are given at once.
const STEP: usize = 1 << 16;

/// The file inside `.gnu_debugdata`, unpacked; `None` if there is no such section.
///
/// # Errors
/// A [`Fault`] if the section is corrupt, or would unpack to more than 128 MiB or with a dictionary
/// of more than 64 MiB.
pub fn unpack(file: &File<'_>) -> Result<Option<Vec<u8>>> {
    let Some((index, header)) = file.section_by_name(SECTION)? else { return Ok(None) };
    let packed = file.section_data(&header).map_err(|error| error.in_section(index))?;
    let unpacked = unxz(packed).map_err(|fault| libelf::Error::from(fault).in_section(index))?;
    Ok(Some(unpacked))
}

fn unxz(mut packed: &[u8]) -> std::result::Result<Vec<u8>, Fault> {
    let mut decoder = XzDecoder::with_alloc_dict_size(FIRST_DICTIONARY, MOST_DICTIONARY);
    let mut unpacked = Vec::new();
    let mut step = vec![0; STEP];
    loop {
        let result = decoder.decode(packed, &mut step).map_err(|_| Fault::Corrupt)?;
        let (taken, given) = (result.input_consumed(), result.output_produced());
        packed = packed.get(taken..).unwrap_or_default();
        let given = step.get(..given).unwrap_or_default();
        if unpacked.len().saturating_add(given.len()) > MOST_UNPACKED {
            let limit = MOST_UNPACKED as u64;
            return Err(Fault::OverLimit { claimed: limit.saturating_add(1), limit });
        }
        unpacked.extend_from_slice(given);
        match result {
            XzNextBlockResult::EndOfStream(..) => return Ok(unpacked),
            XzNextBlockResult::NeedMoreData(0, 0) => return Err(Fault::Corrupt),
            XzNextBlockResult::NeedMoreData(..) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `xz --check=crc32` of "a symbol table\n".
    const PACKED: &[u8] = include_bytes!("../tests/text.xz");

    #[test]
    fn a_stream_is_unpacked_and_a_damaged_one_is_not() {
        assert_eq!(unxz(PACKED).unwrap(), b"a symbol table\n");
        for end in 0..PACKED.len() {
            assert_eq!(unxz(&PACKED[..end]), Err(Fault::Corrupt), "{end}");
        }
        for at in 0..PACKED.len() {
            let mut damaged = PACKED.to_vec();
            damaged[at] ^= 0x11;
            assert!(unxz(&damaged).is_err(), "{at}");
        }
    }

    #[test]
    fn a_bomb_is_refused_in_time() {
        // 200 MB of zeros.
        assert!(matches!(unxz(include_bytes!("../tests/zeros.xz")), Err(Fault::OverLimit { .. })));
    }
}

//! `.eh_frame_hdr`: a sorted table of the FDEs, by which the one of an address is found quickly.
//! LSB, 10.6.2.
//!
//! ```text
//! version        1 byte     1
//! formats        3 bytes    of the pointer to .eh_frame, of the count, of the table
//! .eh_frame      4 bytes    relative to this field
//! count          4 bytes
//! table          8 bytes an entry: where code starts, where its FDE is; relative to the section
//! ```

use libelf::Encoding;
use rayon::prelude::*;

use super::CODE_START;
use super::augmentation::{pointer, pointer_size};
use super::parse::FrameSection;
use super::records::Kind;
use super::select::{Frames, KeptSection};
use crate::ids::SectionId;

const VERSION: u8 = 1;
/// The bytes before the count.
const FIXED: u64 = 8;
/// The bytes of the count.
const COUNT: u64 = 4;
/// The bytes of an entry.
const ENTRY: u64 = 8;

/// How a section that was written can be read: its bytes in the image, and its address.
pub type Written<'a> = &'a (dyn Fn(SectionId) -> Option<(&'a [u8], u64)> + Sync);

/// How large the section is, in bytes, with `more` entries for code that no input describes: 0 if
/// there is nothing that it could lead to.
pub fn size(frames: &Frames<'_>, more: usize) -> u64 {
    match frames.fde_count() {
        Some(0) => 0,
        Some(count) => FIXED + COUNT + ENTRY * (count + more) as u64,
        None => FIXED,
    }
}

/// What cannot be said in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Code or an FDE lies too far away for 32 bits.
    #[error(".eh_frame_hdr entry overflow")]
    Overflow,
}

/// Writes the section, which lies at `address`. `eh_frame` is the address of `.eh_frame`, whose
/// sections have been written and relocated: `written` finds them. `more` are entries for code
/// that no input describes: where it starts, where its FDE lies.
///
/// # Errors
/// If the table cannot hold an entry; without that entry it is whole.
pub fn write(
    frames: &Frames<'_>,
    more: &[(u64, u64)],
    written: Written<'_>,
    eh_frame: u64,
    address: u64,
    encoding: Encoding,
    out: &mut [u8],
) -> Result<(), Fault> {
    let put = |out: &mut [u8], at: usize, value: u32| {
        let big = encoding.is_big_endian();
        let bytes = if big { value.to_be_bytes() } else { value.to_le_bytes() };
        crate::write::bytes::put(out, at, &bytes);
    };
    let relative = pointer::PC_RELATIVE | pointer::SIGNED | pointer::UDATA4;
    let entries = entries(frames, written, encoding);
    let (count_format, table_format) = match &entries {
        Some(_) => (pointer::UDATA4, pointer::DATA_RELATIVE | pointer::SIGNED | pointer::UDATA4),
        None => (pointer::OMITTED, pointer::OMITTED),
    };
    crate::write::bytes::put(out, 0, &[VERSION, relative, count_format, table_format]);
    put(out, 4, eh_frame.wrapping_sub(address.wrapping_add(4)) as u32);
    let Some(mut entries) = entries else { return Ok(()) };
    entries.extend(more);
    entries.par_sort_unstable();
    put(out, FIXED as usize, entries.len() as u32);
    let mut result = Ok(());
    let table = out.get_mut((FIXED + COUNT) as usize..).unwrap_or_default();
    for (slot, (code, fde)) in table.chunks_exact_mut(ENTRY as usize).zip(entries) {
        let (code, fde) = (code.wrapping_sub(address), fde.wrapping_sub(address));
        let fits = |value: u64| i32::try_from(value as i64).is_ok();
        if encoding.is_64() && !(fits(code) && fits(fde)) {
            result = Err(Fault::Overflow);
        }
        put(slot, 0, code as u32);
        put(slot, 4, fde as u32);
    }
    result
}

/// Where the code of each FDE starts, and where the FDE lies. `None` if there can be no table.
fn entries(
    frames: &Frames<'_>,
    written: Written<'_>,
    encoding: Encoding,
) -> Option<Vec<(u64, u64)>> {
    if !frames.parsed.is_whole {
        return None;
    }
    let sections = frames.parsed.sections.par_iter().zip(&frames.kept);
    let found: Vec<Option<Vec<(u64, u64)>>> =
        sections.map(|(section, kept)| of_section(section, kept, written, encoding)).collect();
    let found: Option<Vec<_>> = found.into_iter().collect();
    Some(found?.concat())
}

fn of_section(
    section: &FrameSection<'_>,
    kept: &KeptSection,
    written: Written<'_>,
    encoding: Encoding,
) -> Option<Vec<(u64, u64)>> {
    let mut entries = Vec::with_capacity(kept.records.len());
    if kept.records.is_empty() {
        return Some(entries);
    }
    let (bytes, address) = written(section.id)?;
    for record in &kept.records {
        let kind = section.records.all.get(record.record as usize)?.kind;
        let Kind::Fde(cie) = kind else { continue };
        let &(_, form) = section.records.cies.get(cie as usize)?;
        let format = form.code_format;
        let at = record.at as usize + CODE_START;
        let size = pointer_size(format, encoding)?;
        let mut code = encoding.uint(bytes, at, size)?;
        if format & pointer::SIGNED != 0 || size == encoding.word_size() {
            let unused = u64::BITS - 8 * size as u32;
            code = ((code << unused) as i64 >> unused) as u64;
        }
        match format & pointer::APPLICATION {
            pointer::ABSOLUTE => {}
            pointer::PC_RELATIVE => {
                code = code.wrapping_add(address).wrapping_add(at as u64);
            }
            _ => return None,
        }
        if !encoding.is_64() {
            code &= u64::from(u32::MAX);
        }
        entries.push((code, address.wrapping_add(record.at.into())));
    }
    Some(entries)
}

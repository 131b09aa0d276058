//! `--oformat binary`: the bytes of memory, from the lowest address to the highest.

use libelf::raw::{SHF_ALLOC, SHT_NOBITS};

use crate::layout::{Layout, OutputSection, gaps};
use crate::write::room::Room;

/// The sections whose bytes are in memory when the program starts.
fn loaded<'l>(layout: &'l Layout<'_>) -> impl Iterator<Item = &'l OutputSection<'l>> {
    layout.sections.iter().filter(|section| {
        section.flags & SHF_ALLOC.0 != 0 && section.kind != SHT_NOBITS && section.size != 0
    })
}

/// The lowest load address, and how many bytes there are from there on.
fn extent(layout: &Layout<'_>) -> (u64, u64) {
    let start = loaded(layout).map(|section| section.load_addr).min().unwrap_or(0);
    let ends = loaded(layout).map(|section| section.load_addr.saturating_add(section.size));
    (start, ends.max().unwrap_or(0).saturating_sub(start))
}

/// How large the output is, in bytes.
///
/// # Errors
/// Sections lie too far from each other: what to say.
pub fn size(layout: &Layout<'_>) -> Result<u64, String> {
    let (_, size) = extent(layout);
    gaps::check(size, loaded(layout).map(|section| section.size).fold(0, u64::saturating_add))?;
    Ok(size)
}

/// Writes the sections of the file `image` at their places in memory.
pub fn write(layout: &Layout<'_>, image: &[u8], room: &dyn Room) {
    let (start, _) = extent(layout);
    for section in loaded(layout) {
        let bytes = usize::try_from(section.offset).ok().and_then(|at| {
            let end = at.checked_add(usize::try_from(section.size).ok()?)?;
            image.get(at..end)
        });
        if let Some(bytes) = bytes {
            room.put(section.load_addr.wrapping_sub(start), bytes);
        }
    }
}

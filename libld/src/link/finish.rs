//! The tables that can only be filled once all sections are written.

use libelf::Encoding;
use rayon::prelude::*;

use super::image::ImageInput;
use crate::compress::{self, Packed};
use crate::diagnostics::Diagnostics;
use crate::eh_frame::{self, Frames};
use crate::ids::SectionId;
use crate::layout::{Layout, OutputSection, Places};
use crate::made::{INTERNAL, Made};
use crate::options::Compression;
use crate::write::room::Room;

/// How many bytes of what was written one thread reads again.
const READ_AT_ONCE: usize = 1 << 20;

/// Where a made section lies in the file.
pub fn place_of(layout: &Layout<'_>, made: Made) -> Option<u64> {
    let place = layout.places.get(made.section())?;
    let section = layout.sections.get(place.output as usize)?;
    section.offset.checked_add(place.offset)
}

/// Writes `bytes`, of which there are at most `size`, at their place.
pub fn put_made(room: &dyn Room, at: Option<u64>, size: u64, bytes: &[u8]) {
    if let Some(at) = at {
        let length = bytes.len().min(usize::try_from(size).unwrap_or(usize::MAX));
        room.put(at, bytes.get(..length).unwrap_or_default());
    }
}

/// The output sections with unwind records, as they were written.
struct WrittenFrames<'w> {
    layout: &'w Layout<'w>,
    frames: &'w Frames<'w>,
    /// Their numbers and bytes.
    outputs: Vec<(u32, Vec<u8>)>,
}

impl<'w> WrittenFrames<'w> {
    fn read(layout: &'w Layout<'w>, frames: &'w Frames<'w>, room: &dyn Room) -> Self {
        let places = frames.sections().filter_map(|section| layout.places.get(section));
        let mut numbers: Vec<u32> = places.map(|place| place.output).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let read = |number: u32| {
            let section = layout.sections.get(number as usize)?;
            let mut bytes = vec![0; usize::try_from(section.size).ok()?];
            let chunks = bytes.par_chunks_mut(READ_AT_ONCE).enumerate();
            chunks.for_each(|(number, chunk)| {
                let start = (number * READ_AT_ONCE) as u64;
                room.get(section.offset.saturating_add(start), chunk);
            });
            Some((number, bytes))
        };
        Self { layout, frames, outputs: numbers.into_iter().filter_map(read).collect() }
    }

    /// The bytes of an input section, and its address.
    fn of(&self, section: SectionId) -> Option<(&[u8], u64)> {
        let place = self.layout.places.get(section)?;
        let address = self.layout.sections.get(place.output as usize)?.addr;
        let at = self.outputs.binary_search_by_key(&place.output, |(number, _)| *number).ok()?;
        let (_, bytes) = self.outputs.get(at)?;
        let start = usize::try_from(place.offset).ok()?;
        let size = usize::try_from(self.frames.size(section)?).ok()?;
        Some((bytes.get(start..start.checked_add(size)?)?, address.wrapping_add(place.offset)))
    }
}

/// Fills the sorted table of unwind records, which are written by now. `more` are the starts and
/// records of functions that the link made.
pub fn fill_eh_frame_hdr(
    input: &ImageInput<'_, '_>,
    more: &[(u64, u64)],
    room: &dyn Room,
    said: &mut Diagnostics,
) {
    let ImageInput { base, kept, needs, layout, addresses, .. } = *input;
    let (frames, sizes) = (&kept.frames, &needs.sizes);
    let Some(at) = place_of(layout, Made::EhFrameHdr) else { return };
    let mut table = vec![0; sizes.get(Made::EhFrameHdr).size as usize];
    let frames_written = WrittenFrames::read(layout, frames, room);
    let written = |section: SectionId| frames_written.of(section);
    let eh_frame = addresses.output_named(".eh_frame").map_or(0, |section| section.addr);
    let address = addresses.made(Made::EhFrameHdr);
    let encoding = base.arch.identity().encoding;
    let result =
        eh_frame::header::write(frames, more, &written, eh_frame, address, encoding, &mut table);
    if let Err(fault) = result {
        said.error(fault.to_string());
    }
    room.put(at, &table);
}

/// A file whose debug sections are packed: where its sections lie then, and its bytes from the
/// first of them on.
pub struct PackedFile<'a> {
    pub layout: Layout<'a>,
    pub packed: Packed,
    /// All sections as they were before.
    unpacked: Vec<u8>,
}

impl<'a> PackedFile<'a> {
    /// Packs the sections in `unpacked`, which are laid out by `layout`.
    pub fn new(
        layout: &Layout<'a>,
        unpacked: Vec<u8>,
        encoding: Encoding,
        how: Compression,
    ) -> Self {
        let headers = layout.sections.iter().map(|section| OutputSection {
            name: section.name.clone(),
            parts: Vec::new(),
            fill: Vec::new(),
            ..*section
        });
        let mut sections: Vec<_> = headers.collect();
        let end = layout.file_end;
        let packed = compress::pack(&mut sections, &unpacked, encoding, how);
        let packed = packed.unwrap_or(Packed { start: end, bytes: Vec::new() });
        let made_count = layout.places.internal_count();
        let mut places = Places::new(vec![made_count]);
        for index in 0..made_count as u32 {
            let section = SectionId { file: INTERNAL, index };
            if let Some(place) = layout.places.get(section) {
                places.set(section, place);
            }
        }
        let file_end = packed.start.saturating_add(packed.bytes.len() as u64);
        let segments = layout.segments.clone();
        let layout = Layout { sections, segments, places, file_end, ..Layout::default() };
        Self { layout, packed, unpacked }
    }

    /// Writes all sections at their places.
    pub fn write(&self, room: &dyn Room) {
        let start = usize::try_from(self.packed.start).unwrap_or(usize::MAX);
        room.put(0, self.unpacked.get(..start).unwrap_or(&self.unpacked));
        room.put(self.packed.start, &self.packed.bytes);
    }
}

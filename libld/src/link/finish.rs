//! The tables that can only be filled once all sections are written.

use libelf::Encoding;

use super::image::ImageInput;
use crate::compress::{self, Packed};
use crate::diagnostics::Diagnostics;
use crate::eh_frame;
use crate::ids::SectionId;
use crate::layout::{Layout, OutputSection, Places};
use crate::made::{MADE, Made};
use crate::options::Compression;
use crate::write;

/// Where a made section lies in the file.
pub fn place_of(layout: &Layout<'_>, made: Made) -> Option<usize> {
    let place = layout.places.get(made.section())?;
    let section = layout.sections.get(place.output as usize)?;
    usize::try_from(section.offset.checked_add(place.offset)?).ok()
}

/// The bytes of a made section in the file.
pub fn made_bytes(image: &mut [u8], at: Option<usize>, size: u64) -> Option<&mut [u8]> {
    let (at, size) = (at?, usize::try_from(size).ok()?);
    image.get_mut(at..at.checked_add(size)?)
}

pub fn put_made(image: &mut [u8], at: Option<usize>, size: u64, bytes: &[u8]) {
    if let Some(at) = at {
        let length = bytes.len().min(size as usize);
        write::bytes::put(image, at, bytes.get(..length).unwrap_or_default());
    }
}

/// Fills the sorted table of unwind records, which are written by now. `more` are the starts and
/// records of functions that the link made.
pub fn fill_eh_frame_hdr(
    input: &ImageInput<'_, '_>,
    more: &[(u64, u64)],
    image: &mut [u8],
    said: &mut Diagnostics,
) {
    let ImageInput { base, kept, needs, layout, addresses, .. } = *input;
    let (frames, sizes) = (&kept.frames, &needs.sizes);
    let Some(at) = place_of(layout, Made::EhFrameHdr) else { return };
    let mut table = vec![0; sizes.get(Made::EhFrameHdr).size as usize];
    let written = |section: SectionId| {
        let place = layout.places.get(section)?;
        let output = layout.sections.get(place.output as usize)?;
        let start = usize::try_from(output.offset.checked_add(place.offset)?).ok()?;
        let size = usize::try_from(frames.size(section)?).ok()?;
        let bytes = image.get(start..start.checked_add(size)?)?;
        Some((bytes, output.addr.wrapping_add(place.offset)))
    };
    let eh_frame = addresses.output_named(".eh_frame").map_or(0, |section| section.addr);
    let address = addresses.made(Made::EhFrameHdr);
    let encoding = base.arch.identity().encoding;
    let result =
        eh_frame::header::write(frames, more, &written, eh_frame, address, encoding, &mut table);
    if let Err(fault) = result {
        said.error(fault.to_string());
    }
    write::bytes::put(image, at, &table);
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
        let mut places = Places::new(std::iter::once(MADE.len()));
        for form in MADE {
            if let Some(place) = layout.places.get(form.made.section()) {
                places.set(form.made.section(), place);
            }
        }
        let file_end = packed.start.saturating_add(packed.bytes.len() as u64);
        let segments = layout.segments.clone();
        let layout = Layout { sections, segments, places, file_end, ..Layout::default() };
        Self { layout, packed, unpacked }
    }

    /// Copies all sections to their places.
    pub fn write(&self, image: &mut [u8]) {
        let start = usize::try_from(self.packed.start).unwrap_or(usize::MAX);
        let before = self.unpacked.get(..start).unwrap_or(&self.unpacked);
        write::bytes::put(image, 0, before);
        write::bytes::put(image, start, &self.packed.bytes);
    }
}

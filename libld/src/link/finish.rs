//! The tables that can only be filled once all sections are written.

use crate::arch::Arch;
use crate::diagnostics::Diagnostics;
use crate::eh_frame;
use crate::ids::SectionId;
use crate::layout::Layout;
use crate::made::{Made, MadeSizes};
use crate::write::{self, Addresses};

/// Where a made section lies in the file.
pub fn place_of(layout: &Layout<'_>, made: Made) -> Option<usize> {
    let place = layout.places.get(made.section())?;
    let section = layout.sections.get(place.output as usize)?;
    usize::try_from(section.offset.checked_add(place.offset)?).ok()
}

pub fn put_made(image: &mut [u8], at: Option<usize>, size: u64, bytes: &[u8]) {
    if let Some(at) = at {
        let length = bytes.len().min(size as usize);
        write::bytes::put(image, at, bytes.get(..length).unwrap_or_default());
    }
}

pub fn fill_eh_frame_hdr(
    image: &mut [u8],
    layout: &Layout<'_>,
    frames: &eh_frame::Frames<'_>,
    addresses: &Addresses<'_, '_>,
    arch: &dyn Arch,
    sizes: &MadeSizes,
    said: &mut Diagnostics,
) {
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
    let encoding = arch.identity().encoding;
    let result = eh_frame::header::write(frames, &written, eh_frame, address, encoding, &mut table);
    if let Err(fault) = result {
        said.error(fault.to_string());
    }
    write::bytes::put(image, at, &table);
}

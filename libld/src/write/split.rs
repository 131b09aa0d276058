//! The image cut into runs of input sections, so that threads fill them at once.

use crate::ids::SectionId;
use crate::layout::{OutputSection, Part, Places, Role};
use libelf::raw::SHT_NOBITS;

/// How many bytes a run has at least, if its section has as many: enough work for a thread to be
/// worth waking.
const RUN_BYTES: u64 = 1 << 18;

/// A run of input sections, and the bytes that they fill.
pub struct Run<'a> {
    /// The output section.
    pub output: u32,
    /// Where the run starts in it.
    pub start: u64,
    /// The bytes of the run.
    pub bytes: &'a mut [u8],
    /// The input sections, in the order of their places.
    pub sections: &'a [SectionId],
    /// Bytes that the script gives, with their offsets in the output section.
    pub data: Vec<(u64, &'a [u8])>,
    /// What `FILL` says of gaps; `None` for what the section says.
    pub fill: Option<&'a [u8]>,
}

/// Cuts the image.
pub fn cut<'a>(
    sections: &'a [OutputSection<'_>],
    places: &Places,
    image: &'a mut [u8],
) -> Vec<Run<'a>> {
    let mut order: Vec<(u32, &OutputSection<'_>)> = (0_u32..).zip(sections).collect();
    order.retain(|(_, section)| {
        section.kind != SHT_NOBITS && section.size != 0 && section.role == Role::Contents
    });
    order.sort_by_key(|(_, section)| section.offset);
    let mut runs = Vec::new();
    let mut rest = image;
    let mut at = 0_u64;
    for (number, section) in order {
        let Some(skip) = section.offset.checked_sub(at).and_then(|n| usize::try_from(n).ok())
        else {
            continue;
        };
        let Ok(size) = usize::try_from(section.size) else { continue };
        let Some((_, tail)) = std::mem::take(&mut rest).split_at_mut_checked(skip) else { break };
        let Some((bytes, tail)) = tail.split_at_mut_checked(size) else { break };
        rest = tail;
        at = section.offset.saturating_add(section.size);
        cut_section(number, section, places, bytes, &mut runs);
    }
    runs
}

fn cut_section<'a>(
    output: u32,
    section: &'a OutputSection<'_>,
    places: &Places,
    bytes: &'a mut [u8],
    runs: &mut Vec<Run<'a>>,
) {
    let mut rest = bytes;
    let mut start = 0_u64;
    let mut fill = None;
    let mut cut_at = |end: u64, sections, data, fill| {
        let length = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
        let whole = std::mem::take(&mut rest);
        let (bytes, tail) = whole.split_at_mut(length.min(whole.len()));
        rest = tail;
        runs.push(Run { output, start, bytes, sections, data, fill });
        start = end.max(start);
    };
    // Where each part starts, so that the one before ends there.
    let offset_of = |id: &SectionId| places.get(*id).map(|place| place.offset);
    let mut data = Vec::new();
    for (index, part) in section.parts.iter().enumerate() {
        match part {
            Part::Bytes { offset, bytes } => data.push((*offset, bytes.as_slice())),
            Part::Fill { offset, pattern } => {
                cut_at(*offset, &[][..], std::mem::take(&mut data), fill);
                fill = Some(pattern.as_slice());
            }
            Part::Inputs(list) => {
                let mut next = section.parts.get(index + 1..).unwrap_or_default().iter();
                let end = next.find_map(|part| part_start(part, places));
                let end = end.unwrap_or(section.size);
                if let Some(first) = list.first().and_then(offset_of)
                    && !data.is_empty()
                {
                    cut_at(first, &[], std::mem::take(&mut data), fill);
                }
                let mut from = 0;
                let mut run_start = list.first().and_then(offset_of).unwrap_or(0);
                for (number, id) in list.iter().enumerate() {
                    let Some(offset) = offset_of(id) else { continue };
                    if offset.saturating_sub(run_start) >= RUN_BYTES {
                        let run = list.get(from..number).unwrap_or_default();
                        cut_at(offset, run, Vec::new(), fill);
                        (from, run_start) = (number, offset);
                    }
                }
                cut_at(end, list.get(from..).unwrap_or_default(), Vec::new(), fill);
            }
        }
    }
    if !data.is_empty() || fill.is_some() || section.parts.is_empty() {
        cut_at(section.size, &[], data, fill);
    }
}

/// Where a part starts in its section.
fn part_start(part: &Part, places: &Places) -> Option<u64> {
    match part {
        Part::Inputs(list) => list.first().and_then(|&id| places.get(id)).map(|place| place.offset),
        Part::Bytes { offset, .. } | Part::Fill { offset, .. } => Some(*offset),
    }
}

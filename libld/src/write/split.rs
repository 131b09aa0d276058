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
    /// What gaps are filled with, repeated; `None`: zero, or in code the machine's own padding.
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

/// Cuts an output section from its start on.
struct Cutter<'a, 'r> {
    output: u32,
    /// The bytes that are not cut yet, and where they start in the section.
    rest: &'a mut [u8],
    start: u64,
    /// What gaps are filled with from here on.
    fill: Option<&'a [u8]>,
    /// Bytes of the script that wait for the end of their run.
    data: Vec<(u64, &'a [u8])>,
    runs: &'r mut Vec<Run<'a>>,
}

impl<'a> Cutter<'a, '_> {
    /// A run that ends at `end`.
    fn cut(&mut self, end: u64, sections: &'a [SectionId]) {
        let length = usize::try_from(end.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let whole = std::mem::take(&mut self.rest);
        let (bytes, tail) = whole.split_at_mut(length.min(whole.len()));
        self.rest = tail;
        let Self { output, start, fill, .. } = *self;
        let data = std::mem::take(&mut self.data);
        self.runs.push(Run { output, start, bytes, sections, data, fill });
        self.start = end.max(start);
    }

    /// Runs of a list of input sections, which end at `end`.
    fn inputs(&mut self, list: &'a [SectionId], places: &Places, end: u64) {
        let offset_of = |id: &SectionId| places.get(*id).map(|place| place.offset);
        if let Some(first) = list.first().and_then(offset_of)
            && !self.data.is_empty()
        {
            self.cut(first, &[]);
        }
        let mut from = 0;
        let mut run_start = list.first().and_then(offset_of).unwrap_or(0);
        for (number, id) in list.iter().enumerate() {
            let Some(offset) = offset_of(id) else { continue };
            if offset.saturating_sub(run_start) >= RUN_BYTES {
                self.cut(offset, list.get(from..number).unwrap_or_default());
                (from, run_start) = (number, offset);
            }
        }
        self.cut(end, list.get(from..).unwrap_or_default());
    }
}

fn cut_section<'a>(
    output: u32,
    section: &'a OutputSection<'_>,
    places: &Places,
    bytes: &'a mut [u8],
    runs: &mut Vec<Run<'a>>,
) {
    let fill = (!section.fill.is_empty()).then_some(section.fill.as_slice());
    let mut cutter = Cutter { output, rest: bytes, start: 0, fill, data: Vec::new(), runs };
    for (index, part) in section.parts.iter().enumerate() {
        match part {
            Part::Bytes { offset, bytes } => cutter.data.push((*offset, bytes.as_slice())),
            Part::Fill { offset, pattern } => {
                if *offset > cutter.start || !cutter.data.is_empty() {
                    cutter.cut(*offset, &[]);
                }
                cutter.fill = Some(pattern);
            }
            Part::Inputs(list) => {
                // It ends where the next part starts.
                let mut next = section.parts.get(index + 1..).unwrap_or_default().iter();
                let end = next.find_map(|part| part_start(part, places));
                cutter.inputs(list, places, end.unwrap_or(section.size));
            }
        }
    }
    if cutter.start < section.size || !cutter.data.is_empty() {
        cutter.cut(section.size, &[]);
    }
}

/// Where a part starts in its section.
fn part_start(part: &Part, places: &Places) -> Option<u64> {
    match part {
        Part::Inputs(list) => list.first().and_then(|&id| places.get(id)).map(|place| place.offset),
        Part::Bytes { offset, .. } | Part::Fill { offset, .. } => Some(*offset),
    }
}

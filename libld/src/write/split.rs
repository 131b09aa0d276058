//! The output cut into runs of input sections, so that threads fill them at once.

use crate::ids::SectionId;
use crate::layout::{Layout, OutputSection, Part, Role};
use libelf::raw::{SHF_EXECINSTR, SHT_NOBITS};

/// How many bytes a run has at least, if its section has as many: enough work for a thread to be
/// worth waking.
const RUN_BYTES: u64 = 1 << 18;
/// A gap of at least so many bytes is no part of the run before it.
const LONG_GAP: u64 = 1 << 16;
/// A gap in code that is longer stays a hole: nobody runs through it.
const MOST_PADDED: u64 = 1 << 24;

/// A run of input sections, and what lies between them.
pub struct Run<'a> {
    /// The output section.
    pub output: u32,
    /// Where the run starts in it.
    pub start: u64,
    /// How many bytes it has.
    pub size: u64,
    /// The input sections, in the order of their places.
    pub sections: &'a [SectionId],
    /// Bytes that the script gives, with their offsets in the output section.
    pub data: Vec<(u64, &'a [u8])>,
    /// What gaps are filled with.
    pub fill: Gap<'a>,
}

/// What a gap is filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap<'a> {
    /// Zeros.
    Zeros,
    /// Code that does nothing.
    Code,
    /// A pattern, again and again.
    Pattern(&'a [u8]),
}

impl<'a> Gap<'a> {
    fn of(pattern: &'a [u8], is_code: bool) -> Self {
        if pattern.iter().any(|&byte| byte != 0) {
            Self::Pattern(pattern)
        } else if is_code && pattern.is_empty() {
            Self::Code
        } else {
            Self::Zeros
        }
    }
}

/// Cuts all sections that have bytes in the file.
pub fn cut<'a>(layout: &'a Layout<'_>) -> Vec<Run<'a>> {
    let mut runs = Vec::new();
    for (number, section) in (0_u32..).zip(&layout.sections) {
        if section.kind != SHT_NOBITS && section.size != 0 && section.role == Role::Contents {
            cut_section(number, section, layout, &mut runs);
        }
    }
    runs
}

/// Cuts an output section from its start on.
struct Cutter<'a, 'r> {
    output: u32,
    layout: &'a Layout<'a>,
    is_code: bool,
    /// Where what is not cut yet starts in the section.
    start: u64,
    /// What gaps are filled with from here on.
    fill: Gap<'a>,
    /// Bytes of the script that wait for the end of their run.
    data: Vec<(u64, &'a [u8])>,
    runs: &'r mut Vec<Run<'a>>,
}

impl<'a> Cutter<'a, '_> {
    /// A run that ends at `end`.
    fn cut(&mut self, end: u64, sections: &'a [SectionId]) {
        let Self { output, start, fill, .. } = *self;
        let data = std::mem::take(&mut self.data);
        let size = end.saturating_sub(start);
        let is_gap = sections.is_empty() && data.is_empty();
        let is_hole = match fill {
            Gap::Zeros => true,
            Gap::Code => size > MOST_PADDED,
            Gap::Pattern(_) => false,
        };
        if size != 0 && !(is_gap && is_hole) {
            self.runs.push(Run { output, start, size, sections, data, fill });
        }
        self.start = end.max(start);
    }

    /// Bytes that the script gives.
    fn bytes(&mut self, offset: u64, bytes: &'a [u8]) {
        self.cut_far(offset);
        self.data.push((offset, bytes));
    }

    /// If what comes at `offset` lies far behind all that is not cut yet, cuts that, and the gap.
    fn cut_far(&mut self, offset: u64) {
        let last = self.data.last().map(|(at, bytes)| at.saturating_add(bytes.len() as u64));
        let filled = last.unwrap_or(self.start);
        if offset.saturating_sub(filled) >= LONG_GAP {
            self.cut(filled, &[]);
            self.cut(offset, &[]);
        }
    }

    /// Runs of a list of input sections, which end at `end`.
    fn inputs(&mut self, list: &'a [SectionId], end: u64) {
        let layout = self.layout;
        let offset_of = |id: &SectionId| layout.places.get(*id).map(|place| place.offset);
        if let Some(first) = list.first().and_then(offset_of) {
            self.cut_far(first);
            if !self.data.is_empty() {
                self.cut(first, &[]);
            }
        }
        let mut from = 0;
        let mut run_start = list.first().and_then(offset_of).unwrap_or(0);
        let mut filled = run_start;
        for (number, id) in list.iter().enumerate() {
            let Some(offset) = offset_of(id) else { continue };
            let is_far = offset.saturating_sub(filled) >= LONG_GAP;
            if is_far || offset.saturating_sub(run_start) >= RUN_BYTES {
                let sections = list.get(from..number).unwrap_or_default();
                if is_far {
                    self.cut(filled, sections);
                    self.cut(offset, &[]);
                } else {
                    self.cut(offset, sections);
                }
                (from, run_start) = (number, offset);
            }
            filled = filled.max(offset.saturating_add(layout.sizes.get(*id)));
        }
        let sections = list.get(from..).unwrap_or_default();
        if end.saturating_sub(filled) >= LONG_GAP {
            self.cut(filled, sections);
            self.cut(end, &[]);
        } else {
            self.cut(end, sections);
        }
    }
}

fn cut_section<'a>(
    output: u32,
    section: &'a OutputSection<'_>,
    layout: &'a Layout<'_>,
    runs: &mut Vec<Run<'a>>,
) {
    let is_code = section.flags & SHF_EXECINSTR.0 != 0;
    let fill = Gap::of(&section.fill, is_code);
    let mut cutter = Cutter { output, layout, is_code, start: 0, fill, data: Vec::new(), runs };
    for (index, part) in section.parts.iter().enumerate() {
        match part {
            Part::Bytes { offset, bytes } => cutter.bytes(*offset, bytes),
            Part::Fill { offset, pattern } => {
                if *offset > cutter.start || !cutter.data.is_empty() {
                    cutter.cut(*offset, &[]);
                }
                cutter.fill = Gap::of(pattern, cutter.is_code);
            }
            Part::Inputs(list) => {
                // It ends where the next part starts.
                let mut next = section.parts.get(index + 1..).unwrap_or_default().iter();
                let end = next.find_map(|part| part_start(part, layout));
                cutter.inputs(list, end.unwrap_or(section.size));
            }
        }
    }
    if cutter.start < section.size || !cutter.data.is_empty() {
        cutter.cut_far(section.size);
        cutter.cut(section.size, &[]);
    }
}

/// Where a part starts in its section.
fn part_start(part: &Part, layout: &Layout<'_>) -> Option<u64> {
    match part {
        Part::Inputs(list) => {
            list.first().and_then(|&id| layout.places.get(id)).map(|place| place.offset)
        }
        Part::Bytes { offset, .. } | Part::Fill { offset, .. } => Some(*offset),
    }
}

//! Runs of input sections, each made in a buffer and given to the output's room.

use rayon::prelude::*;

use super::room::Room;
use super::split::{self, Gap, Run};
use super::{Outcome, Written, bytes, made};
use crate::ids::SectionId;
use crate::layout::{Layout, OutputSection};

/// Fills the bytes of an input section, which lies at an address in an output section. They are
/// zeros before.
pub type Fill<'f> = dyn Fn(SectionId, &OutputSection<'_>, u64, &mut [u8], &mut Outcome) + Sync + 'f;

/// Writes all sections of a layout: each input section as `fill` makes it, gaps in code with
/// `pad_code` if the script says nothing else.
pub fn fill_sections(
    layout: &Layout<'_>,
    pad_code: fn(&mut [u8]),
    room: &dyn Room,
    fill: &Fill<'_>,
) -> Written {
    let runs = split::cut(layout);
    let writer = RunWriter { layout, pad_code, fill, room };
    let outcomes: Vec<Outcome> =
        runs.into_par_iter().map_init(Vec::new, |buffer, run| writer.write(&run, buffer)).collect();
    let mut all = Written::default();
    for mut outcome in outcomes {
        if !outcome.relative.is_empty() {
            all.relative.push(outcome.relative);
        }
        all.dynamic.append(&mut outcome.dynamic);
        all.reports.append(&mut outcome.reports);
        all.rewritten.append(&mut outcome.rewritten);
    }
    all
}

/// A gap with a pattern is written so many bytes at a time, or a few less.
const PATTERN_BYTES: usize = 1 << 20;

/// Writes runs.
struct RunWriter<'w> {
    layout: &'w Layout<'w>,
    pad_code: fn(&mut [u8]),
    fill: &'w Fill<'w>,
    room: &'w dyn Room,
}

impl RunWriter<'_> {
    /// Writes a run, by way of `buffer`.
    fn write(&self, run: &Run<'_>, buffer: &mut Vec<u8>) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(section) = self.layout.sections.get(run.output as usize) else { return outcome };
        let offset = section.offset.wrapping_add(run.start);
        if let Gap::Pattern(pattern) = run.fill
            && run.sections.is_empty()
            && run.data.is_empty()
        {
            self.write_pattern(pattern, offset, run.size);
            return outcome;
        }
        let is_later = run.sections.iter().all(|&id| made::comes_later(id));
        if is_later && !run.sections.is_empty() && run.data.is_empty() && run.fill == Gap::Zeros {
            return outcome;
        }
        let Ok(size) = usize::try_from(run.size) else { return outcome };
        buffer.clear();
        buffer.resize(size, 0);
        self.make(run, section, buffer, &mut outcome);
        *buffer = self.room.give(offset, std::mem::take(buffer));
        outcome
    }

    /// Makes the bytes of a run.
    fn make(
        &self,
        run: &Run<'_>,
        section: &OutputSection<'_>,
        bytes: &mut [u8],
        outcome: &mut Outcome,
    ) {
        let fill_gap = |gap: Option<&mut [u8]>| match (gap, run.fill) {
            (Some(gap), Gap::Pattern(pattern)) => repeat(pattern, gap),
            (Some(gap), Gap::Code) => (self.pad_code)(gap),
            _ => {}
        };
        let within = |offset: u64| offset.checked_sub(run.start).and_then(|at| at.try_into().ok());
        let mut filled = 0_usize;
        for &id in run.sections {
            let Some(place) = self.layout.places.get(id) else { continue };
            let Some(at): Option<usize> = within(place.offset) else { continue };
            let size = self.layout.sizes.get(id) as usize;
            let Some(end) = at.checked_add(size).filter(|&end| end <= bytes.len()) else {
                continue;
            };
            if at > filled {
                fill_gap(bytes.get_mut(filled..at));
            }
            filled = filled.max(end);
            if let Some(part) = bytes.get_mut(at..end) {
                let addr = section.addr.wrapping_add(place.offset);
                (self.fill)(id, section, addr, part, outcome);
            }
        }
        for &(offset, text) in &run.data {
            let Some(at): Option<usize> = within(offset) else { continue };
            if at > filled {
                fill_gap(bytes.get_mut(filled..at));
            }
            bytes::put(bytes, at, text);
            filled = filled.max(at.saturating_add(text.len()));
        }
        fill_gap(bytes.get_mut(filled..));
    }

    /// Writes a gap of `size` bytes at `offset` of the file.
    fn write_pattern(&self, pattern: &[u8], offset: u64, size: u64) {
        // All pieces but the last hold the pattern a whole number of times.
        let whole = (PATTERN_BYTES / pattern.len().max(1)).max(1) * pattern.len();
        let mut piece = vec![0; whole.min(usize::try_from(size).unwrap_or(usize::MAX))];
        repeat(pattern, &mut piece);
        for at in (0..size).step_by(piece.len().max(1)) {
            let length = usize::try_from(size - at).unwrap_or(usize::MAX).min(piece.len());
            let part = piece.get(..length).unwrap_or_default();
            self.room.put(offset.wrapping_add(at), part);
        }
    }
}

fn repeat(pattern: &[u8], gap: &mut [u8]) {
    for (byte, &value) in gap.iter_mut().zip(pattern.iter().cycle()) {
        *byte = value;
    }
}

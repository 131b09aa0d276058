//! Outputs that are mostly gaps.
//!
//! A section that is aligned to gigabytes, or an assignment to the location counter, makes a file
//! of gigabytes that hold nothing. Such a file is made with holes, which take no room and are not
//! looked at again; and beyond what anybody can have meant it is not made at all.

use std::ops::Range;

use libelf::raw::SHT_NOBITS;

use super::{Layout, Part};

/// Smaller files are made as they are, in bytes.
const ENOUGH: u64 = 1 << 28;
/// So many bytes of gaps a file may have, whatever it holds.
const MOST_GAPS: u64 = 1 << 30;
/// And so many times what it holds.
const MOST_TIMES: u64 = 16;
/// A gap that is shorter is none, in bytes.
const SHORT: u64 = 1 << 20;

/// The parts of a file that hold something, if it is mostly gaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Filled {
    /// Gaps are few, or the file is small.
    #[default]
    Whole,
    /// These, in order, up to the end of what is laid out.
    Parts(Vec<Range<u64>>),
}

impl Filled {
    /// Looks at a layout whose file offsets are settled.
    ///
    /// # Errors
    /// There are more gaps than anybody can have meant: what to say.
    pub fn of(layout: &Layout<'_>) -> Result<Self, String> {
        let end = layout.file_end;
        if end < ENOUGH {
            return Ok(Self::Whole);
        }
        let parts = parts(layout);
        let filled: u64 = parts.iter().map(|part| part.end - part.start).sum();
        check(end, filled)?;
        let gaps = end.saturating_sub(filled);
        Ok(if gaps > filled { Self::Parts(parts) } else { Self::Whole })
    }

    /// Whether the file is mostly gaps.
    pub fn is_sparse(&self) -> bool {
        *self != Self::Whole
    }
}

/// Refuses an output of `size` bytes that holds `filled` if the rest is more than anybody can have
/// meant.
///
/// # Errors
/// What to say.
pub fn check(size: u64, filled: u64) -> Result<(), String> {
    let gaps = size.saturating_sub(filled);
    if gaps > MOST_GAPS.max(filled.saturating_mul(MOST_TIMES)) {
        let text = format!("of the {size} bytes of the output {gaps} would be gaps");
        return Err(format!("final link failed: {text}"));
    }
    Ok(())
}

/// The parts of the file that hold something, without those that are close to each other apart.
fn parts(layout: &Layout<'_>) -> Vec<Range<u64>> {
    let mut parts: Vec<Range<u64>> = Vec::new();
    let mut add = |start: u64, size: u64| {
        let end = start.saturating_add(size).min(layout.file_end);
        match parts.last_mut() {
            Some(last) if start >= last.start && start <= last.end.saturating_add(SHORT) => {
                last.end = last.end.max(end);
            }
            _ if start < end => parts.push(start..end),
            _ => {}
        }
    };
    let mut sections: Vec<_> = layout.sections.iter().collect();
    sections.sort_by_key(|section| section.offset);
    for section in sections.into_iter().filter(|section| section.kind != SHT_NOBITS) {
        if section.parts.is_empty() {
            add(section.offset, section.size);
        }
        for part in &section.parts {
            match part {
                Part::Inputs(list) => {
                    for &id in list {
                        if let Some(place) = layout.places.get(id) {
                            let start = section.offset.saturating_add(place.offset);
                            add(start, layout.sizes.get(id));
                        }
                    }
                }
                Part::Bytes { offset, bytes } => {
                    add(section.offset.saturating_add(*offset), bytes.len() as u64);
                }
                Part::Fill { .. } => {}
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use libelf::raw::SHT_PROGBITS;

    use super::*;
    use crate::layout::OutputSection;

    fn layout(sections: &[(u64, u64)]) -> Layout<'static> {
        let section = |&(offset, size): &(u64, u64)| OutputSection {
            kind: SHT_PROGBITS,
            offset,
            size,
            ..OutputSection::default()
        };
        let file_end = sections.iter().map(|(offset, size)| offset + size).max().unwrap_or(0);
        Layout { sections: sections.iter().map(section).collect(), file_end, ..Layout::default() }
    }

    #[test]
    fn files_of_gaps_are_told_from_others() {
        const MIB: u64 = 1 << 20;
        assert_eq!(Filled::of(&layout(&[(64, 100), (100 * MIB, 8)])), Ok(Filled::Whole));
        assert_eq!(Filled::of(&layout(&[(64, 300 * MIB), (500 * MIB, 8)])), Ok(Filled::Whole));
        let sparse = Filled::of(&layout(&[(900 * MIB, 8), (64, 100), (200, 50)]));
        let parts = vec![64..250, 900 * MIB..900 * MIB + 8];
        assert_eq!(sparse, Ok(Filled::Parts(parts)));
        assert!(Filled::of(&layout(&[(64, 100), (1 << 31, 8)])).is_err());
        assert!(Filled::of(&layout(&[(64, 1 << 29), (1 << 32, 8)])).is_ok());
    }
}

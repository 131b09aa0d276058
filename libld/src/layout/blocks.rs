//! Lists of input sections, laid out quickly.
//!
//! A rule may take a million sections. What they come to depends on the address at which the list
//! starts only by its remainder modulo the greatest alignment in it: as long as that stays, a list
//! is as long as it was, and is not walked again.

use libelf::raw::{SHF_MERGE, SHT_NULL};
use rayon::prelude::*;

use super::attributes::Attributes;
use super::form::Forms;
use crate::ids::SectionId;
use crate::made::{Extent, Made};
use crate::script::expr::operate::align;

/// What passes before the layout settled for input sections.
pub trait Contents: Sync {
    /// Whether the section is part of the output.
    fn is_live(&self, section: SectionId) -> bool;
    /// The size and the alignment of its part of the output: after equal strings and constants are
    /// merged and the like. `None` for what its header says.
    fn extent(&self, section: SectionId) -> Option<Extent>;
    /// A section whose size depends on where others lie, and the bytes that it takes if they lie at
    /// these addresses; less or more than [`Self::extent`] said.
    fn late_size(&self, _address: &Addresses<'_>) -> Option<(SectionId, u64)> {
        None
    }
}

/// Where a section starts.
pub type Addresses<'p> = dyn Fn(SectionId) -> Option<u64> + 'p;

/// The sections of a rule.
#[derive(Debug, Default)]
pub struct Block {
    /// The sections that are part of the output.
    pub sections: Vec<SectionId>,
    /// What the output section is by them.
    pub attributes: Attributes,
    extents: Vec<Extent>,
    /// The greatest alignment of any, in bytes.
    max_align: u64,
    /// Whether any has a size.
    pub has_size: bool,
    /// The remainder of the start and the length, as last computed.
    last: Option<(u64, u64)>,
}

/// A list shorter than this is not worth a second thread.
const PARALLEL_FROM: usize = 4096;

impl Block {
    /// Of those of `sections` that are part of the output.
    pub fn new(sections: &[SectionId], forms: &Forms, contents: &dyn Contents) -> Self {
        let chunks = sections.par_chunks(PARALLEL_FROM);
        let mut parts: Vec<_> = chunks.map(|part| Self::part(part, forms, contents)).collect();
        if parts.len() == 1 {
            return parts.pop().unwrap_or_default();
        }
        let count = parts.iter().map(|part| part.sections.len()).sum();
        let mut all = Self {
            sections: Vec::with_capacity(count),
            extents: Vec::with_capacity(count),
            ..Self::default()
        };
        for part in parts {
            all.sections.extend(part.sections);
            all.extents.extend(part.extents);
            all.attributes = all.attributes.join(part.attributes);
            all.max_align = all.max_align.max(part.max_align);
            all.has_size |= part.has_size;
        }
        all
    }

    fn part(sections: &[SectionId], forms: &Forms, contents: &dyn Contents) -> Self {
        let mut block = Self {
            sections: Vec::with_capacity(sections.len()),
            extents: Vec::with_capacity(sections.len()),
            ..Self::default()
        };
        for &section in sections.iter().filter(|&&section| contents.is_live(section)) {
            let Some(mut form) = forms.of_placed(section) else { continue };
            let extent = contents.extent(section);
            let extent = extent.unwrap_or(Extent { size: form.size, align: form.align });
            let is_made = section.file == crate::made::INTERNAL;
            let is_forced = section == Made::PltFrames.section();
            if is_made && extent.size == 0 && !is_forced {
                continue;
            }
            if is_forced {
                // Their output section is of the type that objects give it.
                form.kind = SHT_NULL;
            }
            let own_align = extent.align.max(1);
            block.attributes = block.attributes.with(&form, own_align);
            block.max_align = block.max_align.max(own_align);
            block.has_size |= extent.size != 0 || is_forced;
            block.sections.push(section);
            let is_merged_away =
                extent.size == 0 && form.size != 0 && form.flags & SHF_MERGE.0 != 0;
            let align = if is_merged_away { 1 } else { own_align };
            block.extents.push(Extent { size: extent.size, align });
        }
        block
    }

    /// The size of a section that is in the list.
    pub fn size_of(&mut self, section: SectionId) -> Option<&mut u64> {
        let at = self.sections.iter().position(|&other| other == section)?;
        self.last = None;
        self.extents.get_mut(at).map(|extent| &mut extent.size)
    }

    /// Where the list ends if it starts at `start`. `subalign` takes the place of all alignments.
    pub fn end(&mut self, start: u64, subalign: Option<u64>) -> u64 {
        let max_align = subalign.unwrap_or(self.max_align).max(1);
        let remainder = start % max_align;
        if let Some((known, length)) = self.last
            && known == remainder
        {
            return start.wrapping_add(length);
        }
        let mut at = start;
        for extent in &self.extents {
            at = align(at, subalign.unwrap_or(extent.align)).wrapping_add(extent.size);
        }
        self.last = Some((remainder, at.wrapping_sub(start)));
        at
    }

    /// The sections with the addresses at which they start and their sizes, if the list starts at
    /// `start`.
    pub fn places(
        &self,
        start: u64,
        subalign: Option<u64>,
    ) -> impl Iterator<Item = (SectionId, u64, u64)> {
        let mut at = start;
        self.sections.iter().zip(&self.extents).map(move |(&section, extent)| {
            let start = align(at, subalign.unwrap_or(extent.align));
            at = start.wrapping_add(extent.size);
            (section, start, extent.size)
        })
    }
}

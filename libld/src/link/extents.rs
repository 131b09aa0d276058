//! What input sections have become before they are laid out, and their contents where other passes
//! made them.

use libelf::Encoding;

use crate::dynamic::relocs;
use crate::eh_frame;
use crate::ids::SectionId;
use crate::layout;
use crate::live::Live;
use crate::made::{Extent, INTERNAL, MADE, Made, MadeSizes};
use crate::merge::Merged;
use crate::note::property::Properties;
use crate::resolve::Resolved;
use crate::scan::Scanned;
use crate::write::Contents;

/// What sections have become before they are laid out.
pub struct Extents<'e, 'data> {
    pub live: &'e Live,
    pub frames: &'e eh_frame::Frames<'data>,
    pub merged: &'e Merged<'data>,
    /// The note of properties.
    pub properties: &'e Properties,
    pub sizes: &'e MadeSizes,
    /// How large the sections of dynamic relocations are if there is more than one, in bytes.
    pub divided: &'e [u64],
    pub commons: &'e crate::Commons,
    pub resolved: &'e Resolved<'data>,
    /// What was found of relocations, and how words are stored, if some are packed (RELR).
    pub packed: Option<(&'e Scanned, Encoding)>,
}

impl layout::Contents for Extents<'_, '_> {
    fn is_live(&self, section: SectionId) -> bool {
        if section.file == INTERNAL {
            return match Made::from_index(section.index) {
                Some(made) => self.sizes.has(made),
                None => self.divided(section).is_some_and(|extent| extent.size != 0),
            };
        }
        self.live.contains(section) && !self.properties.replaces(section)
    }

    fn extent(&self, section: SectionId) -> Option<Extent> {
        if section.file == INTERNAL {
            let made = Made::from_index(section.index);
            return made.map(|made| self.sizes.get(made)).or_else(|| self.divided(section));
        }
        if self.is_common(section) {
            return Some(self.commons.of(section.file));
        }
        let size = self.frames.size(section).or_else(|| self.merged.size(section))?;
        let object = self.resolved.object(section.file)?;
        let align = object.extent_of(&object.sections.get(section.index as usize)?).align;
        Some(Extent { size, align })
    }

    fn late_size(&self, address: &layout::Addresses<'_>) -> Option<(SectionId, u64)> {
        let (scanned, encoding) = self.packed?;
        let words = relocs::packed(scanned, encoding, address).len() as u64;
        let size = words.saturating_mul(encoding.word_size() as u64);
        Some((Made::Relr.section(), size))
    }
}

impl Extents<'_, '_> {
    /// A section of dynamic relocations.
    fn divided(&self, section: SectionId) -> Option<Extent> {
        let part = (section.index as usize).checked_sub(MADE.len())?;
        let align = self.sizes.get(Made::RelaDyn).align;
        self.divided.get(part).map(|&size| Extent { size, align })
    }

    fn is_common(&self, section: SectionId) -> bool {
        let object = self.resolved.object(section.file);
        object.is_some_and(|object| object.sections.len() == section.index as usize)
    }
}

/// The contents of merged sections.
pub struct MergedContents<'m, 'data>(pub &'m Merged<'data>);

impl Contents for MergedContents<'_, '_> {
    fn fill(&self, section: SectionId, _address: u64, bytes: &mut [u8]) -> bool {
        let is_merged = self.0.contains(section);
        if is_merged {
            self.0.write(section, bytes);
        }
        is_merged
    }
}

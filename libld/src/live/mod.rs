//! Which sections are kept.

use crate::ids::SectionId;
use crate::input::Object;
use crate::resolve::{Resolved, SectionSet};

/// The sections that are part of the output.
#[derive(Debug, Default)]
pub struct Live {
    files: Vec<SectionSet>,
}

impl Live {
    /// All sections that no other file's copy stands for.
    pub fn all(resolved: &Resolved<'_>) -> Self {
        let mut live = Self { files: vec![SectionSet::default(); resolved.files.len()] };
        for (file, object) in resolved.objects() {
            let count = object.sections.len();
            let Some(set) = live.files.get_mut(file.index()) else { continue };
            for (index, header) in (0_u32..).zip(object.sections.iter()) {
                if Object::is_content(header.kind, header.flags)
                    && !resolved.is_discarded(file, index)
                {
                    set.insert(index, count);
                }
            }
        }
        live
    }

    /// Whether a section is kept. Sections that the link makes are, if they have a size.
    #[inline]
    pub fn contains(&self, section: SectionId) -> bool {
        self.files.get(section.file.index()).is_some_and(|set| set.contains(section.index))
    }
}

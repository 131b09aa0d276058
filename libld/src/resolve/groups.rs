//! COMDAT groups and `.gnu.linkonce` sections: of several copies the first is kept.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::RandomState;

use crate::ids::{FileId, SectionId, SymbolId};
use crate::input::Object;
use crate::names::Names;

/// The start of the names of sections of which one copy is kept, from before there were groups.
const LINKONCE: &[u8] = b".gnu.linkonce.";

/// Sections of one file, a bit each.
#[derive(Clone, Debug, Default)]
pub struct SectionSet {
    words: Box<[u64]>,
}

impl SectionSet {
    /// Adds a section of a file that has `count` sections.
    pub fn insert(&mut self, index: u32, count: usize) {
        if self.words.is_empty() {
            self.words = vec![0; count.div_ceil(64)].into_boxed_slice();
        }
        if let Some(word) = self.words.get_mut(index as usize / 64) {
            *word |= 1 << (index % 64);
        }
    }

    /// Whether a section is in the set.
    #[inline]
    pub fn contains(&self, index: u32) -> bool {
        self.words.get(index as usize / 64).is_some_and(|word| word >> (index % 64) & 1 != 0)
    }

    /// Whether no section is in the set.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// Which copies are kept.
#[derive(Default)]
pub struct Groups {
    /// By signature, the section that holds the group that is kept.
    owners: HashMap<SymbolId, SectionId, RandomState>,
    /// By name.
    linkonce: HashMap<SymbolId, SectionId, RandomState>,
}

impl Groups {
    /// The group that is kept for a signature.
    pub fn owner(&self, signature: SymbolId) -> Option<SectionId> {
        self.owners.get(&signature).copied()
    }

    /// The sections of `object` of which a copy is kept already. Those that are the first become
    /// the copy that is kept.
    pub fn join<'data>(
        &mut self,
        file: FileId,
        object: &Object<'data>,
        names: &Names<'data>,
    ) -> SectionSet {
        let mut discarded = SectionSet::default();
        let count = object.sections.len();
        for group in object.groups.iter().filter(|group| group.is_comdat) {
            let section = SectionId { file, index: group.section };
            match self.owners.entry(group.signature) {
                Entry::Vacant(entry) => {
                    entry.insert(section);
                }
                Entry::Occupied(_) => {
                    discarded.insert(group.section, count);
                    for member in group.members.iter() {
                        discarded.insert(member, count);
                    }
                }
            }
        }
        if object.special.linkonce {
            self.join_linkonce(file, object, names, &mut discarded);
        }
        discarded
    }

    fn join_linkonce<'data>(
        &mut self,
        file: FileId,
        object: &Object<'data>,
        names: &Names<'data>,
        discarded: &mut SectionSet,
    ) {
        for index in 0..object.sections.len() as u32 {
            let Some(name) = object.section_name(index) else { continue };
            let Some(rest) = name.strip_prefix(LINKONCE) else { continue };
            let section = SectionId { file, index };
            // `.gnu.linkonce.t.NAME` is the same as a group with the signature NAME.
            let signature = memchr::memchr(b'.', rest)
                .and_then(|dot| names.find(rest.get(dot + 1..)?))
                .and_then(|id| self.owners.get(&id));
            let first = self.linkonce.entry(names.intern(name)).or_insert(section);
            if *first != section || signature.is_some_and(|owner| owner.file != file) {
                discarded.insert(index, object.sections.len());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_it_was_given() {
        let mut set = SectionSet::default();
        assert!(set.is_empty() && !set.contains(3));
        set.insert(3, 130);
        set.insert(129, 130);
        set.insert(1000, 130);
        assert_eq!((0..2000).filter(|&index| set.contains(index)).collect::<Vec<_>>(), [3, 129]);
    }
}

//! Which sections are kept.
//!
//! Without `--gc-sections` all are. With it, a section stays if somebody may use it: [`roots`] are
//! used from outside, and what a section that stays refers to stays as well ([`mark`]). Sections
//! that are not loaded say something of others; they stay with those of their file
//! ([`companions`]).
//!
//! ```text
//! _start ── .text ── call f ── .text.f ── .data.x
//!                                 │ unwind record
//!                                 └── .gcc_except_table.f, personality routine
//! ```

mod companions;
mod mark;
mod roots;

pub use roots::Roots;

use rayon::prelude::*;

use crate::diagnostics::Diagnostics;
use crate::eh_frame;
use crate::ids::{FileId, SectionId};
use crate::input::Object;
use crate::names::Names;
use crate::resolve::{Resolved, SectionSet};
use crate::symbols::StandardSymbols;

/// The sections that are part of the output.
#[derive(Debug, Default)]
pub struct Live {
    files: Vec<SectionSet>,
}

/// What collecting garbage reads.
pub struct Collect<'a, 'data> {
    /// Files and symbols.
    pub resolved: &'a Resolved<'data>,
    /// The records of `.eh_frame`.
    pub parsed: &'a eh_frame::Parsed<'data>,
    /// What `__start_NAME` and `__stop_NAME` stand for.
    pub standard: &'a StandardSymbols,
    /// `-z start-stop-gc`: those keep nothing.
    pub start_stop_gc: bool,
}

impl Live {
    /// All sections that no other file's copy stands for and that an output section `takes`.
    pub fn all(resolved: &Resolved<'_>, takes: &(dyn Fn(SectionId) -> bool + Sync)) -> Self {
        Self::choose(resolved, takes)
    }

    /// Those of them that can be reached from the roots.
    pub fn reachable(
        collect: &Collect<'_, '_>,
        roots: &Roots,
        takes: &(dyn Fn(SectionId) -> bool + Sync),
    ) -> Self {
        let marks = mark::run(collect, roots);
        companions::mark(collect.resolved, &marks);
        Self::choose(collect.resolved, |section| marks.contains(section) && takes(section))
    }

    fn choose(resolved: &Resolved<'_>, stays: impl Fn(SectionId) -> bool + Sync) -> Self {
        let of_file = |number: u32| {
            let file = FileId(number);
            let mut set = SectionSet::default();
            let Some(object) = resolved.object(file) else { return set };
            // One more stands for the common symbols.
            let count = object.sections.len() + 1;
            for (index, header) in (0_u32..).zip(object.sections.iter()) {
                if Object::is_content(header.kind, header.flags)
                    && !resolved.is_discarded(file, index)
                    && stays(SectionId { file, index })
                {
                    set.insert(index, count);
                }
            }
            let commons = SectionId { file, index: object.sections.len() as u32 };
            if stays(commons) {
                set.insert(commons.index, count);
            }
            set
        };
        let files = (0..resolved.files.len() as u32).into_par_iter().map(of_file).collect();
        Self { files }
    }

    /// Whether a section is kept. Sections that the link makes are, if they have a size.
    #[inline]
    pub fn contains(&self, section: SectionId) -> bool {
        self.files.get(section.file.index()).is_some_and(|set| set.contains(section.index))
    }

    /// Says what is left out, as `--print-gc-sections` wants it: by file, in the order of the
    /// section headers. `takes` tells whether the link would have a section otherwise, `commons`
    /// whether a file has common symbols.
    pub fn report(
        &self,
        resolved: &Resolved<'_>,
        names: &Names<'_>,
        takes: &(dyn Fn(SectionId) -> bool + Sync),
        commons: &dyn Fn(SectionId) -> bool,
        said: &mut Diagnostics,
    ) {
        for (file, object) in resolved.objects() {
            let mut say = |name: &[u8]| {
                let mut text = b"removing unused section '".to_vec();
                text.extend_from_slice(name);
                text.extend_from_slice(format!("' in file '{}'", object.origin).as_bytes());
                said.remark(text);
            };
            for (index, header) in (0_u32..).zip(object.sections.iter()) {
                let section = SectionId { file, index };
                if header.size == 0 {
                    continue;
                }
                let name = object.section_name(index).unwrap_or_default();
                let group =
                    object.groups.iter().find(|group| group.members.iter().any(|m| m == index));
                if let Some(own) = object.groups.iter().find(|group| group.section == index) {
                    let is_live = |index| self.contains(SectionId { file, index });
                    if !own.members.iter().any(is_live) {
                        say(name);
                    }
                } else if Object::is_content(header.kind, header.flags)
                    && (takes(section) || resolved.is_discarded(file, index))
                    && !self.contains(section)
                {
                    match group.map(|group| names.name(group.signature)) {
                        Some(signature) => say(&[name, b"[", signature, b"]"].concat()),
                        None => say(name),
                    }
                }
            }
            let pseudo = SectionId { file, index: object.sections.len() as u32 };
            if commons(pseudo) && !self.contains(pseudo) {
                say(b"COMMON");
            }
        }
    }
}

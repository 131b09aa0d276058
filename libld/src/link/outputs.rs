//! Which output section takes each input section, as far as matching settles it.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::ids::SectionId;
use crate::layout::plan::{Plan, Planned};
use crate::resolve::{InputFile, Resolved};
use crate::script::matching::Matched;

/// The output section, as a number of the plan, that takes each input section.
pub struct Outputs {
    by_file: Vec<Box<[u32]>>,
}

const NOT_TAKEN: u32 = u32::MAX;
/// From here on downwards, numbers stand for the output sections of sections that no script names:
/// one a name.
const ORPHANED: u32 = u32::MAX - 1;

/// Whether an output section of this name has an input section.
pub fn has_input(plan: &Plan<'_>, matched: &Matched, resolved: &Resolved<'_>, name: &[u8]) -> bool {
    let is_orphan = |section: &SectionId| {
        let object = resolved.object(section.file);
        object.and_then(|object| object.section_name(section.index)) == Some(name)
    };
    let is_taken = plan.rules.iter().zip(&matched.by_rule).any(|(rule, sections)| {
        let output = plan.outputs.get(rule.output as usize);
        output.is_some_and(|output| output.name == name) && !sections.is_empty()
    });
    is_taken || matched.orphans.iter().any(is_orphan)
}

impl Outputs {
    pub fn new(resolved: &Resolved<'_>, plan: &Plan<'_>, matched: &Matched) -> Self {
        let counts = resolved.files.iter().map(|file| match file {
            InputFile::Object(object) => object.sections.len() + 1,
            _ => 0,
        });
        let by_file = counts.map(|count| vec![NOT_TAKEN; count].into_boxed_slice()).collect();
        let mut outputs = Self { by_file };
        for (rule, sections) in plan.rules.iter().zip(&matched.by_rule) {
            let is_discarded =
                plan.outputs.get(rule.output as usize).is_some_and(Planned::discards);
            if !is_discarded {
                for &section in sections {
                    outputs.set(section, rule.output);
                }
            }
        }
        let mut orphans: HashMap<&[u8], u32, RandomState> = HashMap::default();
        for &section in &matched.orphans {
            let object = resolved.object(section.file);
            let name = object.and_then(|object| object.section_name(section.index));
            let next = ORPHANED.wrapping_sub(orphans.len() as u32);
            outputs.set(section, *orphans.entry(name.unwrap_or_default()).or_insert(next));
        }
        outputs
    }

    fn set(&mut self, section: SectionId, output: u32) {
        let file = self.by_file.get_mut(section.file.index());
        if let Some(slot) = file.and_then(|file| file.get_mut(section.index as usize)) {
            *slot = output;
        }
    }

    pub fn get(&self, section: SectionId) -> Option<u32> {
        let output = *self.by_file.get(section.file.index())?.get(section.index as usize)?;
        (output != NOT_TAKEN).then_some(output)
    }
}

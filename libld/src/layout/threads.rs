//! Thread-local storage: its sections become one block of memory for each thread.

use libelf::raw::SHF_TLS;

use super::engine::Section;
use super::plan::{Plan, Statement};

/// Lets the first section of the block be aligned as the most aligned one of it is, so that the
/// block itself is, and offsets in it are the same wherever it lies.
pub fn align(plan: &Plan<'_>, sections: &mut [Section]) {
    let outputs = plan.statements.iter().filter_map(|statement| match statement {
        Statement::Output(number) => Some(*number as usize),
        _ => None,
    });
    let is_local = |number: &usize| {
        sections
            .get(*number)
            .is_some_and(|section| section.exists && section.attributes.flags & SHF_TLS.0 != 0)
    };
    let block: Vec<usize> = outputs.filter(is_local).collect();
    let most = block.iter().filter_map(|&number| sections.get(number)).map(|it| it.align).max();
    if let (Some(&first), Some(most)) = (block.first(), most)
        && let Some(section) = sections.get_mut(first)
    {
        section.attributes.align = most;
        section.align = most;
    }
}

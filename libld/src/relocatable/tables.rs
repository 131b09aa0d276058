//! The sections that only outputs with relocations have: tables of relocations, and groups.

use std::borrow::Cow;

use libelf::raw::{SHF_GROUP, SHF_INFO_LINK, SHT_GROUP, SHT_NOBITS, SHT_REL, SHT_RELA};
use rayon::prelude::*;

use super::groups::KeptGroup;
use crate::arch::Identity;
use crate::ids::SectionId;
use crate::input::object::Object;
use crate::layout::{Layout, OutputSection, Part, Role};
use crate::resolve::Resolved;
use crate::tables::reloc_size;

/// The bytes of a member of a group, and of its flags.
pub const GROUP_WORD: u64 = 4;

/// The input sections of an output section, in order.
pub fn inputs<'l>(section: &'l OutputSection<'_>) -> impl Iterator<Item = SectionId> + 'l {
    section.parts.iter().flat_map(|part| {
        match part {
            Part::Inputs(list) => list.as_slice(),
            _ => &[],
        }
        .iter()
        .copied()
    })
}

/// How many relocations an input section has. Those of what is left out of it count too, as they
/// stay in the table as relocations that do nothing.
pub fn reloc_count(resolved: &Resolved<'_>, id: SectionId) -> usize {
    resolved.object(id.file).map_or(0, |object: &Object<'_>| object.relocs_of(id.index).len())
}

/// Gives each output section that has relocations a table behind it, and puts the groups before
/// all sections.
pub fn add(
    layout: &mut Layout<'_>,
    resolved: &Resolved<'_>,
    groups: &[KeptGroup<'_>],
    identity: &Identity,
) {
    let counts: Vec<usize> = layout
        .sections
        .par_iter()
        .map(|section| inputs(section).map(|id| reloc_count(resolved, id)).sum())
        .collect();
    let old = std::mem::take(&mut layout.sections);
    let mut numbers = Vec::with_capacity(old.len());
    let mut sections = Vec::with_capacity(old.len().saturating_mul(2) + groups.len());
    for group in groups {
        sections.push(OutputSection {
            name: Cow::Borrowed(b".group"),
            kind: SHT_GROUP,
            entsize: GROUP_WORD,
            align: GROUP_WORD,
            size: group.size,
            role: Role::Group(0),
            ..OutputSection::default()
        });
    }
    for (section, count) in old.into_iter().zip(counts) {
        let number = sections.len() as u32;
        numbers.push(number);
        let table = (count != 0).then(|| table(&section, number, count as u64, identity));
        sections.push(section);
        sections.extend(table);
    }
    layout.sections = sections;
    layout.renumber(&numbers);
}

fn table<'a>(
    target: &OutputSection<'_>,
    number: u32,
    count: u64,
    identity: &Identity,
) -> OutputSection<'a> {
    let (prefix, kind) = if identity.is_rela { (".rela", SHT_RELA) } else { (".rel", SHT_REL) };
    let entsize = reloc_size(identity.encoding.is_64(), identity.is_rela);
    OutputSection {
        name: Cow::Owned([prefix.as_bytes(), &target.name].concat()),
        kind,
        flags: SHF_INFO_LINK.0 | target.flags & SHF_GROUP.0,
        entsize,
        align: identity.word(),
        size: count.saturating_mul(entsize),
        role: Role::Relocs(number),
        ..OutputSection::default()
    }
}

/// Gives all sections but the tables of relocations their places in the file, from `start` on.
pub fn place(layout: &mut Layout<'_>, start: u64) {
    let mut at = start;
    for section in &mut layout.sections {
        if matches!(section.role, Role::Relocs(_)) {
            continue;
        }
        at = at.checked_next_multiple_of(section.align.max(1)).unwrap_or(at);
        section.offset = at;
        if section.kind != SHT_NOBITS {
            at = at.saturating_add(section.size);
        }
    }
    layout.file_end = at;
}

/// The bytes of all tables of relocations.
pub fn size(layout: &Layout<'_>) -> u64 {
    let tables = layout.sections.iter().filter(|it| matches!(it.role, Role::Relocs(_)));
    tables.map(|section| section.size).fold(0, u64::saturating_add)
}

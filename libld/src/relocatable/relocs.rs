//! Relocations that the output keeps.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::raw::STT_SECTION;
use rayon::prelude::*;

use super::SymbolNumbers;
use super::tables::{inputs, reloc_count};
use crate::arch::Identity;
use crate::eh_frame::Frames;
use crate::encode::put_word;
use crate::ids::{SectionId, SymbolId};
use crate::input::Object;
use crate::input::object::Place;
use crate::input::relocs::Reloc;
use crate::layout::{Layout, Place as Spot, Role};
use crate::merge::Merged;
use crate::resolve::Resolved;
use crate::write::RewrittenKey;
use crate::write::room::Room;

/// What writing relocations reads.
pub struct RelocInput<'a, 'data> {
    /// Files and symbols.
    pub resolved: &'a Resolved<'data>,
    /// Where everything lies.
    pub layout: &'a Layout<'a>,
    /// What is left of `.eh_frame`.
    pub frames: &'a Frames<'data>,
    /// The numbers of symbols in the output.
    pub numbers: &'a SymbolNumbers,
    /// The machine.
    pub identity: &'static Identity,
    /// What only a finished output has; `None` for one that is linked again.
    pub finished: Option<Finished<'a, 'data>>,
}

/// What relocations of a finished output follow from besides.
#[derive(Clone, Copy)]
pub struct Finished<'a, 'data> {
    /// Where pieces of merged sections lie.
    pub merged: &'a Merged<'data>,
    /// Relocations of code that was made simpler, as they are now.
    pub rewritten: &'a HashMap<RewrittenKey, Reloc, RandomState>,
}

/// What a relocation becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The number of the symbol.
    pub symbol: u32,
    /// The addend.
    pub addend: i64,
}

/// Writes all tables, one behind the other from `start` of the file on.
pub fn write(input: &RelocInput<'_, '_>, start: u64, room: &dyn Room) {
    let mut batches: Vec<Batch> = Vec::new();
    let mut at = start;
    for section in &input.layout.sections {
        let Role::Relocs(target) = section.role else { continue };
        let Some(target_section) = input.layout.sections.get(target as usize) else { continue };
        for id in inputs(target_section) {
            let count = reloc_count(input.resolved, id) as u64;
            let size = count.saturating_mul(section.entsize);
            if size == 0 {
                continue;
            }
            match batches.last_mut().filter(|batch| batch.size < BATCH_BYTES) {
                Some(batch) => batch.add(id, size as usize),
                None => batches.push(Batch {
                    at,
                    tables: vec![(id, size as usize)],
                    size: size as usize,
                }),
            }
            at = at.saturating_add(size);
        }
    }
    batches.into_par_iter().for_each_init(Vec::new, |buffer, batch| {
        buffer.clear();
        for (id, size) in batch.tables {
            let end = buffer.len().saturating_add(size);
            buffer.extend(of_section(input, id).unwrap_or_default());
            buffer.resize(end, 0);
        }
        *buffer = room.give(batch.at, std::mem::take(buffer));
    });
}

/// How many bytes a batch has at least, if there are as many.
const BATCH_BYTES: usize = 1 << 18;

/// Tables that are written together.
struct Batch {
    /// Where they start in the file.
    at: u64,
    /// The sections that they are of, with the sizes of the tables in bytes.
    tables: Vec<(SectionId, usize)>,
    size: usize,
}

impl Batch {
    fn add(&mut self, id: SectionId, size: usize) {
        self.tables.push((id, size));
        self.size = self.size.saturating_add(size);
    }
}

/// The relocations of an input section, encoded.
fn of_section(input: &RelocInput<'_, '_>, id: SectionId) -> Option<Vec<u8>> {
    let object = input.resolved.object(id.file)?;
    let spot = input.layout.places.get(id)?;
    let relocs = object.relocs_of(id.index);
    let mut all = Vec::with_capacity(relocs.len());
    let start = match input.finished {
        Some(_) => input.layout.address(id, 0)?,
        None => spot.offset,
    };
    let mut last = start;
    for mut reloc in relocs.iter() {
        let nothing = |offset| Reloc { offset, kind: 0, symbol: 0, addend: 0 };
        let Some(offset) = kept_offset(input, id, reloc.offset) else {
            // What is left out leaves a relocation that does nothing, so that the order stays.
            all.push(nothing(last));
            continue;
        };
        last = start.wrapping_add(offset);
        let rewritten =
            input.finished.and_then(|it| it.rewritten.get(&(id, reloc.offset, reloc.kind)));
        if let Some(rewritten) = rewritten {
            last = last.wrapping_add(rewritten.offset.wrapping_sub(reloc.offset));
            reloc = *rewritten;
        }
        all.push(match resolve(input, id, object, &reloc) {
            Some(Kept { symbol, addend }) => {
                Reloc { offset: last, kind: reloc.kind, symbol, addend }
            }
            None => nothing(last),
        });
    }
    // By offset, as GNU ld has them; those of one place belong together and keep their order.
    if !all.is_sorted_by_key(|reloc| reloc.offset) {
        all.sort_by_key(|reloc| reloc.offset);
    }
    let mut table = Vec::with_capacity(all.len() * 3 * input.identity.word() as usize);
    for reloc in &all {
        put(input.identity, reloc, &mut table);
    }
    Some(table)
}

/// Where a relocation of a section lies in what is left of it.
pub(super) fn kept_offset(input: &RelocInput<'_, '_>, id: SectionId, offset: u64) -> Option<u64> {
    if input.frames.contains(id) { input.frames.kept(id, offset) } else { Some(offset) }
}

fn put(identity: &Identity, reloc: &Reloc, table: &mut Vec<u8>) {
    let &Reloc { offset, symbol, kind, addend } = reloc;
    let encoding = identity.encoding;
    put_word(table, offset, encoding);
    // gABI, chapter 4, "Relocation": the symbol stands above the type.
    let info = if encoding.is_64() {
        u64::from(symbol) << 32 | u64::from(kind)
    } else {
        u64::from(symbol << 8 | kind & 0xff)
    };
    put_word(table, info, encoding);
    if identity.is_rela {
        put_word(table, addend as u64, encoding);
    }
}

/// What a relocation becomes; `None` if what it names is not in the output.
pub fn resolve(
    input: &RelocInput<'_, '_>,
    id: SectionId,
    object: &Object<'_>,
    reloc: &Reloc,
) -> Option<Kept> {
    let addend = reloc.addend;
    if reloc.symbol == 0 {
        return Some(Kept { symbol: 0, addend });
    }
    if let Some(&global) = object.global(reloc.symbol) {
        let symbol = if global == SymbolId::NONE { 0 } else { input.numbers.global(global) };
        return (symbol != 0).then_some(Kept { symbol, addend });
    }
    let symbol = object.symbols.get(reloc.symbol as usize)?;
    if symbol.kind() == STT_SECTION
        && let Place::Section(section) = object.place(reloc.symbol, &symbol)
    {
        let target = SectionId { file: id.file, index: section };
        let offset = symbol.value.wrapping_add_signed(addend);
        // In a merged section, symbol and addend together say which piece is meant.
        if let Some(piece) = input.finished.and_then(|it| it.merged.map(target, offset)) {
            let spot = input.layout.places.get(piece.section)?;
            let addend = spot.offset.wrapping_add(piece.offset) as i64;
            return Some(Kept { symbol: input.numbers.section(spot.output), addend });
        }
        let spot = input.layout.places.get(target);
        let spot: Spot = spot.or_else(|| kept_copy(input, object, target))?;
        let addend = spot.offset.wrapping_add(offset) as i64;
        return Some(Kept { symbol: input.numbers.section(spot.output), addend });
    }
    let number = input.numbers.local(id.file, reloc.symbol);
    (number != 0).then_some(Kept { symbol: number, addend })
}

/// Where the copy lies that is kept of a section of a group: that of the same name in the group
/// that is kept, if it is as large.
fn kept_copy(input: &RelocInput<'_, '_>, object: &Object<'_>, id: SectionId) -> Option<Spot> {
    let holds = |members: &libelf::table::Table<'_, u32>| members.iter().any(|it| it == id.index);
    let group = object.groups.iter().find(|group| holds(&group.members))?;
    let owner = input.resolved.groups.owner(group.signature)?;
    let other = input.resolved.object(owner.file)?;
    let kept = other.groups.iter().find(|group| group.section == owner.index)?;
    let name = object.section_name(id.index)?;
    let size = object.sections.get(id.index as usize)?.size;
    let index = kept.members.iter().find(|&index| {
        other.section_name(index) == Some(name)
            && other.sections.get(index as usize).is_some_and(|header| header.size == size)
    })?;
    input.layout.places.get(SectionId { file: owner.file, index })
}

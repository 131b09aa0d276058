//! References to what the output does not have: copies of groups that another file's stand for, what
//! a script discards, and, from sections that are not in memory, what nobody defines.
//!
//! Code and data must not refer to such places. Debugging information and unwind tables do, as they
//! tell of all that was compiled; there such references are marked.

use libelf::raw::SHF_ALLOC;
use libelf::section::SectionHeader;
use rayon::prelude::*;

use super::{Facts, NO_RELOCATION, Report, ScanInput, Target, Trouble, facts_of, target};
use crate::ids::SectionId;
use crate::input::Object;
use crate::input::object::Place;
use crate::live::Live;

/// Whether a section may refer to what the output does not have.
pub fn may_refer_to_lost(object: &Object<'_>, section: u32, header: &SectionHeader) -> bool {
    /// How the names of debugging sections start.
    const DEBUGGING: [&[u8]; 5] = [b".debug", b".zdebug", b".stab", b".line", b".gnu.linkonce.wi."];
    let name = object.section_name(section).unwrap_or_default();
    if header.flags & SHF_ALLOC.0 != 0 {
        return name == b".eh_frame" || name == b".gcc_except_table";
    }
    DEBUGGING.iter().any(|start| name.starts_with(start))
}

/// Whether anything is missing that the loader does not bind either: otherwise nobody needs to look
/// for references to it in debugging information, which is most of what is not in memory.
pub(super) fn misses_any(facts: &[Facts]) -> bool {
    facts.par_iter().with_min_len(1 << 14).any(|facts| is_missed(*facts))
}

fn is_missed(facts: Facts) -> bool {
    facts.has(Facts::UNDEFINED) && !facts.has(Facts::IMPORTED)
}

/// Looks at the relocations of a section that is not in memory; `misses_any` tells whether anything
/// is missing.
pub(super) fn look(
    input: &ScanInput<'_, '_>,
    misses_any: bool,
    id: SectionId,
    object: &Object<'_>,
    reports: &mut Vec<Report>,
) {
    let Some(header) = object.sections.get(id.index as usize) else { return };
    let may_lose = !may_refer_to_lost(object, id.index, &header);
    if !may_lose && !misses_any {
        return;
    }
    let relocs = object.relocs_of(id.index);
    let mut index = 0;
    while let Some(reloc) = relocs.get(index) {
        index += 1;
        let Some(target) = target(id.file, object, reloc.symbol) else { continue };
        let (is_lost, is_missed) = match target {
            Target::Global(_) => {
                let facts = facts_of(input.resolved, input.facts, target);
                (facts.has_any(Facts::LOST), is_missed(facts))
            }
            _ => (is_lost_local(object, target, input.live), false),
        };
        if reloc.kind == NO_RELOCATION {
            continue;
        }
        if is_missed {
            reports.push(Report { section: id, reloc, trouble: Trouble::Undefined });
        } else if is_lost && may_lose {
            reports.push(Report { section: id, reloc, trouble: Trouble::Lost });
        }
    }
}

#[inline]
pub(super) fn is_lost_local(object: &Object<'_>, target: Target, live: &Live) -> bool {
    let Target::Local(file, index) = target else { return false };
    let symbol = object.symbols.get(index as usize);
    symbol.is_some_and(|symbol| match object.place(index, &symbol) {
        Place::Section(index) => !live.contains(SectionId { file, index }),
        _ => false,
    })
}

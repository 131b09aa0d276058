//! Which records are kept, and where they lie.

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use rayon::prelude::*;

use super::parse::{Code, FrameSection, Parsed};
use super::records::{Kind, Records};
use crate::ids::SectionId;
use crate::resolve::Resolved;
use crate::scan::{Target, target};

/// The records that are kept.
#[derive(Default)]
pub struct Frames<'data> {
    pub(super) parsed: Parsed<'data>,
    /// By section of `parsed`.
    pub(super) kept: Vec<KeptSection>,
}

/// What is kept of a section.
#[derive(Debug, Default)]
pub(super) struct KeptSection {
    /// The kept records in order.
    pub records: Vec<KeptRecord>,
    /// Of each CIE of the section.
    pub cies: Vec<KeptCie>,
    /// How many bytes are left.
    pub size: u32,
}

/// A record that is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeptRecord {
    /// Its index in the section's records.
    pub record: u32,
    /// Where it lies in what is left of the section.
    pub at: u32,
    /// How many bytes it takes now.
    pub size: u32,
}

/// What became of a CIE.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeptCie {
    /// Whether an FDE that is kept names it.
    is_used: bool,
    /// The CIE that stands for it: the number of its section and its own.
    pub owner: (u32, u32),
    /// Where it lies in what is left of its section, if it is kept.
    pub at: u32,
}

/// What makes CIEs equal.
#[derive(PartialEq, Eq, Hash)]
struct Key<'p> {
    /// The output section.
    output: u32,
    bytes: &'p [u8],
    relocs: Vec<(u64, u32, Target, i64)>,
}

/// Decides. `output` gives the output section of each section that is part of the output;
/// `unites_cies` is false where the output is linked again (`-r`).
pub fn select<'data>(
    parsed: Parsed<'data>,
    resolved: &Resolved<'data>,
    output: &(dyn Fn(SectionId) -> Option<u32> + Sync),
    unites_cies: bool,
) -> Frames<'data> {
    let all = &parsed.sections;
    let mut kept: Vec<KeptSection> =
        all.par_iter().map(|section| choose(section, resolved, output)).collect();
    own_cies(all, &mut kept, resolved, output, unites_cies);
    let last = kept.iter().zip(all).rposition(|(kept, section)| kept.has_more_than_cies(section));
    let last_function = kept.iter().zip(all).rposition(|(kept, section)| kept.has_fdes(section));
    let align = all.iter().map(|section| section.align).max().unwrap_or(1);
    kept.par_iter_mut().zip(all).enumerate().for_each(|(number, (kept, section))| {
        // A gap before another section would be the end of the table.
        let align = if Some(number) < last_function { align } else { 1 };
        kept.settle(section, number as u32, last == Some(number), align);
    });
    Frames { parsed, kept }
}

/// The records of a section that have a reason to stay; all ends of tables do as yet.
fn choose<'data>(
    section: &FrameSection<'data>,
    resolved: &Resolved<'data>,
    output: &(dyn Fn(SectionId) -> Option<u32> + Sync),
) -> KeptSection {
    let mut kept = KeptSection::default();
    let Some(object) = resolved.object(section.id.file) else { return kept };
    if output(section.id).is_none() {
        return kept;
    }
    kept.cies.resize(section.records.cies.len(), KeptCie::default());
    for (index, record) in (0_u32..).zip(&section.records.all) {
        if let Kind::Fde(cie) = record.kind {
            let stays = match section.code(record, object, resolved) {
                Code::In(code) => output(code).is_some(),
                Code::Elsewhere => false,
                Code::Unknown => true,
            };
            if !stays || section.describes_nothing(record) {
                continue;
            }
            if let Some(cie) = kept.cies.get_mut(cie as usize) {
                cie.is_used = true;
            }
        }
        // Whether a CIE is used, only those behind it say.
        kept.records.push(KeptRecord { record: index, at: 0, size: record.used });
    }
    kept
}

/// Settles which CIE stands for each.
fn own_cies<'data>(
    all: &[FrameSection<'data>],
    kept: &mut [KeptSection],
    resolved: &Resolved<'data>,
    output: &(dyn Fn(SectionId) -> Option<u32> + Sync),
    unites: bool,
) {
    let mut owners: HashMap<Key<'_>, (u32, u32), RandomState> = HashMap::default();
    for (number, (kept, section)) in (0_u32..).zip(kept.iter_mut().zip(all)) {
        for (index, cie) in (0_u32..).zip(&mut kept.cies) {
            cie.owner = (number, index);
            if !cie.is_used || !unites {
                continue;
            }
            let Some(key) = key(section, index, resolved, output) else { continue };
            match owners.entry(key) {
                Entry::Occupied(entry) => cie.owner = *entry.get(),
                Entry::Vacant(entry) => {
                    entry.insert((number, index));
                }
            }
        }
    }
}

fn key<'p>(
    section: &'p FrameSection<'_>,
    cie: u32,
    resolved: &Resolved<'_>,
    output: &(dyn Fn(SectionId) -> Option<u32> + Sync),
) -> Option<Key<'p>> {
    let &(index, _) = section.records.cies.get(cie as usize)?;
    let record = section.records.all.get(index as usize)?;
    let object = resolved.object(section.id.file)?;
    let relocs = section.relocs_of(index).map(|reloc| {
        let target = target(section.id.file, object, reloc.symbol)?;
        Some((reloc.offset.wrapping_sub(record.offset.into()), reloc.kind, target, reloc.addend))
    });
    Some(Key {
        output: output(section.id)?,
        bytes: Records::bytes(section.data, record),
        relocs: relocs.collect::<Option<_>>()?,
    })
}

impl KeptSection {
    fn has_more_than_cies(&self, section: &FrameSection<'_>) -> bool {
        let kind = |kept: &KeptRecord| section.records.all.get(kept.record as usize)?.kind.into();
        self.records.iter().filter_map(kind).any(|kind| !matches!(kind, Kind::Cie(_)))
    }

    fn has_fdes(&self, section: &FrameSection<'_>) -> bool {
        self.records.iter().any(|kept| {
            let record = section.records.all.get(kept.record as usize);
            record.is_some_and(|record| matches!(record.kind, Kind::Fde(_)))
        })
    }

    /// Lets go what has no reason to stay, and gives the rest their places.
    fn settle(&mut self, section: &FrameSection<'_>, number: u32, is_last: bool, align: u64) {
        let (records, cies) = (&mut self.records, &mut self.cies);
        let final_record = section.records.all.len().wrapping_sub(1) as u32;
        records.retain(|kept| {
            match section.records.all.get(kept.record as usize).map(|record| record.kind) {
                Some(Kind::Cie(cie)) => cies
                    .get(cie as usize)
                    .is_some_and(|found| found.is_used && found.owner == (number, cie)),
                // Unwinding would end there.
                Some(Kind::End) => is_last && kept.record == final_record,
                _ => true,
            }
        });
        let mut size = 0_u32;
        for kept in &mut *records {
            kept.at = size;
            size = size.wrapping_add(kept.size);
            if let Some(record) = section.records.all.get(kept.record as usize)
                && let Kind::Cie(cie) = record.kind
                && let Some(cie) = cies.get_mut(cie as usize)
            {
                cie.at = kept.at;
            }
        }
        // The last record fills the gap behind it.
        if let Some(last) = records.last_mut()
            && section.records.all.get(last.record as usize).is_some_and(|r| r.kind != Kind::End)
            && let Some(gap) = u64::from(size).checked_next_multiple_of(align.max(1))
        {
            let gap = (gap as u32).wrapping_sub(size);
            last.size = last.size.wrapping_add(gap);
            size = size.wrapping_add(gap);
        }
        self.size = size;
    }
}

impl Frames<'_> {
    /// All input sections with unwind records.
    pub fn sections(&self) -> impl Iterator<Item = SectionId> {
        self.parsed.sections.iter().map(|section| section.id)
    }

    /// How many bytes are left of a section; `None` if it is not one with records that were read.
    pub fn size(&self, id: SectionId) -> Option<u64> {
        let kept = self.kept.get(self.parsed.number(id)?)?;
        Some(kept.size.into())
    }

    /// Whether a section is one with records that were read.
    pub fn contains(&self, id: SectionId) -> bool {
        self.parsed.contains(id)
    }

    /// Where the byte lies that was at `offset` of a section, in what is left of it; of a record
    /// that is gone, where the next one is. `None` if the section is not one of these.
    pub fn map(&self, id: SectionId, offset: u64) -> Option<u64> {
        self.find(id, offset).map(|(Ok(at) | Err(at))| at)
    }

    /// Where the byte lies that was at `offset` of one of these sections; `None` if it is gone.
    pub fn kept(&self, id: SectionId, offset: u64) -> Option<u64> {
        self.find(id, offset)?.ok()
    }

    /// Where a byte lies, or the record behind it if it is gone.
    fn find(&self, id: SectionId, offset: u64) -> Option<Result<u64, u64>> {
        let number = self.parsed.number(id)?;
        let (section, kept) = (self.parsed.sections.get(number)?, self.kept.get(number)?);
        let start_of = |kept: &KeptRecord| {
            section.records.all.get(kept.record as usize).map_or(0, |record| record.offset)
        };
        let next = kept.records.partition_point(|kept| u64::from(start_of(kept)) <= offset);
        let behind = kept.records.get(next).map_or(kept.size, |kept| kept.at);
        let here = next.checked_sub(1).and_then(|here| kept.records.get(here)).and_then(|here| {
            let within = offset.checked_sub(start_of(here).into())?;
            let used = section.records.all.get(here.record as usize)?.used;
            (within < used.into()).then(|| u64::from(here.at) + within)
        });
        Some(here.ok_or(behind.into()))
    }

    /// How many FDEs there are; `None` if that is not known, as a section could not be read.
    pub fn fde_count(&self) -> Option<usize> {
        self.parsed.is_whole.then(|| self.fdes().count())
    }

    /// All FDEs that are kept: the numbers of their sections, and where they lie in them.
    fn fdes(&self) -> impl Iterator<Item = (usize, &KeptRecord)> {
        let sections = self.kept.iter().zip(&self.parsed.sections).enumerate();
        sections.flat_map(|(number, (kept, section))| {
            let is_fde = |kept: &&KeptRecord| {
                let record = section.records.all.get(kept.record as usize);
                record.is_some_and(|record| matches!(record.kind, Kind::Fde(_)))
            };
            kept.records.iter().filter(is_fde).map(move |kept| (number, kept))
        })
    }
}

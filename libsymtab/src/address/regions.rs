//! The address ranges of a file's sections: a symbol names only addresses of its own section.

use libelf::File;
use libelf::raw::{ET_REL, SHF_ALLOC, SHF_TLS};

/// A range of addresses, from `start` to before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Region {
    pub(super) fn contains(&self, address: u64) -> bool {
        self.start <= address && address < self.end
    }
}

/// Where sections lie.
#[derive(Clone, Debug, Default)]
pub(super) struct Regions {
    /// By section index; `None` for those without addresses of their own.
    by_section: Vec<Option<Region>>,
    /// In the order of addresses, none overlapping another; each with its section's index.
    sorted: Vec<(Region, u32)>,
}

impl Regions {
    /// The regions of all sections that are in memory. Where sections overlap, the one that
    /// starts first has the addresses. `None` if no section is in memory: then nothing is known.
    ///
    /// Storage of threads has no addresses. In a relocatable file all sections start at 0, so
    /// only `section` is taken.
    pub(super) fn of(file: &File<'_>, section: Option<u32>) -> Option<Self> {
        let headers = file.section_headers().ok()?;
        let is_relocatable = file.header().kind == ET_REL;
        let in_memory = |flags: u64| flags & SHF_ALLOC.0 != 0 && flags & SHF_TLS.0 == 0;
        let mut sorted: Vec<(Region, u32)> = (0..)
            .zip(headers.iter())
            .filter(|(index, header)| match section {
                Some(wanted) => *index == wanted,
                None => !is_relocatable && in_memory(header.flags),
            })
            .filter(|(_, header)| header.size > 0)
            .map(|(index, header)| {
                let start = if is_relocatable { 0 } else { header.addr };
                (Region { start, end: start.saturating_add(header.size) }, index)
            })
            .collect();
        sorted.sort_by_key(|(region, index)| (region.start, *index));
        let mut taken = 0;
        for (region, _) in &mut sorted {
            region.start = region.start.max(taken);
            taken = taken.max(region.end);
        }
        sorted.retain(|(region, _)| region.start < region.end);
        if sorted.is_empty() && section.is_none() && !is_relocatable {
            return None;
        }
        let mut by_section = vec![None; headers.len()];
        for (region, index) in &sorted {
            if let Some(slot) = by_section.get_mut(*index as usize) {
                *slot = Some(*region);
            }
        }
        Some(Self { by_section, sorted })
    }

    /// The region of the section with this index.
    pub(super) fn section(&self, index: u32) -> Option<Region> {
        *self.by_section.get(index as usize)?
    }

    /// The region that an address lies in, and the index of its section.
    pub(super) fn at(&self, address: u64) -> Option<(Region, u32)> {
        let after = self.sorted.partition_point(|(region, _)| region.start <= address);
        let found = *self.sorted.get(after.checked_sub(1)?)?;
        found.0.contains(address).then_some(found)
    }

    /// The last address up to `address` at which a region starts or ends.
    pub(super) fn border(&self, address: u64) -> u64 {
        let after = self.sorted.partition_point(|(region, _)| region.start <= address);
        let last = after.checked_sub(1).and_then(|at| self.sorted.get(at));
        last.map_or(
            0,
            |(region, _)| if region.contains(address) { region.start } else { region.end },
        )
    }

    /// All regions in the order of addresses.
    pub(super) fn iter(&self) -> impl Iterator<Item = Region> + '_ {
        self.sorted.iter().map(|(region, _)| *region)
    }
}

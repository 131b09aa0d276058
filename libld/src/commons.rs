//! Space for common symbols: each object's own, in the order of its symbol table, or by alignment
//! first (`--sort-common`).

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::ids::FileId;
use crate::made::Extent;
use crate::options::CommonOrder;
use crate::resolve::Resolved;

/// How large the common symbols of each object are, and how they are aligned.
#[derive(Debug, Default)]
pub struct Commons {
    extents: HashMap<FileId, Extent, RandomState>,
}

impl Commons {
    /// Of one object; nothing if it has none.
    pub fn of(&self, file: FileId) -> Extent {
        self.extents.get(&file).copied().unwrap_or_default()
    }

    /// The objects that have some, in order.
    pub fn files(&self) -> Vec<FileId> {
        let mut files: Vec<_> = self.extents.keys().copied().collect();
        files.sort_unstable();
        files
    }
}

/// Gives every common symbol its place among those of its object.
pub fn allocate(resolved: &mut Resolved<'_>, sorted: Option<CommonOrder>) -> Commons {
    let mut commons = Commons::default();
    let mut order: Vec<_> = resolved
        .commons
        .iter()
        .map(|(&id, common)| {
            let state = resolved.symbols.get(id);
            (state.file, rank(common.align, sorted), state.index, id)
        })
        .collect();
    order.sort_unstable_by_key(|&(file, rank, index, _)| (file, rank, index));
    for (file, .., id) in order {
        let Some(common) = resolved.commons.get_mut(&id) else { continue };
        let extent = commons.extents.entry(file).or_default();
        common.offset = extent.size.checked_next_multiple_of(common.align).unwrap_or(u64::MAX);
        extent.size = common.offset.saturating_add(common.size);
        extent.align = extent.align.max(common.align);
    }
    commons
}

/// Larger alignments are not told from this one, a power of two.
const LARGEST_POWER: u32 = 4;

/// What of an alignment counts for the order.
fn rank(align: u64, sorted: Option<CommonOrder>) -> u32 {
    let power = align.trailing_zeros().min(LARGEST_POWER);
    match sorted {
        None => 0,
        Some(CommonOrder::Ascending) => power,
        Some(CommonOrder::Descending) => LARGEST_POWER - power,
    }
}

//! Where the pieces of merged sections lie in memory.
//!
//! Once the output is laid out, that is worked out for all pieces at once, in the order in which they
//! stand: nearly all references to them are in another order, and each would have to find out anew
//! which piece stands for its own, in which section that is, and where that lies.

use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

use super::pieces::{Part, Section};
use super::{KEPT, Merged};
use crate::ids::SectionId;

/// The offset of a piece that is not known, or does not fit.
const UNKNOWN: u32 = u32::MAX;

/// Where an input section lies: the address of its output section, and its offset there in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The address of the output section.
    pub output: u64,
    /// The offset in it.
    pub offset: u64,
}

/// The addresses of all pieces.
pub struct PieceAddresses<'m, 'data> {
    merged: &'m Merged<'data>,
    /// By merged section, where it lies; `None` if it is not in the output.
    spots: Vec<Option<Spot>>,
    /// By piece, its offset in the output section that its section is in.
    offsets: Vec<AtomicU32>,
}

impl<'m, 'data> PieceAddresses<'m, 'data> {
    /// Of sections that lie where `spot` says.
    pub fn new(
        merged: &'m Merged<'data>,
        spot: &(dyn Fn(SectionId) -> Option<Spot> + Sync),
    ) -> Self {
        let spots = merged.sections.par_iter().map(|section| spot(section.id)).collect();
        let mut offsets = Vec::new();
        offsets.resize_with(merged.slots.len(), || AtomicU32::new(UNKNOWN));
        let addresses = Self { merged, spots, offsets };
        merged.parts.par_iter().for_each(|part| addresses.settle_kept(part));
        merged.parts.par_iter().for_each(|part| addresses.settle_others(part));
        addresses
    }

    fn spot(&self, number: usize) -> Option<Spot> {
        self.spots.get(number).copied().flatten()
    }

    fn set(&self, piece: u32, offset: Option<u64>) {
        let offset = offset.and_then(|offset| u32::try_from(offset).ok());
        if let (Some(slot), Some(offset)) = (self.offsets.get(piece as usize), offset) {
            slot.store(offset, Ordering::Relaxed);
        }
    }

    fn offset(&self, piece: u32) -> Option<u32> {
        let offset = self.offsets.get(piece as usize)?.load(Ordering::Relaxed);
        (offset != UNKNOWN).then_some(offset)
    }

    /// Settles the pieces of a part that are kept.
    fn settle_kept(&self, part: &Part) {
        let Some(spot) = self.spot(part.section as usize) else { return };
        for piece in part.first..part.first.saturating_add(part.count) {
            if let Some(slot) = self.merged.slot(piece).filter(|slot| slot & KEPT != 0) {
                self.set(piece, spot.offset.checked_add(u64::from(slot & !KEPT)));
            }
        }
    }

    /// Settles those that another piece stands for, which lies in the same output section.
    fn settle_others(&self, part: &Part) {
        let Some(section) = self.merged.sections.get(part.section as usize) else { return };
        for index in 0..part.count {
            let piece = part.first.wrapping_add(index);
            let Some(slot) = self.merged.slot(piece).filter(|slot| slot & KEPT == 0) else {
                continue;
            };
            if section.has_tails {
                self.set(piece, self.resolve(section, part, index));
            } else {
                self.set(piece, self.offset(slot).map(u64::from));
            }
        }
    }

    /// The offset of a piece in its output section, the long way.
    fn resolve(&self, section: &Section<'data>, part: &Part, index: u32) -> Option<u64> {
        let (owner, offset) = self.merged.resolve(section, part, index)?;
        self.spot_of(owner.id)?.offset.checked_add(offset)
    }

    fn spot_of(&self, section: SectionId) -> Option<Spot> {
        self.spot(self.merged.number(section)?)
    }

    /// The address of what was at `offset` of a section, if the section was merged: `Some(None)` if
    /// it is not in the output.
    #[inline]
    pub fn find(&self, section: SectionId, offset: u64) -> Option<Option<u64>> {
        let number = self.merged.number(section)?;
        Some(self.known(number, offset).or_else(|| self.find_slowly(section, offset)))
    }

    fn known(&self, number: usize, offset: u64) -> Option<u64> {
        let section = self.merged.sections.get(number)?;
        if offset >= section.data.len() as u64 {
            return None;
        }
        let spot = self.spot(number)?;
        let (part, index) = self.merged.piece_at(section, offset as u32)?;
        let within = offset.wrapping_sub(self.merged.start(section, part, index).into());
        let start = self.offset(part.first.wrapping_add(index))?;
        Some(spot.output.wrapping_add(start.into()).wrapping_add(within))
    }

    fn find_slowly(&self, section: SectionId, offset: u64) -> Option<u64> {
        let piece = self.merged.map(section, offset)?;
        let spot = self.spot_of(piece.section)?;
        Some(spot.output.wrapping_add(spot.offset).wrapping_add(piece.offset))
    }
}

//! Dynamic relocations: sorted, and packed.

use libelf::Encoding;
use libelf::raw::RelocationType;
use rayon::prelude::*;

use super::symbols::DynamicSymbols;
use crate::arch::{DynamicKinds, Identity};
use crate::encode::put_word;
use crate::ids::{FileId, SectionId};
use crate::made::Made;
use crate::scan::{Scanned, Target};
use crate::tables::CopySlot;
use crate::write::room::Room;
use crate::write::{DynamicKind, DynamicReloc, Relative};

/// The relocations of the output, in the order of their tables.
#[derive(Debug, Default)]
pub struct DynamicRelocs {
    /// The relative ones of `.rela.dyn`, which come first in it: the loader is quickest so. Those
    /// of all lists together are in the order of addresses.
    pub relative: Vec<Vec<Relative>>,
    /// The others of `.rela.dyn`, those for IFUNCs last, as what functions answer may rest on all
    /// others.
    pub dynamic: Vec<DynamicReloc>,
    /// Those of `.rela.plt`, in the order of slots.
    pub plt: Vec<DynamicReloc>,
    /// Those of `.rela.iplt`, likewise.
    pub iplt: Vec<DynamicReloc>,
}

impl DynamicRelocs {
    /// Sorts what the write pass gathered; `plt_slots` and `iplt_slots` are the addresses of
    /// `.got.plt` and `.igot.plt`.
    pub fn new(
        relative: Vec<Vec<Relative>>,
        found: Vec<DynamicReloc>,
        symbols: &DynamicSymbols<'_>,
        plt_slots: std::ops::Range<u64>,
        iplt_slots: std::ops::Range<u64>,
    ) -> Self {
        let mut relocs = Self { relative: ascending(relative), ..Self::default() };
        for reloc in found {
            if reloc.kind == DynamicKind::JumpSlot || plt_slots.contains(&reloc.address) {
                relocs.plt.push(reloc);
            } else if iplt_slots.contains(&reloc.address) {
                relocs.iplt.push(reloc);
            } else {
                relocs.dynamic.push(reloc);
            }
        }
        relocs.plt.sort_by_key(|reloc| reloc.address);
        relocs.iplt.sort_by_key(|reloc| reloc.address);
        relocs.dynamic.sort_by_cached_key(|reloc| {
            let group = match reloc.kind {
                DynamicKind::Relative => 0,
                DynamicKind::Irelative => 2,
                _ => 1,
            };
            let symbol = if group == 1 { symbols.number(reloc.target) } else { 0 };
            (group, symbol, reloc.address)
        });
        relocs
    }

    /// All of `.rela.dyn`, in order.
    pub fn in_order(&self) -> impl Iterator<Item = DynamicReloc> {
        let relative = self.relative.iter().flatten().map(|relative| DynamicReloc {
            address: relative.address,
            kind: DynamicKind::Relative,
            target: Target::None,
            addend: relative.value as i64,
        });
        relative.chain(self.dynamic.iter().copied())
    }

    /// How many relative ones there are.
    pub fn relative_count(&self) -> usize {
        let is_relative = |reloc: &&DynamicReloc| reloc.kind == DynamicKind::Relative;
        let few = self.dynamic.iter().filter(is_relative).count();
        self.relative.iter().map(Vec::len).sum::<usize>() + few
    }
}

/// Brings relative relocations into the order of their addresses. Lists come part by part of the
/// output, so that nearly always each is sorted, and so are they all.
fn ascending(mut lists: Vec<Vec<Relative>>) -> Vec<Vec<Relative>> {
    lists.par_iter_mut().for_each(|list| {
        if !list.is_sorted_by_key(|reloc| reloc.address) {
            list.sort_by_key(|reloc| reloc.address);
        }
    });
    let ends = |list: &Vec<Relative>| Some((list.first()?.address, list.last()?.address));
    let mut before = 0;
    let is_sorted = lists.iter().filter_map(ends).all(|(first, last)| {
        let follows = before <= first;
        before = last;
        follows
    });
    if is_sorted {
        return lists;
    }
    let mut all = lists.concat();
    all.par_sort_by_key(|reloc| reloc.address);
    vec![all]
}

/// Writes the relative relocations with which a table of `size` bytes starts, at `start` of the
/// file, and answers how many bytes they take.
pub fn write_relative(
    lists: &[Vec<Relative>],
    identity: &Identity,
    start: u64,
    size: u64,
    room: &dyn Room,
) -> u64 {
    let encoding = identity.encoding;
    let word = encoding.word_size();
    let entry = if identity.is_rela { 3 * word } else { 2 * word };
    let info = u64::from(identity.dynamic.relative.0);
    let mut taken = 0_u64;
    let mut jobs = Vec::with_capacity(lists.len());
    for list in lists {
        let bytes = list.len().saturating_mul(entry);
        let end = taken.saturating_add(bytes as u64);
        if end > size {
            break;
        }
        jobs.push((list, start.saturating_add(taken), bytes));
        taken = end;
    }
    jobs.into_par_iter().for_each_init(Vec::new, |buffer, (list, at, bytes)| {
        buffer.clear();
        buffer.reserve(bytes);
        for reloc in list {
            put_word(buffer, reloc.address, encoding);
            put_word(buffer, info, encoding);
            if identity.is_rela {
                put_word(buffer, reloc.value, encoding);
            }
        }
        *buffer = room.give(at, std::mem::take(buffer));
    });
    taken
}

/// The relocations that fill the copies of variables; `start` tells where a section with copies
/// starts.
pub fn of_copies<'c>(
    copies: &'c [CopySlot],
    start: impl Fn(Made) -> u64 + 'c,
) -> impl Iterator<Item = DynamicReloc> + 'c {
    copies.iter().map(move |copy| DynamicReloc {
        address: start(copy.section()).wrapping_add(copy.offset),
        kind: DynamicKind::Copy,
        target: Target::Global(copy.id),
        addend: 0,
    })
}

/// The number of a kind.
const fn number(kinds: &DynamicKinds, kind: DynamicKind) -> RelocationType {
    match kind {
        DynamicKind::Relative => kinds.relative,
        DynamicKind::Absolute => kinds.absolute,
        DynamicKind::Distance => kinds.distance,
        DynamicKind::GlobDat => kinds.glob_dat,
        DynamicKind::TlsModule => kinds.tls_module,
        DynamicKind::TlsOffset => kinds.tls_offset,
        DynamicKind::TlsTpOffset => kinds.tls_tp_offset,
        DynamicKind::TlsTpDistance => kinds.tls_tp_distance,
        DynamicKind::TlsDesc => kinds.tls_desc,
        DynamicKind::Copy => kinds.copy,
        DynamicKind::Irelative => kinds.irelative,
        DynamicKind::JumpSlot => kinds.jump_slot,
        DynamicKind::Native(kind) => RelocationType(kind),
    }
}

/// The bytes of a table. gABI, chapter 4, "Relocation".
pub fn table(
    relocs: &[DynamicReloc],
    symbols: &DynamicSymbols<'_>,
    identity: &Identity,
) -> Vec<u8> {
    let encoding = identity.encoding;
    let mut bytes = Vec::with_capacity(relocs.len() * 24);
    for reloc in relocs {
        let kind = number(&identity.dynamic, reloc.kind).0;
        let symbol = u64::from(symbols.number(reloc.target));
        let info = if encoding.is_64() {
            symbol << 32 | u64::from(kind)
        } else {
            symbol << 8 | u64::from(kind & 0xff)
        };
        put_word(&mut bytes, reloc.address, encoding);
        put_word(&mut bytes, info, encoding);
        if identity.is_rela {
            put_word(&mut bytes, reloc.addend as u64, encoding);
        }
    }
    bytes
}

/// Relative relocations packed (RELR): an address, then bitmaps of the words behind it.
///
/// ```text
/// 1000 1008 1018 9000  ->  1000, bitmap {1, 3}, 9000
/// ```
pub fn pack(addresses: &[u64], encoding: Encoding) -> Vec<u64> {
    let word = encoding.word_size() as u64;
    // The lowest bit tells bitmaps from addresses.
    let bits = word * 8 - 1;
    let mut words = Vec::new();
    let mut rest = addresses.iter().copied().peekable();
    while let Some(start) = rest.next() {
        words.push(start);
        let mut base = start.wrapping_add(word);
        loop {
            let mut map = 0_u64;
            while let Some(&next) = rest.peek() {
                let distance = next.wrapping_sub(base);
                if distance >= bits * word || distance % word != 0 {
                    break;
                }
                map |= 1 << (distance / word);
                rest.next();
            }
            if map == 0 {
                break;
            }
            words.push(map << 1 | 1);
            base = base.wrapping_add(bits * word);
        }
    }
    words
}

/// A word of `.relr.dyn` that says nothing: a bitmap without any bit.
pub const EMPTY_BITMAP: u64 = 1;

/// The words of `.relr.dyn`, which depend on where sections lie; `start` tells the address of each.
/// Sections that lie nowhere as yet are packed each by itself, which gives as many words as there
/// can be.
pub fn packed(
    scanned: &Scanned,
    encoding: Encoding,
    start: impl Fn(SectionId) -> Option<u64>,
) -> Vec<u64> {
    let mut words = Vec::new();
    let mut addresses: Vec<u64> = Vec::new();
    for (number, file) in (0_u32..).zip(&scanned.files) {
        for section in file.sections.iter().filter(|section| !section.packed.is_empty()) {
            let start = start(SectionId { file: FileId(number), index: section.section });
            if let Some(start) = start {
                let offsets = section.packed.iter();
                addresses.extend(offsets.map(|offset| start.wrapping_add(*offset)));
            } else {
                words.extend(pack_any(&mut section.packed.clone(), encoding));
            }
        }
    }
    words.extend(pack_any(&mut addresses, encoding));
    words
}

/// Packs addresses in any order.
fn pack_any(addresses: &mut Vec<u64>, encoding: Encoding) -> Vec<u64> {
    addresses.par_sort_unstable();
    addresses.dedup();
    pack(addresses, encoding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use libelf::Class;
    use libelf::reloc::relr_addresses;
    use libelf::table::Table;
    use object::endian::Endianness;

    #[test]
    fn relative_ones_ascend_whatever_parts_they_come_from() {
        let relative = |address| Relative { address, value: address + 1 };
        let list = |addresses: &[u64]| addresses.iter().copied().map(relative).collect::<Vec<_>>();
        let sorted = vec![list(&[1, 2]), list(&[5, 9])];
        assert_eq!(ascending(vec![list(&[2, 1]), list(&[5, 9])]), sorted);
        assert_eq!(ascending(vec![list(&[5, 9]), list(&[2, 1])]), vec![sorted.concat()]);
    }

    const LE64: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };

    #[test]
    fn packed_addresses_come_out_again() {
        let mut addresses = vec![0x1000, 0x1008, 0x1018, 0x9000];
        addresses.extend((0..1000).map(|n| 0x2_0000 + 8 * n * (1 + n / 64)));
        addresses.dedup();
        let words = pack(&addresses, LE64);
        let mut bytes = Vec::new();
        for word in words {
            crate::encode::put_u64(&mut bytes, word, LE64);
        }
        let again: Vec<_> = relr_addresses(Table::<u64>::new(&bytes, LE64)).collect();
        assert_eq!(again, addresses);
    }
}

//! The contents of the tables whose slots `tables` gave out.

use super::bytes::put;
use super::{DynamicKind, DynamicReloc, Outcome, Relative, WriteInput};
use crate::arch::PltBase;
use crate::ids::SectionId;
use crate::made::{INTERNAL, Made};
use crate::scan::{Facts, Target, facts_of};
use crate::tables::GotSlot;

/// Whether a section is made only when all others are written; until then it is of zeros.
pub fn comes_later(id: SectionId) -> bool {
    use Made::{Got, GotPlt, IgotPlt, Iplt, Plt, PltGot, PltSec};
    let is_now = |made| matches!(made, Got | GotPlt | Plt | Iplt | IgotPlt | PltGot | PltSec);
    id.file == INTERNAL && !Made::from_index(id.index).is_some_and(is_now)
}

/// Fills a made section.
pub fn fill(
    input: &WriteInput<'_, '_>,
    id: SectionId,
    addr: u64,
    bytes: &mut [u8],
    outcome: &mut Outcome,
) {
    let mut table = Table { input, addr, bytes, outcome };
    match Made::from_index(id.index) {
        Some(Made::Got) => table.got(),
        Some(Made::GotPlt) => table.got_plt(),
        Some(Made::Plt) => table.plt(),
        Some(Made::Iplt) => table.iplt(),
        Some(Made::IgotPlt) => table.igot_plt(),
        Some(Made::PltGot) => table.plt_got(),
        Some(Made::PltSec) => table.plt_sec(),
        _ => {}
    }
}

struct Table<'t, 'a, 'data> {
    input: &'t WriteInput<'a, 'data>,
    addr: u64,
    bytes: &'t mut [u8],
    outcome: &'t mut Outcome,
}

impl Table<'_, '_, '_> {
    fn slot_size(&self) -> usize {
        self.input.arch.identity().got_slot as usize
    }

    fn plt_base(&self) -> PltBase {
        let (plt, got) = (self.addr, self.input.addresses.got_base());
        PltBase { plt, got, is_pic: self.input.form.is_pic }
    }

    fn put_word(&mut self, word: usize, value: u64) {
        let size = self.slot_size();
        let at = word.saturating_mul(size);
        let (low_first, high_first) = (value.to_le_bytes(), value.to_be_bytes());
        let text = if self.input.arch.identity().encoding.is_big_endian() {
            high_first.get(high_first.len().saturating_sub(size)..)
        } else {
            low_first.get(..size)
        };
        put(self.bytes, at, text.unwrap_or_default());
    }

    fn dynamic(&mut self, word: usize, kind: DynamicKind, target: Target, addend: u64) {
        let address = self.addr.wrapping_add((word * self.slot_size()) as u64);
        if !self.input.arch.identity().is_rela && addend != 0 {
            // The second word of a descriptor holds what is added.
            let at = if kind == DynamicKind::TlsDesc { word.saturating_add(1) } else { word };
            self.put_word(at, addend);
        }
        let addend = addend as i64;
        self.outcome.dynamic.push(DynamicReloc { address, kind, target, addend });
    }

    fn facts(&self, target: Target) -> Facts {
        facts_of(self.input.resolved, self.input.facts, target)
    }

    fn got(&mut self) {
        let addresses = self.input.addresses;
        let form = self.input.form;
        for (word, &slot) in self.input.tables.got.iter().enumerate() {
            match slot {
                GotSlot::Address(target) => self.address(word, target),
                GotSlot::Iplt(target) => {
                    let entry = addresses.plt_entry(&addresses.slots(target));
                    self.put_word(word, entry.unwrap_or(0));
                }
                GotSlot::TpOffset(target) => {
                    let address = addresses.target(target);
                    if self.facts(target).has(Facts::IMPORTED) {
                        self.dynamic(word, DynamicKind::TlsTpOffset, target, 0);
                    } else if form.is_shared {
                        let addend = addresses.dtp_offset(address);
                        self.dynamic(word, DynamicKind::TlsTpOffset, Target::None, addend);
                    } else {
                        self.put_word(word, addresses.tp_offset(address));
                    }
                }
                GotSlot::TpDistance(target) => {
                    let address = addresses.target(target);
                    if self.facts(target).has(Facts::IMPORTED) {
                        self.dynamic(word, DynamicKind::TlsTpDistance, target, 0);
                    } else if form.is_shared {
                        let addend = addresses.dtp_offset(address).wrapping_neg();
                        self.dynamic(word, DynamicKind::TlsTpDistance, Target::None, addend);
                    } else {
                        self.put_word(word, addresses.tp_offset(address).wrapping_neg());
                    }
                }
                GotSlot::Module(target) => {
                    if self.facts(target).has(Facts::IMPORTED) {
                        self.dynamic(word, DynamicKind::TlsModule, target, 0);
                    } else {
                        self.own_module(word);
                    }
                }
                GotSlot::OwnModule => self.own_module(word),
                GotSlot::DtpOffset(target) => {
                    if self.facts(target).has(Facts::IMPORTED) {
                        self.dynamic(word, DynamicKind::TlsOffset, target, 0);
                    } else {
                        let bias = self.input.arch.identity().threads.module_bias;
                        let offset = addresses.dtp_offset(addresses.target(target));
                        self.put_word(word, offset.wrapping_sub(bias));
                    }
                }
                GotSlot::Descriptor(target) => {
                    if self.facts(target).has(Facts::IMPORTED) {
                        self.dynamic(word, DynamicKind::TlsDesc, target, 0);
                    } else {
                        let addend = addresses.dtp_offset(addresses.target(target));
                        self.dynamic(word, DynamicKind::TlsDesc, Target::None, addend);
                    }
                }
                GotSlot::Zero => {}
            }
        }
    }

    /// The program is module 1; a library learns its number when it is loaded.
    fn own_module(&mut self, word: usize) {
        if self.input.form.is_shared {
            self.dynamic(word, DynamicKind::TlsModule, Target::None, 0);
        } else {
            self.put_word(word, 1);
        }
    }

    fn address(&mut self, word: usize, target: Target) {
        let facts = self.facts(target);
        let address = self.input.addresses.target(target);
        let is_number = facts.has_any(Facts::ABSOLUTE) || facts.has_any(Facts::UNDEFINED_WEAK);
        if facts.has(Facts::IMPORTED) {
            let slots = self.input.addresses.slots(target);
            if slots.copy.is_none() && !slots.is_canonical {
                self.dynamic(word, DynamicKind::GlobDat, target, 0);
                return;
            }
            self.dynamic(word, DynamicKind::GlobDat, target, 0);
        } else if facts.has(Facts::IFUNC) {
            self.dynamic(word, DynamicKind::Irelative, Target::None, address);
        } else {
            self.put_word(word, address);
            if self.input.form.is_pic && !is_number {
                let place = self.addr.wrapping_add((word * self.slot_size()) as u64);
                self.outcome.relative.push(Relative { address: place, value: address });
            }
        }
    }

    /// The loader's words, and for each function where its first call goes.
    fn got_plt(&mut self) {
        let dynamic = self.input.addresses.made(Made::Dynamic);
        self.put_word(0, dynamic);
        let plt = self.input.arch.plt();
        for (entry, &target) in (0_u32..).zip(&self.input.tables.plt) {
            let word = (self.input.arch.identity().got_plt_reserved + u64::from(entry)) as usize;
            let start = self.input.addresses.made(Made::Plt).wrapping_add(
                plt.header_size() + u64::from(entry) * plt.entry_size() + plt.lazy_offset(),
            );
            let facts = self.facts(target);
            if facts.has(Facts::IFUNC) && !facts.has(Facts::IMPORTED) {
                let address = self.input.addresses.target(target);
                self.dynamic(word, DynamicKind::Irelative, Target::None, address);
                if self.input.arch.identity().is_rela {
                    self.put_word(word, start);
                }
            } else {
                self.put_word(word, start);
                self.dynamic(word, DynamicKind::JumpSlot, target, 0);
            }
        }
    }

    fn plt(&mut self) {
        let addresses = self.input.addresses;
        let plt = self.input.arch.plt();
        let (header, size) = (plt.header_size(), plt.entry_size());
        let table = self.addr;
        let base = self.plt_base();
        plt.write_header(self.bytes, &base);
        for entry in 0..self.input.tables.plt.len() as u32 {
            let start = header + u64::from(entry) * size;
            let addr = table.wrapping_add(start);
            if let Some(bytes) = self.bytes.get_mut(start as usize..) {
                plt.write_entry(bytes, entry, addr, addresses.plt_slot(entry), &base);
            }
        }
    }

    /// Where calls go if `.plt` itself has only what binds late.
    fn plt_sec(&mut self) {
        let addresses = self.input.addresses;
        let plt = self.input.arch.plt();
        let size = plt.second_entry_size();
        let base = self.plt_base();
        for entry in 0..self.input.tables.plt.len() as u32 {
            let start = u64::from(entry) * size;
            let addr = self.addr.wrapping_add(start);
            if let Some(bytes) = self.bytes.get_mut(start as usize..) {
                plt.write_second_entry(bytes, addr, addresses.plt_slot(entry), &base);
            }
        }
    }

    fn iplt(&mut self) {
        let plt = self.input.arch.plt();
        let size = plt.got_entry_size();
        let base = self.plt_base();
        for entry in 0..self.input.tables.iplt.len() as u32 {
            let start = u64::from(entry) * size;
            let addr = self.addr.wrapping_add(start);
            let slot = self.input.addresses.iplt_slot(entry);
            if let Some(bytes) = self.bytes.get_mut(start as usize..) {
                plt.write_got_entry(bytes, addr, slot, &base);
            }
        }
    }

    fn igot_plt(&mut self) {
        for (word, &target) in self.input.tables.iplt.iter().enumerate() {
            let address = self.input.addresses.target(target);
            self.dynamic(word, DynamicKind::Irelative, Target::None, address);
        }
    }

    fn plt_got(&mut self) {
        let plt = self.input.arch.plt();
        let size = plt.got_entry_size();
        let base = self.plt_base();
        for (entry, &target) in (0_u64..).zip(&self.input.tables.plt_got) {
            let addresses = self.input.addresses;
            let slot = addresses.got_word(addresses.slots(target).got.unwrap_or(0));
            let start = entry * size;
            let addr = self.addr.wrapping_add(start);
            if let Some(bytes) = self.bytes.get_mut(start as usize..) {
                plt.write_got_entry(bytes, addr, slot, &base);
            }
        }
    }
}

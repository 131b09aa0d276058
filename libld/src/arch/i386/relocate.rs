//! Relocations applied.

use libelf::raw::{RelocationType, SHF_ALLOC};

use super::addend::with_addend;
use super::decide::{Action, Case, GotUse, Width, decide, decide_unloaded, takes_next};
use crate::input::relocs::Reloc;
use crate::scan::{Facts, Target, Trouble};
use crate::write::SectionWrite;
use crate::write::addresses::Located;

/// Relocates a section.
pub fn section(section: &mut SectionWrite<'_, '_>) {
    let is_loaded = section.header.flags & SHF_ALLOC.0 != 0;
    let relocs = section.relocs();
    let mut index = 0;
    while let Some(reloc) = relocs.get(index) {
        index += 1;
        let reloc = with_addend(reloc, section.input_bytes);
        // The scan said what is wrong with those that name no symbol.
        let Some(target) = section.target(reloc.symbol) else { continue };
        let facts = section.facts(target);
        let case = Case {
            kind: RelocationType(reloc.kind),
            facts,
            form: section.form(),
            is_writable: section.is_writable(),
            bytes: section.input_bytes,
            offset: reloc.offset,
            addend: reloc.addend,
        };
        let action = if is_loaded { decide(&case) } else { decide_unloaded(case.kind) };
        let mut job = Job { section, reloc, target, facts };
        if is_loaded {
            job.apply(action, &case);
        } else {
            job.apply_unloaded(action);
        }
        if takes_next(action) {
            index += 1;
        }
    }
}

/// One relocation.
pub(super) struct Job<'j, 'a, 'data> {
    pub(super) section: &'j mut SectionWrite<'a, 'data>,
    pub(super) reloc: Reloc,
    target: Target,
    facts: Facts,
}

impl Job<'_, '_, '_> {
    /// P
    fn place(&self) -> u64 {
        self.section.addr.wrapping_add(self.reloc.offset)
    }

    fn located(&self) -> Located {
        self.section.addresses().locate(self.section.object, self.target, &self.reloc)
    }

    /// S + A
    pub(super) fn value(&self) -> u64 {
        let located = self.located();
        located.symbol.wrapping_add_signed(located.addend)
    }

    /// L + A, where L is the entry of the procedure linkage table, or else the symbol itself.
    fn plt(&self) -> u64 {
        let addresses = self.section.addresses();
        let slots = addresses.slots(self.target);
        let entry = addresses.plt_entry(&slots);
        match entry {
            Some(entry) => entry.wrapping_add_signed(self.reloc.addend),
            None => self.value(),
        }
    }

    /// GOT
    pub(super) fn got(&self) -> u64 {
        self.section.addresses().got_base()
    }

    /// S + A - P
    pub(super) fn distance(&self) -> u64 {
        self.value().wrapping_sub(self.place())
    }

    /// S + A - GOT
    pub(super) fn got_distance(&self) -> u64 {
        self.value().wrapping_sub(self.got())
    }

    /// S + A, as an offset from the thread pointer.
    pub(super) fn tp_offset(&self) -> u64 {
        self.section.addresses().tp_offset(self.value())
    }

    fn apply(&mut self, action: Action, case: &Case<'_>) {
        match action {
            Action::Nothing
            | Action::Symbolic
            | Action::SymbolicDistance
            | Action::SymbolicTpOffset
            | Action::Relative
            | Action::RelativeCopied
            | Action::Irelative => self.for_loader(action),
            Action::DescCall
            | Action::Unknown
            | Action::NeedsPic
            | Action::NotFromGot
            | Action::NeedsBase => {}
            Action::Absolute(width) | Action::AbsoluteCopied(width) => {
                self.put(width, self.value());
            }
            Action::AbsolutePlt => self.put_word(self.plt()),
            Action::Pc(width) | Action::PcCopied(width) => {
                self.put_distance(width, self.distance());
            }
            Action::PcPlt(width) => {
                self.put_distance(width, self.plt().wrapping_sub(self.place()));
            }
            Action::Got(by) => self.put_slot(self.slots().got, by),
            Action::GotTp(by) => self.put_slot(self.slots().got_tp, by),
            Action::GotTpDistance => {
                self.put_slot(self.slots().got_tp_distance, GotUse::FromBase);
            }
            Action::TlsGd => self.put_slot(self.slots().tls_gd, GotUse::FromBase),
            Action::TlsDesc => self.put_slot(self.slots().tls_desc, GotUse::FromBase),
            Action::TlsLdm => self.put_slot(self.section.module_slot(), GotUse::FromBase),
            Action::FromGot => self.put_word(self.got_distance()),
            Action::PltFromGot => self.put_word(self.plt().wrapping_sub(self.got())),
            Action::GotBase => {
                let base = self.got().wrapping_add_signed(self.reloc.addend);
                self.put_word(base.wrapping_sub(self.place()));
            }
            Action::Size => self.put_word(self.size()),
            Action::DtpOffset => {
                self.put_word(self.section.addresses().dtp_offset(self.value()));
            }
            Action::TpOffset => self.put_word(self.tp_offset()),
            Action::TpDistance => self.put_word(self.tp_distance()),
            Action::RelaxGot(simpler) => self.relax_got(simpler, case),
            Action::GdToLe => self.gd_to_le(case),
            Action::GdToIe => self.gd_to_ie(case),
            Action::LdmToLe => self.ldm_to_le(case),
            Action::IeToLe => self.ie_to_le(case),
            Action::DescToLe => self.desc_to_le(case),
            Action::DescToIe => self.desc_to_ie(),
            Action::DescCallGone => self.put_text(0, &[0x66, 0x90]),
        }
    }

    /// What the loader does the rest of: it adds to what the field holds.
    fn for_loader(&mut self, action: Action) {
        let offset = self.reloc.offset;
        match action {
            Action::Relative | Action::RelativeCopied => {
                let value = self.value();
                self.section.relative(offset, value);
                self.put_word(value);
            }
            Action::Irelative => {
                let value = self.value();
                self.section.irelative(offset, value);
                self.put_word(value);
            }
            Action::Symbolic => self.section.symbolic(&self.reloc, self.target),
            Action::SymbolicDistance => self.section.distance(&self.reloc, self.target),
            Action::SymbolicTpOffset if self.facts.has(Facts::IMPORTED) => {
                self.section.tp_offset(&self.reloc, self.target, 0);
            }
            Action::SymbolicTpOffset => {
                let value = self.section.addresses().dtp_offset(self.value());
                self.section.tp_offset(&self.reloc, Target::None, value);
                self.put_word(value);
            }
            _ => {}
        }
    }

    /// In debugging information, what the output does not have is marked by a value that no code
    /// has.
    fn apply_unloaded(&mut self, action: Action) {
        let located = self.located();
        let is_lost = located.is_gone || self.facts.has_any(Facts::UNDEFINED);
        let value = if is_lost {
            self.section.tombstone()
        } else {
            located.symbol.wrapping_add_signed(located.addend)
        };
        match action {
            Action::Absolute(width) => self.put(width, value),
            Action::Pc(width) => self.put_distance(width, value.wrapping_sub(self.place())),
            Action::DtpOffset if is_lost => self.put_word(value),
            Action::DtpOffset => self.put_word(self.section.addresses().dtp_offset(value)),
            Action::Size => self.put_word(self.size()),
            Action::FromGot => self.put_word(value.wrapping_sub(self.got())),
            Action::Nothing => {}
            _ => self.section.trouble(&self.reloc, Trouble::UnknownType),
        }
    }

    /// Z + A
    fn size(&self) -> u64 {
        self.section.size_of(self.target).wrapping_add_signed(self.reloc.addend)
    }

    pub(super) fn slots(&self) -> crate::tables::Slots {
        self.section.addresses().slots(self.target)
    }

    /// From the symbol up to the thread pointer, plus A.
    pub(super) fn tp_distance(&self) -> u64 {
        let addend = self.reloc.addend;
        let offset = self.tp_offset().wrapping_add_signed(addend.wrapping_neg());
        offset.wrapping_neg().wrapping_add_signed(addend)
    }

    /// A word of `.got`, as code names it.
    pub(super) fn put_slot(&mut self, word: Option<u32>, by: GotUse) {
        let Some(word) = word else { return };
        let slot = self.section.addresses().got_word(word).wrapping_add_signed(self.reloc.addend);
        match by {
            GotUse::FromBase => self.put_word(slot.wrapping_sub(self.got())),
            GotUse::Address => self.put_word(slot),
            GotUse::Relative => {
                self.section.relative(self.reloc.offset, slot);
                self.put_word(slot);
            }
        }
    }

    /// The distance of a word of `.got` from the table's start.
    pub(super) fn got_offset(&self, word: u32) -> u64 {
        self.section.addresses().got_word(word).wrapping_sub(self.got())
    }

    /// Writes an address or a distance. Addresses wrap around.
    pub(super) fn put_word(&mut self, value: u64) {
        self.put_text(0, &(value as u32).to_le_bytes());
    }

    /// Writes a distance, if it fits.
    fn put_distance(&mut self, width: Width, value: u64) {
        // A jump of one byte goes 128 bytes back or less than that on.
        if width == Width::Byte && i8::try_from(value as i32).is_err() {
            self.section.trouble(&self.reloc, Trouble::Overflow);
            self.put_text(0, &[value as u8]);
        } else {
            self.put(width, value);
        }
    }

    /// Writes an address or a number, if it fits.
    fn put(&mut self, width: Width, value: u64) {
        let value = value as u32;
        // Like GNU's: addresses of 16 bits wrap around, so that the bits above the field may all
        // be set whatever the highest one in it is.
        let fits = match width {
            Width::Word => true,
            Width::Half => matches!(value >> 16, 0 | 0xffff),
            Width::Byte => matches!(value >> 8, 0 | 0xff_ffff),
        };
        if !fits {
            self.section.trouble(&self.reloc, Trouble::Overflow);
        }
        let bytes = value.to_le_bytes();
        let length = match width {
            Width::Byte => 1,
            Width::Half => 2,
            Width::Word => 4,
        };
        self.put_text(0, bytes.get(..length).unwrap_or_default());
    }

    /// Writes bytes `at` bytes from the relocation's field.
    pub(super) fn put_text(&mut self, at: i64, text: &[u8]) {
        let offset = self.reloc.offset.checked_add_signed(at);
        if !self.section.put(offset, text) {
            self.section.trouble(&self.reloc, Trouble::Outside);
        }
    }
}

//! Output sections: where they start, what their bodies hold, and where the location counter stands
//! behind them.

use super::engine::{Engine, Section};
use super::plan::{Item, Planned};
use super::seat;
use crate::script::ast::{DataSize, Expr, Fill};
use crate::script::expr::operate;

impl<'a> Engine<'_, 'a> {
    /// Lays out an output section.
    pub(super) fn output(&mut self, number: u32, planned: &Planned<'a>) {
        if !planned.is_enabled || planned.discards() {
            return;
        }
        let Some(section) = self.sections.get(number as usize) else { return };
        let (exists, is_alloc) = (section.exists, section.is_alloc());
        let is_tls_zeros = section.is_tls_zeros();
        let is_aside = section.attributes.is_aside;
        let own_align = section.attributes.align.max(1);
        let defines = planned.symbols().any(|assignment| self.is_wanted(assignment));
        if !exists && !defines {
            return self.skip(number, planned);
        }
        let asked_align = planned.align.and_then(|align| self.address_of(align)).unwrap_or(1);
        let subalign = planned.subalign.and_then(|align| self.address_of(align));
        let align = own_align.max(subalign.unwrap_or(1)).max(asked_align);
        let asked = self
            .section_start(planned.name)
            .or_else(|| planned.address.and_then(|asks| self.address_of(asks)));
        let region = self.region_of(planned, number, asked.is_some());
        let dot_before = self.dot;
        // Where it would start but for its alignment.
        let wanted = match (asked, planned.overlay) {
            (Some(address), _) => address,
            (None, Some((_, false))) => self.overlay.0,
            (None, _) if self.is_relocatable() && planned.is_orphan => 0,
            (None, _) if planned.is_orphan && !is_alloc => 0,
            (None, _) => self.regions.current(region).unwrap_or(self.free),
        };
        let addr = match asked {
            Some(_) => operate::align(wanted, asked_align),
            None if matches!(planned.overlay, Some((_, false))) => wanted,
            None => operate::align(wanted, if exists { align } else { asked_align }),
        };
        self.warn_of_move(planned, asked.is_some(), wanted, addr);
        self.dot = addr;
        if let Some(section) = self.sections.get_mut(number as usize) {
            section.addr = addr;
            section.align = align;
            section.subalign = subalign;
            section.is_placed = true;
        }
        self.current = Some(number);
        let (starts, fill) = self.body(planned, subalign);
        self.current = None;
        let end = self.dot;
        if let Some(section) = self.sections.get_mut(number as usize) {
            section.size = end.wrapping_sub(addr);
            section.item_starts = starts;
            section.fill = fill;
        }
        self.place_load_address(number, planned, region, addr.wrapping_sub(wanted), asked_align);
        let overlay_end = self.overlay_end(planned, addr, end);
        self.regions.advance(region, overlay_end.unwrap_or(end), is_alloc && !is_tls_zeros);
        self.dot = match overlay_end {
            Some(end) => end,
            None if planned.is_orphan && !is_alloc => dot_before,
            // Each thread has its own copy: no memory is taken here.
            None if is_tls_zeros || is_aside => addr,
            None => end,
        };
        self.free = self.dot;
        if let Some(section) = self.sections.get_mut(number as usize) {
            section.goes_on = Some(self.dot);
        }
        self.passed(number);
        if exists {
            self.check_region(number, region, asked.is_some());
        }
    }

    /// An output section that the file does not have, and that defines nothing: the layout goes on
    /// at the address that its statement asks for.
    fn skip(&mut self, number: u32, planned: &Planned<'a>) {
        let asked = planned.address.and_then(|asks| self.address_of(asks));
        self.dot = asked.unwrap_or(self.dot);
        let region = self.region_of(planned, number, asked.is_some());
        let is_alloc = self.sections.get(number as usize).is_some_and(Section::is_alloc);
        let addr = match asked.or_else(|| self.regions.current(region)) {
            Some(addr) => addr,
            None if planned.is_orphan && !is_alloc => 0,
            None => self.free,
        };
        let overlay_end = self.overlay_end(planned, addr, addr);
        if let Some(end) = overlay_end {
            (self.dot, self.free) = (end, end);
        }
        if let Some(section) = self.sections.get_mut(number as usize) {
            section.addr = addr;
            section.load_addr = addr;
            section.is_placed = true;
            section.goes_on = overlay_end;
        }
    }

    /// Where the OVERLAY of a section ends, as far as it was walked.
    fn overlay_end(&mut self, planned: &Planned<'a>, addr: u64, end: u64) -> Option<u64> {
        let (_, is_first) = planned.overlay?;
        if is_first {
            self.overlay = (addr, addr);
        }
        self.overlay.1 = self.overlay.1.max(end);
        Some(self.overlay.1)
    }

    fn warn_of_move(&mut self, planned: &Planned<'a>, is_asked: bool, wanted: u64, addr: u64) {
        let warns = self.setting.options.warnings.section_align && planned.overlay.is_none();
        if (is_asked || warns) && addr != wanted {
            let name = String::from_utf8_lossy(planned.name);
            let by = addr.wrapping_sub(wanted);
            self.said.warn(format!("warning: start of section {name} changed by {by}"));
        }
    }

    /// An output section lies before what follows.
    fn passed(&mut self, number: u32) {
        if self.sections.get(number as usize).is_some_and(seat::is_seat) {
            self.before = Some(number);
            self.last = Some(number);
        }
    }

    /// Walks an output section whose place is settled.
    pub(super) fn pass(&mut self, number: u32, planned: &Planned<'a>) {
        if !planned.is_enabled || planned.discards() {
            return;
        }
        let Some(section) = self.sections.get_mut(number as usize) else { return };
        let (addr, goes_on) = (section.addr, section.goes_on);
        let starts = std::mem::take(&mut section.item_starts);
        let dot_before = self.dot;
        self.current = Some(number);
        for (item, at) in planned.body.iter().zip(0..) {
            self.dot = addr.wrapping_add(starts.get(at).copied().unwrap_or(0));
            match item {
                Item::Assignment(assignment) => self.assign(assignment),
                Item::Assert(assertion) => self.assert(assertion),
                _ => {}
            }
        }
        self.current = None;
        self.dot = goes_on.unwrap_or(dot_before);
        if let Some(section) = self.sections.get_mut(number as usize) {
            section.item_starts = starts;
        }
        self.passed(number);
    }

    fn section_start(&self, name: &[u8]) -> Option<u64> {
        let starts = &self.setting.options.layout.section_starts;
        starts.iter().rev().find(|start| start.section == name).map(|start| start.address)
    }

    /// Walks what an output section holds; answers where each item starts, and the fill.
    fn body(&mut self, planned: &Planned<'a>, subalign: Option<u64>) -> (Vec<u64>, Vec<u8>) {
        let mut starts = Vec::with_capacity(planned.body.len());
        let base = self.dot;
        for item in &planned.body {
            starts.push(self.dot.wrapping_sub(base));
            match item {
                Item::Assignment(assignment) => self.assign(assignment),
                Item::Assert(assertion) => self.assert(assertion),
                Item::Inputs(rule) => {
                    if let Some(block) = self.blocks.get_mut(*rule as usize) {
                        self.known.passes(*rule, block, self.dot, base, subalign);
                        self.dot = block.end(self.dot, subalign);
                    }
                }
                Item::Data(size, _) => self.dot = self.dot.wrapping_add(size.bytes()),
                Item::Asciz(text) => self.dot = self.dot.wrapping_add(text.len() as u64 + 1),
                Item::Fill(_) | Item::LinkerVersion => {}
            }
        }
        let fill = planned.fill.map_or_else(Vec::new, |fill| self.fill(fill));
        (starts, fill)
    }

    /// The bytes of a fill.
    pub fn fill(&mut self, fill: &Fill<'a>) -> Vec<u8> {
        match fill {
            Fill::Bytes(bytes) => bytes.clone(),
            Fill::Expr(expr) => {
                let value = self.address_of(expr).unwrap_or(0);
                (value as u32).to_be_bytes().to_vec()
            }
        }
    }

    /// The bytes of a datum.
    pub fn datum(&mut self, size: DataSize, value: &Expr<'a>) -> Vec<u8> {
        let value = self.address_of(value).unwrap_or(0);
        let bytes = value.to_le_bytes();
        bytes.get(..size.bytes() as usize).unwrap_or_default().to_vec()
    }

    /// Runs `ask` as if in the body of an output section, at an offset.
    pub fn within<T>(&mut self, section: u32, offset: u64, ask: impl FnOnce(&mut Self) -> T) -> T {
        self.current = Some(section);
        self.dot = self.base_of(section).wrapping_add(offset);
        let answer = ask(self);
        self.current = None;
        answer
    }
}

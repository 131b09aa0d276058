//! Memory regions: where sections go that name one, and load addresses.
//!
//! ```text
//! MEMORY { rom (rx) : ORIGIN = 0x1000, LENGTH = 64K   ram (w) : ORIGIN = 0x8000, LENGTH = 8K }
//! .text : { … } >rom            address and load address in rom
//! .data : { … } >ram AT>rom     address in ram, load address behind .text
//! .bss : { … } >ram             the same: the load region holds on while the region does
//! ```

use libelf::raw::{SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE};

use super::engine::Engine;
use super::plan::{Plan, Planned};
use crate::script::ast::{Name, RegionFlags};
use crate::script::expr::Lookup;

/// A memory region, or all of the memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Region<'a> {
    name: Name<'a>,
    origin: u64,
    length: u64,
    /// The first address that is not taken yet.
    current: u64,
    /// How far it has overflown, in bytes.
    overflow: u64,
    /// Whether a section was named that did not fit.
    is_said: bool,
    /// Address and load address of the last section in it, and its end.
    last: Option<(u64, u64, u64)>,
}

/// The regions of a link; the number behind the last stands for all of the memory.
#[derive(Debug, Default)]
pub struct Regions<'a> {
    list: Vec<Region<'a>>,
    aliases: Vec<(Name<'a>, Name<'a>)>,
    /// What the last section was given: its region and its load region.
    inherited: Option<(usize, usize)>,
}

impl<'a> Regions<'a> {
    /// Those of a plan.
    pub fn new(plan: &Plan<'a>) -> Self {
        let mut list: Vec<_> = plan
            .regions
            .iter()
            .map(|region| Region { name: region.name.name, ..Region::default() })
            .collect();
        let aliases: Vec<_> = plan.aliases.iter().map(|(alias, name)| (*alias, *name)).collect();
        // What nobody declares is all of the memory, with a place of its own where it goes on.
        for name in plan.undeclared_regions().iter().map(|word| word.name) {
            if !list.iter().any(|region: &Region<'_>| region.name == name) {
                list.push(Region { name, length: u64::MAX, ..Region::default() });
            }
        }
        list.push(Region { length: u64::MAX, ..Region::default() });
        Self { list, aliases, inherited: None }
    }

    fn everything(&self) -> usize {
        self.list.len().saturating_sub(1)
    }

    fn find(&self, name: &[u8]) -> Option<usize> {
        let alias = self.aliases.iter().find(|(alias, _)| *alias == name);
        let name = alias.map_or(name, |(_, region)| region);
        let regions = self.list.get(..self.everything())?;
        regions.iter().position(|region| region.name == name)
    }

    fn lookup(&self, name: &[u8], ask: impl FnOnce(&Region) -> u64) -> Lookup<u64> {
        match self.find(name).and_then(|number| self.list.get(number)) {
            Some(region) => Lookup::Known(ask(region)),
            None => Lookup::Missing,
        }
    }

    /// The first address of a region.
    pub fn origin(&self, name: &[u8]) -> Lookup<u64> {
        self.lookup(name, |region| region.origin)
    }

    /// The size of a region, in bytes.
    pub fn length(&self, name: &[u8]) -> Lookup<u64> {
        self.lookup(name, |region| region.length)
    }

    /// How many bytes of a region are used.
    pub fn used(&self, name: &[u8]) -> Option<u64> {
        let region = self.list.get(self.find(name)?)?;
        Some(region.current.wrapping_sub(region.origin))
    }

    /// Where a region goes on; `None` if that is where the location counter stands.
    pub fn current(&self, number: usize) -> Option<u64> {
        (number != self.everything()).then(|| self.list.get(number).map(|it| it.current))?
    }

    /// A section in the region ends at `end`.
    pub fn advance(&mut self, number: usize, end: u64, takes_memory: bool) {
        if number != self.everything()
            && takes_memory
            && let Some(region) = self.list.get_mut(number)
        {
            region.current = end;
        }
    }
}

fn fits(flags: u64, set: RegionFlags) -> bool {
    let has = |flag: u64| flags & flag != 0;
    set.read_only && !has(SHF_WRITE.0)
        || set.writable && has(SHF_WRITE.0)
        || set.code && has(SHF_EXECINSTR.0)
        || (set.alloc || set.load) && has(SHF_ALLOC.0)
}

impl<'a> Engine<'_, 'a> {
    /// Regions before a round.
    pub(super) fn start_regions(&mut self) {
        self.regions.inherited = None;
        let plan = self.setting.plan;
        for (number, region) in plan.regions.iter().enumerate() {
            let origin = self.address_of(&region.origin);
            let length = self.address_of(&region.length);
            let Some(slot) = self.regions.list.get_mut(number) else { continue };
            slot.origin = origin.unwrap_or(slot.origin);
            slot.length = length.unwrap_or(slot.length);
            slot.current = slot.origin;
            slot.overflow = 0;
            slot.last = None;
        }
        for region in &mut self.regions.list {
            region.is_said = false;
        }
        let everything = self.regions.everything();
        for region in self.regions.list.get_mut(plan.regions.len()..everything).unwrap_or_default()
        {
            (region.current, region.last) = (0, None);
        }
        if let Some(everything) = self.regions.list.last_mut() {
            everything.last = None;
        }
    }

    /// The region of an output section: the one that it names, or the first whose attributes fit.
    pub(super) fn region_of(
        &mut self,
        planned: &Planned<'a>,
        number: u32,
        has_address: bool,
    ) -> usize {
        // A load region alone is the region too.
        let named = planned.region.or(planned.lma_region.filter(|_| !has_address));
        if let Some(word) = named {
            if let Some(region) = self.regions.find(word.name) {
                return region;
            }
            return self.regions.everything();
        }
        let plan = self.setting.plan;
        let Some(section) = self.sections.get(number as usize) else {
            return self.regions.everything();
        };
        let flags = section.attributes.flags;
        let fitting = plan.regions.iter().position(|region| {
            section.is_alloc()
                && fits(flags, region.attributes.with)
                && !fits(flags, region.attributes.without)
        });
        let is_lost = fitting.is_none()
            && section.exists
            && section.is_alloc()
            && section.attributes.has_bytes
            && !plan.regions.is_empty()
            && !has_address;
        if is_lost && !self.said.is_fatal() {
            let name = String::from_utf8_lossy(planned.name).into_owned();
            self.said
                .fatal(format!("error: no memory region specified for loadable section `{name}'"));
        }
        fitting.filter(|_| !has_address).unwrap_or(self.regions.everything())
    }

    /// Settles the load address of an output section. `moved` is by how much its
    /// alignment moved its start, `align` the alignment that its statement asks for.
    pub(super) fn place_load_address(
        &mut self,
        number: u32,
        planned: &Planned<'a>,
        region: usize,
        moved: u64,
        align: u64,
    ) {
        let Some(section) = self.sections.get(number as usize) else { return };
        let (addr, size) = (section.addr, section.size);
        let takes_file = section.is_alloc() && section.attributes.has_bytes;
        let (is_alloc, exists) = (section.is_alloc(), section.exists);
        let takes_memory = is_alloc && !section.is_tls_zeros();
        let everything = self.regions.everything();
        let has_address = planned.address.is_some();
        let mut load_region = planned.lma_region.and_then(|word| self.regions.find(word.name));
        if load_region.is_none()
            && planned.at.is_none()
            && !has_address
            && let Some((last, load)) = self.regions.inherited
            && last == region
        {
            load_region = Some(load);
        }
        let load_region = load_region.filter(|&load| load != region);
        let last = self.regions.list.get(region).and_then(|region| region.last);
        let load_addr = if let Some(at) = planned.at.and_then(|at| self.address_of(at)) {
            at
        } else if let Some(load) = load_region {
            let current = self.regions.list.get(load).map_or(0, |load| load.current);
            if planned.align_with_input {
                current.wrapping_add(moved)
            } else {
                crate::script::expr::operate::align(current, align)
            }
        } else if has_address && region != everything || !is_alloc {
            addr
        } else {
            let follows_in_overlay = matches!(planned.overlay, Some((_, false)));
            match last {
                // Those of an overlay are loaded one behind the other.
                Some((last, load, end)) if follows_in_overlay => {
                    load.wrapping_add(end.wrapping_sub(last))
                }
                // What lies upon the section before it, or before that, begins anew.
                Some((_, _, end)) if addr < end => addr,
                Some((last, load, _)) => addr.wrapping_add(load.wrapping_sub(last)),
                None => addr,
            }
        };
        let load_addr = self.setting.machine.wrap(load_addr);
        if let Some(section) = self.sections.get_mut(number as usize) {
            section.load_addr = load_addr;
        }
        if !exists {
            return;
        }
        self.regions.inherited = Some((region, load_region.unwrap_or(region)));
        if let Some(load) = load_region.and_then(|load| self.regions.list.get_mut(load)) {
            let taken = if takes_file { size } else { 0 };
            load.current = load_addr.wrapping_add(taken).max(load.current);
            let end = load.current.wrapping_sub(load.origin);
            let overflow = end.saturating_sub(load.length);
            let is_first = overflow > 0 && !load.is_said;
            load.overflow = load.overflow.max(overflow);
            load.is_said |= is_first;
            let name = String::from_utf8_lossy(load.name).into_owned();
            if is_first {
                self.does_not_fit(planned.name, &name);
            }
        }
        if takes_memory && let Some(region) = self.regions.list.get_mut(region) {
            region.last = Some((addr, load_addr, addr.wrapping_add(size)));
        }
    }

    /// Looks whether an output section lies in its region.
    pub(super) fn check_region(&mut self, number: u32, region: usize, has_address: bool) {
        if region == self.regions.everything() {
            return;
        }
        let Some(section) = self.sections.get(number as usize) else { return };
        if !section.is_alloc() {
            return;
        }
        let (start, end) = (section.addr, section.end());
        let name = self.setting.plan.outputs.get(number as usize).map_or(&b""[..], |it| it.name);
        let name = String::from_utf8_lossy(name).into_owned();
        let output = self.setting.options.output.path().display().to_string();
        let Some(region) = self.regions.list.get_mut(region) else { return };
        let region_name = String::from_utf8_lossy(region.name).into_owned();
        let limit = region.origin.saturating_add(region.length);
        if start < region.origin || end > limit {
            if has_address {
                self.said.error(format!(
                    "address {end:#x} of {output} section `{name}' is not within region `{region_name}'"
                ));
            } else {
                region.overflow = region.overflow.max(end.saturating_sub(limit));
                if !std::mem::replace(&mut region.is_said, true) {
                    self.does_not_fit(name.as_bytes(), &region_name);
                }
            }
        }
    }

    fn does_not_fit(&mut self, section: &[u8], region: &str) {
        let output = self.setting.options.output.path().display().to_string();
        let section = String::from_utf8_lossy(section);
        self.said.error(format!("{output} section `{section}' will not fit in region `{region}'"));
    }

    /// Says which regions have overflown.
    pub(super) fn check_regions(&mut self) {
        for region in self.regions.list.iter().filter(|region| region.overflow > 0) {
            let name = String::from_utf8_lossy(region.name);
            let by = region.overflow;
            let bytes = if by == 1 { "byte" } else { "bytes" };
            self.said.error(format!("region `{name}' overflowed by {by} {bytes}"));
        }
    }
}

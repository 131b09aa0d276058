//! The units of `.debug_info` as far as they are known: looked through once, when something needs
//! them, and kept for all who come later.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::super::{Dump, Loaded, Text};
use super::found::Found;
use super::lookup::Sections;
use super::scan::{Scan, headers, scan};
use super::unit::unit_type;
use super::{Unit, abbrevs_of, package};
use crate::section::SectionId;

/// How far the units of `.debug_info` are known.
#[derive(Clone, Debug, Default)]
pub enum Known {
    /// Not yet.
    #[default]
    Nothing,
    /// All of them.
    Units(Arc<Scan>),
    /// They cannot be read.
    Failed,
}

impl<'data> Dump<'_, 'data> {
    /// The units of `.debug_info`, if they have been looked through.
    pub(in crate::dump) fn known_units(&self) -> Option<Arc<Scan>> {
        match &self.memory.units {
            Known::Units(units) => Some(units.clone()),
            _ => None,
        }
    }

    /// The units of `.debug_info`, for those who show what belongs to them.
    pub fn info_units(&mut self) -> Option<Arc<Scan>> {
        if let Known::Nothing = self.memory.units {
            if let Some(section) = self.load_info() {
                // Other lists than those that are shown are not loaded for it.
                self.load(SectionId::Rnglists);
                let sections = Sections::known(self, section.id);
                self.scan_info(&section, &sections);
            }
            if let Known::Nothing = self.memory.units {
                self.memory.units = Known::Failed;
            }
        }
        match &self.memory.units {
            Known::Units(units) => Some(units.clone()),
            _ => None,
        }
    }

    /// The section of units, if nothing is wrong with their lengths, which is said. Split units
    /// alone are looked for where there are no others.
    pub(in crate::dump) fn load_info(&mut self) -> Option<Arc<Loaded<'data>>> {
        let plain = self.load_whole(SectionId::Info);
        let section = plain.or_else(|| self.load_whole(SectionId::InfoDwo))?;
        if let Err(fault) = headers(&section, self.target.encoding) {
            fault.say(&mut self.text, &section);
            return None;
        }
        Some(section)
    }

    /// What units of a section need of others when split objects are looked for.
    pub(in crate::dump) fn load_tables(&mut self, section: &Loaded<'_>) -> Sections<'data> {
        let strings = self.load(SectionId::Str);
        let sections = Sections::of(self, section.id, strings);
        // GNU asks for lists twice, and so says twice that they cannot be read.
        for id in [SectionId::Loclists, SectionId::Rnglists] {
            self.load(id);
        }
        sections
    }

    /// Looks through the units of `.debug_info`, and says what is wrong with them.
    pub(in crate::dump) fn scan_info(&mut self, section: &Loaded<'_>, sections: &Sections<'_>) {
        let abbrevs_id = abbrevs_of(section.id);
        let Some(abbrevs) = self.load(abbrevs_id) else {
            let name = abbrevs_id.name();
            self.text.warn(format_args!("Unable to locate {name} section!"));
            return;
        };
        let bogus = self.memory.bogus.clone();
        let package = package::of(self, section.id);
        let tables = sections.tables();
        let start = self.options.start;
        let scan = scan(&mut self.text, section, &abbrevs, tables, &package, &bogus, start);
        for unit in scan.units.iter().flatten() {
            let before = self.memory.has_frame_base;
            self.memory.has_frame_base = unit.found.frame_base_at_end.unwrap_or(before);
        }
        if scan.is_complete {
            self.keep_units(&Arc::new(scan));
        }
        self.flush();
    }

    /// Keeps units for those who show what belongs to them. GNU counts none where all are of types.
    pub(super) fn keep_units(&mut self, scan: &Arc<Scan>) {
        let is_type = |unit: &Unit| unit.header.unit_type == unit_type::TYPE;
        if !scan.units.iter().flatten().all(is_type) {
            self.memory.units = Known::Units(scan.clone());
            self.memory.is_collected = true;
        }
    }

    /// The units of a section that is about to be shown: what is wrong is said then.
    pub(super) fn units_of(
        &mut self,
        section: &Loaded<'_>,
        abbrevs: &Loaded<'_>,
        sections: &Sections<'_>,
    ) -> Arc<Scan> {
        // There may be more sections of that name, in groups.
        let scanned = self.memory.loaded(SectionId::Info);
        if scanned.is_some_and(|scanned| std::ptr::eq(&raw const *scanned, section))
            && !self.memory.is_linked
            && let Known::Units(scan) = &self.memory.units
        {
            return scan.clone();
        }
        debug_assert_eq!(abbrevs_of(section.id), abbrevs.id);
        let mut unused = Text::default();
        let bogus = AtomicUsize::new(0);
        let package = package::of(self, section.id);
        let tables = sections.tables();
        let start = self.options.start;
        let mut scan = scan(&mut unused, section, abbrevs, tables, &package, &bogus, start);
        if self.memory.is_collected {
            // Lists are counted when they are looked for, and these were not.
            for unit in scan.units.iter_mut().flatten() {
                unit.found.forget_locations();
            }
        }
        if self.memory.is_linked
            && let Known::Units(known) = &self.memory.units
        {
            // GNU takes the units of the first file for those of the others.
            let mut known = known.units.iter().flatten();
            for unit in scan.units.iter_mut().flatten() {
                let found = known.next().map(|unit| &unit.found);
                unit.found.take_bases(found.unwrap_or(&Found::default()));
            }
        }
        Arc::new(scan)
    }
}

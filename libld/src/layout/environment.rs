//! What expressions see of the link while it is laid out.

use super::engine::Engine;
use crate::ids::SymbolId;
use crate::resolve::Kind;
use crate::script::ast::{Assertion, Constant, Name};
use crate::script::expr::{Environment, Lookup, Value};

/// The symbols that an expression asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// None.
    #[default]
    Nothing,
    /// This alone: what gets the value is of its type.
    One(SymbolId),
    /// Several.
    Many,
}

impl Asked {
    fn take(&mut self, id: Option<SymbolId>) {
        *self = match (*self, id) {
            (Self::Nothing, Some(id)) => Self::One(id),
            _ => Self::Many,
        };
    }
}

impl Engine<'_, '_> {
    /// What is known of an output section, by a function of it.
    fn of_section<T>(
        &self,
        name: Name<'_>,
        ask: impl FnOnce(&super::engine::Section) -> T,
    ) -> Lookup<T> {
        let number = self.setting.plan.output_named(name);
        match number.and_then(|number| self.sections.get(number as usize)) {
            Some(section) => Lookup::Known(ask(section)),
            None => Lookup::Missing,
        }
    }
}

impl Environment for Engine<'_, '_> {
    type Section = u32;

    fn current(&self) -> Option<u32> {
        self.current
    }

    fn is_sane(&self) -> bool {
        self.setting.plan.is_sane
    }

    fn dot(&self) -> Option<u64> {
        Some(self.dot)
    }

    fn address(&self, section: u32) -> Option<u64> {
        Some(self.base_of(section))
    }

    fn symbol(&mut self, name: Name<'_>) -> Lookup<Value<u32>> {
        self.asked.take(self.setting.names.find(name));
        if let Some(symbol) = self.symbols.get(name) {
            return match symbol.value.or(symbol.before) {
                Some(value) => Lookup::Known(value),
                None => Lookup::NotYet,
            };
        }
        self.known.value(name)
    }

    fn is_defined(&mut self, name: Name<'_>) -> bool {
        if let Some(symbol) = self.symbols.get(name)
            && symbol.value.is_some()
        {
            return true;
        }
        let Some(id) = self.setting.names.find(name) else { return false };
        match self.setting.resolved.symbols.get(id).kind {
            Kind::Definition | Kind::WeakDefinition | Kind::Common => true,
            Kind::Linker => self.setting.resolved.overridden.contains_key(&id),
            _ => false,
        }
    }

    fn section(&mut self, name: Name<'_>) -> Lookup<u32> {
        match self.setting.plan.output_named(name) {
            Some(number) => Lookup::Known(number),
            None => Lookup::Missing,
        }
    }

    fn load_address(&mut self, name: Name<'_>) -> Lookup<u64> {
        self.of_section(name, |section| section.load_addr)
    }

    fn size(&mut self, name: Name<'_>) -> Lookup<u64> {
        self.of_section(name, |section| if section.exists { section.size } else { 0 })
    }

    fn alignment(&mut self, name: Name<'_>) -> Lookup<u64> {
        self.of_section(name, |section| section.align)
    }

    fn size_of_headers(&mut self) -> Option<u64> {
        self.asks_for_headers = true;
        Some(self.headers)
    }

    fn origin(&mut self, region: Name<'_>) -> Lookup<u64> {
        self.regions.origin(region)
    }

    fn length(&mut self, region: Name<'_>) -> Lookup<u64> {
        self.regions.length(region)
    }

    fn constant(&self, constant: Constant) -> u64 {
        let pages = &self.setting.options.layout.pages;
        match constant {
            Constant::MaxPageSize => pages.max.unwrap_or(self.setting.machine.max_page),
            Constant::CommonPageSize => pages.common.unwrap_or(self.setting.machine.common_page),
        }
    }

    fn segment_start(&mut self, segment: Name<'_>) -> Option<u64> {
        let layout = &self.setting.options.layout;
        match segment {
            b"text-segment" => layout.text_segment,
            b"rodata-segment" => layout.rodata_segment,
            b"ldata-segment" => layout.ldata_segment,
            _ => None,
        }
    }

    fn data_segment_align(&mut self, max_page: u64, common_page: u64, dot: u64) -> Option<u64> {
        if self.is_settled {
            return self.data.base();
        }
        Some(self.data.start(max_page, common_page, dot))
    }

    fn data_segment_relro_end(&mut self, offset: u64, value: u64) -> Option<u64> {
        if self.is_settled {
            return Some(self.data.relro_end_at(offset, value));
        }
        Some(self.data.end_relro(offset, value))
    }

    fn data_segment_end(&mut self, value: u64) {
        if !self.is_settled {
            self.data.end(value);
        }
    }

    fn assertion_failed(&mut self, assertion: &Assertion<'_>) {
        if self.is_settled {
            self.said.fatal(assertion.message.name);
        }
    }
}

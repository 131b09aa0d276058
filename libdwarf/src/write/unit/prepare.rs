//! A unit made ready to be written: entries in their order, forms settled, indexes given.

use gimli::{DwAt, DwForm, constants as dw};

use super::super::attribute::{self, Attribute, Value};
use super::super::distance::Address;
use super::super::error::{Error, Result};
use super::super::lists;
use super::super::strings::StringId;
use super::super::tables::Indexes;
use super::abbrev::{Abbreviations, Specification};
use super::{Entry, EntryId, Unit, UnitKind};
use crate::section::SectionId;

/// An entry in the order of the section.
pub(super) struct Item {
    pub(super) entry: EntryId,
    /// The code of its abbreviation.
    pub(super) code: u64,
    /// Where its fields end; they begin where those of the item before end.
    pub(super) fields_end: usize,
    /// How many lists of children end with it.
    pub(super) closes: usize,
}

/// An attribute with its form.
pub(super) struct Field<'a> {
    pub(super) name: DwAt,
    pub(super) form: DwForm,
    pub(super) indirect: bool,
    pub(super) value: FieldValue<'a>,
}

/// The value of a field.
pub(super) enum FieldValue<'a> {
    /// Given by the caller.
    Given(&'a Value),
    /// The entry after the children.
    Sibling(EntryId),
    /// What follows from where other sections have what belongs to the unit.
    Base(Base),
    /// `DW_AT_GNU_dwo_id`
    DwoId(u64),
}

/// A table of the unit in another section, which indexes count from.
#[derive(Clone, Copy)]
pub(super) enum Base {
    Addresses,
    Strings,
    Ranges,
    Locations,
}

/// A unit made ready.
pub(super) struct Prepared<'a> {
    pub(super) unit: &'a Unit,
    pub(super) items: Vec<Item>,
    pub(super) fields: Vec<Field<'a>>,
    pub(super) addresses: Indexes<Address>,
    pub(super) strings: Indexes<StringId>,
    /// Whether an attribute has the index of a range list.
    pub(super) indexes_ranges: bool,
    /// Whether an attribute has the index of a location list.
    pub(super) indexes_locations: bool,
    /// Whether the size of an entry depends on where others lie.
    pub(super) is_elastic: bool,
    /// Whether an entry is in the tree.
    pub(super) reached: Vec<bool>,
}

impl<'a> Prepared<'a> {
    /// `macros` are the strings that the unit's macros have indexes of.
    pub(super) fn new(
        unit: &'a Unit,
        macros: impl Iterator<Item = StringId>,
        abbreviations: &mut Abbreviations,
    ) -> Result<Self> {
        let mut prepared = Self {
            unit,
            items: Vec::with_capacity(unit.entries.len()),
            fields: Vec::new(),
            addresses: Indexes::new(&unit.addresses),
            strings: Indexes::default(),
            indexes_ranges: false,
            indexes_locations: false,
            is_elastic: false,
            reached: vec![false; unit.entries.len()],
        };
        prepared.index_lists();
        prepared.index_attributes()?;
        macros.for_each(|id| prepared.strings.add(id));
        prepared.walk(abbreviations)?;
        Ok(prepared)
    }

    /// The section of the unit.
    pub(super) fn section(&self) -> SectionId {
        let in_types = self.unit.kind.is_type() && self.unit.encoding.version < 5;
        match (in_types, self.unit.kind.is_split()) {
            (false, false) => SectionId::Info,
            (false, true) => SectionId::InfoDwo,
            (true, false) => SectionId::Types,
            (true, true) => SectionId::TypesDwo,
        }
    }

    /// Whether attributes of a form give indexes a base that the root entry has to tell.
    fn has_bases(&self) -> bool {
        !self.unit.kind.is_split()
    }

    fn index_lists(&mut self) {
        let unit = self.unit;
        let is_split_loc = unit.kind.is_split() && unit.encoding.version < 5;
        let addresses = &mut self.addresses;
        let mut see = |address| addresses.add(address);
        for list in unit.ranges.iter().filter(|list| list.indexed) {
            lists::each_address(list, &mut see);
        }
        for list in &unit.locations {
            if list.indexed || is_split_loc {
                lists::each_address(list, &mut see);
            }
            for (_, expression) in &list.locations {
                expression.each_index(&mut see);
            }
        }
    }

    /// Gives an index to each address and string that attributes need one of. Those of entries
    /// outside the tree get one too, which does no harm.
    fn index_attributes(&mut self) -> Result<()> {
        for attribute in self.unit.entries.iter().flat_map(|entry| &entry.attributes) {
            let form = attribute.form(self.unit.encoding)?;
            match &attribute.value {
                Value::Address(address) if attribute::is_address_index(form) => {
                    self.addresses.add(*address);
                }
                Value::String(id) if attribute::is_string_index(form) => self.strings.add(*id),
                Value::Ranges(_) if form == dw::DW_FORM_rnglistx => self.indexes_ranges = true,
                Value::Locations(_) if form == dw::DW_FORM_loclistx => {
                    self.indexes_locations = true;
                }
                Value::Entry(_) if form == dw::DW_FORM_ref_udata => self.is_elastic = true,
                Value::Expression(expression) => {
                    let addresses = &mut self.addresses;
                    expression.each_index(&mut |address| addresses.add(address));
                    // Base types are referred to in LEB128.
                    self.is_elastic = true;
                }
                _ => {}
            }
        }
        let is_plain = !self.unit.kind.is_split();
        if self.unit.encoding.version < 5 && is_plain && !self.strings.items().is_empty() {
            let what = "an indexed string outside a split unit";
            return Err(Error::NeedsVersion { what, version: 5 });
        }
        Ok(())
    }

    /// Brings the entries in their order.
    fn walk(&mut self, abbreviations: &mut Abbreviations) -> Result<()> {
        let unit = self.unit;
        let mut stack: Vec<(&Entry, usize)> = Vec::new();
        let mut next = Some((unit.root(), None));
        loop {
            if let Some((id, sibling)) = next.take() {
                let entry = unit.get(id).ok_or(Error::Dangling("an entry"))?;
                self.add_item(id, entry, sibling, abbreviations)?;
                if !entry.children.is_empty() {
                    stack.push((entry, 0));
                }
            }
            let Some((parent, done)) = stack.last_mut() else { break };
            if let Some(&child) = parent.children.get(*done) {
                *done += 1;
                next = Some((child, parent.children.get(*done).copied()));
            } else {
                stack.pop();
                if let Some(last) = self.items.last_mut() {
                    last.closes += 1;
                }
            }
        }
        // A ring of entries hangs on nothing.
        let attached = unit.entries.iter().filter(|entry| entry.parent.is_some()).count();
        if attached + 1 == self.items.len() { Ok(()) } else { Err(Error::NoTree) }
    }

    fn add_item(
        &mut self,
        id: EntryId,
        entry: &'a Entry,
        sibling: Option<EntryId>,
        abbreviations: &mut Abbreviations,
    ) -> Result<()> {
        let first = self.fields.len();
        // First, as there are readers that want to know them before they meet an index.
        if id == self.unit.root() {
            self.add_bases(entry);
        }
        for attribute in &entry.attributes {
            let form = attribute.form(self.unit.encoding)?;
            let Attribute { name, indirect, .. } = *attribute;
            let value = FieldValue::Given(&attribute.value);
            self.fields.push(Field { name, form, indirect, value });
        }
        if let Some(sibling) = sibling.filter(|_| entry.sibling && !entry.children.is_empty()) {
            let form = match self.unit.encoding.format {
                gimli::Format::Dwarf32 => dw::DW_FORM_ref4,
                gimli::Format::Dwarf64 => dw::DW_FORM_ref8,
            };
            self.add_field(dw::DW_AT_sibling, form, FieldValue::Sibling(sibling));
        }
        let fields = self.fields.get(first..).unwrap_or_default();
        if entry.tag.0 == 0 || fields.iter().any(|field| field.name.0 == 0) {
            return Err(Error::Parameters("a tag or an attribute with the number 0"));
        }
        let specifications = fields.iter().map(|field| Specification {
            name: field.name,
            form: if field.indirect { dw::DW_FORM_indirect } else { field.form },
            constant: field.constant(),
        });
        let code = abbreviations.code(entry.tag, !entry.children.is_empty(), specifications);
        let fields_end = self.fields.len();
        self.items.push(Item { entry: id, code, fields_end, closes: 0 });
        if let Some(reached) = self.reached.get_mut(id.index()) {
            *reached = true;
        }
        Ok(())
    }

    fn add_field(&mut self, name: DwAt, form: DwForm, value: FieldValue<'a>) {
        self.fields.push(Field { name, form, indirect: false, value });
    }

    /// Adds what the root entry has to say of the unit's tables, unless the caller says it.
    fn add_bases(&mut self, root: &Entry) {
        let encoding = self.unit.encoding;
        let is_new = encoding.version >= 5;
        let addresses = if is_new { dw::DW_AT_addr_base } else { dw::DW_AT_GNU_addr_base };
        let bases = [
            (!self.addresses.items().is_empty(), addresses, Base::Addresses),
            (!self.strings.items().is_empty(), dw::DW_AT_str_offsets_base, Base::Strings),
            (self.indexes_ranges, dw::DW_AT_rnglists_base, Base::Ranges),
            (self.indexes_locations, dw::DW_AT_loclists_base, Base::Locations),
        ];
        for (is_needed, name, base) in bases {
            if is_needed && self.has_bases() && root.get(name).is_none() {
                let form = attribute::offset_form(encoding);
                self.add_field(name, form, FieldValue::Base(base));
            }
        }
        if let UnitKind::Skeleton { dwo_id } | UnitKind::SplitCompile { dwo_id } = self.unit.kind
            && !is_new
            && root.get(dw::DW_AT_GNU_dwo_id).is_none()
        {
            let value = FieldValue::DwoId(dwo_id);
            self.add_field(dw::DW_AT_GNU_dwo_id, dw::DW_FORM_data8, value);
        }
    }

    /// What offsets of lists before version 5 count from, until a list says otherwise.
    pub(super) fn base(&self) -> Address {
        let low = self.unit.get(self.unit.root()).and_then(|root| root.get(dw::DW_AT_low_pc));
        match low {
            Some(Value::Address(address)) => *address,
            _ => Address::Constant(0),
        }
    }
}

impl Field<'_> {
    /// The constant that an abbreviation holds, for its form.
    fn constant(&self) -> i64 {
        match self.value {
            FieldValue::Given(Value::Signed(value)) => *value,
            // No more than fits, or the form would have been refused.
            FieldValue::Given(Value::Unsigned(value)) => *value as i64,
            _ => 0,
        }
    }
}

//! Variables that lie at an address, and where they are declared.

use std::sync::Arc;

use gimli::constants as c;

use super::abbrev::Format;
use super::bytes::Bytes;
use super::entry::{self, Call};
use super::unit::Unit;
use super::units::Units;
use super::value::Value;

/// The most variables that are gathered.
const MOST_VARIABLES: usize = 2_000_000;

/// The variables of a file.
#[derive(Debug)]
pub(super) struct Variables {
    /// By address, those of one in the order of the file.
    list: Vec<Variable>,
    /// Those that each thread has a copy of, in the order of the file; they have no address.
    thread_local: Vec<Variable>,
}

/// Where a variable is.
enum Place<'data> {
    Address(Value<'data>),
    Thread,
}

/// A variable of which the file is known that declares it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variable {
    address: u64,
    /// Where its unit starts.
    pub(super) unit: u64,
    /// Where its entry is, from there on.
    pub(super) entry: u64,
    pub(super) declaration: Call,
}

impl Variables {
    /// Gathers those of these units: where each starts, and where its entries are.
    pub(super) fn of<'u, 'data: 'u>(
        all: impl Iterator<Item = (u64, (&'u Units<'data>, &'u Arc<Unit<'data>>))>,
    ) -> Self {
        let mut found = Self { list: Vec::new(), thread_local: Vec::new() };
        for (start, (units, unit)) in all {
            // What is damaged ends the walk; what came before it counts.
            let _ = found.walk(units, unit, start);
        }
        found.list.sort_by_key(|variable| variable.address);
        found.list.shrink_to_fit();
        found
    }

    /// The variables that each thread has a copy of.
    pub(super) fn thread_local(&self) -> &[Variable] {
        &self.thread_local
    }

    /// The variables that start at an address.
    pub(super) fn at(&self, address: u64) -> impl Iterator<Item = &Variable> {
        let place = self.list.partition_point(|variable| variable.address < address);
        let rest = self.list.get(place..).unwrap_or_default();
        rest.iter().take_while(move |variable| variable.address == address)
    }

    fn walk<'data>(&mut self, units: &Units<'data>, unit: &Unit<'data>, start: u64) -> Option<()> {
        let source = &units.source;
        let format = unit.header.format;
        let mut bytes = unit.bytes_at(source, unit.header.root);
        while !bytes.is_at_end() {
            let entry = (bytes.offset() as u64).checked_sub(unit.header.start)?;
            let code = bytes.uleb()?;
            if code == 0 {
                continue;
            }
            let abbrev = unit.abbrevs.get(code)?;
            if abbrev.tag != c::DW_TAG_variable {
                unit.abbrevs.skip(abbrev, format, &mut bytes)?;
                continue;
            }
            let mut place = None;
            let (mut is_external, mut is_placed) = (false, false);
            let mut declaration = Call::default();
            let mut origin = None;
            for spec in unit.abbrevs.specs(abbrev) {
                let start = bytes;
                let value = Value::read(spec, format, &mut bytes)?;
                match spec.name {
                    c::DW_AT_location => {
                        place = location(unit, format, spec.form, start);
                        is_placed = true;
                    }
                    c::DW_AT_external => is_external = true,
                    c::DW_AT_declaration | c::DW_AT_const_value => is_placed = true,
                    c::DW_AT_decl_file => declaration.file = value.unsigned(),
                    c::DW_AT_decl_line => declaration.line = value.unsigned().unwrap_or(0),
                    c::DW_AT_specification | c::DW_AT_abstract_origin => origin = Some(value),
                    _ => {}
                }
            }
            // For some machines compilers do not tell where those of threads are.
            if is_external && !is_placed {
                place = Some(Place::Thread);
            }
            let address = match place {
                Some(Place::Address(value)) => match unit.address(source, value) {
                    None => continue,
                    address => address,
                },
                Some(Place::Thread) => None,
                None => continue,
            };
            if let (None, Some(Value::InUnit(offset))) = (declaration.file, origin) {
                let declared = entry::declaration(units, unit, offset);
                if declared.unit.is_none() {
                    declaration = declared.place;
                }
            }
            if declaration.file.is_none() {
                continue;
            }
            let list = if address.is_some() { &mut self.list } else { &mut self.thread_local };
            (list.len() < MOST_VARIABLES).then_some(())?;
            let address = address.unwrap_or_default();
            list.push(Variable { address, unit: start, entry, declaration });
        }
        Some(())
    }
}

/// The place that an expression is which does nothing but to name it: an address, or an offset in
/// what each thread has of its own.
fn location<'data>(
    unit: &Unit<'data>,
    format: Format,
    form: gimli::DwForm,
    mut bytes: Bytes<'data>,
) -> Option<Place<'data>> {
    let size = match form {
        c::DW_FORM_exprloc | c::DW_FORM_block => bytes.uleb()?,
        c::DW_FORM_block1 => bytes.uint(1)?,
        c::DW_FORM_block2 => bytes.uint(2)?,
        c::DW_FORM_block4 => bytes.uint(4)?,
        _ => return None,
    };
    let end = (bytes.offset() as u64).checked_add(size)?.min(unit.header.end);
    let mut bytes = bytes.up_to(end);
    let operation = gimli::DwOp(bytes.u8()?);
    let value = match operation {
        c::DW_OP_addr => Value::Address(bytes.uint(format.address_size)?),
        c::DW_OP_const4u => Value::Address(bytes.uint(4)?),
        c::DW_OP_const8u => Value::Address(bytes.uint(8)?),
        c::DW_OP_addrx | c::DW_OP_constx | c::DW_OP_GNU_addr_index | c::DW_OP_GNU_const_index => {
            Value::AddressIndex(bytes.uleb()?)
        }
        _ => return None,
    };
    if bytes.is_at_end() {
        let is_address =
            matches!(operation, c::DW_OP_addr | c::DW_OP_addrx | c::DW_OP_GNU_addr_index);
        return is_address.then_some(Place::Address(value));
    }
    match gimli::DwOp(bytes.u8()?) {
        c::DW_OP_form_tls_address | c::DW_OP_GNU_push_tls_address => Some(Place::Thread),
        _ => None,
    }
}

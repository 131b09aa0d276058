//! What the entry of a function tells: its name, and where it was inlined.

use std::sync::Arc;

use gimli::constants as c;

use super::functions::names_are_symbols;
use super::split::PackedTypes;
use super::unit::{Span, Unit};
use super::units::Units;
use super::value::Value;

/// So many entries are looked at for one answer: entries can lead to each other in circles.
const MOST_ENTRIES: usize = 100;

/// The name of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Name<'data> {
    /// As it stands in the file: mangled, if there is such a name.
    pub text: Option<&'data [u8]>,
    /// Whether that is the name of its symbol: a linkage name, or the name in a language that
    /// mangles none.
    pub is_symbol: bool,
}

/// Where a function was inlined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) file: Option<u64>,
    pub(super) line: u64,
    pub(super) column: u64,
}

/// A file, its supplementary one if there is one, and the type units of its package.
#[derive(Clone, Copy, Debug)]
pub(super) struct Files<'a, 'data> {
    pub(super) main: &'a Units<'data>,
    pub(super) supplementary: Option<&'a Units<'data>>,
    pub(super) packed_types: PackedTypes<'a, 'data>,
}

/// An entry.
struct Entry<'a, 'data> {
    units: &'a Units<'data>,
    unit: Arc<Unit<'data>>,
    /// From the start of the unit.
    offset: u64,
}

/// The name of the function whose entry is there, from the start of the unit.
pub(super) fn name<'data>(
    files: Files<'_, 'data>,
    unit: &Arc<Unit<'data>>,
    offset: u64,
) -> Name<'data> {
    let mut name = Name::default();
    let entry = Entry { units: files.main, unit: Arc::clone(unit), offset };
    let mut left = MOST_ENTRIES;
    // What is damaged ends the entry; what came before it counts.
    let _ = follow(files, &entry, &mut name, &mut left);
    name
}

fn follow<'data>(
    files: Files<'_, 'data>,
    entry: &Entry<'_, 'data>,
    name: &mut Name<'data>,
    left: &mut usize,
) -> Option<()> {
    *left = left.checked_sub(1)?;
    let unit = &*entry.unit;
    let source = &entry.units.source;
    let at = unit.header.start.checked_add(entry.offset)?;
    (at >= unit.header.root).then_some(())?;
    let mut bytes = unit.bytes_at(source, at);
    let abbrev = unit.abbrevs.get(bytes.uleb()?)?;
    // A name is read last: a linkage name may make it superfluous.
    let mut plain = None;
    let add_plain = |name: &mut Name<'data>, plain: &mut Option<Value<'data>>| {
        if let Some(value) = plain.take().filter(|_| name.text.is_none()) {
            name.text = unit.string(source, value);
            name.is_symbol |= unit.language.is_some_and(names_are_symbols);
        }
    };
    let mut whole = Some(());
    for spec in unit.abbrevs.specs(abbrev) {
        let Some(value) = Value::read(spec, unit.header.format, &mut bytes) else {
            whole = None;
            break;
        };
        match spec.name {
            c::DW_AT_name => {
                add_plain(name, &mut plain);
                plain = Some(value);
            }
            c::DW_AT_linkage_name | c::DW_AT_MIPS_linkage_name => {
                if let Some(text) = unit.string(source, value) {
                    *name = Name { text: Some(text), is_symbol: true };
                }
            }
            c::DW_AT_abstract_origin | c::DW_AT_specification => {
                add_plain(name, &mut plain);
                if let Some(next) = target(files, entry, value) {
                    let _ = follow(files, &next, name, left);
                }
            }
            _ => {}
        }
    }
    add_plain(name, &mut plain);
    whole
}

/// The entry that a value leads to.
fn target<'a, 'data>(
    files: Files<'a, 'data>,
    entry: &Entry<'a, 'data>,
    value: Value<'data>,
) -> Option<Entry<'a, 'data>> {
    let in_section = |units: &'a Units<'data>, offset: u64| {
        let unit = units.around(offset)?;
        let offset = offset.checked_sub(unit.header.start)?;
        Some(Entry { units, unit, offset })
    };
    match value {
        Value::InUnit(offset) => {
            Some(Entry { units: entry.units, unit: Arc::clone(&entry.unit), offset })
        }
        Value::InSection(offset) => in_section(entry.units, offset),
        Value::InSupplementary(offset) => in_section(files.supplementary?, offset),
        Value::Signature(signature) => {
            let of = |units: &'a Units<'data>| {
                let (unit, offset) = units.of_signature(signature)?;
                Some(Entry { units, unit, offset })
            };
            of(entry.units).or_else(|| of(files.packed_types.with(signature)?))
        }
        _ => None,
    }
}

/// Where the function was inlined whose entry is there.
pub(super) fn call<'data>(units: &Units<'data>, unit: &Unit<'data>, offset: u64) -> Call {
    let mut call = Call::default();
    let mut bytes = unit.bytes_at(&units.source, unit.header.start.saturating_add(offset));
    let Some(abbrev) = bytes.uleb().and_then(|code| unit.abbrevs.get(code)) else { return call };
    for spec in unit.abbrevs.specs(abbrev) {
        let Some(value) = Value::read(spec, unit.header.format, &mut bytes) else { break };
        match spec.name {
            c::DW_AT_call_file => call.file = value.unsigned(),
            c::DW_AT_call_line => call.line = value.unsigned().unwrap_or(0),
            c::DW_AT_call_column => call.column = value.unsigned().unwrap_or(0),
            _ => {}
        }
    }
    call
}

/// The start of the first range of the function whose entry is there.
pub(super) fn start<'data>(units: &Units<'data>, unit: &Unit<'data>, offset: u64) -> Option<u64> {
    let source = &units.source;
    let mut bytes = unit.bytes_at(source, unit.header.start.checked_add(offset)?);
    let abbrev = unit.abbrevs.get(bytes.uleb()?)?;
    let mut span = Span::default();
    for spec in unit.abbrevs.specs(abbrev) {
        span.add(spec.name, Value::read(spec, unit.header.format, &mut bytes)?);
    }
    let mut ranges = Vec::new();
    span.resolve(source, unit, &mut ranges, 1);
    ranges.first().map(|range| range.start)
}

/// Where a thing is declared: the number of the file is one of the unit.
#[derive(Clone, Debug)]
pub(super) struct Declared<'data> {
    pub(super) place: Call,
    /// Another unit than the one that was asked, as programs have that were optimised whole.
    pub(super) unit: Option<Arc<Unit<'data>>>,
}

/// Where the thing is declared whose entry is there. The entry that it completes, or is a copy of,
/// tells what is not told before or after it: the last attribute counts.
pub(super) fn declaration<'data>(
    units: &Units<'data>,
    unit: &Unit<'data>,
    offset: u64,
) -> Declared<'data> {
    let mut found = Declared { place: Call::default(), unit: None };
    let mut left = MOST_ENTRIES;
    // What is damaged ends the entry; what came before it counts.
    let _ = declared(units, unit, offset, &mut found, &mut left);
    found
}

fn declared<'data>(
    units: &Units<'data>,
    unit: &Unit<'data>,
    offset: u64,
    found: &mut Declared<'data>,
    left: &mut usize,
) -> Option<()> {
    *left = left.checked_sub(1)?;
    let mut bytes = unit.bytes_at(&units.source, unit.header.start.checked_add(offset)?);
    let abbrev = unit.abbrevs.get(bytes.uleb()?)?;
    for spec in unit.abbrevs.specs(abbrev) {
        let value = Value::read(spec, unit.header.format, &mut bytes)?;
        match (spec.name, value) {
            (c::DW_AT_decl_file, value) => found.place.file = value.unsigned(),
            (c::DW_AT_decl_line, value) => found.place.line = value.unsigned().unwrap_or(0),
            (c::DW_AT_specification | c::DW_AT_abstract_origin, Value::InUnit(offset)) => {
                let _ = declared(units, unit, offset, found, left);
            }
            (c::DW_AT_specification | c::DW_AT_abstract_origin, Value::InSection(offset)) => {
                let Some(other) = units.around(offset) else { continue };
                let Some(offset) = offset.checked_sub(other.header.start) else { continue };
                let before = found.place.file;
                let _ = declared(units, &other, offset, found, left);
                if found.place.file != before && found.unit.is_none() {
                    found.unit = Some(other);
                }
            }
            _ => {}
        }
    }
    Some(())
}

//! `.note.gnu.property`: what code needs and can do, merged from all objects into one note.
//! Linux gABI extensions; x86-64 psABI, section 5.2.
//!
//! The type of a property says how it is merged, and what an object without it means:
//!
//! | rule | value | an object without it |
//! |---|---|---|
//! | stack size | the largest | says nothing |
//! | no copy on protected | none: it is there | says nothing |
//! | and | bits of all | has no bits |
//! | or | bits of any | says nothing |
//! | or-and | bits of any | the output has no such property |
//!
//! An object whose note cannot be understood is one without properties, and its note is copied as
//! any other section is.

use std::collections::BTreeMap;

use libelf::note::{Format, Notes, OWNER_GNU};
use libelf::raw::{NT_GNU_PROPERTY_TYPE_0, SHT_NOTE};
use libelf::{Encoding, SectionHeader};
use rayon::prelude::*;

use crate::diagnostics::Diagnostics;
use crate::ids::{FileId, SectionId};
use crate::input::{Object, Origin};
use crate::resolve::Resolved;

/// The name of the section.
pub const NAME: &[u8] = b".note.gnu.property";

const STACK_SIZE: u32 = 1;
const NO_COPY_ON_PROTECTED: u32 = 2;
/// `GNU_PROPERTY_1_NEEDED`
const NEEDED_1: u32 = 0xb000_8000;
/// `GNU_PROPERTY_1_NEEDED_INDIRECT_EXTERN_ACCESS`
const INDIRECT_EXTERN_ACCESS: u64 = 1 << 0;
/// The types that a machine gives a meaning.
const PROCESSOR: std::ops::RangeInclusive<u32> = 0xc000_0000..=0xdfff_ffff;

/// How values of a type are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The largest number, as wide as an address.
    Largest,
    /// It has no value.
    Flag,
    /// Bits that all objects have.
    And,
    /// Bits that any object has.
    Or,
    /// Bits that any object has, if all have the property.
    OrAnd,
}

/// What a machine adds to the rules.
#[derive(Clone, Debug, Default)]
pub struct ProcessorRules {
    /// The rule of a type from `0xc0000000` to `0xdfffffff`.
    pub rule: Option<fn(u32) -> Option<Rule>>,
    /// Bits that the output has whatever its inputs say: a type, and its bits.
    pub forced: Vec<(u32, u32)>,
    /// What is told of objects.
    pub reports: Vec<FeatureReport>,
    /// What the machine is called in messages.
    pub name: &'static str,
    /// The size of the stack (`-z stack-size`), in bytes.
    pub stack_size: Option<u64>,
    /// Whether others must reach the output's symbols by tables only
    /// (`-z indirect-extern-access`); `None`: as inputs say.
    pub indirect_extern_access: Option<bool>,
}

/// What the command line asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// How large the stack must be at least (`-z stack-size`), in bytes; 0 if nothing is asked for.
    pub stack_size: u64,
}

/// Bits that each object should have.
#[derive(Clone, Debug)]
pub struct FeatureReport {
    /// The type.
    pub kind: u32,
    /// The bits and their names.
    pub bits: Vec<(u32, &'static str)>,
    /// Whether an object without one is an error.
    pub is_error: bool,
}

/// The properties of a file: by type, in the order in which they are stored.
type Map = BTreeMap<u32, u64>;

/// The note of the output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// The bytes of the section; empty if there are no properties.
    pub note: Vec<u8>,
    /// The alignment of the section, in bytes.
    pub align: u64,
    /// What merging changed, as maps tell it.
    pub changes: Vec<String>,
    /// The sections of inputs that it stands for, in order.
    replaced: Vec<SectionId>,
    /// By type, what the properties say.
    values: Map,
}

impl Properties {
    /// What the property of this type says; 0 if there is none.
    pub fn value(&self, kind: u32) -> u64 {
        self.values.get(&kind).copied().unwrap_or(0)
    }

    /// Whether the output's note stands for this section of an input.
    pub fn replaces(&self, section: SectionId) -> bool {
        self.replaced.binary_search(&section).is_ok()
    }
}

/// Merges the notes of all objects.
pub fn merge(
    resolved: &Resolved<'_>,
    encoding: Encoding,
    rules: &ProcessorRules,
    wishes: Wishes,
    diagnostics: &mut Diagnostics,
) -> Properties {
    let mut properties = Properties { align: encoding.word_size() as u64, ..Properties::default() };
    let mut all = Vec::new();
    let files = (0..resolved.files.len() as u32).into_par_iter();
    let found: Vec<_> = files
        .filter_map(|number| {
            let object = resolved.object(FileId(number))?;
            let (mut replaced, mut said) = (Vec::new(), Diagnostics::new());
            let found = of_object(FileId(number), object, rules, &mut replaced, &mut said);
            Some((object, found, replaced, said))
        })
        .collect();
    for (object, found, mut replaced, said) in found {
        properties.replaced.append(&mut replaced);
        diagnostics.append(said);
        report(object, &found, rules, diagnostics);
        all.push((object.origin, found));
    }
    // The first file with properties takes in those of all others.
    let first = all.iter().position(|(_, found)| !found.is_empty()).unwrap_or(0);
    let mut merged = all.get(first).map(|(_, found)| found.clone());
    for (number, (origin, found)) in all.iter().enumerate() {
        if let (Some(before), true) = (&merged, number != first) {
            let joined = join(before, found, rules);
            let taker = all.get(first).map_or(*origin, |(origin, _)| *origin);
            changes([before, found, &joined], (taker, *origin), rules, &mut properties.changes);
            merged = Some(joined);
        }
    }
    let mut merged = merged.unwrap_or_default();
    // Where no object speaks of properties, the output does not either.
    if wishes.stack_size != 0 && all.iter().any(|(_, found)| !found.is_empty()) {
        let size = merged.entry(STACK_SIZE).or_default();
        *size = wishes.stack_size.max(*size);
    }
    for &(kind, bits) in &rules.forced {
        *merged.entry(kind).or_default() |= u64::from(bits);
    }
    merged.retain(|&kind, &mut value| match rule(kind, rules) {
        Some(Rule::And | Rule::Or) => value != 0,
        _ => true,
    });
    ask(&mut merged, rules, all.iter().any(|(_, found)| !found.is_empty()));
    if !merged.is_empty() {
        properties.note = note(&merged, rules, encoding);
    }
    properties.values = merged;
    properties
}

/// Adds what options ask for. A note is not made for the stack alone.
fn ask(merged: &mut Map, rules: &ProcessorRules, has_notes: bool) {
    if let Some(size) = rules.stack_size.filter(|&size| has_notes && size != 0) {
        let value = merged.entry(STACK_SIZE).or_default();
        *value = size.max(*value);
    }
    match rules.indirect_extern_access {
        Some(true) => *merged.entry(NEEDED_1).or_default() |= INDIRECT_EXTERN_ACCESS,
        Some(false) => {
            if let Some(value) = merged.get_mut(&NEEDED_1) {
                *value &= !INDIRECT_EXTERN_ACCESS;
            }
        }
        None => {}
    }
}

fn rule(kind: u32, rules: &ProcessorRules) -> Option<Rule> {
    match kind {
        STACK_SIZE => Some(Rule::Largest),
        NO_COPY_ON_PROTECTED => Some(Rule::Flag),
        0xb000_0000..=0xb000_7fff => Some(Rule::And),
        0xb000_8000..=0xb000_ffff => Some(Rule::Or),
        kind if PROCESSOR.contains(&kind) => rules.rule.and_then(|rule| rule(kind)),
        _ => None,
    }
}

/// The size of a value, in bytes.
fn value_size(rule: Rule, encoding: Encoding) -> usize {
    match rule {
        Rule::Largest => encoding.word_size(),
        Rule::Flag => 0,
        _ => 4,
    }
}

/// What all files before and this one have together.
fn join(merged: &Map, file: &Map, rules: &ProcessorRules) -> Map {
    let mut joined = Map::new();
    let kinds = merged.keys().chain(file.keys().filter(|kind| !merged.contains_key(kind)));
    for &kind in kinds {
        let (a, b) = (merged.get(&kind).copied(), file.get(&kind).copied());
        let value = match (rule(kind, rules), a, b) {
            (Some(Rule::And), a, b) => Some(a.unwrap_or(0) & b.unwrap_or(0)),
            (Some(Rule::OrAnd), Some(a), Some(b)) => Some(a | b),
            (Some(Rule::Or), a, b) => Some(a.unwrap_or(0) | b.unwrap_or(0)),
            (Some(Rule::Largest | Rule::Flag), a, b) => a.max(b),
            _ => None,
        };
        if let Some(value) = value {
            joined.insert(kind, value);
        }
    }
    joined
}

/// Tells which of the properties `[before, of the file, after]` merging took away or changed.
fn changes(
    [before, file, after]: [&Map; 3],
    (first, other): (Origin<'_>, Origin<'_>),
    rules: &ProcessorRules,
    told: &mut Vec<String>,
) {
    let has_bits = |kind: u32| matches!(rule(kind, rules), Some(Rule::And | Rule::Or));
    let value = |map: &Map, kind: u32| {
        map.get(&kind).copied().filter(|&value| value != 0 || !has_bits(kind))
    };
    let shown = |value: Option<u64>| value.map_or("not found".to_owned(), |it| format!("{it:#x}"));
    let kinds = before.keys().chain(file.keys().filter(|kind| !before.contains_key(kind)));
    for &kind in kinds {
        let (a, b, c) = (value(before, kind), value(file, kind), value(after, kind));
        if a == c && (a.is_some() || b.is_none()) {
            continue;
        }
        let what = match c {
            None => format!("Removed property {kind:#x}"),
            Some(value) => format!("Updated property {kind:#x} ({value:#x})"),
        };
        told.push(format!("{what} to merge {first} ({}) and {other} ({})", shown(a), shown(b)));
    }
}

fn of_object(
    file: FileId,
    object: &Object<'_>,
    rules: &ProcessorRules,
    replaced: &mut Vec<SectionId>,
    diagnostics: &mut Diagnostics,
) -> Map {
    let mut all = Map::new();
    let mut sections = Vec::new();
    for (index, header) in (0_u32..).zip(object.sections.iter()) {
        if header.kind != SHT_NOTE || !object.section_names.is_at(header.name.into(), NAME) {
            continue;
        }
        match read(object, &header, rules, &mut all) {
            Ok(()) => sections.push(SectionId { file, index }),
            Err(fault) => {
                diagnostics.warn(fault.text(object));
                return Map::new();
            }
        }
    }
    replaced.append(&mut sections);
    all
}

/// Why a note cannot be understood.
enum Fault {
    /// After `warning: FILE: `.
    Warning(String),
    /// After `error: FILE: `.
    Error(String),
}

impl Fault {
    fn text(&self, object: &Object<'_>) -> String {
        let origin = object.origin;
        match self {
            Self::Warning(text) => format!("warning: {origin}: {text}"),
            Self::Error(text) => format!("error: {origin}: {text}"),
        }
    }
}

fn read(
    object: &Object<'_>,
    header: &SectionHeader,
    rules: &ProcessorRules,
    all: &mut Map,
) -> Result<(), Fault> {
    let encoding = object.encoding();
    let bytes = object.section_data(header);
    let notes = Notes::new(bytes, encoding, Format::Standard, header.addralign, header.offset);
    let malformed = || Fault::Warning("corrupt .note.gnu.property section".to_owned());
    for note in notes.map_err(|_| malformed())? {
        let note = note.map_err(|_| malformed())?;
        if note.is(OWNER_GNU, NT_GNU_PROPERTY_TYPE_0) {
            read_note(note.desc, encoding, rules, all)?;
        }
    }
    Ok(())
}

fn read_note(
    desc: &[u8],
    encoding: Encoding,
    rules: &ProcessorRules,
    all: &mut Map,
) -> Result<(), Fault> {
    let align = encoding.word_size();
    if desc.len() < 8 || !desc.len().is_multiple_of(align) {
        let size = alternate_hex(desc.len());
        return Err(Fault::Warning(format!("corrupt GNU_PROPERTY_TYPE (5) size: {size}")));
    }
    let mut rest = desc;
    while !rest.is_empty() {
        let head = encoding.u32(rest, 0).zip(encoding.u32(rest, 4)).zip(rest.get(8..));
        let Some(((kind, size), value)) = head else {
            let size = alternate_hex(desc.len());
            return Err(Fault::Warning(format!("corrupt GNU_PROPERTY_TYPE (5) size: {size}")));
        };
        let size = size as usize;
        if size > value.len() {
            return Err(Fault::Warning(format!(
                "corrupt GNU_PROPERTY_TYPE (5) type ({kind:#x}) datasz: {size:#x}"
            )));
        }
        let Some(rule) = rule(kind, rules) else {
            return Err(Fault::Warning(format!(
                "unsupported GNU_PROPERTY_TYPE (5) type: {kind:#x}"
            )));
        };
        if size != value_size(rule, encoding) {
            return Err(wrong_size(kind, rule, size, rules));
        }
        let value_here = if size == 0 { 0 } else { encoding.uint(value, 0, size).unwrap_or(0) };
        let known = all.entry(kind).or_insert(0);
        *known = if rule == Rule::Largest { value_here.max(*known) } else { *known | value_here };
        rest = value.get(size.next_multiple_of(align)..).unwrap_or_default();
    }
    Ok(())
}

fn wrong_size(kind: u32, rule: Rule, size: usize, rules: &ProcessorRules) -> Fault {
    match rule {
        Rule::Largest => Fault::Warning(format!("corrupt stack size: {size:#x}")),
        Rule::Flag => Fault::Warning(format!("corrupt no copy on protected size: {size:#x}")),
        _ if PROCESSOR.contains(&kind) => {
            Fault::Error(format!("<corrupt {} property ({kind:#x}) size: {size:#x}>", rules.name))
        }
        _ => Fault::Error(format!("<corrupt property ({kind:#x}) size: {size:#x}>")),
    }
}

/// As printf's `%#x`, which gives zero no prefix.
fn alternate_hex(number: usize) -> String {
    if number == 0 { "0".to_owned() } else { format!("{number:#x}") }
}

/// Tells of bits that an object should have.
fn report(object: &Object<'_>, found: &Map, rules: &ProcessorRules, diagnostics: &mut Diagnostics) {
    for report in &rules.reports {
        let value = found.get(&report.kind).copied().unwrap_or(0);
        let missing = report.bits.iter().filter(|&&(bit, _)| value & u64::from(bit) == 0);
        let missing: Vec<_> = missing.map(|&(_, name)| name).collect();
        if missing.is_empty() {
            continue;
        }
        let word = if report.is_error { "error" } else { "warning" };
        let noun = if missing.len() > 1 { "properties" } else { "property" };
        let names = missing.join(" and ");
        let text = format!("{}: {word}: missing {names} {noun}", object.origin);
        if report.is_error {
            diagnostics.error(text);
        } else {
            diagnostics.warn(text);
        }
    }
}

/// The section's bytes.
fn note(merged: &Map, rules: &ProcessorRules, encoding: Encoding) -> Vec<u8> {
    let align = encoding.word_size();
    let word = |value: u32| {
        if encoding.is_big_endian() { value.to_be_bytes() } else { value.to_le_bytes() }
    };
    let mut desc = Vec::new();
    for (&kind, &value) in merged {
        let Some(rule) = rule(kind, rules) else { continue };
        let size = value_size(rule, encoding);
        desc.extend(word(kind));
        desc.extend(word(size as u32));
        match (size, encoding.is_big_endian()) {
            (8, true) => desc.extend(value.to_be_bytes()),
            (8, false) => desc.extend(value.to_le_bytes()),
            (4, _) => desc.extend(word(value as u32)),
            _ => {}
        }
        desc.resize(desc.len().next_multiple_of(align), 0);
    }
    let mut note = Vec::with_capacity(16 + desc.len());
    note.extend(word(4));
    note.extend(word(desc.len() as u32));
    note.extend(word(NT_GNU_PROPERTY_TYPE_0.0));
    note.extend(b"GNU\0");
    note.append(&mut desc);
    note
}

#[cfg(test)]
mod tests;

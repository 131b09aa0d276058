//! The version of a dynamic symbol, as it is shown behind the symbol's name: `memcpy@@GLIBC_2.14`.
//!
//! Each dynamic symbol has a version index, in the table at `DT_VERSYM`. What it stands for is
//! listed in two chains of structures: the versions that the file defines (`DT_VERDEF`) and those
//! that it needs from others (`DT_VERNEED`). The chains are walked once; then a look-up is an
//! index into a table, whatever the chain's length, and reports again what the walk ran into.
//!
//! | shown | the symbol |
//! |---|---|
//! | `name@@VERSION` | is defined, with this version as the default one |
//! | `name@VERSION` | is defined, hidden from look-ups without a version |
//! | `name@VERSION (4)` | is needed with this version, which has index 4 |

use common::{Output, format};
use libelf::raw::{
    DT_VERDEF, DT_VERNEED, DT_VERSYM, SHN_UNDEF, SymbolSection, VER_FLG_BASE, VER_NDX_GLOBAL,
};
use libelf::version::{VERSYM_HIDDEN, VERSYM_INDEX, Verdaux, Verdef, Vernaux, Verneed};
use libelf::{Encoding, Record, StringTable};

use crate::object::{CORRUPT, Object, loaded_range};
use crate::text;

/// The most structures of a chain that are looked at. Indexes have 15 bits, so a longer chain
/// only repeats itself.
const MOST_STEPS: usize = 1 << 20;

/// The versions of the dynamic symbols of a file.
pub struct SymbolVersions<'data> {
    indexes: Indexes<'data>,
    defined: Option<Chain<Definition<'data>>>,
    needed: Option<Chain<&'data [u8]>>,
}

/// The version of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SymbolVersion<'data> {
    /// The version's name.
    pub name: &'data [u8],
    /// What the symbol has to do with it.
    pub kind: VersionKind,
}

/// How a symbol relates to its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionKind {
    /// It is defined, and found by look-ups without a version.
    Default,
    /// It is defined, and hidden from look-ups without a version.
    Hidden,
    /// It is needed, with the version of this index.
    Needed(u16),
}

impl SymbolVersion<'_> {
    /// Appends what stands between the symbol's name and the version's index: `@@VERSION`.
    pub fn push_name(&self, text: &mut Vec<u8>) {
        text.extend_from_slice(if self.kind == VersionKind::Default { b"@@" } else { b"@" });
        text.extend_from_slice(&text::printable(self.name));
    }

    /// Appends the version as symbol tables show it: `@VERSION (2)`.
    pub fn push(&self, text: &mut Vec<u8>) {
        self.push_name(text);
        if let VersionKind::Needed(index) = self.kind {
            text.extend_from_slice(b" (");
            format::dec(text, index.into());
            text.push(b')');
        }
    }
}

/// What a version definition says of its name.
#[derive(Clone, Copy)]
enum Definition<'data> {
    /// It is the file's own name, which is not shown.
    Base,
    Named(&'data [u8]),
    /// The structure with the name lies outside the file.
    OutOfFile,
}

/// Structures that each tell where the next one is, as found by a walk along them.
struct Chain<T> {
    place: Place,
    /// What the first structure with each index says.
    by_index: Vec<Option<T>>,
    /// What the walk ran into.
    stopped_by: Option<OutOfFile>,
}

/// Bytes that were to be read and lie outside the file.
#[derive(Clone, Copy)]
struct OutOfFile {
    size: usize,
    what: &'static str,
}

impl OutOfFile {
    fn report(self, out: &mut Output) {
        let Self { size, what } = self;
        out.error(format_args!("Reading {size} bytes extends past end of file for {what}"));
    }
}

const NO_DEFINITION: OutOfFile = OutOfFile { size: 20, what: "version def" };
const NO_DEFINITION_NAME: OutOfFile = OutOfFile { size: 8, what: "version def aux" };
const NO_NEED: OutOfFile = OutOfFile { size: 16, what: "version need" };
const NO_NEED_NAME: OutOfFile = OutOfFile { size: 16, what: "version need aux (3)" };

/// The place in the file of something at a virtual address.
#[derive(Clone, Copy)]
struct Place {
    addr: u64,
    offset: u64,
    /// Whether a segment holds the address; if not, each use warns.
    is_loaded: bool,
}

impl Place {
    fn report(self, out: &mut Output) {
        if !self.is_loaded {
            out.warn(format_args!(
                "Virtual address {:#x} not located in any PT_LOAD segment.",
                self.addr
            ));
        }
    }
}

/// The table at `DT_VERSYM`.
struct Indexes<'data> {
    data: &'data [u8],
    encoding: Encoding,
    addr: u64,
    /// The segments that hold its start, as the address behind the segment's contents and the
    /// file offset of the table by that segment; the first one that holds the wanted part of the
    /// table counts. Both grow.
    loaded: Vec<(u64, u64)>,
}

impl Indexes<'_> {
    /// The version index of the symbol with this `symbol` index.
    fn get(&self, out: &mut Output, symbol: u64) -> Option<u16> {
        let start = symbol.saturating_mul(2);
        let end = self.addr.checked_add(start.saturating_add(2));
        let holder = end.and_then(|end| {
            self.loaded.get(self.loaded.partition_point(|&(limit, _)| limit < end))
        });
        let offset = if let Some(&(_, offset)) = holder {
            offset
        } else {
            Place { addr: self.addr, offset: self.addr, is_loaded: false }.report(out);
            self.addr
        };
        let index = usize::try_from(offset.wrapping_add(start))
            .ok()
            .and_then(|at| self.encoding.u16(self.data, at));
        if index.is_none() {
            OutOfFile { size: 2, what: "version data" }.report(out);
        }
        index
    }
}

impl<'data> SymbolVersions<'data> {
    /// Reads the tables that the dynamic section names, once it is loaded; `None` if symbols have
    /// no versions. Prints nothing: what is wrong is reported for each symbol it matters to.
    pub fn read(object: &Object<'data>) -> Option<Self> {
        let address = |tag| object.dynamic.value(tag).filter(|&addr| addr != 0);
        let indexes_at = address(DT_VERSYM)?;
        let versions = Self {
            indexes: indexes(object, indexes_at),
            defined: address(DT_VERDEF).map(|addr| definitions(object, addr)),
            needed: address(DT_VERNEED).map(|addr| needs(object, addr)),
        };
        Some(versions)
    }

    /// The version of the dynamic symbol with this index in its table, defined in `section` and
    /// called `name`; `None` if it has none to be shown.
    pub fn lookup(
        &self,
        out: &mut Output,
        symbol: u64,
        section: SymbolSection,
        name: &[u8],
    ) -> Option<SymbolVersion<'data>> {
        let index = self.indexes.get(out, symbol)?;
        if index == 0 || (self.defined.is_none() && self.needed.is_none()) {
            return None;
        }
        let kind =
            if index & VERSYM_HIDDEN == 0 { VersionKind::Default } else { VersionKind::Hidden };
        if section != SHN_UNDEF
            && index != VERSYM_HIDDEN | VER_NDX_GLOBAL.0
            && let Some(chain) = &self.defined
        {
            match chain.find(out, index & VERSYM_INDEX).ok()? {
                Some(Definition::Base) => return None,
                Some(Definition::Named(version)) => {
                    return (version != name).then_some(SymbolVersion { name: version, kind });
                }
                Some(Definition::OutOfFile) => {
                    NO_DEFINITION_NAME.report(out);
                    return None;
                }
                None => {}
            }
        }
        let needed = self.needed.as_ref()?;
        match needed.find(out, index).ok()? {
            Some(name) => Some(SymbolVersion { name, kind: VersionKind::Needed(index) }),
            None if index & VERSYM_INDEX <= VER_NDX_GLOBAL.0 => None,
            None => Some(SymbolVersion { name: CORRUPT, kind }),
        }
    }
}

impl<T: Copy> Chain<T> {
    fn new(place: Place) -> Self {
        Self { place, by_index: Vec::new(), stopped_by: None }
    }

    /// Notes what a structure says, unless one before it has the same index.
    fn note(&mut self, index: u16, value: T) {
        let index = usize::from(index);
        if self.by_index.len() <= index {
            self.by_index.resize(index.saturating_add(1), None);
        }
        if let Some(entry) = self.by_index.get_mut(index) {
            entry.get_or_insert(value);
        }
    }

    /// What the first structure with this index says; `Err` if there is none before the chain
    /// leads out of the file, which is reported.
    fn find(&self, out: &mut Output, index: u16) -> Result<Option<T>, ()> {
        self.place.report(out);
        match (self.by_index.get(usize::from(index)).copied().flatten(), self.stopped_by) {
            (Some(found), _) => Ok(Some(found)),
            (None, None) => Ok(None),
            (None, Some(what)) => {
                what.report(out);
                Err(())
            }
        }
    }
}

fn indexes<'data>(object: &Object<'data>, addr: u64) -> Indexes<'data> {
    let mut loaded: Vec<(u64, u64)> = Vec::new();
    for segment in object.segments.iter().flatten() {
        let Some(range) = loaded_range(segment).filter(|range| range.start <= addr) else {
            continue;
        };
        if loaded.last().is_none_or(|&(limit, _)| limit < range.end) {
            let offset = addr.wrapping_sub(segment.vaddr).wrapping_add(segment.offset);
            loaded.push((range.end, offset));
        }
    }
    Indexes { data: object.data, encoding: object.encoding(), addr, loaded }
}

fn place(object: &Object<'_>, addr: u64, size: usize) -> Place {
    match object.segment_offset(addr, size as u64) {
        Some(offset) => Place { addr, offset, is_loaded: true },
        None => Place { addr, offset: addr, is_loaded: false },
    }
}

/// The structure at `offset` in the file.
fn structure<R: Record>(object: &Object<'_>, offset: u64) -> Option<R> {
    let size = R::size(object.encoding().class) as u64;
    R::decode(object.bytes_at(offset, size)?, object.encoding())
}

fn version_name<'data>(strings: Option<StringTable<'data>>, offset: u32) -> &'data [u8] {
    strings.and_then(|strings| strings.get_cut(offset.into())).unwrap_or(CORRUPT)
}

fn definitions<'data>(object: &Object<'data>, addr: u64) -> Chain<Definition<'data>> {
    let mut chain = Chain::new(place(object, addr, NO_DEFINITION.size));
    let mut offset = chain.place.offset;
    for _ in 0..MOST_STEPS {
        let Some(definition) = structure::<Verdef>(object, offset) else {
            chain.stopped_by = Some(NO_DEFINITION);
            break;
        };
        let says = if definition.index == VER_NDX_GLOBAL.0 && definition.flags == VER_FLG_BASE.0 {
            Definition::Base
        } else {
            let name_at = offset.wrapping_add(definition.aux.into());
            structure::<Verdaux>(object, name_at).map_or(Definition::OutOfFile, |aux| {
                Definition::Named(version_name(object.dynamic.strings, aux.name))
            })
        };
        chain.note(definition.index, says);
        if definition.next == 0 {
            break;
        }
        offset = offset.wrapping_add(definition.next.into());
    }
    chain
}

fn needs<'data>(object: &Object<'data>, addr: u64) -> Chain<&'data [u8]> {
    let mut chain = Chain::new(place(object, addr, NO_NEED.size));
    let mut offset = chain.place.offset;
    let mut steps = 0..MOST_STEPS;
    while steps.next().is_some() {
        let Some(need) = structure::<Verneed>(object, offset) else {
            chain.stopped_by = Some(NO_NEED);
            break;
        };
        let mut name_at = offset.wrapping_add(need.aux.into());
        loop {
            let Some(version) = structure::<Vernaux>(object, name_at) else {
                chain.stopped_by = Some(NO_NEED_NAME);
                return chain;
            };
            chain.note(version.other, version_name(object.dynamic.strings, version.name));
            if version.next == 0 || steps.next().is_none() {
                break;
            }
            name_at = name_at.wrapping_add(version.next.into());
        }
        if need.next == 0 {
            break;
        }
        offset = offset.wrapping_add(need.next.into());
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain<T: Copy>(entries: &[(u16, T)], stopped_by: Option<OutOfFile>) -> Chain<T> {
        let mut chain = Chain::new(Place { addr: 0, offset: 0, is_loaded: true });
        for &(index, value) in entries {
            chain.note(index, value);
        }
        chain.stopped_by = stopped_by;
        chain
    }

    fn versions<'data>(indexes: &'data [u8]) -> SymbolVersions<'data> {
        use libelf::ident::Class;
        use libelf::raw::Endianness;
        SymbolVersions {
            indexes: Indexes {
                data: indexes,
                encoding: Encoding { class: Class::Elf64, endian: Endianness::Little },
                addr: 0,
                loaded: vec![(indexes.len() as u64, 0)],
            },
            defined: Some(chain(
                &[
                    (1, Definition::Base),
                    (2, Definition::Named(b"D2")),
                    (2, Definition::Named(b"D9")),
                    (3, Definition::OutOfFile),
                ],
                None,
            )),
            needed: Some(chain(&[(4, &b"N4"[..]), (0x8001, &b"N1"[..])], None)),
        }
    }

    /// The texts shown for the symbols of a table with these version indexes.
    fn shown(indexes: &[u16], section: SymbolSection) -> Vec<String> {
        let bytes: Vec<u8> = indexes.iter().flat_map(|index| index.to_le_bytes()).collect();
        let mut out = Output::process("readelf").recorder();
        let versions = versions(&bytes);
        (0..indexes.len() as u64)
            .map(|symbol| {
                let mut text = Vec::new();
                if let Some(version) = versions.lookup(&mut out, symbol, section, b"name") {
                    version.push(&mut text);
                }
                String::from_utf8(text).unwrap()
            })
            .collect()
    }

    #[test]
    fn a_defined_symbol_has_a_definition_or_else_a_need() {
        assert_eq!(
            shown(&[0, 1, 2, 0x8002, 3, 4, 5, 0x8005, 0x8000], SymbolSection(1)),
            ["", "", "@@D2", "@D2", "", "@N4 (4)", "@@<corrupt>", "@<corrupt>", ""]
        );
    }

    #[test]
    fn an_undefined_symbol_has_only_a_need() {
        assert_eq!(
            shown(&[1, 2, 4, 0x8004, 0x8001], SHN_UNDEF),
            ["", "@@<corrupt>", "@N4 (4)", "@<corrupt>", "@N1 (32769)"]
        );
    }

    #[test]
    fn the_version_that_is_named_as_the_symbol_is_not_shown() {
        let mut out = Output::process("readelf").recorder();
        assert_eq!(versions(&[2, 0]).lookup(&mut out, 0, SymbolSection(1), b"D2"), None);
    }

    #[test]
    fn a_symbol_without_an_index_is_reported() {
        let mut out = Output::process("readelf").recorder();
        assert_eq!(versions(&[2, 0]).lookup(&mut out, 1, SymbolSection(1), b"x"), None);
        assert_eq!(out.diagnostics(), 2);
    }

    #[test]
    fn a_broken_chain_matters_to_what_it_does_not_reach() {
        let mut out = Output::process("readelf").recorder();
        let broken = chain(&[(2, ())], Some(NO_NEED));
        assert_eq!(broken.find(&mut out, 2), Ok(Some(())));
        assert_eq!(out.diagnostics(), 0);
        assert_eq!(broken.find(&mut out, 3), Err(()));
        assert_eq!(out.diagnostics(), 1);
    }
}

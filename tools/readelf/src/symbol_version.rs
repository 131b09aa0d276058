//! The version of a dynamic symbol, as it is shown behind the symbol's name: `memcpy@@GLIBC_2.14`.
//!
//! Each dynamic symbol has a version index, in the table at `DT_VERSYM`. What it stands for is
//! listed in two chains of structures, [`crate::version_chain`]: the versions that the file
//! defines and those that it needs from others.
//!
//! | shown | the symbol |
//! |---|---|
//! | `name@@VERSION` | is defined, with this version as the default one |
//! | `name@VERSION` | is defined, hidden from look-ups without a version |
//! | `name@VERSION (4)` | is needed with this version, which has index 4 |

use common::{Output, format};
use libelf::raw::{DT_VERSYM, VER_NDX_GLOBAL};
use libelf::version::{VERSYM_HIDDEN, VERSYM_INDEX};
use libelf::{Encoding, StringTable};

use crate::object::{CORRUPT, Object, loaded_range};
use crate::text;
use crate::version_chain::{
    self, Chain, Definition, NO_DEFINITION_NAME, OutOfFile, Place, dynamic_address,
};

/// The versions of the dynamic symbols of a file.
pub struct SymbolVersions<'data> {
    indexes: Indexes<'data>,
    defined: Option<Chain<Definition>>,
    needed: Option<Chain<u32>>,
    strings: Option<StringTable<'data>>,
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
    /// Appends the version as relocations show it: `@@VERSION`.
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

/// The table at `DT_VERSYM`.
struct Indexes<'data> {
    data: &'data [u8],
    encoding: Encoding,
    addr: u64,
    /// The segments that hold its start, as the address behind the segment's contents and the
    /// file offset of the table by that segment; the first one that holds the wanted part of the
    /// table counts. The addresses grow.
    loaded: Vec<(u64, u64)>,
}

impl<'data> Indexes<'data> {
    fn read(object: &Object<'data>, addr: u64) -> Self {
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
        Self { data: object.data, encoding: object.encoding(), addr, loaded }
    }

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
    /// Reads the tables that the dynamic section names, once it and the program headers are
    /// loaded; `None` if symbols have no versions. `strings` are those of the symbol table. Prints
    /// nothing: what is wrong is reported for each symbol that it matters to.
    pub fn read(object: &Object<'data>, strings: Option<StringTable<'data>>) -> Option<Self> {
        Some(Self {
            indexes: Indexes::read(object, dynamic_address(object, DT_VERSYM)?),
            defined: version_chain::definitions(object),
            needed: version_chain::needs(object, "version need aux (3)"),
            strings,
        })
    }

    /// The version of the dynamic symbol with this index in its table; `None` if it has none to be
    /// shown. It depends on whether the symbol `is_defined`, and on where its `name` is in the
    /// strings (`st_name`).
    pub fn lookup(
        &self,
        out: &mut Output,
        symbol: u64,
        is_defined: bool,
        name: u32,
    ) -> Option<SymbolVersion<'data>> {
        let index = self.indexes.get(out, symbol)?;
        if index == 0 || (self.defined.is_none() && self.needed.is_none()) {
            return None;
        }
        let kind =
            if index & VERSYM_HIDDEN == 0 { VersionKind::Default } else { VersionKind::Hidden };
        let mut highest = VER_NDX_GLOBAL.0;
        if is_defined
            && index != VERSYM_HIDDEN | VER_NDX_GLOBAL.0
            && let Some(chain) = &self.defined
        {
            match chain.find(out, index & VERSYM_INDEX) {
                Some(Definition::Base) => return None,
                // The symbol that is the version itself may yet be one that is needed.
                Some(Definition::Named(version)) if version == name => {}
                Some(Definition::Named(version)) => {
                    return Some(SymbolVersion { name: self.name(version), kind });
                }
                Some(Definition::OutOfFile) => NO_DEFINITION_NAME.report(out),
                None => {}
            }
            highest = highest.max(chain.highest_index());
        }
        match self.needed.as_ref()?.find(out, index) {
            Some(name) => {
                Some(SymbolVersion { name: self.name(name), kind: VersionKind::Needed(index) })
            }
            None if index & VERSYM_INDEX <= highest => None,
            None => Some(SymbolVersion { name: CORRUPT, kind }),
        }
    }

    fn name(&self, offset: u32) -> &'data [u8] {
        version_chain::name_or(self.strings, offset, CORRUPT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version_chain::tests::chain;
    use libelf::ident::Class;
    use libelf::raw::Endianness;

    fn versions(indexes: &[u8]) -> SymbolVersions<'_> {
        SymbolVersions {
            indexes: Indexes {
                data: indexes,
                encoding: Encoding { class: Class::Elf64, endian: Endianness::Little },
                addr: 0,
                loaded: vec![(indexes.len() as u64, 0)],
            },
            defined: Some(chain(&[
                (1, Definition::Base),
                (2, Definition::Named(1)),
                (3, Definition::OutOfFile),
            ])),
            needed: Some(chain(&[(4, 4), (0x8001, 7), (6, 99)])),
            strings: Some(StringTable::new(b"\0D2\0N4\0N1\0")),
        }
    }

    /// The texts shown for the symbols of a table with these version indexes.
    fn shown(indexes: &[u16], is_defined: bool) -> Vec<String> {
        let bytes: Vec<u8> = indexes.iter().flat_map(|index| index.to_le_bytes()).collect();
        let mut out = Output::process("readelf").recorder();
        let versions = versions(&bytes);
        (0..indexes.len() as u64)
            .map(|symbol| {
                let mut text = Vec::new();
                if let Some(version) = versions.lookup(&mut out, symbol, is_defined, 99) {
                    version.push(&mut text);
                }
                String::from_utf8(text).unwrap()
            })
            .collect()
    }

    #[test]
    fn a_defined_symbol_has_a_definition_or_else_a_need() {
        assert_eq!(
            shown(&[0, 1, 2, 0x8002, 3, 4, 5, 0x8005, 0x8000, 6], true),
            [
                "",
                "",
                "@@D2",
                "@D2",
                "",
                "@N4 (4)",
                "@@<corrupt>",
                "@<corrupt>",
                "",
                "@<corrupt> (6)"
            ]
        );
    }

    #[test]
    fn an_undefined_symbol_has_only_a_need() {
        assert_eq!(
            shown(&[1, 2, 4, 0x8004, 0x8001], false),
            ["", "@@<corrupt>", "@N4 (4)", "@<corrupt>", "@N1 (32769)"]
        );
    }

    #[test]
    fn the_version_that_is_named_as_the_symbol_is_not_shown() {
        let mut out = Output::process("readelf").recorder();
        assert_eq!(versions(&[2, 0]).lookup(&mut out, 0, true, 1), None);
    }

    #[test]
    fn a_symbol_without_an_index_is_reported() {
        let mut out = Output::process("readelf").recorder();
        assert_eq!(versions(&[2, 0]).lookup(&mut out, 1, true, 0), None);
        assert_eq!(out.diagnostics(), 2);
    }
}

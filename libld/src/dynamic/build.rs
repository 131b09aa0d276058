//! The dynamic tables of an output, put together: before the layout their sizes, after it their
//! bytes.

use libelf::raw::{SHN_ABS, SHN_UNDEF, STB_GLOBAL, STB_WEAK, STT_NOTYPE, STT_OBJECT, STV_DEFAULT};

use super::division;
use super::section::{self, Entry, EntryInput, Value};
use super::strings::Strings;
use super::symbols::{DynamicSymbol, DynamicSymbols};
use super::versions::Versions;
use crate::arch::Identity;
use crate::encode::SymbolEntry;
use crate::ids::SectionId;
use crate::input::object::Place;
use crate::made::{Made, MadeSizes};
use crate::options::{Dynamic as DynamicOptions, HashStyle};
use crate::resolve::{Kind, Resolved};
use crate::scan::Target;
use crate::symbols::Standard;
use crate::write::Addresses;
use crate::write::symtab::header_index;

/// The dynamic tables.
pub struct DynamicTables<'a, 'data> {
    /// The symbols.
    pub symbols: DynamicSymbols<'data>,
    /// The versions.
    pub versions: &'a Versions<'data>,
    /// The strings.
    pub strings: Strings<'a>,
    /// What the output is called: the name of its first version.
    pub own_name: &'a [u8],
    /// The entries of the dynamic section.
    pub entries: Vec<Entry>,
    /// `.interp`, with its zero byte.
    pub interpreter: Vec<u8>,
    gnu_hash: Vec<u8>,
    sysv_hash: Vec<u8>,
}

impl<'a, 'data> DynamicTables<'a, 'data> {
    /// Gathers all strings and tells all sizes that do not depend on the layout. The entries of
    /// the dynamic section come after it: [`Self::settle_entries`].
    pub fn new(
        symbols: DynamicSymbols<'data>,
        versions: &'a Versions<'data>,
        own_name: &'a [u8],
        names: impl Iterator<Item = &'a [u8]>,
        options: &DynamicOptions,
        identity: &'static Identity,
        sizes: &mut MadeSizes,
    ) -> Self
    where
        'data: 'a,
    {
        let mut strings = Strings::default();
        for name in names {
            strings.add(name);
        }
        symbols.add_strings(&mut strings);
        versions.add_strings(own_name, &mut strings);
        strings.share_ends();
        let encoding = identity.encoding;
        let style: HashStyle = options.hash_style;
        let gnu_hash = if style.has_gnu() { symbols.gnu_hash(encoding) } else { Vec::new() };
        let sysv_hash = if style.has_sysv() { symbols.sysv_hash(encoding) } else { Vec::new() };
        let word = encoding.word_size() as u64;
        let count = symbols.symbols.len() as u64 + 1;
        sizes.set(Made::GnuHash, gnu_hash.len() as u64, word);
        sizes.set(Made::Hash, sysv_hash.len() as u64, word);
        sizes.set(Made::DynSym, count * if encoding.is_64() { 24 } else { 16 }, word);
        sizes.set(Made::DynStr, strings.bytes().len() as u64, 1);
        if !versions.is_empty() {
            sizes.set(Made::VerSym, 2 * count, 2);
            let definitions = versions.definition_table(own_name, &strings, encoding);
            sizes.set(Made::VerDef, definitions.len() as u64, word);
            let needs = versions.need_table(&strings, encoding);
            sizes.set(Made::VerNeed, needs.len() as u64, word);
        }
        Self {
            symbols,
            versions,
            strings,
            own_name,
            entries: Vec::new(),
            interpreter: Vec::new(),
            gnu_hash,
            sysv_hash,
        }
    }

    /// Settles the entries of the dynamic section, and so its size.
    pub fn settle_entries(&mut self, input: &EntryInput<'_>) -> u64 {
        self.entries = section::entries(input, &self.strings);
        (self.entries.len() * 2 * input.identity.encoding.word_size()) as u64
    }

    /// The bytes of a made section; `None` for one that is none of these tables.
    pub fn bytes(
        &self,
        made: Made,
        identity: &'static Identity,
        resolved: &Resolved<'data>,
        addresses: &Addresses<'_, 'data>,
        sizes: &MadeSizes,
        relative_count: usize,
    ) -> Option<Vec<u8>> {
        let encoding = identity.encoding;
        Some(match made {
            Made::Interp => self.interpreter.clone(),
            Made::GnuHash => self.gnu_hash.clone(),
            Made::Hash => self.sysv_hash.clone(),
            Made::DynStr => self.strings.bytes().to_vec(),
            Made::VerSym => self.symbols.versym(encoding),
            Made::VerDef => self.versions.definition_table(self.own_name, &self.strings, encoding),
            Made::VerNeed => self.versions.need_table(&self.strings, encoding),
            Made::DynSym => self
                .symbols
                .table(&self.strings, encoding, |symbol| symbol_entry(symbol, resolved, addresses)),
            Made::Dynamic => section::bytes(&self.entries, encoding, |value| match value {
                Value::Number(number) => number,
                Value::Address(made) => addresses.made(made),
                // How large it is depends on the layout.
                Value::Size(made @ Made::Relr) => addresses.layout().sizes.get(made.section()),
                Value::Size(made) => sizes.get(made).size,
                Value::PltRelocsSize => {
                    let size = |made| sizes.get(made).size;
                    size(Made::RelaPlt).saturating_add(size(Made::RelaIplt))
                }
                Value::Symbol(id) => addresses.global(id),
                Value::SectionAddress(name) => {
                    addresses.output_named(name).map_or(0, |section| section.addr)
                }
                Value::SectionSize(name) => {
                    addresses.output_named(name).map_or(0, |section| section.size)
                }
                Value::Relocs => {
                    let layout = addresses.layout();
                    let whole = layout.address(Made::RelaDyn.section(), 0);
                    whole.unwrap_or_else(|| division::first_address(layout))
                }
                Value::RelativeCount => relative_count as u64,
            }),
            _ => return None,
        })
    }
}

/// The entry of a dynamic symbol.
fn symbol_entry(
    symbol: &DynamicSymbol<'_>,
    resolved: &Resolved<'_>,
    addresses: &Addresses<'_, '_>,
) -> SymbolEntry {
    let id = symbol.id;
    let state = resolved.symbols.get(id);
    let value = addresses.global(id);
    let nothing = SymbolEntry {
        value: 0,
        size: 0,
        section: SHN_UNDEF.0,
        bind: STB_GLOBAL,
        kind: STT_NOTYPE,
        visibility: STV_DEFAULT,
    };
    match state.kind {
        Kind::Shared | Kind::WeakShared => {
            let library = resolved.shared_symbol(&state);
            let kind = library.as_ref().map_or(STT_NOTYPE, Resolved::shared_kind);
            let slots = addresses.slots(Target::Global(id));
            if let Some(copy) = addresses.copy(&slots) {
                let section = addresses.section_at(copy.section().section()).unwrap_or(0);
                let size = library.map_or(0, |symbol| symbol.size);
                let bind = library.map_or(STB_GLOBAL, |symbol| symbol.binding());
                return SymbolEntry { value, size, section, bind, kind, ..nothing };
            }
            // A function whose entry here is its address tells it by a value without a section.
            let value = if slots.is_canonical { value } else { 0 };
            SymbolEntry { value, kind, bind: state.reference_bind(), ..nothing }
        }
        Kind::Definition | Kind::WeakDefinition | Kind::Common => {
            let entry = resolved.object(state.file).and_then(|object| {
                let found = object.symbols.get(state.index as usize)?;
                let (kind, size) = resolved.kind_and_size(id, &found);
                let (index, kind) = match object.place(state.index, &found) {
                    _ if state.kind == Kind::Common => {
                        (Some(object.sections.len() as u32), STT_OBJECT)
                    }
                    Place::Section(index) => (Some(index), kind),
                    _ => (None, kind),
                };
                let section = match index {
                    Some(index) => addresses.section_at(SectionId { file: state.file, index }),
                    None => Some(SHN_ABS.0),
                };
                // Of a section that a script leaves out the number is left.
                let is_left_out = section.is_none();
                let value = match state.kind {
                    Kind::Common if is_left_out => 0,
                    _ if is_left_out => found.value,
                    _ => value,
                };
                let section = section.unwrap_or(SHN_ABS.0);
                let is_tls = kind == libelf::raw::STT_TLS;
                let value = if is_tls { addresses.dtp_offset(value) } else { value };
                let size = resolved.commons.get(&id).map_or(size, |common| common.size);
                let visibility = state.visibility();
                Some(SymbolEntry { value, size, section, bind: found.binding(), kind, visibility })
            });
            entry.unwrap_or(nothing)
        }
        Kind::Linker => {
            let section = match addresses.layout().symbols.get(&id) {
                Some(symbol) => symbol.section,
                None => addresses.bounded_section(id),
            };
            let section = section.map_or(SHN_ABS.0, header_index);
            let is_version = addresses.standard_symbol(id) == Some(&Standard::Version);
            let kind = if is_version { STT_OBJECT } else { STT_NOTYPE };
            SymbolEntry { value, section, kind, visibility: state.visibility(), ..nothing }
        }
        Kind::WeakReference => {
            SymbolEntry { bind: STB_WEAK, kind: resolved.reference_kind(id, &state), ..nothing }
        }
        Kind::Unseen => nothing,
        Kind::Reference => SymbolEntry { kind: resolved.reference_kind(id, &state), ..nothing },
    }
}

//! The dynamic section. gABI, chapter 5, "Dynamic Section".
//!
//! Its entries are settled before the layout, which needs to know their number; what they say is
//! known after it.

use libelf::Encoding;
use libelf::raw::*;

use super::strings::Strings;
use crate::arch::Identity;
use crate::encode::put_word;
use crate::ids::SymbolId;
use crate::made::{Made, MadeSizes};
use crate::options::{Dynamic as DynamicOptions, Kind as OutputKind};
use crate::tables::reloc_size;

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(u64),
    /// The address of a made section.
    Address(Made),
    /// The size of a made section, in bytes.
    Size(Made),
    /// The sizes of all relocations of the procedure linkage table, in bytes: those of IFUNCs lie
    /// behind the others.
    PltRelocsSize,
    /// The value of a symbol.
    Symbol(SymbolId),
    /// The address of the output section of this name.
    SectionAddress(&'static str),
    /// Its size, in bytes.
    SectionSize(&'static str),
    /// Where the relocations start that are not of the procedure linkage table.
    Relocs,
    /// How many relative relocations come first in `.rela.dyn`.
    RelativeCount,
}

/// An entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `d_tag`
    pub tag: DynamicTag,
    /// `d_val` or `d_ptr`
    pub value: Value,
}

/// What the entries follow from.
pub struct EntryInput<'a> {
    /// What options ask for.
    pub options: &'a DynamicOptions,
    /// The kind of output.
    pub kind: OutputKind,
    /// The machine.
    pub identity: &'static Identity,
    /// Names of libraries that are needed, in order.
    pub needed: Vec<&'a [u8]>,
    /// The function of `DT_INIT`, if the output has it.
    pub init: Option<SymbolId>,
    /// The function of `DT_FINI`, if the output has it.
    pub fini: Option<SymbolId>,
    /// Which of `.preinit_array`, `.init_array`, `.fini_array` the output has.
    pub arrays: [bool; 3],
    /// Sizes of made sections, as far as they are known.
    pub sizes: &'a MadeSizes,
    /// How many versions are defined.
    pub definition_count: u32,
    /// For how many libraries versions are needed.
    pub need_count: u32,
    /// Whether relocations apply to what the program may not write.
    pub has_text_relocs: bool,
    /// Whether the output needs room in the static block of thread-local storage.
    pub has_static_tls: bool,
    /// Whether relative relocations are counted (`-z combreloc`).
    pub counts_relative: bool,
    /// `-Bsymbolic`
    pub is_symbolic: bool,
    /// What only the machine has.
    pub of_machine: Vec<Entry>,
}

/// Flags of GNU's loader.
const DT_GNU_FLAGS_1: DynamicTag = DynamicTag(0x6fff_fdf4);
/// The library is loaded once for all namespaces (dlmopen(3)).
const DF_GNU_1_UNIQUE: u64 = 1;

/// The arrays of functions, in the loader's order, with their tags.
const ARRAYS: [(&str, DynamicTag, DynamicTag); 3] = [
    (".preinit_array", DT_PREINIT_ARRAY, DT_PREINIT_ARRAYSZ),
    (".init_array", DT_INIT_ARRAY, DT_INIT_ARRAYSZ),
    (".fini_array", DT_FINI_ARRAY, DT_FINI_ARRAYSZ),
];

/// The entries of packed relocations; their room is kept where none can be packed.
const RELR_ENTRIES: u32 = 3;

/// What only libraries can ask for.
const OF_LIBRARIES: DynamicFlags1 =
    DynamicFlags1(DF_1_INITFIRST.0 | DF_1_NODELETE.0 | DF_1_NOOPEN.0);

/// The entries, the closing ones included. Strings must all be in `strings`.
pub fn entries(input: &EntryInput<'_>, strings: &Strings<'_>) -> Vec<Entry> {
    let mut list = List(Vec::new());
    let text = |text: &[u8]| Value::Number(strings.find(text).unwrap_or(0).into());
    for name in &input.needed {
        list.add(DT_NEEDED, text(name));
    }
    list.names(input, text);
    if let Some(init) = input.init {
        list.add(DT_INIT, Value::Symbol(init));
    }
    if let Some(fini) = input.fini {
        list.add(DT_FINI, Value::Symbol(fini));
    }
    for ((name, address, size), is_there) in ARRAYS.into_iter().zip(input.arrays) {
        if is_there {
            list.add(address, Value::SectionAddress(name));
            list.add(size, Value::SectionSize(name));
        }
    }
    list.tables(input);
    if input.definition_count != 0 {
        list.add(DT_VERDEF, Value::Address(Made::VerDef));
        list.add(DT_VERDEFNUM, Value::Number(input.definition_count.into()));
    }
    list.flags(input);
    list.versions(input);
    list.0.extend(&input.of_machine);
    let mut spare_count = input.options.spare_tags;
    if input.counts_relative && has(input, Made::RelaDyn) {
        let tag = if input.identity.is_rela { DT_RELACOUNT } else { DT_RELCOUNT };
        list.add(tag, Value::RelativeCount);
        // The count is known at the very end; it takes one of the spare entries.
        spare_count = spare_count.saturating_sub(1);
    }
    if input.options.pack_relative_relocs && !has(input, Made::Relr) {
        spare_count = spare_count.saturating_add(RELR_ENTRIES);
    }
    for _ in 0..=spare_count {
        list.add(DT_NULL, Value::Number(0));
    }
    list.0
}

/// Whether the output has a made section.
fn has(input: &EntryInput<'_>, made: Made) -> bool {
    input.sizes.get(made).size != 0
}

struct List(Vec<Entry>);

impl List {
    fn add(&mut self, tag: DynamicTag, value: Value) {
        self.0.push(Entry { tag, value });
    }

    fn names(&mut self, input: &EntryInput<'_>, text: impl Fn(&[u8]) -> Value) {
        let options = input.options;
        if let Some(soname) = &options.soname
            && input.kind == OutputKind::Shared
        {
            self.add(DT_SONAME, text(soname));
        }
        if input.is_symbolic {
            self.add(DT_SYMBOLIC, Value::Number(0));
        }
        if let Some(rpath) = &options.rpath {
            let tag = if options.new_dtags { DT_RUNPATH } else { DT_RPATH };
            self.add(tag, text(rpath));
        }
        if let Some(filter) = &options.filter {
            self.add(DT_FILTER, text(filter));
        }
        for auxiliary in &options.auxiliary {
            self.add(DT_AUXILIARY, text(auxiliary));
        }
        if let Some(audit) = &options.audit {
            self.add(DT_AUDIT, text(audit));
        }
        if let Some(depaudit) = &options.depaudit {
            self.add(DT_DEPAUDIT, text(depaudit));
        }
    }

    fn tables(&mut self, input: &EntryInput<'_>) {
        let identity = input.identity;
        let is_64 = identity.encoding.is_64();
        for (made, tag) in [(Made::Hash, DT_HASH), (Made::GnuHash, DT_GNU_HASH)] {
            if has(input, made) {
                self.add(tag, Value::Address(made));
            }
        }
        self.add(DT_STRTAB, Value::Address(Made::DynStr));
        self.add(DT_SYMTAB, Value::Address(Made::DynSym));
        self.add(DT_STRSZ, Value::Size(Made::DynStr));
        self.add(DT_SYMENT, Value::Number(if is_64 { 24 } else { 16 }));
        if input.options.unique {
            self.add(DT_GNU_FLAGS_1, Value::Number(DF_GNU_1_UNIQUE));
        }
        if input.kind.is_executable() && !input.options.read_only {
            self.add(DT_DEBUG, Value::Number(0));
        }
        let entry = Value::Number(reloc_size(is_64, identity.is_rela));
        if has(input, Made::Plt) {
            self.add(DT_PLTGOT, Value::Address(Made::GotPlt));
        }
        if has(input, Made::RelaPlt) || has(input, Made::RelaIplt) {
            let table = if has(input, Made::RelaPlt) { Made::RelaPlt } else { Made::RelaIplt };
            let tag = if identity.is_rela { DT_RELA } else { DT_REL };
            self.add(DT_PLTRELSZ, Value::PltRelocsSize);
            self.add(DT_PLTREL, Value::Number(tag.0 as u64));
            self.add(DT_JMPREL, Value::Address(table));
        }
        if has(input, Made::RelaDyn) {
            let tags = if identity.is_rela {
                [DT_RELA, DT_RELASZ, DT_RELAENT]
            } else {
                [DT_REL, DT_RELSZ, DT_RELENT]
            };
            let values = [Value::Relocs, Value::Size(Made::RelaDyn), entry];
            for (tag, value) in tags.into_iter().zip(values) {
                self.add(tag, value);
            }
        }
    }

    fn flags(&mut self, input: &EntryInput<'_>) {
        let mut flags = input.options.flags;
        let mut add = |flag: DynamicFlags, holds: bool| {
            flags |= if holds { flag.0 } else { 0 };
        };
        add(DF_SYMBOLIC, input.is_symbolic);
        add(DF_TEXTREL, input.has_text_relocs);
        add(DF_STATIC_TLS, input.has_static_tls);
        if input.has_text_relocs {
            self.add(DT_TEXTREL, Value::Number(0));
        }
        if flags != 0 {
            self.add(DT_FLAGS, Value::Number(flags));
        }
        let pie = if input.kind == OutputKind::Pie { DF_1_PIE.0 } else { 0 };
        let dropped = if input.kind.is_executable() { OF_LIBRARIES.0 } else { 0 };
        let of_options = input.options.flags_1 & !dropped;
        let flags_1 = of_options | pie;
        if flags_1 != 0 {
            self.add(DT_FLAGS_1, Value::Number(flags_1));
        }
    }

    fn versions(&mut self, input: &EntryInput<'_>) {
        if input.need_count != 0 {
            self.add(DT_VERNEED, Value::Address(Made::VerNeed));
            self.add(DT_VERNEEDNUM, Value::Number(input.need_count.into()));
        }
        if has(input, Made::VerSym) {
            self.add(DT_VERSYM, Value::Address(Made::VerSym));
        }
        if has(input, Made::Relr) {
            self.add(DT_RELR, Value::Address(Made::Relr));
            self.add(DT_RELRSZ, Value::Size(Made::Relr));
            let word = input.identity.encoding.word_size();
            self.add(DT_RELRENT, Value::Number(word as u64));
        }
    }
}

/// The bytes of the section; `value` tells what entries say.
pub fn bytes(entries: &[Entry], encoding: Encoding, value: impl Fn(Value) -> u64) -> Vec<u8> {
    let mut table = Vec::with_capacity(entries.len() * 2 * encoding.word_size());
    for entry in entries {
        put_word(&mut table, entry.tag.0 as u64, encoding);
        put_word(&mut table, value(entry.value), encoding);
    }
    table
}

//! What a section or segment holds, and the one place that knows all kinds of it.
//!
//! A kind of contents is a variant of [`Contents`] and a module here. The functions below ask the
//! variant; each has one arm a kind:
//!
//! | function | when | what |
//! |---|---|---|
//! | [`decode`] | an object is opened | bytes to contents, every field given |
//! | [`names`] | string tables are computed | the strings that the linked table must hold |
//! | [`references`] | on demand | the sections and symbols that they refer to |
//! | [`size`] | before the layout | how many bytes [`encode`] will give |
//! | [`info`] | before the layout | what `sh_info` is, if the contents say it |
//! | [`encode`] | when the object is written | contents to bytes |
//! | [`simplify`] | on demand | leaves fields to the writer that it would give the same value |
//!
//! Contents are decoded only if encoding them gives the same bytes again; [`super::Object::open`]
//! checks that by encoding them, but for the kinds of which it is certain ([`is_exact`]).

pub mod attributes;
pub mod compressed;
pub mod core_desc;
mod crel;
pub mod debug_link;
pub mod dynamic;
pub mod dynamic_auto;
pub mod group;
pub mod hashes;
pub mod llvm;
pub mod mips;
pub mod name;
pub mod note_desc;
pub mod notes;
pub mod relocations;
pub mod relr;
pub mod solaris;
pub mod strings;
pub mod symbol_sections;
pub mod symbols;
#[cfg(test)]
mod test_support;
pub mod versions;
pub mod words;
pub mod writer;

use std::borrow::Cow;

use super::context::{Context, Header, Source};
use super::error::{Owner, Result};
use super::reloc::{RelocForm, RelocSymbol, Relocation};
use super::{Link, Slots, Symbol, SymbolSection};

pub use attributes::Attributes;
pub use compressed::Compressed;
pub use debug_link::{DebugAltLink, DebugLink};
pub use dynamic::Dynamic;
pub use group::GroupMember;
pub use hashes::{GnuHash, SysvHash};
pub use llvm::{BlockMap, StackSize};
pub use mips::MipsOption;
pub use notes::Notes;
pub use relr::Relr;
pub use solaris::{Capability, Library, Move, Syminfo};
pub use strings::{StringOrder, Strings};
pub use versions::{Definitions, Needs};

pub use crate::mips::{AbiFlags, RegInfo};

/// The contents of a section or segment.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Contents<'data> {
    /// Nothing.
    #[default]
    Empty,
    /// No bytes in the file, this many in memory.
    NoBits(u64),
    /// Bytes as they are.
    Bytes(Cow<'data, [u8]>),
    /// This many bytes that other parts of the file hold too, and write.
    Shared(u64),
    /// The names of all that links to this string table, those of the list first.
    Strings(Strings<'data>),
    /// A symbol table; the null symbol included.
    Symbols(Slots<Symbol<'data>>),
    /// The section indexes of the linked symbol table (`SHT_SYMTAB_SHNDX`), computed.
    SymbolSections,
    /// Relocations.
    Relocations(RelocForm, Vec<Relocation>),
    /// A section group.
    Group {
        /// `GRP_` flags.
        flags: u32,
        /// The members.
        members: Vec<GroupMember>,
    },
    /// A dynamic section.
    Dynamic(Dynamic<'data>),
    /// Notes.
    Notes(Notes<'data>),
    /// Packed relative relocations (`SHT_RELR`).
    Relr(Relr),
    /// Integers of the class's width, such as addresses of functions.
    Words(Vec<u64>),
    /// 16-bit integers: the version indexes of dynamic symbols (`SHT_GNU_versym`).
    Halves(Vec<u16>),
    /// The versions that the file defines (`SHT_GNU_verdef`).
    Definitions(Definitions<'data>),
    /// The versions that the file needs (`SHT_GNU_verneed`).
    Needs(Needs<'data>),
    /// A SysV hash table.
    SysvHash(SysvHash),
    /// A GNU hash table.
    GnuHash(GnuHash),
    /// Strings, each closed by a zero byte.
    Texts(Vec<Cow<'data, [u8]>>),
    /// Build attributes.
    Attributes(Attributes<'data>),
    /// A compressed section.
    Compressed(Compressed<'data>),
    /// `.MIPS.abiflags`
    MipsAbiFlags(AbiFlags),
    /// `.reginfo` of MIPS.
    MipsRegInfo(RegInfo),
    /// `.MIPS.options`
    MipsOptions(Vec<MipsOption<'data>>),
    /// `.gnu_debuglink`
    DebugLink(DebugLink<'data>),
    /// `.gnu_debugaltlink`
    DebugAltLink(DebugAltLink<'data>),
    /// Capabilities of Solaris.
    Capabilities(Vec<Capability>),
    /// What Solaris knows of dynamic symbols.
    Syminfo(Vec<Syminfo>),
    /// Data to be filled in, of Solaris.
    Moves(Vec<Move>),
    /// Libraries that a file was prelinked with.
    Libraries(Vec<Library<'data>>),
    /// The symbols whose addresses matter (`SHT_LLVM_ADDRSIG`).
    AddressSignificant(Vec<RelocSymbol>),
    /// The weights of calls (`SHT_LLVM_CALL_GRAPH_PROFILE`).
    CallWeights(Vec<u64>),
    /// `.stack_sizes`
    StackSizes(Vec<StackSize>),
    /// Basic blocks (`SHT_LLVM_BB_ADDR_MAP`); of `SHT_LLVM_BB_ADDR_MAP_V0` if the section has
    /// that type.
    BlockMaps(Vec<BlockMap>),
}

/// The contents of a section or segment whose bytes are these, every field given; `None` where no
/// kind of contents fits them.
pub fn decode<'data>(source: &Source<'_, 'data>, bytes: &'data [u8]) -> Option<Contents<'data>> {
    use object::elf;
    let encoding = source.encoding;
    let header = match &source.header {
        Header::Section(header) => header,
        Header::Segment(header) if header.kind == elf::PT_NOTE => {
            return notes::decode(source, bytes, header.align);
        }
        Header::Segment(_) => return None,
    };
    if header.flags & elf::SHF_COMPRESSED.0 != 0 {
        return Compressed::decode(bytes, encoding).map(Contents::Compressed);
    }
    match header.kind {
        elf::SHT_SYMTAB | elf::SHT_DYNSYM => symbols::decode(source, bytes),
        elf::SHT_REL | elf::SHT_RELA | elf::SHT_CREL => {
            relocations::decode(source, header.kind, bytes)
        }
        elf::SHT_GROUP => group::decode(source, bytes),
        elf::SHT_SYMTAB_SHNDX => symbol_sections::decode(source, bytes),
        elf::SHT_DYNAMIC => Dynamic::decode(source, bytes).map(Contents::Dynamic),
        elf::SHT_NOTE => notes::decode(source, bytes, header.addralign),
        elf::SHT_RELR => Relr::decode(bytes, encoding).map(Contents::Relr),
        elf::SHT_INIT_ARRAY | elf::SHT_FINI_ARRAY | elf::SHT_PREINIT_ARRAY => {
            words::decode_words(bytes, encoding).map(Contents::Words)
        }
        elf::SHT_HASH => SysvHash::decode(source, bytes).map(Contents::SysvHash),
        elf::SHT_GNU_HASH => GnuHash::decode(source, bytes).map(Contents::GnuHash),
        elf::SHT_GNU_VERDEF => Definitions::decode(source, bytes).map(Contents::Definitions),
        elf::SHT_GNU_VERNEED => Needs::decode(source, bytes).map(Contents::Needs),
        elf::SHT_GNU_VERSYM => words::decode_halves(bytes, encoding).map(Contents::Halves),
        elf::SHT_PROGBITS => decode_named(source, bytes),
        elf::SHT_GNU_LIBLIST => solaris::decode_libraries(source, bytes).map(Contents::Libraries),
        kind::SHT_SUNW_CAP if source.os_abi == elf::ELFOSABI_SOLARIS.0 => {
            solaris::decode(bytes, encoding).map(Contents::Capabilities)
        }
        elf::SHT_GNU_ATTRIBUTES => Attributes::decode(source, bytes).map(Contents::Attributes),
        elf::SHT_SUNW_syminfo => solaris::decode(bytes, encoding).map(Contents::Syminfo),
        elf::SHT_SUNW_move => solaris::decode(bytes, encoding).map(Contents::Moves),
        kind::SHT_LLVM_ADDRSIG => {
            llvm::decode_symbols(source, bytes).map(Contents::AddressSignificant)
        }
        kind::SHT_LLVM_LINKER_OPTIONS
        | elf::SHT_LLVM_DEPENDENT_LIBRARIES
        | kind::SHT_LLVM_SYMPART => words::decode_texts(bytes).map(Contents::Texts),
        kind::SHT_LLVM_CALL_GRAPH_PROFILE => {
            llvm::decode_weights(bytes, encoding).map(Contents::CallWeights)
        }
        kind::SHT_LLVM_BB_ADDR_MAP | kind::SHT_LLVM_BB_ADDR_MAP_V0 => {
            let is_old = header.kind == kind::SHT_LLVM_BB_ADDR_MAP_V0;
            llvm::decode_block_maps(bytes, is_old, encoding).map(Contents::BlockMaps)
        }
        elf::SectionType(kind) => decode_processor(source, kind, bytes),
    }
}

/// Contents that only the name of their section tells.
fn decode_named<'data>(source: &Source<'_, 'data>, bytes: &'data [u8]) -> Option<Contents<'data>> {
    match source.name {
        b".gnu_debuglink" => DebugLink::decode(bytes, source.encoding).map(Contents::DebugLink),
        b".gnu_debugaltlink" => DebugAltLink::decode(bytes).map(Contents::DebugAltLink),
        b".stack_sizes" => {
            llvm::decode_stack_sizes(bytes, source.encoding).map(Contents::StackSizes)
        }
        name if name.starts_with(b".zdebug") => {
            Compressed::decode_zdebug(bytes).map(Contents::Compressed)
        }
        _ => None,
    }
}

/// Contents of the types that each processor has for itself.
fn decode_processor<'data>(
    source: &Source<'_, 'data>,
    kind: u32,
    bytes: &'data [u8],
) -> Option<Contents<'data>> {
    use object::elf::*;
    let encoding = source.encoding;
    let attributes = || Attributes::decode(source, bytes).map(Contents::Attributes);
    match (Machine(source.machine), SectionType(kind)) {
        (EM_MIPS | EM_MIPS_RS3_LE, kind) => match kind {
            SHT_MIPS_REGINFO => mips::decode_reg_info(bytes, encoding).map(Contents::MipsRegInfo),
            SHT_MIPS_OPTIONS => mips::decode_options(bytes, encoding).map(Contents::MipsOptions),
            kind::SHT_MIPS_ABIFLAGS => {
                mips::decode_abi_flags(bytes, encoding).map(Contents::MipsAbiFlags)
            }
            SHT_MIPS_LIBLIST => solaris::decode_libraries(source, bytes).map(Contents::Libraries),
            _ => None,
        },
        (EM_ARM, SHT_ARM_ATTRIBUTES)
        | (EM_RISCV, SHT_RISCV_ATTRIBUTES)
        | (EM_CSKY, SHT_CSKY_ATTRIBUTES)
        | (EM_ARC | EM_ARC_COMPACT | EM_ARC_COMPACT2, kind::SHT_ARC_ATTRIBUTES)
        | (EM_MSP430 | EM_TI_C6000, kind::SHT_TI_ATTRIBUTES) => attributes(),
        _ => None,
    }
}

/// Section types that the `object` crate does not have. `<elf.h>` of each system; LLVM,
/// "Extensions".
mod kind {
    use object::elf::SectionType;

    pub const SHT_LLVM_LINKER_OPTIONS: SectionType = SectionType(0x6fff_4c01);
    pub const SHT_LLVM_ADDRSIG: SectionType = SectionType(0x6fff_4c03);
    pub const SHT_LLVM_SYMPART: SectionType = SectionType(0x6fff_4c05);
    pub const SHT_LLVM_BB_ADDR_MAP_V0: SectionType = SectionType(0x6fff_4c08);
    pub const SHT_LLVM_CALL_GRAPH_PROFILE: SectionType = SectionType(0x6fff_4c09);
    pub const SHT_LLVM_BB_ADDR_MAP: SectionType = SectionType(0x6fff_4c0a);
    pub const SHT_SUNW_CAP: SectionType = SectionType(0x6fff_fff5);
    pub const SHT_MIPS_ABIFLAGS: SectionType = SectionType(0x7000_002a);
    pub const SHT_ARC_ATTRIBUTES: SectionType = SectionType(0x7000_0001);
    pub const SHT_TI_ATTRIBUTES: SectionType = SectionType(0x7000_0003);
}

/// Whether contents of this kind, as [`decode`] makes them, are certain to give the bytes that they
/// were decoded from.
pub fn is_exact(contents: &Contents) -> bool {
    match contents {
        Contents::Symbols(_) | Contents::Group { .. } => true,
        Contents::Dynamic(_) | Contents::Notes(_) | Contents::Relr(_) => true,
        Contents::Words(_) | Contents::Halves(_) | Contents::Texts(_) => true,
        Contents::Definitions(_) | Contents::Needs(_) => true,
        Contents::SysvHash(_) | Contents::GnuHash(_) | Contents::Compressed(_) => true,
        Contents::Relocations(form, _) => !matches!(form, RelocForm::Crel { .. }),
        _ => false,
    }
}

/// Calls `add` with each string that the contents need in the linked string table, in order.
pub fn names<'a>(contents: &'a Contents<'_>, add: &mut dyn FnMut(&'a [u8])) {
    match contents {
        Contents::Symbols(symbols) => {
            symbols.iter().for_each(|(_, symbol)| add(&symbol.name.text));
        }
        Contents::Dynamic(dynamic) => dynamic.names().for_each(add),
        Contents::Definitions(definitions) => definitions.names().for_each(add),
        Contents::Needs(needs) => needs.names().for_each(add),
        Contents::Libraries(list) => list.iter().for_each(|library| {
            add(&library.name.text);
            add(&library.version.text);
        }),
        _ => {}
    }
}

/// Calls `visit` with each reference to a section or symbol: the index of the entry that refers,
/// what entries are, the name of the field, and the reference.
pub fn references(
    contents: &Contents,
    visit: &mut dyn FnMut(usize, &'static str, &'static str, Link),
) {
    let mut symbol = |entry, what, field, symbol: &RelocSymbol| {
        if let RelocSymbol::Symbol(id) = symbol {
            visit(entry, what, field, Link::Symbol(*id));
        }
    };
    match contents {
        Contents::Relocations(_, list) => {
            for (entry, relocation) in list.iter().enumerate() {
                symbol(entry, "relocation", "r_info", &relocation.symbol);
            }
        }
        Contents::AddressSignificant(symbols) => {
            for (entry, id) in symbols.iter().enumerate() {
                symbol(entry, "address-significant symbol", "symbol", id);
            }
        }
        Contents::Symbols(symbols) => {
            for (entry, (_, symbol)) in symbols.iter().enumerate() {
                if let SymbolSection::Section(id) | SymbolSection::Extended(id) = symbol.section {
                    visit(entry, "symbol", "st_shndx", Link::Section(id));
                }
            }
        }
        Contents::Group { members, .. } => {
            for (entry, member) in members.iter().enumerate() {
                if let GroupMember::Section(id) = member {
                    visit(entry, "group member", "section", Link::Section(*id));
                }
            }
        }
        Contents::Dynamic(dynamic) => {
            for (entry, item) in dynamic.entries.iter().enumerate() {
                if let dynamic::DynamicValue::Address(id) | dynamic::DynamicValue::Size(id) =
                    item.value
                {
                    visit(entry, "dynamic entry", "d_un", Link::Section(id));
                }
            }
        }
        _ => {}
    }
}

/// How many bytes the contents have in memory: in the file as many, but for [`Contents::NoBits`].
///
/// # Errors
/// Those of [`encode`], for contents whose size is known only by encoding them.
pub fn size(contents: &Contents, context: &Context) -> Result<u64> {
    Ok(match contents {
        Contents::Empty => 0,
        Contents::NoBits(size) | Contents::Shared(size) => *size,
        Contents::Bytes(bytes) => bytes.len() as u64,
        Contents::Strings(_) => strings::encode(context).len() as u64,
        Contents::Symbols(symbols) => symbols::size(symbols.len(), context.encoding),
        Contents::SymbolSections => symbol_sections::size(context),
        Contents::Relocations(form, relocations) => relocations::size(*form, relocations, context)?,
        Contents::Group { members, .. } => 4 + 4 * members.len() as u64,
        Contents::Dynamic(dynamic) => dynamic.size(context.encoding),
        Contents::SysvHash(table) => table.size(context),
        Contents::GnuHash(table) => table.size(context),
        Contents::Definitions(definitions) => definitions.size(),
        Contents::Needs(needs) => needs.size(),
        Contents::Words(words) => (words.len() * context.encoding.word_size()) as u64,
        Contents::Halves(halves) => 2 * halves.len() as u64,
        Contents::Texts(texts) => texts.iter().map(|text| text.len() as u64 + 1).sum(),
        Contents::Compressed(compressed) => compressed.size(context.encoding),
        Contents::Libraries(list) => 20 * list.len() as u64,
        _ => encode(contents, context)?.len() as u64,
    })
}

/// What `sh_info` is where it follows from the contents.
pub fn info(contents: &Contents) -> Option<u32> {
    match contents {
        Contents::Symbols(symbols) => Some(symbols::first_global(symbols)),
        Contents::Definitions(definitions) => Some(definitions.definitions.len() as u32),
        Contents::Needs(needs) => Some(needs.needs.len() as u32),
        _ => None,
    }
}

/// The contents as bytes of the file.
///
/// # Errors
/// If a value does not fit its field or refers to what is not there.
pub fn encode<'a>(contents: &'a Contents<'_>, context: &Context) -> Result<Cow<'a, [u8]>> {
    let encoding = context.encoding;
    let unfit = |unfit: writer::Unfit| unfit.at(context.place());
    Ok(match contents {
        Contents::Empty | Contents::NoBits(_) | Contents::Shared(_) => Cow::Borrowed(&[]),
        Contents::Bytes(bytes) => Cow::Borrowed(bytes),
        Contents::Strings(_) => strings::encode(context).to_vec().into(),
        Contents::Symbols(symbols) => symbols::encode(symbols, context)?.into(),
        Contents::SymbolSections => symbol_sections::encode(context)?.into(),
        Contents::Relocations(form, list) => relocations::encode(*form, list, context)?.into(),
        Contents::Group { flags, members } => group::encode(*flags, members, context)?.into(),
        Contents::Dynamic(dynamic) => dynamic.encode(context)?.into(),
        Contents::SysvHash(table) => table.encode(context)?.into(),
        Contents::GnuHash(table) => table.encode(context)?.into(),
        Contents::Definitions(definitions) => definitions.encode(context)?.into(),
        Contents::Needs(needs) => needs.encode(context)?.into(),
        Contents::Notes(notes) => {
            notes.encode(encoding, notes::alignment(context)).map_err(unfit)?.into()
        }
        Contents::Relr(relr) => relr.encode(encoding).map_err(unfit)?.into(),
        Contents::Words(words) => words::encode_words(words, encoding).map_err(unfit)?.into(),
        Contents::Halves(halves) => words::encode_halves(halves, encoding).into(),
        Contents::Texts(texts) => words::encode_texts(texts, encoding).map_err(unfit)?.into(),
        Contents::Attributes(list) => list.encode(encoding).map_err(unfit)?.into(),
        Contents::Compressed(compressed) => compressed.encode(encoding).map_err(unfit)?.into(),
        Contents::MipsAbiFlags(flags) => mips::encode_abi_flags(flags, encoding).into(),
        Contents::MipsRegInfo(info) => mips::encode_reg_info(info, encoding).map_err(unfit)?.into(),
        Contents::MipsOptions(list) => mips::encode_options(list, encoding).map_err(unfit)?.into(),
        Contents::DebugLink(link) => link.encode(encoding).into(),
        Contents::DebugAltLink(link) => link.encode(encoding).into(),
        Contents::Capabilities(list) => {
            solaris::encode_capabilities(list, encoding).map_err(unfit)?.into()
        }
        Contents::Syminfo(list) => solaris::encode_syminfo(list, encoding).into(),
        Contents::Moves(list) => solaris::encode_moves(list, encoding).map_err(unfit)?.into(),
        Contents::Libraries(list) => solaris::encode_libraries(list, context)?.into(),
        Contents::AddressSignificant(list) => llvm::encode_symbols(list, context)?.into(),
        Contents::CallWeights(list) => llvm::encode_weights(list, encoding).into(),
        Contents::StackSizes(list) => {
            llvm::encode_stack_sizes(list, encoding).map_err(unfit)?.into()
        }
        Contents::BlockMaps(list) => {
            let is_old = owner_kind(context) == kind::SHT_LLVM_BB_ADDR_MAP_V0.0;
            llvm::encode_block_maps(list, is_old, encoding).map_err(unfit)?.into()
        }
    })
}

/// `sh_type` of the section whose contents are written; 0 for a segment's.
fn owner_kind(context: &Context) -> u32 {
    match context.owner {
        Owner::Section(id) => context.object.sections.get(id.0).map_or(0, |section| section.kind),
        Owner::Segment(_) => 0,
    }
}

/// Leaves all fields to the writer that it would give the values they have. `room` is how many bytes
/// may still be unpacked to find that out.
pub fn simplify(contents: &mut Contents, context: &Context, room: &mut u64) {
    match contents {
        Contents::Symbols(symbols) => symbols::simplify(symbols, context),
        Contents::Dynamic(dynamic) => dynamic.simplify(context),
        Contents::SysvHash(table) => table.simplify(context),
        Contents::GnuHash(table) => table.simplify(context),
        Contents::Definitions(definitions) => definitions.simplify(context),
        Contents::Needs(needs) => needs.simplify(context),
        Contents::Compressed(compressed) => compressed.simplify(room),
        Contents::Libraries(list) => solaris::simplify_libraries(list, context),
        _ => {}
    }
}

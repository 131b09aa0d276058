//! Contents of sections and segments: which module prints and reads them.
//!
//! In a description, contents are a block behind the head of a section or segment. What has a
//! structure is one statement, whose first word says which:
//!
//! ```text
//! section .group GROUP { group COMDAT [.text.f]; }
//! section .symtab SYMTAB { symbols {
//!     main FUNC GLOBAL .text 0x0 size=20;
//! } }
//! ```
//!
//! All else is data: statements of [`crate::data`], one after the other. A section that ends at a
//! `;` has the contents that its type asks for: an empty table, or strings as they are used.
//!
//! # A new kind of contents
//! It is a module with two functions:
//!
//! - `print(…, printer, view)` prints the block, from the space before `{` to the end of the line
//!   behind `}`: [`Printer::open_inner`] and [`Printer::close_inner`] for a table, or all on one line.
//!   It is called from [`print`].
//! - `read(statement, context)` makes the contents of the statement. It is listed in [`FORMS`] with
//!   its keyword.
//!
//! Both work on one [`Contents`] variant. What a description may hold that is wrong on purpose is
//! for the model to say; bytes that it cannot say arrive as [`Contents::Bytes`] and never come here.

use libelf::edit::contents::Strings;
use libelf::edit::contents::hashes::{GnuHash, SysvHash};
use libelf::edit::reloc::RelocForm;
use libelf::edit::{Contents, Slots, Symbol};
use libelf::raw::{
    SHT_DYNSYM, SHT_GNU_HASH, SHT_HASH, SHT_NOBITS, SHT_REL, SHT_RELA, SHT_STRTAB, SHT_SYMTAB,
    SHT_SYMTAB_SHNDX, SectionType,
};
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::Statement;

use crate::context::{Context, Read, missing, unexpected};
use crate::printer::Printer;
use crate::view::{Owner, View};
use crate::{
    attributes, compressed, data, debug_link, dynamic, groups, hashes, llvm, mips, notes,
    relocations, relr, solaris, strings, symbols, versions,
};

/// Reads the contents that one statement is.
type Reader = for<'s> fn(&'s Statement<'s>, &mut Context<'s>) -> Read<Contents<'s>>;

/// The first words of statements that are contents by themselves.
pub const FORMS: &[(&str, Reader)] = &[
    ("symbols", symbols::read),
    ("relocs", relocations::read),
    ("group", groups::read),
    ("strings", strings::read),
    ("dynamic", dynamic::read),
    ("notes", notes::read),
    ("relr", relr::read),
    ("hash", hashes::read_sysv),
    ("gnu_hash", hashes::read_gnu),
    ("attributes", attributes::read),
    ("abiflags", mips::read_abi_flags),
    ("reginfo", mips::read_reg_info),
    ("options", mips::read_options),
    ("capabilities", solaris::read_capabilities),
    ("syminfo", solaris::read_syminfo),
    ("move", solaris::read_moves),
    ("libraries", solaris::read_libraries),
    ("addrsig", llvm::read_symbols),
    ("call_graph", llvm::read_weights),
    ("stack_sizes", llvm::read_stack_sizes),
    ("bb_addr_map", llvm::read_block_maps),
    ("debuglink", debug_link::read),
    ("debugaltlink", debug_link::read_alt),
    ("compressed", compressed::read),
    ("verdef", versions::read_definitions),
    ("verneed", versions::read_needs),
    ("section_indexes", section_indexes),
    ("shared", shared),
    ("nobits", nobits),
];

/// Prints contents: `;`, or a block; and the end of the line.
pub fn print<'data>(
    contents: &Contents<'data>,
    owner: Owner<'_, 'data>,
    printer: &mut Printer<'_>,
    view: &View<'_, 'data>,
) {
    let kind = owner.section_type().unwrap_or_default();
    if matches!(contents, Contents::Bytes(bytes) if bytes.is_empty()) {
        return print(&Contents::Empty, owner, printer, view);
    }
    if default(kind) == *contents {
        return printer.end();
    }
    match contents {
        Contents::Empty => printer.text(" { }\n"),
        Contents::Bytes(bytes) => data::print(bytes, owner, printer),
        Contents::Strings(strings) => strings::print(strings, printer),
        Contents::Symbols(table) => symbols::print(table, printer, view),
        Contents::Relocations(form, rows) => relocations::print(*form, rows, owner, printer, view),
        Contents::Group { flags, members } => groups::print(*flags, members, printer, view),
        Contents::Dynamic(dynamic) => dynamic::print(dynamic, printer, view),
        Contents::Notes(notes) => notes::print(notes, printer, view),
        Contents::Relr(relr) => relr::print(relr, printer),
        Contents::Halves(indexes) => versions::print_indexes(indexes, printer),
        Contents::SysvHash(hash) => hashes::print_sysv(hash, printer),
        Contents::GnuHash(hash) => hashes::print_gnu(hash, printer),
        Contents::Attributes(list) => attributes::print(list, printer, view),
        Contents::MipsAbiFlags(flags) => mips::print_abi_flags(flags, printer),
        Contents::MipsRegInfo(info) => mips::print_reg_info(info, printer),
        Contents::MipsOptions(options) => mips::print_options(options, printer),
        Contents::Capabilities(list) => solaris::print_capabilities(list, printer),
        Contents::Syminfo(list) => solaris::print_syminfo(list, printer),
        Contents::Moves(list) => solaris::print_moves(list, printer),
        Contents::Libraries(list) => solaris::print_libraries(list, printer),
        Contents::AddressSignificant(list) => llvm::print_symbols(list, printer, view),
        Contents::CallWeights(weights) => llvm::print_weights(weights, printer),
        Contents::StackSizes(sizes) => llvm::print_stack_sizes(sizes, printer),
        Contents::BlockMaps(maps) => llvm::print_block_maps(maps, printer),
        Contents::DebugLink(link) => debug_link::print(link, printer),
        Contents::DebugAltLink(link) => debug_link::print_alt(link, printer),
        Contents::Compressed(compressed) => compressed::print(compressed, printer),
        Contents::Definitions(definitions) => versions::print_definitions(definitions, printer),
        Contents::Needs(needs) => versions::print_needs(needs, printer),
        Contents::SymbolSections => printer.text(" { section_indexes; }\n"),
        Contents::Shared(size) => print_size("shared", *size, printer),
        Contents::NoBits(size) => print_size("nobits", *size, printer),
        Contents::Texts(texts) => data::print_strings(texts.iter().map(AsRef::as_ref), printer),
        Contents::Words(words) => data::print_words(words, printer),
    }
}

fn print_size(keyword: &str, size: u64, printer: &mut Printer<'_>) {
    printer.text(" { ");
    printer.text(keyword);
    printer.text(" ");
    printer.number(size);
    printer.text("; }\n");
}

/// What a section of this type holds if its statement says nothing about it.
pub fn default(kind: u32) -> Contents<'static> {
    match SectionType(kind) {
        SHT_STRTAB => Contents::Strings(Strings::default()),
        SHT_SYMTAB | SHT_DYNSYM => {
            let mut symbols = Slots::default();
            symbols.push(Symbol::default());
            Contents::Symbols(symbols)
        }
        SHT_SYMTAB_SHNDX => Contents::SymbolSections,
        SHT_REL => Contents::Relocations(RelocForm::Rel, Vec::new()),
        SHT_RELA => Contents::Relocations(RelocForm::Rela, Vec::new()),
        SHT_HASH => Contents::SysvHash(SysvHash::default()),
        SHT_GNU_HASH => Contents::GnuHash(GnuHash::default()),
        SHT_NOBITS => Contents::NoBits(0),
        _ => Contents::Empty,
    }
}

/// Reads the statements of a block.
///
/// # Errors
/// Those of the statement that is contents by itself; errors of others are collected.
pub fn read<'s>(block: &'s [Statement<'s>], context: &mut Context<'s>) -> Read<Contents<'s>> {
    let form = block.first().and_then(|statement| form(statement));
    match (form, block) {
        (Some(read), [statement]) => read(statement, context),
        (Some(_), [_, second, ..]) => {
            Err(Diagnostic::error(second.span, "nothing can follow these contents")
                .hint("contents with a structure stand alone; data can be `hex`, `u32`, …"))
        }
        _ => {
            let bytes = data::read(block, context)?;
            Ok(if bytes.is_empty() { Contents::Empty } else { Contents::Bytes(bytes) })
        }
    }
}

/// The reader of a statement that is contents by itself.
pub fn form(statement: &Statement<'_>) -> Option<Reader> {
    let keyword = statement.keyword()?;
    FORMS.iter().find(|(word, _)| *word == keyword).map(|(_, read)| *read)
}

fn section_indexes<'s>(statement: &'s Statement<'s>, _: &mut Context<'s>) -> Read<Contents<'s>> {
    match statement.terms.get(1) {
        Some(term) => Err(unexpected(term, "`;`")),
        None => Ok(Contents::SymbolSections),
    }
}

fn shared<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Contents<'s>> {
    size(statement, context).map(Contents::Shared)
}

fn nobits<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Contents<'s>> {
    size(statement, context).map(Contents::NoBits)
}

/// `KEYWORD SIZE;`
fn size(statement: &Statement<'_>, context: &mut Context<'_>) -> Read<u64> {
    match statement.terms.as_slice() {
        [_, size] => context.unsigned(size, u64::BITS),
        [_, _, term, ..] => Err(unexpected(term, "`;`")),
        _ => Err(missing(statement, "a size in bytes")),
    }
}

//! The `relocs` statement: relocations. gABI, chapter 4, "Relocation".
//!
//! ```text
//! section .rela.text RELA { relocs {
//!     0x0012 R_X86_64_PC32  main -4;
//!     0x0020 R_X86_64_RELATIVE 0x4010;
//! } }
//! ```
//!
//! A row is an offset, a type by name or number, a symbol, and an addend. A symbol that has no name
//! of its own is `symbol=INDEX`; a row without a symbol has none. 64-bit MIPS packs three types in
//! one relocation: they are a list, and `ssym=` is the special symbol.
//!
//! How rows are stored follows from the type of the section; `form=` says it where it does not:
//! `rel`, `rela`, `crel`, or `crela` for `SHT_CREL` with addends.

use libelf::edit::reloc::{RelocForm, RelocSymbol, Relocation};
use libelf::edit::{Contents, SectionId, SymbolId};
use libelf::raw::{EM_MIPS, SHT_CREL, SHT_REL, SHT_RELA, SectionType};
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::{Statement, Term, TermKind};

use crate::context::{Context, Read, missing, no_symbols, unexpected};
use crate::names::Names;
use crate::printer::Printer;
use crate::section::linked_table;
use crate::view::{Owner, Reference, View};

/// The words for the forms.
const FORMS: &[(&str, RelocForm)] = &[
    ("rel", RelocForm::Rel),
    ("rela", RelocForm::Rela),
    ("crel", RelocForm::Crel { has_addends: false }),
    ("crela", RelocForm::Crel { has_addends: true }),
];
/// Relocations whose types and names are looked at for the width of their columns.
const MEASURED: usize = 10_000;
/// Names longer than this do not widen their column.
const WIDEST_NAME: usize = 32;

/// The form that a section type asks for.
fn usual_form(kind: u32) -> Option<RelocForm> {
    match SectionType(kind) {
        SHT_REL => Some(RelocForm::Rel),
        SHT_RELA => Some(RelocForm::Rela),
        SHT_CREL => Some(RelocForm::Crel { has_addends: true }),
        _ => None,
    }
}

const fn has_addends(form: RelocForm) -> bool {
    !matches!(form, RelocForm::Rel | RelocForm::Crel { has_addends: false })
}

/// Whether a relocation packs three types.
fn is_packed(names: &Names) -> bool {
    let header = names.header();
    header.machine == EM_MIPS && header.encoding.is_64()
}

/// Prints the block.
pub fn print(
    form: RelocForm,
    rows: &[Relocation],
    owner: Owner<'_, '_>,
    printer: &mut Printer<'_>,
    view: &View<'_, '_>,
) {
    let usual = owner.section_type().and_then(usual_form);
    let word = FORMS.iter().find(|(_, known)| *known == form).map_or("rel", |(word, _)| word);
    if usual == Some(form) {
        printer.open_inner("relocs");
    } else {
        printer.open_inner(&format!("relocs form={word}"));
    }
    let is_packed = is_packed(&view.names);
    let columns = Columns::new(rows, is_packed, view);
    for row in rows {
        if printer.has_failed() {
            break;
        }
        printer.indent();
        printer.hex_padded(row.offset, columns.offset);
        printer.text(" ");
        let mark = printer.mark();
        let packed_rest = print_type(row.kind, is_packed, printer, view);
        let has_more = row.symbol != RelocSymbol::None || row.addend != 0;
        if has_more {
            printer.pad(mark, columns.kind);
        }
        print_symbol(row, columns.symbol, printer, view);
        if packed_rest != 0 {
            printer.dec_attribute("ssym", packed_rest.into());
        }
        printer.end();
    }
    printer.close_inner();
}

/// The widths of columns.
struct Columns {
    offset: usize,
    kind: usize,
    symbol: usize,
}

impl Columns {
    fn new(rows: &[Relocation], is_packed: bool, view: &View<'_, '_>) -> Self {
        let all = rows.iter().fold(0, |all, row| all | row.offset);
        let mut columns = Self {
            offset: ((u64::BITS - (all | 1).leading_zeros()).div_ceil(4)) as usize,
            kind: 0,
            symbol: 0,
        };
        for row in rows.iter().take(MEASURED) {
            if !is_packed && let Some(word) = view.names.reloc(row.kind) {
                columns.kind = columns.kind.max(word.len());
            }
            if let RelocSymbol::Symbol(id) = row.symbol
                && let Reference::Name(name) = view.symbol(id)
            {
                columns.symbol = columns.symbol.max(name.len().min(WIDEST_NAME));
            }
        }
        columns
    }
}

/// Prints the type; of a packed one, what is left to be printed behind: the special symbol.
fn print_type(kind: u32, is_packed: bool, printer: &mut Printer<'_>, view: &View<'_, '_>) -> u8 {
    let [first, second, third, special] = kind.to_le_bytes();
    if !is_packed {
        match view.names.reloc(kind) {
            Some(word) => printer.text(word),
            None => printer.number(kind.into()),
        }
        return 0;
    }
    if second == 0 && third == 0 {
        print_type(first.into(), false, printer, view);
        return special;
    }
    printer.text("[");
    for (index, kind) in [first, second, third].into_iter().enumerate() {
        printer.text(if index == 0 { "" } else { ", " });
        print_type(kind.into(), false, printer, view);
    }
    printer.text("]");
    special
}

fn print_symbol(row: &Relocation, width: usize, printer: &mut Printer<'_>, view: &View<'_, '_>) {
    let mark = printer.mark();
    let index = match row.symbol {
        RelocSymbol::None => None,
        RelocSymbol::Index(index) => Some(index),
        RelocSymbol::Symbol(id) => match view.symbol(id) {
            Reference::Name(name) => {
                printer.text(" ");
                printer.name(name);
                None
            }
            Reference::Index(index) => Some(index),
        },
    };
    if let Some(index) = index {
        printer.dec_attribute("symbol", index.into());
    }
    if row.addend != 0 {
        if row.symbol != RelocSymbol::None {
            printer.pad(mark, width + 1);
        }
        printer.text(" ");
        printer.signed(row.addend);
    }
}

/// Reads the statement.
///
/// # Errors
/// It has no block, or the form cannot be told. Errors of rows are collected.
pub fn read<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Contents<'s>> {
    let Some(rows) = &statement.block else {
        return Err(missing(statement, "a block of relocations"));
    };
    let owner = context.section.and_then(|id| context.object.sections.get(id.0));
    let mut form = owner.and_then(|section| usual_form(section.kind));
    for term in statement.terms.iter().skip(1) {
        let TermKind::Attr("form", value) = &term.kind else {
            return Err(unexpected(term, "`form=`"));
        };
        let found = FORMS.iter().find(|(word, _)| value.word() == Some(word));
        let Some((_, found)) = found else {
            return Err(unexpected(value, "`rel`, `rela`, `crel` or `crela`"));
        };
        form = Some(*found);
    }
    let Some(form) = form else {
        return Err(Diagnostic::error(statement.span, "how are these relocations stored?")
            .hint("`relocs form=rela { … }`"));
    };
    let is_narrow = !context.encoding().is_64() && !matches!(form, RelocForm::Crel { .. });
    let reader = Rows {
        type_bits: if is_narrow { 8 } else { u32::BITS },
        symbol_bits: if is_narrow { 24 } else { u32::BITS },
        table: owner_table(context),
        is_packed: is_packed(&context.names),
        has_addends: has_addends(form),
    };
    let mut relocations = Vec::with_capacity(rows.len());
    for row in rows {
        let read = reader.read(row, context);
        relocations.extend(context.check(read));
    }
    Ok(Contents::Relocations(form, relocations))
}

/// The symbol table of the section that is read. Its `link` is read before its contents.
fn owner_table(context: &Context<'_>) -> Option<SectionId> {
    linked_table(context.section?, context)
}

/// What rows of a table have in common.
struct Rows {
    /// Bits of a type.
    type_bits: u32,
    /// Bits of the index of a symbol.
    symbol_bits: u32,
    table: Option<SectionId>,
    is_packed: bool,
    has_addends: bool,
}

impl Rows {
    fn read(&self, row: &Statement<'_>, context: &mut Context<'_>) -> Read<Relocation> {
        if row.block.is_some() {
            return Err(Diagnostic::error(row.span, "a relocation has no block"));
        }
        let mut relocation = Relocation::default();
        let [offset, kind, rest @ ..] = row.terms.as_slice() else {
            return Err(missing(row, "an offset and a relocation type"));
        };
        relocation.offset = context.unsigned(offset, context.word_bits())?;
        relocation.kind = self.kind(kind, context)?;
        let mut has_addend = false;
        for term in rest {
            match &term.kind {
                TermKind::Word(_) | TermKind::Str(_)
                    if relocation.symbol == RelocSymbol::None && !has_addend =>
                {
                    relocation.symbol = RelocSymbol::Symbol(self.symbol(term, context)?);
                }
                TermKind::Int(_) | TermKind::Expr(_) if !has_addend && self.has_addends => {
                    has_addend = true;
                    let bits = context.word_bits();
                    relocation.addend = sign_extended(context.wrapped(term, bits)?, bits);
                }
                TermKind::Attr("symbol", value) => {
                    relocation.symbol = self.symbol_index(value, context)?;
                }
                TermKind::Attr("ssym", value) if self.is_packed => {
                    relocation.kind |= (context.unsigned(value, 8)? as u32) << 24;
                }
                _ if has_addend => {
                    return Err(unexpected(term, "`;`").hint(
                        "a row is an offset, a type, a symbol by name or by `symbol=`, an addend",
                    ));
                }
                _ if self.has_addends => {
                    return Err(unexpected(term, "a symbol, then an addend"));
                }
                _ => {
                    return Err(unexpected(term, "a symbol").hint("this form has no addends"));
                }
            }
        }
        Ok(relocation)
    }

    fn kind(&self, term: &Term<'_>, context: &mut Context<'_>) -> Read<u32> {
        if let Some(types) = term.list().filter(|_| self.is_packed) {
            let mut packed = 0;
            for (index, part) in types.iter().enumerate() {
                let kind = self.kind(part, context)?;
                if index > 2 || kind > u8::MAX.into() {
                    return Err(unexpected(part, "at most three types of 8 bits"));
                }
                packed |= kind << (index * 8);
            }
            return Ok(packed);
        }
        match term.kind {
            TermKind::Word(word) => context.names.reloc_number(word).ok_or_else(|| {
                let names = &context.names;
                let error = unexpected(term, "a relocation type of this machine");
                names.suggest(error, word.as_bytes(), names.reloc_words())
            }),
            _ => Ok(context.unsigned(term, self.type_bits)? as u32),
        }
    }

    fn symbol(&self, term: &Term<'_>, context: &Context<'_>) -> Read<SymbolId> {
        match self.table {
            Some(table) => context.symbol(table, term),
            None => Err(no_symbols(term)),
        }
    }

    /// `symbol=`: a name, the index of a symbol, or a number that is no symbol's index.
    fn symbol_index(&self, value: &Term<'_>, context: &mut Context<'_>) -> Read<RelocSymbol> {
        if value.text().is_some() {
            return self.symbol(value, context).map(RelocSymbol::Symbol);
        }
        let index = context.unsigned(value, self.symbol_bits)? as u32;
        let keys = self.table.map(|table| (table, context.symbol_keys(table)));
        let found = keys.and_then(|(table, keys)| Some((table, *keys.get(index as usize)?)));
        Ok(match found {
            _ if index == 0 => RelocSymbol::None,
            Some((table, key)) => RelocSymbol::Symbol(SymbolId { table, key }),
            None => RelocSymbol::Index(index),
        })
    }
}

/// The signed number of the low `bits` bits.
fn sign_extended(value: u64, bits: u32) -> i64 {
    let unused = u64::BITS.saturating_sub(bits);
    (value << unused) as i64 >> unused
}

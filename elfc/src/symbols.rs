//! The `symbols` statement: a symbol table. gABI, chapter 4, "Symbol Table".
//!
//! ```text
//! symbols {
//!     "a.c"  FILE    LOCAL  ABS;
//!     ""     SECTION LOCAL  .text;
//!     main   FUNC    GLOBAL .text 0x10 size=20;
//!     printf;
//! }
//! ```
//!
//! A row is a name and then, in any order, what the words say: type, binding, visibility, and the
//! section, which is a name or a reserved index such as `ABS`; a section that is called like one of
//! the words is written as a string. Then come the value and attributes:
//!
//! | attribute | | without it |
//! |---|---|---|
//! | `size` | `st_size` | 0 |
//! | `at` | a label: section and value are those of the label | |
//! | `section` | the section by index, or any number as `st_shndx` | |
//! | `extended` | a section whose index goes through `SHT_SYMTAB_SHNDX` in any case | |
//! | `type`, `bind` | as numbers | `NOTYPE`; `GLOBAL`, or `LOCAL` for sections and files |
//! | `other` | `st_other` but for the visibility | 0 |
//! | `name_offset` | `st_name` | where the name is |
//!
//! The null symbol stands before all, unless the first row has `index=0`.

use std::borrow::Cow;

use libelf::edit::{Contents, Field, Name, SectionId, Slots, Symbol, SymbolSection};
use libelf::raw::{
    STB_GLOBAL, STB_LOCAL, STT_FILE, STT_NOTYPE, STT_SECTION, SymbolBind, SymbolType,
};
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::{Statement, Term, TermKind};

use crate::context::{Context, Read, missing, no_attribute, unexpected};
use crate::header::field;
use crate::names::Names;
use crate::printer::Printer;
use crate::section::null_index;
use crate::view::{Reference, View, symbol_name};

/// Names longer than this do not widen their column.
const WIDEST_NAME: usize = 40;
/// The bits of `st_other` that are the visibility.
const VISIBILITY: u8 = 3;
/// Visibilities by number.
const VISIBILITIES: [&str; 4] = ["DEFAULT", "INTERNAL", "HIDDEN", "PROTECTED"];
/// `SHN_LORESERVE`
const LORESERVE: u64 = 0xff00;
const NULL: Symbol<'static> = Symbol {
    name: Name { text: Cow::Borrowed(&[]), offset: Field::Auto },
    info: 0,
    other: 0,
    section: SymbolSection::Undefined,
    value: 0,
    size: 0,
};

/// Prints the block.
pub fn print(table: &Slots<Symbol<'_>>, printer: &mut Printer<'_>, view: &View<'_, '_>) {
    let words = Words::new(&view.names);
    printer.open_inner("symbols");
    let lengths = table.iter().map(|(_, symbol)| symbol.name.text.len());
    let name_width = lengths.max().unwrap_or_default().min(WIDEST_NAME);
    let value_digits = value_digits(table);
    for (index, (_, symbol)) in table.iter().enumerate() {
        if index == 0 && *symbol == NULL {
            continue;
        }
        if printer.has_failed() {
            break;
        }
        printer.indent();
        let mark = printer.mark();
        printer.name(&symbol.name.text);
        printer.pad(mark, name_width);
        print_row(symbol, index, &words, value_digits, printer, view);
        printer.end();
    }
    if table.is_empty() {
        // Even the null symbol is missing.
        printer.indent();
        printer.text("none;\n");
    }
    printer.close_inner();
}

fn value_digits(table: &Slots<Symbol<'_>>) -> usize {
    let largest = table.iter().map(|(_, symbol)| symbol.value).fold(0, |all, value| all | value);
    (u64::BITS - (largest | 1).leading_zeros()).div_ceil(4) as usize
}

fn print_row(
    symbol: &Symbol<'_>,
    index: usize,
    words: &Words,
    value_digits: usize,
    printer: &mut Printer<'_>,
    view: &View<'_, '_>,
) {
    let kind = symbol.info & 0xf;
    let bind = symbol.info >> 4;
    match words.kinds.get(usize::from(kind)).copied().flatten() {
        Some(word) => padded(word, 7, printer),
        None => printer.dec_attribute("type", kind.into()),
    }
    match words.binds.get(usize::from(bind)).copied().flatten() {
        Some(word) => padded(word, 6, printer),
        None => printer.dec_attribute("bind", bind.into()),
    }
    let visibility = usize::from(symbol.other & VISIBILITY);
    if visibility != 0 {
        printer.word(VISIBILITIES.get(visibility).copied().unwrap_or_default());
    }
    print_section(symbol.section, words, printer, view);
    if symbol.value != 0 || symbol.size != 0 {
        printer.text(" ");
        printer.hex_padded(symbol.value, value_digits);
    }
    if symbol.size != 0 {
        printer.dec_attribute("size", symbol.size);
    }
    if symbol.other & !VISIBILITY != 0 {
        printer.hex_attribute("other", (symbol.other & !VISIBILITY).into());
    }
    field("name_offset", symbol.name.offset, printer);
    if index == 0 {
        printer.dec_attribute("index", 0);
    }
}

fn padded(word: &str, width: usize, printer: &mut Printer<'_>) {
    printer.text(" ");
    let mark = printer.mark();
    printer.text(word);
    printer.pad(mark, width);
}

fn print_section(
    section: SymbolSection,
    words: &Words,
    printer: &mut Printer<'_>,
    view: &View<'_, '_>,
) {
    match section {
        SymbolSection::Undefined => printer.word("UND"),
        SymbolSection::Section(id) => match view.section(id) {
            Reference::Name(name) => {
                printer.text(" ");
                // Nearly all names of sections start with a dot, and no word does.
                if name.first() != Some(&b'.') && words.is_word(name) {
                    printer.string(name);
                } else {
                    printer.name(name);
                }
            }
            Reference::Index(index) => printer.dec_attribute("section", index.into()),
        },
        SymbolSection::Extended(id) => {
            printer.attribute("extended");
            view.print_reference(printer, view.section(id));
        }
        SymbolSection::Index(index) => match view.names.special_section(index) {
            Some(word) if index != 0 => printer.word(word),
            _ => printer.hex_attribute("section", index.into()),
        },
    }
}

/// The words of a row, looked up once for a table.
struct Words {
    kinds: [Option<&'static str>; 16],
    binds: [Option<&'static str>; 16],
    sections: Vec<(&'static str, u16)>,
}

impl Words {
    fn new(names: &Names) -> Self {
        let mut words = Self { kinds: [None; 16], binds: [None; 16], sections: Vec::new() };
        for number in 0..16 {
            words.set(number, names);
        }
        words.sections = std::iter::once(0)
            .chain(0xff00..=0xffff)
            .filter_map(|index| Some((names.special_section(index)?, index)))
            .collect();
        words
    }

    fn set(&mut self, number: u8, names: &Names) {
        if let Some(place) = self.kinds.get_mut(usize::from(number)) {
            *place = names
                .symbol_type(number)
                .filter(|word| names.symbol_type_number(word) == Some(number));
        }
        if let Some(place) = self.binds.get_mut(usize::from(number)) {
            *place = names
                .symbol_binding(number)
                .filter(|word| names.symbol_binding_number(word) == Some(number));
        }
    }

    fn find(&self, word: &str) -> Option<Word> {
        let number = |list: &[Option<&str>]| {
            list.iter().position(|known| *known == Some(word)).map(|number| number as u8)
        };
        if let Some(kind) = number(&self.kinds) {
            return Some(Word::Kind(kind));
        }
        if let Some(bind) = number(&self.binds) {
            return Some(Word::Bind(bind));
        }
        if let Some(visibility) = VISIBILITIES.iter().position(|known| *known == word) {
            return Some(Word::Visibility(visibility as u8));
        }
        let section = self.sections.iter().find(|(known, _)| *known == word);
        section.map(|(_, index)| Word::Section(*index))
    }

    /// The error for a word that says nothing.
    fn unknown(&self, word: &str, term: &Term<'_>, context: &Context<'_>) -> Diagnostic {
        // It is clear what a name with a dot would be.
        if let (true, Err(error)) = (word.starts_with('.'), context.section(term)) {
            return error;
        }
        let error = unexpected(term, "a type, binding, visibility or section");
        let numbered = self.kinds.iter().chain(&self.binds).copied().flatten();
        let sections = self.sections.iter().map(|(word, _)| *word);
        let known = numbered.chain(VISIBILITIES).chain(sections).map(str::as_bytes);
        context.names.suggest(error, word.as_bytes(), known)
    }

    fn is_word(&self, name: &[u8]) -> bool {
        std::str::from_utf8(name).is_ok_and(|word| self.find(word).is_some())
    }
}

/// What a word of a row says.
#[derive(Clone, Copy)]
enum Word {
    Kind(u8),
    Bind(u8),
    Visibility(u8),
    Section(u16),
}

/// Reads the statement.
///
/// # Errors
/// It has no block. Errors of rows are collected.
pub fn read<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Contents<'s>> {
    let Some(rows) = &statement.block else {
        return Err(missing(statement, "a block of symbols"));
    };
    if let Some(term) = statement.terms.get(1) {
        return Err(unexpected(term, "`{`"));
    }
    let words = Words::new(&context.names);
    let mut table = Slots::with_capacity(rows.len().saturating_add(1));
    let is_own_null = rows.first().is_some_and(has_index);
    let is_empty = matches!(rows.as_slice(), [only] if only.keyword() == Some("none") && only.terms.len() == 1);
    if is_empty {
        return Ok(Contents::Symbols(table));
    }
    if !is_own_null {
        table.push(NULL);
    }
    for row in rows {
        let symbol = read_row(row, &words, context);
        table.push(context.check(symbol).unwrap_or(NULL));
    }
    Ok(Contents::Symbols(table))
}

fn has_index(row: &Statement<'_>) -> bool {
    row.attributes().any(|(name, _)| name == "index")
}

/// Makes the symbols of a table known by their names.
pub fn register<'s>(table: SectionId, rows: &'s [Statement<'s>], context: &mut Context<'s>) {
    let Some(section) = context.object.sections.get(table.0) else {
        return;
    };
    let Contents::Symbols(symbols) = &section.contents else {
        return;
    };
    let mut names: Vec<(&'s [u8], u32)> = Vec::with_capacity(rows.len());
    for (key, symbol) in symbols.iter() {
        // Names that the description holds live as long as it does.
        let name = match &symbol.name.text {
            Cow::Borrowed(name) if !name.is_empty() => *name,
            _ => match section_name(context, symbol) {
                Some(name) => name,
                None => continue,
            },
        };
        names.push((name, key));
    }
    context.reserve_symbols(table, names.len());
    for (name, key) in names {
        context.add_symbol(table, name, key);
    }
}

/// The name of the section that a symbol without a name stands for.
fn section_name<'s>(context: &Context<'s>, symbol: &Symbol<'s>) -> Option<&'s [u8]> {
    symbol_name(&context.object, symbol)?;
    match symbol.section {
        SymbolSection::Section(id) | SymbolSection::Extended(id) => {
            match &context.object.sections.get(id.0)?.name.text {
                Cow::Borrowed(name) => Some(name),
                Cow::Owned(_) => None,
            }
        }
        _ => None,
    }
}

fn read_row<'s>(
    row: &'s Statement<'s>,
    words: &Words,
    context: &mut Context<'s>,
) -> Read<Symbol<'s>> {
    let Some((first, rest)) = row.terms.split_first() else {
        return Err(missing(row, "a symbol"));
    };
    if row.block.is_some() {
        return Err(Diagnostic::error(row.span, "a symbol has no block"));
    }
    let Some(name) = first.text() else {
        return Err(unexpected(first, "the name of a symbol"));
    };
    let mut symbol = Symbol { name: Name::from(name), ..NULL };
    let (mut kind, mut bind, mut value) = (None, None, None);
    for term in rest {
        match &term.kind {
            TermKind::Word(word) => match words.find(word) {
                Some(Word::Kind(number)) => kind = Some(number),
                Some(Word::Bind(number)) => bind = Some(number),
                Some(Word::Visibility(number)) => symbol.other |= number,
                Some(Word::Section(0)) => symbol.section = SymbolSection::Undefined,
                Some(Word::Section(index)) => symbol.section = SymbolSection::Index(index),
                None => match context.section_by_name(word.as_bytes()) {
                    Some(id) => symbol.section = SymbolSection::Section(id),
                    None => return Err(words.unknown(word, term, context)),
                },
            },
            TermKind::Str(_) => symbol.section = SymbolSection::Section(context.section(term)?),
            TermKind::Attr("type", number) => kind = Some(context.unsigned(number, 4)? as u8),
            TermKind::Attr("bind", number) => bind = Some(context.unsigned(number, 4)? as u8),
            TermKind::Attr(attribute, argument) => {
                read_attribute(attribute, argument, &mut symbol, row, context)?;
            }
            TermKind::Int(_) | TermKind::Expr(_) if value.is_none() => {
                value = Some(term);
                symbol.value = number(term, context)?;
            }
            _ => return Err(unexpected(term, "a word, the value, or an attribute")),
        }
    }
    let kind = kind.unwrap_or(STT_NOTYPE.0);
    let is_local = matches!(SymbolType(kind), STT_SECTION | STT_FILE);
    let SymbolBind(usual) = if is_local || *name == *b"" { STB_LOCAL } else { STB_GLOBAL };
    symbol.info = bind.unwrap_or(usual) << 4 | kind;
    Ok(symbol)
}

fn number(term: &Term<'_>, context: &mut Context<'_>) -> Read<u64> {
    context.unsigned(term, context.word_bits())
}

/// The attributes of a symbol.
const ATTRIBUTES: &[&str] = &[
    "size",
    "value",
    "other",
    "name_offset",
    "index",
    "section",
    "extended",
    "at",
    "type",
    "bind",
];

fn read_attribute<'s>(
    name: &str,
    value: &Term<'_>,
    symbol: &mut Symbol<'s>,
    row: &Statement<'_>,
    context: &mut Context<'s>,
) -> Read<()> {
    match name {
        "size" => symbol.size = number(value, context)?,
        "value" => symbol.value = number(value, context)?,
        "other" => symbol.other |= context.unsigned(value, 8)? as u8,
        "name_offset" => symbol.name.offset = context.field(value, u32::BITS)?,
        "index" => null_index(value, context)?,
        "section" => symbol.section = section(value, context)?,
        "extended" => symbol.section = SymbolSection::Extended(context.section(value)?),
        "at" => {
            let Some(label) = value.text() else {
                return Err(unexpected(value, "a label"));
            };
            let Some((section, offset)) = context.label(label) else {
                let name = String::from_utf8_lossy(label);
                return Err(Diagnostic::error(value.span, format!("there is no label `{name}`")));
            };
            symbol.section = SymbolSection::Section(SectionId(section));
            symbol.value = context.section_address(section).wrapping_add(offset);
        }
        _ => {
            return Err(no_attribute("a symbol", name, row, ATTRIBUTES));
        }
    }
    Ok(())
}

/// `section=`: a section by name or index, or a number that is no section's.
fn section(value: &Term<'_>, context: &mut Context<'_>) -> Read<SymbolSection> {
    if value.text().is_some() {
        return context.section(value).map(SymbolSection::Section);
    }
    if let Some(index) = context.raw(value) {
        return index.map(|index| SymbolSection::Index(index as u16));
    }
    let index = context.unsigned(value, u32::BITS)?;
    let is_section = index != 0 && index < context.object.sections.len() as u64;
    // A number that is both is the reserved index: such a section is reached by its name.
    match u16::try_from(index) {
        Ok(index) if !is_section || u64::from(index) >= LORESERVE => {
            Ok(if index == 0 { SymbolSection::Undefined } else { SymbolSection::Index(index) })
        }
        _ if is_section => Ok(SymbolSection::Section(SectionId(index as u32))),
        _ => Err(Diagnostic::error(value.span, format!("{index} does not fit 16 bits"))),
    }
}

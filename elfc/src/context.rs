//! An object while it is built from a description: what the readers of its parts ask.
//!
//! A [`Context`] knows the sections by name from the start, the symbols as soon as their tables are
//! read (which is before all other contents), and turns terms into numbers, names and references.
//! Every function that can fail returns a [`Diagnostic`] with the place; the driver collects them.
//!
//! # Rounds
//! An expression may ask what is known only when the object is laid out: `addr(.text)`,
//! `size(.data)`, a label further down. So an object whose description asks such a question is built
//! in rounds: in the first one the answer is 0, in each following one what the round before came
//! to, until a round gives the same answers as the one before.

use std::path::PathBuf;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use libelf::Encoding;
use libelf::edit::{Field, Link, Object, SectionId, SymbolId};
use libelf::raw::{SHT_DYNSYM, SHT_SYMTAB, SectionType};
use libpeg::diagnostic::{Diagnostic, Diagnostics};
use libpeg::notation::{self, Expr, ExprKind, Statement, Term, TermKind};
use libpeg::source::Span;

use crate::build::{Room, Settings};
use crate::header::attribute_span;
use crate::names::{Names, suggest};

/// What a reader returns.
pub type Read<T> = Result<T, Diagnostic>;

/// What a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found<T> {
    One(T),
    /// More than one, so that only an index will do.
    Several,
}

type ByName<'s, T> = HashMap<&'s [u8], Found<T>>;

/// Where something lies, as the round before came to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// In bytes from the start of the file.
    pub offset: u64,
    /// The virtual address.
    pub address: u64,
    /// In bytes.
    pub size: u64,
}

/// What a round came to: the answers to the questions of the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The sections by index.
    pub sections: Vec<Extent>,
    /// The segments by index.
    pub segments: Vec<Extent>,
    /// The program headers.
    pub segment_table: Extent,
    /// The section headers.
    pub section_table: Extent,
    /// The bytes of the file.
    pub length: u64,
    /// Labels: the index of their section, and their offset in it in bytes.
    pub labels: HashMap<Vec<u8>, (u32, u64)>,
}

/// The first symbol table of each type: what links to one and does not say to which means it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SymbolTables {
    /// `SHT_SYMTAB`
    pub symtab: Option<SectionId>,
    /// `SHT_DYNSYM`
    pub dynsym: Option<SectionId>,
}

impl SymbolTables {
    /// The tables of an object.
    pub fn of(object: &Object<'_>) -> Self {
        let first = |kind: SectionType| {
            let found = object.sections.iter().find(|(_, section)| section.kind == kind.0);
            found.map(|(key, _)| SectionId(key))
        };
        Self { symtab: first(SHT_SYMTAB), dynsym: first(SHT_DYNSYM) }
    }

    /// The table for what is not loaded.
    pub fn static_first(&self) -> Option<SectionId> {
        self.symtab.or(self.dynsym)
    }

    /// The table for what is loaded.
    pub fn dynamic_first(&self) -> Option<SectionId> {
        self.dynsym.or(self.symtab)
    }
}

/// An object while it is built. `'s` is the text of the description.
#[derive(Debug)]
pub struct Context<'s> {
    /// The object.
    pub object: Object<'s>,
    /// The words of its numbers.
    pub names: Names,
    /// What was found wrong so far.
    pub diagnostics: Diagnostics,
    /// The first symbol tables, once the types of all sections are read.
    pub symbol_tables: SymbolTables,
    /// The section whose contents are read.
    pub section: Option<SectionId>,
    /// Bytes read into the contents of [`Self::section`] so far: where a label is.
    pub position: u64,
    /// The folder that files named in the description are relative to.
    pub folder: PathBuf,
    /// Files that were read.
    files: HashSet<Vec<u8>>,
    sections: ByName<'s, SectionId>,
    symbols: HashMap<SectionId, ByName<'s, u32>>,
    labels: HashMap<Vec<u8>, (u32, u64)>,
    /// What the round before came to; `None` in the first one.
    facts: Option<Facts>,
    /// Whether a question was asked that only [`Facts`] answer.
    asked: bool,
    room: Room,
}

impl<'s> Context<'s> {
    /// A context for an object of which only the header is read. `facts` is what the round before
    /// came to.
    pub fn new(object: Object<'s>, settings: &Settings, facts: Option<Facts>) -> Self {
        Self {
            names: Names::new(&object.header),
            object,
            diagnostics: Diagnostics::default(),
            symbol_tables: SymbolTables::default(),
            section: None,
            position: 0,
            folder: settings.folder.clone(),
            files: HashSet::new(),
            sections: HashMap::new(),
            symbols: HashMap::new(),
            labels: HashMap::new(),
            facts,
            asked: false,
            room: settings.memory.clone(),
        }
    }

    /// Class and byte order.
    pub fn encoding(&self) -> Encoding {
        self.object.header.encoding
    }

    /// Collects an error and goes on.
    pub fn report(&mut self, error: Diagnostic) {
        self.diagnostics.push(error);
    }

    /// The value, or `None` and one more error collected.
    pub fn check<T>(&mut self, read: Read<T>) -> Option<T> {
        read.map_err(|error| self.report(error)).ok()
    }

    /// What the round before came to.
    pub fn facts(&self) -> Option<&Facts> {
        self.facts.as_ref()
    }

    /// Whether a question was asked that only the layout answers.
    pub fn asked(&self) -> bool {
        self.asked
    }

    /// The labels that were set, for the facts of the next round.
    pub fn take_labels(&mut self) -> HashMap<Vec<u8>, (u32, u64)> {
        std::mem::take(&mut self.labels)
    }

    /// Counts bytes of memory that a short statement makes, such as `fill`.
    ///
    /// # Errors
    /// All together would be more than the settings allow.
    pub fn make(&mut self, count: u64, span: Span) -> Read<()> {
        if !self.room.take(count) {
            return Err(Diagnostic::error(span, "the description makes too much")
                .hint("the limit can be raised; a section of type NOBITS takes no room"));
        }
        Ok(())
    }

    /// Counts bytes that are read of a file. What is read of it first is input, not made.
    ///
    /// # Errors
    /// Those of [`Self::make`].
    pub fn include(&mut self, name: &[u8], count: u64, span: Span) -> Read<()> {
        if self.files.insert(name.to_vec()) { Ok(()) } else { self.make(count, span) }
    }

    // ---- numbers ----

    /// The number that a term is.
    pub fn number(&mut self, term: &Term<'_>) -> Read<i128> {
        term.value(self)
    }

    /// A number of at most `bits` bits (at most 64), without a sign; or `raw(…)`, cut to them.
    pub fn unsigned(&mut self, term: &Term<'_>, bits: u32) -> Read<u64> {
        if let Some(value) = self.raw(term) {
            return value.map(|value| cut(value, bits));
        }
        let value = self.number(term)?;
        if value < 0 {
            return Err(Diagnostic::error(term.span, format!("{value} is less than 0"))
                .hint("`raw(…)` writes the bits that fit"));
        }
        u64::try_from(value)
            .ok()
            .filter(|value| fits(*value, bits))
            .ok_or_else(|| too_wide(term.span, value, bits))
    }

    /// A number of at most `bits` bits, with a sign or without: two's complement; or `raw(…)`, cut
    /// to them.
    pub fn wrapped(&mut self, term: &Term<'_>, bits: u32) -> Read<u64> {
        if let Some(value) = self.raw(term) {
            return value.map(|value| cut(value, bits));
        }
        let value = self.number(term)?;
        let least = -(1_i128 << bits.saturating_sub(1));
        if value < least || value >= 1_i128 << bits {
            return Err(too_wide(term.span, value, bits));
        }
        Ok(value as u64)
    }

    /// The value of a field of `bits` bits: a number that fits, or `raw(…)` of any number.
    pub fn field<T: TryFrom<u64>>(&mut self, term: &Term<'_>, bits: u32) -> Read<Field<T>> {
        if let Some(value) = self.raw(term) {
            return value.map(Field::Raw);
        }
        let value = self.unsigned(term, bits)?;
        match T::try_from(value) {
            Ok(value) => Ok(Field::Is(value)),
            Err(_) => Err(too_wide(term.span, value.into(), bits)),
        }
    }

    /// The number of `raw(…)`, of which a field takes the bits that it has room for; `None` for any
    /// other term.
    pub fn raw(&mut self, term: &Term<'_>) -> Option<Read<u64>> {
        let arg = call(term, "raw")?;
        Some(notation::eval(arg, self).map(|value| value as u64))
    }

    /// The width of an address in bits.
    pub fn word_bits(&self) -> u32 {
        if self.encoding().is_64() { 64 } else { 32 }
    }

    // ---- names and references ----

    /// Makes a section known by its name.
    pub fn add_section(&mut self, name: &'s [u8], id: SectionId) {
        add(&mut self.sections, name, id);
    }

    /// The section that a term names: a name that one section has, or an index.
    ///
    /// # Errors
    /// There is none, or several have the name.
    pub fn section(&self, term: &Term<'_>) -> Read<SectionId> {
        if let Some(name) = term.text() {
            return self.section_named(name, term.span);
        }
        let index = term.int().and_then(|index| usize::try_from(index).ok());
        let key = index.and_then(|index| self.object.sections.keys().get(index));
        key.map(|&key| SectionId(key)).ok_or_else(|| {
            Diagnostic::error(term.span, format!("expected a section, found {}", term.describe()))
        })
    }

    fn section_named(&self, name: &[u8], span: Span) -> Read<SectionId> {
        match self.sections.get(name) {
            Some(Found::One(id)) => Ok(*id),
            Some(Found::Several) => Err(several("section", name, span)),
            None => {
                let known = self.sections.keys().copied();
                Err(self.names.suggest(none("section", name, span), name, known))
            }
        }
    }

    /// The section with this name, if there is just one.
    pub fn section_by_name(&self, name: &[u8]) -> Option<SectionId> {
        match self.sections.get(name) {
            Some(Found::One(id)) => Some(*id),
            _ => None,
        }
    }

    /// The index of a section.
    pub fn section_index(&self, id: SectionId) -> Option<u32> {
        // Sections are only added while an object is built, so the key is the index.
        self.object.sections.get(id.0).map(|_| id.0)
    }

    /// Makes room for this many more symbols of a table.
    pub fn reserve_symbols(&mut self, table: SectionId, count: usize) {
        self.symbols.entry(table).or_default().reserve(count);
    }

    /// Makes a symbol known by its name.
    pub fn add_symbol(&mut self, table: SectionId, name: &'s [u8], key: u32) {
        add(self.symbols.entry(table).or_default(), name, key);
    }

    /// The symbol of a table that a term names: a name that one symbol has, or an index.
    ///
    /// # Errors
    /// There is none, or several have the name.
    pub fn symbol(&self, table: SectionId, term: &Term<'_>) -> Read<SymbolId> {
        if let Some(name) = term.text() {
            let found = self.symbols.get(&table).and_then(|symbols| symbols.get(name));
            return match found {
                Some(Found::One(key)) => Ok(SymbolId { table, key: *key }),
                Some(Found::Several) => Err(several("symbol", name, term.span)),
                None => {
                    let known = self.symbols.get(&table).into_iter().flatten();
                    let known = known.map(|(known, _)| *known);
                    Err(self.names.suggest(none("symbol", name, term.span), name, known))
                }
            };
        }
        let index = term.int().and_then(|index| usize::try_from(index).ok());
        let key = index.and_then(|index| self.symbol_keys(table).get(index).copied());
        key.map(|key| SymbolId { table, key }).ok_or_else(|| {
            Diagnostic::error(term.span, format!("expected a symbol, found {}", term.describe()))
        })
    }

    /// The keys of a table's symbols, by index.
    pub fn symbol_keys(&self, table: SectionId) -> &[u32] {
        match self.object.sections.get(table.0).map(|section| &section.contents) {
            Some(libelf::edit::Contents::Symbols(symbols)) => symbols.keys(),
            _ => &[],
        }
    }

    /// What `link=` and `info=` refer to: a section, a number, or by `symbol(name)` a symbol of
    /// `table`. `symbol_first` says that a name by itself is a symbol's.
    pub fn link(
        &mut self,
        term: &Term<'_>,
        table: Option<SectionId>,
        symbol_first: bool,
    ) -> Read<Link> {
        if let Some(arg) = call(term, "section") {
            return self.section(&as_term(arg)?).map(Link::Section);
        }
        let symbol = call(term, "symbol").map(as_term).transpose()?;
        let is_name = term.text().is_some();
        if let Some(term) = symbol.as_ref().or((is_name && symbol_first).then_some(term)) {
            let Some(table) = table else {
                return Err(no_symbols(term));
            };
            return self.symbol(table, term).map(Link::Symbol);
        }
        if is_name {
            return self.section(term).map(Link::Section);
        }
        let value = match self.raw(term) {
            Some(value) => value?,
            None => self.unsigned(term, u32::BITS)?,
        };
        Ok(Link::Number(value as u32))
    }

    /// Sets a label here: at [`Self::position`] of [`Self::section`].
    ///
    /// # Errors
    /// It is set twice, or outside of a section.
    pub fn set_label(&mut self, term: &Term<'_>) -> Read<()> {
        let expected =
            || Diagnostic::error(term.span, format!("expected a name, found {}", term.describe()));
        let name = term.text().ok_or_else(expected)?;
        let Some(section) = self.section.and_then(|id| self.section_index(id)) else {
            return Err(Diagnostic::error(term.span, "a label lies in a section"));
        };
        if self.labels.insert(name.to_vec(), (section, self.position)).is_some() {
            let name = String::from_utf8_lossy(name);
            return Err(Diagnostic::error(term.span, format!("the label `{name}` is set twice")));
        }
        Ok(())
    }

    /// Index of the section and offset in it of a label. In the first round any name may be one.
    pub fn label(&mut self, name: &[u8]) -> Option<(u32, u64)> {
        self.asked = true;
        match &self.facts {
            Some(facts) => facts.labels.get(name).copied(),
            None => Some(self.labels.get(name).copied().unwrap_or_default()),
        }
    }

    /// What the round before came to about a section, a segment or a table.
    fn fact(&mut self, look: impl FnOnce(&Facts) -> Option<Extent>) -> Extent {
        self.asked = true;
        self.facts.as_ref().and_then(look).unwrap_or_default()
    }

    fn section_extent(&mut self, index: u32) -> Extent {
        self.fact(|facts| facts.sections.get(index as usize).copied())
    }

    /// The address of the section with this index, as the round before came to it.
    pub fn section_address(&mut self, index: u32) -> u64 {
        self.section_extent(index).address
    }

    /// Where the section or segment, or table, of a function's argument lies.
    fn extent(&mut self, arg: &Expr<'_>) -> Read<Extent> {
        self.asked = true;
        match &arg.kind {
            ExprKind::Name("header") => {
                return Ok(Extent { size: self.header_size(), ..Extent::default() });
            }
            ExprKind::Name("table") => return Ok(self.fact(|facts| Some(facts.segment_table))),
            ExprKind::Name("section_table") => {
                return Ok(self.fact(|facts| Some(facts.section_table)));
            }
            ExprKind::Name("file") => {
                return Ok(
                    self.fact(|facts| Some(Extent { size: facts.length, ..Extent::default() }))
                );
            }
            ExprKind::Call("segment", args) => {
                let [index] = args.as_slice() else {
                    return Err(Diagnostic::error(arg.span, "`segment` takes one index"));
                };
                let index = usize::try_from(notation::eval(index, self)?).unwrap_or(usize::MAX);
                if index >= self.object.segments.len() {
                    return Err(Diagnostic::error(arg.span, "there is no segment of this index"));
                }
                return Ok(self.fact(|facts| facts.segments.get(index).copied()));
            }
            _ => {}
        }
        let id = self.section(&as_term(arg)?)?;
        let index = self.section_index(id).unwrap_or_default();
        Ok(self.section_extent(index))
    }

    fn header_size(&self) -> u64 {
        if self.encoding().is_64() { 64 } else { 52 }
    }
}

impl notation::Names for Context<'_> {
    fn name(&mut self, name: &str, span: Span) -> Read<i128> {
        if let Some((section, offset)) = self.label(name.as_bytes()) {
            let address = self.section_extent(section).address;
            return Ok(i128::from(address) + i128::from(offset));
        }
        let labels = self.facts.iter().flat_map(|facts| facts.labels.keys());
        let known = labels.map(Vec::as_slice);
        let error = none("label", name.as_bytes(), span);
        Err(self.names.suggest(error, name.as_bytes(), known))
    }

    fn call(&mut self, name: &str, args: &[Expr<'_>], span: Span) -> Read<i128> {
        match (name, args) {
            ("offset", [arg]) => Ok(self.extent(arg)?.offset.into()),
            ("addr", [arg]) => Ok(self.extent(arg)?.address.into()),
            ("size", [arg]) => Ok(self.extent(arg)?.size.into()),
            ("end", [arg]) => {
                let extent = self.extent(arg)?;
                Ok(i128::from(extent.address) + i128::from(extent.size))
            }
            ("index", [arg]) => {
                let id = self.section(&as_term(arg)?)?;
                Ok(self.section_index(id).unwrap_or_default().into())
            }
            ("here", []) => {
                let index = self.section.and_then(|id| self.section_index(id)).unwrap_or_default();
                let address = self.section_extent(index).address;
                Ok(i128::from(address) + i128::from(self.position))
            }
            ("align", [value, to]) => {
                let value = notation::eval(value, self)?;
                let to_value = notation::eval(to, self)?;
                if to_value <= 0 {
                    return Err(Diagnostic::error(to.span, "an alignment is greater than 0"));
                }
                let rest = value.rem_euclid(to_value);
                let up = if rest == 0 { 0 } else { to_value - rest };
                value.checked_add(up).ok_or_else(|| Diagnostic::error(span, "too large"))
            }
            _ => Err(Diagnostic::error(span, format!("there is no such function: `{name}`"))
                .hint("functions are offset, addr, size, end, index, here, align")),
        }
    }
}

/// The argument of `name(argument)`, if that is what a term is.
pub fn call<'t, 's>(term: &'t Term<'s>, name: &str) -> Option<&'t Expr<'s>> {
    match &term.kind {
        TermKind::Expr(expr) => match &expr.kind {
            ExprKind::Call(called, args) if *called == name => args.first(),
            _ => None,
        },
        _ => None,
    }
}

/// A function's argument as a term, if it is a name or a number by itself.
fn as_term<'s>(expr: &Expr<'s>) -> Read<Term<'s>> {
    let kind = match &expr.kind {
        ExprKind::Name(name) => TermKind::Word(name),
        ExprKind::Str(text) => TermKind::Str(text.clone()),
        ExprKind::Int(value) => TermKind::Int(*value),
        _ => return Err(Diagnostic::error(expr.span, "expected a name or an index")),
    };
    Ok(Term { kind, span: expr.span })
}

/// The error for a term that a statement has no place for.
pub fn unexpected(term: &Term<'_>, expected: &str) -> Diagnostic {
    Diagnostic::error(term.span, format!("expected {expected}, found {}", term.describe()))
}

/// The error for a symbol's name where there is no table of symbols.
pub fn no_symbols(term: &Term<'_>) -> Diagnostic {
    Diagnostic::error(term.span, "there is no symbol table to look in")
        .hint("`section .symtab { symbols { … } }` is one; `symbol=` takes an index")
}

/// The error for an attribute that a thing does not have; with those that it has.
pub fn no_attribute(
    what: &str,
    name: &str,
    statement: &Statement<'_>,
    known: &[&'static str],
) -> Diagnostic {
    let error =
        Diagnostic::error(attribute_span(statement, name), format!("{what} has no `{name}`"))
            .hint(format!("it has {}", known.join(", ")));
    suggest(error, name.as_bytes(), known.iter().map(|known| known.as_bytes()))
}

/// The error for a statement with too little in it.
pub fn missing(statement: &Statement<'_>, expected: &str) -> Diagnostic {
    Diagnostic::error(statement.span.after(), format!("expected {expected}"))
}

fn fits(value: u64, bits: u32) -> bool {
    bits >= u64::BITS || value >> bits == 0
}

/// The low bits of a number.
fn cut(value: u64, bits: u32) -> u64 {
    value & u64::MAX.checked_shr(u64::BITS.saturating_sub(bits)).unwrap_or(0)
}

fn too_wide(span: Span, value: i128, bits: u32) -> Diagnostic {
    Diagnostic::error(span, format!("{value} does not fit {bits} bits"))
        .hint("`raw(…)` writes the bits that fit")
}

fn several(what: &str, name: &[u8], span: Span) -> Diagnostic {
    let name = String::from_utf8_lossy(name);
    Diagnostic::error(span, format!("several {what}s are called `{name}`"))
        .hint(format!("a number is the index of a {what}"))
}

fn none(what: &str, name: &[u8], span: Span) -> Diagnostic {
    let name = String::from_utf8_lossy(name);
    Diagnostic::error(span, format!("there is no {what} `{name}`"))
}

fn add<'s, T>(table: &mut ByName<'s, T>, name: &'s [u8], value: T) {
    if !name.is_empty() {
        table.entry(name).and_modify(|found| *found = Found::Several).or_insert(Found::One(value));
    }
}

//! The terms of one statement, taken one by one: what the readers of tables share.
//!
//! ```text
//! note "GNU" BUILD_ID hex { 0102 } namesz=4;
//! └─────────┬────────────────────┘ └─ [`Row::attribute`]: by name, in any order
//!           └ [`Row::take`]: by position
//! ```
//!
//! What nobody took is an error of [`Row::finish`], so that nothing that is written is passed over.

use std::borrow::Cow;

use libelf::edit::Field;
use libelf::edit::contents::name::Name;
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::{Statement, Term, TermKind};

use crate::context::{Context, Read, missing, unexpected};
use crate::header::attribute_span;
use crate::names::suggest;
use crate::printer::Printer;

/// The terms of a statement that are not taken yet.
#[derive(Debug)]
pub struct Row<'s> {
    statement: &'s Statement<'s>,
    /// The terms in order, without attributes.
    positions: Vec<&'s Term<'s>>,
    next: usize,
    attributes: Vec<(&'s str, &'s Term<'s>, bool)>,
    /// The attributes that were asked for, if there are any: what an error may name.
    known: Vec<&'static str>,
}

impl<'s> Row<'s> {
    /// All terms of a statement.
    pub fn new(statement: &'s Statement<'s>) -> Self {
        let is_attribute = |term: &Term<'_>| matches!(term.kind, TermKind::Attr(..));
        Self {
            statement,
            positions: statement.terms.iter().filter(|term| !is_attribute(term)).collect(),
            next: 0,
            attributes: statement.attributes().map(|(name, value)| (name, value, false)).collect(),
            known: Vec::new(),
        }
    }

    /// The terms behind the first one, which is a keyword.
    pub fn after_keyword(statement: &'s Statement<'s>) -> Self {
        Self { next: 1, ..Self::new(statement) }
    }

    /// The next term, if there is one.
    pub fn take(&mut self) -> Option<&'s Term<'s>> {
        let term = self.positions.get(self.next).copied()?;
        self.next += 1;
        Some(term)
    }

    /// The next term, which is not taken.
    pub fn peek(&self) -> Option<&'s Term<'s>> {
        self.positions.get(self.next).copied()
    }

    /// The next term.
    ///
    /// # Errors
    /// There is none; `expected` says what it would be.
    pub fn need(&mut self, expected: &str) -> Read<&'s Term<'s>> {
        self.take().ok_or_else(|| missing(self.statement, expected))
    }

    /// All terms that are left.
    pub fn rest(&mut self) -> &[&'s Term<'s>] {
        let rest = self.positions.get(self.next..).unwrap_or_default();
        self.next = self.positions.len();
        rest
    }

    /// The value of an attribute, if it is there.
    pub fn attribute(&mut self, name: &'static str) -> Option<&'s Term<'s>> {
        if !self.attributes.is_empty() && !self.known.contains(&name) {
            self.known.push(name);
        }
        let found =
            self.attributes.iter_mut().find(|(known, _, taken)| *known == name && !taken)?;
        found.2 = true;
        Some(found.1)
    }

    /// Whether an attribute is there that is not taken.
    pub fn has_attribute(&self, name: &str) -> bool {
        self.attributes.iter().any(|(known, _, taken)| *known == name && !taken)
    }

    /// The number of an attribute of at most `bits` bits; `None` if it is not there.
    ///
    /// # Errors
    /// It is no such number.
    pub fn unsigned(
        &mut self,
        name: &'static str,
        bits: u32,
        context: &mut Context<'_>,
    ) -> Read<Option<u64>> {
        self.attribute(name).map(|term| context.unsigned(term, bits)).transpose()
    }

    /// As [`Self::unsigned`]; 0 if it is not there.
    ///
    /// # Errors
    /// It is no such number.
    pub fn number(
        &mut self,
        name: &'static str,
        bits: u32,
        context: &mut Context<'_>,
    ) -> Read<u64> {
        Ok(self.unsigned(name, bits, context)?.unwrap_or_default())
    }

    /// As [`Self::number`], of 32 bits.
    ///
    /// # Errors
    /// It is no such number.
    pub fn number_32(&mut self, name: &'static str, context: &mut Context<'_>) -> Read<u32> {
        Ok(self.number(name, u32::BITS, context)? as u32)
    }

    /// A field of `bits` bits by the name of an attribute; left to the writer if it is not there.
    ///
    /// # Errors
    /// It is no such number.
    pub fn field<T: TryFrom<u64>>(
        &mut self,
        name: &'static str,
        bits: u32,
        context: &mut Context<'_>,
    ) -> Read<Field<T>> {
        match self.attribute(name) {
            Some(term) => context.field(term, bits),
            None => Ok(Field::Auto),
        }
    }

    /// The bytes of an attribute: a string, a word, or a hex run.
    ///
    /// # Errors
    /// It is something else.
    pub fn bytes(&mut self, name: &'static str) -> Read<Option<Cow<'s, [u8]>>> {
        self.attribute(name).map(bytes).transpose()
    }

    /// The statement.
    pub fn statement(&self) -> &'s Statement<'s> {
        self.statement
    }

    /// All that is said must have been taken.
    ///
    /// # Errors
    /// A term or attribute that was not.
    pub fn finish(self) -> Read<()> {
        if let Some((name, term, _)) = self.attributes.iter().find(|(_, _, taken)| !taken) {
            let is_again = self.attributes.iter().any(|(known, _, taken)| known == name && *taken);
            return Err(if is_again {
                twice(name, term)
            } else {
                let span = attribute_span(self.statement, name);
                let error = Diagnostic::error(span, format!("`{name}` is no attribute of this"));
                let error = match self.known.as_slice() {
                    [] => error.hint("it has none"),
                    known => error.hint(format!("it may have {}", known.join(", "))),
                };
                suggest(error, name.as_bytes(), self.known.iter().map(|known| known.as_bytes()))
            });
        }
        match self.peek() {
            Some(term) => Err(unexpected(term, "`;`")),
            None => Ok(()),
        }
    }

    /// As [`Self::finish`], of a statement without a block.
    ///
    /// # Errors
    /// As there, or a block.
    pub fn finish_line(self) -> Read<()> {
        let statement = self.statement;
        self.finish()?;
        match statement.block {
            Some(_) => {
                Err(Diagnostic::error(statement.span.after(), "expected `;`, found a block"))
            }
            None => Ok(()),
        }
    }
}

/// The attributes of a statement that were read.
#[derive(Debug, Default)]
pub struct Once<'n>(Vec<&'n str>);

impl<'n> Once<'n> {
    /// Reads an attribute.
    ///
    /// # Errors
    /// It was read already, or those of `read`.
    pub fn read(
        &mut self,
        name: &'n str,
        value: &Term<'_>,
        read: impl FnOnce() -> Read<()>,
    ) -> Read<()> {
        if self.0.contains(&name) {
            return Err(twice(name, value));
        }
        read()?;
        self.0.push(name);
        Ok(())
    }
}

/// The error for an attribute that was read already.
fn twice(name: &str, value: &Term<'_>) -> Diagnostic {
    Diagnostic::error(value.span, format!("`{name}` is given twice"))
}

/// The bytes that a term is: a string, a word, or a hex run.
///
/// # Errors
/// It is something else.
pub fn bytes<'s>(term: &'s Term<'s>) -> Read<Cow<'s, [u8]>> {
    let found = term.text().or_else(|| term.bytes());
    found.map(Cow::Borrowed).ok_or_else(|| unexpected(term, "a string or `hex { … }`"))
}

/// The terms of a list; a term by itself is a list of one.
pub fn list<'s>(term: &'s Term<'s>) -> &'s [Term<'s>] {
    match &term.kind {
        TermKind::List(terms) => terms,
        _ => std::slice::from_ref(term),
    }
}

/// The numbers of a list, each of at most `bits` bits.
///
/// # Errors
/// One that is no such number.
pub fn numbers<T: TryFrom<u64>>(
    term: &Term<'_>,
    bits: u32,
    context: &mut Context<'_>,
) -> Read<Vec<T>> {
    let TermKind::List(terms) = &term.kind else {
        return Err(unexpected(term, "a list of numbers"));
    };
    terms
        .iter()
        .map(|term| {
            let number = context.unsigned(term, bits)?;
            T::try_from(number).map_err(|_| unexpected(term, "a smaller number"))
        })
        .collect()
}

/// Flags: a number, a word, or a list of them.
///
/// # Errors
/// A word that is not in `known`, or a number of more than `bits` bits.
pub fn flags(
    term: &Term<'_>,
    bits: u32,
    context: &mut Context<'_>,
    known: &[(u64, impl AsRef<str>)],
) -> Read<u64> {
    let terms = match &term.kind {
        TermKind::List(terms) => terms.as_slice(),
        _ => std::slice::from_ref(term),
    };
    terms.iter().try_fold(0, |sum, term| {
        let value = match term.word() {
            Some(word) => {
                let found = known.iter().find(|(_, name)| name.as_ref() == word);
                let (bit, _) = found.ok_or_else(|| {
                    let error =
                        Diagnostic::error(term.span, format!("there is no flag `{word}` here"));
                    let words = known.iter().map(|(_, name)| name.as_ref().as_bytes());
                    context.names.suggest(error, word.as_bytes(), words)
                })?;
                *bit
            }
            None => context.unsigned(term, bits)?,
        };
        Ok(sum | value)
    })
}

/// Prints flags: a number if none of them has a name, else a list of names and of what is left.
pub fn print_flags<'n>(
    printer: &mut Printer<'_>,
    value: u64,
    names: impl IntoIterator<Item = (u64, &'n str)>,
) {
    let mut left = value;
    let mut is_first = true;
    let mut has_names = false;
    for (bits, name) in names {
        has_names = true;
        if bits != 0 && left & bits == bits {
            printer.text(if is_first { "[" } else { ", " });
            printer.text(name);
            is_first = false;
            left &= !bits;
        }
    }
    if is_first && has_names {
        return printer.hex_number(value);
    }
    if is_first {
        return printer.number(value);
    }
    if left != 0 {
        printer.text(", ");
        printer.hex_number(left);
    }
    printer.text("]");
}

/// Prints ` name=value` of a field that is given.
pub fn print_field<T: Copy + Into<u64>>(printer: &mut Printer<'_>, name: &str, field: Field<T>) {
    match field {
        Field::Auto => {}
        Field::Is(value) => printer.dec_attribute(name, value.into()),
        Field::Raw(value) => {
            printer.attribute(name);
            print_raw(printer, value);
        }
    }
}

/// Prints a number of which a field takes the bits that it has room for.
pub fn print_raw(printer: &mut Printer<'_>, value: u64) {
    printer.text("raw(");
    printer.number(value);
    printer.text(")");
}

/// Prints `[1, 2, 0x1000]`.
pub fn print_numbers(printer: &mut Printer<'_>, numbers: impl IntoIterator<Item = u64>) {
    printer.text("[");
    for (index, number) in numbers.into_iter().enumerate() {
        printer.text(if index == 0 { "" } else { ", " });
        printer.number(number);
    }
    printer.text("]");
}

/// Prints bytes as a term: a string if they are printable text, else a hex run.
pub fn print_bytes(printer: &mut Printer<'_>, bytes: &[u8]) {
    let is_text = |&byte: &u8| matches!(byte, b' '..=b'~');
    if !bytes.is_empty() && bytes.iter().all(is_text) {
        printer.string(bytes);
    } else {
        printer.hex_value(bytes);
    }
}

/// A name in the linked string table: a text, or its offset there.
///
/// # Errors
/// It is something else.
pub fn name<'s>(term: &'s Term<'s>, context: &mut Context<'s>) -> Read<Name<'s>> {
    match term.text() {
        Some(text) => Ok(Name::new(text)),
        None => Ok(Name { text: Cow::Borrowed(&[]), offset: context.field(term, u32::BITS)? }),
    }
}

/// Prints a name in the linked string table.
pub fn print_name(printer: &mut Printer<'_>, name: &Name<'_>) {
    match name.offset {
        Field::Auto => printer.string(&name.text),
        Field::Is(offset) => printer.number(offset.into()),
        Field::Raw(offset) => print_raw(printer, offset),
    }
}

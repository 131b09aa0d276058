//! Types as text: the C declaration of something of a type.
//!
//! A declaration in C is written from the inside out: `char *(*names[3])(void)` is an array of 3
//! of pointers to functions that return a pointer to `char`. The entries run from the outside in:
//!
//! ```text
//! array_type [3] ─> pointer_type ─> subroutine_type (void) ─> pointer_type ─> base_type char
//! ```
//!
//! so each entry puts its part around what is written so far, and hands that to the next:
//!
//! ```text
//! names ─> names[3] ─> *names[3] ─> (*names[3])(void) ─> *(*names[3])(void) ─> char *(*names[3])(void)
//! ```
//!
//! A `*` needs parentheses if brackets of an array or a function come next, so it is known at each
//! step whether what is written starts with a `*`.

#![expect(non_upper_case_globals, reason = "constants are named as the standard names them")]

use gimli::{
    DW_AT_byte_size, DW_AT_containing_type, DW_AT_count, DW_AT_prototyped, DW_AT_upper_bound,
    DW_TAG_array_type, DW_TAG_atomic_type, DW_TAG_class_type, DW_TAG_const_type,
    DW_TAG_enumeration_type, DW_TAG_formal_parameter, DW_TAG_immutable_type, DW_TAG_packed_type,
    DW_TAG_pointer_type, DW_TAG_ptr_to_member_type, DW_TAG_reference_type, DW_TAG_restrict_type,
    DW_TAG_rvalue_reference_type, DW_TAG_shared_type, DW_TAG_structure_type, DW_TAG_subprogram,
    DW_TAG_subrange_type, DW_TAG_subroutine_type, DW_TAG_union_type, DW_TAG_unspecified_parameters,
    DW_TAG_volatile_type, DwTag,
};

use super::entry::Entry;
use super::value::Value;
use super::{Error, Result};

/// Types nested more deeply are thought to be endless.
const MOST_LEVELS: usize = 64;
/// A text longer than this, in bytes, is not made any longer: parameters can multiply.
const LONGEST: usize = 1 << 16;

impl Entry<'_, '_> {
    /// The C declaration of `name` as something of this type; with an empty name the type itself.
    ///
    /// Structures, unions and enumerations are named, not spelled out: `struct node *next`. Types
    /// that C does not have are written as C++ or as their tag has it.
    ///
    /// # Errors
    /// Where an entry is damaged, or types are nested without end.
    pub fn declaration(&self, name: &[u8]) -> Result<String> {
        let inner = String::from_utf8_lossy(name).into_owned();
        Writer { budget: LONGEST }.declare(Some(self.clone()), inner, 0)
    }

    /// The C declaration of what this entry is, a variable, parameter, member or function, with
    /// its own name.
    ///
    /// # Errors
    /// As [`Self::declaration`].
    pub fn own_declaration(&self) -> Result<String> {
        let name = String::from_utf8_lossy(self.name()?.unwrap_or_default()).into_owned();
        let mut writer = Writer { budget: LONGEST };
        if self.tag() == DW_TAG_subprogram {
            return writer.function(self, &name, 0);
        }
        writer.declare(self.type_entry()?, name, 0)
    }
}

/// What is left of the bytes that may be written.
struct Writer {
    budget: usize,
}

impl Writer {
    /// `inner` as something of the type `of`; of `void`, if there is none.
    fn declare(
        &mut self,
        of: Option<Entry<'_, '_>>,
        inner: String,
        level: usize,
    ) -> Result<String> {
        let Some(of) = of else { return Ok(joined("void", &inner)) };
        let too_deep = Error::TooDeep { offset: of.offset() };
        self.budget = self.budget.checked_sub(1).ok_or(too_deep)?;
        if level > MOST_LEVELS || inner.len() > LONGEST {
            return Err(too_deep);
        }
        let level = level.saturating_add(1);
        let tag = of.tag();
        if let Some(mark) = pointer_mark(tag) {
            return self.declare(of.type_entry()?, joined_mark(mark, &inner), level);
        }
        if let Some(word) = qualifier(tag) {
            return self.qualified(&of, word, inner, level);
        }
        match tag {
            DW_TAG_array_type => {
                let bounds = bounds(&of)?;
                self.declare(of.type_entry()?, bracketed(&inner, &bounds), level)
            }
            DW_TAG_subroutine_type | DW_TAG_subprogram => self.function(&of, &inner, level),
            DW_TAG_ptr_to_member_type => {
                let class = match of.inherited(DW_AT_containing_type)? {
                    Some(Value::Entry(class)) => {
                        self.declare(Some(*class), String::new(), level)?
                    }
                    _ => String::from("?"),
                };
                let inner = joined_mark(&format!("{class}::*"), &inner);
                self.declare(of.type_entry()?, inner, level)
            }
            _ => Ok(joined(&plain(&of)?, &inner)),
        }
    }

    /// A type with a qualifier, which stands behind the `*` of a pointer, else before the type.
    fn qualified(
        &mut self,
        of: &Entry<'_, '_>,
        word: &str,
        inner: String,
        level: usize,
    ) -> Result<String> {
        let next = of.type_entry()?;
        // Behind more qualifiers the same holds, so the first that is none decides.
        let mut target = next.clone();
        for _ in 0..MOST_LEVELS {
            match target {
                Some(entry) if qualifier(entry.tag()).is_some() => target = entry.type_entry()?,
                _ => break,
            }
        }
        let is_pointer = target.is_some_and(|entry| pointer_mark(entry.tag()).is_some());
        if is_pointer {
            return self.declare(next, joined(word, &inner), level);
        }
        Ok(format!("{word} {}", self.declare(next, inner, level)?))
    }

    /// A function called `inner`: what it returns, and its parameters.
    fn function(&mut self, of: &Entry<'_, '_>, inner: &str, level: usize) -> Result<String> {
        let mut parameters = Vec::new();
        let mut children = of.children()?;
        while let Some(child) = children.next()? {
            match child.tag() {
                DW_TAG_formal_parameter => {
                    let name = child.name()?.unwrap_or_default();
                    let name = String::from_utf8_lossy(name).into_owned();
                    parameters.push(self.declare(child.type_entry()?, name, level)?);
                }
                DW_TAG_unspecified_parameters => parameters.push(String::from("...")),
                _ => {}
            }
        }
        let is_prototyped = of.number(DW_AT_prototyped)?.is_some_and(|flag| flag != 0);
        if parameters.is_empty() && is_prototyped {
            parameters.push(String::from("void"));
        }
        let list = format!("({})", parameters.join(", "));
        self.declare(of.type_entry()?, bracketed(inner, &list), level.saturating_add(1))
    }
}

/// What stands before the name of something that points.
fn pointer_mark(tag: DwTag) -> Option<&'static str> {
    match tag {
        DW_TAG_pointer_type => Some("*"),
        DW_TAG_reference_type => Some("&"),
        DW_TAG_rvalue_reference_type => Some("&&"),
        _ => None,
    }
}

fn qualifier(tag: DwTag) -> Option<&'static str> {
    match tag {
        DW_TAG_const_type => Some("const"),
        DW_TAG_volatile_type => Some("volatile"),
        DW_TAG_restrict_type => Some("restrict"),
        DW_TAG_atomic_type => Some("_Atomic"),
        DW_TAG_packed_type => Some("packed"),
        DW_TAG_shared_type => Some("shared"),
        DW_TAG_immutable_type => Some("immutable"),
        _ => None,
    }
}

/// A type that is no more than a name.
fn plain(of: &Entry<'_, '_>) -> Result<String> {
    let keyword = match of.tag() {
        DW_TAG_structure_type => "struct ",
        DW_TAG_union_type => "union ",
        DW_TAG_class_type => "class ",
        DW_TAG_enumeration_type => "enum ",
        _ => "",
    };
    match of.name()? {
        Some(name) => Ok(format!("{keyword}{}", String::from_utf8_lossy(name))),
        None if keyword.is_empty() => {
            Ok(of.tag().static_string().unwrap_or("an unknown type").to_owned())
        }
        None => Ok(format!("{keyword}{{...}}")),
    }
}

/// `[3][4]` of an array.
fn bounds(of: &Entry<'_, '_>) -> Result<String> {
    let mut text = String::new();
    let mut children = of.children()?;
    while let Some(child) = children.next()? {
        if child.tag() == DW_TAG_subrange_type {
            match extent(&child)? {
                Some(count) => text = format!("{text}[{count}]"),
                None => text.push_str("[]"),
            }
        }
    }
    Ok(if text.is_empty() { String::from("[]") } else { text })
}

/// The elements of one dimension of an array, if they are known before the program runs.
pub(super) fn extent(subrange: &Entry<'_, '_>) -> Result<Option<u64>> {
    if let Some(count) = subrange.number(DW_AT_count)? {
        return Ok(Some(count));
    }
    let upper = subrange.value(DW_AT_upper_bound)?;
    Ok(match upper {
        // Of no elements: -1.
        Some(Value::Signed(-1)) => Some(0),
        Some(value) => value.number().and_then(|upper| upper.checked_add(1)),
        None => None,
    })
}

/// The size of something of a type, in bytes, if it is known before the program runs.
pub(super) fn size_of(of: &Entry<'_, '_>) -> Result<Option<u64>> {
    let mut of = of.clone();
    let mut factor = 1u64;
    for _ in 0..MOST_LEVELS {
        if let Some(size) = of.number(DW_AT_byte_size)? {
            return Ok(size.checked_mul(factor));
        }
        match of.tag() {
            DW_TAG_array_type => {
                let mut children = of.children()?;
                while let Some(child) = children.next()? {
                    if child.tag() == DW_TAG_subrange_type {
                        let Some(count) = extent(&child)? else { return Ok(None) };
                        let Some(product) = factor.checked_mul(count) else { return Ok(None) };
                        factor = product;
                    }
                }
            }
            tag if pointer_mark(tag).is_some() => {
                return Ok(u64::from(of.unit().address_size()).checked_mul(factor));
            }
            _ => {}
        }
        match of.type_entry()? {
            Some(next) => of = next,
            None => return Ok(None),
        }
    }
    Err(Error::TooDeep { offset: of.offset() })
}

/// A type and what is of it, with a blank between words.
fn joined(of: &str, inner: &str) -> String {
    if inner.is_empty() || inner.starts_with('[') {
        return format!("{of}{inner}");
    }
    format!("{of} {inner}")
}

/// A mark before what is written: `*` and `name` as `*name`, but `*` and `const name` with a
/// blank left out, as people write it.
fn joined_mark(mark: &str, inner: &str) -> String {
    format!("{mark}{inner}")
}

/// Brackets behind what is written, which needs parentheses if it starts with a mark.
fn bracketed(inner: &str, brackets: &str) -> String {
    if inner.starts_with(['*', '&']) || inner.contains("::*") {
        return format!("({inner}){brackets}");
    }
    format!("{inner}{brackets}")
}

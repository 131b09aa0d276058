//! A name whose text differs from a reference's, and the class that the difference belongs to.
//!
//! Names that differ for one reason differ in the same way around the first byte that is not the
//! same. There, identifiers and numbers are taken for one another, and what is left is the class:
//! of hundreds of differences a few classes remain to be looked at.

use std::fmt;

/// How much of a text after the first difference is part of a class.
const REACH: usize = 14;

/// A name with two texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The mangled name.
    pub name: Vec<u8>,
    /// Our text, or `None` where we do not know the name.
    pub ours: Option<Vec<u8>>,
    /// The reference's text, or `None` where it does not know the name.
    pub theirs: Option<Vec<u8>>,
}

impl Difference {
    /// What is common to all differences of this sort.
    pub fn class(&self) -> String {
        match (&self.ours, &self.theirs) {
            (None, _) => "only theirs has a text".to_owned(),
            (_, None) => "only ours has a text".to_owned(),
            (Some(ours), Some(theirs)) => {
                let same = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
                let start = word_start(theirs, same);
                format!("ours `{}`, theirs `{}`", shape(ours, start), shape(theirs, start))
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |text: &Option<Vec<u8>>| match text {
            Some(text) => String::from_utf8_lossy(text).into_owned(),
            None => "-".to_owned(),
        };
        writeln!(f, "      name   {}", String::from_utf8_lossy(&self.name))?;
        writeln!(f, "      ours   {}", text(&self.ours))?;
        write!(f, "      theirs {}", text(&self.theirs))
    }
}

/// Where the word that `at` lies in, and one byte before it, begins.
fn word_start(text: &[u8], at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    let word = before.iter().rev().take_while(|byte| is_word(**byte)).count();
    before.len().saturating_sub(word).saturating_sub(1)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// The text from `start` on with all words that are not C++'s own made alike.
fn shape(text: &[u8], start: usize) -> String {
    let mut rest = text.get(start..).unwrap_or_default();
    let mut shape = String::new();
    while let Some(&first) = rest.first() {
        if shape.len() >= REACH {
            return shape;
        }
        let length = rest.iter().take_while(|byte| is_word(**byte)).count();
        match rest.split_at_checked(length) {
            Some((word, after)) if length > 0 => {
                shape.push_str(stand_in(word));
                rest = after;
            }
            _ => {
                shape.push(char::from(first));
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    shape.push('.');
    shape
}

/// Words that tell what is printed, not of whom.
const TELLING: &[&str] = &[
    "anonymous",
    "auto",
    "bool",
    "char",
    "clone",
    "const",
    "decltype",
    "false",
    "int",
    "lambda",
    "long",
    "operator",
    "short",
    "sizeof",
    "std",
    "string",
    "true",
    "unnamed",
    "unsigned",
    "void",
];

fn stand_in(word: &[u8]) -> &'static str {
    let telling = TELLING.iter().find(|telling| telling.as_bytes() == word);
    match telling {
        Some(telling) => telling,
        None if word.iter().all(u8::is_ascii_digit) => "0",
        None => "x",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(ours: &str, theirs: &str) -> String {
        let text = |text: &str| (!text.is_empty()).then(|| text.as_bytes().to_vec());
        Difference { name: b"_Z".to_vec(), ours: text(ours), theirs: text(theirs) }.class()
    }

    #[test]
    fn names_of_different_things_that_differ_in_one_way_are_of_one_class() {
        assert_eq!(
            class("f(foo::Bar<1>)", "f(foo::Bar<(E)1>)"),
            class("g(x, a::Bax<12>)", "g(x, a::Bax<(Other)12>)")
        );
        assert_ne!(class("f(a<1>)", "f(a<(E)1>)"), class("f(a<1> )", "f(a<1>)"));
        assert_eq!(class("", "f()"), class("", "g()"));
        assert_ne!(class("", "f()"), class("f()", ""));
    }
}

//! Names made from the grammar.
//!
//! The productions are expanded at random. What the grammar cannot say is kept track of beside it:
//! which components can be substituted by now and what each is, how many template arguments the
//! function has whose types are being made, and whether it has a return type. So a `S1_` or `T0_`
//! leads to something that may stand in its place:
//!
//! ```text
//! _ZN3FooI3BarE1fEPS0_      S_ Foo, S0_ Bar, S1_ Foo<Bar>
//! _Z1gIicEvT_T0_            T_ int, T0_ char
//! ```

use anyhow::{Context, Result};

use super::grammar::{Alternative, Grammar, Item, Production};
use crate::mutate::random::Random;

/// Texts longer than this are brought to an end.
const LONG: usize = 90;
/// Deeper productions as well.
const DEEP: usize = 24;
/// One of so many chances for one more of any number.
const MORE: u64 = 3;

/// Names that are likely to be told from others.
const IDENTIFIERS: &[&str] = &[
    "a",
    "b",
    "foo",
    "Bar",
    "x1",
    "_y",
    "std",
    "string",
    "vector",
    "operator_x",
    "_GLOBAL__N_1",
    "_GLOBAL__N__ab",
    "a_rather_long_identifier_of_many_words",
    "__cxx11",
    "allocator",
    "basic_string",
    "char_traits",
];
/// What follows a dot at the end of a name.
const SUFFIXES: &[&str] =
    &["constprop", "part", "isra", "cold", "lto_priv", "llvm", "str", "localalias"];

/// An alternative without anything.
static NOTHING: Alternative = Vec::new();

/// How often an alternative is taken, next to the others of its production, that begins with these
/// bytes or this production, what may be left out not counted; 4 where there is no line for it. So most of a name is what most of
/// real names is, and the rare parts stand among it.
const WEIGHTS: &[(&str, &str, u64)] = &[
    ("special-name", "GI", 1),
    ("name", "nested-name", 12),
    ("name", "unscoped-name", 8),
    ("name", "unscoped-template-name", 8),
    ("prefix", "unqualified-name", 16),
    ("prefix", "closure-prefix", 0),
    ("prefix", "decltype", 1),
    ("prefix", "template-param", 1),
    ("template-prefix", "template-param", 1),
    ("unscoped-name", "unqualified-name", 16),
    ("unqualified-name", "operator-name", 8),
    ("unqualified-name", "source-name", 80),
    ("unqualified-name", "ctor-dtor-name", 8),
    ("unqualified-name", "structured-binding", 1),
    ("ctor-dtor-name", "CI1", 1),
    ("ctor-dtor-name", "CI2", 1),
    ("operator-name", "unary-operator", 12),
    ("operator-name", "binary-operator", 24),
    ("operator-name", "v", 0),
    ("type", "builtin-type", 64),
    ("type", "qualified-type", 8),
    ("type", "class-enum-type", 40),
    ("type", "P", 12),
    ("type", "R", 12),
    ("type", "O", 6),
    ("type", "C", 1),
    ("type", "G", 1),
    ("type", "substitution", 24),
    ("type", "template-param", 24),
    ("type", "template-template-param", 2),
    ("type", "decltype", 2),
    ("type", "array-type", 2),
    ("type", "vector-type", 1),
    ("qualified-type", "extended-qualifiers", 1),
    ("qualified-type", "CV-qualifiers", 16),
    ("exception-spec", "DO", 1),
    ("CV-qualifiers", "K", 24),
    ("builtin-type", "u", 1),
    ("builtin-type", "DF16b", 1),
    ("builtin-type", "DF", 1),
    ("class-enum-type", "name", 40),
    ("class-enum-type", "Ts", 1),
    ("class-enum-type", "Tu", 1),
    ("class-enum-type", "Te", 1),
    ("array-type", "A", 4),
    ("expr-primary", "builtin-type", 40),
    ("expr-primary", "class-enum-type", 8),
    ("expr-primary", "type", 1),
    ("template-arg", "type", 24),
    ("template-arg", "expr-primary", 8),
    ("expression", "expr-primary", 24),
    ("expression", "template-param", 16),
    ("expression", "function-param", 16),
    ("expression", "binary-operator", 16),
    ("expression", "u", 0),
    ("expression", "mm_", 8),
    ("expression", "pp_", 8),
];

/// What a component that can be substituted may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A type that is no class.
    Type,
    /// A class or a namespace.
    Scope,
    /// A template without its arguments.
    Template,
}

/// One of so many chances for something that may be left out.
fn rarity(production: &str) -> u64 {
    match production {
        "module-name" => 60,
        "clone-suffix" | "abi-tag" | "template-param-decl" => 24,
        "exception-spec" => 12,
        _ => MORE,
    }
}

/// Makes names.
#[derive(Debug)]
pub struct Generator<'g> {
    grammar: &'g Grammar,
    start: Production,
    random: Random,
    text: Vec<u8>,
    depth: usize,
    substitutions: Vec<Kind>,
    /// How many template arguments the types may name, and whether any.
    arguments: usize,
    /// The template arguments that ended last: where, and how many.
    last_arguments: (usize, usize),
    /// Whether what is made is the name of a class, not of a function or variable.
    in_scope: bool,
    /// Whether the name that ended last is a constructor's, destructor's or conversion's.
    no_return: bool,
}

impl<'g> Generator<'g> {
    /// A generator; a seed always makes the same names.
    ///
    /// # Errors
    /// Where the grammar has no `<mangled-name>`.
    pub fn new(grammar: &'g Grammar, seed: u64) -> Result<Self> {
        let start = grammar.production("mangled-name").context("no <mangled-name>")?;
        Ok(Self {
            grammar,
            start,
            random: Random::new(seed),
            text: Vec::new(),
            depth: 0,
            substitutions: Vec::new(),
            arguments: 0,
            last_arguments: (0, 0),
            in_scope: false,
            no_return: false,
        })
    }

    /// One more name.
    pub fn name(&mut self) -> Vec<u8> {
        self.text.clear();
        self.substitutions.clear();
        self.arguments = 0;
        self.last_arguments = (0, 0);
        self.production(self.start, "");
        self.text.clone()
    }

    fn chance(&mut self, of: u64) -> bool {
        self.random.below(of) == 0
    }

    fn is_ending(&self) -> bool {
        self.text.len() > LONG || self.depth > DEEP
    }

    /// Expands a production that stands in `parent`.
    fn production(&mut self, production: Production, parent: &str) {
        let name = self.grammar.name(production);
        self.depth += 1;
        match name {
            "encoding" => self.encoding(production),
            "substitution" => self.substitution(parent),
            "template-param" => self.template_parameter(),
            "bare-function-type" => {
                self.parameter();
                self.parameters();
            }
            "template-args" => self.template_arguments(production, parent),
            _ => self.any_of(production, parent),
        }
        self.depth -= 1;
    }

    fn any_of(&mut self, production: Production, parent: &str) {
        let name = self.grammar.name(production);
        let from = self.text.len();
        let alternative = self.choose(production, parent);
        if name == "unqualified-name" {
            self.no_return = false;
        }
        let in_scope = self.in_scope;
        self.in_scope = match name {
            "class-enum-type" | "type" | "prefix" | "template-prefix" => true,
            "expression" | "template-args" => false,
            _ => in_scope,
        };
        self.items(alternative, name);
        self.in_scope = in_scope;
        self.note(name, alternative, from);
    }

    /// An alternative of a production: any that can be had here; where the text is to end, one of
    /// the shallowest.
    fn choose(&mut self, production: Production, parent: &str) -> &'g Alternative {
        let grammar = self.grammar;
        let name = grammar.name(production);
        let mut possible: Vec<&Alternative> = grammar.alternatives(production).iter().collect();
        possible.retain(|alternative| self.is_possible(name, parent, alternative));
        if self.is_ending() {
            let least = possible.iter().map(|alternative| grammar.depth(alternative)).min();
            possible.retain(|alternative| Some(grammar.depth(alternative)) == least);
        }
        let weights: Vec<u64> = possible.iter().map(|items| self.weight(name, items)).collect();
        let mut at = self.random.below(weights.iter().sum());
        for (alternative, weight) in possible.iter().zip(weights) {
            match at.checked_sub(weight) {
                None => return alternative,
                Some(rest) => at = rest,
            }
        }
        possible.first().copied().unwrap_or(&NOTHING)
    }

    fn weight(&self, production: &str, alternative: &Alternative) -> u64 {
        let beginning = alternative.iter().find_map(|item| match item {
            Item::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            Item::Production(first) => Some(self.grammar.name(*first)),
            _ => None,
        });
        let beginning = beginning.unwrap_or_default();
        // Of literals, the letter does not tell what they are.
        let second = match alternative.get(1) {
            Some(Item::Production(second)) if beginning == "L" => self.grammar.name(*second),
            _ => "",
        };
        let line = WEIGHTS.iter().find(|line| {
            line.0 == production && (line.1 == beginning && second.is_empty() || line.1 == second)
        });
        line.map_or(4, |line| line.2)
    }

    /// Whether what an alternative begins with can be had.
    fn is_possible(&self, parent: &str, outer: &str, alternative: &Alternative) -> bool {
        let first = alternative.iter().find(|item| !matches!(item, Item::Maybe(_)));
        let Some(Item::Production(first)) = first else {
            return true;
        };
        match self.grammar.name(*first) {
            // `St` begins a scope in any case.
            "substitution" => parent == "prefix" || !self.fitting(parent).is_empty(),
            // A constructor is one of a class; a class or namespace is no operator.
            "ctor-dtor-name" => outer == "nested-name",
            "operator-name" | "unnamed-type-name" if parent == "unqualified-name" => {
                !self.in_scope && (outer == "nested-name" || outer == "unscoped-name")
            }
            "template-param" => self.arguments > 0,
            "template-template-param" => !self.fitting("template-template-param").is_empty(),
            _ => true,
        }
    }

    fn items(&mut self, items: &'g [Item], parent: &str) {
        for item in items {
            match item {
                Item::Bytes(bytes) => self.text.extend_from_slice(bytes),
                Item::Words(rule) => self.words(rule),
                Item::Production(production) => self.production(*production, parent),
                Item::Maybe(inner) => {
                    let of = match inner.first() {
                        Some(Item::Production(first)) => rarity(self.grammar.name(*first)),
                        _ => MORE,
                    };
                    if !self.is_ending() && self.chance(of) {
                        self.items(inner, parent);
                    }
                }
                Item::Any(inner) => match inner.first() {
                    Some(Item::Production(first))
                        if !self.chance(rarity(self.grammar.name(*first)) / MORE) => {}
                    _ => self.repeat(inner, parent),
                },
                Item::Some(inner) => {
                    self.items(inner, parent);
                    self.repeat(inner, parent);
                }
            }
        }
    }

    fn repeat(&mut self, items: &'g [Item], parent: &str) {
        while !self.is_ending() && self.chance(MORE) {
            self.items(items, parent);
        }
    }

    /// Notes what an expanded production means for what follows.
    fn note(&mut self, name: &str, alternative: &Alternative, from: usize) {
        let first = match alternative.first() {
            Some(Item::Production(first)) => self.grammar.name(*first),
            _ => "",
        };
        let kind = match (name, first) {
            ("ctor-dtor-name", _) => {
                self.no_return = true;
                return;
            }
            ("operator-name", _) => {
                self.no_return = self.text.get(from..).is_some_and(|text| text.starts_with(b"cv"));
                return;
            }
            (_, "substitution") => return,
            ("type", "builtin-type") if self.text.get(from) != Some(&b'u') => return,
            ("type", "class-enum-type") | ("prefix", _) => Kind::Scope,
            ("type", _) => Kind::Type,
            ("template-prefix" | "unscoped-template-name" | "template-template-param", _) => {
                Kind::Template
            }
            _ => return,
        };
        self.substitutions.push(kind);
    }

    /// A name, and the types of a function where it is one.
    fn encoding(&mut self, production: Production) {
        let Some(name) = self.grammar.production("name") else { return };
        let special = !self.is_ending() && self.chance(6);
        if special && let Some(special) = self.grammar.alternatives(production).get(2) {
            return self.items(special, "encoding");
        }
        let arguments = std::mem::take(&mut self.arguments);
        let in_scope = std::mem::take(&mut self.in_scope);
        self.production(name, "encoding");
        self.in_scope = in_scope;
        let end = self.text.len();
        // A function; or a variable, where nothing says that it is one.
        if !self.chance(6) {
            let (at, count) = self.last_arguments;
            let is_template = at > 0 && (at == end || at + 1 == end);
            self.arguments = if is_template { count } else { 0 };
            if is_template && !self.no_return {
                self.parameter();
            }
            self.parameters();
        }
        self.arguments = arguments;
    }

    /// The types of a function's parameters.
    fn parameters(&mut self) {
        if self.chance(4) {
            return self.text.push(b'v');
        }
        self.parameter();
        while !self.is_ending() && self.chance(2) {
            self.parameter();
        }
    }

    /// A type that a parameter can have.
    fn parameter(&mut self) {
        let from = self.text.len();
        if let Some(kind) = self.grammar.production("type") {
            self.production(kind, "bare-function-type");
        }
        if self.text.get(from..) == Some(b"v") {
            self.text.truncate(from);
            self.text.push(b'i');
        }
    }

    fn template_arguments(&mut self, production: Production, parent: &str) {
        self.text.push(b'I');
        let mut count = 0;
        if let Some(argument) = self.grammar.production("template-arg") {
            while count == 0 || !self.is_ending() && self.chance(2) {
                self.production(argument, parent);
                count += 1;
            }
        } else {
            self.any_of(production, parent);
        }
        self.text.push(b'E');
        self.last_arguments = (self.text.len(), count);
    }

    fn template_parameter(&mut self) {
        match self.random.index(self.arguments) {
            0 => self.text.extend_from_slice(b"T_"),
            number => self.text.extend_from_slice(format!("T{}_", number - 1).as_bytes()),
        }
    }

    /// The components that may stand in a production.
    fn fitting(&self, parent: &str) -> Vec<usize> {
        let fits = |kind: Kind| match parent {
            "prefix" => kind == Kind::Scope,
            "template-prefix" | "unscoped-template-name" | "template-template-param" => {
                kind == Kind::Template
            }
            _ => kind != Kind::Template,
        };
        let all = self.substitutions.iter().enumerate();
        all.filter(|(_, kind)| fits(**kind)).map(|(number, _)| number).collect()
    }

    fn substitution(&mut self, parent: &str) {
        let known: &[&str] = match parent {
            "prefix" => &["St", "Ss", "Si", "So", "Sd"],
            "template-prefix" | "unscoped-template-name" | "template-template-param" => {
                &["Sa", "Sb"]
            }
            _ => &["Ss", "Si", "So", "Sd"],
        };
        let fitting = self.fitting(parent);
        match self.random.pick(&fitting) {
            Some(&number) if !self.chance(3) => match number.checked_sub(1) {
                None => self.text.extend_from_slice(b"S_"),
                Some(number) => {
                    self.text.push(b'S');
                    self.base_36(number);
                    self.text.push(b'_');
                }
            },
            _ => {
                let word = self.random.pick(known).copied().unwrap_or_default();
                self.text.extend_from_slice(word.as_bytes());
            }
        }
    }

    fn base_36(&mut self, number: usize) {
        if number >= 36 {
            self.base_36(number / 36);
        }
        let digit = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".get(number % 36).copied();
        self.text.push(digit.unwrap_or(b'0'));
    }

    /// Bytes that a rule in words describes.
    fn words(&mut self, rule: &str) {
        match rule {
            "letters" => {
                let suffix = self.random.pick(SUFFIXES).copied().unwrap_or_default();
                self.text.extend_from_slice(suffix.as_bytes());
            }
            "digit" => self.digits(1),
            "lower-case hexadecimal" => {
                // As many as a float or a double has.
                let length = if self.chance(2) { 8 } else { 16 };
                for _ in 0..length {
                    let digit = b"0123456789abcdef".get(self.random.index(16)).copied();
                    self.text.push(digit.unwrap_or(b'0'));
                }
            }
            "base 36" => {
                let number = self.random.index(40);
                self.base_36(number);
            }
            "length and identifier" => {
                let name = self.random.pick(IDENTIFIERS).copied().unwrap_or("a");
                self.text.extend_from_slice(format!("{}{name}", name.len()).as_bytes());
            }
            // "digits"
            _ => {
                let length = if self.chance(4) { 2 } else { 1 };
                self.digits(length);
            }
        }
    }

    /// A decimal number without a zero at its beginning.
    fn digits(&mut self, length: usize) {
        for place in 0..length {
            let digit = if place == 0 && length > 1 {
                1 + self.random.index(9)
            } else {
                self.random.index(10)
            };
            self.base_36(digit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_names_and_all_follow_the_grammar() {
        let text = include_str!("../../../libdemangle/itanium.grammar");
        let grammar = Grammar::parse(text).unwrap();
        let names = |seed| -> Vec<Vec<u8>> {
            let mut generator = Generator::new(&grammar, seed).unwrap();
            (0..1000).map(|_| generator.name()).collect()
        };
        assert_eq!(names(1), names(1));
        assert_ne!(names(1), names(2));
        assert!(names(3).iter().all(|name| name.starts_with(b"_Z") && name.len() < 4000));
        assert!(names(3).iter().flatten().all(u8::is_ascii_graphic));
    }
}

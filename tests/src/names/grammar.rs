//! The grammar of mangled names, as it stands in `libdemangle/itanium.grammar`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// A production by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Production(usize);

/// A part of an alternative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A production.
    Production(Production),
    /// Bytes that a rule in words describes.
    Words(String),
    /// At most one.
    Maybe(Alternative),
    /// Any number.
    Any(Alternative),
    /// At least one.
    Some(Alternative),
}

/// One of several ways to write a production.
pub type Alternative = Vec<Item>;

/// All productions.
#[derive(Debug, Default)]
pub struct Grammar {
    names: Vec<String>,
    alternatives: Vec<Vec<Alternative>>,
    /// How deep the shallowest text of each production is nested.
    depths: Vec<usize>,
}

impl Grammar {
    /// Reads a grammar.
    ///
    /// # Errors
    /// Where it is not written as the notes at its beginning say, or names a production that it
    /// does not have.
    pub fn parse(text: &str) -> Result<Self> {
        let mut grammar = Self::default();
        let mut numbers = BTreeMap::new();
        let mut rules: Vec<(Production, Vec<String>)> = Vec::new();
        for line in text.lines() {
            if line.trim().is_empty() || line.trim_start().starts_with('#') {
                continue;
            }
            if let Some((name, rest)) = line.split_once("::=") {
                let name = bare(name.trim()).with_context(|| format!("no name: {line:?}"))?;
                let production = Production(grammar.names.len());
                if numbers.insert(name.to_owned(), production).is_some() {
                    bail!("<{name}> is there twice");
                }
                grammar.names.push(name.to_owned());
                rules.push((production, words(rest)?));
            } else {
                let (_, rule) = rules.last_mut().context("an alternative of nothing")?;
                rule.extend(words(line)?);
            }
        }
        for (production, rule) in rules {
            let mut parts = rule.as_slice();
            let mut alternatives = Vec::new();
            loop {
                alternatives.push(items(&mut parts, "|", &numbers)?);
                match parts.split_first() {
                    Some((bar, rest)) if bar == "|" => parts = rest,
                    Some((word, _)) => bail!("<{}>: {word:?}", grammar.name(production)),
                    None => break,
                }
            }
            grammar.alternatives.push(alternatives);
        }
        grammar.measure();
        Ok(grammar)
    }

    /// The production of a name.
    pub fn production(&self, name: &str) -> Option<Production> {
        self.names.iter().position(|other| other == name).map(Production)
    }

    /// The name of a production.
    pub fn name(&self, production: Production) -> &str {
        self.names.get(production.0).map_or("", String::as_str)
    }

    /// The alternatives of a production.
    pub fn alternatives(&self, production: Production) -> &[Alternative] {
        self.alternatives.get(production.0).map_or(&[], Vec::as_slice)
    }

    /// How deep the shallowest text of an alternative is nested.
    pub fn depth(&self, alternative: &[Item]) -> usize {
        let depth = |item: &Item| match item {
            Item::Production(production) => {
                self.depths.get(production.0).map_or(0, |depth| depth.saturating_add(1))
            }
            Item::Some(inner) => self.depth(inner),
            Item::Bytes(_) | Item::Words(_) | Item::Maybe(_) | Item::Any(_) => 0,
        };
        alternative.iter().map(depth).max().unwrap_or(0)
    }

    /// Finds the depths of all productions: from "endless" down until none changes any more.
    fn measure(&mut self) {
        self.depths = vec![usize::MAX; self.names.len()];
        loop {
            let depths: Vec<usize> = self
                .alternatives
                .iter()
                .map(|alternatives| {
                    alternatives.iter().map(|items| self.depth(items)).min().unwrap_or(0)
                })
                .collect();
            if depths == self.depths {
                return;
            }
            self.depths = depths;
        }
    }
}

/// What stands between `<` and `>`.
fn bare(word: &str) -> Option<&str> {
    word.strip_prefix('<')?.strip_suffix('>')
}

/// The words of a line: quoted text is one, spaces in it as well.
fn words(line: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '#' {
            break;
        }
        let end = match first {
            '\'' | '"' => {
                let close = rest.get(1..).and_then(|inside| inside.find(first));
                close.with_context(|| format!("no closing quote: {line:?}"))?.saturating_add(2)
            }
            _ => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at_checked(end).context("a word")?;
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    Ok(words)
}

/// Items up to a word that closes them, which is left where it is.
fn items(
    words: &mut &[String],
    close: &str,
    numbers: &BTreeMap<String, Production>,
) -> Result<Alternative> {
    let mut found = Vec::new();
    while let Some((word, rest)) = words.split_first() {
        if word == close {
            break;
        }
        *words = rest;
        let inside = |quote| word.strip_prefix(quote)?.strip_suffix(quote);
        found.push(if let Some(text) = inside('\'') {
            Item::Bytes(text.as_bytes().to_vec())
        } else if let Some(text) = inside('"') {
            Item::Words(text.to_owned())
        } else if let Some(name) = bare(word) {
            let number = numbers.get(name);
            Item::Production(*number.with_context(|| format!("no production <{name}>"))?)
        } else if word == "[" {
            let inner = items(words, "]", numbers)?;
            closing(words)?;
            Item::Maybe(inner)
        } else if word == "(" {
            let inner = if words.iter().take_while(|word| *word != "(").any(|word| word == ")*") {
                (")*", items(words, ")*", numbers)?)
            } else {
                (")+", items(words, ")+", numbers)?)
            };
            closing(words)?;
            if inner.0 == ")*" { Item::Any(inner.1) } else { Item::Some(inner.1) }
        } else {
            bail!("{word:?} is no item")
        });
    }
    Ok(found)
}

fn closing(words: &mut &[String]) -> Result<()> {
    let (_, rest) = words.split_first().context("a bracket is not closed")?;
    *words = rest;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grammar_is_read_and_measured() {
        let grammar = Grammar::parse(
            "# one\n<a> ::= 'x' <b> # two\n    | [ 'y' ] <a> ( <b> )*\n<b> ::= \"any digit\" | ( 'b c' )+\n",
        )
        .unwrap();
        let [a, b] = ["a", "b"].map(|name| grammar.production(name).unwrap());
        assert_eq!(grammar.name(a), "a");
        let alternatives = grammar.alternatives(a);
        assert_eq!(
            alternatives,
            [
                vec![Item::Bytes(b"x".to_vec()), Item::Production(b)],
                vec![
                    Item::Maybe(vec![Item::Bytes(b"y".to_vec())]),
                    Item::Production(a),
                    Item::Any(vec![Item::Production(b)])
                ],
            ]
        );
        assert_eq!(
            alternatives.iter().map(|items| grammar.depth(items)).collect::<Vec<_>>(),
            [1, 2]
        );
        assert_eq!(grammar.alternatives(b)[1], [Item::Some(vec![Item::Bytes(b"b c".to_vec())])]);
        assert!(Grammar::parse("<a> ::= <b>").is_err());
        assert!(Grammar::parse("<a> ::= 'x").is_err());
        assert!(Grammar::parse("<a> ::= x").is_err());
    }
}

//! Command lines in the grammar of GNU `getopt_long_only`, as ld and as have it: long options may
//! start with one dash as well as with two.
//!
//! ```text
//! --gc-sections  -gc-sections  -gc-s    one long option, spelled in three ways
//! -Ttext=0       -Ttext 0               long options first …
//! -Tscript.lds   -T script.lds          … and where none fits, an option of one letter
//! -sS                                   several letters
//! ```
//!
//! Options and operands are handed out in the order in which they stand, as what an operand means
//! depends on the options before it. An option is what the program's own type `K` says.
//!
//! ```
//! use common::getopt::Takes;
//! use common::getopt_long_only::{Grammar, Part, parse};
//! let grammar = Grammar {
//!     letters: &[(b'o', Takes::Value, 'o'), (b's', Takes::Nothing, 's')],
//!     one_dash: &[("shared", Takes::Nothing, 'S')],
//!     two_dashes: &[("output", Takes::Value, 'o')],
//!     exact: &[],
//! };
//! let args = ["a.o", "-sh", "-output", "--output=b"].map(Into::into);
//! let found: Vec<_> = parse(&args, &grammar).into_iter().map(|placed| match placed.part {
//!     Part::Option { key, value, .. } => format!("{key} {value:?}"),
//!     Part::Operand => format!("{:?}", args[placed.at]),
//!     Part::Unknown => "unknown".into(),
//! }).collect();
//! assert_eq!(found, ["\"a.o\"", "S None", "o Some(\"utput\")", "o Some(\"b\")"]);
//! ```

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::getopt::Takes;

/// All options of a program.
#[derive(Clone, Copy, Debug)]
pub struct Grammar<'t, K> {
    /// Options of one letter, after one dash.
    pub letters: &'t [(u8, Takes, K)],
    /// Long options, after one dash or two. An abbreviation must fit one of them alone, whatever
    /// they mean.
    pub one_dash: &'t [(&'static str, Takes, K)],
    /// Long options after two dashes: they are looked at where none of the former fits. An
    /// abbreviation must fit one of them alone.
    pub two_dashes: &'t [(&'static str, Takes, K)],
    /// Long options after two dashes that cannot be abbreviated, and so do not stand in the way of
    /// abbreviations of others.
    pub exact: &'t [(&'static str, Takes, K)],
}

/// One part of a command line and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<K> {
    /// The index of the argument that it stands in.
    pub at: usize,
    /// What it is.
    pub part: Part<K>,
}

/// One part of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<K> {
    /// An option.
    Option {
        /// What it means.
        key: K,
        /// Its value, where it has one.
        value: Option<OsString>,
        /// Where it is one of several letters in an argument.
        letter: Option<Letter>,
    },
    /// Anything else: mostly a file name.
    Operand,
    /// No option, an ambiguous one, or one with a value too many or too few.
    Unknown,
}

/// An option of one letter, in an argument of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// It.
    pub this: u8,
    /// The first one after the dash, which may be itself.
    pub first: u8,
    /// What it takes.
    pub takes: Takes,
    /// Whether the argument goes on after it and what belongs to it.
    pub goes_on: bool,
}

/// Why a long option is none.
enum Misfit {
    /// No option starts so.
    Unknown,
    /// Several do, or its value is one too many or too few.
    Wrong,
}

/// Parses `args` (without the program's name). All after an argument `--` are operands.
pub fn parse<K: Copy>(args: &[OsString], grammar: &Grammar<'_, K>) -> Vec<Placed<K>> {
    let mut found = Vec::with_capacity(args.len());
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let bytes = arg.as_bytes();
        let next = args.get(at + 1);
        let mut took_next = false;
        match bytes {
            b"--" => {
                let rest = (at + 1..args.len()).map(|at| Placed { at, part: Part::Operand });
                found.extend(rest);
                return found;
            }
            [b'-', b'-', text @ ..] => {
                let (part, took) = double_dash(text, next, grammar);
                found.push(Placed { at, part });
                took_next = took;
            }
            [b'-', text @ ..] if !text.is_empty() => {
                took_next = single_dash(text, next, grammar, &mut |part| {
                    found.push(Placed { at, part });
                });
            }
            _ => found.push(Placed { at, part: Part::Operand }),
        }
        at += 1 + usize::from(took_next);
    }
    found
}

/// `--text`: the option, and whether `next` is its value.
fn double_dash<K: Copy>(
    text: &[u8],
    next: Option<&OsString>,
    grammar: &Grammar<'_, K>,
) -> (Part<K>, bool) {
    let name = text.split(|&byte| byte == b'=').next().unwrap_or_default();
    let exact = grammar.exact.iter().find(|(exact, ..)| exact.as_bytes() == name);
    let exact = exact.map_or(&[][..], std::slice::from_ref);
    [exact, grammar.one_dash, grammar.two_dashes]
        .into_iter()
        .find_map(|table| long(text, next, table).ok())
        .unwrap_or((Part::Unknown, false))
}

/// `-text`: hands its parts to `add`; whether `next` is a value.
fn single_dash<K: Copy>(
    text: &[u8],
    next: Option<&OsString>,
    grammar: &Grammar<'_, K>,
    add: &mut dyn FnMut(Part<K>),
) -> bool {
    let is_letter = text.first().is_some_and(|&first| takes(grammar, first).is_some());
    if text.len() > 1 || !is_letter {
        match long(text, next, grammar.one_dash) {
            Ok((part, took_next)) => {
                add(part);
                return took_next;
            }
            Err(Misfit::Unknown) if is_letter => {}
            Err(_) => {
                add(Part::Unknown);
                return false;
            }
        }
    }
    letters(text, next, grammar, add)
}

fn takes<K: Copy>(grammar: &Grammar<'_, K>, letter: u8) -> Option<(Takes, K)> {
    let found = grammar.letters.iter().find(|(known, ..)| *known == letter);
    found.map(|&(_, takes, key)| (takes, key))
}

/// `abc`, `xvalue`, or `x` before its value.
fn letters<K: Copy>(
    text: &[u8],
    next: Option<&OsString>,
    grammar: &Grammar<'_, K>,
    add: &mut dyn FnMut(Part<K>),
) -> bool {
    let first = text.first().copied().unwrap_or_default();
    for (index, &this) in text.iter().enumerate() {
        let tail = text.get(index + 1..).unwrap_or_default();
        let Some((takes, key)) = takes(grammar, this) else {
            add(Part::Unknown);
            return false;
        };
        let attached = (!tail.is_empty()).then(|| OsString::from_vec(tail.to_vec()));
        let goes_on = takes == Takes::Nothing && !tail.is_empty();
        let letter = (text.len() > 1).then_some(Letter { this, first, takes, goes_on });
        match takes {
            Takes::Nothing => add(Part::Option { key, value: None, letter }),
            Takes::Optional => {
                add(Part::Option { key, value: attached, letter });
                return false;
            }
            Takes::Value => {
                let took_next = attached.is_none();
                match attached.or_else(|| next.cloned()) {
                    Some(value) => add(Part::Option { key, value: Some(value), letter }),
                    None => add(Part::Unknown),
                }
                return took_next;
            }
        }
    }
    false
}

/// `name`, `name=value` or an abbreviation, with whether `next` is its value.
fn long<K: Copy>(
    text: &[u8],
    next: Option<&OsString>,
    table: &[(&'static str, Takes, K)],
) -> Result<(Part<K>, bool), Misfit> {
    let equals = text.iter().position(|&byte| byte == b'=');
    let name = text.get(..equals.unwrap_or(text.len())).unwrap_or_default();
    let value = equals.and_then(|at| text.get(at + 1..)).map(|v| OsStr::from_bytes(v).to_owned());
    let &(_, takes, key) = find(name, table)?;
    match (takes, value) {
        (Takes::Nothing, Some(_)) => Err(Misfit::Wrong),
        (Takes::Value, None) => match next {
            Some(next) => Ok((Part::Option { key, value: Some(next.clone()), letter: None }, true)),
            None => Err(Misfit::Wrong),
        },
        (_, value) => Ok((Part::Option { key, value, letter: None }, false)),
    }
}

fn find<'t, K>(
    name: &[u8],
    table: &'t [(&'static str, Takes, K)],
) -> Result<&'t (&'static str, Takes, K), Misfit> {
    if let Some(exact) = table.iter().find(|(known, ..)| known.as_bytes() == name) {
        return Ok(exact);
    }
    let mut candidates = table.iter().filter(|(known, ..)| known.as_bytes().starts_with(name));
    match (candidates.next(), candidates.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Misfit::Unknown),
        (Some(_), Some(_)) => Err(Misfit::Wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAMMAR: Grammar<'static, &str> = Grammar {
        letters: &[
            (b'T', Takes::Value, "script"),
            (b'G', Takes::Optional, "gpsize"),
            (b'd', Takes::Nothing, "d"),
            (b's', Takes::Nothing, "strip-all"),
            (b'e', Takes::Value, "entry"),
        ],
        one_dash: &[
            ("Ttext", Takes::Value, "Ttext"),
            ("shared", Takes::Nothing, "shared"),
            ("static", Takes::Nothing, "static"),
            ("stats", Takes::Nothing, "stats"),
            ("Map", Takes::Value, "Map"),
            ("undefined", Takes::Value, "undefined"),
        ],
        two_dashes: &[
            ("export-dynamic-symbol", Takes::Value, "symbol"),
            ("undefined-version", Takes::Nothing, "undefined-version"),
        ],
        exact: &[("stamp", Takes::Nothing, "stamp")],
    };

    fn run(args: &[&str]) -> Vec<String> {
        let args: Vec<OsString> = args.iter().map(Into::into).collect();
        let parts = parse(&args, &GRAMMAR).into_iter();
        parts
            .map(|placed| match placed.part {
                Part::Option { key, value: None, .. } => key.to_owned(),
                Part::Option { key, value: Some(value), .. } => {
                    format!("{key}={}", value.display())
                }
                Part::Operand => args[placed.at].display().to_string(),
                Part::Unknown => format!("?{}", args[placed.at].display()),
            })
            .collect()
    }

    #[test]
    fn long_options_come_before_letters() {
        assert_eq!(run(&["-Ttext", "0", "-Tx", "-T", "y"]), ["Ttext=0", "script=x", "script=y"]);
        assert_eq!(run(&["-sh", "-Map=x", "-M", "x"]), ["shared", "Map=x", "Map=x"]);
        assert_eq!(
            run(&["-s", "-ds", "-G", "-G8"]),
            ["strip-all", "d", "strip-all", "gpsize", "gpsize=8"]
        );
    }

    #[test]
    fn options_of_two_dashes_are_letters_after_one() {
        assert_eq!(run(&["-export-dynamic-symbol"]), ["entry=xport-dynamic-symbol"]);
        assert_eq!(run(&["--exp", "x"]), ["symbol=x"]);
    }

    #[test]
    fn ambiguity_is_among_all_options_of_a_table() {
        assert_eq!(run(&["-sta", "--stat"]), ["?-sta", "?--stat"]);
        assert_eq!(run(&["--undef", "x"]), ["undefined=x"]);
        assert_eq!(run(&["--undefined"]), ["undefined-version"]);
    }

    #[test]
    fn exact_options_make_no_ambiguity() {
        assert_eq!(run(&["--stamp", "--stam"]), ["stamp", "?--stam"]);
    }

    #[test]
    fn order_is_kept_and_two_dashes_end_options() {
        assert_eq!(run(&["a", "-s", "-", "--", "-s"]), ["a", "strip-all", "-", "-s"]);
    }

    #[test]
    fn letters_know_their_group() {
        let args = ["-dsx"].map(OsString::from);
        let parts: Vec<_> = parse(&args, &GRAMMAR).into_iter().map(|placed| placed.part).collect();
        let letter =
            |this, goes_on| Some(Letter { this, first: b'd', takes: Takes::Nothing, goes_on });
        assert_eq!(
            parts,
            [
                Part::Option { key: "d", value: None, letter: letter(b'd', true) },
                Part::Option { key: "strip-all", value: None, letter: letter(b's', true) },
                Part::Unknown,
            ]
        );
    }
}

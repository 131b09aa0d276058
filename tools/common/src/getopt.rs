//! Command lines in the grammar and with the messages of GNU `getopt_long`.
//!
//! Neither of the usual crates knows all of it: long options may be cut to any prefix that is
//! unique, may take an optional value (`--syms[=WHAT]`), options may follow operands, and the
//! messages for wrong ones are part of what scripts and people know.
//!
//! ```
//! use common::getopt::{Arg, Long, Takes, parse};
//! let longs = [Long::new("wide", Takes::Nothing, 'W'), Long::new("hex-dump", Takes::Value, 'x')];
//! let args = ["a.o", "--wi", "-x1", "b.o"].map(Into::into);
//! let parsed = parse(&args, "Wx:", &longs);
//! let found: Vec<_> = parsed.iter().map(|arg| match arg {
//!     Ok(Arg::Option(key, value)) => format!("{key} {value:?}"),
//!     Ok(Arg::Operand(file)) => format!("{file:?}"),
//!     Err(message) => message.clone(),
//! }).collect();
//! assert_eq!(found, ["W None", "x Some(\"1\")", "\"a.o\"", "\"b.o\""]);
//! ```

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What a long option takes after its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// No value.
    Nothing,
    /// `--name=value` or `--name value`.
    Value,
    /// `--name` or `--name=value`.
    Optional,
}

/// A long option; `key` names it to the program: the letter of the short option that does the
/// same, or a character outside ASCII where there is none.
#[derive(Clone, Copy, Debug)]
pub struct Long {
    name: &'static str,
    takes: Takes,
    key: char,
}

impl Long {
    /// A long option `--name`.
    pub const fn new(name: &'static str, takes: Takes, key: char) -> Self {
        Self { name, takes, key }
    }
}

/// One part of a parsed command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// An option with its value, where it has one.
    Option(char, Option<OsString>),
    /// Anything else: mostly a file name.
    Operand(OsString),
}

/// Parses `args` (without the program's name): options first, then operands, each in order of
/// appearance. An `Err` is a message to print after the program's name; parsing goes on after it.
///
/// `shorts` is as for getopt(3): a letter, `:` after it for a value, `::` for an optional one.
pub fn parse(args: &[OsString], shorts: &str, longs: &[Long]) -> Vec<Result<Arg, String>> {
    parse_placed(args, shorts, longs).into_iter().map(|(_, arg)| arg).collect()
}

/// As [`parse`], with the index in `args` of the argument that each part stands in: where digits
/// are options, the text of their argument is the number.
pub fn parse_placed(
    args: &[OsString],
    shorts: &str,
    longs: &[Long],
) -> Vec<(usize, Result<Arg, String>)> {
    let mut found = Vec::new();
    let mut operands = Vec::new();
    let mut rest = args.iter().enumerate();
    while let Some((at, arg)) = rest.next() {
        let bytes = arg.as_bytes();
        let mut values = rest.by_ref().map(|(_, value)| value);
        if bytes == b"--" {
            operands.extend(rest.by_ref().map(|(at, arg)| (at, arg.clone())));
        } else if let Some(long) = bytes.strip_prefix(b"--") {
            found.push((at, parse_long(long, longs, &mut values)));
        } else if bytes.len() > 1 && bytes.first() == Some(&b'-') {
            let letters = bytes.get(1..).unwrap_or_default();
            let bundle = parse_bundle(letters, shorts, &mut values);
            found.extend(bundle.into_iter().map(|arg| (at, arg)));
        } else {
            operands.push((at, arg.clone()));
        }
    }
    found.extend(operands.into_iter().map(|(at, operand)| (at, Ok(Arg::Operand(operand)))));
    found
}

/// `--name`, `--name=value` or an abbreviation.
fn parse_long<'a>(
    text: &[u8],
    longs: &[Long],
    rest: &mut impl Iterator<Item = &'a OsString>,
) -> Result<Arg, String> {
    let equals = memchr_equals(text);
    let name = text.get(..equals.unwrap_or(text.len())).unwrap_or_default();
    let value = equals.and_then(|at| text.get(at + 1..)).map(|v| OsStr::from_bytes(v).to_owned());
    let long = find_long(name, text, longs)?;
    match (long.takes, value) {
        (Takes::Nothing, Some(_)) => {
            Err(format!("option '--{}' doesn't allow an argument", long.name))
        }
        (Takes::Value, None) => match rest.next() {
            Some(next) => Ok(Arg::Option(long.key, Some(next.clone()))),
            None => Err(format!("option '--{}' requires an argument", long.name)),
        },
        (_, value) => Ok(Arg::Option(long.key, value)),
    }
}

fn memchr_equals(text: &[u8]) -> Option<usize> {
    text.iter().position(|&byte| byte == b'=')
}

/// The long option that `name` spells or abbreviates.
fn find_long<'l>(name: &[u8], whole: &[u8], longs: &'l [Long]) -> Result<&'l Long, String> {
    if let Some(exact) = longs.iter().find(|long| long.name.as_bytes() == name) {
        return Ok(exact);
    }
    let mut candidates = longs.iter().filter(|long| long.name.as_bytes().starts_with(name));
    let Some(first) = candidates.next() else {
        return Err(format!("unrecognized option '--{}'", String::from_utf8_lossy(whole)));
    };
    // Several names for one meaning are no ambiguity.
    if candidates.all(|other| other.takes == first.takes && other.key == first.key) {
        return Ok(first);
    }
    let mut message =
        format!("option '--{}' is ambiguous; possibilities:", String::from_utf8_lossy(whole));
    let others = longs.iter().filter(|long| {
        long.name.as_bytes().starts_with(name)
            && (long.name == first.name || long.takes != first.takes || long.key != first.key)
    });
    for long in others {
        message.push_str(" '--");
        message.push_str(long.name);
        message.push('\'');
    }
    Err(message)
}

/// `-abc`, `-xvalue` or `-x value`.
fn parse_bundle<'a>(
    letters: &[u8],
    shorts: &str,
    rest: &mut impl Iterator<Item = &'a OsString>,
) -> Vec<Result<Arg, String>> {
    let mut found = Vec::new();
    for (at, &letter) in letters.iter().enumerate() {
        let key = char::from(letter);
        let tail = letters.get(at + 1..).unwrap_or_default();
        let attached = (!tail.is_empty()).then(|| OsString::from_vec(tail.to_vec()));
        match short_takes(shorts, letter) {
            None => {
                let mut message = b"invalid option -- '".to_vec();
                message.push(letter);
                message.push(b'\'');
                found.push(Err(String::from_utf8_lossy(&message).into_owned()));
            }
            Some(Takes::Nothing) => found.push(Ok(Arg::Option(key, None))),
            Some(Takes::Optional) => {
                found.push(Ok(Arg::Option(key, attached)));
                break;
            }
            Some(Takes::Value) => {
                let value = attached.or_else(|| rest.next().cloned());
                found.push(match value {
                    Some(value) => Ok(Arg::Option(key, Some(value))),
                    None => Err(format!("option requires an argument -- '{}'", char::from(letter))),
                });
                break;
            }
        }
    }
    found
}

fn short_takes(shorts: &str, letter: u8) -> Option<Takes> {
    if letter == b':' {
        return None;
    }
    let at = shorts.bytes().position(|short| short == letter)?;
    let after = shorts.get(at + 1..).unwrap_or_default();
    Some(if after.starts_with("::") {
        Takes::Optional
    } else if after.starts_with(':') {
        Takes::Value
    } else {
        Takes::Nothing
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGS: [Long; 4] = [
        Long::new("section-headers", Takes::Nothing, 'S'),
        Long::new("sections", Takes::Nothing, 'S'),
        Long::new("segments", Takes::Nothing, 'l'),
        Long::new("syms", Takes::Optional, 's'),
    ];

    fn run(args: &[&str]) -> Vec<String> {
        let args: Vec<OsString> = args.iter().map(Into::into).collect();
        parse(&args, "Sx:w::", &LONGS)
            .into_iter()
            .map(|arg| match arg {
                Ok(Arg::Option(key, None)) => format!("{key}"),
                Ok(Arg::Option(key, Some(value))) => format!("{key}={}", value.display()),
                Ok(Arg::Operand(operand)) => operand.display().to_string(),
                Err(message) => message,
            })
            .collect()
    }

    #[test]
    fn options_may_follow_operands_and_stop_at_two_dashes() {
        assert_eq!(run(&["f", "-S", "--", "-S"]), ["S", "f", "-S"]);
        assert_eq!(run(&["-"]), ["-"]);
    }

    #[test]
    fn places_are_those_of_the_options() {
        let args = ["-x", "1", "f", "-Sx2"].map(OsString::from);
        let places = parse_placed(&args, "Sx:", &LONGS).into_iter().map(|(at, _)| at);
        assert_eq!(places.collect::<Vec<_>>(), [0, 3, 3, 2]);
    }

    #[test]
    fn abbreviations_must_be_unique_in_meaning() {
        assert_eq!(run(&["--sect"]), ["S"]);
        assert_eq!(
            run(&["--se"]),
            ["option '--se' is ambiguous; possibilities: '--section-headers' '--segments'"]
        );
        assert_eq!(run(&["--nope=3"]), ["unrecognized option '--nope=3'"]);
    }

    #[test]
    fn values_may_be_attached_or_next_or_optional() {
        assert_eq!(run(&["-x1", "-x", "2", "-wi", "-w", "f"]), ["x=1", "x=2", "w=i", "w", "f"]);
        assert_eq!(run(&["--syms=a", "--syms", "b"]), ["s=a", "s", "b"]);
        assert_eq!(run(&["-x"]), ["option requires an argument -- 'x'"]);
        assert_eq!(run(&["-Sq"]), ["S", "invalid option -- 'q'"]);
        assert_eq!(run(&["--segm=1"]), ["option '--segments' doesn't allow an argument"]);
    }
}

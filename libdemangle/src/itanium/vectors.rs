//! Tests: names and their texts, as GNU's c++filt prints them.
//!
//! A line has a mangled name, what c++filt prints for it and, where that is another text, what nm
//! does. A name alone is one that stays as it is. Those of `llvm.tsv` are as llvm-cxxfilt 14 prints
//! them.
#![cfg(test)]

use std::string::String;
use std::vec::Vec;

use crate::{Demangler, Options, Style};

const NAMES: &str = include_str!("vectors/names.tsv");
const TYPES: &str = include_str!("vectors/types.tsv");
const EXPRESSIONS: &str = include_str!("vectors/expressions.tsv");
const CLOSURES: &str = include_str!("vectors/closures.tsv");
const SPECIAL: &str = include_str!("vectors/special.tsv");
const REFUSED: &str = include_str!("vectors/refused.tsv");
const COMPILED: &str = include_str!("vectors/compiled.tsv");
const JAVA: &str = include_str!("vectors/java.tsv");
const LONE_TYPES: &str = include_str!("vectors/lone_types.tsv");
const LLVM: &str = include_str!("vectors/llvm.tsv");
const WITHOUT_PARAMETERS: &str = include_str!("vectors/without_parameters.tsv");

/// Compares the texts of all lines; `texts` is which of them these options print.
fn check(lines: &str, options: Options, texts: usize) {
    let style = if options.style == Style::Auto { Style::Itanium } else { options.style };
    let mut demangler = Demangler::new(Options { style, ..options });
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in lines.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let name = fields[0];
        let expected = fields.get(texts).or(fields.last()).unwrap();
        let text = demangler.demangle(name.as_bytes()).unwrap_or(name.as_bytes());
        let text = String::from_utf8_lossy(text);
        if text != *expected {
            wrong.push(std::format!("{name}\n  is  {text}\n  not {expected}"));
        }
        count += 1;
    }
    assert!(count >= 30, "{count} lines");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check_both(lines: &str) {
    check(lines, Options::CXXFILT, 1);
    check(lines, Options::NM, 2);
}

#[test]
fn names() {
    check_both(NAMES);
}

#[test]
fn types() {
    check_both(TYPES);
}

#[test]
fn expressions() {
    check_both(EXPRESSIONS);
}

#[test]
fn closures_and_local_names() {
    check_both(CLOSURES);
}

#[test]
fn special_names_and_clones() {
    check_both(SPECIAL);
}

#[test]
fn what_gnu_refuses() {
    check_both(REFUSED);
}

/// Names that gcc 12 and clang 14 made of a program that uses most of C++20.
#[test]
fn names_of_compilers() {
    check_both(COMPILED);
}

#[test]
fn java() {
    check(JAVA, Options { style: Style::Java, ..Options::CXXFILT }, 1);
}

#[test]
fn types_alone() {
    check(LONE_TYPES, Options { types: true, ..Options::CXXFILT }, 1);
}

#[test]
fn without_parameters() {
    check(WITHOUT_PARAMETERS, Options { parameters: false, ..Options::CXXFILT }, 1);
}

/// What LLVM spells in its own way: template heads of closures and their parameters by level,
/// `enable_if`, `__uuidof`, blocks, and names of all other kinds.
#[test]
fn as_llvm_spells_them() {
    check(LLVM, Options::LLVM, 1);
}

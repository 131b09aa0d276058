//! Grammars mean what pest makes of them: the same texts match, with the same tree, whether pest
//! runs a grammar, we run it, or a module that was generated from it.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use libpeg::diagnostic::Diagnostics;
use libpeg::grammar::{self, Grammar};
use libpeg::source::SourceMap;
use support::{Pest, Random, SAMPLES, random_grammar, random_text, tree_of};

/// Random texts for each sample.
const TEXTS: usize = 300;
/// Changed texts for each text of a sample.
const CHANGES: usize = 40;

/// Texts for a grammar, and what pest makes of each: a tree as lines of level, rule, start and end,
/// or `failed`.
struct Case {
    grammar: String,
    start: String,
    texts: Vec<String>,
    expected: Vec<Option<String>>,
}

/// `None` if pest refuses the grammar.
fn case(grammar: &str, start: &str, texts: Vec<String>) -> Option<Case> {
    let pest = Pest::new(grammar)?;
    let expected = texts.iter().map(|text| pest.parse(start, text)).collect();
    Some(Case { grammar: grammar.to_owned(), start: start.to_owned(), texts, expected })
}

fn sample_cases() -> Vec<Case> {
    let mut random = Random::new(1);
    let mut cases = Vec::new();
    for sample in SAMPLES {
        let mut texts: Vec<String> = sample.texts.iter().map(|text| (*text).to_owned()).collect();
        for _ in 0..TEXTS {
            texts.push(random_text(&mut random, sample.alphabet, 12));
        }
        // Sensible texts with a few changes reach further than random ones.
        for text in sample.texts {
            for _ in 0..CHANGES {
                texts.push(random.change(text, sample.alphabet));
            }
        }
        cases.push(case(sample.grammar, sample.start, texts).expect(sample.grammar));
    }
    cases
}

fn random_cases(seed: u64, count: usize) -> Vec<Case> {
    let mut random = Random::new(seed);
    let mut cases = Vec::new();
    while cases.len() < count {
        let text = random_grammar(&mut random);
        let sources = SourceMap::new();
        let id = sources.add("random", text.as_str()).unwrap();
        let mut diagnostics = Diagnostics::default();
        let grammar = Grammar::read(&sources, id, &mut diagnostics);
        grammar::check(&grammar, &[], &mut diagnostics);
        if diagnostics.has_errors() {
            continue;
        }
        let texts = (0..60).map(|_| random_text(&mut random, &["a", "b", "A", " ", "#", "é"], 9));
        let texts = texts.collect();
        // pest refuses some that are harmless.
        cases.extend(case(&text, "r0", texts));
    }
    cases
}

fn compare(case: &Case) {
    let sources = SourceMap::new();
    let id = sources.add("grammar", case.grammar.as_str()).unwrap();
    let mut diagnostics = Diagnostics::default();
    let grammar = Grammar::read(&sources, id, &mut diagnostics);
    grammar::check(&grammar, &[], &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{}", diagnostics.render(&sources));
    let start = grammar.rule_named(&case.start).unwrap();
    for (text, expected) in case.texts.iter().zip(&case.expected) {
        let Some(expected) = expected else { continue };
        let sources = SourceMap::new();
        let input = sources.add("input", text.as_str()).unwrap();
        let found = match grammar.parse(start, &sources, input, grammar::LIMITS) {
            Ok(tree) => tree_of(&tree, &|rule| grammar.rule_name(rule).to_owned()),
            Err(_) => "failed\n".to_owned(),
        };
        assert_eq!(&found, expected, "{}\non {text:?}", case.grammar);
    }
}

#[test]
fn samples_run_as_in_pest() {
    for case in &sample_cases() {
        let matched = case.expected.iter().flatten().filter(|tree| *tree != "failed\n").count();
        assert!(matched > 10, "{matched} matches are too few to tell:\n{}", case.grammar);
        compare(case);
    }
}

#[test]
fn random_grammars_run_as_in_pest() {
    for case in &random_cases(7, 1000) {
        compare(case);
    }
}

/// The main file of a program that parses the texts of a file: a number of a grammar and a text in
/// hexadecimal on each line.
fn main_file(cases: &[Case]) -> String {
    let mut out = String::from(
        "#![forbid(unsafe_code)]\n#![deny(warnings, unused, nonstandard_style)]\n\
         use std::fmt::Write;\n",
    );
    for (index, case) in cases.iter().enumerate() {
        let start = &case.start;
        write!(
            out,
            "mod g{index};
type Nodes{index}<'t> = g{index}::Nodes<'t, 't, g{index}::Rule>;
fn show{index}(nodes: Nodes{index}<'_>, level: usize, out: &mut String) {{
    for node in nodes {{
        let rule = node.rule().name();
        writeln!(out, \"{{level}} {{rule}} {{}} {{}}\", node.start(), node.end()).unwrap();
        show{index}(node.children(), level + 1, out);
    }}
}}
fn run{index}(text: &str) -> String {{
    let mut out = String::new();
    match g{index}::Parser::parse(g{index}::Rule::{start}, text) {{
        Ok(tree) => show{index}(tree.roots(), 0, &mut out),
        Err(error) => {{
            assert!(!error.to_string().is_empty());
            out.push_str(\"failed\\n\");
        }}
    }}
    out
}}
"
        )
        .unwrap();
    }
    out.push_str(
        "fn deep(run: fn(&str) -> String, text: &str) {
    // As small a stack as threads have.
    let text = text.repeat(100_000);
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let shown = thread.spawn(move || run(&text)).unwrap().join().unwrap();
    assert_eq!(shown, \"failed\\n\");
}
fn main() {
    deep(run0, \"(\");
    deep(run0, \"-\");
    deep(run1, \"[\");
    deep(run1, \"{\\\"a\\\":\");
    deep(run3, \"<a>\");
    let file = std::env::args().nth(1).unwrap();
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let (grammar, hex) = line.split_once(' ').unwrap();
        let digits = |pair: &[u8]| {
            u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()
        };
        let bytes: Vec<u8> = hex.as_bytes().chunks(2).map(digits).collect();
        let text = String::from_utf8(bytes).unwrap();
        let shown = match grammar.parse::<usize>().unwrap() {\n",
    );
    for index in 0..cases.len() {
        writeln!(out, "            {index} => run{index}(&text),").unwrap();
    }
    out.push_str(
        "            _ => unreachable!(),\n        };\n        \
         println!(\"{}\", shown.replace('\\n', \";\"));\n    }\n}\n",
    );
    out
}

/// Generates a module for each case, compiles them, and runs all texts; the samples come first,
/// and get deep texts too.
fn compile_and_compare(cases: &[Case], folder: &Path) {
    let mut lines = String::new();
    for (index, case) in cases.iter().enumerate() {
        let sources = SourceMap::new();
        let id = sources.add("grammar.pest", case.grammar.as_str()).unwrap();
        let mut diagnostics = Diagnostics::default();
        let grammar = Grammar::read(&sources, id, &mut diagnostics);
        let module = grammar::generate(&grammar, "Parser", &mut diagnostics).unwrap();
        std::fs::write(folder.join(format!("g{index}.rs")), module).unwrap();
        for text in &case.texts {
            write!(lines, "{index} ").unwrap();
            for byte in text.bytes() {
                write!(lines, "{byte:02x}").unwrap();
            }
            lines.push('\n');
        }
    }
    std::fs::write(folder.join("main.rs"), main_file(cases)).unwrap();
    std::fs::write(folder.join("texts"), lines).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiled = Command::new(rustc)
        .args(["--edition", "2021", "main.rs", "-o", "main"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let ran = Command::new(folder.join("main")).arg(folder.join("texts")).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let shown = String::from_utf8(ran.stdout).unwrap();
    let mut shown = shown.lines();
    for case in cases {
        for (text, expected) in case.texts.iter().zip(&case.expected) {
            let found = shown.next().unwrap().replace(';', "\n");
            if let Some(expected) = expected {
                assert_eq!(&found, expected, "{}\non {text:?}", case.grammar);
            }
        }
    }
}

#[test]
fn generated_modules_parse_as_pest() {
    let folder = tempfile::tempdir().unwrap();
    let mut cases = sample_cases();
    cases.extend(random_cases(99, 25));
    compile_and_compare(&cases, folder.path());
}

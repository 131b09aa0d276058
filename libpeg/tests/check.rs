//! What is said about grammars, and that no bytes do harm, be they a grammar or a text.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::format_push_string, clippy::format_collect)]

use libpeg::diagnostic::Diagnostics;
use libpeg::grammar::{self, Grammar, Limits};
use libpeg::source::SourceMap;
use proptest::prelude::*;

fn report(text: &str) -> String {
    let sources = SourceMap::new();
    let id = sources.add("g.pest", text).unwrap();
    let mut diagnostics = Diagnostics::default();
    let grammar = Grammar::read(&sources, id, &mut diagnostics);
    grammar::check(&grammar, &[], &mut diagnostics);
    diagnostics.render(&sources)
}

/// Reads, checks, runs and generates, as far as the bytes allow.
fn exercise(grammar: &[u8], text: &str) {
    let sources = SourceMap::new();
    let Ok(id) = sources.add("g.pest", grammar) else { return };
    let mut diagnostics = Diagnostics::default();
    let grammar = Grammar::read(&sources, id, &mut diagnostics);
    grammar::check(&grammar, &[], &mut diagnostics);
    diagnostics.render(&sources);
    if diagnostics.has_errors() {
        return;
    }
    let input = sources.add("text", text).unwrap();
    let limits = Limits { depth: 2000, steps: 200_000, nodes: 10_000 };
    for start in 0..grammar.rules.len() {
        match grammar.parse(start, &sources, input, limits) {
            Ok(tree) => assert!(tree.roots().all(|node| text.starts_with(&text[..node.end()]))),
            Err(error) => assert!(!error.render(&sources).is_empty()),
        }
    }
    grammar::generate(&grammar, grammar::DEFAULT_NAME, &mut diagnostics);
}

#[test]
fn names() {
    insta::assert_snapshot!(report(
        r#"file = { item ~ ASCII_DIGITS ~ itme }
item = { "a" }
item = { "b" }
POP = { "c" }
NEWLINE = { "\n" }
lost = { "d" ~ other }
other = { "e" }
"#
    ));
}

#[test]
fn left_recursion() {
    insta::assert_snapshot!(report(
        r#"file = { expr ~ sum ~ pred }
expr = { expr ~ "+" ~ "1" | "1" }
sum = { "-"? ~ product }
product = { (&"x" ~ "y"*) ~ power }
power = { sum ~ "^" ~ sum | "2" }
pred = { !pred ~ "3" }
fine = { "(" ~ fine ~ ")" | "" }
"#
    ));
}

#[test]
fn loops() {
    insta::assert_snapshot!(report(
        r#"file = { ("a"*)* ~ (b ~ "c"?)+ ~ (&"d"){2,} ~ PEEK_ALL* ~ fine }
b = { "b"? }
fine = { (DROP | POP)* ~ ("e"?){3} ~ (!"f" ~ ANY)* }
WHITESPACE = { " "* }
"#
    ));
}

#[test]
fn nothing() {
    insta::assert_snapshot!(report(
        r#"file = { endless ~ ping ~ 'z'..'a' ~ empty ~ after ~ before ~ greedy ~ end }
endless = { "(" ~ endless ~ ")" }
ping = { "a" ~ pong }
pong = { "b" ~ ping }
empty = { "" }
after = { EOI ~ "x" }
before = { "x" ~ SOI }
greedy = @{ "\"" ~ ANY* ~ "\"" }
end = { !ANY }
"#
    ));
}

#[test]
fn choices() {
    insta::assert_snapshot!(report(
        r#"file = { literals | classes | cases | rules | always | same | unions }
literals = { "a" | "b" | "abc" | "b" }
classes = { ASCII_ALPHA | 'a'..'f' | "x1" | "_x" }
cases = { ^"if" | "IF" | "iffy" | "in" | ^"IN" }
rules = { word | call | "let" ~ word }
word = @{ ASCII_ALPHA+ }
call = { word ~ "(" ~ ")" }
always = { "x"? | "y" }
same = { word ~ "=" ~ "1" | word ~ "=" ~ "1" ~ ";" | word ~ "=" ~ "2" }
unions = { ("0" | '1'..'4' | '5'..'9') | '3'..'6' | ANY | NEWLINE }
"#
    ));
}

#[test]
fn no_false_alarms() {
    for grammar in [
        // The longer one first.
        r#"r = { "ab" | "a" | ^"b" | "c" }"#,
        // Case matters for the first, not for the second.
        r#"r = { "if" | ^"if" }"#,
        r#"r = { ^"x" ~ "1" | "x" | "X" ~ "2" }"#,
        // A rule that may refuse.
        r#"r = { word | "if" } word = @{ !"if" ~ ASCII_ALPHA+ }"#,
        // White space is skipped before the second part, not before the first.
        r#"r = { x* ~ "a" ~ y } x = { "a" ~ "b" } y = { "a"* ~ "a" } WHITESPACE = _{ " " }"#,
        // Right recursion, and recursion behind something that takes input.
        r#"r = { "-" ~ r | "(" ~ r ~ ")" | 'a'..'z' ~ ("," ~ r)* }"#,
        // A predicate may be all that a rule is.
        r#"r = { "a" ~ end } end = { !ASCII_ALPHA }"#,
        // The stack decides.
        r#"r = { PUSH("a"*) ~ "b" ~ POP ~ (PEEK ~ "c")* }"#,
        r#"r = ${ PUSH(" "*) ~ "x" ~ ("\n" ~ PEEK_ALL ~ r)* }"#,
    ] {
        assert_eq!(report(grammar), "", "{grammar}");
    }
}

#[test]
fn syntax_errors_do_not_hide_others() {
    insta::assert_snapshot!(report(
        r#"file = { "a" ~ }
b = { "b" ~ nothing }
c = { "\u{d800}" | "x"{0} | "y"{3,2} | 'ab'..'c' }
d = { file ~ c
e = { "e" }
f = { PUSH_LITERAL("x") ~ "y"{99999999999} }
"#
    ));
    insta::assert_snapshot!(report("a = { \"a\" } /* a comment /* inside */\nb = { c }\n"));
}

#[test]
fn intricate_grammars_are_no_matter() {
    let mut doubling = String::from("r0 = { r1 ~ \"x\" }\n");
    for rule in 1..60 {
        let next = rule + 1;
        doubling.push_str(&format!("r{rule} = {{ r{next} | r{next} ~ r{next} }}\n"));
    }
    doubling.push_str("r60 = { \"a\"? ~ \"b\" }");
    exercise(doubling.as_bytes(), "bbbbx");
    let chain: String =
        (0..20_000).map(|rule| format!("r{rule} = {{ r{} }}\n", (rule + 1) % 20_000)).collect();
    exercise(chain.as_bytes(), "x");
    let many: String = (0..5000).map(|word| format!(" | \"w{word}x\"")).collect();
    exercise(format!("a = {{ \"z\"{many} }}").as_bytes(), "w77x");
    let many: String = (0..2000).map(|word| format!("w{word} = {{ \"w{word}x\" }}\n")).collect();
    let all: Vec<String> = (0..2000).map(|word| format!("w{word}")).collect();
    exercise(format!("a = {{ {} }}\n{many}", all.join(" | ")).as_bytes(), "w77x");
    for piece in ["(", "/*", "!", "a=", "a={", "a=b{", "\"", "'", "^", "{1", "PUSH("] {
        exercise(piece.repeat(50_000).as_bytes(), "x");
        exercise(format!("a = {{ {} }}", piece.repeat(300)).as_bytes(), "x");
    }
    exercise(format!("a = {{ \"a\"{} }}", "+".repeat(32)).as_bytes(), "aaa");
    exercise(b"a = { (((\"a\"{9999}){9999}){9999}){4294967295} }", "aaa");
    exercise(b"a = { b{,4294967295} } b = { \"\" }", "aaa");
}

#[test]
fn deep_and_long_texts_end_with_a_message() {
    let sources = SourceMap::new();
    let id = sources
        .add("g", "deep = { \"(\" ~ deep ~ \")\" | \"x\" }\nslow = { slow1 ~ \"!\" }\nslow1 = { \"(\" ~ slow1 ~ \"a\" | \"(\" ~ slow1 ~ \"b\" | \"x\" }\n")
        .unwrap();
    let mut diagnostics = Diagnostics::default();
    let grammar = Grammar::read(&sources, id, &mut diagnostics);
    let message = |rule: &str, text: String| {
        let input = sources.add("text", text).unwrap();
        let start = grammar.rule_named(rule).unwrap();
        let error = grammar.parse(start, &sources, input, grammar::LIMITS).unwrap_err();
        error.message().to_owned()
    };
    let closed = format!("{}x{}", "(".repeat(10_000), ")".repeat(10_000));
    let input = sources.add("text", closed).unwrap();
    assert!(grammar.parse(0, &sources, input, grammar::LIMITS).is_ok());
    assert_eq!(message("deep", "(".repeat(1_000_000)), "this is nested too deep to be parsed");
    assert_eq!(message("slow", "(".repeat(200)), "this takes too many steps to be parsed");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(grammar: Vec<u8>, text: String) {
        exercise(&grammar, &text);
    }

    #[test]
    fn any_pieces_are_survived(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60),
        text in "[ab(\"\\n é]{0,12}",
    ) {
        exercise(pieces.join(" ").as_bytes(), &text);
    }

    #[test]
    fn any_change_is_survived(at in 0..1000_usize, length in 0..4_usize, new in "[ -~é\\n]{0,3}") {
        let text = include_str!("support/odd.pest");
        let place = |at: usize| (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
        let (start, end) = (place(at).unwrap(), place(at + length).unwrap());
        exercise(format!("{}{new}{}", &text[..start], &text[end..]).as_bytes(), "list:a,b");
    }
}

/// Pieces of grammars.
const PIECES: &[&str] = &[
    "a",
    "b",
    "c",
    "= {",
    "= _{",
    "= @{",
    "= ${",
    "= !{",
    "}",
    "a = { \"a\" }",
    "b = { a ~ c }",
    "c = {",
    "\n",
    "(",
    ")",
    "~",
    "|",
    "?",
    "*",
    "+",
    "{2}",
    "{,3}",
    "{2,}",
    "{1,4}",
    "!",
    "&",
    "\"a\"",
    "\"\"",
    "^\"B\"",
    "'a'..'z'",
    "PUSH(",
    "PEEK",
    "POP",
    "DROP",
    "PEEK_ALL",
    "POP_ALL",
    "PEEK[1..]",
    "PEEK[..-1]",
    "ANY",
    "SOI",
    "EOI",
    "NEWLINE",
    "ASCII_DIGIT",
    "LETTER",
    "WHITESPACE = { \" \" }",
    "COMMENT = _{ \"(\" }",
    "// x\n",
    "/* x */",
    "#t =",
    "\"\\u{41}\"",
];

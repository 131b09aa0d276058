//! What is said about wrong texts.

use super::*;

#[test]
fn statements() {
    insta::assert_snapshot!(messages(
        "align = ;\n\
         \tx y = 5 + ;\n\
         foo (bar;\n\
         sym a+b;\n\
         sym a:b;\n\
         one two\n\
         x [1 2];\n\
         align = 4\n\
         section .text { size = 4 }\n\
         { a; }\n\
         ;\n\
         f (1, 2);\n\
         x = g(1;\n\
         y = [1, 2;\n"
    ));
}

#[test]
fn tokens() {
    insta::assert_snapshot!(messages(
        "a \"b\\qc\";\n\
         a \"\\x4\";\n\
         a \"\\u{110000}\";\n\
         a \"open;\n;\n\
         a 'ab';\n\
         a 'a;\n\
         a 12ab;\n\
         a 0x;\n\
         a 170141183460469231731687303715884105728;\n\
         hex { 5 };\n\
         x = hex { 55 4g };\n\
         a \"\\(b)\" \"\\(1 +)\" ;\n\
         ä 4;\n"
    ));
}

#[test]
fn structure() {
    insta::assert_snapshot!(messages("a { b; } }\nc { d;\n e { f }\n"));
    insta::assert_snapshot!(messages("a; /* open"));
    insta::assert_snapshot!(messages("a; hex { 00 11\nb;"));
    insta::assert_snapshot!(messages("hex { 00 11 ;\n section .text { }"));
}

#[test]
fn built_ins() {
    insta::assert_snapshot!(messages(
        "let a = 1; let a = 2;\n\
         let 4 = 1;\n\
         let b 4;\n\
         let c = 1 / 0;\n\
         let d = 1 << 200;\n\
         repeat x { a; }\n\
         repeat -1 { }\n\
         repeat i in 0 { }\n\
         repeat 4;\n\
         if { }\n\
         if y { z }\n\
         else { }\n\
         else { }\n\
         if 1 { } else x { }\n\
         def t(a, a) { }\n\
         def u(a) { x = ; }\n\
         def v(a) { }\n\
         use t(1);\n\
         use v();\n\
         use v(1) { }\n\
         include 4;\n\
         include \"none\";\n"
    ));
}

#[test]
fn chains() {
    let files =
        [("rows.elfc", "def row(n) {\n    x = 1 / n;\n}\nrepeat i in 5..7 { use row(i - 6); }\n")];
    let text = "// the first line\ninclude \"rows.elfc\";\n";
    insta::assert_snapshot!(read_with(text, &files, &[]).1);
}

#[test]
fn long_lines_and_odd_characters() {
    let long = format!("start {} here = = 5 {} end;", "word ".repeat(40), "more ".repeat(40));
    insta::assert_snapshot!(messages(&long));
    insta::assert_snapshot!(messages("\ta \"\u{1b}[1m\u{202e}\" wör + b;"));
}

#[test]
fn many_errors_are_counted() {
    let text = messages(&"x = ;\n".repeat(60));
    assert_eq!(text.matches("error:").count(), 50);
    assert!(text.ends_with("... and 10 more errors\n"));
}

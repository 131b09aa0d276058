//! What holds for any text and any tree.

use std::borrow::Cow;
use std::sync::Arc;

use pest::Parser;
use proptest::prelude::*;

use super::super::blocks::{End, Extent, next_piece};
use super::super::budget::{Account, Budget};
use super::super::heads::{Body, Builder, quick};
use super::super::outline::Outline;
use super::super::rules::Rule;
use super::super::scope::Scope;
use super::super::*;
use crate::source::{SourceId, Span};

const NOWHERE: Span = Span { source: SourceId(0), start: 0, end: 0 };

/// Words that are no keywords, and hold every sign.
fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a",
        "main",
        ".text",
        "R_X86_64_PC32",
        "memcpy@GLIBC_2.2.5",
        "$x",
        "_",
        "x0",
        "..",
        "hexa",
        "in",
        "alloc..string",
        "uses",
    ])
}

fn expr_of(kind: ExprKind<'static>) -> Expr<'static> {
    Expr { kind, span: NOWHERE }
}

fn operators() -> impl Strategy<Value = BinaryOp> {
    use BinaryOp::*;
    prop::sample::select(vec![
        LogicalOr, LogicalAnd, Or, Xor, And, Eq, Ne, Lt, Le, Gt, Ge, Shl, Shr, Add, Sub, Mul, Div,
        Rem,
    ])
}

fn expr() -> impl Strategy<Value = Expr<'static>> {
    let leaf = prop_oneof![
        (0..=i128::MAX).prop_map(|value| expr_of(ExprKind::Int(value))),
        word().prop_map(|name| expr_of(ExprKind::Name(name))),
    ];
    leaf.prop_recursive(6, 40, 3, |inner| {
        let unary = prop::sample::select(vec![UnaryOp::Neg, UnaryOp::Not, UnaryOp::LogicalNot]);
        prop_oneof![
            (unary, inner.clone()).prop_map(|(op, a)| expr_of(ExprKind::Unary(op, Box::new(a)))),
            (operators(), inner.clone(), inner.clone())
                .prop_map(|(op, a, b)| expr_of(ExprKind::Binary(op, Box::new(a), Box::new(b)))),
            (word(), prop::collection::vec(inner.clone(), 0..3))
                .prop_map(|(name, args)| expr_of(ExprKind::Call(name, args))),
            [inner.clone(), inner.clone(), inner]
                .prop_map(|parts| expr_of(ExprKind::Conditional(Box::new(parts)))),
        ]
    })
}

/// An expression that has no value without a vocabulary, as it asks for a name first.
fn open_expr() -> impl Strategy<Value = Expr<'static>> {
    (word(), operators(), expr()).prop_map(|(name, op, right)| {
        let left = Box::new(expr_of(ExprKind::Name(name)));
        expr_of(ExprKind::Binary(op, left, Box::new(right)))
    })
}

fn term_of(kind: TermKind<'static>) -> Term<'static> {
    Term { kind, span: NOWHERE }
}

fn value() -> impl Strategy<Value = Term<'static>> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..70);
    let leaf = prop_oneof![
        word().prop_map(TermKind::Word),
        any::<i64>().prop_map(|value| TermKind::Int(value.into())),
        (-i128::MAX..=i128::MAX).prop_map(TermKind::Int),
        bytes().prop_map(|bytes| TermKind::Str(Cow::Owned(bytes))),
        bytes().prop_map(|bytes| TermKind::Hex(bytes.into())),
        open_expr().prop_map(|expr| TermKind::Expr(Box::new(expr))),
    ];
    leaf.prop_map(term_of).prop_recursive(3, 12, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(|terms| term_of(TermKind::List(terms)))
    })
}

fn term() -> impl Strategy<Value = Term<'static>> {
    prop_oneof![
        3 => value(),
        1 => (word(), value()).prop_map(|(name, value)| {
            term_of(TermKind::Attr(name, Box::new(value)))
        }),
    ]
}

fn statements() -> impl Strategy<Value = Vec<Statement<'static>>> {
    let head = || {
        prop::collection::vec(term(), 1..5).prop_filter("a hex run ends its statement", |terms| {
            !matches!(terms.first(), Some(Term { kind: TermKind::Hex(_), .. }))
        })
    };
    let leaf = head().prop_map(|terms| Statement { terms, block: None, span: NOWHERE });
    let one = leaf.prop_recursive(4, 20, 4, move |inner| {
        let block = prop::collection::vec(inner, 0..4);
        (head(), block).prop_map(|(terms, block)| Statement {
            terms,
            block: Some(block),
            span: NOWHERE,
        })
    });
    prop::collection::vec(one, 0..6)
}

/// Statements without their places.
fn bare(statements: &mut [Statement<'_>]) {
    for statement in statements {
        statement.span = NOWHERE;
        statement.terms.iter_mut().for_each(bare_term);
        bare(statement.block.as_deref_mut().unwrap_or_default());
    }
}

fn bare_term(term: &mut Term<'_>) {
    term.span = NOWHERE;
    match &mut term.kind {
        TermKind::List(terms) => terms.iter_mut().for_each(bare_term),
        TermKind::Attr(_, value) => bare_term(value),
        TermKind::Expr(expr) => bare_expr(expr),
        _ => {}
    }
}

fn bare_expr(expr: &mut Expr<'_>) {
    expr.span = NOWHERE;
    match &mut expr.kind {
        ExprKind::Call(_, args) => args.iter_mut().for_each(bare_expr),
        ExprKind::Unary(_, operand) => bare_expr(operand),
        ExprKind::Binary(_, left, right) => {
            bare_expr(left);
            bare_expr(right);
        }
        ExprKind::Conditional(parts) => parts.iter_mut().for_each(bare_expr),
        _ => {}
    }
}

/// Tokens of all kinds, right and wrong ones, and what is between them.
fn soup() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "a",
        "b.c",
        "main",
        "0",
        "12",
        "0x1f",
        "4K",
        "0b2",
        "1_0",
        "12ab",
        "-",
        "-4",
        "=",
        "==",
        "\"s\"",
        "\"a\\nb\"",
        "\"\\xff\"",
        "\"\\q\"",
        "\"\\(n)\"",
        "\"open",
        "'a'",
        "'\\n'",
        "'",
        "hex { 00 ff }",
        "hex{0}",
        "hex {",
        "hex",
        "[",
        "]",
        "(",
        ")",
        ",",
        ";",
        "{",
        "}",
        "+",
        "*",
        "/",
        "%",
        "<<",
        "&&",
        "!",
        "~",
        "?",
        ":",
        "..",
        "...",
        "// c\n",
        "/* c */",
        "/*",
        "é",
        "#",
        "\\",
        "let",
        "let n = 3;",
        "default",
        "repeat",
        "repeat 2 {",
        "repeat i in 0..3 {",
        "if",
        "if n {",
        "else",
        "else {",
        "def t(a) {",
        "use t(1);",
        "use",
        "include \"f\";",
        "f(",
        "n",
        "t",
        "i",
        "in",
        "x=",
        "x = ",
        "v=3",
        "170141183460469231731687303715884105728",
    ]);
    let gap = prop::sample::select(vec!["", " ", " ", "\n", "\t"]);
    prop::collection::vec((token, gap), 0..25)
        .prop_map(|parts| parts.into_iter().flat_map(|(token, gap)| [token, gap]).collect())
}

/// Reads a text in every way in which an error could hide.
fn read(text: &[u8]) {
    let sources = SourceMap::new();
    let limits = Limits { depth: 8, expansions: 500, memory: 1 << 20, ..Limits::default() };
    let options = Options { files: &NoFiles, limits, ..Options::default() };
    match sources.add("any", text) {
        Ok(id) => {
            let parsed = parse(&sources, id, &options);
            parsed.diagnostics.render(&sources);
            let printed = print(&parsed.statements);
            for statement in &parsed.statements {
                sources.slice(statement.span);
                for term in &statement.terms {
                    let _ = term.value(&mut NoNames);
                }
            }
            // What was read can be written and read again.
            let id = sources.add("again", printed.clone()).unwrap();
            let mut again = parse(&sources, id, &options);
            let mut first = parsed.statements;
            bare(&mut first);
            bare(&mut again.statements);
            assert_eq!(again.diagnostics.render(&sources), "", "{printed}");
        }
        Err(error) => drop(error.render(&sources)),
    }
}

/// What is read without an error is what the grammar says, as a whole.
fn is_in_grammar(text: &str) {
    let sources = SourceMap::new();
    let id = sources.add("text", text).unwrap();
    let limits = Limits { depth: 8, expansions: 500, memory: 1 << 20, ..Limits::default() };
    let options = Options { files: &NoFiles, limits, ..Options::default() };
    if parse(&sources, id, &options).diagnostics.is_empty() {
        Grammar::parse(Rule::file, text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
}

/// Whether reading by hand, where it is possible, gives what pest gives.
fn agree(text: &str) {
    let sources = SourceMap::new();
    let view = sources.add("text", text).unwrap();
    let outline = Arc::new(Outline::new(text.as_bytes()));
    let body = Body { sources: &sources, view, text: sources.text(view), outline };
    let mut scope = Scope::default();
    scope.set("n", TermKind::Int(7), 1, None);
    scope.set("main", TermKind::Word("other"), 1, None);
    let account = Account::new(Limits::default());
    let extent = Extent::whole(text, &body.outline);
    let mut cursor = extent.from;
    while let Some(piece) = next_piece(body.text, &body.outline, &mut cursor, extent.to) {
        let mut by_hand = Vec::new();
        // Others are never read.
        let is_head = matches!(piece.end, End::Semicolon | End::Block(..));
        if !is_head
            || piece.from == piece.to
            || quick(&body, &scope, &piece, &mut by_hand).is_none()
        {
            continue;
        }
        let mut terms = Vec::new();
        let mut budget = Budget::new(&account);
        let what = (Rule::only_head, piece.from, ["`;`"].as_slice());
        Builder::run(&body, &scope, &mut budget, false, what, &piece, |builder, pairs| {
            builder.head(pairs, &mut terms)
        })
        .unwrap_or_else(|error| panic!("{}", error.render(&sources)));
        assert_eq!(by_hand, terms, "{}", body.get(piece.from, piece.to));
    }
}

#[test]
fn the_grammar_has_the_whole_notation() {
    for text in [
        "let n = 3; default m = [1, 2,]; repeat 2 { a; } repeat i in (n)..n { b; };",
        "if 1 { } else if 2 { a; } else { b; } if 0 { };",
        "def t(a, b) { (a) b; } use t(1, hex { 00 }); def u() { } use u();",
        "let n = 1; default = 3; hex { 00 } hex { }; a b=(1) { } a \"\\(n)\" 'a' -4 f(x, 1)[g()];",
        "repeat i in 0..2 { x = i; } // comment\n /* another */",
        "x = a ? b : c ? 1 << 2 : !d && ~e == -1;",
    ] {
        is_in_grammar(text);
        assert_eq!(super::messages(text), "");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_tree_is_read_as_the_same_tree(tree in statements()) {
        let text = print(&tree);
        let sources = SourceMap::new();
        let id = sources.add("printed", text.clone()).unwrap();
        let mut parsed = parse(&sources, id, &Options::default());
        prop_assert_eq!(parsed.diagnostics.render(&sources), "", "{}", text);
        bare(&mut parsed.statements);
        prop_assert_eq!(parsed.statements, tree, "{}", text);
    }

    #[test]
    fn both_ways_agree_on_trees(tree in statements()) {
        let text = print(&tree);
        agree(&text);
        is_in_grammar(&text);
    }

    #[test]
    fn both_ways_agree_on_any_tokens(text in soup()) {
        agree(&text);
    }

    #[test]
    fn tokens_in_any_order_are_read(text in soup()) {
        is_in_grammar(&text);
        read(text.as_bytes());
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&bytes);
    }

    #[test]
    fn any_text_is_read(text in "[ -~\\n]{0,200}") {
        read(text.as_bytes());
    }
}

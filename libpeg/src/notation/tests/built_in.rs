//! Statements of the notation itself.

use super::super::*;
use super::*;

#[test]
fn constants_stand_for_values() {
    let text =
        "let n = 4; let m = n * 2; sym n n=n size=(m + f(n)) [m, n]; let x = f(a); y = x * 2;";
    assert_eq!(tree(text), "sym 4 n=4 size=(8 + f(4)) [8, 4];\ny=(f(a) * 2);\n");
    // The first word is the keyword.
    assert_eq!(tree("let sym = 4; sym sym; (sym) 3;"), "sym 4;\n4 3;\n");
    // Blocks have their own.
    assert_eq!(tree("let n = 1; a { let n = 2; x = n; } x = n;"), "a {\n    x=2;\n}\nx=1;\n");
    assert_eq!(
        tree("let l = [1, 2]; let h = hex { 00 }; x = l; y = h;"),
        "x=[1, 2];\ny=hex { 00 };\n"
    );
}

#[test]
fn definitions_from_outside_win_over_defaults() {
    let text = "default class = 64; default name = \"x\"; x = class; y = name;";
    assert_eq!(read_with(text, &[], &[]).0, "x=64;\ny=\"x\";\n");
    assert_eq!(read_with(text, &[], &["class=32", "name=a b"]).0, "x=32;\ny=\"a b\";\n");
    let sources = SourceMap::new();
    let mut options = Options::default();
    options.define("used=1").unwrap();
    options.define("other").unwrap();
    let id = sources.add("a", "x = used;").unwrap();
    assert_eq!(parse(&sources, id, &options).unused_defines, ["other"]);
}

#[test]
fn repetition() {
    assert_eq!(tree("repeat 2 { a; }"), "a;\na;\n");
    assert_eq!(tree("repeat 0 { a; }"), "");
    assert_eq!(
        tree(r#"let n = 3; repeat i in 1..n { s "s\(i)" value=(i * 8); };"#),
        "s \"s1\" value=8;\ns \"s2\" value=16;\n"
    );
    assert_eq!(tree("repeat i in (-1)..(1 + 0) { x = i; }"), "x=-1;\nx=0;\n");
    assert_eq!(tree("repeat i in -1..1 { x = i; }"), "x=-1;\nx=0;\n");
    assert_eq!(
        tree("repeat i in 0..2 { repeat j in 0..2 { a i j; } }"),
        "a 0 0;\na 0 1;\na 1 0;\na 1 1;\n"
    );
}

#[test]
fn conditions() {
    let text = "if n == 1 { let w = 4; } else if n == 2 { let w = 8; } else { let w = 0; } x = w;";
    for (n, w) in [(1, 4), (2, 8), (3, 0)] {
        let (tree, messages) = read_with(text, &[], &[&format!("n={n}")]);
        assert_eq!((tree, messages), (format!("x={w};\n"), String::new()));
    }
    assert_eq!(tree("if \"a\" == \"a\" { y; } if 0 { n; }; z;"), "y;\nz;\n");
    // `default = 3` is a field.
    assert_eq!(tree("default = 3; use = 4; if=5;"), "default=3;\nuse=4;\nif=5;\n");
}

#[test]
fn templates() {
    let text = r#"
        def row(name, at) { symbol name (name) "<\(name)>" value=at; }
        use row(main, 0x10);
        use row("a b", f(x) + 1);
        use row([1, 2], hex { 00 });
    "#;
    let (tree, messages) = read_with(text, &[], &[]);
    assert!(messages.contains("this is not a constant"), "{messages}");
    assert_eq!(
        tree,
        "symbol main main \"<main>\" value=16;\nsymbol \"a b\" \"a b\" \"<a b>\" value=(f(x) + 1);\n"
    );
}

#[test]
fn templates_can_use_themselves_within_limits() {
    let text = "def down(n) { x = n; if n { use down(n - 1); } } use down(2);";
    assert_eq!(tree(text), "x=2;\nx=1;\nx=0;\n");
    let text = messages("def t() { use t(); } use t();");
    assert!(text.contains("more than 64 deep"), "{text}");
    assert!(text.lines().count() < 60, "{text}");
}

#[test]
fn includes() {
    let files = [
        ("a.elfc", "let page = 4K; include \"b.elfc\"; a;"),
        ("b.elfc", "b page;"),
        ("loop.elfc", "include \"loop.elfc\";"),
    ];
    let (tree, messages) =
        read_with("include \"a.elfc\"; x = page; include \"b.elfc\";", &files, &[]);
    assert_eq!((tree.as_str(), messages.as_str()), ("b 4096;\na;\nx=4096;\nb 4096;\n", ""));
    let (_, messages) = read_with("include \"loop.elfc\";", &files, &[]);
    assert!(messages.contains("loop.elfc:1:9: error: `loop.elfc` includes itself"), "{messages}");
    let (_, messages) = read_with("include \"none.elfc\";", &files, &[]);
    assert!(messages.contains("cannot read none.elfc"), "{messages}");
}

/// A description that grows without end is stopped, soon, and said so once.
fn stopped(text: &str) {
    let start = std::time::Instant::now();
    let files =
        Memory([("twice.elfc", "t; include \"twice2.elfc\"; include \"twice2.elfc\";")].into());
    let limits = Limits { expansions: 100_000, memory: 16 << 20, ..Limits::default() };
    let options = Options { files: &files, limits, ..Options::default() };
    let sources = SourceMap::new();
    let id = sources.add("test", text).unwrap();
    let parsed = parse(&sources, id, &options);
    assert!(parsed.diagnostics.has_errors(), "{text}");
    assert!(parsed.diagnostics.errors() < 3, "{}", parsed.diagnostics.render(&sources));
    assert!(start.elapsed().as_secs() < 10, "{text}");
}

#[test]
fn runaways_are_stopped() {
    stopped("repeat 1000000000000 { a; }");
    stopped("repeat 1000 { repeat 1000 { repeat 1000 { a; } } }");
    stopped("repeat 1000 { repeat 99 { a b c d e f g h i j k l m n o p q r s t u v w x y z; } }");
    stopped(&format!("repeat 4000000 {{ /*{}*/ }}", "x".repeat(100_000)));
    stopped(&format!("repeat 4000000 {{ if 0 {{ {} }} }}", "a b;".repeat(10_000)));
    stopped(&format!("repeat 4000000 {{ def t() {{ {} }} }}", "a b;".repeat(10_000)));
    stopped("repeat 4000000 { include \"twice.elfc\"; }");
    stopped("def t(n) { use t(n + 1); use t(n + 1); } use t(0);");
    let mut doubling = String::from("let s0 = \"0123456789\";");
    for n in 1..40 {
        doubling += &format!("let s{n} = \"\\(s{p})\\(s{p})\";", p = n - 1);
    }
    stopped(&doubling);
    let mut doubling = String::from("let e0 = f();");
    for n in 1..40 {
        doubling += &format!("let e{n} = e{p} + e{p};", p = n - 1);
    }
    stopped(&doubling);
    let mut doubling = String::from("let l0 = [f()];");
    for n in 1..40 {
        doubling += &format!("let l{n} = [l{p}, l{p}];", p = n - 1);
    }
    stopped(&doubling);
}

#[test]
fn depth_costs_no_stack() {
    let (open, close) = ("(".repeat(10_000), ")".repeat(10_000));
    assert!(messages(&format!("x = {open}1{close};")).contains("too deep"));
    assert!(messages(&format!("x = {}1{};", "[".repeat(65), "]".repeat(65))).contains("too deep"));
    assert_eq!(tree(&format!("x = {}f(){};", "(".repeat(63), ")".repeat(63))), "x=(f());\n");
    assert!(messages(&format!("x = {}1;", "1 ? 1 : ".repeat(10_000))).contains("too deep"));
    assert!(messages(&format!("x = f(){};", " + 1".repeat(10_000))).contains("500 operators"));
    assert!(messages(&format!("x = {}f();", "-".repeat(10_000))).contains("500 operators"));
    assert_eq!(tree(&format!("x = f(){};", " + 1".repeat(499))).len(), 5 + 499 * 6 + 2);
    assert!(messages(&"a { ".repeat(100_000)).contains("too deep"));
    let nested = format!(
        "{}x = {}f(){};{}",
        "a { ".repeat(99),
        "(".repeat(63),
        ")".repeat(63),
        "}".repeat(99)
    );
    assert!(!tree(&nested).is_empty());
    let both = "def t(n) { ".to_owned()
        + &"a { ".repeat(50)
        + "use t(n + 1);"
        + &"}".repeat(51)
        + "use t(0);";
    assert!(messages(&both).contains("too deep"));
    let mut levels = String::from("let e0 = f();");
    for n in 1..600 {
        levels += &format!("let e{n} = e{} + 1;", n - 1);
    }
    assert!(messages(&levels).contains("500 operators"));
}

#[test]
fn large_blocks_are_read_in_order() {
    let mut text = String::from("rows {");
    for n in 0..60_000 {
        text += &format!("{n} \"name\" x=0x{n:x};\n");
        if n % 20_000 == 7 {
            text += &format!("let c{n} = {n}; wrong {n} = ;\n");
        }
    }
    text += "} ";
    let sources = SourceMap::new();
    let id = sources.add("rows", text).unwrap();
    let parsed = parse(&sources, id, &Options::default());
    let rows = parsed.statements.first().unwrap().children();
    assert_eq!(rows.len(), 60_000);
    for (n, row) in rows.iter().enumerate() {
        assert_eq!(row.terms.first().and_then(Term::int), Some(n as i128));
    }
    let places = parsed.diagnostics.iter().filter_map(crate::diagnostic::Diagnostic::span);
    let lines: Vec<usize> =
        places.map(|place| sources.position(place.source, place.start as usize).line).collect();
    assert_eq!(lines, [9, 20_010, 40_011]);
}

//! Scripts, their trees, and what is said about those that are none.

use super::super::ast::*;
use super::super::print;
use super::super::source::Sources;
use super::*;
use crate::diagnostics::Diagnostics;

/// Files that INCLUDE finds.
struct Files(Vec<(&'static str, &'static str)>);

impl<'s> Host<'s> for Files {
    fn include(&mut self, name: &'s [u8]) -> Result<Text<'s>, Vec<u8>> {
        let found = self.0.iter().find(|(known, _)| known.as_bytes() == name);
        match found {
            Some((_, text)) => Ok(Text { name, bytes: text.as_bytes() }),
            None => NoFiles.include(name),
        }
    }
}

fn said(diagnostics: &Diagnostics) -> String {
    let texts = diagnostics.said().iter().map(|one| String::from_utf8_lossy(&one.text));
    texts.collect::<Vec<_>>().join("\n")
}

fn run<'s>(bytes: &'s [u8], files: &mut Files) -> (Result<Script<'s>, Failed>, String) {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let mut context = Context { sources: &mut sources, host: files, diagnostics: &mut diagnostics };
    let script = parse_script(Text { name: b"x.ld", bytes }, &mut context);
    (script, said(&diagnostics))
}

fn script(text: &str) -> Script<'_> {
    let (script, said) = run(text.as_bytes(), &mut Files(Vec::new()));
    script.unwrap_or_else(|_| panic!("{text}: {said}"))
}

fn failure(text: &str) -> String {
    let (script, said) = run(text.as_bytes(), &mut Files(Vec::new()));
    assert_eq!(script, Err(Failed), "{text}");
    said
}

fn sections(text: &str) -> Vec<SectionsItem<'_>> {
    match script(text).commands.pop() {
        Some(Command::Sections(items)) => items,
        other => panic!("{other:?}"),
    }
}

fn output(text: &str) -> OutputSection<'_> {
    match sections(text).pop() {
        Some(SectionsItem::Output(section)) => *section,
        other => panic!("{other:?}"),
    }
}

fn printed(text: &str) -> String {
    String::from_utf8(print::script(&script(text))).unwrap()
}

/// The value of `x = …;`, printed.
fn value(text: &str) -> String {
    let text = format!("x = {text};");
    let script = script(&text);
    let Some(Command::Assignment(assignment)) = script.commands.first() else { panic!("{text}") };
    let mut printer = print::Printer::new(print::Style::Map);
    printer.expr(&assignment.value);
    String::from_utf8(printer.out).unwrap()
}

#[test]
fn syntax_is_that_of_gnu_ld() {
    let mut wrong = Vec::new();
    for line in include_str!("syntax.txt").lines().filter(|line| !line.starts_with('#')) {
        let (sign, text) = line.split_at(1);
        let text = text.trim_start().replace("\\n", "\n");
        let (script, said) = run(text.as_bytes(), &mut Files(Vec::new()));
        let is_syntax_error = script.is_err() && said.contains("syntax error");
        if is_syntax_error != (sign == "-") {
            wrong.push(format!("{line}: {said}"));
        }
        if let Ok(script) = script {
            let once = print::script(&script);
            let (again, said) = run(&once, &mut Files(Vec::new()));
            let again = again.map(|again| print::script(&again));
            if again.as_ref() != Ok(&once) {
                wrong.push(format!("{text}: {} {said}", String::from_utf8_lossy(&once)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn commands() {
    let text = "ENTRY(_start) OUTPUT_FORMAT(elf64-x86-64) OUTPUT_FORMAT(\"a\", \"b\", \"c\");
        OUTPUT_ARCH(i386:x86-64) TARGET(elf32-i386) OUTPUT(a.out) SEARCH_DIR(\"=/usr/lib\")
        STARTUP(crt0.o) MAP(x.map) LD_FEATURE(\"SANE_EXPR\") FORCE_COMMON_ALLOCATION FLOAT
        INHIBIT_COMMON_ALLOCATION FORCE_GROUP_ALLOCATION EXTERN(a, b c) NOCROSSREFS(.a .b)
        NOCROSSREFS_TO(.a .b) REGION_ALIAS(\"x\", rom) HLL(a b) SYSLIB(c)
        SECTIONS { } INSERT AFTER .data; ASSERT(1, \"yes\") _end = .;";
    let wanted = "ENTRY(\"_start\")\nOUTPUT_FORMAT(\"elf64-x86-64\")\n\
        OUTPUT_FORMAT(\"a\", \"b\", \"c\")\nOUTPUT_ARCH(\"i386:x86-64\")\n\
        TARGET(\"elf32-i386\")\nOUTPUT(\"a.out\")\nSEARCH_DIR(\"=/usr/lib\")\n\
        STARTUP(\"crt0.o\")\nMAP(\"x.map\")\nLD_FEATURE(\"SANE_EXPR\")\nFORCE_COMMON_ALLOCATION\n\
        INHIBIT_COMMON_ALLOCATION\nFORCE_GROUP_ALLOCATION\nEXTERN(\"a\" \"b\" \"c\" )\n\
        NOCROSSREFS(\".a\" \".b\" )\nNOCROSSREFS_TO(\".a\" \".b\" )\n\
        REGION_ALIAS(\"x\", \"rom\")\nSECTIONS {\n}\nINSERT AFTER \".data\"\n\
        ASSERT (0x1, \"yes\")\n\"_end\" = .;\n";
    assert_eq!(printed(text), wanted);
}

#[test]
fn files_of_input_and_group() {
    let script = script("GROUP(libc.so.6 AS_NEEDED(ld.so -lm) -l:x.a \"a b\")");
    let Some(Command::Group(list)) = script.commands.first() else { panic!() };
    let files: Vec<(&[u8], bool, bool)> =
        list.files.iter().map(|file| (file.name, file.library, file.as_needed)).collect();
    let wanted: [(&[u8], bool, bool); 5] = [
        (b"libc.so.6", false, false),
        (b"ld.so", false, true),
        (b"m", true, true),
        (b":x.a", true, false),
        (b"a b", false, false),
    ];
    assert_eq!(files, wanted);
}

#[test]
fn regions_and_their_attributes() {
    let text = "MEMORY { rom (rx) : ORIGIN = 0, LENGTH = 64K
        ram (!rx w) : org = 0x20000000 , len = 8K + 4, x : o = 1 , l = 2 }";
    let script = script(text);
    let Some(Command::Memory(regions)) = script.commands.first() else { panic!() };
    let [rom, ram, x] = regions.as_slice() else { panic!() };
    assert!(rom.attributes.with.read_only && rom.attributes.with.code);
    assert_eq!(rom.length.kind, ExprKind::Number(65536));
    assert!(ram.attributes.without.code && ram.attributes.with.writable);
    assert_eq!(ram.length.kind, ExprKind::Number(8196));
    assert_eq!((x.name.name, &x.origin.kind), (&b"x"[..], &ExprKind::Number(1)));
    assert!(failure("MEMORY { a (q) : ORIGIN = 0, LENGTH = 1 }").contains("invalid character q"));
}

#[test]
fn program_headers() {
    let script = script("PHDRS { text PT_LOAD FILEHDR PHDRS AT(16) FLAGS(5); x 0x60000000; }");
    let Some(Command::Phdrs(headers)) = script.commands.first() else { panic!() };
    let [text, x] = headers.as_slice() else { panic!() };
    assert_eq!(text.kind.kind, ExprKind::Number(1));
    assert!(text.file_header && text.program_headers);
    assert!(text.at.is_some() && text.flags.is_some());
    assert_eq!(x.kind.kind, ExprKind::Number(0x6000_0000));
    assert!(
        failure("PHDRS { t PT_X; }").contains("unknown phdr type `PT_X' (try integer literal)")
    );
    assert!(failure("PHDRS { t PT_LOAD FOO; }").contains("PHDRS syntax error at `FOO'"));
}

#[test]
fn an_output_section_with_all_its_parts() {
    let section = output(
        "SECTIONS { .text 0x1000 (NOLOAD) : AT(0x8000) ALIGN(16) SUBALIGN(4) ONLY_IF_RO { }
           >rom AT>ram :text :note =0x9090 }",
    );
    assert_eq!(section.name.name, b".text");
    assert_eq!(section.address.map(|expr| expr.kind), Some(ExprKind::Number(0x1000)));
    assert_eq!(section.kind, SectionKind::NoLoad);
    assert!(section.at.is_some() && section.align.is_some() && section.subalign.is_some());
    assert_eq!(section.constraint, Constraint::OnlyIfReadOnly);
    assert_eq!(section.region.map(|word| word.name), Some(&b"rom"[..]));
    assert_eq!(section.lma_region.map(|word| word.name), Some(&b"ram"[..]));
    let phdrs: Vec<_> = section.phdrs.iter().map(|word| word.name).collect();
    assert_eq!(phdrs, [b"text", b"note"]);
    assert_eq!(section.fill, Some(Fill::Bytes(vec![0x90, 0x90])));

    let section = output("SECTIONS { .x . (TYPE = SHT_NOTE) : ALIGN_WITH_INPUT { } }");
    assert_eq!(section.address.map(|expr| expr.kind), Some(ExprKind::Dot));
    assert!(section.align_with_input);
    let SectionKind::Type(kind) = section.kind else { panic!() };
    assert_eq!(kind.kind, ExprKind::Number(7));
}

#[test]
fn input_patterns() {
    let section = output(
        "SECTIONS { .text : {
            KEEP(*(SORT_NONE(.init)))
            *(.text SORT_BY_NAME(SORT_BY_ALIGNMENT(.t*)) EXCLUDE_FILE(*a.o b.o) .u REVERSE(.v))
            EXCLUDE_FILE(c.o) *lib.a:*(.x)
            SORT_BY_NAME(*)(.y .z)
            INPUT_SECTION_FLAGS(SHF_MERGE & !SHF_STRINGS) *(.r)
            crt1.o
        } }",
    );
    let inputs: Vec<&InputStatement<'_>> = section
        .body
        .iter()
        .map(|item| match item {
            SectionItem::Input(input) => input,
            other => panic!("{other:?}"),
        })
        .collect();
    let [keep, many, excluding, sorted, flags, file] = inputs.as_slice() else { panic!() };
    assert!(keep.keep && keep.sections[0].sort == [Sort::None, Sort::Unset]);
    assert_eq!(many.sections.len(), 4);
    assert_eq!(many.sections[1].sort, [Sort::ByName, Sort::ByAlignment]);
    assert_eq!(many.sections[2].exclude.len(), 2);
    assert!(many.sections[3].reverse && many.sections[3].sort[0] == Sort::ByName);
    assert_eq!(excluding.exclude[0].text, b"c.o");
    assert_eq!(excluding.file.text, b"*lib.a:*");
    assert_eq!((sorted.file_sort, sorted.sections.len()), (FileSort::ByName, 2));
    assert_eq!(flags.flags.len(), 2);
    assert!(flags.flags[1].negated && flags.flags[1].name.name == b"SHF_STRINGS");
    assert!(file.sections.is_empty() && file.file.text == b"crt1.o");
}

#[test]
fn data_and_other_statements() {
    let section = output(
        "SECTIONS { .x : { BYTE(1) SQUAD(2); FILL(3) FILL(0x12345) ASCIZ \"a b\" CONSTRUCTORS
           SORT(CONSTRUCTORS) CREATE_OBJECT_SYMBOLS LINKER_VERSION ASSERT(1, \"m\"); a = .; a += 2;
           PROVIDE(b = 4); } }",
    );
    let kinds: Vec<String> = section
        .body
        .iter()
        .map(|item| format!("{item:?}").split([' ', '(']).next().unwrap_or("").to_owned())
        .collect();
    let wanted = "Data Data Fill Fill Asciz Constructors Constructors CreateObjectSymbols \
        LinkerVersion Assert Assignment Assignment Assignment";
    assert_eq!(kinds.join(" "), wanted);
    assert_eq!(section.body[3], SectionItem::Fill(Fill::Bytes(vec![1, 0x23, 0x45])));
}

#[test]
fn overlays() {
    let items = sections(
        "SECTIONS { OVERLAY 0x1000 : NOCROSSREFS AT (0x4000) { .a { *(.a) } :p =0 .b { *(.b) } } >r }",
    );
    let Some(SectionsItem::Overlay(overlay)) = items.first() else { panic!() };
    assert!(overlay.no_cross_refs && overlay.at.is_some() && overlay.region.is_some());
    assert_eq!(overlay.sections.len(), 2);
    assert_eq!(overlay.sections[0].phdrs.len(), 1);
}

#[test]
fn expressions_bind_as_in_c() {
    let cases = [
        ("1 + 2 * 3 - 4 / 2 % 3 << 2", "0x14"),
        ("a - b - c", "((a - b) - c)"),
        ("a | b & c == d < e << f + g * h", "(a | (b & (c == (d < (e << (f + (g * h)))))))"),
        ("a && b || c ? d : e ? f : g", "((a && b) || c)?d:e?f:g"),
        ("-a * !b", "(- (a) * ! (b))"),
        ("ALIGN(8) + ALIGN(., 16)", "(ALIGN (0x8) + ALIGN (., 0x10))"),
        ("SIZEOF(.text-x) + ADDR(a+b)", "(SIZEOF (.text-x) + ADDR (a+b))"),
        ("MAX(1, -1)", "0xffffffffffffffff"),
        ("5 / 0", "(0x5 / 0x0)"),
        ("SEGMENT_START(\"text-segment\", 0x400000)", "SEGMENT_START (\"text-segment\", 0x400000)"),
        ("DEFINED(a) ? a : CONSTANT(MAXPAGESIZE)", "DEFINED (a)?a:CONSTANT (MAXPAGESIZE)"),
        ("ASSERT(a, \"b\") + SIZEOF_HEADERS", "(ASSERT (a, b) + SIZEOF_HEADERS)"),
        ("\"a-b\" - a~b", "(a-b - a~b)"),
        ("(a)", "a"),
    ];
    for (text, wanted) in cases {
        assert_eq!(value(text), wanted, "{text}");
    }
    assert!(
        failure("x = CONSTANT(FOO);").contains("unknown constant `FOO' referenced in expression")
    );
}

#[test]
fn errors_have_gnus_first_line_and_a_marker() {
    let text = failure("SECTIONS {\n .a 0 : { }\n .b 1 2 : { }\n}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "x.ld:3: syntax error");
    assert_eq!(lines[1], "    3 |  .b 1 2 : { }");
    assert!(lines[2].starts_with("      |       ^"), "{text}");
    let lines = [
        ("x = 3\n\n\n", "x.ld:0: syntax error"),
        ("SECTIONS {\n .a : {\n x = \n 5\n y = 3;\n } }", "x.ld:5: syntax error"),
        ("\n/* \n\n*/ x = \"a\nb\" 3;", "x.ld:5: syntax error"),
        ("a = 1; /* x", "EOF in comment"),
        ("SECTIONS { PROVIDE(. = 4); }", "x.ld:1 can not PROVIDE assignment to location counter"),
        ("ALIGN = 4;", "x.ld:1: syntax error"),
        ("x = SIZEOF;", "x.ld:1: syntax error"),
    ];
    for (text, wanted) in lines {
        assert_eq!(failure(text).lines().next(), Some(wanted), "{text}");
    }
}

#[test]
fn signs_without_a_meaning_are_skipped_with_a_warning() {
    let cases = [
        ("x %= 3;", "x.ld:1: ignoring invalid character `%' in script"),
        ("SECTIONS { .t : { % *(.text) } }", "x.ld:1: ignoring invalid character `%' in script"),
        ("x = 1 \u{1};", "x.ld:1: ignoring invalid character `\\001' in expression"),
        ("\u{7f} x = 1;", "x.ld:1: ignoring invalid character `\\177' in script"),
        ("INPUT(% a.o)", ""),
    ];
    for (text, wanted) in cases {
        let (script, said) = run(text.as_bytes(), &mut Files(Vec::new()));
        assert!(script.is_ok(), "{text}: {said}");
        assert_eq!(said, wanted, "{text}");
    }
    let text = failure("x = 5 @ 3;");
    assert!(text.starts_with("x.ld:1: ignoring invalid character `@' in expression\nx.ld:1: syn"));
}

#[test]
fn bytes_that_are_not_ascii_stand_in_quotes_and_comments() {
    let (script, said) = run(b"/* \xff */ \"\xe9\" = 3;", &mut Files(Vec::new()));
    let script = script.unwrap_or_else(|_| panic!("{said}"));
    let Some(Command::Assignment(assignment)) = script.commands.first() else { panic!() };
    assert_eq!(assignment.target.name, b"\xe9");
}

#[test]
fn included_files_join_the_tree() {
    let mut files = Files(vec![
        ("top", "x = 1; INCLUDE memory"),
        ("memory", "MEMORY { INCLUDE regions c : ORIGIN = 3, LENGTH = 3 }"),
        ("regions", "a : ORIGIN = 1, LENGTH = 1 b : ORIGIN = 2, LENGTH = 2"),
        ("sections", ".text : { INCLUDE body }"),
        ("body", "*(.text) LONG(1)"),
        ("loop", "INCLUDE loop"),
        ("wrong", "x = 1;\ny = 2 3;"),
        ("open", "SECTIONS { .text :"),
    ]);
    let text = b"INCLUDE top SECTIONS { INCLUDE sections }";
    let (script, said) = run(text, &mut files);
    let script = script.unwrap_or_else(|_| panic!("{said}"));
    let [_, Command::Memory(regions), Command::Sections(items)] = script.commands.as_slice() else {
        panic!("{script:?}")
    };
    assert_eq!((regions.len(), items.len()), (3, 1));
    let (script, said) = run(b"\n\nINCLUDE loop", &mut files);
    assert!(script.is_err() && said.contains("includes nested too deeply"), "{said}");
    let (script, said) = run(b"SECTIONS {\nINCLUDE wrong }", &mut files);
    assert!(script.is_err() && said.starts_with("wrong:2: syntax error"), "{said}");
    let (script, said) = run(b"\nINCLUDE open", &mut files);
    assert!(script.is_err() && said.starts_with("x.ld:2: syntax error"), "{said}");
    let (script, said) = run(b"INCLUDE nothing", &mut files);
    let wanted = "cannot open linker script file nothing: No such file or directory";
    assert_eq!((script, said.as_str()), (Err(Failed), wanted));
}

fn version(text: &str) -> (Result<String, Failed>, String) {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let mut context =
        Context { sources: &mut sources, host: &mut NoFiles, diagnostics: &mut diagnostics };
    let text = Text { name: b"v.map", bytes: text.as_bytes() };
    let script = parse_version_script(text, &mut context);
    let script = script.map(|script| {
        String::from_utf8(print::version_script(&script)).unwrap().replace('\n', " ")
    });
    (script, said(&diagnostics))
}

#[test]
fn version_scripts() {
    let good = [
        ("{ a; };", " { global: a; }; "),
        ("V1 { global: a; local: *; };", "V1 { global: a; local: *; }; "),
        ("V1 { a; }; V2 { } V1 V1;", "V1 { global: a; }; V2 { } V1 V1; "),
        (
            "V1 { extern \"C++\" { ns::f*; \"g(int)\" }; };",
            "V1 { global: extern \"C++\" { ns::f*; }; extern \"C++\" { \"g(int)\"; }; }; ",
        ),
        (
            "V1 { extern \"C\" { extern \"C++\" { a; }; b; }; };",
            "V1 { global: extern \"C++\" { a; }; b; }; ",
        ),
        ("V1 { extern; global; local; };", "V1 { global: extern; global; local; }; "),
        ("V1 { /* c */ a; # d\n };", "V1 { global: a; }; "),
        ("V1{global:a;local:*;};", "V1 { global: a; local: *; }; "),
        ("V1 { *a?[bc]; [!a]*; [^b]; a\\*; };", "V1 { global: *a?[bc]; [!a]*; [^b]; a\\*; }; "),
    ];
    for (text, wanted) in good {
        assert_eq!(version(text), (Ok(wanted.to_owned()), String::new()), "{text}");
    }
    let bad = [
        "",
        "V1 { a; }",
        "V1 { a }; ",
        "V1 { a; b };",
        "V1 { global: };",
        "V1 { a; local: *; };",
        "V1 { global a; };",
        "V1 { extern \"C++\" { a; b; } };",
        "V1 { extern C++ { a; }; };",
        "V1 { ; };",
        "V1 { a,b; };",
        "V1 { a b; };",
        "V1 { a:b; };",
        "V2 { } V1, V1;",
    ];
    for text in bad {
        let (script, said) = version(text);
        assert_eq!(script, Err(Failed), "{text}");
        assert!(said.contains(": syntax error in VERSION script"), "{text}: {said}");
    }
    let (_, said) = version("V1 { extern \"Foo\" { a; }; };");
    assert!(said.contains("unknown language `Foo' in version information"));
    let (script, said) = version("1.2 { a; };");
    assert!(script.is_ok());
    assert_eq!(said, "v.map:1: ignoring invalid character `1' in script");
}

#[test]
fn dynamic_lists() {
    let list = |text: &'static str| {
        let mut sources = Sources::new();
        let mut diagnostics = Diagnostics::new();
        let mut context =
            Context { sources: &mut sources, host: &mut NoFiles, diagnostics: &mut diagnostics };
        let text = Text { name: b"d", bytes: text.as_bytes() };
        let list = parse_dynamic_list(text, &mut context);
        (list.map(|list| list.nodes.len()), said(&diagnostics))
    };
    assert_eq!(list("{ a; b*; }; { extern \"C++\" { c; }; };"), (Ok(2), String::new()));
    for text in ["V1 { a; };", "{ global: a; };", "{ };", "{ a; }", "", "{ a; } x;"] {
        let (list, said) = list(text);
        assert_eq!(list, Err(Failed), "{text}");
        assert!(said.contains("syntax error in dynamic list"), "{text}: {said}");
    }
}

#[test]
fn deep_and_long_scripts_end() {
    let deep = format!("x = {}1{};", "(".repeat(100_000), ")".repeat(100_000));
    assert!(failure(&deep).contains("syntax error"));
    let signs = format!("x = {}a;", "-".repeat(100_000));
    assert!(failure(&signs).contains("too long"));
    let long = format!("x = a{};", " + a".repeat(100_000));
    assert!(failure(&long).contains("too long"));
    let ignored = "@".repeat(10_000);
    assert!(failure(&ignored).contains("syntax error"));
}

/// Changed scripts are scripts or errors, and those that are scripts can be printed and read again.
#[test]
fn changed_scripts_are_printed_and_read_again() {
    let corpus = include_str!("syntax.txt");
    let lines: Vec<&str> = corpus.lines().filter_map(|line| line.strip_prefix("+ ")).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |limit: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % limit.max(1) as u64) as usize
    };
    let mut scripts = 0;
    for _ in 0..4000 {
        let mut text = lines[next(lines.len())].as_bytes().to_vec();
        for _ in 0..=next(3) {
            let other = lines[next(lines.len())].as_bytes();
            let from = next(other.len());
            let part = &other[from..(from + next(12)).min(other.len())];
            let at = next(text.len());
            let end = (at + next(6)).min(text.len());
            text.splice(at..end, part.iter().copied());
        }
        let (script, said) = run(&text, &mut Files(Vec::new()));
        let Ok(script) = script else {
            assert!(!said.is_empty());
            continue;
        };
        scripts += 1;
        let once = print::script(&script);
        let (again, said) = run(&once, &mut Files(Vec::new()));
        let shown = String::from_utf8_lossy(&text);
        let again = again.unwrap_or_else(|_| panic!("{shown}: {said}"));
        assert_eq!(print::script(&again), once, "{shown}");
    }
    assert!(scripts > 200, "{scripts}");
}

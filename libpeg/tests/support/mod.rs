//! Grammars and texts, made up and at random, and pest as the oracle.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use libpeg::grammar::{Nodes, Tree};
use pest::iterators::Pair;
use pest_meta::{optimizer, parser};
use pest_vm::Vm;

/// A grammar, and texts that it is for.
pub struct Sample {
    pub grammar: &'static str,
    pub start: &'static str,
    /// Pieces of random texts.
    pub alphabet: &'static [&'static str],
    pub texts: &'static [&'static str],
}

/// Grammars that use all that pest's notation offers.
pub const SAMPLES: &[Sample] = &[
    Sample {
        grammar: include_str!("calculator.pest"),
        start: "file",
        alphabet: &["1", "2.5", "+", "-", "*", "/", "(", ")", " ", "\n", "x"],
        texts: &["1", "1 + 2 * 3", "(1+2)*-3.25 ", " 1", "1 +", "((1))"],
    },
    Sample {
        grammar: include_str!("json.pest"),
        start: "json",
        alphabet: &["{", "}", "[", "]", ",", ":", "\"a\"", "1", "-2e3", "true", "null", " ", "\\"],
        texts: &[
            "{\"a\": [1, 2.5e-3, {\"b\": null}], \"c\\n\\u00e9\": true}",
            "[]",
            "[[], {}, \"x\"]",
            "[1,]",
        ],
    },
    Sample {
        grammar: include_str!("odd.pest"),
        start: "file",
        alphabet: &["a", "b", "c", "x", " ", "(", ")", "#", ",", ";", "é", "0", "F", "\n"],
        texts: &[
            "list:a,b,c",
            "list: a , b",
            "count:xxx x",
            "count: x x x",
            "counted:aaa",
            "any:aBc",
            "until:hello end",
            "until:hello",
            "compound:a (b c) d",
            "atomic:a b",
            "back:a b c",
            "hex:0F a0",
            "range:éàü",
            "ahead:xab",
            "comments: a #x# b",
            "comments: a#x##y# #z#b #",
            "maybe:  ",
            "plus:a a ;",
            "plus:a a a",
        ],
    },
    Sample {
        grammar: include_str!("stack.pest"),
        start: "file",
        alphabet: &["<a>", "</a>", "<b>", "</b>", "x", "r\"", "r#\"", "\"#", "\"", "a", "b", "c"],
        texts: &[
            "<a>x</a>",
            "<a><b>x</b><a></a></a>",
            "<a><b></a></b>",
            "r\"abc\"",
            "r##\"a\"#b\"##",
            "abcabc",
            "abccba",
            "aabcbc",
            "abcbc",
            "dropab",
            "popab",
        ],
    },
];

/// pest with a grammar.
pub struct Pest {
    vm: Vm,
}

impl Pest {
    /// `None` for a grammar that pest refuses.
    pub fn new(grammar: &str) -> Option<Self> {
        let pairs = parser::parse(parser::Rule::grammar_rules, grammar).ok()?;
        let rules = parser::consume_rules(pairs).ok()?;
        Some(Self { vm: Vm::new(optimizer::optimize(rules)) })
    }

    /// The tree of a text; `None` where pest panics: it does if the stack is empty.
    pub fn parse(&self, start: &str, text: &str) -> Option<String> {
        let result = catch_unwind(AssertUnwindSafe(|| match self.vm.parse(start, text) {
            Ok(pairs) => {
                let mut out = String::new();
                pairs.for_each(|pair| show(&pair, 0, &mut out));
                out
            }
            Err(_) => "failed\n".to_owned(),
        }));
        result.ok()
    }
}

fn show(pair: &Pair<'_, &str>, level: usize, out: &mut String) {
    let span = pair.as_span();
    writeln!(out, "{level} {} {} {}", pair.as_rule(), span.start(), span.end()).unwrap();
    for inner in pair.clone().into_inner() {
        show(&inner, level + 1, out);
    }
}

/// A tree in the same form.
pub fn tree_of(tree: &Tree<'_, usize>, name: &dyn Fn(usize) -> String) -> String {
    fn show(
        nodes: Nodes<'_, '_, usize>,
        level: usize,
        name: &dyn Fn(usize) -> String,
        out: &mut String,
    ) {
        for node in nodes {
            writeln!(out, "{level} {} {} {}", name(node.rule()), node.start(), node.end()).unwrap();
            show(node.children(), level + 1, name, out);
        }
    }
    let mut out = String::new();
    show(tree.roots(), 0, name, &mut out);
    out
}

/// Numbers that look random and are the same in every run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as usize) % limit
    }

    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    /// A text with a piece added, removed or replaced.
    pub fn change(&mut self, text: &str, alphabet: &[&str]) -> String {
        let places: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let start = places[self.below(places.len())];
        let end = match self.below(3) {
            0 => start,
            _ => places.iter().copied().find(|&at| at > start).unwrap_or(start),
        };
        let piece = if self.below(3) == 0 { "" } else { self.pick(alphabet) };
        format!("{}{piece}{}", &text[..start], &text[end..])
    }
}

pub fn random_text(random: &mut Random, alphabet: &[&str], pieces: usize) -> String {
    (0..random.below(pieces)).map(|_| random.pick(alphabet)).collect()
}

/// A grammar of five rules, mostly one that can be used.
pub fn random_grammar(random: &mut Random) -> String {
    let mut out = String::new();
    for rule in 0..5 {
        let kind = random.pick(&["", "", "", "_", "@", "$", "!"]);
        writeln!(out, "r{rule} = {kind}{{ {} }}", random_expr(random, 3, rule)).unwrap();
    }
    if random.below(2) == 0 {
        let kind = random.pick(&["_", "_", "", "@", "$", "!"]);
        writeln!(out, "WHITESPACE = {kind}{{ \" \" }}").unwrap();
    }
    if random.below(3) == 0 {
        let kind = random.pick(&["_", "", "$"]);
        writeln!(out, "COMMENT = {kind}{{ \"#\" ~ r4? }}").unwrap();
    }
    out
}

fn random_expr(random: &mut Random, depth: usize, rule: usize) -> String {
    if depth == 0 {
        let later = format!("r{}", (rule + 1 + random.below(5 - rule)).min(4));
        let any = format!("r{}", random.below(5));
        return match random.below(12) {
            0..=2 => "\"a\"".to_owned(),
            3 => "\"b\"".to_owned(),
            4 => "\"ab\"".to_owned(),
            5 => "^\"a\"".to_owned(),
            6 => "'a'..'b'".to_owned(),
            7 => "ANY".to_owned(),
            8 => random.pick(&["ASCII_ALPHA", "EOI", "SOI", "\"\"", "\" \""]).to_owned(),
            9 if rule < 4 => later,
            10 => any,
            _ => "\"b\"".to_owned(),
        };
    }
    let mut part = || random_expr(random, depth - 1, rule);
    let (a, b, c) = (part(), part(), part());
    match random.below(16) {
        0..=3 => format!("{a} ~ {b}"),
        4 => format!("{a} ~ {b} ~ {c}"),
        5 | 6 => format!("({a} | {b})"),
        7 => format!("({a} | {b} | {c})"),
        8 => format!("({a})?"),
        9 => format!("({a})*"),
        10 => format!("({a})+"),
        11 => {
            let counts = random.pick(&["{2}", "{1,}", "{2,}", "{,2}", "{1,3}", "{0,}", "{3,3}"]);
            format!("({a}){counts}")
        }
        12 => format!("!({a}) ~ {b}"),
        13 => format!("&({a}) ~ {b}"),
        14 => format!("({a} ~ {b})* ~ {a}"),
        _ => format!("(!({a}) ~ ANY)* ~ {b}"),
    }
}

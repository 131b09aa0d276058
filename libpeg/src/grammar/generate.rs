//! A grammar as a module in Rust.
//!
//! The module is a function for each rule, over a copy of [`super::runtime`]:
//!
//! ```text
//! fn rule_list(s: &mut State<'_, Rule>) -> bool {
//!     s.rule(Rule::list, Kind::Normal, |s| {
//!         s.sequence(|s| s.literal("[") && skip(s) && rule_item(s) && skip(s) && s.literal("]"))
//!     })
//! }
//! ```
//!
//! It uses nothing outside `core` and `alloc` as the standard library has them, and no attribute
//! that would keep it from being included in another file.

use std::fmt::Write;

use super::ast::{Builtin, CLASSES, Callee, ExprKind};
use super::code::Code;
use super::lower::{self, Low, LowRule, Op};
use super::runtime::Kind;
use super::{Grammar, facts};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// The text of the run-time module; what is copied starts after [`MARKER`].
const RUNTIME: &str = include_str!("runtime.rs");
const MARKER: &str = "// ---- copied from here ----\n";
/// The part of a generated module that is the same for all, but depends on the rules.
const FRONT: &str = include_str!("generated_front.txt");

/// The name of the parser where none is asked for.
pub const DEFAULT_NAME: &str = "Parser";

/// Names that the module needs for itself.
const OWN_NAMES: &[&str] = &[
    "Rule",
    "Limits",
    "Limit",
    "Expected",
    "Failure",
    "Match",
    "Tree",
    "Node",
    "Nodes",
    "Atomicity",
    "Kind",
    "Mark",
    "State",
    "Self",
    "Some",
    "None",
    "Ok",
    "Err",
    "Option",
    "Result",
    "Vec",
    "Default",
    "Iterator",
    "Clone",
    "Copy",
    "FnOnce",
    "Fn",
    "String",
];

/// Words of Rust that a name must not be.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];
/// Those that cannot be written as `r#word` either.
const HARD_KEYWORDS: &[&str] = &["Self", "self", "super", "crate", "_"];

/// Whether a parser may have this name.
pub fn is_parser_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !OWN_NAMES.contains(&name)
        && !KEYWORDS.contains(&name)
        && !HARD_KEYWORDS.contains(&name)
}

/// Writes a grammar without errors as a module with a parser called `name`.
///
/// `None` if the grammar needs what a module by itself cannot have, which is reported.
pub fn generate(grammar: &Grammar, name: &str, diagnostics: &mut Diagnostics) -> Option<String> {
    let before = diagnostics.errors();
    for rule in &grammar.rules {
        rule.expr.walk(&mut |part| {
            if let ExprKind::Call(Callee::Property(property)) = &part.kind {
                diagnostics.push(
                    Diagnostic::error(
                        part.span,
                        format!("`{property}`, a property of Unicode, needs tables that a generated module does not have"),
                    )
                    .rule(rule.name.as_str())
                    .hint("list the ranges that are meant: `'\\u{0400}'..'\\u{04FF}'`"),
                );
            }
        });
    }
    if diagnostics.errors() != before {
        return None;
    }
    let low = lower::lower(grammar);
    let mut out = String::new();
    let file = grammar.name.rsplit('/').next().unwrap_or_default();
    let file: String = file.chars().filter(|letter| !letter.is_control()).collect();
    // Writing to a string does not fail.
    let _ = writeln!(out, "// Made by peg(1) from {file}; change that file instead of this one.\n");
    rule_enum(&mut out, &low);
    out.push_str(&FRONT.replace("PARSER", name));
    dispatch(&mut out, &low);
    for rule in &low.rules {
        rule_function(&mut out, &low, rule);
    }
    skip_function(&mut out, &low);
    out.push_str(RUNTIME.split_once(MARKER).map_or(RUNTIME, |(_, copied)| copied));
    Some(out)
}

/// The name of a rule as a variant.
fn variant(name: &str) -> String {
    if HARD_KEYWORDS.contains(&name) {
        format!("{name}_")
    } else if KEYWORDS.contains(&name) {
        format!("r#{name}")
    } else {
        name.to_owned()
    }
}

fn rule_enum(out: &mut String, low: &Low) {
    out.push_str(
        "/// The rules of the grammar.\n\
         #[allow(dead_code, non_camel_case_types)]\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n\
         pub enum Rule {\n    /// The end of the input.\n    EOI,\n",
    );
    for rule in &low.rules {
        let _ = writeln!(out, "    /// `{}`\n    {},", rule.name, variant(&rule.name));
    }
    out.push_str(
        "}\n\n#[allow(dead_code)]\nimpl Rule {\n    \
         /// The name of the rule in the grammar.\n    \
         pub fn name(self) -> &'static str {\n        match self {\n            \
         Rule::EOI => \"EOI\",\n",
    );
    for rule in &low.rules {
        let _ = writeln!(out, "            Rule::{} => {:?},", variant(&rule.name), rule.name);
    }
    out.push_str("        }\n    }\n}\n\n");
}

fn dispatch(out: &mut String, low: &Low) {
    out.push_str(
        "/// Matches any rule.\nfn call(s: &mut State<'_, Rule>, rule: Rule) -> bool {\n    \
         match rule {\n        Rule::EOI => s.end_of_input(Rule::EOI),\n",
    );
    for rule in &low.rules {
        let _ = writeln!(out, "        Rule::{} => rule_{}(s),", variant(&rule.name), rule.name);
    }
    out.push_str("    }\n}\n\n");
}

fn rule_function(out: &mut String, low: &Low, rule: &LowRule) {
    let kind = match rule.kind {
        Kind::Normal => "Normal",
        Kind::Silent => "Silent",
        Kind::Atomic => "Atomic",
        Kind::CompoundAtomic => "CompoundAtomic",
        Kind::NonAtomic => "NonAtomic",
        Kind::SilentAtomic => "SilentAtomic",
        Kind::HiddenAtomic => "HiddenAtomic",
    };
    let writer = Writer { low, skips: rule.skips };
    let call = Code::call(
        "s.rule",
        vec![
            Code::atom(format!("Rule::{}", variant(&rule.name))),
            Code::atom(format!("Kind::{kind}")),
            writer.closure(&rule.op),
        ],
    );
    let _ = writeln!(
        out,
        "#[allow(non_snake_case)]\nfn rule_{}(s: &mut State<'_, Rule>) -> bool {{\n    {}\n}}\n",
        rule.name,
        call.format(4)
    );
}

fn skip_function(out: &mut String, low: &Low) {
    let name = |rule: Option<usize>| {
        rule.and_then(|rule| low.rules.get(rule)).map(|rule| format!("rule_{}", rule.name))
    };
    if low.rules.iter().any(|rule| facts::is_skip_name(&rule.name)) {
        out.push_str(
            "/// Implicit white space.\nfn skip(s: &mut State<'_, Rule>) -> bool {\n    \
             s.skip(|s| {\n",
        );
        let set = low.white_space.and_then(|rule| set_of(low, &Op::Call(rule), SET_DEPTH));
        let spaces = name(low.white_space).map(|rule| {
            let full = format!("s.many(0, no_skip, {rule})");
            match &set {
                Some(set) => format!("s.set_many(0, {}, |s| {full})", set_test(set)),
                None => full,
            }
        });
        if let Some(spaces) = &spaces {
            let _ = writeln!(out, "        {spaces};");
        }
        if let Some(comment) = name(low.comment) {
            let turn = match spaces {
                Some(spaces) => format!("|s| {comment}(s) && {spaces}"),
                None => comment,
            };
            let _ = writeln!(out, "        s.many(0, no_skip, {turn});");
        }
        out.push_str("    })\n}\n\n");
    }
    out.push_str(
        "/// No implicit white space.\n#[allow(dead_code)]\n\
         fn no_skip(_: &mut State<'_, Rule>) -> bool {\n    true\n}\n",
    );
}

struct Writer<'l> {
    low: &'l Low,
    skips: bool,
}

impl Writer<'_> {
    /// An operation as a function of the state.
    fn closure(&self, op: &Op) -> Code {
        match op {
            Op::Call(rule) => Code::atom(self.function(*rule)),
            _ => Code::Closure(Box::new(self.code(op))),
        }
    }

    fn function(&self, rule: usize) -> String {
        self.low.rules.get(rule).map_or_else(String::new, |rule| format!("rule_{}", rule.name))
    }

    fn method(&self, name: &str, op: &Op) -> Code {
        Code::call(&format!("s.{name}"), vec![self.closure(op)])
    }

    fn skip(&self) -> Code {
        Code::atom(if self.skips { "skip" } else { "no_skip" }.to_owned())
    }

    /// An operation as an expression.
    fn code(&self, op: &Op) -> Code {
        // A single character that may be one of several is looked at once.
        match op {
            Op::Choice(_) | Op::Call(_) => {
                if let Some(set) = set_of(self.low, op, SET_DEPTH) {
                    let full = Code::Closure(Box::new(self.plain_code(op)));
                    return Code::call("s.set", vec![Code::atom(set_test(&set)), full]);
                }
            }
            Op::Many(min, body) if !self.skips => {
                if let Some(set) = set_of(self.low, body, SET_DEPTH) {
                    let full = Code::Closure(Box::new(self.plain_code(op)));
                    let args = vec![Code::atom(min.to_string()), Code::atom(set_test(&set)), full];
                    return Code::call("s.set_many", args);
                }
            }
            _ => {}
        }
        self.plain_code(op)
    }

    fn plain_code(&self, op: &Op) -> Code {
        match op {
            Op::Literal(text) => Code::atom(format!("s.literal({text:?})")),
            Op::Insensitive(text) => Code::atom(format!("s.insensitive({text:?})")),
            Op::Range(first, last) => Code::atom(format!("s.range({first:?}, {last:?})")),
            Op::Call(rule) => Code::atom(format!("{}(s)", self.function(*rule))),
            Op::Builtin(builtin) => Code::atom(builtin_code(*builtin)),
            // Was reported.
            Op::Property(_) => Code::atom("false".to_owned()),
            Op::PeekSlice(first, last) => Code::atom(format!("s.peek_slice({first}, {last:?})")),
            Op::And(body) => self.method("and", body),
            Op::Not(body) => self.method("not", body),
            Op::Push(body) => self.method("push", body),
            Op::Restore(body) => self.method("restore", body),
            Op::Optional(body) => self.method("optional", body),
            Op::Sequence(parts) => {
                let mut chain = Vec::new();
                for part in parts {
                    if self.skips && !chain.is_empty() {
                        chain.push(Code::atom("skip(s)".to_owned()));
                    }
                    chain.push(self.code(part));
                }
                let body = Code::Closure(Box::new(Code::Chain("&&", chain)));
                Code::call("s.sequence", vec![body])
            }
            Op::Choice(parts) => {
                Code::Chain("||", parts.iter().map(|part| self.code(part)).collect())
            }
            Op::Many(min, body) => {
                let args = vec![Code::atom(min.to_string()), self.skip(), self.closure(body)];
                Code::call("s.many", args)
            }
            Op::Count(min, max, body) => {
                let (min, max) = (min.to_string(), max.to_string());
                let args = vec![Code::atom(min), Code::atom(max), self.skip(), self.closure(body)];
                Code::call("s.count", args)
            }
            Op::Until(texts) => Code::atom(format!("s.until(&{texts:?})")),
        }
    }
}

/// Calls that are followed to see whether an operation is a set of characters.
const SET_DEPTH: u32 = 8;

/// The ranges of characters of which an operation takes one, if that is all it does: it makes no
/// node and looks at nothing else.
fn set_of(low: &Low, op: &Op, depth: u32) -> Option<Vec<(char, char)>> {
    let depth = depth.checked_sub(1)?;
    match op {
        Op::Literal(text) => {
            let mut characters = text.chars();
            let only = characters.next()?;
            characters.next().is_none().then(|| vec![(only, only)])
        }
        Op::Range(first, last) => Some(vec![(*first, *last)]),
        Op::Builtin(Builtin::Class(class)) => CLASSES.get(*class).map(|(_, set)| set.to_vec()),
        Op::Choice(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(set_of(low, part, depth)?);
            }
            Some(all)
        }
        Op::Call(rule) => {
            let rule = low.rules.get(*rule)?;
            let is_silent = matches!(rule.kind, Kind::Silent | Kind::SilentAtomic);
            is_silent.then(|| set_of(low, &rule.op, depth)).flatten()
        }
        _ => None,
    }
}

/// A function that tells whether a character is in a set.
fn set_test(set: &[(char, char)]) -> String {
    let mut sorted = set.to_vec();
    sorted.sort_unstable();
    // No range may be covered by those before it.
    let mut ranges: Vec<(char, char)> = Vec::new();
    for (first, last) in sorted {
        match ranges.last_mut() {
            Some(before) if first <= before.1 => before.1 = before.1.max(last),
            _ => ranges.push((first, last)),
        }
    }
    let ranges = ranges.iter().map(|(first, last)| {
        if first == last { format!("{first:?}") } else { format!("{first:?}..={last:?}") }
    });
    format!("|c| matches!(c, {})", ranges.collect::<Vec<_>>().join(" | "))
}

fn builtin_code(builtin: Builtin) -> String {
    match builtin {
        Builtin::Any => "s.class(\"ANY\", |_| true)".to_owned(),
        Builtin::Soi => "s.start_of_input()".to_owned(),
        Builtin::Eoi => "s.end_of_input(Rule::EOI)".to_owned(),
        Builtin::Peek => "s.peek()".to_owned(),
        Builtin::PeekAll => "s.peek_all()".to_owned(),
        Builtin::Pop => "s.pop()".to_owned(),
        Builtin::PopAll => "s.pop_all()".to_owned(),
        Builtin::Drop => "s.drop_top()".to_owned(),
        Builtin::Newline => "s.newline()".to_owned(),
        Builtin::Class(class) => {
            let (name, ranges) = CLASSES.get(class).copied().unwrap_or(("", &[]));
            let ranges: Vec<String> =
                ranges.iter().map(|(first, last)| format!("{first:?}..={last:?}")).collect();
            format!("s.class(\"{name}\", |c| matches!(c, {}))", ranges.join(" | "))
        }
    }
}

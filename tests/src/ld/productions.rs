//! Which productions of the script grammar the small programs use, in links that GNU ld makes.
//!
//! The grammar is taken as it is and run with more rules: each alternative of a choice and each
//! part that may be missing becomes a rule of its own, and no rule is silent, so that the tree of
//! a script tells all that was used. From
//!
//! ```text
//! provide_kind = @{ "PROVIDE_HIDDEN" | "PROVIDE" ~ !"_" | "HIDDEN" }
//! ```
//!
//! becomes
//!
//! ```text
//! provide_kind = ${ of_provide_kind_1 | of_provide_kind_2 | of_provide_kind_3 }
//! of_provide_kind_1 = ${ "PROVIDE_HIDDEN" }
//! ...
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use libpeg::diagnostic::Diagnostics;
use libpeg::grammar::ast::{Expr, ExprKind, Rule, RuleKind};
use libpeg::grammar::{Grammar, LIMITS, Node};
use libpeg::source::{SourceMap, Span};

/// The grammar of scripts.
const GRAMMAR: &str = include_str!("../../../libld/src/script/grammar.pest");

/// The file with the words of a recorded link, a line each.
pub(super) const WORDS: &str = "words";

/// The rules that whole texts are read with.
const OF_SCRIPT: &[&str] = &["script"];
const OF_VERSIONS: &[&str] = &["version_script"];
const OF_LIST: &[&str] = &["dynamic_list"];
const OF_DEFINITION: &[&str] = &["definition_of_symbol"];
/// What INCLUDE names is read with the rule of the place where it stands.
const OF_INCLUDED: &[&str] =
    &["script", "included_in_sections", "included_in_body", "included_in_memory"];
/// What may stand anywhere is no production: the tree does not tell of it.
const NO_PRODUCTIONS: &[&str] = &["WHITESPACE", "COMMENT"];

/// The grammar with more rules, and what was seen of them.
#[derive(Debug)]
pub struct Productions {
    grammar: Grammar,
    /// By the name of a rule, what it stands for: the rule that it is part of, and its text.
    names: BTreeMap<String, String>,
    seen: BTreeSet<String>,
}

impl Productions {
    /// The productions of the grammar of scripts; none is seen as yet.
    ///
    /// # Errors
    /// The grammar cannot be read.
    pub fn new() -> Result<Self> {
        let sources = SourceMap::new();
        let mut said = Diagnostics::default();
        let id =
            sources.add("grammar.pest", GRAMMAR).map_err(|error| anyhow!("{}", error.message()))?;
        let plain = Grammar::read(&sources, id, &mut said);
        let mut more = More { sources: &sources, text: String::new(), names: BTreeMap::new() };
        for rule in &plain.rules {
            more.rule(rule);
        }
        let More { text, names, .. } = more;
        let sources = SourceMap::new();
        let id = sources.add("more.pest", text).map_err(|error| anyhow!("{}", error.message()))?;
        let grammar = Grammar::read(&sources, id, &mut said);
        if let Some(error) = said.iter().next() {
            bail!("{}", error.render(&sources));
        }
        Ok(Self { grammar, names, seen: BTreeSet::new() })
    }

    /// Notes what the scripts of a link use, of which
    /// [`Linker::recording`](super::Linker::recording) left the words and the files in a folder.
    ///
    /// # Errors
    /// A file that the command line takes for a script is none by the grammar.
    pub fn see_link(&mut self, folder: &Path) -> Result<()> {
        let words = std::fs::read_to_string(folder.join(WORDS))?;
        let words: Vec<String> = words.lines().map(str::to_owned).collect();
        for script in scripts(&words, folder) {
            let text = match &script.text {
                Text::Here(text) => text.clone(),
                Text::File(path) => match std::fs::read(path) {
                    Ok(bytes) if is_binary(&bytes) => continue,
                    Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                    Err(_) if script.may_be_none => continue,
                    Err(error) => return Err(error).with_context(|| path.display().to_string()),
                },
            };
            let is_script = self.see(&text, script.rules, folder)?;
            if !is_script && !script.may_be_none {
                bail!("{:?} is no script by the grammar:\n{text}", script.text);
            }
        }
        Ok(())
    }

    /// Notes what a text uses; whether it is one by any of these rules.
    fn see(&mut self, text: &str, rules: &[&str], folder: &Path) -> Result<bool> {
        let mut included = Vec::new();
        let mut is_any = false;
        for rule in rules {
            let start = self.grammar.rule_named(rule).with_context(|| (*rule).to_owned())?;
            let sources = SourceMap::new();
            let id = sources.add("script", text).map_err(|error| anyhow!("{}", error.message()))?;
            let Ok(tree) = self.grammar.parse(start, &sources, id, LIMITS) else { continue };
            is_any = true;
            for node in tree.roots() {
                note(&self.grammar, node, &mut self.seen, &mut included);
            }
        }
        for name in included {
            if let Ok(text) = std::fs::read_to_string(folder.join(name)) {
                self.see(&text, OF_INCLUDED, folder)?;
            }
        }
        Ok(is_any)
    }

    /// The productions that nothing used, in words.
    pub fn unused(&self) -> Vec<&str> {
        let unused = self.names.iter().filter(|(name, _)| !self.seen.contains(*name));
        unused.map(|(_, words)| words.as_str()).collect()
    }

    /// How many productions there are.
    pub fn count(&self) -> usize {
        self.names.len()
    }
}

fn note(
    grammar: &Grammar,
    node: Node<'_, '_, usize>,
    seen: &mut BTreeSet<String>,
    included: &mut Vec<String>,
) {
    let name = grammar.rule_name(node.rule());
    seen.insert(name.to_owned());
    if name == "include" {
        let word = node.children().find(|child| grammar.rule_name(child.rule()) == "word");
        included.extend(word.map(|word| word.text().trim_matches('"').to_owned()));
    }
    for child in node.children() {
        note(grammar, child, seen, included);
    }
}

/// Makes more rules.
struct More<'s> {
    sources: &'s SourceMap,
    /// The new grammar.
    text: String,
    names: BTreeMap<String, String>,
}

/// Of one rule.
struct Part<'r> {
    name: &'r str,
    /// What stands around the parts of the rule.
    open: &'static str,
    count: usize,
}

impl More<'_> {
    fn rule(&mut self, rule: &Rule) {
        let open = match rule.kind {
            RuleKind::Normal | RuleKind::Silent => "{",
            RuleKind::Atomic | RuleKind::CompoundAtomic => "${",
            RuleKind::NonAtomic => "!{",
        };
        if NO_PRODUCTIONS.contains(&rule.name.as_str()) {
            let text = self.sources.slice(rule.expr.span);
            let _ = writeln!(self.text, "{} = _{{ {text} }}", rule.name);
            return;
        }
        let mut part = Part { name: &rule.name, open, count: 0 };
        let text = self.parts(&rule.expr, &mut part);
        let _ = writeln!(self.text, "{} = {open} {text} }}", rule.name);
        self.names.insert(rule.name.clone(), rule.name.clone());
    }

    /// The text of an expression with names for its alternatives.
    fn parts(&mut self, expr: &Expr, part: &mut Part<'_>) -> String {
        let are_productions = match &expr.kind {
            ExprKind::Choice(_) => true,
            ExprKind::Repeat { min, .. } => *min == 0,
            // What is looked at is not used.
            ExprKind::And(_) | ExprKind::Not(_) => return self.sources.slice(expr.span).to_owned(),
            _ => false,
        };
        let mut text = String::new();
        let mut at = expr.span.start;
        for inner in expr.parts() {
            let span = inner.span;
            text.push_str(self.between(expr, at, span.start));
            let of_inner = self.parts(inner, part);
            if are_productions {
                part.count += 1;
                let name = format!("of_{}_{}", part.name, part.count);
                let _ = writeln!(self.text, "{name} = {} {of_inner} }}", part.open);
                text.push_str(&name);
                let words = self.sources.slice(span).split_whitespace().collect::<Vec<_>>();
                self.names.insert(name, format!("{}: {}", part.name, words.join(" ")));
            } else {
                text.push_str(&of_inner);
            }
            at = span.end;
        }
        text.push_str(self.between(expr, at, expr.span.end));
        text
    }

    /// What stands between parts of an expression.
    fn between(&self, expr: &Expr, start: u32, end: u32) -> &str {
        self.sources.slice(Span { start, end, ..expr.span })
    }
}

/// A script of a link.
struct Script {
    text: Text,
    rules: &'static [&'static str],
    /// The word may also stand for something else.
    may_be_none: bool,
}

#[derive(Debug)]
enum Text {
    /// On the command line.
    Here(String),
    File(PathBuf),
}

/// Options that name scripts.
const OPTIONS: &[(&str, &[&str])] = &[
    ("script", OF_SCRIPT),
    ("default-script", OF_SCRIPT),
    ("dT", OF_SCRIPT),
    ("version-script", OF_VERSIONS),
    ("dynamic-list", OF_LIST),
    ("defsym", OF_DEFINITION),
];
/// Options that start as `-T` does.
const NO_SCRIPTS: &[&str] = &["-Ttext", "-Tdata", "-Tbss", "-Trodata", "-Tldata"];

fn scripts(words: &[String], folder: &Path) -> Vec<Script> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let name = word.trim_start_matches('-');
        let dashes = word.len() - name.len();
        let (name, value) =
            name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
        if dashes == 0 {
            let text = Text::File(folder.join(word));
            found.push(Script { text, rules: OF_SCRIPT, may_be_none: true });
        } else if let Some((option, rules)) = OPTIONS.iter().find(|(option, _)| *option == name) {
            let Some(value) = value.or_else(|| words.next().map(String::as_str)) else { continue };
            let text = match *option {
                "defsym" => Text::Here(value.to_owned()),
                _ => Text::File(folder.join(value)),
            };
            found.push(Script { text, rules, may_be_none: false });
        } else if dashes == 1
            && !NO_SCRIPTS.iter().any(|option| word.starts_with(option))
            && let Some(value) = word.strip_prefix("-T")
        {
            let value = if value.is_empty() { words.next().map_or("", |word| word) } else { value };
            let text = Text::File(folder.join(value));
            found.push(Script { text, rules: OF_SCRIPT, may_be_none: false });
        }
    }
    found
}

fn is_binary(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x7fELF") || bytes.starts_with(b"!<")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_uses_is_seen() {
        let mut productions = Productions::new().unwrap();
        let all = productions.unused().len();
        assert_eq!(all, productions.count());
        let text = "PROVIDE(a = MAX(1, 2)); /* */";
        assert!(productions.see(text, OF_SCRIPT, Path::new("/none")).unwrap());
        assert!(!productions.see("PROVIDE(", OF_SCRIPT, Path::new("/none")).unwrap());
        let unused = productions.unused();
        assert!(unused.contains(&"provide_kind: \"HIDDEN\""));
        assert!(!unused.contains(&"provide_kind: \"PROVIDE\" ~ !\"_\""));
        assert!(unused.contains(&"function_name: \"MIN\""));
        assert!(!unused.contains(&"function_name: \"MAX\""));
        assert!(unused.contains(&"memory") && !unused.contains(&"provide"));
        assert!(!unused.contains(&"function: \",\" ~ expression"));
    }

    #[test]
    fn scripts_of_a_command_line_are_found() {
        let words = ["-Ttext=1", "-Ta.ld", "-T", "b.ld", "--defsym", "a=1", "--version-script=v"];
        let words = words.map(str::to_owned);
        let found = scripts(&words, Path::new("/f"));
        let texts: Vec<_> = found.iter().map(|script| format!("{:?}", script.text)).collect();
        let expected =
            ["File(\"/f/a.ld\")", "File(\"/f/b.ld\")", "Here(\"a=1\")", "File(\"/f/v\")"];
        assert_eq!(texts, expected);
    }
}

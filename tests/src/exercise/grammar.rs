//! Grammars: no bytes do harm, be they a grammar or a text for one.

use std::hint::black_box;

use libpeg::diagnostic::Diagnostics;
use libpeg::grammar::{self, Grammar, Limits};
use libpeg::source::SourceMap;

/// Small enough that an input takes no time that matters.
const LIMITS: Limits = Limits { depth: 5000, steps: 300_000, nodes: 100_000 };
/// Rules that a text is parsed with.
const STARTS: usize = 20;

/// Any bytes as a grammar and, behind a zero byte, a text: checked, run and turned into a parser,
/// as far as they allow.
pub fn exercise(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let (grammar, text) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let sources = SourceMap::new();
    let mut diagnostics = Diagnostics::default();
    let Ok(id) = sources.add("grammar", grammar) else { return };
    let grammar = Grammar::read(&sources, id, &mut diagnostics);
    grammar::check(&grammar, &[], &mut diagnostics);
    black_box(diagnostics.render(&sources).len());
    let Ok(input) = sources.add("text", text) else { return };
    if diagnostics.has_errors() {
        return;
    }
    for start in 0..grammar.rules.len().min(STARTS) {
        match grammar.parse(start, &sources, input, LIMITS) {
            Ok(tree) => drop(black_box(tree.roots().map(|node| node.text().len()).sum::<usize>())),
            Err(wrong) => drop(black_box(wrong.render(&sources))),
        }
    }
    let module = grammar::generate(&grammar, grammar::DEFAULT_NAME, &mut diagnostics);
    black_box(module.map(|module| module.len()));
}

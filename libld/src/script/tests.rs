//! The parser is that of the grammar, and is quick enough to start every link.

use libpeg::diagnostic::Diagnostics;
use libpeg::grammar::{self, Grammar};
use libpeg::source::SourceMap;

const STARTS: [&str; 8] = [
    "script",
    "version_script",
    "dynamic_list",
    "included_in_sections",
    "included_in_body",
    "included_in_memory",
    "definition_of_symbol",
    "expression_alone",
];

/// If it is not, `peg generate -o generated.rs grammar.pest` makes it so.
#[test]
fn the_parser_is_generated_from_the_grammar() {
    let sources = SourceMap::new();
    let id = sources.add("grammar.pest", include_str!("grammar.pest")).unwrap();
    let mut diagnostics = Diagnostics::default();
    let grammar = Grammar::read(&sources, id, &mut diagnostics);
    grammar::check(&grammar, &STARTS.map(str::to_owned), &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(&sources));
    let module = grammar::generate(&grammar, grammar::DEFAULT_NAME, &mut diagnostics).unwrap();
    assert!(module == include_str!("generated.rs"), "generated.rs is not of this grammar");
}

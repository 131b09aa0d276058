//! The parser that pest makes of the grammar, and words for its rules.
#![expect(missing_docs, reason = "the rules are described in the grammar")]

use pest_derive::Parser;

/// The grammar of `lexical.pest` and `notation.pest`.
#[derive(Parser)]
#[grammar = "lexical.pest"]
#[grammar = "notation.pest"]
pub struct Grammar;

/// What a message calls the rules of which one was expected; `end` is what ends the head.
pub fn expected(rules: &[Rule], end: &[&str]) -> Vec<String> {
    let has = |rule| rules.contains(&rule);
    // Where any term or value could stand, a list of all kinds would only add noise.
    let anything = if has(Rule::hex) && has(Rule::EOI) {
        "another term"
    } else if has(Rule::hex) && (has(Rule::list) || has(Rule::bracket)) {
        "a value"
    } else if has(Rule::string) && (has(Rule::integer) || has(Rule::word)) {
        "an operand"
    } else {
        ""
    };
    let mut words = Vec::new();
    if has(Rule::EOI) {
        words.extend(end.iter().map(|sign| (*sign).to_owned()));
    }
    let kinds = [anything].into_iter().filter(|words| !words.is_empty());
    words.extend(kinds.map(ToOwned::to_owned));
    for rule in rules {
        words.push(describe(*rule, !anything.is_empty()).to_owned());
    }
    words
}

/// What a message calls a rule; nothing for one that would only add noise.
fn describe(rule: Rule, inside: bool) -> &'static str {
    match rule {
        Rule::equals if !inside => "`=`",
        Rule::opening => "`(`",
        Rule::comma => "`,`",
        Rule::closing => "`)`",
        Rule::bracket => "`]`",
        Rule::dots => "`..`",
        Rule::in_word => "`in`",
        Rule::operator => "an operator",
        Rule::attribute | Rule::field if !inside => "an attribute",
        Rule::word | Rule::name | Rule::variable if !inside => "a name",
        Rule::integer | Rule::character | Rule::negative | Rule::bound if !inside => "an integer",
        Rule::string if !inside => "a string",
        Rule::hex if !inside => "a hex run",
        Rule::list if !inside => "a list",
        Rule::expr | Rule::operation | Rule::call | Rule::prefix if !inside => "an expression",
        Rule::head | Rule::terms if !inside => "a statement",
        _ => "",
    }
}

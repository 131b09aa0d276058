//! A tree as text or as JSON.

use common::{Output, out};
use libpeg::grammar::{Grammar, Node, Nodes, Tree};

use crate::options::Format;
use crate::positions::Positions;

/// Levels that are indented; of deeper ones the number is printed.
const MOST_INDENTED: usize = 64;

pub fn print(out: &mut Output, grammar: &Grammar, tree: &Tree<'_, usize>, format: Format) {
    let printer = Printer { grammar, positions: Positions::new(tree.input()) };
    match format {
        Format::Text => printer.text(out, tree),
        Format::Json => printer.json(out, tree),
    }
}

struct Printer<'p> {
    grammar: &'p Grammar,
    positions: Positions<'p>,
}

/// A tree may be deeper than the stack allows to call.
type Work<'t, 'i> = Vec<Nodes<'t, 'i, usize>>;

impl Printer<'_> {
    /// A line for each node, indented by its level: rule, span, and the text of those without
    /// nodes inside.
    fn text(&self, out: &mut Output, tree: &Tree<'_, usize>) {
        let mut work: Work<'_, '_> = vec![tree.roots()];
        while let Some(nodes) = work.last_mut() {
            let Some(node) = nodes.next() else {
                work.pop();
                continue;
            };
            let level = work.len().saturating_sub(1);
            out!(out, "{:1$}", "", level.min(MOST_INDENTED).saturating_mul(2));
            if level > MOST_INDENTED {
                out!(out, "[{level}] ");
            }
            let (line, column) = self.positions.get(node.start());
            let (last_line, last_column) = self.positions.get(node.end());
            let rule = self.grammar.rule_name(node.rule());
            out!(out, "{rule} {line}:{column}-{last_line}:{last_column}");
            if is_leaf(&node) {
                out!(out, " {:?}", node.text());
            }
            out.put(b"\n");
            work.push(node.children());
        }
    }

    /// An array of nodes, each an object with its children.
    fn json(&self, out: &mut Output, tree: &Tree<'_, usize>) {
        let mut work: Work<'_, '_> = vec![tree.roots()];
        let mut is_first = true;
        out.put(b"[");
        while let Some(nodes) = work.last_mut() {
            let Some(node) = nodes.next() else {
                work.pop();
                out.put(if work.is_empty() { b"]\n" } else { b"]}" });
                is_first = false;
                continue;
            };
            if !is_first {
                out.put(b",");
            }
            out.put(b"\n{\"rule\":");
            string(out, self.grammar.rule_name(node.rule()));
            for (name, offset) in [("start", node.start()), ("end", node.end())] {
                let (line, column) = self.positions.get(offset);
                out!(
                    out,
                    ",\"{name}\":{{\"offset\":{offset},\"line\":{line},\"column\":{column}}}"
                );
            }
            if is_leaf(&node) {
                out.put(b",\"text\":");
                string(out, node.text());
            }
            out.put(b",\"children\":[");
            is_first = true;
            work.push(node.children());
        }
    }
}

fn is_leaf(node: &Node<'_, '_, usize>) -> bool {
    node.children().next().is_none()
}

/// A string of JSON, with escapes for what a terminal would obey.
fn string(out: &mut Output, text: &str) {
    out.put(b"\"");
    for letter in text.chars() {
        match letter {
            '"' => out.put(b"\\\""),
            '\\' => out.put(b"\\\\"),
            '\n' => out.put(b"\\n"),
            '\t' => out.put(b"\\t"),
            ' '..='~' => out!(out, "{letter}"),
            // What Rust shows as it is, can be shown.
            _ if letter.escape_debug().len() == 1 => out!(out, "{letter}"),
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    out!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.put(b"\"");
}

//! What all parts of the builder use: nodes, names and places.

use super::super::ast::{Name, Pattern, Word};
use super::super::generated::{self, Rule};
use super::super::source::{SourceId, Span};
use super::words::{Place, is_keyword};
use super::{Context, Nodes};

pub type Node<'t, 'i> = generated::Node<'t, 'i, Rule>;

/// Something that the grammar allows, and a script does not.
#[derive(Clone, Debug)]
pub struct Wrong(Box<Parts>);

#[derive(Clone, Debug)]
pub struct Parts {
    pub span: Span,
    /// What follows `file:line`; `None` is a syntax error.
    pub text: Option<Vec<u8>>,
    /// It was said already, as it is in an included file.
    pub is_said: bool,
}

impl std::ops::Deref for Wrong {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Wrong {
    pub fn syntax(span: Span) -> Self {
        Self(Box::new(Parts { span, text: None, is_said: false }))
    }

    /// `text` follows `file:line` as it is.
    pub fn text(span: Span, text: impl Into<Vec<u8>>) -> Self {
        Self(Box::new(Parts { span, text: Some(text.into()), is_said: false }))
    }

    pub fn said(span: Span) -> Self {
        Self(Box::new(Parts { span, text: None, is_said: true }))
    }
}

/// Makes trees of the nodes of one text.
pub struct Builder<'s, 'x, 'c> {
    pub source: SourceId,
    text: &'s [u8],
    pub context: &'x mut Context<'s, 'c>,
}

impl<'s, 'x, 'c> Builder<'s, 'x, 'c> {
    pub fn new(source: SourceId, text: &'s [u8], context: &'x mut Context<'s, 'c>) -> Self {
        Self { source, text, context }
    }

    pub fn span(&self, node: Node<'_, '_>) -> Span {
        // Texts are shorter than 4 GiB.
        Span { source: self.source, start: node.start() as u32, end: node.end() as u32 }
    }

    /// The bytes of a node.
    pub fn bytes(&self, node: Node<'_, '_>) -> &'s [u8] {
        self.text.get(node.start()..node.end()).unwrap_or_default()
    }

    /// The bytes of a node without quotes, and whether there were any.
    pub fn unquoted(&self, node: Node<'_, '_>) -> (Name<'s>, bool) {
        let bytes = self.bytes(node);
        match bytes.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) {
            Some(inside) => (inside, true),
            None => (bytes, false),
        }
    }

    /// A name that is no keyword where it stands.
    pub fn name(&self, node: Node<'_, '_>, place: Place) -> Result<Name<'s>, Wrong> {
        let (name, quoted) = self.unquoted(node);
        if !quoted && (is_keyword(place, name) || is_dollar_number(place, name)) {
            return Err(Wrong::syntax(self.span(node)));
        }
        Ok(name)
    }

    /// A name between commands.
    pub fn word(&self, node: Node<'_, '_>) -> Result<Word<'s>, Wrong> {
        Ok(Word { name: self.name(node, Place::Command)?, span: self.span(node) })
    }

    /// A name where nothing is a keyword.
    pub fn free_word(&self, node: Node<'_, '_>) -> Word<'s> {
        Word { name: self.unquoted(node).0, span: self.span(node) }
    }

    /// A name in an expression.
    pub fn symbol(&self, node: Node<'_, '_>) -> Result<Word<'s>, Wrong> {
        Ok(Word { name: self.name(node, Place::Expression)?, span: self.span(node) })
    }

    /// A name inside of an output section.
    pub fn pattern(&self, node: Node<'_, '_>) -> Result<Pattern<'s>, Wrong> {
        Ok(Pattern { text: self.name(node, Place::Body)?, span: self.span(node) })
    }

    /// The next node, if the grammar promises one.
    pub fn next<'t, 'i>(&self, nodes: &mut Nodes<'t, 'i>) -> Result<Node<'t, 'i>, Wrong> {
        let end = Span { source: self.source, start: 0, end: 0 };
        nodes.next().ok_or_else(|| Wrong::syntax(end))
    }

    /// The next word.
    pub fn next_word(&self, nodes: &mut Nodes<'_, '_>) -> Result<Word<'s>, Wrong> {
        self.word(self.next(nodes)?)
    }

    /// All nodes as words.
    pub fn words(&self, nodes: Nodes<'_, '_>) -> Result<Vec<Word<'s>>, Wrong> {
        nodes.map(|node| self.word(node)).collect()
    }
}

/// Between commands, `$` and hexadecimal digits are a number.
fn is_dollar_number(place: Place, name: &[u8]) -> bool {
    let digits = name.strip_prefix(b"$").filter(|_| place == Place::Command);
    digits.is_some_and(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit))
}

/// The next node, if it is of this rule.
pub fn take<'t, 'i>(nodes: &mut Nodes<'t, 'i>, rule: Rule) -> Option<Node<'t, 'i>> {
    let next = nodes.clone().next().filter(|node| node.rule() == rule)?;
    nodes.next();
    Some(next)
}

//! From text to tree.
//!
//! `grammar.pest` says which texts are scripts; the parser that is generated from it makes a tree
//! of stretches of text, from which the files here make the [`ast`](super::ast). They also do what
//! is not the grammar's part: keywords are no names, numbers have values, constants are added up,
//! and what INCLUDE names is read and joins the tree.
//!
//! As GNU ld does, signs that mean nothing where they stand are skipped with a warning:
//!
//! ```text
//! ld:x.ld:3: ignoring invalid character `%' in script
//! ```

mod body;
mod commands;
mod expression;
mod failure;
mod sections;
#[cfg(test)]
mod tests;
mod tree;
mod version;
mod words;

use std::borrow::Cow;

use super::ast::{Expr, Script, VersionScript, Word};
use super::generated::{Limits, Parser, Rule, Tree};
use super::source::{Source, SourceId, Sources, Span};
use crate::diagnostics::{Diagnostics, Severity};
use tree::{Builder, Wrong};

pub use words::{Place, is_keyword};

/// A text to be parsed.
#[derive(Clone, Copy, Debug)]
pub struct Text<'s> {
    /// What messages call it.
    pub name: &'s [u8],
    /// The text. Bytes that are not ASCII may stand in quotes and comments.
    pub bytes: &'s [u8],
}

/// Where the files come from that scripts include.
pub trait Host<'s> {
    /// Finds the file of an INCLUDE: as it is named, and then in the folders of `-L`.
    ///
    /// # Errors
    /// The message if there is none, without the name of the program, as in
    /// ``cannot open linker script file regions.ld: No such file or directory``.
    fn include(&mut self, name: &'s [u8]) -> Result<Text<'s>, Vec<u8>>;
}

/// A host without files.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl<'s> Host<'s> for NoFiles {
    fn include(&mut self, name: &'s [u8]) -> Result<Text<'s>, Vec<u8>> {
        let name = name.escape_ascii();
        Err(format!("cannot open linker script file {name}: No such file or directory").into())
    }
}

/// A script could not be parsed; what is wrong has been said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// What parsing works with: the texts, the files and the messages.
pub struct Context<'s, 'c> {
    /// Texts, for messages about their places.
    pub sources: &'c mut Sources<'s>,
    /// The files of INCLUDE.
    pub host: &'c mut dyn Host<'s>,
    /// What is wrong.
    pub diagnostics: &'c mut Diagnostics,
}

/// How deep a script may be nested, in rules. The stack of a thread must have room for it.
const DEPTH: u32 = 1000;
/// How many signs without a meaning are skipped before a script is given up.
const MOST_IGNORED: usize = 100;
/// The longest text: offsets have 32 bits.
const MOST_BYTES: usize = u32::MAX as usize - 1;

/// Parses a linker script.
///
/// # Errors
/// It is none, or a file that it includes is none or cannot be read. All has been said.
pub fn parse_script<'s>(
    text: Text<'s>,
    context: &mut Context<'s, '_>,
) -> Result<Script<'s>, Failed> {
    let source = add(text, None, context);
    let mut commands = Vec::new();
    parse(source, text.bytes, Rule::script, context, &mut |builder, nodes| {
        builder.commands(nodes, &mut commands)
    })?;
    Ok(Script { commands })
}

/// Parses a version script, as of `--version-script`.
///
/// # Errors
/// It is none. All has been said.
pub fn parse_version_script<'s>(
    text: Text<'s>,
    context: &mut Context<'s, '_>,
) -> Result<VersionScript<'s>, Failed> {
    let source = add(text, None, context);
    let mut script = VersionScript::default();
    parse(source, text.bytes, Rule::version_script, context, &mut |builder, nodes| {
        script = builder.version_script(nodes)?;
        Ok(())
    })?;
    Ok(script)
}

/// Parses the list of `--dynamic-list`: nodes without names and without locals.
///
/// # Errors
/// It is none. All has been said.
pub fn parse_dynamic_list<'s>(
    text: Text<'s>,
    context: &mut Context<'s, '_>,
) -> Result<VersionScript<'s>, Failed> {
    let source = add(text, None, context);
    let mut script = VersionScript::default();
    parse(source, text.bytes, Rule::dynamic_list, context, &mut |builder, nodes| {
        script = builder.dynamic_list(nodes)?;
        Ok(())
    })?;
    Ok(script)
}

/// Parses `symbol=expression`, the argument of `--defsym`.
///
/// # Errors
/// It is none. All has been said.
pub fn parse_definition<'s>(
    text: Text<'s>,
    context: &mut Context<'s, '_>,
) -> Result<(Word<'s>, Expr<'s>), Failed> {
    let source = add(text, None, context);
    let mut result = None;
    parse(source, text.bytes, Rule::definition_of_symbol, context, &mut |builder, nodes| {
        result = builder.definition_of_symbol(nodes)?;
        Ok(())
    })?;
    result.ok_or(Failed)
}

/// Parses an expression alone.
///
/// # Errors
/// It is none. All has been said.
pub fn parse_expression<'s>(
    text: Text<'s>,
    context: &mut Context<'s, '_>,
) -> Result<Expr<'s>, Failed> {
    let source = add(text, None, context);
    let mut result = None;
    parse(source, text.bytes, Rule::expression_alone, context, &mut |builder, nodes| {
        let node = nodes.next();
        result = node.map(|node| builder.expression(node)).transpose()?;
        Ok(())
    })?;
    result.ok_or(Failed)
}

fn add<'s>(text: Text<'s>, at: Option<Span>, context: &mut Context<'s, '_>) -> SourceId {
    context.sources.add(Source { name: text.name, text: text.bytes, included_at: at })
}

type Nodes<'t, 'i> = super::generated::Nodes<'t, 'i, Rule>;

/// Parses a text with a rule and has `build` make something of its nodes.
fn parse<'s>(
    source: SourceId,
    text: &'s [u8],
    rule: Rule,
    context: &mut Context<'s, '_>,
    build: &mut dyn FnMut(&mut Builder<'s, '_, '_>, &mut Nodes<'_, '_>) -> Result<(), Wrong>,
) -> Result<(), Failed> {
    if text.len() > MOST_BYTES {
        let place = Span { source, start: 0, end: 0 };
        failure::say(context, rule, &Wrong::syntax(place), "the script is larger than 4 GiB");
        return Err(Failed);
    }
    let mut ascii = masked(text);
    let mut ignored = 0usize;
    let limits = Limits { depth: DEPTH, ..Limits::default() };
    let wrong = loop {
        match Parser::parse_within(limits, rule, &ascii) {
            Ok(tree) => break built(source, text, &tree, context, build),
            Err(failed) => {
                if ignored < MOST_IGNORED
                    && let Some((at, warning)) =
                        failure::ignorable(context, source, text, rule, &failed)
                {
                    if let Some(warning) = warning {
                        context.diagnostics.placed(Severity::Warning, warning);
                    }
                    ascii = Cow::Owned(without(&ascii, at));
                    ignored = ignored.saturating_add(1);
                    continue;
                }
                failure::say_failed(context, source, rule, &failed);
                return Err(Failed);
            }
        }
    };
    wrong.map_err(|wrong| {
        if !wrong.is_said {
            failure::say(context, rule, &wrong, "");
        }
        Failed
    })
}

fn built<'s>(
    source: SourceId,
    text: &'s [u8],
    tree: &Tree<'_, Rule>,
    context: &mut Context<'s, '_>,
    build: &mut dyn FnMut(&mut Builder<'s, '_, '_>, &mut Nodes<'_, '_>) -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    let mut builder = Builder::new(source, text, context);
    build(&mut builder, &mut tree.roots())
}

/// The text with DEL, which means nothing, in the place of bytes that are not ASCII: offsets in it
/// are those in the text.
fn masked(text: &[u8]) -> Cow<'_, str> {
    if text.is_ascii()
        && let Ok(text) = std::str::from_utf8(text)
    {
        return Cow::Borrowed(text);
    }
    let mask = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { '\x7f' };
    Cow::Owned(text.iter().map(mask).collect())
}

/// The text with a blank in the place of the byte at `at`.
fn without(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    if let Some(byte) = bytes.get_mut(at) {
        *byte = b' ';
    }
    String::from_utf8(bytes).unwrap_or_default()
}

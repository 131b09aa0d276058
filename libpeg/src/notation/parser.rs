//! Statements of a text, block by block.

use std::sync::Arc;

use rayon::prelude::*;

use super::blocks::{Cursor, End, Extent, Piece, keyword, next_piece};
use super::budget::{Account, Budget};
use super::heads::{Body, Builder, What, quick};
use super::hex;
use super::lexical;
use super::options::Options;
use super::outline::{Outline, Wrong};
use super::rules::Rule;
use super::scope::Scope;
use super::tree::{Bytes, Statement, Term, TermKind};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{SourceId, SourceMap};

/// Blocks with more text than this are read by several threads.
const PARALLEL: usize = 512 << 10;
/// Text of a block that one thread reads at a time.
const CHUNK: usize = 128 << 10;
/// How deep blocks of all kinds lie in each other, all expansions counted.
const MAX_LEVEL: u32 = 128;
/// Bytes that a statement and a term take.
const STATEMENT: u64 = 80;
const TERM: u64 = 48;

/// What all threads share.
pub struct Shared<'p, 's> {
    pub sources: &'s SourceMap,
    pub options: &'p Options<'p>,
    pub account: &'p Account,
}

/// One thread's reader.
pub struct Parser<'p, 's> {
    pub shared: &'p Shared<'p, 's>,
    pub diagnostics: Diagnostics,
    pub budget: Budget<'p>,
    /// Terms of the statement that is being read.
    terms: Vec<Term<'s>>,
}

/// Where a block lies.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Blocks around it.
    pub level: u32,
    /// Expansions around it.
    pub depth: u32,
    /// It is only looked through for errors: nothing in it is carried out.
    pub check: bool,
}

impl<'p, 's> Parser<'p, 's> {
    pub fn new(shared: &'p Shared<'p, 's>) -> Self {
        Self {
            shared,
            diagnostics: Diagnostics::with_cap(shared.options.cap),
            budget: Budget::new(shared.account),
            terms: Vec::new(),
        }
    }

    pub fn report(&mut self, error: Diagnostic) {
        if self.shared.account.may_tell() {
            self.diagnostics.push(error);
        }
    }

    /// Reports what is wrong with the structure of a text.
    pub fn report_flaws(&mut self, body: &Body<'s>) {
        for flaw in &body.outline.flaws {
            let at = flaw.at as usize;
            let span = body.span(at, at.saturating_add(1));
            let error = |message: &str| Diagnostic::error(span, message);
            self.report(match flaw.wrong {
                Wrong::OpenComment => error("this comment is not closed").hint("it ends with `*/`"),
                Wrong::OpenBlock => error("this `{` is not closed"),
                Wrong::OpenHex => error("this hex run is not closed").hint("it ends with `}`"),
                Wrong::StrayClose => error("this `}` closes nothing"),
                Wrong::TooDeep => error("blocks lie too deep in each other"),
            });
        }
    }

    /// The statements of a whole text.
    pub fn text(
        &mut self,
        body: &Body<'s>,
        scope: &mut Scope<'_, 's>,
        place: Place,
    ) -> Vec<Statement<'s>> {
        self.block(body, scope, Extent::whole(body.text, &body.outline), place)
    }

    /// The statements of a block.
    pub fn block(
        &mut self,
        body: &Body<'s>,
        scope: &mut Scope<'_, 's>,
        extent: Extent,
        place: Place,
    ) -> Vec<Statement<'s>> {
        let mut statements = Vec::new();
        if place.level > MAX_LEVEL {
            let at = extent.from.at;
            let span = body.span(at.saturating_sub(1), at);
            self.report(Diagnostic::error(span, "blocks lie too deep in each other"));
            return statements;
        }
        let large = extent.len() > PARALLEL;
        let mut chunks: Vec<Extent> = Vec::new();
        let mut start = extent.from;
        let mut cursor = start;
        loop {
            let before = cursor;
            let Some(piece) = next_piece(body.text, &body.outline, &mut cursor, extent.to) else {
                break;
            };
            if self.shared.account.stopped() {
                return statements;
            }
            if let Some(keyword) = keyword(body.text, &piece) {
                if before != start {
                    chunks.push(Extent { from: start, to: before });
                }
                self.chunks(body, scope, &mut chunks, place, &mut statements);
                let rest = Extent { from: cursor, to: extent.to };
                cursor = self.built_in(keyword, body, scope, &piece, rest, place, &mut statements);
                start = cursor;
            } else if !large {
                statements.extend(self.statement(body, scope, &piece, place));
                start = cursor;
            } else if cursor.at.saturating_sub(start.at) > CHUNK {
                chunks.push(Extent { from: start, to: cursor });
                start = cursor;
            }
        }
        if start != cursor {
            chunks.push(Extent { from: start, to: cursor });
        }
        self.chunks(body, scope, &mut chunks, place, &mut statements);
        statements
    }

    /// Reads parts of a block that hold no statements of the notation, on several threads.
    fn chunks(
        &mut self,
        body: &Body<'s>,
        scope: &Scope<'_, 's>,
        chunks: &mut Vec<Extent>,
        place: Place,
        statements: &mut Vec<Statement<'s>>,
    ) {
        let chunks = std::mem::take(chunks);
        if let [one] = chunks.as_slice() {
            statements.extend(self.plain(body, scope, *one, place));
            return;
        }
        let shared = self.shared;
        let read = |chunk: Extent| {
            let mut parser = Parser::new(shared);
            let statements = parser.plain(body, scope, chunk, place);
            (statements, parser.diagnostics)
        };
        let parts: Vec<_> = chunks.into_par_iter().map(read).collect();
        statements.reserve(parts.iter().map(|(part, _)| part.len()).sum());
        for (part, diagnostics) in parts {
            statements.extend(part);
            self.diagnostics.append(diagnostics);
        }
    }

    /// Statements of the vocabulary only.
    fn plain(
        &mut self,
        body: &Body<'s>,
        scope: &Scope<'_, 's>,
        extent: Extent,
        place: Place,
    ) -> Vec<Statement<'s>> {
        let mut statements = Vec::new();
        let mut cursor: Cursor = extent.from;
        while let Some(piece) = next_piece(body.text, &body.outline, &mut cursor, extent.to) {
            if self.shared.account.stopped() {
                break;
            }
            statements.extend(self.statement(body, scope, &piece, place));
        }
        statements
    }

    /// A statement of the vocabulary; `None` if there is an error in its head.
    fn statement(
        &mut self,
        body: &Body<'s>,
        scope: &Scope<'_, 's>,
        piece: &Piece,
        place: Place,
    ) -> Option<Statement<'s>> {
        let head = self.head(body, scope, piece, place.check);
        let head = head.map_err(|error| self.report(error));
        // The block of a bad head is read for its own errors.
        let block = piece.body().map(|extent| {
            let mut inner = Scope::inside(scope);
            let place = Place { level: place.level.saturating_add(1), ..place };
            self.block(body, &mut inner, extent, place)
        });
        let terms = head.ok()??;
        Some(Statement { terms, block, span: body.span(piece.from, piece.to) })
    }

    /// The terms of a head; `None` if what is wrong with it is reported already.
    fn head(
        &mut self,
        body: &Body<'s>,
        scope: &Scope<'_, 's>,
        piece: &Piece,
        check: bool,
    ) -> Result<Option<Vec<Term<'s>>>, Diagnostic> {
        let span = body.span(piece.from, piece.to);
        match piece.end {
            End::Bytes => return self.bytes(body, piece),
            End::Stray => return Ok(None),
            End::Missing => return missing(body, piece).map_or(Ok(None), Err),
            End::Semicolon | End::Block(..) => {}
        }
        if piece.from == piece.to {
            let sign = if piece.end == End::Semicolon { ";" } else { "{" };
            let at = body.span(piece.from, piece.from.saturating_add(1));
            return Err(Diagnostic::error(at, format!("expected a statement, found `{sign}`")));
        }
        self.terms.clear();
        if quick(body, scope, piece, &mut self.terms).is_none() {
            self.terms.clear();
            let what: What<'_> = (Rule::only_head, piece.from, &["`;`", "`{`"]);
            let terms = &mut self.terms;
            Builder::run(body, scope, &mut self.budget, check, what, piece, |builder, pairs| {
                builder.head(pairs, terms)
            })?;
        }
        let terms: Vec<Term<'s>> = self.terms.drain(..).collect();
        let cost = TERM.saturating_mul(terms.len() as u64).saturating_add(STATEMENT);
        let inside: u64 = terms.iter().map(inside).sum();
        if check {
            self.budget.work(terms.len() as u64, span)?;
        } else {
            self.budget.charge(cost.saturating_add(inside), span)?;
        }
        Ok(Some(terms))
    }

    /// The term of a hex run that is a statement.
    fn bytes(
        &mut self,
        body: &Body<'s>,
        piece: &Piece,
    ) -> Result<Option<Vec<Term<'s>>>, Diagnostic> {
        let span = body.span(piece.from, piece.to);
        let mark = body.outline.get(piece.first_mark);
        // One that is not closed is reported already.
        let Some(mark) = mark.filter(|mark| (mark.link as usize) < body.text.len()) else {
            return Ok(None);
        };
        let from = (mark.at as usize).saturating_add(1);
        let digits = body.get(from, mark.link as usize);
        let bytes =
            hex::decode(digits.as_bytes()).map_err(|fault| body.fault(from, fault, "hex"))?;
        let cost = STATEMENT.saturating_add(TERM).saturating_add(bytes.len() as u64);
        self.budget.charge(cost, span)?;
        Ok(Some(vec![Term { kind: TermKind::Hex(Bytes::from(bytes)), span }]))
    }
}

/// Bytes that a term takes beside itself.
fn inside(term: &Term<'_>) -> u64 {
    match &term.kind {
        TermKind::Word(_) | TermKind::Int(_) => 0,
        TermKind::Str(bytes) => bytes.len() as u64,
        TermKind::Hex(bytes) => bytes.len() as u64,
        TermKind::List(terms) => terms.iter().map(|one| inside(one).saturating_add(TERM)).sum(),
        TermKind::Attr(_, value) => inside(value).saturating_add(TERM),
        // Charged while it was built.
        TermKind::Expr(_) => 0,
    }
}

/// The error about a statement that its block or text ends before it does.
pub fn missing(body: &Body<'_>, piece: &Piece) -> Option<Diagnostic> {
    // The end is most likely what the string took.
    let open = body.outline.open_string.map(|at| at as usize);
    if let Some(at) = open.filter(|at| (piece.from..piece.to).contains(at)) {
        return Some(open_string(body, at));
    }
    if body.outline.torn {
        return None;
    }
    let end = body.span(piece.to, piece.to);
    Some(Diagnostic::error(end, "expected `;` at the end of the statement").rule("statement"))
}

/// The error about a string without an end that starts at `at`.
pub fn open_string(body: &Body<'_>, at: usize) -> Diagnostic {
    let rest = body.text.as_bytes().get(at..).unwrap_or_default();
    let span = body.span(at, at.saturating_add(lexical::line_length(rest)));
    Diagnostic::error(span, "this string does not end in its line")
        .rule("string")
        .hint("a line end in a string is written \\n")
}

/// The text of a view, ready to be read.
pub fn body(sources: &SourceMap, view: SourceId) -> Body<'_> {
    let text = sources.text(view);
    let outline = Arc::new(Outline::new(text.as_bytes()));
    Body { sources, view, text, outline }
}

/// A place without expansions.
pub const TOP: Place = Place { level: 0, depth: 0, check: false };

//! The statements of the notation itself: constants, conditions, repetition, templates, includes.

use std::path::{Path, PathBuf};

use super::blocks::{Cursor, End, Extent, Keyword, Piece, keyword, next_piece};
use super::expr::{NoNames, eval};
use super::heads::{Body, Builder, What, head_parts};
use super::lexical::{skip_trivia, word_length};
use super::parser::{Parser, Place, body, missing};
use super::rules::Rule;
use super::scope::{Scope, Template};
use super::tree::{Statement, Term, TermKind};
use crate::diagnostic::Diagnostic;
use crate::source::{Origin, SourceId, Span, reason};

/// Bytes that a view takes: the use of a template, a repetition or an include has one.
const VIEW: u64 = 112;
/// Work of an expansion, in the unit of [`super::Limits::work`].
const EXPANSION: u64 = 32;
/// Work of an include: its name is looked up.
const INCLUDE: u64 = 512;
/// Work of a turn of a repetition.
const TURN: u64 = 2;

/// A template's head: its name and parameters with their places.
type Signature<'s> = (&'s str, Vec<(&'s str, Span)>);

impl<'s> Parser<'_, 's> {
    /// Carries out a statement of the notation. Adds what it expands to, and gives the place behind
    /// it: that of `if` takes in the statements `else` from `rest`.
    #[expect(clippy::too_many_arguments, reason = "a statement, and all that is around it")]
    pub fn built_in(
        &mut self,
        keyword: Keyword,
        body: &Body<'s>,
        scope: &mut Scope<'_, 's>,
        piece: &Piece,
        rest: Extent,
        place: Place,
        out: &mut Vec<Statement<'s>>,
    ) -> Cursor {
        let around = Around { body, piece, place };
        let result = match keyword {
            Keyword::If => return self.condition(scope, around, rest, out),
            _ if piece.end == End::Stray => Ok(()),
            Keyword::Include => self.include(scope, around, out),
            Keyword::Let | Keyword::Default => self.constant(scope, around, keyword),
            Keyword::Repeat => self.repetition(scope, around, out),
            Keyword::Def => self.definition(scope, around),
            Keyword::Use => self.expansion(scope, around, out),
            Keyword::Else => Err(Diagnostic::error(around.word(), "there is no `if` before this")
                .rule("condition")
                .hint("`else` follows the block of `if`, without a `;` between them")),
        };
        if let Err(error) = result {
            self.report(error);
            // For its own errors.
            if let Some(extent) = piece.body().filter(|_| keyword != Keyword::Repeat) {
                self.look_through(body, scope, extent, place);
            }
        }
        rest.from
    }

    /// Reads a block for its errors only.
    fn look_through(
        &mut self,
        body: &Body<'s>,
        scope: &Scope<'_, 's>,
        extent: Extent,
        place: Place,
    ) {
        let mut inner = Scope::inside(scope);
        let place = Place { level: place.level.saturating_add(1), check: true, ..place };
        self.block(body, &mut inner, extent, place);
    }

    // --- Includes --------------------------------------------------------------------------------

    fn include(
        &mut self,
        scope: &mut Scope<'_, 's>,
        around: Around<'_, 's>,
        out: &mut Vec<Statement<'s>>,
    ) -> Result<(), Diagnostic> {
        let Around { body: from, piece, place } = around;
        around.ends_with_semicolon()?;
        let what: What<'_> = (Rule::only_include, piece.from, &["`;`"]);
        let name = self.read(scope, around, what, |builder, pairs| {
            head_parts(pairs).next().map(|name| builder.term(name)).transpose()
        })?;
        let Some(Term { kind: TermKind::Str(name), span }) = name else { return Ok(()) };
        if place.check {
            return Ok(());
        }
        let inner = self.deeper(place, span)?;
        self.shared.account.expand(1, span)?;
        self.budget.charge(VIEW, span)?;
        let view = self.included(from.view, &name, span)?;
        let length = self.shared.sources.text(view).len();
        self.budget.work(sweep(length).saturating_add(INCLUDE), span)?;
        let text = body(self.shared.sources, view);
        self.report_flaws(&text);
        out.extend(self.text(&text, scope, inner));
        Ok(())
    }

    /// The view of a file that is included at `span`.
    fn included(&self, from: SourceId, name: &[u8], span: Span) -> Result<SourceId, Diagnostic> {
        let sources = self.shared.sources;
        let name = std::str::from_utf8(name).unwrap_or("");
        if name.is_empty() || name.contains('\0') {
            return Err(Diagnostic::error(span, "this is not the name of a file").rule("include"));
        }
        let folder = sources.path(from).and_then(Path::parent);
        let path = folder.map_or_else(|| PathBuf::from(name), |folder| folder.join(name));
        if let Some(known) = sources.find_path(&path) {
            if sources.encloses(known, from) {
                let error = Diagnostic::error(span, format!("`{name}` includes itself"));
                return Err(error.rule("include"));
            }
            let view = sources.derive(known, Origin::Include(span));
            return view.ok_or_else(|| Diagnostic::error(span, "too many expansions"));
        }
        let bytes = self.shared.options.files.read(&path).map_err(|error| {
            let message = format!("cannot read {}: {}", path.display(), reason(&error));
            Diagnostic::error(span, message).rule("include")
        })?;
        self.shared.account.allow(bytes.len());
        let shown = path.display().to_string();
        sources.add_text(&shown, Some(path), bytes, Origin::Include(span))
    }

    // --- Constants -------------------------------------------------------------------------------

    fn constant(
        &mut self,
        scope: &mut Scope<'_, 's>,
        around: Around<'_, 's>,
        keyword: Keyword,
    ) -> Result<(), Diagnostic> {
        around.ends_with_semicolon()?;
        let what: What<'_> = (Rule::only_constant, around.piece.from, &["`;`"]);
        let read = self.read(scope, around, what, |builder, pairs| {
            let mut parts = head_parts(pairs);
            let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
                return Ok(None);
            };
            let place = builder.span(&name);
            let (term, levels) = builder.value(value)?;
            Ok(Some((builder.source(place), place, term, levels)))
        })?;
        let Some((name, place, value, levels)) = read else { return Ok(()) };
        if around.place.check {
            return Ok(());
        }
        if keyword == Keyword::Default {
            if scope.constant(name).is_none() {
                scope.set(name, value.kind, levels, Some(place));
            }
            return Ok(());
        }
        match scope.own(name).map(|known| known.place) {
            None => {
                scope.set(name, value.kind, levels, Some(place));
                Ok(())
            }
            Some(Some(first)) => {
                let error = Diagnostic::error(place, format!("`{name}` has a value already"));
                Err(error.rule("constant").note(first, "it was given here"))
            }
            Some(None) => {
                let message = format!("`{name}` is fixed here, and given from outside too");
                Err(Diagnostic::error(place, message)
                    .rule("constant")
                    .hint("`default` makes a constant that can be given from outside"))
            }
        }
    }

    // --- Conditions ------------------------------------------------------------------------------

    /// `if`, and every `else` that belongs to it.
    fn condition(
        &mut self,
        scope: &mut Scope<'_, 's>,
        first: Around<'_, 's>,
        rest: Extent,
        out: &mut Vec<Statement<'s>>,
    ) -> Cursor {
        let body = first.body;
        let mut cursor = rest.from;
        let mut piece = *first.piece;
        let mut from = piece.from;
        let mut taken = first.place.check;
        loop {
            let around = Around { piece: &piece, ..first };
            let chosen = if from == usize::MAX {
                // The last `else`.
                around.ends_with_block("condition").map(|()| !taken)
            } else {
                self.test(scope, around, from).map(|value| value && !taken)
            };
            let chosen = chosen.unwrap_or_else(|error| {
                self.report(error);
                // Whether others would have been chosen is not known.
                taken = true;
                false
            });
            if let Some(extent) = piece.body() {
                if chosen {
                    taken = true;
                    match self.deeper(first.place, around.word()) {
                        // In the scope around it: constants that it makes are there behind it.
                        Ok(place) => out.extend(self.block(body, scope, extent, place)),
                        Err(error) => self.report(error),
                    }
                } else {
                    self.look_through(body, scope, extent, first.place);
                }
            }
            if from == usize::MAX || !matches!(piece.end, End::Block(_, false)) {
                return cursor;
            }
            // What follows: `else`, `else if`, or another statement.
            let mut next = cursor;
            let Some(found) = next_piece(body.text, &body.outline, &mut next, rest.to) else {
                return cursor;
            };
            if keyword(body.text, &found) != Some(Keyword::Else) {
                return cursor;
            }
            cursor = next;
            piece = found;
            let bytes = body.text.as_bytes().get(..piece.to).unwrap_or_default();
            let behind = skip_trivia(bytes, piece.from.saturating_add("else".len()));
            let tail = bytes.get(behind..).unwrap_or_default();
            from = if tail.is_empty() {
                usize::MAX
            } else {
                if tail.get(..word_length(tail)) != Some(b"if".as_slice()) {
                    let span = body.span(behind, piece.to);
                    let error = Diagnostic::error(span, "expected `{` or `if` after `else`");
                    self.report(error.rule("condition"));
                    return cursor;
                }
                behind
            };
        }
    }

    /// Whether the condition of an `if` that starts at `from` holds.
    fn test(
        &mut self,
        scope: &Scope<'_, 's>,
        around: Around<'_, 's>,
        from: usize,
    ) -> Result<bool, Diagnostic> {
        around.ends_with_block("condition")?;
        let what: What<'_> = (Rule::only_if, from, &["`{`"]);
        let term = self.read(scope, around, what, |builder, pairs| {
            head_parts(pairs).next().map(|value| builder.term(value)).transpose()
        })?;
        match term {
            Some(term) if !around.place.check => Ok(known(&term, "condition")? != 0),
            _ => Ok(false),
        }
    }

    // --- Repetition ------------------------------------------------------------------------------

    fn repetition(
        &mut self,
        scope: &mut Scope<'_, 's>,
        around: Around<'_, 's>,
        out: &mut Vec<Statement<'s>>,
    ) -> Result<(), Diagnostic> {
        let Around { body, piece, place } = around;
        let range = self.range(scope, around);
        let Some(extent) = piece.body() else {
            range?;
            return around.ends_with_block("repetition");
        };
        let (variable, first, count) = match range {
            Ok(range) if !place.check => range,
            other => {
                self.look_through(body, scope, extent, place);
                return other.map(|_| ());
            }
        };
        let span = around.word();
        let inner = self.deeper(place, span)?;
        let every = sweep(extent.len()).saturating_add(TURN);
        let units = u64::try_from(count).unwrap_or(u64::MAX);
        self.shared.account.expand(units, span)?;
        self.shared.account.work(units.saturating_mul(every), span)?;
        self.budget.charge(VIEW, span)?;
        let too_many = || Diagnostic::error(span, "too many expansions");
        let turns = u32::try_from(count).map_err(|_| too_many())?;
        if turns == 0 {
            self.look_through(body, scope, extent, place);
            return Ok(());
        }
        let origin = Origin::Repeat(variable.map(ToOwned::to_owned), first, span);
        let views = self.shared.sources.derive_turns(body.view, turns, origin);
        let views = views.ok_or_else(too_many)?;
        let errors = self.diagnostics.errors();
        for turn in 0..turns {
            let view = SourceId(views.0.saturating_add(turn));
            let body = Body { view, ..body.clone() };
            let mut names = Scope::inside(scope);
            if let Some(variable) = variable {
                let value = first.saturating_add(i128::from(turn));
                names.set(variable, TermKind::Int(value), 1, Some(span));
            }
            out.extend(self.block(&body, &mut names, extent, inner));
            // The other turns would only say the same.
            if self.diagnostics.errors() != errors || self.shared.account.stopped() {
                break;
            }
        }
        Ok(())
    }

    /// The variable, its first value and the number of turns.
    fn range(
        &mut self,
        scope: &Scope<'_, 's>,
        around: Around<'_, 's>,
    ) -> Result<(Option<&'s str>, i128, i128), Diagnostic> {
        let what: What<'_> = (Rule::only_repeat, around.piece.from, &["`{`"]);
        let (variable, terms) = self.read(scope, around, what, |builder, pairs| {
            let mut variable = None;
            let mut terms = Vec::new();
            for pair in head_parts(pairs) {
                match pair.as_rule() {
                    Rule::variable => variable = Some(builder.source(builder.span(&pair))),
                    Rule::bound => terms.push(builder.bound(pair)?),
                    _ => terms.push(builder.term(pair)?),
                }
            }
            Ok((variable, terms))
        })?;
        if around.place.check {
            return Ok((None, 0, 0));
        }
        let mut values = Vec::new();
        for term in &terms {
            values.push(known(term, "repetition")?);
        }
        match (values.as_slice(), terms.first()) {
            ([count], Some(term)) if *count < 0 => {
                let message = format!("{count} is no number of times");
                Err(Diagnostic::error(term.span, message).rule("repetition"))
            }
            ([count], _) => Ok((variable, 0, *count)),
            ([from, to], _) => Ok((variable, *from, to.saturating_sub(*from).max(0))),
            _ => Ok((variable, 0, 0)),
        }
    }

    // --- Templates -------------------------------------------------------------------------------

    fn definition(
        &mut self,
        scope: &mut Scope<'_, 's>,
        around: Around<'_, 's>,
    ) -> Result<(), Diagnostic> {
        let Around { body, piece, place } = around;
        around.ends_with_block("definition")?;
        let Some(extent) = piece.body() else { return Ok(()) };
        let what: What<'_> = (Rule::only_definition, piece.from, &["`{`"]);
        let read = self.read(scope, around, what, |builder, pairs| {
            let words = head_parts(pairs).map(|word| builder.span(&word));
            let mut words = words.map(|place| (builder.source(place), place));
            Ok(words.next().map(|(name, _)| (name, words.collect())))
        })?;
        let Some((name, parameters)): Option<Signature<'s>> = read else { return Ok(()) };
        let mut seen: Vec<&str> = Vec::new();
        for (parameter, span) in &parameters {
            if seen.contains(parameter) {
                let message = format!("there are two parameters `{parameter}`");
                return Err(Diagnostic::error(*span, message).rule("definition"));
            }
            seen.push(parameter);
        }
        let errors = self.diagnostics.errors();
        self.look_through(body, scope, extent, place);
        let span = body.span(piece.from, piece.to);
        let template = Template {
            parameters: seen,
            view: body.view,
            text: body.text,
            outline: body.outline.clone(),
            body: *piece,
            place: span,
            broken: self.diagnostics.errors() != errors,
        };
        match scope.add_template(name, template) {
            Some(first) if !place.check => {
                let message = format!("there is a template `{name}` already");
                let error = Diagnostic::error(span, message).rule("definition");
                self.report(error.note(first, "it was defined here"));
            }
            _ => {}
        }
        Ok(())
    }

    fn expansion(
        &mut self,
        scope: &mut Scope<'_, 's>,
        around: Around<'_, 's>,
        out: &mut Vec<Statement<'s>>,
    ) -> Result<(), Diagnostic> {
        let Around { piece, place, .. } = around;
        around.ends_with_semicolon()?;
        let what: What<'_> = (Rule::only_expansion, piece.from, &["`;`"]);
        let read = self.read(scope, around, what, |builder, pairs| {
            let mut parts = head_parts(pairs);
            let Some(name) = parts.next() else { return Ok(None) };
            let name = builder.span(&name);
            let args: Result<Vec<_>, _> = parts.map(|arg| builder.value(arg)).collect();
            Ok(Some((builder.source(name), name, args?)))
        })?;
        let Some((name, name_place, args)) = read else { return Ok(()) };
        if place.check {
            return Ok(());
        }
        let span = around.body.span(piece.from, piece.to);
        let Some(template) = scope.template(name).cloned() else {
            let error = Diagnostic::error(name_place, format!("there is no template `{name}`"));
            return Err(error.rule("expansion").hint("`def` makes one, before its first use"));
        };
        let expected = template.parameters.len();
        if args.len() != expected {
            let plural = if expected == 1 { "" } else { "s" };
            let message = format!("`{name}` takes {expected} argument{plural}, not {}", args.len());
            let error = Diagnostic::error(span, message).rule("expansion");
            return Err(error.note(template.place, "it is defined here"));
        }
        // Its errors are reported already.
        let Some(extent) = template.body.body().filter(|_| !template.broken) else {
            return Ok(());
        };
        let inner = self.deeper(place, span)?;
        self.shared.account.expand(1, span)?;
        self.budget.charge(VIEW.saturating_add(name.len() as u64), span)?;
        self.budget.work(sweep(extent.len()).saturating_add(EXPANSION), span)?;
        let view = self.shared.sources.derive(template.view, Origin::Use(name.to_owned(), span));
        let Some(view) = view else {
            return Err(Diagnostic::error(span, "too many expansions"));
        };
        let mut names = Scope::inside(scope);
        for (parameter, (arg, levels)) in template.parameters.iter().zip(args) {
            names.set(parameter, arg.kind, levels, Some(span));
        }
        let sources = self.shared.sources;
        let body = Body { sources, view, text: template.text, outline: template.outline };
        out.extend(self.block(&body, &mut names, extent, inner));
        Ok(())
    }

    // --- What they share -------------------------------------------------------------------------

    /// Runs a rule on the head.
    fn read<R>(
        &mut self,
        scope: &Scope<'_, 's>,
        around: Around<'_, 's>,
        what: What<'_>,
        build: impl FnOnce(
            &mut Builder<'_, '_, 's>,
            pest::iterators::Pairs<'_, Rule>,
        ) -> Result<R, Diagnostic>,
    ) -> Result<R, Diagnostic> {
        let Around { body, piece, place } = around;
        Builder::run(body, scope, &mut self.budget, place.check, what, piece, build)
    }

    /// The place of a block that a statement at `span` puts in.
    fn deeper(&self, place: Place, span: Span) -> Result<Place, Diagnostic> {
        let account = self.shared.account;
        if place.depth >= account.limits().depth {
            return Err(account.too_deep(span));
        }
        Ok(Place {
            level: place.level.saturating_add(1),
            depth: place.depth.saturating_add(1),
            ..place
        })
    }
}

/// A statement and where it stands.
#[derive(Clone, Copy)]
struct Around<'a, 's> {
    body: &'a Body<'s>,
    piece: &'a Piece,
    place: Place,
}

impl Around<'_, '_> {
    /// The place of the keyword, and of what follows on its line.
    fn word(&self) -> Span {
        self.body.span(self.piece.from, self.piece.to)
    }

    fn ends_with_semicolon(&self) -> Result<(), Diagnostic> {
        match self.piece.end {
            End::Block(extent, _) => {
                let at = extent.from.at.saturating_sub(1);
                let span = self.body.span(at, extent.from.at);
                Err(Diagnostic::error(span, "expected `;`, found `{`").rule("statement"))
            }
            End::Missing => missing(self.body, self.piece).map_or(Ok(()), Err),
            _ => Ok(()),
        }
    }

    fn ends_with_block(&self, rule: &str) -> Result<(), Diagnostic> {
        if self.piece.body().is_some() {
            return Ok(());
        }
        let span = self.body.span(self.piece.to, self.piece.to.saturating_add(1));
        Err(Diagnostic::error(span, "expected a block in `{` and `}`").rule(rule))
    }
}

/// The work of finding the statements in so many bytes, in the unit of [`super::Limits::work`].
fn sweep(bytes: usize) -> u64 {
    const BYTES_PER_UNIT: u64 = 32;
    bytes as u64 / BYTES_PER_UNIT
}

/// The number that decides what is read.
fn known(term: &Term<'_>, rule: &str) -> Result<i128, Diagnostic> {
    let result = match &term.kind {
        TermKind::Int(value) => Ok(*value),
        TermKind::Word(word) => {
            Err(Diagnostic::error(term.span, format!("`{word}` is not defined")))
        }
        TermKind::Expr(expr) => eval(expr, &mut NoNames),
        _ => term.value(&mut NoNames),
    };
    result.map_err(|error| {
        error
            .rule(rule)
            .hint("here, only constants are known: those of `let`, `repeat`, templates and -D")
    })
}

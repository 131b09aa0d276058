//! What a parser does at run time: the operations of a grammar on an input.
//!
//! This file serves twice: [`super::interpret`] runs grammars with it, and [`super::generate`]
//! copies what follows the next line into every module that it writes. So it needs nothing but the
//! standard library, and both mean the same.
// ---- copied from here ----

/// How far a parser goes before it gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rules inside rules.
    pub depth: u32,
    /// Rules that are tried in all.
    pub steps: u64,
    /// Nodes of the tree, and texts on the stack.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 1000, steps: u64::MAX, nodes: usize::MAX }
    }
}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::depth`].
    Depth,
    /// [`Limits::steps`].
    Steps,
    /// [`Limits::nodes`].
    Nodes,
}

/// Something that would have let a parser go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected<'i, R> {
    /// What a rule matches.
    Rule(R),
    /// This text.
    Text(&'i str),
    /// This text, in upper or lower case.
    AnyCase(&'i str),
    /// A character from the first to the last.
    Range(char, char),
    /// What the built-in rule of this name matches.
    Builtin(&'i str),
}

/// Why an input does not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure<'i, R> {
    /// The furthest place that was reached, in bytes.
    pub offset: usize,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1, in characters.
    pub column: usize,
    /// The innermost rule that was being matched there.
    pub rule: Option<R>,
    /// What could stand there.
    pub expected: Vec<Expected<'i, R>>,
    /// The limit that was reached, if the input was not read to its end.
    pub limit: Option<Limit>,
}

/// A stretch of the input that a rule matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Match<R> {
    rule: R,
    start: usize,
    end: usize,
    /// Where the first match behind this one and all inside it stands.
    next: usize,
}

/// What the rules of a grammar matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree<'i, R> {
    input: &'i str,
    end: usize,
    /// Each before those inside it.
    matches: Vec<Match<R>>,
}

/// A node of a tree: a rule and the text that it matched.
#[derive(Debug)]
pub struct Node<'t, 'i, R> {
    tree: &'t Tree<'i, R>,
    index: usize,
}

impl<R> Clone for Node<'_, '_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Node<'_, '_, R> {}

/// Nodes that stand side by side, in order.
#[derive(Clone, Debug)]
pub struct Nodes<'t, 'i, R> {
    tree: &'t Tree<'i, R>,
    next: usize,
    end: usize,
}

#[allow(dead_code)]
impl<'i, R: Copy> Tree<'i, R> {
    /// The nodes that stand in no other.
    pub fn roots(&self) -> Nodes<'_, 'i, R> {
        Nodes { tree: self, next: 0, end: self.matches.len() }
    }

    /// Where what was matched ends, in bytes; the input may go on.
    pub fn end(&self) -> usize {
        self.end
    }

    /// The text that was parsed.
    pub fn input(&self) -> &'i str {
        self.input
    }
}

#[allow(dead_code)]
impl<'t, 'i, R: Copy> Node<'t, 'i, R> {
    fn get(&self) -> Match<R> {
        self.tree.matches[self.index]
    }

    /// The rule.
    pub fn rule(&self) -> R {
        self.get().rule
    }

    /// Where it starts, in bytes.
    pub fn start(&self) -> usize {
        self.get().start
    }

    /// Where it ends, in bytes.
    pub fn end(&self) -> usize {
        self.get().end
    }

    /// The text that it matched.
    pub fn text(&self) -> &'i str {
        &self.tree.input[self.start()..self.end()]
    }

    /// Line and column of its start, from 1.
    pub fn line_column(&self) -> (usize, usize) {
        line_column(self.tree.input, self.start())
    }

    /// The nodes inside.
    pub fn children(&self) -> Nodes<'t, 'i, R> {
        Nodes { tree: self.tree, next: self.index + 1, end: self.get().next }
    }
}

impl<'t, 'i, R: Copy> Iterator for Nodes<'t, 'i, R> {
    type Item = Node<'t, 'i, R>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let node = Node { tree: self.tree, index: self.next };
        self.next = node.get().next;
        Some(node)
    }
}

/// Line and column of an offset, from 1; the column counts characters.
fn line_column(input: &str, offset: usize) -> (usize, usize) {
    let before = input.get(..offset).unwrap_or(input);
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

/// Whether white space is skipped between the parts of a sequence, and nodes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Atomicity {
    /// It is, and they are.
    NonAtomic,
    /// It is not, but nodes are made.
    Compound,
    /// Neither.
    Atomic,
}

/// The kind of a rule: see the modifiers in the grammar.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Silent,
    Atomic,
    CompoundAtomic,
    NonAtomic,
    /// Implicit white space that makes no node.
    SilentAtomic,
    /// Implicit white space that is called non-atomic, and is not.
    HiddenAtomic,
}

/// A state to come back to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    at: usize,
    matches: usize,
    top: usize,
    pushed: usize,
}

/// A parser at work. An operation that returns `false` has failed and left the place, the tree
/// and (where that is said) the stack as they were.
pub(crate) struct State<'i, R> {
    input: &'i str,
    at: usize,
    matches: Vec<Match<R>>,
    /// Texts that were pushed: start, end, and the place in this list, from 1, of the one below.
    /// What is popped stays here, so that to come back is to set `top`.
    pushed: Vec<(usize, usize, usize)>,
    /// The place of the top of the stack in `pushed`, from 1; 0 is the empty stack.
    top: usize,
    atomicity: Atomicity,
    /// Predicates around; in them no nodes are made.
    predicates: u32,
    /// Negative predicates and white space around; what fails in them explains nothing.
    quiet: u32,
    depth: u32,
    steps: u64,
    limits: Limits,
    limit: Option<Limit>,
    /// The rule that is being matched.
    rule: Option<R>,
    furthest: usize,
    furthest_rule: Option<R>,
    expected: Vec<Expected<'i, R>>,
}

/// More than this is not listed as expected.
const MOST_EXPECTED: usize = 64;

#[allow(dead_code)]
impl<'i, R: Copy + PartialEq> State<'i, R> {
    pub(crate) fn new(input: &'i str, limits: Limits) -> Self {
        Self {
            input,
            at: 0,
            matches: Vec::new(),
            pushed: Vec::new(),
            top: 0,
            atomicity: Atomicity::NonAtomic,
            predicates: 0,
            quiet: 0,
            depth: 0,
            steps: 0,
            limits,
            limit: None,
            rule: None,
            furthest: 0,
            furthest_rule: None,
            expected: Vec::new(),
        }
    }

    /// From here on, nothing is kept of what was expected.
    pub(crate) fn be_quiet(&mut self) {
        self.quiet += 1;
    }

    /// One character of a set; `full` is the same as operations, which tell what was expected.
    pub(crate) fn set(
        &mut self,
        matches: impl FnOnce(char) -> bool,
        full: impl FnOnce(&mut Self) -> bool,
    ) -> bool {
        if self.quiet == 0 { full(self) } else { self.character(matches) }
    }

    /// So many characters of a set and as many more as match; `full` is as in `set`.
    pub(crate) fn set_many(
        &mut self,
        min: u32,
        matches: impl Fn(char) -> bool,
        full: impl FnOnce(&mut Self) -> bool,
    ) -> bool {
        if self.quiet == 0 {
            return full(self);
        }
        let (mut length, mut count) = (0, 0);
        for character in self.rest().chars().take_while(|character| matches(*character)) {
            length += character.len_utf8();
            count += 1;
        }
        if count < min {
            return false;
        }
        self.at += length;
        // They count as all that is repeated does.
        self.steps += u64::from(count);
        true
    }

    /// The result, when the first rule has or has not matched.
    pub(crate) fn finish(self, matched: bool) -> Result<Tree<'i, R>, Failure<'i, R>> {
        if matched && self.limit.is_none() {
            return Ok(Tree { input: self.input, end: self.at, matches: self.matches });
        }
        let (line, column) = line_column(self.input, self.furthest);
        Err(Failure {
            offset: self.furthest,
            line,
            column,
            rule: self.furthest_rule,
            expected: self.expected,
            limit: self.limit,
        })
    }

    /// Goes one level down, if the limits allow it.
    pub(crate) fn enter(&mut self) -> bool {
        self.steps += 1;
        self.depth += 1;
        if self.limit.is_none() {
            if self.depth > self.limits.depth {
                self.limit = Some(Limit::Depth);
            } else if self.steps > self.limits.steps {
                self.limit = Some(Limit::Steps);
            } else if self.matches.len() + self.pushed.len() > self.limits.nodes {
                self.limit = Some(Limit::Nodes);
            }
            if self.limit.is_some() {
                // It is this place that the failure tells of.
                self.furthest = self.at;
                self.furthest_rule = self.rule;
                self.expected.clear();
            }
        }
        self.limit.is_none()
    }

    /// Goes one level up.
    pub(crate) fn leave(&mut self, matched: bool) -> bool {
        self.depth -= 1;
        matched && self.limit.is_none()
    }

    fn rest(&self) -> &'i str {
        &self.input[self.at..]
    }

    fn fail(&mut self, expected: Expected<'i, R>) -> bool {
        if self.quiet == 0 && self.at >= self.furthest && self.limit.is_none() {
            if self.at > self.furthest {
                self.furthest = self.at;
                self.expected.clear();
            }
            if self.expected.is_empty() {
                self.furthest_rule = self.rule;
            }
            if self.expected.len() < MOST_EXPECTED && !self.expected.contains(&expected) {
                self.expected.push(expected);
            }
        }
        false
    }

    pub(crate) fn literal(&mut self, text: &'i str) -> bool {
        if self.rest().starts_with(text) {
            self.at += text.len();
            return true;
        }
        self.fail(Expected::Text(text))
    }

    pub(crate) fn insensitive(&mut self, text: &'i str) -> bool {
        if self.rest().get(..text.len()).is_some_and(|rest| rest.eq_ignore_ascii_case(text)) {
            self.at += text.len();
            return true;
        }
        self.fail(Expected::AnyCase(text))
    }

    fn character(&mut self, matches: impl FnOnce(char) -> bool) -> bool {
        match self.rest().chars().next() {
            Some(character) if matches(character) => {
                self.at += character.len_utf8();
                true
            }
            _ => false,
        }
    }

    pub(crate) fn range(&mut self, first: char, last: char) -> bool {
        self.character(|character| first <= character && character <= last)
            || self.fail(Expected::Range(first, last))
    }

    /// A character that a built-in rule describes.
    pub(crate) fn class(&mut self, name: &'i str, matches: impl FnOnce(char) -> bool) -> bool {
        self.character(matches) || self.fail(Expected::Builtin(name))
    }

    pub(crate) fn newline(&mut self) -> bool {
        for text in ["\n", "\r\n", "\r"] {
            if self.rest().starts_with(text) {
                self.at += text.len();
                return true;
            }
        }
        self.fail(Expected::Builtin("NEWLINE"))
    }

    pub(crate) fn start_of_input(&mut self) -> bool {
        self.at == 0
    }

    /// The end of the input, for which a node stands.
    pub(crate) fn end_of_input(&mut self, rule: R) -> bool {
        self.rule(rule, Kind::Normal, |state| state.at == state.input.len())
    }

    /// Goes to the first place where one of `texts` stands, or to the end.
    pub(crate) fn until(&mut self, texts: &[&str]) -> bool {
        let rest = self.rest();
        let mut starts = rest.char_indices().map(|(start, _)| start);
        let found = match texts {
            [text] => rest.find(text),
            _ => starts.find(|&start| texts.iter().any(|text| rest[start..].starts_with(text))),
        };
        let length = found.unwrap_or(rest.len());
        self.at += length;
        // It may be long, and be done again and again.
        self.steps += (length / 64) as u64;
        true
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { at: self.at, matches: self.matches.len(), top: self.top, pushed: self.pushed.len() }
    }

    /// Comes back to a state, and fails.
    pub(crate) fn back(&mut self, mark: Mark) -> bool {
        self.at = mark.at;
        self.matches.truncate(mark.matches);
        self.pushed.truncate(mark.pushed);
        self.top = mark.top;
        false
    }

    /// All or nothing, the stack included.
    pub(crate) fn sequence(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        let mark = self.mark();
        body(self) || self.back(mark)
    }

    pub(crate) fn optional(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        body(self);
        self.limit.is_none()
    }

    /// `min` times and as many more as match. The white space before a turn that fails belongs to
    /// the repetition only if that turn is the first that need not be.
    pub(crate) fn many(
        &mut self,
        min: u32,
        skip: impl Fn(&mut Self) -> bool,
        body: impl Fn(&mut Self) -> bool,
    ) -> bool {
        let start = self.mark();
        let mut count: u32 = 0;
        loop {
            let before = self.mark();
            if count > 0 {
                skip(self);
            }
            let skipped = self.mark();
            let matched = body(self);
            // What changes nothing would go on for ever.
            if !matched || self.mark() == before {
                if !matched && count < min {
                    return self.back(start);
                }
                if count != min {
                    self.back(before);
                } else if !matched {
                    self.back(skipped);
                }
                return self.limit.is_none();
            }
            count = count.saturating_add(1);
        }
    }

    /// `min` times, and then up to `max` times in all.
    pub(crate) fn count(
        &mut self,
        min: u32,
        max: u32,
        skip: impl Fn(&mut Self) -> bool,
        body: impl Fn(&mut Self) -> bool,
    ) -> bool {
        let start = self.mark();
        for turn in 0..max {
            let before = self.mark();
            if turn > 0 {
                skip(self);
            }
            if !body(self) && turn < min {
                return self.back(start);
            }
            // All turns that follow would do the same.
            if turn > 0 && self.mark() == before {
                break;
            }
        }
        self.limit.is_none()
    }

    /// What matches here, without going on.
    pub(crate) fn and(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        let mark = self.mark();
        self.predicates += 1;
        let matched = body(self);
        self.predicates -= 1;
        self.back(mark);
        matched
    }

    /// What does not match here.
    pub(crate) fn not(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        self.quiet += 1;
        let matched = self.and(body);
        self.quiet -= 1;
        !matched && self.limit.is_none()
    }

    /// Restores the stack when `body` fails.
    pub(crate) fn restore(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        let mark = self.mark();
        body(self) || self.back(mark)
    }

    /// Implicit white space, which never fails.
    pub(crate) fn skip(&mut self, body: impl FnOnce(&mut Self)) -> bool {
        if self.atomicity == Atomicity::NonAtomic {
            self.quiet += 1;
            body(self);
            self.quiet -= 1;
        }
        true
    }

    /// A rule: what `body` matches, as a node if its kind makes one.
    pub(crate) fn rule(
        &mut self,
        rule: R,
        kind: Kind,
        body: impl FnOnce(&mut Self) -> bool,
    ) -> bool {
        if !self.enter() {
            return self.leave(false);
        }
        let atomicity = self.atomicity;
        match kind {
            Kind::CompoundAtomic => self.atomicity = Atomicity::Compound,
            Kind::NonAtomic => self.atomicity = Atomicity::NonAtomic,
            Kind::SilentAtomic | Kind::HiddenAtomic => self.atomicity = Atomicity::Atomic,
            Kind::Normal | Kind::Silent | Kind::Atomic => {}
        }
        let is_silent = matches!(kind, Kind::Silent | Kind::SilentAtomic);
        let is_node = !is_silent && self.predicates == 0 && self.atomicity != Atomicity::Atomic;
        // Of what is inside a token, messages say nothing.
        let is_named = !is_silent && self.atomicity != Atomicity::Atomic;
        let index = self.matches.len();
        let start = self.at;
        if is_node {
            self.matches.push(Match { rule, start, end: start, next: 0 });
        }
        if kind == Kind::Atomic {
            self.atomicity = Atomicity::Atomic;
        }
        let outer = self.rule;
        if is_named {
            self.rule = Some(rule);
        }
        let (furthest, expected) = (self.furthest, self.expected.len());

        let matched = body(self);

        self.rule = outer;
        self.atomicity = atomicity;
        if matched && is_node {
            let next = self.matches.len();
            let own = &mut self.matches[index];
            own.end = self.at;
            own.next = next;
        } else if is_node {
            self.matches.truncate(index);
        }
        if is_named && self.quiet == 0 && self.limit.is_none() {
            let is_token = matches!(kind, Kind::Atomic | Kind::CompoundAtomic);
            if matched && is_token && self.furthest == self.at {
                // That a token could have been longer explains nothing.
                self.expected.truncate(if furthest == self.at { expected } else { 0 });
            } else if !matched && self.furthest <= start {
                // The name of the rule says more than how it may start.
                if furthest == start {
                    self.expected.truncate(expected);
                } else if self.furthest == start {
                    self.expected.clear();
                }
                self.fail(Expected::Rule(rule));
            }
        }
        self.leave(matched)
    }

    pub(crate) fn push(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        let start = self.at;
        if !body(self) {
            return false;
        }
        self.pushed.push((start, self.at, self.top));
        self.top = self.pushed.len();
        true
    }

    /// Removes the top of the stack.
    fn take(&mut self) -> Option<&'i str> {
        let (start, end, below) = *self.pushed.get(self.top.checked_sub(1)?)?;
        self.top = below;
        self.input.get(start..end)
    }

    pub(crate) fn drop_top(&mut self) -> bool {
        self.take().is_some()
    }

    /// The top of the stack; an empty stack matches nothing.
    pub(crate) fn peek(&mut self) -> bool {
        let top = self.top;
        let matched = self.pop();
        self.top = top;
        matched
    }

    /// As `peek`; the top of the stack is gone even if it does not match.
    pub(crate) fn pop(&mut self) -> bool {
        match self.take() {
            Some(text) => self.literal(text),
            None => false,
        }
    }

    pub(crate) fn peek_all(&mut self) -> bool {
        let top = self.top;
        let matched = self.pop_all();
        self.top = top;
        matched
    }

    /// All of the stack from its top; what was matched is gone, even if something below does not.
    pub(crate) fn pop_all(&mut self) -> bool {
        let start = self.at;
        while let Some(text) = self.take() {
            self.steps += 1;
            if !self.literal(text) {
                self.at = start;
                return false;
            }
        }
        true
    }

    /// The part of the stack from `first` up to `last`, counted from its bottom, or from its top
    /// if negative.
    pub(crate) fn peek_slice(&mut self, first: i32, last: Option<i32>) -> bool {
        let top = self.top;
        let mut texts = Vec::new();
        while let Some(text) = self.take() {
            texts.push(text);
        }
        self.top = top;
        texts.reverse();
        self.steps += texts.len() as u64;
        let place = |index: i32| {
            let length = texts.len() as i64;
            let index = i64::from(index);
            let place = if index < 0 { length + index } else { index };
            usize::try_from(place).ok().filter(|_| place <= length)
        };
        let (Some(first), Some(last)) = (place(first), last.map_or(Some(texts.len()), place))
        else {
            return false;
        };
        let start = self.at;
        for text in texts.get(first..last).unwrap_or_default() {
            if !self.literal(text) {
                self.at = start;
                return false;
            }
        }
        true
    }
}

//! Reads a mangled name into nodes.
//!
//! The parser follows `itanium.grammar` production by production: a function has the name of its
//! production, looks at one or two bytes, and calls those of the productions that follow. What is
//! no such name ends with [`Error::NotMangled`] from wherever that is noticed.
//!
//! GNU's reader takes more than the grammar in places, and refuses what came after it; LLVM's has
//! other such places. Where they part, the reader asks [`Reader::llvm`].
//!
//! Depth: the productions that contain themselves (`<type>`, `<expression>`, `<name>`,
//! `<encoding>`) count how deep they are, so the stack is bounded. Chains such as `PPPKi` are
//! loops, which need no stack.

mod args;
mod closure;
mod encoding;
mod expression;
mod function_type;
mod literal;
mod names;
mod prefix;
mod special;
mod substitution;
mod types;
mod unresolved;

use super::DEPTH;
use super::arena::{Arena, List, Node, NodeId, Span};
use crate::{Dialect, Error, Options, Style};

/// What a production gives.
type Read<T = NodeId> = Result<T, Error>;

/// A name that is being read.
pub(crate) struct Reader<'a> {
    input: &'a [u8],
    at: usize,
    arena: &'a mut Arena,
    /// How much deeper productions may nest.
    depth: usize,
    llvm: bool,
    java: bool,
    /// Whether functions are read with their parameters.
    parameters: bool,
    /// The name that a constructor or destructor that comes has.
    class: NodeId,
    /// Whether the type of a conversion operator's name is being read.
    conversion: bool,
    /// The template arguments that template parameters stand for, as LLVM sees it; an `Args`.
    arguments: NodeId,
    /// Whether template parameters may stand for arguments that come later.
    forward: bool,
    /// Whether one that does is among the nodes.
    has_forward: bool,
    /// Within the parameters of a closure, as LLVM sees it: the level of its template head.
    closure: Option<usize>,
    /// The first of the template heads being read that template parameters may name.
    first_level: usize,
    /// How many names were invented for types, values and templates of template heads.
    invented: [u32; 3],
}

impl<'a> Reader<'a> {
    /// At the start of a name, which goes into `arena`.
    pub(crate) fn new(input: &'a [u8], arena: &'a mut Arena, options: &Options) -> Self {
        arena.clear(options.limits.components);
        Self {
            input,
            at: 0,
            arena,
            depth: options.limits.depth.min(DEPTH),
            llvm: options.dialect == Dialect::Llvm,
            java: options.style == Style::Java,
            parameters: options.parameters,
            class: NodeId::NONE,
            conversion: false,
            arguments: NodeId::NONE,
            forward: false,
            has_forward: false,
            closure: None,
            first_level: 0,
            invented: [0; 3],
        }
    }

    /// Whether all was read.
    pub(crate) fn at_end(&self) -> bool {
        self.at >= self.input.len()
    }

    /// The byte that comes, 0 at the end.
    #[inline]
    fn peek(&self) -> u8 {
        self.input.get(self.at).copied().unwrap_or(0)
    }

    /// The byte after it.
    #[inline]
    fn peek_second(&self) -> u8 {
        self.input.get(self.at + 1).copied().unwrap_or(0)
    }

    /// The two bytes that come.
    #[inline]
    fn peek_two(&self) -> [u8; 2] {
        [self.peek(), self.peek_second()]
    }

    /// Passes bytes that were looked at.
    #[inline]
    fn skip(&mut self, count: usize) {
        self.at += count;
    }

    /// Passes a byte if it comes.
    #[inline]
    fn eat(&mut self, byte: u8) -> bool {
        let comes = self.peek() == byte && !self.at_end();
        self.at += usize::from(comes);
        comes
    }

    /// Passes a byte that has to come.
    #[inline]
    fn expect(&mut self, byte: u8) -> Read<()> {
        if self.eat(byte) { Ok(()) } else { Err(Error::NotMangled) }
    }

    /// One level deeper; every call that succeeds is followed by [`leave`](Self::leave).
    #[inline]
    fn enter(&mut self) -> Read<()> {
        self.depth = self.depth.checked_sub(1).ok_or(Error::TooDeep)?;
        Ok(())
    }

    /// See [`enter`](Self::enter).
    #[inline]
    fn leave(&mut self) {
        self.depth += 1;
    }

    #[inline]
    fn add(&mut self, node: Node) -> Read {
        self.arena.add(node)
    }

    /// Adds a node that can be substituted.
    #[inline]
    fn add_substitutable(&mut self, node: Node) -> Read {
        let node = self.arena.add(node)?;
        self.arena.substitutable(node)?;
        Ok(node)
    }

    /// Digits, as they stand.
    fn digits(&mut self) -> Read<Span> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start { Err(Error::NotMangled) } else { Ok(self.span(start)) }
    }

    /// The bytes from `start` up to here.
    fn span(&self, start: usize) -> Span {
        Span { at: start as u32, len: self.at.saturating_sub(start) as u32 }
    }

    /// `<non-negative-number>`
    #[inline]
    fn non_negative_number(&mut self) -> Read<u32> {
        let mut number: u32 = 0;
        let start = self.at;
        // Two digits are all that most have.
        for _ in 0..2 {
            let digit @ b'0'..=b'9' = self.peek() else { break };
            number = number * 10 + u32::from(digit - b'0');
            self.at += 1;
        }
        while let digit @ b'0'..=b'9' = self.peek() {
            let digit = u32::from(digit - b'0');
            number = number
                .checked_mul(10)
                .and_then(|number| number.checked_add(digit))
                .filter(|&number| i32::try_from(number).is_ok())
                .ok_or(Error::NotMangled)?;
            self.at += 1;
        }
        if self.at == start { Err(Error::NotMangled) } else { Ok(number) }
    }

    /// `<number>`, whose value nobody needs.
    fn number(&mut self) -> Read<()> {
        self.eat(b'n');
        if self.peek().is_ascii_digit() || self.llvm {
            self.digits().map(drop)
        } else {
            // GNU takes none for 0.
            Ok(())
        }
    }

    /// `[ <non-negative-number> ] '_'`: none is 0, 0 is 1 and so on.
    fn ordinal(&mut self) -> Read<u32> {
        if self.eat(b'_') {
            return Ok(0);
        }
        let number = self.non_negative_number()?;
        self.expect(b'_')?;
        Ok(number + 1)
    }

    /// Nodes of one production up to an `E`.
    fn list_to_end(&mut self, item: impl Fn(&mut Self) -> Read) -> Read<List> {
        let mark = self.arena.begin();
        while !self.eat(b'E') {
            let node = item(self)?;
            self.arena.push(node)?;
        }
        self.arena.end(mark)
    }
}

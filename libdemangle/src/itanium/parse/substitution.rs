//! `<substitution>`

use super::super::arena::{Node, Std};
use super::{Read, Reader};
use crate::Error;

impl Reader<'_> {
    /// `<substitution>` as a component of a `<prefix>`.
    pub(super) fn prefix_substitution(&mut self) -> Read {
        self.substitution(true)
    }

    /// `<substitution>`; `prefix` where a name may follow that is in it.
    pub(super) fn substitution(&mut self, prefix: bool) -> Read {
        self.expect(b'S')?;
        match self.peek() {
            b'_' | b'0'..=b'9' | b'A'..=b'Z' => {
                let number = self.seq_id()?;
                self.arena.substitution(number).ok_or(Error::NotMangled)
            }
            letter => {
                let what = std_of(letter).ok_or(Error::NotMangled)?;
                self.skip(1);
                self.std_substitution(what, prefix)
            }
        }
    }

    fn std_substitution(&mut self, what: Std, prefix: bool) -> Read {
        let whole = prefix
            && matches!(self.peek(), b'C' | b'D')
            && !(self.llvm && self.peek_two() == *b"DC");
        let node = self.add(Node::Std { what, whole })?;
        if what != Std::Namespace {
            // The name that its constructors have.
            self.class = self.add(Node::Std { what, whole: true })?;
        }
        if self.peek() != b'B' {
            return Ok(node);
        }
        let tagged = self.abi_tags(node)?;
        self.arena.substitutable(tagged)?;
        Ok(tagged)
    }

    /// `[ <seq-id> ] '_'`: none is 0, `0` is 1 and so on, to the base of 36.
    fn seq_id(&mut self) -> Read<usize> {
        if self.eat(b'_') {
            return Ok(0);
        }
        let mut number: usize = 0;
        while !self.eat(b'_') {
            let digit = match self.peek() {
                digit @ b'0'..=b'9' => digit - b'0',
                letter @ b'A'..=b'Z' => letter - b'A' + 10,
                _ => return Err(Error::NotMangled),
            };
            self.skip(1);
            number = number
                .checked_mul(36)
                .and_then(|number| number.checked_add(digit as usize))
                .filter(|&number| number < u32::MAX as usize)
                .ok_or(Error::NotMangled)?;
        }
        Ok(number + 1)
    }
}

/// What the letter after an `S` stands for.
fn std_of(letter: u8) -> Option<Std> {
    Some(match letter {
        b't' => Std::Namespace,
        b'a' => Std::Allocator,
        b'b' => Std::BasicString,
        b's' => Std::String,
        b'i' => Std::Istream,
        b'o' => Std::Ostream,
        b'd' => Std::Iostream,
        _ => return None,
    })
}

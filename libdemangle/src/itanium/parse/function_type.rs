//! `<function-type>` and `<exception-spec>`.

use super::super::arena::{Node, NodeId, Qualifier};
use super::{Read, Reader};
use crate::Error;

impl Reader<'_> {
    /// `<function-type>` without its qualifiers. A reference qualifier is around all else, but
    /// for the qualifiers that the caller puts between.
    pub(super) fn function_type(&mut self) -> Read {
        match self.peek_two() {
            [b'D', b'o'] => {
                self.skip(2);
                let inner = self.spec_function()?;
                self.around_function(inner, |function| Node::Noexcept {
                    function,
                    condition: NodeId::NONE,
                })
            }
            [b'D', b'O'] => {
                self.skip(2);
                let condition = self.expression()?;
                self.expect(b'E')?;
                let inner = self.spec_function()?;
                self.around_function(inner, |function| Node::Noexcept { function, condition })
            }
            [b'D', b'w'] => {
                self.skip(2);
                let types = self.list_to_end(Self::type_)?;
                if types.len() == 0 {
                    return Err(Error::NotMangled);
                }
                let inner = self.spec_function()?;
                self.around_function(inner, |function| Node::Throw { function, types })
            }
            [b'D', b'x'] => {
                self.skip(2);
                let inner = self.spec_function()?;
                self.around_function(inner, Node::TransactionSafe)
            }
            [b'F', _] => self.plain_function(),
            // A type that is qualified as functions are.
            _ if self.llvm => Err(Error::NotMangled),
            _ => self.type_(),
        }
    }

    /// The function after a specification. GNU takes qualifiers there as well, and any type.
    fn spec_function(&mut self) -> Read {
        self.enter()?;
        let function = match self.peek() {
            b'K' | b'V' | b'r' if !self.llvm => self.qualifier_after_spec(),
            b'D' | b'F' => self.function_type(),
            _ if self.llvm => Err(Error::NotMangled),
            _ => self.type_(),
        };
        self.leave();
        function
    }

    /// A qualifier between a specification and what it is of.
    fn qualifier_after_spec(&mut self) -> Read {
        let qualifier = match self.peek() {
            b'K' => Qualifier::Const,
            b'V' => Qualifier::Volatile,
            _ => Qualifier::Restrict,
        };
        self.skip(1);
        let inner = self.spec_function()?;
        if !self.is_function_node(inner) {
            return self.add(Node::Cv { inner, qualifier });
        }
        self.around_function(inner, |inner| Node::This { inner, qualifier })
    }

    /// Whether a node is a function type within its qualifiers and specifications.
    fn is_function_node(&self, id: NodeId) -> bool {
        let mut id = id;
        loop {
            id = match self.arena.node(id) {
                Node::Function { .. } => return true,
                Node::This { inner, .. } => inner,
                Node::Noexcept { function, .. } | Node::Throw { function, .. } => function,
                Node::TransactionSafe(function) => function,
                _ => return false,
            };
        }
    }

    /// A specification around a function, within its reference qualifier.
    fn around_function(&mut self, inner: NodeId, make: impl Fn(NodeId) -> Node) -> Read {
        match self.arena.node(inner) {
            Node::This {
                inner,
                qualifier: qualifier @ (Qualifier::Lvalue | Qualifier::Rvalue),
            } => {
                let inner = self.add(make(inner))?;
                self.add(Node::This { inner, qualifier })
            }
            _ => self.add(make(inner)),
        }
    }

    /// `'F' [ 'Y' ] <bare-function-type> [ <ref-qualifier> ] 'E'`
    fn plain_function(&mut self) -> Read {
        self.expect(b'F')?;
        self.eat(b'Y');
        let function = self.bare_function_type(true, self.llvm)?;
        let qualifier = match self.peek() {
            b'R' => Some(Qualifier::Lvalue),
            b'O' => Some(Qualifier::Rvalue),
            _ => None,
        };
        self.skip(usize::from(qualifier.is_some()));
        if !self.eat(b'E') {
            return Err(Error::NotMangled);
        }
        match qualifier {
            Some(qualifier) => self.add(Node::This { inner: function, qualifier }),
            None => Ok(function),
        }
    }
}

//! Special names: what compilers make that no source names.

use super::super::arena::{Node, Span};
use super::super::spell::{Print, Spell as _};
use super::Printer;
use crate::Error;

impl Printer<'_> {
    /// Prints a special name that LLVM spells in another way or does not know.
    pub(super) fn special(&mut self, node: &Node) -> Print {
        match *node {
            Node::ReferenceTemporary { of, number } => {
                self.put("reference temporary #")?;
                self.number(u64::from(number))?;
                self.put(" for ")?;
                self.node(of)
            }
            Node::JavaResource(path) => {
                self.put("java resource ")?;
                self.resource_path(path)
            }
            Node::Clone { of, suffix } => {
                self.node(of)?;
                self.put(" [clone ")?;
                self.span(suffix)?;
                self.put("]")
            }
            _ => Ok(()),
        }
    }

    /// Prints the path of a resource, where a `$` escapes what an identifier cannot have.
    fn resource_path(&mut self, path: Span) -> Print {
        let start = path.at as usize;
        let mut bytes = self.input.get(start..start + path.len as usize).unwrap_or(&[]).iter();
        while let Some(&byte) = bytes.next() {
            let plain = match byte {
                b'$' => match bytes.next() {
                    Some(b'S') => b'/',
                    Some(b'_') => b'.',
                    Some(b'$') => b'$',
                    _ => return Err(Error::NotMangled),
                },
                byte => byte,
            };
            self.text.put(&[plain])?;
        }
        Ok(())
    }
}

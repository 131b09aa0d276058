//! Special names: what compilers make that no source names.

use super::super::arena::{Node, Span, Special};
use super::{Print, Printer};
use crate::Error;

impl Printer<'_> {
    /// Prints a special name.
    pub(super) fn special(&mut self, node: &Node) -> Print {
        match *node {
            Node::Special { what, of } => {
                self.put(meaning(what))?;
                self.node(of)
            }
            Node::ConstructionVtable { derived, base } => {
                self.put("construction vtable for ")?;
                self.node(base)?;
                self.put("-in-")?;
                self.node(derived)
            }
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

/// What stands before the name.
fn meaning(what: Special) -> &'static str {
    match what {
        Special::Vtable => "vtable for ",
        Special::Vtt => "VTT for ",
        Special::Typeinfo => "typeinfo for ",
        Special::TypeinfoName => "typeinfo name for ",
        Special::TypeinfoFunction => "typeinfo fn for ",
        Special::JavaClass => "java Class for ",
        Special::Thunk => "non-virtual thunk to ",
        Special::VirtualThunk => "virtual thunk to ",
        Special::CovariantThunk => "covariant return thunk to ",
        Special::Guard => "guard variable for ",
        Special::TlsInit => "TLS init function for ",
        Special::TlsWrapper => "TLS wrapper function for ",
        Special::TransactionClone => "transaction clone for ",
        Special::NonTransactionClone => "non-transaction clone for ",
        Special::TemplateParameterObject => "template parameter object for ",
        Special::ModuleInitializer => "initializer for module ",
        Special::HiddenAlias => "hidden alias for ",
    }
}

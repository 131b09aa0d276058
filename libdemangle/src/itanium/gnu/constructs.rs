//! Special names: what compilers make that no source names.

use super::super::arena::{Node, Special};
use super::{Print, Printer};

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
            Node::Clone { of, suffix } => {
                self.node(of)?;
                self.put(" [clone ")?;
                self.span(suffix)?;
                self.put("]")
            }
            _ => Ok(()),
        }
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

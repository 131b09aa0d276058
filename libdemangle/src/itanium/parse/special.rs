//! `<special-name>`

use super::super::arena::{Node, NodeId, Special};
use super::{Read, Reader};
use crate::Error;

impl Reader<'_> {
    /// `<special-name>`
    pub(super) fn special_name(&mut self) -> Read {
        let code = self.peek_two();
        self.skip(2);
        match code {
            // LLVM knows none of these.
            [b'T', b'F' | b'J'] | [b'G', b'A' | b'I' | b'T'] if self.llvm => Err(Error::NotMangled),
            [b'T', b'V'] => self.special(Special::Vtable, Self::type_),
            [b'T', b'T'] => self.special(Special::Vtt, Self::type_),
            [b'T', b'I'] => self.special(Special::Typeinfo, Self::type_),
            [b'T', b'S'] => self.special(Special::TypeinfoName, Self::type_),
            [b'T', b'F'] => self.special(Special::TypeinfoFunction, Self::type_),
            [b'T', b'J'] => self.special(Special::JavaClass, Self::type_),
            [b'T', b'H'] => self.special(Special::TlsInit, Self::object_name),
            [b'T', b'W'] => self.special(Special::TlsWrapper, Self::object_name),
            [b'T', b'A'] => self.special(Special::TemplateParameterObject, Self::template_arg),
            [b'T', b'C'] => self.construction_vtable(),
            [b'T', b'h'] => {
                self.call_offset_of(b'h')?;
                self.special(Special::Thunk, Self::encoding)
            }
            [b'T', b'v'] => {
                self.call_offset_of(b'v')?;
                self.special(Special::VirtualThunk, Self::encoding)
            }
            [b'T', b'c'] => {
                self.call_offset()?;
                self.call_offset()?;
                self.special(Special::CovariantThunk, Self::encoding)
            }
            [b'G', b'V'] => self.special(Special::Guard, Self::object_name),
            [b'G', b'R'] => self.reference_temporary(),
            [b'G', b'A'] => self.special(Special::HiddenAlias, Self::encoding),
            [b'G', b'I'] => self.special(Special::ModuleInitializer, Self::initialized_module),
            [b'G', b'r'] if !self.llvm => self.java_resource(),
            [b'G', b'T'] => {
                let non_transaction = self.eat(b'n');
                if !non_transaction {
                    self.skip(1);
                }
                let what = if non_transaction {
                    Special::NonTransactionClone
                } else {
                    Special::TransactionClone
                };
                self.special(what, Self::encoding)
            }
            _ => Err(Error::NotMangled),
        }
    }

    /// A special name of what a production gives.
    fn special(&mut self, what: Special, of: fn(&mut Self) -> Read) -> Read {
        let of = of(self)?;
        self.add(Node::Special { what, of })
    }

    /// `<name>` of a variable.
    fn object_name(&mut self) -> Read {
        self.name(false)
    }

    /// `<module-name>` after `GI`.
    fn initialized_module(&mut self) -> Read {
        let module = self.module_name(NodeId::NONE)?;
        module.some().ok_or(Error::NotMangled)
    }

    /// `'TC' <type> <non-negative-number> '_' <type>`
    fn construction_vtable(&mut self) -> Read {
        let derived = self.type_()?;
        self.non_negative_number()?;
        self.expect(b'_')?;
        let base = self.type_()?;
        self.add(Node::ConstructionVtable { derived, base })
    }

    /// `'GR' <name> [ <seq-id> ] '_'`, where GNU takes a number alone.
    fn reference_temporary(&mut self) -> Read {
        let of = self.name(false)?;
        let number = if self.llvm {
            if !self.eat(b'_') {
                while matches!(self.peek(), b'0'..=b'9' | b'A'..=b'Z') {
                    self.skip(1);
                }
                self.expect(b'_')?;
            }
            0
        } else if self.peek().is_ascii_digit() {
            self.non_negative_number()?
        } else {
            0
        };
        self.add(Node::ReferenceTemporary { of, number })
    }

    /// `'Gr' <number> '_'` and as many bytes, the `_` one of them.
    fn java_resource(&mut self) -> Read {
        let len = self.non_negative_number()? as usize;
        if len < 2 {
            return Err(Error::NotMangled);
        }
        self.expect(b'_')?;
        let start = self.at;
        if len - 1 > self.input.len().saturating_sub(start) {
            return Err(Error::NotMangled);
        }
        self.skip(len - 1);
        self.add(Node::JavaResource(self.span(start)))
    }

    /// `<call-offset>`
    fn call_offset(&mut self) -> Read<()> {
        let kind = self.peek();
        self.skip(1);
        self.call_offset_of(kind)
    }

    /// `<call-offset>` after its letter.
    fn call_offset_of(&mut self, kind: u8) -> Read<()> {
        match kind {
            b'h' => self.number()?,
            b'v' => {
                self.number()?;
                self.expect(b'_')?;
                self.number()?;
            }
            _ => return Err(Error::NotMangled),
        }
        self.expect(b'_')
    }
}

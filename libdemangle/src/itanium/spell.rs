//! What the printers of names have in common: how bytes, numbers and lists are put, and the parts
//! of names that all spell alike.

use super::arena::{Arena, List, Node, NodeId, Span, Special, Std};
use crate::Error;
use crate::text::Text;

/// What a printing step gives.
pub(super) type Print<T = ()> = Result<T, Error>;

/// A printer. What it has to give is how it prints nodes; the rest follows.
pub(super) trait Spell {
    /// The mangled name.
    fn input(&self) -> &[u8];

    /// Its nodes.
    fn arena(&self) -> &Arena;

    /// What is printed.
    fn text(&mut self) -> &mut Text;

    /// Prints bytes of the mangled name.
    fn span(&mut self, span: Span) -> Print;

    /// Prints a node.
    fn node(&mut self, id: NodeId) -> Print;

    /// Prints nodes with commas between.
    fn list(&mut self, list: List) -> Print;

    /// Prints an operand of an expression, in parentheses where they are needed.
    fn operand(&mut self, id: NodeId) -> Print;

    /// Prints the value that a designator (`.a`) gives.
    fn initial(&mut self, value: NodeId) -> Print;

    /// What stands before the name of a special name, where it is known.
    fn meaning(&self, what: Special) -> Option<&'static str>;

    /// Prints text.
    #[inline]
    fn put(&mut self, text: &str) -> Print {
        self.text().put(text.as_bytes())
    }

    /// The bytes of the mangled name that a span names.
    fn bytes(&self, span: Span) -> &[u8] {
        let start = span.at as usize;
        self.input().get(start..start + span.len as usize).unwrap_or(&[])
    }

    /// Prints a number in decimal.
    fn number(&mut self, number: u64) -> Print {
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = number;
        loop {
            at -= 1;
            if let Some(digit) = digits.get_mut(at) {
                *digit = b'0' + (rest % 10) as u8;
            }
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.text().put(digits.get(at..).unwrap_or(&[]))
    }

    /// Prints nodes between an opening and a closing text.
    fn enclosed(&mut self, open: &str, list: List, close: &str) -> Print {
        self.put(open)?;
        self.list(list)?;
        self.put(close)
    }

    /// Prints a node after some words.
    fn after(&mut self, words: &str, id: NodeId) -> Print {
        self.put(words)?;
        self.node(id)
    }

    /// Prints the names that all printers spell alike but for what is in them.
    fn common_name(&mut self, node: &Node) -> Print {
        match *node {
            Node::Anonymous => self.put("(anonymous namespace)"),
            Node::StringLiteral => self.put("string literal"),
            Node::LiteralOperator(name) => self.after("operator\"\" ", name),
            Node::VendorOperator(name) => self.after("operator ", name),
            Node::Constructor { of, .. } => self.class_name(of),
            Node::Destructor { of, .. } => {
                self.put("~")?;
                self.class_name(of)
            }
            Node::Binding(names) => self.enclosed("[", names, "]"),
            Node::Special { what, of } => {
                let meaning = self.meaning(what).ok_or(Error::NotMangled)?;
                self.after(meaning, of)
            }
            Node::ConstructionVtable { derived, base } => {
                self.after("construction vtable for ", base)?;
                self.after("-in-", derived)
            }
            _ => Err(Error::NotMangled),
        }
    }

    /// Prints what a constructor of a class is called. Of no class, it has no name that anybody
    /// could print.
    fn class_name(&mut self, of: NodeId) -> Print {
        match *self.arena().get(of) {
            _ if of == NodeId::NONE => self.nameless_class(),
            Node::Std { what, .. } => self.put(std_class(what)),
            _ => self.node(of),
        }
    }

    /// Prints the constructor of no class.
    fn nameless_class(&mut self) -> Print;

    /// Prints the expressions that all printers spell alike but for what is in them.
    fn common_expression(&mut self, node: &Node) -> Print {
        match *node {
            Node::Braced { of, items } => {
                if let Some(of) = of.some() {
                    self.node(of)?;
                }
                self.enclosed("{", items, "}")
            }
            Node::Parenthesized(items) => self.enclosed("(", items, ")"),
            Node::ThisPointer => self.put("this"),
            Node::Rethrow => self.put("throw"),
            Node::VendorExpression { name, args } => {
                self.node(name)?;
                self.enclosed("(", args, ")")
            }
            Node::FieldInit { name, value } => {
                self.after(".", name)?;
                self.initial(value)
            }
            Node::IndexInit { index, value } => {
                self.after("[", index)?;
                self.put("]")?;
                self.initial(value)
            }
            Node::RangeInit { from, to, value } => {
                self.after("[", from)?;
                self.after(" ... ", to)?;
                self.put("]")?;
                self.initial(value)
            }
            _ => Err(Error::NotMangled),
        }
    }

    /// Whether a node is a designator: where one is the value of another, they follow one another.
    fn is_designator(&self, id: NodeId) -> bool {
        matches!(
            self.arena().get(id),
            Node::FieldInit { .. } | Node::IndexInit { .. } | Node::RangeInit { .. }
        )
    }

    /// Prints an operator between its operands.
    fn between(&mut self, a: NodeId, spelling: &str, b: NodeId) -> Print {
        self.operand(a)?;
        self.put(spelling)?;
        self.operand(b)
    }

    /// Prints an element of what is indexed.
    fn element(&mut self, of: NodeId, index: NodeId) -> Print {
        self.operand(of)?;
        self.after("[", index)?;
        self.put("]")
    }
}

/// What a node is of, where printers tell them apart no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A type that stands around another: `*`, `const`, `noexcept`.
    Modifier,
    /// Any other type but builtin ones.
    Type,
    /// An expression but a literal.
    Expression,
    /// A name, or what has a place of its own in each printer.
    Other,
}

/// The kind of a node.
pub(super) fn kind(node: &Node) -> Kind {
    match node {
        Node::Pointer(_)
        | Node::LvalueRef(_)
        | Node::RvalueRef(_)
        | Node::Cv { .. }
        | Node::This { .. }
        | Node::Noexcept { .. }
        | Node::Throw { .. }
        | Node::TransactionSafe(_)
        | Node::VendorQualified { .. }
        | Node::Complex(_)
        | Node::Imaginary(_)
        | Node::Vector { .. }
        | Node::MemberPointer { .. } => Kind::Modifier,
        Node::Array { .. }
        | Node::Function { .. }
        | Node::Vendor { .. }
        | Node::Float { .. }
        | Node::Decltype(_)
        | Node::Elaborated { .. } => Kind::Type,
        Node::Unary { .. }
        | Node::Postfix { .. }
        | Node::Binary { .. }
        | Node::Conditional { .. }
        | Node::Call { .. }
        | Node::Convert { .. }
        | Node::ConvertAll { .. }
        | Node::Cast { .. }
        | Node::Braced { .. }
        | Node::Parenthesized(_)
        | Node::New { .. }
        | Node::SizeofPack(_)
        | Node::SizeofArgs(_)
        | Node::Parameter { .. }
        | Node::ThisPointer
        | Node::Fold { .. }
        | Node::Rethrow
        | Node::VendorExpression { .. }
        | Node::FieldInit { .. }
        | Node::IndexInit { .. }
        | Node::RangeInit { .. } => Kind::Expression,
        _ => Kind::Other,
    }
}

/// What is printed for `St` and the like.
pub(super) fn std_name(what: Std, whole: bool) -> &'static str {
    match (what, whole) {
        (Std::Namespace, _) => "std",
        (Std::Allocator, _) => "std::allocator",
        (Std::BasicString, _) => "std::basic_string",
        (Std::String, true) => {
            "std::basic_string<char, std::char_traits<char>, std::allocator<char> >"
        }
        (Std::String, false) => "std::string",
        (Std::Istream, true) => "std::basic_istream<char, std::char_traits<char> >",
        (Std::Istream, false) => "std::istream",
        (Std::Ostream, true) => "std::basic_ostream<char, std::char_traits<char> >",
        (Std::Ostream, false) => "std::ostream",
        (Std::Iostream, true) => "std::basic_iostream<char, std::char_traits<char> >",
        (Std::Iostream, false) => "std::iostream",
    }
}

/// What the constructors of these classes are called.
fn std_class(what: Std) -> &'static str {
    match what {
        Std::Namespace => "std",
        Std::Allocator => "allocator",
        Std::BasicString | Std::String => "basic_string",
        Std::Istream => "basic_istream",
        Std::Ostream => "basic_ostream",
        Std::Iostream => "basic_iostream",
    }
}

/// What stands before the name of a special name, as GNU says it, or nothing for what LLVM does
/// not know; both, as all printers share most.
pub(super) fn meaning(what: Special) -> (&'static str, Option<&'static str>) {
    let words = match what {
        Special::Vtable => "vtable for ",
        Special::Vtt => "VTT for ",
        Special::Typeinfo => "typeinfo for ",
        Special::TypeinfoName => "typeinfo name for ",
        Special::Thunk => "non-virtual thunk to ",
        Special::VirtualThunk => "virtual thunk to ",
        Special::CovariantThunk => "covariant return thunk to ",
        Special::Guard => "guard variable for ",
        Special::TemplateParameterObject => "template parameter object for ",
        Special::TlsInit => {
            return ("TLS init function for ", Some("thread-local initialization routine for "));
        }
        Special::TlsWrapper => {
            return ("TLS wrapper function for ", Some("thread-local wrapper routine for "));
        }
        Special::TypeinfoFunction => return ("typeinfo fn for ", None),
        Special::JavaClass => return ("java Class for ", None),
        Special::TransactionClone => return ("transaction clone for ", None),
        Special::NonTransactionClone => return ("non-transaction clone for ", None),
        Special::ModuleInitializer => return ("initializer for module ", None),
        Special::HiddenAlias => return ("hidden alias for ", None),
    };
    (words, Some(words))
}

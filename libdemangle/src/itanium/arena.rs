//! The tree of a name: small nodes side by side, which name one another by number.
//!
//! A node that was substituted (`S0_`) is one node with several parents, so the tree is a directed
//! graph without cycles, but for one: [`Node::TemplateParam`] may, through `resolved`, stand for a
//! template argument that contains it. Who follows `resolved` has to bound the depth.

use alloc::vec::Vec;

use crate::Error;

/// A node of the [`Arena`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(u32);

impl NodeId {
    /// No node, where one may be missing.
    pub(crate) const NONE: Self = Self(u32::MAX);

    /// Its place among all nodes.
    pub(crate) fn place(self) -> usize {
        self.0 as usize
    }

    /// The node, if there is one.
    pub(crate) fn some(self) -> Option<Self> {
        (self != Self::NONE).then_some(self)
    }
}

/// Bytes of the mangled name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Where they begin.
    pub at: u32,
    /// How many they are.
    pub len: u32,
}

/// Nodes one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct List {
    start: u32,
    len: u32,
}

impl List {
    /// No nodes.
    pub(crate) const EMPTY: Self = Self { start: 0, len: 0 };

    /// How many nodes.
    pub(crate) fn len(self) -> usize {
        self.len as usize
    }
}

/// A qualifier of a type, or of the object that a member function is called on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Qualifier {
    /// `K`
    Const,
    /// `V`
    Volatile,
    /// `r`
    Restrict,
    /// `R`, of functions alone.
    Lvalue,
    /// `O`, of functions alone.
    Rvalue,
}

/// The substitutions that need no number, `St` and the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Std {
    /// `St`, the namespace.
    Namespace,
    /// `Sa`
    Allocator,
    /// `Sb`
    BasicString,
    /// `Ss`
    String,
    /// `Si`
    Istream,
    /// `So`
    Ostream,
    /// `Sd`
    Iostream,
}

/// What a special name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    /// `TV`
    Vtable,
    /// `TT`
    Vtt,
    /// `TI`
    Typeinfo,
    /// `TS`
    TypeinfoName,
    /// `TF`, of old compilers.
    TypeinfoFunction,
    /// `TJ`
    JavaClass,
    /// `Th`
    Thunk,
    /// `Tv`
    VirtualThunk,
    /// `Tc`
    CovariantThunk,
    /// `GV`
    Guard,
    /// `TH`
    TlsInit,
    /// `TW`
    TlsWrapper,
    /// `GTt`
    TransactionClone,
    /// `GTn`
    NonTransactionClone,
    /// `TA`
    TemplateParameterObject,
    /// `GI`
    ModuleInitializer,
    /// `GA`
    HiddenAlias,
}

/// What a declaration of a template head declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invented {
    /// A type.
    Type,
    /// A value.
    Value,
    /// A template.
    Template,
}

/// How a fold expression is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    /// `fl`: `(... + pack)`
    UnaryLeft,
    /// `fr`: `(pack + ...)`
    UnaryRight,
    /// `fL`: `(init + ... + pack)`
    BinaryLeft,
    /// `fR`: `(pack + ... + init)`
    BinaryRight,
}

/// A component of a name. Where a field may be [`NodeId::NONE`], its comment says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    // Names.
    /// An identifier, or the digits of a number.
    Name(Span),
    /// An unnamed namespace.
    Anonymous,
    /// `St` and the like. `whole` where the name of a constructor or destructor follows: then the
    /// template is meant, never its usual name.
    Std { what: Std, whole: bool },
    /// `scope::name`
    Qualified { scope: NodeId, name: NodeId },
    /// `::name`
    Global(NodeId),
    /// An entity of a function. Qualifiers of the entity are around this node.
    Local { function: NodeId, entity: NodeId },
    /// An entity in the default argument of a parameter, 0 the last of the function.
    DefaultArgument { number: u32, entity: NodeId },
    /// A string literal of a function.
    StringLiteral,
    /// `name<args>`; `args` is an `Args`.
    Template { name: NodeId, args: NodeId },
    /// `I...E`
    Args(List),
    /// `J...E`: the arguments of a pack.
    Pack(List),
    /// A name with an ABI tag.
    Tagged { name: NodeId, tag: Span },
    /// `operator+`; a place in [`super::operators::OPERATORS`].
    Operator(u8),
    /// `operator T`
    Conversion(NodeId),
    /// `operator"" name`
    LiteralOperator(NodeId),
    /// `operator name`, of a vendor.
    VendorOperator(NodeId),
    /// `C1`: `of` is the name of the class, `inherited` the class of `CI1`, or NONE.
    Constructor { variant: u8, of: NodeId, inherited: NodeId },
    /// `D1`
    Destructor { variant: u8, of: NodeId },
    /// `Ut_`; 0 is the first.
    Unnamed(u32),
    /// `UlvE_`; `head` is an `Args` of declarations or NONE, `parameters` an `Args` of types; 0 is
    /// the first.
    Lambda { head: NodeId, parameters: NodeId, number: u32 },
    /// `Ub_`, of Apple's extension: what Objective-C calls a block.
    Block,
    /// `typename T` of a lambda's template head; its name is an `Invented`, and NONE for GNU.
    TypeDecl(NodeId),
    /// `int N` there, with its type.
    ValueDecl { of: NodeId, name: NodeId },
    /// `template<...> class TT` there.
    TemplateDecl { decls: List, name: NodeId },
    /// The name that LLVM gives a declaration of a template head, as it has none: the kind of it,
    /// and how many of that kind came before.
    Invented { kind: Invented, number: u32 },
    /// `typename... T` there; what is a pack.
    PackDecl(NodeId),
    /// `[a, b]`, a structured binding.
    Binding(List),
    /// A module, or a partition of one; `parent` may be NONE.
    Module { parent: NodeId, name: Span, partition: bool },
    /// A name of a module.
    Attached { module: NodeId, name: NodeId },

    // Functions and their types.
    /// A function: its name and a `Function`, maybe within its qualifiers.
    Encoding { name: NodeId, function: NodeId },
    /// Return type, or NONE, and parameters, which are `v` alone where there is none.
    Function { ret: NodeId, params: List },
    /// A qualifier of a function.
    This { inner: NodeId, qualifier: Qualifier },
    /// `noexcept(condition)`; `condition` may be NONE.
    Noexcept { function: NodeId, condition: NodeId },
    /// `throw(types)`
    Throw { function: NodeId, types: List },
    /// `transaction_safe`
    TransactionSafe(NodeId),
    /// A function with clang's attribute `enable_if`.
    EnableIf { function: NodeId, conditions: List },
    /// The encoding of a clone: what follows the `.` and the `.` itself.
    Clone { of: NodeId, suffix: Span },
    /// `vtable for T`
    Special { what: Special, of: NodeId },
    /// `construction vtable for base-in-derived`
    ConstructionVtable { derived: NodeId, base: NodeId },
    /// A resource of Java.
    JavaResource(Span),
    /// `reference temporary #n for name`
    ReferenceTemporary { of: NodeId, number: u32 },

    // Types.
    /// A place in [`super::operators::BUILTINS`].
    Builtin(u8),
    /// `_Float16`, with the bits and what follows them: `_`, `x` or `b`.
    Float { bits: u32, suffix: u8 },
    /// A type of a vendor; `args` is an `Args` or NONE.
    Vendor { name: NodeId, args: NodeId },
    /// `const T`
    Cv { inner: NodeId, qualifier: Qualifier },
    /// `T name`; `name` may be a `Template`.
    VendorQualified { inner: NodeId, name: NodeId },
    /// `T*`
    Pointer(NodeId),
    /// `T&`
    LvalueRef(NodeId),
    /// `T&&`
    RvalueRef(NodeId),
    /// `T _Complex`
    Complex(NodeId),
    /// `T _Imaginary`
    Imaginary(NodeId),
    /// `T[dimension]`; `dimension` may be NONE.
    Array { dimension: NodeId, element: NodeId },
    /// `T class::*`
    MemberPointer { class: NodeId, member: NodeId },
    /// `T __vector(dimension)`
    Vector { dimension: NodeId, element: NodeId },
    /// `pattern...`, a type or an expression.
    Expansion(NodeId),
    /// `decltype(e)`
    Decltype(NodeId),
    /// `struct T` and the like, with the letter after `T`: `s`, `u` or `e`.
    Elaborated { kind: u8, name: NodeId },
    /// `T_` is 0. `resolved` is the argument that it stands for where names are read as LLVM does,
    /// or NONE.
    TemplateParam { index: u32, resolved: NodeId },

    // Expressions. `op` is a place in `OPERATORS`.
    /// `op a`, where `a` may be a type
    Unary { op: u8, a: NodeId },
    /// `a op`
    Postfix { op: u8, a: NodeId },
    /// `a op b`
    Binary { op: u8, a: NodeId, b: NodeId },
    /// `a ? b : c`
    Conditional { a: NodeId, b: NodeId, c: NodeId },
    /// `f(args)`
    Call { callee: NodeId, args: List },
    /// `(to)value`
    Convert { to: NodeId, value: NodeId },
    /// `to(args)`
    ConvertAll { to: NodeId, args: List },
    /// `static_cast<to>(value)`
    Cast { op: u8, to: NodeId, value: NodeId },
    /// `of{items}`; `of` may be NONE
    Braced { of: NodeId, items: List },
    /// `(items)`, an initializer
    Parenthesized(List),
    /// `new (placement) of init`, `new[]` where `op` says so; `of_init` is an `Args` of the type
    /// and maybe the initializer.
    New { op: u8, placement: List, of_init: NodeId },
    /// `sizeof...(a)`
    SizeofPack(NodeId),
    /// `sizeof...` of captured arguments
    SizeofArgs(List),
    /// A parameter of a function: `level` as in `fL`, 0 the innermost; `index` 0 the first.
    Parameter { level: u32, index: u32 },
    /// `this`
    ThisPointer,
    /// A fold; `init` is NONE where it has none.
    Fold { op: u8, fold: Fold, pack: NodeId, init: NodeId },
    /// `throw`
    Rethrow,
    /// A literal: its type, and its digits without the sign.
    Literal { of: NodeId, value: Span, negative: bool },
    /// `name(args)`, of a vendor
    VendorExpression { name: NodeId, args: List },
    /// `.name = value`
    FieldInit { name: NodeId, value: NodeId },
    /// `[index] = value`
    IndexInit { index: NodeId, value: NodeId },
    /// `[from ... to] = value`
    RangeInit { from: NodeId, to: NodeId, value: NodeId },
}

/// Nodes, and what the parser needs while it makes them.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    nodes: Vec<Node>,
    lists: Vec<NodeId>,
    /// Nodes of lists that are not complete.
    pending: Vec<NodeId>,
    /// The substitutions, `S_` the first.
    substitutions: Vec<NodeId>,
    /// The names of the template heads that are being read, as LLVM sees them: where each head
    /// starts, and all names.
    levels: Vec<usize>,
    invented: Vec<NodeId>,
    limit: usize,
}

impl Arena {
    /// Forgets all nodes, keeps the memory; from now on up to `limit` nodes.
    pub(crate) fn clear(&mut self, limit: usize) {
        self.nodes.clear();
        self.lists.clear();
        self.pending.clear();
        self.substitutions.clear();
        self.levels.clear();
        self.invented.clear();
        self.limit = limit.min(u32::MAX as usize);
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// A node. What is NONE reads as an empty name: printers look before.
    #[inline]
    pub(crate) fn node(&self, id: NodeId) -> Node {
        *self.get(id)
    }

    /// As [`node`](Self::node), where it lies.
    #[inline]
    pub(crate) fn get(&self, id: NodeId) -> &Node {
        static EMPTY: Node = Node::Name(Span { at: 0, len: 0 });
        self.nodes.get(id.0 as usize).unwrap_or(&EMPTY)
    }

    /// The nodes of a list.
    #[inline]
    pub(crate) fn list(&self, list: List) -> &[NodeId] {
        let start = list.start as usize;
        self.lists.get(start..start + list.len as usize).unwrap_or(&[])
    }

    /// A node of a list.
    #[inline]
    pub(crate) fn nth(&self, list: List, n: usize) -> Option<NodeId> {
        self.list(list).get(n).copied()
    }

    /// Adds a node.
    #[inline]
    pub(crate) fn add(&mut self, node: Node) -> Result<NodeId, Error> {
        if self.nodes.len() >= self.limit {
            return Err(Error::TooLong);
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(node);
        Ok(id)
    }

    /// Puts another node where one is, for references forward.
    pub(crate) fn replace(&mut self, id: NodeId, node: Node) {
        if let Some(place) = self.nodes.get_mut(id.0 as usize) {
            *place = node;
        }
    }

    /// Begins a list; lists begun later have to be ended before.
    pub(crate) fn begin(&self) -> usize {
        self.pending.len()
    }

    /// Adds a node to the list begun last.
    pub(crate) fn push(&mut self, node: NodeId) -> Result<(), Error> {
        if self.pending.len() >= self.limit {
            return Err(Error::TooLong);
        }
        self.pending.push(node);
        Ok(())
    }

    /// Ends the list that was begun at `mark`.
    pub(crate) fn end(&mut self, mark: usize) -> Result<List, Error> {
        let nodes = self.pending.get(mark..).unwrap_or(&[]);
        let list = List { start: self.lists.len() as u32, len: nodes.len() as u32 };
        if self.lists.len() + nodes.len() > self.limit.saturating_mul(2) {
            return Err(Error::TooLong);
        }
        self.lists.extend_from_slice(nodes);
        self.pending.truncate(mark);
        Ok(list)
    }

    /// Makes a node a substitution.
    pub(crate) fn substitutable(&mut self, node: NodeId) -> Result<(), Error> {
        if self.substitutions.len() >= self.limit {
            return Err(Error::TooLong);
        }
        self.substitutions.push(node);
        Ok(())
    }

    /// A substitution by its number.
    pub(crate) fn substitution(&self, number: usize) -> Option<NodeId> {
        self.substitutions.get(number).copied()
    }

    /// How many template heads are being read.
    pub(crate) fn levels(&self) -> usize {
        self.levels.len()
    }

    /// Begins a template head within those that are being read.
    pub(crate) fn push_level(&mut self) {
        self.levels.push(self.invented.len());
    }

    /// Ends all template heads but the first `count`.
    pub(crate) fn truncate_levels(&mut self, count: usize) {
        if let Some(&start) = self.levels.get(count) {
            self.invented.truncate(start);
            self.levels.truncate(count);
        }
    }

    /// Gives the template head begun last another name.
    pub(crate) fn invent(&mut self, name: NodeId) {
        self.invented.push(name);
    }

    /// A name of a template head.
    pub(crate) fn invented(&self, level: usize, index: usize) -> Option<NodeId> {
        let start = *self.levels.get(level)?;
        let end = self.levels.get(level + 1).copied().unwrap_or(self.invented.len());
        self.invented.get(start..end)?.get(index).copied()
    }

    /// How far the parser is, for [`rewind`](Self::rewind).
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            nodes: self.nodes.len(),
            lists: self.lists.len(),
            pending: self.pending.len(),
            substitutions: self.substitutions.len(),
        }
    }

    /// The nodes that were added since.
    pub(crate) fn since(&self, mark: Mark) -> impl Iterator<Item = NodeId> + use<> {
        (mark.nodes as u32..self.nodes.len() as u32).map(NodeId)
    }

    /// Forgets all that was added since, for another attempt.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.nodes.truncate(mark.nodes);
        self.lists.truncate(mark.lists);
        self.pending.truncate(mark.pending);
        self.substitutions.truncate(mark.substitutions);
    }
}

/// See [`Arena::mark`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    nodes: usize,
    lists: usize,
    pending: usize,
    substitutions: usize,
}

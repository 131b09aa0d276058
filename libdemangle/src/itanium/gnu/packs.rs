//! Packs and their expansions, and the template heads of closures.

use super::super::arena::{List, Node, NodeId};
use super::super::spell::{Print, Spell as _};
use super::Printer;
use crate::Error;

impl Printer<'_> {
    /// Prints a pattern once for each argument of the pack in it.
    pub(super) fn expansion(&mut self, pattern: NodeId) -> Print {
        let pack = if self.lambda { None } else { self.find_pack(pattern)? };
        let Some(pack) = pack else {
            self.subexpression(pattern)?;
            return self.put("...");
        };
        for place in 0..pack.len() {
            if place > 0 {
                self.put(", ")?;
            }
            self.pack = Some(place);
            self.node(pattern)?;
        }
        Ok(())
    }

    /// The arguments of the pack that a pattern has.
    pub(super) fn find_pack(&mut self, pattern: NodeId) -> Print<Option<List>> {
        self.steps = self.steps.checked_sub(1).ok_or(Error::TooLong)?;
        self.depth = self.depth.checked_sub(1).ok_or(Error::TooDeep)?;
        let found = self.find_pack_in(pattern);
        self.depth += 1;
        found
    }

    fn find_pack_in(&mut self, pattern: NodeId) -> Print<Option<List>> {
        let nodes: [NodeId; 3] = match self.arena.node(pattern) {
            Node::TemplateParam { index, .. } => {
                let argument = self.argument(index).ok_or(Error::NotMangled)?;
                return Ok(match self.arena.node(argument) {
                    Node::Pack(list) => Some(list),
                    _ => None,
                });
            }
            Node::Pointer(a)
            | Node::LvalueRef(a)
            | Node::RvalueRef(a)
            | Node::Complex(a)
            | Node::Imaginary(a)
            | Node::TransactionSafe(a)
            | Node::Decltype(a)
            | Node::Global(a)
            | Node::Conversion(a)
            | Node::Cv { inner: a, .. }
            | Node::This { inner: a, .. }
            | Node::Tagged { name: a, .. }
            | Node::Unary { a, .. }
            | Node::Postfix { a, .. }
            | Node::Elaborated { name: a, .. }
            | Node::Destructor { of: a, .. }
            | Node::Literal { of: a, .. }
            | Node::SizeofPack(a) => [a, NodeId::NONE, NodeId::NONE],
            Node::Qualified { scope: a, name: b }
            | Node::Local { function: a, entity: b }
            | Node::Template { name: a, args: b }
            | Node::Encoding { name: a, function: b }
            | Node::Noexcept { function: a, condition: b }
            | Node::VendorQualified { inner: a, name: b }
            | Node::Array { dimension: a, element: b }
            | Node::MemberPointer { class: a, member: b }
            | Node::Vector { dimension: a, element: b }
            | Node::Vendor { name: a, args: b }
            | Node::Binary { a, b, .. }
            | Node::Convert { to: a, value: b }
            | Node::Cast { to: a, value: b, .. }
            | Node::Fold { pack: a, init: b, .. }
            | Node::FieldInit { name: a, value: b }
            | Node::IndexInit { index: a, value: b } => [a, b, NodeId::NONE],
            Node::Conditional { a, b, c } | Node::RangeInit { from: a, to: b, value: c } => {
                [a, b, c]
            }
            Node::Args(list) | Node::Pack(list) | Node::Parenthesized(list) => {
                return self.find_pack_among(NodeId::NONE, list);
            }
            Node::Function { ret: first, params: list }
            | Node::Throw { function: first, types: list }
            | Node::Call { callee: first, args: list }
            | Node::ConvertAll { to: first, args: list }
            | Node::Braced { of: first, items: list }
            | Node::New { of_init: first, placement: list, .. }
            | Node::VendorExpression { name: first, args: list } => {
                return self.find_pack_among(first, list);
            }
            _ => return Ok(None),
        };
        for node in nodes {
            if node != NodeId::NONE
                && let Some(found) = self.find_pack(node)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn find_pack_among(&mut self, first: NodeId, list: List) -> Print<Option<List>> {
        if first != NodeId::NONE
            && let Some(found) = self.find_pack(first)?
        {
            return Ok(Some(found));
        }
        for &node in self.arena.list(list) {
            if let Some(found) = self.find_pack(node)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Prints how many arguments nodes are, packs expanded.
    pub(super) fn count_args(&mut self, list: List) -> Print {
        let mut count = 0;
        for &node in self.arena.list(list) {
            count += match self.arena.node(node) {
                Node::Expansion(pattern) => self.find_pack(pattern)?.map_or(0, List::len),
                _ => 1,
            };
        }
        self.number(count as u64)
    }

    /// Prints the template head of a closure.
    pub(super) fn template_head(&mut self, decls: List) -> Print {
        for (place, &decl) in self.arena.list(decls).iter().enumerate() {
            if place > 0 {
                self.put(", ")?;
            }
            self.template_decl(decl, true, "")?;
            self.put(" ")?;
            self.decl_name(decl, place as u32)?;
        }
        Ok(())
    }

    /// Prints a declaration of a template head up to its name.
    fn template_decl(&mut self, decl: NodeId, _named: bool, dots: &str) -> Print {
        self.depth = self.depth.checked_sub(1).ok_or(Error::TooDeep)?;
        match self.arena.node(decl) {
            Node::TypeDecl(_) => self.put("typename")?,
            Node::ValueDecl { of, .. } => self.apart(|printer| printer.node(of))?,
            Node::TemplateDecl { decls, .. } => {
                self.put("template<")?;
                for (place, &decl) in self.arena.list(decls).iter().enumerate() {
                    if place > 0 {
                        self.put(", ")?;
                    }
                    self.template_decl(decl, false, "")?;
                }
                self.put("> class")?;
            }
            Node::PackDecl(of) => self.template_decl(of, false, "...")?,
            _ => return Err(Error::NotMangled),
        }
        self.depth += 1;
        self.put(dots)
    }

    /// Prints the name of a declaration of a template head, as GNU calls it.
    fn decl_name(&mut self, decl: NodeId, place: u32) -> Print {
        let mut decl = decl;
        while let Node::PackDecl(of) = self.arena.node(decl) {
            decl = of;
        }
        self.put(match self.arena.node(decl) {
            Node::ValueDecl { .. } => "$N",
            Node::TemplateDecl { .. } => "$TT",
            _ => "$T",
        })?;
        self.number(u64::from(place))
    }

    /// Prints a template parameter of a closure: the name that its head gives it, or `auto`.
    pub(super) fn lambda_param(&mut self, index: u32) -> Print {
        if let Node::Args(decls) = self.arena.node(self.head)
            && self.head != NodeId::NONE
            && let Some(decl) = self.arena.nth(decls, index as usize)
        {
            return self.decl_name(decl, index);
        }
        self.put("auto:")?;
        self.number(u64::from(index) + 1)
    }
}

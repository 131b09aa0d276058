//! Names of symbols.

use super::Reader;
use super::functions::call_convention;
use crate::Error;

/// Whether the qualifiers of a method (`const`) are printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Qualifiers {
    Shown,
    Hidden,
}

impl Reader<'_> {
    /// ```text
    /// MangledName = "_D" QualifiedName ("Z" | Type)
    /// ```
    pub(super) fn mangled_name(&mut self) -> Result<(), Error> {
        if !self.rest().starts_with(b"_D") {
            return Err(Error::NotMangled);
        }
        self.skip(2);
        if !self.is_symbol_name() {
            return Err(Error::NotMangled);
        }
        self.qualified_name(Qualifiers::Shown)?;
        if self.eat(b'Z') {
            return Ok(());
        }
        // The type of a variable, or what a function returns.
        let printed = self.text.len();
        self.type_()?;
        self.text.truncate(printed);
        Ok(())
    }

    /// Whether the name of a symbol is next.
    pub(super) fn is_symbol_name(&mut self) -> bool {
        match self.rest() {
            [b'0'..=b'9', ..] | [b'_', b'_', b'T' | b'U', ..] => true,
            [b'Q', ..] => {
                let target = self.back_reference(self.next).map(|(target, _)| target);
                let byte = target.ok().and_then(|target| self.name.get(target));
                byte.is_some_and(u8::is_ascii_digit)
            }
            _ => false,
        }
    }

    /// Where the back reference at `start` points to, and where it ends.
    ///
    /// ```text
    /// BackRef = "Q" {A-Z} a-z
    /// ```
    pub(super) fn back_reference(&mut self, start: usize) -> Result<(usize, usize), Error> {
        let mut distance: usize = 0;
        let mut at = start;
        loop {
            self.work(0)?;
            at = at.saturating_add(1);
            let (digit, is_last) = match self.name.get(at) {
                Some(digit @ b'A'..=b'Z') => (digit.wrapping_sub(b'A'), false),
                Some(digit @ b'a'..=b'z') => (digit.wrapping_sub(b'a'), true),
                _ => return Err(Error::NotMangled),
            };
            distance = distance
                .checked_mul(26)
                .and_then(|distance| distance.checked_add(usize::from(digit)))
                .ok_or(Error::NotMangled)?;
            if is_last {
                break;
            }
        }
        if distance == 0 {
            return Err(Error::NotMangled);
        }
        let target = start.checked_sub(distance).ok_or(Error::NotMangled)?;
        Ok((target, at.saturating_add(1)))
    }

    /// ```text
    /// QualifiedName = {SymbolName ["M" TypeModifiers] [TypeFunctionNoReturn]}
    /// ```
    fn qualified_name(&mut self, qualifiers: Qualifiers) -> Result<(), Error> {
        self.nested(|this| {
            let start = this.text.len();
            let mut is_first = true;
            loop {
                // Symbols without names.
                while this.eat(b'0') {
                    this.work(0)?;
                }
                if !this.is_symbol_name() {
                    break;
                }
                if !is_first {
                    this.put(b".")?;
                }
                is_first = false;
                this.symbol_name(start)?;
                let mark = this.mark();
                match this.parameters_of_symbol(qualifiers) {
                    Err(Error::NotMangled) => this.reset(&mark),
                    done => done?,
                }
            }
            Ok(())
        })
    }

    pub(super) fn qualified_name_arg(&mut self) -> Result<(), Error> {
        if !self.is_symbol_name() {
            return Err(Error::NotMangled);
        }
        self.qualified_name(Qualifiers::Hidden)
    }

    /// The parameters of a function that is a symbol, and the qualifiers if it is a method.
    fn parameters_of_symbol(&mut self, qualifiers: Qualifiers) -> Result<(), Error> {
        let start = self.text.len();
        if self.eat(b'M') {
            self.type_modifiers()?;
        }
        if qualifiers == Qualifiers::Hidden {
            self.text.truncate(start);
        }
        let modified = self.text.len();
        let convention = self.byte()?;
        if call_convention(convention).is_none() {
            return Err(Error::NotMangled);
        }
        let attributes = self.text.len();
        self.attributes()?;
        self.text.truncate(attributes);
        self.put(b"(")?;
        self.parameters()?;
        self.put(b")")?;
        self.rotate(start, modified)?;
        Ok(())
    }

    /// ```text
    /// SymbolName = LName | TemplateInstanceName | IdentifierBackRef
    /// ```
    /// `start` is where the text of the qualified name starts.
    pub(super) fn symbol_name(&mut self, start: usize) -> Result<(), Error> {
        match self.rest() {
            [b'Q', ..] => {
                let (target, behind) = self.back_reference(self.next)?;
                self.next = target;
                let length = self.number()?;
                self.plain_name(length, start)?;
                self.next = behind;
                Ok(())
            }
            [b'_', ..] => self.template_instance(None),
            _ => {
                let length = self.number()?;
                if length == 0 || length > self.rest().len() {
                    return Err(Error::NotMangled);
                }
                let ident = self.rest().get(..length).unwrap_or_default();
                match ident {
                    [b'_', b'_', b'T' | b'U', _, _, ..] => self.template_instance(Some(length)),
                    // A block within a function: what it has stands in for it.
                    [b'_', b'_', b'S', digits @ ..]
                        if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) =>
                    {
                        self.skip(length);
                        if !self.is_symbol_name() {
                            return Err(Error::NotMangled);
                        }
                        self.nested(|this| this.symbol_name(start))
                    }
                    _ => self.plain_name(length, start),
                }
            }
        }
    }

    /// A name of this length, or what it stands for.
    fn plain_name(&mut self, length: usize, start: usize) -> Result<(), Error> {
        let rest = self.rest();
        let ident = rest.get(..length).ok_or(Error::NotMangled)?;
        let after = rest.get(length..).unwrap_or_default();
        let of_whole: &[u8] = match (ident, after.first()) {
            (b"__init", Some(b'Z')) => b"initializer for ",
            (b"__vtbl", Some(b'Z')) => b"vtable for ",
            (b"__Class", Some(b'Z')) => b"ClassInfo for ",
            (b"__Interface", Some(b'Z')) => b"Interface for ",
            (b"__ModuleInfo", Some(b'Z')) => b"ModuleInfo for ",
            _ => b"",
        };
        if !of_whole.is_empty() {
            self.skip(length);
            let end = self.text.len();
            self.put(of_whole)?;
            self.rotate(start, end)?;
            // The dot before.
            self.text.truncate(self.text.len().saturating_sub(1));
            return Ok(());
        }
        match ident {
            b"__ctor" => self.put(b"this")?,
            b"__dtor" => self.put(b"~this")?,
            b"__postblit" if after.starts_with(b"MFZ") => {
                self.put(b"this(this)")?;
                self.skip(3);
            }
            _ => self.put_range(self.next, self.next.saturating_add(length))?,
        }
        self.skip(length);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::text;
    use crate::Error;

    #[test]
    fn back_references_go_back() {
        assert_eq!(text("_D1a3fooQeFZv").unwrap(), "a.foo.foo()");
        assert_eq!(text("_D1a1fFC1b1cQcZv").unwrap(), "a.f(b.c.c)");
        for name in ["_D1a1fFAQbZv", "_D1a3fooQaFZv", "_D1a1fFQzZv"] {
            assert_eq!(text(name), Err(Error::NotMangled), "{name}");
        }
    }
}

//! Instances of templates.

use super::{Reader, value};
use crate::Error;

impl Reader<'_> {
    /// ```text
    /// TemplateInstanceName = ("__T" | "__U") LName {TemplateArg} "Z"
    /// ```
    /// Older compilers put its length before it.
    pub(super) fn template_instance(&mut self, length: Option<usize>) -> Result<(), Error> {
        let start = self.next;
        self.skip(3);
        if !self.is_symbol_name() || self.peek() == Some(b'0') {
            return Err(Error::NotMangled);
        }
        self.nested(|this| {
            let printed = this.text.len();
            this.symbol_name(printed)?;
            this.put(b"!(")?;
            let mut is_first = true;
            while !this.eat(b'Z') {
                if !is_first {
                    this.put(b", ")?;
                }
                is_first = false;
                this.template_arg()?;
            }
            this.put(b")")
        })?;
        match length {
            Some(length) if self.next.checked_sub(start) != Some(length) => Err(Error::NotMangled),
            _ => Ok(()),
        }
    }

    /// ```text
    /// TemplateArg = ["H"] ("T" Type | "V" Type Value | "S" … | "X" Number ExternallyMangledName)
    /// ```
    fn template_arg(&mut self) -> Result<(), Error> {
        self.eat(b'H');
        match self.byte()? {
            b'T' => self.type_(),
            b'V' => {
                let kind = match self.peek() {
                    Some(b'Q') => {
                        let (target, _) = self.back_reference(self.next)?;
                        self.name.get(target).copied()
                    }
                    kind => kind,
                };
                // The type is printed only before the fields of a structure.
                let type_start = self.text.len();
                self.type_()?;
                if self.peek() != Some(b'S') {
                    self.text.truncate(type_start);
                }
                self.value(kind.unwrap_or_default())
            }
            b'S' => self.symbol_arg(),
            b'X' => {
                let length = self.external_length()?;
                let end = self.next.saturating_add(length);
                self.put_range(self.next, end)?;
                self.next = end;
                Ok(())
            }
            _ => Err(Error::NotMangled),
        }
    }

    fn external_length(&mut self) -> Result<usize, Error> {
        let length = self.number()?;
        if length > self.rest().len() { Err(Error::NotMangled) } else { Ok(length) }
    }

    /// A symbol as an argument: a mangled name, a qualified one, or either with its length before
    /// it, which newer compilers leave out. Where that ends and a name with its own length starts
    /// is found by trying.
    fn symbol_arg(&mut self) -> Result<(), Error> {
        if self.rest().starts_with(b"_D") {
            return self.nested(Self::mangled_name);
        }
        if self.peek() == Some(b'Q') {
            return self.qualified_name_arg();
        }
        let mark = self.mark();
        let (start, end) = self.digits()?;
        if start == end {
            return Err(Error::NotMangled);
        }
        let mut digits_end = end;
        while digits_end > start {
            let digits = self.name.get(start..digits_end).unwrap_or_default();
            let length = value(digits).unwrap_or(usize::MAX);
            if length == 0 {
                break;
            }
            self.reset(&mark);
            self.next = digits_end;
            let found = if self.rest().starts_with(b"_D") {
                self.nested(Self::mangled_name)
            } else {
                self.qualified_name_arg()
            };
            match found {
                Ok(()) if self.next.checked_sub(digits_end) == Some(length) => return Ok(()),
                Ok(()) | Err(Error::NotMangled) => {}
                Err(error) => return Err(error),
            }
            self.work(digits.len())?;
            digits_end = digits_end.saturating_sub(1);
        }
        self.reset(&mark);
        self.qualified_name_arg()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::text;

    #[test]
    fn templates_have_types_values_and_symbols() {
        let printed = |args: &str| text(&["_D1a__T1t", args, "Z1fFZv"].concat());
        assert_eq!(printed("TiVki5").unwrap(), "a.t!(int, 5u).f()");
        assert_eq!(printed("Vai65VdeN8P3").unwrap(), "a.t!('A', -0x8.p3).f()");
        assert_eq!(printed("VAyaa3_610a80").unwrap(), "a.t!(\"a\\n\\x80\").f()");
        assert_eq!(printed("VHiiA1i1i2").unwrap(), "a.t!([1:2]).f()");
        assert_eq!(printed("VS1b1sS2i1i2").unwrap(), "a.t!(b.s(1, 2)).f()");
        assert_eq!(printed("S41b1cTi").unwrap(), "a.t!(b.c, int).f()");
        assert_eq!(printed("S11_D1b1cMxFZv").unwrap(), "a.t!(b.c() const).f()");
        assert_eq!(printed("X3foo").unwrap(), "a.t!(foo).f()");
    }
}

//! Types of functions, their attributes and parameters.

use super::Reader;
use crate::Error;

/// What becomes a function type: a pointer to one, or a delegate.
pub(super) const FUNCTION: &[u8] = b"function";

const DELEGATE: &[u8] = b"delegate";

impl Reader<'_> {
    /// ```text
    /// TypeDelegate = "D" [TypeModifiers] TypeFunction
    /// ```
    pub(super) fn delegate(&mut self) -> Result<(), Error> {
        let start = self.text.len();
        self.type_modifiers()?;
        let modified = self.text.len();
        if self.peek() == Some(b'Q') {
            self.type_back_reference(|this| this.function_type(DELEGATE))?;
        } else {
            self.function_type(DELEGATE)?;
        }
        self.rotate(start, modified)?;
        Ok(())
    }

    /// ```text
    /// TypeFunction = CallConvention {FuncAttr} {Parameter} ParamClose Type
    /// ```
    /// It is printed as `extern(C) int(char) pure function`: in another order than it is read.
    pub(super) fn function_type(&mut self, kind: &[u8]) -> Result<(), Error> {
        let convention = self.byte()?;
        self.put(call_convention(convention).ok_or(Error::NotMangled)?)?;
        let attributes = self.text.len();
        self.attributes()?;
        let parameters = self.text.len();
        self.put(b"(")?;
        self.parameters()?;
        self.put(b")")?;
        let result = self.text.len();
        self.nested(Self::type_)?;
        let length = self.text.len().saturating_sub(result);
        // Attributes, parameters, result: the result to the front, then the attributes to the end.
        self.rotate(attributes, result)?;
        let moved = |place: usize| place.saturating_add(length);
        self.rotate(moved(attributes), moved(parameters))?;
        self.put(b" ")?;
        self.put(kind)
    }

    /// ```text
    /// FuncAttr = "Na" | "Nb" | "Nc" | "Nd" | "Ne" | "Nf" | "Ni" | "Nj" | "Nl" | "Nm"
    /// ```
    pub(super) fn attributes(&mut self) -> Result<(), Error> {
        while let [b'N', code, ..] = self.rest() {
            let words: &[u8] = match code {
                b'a' => b" pure",
                b'b' => b" nothrow",
                b'c' => b" ref",
                b'd' => b" @property",
                b'e' => b" @trusted",
                b'f' => b" @safe",
                b'i' => b" @nogc",
                b'j' => b" return",
                b'l' => b" scope",
                b'm' => b" @live",
                // These start a parameter.
                b'g' | b'h' | b'k' | b'n' => return Ok(()),
                _ => return Err(Error::NotMangled),
            };
            self.skip(2);
            self.put(words)?;
        }
        Ok(())
    }

    /// ```text
    /// {["M"] ["Nk"] ["I" ["K"] | "J" | "K" | "L"] Type} ("X" | "Y" | "Z")
    /// ```
    pub(super) fn parameters(&mut self) -> Result<(), Error> {
        let mut is_first = true;
        loop {
            match self.peek() {
                Some(b'X') => {
                    self.skip(1);
                    return self.put(b"...");
                }
                Some(b'Y') => {
                    self.skip(1);
                    return self.put(if is_first { b"..." } else { b", ..." });
                }
                Some(b'Z') => {
                    self.skip(1);
                    return Ok(());
                }
                _ => {}
            }
            if !is_first {
                self.put(b", ")?;
            }
            is_first = false;
            if self.eat(b'M') {
                self.put(b"scope ")?;
            }
            if self.rest().starts_with(b"Nk") {
                self.skip(2);
                self.put(b"return ")?;
            }
            match self.peek() {
                Some(b'I') => {
                    self.skip(1);
                    self.put(b"in ")?;
                    if self.eat(b'K') {
                        self.put(b"ref ")?;
                    }
                }
                Some(b'J') => {
                    self.skip(1);
                    self.put(b"out ")?;
                }
                Some(b'K') => {
                    self.skip(1);
                    self.put(b"ref ")?;
                }
                Some(b'L') => {
                    self.skip(1);
                    self.put(b"lazy ")?;
                }
                _ => {}
            }
            self.type_()?;
        }
    }
}

/// The words before a function of a calling convention.
pub(super) fn call_convention(code: u8) -> Option<&'static [u8]> {
    Some(match code {
        b'F' => b"",
        b'U' => b"extern(C) ",
        b'W' => b"extern(Windows) ",
        b'V' => b"extern(Pascal) ",
        b'R' => b"extern(C++) ",
        b'Y' => b"extern(Objective-C) ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::text;

    #[test]
    fn functions_have_parameters_and_qualifiers() {
        assert_eq!(text("_Dmain").unwrap(), "D main");
        assert_eq!(text("_D1a1fMxFNaNbiAyaZv").unwrap(), "a.f(int, immutable(char)[]) const");
        assert_eq!(
            text("_D1a1fFKiMiNkiLiJiIiXi").unwrap(),
            "a.f(ref int, scope int, return int, lazy int, out int, in int...)"
        );
        assert_eq!(text("_D1a1fFiZ1gFZv").unwrap(), "a.f(int).g()");
        assert_eq!(text("_D1a6__ctorMFZC1a").unwrap(), "a.this()");
        assert_eq!(text("_D1a10__postblitMFZv").unwrap(), "a.this(this)");
        assert_eq!(text("_D1a1b6__initZ").unwrap(), "initializer for a.b");
    }
}

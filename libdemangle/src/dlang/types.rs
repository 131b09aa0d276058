//! Types.

use super::functions::{FUNCTION, call_convention};
use super::{Reader, value};
use crate::Error;

impl Reader<'_> {
    /// ```text
    /// Type = [TypeModifiers] TypeX | TypeBackRef
    /// ```
    ///
    /// What stands before the innermost type (`PAx` in `PAxa`) is passed first, and closed behind
    /// it: chains need no stack.
    pub(super) fn type_(&mut self) -> Result<(), Error> {
        let start = self.next;
        while let Some(words) = self.opening() {
            self.put(words)?;
            self.skip(1);
        }
        let end = self.next;
        self.innermost_type()?;
        let passed = self.name.get(start..end).unwrap_or_default();
        for letter in passed.iter().rev() {
            self.put(match letter {
                b'P' => b"*",
                b'A' => b"[]",
                _ => b")",
            })?;
        }
        Ok(())
    }

    /// What the letter that is next puts before the type that follows it, if it is one of those
    /// that only change a type.
    fn opening(&self) -> Option<&'static [u8]> {
        Some(match self.rest() {
            [b'P', next, ..] if call_convention(*next).is_some() => return None,
            [b'P' | b'A', ..] => b"",
            [b'O', ..] => b"shared(",
            [b'x', ..] => b"const(",
            [b'y', ..] => b"immutable(",
            _ => return None,
        })
    }

    fn innermost_type(&mut self) -> Result<(), Error> {
        self.nested(|this| {
            let tag = this.byte()?;
            if let Some(words) = basic_type(tag) {
                return this.put(words);
            }
            match tag {
                b'N' => match this.byte()? {
                    b'g' => this.type_in(b"inout("),
                    b'h' => this.type_in(b"__vector("),
                    b'n' => this.put(b"typeof(*null)"),
                    _ => Err(Error::NotMangled),
                },
                b'z' => match this.byte()? {
                    b'i' => this.put(b"cent"),
                    b'k' => this.put(b"ucent"),
                    _ => Err(Error::NotMangled),
                },
                b'G' => {
                    let (start, end) = this.digits()?;
                    this.type_()?;
                    this.put(b"[")?;
                    this.put_range(start, end)?;
                    this.put(b"]")
                }
                b'H' => {
                    let start = this.text.len();
                    this.put(b"[")?;
                    this.type_()?;
                    this.put(b"]")?;
                    let value = this.text.len();
                    this.type_()?;
                    this.rotate(start, value)?;
                    Ok(())
                }
                // A pointer to a function.
                b'P' => this.function_type(FUNCTION),
                b'C' | b'S' | b'E' | b'T' => this.qualified_name_arg(),
                b'D' => this.delegate(),
                b'B' => this.tuple(),
                b'Q' => {
                    this.next = this.next.saturating_sub(1);
                    this.type_back_reference(Self::type_)
                }
                _ if call_convention(tag).is_some() => {
                    this.next = this.next.saturating_sub(1);
                    this.function_type(FUNCTION)
                }
                _ => Err(Error::NotMangled),
            }
        })
    }

    fn type_in(&mut self, words: &[u8]) -> Result<(), Error> {
        self.put(words)?;
        self.type_()?;
        self.put(b")")
    }

    /// Reads the type that a back reference names as `part` does.
    pub(super) fn type_back_reference(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let start = self.next;
        if start >= self.last_back_reference {
            return Err(Error::NotMangled);
        }
        let (target, behind) = self.back_reference(start)?;
        let last = core::mem::replace(&mut self.last_back_reference, start);
        self.next = target;
        let done = part(self);
        self.last_back_reference = last;
        self.next = behind;
        done
    }

    fn tuple(&mut self) -> Result<(), Error> {
        let (start, end) = self.digits()?;
        if start == end {
            return Err(Error::NotMangled);
        }
        let length = value(self.name.get(start..end).unwrap_or_default())?;
        self.put(b"Tuple!(")?;
        for index in 0..length {
            if index > 0 {
                self.put(b", ")?;
            }
            self.type_()?;
        }
        self.put(b")")
    }

    /// ```text
    /// TypeModifiers = {"O" | "Ng"} ["x" | "y"]
    /// ```
    pub(super) fn type_modifiers(&mut self) -> Result<(), Error> {
        loop {
            match self.rest() {
                [b'x', ..] => {
                    self.skip(1);
                    return self.put(b" const");
                }
                [b'y', ..] => {
                    self.skip(1);
                    return self.put(b" immutable");
                }
                [b'O', ..] => {
                    self.skip(1);
                    self.put(b" shared")?;
                }
                [b'N', b'g', ..] => {
                    self.skip(2);
                    self.put(b" inout")?;
                }
                _ => return Ok(()),
            }
        }
    }
}

fn basic_type(code: u8) -> Option<&'static [u8]> {
    Some(match code {
        b'a' => b"char",
        b'b' => b"bool",
        b'c' => b"creal",
        b'd' => b"double",
        b'e' => b"real",
        b'f' => b"float",
        b'g' => b"byte",
        b'h' => b"ubyte",
        b'i' => b"int",
        b'j' => b"ireal",
        b'k' => b"uint",
        b'l' => b"long",
        b'm' => b"ulong",
        b'n' => b"typeof(null)",
        b'o' => b"ifloat",
        b'p' => b"idouble",
        b'q' => b"cfloat",
        b'r' => b"cdouble",
        b's' => b"short",
        b't' => b"ushort",
        b'u' => b"wchar",
        b'v' => b"void",
        b'w' => b"dchar",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::text;

    #[test]
    fn types_are_printed_in_another_order() {
        let printed = |code: &str| text(&["_D1a1fF", code, "Zv"].concat());
        assert_eq!(printed("HAyai").unwrap(), "a.f(int[immutable(char)[]])");
        assert_eq!(printed("PUNaiZi").unwrap(), "a.f(extern(C) int(int) pure function)");
        assert_eq!(printed("DxFNaZi").unwrap(), "a.f(int() pure delegate const)");
        assert_eq!(printed("G4NgC1b1C").unwrap(), "a.f(inout(b.C)[4])");
        assert_eq!(printed("B2ik").unwrap(), "a.f(Tuple!(int, uint))");
        assert_eq!(printed("PAxOPyi").unwrap(), "a.f(const(shared(immutable(int)*))[]*)");
        let chain = printed(&["P".repeat(10_000), "i".into()].concat()).unwrap();
        assert_eq!(chain, ["a.f(int", &"*".repeat(10_000), ")"].concat());
    }
}

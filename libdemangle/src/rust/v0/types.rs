//! Types.

use super::{Machine, Step};
use crate::Error;

impl Machine<'_> {
    /// ```text
    /// <type> = <basic-type> | <path>
    ///        | "A" <type> <const>                  // [T; N]
    ///        | "S" <type>                          // [T]
    ///        | "T" {<type>} "E"                    // (T1, T2)
    ///        | "R" [<lifetime>] <type>             // &T
    ///        | "Q" [<lifetime>] <type>             // &mut T
    ///        | "P" <type>                          // *const T
    ///        | "O" <type>                          // *mut T
    ///        | "F" <fn-sig>                        // fn(…) -> …
    ///        | "D" <dyn-bounds> <lifetime>         // dyn Trait<Assoc = X> + 'a
    ///        | <backref>
    /// ```
    pub(super) fn type_(&mut self) -> Result<(), Error> {
        loop {
            let tag = self.byte()?;
            if let Some(words) = basic_type(tag) {
                return self.put(words.as_bytes());
            }
            self.enter()?;
            match tag {
                b'R' | b'Q' => {
                    self.put(b"&")?;
                    if self.eat(b'L') {
                        let lifetime = self.base62()?;
                        if lifetime != 0 {
                            self.put_lifetime(lifetime)?;
                            self.put(b" ")?;
                        }
                    }
                    if tag == b'Q' {
                        self.put(b"mut ")?;
                    }
                    self.then([Step::Leave]);
                }
                b'P' => {
                    self.put(b"*const ")?;
                    self.then([Step::Leave]);
                }
                b'O' => {
                    self.put(b"*mut ")?;
                    self.then([Step::Leave]);
                }
                b'S' => {
                    self.put(b"[")?;
                    self.then([Step::Close("]")]);
                }
                b'A' => {
                    self.put(b"[")?;
                    self.then([Step::Put("; "), Step::Const, Step::Close("]")]);
                }
                b'T' => {
                    self.put(b"(")?;
                    self.then([Step::Types { read: 0, is_tuple: true }, Step::Close(")")]);
                    return Ok(());
                }
                b'F' => return self.function(),
                b'D' => return self.trait_object(),
                b'B' => return self.back_reference(Step::Type),
                _ => {
                    self.next = self.next.saturating_sub(1);
                    self.then([Step::Leave]);
                    return self.path(false);
                }
            }
            // The type within comes next.
        }
    }

    pub(super) fn types(&mut self, read: u8, is_tuple: bool) -> Result<(), Error> {
        if self.eat(b'E') {
            return if is_tuple && read == 1 { self.put(b",") } else { Ok(()) };
        }
        if read > 0 {
            self.put(b", ")?;
        }
        self.then([Step::Types { read: read.saturating_add(1), is_tuple }]);
        self.type_()
    }

    /// ```text
    /// <fn-sig> = [<binder>] ["U"] ["K" <abi>] {<type>} "E" <type>
    /// <abi> = "C" | <undisambiguated-identifier>
    /// ```
    fn function(&mut self) -> Result<(), Error> {
        let bound = self.binder()?;
        if self.eat(b'U') {
            self.put(b"unsafe ")?;
        }
        if self.eat(b'K') {
            let abi: &[u8] = if self.eat(b'C') {
                b"C"
            } else {
                let ident = self.ident()?;
                if ident.ascii.is_empty() || !ident.codes.is_empty() {
                    return Err(Error::NotMangled);
                }
                ident.ascii
            };
            self.put(b"extern \"")?;
            // A `-` of the ABI's name was replaced.
            for (index, part) in abi.split(|&byte| byte == b'_').enumerate() {
                if index > 0 {
                    self.put(b"-")?;
                }
                self.put(part)?;
            }
            self.put(b"\" ")?;
        }
        self.then([
            Step::Put("fn("),
            Step::Types { read: 0, is_tuple: false },
            Step::Put(")"),
            Step::Returned,
            Step::Unbind(bound),
            Step::Leave,
        ]);
        Ok(())
    }

    pub(super) fn returned(&mut self) {
        if !self.eat(b'u') {
            self.then([Step::Put(" -> "), Step::Type]);
        }
    }

    fn trait_object(&mut self) -> Result<(), Error> {
        self.put(b"dyn ")?;
        let bound = self.binder()?;
        self.then([
            Step::Traits { is_first: true },
            Step::Unbind(bound),
            Step::ObjectLifetime,
            Step::Leave,
        ]);
        Ok(())
    }

    /// ```text
    /// <dyn-bounds> = [<binder>] {<dyn-trait>} "E"
    /// <dyn-trait> = <path> {<dyn-trait-assoc-binding>}
    /// ```
    pub(super) fn traits(&mut self, is_first: bool) -> Result<(), Error> {
        if self.eat(b'E') {
            return Ok(());
        }
        if !is_first {
            self.put(b" + ")?;
        }
        self.then([Step::TraitPath, Step::Bindings, Step::Traits { is_first: false }]);
        Ok(())
    }

    pub(super) fn trait_path(&mut self) -> Result<(), Error> {
        self.enter()?;
        if self.eat(b'B') {
            return self.back_reference(Step::TraitPath);
        }
        let path = Step::Path { of_value: false };
        if self.eat(b'I') {
            let open = Step::TraitOpen(true);
            let args = Step::GenericArgs { is_first: true };
            self.then([path, Step::Put("<"), args, open, Step::Leave]);
        } else {
            self.then([path, Step::TraitOpen(false), Step::Leave]);
        }
        Ok(())
    }

    /// ```text
    /// <dyn-trait-assoc-binding> = "p" <undisambiguated-identifier> <type>
    /// ```
    pub(super) fn bindings(&mut self) -> Result<(), Error> {
        if !self.eat(b'p') {
            return if self.is_open { self.put(b">") } else { Ok(()) };
        }
        self.put(if self.is_open { b", " } else { b"<" })?;
        let ident = self.ident()?;
        self.put_ident(&ident)?;
        self.then([Step::Put(" = "), Step::Type, Step::TraitOpen(true), Step::Bindings]);
        Ok(())
    }

    pub(super) fn object_lifetime(&mut self) -> Result<(), Error> {
        if !self.eat(b'L') {
            return Err(Error::NotMangled);
        }
        let lifetime = self.base62()?;
        if lifetime == 0 {
            return Ok(());
        }
        self.put(b" + ")?;
        self.put_lifetime(lifetime)
    }

    /// `for<'a, 'b> `, and gives how many lifetimes it has.
    ///
    /// ```text
    /// <binder> = "G" <base-62-number>
    /// ```
    fn binder(&mut self) -> Result<u64, Error> {
        let count = self.optional_base62(b'G')?;
        if count == 0 {
            return Ok(0);
        }
        if self.muted > 0 {
            self.bound = self.bound.wrapping_add(count);
            return Ok(count);
        }
        self.put(b"for<")?;
        for index in 0..count {
            if index > 0 {
                self.put(b", ")?;
            }
            self.bound = self.bound.wrapping_add(1);
            self.put_lifetime(1)?;
        }
        self.put(b"> ")?;
        Ok(count)
    }

    /// A lifetime: counted from the innermost `for<…>` on, as letters from the outermost on.
    pub(super) fn put_lifetime(&mut self, lifetime: u64) -> Result<(), Error> {
        if lifetime == 0 {
            return self.put(b"'_");
        }
        let index = self.bound.wrapping_sub(lifetime);
        if let Ok(index @ 0..26) = u8::try_from(index) {
            return self.put(&[b'\'', b'a'.wrapping_add(index)]);
        }
        self.put(b"'_")?;
        self.put_number(index)
    }
}

pub(super) fn basic_type(tag: u8) -> Option<&'static str> {
    Some(match tag {
        b'a' => "i8",
        b'b' => "bool",
        b'c' => "char",
        b'd' => "f64",
        b'e' => "str",
        b'f' => "f32",
        b'h' => "u8",
        b'i' => "isize",
        b'j' => "usize",
        b'l' => "i32",
        b'm' => "u32",
        b'n' => "i128",
        b'o' => "u128",
        b'p' => "_",
        b's' => "i16",
        b't' => "u16",
        b'u' => "()",
        b'v' => "...",
        b'x' => "i64",
        b'y' => "u64",
        b'z' => "!",
        _ => return None,
    })
}

//! Paths: what a name is in, and its generic arguments.

use super::{Machine, Step};
use crate::Error;

impl Machine<'_> {
    /// ```text
    /// <path> = "C" <identifier>                    // crate root
    ///        | "M" <impl-path> <type>              // <T>
    ///        | "X" <impl-path> <type> <path>       // <T as Trait>, of an impl
    ///        | "Y" <type> <path>                   // <T as Trait>
    ///        | "N" <namespace> <path> <identifier> // …::ident
    ///        | "I" <path> {<generic-arg>} "E"      // …<T, U>
    ///        | <backref>
    /// <impl-path> = [<disambiguator>] <path>
    /// ```
    pub(super) fn path(&mut self, of_value: bool) -> Result<(), Error> {
        const OF_TYPE: Step = Step::Path { of_value: false };
        loop {
            self.enter()?;
            match self.byte()? {
                b'C' => {
                    let disambiguator = self.disambiguator()?;
                    let ident = self.ident()?;
                    self.put_ident(&ident)?;
                    if self.verbose {
                        self.put(b"[")?;
                        self.put_hexadecimal(disambiguator)?;
                        self.put(b"]")?;
                    }
                    self.leave();
                    return Ok(());
                }
                // The path within comes first: it is read without a step of its own.
                b'N' => {
                    let namespace = self.byte()?;
                    if !namespace.is_ascii_alphabetic() {
                        return Err(Error::NotMangled);
                    }
                    self.then([Step::Name { namespace }]);
                }
                b'I' => self.then([
                    Step::Put(if of_value { "::<" } else { "<" }),
                    Step::GenericArgs { is_first: true },
                    Step::Close(">"),
                ]),
                tag @ (b'M' | b'X') => {
                    self.disambiguator()?;
                    self.muted = self.muted.saturating_add(1);
                    self.then([Step::Close(">")]);
                    if tag == b'X' {
                        self.then([Step::Put(" as "), OF_TYPE]);
                    }
                    self.then([OF_TYPE, Step::Unmute, Step::Put("<"), Step::Type]);
                    return Ok(());
                }
                b'Y' => {
                    self.put(b"<")?;
                    self.then([Step::Type, Step::Put(" as "), OF_TYPE, Step::Close(">")]);
                    return Ok(());
                }
                b'B' => return self.back_reference(Step::Path { of_value }),
                _ => return Err(Error::NotMangled),
            }
        }
    }

    /// The end of a path in a namespace: `{closure#0}` and its like in one with an upper-case
    /// letter.
    pub(super) fn name_in(&mut self, namespace: u8) -> Result<(), Error> {
        self.leave();
        let disambiguator = self.disambiguator()?;
        let ident = self.ident()?;
        if namespace.is_ascii_lowercase() {
            if ident.is_empty() {
                return Ok(());
            }
            self.put(b"::")?;
            return self.put_ident(&ident);
        }
        self.put(b"::{")?;
        match namespace {
            b'C' => self.put(b"closure")?,
            b'S' => self.put(b"shim")?,
            _ => self.put(&[namespace])?,
        }
        if !ident.is_empty() {
            self.put(b":")?;
            self.put_ident(&ident)?;
        }
        self.put(b"#")?;
        self.put_number(disambiguator)?;
        self.put(b"}")
    }

    /// ```text
    /// <generic-arg> = <lifetime> | <type> | "K" <const>
    /// <lifetime> = "L" <base-62-number>
    /// ```
    pub(super) fn generic_args(&mut self, is_first: bool) -> Result<(), Error> {
        if self.eat(b'E') {
            return Ok(());
        }
        if !is_first {
            self.put(b", ")?;
        }
        self.then([Step::GenericArgs { is_first: false }]);
        if self.eat(b'L') {
            let lifetime = self.base62()?;
            self.put_lifetime(lifetime)
        } else if self.eat(b'K') {
            self.constant()
        } else {
            self.type_()
        }
    }
}

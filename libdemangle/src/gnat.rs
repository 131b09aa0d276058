//! Ada, as GNAT encodes it: the comments of its `exp_dbug.ads` tell how.
//!
//! ```text
//! ada__strings__unbounded__Oconcat__3   ada.strings.unbounded."&"
//! ```
//!
//! A name of lower-case letters stands for itself, `__` for a dot, and letters in upper case for
//! what the compiler makes of a name. The words are those of GNU's demangler: what is no such name
//! stands in angle brackets, so that every name has a text.

use crate::text::Text;
use crate::{Error, Options};

/// Operators: their letters behind the `O`, and their symbols.
const OPERATORS: [(&[u8], &[u8]); 19] = [
    (b"abs", b"abs"),
    (b"and", b"and"),
    (b"mod", b"mod"),
    (b"not", b"not"),
    (b"or", b"or"),
    (b"rem", b"rem"),
    (b"xor", b"xor"),
    (b"eq", b"="),
    (b"ne", b"/="),
    (b"lt", b"<"),
    (b"le", b"<="),
    (b"gt", b">"),
    (b"ge", b">="),
    (b"add", b"+"),
    (b"subtract", b"-"),
    (b"concat", b"&"),
    (b"multiply", b"*"),
    (b"divide", b"/"),
    (b"expon", b"**"),
];

/// What the compiler makes for a unit or a type, behind three underscores.
const SPECIALS: [(&[u8], &[u8]); 5] = [
    (b"elabb", b"'Elab_Body"),
    (b"elabs", b"'Elab_Spec"),
    (b"size", b"'Size"),
    (b"alignment", b"'Alignment"),
    (b"assign", b".\":=\""),
];

/// Prints a name.
pub(crate) fn demangle(name: &[u8], _options: &Options, text: &mut Text) -> Result<(), Error> {
    // The main subprogram of a library unit.
    let encoded = name.strip_prefix(b"_ada_").unwrap_or(name);
    let mut reader = Reader { rest: encoded, text };
    match reader.name() {
        Err(Error::NotMangled) => {}
        done => return done,
    }
    text.clear();
    // What stands in brackets already stays as it is.
    if encoded.first() == Some(&b'<') {
        return text.put(encoded);
    }
    text.put(b"<")?;
    text.put(encoded)?;
    text.put(b">")
}

/// A name that is read and printed.
struct Reader<'a> {
    rest: &'a [u8],
    text: &'a mut Text,
}

impl Reader<'_> {
    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.rest.first().is_some_and(|&byte| wanted(byte)) {
            self.skip(1);
        }
    }

    fn name(&mut self) -> Result<(), Error> {
        if !self.rest.first().is_some_and(u8::is_ascii_lowercase) {
            return Err(Error::NotMangled);
        }
        loop {
            self.entity()?;
            if self.suffixes()? {
                return Ok(());
            }
            self.text.put(b".")?;
        }
    }

    /// An identifier or an operator.
    fn entity(&mut self) -> Result<(), Error> {
        match self.rest {
            [b'a'..=b'z', ..] => self.identifier(),
            [b'O', rest @ ..] => {
                let found = OPERATORS.iter().find(|(letters, _)| rest.starts_with(letters));
                let (letters, symbol) = found.ok_or(Error::NotMangled)?;
                self.skip(letters.len().saturating_add(1));
                self.text.put(b"\"")?;
                self.text.put(symbol)?;
                self.text.put(b"\"")
            }
            _ => Err(Error::NotMangled),
        }
    }

    fn identifier(&mut self) -> Result<(), Error> {
        loop {
            match self.rest {
                [byte @ (b'a'..=b'z' | b'0'..=b'9'), ..] => self.text.put(&[*byte])?,
                [b'_', b'a'..=b'z' | b'0'..=b'9', ..] => self.text.put(b"_")?,
                _ => return Ok(()),
            }
            self.skip(1);
        }
    }

    /// What follows an entity. Whether the name ends there; else a further entity follows.
    fn suffixes(&mut self) -> Result<bool, Error> {
        match self.rest {
            // The body of a task; what is within one.
            b"TKB" => return Ok(true),
            [b'T', b'K', b'_', b'_', ..] => {
                self.skip(4);
                return Ok(false);
            }
            // Subprograms of protected types.
            b"P" | b"N" => return Ok(true),
            _ => {}
        }
        self.nesting();
        let mut is_attribute = false;
        match self.rest {
            // Attributes of streams.
            [b'S', code @ (b'R' | b'W' | b'I' | b'O'), ..] => {
                self.text.put(match code {
                    b'R' => b"'Read",
                    b'W' => b"'Write",
                    b'I' => b"'Input",
                    _ => b"'Output",
                })?;
                self.skip(2);
                is_attribute = true;
            }
            // Controlled types.
            [b'D', b'A', ..] => {
                self.text.put(b".Adjust")?;
                return Ok(true);
            }
            [b'D', b'F', ..] => {
                self.text.put(b".Finalize")?;
                return Ok(true);
            }
            _ => {}
        }
        match self.rest {
            // The number of one of several entities of that name.
            [b'_', b'_', b'0'..=b'9', ..] => {
                self.skip(2);
                self.overload_number();
                self.nesting();
                self.local_number();
            }
            [b'_', b'_', b'_', special @ ..] => {
                let found = SPECIALS.iter().find(|(letters, _)| special.starts_with(letters));
                let (_, words) = found.ok_or(Error::NotMangled)?;
                self.text.put(words)?;
                return Ok(true);
            }
            [b'_', b'_', ..] => {
                self.skip(2);
                return Ok(false);
            }
            // The body or the barrier of an entry.
            [b'_', b'B' | b'E', ..] => {
                self.skip(2);
                self.skip_while(|byte| byte.is_ascii_digit());
                return if self.rest == b"s" { Ok(true) } else { Err(Error::NotMangled) };
            }
            _ if !is_attribute => self.local_number(),
            _ => {}
        }
        if self.rest.is_empty() { Ok(true) } else { Err(Error::NotMangled) }
    }

    /// The number of one of several that are local to functions.
    fn local_number(&mut self) {
        if let [b'.', b'0'..=b'9', ..] = self.rest {
            self.skip(1);
            self.skip_while(|byte| byte.is_ascii_digit());
        }
    }

    /// `X` and letters tell that an entity is nested in bodies.
    fn nesting(&mut self) {
        if let [b'X', ..] = self.rest {
            self.skip(1);
            self.skip_while(|byte| matches!(byte, b'n' | b'b'));
        }
    }

    /// Numbers with underscores between.
    fn overload_number(&mut self) {
        loop {
            self.skip_while(|byte| byte.is_ascii_digit());
            match self.rest {
                [b'_', b'0'..=b'9', ..] => self.skip(1),
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};

    use crate::{Demangler, Options, Style};

    fn text(name: &str) -> String {
        let mut demangler = Demangler::new(Options { style: Style::Gnat, ..Options::CXXFILT });
        String::from_utf8_lossy(demangler.demangle(name.as_bytes()).unwrap()).to_string()
    }

    #[test]
    fn names_have_dots_and_operators() {
        assert_eq!(text("ada__text_io__put__2"), "ada.text_io.put");
        assert_eq!(text("_ada_main"), "main");
        assert_eq!(text("p__Oconcat__3"), "p.\"&\"");
        assert_eq!(text("p__tTK__q"), "p.t.q");
        assert_eq!(text("p__tSR__2"), "p.t'Read");
        assert_eq!(text("p___elabb"), "p'Elab_Body");
        assert_eq!(text("p__tDF"), "p.t.Finalize");
        assert_eq!(text("p__qXn__r.12"), "p.q.r");
    }

    #[test]
    fn what_is_no_name_stands_in_brackets() {
        assert_eq!(text(""), "<>");
        assert_eq!(text("Foo"), "<Foo>");
        assert_eq!(text("_ada_Foo"), "<Foo>");
        assert_eq!(text("foo___bar"), "<foo___bar>");
        assert_eq!(text("<foo>"), "<foo>");
    }
}

//! D: <https://dlang.org/spec/abi.html#name_mangling>.
//!
//! ```text
//! _D3std5array__T8appenderTAiZQnFNaNbZv
//!   3std5array                           std.array
//!             __T8appenderTAiZ           .appender!(int[])
//!                             Qn         .appender: the name 14 bytes before the Q
//!                               FNaNbZ   (): a function, pure and nothrow
//!                                     v  of the type void: not printed
//! ```
//!
//! The words are those of GNU's demangler, and so is what it takes for a name.

use crate::text::Text;
use crate::{Error, Options};

/// How deep types and names may nest. Those of programs stay far below, and each level needs some
/// hundred bytes of stack.
const DEPTH: usize = 200;

/// Prints a mangled name. After an error nothing is printed.
pub(crate) fn demangle(name: &[u8], options: &Options, text: &mut Text) -> Result<(), Error> {
    if name == b"_Dmain" {
        return text.put(b"D main");
    }
    let mut reader = Reader {
        name,
        next: 0,
        last_back_reference: name.len(),
        depth_left: options.limits.depth.min(DEPTH),
        // As each piece of a name prints a byte or so, this is no limit of its own.
        pieces_left: options.limits.output,
        text,
    };
    let done = match reader.mangled_name() {
        Ok(()) if reader.next == name.len() && reader.text.len() > 0 => Ok(()),
        Ok(()) => Err(Error::NotMangled),
        Err(error) => Err(error),
    };
    if done.is_err() {
        text.clear();
    }
    done
}

/// A name that is read and printed.
struct Reader<'a> {
    name: &'a [u8],
    /// Where it is read next.
    next: usize,
    /// Within the type that a back reference names, further ones must stand before it.
    last_back_reference: usize,
    depth_left: usize,
    pieces_left: usize,
    text: &'a mut Text,
}

/// Whether the qualifiers of a method (`const`) are printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Qualifiers {
    Shown,
    Hidden,
}

/// What becomes a function type: a pointer to one, or a delegate.
const FUNCTION: &[u8] = b"function";
const DELEGATE: &[u8] = b"delegate";

/// A state to return to where something was no name after all.
struct Mark {
    next: usize,
    printed: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.name.get(self.next).copied()
    }

    fn rest(&self) -> &[u8] {
        self.name.get(self.next..).unwrap_or_default()
    }

    fn skip(&mut self, count: usize) {
        self.next = self.next.saturating_add(count);
    }

    fn byte(&mut self) -> Result<u8, Error> {
        let byte = self.peek().ok_or(Error::NotMangled)?;
        self.skip(1);
        Ok(byte)
    }

    /// Whether `wanted` is next, and steps over it then.
    fn eat(&mut self, wanted: u8) -> bool {
        let is_next = self.peek() == Some(wanted);
        if is_next {
            self.skip(1);
        }
        is_next
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.text.put(bytes)
    }

    fn mark(&self) -> Mark {
        Mark { next: self.next, printed: self.text.len() }
    }

    /// Forgets what was read and printed since.
    fn reset(&mut self, mark: &Mark) {
        self.next = mark.next;
        self.text.truncate(mark.printed);
    }

    /// Does `part` one level deeper.
    fn nested<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.pieces_left = self.pieces_left.checked_sub(1).ok_or(Error::TooLong)?;
        self.depth_left = self.depth_left.checked_sub(1).ok_or(Error::TooDeep)?;
        let done = part(self);
        self.depth_left = self.depth_left.saturating_add(1);
        done
    }

    /// The digits that are next, maybe none.
    fn digits(&mut self) -> (usize, usize) {
        let start = self.next;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.skip(1);
        }
        (start, self.next)
    }

    fn put_range(&mut self, start: usize, end: usize) -> Result<(), Error> {
        self.text.put(self.name.get(start..end).unwrap_or_default())
    }

    /// ```text
    /// Number = {0-9}
    /// ```
    fn number(&mut self) -> Result<usize, Error> {
        let (start, end) = self.digits();
        value(self.name.get(start..end).unwrap_or_default())
    }

    /// ```text
    /// MangledName = "_D" QualifiedName ("Z" | Type)
    /// ```
    fn mangled_name(&mut self) -> Result<(), Error> {
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
    fn is_symbol_name(&self) -> bool {
        match self.rest() {
            [b'0'..=b'9', ..] | [b'_', b'_', b'T' | b'U', ..] => true,
            [b'Q', ..] => {
                let target = back_reference(self.name, self.next).map(|(target, _)| target);
                let byte = target.ok().and_then(|target| self.name.get(target));
                byte.is_some_and(u8::is_ascii_digit)
            }
            _ => false,
        }
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
                while this.eat(b'0') {}
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
        self.text.rotate(start, modified);
        Ok(())
    }

    /// ```text
    /// SymbolName = LName | TemplateInstanceName | IdentifierBackRef
    /// ```
    /// `start` is where the text of the qualified name starts.
    fn symbol_name(&mut self, start: usize) -> Result<(), Error> {
        match self.rest() {
            [b'Q', ..] => {
                let (target, behind) = back_reference(self.name, self.next)?;
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
            self.text.rotate(start, end);
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

    /// ```text
    /// TemplateInstanceName = ("__T" | "__U") LName {TemplateArg} "Z"
    /// ```
    /// Older compilers put its length before it.
    fn template_instance(&mut self, length: Option<usize>) -> Result<(), Error> {
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
                        let (target, _) = back_reference(self.name, self.next)?;
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
        let (start, end) = self.digits();
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
            digits_end = digits_end.saturating_sub(1);
        }
        self.reset(&mark);
        self.qualified_name_arg()
    }

    fn qualified_name_arg(&mut self) -> Result<(), Error> {
        if !self.is_symbol_name() {
            return Err(Error::NotMangled);
        }
        self.qualified_name(Qualifiers::Hidden)
    }

    /// ```text
    /// Value = "n" | ["i"] Number | "N" Number | "e" HexFloat | "c" HexFloat "c" HexFloat
    ///       | ("a" | "w" | "d") Number "_" {HexDigit} | "A" Number {Value} | "S" Number {Value}
    ///       | "f" MangledName
    /// ```
    /// `kind` is the first letter of its type, 0 where that is not known.
    fn value(&mut self, kind: u8) -> Result<(), Error> {
        self.nested(|this| {
            if this.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return this.integer(kind);
            }
            match this.byte()? {
                b'n' => this.put(b"null"),
                b'N' => {
                    this.put(b"-")?;
                    this.integer(kind)
                }
                b'i' => this.integer(kind),
                b'e' => this.real(),
                b'c' => {
                    this.real()?;
                    this.put(b"+")?;
                    if !this.eat(b'c') {
                        return Err(Error::NotMangled);
                    }
                    this.real()?;
                    this.put(b"i")
                }
                width @ (b'a' | b'w' | b'd') => this.string(width),
                b'A' => this.array(kind == b'H'),
                b'S' => this.fields(),
                b'f' => this.nested(Self::mangled_name),
                _ => Err(Error::NotMangled),
            }
        })
    }

    fn integer(&mut self, kind: u8) -> Result<(), Error> {
        let (start, end) = self.digits();
        let digits = self.name.get(start..end).unwrap_or_default();
        if digits.is_empty() {
            return Err(Error::NotMangled);
        }
        match kind {
            b'a' | b'u' | b'w' => {
                let value = u32::try_from(value(digits)?).map_err(|_| Error::NotMangled)?;
                self.put(b"'")?;
                match (kind, value) {
                    (b'a', 0x20..=0x7e) => self.put(&[value as u8])?,
                    (b'a', _) => self.put_hex(b"\\x", value, 2)?,
                    (b'u', _) => self.put_hex(b"\\u", value, 4)?,
                    _ => self.put_hex(b"\\U", value, 8)?,
                }
                self.put(b"'")
            }
            b'b' => {
                let value = value(digits)?;
                self.put(if value == 0 { b"false" } else { b"true" })
            }
            _ => {
                self.put_range(start, end)?;
                self.put(match kind {
                    b'h' | b't' | b'k' => b"u",
                    b'l' => b"L",
                    b'm' => b"uL",
                    _ => b"",
                })
            }
        }
    }

    /// A number in hexadecimal, of at least so many digits.
    fn put_hex(&mut self, prefix: &[u8], value: u32, width: u32) -> Result<(), Error> {
        self.put(prefix)?;
        let digits = value.checked_ilog(16).unwrap_or_default().saturating_add(1).max(width);
        for place in (0..digits).rev() {
            let digit = value.checked_shr(place.saturating_mul(4)).unwrap_or_default() & 0xf;
            let digit = u8::try_from(digit).unwrap_or_default();
            self.put(&[if digit < 10 { b'0' | digit } else { digit.wrapping_add(b'a' - 10) }])?;
        }
        Ok(())
    }

    /// ```text
    /// HexFloat = "NAN" | "INF" | "NINF" | ["N"] {HexDigit} "P" ["N"] Number
    /// ```
    fn real(&mut self) -> Result<(), Error> {
        for (code, words) in [(&b"NAN"[..], &b"NaN"[..]), (b"INF", b"Inf"), (b"NINF", b"-Inf")] {
            if self.rest().starts_with(code) {
                self.skip(code.len());
                return self.put(words);
            }
        }
        if self.eat(b'N') {
            self.put(b"-")?;
        }
        let first = self.byte()?;
        if !first.is_ascii_hexdigit() {
            return Err(Error::NotMangled);
        }
        self.put(b"0x")?;
        self.put(&[first])?;
        self.put(b".")?;
        let start = self.next;
        while self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
            self.skip(1);
        }
        self.put_range(start, self.next)?;
        if !self.eat(b'P') {
            return Err(Error::NotMangled);
        }
        self.put(b"p")?;
        if self.eat(b'N') {
            self.put(b"-")?;
        }
        let (start, end) = self.digits();
        self.put_range(start, end)
    }

    fn string(&mut self, width: u8) -> Result<(), Error> {
        let length = self.number()?;
        if !self.eat(b'_') {
            return Err(Error::NotMangled);
        }
        self.put(b"\"")?;
        for _ in 0..length {
            let start = self.next;
            let high = self.hex_digit()?;
            let low = self.hex_digit()?;
            match high << 4 | low {
                b'\t' => self.put(b"\\t")?,
                b'\n' => self.put(b"\\n")?,
                b'\r' => self.put(b"\\r")?,
                0x0c => self.put(b"\\f")?,
                0x0b => self.put(b"\\v")?,
                byte @ 0x20..=0x7e => self.put(&[byte])?,
                _ => {
                    self.put(b"\\x")?;
                    self.put_range(start, self.next)?;
                }
            }
        }
        self.put(b"\"")?;
        if width == b'a' { Ok(()) } else { self.put(&[width]) }
    }

    fn hex_digit(&mut self) -> Result<u8, Error> {
        let byte = self.byte()?;
        let digit = char::from(byte).to_digit(16).ok_or(Error::NotMangled)?;
        u8::try_from(digit).map_err(|_| Error::NotMangled)
    }

    fn array(&mut self, is_associative: bool) -> Result<(), Error> {
        let length = self.number()?;
        self.put(b"[")?;
        for index in 0..length {
            if index > 0 {
                self.put(b", ")?;
            }
            self.value(0)?;
            if is_associative {
                self.put(b":")?;
                self.value(0)?;
            }
        }
        self.put(b"]")
    }

    fn fields(&mut self) -> Result<(), Error> {
        let length = self.number()?;
        self.put(b"(")?;
        for index in 0..length {
            if index > 0 {
                self.put(b", ")?;
            }
            self.value(0)?;
        }
        self.put(b")")
    }

    /// ```text
    /// Type = [TypeModifiers] TypeX | TypeBackRef
    /// ```
    fn type_(&mut self) -> Result<(), Error> {
        self.nested(|this| {
            let tag = this.byte()?;
            if let Some(words) = basic_type(tag) {
                return this.put(words);
            }
            match tag {
                b'O' => this.type_in(b"shared("),
                b'x' => this.type_in(b"const("),
                b'y' => this.type_in(b"immutable("),
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
                b'A' => {
                    this.type_()?;
                    this.put(b"[]")
                }
                b'G' => {
                    let (start, end) = this.digits();
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
                    this.text.rotate(start, value);
                    Ok(())
                }
                b'P' if this.peek().is_some_and(|byte| call_convention(byte).is_some()) => {
                    this.function_type(FUNCTION)
                }
                b'P' => {
                    this.type_()?;
                    this.put(b"*")
                }
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
    fn type_back_reference(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let start = self.next;
        if start >= self.last_back_reference {
            return Err(Error::NotMangled);
        }
        let (target, behind) = back_reference(self.name, start)?;
        let last = core::mem::replace(&mut self.last_back_reference, start);
        self.next = target;
        let done = part(self);
        self.last_back_reference = last;
        self.next = behind;
        done
    }

    fn tuple(&mut self) -> Result<(), Error> {
        let (start, end) = self.digits();
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
    /// TypeDelegate = "D" [TypeModifiers] TypeFunction
    /// ```
    fn delegate(&mut self) -> Result<(), Error> {
        let start = self.text.len();
        self.type_modifiers()?;
        let modified = self.text.len();
        if self.peek() == Some(b'Q') {
            self.type_back_reference(|this| this.function_type(DELEGATE))?;
        } else {
            self.function_type(DELEGATE)?;
        }
        self.text.rotate(start, modified);
        Ok(())
    }

    /// ```text
    /// TypeModifiers = {"O" | "Ng"} ["x" | "y"]
    /// ```
    fn type_modifiers(&mut self) -> Result<(), Error> {
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

    /// ```text
    /// TypeFunction = CallConvention {FuncAttr} {Parameter} ParamClose Type
    /// ```
    /// It is printed as `extern(C) int(char) pure function`: in another order than it is read.
    fn function_type(&mut self, kind: &[u8]) -> Result<(), Error> {
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
        self.text.rotate(attributes, result);
        let moved = |place: usize| place.saturating_add(length);
        self.text.rotate(moved(attributes), moved(parameters));
        self.put(b" ")?;
        self.put(kind)
    }

    /// ```text
    /// FuncAttr = "Na" | "Nb" | "Nc" | "Nd" | "Ne" | "Nf" | "Ni" | "Nj" | "Nl" | "Nm"
    /// ```
    fn attributes(&mut self) -> Result<(), Error> {
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
    fn parameters(&mut self) -> Result<(), Error> {
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

/// The value of decimal digits, at least one.
fn value(digits: &[u8]) -> Result<usize, Error> {
    if digits.is_empty() {
        return Err(Error::NotMangled);
    }
    digits.iter().try_fold(0, |value: usize, digit| {
        value
            .checked_mul(10)
            .and_then(|value| value.checked_add(usize::from(digit & 0xf)))
            .ok_or(Error::NotMangled)
    })
}

/// Where the back reference at `start` of a name points to, and where it ends.
///
/// ```text
/// BackRef = "Q" {A-Z} a-z
/// ```
fn back_reference(name: &[u8], start: usize) -> Result<(usize, usize), Error> {
    let mut distance: usize = 0;
    let mut at = start;
    loop {
        at = at.saturating_add(1);
        let (digit, is_last) = match name.get(at) {
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

/// The words before a function of a calling convention.
fn call_convention(code: u8) -> Option<&'static [u8]> {
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
    use std::string::{String, ToString};

    use crate::{Demangler, Error, Options, Style};

    fn text(name: &str) -> Result<String, Error> {
        let mut demangler = Demangler::new(Options { style: Style::Dlang, ..Options::NM });
        Ok(String::from_utf8_lossy(demangler.demangle(name.as_bytes())?).to_string())
    }

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

    #[test]
    fn types_are_printed_in_another_order() {
        let printed = |code: &str| text(&["_D1a1fF", code, "Zv"].concat());
        assert_eq!(printed("HAyai").unwrap(), "a.f(int[immutable(char)[]])");
        assert_eq!(printed("PUNaiZi").unwrap(), "a.f(extern(C) int(int) pure function)");
        assert_eq!(printed("DxFNaZi").unwrap(), "a.f(int() pure delegate const)");
        assert_eq!(printed("G4NgC1b1C").unwrap(), "a.f(inout(b.C)[4])");
        assert_eq!(printed("B2ik").unwrap(), "a.f(Tuple!(int, uint))");
    }

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

    #[test]
    fn back_references_go_back() {
        assert_eq!(text("_D1a3fooQeFZv").unwrap(), "a.foo.foo()");
        assert_eq!(text("_D1a1fFC1b1cQcZv").unwrap(), "a.f(b.c.c)");
        for name in ["_D1a1fFAQbZv", "_D1a3fooQaFZv", "_D1a1fFQzZv"] {
            assert_eq!(text(name), Err(Error::NotMangled), "{name}");
        }
    }

    #[test]
    fn what_is_left_over_is_no_name() {
        for name in ["", "_D", "_D1a", "_D1aZx", "_D1a1fFZv.1", "_D0a", "_D2a", "_DQb"] {
            assert_eq!(text(name), Err(Error::NotMangled), "{name}");
        }
    }
}

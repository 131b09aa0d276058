//! Mangling version 0: <https://doc.rust-lang.org/rustc/symbol-mangling/v0.html>.
//!
//! ```text
//! _RINvNtCs1234_4core3fmt5writehEC1a
//!   I                       h E       core::fmt::write::<u8>
//!    Nv                               a value in
//!      Nt                             a type's namespace in
//!        Cs1234_4core                 the crate core, told from others by 1234_
//!                                C1a  the crate that has the code: not printed
//! ```
//!
//! A name is read and printed in one pass by a machine: what is to be done is a stack of
//! [`Step`]s, so no name, however deeply it nests, needs more of the program's own stack.

use alloc::vec::Vec;

use super::punycode;
use crate::text::Text;
use crate::{Error, Options};

/// What the machine has to do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Print these words.
    Put(&'static str),
    /// Read a path. In one of a value, generic arguments have `::` before them.
    Path { of_value: bool },
    /// Read the name in a namespace, whose path was read. One level less.
    Name { namespace: u8 },
    /// Read generic arguments and the `E` after them.
    GenericArgs { is_first: bool },
    /// Read a type.
    Type,
    /// Read types and the `E` after them: of a tuple, which ends with a comma if it has one, or of
    /// parameters.
    Types { read: u8, is_tuple: bool },
    /// Read the type that a function returns.
    Returned,
    /// Read the traits of a trait object and the `E` after them.
    Traits { is_first: bool },
    /// Read the path of such a trait. Its generic arguments stay open for what may follow.
    TraitPath,
    /// Say whether the path of a trait has open generic arguments.
    TraitOpen(bool),
    /// Read the associated types of a trait.
    Bindings,
    /// Read the lifetime of a trait object.
    ObjectLifetime,
    /// Read a constant.
    Const,
    /// Go on reading here, behind a back reference.
    Resume(usize),
    /// Lifetimes of an inner `for<…>` end.
    Unbind(u64),
    /// Print again.
    Unmute,
    /// Print these words, which close what was open: one level less.
    Close(&'static str),
    /// One level less.
    Leave,
}

/// Prints the name whose part after `_R` is `name`.
pub(super) fn demangle(
    name: &[u8],
    options: &Options,
    steps: &mut Vec<Step>,
    text: &mut Text,
) -> Result<(), Error> {
    let (name, suffix) = name.split_at(symbol_length(name));
    // A number at the start would be the version of another mangling.
    if !name.first().is_some_and(u8::is_ascii_uppercase) || !matches!(suffix, [] | [b'.', ..]) {
        return Err(Error::NotMangled);
    }
    steps.clear();
    let mut machine = Machine {
        name,
        next: 0,
        verbose: options.verbose,
        muted: 0,
        depth: 0,
        depth_limit: options.limits.depth,
        // As each piece of a name prints a byte or so, this is no limit of its own.
        steps_left: options.limits.output,
        bound: 0,
        is_open: false,
        steps,
        text,
    };
    machine.run(Step::Path { of_value: true })?;
    if machine.next < name.len() {
        machine.muted = 1;
        machine.run(Step::Path { of_value: false })?;
    }
    if machine.next < name.len() { Err(Error::NotMangled) } else { Ok(()) }
}

/// How many bytes of a name stand at the start.
fn symbol_length(bytes: &[u8]) -> usize {
    /// So many bytes are looked at together.
    const STEP: usize = 16;
    let (steps, _) = bytes.as_chunks::<STEP>();
    // Without a branch for each byte, the compiler looks at all of a step at once.
    let whole = |step: &&[u8; STEP]| step.iter().fold(true, |all, &byte| all & is_symbol(byte));
    let passed = steps.iter().take_while(whole).count().saturating_mul(STEP);
    let rest = bytes.get(passed..).unwrap_or_default();
    passed.saturating_add(rest.iter().take_while(|&&byte| is_symbol(byte)).count())
}

/// Whether a byte may stand in a name.
#[expect(clippy::needless_bitwise_bool, reason = "a branch would end a step")]
fn is_symbol(byte: u8) -> bool {
    let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let is_digit = byte.wrapping_sub(b'0') < 10;
    is_letter | is_digit | (byte == b'_')
}

/// The machine while it reads a name.
struct Machine<'a> {
    name: &'a [u8],
    /// Where it reads next.
    next: usize,
    verbose: bool,
    /// Nothing is printed, nor are back references followed, unless this is 0.
    muted: usize,
    depth: usize,
    depth_limit: usize,
    steps_left: usize,
    /// How many lifetimes all `for<…>` around have. A name may wrap it.
    bound: u64,
    /// Whether the trait that was read last has open generic arguments.
    is_open: bool,
    steps: &'a mut Vec<Step>,
    text: &'a mut Text,
}

/// The characters of an identifier: those in ASCII, and codes for all others.
struct Ident<'a> {
    ascii: &'a [u8],
    codes: &'a [u8],
}

impl Ident<'_> {
    fn is_empty(&self) -> bool {
        self.ascii.is_empty() && self.codes.is_empty()
    }
}

impl<'a> Machine<'a> {
    /// Does a step and all that come of it.
    fn run(&mut self, step: Step) -> Result<(), Error> {
        self.steps.push(step);
        while let Some(step) = self.steps.pop() {
            self.count()?;
            self.step(step)?;
        }
        Ok(())
    }

    /// Counts a step.
    fn count(&mut self) -> Result<(), Error> {
        self.steps_left = self.steps_left.checked_sub(1).ok_or(Error::TooLong)?;
        Ok(())
    }

    fn step(&mut self, step: Step) -> Result<(), Error> {
        match step {
            Step::Put(words) => self.put(words.as_bytes()),
            Step::Path { of_value } => self.path(of_value),
            Step::Name { namespace } => self.name_in(namespace),
            Step::GenericArgs { is_first } => self.generic_args(is_first),
            Step::Type => self.type_(),
            Step::Types { read, is_tuple } => self.types(read, is_tuple),
            Step::Returned => {
                self.returned();
                Ok(())
            }
            Step::Traits { is_first } => self.traits(is_first),
            Step::TraitPath => self.trait_path(),
            Step::Bindings => self.bindings(),
            Step::ObjectLifetime => self.object_lifetime(),
            Step::Const => self.constant(),
            Step::TraitOpen(is_open) => {
                self.is_open = is_open;
                Ok(())
            }
            Step::Resume(next) => {
                self.next = next;
                Ok(())
            }
            Step::Unbind(count) => {
                self.bound = self.bound.wrapping_sub(count);
                Ok(())
            }
            Step::Unmute => {
                self.muted = self.muted.saturating_sub(1);
                Ok(())
            }
            Step::Close(words) => {
                self.leave();
                self.put(words.as_bytes())
            }
            Step::Leave => {
                self.leave();
                Ok(())
            }
        }
    }

    /// Does these next, in order.
    fn then<const N: usize>(&mut self, steps: [Step; N]) {
        self.steps.extend(steps.into_iter().rev());
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.muted > 0 { Ok(()) } else { self.text.put(bytes) }
    }

    fn put_number(&mut self, value: u64) -> Result<(), Error> {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = value;
        for place in digits.iter_mut().rev() {
            *place = b'0' | (rest % 10) as u8;
            start = start.saturating_sub(1);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.put(digits.get(start..).unwrap_or_default())
    }

    fn put_hexadecimal(&mut self, value: u64) -> Result<(), Error> {
        if self.muted > 0 {
            return Ok(());
        }
        // All digits are made, without a branch for each.
        let digits: [u8; 16] = core::array::from_fn(|place| {
            let digit = (value >> (60 - 4 * place)) as u8 & 0xf;
            digit + if digit < 10 { b'0' } else { b'a' - 10 }
        });
        let zeros = value.leading_zeros() as usize / 4;
        self.text.put(digits.get(zeros.min(15)..).unwrap_or_default())
    }

    /// One level more, until [`leave`](Self::leave).
    fn enter(&mut self) -> Result<(), Error> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > self.depth_limit { Err(Error::TooDeep) } else { self.count() }
    }

    /// One level less.
    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn byte(&mut self) -> Result<u8, Error> {
        let byte = self.name.get(self.next).copied().ok_or(Error::NotMangled)?;
        self.next = self.next.saturating_add(1);
        Ok(byte)
    }

    /// Whether `wanted` is next, and steps over it then.
    fn eat(&mut self, wanted: u8) -> bool {
        let is_next = self.name.get(self.next) == Some(&wanted);
        if is_next {
            self.next = self.next.saturating_add(1);
        }
        is_next
    }

    /// ```text
    /// <base-62-number> = {<0-9a-zA-Z>} "_"
    /// ```
    fn base62(&mut self) -> Result<u64, Error> {
        if self.eat(b'_') {
            return Ok(0);
        }
        let mut value: u64 = 0;
        loop {
            let digit = match self.byte()? {
                digit @ b'0'..=b'9' => digit.wrapping_sub(b'0'),
                digit @ b'a'..=b'z' => digit.wrapping_sub(b'a').wrapping_add(10),
                digit @ b'A'..=b'Z' => digit.wrapping_sub(b'A').wrapping_add(36),
                b'_' => return Ok(value.wrapping_add(1)),
                _ => return Err(Error::NotMangled),
            };
            value = value.wrapping_mul(62).wrapping_add(u64::from(digit));
        }
    }

    /// A number after `tag`, from 1 on; 0 without.
    fn optional_base62(&mut self, tag: u8) -> Result<u64, Error> {
        if self.eat(tag) { Ok(self.base62()?.wrapping_add(1)) } else { Ok(0) }
    }

    /// ```text
    /// <disambiguator> = "s" <base-62-number>
    /// ```
    fn disambiguator(&mut self) -> Result<u64, Error> {
        self.optional_base62(b's')
    }

    /// ```text
    /// <undisambiguated-identifier> = ["u"] <decimal-number> ["_"] <bytes>
    /// ```
    fn ident(&mut self) -> Result<Ident<'a>, Error> {
        let has_codes = self.eat(b'u');
        let first = self.byte()?;
        if !first.is_ascii_digit() {
            return Err(Error::NotMangled);
        }
        let mut length = u64::from(first.wrapping_sub(b'0'));
        if length != 0 {
            while let Some(digit @ b'0'..=b'9') = self.name.get(self.next) {
                length = length.wrapping_mul(10).wrapping_add(u64::from(digit.wrapping_sub(b'0')));
                self.next = self.next.saturating_add(1);
            }
        }
        self.eat(b'_');
        let rest = self.name.get(self.next..).unwrap_or_default();
        let length = usize::try_from(length).map_err(|_| Error::NotMangled)?;
        let bytes = rest.get(..length).ok_or(Error::NotMangled)?;
        self.next = self.next.saturating_add(length);
        if !has_codes {
            return Ok(Ident { ascii: bytes, codes: &[] });
        }
        let (ascii, codes) = match bytes.iter().rposition(|&byte| byte == b'_') {
            Some(at) => {
                let (ascii, codes) = bytes.split_at(at);
                (ascii, codes.get(1..).unwrap_or_default())
            }
            None => (&[][..], bytes),
        };
        if codes.is_empty() { Err(Error::NotMangled) } else { Ok(Ident { ascii, codes }) }
    }

    fn put_ident(&mut self, ident: &Ident) -> Result<(), Error> {
        if self.muted > 0 {
            return Ok(());
        }
        if ident.codes.is_empty() {
            return self.put(ident.ascii);
        }
        for character in punycode::decode(ident.ascii, ident.codes)? {
            let (bytes, length) = punycode::utf8(character);
            self.put(bytes.get(..length).unwrap_or_default())?;
        }
        Ok(())
    }

    /// Reads what a back reference names as `step` says, then goes on behind it. Its `B` is read.
    ///
    /// ```text
    /// <backref> = "B" <base-62-number>
    /// ```
    fn back_reference(&mut self, step: Step) -> Result<(), Error> {
        let target = self.base62()?;
        if self.muted > 0 {
            self.then([Step::Leave]);
            return Ok(());
        }
        // What is not before here ends at the limits.
        let target = usize::try_from(target).map_err(|_| Error::NotMangled)?;
        let behind = self.next;
        self.next = target;
        self.then([step, Step::Resume(behind), Step::Leave]);
        Ok(())
    }

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
    fn path(&mut self, of_value: bool) -> Result<(), Error> {
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
    fn name_in(&mut self, namespace: u8) -> Result<(), Error> {
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
    fn generic_args(&mut self, is_first: bool) -> Result<(), Error> {
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

    /// A lifetime: counted from the innermost `for<…>` on, as letters from the outermost on.
    fn put_lifetime(&mut self, lifetime: u64) -> Result<(), Error> {
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
    fn type_(&mut self) -> Result<(), Error> {
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

    fn types(&mut self, read: u8, is_tuple: bool) -> Result<(), Error> {
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

    fn returned(&mut self) {
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
    fn traits(&mut self, is_first: bool) -> Result<(), Error> {
        if self.eat(b'E') {
            return Ok(());
        }
        if !is_first {
            self.put(b" + ")?;
        }
        self.then([Step::TraitPath, Step::Bindings, Step::Traits { is_first: false }]);
        Ok(())
    }

    fn trait_path(&mut self) -> Result<(), Error> {
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
    fn bindings(&mut self) -> Result<(), Error> {
        if !self.eat(b'p') {
            return if self.is_open { self.put(b">") } else { Ok(()) };
        }
        self.put(if self.is_open { b", " } else { b"<" })?;
        let ident = self.ident()?;
        self.put_ident(&ident)?;
        self.then([Step::Put(" = "), Step::Type, Step::TraitOpen(true), Step::Bindings]);
        Ok(())
    }

    fn object_lifetime(&mut self) -> Result<(), Error> {
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

    /// ```text
    /// <const> = <type> <const-data> | "p" | <backref>
    /// <const-data> = ["n"] {<hex-digit>} "_"
    /// ```
    fn constant(&mut self) -> Result<(), Error> {
        self.enter()?;
        let tag = self.byte()?;
        match tag {
            b'B' => return self.back_reference(Step::Const),
            b'p' => {
                self.put(b"_")?;
                self.then([Step::Leave]);
                return Ok(());
            }
            b'h' | b't' | b'm' | b'y' | b'o' | b'j' => self.integer()?,
            b'a' | b's' | b'l' | b'x' | b'n' | b'i' => {
                if self.eat(b'n') {
                    self.put(b"-")?;
                }
                self.integer()?;
            }
            b'b' => match self.hex_digits()? {
                b"0" => self.put(b"false")?,
                b"1" => self.put(b"true")?,
                _ => return Err(Error::NotMangled),
            },
            b'c' => self.character()?,
            _ => return Err(Error::NotMangled),
        }
        if self.verbose {
            self.put(b": ")?;
            self.put(basic_type(tag).unwrap_or_default().as_bytes())?;
        }
        self.then([Step::Leave]);
        Ok(())
    }

    /// Digits up to a `_`, at least one.
    fn hex_digits(&mut self) -> Result<&'a [u8], Error> {
        let start = self.next;
        loop {
            match self.byte()? {
                b'0'..=b'9' | b'a'..=b'f' => {}
                b'_' => break,
                _ => return Err(Error::NotMangled),
            }
        }
        let digits = self.name.get(start..self.next.saturating_sub(1)).unwrap_or_default();
        if digits.is_empty() { Err(Error::NotMangled) } else { Ok(digits) }
    }

    fn integer(&mut self) -> Result<(), Error> {
        let digits = self.hex_digits()?;
        if digits.len() <= 16 {
            return self.put_number(value(digits));
        }
        // What does not fit 64 bits is printed as GNU does, from the second digit to the `_`.
        self.put(b"0x")?;
        self.put(digits.get(1..).unwrap_or_default())?;
        self.put(b"_")
    }

    fn character(&mut self) -> Result<(), Error> {
        let digits = self.hex_digits()?;
        if digits.len() > 8 {
            return Err(Error::NotMangled);
        }
        self.put(b"'")?;
        match value(digits) {
            0x09 => self.put(b"\\t")?,
            0x0a => self.put(b"\\n")?,
            0x0d => self.put(b"\\r")?,
            value @ 0x21..=0x7d => self.put(&[value as u8])?,
            value => {
                self.put(b"\\u{")?;
                self.put_hexadecimal(value)?;
                self.put(b"}")?;
            }
        }
        self.put(b"'")
    }
}

/// The value of at most 16 hexadecimal digits.
fn value(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value, &digit| {
        let digit = if digit <= b'9' { digit & 0xf } else { (digit & 0xf).wrapping_add(9) };
        value << 4 | u64::from(digit)
    })
}

fn basic_type(tag: u8) -> Option<&'static str> {
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

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

mod constants;
mod paths;
mod types;
mod words;

use alloc::vec::Vec;

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

impl Machine<'_> {
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
}

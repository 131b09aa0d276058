//! Names of the Itanium C++ ABI.
//!
//! A mangled name is a sentence of a small language: `itanium.grammar`, in the folder of this
//! library, is its grammar. [`parse`] reads a name into the nodes of an [`arena::Arena`], and a
//! printer writes them: [`gnu`] as GNU's programs do, in each of their manners, [`llvm`] as LLVM's.
//! What the two have in common is in [`spell`].
//!
//! ```text
//! _ZN1AIiE1fIcEEvT_S1_
//!   N ... E      Qualified{ Template{ Name A, Args[int] }, Name f } ...
//!   IcE          ... with arguments: Template{ Qualified, Args[char] }
//!   v            ... is a template, so its type begins with the return type
//!   T_           TemplateParam 0: stands for `char`; substitution S1_
//!   S1_          that node once more
//! void A<int>::f<char>(char, char)
//! ```
//!
//! What a printer gets: the bytes of the name, the arena, and the root's [`arena::NodeId`]. Nodes
//! name one another by number, spans are places in the bytes. Template parameters carry both what
//! the printers need: their number, for a printer that looks it up in the arguments of the
//! template that is being printed (GNU's way), and the argument that they stand for where they
//! were read (LLVM's way). Qualifiers of a member function (`NK..E`) are around the `Function` of
//! an `Encoding`, and around the name of what is no function.
//!
//! The arena is kept from one name to the next, and so is the memory of the printers: a name costs
//! no allocation once they are large enough.

pub(crate) mod arena;
mod bounds;
mod global;
mod gnu;
mod llvm;
pub(crate) mod operators;
mod parse;
mod spell;
mod vectors;

use crate::text::Text;
use crate::{Dialect, Error, Options};
use parse::Reader;

/// How deep productions and nodes nest at most, whatever the limits say: as deep as a stack of
/// 256 KiB allows.
const DEPTH: usize = 400;

/// Whether an identifier is what compilers make of an unnamed namespace.
fn is_anonymous(input: &[u8], identifier: arena::Span) -> bool {
    let start = identifier.at as usize;
    let bytes = input.get(start..start + identifier.len as usize).unwrap_or(&[]);
    matches!(bytes.strip_prefix(b"_GLOBAL_"), Some([b'.' | b'_' | b'$', b'N', ..]))
}

/// Parses and prints names, and keeps its memory between them.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    arena: arena::Arena,
    gnu: gnu::Memory,
}

impl Parser {
    /// Prints a mangled name.
    pub(crate) fn demangle(
        &mut self,
        name: &[u8],
        options: &Options,
        text: &mut Text,
    ) -> Result<(), Error> {
        if let Some(rest) = name.strip_prefix(b"_Z") {
            if name.len() > options.limits.name {
                return Err(Error::TooLong);
            }
            return self.encoding(name, rest.len(), options, text);
        }
        if options.dialect == Dialect::Gnu
            && let Some(keyed) = global::keyed_name(name)
        {
            return self.keyed(keyed, options, text);
        }
        if options.types {
            return self.lone_type(name, options, text);
        }
        Err(Error::NotMangled)
    }

    /// Prints the encoding that the last `len` bytes of a name are.
    fn encoding(
        &mut self,
        name: &[u8],
        len: usize,
        options: &Options,
        text: &mut Text,
    ) -> Result<(), Error> {
        let name = name.get(name.len().saturating_sub(len)..).unwrap_or(&[]);
        let mut reader = Reader::new(name, &mut self.arena, options);
        let root = reader.mangled_name()?;
        if options.parameters && !reader.at_end() {
            return Err(Error::NotMangled);
        }
        self.print(name, root, options, text)
    }

    /// Prints what was read from `input`.
    fn print(
        &mut self,
        input: &[u8],
        root: arena::NodeId,
        options: &Options,
        text: &mut Text,
    ) -> Result<(), Error> {
        match options.dialect {
            Dialect::Gnu => gnu::print(input, &self.arena, &mut self.gnu, root, options, text),
            Dialect::Llvm => llvm::print(input, &self.arena, root, options, text),
        }
    }

    /// Prints what the initializers of a file are called.
    fn keyed(
        &mut self,
        keyed: global::Keyed<'_>,
        options: &Options,
        text: &mut Text,
    ) -> Result<(), Error> {
        text.put(keyed.what)?;
        match keyed.name.strip_prefix(b"_Z") {
            Some(rest) => {
                let mut reader = Reader::new(rest, &mut self.arena, options);
                // Whatever follows the name is of no matter.
                let root = reader.keyed_encoding()?;
                self.print(rest, root, options, text)
            }
            None => text.put(keyed.name),
        }
    }

    /// Prints a type that is no name.
    fn lone_type(&mut self, name: &[u8], options: &Options, text: &mut Text) -> Result<(), Error> {
        if name.len() > options.limits.name {
            return Err(Error::TooLong);
        }
        let mut reader = Reader::new(name, &mut self.arena, options);
        let root = reader.lone_type()?;
        if options.parameters && !reader.at_end() {
            return Err(Error::NotMangled);
        }
        self.print(name, root, options, text)
    }
}

//! Names of the Itanium C++ ABI.

use crate::text::Text;
use crate::{Error, Options};

/// Parses and prints names, and keeps its memory between them.
#[derive(Debug, Default)]
pub(crate) struct Parser {}

impl Parser {
    /// Prints a mangled name.
    #[expect(clippy::unused_self, reason = "the parser is to come")]
    pub(crate) fn demangle(
        &mut self,
        _name: &[u8],
        _options: &Options,
        _text: &mut Text,
    ) -> Result<(), Error> {
        Err(Error::NotMangled)
    }
}

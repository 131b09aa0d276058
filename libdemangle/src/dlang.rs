//! D.

use crate::text::Text;
use crate::{Error, Options};

/// Prints a mangled name.
pub(crate) fn demangle(_name: &[u8], _options: &Options, _text: &mut Text) -> Result<(), Error> {
    Err(Error::NotMangled)
}

//! Files that a description names. Only regular ones are read: a device could give bytes without
//! end, and a pipe could give none.

use std::fs::{self, File};
use std::io;

use libpeg::diagnostic::Diagnostic;
use libpeg::source::Span;

use crate::build::system_message;
use crate::context::{Context, Read};

/// Opens the file that a description calls `name`; gives its size in bytes too.
///
/// # Errors
/// It is not there, or not a regular file.
pub fn open(name: &[u8], span: Span, context: &Context<'_>) -> Read<(File, u64)> {
    let path = context.folder.join(&*String::from_utf8_lossy(name));
    let open = || {
        let status = fs::metadata(&path)?;
        if !status.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok((File::open(&path)?, status.len()))
    };
    open().map_err(|error| failed(name, span, &error))
}

/// The error about a file that cannot be read.
pub fn failed(name: &[u8], span: Span, error: &io::Error) -> Diagnostic {
    let name = String::from_utf8_lossy(name);
    Diagnostic::error(span, format!("cannot read {name}: {}", system_message(error.to_string())))
}

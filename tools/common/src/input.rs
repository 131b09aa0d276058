//! Files that a command line names, and how messages call them.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::Output;
use crate::output::system_message;

/// What the system knows of the file at `path`, or `None` with a message if there is none or it is
/// a directory.
pub fn locate(out: &mut Output, path: &[u8]) -> Option<Metadata> {
    match std::fs::metadata(Path::new(OsStr::from_bytes(path))) {
        Ok(metadata) if metadata.is_dir() => {
            out.warn_bytes(&[b"'", &shown(path), b"' is a directory"]);
            None
        }
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            out.diagnose_bytes(&[b"'", &*shown(path), b"': No such file"].concat());
            None
        }
        Err(error) => {
            let reason = system_message(&error);
            let says = b"'.  reason: ";
            out.warn_bytes(&[b"could not locate '", &shown(path), says, reason.as_bytes()]);
            None
        }
    }
}

/// A name for a message.
pub fn shown(name: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(name.len());
    put_name(&mut text, name);
    text
}

/// A name of the file, with control characters as `^X`: they would steer the terminal.
pub fn put_name(buf: &mut Vec<u8>, name: &[u8]) {
    if !name.iter().any(u8::is_ascii_control) {
        buf.extend_from_slice(name);
        return;
    }
    for &byte in name {
        if byte.is_ascii_control() {
            buf.extend_from_slice(&[b'^', byte ^ 0x40]);
        } else {
            buf.push(byte);
        }
    }
}

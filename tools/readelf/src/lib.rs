//! The program readelf: shows what an ELF file holds.
//!
//! [`process`] runs the parts in the order in which GNU readelf prints them; each part is a
//! module with a `display` function that returns whether all went well.
#![forbid(unsafe_code)]

mod arch;
mod archive;
mod carried;
mod debug;
mod dump;
mod dynamic;
mod dynamic_values;
mod groups;
mod hash_tables;
mod header;
mod histogram;
mod liblist;
mod locale;
mod lto_syms;
mod notes;
mod object;
mod options;
mod parallel;
mod relocate;
mod relocs;
mod sections;
mod segments;
mod symbol_table;
mod symbol_version;
mod symbols;
mod syminfo;
mod text;
mod time;
mod unwind;
mod version_chain;
mod versions;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;

use common::{ExitStatus, Output};

use crate::carried::Carried;
use crate::object::Object;
use crate::options::{Options, Request};

/// Runs the program: `program` is the name it was called by, `args` what follows it.
pub fn main(program: &str, args: Vec<OsString>) -> ExitStatus {
    let mut out = Output::process(program);
    let options = match options::read(&mut out, args) {
        Request::Run(options) => options,
        Request::End(status) => return status,
    };
    let show_name = options.files.len() > 1;
    let carried = Carried::default();
    let mut good = true;
    for file in &options.files {
        good &= process_file(&mut out, &options, &carried, file, show_name);
    }
    out.flush();
    if good { common::SUCCESS } else { common::FAILURE }
}

/// The size of the bytes that tell an archive from an object file.
const MAGIC_SIZE: usize = 8;

/// Dumps the object file or archive at `path`.
fn process_file(
    out: &mut Output,
    options: &Options,
    carried: &Carried,
    path: &OsStr,
    show_name: bool,
) -> bool {
    let name = &*text::printable(path.as_bytes());
    let Some(bytes) = read_file(out, path, name) else { return false };
    if bytes.len() < MAGIC_SIZE {
        out.error_bytes(&[name, b": Failed to read file's magic number"]);
        return false;
    }
    if archive::is_archive(&bytes) {
        return archive::process(out, options, path, &bytes, &|out, source| {
            process(out, options, carried, source, true)
        });
    }
    if options.archive_index && !options.checks_all {
        let reason = b" is not an archive so its index cannot be displayed.";
        out.error_bytes(&[b"File ", name, reason]);
    }
    let source = Source { name, data: &bytes, file_size: bytes.len() as u64, is_stored: false };
    process(out, options, carried, &source, show_name)
}

/// What may be an object file.
struct Source<'a> {
    /// How headings and messages call it.
    name: &'a [u8],
    /// The bytes from its start to the end of the file that holds it.
    data: &'a [u8],
    /// The bytes of that file.
    file_size: u64,
    /// Whether it is a member with any bytes, stored in the archive itself.
    is_stored: bool,
}

/// The bytes of a regular file; reports to `out` if there are none.
fn read_file(out: &mut Output, path: &OsStr, name: &[u8]) -> Option<libelf::map::Bytes> {
    let system_message = common::output::system_message;
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            out.error_bytes(&[b"'", name, b"': No such file"]);
            return None;
        }
        Err(error) => {
            let reason = system_message(&error);
            let says = b"'.  System error message: ";
            out.error_bytes(&[b"Could not locate '", name, says, reason.as_bytes()]);
            return None;
        }
        Ok(metadata) if !metadata.is_file() => {
            out.error_bytes(&[b"'", name, b"' is not an ordinary file"]);
            return None;
        }
        Ok(_) => {}
    }
    let bytes = libelf::map::read(path).ok();
    if bytes.is_none() {
        report_unreadable(out, name);
    }
    bytes
}

fn report_unreadable(out: &mut Output, name: &[u8]) {
    out.error_bytes(&[b"Input file '", name, b"' is not readable."]);
}

/// Dumps an object file. The parts follow in the order of GNU readelf.
fn process(
    out: &mut Output,
    options: &Options,
    carried: &Carried,
    source: &Source<'_>,
    show_name: bool,
) -> bool {
    let Some(mut object) = Object::open(out, source, carried) else { return false };
    if show_name {
        out.put(&[b"\nFile: ", source.name, b"\n"].concat());
    }
    let object = &mut object;
    if !header::is_elf(&object.header) {
        header::report_other_format(out, &object.header.ident, source.is_stored);
        return false;
    }
    header::display(out, options, object);
    let has_sections = sections::display(out, options, object);
    let options = &if has_sections { options.clone() } else { without_sections(options) };
    let mut good = true;
    for part in PARTS {
        good &= part(out, options, object);
    }
    good
}

/// Shows the headers of a file that another one leads to, then `contents`, then all other parts,
/// unless something was wrong with the contents.
fn process_linked(
    out: &mut Output,
    options: &Options,
    object: &mut Object<'_>,
    contents: &mut dyn FnMut(&mut Output) -> bool,
) {
    header::display(out, options, object);
    let has_sections = sections::display(out, options, object);
    if contents(out) && has_sections {
        let options = Options {
            process_links: false,
            asks_for_links: false,
            checks_all: false,
            dumps: Vec::new(),
            debug: libdwarf::dump::Options::default(),
            ..options.clone()
        };
        for part in PARTS {
            part(out, &options, object);
        }
    }
}

/// A part of the dump; returns whether all went well.
type Part = fn(&mut Output, &Options, &mut Object<'_>) -> bool;

/// All parts after the headers, in order of output.
#[rustfmt::skip] // One a line, so that the order is read at a glance.
const PARTS: &[Part] = &[
    groups::display,
    segments::display,
    dynamic::display,
    relocs::display,
    unwind::display,
    symbols::display,
    histogram::display,
    lto_syms::display,
    syminfo::display,
    versions::display,
    dump::display,
    notes::display,
    liblist::display,
    arch::display,
];

/// `options` without the parts that need section headers, for a file with unusable ones.
fn without_sections(options: &Options) -> Options {
    let mut options = Options {
        unwind: false,
        versions: false,
        dumps: Vec::new(),
        arch: false,
        ..options.clone()
    };
    if !options.use_dynamic {
        options.syms = false;
        options.dyn_syms = false;
        options.relocs = false;
    }
    options
}

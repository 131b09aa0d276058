//! The program readelf: shows what an ELF file holds.
//!
//! [`process`] runs the parts in the order in which GNU readelf prints them; each part is a
//! module with a `display` function that returns whether all went well.
#![forbid(unsafe_code)]

mod arch;
mod archive;
mod carried;
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

use common::{ExitStatus, Output, out};

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
    let name = &text::printable_text(path.as_bytes());
    let Some(bytes) = read_file(out, path, name) else { return false };
    if bytes.len() < MAGIC_SIZE {
        out.error(format_args!("{name}: Failed to read file's magic number"));
        return false;
    }
    if archive::is_archive(&bytes) {
        return archive::process(out, options, path, &bytes, &|out, member, data| {
            process(out, options, carried, member, data, Origin::Member)
        });
    }
    if options.archive_index {
        out.error(format_args!("File {name} is not an archive so its index cannot be displayed."));
    }
    process(out, options, carried, name, &bytes, Origin::File { show_name })
}

/// Where the bytes of an object file come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// They are a file.
    File {
        /// Whether its name stands above the dump: one of several files.
        show_name: bool,
    },
    /// They are a member of an archive; its name stands above the dump.
    Member,
}

/// The bytes of a regular file; reports to `out` if there are none.
fn read_file(out: &mut Output, path: &OsStr, name: &str) -> Option<libelf::map::Bytes> {
    let system_message = common::output::system_message;
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            out.error(format_args!("'{name}': No such file"));
            return None;
        }
        Err(error) => {
            out.error(format_args!(
                "Could not locate '{name}'.  System error message: {}",
                system_message(&error)
            ));
            return None;
        }
        Ok(metadata) if !metadata.is_file() => {
            out.error(format_args!("'{name}' is not an ordinary file"));
            return None;
        }
        Ok(_) => {}
    }
    let bytes = libelf::map::read(path).ok();
    if bytes.is_none() {
        out.error(format_args!("Input file '{name}' is not readable."));
    }
    bytes
}

/// Dumps the object file at the start of `data`. The parts follow in the order of GNU readelf.
fn process(
    out: &mut Output,
    options: &Options,
    carried: &Carried,
    name: &str,
    data: &[u8],
    origin: Origin,
) -> bool {
    let Some(mut object) = Object::open(out, name, data, carried) else { return false };
    if origin != (Origin::File { show_name: false }) {
        out!(out, "\nFile: {name}\n");
    }
    let object = &mut object;
    if !header::is_elf(&object.header) {
        header::report_other_format(out, &object.header.ident, origin == Origin::Member);
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

//! The program readelf: shows what an ELF file holds.
//!
//! [`process`] runs the parts in the order in which GNU readelf prints them; each part is a
//! module with a `display` function that returns whether all went well.
#![forbid(unsafe_code)]

mod arch;
mod dump;
mod dynamic;
mod dynamic_values;
mod groups;
mod hash_tables;
mod header;
mod histogram;
mod liblist;
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

use std::ffi::OsString;

use common::{ExitStatus, Output, out};

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
    let mut good = true;
    for file in &options.files {
        good &= process_file(&mut out, &options, &file.to_string_lossy(), show_name);
    }
    out.flush();
    if good { common::SUCCESS } else { common::FAILURE }
}

/// Dumps the object file or archive at `path`.
fn process_file(out: &mut Output, options: &Options, path: &str, show_name: bool) -> bool {
    let bytes = match libelf::map::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            out.error(format_args!("'{path}': {}", common::output::system_message(&error)));
            return false;
        }
    };
    process(out, options, path, &bytes, show_name)
}

/// Dumps the object file at the start of `data`. The parts follow in the order of GNU readelf.
fn process(out: &mut Output, options: &Options, name: &str, data: &[u8], show_name: bool) -> bool {
    let Some(mut object) = Object::open(out, name, data) else { return false };
    if show_name {
        out!(out, "\nFile: {name}\n");
    }
    let object = &mut object;
    if !header::display(out, options, object) {
        return false;
    }
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

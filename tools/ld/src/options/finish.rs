//! What the options are together, when all are read.

use std::os::unix::ffi::OsStrExt;

use common::{FAILURE, SUCCESS};
use libld::options::{Argument, Format, Kind, Linkage, Options, Strip};

use super::reader::Reader;
use super::{End, Environment, map_file};

/// Checks what only all options together tell, in GNU's order, and completes them.
pub fn finish(mut reader: Reader<'_>, environment: &Environment) -> Result<Box<Options>, End> {
    close_groups(&mut reader);
    kind(&mut reader)?;
    section_headers(&mut reader)?;
    shared_only(&mut reader)?;
    if reader.wants_format {
        let output = reader
            .options
            .output
            .format
            .map_or_else(|| reader.options.emulation.format_name(), Format::name);
        reader.print(format!("{output}\n").as_bytes());
    }
    inputs(&mut reader)?;
    pages(&mut reader)?;
    format(&mut reader)?;
    if reader.is_big_endian {
        reader.say(b"warning: could not find any targets that match endianness requirement");
    }
    if reader.has_strange_build_id {
        reader.say(b"warning: unrecognized --build-id style ignored");
    }
    let dynamic = &mut reader.options.dynamic;
    if dynamic.rpath.is_none() {
        dynamic.rpath = environment.run_path.as_ref().map(|path| path.as_bytes().to_vec());
    }
    // What the loader is told here holds for programs of this system.
    let inputs = &mut reader.options.inputs;
    if let Some(folders) = &environment.library_path
        && inputs.sysroot.as_os_str().is_empty()
    {
        inputs.library_path_of_loader = std::env::split_paths(folders).collect();
    }
    if let Some(map) = reader.map.take() {
        let place = map_file::place(&map, reader.options.output.path());
        reader.options.report.map = Some(place);
    }
    if reader.has_failed { Err(End(FAILURE)) } else { Ok(reader.options) }
}

/// Without section headers nothing leads to symbols. An object cannot do without them.
fn section_headers(reader: &mut Reader<'_>) -> Result<(), End> {
    if reader.options.output.section_headers {
        return Ok(());
    }
    if reader.options.output.kind == Kind::Relocatable {
        return Err(reader.fatal(b"-r and -z nosectionheader may not be used together"));
    }
    reader.options.output.strip = Strip::All;
    reader.options.output.emit_relocs = false;
    Ok(())
}

/// Groups that no option ended end with the command line.
fn close_groups(reader: &mut Reader<'_>) {
    for _ in 0..std::mem::take(&mut reader.open_groups) {
        reader.options.inputs.arguments.push(Argument::EndGroup);
        reader.say(b"missing --end-group; added as last command line option");
    }
}

/// The kind of output; a relocatable one is neither of the others.
fn kind(reader: &mut Reader<'_>) -> Result<(), End> {
    if !reader.is_relocatable {
        return Ok(());
    }
    match reader.options.output.kind {
        Kind::Shared => return Err(reader.fatal(b"-r and -shared may not be used together")),
        Kind::Pie => return Err(reader.fatal(b"-r and -pie may not be used together")),
        Kind::Executable | Kind::Relocatable => {}
    }
    reader.options.output.kind = Kind::Relocatable;
    // An object cannot refer to shared libraries, wherever `-r` stands.
    for argument in &mut reader.options.inputs.arguments {
        if let Argument::File(input) = argument {
            input.state.linkage = Linkage::Static;
        }
    }
    Ok(())
}

/// Options that only shared libraries have.
fn shared_only(reader: &mut Reader<'_>) -> Result<(), End> {
    if reader.options.output.kind == Kind::Shared {
        return Ok(());
    }
    if reader.options.dynamic.filter.is_some() {
        return Err(reader.fatal(b"-F may not be used without -shared"));
    }
    if !reader.options.dynamic.auxiliary.is_empty() {
        return Err(reader.fatal(b"-f may not be used without -shared"));
    }
    if reader.inhibits_common {
        return Err(reader.fatal(b"--no-define-common may not be used without -shared"));
    }
    Ok(())
}

/// Something to link must be named, unless something to print was.
fn inputs(reader: &mut Reader<'_>) -> Result<(), End> {
    let is_file = |argument: &Argument| matches!(argument, Argument::File(_));
    let arguments = &reader.options.inputs.arguments;
    if arguments.iter().any(is_file) || reader.options.report.verbose > 0 {
        return Ok(());
    }
    if reader.has_said_version || reader.wants_format {
        return Err(End(SUCCESS));
    }
    if arguments.iter().any(|argument| matches!(argument, Argument::Script(_))) {
        // The script may name inputs: the link tells.
        return Ok(());
    }
    Err(reader.fatal(b"no input files"))
}

fn pages(reader: &mut Reader<'_>) -> Result<(), End> {
    let pages = reader.options.layout.pages;
    match (pages.common, pages.max) {
        (Some(common), Some(max)) if common > max => {
            let message = format!("common page size ({common:#x}) > maximum page size ({max:#x})");
            Err(reader.fatal(message.as_bytes()))
        }
        _ => Ok(()),
    }
}

/// The format of inputs that `-b` or the environment named last must be one.
fn format(reader: &mut Reader<'_>) -> Result<(), End> {
    let Some(name) = reader.format.take() else { return Ok(()) };
    if name == b"default" || Format::named(&name).is_some() {
        return Ok(());
    }
    let message = [b"invalid BFD target `", &name[..], b"'"].concat();
    Err(reader.fatal(&message))
}

//! `-t` and `-y`: which files are read, and which of them speak of a symbol.

use std::collections::HashSet;

use foldhash::fast::RandomState;
use libelf::raw::SHN_UNDEF;

use crate::diagnostics::Diagnostics;
use crate::ids::SymbolId;
use crate::input::{Load, Loads};
use crate::names::Names;
use crate::options::Options;
use crate::resolve::{InputFile, Resolved};

/// Says which files were read, with what was tried to find them if that is asked for; each archive
/// with the members that joined when it was looked at, if those are asked for.
pub fn files(
    loads: &Loads<'_>,
    resolved: Option<&Resolved<'_>>,
    options: &Options,
    said: &mut Diagnostics,
) {
    let (trace, verbose) = (options.report.trace, options.report.verbose);
    if trace == 0 && verbose == 0 {
        return;
    }
    let names_members = trace > 1 || verbose != 0;
    let mut tried = loads.tried.iter().peekable();
    let mut joined = resolved.map_or(&[][..], |it| &it.reasons).iter().peekable();
    let mut item = 0;
    for (at, load) in loads.list.iter().enumerate() {
        while let Some((_, text)) = tried.next_if(|(before, _)| *before <= at) {
            said.note(text.as_str());
        }
        if let Load::File(path) | Load::Script(path) = load {
            said.note(path.display().to_string());
        }
        if matches!(load, Load::Script(_)) {
            continue;
        }
        while let Some(joined) = joined.next_if(|joined| joined.item == item) {
            let object = resolved.and_then(|it| it.object(joined.file));
            let Some(origin) = object.map(|object| object.origin) else { continue };
            if origin.is_apart {
                said.note(origin.to_string());
            } else if let (true, Some(member)) = (names_members, origin.member) {
                let member = String::from_utf8_lossy(member);
                said.note(format!("({}){member}", origin.path.display()));
            }
        }
        item += 1;
    }
    for (_, text) in tried {
        said.note(text.as_str());
    }
}

/// Says which files define the symbols of `-y` and which refer to them.
pub fn symbols(
    resolved: &Resolved<'_>,
    names: &Names<'_>,
    options: &Options,
    said: &mut Diagnostics,
) {
    let traced = options.symbols.trace.iter().filter_map(|name| names.find(name));
    let traced: HashSet<SymbolId, RandomState> = traced.collect();
    if traced.is_empty() {
        return;
    }
    let mut say = |file: String, is_reference: bool, id: SymbolId| {
        let what = if is_reference { "reference to" } else { "definition of" };
        let mut text = format!("{file}: {what} ").into_bytes();
        text.extend_from_slice(names.name(id));
        said.remark(text);
    };
    for (number, file) in (0_u32..).zip(&resolved.files) {
        match file {
            InputFile::Object(object) => {
                let file = crate::ids::FileId(number);
                for (index, &id) in (object.first_global..).zip(&object.globals) {
                    let Some(symbol) = object.symbols.get(index as usize) else { continue };
                    if !traced.contains(&id) {
                        continue;
                    }
                    let is_left_out = match object.place(index, &symbol) {
                        crate::input::object::Place::Section(section) => {
                            resolved.is_discarded(file, section)
                        }
                        _ => false,
                    };
                    let is_reference = symbol.shndx == SHN_UNDEF || is_left_out;
                    say(object.origin.to_string(), is_reference, id);
                }
            }
            InputFile::Shared { shared, .. } => {
                for symbol in shared.symbols.iter().filter(|symbol| traced.contains(&symbol.id)) {
                    say(shared.origin.to_string(), symbol.is_undefined, symbol.id);
                }
            }
            InputFile::Internal => {}
        }
    }
}

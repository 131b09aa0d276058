//! What options and inputs together decide.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::Base;
use super::entry::number;
use crate::arch::{self, Arch};
use crate::form::Form;
use crate::ids::SymbolId;
use crate::names::Names;
use crate::options::{Format, Interpreter, Kind as OutputKind, Options, Unresolved};
use crate::resolve::{InputFile, Resolved};
use crate::scan::Facts;
use crate::script::ast::Command;
use crate::scripts::Scripts;
use crate::storage::Storage;

/// The machine to link for, once the scripts are read: the last `OUTPUT_FORMAT` counts more than
/// the emulation, and `--oformat` more than both.
///
/// # Errors
/// There is no such format, or `OUTPUT_ARCH` is of another machine than the format.
pub fn output_arch(options: &Options, scripts: &Scripts<'_>) -> Result<&'static dyn Arch, String> {
    // The built-in one is of the emulation, whatever the format is.
    let commands = || scripts.own_layout().flat_map(|script| &script.commands);
    let format = match (options.output.format, format_of_scripts(scripts)) {
        (Some(format), _) => Some(format),
        (None, Some(name)) => match Format::named(name) {
            None => return Err(format!("target {} not found", String::from_utf8_lossy(name))),
            format => format,
        },
        (None, None) => None,
    };
    let arch = arch::of(match format {
        Some(Format::Elf(emulation)) => emulation,
        _ => options.emulation,
    });
    for command in commands() {
        if let Command::OutputArch(word) = command
            && !arch.identity().is_called(word.name)
        {
            let name = String::from_utf8_lossy(word.name);
            let format = arch.identity().format;
            return Err(format!("OUTPUT_ARCH({name}) is not supported in a file of {format}"));
        }
    }
    Ok(arch)
}

/// The last `OUTPUT_FORMAT`, or else the last `TARGET` of files that can be written.
fn format_of_scripts<'s>(scripts: &'s Scripts<'_>) -> Option<&'s [u8]> {
    let commands = || scripts.layout.iter().flat_map(|(_, script)| &script.commands).rev();
    let output = commands().find_map(|command| match command {
        Command::OutputFormat { default, .. } => Some(default.name),
        _ => None,
    });
    output.or_else(|| {
        commands().find_map(|command| match command {
            Command::Target(word) if word.name != Format::Binary.name().as_bytes() => {
                Some(word.name)
            }
            _ => None,
        })
    })
}

/// Whether the output is bytes of memory without any header.
pub fn is_binary(options: &Options, scripts: &Scripts<'_>) -> bool {
    let of_scripts = || format_of_scripts(scripts).and_then(Format::named);
    options.output.format.or_else(of_scripts) == Some(Format::Binary)
}

/// Symbols that are undefined from the start: `-u`, `EXTERN`, and where the program starts.
pub fn wanted<'a>(base: &Base<'_, 'a>, storage: &'a Storage) -> Vec<SymbolId> {
    let Base { options, names, .. } = *base;
    let given = options.symbols.undefined.iter().chain(&options.symbols.require_defined);
    let given: Vec<&[u8]> = given.map(Vec::as_slice).collect();
    let of_scripts = base.layout_scripts.iter().flat_map(|script| &script.commands);
    let of_scripts = of_scripts.filter_map(|command| match command {
        Command::Extern(words) => Some(words.iter().map(|word| word.name)),
        _ => None,
    });
    let all = given.into_iter().chain(of_scripts.flatten());
    // The start may also be a number.
    let start = base.entry_name.filter(|name| number(name).is_none());
    let is_asked = options.output.kind.is_executable() || options.output.entry.is_some();
    let start = start.filter(|_| is_asked);
    let intern =
        |name: &[u8]| names.find(name).unwrap_or_else(|| names.intern(storage.keep(name.to_vec())));
    all.chain(start).map(intern).collect()
}

pub fn form_of(options: &Options, resolved: &Resolved<'_>) -> Form {
    let kind = options.output.kind;
    let has_libraries = resolved.files.iter().any(|file| matches!(file, InputFile::Shared { .. }));
    let is_relocatable = kind == OutputKind::Relocatable;
    Form {
        is_pic: kind.is_position_independent(),
        is_shared: kind == OutputKind::Shared,
        is_dynamic: !is_relocatable && (kind.is_position_independent() || has_libraries),
        has_loader: (!options.output.is_static || kind == OutputKind::Pie)
            && options.dynamic.interpreter != Interpreter::Absent,
        is_relocatable,
        relaxes: options.output.relax != Some(false),
        copies: options.dynamic.copy_relocs,
        narrow_relocs: options.dynamic.narrow_relocs,
        ifunc_noplt: options.dynamic.ifunc_noplt,
    }
}

/// The names of input sections that may be part of a name in C: those whose bounds programs can ask
/// for.
pub fn c_section_names<'data>(resolved: &Resolved<'data>) -> HashSet<&'data [u8], RandomState> {
    let found: Vec<Vec<&'data [u8]>> = resolved
        .files
        .par_iter()
        .map(|file| {
            let mut names = Vec::new();
            if let InputFile::Object(object) = file {
                let headers = object.sections.iter().filter(|header| object.has_c_name(header));
                names
                    .extend(headers.filter_map(|it| object.section_names.get(it.name.into()).ok()));
            }
            names
        })
        .collect();
    found.into_iter().flatten().collect()
}

/// Whether a reference to a symbol that nothing defines is no error.
pub fn may_stay_undefined(
    options: &Options,
    names: &Names<'_>,
    facts: &[Facts],
    id: SymbolId,
) -> bool {
    let name = names.name(id);
    if options.symbols.ignore_unresolved.iter().any(|ignored| ignored == name) {
        return true;
    }
    let imported = facts.get(id.index()).is_some_and(|facts| facts.has(Facts::IMPORTED));
    match options.symbols.unresolved_in_objects {
        Unresolved::Ignore => true,
        Unresolved::Report => false,
        Unresolved::ByKind => imported || options.output.kind == OutputKind::Relocatable,
    }
}

/// What the output is called among versions.
pub fn own_name(options: &Options) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    let file = options.output.path().file_name().unwrap_or_default();
    options.dynamic.soname.clone().unwrap_or_else(|| file.as_bytes().to_vec())
}

/// The names of the libraries that the output needs.
pub fn needed<'r>(resolved: &'r Resolved<'_>) -> Vec<&'r [u8]> {
    let libraries = resolved.files.iter().filter_map(|file| match file {
        InputFile::Shared { shared, is_needed: true } => Some(shared.needed_name()),
        _ => None,
    });
    libraries.collect()
}

/// The strings that options put into the dynamic section.
pub fn option_strings(options: &Options) -> impl Iterator<Item = &[u8]> {
    let dynamic = &options.dynamic;
    let single = [&dynamic.soname, &dynamic.rpath, &dynamic.audit, &dynamic.depaudit];
    let single = single.into_iter().filter_map(|text| text.as_deref());
    let lists = dynamic.filter.iter().chain(&dynamic.auxiliary).map(Vec::as_slice);
    single.chain(lists)
}

pub fn interpreter(options: &Options, arch: &dyn Arch, form: Form) -> Vec<u8> {
    let mut path = match &options.dynamic.interpreter {
        _ if form.is_shared || !form.has_loader => return Vec::new(),
        Interpreter::Absent => return Vec::new(),
        Interpreter::Path(path) => path.clone(),
        Interpreter::OfEmulation => arch.identity().interpreter.into(),
    };
    path.push(0);
    path
}

/// A symbol that the output defines.
pub fn defined(resolved: &Resolved<'_>, names: &Names<'_>, name: &[u8]) -> Option<SymbolId> {
    let id = names.find(name)?;
    resolved.symbols.get(id).kind.is_regular().then_some(id)
}

/// `--wrap`: references to `NAME` lead to `__wrap_NAME`, those to `__real_NAME` to `NAME`.
pub fn redirected<'s>(
    options: &Options,
    names: &Names<'s>,
    storage: &'s Storage,
) -> HashMap<SymbolId, SymbolId, RandomState> {
    let intern = |prefix: &[u8], name: &[u8]| {
        let name = [prefix, name].concat();
        names.find(&name).unwrap_or_else(|| names.intern(storage.keep(name)))
    };
    let mut all = HashMap::default();
    for name in &options.symbols.wrap {
        let symbol = intern(b"", name);
        all.insert(symbol, intern(b"__wrap_", name));
        all.insert(intern(b"__real_", name), symbol);
    }
    all
}

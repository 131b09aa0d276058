//! What is linked: scripts read, files found and parsed.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::choose::{output_arch, own_name};
use super::entry::name_of_entry;
use super::{Failed, Sink, stop_if_failed};
use crate::arch::{self, Arch};
use crate::diagnostics::Diagnostics;
use crate::input::gather::{Load, Loads};
use crate::input::indirect::Indirectly;
use crate::input::{Gatherer, Item, SearchPath};
use crate::names::Names;
use crate::options::{CommonAllocation, Kind as OutputKind, Options};
use crate::report::trace;
use crate::script::ast::Script;
use crate::scripts::{Reader, Scripts, allocate_as};
use crate::storage::Storage;

/// What a link reads.
pub struct Gathered<'o, 'a> {
    /// What the command line and, where it is silent, scripts ask for.
    pub options: Cow<'o, Options>,
    pub arch: &'static dyn Arch,
    pub scripts: Scripts<'a>,
    /// Scripts that stood among the files.
    pub implicit: Vec<Script<'a>>,
    pub items: Vec<Item<'a>>,
    /// What was loaded, for those who want to see it.
    pub loads: Loads<'a>,
}

impl<'a> Gathered<'_, 'a> {
    /// The scripts that lay out the output, in order.
    pub fn layout_scripts(&self) -> Vec<&Script<'a>> {
        let read = self.scripts.layout.iter().map(|(_, script)| script);
        self.implicit.iter().chain(read).collect()
    }

    /// The name of the symbol where the program starts.
    pub fn entry_name(&self) -> Option<&[u8]> {
        let layout = self.scripts.layout.iter().map(|(_, script)| script);
        name_of_entry(&self.options, layout.chain(&self.implicit))
    }
}

/// Finds and parses all that the command line and its scripts name.
///
/// # Errors
/// Something cannot be read; all has been said.
pub fn gather<'o, 'a>(
    options: &'o Options,
    storage: &'a Storage,
    names: &Names<'a>,
    sink: &mut dyn Sink,
    said: &mut Diagnostics,
) -> Result<Gathered<'o, 'a>, Failed> {
    let mut search = SearchPath::new(&options.inputs);
    let machine = arch::of(options.emulation).identity();
    let mut scripts =
        Reader::new(storage, &search).read(options, machine, said).map_err(|_| Failed)?;
    if scripts.built_in.is_some() {
        search.add_default(&options.inputs, options.emulation);
    }
    let mut options = scripts.options(options);
    if options.dynamic.extern_protected_data == Some(true) {
        // No machine that is linked for lets protected data be copied.
        said.warn("warning: -z extern-protected-data ignored");
    }
    if options.layout.common == CommonAllocation::Inhibited
        && options.output.kind != OutputKind::Shared
    {
        said.fatal("--no-define-common may not be used without -shared");
    }
    if said.is_fatal() {
        return Err(Failed);
    }
    let arch = output_arch(&options, &scripts).map_err(|text| {
        said.fatal(text);
        Failed
    })?;

    let mut gatherer = Gatherer::new(&options.inputs, search, arch.identity(), storage, names);
    gatherer.loads.is_verbose = options.report.verbose != 0;
    gatherer.command_line(&scripts.layout, &Indirectly::new(&options, arch.identity()));
    let loads = std::mem::take(&mut gatherer.loads);
    let texts = scripts.sources.names().map(|name| Path::new(OsStr::from_bytes(name)));
    let texts = texts.chain(options.inputs.retain_symbols.as_deref());
    if let Some(path) = input_at(options.output.path(), &loads, texts) {
        said.append(std::mem::take(&mut gatherer.diagnostics));
        said.fatal(format!("input file '{}' is the same as output file", path.display()));
        return Err(Failed);
    }
    if !options.inputs.arguments.is_empty() {
        sink.begin(options.output.path());
    }
    let (items, implicit, found) = gatherer.parse();
    scripts.add_versions(&implicit);
    for command in implicit.iter().flat_map(|script| &script.commands) {
        allocate_as(command, &mut options);
    }
    if options.symbols.default_symver {
        scripts.add_default_version(storage.keep(own_name(&options)));
    }
    said.append(found);
    if items.is_empty() && !said.failed(false) {
        said.fatal("no input files");
    }
    if said.failed(false) {
        trace::files(&loads, None, &options, said);
    }
    stop_if_failed(said, &options)?;
    Ok(Gathered { options, arch, scripts, implicit, items, loads })
}

/// The input that is the file at `output`, by whatever name: it must not be written over. Nor must
/// the `texts` that tell how to link.
fn input_at<'a>(
    output: &Path,
    loads: &Loads<'a>,
    texts: impl Iterator<Item = &'a Path>,
) -> Option<&'a Path> {
    let identity = |path: &Path| {
        let metadata = std::fs::metadata(path).ok().filter(Metadata::is_file)?;
        Some((metadata.dev(), metadata.ino()))
    };
    let output = identity(output)?;
    let files = loads.list.iter().filter_map(|load| match load {
        Load::File(path) => Some(*path),
        _ => None,
    });
    files.chain(texts).find(|path| identity(path) == Some(output))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_found_in_the_place_of_the_output() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["a.o", "s.ld", "out"] {
            std::fs::write(at(name), "text").unwrap();
        }
        std::fs::hard_link(at("a.o"), at("again.o")).unwrap();
        let (object, script) = (at("a.o"), at("s.ld"));
        let loads = Loads { list: vec![Load::File(object.as_path())], ..Loads::default() };
        let found = |output: &str| {
            let texts = std::iter::once(script.as_path());
            input_at(&at(output), &loads, texts)
        };
        assert_eq!(found("out"), None);
        assert_eq!(found("new"), None);
        assert_eq!(found("again.o"), Some(object.as_path()));
        assert_eq!(found("s.ld"), Some(script.as_path()));
    }
}

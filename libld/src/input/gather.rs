//! The inputs of a link, in order: found, mapped, told apart, and then parsed on all cores.

use std::collections::HashSet;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use foldhash::fast::RandomState;
use libelf::File;
use libelf::archive::{Archive, is_archive};
use libelf::raw::{ET_DYN, Machine, SHT_REL, SHT_RELA};
use rayon::prelude::*;

use super::find::SearchPath;
use super::indirect::Indirectly;
use super::library::load;
use super::object::Fault;
use super::{Item, Library, Loaded, Origin, Storage, patterned, wrapped};
use crate::arch::{self, Identity};
use crate::diagnostics::{Diagnostics, Missing};
use crate::names::Names;
use crate::options::{Argument, Format, Input, InputName, Inputs, Linkage, State};
use crate::script::ast::{Command, InputList, Script, SectionsItem};
use crate::script::parse::{Context, Text, parse_script};
use crate::script::source::Sources;
use crate::scripts::Reader;

/// How deep scripts that name scripts may nest: more is a circle.
const MOST_NESTED: usize = 16;

/// A file that is linked, before it is parsed.
struct Found<'data> {
    path: &'data Path,
    bytes: &'data [u8],
    state: State,
    /// What it was looked for as along the search path, if it was.
    sought_as: Option<&'data [u8]>,
}

/// The input as steps.
enum Step<'data> {
    File(Found<'data>),
    GroupStart,
    GroupEnd,
}

/// What was read, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load<'data> {
    /// An object, an archive or a library.
    File(&'data Path),
    /// A linker script among the files.
    Script(&'data Path),
    /// From here on archives are looked at again and again …
    GroupStart,
    /// … until no more members join.
    GroupEnd,
}

/// Finds inputs.
pub struct Gatherer<'g, 'data> {
    storage: &'data Storage,
    names: &'g Names<'data>,
    identity: &'static Identity,
    search: SearchPath,
    inputs: &'g Inputs,
    /// What goes wrong, in order.
    pub diagnostics: Diagnostics,
    steps: Vec<Step<'data>>,
    sources: Sources<'data>,
    /// Scripts that stood among the files.
    pub implicit: Vec<Script<'data>>,
    /// What was read.
    pub loads: Loads<'data>,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Loads<'data> {
    /// All of it, in order: all but the scripts are items, one each.
    pub list: Vec<Load<'data>>,
    /// For each argument of the command line, where in the list its files end.
    pub argument_ends: Vec<usize>,
    /// For each script among the files, its place in the list.
    pub scripts: Vec<usize>,
    /// What was tried to find files, if that is asked for: before which place in the list, and
    /// what there is to say of it.
    pub tried: Vec<(usize, String)>,
    /// Whether it is.
    pub is_verbose: bool,
}

impl Loads<'_> {
    /// Notes that a file was tried.
    fn tried(&mut self, path: &Path, succeeded: bool) {
        if self.is_verbose {
            let outcome = if succeeded { "succeeded" } else { "failed" };
            let text = format!("attempt to open {} {outcome}", path.display());
            self.tried.push((self.list.len(), text));
        }
    }
}

impl<'g, 'data> Gatherer<'g, 'data> {
    /// For a link to this machine.
    pub fn new(
        inputs: &'g Inputs,
        search: SearchPath,
        identity: &'static Identity,
        storage: &'data Storage,
        names: &'g Names<'data>,
    ) -> Self {
        let diagnostics = Diagnostics::new();
        Self {
            storage,
            names,
            identity,
            search,
            inputs,
            diagnostics,
            steps: Vec::new(),
            sources: Sources::new(),
            implicit: Vec::new(),
            loads: Loads::default(),
        }
    }

    /// Takes the files of the command line, in order, with those that its scripts name (`INPUT`,
    /// `GROUP`) where the scripts stand. `scripts` are those of the command line in order, `-T` and
    /// `--defsym`, and then the one that holds if none of them lays anything out.
    pub fn command_line(&mut self, scripts: &[(PathBuf, Script<'_>)], search: &Indirectly<'_>) {
        // Where libraries are looked for holds for all of the command line, and so does STARTUP.
        for (path, script) in scripts {
            for command in &script.commands {
                match command {
                    Command::SearchDir(folder) => self.search.add_of_script(folder.name),
                    Command::Startup(file) => self.startup(file.name, path),
                    _ => {}
                }
            }
        }
        let own = scripts;
        let mut scripts = scripts.iter();
        for argument in &self.inputs.arguments {
            match argument {
                Argument::File(input) => self.named(input),
                Argument::StartGroup => self.group_start(),
                Argument::EndGroup => self.group_end(),
                Argument::Script(_) | Argument::Define(_) => self.of_script(scripts.next()),
            }
            self.loads.argument_ends.push(self.loads.list.len());
        }
        for script in scripts {
            self.of_script(Some(script));
        }
        self.of_patterns(own);
        self.needed_libraries(search);
    }

    /// Takes the files that only patterns of scripts name.
    fn of_patterns(&mut self, scripts: &[(PathBuf, Script<'_>)]) {
        let is_read = |name: &&[u8], loads: &Loads<'_>| {
            loads.list.iter().any(
                |load| matches!(load, Load::File(path) if path.as_os_str().as_bytes() == *name),
            )
        };
        let mut names = patterned::files(scripts.iter().map(|(_, script)| script));
        names.extend(patterned::files(self.implicit.iter()));
        let names: Vec<Vec<u8>> = names
            .into_iter()
            .filter(|name| !is_read(name, &self.loads))
            .map(<[u8]>::to_vec)
            .collect();
        for name in names {
            let candidates = self.search.script_candidates(&name, Path::new(""), false);
            match self.open_first(&candidates) {
                Some((path, bytes)) => self.file(path, bytes, State::default(), 0),
                None => self.cannot_find_file(&name),
            }
        }
    }

    /// Takes the libraries that libraries need, where `--copy-dt-needed-entries` asks for it: behind
    /// all others, and only if something refers to them.
    fn needed_libraries(&mut self, search: &Indirectly<'_>) {
        let mut seen: HashSet<&[u8], RandomState> = HashSet::default();
        let mut at = 0;
        while let Some(step) = self.steps.get(at) {
            at += 1;
            let Step::File(found) = step else { continue };
            if !found.state.copy_dt_needed {
                continue;
            }
            let state = State { as_needed: true, ..found.state };
            let (needer, bytes) = (found.path, found.bytes);
            let Ok(file) = File::parse(bytes) else { continue };
            for name in needed_by(&file) {
                if !seen.insert(name) {
                    continue;
                }
                let Some((path, bytes)) = search.find(name, (needer, &file), self.storage) else {
                    continue;
                };
                let found = Found { path, bytes, state, sought_as: Some(name) };
                self.steps.push(Step::File(found));
                self.loads.list.push(Load::File(path));
            }
        }
    }

    fn of_script(&mut self, script: Option<&(PathBuf, Script<'_>)>) {
        if let Some((path, script)) = script {
            self.nested(&script.commands, path, State::default(), 0);
        }
    }

    fn startup(&mut self, name: &[u8], script: &Path) {
        let candidates = self.search.script_candidates(name, script, false);
        match self.open_first(&candidates) {
            Some((path, bytes)) => self.file(path, bytes, State::default(), 0),
            None => self.cannot_find_file(name),
        }
    }

    fn nested(&mut self, commands: &[Command<'_>], script: &Path, mut state: State, depth: usize) {
        for command in commands {
            match command {
                Command::Input(list) => self.list(list, script, state, depth),
                Command::Target(format) => state.format = Format::named(format.name),
                Command::Group(list) => {
                    self.group_start();
                    self.list(list, script, state, depth);
                    self.group_end();
                }
                _ => {}
            }
        }
    }

    fn group_start(&mut self) {
        self.steps.push(Step::GroupStart);
        self.loads.list.push(Load::GroupStart);
    }

    fn group_end(&mut self) {
        self.steps.push(Step::GroupEnd);
        self.loads.list.push(Load::GroupEnd);
    }

    fn list(&mut self, list: &InputList<'_>, script: &Path, state: State, depth: usize) {
        for file in &list.files {
            let state = State { as_needed: state.as_needed || file.as_needed, ..state };
            if file.library {
                let library = std::ffi::OsStr::from_bytes(file.name).to_owned();
                self.search_library(&InputName::Library(library), state, depth);
                continue;
            }
            // What a script among the files names lies beside it.
            let candidates = self.search.script_candidates(file.name, script, depth > 0);
            let found = self.open_first(&candidates);
            let failed = candidates
                .iter()
                .take_while(|path| found.is_none_or(|(found, _)| found != path.as_path()));
            for path in failed {
                self.loads.tried(path, false);
            }
            if let Some((path, _)) = found {
                self.loads.tried(path, true);
            }
            match found {
                Some((path, bytes)) => self.file(path, bytes, state, depth),
                None => self.cannot_find_file(file.name),
            }
        }
    }

    fn named(&mut self, input: &Input) {
        match &input.name {
            InputName::Path(path) => match self.storage.map(path) {
                Ok(bytes) => {
                    self.loads.tried(path, true);
                    let path = self.storage.keep_path(path.clone());
                    self.file(path, bytes, input.state, 0);
                }
                Err(error) => {
                    self.loads.tried(path, false);
                    self.cannot_find(&path.display().to_string(), Some(&error));
                }
            },
            library => self.search_library(library, input.state, 0),
        }
    }

    fn search_library(&mut self, name: &InputName, state: State, depth: usize) {
        let shown = match name {
            InputName::Library(library) => format!("-l{}", library.display()),
            InputName::LibraryFile(file) => format!("-l:{}", file.display()),
            InputName::Path(path) => path.display().to_string(),
        };
        let mut skipped = false;
        for path in self.search.candidates(name, state.linkage) {
            let read = self.storage.map(&path);
            self.loads.tried(&path, read.is_ok());
            let Ok(bytes) = read else { continue };
            if !self.fits(bytes) {
                let text =
                    format!("skipping incompatible {} when searching for {shown}", path.display());
                self.diagnostics.note(format!("ld: {text}"));
                skipped = true;
                continue;
            }
            let path = self.storage.keep_path(path);
            self.file(path, bytes, state, depth);
            let sought_as = match name {
                InputName::LibraryFile(file) => {
                    Some(self.storage.keep(file.as_os_str().as_bytes().to_vec()))
                }
                _ => path.file_name().map(OsStrExt::as_bytes),
            };
            if let Some(Step::File(found)) = self.steps.last_mut()
                && found.path == path
            {
                found.sought_as = sought_as;
            }
            return;
        }
        let error = io::Error::from_raw_os_error(ENOENT);
        self.cannot_find(&shown, (!skipped).then_some(&error));
    }

    fn open_first(&self, candidates: &[PathBuf]) -> Option<(&'data Path, &'data [u8])> {
        candidates.iter().find_map(|path| {
            let bytes = self.storage.map(path).ok()?;
            Some((self.storage.keep_path(path.clone()), bytes))
        })
    }

    fn cannot_find_file(&mut self, name: &[u8]) {
        let error = io::Error::from_raw_os_error(ENOENT);
        self.cannot_find(&String::from_utf8_lossy(name), Some(&error));
    }

    fn cannot_find(&mut self, name: &str, error: Option<&io::Error>) {
        let reason = error.map_or(String::new(), |error| format!(": {}", reason(error)));
        self.diagnostics.error(format!("cannot find {name}{reason}"));
        if name.starts_with("-l") {
            self.diagnostics.is_of(Missing::Library(name.to_owned()));
        }
    }

    fn file(&mut self, path: &'data Path, bytes: &'data [u8], state: State, depth: usize) {
        let bytes = if state.format == Some(Format::Binary) {
            self.storage.keep(wrapped::binary(path, bytes, self.identity))
        } else if state.just_symbols
            && let Ok(file) = File::parse(bytes)
            && is_of(self.identity, file.header().machine, &file)
            && let Ok(object) = wrapped::symbols(&file, self.identity)
        {
            self.storage.keep(object)
        } else {
            bytes
        };
        if is_archive(bytes) || bytes.starts_with(b"\x7fELF") {
            self.steps.push(Step::File(Found { path, bytes, state, sought_as: None }));
            self.loads.list.push(Load::File(path));
            return;
        }
        if depth >= MOST_NESTED {
            self.diagnostics.error(format!("{}: scripts name each other", path.display()));
            return;
        }
        let text = Text { name: path.as_os_str().as_bytes(), bytes };
        let mut said = Diagnostics::new();
        let mut reader = Reader::new(self.storage, &self.search);
        let mut context =
            Context { sources: &mut self.sources, host: &mut reader, diagnostics: &mut said };
        if let Ok(script) = parse_script(text, &mut context) {
            let place = self.loads.list.len();
            self.loads.list.push(Load::Script(path));
            for command in &script.commands {
                if let Command::SearchDir(folder) = command {
                    self.search.add_of_script(folder.name);
                }
            }
            if script.commands.iter().any(lays_out) {
                let path = path.display();
                let text = "contains output sections; did you forget -T?";
                self.diagnostics.warn(format!("warning: {path} {text}"));
            }
            self.nested(&script.commands, path, state, depth + 1);
            self.loads.scripts.push(place);
            self.implicit.push(script);
        } else {
            let path = path.display();
            self.diagnostics
                .error(format!("{path}: file format not recognized; treating as linker script"));
        }
        self.diagnostics.append(said);
    }

    /// Whether a library is of the machine that is linked for; what is no ELF file may be.
    fn fits(&self, bytes: &[u8]) -> bool {
        let first = Archive::parse(bytes).ok().and_then(|archive| {
            archive.members().find_map(|member| File::parse(member.ok()?.data()?).ok())
        });
        let file = first.or_else(|| File::parse(bytes).ok());
        file.is_none_or(|file| is_of(self.identity, file.header().machine, &file))
    }

    /// Parses all that was found, on all cores.
    pub fn parse(self) -> (Vec<Item<'data>>, Vec<Script<'data>>, Diagnostics) {
        let Self { names, implicit, identity, mut diagnostics, steps, inputs, .. } = self;
        let accepts_unknown = inputs.accept_unknown_machine;
        let parsed: Vec<Result<Item<'data>, String>> = steps
            .into_par_iter()
            .map(|step| match step {
                Step::GroupStart => Ok(Item::GroupStart),
                Step::GroupEnd => Ok(Item::GroupEnd),
                Step::File(found) => parse(&found, identity, names, accepts_unknown),
            })
            .collect();
        let mut items = Vec::with_capacity(parsed.len());
        for item in parsed {
            match item {
                Ok(item) => items.push(item),
                Err(text) => diagnostics.error(text),
            }
        }
        (items, implicit, diagnostics)
    }
}

/// The names of the libraries that a shared library needs; of other files there are none.
fn needed_by<'data>(file: &File<'data>) -> Vec<&'data [u8]> {
    let is_library = file.header().kind == ET_DYN;
    let dynamic = if is_library { file.dynamic().ok() } else { None };
    dynamic.map_or_else(Vec::new, |dynamic| dynamic.needed().filter_map(Result::ok).collect())
}

const ENOENT: i32 = 2;

/// The system's reason, without the number that Rust adds.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Whether a command describes an output section.
fn lays_out(command: &Command<'_>) -> bool {
    let is_output = |item: &SectionsItem<'_>| {
        matches!(item, SectionsItem::Output(_) | SectionsItem::Overlay(_))
    };
    matches!(command, Command::Sections(items) if items.iter().any(is_output))
}

fn is_of(identity: &Identity, machine: Machine, file: &File<'_>) -> bool {
    machine == identity.machine && file.encoding() == identity.encoding
}

/// What is said of a file for another machine.
pub fn incompatible(origin: &Origin<'_>, file: &File<'_>, identity: &Identity) -> String {
    let name = known_machine(file).unwrap_or("unknown");
    let output = identity.arch_name;
    format!("{name} architecture of input file `{origin}' is incompatible with {output} output")
}

/// What messages call a file's machine, if it is one that is linked for.
fn known_machine(file: &File<'_>) -> Option<&'static str> {
    arch::name_of(file.header().machine, file.encoding().class)
}

/// A file for another machine: one that nobody knows may pass where options say so, if there is
/// nothing in it that only that machine could say.
fn of_other_machine(
    origin: &Origin<'_>,
    file: &File<'_>,
    identity: &Identity,
    accepts_unknown: bool,
) -> Result<(), String> {
    if known_machine(file).is_some() || file.encoding() != identity.encoding {
        return Err(incompatible(origin, file, identity));
    }
    let headers = file.section_headers().map_err(|error| format!("{origin}: {error}"))?;
    if headers.iter().any(|header| header.kind == SHT_RELA || header.kind == SHT_REL) {
        let number = file.header().machine.0;
        return Err(format!(
            "{origin}: Relocations in generic ELF (EM: {number})\n\
             ld: {origin}: error adding symbols: file in wrong format"
        ));
    }
    if accepts_unknown { Ok(()) } else { Err(incompatible(origin, file, identity)) }
}

fn parse<'data>(
    found: &Found<'data>,
    identity: &Identity,
    names: &Names<'data>,
    accepts_unknown: bool,
) -> Result<Item<'data>, String> {
    let is_static = found.state.linkage == Linkage::Static;
    let origin = Origin::file(found.path);
    let fault = |fault: Fault| format!("{origin}: {fault}");
    let State { whole_archive: whole, as_needed, .. } = found.state;
    if is_archive(found.bytes) {
        let archive = Archive::parse(found.bytes).map_err(|error| fault(error.into()))?;
        let library = Library::parse(origin, archive, names, whole).map_err(fault)?;
        return Ok(Item::Library { library, whole, as_needed });
    }
    if let Ok(file) = File::parse(found.bytes)
        && !is_of(identity, file.header().machine, &file)
    {
        of_other_machine(&origin, &file, identity, accepts_unknown)?;
    }
    let mut loaded = load(origin, found.bytes, names).map_err(fault)?;
    match &mut loaded {
        Loaded::Shared(_) if is_static => {
            return Err(format!("attempted static link of dynamic object `{origin}'"));
        }
        Loaded::Shared(shared) => shared.sought_as = found.sought_as,
        Loaded::Object(object) => object.is_numbers = found.state.just_symbols,
        Loaded::Unknown => {}
    }
    Ok(Item::File { loaded, origin, as_needed })
}

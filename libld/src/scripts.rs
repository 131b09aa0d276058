//! The scripts of a link, read: those of `-T` or else the built-in one, version scripts, lists.

use std::borrow::Cow;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::arch::Identity;
use crate::diagnostics::Diagnostics;
use crate::input::SearchPath;
use crate::layout::built_in::{self, Choice};
use crate::options::{Argument, CommonAllocation, MapFile, Options};
use crate::script::ast::{
    Assignment, AssignmentKind, Command, Script, VersionNode, VersionScript, Word,
};
use crate::script::overlay::provide_load_symbols;
use crate::script::parse::{Context, Failed, Host, Text, parse_definition, parse_script};
use crate::script::source::{Sources, Span};
use crate::storage::Storage;

/// What messages call the script that holds where none is named.
const BUILT_IN: &[u8] = b"built in linker script";

/// What messages call the text of `--defsym`.
const DEFINITION: &[u8] = b"--defsym";

/// The scripts of a link.
#[derive(Debug, Default)]
pub struct Scripts<'s> {
    /// The scripts that lay out the output, each with the file that it was read from.
    pub layout: Vec<(PathBuf, Script<'s>)>,
    /// Version scripts and the VERSION commands of scripts.
    pub versions: Vec<VersionScript<'s>>,
    /// Lists of symbols that a program exports (`--dynamic-list`).
    pub lists: Vec<VersionScript<'s>>,
    /// The texts.
    pub sources: Sources<'s>,
    /// Which of `layout` is the built-in one.
    pub built_in: Option<usize>,
}

/// Reads scripts.
pub struct Reader<'r, 's> {
    storage: &'s Storage,
    search: &'r SearchPath,
}

impl<'s> Scripts<'s> {
    /// The scripts of the command line that lay out the output.
    pub fn own_layout(&self) -> impl DoubleEndedIterator<Item = &Script<'s>> {
        let all = self.layout.iter().enumerate();
        all.filter(|&(index, _)| Some(index) != self.built_in).map(|(_, (_, script))| script)
    }

    /// Whether a script is the built-in one.
    pub fn is_built_in(&self, script: &Script<'_>) -> bool {
        let built_in = self.built_in.and_then(|index| self.layout.get(index));
        built_in.is_some_and(|(_, built_in)| std::ptr::eq(built_in, script))
    }

    /// The names of all versions, in order.
    pub fn version_names(&self) -> impl Iterator<Item = &'s [u8]> {
        let nodes = self.versions.iter().flat_map(|script| &script.nodes);
        nodes.filter_map(|node| node.name.map(|name| name.name))
    }

    /// Adds a version for what no version script names (`--default-symver`): it comes first.
    pub fn add_default_version(&mut self, name: &'s [u8]) {
        let word = Word { name, span: Span::default() };
        let node = VersionNode {
            name: Some(word),
            globals: Vec::new(),
            locals: Vec::new(),
            predecessors: Vec::new(),
            span: word.span,
        };
        self.versions.insert(0, VersionScript { nodes: vec![node] });
    }

    /// Adds the VERSION commands of scripts that stand among the inputs.
    pub fn add_versions(&mut self, implicit: &[Script<'s>]) {
        let commands = implicit.iter().flat_map(|script| &script.commands);
        self.versions.extend(commands.filter_map(version_of).cloned());
    }

    /// The options, with those that scripts give if the command line does not.
    pub fn options<'o>(&self, options: &'o Options) -> Cow<'o, Options> {
        let mut options = Cow::Borrowed(options);
        for command in self.layout.iter().flat_map(|(_, script)| &script.commands) {
            match command {
                Command::Output(file) if options.output.path.is_none() => {
                    let path = std::ffi::OsStr::from_bytes(file.name).into();
                    options.to_mut().output.path = Some(path);
                }
                Command::Map(file) if options.report.map.is_none() => {
                    let path = std::ffi::OsStr::from_bytes(file.name).into();
                    options.to_mut().report.map = Some(MapFile::File(path));
                }
                _ => allocate_as(command, &mut options),
            }
        }
        options
    }
}

/// Sets what commands of scripts say of the allocation of common symbols and groups.
pub fn allocate_as(command: &Command<'_>, options: &mut Cow<'_, Options>) {
    match command {
        Command::ForceCommonAllocation => {
            options.to_mut().layout.common = CommonAllocation::Forced;
        }
        Command::InhibitCommonAllocation => {
            options.to_mut().layout.common = CommonAllocation::Inhibited;
        }
        Command::ForceGroupAllocation => options.to_mut().layout.force_group_allocation = true,
        _ => {}
    }
}

impl<'s> Host<'s> for Reader<'_, 's> {
    fn include(&mut self, name: &'s [u8]) -> Result<Text<'s>, Vec<u8>> {
        self.open(Path::new(std::ffi::OsStr::from_bytes(name)))
    }
}

impl<'r, 's> Reader<'r, 's> {
    /// Looks for scripts where libraries are looked for as well.
    pub fn new(storage: &'s Storage, search: &'r SearchPath) -> Self {
        Self { storage, search }
    }

    /// The text of a script: as it is named, and else in the folders of libraries.
    fn open(&self, path: &Path) -> Result<Text<'s>, Vec<u8>> {
        let mut first: Option<io::Error> = None;
        for candidate in self.search.script_places(path) {
            match self.storage.map(&candidate) {
                Ok(bytes) => {
                    let name = self.storage.keep_path(candidate).as_os_str().as_bytes();
                    return Ok(Text { name, bytes });
                }
                Err(error) => first = first.or(Some(error)),
            }
        }
        let reason = first.map_or(String::new(), |error| crate::input::reason(&error));
        Err(format!("cannot open linker script file {}: {reason}", path.display()).into_bytes())
    }

    /// Reads all scripts that the command line names.
    ///
    /// # Errors
    /// One of them cannot be read; all has been said.
    pub fn read(
        &mut self,
        options: &Options,
        machine: &'static Identity,
        said: &mut Diagnostics,
    ) -> Result<Scripts<'s>, Failed> {
        let mut scripts = Scripts::default();
        for argument in &options.inputs.arguments {
            match argument {
                Argument::Script(path) => self.layout_script(path, &mut scripts, said)?,
                Argument::Define(definition) => {
                    self.definition(&definition.text, &mut scripts, said)?;
                }
                _ => {}
            }
        }
        let has_sections = scripts.layout.iter().any(|(_, script)| replaces(script));
        if !has_sections {
            match &options.inputs.default_script {
                Some(path) => self.layout_script(path, &mut scripts, said)?,
                None => self.built_in(options, machine, &mut scripts, said)?,
            }
        }
        for path in &options.inputs.version_scripts {
            let text = self.open_or_say(path, said)?;
            let mut context =
                Context { sources: &mut scripts.sources, host: self, diagnostics: said };
            let script = crate::script::parse::parse_version_script(text, &mut context)?;
            scripts.versions.push(script);
        }
        for path in options.inputs.dynamic_lists.iter().chain(&options.inputs.export_lists) {
            let text = self.open_or_say(path, said)?;
            let mut context =
                Context { sources: &mut scripts.sources, host: self, diagnostics: said };
            let list = crate::script::parse::parse_dynamic_list(text, &mut context)?;
            scripts.lists.push(list);
        }
        let commands = scripts.layout.iter().flat_map(|(_, script)| &script.commands);
        scripts.versions.extend(commands.filter_map(version_of).cloned());
        Ok(scripts)
    }

    /// Reads `--defsym`, which is an assignment of a script.
    fn definition(
        &mut self,
        text: &[u8],
        scripts: &mut Scripts<'s>,
        said: &mut Diagnostics,
    ) -> Result<(), Failed> {
        let text = Text { name: DEFINITION, bytes: self.storage.keep(text.to_vec()) };
        let mut context = Context { sources: &mut scripts.sources, host: self, diagnostics: said };
        let (target, value) = parse_definition(text, &mut context)?;
        let span = target.span.to(value.span);
        let kind = AssignmentKind::Plain;
        let assignment = Assignment { kind, target, operator: None, value, span };
        let script = Script { commands: vec![Command::Assignment(assignment)] };
        scripts.layout.push((PathBuf::new(), script));
        Ok(())
    }

    fn open_or_say(&self, path: &Path, said: &mut Diagnostics) -> Result<Text<'s>, Failed> {
        self.open(path).map_err(|text| {
            said.fatal(text);
            Failed
        })
    }

    fn layout_script(
        &mut self,
        path: &Path,
        scripts: &mut Scripts<'s>,
        said: &mut Diagnostics,
    ) -> Result<(), Failed> {
        let text = self.open_or_say(path, said)?;
        let name = PathBuf::from(std::ffi::OsStr::from_bytes(text.name));
        let mut context = Context { sources: &mut scripts.sources, host: self, diagnostics: said };
        let mut script = parse_script(text, &mut context)?;
        provide_load_symbols(&mut script, self.storage);
        scripts.layout.push((name, script));
        Ok(())
    }

    fn built_in(
        &mut self,
        options: &Options,
        machine: &'static Identity,
        scripts: &mut Scripts<'s>,
        said: &mut Diagnostics,
    ) -> Result<(), Failed> {
        let text = built_in_text(options, machine, &[]);
        let bytes = self.storage.keep(text.into_bytes());
        let mut context = Context { sources: &mut scripts.sources, host: self, diagnostics: said };
        let script = parse_script(Text { name: BUILT_IN, bytes }, &mut context)?;
        scripts.built_in = Some(scripts.layout.len());
        scripts.layout.push((PathBuf::new(), script));
        Ok(())
    }
}

fn built_in_text(options: &Options, machine: &Identity, search_dirs: &[&str]) -> String {
    built_in::script(&Choice {
        machine,
        kind: options.output.kind,
        magic: options.output.magic,
        separate_code: options.layout.separate_code,
        separate_segments: options.layout.separate_segments,
        dynamic_is_read_only: options.dynamic.read_only,
        combine_relocs: options.dynamic.combine_relocs,
        now: options.dynamic.binds_now(),
        allocates_commons: options.layout.common == CommonAllocation::Forced,
        keep_text_prefixes: options.layout.keep_text_prefixes,
        constructors: false,
        search_dirs,
    })
}

/// The script that lays the output out unless the command line names another, with the folders in
/// which libraries are looked for.
#[must_use]
pub fn built_in_script(options: &Options) -> String {
    let machine = crate::arch::of(options.emulation).identity();
    built_in_text(options, machine, options.emulation.directories())
}

fn version_of<'c, 's>(command: &'c Command<'s>) -> Option<&'c VersionScript<'s>> {
    match command {
        Command::Version(version) => Some(version),
        _ => None,
    }
}

/// Whether a script takes the place of the built-in one: not if it only inserts into it.
fn replaces(script: &Script<'_>) -> bool {
    let only_defines = matches!(script.commands.as_slice(), [Command::Assignment(_)]);
    !only_defines
        && !script.commands.iter().any(|command| matches!(command, Command::Insert { .. }))
}

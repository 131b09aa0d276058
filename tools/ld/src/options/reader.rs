//! Options, one after the other, as they change what is asked for.

use std::ffi::{OsStr, OsString};
use std::num::NonZeroUsize;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use common::input::shown;
use common::{FAILURE, Output, SUCCESS, demangle, version};
use libld::options::{
    Argument, BuildId, Colour, CommonAllocation, Definition, Discard, ExecStack, Input, InputName,
    Interpreter, Kind, Linkage, Magic, Options, Plugin, SectionStart, State, Strip, Unique,
    Unresolved,
};

use super::key::Key;
use super::keywords::{self, Outcome, Unsupported, quoted};
use super::{End, Environment, number, values};

/// What has been read so far.
pub struct Reader<'o> {
    /// What it asks for.
    pub options: Box<Options>,
    /// What holds for the next input, but for its format.
    pub state: State,
    /// The name of the format of the next input; looked up when all is read.
    pub format: Option<Vec<u8>>,
    /// States to go back to.
    pub pushed: Vec<State>,
    /// How many groups are open.
    pub open_groups: usize,
    /// Whether `-r` was given.
    pub is_relocatable: bool,
    /// Whether `--no-define-common` was given.
    pub inhibits_common: bool,
    /// Whether big-endian output was asked for.
    pub is_big_endian: bool,
    /// Whether the version was printed, which is enough to do.
    pub has_said_version: bool,
    /// Whether the output format is asked for.
    pub wants_format: bool,
    /// Whether an unknown style of build id was asked for.
    pub has_strange_build_id: bool,
    /// Whether something is wrong that does not end the run.
    pub has_failed: bool,
    /// `-Map`, as given.
    pub map: Option<OsString>,
    out: &'o mut Output,
}

impl<'o> Reader<'o> {
    /// Nothing read yet.
    pub fn new(out: &'o mut Output, environment: &Environment) -> Self {
        let mut options = Box::<Options>::default();
        if environment.no_demangle {
            options.report.demangle = None;
        }
        Self {
            options,
            state: State::default(),
            format: environment.target.as_ref().map(|name| name.as_bytes().to_vec()),
            pushed: Vec::new(),
            open_groups: 0,
            is_relocatable: false,
            inhibits_common: false,
            is_big_endian: false,
            has_said_version: false,
            wants_format: false,
            has_strange_build_id: false,
            has_failed: false,
            map: None,
            out,
        }
    }

    /// Says something on standard error.
    pub fn say(&mut self, message: &[u8]) {
        if !self.options.warnings.silent {
            self.out.diagnose_bytes(&shown(message));
        }
    }

    /// Says something that ends the run.
    pub fn fatal(&mut self, message: &[u8]) -> End {
        self.say(message);
        End(FAILURE)
    }

    /// Ends the run with a line that has no name in front.
    pub fn fatal_line(&mut self, line: &str) -> End {
        self.out.put_err(line.as_bytes());
        End(FAILURE)
    }

    /// Prints something on standard output.
    pub fn print(&mut self, text: &[u8]) {
        self.out.put(text);
    }

    /// A file to link.
    pub fn file(&mut self, name: &OsStr) {
        self.input(InputName::Path(PathBuf::from(name)));
    }

    fn input(&mut self, name: InputName) {
        let state = self.state;
        self.options.inputs.arguments.push(Argument::File(Input { name, state }));
    }

    /// Honours an option. `value` is empty where there is none, which `has_value` tells.
    pub fn option(&mut self, key: Key, value: &OsStr, has_value: bool) -> Result<(), End> {
        let text = value.as_bytes();
        match self.changed(key, value, text, has_value) {
            Ok(()) => Ok(()),
            Err(Stop::Message(message)) => Err(self.fatal(&message)),
            Err(Stop::Done) => Err(End(SUCCESS)),
        }
    }

    fn changed(
        &mut self,
        key: Key,
        value: &OsStr,
        text: &[u8],
        has_value: bool,
    ) -> Result<(), Stop> {
        if self.changed_input(key, value, text)?
            || self.changed_output(key, value, text, has_value)?
            || self.changed_layout(key, text, has_value)?
            || self.changed_symbols(key, text)?
            || self.changed_dynamic(key, text)
            || self.changed_warnings(key, text)?
        {
            return Ok(());
        }
        self.changed_rest(key, value, text, has_value)
    }

    /// Options about inputs.
    fn changed_input(&mut self, key: Key, value: &OsStr, text: &[u8]) -> Result<bool, Stop> {
        let state = &mut self.state;
        match key {
            Key::AsNeeded(on) => state.as_needed = on,
            Key::CopyDtNeeded(on) => state.copy_dt_needed = on,
            Key::WholeArchive(on) => state.whole_archive = on,
            Key::LinkageDynamic => state.linkage = Linkage::Dynamic,
            Key::LinkageStatic => state.linkage = Linkage::Static,
            Key::Static => {
                state.linkage = Linkage::Static;
                self.options.output.is_static = true;
            }
            Key::Linkage => state.linkage = values::linkage(text)?,
            Key::PushState => self.pushed.push(self.state),
            Key::PopState => match self.pushed.pop() {
                Some(pushed) => self.state = pushed,
                None => return Err("no state pushed before popping".into()),
            },
            Key::Format => self.set_format(text),
            Key::Library => match text {
                [b':', file @ ..] => self.input(InputName::LibraryFile(os(file))),
                _ => self.input(InputName::Library(value.to_owned())),
            },
            Key::JustSymbols if Path::new(value).is_dir() => self.add_rpath(text),
            Key::JustSymbols => {
                let state = State { just_symbols: true, ..self.state };
                let name = InputName::Path(PathBuf::from(value));
                self.options.inputs.arguments.push(Argument::File(Input { name, state }));
            }
            Key::StartGroup => {
                self.open_groups += 1;
                self.options.inputs.arguments.push(Argument::StartGroup);
            }
            Key::EndGroup => {
                if self.open_groups == 0 {
                    return Err("group ended before it began (--help for usage)".into());
                }
                self.open_groups -= 1;
                self.options.inputs.arguments.push(Argument::EndGroup);
            }
            Key::Script => {
                self.options.inputs.arguments.push(Argument::Script(PathBuf::from(value)));
            }
            Key::Define => {
                let definition = Definition { text: text.to_vec() };
                self.options.inputs.arguments.push(Argument::Define(definition));
            }
            _ => return self.changed_search(key, value, text),
        }
        Ok(true)
    }

    /// Options about folders and further files.
    fn changed_search(&mut self, key: Key, value: &OsStr, text: &[u8]) -> Result<bool, Stop> {
        let inputs = &mut self.options.inputs;
        let path = || PathBuf::from(value);
        match key {
            Key::LibraryPath => {
                let folder = values::below_sysroot(text, &inputs.sysroot);
                inputs.library_path.push(folder);
            }
            Key::DefaultPath => {
                let folders = text.split(|&byte| byte == b':');
                let folders = folders.map(|folder| values::below_sysroot(folder, &inputs.sysroot));
                let folders: Vec<_> = folders.collect();
                inputs.default_path.extend(folders);
            }
            Key::NoStandardLibraries => inputs.nostdlib = true,
            Key::Sysroot => inputs.sysroot = path(),
            Key::DefaultScript => inputs.default_script = Some(path()),
            Key::VersionScript => inputs.version_scripts.push(path()),
            Key::DynamicList => inputs.dynamic_lists.push(path()),
            Key::ExportDynamicSymbolList => inputs.export_lists.push(path()),
            Key::RetainSymbols => inputs.retain_symbols = Some(path()),
            Key::RpathLink => {
                let folders = text.split(|&byte| byte == b':').filter(|folder| !folder.is_empty());
                inputs.rpath_link.extend(folders.map(|folder| PathBuf::from(os(folder))));
            }
            Key::UnknownMachine(on) => inputs.accept_unknown_machine = on,
            Key::Plugin => {
                if let Err(error) = std::fs::metadata(value) {
                    let why = common::output::system_message(&error);
                    let message = format!(": cannot open shared object file: {why}");
                    return Err(Stop::Message(
                        [text, b": error loading plugin: ", text, message.as_bytes()].concat(),
                    ));
                }
                inputs.plugins.push(Plugin { path: path(), options: Vec::new() });
            }
            Key::PluginOption => match inputs.plugins.last_mut() {
                Some(plugin) => plugin.options.push(value.to_owned()),
                None => return Err("bad -plugin-opt option".into()),
            },
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_format(&mut self, name: &[u8]) {
        self.format = Some(name.to_vec());
        let format = libld::options::Format::named(name);
        self.state.format = format;
        for state in &mut self.pushed {
            state.format = format;
        }
    }

    /// Options about what is written.
    fn changed_output(
        &mut self,
        key: Key,
        value: &OsStr,
        text: &[u8],
        has_value: bool,
    ) -> Result<bool, Stop> {
        let output = &mut self.options.output;
        match key {
            Key::OutputPath => output.path = Some(PathBuf::from(value)),
            Key::OutputFormat => output.format = Some(values::output_format(text)?),
            Key::Shared => output.kind = Kind::Shared,
            Key::Pie => output.kind = Kind::Pie,
            Key::NoPie => output.kind = Kind::Executable,
            Key::SmallData if has_value => {
                // The size is for machines with a register for small data, of which this is none.
                number::whole(text).ok_or_else(|| Stop::Message(quoted("invalid number", text)))?;
            }
            Key::SmallData => output.kind = Kind::Shared,
            Key::Relocatable => {
                self.is_relocatable = true;
                self.state.linkage = Linkage::Static;
            }
            Key::Magic(magic) => {
                output.magic = magic;
                if magic != Magic::DemandPaged {
                    self.state.linkage = Linkage::Static;
                }
            }
            Key::EmitRelocs => output.emit_relocs = true,
            Key::StripAll => output.strip = Strip::All,
            Key::StripDebug => output.strip = Strip::Debug,
            Key::StripDiscarded(on) => output.strip_discarded = on,
            Key::DiscardAll => output.discard = Discard::All,
            Key::DiscardTemporary => output.discard = Discard::Temporary,
            Key::DiscardNone => output.discard = Discard::None,
            Key::Entry => output.entry = Some(text.to_vec()),
            Key::BuildId if !has_value => output.build_id = Some(BuildId::Default),
            Key::BuildId => {
                let build_id = values::build_id(text);
                self.has_strange_build_id |= build_id.is_err();
                output.build_id = build_id.ok().flatten();
            }
            Key::PackageMetadata => output.package_metadata = has_value.then(|| text.to_vec()),
            Key::CompressDebug => output.compress_debug = Some(values::compression(text)?),
            Key::Optimize => output.optimize = number::lenient(text),
            Key::Relax(on) => output.relax = Some(on),
            Key::EhFrameHeader(on) => output.eh_frame_hdr = on,
            Key::PltUnwindInfo(on) => output.plt_unwind_info = on,
            Key::KeepOnError => output.keep_on_error = true,
            Key::DependencyFile => output.dependency_file = Some(PathBuf::from(value)),
            Key::Traditional => output.traditional = true,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Options about sections.
    fn changed_layout(&mut self, key: Key, text: &[u8], has_value: bool) -> Result<bool, Stop> {
        let arguments = &self.options.inputs.arguments;
        let follows_script = arguments.iter().any(|it| matches!(it, Argument::Script(_)));
        let layout = &mut self.options.layout;
        match key {
            Key::SectionStart => {
                layout.section_starts.push(values::section_start(text, follows_script)?);
            }
            Key::StartText | Key::StartData | Key::StartBss => {
                let section = match key {
                    Key::StartText => ".text",
                    Key::StartData => ".data",
                    _ => ".bss",
                };
                let address = values::address(text)?;
                let section = section.into();
                layout.section_starts.push(SectionStart { section, address, follows_script });
            }
            Key::TextSegment => layout.text_segment = Some(values::address(text)?),
            Key::RodataSegment => layout.rodata_segment = Some(values::address(text)?),
            Key::LdataSegment => layout.ldata_segment = Some(values::address(text)?),
            Key::GcSections(on) => layout.gc_sections = on,
            Key::GcKeepExported => layout.gc_keep_exported = true,
            Key::SortSection => layout.sort_section = Some(values::section_order(text)?),
            Key::SortCommon => layout.sort_common = Some(values::common_order(text, has_value)?),
            Key::CommonForced => layout.common = CommonAllocation::Forced,
            Key::CommonInhibited => {
                layout.common = CommonAllocation::Inhibited;
                self.inhibits_common = true;
            }
            Key::OrphanHandling => layout.orphans = values::orphan_handling(text)?,
            Key::Unique if has_value => layout.unique.push(Unique::Pattern(text.to_vec())),
            Key::Unique => layout.unique.push(Unique::Orphans),
            Key::ForceGroupAllocation => layout.force_group_allocation = true,
            Key::CheckSections(on) => layout.check_overlaps = Some(on),
            Key::NonContiguousRegions => layout.non_contiguous_regions = true,
            Key::WarnNonContiguousRegions => layout.warn_non_contiguous_regions = true,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Options about symbols.
    fn changed_symbols(&mut self, key: Key, text: &[u8]) -> Result<bool, Stop> {
        let symbols = &mut self.options.symbols;
        match key {
            Key::Undefined => symbols.undefined.push(text.to_vec()),
            Key::RequireDefined => symbols.require_defined.push(text.to_vec()),
            Key::Wrap => symbols.wrap.push(text.to_vec()),
            Key::TraceSymbol => symbols.trace.push(text.to_vec()),
            Key::IgnoreUnresolved => symbols.ignore_unresolved.push(text.to_vec()),
            Key::ExportDynamic(on) => symbols.export_dynamic = on,
            Key::ExportDynamicSymbol => symbols.export_dynamic_symbols.push(text.to_vec()),
            Key::DynamicListData => symbols.dynamic_list_data = true,
            Key::DynamicListCppNew => symbols.dynamic_list_cpp_new = true,
            Key::DynamicListCppTypeinfo => symbols.dynamic_list_cpp_typeinfo = true,
            Key::ExcludeLibs => {
                let names = text.split(|byte| matches!(byte, b',' | b':'));
                let names = names.filter(|name| !name.is_empty()).map(<[u8]>::to_vec);
                symbols.exclude_libs.extend(names);
            }
            Key::Symbolic(symbolic) => symbols.symbolic = symbolic,
            Key::NoUndefined => symbols.unresolved_in_objects = Unresolved::Report,
            Key::AllowUndefinedInLibraries(true) => {
                symbols.unresolved_in_libraries = Unresolved::Ignore;
            }
            Key::AllowUndefinedInLibraries(false) => {
                symbols.unresolved_in_libraries = Unresolved::Report;
            }
            Key::Unresolved => {
                (symbols.unresolved_in_objects, symbols.unresolved_in_libraries) =
                    values::unresolved(text)?;
            }
            Key::UnresolvedWarn(on) => symbols.unresolved_only_warn = on,
            Key::AllowMultiple => symbols.allow_multiple_definition = true,
            Key::ForbidMultipleAbsolute => symbols.forbid_multiple_absolute = true,
            Key::UndefinedVersion(on) => symbols.undefined_version = Some(on),
            Key::DefaultSymver => symbols.default_symver = true,
            Key::DefaultImportedSymver => symbols.default_imported_symver = true,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Options about what the dynamic loader is told.
    fn changed_dynamic(&mut self, key: Key, text: &[u8]) -> bool {
        let dynamic = &mut self.options.dynamic;
        match key {
            Key::Soname if text.is_empty() => self.say(b"SONAME must not be empty string; ignored"),
            Key::Soname => dynamic.soname = Some(text.to_vec()),
            Key::Rpath => self.add_rpath(text),
            Key::NewDtags(on) => dynamic.new_dtags = on,
            Key::DynamicLinker => dynamic.interpreter = Interpreter::Path(text.to_vec()),
            Key::NoDynamicLinker => dynamic.interpreter = Interpreter::Absent,
            Key::Auxiliary => dynamic.auxiliary.push(text.to_vec()),
            Key::Filter => dynamic.filter = Some(text.to_vec()),
            Key::Audit => values::add_to_list(&mut dynamic.audit, text),
            Key::DepAudit => values::add_to_list(&mut dynamic.depaudit, text),
            Key::Init => dynamic.init = Some(text.to_vec()),
            Key::Fini => dynamic.fini = Some(text.to_vec()),
            Key::SpareTags => dynamic.spare_tags = number::lenient(text),
            Key::Group => {
                dynamic.flags_1 |= libelf::raw::DF_1_GROUP.0;
                self.options.symbols.unresolved_in_objects = Unresolved::Report;
            }
            _ => return false,
        }
        true
    }

    /// Adds the folders of a list with colons that are not there yet.
    fn add_rpath(&mut self, text: &[u8]) {
        values::add_to_list(&mut self.options.dynamic.rpath, text);
    }

    /// Options about warnings.
    fn changed_warnings(&mut self, key: Key, text: &[u8]) -> Result<bool, Stop> {
        let warnings = &mut self.options.warnings;
        match key {
            Key::FatalWarnings(on) => warnings.fatal = on,
            Key::NoWarnings => warnings.silent = true,
            Key::WarnCommon => warnings.common = true,
            Key::WarnOnce => warnings.undefined_once = true,
            Key::WarnSectionAlign => warnings.section_align = true,
            Key::WarnTextrel => warnings.text_relocs = true,
            Key::WarnExecStack(true) => warnings.exec_stack = ExecStack::Always,
            Key::WarnExecStack(false) => warnings.exec_stack = ExecStack::Never,
            Key::WarnRwx(on) => warnings.rwx_segments = on,
            Key::NoWarnMismatch => warnings.mismatch = false,
            Key::NoWarnSearchMismatch => warnings.search_mismatch = false,
            Key::WarnAlternateMachine => warnings.alternate_machine = true,
            Key::ErrorLimit => warnings.error_limit = values::count("--error-limit", text)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Options about what is printed, and all others.
    fn changed_rest(
        &mut self,
        key: Key,
        value: &OsStr,
        text: &[u8],
        has_value: bool,
    ) -> Result<(), Stop> {
        let report = &mut self.options.report;
        match key {
            Key::Keyword => return self.keyword(text),
            Key::HashStyle => self.options.dynamic.hash_style = values::hash_style(text)?,
            Key::Map => report.map = Some(libld::options::MapFile::Stdout),
            Key::MapFile if text.is_empty() => {
                self.say(b"no file/directory name provided for map output; ignored");
            }
            Key::MapFile => self.map = Some(value.to_owned()),
            Key::MapDiscarded(on) => report.map_without_discarded = !on,
            Key::CrossReferences => report.cross_references = true,
            Key::Trace => report.trace = report.trace.saturating_add(1),
            Key::PrintGcSections(on) => report.gc_sections = on,
            Key::MemoryUsage => report.memory_usage = true,
            Key::Statistics => report.statistics = true,
            Key::Time => report.time = true,
            Key::Demangle(false) => report.demangle = None,
            Key::Demangle(true) => {
                report.demangle =
                    demangle::style_named(has_value.then_some(value)).map_err(Stop::Message)?;
            }
            Key::Colour => {
                report.colour = if has_value { values::colour(text)? } else { Colour::Always };
            }
            Key::ErrorScript => report.error_script = Some(PathBuf::from(value)),
            Key::Threads if has_value => {
                let count = values::count("--threads", text)?;
                self.options.threads = NonZeroUsize::new(count);
            }
            Key::Threads => self.options.threads = None,
            Key::OneThread => self.options.threads = Some(NonZeroUsize::MIN),
            Key::Verbose => {
                report.verbose = if has_value { number::lenient(text).max(1) } else { 1 };
                self.say_version(true);
            }
            Key::Version => self.say_version(false),
            Key::VersionAndEmulations => self.say_version(true),
            Key::VersionText => {
                version::print(self.out, "ld");
                return Err(Stop::Done);
            }
            Key::Help => {
                let usage = crate::usage::help(self.out.program());
                self.print(usage.as_bytes());
                return Err(Stop::Done);
            }
            Key::TargetHelp => {
                self.print(crate::usage::target_help().as_bytes());
                return Err(Stop::Done);
            }
            Key::PrintSysroot => {
                let sysroot = self.options.inputs.sysroot.as_os_str().as_bytes().to_vec();
                if !sysroot.is_empty() {
                    self.print(&[&sysroot[..], b"\n"].concat());
                }
                return Err(Stop::Done);
            }
            Key::PrintOutputFormat => self.wants_format = true,
            Key::BigEndian => self.is_big_endian = true,
            Key::LowEndian => self.is_big_endian = false,
            Key::Assert => values::assertion(text)?,
            Key::CtfShareTypes => values::ctf_sharing(text)?,
            Key::HashSize if number::whole(text).is_none() => {
                self.has_failed = true;
                self.say(b"--hash-size needs a numeric argument");
            }
            Key::MaxCacheSize => values::cache_size(text)?,
            Key::Unsupported(Unsupported(name)) => {
                return Err(Stop::Message(format!("{name} is not supported").into_bytes()));
            }
            _ => {}
        }
        Ok(())
    }

    /// `-z`
    fn keyword(&mut self, text: &[u8]) -> Result<(), Stop> {
        match keywords::apply(&mut self.options, text) {
            Outcome::Done => Ok(()),
            Outcome::Wrong(message) => Err(Stop::Message(message)),
            Outcome::Unknown => {
                self.say(&[b"warning: -z ", text, b" ignored"].concat());
                Ok(())
            }
        }
    }

    /// The first line of the version, which configure scripts look at, and what `-m` takes.
    fn say_version(&mut self, with_emulations: bool) {
        self.has_said_version = true;
        let text = crate::usage::version_line(with_emulations);
        self.print(text.as_bytes());
    }
}

/// Why reading stops.
#[derive(Debug)]
pub enum Stop {
    /// Something is wrong.
    Message(Vec<u8>),
    /// What was asked for is printed.
    Done,
}

impl From<&str> for Stop {
    fn from(message: &str) -> Self {
        Self::Message(message.into())
    }
}

fn os(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

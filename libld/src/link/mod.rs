//! The link: its passes, one after the other.

mod binary;
mod choose;
mod clock;
mod entry;
mod extents;
mod finish;
mod garbage;
mod gather;
mod image;
mod join;
mod keep;
mod listings;
mod needs;
mod object;
mod outputs;
mod program;
mod reports;
mod versions;

use std::path::Path;

use clock::Clock;
use keep::Kept;

use crate::arch::Arch;
use crate::diagnostics::Diagnostics;
use crate::input::Loads;
use crate::layout::plan::Plan;
use crate::names::Names;
use crate::options::Options;
use crate::relocatable::symbols::Retained;
use crate::report::{DebugFiles, Reporter};
use crate::script::ast::Script;
use crate::scripts::Scripts;
use crate::storage::Storage;
use crate::write::room::Room;

/// A text that is written beside the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// The map (`-Map`).
    Map,
    /// The rule for make(1) (`--dependency-file`).
    Dependencies,
}

/// Who takes the output.
pub trait Sink: Send {
    /// Options and scripts are sound: what was at `path` is not the output any more, so that a link
    /// which fails from here on leaves no file there.
    fn begin(&mut self, path: &Path);

    /// Room for the whole output of `size` bytes, which is to be the file `path`; asked for once.
    ///
    /// # Errors
    /// What there is to say: there is no room, the file cannot be made.
    fn room(&mut self, path: &Path, size: u64) -> Result<&dyn Room, String>;

    /// Takes a text beside the output; `options` are those of the command line with those of
    /// scripts.
    ///
    /// # Errors
    /// What there is to say: the file cannot be made.
    fn text(&mut self, kind: TextKind, options: &Options, text: &[u8]) -> Result<(), String>;

    /// The output is whole: it may be put in its place. Called once, and only by a link that does
    /// not fail, on any thread, while the link gives back what it took.
    fn finish(&mut self);
}

/// The way to the sink, and to the threads that may work for it.
struct Delivery<'d, 'scope> {
    sink: &'scope mut dyn Sink,
    scope: &'d rayon::Scope<'scope>,
}

impl Delivery<'_, '_> {
    /// Lets the sink finish, while all that the passes made is dropped here.
    fn finish(self) {
        let Self { sink, scope } = self;
        scope.spawn(move |_| sink.finish());
    }
}

/// The link failed; all has been said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// What all passes look at.
#[derive(Clone, Copy)]
pub struct Base<'l, 'a> {
    options: &'l Options,
    arch: &'static dyn Arch,
    names: &'l Names<'a>,
    scripts: &'l Scripts<'a>,
    /// The scripts that lay out the output, in order.
    layout_scripts: &'l [&'a Script<'a>],
    /// The name of the symbol where the program starts.
    entry_name: Option<&'l [u8]>,
    loads: &'l Loads<'a>,
    /// What each pass takes (`--time`).
    clock: &'l Clock,
}

/// Links. What there is to say goes to `said`, the output to `sink`.
///
/// # Errors
/// What was said has an error in it. The sink may have been asked for room; what is there is not
/// an output then.
pub fn link(options: &Options, sink: &mut dyn Sink, said: &mut Diagnostics) -> Result<(), Failed> {
    rayon::in_place_scope(|scope| passes(options, Delivery { sink, scope }, said))
}

fn passes(
    options: &Options,
    delivery: Delivery<'_, '_>,
    said: &mut Diagnostics,
) -> Result<(), Failed> {
    let clock = Clock::start();
    let unpacked_debug = libdwarf::load::Backing::new();
    let storage = Storage::new();
    let names = Names::default();
    let mut gathered = gather::gather(options, &storage, &names, &mut *delivery.sink, said)?;
    clock.lap("inputs");
    let items = std::mem::take(&mut gathered.items);
    let options = &*gathered.options;
    let layout_scripts = gathered.layout_scripts();
    let base = Base {
        options,
        arch: gathered.arch,
        names: &names,
        scripts: &gathered.scripts,
        layout_scripts: &layout_scripts,
        entry_name: gathered.entry_name(),
        loads: &gathered.loads,
        clock: &clock,
    };
    let mut plan = Plan::with_inputs(gathered.implicit.len(), &layout_scripts);
    plan.complain(&gathered.scripts.sources, said);

    let mut joined = join::join(&base, items, &plan, &storage, said);
    let trial = Plan::with_inputs(gathered.implicit.len(), &layout_scripts);
    keep::forget_bounds(&base, &mut joined, trial, &storage);
    let debug_files = DebugFiles::new(&unpacked_debug);
    let mut reporter = Reporter::new(&joined.resolved, &names, options, &debug_files);
    reporter.problems(&joined.problems, options.warnings.common, said);
    reporter.warnings(said);

    reporter.indirect(&joined.indirect, said);
    if said.is_fatal() {
        return Err(Failed);
    }

    let (kept, matched) = keep::keep(&base, &joined, &mut plan, &storage, said)?;
    let retained = retained_symbols(options, &storage, said)?;
    if !joined.form.is_relocatable {
        let base = Base { arch: base.arch.of_output(options, &kept.properties), ..base };
        let kept = Kept { retained, ..kept };
        return program::link(
            &base,
            &joined,
            &kept,
            (plan, matched),
            &mut reporter,
            delivery,
            said,
        );
    }
    if base.is_binary() {
        said.fatal("relocatable linking to format binary is not supported");
        return Err(Failed);
    }
    let input = object::ObjectLink {
        retained,
        options,
        arch: base.arch,
        resolved: &joined.resolved,
        names: &names,
        wanted: &joined.wanted,
        plan,
        matched,
        forms: &kept.forms,
        live: &kept.live,
        frames: &kept.frames,
        merged: &kept.merged,
        properties: &kept.properties,
        commons: &joined.commons,
        scripts: &gathered.scripts,
        debug_files: &debug_files,
        loads: &gathered.loads,
        storage: &storage,
        outputs: &kept.outputs,
        entry_name: base.entry_name,
    };
    object::link(input, delivery, said)
}

impl Base<'_, '_> {
    /// Whether the output is bytes of memory without any header.
    fn is_binary(&self) -> bool {
        choose::is_binary(self.options, self.scripts)
    }
}

/// The names of the only symbols that the output keeps, if options name a file with some.
fn retained_symbols(
    options: &Options,
    storage: &Storage,
    said: &mut Diagnostics,
) -> Result<Option<Retained>, Failed> {
    let Some(path) = &options.inputs.retain_symbols else { return Ok(None) };
    match storage.map(path) {
        Ok(bytes) => {
            let words = bytes.split(u8::is_ascii_whitespace);
            Ok(Some(words.filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect()))
        }
        Err(error) => {
            let reason = crate::input::gather::reason(&error);
            said.fatal(format!("{}: {reason}", path.display()));
            Err(Failed)
        }
    }
}

/// What came out; or the link ends, and the text is said.
fn or_say<T>(outcome: Result<T, String>, said: &mut Diagnostics) -> Result<T, Failed> {
    outcome.map_err(|text| {
        said.fatal(text);
        Failed
    })
}

fn stop_if_failed(said: &Diagnostics, options: &Options) -> Result<(), Failed> {
    if said.failed(false) && !options.output.keep_on_error { Err(Failed) } else { Ok(()) }
}

//! All that a command line asks for, typed.
//!
//! The program parses the command line, [`Options`] is what it means: passes read it and nothing
//! else of the outside, but for the files that it names. A script may still say otherwise where a
//! command has the same effect as an option (`ENTRY`, `OUTPUT`, `OUTPUT_FORMAT`, …); the pass that
//! reads scripts decides by GNU ld's rule, which the field's comment tells.
//!
//! What holds for the whole link stands in a field. What holds from one place of the command line
//! on (`--as-needed`, `-Bstatic`, `--whole-archive`, `-b`) stands with each input, in [`State`]:
//!
//! ```text
//! ld crt1.o --as-needed -lm --no-as-needed --start-group -lc -lgcc --end-group -T extra.lds
//!    File   ------------File(as_needed)--- StartGroup    File File EndGroup    Script
//! ```

mod dynamic;
mod emulation;
mod format;
mod input;
mod layout;
mod output;
mod report;
mod symbols;
mod warnings;
mod x86;

pub use dynamic::{Dynamic, HashStyle, Interpreter};
pub use emulation::{Emulation, EmulationSystem};
pub use format::Format;
pub use input::{Argument, Definition, Input, InputName, Inputs, Linkage, Plugin, State};
pub use layout::{
    CommonAllocation, CommonOrder, Layout, OrphanHandling, Pages, SectionOrder, SectionStart,
    Unique,
};
pub use output::{BuildId, Compression, Discard, Kind, Magic, Output, Strip};
pub use report::{Colour, MapFile, Report};
pub use symbols::{Symbolic, Symbols, Unresolved, Visibility};
pub use warnings::{ExecStack, Warnings};
pub use x86::{CallNop, IsaLevel, MissingFeature, X86};

/// All that a command line asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The machine, class and system to link for: `-m`, of which the last counts.
    pub emulation: Emulation,
    /// Whether the command line chose the emulation; else the first object may.
    pub emulation_is_given: bool,
    /// Files and scripts, in order, and where they are looked for.
    pub inputs: Inputs,
    /// What is written.
    pub output: Output,
    /// Where sections go, and which.
    pub layout: Layout,
    /// Which symbols there are and what they bind to.
    pub symbols: Symbols,
    /// What the dynamic loader is told.
    pub dynamic: Dynamic,
    /// What only x86 machines have.
    pub x86: X86,
    /// What is warned of.
    pub warnings: Warnings,
    /// What is printed for people.
    pub report: Report,
    /// How many threads work: `--threads=N`; `None` for as many as the system has for us.
    pub threads: Option<std::num::NonZeroUsize>,
}

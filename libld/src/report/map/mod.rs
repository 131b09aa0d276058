//! The map of a link (`-Map`, `-M`), in GNU ld's format.
//!
//! ```text
//! Archive member included …   why members of archives joined                      (joined)
//! Allocating common symbols   who asks for their space                            (common)
//! Discarded input sections    what is left out                                    (discarded)
//! Memory Configuration        regions                                             (memory)
//! Linker script and memory map                                                    (statements)
//! LOAD main.o                 what was read, in order
//!                 0x0000000000001000                . = ALIGN (CONSTANT (MAXPAGESIZE))
//!
//! .text           0x0000000000401000       0x1c
//!  *(.text)
//!  .text          0x0000000000401000       0x1c main.o
//!                 0x0000000000401000                main
//! OUTPUT(a.out elf64-x86-64)
//! ```
//!
//! The map walks the statements of the scripts once more, with a location counter of its own: what
//! an assignment to `.` is shown with is worked out again where the map stands.

mod head;
mod lines;
mod order;
pub mod phantoms;
mod statements;
mod symbols;

use crate::input::Loads;
use crate::layout::form::Forms;
use crate::layout::{Engine, Layout};
use crate::names::Names;
use crate::options::Options;
use crate::resolve::Resolved;
use crate::scan::Target;
use crate::write::Addresses;
use lines::Lines;
use phantoms::Phantom;

/// What a map is made of.
pub struct MapInput<'m, 'data> {
    /// What the command line asks for.
    pub options: &'m Options,
    /// Files and symbols.
    pub resolved: &'m Resolved<'data>,
    /// Names of symbols.
    pub names: &'m Names<'data>,
    /// What input sections are.
    pub forms: &'m Forms<'m, 'data>,
    /// What was read, in order.
    pub loads: &'m Loads<'data>,
    /// Where sections lie.
    pub layout: &'m Layout<'m>,
    /// Where symbols lie; not in relocatable outputs, where they lie in their sections.
    pub addresses: Option<&'m Addresses<'m, 'data>>,
    /// Whether the output has an input section, be it empty.
    pub is_kept: &'m dyn Fn(crate::ids::SectionId) -> bool,
    /// The functions with an entry in `.plt` and in `.plt.got`, in order.
    pub plt: [&'m [Target]; 2],
    /// Sections that GNU ld's map shows, and the output does not have as such.
    pub phantoms: &'m [Phantom],
    /// Whether dynamic relocations hold their addends.
    pub is_rela: bool,
    /// Properties that merging took away.
    pub removed_properties: &'m [String],
    /// The name of the output's format.
    pub format: &'m str,
    /// Whether addresses have 64 bits.
    pub is_64: bool,
}

/// The map. The engine is the one that laid the output out.
pub fn map<'data>(input: &MapInput<'_, 'data>, engine: &mut Engine<'_, 'data>) -> Vec<u8> {
    let mut lines = Lines::new(input.is_64);
    head::joined(input, false, &mut lines);
    head::properties(input, &mut lines);
    head::joined(input, true, &mut lines);
    head::commons(input, &mut lines);
    if !input.options.report.map_without_discarded {
        head::discarded(input, &mut lines);
    }
    head::memory(engine, &mut lines);
    statements::write(input, engine, &mut lines);
    lines.out
}

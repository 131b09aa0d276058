//! What is printed for people.

use std::path::PathBuf;

/// What is printed for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// `-M`, `-Map`
    pub map: Option<MapFile>,
    /// `--no-print-map-discarded` sets it: the map does not list discarded sections.
    pub map_without_discarded: bool,
    /// `--cref`: a table of symbols and the files that mention them, in the map or on standard
    /// output.
    pub cross_references: bool,
    /// `-t`: how often it is given. Once names files, twice members of archives too.
    pub trace: u32,
    /// `--verbose`: files that are tried, and the script. The number is its value, 1 if it has
    /// none, 0 if it is not given.
    pub verbose: u32,
    /// `--print-gc-sections`
    pub gc_sections: bool,
    /// `--print-memory-usage`
    pub memory_usage: bool,
    /// `--stats`
    pub statistics: bool,
    /// `--time`: what each pass cost.
    pub time: bool,
    /// `--no-demangle`, or `COLLECT_NO_DEMANGLE` in the environment: symbols are printed as they
    /// are; else they are demangled.
    pub mangled: bool,
    /// `--color-diagnostics`
    pub colour: Colour,
    /// `--error-handling-script`: a program to run for symbols and libraries that are missing.
    pub error_script: Option<PathBuf>,
}

/// Where the map goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MapFile {
    /// `-M`, `-Map=-`
    Stdout,
    /// `-Map=FILE`, with `%` and folders resolved against the name of the output as the command
    /// line has it.
    File(PathBuf),
}

/// Whether messages have colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

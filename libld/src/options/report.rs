//! What is printed for people.

use std::path::PathBuf;

use libdemangle::Style;

/// What is printed for people.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// `--demangle`: the style of mangled names; `None` prints symbols as they are:
    /// `--no-demangle`, or `COLLECT_NO_DEMANGLE` in the environment.
    pub demangle: Option<Style>,
    /// `--color-diagnostics`
    pub colour: Colour,
    /// `--error-handling-script`: a program to run for symbols and libraries that are missing.
    pub error_script: Option<PathBuf>,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            map: None,
            map_without_discarded: false,
            cross_references: false,
            trace: 0,
            verbose: 0,
            gc_sections: false,
            memory_usage: false,
            statistics: false,
            time: false,
            demangle: Some(Style::Auto),
            colour: Colour::default(),
            error_script: None,
        }
    }
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

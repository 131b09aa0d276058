//! What is warned of.

/// What is warned of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warnings {
    /// `--fatal-warnings`: a warning fails the link.
    pub fatal: bool,
    /// `-w`: neither warnings nor errors are printed, and a link with errors is good.
    pub silent: bool,
    /// `--warn-common`: common symbols that meet others.
    pub common: bool,
    /// `--warn-once`: an undefined symbol is named once, not for each reference.
    pub undefined_once: bool,
    /// `--warn-section-align`: sections whose address changes for their alignment.
    pub section_align: bool,
    /// `--warn-textrel`, `-z text` apart: relocations of read-only sections.
    pub text_relocs: bool,
    /// `--warn-execstack`, `--no-warn-execstack`
    pub exec_stack: ExecStack,
    /// `--no-warn-rwx-segments` sets it to false: segments that are writable and executable.
    pub rwx_segments: bool,
    /// `--no-warn-mismatch` sets it to false: inputs for another machine.
    pub mismatch: bool,
    /// `--no-warn-search-mismatch` sets it to false: libraries passed over as they are for
    /// another machine.
    pub search_mismatch: bool,
    /// `--warn-alternate-em`: inputs with an unofficial `e_machine`.
    pub alternate_machine: bool,
    /// `--error-limit`: how many errors are printed; 0 for all.
    pub error_limit: usize,
}

impl Default for Warnings {
    fn default() -> Self {
        Self {
            fatal: false,
            silent: false,
            common: false,
            undefined_once: false,
            section_align: false,
            text_relocs: false,
            exec_stack: ExecStack::default(),
            rwx_segments: true,
            mismatch: true,
            search_mismatch: true,
            alternate_machine: false,
            error_limit: 0,
        }
    }
}

/// When an executable stack is warned of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExecStack {
    /// If an input is why, and `-z execstack` does not ask for it.
    #[default]
    IfNotAsked,
    /// Always.
    Always,
    /// Never.
    Never,
}

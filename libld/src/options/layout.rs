//! Where sections go, and which.

/// Where sections go, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// `--section-start`, `-Ttext`, `-Tdata`, `-Tbss`: the last for a section counts.
    pub section_starts: Vec<SectionStart>,
    /// `-Ttext-segment`
    pub text_segment: Option<u64>,
    /// `-Trodata-segment`
    pub rodata_segment: Option<u64>,
    /// `-Tldata-segment`
    pub ldata_segment: Option<u64>,
    /// Sizes of pages and what depends on them.
    pub pages: Pages,
    /// `--gc-sections`: leave out what nothing refers to.
    pub gc_sections: bool,
    /// `--gc-keep-exported`: sections with exported symbols are kept.
    pub gc_keep_exported: bool,
    /// `-z start-stop-gc`: a reference to `__start_NAME` does not keep the sections `NAME`.
    pub start_stop_gc: bool,
    /// `--sort-section`: wildcards of scripts that ask for no order of their own.
    pub sort_section: Option<SectionOrder>,
    /// `--sort-common`
    pub sort_common: Option<CommonOrder>,
    /// `-d`, `--no-define-common`
    pub common: CommonAllocation,
    /// `--orphan-handling`: what happens to sections that no script names.
    pub orphans: OrphanHandling,
    /// `--unique`: which input sections get output sections of their own.
    pub unique: Vec<Unique>,
    /// `--force-group-allocation`: sections of groups are placed as others, and groups are gone.
    pub force_group_allocation: bool,
    /// Whether overlaps of sections are looked for: `--check-sections`, `--no-check-sections`;
    /// `None` does in all but relocatable outputs.
    pub check_overlaps: Option<bool>,
    /// `--enable-non-contiguous-regions`: a section that does not fit goes to the next that
    /// matches.
    pub non_contiguous_regions: bool,
    /// `--enable-non-contiguous-regions-warnings`
    pub warn_non_contiguous_regions: bool,
    /// `-z relro`: data that is read-only after relocation has a segment that says so.
    pub relro: bool,
    /// `-z separate-code`: pages of code hold nothing else.
    pub separate_code: bool,
    /// `-z separate-loadable-segments`: no two segments are on one page, of memory or of the file.
    pub separate_segments: bool,
    /// `-z nognustack` sets it to false: there is no `PT_GNU_STACK`.
    pub gnu_stack: bool,
    /// `-z wxneeded`: `PT_OPENBSD_WXNEEDED`.
    pub wx_needed: bool,
    /// `-z stack-size`: bytes of `PT_GNU_STACK`.
    pub stack_size: Option<u64>,
    /// `-z execstack`, `-z noexecstack`; `None`: as inputs need it.
    pub exec_stack: Option<bool>,
    /// `-z keep-text-section-prefix`: `.text.hot`, `.text.unlikely` and their like are output
    /// sections of their own.
    pub keep_text_prefixes: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            section_starts: Vec::new(),
            text_segment: None,
            rodata_segment: None,
            ldata_segment: None,
            pages: Pages::default(),
            gc_sections: false,
            gc_keep_exported: false,
            start_stop_gc: false,
            sort_section: None,
            sort_common: None,
            common: CommonAllocation::default(),
            orphans: OrphanHandling::default(),
            unique: Vec::new(),
            force_group_allocation: false,
            check_overlaps: None,
            non_contiguous_regions: false,
            warn_non_contiguous_regions: false,
            relro: true,
            separate_code: true,
            separate_segments: false,
            gnu_stack: true,
            wx_needed: false,
            stack_size: None,
            exec_stack: None,
            keep_text_prefixes: false,
        }
    }
}

/// Where an output section starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionStart {
    /// The section's name.
    pub section: Vec<u8>,
    /// Its address.
    pub address: u64,
    /// Whether a script (`-T`) stands before the option: that one makes its sections first.
    pub follows_script: bool,
}

impl SectionStart {
    /// Whether a section of this name is made for the option, before scripts are read.
    pub fn makes(&self, name: &[u8]) -> bool {
        !self.follows_script && self.section == name
    }
}

/// Sizes of pages, in bytes: powers of two. `None` is the machine's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// `-z max-page-size`: what segments are aligned to.
    pub max: Option<u64>,
    /// `-z common-page-size`: what memory is saved for. It is not more than the former.
    pub common: Option<u64>,
}

/// An order of input sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionOrder {
    /// `name`
    Name,
    /// `alignment`: the largest first.
    Alignment,
}

/// An order of common symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommonOrder {
    /// `ascending`: by alignment, the smallest first.
    Ascending,
    /// `descending`: by alignment, the largest first.
    Descending,
}

/// Whether common symbols get memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CommonAllocation {
    /// In all but relocatable outputs.
    #[default]
    Final,
    /// `-d`: always; the script command `FORCE_COMMON_ALLOCATION` does the same.
    Forced,
    /// `--no-define-common`: never; the script command `INHIBIT_COMMON_ALLOCATION` does the same.
    Inhibited,
}

/// What happens to sections that no script names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrphanHandling {
    /// They are placed beside sections of their kind.
    #[default]
    Place,
    /// They are left out.
    Discard,
    /// They are placed, with a warning.
    Warn,
    /// They are errors.
    Error,
}

/// Which input sections get output sections of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unique {
    /// `--unique`: those that no script names.
    Orphans,
    /// `--unique=PATTERN`: those that the wildcard matches.
    Pattern(Vec<u8>),
}

//! What a dump shows: the letters and words of `--debug-dump`.

/// Which sections are shown, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `a`, `abbrev`
    pub abbrev: bool,
    /// `A`, `addr`
    pub addr: bool,
    /// `r`, `aranges`
    pub aranges: bool,
    /// `c`, `cu_index`
    pub cu_index: bool,
    /// `l`, `rawline`
    pub raw_lines: bool,
    /// `L`, `decodedline`
    pub decoded_lines: bool,
    /// `f`, `frames`
    pub frames: bool,
    /// `F`, `frames-interp`: frames as rows
    pub frames_interp: bool,
    /// `g`, `gdb_index`
    pub gdb_index: bool,
    /// `i`, `info`
    pub info: bool,
    /// `o`, `loc`
    pub loc: bool,
    /// `m`, `macro`
    pub macinfo: bool,
    /// `p`, `pubnames`
    pub pubnames: bool,
    /// `t`, `pubtypes`
    pub pubtypes: bool,
    /// `R`, `Ranges`
    pub ranges: bool,
    /// `s`, `str`
    pub str: bool,
    /// `.debug_line_str`: only where everything is shown.
    pub line_str: bool,
    /// `O`, `str-offsets`
    pub str_offsets: bool,
    /// `u`, `trace_abbrev`
    pub trace_abbrevs: bool,
    /// `T`, `trace_aranges`
    pub trace_aranges: bool,
    /// `U`, `trace_info`
    pub trace_info: bool,
    /// `--sframe`
    pub sframe: bool,
    /// `k`, `links`
    pub links: bool,
    /// Whether everything was asked for, without naming it.
    pub everything: bool,
    /// `--dwarf-depth`: entries this deep and deeper are not shown.
    pub depth: Option<u64>,
    /// `--dwarf-start`: the offset of the first entry to show.
    pub start: u64,
    /// `--dwarf-check`: more is checked.
    pub check: bool,
    /// `-W`: lines may be long.
    pub wide: bool,
    /// Whether nothing was asked for by name, and files are checked: then it is not looked which
    /// lists of ranges and locations units have.
    pub is_check: bool,
}

impl Options {
    /// Everything as it is stored: what `-w` alone shows.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            abbrev: true,
            addr: true,
            aranges: true,
            cu_index: true,
            raw_lines: true,
            frames: true,
            gdb_index: true,
            info: true,
            loc: true,
            macinfo: true,
            pubnames: true,
            pubtypes: true,
            ranges: true,
            str: true,
            line_str: true,
            str_offsets: true,
            trace_abbrevs: true,
            trace_aranges: true,
            trace_info: true,
            links: true,
            everything: true,
            ..Self::default()
        }
    }

    /// Whether anything of units of `.debug_info` is shown, or goes by them.
    pub(super) fn shows_units(&self) -> bool {
        self.info
            || self.loc
            || self.ranges
            || self.addr
            || self.aranges
            || self.pubnames
            || self.pubtypes
            || self.trace_info
    }
}

//! The sections that hold debugging information. DWARF 5, section 7.1 and appendix B; what GNU,
//! LLVM and GDB add to them.
//!
//! A section goes by several names: `.zdebug_info` is `.debug_info` compressed in the old way of
//! GNU, `.debug_info.dwo` lies in a split DWARF object.

/// Defines the sections: a name for code, the name in files, what it holds.
macro_rules! sections {
    ($($id:ident $name:literal $what:literal)*) => {
        /// A section of debugging information, whatever its compression.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum SectionId {
            $(#[doc = concat!("`", $name, "`: ", $what)] $id,)*
        }

        impl SectionId {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$id,)*];

            /// Its name in a file.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$id => $name,)*
                }
            }
        }
    };
}

sections! {
    Abbrev ".debug_abbrev" "abbreviations of entries"
    Aranges ".debug_aranges" "addresses of units"
    Frame ".debug_frame" "call frames"
    Info ".debug_info" "units of entries"
    Line ".debug_line" "line number programs"
    Pubnames ".debug_pubnames" "names by unit"
    GnuPubnames ".debug_gnu_pubnames" "names by unit, with their kinds"
    EhFrame ".eh_frame" "call frames for exceptions"
    EhFrameHdr ".eh_frame_hdr" "a table of call frames by address"
    Macinfo ".debug_macinfo" "macros"
    Macro ".debug_macro" "macros, from version 4 on"
    Str ".debug_str" "strings"
    LineStr ".debug_line_str" "strings of line number programs"
    Loc ".debug_loc" "location lists up to version 4"
    Loclists ".debug_loclists" "location lists of version 5"
    Pubtypes ".debug_pubtypes" "types by unit"
    GnuPubtypes ".debug_gnu_pubtypes" "types by unit, with their kinds"
    Ranges ".debug_ranges" "range lists up to version 4"
    Rnglists ".debug_rnglists" "range lists of version 5"
    StaticFunc ".debug_static_func" "an extension of old SGI compilers"
    StaticVars ".debug_static_vars" "an extension of old SGI compilers"
    Types ".debug_types" "type units of version 4"
    Weaknames ".debug_weaknames" "an extension of old SGI compilers"
    GdbIndex ".gdb_index" "GDB's index"
    Names ".debug_names" "the index of version 5"
    Sframe ".sframe" "simple call frames"
    TraceInfo ".trace_info" "traces"
    TraceAbbrev ".trace_abbrev" "abbreviations of traces"
    TraceAranges ".trace_aranges" "addresses of traces"
    InfoDwo ".debug_info.dwo" "split units of entries"
    AbbrevDwo ".debug_abbrev.dwo" "their abbreviations"
    TypesDwo ".debug_types.dwo" "split type units"
    LineDwo ".debug_line.dwo" "line number tables of split type units"
    LocDwo ".debug_loc.dwo" "split location lists up to version 4"
    LoclistsDwo ".debug_loclists.dwo" "split location lists"
    RnglistsDwo ".debug_rnglists.dwo" "split range lists"
    MacroDwo ".debug_macro.dwo" "split macros"
    MacinfoDwo ".debug_macinfo.dwo" "split macros of old"
    StrDwo ".debug_str.dwo" "split strings"
    StrOffsets ".debug_str_offsets" "where strings lie"
    StrOffsetsDwo ".debug_str_offsets.dwo" "where split strings lie"
    Addr ".debug_addr" "addresses"
    CuIndex ".debug_cu_index" "units of a package of split objects"
    TuIndex ".debug_tu_index" "type units of a package"
    DebugLink ".gnu_debuglink" "the name of the debug file"
    AltLink ".gnu_debugaltlink" "the name of the supplementary file"
    Sup ".debug_sup" "the supplementary file, in version 5"
}

/// What names start with where GNU's old compression was used, instead of `.debug`.
const COMPRESSED: &[u8] = b".zdebug";
const PLAIN: &[u8] = b".debug";

/// What names of sections start with that have a part of a line number program each: GNU's
/// assembler makes one for each section of code on request.
pub const PARTIAL_LINE: &[u8] = b".debug_line.";

impl SectionId {
    /// Its other name, of what is compressed in GNU's old way. Sections that are not compressed so
    /// have an empty one, which GNU takes for a name: a section without a name may be one of them.
    pub fn compressed_name(self) -> Vec<u8> {
        let is_linking = matches!(self, Self::DebugLink | Self::AltLink | Self::Sup);
        match self.name().as_bytes().strip_prefix(PLAIN) {
            Some(rest) if !is_linking => [COMPRESSED, rest].concat(),
            _ => Vec::new(),
        }
    }

    /// Whether it is of split objects.
    pub fn is_split(self) -> bool {
        self.name().as_bytes().ends_with(b".dwo")
    }

    /// The section that goes by `name`, compressed or not. What starts as [`PARTIAL_LINE`] is a
    /// [`Self::Line`] too.
    pub fn of_name(name: &[u8]) -> Option<Self> {
        let whole = Self::ALL.iter().copied().find(|id| id.is_named(name));
        whole.or_else(|| name.starts_with(PARTIAL_LINE).then_some(Self::Line))
    }

    /// Whether `name` is a name of it.
    pub fn is_named(self, name: &[u8]) -> bool {
        let plain = self.name().as_bytes();
        name == plain
            || name.strip_prefix(COMPRESSED).is_some_and(|rest| {
                plain.strip_prefix(PLAIN).is_some_and(|plain| !plain.is_empty() && plain == rest)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_by_both_names() {
        for &id in SectionId::ALL {
            assert_eq!(SectionId::of_name(id.name().as_bytes()), Some(id));
        }
        assert_eq!(SectionId::of_name(b".zdebug_info"), Some(SectionId::Info));
        assert_eq!(SectionId::of_name(b".debug_line.text"), Some(SectionId::Line));
        assert_eq!(SectionId::of_name(b".debug_line.dwo"), Some(SectionId::LineDwo));
        assert_eq!(SectionId::of_name(b".zeh_frame"), None);
        assert_eq!(SectionId::of_name(b".debug"), None);
    }
}

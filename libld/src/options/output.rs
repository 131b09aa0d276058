//! What is written.

use std::path::{Path, PathBuf};

use super::Format;

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// `-o`: `None` for what a script's `OUTPUT` says, and else [`Output::DEFAULT_PATH`].
    pub path: Option<PathBuf>,
    /// `-shared`, `-pie`, `-r`.
    pub kind: Kind,
    /// `-static`: there is no dynamic loader.
    pub is_static: bool,
    /// `--oformat`: counts more than a script's `OUTPUT_FORMAT`; `None` for what that says, or the
    /// emulation.
    pub format: Option<Format>,
    /// `-n`, `-N`: whether pages of the file are pages of memory.
    pub magic: Magic,
    /// `-q`: relocation sections are kept in a finished output.
    pub emit_relocs: bool,
    /// `-s`, `-S`.
    pub strip: Strip,
    /// Whether global symbols of discarded sections are left out: `--no-strip-discarded` sets it
    /// to false.
    pub strip_discarded: bool,
    /// `-x`, `-X`, `--discard-none`.
    pub discard: Discard,
    /// `-z unique-symbol`: of local symbols with one name, all but the first get a number.
    pub unique_symbol_names: bool,
    /// `-z common`: common symbols of a relocatable output are `STT_COMMON`.
    pub common_type: bool,
    /// `-e`: a symbol, or a number in C's notation if there is no such symbol. It counts more than
    /// a script's `ENTRY`.
    pub entry: Option<Vec<u8>>,
    /// `--build-id`
    pub build_id: Option<BuildId>,
    /// `--package-metadata`: the JSON text of a note `NT_FDO_PACKAGING_METADATA`; an empty one
    /// makes none.
    pub package_metadata: Option<Vec<u8>>,
    /// `--compress-debug-sections`; `None` leaves them as inputs are, which is uncompressed in a
    /// finished output.
    pub compress_debug: Option<Compression>,
    /// `-O`: from 1 on hash tables are tuned, and from 2 on tails of strings are shared.
    pub optimize: u32,
    /// `--relax`, `--no-relax`; `None` is the machine's own choice.
    pub relax: Option<bool>,
    /// `--eh-frame-hdr`: make `.eh_frame_hdr` and its segment.
    pub eh_frame_hdr: bool,
    /// Whether unwind information for the PLT is made: `--no-ld-generated-unwind-info` sets it to
    /// false.
    pub plt_unwind_info: bool,
    /// `--noinhibit-exec`: the output is written even if there were errors.
    pub keep_on_error: bool,
    /// `--dependency-file`: a rule for make(1) with all files that were read.
    pub dependency_file: Option<PathBuf>,
    /// `-z nosectionheader` sets it to false: the file has no section headers, and nothing that only
    /// they lead to.
    pub section_headers: bool,
    /// `-z dead-reloc-in-nonalloc`, in order: what stands in sections that are not in memory, whose
    /// names match the wildcard, for addresses of what the output does not have.
    pub dead_relocs: Vec<(Vec<u8>, u64)>,
    /// `--traditional-format`: `.eh_frame` is left as it is, and has no table.
    pub traditional: bool,
}

impl Output {
    /// What is written if nothing says a name.
    pub const DEFAULT_PATH: &'static str = "a.out";

    /// The file to write, if no script says otherwise.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new(Self::DEFAULT_PATH))
    }
}

impl Default for Output {
    fn default() -> Self {
        Self {
            path: None,
            kind: Kind::default(),
            is_static: false,
            format: None,
            magic: Magic::default(),
            emit_relocs: false,
            strip: Strip::default(),
            strip_discarded: true,
            discard: Discard::default(),
            unique_symbol_names: false,
            common_type: false,
            entry: None,
            build_id: None,
            package_metadata: None,
            compress_debug: None,
            optimize: 0,
            relax: None,
            eh_frame_hdr: false,
            plt_unwind_info: true,
            keep_on_error: false,
            dependency_file: None,
            section_headers: true,
            dead_relocs: Vec::new(),
            traditional: false,
        }
    }
}

/// What kind of file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// `-no-pie`: an executable at a fixed address; whether it is dynamic depends on its inputs.
    #[default]
    Executable,
    /// `-pie`: an executable for any address.
    Pie,
    /// `-shared`: a shared library.
    Shared,
    /// `-r`: an object to link again.
    Relocatable,
}

impl Kind {
    /// Whether the output can be loaded at any address.
    #[must_use]
    pub fn is_position_independent(self) -> bool {
        matches!(self, Self::Pie | Self::Shared)
    }

    /// Whether the output is a program.
    #[must_use]
    pub fn is_executable(self) -> bool {
        matches!(self, Self::Executable | Self::Pie)
    }
}

/// Whether pages of the file are pages of memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Magic {
    /// Segments are loaded page by page on demand.
    #[default]
    DemandPaged,
    /// `-n`: segments are not aligned to pages; text is read-only.
    Nmagic,
    /// `-N`: segments are not aligned to pages; text and data are one, and writable.
    Omagic,
}

/// What is left out of `.symtab` as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strip {
    /// Nothing.
    #[default]
    Nothing,
    /// `-S`: debug sections and symbols.
    Debug,
    /// `-s`: debug sections and all symbols.
    All,
}

/// Which local symbols are left out of `.symtab`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Discard {
    /// Temporary ones (`.L…`) of sections whose contents are merged.
    #[default]
    Merged,
    /// `--discard-none`: none.
    None,
    /// `-X`: temporary ones.
    Temporary,
    /// `-x`: all.
    All,
}

/// What the build id is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildId {
    /// `fast`: a fast hash, 8 bytes.
    Fast,
    /// No style is asked for: a fast hash as long as GNU's, 20 bytes.
    Default,
    /// `md5`: 16 bytes.
    Md5,
    /// `sha1`: 20 bytes.
    Sha1,
    /// `sha256`: 32 bytes.
    Sha256,
    /// `uuid`: 16 random bytes.
    Uuid,
    /// `0x…`: these bytes.
    Hex(Vec<u8>),
}

/// How debug sections are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// `none`: they are not, whatever inputs are.
    Nothing,
    /// `zlib`, `zlib-gabi`: `SHF_COMPRESSED` with `ELFCOMPRESS_ZLIB`.
    Zlib,
    /// `zlib-gnu`: sections `.zdebug_…`.
    ZlibGnu,
    /// `zstd`: `SHF_COMPRESSED` with `ELFCOMPRESS_ZSTD`.
    Zstd,
}

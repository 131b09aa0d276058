//! The tree of a linker script.
//!
//! Names borrow from the texts of the scripts, which outlive the tree (`'s`). They are bytes, as
//! names of sections and files are. Quotes are already off. Every part that a message may point at
//! has a [`Span`]. What INCLUDE names has been read: its statements stand in the tree where the
//! INCLUDE stood, with spans in their own text.
//!
//! ```text
//! ENTRY(_start)                                   Command::Entry
//! MEMORY { rom (rx) : ORIGIN = 0, LENGTH = 64K }  Command::Memory
//! SECTIONS                                        Command::Sections
//! {
//!   . = 0x1000;                                   SectionsItem::Assignment
//!   .text ALIGN(16) : SUBALIGN(4)                 SectionsItem::Output
//!   {
//!     *(.text .text.*)                            SectionItem::Input
//!     LONG(end - start)                           SectionItem::Data
//!   } >rom =0x90
//! }
//! ```

use super::source::Span;

/// A name as it is written in the script, without quotes.
pub type Name<'s> = &'s [u8];

/// A name and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'s> {
    /// The name.
    pub name: Name<'s>,
    /// Its place, quotes included.
    pub span: Span,
}

/// A linker script: its commands in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script<'s> {
    /// The commands.
    pub commands: Vec<Command<'s>>,
}

/// A command outside of other commands.
#[derive(Clone, Debug, PartialEq)]
pub enum Command<'s> {
    /// `ENTRY(symbol)`
    Entry(Word<'s>),
    /// `OUTPUT_FORMAT(default)` or `OUTPUT_FORMAT(default, big, little)`
    OutputFormat {
        /// Used without `-EB` and `-EL`.
        default: Word<'s>,
        /// Used with `-EB` and with `-EL`, in that order.
        by_order: Option<(Word<'s>, Word<'s>)>,
    },
    /// `OUTPUT_ARCH(architecture)`
    OutputArch(Word<'s>),
    /// `TARGET(format)`: the format of the inputs that follow.
    Target(Word<'s>),
    /// `OUTPUT(file)`, as `-o`.
    Output(Word<'s>),
    /// `SEARCH_DIR(folder)`, as `-L`.
    SearchDir(Word<'s>),
    /// `STARTUP(file)`: the first input.
    Startup(Word<'s>),
    /// `MAP(file)`, as `-Map`.
    Map(Word<'s>),
    /// `INPUT(files)`
    Input(InputList<'s>),
    /// `GROUP(files)`: archives that are searched until nothing new is found.
    Group(InputList<'s>),
    /// `EXTERN(symbols)`, as `-u`.
    Extern(Vec<Word<'s>>),
    /// `FORCE_COMMON_ALLOCATION`, as `-d`.
    ForceCommonAllocation,
    /// `INHIBIT_COMMON_ALLOCATION`, as `--no-define-common`.
    InhibitCommonAllocation,
    /// `FORCE_GROUP_ALLOCATION`, as `--force-group-allocation`.
    ForceGroupAllocation,
    /// `LD_FEATURE(name)`; the one name with a meaning is `SANE_EXPR`.
    LdFeature(Word<'s>),
    /// `NOCROSSREFS(sections)`: none may refer to another. Names are those of output sections.
    NoCrossRefs(Vec<Word<'s>>),
    /// `NOCROSSREFS_TO(to from …)`: the first may not be referred to by the others.
    NoCrossRefsTo(Vec<Word<'s>>),
    /// `REGION_ALIAS(alias, region)`
    RegionAlias {
        /// The new name.
        alias: Word<'s>,
        /// The region that it stands for.
        region: Word<'s>,
    },
    /// `MEMORY { regions }`
    Memory(Vec<Region<'s>>),
    /// `PHDRS { headers }`
    Phdrs(Vec<Phdr<'s>>),
    /// `VERSION { nodes }`
    Version(VersionScript<'s>),
    /// `SECTIONS { items }`
    Sections(Vec<SectionsItem<'s>>),
    /// `INSERT AFTER section` or `INSERT BEFORE section`: where the statements of SECTIONS that
    /// stand before it go in the default script.
    Insert {
        /// Behind the output section rather than before it.
        after: bool,
        /// The name of the output section.
        section: Word<'s>,
    },
    /// `symbol = expression;` and its like.
    Assignment(Assignment<'s>),
    /// `ASSERT(expression, message)`
    Assert(Assertion<'s>),
}

/// The files of INPUT or GROUP, and where the command stands.
#[derive(Clone, Debug, PartialEq)]
pub struct InputList<'s> {
    /// The files in order.
    pub files: Vec<InputFile<'s>>,
    /// The command.
    pub span: Span,
}

/// A file of INPUT or GROUP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputFile<'s> {
    /// The name as it is written, or what follows `-l`.
    pub name: Name<'s>,
    /// Whether `-l` stands before the name.
    pub library: bool,
    /// Whether it stands in `AS_NEEDED(…)`.
    pub as_needed: bool,
    /// Its place.
    pub span: Span,
}

/// `name (attributes) : ORIGIN = origin, LENGTH = length`
#[derive(Clone, Debug, PartialEq)]
pub struct Region<'s> {
    /// The name of the region.
    pub name: Word<'s>,
    /// What sections that name no region must be, to go here.
    pub attributes: RegionAttributes,
    /// The first address.
    pub origin: Expr<'s>,
    /// The size in bytes.
    pub length: Expr<'s>,
}

/// Attributes of a region: those that a section has one of, and those that it has none of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionAttributes {
    /// A section with any of these goes here.
    pub with: RegionFlags,
    /// A section with any of these does not; those behind a `!`.
    pub without: RegionFlags,
}

/// A set of attributes of sections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionFlags {
    /// `r`: only to be read.
    pub read_only: bool,
    /// `w`: read and written.
    pub writable: bool,
    /// `x`: code.
    pub code: bool,
    /// `a`: takes room in memory.
    pub alloc: bool,
    /// `i` or `l`: is loaded.
    pub load: bool,
}

/// `name type [FILEHDR] [PHDRS] [AT(address)] [FLAGS(flags)];`
#[derive(Clone, Debug, PartialEq)]
pub struct Phdr<'s> {
    /// The name, which only the script uses.
    pub name: Word<'s>,
    /// `p_type`: a number, or one of the names of [`PHDR_TYPES`] (already turned into a number).
    pub kind: Expr<'s>,
    /// `FILEHDR`: the segment holds the ELF header.
    pub file_header: bool,
    /// `PHDRS`: the segment holds the program headers.
    pub program_headers: bool,
    /// `AT(address)`: `p_paddr`.
    pub at: Option<Expr<'s>>,
    /// `FLAGS(flags)`: `p_flags`.
    pub flags: Option<Expr<'s>>,
}

/// The names of `p_type` that PHDRS knows, with their numbers (gABI, Program Header; GNU's from
/// the Linux extensions).
pub const PHDR_TYPES: [(&str, u32); 11] = [
    ("PT_NULL", 0),
    ("PT_LOAD", 1),
    ("PT_DYNAMIC", 2),
    ("PT_INTERP", 3),
    ("PT_NOTE", 4),
    ("PT_SHLIB", 5),
    ("PT_PHDR", 6),
    ("PT_TLS", 7),
    ("PT_GNU_EH_FRAME", 0x6474_e550),
    ("PT_GNU_STACK", 0x6474_e551),
    ("PT_GNU_RELRO", 0x6474_e552),
];

/// The names of `sh_type` that `(TYPE = type)` knows, with their numbers (gABI, Section Header).
pub const SECTION_TYPES: [(&str, u32); 7] = [
    ("SHT_PROGBITS", 1),
    ("SHT_STRTAB", 3),
    ("SHT_NOTE", 7),
    ("SHT_NOBITS", 8),
    ("SHT_INIT_ARRAY", 14),
    ("SHT_FINI_ARRAY", 15),
    ("SHT_PREINIT_ARRAY", 16),
];

/// What SECTIONS holds.
#[derive(Clone, Debug, PartialEq)]
pub enum SectionsItem<'s> {
    /// `ENTRY(symbol)`
    Entry(Word<'s>),
    /// `symbol = expression;` or `. = expression;`
    Assignment(Assignment<'s>),
    /// `ASSERT(expression, message)`
    Assert(Assertion<'s>),
    /// An output section.
    Output(Box<OutputSection<'s>>),
    /// `OVERLAY`: sections that run at one address.
    Overlay(Box<Overlay<'s>>),
}

/// `section [address] [(type)] : [AT(lma)] [ALIGN(align)] [SUBALIGN(align)] [constraint]
/// { body } [>region] [AT>region] [:phdr …] [=fill] [,]`
#[derive(Clone, Debug, PartialEq)]
pub struct OutputSection<'s> {
    /// The name; `/DISCARD/` throws its inputs away.
    pub name: Word<'s>,
    /// The address (VMA).
    pub address: Option<Expr<'s>>,
    /// `(type)`
    pub kind: SectionKind<'s>,
    /// `AT(address)`: the load address (LMA).
    pub at: Option<Expr<'s>>,
    /// `ALIGN(align)` behind the colon.
    pub align: Option<Expr<'s>>,
    /// `ALIGN_WITH_INPUT`
    pub align_with_input: bool,
    /// `SUBALIGN(align)`: the alignment of every input section.
    pub subalign: Option<Expr<'s>>,
    /// `ONLY_IF_RO` or `ONLY_IF_RW`
    pub constraint: Constraint,
    /// What stands between the braces.
    pub body: Vec<SectionItem<'s>>,
    /// `>region`
    pub region: Option<Word<'s>>,
    /// `AT>region`
    pub lma_region: Option<Word<'s>>,
    /// `:phdr :phdr`; the name `NONE` stands for no segment.
    pub phdrs: Vec<Word<'s>>,
    /// `=fill`
    pub fill: Option<Fill<'s>>,
    /// From the name to the end.
    pub span: Span,
}

/// The type of an output section.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SectionKind<'s> {
    /// None is written.
    #[default]
    Normal,
    /// `(NOLOAD)`: not loaded.
    NoLoad,
    /// `(DSECT)`, `(COPY)`, `(INFO)` or `(OVERLAY)`, which mean the same: takes no memory.
    NoAlloc(NoAllocWord),
    /// `(READONLY)`
    ReadOnly,
    /// `(TYPE = type)`: `sh_type`.
    Type(Expr<'s>),
    /// `(READONLY (TYPE = type))`
    ReadOnlyType(Expr<'s>),
}

/// How a type that takes no memory is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAllocWord {
    /// `DSECT`
    Dsect,
    /// `COPY`
    Copy,
    /// `INFO`
    Info,
    /// `OVERLAY`
    Overlay,
}

/// When an output section is made at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Constraint {
    /// Always.
    #[default]
    None,
    /// `ONLY_IF_RO`: if all its input sections are read-only.
    OnlyIfReadOnly,
    /// `ONLY_IF_RW`: if all its input sections are writable.
    OnlyIfWritable,
    /// `SPECIAL`: of no meaning for ELF.
    Special,
}

/// What fills gaps.
#[derive(Clone, Debug, PartialEq)]
pub enum Fill<'s> {
    /// A single hexadecimal number that starts with `0x`: its digits as bytes, with leading
    /// zeros. An odd number of digits is led by one more zero.
    Bytes(Vec<u8>),
    /// Any other expression: the four low bytes of its value, the highest first.
    Expr(Expr<'s>),
}

/// `OVERLAY [start] : [NOCROSSREFS] [AT(lma)] { sections } [>region] [:phdr …] [=fill]`
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay<'s> {
    /// The address of all sections.
    pub address: Option<Expr<'s>>,
    /// `NOCROSSREFS`: none of its sections may refer to another.
    pub no_cross_refs: bool,
    /// `AT(address)`: the load address of the first.
    pub at: Option<Expr<'s>>,
    /// `SUBALIGN(align)`
    pub subalign: Option<Expr<'s>>,
    /// The sections; of each only the name, the body, `phdrs` and `fill` can be written.
    pub sections: Vec<OutputSection<'s>>,
    /// `>region`
    pub region: Option<Word<'s>>,
    /// `AT>region`
    pub lma_region: Option<Word<'s>>,
    /// `:phdr :phdr`
    pub phdrs: Vec<Word<'s>>,
    /// `=fill`
    pub fill: Option<Fill<'s>>,
    /// All of it.
    pub span: Span,
}

/// What an output section holds.
#[derive(Clone, Debug, PartialEq)]
pub enum SectionItem<'s> {
    /// `symbol = expression;` or `. = expression;`
    Assignment(Assignment<'s>),
    /// `ASSERT(expression, message)`
    Assert(Assertion<'s>),
    /// Input sections, by patterns.
    Input(InputStatement<'s>),
    /// `BYTE(expression)` and its like.
    Data {
        /// How wide it is.
        size: DataSize,
        /// The value.
        value: Expr<'s>,
        /// The statement.
        span: Span,
    },
    /// `ASCIZ "text"`: its bytes, and a zero byte behind them.
    Asciz(Word<'s>),
    /// `FILL(fill)`: what fills the gaps from here to the end of the section.
    Fill(Fill<'s>),
    /// `CONSTRUCTORS`, or `SORT(CONSTRUCTORS)`: nothing, in ELF.
    Constructors {
        /// `SORT_BY_NAME(CONSTRUCTORS)`
        sorted: bool,
    },
    /// `CREATE_OBJECT_SYMBOLS`: a symbol for each input file.
    CreateObjectSymbols(Span),
    /// `LINKER_VERSION`: the version of the linker as text.
    LinkerVersion(Span),
}

/// How wide a datum is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataSize {
    /// `BYTE`: 1.
    Byte,
    /// `SHORT`: 2.
    Short,
    /// `LONG`: 4.
    Long,
    /// `QUAD`: 8.
    Quad,
    /// `SQUAD`: 8, its value extended with its sign from 32 bits where addresses have 32.
    Squad,
}

impl DataSize {
    /// The size in bytes.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Byte => 1,
            Self::Short => 2,
            Self::Long => 4,
            Self::Quad | Self::Squad => 8,
        }
    }
}

/// `[KEEP(] [INPUT_SECTION_FLAGS(flags)] [EXCLUDE_FILE(files)] file(sections) [)]`
#[derive(Clone, Debug, PartialEq)]
pub struct InputStatement<'s> {
    /// `KEEP(…)`: a root of --gc-sections.
    pub keep: bool,
    /// `INPUT_SECTION_FLAGS(flags)`
    pub flags: Vec<SectionFlag<'s>>,
    /// What the file must be called.
    pub file: FilePattern<'s>,
    /// How files are sorted: `SORT_BY_NAME(file)(…)`.
    pub file_sort: FileSort,
    /// Files that are left out of all `sections`: `EXCLUDE_FILE(…) file(…)`.
    pub exclude: Vec<FilePattern<'s>>,
    /// What the sections must be called; none at all is `file` without parentheses: all sections
    /// of that file which no other statement takes, and the file becomes an input.
    pub sections: Vec<SectionPattern<'s>>,
    /// The statement.
    pub span: Span,
}

/// How the files of a statement are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileSort {
    /// By their order as inputs.
    #[default]
    None,
    /// `SORT_BY_NAME(file)`, by name.
    ByName,
    /// `REVERSE(file)` or `SORT_BY_NAME(REVERSE(file))`: by name, the last first.
    ReverseByName,
}

/// One flag of `INPUT_SECTION_FLAGS(flag & !flag …)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectionFlag<'s> {
    /// Whether the section must not have it.
    pub negated: bool,
    /// `SHF_…` or a number, as it is written.
    pub name: Word<'s>,
}

/// A pattern with `*`, `?`, `[…]` and `\`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern<'s> {
    /// As it is written, without quotes.
    pub text: Name<'s>,
    /// Its place.
    pub span: Span,
}

/// A pattern for files: `file`, `archive:member`, `archive:` or `:file`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilePattern<'s> {
    /// All of it, as it is written. `super::pattern` takes it apart.
    pub text: Name<'s>,
    /// Its place.
    pub span: Span,
}

/// A pattern for sections, with how its matches are sorted.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionPattern<'s> {
    /// What the section must be called.
    pub pattern: Pattern<'s>,
    /// The sorts around it, the outer one first: at most two.
    pub sort: [Sort; 2],
    /// `REVERSE(…)`: the sorts by name (and by priority) go from the last to the first.
    pub reverse: bool,
    /// Files that are left out: `EXCLUDE_FILE(files) section`.
    pub exclude: Vec<FilePattern<'s>>,
}

/// How sections are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Nothing is written: --sort-section may sort.
    #[default]
    Unset,
    /// `SORT_NONE`: as inputs come, whatever --sort-section says.
    None,
    /// `SORT_BY_NAME` or `SORT`
    ByName,
    /// `SORT_BY_ALIGNMENT`: the largest first.
    ByAlignment,
    /// `SORT_BY_INIT_PRIORITY`: by the number at the end of the name.
    ByInitPriority,
}

/// `symbol = value;`, `HIDDEN(symbol = value);`, `PROVIDE(…);`, `PROVIDE_HIDDEN(…);`
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment<'s> {
    /// What else the command says.
    pub kind: AssignmentKind,
    /// The symbol; `.` is the location counter.
    pub target: Word<'s>,
    /// `None` for `=`; the operator of `+=` and its like.
    pub operator: Option<BinaryOp>,
    /// The right side.
    pub value: Expr<'s>,
    /// All of it, without the semicolon.
    pub span: Span,
}

/// What an assignment does to its symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignmentKind {
    /// `symbol = value`
    Plain,
    /// `HIDDEN(symbol = value)`
    Hidden,
    /// `PROVIDE(symbol = value)`: only if it is referred to and nothing defines it.
    Provide,
    /// `PROVIDE_HIDDEN(symbol = value)`
    ProvideHidden,
}

/// `ASSERT(expression, message)`
#[derive(Clone, Debug, PartialEq)]
pub struct Assertion<'s> {
    /// What must not be zero.
    pub condition: Expr<'s>,
    /// What is printed otherwise.
    pub message: Word<'s>,
    /// All of it.
    pub span: Span,
}

/// An expression and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr<'s> {
    /// What it is.
    pub kind: ExprKind<'s>,
    /// Its place.
    pub span: Span,
}

/// What an expression is. All arithmetic is of 64 bits.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind<'s> {
    /// A number, units applied; cut to 64 bits.
    Number(u64),
    /// `.`: the location counter.
    Dot,
    /// The value of a symbol.
    Symbol(Name<'s>),
    /// `-a` and its like.
    Unary(UnaryOp, Box<Expr<'s>>),
    /// `a + b` and its like.
    Binary(BinaryOp, Box<[Expr<'s>; 2]>),
    /// `condition ? then : otherwise`
    Conditional(Box<[Expr<'s>; 3]>),
    /// `ABSOLUTE(a)`: the value as a number instead of an offset in a section.
    Absolute(Box<Expr<'s>>),
    /// `ALIGN(a)`, `BLOCK(a)`: the location counter, up to the next multiple.
    Align(Box<Expr<'s>>),
    /// `ALIGN(value, a)`: `value` up to the next multiple of `a`.
    AlignTo(Box<[Expr<'s>; 2]>),
    /// `NEXT(a)`: the next unallocated multiple; with one memory as with `ALIGN(a)`.
    Next(Box<Expr<'s>>),
    /// `LOG2CEIL(a)`: the logarithm, rounded up.
    Log2Ceil(Box<Expr<'s>>),
    /// `MAX(a, b)`
    Max(Box<[Expr<'s>; 2]>),
    /// `MIN(a, b)`
    Min(Box<[Expr<'s>; 2]>),
    /// `DATA_SEGMENT_ALIGN(max_page_size, common_page_size)`
    DataSegmentAlign(Box<[Expr<'s>; 2]>),
    /// `DATA_SEGMENT_END(a)`
    DataSegmentEnd(Box<Expr<'s>>),
    /// `DATA_SEGMENT_RELRO_END(offset, a)`
    DataSegmentRelroEnd(Box<[Expr<'s>; 2]>),
    /// `SEGMENT_START("segment", default)`
    SegmentStart(Name<'s>, Box<Expr<'s>>),
    /// `ASSERT(condition, message)` as a value, which is that of the condition.
    Assert(Box<Assertion<'s>>),
    /// `ADDR(section)`: the address of an output section.
    Addr(Name<'s>),
    /// `LOADADDR(section)`: its load address.
    LoadAddr(Name<'s>),
    /// `SIZEOF(section)`: its size in bytes.
    SizeOf(Name<'s>),
    /// `ALIGNOF(section)`: its alignment in bytes.
    AlignOf(Name<'s>),
    /// `SIZEOF_HEADERS`: of the ELF header and the program headers, in bytes.
    SizeOfHeaders,
    /// `ORIGIN(region)`: the first address.
    Origin(Name<'s>),
    /// `LENGTH(region)`: the size in bytes.
    Length(Name<'s>),
    /// `DEFINED(symbol)`: 1 if it is defined before this statement, else 0.
    Defined(Name<'s>),
    /// `CONSTANT(name)`
    Constant(Constant),
}

/// The constants of `CONSTANT(name)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant {
    /// `MAXPAGESIZE`: as `-z max-page-size`.
    MaxPageSize,
    /// `COMMONPAGESIZE`: as `-z common-page-size`.
    CommonPageSize,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `+`: the value itself.
    Plus,
    /// `~`
    Complement,
    /// `!`
    Not,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `*`
    Multiply,
    /// `/`, of signed numbers.
    Divide,
    /// `%`, of signed numbers.
    Remainder,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `&`
    And,
    /// `^`
    Xor,
    /// `|`
    Or,
    /// `&&`
    LogicalAnd,
    /// `||`
    LogicalOr,
}

/// A version script, or the list of --dynamic-list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VersionScript<'s> {
    /// The nodes in order.
    pub nodes: Vec<VersionNode<'s>>,
}

/// `name { global: … local: … } predecessors;`
#[derive(Clone, Debug, PartialEq)]
pub struct VersionNode<'s> {
    /// The version; none in an anonymous script.
    pub name: Option<Word<'s>>,
    /// What gets the version.
    pub globals: Vec<VersionPattern<'s>>,
    /// What is not exported.
    pub locals: Vec<VersionPattern<'s>>,
    /// The versions that it depends on.
    pub predecessors: Vec<Word<'s>>,
    /// All of it.
    pub span: Span,
}

/// A symbol, or a pattern for symbols, of a version script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionPattern<'s> {
    /// The symbol or the pattern.
    pub text: Name<'s>,
    /// It was written in quotes: a name, even if it has signs of patterns.
    pub literal: bool,
    /// `extern "…"`: what form of a symbol's name is compared.
    pub language: Language,
    /// Its place.
    pub span: Span,
}

/// What form of a symbol's name a version script means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// As it stands in the symbol table.
    #[default]
    C,
    /// `extern "C++"`: demangled.
    Cxx,
    /// `extern "Java"`: demangled as Java.
    Java,
}

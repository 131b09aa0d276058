//! What is done with each relocation: the one place that both the scan and the write ask, so that
//! the tables have what the code uses.
//!
//! psABI for x86-64, "Relocation Types" and "Linker Optimization"; for thread-local storage Ulrich
//! Drepper's "ELF Handling For Thread-Local Storage".
//!
//! ```text
//! mov  f@GOTPCREL(%rip), %rax    f is in the output   lea  f(%rip), %rax
//! call *f@GOTPCREL(%rip)         f is in the output   addr32 call f
//! lea  x@tlsgd(%rip), %rdi       a program            mov  %fs:0, %rax
//! call __tls_get_addr                                 lea  x@tpoff(%rax), %rax
//! ```

use libelf::raw::*;

use crate::form::Form;
use crate::scan::Facts;

/// R_X86_64_PC32 of a branch with a `bnd` prefix; deprecated with MPX.
const R_X86_64_PC32_BND: RelocationType = RelocationType(39);
/// R_X86_64_PLT32 of a branch with a `bnd` prefix; deprecated with MPX.
const R_X86_64_PLT32_BND: RelocationType = RelocationType(40);
/// GNU's marks of virtual tables, which nobody uses any more.
const R_X86_64_GNU_VTINHERIT: RelocationType = RelocationType(250);
const R_X86_64_GNU_VTENTRY: RelocationType = RelocationType(251);

/// How wide a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 1 byte, signed or unsigned.
    Byte,
    /// 2 bytes, signed or unsigned.
    Half,
    /// 4 bytes, unsigned.
    Word,
    /// 4 bytes, signed.
    SignedWord,
    /// 8 bytes.
    Quad,
}

/// What is done with a relocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Nothing,
    /// S + A
    Absolute(Width),
    /// S + A, where S is the address of the entry of the procedure linkage table.
    AbsolutePlt(Width),
    /// S + A, and the loader adds the load bias.
    Relative(Width),
    /// The loader writes S + A.
    Symbolic,
    /// The relocation is left to the loader as it is.
    Native,
    /// The loader writes what the function answers.
    Irelative,
    /// S + A - P
    Pc(Width),
    /// S + A - P, of a variable that is copied from its library, or a function whose entry in the
    /// procedure linkage table is its address.
    PcCopied(Width),
    /// S + A, likewise.
    AbsoluteCopied(Width),
    /// L + A - P: the entry of the procedure linkage table.
    PcPlt(Width),
    /// G + GOT + A - P: the slot.
    PcGot(Width),
    /// The load of a slot becomes a `lea`, the call through it a call.
    RelaxGot,
    /// The slot as an operand becomes the address itself.
    RelaxGotImmediate,
    /// G + A: from the start of the table to the slot.
    GotIndex(Width),
    /// S + A - GOT
    FromGot(Width),
    /// L + A - GOT
    PltFromGot(Width),
    /// GOT + A - P
    PcGotBase(Width),
    /// Z + A
    Size(Width),
    /// The pair of slots of the general dynamic model.
    TlsGd,
    /// General dynamic to initial exec; the relocation of the call goes with it.
    GdToIe,
    /// General dynamic to local exec; likewise.
    GdToLe,
    /// The pair of slots for the module.
    TlsLd,
    /// Local dynamic to local exec; likewise.
    LdToLe,
    /// The offset in the module's block.
    DtpOffset(Width),
    /// The slot with the offset from the thread pointer.
    GotTp,
    /// Initial exec to local exec.
    IeToLe,
    /// The offset from the thread pointer.
    TpOffset(Width),
    /// The descriptor.
    TlsDesc,
    /// Descriptor to initial exec.
    DescToIe,
    /// Descriptor to local exec.
    DescToLe,
    /// The call through a descriptor stays.
    DescCall,
    /// The call through a descriptor is not needed any more.
    DescCallGone,
    /// The output cannot have it: the code must be compiled again.
    NeedsPic,
    /// The same, of a distance.
    CannotReach,
    /// The output does not know the distance from the table.
    NotFromGot,
    /// No such type.
    Unknown,
}

/// What the decision rests on.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The type.
    pub kind: RelocationType,
    /// What is true of the symbol.
    pub facts: Facts,
    /// The kind of output.
    pub form: Form,
    /// Whether the program may write to the section.
    pub is_writable: bool,
    /// The contents of the section.
    pub bytes: &'a [u8],
    /// Where in them the relocation applies.
    pub offset: u64,
    /// The addend.
    pub addend: i64,
    /// Whether addresses have 32 bits (x32).
    pub is_x32: bool,
}

impl Case<'_> {
    /// The byte `back` bytes before the field.
    fn before(&self, back: u64) -> Option<u8> {
        self.bytes.get(usize::try_from(self.offset.checked_sub(back)?).ok()?).copied()
    }

    /// Whether `text` ends where the field starts.
    fn follows(&self, text: &[u8]) -> bool {
        let end = usize::try_from(self.offset).unwrap_or(usize::MAX);
        self.bytes.get(..end).is_some_and(|before| before.ends_with(text))
    }

    /// The bytes behind the field, which takes 4.
    fn behind(&self) -> &[u8] {
        let start = usize::try_from(self.offset).ok().and_then(|offset| offset.checked_add(4));
        start.and_then(|start| self.bytes.get(start..)).unwrap_or_default()
    }

    fn is(&self, facts: Facts) -> bool {
        self.facts.has(facts)
    }

    /// Whether it refers to a variable of a library that may not be copied into the program.
    fn is_not_copied(&self) -> bool {
        let is_variable =
            !self.facts.has_any(Facts::FUNCTION) && !self.facts.has_any(Facts::UNDEFINED_WEAK);
        !self.form.copies && is_variable
    }

    /// Whether it refers to an IFUNC that whoever loads the output resolves in its own way.
    fn is_left_ifunc(&self) -> bool {
        let is_left = self.form.ifunc_noplt && self.form.is_dynamic;
        is_left && self.is(Facts::IFUNC) && self.is(Facts::EXPORTED)
    }

    /// Whether the address of the symbol is settled by this link, up to the load bias.
    fn is_settled(&self) -> bool {
        !self.facts.has_any(Facts::IMPORTED) && !self.is(Facts::IFUNC)
    }
}

/// What is done with a relocation in a section that is in memory.
pub fn decide(case: &Case<'_>) -> Action {
    if case.is_left_ifunc() && case.kind != R_X86_64_NONE {
        return Action::Native;
    }
    match case.kind {
        R_X86_64_NONE | R_X86_64_GNU_VTINHERIT | R_X86_64_GNU_VTENTRY => Action::Nothing,
        R_X86_64_64 if !case.is_x32 => word(case, Width::Quad),
        R_X86_64_32 if case.is_x32 => word(case, Width::Word),
        R_X86_64_64 => narrow(case, Width::Quad),
        R_X86_64_32 => narrow(case, Width::Word),
        R_X86_64_32S => narrow(case, Width::SignedWord),
        R_X86_64_16 => narrow(case, Width::Half),
        R_X86_64_8 => narrow(case, Width::Byte),
        R_X86_64_PC64 => pc(case, Width::Quad),
        R_X86_64_PC32 | R_X86_64_PC32_BND => pc(case, Width::SignedWord),
        R_X86_64_PC16 => pc(case, Width::Half),
        R_X86_64_PC8 => pc(case, Width::Byte),
        R_X86_64_PLT32 | R_X86_64_PLT32_BND if case.is_settled() => Action::Pc(Width::SignedWord),
        R_X86_64_PLT32 | R_X86_64_PLT32_BND => Action::PcPlt(Width::SignedWord),
        R_X86_64_GOTPCREL | R_X86_64_GOTPCRELX | R_X86_64_REX_GOTPCRELX => got_load(case),
        R_X86_64_GOTPCREL64 => Action::PcGot(Width::Quad),
        R_X86_64_GOT32 => Action::GotIndex(Width::SignedWord),
        R_X86_64_GOT64 | R_X86_64_GOTPLT64 => Action::GotIndex(Width::Quad),
        R_X86_64_GOTOFF64 => from_got(case),
        R_X86_64_PLTOFF64 => Action::PltFromGot(Width::Quad),
        R_X86_64_GOTPC32 => Action::PcGotBase(Width::SignedWord),
        R_X86_64_GOTPC64 => Action::PcGotBase(Width::Quad),
        R_X86_64_SIZE32 => Action::Size(Width::Word),
        R_X86_64_SIZE64 => Action::Size(Width::Quad),
        R_X86_64_TLSGD => general_dynamic(case),
        R_X86_64_TLSLD if case.form.is_executable() => Action::LdToLe,
        R_X86_64_TLSLD => Action::TlsLd,
        R_X86_64_DTPOFF32 if case.form.is_executable() => Action::TpOffset(Width::SignedWord),
        R_X86_64_DTPOFF64 if case.form.is_executable() => Action::TpOffset(Width::Quad),
        R_X86_64_DTPOFF32 => Action::DtpOffset(Width::SignedWord),
        R_X86_64_DTPOFF64 => Action::DtpOffset(Width::Quad),
        R_X86_64_GOTTPOFF => initial_exec(case),
        R_X86_64_TPOFF32 | R_X86_64_TPOFF64 if case.form.is_shared => Action::NeedsPic,
        R_X86_64_TPOFF32 => Action::TpOffset(Width::SignedWord),
        R_X86_64_TPOFF64 => Action::TpOffset(Width::Quad),
        R_X86_64_GOTPC32_TLSDESC => descriptor(case),
        R_X86_64_TLSDESC_CALL if case.form.is_executable() => Action::DescCallGone,
        R_X86_64_TLSDESC_CALL => Action::DescCall,
        _ => Action::Unknown,
    }
}

/// A field as wide as an address: the loader can help.
fn word(case: &Case<'_>, width: Width) -> Action {
    let form = case.form;
    if case.is(Facts::IMPORTED) {
        // A library's function or variable: where the program may write, the loader does.
        let may_write = case.is_writable && !case.is(Facts::ADOPTED);
        if form.is_pic || may_write || case.is_not_copied() {
            return Action::Symbolic;
        }
        return Action::AbsoluteCopied(width);
    }
    if case.is(Facts::IFUNC) {
        return if form.is_pic { Action::Irelative } else { Action::AbsolutePlt(width) };
    }
    if form.is_pic && !case.facts.has_any(Facts::ABSOLUTE) && !is_zero(case) {
        return Action::Relative(width);
    }
    Action::Absolute(width)
}

/// A field that is narrower than an address.
fn narrow(case: &Case<'_>, width: Width) -> Action {
    if case.form.is_pic {
        let is_number = case.facts.has_any(Facts::ABSOLUTE) || is_zero(case);
        let is_settled = is_number && !case.is(Facts::IMPORTED);
        return if is_settled { Action::Absolute(width) } else { narrow_pic(case, width) };
    }
    if case.is(Facts::IMPORTED) {
        let is_left = case.is_not_copied();
        return match width {
            Width::Word if is_left && !case.is_writable => Action::Native,
            _ if is_left => Action::NeedsPic,
            _ => Action::AbsoluteCopied(width),
        };
    }
    if case.is(Facts::IFUNC) { Action::AbsolutePlt(width) } else { Action::Absolute(width) }
}

const UNDEFINED: Facts = Facts::UNDEFINED.with(Facts::UNDEFINED_WEAK, true);

/// A distance to what only the loader knows. Code is not to be changed, but for fields that are as
/// wide as an address.
fn far(case: &Case<'_>, width: Width) -> Action {
    let fits = case.is(Facts::IMPORTED) && (case.is_writable || width == Width::Quad);
    if fits { Action::Native } else { Action::CannotReach }
}

/// A distance from the table's start.
fn from_got(case: &Case<'_>) -> Action {
    let is_nowhere = case.facts.has_any(UNDEFINED) && case.form.is_pic;
    if is_nowhere { Action::NotFromGot } else { Action::FromGot(Width::Quad) }
}

/// A field that is narrower than an address, of an address that the program's start settles.
fn narrow_pic(case: &Case<'_>, width: Width) -> Action {
    let is_imported = case.is(Facts::IMPORTED);
    match width {
        _ if !case.form.narrow_relocs || case.is(Facts::IFUNC) => Action::NeedsPic,
        Width::Word if !is_imported => Action::Relative(width),
        Width::Word | Width::Half | Width::Byte if is_imported => Action::Native,
        _ => Action::NeedsPic,
    }
}

/// A distance.
fn pc(case: &Case<'_>, width: Width) -> Action {
    if case.is(Facts::IMPORTED) {
        let is_function = case.facts.has_any(Facts::FUNCTION);
        let is_weak = case.facts.has_any(Facts::UNDEFINED_WEAK);
        return match case.form {
            form if form.is_shared || form.is_pic && is_weak => far(case, width),
            form if case.is_not_copied() && form.is_pic => Action::Native,
            _ if case.is_not_copied() => far(case, width),
            form if form.is_pic && !form.copies && is_function => Action::CannotReach,
            _ => Action::PcCopied(width),
        };
    }
    if case.is(Facts::IFUNC) {
        return Action::PcPlt(width);
    }
    // What nothing defines is 0 and has no fixed distance from code that may lie anywhere.
    let is_nowhere = if case.form.is_shared { UNDEFINED } else { Facts::UNDEFINED_WEAK };
    if case.form.is_pic && case.facts.has_any(is_nowhere) {
        return far(case, width);
    }
    Action::Pc(width)
}

/// Whether the symbol is a weak one without a definition, whose address is 0 wherever the program
/// lies.
fn is_zero(case: &Case<'_>) -> bool {
    case.facts.has_any(Facts::UNDEFINED_WEAK) && !case.is(Facts::IMPORTED)
}

/// A load of a slot of the global offset table. psABI, "Optimize GOTPCRELX Relocations".
fn got_load(case: &Case<'_>) -> Action {
    let keeps = Action::PcGot(Width::SignedWord);
    let is_number = case.facts.has_any(Facts::ABSOLUTE) || is_zero(case);
    let may = case.form.relaxes || is_zero(case);
    if !case.is_settled() || !may || case.addend != -4 || case.offset < 2 {
        return keeps;
    }
    let is_small = case.is(Facts::SMALL) || is_zero(case);
    let (is_pic, is_extended) = (case.form.is_pic, case.kind == R_X86_64_REX_GOTPCRELX);
    let (Some(opcode), Some(modrm)) = (case.before(2), case.before(1)) else { return keeps };
    // The operand is `slot(%rip)`.
    let is_load = opcode == MOV_LOAD && modrm & 0xc7 == 0x05;
    let is_branch = opcode == GROUP_5 && (modrm == CALL_SLOT || modrm == JMP_SLOT);
    let is_operand = modrm & 0xc7 == 0x05 && (is_arithmetic(opcode) || opcode == TEST);
    match case.kind {
        // A number has no fixed distance from code that may lie anywhere.
        _ if (is_branch || case.kind == R_X86_64_GOTPCREL) && is_number && is_pic => keeps,
        _ if is_branch && !case.form.relaxes => keeps,
        R_X86_64_GOTPCREL if is_load && !case.is_x32 => Action::RelaxGot,
        R_X86_64_GOTPCREL => keeps,
        R_X86_64_GOTPCRELX if is_branch => Action::RelaxGot,
        _ if is_branch && !is_extended => Action::RelaxGot,
        _ if is_number && !is_small => keeps,
        _ if is_load && (is_number || !is_pic) => Action::RelaxGotImmediate,
        _ if is_load => Action::RelaxGot,
        _ if is_operand && (is_zero(case) || !is_pic) => Action::RelaxGotImmediate,
        _ => keeps,
    }
}

/// Whether an instruction adds, compares or the like: `op r/m, r`.
pub const fn is_arithmetic(opcode: u8) -> bool {
    opcode & 0xc7 == ADD_LOAD
}

/// `test r, r/m`
pub const TEST: u8 = 0x85;

/// `mov r/m, r`
pub const MOV_LOAD: u8 = 0x8b;
/// `call`, `jmp` and others, of an operand in memory.
pub const GROUP_5: u8 = 0xff;
/// `call *slot(%rip)`
pub const CALL_SLOT: u8 = 0x15;
/// `jmp *slot(%rip)`
pub const JMP_SLOT: u8 = 0x25;

fn general_dynamic(case: &Case<'_>) -> Action {
    if !case.form.is_executable() || gd_form(case).is_none() {
        return Action::TlsGd;
    }
    if case.is(Facts::IMPORTED) { Action::GdToIe } else { Action::GdToLe }
}

/// The forms of the code of a dynamic model that the psABI fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DynamicForm {
    /// `lea`, and a call that reaches everywhere; how many bytes before its field it starts.
    Near(u64),
    /// `lea`, and a call of an address that is computed from the table's start (the large code
    /// model): 22 bytes, which start 3 before the field.
    Far,
}

/// The code of the general dynamic model, if it is what the psABI fixes.
pub fn gd_form(case: &Case<'_>) -> Option<DynamicForm> {
    let call = case.behind();
    let calls = call.starts_with(&[0x66, 0x66, 0x48, 0xe8])
        || call.starts_with(&[0x66, 0x48, 0xff, 0x15])
        || call.starts_with(&[0x66, 0x48, 0x67, 0xe8]);
    if calls && !case.is_x32 && case.follows(&[0x66, 0x48, 0x8d, 0x3d]) {
        return Some(DynamicForm::Near(4));
    }
    let is_plain = case.follows(&[0x48, 0x8d, 0x3d]);
    if calls && case.is_x32 && is_plain {
        return Some(DynamicForm::Near(3));
    }
    (is_plain && !case.is_x32 && is_far_call(case)).then_some(DynamicForm::Far)
}

/// Whether the code behind the field calls by `movabs`, an addition of the table's start in %rbx or
/// %r15, and a call of %rax.
pub fn is_far_call(case: &Case<'_>) -> bool {
    let call = case.behind();
    let adds = call.get(10..15).unwrap_or_default();
    call.starts_with(&[0x48, 0xb8])
        && (adds == [0x48, 0x01, 0xd8, 0xff, 0xd0] || adds == [0x4c, 0x01, 0xf8, 0xff, 0xd0])
}

fn initial_exec(case: &Case<'_>) -> Action {
    if !case.form.is_executable() || case.is(Facts::IMPORTED) {
        return Action::GotTp;
    }
    let is_load = matches!(case.before(2), Some(MOV_LOAD | ADD_LOAD));
    let from_slot = case.before(1).is_some_and(|modrm| modrm & 0xc7 == 0x05);
    if is_load && from_slot { Action::IeToLe } else { Action::GotTp }
}

/// `add r/m, r`
pub const ADD_LOAD: u8 = 0x03;

fn descriptor(case: &Case<'_>) -> Action {
    let is_lea = case.before(2) == Some(LEA) && case.before(1).is_some_and(|m| m & 0xc7 == 0x05);
    if !case.form.is_executable() || !is_lea {
        return Action::TlsDesc;
    }
    if case.is(Facts::IMPORTED) { Action::DescToIe } else { Action::DescToLe }
}

/// `lea m, r`
pub const LEA: u8 = 0x8d;

/// What is done with a relocation in a section that is not in memory: debugging information.
pub fn decide_unloaded(kind: RelocationType) -> Action {
    match kind {
        R_X86_64_NONE => Action::Nothing,
        R_X86_64_64 => Action::Absolute(Width::Quad),
        R_X86_64_32 => Action::Absolute(Width::Word),
        R_X86_64_32S => Action::Absolute(Width::SignedWord),
        R_X86_64_16 => Action::Absolute(Width::Half),
        R_X86_64_8 => Action::Absolute(Width::Byte),
        R_X86_64_PC32 => Action::Pc(Width::SignedWord),
        R_X86_64_PC64 => Action::Pc(Width::Quad),
        R_X86_64_DTPOFF32 => Action::DtpOffset(Width::SignedWord),
        R_X86_64_DTPOFF64 => Action::DtpOffset(Width::Quad),
        R_X86_64_SIZE32 => Action::Size(Width::Word),
        R_X86_64_SIZE64 => Action::Size(Width::Quad),
        R_X86_64_GOTOFF64 => Action::FromGot(Width::Quad),
        _ => Action::Unknown,
    }
}

/// Whether the relocation behind a general or local dynamic one belongs to the call that goes with
/// it.
pub fn takes_next(action: Action) -> bool {
    matches!(action, Action::GdToIe | Action::GdToLe | Action::LdToLe)
}

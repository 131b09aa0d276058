//! What is done with each relocation: the one place that both the scan and the write ask, so that
//! the tables have what the code uses.
//!
//! psABI for i386, "Relocation Types" and "Linker Optimization"; for thread-local storage Ulrich
//! Drepper's "ELF Handling For Thread-Local Storage".
//!
//! ```text
//! mov  f@GOT(%ebx), %eax        f is in the output   lea  f@GOTOFF(%ebx), %eax
//! call *f@GOT(%ebx)             f is in the output   addr32 call f
//! lea  x@tlsgd(,%ebx,1), %eax   a program            mov  %gs:0, %eax
//! call ___tls_get_addr                               sub  $x@tpoff, %eax
//! ```

use libelf::raw::*;

use crate::form::Form;
use crate::scan::Facts;

/// GNU's marks of virtual tables, which nobody uses any more.
const R_386_GNU_VTINHERIT: RelocationType = RelocationType(250);
const R_386_GNU_VTENTRY: RelocationType = RelocationType(251);

/// How wide a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 1 byte.
    Byte,
    /// 2 bytes.
    Half,
    /// 4 bytes, as wide as an address.
    Word,
}

/// How code names a slot of the global offset table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GotUse {
    /// By its distance from the table's start, which a register holds.
    FromBase,
    /// By its address.
    Address,
    /// By its address, to which the loader adds the load bias.
    Relative,
}

/// What a load of a slot, or another use of it, becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simpler {
    /// `lea f@GOTOFF(base), r`
    Lea,
    /// `mov $f, r`
    Load,
    /// `test $f, r`
    Test,
    /// `add $f, r` and its like.
    Arithmetic,
    /// `addr32 call f`
    Call,
    /// `jmp f`
    Jump,
}

/// What is done with a relocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Nothing,
    /// S + A
    Absolute(Width),
    /// L + A: the address of the entry of the procedure linkage table.
    AbsolutePlt,
    /// S + A, and the loader adds the load bias.
    Relative,
    /// The loader adds S.
    Symbolic,
    /// The loader adds S - P.
    SymbolicDistance,
    /// The loader adds the offset from the thread pointer.
    SymbolicTpOffset,
    /// The loader writes what the function answers.
    Irelative,
    /// S + A - P
    Pc(Width),
    /// S + A - P, of a variable that is copied from its library, or a function whose entry in the
    /// procedure linkage table is its address.
    PcCopied(Width),
    /// S + A, likewise.
    AbsoluteCopied(Width),
    /// S + A, likewise, and the loader adds the load bias.
    RelativeCopied,
    /// L + A - P
    PcPlt(Width),
    /// The slot.
    Got(GotUse),
    /// The slot is not used.
    RelaxGot(Simpler),
    /// S + A - GOT
    FromGot,
    /// L + A - GOT
    PltFromGot,
    /// GOT + A - P
    GotBase,
    /// Z + A
    Size,
    /// The pair of slots of the general dynamic model.
    TlsGd,
    /// General dynamic to initial exec; the relocation of the call goes with it.
    GdToIe,
    /// General dynamic to local exec; likewise.
    GdToLe,
    /// The pair of slots for the module.
    TlsLdm,
    /// Local dynamic to local exec; likewise.
    LdmToLe,
    /// The offset in the module's block.
    DtpOffset,
    /// The slot with the offset from the thread pointer.
    GotTp(GotUse),
    /// The slot with the offset from the symbol up to the thread pointer.
    GotTpDistance,
    /// Initial exec to local exec.
    IeToLe,
    /// The offset from the thread pointer.
    TpOffset,
    /// The offset from the symbol up to the thread pointer.
    TpDistance,
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
    /// The output does not know the distance from the table.
    NotFromGot,
    /// The code names a slot by its address, which the output does not know.
    NeedsBase,
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
}

impl Case<'_> {
    /// The byte `back` bytes before the field, 0 if the section has none there.
    pub fn before(&self, back: u64) -> u8 {
        let at = self.offset.checked_sub(back).and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.bytes.get(at)).copied().unwrap_or(0)
    }

    /// Opcode and operand byte in front of the field.
    pub fn opcode(&self) -> (u8, u8) {
        (self.before(2), self.before(1))
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
        let is_variable = !self.facts.has_any(Facts::FUNCTION) && !self.is(Facts::UNDEFINED_WEAK);
        !self.form.copies && is_variable
    }

    /// Whether the address of the symbol is settled by this link, up to the load bias.
    fn is_settled(&self) -> bool {
        !self.is(Facts::IMPORTED) && !self.is(Facts::IFUNC)
    }

    /// Whether the symbol is a number, wherever the program lies.
    fn is_number(&self) -> bool {
        let is_zero = self.is(Facts::UNDEFINED_WEAK);
        !self.is(Facts::IMPORTED) && (self.is(Facts::ABSOLUTE) || is_zero)
    }

    /// Whether the field is an address without a register.
    fn is_direct(&self) -> bool {
        self.offset >= 2 && self.before(1) & 0xc7 == DIRECT
    }
}

/// What is done with a relocation in a section that is in memory.
pub fn decide(case: &Case<'_>) -> Action {
    let is_program = case.form.is_executable();
    match case.kind {
        R_386_NONE | R_386_GNU_VTINHERIT | R_386_GNU_VTENTRY => Action::Nothing,
        R_386_32 => word(case),
        R_386_16 => narrow(case, Width::Half),
        R_386_8 => narrow(case, Width::Byte),
        R_386_PC32 => pc(case, Width::Word),
        R_386_PC16 => pc(case, Width::Half),
        R_386_PC8 => pc(case, Width::Byte),
        R_386_PLT32 if case.is_settled() => Action::Pc(Width::Word),
        R_386_PLT32 => Action::PcPlt(Width::Word),
        R_386_32PLT => Action::AbsolutePlt,
        R_386_GOT32 | R_386_GOT32X => slot(case),
        R_386_GOTOFF => from_got(case),
        R_386_GOTPC => Action::GotBase,
        R_386_SIZE32 => Action::Size,
        R_386_TLS_GD => general_dynamic(case),
        R_386_TLS_LDM if is_program && ldm_form(case).is_some() => Action::LdmToLe,
        R_386_TLS_LDM => Action::TlsLdm,
        R_386_TLS_LDO_32 if is_program => Action::TpOffset,
        R_386_TLS_LDO_32 => Action::DtpOffset,
        R_386_TLS_IE | R_386_TLS_GOTIE | R_386_TLS_IE_32 => initial_exec(case),
        R_386_TLS_LE if is_program => Action::TpOffset,
        R_386_TLS_LE => Action::SymbolicTpOffset,
        R_386_TLS_LE_32 if is_program => Action::TpDistance,
        R_386_TLS_LE_32 => Action::NeedsPic,
        R_386_TLS_GOTDESC => descriptor(case),
        R_386_TLS_DESC_CALL if is_program => Action::DescCallGone,
        R_386_TLS_DESC_CALL => Action::DescCall,
        _ => Action::Unknown,
    }
}

/// A field as wide as an address: the loader can help.
fn word(case: &Case<'_>) -> Action {
    let form = case.form;
    if case.is(Facts::IMPORTED) {
        // A library's function or variable: where the program may write, the loader does.
        let may_write = case.is_writable && !case.is(Facts::ADOPTED);
        if form.is_shared || may_write || case.is_not_copied() {
            return Action::Symbolic;
        }
        if !form.is_pic {
            return Action::AbsoluteCopied(Width::Word);
        }
        // Entries of the table would need a register that only PIC sets.
        let has_copy = !case.facts.has_any(Facts::FUNCTION) && !case.is(Facts::UNDEFINED_WEAK);
        return if has_copy { Action::RelativeCopied } else { Action::Symbolic };
    }
    if case.is(Facts::IFUNC) {
        return if form.is_pic { Action::Irelative } else { Action::AbsolutePlt };
    }
    if form.is_pic && !case.is_number() {
        return Action::Relative;
    }
    Action::Absolute(Width::Word)
}

/// A field that is narrower than an address. The loader has no relocations of such fields: what
/// has them, code of 16-bit modes for the most part, is not loaded elsewhere than where it was
/// linked.
fn narrow(case: &Case<'_>, width: Width) -> Action {
    if case.form.is_pic {
        return Action::Absolute(width);
    }
    match case.is(Facts::IMPORTED) {
        true if case.is_not_copied() => Action::NeedsPic,
        true => Action::AbsoluteCopied(width),
        false => Action::Absolute(width),
    }
}

/// A distance.
fn pc(case: &Case<'_>, width: Width) -> Action {
    let is_function = case.facts.has_any(Facts::FUNCTION);
    if case.is(Facts::IMPORTED) {
        if case.form.is_shared || case.form.is_pic && is_function || case.is_not_copied() {
            let fits = width == Width::Word;
            return if fits { Action::SymbolicDistance } else { Action::Pc(width) };
        }
        return Action::PcCopied(width);
    }
    if case.is(Facts::IFUNC) { Action::PcPlt(width) } else { Action::Pc(width) }
}

const UNDEFINED: Facts = Facts::UNDEFINED.with(Facts::UNDEFINED_WEAK, true);

/// A distance from the table's start.
fn from_got(case: &Case<'_>) -> Action {
    if case.is(Facts::IMPORTED) && case.form.is_shared && case.facts.has_any(UNDEFINED) {
        return Action::NotFromGot;
    }
    if case.is(Facts::IFUNC) && !case.is(Facts::IMPORTED) {
        return Action::PltFromGot;
    }
    Action::FromGot
}

/// The bits of an operand byte that hold a register; none of them is set for %eax.
const REGISTER_BITS: u8 = 7 << 3;

/// A use of a slot of the global offset table. psABI, "Optimize R_386_GOT32X Relocation".
fn slot(case: &Case<'_>) -> Action {
    if let Some(simpler) = simpler(case) {
        return Action::RelaxGot(simpler);
    }
    match (case.is_direct(), case.form.is_pic) {
        (false, _) => Action::Got(GotUse::FromBase),
        (true, false) => Action::Got(GotUse::Address),
        (true, true) => Action::NeedsBase,
    }
}

fn simpler(case: &Case<'_>) -> Option<Simpler> {
    if !case.is_settled() || !case.form.relaxes || case.addend != 0 || case.offset < 2 {
        return None;
    }
    let is_fixed = !case.form.is_pic;
    let is_direct = case.is_direct();
    if case.form.is_pic && (is_direct || case.is(Facts::UNDEFINED_WEAK)) {
        return None;
    }
    let (opcode, modrm) = case.opcode();
    let is_number = is_fixed || case.is_number();
    let is_based = is_register_and_displacement(modrm);
    if opcode == MOV_LOAD && (is_based || is_direct) {
        return Some(if is_number { Simpler::Load } else { Simpler::Lea });
    }
    if case.kind != R_386_GOT32X {
        return None;
    }
    if opcode == GROUP_5 {
        // The operation is where other instructions have a register.
        return match modrm >> 3 & 7 {
            CALL if is_based || is_direct => Some(Simpler::Call),
            JMP if is_based || is_direct => Some(Simpler::Jump),
            _ => None,
        };
    }
    if !is_number || !(is_based || is_direct) {
        return None;
    }
    match opcode {
        TEST => Some(Simpler::Test),
        // add, or, adc, sbb, and, sub, xor, cmp: r/m to r.
        _ if opcode & 0xc7 == 0x03 => Some(Simpler::Arithmetic),
        _ => None,
    }
}

/// Whether an operand is `n(base)`, with 4 bytes for n and without an index.
fn is_register_and_displacement(modrm: u8) -> bool {
    /// What stands for an index.
    const SIB: u8 = 4;
    modrm & 0xc0 == 0x80 && modrm & 7 != SIB
}

/// An operand byte, less its register: an address.
const DIRECT: u8 = 0x05;
/// `mov r/m, r`
pub const MOV_LOAD: u8 = 0x8b;
/// `mov address, %eax`
pub const MOV_EAX: u8 = 0xa1;
/// `add r/m, r`
pub const ADD_LOAD: u8 = 0x03;
/// `sub r/m, r`
pub const SUB_LOAD: u8 = 0x2b;
/// `lea m, r`
pub const LEA: u8 = 0x8d;
/// `test r, r/m`
const TEST: u8 = 0x85;
/// `call`, `jmp` and others, of an operand in memory.
const GROUP_5: u8 = 0xff;
/// In place of a register: `call`.
const CALL: u8 = 2;
/// In place of a register: `jmp`.
const JMP: u8 = 4;
/// `call` of a distance.
const CALL_NEAR: u8 = 0xe8;
/// `nop`
const NOP: u8 = 0x90;

/// The form of the code of a dynamic model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DynamicForm {
    /// How many bytes before its field it starts.
    pub start: u64,
    /// How many bytes it takes.
    pub length: u64,
    /// The register that holds the address of the global offset table.
    pub base: u8,
}

fn general_dynamic(case: &Case<'_>) -> Action {
    if !case.form.is_executable() || gd_form(case).is_none() {
        return Action::TlsGd;
    }
    if case.is(Facts::IMPORTED) { Action::GdToIe } else { Action::GdToLe }
}

/// The code of the general dynamic model, if it is what the ABI fixes.
pub fn gd_form(case: &Case<'_>) -> Option<DynamicForm> {
    const EBX: u8 = 3;
    /// `(,%ebx,1)`
    const EBX_AS_INDEX: u8 = 0x1d;
    let call = case.behind();
    if case.before(3) == LEA && case.before(2) == 0x04 && case.before(1) == EBX_AS_INDEX {
        let calls = call.first() == Some(&CALL_NEAR);
        return calls.then_some(DynamicForm { start: 3, length: 12, base: EBX });
    }
    let base = lea_base(case)?;
    let is_near = call.first() == Some(&CALL_NEAR) && call.get(5) == Some(&NOP);
    (is_near || is_call_through_slot(call)).then_some(DynamicForm { start: 2, length: 12, base })
}

/// The code of the local dynamic model, if it is what the ABI fixes.
pub fn ldm_form(case: &Case<'_>) -> Option<DynamicForm> {
    let base = lea_base(case)?;
    let call = case.behind();
    if call.first() == Some(&CALL_NEAR) {
        return Some(DynamicForm { start: 2, length: 11, base });
    }
    is_call_through_slot(call).then_some(DynamicForm { start: 2, length: 12, base })
}

/// The base of `lea n(base), %eax`.
fn lea_base(case: &Case<'_>) -> Option<u8> {
    let (opcode, modrm) = case.opcode();
    let is_eax = modrm & REGISTER_BITS == 0;
    let holds = case.offset >= 2 && opcode == LEA && is_eax && is_register_and_displacement(modrm);
    holds.then_some(modrm & 7)
}

fn is_call_through_slot(call: &[u8]) -> bool {
    call.first() == Some(&GROUP_5)
        && call.get(1).is_some_and(|modrm| modrm & 0xb8 == 0x90 || *modrm == CALL << 3 | DIRECT)
}

fn initial_exec(case: &Case<'_>) -> Action {
    let is_local = case.form.is_executable() && !case.is(Facts::IMPORTED);
    if is_local && is_ie_load(case) {
        return Action::IeToLe;
    }
    match case.kind {
        R_386_TLS_IE_32 => Action::GotTpDistance,
        R_386_TLS_GOTIE => Action::GotTp(GotUse::FromBase),
        _ if case.form.is_pic => Action::GotTp(GotUse::Relative),
        _ => Action::GotTp(GotUse::Address),
    }
}

/// Whether the code is one of those that the ABI fixes for initial exec.
fn is_ie_load(case: &Case<'_>) -> bool {
    let (opcode, modrm) = case.opcode();
    if case.kind == R_386_TLS_IE {
        let loads = matches!(opcode, MOV_LOAD | ADD_LOAD) && case.is_direct();
        return loads || case.offset >= 1 && modrm == MOV_EAX;
    }
    let subtracts = opcode == SUB_LOAD && case.kind == R_386_TLS_IE_32;
    let loads = subtracts || matches!(opcode, MOV_LOAD | ADD_LOAD);
    case.offset >= 2 && loads && is_register_and_displacement(modrm)
}

fn descriptor(case: &Case<'_>) -> Action {
    let (opcode, modrm) = case.opcode();
    let is_lea = case.offset >= 2 && opcode == LEA && is_register_and_displacement(modrm);
    if !case.form.is_executable() || !is_lea {
        return Action::TlsDesc;
    }
    if case.is(Facts::IMPORTED) { Action::DescToIe } else { Action::DescToLe }
}

/// What is done with a relocation in a section that is not in memory: debugging information.
pub fn decide_unloaded(kind: RelocationType) -> Action {
    match kind {
        R_386_NONE => Action::Nothing,
        R_386_32 => Action::Absolute(Width::Word),
        R_386_16 => Action::Absolute(Width::Half),
        R_386_8 => Action::Absolute(Width::Byte),
        R_386_PC32 => Action::Pc(Width::Word),
        R_386_PC16 => Action::Pc(Width::Half),
        R_386_PC8 => Action::Pc(Width::Byte),
        R_386_TLS_LDO_32 => Action::DtpOffset,
        R_386_SIZE32 => Action::Size,
        R_386_GOTOFF => Action::FromGot,
        _ => Action::Unknown,
    }
}

/// Whether the relocation behind a general or local dynamic one belongs to the call that goes with
/// it.
pub fn takes_next(action: Action) -> bool {
    matches!(action, Action::GdToIe | Action::GdToLe | Action::LdmToLe)
}

//! What relocations ask for.

use libelf::raw::{R_386_PLT32, RelocationType};

use super::addend::with_addend;
use super::decide::{Action, Case, GotUse, decide, takes_next};
use crate::scan::{Effect, Facts, Loader, Needs, SectionScan, Trouble};

/// Looks at all relocations of a section.
pub fn section(scan: &mut SectionScan<'_, '_>) {
    scan.each(|scan, reloc, facts| {
        let reloc = with_addend(*reloc, scan.bytes());
        effect(&Case {
            kind: RelocationType(reloc.kind),
            facts,
            form: scan.form(),
            is_writable: scan.is_writable(),
            bytes: scan.bytes(),
            offset: reloc.offset,
            addend: reloc.addend,
        })
    });
}

fn effect(case: &Case<'_>) -> Effect {
    let action = decide(case);
    let (form, facts) = (case.form, case.facts);
    let called = if case.kind == R_386_PLT32 { Needs::CALLED } else { Needs::NONE };
    let uses_slot = matches!(action, Action::GotTp(_) | Action::GotTpDistance);
    let mut effect = Effect {
        is_nothing: action == Action::Nothing,
        needs: called.and(needs(action, facts)),
        uses_static_tls: uses_slot && form.is_shared || action == Action::SymbolicTpOffset,
        takes_next: takes_next(action),
        ..Effect::default()
    };
    match action {
        Action::Relative | Action::RelativeCopied | Action::GotTp(GotUse::Relative) => {
            effect.loader = Loader::Relative;
        }
        Action::Symbolic
        | Action::SymbolicDistance
        | Action::SymbolicTpOffset
        | Action::Irelative => effect.loader = Loader::Own,
        Action::TlsLdm => effect.uses_module_slot = true,
        Action::FromGot | Action::PltFromGot | Action::GotBase => effect.uses_got_base = true,
        Action::NeedsPic => effect.trouble = Some(Trouble::NeedsPic),
        Action::NotFromGot => effect.trouble = Some(Trouble::NotFromGot),
        Action::NeedsBase => effect.trouble = Some(Trouble::NeedsBase),
        Action::Pc(_) if form.is_pic && facts.has(Facts::ABSOLUTE) => {
            effect.trouble = Some(Trouble::ToAbsolute);
        }
        Action::TpOffset | Action::TpDistance if facts.has(Facts::IMPORTED) => {
            effect.trouble = Some(Trouble::Unresolvable);
        }
        Action::Unknown => effect.trouble = Some(Trouble::UnknownType),
        _ => {}
    }
    effect
}

fn needs(action: Action, facts: Facts) -> Needs {
    match action {
        Action::AbsolutePlt | Action::PcPlt(_) | Action::PltFromGot => {
            if facts.has(Facts::IFUNC) || facts.has(Facts::IMPORTED) {
                Needs::PLT
            } else {
                Needs::NONE
            }
        }
        Action::Got(_) => Needs::GOT,
        Action::AbsoluteCopied(_) | Action::PcCopied(_) | Action::RelativeCopied => facts.adopted(),
        Action::FromGot if facts.has(Facts::IMPORTED) => facts.adopted(),
        Action::Symbolic | Action::SymbolicDistance | Action::SymbolicTpOffset => Needs::DYNAMIC,
        Action::TlsGd => Needs::TLS_GD,
        Action::GotTp(_) | Action::DescToIe => Needs::GOT_TP,
        Action::GotTpDistance | Action::GdToIe => Needs::GOT_TP_DISTANCE,
        Action::TlsDesc => Needs::TLS_DESC,
        _ => Needs::NONE,
    }
}

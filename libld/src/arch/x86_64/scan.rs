//! What relocations ask for.

use libelf::raw::{R_X86_64_PLT32, R_X86_64_PLTOFF64, RelocationType};

use super::decide::{Action, Case, decide, takes_next};
use crate::scan::{Effect, Facts, Loader, Needs, SectionScan, Trouble};

/// Looks at all relocations of a section.
pub fn section(scan: &mut SectionScan<'_, '_>, is_x32: bool) {
    scan.each(|scan, reloc, facts| {
        effect(&Case {
            kind: RelocationType(reloc.kind),
            facts,
            form: scan.form(),
            is_writable: scan.is_writable(),
            bytes: scan.bytes(),
            offset: reloc.offset,
            addend: reloc.addend,
            is_x32,
        })
    });
}

fn effect(case: &Case<'_>) -> Effect {
    let action = decide(case);
    let (form, facts) = (case.form, case.facts);
    let called = if is_branch(case.kind) { Needs::CALLED } else { Needs::NONE };
    let uses_slot = matches!(action, Action::GotTp | Action::TpOffset(_));
    let mut effect = Effect {
        is_nothing: action == Action::Nothing,
        needs: called.and(needs(action, facts)),
        uses_static_tls: uses_slot && form.is_shared,
        takes_next: takes_next(action),
        ..Effect::default()
    };
    match action {
        Action::Relative(_) => effect.loader = Loader::Relative,
        Action::Symbolic | Action::Native | Action::Irelative => {
            effect.loader = Loader::Own;
        }
        Action::TlsLd => effect.uses_module_slot = true,
        Action::FromGot(_) | Action::PcGotBase(_) | Action::PltFromGot(_) => {
            effect.uses_got_base = true;
        }
        Action::NeedsPic => effect.trouble = Some(Trouble::NeedsPic),
        Action::CannotReach => {
            effect.trouble = Some(Trouble::CannotReach);
            effect.changes_text = form.is_shared || !form.is_pic;
        }
        Action::NotFromGot => effect.trouble = Some(Trouble::NotFromGot),
        Action::Pc(_) if form.is_pic && facts.has(Facts::ABSOLUTE) => {
            effect.trouble = Some(Trouble::ToAbsolute);
        }
        Action::TpOffset(_) if facts.has(Facts::IMPORTED) => {
            effect.trouble = Some(Trouble::Unresolvable);
        }
        Action::Unknown => effect.trouble = Some(Trouble::UnknownType),
        _ => {}
    }
    effect
}

/// Whether the relocation asks for the symbol's entry of the procedure linkage table.
fn is_branch(kind: RelocationType) -> bool {
    kind == R_X86_64_PLT32 || kind == R_X86_64_PLTOFF64
}

fn needs(action: Action, facts: Facts) -> Needs {
    match action {
        Action::AbsolutePlt(_) | Action::PcPlt(_) | Action::PltFromGot(_) => {
            if facts.has(Facts::IFUNC) || facts.has(Facts::IMPORTED) {
                Needs::PLT
            } else {
                Needs::NONE
            }
        }
        Action::PcGot(_) | Action::GotIndex(_) => Needs::GOT,
        Action::AbsoluteCopied(_) | Action::PcCopied(_) => facts.adopted(),
        Action::Symbolic | Action::Native => Needs::DYNAMIC,
        Action::TlsGd => Needs::TLS_GD,
        Action::GdToIe | Action::GotTp | Action::DescToIe => Needs::GOT_TP,
        Action::TlsDesc => Needs::TLS_DESC,
        _ => Needs::NONE,
    }
}

//! What relocations ask for.

use libelf::raw::{R_X86_64_PLT32, R_X86_64_PLTOFF64, RelocationType};

use super::decide::{Action, Case, decide, takes_next};
use crate::scan::{Facts, Needs, SectionScan, Trouble};

/// Looks at all relocations of a section.
pub fn section(scan: &mut SectionScan<'_, '_>, is_x32: bool) {
    let relocs = scan.relocs();
    let mut index = 0;
    while let Some(reloc) = relocs.get(index) {
        index += 1;
        let Some((target, facts)) = scan.target(&reloc) else { continue };
        let case = Case {
            kind: RelocationType(reloc.kind),
            facts,
            form: scan.form(),
            is_writable: scan.is_writable(),
            bytes: scan.bytes(),
            offset: reloc.offset,
            addend: reloc.addend,
            is_x32,
        };
        let action = decide(&case);
        if facts.has_any(Facts::UNDEFINED) && action != Action::Nothing {
            scan.trouble(&reloc, Trouble::Undefined);
        }
        let called = if is_branch(case.kind) { Needs::CALLED } else { Needs::NONE };
        let needs = needs(action, facts);
        if needs.has(Needs::COPY.and(Needs::CANONICAL_PLT)) && facts.has(Facts::PROTECTED) {
            scan.trouble(&reloc, Trouble::ProtectedCopy);
        }
        scan.need(target, Needs::USED.and(called).and(needs));
        match action {
            Action::Relative(_) => scan.relative(reloc.offset),
            Action::Symbolic | Action::Native | Action::Irelative => scan.dynamic(),
            Action::TlsLd => scan.module_slot(),
            Action::FromGot(_) | Action::PcGotBase(_) | Action::PltFromGot(_) => scan.got_base(),
            Action::NeedsPic => scan.trouble(&reloc, Trouble::NeedsPic),
            Action::CannotReach => scan.trouble(&reloc, Trouble::CannotReach),
            Action::NotFromGot => scan.trouble(&reloc, Trouble::NotFromGot),
            Action::Pc(_) if scan.form().is_pic && facts.has(Facts::ABSOLUTE) => {
                scan.trouble(&reloc, Trouble::ToAbsolute);
            }
            Action::TpOffset(_) if facts.has(Facts::IMPORTED) => {
                scan.trouble(&reloc, Trouble::Unresolvable);
            }
            Action::Unknown => scan.trouble(&reloc, Trouble::UnknownType),
            _ => {}
        }
        if matches!(action, Action::GotTp | Action::TpOffset(_)) && scan.form().is_shared {
            scan.static_tls();
        }
        if matches!(
            action,
            Action::Relative(_) | Action::Symbolic | Action::Native | Action::Irelative
        ) || action == Action::CannotReach && scan.form().is_shared
        {
            scan.changes_text(target);
        }
        if takes_next(action) {
            index += 1;
        }
    }
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
        Action::AbsoluteCopied(_) | Action::PcCopied(_) => copied(facts),
        Action::Symbolic | Action::Native => Needs::DYNAMIC,
        Action::TlsGd => Needs::TLS_GD,
        Action::GdToIe | Action::GotTp | Action::DescToIe => Needs::GOT_TP,
        Action::TlsDesc => Needs::TLS_DESC,
        _ => Needs::NONE,
    }
}

/// What a program needs to take the address of something in a library as if it were its own.
fn copied(facts: Facts) -> Needs {
    if facts.has(Facts::FUNCTION) {
        Needs::PLT.and(Needs::CANONICAL_PLT)
    } else if facts.has_any(Facts::UNDEFINED_WEAK) {
        Needs::NONE
    } else {
        Needs::COPY
    }
}

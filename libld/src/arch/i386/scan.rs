//! What relocations ask for.

use libelf::raw::{R_386_PLT32, RelocationType};

use super::addend::with_addend;
use super::decide::{Action, Case, GotUse, decide, takes_next};
use crate::scan::{Facts, Needs, SectionScan, Trouble};

/// Looks at all relocations of a section.
pub fn section(scan: &mut SectionScan<'_, '_>) {
    let relocs = scan.relocs();
    let mut index = 0;
    while let Some(reloc) = relocs.get(index) {
        index += 1;
        let reloc = with_addend(reloc, scan.bytes());
        let Some((target, facts)) = scan.target(&reloc) else { continue };
        let case = Case {
            kind: RelocationType(reloc.kind),
            facts,
            form: scan.form(),
            is_writable: scan.is_writable(),
            bytes: scan.bytes(),
            offset: reloc.offset,
            addend: reloc.addend,
        };
        let action = decide(&case);
        if facts.has_any(Facts::UNDEFINED) && action != Action::Nothing {
            scan.trouble(&reloc, Trouble::Undefined);
        }
        let is_branch = case.kind == R_386_PLT32;
        let called = if is_branch { Needs::CALLED } else { Needs::NONE };
        let needs = needs(action, facts);
        if needs.has(Needs::COPY.and(Needs::CANONICAL_PLT)) && facts.has(Facts::PROTECTED) {
            scan.trouble(&reloc, Trouble::ProtectedCopy);
        }
        scan.need(target, Needs::USED.and(called).and(needs));
        match action {
            Action::Relative | Action::RelativeCopied | Action::GotTp(GotUse::Relative) => {
                scan.relative(reloc.offset);
            }
            Action::Symbolic | Action::SymbolicDistance | Action::Irelative => scan.dynamic(),
            Action::SymbolicTpOffset => {
                scan.dynamic();
                scan.static_tls();
            }
            Action::TlsLdm => scan.module_slot(),
            Action::FromGot | Action::PltFromGot | Action::GotBase => scan.got_base(),
            Action::NeedsPic => scan.trouble(&reloc, Trouble::NeedsPic),
            Action::NotFromGot => scan.trouble(&reloc, Trouble::NotFromGot),
            Action::NeedsBase => scan.trouble(&reloc, Trouble::NeedsBase),
            Action::Pc(_) if scan.form().is_pic && facts.has(Facts::ABSOLUTE) => {
                scan.trouble(&reloc, Trouble::ToAbsolute);
            }
            Action::TpOffset | Action::TpDistance if facts.has(Facts::IMPORTED) => {
                scan.trouble(&reloc, Trouble::Unresolvable);
            }
            Action::Unknown => scan.trouble(&reloc, Trouble::UnknownType),
            _ => {}
        }
        if matches!(action, Action::GotTp(_) | Action::GotTpDistance) && scan.form().is_shared {
            scan.static_tls();
        }
        if matches!(
            action,
            Action::Relative
                | Action::RelativeCopied
                | Action::GotTp(GotUse::Relative)
                | Action::Symbolic
                | Action::SymbolicDistance
                | Action::SymbolicTpOffset
                | Action::Irelative
        ) {
            scan.changes_text(target);
        }
        if takes_next(action) {
            index += 1;
        }
    }
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
        Action::AbsoluteCopied(_) | Action::PcCopied(_) | Action::RelativeCopied => copied(facts),
        Action::FromGot if facts.has(Facts::IMPORTED) => copied(facts),
        Action::Symbolic | Action::SymbolicDistance | Action::SymbolicTpOffset => Needs::DYNAMIC,
        Action::TlsGd => Needs::TLS_GD,
        Action::GotTp(_) | Action::DescToIe => Needs::GOT_TP,
        Action::GotTpDistance | Action::GdToIe => Needs::GOT_TP_DISTANCE,
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

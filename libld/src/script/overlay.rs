//! The symbols of an overlay: where in the load image each of its sections starts and stops, for the
//! code that copies them in. The manual of ld, "Overlay Description".
//!
//! ```text
//! OVERLAY 0x1000 : { .text0 { a.o(.text) } }
//! PROVIDE(__load_start_text0 = LOADADDR(.text0));                      as if they stood behind it
//! PROVIDE(__load_stop_text0 = LOADADDR(.text0) + SIZEOF(.text0));
//! ```

use super::ast::{
    Assignment, AssignmentKind, BinaryOp, Command, Expr, ExprKind, OutputSection, Script,
    SectionsItem, Word,
};
use crate::storage::Storage;

/// Puts the assignments behind each overlay of a script.
pub fn provide_load_symbols<'s>(script: &mut Script<'s>, storage: &'s Storage) {
    for command in &mut script.commands {
        let Command::Sections(items) = command else { continue };
        if !items.iter().any(|item| matches!(item, SectionsItem::Overlay(_))) {
            continue;
        }
        for item in std::mem::take(items) {
            let assignments: Vec<_> = match &item {
                SectionsItem::Overlay(overlay) => {
                    overlay.sections.iter().flat_map(|it| of_section(it, storage)).collect()
                }
                _ => Vec::new(),
            };
            items.push(item);
            items.extend(assignments.into_iter().map(SectionsItem::Assignment));
        }
    }
}

fn of_section<'s>(section: &OutputSection<'s>, storage: &'s Storage) -> [Assignment<'s>; 2] {
    let Word { name, span } = section.name;
    let in_c: Vec<u8> =
        name.iter().copied().filter(|it| it.is_ascii_alphanumeric() || *it == b'_').collect();
    let expr = |kind| Expr { kind, span };
    let provide = |prefix: &[u8], value| Assignment {
        kind: AssignmentKind::Provide,
        target: Word { name: storage.keep([prefix, &in_c].concat()), span },
        operator: None,
        value,
        span,
    };
    let start = || expr(ExprKind::LoadAddr(name));
    let size = expr(ExprKind::SizeOf(name));
    let stop = expr(ExprKind::Binary(BinaryOp::Add, Box::new([start(), size])));
    [provide(b"__load_start_", start()), provide(b"__load_stop_", stop)]
}

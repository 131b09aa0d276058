//! The `group` statement: a section group. gABI, chapter 4, "Section Groups".
//!
//! ```text
//! section .group GROUP info=f { group COMDAT [.text.f, .rela.text.f]; }
//! ```
//!
//! `info=` is the symbol that names the group. Flags are `COMDAT` or numbers; members are sections
//! by name or index.

use libelf::edit::contents::GroupMember;
use libelf::edit::{Contents, SectionId};
use libpeg::notation::{Statement, TermKind};

use crate::context::{Context, Read, unexpected};
use crate::printer::Printer;
use crate::view::View;

/// `GRP_COMDAT`
const COMDAT: u32 = 1;

/// Prints the block.
pub fn print(flags: u32, members: &[GroupMember], printer: &mut Printer<'_>, view: &View<'_, '_>) {
    printer.text(" { group");
    if flags & COMDAT != 0 {
        printer.word("COMDAT");
    }
    if flags & !COMDAT != 0 {
        printer.text(" ");
        printer.hex_number((flags & !COMDAT).into());
    }
    printer.text(" [");
    for (index, member) in members.iter().enumerate() {
        printer.text(if index == 0 { "" } else { ", " });
        match *member {
            GroupMember::Section(id) => view.print_reference(printer, view.section(id)),
            GroupMember::Index(index) => printer.number(index.into()),
        }
    }
    printer.text("]; }\n");
}

/// Reads the statement.
///
/// # Errors
/// A flag or a member that is none.
pub fn read<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Contents<'s>> {
    let mut flags = 0;
    let mut members = Vec::new();
    for term in statement.terms.iter().skip(1) {
        match &term.kind {
            TermKind::Word("COMDAT") => flags |= COMDAT,
            TermKind::Int(_) | TermKind::Expr(_) => {
                flags |= context.unsigned(term, u32::BITS)? as u32;
            }
            TermKind::List(terms) => {
                for term in terms {
                    members.push(match term.text() {
                        Some(_) => GroupMember::Section(context.section(term)?),
                        None => member(context.unsigned(term, u32::BITS)? as u32, context),
                    });
                }
            }
            _ => return Err(unexpected(term, "`COMDAT`, a number, or a list of sections")),
        }
    }
    Ok(Contents::Group { flags, members })
}

fn member(index: u32, context: &Context<'_>) -> GroupMember {
    match context.object.sections.get(index) {
        Some(_) if index != 0 => GroupMember::Section(SectionId(index)),
        _ => GroupMember::Index(index),
    }
}

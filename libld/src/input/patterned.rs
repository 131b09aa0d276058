//! Files that only the patterns of scripts name. The manual's chapter "Input Section Basics": a name
//! without wildcards that is not among the files is linked as if it were.

use crate::script::ast::{Command, OutputSection, Script, SectionItem, SectionsItem};
use crate::script::glob::is_wild;

/// The names of files, in the order of the statements.
pub fn files<'s>(scripts: impl Iterator<Item = &'s Script<'s>>) -> Vec<&'s [u8]> {
    let mut names = Vec::new();
    for command in scripts.flat_map(|script| &script.commands) {
        let Command::Sections(items) = command else { continue };
        for item in items {
            match item {
                SectionsItem::Output(section) => of_section(section, &mut names),
                SectionsItem::Overlay(overlay) => {
                    overlay.sections.iter().for_each(|section| of_section(section, &mut names));
                }
                _ => {}
            }
        }
    }
    names
}

fn of_section<'s>(section: &'s OutputSection<'s>, names: &mut Vec<&'s [u8]>) {
    for item in &section.body {
        if let SectionItem::Input(statement) = item {
            let name = statement.file.text;
            // `archive:member` only picks.
            if !is_wild(name) && !name.contains(&b':') && !names.contains(&name) {
                names.push(name);
            }
        }
    }
}

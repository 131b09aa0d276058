//! Where the program starts.

use crate::diagnostics::Diagnostics;
use crate::options::{Kind as OutputKind, Options};
use crate::script::ast::{Command, Script, SectionsItem};

/// Where a program starts if neither options nor scripts say.
const USUAL: &[u8] = b"start";

/// The name of the symbol where the program starts: `-e`, the last ENTRY of scripts in the order in
/// which they are read, those that stand among the files behind the one that lays out the output.
pub fn name_of_entry<'s, 'a: 's>(
    options: &'s Options,
    scripts: impl DoubleEndedIterator<Item = &'s Script<'a>>,
) -> Option<&'s [u8]> {
    let commands = scripts.flat_map(|script| &script.commands);
    let of_script = commands.rev().find_map(|command| match command {
        Command::Entry(word) => Some(word.name),
        Command::Sections(items) => items.iter().rev().find_map(|item| match item {
            SectionsItem::Entry(word) => Some(word.name),
            _ => None,
        }),
        _ => None,
    });
    options.output.entry.as_deref().or(of_script)
}

/// Where the program starts: at the symbol of this name, or else the symbol `start`, or else the
/// start of the `code` if it is a program. `find` tells where symbols are that the output defines.
pub fn entry(
    options: &Options,
    name: Option<&[u8]>,
    code: Option<u64>,
    find: impl Fn(&[u8]) -> Option<u64>,
    said: &mut Diagnostics,
) -> u64 {
    let is_program = !matches!(options.output.kind, OutputKind::Shared | OutputKind::Relocatable);
    let code = code.filter(|_| is_program);
    let Some(name) = name else {
        return find(USUAL).or(code).unwrap_or(0);
    };
    if let Some(address) = find(name) {
        return address;
    }
    if let Some(number) = number(name) {
        return number;
    }
    if is_program || options.output.entry.is_some() {
        let shown = String::from_utf8_lossy(name);
        said.warn(match code {
            Some(code) => {
                format!("warning: cannot find entry symbol {shown}; defaulting to {code:016x}")
            }
            None => format!("warning: cannot find entry symbol {shown}; not setting start address"),
        });
    }
    code.unwrap_or(0)
}

/// A number in C's notation.
pub fn number(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None if text.starts_with('0') => u64::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    }
}

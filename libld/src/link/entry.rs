//! Where the program starts.

use crate::diagnostics::Diagnostics;
use crate::names::Names;
use crate::options::{Kind as OutputKind, Options};
use crate::resolve::{Kind, Resolved};
use crate::script::ast::{Command, Script, SectionsItem};
use crate::write::Addresses;

/// Where a program starts if neither options nor scripts say.
const USUAL: &[u8] = b"start";

/// The name of the symbol where the program starts: `-e`, the last ENTRY of scripts.
pub fn name_of_entry<'s>(options: &'s Options, scripts: &[&'s Script<'s>]) -> Option<&'s [u8]> {
    let of_script =
        scripts.iter().flat_map(|script| &script.commands).rev().find_map(
            |command| match command {
                Command::Entry(word) => Some(word.name),
                Command::Sections(items) => items.iter().rev().find_map(|item| match item {
                    SectionsItem::Entry(word) => Some(word.name),
                    _ => None,
                }),
                _ => None,
            },
        );
    options.output.entry.as_deref().or(of_script)
}

/// Where the program starts: `-e`, the script's ENTRY, the symbol `start`, or else the start of the
/// code.
pub fn entry(
    options: &Options,
    scripts: &[&Script<'_>],
    names: &Names<'_>,
    addresses: &Addresses<'_, '_>,
    resolved: &Resolved<'_>,
    said: &mut Diagnostics,
) -> u64 {
    if options.output.kind == OutputKind::Relocatable {
        return 0;
    }
    let given = options.output.entry.as_deref();
    let text = addresses.output_named(".text");
    let defined = |id| {
        let kind = resolved.symbols.get(id).kind;
        (kind.is_regular() || kind == Kind::Linker).then(|| addresses.global(id))
    };
    let Some(name) = name_of_entry(options, scripts) else {
        if options.output.kind == OutputKind::Shared {
            return 0;
        }
        let start = names.find(USUAL).and_then(defined);
        return start.or(text.map(|text| text.addr)).unwrap_or(0);
    };
    if let Some(address) = names.find(name).and_then(defined) {
        return address;
    }
    let shown = String::from_utf8_lossy(name);
    if let Some(number) = number(name) {
        return number;
    }
    let is_quiet = options.output.kind == OutputKind::Shared && given.is_none();
    let text = text.filter(|_| options.output.kind.is_executable());
    if !is_quiet {
        said.warn(match text {
            Some(text) => format!(
                "warning: cannot find entry symbol {shown}; defaulting to {:016x}",
                text.addr
            ),
            None => format!("warning: cannot find entry symbol {shown}; not setting start address"),
        });
    }
    if is_quiet { 0 } else { text.map_or(0, |text| text.addr) }
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

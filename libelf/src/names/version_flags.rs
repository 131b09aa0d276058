//! Flags of symbol versions (`VER_FLG_`). Linux Standard Base, "Symbol Versioning".

use super::table::Names;

const NAMES: Names<u16> = Names(&[(0x1, "BASE"), (0x2, "WEAK"), (0x4, "INFO")]);
const NAMED: u16 = 0x7;

/// The names of the flags of a version definition or need: `none`, or names with ` | ` between.
pub fn version_flags(flags: u16) -> String {
    if flags == 0 {
        return "none".to_owned();
    }
    let has_unknown = flags & !NAMED != 0;
    NAMES
        .0
        .iter()
        .filter(|&&(bit, _)| flags & bit != 0)
        .map(|&(_, name)| name)
        .chain(has_unknown.then_some("<unknown>"))
        .collect::<Vec<_>>()
        .join(" | ")
}

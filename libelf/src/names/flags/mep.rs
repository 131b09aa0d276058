//! Machine flags of MeP.

use super::push;
use crate::names::table::Names;

const CPU: u32 = 0xff00_0000;
const COPROCESSOR: u32 = 0x00ff_0000;
const LIBRARY: u32 = 0x100;
const CONFIGURATION: u32 = 0xff;

const CPUS: Names<u32> = Names(&[
    (0, "generic MeP"),
    (0x01000000, "MeP C2"),
    (0x02000000, "MeP C3"),
    (0x04000000, "MeP C4"),
    (0x08000000, "MeP C5"),
    (0x10000000, "MeP H1"),
]);

const COPROCESSORS: Names<u32> = Names(&[
    (0, ""),
    (0x10000, ", AVC coprocessor"),
    (0x20000, ", AVC2 coprocessor"),
    (0x30000, ", FMAX coprocessor"),
    (0x60000, ", IVC2 coprocessor"),
]);

pub(super) fn push_flags(text: &mut String, flags: u32) {
    push(text, CPUS.get(flags & CPU).unwrap_or("<unknown MeP cpu type>"));
    // Without a comma, as everybody has it.
    text.push_str(COPROCESSORS.get(flags & COPROCESSOR).unwrap_or("<unknown MeP copro type>"));
    if flags & LIBRARY != 0 {
        push(text, "Built for Library");
    }
    let configuration = flags & CONFIGURATION;
    if configuration != 0 {
        push(text, &format!("Configuration Index: {configuration:#x}"));
    }
    let unknown = flags & !(CPU | COPROCESSOR | LIBRARY | CONFIGURATION);
    if unknown != 0 {
        push(text, &format!("unknown flags bits: {unknown:#x}"));
    }
}

//! GNU properties (`NT_GNU_PROPERTY_TYPE_0`).

use common::{Output, out};
use libelf::note::gnu::{BadProperty, Properties, Property};
use libelf::raw::{
    EM_386, EM_AARCH64, EM_IAMCU, EM_X86_64, GNU_PROPERTY_1_NEEDED, GNU_PROPERTY_HIPROC,
    GNU_PROPERTY_LOPROC, GNU_PROPERTY_LOUSER, GNU_PROPERTY_NO_COPY_ON_PROTECTED,
    GNU_PROPERTY_STACK_SIZE, GNU_PROPERTY_UINT32_AND_HI, GNU_PROPERTY_UINT32_AND_LO,
    GNU_PROPERTY_UINT32_OR_HI, GNU_PROPERTY_UINT32_OR_LO, Machine,
};

use super::{Context, put_hex};
use crate::symbol_table::Hex;

/// A property that is a set of bits.
struct BitSet {
    kind: u32,
    title: &'static str,
    /// The names of the bits, from bit 0 on.
    bits: &'static [&'static str],
    /// What stands for no bit.
    none: &'static str,
}

const NO_BITS: &str = "<None>";

const ISA_COMPAT: &[&str] = &[
    "i486", "586", "686", "SSE", "SSE2", "SSE3", "SSSE3", "SSE4_1", "SSE4_2", "AVX", "AVX2",
    "AVX512F", "AVX512CD", "AVX512ER", "AVX512PF", "AVX512VL", "AVX512DQ", "AVX512BW",
];
const ISA_COMPAT_2: &[&str] = &[
    "CMOV",
    "SSE",
    "SSE2",
    "SSE3",
    "SSSE3",
    "SSE4_1",
    "SSE4_2",
    "AVX",
    "AVX2",
    "FMA",
    "AVX512F",
    "AVX512CD",
    "AVX512ER",
    "AVX512PF",
    "AVX512VL",
    "AVX512DQ",
    "AVX512BW",
    "AVX512_4FMAPS",
    "AVX512_4VNNIW",
    "AVX512_BITALG",
    "AVX512_IFMA",
    "AVX512_VBMI",
    "AVX512_VBMI2",
    "AVX512_VNNI",
    "AVX512_BF16",
];
const ISA_1: &[&str] = &["x86-64-baseline", "x86-64-v2", "x86-64-v3", "x86-64-v4"];
const FEATURE_1: &[&str] = &["IBT", "SHSTK", "LAM_U48", "LAM_U57"];
const FEATURE_2: &[&str] = &[
    "x86", "x87", "MMX", "XMM", "YMM", "ZMM", "FXSR", "XSAVE", "XSAVEOPT", "XSAVEC", "TMM", "MASK",
];

/// x86-64 psABI, chapter 5, and the numbers that its drafts used before.
const X86: &[BitSet] = &[
    BitSet { kind: 0xc000_0000, title: "x86 ISA used: ", bits: ISA_COMPAT, none: "" },
    BitSet { kind: 0xc000_0001, title: "x86 ISA needed: ", bits: ISA_COMPAT, none: "" },
    BitSet { kind: 0xc000_0002, title: "x86 feature: ", bits: FEATURE_1, none: NO_BITS },
    BitSet { kind: 0xc000_8000, title: "x86 ISA needed: ", bits: ISA_COMPAT_2, none: NO_BITS },
    BitSet { kind: 0xc000_8001, title: "x86 feature needed: ", bits: FEATURE_2, none: NO_BITS },
    BitSet { kind: 0xc000_8002, title: "x86 ISA needed: ", bits: ISA_1, none: "" },
    BitSet { kind: 0xc001_0000, title: "x86 ISA used: ", bits: ISA_COMPAT_2, none: NO_BITS },
    BitSet { kind: 0xc001_0001, title: "x86 feature used: ", bits: FEATURE_2, none: NO_BITS },
    BitSet { kind: 0xc001_0002, title: "x86 ISA used: ", bits: ISA_1, none: "" },
];

/// ELF for the Arm 64-bit Architecture, "Program Property".
const AARCH64: &[BitSet] =
    &[BitSet { kind: 0xc000_0000, title: "AArch64 feature: ", bits: &["BTI", "PAC"], none: "" }];

/// What a program needs of every file it is linked with.
const ONE_NEEDED: BitSet =
    BitSet { kind: 0, title: "1_needed: ", bits: &["indirect external access"], none: "" };

/// Shows a descriptor: one property a line, under `-W` all in one.
pub(super) fn show(out: &mut Output, context: &Context<'_, '_>, desc: &[u8]) {
    out!(out, "      Properties: ");
    let word = context.encoding.word_size();
    let size = desc.len();
    // The end of a descriptor that is no whole number of words would be misread.
    if size < 2 * 4 || !size.is_multiple_of(word) {
        out!(out, "<corrupt GNU_PROPERTY_TYPE, size = {}>\n", Hex(size as u64));
        return;
    }
    for (index, property) in Properties::new(desc, context.encoding).enumerate() {
        if index > 0 {
            out!(out, "{}", if context.wide { ", " } else { "\n\t" });
        }
        match property {
            Ok(property) => show_property(out, context, &property),
            Err(BadProperty::Short { .. }) => {
                out!(out, "<corrupt descsz: {}>\n", Hex(size as u64));
            }
            Err(BadProperty::PastEnd { kind, size }) => {
                out!(out, "<corrupt type ({}) datasz: {}>\n", Hex(kind.0.into()), Hex(size.into()));
            }
        }
    }
    out!(out, "\n");
}

/// The bit sets that only this machine has.
fn of_machine(machine: Machine) -> &'static [BitSet] {
    match machine {
        EM_386 | EM_IAMCU | EM_X86_64 => X86,
        EM_AARCH64 => AARCH64,
        _ => &[],
    }
}

fn show_property(out: &mut Output, context: &Context<'_, '_>, property: &Property<'_>) {
    let value = property.u32(context.encoding);
    let sets = of_machine(context.object.header.machine);
    if let Some(set) = sets.iter().find(|set| set.kind == property.kind.0) {
        return show_bits(out, set, property, value);
    }
    match property.kind {
        GNU_PROPERTY_STACK_SIZE => {
            out!(out, "stack size: ");
            match property.word(context.encoding) {
                Some(size) => out!(out, "{}", Hex(size)),
                None => show_bad_length(out, property),
            }
        }
        GNU_PROPERTY_NO_COPY_ON_PROTECTED => {
            out!(out, "no copy on protected ");
            if !property.data.is_empty() {
                show_bad_length(out, property);
            }
        }
        GNU_PROPERTY_1_NEEDED => show_bits(out, &ONE_NEEDED, property, value),
        _ => show_by_range(out, property, value),
    }
}

/// Shows a property of which only the range of its type is known.
fn show_by_range(out: &mut Output, property: &Property<'_>, value: Option<u32>) {
    match property.kind.0 {
        GNU_PROPERTY_UINT32_AND_LO..=GNU_PROPERTY_UINT32_AND_HI => {
            show_number(out, "UINT32_AND", property, value);
        }
        GNU_PROPERTY_UINT32_OR_LO..=GNU_PROPERTY_UINT32_OR_HI => {
            show_number(out, "UINT32_OR", property, value);
        }
        GNU_PROPERTY_LOPROC..=GNU_PROPERTY_HIPROC => {
            show_bytes(out, "processor-specific", property);
        }
        GNU_PROPERTY_LOUSER.. => show_bytes(out, "application-specific", property),
        _ => show_bytes(out, "unknown", property),
    }
}

fn show_bits(out: &mut Output, set: &BitSet, property: &Property<'_>, value: Option<u32>) {
    out!(out, "{}", set.title);
    let Some(value) = value else { return show_bad_length(out, property) };
    if value == 0 {
        out!(out, "{}", set.none);
    }
    let mut separator = "";
    for bit in (0..u32::BITS).filter(|bit| value >> bit & 1 != 0) {
        match set.bits.get(bit as usize) {
            Some(name) => out!(out, "{separator}{name}"),
            None => out!(out, "{separator}<unknown: {:x}>", 1_u32 << bit),
        }
        separator = ", ";
    }
}

fn show_number(out: &mut Output, title: &str, property: &Property<'_>, value: Option<u32>) {
    out!(out, "{title} ({}): ", Hex(property.kind.0.into()));
    match value {
        Some(value) => out!(out, "{}", Hex(value.into())),
        None => show_bad_length(out, property),
    }
}

fn show_bad_length(out: &mut Output, property: &Property<'_>) {
    out!(out, "<corrupt length: {}> ", Hex(property.data.len() as u64));
}

fn show_bytes(out: &mut Output, range: &str, property: &Property<'_>) {
    out!(out, "<{range} type {} data: ", Hex(property.kind.0.into()));
    put_hex(out, property.data);
    out!(out, ">");
}

//! Notes of the owner `GNU`.

use common::{Output, out};
use libelf::note::gnu::{AbiTag, Hwcap};
use libelf::raw::{
    NT_GNU_ABI_TAG, NT_GNU_BUILD_ID, NT_GNU_GOLD_VERSION, NT_GNU_HWCAP, NT_GNU_PROPERTY_TYPE_0,
    NoteType,
};

use super::{Context, Entry, property, put_hex, put_text};

/// Shows a descriptor; returns whether all is well with it.
pub(super) fn show(out: &mut Output, context: &Context<'_, '_>, entry: &Entry<'_>) -> bool {
    let desc = entry.desc;
    match NoteType(entry.kind) {
        NT_GNU_BUILD_ID => {
            out!(out, "    Build ID: ");
            for &byte in desc {
                common::format::hex_padded(out.buf(), byte.into(), 2);
            }
            out!(out, "\n");
        }
        NT_GNU_ABI_TAG => show_abi_tag(out, context, desc),
        NT_GNU_HWCAP => {
            out!(out, "      Hardware Capabilities: ");
            let Some(hwcap) = Hwcap::parse(desc, context.encoding) else {
                out.error(format_args!("<corrupt GNU_HWCAP>"));
                return false;
            };
            out!(
                out,
                "num entries: {}, enabled mask: {:x}\n",
                hwcap.entries.cast_signed(),
                hwcap.enabled
            );
        }
        NT_GNU_PROPERTY_TYPE_0 => property::show(out, context, desc),
        NT_GNU_GOLD_VERSION => {
            out!(out, "    Version: ");
            put_text(out, desc);
            out!(out, "\n");
        }
        _ => {
            out!(out, "    Description data: ");
            put_hex(out, desc);
            out!(out, "\n");
        }
    }
    true
}

fn show_abi_tag(out: &mut Output, context: &Context<'_, '_>, desc: &[u8]) {
    let Some(tag) = AbiTag::parse(desc, context.encoding) else {
        out!(out, "    <corrupt GNU_ABI_TAG>\n");
        return;
    };
    // readelf takes the numbers as signed.
    let [major, minor, subminor] = tag.version.map(u32::cast_signed);
    let os = tag.os_name().unwrap_or("Unknown");
    out!(out, "    OS: {os}, ABI: {major}.{minor}.{subminor}\n");
}

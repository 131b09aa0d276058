//! Notes of core files, of the owner `CORE`.

use common::{Output, out};
use libelf::note::core_file::{BadMappings, Mappings};
use libelf::raw::NT_FILE;

use super::{Context, Entry, put_text};

/// Shows a descriptor: only the files that were mapped are shown, as readelf does.
pub(super) fn show(out: &mut Output, context: &Context<'_, '_>, entry: &Entry<'_>) -> bool {
    if entry.kind == NT_FILE.0 {
        return show_mappings(out, context, entry.desc);
    }
    if context.wide {
        out!(out, "\n");
    }
    true
}

fn show_mappings(out: &mut Output, context: &Context<'_, '_>, desc: &[u8]) -> bool {
    if context.encoding.is_64() {
        // GNU readelf 2.40 shows the table of 32-bit files only, on every host.
        out!(out, "    Cannot decode 64-bit note in 32-bit build\n");
        return true;
    }
    let mappings = match Mappings::parse(desc, context.encoding) {
        Ok(mappings) => mappings,
        Err(error) => {
            let what = match error {
                BadMappings::NoHeader => "too short for header",
                BadMappings::Unterminated => "does not end with \\0",
                BadMappings::TooFew => "too short for supplied file count",
            };
            out.error(format_args!("    Malformed note - {what}"));
            return false;
        }
    };
    out!(out, "    Page size: {}\n", mappings.page_size);
    out!(out, "         Start         End Page Offset\n");
    for mapping in mappings.iter() {
        let Some(path) = mapping.path else {
            out.error(format_args!("    Malformed note - filenames end too early"));
            return false;
        };
        out!(
            out,
            "    0x{:08x}  0x{:08x}  0x{:08x}\n        ",
            mapping.start,
            mapping.end,
            mapping.page_offset
        );
        put_text(out, path);
        out!(out, "\n");
    }
    true
}

//! Notes of OpenVMS for IA-64, of the owner `IPF/VMS`. OpenVMS Calling Standard; HP's linker
//! manual.

use common::{Output, out};

use super::{Context, Entry, c_string, put_text};

use crate::time::{DAY, date};

/// The size of a date in a module header, in bytes.
const DATE_SIZE: usize = 17;
/// The size of a module header without the module's name and version, in bytes.
const MODULE_HEADER_SIZE: usize = 2 * DATE_SIZE;
/// The start of the Unix epoch, 1970, as OpenVMS counts time: in units of 100 ns since
/// 17 November 1858.
const UNIX_EPOCH: i64 = 0x007c_9567_4beb_4000;
/// Units of OpenVMS's time in a second.
const UNITS_PER_SECOND: i64 = 10_000_000;

/// Shows a descriptor; returns whether it is known and whole.
pub(super) fn show(out: &mut Output, context: &Context<'_, '_>, entry: &Entry<'_>) -> bool {
    let shown = if entry.desc.len() < 2 { None } else { show_known(out, context, entry) };
    let Some(is_known) = shown else {
        out!(out, "  <corrupt - data size is too small>\n");
        out.error(format_args!("corrupt IA64 note: data size is too small"));
        return false;
    };
    is_known
}

/// Returns whether the type is known; `None` if the descriptor is too short for it.
fn show_known(out: &mut Output, context: &Context<'_, '_>, entry: &Entry<'_>) -> Option<bool> {
    let desc = entry.desc;
    let mut text = |title: &str| {
        out!(out, "{title}");
        put_text(out, desc);
        out!(out, "\n");
    };
    match entry.kind {
        1 => show_module(out, entry)?,
        2 => text("   Language: "),
        6 => {
            out!(out, "   Floating Point mode: ");
            out!(out, "0x{:016x}\n", context.encoding.u64(desc, 0)?);
        }
        101 => show_time(out, context, "   Link time: ", desc)?,
        102 => text("    Image name: "),
        103 => text("    Image id: "),
        104 => text("    Linker id: "),
        106 => text("    Global symbol table name: "),
        107 => show_original(out, context, desc)?,
        108 => show_time(out, context, "   Patch time: ", desc)?,
        _ => return Some(false),
    }
    Some(true)
}

/// A module header: two dates, and the module's name and version.
fn show_module(out: &mut Output, entry: &Entry<'_>) -> Option<()> {
    let desc = entry.desc;
    let names = desc.get(MODULE_HEADER_SIZE..).filter(|names| names.len() > 2)?;
    let (created, patched) = desc.get(..MODULE_HEADER_SIZE)?.split_at_checked(DATE_SIZE)?;
    out!(out, "    Creation date  : ");
    put_text(out, created);
    out!(out, "\n    Last patch date: ");
    put_text(out, patched);
    let name = c_string(names);
    let version_at = MODULE_HEADER_SIZE + name.len() + 1;
    let is_closed = version_at <= desc.len();
    // Like readelf up to the next zero byte, wherever the descriptor ends.
    let version = entry.tail.get(version_at..).filter(|_| version_at < desc.len());
    out!(out, "\n    Module name    : ");
    put_text(out, if is_closed { name } else { b"<missing>" });
    out!(out, "\n    Module version : ");
    put_text(out, version.unwrap_or(b"<missing>"));
    out!(out, "\n");
    Some(())
}

/// What an image was linked with before it was patched.
fn show_original(out: &mut Output, context: &Context<'_, '_>, desc: &[u8]) -> Option<()> {
    let encoding = context.encoding;
    let image = desc.get(32..).filter(|image| image.len() >= 2)?;
    out!(out, "   Major id: {},  minor id: {}\n", encoding.u32(desc, 0)?, encoding.u32(desc, 4)?);
    out!(out, "   Last modified  : {}\n", time_text(encoding.u64(desc, 8)?));
    out!(out, "   Link flags  : 0x{:016x}\n", encoding.u64(desc, 16)?);
    out!(out, "   Header flags: 0x{:08x}\n", encoding.u32(desc, 24)?);
    out!(out, "   Image id    : ");
    put_text(out, image);
    out!(out, "\n");
    Some(())
}

fn show_time(out: &mut Output, context: &Context<'_, '_>, title: &str, desc: &[u8]) -> Option<()> {
    out!(out, "{title}");
    out!(out, "{}\n", time_text(context.encoding.u64(desc, 0)?));
    Some(())
}

/// A time of OpenVMS as date and time of day, in the proleptic Gregorian calendar. Times that
/// Unix cannot express have no text.
fn time_text(time: u64) -> String {
    let Some(units) = time.cast_signed().checked_sub(UNIX_EPOCH) else { return String::new() };
    let seconds = units / UNITS_PER_SECOND;
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let of_day = seconds.rem_euclid(DAY);
    // The fields are printed unsigned, a year before our era as well.
    format!(
        "{:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
        year as u32,
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_from_1858() {
        let epoch = UNIX_EPOCH.cast_unsigned();
        let second = UNITS_PER_SECOND.cast_unsigned();
        assert_eq!(time_text(0), "1858-11-17T00:00:00");
        assert_eq!(time_text(epoch), "1970-01-01T00:00:00");
        assert_eq!(time_text(epoch - second), "1969-12-31T23:59:59");
        assert_eq!(time_text(0x00a5_1234_5678_9abc), "2006-02-11T01:38:35");
        assert_eq!(time_text(i64::MAX.cast_unsigned()), "31086-07-31T02:48:05");
        assert_eq!(time_text(1 << 63), "");
    }
}

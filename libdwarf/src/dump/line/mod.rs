//! `.debug_line`: line number programs, as they are stored (`raw`) and as rows (`decoded`).
//! DWARF 5, section 6.2.
//!
//! A unit has a header, tables of directories and files, and a program: opcodes that change the
//! registers of a machine and now and then have it make a row. Units stand one behind another; none
//! needs what another says, so they are shown on all cores.

mod decoded;
mod files;
mod form;
mod header;
mod names;
mod opcode;
mod raw;
mod state;
mod tables;

use super::{Dump, Loaded, Relief, Stop, Stopped, Text};
use crate::section::{PARTIAL_LINE, SectionId};
pub use form::{Found, Shown, find as find_string, form_name, show as show_form};
pub use header::{Flaw, Header};
pub use names::FileNames;

/// How many headers are read at a time.
const BATCH: usize = 1 << 12;

/// How programs are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    /// As they are stored.
    Raw,
    /// As rows.
    Decoded,
}

/// The last headers that each view has shown, for sections that have none.
#[derive(Debug, Default)]
pub struct LastHeaders {
    raw: Option<Header>,
    decoded: Option<Header>,
}

impl View {
    fn header(self, last: &mut LastHeaders) -> &mut Option<Header> {
        match self {
            Self::Raw => &mut last.raw,
            Self::Decoded => &mut last.decoded,
        }
    }
}

/// What values refer to in other sections, and how they are shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Strings<'a> {
    /// `.debug_str`
    pub str: Option<&'a [u8]>,
    /// `.debug_line_str`
    pub line_str: Option<&'a [u8]>,
    /// Whether numbers are big-endian.
    pub is_big: bool,
    /// Whether lines may be long.
    pub is_wide: bool,
    /// 4 in DWARF32, 8 in DWARF64.
    pub offset_size: usize,
    /// What stands before a value.
    pub delimiter: u8,
}

impl<'data> Dump<'_, 'data> {
    /// Shows line number programs. Returns whether all went well.
    pub(super) fn display_line(&mut self, section: &Loaded<'data>) -> bool {
        let mut good = true;
        if self.options.raw_lines {
            good &= self.display_raw_lines(section);
        }
        if self.options.decoded_lines {
            good &= self.display_decoded_lines(section);
        }
        good
    }

    /// Calls `show` for the units of `section`, which may be shown on any thread. Returns whether
    /// all went well.
    fn show_line_units(
        &mut self,
        section: &Loaded<'_>,
        view: View,
        show: impl Fn(&mut Text, &Header, Relief<'_>) -> Result<(), Stop> + Sync,
    ) -> bool {
        let mut offset = 0;
        while offset < section.data.len() {
            let (units, flaw) = self.line_units(&section.data, offset);
            offset = units.last().map_or(offset, |unit| unit.end);
            let size = |unit: &Header| unit.end.saturating_sub(unit.offset);
            let shown = self.show_units_until(&units, size, &show);
            // A unit that cannot be shown leaves the header of the one before.
            let count = match shown {
                Ok(()) => units.len(),
                Err(Stopped { unit, why: Stop::Failed | Stop::Ended }) => unit,
                Err(Stopped { unit, .. }) => unit.saturating_add(1),
            };
            let last = count.checked_sub(1).and_then(|index| units.get(index));
            let known = view.header(&mut self.memory.line_headers);
            *known = last.copied().or(*known);
            match shown.map_err(|stopped| stopped.why) {
                Ok(()) => {}
                Err(Stop::Failed) => return false,
                Err(Stop::Ended) => return true,
                Err(Stop::Resume(at)) => {
                    offset = at;
                    continue;
                }
            }
            if let Some(flaw) = flaw {
                flaw.say(&mut self.text, section.id.name());
                return false;
            }
        }
        true
    }

    /// Units from an offset on, and why there are no more behind them. There may be without any
    /// reason: they are read a batch at a time.
    fn line_units(&self, section: &[u8], start: usize) -> (Vec<Header>, Option<Flaw>) {
        let mut units: Vec<Header> = Vec::new();
        let mut offset = start;
        while offset < section.len() && units.len() < BATCH {
            match Header::read(section, offset, self.target.encoding) {
                Ok(unit) => {
                    offset = unit.end;
                    units.push(unit);
                }
                Err(flaw) => return (units, Some(flaw)),
            }
        }
        (units, None)
    }

    /// The header that a section without headers goes by; says so if there is none.
    fn partial_line_header(&mut self, view: View) -> Option<Header> {
        let header = *view.header(&mut self.memory.line_headers);
        if header.is_none() {
            self.text.warn(format_args!(
                "Partial .debug_line. section encountered without a prior full .debug_line section"
            ));
        }
        header
    }
}

/// Whether the section has only a program: the header is that of a section before.
fn is_partial(section: &Loaded<'_>) -> bool {
    section.id == SectionId::Line && section.name.starts_with(PARTIAL_LINE)
}

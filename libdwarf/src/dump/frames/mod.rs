//! `.eh_frame` and `.debug_frame`: how to get from a frame to its caller's (`-wf`, `-wF`).
//!
//! A section is a list of entries. A Common Information Entry (CIE) has what many functions share,
//! a Frame Description Entry (FDE) one function; both end with call frame instructions. DWARF 5,
//! section 6.4; for `.eh_frame` the Linux Standard Base, chapter 10. `-wf` shows the instructions:
//!
//! ```text
//! 00000018 000000000000001c 0000001c FDE cie=00000000 pc=0000000000000000..0000000000000020
//!   DW_CFA_advance_loc: 1 to 0000000000000001
//!   DW_CFA_def_cfa_offset: 16
//! ```
//!
//! `-wF` runs them, and shows a row for each address where something changes: where the frame of
//! the caller is (the CFA), and where its registers are kept.
//!
//! ```text
//!    LOC           CFA      rbp   ra
//! 0000000000000000 rsp+8    u     c-8
//! 0000000000000001 rsp+16   u     c-8
//! ```
//!
//! Entries are found one after the other, and CIEs read on the way, since an FDE starts with what
//! its CIE's instructions came to. FDEs depend on nothing else: they are shown on all cores.

mod entry;
mod instruction;
mod row;
mod run;
#[cfg(test)]
mod tests;

use super::{Dump, Loaded, Text};

use entry::{Finder, Found, Frames};

/// FDEs that are gathered before they are shown: many for the cores to share, few for memory.
const WAVE: usize = 1 << 16;

impl<'data> Dump<'_, 'data> {
    /// Shows `.eh_frame` or `.debug_frame`.
    pub(super) fn display_frames(&mut self, section: &Loaded<'data>) -> bool {
        self.heading(section);
        let target = self.target;
        let mut frames = Frames::new(&target, self.options, section);
        let mut finder = Finder::default();
        let mut fdes = Vec::new();
        loop {
            let mut text = Text::default();
            let found = finder.next(&mut frames, &mut text);
            let is_end = matches!(found, Found::Nothing);
            if let Found::Fde(fde) = found {
                fdes.push(fde);
                if fdes.len() < WAVE {
                    continue;
                }
            }
            if !fdes.is_empty() {
                self.show_units(&fdes, |fde| fde.size, |text, fde, _| frames.show_fde(text, fde));
                fdes.clear();
            }
            self.text.append(&mut text);
            self.relieve();
            if is_end {
                break;
            }
        }
        self.text.put(b"\n");
        true
    }
}

//! Unwind tables of processors that have their own: `-u`.
//!
//! | machine | tables | module |
//! |---|---|---|
//! | ARM, TI C6000 | an index of functions and a table of byte code | [`arm`] |
//! | HP PA-RISC | an index of functions with their properties | [`hppa`] |
//! | IA-64 | an index of functions and descriptors packed to the bit | [`ia64`] |
//!
//! All name the functions they tell of; see [`functions`]. The tables of the last two are read by
//! [`regions`].

mod arm;
mod arm_code;
mod c6000_code;
mod functions;
mod hppa;
mod ia64;
mod ia64_code;
mod regions;

use common::{Output, out};
use libelf::names;
use libelf::raw::{EM_386, EM_ARM, EM_IA_64, EM_PARISC, EM_TI_C6000, EM_X86_64};

use crate::object::Object;
use crate::options::Options;

/// Shows the unwind tables.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if !options.unwind {
        return true;
    }
    match object.header.machine {
        EM_ARM | EM_TI_C6000 => arm::display(out, object),
        EM_IA_64 => ia64::display(out, object),
        EM_PARISC => hppa::display(out, object),
        EM_386 | EM_X86_64 => {
            out!(out, "No processor specific unwind information to decode\n");
            true
        }
        machine => {
            let name = names::machine(machine);
            out!(
                out,
                "\nThe decoding of unwind sections for machine type {name} is not currently \
                 supported.\n"
            );
            true
        }
    }
}

/// Says that there is nothing to show.
fn no_sections(out: &mut Output) {
    out!(out, "\nThere are no unwind sections in this file.\n");
}

/// How many bytes of descriptions may still be shown. Entries may share a description, so that
/// those of a small hostile file could have it shown without end.
struct Budget(u64);

impl Budget {
    /// Enough for each byte of a file to be shown some times.
    fn of(object: &Object<'_>) -> Self {
        const TIMES: u64 = 8;
        const LEAST: u64 = 1 << 20;
        Self((object.data.len() as u64).saturating_mul(TIMES).saturating_add(LEAST))
    }

    /// Takes `bytes`; says once that no more is shown when there are none left.
    fn take(&mut self, out: &mut Output, bytes: u64) -> bool {
        if self.0 == 0 {
            return false;
        }
        self.0 = self.0.saturating_sub(bytes);
        if self.0 == 0 {
            out.warn(format_args!("Unwind descriptions repeat too often; no more are shown"));
        }
        self.0 != 0
    }
}

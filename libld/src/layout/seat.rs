//! The output section that a symbol is said to be in where the script does not settle it.
//!
//! A symbol that is assigned outside of output sections is in the one that was passed last; once
//! the location counter was moved, in the next one. A symbol of an output section that is left out,
//! as it is empty, goes to the neighbour that is more like it.

use libelf::raw::{SHF_ALLOC, SHF_EXECINSTR, SHF_TLS, SHF_WRITE};

use super::engine::Section;

/// What neighbours are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// In memory.
    is_alloc: bool,
    /// Each thread has its own.
    is_tls: bool,
    /// With bytes in the file.
    is_loaded: bool,
    /// Not written to.
    is_read_only: bool,
    is_code: bool,
}

impl Kind {
    /// Of an output section.
    pub fn of(section: &Section) -> Self {
        let attributes = &section.attributes;
        let has = |flag: u64| attributes.flags & flag != 0;
        if !attributes.has_inputs && !section.exists {
            let nothing = false;
            return Self {
                is_alloc: nothing,
                is_tls: nothing,
                is_loaded: nothing,
                is_read_only: nothing,
                is_code: nothing,
            };
        }
        Self {
            is_alloc: has(SHF_ALLOC.0),
            is_tls: has(SHF_TLS.0),
            is_loaded: has(SHF_ALLOC.0) && attributes.has_bytes,
            is_read_only: !has(SHF_WRITE.0),
            is_code: has(SHF_EXECINSTR.0),
        }
    }

    fn is_where(self, other: Self) -> bool {
        (self.is_alloc, self.is_tls) == (other.is_alloc, other.is_tls)
    }
}

/// Whether what is in a section of the kind `own` that is left out goes to the one behind it
/// rather than to the one before; `reaches` tells whether that starts where it is.
pub fn goes_behind(own: Kind, before: Kind, behind: Kind, reaches: bool) -> bool {
    if !before.is_where(behind) || before.is_loaded != behind.is_loaded {
        let gives_up_bytes = before.is_loaded && !behind.is_loaded;
        return behind.is_where(own) && !gives_up_bytes;
    }
    if before.is_read_only != behind.is_read_only {
        return behind.is_read_only == own.is_read_only;
    }
    if before.is_code != behind.is_code {
        return behind.is_code == own.is_code;
    }
    reaches
}

/// Whether a symbol outside of output sections can be in this one.
pub fn is_seat(section: &Section) -> bool {
    let is_walked = section.exists || section.goes_on.is_some();
    is_walked && section.is_alloc() && section.attributes.flags & SHF_TLS.0 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: Kind = Kind {
        is_alloc: true,
        is_tls: false,
        is_loaded: true,
        is_read_only: false,
        is_code: false,
    };
    const ZEROS: Kind = Kind { is_loaded: false, ..DATA };
    const CONSTANTS: Kind = Kind { is_read_only: true, ..DATA };
    const CODE: Kind = Kind { is_code: true, ..CONSTANTS };
    const TLS: Kind = Kind { is_tls: true, ..DATA };

    #[test]
    fn the_neighbour_that_is_more_like_it_has_it() {
        assert!(!goes_behind(DATA, DATA, ZEROS, true));
        assert!(goes_behind(DATA, ZEROS, CODE, false));
        assert!(goes_behind(TLS, CODE, TLS, true) && !goes_behind(DATA, CODE, TLS, true));
        assert!(goes_behind(DATA, CODE, CONSTANTS, false));
        assert!(!goes_behind(CODE, CODE, CONSTANTS, true));
        assert!(goes_behind(CODE, DATA, CODE, false) && goes_behind(DATA, CODE, DATA, false));
        assert!(goes_behind(CODE, CODE, CODE, true) && !goes_behind(DATA, CODE, CODE, false));
    }
}

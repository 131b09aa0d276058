//! The attributes of vendor `mspabi`: "MSP430 Embedded Application Binary Interface", section 13.

use super::dictionary::{Dictionary, counted};

/// The dictionary of `mspabi`.
pub static MSPABI: Dictionary = Dictionary {
    vendor: "mspabi",
    tags: &[
        counted(4, "Tag_ISA", &["None", "MSP430", "MSP430X"]),
        counted(6, "Tag_Code_Model", &["None", "Small", "Large"]),
        counted(8, "Tag_Data_Model", &["None", "Small", "Large", "Restricted Large"]),
    ],
};

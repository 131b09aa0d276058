//! Names of the numbers in debugging information, as GNU spells them.
//!
//! Each table is a file: tags, attributes, forms, operations, and what values of attributes mean.
//! A number without a name has none here; what stands in its place is up to who shows it.

mod attributes;
mod forms;
mod operations;
mod tags;
mod values;

pub use attributes::attribute;
pub use forms::form;
pub use operations::operation;
pub use tags::tag;
pub use values::{
    access, calling_convention, case, decimal_sign, defaulted, encoding, endianity, inlining,
    language, ordering, unit_type, virtuality, visibility,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_standard_and_of_vendors_have_names() {
        assert_eq!(tag(0x11), Some("DW_TAG_compile_unit"));
        assert_eq!(tag(0x4109), Some("DW_TAG_GNU_call_site"));
        assert_eq!(tag(0x7), None);
        assert_eq!(attribute(0x3), Some("DW_AT_name"));
        assert_eq!(attribute(0x2001), Some("DW_AT_MIPS_fde or DW_AT_HP_unmodifiable"));
        assert_eq!(attribute(0x3fed), Some("DW_AT_APPLE_property"));
        assert_eq!(form(0x21), Some("DW_FORM_implicit_const"));
        assert_eq!(form(0x1f21), Some("DW_FORM_GNU_strp_alt"));
        assert_eq!(operation(0x9c), Some("DW_OP_call_frame_cfa"));
        assert_eq!(language(0x1d), Some("C11"));
        assert_eq!(unit_type(5), Some("DW_UT_split_compile"));
    }
}

//! A field that is given, or left to the writer.

/// A field of a structure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Field<T> {
    /// What the rest of the object says it must be.
    #[default]
    Auto,
    /// This value; an error when it does not fit the field.
    Is(T),
    /// This value, cut to the width of the field.
    Raw(u64),
}

impl<T: Copy + Into<u64>> Field<T> {
    /// The given value, or what `auto` says.
    pub fn or(self, auto: u64) -> u64 {
        match self {
            Self::Auto => auto,
            Self::Is(value) => value.into(),
            Self::Raw(value) => value,
        }
    }

    /// Whether the writer computes it.
    pub const fn is_auto(self) -> bool {
        matches!(self, Self::Auto)
    }
}

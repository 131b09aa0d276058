//! Symbol tables as questions: by name, by address, version, class letter; and where a table comes
//! from.
#![forbid(unsafe_code)]

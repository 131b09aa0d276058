//! Differential tests of the programs against their reference programs.
#![forbid(unsafe_code)]

//! The names of the ABI's numbers: tables only, one file a machine.

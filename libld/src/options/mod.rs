//! All that a command line asks for.

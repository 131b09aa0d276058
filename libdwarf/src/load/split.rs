//! Split units: what a skeleton unit leaves to an object of its own.

//! The functions that run the initializers of a file, which compilers name after something in it.

/// Such a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keyed<'a> {
    /// What it is, up to the name.
    pub what: &'static [u8],
    /// What it is named after, mangled or not.
    pub name: &'a [u8],
}

/// Takes such a name apart.
pub(crate) fn keyed_name(name: &[u8]) -> Option<Keyed<'_>> {
    let rest = name.strip_prefix(b"_GLOBAL_")?;
    let (what, name): (&[u8], &[u8]) = match rest {
        [b'.' | b'_' | b'$', b'I', b'_', name @ ..] => (b"global constructors keyed to ", name),
        [b'.' | b'_' | b'$', b'D', b'_', name @ ..] => (b"global destructors keyed to ", name),
        _ => return None,
    };
    (!name.is_empty()).then_some(Keyed { what, name })
}

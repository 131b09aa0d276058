//! Relocations of what the program may not write: the loader has to make it writable for a while.

use crate::diagnostics::Diagnostics;
use crate::names::Names;
use crate::options::{Kind, Options};
use crate::resolve::Resolved;
use crate::scan::{Scanned, Target};

/// Says where there are such relocations, if there are any, and whether that is an error.
pub fn text_relocs(
    scanned: &Scanned,
    resolved: &Resolved<'_>,
    names: &Names<'_>,
    options: &Options,
    said: &mut Diagnostics,
) {
    let found: Vec<_> = scanned.changed_text().collect();
    if found.is_empty() {
        return;
    }
    let forbids = options.dynamic.forbid_text_relocs;
    if forbids != Some(false) || options.warnings.text_relocs {
        let is_local = |target: &Target| !matches!(target, Target::Global(_));
        let has_local = found.iter().any(|(_, target)| is_local(target));
        // Each place that refers to local symbols, or else the first of all.
        let shown = found.iter().filter(|(_, target)| is_local(target) || !has_local);
        for (section, target) in shown.take(if has_local { usize::MAX } else { 1 }) {
            let Some(object) = resolved.object(section.file) else { continue };
            let header = object.sections.get(section.index as usize);
            let name = header.and_then(|it| object.section_names.get(it.name.into()).ok());
            let mut text = object.origin.to_string().into_bytes();
            match target {
                Target::Global(id) => {
                    text.extend_from_slice(b": warning: relocation against `");
                    text.extend_from_slice(names.name(*id));
                    text.extend_from_slice(b"' in read-only section `");
                }
                _ => text.extend_from_slice(b": warning: relocation in read-only section `"),
            }
            text.extend_from_slice(name.unwrap_or_default());
            text.push(b'\'');
            said.warn(text);
        }
    }
    if forbids == Some(true) {
        said.error("read-only segment has dynamic relocations");
    }
}

/// Says at the end of the link that the loader has to make code writable for a while.
pub fn makes_text_writable(scanned: &Scanned, options: &Options, said: &mut Diagnostics) {
    let is_told = options.dynamic.forbid_text_relocs.is_none() || options.warnings.text_relocs;
    if !is_told
        || options.dynamic.forbid_text_relocs == Some(true)
        || scanned.changed_text().next().is_none()
    {
        return;
    }
    let kind = match options.output.kind {
        Kind::Shared => "a shared object",
        Kind::Pie => "a PIE",
        _ => "a PDE",
    };
    said.warn(format!("warning: creating DT_TEXTREL in {kind}"));
}

//! The passes of programs and libraries behind those that they share with `-r`.

use super::extents::Extents;
use super::image::{ImageInput, write_image};
use super::join::Joined;
use super::keep::Kept;
use super::needs;
use super::reports::{Laid, report};
use super::{Base, Delivery, Failed, TextKind, or_say};
use crate::diagnostics::Diagnostics;
use crate::layout::plan::Plan;
use crate::layout::{self, Request};
use crate::made::Made;
use crate::options::Strip;
use crate::relocatable;
use crate::report::{Reporter, checks, dependencies, makes_text_writable};
use crate::script::matching::Matched;
use crate::write::{AddressInput, Addresses};

/// Links a program or a library.
///
/// # Errors
/// What was said has an error in it.
pub fn link<'a>(
    base: &Base<'_, 'a>,
    joined: &Joined<'a>,
    kept: &Kept<'_, 'a>,
    (mut plan, matched): (Plan<'a>, Matched),
    reporter: &mut Reporter<'_, 'a>,
    delivery: Delivery<'_, '_>,
    said: &mut Diagnostics,
) -> Result<(), Failed> {
    let Base { options, arch, names, scripts, .. } = *base;
    let resolved = &joined.resolved;
    let mut needs = needs::find(base, joined, kept, said);
    for file in &needs.scanned.files {
        reporter.too_early(&file.reports, said);
        if said.is_fatal() {
            return Err(Failed);
        }
    }
    let mut naming = needs::name_symbols(base, joined, kept, &needs);
    let dynamic = needs::dynamic_tables(base, joined, &mut needs, &mut naming, &plan, &matched);

    base.clock.lap("tables");
    let packs = needs.sizes.get(Made::Relr).size != 0;
    let extents = Extents {
        live: &kept.live,
        frames: &kept.frames,
        merged: &kept.merged,
        properties: &kept.properties,
        sizes: &needs.sizes,
        divided: &needs.divided,
        commons: &joined.commons,
        resolved,
        packed: packs.then_some((&needs.scanned, arch.identity().encoding)),
    };
    let request = Request {
        resolved,
        names,
        options,
        machine: arch.identity(),
        forms: &kept.forms,
        contents: &extents,
        sources: &scripts.sources,
        has_headers: !base.is_binary(),
        stack: needs.stack,
    };
    let (mut layout, engine) = layout::lay_out(&mut plan, matched, &request, said);
    if said.is_fatal() {
        return Err(Failed);
    }
    if options.output.emit_relocs {
        relocatable::tables::add(&mut layout, resolved, &[], arch.identity());
        if options.output.strip == Strip::All {
            said.fatal("final link failed: invalid operation");
            return Err(Failed);
        }
    }
    base.clock.lap("layout");
    let addresses = Addresses::new(AddressInput {
        resolved,
        layout: &layout,
        merged: &kept.merged,
        frames: &kept.frames,
        tables: &needs.tables,
        standard: &joined.standard,
        arch,
    });
    checks::overlaps(&layout, options, arch.identity().encoding.is_64(), said);
    let laid = Laid {
        base,
        joined,
        kept,
        needs: &needs,
        layout: &layout,
        addresses: &addresses,
        extents: &extents,
    };
    let entry = report(&laid, engine, reporter, &mut *delivery.sink, said);
    if said.is_fatal() {
        return Err(Failed);
    }
    if said.failed(false) && !options.output.keep_on_error {
        makes_text_writable(&needs.scanned, options, said);
        return Err(Failed);
    }
    base.clock.lap("addresses, reports");
    let input = ImageInput {
        base,
        joined,
        kept,
        needs: &needs,
        dynamic: dynamic.as_ref(),
        layout: &layout,
        addresses: &addresses,
        entry,
    };
    write_image(&input, reporter, &mut *delivery.sink, said)?;
    if said.is_fatal() {
        return Err(Failed);
    }
    makes_text_writable(&needs.scanned, options, said);
    if said.failed(options.warnings.fatal) && !options.output.keep_on_error {
        return Err(Failed);
    }
    base.clock.lap("build id");
    base.clock.report(options, said);
    if options.output.dependency_file.is_some() {
        let rule = dependencies::rule(options, base.loads);
        or_say(delivery.sink.text(TextKind::Dependencies, options, &rule), said)?;
    }
    delivery.finish();
    Ok(())
}

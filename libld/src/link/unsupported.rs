//! Options that are known and not written yet: they fail the link, so that none is dropped in
//! silence.
//!
//! An option leaves this list in the change that honours it. What stands here neither is one that
//! has nothing to switch off (`--no-ld-generated-unwind-info`, `--no-warn-mismatch`: there is no
//! such record or check), nor one that only widens where libraries of libraries are looked for
//! (`--rpath-link`), as those are not read.

use crate::options::{Argument, CallNop, CommonAllocation, Options, State};

/// The options of a command line that cannot be honoured, as they are written.
pub fn options(options: &Options) -> Vec<&'static str> {
    let lists = [of_output(options), of_symbols(options), of_layout(options), of_rest(options)];
    let found = lists.into_iter().flatten().chain(of_inputs(options));
    found.filter_map(|(holds, name)| holds.then_some(name)).collect()
}

type List = Vec<(bool, &'static str)>;

fn of_output(options: &Options) -> List {
    let output = &options.output;
    vec![
        (!output.strip_discarded, "--no-strip-discarded"),
        (output.unique_symbol_names, "-z unique-symbol"),
        (output.traditional, "--traditional-format"),
    ]
}

fn of_symbols(options: &Options) -> List {
    let symbols = &options.symbols;
    vec![
        (symbols.dynamic_list_data, "--dynamic-list-data"),
        (symbols.dynamic_list_cpp_new, "--dynamic-list-cpp-new"),
        (symbols.dynamic_list_cpp_typeinfo, "--dynamic-list-cpp-typeinfo"),
        (symbols.forbid_multiple_absolute, "--disable-multiple-abs-defs"),
    ]
}

fn of_layout(options: &Options) -> List {
    let layout = &options.layout;
    vec![
        (layout.sort_common.is_some(), "--sort-common"),
        (layout.common == CommonAllocation::Inhibited, "--no-define-common"),
        (layout.non_contiguous_regions, "--enable-non-contiguous-regions"),
        (layout.warn_non_contiguous_regions, "--enable-non-contiguous-regions-warnings"),
        (layout.keep_text_prefixes, "-z keep-text-section-prefix"),
    ]
}

fn of_rest(options: &Options) -> List {
    let (dynamic, x86) = (&options.dynamic, &options.x86);
    let warnings = &options.warnings;
    vec![
        (!dynamic.copy_relocs, "-z nocopyreloc"),
        (dynamic.unique, "-z unique"),
        (dynamic.extern_protected_data.is_some(), "-z [no]extern-protected-data"),
        (dynamic.indirect_extern_access.is_some(), "-z [no]indirect-extern-access"),
        (dynamic.ifunc_noplt, "-z ifunc-noplt"),
        (x86.call_nop != CallNop::default(), "-z call-nop"),
        (x86.ignore_overflow, "-z noreloc-overflow"),
        (x86.report_relative, "-z report-relative-reloc"),
        (warnings.section_align, "--warn-section-align"),
        (warnings.alternate_machine, "--warn-alternate-em"),
    ]
}

fn of_inputs(options: &Options) -> List {
    let inputs = &options.inputs;
    let has = |holds: fn(&State) -> bool| {
        inputs.arguments.iter().any(|argument| match argument {
            Argument::File(input) => holds(&input.state),
            _ => false,
        })
    };
    vec![
        (has(|state| state.copy_dt_needed), "--copy-dt-needed-entries"),
        (inputs.accept_unknown_machine, "--accept-unknown-input-arch"),
    ]
}

#[cfg(test)]
mod tests {
    use super::options;
    use crate::options::Options;

    #[test]
    fn a_plain_link_has_all_that_it_asks_for() {
        assert!(options(&Options::default()).is_empty());
    }

    #[test]
    fn what_is_not_written_is_named() {
        let mut asked = Options::default();
        asked.inputs.accept_unknown_machine = true;
        asked.output.unique_symbol_names = true;
        asked.dynamic.copy_relocs = false;
        assert_eq!(
            options(&asked),
            ["-z unique-symbol", "-z nocopyreloc", "--accept-unknown-input-arch"]
        );
    }
}

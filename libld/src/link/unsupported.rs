//! Options that are known and not written yet: they fail the link, so that none is dropped in
//! silence.
//!
//! An option leaves this list in the change that honours it. What stands here neither is one that
//! has nothing to switch off (`--no-ld-generated-unwind-info`, `--warn-alternate-em`: there is no
//! such record or machine).

use crate::options::Options;

/// The options of a command line that cannot be honoured, as they are written.
pub fn options(options: &Options) -> Vec<&'static str> {
    let (symbols, layout, x86) = (&options.symbols, &options.layout, &options.x86);
    let all = [
        (symbols.forbid_multiple_absolute, "--disable-multiple-abs-defs"),
        (layout.non_contiguous_regions, "--enable-non-contiguous-regions"),
        (layout.warn_non_contiguous_regions, "--enable-non-contiguous-regions-warnings"),
        (x86.report_relative, "-z report-relative-reloc"),
    ];
    all.into_iter().filter_map(|(holds, name)| holds.then_some(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::options;
    use crate::options::Options;

    #[test]
    fn what_is_not_written_is_named() {
        let mut asked = Options::default();
        assert!(options(&asked).is_empty());
        asked.layout.non_contiguous_regions = true;
        assert_eq!(options(&asked), ["--enable-non-contiguous-regions"]);
    }
}

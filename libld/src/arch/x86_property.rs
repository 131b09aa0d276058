//! The properties of x86 in `.note.gnu.property`. x86-64 psABI, section 5.2, "Program Property".

use crate::note::property::{FeatureReport, ProcessorRules, Properties, Rule};
use crate::options::{IsaLevel, MissingFeature, X86};

const COMPAT_ISA_USED: u32 = 0xc000_0000;
const COMPAT_ISA_NEEDED: u32 = 0xc000_0001;
const FEATURE_1_AND: u32 = 0xc000_0002;
const ISA_1_NEEDED: u32 = 0xc000_8002;

const IBT: u32 = 1 << 0;
const SHSTK: u32 = 1 << 1;
const LAM_U48: u32 = 1 << 2;
const LAM_U57: u32 = 1 << 3;

/// The rules, and what options ask for.
pub fn rules(options: &X86) -> ProcessorRules {
    let mut features = 0;
    let wanted = [
        (options.ibt, IBT),
        (options.shstk, SHSTK),
        // Fewer bits of an address are left to data with 57-bit addresses than with those of 48.
        (options.lam_u48, LAM_U48 | LAM_U57),
        (options.lam_u57, LAM_U57),
    ];
    for (is_wanted, bits) in wanted {
        features |= if is_wanted { bits } else { 0 };
    }
    let mut forced = Vec::new();
    if features != 0 {
        forced.push((FEATURE_1_AND, features));
    }
    if let Some(level) = options.isa_level {
        forced.push((ISA_1_NEEDED, level_bit(level)));
    }
    let reported = [
        (options.report_cet, &[(IBT, "IBT"), (SHSTK, "SHSTK")][..]),
        (options.report_lam_u48, &[(LAM_U48, "LAM_U48")]),
        (options.report_lam_u57, &[(LAM_U57, "LAM_U57")]),
    ];
    let reports = reported.into_iter().filter_map(|(missing, bits)| {
        let is_error = match missing {
            MissingFeature::Ignore => return None,
            MissingFeature::Warn => false,
            MissingFeature::Error => true,
        };
        // What the output is told to have is not asked for.
        let bits = bits.iter().copied().filter(|&(bit, _)| features & bit == 0).collect();
        Some(FeatureReport { kind: FEATURE_1_AND, bits, is_error })
    });
    let reports = reports.collect();
    ProcessorRules { rule: Some(rule), forced, reports, name: "x86", ..ProcessorRules::default() }
}

/// Whether indirect branches of an output must end at marks (IBT).
pub fn marks_branches(options: &X86, properties: &Properties) -> bool {
    options.ibt_plt || properties.value(FEATURE_1_AND) & u64::from(IBT) != 0
}

fn rule(kind: u32) -> Option<Rule> {
    match kind {
        COMPAT_ISA_USED | 0xc001_0000..=0xc001_7fff => Some(Rule::OrAnd),
        COMPAT_ISA_NEEDED | 0xc000_8000..=0xc000_ffff => Some(Rule::Or),
        FEATURE_1_AND..=0xc000_7fff => Some(Rule::And),
        _ => None,
    }
}

fn level_bit(level: IsaLevel) -> u32 {
    match level {
        IsaLevel::Baseline => 1 << 0,
        IsaLevel::V2 => 1 << 1,
        IsaLevel::V3 => 1 << 2,
        IsaLevel::V4 => 1 << 3,
    }
}

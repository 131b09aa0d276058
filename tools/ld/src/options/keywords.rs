//! The keywords of `-z`.

use libelf::raw;
use libld::options::{
    CallNop, Emulation, IsaLevel, MissingFeature, Options, Symbols, Unresolved, Visibility,
};

use super::number;

/// The name of an option that GNU ld has and that this program cannot honour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsupported(pub &'static str);

/// What a keyword did.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was honoured.
    Done,
    /// It means nothing to this emulation.
    Unknown,
    /// Its value is wrong: an error that ends the run.
    Wrong(Vec<u8>),
}

/// Honours `-z keyword`.
pub fn apply(options: &mut Options, keyword: &[u8]) -> Outcome {
    if let Some(at) = keyword.iter().position(|&byte| byte == b'=') {
        let (name, value) = keyword.split_at(at);
        return with_value(options, name, value.get(1..).unwrap_or_default(), keyword);
    }
    if plain(options, keyword) || x86(options, keyword) {
        return Outcome::Done;
    }
    if keyword.starts_with(b"x86-64-") {
        return isa_level(options, keyword);
    }
    Outcome::Unknown
}

/// Keywords of all machines.
fn plain(options: &mut Options, keyword: &[u8]) -> bool {
    let Options { layout, dynamic, output, symbols, .. } = options;
    match keyword {
        b"combreloc" => dynamic.combine_relocs = true,
        b"nocombreloc" => dynamic.combine_relocs = false,
        b"common" => output.common_type = true,
        b"nocommon" => output.common_type = false,
        b"copyreloc" => dynamic.copy_relocs = true,
        b"nocopyreloc" => dynamic.copy_relocs = false,
        b"defs" => symbols.unresolved_in_objects = Unresolved::Report,
        b"undefs" => symbols.unresolved_in_objects = Unresolved::Ignore,
        b"muldefs" => symbols.allow_multiple_definition = true,
        b"execstack" => layout.exec_stack = Some(true),
        b"noexecstack" => layout.exec_stack = Some(false),
        b"keep-text-section-prefix" => layout.keep_text_prefixes = true,
        b"nokeep-text-section-prefix" => layout.keep_text_prefixes = false,
        b"lazy" => {
            dynamic.flags &= !raw::DF_BIND_NOW.0;
            dynamic.flags_1 &= !raw::DF_1_NOW.0;
        }
        b"now" => {
            dynamic.flags |= raw::DF_BIND_NOW.0;
            dynamic.flags_1 |= raw::DF_1_NOW.0;
        }
        b"origin" => {
            dynamic.flags |= raw::DF_ORIGIN.0;
            dynamic.flags_1 |= raw::DF_1_ORIGIN.0;
        }
        b"global" => dynamic.flags_1 |= raw::DF_1_GLOBAL.0,
        b"globalaudit" => dynamic.flags_1 |= raw::DF_1_GLOBAUDIT.0,
        b"initfirst" => dynamic.flags_1 |= raw::DF_1_INITFIRST.0,
        b"interpose" => dynamic.flags_1 |= raw::DF_1_INTERPOSE.0,
        b"loadfltr" => dynamic.flags_1 |= raw::DF_1_LOADFLTR.0,
        b"nodefaultlib" => dynamic.flags_1 |= raw::DF_1_NODEFLIB.0,
        b"nodelete" => dynamic.flags_1 |= raw::DF_1_NODELETE.0,
        b"nodlopen" => dynamic.flags_1 |= raw::DF_1_NOOPEN.0,
        b"nodump" => dynamic.flags_1 |= raw::DF_1_NODUMP.0,
        b"unique" => dynamic.unique = true,
        b"nounique" => dynamic.unique = false,
        b"ifunc-noplt" => dynamic.ifunc_noplt = true,
        b"relro" => layout.relro = true,
        b"norelro" => layout.relro = false,
        b"separate-code" => {
            layout.separate_code = true;
            layout.separate_segments = false;
        }
        b"noseparate-code" => {
            layout.separate_code = false;
            layout.separate_segments = false;
        }
        b"separate-loadable-segments" => {
            layout.separate_code = true;
            layout.separate_segments = true;
        }
        b"gnustack" => layout.gnu_stack = true,
        b"nognustack" => layout.gnu_stack = false,
        b"wxneeded" => layout.wx_needed = true,
        b"rodynamic" => dynamic.read_only = true,
        b"sectionheader" => output.section_headers = true,
        b"nosectionheader" => output.section_headers = false,
        b"start-stop-gc" => layout.start_stop_gc = true,
        b"nostart-stop-gc" => layout.start_stop_gc = false,
        b"text" => dynamic.forbid_text_relocs = Some(true),
        b"notext" | b"textoff" => dynamic.forbid_text_relocs = Some(false),
        b"unique-symbol" => output.unique_symbol_names = true,
        b"nounique-symbol" => output.unique_symbol_names = false,
        _ => return false,
    }
    true
}

/// Keywords of the x86 emulations.
fn x86(options: &mut Options, keyword: &[u8]) -> bool {
    let is_lp64 = is_lp64(options.emulation);
    let is_i386 = is_i386(options.emulation);
    let Options { dynamic, x86, .. } = options;
    match keyword {
        b"extern-protected-data" => dynamic.extern_protected_data = Some(true),
        b"noextern-protected-data" => dynamic.extern_protected_data = Some(false),
        b"indirect-extern-access" => {
            dynamic.indirect_extern_access = Some(true);
            dynamic.extern_protected_data = Some(false);
            dynamic.copy_relocs = false;
        }
        b"noindirect-extern-access" => dynamic.indirect_extern_access = Some(false),
        b"dynamic-undefined-weak" => dynamic.dynamic_undefined_weak = Some(true),
        b"nodynamic-undefined-weak" => dynamic.dynamic_undefined_weak = Some(false),
        b"pack-relative-relocs" => dynamic.pack_relative_relocs = true,
        b"nopack-relative-relocs" => dynamic.pack_relative_relocs = false,
        b"ibtplt" => x86.ibt_plt = true,
        b"ibt" | b"force-ibt" => {
            x86.ibt = true;
            x86.ibt_plt = true;
        }
        b"shstk" => x86.shstk = true,
        b"retpolineplt" if !is_i386 => x86.retpoline_plt = true,
        b"report-relative-reloc" => x86.report_relative = true,
        b"noreloc-overflow" if !is_i386 => options.dynamic.narrow_relocs = true,
        b"lam-u48" if is_lp64 => x86.lam_u48 = true,
        b"lam-u57" if is_lp64 => x86.lam_u57 = true,
        _ => return false,
    }
    true
}

fn is_lp64(emulation: Emulation) -> bool {
    matches!(emulation, Emulation::ElfX86_64 | Emulation::ElfX86_64FreeBsd)
}

fn is_i386(emulation: Emulation) -> bool {
    matches!(emulation, Emulation::ElfI386 | Emulation::ElfI386FreeBsd)
}

/// `-z name=value`, which `keyword` is as a whole.
fn with_value(options: &mut Options, name: &[u8], value: &[u8], keyword: &[u8]) -> Outcome {
    let is_lp64 = is_lp64(options.emulation);
    match name {
        b"max-page-size" => page_size(value, "maximum", &mut options.layout.pages.max),
        b"common-page-size" => page_size(value, "common", &mut options.layout.pages.common),
        b"stack-size" => stack_size(options, value),
        b"dead-reloc-in-nonalloc" => dead_relocs(options, value, keyword),
        b"start-stop-visibility" => visibility(&mut options.symbols, value),
        b"call-nop" => match call_nop(value, keyword) {
            Ok(nop) => {
                options.x86.call_nop = nop;
                Outcome::Done
            }
            Err(message) => Outcome::Wrong(message),
        },
        b"cet-report" => report(name, value, &mut [&mut options.x86.report_cet]),
        b"lam-u48-report" if is_lp64 => report(name, value, &mut [&mut options.x86.report_lam_u48]),
        b"lam-u57-report" if is_lp64 => report(name, value, &mut [&mut options.x86.report_lam_u57]),
        b"lam-report" if is_lp64 => {
            let x86 = &mut options.x86;
            report(name, value, &mut [&mut x86.report_lam_u48, &mut x86.report_lam_u57])
        }
        _ => Outcome::Unknown,
    }
}

/// Powers of two; 0 is the machine's own size.
fn page_size(value: &[u8], which: &str, size: &mut Option<u64>) -> Outcome {
    match number::whole(value) {
        Some(0) => *size = None,
        Some(number) if number.is_power_of_two() => *size = Some(number),
        _ => return Outcome::Wrong(quoted(&format!("invalid {which} page size"), value)),
    }
    Outcome::Done
}

fn stack_size(options: &mut Options, value: &[u8]) -> Outcome {
    match number::whole(value) {
        Some(size) if i64::try_from(size).is_ok() => options.layout.stack_size = Some(size),
        _ => return Outcome::Wrong(quoted("invalid stack size", value)),
    }
    Outcome::Done
}

/// `WILDCARD=VALUE`
fn dead_relocs(options: &mut Options, value: &[u8], keyword: &[u8]) -> Outcome {
    let parts = value.iter().position(|&byte| byte == b'=').map(|at| value.split_at(at));
    let parsed = parts.and_then(|(pattern, rest)| {
        let number = rest.get(1..).filter(|text| !text.is_empty())?;
        Some((pattern.to_vec(), number::whole(number)?))
    });
    match parsed.filter(|(pattern, _)| !pattern.is_empty()) {
        Some(dead) => {
            options.output.dead_relocs.push(dead);
            Outcome::Done
        }
        None => Outcome::Wrong([b"unsupported option: -z ", keyword].concat()),
    }
}

fn visibility(symbols: &mut Symbols, value: &[u8]) -> Outcome {
    symbols.start_stop_visibility = match value {
        b"default" => Visibility::Default,
        b"internal" => Visibility::Internal,
        b"hidden" => Visibility::Hidden,
        b"protected" => Visibility::Protected,
        _ => {
            let mut message =
                quoted("invalid visibility in", &[b"-z start-stop-visibility=", value].concat());
            message.extend(b"; must be default, internal, hidden, or protected");
            return Outcome::Wrong(message);
        }
    };
    Outcome::Done
}

fn report(name: &[u8], value: &[u8], reports: &mut [&mut MissingFeature]) -> Outcome {
    let chosen = match value {
        b"none" => MissingFeature::Ignore,
        b"warning" => MissingFeature::Warn,
        b"error" => MissingFeature::Error,
        _ => return Outcome::Wrong([b"invalid option for -z ", name, b"=: ", value].concat()),
    };
    for report in reports {
        **report = chosen;
    }
    Outcome::Done
}

/// `prefix-addr`, `suffix-nop`, or a byte after either word.
fn call_nop(value: &[u8], keyword: &[u8]) -> Result<CallNop, Vec<u8>> {
    let byte = |word: &str, text: &[u8]| {
        let invalid = [b"invalid number for -z call-nop=", word.as_bytes(), b": ", text].concat();
        // More than a byte is cut, as GNU's does.
        number::whole(text).filter(|_| !text.is_empty()).map(|number| number as u8).ok_or(invalid)
    };
    match value {
        b"prefix-addr" => Ok(CallNop::Prefix(CallNop::ADDRESS_SIZE)),
        b"suffix-nop" => Ok(CallNop::Suffix(CallNop::NOP)),
        [b'p', b'r', b'e', b'f', b'i', b'x', b'-', text @ ..] => {
            byte("prefix-", text).map(CallNop::Prefix)
        }
        [b's', b'u', b'f', b'f', b'i', b'x', b'-', text @ ..] => {
            byte("suffix-", text).map(CallNop::Suffix)
        }
        _ => Err([b"unsupported option: -z ", keyword].concat()),
    }
}

fn isa_level(options: &mut Options, keyword: &[u8]) -> Outcome {
    let level = match keyword {
        b"x86-64-baseline" => IsaLevel::Baseline,
        b"x86-64-v2" => IsaLevel::V2,
        b"x86-64-v3" => IsaLevel::V3,
        b"x86-64-v4" => IsaLevel::V4,
        _ => return Outcome::Wrong([b"invalid x86-64 ISA level: ", keyword].concat()),
    };
    options.x86.isa_level = Some(level);
    Outcome::Done
}

/// ``message `value'``
pub fn quoted(message: &str, value: &[u8]) -> Vec<u8> {
    [message.as_bytes(), b" `", value, b"'"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_contrary_keywords_counts() {
        let mut options = Options::default();
        for keyword in ["now", "nodelete", "norelro"] {
            assert_eq!(apply(&mut options, keyword.as_bytes()), Outcome::Done, "{keyword}");
        }
        assert!(options.dynamic.binds_now() && !options.layout.relro);
        assert_eq!(options.dynamic.flags_1, raw::DF_1_NOW.0 | raw::DF_1_NODELETE.0);
        apply(&mut options, b"lazy");
        assert!(!options.dynamic.binds_now());
        assert_eq!(options.dynamic.flags_1, raw::DF_1_NODELETE.0);
    }

    #[test]
    fn some_keywords_are_of_some_emulations() {
        let mut options = Options { emulation: Emulation::ElfI386, ..Options::default() };
        assert_eq!(apply(&mut options, b"lam-u48"), Outcome::Unknown);
        assert_eq!(apply(&mut options, b"noreloc-overflow"), Outcome::Unknown);
        options.emulation = Emulation::Elf32X86_64;
        assert_eq!(apply(&mut options, b"lam-u48"), Outcome::Unknown);
        assert_eq!(apply(&mut options, b"noreloc-overflow"), Outcome::Done);
    }

    #[test]
    fn wrong_values_have_messages() {
        let mut options = Options::default();
        for (keyword, message) in [
            ("max-page-size=3", "invalid maximum page size `3'"),
            ("common-page-size=x", "invalid common page size `x'"),
            ("stack-size=-1", "invalid stack size `-1'"),
            ("cet-report=x", "invalid option for -z cet-report=: x"),
            ("call-nop=x", "unsupported option: -z call-nop=x"),
            ("call-nop=prefix-0x", "invalid number for -z call-nop=prefix-: 0x"),
            ("x86-64-v5", "invalid x86-64 ISA level: x86-64-v5"),
        ] {
            assert_eq!(apply(&mut options, keyword.as_bytes()), Outcome::Wrong(message.into()));
        }
        assert_eq!(options, Options::default());
        apply(&mut options, b"call-nop=suffix-0x90");
        assert_eq!(options.x86.call_nop, CallNop::Suffix(CallNop::NOP));
    }
}

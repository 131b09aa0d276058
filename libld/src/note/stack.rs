//! `.note.GNU-stack`: whether code on the stack may be executed.
//!
//! An object says by the flags of an empty section whether its code needs that. If no object says
//! anything, there is no `PT_GNU_STACK`, and the system decides.

use libelf::raw::SHF_EXECINSTR;

use crate::diagnostics::Diagnostics;
use crate::input::Object;
use crate::options::ExecStack;
use crate::resolve::Resolved;

/// The name of the section.
pub const NAME: &[u8] = b".note.GNU-stack";

/// What the output says of its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stack {
    /// Nothing: there is no `PT_GNU_STACK`.
    Unsaid,
    /// It holds data alone.
    Data,
    /// Code on it is executed.
    Code,
}

/// What options say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// `-z execstack`, `-z noexecstack`
    pub is_executable: Option<bool>,
    /// Whether `-z stack-size` gives the segment something to say.
    pub has_size: bool,
    /// What is warned of.
    pub warnings: ExecStack,
}

/// Decides, and warns of what makes a stack executable.
pub fn decide(resolved: &Resolved<'_>, wishes: Wishes, diagnostics: &mut Diagnostics) -> Stack {
    if let Some(is_executable) = wishes.is_executable {
        if is_executable && wishes.warnings == ExecStack::Always {
            diagnostics.warn(
                "warning: enabling an executable stack because of -z execstack command line option",
            );
        }
        return if is_executable { Stack::Code } else { Stack::Data };
    }
    let mut is_said = wishes.has_size;
    let (mut first_executable, mut last_silent) = (None, None);
    for (_, object) in resolved.objects() {
        // What only gives symbols has no code.
        if !object.sections.iter().any(|header| Object::is_content(header.kind, header.flags)) {
            continue;
        }
        match flags(object) {
            None => last_silent = Some(object.origin),
            Some(flags) => {
                is_said = true;
                if flags & SHF_EXECINSTR.0 != 0 {
                    first_executable = first_executable.or(Some(object.origin));
                }
            }
        }
    }
    if !is_said {
        return Stack::Unsaid;
    }
    let warns = wishes.warnings != ExecStack::Never;
    match (first_executable, last_silent) {
        (Some(origin), _) => {
            if warns {
                diagnostics.warn(format!(
                    "warning: {}: requires executable stack \
                     (because the .note.GNU-stack section is executable)",
                    origin.own_name()
                ));
            }
            Stack::Code
        }
        (None, Some(origin)) => {
            if warns {
                diagnostics.warn(format!(
                    "warning: {}: missing .note.GNU-stack section implies executable stack",
                    origin.own_name()
                ));
                diagnostics.warn(
                    "NOTE: This behaviour is deprecated and will be removed in a future version \
                     of the linker",
                );
            }
            Stack::Code
        }
        (None, None) => Stack::Data,
    }
}

/// The flags of an object's section; `None` if it has none.
fn flags(object: &Object<'_>) -> Option<u64> {
    // It is mostly one of the last.
    let mut headers = object.sections.iter().rev();
    headers
        .find(|header| object.section_names.is_at(header.name.into(), NAME))
        .map(|header| header.flags)
}

#[cfg(test)]
mod tests {
    use libelf::raw::SHT_PROGBITS;

    use super::*;
    use crate::testing::{TestSection, object, resolved};

    fn said(objects: &[Option<u64>], wishes: Wishes) -> (Stack, Vec<String>) {
        let section =
            |name, flags| TestSection { name, kind: SHT_PROGBITS, flags, ..TestSection::default() };
        let objects = objects.iter().map(|flags| {
            let mut sections = vec![section(".text", 0)];
            sections.extend(flags.map(|flags| section(".note.GNU-stack", flags)));
            object(&sections, &[])
        });
        let resolved = resolved(objects.collect());
        let mut said = Diagnostics::new();
        let stack = decide(&resolved, wishes, &mut said);
        let texts = said.take().into_iter().map(|said| String::from_utf8(said.text).unwrap());
        (stack, texts.collect())
    }

    const DATA: Option<u64> = Some(0);
    const CODE: Option<u64> = Some(SHF_EXECINSTR.0);

    #[test]
    fn what_an_object_needs_counts() {
        let plain = Wishes::default();
        assert_eq!(said(&[None, None], plain), (Stack::Unsaid, vec![]));
        assert_eq!(said(&[DATA, DATA], plain), (Stack::Data, vec![]));
        let (stack, texts) = said(&[None, DATA, CODE, CODE], plain);
        assert_eq!((stack, texts.len()), (Stack::Code, 1));
        assert!(texts[0].ends_with("(because the .note.GNU-stack section is executable)"));
        let (stack, texts) = said(&[DATA, None], plain);
        assert_eq!((stack, texts.len()), (Stack::Code, 2));
        assert!(texts[0].contains("test.o: missing .note.GNU-stack section implies"));
    }

    #[test]
    fn what_only_gives_symbols_needs_nothing() {
        let resolved = resolved(vec![object(&[], &[])]);
        let mut said = Diagnostics::new();
        assert_eq!(decide(&resolved, Wishes::default(), &mut said), Stack::Unsaid);
    }

    #[test]
    fn options_come_first() {
        let wish = |is_executable, warnings| Wishes { is_executable, warnings, has_size: false };
        let quiet = ExecStack::IfNotAsked;
        assert_eq!(said(&[CODE], wish(Some(false), quiet)), (Stack::Data, vec![]));
        assert_eq!(said(&[None], wish(Some(true), quiet)), (Stack::Code, vec![]));
        assert_eq!(said(&[None], wish(Some(true), ExecStack::Always)).1.len(), 1);
        assert_eq!(said(&[CODE], wish(None, ExecStack::Never)), (Stack::Code, vec![]));
        let sized = Wishes { has_size: true, ..Wishes::default() };
        assert_eq!(said(&[None], sized).0, Stack::Code);
    }
}

//! What `--warn-common` says of common symbols that meet others, and what is said of them in every
//! link: that a definition is not aligned as a common symbol asks.

use super::Reporter;
use crate::diagnostics::Diagnostics;
use crate::ids::FileId;
use crate::input::object::Place;
use crate::resolve::{CommonMeeting, Meeting};

impl Reporter<'_, '_> {
    /// Says what there is to say of two symbols; `all` is `--warn-common`.
    pub(super) fn common(&self, met: &CommonMeeting, all: bool, said: &mut Diagnostics) {
        let name = String::from_utf8_lossy(&self.shown(met.id)).into_owned();
        let (old, new) = (self.file_name(met.old.0), self.file_name(met.new.0));
        if all {
            let text = match met.meeting {
                Meeting::DefinitionOverCommon => {
                    format!("{new}: warning: definition of `{name}' overriding common from {old}")
                }
                Meeting::CommonUnderDefinition => {
                    format!(
                        "{new}: warning: common of `{name}' overridden by definition from {old}"
                    )
                }
                Meeting::Larger => {
                    format!(
                        "{new}: warning: common of `{name}' overriding smaller common from {old}"
                    )
                }
                Meeting::Smaller => {
                    format!(
                        "{new}: warning: common of `{name}' overridden by larger common from {old}"
                    )
                }
                Meeting::Equal => {
                    format!("{new} and {old}: warning: multiple common of `{name}'")
                }
            };
            said.warn(text);
        }
        let (common, definition) = match met.meeting {
            Meeting::DefinitionOverCommon => (met.old, met.new),
            Meeting::CommonUnderDefinition => (met.new, met.old),
            _ => return,
        };
        if let Some(align) = self.alignment(definition)
            && align < met.align
        {
            let (definition, common) = (self.file_name(definition.0), self.file_name(common.0));
            said.warn(format!(
                "warning: alignment {align} of symbol `{name}' in {definition} is smaller than {} \
                 in {common}",
                met.align
            ));
        }
    }

    /// What the address of a symbol in a section is a multiple of.
    fn alignment(&self, (file, index): (FileId, u32)) -> Option<u64> {
        let object = self.resolved.object(file)?;
        let symbol = object.symbols.get(index as usize)?;
        let Place::Section(section) = object.place(index, &symbol) else { return None };
        let of_section = object.sections.get(section as usize)?.addralign.max(1);
        let of_value = 1_u64.checked_shl(symbol.value.trailing_zeros()).unwrap_or(of_section);
        Some(of_section.min(of_value))
    }
}

//! One name: what may stand before it, and what is printed for it.

use libdemangle::Demangler;

use crate::options::Job;

/// Prints names, one after the other.
#[derive(Debug)]
pub struct Printer {
    demangler: Option<Demangler>,
    strips_underscore: bool,
}

impl Printer {
    /// A printer of names as `job` wants them.
    pub fn new(job: &Job) -> Self {
        Self {
            demangler: job.options.map(Demangler::new),
            strips_underscore: job.strips_underscore,
        }
    }

    /// Whether all names stay as they are.
    pub fn is_idle(&self) -> bool {
        self.demangler.is_none()
    }

    /// Prints what a name means, or the name itself if it is not mangled.
    ///
    /// A `.` or `$` before a name is none of it, and an underscore if that is asked for. Only the
    /// `.` is printed when the name is mangled.
    pub fn print(&mut self, name: &[u8], out: &mut Vec<u8>) {
        let mut mangled = match name {
            [b'.' | b'$', rest @ ..] => rest,
            _ => name,
        };
        if self.strips_underscore {
            mangled = mangled.strip_prefix(b"_").unwrap_or(mangled);
        }
        let start = out.len();
        if name.first() == Some(&b'.') {
            out.push(b'.');
        }
        let is_printed = match &mut self.demangler {
            None => {
                out.extend_from_slice(mangled);
                true
            }
            Some(demangler) => {
                demangler.options().may_be_mangled(mangled)
                    && demangler.append(mangled, out).is_ok()
            }
        };
        if !is_printed {
            out.truncate(start);
            out.extend_from_slice(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(strips_underscore: bool, name: &str) -> String {
        let mut printer =
            Printer::new(&Job { options: None, strips_underscore, names: Vec::new() });
        let mut out = Vec::new();
        printer.print(name.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_character_before_a_name_is_none_of_it() {
        assert_eq!(printed(false, "._Z1a"), "._Z1a");
        assert_eq!(printed(false, "$_Z1a"), "_Z1a");
        assert_eq!(printed(false, "$$_Z1a"), "$_Z1a");
        assert_eq!(printed(true, "._Z1a"), ".Z1a");
        assert_eq!(printed(true, "_._Z1a"), "._Z1a");
        assert_eq!(printed(true, ""), "");
    }
}

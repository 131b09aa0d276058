//! A list through our demangler and a reference's.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use anyhow::Result;
use libdemangle::Demangler;

use super::{Difference, Reference};

/// How a list compares.
#[derive(Debug)]
pub struct Comparison {
    /// With whom.
    pub reference: Reference,
    /// How many names there are.
    pub count: usize,
    /// The names with another text.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// How many of a million names have the same text.
    pub fn equal_per_million(&self) -> usize {
        let equal = self.count.saturating_sub(self.differences.len());
        equal.saturating_mul(1_000_000).checked_div(self.count).unwrap_or(1_000_000)
    }

    /// The differences by their classes, the most frequent first, with `examples` of each.
    pub fn classes(&self, examples: usize) -> String {
        let mut classes: BTreeMap<String, Vec<&Difference>> = BTreeMap::new();
        for difference in &self.differences {
            classes.entry(difference.class()).or_default().push(difference);
        }
        let mut classes: Vec<_> = classes.into_iter().collect();
        classes.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
        let mut text = String::new();
        for (class, mut members) in classes {
            // Writing to a string does not fail.
            let _ = writeln!(text, "  {:>7} {class}", members.len());
            members.sort_by_key(|member| member.name.len());
            for member in members.into_iter().take(examples) {
                let _ = writeln!(text, "{member}");
            }
        }
        text
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let differ = self.differences.len();
        let millionths = self.equal_per_million();
        write!(
            f,
            "{:<13}{:>9} names {:>9} equal {differ:>8} not  {}.{:04} %",
            self.reference.name(),
            self.count,
            self.count.saturating_sub(differ),
            millionths / 10_000,
            millionths % 10_000
        )
    }
}

/// Compares our texts of the names with the reference's.
///
/// # Errors
/// Where the reference cannot be asked.
pub fn compare(reference: Reference, names: &[&[u8]]) -> Result<Comparison> {
    let texts = reference.texts(names)?;
    let mut demangler = Demangler::new(reference.options());
    let mut differences = Vec::new();
    for (name, theirs) in names.iter().zip(texts.iter()) {
        let ours = demangler.demangle(name).unwrap_or(name);
        if ours != theirs {
            let text = |text: &[u8]| (text != *name).then(|| text.to_vec());
            differences.push(Difference {
                name: name.to_vec(),
                ours: text(ours),
                theirs: text(theirs),
            });
        }
    }
    Ok(Comparison { reference, count: names.len(), differences })
}

/// How made-up names fare.
#[derive(Debug, Default)]
pub struct Agreement {
    /// How many names there are.
    pub count: usize,
    /// How many at least one of the references has a text for.
    pub understood: usize,
    /// How many have the text of c++filt in GNU's spelling.
    pub gnu: usize,
    /// How many have the text of llvm-cxxfilt in LLVM's spelling.
    pub llvm: usize,
    /// Those that have neither: against c++filt, against llvm-cxxfilt.
    pub neither: Vec<[Difference; 2]>,
}

impl Agreement {
    /// How many of a million names have the text of one of the references.
    pub fn per_million(&self) -> usize {
        let agreed = self.count.saturating_sub(self.neither.len());
        agreed.saturating_mul(1_000_000).checked_div(self.count).unwrap_or(1_000_000)
    }
}

/// Compares our texts of the names with those of c++filt and llvm-cxxfilt; where the two part,
/// or one of them fails, the other may be right.
///
/// # Errors
/// Where a reference is not there.
pub fn agree(names: &[&[u8]]) -> Result<Agreement> {
    let gnu = Reference::Cxxfilt.texts_or_none(names)?;
    let llvm = Reference::Llvm.texts_or_none(names)?;
    let mut as_gnu = Demangler::new(Reference::Cxxfilt.options());
    let mut as_llvm = Demangler::new(Reference::Llvm.options());
    let mut found = Agreement { count: names.len(), ..Agreement::default() };
    for ((name, gnu), llvm) in names.iter().zip(gnu).zip(llvm) {
        let against = |demangler: &mut Demangler, theirs: Option<Vec<u8>>| {
            let ours = demangler.demangle(name).ok().map(<[u8]>::to_vec);
            let theirs = theirs.filter(|theirs| theirs != name);
            Difference { name: name.to_vec(), ours, theirs }
        };
        let pair = [against(&mut as_gnu, gnu), against(&mut as_llvm, llvm)];
        let [equal_gnu, equal_llvm] = [0, 1].map(|which: usize| {
            pair.get(which).is_some_and(|difference| difference.ours == difference.theirs)
        });
        found.gnu += usize::from(equal_gnu);
        found.llvm += usize::from(equal_llvm);
        found.understood += usize::from(pair.iter().any(|against| against.theirs.is_some()));
        if !equal_gnu && !equal_llvm {
            found.neither.push(pair);
        }
    }
    Ok(found)
}

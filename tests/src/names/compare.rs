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

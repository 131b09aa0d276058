//! Which version a symbol gets from a version script.
//!
//! Of several patterns that match, the one counts that says most, as in GNU ld:
//!
//! 1. a name of a global, and of those the first in the script; names as they stand in the symbol
//!    table before demangled ones,
//! 2. a name of a local, the first,
//! 3. a pattern for globals, the last; then one for locals, the last,
//! 4. `*` for globals, the last; then `*` for locals.

use std::borrow::Cow;

use hashbrown::HashMap;

use super::ast::{Language, VersionPattern, VersionScript};
use super::glob::{Glob, is_wild};

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// What a version script says about a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The node, by its number in the script.
    pub node: usize,
    /// It is not exported.
    pub is_local: bool,
}

#[derive(Clone, Debug, Default)]
struct Names<'s> {
    /// By name and language.
    by_name: Map<(Language, Cow<'s, [u8]>), usize>,
    /// With wildcards, the last first.
    patterns: Vec<(Glob<'s>, Language, usize)>,
    /// `*`, the last first.
    all: Vec<(Language, usize)>,
}

/// A version script, ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct VersionMatcher<'s> {
    globals: Names<'s>,
    locals: Names<'s>,
    has_language: bool,
}

impl<'s> VersionMatcher<'s> {
    /// Prepares a script, or the list of `--dynamic-list`.
    pub fn new(script: &VersionScript<'s>) -> Self {
        let mut matcher = Self::default();
        for (number, node) in script.nodes.iter().enumerate() {
            for pattern in &node.globals {
                matcher.has_language |= pattern.language != Language::C;
                matcher.globals.add(pattern, number);
            }
            for pattern in &node.locals {
                matcher.has_language |= pattern.language != Language::C;
                matcher.locals.add(pattern, number);
            }
        }
        for names in [&mut matcher.globals, &mut matcher.locals] {
            names.patterns.reverse();
            names.all.reverse();
        }
        matcher
    }

    /// What the script says about a symbol, if anything. `demangle` gives the form of its name
    /// that a language means; it is asked only if the script has such patterns. A name that cannot
    /// be demangled is compared as it is.
    pub fn find(
        &self,
        name: &[u8],
        demangle: impl Fn(Language) -> Option<Vec<u8>>,
    ) -> Option<Choice> {
        let form = |language| match language {
            Language::C => None,
            _ if self.has_language => demangle(language),
            _ => None,
        };
        let (cxx, java) = (form(Language::Cxx), form(Language::Java));
        let forms = Forms {
            plain: name,
            cxx: cxx.as_deref().unwrap_or(name),
            java: java.as_deref().unwrap_or(name),
        };
        let global = |node| Choice { node, is_local: false };
        let local = |node| Choice { node, is_local: true };
        self.globals
            .exact(&forms)
            .map(global)
            .or_else(|| self.locals.exact(&forms).map(local))
            .or_else(|| self.globals.wild(&forms).map(global))
            .or_else(|| self.locals.wild(&forms).map(local))
            .or_else(|| self.globals.any().map(global))
            .or_else(|| self.locals.any().map(local))
    }
}

/// The forms of a symbol's name.
struct Forms<'n> {
    plain: &'n [u8],
    cxx: &'n [u8],
    java: &'n [u8],
}

impl<'n> Forms<'n> {
    fn of(&self, language: Language) -> &'n [u8] {
        match language {
            Language::C => self.plain,
            Language::Cxx => self.cxx,
            Language::Java => self.java,
        }
    }
}

impl<'s> Names<'s> {
    fn add(&mut self, pattern: &VersionPattern<'s>, node: usize) {
        let text = pattern.text;
        let language = pattern.language;
        if !pattern.literal && text == b"*" {
            self.all.push((language, node));
        } else if !pattern.literal && is_wild(text) {
            self.patterns.push((Glob::new(text), language, node));
        } else {
            let name = if pattern.literal { Cow::Borrowed(text) } else { unescaped(text) };
            self.by_name.entry((language, name)).or_insert(node);
        }
    }

    fn exact(&self, forms: &Forms<'_>) -> Option<usize> {
        if self.by_name.is_empty() {
            return None;
        }
        [Language::C, Language::Cxx, Language::Java].into_iter().find_map(|language| {
            let key = Key(language, forms.of(language));
            self.by_name.get(&key).copied()
        })
    }

    fn wild(&self, forms: &Forms<'_>) -> Option<usize> {
        let mut patterns = self.patterns.iter();
        patterns.find(|(glob, language, _)| glob.matches(forms.of(*language))).map(|found| found.2)
    }

    fn any(&self) -> Option<usize> {
        self.all.first().map(|(_, node)| *node)
    }
}

/// A key without an allocation.
#[derive(Hash)]
struct Key<'n>(Language, &'n [u8]);

impl hashbrown::Equivalent<(Language, Cow<'_, [u8]>)> for Key<'_> {
    fn equivalent(&self, key: &(Language, Cow<'_, [u8]>)) -> bool {
        self.0 == key.0 && *self.1 == *key.1
    }
}

/// A name without the `\` before its signs.
fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'\\') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'\\' => bytes.next().copied().unwrap_or(*byte),
            _ => *byte,
        });
    }
    Cow::Owned(out)
}

/// What is wrong with the nodes of a version script, in GNU's words.
pub fn check(script: &VersionScript<'_>) -> Vec<Vec<u8>> {
    let mut wrong = Vec::new();
    let mut globals: Map<_, usize> = Map::default();
    let mut locals: Map<_, usize> = Map::default();
    let mut names: Map<&[u8], usize> = Map::default();
    let key =
        |pattern: &VersionPattern<'_>| (pattern.language, pattern.literal, pattern.text.to_vec());
    for (number, node) in script.nodes.iter().enumerate() {
        if script.nodes.len() > 1 && node.name.is_none() {
            wrong
                .push(b"anonymous version tag cannot be combined with other version tags".to_vec());
            return wrong;
        }
        if let Some(name) = node.name
            && names.insert(name.name, number).is_some()
        {
            wrong.push(named("duplicate version tag `", name.name, "'"));
        }
        for (is_local, pattern) in node
            .globals
            .iter()
            .map(|pattern| (false, pattern))
            .chain(node.locals.iter().map(|pattern| (true, pattern)))
        {
            let (own, others) =
                if is_local { (&mut locals, &globals) } else { (&mut globals, &locals) };
            let key = key(pattern);
            if others.get(&key).is_some_and(|other| *other != number) {
                wrong.push(named(
                    "duplicate expression `",
                    pattern.text,
                    "' in version information",
                ));
            }
            own.insert(key, number);
        }
        for predecessor in &node.predecessors {
            if !names.contains_key(predecessor.name) {
                let start = "unable to find version dependency `";
                wrong.push(named(start, predecessor.name, "'"));
            }
        }
    }
    wrong
}

fn named(before: &str, name: &[u8], behind: &str) -> Vec<u8> {
    let mut text = before.as_bytes().to_vec();
    text.extend_from_slice(name.escape_ascii().to_string().as_bytes());
    text.extend_from_slice(behind.as_bytes());
    text
}

#[cfg(test)]
mod tests {
    use super::super::parse::{Context, NoFiles, Text, parse_version_script};
    use super::super::source::Sources;
    use super::*;
    use crate::diagnostics::Diagnostics;

    fn parsed(text: &str) -> VersionScript<'_> {
        let mut sources = Sources::new();
        let mut diagnostics = Diagnostics::new();
        let mut context =
            Context { sources: &mut sources, host: &mut NoFiles, diagnostics: &mut diagnostics };
        parse_version_script(Text { name: b"v", bytes: text.as_bytes() }, &mut context).unwrap()
    }

    /// The versions of foo, foobar, bar, `_Z3fooi` and `_Z3bari`; `-` is local, `.` is nothing.
    fn versions(text: &str) -> String {
        let script = parsed(text);
        assert_eq!(check(&script), Vec::<Vec<u8>>::new(), "{text}");
        let matcher = VersionMatcher::new(&script);
        let found = ["foo", "foobar", "bar", "_Z3fooi", "_Z3bari"].map(|name| {
            let demangled = match name {
                "_Z3fooi" => Some(b"foo(int)".to_vec()),
                "_Z3bari" => Some(b"bar(int)".to_vec()),
                _ => None,
            };
            match matcher.find(name.as_bytes(), |_| demangled.clone()) {
                None => ".".to_owned(),
                Some(Choice { is_local: true, .. }) => "-".to_owned(),
                Some(Choice { node, .. }) => (node + 1).to_string(),
            }
        });
        found.join(" ")
    }

    #[test]
    fn versions_are_chosen_as_gnu_ld_does() {
        let cases = [
            ("{ global: *; };", "1 1 1 1 1"),
            ("V1 { global: foo; local: *; };", "1 - - - -"),
            ("V1 { global: *; local: foo; };", "- 1 1 1 1"),
            ("V1 { global: foo*; local: foob*; };", "1 1 . . ."),
            ("V1 { global: foob*; local: foo*; };", "- 1 . . ."),
            ("V1 { global: foo; }; V2 { global: foo; };", "1 . . . ."),
            ("V1 { global: f*; }; V2 { global: foo*; };", "2 2 . . ."),
            ("V1 { global: f*; }; V2 { global: foo; };", "2 1 . . ."),
            ("V1 { global: foo*; }; V2 { global: *; };", "1 1 2 2 2"),
            ("V1 { local: foo; }; V2 { global: f*; };", "- 2 . . ."),
            ("V1 { local: f*; }; V2 { global: *; };", "- - 2 2 2"),
            ("V1 { global: *; local: *; };", "1 1 1 1 1"),
            ("V1 { global: *; }; V2 { local: ?*; };", "- - - - -"),
            ("V1 { global: extern \"C++\" { foo*; }; local: *; };", "1 1 - 1 -"),
            ("V1 { global: extern \"C++\" { \"foo(int)\"; }; local: *; };", "- - - 1 -"),
            ("V1 { global: extern \"C++\" { \"foo*\"; }; local: *; };", "- - - - -"),
            ("V1 { global: \"f*\"; foo; local: *; };", "1 - - - -"),
            ("V1 { global: \\foo; ba\\r; local: *; };", "1 - 1 - -"),
            ("V1 { global: _Z*; }; V2 { global: extern \"C++\" { foo*; }; };", "2 2 . 2 1"),
            ("V1 { extern \"C++\" { \"foo(int)\"; }; }; V2 { _Z3fooi; };", ". . . 2 ."),
            ("V1 { extern \"C++\" { \"foo(int)\"; }; }; V2 { global: _Z*; };", ". . . 1 2"),
            ("V1 { extern \"C++\" { \"foo(int)\"; }; }; V2 { local: _Z3fooi; };", ". . . 1 ."),
            (
                "V1 { global: _Z3f*; }; V2 { local: extern \"C++\" { \"foo(int)\"; }; };",
                ". . . - .",
            ),
            ("V1 { global: *; }; V2 { global: extern \"C++\" { *; }; };", "2 2 2 2 2"),
        ];
        for (text, wanted) in cases {
            assert_eq!(versions(text), wanted, "{text}");
        }
    }

    #[test]
    fn nodes_that_contradict_each_other() {
        let cases = [
            (
                "{ a; }; V1 { b; };",
                "anonymous version tag cannot be combined with other version tags",
            ),
            ("V1 { a; }; V1 { b; };", "duplicate version tag `V1'"),
            ("V1 { a; } V2;", "unable to find version dependency `V2'"),
            (
                "V1 { local: f*; }; V2 { global: f*; };",
                "duplicate expression `f*' in version information",
            ),
            (
                "V1 { global: \"foo\"; }; V2 { local: \"foo\"; };",
                "duplicate expression `foo' in version information",
            ),
        ];
        for (text, wanted) in cases {
            assert_eq!(check(&parsed(text)), [wanted.as_bytes()], "{text}");
        }
        assert!(check(&parsed("V1 { global: f*; local: f*; }; V2 { global: g*; } V1;")).is_empty());
        assert!(check(&parsed("V1 { global: \"f*\"; }; V2 { local: f*; };")).is_empty());
    }
}

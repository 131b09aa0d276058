//! Which patterns of a script match a section, and which a file.
//!
//! A link asks for each of a million sections which of three hundred patterns match it. Nearly all
//! patterns are names, or names with `*` at the end, so a [`SectionIndex`] keeps the texts before
//! the first wildcard in a tree, letter by letter, and walks it once for each section:
//!
//! ```text
//! .text .text.* .text.hot.* .data       .-t-e-x-t (.text)-.-(.text.*)-h-o-t-.-(.text.hot.*)
//!                                         d-a-t-a (.data)
//! ```

use super::ast::FilePattern;
use super::glob::Glob;

/// No node.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node {
    letter: u8,
    first_child: u32,
    next_sibling: u32,
    /// The last of the patterns whose text before a wildcard ends here; others follow.
    patterns: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry<'p> {
    glob: Glob<'p>,
    /// All that begins with its text matches.
    is_open: bool,
    /// Another one that ends at the same node.
    next: u32,
}

/// Patterns for sections, by number, in the order of the script.
#[derive(Clone, Debug)]
pub struct SectionIndex<'p> {
    nodes: Vec<Node>,
    entries: Vec<Entry<'p>>,
}

impl<'p> SectionIndex<'p> {
    /// Patterns, which are numbered as they come.
    pub fn new(patterns: impl IntoIterator<Item = &'p [u8]>) -> Self {
        let root = Node { letter: 0, first_child: NONE, next_sibling: NONE, patterns: NONE };
        let mut index = Self { nodes: vec![root], entries: Vec::new() };
        for pattern in patterns {
            index.add(Glob::new(pattern));
        }
        index
    }

    fn add(&mut self, glob: Glob<'p>) {
        let (prefix, is_open) = glob.prefix();
        let mut at = 0u32;
        for letter in prefix {
            at = match self.child(at, *letter) {
                Some(child) => child,
                None => self.add_child(at, *letter),
            };
        }
        let number = self.entries.len() as u32;
        if let Some(node) = self.nodes.get_mut(at as usize) {
            self.entries.push(Entry { glob, is_open, next: node.patterns });
            node.patterns = number;
        }
    }

    fn child(&self, of: u32, letter: u8) -> Option<u32> {
        let mut at = self.nodes.get(of as usize)?.first_child;
        loop {
            let node = self.nodes.get(at as usize)?;
            if node.letter == letter {
                return Some(at);
            }
            at = node.next_sibling;
        }
    }

    fn add_child(&mut self, of: u32, letter: u8) -> u32 {
        let number = self.nodes.len() as u32;
        if let Some(parent) = self.nodes.get_mut(of as usize) {
            let next_sibling = parent.first_child;
            parent.first_child = number;
            self.nodes.push(Node { letter, first_child: NONE, next_sibling, patterns: NONE });
        }
        number
    }

    /// Puts the numbers of the patterns that match a section into `out`, the first of the script
    /// first. What `out` held is gone.
    pub fn matches(&self, name: &[u8], out: &mut Vec<u32>) {
        out.clear();
        let mut at = 0u32;
        let mut rest = name.iter();
        loop {
            let is_end = rest.len() == 0;
            let mut number = self.nodes.get(at as usize).map_or(NONE, |node| node.patterns);
            while let Some(entry) = self.entries.get(number as usize) {
                let is_match = entry.is_open
                    || if entry.glob.is_exact() { is_end } else { entry.glob.matches(name) };
                if is_match {
                    out.push(number);
                }
                number = entry.next;
            }
            match rest.next().and_then(|letter| self.child(at, *letter)) {
                Some(child) => at = child,
                None => break,
            }
        }
        out.sort_unstable();
    }

    /// How many patterns there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// A file of a link, as patterns see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileName<'f> {
    /// The archive's name as the link opened it, for a member of one.
    pub archive: Option<&'f [u8]>,
    /// The file's name as the link opened it, or the member's.
    pub file: &'f [u8],
}

/// A pattern for files, ready to be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileGlob<'p> {
    /// `file`: a file or a member.
    File(Glob<'p>),
    /// `archive:file`, `archive:` and `:file`. Without a pattern for the file, all members match;
    /// without one for the archive, only files outside of archives do.
    Of {
        /// The archive.
        archive: Option<Glob<'p>>,
        /// The file.
        file: Option<Glob<'p>>,
    },
}

impl<'p> FileGlob<'p> {
    /// The parts of a pattern of a script.
    pub fn new(pattern: &FilePattern<'p>) -> Self {
        Self::from_text(pattern.text)
    }

    /// The parts of a pattern.
    pub fn from_text(text: &'p [u8]) -> Self {
        let colon = memchr::memchr(b':', text);
        let Some((archive, file)) = colon.and_then(|at| text.split_at_checked(at)) else {
            return Self::File(Glob::new(text));
        };
        let file = file.get(1..).unwrap_or(&[]);
        let part = |text: &'p [u8]| (!text.is_empty()).then(|| Glob::new(text));
        Self::Of { archive: part(archive), file: part(file) }
    }

    /// Whether it matches every file.
    pub fn is_anything(&self) -> bool {
        matches!(self, Self::File(glob) if glob.is_anything())
    }

    /// Whether it matches a file.
    pub fn matches(&self, name: FileName<'_>) -> bool {
        match self {
            Self::File(glob) => glob.matches(name.file),
            Self::Of { archive, file } => {
                let is_archive = match (archive, name.archive) {
                    (Some(glob), Some(archive)) => glob.matches(archive),
                    (None, None) => true,
                    _ => false,
                };
                is_archive && file.is_none_or(|glob| glob.matches(name.file))
            }
        }
    }

    /// Whether it leaves a file out, in EXCLUDE_FILE: there, the name of an archive alone stands
    /// for all of its members too.
    pub fn excludes(&self, name: FileName<'_>) -> bool {
        let is_archive = match (self, name.archive) {
            (Self::File(glob), Some(archive)) => glob.matches(archive),
            _ => false,
        };
        is_archive || self.matches(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(patterns: &[&str], name: &str) -> Vec<u32> {
        let index = SectionIndex::new(patterns.iter().map(|pattern| pattern.as_bytes()));
        let mut out = vec![7];
        index.matches(name.as_bytes(), &mut out);
        out
    }

    #[test]
    fn patterns_are_found_in_order() {
        let patterns = [
            ".text.hot.*",
            ".text",
            "*",
            ".text.*",
            ".t?xt*",
            ".text",
            ".data",
            ".text*",
            "[.]text",
        ];
        assert_eq!(found(&patterns, ".text"), [1, 2, 4, 5, 7, 8]);
        assert_eq!(found(&patterns, ".text.hot.f"), [0, 2, 3, 4, 7]);
        assert_eq!(found(&patterns, ".tex"), [2]);
        assert_eq!(found(&patterns, ".data.x"), [2]);
        assert_eq!(found(&patterns, ""), [2]);
        assert_eq!(found(&[], ".text"), []);
    }

    #[test]
    fn the_index_finds_what_globs_match() {
        let patterns = ["", "a", "ab*", "*b", "a?", "[a-c]*", "a\\*", "a\\**", "??", "abc", "*"];
        for name in ["", "a", "b", "ab", "abc", "a*", "a*x", "ba", "a\\*"] {
            let wanted: Vec<u32> = (0u32..)
                .zip(patterns)
                .filter(|(_, pattern)| Glob::new(pattern.as_bytes()).matches(name.as_bytes()))
                .map(|(number, _)| number)
                .collect();
            assert_eq!(found(&patterns, name), wanted, "{name}");
        }
    }

    #[test]
    fn files_may_be_members() {
        let member = FileName { archive: Some(b"/lib/libc.a"), file: b"printf.o" };
        let alone = FileName { archive: None, file: b"printf.o" };
        let cases = [
            ("printf.o", true, true),
            ("*", true, true),
            (":printf.o", false, true),
            ("*libc.a:", true, false),
            ("*libc.a:printf.o", true, false),
            ("*libc.a:p*", true, false),
            ("*libm.a:printf.o", false, false),
            ("*libc.a", false, false),
        ];
        for (pattern, of_member, of_file) in cases {
            let glob = FileGlob::from_text(pattern.as_bytes());
            assert_eq!(
                (glob.matches(member), glob.matches(alone)),
                (of_member, of_file),
                "{pattern}"
            );
        }
        assert!(FileGlob::from_text(b"*libc.a").excludes(member));
        assert!(!FileGlob::from_text(b"*libc.a").excludes(alone));
    }
}

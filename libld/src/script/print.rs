//! A tree as text: as a script that means the same, or as GNU ld's map shows it.

mod expression;
mod sections;

use super::ast::{
    Assertion, Assignment, AssignmentKind, Command, InputFile, Language, Name, Phdr, Region,
    RegionFlags, Script, VersionNode, VersionPattern, VersionScript, Word,
};
use expression::operator_sign;

/// How a tree is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As a script: names that need quotes have them.
    Script,
    /// As GNU ld's map: without quotes, files that are left out in reverse order.
    Map,
}

/// A tree, as it is being printed.
#[derive(Clone, Debug)]
pub struct Printer {
    /// The text so far.
    pub out: Vec<u8>,
    style: Style,
}

/// A script that means the same as the tree.
pub fn script(script: &Script<'_>) -> Vec<u8> {
    let mut printer = Printer::new(Style::Script);
    for command in &script.commands {
        printer.command(command);
        printer.text("\n");
    }
    printer.out
}

/// A version script that means the same as the tree.
pub fn version_script(script: &VersionScript<'_>) -> Vec<u8> {
    let mut printer = Printer::new(Style::Script);
    printer.version_nodes(script);
    printer.out
}

impl Printer {
    /// Nothing printed yet.
    pub fn new(style: Style) -> Self {
        Self { out: Vec::new(), style }
    }

    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// A name, in quotes in scripts: so it is never a keyword, and any sign is itself.
    fn name(&mut self, name: Name<'_>) {
        match self.style {
            Style::Script => {
                self.text("\"");
                self.out.extend_from_slice(name);
                self.text("\"");
            }
            Style::Map => self.out.extend_from_slice(name),
        }
    }

    fn words(&mut self, words: &[Word<'_>]) {
        for word in words {
            self.name(word.name);
            self.text(" ");
        }
    }

    fn with_word(&mut self, command: &str, word: &Word<'_>) {
        self.text(command);
        self.text("(");
        self.name(word.name);
        self.text(")");
    }

    fn command(&mut self, command: &Command<'_>) {
        match command {
            Command::Entry(word) => self.with_word("ENTRY", word),
            Command::OutputFormat { default, by_order: None } => {
                self.with_word("OUTPUT_FORMAT", default);
            }
            Command::OutputFormat { default, by_order: Some((big, little)) } => {
                self.text("OUTPUT_FORMAT(");
                self.name(default.name);
                self.text(", ");
                self.name(big.name);
                self.text(", ");
                self.name(little.name);
                self.text(")");
            }
            Command::OutputArch(word) => self.with_word("OUTPUT_ARCH", word),
            Command::Target(word) => self.with_word("TARGET", word),
            Command::Output(word) => self.with_word("OUTPUT", word),
            Command::SearchDir(word) => self.with_word("SEARCH_DIR", word),
            Command::Startup(word) => self.with_word("STARTUP", word),
            Command::Map(word) => self.with_word("MAP", word),
            Command::LdFeature(word) => self.with_word("LD_FEATURE", word),
            Command::Input(list) => self.files("INPUT", &list.files),
            Command::Group(list) => self.files("GROUP", &list.files),
            Command::Extern(words) => self.with_words("EXTERN", words),
            Command::ForceCommonAllocation => self.text("FORCE_COMMON_ALLOCATION"),
            Command::InhibitCommonAllocation => self.text("INHIBIT_COMMON_ALLOCATION"),
            Command::ForceGroupAllocation => self.text("FORCE_GROUP_ALLOCATION"),
            Command::NoCrossRefs(words) => self.with_words("NOCROSSREFS", words),
            Command::NoCrossRefsTo(words) => self.with_words("NOCROSSREFS_TO", words),
            Command::RegionAlias { alias, region } => {
                self.text("REGION_ALIAS(");
                self.name(alias.name);
                self.text(", ");
                self.name(region.name);
                self.text(")");
            }
            Command::Memory(regions) => {
                self.text("MEMORY {\n");
                for region in regions {
                    self.region(region);
                }
                self.text("}");
            }
            Command::Phdrs(headers) => {
                self.text("PHDRS {\n");
                for header in headers {
                    self.phdr(header);
                }
                self.text("}");
            }
            Command::Version(script) => {
                self.text("VERSION {\n");
                self.version_nodes(script);
                self.text("}");
            }
            Command::Sections(items) => {
                self.text("SECTIONS {\n");
                for item in items {
                    self.sections_item(item);
                    self.text("\n");
                }
                self.text("}");
            }
            Command::Insert { after, section } => {
                self.text(if *after { "INSERT AFTER " } else { "INSERT BEFORE " });
                self.name(section.name);
            }
            Command::Assignment(assignment) => self.assignment(assignment),
            Command::Assert(assertion) => self.assertion(assertion),
        }
    }

    fn with_words(&mut self, command: &str, words: &[Word<'_>]) {
        self.text(command);
        self.text("(");
        self.words(words);
        self.text(")");
    }

    fn files(&mut self, command: &str, files: &[InputFile<'_>]) {
        self.text(command);
        self.text("(");
        for file in files {
            if file.as_needed {
                self.text("AS_NEEDED(");
            }
            if file.library {
                self.text("-l");
                self.out.extend_from_slice(file.name);
            } else {
                self.name(file.name);
            }
            self.text(if file.as_needed { ") " } else { " " });
        }
        self.text(")");
    }

    fn region(&mut self, region: &Region<'_>) {
        self.name(region.name.name);
        let attributes = region.attributes;
        if attributes.with != RegionFlags::default() || attributes.without != RegionFlags::default()
        {
            self.text(" (");
            self.letters(attributes.with);
            if attributes.without != RegionFlags::default() {
                self.text(" !");
                self.letters(attributes.without);
            }
            self.text(")");
        }
        self.text(" : ORIGIN = ");
        self.expr(&region.origin);
        self.text(", LENGTH = ");
        self.expr(&region.length);
        self.text("\n");
    }

    fn letters(&mut self, flags: RegionFlags) {
        let letters = [
            (flags.read_only, "r"),
            (flags.writable, "w"),
            (flags.code, "x"),
            (flags.alloc, "a"),
            // `l` alone would be a keyword.
            (flags.load, "i"),
        ];
        for (_, letter) in letters.iter().filter(|(is_set, _)| *is_set) {
            self.text(letter);
        }
    }

    fn phdr(&mut self, header: &Phdr<'_>) {
        self.name(header.name.name);
        self.text(" ");
        self.expr(&header.kind);
        if header.file_header {
            self.text(" FILEHDR");
        }
        if header.program_headers {
            self.text(" PHDRS");
        }
        if let Some(at) = &header.at {
            self.text(" AT(");
            self.expr(at);
            self.text(")");
        }
        if let Some(flags) = &header.flags {
            self.text(" FLAGS(");
            self.expr(flags);
            self.text(")");
        }
        self.text(";\n");
    }

    /// An assignment with what ends it.
    fn assignment(&mut self, assignment: &Assignment<'_>) {
        let command = match assignment.kind {
            AssignmentKind::Plain => "",
            AssignmentKind::Hidden => "HIDDEN(",
            AssignmentKind::Provide => "PROVIDE(",
            AssignmentKind::ProvideHidden => "PROVIDE_HIDDEN(",
        };
        self.text(command);
        if assignment.target.name == b"." {
            self.text(".");
        } else {
            self.name(assignment.target.name);
        }
        self.text(" ");
        if let Some(operator) = assignment.operator {
            self.text(operator_sign(operator));
        }
        self.text("= ");
        self.expr(&assignment.value);
        self.text(if command.is_empty() { ";" } else { ");" });
    }

    /// An assignment as maps have it: `top += 4` is `top = (top + 0x4)`.
    pub fn shown_assignment(&mut self, assignment: &Assignment<'_>) {
        let is_provide =
            matches!(assignment.kind, AssignmentKind::Provide | AssignmentKind::ProvideHidden);
        self.text(if is_provide { "PROVIDE (" } else { "" });
        self.name(assignment.target.name);
        self.text(" = ");
        if let Some(operator) = assignment.operator {
            self.text("(");
            self.name(assignment.target.name);
            self.text(" ");
            self.text(operator_sign(operator));
            self.text(" ");
        }
        self.expr(&assignment.value);
        self.text(if assignment.operator.is_some() { ")" } else { "" });
        self.text(if is_provide { ")" } else { "" });
    }

    /// `ASSERT (condition, message)`
    pub fn assertion(&mut self, assertion: &Assertion<'_>) {
        self.text("ASSERT (");
        self.expr(&assertion.condition);
        self.text(", ");
        self.name(assertion.message.name);
        self.text(")");
    }

    fn version_nodes(&mut self, script: &VersionScript<'_>) {
        for node in &script.nodes {
            self.version_node(node);
        }
    }

    fn version_node(&mut self, node: &VersionNode<'_>) {
        if let Some(name) = &node.name {
            self.out.extend_from_slice(name.name);
        }
        self.text(" {\n");
        for (title, list) in [("global:\n", &node.globals), ("local:\n", &node.locals)] {
            if !list.is_empty() {
                self.text(title);
            }
            for pattern in list {
                self.version_pattern(pattern);
            }
        }
        self.text("}");
        for predecessor in &node.predecessors {
            self.text(" ");
            self.out.extend_from_slice(predecessor.name);
        }
        self.text(";\n");
    }

    fn version_pattern(&mut self, pattern: &VersionPattern<'_>) {
        let language = match pattern.language {
            Language::C => None,
            Language::Cxx => Some("extern \"C++\" { "),
            Language::Java => Some("extern \"Java\" { "),
        };
        self.text(language.unwrap_or(""));
        if pattern.literal {
            self.name(pattern.text);
        } else {
            self.out.extend_from_slice(pattern.text);
        }
        self.text(if language.is_some() { "; };\n" } else { ";\n" });
    }
}

//! SECTIONS as text.

use super::super::ast::{
    Constraint, DataSize, FilePattern, FileSort, Fill, InputStatement, NoAllocWord, OutputSection,
    Overlay, SectionItem, SectionKind, SectionPattern, SectionsItem, Sort, Word,
};
use super::{Printer, Style};

impl Printer {
    pub(super) fn sections_item(&mut self, item: &SectionsItem<'_>) {
        match item {
            SectionsItem::Entry(word) => self.with_word("ENTRY", word),
            SectionsItem::Assignment(assignment) => self.assignment(assignment),
            SectionsItem::Assert(assertion) => self.assertion(assertion),
            SectionsItem::Output(section) => self.output(section),
            SectionsItem::Overlay(overlay) => self.overlay(overlay),
        }
    }

    fn output(&mut self, section: &OutputSection<'_>) {
        self.name(section.name.name);
        self.text(" ");
        if let Some(address) = &section.address {
            self.expr(address);
            self.text(" ");
        }
        self.kind(&section.kind);
        self.text(":");
        let parts =
            [("AT", &section.at), ("ALIGN", &section.align), ("SUBALIGN", &section.subalign)];
        for (name, value) in parts {
            if name == "SUBALIGN" && section.align_with_input {
                self.text(" ALIGN_WITH_INPUT");
            }
            if let Some(value) = value {
                self.text(" ");
                self.text(name);
                self.text("(");
                self.expr(value);
                self.text(")");
            }
        }
        self.text(match section.constraint {
            Constraint::None => "",
            Constraint::OnlyIfReadOnly => " ONLY_IF_RO",
            Constraint::OnlyIfWritable => " ONLY_IF_RW",
            Constraint::Special => " SPECIAL",
        });
        self.body(&section.body);
        self.placement(
            section.region.as_ref(),
            section.lma_region.as_ref(),
            &section.phdrs,
            section.fill.as_ref(),
        );
        self.text(",");
    }

    fn kind(&mut self, kind: &SectionKind<'_>) {
        match kind {
            SectionKind::Normal => {}
            SectionKind::NoLoad => self.text("(NOLOAD) "),
            SectionKind::NoAlloc(word) => self.text(match word {
                NoAllocWord::Dsect => "(DSECT) ",
                NoAllocWord::Copy => "(COPY) ",
                NoAllocWord::Info => "(INFO) ",
                NoAllocWord::Overlay => "(OVERLAY) ",
            }),
            SectionKind::ReadOnly => self.text("(READONLY) "),
            SectionKind::Type(value) => {
                self.text("(TYPE = ");
                self.expr(value);
                self.text(") ");
            }
            SectionKind::ReadOnlyType(value) => {
                self.text("(READONLY (TYPE = ");
                self.expr(value);
                self.text(")) ");
            }
        }
    }

    fn body(&mut self, items: &[SectionItem<'_>]) {
        self.text(" {\n");
        for item in items {
            self.text("  ");
            self.item(item);
            self.text("\n");
        }
        self.text("}");
    }

    fn placement(
        &mut self,
        region: Option<&Word<'_>>,
        lma_region: Option<&Word<'_>>,
        phdrs: &[Word<'_>],
        fill: Option<&Fill<'_>>,
    ) {
        for (sign, word) in [(" >", region), (" AT>", lma_region)] {
            if let Some(word) = word {
                self.text(sign);
                self.name(word.name);
            }
        }
        for phdr in phdrs {
            self.text(" :");
            self.name(phdr.name);
        }
        if let Some(fill) = fill {
            self.text(" =");
            self.fill(fill);
        }
    }

    fn overlay(&mut self, overlay: &Overlay<'_>) {
        self.text("OVERLAY ");
        if let Some(address) = &overlay.address {
            self.expr(address);
            self.text(" ");
        }
        self.text(":");
        if overlay.no_cross_refs {
            self.text(" NOCROSSREFS");
        }
        for (name, value) in [(" AT(", &overlay.at), (" SUBALIGN(", &overlay.subalign)] {
            if let Some(value) = value {
                self.text(name);
                self.expr(value);
                self.text(")");
            }
        }
        self.text(" {\n");
        for section in &overlay.sections {
            self.name(section.name.name);
            self.body(&section.body);
            self.placement(None, None, &section.phdrs, section.fill.as_ref());
            self.text(",\n");
        }
        self.text("}");
        self.placement(
            overlay.region.as_ref(),
            overlay.lma_region.as_ref(),
            &overlay.phdrs,
            overlay.fill.as_ref(),
        );
        self.text(",");
    }

    fn item(&mut self, item: &SectionItem<'_>) {
        match item {
            SectionItem::Assignment(assignment) => self.assignment(assignment),
            SectionItem::Assert(assertion) => {
                self.assertion(assertion);
                self.text(";");
            }
            SectionItem::Input(input) => self.input(input),
            SectionItem::Data { size, value, .. } => {
                self.text(match size {
                    DataSize::Byte => "BYTE(",
                    DataSize::Short => "SHORT(",
                    DataSize::Long => "LONG(",
                    DataSize::Quad => "QUAD(",
                    DataSize::Squad => "SQUAD(",
                });
                self.expr(value);
                self.text(")");
            }
            SectionItem::Asciz(text) => {
                self.text("ASCIZ ");
                self.name(text.name);
            }
            SectionItem::Fill(fill) => {
                self.text("FILL(");
                self.fill(fill);
                self.text(")");
            }
            SectionItem::Constructors { sorted: true } => self.text("SORT(CONSTRUCTORS)"),
            SectionItem::Constructors { sorted: false } => self.text("CONSTRUCTORS"),
            SectionItem::CreateObjectSymbols(_) => self.text("CREATE_OBJECT_SYMBOLS"),
            SectionItem::LinkerVersion(_) => self.text("LINKER_VERSION"),
        }
    }

    /// An input statement; in maps without KEEP and flags, as in
    /// ``EXCLUDE_FILE(b a) *(SORT_BY_NAME(.text.*) .init)``.
    pub fn input(&mut self, input: &InputStatement<'_>) {
        let is_script = self.style == Style::Script;
        if is_script && input.keep {
            self.text("KEEP(");
        }
        if is_script && !input.flags.is_empty() {
            self.text("INPUT_SECTION_FLAGS(");
            for (number, flag) in input.flags.iter().enumerate() {
                self.text(if number == 0 { "" } else { " & " });
                self.text(if flag.negated { "!" } else { "" });
                self.out.extend_from_slice(flag.name.name);
            }
            self.text(") ");
        }
        let sort = match input.file_sort {
            FileSort::None => "",
            FileSort::ByName => "SORT_BY_NAME(",
            FileSort::ReverseByName => "REVERSE(",
        };
        if is_script && !sort.is_empty() {
            self.text(sort);
            self.exclude(&input.exclude);
        } else {
            self.exclude(&input.exclude);
            self.text(sort);
        }
        self.name(input.file.text);
        self.text(if sort.is_empty() { "" } else { ")" });
        if !input.sections.is_empty() {
            self.text("(");
            for (number, section) in input.sections.iter().enumerate() {
                self.text(if number == 0 { "" } else { " " });
                self.section(section);
            }
            self.text(")");
        }
        if is_script && input.keep {
            self.text(")");
        }
    }

    fn exclude(&mut self, files: &[FilePattern<'_>]) {
        if files.is_empty() {
            return;
        }
        self.text("EXCLUDE_FILE(");
        let mut names: Vec<_> = files.iter().map(|file| file.text).collect();
        if self.style == Style::Map {
            names.reverse();
        }
        for (number, name) in names.into_iter().enumerate() {
            self.text(if number == 0 { "" } else { " " });
            self.name(name);
        }
        self.text(") ");
    }

    fn section(&mut self, section: &SectionPattern<'_>) {
        let mut open = 0usize;
        if section.reverse {
            self.text("REVERSE(");
            open = open.saturating_add(1);
        }
        for sort in section.sort {
            let word = match sort {
                Sort::Unset => continue,
                Sort::None => "SORT_NONE(",
                Sort::ByName => "SORT_BY_NAME(",
                Sort::ByAlignment => "SORT_BY_ALIGNMENT(",
                Sort::ByInitPriority => "SORT_BY_INIT_PRIORITY(",
            };
            self.text(word);
            open = open.saturating_add(1);
        }
        self.exclude(&section.exclude);
        self.name(section.pattern.text);
        for _ in 0..open {
            self.text(")");
        }
    }
}

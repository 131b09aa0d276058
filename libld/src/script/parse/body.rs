//! What stands inside of an output section.

use super::super::ast::{
    Assignment, AssignmentKind, DataSize, FilePattern, FileSort, InputStatement, SectionFlag,
    SectionItem, SectionPattern, Sort, Word,
};
use super::super::generated::Rule;
use super::super::source::Span;
use super::Nodes;
use super::expression::of_assignment;
use super::tree::{Builder, Node, Wrong, take};
use super::words::Place;

impl<'s> Builder<'s, '_, '_> {
    /// Nodes of the rule `body_item`.
    pub fn body_items(
        &mut self,
        nodes: &mut Nodes<'_, '_>,
        out: &mut Vec<SectionItem<'s>>,
    ) -> Result<(), Wrong> {
        while let Some(node) = nodes.next() {
            let span = self.span(node);
            let mut inside = node.children();
            let item = match node.rule() {
                Rule::statement => self.statement(node)?,
                Rule::keep => {
                    let mut input = self.input(&mut inside, span)?;
                    input.keep = true;
                    SectionItem::Input(input)
                }
                Rule::input_by_flags | Rule::excluding_input => {
                    SectionItem::Input(self.input_of(node, span)?)
                }
                Rule::sorted_files => {
                    // The patterns of its sections stand behind it.
                    let mut input = self.sorted_files(node, span)?;
                    while let Some(section) = take_section(nodes) {
                        input.span = input.span.to(self.span(section));
                        input.sections.push(self.section(section)?);
                    }
                    SectionItem::Input(input)
                }
                Rule::body_provide => SectionItem::Assignment(self.provide(node, Place::Body)?),
                Rule::assertion => SectionItem::Assert(self.assertion(node)?),
                Rule::data => {
                    let size = match self.bytes(self.next(&mut inside)?) {
                        b"BYTE" => DataSize::Byte,
                        b"SHORT" => DataSize::Short,
                        b"LONG" => DataSize::Long,
                        b"QUAD" => DataSize::Quad,
                        _ => DataSize::Squad,
                    };
                    let value = self.expression(self.next(&mut inside)?)?;
                    SectionItem::Data { size, value, span }
                }
                Rule::fill_command => SectionItem::Fill(self.fill(self.next(&mut inside)?)?),
                Rule::asciz => {
                    take(&mut inside, Rule::asciz_word);
                    SectionItem::Asciz(self.free_word(self.next(&mut inside)?))
                }
                Rule::constructors => {
                    let sorted = take(&mut inside, Rule::sorted_constructors).is_some();
                    SectionItem::Constructors { sorted }
                }
                Rule::create_object_symbols => SectionItem::CreateObjectSymbols(span),
                Rule::linker_version => SectionItem::LinkerVersion(span),
                Rule::include => {
                    self.include(node, Rule::included_in_body, &mut |builder, nodes| {
                        builder.body_items(nodes, out)
                    })?;
                    continue;
                }
                _ => continue,
            };
            out.push(item);
        }
        Ok(())
    }

    /// What a pattern begins: an assignment, input sections, or a file.
    fn statement(&self, node: Node<'_, '_>) -> Result<SectionItem<'s>, Wrong> {
        let span = self.span(node);
        let mut nodes = node.children();
        let pattern = self.pattern(self.next(&mut nodes)?)?;
        let next = nodes.clone().next();
        if next.is_some_and(|node| node.rule() == Rule::body_operator) {
            let operator = of_assignment(self.bytes(self.next(&mut nodes)?));
            let value = self.expression(self.next(&mut nodes)?)?;
            let target = Word { name: pattern.text, span: pattern.span };
            let span = target.span.to(value.span);
            let kind = AssignmentKind::Plain;
            return Ok(SectionItem::Assignment(Assignment { kind, target, operator, value, span }));
        }
        let file = FilePattern { text: pattern.text, span: pattern.span };
        let mut input = plain(file, span);
        input.sections = self.sections(nodes)?;
        Ok(SectionItem::Input(input))
    }

    /// The node of an input statement, which may be made of several.
    fn input(&self, nodes: &mut Nodes<'_, '_>, span: Span) -> Result<InputStatement<'s>, Wrong> {
        let node = self.next(nodes)?;
        let mut input = self.input_of(node, span)?;
        if node.rule() == Rule::sorted_files {
            input.sections = self.sections(nodes.clone())?;
        }
        Ok(input)
    }

    fn input_of(&self, node: Node<'_, '_>, span: Span) -> Result<InputStatement<'s>, Wrong> {
        let mut nodes = node.children();
        match node.rule() {
            Rule::input_by_flags => {
                let mut flags = Vec::new();
                while let Some(flag) = take(&mut nodes, Rule::pattern) {
                    let at = self.span(flag);
                    let name = self.bytes(flag);
                    let (negated, name) = match name.strip_prefix(b"!") {
                        Some(name) => (true, name),
                        None => (false, name),
                    };
                    flags.push(SectionFlag { negated, name: Word { name, span: at } });
                }
                let mut input = self.input(&mut nodes, span)?;
                input.flags = flags;
                Ok(input)
            }
            Rule::excluding_input => {
                let exclude = self.excluded(self.next(&mut nodes)?)?;
                let mut input = plain(self.file(self.next(&mut nodes)?)?, span);
                input.exclude = exclude;
                input.sections = self.sections(nodes)?;
                Ok(input)
            }
            Rule::sorted_files => self.sorted_files(node, span),
            _ => {
                let mut input = plain(self.file(self.next(&mut nodes)?)?, span);
                input.sections = self.sections(nodes)?;
                Ok(input)
            }
        }
    }

    /// `SORT_BY_NAME(file)`, without what follows it.
    fn sorted_files(&self, node: Node<'_, '_>, span: Span) -> Result<InputStatement<'s>, Wrong> {
        let mut nodes = node.children();
        let mut is_by_name = false;
        let mut is_reversed = false;
        let mut levels = 1usize;
        loop {
            match self.bytes(self.next(&mut nodes)?) {
                b"SORT" | b"SORT_BY_NAME" => is_by_name = true,
                b"REVERSE" => is_reversed = true,
                _ => {}
            }
            match take(&mut nodes, Rule::sorted_files) {
                Some(inner) => nodes = inner.children(),
                None => break,
            }
            levels = levels.saturating_add(1);
        }
        // Only REVERSE and one sort by name may stand in each other.
        if levels > 2 || (levels == 2 && !(is_by_name && is_reversed)) {
            return Err(Wrong::syntax(self.span(node)));
        }
        let exclude = match take(&mut nodes, Rule::exclude) {
            Some(node) => self.excluded(node)?,
            None => Vec::new(),
        };
        let mut input = plain(self.file(self.next(&mut nodes)?)?, span);
        input.exclude = exclude;
        input.file_sort = match (is_by_name, is_reversed) {
            (_, true) => FileSort::ReverseByName,
            (true, false) => FileSort::ByName,
            (false, false) => FileSort::None,
        };
        Ok(input)
    }

    fn file(&self, node: Node<'_, '_>) -> Result<FilePattern<'s>, Wrong> {
        let pattern = self.pattern(node)?;
        Ok(FilePattern { text: pattern.text, span: pattern.span })
    }

    fn excluded(&self, node: Node<'_, '_>) -> Result<Vec<FilePattern<'s>>, Wrong> {
        node.children().map(|node| self.file(node)).collect()
    }

    fn sections(&self, nodes: Nodes<'_, '_>) -> Result<Vec<SectionPattern<'s>>, Wrong> {
        nodes.map(|node| self.section(node)).collect()
    }

    /// A pattern for sections, in as many sorts as are written.
    fn section(&self, node: Node<'_, '_>) -> Result<SectionPattern<'s>, Wrong> {
        let mut sorts = Vec::new();
        let mut reverse = false;
        let mut inner = node;
        while inner.rule() == Rule::sorted {
            let mut nodes = inner.children();
            match self.bytes(self.next(&mut nodes)?) {
                b"SORT_BY_NAME" | b"SORT" => sorts.push(Sort::ByName),
                b"SORT_BY_ALIGNMENT" => sorts.push(Sort::ByAlignment),
                b"SORT_BY_INIT_PRIORITY" => sorts.push(Sort::ByInitPriority),
                b"SORT_NONE" => sorts.push(Sort::None),
                _ if reverse => return Err(Wrong::syntax(self.span(node))),
                _ => reverse = true,
            }
            inner = self.next(&mut nodes)?;
        }
        let sort = match sorts.as_slice() {
            [] if reverse => [Sort::ByName, Sort::Unset],
            [] => [Sort::Unset; 2],
            [one] => [*one, Sort::Unset],
            [Sort::ByName, Sort::ByName] => [Sort::ByName, Sort::Unset],
            [Sort::ByAlignment, Sort::ByAlignment] => [Sort::ByAlignment, Sort::Unset],
            [Sort::ByName, Sort::ByAlignment] => [Sort::ByName, Sort::ByAlignment],
            [Sort::ByAlignment, Sort::ByName] => [Sort::ByAlignment, Sort::ByName],
            _ => return Err(Wrong::syntax(self.span(node))),
        };
        let (exclude, pattern) = if inner.rule() == Rule::excluding {
            let mut nodes = inner.children();
            (self.excluded(self.next(&mut nodes)?)?, self.next(&mut nodes)?)
        } else {
            (Vec::new(), inner)
        };
        Ok(SectionPattern { pattern: self.pattern(pattern)?, sort, reverse, exclude })
    }
}

fn plain(file: FilePattern<'_>, span: Span) -> InputStatement<'_> {
    InputStatement {
        keep: false,
        flags: Vec::new(),
        file,
        file_sort: FileSort::None,
        exclude: Vec::new(),
        sections: Vec::new(),
        span,
    }
}

/// The next node, if it is a pattern for sections.
fn take_section<'t, 'i>(nodes: &mut Nodes<'t, 'i>) -> Option<Node<'t, 'i>> {
    let rules = [Rule::pattern, Rule::sorted, Rule::excluding];
    rules.into_iter().find_map(|rule| take(nodes, rule))
}

// Made by peg(1) from grammar.pest; change that file instead of this one.

/// The rules of the grammar.
#[allow(dead_code, non_camel_case_types)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The end of the input.
    EOI,
    /// `WHITESPACE`
    WHITESPACE,
    /// `COMMENT`
    COMMENT,
    /// `quoted`
    quoted,
    /// `word`
    word,
    /// `word_start`
    word_start,
    /// `word_first`
    word_first,
    /// `word_char`
    word_char,
    /// `pattern`
    pattern,
    /// `pattern_start`
    pattern_start,
    /// `pattern_char`
    pattern_char,
    /// `symbol`
    symbol,
    /// `symbol_start`
    symbol_start,
    /// `symbol_char`
    symbol_char,
    /// `number`
    number,
    /// `script`
    script,
    /// `command`
    command,
    /// `keyword_command`
    keyword_command,
    /// `with_word`
    with_word,
    /// `with_word_of`
    with_word_of,
    /// `output_format`
    output_format,
    /// `files`
    files,
    /// `files_of`
    files_of,
    /// `file_list`
    file_list,
    /// `file`
    file,
    /// `as_needed`
    as_needed,
    /// `library`
    library,
    /// `extern`
    r#extern,
    /// `no_cross_refs`
    no_cross_refs,
    /// `no_cross_refs_of`
    no_cross_refs_of,
    /// `region_alias`
    region_alias,
    /// `insert`
    insert,
    /// `insert_at`
    insert_at,
    /// `include`
    include,
    /// `include_word`
    include_word,
    /// `plain_command`
    plain_command,
    /// `files_of_old`
    files_of_old,
    /// `assignment`
    assignment,
    /// `operator_of_assignment`
    operator_of_assignment,
    /// `end`
    end,
    /// `provide`
    provide,
    /// `provide_kind`
    provide_kind,
    /// `assertion`
    assertion,
    /// `memory`
    memory,
    /// `memory_items`
    memory_items,
    /// `memory_item`
    memory_item,
    /// `region`
    region,
    /// `attributes`
    attributes,
    /// `attribute`
    attribute,
    /// `not`
    not,
    /// `origin_word`
    origin_word,
    /// `length_word`
    length_word,
    /// `phdrs`
    phdrs,
    /// `phdr`
    phdr,
    /// `qualifier`
    qualifier,
    /// `sections`
    sections,
    /// `sections_items`
    sections_items,
    /// `sections_item`
    sections_item,
    /// `sections_keyword`
    sections_keyword,
    /// `entry`
    entry,
    /// `definition`
    definition,
    /// `output_section`
    output_section,
    /// `section_type`
    section_type,
    /// `section_type_name`
    section_type_name,
    /// `read_only`
    read_only,
    /// `type_value`
    type_value,
    /// `address`
    address,
    /// `bind`
    bind,
    /// `ignored`
    ignored,
    /// `at`
    at,
    /// `align`
    align,
    /// `align_with_input`
    align_with_input,
    /// `subalign`
    subalign,
    /// `constraint`
    constraint,
    /// `placement`
    placement,
    /// `region_of`
    region_of,
    /// `lma_region`
    lma_region,
    /// `phdr_of`
    phdr_of,
    /// `fill`
    fill,
    /// `overlay`
    overlay,
    /// `exclusive`
    exclusive,
    /// `overlay_section`
    overlay_section,
    /// `group`
    group,
    /// `body`
    body,
    /// `body_items`
    body_items,
    /// `body_item`
    body_item,
    /// `body_keyword`
    body_keyword,
    /// `statement`
    statement,
    /// `body_operator`
    body_operator,
    /// `body_provide`
    body_provide,
    /// `body_equals`
    body_equals,
    /// `keep`
    keep,
    /// `input_by_flags`
    input_by_flags,
    /// `input`
    input,
    /// `statement_of_files`
    statement_of_files,
    /// `excluding_input`
    excluding_input,
    /// `sorted_files`
    sorted_files,
    /// `file_sort`
    file_sort,
    /// `exclude`
    exclude,
    /// `section_list`
    section_list,
    /// `section`
    section,
    /// `excluding`
    excluding,
    /// `sorted`
    sorted,
    /// `sort`
    sort,
    /// `data`
    data,
    /// `data_size`
    data_size,
    /// `fill_command`
    fill_command,
    /// `asciz`
    asciz,
    /// `asciz_word`
    asciz_word,
    /// `constructors`
    constructors,
    /// `plain_constructors`
    plain_constructors,
    /// `sorted_constructors`
    sorted_constructors,
    /// `create_object_symbols`
    create_object_symbols,
    /// `linker_version`
    linker_version,
    /// `expression`
    expression,
    /// `operation`
    operation,
    /// `operand`
    operand,
    /// `prefix`
    prefix,
    /// `operator`
    operator,
    /// `parenthesis`
    parenthesis,
    /// `call`
    call,
    /// `of_section`
    of_section,
    /// `of_section_name`
    of_section_name,
    /// `of_symbol`
    of_symbol,
    /// `of_symbol_name`
    of_symbol_name,
    /// `function`
    function,
    /// `function_name`
    function_name,
    /// `segment_start`
    segment_start,
    /// `version`
    version,
    /// `version_script`
    version_script,
    /// `version_node`
    version_node,
    /// `version_name`
    version_name,
    /// `predecessor`
    predecessor,
    /// `version_start`
    version_start,
    /// `version_char`
    version_char,
    /// `version_lists`
    version_lists,
    /// `globals`
    globals,
    /// `locals`
    locals,
    /// `unnamed_globals`
    unnamed_globals,
    /// `entries`
    entries,
    /// `version_entry`
    version_entry,
    /// `entry_text`
    entry_text,
    /// `entry_name`
    entry_name,
    /// `entry_start`
    entry_start,
    /// `language`
    language,
    /// `dynamic_list`
    dynamic_list,
    /// `dynamic_block`
    dynamic_block,
    /// `included_in_sections`
    included_in_sections,
    /// `included_in_body`
    included_in_body,
    /// `included_in_memory`
    included_in_memory,
    /// `definition_of_symbol`
    definition_of_symbol,
    /// `expression_alone`
    expression_alone,
}

#[allow(dead_code)]
impl Rule {
    /// The name of the rule in the grammar.
    pub fn name(self) -> &'static str {
        match self {
            Rule::EOI => "EOI",
            Rule::WHITESPACE => "WHITESPACE",
            Rule::COMMENT => "COMMENT",
            Rule::quoted => "quoted",
            Rule::word => "word",
            Rule::word_start => "word_start",
            Rule::word_first => "word_first",
            Rule::word_char => "word_char",
            Rule::pattern => "pattern",
            Rule::pattern_start => "pattern_start",
            Rule::pattern_char => "pattern_char",
            Rule::symbol => "symbol",
            Rule::symbol_start => "symbol_start",
            Rule::symbol_char => "symbol_char",
            Rule::number => "number",
            Rule::script => "script",
            Rule::command => "command",
            Rule::keyword_command => "keyword_command",
            Rule::with_word => "with_word",
            Rule::with_word_of => "with_word_of",
            Rule::output_format => "output_format",
            Rule::files => "files",
            Rule::files_of => "files_of",
            Rule::file_list => "file_list",
            Rule::file => "file",
            Rule::as_needed => "as_needed",
            Rule::library => "library",
            Rule::r#extern => "extern",
            Rule::no_cross_refs => "no_cross_refs",
            Rule::no_cross_refs_of => "no_cross_refs_of",
            Rule::region_alias => "region_alias",
            Rule::insert => "insert",
            Rule::insert_at => "insert_at",
            Rule::include => "include",
            Rule::include_word => "include_word",
            Rule::plain_command => "plain_command",
            Rule::files_of_old => "files_of_old",
            Rule::assignment => "assignment",
            Rule::operator_of_assignment => "operator_of_assignment",
            Rule::end => "end",
            Rule::provide => "provide",
            Rule::provide_kind => "provide_kind",
            Rule::assertion => "assertion",
            Rule::memory => "memory",
            Rule::memory_items => "memory_items",
            Rule::memory_item => "memory_item",
            Rule::region => "region",
            Rule::attributes => "attributes",
            Rule::attribute => "attribute",
            Rule::not => "not",
            Rule::origin_word => "origin_word",
            Rule::length_word => "length_word",
            Rule::phdrs => "phdrs",
            Rule::phdr => "phdr",
            Rule::qualifier => "qualifier",
            Rule::sections => "sections",
            Rule::sections_items => "sections_items",
            Rule::sections_item => "sections_item",
            Rule::sections_keyword => "sections_keyword",
            Rule::entry => "entry",
            Rule::definition => "definition",
            Rule::output_section => "output_section",
            Rule::section_type => "section_type",
            Rule::section_type_name => "section_type_name",
            Rule::read_only => "read_only",
            Rule::type_value => "type_value",
            Rule::address => "address",
            Rule::bind => "bind",
            Rule::ignored => "ignored",
            Rule::at => "at",
            Rule::align => "align",
            Rule::align_with_input => "align_with_input",
            Rule::subalign => "subalign",
            Rule::constraint => "constraint",
            Rule::placement => "placement",
            Rule::region_of => "region_of",
            Rule::lma_region => "lma_region",
            Rule::phdr_of => "phdr_of",
            Rule::fill => "fill",
            Rule::overlay => "overlay",
            Rule::exclusive => "exclusive",
            Rule::overlay_section => "overlay_section",
            Rule::group => "group",
            Rule::body => "body",
            Rule::body_items => "body_items",
            Rule::body_item => "body_item",
            Rule::body_keyword => "body_keyword",
            Rule::statement => "statement",
            Rule::body_operator => "body_operator",
            Rule::body_provide => "body_provide",
            Rule::body_equals => "body_equals",
            Rule::keep => "keep",
            Rule::input_by_flags => "input_by_flags",
            Rule::input => "input",
            Rule::statement_of_files => "statement_of_files",
            Rule::excluding_input => "excluding_input",
            Rule::sorted_files => "sorted_files",
            Rule::file_sort => "file_sort",
            Rule::exclude => "exclude",
            Rule::section_list => "section_list",
            Rule::section => "section",
            Rule::excluding => "excluding",
            Rule::sorted => "sorted",
            Rule::sort => "sort",
            Rule::data => "data",
            Rule::data_size => "data_size",
            Rule::fill_command => "fill_command",
            Rule::asciz => "asciz",
            Rule::asciz_word => "asciz_word",
            Rule::constructors => "constructors",
            Rule::plain_constructors => "plain_constructors",
            Rule::sorted_constructors => "sorted_constructors",
            Rule::create_object_symbols => "create_object_symbols",
            Rule::linker_version => "linker_version",
            Rule::expression => "expression",
            Rule::operation => "operation",
            Rule::operand => "operand",
            Rule::prefix => "prefix",
            Rule::operator => "operator",
            Rule::parenthesis => "parenthesis",
            Rule::call => "call",
            Rule::of_section => "of_section",
            Rule::of_section_name => "of_section_name",
            Rule::of_symbol => "of_symbol",
            Rule::of_symbol_name => "of_symbol_name",
            Rule::function => "function",
            Rule::function_name => "function_name",
            Rule::segment_start => "segment_start",
            Rule::version => "version",
            Rule::version_script => "version_script",
            Rule::version_node => "version_node",
            Rule::version_name => "version_name",
            Rule::predecessor => "predecessor",
            Rule::version_start => "version_start",
            Rule::version_char => "version_char",
            Rule::version_lists => "version_lists",
            Rule::globals => "globals",
            Rule::locals => "locals",
            Rule::unnamed_globals => "unnamed_globals",
            Rule::entries => "entries",
            Rule::version_entry => "version_entry",
            Rule::entry_text => "entry_text",
            Rule::entry_name => "entry_name",
            Rule::entry_start => "entry_start",
            Rule::language => "language",
            Rule::dynamic_list => "dynamic_list",
            Rule::dynamic_block => "dynamic_block",
            Rule::included_in_sections => "included_in_sections",
            Rule::included_in_body => "included_in_body",
            Rule::included_in_memory => "included_in_memory",
            Rule::definition_of_symbol => "definition_of_symbol",
            Rule::expression_alone => "expression_alone",
        }
    }
}

/// The parser.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct Parser;

#[allow(dead_code)]
impl Parser {
    /// Parses `input` with a rule, which need not match all of it unless it ends with `EOI`.
    ///
    /// # Errors
    /// The input does not match, or is nested too deep.
    pub fn parse(rule: Rule, input: &str) -> Result<Tree<'_, Rule>, Failure<'_, Rule>> {
        Parser::parse_within(Limits::default(), rule, input)
    }

    /// As `parse`, within other limits. A thread needs a stack for the depth that they allow.
    ///
    /// # Errors
    /// The input does not match, or a limit was reached.
    pub fn parse_within(
        limits: Limits,
        rule: Rule,
        input: &str,
    ) -> Result<Tree<'_, Rule>, Failure<'_, Rule>> {
        // What was expected matters only if the input does not match.
        let mut state = State::new(input, limits);
        state.be_quiet();
        let matched = call(&mut state, rule);
        state.finish(matched).or_else(|_| {
            let mut state = State::new(input, limits);
            let matched = call(&mut state, rule);
            state.finish(matched)
        })
    }
}

impl std::fmt::Display for Failure<'_, Rule> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        match self.limit {
            Some(Limit::Depth) => return f.write_str("nested too deep"),
            Some(Limit::Steps) => return f.write_str("took too many steps"),
            Some(Limit::Nodes) => return f.write_str("too large a tree"),
            None if self.expected.is_empty() => f.write_str("unexpected text")?,
            None => f.write_str("expected ")?,
        }
        for (index, expected) in self.expected.iter().enumerate() {
            let is_last = index + 1 == self.expected.len();
            f.write_str(match index {
                0 => "",
                _ if is_last => " or ",
                _ => ", ",
            })?;
            match expected {
                Expected::Rule(rule) => f.write_str(rule.name())?,
                Expected::Text(text) => write!(f, "{text:?}")?,
                Expected::AnyCase(text) => write!(f, "^{text:?}")?,
                Expected::Range(first, last) => write!(f, "{first:?}..{last:?}")?,
                Expected::Builtin(name) => f.write_str(name)?,
            }
        }
        match self.rule {
            Some(rule) => write!(f, " in {}", rule.name()),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure<'_, Rule> {}

/// Matches any rule.
fn call(s: &mut State<'_, Rule>, rule: Rule) -> bool {
    match rule {
        Rule::EOI => s.end_of_input(Rule::EOI),
        Rule::WHITESPACE => rule_WHITESPACE(s),
        Rule::COMMENT => rule_COMMENT(s),
        Rule::quoted => rule_quoted(s),
        Rule::word => rule_word(s),
        Rule::word_start => rule_word_start(s),
        Rule::word_first => rule_word_first(s),
        Rule::word_char => rule_word_char(s),
        Rule::pattern => rule_pattern(s),
        Rule::pattern_start => rule_pattern_start(s),
        Rule::pattern_char => rule_pattern_char(s),
        Rule::symbol => rule_symbol(s),
        Rule::symbol_start => rule_symbol_start(s),
        Rule::symbol_char => rule_symbol_char(s),
        Rule::number => rule_number(s),
        Rule::script => rule_script(s),
        Rule::command => rule_command(s),
        Rule::keyword_command => rule_keyword_command(s),
        Rule::with_word => rule_with_word(s),
        Rule::with_word_of => rule_with_word_of(s),
        Rule::output_format => rule_output_format(s),
        Rule::files => rule_files(s),
        Rule::files_of => rule_files_of(s),
        Rule::file_list => rule_file_list(s),
        Rule::file => rule_file(s),
        Rule::as_needed => rule_as_needed(s),
        Rule::library => rule_library(s),
        Rule::r#extern => rule_extern(s),
        Rule::no_cross_refs => rule_no_cross_refs(s),
        Rule::no_cross_refs_of => rule_no_cross_refs_of(s),
        Rule::region_alias => rule_region_alias(s),
        Rule::insert => rule_insert(s),
        Rule::insert_at => rule_insert_at(s),
        Rule::include => rule_include(s),
        Rule::include_word => rule_include_word(s),
        Rule::plain_command => rule_plain_command(s),
        Rule::files_of_old => rule_files_of_old(s),
        Rule::assignment => rule_assignment(s),
        Rule::operator_of_assignment => rule_operator_of_assignment(s),
        Rule::end => rule_end(s),
        Rule::provide => rule_provide(s),
        Rule::provide_kind => rule_provide_kind(s),
        Rule::assertion => rule_assertion(s),
        Rule::memory => rule_memory(s),
        Rule::memory_items => rule_memory_items(s),
        Rule::memory_item => rule_memory_item(s),
        Rule::region => rule_region(s),
        Rule::attributes => rule_attributes(s),
        Rule::attribute => rule_attribute(s),
        Rule::not => rule_not(s),
        Rule::origin_word => rule_origin_word(s),
        Rule::length_word => rule_length_word(s),
        Rule::phdrs => rule_phdrs(s),
        Rule::phdr => rule_phdr(s),
        Rule::qualifier => rule_qualifier(s),
        Rule::sections => rule_sections(s),
        Rule::sections_items => rule_sections_items(s),
        Rule::sections_item => rule_sections_item(s),
        Rule::sections_keyword => rule_sections_keyword(s),
        Rule::entry => rule_entry(s),
        Rule::definition => rule_definition(s),
        Rule::output_section => rule_output_section(s),
        Rule::section_type => rule_section_type(s),
        Rule::section_type_name => rule_section_type_name(s),
        Rule::read_only => rule_read_only(s),
        Rule::type_value => rule_type_value(s),
        Rule::address => rule_address(s),
        Rule::bind => rule_bind(s),
        Rule::ignored => rule_ignored(s),
        Rule::at => rule_at(s),
        Rule::align => rule_align(s),
        Rule::align_with_input => rule_align_with_input(s),
        Rule::subalign => rule_subalign(s),
        Rule::constraint => rule_constraint(s),
        Rule::placement => rule_placement(s),
        Rule::region_of => rule_region_of(s),
        Rule::lma_region => rule_lma_region(s),
        Rule::phdr_of => rule_phdr_of(s),
        Rule::fill => rule_fill(s),
        Rule::overlay => rule_overlay(s),
        Rule::exclusive => rule_exclusive(s),
        Rule::overlay_section => rule_overlay_section(s),
        Rule::group => rule_group(s),
        Rule::body => rule_body(s),
        Rule::body_items => rule_body_items(s),
        Rule::body_item => rule_body_item(s),
        Rule::body_keyword => rule_body_keyword(s),
        Rule::statement => rule_statement(s),
        Rule::body_operator => rule_body_operator(s),
        Rule::body_provide => rule_body_provide(s),
        Rule::body_equals => rule_body_equals(s),
        Rule::keep => rule_keep(s),
        Rule::input_by_flags => rule_input_by_flags(s),
        Rule::input => rule_input(s),
        Rule::statement_of_files => rule_statement_of_files(s),
        Rule::excluding_input => rule_excluding_input(s),
        Rule::sorted_files => rule_sorted_files(s),
        Rule::file_sort => rule_file_sort(s),
        Rule::exclude => rule_exclude(s),
        Rule::section_list => rule_section_list(s),
        Rule::section => rule_section(s),
        Rule::excluding => rule_excluding(s),
        Rule::sorted => rule_sorted(s),
        Rule::sort => rule_sort(s),
        Rule::data => rule_data(s),
        Rule::data_size => rule_data_size(s),
        Rule::fill_command => rule_fill_command(s),
        Rule::asciz => rule_asciz(s),
        Rule::asciz_word => rule_asciz_word(s),
        Rule::constructors => rule_constructors(s),
        Rule::plain_constructors => rule_plain_constructors(s),
        Rule::sorted_constructors => rule_sorted_constructors(s),
        Rule::create_object_symbols => rule_create_object_symbols(s),
        Rule::linker_version => rule_linker_version(s),
        Rule::expression => rule_expression(s),
        Rule::operation => rule_operation(s),
        Rule::operand => rule_operand(s),
        Rule::prefix => rule_prefix(s),
        Rule::operator => rule_operator(s),
        Rule::parenthesis => rule_parenthesis(s),
        Rule::call => rule_call(s),
        Rule::of_section => rule_of_section(s),
        Rule::of_section_name => rule_of_section_name(s),
        Rule::of_symbol => rule_of_symbol(s),
        Rule::of_symbol_name => rule_of_symbol_name(s),
        Rule::function => rule_function(s),
        Rule::function_name => rule_function_name(s),
        Rule::segment_start => rule_segment_start(s),
        Rule::version => rule_version(s),
        Rule::version_script => rule_version_script(s),
        Rule::version_node => rule_version_node(s),
        Rule::version_name => rule_version_name(s),
        Rule::predecessor => rule_predecessor(s),
        Rule::version_start => rule_version_start(s),
        Rule::version_char => rule_version_char(s),
        Rule::version_lists => rule_version_lists(s),
        Rule::globals => rule_globals(s),
        Rule::locals => rule_locals(s),
        Rule::unnamed_globals => rule_unnamed_globals(s),
        Rule::entries => rule_entries(s),
        Rule::version_entry => rule_version_entry(s),
        Rule::entry_text => rule_entry_text(s),
        Rule::entry_name => rule_entry_name(s),
        Rule::entry_start => rule_entry_start(s),
        Rule::language => rule_language(s),
        Rule::dynamic_list => rule_dynamic_list(s),
        Rule::dynamic_block => rule_dynamic_block(s),
        Rule::included_in_sections => rule_included_in_sections(s),
        Rule::included_in_body => rule_included_in_body(s),
        Rule::included_in_memory => rule_included_in_memory(s),
        Rule::definition_of_symbol => rule_definition_of_symbol(s),
        Rule::expression_alone => rule_expression_alone(s),
    }
}

#[allow(non_snake_case)]
fn rule_WHITESPACE(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::WHITESPACE, Kind::SilentAtomic, |s| {
        s.set(|c| matches!(c, '\t' | '\n' | '\r' | ' '), |s| {
            s.literal(" ") || s.literal("\n") || s.literal("\t") || s.literal("\r")
        })
    })
}

#[allow(non_snake_case)]
fn rule_COMMENT(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::COMMENT, Kind::SilentAtomic, |s| {
        s.sequence(|s| {
            s.literal("/*")
                && s.many(0, no_skip, |s| {
                    s.sequence(|s| s.not(|s| s.literal("*/")) && s.class("ANY", |_| true))
                })
                && s.literal("*/")
        })
            || s.sequence(|s| {
                s.literal("#")
                    && s.many(0, no_skip, |s| {
                        s.sequence(|s| s.not(|s| s.literal("\n")) && s.class("ANY", |_| true))
                    })
            })
    })
}

#[allow(non_snake_case)]
fn rule_quoted(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::quoted, Kind::Silent, |s| {
        s.sequence(|s| {
            s.literal("\"")
                && skip(s)
                && s.many(0, skip, |s| {
                    s.sequence(|s| {
                        s.not(|s| s.literal("\"")) && skip(s) && s.class("ANY", |_| true)
                    })
                })
                && skip(s)
                && s.literal("\"")
        })
    })
}

#[allow(non_snake_case)]
fn rule_word(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::word, Kind::Atomic, |s| {
        s.sequence(|s| {
            rule_word_start(s)
                && s.set_many(0, |c| matches!(c, '$' | '+' | ',' | '-' | '.' | '/' | '0'..='9' | ':' | '=' | 'A'..='Z' | '[' | '\\' | ']' | '_' | 'a'..='z' | '~'), |s| {
                    s.many(0, no_skip, rule_word_char)
                })
        })
            || rule_quoted(s)
    })
}

#[allow(non_snake_case)]
fn rule_word_start(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::word_start, Kind::Silent, |s| {
        s.set(|c| matches!(c, '$' | '.' | 'A'..='Z' | '\\' | '_' | 'a'..='z' | '~'), |s| {
            rule_word_first(s)
        })
            || s.sequence(|s| s.literal("/") && skip(s) && s.not(|s| s.literal("*")))
    })
}

#[allow(non_snake_case)]
fn rule_word_first(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::word_first, Kind::Silent, |s| {
        s.set(|c| matches!(c, '$' | '.' | 'A'..='Z' | '\\' | '_' | 'a'..='z' | '~'), |s| {
            s.class("ASCII_ALPHA", |c| matches!(c, 'a'..='z' | 'A'..='Z'))
                || s.literal(".")
                || s.literal("_")
                || s.literal("$")
                || s.literal("\\")
                || s.literal("~")
        })
    })
}

#[allow(non_snake_case)]
fn rule_word_char(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::word_char, Kind::Silent, |s| {
        s.set(|c| matches!(c, '$' | '+' | ',' | '-' | '.' | '/' | '0'..='9' | ':' | '=' | 'A'..='Z' | '[' | '\\' | ']' | '_' | 'a'..='z' | '~'), |s| {
            s.class("ASCII_ALPHANUMERIC", |c| matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9'))
                || s.literal("_")
                || s.literal(".")
                || s.literal("-")
                || s.literal("/")
                || s.literal("+")
                || s.literal(":")
                || s.literal("$")
                || s.literal("=")
                || s.literal(",")
                || s.literal("\\")
                || s.literal("~")
                || s.literal("[")
                || s.literal("]")
        })
    })
}

#[allow(non_snake_case)]
fn rule_pattern(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::pattern, Kind::Atomic, |s| {
        s.sequence(|s| {
            rule_pattern_start(s)
                && s.set_many(0, |c| matches!(c, '!' | '$' | '*' | '+' | ',' | '-' | '.' | '/' | '0'..='9' | ':' | '=' | '?' | 'A'..='Z' | '[' | '\\' | ']' | '^' | '_' | 'a'..='z' | '~'), |s| {
                    s.many(0, no_skip, rule_pattern_char)
                })
        })
            || rule_quoted(s)
    })
}

#[allow(non_snake_case)]
fn rule_pattern_start(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::pattern_start, Kind::Silent, |s| {
        s.sequence(|s| {
            s.not(|s| s.literal("/*"))
                && skip(s)
                && s.set(|c| matches!(c, '!' | '$' | '*' | '+' | ',' | '-' | '.' | '/' | '0'..='9' | ':' | '=' | '?' | 'A'..='Z' | '[' | '\\' | ']' | '^' | '_' | 'a'..='z' | '~'), |s| {
                    rule_pattern_char(s)
                })
        })
    })
}

#[allow(non_snake_case)]
fn rule_pattern_char(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::pattern_char, Kind::Silent, |s| {
        s.set(|c| matches!(c, '!' | '$' | '*' | '+' | ',' | '-' | '.' | '/' | '0'..='9' | ':' | '=' | '?' | 'A'..='Z' | '[' | '\\' | ']' | '^' | '_' | 'a'..='z' | '~'), |s| {
            s.class("ASCII_ALPHANUMERIC", |c| matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9'))
                || s.literal(".")
                || s.literal("*")
                || s.literal("_")
                || s.literal("-")
                || s.literal("/")
                || s.literal("?")
                || s.literal("+")
                || s.literal(":")
                || s.literal("$")
                || s.literal("=")
                || s.literal(",")
                || s.literal("[")
                || s.literal("]")
                || s.literal("!")
                || s.literal("^")
                || s.literal("\\")
                || s.literal("~")
        })
    })
}

#[allow(non_snake_case)]
fn rule_symbol(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::symbol, Kind::Atomic, |s| {
        s.sequence(|s| {
            s.set(|c| matches!(c, '$' | '.' | 'A'..='Z' | '\\' | '_' | 'a'..='z'), |s| {
                rule_symbol_start(s)
            })
                && s.set_many(0, |c| matches!(c, '$' | '.' | '/' | '0'..='9' | 'A'..='Z' | '\\' | '_' | 'a'..='z' | '~'), |s| {
                    s.many(0, no_skip, rule_symbol_char)
                })
        })
            || rule_quoted(s)
    })
}

#[allow(non_snake_case)]
fn rule_symbol_start(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::symbol_start, Kind::Silent, |s| {
        s.set(|c| matches!(c, '$' | '.' | 'A'..='Z' | '\\' | '_' | 'a'..='z'), |s| {
            s.class("ASCII_ALPHA", |c| matches!(c, 'a'..='z' | 'A'..='Z'))
                || s.literal("_")
                || s.literal(".")
                || s.literal("$")
                || s.literal("\\")
        })
    })
}

#[allow(non_snake_case)]
fn rule_symbol_char(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::symbol_char, Kind::Silent, |s| {
        s.set(|c| matches!(c, '$' | '.' | '/' | '0'..='9' | 'A'..='Z' | '\\' | '_' | 'a'..='z' | '~'), |s| {
            s.class("ASCII_ALPHANUMERIC", |c| matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9'))
                || s.literal("_")
                || s.literal(".")
                || s.literal("$")
                || s.literal("/")
                || s.literal("\\")
                || s.literal("~")
        })
    })
}

#[allow(non_snake_case)]
fn rule_number(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::number, Kind::Atomic, |s| {
        s.sequence(|s| {
            s.class("ASCII_DIGIT", |c| matches!(c, '0'..='9'))
                && s.set_many(0, |c| matches!(c, '0'..='9' | 'A'..='Z' | 'a'..='z'), |s| {
                    s.many(0, no_skip, |s| {
                        s.class("ASCII_ALPHANUMERIC", |c| matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9'))
                    })
                })
        })
            || s.sequence(|s| {
                s.literal("$")
                    && s.set_many(1, |c| matches!(c, '0'..='9' | 'A'..='F' | 'a'..='f'), |s| {
                        s.many(1, no_skip, |s| {
                            s.class("ASCII_HEX_DIGIT", |c| matches!(c, '0'..='9' | 'a'..='f' | 'A'..='F'))
                        })
                    })
                    && s.not(rule_symbol_char)
            })
    })
}

#[allow(non_snake_case)]
fn rule_script(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::script, Kind::Silent, |s| {
        s.sequence(|s| {
            s.start_of_input()
                && skip(s)
                && s.many(0, skip, rule_command)
                && skip(s)
                && s.end_of_input(Rule::EOI)
        })
    })
}

#[allow(non_snake_case)]
fn rule_command(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::command, Kind::Silent, |s| {
        s.literal(";")
            || s.sequence(|s| {
                s.and(|s| s.class("ASCII_ALPHA_UPPER", |c| matches!(c, 'A'..='Z')))
                    && skip(s)
                    && rule_keyword_command(s)
            })
            || rule_assignment(s)
    })
}

#[allow(non_snake_case)]
fn rule_keyword_command(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::keyword_command, Kind::Silent, |s| {
        rule_sections(s)
            || rule_memory(s)
            || rule_phdrs(s)
            || rule_version(s)
            || rule_with_word(s)
            || rule_output_format(s)
            || rule_files(s)
            || rule_extern(s)
            || rule_no_cross_refs(s)
            || rule_region_alias(s)
            || rule_insert(s)
            || rule_assertion(s)
            || rule_provide(s)
            || rule_include(s)
            || rule_files_of_old(s)
            || rule_plain_command(s)
    })
}

#[allow(non_snake_case)]
fn rule_with_word(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::with_word, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_with_word_of(s)
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_word(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_with_word_of(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::with_word_of, Kind::Atomic, |s| {
        s.literal("ENTRY")
            || s.literal("OUTPUT_ARCH")
            || s.sequence(|s| s.literal("OUTPUT") && s.not(|s| s.literal("_")))
            || s.literal("TARGET")
            || s.literal("SEARCH_DIR")
            || s.literal("STARTUP")
            || s.literal("MAP")
            || s.literal("LD_FEATURE")
    })
}

#[allow(non_snake_case)]
fn rule_output_format(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::output_format, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("OUTPUT_FORMAT")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_word(s)
                && skip(s)
                && s.optional(|s| {
                    s.sequence(|s| {
                        s.literal(",")
                            && skip(s)
                            && rule_word(s)
                            && skip(s)
                            && s.literal(",")
                            && skip(s)
                            && rule_word(s)
                    })
                })
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_files(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::files, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_files_of(s)
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_file_list(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_files_of(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::files_of, Kind::Atomic, |s| s.literal("INPUT") || s.literal("GROUP"))
}

#[allow(non_snake_case)]
fn rule_file_list(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::file_list, Kind::Silent, |s| {
        s.sequence(|s| {
            rule_file(s)
                && skip(s)
                && s.many(0, skip, |s| {
                    s.sequence(|s| s.optional(|s| s.literal(",")) && skip(s) && rule_file(s))
                })
        })
    })
}

#[allow(non_snake_case)]
fn rule_file(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::file, Kind::Silent, |s| rule_as_needed(s) || rule_library(s) || rule_word(s))
}

#[allow(non_snake_case)]
fn rule_as_needed(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::as_needed, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("AS_NEEDED")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_file_list(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_library(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::library, Kind::Atomic, |s| {
        s.sequence(|s| {
            s.literal("-l")
                && s.set_many(1, |c| matches!(c, '$' | '+' | ',' | '-' | '.' | '/' | '0'..='9' | ':' | '=' | 'A'..='Z' | '[' | '\\' | ']' | '_' | 'a'..='z' | '~'), |s| {
                    s.many(1, no_skip, rule_word_char)
                })
        })
    })
}

#[allow(non_snake_case)]
fn rule_extern(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::r#extern, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("EXTERN")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_symbol(s)
                && skip(s)
                && s.many(0, skip, |s| {
                    s.sequence(|s| s.optional(|s| s.literal(",")) && skip(s) && rule_symbol(s))
                })
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_no_cross_refs(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::no_cross_refs, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_no_cross_refs_of(s)
                && skip(s)
                && s.literal("(")
                && skip(s)
                && s.many(0, skip, |s| {
                    s.sequence(|s| rule_word(s) && skip(s) && s.optional(|s| s.literal(",")))
                })
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_no_cross_refs_of(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::no_cross_refs_of, Kind::Atomic, |s| {
        s.literal("NOCROSSREFS_TO") || s.literal("NOCROSSREFS")
    })
}

#[allow(non_snake_case)]
fn rule_region_alias(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::region_alias, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("REGION_ALIAS")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_word(s)
                && skip(s)
                && s.literal(",")
                && skip(s)
                && rule_word(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_insert(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::insert, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("INSERT") && skip(s) && rule_insert_at(s) && skip(s) && rule_word(s)
        })
    })
}

#[allow(non_snake_case)]
fn rule_insert_at(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::insert_at, Kind::Atomic, |s| {
        s.sequence(|s| (s.literal("AFTER") || s.literal("BEFORE")) && s.not(rule_word_char))
    })
}

#[allow(non_snake_case)]
fn rule_include(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::include, Kind::Normal, |s| {
        s.sequence(|s| rule_include_word(s) && skip(s) && rule_word(s))
    })
}

#[allow(non_snake_case)]
fn rule_include_word(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::include_word, Kind::Atomic, |s| {
        s.sequence(|s| s.literal("INCLUDE") && s.not(rule_word_char))
    })
}

#[allow(non_snake_case)]
fn rule_plain_command(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::plain_command, Kind::Atomic, |s| {
        s.sequence(|s| {
            (s.literal("FORCE_COMMON_ALLOCATION")
                || s.literal("INHIBIT_COMMON_ALLOCATION")
                || s.literal("FORCE_GROUP_ALLOCATION")
                || s.literal("FLOAT")
                || s.literal("NOFLOAT"))
                && s.not(rule_word_char)
        })
    })
}

#[allow(non_snake_case)]
fn rule_files_of_old(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::files_of_old, Kind::Normal, |s| {
        s.sequence(|s| {
            (s.literal("HLL") || s.literal("SYSLIB"))
                && skip(s)
                && s.literal("(")
                && skip(s)
                && s.optional(rule_file_list)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_assignment(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::assignment, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_word(s)
                && skip(s)
                && rule_operator_of_assignment(s)
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.set(|c| matches!(c, ',' | ';'), |s| rule_end(s))
        })
    })
}

#[allow(non_snake_case)]
fn rule_operator_of_assignment(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::operator_of_assignment, Kind::Atomic, |s| {
        s.sequence(|s| s.literal("=") && s.not(|s| s.literal("=")))
            || s.literal("+=")
            || s.literal("-=")
            || s.literal("*=")
            || s.literal("/=")
            || s.literal("<<=")
            || s.literal(">>=")
            || s.literal("&=")
            || s.literal("|=")
            || s.literal("^=")
    })
}

#[allow(non_snake_case)]
fn rule_end(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::end, Kind::Silent, |s| {
        s.set(|c| matches!(c, ',' | ';'), |s| s.literal(";") || s.literal(","))
    })
}

#[allow(non_snake_case)]
fn rule_provide(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::provide, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_provide_kind(s)
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_word(s)
                && skip(s)
                && s.literal("=")
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.literal(")")
                && skip(s)
                && s.set(|c| matches!(c, ',' | ';'), |s| rule_end(s))
        })
    })
}

#[allow(non_snake_case)]
fn rule_provide_kind(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::provide_kind, Kind::Atomic, |s| {
        s.literal("PROVIDE_HIDDEN")
            || s.sequence(|s| s.literal("PROVIDE") && s.not(|s| s.literal("_")))
            || s.literal("HIDDEN")
    })
}

#[allow(non_snake_case)]
fn rule_assertion(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::assertion, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("ASSERT")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.literal(",")
                && skip(s)
                && rule_symbol(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_memory(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::memory, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("MEMORY")
                && skip(s)
                && s.literal("{")
                && skip(s)
                && rule_memory_items(s)
                && skip(s)
                && s.literal("}")
        })
    })
}

#[allow(non_snake_case)]
fn rule_memory_items(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::memory_items, Kind::Silent, |s| {
        s.optional(|s| {
            s.sequence(|s| {
                rule_memory_item(s)
                    && skip(s)
                    && s.many(0, skip, |s| {
                        s.sequence(|s| {
                            s.optional(|s| s.literal(",")) && skip(s) && rule_memory_item(s)
                        })
                    })
            })
        })
    })
}

#[allow(non_snake_case)]
fn rule_memory_item(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::memory_item, Kind::Silent, |s| rule_include(s) || rule_region(s))
}

#[allow(non_snake_case)]
fn rule_region(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::region, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_word(s)
                && skip(s)
                && s.optional(rule_attributes)
                && skip(s)
                && s.literal(":")
                && skip(s)
                && rule_origin_word(s)
                && skip(s)
                && s.literal("=")
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.optional(|s| s.literal(","))
                && skip(s)
                && rule_length_word(s)
                && skip(s)
                && s.literal("=")
                && skip(s)
                && rule_expression(s)
        })
    })
}

#[allow(non_snake_case)]
fn rule_attributes(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::attributes, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("(")
                && skip(s)
                && s.many(1, skip, rule_attribute)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_attribute(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::attribute, Kind::Silent, |s| rule_not(s) || rule_word(s))
}

#[allow(non_snake_case)]
fn rule_not(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::not, Kind::Normal, |s| s.literal("!"))
}

#[allow(non_snake_case)]
fn rule_origin_word(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::origin_word, Kind::Atomic, |s| {
        s.sequence(|s| {
            (s.literal("ORIGIN") || s.literal("org") || s.literal("o")) && s.not(rule_word_char)
        })
    })
}

#[allow(non_snake_case)]
fn rule_length_word(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::length_word, Kind::Atomic, |s| {
        s.sequence(|s| {
            (s.literal("LENGTH") || s.literal("len") || s.literal("l")) && s.not(rule_word_char)
        })
    })
}

#[allow(non_snake_case)]
fn rule_phdrs(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::phdrs, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("PHDRS")
                && skip(s)
                && s.literal("{")
                && skip(s)
                && s.many(0, skip, rule_phdr)
                && skip(s)
                && s.literal("}")
        })
    })
}

#[allow(non_snake_case)]
fn rule_phdr(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::phdr, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_word(s)
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.many(0, skip, rule_qualifier)
                && skip(s)
                && s.literal(";")
        })
    })
}

#[allow(non_snake_case)]
fn rule_qualifier(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::qualifier, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_symbol(s)
                && skip(s)
                && s.optional(|s| {
                    s.sequence(|s| {
                        s.literal("(") && skip(s) && rule_expression(s) && skip(s) && s.literal(")")
                    })
                })
        })
    })
}

#[allow(non_snake_case)]
fn rule_sections(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::sections, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("SECTIONS")
                && skip(s)
                && s.literal("{")
                && skip(s)
                && rule_sections_items(s)
                && skip(s)
                && s.literal("}")
        })
    })
}

#[allow(non_snake_case)]
fn rule_sections_items(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::sections_items, Kind::Silent, |s| s.many(0, skip, rule_sections_item))
}

#[allow(non_snake_case)]
fn rule_sections_item(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::sections_item, Kind::Silent, |s| {
        s.sequence(|s| {
            s.and(|s| s.class("ASCII_ALPHA_UPPER", |c| matches!(c, 'A'..='Z')))
                && skip(s)
                && rule_sections_keyword(s)
        })
            || rule_definition(s)
    })
}

#[allow(non_snake_case)]
fn rule_sections_keyword(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::sections_keyword, Kind::Silent, |s| {
        rule_assertion(s)
            || rule_provide(s)
            || rule_overlay(s)
            || rule_entry(s)
            || rule_include(s)
            || rule_group(s)
    })
}

#[allow(non_snake_case)]
fn rule_entry(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::entry, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("ENTRY")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_word(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_definition(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::definition, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_word(s)
                && skip(s)
                && (s.sequence(|s| {
                    rule_operator_of_assignment(s)
                        && skip(s)
                        && rule_expression(s)
                        && skip(s)
                        && s.set(|c| matches!(c, ',' | ';'), |s| rule_end(s))
                })
                    || rule_output_section(s))
        })
    })
}

#[allow(non_snake_case)]
fn rule_output_section(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::output_section, Kind::Silent, |s| {
        s.sequence(|s| {
            s.optional(|s| {
                rule_section_type(s)
                    || s.sequence(|s| rule_address(s) && skip(s) && s.optional(rule_section_type))
            })
                && skip(s)
                && s.literal(":")
                && skip(s)
                && s.optional(rule_at)
                && skip(s)
                && s.optional(rule_align)
                && skip(s)
                && s.optional(rule_align_with_input)
                && skip(s)
                && s.optional(rule_subalign)
                && skip(s)
                && s.optional(rule_constraint)
                && skip(s)
                && rule_body(s)
                && skip(s)
                && rule_placement(s)
        })
    })
}

#[allow(non_snake_case)]
fn rule_section_type(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::section_type, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("(")
                && skip(s)
                && s.optional(|s| {
                    rule_section_type_name(s) || rule_read_only(s) || rule_type_value(s)
                })
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_section_type_name(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::section_type_name, Kind::Atomic, |s| {
        s.literal("NOLOAD")
            || s.literal("DSECT")
            || s.literal("COPY")
            || s.literal("INFO")
            || s.literal("OVERLAY")
    })
}

#[allow(non_snake_case)]
fn rule_read_only(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::read_only, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("READONLY")
                && skip(s)
                && s.optional(|s| {
                    s.sequence(|s| {
                        s.literal("(") && skip(s) && rule_type_value(s) && skip(s) && s.literal(")")
                    })
                })
        })
    })
}

#[allow(non_snake_case)]
fn rule_type_value(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::type_value, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("TYPE") && skip(s) && s.literal("=") && skip(s) && rule_expression(s)
        })
    })
}

#[allow(non_snake_case)]
fn rule_address(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::address, Kind::Normal, |s| rule_bind(s) || rule_expression(s))
}

#[allow(non_snake_case)]
fn rule_bind(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::bind, Kind::Silent, |s| {
        s.sequence(|s| {
            s.literal("BIND")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.literal(")")
                && skip(s)
                && s.optional(|s| {
                    s.sequence(|s| {
                        s.literal("BLOCK")
                            && skip(s)
                            && s.literal("(")
                            && skip(s)
                            && rule_ignored(s)
                            && skip(s)
                            && s.literal(")")
                    })
                })
        })
    })
}

#[allow(non_snake_case)]
fn rule_ignored(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::ignored, Kind::Normal, rule_expression)
}

#[allow(non_snake_case)]
fn rule_at(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::at, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("AT")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_align(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::align, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("ALIGN")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_align_with_input(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::align_with_input, Kind::Normal, |s| s.literal("ALIGN_WITH_INPUT"))
}

#[allow(non_snake_case)]
fn rule_subalign(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::subalign, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("SUBALIGN")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_constraint(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::constraint, Kind::Normal, |s| {
        s.literal("ONLY_IF_RO") || s.literal("ONLY_IF_RW") || s.literal("SPECIAL")
    })
}

#[allow(non_snake_case)]
fn rule_placement(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::placement, Kind::Silent, |s| {
        s.sequence(|s| {
            s.optional(rule_region_of)
                && skip(s)
                && s.optional(rule_lma_region)
                && skip(s)
                && s.many(0, skip, rule_phdr_of)
                && skip(s)
                && s.optional(rule_fill)
                && skip(s)
                && s.optional(|s| s.literal(","))
        })
    })
}

#[allow(non_snake_case)]
fn rule_region_of(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::region_of, Kind::Normal, |s| {
        s.sequence(|s| s.literal(">") && skip(s) && rule_word(s))
    })
}

#[allow(non_snake_case)]
fn rule_lma_region(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::lma_region, Kind::Normal, |s| {
        s.sequence(|s| s.literal("AT") && skip(s) && s.literal(">") && skip(s) && rule_word(s))
    })
}

#[allow(non_snake_case)]
fn rule_phdr_of(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::phdr_of, Kind::Normal, |s| {
        s.sequence(|s| s.literal(":") && skip(s) && rule_word(s))
    })
}

#[allow(non_snake_case)]
fn rule_fill(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::fill, Kind::Normal, |s| {
        s.sequence(|s| s.literal("=") && skip(s) && rule_expression(s))
    })
}

#[allow(non_snake_case)]
fn rule_overlay(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::overlay, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("OVERLAY")
                && skip(s)
                && s.optional(rule_address)
                && skip(s)
                && s.literal(":")
                && skip(s)
                && s.optional(rule_exclusive)
                && skip(s)
                && s.optional(rule_at)
                && skip(s)
                && s.optional(rule_subalign)
                && skip(s)
                && s.literal("{")
                && skip(s)
                && s.many(0, skip, rule_overlay_section)
                && skip(s)
                && s.literal("}")
                && skip(s)
                && rule_placement(s)
        })
    })
}

#[allow(non_snake_case)]
fn rule_exclusive(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::exclusive, Kind::Normal, |s| s.literal("NOCROSSREFS"))
}

#[allow(non_snake_case)]
fn rule_overlay_section(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::overlay_section, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_word(s)
                && skip(s)
                && rule_body(s)
                && skip(s)
                && s.many(0, skip, rule_phdr_of)
                && skip(s)
                && s.optional(rule_fill)
                && skip(s)
                && s.optional(|s| s.literal(","))
        })
    })
}

#[allow(non_snake_case)]
fn rule_group(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::group, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("GROUP")
                && skip(s)
                && s.optional(rule_address)
                && skip(s)
                && s.literal(":")
                && skip(s)
                && s.literal("{")
                && skip(s)
                && rule_sections_items(s)
                && skip(s)
                && s.literal("}")
        })
    })
}

#[allow(non_snake_case)]
fn rule_body(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::body, Kind::Normal, |s| {
        s.sequence(|s| s.literal("{") && skip(s) && rule_body_items(s) && skip(s) && s.literal("}"))
    })
}

#[allow(non_snake_case)]
fn rule_body_items(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::body_items, Kind::Silent, |s| s.many(0, skip, rule_body_item))
}

#[allow(non_snake_case)]
fn rule_body_item(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::body_item, Kind::Silent, |s| {
        s.literal(";")
            || s.sequence(|s| {
                s.and(|s| s.class("ASCII_ALPHA_UPPER", |c| matches!(c, 'A'..='Z')))
                    && skip(s)
                    && rule_body_keyword(s)
            })
            || rule_statement(s)
    })
}

#[allow(non_snake_case)]
fn rule_body_keyword(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::body_keyword, Kind::Silent, |s| {
        rule_keep(s)
            || rule_input_by_flags(s)
            || s.sequence(|s| rule_sorted_files(s) && skip(s) && rule_section_list(s))
            || rule_excluding_input(s)
            || rule_body_provide(s)
            || rule_data(s)
            || rule_fill_command(s)
            || s.sequence(|s| rule_assertion(s) && skip(s) && s.literal(";"))
            || rule_include(s)
            || rule_constructors(s)
            || rule_create_object_symbols(s)
            || rule_asciz(s)
            || rule_linker_version(s)
    })
}

#[allow(non_snake_case)]
fn rule_statement(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::statement, Kind::Normal, |s| {
        s.sequence(|s| {
            s.not(rule_body_operator)
                && skip(s)
                && rule_pattern(s)
                && skip(s)
                && (s.sequence(|s| {
                    rule_body_operator(s)
                        && skip(s)
                        && rule_expression(s)
                        && skip(s)
                        && s.set(|c| matches!(c, ',' | ';'), |s| rule_end(s))
                })
                    || s.sequence(|s| {
                        s.not(rule_body_operator) && skip(s) && s.optional(rule_section_list)
                    }))
        })
    })
}

#[allow(non_snake_case)]
fn rule_body_operator(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::body_operator, Kind::Atomic, |s| {
        s.sequence(|s| rule_operator_of_assignment(s) && s.not(rule_pattern_char))
    })
}

#[allow(non_snake_case)]
fn rule_body_provide(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::body_provide, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_provide_kind(s)
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_pattern(s)
                && skip(s)
                && rule_body_equals(s)
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.literal(")")
                && skip(s)
                && s.literal(";")
        })
    })
}

#[allow(non_snake_case)]
fn rule_body_equals(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::body_equals, Kind::Atomic, |s| {
        s.sequence(|s| s.literal("=") && s.not(rule_pattern_char))
    })
}

#[allow(non_snake_case)]
fn rule_keep(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::keep, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("KEEP")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && (rule_input_by_flags(s) || rule_input(s))
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_input_by_flags(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::input_by_flags, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("INPUT_SECTION_FLAGS")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_pattern(s)
                && skip(s)
                && s.many(0, skip, |s| s.sequence(|s| s.literal("&") && skip(s) && rule_pattern(s)))
                && skip(s)
                && s.literal(")")
                && skip(s)
                && rule_input(s)
        })
    })
}

#[allow(non_snake_case)]
fn rule_input(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::input, Kind::Silent, |s| {
        s.sequence(|s| rule_sorted_files(s) && skip(s) && rule_section_list(s))
            || rule_excluding_input(s)
            || rule_statement_of_files(s)
    })
}

#[allow(non_snake_case)]
fn rule_statement_of_files(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::statement_of_files, Kind::Normal, |s| {
        s.sequence(|s| rule_pattern(s) && skip(s) && s.optional(rule_section_list))
    })
}

#[allow(non_snake_case)]
fn rule_excluding_input(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::excluding_input, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_exclude(s) && skip(s) && rule_pattern(s) && skip(s) && rule_section_list(s)
        })
    })
}

#[allow(non_snake_case)]
fn rule_sorted_files(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::sorted_files, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_file_sort(s)
                && skip(s)
                && s.literal("(")
                && skip(s)
                && (rule_sorted_files(s)
                    || s.sequence(|s| s.optional(rule_exclude) && skip(s) && rule_pattern(s)))
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_file_sort(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::file_sort, Kind::Atomic, |s| {
        s.literal("SORT_BY_NAME")
            || s.literal("SORT_NONE")
            || s.literal("SORT")
            || s.literal("REVERSE")
    })
}

#[allow(non_snake_case)]
fn rule_exclude(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::exclude, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("EXCLUDE_FILE")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && s.many(1, skip, rule_pattern)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_section_list(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::section_list, Kind::Silent, |s| {
        s.sequence(|s| {
            s.literal("(") && skip(s) && s.many(1, skip, rule_section) && skip(s) && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_section(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::section, Kind::Silent, |s| {
        s.sequence(|s| {
            s.and(|s| s.class("ASCII_ALPHA_UPPER", |c| matches!(c, 'A'..='Z')))
                && skip(s)
                && (rule_sorted(s) || rule_excluding(s))
        })
            || rule_pattern(s)
    })
}

#[allow(non_snake_case)]
fn rule_excluding(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::excluding, Kind::Normal, |s| {
        s.sequence(|s| rule_exclude(s) && skip(s) && rule_pattern(s))
    })
}

#[allow(non_snake_case)]
fn rule_sorted(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::sorted, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_sort(s)
                && skip(s)
                && s.literal("(")
                && skip(s)
                && (s.sequence(|s| {
                    s.and(|s| s.class("ASCII_ALPHA_UPPER", |c| matches!(c, 'A'..='Z')))
                        && skip(s)
                        && (rule_sorted(s) || rule_excluding(s))
                })
                    || rule_pattern(s))
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_sort(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::sort, Kind::Atomic, |s| {
        s.literal("SORT_BY_NAME")
            || s.literal("SORT_BY_ALIGNMENT")
            || s.literal("SORT_BY_INIT_PRIORITY")
            || s.literal("SORT_NONE")
            || s.sequence(|s| s.literal("SORT") && s.not(|s| s.literal("_")))
            || s.literal("REVERSE")
    })
}

#[allow(non_snake_case)]
fn rule_data(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::data, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_data_size(s)
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_data_size(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::data_size, Kind::Atomic, |s| {
        s.literal("BYTE")
            || s.literal("SHORT")
            || s.literal("LONG")
            || s.literal("QUAD")
            || s.literal("SQUAD")
    })
}

#[allow(non_snake_case)]
fn rule_fill_command(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::fill_command, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("FILL")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_asciz(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::asciz, Kind::Normal, |s| {
        s.sequence(|s| rule_asciz_word(s) && skip(s) && rule_pattern(s))
    })
}

#[allow(non_snake_case)]
fn rule_asciz_word(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::asciz_word, Kind::Atomic, |s| {
        s.sequence(|s| s.literal("ASCIZ") && s.not(rule_pattern_char))
    })
}

#[allow(non_snake_case)]
fn rule_constructors(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::constructors, Kind::Normal, |s| {
        rule_plain_constructors(s) || rule_sorted_constructors(s)
    })
}

#[allow(non_snake_case)]
fn rule_plain_constructors(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::plain_constructors, Kind::Atomic, |s| {
        s.sequence(|s| s.literal("CONSTRUCTORS") && s.not(rule_pattern_char))
    })
}

#[allow(non_snake_case)]
fn rule_sorted_constructors(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::sorted_constructors, Kind::Normal, |s| {
        s.sequence(|s| {
            (s.literal("SORT_BY_NAME") || s.literal("SORT"))
                && skip(s)
                && s.literal("(")
                && skip(s)
                && s.literal("CONSTRUCTORS")
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_create_object_symbols(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::create_object_symbols, Kind::Atomic, |s| {
        s.sequence(|s| s.literal("CREATE_OBJECT_SYMBOLS") && s.not(rule_pattern_char))
    })
}

#[allow(non_snake_case)]
fn rule_linker_version(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::linker_version, Kind::Atomic, |s| {
        s.sequence(|s| s.literal("LINKER_VERSION") && s.not(rule_pattern_char))
    })
}

#[allow(non_snake_case)]
fn rule_expression(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::expression, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_operation(s)
                && skip(s)
                && s.optional(|s| {
                    s.sequence(|s| {
                        s.literal("?")
                            && skip(s)
                            && rule_expression(s)
                            && skip(s)
                            && s.literal(":")
                            && skip(s)
                            && rule_expression(s)
                    })
                })
        })
    })
}

#[allow(non_snake_case)]
fn rule_operation(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::operation, Kind::Silent, |s| {
        s.sequence(|s| {
            rule_operand(s)
                && skip(s)
                && s.many(0, skip, |s| {
                    s.sequence(|s| rule_operator(s) && skip(s) && rule_operand(s))
                })
        })
    })
}

#[allow(non_snake_case)]
fn rule_operand(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::operand, Kind::Silent, |s| {
        s.sequence(|s| {
            s.many(0, skip, rule_prefix)
                && skip(s)
                && (rule_number(s)
                    || s.sequence(|s| {
                        s.and(|s| s.class("ASCII_ALPHA_UPPER", |c| matches!(c, 'A'..='Z')))
                            && skip(s)
                            && rule_call(s)
                    })
                    || rule_symbol(s)
                    || rule_parenthesis(s))
        })
    })
}

#[allow(non_snake_case)]
fn rule_prefix(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::prefix, Kind::Atomic, |s| {
        s.set(|c| matches!(c, '!' | '+' | '-' | '~'), |s| {
            s.literal("-") || s.literal("+") || s.literal("~") || s.literal("!")
        })
    })
}

#[allow(non_snake_case)]
fn rule_operator(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::operator, Kind::Atomic, |s| {
        s.literal("+")
            || s.literal("-")
            || s.literal("*")
            || s.sequence(|s| s.literal("/") && s.not(|s| s.literal("*")))
            || s.literal("%")
            || s.literal("&&")
            || s.literal("&")
            || s.literal("||")
            || s.literal("|")
            || s.literal("==")
            || s.literal("!=")
            || s.literal("<<")
            || s.literal("<=")
            || s.literal("<")
            || s.literal(">>")
            || s.literal(">=")
            || s.literal(">")
            || s.literal("^")
    })
}

#[allow(non_snake_case)]
fn rule_parenthesis(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::parenthesis, Kind::Silent, |s| {
        s.sequence(|s| s.literal("(") && skip(s) && rule_expression(s) && skip(s) && s.literal(")"))
    })
}

#[allow(non_snake_case)]
fn rule_call(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::call, Kind::Silent, |s| {
        rule_of_section(s)
            || rule_of_symbol(s)
            || rule_function(s)
            || rule_segment_start(s)
            || rule_assertion(s)
    })
}

#[allow(non_snake_case)]
fn rule_of_section(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::of_section, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_of_section_name(s)
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_word(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_of_section_name(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::of_section_name, Kind::Atomic, |s| {
        s.sequence(|s| s.literal("SIZEOF") && s.not(|s| s.literal("_")))
            || s.literal("ADDR")
            || s.literal("LOADADDR")
            || s.literal("ALIGNOF")
            || s.literal("ORIGIN")
            || s.literal("LENGTH")
    })
}

#[allow(non_snake_case)]
fn rule_of_symbol(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::of_symbol, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_of_symbol_name(s)
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_symbol(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_of_symbol_name(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::of_symbol_name, Kind::Atomic, |s| s.literal("DEFINED") || s.literal("CONSTANT"))
}

#[allow(non_snake_case)]
fn rule_function(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::function, Kind::Normal, |s| {
        s.sequence(|s| {
            rule_function_name(s)
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.optional(|s| s.sequence(|s| s.literal(",") && skip(s) && rule_expression(s)))
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_function_name(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::function_name, Kind::Atomic, |s| {
        s.literal("ALIGN")
            || s.literal("ABSOLUTE")
            || s.literal("DATA_SEGMENT_ALIGN")
            || s.literal("DATA_SEGMENT_RELRO_END")
            || s.literal("DATA_SEGMENT_END")
            || s.literal("MAX")
            || s.literal("MIN")
            || s.literal("NEXT")
            || s.literal("BLOCK")
            || s.literal("LOG2CEIL")
    })
}

#[allow(non_snake_case)]
fn rule_segment_start(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::segment_start, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("SEGMENT_START")
                && skip(s)
                && s.literal("(")
                && skip(s)
                && rule_word(s)
                && skip(s)
                && s.literal(",")
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.literal(")")
        })
    })
}

#[allow(non_snake_case)]
fn rule_version(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::version, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("VERSION")
                && skip(s)
                && s.literal("{")
                && skip(s)
                && s.many(1, skip, rule_version_node)
                && skip(s)
                && s.literal("}")
        })
    })
}

#[allow(non_snake_case)]
fn rule_version_script(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::version_script, Kind::Silent, |s| {
        s.sequence(|s| {
            s.start_of_input()
                && skip(s)
                && s.many(1, skip, rule_version_node)
                && skip(s)
                && s.end_of_input(Rule::EOI)
        })
    })
}

#[allow(non_snake_case)]
fn rule_version_node(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::version_node, Kind::Normal, |s| {
        s.sequence(|s| {
            s.optional(rule_version_name)
                && skip(s)
                && s.literal("{")
                && skip(s)
                && rule_version_lists(s)
                && skip(s)
                && s.literal("}")
                && skip(s)
                && s.many(0, skip, rule_predecessor)
                && skip(s)
                && s.literal(";")
        })
    })
}

#[allow(non_snake_case)]
fn rule_version_name(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::version_name, Kind::Atomic, |s| {
        s.sequence(|s| {
            s.set(|c| matches!(c, '$' | '.' | 'A'..='Z' | '_' | 'a'..='z'), |s| {
                rule_version_start(s)
            })
                && s.set_many(0, |c| matches!(c, '.' | '0'..='9' | 'A'..='Z' | '_' | 'a'..='z'), |s| {
                    s.many(0, no_skip, rule_version_char)
                })
        })
    })
}

#[allow(non_snake_case)]
fn rule_predecessor(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::predecessor, Kind::Atomic, |s| {
        s.sequence(|s| {
            s.set(|c| matches!(c, '$' | '.' | 'A'..='Z' | '_' | 'a'..='z'), |s| {
                rule_version_start(s)
            })
                && s.set_many(0, |c| matches!(c, '.' | '0'..='9' | 'A'..='Z' | '_' | 'a'..='z'), |s| {
                    s.many(0, no_skip, rule_version_char)
                })
        })
    })
}

#[allow(non_snake_case)]
fn rule_version_start(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::version_start, Kind::Silent, |s| {
        s.set(|c| matches!(c, '$' | '.' | 'A'..='Z' | '_' | 'a'..='z'), |s| {
            s.class("ASCII_ALPHA", |c| matches!(c, 'a'..='z' | 'A'..='Z'))
                || s.literal("_")
                || s.literal(".")
                || s.literal("$")
        })
    })
}

#[allow(non_snake_case)]
fn rule_version_char(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::version_char, Kind::Silent, |s| {
        s.set(|c| matches!(c, '.' | '0'..='9' | 'A'..='Z' | '_' | 'a'..='z'), |s| {
            s.class("ASCII_ALPHANUMERIC", |c| matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9'))
                || s.literal("_")
                || s.literal(".")
        })
    })
}

#[allow(non_snake_case)]
fn rule_version_lists(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::version_lists, Kind::Silent, |s| {
        s.optional(|s| {
            s.sequence(|s| rule_globals(s) && skip(s) && s.optional(rule_locals))
                || rule_locals(s)
                || rule_unnamed_globals(s)
        })
    })
}

#[allow(non_snake_case)]
fn rule_globals(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::globals, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("global") && skip(s) && s.literal(":") && skip(s) && rule_entries(s)
        })
    })
}

#[allow(non_snake_case)]
fn rule_locals(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::locals, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("local") && skip(s) && s.literal(":") && skip(s) && rule_entries(s)
        })
    })
}

#[allow(non_snake_case)]
fn rule_unnamed_globals(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::unnamed_globals, Kind::Normal, rule_entries)
}

#[allow(non_snake_case)]
fn rule_entries(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::entries, Kind::Silent, |s| {
        s.many(1, skip, |s| s.sequence(|s| rule_version_entry(s) && skip(s) && s.literal(";")))
    })
}

#[allow(non_snake_case)]
fn rule_version_entry(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::version_entry, Kind::Silent, |s| {
        rule_language(s) || rule_entry_text(s) || rule_entry_name(s)
    })
}

#[allow(non_snake_case)]
fn rule_entry_text(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::entry_text, Kind::Atomic, rule_quoted)
}

#[allow(non_snake_case)]
fn rule_entry_name(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::entry_name, Kind::Atomic, |s| {
        s.sequence(|s| {
            s.set(|c| matches!(c, '!' | '$' | '*' | '-' | '.' | '?' | 'A'..='Z' | '[' | '\\' | ']' | '^' | '_' | 'a'..='z'), |s| {
                rule_entry_start(s)
            })
                && s.many(0, no_skip, |s| {
                    s.set(|c| matches!(c, '!' | '$' | '*' | '-' | '.' | '?' | 'A'..='Z' | '[' | '\\' | ']' | '^' | '_' | 'a'..='z'), |s| {
                        rule_entry_start(s)
                    })
                        || s.class("ASCII_DIGIT", |c| matches!(c, '0'..='9'))
                        || s.literal("::")
                })
        })
    })
}

#[allow(non_snake_case)]
fn rule_entry_start(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::entry_start, Kind::Silent, |s| {
        s.set(|c| matches!(c, '!' | '$' | '*' | '-' | '.' | '?' | 'A'..='Z' | '[' | '\\' | ']' | '^' | '_' | 'a'..='z'), |s| {
            s.class("ASCII_ALPHA", |c| matches!(c, 'a'..='z' | 'A'..='Z'))
                || s.literal("_")
                || s.literal(".")
                || s.literal("*")
                || s.literal("$")
                || s.literal("-")
                || s.literal("?")
                || s.literal("[")
                || s.literal("]")
                || s.literal("!")
                || s.literal("^")
                || s.literal("\\")
        })
    })
}

#[allow(non_snake_case)]
fn rule_language(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::language, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("extern")
                && skip(s)
                && rule_entry_text(s)
                && skip(s)
                && s.literal("{")
                && skip(s)
                && rule_version_entry(s)
                && skip(s)
                && s.many(0, skip, |s| {
                    s.sequence(|s| s.literal(";") && skip(s) && rule_version_entry(s))
                })
                && skip(s)
                && s.optional(|s| s.literal(";"))
                && skip(s)
                && s.literal("}")
        })
    })
}

#[allow(non_snake_case)]
fn rule_dynamic_list(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::dynamic_list, Kind::Silent, |s| {
        s.sequence(|s| {
            s.start_of_input()
                && skip(s)
                && s.many(1, skip, rule_dynamic_block)
                && skip(s)
                && s.end_of_input(Rule::EOI)
        })
    })
}

#[allow(non_snake_case)]
fn rule_dynamic_block(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::dynamic_block, Kind::Normal, |s| {
        s.sequence(|s| {
            s.literal("{")
                && skip(s)
                && rule_entries(s)
                && skip(s)
                && s.literal("}")
                && skip(s)
                && s.literal(";")
        })
    })
}

#[allow(non_snake_case)]
fn rule_included_in_sections(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::included_in_sections, Kind::Silent, |s| {
        s.sequence(|s| {
            s.start_of_input()
                && skip(s)
                && rule_sections_items(s)
                && skip(s)
                && s.end_of_input(Rule::EOI)
        })
    })
}

#[allow(non_snake_case)]
fn rule_included_in_body(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::included_in_body, Kind::Silent, |s| {
        s.sequence(|s| {
            s.start_of_input()
                && skip(s)
                && rule_body_items(s)
                && skip(s)
                && s.end_of_input(Rule::EOI)
        })
    })
}

#[allow(non_snake_case)]
fn rule_included_in_memory(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::included_in_memory, Kind::Silent, |s| {
        s.sequence(|s| {
            s.start_of_input()
                && skip(s)
                && rule_memory_items(s)
                && skip(s)
                && s.end_of_input(Rule::EOI)
        })
    })
}

#[allow(non_snake_case)]
fn rule_definition_of_symbol(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::definition_of_symbol, Kind::Normal, |s| {
        s.sequence(|s| {
            s.start_of_input()
                && skip(s)
                && rule_symbol(s)
                && skip(s)
                && s.literal("=")
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.end_of_input(Rule::EOI)
        })
    })
}

#[allow(non_snake_case)]
fn rule_expression_alone(s: &mut State<'_, Rule>) -> bool {
    s.rule(Rule::expression_alone, Kind::Silent, |s| {
        s.sequence(|s| {
            s.start_of_input()
                && skip(s)
                && rule_expression(s)
                && skip(s)
                && s.end_of_input(Rule::EOI)
        })
    })
}

/// Implicit white space.
fn skip(s: &mut State<'_, Rule>) -> bool {
    s.skip(|s| {
        s.set_many(0, |c| matches!(c, '\t' | '\n' | '\r' | ' '), |s| s.many(0, no_skip, rule_WHITESPACE));
        s.many(0, no_skip, |s| rule_COMMENT(s) && s.set_many(0, |c| matches!(c, '\t' | '\n' | '\r' | ' '), |s| s.many(0, no_skip, rule_WHITESPACE)));
    })
}

/// No implicit white space.
#[allow(dead_code)]
fn no_skip(_: &mut State<'_, Rule>) -> bool {
    true
}

/// How far a parser goes before it gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rules inside rules.
    pub depth: u32,
    /// Rules that are tried in all.
    pub steps: u64,
    /// Nodes of the tree, and texts on the stack.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 1000, steps: u64::MAX, nodes: usize::MAX }
    }
}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::depth`].
    Depth,
    /// [`Limits::steps`].
    Steps,
    /// [`Limits::nodes`].
    Nodes,
}

/// Something that would have let a parser go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected<'i, R> {
    /// What a rule matches.
    Rule(R),
    /// This text.
    Text(&'i str),
    /// This text, in upper or lower case.
    AnyCase(&'i str),
    /// A character from the first to the last.
    Range(char, char),
    /// What the built-in rule of this name matches.
    Builtin(&'i str),
}

/// Why an input does not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure<'i, R> {
    /// The furthest place that was reached, in bytes.
    pub offset: usize,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1, in characters.
    pub column: usize,
    /// The innermost rule that was being matched there.
    pub rule: Option<R>,
    /// What could stand there.
    pub expected: Vec<Expected<'i, R>>,
    /// The limit that was reached, if the input was not read to its end.
    pub limit: Option<Limit>,
}

/// A stretch of the input that a rule matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Match<R> {
    rule: R,
    start: usize,
    end: usize,
    /// Where the first match behind this one and all inside it stands.
    next: usize,
}

/// What the rules of a grammar matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree<'i, R> {
    input: &'i str,
    end: usize,
    /// Each before those inside it.
    matches: Vec<Match<R>>,
}

/// A node of a tree: a rule and the text that it matched.
#[derive(Debug)]
pub struct Node<'t, 'i, R> {
    tree: &'t Tree<'i, R>,
    index: usize,
}

impl<R> Clone for Node<'_, '_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Node<'_, '_, R> {}

/// Nodes that stand side by side, in order.
#[derive(Clone, Debug)]
pub struct Nodes<'t, 'i, R> {
    tree: &'t Tree<'i, R>,
    next: usize,
    end: usize,
}

#[allow(dead_code)]
impl<'i, R: Copy> Tree<'i, R> {
    /// The nodes that stand in no other.
    pub fn roots(&self) -> Nodes<'_, 'i, R> {
        Nodes { tree: self, next: 0, end: self.matches.len() }
    }

    /// Where what was matched ends, in bytes; the input may go on.
    pub fn end(&self) -> usize {
        self.end
    }

    /// The text that was parsed.
    pub fn input(&self) -> &'i str {
        self.input
    }
}

#[allow(dead_code)]
impl<'t, 'i, R: Copy> Node<'t, 'i, R> {
    fn get(&self) -> Match<R> {
        self.tree.matches[self.index]
    }

    /// The rule.
    pub fn rule(&self) -> R {
        self.get().rule
    }

    /// Where it starts, in bytes.
    pub fn start(&self) -> usize {
        self.get().start
    }

    /// Where it ends, in bytes.
    pub fn end(&self) -> usize {
        self.get().end
    }

    /// The text that it matched.
    pub fn text(&self) -> &'i str {
        &self.tree.input[self.start()..self.end()]
    }

    /// Line and column of its start, from 1.
    pub fn line_column(&self) -> (usize, usize) {
        line_column(self.tree.input, self.start())
    }

    /// The nodes inside.
    pub fn children(&self) -> Nodes<'t, 'i, R> {
        Nodes { tree: self.tree, next: self.index + 1, end: self.get().next }
    }
}

impl<'t, 'i, R: Copy> Iterator for Nodes<'t, 'i, R> {
    type Item = Node<'t, 'i, R>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let node = Node { tree: self.tree, index: self.next };
        self.next = node.get().next;
        Some(node)
    }
}

/// Line and column of an offset, from 1; the column counts characters.
fn line_column(input: &str, offset: usize) -> (usize, usize) {
    let before = input.get(..offset).unwrap_or(input);
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

/// Whether white space is skipped between the parts of a sequence, and nodes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Atomicity {
    /// It is, and they are.
    NonAtomic,
    /// It is not, but nodes are made.
    Compound,
    /// Neither.
    Atomic,
}

/// The kind of a rule: see the modifiers in the grammar.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Silent,
    Atomic,
    CompoundAtomic,
    NonAtomic,
    /// Implicit white space that makes no node.
    SilentAtomic,
    /// Implicit white space that is called non-atomic, and is not.
    HiddenAtomic,
}

/// A state to come back to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    at: usize,
    matches: usize,
    top: usize,
    pushed: usize,
}

/// A parser at work. An operation that returns `false` has failed and left the place, the tree
/// and (where that is said) the stack as they were.
pub(crate) struct State<'i, R> {
    input: &'i str,
    at: usize,
    matches: Vec<Match<R>>,
    /// Texts that were pushed: start, end, and the place in this list, from 1, of the one below.
    /// What is popped stays here, so that to come back is to set `top`.
    pushed: Vec<(usize, usize, usize)>,
    /// The place of the top of the stack in `pushed`, from 1; 0 is the empty stack.
    top: usize,
    atomicity: Atomicity,
    /// Predicates around; in them no nodes are made.
    predicates: u32,
    /// Negative predicates and white space around; what fails in them explains nothing.
    quiet: u32,
    depth: u32,
    steps: u64,
    limits: Limits,
    limit: Option<Limit>,
    /// The rule that is being matched.
    rule: Option<R>,
    furthest: usize,
    furthest_rule: Option<R>,
    expected: Vec<Expected<'i, R>>,
}

/// More than this is not listed as expected.
const MOST_EXPECTED: usize = 64;

#[allow(dead_code)]
impl<'i, R: Copy + PartialEq> State<'i, R> {
    pub(crate) fn new(input: &'i str, limits: Limits) -> Self {
        Self {
            input,
            at: 0,
            matches: Vec::new(),
            pushed: Vec::new(),
            top: 0,
            atomicity: Atomicity::NonAtomic,
            predicates: 0,
            quiet: 0,
            depth: 0,
            steps: 0,
            limits,
            limit: None,
            rule: None,
            furthest: 0,
            furthest_rule: None,
            expected: Vec::new(),
        }
    }

    /// From here on, nothing is kept of what was expected.
    pub(crate) fn be_quiet(&mut self) {
        self.quiet += 1;
    }

    /// One character of a set; `full` is the same as operations, which tell what was expected.
    pub(crate) fn set(
        &mut self,
        matches: impl FnOnce(char) -> bool,
        full: impl FnOnce(&mut Self) -> bool,
    ) -> bool {
        if self.quiet == 0 { full(self) } else { self.character(matches) }
    }

    /// So many characters of a set and as many more as match; `full` is as in `set`.
    pub(crate) fn set_many(
        &mut self,
        min: u32,
        matches: impl Fn(char) -> bool,
        full: impl FnOnce(&mut Self) -> bool,
    ) -> bool {
        if self.quiet == 0 {
            return full(self);
        }
        let (mut length, mut count) = (0, 0);
        for character in self.rest().chars().take_while(|character| matches(*character)) {
            length += character.len_utf8();
            count += 1;
        }
        if count < min {
            return false;
        }
        self.at += length;
        // They count as all that is repeated does.
        self.steps += u64::from(count);
        true
    }

    /// The result, when the first rule has or has not matched.
    pub(crate) fn finish(self, matched: bool) -> Result<Tree<'i, R>, Failure<'i, R>> {
        if matched && self.limit.is_none() {
            return Ok(Tree { input: self.input, end: self.at, matches: self.matches });
        }
        let (line, column) = line_column(self.input, self.furthest);
        Err(Failure {
            offset: self.furthest,
            line,
            column,
            rule: self.furthest_rule,
            expected: self.expected,
            limit: self.limit,
        })
    }

    /// Goes one level down, if the limits allow it.
    pub(crate) fn enter(&mut self) -> bool {
        self.steps += 1;
        self.depth += 1;
        if self.limit.is_none() {
            if self.depth > self.limits.depth {
                self.limit = Some(Limit::Depth);
            } else if self.steps > self.limits.steps {
                self.limit = Some(Limit::Steps);
            } else if self.matches.len() + self.pushed.len() > self.limits.nodes {
                self.limit = Some(Limit::Nodes);
            }
            if self.limit.is_some() {
                // It is this place that the failure tells of.
                self.furthest = self.at;
                self.furthest_rule = self.rule;
                self.expected.clear();
            }
        }
        self.limit.is_none()
    }

    /// Goes one level up.
    pub(crate) fn leave(&mut self, matched: bool) -> bool {
        self.depth -= 1;
        matched && self.limit.is_none()
    }

    fn rest(&self) -> &'i str {
        &self.input[self.at..]
    }

    fn fail(&mut self, expected: Expected<'i, R>) -> bool {
        if self.quiet == 0 && self.at >= self.furthest && self.limit.is_none() {
            if self.at > self.furthest {
                self.furthest = self.at;
                self.expected.clear();
            }
            if self.expected.is_empty() {
                self.furthest_rule = self.rule;
            }
            if self.expected.len() < MOST_EXPECTED && !self.expected.contains(&expected) {
                self.expected.push(expected);
            }
        }
        false
    }

    pub(crate) fn literal(&mut self, text: &'i str) -> bool {
        if self.rest().starts_with(text) {
            self.at += text.len();
            return true;
        }
        self.fail(Expected::Text(text))
    }

    pub(crate) fn insensitive(&mut self, text: &'i str) -> bool {
        if self.rest().get(..text.len()).is_some_and(|rest| rest.eq_ignore_ascii_case(text)) {
            self.at += text.len();
            return true;
        }
        self.fail(Expected::AnyCase(text))
    }

    fn character(&mut self, matches: impl FnOnce(char) -> bool) -> bool {
        match self.rest().chars().next() {
            Some(character) if matches(character) => {
                self.at += character.len_utf8();
                true
            }
            _ => false,
        }
    }

    pub(crate) fn range(&mut self, first: char, last: char) -> bool {
        self.character(|character| first <= character && character <= last)
            || self.fail(Expected::Range(first, last))
    }

    /// A character that a built-in rule describes.
    pub(crate) fn class(&mut self, name: &'i str, matches: impl FnOnce(char) -> bool) -> bool {
        self.character(matches) || self.fail(Expected::Builtin(name))
    }

    pub(crate) fn newline(&mut self) -> bool {
        for text in ["\n", "\r\n", "\r"] {
            if self.rest().starts_with(text) {
                self.at += text.len();
                return true;
            }
        }
        self.fail(Expected::Builtin("NEWLINE"))
    }

    pub(crate) fn start_of_input(&mut self) -> bool {
        self.at == 0
    }

    /// The end of the input, for which a node stands.
    pub(crate) fn end_of_input(&mut self, rule: R) -> bool {
        self.rule(rule, Kind::Normal, |state| state.at == state.input.len())
    }

    /// Goes to the first place where one of `texts` stands, or to the end.
    pub(crate) fn until(&mut self, texts: &[&str]) -> bool {
        let rest = self.rest();
        let mut starts = rest.char_indices().map(|(start, _)| start);
        let found = match texts {
            [text] => rest.find(text),
            _ => starts.find(|&start| texts.iter().any(|text| rest[start..].starts_with(text))),
        };
        let length = found.unwrap_or(rest.len());
        self.at += length;
        // It may be long, and be done again and again.
        self.steps += (length / 64) as u64;
        true
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { at: self.at, matches: self.matches.len(), top: self.top, pushed: self.pushed.len() }
    }

    /// Comes back to a state, and fails.
    pub(crate) fn back(&mut self, mark: Mark) -> bool {
        self.at = mark.at;
        self.matches.truncate(mark.matches);
        self.pushed.truncate(mark.pushed);
        self.top = mark.top;
        false
    }

    /// All or nothing, the stack included.
    pub(crate) fn sequence(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        let mark = self.mark();
        body(self) || self.back(mark)
    }

    pub(crate) fn optional(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        body(self);
        self.limit.is_none()
    }

    /// `min` times and as many more as match. The white space before a turn that fails belongs to
    /// the repetition only if that turn is the first that need not be.
    pub(crate) fn many(
        &mut self,
        min: u32,
        skip: impl Fn(&mut Self) -> bool,
        body: impl Fn(&mut Self) -> bool,
    ) -> bool {
        let start = self.mark();
        let mut count: u32 = 0;
        loop {
            let before = self.mark();
            if count > 0 {
                skip(self);
            }
            let skipped = self.mark();
            let matched = body(self);
            // What changes nothing would go on for ever.
            if !matched || self.mark() == before {
                if !matched && count < min {
                    return self.back(start);
                }
                if count != min {
                    self.back(before);
                } else if !matched {
                    self.back(skipped);
                }
                return self.limit.is_none();
            }
            count = count.saturating_add(1);
        }
    }

    /// `min` times, and then up to `max` times in all.
    pub(crate) fn count(
        &mut self,
        min: u32,
        max: u32,
        skip: impl Fn(&mut Self) -> bool,
        body: impl Fn(&mut Self) -> bool,
    ) -> bool {
        let start = self.mark();
        for turn in 0..max {
            let before = self.mark();
            if turn > 0 {
                skip(self);
            }
            if !body(self) && turn < min {
                return self.back(start);
            }
            // All turns that follow would do the same.
            if turn > 0 && self.mark() == before {
                break;
            }
        }
        self.limit.is_none()
    }

    /// What matches here, without going on.
    pub(crate) fn and(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        let mark = self.mark();
        self.predicates += 1;
        let matched = body(self);
        self.predicates -= 1;
        self.back(mark);
        matched
    }

    /// What does not match here.
    pub(crate) fn not(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        self.quiet += 1;
        let matched = self.and(body);
        self.quiet -= 1;
        !matched && self.limit.is_none()
    }

    /// Restores the stack when `body` fails.
    pub(crate) fn restore(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        let mark = self.mark();
        body(self) || self.back(mark)
    }

    /// Implicit white space, which never fails.
    pub(crate) fn skip(&mut self, body: impl FnOnce(&mut Self)) -> bool {
        if self.atomicity == Atomicity::NonAtomic {
            self.quiet += 1;
            body(self);
            self.quiet -= 1;
        }
        true
    }

    /// A rule: what `body` matches, as a node if its kind makes one.
    pub(crate) fn rule(
        &mut self,
        rule: R,
        kind: Kind,
        body: impl FnOnce(&mut Self) -> bool,
    ) -> bool {
        if !self.enter() {
            return self.leave(false);
        }
        let atomicity = self.atomicity;
        match kind {
            Kind::CompoundAtomic => self.atomicity = Atomicity::Compound,
            Kind::NonAtomic => self.atomicity = Atomicity::NonAtomic,
            Kind::SilentAtomic | Kind::HiddenAtomic => self.atomicity = Atomicity::Atomic,
            Kind::Normal | Kind::Silent | Kind::Atomic => {}
        }
        let is_silent = matches!(kind, Kind::Silent | Kind::SilentAtomic);
        let is_node = !is_silent && self.predicates == 0 && self.atomicity != Atomicity::Atomic;
        // Of what is inside a token, messages say nothing.
        let is_named = !is_silent && self.atomicity != Atomicity::Atomic;
        let index = self.matches.len();
        let start = self.at;
        if is_node {
            self.matches.push(Match { rule, start, end: start, next: 0 });
        }
        if kind == Kind::Atomic {
            self.atomicity = Atomicity::Atomic;
        }
        let outer = self.rule;
        if is_named {
            self.rule = Some(rule);
        }
        let (furthest, expected) = (self.furthest, self.expected.len());

        let matched = body(self);

        self.rule = outer;
        self.atomicity = atomicity;
        if matched && is_node {
            let next = self.matches.len();
            let own = &mut self.matches[index];
            own.end = self.at;
            own.next = next;
        } else if is_node {
            self.matches.truncate(index);
        }
        if is_named && self.quiet == 0 && self.limit.is_none() {
            let is_token = matches!(kind, Kind::Atomic | Kind::CompoundAtomic);
            if matched && is_token && self.furthest == self.at {
                // That a token could have been longer explains nothing.
                self.expected.truncate(if furthest == self.at { expected } else { 0 });
            } else if !matched && self.furthest <= start {
                // The name of the rule says more than how it may start.
                if furthest == start {
                    self.expected.truncate(expected);
                } else if self.furthest == start {
                    self.expected.clear();
                }
                self.fail(Expected::Rule(rule));
            }
        }
        self.leave(matched)
    }

    pub(crate) fn push(&mut self, body: impl FnOnce(&mut Self) -> bool) -> bool {
        let start = self.at;
        if !body(self) {
            return false;
        }
        self.pushed.push((start, self.at, self.top));
        self.top = self.pushed.len();
        true
    }

    /// Removes the top of the stack.
    fn take(&mut self) -> Option<&'i str> {
        let (start, end, below) = *self.pushed.get(self.top.checked_sub(1)?)?;
        self.top = below;
        self.input.get(start..end)
    }

    pub(crate) fn drop_top(&mut self) -> bool {
        self.take().is_some()
    }

    /// The top of the stack; an empty stack matches nothing.
    pub(crate) fn peek(&mut self) -> bool {
        let top = self.top;
        let matched = self.pop();
        self.top = top;
        matched
    }

    /// As `peek`; the top of the stack is gone even if it does not match.
    pub(crate) fn pop(&mut self) -> bool {
        match self.take() {
            Some(text) => self.literal(text),
            None => false,
        }
    }

    pub(crate) fn peek_all(&mut self) -> bool {
        let top = self.top;
        let matched = self.pop_all();
        self.top = top;
        matched
    }

    /// All of the stack from its top; what was matched is gone, even if something below does not.
    pub(crate) fn pop_all(&mut self) -> bool {
        let start = self.at;
        while let Some(text) = self.take() {
            self.steps += 1;
            if !self.literal(text) {
                self.at = start;
                return false;
            }
        }
        true
    }

    /// The part of the stack from `first` up to `last`, counted from its bottom, or from its top
    /// if negative.
    pub(crate) fn peek_slice(&mut self, first: i32, last: Option<i32>) -> bool {
        let top = self.top;
        let mut texts = Vec::new();
        while let Some(text) = self.take() {
            texts.push(text);
        }
        self.top = top;
        texts.reverse();
        self.steps += texts.len() as u64;
        let place = |index: i32| {
            let length = texts.len() as i64;
            let index = i64::from(index);
            let place = if index < 0 { length + index } else { index };
            usize::try_from(place).ok().filter(|_| place <= length)
        };
        let (Some(first), Some(last)) = (place(first), last.map_or(Some(texts.len()), place))
        else {
            return false;
        };
        let start = self.at;
        for text in texts.get(first..last).unwrap_or_default() {
            if !self.literal(text) {
                self.at = start;
                return false;
            }
        }
        true
    }
}

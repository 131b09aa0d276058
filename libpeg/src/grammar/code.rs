//! Expressions of Rust, laid out as rustfmt does.

/// Columns of a line.
const WIDTH: usize = 100;
const INDENT: usize = 4;

/// An expression.
#[derive(Clone, Debug)]
pub enum Code {
    /// What is never broken.
    Atom(String),
    /// A call with arguments, of which the last may be a closure.
    Call(String, Vec<Code>),
    /// A function of the state.
    Closure(Box<Code>),
    /// Operands with an operator between them.
    Chain(&'static str, Vec<Code>),
}

impl Code {
    pub fn atom(text: String) -> Self {
        Self::Atom(text)
    }

    pub fn call(callee: &str, args: Vec<Self>) -> Self {
        Self::Call(callee.to_owned(), args)
    }

    /// The expression as the last of a block that is indented by `indent` columns.
    pub fn format(&self, indent: usize) -> String {
        self.layout(indent, indent, 0)
    }

    /// On one line.
    fn flat(&self) -> String {
        match self {
            Self::Atom(text) => text.clone(),
            Self::Call(callee, args) => {
                let args: Vec<String> = args.iter().map(Self::flat).collect();
                format!("{callee}({})", args.join(", "))
            }
            Self::Closure(body) => format!("|s| {}", body.flat()),
            Self::Chain(operator, parts) => {
                let parts: Vec<String> = parts.iter().map(|part| part.operand(operator)).collect();
                parts.join(&format!(" {operator} "))
            }
        }
    }

    /// As an operand of another operator.
    fn operand(&self, operator: &str) -> String {
        match self {
            Self::Chain(own, _) if *own != operator => format!("({})", self.flat()),
            _ => self.flat(),
        }
    }

    /// `column` is where the expression starts, `behind` the columns that follow it on its last
    /// line, and `indent` where the lines of the block start that it stands in.
    fn layout(&self, indent: usize, column: usize, behind: usize) -> String {
        let flat = self.flat();
        let width = column.saturating_add(flat.chars().count()).saturating_add(behind);
        if width <= WIDTH {
            return flat;
        }
        let pad = |columns: usize| " ".repeat(columns);
        let inner = indent.saturating_add(INDENT);
        match self {
            Self::Atom(_) => flat,
            Self::Call(callee, args) => {
                let Some((Self::Closure(body), front)) = args.split_last() else {
                    return flat;
                };
                let mut args = String::new();
                for arg in front {
                    args.push_str(&arg.flat());
                    args.push_str(", ");
                }
                let body = body.layout(inner, inner, 0);
                format!("{callee}({args}|s| {{\n{}{body}\n{}}})", pad(inner), pad(indent))
            }
            Self::Closure(body) => {
                format!("|s| {{\n{}{}\n{}}}", pad(inner), body.layout(inner, inner, 0), pad(indent))
            }
            Self::Chain(operator, parts) => {
                let mut lines = Vec::new();
                for (index, part) in parts.iter().enumerate() {
                    let (line, lead) = match index {
                        0 => (indent, 0),
                        _ => (inner, operator.len().saturating_add(1)),
                    };
                    let column = line.saturating_add(lead);
                    lines.push(match part {
                        Self::Chain(own, _) if own != operator => {
                            let part = part.layout(line, column.saturating_add(1), 1);
                            format!("({part})")
                        }
                        _ => part.layout(line, column, 0),
                    });
                }
                lines.join(&format!("\n{}{operator} ", pad(inner)))
            }
        }
    }
}

//! The operators and builtin types, with the letters that stand for them.

/// How the operands of an operator follow it in an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One expression.
    Unary,
    /// `pp` and `mm`: one expression, before it where a `_` follows.
    Increment,
    /// Two expressions.
    Binary,
    /// An expression and a member's name.
    Member,
    /// `? :`
    Conditional,
    /// A type.
    OfType,
    /// A type, which is written as `keyword<type>(expression)`.
    Cast,
    /// A call.
    Call,
    /// `new`
    New,
    /// Of names alone, or with a production of its own.
    Own,
}

/// An operator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operator {
    /// Its letters.
    pub code: [u8; 2],
    /// Its spelling; a word that stands before its operand ends with a space.
    pub spelling: &'static str,
    /// What follows it.
    pub form: Form,
}

const fn op(code: [u8; 2], spelling: &'static str, form: Form) -> Operator {
    Operator { code, spelling, form }
}

/// All operators, in the order of their letters.
pub(crate) const OPERATORS: &[Operator] = &[
    op(*b"aN", "&=", Form::Binary),
    op(*b"aS", "=", Form::Binary),
    op(*b"aa", "&&", Form::Binary),
    op(*b"ad", "&", Form::Unary),
    op(*b"an", "&", Form::Binary),
    op(*b"at", "alignof ", Form::OfType),
    op(*b"aw", "co_await ", Form::Unary),
    op(*b"az", "alignof ", Form::Unary),
    op(*b"cc", "const_cast", Form::Cast),
    op(*b"cl", "()", Form::Call),
    op(*b"cm", ",", Form::Binary),
    op(*b"co", "~", Form::Unary),
    op(*b"dV", "/=", Form::Binary),
    op(*b"dX", "[...]=", Form::Own),
    op(*b"da", "delete[] ", Form::Unary),
    op(*b"dc", "dynamic_cast", Form::Cast),
    op(*b"de", "*", Form::Unary),
    op(*b"di", "=", Form::Own),
    op(*b"dl", "delete ", Form::Unary),
    op(*b"ds", ".*", Form::Binary),
    op(*b"dt", ".", Form::Member),
    op(*b"dv", "/", Form::Binary),
    op(*b"dx", "]=", Form::Own),
    op(*b"eO", "^=", Form::Binary),
    op(*b"eo", "^", Form::Binary),
    op(*b"eq", "==", Form::Binary),
    op(*b"fL", "...", Form::Own),
    op(*b"fR", "...", Form::Own),
    op(*b"fl", "...", Form::Own),
    op(*b"fr", "...", Form::Own),
    op(*b"ge", ">=", Form::Binary),
    op(*b"gs", "::", Form::Own),
    op(*b"gt", ">", Form::Binary),
    op(*b"ix", "[]", Form::Binary),
    op(*b"lS", "<<=", Form::Binary),
    op(*b"le", "<=", Form::Binary),
    op(*b"li", "operator\"\" ", Form::Own),
    op(*b"ls", "<<", Form::Binary),
    op(*b"lt", "<", Form::Binary),
    op(*b"mI", "-=", Form::Binary),
    op(*b"mL", "*=", Form::Binary),
    op(*b"mi", "-", Form::Binary),
    op(*b"ml", "*", Form::Binary),
    op(*b"mm", "--", Form::Increment),
    op(*b"na", "new[]", Form::New),
    op(*b"ne", "!=", Form::Binary),
    op(*b"ng", "-", Form::Unary),
    op(*b"nt", "!", Form::Unary),
    op(*b"nw", "new", Form::New),
    op(*b"nx", "noexcept ", Form::Unary),
    op(*b"oR", "|=", Form::Binary),
    op(*b"oo", "||", Form::Binary),
    op(*b"or", "|", Form::Binary),
    op(*b"pL", "+=", Form::Binary),
    op(*b"pl", "+", Form::Binary),
    op(*b"pm", "->*", Form::Binary),
    op(*b"pp", "++", Form::Increment),
    op(*b"ps", "+", Form::Unary),
    op(*b"pt", "->", Form::Member),
    op(*b"qu", "?", Form::Conditional),
    op(*b"rM", "%=", Form::Binary),
    op(*b"rS", ">>=", Form::Binary),
    op(*b"rc", "reinterpret_cast", Form::Cast),
    op(*b"rm", "%", Form::Binary),
    op(*b"rs", ">>", Form::Binary),
    op(*b"sP", "sizeof...", Form::Own),
    op(*b"sZ", "sizeof...", Form::Own),
    op(*b"sc", "static_cast", Form::Cast),
    op(*b"ss", "<=>", Form::Binary),
    op(*b"st", "sizeof ", Form::OfType),
    op(*b"sz", "sizeof ", Form::Unary),
    op(*b"te", "typeid ", Form::Unary),
    op(*b"ti", "typeid ", Form::OfType),
    op(*b"tr", "throw", Form::Own),
    op(*b"tw", "throw ", Form::Unary),
];

/// The operator of these letters, as its place in [`OPERATORS`].
pub(crate) fn operator(code: [u8; 2]) -> Option<u8> {
    OPERATORS.binary_search_by(|operator| operator.code.cmp(&code)).ok().map(|place| place as u8)
}

/// Whether only GNU takes this operator for a name: it is an expression's alone.
pub(crate) fn is_expression_alone(op: u8) -> bool {
    matches!(
        &code(op),
        b"dX" | b"di" | b"dx" | b"fL" | b"fR" | b"fl" | b"fr" | b"gs" | b"sP" | b"sZ" | b"tr"
    )
}

/// Whether GNU refuses names with this operator.
pub(crate) fn is_unknown_to_gnu(op: u8) -> bool {
    matches!(&code(op), b"nx" | b"te" | b"ti")
}

/// The spelling of an operator.
pub(crate) fn spelling(op: u8) -> &'static str {
    OPERATORS.get(op as usize).map_or("", |operator| operator.spelling)
}

/// The letters of an operator.
pub(crate) fn code(op: u8) -> [u8; 2] {
    OPERATORS.get(op as usize).map_or([0; 2], |operator| operator.code)
}

/// How a literal of a builtin type is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LiteralForm {
    /// `(type)5`
    Cast,
    /// `5` and these letters.
    Suffix(&'static str),
    /// `true` and `false`
    Bool,
    /// `(type)[bits]`
    Float,
    /// None: `void`.
    Void,
}

/// A builtin type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Builtin {
    /// Its letters, the second 0 where it has one.
    pub code: [u8; 2],
    /// As GNU spells it.
    pub gnu: &'static str,
    /// As LLVM spells it.
    pub llvm: &'static str,
    /// As Java does.
    pub java: &'static str,
    /// How its literals look.
    pub literal: LiteralForm,
}

const fn builtin(code: &[u8], name: &'static str, literal: LiteralForm) -> Builtin {
    let code = match code {
        [a] => [*a, 0],
        [a, b, ..] => [*a, *b],
        [] => [0, 0],
    };
    Builtin { code, gnu: name, llvm: name, java: name, literal }
}

impl Builtin {
    const fn llvm(self, llvm: &'static str) -> Self {
        Self { llvm, ..self }
    }

    const fn java(self, java: &'static str) -> Self {
        Self { java, ..self }
    }
}

/// All builtin types: first those of one letter, `a` the first, then those with a `D` before it.
pub(crate) const BUILTINS: &[Builtin] = &[
    builtin(b"a", "signed char", LiteralForm::Cast),
    builtin(b"b", "bool", LiteralForm::Bool).java("boolean"),
    builtin(b"c", "char", LiteralForm::Cast).java("byte"),
    builtin(b"d", "double", LiteralForm::Float),
    builtin(b"e", "long double", LiteralForm::Float),
    builtin(b"f", "float", LiteralForm::Float),
    builtin(b"g", "__float128", LiteralForm::Float),
    builtin(b"h", "unsigned char", LiteralForm::Cast),
    builtin(b"i", "int", LiteralForm::Suffix("")),
    builtin(b"j", "unsigned int", LiteralForm::Suffix("u")).java("unsigned"),
    builtin(b"l", "long", LiteralForm::Suffix("l")),
    builtin(b"m", "unsigned long", LiteralForm::Suffix("ul")),
    builtin(b"n", "__int128", LiteralForm::Cast),
    builtin(b"o", "unsigned __int128", LiteralForm::Cast),
    builtin(b"s", "short", LiteralForm::Cast),
    builtin(b"t", "unsigned short", LiteralForm::Cast),
    builtin(b"v", "void", LiteralForm::Void),
    builtin(b"w", "wchar_t", LiteralForm::Cast).java("char"),
    builtin(b"x", "long long", LiteralForm::Suffix("ll")).java("long"),
    builtin(b"y", "unsigned long long", LiteralForm::Suffix("ull")),
    builtin(b"z", "...", LiteralForm::Cast),
    builtin(b"Da", "auto", LiteralForm::Cast),
    builtin(b"Dc", "decltype(auto)", LiteralForm::Cast),
    builtin(b"Dd", "decimal64", LiteralForm::Cast),
    builtin(b"De", "decimal128", LiteralForm::Cast),
    builtin(b"Df", "decimal32", LiteralForm::Cast),
    builtin(b"Dh", "half", LiteralForm::Float),
    builtin(b"Di", "char32_t", LiteralForm::Cast),
    builtin(b"Dn", "decltype(nullptr)", LiteralForm::Cast).llvm("std::nullptr_t"),
    builtin(b"Ds", "char16_t", LiteralForm::Cast),
    builtin(b"Du", "char8_t", LiteralForm::Cast),
];

/// The builtin type of one letter, as its place in [`BUILTINS`].
pub(crate) fn builtin_letter(letter: u8) -> Option<u8> {
    /// Places by letter, 255 for none.
    const PLACES: [u8; 26] = {
        let mut places = [u8::MAX; 26];
        let mut place = 0;
        while place < BUILTINS.len() {
            #[expect(clippy::indexing_slicing, reason = "at compile time")]
            let code = BUILTINS[place].code;
            if code[1] == 0 {
                #[expect(clippy::indexing_slicing, reason = "at compile time")]
                {
                    places[(code[0] - b'a') as usize] = place as u8;
                }
            }
            place += 1;
        }
        places
    };
    let place = *PLACES.get(letter.wrapping_sub(b'a') as usize)?;
    (place != u8::MAX).then_some(place)
}

/// The builtin type of `D` and this letter, as its place in [`BUILTINS`].
pub(crate) fn builtin_d(letter: u8) -> Option<u8> {
    let found = BUILTINS.iter().position(|builtin| builtin.code == [b'D', letter])?;
    Some(found as u8)
}

/// A builtin type by its place.
pub(crate) fn builtin_at(place: u8) -> Option<&'static Builtin> {
    BUILTINS.get(place as usize)
}

/// The place of `Da`.
pub(crate) const AUTO: u8 = 21;

/// The place of `Dc`.
pub(crate) const DECLTYPE_AUTO: u8 = 22;

/// The place of `v`.
pub(crate) const VOID: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_sorted_and_places_are_those_named() {
        assert!(OPERATORS.is_sorted_by(|a, b| a.code < b.code));
        assert_eq!(builtin_letter(b'v'), Some(VOID));
        assert_eq!(builtin_d(b'a'), Some(AUTO));
        assert_eq!(builtin_d(b'c'), Some(DECLTYPE_AUTO));
        assert_eq!(builtin_letter(b'k'), None);
    }
}

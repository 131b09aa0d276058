//! A procedural macro: a shared library that the compiler itself loads.
use proc_macro::TokenStream;

/// Gives a structure a function `name`.
#[proc_macro_derive(Named)]
pub fn named(item: TokenStream) -> TokenStream {
    let mut words = item.into_iter().map(|tree| tree.to_string());
    let name = words.by_ref().skip_while(|word| word != "struct").nth(1).expect("a structure");
    let code = format!("impl {name} {{ fn name() -> &'static str {{ {name:?} }} }}");
    code.parse().expect("code")
}

//! The functions of a file: what they are called, what they take and what they return.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::HashMap;
use syn::{FnArg, Item, ItemFn, Visibility};

/// A file's functions, and its own names for types.
pub struct Signatures {
    text: String,
    functions: Vec<ItemFn>,
    aliases: HashMap<String, TokenStream>,
}

impl Signatures {
    /// Those of a file with this text.
    pub fn read(text: &str) -> syn::Result<Self> {
        let (mut functions, mut aliases) = (vec![], HashMap::new());
        for item in syn::parse_file(text)?.items {
            match item {
                Item::Fn(function) => functions.push(function),
                Item::Type(alias) if alias.generics.params.is_empty() => {
                    aliases.insert(alias.ident.to_string(), alias.ty.to_token_stream());
                }
                _ => {}
            }
        }
        Ok(Signatures { text: text.into(), functions, aliases })
    }

    /// What there is to write: the public functions, in order.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.functions.iter().filter(|function| is_public(function)).map(|function| function.sig.ident.to_string())
    }

    fn find(&self, name: &str) -> Option<&ItemFn> {
        self.functions.iter().find(|function| function.sig.ident == name)
    }

    /// What is wrong with a function here, called `name` and as it should be in `solution`: nothing, or words with the
    /// place.
    pub fn differs(&self, solution: &Signatures, name: impl AsRef<str>, file: &str) -> Option<String> {
        let name = name.as_ref();
        let expected = solution.find(name)?;
        let Some(here) = self.find(name) else {
            // Another one of the same kind, which the exercise does not have, may be this one.
            let known = |function: &&ItemFn| solution.find(&function.sig.ident.to_string()).is_none();
            let alike = |function: &&ItemFn| self.kind(function) == solution.kind(expected);
            return Some(match self.functions.iter().filter(known).find(alike) {
                Some(other) => format!(
                    "there is no function `{name}` in {file}; `{}`, in line {}, looks like it: has it been renamed?",
                    other.sig.ident,
                    self.line(other)
                ),
                None => {
                    format!("there is no function `{name}` in {file}: `git diff {file}` shows what has become of it")
                }
            });
        };
        let place = format!("{file}:{}", self.line(here));
        if !is_public(here) {
            return Some(format!("{place}: `{name}` is private: the judge needs a `pub` before `fn`"));
        }
        (self.kind(here) != solution.kind(expected)).then(|| {
            format!(
                "{place}: `{name}` takes or returns something else than it should\n  expected {}\n  got      {}",
                solution.shown(expected),
                self.shown(here)
            )
        })
    }

    /// Where a function begins; the first line is 1.
    fn line(&self, function: &ItemFn) -> usize {
        let begins = [format!("fn {}(", function.sig.ident), format!("fn {}<", function.sig.ident)];
        1 + self.text.lines().take_while(|line| !begins.iter().any(|begin| line.contains(begin))).count()
    }

    /// `fn tanh(z: f64) -> f64`, as it is written.
    fn shown(&self, function: &ItemFn) -> String {
        let begin = self.text.find(&format!("fn {}", function.sig.ident)).unwrap_or(0);
        let head = self.text[begin..].split('{').next().unwrap_or_default();
        head.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The types that a function takes and returns, in a form in which the same types are written in the same way:
    /// paths by their last names, without lifetimes, and with names that the file gives to types replaced by these.
    fn kind(&self, function: &ItemFn) -> Vec<String> {
        let mut words = vec![];
        for argument in &function.sig.inputs {
            match argument {
                FnArg::Typed(argument) => self.words(argument.ty.to_token_stream(), &mut words, 0),
                FnArg::Receiver(_) => words.push("self".into()),
            }
            words.push(";".into());
        }
        self.words(function.sig.output.to_token_stream(), &mut words, 0);
        if function.sig.asyncness.is_some() {
            words.push("async".into());
        }
        words
    }

    fn words(&self, tokens: TokenStream, words: &mut Vec<String>, depth: usize) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => {
                    words.push(format!("{:?}", group.delimiter()));
                    self.words(group.stream(), words, depth);
                    // A comma behind the last of a list says nothing.
                    words.pop_if(|last| last == ",");
                    words.push("end".into());
                }
                TokenTree::Punct(mark) if mark.as_char() == '\'' => {
                    tokens.next();
                    words.pop_if(|last| last == "+");
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => {
                    tokens.next();
                    words.pop();
                }
                TokenTree::Ident(name) => match self.aliases.get(&name.to_string()) {
                    // Deeper than this, a name would stand for itself.
                    Some(meant) if depth < 8 => self.words(meant.clone(), words, depth + 1),
                    _ => words.push(name.to_string()),
                },
                other => words.push(other.to_string()),
            }
        }
    }
}

fn is_public(function: &ItemFn) -> bool {
    !matches!(function.vis, Visibility::Inherited)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOLUTION: &str = "pub type Layer = (Array2<f64>, Array1<f64>);\npub fn f(x: &[Layer], n: usize) -> Vec<Layer> {}\nfn helper() {}\n";

    fn differs(text: &str) -> Option<String> {
        let solution = Signatures::read(SOLUTION).unwrap();
        Signatures::read(text).unwrap().differs(&solution, "f", "exercises/ex99.rs")
    }

    #[test]
    fn the_same_types_may_be_written_otherwise() {
        for same in [
            SOLUTION,
            "use a::Layer; pub type Layer = (ndarray::Array2<f64>, Array1<f64>); pub(crate) fn f(mut y: &[Layer], m: usize) -> Vec<Layer> {}",
            "pub fn f<'a>(x: &'a [(Array2<f64>, Array1<f64>,)], _: usize,) -> std::vec::Vec<(Array2<f64>, Array1<f64>)> { todo!() }",
        ] {
            assert_eq!(differs(same), None, "{same}");
        }
    }

    #[test]
    fn what_has_been_changed_is_named() {
        let said = |text: &str| differs(text).unwrap();
        let changed = said("\n\npub fn f(x: &[Layer], n: u32) -> Vec<Layer> {}");
        assert!(changed.starts_with("exercises/ex99.rs:3: `f` takes or returns something else"), "{changed}");
        assert!(changed.contains("\n  got      fn f(x: &[Layer], n: u32) -> Vec<Layer>"), "{changed}");
        assert!(said("fn f(x: &[Layer], n: usize) -> Vec<Layer> {}").contains("`pub`"));
        let renamed =
            said("pub type Layer = (Array2<f64>, Array1<f64>);\npub fn g(x: &[Layer], n: usize) -> Vec<Layer> {}");
        assert!(renamed.contains("no function `f`") && renamed.contains("`g`, in line 2"), "{renamed}");
        assert!(said("").contains("`git diff exercises/ex99.rs`"));
    }
}

//! A solution with its bodies taken out.
//!
//! The text is cut, not printed anew: what stays is as it was written, comments and all.

use proc_macro2::{TokenStream, TokenTree};
use std::{collections::HashSet, ops::Range};
use syn::{Attribute, Block, ImplItem, Item, UseTree, Visibility, spanned::Spanned};

/// The stub of a solution: bodies are `todo!()`. Private functions and tests go; whatever else is private goes unless
/// something that stays names it.
///
/// # Errors
/// When the solution is no Rust.
pub fn stub(solution: &str) -> syn::Result<String> {
    let file = syn::parse_file(solution)?;
    let mut pieces = vec![];
    for item in &file.items {
        pieces.push(Piece { range: item.span().byte_range(), stub: stub_of(item, solution), stays: stays(item) });
    }
    let mut named: HashSet<String> = HashSet::new();
    let mut known = usize::MAX;
    // What is named by what stays, stays, and may name more.
    while known != named.len() {
        known = named.len();
        for piece in &mut pieces {
            if let Stays::IfNamed(names) = &piece.stays
                && names.iter().any(|name| named.contains(name))
            {
                piece.stays = Stays::Yes;
            }
            if let (Stays::Yes, Some(text)) = (&piece.stays, &piece.stub) {
                words(text.parse()?, &mut named);
            }
        }
    }
    for (piece, item) in pieces.iter_mut().zip(&file.items) {
        if let Item::Use(import) = item {
            piece.keep_imports(import, &named);
        }
    }
    let header = file.attrs.last().map_or(0, |attribute| attribute.span().byte_range().end);
    Ok(format!(
        "{}{}\n",
        &solution[..header],
        assemble(solution, header..solution.trim_end().len().max(header), pieces)
    ))
}

/// Has nobody worked on this file? Then each body is `todo!()`, and there is no function that a stub does not have.
pub fn is_stub(text: &str) -> bool {
    let no_work = |body: &Block| text[body.span().byte_range()].split_whitespace().eq(["{", "todo!()", "}"]);
    let Ok(file) = syn::parse_file(text) else { return false };
    file.items.iter().all(|item| match item {
        Item::Fn(f) => !is_private(&f.vis) && no_work(&f.block),
        Item::Impl(i) => i.items.iter().all(|item| !matches!(item, ImplItem::Fn(f) if !no_work(&f.block))),
        _ => true,
    })
}

/// An item: where it is, what the stub has in its place, and whether it has anything.
struct Piece {
    range: Range<usize>,
    stub: Option<String>,
    stays: Stays,
}

enum Stays {
    Yes,
    No,
    /// If one of these names is somewhere in what stays.
    IfNamed(Vec<String>),
}

fn stays(item: &Item) -> Stays {
    let (vis, attributes, name) = match item {
        Item::Const(i) => (&i.vis, &i.attrs, &i.ident),
        Item::Enum(i) => (&i.vis, &i.attrs, &i.ident),
        Item::Fn(i) => (&i.vis, &i.attrs, &i.sig.ident),
        Item::Mod(i) => (&i.vis, &i.attrs, &i.ident),
        Item::Static(i) => (&i.vis, &i.attrs, &i.ident),
        Item::Struct(i) => (&i.vis, &i.attrs, &i.ident),
        Item::Trait(i) => (&i.vis, &i.attrs, &i.ident),
        Item::Type(i) => (&i.vis, &i.attrs, &i.ident),
        // `keep_imports` decides.
        Item::Use(_) => return Stays::No,
        // Methods go with their type.
        Item::Impl(i) => match &*i.self_ty {
            syn::Type::Path(of) => {
                return Stays::IfNamed(of.path.segments.iter().map(|s| s.ident.to_string()).collect());
            }
            _ => return Stays::Yes,
        },
        _ => return Stays::Yes,
    };
    match item {
        _ if attributes.iter().any(is_test) => Stays::No,
        Item::Fn(_) | Item::Mod(_) if is_private(vis) => Stays::No,
        _ if is_private(vis) => Stays::IfNamed(vec![name.to_string()]),
        _ => Stays::Yes,
    }
}

fn is_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
}

fn is_private(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Inherited)
}

/// What a stub has in the place of an item that stays: nothing for methods that are all private.
fn stub_of(item: &Item, text: &str) -> Option<String> {
    match item {
        Item::Fn(f) => Some(without_body(text, f.span().byte_range(), &f.block)),
        Item::Impl(i) => {
            let range = i.span().byte_range();
            let pieces: Vec<Piece> = i.items.iter().map(|item| method(item, i.trait_.is_some(), text)).collect();
            let empty = !i.items.is_empty() && pieces.iter().all(|piece| piece.stub.is_none());
            let inside = i.brace_token.span.open().byte_range().end..i.brace_token.span.close().byte_range().start;
            let inside_len = text[inside.clone()].trim_end().len();
            let (before, after) = (&text[range.start..inside.start], &text[inside.start + inside_len..range.end]);
            let inside = assemble(text, inside.start..inside.start + inside_len, pieces);
            (!empty).then(|| format!("{before}{inside}{after}"))
        }
        _ => Some(text[item.span().byte_range()].to_string()),
    }
}

fn method(item: &ImplItem, of_trait: bool, text: &str) -> Piece {
    let range = item.span().byte_range();
    let stub = match item {
        ImplItem::Fn(f) if of_trait || !is_private(&f.vis) => Some(without_body(text, range.clone(), &f.block)),
        ImplItem::Fn(_) => None,
        _ => Some(text[range.clone()].to_string()),
    };
    Piece { range, stub, stays: Stays::Yes }
}

/// A function with `todo!()` for a body.
fn without_body(text: &str, function: Range<usize>, body: &Block) -> String {
    let line = text[..function.start].rfind('\n').map_or(0, |end| end + 1);
    let indent = &text[line..function.start];
    let head = &text[function.start..body.span().byte_range().start];
    format!("{head}{{\n{indent}    todo!()\n{indent}}}")
}

/// All identifiers.
fn words(tokens: TokenStream, into: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => words(group.stream(), into),
            TokenTree::Ident(ident) => drop(into.insert(ident.to_string())),
            _ => {}
        }
    }
}

impl Piece {
    /// Keeps those imports that are named. The text is printed anew only where some of them go and others stay.
    fn keep_imports(&mut self, import: &syn::ItemUse, named: &HashSet<String>) {
        let text = self.stub.take().unwrap_or_default();
        let Some((kept, all)) = prune(&import.tree, named) else { return };
        self.stays = Stays::Yes;
        let visibility = if is_private(&import.vis) { "" } else { "pub " };
        self.stub = Some(if all { text } else { format!("{visibility}use {kept};") });
    }
}

/// What stays of an import, if anything, and whether that is all of it.
fn prune(tree: &UseTree, named: &HashSet<String>) -> Option<(String, bool)> {
    match tree {
        UseTree::Path(path) => prune(&path.tree, named).map(|(rest, all)| (format!("{}::{rest}", path.ident), all)),
        UseTree::Name(name) => named.contains(&name.ident.to_string()).then(|| (name.ident.to_string(), true)),
        UseTree::Rename(name) => {
            named.contains(&name.rename.to_string()).then(|| (format!("{} as {}", name.ident, name.rename), true))
        }
        UseTree::Glob(_) => Some(("*".into(), true)),
        UseTree::Group(group) => {
            let kept: Vec<_> = group.items.iter().filter_map(|tree| prune(tree, named)).collect();
            let all = kept.len() == group.items.len() && kept.iter().all(|(_, all)| *all);
            let names: Vec<_> = kept.into_iter().map(|(name, _)| name).collect();
            match &names[..] {
                [] => None,
                [one] => Some((one.clone(), all)),
                _ => Some((format!("{{{}}}", names.join(", ")), all)),
            }
        }
    }
}

/// The text of `range` with pieces that stay in their places. What stands before a piece, a comment say, goes with it.
fn assemble(text: &str, range: Range<usize>, pieces: Vec<Piece>) -> String {
    let mut out = String::new();
    let mut end = range.start;
    // Where pieces go, the wider of the gaps around them stays.
    let mut newlines = 0;
    for piece in pieces {
        let gap = &text[end..piece.range.start];
        let lines = gap.len() - gap.trim_start_matches('\n').len();
        newlines = newlines.max(lines);
        end = piece.range.end;
        if let (Stays::Yes, Some(stub)) = (piece.stays, piece.stub) {
            out += &"\n".repeat(newlines);
            out += &gap[lines..];
            out += &stub;
            newlines = 0;
        }
    }
    out + &text[end..range.end]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOLUTION: &str = "\
//! # A problem

use ndarray::{Array1, Array2, s};
use std::{collections::HashMap, fmt};

const USED: usize = 3;
const UNUSED: f64 = 0.5;

/// A layer.
pub struct Layer {
    pub w: Array2<f64>,
    pub a: [f64; USED],
}

impl Layer {
    /// A sum.
    // How it is done.
    pub fn sum(&self) -> f64 {
        self.w.sum() + UNUSED
    }

    fn secret(&self) {}
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, \"{}\", self.sum()) }
}

struct Helper(HashMap<u8, u8>);

impl Helper {
    pub fn help() {}
}

/// Twice.
pub fn twice(
    x: &Array1<f64>, // a comment
) -> Array1<f64> {
    helper(&x.slice(s![..]).to_owned())
}

// This goes with it.
fn helper(x: &Array1<f64>) -> Array1<f64> {
    2.0 * x
}

#[cfg(test)]
mod tests {}
";

    const STUB: &str = "\
//! # A problem

use ndarray::{Array1, Array2};
use std::fmt;

const USED: usize = 3;

/// A layer.
pub struct Layer {
    pub w: Array2<f64>,
    pub a: [f64; USED],
}

impl Layer {
    /// A sum.
    // How it is done.
    pub fn sum(&self) -> f64 {
        todo!()
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

/// Twice.
pub fn twice(
    x: &Array1<f64>, // a comment
) -> Array1<f64> {
    todo!()
}
";

    #[test]
    fn bodies_go_and_what_only_they_need() {
        assert_eq!(stub(SOLUTION).unwrap(), STUB);
        // Nothing more to take out.
        assert_eq!(stub(STUB).unwrap(), STUB);
    }

    #[test]
    fn imports_go_from_the_front_and_gaps_stay() {
        let solution = "//! Doc.\n\nuse a::b;\nuse c::D;\n\npub fn f(d: D) {\n    b(d)\n}\n";
        assert_eq!(stub("//! ").unwrap(), "//! \n"); // its documentation ends in a space
        assert_eq!(stub(solution).unwrap(), "//! Doc.\n\nuse c::D;\n\npub fn f(d: D) {\n    todo!()\n}\n");
    }

    #[test]
    fn work_shows() {
        assert!(is_stub(STUB));
        assert!(!is_stub(SOLUTION));
        assert!(!is_stub(&STUB.replace("pub struct", "pub strut")), "a file that does not parse is somebody's work");
        assert!(!is_stub(&(STUB.to_string() + "\nfn mine() {}\n")), "so is a function that no stub has");
        assert!(!is_stub(&STUB.replacen("        todo!()", "        let s = 0.0;\n        todo!()", 1)));
    }
}

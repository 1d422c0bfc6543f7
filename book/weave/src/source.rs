//! A source file taken apart into its items.

use crate::{kernel, near};
use proc_macro2::Span;
use std::ops::Range;
use syn::{Attribute, ImplItem, Item as Syntax, TraitItem, spanned::Spanned};

/// A source file.
pub struct Source {
    pub lines: Vec<String>,
    pub items: Vec<Item>,
    /// Lines that are imports or declarations of modules.
    pub links: Vec<Range<usize>>,
    /// Lines of tests.
    pub tests: Vec<Range<usize>>,
    /// `//!` lines.
    pub docs: Vec<Range<usize>>,
}

/// Something in a source file that has a name.
#[derive(Debug)]
pub struct Item {
    /// All that it can be called by, the shortest first.
    pub names: Vec<String>,
    /// Its lines, with everything that belongs to it. Counted from 0, as everywhere here.
    pub lines: Range<usize>,
    /// The doc comment among them.
    pub docs: Vec<Range<usize>>,
    /// The items inside, for an implementation, a trait or a module.
    pub inside: Vec<Range<usize>>,
    /// For a function with a body: the byte at which the body begins.
    pub body: Option<usize>,
    /// The bytes from the first attribute to the end.
    pub bytes: Range<usize>,
    pub public: bool,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Function,
    /// A method or an associated constant or type; its implementation or trait is an item of its own.
    Member,
    Container,
    Other,
}

/// Is it a file in which items are found?
pub fn has_items(path: &str) -> bool {
    path.ends_with(".rs") || path.ends_with(".cl")
}

impl Source {
    /// Reads Rust or OpenCL; any other file is only its lines.
    pub fn parse(path: &str, text: &str) -> Result<Self, String> {
        let lines: Vec<_> = text.lines().map(str::to_string).collect();
        let mut source = Source { lines, items: vec![], links: vec![], tests: vec![], docs: vec![] };
        if !has_items(path) {
            return Ok(source);
        }
        if path.ends_with(".cl") {
            source.items = kernel::items(text).map_err(|e| format!("{path}: {e}"))?;
            return Ok(source);
        }
        let file = syn::parse_file(text).map_err(|e| format!("{path}:{}: {e}", e.span().start().line))?;
        if file.attrs.iter().any(is_test) {
            source.tests.push(0..source.lines.len());
        }
        source.docs = docs(&file.attrs);
        for item in &file.items {
            source.add(item, "");
        }
        Ok(source)
    }

    /// The one item of this name, or the nth: `impl Summary #2`.
    pub fn find(&self, path: &str, name: &str) -> Result<&Item, String> {
        let (wanted, nth) = match name.rsplit_once(" #").map(|(name, n)| (name, n.parse::<usize>())) {
            Some((name, Ok(n))) => (spaced(name), Some(n)),
            _ => (spaced(name), None),
        };
        let found: Vec<_> = self.items.iter().filter(|item| item.names.contains(&wanted)).collect();
        match (&found[..], nth) {
            ([], _) => {
                let names = self.items.iter().filter_map(|item| item.names.first()).map(String::as_str);
                Err(format!("{path} has no item `{wanted}`{}", near::suggest(&wanted, names)))
            }
            ([item], None) => Ok(item),
            (items, Some(n)) if (1..=items.len()).contains(&n) => Ok(items[n - 1]),
            (items, Some(_)) => Err(format!("{path} has {} of `{wanted}`, and no {name}", items.len())),
            (items, None) => {
                let longest =
                    |item: &Item| item.names.iter().max_by_key(|name| name.len()).cloned().unwrap_or_default();
                let each = items.iter().enumerate().map(|(i, item)| {
                    let alone = items.iter().filter(|other| longest(other) == longest(item)).count() == 1;
                    let name = if alone { longest(item) } else { format!("{wanted} #{}", i + 1) };
                    format!("`{name}` in line {}", item.lines.start + 1)
                });
                let each = each.collect::<Vec<_>>().join(", ");
                Err(format!("{path} has {} items `{name}`; say which: {each}", items.len()))
            }
        }
    }

    /// The lines of the file's own documentation, `//!`.
    pub fn head(&self) -> Range<usize> {
        0..self.lines.iter().take_while(|line| line.starts_with("//!")).count()
    }

    fn add(&mut self, item: &Syntax, module: &str) -> Range<usize> {
        let attributes = attributes(item);
        let lines = self.with_comment(lines(item.span()));
        if attributes.iter().any(is_test) {
            self.tests.push(lines.clone());
            return lines;
        }
        let mut new = Item {
            names: vec![],
            lines: lines.clone(),
            docs: docs(attributes),
            inside: vec![],
            body: None,
            bytes: item.span().byte_range(),
            public: false,
            kind: Kind::Other,
        };
        let (keyword, name) = match item {
            Syntax::Use(_) | Syntax::ExternCrate(_) => {
                self.links.push(lines.clone());
                return lines;
            }
            Syntax::Mod(module) if module.content.is_none() => {
                self.links.push(lines.clone());
                return lines;
            }
            Syntax::Fn(f) => {
                new.body = Some(f.block.span().byte_range().start);
                new.kind = Kind::Function;
                new.public = matches!(f.vis, syn::Visibility::Public(_));
                ("fn", f.sig.ident.to_string())
            }
            Syntax::Struct(i) => ("struct", i.ident.to_string()),
            Syntax::Enum(i) => ("enum", i.ident.to_string()),
            Syntax::Union(i) => ("union", i.ident.to_string()),
            Syntax::Const(i) => ("const", i.ident.to_string()),
            Syntax::Static(i) => ("static", i.ident.to_string()),
            Syntax::Type(i) => ("type", i.ident.to_string()),
            Syntax::Macro(i) => match &i.ident {
                Some(ident) => ("macro", ident.to_string()),
                None => {
                    ("macro", format!("{}!", i.mac.path.segments.last().map_or(String::new(), |s| s.ident.to_string())))
                }
            },
            Syntax::Mod(m) => {
                let name = m.ident.to_string();
                let inner = format!("{module}{name}::");
                new.kind = Kind::Container;
                let items = m.content.iter().flat_map(|(_, items)| items);
                new.inside = items.map(|item| self.add(item, &inner)).collect();
                ("mod", name)
            }
            Syntax::Trait(t) => {
                let name = t.ident.to_string();
                new.kind = Kind::Container;
                for member in &t.items {
                    new.inside.push(self.add_member(trait_member(member), &[format!("{module}{name}")]));
                }
                ("trait", name)
            }
            Syntax::Impl(i) => {
                new.kind = Kind::Container;
                let owner = last_name(&i.self_ty);
                let of = i.trait_.as_ref().and_then(|(path, _)| path.segments.last());
                let header = match of {
                    Some(of) => format!("impl {} for {owner}", of.ident),
                    None => format!("impl {owner}"),
                };
                for member in &i.items {
                    new.inside.push(self.add_member(impl_member(member), &[owner.clone(), header.clone()]));
                }
                let whole = self.text_between(i.impl_token.span().start().line, i.brace_token.span.open().start());
                new.names = vec![header, whole];
                new.names.dedup();
                self.items.push(new);
                return lines;
            }
            _ => return lines,
        };
        // In a module of the file, its own name may be that of another.
        new.names = match module {
            "" => vec![name.clone(), format!("{keyword} {name}")],
            module => vec![format!("{module}{name}")],
        };
        self.items.push(new);
        lines
    }

    fn add_member(&mut self, (span, name, body, attributes): Member, owners: &[String]) -> Range<usize> {
        let lines = self.with_comment(lines(span));
        if attributes.iter().any(is_test) {
            self.tests.push(lines.clone());
            return lines;
        }
        let mut names: Vec<_> = owners.iter().map(|owner| format!("{owner}::{name}")).collect();
        names.dedup();
        self.items.push(Item {
            names,
            lines: lines.clone(),
            docs: docs(attributes),
            inside: vec![],
            body,
            bytes: span.byte_range(),
            public: true,
            kind: Kind::Member,
        });
        lines
    }

    /// The source from a line, without its indent, to a place, with single spaces.
    fn text_between(&self, line: usize, end: proc_macro2::LineColumn) -> String {
        let mut text: Vec<_> = self.lines[line - 1..end.line].iter().map(String::as_str).collect();
        if let Some(last) = text.last_mut() {
            *last = last.char_indices().nth(end.column).map_or(*last, |(at, _)| &last[..at]);
        }
        spaced(&text.join(" "))
    }

    /// With the `//` lines right above.
    fn with_comment(&self, mut lines: Range<usize>) -> Range<usize> {
        let is_comment = |line: &String| line.trim_start().starts_with("//") && !line.trim_start().starts_with("//!");
        while lines.start > 0 && is_comment(&self.lines[lines.start - 1]) {
            lines.start -= 1;
        }
        lines
    }
}

/// Where it is, its name, where its body begins, its attributes.
type Member<'a> = (Span, String, Option<usize>, &'a [Attribute]);

fn impl_member(member: &ImplItem) -> Member<'_> {
    match member {
        ImplItem::Fn(i) => (member.span(), i.sig.ident.to_string(), Some(i.block.span().byte_range().start), &i.attrs),
        ImplItem::Const(i) => (member.span(), i.ident.to_string(), None, &i.attrs),
        ImplItem::Type(i) => (member.span(), i.ident.to_string(), None, &i.attrs),
        _ => (member.span(), "_".into(), None, &[]),
    }
}

fn trait_member(member: &TraitItem) -> Member<'_> {
    match member {
        TraitItem::Fn(i) => {
            let body = i.default.as_ref().map(|block| block.span().byte_range().start);
            (member.span(), i.sig.ident.to_string(), body, &i.attrs)
        }
        TraitItem::Const(i) => (member.span(), i.ident.to_string(), None, &i.attrs),
        TraitItem::Type(i) => (member.span(), i.ident.to_string(), None, &i.attrs),
        _ => (member.span(), "_".into(), None, &[]),
    }
}

fn attributes(item: &Syntax) -> &[Attribute] {
    match item {
        Syntax::Const(i) => &i.attrs,
        Syntax::Enum(i) => &i.attrs,
        Syntax::Fn(i) => &i.attrs,
        Syntax::Impl(i) => &i.attrs,
        Syntax::Macro(i) => &i.attrs,
        Syntax::Mod(i) => &i.attrs,
        Syntax::Static(i) => &i.attrs,
        Syntax::Struct(i) => &i.attrs,
        Syntax::Trait(i) => &i.attrs,
        Syntax::Type(i) => &i.attrs,
        Syntax::Union(i) => &i.attrs,
        Syntax::Use(i) => &i.attrs,
        _ => &[],
    }
}

/// Is it there only for tests: `#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[cfg(doctest)]`?
fn is_test(attribute: &Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    let condition = list.tokens.to_string();
    let words = condition.split(|c: char| !c.is_alphanumeric() && c != '_');
    list.path.is_ident("cfg") && !condition.contains("not") && words.into_iter().any(|w| w == "test" || w == "doctest")
}

/// Lines of doc comments.
fn docs(attributes: &[Attribute]) -> Vec<Range<usize>> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).map(|doc| lines(doc.span())).collect()
}

fn lines(span: Span) -> Range<usize> {
    span.start().line - 1..span.end().line
}

/// The last word of a type: `ConvPool` of `&'a layer::ConvPool<R>`.
fn last_name(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().map_or(String::new(), |segment| segment.ident.to_string()),
        syn::Type::Reference(reference) => last_name(&reference.elem),
        syn::Type::Group(group) => last_name(&group.elem),
        _ => spaced(&ty.span().source_text().unwrap_or_default()),
    }
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = "//! A file.\n\nuse a::b;\nmod c;\n\n// About Conv.\n/// A convolution.\n#[derive(Debug)]\npub struct Conv {\n    x: f32,\n}\n\n\
        impl<R: Real> Layer<R> for Conv {\n    /// Forward.\n    fn forward(&self) {}\n\n    fn backward(&self) {}\n}\n\n\
        impl Conv {\n    pub fn forward(&self) {}\n}\n\nfn free() {}\n\nmod inner {\n    fn free() {}\n}\n\n#[cfg(test)]\nmod tests {\n    fn t() {}\n}\n";

    fn lines_of(name: &str) -> Result<Range<usize>, String> {
        Source::parse("x.rs", RUST).unwrap().find("x.rs", name).map(|item| item.lines.clone())
    }

    #[test]
    fn items_by_name() {
        for (name, lines) in [
            ("Conv", 5..11),
            ("struct Conv", 5..11),
            ("impl Layer for Conv", 12..18),
            ("impl<R: Real> Layer<R> for Conv", 12..18),
            ("impl Conv", 19..22),
            ("Conv::backward", 16..17),
            ("impl Layer for Conv::forward", 13..15),
            ("inner::free", 26..27),
            ("mod inner", 25..28),
            ("free", 23..24),
        ] {
            assert_eq!(lines_of(name), Ok(lines), "{name}");
        }
    }

    #[test]
    fn what_is_not_there_and_what_is_there_twice() {
        assert_eq!(lines_of("Convv").unwrap_err(), "x.rs has no item `Convv`; did you mean `Conv`?");
        assert_eq!(lines_of("backward").unwrap_err(), "x.rs has no item `backward`; did you mean `Conv::backward`?");
        let e = "x.rs has 2 items `Conv::forward`; say which: `impl Layer for Conv::forward` in line 14, `impl Conv::forward` in line 21";
        assert_eq!(lines_of("Conv::forward").unwrap_err(), e);
        let twice = "impl A {}\n\n#[cfg(x)]\nimpl A {}\n";
        let twice = Source::parse("y.rs", twice).unwrap();
        let e = "y.rs has 2 items `impl A`; say which: `impl A #1` in line 1, `impl A #2` in line 3";
        assert_eq!(twice.find("y.rs", "impl A").unwrap_err(), e);
        assert_eq!(twice.find("y.rs", "impl A #2").unwrap().lines, 2..4);
        assert_eq!(twice.find("y.rs", "impl A #3").unwrap_err(), "y.rs has 2 of `impl A`, and no impl A #3");
        assert_eq!(lines_of("tests").unwrap_err().split(';').next(), Some("x.rs has no item `tests`"));
    }

    #[test]
    fn the_head_of_a_file() {
        assert_eq!(Source::parse("x.rs", RUST).unwrap().head(), 0..1);
    }

    /// Else there could be lines that no page can show.
    #[test]
    fn every_item_of_the_library_can_be_named() {
        let project = crate::Project::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let files = project.files("src", &[".rs", ".cl"]);
        assert!(files.len() > 30, "{files:?}");
        for file in files {
            let source = project.source(&file).unwrap();
            for item in &source.items {
                let is_it = |name: &String| source.find(&file, name).is_ok_and(|found| found.lines == item.lines);
                let numbered = item.names.iter().flat_map(|name| (1..4).map(move |n| format!("{name} #{n}")));
                assert!(
                    item.names.iter().any(is_it) || numbered.collect::<Vec<_>>().iter().any(is_it),
                    "{file}: {item:?}"
                );
            }
        }
    }
}

//! Which changes there are to make in a solution.

use crate::methods::{LEFT_OUT, OTHERS};
use std::ops::Range;
use syn::{
    BinOp, Block, Expr, ExprMethodCall, ItemConst, ItemFn, ItemMod, Lit, Macro, ReturnType, Stmt, Token, Type, UnOp,
    parse::Parser,
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};

/// A change of the text: what stands in `range` is replaced.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub range: Range<usize>,
    /// An expression; nothing where a statement is left out.
    pub with: Option<String>,
    /// The function in which it is.
    pub function: String,
}

/// All changes of a solution, in the order of its text.
pub fn changes(text: &str) -> syn::Result<Vec<Change>> {
    let file = syn::parse_file(text)?;
    let mut finder = Finder { text, function: String::new(), found: vec![] };
    finder.visit_file(&file);
    let mut found = finder.found;
    found.sort_by_key(|change| (change.range.start, std::cmp::Reverse(change.range.end)));
    found.dedup();
    Ok(found)
}

struct Finder<'a> {
    text: &'a str,
    function: String,
    found: Vec<Change>,
}

impl Finder<'_> {
    fn text(&self, of: &impl Spanned) -> String {
        self.text[of.span().byte_range()].to_string()
    }

    fn replace(&mut self, what: &impl Spanned, with: impl Into<String>) {
        let change =
            Change { range: what.span().byte_range(), with: Some(with.into()), function: self.function.clone() };
        if self.text[change.range.clone()] != *change.with.as_deref().unwrap_or_default() {
            self.found.push(change);
        }
    }

    /// A part of an expression, `inner`, written otherwise.
    fn rewrite(&mut self, whole: &impl Spanned, inner: &impl Spanned, with: &str) {
        let (whole_range, inner) = (whole.span().byte_range(), inner.span().byte_range());
        let (before, after) = (&self.text[whole_range.start..inner.start], &self.text[inner.end..whole_range.end]);
        let text = format!("{before}{with}{after}");
        self.replace(whole, text);
    }

    fn binary(&mut self, whole: &Expr, left: &Expr, op: &BinOp, right: &Expr) {
        let others: &[&str] = match op {
            BinOp::Add(_) => &["-"],
            BinOp::Sub(_) => &["+"],
            BinOp::Mul(_) => &["/"],
            BinOp::Div(_) | BinOp::Rem(_) => &["*"],
            BinOp::And(_) => &["||"],
            BinOp::Or(_) => &["&&"],
            BinOp::Eq(_) => &["!="],
            BinOp::Ne(_) => &["=="],
            BinOp::Lt(_) => &["<=", ">"],
            BinOp::Le(_) => &["<", ">="],
            BinOp::Gt(_) => &[">=", "<"],
            BinOp::Ge(_) => &[">", "<="],
            BinOp::BitXor(_) => &["|"],
            BinOp::AddAssign(_) => &["-=", "="],
            BinOp::SubAssign(_) => &["+=", "="],
            BinOp::MulAssign(_) => &["/=", "="],
            BinOp::DivAssign(_) => &["*=", "="],
            _ => &[],
        };
        for other in others {
            self.rewrite(whole, op, other);
        }
        if matches!(op, BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::And(_) | BinOp::Or(_)) {
            for side in [self.text(left), self.text(right)] {
                self.replace(whole, side);
            }
        }
    }

    /// A count that is one off.
    fn off_by_one(&mut self, end: &Expr) {
        let text = self.text(end);
        self.replace(end, format!("({text}) + 1"));
        self.replace(end, format!("({text}) - 1"));
    }

    /// Neighbours in a list change places.
    fn swap<'b>(&mut self, whole: &impl Spanned, items: impl Iterator<Item = &'b Expr>) {
        let items: Vec<_> = items.collect();
        for pair in items.windows(2) {
            let (whole_range, [first, second]) =
                (whole.span().byte_range(), [pair[0], pair[1]].map(|item| item.span().byte_range()));
            let text = |range: Range<usize>| &self.text[range];
            let swapped = [
                text(whole_range.start..first.start),
                text(second.clone()),
                text(first.end..second.start),
                text(first.clone()),
                text(second.end..whole_range.end),
            ];
            let swapped = swapped.concat();
            self.replace(whole, swapped);
        }
    }

    fn method(&mut self, whole: &Expr, call: &ExprMethodCall) {
        let name = call.method.to_string();
        for (_, other) in OTHERS.iter().filter(|(from, _)| *from == name) {
            self.rewrite(whole, &call.method, other);
        }
        if LEFT_OUT.contains(&name.as_str()) {
            let receiver = self.text(&call.receiver);
            self.replace(whole, receiver);
        }
    }

    /// What a function may return at once.
    fn early_return(&mut self, output: &ReturnType, block: &Block) {
        let ReturnType::Type(_, ty) = output else { return };
        let constants: &[&str] = match &**ty {
            Type::Path(path) => match path.path.segments.last().map(|segment| segment.ident.to_string()).as_deref() {
                Some("usize") => &["0", "1"],
                Some("f64") => &["0.0", "1.0"],
                Some("bool") => &["true", "false"],
                Some("Option") => &["None", "Some(Default::default())"],
                Some("Result") => &["Ok(Default::default())", "Err(Default::default())"],
                _ => &["Default::default()"],
            },
            _ => &["Default::default()"],
        };
        for constant in constants {
            self.replace(block, format!("{{ {constant} }}"));
        }
    }

    fn condition(&mut self, condition: &Expr, values: &[&str]) {
        if !contains_let(condition) {
            for value in values {
                self.replace(condition, *value);
            }
        }
    }
}

/// `if let` cannot become `if true`.
fn contains_let(condition: &Expr) -> bool {
    struct Find(bool);
    impl Visit<'_> for Find {
        fn visit_expr_let(&mut self, _: &syn::ExprLet) {
            self.0 = true;
        }
    }
    let mut find = Find(false);
    find.visit_expr(condition);
    find.0
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, f: &'ast ItemFn) {
        let outer = std::mem::replace(&mut self.function, f.sig.ident.to_string());
        self.early_return(&f.sig.output, &f.block);
        visit::visit_block(self, &f.block);
        self.function = outer;
    }

    // Constants are evaluated by the compiler, which knows no mutants; those that matter are said in the statement.
    fn visit_item_const(&mut self, _: &'ast ItemConst) {}

    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_type(&mut self, _: &'ast Type) {}

    fn visit_pat(&mut self, _: &'ast syn::Pat) {}

    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let removable = match stmt {
            Stmt::Expr(expr, Some(_)) => !matches!(expr, Expr::Return(_) | Expr::Break(_) | Expr::Continue(_)),
            Stmt::Expr(Expr::ForLoop(_), None) => true,
            Stmt::Expr(Expr::If(i), None) => i.else_branch.is_none(),
            _ => false,
        };
        if removable {
            let range = stmt.span().byte_range();
            self.found.push(Change { range, with: None, function: self.function.clone() });
        }
        visit::visit_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Binary(b) => self.binary(expr, &b.left, &b.op, &b.right),
            Expr::Lit(lit) => match &lit.lit {
                Lit::Int(int) => {
                    if let Ok(n) = int.base10_parse::<u64>() {
                        let suffix = int.suffix();
                        self.replace(expr, format!("{}{suffix}", n.wrapping_add(1)));
                        if n > 0 {
                            self.replace(expr, format!("{}{suffix}", n - 1));
                        }
                    }
                }
                Lit::Float(float) => {
                    let text = float.to_string();
                    for with in [format!("({text} + 1.0)"), format!("({text} * 2.0)"), format!("({text} * 1.0001)")] {
                        if float.base10_parse::<f64>().is_ok_and(|x| x != 0.0) || with.contains('+') {
                            self.replace(expr, with);
                        }
                    }
                }
                Lit::Bool(b) => self.replace(expr, (!b.value).to_string()),
                _ => {}
            },
            Expr::Unary(u) if matches!(u.op, UnOp::Neg(_) | UnOp::Not(_)) => {
                let operand = self.text(&u.expr);
                self.replace(expr, operand);
            }
            Expr::MethodCall(call) => {
                self.method(expr, call);
                self.swap(expr, call.args.iter());
            }
            Expr::Call(call) => self.swap(expr, call.args.iter()),
            Expr::Array(array) => self.swap(expr, array.elems.iter()),
            Expr::Tuple(tuple) => self.swap(expr, tuple.elems.iter()),
            Expr::If(i) => {
                self.condition(&i.cond, &["true", "false"]);
            }
            Expr::While(w) => self.condition(&w.cond, &["false"]),
            Expr::Range(range) => {
                if let Some(end) = &range.end {
                    self.off_by_one(end);
                }
                if let Some(start) = &range.start {
                    self.off_by_one(start);
                }
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
    }

    /// Expressions in `s![…]` and `vec![…]`.
    fn visit_macro(&mut self, mac: &'ast Macro) {
        if mac.path.is_ident("s") || mac.path.is_ident("vec") {
            let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
            if let Ok(arguments) = parse.parse2(mac.tokens.clone()) {
                arguments.iter().for_each(|argument| Visit::visit_expr(self, argument));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutants(text: &str) -> Vec<String> {
        let changes = changes(text).unwrap();
        changes
            .iter()
            .map(|c| text[..c.range.start].to_string() + c.with.as_deref().unwrap_or("") + &text[c.range.end..])
            .collect()
    }

    #[test]
    fn every_mutant_is_another_program() {
        let text = "fn f(a: &[f64]) -> usize {\n    let mut n = 0;\n    for x in a {\n        if *x > 0.5 && n < 9 {\n            n += 1;\n        }\n    }\n    n\n}\n";
        let mutants = mutants(text);
        for wanted in [
            "*x >= 0.5",
            "*x < 0.5",
            "|| n",
            "n <= 9",
            "< 10",
            "n -= 1",
            "if true",
            "if false",
            "{ 0 }",
            "0.5 * 1.0001",
        ] {
            assert!(mutants.iter().any(|m| m.contains(wanted)), "no mutant has {wanted}");
        }
        assert!(mutants.iter().all(|mutant| mutant != text));
        assert!(
            mutants
                .iter()
                .any(|m| !m.contains("n += 1;") && !m.contains("n -=") && m.contains("if *x > 0.5 && n < 9 {")),
            "statements are left out"
        );
    }

    #[test]
    fn indices_change_places_and_slices_are_looked_into() {
        let text = "fn f(x: A, i: usize, j: usize) -> f64 {\n    x[[i, j]] + g(x.slice(s![i..i + 2, j]))\n}\n";
        let mutants = mutants(text);
        for wanted in ["x[[j, i]]", "s![i..i - 2, j]", "s![i..(i + 2) + 1, j]", "s![(i) + 1..i + 2, j]"] {
            assert!(mutants.iter().any(|m| m.contains(wanted)), "no mutant has {wanted}");
        }
    }
}

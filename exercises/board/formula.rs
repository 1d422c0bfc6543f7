//! Formulas for a terminal: LaTeX, as far as hints and reflections use it, in Unicode.

/// A text with formulas between `$` and `$$` becomes one without: `$\sigma(z)^2$` is σ(z)². A displayed formula takes
/// lines of its own, indented.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    for (i, part) in text.split("$$").enumerate() {
        if i % 2 == 1 {
            let lines = part.split("\\qquad").map(formula).filter(|line| !line.is_empty());
            out += &lines.map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n");
        } else {
            let parts = part.split('$').enumerate();
            out.extend(parts.map(|(i, part)| if i % 2 == 1 { formula(part) } else { part.into() }));
        }
    }
    out
}

/// One formula, without its dollars.
fn formula(latex: &str) -> String {
    Reader { rest: latex }.all().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Signs. Names of functions stand as they are, without their backslash.
const SIGNS: [(&str, &str); 35] = [
    ("partial", "∂"),
    ("delta", "δ"),
    ("Delta", "Δ"),
    ("eta", "η"),
    ("sigma", "σ"),
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("mu", "μ"),
    ("epsilon", "ε"),
    ("pi", "π"),
    ("sum", "Σ"),
    ("cdot", "·"),
    ("times", "×"),
    ("circ", "∘"),
    ("pm", "±"),
    ("approx", "≈"),
    ("le", "≤"),
    ("ge", "≥"),
    ("to", "→"),
    ("infty", "∞"),
    ("dots", "…"),
    ("lfloor", "⌊"),
    ("rfloor", "⌋"),
    ("lceil", "⌈"),
    ("rceil", "⌉"),
    ("|", "‖"),
    (",", " "),
    ("quad", " "),
    ("left", ""),
    ("right", ""),
    ("Bigl", ""),
    ("Bigr", ""),
    ("bigl", ""),
    ("bigr", ""),
];

/// Each character, and what it is as a superscript or as a subscript. Not all there are have one.
const RAISED: &str = "0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺−⁻aᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰiⁱjʲkᵏlˡmᵐnⁿoᵒpᵖrʳsˢtᵗuᵘvᵛwʷxˣyʸzᶻTᵀ′′";
const LOWERED: &str = "0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊−₋aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓ";

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn all(mut self) -> String {
        let mut out = String::new();
        while let Some(atom) = self.atom() {
            out += &atom;
        }
        out
    }

    /// The next sign, name or group, as it will look.
    fn atom(&mut self) -> Option<String> {
        let c = self.rest.chars().next()?;
        if c == '{' {
            return Some(Reader { rest: self.group() }.all());
        }
        self.rest = &self.rest[c.len_utf8()..];
        Some(match c {
            '\\' => self.command(),
            '^' => {
                let text = self.argument();
                script(&text, RAISED).unwrap_or_else(|| bracketed(&text, '^', ['(', ')']))
            }
            '_' => {
                let text = self.argument();
                // As in code: w[f, l, m, c].
                let list = || text.split(',').map(str::trim).collect::<Vec<_>>().join(", ");
                script(&text.replace([',', ' '], ""), LOWERED).unwrap_or_else(|| format!("[{}]", list()))
            }
            '-' => "−".into(),
            '\'' => "′".into(),
            c => c.into(),
        })
    }

    /// What belongs to a command, or to `^` and `_`: a group, or a single atom.
    fn argument(&mut self) -> String {
        self.rest = self.rest.trim_start();
        self.atom().unwrap_or_default()
    }

    /// Takes what stands between braces off the front.
    fn group(&mut self) -> &'a str {
        let mut depth = 0;
        for (i, c) in self.rest.char_indices() {
            depth += i32::from(c == '{') - i32::from(c == '}');
            if depth == 0 {
                let inside = &self.rest[1..i];
                self.rest = &self.rest[i + 1..];
                return inside;
            }
        }
        std::mem::take(&mut self.rest)
    }

    /// What follows a backslash.
    fn command(&mut self) -> String {
        let letters = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let first = self.rest.chars().next().map_or(0, char::len_utf8);
        let (name, rest) = self.rest.split_at(letters.max(first));
        self.rest = rest;
        match name {
            "frac" | "tfrac" => {
                let (above, below) = (self.argument(), self.argument());
                if (&*above, &*below) == ("1", "2") {
                    return "½".into();
                }
                format!("{}/{}", operand(&above), operand(&below))
            }
            "sqrt" => {
                let text = self.argument();
                if text.chars().count() == 1 { format!("√{text}") } else { format!("√({text})") }
            }
            "text" => self.argument(),
            "tilde" => self.argument() + "\u{303}",
            "hat" => self.argument() + "\u{302}",
            "partial" => {
                self.rest = self.rest.trim_start();
                "∂".into()
            }
            _ => SIGNS.iter().find(|(known, _)| *known == name).map_or(name, |(_, sign)| sign).into(),
        }
    }
}

/// Each character raised or lowered, if all of them can be.
fn script(text: &str, table: &str) -> Option<String> {
    let pairs: Vec<char> = table.chars().collect();
    let one = |c: char| pairs.chunks(2).find(|pair| pair[0] == c).map(|pair| pair[1]);
    text.chars().map(one).collect()
}

fn bracketed(text: &str, sign: char, [open, close]: [char; 2]) -> String {
    if text.chars().count() == 1 { format!("{sign}{text}") } else { format!("{sign}{open}{text}{close}") }
}

/// Above or below a fraction's line: in parentheses if it is made of several parts.
fn operand(text: &str) -> String {
    let mut depth = 0;
    let mut several = text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().any(|c| !c.is_ascii_digit());
    for c in text.chars() {
        depth += i32::from(matches!(c, '(' | '[')) - i32::from(matches!(c, ')' | ']'));
        several |= depth == 0 && matches!(c, ' ' | '+' | '−' | '·' | '/');
    }
    if several { format!("({text})") } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_written_in_unicode() {
        for (latex, unicode) in [
            ("$\\tilde w = p\\,q\\,w$", "w\u{303} = p q w"),
            ("$\\hat x_j \\gamma$", "x\u{302}ⱼ γ"),
            ("$\\frac{\\partial C}{\\partial w_{f,l,m,c}}$", "∂C/∂w[f, l, m, c]"),
            ("$w a + b = \\tfrac12 w\\,\\tilde a$", "w a + b = ½ w a\u{303}"),
            ("$\\sum_{i,j} \\delta^z_{i,j,f}\\, x_{i+l,\\,j+m,\\,c}$", "Σᵢⱼ δᶻ[i, j, f] x[i+l, j+m, c]"),
            ("$\\frac{1}{2\\sqrt{s}} \\cdot 2 x_k$", "1/(2√s) · 2 xₖ"),
            ("$c^{l-1}$, $10^{-3/(n-1)}$, $\\tanh' = 1 - \\tanh^2$", "cˡ⁻¹, 10^(−3/(n−1)), tanh′ = 1 − tanh²"),
            ("$\\left\\lfloor \\frac{a - b}{c} \\right\\rfloor + 1$", "⌊ (a − b)/c ⌋ + 1"),
            ("$520 + 28{,}810$", "520 + 28,810"),
            ("$\\|\\delta^l\\| \\cdot \\|a^{l-1}\\|$", "‖δˡ‖ · ‖aˡ⁻¹‖"),
            ("so:\n\n$$a = b \\qquad\nc = d$$\n\nand", "so:\n\n    a = b\n    c = d\n\nand"),
        ] {
            assert_eq!(plain(latex), unicode);
        }
    }
}

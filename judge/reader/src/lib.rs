//! Hands the functions of the exercises' files to the judge.
//!
//! The compiler would say of a function that has been renamed, or that takes other arguments, that something does not
//! fit deep in the judge, and would build nothing. So the files are read first: a function that the judge does not know
//! as it is has its checks replaced by one that says so, and all others are judged.

mod signature;

use proc_macro::TokenStream;
use quote::{format_ident, quote};
use signature::Signatures;
use std::{env, fs, path::Path};

/// All exercises, with the functions of the modules beside the call: an expression of type `Vec<judge::Exercise>`.
#[proc_macro]
pub fn answers(_: TokenStream) -> TokenStream {
    let package = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    match exercises(Path::new(&package)) {
        Ok(exercises) => exercises.into(),
        Err(e) => quote!(compile_error!(#e)).into(),
    }
}

fn exercises(package: &Path) -> Result<proc_macro2::TokenStream, String> {
    let solutions = package.join("../solutions");
    let entries = fs::read_dir(&solutions).map_err(|e| format!("{}: {e}", solutions.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.strip_suffix(".rs").map(String::from))
        .filter(|name| name.starts_with("ex"))
        .collect();
    names.sort();
    let mut all = vec![];
    for name in &names {
        let read = |folder: &Path| {
            let path = folder.join(name).with_extension("rs");
            fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))
        };
        let solution = Signatures::read(&read(&solutions)?).map_err(|e| format!("solutions/{name}.rs: {e}"))?;
        // What does not parse is left to the compiler.
        let theirs = Signatures::read(&read(package)?).ok();
        let module = format_ident!("{name}");
        let (mut fields, mut changed) = (vec![], vec![]);
        for function in solution.names() {
            let ident = format_ident!("{function}");
            let change = theirs
                .as_ref()
                .and_then(|theirs| theirs.differs(&solution, &function, &format!("exercises/{name}.rs")));
            match change {
                None => fields.push(quote!(#ident: crate::#module::#ident)),
                Some(message) => {
                    fields.push(quote!(#ident: judge::solutions::#module::#ident));
                    changed.push(quote!(.changed(#function, #message)));
                }
            }
        }
        all.push(quote!(judge::#module::exercise(judge::#module::Answers { #(#fields),* }) #(#changed)*));
    }
    Ok(quote!(vec![#(#all),*]))
}

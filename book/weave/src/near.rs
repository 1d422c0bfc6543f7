//! What somebody may have meant.

use crate::Project;

/// "; did you mean `forward`?", or what there is to choose from, or nothing.
pub fn suggest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let mut candidates: Vec<_> = candidates.into_iter().map(|name| (distance(wanted, name), name)).collect();
    candidates.sort();
    candidates.dedup();
    let quoted = |names: &[(usize, &str)], or: &str| {
        names.iter().map(|(_, name)| format!("`{name}`")).collect::<Vec<_>>().join(or)
    };
    let nearest = candidates.first().map_or(usize::MAX, |(distance, _)| *distance);
    if nearest <= 1.max(wanted.len() / 3) {
        let near = candidates.iter().take_while(|(distance, _)| *distance == nearest).count();
        return format!("; did you mean {}?", quoted(&candidates[..near.min(3)], " or "));
    }
    candidates.sort_by_key(|&(_, name)| name);
    match candidates.len() {
        0 => String::new(),
        1..=12 => format!("; there is {}", quoted(&candidates, ", ")),
        n => format!("; there is {}, and {} more", quoted(&candidates[..12], ", "), n - 12),
    }
}

/// Like [`suggest`], for a file that is not there.
pub fn files(project: &Project, path: &str) -> String {
    let Some((folder, name)) = path.rsplit_once('/') else { return String::new() };
    let names = project.names(folder);
    suggest(name, names.iter().map(String::as_str))
}

/// How far apart two names are (Levenshtein's distance). What only leaves out the path before it, `forward` for
/// `Conv::forward`, is very near.
fn distance(wanted: &str, name: &str) -> usize {
    if !name.starts_with("impl ") && name.rsplit_once("::").is_some_and(|(_, last)| last == wanted) {
        return 1;
    }
    strsim::levenshtein(wanted, name)
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn near_names() {
        assert_eq!(suggest("forwrd", ["forward", "backward"]), "; did you mean `forward`?");
        assert_eq!(
            suggest("forward", ["Conv::forward", "Pool::forward"]),
            "; did you mean `Conv::forward` or `Pool::forward`?"
        );
        assert_eq!(suggest("zzzzzz", ["b", "a"]), "; there is `a`, `b`");
        assert_eq!(suggest("zzzzzz", []), "");
    }
}

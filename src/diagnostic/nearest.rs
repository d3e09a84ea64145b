//! "Did you mean": the known name that a mistyped one is closest to.

/// The candidate nearest to `name` in edit distance (a swap of neighbours counts once, case counts nothing), the
/// first of equals; `None` if none is near enough to be worth proposing.
///
/// Near enough is up to a third of the longer name's letters, so `exports.pharm` finds `exports.pharma` and
/// `ends` does not find `rate`.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase());
            let longer = wanted.chars().count().max(candidate.chars().count());
            (distance <= (longer / 3).max(1)).then_some((distance, candidate))
        })
        .filter(|(distance, candidate)| *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn proposes_only_what_is_near() {
        let known = ["exports.pharma", "exports.textiles", "imports.energy"];
        assert_eq!(nearest("exports.pharm", known), Some("exports.pharma"));
        assert_eq!(nearest("Exports.Textlies", known), Some("exports.textiles"));
        assert_eq!(nearest("stability", known), None);
        assert_eq!(nearest("id", ["as_of", "title"]), None);
    }

    #[test]
    fn one_letter_names_are_not_near_each_other() {
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("", ["y"]), None);
    }

    #[test]
    fn the_first_of_equals_is_taken() {
        assert_eq!(nearest("stat", ["star", "stay"]), Some("star"));
    }
}

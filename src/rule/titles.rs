//! What rules are called in the reader's language.
//!
//! Takes a rule's name and its own title, which is English by the field's custom; gives the title to
//! show. A rule that is not the program's own keeps its title.

use crate::diagnostic::{Complaints, Lang};
use crate::yaml;

const TITLES: &str = include_str!("titles.yaml");

/// Titles in one language.
#[derive(Debug)]
pub struct Titles {
    /// Name and title; none in English.
    of: Vec<(String, String)>,
}

impl Titles {
    /// The titles in a language.
    pub fn new(lang: Lang) -> Titles {
        if lang == Lang::En {
            return Titles { of: Vec::new() };
        }
        let mut complaints = Complaints::new();
        let documents = yaml::read("titles.yaml", TITLES, &mut complaints);
        debug_assert!(complaints.is_empty(), "a test reads the same table");
        let entries = documents.first().and_then(yaml::Node::as_map);
        let title = |(key, value): &(_, yaml::Node)| {
            let key: &yaml::Key = key;
            Some((key.text.clone(), value.as_str()?.to_owned()))
        };
        Titles {
            of: entries
                .unwrap_or_default()
                .iter()
                .filter_map(title)
                .collect(),
        }
    }

    /// The title of the rule of this name, whose own title is given.
    pub fn of<'t>(&'t self, rule: &str, own: &'t str) -> &'t str {
        let found = self.of.iter().find(|(name, _)| name == rule);
        found.map_or(own, |(_, title)| title)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rule::RuleSet;

    #[test]
    fn every_rule_of_ours_has_a_japanese_title() {
        let rules = RuleSet::embedded();
        let detections = rules.detections.iter().map(|r| &r.meta);
        let metas = detections.chain(rules.correlations.iter().map(|r| &r.meta));
        let names: BTreeSet<&str> = metas.map(|meta| meta.name.as_str()).collect();
        let titles = Titles::new(Lang::Ja);
        let told: BTreeSet<&str> = titles.of.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(told, names, "src/rule/titles.yaml and rules/ differ");
    }

    #[test]
    fn a_rule_of_the_house_keeps_its_title() {
        let titles = Titles::new(Lang::Ja);
        assert_eq!(titles.of("failed-login", "Failed login"), "ログイン失敗");
        assert_eq!(titles.of("our-own", "当院の規則"), "当院の規則");
        assert_eq!(
            Titles::new(Lang::En).of("failed-login", "Failed login"),
            "Failed login"
        );
    }
}

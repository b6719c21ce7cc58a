//! A page needs nothing beside it, and every link of it leads somewhere.

use std::collections::BTreeSet;

use super::hospital::{hospital, page};

/// The values of an attribute, in order.
pub fn values(page: &str, attribute: &str) -> Vec<String> {
    let start = format!(" {attribute}=\"");
    let found = page.match_indices(&start).map(|(at, _)| {
        let rest = &page[at + start.len()..];
        rest[..rest.find('"').expect("a quoted value ends")].to_owned()
    });
    found.collect()
}

#[test]
fn every_link_leads_to_one_place_of_the_page() {
    let house = hospital();
    for words in [
        &["--lang", "ja"][..],
        &["--lang", "en", "--names"],
        &["--mask"],
    ] {
        let page = page(&house, words);
        let ids = values(&page, "id");
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "an anchor stands twice");
        let links = values(&page, "href");
        assert!(links.len() > 10);
        for link in links {
            let anchor = link
                .strip_prefix('#')
                .expect("links stay on the page")
                .to_owned();
            assert!(unique.contains(&anchor), "{link} leads nowhere");
        }
        for labelled in values(&page, "aria-labelledby") {
            for id in labelled.split(' ') {
                assert!(unique.contains(&id.to_owned()), "{id} labels nothing");
            }
        }
    }
}

#[test]
fn nothing_outside_is_asked_for_and_nothing_runs() {
    let page = page(&hospital(), &[]);
    let lower = page.to_lowercase();
    for part in [
        "<script",
        "<link",
        "<img",
        "<iframe",
        "<object",
        "@import",
        "@font-face",
        "src=",
        "http://",
        "https://",
        "onload",
        "javascript:",
    ] {
        assert!(!lower.contains(part), "{part}");
    }
    for (at, _) in page.match_indices("url(") {
        assert!(
            page[at..].starts_with("url(#hatch-"),
            "{}",
            &page[at..at + 40]
        );
    }
    assert!(page.contains("default-src 'none'"));
    assert!(page.contains("counter(pages)"));
}

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

/// Every link of a page leads to one place of it; gives the number of links.
pub fn lead_somewhere(page: &str) -> usize {
    let ids = values(page, "id");
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "an anchor stands twice");
    let links = values(page, "href");
    for link in &links {
        let anchor = link.strip_prefix('#').expect("links stay on the page");
        assert!(unique.contains(&anchor.to_owned()), "{link} leads nowhere");
    }
    for labelled in values(page, "aria-labelledby") {
        for id in labelled.split(' ') {
            assert!(unique.contains(&id.to_owned()), "{id} labels nothing");
        }
    }
    links.len()
}

/// A page asks for nothing outside and runs nothing.
pub fn is_closed(page: &str) {
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

#[test]
fn every_link_leads_to_one_place_of_the_page() {
    let house = hospital();
    for words in [
        &["--lang", "ja"][..],
        &["--lang", "en", "--names"],
        &["--mask"],
    ] {
        assert!(lead_somewhere(&page(&house, words)) > 10);
    }
}

#[test]
fn nothing_outside_is_asked_for_and_nothing_runs() {
    is_closed(&page(&hospital(), &[]));
}

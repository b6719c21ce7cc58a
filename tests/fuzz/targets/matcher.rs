//! Rules and an event: the first line is the event, as JSON, the rest a rule file. Matching and
//! explaining the match must agree.

#![no_main]

use bumpalo::Bump;
use yomawari::diagnostic::Complaints;
use yomawari::rule::{RuleSet, Terms, WrittenEvent};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let Some((event, rules)) = text.split_once('\n') else {
        return;
    };
    let arena = Bump::new();
    let Ok(Some(mut event)) = WrittenEvent::read(event, &arena) else {
        return;
    };
    let terms = Terms {
        as_written: true,
        ..Terms::default()
    };
    let (set, _) = RuleSet::read_on(&[("fuzz.yml", rules)], &terms, &mut Complaints::new());
    for detection in &set.detections {
        let matched = detection.matcher.matches(&mut event);
        let explained = detection.matcher.explain(&mut event);
        assert_eq!(matched, explained.matched);
    }
});

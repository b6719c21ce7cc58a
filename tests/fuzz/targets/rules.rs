//! Any bytes as a rule file.

#![no_main]

use yomawari::diagnostic::{Complaints, Lang};
use yomawari::rule::{Lint, RuleSet, Terms};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let strict = Terms {
        lint: Some(Lint { kept: 1 << 50 }),
        ..Terms::default()
    };
    let as_written = Terms {
        as_written: true,
        ..Terms::default()
    };
    for terms in [strict, as_written] {
        let mut complaints = Complaints::new();
        RuleSet::read_on(&[("fuzz.yml", &text)], &terms, &mut complaints);
        for problem in complaints.sorted() {
            problem.render(Lang::En);
            problem.render(Lang::Ja);
        }
    }
});

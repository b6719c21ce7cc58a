//! Guards that a rule says the same alone and among very many others, where an index decides who
//! is asked.

mod house;

use house::{House, lines_of};

/// What the rules look for; each is found in one of the two logs.
const ITEMS: [&str; 14] = [
    "{user.id: N1023}",
    "{user.department: ３階病棟}",
    "{host.name|endswith: pc07}",
    "{host.name: 'opd*pc?1'}",
    "{source.ip|cidr: 10.20.5.0/24}",
    "{event.action: chart-view, user.id|contains: '102'}",
    "{calendar.verdict: closed, patient.id|exists: true}",
    "{patient.id|startswith: '0000', user.id|neq: n1023}",
    "{user.id|re: '^[np]\\d+1$'}",
    "[診療録]",
    "[PAM_UNIX, 'user not in sudoers']",
    "{'|all': [sshd, Accepted]}",
    // A word of the log in one file, and of a derived field in the other.
    "[closed]",
    "{user.id|fieldref: user.account}",
];

fn rule(name: &str, item: &str) -> String {
    format!(
        "title: {name}\nname: {name}\nlevel: low\nlogsource: {{definition: any}}\n\
         detection: {{s: {item}, condition: s}}\n"
    )
}

fn alerts(house: &House, rules: &str) -> Vec<String> {
    house.write("rules/all.yml", rules.as_bytes());
    let only = ["--no-default-rules", "--rules", "rules"];
    lines_of(&house.scan(&[&["ehr.csv", "auth.log", "--year", "2026"], &only[..]].concat()))
}

#[test]
fn a_rule_says_the_same_alone_and_among_many() {
    let read = |name: &str| std::fs::read(name).expect("a sample");
    let house = House::with(&[
        ("ehr.csv", &read("sample-logs/csv/ordinary.csv")),
        ("auth.log", &read("sample-logs/syslog/linux-auth.log")),
    ]);
    let named = ITEMS.iter().enumerate();
    let rules: Vec<String> = named.map(|(n, i)| rule(&format!("rule-{n}"), i)).collect();
    let mut alone = Vec::new();
    for (rule, item) in rules.iter().zip(ITEMS) {
        let found = alerts(&house, rule);
        assert!(!found.is_empty(), "{item} is found");
        alone.extend(found);
    }
    alone.sort();
    let others = (0..300).map(|n| rule(&format!("other-{n}"), &format!("{{user.id: nobody-{n}}}")));
    let words = (0..300).map(|n| rule(&format!("word-{n}"), &format!("['<word {n}>']")));
    let all: Vec<String> = rules.into_iter().chain(others).chain(words).collect();
    assert_eq!(alerts(&house, &all.join("---\n")), alone);
}

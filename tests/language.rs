//! Guards the meaning of the rule language, statement by statement of the Sigma specification and
//! of what is decided where it is silent: a rule, an event, and whether they go together. Events
//! are JSON under the names they were written with.

use yomawari::diagnostic::{Complaints, Severity};
use yomawari::rule::{RuleSet, Terms, WrittenEvent};

/// A rule with these lines as its `detection`.
fn rule(detection: &str) -> String {
    let lines: String = detection.lines().map(|l| format!("  {l}\n")).collect();
    format!("title: t\nlogsource: {{category: test}}\ndetection:\n{lines}")
}

/// Reads rules; gives them and the complaints that refuse.
fn read(text: &str) -> (RuleSet, Vec<String>) {
    let mut complaints = Complaints::new();
    let terms = Terms {
        placeholders: [(
            "Admins".to_owned(),
            vec!["root".to_owned(), "adm*".to_owned()],
        )]
        .into(),
        as_written: true,
        ..Terms::default()
    };
    let (rules, _) = RuleSet::read_on(&[("t.yml", text)], &terms, &mut complaints);
    let errors = complaints.sorted().into_iter();
    let errors = errors.filter(|p| p.severity == Severity::Error);
    (rules, errors.map(|p| p.message.en.clone()).collect())
}

/// True when the first rule matches the event.
fn matches(rules: &RuleSet, event: &str) -> bool {
    let arena = bumpalo::Bump::new();
    let mut read = WrittenEvent::read(event, &arena)
        .unwrap_or_else(|_| panic!("JSON: {event}"))
        .unwrap_or_else(|| panic!("an object: {event}"));
    rules.detections[0].matcher.matches(&mut read)
}

/// Holds one detection against events it matches and events it does not.
fn check(detection: &str, hits: &[&str], misses: &[&str]) {
    let (rules, errors) = read(&rule(detection));
    assert_eq!(errors, Vec::<String>::new(), "{detection}");
    for event in hits {
        assert!(matches(&rules, event), "{detection}\nshould match {event}");
    }
    for event in misses {
        assert!(
            !matches(&rules, event),
            "{detection}\nshould not match {event}"
        );
    }
}

/// The same for one item and the condition `s`.
fn item(item: &str, hits: &[&str], misses: &[&str]) {
    check(&format!("s:\n  {item}\ncondition: s"), hits, misses);
}

fn refused(detection: &str) {
    let (rules, errors) = read(&rule(detection));
    assert!(
        !errors.is_empty() && rules.detections.is_empty(),
        "{detection}"
    );
}

#[test]
fn texts_are_whole_values_in_any_case() {
    item(
        "F: Login",
        &[r#"{"F":"LOGIN"}"#],
        &[r#"{"F":"login "}"#, r#"{"G":"login"}"#, "{}"],
    );
    item(
        "F: äΣ",
        &[r#"{"F":"Äσ"}"#, r#"{"F":"Äς"}"#],
        &[r#"{"F":"aσ"}"#],
    );
    item(
        "F: a*z",
        &[r#"{"F":"az"}"#, r#"{"F":"a\nz"}"#],
        &[r#"{"F":"azb"}"#],
    );
    item(
        "F: a?z",
        &[r#"{"F":"a漢z"}"#, r#"{"F":"a💊z"}"#],
        &[r#"{"F":"az"}"#, r#"{"F":"abbz"}"#],
    );
    item("F: 'a%_[.^$'", &[r#"{"F":"a%_[.^$"}"#], &[r#"{"F":"abc"}"#]);
}

#[test]
fn numbers_and_booleans_are_their_written_form() {
    item(
        "F: 4625",
        &[r#"{"F":4625}"#, r#"{"F":"4625"}"#],
        &[r#"{"F":4625.0}"#, r#"{"F":"04625"}"#],
    );
    item("F: '4625'", &[r#"{"F":4625}"#], &[]);
    item("F: 007", &[r#"{"F":"007"}"#], &[r#"{"F":7}"#]);
    item("F: 00000429", &[r#"{"F":"00000429"}"#], &[r#"{"F":429}"#]);
    item(
        "F: 12345678901234567890123",
        &[r#"{"F":12345678901234567890123}"#],
        &[r#"{"F":12345678901234567890124}"#],
    );
    item(
        "F: true",
        &[r#"{"F":true}"#, r#"{"F":"True"}"#],
        &[r#"{"F":false}"#, r#"{"F":1}"#],
    );
    item("F: 'FALSE'", &[r#"{"F":false}"#], &[r#"{"F":null}"#]);
    item("F|contains: 62", &[r#"{"F":4625}"#], &[r#"{"F":4615}"#]);
    item("F|startswith: tr", &[r#"{"F":true}"#], &[]);
    item(r"F|re: ^46\d\d$", &[r#"{"F":4625}"#], &[r#"{"F":46255}"#]);
}

#[test]
fn empty_null_and_absent_differ() {
    item(
        "F: ''",
        &[r#"{"F":""}"#],
        &[r#"{"F":null}"#, "{}", r#"{"F":" "}"#, r#"{"F":[]}"#],
    );
    item(
        "F: null",
        &[r#"{"F":null}"#, "{}", r#"{"F":[]}"#],
        &[r#"{"F":""}"#, r#"{"F":0}"#],
    );
    item("F:", &["{}"], &[r#"{"F":"null"}"#]);
    item("F: 'null'", &[r#"{"F":"null"}"#], &["{}"]);
    item("F|neq: null", &[r#"{"F":"x"}"#], &["{}", r#"{"F":null}"#]);
    check(
        "s: {F: null}\ncondition: not s",
        &[r#"{"F":""}"#, r#"{"F":{"G":1}}"#],
        &["{}"],
    );
    let there = [
        r#"{"F":null}"#,
        r#"{"F":""}"#,
        r#"{"F":[]}"#,
        r#"{"F":{}}"#,
        r#"{"F":0}"#,
    ];
    item("F|exists: true", &there, &["{}", r#"{"f":1}"#]);
    item("F|exists: false", &["{}"], &there);
    item(
        "F: '*'",
        &[r#"{"F":""}"#, r#"{"F":0}"#],
        &["{}", r#"{"F":null}"#, r#"{"F":{"G":1}}"#],
    );
    for bad in [
        "F: [null, a]",
        "F: [null]",
        "F|contains: null",
        "F|exists: 1",
        "F|exists: 'true'",
    ] {
        refused(&format!("s:\n  {bad}\ncondition: s"));
    }
}

#[test]
fn backslashes_follow_the_table_of_the_specification() {
    let is = |written: &str, value: &str| {
        let event = format!("{{\"F\":{}}}", serde_json::to_string(value).unwrap());
        item(&format!("F: '{written}'"), &[&event], &[]);
    };
    is(r"C:\Windows", r"C:\Windows");
    is(r"C:\\Windows", r"C:\Windows");
    is(r"\*\?", "*?");
    is(r"a\\*", r"a\bc");
    is(r"a\\\*", r"a\*");
    is(r"a\\\b", r"a\\b");
    is(r"a\\\\b", r"a\\b");
    is(r"a\", r"a\");
    is(r"\\\\host\share", r"\\host\share");
    is(r"\n\t\x41", r"\n\t\x41");
    is(r"D:\*\a", r"D:*\a");
    item(r"F: 'D:\*\a'", &[], &[r#"{"F":"D:\\x\\a"}"#]);
    item(
        r"F|endswith: '\cmd.exe'",
        &[r#"{"F":"C:\\cmd.exe"}"#],
        &[r#"{"F":"xcmd.exe"}"#],
    );
    item(
        r"F|startswith: 'C:\'",
        &[r#"{"F":"C:\\x"}"#],
        &[r#"{"F":"C:x"}"#],
    );
    item(r"F|re: 'a\\b\*'", &[r#"{"F":"a\\b*"}"#], &[r#"{"F":"ab"}"#]);
}

#[test]
fn affixes_keep_wildcards_alive() {
    item(
        "F|contains: b*d",
        &[r#"{"F":"abcde"}"#],
        &[r#"{"F":"adcb"}"#],
    );
    item(
        "F|startswith: a?c",
        &[r#"{"F":"abcd"}"#],
        &[r#"{"F":"xabc"}"#],
    );
    item(
        "F|endswith: '*c'",
        &[r#"{"F":"abc"}"#],
        &[r#"{"F":"abcd"}"#],
    );
    item(
        "F|contains: [x, b]",
        &[r#"{"F":"ABC"}"#],
        &[r#"{"F":"AC"}"#],
    );
    item(
        "F|contains|all: [a, c]",
        &[r#"{"F":"cba"}"#],
        &[r#"{"F":"ab"}"#],
    );
    check(
        "s: {F|startswith: a, F|endswith: c}\ncondition: s",
        &[r#"{"F":"abc"}"#],
        &[r#"{"F":"ab"}"#, r#"{"F":"bc"}"#],
    );
}

#[test]
fn case_counts_only_where_it_is_asked_for() {
    item("F|cased: Ab", &[r#"{"F":"Ab"}"#], &[r#"{"F":"ab"}"#]);
    item(
        "F|contains|cased: Ab*c",
        &[r#"{"F":"xAbzc"}"#],
        &[r#"{"F":"xabzc"}"#],
    );
    item(
        "F|re: ^Ab",
        &[r#"{"F":"Abc"}"#],
        &[r#"{"F":"abc"}"#, r#"{"F":"xAb"}"#],
    );
    item("F|re: b", &[r#"{"F":"abc"}"#], &[]);
    item("F|re|i: ^ab", &[r#"{"F":"ABC"}"#], &[]);
    item("F|re: (?i)^ab", &[r#"{"F":"ABC"}"#], &[]);
    item("F|re|m: ^b$", &[r#"{"F":"a\nb\nc"}"#], &[r#"{"F":"ab"}"#]);
    item("F|re|s: a.c", &[r#"{"F":"a\nc"}"#], &[]);
    item("F|re: a.c", &[], &[r#"{"F":"a\nc"}"#]);
    item("F|re|ignorecase|dotall: A.C", &[r#"{"F":"a\nc"}"#], &[]);
}

#[test]
fn networks_hold_addresses_in_any_spelling() {
    item(
        "F|cidr: [10.0.0.0/8, 'fe80::/10']",
        &[
            r#"{"F":"10.1.2.3"}"#,
            r#"{"F":"::ffff:10.1.2.3"}"#,
            r#"{"F":"FE80::0:1"}"#,
        ],
        &[
            r#"{"F":"11.0.0.1"}"#,
            r#"{"F":"ward"}"#,
            r#"{"F":""}"#,
            "{}",
        ],
    );
    item(
        "F|cidr|neq: 10.0.0.0/8",
        &[r#"{"F":"11.0.0.1"}"#, "{}"],
        &[r#"{"F":"10.0.0.1"}"#],
    );
}

#[test]
fn numbers_are_compared_without_rounding() {
    item(
        "F|gt: 5",
        &[r#"{"F":6}"#, r#"{"F":"5.5"}"#],
        &[
            r#"{"F":5}"#,
            r#"{"F":"x"}"#,
            r#"{"F":true}"#,
            r#"{"F":null}"#,
            "{}",
        ],
    );
    item(
        "F|gte: -1.5",
        &[r#"{"F":-1.5}"#, r#"{"F":-1.50}"#],
        &[r#"{"F":-1.51}"#],
    );
    item(
        "F|lt: 9007199254740993",
        &[r#"{"F":9007199254740992}"#],
        &[r#"{"F":9007199254740993}"#],
    );
    item(
        "F|lte: 1e3",
        &[r#"{"F":1000}"#, r#"{"F":10e2}"#],
        &[r#"{"F":1000.1}"#, r#"{"F":1e400}"#],
    );
    item(
        "F|gt: 1e400",
        &[r#"{"F":1e401}"#],
        &[r#"{"F":1e400}"#, r#"{"F":9e399}"#],
    );
    refused("s:\n  F|gt: many\ncondition: s");
}

#[test]
fn neq_is_the_negation_of_the_item() {
    item(
        "F|neq: a",
        &[r#"{"F":"b"}"#, "{}", r#"{"F":null}"#],
        &[r#"{"F":"A"}"#, r#"{"F":["b","a"]}"#],
    );
    item(
        "F|neq: [a, b]",
        &[r#"{"F":"c"}"#],
        &[r#"{"F":"a"}"#, r#"{"F":"b"}"#],
    );
    item("F|contains|neq: a", &[r#"{"F":"x"}"#], &[r#"{"F":"xa"}"#]);
    item(
        "F|neq|startswith: a",
        &[r#"{"F":"xa"}"#],
        &[r#"{"F":"ax"}"#],
    );
    item("F|re|neq: ^a", &[r#"{"F":"xa"}"#, "{}"], &[r#"{"F":"a"}"#]);
    item(
        "F|fieldref|neq: G",
        &[r#"{"F":"a","G":"b"}"#, r#"{"F":"a"}"#],
        &[r#"{"F":"a","G":"A"}"#],
    );
}

#[test]
fn encodings_are_found_at_every_shift() {
    item("F|base64: foo", &[r#"{"F":"Zm9v"}"#], &[r#"{"F":"foo"}"#]);
    let shifts = [
        r#"{"F":"Zm9vYmFy"}"#,
        r#"{"F":"eGZvb2Jhcg=="}"#,
        r#"{"F":"eHhmb29iYXI="}"#,
    ];
    item(
        "F|base64offset|contains: foobar",
        &shifts,
        &[r#"{"F":"foobar"}"#],
    );
    item("F|base64: 漢", &[r#"{"F":"5ryi"}"#], &[]);
    item("F|utf16le|base64: hi", &[r#"{"F":"aABpAA=="}"#], &[]);
    item("F|wide|base64: hi", &[r#"{"F":"aABpAA=="}"#], &[]);
    item("F|utf16be|base64: hi", &[r#"{"F":"AGgAaQ=="}"#], &[]);
    item("F|utf16|base64: hi", &[r#"{"F":"//5oAGkA"}"#], &[]);
    item(
        "F|windash|base64: a -x",
        &[r#"{"F":"YSAteA=="}"#, r#"{"F":"YSAveA=="}"#],
        &[],
    );
    refused("s:\n  F|base64: a*\ncondition: s");
    refused("s:\n  F|base64offset|contains: a?\ncondition: s");
}

#[test]
fn dashes_in_front_of_words_are_interchangeable() {
    let flags = [
        r#"{"F":"x -a /b"}"#,
        r#"{"F":"x /a -b"}"#,
        r#"{"F":"x –a —b"}"#,
        r#"{"F":"x ―a /b"}"#,
    ];
    item(
        "F|windash|contains: ' -a -b'",
        &flags,
        &[r#"{"F":"x a b"}"#],
    );
    item("F|contains|windash: ' /a /b'", &flags, &[]);
    item(
        "F|windash|contains: well-known",
        &[r#"{"F":"well-known"}"#],
        &[r#"{"F":"well/known"}"#],
    );
}

#[test]
fn fields_are_compared_with_fields() {
    item(
        "F|fieldref: G",
        &[
            r#"{"F":"a","G":"A"}"#,
            r#"{"F":1,"G":"1"}"#,
            r#"{"F":["x","a"],"G":["a","y"]}"#,
        ],
        &[
            r#"{"F":"a","G":"b"}"#,
            r#"{"F":"a"}"#,
            "{}",
            r#"{"F":null,"G":null}"#,
            r#"{"F":"ab","G":"a*"}"#,
        ],
    );
    item(
        "F|fieldref|contains: G",
        &[r#"{"F":"xay","G":"A"}"#],
        &[r#"{"F":"xy","G":"A"}"#],
    );
    item(
        "F|fieldref|startswith: G",
        &[r#"{"F":"ab","G":"a"}"#],
        &[r#"{"F":"ba","G":"a"}"#],
    );
    item(
        "F|fieldref|endswith: G",
        &[r#"{"F":"ba","G":"a"}"#],
        &[r#"{"F":"ab","G":"a"}"#],
    );
}

#[test]
fn placeholders_need_a_value() {
    item(
        "F|expand: '%Admins%'",
        &[r#"{"F":"root"}"#, r#"{"F":"admin"}"#],
        &[r#"{"F":"%Admins%"}"#],
    );
    item(
        "F|expand: 'x-%Admins%'",
        &[r#"{"F":"x-root"}"#],
        &[r#"{"F":"root"}"#],
    );
    item(
        "F|contains|expand: '%Admins%'",
        &[r#"{"F":"a root b"}"#],
        &[],
    );
    item(
        r"F|expand: '\%Admins%'",
        &[r#"{"F":"%Admins%"}"#],
        &[r#"{"F":"root"}"#],
    );
    item(
        r"F|expand: '\%plain%Admins%'",
        &[r#"{"F":"%plainroot"}"#],
        &[],
    );
    item("F: '%Nobody%'", &[r#"{"F":"%nobody%"}"#], &[]);
    refused("s:\n  F|expand: '%Nobody%'\ncondition: s");
}

#[test]
fn parts_of_a_written_time_are_taken_without_conversion() {
    let at = r#"{"F":"2026-11-16T02:14:07+09:00"}"#;
    for (part, hit, miss) in [
        ("minute", "14", "15"),
        ("hour", "[1, 2]", "17"),
        ("day", "16", "15"),
        ("week", "47", "46"),
        ("month", "11", "12"),
        ("year", "2026", "2025"),
    ] {
        item(
            &format!("F|{part}: {hit}"),
            &[at],
            &["{}", r#"{"F":"noon"}"#],
        );
        item(&format!("F|{part}: {miss}"), &[], &[at]);
    }
    item(
        "'@timestamp|hour': 2",
        &[r#"{"@timestamp":"2026-11-16T02:14:07Z"}"#],
        &["{}"],
    );
}

#[test]
fn maps_are_and_and_lists_are_or() {
    check(
        "s: {F: a, G: b}\ncondition: s",
        &[r#"{"F":"a","G":"b"}"#],
        &[r#"{"F":"a"}"#],
    );
    check(
        "s:\n  - {F: a, G: b}\n  - F: c\ncondition: s",
        &[r#"{"F":"a","G":"b"}"#, r#"{"F":"c"}"#],
        &[r#"{"F":"a"}"#],
    );
    check(
        "a: {F: a}\nb: {F: b}\ncondition: [a, b]",
        &[r#"{"F":"a"}"#, r#"{"F":"b"}"#],
        &[r#"{"F":"c"}"#],
    );
}

#[test]
fn keywords_are_found_inside_any_value() {
    let words = "k:\n  - Failed*root\n  - 4625\ncondition: k";
    check(
        words,
        &[
            r#"{"m":"x FAILED for root y"}"#,
            r#"{"n":{"o":[{"p":14625}]}}"#,
        ],
        &[
            r#"{"failed root":"x"}"#,
            r#"{"4625":1}"#,
            r#"{"m":"failed","n":"root"}"#,
        ],
    );
    check(
        "k: ' blank '\ncondition: k",
        &[r#"{"m":"a blank b"}"#],
        &[r#"{"m":"blank"}"#],
    );
    check(
        "k: 'true'\ncondition: k",
        &[r#"{"m":true}"#],
        &[r#"{"true":1}"#],
    );
    check(
        "k: 'null'\ncondition: k",
        &[r#"{"m":"null"}"#],
        &[r#"{"m":null}"#],
    );
    check(
        "k:\n  '|all':\n    - alpha\n    - beta\ncondition: k",
        &[r#"{"a":"xalpha","b":"BETAx"}"#, r#"{"a":"beta alpha"}"#],
        &[r#"{"a":"alpha"}"#],
    );
    check(
        "k: {'|re': '^al.ha$'}\ncondition: k",
        &[r#"{"a":"alpha"}"#],
        &[r#"{"a":"xalpha"}"#],
    );
}

#[test]
fn conditions_bind_as_the_grammar_says() {
    let with = |condition: &str, hits: &[&str], misses: &[&str]| {
        let names = "a: {A: 1}\nb: {B: 1}\n_c: {C: 1}\nnotebook: {D: 1}\n";
        check(&format!("{names}condition: {condition}"), hits, misses);
    };
    let (a, b, c, d) = (r#"{"A":1}"#, r#"{"B":1}"#, r#"{"C":1}"#, r#"{"D":1}"#);
    with("a or b and _c", &[a, r#"{"B":1,"C":1}"#], &[b]);
    with("(a or b) and not _c", &[a, b], &[r#"{"A":1,"C":1}"#]);
    with("not a and not b", &[d, "{}"], &[a, b]);
    with("not not a", &[a], &[b]);
    with("notebook", &[d], &[a]);
    with("1 of them", &[a, b, d], &[c, "{}"]);
    with("any of them", &[a], &[c]);
    with(
        "all of them",
        &[r#"{"A":1,"B":1,"D":1}"#],
        &[r#"{"A":1,"B":1}"#],
    );
    with("1 of _*", &[c], &[a]);
    with("1 of *o*", &[d], &[a]);
    with("not 1 of them", &[c], &[a]);
    with("_c", &[c], &[a]);
    with("(not(a)and(b))", &[b], &[r#"{"A":1,"B":1}"#]);
}

#[test]
fn a_dotted_name_is_a_key_and_then_a_path() {
    item(
        "a.b.c: x",
        &[
            r#"{"a.b.c":"x"}"#,
            r#"{"a":{"b":{"c":"x"}}}"#,
            r#"{"a":{"b.c":"x"}}"#,
            r#"{"a":[{"b":{"c":"y"}},{"b":[{"c":"x"}]}]}"#,
        ],
        &[
            r#"{"a.b.c":"y","a":{"b":{"c":"x"}}}"#,
            r#"{"c":"x"}"#,
            r#"{"a":{"b":"x"}}"#,
        ],
    );
    item(
        "user.name: x",
        &[r#"{"user":{"name":"X"}}"#, r#"{"user.name":"x"}"#],
        &[r#"{"user":{"id":"x"}}"#],
    );
    item("F: x", &[], &[r#"{"f":"x"}"#]);
}

#[test]
fn a_list_matches_by_any_of_its_elements() {
    item(
        "F: b",
        &[r#"{"F":["a","B"]}"#, r#"{"F":[["b"]]}"#],
        &[r#"{"F":["a"]}"#, r#"{"F":[]}"#],
    );
    item(
        "F|contains|all: [a, b]",
        &[r#"{"F":["xa","by"]}"#],
        &[r#"{"F":["a"]}"#],
    );
    item("F|gt: 5", &[r#"{"F":[1,9]}"#], &[r#"{"F":[1,2]}"#]);
    check(
        "s: {F: b}\ncondition: not s",
        &[r#"{"F":["a"]}"#],
        &[r#"{"F":["a","b"]}"#],
    );
    item("F: null", &[r#"{"F":["a",null]}"#], &[r#"{"F":["a"]}"#]);
}

#[test]
fn what_is_not_understood_is_refused() {
    for bad in [
        "s: {F|contain: a}\ncondition: s",
        "s: {F|i: a}\ncondition: s",
        "s: {F: a}\ncondition: t",
        "s: {F: a}\ncondition: 1 of x*",
        "s: {}\ncondition: s",
        "s: []\ncondition: s",
        "s:\ncondition: s",
        "s: {F: a}\ncondition: (s",
        "s: {F: a}\ncondition: s or",
        "s: {F: a}\ncondition: s s",
        "s: {F: a}\ncondition: 2 of them",
        "s: {F|re: '('}\ncondition: s",
        "s: {F|cidr: 10.0.0.0/99}\ncondition: s",
        "s: {F|lt: soon}\ncondition: s",
        "s: {F: a}\ncondition: s | count() > 3",
        "s: {F: a}\ntimeframe: 5m\ncondition: s",
        "s: {F: a}",
        "condition: s",
        "s: {F: a, F: b}\ncondition: s",
    ] {
        refused(bad);
    }
    let whole = rule("s: {F: a}\ncondition: s");
    for key in ["title", "logsource", "detection"] {
        let kept = whole.lines().filter(|l| !l.starts_with(key));
        let kept: Vec<&str> = kept
            .filter(|l| key != "detection" || !l.starts_with(' '))
            .collect();
        assert!(!read(&kept.join("\n")).1.is_empty(), "{key}");
    }
}

#[test]
fn one_bad_document_leaves_the_others() {
    let good = |name: &str| format!("name: {name}\n{}", rule("s: {F: a}\ncondition: s"));
    for bad in [
        "a: [1\n",
        "a: &x 1\nb: *x\n",
        "a: 1\na: 2\n",
        "- a\n",
        "a: b: c\n",
    ] {
        let text = format!("{}---\n{bad}---\n{}", good("one"), good("two"));
        let (rules, errors) = read(&text);
        let names: Vec<&str> = rules.detections.iter().map(|d| &*d.meta.name).collect();
        assert_eq!(names, ["one", "two"], "{bad}");
        assert!(!errors.is_empty(), "{bad}");
    }
}

#[test]
fn hostile_rules_are_refused_in_bounded_time() {
    let started = |text: &str| {
        let (rules, errors) = read(text);
        assert!(
            !errors.is_empty() && rules.detections.is_empty(),
            "{}",
            &text[..60]
        );
    };
    let bomb: String = (1..30)
        .map(|i| format!("a{i}: &a{i} [*a{0}, *a{0}]\n", i - 1))
        .collect();
    started(&format!("a0: &a0 x\n{bomb}"));
    started(&format!("title: t\ndetection: {}", "[".repeat(100_000)));
    started(&format!("title: t\ndetection: {}", "{a: ".repeat(100_000)));
    started(&rule(&format!(
        "s: {{F|re: '{}'}}\ncondition: s",
        "(a{1,999}){1,999}".repeat(50)
    )));
    started(&rule(&format!(
        "s: {{F|re: '{}'}}\ncondition: s",
        "(".repeat(50_000)
    )));
    started(&rule(&format!(
        "s: {{F: a}}\ncondition: {}s",
        "(".repeat(5_000)
    )));
    started(&rule(&format!(
        "s: {{F: a}}\ncondition: {}",
        "s and ".repeat(50_000)
    )));
    let many: String = (0..5_000).map(|i| format!("s{i}: {{F: a}}\n")).collect();
    started(&rule(&format!("{many}condition: 1 of them")));
    let expanded = "%Admins%".repeat(40);
    started(&rule(&format!(
        "s: {{F|expand: '{expanded}'}}\ncondition: s"
    )));
}

//! Rules as others write them: Sigma detections with the modifiers, lists and conditions of the
//! upstream collection, in its proportions, over fields our logs have. All words are invented.
//!
//! Nearly all of them match nothing, as rules do; a few name what every log is full of, so that
//! they are asked often.

use std::fmt::Write;

use crate::random::Random;

/// Fields and how often a rule asks for each. The last two stand for those no log of ours has.
const FIELDS: [(&str, u32); 14] = [
    ("message", 20),
    ("user.id", 8),
    ("user.full_name", 3),
    ("user.department", 5),
    ("host.name", 8),
    ("source.ip", 6),
    ("destination.ip", 6),
    ("event.code", 8),
    ("record.kind", 4),
    ("process.name", 6),
    ("service.name", 4),
    ("url.original", 6),
    ("CommandLine", 10),
    ("Image", 6),
];

/// Modifiers of the items with a field and how often each occurs in the 3,780 rules.
const MODIFIERS: [(&str, u32); 8] = [
    ("", 3_600),
    ("|contains", 3_435),
    ("|endswith", 3_437),
    ("|contains|all", 1_181),
    ("|startswith", 570),
    ("|re", 202),
    ("|contains|windash", 110),
    ("|cidr", 39),
];

/// Of 3,780 rules, so many are lists of keywords, and so many of these demand all words.
const KEYWORDS: (u32, u32) = (128, 21);

/// Conditions, the identifiers they need, and how often each shape occurs in 3,780 rules.
const CONDITIONS: [(&str, &[&str], u32); 6] = [
    ("selection", &["selection"], 1_905),
    ("all of selection_*", &["selection_a", "selection_b"], 610),
    (
        "selection and not 1 of filter_*",
        &["selection", "filter_a", "filter_b"],
        445,
    ),
    (
        "1 of selection_*",
        &["selection_a", "selection_b", "selection_c"],
        207,
    ),
    ("selection and not filter", &["selection", "filter"], 141),
    (
        "selection_a and (selection_b or selection_c)",
        &["selection_a", "selection_b", "selection_c"],
        472,
    ),
];

/// What stands in most records; of the values that must stand together with others, one in ten is
/// one of these.
const EVERYDAY: [&str; 10] = [
    "10.20.",
    "LAN2",
    "TCP",
    ":443",
    "T0",
    "-PC",
    "カルテ",
    "病棟",
    "n0",
    "2026",
];

/// Most rules in one file.
const A_FILE: usize = 500;

/// Files with so many rules, each with its name.
pub fn files(count: usize, seed: u64) -> Vec<(String, String)> {
    let mut random = Random::new(seed);
    let mut files: Vec<(String, String)> = Vec::new();
    for number in 0..count {
        if number % A_FILE == 0 {
            files.push((format!("rules-{}.yml", number / A_FILE), String::new()));
        }
        if let Some((_, text)) = files.last_mut() {
            text.push_str(if text.is_empty() { "" } else { "---\n" });
            rule(number, &mut random, text);
        }
    }
    files
}

fn rule(number: usize, random: &mut Random, text: &mut String) {
    let _ = writeln!(text, "title: Generated rule {number}");
    let _ = writeln!(text, "name: generated-{number}");
    text.push_str("level: low\nlogsource: { definition: any }\ndetection:\n");
    if random.below(3_780) < KEYWORDS.0 {
        match random.below(KEYWORDS.0) < KEYWORDS.1 {
            true => text.push_str("  keywords:\n    '|all':\n"),
            false => text.push_str("  keywords:\n"),
        }
        for _ in 0..random.between(2, 5) {
            let _ = writeln!(text, "      - '{}'", phrase(random));
        }
        text.push_str("  condition: keywords\n");
        return;
    }
    let weights = CONDITIONS.map(|(_, _, weight)| weight);
    let (condition, names, _) = CONDITIONS[pick(&weights, random)];
    for name in names {
        let _ = writeln!(text, "  {name}:");
        let mut keys: Vec<String> = Vec::new();
        for _ in 0..random.between(1, 3) {
            item(&mut keys, random, text);
        }
    }
    let _ = writeln!(text, "  condition: {condition}");
}

fn item(keys: &mut Vec<String>, random: &mut Random, text: &mut String) {
    let field = FIELDS[pick(&FIELDS.map(|(_, weight)| weight), random)].0;
    let modifier = MODIFIERS[pick(&MODIFIERS.map(|(_, weight)| weight), random)].0;
    let key = format!("{field}{modifier}");
    if keys.contains(&key) {
        return;
    }
    let _ = writeln!(text, "    {key}:");
    keys.push(key);
    let most = if modifier.contains("all") { 3 } else { 6 };
    for _ in 0..random.between(1, most) {
        let _ = writeln!(text, "      - '{}'", value(modifier, random));
    }
}

fn value(modifier: &str, random: &mut Random) -> String {
    let everyday = modifier == "|contains|all" && random.below(10) == 0;
    match modifier {
        "|re" => format!(r"{}\s+[a-z]{{1,8}}\.{}", word(random), word(random)),
        "|cidr" => format!("198.51.{}.0/24", random.below(256)),
        "|contains|windash" => format!(" -{}", word(random)),
        "" => word(random),
        _ if everyday => EVERYDAY[random.below(EVERYDAY.len() as u32) as usize].to_owned(),
        "|endswith" => format!(r"\{}.exe", word(random)),
        "|startswith" => format!(r"C:\{}", word(random)),
        _ => phrase(random),
    }
}

/// A word as programs and malware are called.
fn word(random: &mut Random) -> String {
    let mut word = String::new();
    for _ in 0..random.between(2, 4) {
        word.push(char::from(b"bdfgklmnprstvz"[random.below(14) as usize]));
        word.push(char::from(b"aeiou"[random.below(5) as usize]));
    }
    word
}

fn phrase(random: &mut Random) -> String {
    match random.below(4) {
        0 => word(random),
        1 => format!(" -{} ", word(random)),
        2 => format!("{} {}", word(random), word(random)),
        _ => format!("/{}/{}", word(random), word(random)),
    }
}

/// A place in a list of weights, as often as its weight says.
fn pick(weights: &[u32], random: &mut Random) -> usize {
    let mut left = random.below(weights.iter().sum());
    for (at, weight) in weights.iter().enumerate() {
        match left.checked_sub(*weight) {
            Some(rest) => left = rest,
            None => return at,
        }
    }
    weights.len() - 1
}

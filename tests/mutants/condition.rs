//! Conditions of shipped rules as trees, so that a selection can be taken out.
//!
//! Takes `a and (b or not c)`; gives the same without one name. Quantifiers (`1 of them`) are not
//! understood, and no shipped rule uses them.

/// A condition.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Name(String),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

/// The names in a condition, each once.
pub fn names(condition: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let words = tokens(condition);
    let operators = ["and", "or", "not", "(", ")"];
    for word in words
        .into_iter()
        .filter(|w| !operators.contains(&w.as_str()))
    {
        if !names.contains(&word) {
            names.push(word);
        }
    }
    names
}

/// The condition without a name. Where nothing else stands, a condition that always holds.
pub fn without(condition: &str, name: &str) -> String {
    let words = tokens(condition);
    let mut rest = words.as_slice();
    let tree = either(&mut rest);
    assert!(rest.is_empty(), "the whole of {condition:?} is understood");
    match drop_name(tree, name) {
        Some(tree) => written(&tree),
        None => format!("{name} or not {name}"),
    }
}

fn tokens(condition: &str) -> Vec<String> {
    let spaced = condition.replace('(', " ( ").replace(')', " ) ");
    spaced.split_whitespace().map(str::to_owned).collect()
}

fn either(words: &mut &[String]) -> Tree {
    let mut arms = vec![both(words)];
    while let Some(("or", rest)) = next(words) {
        *words = rest;
        arms.push(both(words));
    }
    one_or(arms, Tree::Or)
}

fn both(words: &mut &[String]) -> Tree {
    let mut arms = vec![single(words)];
    while let Some(("and", rest)) = next(words) {
        *words = rest;
        arms.push(single(words));
    }
    one_or(arms, Tree::And)
}

fn single(words: &mut &[String]) -> Tree {
    let (word, rest) = next(words).expect("a condition does not end here");
    *words = rest;
    match word {
        "not" => Tree::Not(Box::new(single(words))),
        "(" => {
            let inner = either(words);
            let (close, rest) = next(words).expect("a bracket is closed");
            assert_eq!(close, ")");
            *words = rest;
            inner
        }
        name => Tree::Name(name.to_owned()),
    }
}

fn next<'w>(words: &&'w [String]) -> Option<(&'w str, &'w [String])> {
    words
        .split_first()
        .map(|(first, rest)| (first.as_str(), rest))
}

fn one_or(mut arms: Vec<Tree>, many: fn(Vec<Tree>) -> Tree) -> Tree {
    match arms.len() {
        1 => arms.remove(0),
        _ => many(arms),
    }
}

fn drop_name(tree: Tree, name: &str) -> Option<Tree> {
    let arms = |arms: Vec<Tree>, many: fn(Vec<Tree>) -> Tree| {
        let kept: Vec<Tree> = arms
            .into_iter()
            .filter_map(|t| drop_name(t, name))
            .collect();
        (!kept.is_empty()).then(|| one_or(kept, many))
    };
    match tree {
        Tree::Name(own) => (own != name).then_some(Tree::Name(own)),
        Tree::Not(inner) => drop_name(*inner, name).map(|t| Tree::Not(Box::new(t))),
        Tree::And(inner) => arms(inner, Tree::And),
        Tree::Or(inner) => arms(inner, Tree::Or),
    }
}

fn written(tree: &Tree) -> String {
    let joined = |arms: &[Tree], word: &str| {
        let arms: Vec<String> = arms.iter().map(written).collect();
        format!("({})", arms.join(word))
    };
    match tree {
        Tree::Name(name) => name.clone(),
        Tree::Not(inner) => format!("not {}", written(inner)),
        Tree::And(arms) => joined(arms, " and "),
        Tree::Or(arms) => joined(arms, " or "),
    }
}

#[test]
fn a_name_goes_and_the_rest_keeps_its_shape() {
    let condition = "(a or b) and c and not d";
    assert_eq!(names(condition), ["a", "b", "c", "d"]);
    assert_eq!(without(condition, "a"), "(b and c and not d)");
    assert_eq!(without(condition, "c"), "((a or b) and not d)");
    assert_eq!(without(condition, "d"), "((a or b) and c)");
    assert_eq!(without("a", "a"), "a or not a");
}

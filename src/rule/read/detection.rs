//! Detection rules: log source, search identifiers, condition.
//!
//! Takes a document with `detection`; gives a [`Detection`] with its compiled matcher.

use crate::diagnostic::Problem;
use crate::event::{LOG_SOURCES, LogSources, matching};
use crate::yaml::{Key, Node as Yaml, Value};

use super::super::matcher::{Matcher, Node};
use super::super::{Detection, Meta, StatedSource};
use super::modifier::{self, Kind, Step};
use super::{
    Context, condition, known_keys, lint, map, meta, observe, optional, ours, required,
    tests_inside, value,
};

/// Our keys a detection may have.
const OURS: [&str; 9] = [
    "fold",
    "observe",
    "explained_by",
    "when_assumed",
    "requires",
    "clauses",
    "say",
    "respond",
    "tests",
];

/// Most search identifiers a detection may define.
const MOST_SELECTIONS: usize = 1_000;

/// Reads a detection rule.
pub(super) fn read(node: &Yaml, context: &mut Context<'_>) -> Option<Detection> {
    let meta = meta::read(node, context);
    let source = stated_source(node, context);
    let sources = source.as_ref().map(|s| log_sources(s, node, context));
    let stated = required(node, "detection", context);
    let matcher = stated.and_then(|d| matcher(d, ("detection", &[]), context));
    let ours = node.get("yomawari").filter(|n| !n.is_null());
    if let Some(ours) = ours {
        map(ours, "yomawari", context);
        known_keys(ours, "yomawari", &OURS, context);
    }
    let (matcher, sources) = (matcher?, sources?);
    lint::tests(ours, context);
    let own = |name: &str| matcher.reads(name);
    let mut meta = meta?;
    let observe = ours.and_then(|ours| observe::read(ours, context));
    let observes = ours.is_some_and(|ours| ours.get("observe").is_some());
    ours::words(ours, &mut meta, (&own, observes), context);
    meta.tests = tests_inside::read(ours.and_then(|o| o.get("tests")), &own, context);
    let mut detection = bare((meta, source?), matcher, sources);
    if let Some(ours) = ours {
        detection.fold = ours::fold(ours, context);
        detection.observe = observe;
        detection.explained_by = ours::explained_by(ours, context);
        detection.when_assumed = ours::when_assumed(ours, context);
        detection.requires = ours::requires(ours, context);
    }
    Some(detection)
}

fn bare(
    (meta, source): (Meta, StatedSource),
    matcher: Matcher,
    (log_sources, reachable): (LogSources, bool),
) -> Detection {
    Detection {
        meta,
        source,
        log_sources,
        reachable,
        needs: matcher.fields(),
        matcher,
        fold: None,
        observe: None,
        explained_by: Vec::new(),
        when_assumed: None,
        reports: true,
        feeds: false,
        requires: Vec::new(),
        silent: false,
    }
}

/// Reads the log source; fields are those of it from here on.
pub(super) fn stated_source(node: &Yaml, context: &mut Context<'_>) -> Option<StatedSource> {
    let stated = required(node, "logsource", context)?;
    map(stated, "logsource", context)?;
    let mut word = |key| optional(stated, key, context).map(str::to_owned);
    let source = StatedSource {
        category: word("category"),
        product: word("product"),
        service: word("service"),
    };
    context.source = source.clone();
    Some(source)
}

/// The log sources the rule speaks on, and false when no format of ours produces them.
fn log_sources(
    source: &StatedSource,
    node: &Yaml,
    context: &mut Context<'_>,
) -> (LogSources, bool) {
    if source.is_empty() {
        return (LogSources::NONE, true);
    }
    let [category, product, service] = source.words();
    let sources = matching(category, product, service);
    if sources.is_empty() && !context.terms.as_written {
        let place = &node.get("logsource").unwrap_or(node).place;
        context.push(
            Problem::warning(
                format!("can never fire: no format gives the log source {source}"),
                format!("一致することがありません：ログソース {source} を出す形式がありません"),
            )
            .at(place.clone())
            .help(
                format!("log sources known: {}", known_sources()),
                format!("使えるログソース：{}", known_sources()),
            ),
        );
    }
    (sources, !sources.is_empty())
}

fn known_sources() -> String {
    let mut words: Vec<&str> = LOG_SOURCES
        .iter()
        .flat_map(|(_, s)| [s.category, s.product])
        .filter(|w| !w.is_empty())
        .collect();
    words.sort_unstable();
    words.dedup();
    words.join(", ")
}

/// Compiles search identifiers and condition of a section; `beside` are its keys that are
/// neither.
pub(super) fn matcher(
    detection: &Yaml,
    (what, beside): (&str, &[&str]),
    context: &mut Context<'_>,
) -> Option<Matcher> {
    let entries = map(detection, what, context)?;
    if entries.len() > MOST_SELECTIONS {
        return context.refuse(
            &detection.place,
            format!(
                "more than {MOST_SELECTIONS} search identifiers; write lists of values instead"
            ),
            format!("検索条件が {MOST_SELECTIONS} 件を超えています。値のリストにまとめてください"),
        );
    }
    let mut names = Vec::new();
    let mut selections = Vec::new();
    let mut complete = true;
    let is_search = |key: &Key| key.text != "condition" && !beside.contains(&&*key.text);
    for (key, value) in entries.iter().filter(|(k, _)| is_search(k)) {
        if key.text == "timeframe" {
            context.refuse::<()>(
                &key.place,
                "timeframe is Sigma 1; write a correlation with a timespan instead",
                "timeframe は旧仕様です。correlation の timespan を使ってください",
            );
            complete = false;
            continue;
        }
        name_is_usable(key, context);
        // A refused identifier is defined all the same: the condition may name it.
        names.push(key.text.clone());
        match selection(key, value, context) {
            Some(node) => selections.push(node),
            None => complete = false,
        }
    }
    let root = conditions(detection, (entries, &names), context)?;
    complete.then(|| Matcher::new((names, selections), root))
}

fn name_is_usable(key: &Key, context: &mut Context<'_>) {
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let reserved = ["and", "or", "not", "of", "them"].contains(&key.text.as_str());
    if key.text.is_empty() || reserved || !key.text.chars().all(plain) {
        context.push(
            Problem::error(
                format!("\"{}\" cannot be the name of a search identifier", key.text),
                format!("「{}」は検索条件の名前に使えません", key.text),
            )
            .at(key.place.clone())
            .help(
                "use letters, digits, _ and -, and none of the operators",
                "文字・数字・_・- で、演算子以外の名前にしてください",
            ),
        );
    }
}

fn conditions(
    detection: &Yaml,
    (entries, names): (&[(Key, Yaml)], &[String]),
    context: &mut Context<'_>,
) -> Option<Node> {
    let stated = required(detection, "condition", context)?;
    let texts = super::texts(Some(stated), "condition", context);
    if names.is_empty() {
        return context.refuse(
            &detection.place,
            "no search identifier is defined beside the condition",
            "condition のほかに検索条件が一つもありません",
        );
    }
    let mut used = vec![false; names.len()];
    let mut nodes = Vec::new();
    for (text, place) in &texts {
        let (node, uses) = condition::read(text, place, names, context)?;
        nodes.push(node);
        used.iter_mut()
            .zip(uses)
            .for_each(|(used, now)| *used |= now);
    }
    for (name, _) in names.iter().zip(used).filter(|(_, used)| !used) {
        let key = entries.iter().find(|(k, _)| k.text == *name);
        let place = key.map_or(&detection.place, |(k, _)| &k.place);
        context.push(
            Problem::warning(
                format!("the search identifier \"{name}\" is not used by the condition"),
                format!("検索条件「{name}」は condition で使われていません"),
            )
            .at(place.clone()),
        );
    }
    match nodes.is_empty() {
        true => context.refuse(
            &stated.place,
            "the condition is empty",
            "condition が空です",
        ),
        false => Some(Node::Any(nodes)),
    }
}

/// One search identifier: a map (AND), a list of maps or keywords (OR), or one keyword.
fn selection(key: &Key, value: &Yaml, context: &mut Context<'_>) -> Option<Node> {
    match &value.value {
        Value::Map(entries) => all_items(value, entries, context),
        Value::Seq(items) if !items.is_empty() => alternatives(key, items, context),
        Value::Scalar { .. } => keywords(key, value, context),
        _ => context.refuse(
            &value.place,
            format!("the search identifier \"{}\" is empty", key.text),
            format!("検索条件「{}」が空です", key.text),
        ),
    }
}

fn alternatives(key: &Key, items: &[Yaml], context: &mut Context<'_>) -> Option<Node> {
    let is_scalar = |item: &&Yaml| matches!(item.value, Value::Scalar { .. });
    let words: Vec<Yaml> = items.iter().filter(is_scalar).cloned().collect();
    let mut nodes = Vec::new();
    let mut complete = true;
    if let Some(first) = words.first() {
        let listed = Yaml {
            place: first.place.clone(),
            value: Value::Seq(words),
        };
        nodes.push(keywords(key, &listed, context));
    }
    for item in items.iter().filter(|i| !is_scalar(i)) {
        match &item.value {
            Value::Map(entries) => nodes.push(all_items(item, entries, context)),
            _ => {
                complete = false;
                super::wrong_kind::<()>(
                    item,
                    &key.text,
                    ("a map or a single value", "キーと値の組または単独の値"),
                    context,
                );
            }
        }
    }
    let nodes: Option<Vec<Node>> = nodes.into_iter().collect();
    nodes.filter(|_| complete).map(Node::Any)
}

fn keywords(key: &Key, value: &Yaml, context: &mut Context<'_>) -> Option<Node> {
    let bare = Key {
        text: String::new(),
        place: key.place.clone(),
    };
    let plan = modifier::read(&bare, context)?;
    value::read(&plan, value, context)
}

fn all_items(node: &Yaml, entries: &[(Key, Yaml)], context: &mut Context<'_>) -> Option<Node> {
    if entries.is_empty() {
        return context.refuse(
            &node.place,
            "an empty map matches every event; write at least one field",
            "空の条件はすべての記録に一致します。項目を一つ以上書いてください",
        );
    }
    let nodes: Vec<Option<Node>> = entries.iter().map(|(k, v)| item(k, v, context)).collect();
    let nodes: Option<Vec<Node>> = nodes.into_iter().collect();
    let nodes = nodes?;
    lint::contradictions(&nodes, entries, context);
    Some(Node::All(nodes))
}

fn item(key: &Key, value: &Yaml, context: &mut Context<'_>) -> Option<Node> {
    let plan = modifier::read(key, context)?;
    if plan.field.is_empty() {
        let words = matches!(plan.kind, Kind::Text | Kind::Regex { .. })
            && plan
                .steps
                .iter()
                .all(|s| *s != Step::StartsWith && *s != Step::EndsWith);
        if !key.text.starts_with('|') || !words || plan.negated {
            return context.refuse(
                &key.place,
                "without a field name only keywords can be searched: '|all', '|re' and their like",
                "項目名のない条件はキーワード検索（'|all'・'|re' など）だけです",
            );
        }
    }
    if plan.field == "@timestamp" && !context.terms.as_written {
        context.push(
            Problem::error(
                "the time of an event is not a field and would never match",
                "@timestamp は項目として比較できません（一致することがありません）",
            )
            .at(key.place.clone())
            .help(
                "use calendar.verdict and calendar.band for hours, a correlation for durations",
                "時間帯は calendar.verdict と calendar.band、間隔は correlation で書いてください",
            ),
        );
        return None;
    }
    lint::field(&plan.field, &key.place, context);
    lint::words(&plan, value, context);
    value::read(&plan, value, context)
}

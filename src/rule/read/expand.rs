//! Placeholders of the `expand` modifier.
//!
//! Takes a written value and the configured values; gives every text it stands for. A
//! placeholder without a value refuses the rule: it could never match.

use crate::diagnostic::Problem;
use crate::yaml::Node as Yaml;

use super::Context;

/// Most values one value may become by its placeholders.
const EXPANSIONS: usize = 10_000;

/// Replaces `%name%` by each configured value; `\%` is a literal percent sign.
pub(super) fn values(text: &str, node: &Yaml, context: &mut Context<'_>) -> Option<Vec<String>> {
    let mut made = vec![String::new()];
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, behind) = rest.split_at(at);
        let behind = behind.strip_prefix('%').unwrap_or(behind);
        if let Some(unescaped) = before.strip_suffix('\\') {
            made.iter_mut().for_each(|m| m.extend([unescaped, "%"]));
            rest = behind;
            continue;
        }
        let Some((name, after)) = behind.split_once('%') else {
            break;
        };
        let Some(values) = context
            .terms
            .placeholders
            .get(name)
            .filter(|v| !v.is_empty())
        else {
            return refuse_placeholder(name, node, context);
        };
        if made.len().saturating_mul(values.len()) > EXPANSIONS {
            return context.refuse(
                &node.place,
                format!("the placeholders make more than {EXPANSIONS} values"),
                format!("プレースホルダーの展開が {EXPANSIONS} 個を超えます"),
            );
        }
        made = made
            .iter()
            .flat_map(|m| values.iter().map(move |v| format!("{m}{before}{v}")))
            .collect();
        rest = after;
    }
    made.iter_mut().for_each(|m| m.push_str(rest));
    Some(made)
}

fn refuse_placeholder<T>(name: &str, node: &Yaml, context: &mut Context<'_>) -> Option<T> {
    context.push(
        Problem::error(
            format!("the placeholder %{name}% has no value"),
            format!("プレースホルダー %{name}% の値がありません"),
        )
        .at(node.place.clone())
        .found(format!("%{name}%"))
        .help(
            "give its values under rules: placeholders: in the config, or remove the rule",
            "設定の rules: placeholders: で値を与えるか、このルールを外してください",
        ),
    );
    None
}

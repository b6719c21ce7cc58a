//! What is to be done, and the box in which the officer signs, as parts of the page.
//!
//! Takes them as the document has them; writes tags around escaped words.

use std::fmt::Write as _;

use super::escape::escape;
use crate::report::document::{Case, SignBox};

pub(super) fn case(out: &mut String, case: &Case) {
    let _ = write!(
        out,
        "<article class=\"case level{}\" id=\"{}\">\n<h3><span class=\"badge\">{}</span>{}</h3>\n<p class=\"case-count\">{}</p>\n<ul>\n",
        case.level,
        case.id,
        escape(&case.level_word),
        escape(&case.title),
        escape(&case.count)
    );
    for line in &case.lines {
        let _ = writeln!(
            out,
            "<li>{} <span class=\"when-told\">{}</span> <a class=\"nowrap\" href=\"#{}\">{}</a></li>",
            escape(&line.text),
            escape(&line.when),
            line.to,
            escape(&line.link_word)
        );
    }
    if let Some(more) = &case.more {
        let _ = writeln!(out, "<li>{}</li>", escape(more));
    }
    out.push_str("</ul>\n<dl class=\"steps\">\n");
    for (name, words) in &case.steps {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(words));
    }
    out.push_str("</dl>\n</article>\n");
}

pub(super) fn sign_box(out: &mut String, sign: &SignBox) {
    out.push_str("<table class=\"sign\">\n<tbody>\n");
    let last = sign.fields.len().saturating_sub(1);
    for (at, (name, value)) in sign.fields.iter().enumerate() {
        // The findings have room to be written by hand.
        let class = match (value.is_empty(), at + 1 == last) {
            (true, true) => " class=\"tall\"",
            (true, false) => "",
            (false, _) => " class=\"code\"",
        };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td{class}>{}</td></tr>",
            escape(name),
            escape(value)
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

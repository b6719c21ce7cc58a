//! Events as JSON lines, nested as ECS documents are: what `parse` prints.
//!
//! Takes one event and where its record stands; appends one line. Fields stand in the order of the
//! field table, grouped by the parts of their names; fields outside the table follow under their
//! own names. Values stay text, except where the field is a number or a boolean by its meaning.

use serde_json::{Map, Value};

use crate::event::{Event, Field, Position};

use super::json::push_string;

/// Deepest nesting of a dotted name of the log's own; a name with more parts stays flat.
const MAX_PARTS: usize = 16;

/// The tree of the field table, built once for all events of a run.
pub struct EventJson {
    roots: Vec<Node>,
}

/// A part of a field's dotted name.
struct Node {
    part: &'static str,
    leaf: Option<Leaf>,
    /// Fields below this part, to see at once whether any of them has a value.
    below: Vec<Leaf>,
    children: Vec<Node>,
}

/// What stands at the end of a dotted name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaf {
    Field(Field),
    Timestamp,
    Ambiguous,
    Original,
    FilePath,
    FileLine,
    Offset,
}

/// An event and its place, as the tree reads them.
struct Facts<'e, 'r> {
    event: &'e Event<'r>,
    at: &'e Position,
    derived: bool,
}

impl EventJson {
    /// Prepares the tree.
    pub fn new() -> Self {
        let mut roots = Vec::new();
        add(&mut roots, "@timestamp", Leaf::Timestamp);
        for field in Field::ALL {
            add(&mut roots, field.name(), Leaf::Field(*field));
        }
        add(&mut roots, "time.ambiguous", Leaf::Ambiguous);
        add(&mut roots, "event.original", Leaf::Original);
        add(&mut roots, "log.file.path", Leaf::FilePath);
        add(&mut roots, "log.file.line", Leaf::FileLine);
        add(&mut roots, "log.offset", Leaf::Offset);
        EventJson { roots }
    }

    /// Appends the event as one line. With `derived`, the fields that `enrich` added are written
    /// too. `event.outcome` is always there, `time.trusted` when it is false, `time.ambiguous` when the
    /// local time occurs twice and the first was taken.
    pub fn write(&self, out: &mut Vec<u8>, event: &Event<'_>, at: &Position, derived: bool) {
        let facts = Facts { event, at, derived };
        let own = self.own_fields(&facts);
        write_object(out, &self.roots, &facts, &own);
        out.push(b'\n');
    }

    /// The fields outside the table, nested by their dots. A name that would have to stand both as
    /// a value and as a group, or that is no proper dotted name, stays flat.
    fn own_fields(&self, facts: &Facts<'_, '_>) -> Map<String, Value> {
        let mut own = Map::new();
        for (name, value) in facts.event.extras() {
            let nests = self.has_room(name, facts) && insert(&mut own, name, value);
            if !nests {
                self.insert_flat(&mut own, name, value);
            }
        }
        own
    }

    /// True when no written field of the table stands in the way of a nested name.
    fn has_room(&self, name: &str, facts: &Facts<'_, '_>) -> bool {
        let parts = name.split('.').take(MAX_PARTS + 1);
        let proper = parts.clone().all(|part| !part.is_empty()) && parts.count() <= MAX_PARTS;
        let mut level = &self.roots;
        let mut parts = name.split('.').peekable();
        while let Some(part) = parts.next() {
            let Some(node) = level.iter().find(|node| node.part == part) else {
                return proper;
            };
            let taken = node.leaf.is_some_and(|leaf| facts.has(leaf));
            let is_group = parts.peek().is_none() && node.below.iter().any(|&leaf| facts.has(leaf));
            if taken || is_group {
                return false;
            }
            level = &node.children;
        }
        proper
    }

    /// Puts a name in without nesting; where even the flat name is taken, underscores tell apart.
    fn insert_flat(&self, own: &mut Map<String, Value>, name: &str, value: &str) {
        let mut name = name.to_owned();
        while self.roots.iter().any(|node| node.part == name)
            || own.get(&name).is_some_and(Value::is_object)
        {
            name.push('_');
        }
        append(own, &name, value);
    }
}

impl Default for EventJson {
    fn default() -> Self {
        EventJson::new()
    }
}

impl Facts<'_, '_> {
    fn has(&self, leaf: Leaf) -> bool {
        match leaf {
            Leaf::Timestamp => self.event.time().is_some(),
            Leaf::Ambiguous => self.event.time().is_some_and(|time| time.ambiguous),
            Leaf::FileLine => self.at.line > 0,
            Leaf::Original | Leaf::FilePath | Leaf::Offset => true,
            Leaf::Field(Field::EventOutcome) => true,
            Leaf::Field(Field::TimeTrusted) => self.is_untrusted(),
            Leaf::Field(Field::RepeatCount) => self.event.repeat() > 1,
            Leaf::Field(field) => self.event.has(field) && (self.derived || !field.is_derived()),
        }
    }

    fn is_untrusted(&self) -> bool {
        self.event.time().is_some_and(|time| !time.trusted)
            || self.event.get(Field::TimeTrusted) == Some("false")
    }

    fn write(&self, out: &mut Vec<u8>, leaf: Leaf) {
        match leaf {
            Leaf::Timestamp => {
                let time = self.event.time().map(|time| time.rfc3339());
                push_string(out, &time.unwrap_or_default());
            }
            Leaf::Original => push_string(out, self.event.record()),
            Leaf::FilePath => push_string(out, &self.at.path),
            Leaf::FileLine => out.extend_from_slice(self.at.line.to_string().as_bytes()),
            Leaf::Offset => out.extend_from_slice(self.at.offset.to_string().as_bytes()),
            Leaf::Field(Field::EventOutcome) => push_string(out, self.event.outcome().name()),
            Leaf::Field(Field::TimeTrusted) => out.extend_from_slice(b"false"),
            Leaf::Ambiguous => out.extend_from_slice(b"true"),
            Leaf::Field(Field::RepeatCount) => {
                out.extend_from_slice(self.event.repeat().to_string().as_bytes());
            }
            Leaf::Field(field) => self.write_values(out, field),
        }
    }

    fn write_values(&self, out: &mut Vec<u8>, field: Field) {
        let mut values = self.event.values(field);
        let first = values.next().unwrap_or_default();
        let Some(second) = values.next() else {
            return write_value(out, field, first);
        };
        out.push(b'[');
        write_value(out, field, first);
        for value in std::iter::once(second).chain(values) {
            out.push(b',');
            write_value(out, field, value);
        }
        out.push(b']');
    }
}

/// Puts a dotted name into the tree of the table.
fn add(level: &mut Vec<Node>, name: &'static str, leaf: Leaf) {
    let (part, rest) = match name.split_once('.') {
        Some((part, rest)) => (part, Some(rest)),
        None => (name, None),
    };
    let at = level
        .iter()
        .position(|node| node.part == part)
        .unwrap_or_else(|| {
            level.push(Node {
                part,
                leaf: None,
                below: Vec::new(),
                children: Vec::new(),
            });
            level.len() - 1
        });
    match rest {
        None => level[at].leaf = Some(leaf),
        Some(rest) => {
            level[at].below.push(leaf);
            add(&mut level[at].children, rest, leaf);
        }
    }
}

/// Writes a level of the tree and the log's own fields that stand on it.
fn write_object(
    out: &mut Vec<u8>,
    level: &[Node],
    facts: &Facts<'_, '_>,
    own: &Map<String, Value>,
) {
    out.push(b'{');
    let mut first = true;
    let mut key = |out: &mut Vec<u8>, name: &str| {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        push_string(out, name);
        out.push(b':');
    };
    let none = Map::new();
    for node in level {
        let group = own.get(node.part).and_then(Value::as_object);
        if let Some(leaf) = node.leaf.filter(|&leaf| facts.has(leaf)) {
            key(out, node.part);
            facts.write(out, leaf);
        } else if node.below.iter().any(|&leaf| facts.has(leaf)) {
            key(out, node.part);
            write_object(out, &node.children, facts, group.unwrap_or(&none));
        } else if let Some(value) = own.get(node.part) {
            key(out, node.part);
            write_own(out, value);
        }
    }
    for (name, value) in own {
        if !level.iter().any(|node| node.part == name) {
            key(out, name);
            write_own(out, value);
        }
    }
    out.push(b'}');
}

fn write_own(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Object(entries) => {
            out.push(b'{');
            for (i, (name, value)) in entries.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                push_string(out, name);
                out.push(b':');
                write_own(out, value);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_own(out, item);
            }
            out.push(b']');
        }
        other => push_string(out, other.as_str().unwrap_or_default()),
    }
}

/// Nests a name by its dots; false when a value stands where a group is needed or the other way.
fn insert(own: &mut Map<String, Value>, name: &str, value: &str) -> bool {
    match name.split_once('.') {
        None if own.get(name).is_some_and(Value::is_object) => false,
        None => {
            append(own, name, value);
            true
        }
        Some((part, rest)) => {
            let group = own.entry(part).or_insert_with(|| Value::Object(Map::new()));
            group
                .as_object_mut()
                .is_some_and(|group| insert(group, rest, value))
        }
    }
}

/// Adds a value under a name; a second one makes a list.
fn append(own: &mut Map<String, Value>, name: &str, value: &str) {
    let added = Value::String(value.to_owned());
    match own.get_mut(name) {
        Some(Value::Array(items)) => items.push(added),
        Some(held) => *held = Value::Array(vec![held.take(), added]),
        None => {
            own.insert(name.to_owned(), added);
        }
    }
}

/// Writes a value as the number or boolean its field means; what is not one stays text.
fn write_value(out: &mut Vec<u8>, field: Field, text: &str) {
    let bare = match field {
        Field::SourcePort
        | Field::DestinationPort
        | Field::SyslogPriority
        | Field::SyslogFacility
        | Field::SyslogSeverity
        | Field::HttpStatus => text.parse::<u64>().is_ok_and(|n| n.to_string() == text),
        Field::BreakGlass => matches!(text, "true" | "false"),
        _ => false,
    };
    if bare {
        out.extend_from_slice(text.as_bytes());
    } else {
        push_string(out, text);
    }
}

#[cfg(test)]
mod tests;

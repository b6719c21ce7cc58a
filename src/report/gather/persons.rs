//! How persons are told: by id, by id and name, or by pseudonym.
//!
//! Takes ids of accounts and patients; gives what is written in their place.

use crate::register::Registers;
use crate::report::mask::{Key, Kind};

/// How persons are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Persons {
    /// By their ids, as the logs have them.
    Ids,
    /// By id and name, and with the records themselves, which hold names.
    Names,
    /// By pseudonyms, without sentences and records, which hold ids.
    Masked(Key),
}

impl Persons {
    /// `ids`, `names` or `masked`.
    pub fn word(&self) -> &'static str {
        match self {
            Persons::Ids => "ids",
            Persons::Names => "names",
            Persons::Masked(_) => "masked",
        }
    }

    pub(in crate::report) fn is_masked(&self) -> bool {
        matches!(self, Persons::Masked(_))
    }

    /// An account, folded or as written, at an instant. The account that stands for all
    /// unregistered ones names nobody.
    pub(in crate::report) fn account(&self, id: &str, registers: &Registers, nanos: i64) -> String {
        match self {
            _ if id == "*" || id.is_empty() => id.to_owned(),
            Persons::Ids => id.to_owned(),
            Persons::Masked(key) => key.pseudonym(Kind::Staff, id),
            Persons::Names => match name_of(id, registers, nanos) {
                Some(name) => format!("{id}（{name}）"),
                None => id.to_owned(),
            },
        }
    }

    /// The value of a field of a key.
    pub(in crate::report) fn value(
        &self,
        field: &str,
        value: &str,
        registers: &Registers,
        nanos: i64,
    ) -> String {
        match (kind_of(field), self) {
            (Some(Kind::Staff), _) => self.account(value, registers, nanos),
            (Some(Kind::Patient), Persons::Masked(key)) => key.pseudonym(Kind::Patient, value),
            _ => value.to_owned(),
        }
    }

    /// Whether a text that people wrote may be shown: it may name anybody.
    pub(super) fn shows_words(&self) -> bool {
        !self.is_masked()
    }
}

/// Whom a field names. What the program does not know for sure to name nobody is taken for a
/// person's: a rule may take any field of a log for its key.
fn kind_of(field: &str) -> Option<Kind> {
    const IMPERSONAL: [&str; 16] = [
        "source.",
        "host.",
        "observer.",
        "device.",
        "event.",
        "calendar.",
        "service.",
        "wifi.",
        "network.",
        "destination.",
        "client.",
        "server.",
        "url.",
        "record.",
        "log.",
        "rule.",
    ];
    if field.starts_with("patient.") {
        return Some(Kind::Patient);
    }
    let is_impersonal = IMPERSONAL.iter().any(|prefix| field.starts_with(prefix));
    let names_user = field.contains("user");
    let is_group = matches!(field, "user.department" | "user.role" | "user.kind");
    ((!is_impersonal || names_user) && !is_group).then_some(Kind::Staff)
}

fn name_of<'r>(id: &str, registers: &'r Registers, nanos: i64) -> Option<&'r str> {
    let owner = registers.account_at(id, nanos).map(|a| a.owner.as_str());
    let owner = owner.filter(|owner| !owner.is_empty()).unwrap_or(id);
    let staff = registers.staff_at(owner, nanos)?;
    (!staff.name.is_empty()).then_some(staff.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_persons_are_masked() {
        let masked = Persons::Masked(Key::new([3; 32]));
        let registers = Registers::default();
        let value = |field: &str| masked.value(field, "n7", &registers, 0);
        assert!(value("user.account").starts_with("S-"));
        assert!(value("利用者").starts_with("S-"));
        assert!(value("event.user").starts_with("S-"));
        assert!(value("patient.id").starts_with("P-"));
        assert_eq!(value("source.terminal"), "n7");
        assert_eq!(value("user.department"), "n7");
        assert_eq!(masked.account("*", &registers, 0), "*");
    }
}

//! What a rule cannot speak without: registers, networks, hours that the config has to give.
//!
//! Takes the words of `requires`; gives what they mean and how a missing one is told. Never knows
//! what a house has.

use crate::diagnostic::Text;

/// Something a rule cannot speak without. A rule whose data is not configured keeps silent, and
/// the list of rules and the ledger say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// A register of devices (`devices`).
    Devices,
    /// A register of staff (`staff`).
    Staff,
    /// A register of accounts (`accounts`).
    Accounts,
    /// A register of staff or one of accounts (`people`): either tells who is known.
    People,
    /// A register of patients (`patients`).
    Patients,
    /// Patient numbers of staff (`staff.patient_id`), in the register of staff or of patients.
    StaffPatients,
    /// Restricted charts (`patients.restricted`).
    Restricted,
    /// Days of death (`patients.deceased_on`).
    Deceased,
    /// Days of discharge (`patients.discharged_on`).
    Discharged,
    /// Households of staff (`patients.household_of`).
    Households,
    /// Days on which passwords were changed (`accounts.password_changed`).
    Passwords,
    /// A register of declarations (`declarations`), which may be empty.
    Declarations,
    /// Networks of the house (`networks`).
    Networks,
    /// A network of this name (`networks.guest`).
    Network(String),
    /// A database of countries (`geoip`).
    Geoip,
    /// Business hours that are not only assumed (`calendar`).
    Calendar,
    /// A roster of duties (`roster`).
    Roster,
    /// A source that should be heard of (`sources.expect`).
    Expected,
}

impl Requirement {
    /// The words of `requires`; a single network stands as `networks.` and its name.
    pub(super) const WORDS: &[&str] = &[
        "devices",
        "staff",
        "accounts",
        "people",
        "patients",
        "staff.patient_id",
        "patients.restricted",
        "patients.deceased_on",
        "patients.discharged_on",
        "patients.household_of",
        "accounts.password_changed",
        "declarations",
        "networks",
        "networks.NAME",
        "geoip",
        "calendar",
        "roster",
        "sources.expect",
    ];

    /// The requirement of a word.
    pub(super) fn from_word(word: &str) -> Option<Requirement> {
        Some(match word {
            "devices" => Requirement::Devices,
            "staff" => Requirement::Staff,
            "accounts" => Requirement::Accounts,
            "people" => Requirement::People,
            "patients" => Requirement::Patients,
            "staff.patient_id" => Requirement::StaffPatients,
            "patients.restricted" => Requirement::Restricted,
            "patients.deceased_on" => Requirement::Deceased,
            "patients.discharged_on" => Requirement::Discharged,
            "patients.household_of" => Requirement::Households,
            "accounts.password_changed" => Requirement::Passwords,
            "declarations" => Requirement::Declarations,
            "networks" => Requirement::Networks,
            "geoip" => Requirement::Geoip,
            "calendar" => Requirement::Calendar,
            "roster" => Requirement::Roster,
            "sources.expect" => Requirement::Expected,
            _ => {
                let name = word.strip_prefix("networks.")?;
                (!name.is_empty()).then(|| Requirement::Network(name.to_owned()))?
            }
        })
    }

    /// What it is, in words that follow "needs".
    pub fn what(&self) -> Text {
        match self {
            Requirement::Devices => Text::new("a register of devices", "端末台帳"),
            Requirement::Staff => Text::new("a register of staff", "職員名簿"),
            Requirement::Accounts => Text::new("a register of accounts", "ID台帳"),
            Requirement::People => {
                Text::new("a register of staff or of accounts", "職員名簿またはID台帳")
            }
            Requirement::Patients => Text::new("a register of patients", "患者台帳"),
            Requirement::StaffPatients => {
                Text::new("the patient numbers of staff", "職員本人の患者番号")
            }
            Requirement::Restricted => {
                Text::new("the restricted charts", "閲覧制限のあるカルテの一覧")
            }
            Requirement::Deceased => Text::new("the days of death of patients", "患者の死亡日"),
            Requirement::Discharged => {
                Text::new("the days of discharge of patients", "患者の退院日")
            }
            Requirement::Households => Text::new(
                "the patients who are relatives of staff",
                "職員の家族である患者の一覧",
            ),
            Requirement::Passwords => Text::new(
                "the days on which passwords were changed",
                "パスワード変更日",
            ),
            Requirement::Declarations => Text::new("a register of declarations", "届出の一覧"),
            Requirement::Networks => Text::new("the networks of the house", "施設のネットワーク"),
            Requirement::Network(name) => Text::new(
                format!("a network named {name}"),
                format!("「{name}」という名前のネットワーク"),
            ),
            Requirement::Geoip => Text::new("a database of countries", "国のデータベース"),
            Requirement::Calendar => Text::new("business hours", "営業時間"),
            Requirement::Roster => Text::new("a roster of duties", "勤務表"),
            Requirement::Expected => Text::new("a source with expect", "expect を書いたソース"),
        }
    }

    /// How it is told that a house lacks it, with the key of the config that gives it.
    pub fn missing(&self) -> Text {
        let what = self.what();
        let key = self.key();
        Text::new(
            format!("needs {} ({key}), which is not configured", what.en),
            format!("{}（{key}）が設定されていません", what.ja),
        )
    }

    /// The key of the config that gives it.
    fn key(&self) -> String {
        match self {
            Requirement::Devices => "registers: devices".to_owned(),
            Requirement::Staff => "registers: staff".to_owned(),
            Requirement::Accounts => "registers: accounts".to_owned(),
            Requirement::People => "registers: staff, accounts".to_owned(),
            Requirement::Patients => "registers: patients".to_owned(),
            Requirement::StaffPatients => {
                "registers: staff, column patient_id; or patients, column staff_id".to_owned()
            }
            Requirement::Restricted => "registers: patients, column restricted".to_owned(),
            Requirement::Deceased => "registers: patients, column deceased_on".to_owned(),
            Requirement::Discharged => "registers: patients, column discharged_on".to_owned(),
            Requirement::Households => "registers: patients, column household_of".to_owned(),
            Requirement::Passwords => "registers: accounts, column password_changed".to_owned(),
            Requirement::Declarations => "registers: declarations".to_owned(),
            Requirement::Networks => "registers: networks".to_owned(),
            Requirement::Network(name) => format!("registers: networks: {name}"),
            Requirement::Geoip => "geoip".to_owned(),
            Requirement::Calendar => "calendar".to_owned(),
            Requirement::Roster => "calendar: rosters".to_owned(),
            Requirement::Expected => "sources: expect".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_a_meaning_and_is_told_with_its_key() {
        for word in Requirement::WORDS {
            let requirement = Requirement::from_word(word).expect("every word is understood");
            let missing = requirement.missing();
            assert!(missing.en.contains(&requirement.key()), "{missing:?}");
            assert!(missing.ja.contains(&requirement.key()), "{missing:?}");
        }
        let guest = Requirement::from_word("networks.guest").expect("a network by name");
        assert_eq!(guest, Requirement::Network("guest".to_owned()));
        assert_eq!(
            guest.missing().en,
            "needs a network named guest (registers: networks: guest), which is not configured"
        );
    }

    #[test]
    fn other_words_have_none() {
        for word in ["", "device", "networks.", "network", "geo"] {
            assert_eq!(Requirement::from_word(word), None, "{word}");
        }
    }
}

//! What the codes of an AuditEvent say: DICOM and IHE codes, RESTful interactions, life cycle
//! words → `event.action`, `event.code`, and the outcome.
//!
//! Codes are told apart by their text alone: the systems they come from are written in too many
//! ways to be of use, and no two of them give the same text different meanings here.

use crate::event::{Action, Outcome};

/// What one code says. Of several, the greatest decides: a sub-kind (login) says more than the
/// kind it stands under (user authentication), and that more than how it was carried (rest).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// No code yet.
    #[default]
    None,
    /// `rest`, `object`: how it came about, nothing more.
    Carrier,
    /// A DICOM event that is no action by itself: application activity, security alert, ….
    Frame,
    /// A code we do not know.
    Unknown,
    /// `operation`, `batch`, `transaction`: the action letter decides.
    Operation,
    /// Something was read or written; the action letter decides.
    Record,
    /// `read`, `vread`, `history…`, `access`.
    Read,
    /// `update`, `patch`, `delete`, `amend`, …: an existing record was changed.
    Change,
    /// `create`, `originate`.
    Create,
    /// 110105: a study was deleted.
    StudyDeleted,
    /// 110109: the action letter decides between an order and a look at one.
    OrderRecord,
    /// `search…`, 110112.
    Search,
    /// `extract`.
    Extract,
    /// 110107.
    Import,
    /// 110106: paper or film is a print, everything else leaves the house.
    Export,
    /// 110120.
    AppStart,
    /// 110121.
    AppStop,
    /// 110128 to 110131.
    Config,
    /// 110135, 110136: attributes of objects, roles.
    Privilege,
    /// 110137: attributes of users.
    Account,
    /// 110133.
    AuditStopped,
    /// 110123.
    Logout,
    /// 110122.
    Login,
    /// 110138.
    BreakGlassEnd,
    /// 110127.
    BreakGlass,
}

/// The class of a code (DICOM PS3.16 annex D, HL7 restful-interaction, ISO 21089 life cycle).
#[inline]
pub(super) fn class(code: &str) -> Class {
    match code.as_bytes() {
        [b'1', b'1', b'0', b'1', tens, ones] if tens.is_ascii_digit() && ones.is_ascii_digit() => {
            dicom((tens - b'0') * 10 + (ones - b'0'))
        }
        _ => word(code),
    }
}

/// The class of DICOM code 1101xx.
fn dicom(number: u8) -> Class {
    match number {
        3 | 10 | 11 => Class::Record,
        5 => Class::StudyDeleted,
        6 => Class::Export,
        7 => Class::Import,
        9 => Class::OrderRecord,
        12 => Class::Search,
        0..=2 | 4 | 8 | 13 | 14 => Class::Frame,
        20 => Class::AppStart,
        21 => Class::AppStop,
        22 => Class::Login,
        23 => Class::Logout,
        27 => Class::BreakGlass,
        28..=31 => Class::Config,
        33 => Class::AuditStopped,
        35 | 36 => Class::Privilege,
        37 => Class::Account,
        38 => Class::BreakGlassEnd,
        24..=26 | 32 | 34 | 39..=42 => Class::Frame,
        _ => Class::Unknown,
    }
}

fn word(code: &str) -> Class {
    match code {
        "" => Class::None,
        "rest" | "object" => Class::Carrier,
        "read" | "vread" | "access" => Class::Read,
        "history" | "history-instance" | "history-type" | "history-system" => Class::Read,
        "search" | "search-type" | "search-system" | "search-compartment" => Class::Search,
        "create" | "originate" => Class::Create,
        "update" | "patch" | "delete" | "amend" | "destroy" | "merge" | "unmerge" => Class::Change,
        "operation" | "batch" | "transaction" => Class::Operation,
        "extract" => Class::Extract,
        "login" => Class::Login,
        "logout" => Class::Logout,
        _ => Class::Unknown,
    }
}

/// What an event is about, beside its codes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct About {
    /// First letter of `action`: C, R, U, D, E, or 0.
    pub(super) letter: u8,
    /// Paper or film is among the media.
    pub(super) on_paper: bool,
    /// A resource that is an order is among the entities.
    pub(super) orders: bool,
    /// A patient is named.
    pub(super) patient: bool,
    /// The outcome is a failure.
    pub(super) failed: bool,
    /// 110114 is among the codes.
    pub(super) authenticates: bool,
}

impl About {
    /// The action that codes of this greatest class mean; `None` when they do not tell.
    pub(super) fn action(&self, class: Class) -> Option<Action> {
        let writes = matches!(self.letter, b'C' | b'U' | b'D');
        let by_letter = match self.letter {
            b'C' if self.orders => Some(Action::Order),
            b'C' | b'U' | b'D' => Some(Action::ChartEdit),
            b'R' => Some(Action::ChartView),
            _ => None,
        };
        match class {
            Class::BreakGlass => Some(Action::BreakGlass),
            Class::BreakGlassEnd => Some(Action::BreakGlassEnd),
            Class::Login => Some(Action::Login),
            Class::Logout => Some(Action::Logout),
            // Nobody fails to log out: an authentication that failed was a login.
            _ if self.authenticates => self.failed.then_some(Action::Login),
            Class::AuditStopped => Some(Action::AuditStopped),
            Class::Account => Some(Action::AccountChange),
            Class::Privilege => Some(Action::PrivilegeChange),
            Class::Config => Some(Action::ConfigChange),
            Class::AppStart => Some(Action::AppStart),
            Class::AppStop => Some(Action::AppStop),
            Class::Export if self.on_paper => Some(Action::Print),
            Class::Export | Class::Extract => Some(Action::Export),
            Class::Import => Some(Action::Import),
            Class::Search => Some(Action::PatientSearch),
            Class::OrderRecord if writes => Some(Action::Order),
            Class::Create if self.orders => Some(Action::Order),
            Class::StudyDeleted | Class::Create | Class::Change => Some(Action::ChartEdit),
            Class::Read | Class::OrderRecord => Some(Action::ChartView),
            Class::Record => by_letter.or(Some(Action::ChartView)),
            Class::Operation => by_letter,
            // A homemade code on a patient's record: FHIR's own action letter still speaks.
            Class::Unknown | Class::Carrier | Class::None if self.patient => by_letter,
            Class::Unknown | Class::Carrier | Class::None | Class::Frame => None,
        }
    }
}

/// The outcome a code means; `None` for a code that is none of an outcome.
#[inline]
pub(super) fn outcome(code: &str) -> Option<Outcome> {
    match code {
        "0" | "success" => Some(Outcome::Success),
        "4" | "8" | "12" | "error" | "fatal" => Some(Outcome::Failure),
        _ => None,
    }
}

/// True for the purposes of an emergency access (HL7 v3 ActReason).
pub(super) fn breaks_glass(purpose: &str) -> bool {
    matches!(purpose, "ETREAT" | "BTG")
}

/// True for the media that are print: paper and film (DICOM CID 405).
pub(super) fn prints(media: &str) -> bool {
    matches!(media, "110038" | "110010")
}

/// True for resources that order something, in the names of DSTU2 to R5.
pub(super) fn is_order(resource: &str) -> bool {
    matches!(
        resource,
        "ServiceRequest"
            | "MedicationRequest"
            | "NutritionOrder"
            | "DeviceRequest"
            | "VisionPrescription"
            | "MedicationOrder"
            | "ProcedureRequest"
            | "DiagnosticOrder"
            | "ReferralRequest"
    )
}

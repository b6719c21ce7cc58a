//! The rules compiled into the program.
//!
//! Takes the files under `rules/`; gives their texts. A test holds the list against the folder.

macro_rules! rule {
    ($path:literal) => {
        (
            concat!("rules/", $path, ".yml"),
            include_str!(concat!("../../rules/", $path, ".yml")),
        )
    };
}

/// Name and text of each file. One line a file, so that the compiler sees when one changes.
pub(super) const FILES: &[(&str, &str)] = &[
    rule!("authentication/admin-login-from-outside"),
    rule!("authentication/admin-login-outside-management"),
    rule!("authentication/break-glass-account-undeclared"),
    rule!("authentication/clear-text-admin-login"),
    rule!("authentication/default-account"),
    rule!("authentication/distributed-guessing"),
    rule!("authentication/dormant-account-revived"),
    rule!("authentication/failed-login-burst"),
    rule!("authentication/forced-unlocks"),
    rule!("authentication/inactive-account-refused"),
    rule!("authentication/inactive-account-use"),
    rule!("authentication/lockout-missing"),
    rule!("authentication/lockout-wave"),
    rule!("authentication/login-after-burst"),
    rule!("authentication/login-from-unexpected-country"),
    rule!("authentication/new-network-for-account"),
    rule!("authentication/new-terminal-for-account"),
    rule!("authentication/off-hours-account-change"),
    rule!("authentication/off-hours-admin-login"),
    rule!("authentication/one-account-two-terminals"),
    rule!("authentication/password-older-than-limit"),
    rule!("authentication/password-spray"),
    rule!("authentication/slow-guessing"),
    rule!("authentication/unknown-account"),
    rule!("authentication/vendor-account-undeclared"),
    rule!("authentication/wide-reading-after-password-change"),
    rule!("device/executable-download"),
    rule!("device/legacy-browser"),
    rule!("device/off-hours-config-change"),
    rule!("device/undeclared-config-change"),
    rule!("device/undeclared-restart"),
    rule!("device/unsupported-device"),
    rule!("ehr/break-glass-use"),
    rule!("ehr/clear-text-records-access"),
    rule!("ehr/colleague-chart"),
    rule!("ehr/deceased-chart"),
    rule!("ehr/discharged-chart"),
    rule!("ehr/holiday-wide-access"),
    rule!("ehr/household-chart"),
    rule!("ehr/late-night-wide-access"),
    rule!("ehr/many-readers"),
    rule!("ehr/mass-export"),
    rule!("ehr/mass-print-pages"),
    rule!("ehr/mass-print"),
    rule!("ehr/off-hours-access"),
    rule!("ehr/off-hours-export"),
    rule!("ehr/off-hours-printing"),
    rule!("ehr/one-account-two-departments"),
    rule!("ehr/other-department-terminal"),
    rule!("ehr/own-chart"),
    rule!("ehr/patient-numbers-in-order"),
    rule!("ehr/rapid-chart-access"),
    rule!("ehr/reading-above-own-usual"),
    rule!("ehr/records-from-unregistered-lease"),
    rule!("ehr/records-from-wrong-network"),
    rule!("ehr/records-without-presence"),
    rule!("ehr/restricted-chart-crowd"),
    rule!("ehr/restricted-chart"),
    rule!("ehr/wide-chart-access"),
    rule!("log/audit-stopped"),
    rule!("log/clock-changed"),
    rule!("log/expected-source-silent"),
    rule!("log/log-cleared"),
    rule!("log/log-sequence-hole"),
    rule!("log/more-rejects-than-usual"),
    rule!("log/silent-source"),
    rule!("log/source-nine-hours-off"),
    rule!("log/time-running-backwards"),
    rule!("log/untrusted-clock"),
    rule!("network/clear-text-to-outside"),
    rule!("network/clinical-device-in-guest-network"),
    rule!("network/denied-then-accepted"),
    rule!("network/guest-reaches-inside"),
    rule!("network/host-sweep"),
    rule!("network/legacy-port-from-outside"),
    rule!("network/new-device"),
    rule!("network/one-address-two-devices"),
    rule!("network/port-sweep"),
    rule!("network/randomised-device-in-clinical-network"),
    rule!("network/unknown-device"),
    rule!("wireless/deauthentication-flood"),
    rule!("wireless/own-ssid-from-unknown-radio"),
    rule!("wireless/radio-flood"),
    rule!("wireless/unregistered-radio"),
    rule!("wireless/weak-signal-off-hours"),
    rule!("wireless/weak-wifi-encryption"),
    rule!("wireless/wifi-passphrase-guessing"),
];

/// The same with empty lines in place of the tests inside the rules, which nobody runs while logs
/// are read: they are most of the text.
pub(super) fn untested() -> impl Iterator<Item = (&'static str, String)> {
    FILES
        .iter()
        .map(|(name, text)| (*name, without_tests(text)))
}

/// Tests stand last in a document of ours, two steps in.
fn without_tests(text: &str) -> String {
    let mut kept = String::with_capacity(text.len() / 2);
    let mut is_test = false;
    for line in text.split_inclusive('\n') {
        let is_deeper = line.starts_with("    ");
        is_test = line.trim_end() == "  tests:" || is_test && is_deeper;
        kept.push_str(if is_test { "\n" } else { line });
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Complaints;
    use crate::rule::{Placeholders, RuleSet};

    #[test]
    fn rules_are_the_same_without_their_tests() {
        let read = |files: &[(&str, &str)]| {
            let mut complaints = Complaints::new();
            let mut set = RuleSet::read(files, &Placeholders::new(), &mut complaints);
            assert!(!complaints.has_errors());
            let detections = set.detections.iter_mut().map(|d| &mut d.meta);
            let metas = detections.chain(set.correlations.iter_mut().map(|c| &mut c.meta));
            let tests: usize = metas
                .map(|meta| std::mem::take(&mut meta.tests).len())
                .sum();
            let rules = (
                format!("{:#?}", set.detections),
                format!("{:#?}", set.correlations),
            );
            (tests, rules)
        };
        let untested: Vec<(&str, String)> = untested().collect();
        let untested: Vec<(&str, &str)> = untested.iter().map(|(n, t)| (*n, &**t)).collect();
        let ((tests, whole), (none, cut)) = (read(FILES), read(&untested));
        assert!(tests > 500, "{tests}");
        assert_eq!((none, cut), (0, whole));
    }

    #[test]
    fn the_list_and_the_folder_agree() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found: Vec<String> = walkdir::WalkDir::new(root.join("rules"))
            .into_iter()
            .map(|entry| entry.expect("the folder is readable").into_path())
            .filter(|path| path.extension().is_some_and(|e| e == "yml"))
            .map(|path| {
                let inside = path.strip_prefix(root).expect("found below the root");
                inside.to_string_lossy().replace('\\', "/")
            })
            .collect();
        found.sort();
        let listed: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(found, listed);
    }
}

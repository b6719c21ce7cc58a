//! Guards what the program says about mistakes: one case for each kind, with the exact message, its
//! file, line and column, in both languages. All mistakes are told at once, the status is 2,
//! nothing has run and no file was written.

mod folder;

use folder::House;

/// A log that any run would read, were it not for the mistake.
const LOG: &str = "日時,利用者ID,端末名,操作,患者ID\n2026-11-16 02:14:07,n1,pc1,カルテ参照,p1\n";

/// Holds what is said about a house's mistakes against the snapshot of this name.
fn tells(name: &str, files: &[(&str, &str)], words: &[&str]) {
    let house = House::new().with("log.csv", LOG);
    for (file, text) in files {
        house.put(file, text);
    }
    let mut told = format!("$ yomawari {}\n", words.join(" "));
    for lang in ["en", "ja"] {
        let ran = house.run(&[words, &["--lang", lang]].concat());
        assert_eq!(ran.status, 2, "{name}: {}", ran.err);
        assert_eq!(ran.out, "", "{name}: stdout holds answers alone");
        told += &format!("\n{}", ran.err);
    }
    for result in ["out.csv", "ledger.json"] {
        assert!(!house.has(result), "{name}: {result} was written");
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(format!("problem-{name}"), told));
}

/// The same for a scan, whose results must not appear.
fn scan_tells(name: &str, files: &[(&str, &str)]) {
    tells(
        name,
        files,
        &[
            "scan",
            "log.csv",
            "-o",
            "out.csv",
            "--ledger",
            "ledger.json",
        ],
    );
}

#[test]
fn command_line() {
    for (name, words) in [
        ("unknown-command", &["scna"][..]),
        ("unknown-flag", &["scan", "log.csv", "--ouput", "out.csv"]),
        ("unknown-level", &["scan", "log.csv", "--level", "hgih"]),
        ("unknown-format", &["scan", "log.csv", "--format", "cvs"]),
        (
            "unknown-zone",
            &["scan", "log.csv", "--timezone", "Asia/Tokio"],
        ),
        (
            "unknown-encoding",
            &["scan", "log.csv", "--encoding", "sjsi"],
        ),
        ("bad-time", &["scan", "log.csv", "--since", "2026-13-01"]),
        ("bad-evidence", &["scan", "log.csv", "--evidence", "none"]),
        ("bad-size", &["scan", "log.csv", "--memory", "lots"]),
        ("too-little-memory", &["scan", "log.csv", "--memory", "1M"]),
        (
            "no-time-between",
            &[
                "scan",
                "log.csv",
                "--since",
                "2026-11-17",
                "--until",
                "2026-11-15",
            ],
        ),
        ("unknown-ending", &["scan", "log.csv", "-o", "alerts.doc"]),
        (
            "unknown-rule",
            &[
                "scan",
                "log.csv",
                "--rule",
                "off-hour-access",
                "-o",
                "out.csv",
            ],
        ),
        (
            "no-rules",
            &["scan", "log.csv", "--no-default-rules", "-o", "out.csv"],
        ),
        (
            "no-rule-file",
            &["scan", "log.csv", "--rules", "nowhere.yml", "-o", "out.csv"],
        ),
        ("nothing-to-read", &["scan", "-o", "out.csv"]),
        (
            "no-config",
            &["scan", "log.csv", "-c", "mine.yaml", "-o", "out.csv"],
        ),
        ("overwrites-a-log", &["scan", ".", "-o", "log.csv"]),
        (
            "unknown-calendar",
            &["calendar", "check", "--calendar", "er", "2026-11-16"],
        ),
        (
            "no-such-time",
            &["calendar", "check", "yesterday", "2026-02-30T10:00"],
        ),
        (
            "years-turned-round",
            &["calendar", "holidays", "--from", "2027", "--to", "2026"],
        ),
        (
            "show-unknown-rule",
            &["rules", "show", "failed-logins-burst"],
        ),
    ] {
        tells(name, &[], words);
    }
}

#[test]
fn config() {
    for (name, text) in [
        ("config-not-yaml", "site: [さくら\nsources: {\n"),
        (
            "config-unknown-keys",
            "version: 1\nsite: { nmae: さくら }\nsorces: []\n",
        ),
        ("config-twice", "version: 1\nmemory: 64M\nmemory: 128M\n"),
        ("config-version", "version: 7\n"),
        (
            "config-words",
            "site: { timezone: Asia/Tokio, language: jp }\nmemory: much\n",
        ),
        (
            "config-kinds",
            "site: さくら\nsources: { name: ehr }\nrules: [a]\n",
        ),
        (
            "config-sources",
            "sources:\n  - { paths: [a.csv], format: cvs, expect: sometimes }\n  - { name: b }\n  \
             - { name: b, paths: ['a[.csv'], encoding: latin }\n",
        ),
        (
            "config-missing-files",
            "calendar: hours.yaml\nregisters:\n  devices: machines.csv\n  staff: [a.csv, b.csv]\n\
             rules: { paths: [house-rules/] }\n",
        ),
        (
            "config-rules",
            "rules:\n  disable: [off-hour-access]\n  set: { failed-login-burst: { threshold: 0 } }\n",
        ),
        (
            "config-networks",
            "registers:\n  networks: { clinical: [10.20.0.0/33, 10.1] }\n",
        ),
        (
            "config-columns",
            "sources:\n  - name: ehr\n    paths: [log.csv]\n    csv:\n      columns: { \"@timestamp\": \
             日次, user.idd: 利用者ID }\n      values: { event.action: { カルテ参照: chart-veiw } }\n",
        ),
        (
            "config-in-and-out-of-a-section",
            "site: { timezone: Asia/Tokio }\nsources:\n  - name: ehr\n    paths: [log.csv]\n    csv:\n      \
             columns: { user.idd: 利用者ID }\n      delimter: \",\"\n    encodng: utf-8\n",
        ),
        (
            "config-syslog",
            "sources:\n  - { name: r, paths: [log.csv], format: syslog, syslog: { hst: rtx } }\n",
        ),
    ] {
        scan_tells(name, &[("yomawari.yaml", text)]);
    }
}

#[test]
fn calendar() {
    let config = ("yomawari.yaml", "calendar: calendar.yaml\n");
    for (name, text) in [
        ("calendar-empty", "# nothing yet\n"),
        (
            "calendar-unknown-key",
            "version: 1\ncalendars:\n  a:\n    horus:\n      - 月 8:30-17:00\n",
        ),
        (
            "calendar-hours",
            "version: 1\ntimezone: Asia/Tokyo\nholidays: JP\ncalendars:\n  a:\n    hours:\n      - \
             月〜金 8:30〜25:99\n      - 毎日 9時から\n      - 月 18:00-8:30-9:00\n    exceptions:\n      \
             - 13/40 休診\n    grace: { before: soon }\ndefault: b\n",
        ),
        (
            "calendar-zone",
            "version: 1\ntimezone: Tokyo\ncalendars:\n  a: { hours: [月 9:00-17:00] }\n",
        ),
        (
            "calendar-roster-missing",
            "version: 1\ncalendars:\n  a: { hours: [月 9:00-17:00] }\ndefault: a\nrosters:\n  - { \
             file: 当直表.csv }\n",
        ),
    ] {
        scan_tells(name, &[config, ("calendar.yaml", text)]);
    }
}

#[test]
fn registers_and_rosters() {
    scan_tells(
        "registers",
        &[
            (
                "yomawari.yaml",
                "registers:\n  devices: devices.csv\n  staff: staff.csv\n  accounts: accounts.csv\n  \
                 patients: patients.csv\n  declarations: 届出.csv\n",
            ),
            (
                "devices.csv",
                "mac,name,valid_from\nzz:11,pc1,2026-11-01\n02:00:5e:00:00:01,pc2,11月\n",
            ),
            ("staff.csv", "番号,名まえ\n1,田中\n"),
            ("accounts.csv", "id,kind\nadm,robot\n"),
            ("patients.csv", "id,restricted\np1,maybe\n"),
            (
                "届出.csv",
                "kind,from,to,who\novertime,2026-11-17 20:00,2026-11-17 18:00,n1\nparty,x,y,n1\n",
            ),
        ],
    );
    scan_tells(
        "roster",
        &[
            ("yomawari.yaml", "calendar: calendar.yaml\n"),
            (
                "calendar.yaml",
                "version: 1\ntimezone: Asia/Tokyo\ncalendars:\n  a:\n    hours:\n      - 月 \
                 9:00-17:00\ndefault: a\nrosters:\n  - file: roster.csv\n    month: 2026-11\n    codes: { 夜: \
                 16:30-25:99 }\n",
            ),
            ("roster.csv", "職員,1,2\nn1,夜,謎\n"),
        ],
    );
}

#[test]
fn rules() {
    let tells_of = |name: &str, text: &str| {
        let words = ["scan", "log.csv", "--rules", "mine.yml", "-o", "out.csv"];
        tells(name, &[("mine.yml", text)], &words);
    };
    tells_of(
        "rule-many-mistakes",
        "title: Night\nid: not-a-uuid\nname: other\nstatus: stabel\nlevel: hgih\nlogsource: { category: ehr }\n\
         detection:\n  a: { event.acton: chart-view, event.action|contians: x }\n  condition: a and b\n\
         yomawari:\n  fold: { by: [user.account], within: a-while }\n  say: { en: \"{user.acount}\" }\n",
    );
    tells_of(
        "rule-no-condition",
        "title: T\nlogsource: {}\ndetection: { a: { event.action: x } }\n",
    );
    tells_of("rule-not-yaml", "title: [\n");
    tells_of(
        "rule-bad-expression",
        "title: T\nid: 11111111-1111-4111-8111-111111111111\nname: mine\nstatus: test\nlevel: low\n\
         logsource: { category: ehr }\ndetection:\n  a: { user.id|re: '(' }\n  b: { source.ip|cidr: \
         10.0.0.0/99 }\n  condition: a or b or\n",
    );
    let words = ["rules", "check", "mine.yml"];
    tells(
        "rules-check",
        &[("mine.yml", "title: T\ndetecton: {}\n")],
        &words,
    );
}

#[test]
fn all_at_once() {
    let files = [
        (
            "yomawari.yaml",
            "sit: {}\ncalendar: calendar.yaml\nregisters: { devices: d.csv }\nrules: { paths: [r.yml] }\n",
        ),
        (
            "calendar.yaml",
            "version: 1\ncalendars:\n  a: { hours: [月 9:00-7777] }\n",
        ),
        ("d.csv", "x,y\n1,2\n"),
        ("r.yml", "title: T\nlevel: hgih\n"),
    ];
    let words = [
        "scan", "log.csv", "--rule", "nope", "-o", "out.csv", "--memory", "1M",
    ];
    tells("all-at-once", &files, &words);
}

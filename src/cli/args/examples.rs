//! The examples below the help of each command. Texts alone; nothing is decided here.

/// Of the program.
pub(super) const PROGRAM: &str = "\
Examples:
  yomawari scan exports/                      what happened, as a table
  yomawari scan ehr.csv -o alerts.xlsx        the same for Excel
  tail -F auth.log | yomawari watch           the same, live
  yomawari parse router.log.gz | head         the events as JSON, one a line
  yomawari formats detect export.csv          which format a file has, and why
  yomawari calendar check 2026-11-16T02:14    open or closed, and by which line
  yomawari alerts list --store yomawari.db    what waits for a person
  yomawari report --store yomawari.db         the week on one page
  yomawari serve --store yomawari.db          the same in the browser, to work the list

Exit status:
  0  done
  1  done, and an alert reached the level of --fail-on
  2  nothing done: a mistake in the command, config, calendar, registers or rules
  3  done, but not everything could be examined
  4  interrupted, or the results could not be written";

/// Of `scan`.
pub(super) const SCAN: &str = "\
Examples:
  yomawari scan                               all sources of ./yomawari.yaml
  yomawari scan exports/ 'router/*.log.gz'    folders, files and globs
  journalctl -o short-iso | yomawari scan -   from a pipe
  yomawari scan exports/ -o alerts.csv        for Excel (also .xlsx, .ndjson)
  yomawari scan exports/ --since 2026-11-09 --until 2026-11-15 --level medium
  yomawari scan exports/ --store yomawari.db  every night: says what is new or has changed
  yomawari scan exports/ --fail-on high       exit status 1 when something urgent was found";

/// Of `watch`.
pub(super) const WATCH: &str = "\
Examples:
  journalctl -f -o short-iso | yomawari watch     from a pipe, until it ends
  yomawari watch /var/log/auth.log                a file, through rename, cut and compression
  yomawari watch exports/ --store yomawari.db     a folder, new files too; remembered between runs
  yomawari watch '/var/log/rtx/*.log' -o alerts.ndjson

An alert is printed as soon as it is certain, one JSON object a line (a table on a terminal). It is
printed again with a higher revision when it says something else: doubled, a minute later, or at
the end. One that takes the place of others names them in \"supersedes\"; one that does not hold any
more is taken back with \"state\":\"retracted\". At the end the alerts are those of a scan of the same
records. SIGTERM and SIGINT end it in order (status 0); a second signal ends it at once (4).

With a store, what comes from stdin is kept beside it (FILE.spool), so that a later run knows what
came before.";

/// Of `parse`.
pub(super) const PARSE: &str = "\
Examples:
  yomawari parse ehr.csv | head               how the first records were read
  yomawari parse ehr.csv --rejects -o all.ndjson      rejected records too, with the reasons
  yomawari parse router/ --derived | jq .calendar     what the rules see";

/// Of `alerts`.
pub(super) const ALERTS: &str = "\
Examples:
  yomawari alerts list --store yomawari.db    what waits for a person
  yomawari alerts show 8f0c2d51               everything about one alert
  yomawari alerts close 8f0c2d51 --as explained --by k.sato --note 'night duty, see the roster'
  yomawari alerts verify 8f0c2d51             are the records still as they were?

The store is named by --store or by store: in yomawari.yaml; `yomawari scan --store yomawari.db`
makes one.";

/// Of `alerts list`.
pub(super) const ALERTS_LIST: &str = "\
Examples:
  yomawari alerts list                        open alerts, worst first, then the newest first
  yomawari alerts list --since 2026-11-09 --until 2026-11-15 --level medium
  yomawari alerts list --all --rule off-hours-access --output-format csv > alerts.csv";

/// Of `alerts show`.
pub(super) const ALERTS_SHOW: &str = "\
Examples:
  yomawari alerts show 8f0c2d51               the first characters of the id are enough
  yomawari alerts show 8f0c2d51 --output-format json | jq .evidence

Every look at an alert enters the run record, with the name of the user of this computer.";

/// Of `alerts close`.
pub(super) const ALERTS_CLOSE: &str = "\
Examples:
  yomawari alerts close 8f0c2d51 --as explained --by k.sato --note 'called in, see the ward diary'
  yomawari alerts close 8f0c2d51 --as 検知条件の誤り --by 佐藤 --note 夜間当直の端末

Dispositions:
  explained   業務上の理由あり        there was a reason in the work
  rule-error  検知条件の誤り          the rule should not have spoken
  unclear     確認できず              it could not be found out
  referred    規程に照らし要対応      to be dealt with by the rules of the house
  duplicate   重複                    another alert tells the same
New evidence opens an alert again. The account an alert is about cannot close it.";

/// Of `alerts verify`.
pub(super) const ALERTS_VERIFY: &str = "\
Examples:
  yomawari alerts verify 8f0c2d51             the evidence of one alert of the store
  yomawari alerts verify alerts.ndjson        of all alerts of a file

A file is looked for as its path stands, from the current folder, then from the store's folder.
Exit status:
  0  every record is confirmed
  1  a record has changed
  3  a record could not be found or read (goes before 1)";

/// Of `runs`.
pub(super) const RUNS: &str = "\
Examples:
  yomawari runs list --store yomawari.db      every run, with the digest of its entry
  yomawari runs verify                        is the record whole, and was every night looked at?";

/// Of `runs list`.
pub(super) const RUNS_LIST: &str = "\
Examples:
  yomawari runs list
  yomawari runs list --output-format json | tail -n 1 | jq -r .digest";

/// Of `runs verify`.
pub(super) const RUNS_VERIFY: &str = "\
Examples:
  yomawari runs verify
  yomawari runs verify --head 3f6a9b0c41d2e877    against the head on the signed paper

Exit status:
  0  the record is whole, every night has a run, every input that is there is as it was read
  1  an entry was altered or is missing, the head is none of the record's, or an input changed
  3  a night has no run (goes before 1)";

/// Of `report`.
pub(super) const REPORT: &str = "\
Examples:
  yomawari report --store yomawari.db         the last whole week, as yomawari-2026-W47.html
  yomawari report --week 2026-W47 -o week.html
  yomawari report --month 2026-11 -o month.xlsx       for Excel (also .md and .json)
  yomawari report --from 2026-11-01 --to 2026-11-10 --department 3西
  yomawari report --mask -o week.html         pseudonyms for staff and patients
  yomawari report sign --by 佐藤 --note 異常なし      that the last whole week was reviewed
  yomawari report --mail                      sends it by the mail server of the config (mail:)
  yomawari report maintenance --plan plan.csv --from 2026-11-01 --to 2026-11-30
  yomawari report patient 00001203 ehr/       who opened a chart

By mail goes the page, with its first sentences as the text; ids and no names unless the config says
names: true. Exit status with --mail: 3 when a recipient was refused, 4 when nobody got it.
Printed from a browser the page is the paper for the file: A4, with page numbers.";

/// Of `serve`.
pub(super) const SERVE: &str = "\
Examples:
  yomawari serve --store yomawari.db          prints the address to open in the browser
  yomawari serve --listen 127.0.0.1:9000
  yomawari serve --token-file serve.token     the same token after every start, from a file
  yomawari serve --listen 10.20.0.5:8040 --open-to-network    for other computers too: read below

Nothing is changed but what a person decides about an alert, and every look at an alert, every search
and every closing enters the run record. The address that is printed holds a token: whoever has it
can read the alerts and close them. Only this computer is answered unless --listen says otherwise;
nothing is encrypted, so from elsewhere come by way of ssh (ssh -L 8040:127.0.0.1:8040 HOST) or put
a web server with TLS before it and name its host with --host. Rules, calendar and registers are
those of the start. SIGTERM and SIGINT end it in order (status 0).";

/// Of `report sign`.
pub(super) const SIGN: &str = "\
Examples:
  yomawari report sign --by k.sato --note 'all items asked and closed'
  yomawari report sign --by 佐藤 --week 2026-W47

The signature stands in the run record with the record's head, and on the page of that week.";

/// Of `reveal`.
pub(super) const REVEAL: &str = "\
Examples:
  yomawari reveal S-7KQ2M4XAB0 --key yomawari.db.key";

/// Of `rules`.
pub(super) const RULES: &str = "\
Examples:
  yomawari rules list                         all rules of a scan
  yomawari rules show off-hours-access        one rule in full
  yomawari rules test my-rules/               the tests inside rules of one's own";

/// Of `rules list`.
pub(super) const RULES_LIST: &str = "\
Examples:
  yomawari rules list
  yomawari rules list --rules my-rules/       with rules of one's own
  yomawari rules list --output-format json | jq 'select(.can_fire | not)'
                                              what cannot fire here, and why";

/// Of `rules check`.
pub(super) const RULES_CHECK: &str = "\
Examples:
  yomawari rules check                        the rules a scan would use
  yomawari rules check my-rules/night.yml     only this file";

/// Of `rules test`.
pub(super) const RULES_TEST: &str = "\
Examples:
  yomawari rules test                         the rules a scan would use
  yomawari rules test my-rules/               only the rules of this folder
  yomawari rules test my.yml --against exports/       how many alerts a day it would have made
  yomawari rules test my.yml --against                the same on all sources of ./yomawari.yaml

A back-test (--against) reads the logs once, with the calendar and the registers of the config, and
shows for each rule the alerts of each day (days without a record are no days without an alert), the
keys with most alerts, and for a rule with one threshold what others would have given, exactly. A
rule that only feeds correlations shows its matches. The exit status is 2 when a test inside a rule
fails, and 3 when a log could not be read whole.";

/// Of `rules match`.
pub(super) const RULES_MATCH: &str = "\
Examples:
  yomawari rules match --rules my-rules/ --events events.ndjson
  yomawari rules match --rules r.yml --events - --logsource-key logsource < events.ndjson

Events are judged as they are: a name is a key as it stands, else a path through nested objects; no
field is mapped or derived. Events are numbered from 0; blank lines and lines that are no JSON
object (each is told, and the exit status is 3) have no number. The time is in \"timestamp\", else
\"@timestamp\": RFC 3339 (UTC where it prints no zone), or seconds or milliseconds since 1970; only
correlations need it.

Output, in the order of the rule files, one JSON object a line:
  {\"rule\": ID, \"events\": [0, 7]}       a detection that matched; nothing for one that did not,
                                        or that only feeds correlations
  {\"rule\": ID, \"group\": {…}, \"events\": [0, 7], \"at\": 7}
                                        a correlation, once each time its condition becomes true:
                                        the events of the window, and the one that completed it
  {\"rule\": ID, \"error\": TEXT}         a rule that was refused; the exit status is 3
ID is the rule's id, else its name, else its title.";

/// Of `rules show`.
pub(super) const RULES_SHOW: &str = "\
Examples:
  yomawari rules show failed-login-burst
  yomawari rules show night-export --rules my-rules/";

/// Of `calendar`.
pub(super) const CALENDAR: &str = "\
Examples:
  yomawari calendar show --month 2026-11      a month, to hold against the paper on the wall
  yomawari calendar check 2026-11-16T02:14    open or closed, and by which line
  yomawari calendar holidays --from 2026      the national holidays of a year";

/// Of `calendar show`.
pub(super) const CALENDAR_SHOW: &str = "\
Examples:
  yomawari calendar show --month 2026-11
  yomawari calendar show --department 外科 --month 2026-11 --output-format csv > 11.csv";

/// Of `calendar check`.
pub(super) const CALENDAR_CHECK: &str = "\
Examples:
  yomawari calendar check 2026-11-16T02:14 2026-11-16T12:30
  yomawari calendar check --role 看護師 2026-11-16T02:14:07+09:00
  yomawari calendar check --output-format json - < times.txt";

/// Of `calendar holidays`.
pub(super) const CALENDAR_HOLIDAYS: &str = "\
Examples:
  yomawari calendar holidays --from 2026
  yomawari calendar holidays --from 2025 --to 2027 > holidays.csv";

/// Of `formats`.
pub(super) const FORMATS: &str = "\
Examples:
  yomawari formats list
  yomawari formats detect export.csv          which format a file has, and why";

/// Of `formats list`.
pub(super) const FORMATS_LIST: &str = "\
Examples:
  yomawari formats list --lang ja";

/// Of `formats detect`.
pub(super) const FORMATS_DETECT: &str = "\
Examples:
  yomawari formats detect exports/ 'router/*.gz'
  zcat old.log.gz | yomawari formats detect -";

/// Of `completions`.
pub(super) const COMPLETIONS: &str = "\
Examples:
  yomawari completions bash > ~/.local/share/bash-completion/completions/yomawari
  yomawari completions powershell >> $PROFILE";

/// Of `man`.
pub(super) const MAN: &str = "\
Examples:
  yomawari man | man -l -
  yomawari man > /usr/local/share/man/man1/yomawari.1";

/// Of `report maintenance`.
pub(super) const REPORT_MAINTENANCE: &str = "\
Examples:
  yomawari report maintenance                             the plan and all sources of the config
  yomawari report maintenance --plan plan.csv -o maintenance.html     a page to be printed
  yomawari report maintenance --plan plan.xlsx vpn/ ehr/ --from 2026-11-01 --to 2026-11-30
  yomawari report maintenance --plan plan.csv -o maintenance.csv      every record, for Excel

The file's ending chooses the form: .html, .md, .xlsx, .json, .csv, .txt.
What counts are accounts of the kind vendor, accounts and addresses of the plan, and VPN
connections that are not known to be those of staff.";

/// Of `report patient`.
pub(super) const REPORT_PATIENT: &str = "\
Examples:
  yomawari report patient 00001203                        all sources of the config
  yomawari report patient 00001203 ehr/ --from 2026-11-01 -o patient.csv
  yomawari report patient 00001203 --names -o patient.html    a page to be printed, with names

The file's ending chooses the form: .html, .md, .xlsx, .json, .csv, .txt.
With a store (--store, or store: in the config) the question enters the run record, with the name
of the user of this computer.";

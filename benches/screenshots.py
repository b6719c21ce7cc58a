"""Nine weeks of an invented hospital for pictures of the weekly page.

Takes a folder; writes the exports of a records system, the log of a router, registers, a work plan,
a diary and the config into it. The same bytes on every run; nobody in it exists.
"""

import datetime
import pathlib
import random
import sys

FIRST = datetime.date(2026, 9, 21)
DAYS = 63
# What the last week (2026-W47) holds besides work: days counted from the first.
BURST, NIGHT, REJECTS, LEAVER = 57, 58, 59, 60
DEPARTMENTS = ["外来", "病棟", "薬剤部", "医事課"]
STAFF = [
    ("d01", "外来"), ("d02", "外来"), ("n01", "外来"), ("n03", "病棟"), ("n04", "病棟"),
    ("p01", "薬剤部"), ("c01", "医事課"), ("c02", "医事課"),
]
CLINIC = [0, 0, 0, 0, 0, 0, 0, 0, 3, 9, 10, 9, 5, 7, 9, 8, 7, 4, 1, 0, 0, 0, 0, 0]
WARD = [2, 1, 1, 1, 1, 2, 4, 5, 7, 8, 8, 7, 5, 6, 7, 7, 7, 6, 5, 4, 3, 3, 2, 2]
ACTS = ["ログイン", "カルテ参照", "カルテ参照", "カルテ参照", "カルテ記載", "印刷"]
VENDOR = "203.0.113.9"

CONFIG = """\
version: 1
site: { name: さくら総合病院, timezone: Asia/Tokyo }
sources:
  - { name: ehr, paths: ['in/ehr-*.csv'], format: csv, expect: nightly }
  - { name: router, paths: ['in/rtx-*.log'], format: syslog, expect: nightly }
calendar:
  version: 1
  timezone: Asia/Tokyo
  holidays: JP
  calendars:
    clinic: { hours: [平日 08:30-18:00, 祝 休診], grace: { before: 30m, after: 1h } }
    ward: { hours: [daily open, holiday as-weekday] }
  assign: [{ department: 病棟, calendar: ward }]
  default: clinic
registers: { staff: staff.csv, accounts: accounts.csv, devices: devices.csv, declarations: declarations.csv }
store: yomawari.db
maintenance: { plan: 作業計画.csv }
documents:
  - { name: 運用管理規程, file: 規程/運用管理規程.pdf, approved_by: 院長, approved_on: 2025-04-01, review_by: 2026-03-31 }
  - { name: インシデント対応手順, file: 規程/インシデント対応手順.pdf, approved_by: 院長, approved_on: 2026-04-01, review_by: 2027-03-31, contact: 内線456 }
diary: 日誌.csv
review: { cycle: 毎週, decided_by: 医療情報システム安全管理委員会, decided_on: 2026-04-01 }
"""
DECLARATIONS = "kind,from,to,who,where\novertime,2026-11-19 19:00,2026-11-19 21:00,c02,\n"
ACCOUNTS = "id,kind,owner\nvendor1,vendor,\nspare,person,d01\n"
DIARY = """\
日付,時刻,区分,記入者,内容
2026/11/17,9:10,申告,病棟,端末の画面が遅い
2026/11/18,17:30,日誌,情報係,サーバ室の入退室に異常なし
"""
PLAN = f"""\
事業者,アカウント,接続元,対象システム,開始,終了,作業内容
株式会社保守,vendor1,{VENDOR},電子カルテ,2026/11/17 10:00,2026/11/17 12:00,定期点検
株式会社保守,vendor1,{VENDOR},電子カルテ,2026/11/20 10:00,2026/11/20 12:00,部品交換
"""


def devices():
    rows = ["mac,ip,name,department,os,support_until"]
    for n in range(16):
        version, until = ("10", "2025-10-14") if n == 12 else ("11", "2031-10-14")
        place = DEPARTMENTS[n // 4]
        rows.append(f"00-1D-73-20-00-{n:02X},{address(n)},pc{n:02},{place},Windows {version},{until}")
    return "\n".join(rows) + "\n"


def address(terminal):
    return f"10.20.{terminal // 4 + 1}.{terminal % 4 + 11}"


def work(dice, day):
    """The ordinary records of a day: time, who, department, terminal, act, patient, outcome."""
    rows = []
    for who, department in STAFF:
        is_ward = department == "病棟"
        if day.weekday() >= 5 and not is_ward:
            continue
        # Everybody keeps to one terminal of the department.
        terminal = DEPARTMENTS.index(department) * 4 + [s for s, d in STAFF if d == department].index(who)
        for _ in range(dice.randint(15, 40)):
            hour = dice.choices(range(24), WARD if is_ward else CLINIC)[0]
            if hour == 8 and not is_ward:
                hour = 9
            time = f"{hour:02}:{dice.randint(0, 59):02}:{dice.randint(0, 59):02}"
            act = dice.choice(ACTS)
            failed = act == "ログイン" and dice.random() < 0.1
            patient = "" if act == "ログイン" else f"{dice.randint(1, 400):08}"
            rows.append((time, who, department, terminal, act, patient, "失敗" if failed else "成功"))
    return rows


def planted(number):
    """What does not happen every day."""
    if number == BURST:
        for n in range(12):
            yield (f"13:20:{n * 4:02}", "n03", "病棟", 5, "ログイン", "", "失敗")
        for time, act, patient in [
            ("10:05:00", "ログイン", ""), ("10:10:00", "カルテ参照", "00000012"),
            ("10:11:00", "カルテ参照", "00000013"), ("12:20:00", "ログアウト", ""),
        ]:
            yield (time, "vendor1", "", None, act, patient, "成功")
    if number == NIGHT:
        for n in range(3):
            yield (f"02:1{n}:00", "c01", "医事課", 12, "カルテ参照", "00000007", "成功")
        yield ("22:30:00", "vendor1", "", None, "カルテ参照", "00000044", "成功")
    if number == LEAVER:
        yield ("11:00:00", "d09", "外来", 0, "ログイン", "", "成功")


def export(dice, number, day):
    text = ["日時,利用者ID,部署,端末名,IPアドレス,操作,患者ID,結果"]
    for time, who, department, terminal, act, patient, outcome in sorted(
        work(dice, day) + list(planted(number)), key=lambda row: row[:2]
    ):
        name, ip = ("", VENDOR) if terminal is None else (f"pc{terminal:02}", address(terminal))
        text.append(f"{day:%Y/%m/%d} {time},{who},{department},{name},{ip},{act},{patient},{outcome}")
    if number == REJECTS:
        text += [f"不明な時刻,n{n},外来,pc01,,カルテ参照,1,成功" for n in range(20)]
    return "\n".join(text) + "\n"


def router(dice, day):
    seconds = sorted(dice.randint(0, 86_399) for _ in range(dice.randint(60, 100)))
    text = "LAN2 Rejected at IN(2100) filter: TCP 198.51.100.7:4431 > 203.0.113.5:22"
    lines = [
        f"<134>{day:%b} {day.day:>2} {s // 3600:02}:{s // 60 % 60:02}:{s % 60:02} rtx1220 {text}\n"
        for s in seconds
    ]
    return "".join(lines)


def main():
    folder = pathlib.Path(sys.argv[1])
    (folder / "in").mkdir(parents=True, exist_ok=True)
    staff = "id,name,department,role,left\n"
    staff += "".join(f"{who},職員{who},{department},,\n" for who, department in STAFF)
    files = {
        "yomawari.yaml": CONFIG, "declarations.csv": DECLARATIONS, "accounts.csv": ACCOUNTS,
        "日誌.csv": DIARY, "devices.csv": devices(),
        "staff.csv": staff + "d09,職員d09,外来,,2026-10-20\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "作業計画.csv").write_text(PLAN, encoding="cp932")
    dice = random.Random(5)
    for number in range(DAYS):
        day = FIRST + datetime.timedelta(days=number)
        (folder / f"in/ehr-{day:%Y%m%d}.csv").write_text(export(dice, number, day), encoding="utf-8")
        lines = router(dice, day)
        # The router is silent for a day.
        if number != NIGHT:
            (folder / f"in/rtx-{day:%Y%m%d}.log").write_text(lines, encoding="utf-8")


main()

#!/usr/bin/env python3
"""Compares Yomawari with DuckDB and Polars on generated logs.

Generates the three works (A router syslog, B records system CSV, C FHIR NDJSON), then lets each
program look for the same three things in the same file, in turn, N rounds:

  burst      five or more refused logins of one terminal within sixty seconds, both ends inside
  off-hours  accesses to patients (for A: logins to the router) while the house is closed
  unknown    records of a device that the register does not know

The queries are written by hand, as somebody who knows the tool would write them, and every
program's times include reading the file. Yomawari judges all its rules in the one pass; DuckDB and
Polars read the file once and then ask the three questions. What Yomawari does besides (ledger,
evidence, hashes, text in two languages) is not taken off. The counts of the two peers are printed
and must agree.

Needs: cargo; for the peers `pip install duckdb polars` (what is missing is skipped, and said).
Try: python3 benches/compare.py --bytes 1G --rounds 5
"""

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WORKS = {"A": "A.log", "B": "B.csv", "C": "C.ndjson"}
RULES = ["failed-login-burst", "off-hours-access", "off-hours-admin-login", "unknown-device"]
WARDS = ["3東病棟", "3西病棟", "4東病棟", "4西病棟", "5東病棟", "5西病棟", "6東病棟", "6西病棟",
         "7東病棟", "7西病棟", "8東病棟", "8西病棟", "9東病棟", "9西病棟", "ICU", "救急"]
WARD_STAFF = 800  # Account numbers 1000 to 1799 work on wards; FHIR does not tell departments.
HOLIDAYS = ["2026-04-29", "2026-05-03", "2026-05-04", "2026-05-05", "2026-05-06", "2026-07-20",
            "2026-08-11", "2026-09-21", "2026-09-22", "2026-09-23", "2026-10-12", "2026-11-03",
            "2026-11-23", "2027-01-01", "2027-01-11", "2027-02-11", "2027-02-23", "2027-03-21",
            "2027-03-22"]
YEAR = 2026  # Router lines have none.
ACCESS = ["患者検索", "カルテ参照", "カルテ記載", "処方", "印刷"]


# ---------------------------------------------------------------------------------------- DuckDB

# Open 08:30-17:15 with a grace of one hour before and two after; an instant at the end is outside.
DUCK_OPEN = """
    (isodow(t) <= 5 AND t::DATE NOT IN (SELECT day FROM holidays)
     AND t::TIME >= TIME '07:30:00' AND t::TIME < TIME '19:15:00')
"""
DUCK_BURST = """
    SELECT count(*), count(DISTINCT key) FROM (
        SELECT key, count(*) OVER (
            PARTITION BY key ORDER BY t
            RANGE BETWEEN INTERVAL 60 SECONDS PRECEDING AND CURRENT ROW) AS n
        FROM failed) WHERE n >= 5
"""


def duck_prepare(con, devices):
    con.execute("CREATE TABLE holidays AS SELECT unnest(?)::DATE AS day", [HOLIDAYS])
    con.execute("CREATE TABLE wards AS SELECT unnest(?) AS department", [WARDS])
    con.execute("CREATE TABLE devices AS SELECT upper(mac) AS mac, ip "
                f"FROM read_csv('{devices}', header = true, all_varchar = true)")


def duck_a(con, path):
    con.execute(f"""
        CREATE TEMP TABLE lines AS
        SELECT strptime('{YEAR} ' || line[1:15], '%Y %b %d %H:%M:%S') AS t, line
        FROM read_csv('{path}', columns = {{'line': 'VARCHAR'}}, header = false,
                      delim = '\\x01', quote = '', escape = '', auto_detect = false)
        WHERE contains(line, 'SSHD login failed') OR contains(line, 'Failed password')
           OR contains(line, 'Login succeeded') OR contains(line, '[DHCPD]')""")
    con.execute(r"""
        CREATE TEMP TABLE failed AS
        SELECT t, regexp_extract(line, '(?:login failed, | from )([0-9.]+)', 1) AS key FROM lines
        WHERE contains(line, 'SSHD login failed') OR contains(line, 'Failed password')""")
    burst = con.execute(DUCK_BURST).fetchone()
    off = con.execute(f"SELECT count(*) FROM lines WHERE contains(line, 'Login succeeded') "
                      f"AND NOT {DUCK_OPEN}").fetchone()
    unknown = con.execute(r"""
        SELECT count(*), count(DISTINCT mac) FROM (
            SELECT upper(replace(regexp_extract(line, ': ([0-9a-f:]{17})$', 1), ':', '-')) AS mac
            FROM lines WHERE contains(line, '[DHCPD]'))
        WHERE mac NOT IN (SELECT mac FROM devices)""").fetchone()
    return [*burst, *off, *unknown]


def duck_b(con, path):
    con.execute(f"""
        CREATE TEMP TABLE rows AS
        SELECT strptime(日時, '%Y/%m/%d %H:%M:%S') AS t, 利用者ID AS account, 部署 AS department,
               IPアドレス AS ip, MACアドレス AS mac, 操作 AS action, 結果 AS outcome
        FROM read_csv('{path}', header = true, all_varchar = true, delim = ',', quote = '"')""")
    con.execute("CREATE TEMP TABLE failed AS SELECT t, ip AS key FROM rows "
                "WHERE action = 'ログイン' AND outcome = '失敗'")
    burst = con.execute(DUCK_BURST).fetchone()
    off = con.execute(f"""
        SELECT count(*), count(DISTINCT account) FROM rows
        WHERE action IN {tuple(ACCESS)} AND outcome <> '失敗'
          AND department NOT IN (SELECT department FROM wards) AND NOT {DUCK_OPEN}""").fetchone()
    unknown = con.execute("SELECT count(*), count(DISTINCT mac) FROM rows "
                          "WHERE mac NOT IN (SELECT mac FROM devices)").fetchone()
    return [*burst, *off, *unknown]


def duck_c(con, path):
    agent = "agent: 'STRUCT(\"requestor\" BOOLEAN, who STRUCT(identifier STRUCT(\"value\" VARCHAR)), " \
            "network STRUCT(address VARCHAR))[]'"
    con.execute(f"""
        CREATE TEMP TABLE rows AS
        SELECT recorded[1:23]::TIMESTAMP AS t, outcome, "type".code AS type, subtype[1].code AS sub,
               p.who.identifier."value" AS account, p.network.address AS ip
        FROM (SELECT *, list_filter(agent, lambda a: a.requestor)[1] AS p
              FROM read_json('{path}', format = 'newline_delimited', columns = {{
                recorded: 'VARCHAR', outcome: 'VARCHAR', "type": 'STRUCT(code VARCHAR)',
                subtype: 'STRUCT(code VARCHAR)[]', {agent} }}))""")
    con.execute("CREATE TEMP TABLE failed AS SELECT t, ip AS key FROM rows "
                "WHERE sub = '110122' AND outcome <> '0'")
    burst = con.execute(DUCK_BURST).fetchone()
    off = con.execute(f"""
        SELECT count(*), count(DISTINCT account) FROM rows
        WHERE type <> '110114' AND outcome = '0'
          AND account[2:]::INTEGER >= {1000 + WARD_STAFF} AND NOT {DUCK_OPEN}""").fetchone()
    unknown = con.execute("SELECT count(*), count(DISTINCT ip) FROM rows "
                          "WHERE ip NOT IN (SELECT ip FROM devices)").fetchone()
    return [*burst, *off, *unknown]


def run_duckdb(work, path, devices, threads):
    import duckdb
    con = duckdb.connect(config={"threads": threads})
    duck_prepare(con, devices)
    return {"A": duck_a, "B": duck_b, "C": duck_c}[work](con, str(path))


# ---------------------------------------------------------------------------------------- Polars

def polars_open(pl):
    days = [datetime.date.fromisoformat(day) for day in HOLIDAYS]
    clock = pl.col("t").dt.time()
    return ((pl.col("t").dt.weekday() <= 5) & ~pl.col("t").dt.date().is_in(days)
            & (clock >= datetime.time(7, 30)) & (clock < datetime.time(19, 15)))


def polars_burst(pl, failed):
    """Windows that look back sixty seconds from every failure, both ends inside."""
    hits = (failed.sort("key", "t")
            .rolling(index_column="t", period="60s", closed="both", group_by="key")
            .agg(pl.len().alias("n"))
            .filter(pl.col("n") >= 5))
    return [hits.height, hits["key"].n_unique()]


def polars_a(pl, path, devices):
    has = lambda text: pl.col("line").str.contains(text, literal=True)
    lines = (pl.scan_csv(path, has_header=False, new_columns=["line"], separator="\x01",
                         quote_char=None)
             .filter(has("SSHD login failed") | has("Failed password") | has("Login succeeded")
                     | has("[DHCPD]"))
             .with_columns((pl.lit(f"{YEAR} ") + pl.col("line").str.slice(0, 15))
                           .str.to_datetime("%Y %b %e %H:%M:%S").alias("t"))
             .collect())
    failed = (lines.filter(has("SSHD login failed") | has("Failed password"))
              .select("t", pl.col("line").str.extract(r"(?:login failed, | from )([0-9.]+)", 1)
                      .alias("key")))
    off = lines.filter(has("Login succeeded") & ~polars_open(pl)).height
    leases = lines.filter(has("[DHCPD]")).select(
        pl.col("line").str.extract(r": ([0-9a-f:]{17})$", 1).str.replace_all(":", "-")
        .str.to_uppercase().alias("mac"))
    unknown = leases.filter(~pl.col("mac").is_in(devices["mac"].implode()))
    return [*polars_burst(pl, failed), off, unknown.height, unknown["mac"].n_unique()]


def polars_b(pl, path, devices):
    rows = (pl.scan_csv(path, infer_schema=False)
            .select(pl.col("日時").str.to_datetime("%Y/%m/%d %H:%M:%S").alias("t"),
                    pl.col("利用者ID").alias("account"), pl.col("部署").alias("department"),
                    pl.col("IPアドレス").alias("key"), pl.col("MACアドレス").alias("mac"),
                    pl.col("操作").alias("action"), pl.col("結果").alias("outcome"))
            .collect())
    failed = rows.filter((pl.col("action") == "ログイン") & (pl.col("outcome") == "失敗"))
    off = rows.filter(pl.col("action").is_in(ACCESS) & (pl.col("outcome") != "失敗")
                      & ~pl.col("department").is_in(WARDS) & ~polars_open(pl))
    unknown = rows.filter(~pl.col("mac").is_in(devices["mac"].implode()))
    return [*polars_burst(pl, failed.select("t", "key")), off.height, off["account"].n_unique(),
            unknown.height, unknown["mac"].n_unique()]


def polars_c(pl, path, devices):
    agent = pl.Struct({"requestor": pl.Boolean, "network": pl.Struct({"address": pl.String}),
                       "who": pl.Struct({"identifier": pl.Struct({"value": pl.String})})})
    schema = {"recorded": pl.String, "outcome": pl.String, "type": pl.Struct({"code": pl.String}),
              "subtype": pl.List(pl.Struct({"code": pl.String})), "agent": pl.List(agent)}
    # The person stands first among the agents of these files; a filter of lists of structures
    # would slow the peer down for nothing.
    person = pl.col("agent").list.first().struct
    rows = (pl.scan_ndjson(path, schema=schema)
            .select(pl.col("recorded").str.slice(0, 23).str.to_datetime("%Y-%m-%dT%H:%M:%S%.3f")
                    .alias("t"), "outcome", pl.col("type").struct.field("code").alias("type"),
                    pl.col("subtype").list.first().struct.field("code").alias("sub"),
                    person.field("who").struct.field("identifier").struct.field("value")
                    .alias("account"),
                    person.field("network").struct.field("address").alias("key"))
            .collect())
    failed = rows.filter((pl.col("sub") == "110122") & (pl.col("outcome") != "0"))
    number = pl.col("account").str.slice(1).cast(pl.Int32)
    off = rows.filter((pl.col("type") != "110114") & (pl.col("outcome") == "0")
                      & (number >= 1000 + WARD_STAFF) & ~polars_open(pl))
    unknown = rows.filter(~pl.col("key").is_in(devices["ip"].implode()))
    return [*polars_burst(pl, failed.select("t", "key")), off.height, off["account"].n_unique(),
            unknown.height, unknown["key"].n_unique()]


def run_polars(work, path, devices, threads):
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars as pl
    table = pl.read_csv(devices, infer_schema=False)
    return {"A": polars_a, "B": polars_b, "C": polars_c}[work](pl, str(path), table)


# ------------------------------------------------------------------------------------ the compare

def resident(pid):
    """Peak resident bytes of a running process; 0 where the system does not tell."""
    # The usage a parent is told begins with its own memory at the time of the fork, so that a
    # small child of a large parent looks large.
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0


def measure(command):
    """Wall seconds, peak resident bytes, exit status and stdout of a child."""
    begin = time.perf_counter()
    # Both go to files: a child that waits for a full pipe would wait for ever.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told, \
            subprocess.Popen(command, stdout=out, stderr=told) as child:
        peak = 0
        while child.poll() is None:
            peak = max(peak, resident(child.pid))
            time.sleep(0.002)
        seconds = time.perf_counter() - begin
        out.seek(0)
        told.seek(0)
        return seconds, peak, child.returncode, out.read().decode(), told.read().decode()


def peer(name, work, path, devices, threads):
    return [sys.executable, str(Path(__file__).resolve()), "--peer", name, "--works", work,
            "--file", str(path), "--devices", str(devices), "--threads", str(threads)]


def contestants(args, work, path):
    """Name and command of everything that takes part; says what is missing."""
    devices = args.folder / "devices.csv"
    rows = {}
    binary = ROOT / "target" / "release" / "yomawari"
    if binary.exists() and not args.no_yomawari:
        base = [str(binary), "scan", str(path), "--config", str(args.folder / "yomawari.yaml"),
                "--output", os.devnull, "--output-format", "ndjson", "--no-progress",
                "--threads", str(args.threads)] + (["--year", str(YEAR)] if work == "A" else [])
        files = [str(next((ROOT / "rules").rglob(f"{rule}.yml"))) for rule in RULES]
        rows["yomawari, these rules"] = base + ["--no-default-rules"] + [
            word for file in files for word in ("--rules", file)]
        rows["yomawari, all rules"] = base
    else:
        print("skipped: yomawari (not built, or --no-yomawari)")
    for module in ("duckdb", "polars"):
        probe = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True)
        if probe.returncode == 0:
            rows[module] = peer(module, work, path, devices, args.threads)
        else:
            print(f"skipped: {module} (not installed; pip install {module})")
    return rows


def generate(args):
    subprocess.run(["cargo", "build", "--release", "--quiet", "--example", "generate"], cwd=ROOT,
                   check=True)
    generator = ROOT / "target" / "release" / "examples" / "generate"
    subprocess.run([generator, "config", "--out", args.folder], check=True)
    for work in args.works:
        path = args.folder / WORKS[work]
        made = subprocess.run([generator, work, "--bytes", args.bytes, "--out", path,
                               "--seed", str(args.seed)], check=True, capture_output=True)
        print(f"{path}: {made.stdout.decode().strip()}")


def compare(args, work):
    path = args.folder / WORKS[work]
    size = path.stat().st_size
    rows = contestants(args, work, path)
    times = {name: [] for name in rows}
    peaks = dict.fromkeys(rows, 0)
    answers = {}
    path.read_bytes()  # Every contestant finds the file in the page cache.
    for _ in range(args.rounds):
        for name, command in rows.items():
            seconds, peak, status, out, err = measure(command)
            # 1 is "done, and an alert reached the level asked for".
            if status not in (0, 1):
                sys.exit(f"{name} failed with {status}:\n{err}")
            times[name].append(seconds)
            peaks[name] = max(peaks[name], peak)
            answers[name] = out.strip()
    print(f"\nwork {work}: {size / 1e9:.3f} GB, {args.rounds} rounds, {args.threads} threads")
    best = min((statistics.median(t) for t in times.values()), default=0)
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"  {name:22} {median:8.3f} s  {size / median / 1e9:6.3f} GB/s  "
              f"{median / best:5.2f} x  peak {peaks[name] / 1e6:7.0f} MB  {answers[name]}")
    told = {answers[name] for name in ("duckdb", "polars") if name in answers}
    if len(told) > 1:
        sys.exit("duckdb and polars disagree: one of the queries is wrong")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", default="1G", help="size of each work (default 1G)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--works", default="ABC", help="which works, for instance AB")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "compare")
    parser.add_argument("--no-yomawari", action="store_true", help="only the peers")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    parser.add_argument("--devices", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        run = {"duckdb": run_duckdb, "polars": run_polars}[args.peer]
        print(json.dumps(run(args.works, args.file, args.devices, args.threads)))
        return
    generate(args)
    if not args.no_yomawari:
        subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    for work in args.works:
        compare(args, work)


if __name__ == "__main__":
    main()

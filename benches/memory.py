#!/usr/bin/env python3
"""How much memory does a scan take when an attacker invents names, and does it still find the burst?

    python3 benches/memory.py [--program PATH] [--names 500000,2000000] [--memory 64M,256M,4G]

Writes failed logins as syslog: three of one address, then one failure each of so many invented
accounts and addresses within the same minute, then two more of the first address, which make five:
a burst. Prints a table: names, memory setting, the highest resident memory of the program, its CPU
seconds, and whether the burst was found; says when two settings gave different alerts. Nothing but
Python and the program is needed; nothing is read or written outside a temporary folder. All
addresses are of the block set aside for documentation.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile

FIRST = "203.0.113.9"


def failure(second, account, address):
    said = f"Failed password for {account} from {address} port 4022 ssh2"
    stamp = f"2026-11-16T09:{second // 60:02d}:{second % 60:02d}+09:00"
    return f"{stamp} karte01 sshd[2101]: {said}\n"


def write(path, names):
    with open(path, "w", encoding="ascii") as log:
        log.writelines(failure(0, "n1", FIRST) for _ in range(3))
        for n in range(names):
            address = f"2001:db8:1:{n >> 16:x}::{n & 65_535:x}"
            log.write(failure(1 + 57 * n // names, f"u{n}", address))
        log.writelines(failure(59, "n1", FIRST) for _ in range(2))


def scan(program, folder, memory):
    """Highest resident memory in MiB, CPU seconds, and the alerts."""
    words = [program, "scan", "flood.log", "--memory", memory, "--threads", "2"]
    words += ["--output-format", "ndjson", "--no-progress", "-q"]
    with open(os.path.join(folder, "alerts.ndjson"), "wb") as out:
        child = subprocess.Popen(words, cwd=folder, stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"the program ended with {os.waitstatus_to_exitcode(status)}")
    with open(os.path.join(folder, "alerts.ndjson"), "rb") as out:
        alerts = out.read()
    return used.ru_maxrss / 1024, used.ru_utime + used.ru_stime, alerts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="target/release/yomawari")
    parser.add_argument("--names", default="500000,2000000")
    parser.add_argument("--memory", default="64M,256M,4G")
    told = parser.parse_args()
    if not os.path.exists(told.program):
        sys.exit(f"{told.program} is not there: build it with `cargo build --release`")
    program = os.path.abspath(told.program)
    rows = [["names", "memory", "peak MiB", "CPU s", "burst"]]
    differ = False
    for names in map(int, told.names.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            write(os.path.join(folder, "flood.log"), names)
            digests = set()
            for memory in told.memory.split(","):
                peak, cpu, alerts = scan(program, folder, memory)
                digests.add(hashlib.sha256(alerts).hexdigest())
                lines = alerts.decode().splitlines()
                is_found = any("failed-login-burst" in a and FIRST in a for a in lines)
                found = "found" if is_found else "MISSED"
                rows.append([f"{names:,}", memory, f"{peak:.0f}", f"{cpu:.1f}", found])
            differ |= len(digests) > 1
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths)))
    if differ:
        sys.exit("the settings gave different alerts")


if __name__ == "__main__":
    main()

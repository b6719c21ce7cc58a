-- What a week is told by: how many events, by hour, by account and by terminal. Read the views
-- `hours`, `users`, `terminals` and `days` and the tables `seen`, `registers`, `settings` and
-- `ambiguous`; the tables named `count_…` are how they are kept.
--
-- An event is counted once, however many inputs tell it. Cells are kept for each input and hour;
-- of an hour that several inputs of one source tell, those that tell the same are counted once and
-- those that tell different records are added up. Where that cannot be told, the larger one counts
-- and the hour stands in `ambiguous`.
--
-- Hours and days are those of the site's clock since 1970-01-01T00:00 there. Packets that a router
-- let pass or dropped (actions `allow` and `deny`) are traffic: they stand in `hours` and `days`,
-- but not in `users` and `terminals`, and no roster explains them.

-- Texts by number: sources, accounts, departments, terminals. '' is what a log does not tell, '*'
-- stands for all that have no row of their own.
CREATE TABLE count_names (
    number INTEGER PRIMARY KEY,
    text   TEXT NOT NULL UNIQUE
) STRICT;

-- The words that a kind of event stands for.
CREATE TABLE count_kinds (
    number    INTEGER PRIMARY KEY,
    outcome   TEXT NOT NULL,
    verdict   TEXT NOT NULL,
    band      TEXT NOT NULL,
    explained TEXT NOT NULL
) STRICT;
WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 191)
INSERT INTO count_kinds
SELECT n,
    CASE n & 3 WHEN 0 THEN 'success' WHEN 1 THEN 'failure' ELSE 'unknown' END,
    CASE (n >> 2) & 3 WHEN 0 THEN 'open' WHEN 1 THEN 'grace' WHEN 2 THEN 'closed' ELSE 'unknown' END,
    CASE (n >> 4) & 3 WHEN 0 THEN '' WHEN 1 THEN 'after_hours' WHEN 2 THEN 'holiday' ELSE 'late_night' END,
    CASE n >> 6 WHEN 0 THEN '' WHEN 1 THEN 'roster' ELSE 'declaration' END
FROM numbers WHERE n & 3 < 3;

-- Inputs that were counted. The digest is over the identities of their records: an input that was
-- renamed, packed or written in another encoding has the same one.
CREATE TABLE count_inputs (
    number  INTEGER PRIMARY KEY,
    source  TEXT NOT NULL,
    -- Where it lay when it was read last; `-` for a pipe.
    place   TEXT NOT NULL,
    records INTEGER NOT NULL,
    digest  TEXT NOT NULL,
    -- The run that read it last.
    run     INTEGER NOT NULL REFERENCES runs (number)
) STRICT;
CREATE INDEX count_inputs_by_digest ON count_inputs (digest);

-- What each input tells of a day, packed (zstd): its hours with their cells.
CREATE TABLE count_cells (
    number INTEGER PRIMARY KEY,
    input  INTEGER NOT NULL REFERENCES count_inputs (number),
    day    INTEGER NOT NULL,
    cells  BLOB NOT NULL,
    UNIQUE (input, day)
) STRICT;
CREATE INDEX count_cells_by_day ON count_cells (day, input);

CREATE TABLE count_hours (
    source  INTEGER NOT NULL REFERENCES count_names (number),
    hour    INTEGER NOT NULL,
    action  TEXT NOT NULL,
    kind    INTEGER NOT NULL REFERENCES count_kinds (number),
    records INTEGER NOT NULL,
    PRIMARY KEY (source, hour, action, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE count_users (
    source     INTEGER NOT NULL REFERENCES count_names (number),
    day        INTEGER NOT NULL,
    user       INTEGER NOT NULL REFERENCES count_names (number),
    department INTEGER NOT NULL REFERENCES count_names (number),
    kind       INTEGER NOT NULL REFERENCES count_kinds (number),
    records    INTEGER NOT NULL,
    PRIMARY KEY (source, day, user, department, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE count_terminals (
    source     INTEGER NOT NULL REFERENCES count_names (number),
    day        INTEGER NOT NULL,
    terminal   INTEGER NOT NULL REFERENCES count_names (number),
    department INTEGER NOT NULL REFERENCES count_names (number),
    kind       INTEGER NOT NULL REFERENCES count_kinds (number),
    records    INTEGER NOT NULL,
    PRIMARY KEY (source, day, terminal, department, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE count_days (
    source        INTEGER NOT NULL REFERENCES count_names (number),
    day           INTEGER NOT NULL,
    records       INTEGER NOT NULL,
    events        INTEGER NOT NULL,
    rejects       INTEGER NOT NULL,
    untrusted     INTEGER NOT NULL,
    logins        INTEGER NOT NULL,
    failed_logins INTEGER NOT NULL,
    with_user     INTEGER NOT NULL,
    with_patient  INTEGER NOT NULL,
    with_terminal INTEGER NOT NULL,
    with_outcome  INTEGER NOT NULL,
    with_time     INTEGER NOT NULL,
    duplicates    INTEGER NOT NULL,
    traffic       INTEGER NOT NULL,
    PRIMARY KEY (source, day)
) STRICT, WITHOUT ROWID;

-- Hours of a source that several inputs tell differently, and how many records were left out.
CREATE TABLE ambiguous (
    source  TEXT NOT NULL,
    hour    INTEGER NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY (source, hour)
) STRICT, WITHOUT ROWID;

-- Events by hour. `explained`, told of closed hours only: who was on duty by the roster
-- ('roster'), or for what a declaration was filed ('declaration').
CREATE VIEW hours AS
SELECT s.text AS source, h.hour, h.action, k.outcome, k.verdict, k.band, k.explained, h.records
FROM count_hours h
JOIN count_names s ON s.number = h.source
JOIN count_kinds k ON k.number = h.kind;

-- Events by day and account. The account is told where the registers of staff or accounts know
-- it; all others are '*'. Without these registers each account has rows of its own, up to 5,000 a
-- source, and what was typed at failed logins only is '*'.
CREATE VIEW users AS
SELECT s.text AS source, c.day, u.text AS user, d.text AS department, k.verdict, k.band, k.outcome,
    c.records
FROM count_users c
JOIN count_names s ON s.number = c.source
JOIN count_names u ON u.number = c.user
JOIN count_names d ON d.number = c.department
JOIN count_kinds k ON k.number = c.kind;

-- Events by day and terminal: the name of a registered device, all others '*'; without a register
-- of devices the address or name that the log tells, up to 5,000 a source.
CREATE VIEW terminals AS
SELECT s.text AS source, c.day, t.text AS terminal, d.text AS department, k.verdict, k.band,
    c.records
FROM count_terminals c
JOIN count_names s ON s.number = c.source
JOIN count_names t ON t.number = c.terminal
JOIN count_names d ON d.number = c.department
JOIN count_kinds k ON k.number = c.kind;

-- What each source told by day. `records` are accepted ones and rejects; a reject is counted on the
-- day of the record before it. All other figures are events: `with_user`, `with_patient` and
-- `with_terminal` of those that are no traffic (`events - traffic`), `with_outcome` and `with_time`
-- (the clock is to be trusted) of all. `duplicates` are records that another input told too.
CREATE VIEW days AS
SELECT s.text AS source, c.day, c.records, c.events, c.rejects, c.untrusted, c.logins,
    c.failed_logins, c.with_user, c.with_patient, c.with_terminal, c.with_outcome, c.with_time,
    c.duplicates, c.traffic
FROM count_days c
JOIN count_names s ON s.number = c.source;

-- When an account, a terminal (address or name as the log tells it), a hardware address, a device or
-- a department was seen first and last, by clocks that are to be trusted. Up to 50,000 a source and kind that no
-- register knows have rows of their own (1,000 departments); '*' stands for the rest.
CREATE TABLE seen (
    kind    TEXT NOT NULL CHECK (kind IN ('account', 'terminal', 'mac', 'device', 'department')),
    value   TEXT NOT NULL,
    source  TEXT NOT NULL,
    "first" INTEGER NOT NULL,
    "last"  INTEGER NOT NULL,
    -- 1 when a register knows it.
    known   INTEGER NOT NULL,
    -- 1 when it has rows of its own in `users` or `terminals`.
    counted INTEGER NOT NULL,
    PRIMARY KEY (kind, source, value)
) STRICT, WITHOUT ROWID;

-- The registers, the calendar and the rules as each run saw them; a row where something changed.
CREATE TABLE registers (
    -- devices, staff, accounts, patients, declarations, networks, calendar, rules
    kind   TEXT NOT NULL,
    run    INTEGER NOT NULL REFERENCES runs (number),
    -- SHA-256.
    digest TEXT NOT NULL,
    -- Rows of a register, calendars, or rules.
    rows   INTEGER NOT NULL,
    PRIMARY KEY (kind, run)
) STRICT, WITHOUT ROWID;

-- The house as each run saw it; a row where something changed.
CREATE TABLE settings (
    run      INTEGER PRIMARY KEY REFERENCES runs (number),
    document TEXT NOT NULL
) STRICT;

-- Times are nanoseconds since 1970-01-01T00:00:00Z unless a name says otherwise. Documents are
-- JSON. Open the file with any SQLite tool; write to it with none.

-- Words about the store itself: `created` (RFC 3339).
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a run that was committed. `digest` is SHA-256 over `previous` and `entry`, in
-- hexadecimal; `previous` is the digest of the run before, empty for the first.
CREATE TABLE runs (
    number   INTEGER PRIMARY KEY,
    began    INTEGER NOT NULL,
    ended    INTEGER NOT NULL,
    -- What was read and found: version, plan, inputs, counts, digest of the alerts.
    entry    TEXT NOT NULL,
    previous TEXT NOT NULL,
    digest   TEXT NOT NULL
) STRICT;

-- The ledger of each run, a row an input.
CREATE TABLE ledger (
    run      INTEGER NOT NULL REFERENCES runs (number),
    place    INTEGER NOT NULL,
    source   TEXT NOT NULL,
    path     TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (run, place)
) STRICT, WITHOUT ROWID;

-- Inputs that were read and are read again together with what comes after them, so that windows
-- reach from one night into the next. `reading` is how the user said they are to be read.
CREATE TABLE inputs (
    number  INTEGER PRIMARY KEY,
    path    TEXT NOT NULL UNIQUE,
    source  TEXT NOT NULL,
    reading TEXT NOT NULL,
    -- First and last event time.
    "first" INTEGER,
    "last"  INTEGER
) STRICT;

-- Alerts. `state`: open, closed, superseded, retracted.
CREATE TABLE alerts (
    id        TEXT PRIMARY KEY,
    rule      TEXT NOT NULL,
    level     TEXT NOT NULL,
    "start"   INTEGER NOT NULL,
    "end"     INTEGER NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('open', 'closed', 'superseded', 'retracted')),
    revision  INTEGER NOT NULL,
    -- The alert whose revision took this one's place.
    successor TEXT REFERENCES alerts (id),
    -- The run that found it, and the run that changed it last.
    found_in   INTEGER NOT NULL REFERENCES runs (number),
    changed_in INTEGER NOT NULL REFERENCES runs (number),
    document  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_by_time ON alerts ("start", id);
CREATE INDEX alerts_by_rule ON alerts (rule, "start");

-- What people decided, never deleted; the latest of an alert holds.
CREATE TABLE dispositions (
    number INTEGER PRIMARY KEY,
    alert  TEXT NOT NULL REFERENCES alerts (id),
    at     INTEGER NOT NULL,
    -- explained, rule-error, unclear, referred, duplicate
    word   TEXT NOT NULL,
    name   TEXT NOT NULL,
    note   TEXT NOT NULL,
    -- Revision of the alert that was closed: newer evidence opens it again.
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX dispositions_by_alert ON dispositions (alert, number);

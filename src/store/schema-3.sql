-- Inputs that were read, and what is kept of them: their facts, so that windows reach from one
-- night into the next when the file is no longer at hand. Several inputs may have lain at one
-- place, one after the other.
ALTER TABLE inputs RENAME TO inputs_before;
CREATE TABLE inputs (
    number  INTEGER PRIMARY KEY,
    -- Where it lay, from the root; `-` for a pipe; `a.zip!inner.csv` in an archive.
    path    TEXT NOT NULL,
    -- The same as the user named it.
    name    TEXT NOT NULL,
    source  TEXT NOT NULL,
    -- How the user said it is to be read.
    reading TEXT NOT NULL,
    -- First and last event time; the last of a clock that is to be trusted.
    "first" INTEGER,
    "last"  INTEGER,
    latest  INTEGER,
    -- First and last second since 1970, each with a digest of its events: four numbers of eight
    -- bytes, the least byte first.
    edges   BLOB,
    -- Bytes of the file as it lay on the disk when it was read, their SHA-256, and when it had
    -- last been changed. Empty for a pipe.
    size    INTEGER,
    sha256  TEXT NOT NULL DEFAULT '',
    changed INTEGER,
    -- The instant against which times without a year were read where the file told none.
    now     INTEGER NOT NULL DEFAULT 0,
    -- Its beginning, decompressed, which tells the format; zstd.
    head    BLOB,
    -- By what each stream of facts came about: digests of sixteen bytes each, in the order of the
    -- streams' numbers in `facts`. Null when no facts are kept.
    streams BLOB,
    -- The run that read it.
    run     INTEGER REFERENCES runs (number)
) STRICT;
INSERT INTO inputs (number, path, name, source, reading, "first", "last")
    SELECT number, path, path, source, reading, "first", "last" FROM inputs_before;
DROP TABLE inputs_before;
CREATE INDEX inputs_by_path ON inputs (path);

-- The facts of an input, a row a segment (about a megabyte of it): what detections matched, when,
-- and where it stands, in the packed form of this program; zstd.
CREATE TABLE facts (
    input   INTEGER NOT NULL REFERENCES inputs (number) ON DELETE CASCADE,
    -- Offset of the segment in the decompressed input, and line breaks before it.
    at      INTEGER NOT NULL,
    line    INTEGER NOT NULL,
    -- First and last event time.
    "first" INTEGER NOT NULL,
    "last"  INTEGER NOT NULL,
    packed  BLOB NOT NULL,
    PRIMARY KEY (input, at)
) STRICT;

-- The records that facts stand for, a row a segment, by which an alert is worded and proven when
-- the file is no longer at hand; zstd.
CREATE TABLE records (
    input   INTEGER NOT NULL REFERENCES inputs (number) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    -- Offsets of the first and the last record.
    "first" INTEGER NOT NULL,
    "last"  INTEGER NOT NULL,
    packed  BLOB NOT NULL,
    PRIMARY KEY (input, at)
) STRICT;

-- Which records each input told, by hour since 1970, so that those told twice are counted: hashes
-- of eight bytes of their folded texts, keyed with `key` of `meta`, in no order; large hours in
-- several parts. Count and digest are those of the whole hour.
CREATE TABLE rolls (
    input   INTEGER NOT NULL REFERENCES inputs (number) ON DELETE CASCADE,
    hour    INTEGER NOT NULL,
    part    INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    digest  INTEGER NOT NULL,
    hashes  BLOB NOT NULL,
    PRIMARY KEY (input, hour, part)
) STRICT;
INSERT INTO meta (name, value) VALUES ('key', lower(hex(randomblob(8))));

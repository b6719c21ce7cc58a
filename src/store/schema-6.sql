-- The same rows of `seen`; the kind is held against one word after the other, since a list of words
-- is laid out anew for each row that is written.
ALTER TABLE seen RENAME TO seen_before;
CREATE TABLE seen (
    kind    TEXT NOT NULL CHECK (kind = 'account' OR kind = 'terminal' OR kind = 'mac'
                                 OR kind = 'device' OR kind = 'department'),
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
INSERT INTO seen SELECT * FROM seen_before;
DROP TABLE seen_before;

-- What is to be brought to the sinks of the config and has not been taken yet: a row a sink, alert
-- and revision. A row is deleted once its sink has taken it.
CREATE TABLE outbox (
    -- Rows of a sink are brought in this order.
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    sink     TEXT NOT NULL,
    alert    TEXT NOT NULL,
    revision INTEGER NOT NULL,
    -- The alert as the sink may see it: with ids only, unless the config says otherwise.
    document TEXT NOT NULL,
    UNIQUE (sink, alert, revision)
) STRICT;

-- From an alert to those that live on as it.
CREATE INDEX alerts_by_successor ON alerts (successor) WHERE successor IS NOT NULL;

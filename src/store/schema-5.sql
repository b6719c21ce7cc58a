-- The digest of all live alerts stands in each entry of the run record; a live run enters one with
-- each alert. Ids and revisions are read from here, not from the documents.
CREATE INDEX alerts_live ON alerts (id, revision, state) WHERE state IN ('open', 'closed');

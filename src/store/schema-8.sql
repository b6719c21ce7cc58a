-- What a decision has seen of its alert: the end and the number of its records. More of them, or
-- later ones, open the alert again. Not known of alerts that were open again by then.
ALTER TABLE dispositions ADD COLUMN seen_end INTEGER;
ALTER TABLE dispositions ADD COLUMN seen_records INTEGER;
UPDATE dispositions SET
  seen_end = (SELECT "end" FROM alerts WHERE id = alert),
  seen_records = (SELECT json_extract(document, '$.evidence_total') FROM alerts WHERE id = alert)
WHERE alert IN (SELECT id FROM alerts WHERE state = 'closed');

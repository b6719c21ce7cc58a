-- Which of `inputs` was counted: when another one tells all that it told, its counts go with it.
-- Not known of what earlier versions of this program counted.
ALTER TABLE count_inputs ADD COLUMN input INTEGER REFERENCES inputs (number) ON DELETE SET NULL;
CREATE INDEX count_inputs_by_input ON count_inputs (input);

-- Raw operations as columns: one block for each flush, packed together hour by hour (monitoring/store/packing.py).

-- An id is never given twice: who packs a block that is gone meanwhile must not take a new one for it.
CREATE TABLE operation_block (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  first INTEGER NOT NULL, -- when the first and the last of them began
  last INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  state INTEGER NOT NULL, -- 0: as flushed, 1: packed, 2: damaged
  blob BLOB NOT NULL
);
CREATE INDEX operation_block_time ON operation_block (first, last, state, rows);

-- What was there as rows, an hour in a block, as JSON; the next packing makes columns of it.
INSERT INTO operation_block (first, last, rows, state, blob)
SELECT min(o.id >> 20), max(o.id >> 20), count(*), 0, CAST(json_group_array(json_array(
  coalesce(service.text, ''), coalesce(operation.text, ''), coalesce(model.text, ''), coalesce(persona.text, ''),
  CAST(o.guild AS TEXT), coalesce(feature.text, ''), coalesce(error.text, ''), coalesce(fingerprint.text, ''), o.local,
  o.id >> 20, o.duration, CAST(o.channel AS TEXT), CAST(coalesce(o.message, 0) AS TEXT), coalesce(o.response, 0),
  coalesce(o.first_token, -1), o.prompt_tokens, o.completion_tokens, o.cached_tokens, coalesce(o.cost, -1), o.weight
)) AS BLOB)
FROM operation o
LEFT JOIN name service ON service.id = o.service
LEFT JOIN name operation ON operation.id = o.operation
LEFT JOIN name model ON model.id = o.model
LEFT JOIN name persona ON persona.id = o.persona
LEFT JOIN name feature ON feature.id = o.feature
LEFT JOIN name error ON error.id = o.error
LEFT JOIN name fingerprint ON fingerprint.id = o.fingerprint
GROUP BY (o.id >> 20) / 3600000;

DROP TABLE operation;

-- When a name was last borne by something that was written, to the hour: it goes when nothing can bear it any more.
ALTER TABLE name ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
UPDATE name SET seen = max(
  coalesce((SELECT max(at) FROM message), 0), coalesce((SELECT max(hour) FROM presence), 0)
);

-- The batches written last, each under a random number of its own, so that one whose end was not seen (the disk failed
-- at the commit) is not counted twice when it comes again.
CREATE TABLE applied (
  id INTEGER PRIMARY KEY,
  batch INTEGER NOT NULL
);

-- Rollups whose bytes cannot be understood any more, kept to be looked at: out of `journal` or `segment`.
CREATE TABLE set_aside (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  blob BLOB NOT NULL
);

-- What the host told of its personas. The id is the time, times 2^20, plus a number, as it was of operations.
CREATE TABLE told (
  id INTEGER PRIMARY KEY,
  what TEXT NOT NULL,
  persona TEXT NOT NULL,
  other TEXT NOT NULL, -- the other persona of a relationship
  name TEXT NOT NULL, -- of a milestone, trait, scenario, stage or quality
  value REAL,
  guild INTEGER NOT NULL
);

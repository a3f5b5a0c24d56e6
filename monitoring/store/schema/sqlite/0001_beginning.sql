-- What is kept. No column can hold the text of a message (tests/store/test_schema.py lists them all).
-- Instants are UTC milliseconds; `widths` of steps are milliseconds too.

CREATE TABLE schema_version (
  version INTEGER PRIMARY KEY,
  applied_at INTEGER NOT NULL
);

-- One row: how often was folded (so that two writers cannot fold the same journal), and the zone of hours and days.
CREATE TABLE fold (
  number INTEGER NOT NULL,
  zone TEXT NOT NULL
);
INSERT INTO fold (number, zone) VALUES (0, '');

-- Personas, services, operations, models, features and fingerprints, as numbers in the rows below.
CREATE TABLE name (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
);

-- Users by their keyed hash; without its row here, a number below points at nobody.
CREATE TABLE person (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  seen INTEGER NOT NULL
);

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  guild INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  at INTEGER NOT NULL,
  persona INTEGER,
  user INTEGER,
  length INTEGER NOT NULL,
  words INTEGER NOT NULL,
  question INTEGER NOT NULL,
  emoji INTEGER NOT NULL,
  mentions INTEGER NOT NULL,
  sentiment REAL,
  reference INTEGER,
  addressed TEXT, -- JSON list of numbers of names
  named_users TEXT, -- JSON list of numbers of persons
  answers INTEGER,
  chunk_of INTEGER,
  placeholder INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  command INTEGER NOT NULL,
  answered INTEGER,
  edited_at INTEGER,
  deleted_at INTEGER
);
CREATE INDEX message_at ON message (at);

-- The id is the time it began, times 2^20, plus a number: so rows lie in order of time without an index.
CREATE TABLE operation (
  id INTEGER PRIMARY KEY,
  service INTEGER NOT NULL,
  operation INTEGER NOT NULL,
  duration INTEGER NOT NULL, -- microseconds
  error INTEGER,
  fingerprint INTEGER,
  persona INTEGER,
  model INTEGER,
  feature INTEGER,
  guild INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  message INTEGER,
  response INTEGER,
  first_token INTEGER, -- microseconds
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  cost INTEGER, -- micro-dollars
  local INTEGER NOT NULL,
  weight INTEGER NOT NULL
);

CREATE TABLE exchange (
  id INTEGER PRIMARY KEY,
  guild INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  turns INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  starter INTEGER,
  ender INTEGER,
  personas TEXT NOT NULL, -- JSON list of numbers of names
  success INTEGER
);

CREATE TABLE presence (
  hour INTEGER NOT NULL,
  guild INTEGER NOT NULL,
  persona INTEGER NOT NULL, -- 0: the guild at large
  user INTEGER NOT NULL,
  PRIMARY KEY (hour, guild, persona, user)
) WITHOUT ROWID;
-- For "was this user here before?" and for forgetting one.
CREATE INDEX presence_user ON presence (user, persona, hour);

-- All label sets of one metric in one minute, hour or day, as monitoring.steps encodes them.
CREATE TABLE segment (
  metric TEXT NOT NULL,
  width INTEGER NOT NULL,
  start INTEGER NOT NULL,
  blob BLOB NOT NULL,
  PRIMARY KEY (metric, width, start)
) WITHOUT ROWID;

-- What was appended and is not in the segments yet: one row for each batch. An id is never given twice: readers know
-- the rows in memory by it.
CREATE TABLE journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  blob BLOB NOT NULL
);

CREATE TABLE document (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  due INTEGER,
  body TEXT NOT NULL,
  PRIMARY KEY (kind, key)
);
CREATE INDEX document_due ON document (kind, due) WHERE due IS NOT NULL;

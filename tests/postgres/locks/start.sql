-- What every row of the truth table starts from: each table holds a few rows.
CREATE TABLE parent (id int PRIMARY KEY, name text NOT NULL, code varchar(10), born date);
CREATE TABLE child (
  id int PRIMARY KEY, parent_id int, name text, amount int, price numeric(10, 2), day timestamp,
  note varchar(50)
);
CREATE INDEX child_parent ON child (parent_id);
CREATE INDEX child_note ON child (note);
CREATE UNIQUE INDEX child_name ON child (name);
CREATE TABLE linked (id int PRIMARY KEY, child_id int REFERENCES child (id) ON DELETE CASCADE);
ALTER TABLE linked ADD CONSTRAINT linked_later FOREIGN KEY (id) REFERENCES parent (id) NOT VALID;
CREATE TABLE checked (id serial PRIMARY KEY, name text, amount int);
ALTER TABLE checked ADD CONSTRAINT checked_name CHECK (name IS NOT NULL);
ALTER TABLE checked ADD CONSTRAINT checked_amount CHECK (amount > 0) NOT VALID;
CREATE TABLE measured (id int NOT NULL, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE measured_1 PARTITION OF measured FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE measured_2 (id int NOT NULL, day date NOT NULL);
CREATE TABLE measured_3 (id int NOT NULL, day date NOT NULL,
  CHECK (day >= '2026-01-01' AND day < '2027-01-01'));
CREATE TABLE logged (id int, name text);
CREATE TRIGGER logged_touch BEFORE UPDATE ON logged
  FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE VIEW seen AS SELECT id, name FROM parent;
CREATE MATERIALIZED VIEW kept AS SELECT id, name FROM parent;
CREATE UNIQUE INDEX kept_id ON kept (id);
CREATE SEQUENCE numbers;
CREATE SEQUENCE numbers_2;
CREATE SEQUENCE numbers_3;
CREATE SEQUENCE numbers_4;
CREATE TYPE mood AS ENUM ('sad', 'glad');
INSERT INTO parent SELECT n, 'p' || n, 'c', '2024-01-01' FROM generate_series(1, 3) n;
INSERT INTO child SELECT n, n, 'n' || n, n, n, '2024-01-01', 'x' FROM generate_series(1, 3) n;
INSERT INTO linked SELECT n, n FROM generate_series(1, 3) n;
INSERT INTO checked (name, amount) SELECT 'n', n FROM generate_series(1, 3) n;
INSERT INTO measured SELECT n, '2024-02-01' FROM generate_series(1, 3) n;
INSERT INTO measured_2 SELECT n, '2025-02-01' FROM generate_series(1, 3) n;
INSERT INTO measured_3 SELECT n, '2026-02-01' FROM generate_series(1, 3) n;
INSERT INTO logged SELECT n, 'n' FROM generate_series(1, 3) n;
REFRESH MATERIALIZED VIEW kept;
CREATE SCHEMA other;
CREATE TABLE other.thing (id int);
CREATE TYPE pair AS (a int, b int);
CREATE DOMAIN short AS text;
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE worded (id int, word short);
INSERT INTO worded VALUES (1, 'one');
CREATE PROCEDURE renew() LANGUAGE plpgsql AS $$
BEGIN
  ALTER TABLE logged ADD x int;
  COMMIT;
  UPDATE logged SET x = id;
  COMMIT;
END $$;
CREATE TABLE computed (id int NOT NULL, double int GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE keyless (id int, code int NOT NULL);
CREATE UNIQUE INDEX keyless_id ON keyless (id);
CREATE UNIQUE INDEX keyless_code ON keyless (code);

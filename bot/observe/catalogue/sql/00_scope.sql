-- What the sections start from. `space` is the schemas of the database's users, `member` what belongs
-- to an extension, `relation` every table and view in the first that is not of the second. Materialized:
-- read once, and the planner's guesses about them stay harmless as long as nothing joins one of them
-- twice.
space AS MATERIALIZED (
  SELECT n.oid, n.nspname
  FROM pg_namespace n
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
),
member AS MATERIALIZED (
  SELECT d.classid, d.objid FROM pg_depend d
  WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
),
noted AS MATERIALIZED (SELECT DISTINCT d.objoid FROM pg_description d WHERE d.objoid >= 16384
  OR d.classoid = 'pg_namespace'::regclass),
relation AS MATERIALIZED (
  SELECT c.oid, s.nspname || '.' || c.relname AS name, c.relname, c.relkind
  FROM pg_class c
  JOIN space s ON s.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
    AND {own pg_class c.oid}
    AND {seen s.nspname c.relname}
)

-- section: constraint
-- NOT NULL is a property of the column, a constraint trigger is listed with the triggers, and what
-- a partition's foreign key or an inherited CHECK says follows from the parent's.
SELECT r.name || '.' || k.conname AS name,
  r.name AS "table",
  pg_get_constraintdef(k.oid) AS definition,
  k.convalidated AS validity,
  CASE WHEN k.coninhcount > 0 AND k.contype = 'c' THEN 'inherited and local' END AS inheritance,
  CASE WHEN k.conparentid <> 0 THEN (
    SELECT json_build_array('constraint', pr.name || '.' || pk.conname)
    FROM pg_constraint pk JOIN relation pr ON pr.oid = pk.conrelid
    WHERE pk.oid = k.conparentid) END AS parent,
  (SELECT pi.inhparent::regclass::text FROM pg_inherits pi
    WHERE pi.inhrelid = x.indexrelid) AS "parent index",
  {sorted i.reloptions} AS options,
  ts.spcname AS tablespace,
  NULLIF(x.indisclustered, false) AS clustered,
  NULLIF(x.indisreplident, false) AS "replica identity",
  CASE WHEN NOT (x.indisvalid AND x.indisready AND x.indislive) THEN 'invalid' END
    AS "index validity",
  CASE WHEN off.tgconstraint IS NOT NULL THEN 'disabled' END AS triggers,
  {comment pg_constraint k.oid} AS comment,
  {comment pg_class x.indexrelid} AS "index comment"
FROM relation r
JOIN pg_constraint k ON k.conrelid = r.oid
LEFT JOIN pg_index x ON x.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_tablespace ts ON ts.oid = i.reltablespace
LEFT JOIN (SELECT DISTINCT t.tgconstraint FROM pg_trigger t
  WHERE t.tgisinternal AND t.tgenabled <> 'O') off ON off.tgconstraint = k.oid
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
  AND NOT (k.contype = 'f' AND k.conparentid <> 0)
  AND NOT (k.contype = 'c' AND NOT k.conislocal
    AND {comment pg_constraint k.oid} IS NULL)

-- section: domain constraint
SELECT 'constraint' AS kind,
  s.nspname || '.' || t.typname || '.' || k.conname AS name,
  json_build_array('domain', s.nspname || '.' || t.typname) AS parent,
  pg_get_constraintdef(k.oid) AS definition,
  k.convalidated AS validity,
  {comment pg_constraint k.oid} AS comment
FROM pg_constraint k
JOIN pg_type t ON t.oid = k.contypid
JOIN space s ON s.oid = t.typnamespace
WHERE k.contypid <> 0 AND k.contype = 'c' AND {own pg_type t.oid}

-- section: index
SELECT s.nspname || '.' || i.relname AS name,
  r.name AS "table",
  pg_get_indexdef(x.indexrelid) AS definition,
  x.indisvalid AND x.indisready AND x.indislive AS validity,
  NULLIF(x.indisclustered, false) AS clustered,
  NULLIF(x.indisreplident, false) AS "replica identity",
  ts.spcname AS tablespace,
  {comment pg_class i.oid} AS comment,
  CASE WHEN i.relispartition THEN (
    SELECT json_build_array('index', ps.nspname || '.' || pc.relname)
    FROM pg_inherits h JOIN pg_class pc ON pc.oid = h.inhparent
    JOIN pg_namespace ps ON ps.oid = pc.relnamespace
    WHERE h.inhrelid = i.oid) END AS parent,
  CASE WHEN i.relispartition THEN (
    SELECT h.inhparent::regclass::text FROM pg_inherits h WHERE h.inhrelid = i.oid)
  END AS "parent index",
  CASE WHEN x.indexprs IS NOT NULL THEN (
    SELECT json_object_agg(a.attnum, a.attstattarget ORDER BY a.attnum) FROM pg_attribute a
    WHERE a.attrelid = i.oid AND a.attstattarget >= 0) END AS statistics
FROM relation r
JOIN pg_index x ON x.indrelid = r.oid
JOIN pg_class i ON i.oid = x.indexrelid
JOIN space s ON s.oid = i.relnamespace
LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.conrelid = x.indrelid
  AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_tablespace ts ON ts.oid = i.reltablespace
WHERE k.oid IS NULL

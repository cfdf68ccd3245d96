-- What keys consist of and where columns stand, for `schema_of`. Not compared, so object ids and
-- attribute numbers may tie the rows together; each row is an array, as `structure.py` names it.

-- section: relations
SELECT json_build_array(r.oid, s.nspname, c.relname, c.relkind,
  (SELECT json_agg(json_build_array(a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation)
      ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped),
  CASE WHEN c.oid IN (SELECT i.inhrelid FROM pg_inherits i)
    THEN ARRAY(SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno)
    END,
  c.relispartition, k.partstrat, k.partattrs::int2[]) AS row
FROM relation r
JOIN pg_class c ON c.oid = r.oid
JOIN space s ON s.oid = c.relnamespace
LEFT JOIN pg_partitioned_table k ON k.partrelid = r.oid
WHERE c.relkind IN ('r', 'p', 'f', 'm')

-- section: types
-- Every type in use, and what domains, arrays and ranges among them are made of.
SELECT json_build_array(t.oid,
  CASE WHEN n.nspname = 'pg_catalog' THEN format_type(t.oid, NULL)
    ELSE n.nspname || '.' || t.typname END,
  t.typtype, t.typcategory,
  CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END, t.typbasetype, t.typtypmod) AS row
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid IN (
  WITH RECURSIVE used(oid) AS (
    SELECT a.atttypid FROM pg_attribute a JOIN relation r ON r.oid = a.attrelid AND a.attnum > 0
    UNION
    SELECT d.oid FROM pg_type d WHERE d.typtype = 'd' AND d.oid >= 16384
    UNION
    SELECT a.atttypid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relkind = 'c' AND a.attrelid >= 16384
    UNION
    SELECT m.oid FROM used u JOIN pg_type t ON t.oid = u.oid
      CROSS JOIN LATERAL (VALUES (t.typelem), (t.typbasetype)) m(oid)
  )
  SELECT u.oid FROM used u)

-- section: composites
SELECT json_build_array(s.nspname || '.' || c.relname,
  (SELECT json_agg(json_build_array(a.attname, a.atttypid, a.atttypmod,
      format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)) AS row
FROM pg_class c
JOIN space s ON s.oid = c.relnamespace
WHERE c.relkind = 'c' AND {own pg_class c.oid}

-- section: constraints
-- The definition only where the constraint's own section leaves it out.
SELECT json_build_array(k.conrelid, k.conname, k.contype, k.conkey, k.confrelid,
  CASE WHEN k.contype = 'f' THEN fs.nspname || '.' || fc.relname END,
  k.confkey, k.confdeltype, k.confupdtype, k.confmatchtype,
  k.confdelsetcols, -- since 15
  NULL, -- before 15
  k.condeferrable, k.condeferred, k.connoinherit, k.convalidated,
  k.conenforced, -- since 18
  true, -- before 18
  k.conparentid <> 0 OR NOT k.conislocal,
  CASE WHEN k.contype IN ('p', 'u', 'x') THEN k.conindid ELSE 0 END,
  CASE WHEN k.conparentid <> 0 OR NOT k.conislocal THEN pg_get_constraintdef(k.oid) END) AS row
FROM relation r
JOIN pg_constraint k ON k.conrelid = r.oid
LEFT JOIN pg_class fc ON fc.oid = k.confrelid
LEFT JOIN pg_namespace fs ON fs.oid = fc.relnamespace
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')

-- section: indexes
SELECT json_build_array(x.indexrelid, x.indrelid, s.nspname, i.relname, am.amname, x.indnkeyatts,
  x.indkey::int2[], x.indoption::int2[], x.indclass::oid[], x.indcollation::oid[],
  x.indisunique, x.indisprimary,
  x.indnullsnotdistinct, -- since 15
  false, -- before 15
  x.indisvalid AND x.indisready AND x.indislive,
  pg_get_expr(x.indpred, x.indrelid),
  CASE WHEN x.indexprs IS NOT NULL THEN ARRAY(
    SELECT pg_get_indexdef(x.indexrelid, k.number::int, false)
    FROM unnest(x.indkey::int2[]) WITH ORDINALITY k(attribute, number)
    WHERE k.attribute = 0 ORDER BY k.number) END,
  CASE WHEN i.relispartition
    THEN (SELECT h.inhparent FROM pg_inherits h WHERE h.inhrelid = i.oid) END) AS row
FROM relation r
JOIN pg_index x ON x.indrelid = r.oid
JOIN pg_class i ON i.oid = x.indexrelid
JOIN space s ON s.oid = i.relnamespace
JOIN pg_am am ON am.oid = i.relam

-- section: operator classes
SELECT json_build_array(o.oid, o.opcname) AS row FROM pg_opclass o
WHERE NOT o.opcdefault AND o.oid IN (SELECT unnest(x.indclass::oid[]) FROM pg_index x)

-- section: collations
SELECT json_build_array(k.oid, k.collname) AS row FROM pg_collation k
WHERE k.oid IN (SELECT unnest(x.indcollation::oid[]) FROM pg_index x)

-- section: triggers
SELECT json_build_array(t.tgrelid, t.tgname, t.tgtype, s.nspname || '.' || p.proname, t.tgenabled,
  t.tgconstraint <> 0, t.tgparentid <> 0, pg_get_triggerdef(t.oid)) AS row
FROM relation r
JOIN pg_trigger t ON t.tgrelid = r.oid
JOIN pg_proc p ON p.oid = t.tgfoid
JOIN pg_namespace s ON s.oid = p.pronamespace
LEFT JOIN pg_trigger above ON above.oid = t.tgparentid
WHERE NOT coalesce(above.tgisinternal, t.tgisinternal)

-- section: functions
SELECT json_build_array(
  s.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')',
  l.lanname, coalesce(pg_get_function_result(p.oid), ''), p.prosecdef, p.proconfig) AS row
FROM pg_proc p
JOIN space s ON s.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind <> 'a' AND {own pg_proc p.oid}

-- section: schema
SELECT n.nspname AS name,
  pg_get_userbyid(n.nspowner) AS owner,
  {acl n n.nspacl n.nspowner} AS privileges,
  {comment pg_namespace n.oid} AS comment
FROM pg_namespace n
JOIN space s ON s.oid = n.oid
WHERE {own pg_namespace n.oid}

-- section: table
SELECT CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
  r.name,
  pg_get_userbyid(c.relowner) AS owner,
  {acl r c.relacl c.relowner} AS privileges,
  {comment pg_class c.oid} AS comment,
  NULLIF(c.relpersistence, 'p') AS persistence,
  NULLIF(am.amname, 'heap') AS "access method",
  ts.spcname AS tablespace,
  {sorted c.reloptions} AS options,
  {sorted toast.reloptions} AS "toast options",
  NULLIF(c.relrowsecurity, false) AS "row security",
  NULLIF(c.relforcerowsecurity, false) AS "forced row security",
  NULLIF(c.relreplident, 'd') AS "replica identity",
  CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END AS "partition key",
  CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS "partition bound",
  CASE WHEN c.oid IN (SELECT i.inhrelid FROM pg_inherits i) THEN ARRAY(
    SELECT i.inhparent::regclass::text
      || CASE WHEN i.inhdetachpending THEN ' (detach pending)' ELSE '' END -- since 14
    FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) END AS parents,
  CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS "row type",
  server.srvname AS server,
  {sorted foreign_table.ftoptions} AS "foreign options"
FROM relation r
JOIN pg_class c ON c.oid = r.oid
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid AND toast.reloptions IS NOT NULL
LEFT JOIN pg_foreign_table foreign_table ON foreign_table.ftrelid = c.oid
LEFT JOIN pg_foreign_server server ON server.oid = foreign_table.ftserver
WHERE r.relkind IN ('r', 'p', 'f')

-- section: view
SELECT CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END AS kind,
  r.name,
  pg_get_viewdef(c.oid) AS definition,
  {sorted c.reloptions} AS options,
  {sorted toast.reloptions} AS "toast options",
  CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN false END AS populated,
  NULLIF(am.amname, 'heap') AS "access method",
  ts.spcname AS tablespace,
  NULLIF(c.relpersistence, 'p') AS persistence,
  NULLIF(c.relreplident, CASE c.relkind WHEN 'm' THEN 'd' ELSE 'n' END::"char") AS "replica identity",
  pg_get_userbyid(c.relowner) AS owner,
  {acl r c.relacl c.relowner} AS privileges,
  {comment pg_class c.oid} AS comment
FROM relation r
JOIN pg_class c ON c.oid = r.oid
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
WHERE r.relkind IN ('v', 'm')

-- section: sequence
SELECT s.nspname || '.' || c.relname AS name,
  os.nspname || '.' || oc.relname AS "table",
  CASE WHEN d.refobjid IS NOT NULL
    THEN json_build_array('column', os.nspname || '.' || oc.relname || '.' || a.attname)
  END AS parent,
  NULLIF(d.deptype, 'a') AS "identity",
  os.nspname || '.' || oc.relname || '.' || a.attname AS "owned by",
  format_type(q.seqtypid, NULL) AS type,
  q.seqstart AS start, q.seqincrement AS increment,
  q.seqmin AS minimum, q.seqmax AS maximum, q.seqcache AS cache, q.seqcycle AS cycle,
  NULLIF(c.relpersistence, 'p') AS persistence,
  pg_get_userbyid(c.relowner) AS owner,
  {acl s c.relacl c.relowner} AS privileges,
  {comment pg_class c.oid} AS comment
FROM pg_sequence q
JOIN pg_class c ON c.oid = q.seqrelid
JOIN space s ON s.oid = c.relnamespace
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
  AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_class oc ON oc.oid = d.refobjid
LEFT JOIN pg_namespace os ON os.oid = oc.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE {own pg_class c.oid}
  AND (oc.oid IS NULL
    OR {own pg_class oc.oid} AND {seen os.nspname oc.relname})

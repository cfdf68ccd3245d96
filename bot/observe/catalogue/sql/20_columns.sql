-- section: column
-- `more` holds what few columns have. A view's columns follow from its definition, so only those
-- with something of their own are listed.
SELECT r.name || '.' || a.attname AS name,
  r.name AS "table",
  format_type(a.atttypid, a.atttypmod) AS type,
  a.attnotnull AS "nullability",
  pg_get_expr(d.adbin, d.adrelid) AS "default",
  CASE WHEN note.description IS NOT NULL OR a.attidentity <> '' OR a.attgenerated <> ''
    OR a.attinhcount > 0 OR a.attacl IS NOT NULL
    OR {column_options a.attoptions} IS NOT NULL OR a.attfdwoptions IS NOT NULL
    OR a.attstattarget >= 0
    OR a.attcollation <> t.typcollation OR a.attstorage <> t.typstorage
    OR a.attcompression <> '' -- since 14
    OR not_null.conname <> r.relname || '_' || a.attname || '_not_null' -- since 18
    OR not_null.connoinherit OR NOT not_null.convalidated -- since 18
    OR {comment pg_constraint not_null.oid} IS NOT NULL -- since 18
  THEN json_strip_nulls(json_build_object(
    'comment', note.description,
    'identity', NULLIF(a.attidentity, ''),
    'generated', NULLIF(a.attgenerated, ''),
    'collation', CASE WHEN a.attcollation <> t.typcollation
      THEN a.attcollation::regcollation::text END,
    'storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END,
    'compression', NULLIF(a.attcompression, ''), -- since 14
    'statistics', NULLIF(a.attstattarget, -1),
    'options', {column_options a.attoptions},
    'foreign options', {sorted a.attfdwoptions},
    'privileges', {sorted a.attacl},
    'not-null constraint', NULLIF(not_null.conname, -- since 18
      r.relname || '_' || a.attname || '_not_null'), -- since 18
    'not-null inheritance', CASE WHEN not_null.connoinherit THEN 'NO INHERIT' END, -- since 18
    'not-null validity', CASE WHEN NOT not_null.convalidated THEN 'NOT VALID' END, -- since 18
    'not-null comment', {comment pg_constraint not_null.oid}, -- since 18
    'inheritance', CASE WHEN a.attinhcount > 0 THEN
      CASE WHEN a.attislocal THEN 'inherited and local' ELSE 'inherited' END END)) END AS more
FROM relation r
JOIN pg_attribute a ON a.attrelid = r.oid
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_description note ON note.objoid = r.oid AND note.classoid = 'pg_class'::regclass
  AND note.objsubid = a.attnum
LEFT JOIN pg_constraint not_null ON not_null.conrelid = a.attrelid -- since 18
  AND not_null.conkey[1] = a.attnum AND not_null.contype = 'n' -- since 18
WHERE a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p', 'f', 'v', 'm')
  AND (r.relkind NOT IN ('v', 'm') OR a.atthasdef OR note.description IS NOT NULL
    OR a.attacl IS NOT NULL OR {column_options a.attoptions} IS NOT NULL
    OR a.attstattarget >= 0
    OR a.attcompression <> '' -- since 14
    OR a.attstorage <> t.typstorage)

-- section: composite type attribute
SELECT s.nspname || '.' || c.relname || '.' || a.attname AS name,
  json_build_array('type', s.nspname || '.' || c.relname) AS parent,
  note.description AS comment
FROM pg_class c
JOIN space s ON s.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid
JOIN pg_description note ON note.objoid = c.oid AND note.classoid = 'pg_class'::regclass
  AND note.objsubid = a.attnum
WHERE c.relkind = 'c' AND a.attnum > 0 AND {own pg_class c.oid}

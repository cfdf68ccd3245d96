-- section: type
SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END AS kind,
  s.nspname || '.' || t.typname AS name,
  CASE WHEN t.typtype = 'e' THEN ARRAY(
    SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
  END AS "values",
  CASE WHEN t.typtype = 'c' THEN ARRAY(
    SELECT quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
      || CASE WHEN a.attcollation <> at.typcollation
        THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END
    FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid
    WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
  END AS attributes,
  CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS type,
  CASE WHEN t.typtype = 'd' THEN t.typnotnull END AS nullability,
  CASE WHEN t.typtype = 'd'
    THEN coalesce(pg_get_expr(t.typdefaultbin, 'pg_type'::regclass), quote_literal(t.typdefault))
    ELSE t.typdefault END AS "default",
  CASE WHEN t.typtype = 'd' AND t.typcollation <> base.typcollation
    THEN t.typcollation::regcollation::text END AS collation,
  CASE WHEN t.typtype = 'd' THEN ( -- since 17
    SELECT n.conname FROM pg_constraint n WHERE n.contypid = t.oid AND n.contype = 'n' -- since 17
      AND n.conname <> t.typname || '_not_null') END AS "not-null constraint", -- since 17
  CASE WHEN t.typtype = 'r' THEN (
    SELECT json_strip_nulls(json_build_object(
      'subtype', format_type(g.rngsubtype, NULL),
      'multirange', format_type(g.rngmultitypid, NULL), -- since 14
      'collation', NULLIF(g.rngcollation, 0)::regcollation::text,
      'subtype_opclass', (SELECT os.nspname || '.' || o.opcname FROM pg_opclass o
        JOIN pg_namespace os ON os.oid = o.opcnamespace WHERE o.oid = g.rngsubopc),
      'canonical', NULLIF(g.rngcanonical, 0)::regproc::text,
      'subtype_diff', NULLIF(g.rngsubdiff, 0)::regproc::text))
    FROM pg_range g WHERE g.rngtypid = t.oid) END AS range,
  CASE WHEN t.typtype = 'b' THEN json_build_object(
    'input', t.typinput::text, 'output', t.typoutput::text,
    'receive', t.typreceive::text, 'send', t.typsend::text,
    'typmod_in', t.typmodin::text, 'typmod_out', t.typmodout::text,
    'analyze', t.typanalyze::text,
    'subscript', t.typsubscript::text, -- since 14
    'internallength', t.typlen, 'passedbyvalue', t.typbyval, 'alignment', t.typalign,
    'storage', t.typstorage, 'category', t.typcategory, 'preferred', t.typispreferred,
    'delimiter', t.typdelim, 'element', NULLIF(t.typelem, 0)::regtype::text,
    'collatable', t.typcollation <> 0) END AS base,
  CASE WHEN NOT t.typisdefined THEN true END AS shell,
  pg_get_userbyid(t.typowner) AS owner,
  {acl T t.typacl t.typowner} AS privileges,
  coalesce({comment pg_type t.oid}, {comment pg_class t.typrelid}) AS comment
FROM pg_type t
JOIN space s ON s.oid = t.typnamespace
LEFT JOIN pg_class row_type ON row_type.oid = t.typrelid
LEFT JOIN pg_type element ON element.oid = t.typelem AND element.typarray = t.oid
LEFT JOIN pg_type base ON base.oid = t.typbasetype
WHERE t.typtype IN ('b', 'c', 'd', 'e', 'p', 'r')
  AND (t.typtype <> 'c' OR row_type.relkind = 'c')
  AND element.oid IS NULL
  AND {own pg_type t.oid}

-- section: cast
-- The one from a range to its multirange is dependent on the type ('i') and follows from it.
SELECT format_type(k.castsource, NULL) || ' as ' || format_type(k.casttarget, NULL) AS name,
  NULLIF(k.castfunc, 0)::regprocedure::text AS function,
  k.castcontext AS context, k.castmethod AS method,
  {comment pg_cast k.oid} AS comment
FROM pg_cast k
WHERE k.oid >= 16384 AND {own pg_cast k.oid}
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass
    AND d.objid = k.oid AND d.deptype = 'i')

-- section: collation
SELECT s.nspname || '.' || k.collname AS name,
  (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(k))
    WHERE value <> 'null' AND key NOT IN ('oid', 'collname', 'collnamespace', 'collowner',
      'collversion')) AS properties,
  pg_get_userbyid(k.collowner) AS owner,
  {comment pg_collation k.oid} AS comment
FROM pg_collation k
JOIN space s ON s.oid = k.collnamespace
WHERE {own pg_collation k.oid}

-- section: conversion
SELECT s.nspname || '.' || k.conname AS name,
  pg_encoding_to_char(k.conforencoding) AS source,
  pg_encoding_to_char(k.contoencoding) AS target,
  k.conproc::text AS function, k.condefault AS "default",
  pg_get_userbyid(k.conowner) AS owner,
  {comment pg_conversion k.oid} AS comment
FROM pg_conversion k
JOIN space s ON s.oid = k.connamespace
WHERE {own pg_conversion k.oid}

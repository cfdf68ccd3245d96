-- section: extension
SELECT e.extname AS name, e.extversion AS version, n.nspname AS schema,
  {comment pg_extension e.oid} AS comment
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace

-- section: extension dependency
SELECT o.type || ' ' || o.identity || ' on extension ' || e.extname AS name
FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) o
WHERE d.deptype = 'x'

-- section: security label
SELECT l.provider || ' on ' || o.type || ' ' || o.identity AS name, l.label
FROM pg_seclabel l
CROSS JOIN LATERAL pg_identify_object(l.classoid, l.objoid, l.objsubid) o

-- section: foreign-data wrapper
SELECT w.fdwname AS name, NULLIF(w.fdwhandler, 0)::regproc::text AS handler,
  NULLIF(w.fdwvalidator, 0)::regproc::text AS validator,
  {sorted w.fdwoptions} AS options,
  pg_get_userbyid(w.fdwowner) AS owner,
  {acl F w.fdwacl w.fdwowner} AS privileges,
  {comment pg_foreign_data_wrapper w.oid} AS comment
FROM pg_foreign_data_wrapper w
WHERE {own pg_foreign_data_wrapper w.oid}

-- section: server
SELECT v.srvname AS name, w.fdwname AS wrapper, v.srvtype AS type, v.srvversion AS version,
  {sorted v.srvoptions} AS options,
  pg_get_userbyid(v.srvowner) AS owner,
  {acl S v.srvacl v.srvowner} AS privileges,
  {comment pg_foreign_server v.oid} AS comment
FROM pg_foreign_server v
JOIN pg_foreign_data_wrapper w ON w.oid = v.srvfdw
WHERE {own pg_foreign_server v.oid}

-- section: user mapping
SELECT m.usename || ' on server ' || m.srvname AS name,
  json_build_array('server', m.srvname) AS parent,
  ARRAY(SELECT (CASE WHEN o ~* '^[^=]*pass' THEN regexp_replace(o, '=.*', '=(hidden)') ELSE o END)
    COLLATE "C" FROM unnest(m.umoptions) o ORDER BY 1) AS options
FROM pg_user_mappings m

-- section: publication
SELECT p.pubname AS name,
  (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(p))
    WHERE key NOT IN ('oid', 'pubname', 'pubowner')) AS properties,
  ARRAY(SELECT r.prrelid::regclass::text COLLATE "C"
      || coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) -- since 15
        FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) || ')', '') -- since 15
      || coalesce(' WHERE ' || pg_get_expr(r.prqual, r.prrelid), '') -- since 15
    FROM pg_publication_rel r WHERE r.prpubid = p.oid ORDER BY 1) AS tables,
  ARRAY(SELECT s.pnnspid::regnamespace::text COLLATE "C" FROM pg_publication_namespace s -- since 15
    WHERE s.pnpubid = p.oid ORDER BY 1) AS schemas, -- since 15
  pg_get_userbyid(p.pubowner) AS owner,
  {comment pg_publication p.oid} AS comment
FROM pg_publication p
WHERE {own pg_publication p.oid}

-- section: subscription
-- subconninfo may hold a password and is not read.
SELECT u.subname AS name, u.subenabled AS enabled, u.subslotname AS slot,
  u.subsynccommit AS "synchronous commit", {sorted u.subpublications} AS publications,
  u.subbinary AS "binary", u.substream AS streaming, -- since 14
  u.subtwophasestate AS "two phase", u.subdisableonerr AS "disable on error", -- since 15
  u.suborigin AS origin, u.subrunasowner AS "run as owner", -- since 16
  u.subpasswordrequired AS "password required", -- since 16
  u.subfailover AS failover, -- since 17
  pg_get_userbyid(u.subowner) AS owner
FROM pg_subscription u
WHERE u.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())

-- section: database
-- Its name is left out: a clone's is another.
SELECT 'current' AS name, pg_get_userbyid(d.datdba) AS owner, NULLIF(d.datconnlimit, -1)
    AS "connection limit",
  {acl d d.datacl d.datdba} AS privileges,
  shobj_description(d.oid, 'pg_database') AS comment
FROM pg_database d
WHERE d.datname = current_database()

-- section: role
-- pg_roles masks the password (pg_authid is not read).
SELECT u.rolname AS name, u.rolsuper AS superuser, u.rolinherit AS inherit,
  u.rolcreaterole AS createrole, u.rolcreatedb AS createdb, u.rolcanlogin AS login,
  u.rolreplication AS replication, u.rolbypassrls AS bypassrls,
  NULLIF(u.rolconnlimit, -1) AS "connection limit", u.rolvaliduntil::text AS "valid until",
  shobj_description(u.oid, 'pg_authid') AS comment
FROM pg_roles u
WHERE {role u.rolname}

-- section: membership
SELECT pg_get_userbyid(m.member) || ' in ' || pg_get_userbyid(m.roleid)
    || ' by ' || pg_get_userbyid(m.grantor) -- since 16
    AS name,
  json_build_array('role', pg_get_userbyid(m.roleid), 'role', pg_get_userbyid(m.member)) AS parent,
  pg_get_userbyid(m.roleid) AS role,
  m.admin_option AS admin,
  m.inherit_option AS inherit, m.set_option AS "set", -- since 16
  pg_get_userbyid(m.member) AS member
FROM pg_auth_members m
WHERE {role pg_get_userbyid(m.member)}

-- section: setting
SELECT split_part(v, '=', 1)
    || CASE WHEN g.setrole = 0 THEN '' ELSE ' of role ' || pg_get_userbyid(g.setrole) END
    || CASE WHEN g.setdatabase = 0 THEN '' WHEN g.setrole = 0 THEN ' of the database'
      ELSE ' in the database' END AS name,
  CASE WHEN g.setrole <> 0 THEN json_build_array('role', pg_get_userbyid(g.setrole)) END AS parent,
  v AS value
FROM pg_db_role_setting g
CROSS JOIN unnest(g.setconfig) v
WHERE g.setdatabase IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
  AND (g.setrole = 0 OR {role pg_get_userbyid(g.setrole)})

-- section: default privilege
SELECT 'for role ' || pg_get_userbyid(a.defaclrole) || coalesce(' in schema ' || n.nspname, '')
    || ' on ' || CASE a.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences'
      WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas'
      WHEN 'L' THEN 'large objects' ELSE a.defaclobjtype::text END AS name,
  CASE WHEN a.defaclnamespace <> 0 THEN json_build_array('schema', n.nspname) END AS parent,
  {sorted a.defaclacl} AS privileges
FROM pg_default_acl a
LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace

-- section: parameter -- since 15
SELECT p.parname AS name, {sorted p.paracl} AS privileges FROM pg_parameter_acl p -- since 15

-- section: system privilege
-- Privileges on what PostgreSQL or an extension brought, where they are no longer the initial ones.
SELECT o.type || ' ' || o.identity AS name, {sorted x.acl} AS privileges
FROM (
  SELECT 'pg_class'::regclass AS classid, c.oid, c.relacl AS acl, c.relnamespace AS namespace
  FROM pg_class c WHERE c.relacl IS NOT NULL
  UNION ALL
  SELECT 'pg_proc'::regclass, p.oid, p.proacl, p.pronamespace
  FROM pg_proc p WHERE p.proacl IS NOT NULL
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, t.typacl, t.typnamespace
  FROM pg_type t WHERE t.typacl IS NOT NULL
  UNION ALL
  SELECT 'pg_language'::regclass, l.oid, l.lanacl, 0 FROM pg_language l WHERE l.lanacl IS NOT NULL
  UNION ALL
  SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, w.fdwacl, 0
  FROM pg_foreign_data_wrapper w WHERE w.fdwacl IS NOT NULL
  UNION ALL
  SELECT 'pg_namespace'::regclass, n.oid, n.nspacl, n.oid
  FROM pg_namespace n WHERE n.nspacl IS NOT NULL
) x
LEFT JOIN pg_init_privs i ON i.classoid = x.classid AND i.objoid = x.oid AND i.objsubid = 0
CROSS JOIN LATERAL pg_identify_object(x.classid, x.oid, 0) o
WHERE (x.namespace = 'pg_catalog'::regnamespace OR x.namespace = 0 AND x.oid < 16384
    OR (x.classid, x.oid) IN (SELECT m.classid, m.objid FROM member m))
  AND x.acl IS DISTINCT FROM i.initprivs
  AND {sorted x.acl} IS DISTINCT FROM {sorted i.initprivs}

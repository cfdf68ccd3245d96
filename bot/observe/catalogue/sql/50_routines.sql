-- section: function
-- Constructors of range types are dependent on them ('i') and follow from the type.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END
    AS kind,
  s.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')' AS name,
  CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END AS definition,
  CASE WHEN p.prokind = 'a' THEN (
    SELECT jsonb_strip_nulls(jsonb_build_object(
      'arguments', pg_get_function_arguments(p.oid), 'parallel', p.proparallel,
      'kind', g.aggkind, 'direct arguments', g.aggnumdirectargs,
      'sfunc', g.aggtransfn::text, 'stype', format_type(g.aggtranstype, NULL),
      'sspace', NULLIF(g.aggtransspace, 0), 'initcond', g.agginitval,
      'finalfunc', NULLIF(g.aggfinalfn, 0)::text, 'finalfunc_extra', g.aggfinalextra,
      'finalfunc_modify', g.aggfinalmodify, 'combinefunc', NULLIF(g.aggcombinefn, 0)::text,
      'serialfunc', NULLIF(g.aggserialfn, 0)::text,
      'deserialfunc', NULLIF(g.aggdeserialfn, 0)::text,
      'msfunc', NULLIF(g.aggmtransfn, 0)::text, 'minvfunc', NULLIF(g.aggminvtransfn, 0)::text,
      'mfinalfunc', NULLIF(g.aggmfinalfn, 0)::text, 'mfinalfunc_extra', g.aggmfinalextra,
      'mfinalfunc_modify', g.aggmfinalmodify,
      'mstype', format_type(NULLIF(g.aggmtranstype, 0), NULL),
      'msspace', NULLIF(g.aggmtransspace, 0), 'minitcond', g.aggminitval,
      'sortop', NULLIF(g.aggsortop, 0)::regoperator::text))
    FROM pg_aggregate g WHERE g.aggfnoid = p.oid) END AS aggregate,
  pg_get_userbyid(p.proowner) AS owner,
  {acl f p.proacl p.proowner} AS privileges,
  {comment pg_proc p.oid} AS comment
FROM pg_proc p
JOIN space s ON s.oid = p.pronamespace
WHERE {own pg_proc p.oid}
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
    AND d.objid = p.oid AND d.deptype = 'i')

-- section: trigger
-- A partition's copy of its parent's trigger is listed when its enabled state is another.
SELECT r.name || '.' || t.tgname AS name,
  r.name AS "table",
  pg_get_triggerdef(t.oid) AS definition,
  t.tgenabled AS enabled,
  {comment pg_trigger t.oid} AS comment
FROM pg_trigger t
JOIN relation r ON r.oid = t.tgrelid
LEFT JOIN pg_trigger above ON above.oid = t.tgparentid
WHERE (NOT t.tgisinternal AND t.tgparentid = 0)
  OR (t.tgparentid <> 0 AND t.tgenabled <> above.tgenabled AND NOT above.tgisinternal)

-- section: event trigger
SELECT t.evtname AS name, t.evtevent AS event, {sorted t.evttags} AS tags,
  t.evtfoid::regproc::text AS function, t.evtenabled AS enabled,
  pg_get_userbyid(t.evtowner) AS owner,
  {comment pg_event_trigger t.oid} AS comment
FROM pg_event_trigger t
WHERE {own pg_event_trigger t.oid}

-- section: rule
SELECT r.name || '.' || w.rulename AS name, r.name AS "table",
  pg_get_ruledef(w.oid) AS definition, w.ev_enabled AS enabled,
  {comment pg_rewrite w.oid} AS comment
FROM pg_rewrite w
JOIN relation r ON r.oid = w.ev_class
WHERE w.oid >= 16384 AND (w.rulename <> '_RETURN' OR r.relkind NOT IN ('v', 'm'))

-- section: policy
SELECT r.name || '.' || p.polname AS name, r.name AS "table",
  p.polpermissive AS permissive, p.polcmd AS command,
  ARRAY(SELECT CASE u WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(u) END::text COLLATE "C"
    FROM unnest(p.polroles) u ORDER BY 1) AS roles,
  pg_get_expr(p.polqual, p.polrelid) AS "using",
  pg_get_expr(p.polwithcheck, p.polrelid) AS "with check",
  {comment pg_policy p.oid} AS comment
FROM pg_policy p
JOIN relation r ON r.oid = p.polrelid

-- section: statistics
SELECT s.nspname || '.' || x.stxname AS name, r.name AS "table",
  pg_get_statisticsobjdef(x.oid) AS definition,
  NULLIF(x.stxstattarget, -1) AS target,
  pg_get_userbyid(x.stxowner) AS owner,
  {comment pg_statistic_ext x.oid} AS comment
FROM pg_statistic_ext x
JOIN relation r ON r.oid = x.stxrelid
JOIN pg_namespace s ON s.oid = x.stxnamespace

-- section: language
SELECT l.lanname AS name, l.lanpltrusted AS trusted,
  NULLIF(l.lanplcallfoid, 0)::regproc::text AS handler,
  NULLIF(l.laninline, 0)::regproc::text AS inline,
  NULLIF(l.lanvalidator, 0)::regproc::text AS validator,
  pg_get_userbyid(l.lanowner) AS owner,
  {acl l l.lanacl l.lanowner} AS privileges,
  {comment pg_language l.oid} AS comment
FROM pg_language l
WHERE l.oid >= 16384 AND {own pg_language l.oid}

-- section: transform
SELECT format_type(f.trftype, NULL) || ' for ' || l.lanname AS name,
  NULLIF(f.trffromsql, 0)::regprocedure::text AS "from sql",
  NULLIF(f.trftosql, 0)::regprocedure::text AS "to sql",
  {comment pg_transform f.oid} AS comment
FROM pg_transform f
JOIN pg_language l ON l.oid = f.trflang
WHERE {own pg_transform f.oid}

-- section: access method
SELECT a.amname AS name, a.amtype AS type, a.amhandler::text AS handler,
  {comment pg_am a.oid} AS comment
FROM pg_am a
WHERE a.oid >= 16384 AND {own pg_am a.oid}

-- section: operator
SELECT s.nspname || '.' || o.oprname
    || '(' || coalesce(format_type(NULLIF(o.oprleft, 0), NULL), 'NONE')
    || ', ' || coalesce(format_type(NULLIF(o.oprright, 0), NULL), 'NONE') || ')' AS name,
  format_type(o.oprresult, NULL) AS result, o.oprcode::text AS function,
  NULLIF(o.oprcom, 0)::regoperator::text AS commutator,
  NULLIF(o.oprnegate, 0)::regoperator::text AS negator,
  NULLIF(o.oprrest, 0)::text AS restrict, NULLIF(o.oprjoin, 0)::text AS "join",
  o.oprcanmerge AS merges, o.oprcanhash AS hashes,
  pg_get_userbyid(o.oprowner) AS owner,
  {comment pg_operator o.oid} AS comment
FROM pg_operator o
JOIN space s ON s.oid = o.oprnamespace
WHERE o.oprcode <> 0 AND {own pg_operator o.oid}

-- section: operator class
SELECT s.nspname || '.' || o.opcname || ' using ' || a.amname AS name,
  format_type(o.opcintype, NULL) AS type,
  format_type(NULLIF(o.opckeytype, 0), NULL) AS storage,
  o.opcdefault AS "default",
  fs.nspname || '.' || f.opfname AS family,
  pg_get_userbyid(o.opcowner) AS owner,
  {comment pg_opclass o.oid} AS comment
FROM pg_opclass o
JOIN space s ON s.oid = o.opcnamespace
JOIN pg_am a ON a.oid = o.opcmethod
JOIN pg_opfamily f ON f.oid = o.opcfamily
JOIN pg_namespace fs ON fs.oid = f.opfnamespace
WHERE {own pg_opclass o.oid}

-- section: operator family
SELECT s.nspname || '.' || f.opfname || ' using ' || a.amname AS name,
  ARRAY(SELECT format('OPERATOR %s %s%s%s', p.amopstrategy, p.amopopr::regoperator,
      (SELECT ' FOR ORDER BY ' || sf.opfname FROM pg_opfamily sf WHERE sf.oid = p.amopsortfamily),
      (SELECT ' in ' || c.opcname FROM pg_depend d JOIN pg_opclass c ON c.oid = d.refobjid
        WHERE d.classid = 'pg_amop'::regclass AND d.objid = p.oid
          AND d.refclassid = 'pg_opclass'::regclass AND d.deptype = 'i')) COLLATE "C"
    FROM pg_amop p WHERE p.amopfamily = f.oid ORDER BY 1) AS operators,
  ARRAY(SELECT format('FUNCTION %s (%s, %s) %s%s', p.amprocnum, p.amproclefttype::regtype,
      p.amprocrighttype::regtype, p.amproc::oid::regprocedure,
      (SELECT ' in ' || c.opcname FROM pg_depend d JOIN pg_opclass c ON c.oid = d.refobjid
        WHERE d.classid = 'pg_amproc'::regclass AND d.objid = p.oid
          AND d.refclassid = 'pg_opclass'::regclass AND d.deptype = 'i')) COLLATE "C"
    FROM pg_amproc p WHERE p.amprocfamily = f.oid ORDER BY 1) AS functions,
  pg_get_userbyid(f.opfowner) AS owner,
  {comment pg_opfamily f.oid} AS comment
FROM pg_opfamily f
JOIN space s ON s.oid = f.opfnamespace
JOIN pg_am a ON a.oid = f.opfmethod
WHERE {own pg_opfamily f.oid}

-- section: text search configuration
SELECT s.nspname || '.' || k.cfgname AS name,
  ps.nspname || '.' || p.prsname AS parser,
  ARRAY(SELECT format('%s: %s', t.alias,
      string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno)) COLLATE "C"
    FROM pg_ts_config_map m JOIN ts_token_type(k.cfgparser) t ON t.tokid = m.maptokentype
    WHERE m.mapcfg = k.oid GROUP BY t.alias ORDER BY 1) AS mappings,
  pg_get_userbyid(k.cfgowner) AS owner,
  {comment pg_ts_config k.oid} AS comment
FROM pg_ts_config k
JOIN space s ON s.oid = k.cfgnamespace
JOIN pg_ts_parser p ON p.oid = k.cfgparser
JOIN pg_namespace ps ON ps.oid = p.prsnamespace
WHERE {own pg_ts_config k.oid}

-- section: text search dictionary
SELECT s.nspname || '.' || k.dictname AS name,
  ts.nspname || '.' || t.tmplname AS template, k.dictinitoption AS options,
  pg_get_userbyid(k.dictowner) AS owner,
  {comment pg_ts_dict k.oid} AS comment
FROM pg_ts_dict k
JOIN space s ON s.oid = k.dictnamespace
JOIN pg_ts_template t ON t.oid = k.dicttemplate
JOIN pg_namespace ts ON ts.oid = t.tmplnamespace
WHERE {own pg_ts_dict k.oid}

-- section: text search parser
SELECT s.nspname || '.' || k.prsname AS name,
  k.prsstart::text AS start, k.prstoken::text AS gettoken, k.prsend::text AS "end",
  k.prslextype::text AS lextypes, k.prsheadline::text AS headline,
  {comment pg_ts_parser k.oid} AS comment
FROM pg_ts_parser k
JOIN space s ON s.oid = k.prsnamespace
WHERE {own pg_ts_parser k.oid}

-- section: text search template
SELECT s.nspname || '.' || k.tmplname AS name,
  k.tmplinit::text AS init, k.tmpllexize::text AS lexize,
  {comment pg_ts_template k.oid} AS comment
FROM pg_ts_template k
JOIN space s ON s.oid = k.tmplnamespace
WHERE {own pg_ts_template k.oid}

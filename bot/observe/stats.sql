-- Rows, bytes and rows written each second of every table: what db-recheck's `table-stats` reads.
-- Rows are the planner's count, or where a table was never analysed that of the statistics; bytes
-- include TOAST and indexes; writes are counted since the statistics were last reset.
WITH since AS (
    SELECT GREATEST(1, EXTRACT(epoch FROM now()
        - COALESCE(d.stats_reset, pg_catalog.pg_postmaster_start_time()))) AS seconds
    FROM pg_catalog.pg_stat_database d
    WHERE d.datname = pg_catalog.current_database()
), parts AS (
    SELECT c.oid, n.nspname || '.' || c.relname AS name, p.relid
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (
        SELECT c.oid::regclass AS relid WHERE c.relkind IN ('r', 'm')
        UNION ALL
        SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) t
        WHERE c.relkind = 'p' AND t.isleaf
    ) p
    WHERE c.relkind IN ('r', 'm', 'p')
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND n.nspname NOT LIKE 'pg\_temp\_%'
), sizes AS (
    SELECT parts.name,
        SUM(CASE WHEN l.reltuples >= 0 THEN l.reltuples::bigint
            ELSE COALESCE(s.n_live_tup, 0) END)::bigint AS rows,
        SUM(COALESCE(pg_catalog.pg_total_relation_size(l.oid), 0))::bigint AS bytes,
        SUM(COALESCE(s.n_tup_ins + s.n_tup_upd + s.n_tup_del, 0)) AS writes
    FROM parts
    JOIN pg_catalog.pg_class l ON l.oid = parts.relid
    LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = l.oid
    GROUP BY parts.name
)
SELECT COALESCE(pg_catalog.jsonb_pretty(pg_catalog.jsonb_object_agg(sizes.name,
    pg_catalog.jsonb_build_object('rows', rows, 'bytes', bytes,
        'writes-per-second', ROUND((writes / since.seconds)::numeric, 3)))), '{}')
FROM sizes CROSS JOIN since;

-- Stand-in for contrib/uuid-ossp 1.1 where the server was built without it.
-- The functions and their signatures are those of the PostgreSQL docs, appendix F ("uuid-ossp").
-- Versions 1 and 3 to 5 are made as RFC 9562 describes them. The node of version 1 is random with
-- the multicast bit set (RFC 9562, section 6.10) instead of the machine's MAC address.

CREATE FUNCTION uuid_nil() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '00000000-0000-0000-0000-000000000000'::uuid;

CREATE FUNCTION uuid_ns_dns() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_ns_url() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_ns_oid() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_ns_x500() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid;

-- 60 bits: units of 100 ns since 1582-10-15, 12219292800 s before 1970 (RFC 9562, section 5.1).
CREATE FUNCTION uuid_generate_v1mc() RETURNS uuid
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
SET search_path = pg_catalog
AS $$
DECLARE
    ticks bigint := (extract(epoch FROM clock_timestamp()) * 10000000)::bigint
        + 122192928000000000 + floor(random() * 10)::bigint;
    random bytea := uuid_send(gen_random_uuid());
    hex text := lpad(to_hex(ticks), 16, '0');
    node bytea := substr(random, 11, 6);
    clock bytea := substr(random, 9, 2);  -- its variant bits are already those of RFC 9562
BEGIN
    node := set_byte(node, 0, get_byte(node, 0) | 1);
    RETURN (substr(hex, 9, 8) || substr(hex, 5, 4) || '1' || substr(hex, 2, 3)
        || encode(clock, 'hex') || encode(node, 'hex'))::uuid;
END
$$;

CREATE FUNCTION uuid_generate_v1() RETURNS uuid
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
RETURN uuid_generate_v1mc();

CREATE FUNCTION uuid_generate_v4() RETURNS uuid
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
RETURN pg_catalog.gen_random_uuid();

CREATE FUNCTION uuid_generate_v3(namespace uuid, name text) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog
AS $$
DECLARE
    hash bytea := decode(md5(uuid_send(namespace) || convert_to(name, 'UTF8')), 'hex');
BEGIN
    hash := set_byte(hash, 6, (get_byte(hash, 6) & 15) | 48);
    hash := set_byte(hash, 8, (get_byte(hash, 8) & 63) | 128);
    RETURN encode(hash, 'hex')::uuid;
END
$$;

-- SHA-1 (FIPS 180-4, section 6.1): the server itself has no SQL function for it.
CREATE FUNCTION uuid_ossp_stand_in_sha1(message bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog
AS $$
DECLARE
    mask CONSTANT bigint := x'ffffffff'::bigint;
    padded bytea := message || '\x80'::bytea
        || decode(repeat('00', (119 - length(message) % 64) % 64), 'hex')
        || int8send(length(message)::bigint * 8);
    h bigint[] := ARRAY[x'67452301'::bigint, x'efcdab89'::bigint, x'98badcfe'::bigint,
        x'10325476'::bigint, x'c3d2e1f0'::bigint];
    w bigint[];
    a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; k bigint; t bigint;
    result bytea := '';
BEGIN
    FOR block IN 0 .. length(padded) / 64 - 1 LOOP
        FOR i IN 0 .. 15 LOOP
            w[i] := (get_byte(padded, block * 64 + i * 4)::bigint << 24)
                | (get_byte(padded, block * 64 + i * 4 + 1) << 16)
                | (get_byte(padded, block * 64 + i * 4 + 2) << 8)
                | get_byte(padded, block * 64 + i * 4 + 3);
        END LOOP;
        FOR i IN 16 .. 79 LOOP
            t := w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16];
            w[i] := ((t << 1) | (t >> 31)) & mask;
        END LOOP;
        a := h[1]; b := h[2]; c := h[3]; d := h[4]; e := h[5];
        FOR i IN 0 .. 79 LOOP
            IF i < 20 THEN
                f := (b & c) | ((mask # b) & d); k := x'5a827999'::bigint;
            ELSIF i < 40 THEN
                f := b # c # d; k := x'6ed9eba1'::bigint;
            ELSIF i < 60 THEN
                f := (b & c) | (b & d) | (c & d); k := x'8f1bbcdc'::bigint;
            ELSE
                f := b # c # d; k := x'ca62c1d6'::bigint;
            END IF;
            t := ((((a << 5) | (a >> 27)) & mask) + f + e + k + w[i]) & mask;
            e := d; d := c; c := ((b << 30) | (b >> 2)) & mask; b := a; a := t;
        END LOOP;
        h := ARRAY[(h[1] + a) & mask, (h[2] + b) & mask, (h[3] + c) & mask,
            (h[4] + d) & mask, (h[5] + e) & mask];
    END LOOP;
    FOR i IN 1 .. 5 LOOP
        result := result || substr(int8send(h[i]), 5);
    END LOOP;
    RETURN result;
END
$$;

-- A body that is parsed now holds its functions by identity: the extension can change its schema.
CREATE FUNCTION uuid_generate_v5(namespace uuid, name text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT encode(set_byte(set_byte(hash, 6, (get_byte(hash, 6) & 15) | 80),
        8, (get_byte(hash, 8) & 63) | 128), 'hex')::uuid
    FROM (SELECT substr(uuid_ossp_stand_in_sha1(
        uuid_send(namespace) || convert_to(name, 'UTF8')), 1, 16) AS hash) AS made
);

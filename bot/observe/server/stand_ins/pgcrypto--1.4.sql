-- Stand-in for contrib/pgcrypto where the server was built without OpenSSL.
-- The functions and their signatures are those of the PostgreSQL docs, appendix F ("pgcrypto").
-- Hashes, HMAC and random bytes are right; everything else raises instead of inventing a value.

-- SHA-1 (FIPS 180-4, section 6.1): the server itself has no SQL function for it.
CREATE FUNCTION pgcrypto_stand_in_sha1(message bytea) RETURNS bytea
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

CREATE FUNCTION pgcrypto_stand_in_unknown(text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'Cannot use "%": No such hash algorithm', $1
        USING ERRCODE = 'invalid_parameter_value';
END
$$;

-- Bodies that are parsed now hold their functions by identity: the extension can change its schema.
CREATE FUNCTION digest(bytea, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE lower($2)
    WHEN 'md5' THEN pg_catalog.decode(pg_catalog.md5($1), 'hex')
    WHEN 'sha1' THEN pgcrypto_stand_in_sha1($1)
    WHEN 'sha224' THEN pg_catalog.sha224($1)
    WHEN 'sha256' THEN pg_catalog.sha256($1)
    WHEN 'sha384' THEN pg_catalog.sha384($1)
    WHEN 'sha512' THEN pg_catalog.sha512($1)
    ELSE pgcrypto_stand_in_unknown($2)
END;

CREATE FUNCTION digest(text, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN digest(pg_catalog.convert_to($1, pg_catalog.getdatabaseencoding()), $2);

-- Exclusive or of every byte with one number.
CREATE FUNCTION pgcrypto_stand_in_pad(key bytea, pad integer) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog
AS $$
BEGIN
    FOR i IN 0 .. length(key) - 1 LOOP
        key := set_byte(key, i, get_byte(key, i) # pad);
    END LOOP;
    RETURN key;
END
$$;

-- The key as long as a block of the hash (RFC 2104, section 2): 128 bytes for SHA-384 and SHA-512.
CREATE FUNCTION pgcrypto_stand_in_key(key bytea, type text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT short || pg_catalog.decode(pg_catalog.repeat('00', size - pg_catalog.length(short)), 'hex')
    FROM (
        SELECT size, CASE WHEN pg_catalog.length(key) > size THEN digest(key, type) ELSE key END AS short
        FROM (SELECT CASE WHEN lower(type) IN ('sha384', 'sha512') THEN 128 ELSE 64 END AS size) AS block
    ) AS cut
);

CREATE FUNCTION hmac(bytea, bytea, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN digest(
    pgcrypto_stand_in_pad(pgcrypto_stand_in_key($2, $3), 92)
    || digest(pgcrypto_stand_in_pad(pgcrypto_stand_in_key($2, $3), 54) || $1, $3), $3);

CREATE FUNCTION hmac(text, text, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN hmac(
    pg_catalog.convert_to($1, pg_catalog.getdatabaseencoding()),
    pg_catalog.convert_to($2, pg_catalog.getdatabaseencoding()), $3);

CREATE FUNCTION gen_random_uuid() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN pg_catalog.gen_random_uuid();

-- SHA-256 over two random UUIDs (244 random bits) per 32 bytes.
CREATE FUNCTION gen_random_bytes(integer) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
SET search_path = pg_catalog
AS $$
DECLARE
    result bytea := '';
BEGIN
    IF $1 NOT BETWEEN 1 AND 1024 THEN
        RAISE EXCEPTION 'Length not in range' USING ERRCODE = 'external_routine_invocation_exception';
    END IF;
    WHILE length(result) < $1 LOOP
        result := result || sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    END LOOP;
    RETURN substr(result, 1, $1);
END
$$;

-- No OpenSSL, hence no FIPS mode.
CREATE FUNCTION fips_mode() RETURNS boolean
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
RETURN false;

-- What follows needs real cryptography.

CREATE FUNCTION crypt(text, text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'crypt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION gen_salt(text) RETURNS text
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'gen_salt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION gen_salt(text, integer) RETURNS text
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'gen_salt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION encrypt(bytea, bytea, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'encrypt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION decrypt(bytea, bytea, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'decrypt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION encrypt_iv(bytea, bytea, bytea, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'encrypt_iv() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION decrypt_iv(bytea, bytea, bytea, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'decrypt_iv() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_sym_encrypt(text, text) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_sym_encrypt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_sym_encrypt_bytea(bytea, text) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_sym_encrypt_bytea() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_sym_decrypt(bytea, text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_sym_decrypt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_sym_decrypt_bytea(bytea, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_sym_decrypt_bytea() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_pub_encrypt(text, bytea) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_pub_encrypt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_pub_encrypt_bytea(bytea, bytea) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_pub_encrypt_bytea() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_sym_encrypt(text, text, text) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_sym_encrypt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_sym_encrypt_bytea(bytea, text, text) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_sym_encrypt_bytea() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_sym_decrypt(bytea, text, text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_sym_decrypt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_sym_decrypt_bytea(bytea, text, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_sym_decrypt_bytea() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_pub_encrypt(text, bytea, text) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_pub_encrypt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_pub_encrypt_bytea(bytea, bytea, text) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_pub_encrypt_bytea() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_pub_decrypt(bytea, bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_pub_decrypt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_pub_decrypt_bytea(bytea, bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_pub_decrypt_bytea() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_pub_decrypt(bytea, bytea, text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_pub_decrypt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_pub_decrypt_bytea(bytea, bytea, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_pub_decrypt_bytea() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_pub_decrypt(bytea, bytea, text, text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_pub_decrypt() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_pub_decrypt_bytea(bytea, bytea, text, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_pub_decrypt_bytea() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_key_id(bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_key_id() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION armor(bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'armor() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION armor(bytea, text[], text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'armor() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION dearmor(text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'dearmor() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

CREATE FUNCTION pgp_armor_headers(text, OUT key text, OUT value text) RETURNS SETOF record
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgp_armor_headers() is not available in the stand-in for pgcrypto'
        USING ERRCODE = 'feature_not_supported',
        HINT = 'Run db-recheck with a PostgreSQL that has pgcrypto (--database-url, or --postgres).';
END
$$;

"""The chain: what fills it, and what keeps it and the events from being changed."""

from django.db import migrations

from housing_ach.audit.operations import AppendOnly, DigestStatements, for_roles

FORBID = """
CREATE FUNCTION audit_forbid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is forbidden: history is only added to', tg_op, tg_table_name
        USING ERRCODE = 'insufficient_privilege';
END $$
"""

# The settings that change how a value is written as text are pinned, so the same rows always give
# the same digest. A plan made while the table was empty would be a sequential scan, cached for the
# session: hence enable_seqscan.
SETTINGS = """
    SECURITY DEFINER
    SET search_path = public, pg_temp
    SET TimeZone = 'UTC' SET DateStyle = 'ISO, MDY' SET IntervalStyle = 'postgres'
    SET bytea_output = 'hex' SET extra_float_digits = 1 SET enable_seqscan = off
"""

DIGEST = f"""
CREATE FUNCTION audit_digest() RETURNS trigger LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
    rows record;
BEGIN
    SELECT count(*) AS n, min(f.id) AS first, max(f.id) AS last,
        bool_and(f.txid = pg_current_xact_id()) AS own,
        sha256(convert_to(string_agg(f::text, E'\\n' ORDER BY f.id), 'UTF8')) AS sha
        INTO rows FROM fresh f;
    IF rows.n = 0 THEN
        RETURN NULL;
    END IF;
    IF NOT rows.own THEN
        RAISE EXCEPTION 'txid of % is given by the database alone', tg_table_name
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT FROM audit_digest d WHERE d.table_name = tg_table_name
            AND d.txid = pg_current_xact_id()
            AND d.last_id >= rows.first AND d.first_id <= rows.last) THEN
        RAISE EXCEPTION 'ids of % overlap those of another statement of the transaction',
            tg_table_name USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO audit_digest (table_name, columns, row_count, first_id, last_id, sha256)
    SELECT tg_table_name, string_agg(attname, ',' ORDER BY attnum),
        rows.n, rows.first, rows.last, rows.sha
        FROM pg_attribute WHERE attrelid = tg_relid AND attnum > 0 AND NOT attisdropped;
    INSERT INTO audit_commit (txid, pass) VALUES (pg_current_xact_id(), 1) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""

# One row for each transaction that has something to link, gone when it has.
COMMITS = """
CREATE UNLOGGED TABLE audit_commit (txid xid8, pass smallint, PRIMARY KEY (txid, pass))
"""

# Runs at COMMIT, so the sequence has no gap and is in commit order. What the first pass queues runs
# after every deferred foreign key was checked: whoever holds the lock waits for no row, or two
# commits would wait for one another.
LINK = f"""
CREATE FUNCTION audit_link() RETURNS trigger LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
    last_seq bigint;
    last_hash bytea;
    d audit_digest;
BEGIN
    IF new.pass = 1 THEN
        INSERT INTO audit_commit (txid, pass) VALUES (new.txid, 2) ON CONFLICT DO NOTHING;
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('audit_chain', 0));
    SELECT seq, hash INTO STRICT last_seq, last_hash FROM audit_chain ORDER BY seq DESC LIMIT 1;
    FOR d IN SELECT * FROM audit_digest WHERE txid = new.txid
            AND NOT EXISTS (SELECT FROM audit_chain WHERE digest_id = audit_digest.id)
            ORDER BY id LOOP
        INSERT INTO audit_chain (seq, digest_id, prev, hash) VALUES (last_seq + 1, d.id, last_hash,
                sha256(last_hash || convert_to(d::text, 'UTF8')))
            RETURNING seq, hash INTO last_seq, last_hash;
    END LOOP;
    DELETE FROM audit_commit WHERE txid = new.txid;
    RETURN NULL;
END $$
"""

# Arguments: the subject's label, the key column, then the columns never told. A trigger without
# secret columns must not lose its rows: jsonb - NULL would be NULL.
ROWS = f"""
CREATE FUNCTION audit_rows() RETURNS trigger LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
    label text := tg_argv[0];
    key text := tg_argv[1];
    secret text[] := coalesce(tg_argv[2:], '{{}}');
BEGIN
    IF tg_op = 'INSERT' THEN
        INSERT INTO audit_event (kind, subject, subject_id, was, became, data)
        SELECT 'row.insert', label, j->>key, '', '', jsonb_build_object('new', j - secret)
            FROM (SELECT to_jsonb(f) AS j FROM fresh f) n ORDER BY j->key;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit_event (kind, subject, subject_id, was, became, data)
        SELECT 'row.delete', label, j->>key, '', '', jsonb_build_object('old', j - secret)
            FROM (SELECT to_jsonb(s) AS j FROM stale s) o ORDER BY j->key;
    ELSE
        INSERT INTO audit_event (kind, subject, subject_id, was, became, data)
        SELECT 'row.update', label, coalesce(o.j->>key, n.j->>key), '', '', jsonb_build_object(
                'old', coalesce(d.old, '{{}}'), 'new', coalesce(d.new, '{{}}'),
                'secret', coalesce(d.hidden, '[]'))
            FROM (SELECT to_jsonb(s) AS j FROM stale s) o
            FULL JOIN (SELECT to_jsonb(f) AS j FROM fresh f) n ON o.j->>key = n.j->>key
            CROSS JOIN LATERAL (
                SELECT count(*) AS changes,
                    jsonb_object_agg(k, o.j->k) FILTER (WHERE k <> ALL (secret)) AS old,
                    jsonb_object_agg(k, n.j->k) FILTER (WHERE k <> ALL (secret)) AS new,
                    jsonb_agg(k) FILTER (WHERE k = ANY (secret)) AS hidden
                    FROM jsonb_object_keys(coalesce(o.j, n.j)) k
                    WHERE o.j->k IS DISTINCT FROM n.j->k
            ) d
            WHERE d.changes > 0 ORDER BY coalesce(o.j, n.j)->key;
    END IF;
    RETURN NULL;
END $$
"""

FUNCTIONS = {"audit_forbid": FORBID, "audit_digest": DIGEST, "audit_link": LINK, "audit_rows": ROWS}

# The first link is random, so the chains of two databases are never mistaken for one another.
FIRST_LINK = """
INSERT INTO audit_chain (seq, prev, hash)
    VALUES (0, '', sha256(convert_to(gen_random_uuid()::text, 'UTF8'))) ON CONFLICT DO NOTHING
"""

LINK_TRIGGER = """
CREATE CONSTRAINT TRIGGER audit_link AFTER INSERT ON audit_commit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_link()
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        *(
            migrations.RunSQL(
                # No-one may hang these on a table of their own, not even a temporary one.
                [body, f"REVOKE EXECUTE ON FUNCTION {name}() FROM PUBLIC"],
                f"DROP FUNCTION {name}()",
            )
            for name, body in FUNCTIONS.items()
        ),
        migrations.RunSQL(
            [
                COMMITS,
                for_roles("REVOKE ALL ON audit_commit FROM {role}"),
                LINK_TRIGGER,
                "ALTER TABLE audit_commit ENABLE ALWAYS TRIGGER audit_link",
            ],
            "DROP TABLE audit_commit",
        ),
        AppendOnly("audit_event"),
        AppendOnly("audit_digest"),
        AppendOnly("audit_chain"),
        DigestStatements("audit_event"),
        migrations.RunSQL(
            [
                for_roles(
                    "REVOKE INSERT ON audit_event, audit_digest, audit_chain FROM {role}"
                ),
                # Not txid, at or actor: those are the database's to say.
                for_roles(
                    "GRANT INSERT (kind, subject, subject_id, was, became, data)"
                    " ON audit_event TO {role}"
                ),
            ],
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(FIRST_LINK, migrations.RunSQL.noop),
    ]

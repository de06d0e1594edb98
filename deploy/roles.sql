-- The three roles and what each may do. Run once, as an administrator, inside the product's database;
-- running it again changes nothing. Passwords are yours to set: ALTER ROLE hms_app PASSWORD '...'.
--
--   hms_owner   owns the database and its tables: migrations, nothing else
--   hms_app     the web process: cannot read sealed secrets nor change history
--   hms_worker  worker, beat and manage.py: may also read sealed secrets
--
-- Migrations take away again what a table must not allow: UPDATE and DELETE on append-only tables,
-- and reading the vault's sealed column by hms_app.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['hms_owner', 'hms_app', 'hms_worker'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', name);
    END IF;
  END LOOP;
  -- A managed server's administrator is no superuser: to hand things over it must be a member.
  GRANT hms_owner TO CURRENT_USER;
  EXECUTE format('ALTER DATABASE %I OWNER TO hms_owner', current_database());
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format(
    'GRANT CONNECT, TEMPORARY ON DATABASE %I TO hms_app, hms_worker', current_database());
END
$$;

ALTER SCHEMA public OWNER TO hms_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO hms_app, hms_worker;

ALTER DEFAULT PRIVILEGES FOR ROLE hms_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hms_app, hms_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE hms_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO hms_app, hms_worker;

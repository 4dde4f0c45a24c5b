"""The second wall: row-level security in PostgreSQL, by the bounds of whoever asks (models/reach.py, TESTING_SECURITY 6.4).

A read that answers a request runs as the role `feilian_reader`, in a transaction that says for whom (`feilian.reach`, see
streams/databases.reading). Without it nothing is seen. The wall is never narrower than api/reach.py, which decides to the
row; where that has to look at more than a row, the wall is wider, as said at each policy. Writers and judges go on as
themselves. SQLite has no such thing: there is one process, and api/reach.py alone.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from models.canonical import sha256
from models.reach import MONEY_KINDS, TRANSPORT_ALERTS, TRANSPORT_KINDS
from streams.databases import READER

WALLED: Final = ("facts", "subjects", "alerts", "alert_changes")


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


# What a transaction says of itself: breadth|organisation|region. Unset or without an organisation
# it is of no breadth, and no policy holds.
_ASKER: Final = """
CREATE OR REPLACE FUNCTION feilian_asker(part int) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT split_part(current_setting('feilian.reach', true), '|', part) $$;
CREATE OR REPLACE FUNCTION feilian_breadth() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN length(feilian_asker(2)) = 18 THEN feilian_asker(1) ELSE '' END $$;
CREATE OR REPLACE FUNCTION feilian_json(body bytea) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT convert_from(body, 'UTF8') $$;
CREATE OR REPLACE FUNCTION feilian_says(body bytea, org text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT position(convert_to('"' || org || '"', 'UTF8') IN body) > 0 $$;
CREATE OR REPLACE FUNCTION feilian_lies_in(body text, region text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT body ~ ('[">:]' || region || '[0-9]{' || (6 - length(region)) || '}[-"]') $$;
"""

# Whether any organisation that stands in a text is of a region: by its code's digits 3 to 8, or by a site of its own.
_ORGS: Final = """
CREATE OR REPLACE FUNCTION feilian_orgs_in(body text, region text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT EXISTS (
    SELECT FROM regexp_matches(body, '[0-9A-HJ-NPQRTUWXY]{18}', 'g') AS hit
    WHERE substr(hit[1], 3, length(region)) = region
       OR EXISTS (SELECT FROM facts f WHERE f.kind = 'site-registered.v1' AND feilian_says(f.data, hit[1])
                  AND feilian_lies_in(feilian_json(f.data), region)))
$$;
"""

# Whether a manifest is the asker's: any of its facts names the organisation, lies in the region, or was handed over.
_MANIFEST: Final = f"""
CREATE OR REPLACE FUNCTION feilian_manifest(said text, breadth text, org text, region text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE number text;
BEGIN
  FOR number IN
    SELECT hit[1] FROM regexp_matches(said, '"(?:manifest_no|key|onward_of)":"([0-9]{{14}})"', 'g') AS hit
  LOOP
    IF EXISTS (
      SELECT FROM key_facts k JOIN facts f ON f.seq = k.seq
      WHERE k.concern = 'custody' AND k.key = number AND (
        CASE WHEN breadth = 'own' THEN f.stated_by = org OR feilian_says(f.data, org)
                  OR feilian_says(coalesce(f.original, ''), org)
             ELSE feilian_lies_in(feilian_json(f.data) || coalesce(feilian_json(f.original), ''), region) END))
    THEN RETURN true; END IF;
  END LOOP;
  RETURN false;
END $$;
CREATE OR REPLACE FUNCTION feilian_handed(org text, said text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT EXISTS (
    SELECT FROM facts f,
      LATERAL regexp_matches(feilian_json(f.data),
        '"([0-9]{{14}}|[1-8][0-9]{{5}}-[0-9A-Za-z]{{1,24}}|[0-9a-f]{{32}})"', 'g') AS hit
    WHERE f.kind = 'case-exported.v1' AND feilian_says(f.data, org)
      AND (said = hit[1] OR position('"' || hit[1] || '"' IN said) > 0))
$$;
CREATE OR REPLACE FUNCTION feilian_fact(kind text, by text, data bytea, original bytea) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
  breadth text := feilian_breadth();
  org text := feilian_asker(2);
  region text := feilian_asker(3);
  said text;
BEGIN
  IF coalesce(breadth, '') NOT IN ('own', 'cases', 'transport', 'medical', 'region') OR kind = 'records-read.v1' THEN
    RETURN false;
  END IF;
  IF by = org OR (breadth = 'own' AND (feilian_says(data, org) OR feilian_says(coalesce(original, ''), org))) THEN
    RETURN true;
  END IF;
  said := feilian_json(data) || coalesce(feilian_json(original), '');
  IF breadth = 'own' THEN RETURN feilian_manifest(said, breadth, org, region); END IF;
  IF kind LIKE '%-set.v1' OR kind LIKE '%-published.v1' OR kind IN ('campaign-opened.v1', 'emergency-declared.v1') THEN
    RETURN true;
  END IF;
  IF breadth = 'cases' THEN RETURN feilian_handed(org, said) OR feilian_says(data, org); END IF;
  IF breadth = 'transport' AND coalesce(substring(feilian_json(original) FROM '"kind":"([a-z.0-9-]+)"'), kind)
     NOT IN ({_listed(TRANSPORT_KINDS)}, 'licence-granted.v1', 'licence-changed.v1') THEN RETURN false; END IF;
  IF breadth <> 'region' AND kind IN ({_listed(MONEY_KINDS)}) THEN RETURN false; END IF;
  RETURN feilian_lies_in(said, region) OR feilian_manifest(said, breadth, org, region)
    OR (breadth = 'region' AND feilian_orgs_in(said || ' ' || by, region));
END $$;
"""

# A key is the asker's by what it is called, else by what stands in the subject. Of a site only its own organisation is
# told; a regulator's part of what is medical or on the way is cut out by api/reach.py.
_SUBJECT: Final = """
CREATE OR REPLACE FUNCTION feilian_owns(site text, org text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT EXISTS (SELECT FROM key_facts k JOIN facts f ON f.seq = k.seq
    WHERE k.concern = 'storage' AND k.key = site
      AND (feilian_says(f.data, org) OR feilian_says(coalesce(f.original, ''), org))
      AND (f.kind = 'site-registered.v1' OR f.original IS NOT NULL))
$$;
CREATE OR REPLACE FUNCTION feilian_subject(concern text, key text, body bytea) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
  breadth text := feilian_breadth();
  org text := feilian_asker(2);
  region text := feilian_asker(3);
BEGIN
  IF coalesce(breadth, '') NOT IN ('own', 'cases', 'transport', 'medical', 'region') THEN RETURN false; END IF;
  IF breadth = 'own' THEN
    RETURN position(org IN key) > 0 OR feilian_says(body, org)
      OR (concern IN ('storage', 'permits') AND feilian_owns(key, org))
      OR (concern = 'permits' AND key LIKE 'ap%' AND EXISTS (
        SELECT FROM regexp_matches(feilian_json(body), '"([1-8][0-9]{5}-[0-9A-Za-z]{1,24})"', 'g') AS hit
        WHERE feilian_owns(hit[1], org)))
      OR (concern = 'custody' AND feilian_manifest('"key":"' || key || '"', breadth, org, region));
  END IF;
  IF breadth = 'cases' THEN RETURN concern IN ('custody', 'storage', 'permits') AND feilian_handed(org, key); END IF;
  IF breadth <> 'region' AND concern IN ('settlement', 'capacity') THEN RETURN false; END IF;
  RETURN key LIKE region || '%' OR (concern = 'capacity' AND key LIKE substr(region, 1, 2) || ':%')
    OR feilian_lies_in(feilian_json(body), region)
    OR (concern IN ('settlement', 'permits') AND feilian_orgs_in(key, region))
    OR (concern = 'custody' AND feilian_manifest('"key":"' || key || '"', breadth, org, region))
    OR (concern = 'settlement' AND feilian_orgs_in(feilian_json(body), region));
END $$;
"""

_POLICIES: Final = {
    "facts": "feilian_fact(kind, stated_by, data, original)",
    "subjects": "feilian_subject(concern, key, body)",
    "alerts": f"""CASE (SELECT feilian_breadth())
        WHEN 'own' THEN feilian_says(parties, (SELECT feilian_asker(2)))
        WHEN 'cases' THEN feilian_handed((SELECT feilian_asker(2)), alert_id)
            OR feilian_handed((SELECT feilian_asker(2)), key)
        WHEN 'transport' THEN kind IN ({_listed(frozenset(map(str, TRANSPORT_ALERTS)))}) AND {{placed}})
        WHEN 'medical' THEN {{placed}} AND p.medical)
        WHEN 'region' THEN {{placed}})
        ELSE false END""".format(
        placed="EXISTS (SELECT FROM alert_places p WHERE p.alert_id = alerts.alert_id"
        " AND p.region LIKE (SELECT feilian_asker(3)) || '%'"
    ),
    "alert_changes": "EXISTS (SELECT FROM alerts a WHERE a.alert_id = alert_changes.alert_id)",
}


def _policy(table: str, condition: str) -> str:
    """Everybody else than the reader is not held up: those are the hands that write and judge. FORCE holds for the owner."""
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS feilian_hands ON {table};
CREATE POLICY feilian_hands ON {table} USING (current_user <> '{READER}') WITH CHECK (current_user <> '{READER}');
DROP POLICY IF EXISTS feilian_reach ON {table};
CREATE POLICY feilian_reach ON {table} FOR SELECT TO {READER}
  USING (CASE (SELECT feilian_breadth()) WHEN 'all' THEN true ELSE {condition} END);
"""


# Roles are the server's, not the database's: another database may have made it, or be making it now.
_ROLE: Final = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN
    BEGIN CREATE ROLE {READER} NOLOGIN NOBYPASSRLS NOSUPERUSER;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}' AND (rolbypassrls OR rolsuper)) THEN
    RAISE EXCEPTION 'role {READER} may bypass row security';
  END IF;
  IF NOT pg_has_role(current_user, '{READER}', 'MEMBER') THEN
    EXECUTE 'GRANT {READER} TO ' || quote_ident(current_user);
  END IF;
  EXECUTE 'GRANT USAGE ON SCHEMA ' || quote_ident(current_schema()) || ' TO {READER}';
  EXECUTE 'GRANT SELECT ON ALL TABLES IN SCHEMA ' || quote_ident(current_schema()) || ' TO {READER}';
END $$;
"""
SQL: Final = "".join(
    (
        _ROLE,
        _ASKER,
        _ORGS,
        _MANIFEST,
        _SUBJECT,
        *(_policy(table, condition) for table, condition in _POLICIES.items()),
    )
)


def install(connection: Connection) -> bool:
    """Make the reader's role, its grants and the policies those of this release; whether there was anything to do.

    In the caller's transaction, by a role that owns the tables and may create roles (or was made a member of
    `feilian_reader` by one that may). Does nothing on SQLite. What is installed is told by a comment, since making
    policies anew would lock tables at every start.
    """
    if connection.dialect.name != "postgresql":
        return False
    tables = connection.execute(
        text(
            "SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_tables WHERE schemaname = current_schema()"
        )
    ).scalar_one()
    mark = sha256(f"{SQL}{tables}".encode()).hex()
    if connection.execute(text(_INSTALLED)).scalar_one() == mark:
        return False
    plain = connection.execution_options(no_parameters=True)  # So that % is no placeholder.
    plain.exec_driver_sql(SQL)
    connection.exec_driver_sql(f"COMMENT ON FUNCTION feilian_asker(int) IS '{mark}'")
    return True


_INSTALLED: Final = "SELECT obj_description(to_regprocedure('feilian_asker(int)'), 'pg_proc')"

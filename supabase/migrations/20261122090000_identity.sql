-- Who is asking: tickets for the shared login of the terminal program, claims for PostgREST.
-- Everything private is reached through functions of the schema "private", which PostgREST does not expose.

do $$
begin
  if not exists (
    select from pg_catalog.pg_extension e
    join pg_catalog.pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'vector' and n.nspname = 'extensions'
      and string_to_array(e.extversion, '.')::int[] >= array[0, 8]
  ) then
    create extension if not exists vector with schema extensions;
    if not exists (
      select from pg_catalog.pg_extension e
      join pg_catalog.pg_namespace n on n.oid = e.extnamespace
      where e.extname = 'vector' and n.nspname = 'extensions'
        and string_to_array(e.extversion, '.')::int[] >= array[0, 8]
    ) then
      raise exception 'pgvector 0.8 or newer must be installed in the schema "extensions"';
    end if;
  end if;
end
$$;

-- The login of the data layer. It belongs to nothing and owns nothing; a ticket is what makes it somebody.
-- A hosted project sets its password afterwards: alter role tripsage_client password '...'.
do $$
declare
  client record;
begin
  select r.oid, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolinherit into client
  from pg_catalog.pg_roles r where r.rolname = 'tripsage_client';
  if not found then
    create role tripsage_client login noinherit;
    alter role tripsage_client set search_path = public, extensions;
    alter role tripsage_client set statement_timeout = '60s';
    alter role tripsage_client set idle_in_transaction_session_timeout = '60s';
  elsif client.rolsuper or client.rolbypassrls or client.rolcreaterole or client.rolinherit
     or exists (select from pg_catalog.pg_auth_members m where m.member = client.oid) then
    raise exception 'the role tripsage_client exists with more rights than a bare NOINHERIT login';
  end if;
end
$$;

grant usage on schema public, extensions to tripsage_client;

-- With a temporary schema of its own a client could define functions, and with cheap functions look over the shoulder
-- of the planner. The roles that a project brings keep theirs.
do $$
declare
  member name;
begin
  for member in
    select r.rolname from pg_catalog.pg_roles r
    where r.rolname in ('service_role', 'supabase_admin', 'supabase_auth_admin', 'supabase_storage_admin',
                        'supabase_realtime_admin', 'dashboard_user', 'pgbouncer')
  loop
    execute format('grant temporary on database %I to %I', current_database(), member);
  end loop;
  execute format('revoke temporary on database %I from public', current_database());
exception
  when insufficient_privilege then
    raise notice 'this role does not own the database: TEMPORARY stays granted to everybody';
end
$$;

create schema private;
revoke all on schema private from public;
grant usage on schema private to authenticated, service_role, tripsage_client;
comment on schema private is
  'Helpers of the policies. Not exposed by PostgREST; every function names its search_path and its callers.';

create table private.database_sessions (
  ticket_hash bytea primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  auth_session_id uuid,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint database_sessions_hash_check check (octet_length(ticket_hash) = 32)
);
create index idx_database_sessions_user_created on private.database_sessions (user_id, created_at);
create index idx_database_sessions_expires on private.database_sessions (expires_at);
alter table private.database_sessions enable row level security;
revoke all on private.database_sessions from public, anon, authenticated, service_role, tripsage_client;
comment on table private.database_sessions is
  'Tickets by their SHA-256. No role but the owner reads it; there is no policy on purpose.';

-- The one source of identity. PL/pgSQL because it keeps its plans for the session (an SQL function plans anew in
-- every statement). statement_timestamp(), so that a ticket ends in the middle of a long transaction too.
create function private.current_user_id() returns uuid
language plpgsql stable security definer parallel safe set search_path = '' as $$
begin
  if session_user = 'tripsage_client' then
    return (
      select s.user_id
      from private.database_sessions s
      where s.ticket_hash = sha256(convert_to(current_setting('tripsage.ticket', true), 'UTF8'))
        and s.expires_at > statement_timestamp()
    );
  end if;
  return auth.uid();
end
$$;
revoke all on function private.current_user_id() from public, anon, authenticated, service_role;
grant execute on function private.current_user_id() to authenticated, service_role, tripsage_client;
comment on function private.current_user_id() is
  'Owner of the ticket for the login tripsage_client, subject of the verified claims for everyone else. '
  'Policies call it as (select private.current_user_id()), once per statement.';

-- Mints a ticket: 244 random bits as 64 hex digits. At most 256 live ones per user; the oldest give way.
create function private.mint_ticket(
  owner uuid, valid_until timestamptz, origin uuid, out ticket text, out expires_at timestamptz
)
language plpgsql set search_path = '' as $$
begin
  ticket := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  expires_at := valid_until;
  insert into private.database_sessions (ticket_hash, user_id, auth_session_id, expires_at)
  values (sha256(convert_to(ticket, 'UTF8')), owner, origin, valid_until);
  delete from private.database_sessions s
  where s.ticket_hash in (
    select x.ticket_hash from private.database_sessions x
    where x.expires_at <= statement_timestamp() limit 1000
  );
  delete from private.database_sessions s
  where s.ticket_hash in (
    select x.ticket_hash from private.database_sessions x
    where x.user_id = owner order by x.created_at desc offset 256
  );
end
$$;
revoke all on function private.mint_ticket(uuid, timestamptz, uuid) from public, anon, authenticated, service_role;

-- Hosted sign-in: PostgREST has verified the token; the session behind it must still exist.
create function private.open_database_session(out ticket text, out expires_at timestamptz)
language plpgsql security definer set search_path = '' as $$
declare
  owner uuid := auth.uid();
  claims jsonb := auth.jwt();
  origin uuid := (claims ->> 'session_id')::uuid;
  token_ends timestamptz := to_timestamp((claims ->> 'exp')::double precision);
begin
  if session_user = 'tripsage_client' or owner is null or origin is null or token_ends is null
     or token_ends <= statement_timestamp()
     or not exists (
       select from auth.sessions a
       where a.id = origin and a.user_id = owner and (a.not_after is null or a.not_after > statement_timestamp())
     )
  then
    raise exception 'not signed in' using errcode = '42501';
  end if;
  select m.ticket, m.expires_at into ticket, expires_at from private.mint_ticket(owner, token_ends, origin) m;
end
$$;
revoke all on function private.open_database_session() from public, anon, authenticated, service_role;
grant execute on function private.open_database_session() to authenticated;

create function public.open_database_session(out ticket text, out expires_at timestamptz)
language sql set search_path = '' as $$
  select s.ticket, s.expires_at from private.open_database_session() s
$$;
revoke all on function public.open_database_session() from public, anon, authenticated, service_role;
grant execute on function public.open_database_session() to authenticated;
comment on function public.open_database_session() is
  'A ticket for the login tripsage_client, valid until the access token that asked for it ends.';

-- Signing out: with a ticket that ticket ends, with a token every ticket of its session.
create function private.close_database_session() returns void
language plpgsql security definer set search_path = '' as $$
begin
  if session_user = 'tripsage_client' then
    delete from private.database_sessions s
    where s.ticket_hash = sha256(convert_to(current_setting('tripsage.ticket', true), 'UTF8'));
  else
    delete from private.database_sessions s
    where s.user_id = auth.uid() and s.auth_session_id = (auth.jwt() ->> 'session_id')::uuid;
  end if;
end
$$;
revoke all on function private.close_database_session() from public, anon, authenticated, service_role;
grant execute on function private.close_database_session() to authenticated, tripsage_client;

create function public.close_database_session() returns void
language sql set search_path = '' as $$
  select private.close_database_session()
$$;
revoke all on function public.close_database_session() from public, anon, authenticated, service_role;
grant execute on function public.close_database_session() to authenticated, tripsage_client;
comment on function public.close_database_session() is 'Ends the ticket (or all tickets of the token''s session).';

-- Embedded mode: whoever owns the cluster opens a ticket for a local profile. Nobody else may execute this.
create function private.open_local_session(
  user_id uuid, lifetime interval, out ticket text, out expires_at timestamptz
)
language plpgsql set search_path = '' as $$
begin
  if lifetime is null or lifetime <= interval '0' or lifetime > interval '90 days' then
    raise exception 'a ticket lives longer than nothing and at most 90 days' using errcode = '22023';
  end if;
  select m.ticket, m.expires_at into ticket, expires_at
  from private.mint_ticket(open_local_session.user_id, statement_timestamp() + lifetime, null) m;
end
$$;
revoke all on function private.open_local_session(uuid, interval) from public, anon, authenticated, service_role;

-- Row triggers that most tables share ---------------------------------------------------------------------------------

-- updated_at is the token of optimistic concurrency: it never repeats, even when the clock does.
create function private.touch_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  return new;
end
$$;
revoke all on function private.touch_updated_at() from public, anon, authenticated, service_role;

-- Undoing a delete inserts with the original id. Ids that the sequence has not given out yet stay out of reach,
-- or one user could make the next inserts of all others fail. TG_ARGV[0] is the sequence.
create function private.refuse_unissued_id() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.id > coalesce(pg_sequence_last_value(tg_argv[0]::regclass), 0) or new.id < 1 then
    raise exception 'this id has not been issued' using errcode = '42501';
  end if;
  return new;
end
$$;
revoke all on function private.refuse_unissued_id() from public, anon, authenticated, service_role;

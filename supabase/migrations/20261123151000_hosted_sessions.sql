-- What ends with a session of Supabase Auth, and what a session opens that has not shown its second factor: nothing.

-- A ticket ends the moment its session does, wherever that was ended: signed out on another machine, replaced, removed
-- by whoever runs the project. Auth deletes the row, and the foreign key the tickets.
delete from private.database_sessions s
where s.auth_session_id is not null and not exists (select from auth.sessions a where a.id = s.auth_session_id);
create index idx_database_sessions_auth_session on private.database_sessions (auth_session_id);
do $$
begin
  alter table private.database_sessions add constraint database_sessions_auth_session_fkey
    foreign key (auth_session_id) references auth.sessions (id) on delete cascade;
exception
  when insufficient_privilege then
    raise notice 'auth.sessions may not be referred to here: tickets end with their access tokens';
end
$$;

-- Whoever has put an authenticator to use is only who they are with a code from it: the password alone must not do,
-- in whatever program it is typed. Auth says so in the claim "aal".
create function private.second_factor_missing() returns boolean
language plpgsql stable security definer parallel safe set search_path = '' as $$
begin
  return coalesce(auth.jwt() ->> 'aal', '') <> 'aal2' and exists (
    select from auth.mfa_factors f where f.user_id = auth.uid() and f.status = 'verified'
  );
end
$$;
revoke all on function private.second_factor_missing() from public, anon, authenticated, service_role;

create or replace function private.current_user_id() returns uuid
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
  if private.second_factor_missing() then
    return null;
  end if;
  return auth.uid();
end
$$;

create or replace function private.open_database_session(out ticket text, out expires_at timestamptz)
language plpgsql security definer set search_path = '' as $$
declare
  owner uuid := auth.uid();
  claims jsonb := auth.jwt();
  origin uuid := (claims ->> 'session_id')::uuid;
  token_ends timestamptz := to_timestamp((claims ->> 'exp')::double precision);
begin
  if session_user = 'tripsage_client' or owner is null or origin is null or token_ends is null
     or token_ends <= statement_timestamp() or private.second_factor_missing()
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

create or replace function private.open_database_session(out ticket text, out expires_at timestamptz)
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
  return auth.uid();
end
$$;

drop function private.second_factor_missing();
alter table private.database_sessions drop constraint if exists database_sessions_auth_session_fkey;
drop index private.idx_database_sessions_auth_session;

-- Live updates: what changed goes to everybody who may see it, as table, operation and id, never as content.
-- Any role may LISTEN to any channel, so the name of a channel is a secret of its user.

create table private.user_channels (
  user_id uuid primary key references auth.users (id) on delete cascade,
  channel text not null unique default 'tripsage_' || replace(gen_random_uuid()::text, '-', '')
);
alter table private.user_channels enable row level security;
revoke all on private.user_channels from public, anon, authenticated, service_role, tripsage_client;
comment on table private.user_channels is 'No role but the owner reads it; there is no policy on purpose.';

create function private.live_channels() returns setof text
language plpgsql security definer set search_path = '' as $$
declare
  me uuid := private.current_user_id();
begin
  if me is null then
    return;
  end if;
  insert into private.user_channels (user_id) values (me) on conflict (user_id) do nothing;
  return query select c.channel from private.user_channels c where c.user_id = me;
end
$$;
revoke all on function private.live_channels() from public, anon, authenticated, service_role;
grant execute on function private.live_channels() to authenticated, tripsage_client;
comment on function private.live_channels() is 'The channels to LISTEN to for what concerns the current user.';

-- With the last ticket of a user goes the channel: who signed out everywhere is told nothing more.
create function private.end_channels() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from private.user_channels c
  where c.user_id in (select g.user_id from gone g)
    and not exists (
      select from private.database_sessions s
      where s.user_id = c.user_id and s.expires_at > statement_timestamp()
    );
  return null;
end
$$;
revoke all on function private.end_channels() from public, anon, authenticated, service_role;
create trigger database_sessions_end_channels after delete on private.database_sessions
  referencing old table as gone for each statement execute function private.end_channels();

-- The messenger: one event per row and person, for whoever has a live ticket. People are the members of the trip and
-- the person named with the row. Above 100 rows a single event per trip, without an id, says "many".
create function private.announce(source text, op text, ids text[], trips bigint[], persons uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if ids is null then
    return;
  end if;
  perform pg_notify(
    ch.channel,
    json_build_object('table', source, 'op', op, 'id', told.id, 'trip_id', told.trip_id)::text)
  from (
    with happened as (
      select h.id, h.trip_id, h.person
      from unnest(ids, trips, persons) as h (id, trip_id, person)
      where cardinality(ids) <= 100
      union
      select null, h.trip_id, h.person
      from unnest(trips, persons) as h (trip_id, person)
      where cardinality(ids) > 100
    )
    select h.id, h.trip_id, t.user_id
    from happened h join public.trips t on t.id = h.trip_id
    union
    select h.id, h.trip_id, c.user_id
    from happened h join public.trip_collaborators c on c.trip_id = h.trip_id
    union
    select h.id, h.trip_id, h.person
    from happened h where h.person is not null
  ) told
  join private.user_channels ch on ch.user_id = told.user_id
  where exists (
    select from private.database_sessions s
    where s.user_id = told.user_id and s.expires_at > statement_timestamp()
  );
end
$$;
revoke all on function private.announce(text, text, text[], bigint[], uuid[])
  from public, anon, authenticated, service_role;

-- One trigger function per way of finding (id, trip, person) in a changed row "c", and one trigger per table and
-- operation. A moved row is told to the members of both trips.
do $$
declare
  teller record;
  told record;
begin
  for teller in
    select * from (values
      ('announce_trips', 'c.id::text, c.id, c.user_id'),
      ('announce_trip_rows', 'c.id::text, c.trip_id, null::uuid'),
      ('announce_collaborators', 'c.id::text, c.trip_id, c.user_id'),
      ('announce_files', 'c.id::text, c.trip_id, case when c.trip_id is null then c.user_id end'),
      ('announce_own_rows', 'c.id::text, null::bigint, c.user_id'),
      ('announce_messages',
       'c.id::text, null::bigint, (select s.user_id from public.chat_sessions s where s.id = c.session_id)'),
      ('announce_tool_calls',
       'c.id::text, null::bigint, (select s.user_id from public.chat_messages m '
       'join public.chat_sessions s on s.id = m.session_id where m.id = c.message_id)')
    ) as tellers (name, finds)
  loop
    execute format($ddl$
      create function private.%1$I() returns trigger
      language plpgsql security definer set search_path = '' as $body$
      begin
        if tg_op = 'UPDATE' then
          perform private.announce(tg_table_name, tg_op, array_agg(h.id), array_agg(h.trip_id), array_agg(h.person))
          from (select %2$s from was c union select %2$s from changed c) as h (id, trip_id, person);
        else
          perform private.announce(tg_table_name, tg_op, array_agg(h.id), array_agg(h.trip_id), array_agg(h.person))
          from (select %2$s from changed c) as h (id, trip_id, person);
        end if;
        return null;
      end
      $body$
      $ddl$, teller.name, teller.finds);
    execute format(
      'revoke all on function private.%I() from public, anon, authenticated, service_role', teller.name);
  end loop;

  for told in
    select * from (values
      ('trips', 'announce_trips'),
      ('trip_stops', 'announce_trip_rows'),
      ('trip_collaborators', 'announce_collaborators'),
      ('flights', 'announce_trip_rows'),
      ('accommodations', 'announce_trip_rows'),
      ('transportation', 'announce_trip_rows'),
      ('itinerary_items', 'announce_trip_rows'),
      ('legs', 'announce_trip_rows'),
      ('file_attachments', 'announce_files'),
      ('chat_sessions', 'announce_own_rows'),
      ('chat_messages', 'announce_messages'),
      ('chat_tool_calls', 'announce_tool_calls'),
      ('memories', 'announce_own_rows'),
      ('session_memories', 'announce_own_rows')
    ) as tolds (source, teller)
  loop
    execute format($ddl$
      create trigger %1$I after insert on public.%2$I
        referencing new table as changed for each statement execute function private.%3$I()
      $ddl$, told.source || '_announce_insert', told.source, told.teller);
    execute format($ddl$
      create trigger %1$I after update on public.%2$I
        referencing old table as was new table as changed for each statement execute function private.%3$I()
      $ddl$, told.source || '_announce_update', told.source, told.teller);
    execute format($ddl$
      create trigger %1$I after delete on public.%2$I
        referencing old table as changed for each statement execute function private.%3$I()
      $ddl$, told.source || '_announce_delete', told.source, told.teller);
  end loop;
end
$$;

-- Supabase Realtime, for the web application beside us.
do $$
declare
  source text;
begin
  if exists (select from pg_catalog.pg_publication p where p.pubname = 'supabase_realtime' and not p.puballtables) then
    foreach source in array array['trips', 'trip_collaborators', 'itinerary_items', 'chat_sessions', 'chat_messages',
                                  'chat_tool_calls'] loop
      execute format('alter publication supabase_realtime add table public.%I', source);
    end loop;
  end if;
end
$$;

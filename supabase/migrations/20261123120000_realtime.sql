-- The same small news through Supabase Realtime, for programs behind a transaction pooler, where nobody can LISTEN.
-- Each user has one private topic. It is sent to only while a program of that user asks for it again and again, so
-- that a write costs nothing more where everybody listens.

alter table private.user_channels
  add column broadcast_since timestamptz,
  add column broadcast_until timestamptz;
comment on column private.user_channels.broadcast_until is
  'Until then news is sent to the topic of this user as well; without interruption since broadcast_since.';

-- To be asked before joining the topic and every few minutes after it. "since" changes when news was not sent for a
-- while: whatever happened in between was missed. Nothing is returned where there is no Realtime or no hosted sign-in.
create function private.live_topic(out topic text, out since timestamptz)
language plpgsql security definer set search_path = '' as $$
declare
  me uuid := private.current_user_id();
begin
  if me is null
     or to_regprocedure('realtime.send(jsonb,text,text,boolean)') is null
     or not exists (
       select from private.database_sessions s
       where s.user_id = me and s.auth_session_id is not null and s.expires_at > statement_timestamp()
     )
  then
    return;
  end if;
  insert into private.user_channels as ch (user_id, broadcast_since, broadcast_until)
  values (me, statement_timestamp(), statement_timestamp() + interval '10 minutes')
  on conflict (user_id) do update
  set broadcast_since = case
        when ch.broadcast_until > statement_timestamp() then ch.broadcast_since else excluded.broadcast_since end,
      broadcast_until = excluded.broadcast_until
  where ch.broadcast_until is null or ch.broadcast_until < statement_timestamp() + interval '5 minutes';
  select 'tripsage:user:' || me, ch.broadcast_since into topic, since
  from private.user_channels ch where ch.user_id = me;
end
$$;
revoke all on function private.live_topic() from public, anon, authenticated, service_role;
grant execute on function private.live_topic() to authenticated, tripsage_client;
comment on function private.live_topic() is
  'The topic of Supabase Realtime on which the current user is told of changes for the next ten minutes.';

-- Whatever is wrong with Realtime, it is never wrong with the row that is being written.
create function private.broadcast(person uuid, news json) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform realtime.send(news::jsonb, 'change', 'tripsage:user:' || person, true);
exception
  when others then
    raise warning 'news could not be sent through Realtime: %', sqlerrm;
end
$$;
revoke all on function private.broadcast(uuid, json) from public, anon, authenticated, service_role;

-- Tells each person one piece of news, if that person has a live ticket.
create function private.tell(persons uuid[], news json[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_notify(ch.channel, told.news::text),
          case when ch.broadcast_until > statement_timestamp() then private.broadcast(ch.user_id, told.news) end
  from unnest(persons, news) as told (person, news)
  join private.user_channels ch on ch.user_id = told.person
  where exists (
    select from private.database_sessions s
    where s.user_id = told.person and s.expires_at > statement_timestamp()
  );
end
$$;
revoke all on function private.tell(uuid[], json[]) from public, anon, authenticated, service_role;

create or replace function private.announce(source text, op text, ids text[], trips bigint[], persons uuid[])
returns void
language plpgsql security definer set search_path = '' as $$
begin
  if ids is null then
    return;
  end if;
  perform private.tell(
    array_agg(told.user_id),
    array_agg(json_build_object('table', source, 'op', op, 'id', told.id, 'trip_id', told.trip_id)))
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
  ) told;
end
$$;

-- Who may join which topic. The restrictive policies hold however generous others of the project are: nobody joins
-- the topic of somebody else, and nobody but the database sends to one.
do $$
begin
  if to_regclass('realtime.messages') is null or to_regprocedure('realtime.topic()') is null then
    raise notice 'There is no Supabase Realtime here: live updates come by LISTEN only.';
    return;
  end if;
  create policy tripsage_own_news on realtime.messages for select to authenticated
    using (
      extension = 'broadcast'
      and topic = (select realtime.topic())
      and topic = 'tripsage:user:' || (select private.current_user_id())::text
    );
  create policy tripsage_nobody_elses_news on realtime.messages as restrictive for select to authenticated
    using (
      topic not like 'tripsage:user:%'
      or topic = 'tripsage:user:' || (select private.current_user_id())::text
    );
  create policy tripsage_no_news_for_anon on realtime.messages as restrictive for select to anon
    using (topic not like 'tripsage:user:%');
  create policy tripsage_no_forged_news on realtime.messages as restrictive for insert to anon, authenticated
    with check (topic not like 'tripsage:user:%');
exception
  when insufficient_privilege then
    raise notice 'This role may not make policies on realtime.messages: behind a transaction pooler there will be no '
      'live updates until its owner runs the CREATE POLICY statements of this migration.';
end
$$;

do $$
begin
  if to_regclass('realtime.messages') is not null then
    drop policy if exists tripsage_own_news on realtime.messages;
    drop policy if exists tripsage_nobody_elses_news on realtime.messages;
    drop policy if exists tripsage_no_news_for_anon on realtime.messages;
    drop policy if exists tripsage_no_forged_news on realtime.messages;
  end if;
exception
  when insufficient_privilege then
    raise notice 'This role may not drop policies on realtime.messages.';
end
$$;

create or replace function private.announce(source text, op text, ids text[], trips bigint[], persons uuid[])
returns void
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

drop function private.tell(uuid[], json[]);
drop function private.broadcast(uuid, json);
drop function private.live_topic();
alter table private.user_channels
  drop column broadcast_until,
  drop column broadcast_since;

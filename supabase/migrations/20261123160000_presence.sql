-- Who looks at a trip right now: a row per open screen, renewed by its program, over after a minute of silence.
-- Only members look, and only members who look are told.

create unlogged table private.trip_viewers (
  trip_id bigint not null references public.trips (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  screen uuid not null,
  seen_at timestamptz not null default statement_timestamp(),
  primary key (trip_id, user_id, screen)
);
create index idx_trip_viewers_user on private.trip_viewers (user_id);
alter table private.trip_viewers enable row level security;
revoke all on private.trip_viewers from public, anon, authenticated, service_role, tripsage_client;
comment on table private.trip_viewers is 'No role but the owner reads it; there is no policy on purpose.';

-- Members of a trip who look at it, whoever asks.
create function private.viewers_of(trip bigint) returns setof uuid
language plpgsql stable security definer rows 3 set search_path = '' as $$
begin
  return query
    select distinct v.user_id
    from private.trip_viewers v
    join public.trips t on t.id = v.trip_id
    where v.trip_id = trip and v.seen_at > statement_timestamp() - interval '60 seconds'
      and (
        t.user_id = v.user_id
        or t.deleted_at is null and exists (
          select from public.trip_collaborators c where c.trip_id = trip and c.user_id = v.user_id
        )
      );
end
$$;
revoke all on function private.viewers_of(bigint) from public, anon, authenticated, service_role;

-- Says that one looks (again), or no longer, and returns who else does. NULL for strangers; a trip that is shared with
-- nobody costs no write. News goes out when somebody comes or goes, not when somebody stays.
create function private.look_at_trip(trip bigint, screen uuid, looking boolean) returns json
language plpgsql security definer set search_path = '' as $$
declare
  me uuid := private.current_user_id();
  was_here boolean;
  is_here boolean;
begin
  if private.trip_level(trip) is null or screen is null then
    return null;
  end if;
  if not exists (select from public.trip_collaborators c where c.trip_id = trip) then
    return json_build_object('shared', false, 'others', json_build_array());
  end if;
  was_here := me in (select private.viewers_of(trip));
  if looking then
    insert into private.trip_viewers as v (trip_id, user_id, screen) values (trip, me, look_at_trip.screen)
    on conflict on constraint trip_viewers_pkey do update set seen_at = excluded.seen_at;
    -- What died without a word, and more screens than anybody has.
    delete from private.trip_viewers v
    where v.ctid in (
      select x.ctid from private.trip_viewers x
      where (x.trip_id = trip or x.user_id = me) and x.seen_at <= statement_timestamp() - interval '60 seconds'
      for update skip locked
    );
    delete from private.trip_viewers v
    where v.ctid in (
      select x.ctid from private.trip_viewers x where x.user_id = me order by x.seen_at desc, x.screen offset 32
    );
  else
    delete from private.trip_viewers v
    where v.trip_id = trip and v.user_id = me and v.screen = look_at_trip.screen;
  end if;
  is_here := me in (select private.viewers_of(trip));
  if was_here <> is_here then
    perform private.tell(array_agg(w.person), array_agg(json_build_object(
      'table', 'trip_viewers', 'op', case when is_here then 'INSERT' else 'DELETE' end, 'id', null, 'trip_id', trip)))
    from private.viewers_of(trip) as w (person)
    where w.person <> me;
  end if;
  return json_build_object('shared', true, 'others', (
    select coalesce(
      json_agg(json_build_object('user_id', u.id, 'name', private.display_name(u))
               order by lower(private.display_name(u)), u.id),
      json_build_array())
    from private.viewers_of(trip) as w (person) join auth.users u on u.id = w.person
    where u.id <> me));
end
$$;
revoke all on function private.look_at_trip(bigint, uuid, boolean) from public, anon, authenticated, service_role;
grant execute on function private.look_at_trip(bigint, uuid, boolean) to authenticated, tripsage_client;

create function public.look_at_trip(trip bigint, screen uuid, looking boolean default true) returns json
language sql set search_path = '' as $$
  select private.look_at_trip(trip, screen, looking)
$$;
revoke all on function public.look_at_trip(bigint, uuid, boolean) from public, anon, authenticated, service_role;
grant execute on function public.look_at_trip(bigint, uuid, boolean) to authenticated, tripsage_client;
comment on function public.look_at_trip(bigint, uuid, boolean) is
  'Says that the current user looks at a trip on a screen (again within a minute, or no longer); who else does.';

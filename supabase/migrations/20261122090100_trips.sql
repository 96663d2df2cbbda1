-- Trips, their stops, and who shares them.

create table public.trips (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  name text not null,
  start_date date not null,
  end_date date not null,
  destination text not null,
  budget numeric not null,
  travelers integer not null,
  status text not null default 'planning',
  trip_type text not null default 'leisure',
  flexibility jsonb default '{}',
  notes text[],
  search_metadata jsonb default '{}',
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  -- beyond the document
  currency text not null default 'USD',
  time_zone text,
  tags text[] not null default '{}',
  deleted_at timestamptz,
  idempotency_key uuid not null default gen_random_uuid(),
  constraint trips_date_check check (end_date >= start_date),
  constraint trips_travelers_check check (travelers > 0),
  constraint trips_budget_check check (budget > 0),
  constraint trips_status_check check (status in ('planning', 'booked', 'completed', 'cancelled')),
  constraint trips_type_check check (trip_type in ('leisure', 'business', 'family', 'solo', 'other')),
  constraint trips_user_idempotency_uniq unique (user_id, idempotency_key)
);
create index idx_trips_user_dates on public.trips (user_id, start_date, end_date);
create index idx_trips_status on public.trips (status);
comment on column public.trips.deleted_at is 'In the trash since; only the owner sees, sets and clears it.';

create table public.trip_collaborators (
  id bigint generated always as identity primary key,
  trip_id bigint not null references public.trips (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  permission_level text not null default 'view',
  added_by uuid not null references auth.users (id) on delete cascade,
  added_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint trip_collaborators_permission_level_check check (permission_level in ('view', 'edit', 'admin')),
  constraint trip_collaborators_trip_user_uniq unique (trip_id, user_id)
);
create index idx_trip_collaborators_user_trip on public.trip_collaborators (user_id, trip_id);
create index idx_trip_collaborators_added_by on public.trip_collaborators (added_by);

create table public.trip_stops (
  id bigint generated always as identity primary key,
  trip_id bigint not null references public.trips (id) on delete cascade,
  position integer not null default 0,
  place text not null,
  country text,
  arrive_date date,
  depart_date date,
  time_zone text,
  currency text,
  latitude numeric,
  longitude numeric,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint trip_stops_dates_check check (depart_date >= arrive_date),
  constraint trip_stops_latitude_check check (latitude between -90 and 90),
  constraint trip_stops_longitude_check check (longitude between -180 and 180),
  constraint trip_stops_trip_position_uniq unique (trip_id, position) deferrable
);

-- Access --------------------------------------------------------------------------------------------------------------
-- The questions that policies ask. They read trips and trip_collaborators past the policies of those tables,
-- which is what keeps the policies from asking each other in a circle. A trip in the trash is its owner's alone.

create function private.shared_trip_ids(levels text[]) returns setof bigint
language plpgsql stable security definer parallel safe rows 10 set search_path = '' as $$
declare
  me uuid := private.current_user_id();
begin
  return query
    select c.trip_id
    from public.trip_collaborators c
    where c.user_id = me
      and c.permission_level = any (levels)
      and exists (select from public.trips t where t.id = c.trip_id and t.deleted_at is null);
end
$$;
revoke all on function private.shared_trip_ids(text[]) from public, anon, authenticated, service_role;
grant execute on function private.shared_trip_ids(text[]) to authenticated, service_role, tripsage_client;

create function private.trip_level(trip bigint) returns text
language plpgsql stable security definer parallel safe set search_path = '' as $$
declare
  me uuid := private.current_user_id();
begin
  return (
    select case when t.user_id = me then 'owner' else c.permission_level end
    from public.trips t
    left join public.trip_collaborators c on c.trip_id = t.id and c.user_id = me and t.deleted_at is null
    where t.id = trip
  );
end
$$;
revoke all on function private.trip_level(bigint) from public, anon, authenticated, service_role;
grant execute on function private.trip_level(bigint) to authenticated, service_role, tripsage_client;
comment on function private.trip_level(bigint) is
  'What the current user is to a trip: owner, admin, edit, view, or NULL for a stranger.';

-- Policies ------------------------------------------------------------------------------------------------------------

alter table public.trips enable row level security;
alter table public.trip_collaborators enable row level security;
alter table public.trip_stops enable row level security;

-- Both halves are index conditions: "user_id =" and "id = any (array)" meet in a bitmap, so that a list costs what
-- one user has and not what the table holds. An IN (subquery) would force a scan of the whole table.
create policy trips_select on public.trips for select to authenticated, tripsage_client
  using (
    user_id = (select private.current_user_id())
    or id = any (array(select private.shared_trip_ids('{view,edit,admin}')))
  );
create policy trips_insert on public.trips for insert to authenticated, tripsage_client
  with check (user_id = (select private.current_user_id()));
create policy trips_update on public.trips for update to authenticated, tripsage_client
  using (
    user_id = (select private.current_user_id())
    or id = any (array(select private.shared_trip_ids('{edit,admin}')))
  )
  with check (
    user_id = (select private.current_user_id())
    or id = any (array(select private.shared_trip_ids('{edit,admin}')))
  );
create policy trips_delete on public.trips for delete to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()));

-- Rows of a trip are seen by whoever sees the trip: EXISTS runs under the policy of trips itself, and the planner
-- probes it per row for one trip or hashes it once for a whole list, whichever is cheaper.
create policy trip_collaborators_select on public.trip_collaborators for select to authenticated, tripsage_client
  using (
    user_id = (select private.current_user_id())
    or exists (select from public.trips t where t.id = trip_id)
  );
create policy trip_collaborators_insert on public.trip_collaborators for insert to authenticated, tripsage_client
  with check (
    added_by = (select private.current_user_id())
    and user_id <> (select private.current_user_id())
    and private.trip_level(trip_id) in ('owner', 'admin')
  );
-- Nobody changes the own level; one can only leave.
create policy trip_collaborators_update on public.trip_collaborators for update to authenticated, tripsage_client
  using (user_id <> (select private.current_user_id()) and private.trip_level(trip_id) in ('owner', 'admin'))
  with check (user_id <> (select private.current_user_id()) and private.trip_level(trip_id) in ('owner', 'admin'));
create policy trip_collaborators_delete on public.trip_collaborators for delete to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()) or private.trip_level(trip_id) in ('owner', 'admin'));

create policy trip_stops_select on public.trip_stops for select to authenticated, tripsage_client
  using (exists (select from public.trips t where t.id = trip_id));
create policy trip_stops_insert on public.trip_stops for insert to authenticated, tripsage_client
  with check (private.trip_level(trip_id) in ('owner', 'admin', 'edit'));
create policy trip_stops_update on public.trip_stops for update to authenticated, tripsage_client
  using (private.trip_level(trip_id) in ('owner', 'admin', 'edit'))
  with check (private.trip_level(trip_id) in ('owner', 'admin', 'edit'));
create policy trip_stops_delete on public.trip_stops for delete to authenticated, tripsage_client
  using (private.trip_level(trip_id) in ('owner', 'admin', 'edit'));

-- Rules that compare the old row with the new one -----------------------------------------------------------------------

-- The trash is the owner's. Roles that row level security does not bind (service_role, the owner of the tables) pass.
create function private.guard_trip_trash() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.deleted_at is distinct from old.deleted_at
     and row_security_active('public.trips')
     and private.current_user_id() is distinct from old.user_id
  then
    raise exception 'only the owner of a trip may delete or restore it' using errcode = '42501';
  end if;
  return new;
end
$$;
revoke all on function private.guard_trip_trash() from public, anon, authenticated, service_role;

-- The owner of a trip is never a collaborator of it, from either side. Asked after the policies have had their say: a
-- BEFORE trigger would tell strangers who owns which trip.
create function private.refuse_owner_as_collaborator() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.trips t where t.id = new.trip_id and t.user_id = new.user_id) then
    raise exception 'the owner of a trip cannot be its collaborator' using errcode = '23514';
  end if;
  return null;
end
$$;
revoke all on function private.refuse_owner_as_collaborator() from public, anon, authenticated, service_role;

create function private.end_collaboration_of_owner() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.trip_collaborators c where c.trip_id = new.id and c.user_id = new.user_id;
  return null;
end
$$;
revoke all on function private.end_collaboration_of_owner() from public, anon, authenticated, service_role;

create trigger trips_refuse_unissued_id before insert on public.trips
  for each row execute function private.refuse_unissued_id('public.trips_id_seq');
create trigger trips_guard_trash before update of deleted_at on public.trips
  for each row execute function private.guard_trip_trash();
create trigger trips_touch_updated_at before update on public.trips
  for each row execute function private.touch_updated_at();
create trigger trips_end_collaboration_of_owner after update of user_id on public.trips
  for each row when (old.user_id is distinct from new.user_id)
  execute function private.end_collaboration_of_owner();

create trigger trip_collaborators_refuse_unissued_id before insert on public.trip_collaborators
  for each row execute function private.refuse_unissued_id('public.trip_collaborators_id_seq');
create trigger trip_collaborators_refuse_owner after insert or update on public.trip_collaborators
  for each row execute function private.refuse_owner_as_collaborator();
create trigger trip_collaborators_touch_updated_at before update on public.trip_collaborators
  for each row execute function private.touch_updated_at();

create trigger trip_stops_refuse_unissued_id before insert on public.trip_stops
  for each row execute function private.refuse_unissued_id('public.trip_stops_id_seq');
create trigger trip_stops_touch_updated_at before update on public.trip_stops
  for each row execute function private.touch_updated_at();

-- Grants: columns that say whose a row is cannot be updated at all -----------------------------------------------------

revoke all on public.trips, public.trip_collaborators, public.trip_stops
  from public, anon, authenticated, service_role, tripsage_client;
revoke all on sequence public.trips_id_seq, public.trip_collaborators_id_seq, public.trip_stops_id_seq
  from public, anon, authenticated, service_role, tripsage_client;
grant select, insert, update, delete on public.trips, public.trip_collaborators, public.trip_stops to service_role;
grant select, insert, delete on public.trips, public.trip_collaborators, public.trip_stops
  to authenticated, tripsage_client;
grant update (name, start_date, end_date, destination, budget, travelers, status, trip_type, flexibility, notes,
              search_metadata, currency, time_zone, tags, deleted_at)
  on public.trips to authenticated, tripsage_client;
grant update (permission_level) on public.trip_collaborators to authenticated, tripsage_client;
grant update (position, place, country, arrive_date, depart_date, time_zone, currency, latitude, longitude)
  on public.trip_stops to authenticated, tripsage_client;

-- The two reads that every session begins with, each asking once who is asking.
-- Under the policies the same questions are answered once per table: seven times for a trip with its bookings (about
-- 25 microseconds each, as much as the reading itself), and for a list the bookings of everybody are looked through,
-- because a policy hides the user's trips from the index. These functions read past the policies and apply the same
-- rule themselves, exactly once: own trips, and shared ones that are not in the trash.

-- What the bookings of each visible trip cost. One line per currency: "planned booked currency", at most 10^15 each.
-- Cancelled bookings count in nothing; planned contains booked (reserved, booked or completed). Kinds are added up
-- before they meet the trips, so that they do not multiply each other.
create function private.trip_costs()
returns table (trip_id bigint, access text, amounts text, bookings integer, items integer)
language plpgsql stable security definer rows 100 set search_path = '' as $$
declare
  me uuid := private.current_user_id();
  mine bigint[];
begin
  if me is null then
    return;
  end if;
  mine := array(
    select t.id from public.trips t where t.user_id = me
    union all
    select c.trip_id
    from public.trip_collaborators c
    join public.trips t on t.id = c.trip_id
    where c.user_id = me and t.user_id <> me and t.deleted_at is null
  );
  return query
    select m.id, coalesce(c.permission_level, 'owner'), cost.amounts,
           coalesce(cost.bookings, 0), coalesce(cost.items, 0)
    from unnest(mine) as m (id)
    left join public.trip_collaborators c on c.trip_id = m.id and c.user_id = me
    left join (
      select per.trip_id, sum(per.bookings)::integer as bookings, sum(per.items)::integer as items,
             string_agg(
               least(per.planned, 1e15) || ' ' || least(per.booked, 1e15) || ' ' || replace(per.currency, E'\n', ' '),
               E'\n'
             ) as amounts
      from (
        select b.trip_id, b.currency,
               coalesce(nullif(sum(b.amount), 'NaN'), 0) as planned,
               coalesce(
                 nullif(sum(b.amount) filter (where b.state in ('reserved', 'booked', 'completed')), 'NaN'), 0
               ) as booked,
               count(*) filter (where not b.is_item) as bookings,
               count(*) filter (where b.is_item) as items
        from (
          select f.trip_id, f.currency, f.price as amount, f.booking_status as state, false as is_item
          from public.flights f where f.trip_id = any (mine)
          union all
          select a.trip_id, a.currency, a.total_price, a.booking_status, false
          from public.accommodations a where a.trip_id = any (mine)
          union all
          select r.trip_id, r.currency, r.price, r.booking_status, false
          from public.transportation r where r.trip_id = any (mine)
          union all
          select i.trip_id, i.currency, i.price, i.booking_status, true
          from public.itinerary_items i where i.trip_id = any (mine)
        ) b
        where b.state <> 'cancelled'
        group by b.trip_id, b.currency
      ) per
      group by per.trip_id
    ) cost on cost.trip_id = m.id;
end
$$;
revoke all on function private.trip_costs() from public, anon, authenticated, service_role;
grant execute on function private.trip_costs() to authenticated, tripsage_client;
comment on function private.trip_costs() is 'Access level and costs per currency of every trip that the current user sees.';

-- A trip with everything in it: rows as JSON, NULL for an empty part; all NULL when the user does not see the trip.
create function private.trip_parts(
  trip bigint,
  out whole text, out access text, out stops text, out flights text, out accommodations text, out transportation text,
  out items text, out legs text
)
language plpgsql stable security definer set search_path = '' as $$
declare
  owner uuid := private.current_user_id();
begin
  -- Own trips, which are most, first; then once more for a shared one.
  access := 'owner';
  loop
    select
      row_to_json(t)::text,
      (select json_agg(x order by x.position)
       from public.trip_stops x where x.trip_id = t.id),
      (select json_agg(x order by x.departure_date, x.position, x.id)
       from public.flights x where x.trip_id = t.id),
      (select json_agg(x order by x.check_in_date, x.position, x.id)
       from public.accommodations x where x.trip_id = t.id),
      (select json_agg(x order by x.departure_time, x.day, x.position, x.id)
       from public.transportation x where x.trip_id = t.id),
      (select json_agg(x order by x.day, x.position, x.start_time, x.id)
       from public.itinerary_items x where x.trip_id = t.id),
      (select json_agg(x order by x.direction, x.position, x.id)
       from public.legs x where x.trip_id = t.id)
    into whole, stops, flights, accommodations, transportation, items, legs
    from public.trips t
    where t.id = trip and t.user_id = owner;
    exit when found or access <> 'owner';
    select c.permission_level, t.user_id into access, owner
    from public.trip_collaborators c
    join public.trips t on t.id = c.trip_id
    where c.trip_id = trip and c.user_id = private.current_user_id() and t.deleted_at is null;
    exit when not found;
  end loop;
end
$$;
revoke all on function private.trip_parts(bigint) from public, anon, authenticated, service_role;
grant execute on function private.trip_parts(bigint) to authenticated, tripsage_client;
comment on function private.trip_parts(bigint) is 'A trip with its stops, bookings and legs, if the current user sees it.';

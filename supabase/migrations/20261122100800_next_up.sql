-- What comes next over all trips of the current user, for one line on a screen, a prompt or a status bar: few rows,
-- asked for by a session that has just connected. It reads past the policies and applies their rule itself, as
-- private.trip_costs() does: own trips and shared ones, none in the trash; nor those put away or cancelled.

-- The local clock of a zone; UTC's where this server does not know the zone (a newer tzdata wrote it).
create function private.wall_clock(instant timestamptz, zone text) returns timestamp
language plpgsql stable set search_path = '' as $$
begin
  return instant at time zone coalesce(zone, 'UTC');
exception when invalid_parameter_value then
  return instant at time zone 'UTC';
end
$$;
revoke all on function private.wall_clock(timestamptz, text) from public, anon, authenticated, service_role;
comment on function private.wall_clock(timestamptz, text) is 'The local time of a zone, UTC for one that is not known here.';

-- `class`: now (has begun, has not ended), event or deadline; of each at most `most`, in order. Between `since` and
-- `until`; `trip` NULL means all trips. `at` is NULL where only the day is known, which then counts as noon and lasts
-- until it ends there. `here` and `ends_here` are local clocks of the places, `in_days` counts calendar days there.
create function private.coming_up(since timestamptz, until timestamptz, trip bigint, most integer)
returns table (
  class text, trip_id bigint, trip_name text, kind text, id bigint, moment text, title text, detail text,
  at timestamptz, zone text, here timestamp, day date, in_days integer,
  ends timestamptz, ends_zone text, ends_here timestamp, ends_day date
)
language plpgsql stable security definer rows 20 set search_path = '' as $$
declare
  me uuid := private.current_user_id();
begin
  if me is null then
    return;
  end if;
  return query
    with seen as (
      select t.id, t.name, t.time_zone, t.end_date
      from public.trips t
      where t.user_id = me and t.deleted_at is null and t.archived_at is null and t.status <> 'cancelled'
        and (coming_up.trip is null or t.id = coming_up.trip)
      union all
      select t.id, t.name, t.time_zone, t.end_date
      from public.trip_collaborators c
      join public.trips t on t.id = c.trip_id
      where c.user_id = me and t.user_id <> me and t.deleted_at is null and t.archived_at is null
        and t.status <> 'cancelled' and (coming_up.trip is null or t.id = coming_up.trip)
    ), mine as (
      -- What is over is not worth the clock; how far its own is ahead of UTC's says when the noon of a day is.
      select v.*, case when v.end_date >= since::date - 30
                  then private.wall_clock(since, v.time_zone) - (since at time zone 'UTC') else '0' end as ahead
      from seen v
    ), moments as (
      select e.class, f.trip_id, 'flight' as kind, f.id, e.moment, e.title, e.detail, e.at, e.zone, e.day, e.ends,
             e.ends_zone, null::date as ends_day
      from mine m
      join public.flights f on f.trip_id = m.id and f.booking_status <> 'cancelled'
      left join public.legs l on l.flight_id = f.id and l.trip_id = f.trip_id
      cross join lateral (values
        ('event', 'departure', coalesce(l.origin, f.origin) || ' → ' || coalesce(l.destination, f.destination),
         coalesce(l.number, f.flight_number), l.departure_time, l.departure_zone,
         case l.direction when 'return' then f.return_date else f.departure_date end, l.arrival_time, l.arrival_zone),
        ('deadline', 'pay by', f.origin || ' → ' || f.destination, null, null, null,
         case when f.payment_status <> 'paid' then f.pay_by end, null, null),
        ('deadline', 'free cancellation until', f.origin || ' → ' || f.destination, null, f.cancel_free_until, null, null,
         null, null),
        ('deadline', 'check-in opens', f.origin || ' → ' || f.destination, null, f.check_in_opens_at, null, null, null, null)
      ) as e (class, moment, title, detail, at, zone, day, ends, ends_zone)
      union all
      select e.class, r.trip_id, replace(r.transport_type, '_', ' '), r.id, e.moment, e.title, e.detail, e.at, e.zone, e.day,
             e.ends, e.ends_zone, null
      from mine m
      join public.transportation r on r.trip_id = m.id and r.booking_status <> 'cancelled'
      left join public.legs l on l.transportation_id = r.id and l.trip_id = r.trip_id
      cross join lateral (values
        ('event', case r.transport_type when 'car_rental' then 'pick-up' else 'departure' end,
         coalesce(l.origin, r.origin) || ' → ' || coalesce(l.destination, r.destination), l.number,
         coalesce(l.departure_time, r.departure_time), coalesce(l.departure_zone, r.departure_zone), r.day,
         coalesce(l.arrival_time, r.arrival_time), coalesce(l.arrival_zone, r.arrival_zone)),
        ('deadline', 'pay by', r.origin || ' → ' || r.destination, null, null, null,
         case when r.payment_status <> 'paid' then r.pay_by end, null, null),
        ('deadline', 'free cancellation until', r.origin || ' → ' || r.destination, null, r.cancel_free_until,
         r.departure_zone, null, null, null)
      ) as e (class, moment, title, detail, at, zone, day, ends, ends_zone)
      union all
      select e.class, a.trip_id, 'stay', a.id, e.moment, a.name, null, e.at, e.zone, e.day, e.ends, a.check_out_zone, e.ends_day
      from mine m
      join public.accommodations a on a.trip_id = m.id and a.booking_status <> 'cancelled'
      cross join lateral (values
        ('event', 'check-in', a.check_in_at, a.check_in_zone, a.check_in_date, a.check_out_at, a.check_out_date),
        ('event', 'check-out', a.check_out_at, a.check_out_zone, a.check_out_date, null, null),
        ('deadline', 'pay by', null, null, case when a.payment_status <> 'paid' then a.pay_by end, null, null),
        ('deadline', 'free cancellation until', a.cancel_free_until, a.check_in_zone, null, null, null)
      ) as e (class, moment, at, zone, day, ends, ends_day)
      union all
      select e.class, i.trip_id, i.item_type, i.id, e.moment, i.title, e.detail, e.at,
             coalesce(i.start_zone, i.end_zone), e.day, e.ends, coalesce(i.end_zone, i.start_zone), null
      from mine m
      join public.itinerary_items i on i.trip_id = m.id and i.booking_status not in ('cancelled', 'completed')
      cross join lateral (values
        ('event', 'item', i.location, i.start_time, i.day, i.end_time),
        ('deadline', 'pay by', null, null, case when i.payment_status <> 'paid' then i.pay_by end, null),
        ('deadline', 'free cancellation until', null, i.cancel_free_until, null, null)
      ) as e (class, moment, detail, at, day, ends)
    ), timed as (
      -- A booking with several legs says its deadlines with each of them.
      select distinct o.*, coalesce(o.zone, m.time_zone) as place, coalesce(o.ends_zone, o.zone, m.time_zone) as ends_place,
             m.name, coalesce(o.at, (o.day + time '12:00' - m.ahead) at time zone 'UTC') as instant,
             coalesce(o.ends, (o.ends_day + time '12:00' - m.ahead) at time zone 'UTC') as last_instant
      from moments o
      join mine m on m.id = o.trip_id
      where isfinite(coalesce(o.at, o.day::timestamptz))
    ), ranked as (
      select x.*, row_number() over (partition by x.rank order by x.instant, x.kind, x.id) as place_in_rank
      from (
        select y.*, case when y.instant < since and y.last_instant >= since then 'now' else y.class end as rank
        from timed y
        where y.instant < until and isfinite(coalesce(y.last_instant, y.instant))
          -- A day alone counts until it has ended everywhere; below it is asked again on its own clock.
          and (y.instant >= since or y.last_instant >= since or (y.at is null and y.instant >= since - interval '1 day'))
      ) x
    ), still as (
      select r.*, w.here, coalesce(w.here::date, r.day) as local_day, w.today,
             row_number() over (partition by r.rank order by r.instant, r.kind, r.id) as number
      from ranked r
      cross join lateral (
        select private.wall_clock(r.at, r.place) as here, private.wall_clock(since, r.place)::date as today
      ) w
      where r.place_in_rank <= most + 3 and (r.at is not null or r.rank = 'now' or r.day >= w.today)
    )
    select s.rank, s.trip_id, s.name, s.kind, s.id, s.moment, s.title, s.detail,
           s.at, s.place, s.here, s.local_day, s.local_day - s.today,
           s.ends, s.ends_place, private.wall_clock(s.ends, s.ends_place), s.ends_day
    from still s
    where s.number <= most
    order by s.instant, s.kind, s.id;
end
$$;
revoke all on function private.coming_up(timestamptz, timestamptz, bigint, integer)
  from public, anon, authenticated, service_role;
grant execute on function private.coming_up(timestamptz, timestamptz, bigint, integer) to authenticated, tripsage_client;
comment on function private.coming_up(timestamptz, timestamptz, bigint, integer) is
  'What happens next and what is under way in the trips of the current user, with deadlines; few rows.';

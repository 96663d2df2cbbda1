-- The list of trips knows at which rates its amounts become the trip's currency. What has a rate comes as a line of its
-- own, to be rounded by itself, as in the budget; what has none in one line per currency, with a rate of 0.
create or replace function private.trip_costs()
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
               concat_ws(' ', least(per.planned, 1e15), least(per.booked, 1e15), coalesce(per.rate, 0),
                         replace(per.currency, E'\n', ' ')),
               E'\n'
             ) as amounts
      from (
        select b.trip_id, b.currency, b.rate,
               coalesce(nullif(sum(b.amount), 'NaN'), 0) as planned,
               coalesce(
                 nullif(sum(b.amount) filter (where b.state in ('reserved', 'booked', 'completed')), 'NaN'), 0
               ) as booked,
               count(*) filter (where not b.is_item) as bookings,
               count(*) filter (where b.is_item) as items
        from (
          select f.trip_id, f.currency, f.exchange_rate as rate, case when f.exchange_rate is not null then 'f' || f.id end as rated,
                 f.price as amount, f.booking_status as state, false as is_item
          from public.flights f where f.trip_id = any (mine)
          union all
          select a.trip_id, a.currency, a.exchange_rate, case when a.exchange_rate is not null then 'a' || a.id end,
                 a.total_price, a.booking_status, false
          from public.accommodations a where a.trip_id = any (mine)
          union all
          select r.trip_id, r.currency, r.exchange_rate, case when r.exchange_rate is not null then 'r' || r.id end,
                 r.price, r.booking_status, false
          from public.transportation r where r.trip_id = any (mine)
          union all
          select i.trip_id, i.currency, i.exchange_rate, case when i.exchange_rate is not null then 'i' || i.id end,
                 i.price, i.booking_status, true
          from public.itinerary_items i where i.trip_id = any (mine)
        ) b
        where b.state <> 'cancelled'
        group by b.trip_id, b.currency, b.rate, b.rated
      ) per
      group by per.trip_id
    ) cost on cost.trip_id = m.id;
end
$$;

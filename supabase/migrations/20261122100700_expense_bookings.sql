-- Which booking an expense pays for, and what becomes of frozen rates when a trip counts in another currency.

-- No foreign key: one column would have to point at four tables. Ids are never used again, so a booking that is deleted
-- leaves a link to nothing, and a booking that is brought back has its expenses again.
alter table public.expenses
  add column booking_kind text
    constraint expenses_booking_kind_check check (booking_kind in ('flight', 'stay', 'transport', 'item')),
  add column booking_id bigint,
  add constraint expenses_booking_check check ((booking_kind is null) = (booking_id is null));
comment on column public.expenses.booking_id is
  'The booking of the same trip that this pays for: a row of the table that booking_kind stands for.';
grant update (booking_kind, booking_id) on public.expenses to authenticated, tripsage_client;

-- A rate is units of the trip's currency. In another currency it would relabel amounts, so it is forgotten, whoever
-- changes the currency: an amount without a rate is shown as what it is.
create function private.forget_rates() returns trigger
language plpgsql set search_path = '' as $$
begin
  update public.flights set exchange_rate = null where trip_id = new.id and exchange_rate is not null;
  update public.accommodations set exchange_rate = null where trip_id = new.id and exchange_rate is not null;
  update public.transportation set exchange_rate = null where trip_id = new.id and exchange_rate is not null;
  update public.itinerary_items set exchange_rate = null where trip_id = new.id and exchange_rate is not null;
  update public.expenses set exchange_rate = null where trip_id = new.id and exchange_rate is not null;
  update public.settlements set exchange_rate = null where trip_id = new.id and exchange_rate is not null;
  return null;
end
$$;
revoke all on function private.forget_rates() from public, anon, authenticated, service_role;
create trigger trips_forget_rates after update of currency on public.trips
  for each row when (old.currency is distinct from new.currency) execute function private.forget_rates();

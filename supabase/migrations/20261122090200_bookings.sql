-- The four kinds of booking, and the legs of the moving ones.

create table public.flights (
  id bigint generated always as identity primary key,
  trip_id bigint not null references public.trips (id) on delete cascade,
  origin text not null,
  destination text not null,
  departure_date date not null,
  return_date date,
  flight_class text not null default 'economy',
  price numeric not null,
  currency text not null default 'USD',
  airline text,
  flight_number text,
  booking_status text not null default 'available',
  external_id text,
  metadata jsonb default '{}',
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  -- beyond the document
  seat text,
  check_in_opens_at timestamptz,
  constraint flights_price_check check (price >= 0),
  constraint flights_class_check check (flight_class in ('economy', 'premium_economy', 'business', 'first')),
  constraint flights_status_check check (booking_status in ('available', 'reserved', 'booked', 'cancelled')),
  constraint flights_id_trip_uniq unique (id, trip_id)
);

create table public.accommodations (
  id bigint generated always as identity primary key,
  trip_id bigint not null references public.trips (id) on delete cascade,
  name text not null,
  address text,
  check_in_date date not null,
  check_out_date date not null,
  room_type text,
  price_per_night numeric not null,
  total_price numeric not null,
  currency text not null default 'USD',
  rating numeric,
  amenities text[],
  booking_status text not null default 'available',
  external_id text,
  metadata jsonb default '{}',
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  -- beyond the document
  check_in_at timestamptz,
  check_in_zone text,
  check_out_at timestamptz,
  check_out_zone text,
  constraint accommodations_price_check check (price_per_night >= 0 and total_price >= 0),
  constraint accommodations_dates_check check (check_out_date > check_in_date),
  constraint accommodations_rating_check check (rating is null or (rating >= 0 and rating <= 5)),
  constraint accommodations_status_check check (booking_status in ('available', 'reserved', 'booked', 'cancelled'))
);

create table public.transportation (
  id bigint generated always as identity primary key,
  trip_id bigint not null references public.trips (id) on delete cascade,
  transport_type text not null,
  origin text not null,
  destination text not null,
  departure_time timestamptz,
  arrival_time timestamptz,
  price numeric not null,
  currency text not null default 'USD',
  booking_status text not null default 'available',
  external_id text,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  -- beyond the application's own schema
  departure_zone text,
  arrival_zone text,
  seat text,
  updated_at timestamptz not null default now(),
  constraint transportation_price_check check (price >= 0),
  constraint transportation_type_check check (transport_type in ('flight', 'train', 'bus', 'car_rental', 'taxi', 'other')),
  constraint transportation_status_check check (booking_status in ('available', 'reserved', 'booked', 'cancelled')),
  constraint transportation_id_trip_uniq unique (id, trip_id)
);

create table public.itinerary_items (
  id bigint generated always as identity primary key,
  trip_id bigint not null references public.trips (id) on delete cascade,
  title text not null,
  description text,
  item_type text not null,
  start_time timestamptz,
  end_time timestamptz,
  location text,
  price numeric not null default 0,
  currency text not null default 'USD',
  booking_status text not null default 'planned',
  external_id text,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  -- beyond the application's own schema
  start_zone text,
  end_zone text,
  updated_at timestamptz not null default now(),
  constraint itinerary_items_price_check check (price >= 0),
  constraint itinerary_items_type_check
    check (item_type in ('activity', 'meal', 'transport', 'accommodation', 'event', 'other')),
  constraint itinerary_items_status_check
    check (booking_status in ('planned', 'reserved', 'booked', 'completed', 'cancelled'))
);

-- What a planner needs of every booking.
do $$
declare
  booking text;
begin
  foreach booking in array array['flights', 'accommodations', 'transportation', 'itinerary_items'] loop
    execute format($ddl$
      alter table public.%1$I
        add column confirmation_code text,
        add column provider text,
        add column payment_status text not null default 'unpaid'
          constraint %2$I check (payment_status in ('unpaid', 'deposit', 'paid')),
        add column pay_by date,
        add column cancel_free_until timestamptz,
        add column notes text,
        add column day date,
        add column position integer not null default 0,
        add column idempotency_key uuid not null default gen_random_uuid(),
        add constraint %3$I unique (trip_id, idempotency_key)
      $ddl$, booking, booking || '_payment_status_check', booking || '_trip_idempotency_uniq');
    execute format('create index %I on public.%I (trip_id)', 'idx_' || booking || '_trip', booking);
  end loop;
end
$$;
comment on column public.itinerary_items.day is 'The day it is planned for; NULL is the pool of ideas.';

-- A flight's times live here. Both keys carry trip_id, so a leg can never belong to a booking of another trip.
create table public.legs (
  id bigint generated always as identity primary key,
  trip_id bigint not null references public.trips (id) on delete cascade,
  flight_id bigint,
  transportation_id bigint,
  direction text not null default 'outbound',
  position integer not null default 0,
  origin text not null,
  destination text not null,
  departure_time timestamptz,
  departure_zone text,
  arrival_time timestamptz,
  arrival_zone text,
  carrier text,
  number text,
  seat text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint legs_one_booking_check check (num_nonnulls(flight_id, transportation_id) = 1),
  constraint legs_direction_check check (direction in ('outbound', 'return')),
  constraint legs_flight_fkey foreign key (flight_id, trip_id)
    references public.flights (id, trip_id) on delete cascade on update cascade,
  constraint legs_transportation_fkey foreign key (transportation_id, trip_id)
    references public.transportation (id, trip_id) on delete cascade on update cascade
);
create index idx_legs_trip on public.legs (trip_id);
create index idx_legs_flight on public.legs (flight_id, trip_id);
create index idx_legs_transportation on public.legs (transportation_id, trip_id);

-- Policies, triggers and grants are the same for all five: who sees the trip reads, who may edit the trip writes.
-- Moving a row asks the question of both trips, the old one (USING) and the new one (WITH CHECK).
do $$
declare
  part text;
  sequence text;
begin
  foreach part in array array['flights', 'accommodations', 'transportation', 'itinerary_items', 'legs'] loop
    sequence := format('public.%I', part || '_id_seq');
    execute format('alter table public.%I enable row level security', part);
    execute format($ddl$
      create policy %2$I on public.%1$I for select to authenticated, tripsage_client
        using (exists (select from public.trips t where t.id = trip_id))
      $ddl$, part, part || '_select');
    execute format($ddl$
      create policy %2$I on public.%1$I for insert to authenticated, tripsage_client
        with check (private.trip_level(trip_id) in ('owner', 'admin', 'edit'))
      $ddl$, part, part || '_insert');
    execute format($ddl$
      create policy %2$I on public.%1$I for update to authenticated, tripsage_client
        using (private.trip_level(trip_id) in ('owner', 'admin', 'edit'))
        with check (private.trip_level(trip_id) in ('owner', 'admin', 'edit'))
      $ddl$, part, part || '_update');
    execute format($ddl$
      create policy %2$I on public.%1$I for delete to authenticated, tripsage_client
        using (private.trip_level(trip_id) in ('owner', 'admin', 'edit'))
      $ddl$, part, part || '_delete');
    execute format($ddl$
      create trigger %2$I before insert on public.%1$I
        for each row execute function private.refuse_unissued_id(%3$L)
      $ddl$, part, part || '_refuse_unissued_id', sequence);
    execute format($ddl$
      create trigger %2$I before update on public.%1$I
        for each row execute function private.touch_updated_at()
      $ddl$, part, part || '_touch_updated_at');
    execute format(
      'revoke all on public.%I from public, anon, authenticated, service_role, tripsage_client', part);
    execute format(
      'revoke all on sequence %s from public, anon, authenticated, service_role, tripsage_client', sequence);
    execute format('grant select, insert, update, delete on public.%I to service_role', part);
    execute format('grant select, insert, delete on public.%I to authenticated, tripsage_client', part);
  end loop;
end
$$;

grant update (trip_id, origin, destination, departure_date, return_date, flight_class, price, currency, airline,
              flight_number, booking_status, external_id, metadata, seat, check_in_opens_at, confirmation_code,
              provider, payment_status, pay_by, cancel_free_until, notes, day, position)
  on public.flights to authenticated, tripsage_client;
grant update (trip_id, name, address, check_in_date, check_out_date, room_type, price_per_night, total_price, currency,
              rating, amenities, booking_status, external_id, metadata, check_in_at, check_in_zone, check_out_at,
              check_out_zone, confirmation_code, provider, payment_status, pay_by, cancel_free_until, notes, day,
              position)
  on public.accommodations to authenticated, tripsage_client;
grant update (trip_id, transport_type, origin, destination, departure_time, arrival_time, price, currency,
              booking_status, external_id, metadata, departure_zone, arrival_zone, seat, confirmation_code, provider,
              payment_status, pay_by, cancel_free_until, notes, day, position)
  on public.transportation to authenticated, tripsage_client;
grant update (trip_id, title, description, item_type, start_time, end_time, location, price, currency, booking_status,
              external_id, metadata, start_zone, end_zone, confirmation_code, provider, payment_status, pay_by,
              cancel_free_until, notes, day, position)
  on public.itinerary_items to authenticated, tripsage_client;
grant update (direction, position, origin, destination, departure_time, departure_zone, arrival_time, arrival_zone,
              carrier, number, seat)
  on public.legs to authenticated, tripsage_client;

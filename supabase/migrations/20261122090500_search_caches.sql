-- Answers of search services, kept per user until they expire. query_hash identifies the question.

create table public.search_destinations (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  query text not null,
  query_hash text not null,
  results jsonb not null,
  source text not null,
  search_metadata jsonb not null default '{}',
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);

create table public.search_activities (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  destination text not null,
  activity_type text,
  query_parameters jsonb not null,
  query_hash text not null,
  results jsonb not null,
  source text not null,
  search_metadata jsonb not null default '{}',
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);

create table public.search_flights (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  origin text not null,
  destination text not null,
  departure_date date not null,
  return_date date,
  passengers integer not null default 1,
  cabin_class text not null default 'economy',
  query_parameters jsonb not null,
  query_hash text not null,
  results jsonb not null,
  source text not null,
  search_metadata jsonb not null default '{}',
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint search_flights_passengers_check check (passengers > 0),
  constraint search_flights_class_check check (cabin_class in ('economy', 'premium_economy', 'business', 'first'))
);

create table public.search_hotels (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  destination text not null,
  check_in_date date not null,
  check_out_date date not null,
  guests integer not null default 1,
  rooms integer not null default 1,
  query_parameters jsonb not null,
  query_hash text not null,
  results jsonb not null,
  source text not null,
  search_metadata jsonb not null default '{}',
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint search_hotels_dates_check check (check_out_date > check_in_date),
  constraint search_hotels_guests_check check (guests > 0),
  constraint search_hotels_rooms_check check (rooms > 0)
);

do $$
declare
  cache text;
  sequence text;
begin
  foreach cache in array array['search_destinations', 'search_activities', 'search_flights', 'search_hotels'] loop
    sequence := format('public.%I', cache || '_id_seq');
    execute format('create index %I on public.%I (user_id, query_hash)', 'idx_' || cache || '_user_query', cache);
    execute format('create index %I on public.%I (expires_at)', 'idx_' || cache || '_expires', cache);
    execute format('alter table public.%I enable row level security', cache);
    execute format($ddl$
      create policy %2$I on public.%1$I for select to authenticated, tripsage_client
        using (user_id = (select private.current_user_id()))
      $ddl$, cache, cache || '_select');
    execute format($ddl$
      create policy %2$I on public.%1$I for insert to authenticated, tripsage_client
        with check (user_id = (select private.current_user_id()))
      $ddl$, cache, cache || '_insert');
    execute format($ddl$
      create policy %2$I on public.%1$I for update to authenticated, tripsage_client
        using (user_id = (select private.current_user_id()))
        with check (user_id = (select private.current_user_id()))
      $ddl$, cache, cache || '_update');
    execute format($ddl$
      create policy %2$I on public.%1$I for delete to authenticated, tripsage_client
        using (user_id = (select private.current_user_id()))
      $ddl$, cache, cache || '_delete');
    execute format($ddl$
      create trigger %2$I before insert on public.%1$I
        for each row execute function private.refuse_unissued_id(%3$L)
      $ddl$, cache, cache || '_refuse_unissued_id', sequence);
    execute format(
      'revoke all on public.%I from public, anon, authenticated, service_role, tripsage_client', cache);
    execute format(
      'revoke all on sequence %s from public, anon, authenticated, service_role, tripsage_client', sequence);
    execute format('grant select, insert, update, delete on public.%I to service_role', cache);
    execute format('grant select, insert, delete on public.%I to authenticated, tripsage_client', cache);
    execute format(
      'grant update (results, source, search_metadata, expires_at) on public.%I to authenticated, tripsage_client',
      cache);
  end loop;
end
$$;

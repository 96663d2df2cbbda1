-- What planning together needs: rates and opening days of bookings, archived trips, who travels, who paid what, and
-- invitations by e-mail.

-- Bookings and trips ----------------------------------------------------------------------------------------------------

do $$
declare
  booking text;
begin
  foreach booking in array array['flights', 'accommodations', 'transportation', 'itinerary_items'] loop
    execute format($ddl$
      alter table public.%1$I
        add column exchange_rate numeric
          constraint %2$I check (exchange_rate > 0 and exchange_rate < 'Infinity')
      $ddl$, booking, booking || '_exchange_rate_check');
    execute format('grant update (exchange_rate) on public.%I to authenticated, tripsage_client', booking);
    execute format('comment on column public.%I.exchange_rate is %L', booking,
      'Units of the trip''s currency per unit of the booking''s, as it was when saved; NULL: the same, or not known.');
  end loop;
end
$$;

alter table public.accommodations add column check_in_until time;
comment on column public.accommodations.check_in_until is 'When the reception closes, by the clock of the place.';
grant update (check_in_until) on public.accommodations to authenticated, tripsage_client;

alter table public.itinerary_items
  add column closed_weekdays smallint[] not null default '{}'
    constraint itinerary_items_closed_weekdays_check check (closed_weekdays <@ '{1,2,3,4,5,6,7}'::smallint[]),
  add column closed_on_holidays boolean not null default false;
comment on column public.itinerary_items.closed_weekdays is 'ISO: 1 is Monday, 7 is Sunday.';
grant update (closed_weekdays, closed_on_holidays) on public.itinerary_items to authenticated, tripsage_client;

alter table public.trips add column archived_at timestamptz;
comment on column public.trips.archived_at is 'Put away since; unlike the trash everybody still sees and may edit it.';
grant update (archived_at) on public.trips to authenticated, tripsage_client;

-- People and money ------------------------------------------------------------------------------------------------------

create table public.travellers (
  id bigint generated always as identity primary key,
  trip_id bigint not null references public.trips (id) on delete cascade,
  name text not null,
  user_id uuid references auth.users (id) on delete set null,
  passport_expires date,
  visa_expires date,
  idempotency_key uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint travellers_name_check check (name <> ''),
  constraint travellers_id_trip_uniq unique (id, trip_id),
  constraint travellers_trip_user_uniq unique (trip_id, user_id),
  constraint travellers_trip_idempotency_uniq unique (trip_id, idempotency_key)
);
create index idx_travellers_user on public.travellers (user_id);
comment on table public.travellers is 'Who goes along, with an account (user_id) or without.';

create table public.expenses (
  id bigint generated always as identity primary key,
  trip_id bigint not null references public.trips (id) on delete cascade,
  title text not null,
  category text not null default 'other',
  amount numeric not null,
  currency text not null default 'USD',
  exchange_rate numeric,
  spent_on date,
  notes text,
  created_by uuid default private.current_user_id() references auth.users (id) on delete set null,
  idempotency_key uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint expenses_category_check
    check (category in ('transport', 'lodging', 'food', 'activity', 'shopping', 'fees', 'other')),
  constraint expenses_amount_check check (amount >= 0 and amount < 'Infinity'),
  constraint expenses_exchange_rate_check check (exchange_rate > 0 and exchange_rate < 'Infinity'),
  constraint expenses_id_trip_uniq unique (id, trip_id),
  constraint expenses_trip_idempotency_uniq unique (trip_id, idempotency_key)
);
create index idx_expenses_created_by on public.expenses (created_by);

-- Both keys carry trip_id, so nobody of another trip ever has a share. The key to the traveller is looked at when a
-- transaction ends: by then a trip that goes has taken everything along, and what is left are shares that count.
create table public.expense_shares (
  id bigint generated always as identity primary key,
  trip_id bigint not null references public.trips (id) on delete cascade,
  expense_id bigint not null,
  traveller_id bigint not null,
  paid numeric not null default 0,
  weight numeric default 1,
  owed numeric,
  constraint expense_shares_paid_check check (paid >= 0 and paid < 'Infinity'),
  constraint expense_shares_weight_check check (weight >= 0 and weight < 'Infinity'),
  constraint expense_shares_owed_check check (owed >= 0 and owed < 'Infinity'),
  constraint expense_shares_one_split_check check (num_nonnulls(weight, owed) <= 1),
  constraint expense_shares_expense_traveller_uniq unique (expense_id, traveller_id) deferrable,
  constraint expense_shares_expense_fkey foreign key (expense_id, trip_id)
    references public.expenses (id, trip_id) on delete cascade,
  constraint expense_shares_traveller_fkey foreign key (traveller_id, trip_id)
    references public.travellers (id, trip_id) deferrable initially deferred
);
create index idx_expense_shares_trip on public.expense_shares (trip_id);
create index idx_expense_shares_expense on public.expense_shares (expense_id, trip_id);
create index idx_expense_shares_traveller on public.expense_shares (traveller_id, trip_id);
comment on column public.expense_shares.paid is 'What this person paid, in the expense''s currency.';
comment on column public.expense_shares.weight is 'Part in an equal or weighted split; NULL: none, or a fixed amount (owed).';

create table public.settlements (
  id bigint generated always as identity primary key,
  trip_id bigint not null references public.trips (id) on delete cascade,
  from_traveller bigint not null,
  to_traveller bigint not null,
  amount numeric not null,
  currency text not null default 'USD',
  exchange_rate numeric,
  paid_on date not null default current_date,
  idempotency_key uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint settlements_amount_check check (amount > 0 and amount < 'Infinity'),
  constraint settlements_exchange_rate_check check (exchange_rate > 0 and exchange_rate < 'Infinity'),
  constraint settlements_two_people_check check (from_traveller <> to_traveller),
  constraint settlements_from_fkey foreign key (from_traveller, trip_id)
    references public.travellers (id, trip_id) deferrable initially deferred,
  constraint settlements_to_fkey foreign key (to_traveller, trip_id)
    references public.travellers (id, trip_id) deferrable initially deferred,
  constraint settlements_trip_idempotency_uniq unique (trip_id, idempotency_key)
);
create index idx_settlements_from on public.settlements (from_traveller, trip_id);
create index idx_settlements_to on public.settlements (to_traveller, trip_id);

-- Invitations -----------------------------------------------------------------------------------------------------------

create table public.trip_invitations (
  id bigint generated always as identity primary key,
  trip_id bigint not null references public.trips (id) on delete cascade,
  email text not null,
  permission_level text not null default 'view',
  invited_by uuid not null references auth.users (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '14 days',
  constraint trip_invitations_email_check
    check (email = lower(email) and email like '_%@_%' and char_length(email) <= 320),
  constraint trip_invitations_permission_level_check check (permission_level in ('view', 'edit', 'admin')),
  constraint trip_invitations_trip_email_uniq unique (trip_id, email)
);
create index idx_trip_invitations_email on public.trip_invitations (email);
create index idx_trip_invitations_invited_by on public.trip_invitations (invited_by);
comment on table public.trip_invitations is
  'Addresses that were asked to a trip. A row is the same whether or not somebody has an account of that address.';

-- Policies, triggers and grants of the four tables that editors write --------------------------------------------------

do $$
declare
  part text;
  sequence text;
begin
  foreach part in array array['travellers', 'expenses', 'expense_shares', 'settlements'] loop
    sequence := format('public.%I', part || '_id_seq');
    execute format('alter table public.%I enable row level security', part);
    execute format($ddl$
      create policy %2$I on public.%1$I for select to authenticated, tripsage_client
        using (exists (select from public.trips t where t.id = trip_id))
      $ddl$, part, part || '_select');
    execute format($ddl$
      create policy %2$I on public.%1$I for insert to authenticated, tripsage_client
        with check (private.trip_level(trip_id) in ('owner', 'admin', 'edit') %3$s)
      $ddl$, part, part || '_insert', case when part = 'expenses' then
        'and (created_by is null or created_by = (select private.current_user_id()))' end);
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
    if part <> 'expense_shares' then
      execute format($ddl$
        create trigger %2$I before update on public.%1$I
          for each row execute function private.touch_updated_at()
        $ddl$, part, part || '_touch_updated_at');
    end if;
    execute format(
      'revoke all on public.%I from public, anon, authenticated, service_role, tripsage_client', part);
    execute format(
      'revoke all on sequence %s from public, anon, authenticated, service_role, tripsage_client', sequence);
    execute format('grant select, insert, update, delete on public.%I to service_role', part);
    execute format('grant select, insert, delete on public.%I to authenticated, tripsage_client', part);
  end loop;
end
$$;

-- No row moves to another trip: it would leave its travellers behind.
grant update (name, user_id, passport_expires, visa_expires) on public.travellers to authenticated, tripsage_client;
grant update (title, category, amount, currency, exchange_rate, spent_on, notes)
  on public.expenses to authenticated, tripsage_client;
grant update (paid, weight, owed) on public.expense_shares to authenticated, tripsage_client;
grant update (from_traveller, to_traveller, amount, currency, exchange_rate, paid_on)
  on public.settlements to authenticated, tripsage_client;

-- A traveller is linked to a member of the trip or to nobody. A link to anybody else is left out rather than refused,
-- so that undoing a removal still works when that person has left, and so that it tells nothing about who exists.
create function private.link_members_only() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from public.trips t where t.id = new.trip_id and t.user_id = new.user_id)
     and not exists (
       select from public.trip_collaborators c where c.trip_id = new.trip_id and c.user_id = new.user_id
     )
  then
    new.user_id := null;
  end if;
  return new;
end
$$;
revoke all on function private.link_members_only() from public, anon, authenticated, service_role;
create trigger travellers_link_members_only_insert before insert on public.travellers
  for each row when (new.user_id is not null) execute function private.link_members_only();
-- Who left the trip stays the traveller that shares refer to.
create trigger travellers_link_members_only_update before update on public.travellers
  for each row when (new.user_id is distinct from old.user_id and new.user_id is not null)
  execute function private.link_members_only();

-- Policies, triggers and grants of invitations --------------------------------------------------------------------------

alter table public.trip_invitations enable row level security;
create policy trip_invitations_select on public.trip_invitations for select to authenticated, tripsage_client
  using (private.trip_level(trip_id) in ('owner', 'admin'));
create policy trip_invitations_insert on public.trip_invitations for insert to authenticated, tripsage_client
  with check (
    invited_by = (select private.current_user_id())
    and private.trip_level(trip_id) in ('owner', 'admin')
  );
create policy trip_invitations_update on public.trip_invitations for update to authenticated, tripsage_client
  using (private.trip_level(trip_id) in ('owner', 'admin'))
  with check (private.trip_level(trip_id) in ('owner', 'admin'));
create policy trip_invitations_delete on public.trip_invitations for delete to authenticated, tripsage_client
  using (private.trip_level(trip_id) in ('owner', 'admin'));

create trigger trip_invitations_refuse_unissued_id before insert on public.trip_invitations
  for each row execute function private.refuse_unissued_id('public.trip_invitations_id_seq');

revoke all on public.trip_invitations from public, anon, authenticated, service_role, tripsage_client;
revoke all on sequence public.trip_invitations_id_seq
  from public, anon, authenticated, service_role, tripsage_client;
grant select, insert, update, delete on public.trip_invitations to service_role;
grant select, delete on public.trip_invitations to authenticated, tripsage_client;
-- When an invitation ends is not for its writer to say.
grant insert (id, trip_id, email, permission_level, invited_by) on public.trip_invitations
  to authenticated, tripsage_client;
grant update (permission_level) on public.trip_invitations to authenticated, tripsage_client;

-- Whose address it is. A hosted project confirms addresses; local profiles are made by whoever owns the database, who
-- marks them in metadata that no user can write.
create function private.is_verified(member auth.users) returns boolean
language sql stable set search_path = '' as $$
  select member.deleted_at is null
    and (member.email_confirmed_at is not null
         or (member.email like '%@local' and member.raw_app_meta_data ->> 'provider' = 'local'))
$$;
revoke all on function private.is_verified(auth.users) from public, anon, authenticated, service_role;

-- What one is called: a name as the account gives it, else the part of the address before the @.
create function private.display_name(member auth.users) returns text
language sql stable set search_path = '' as $$
  select left(coalesce(
    nullif(trim(member.raw_user_meta_data ->> 'name'), ''),
    nullif(trim(member.raw_user_meta_data ->> 'full_name'), ''),
    nullif(split_part(member.email, '@', 1), ''),
    'somebody'
  ), 200)
$$;
revoke all on function private.display_name(auth.users) from public, anon, authenticated, service_role;

-- The address as invitations write it, if it is verified; NULL otherwise.
create function private.own_address() returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select lower(u.email) from auth.users u where u.id = private.current_user_id() and private.is_verified(u)
  );
end
$$;
revoke all on function private.own_address() from public, anon, authenticated, service_role;

-- Invitations that the current user can accept: unexpired, to a trip that is not in the trash and not the own one, and
-- by somebody who may still invite.
create function private.my_invitations()
returns table (
  id bigint, trip_id bigint, trip_name text, destination text, start_date date, end_date date, permission_level text,
  invited_by text, expires_at timestamptz
)
language plpgsql stable security definer rows 10 set search_path = '' as $$
declare
  me uuid := private.current_user_id();
  address text := private.own_address();
begin
  if address is null then
    return;
  end if;
  return query
    select i.id, i.trip_id, t.name, t.destination, t.start_date, t.end_date, i.permission_level,
           private.display_name(u), i.expires_at
    from public.trip_invitations i
    join public.trips t on t.id = i.trip_id and t.deleted_at is null and t.user_id <> me
    join auth.users u on u.id = i.invited_by
    where i.email = address
      and i.expires_at > statement_timestamp()
      and (
        t.user_id = i.invited_by
        or exists (
          select from public.trip_collaborators c
          where c.trip_id = i.trip_id and c.user_id = i.invited_by and c.permission_level = 'admin'
        )
      )
    order by i.created_at, i.id;
end
$$;
revoke all on function private.my_invitations() from public, anon, authenticated, service_role;
grant execute on function private.my_invitations() to authenticated, tripsage_client;

create function public.my_invitations()
returns table (
  id bigint, trip_id bigint, trip_name text, destination text, start_date date, end_date date, permission_level text,
  invited_by text, expires_at timestamptz
)
language sql stable set search_path = '' as $$
  select * from private.my_invitations()
$$;
revoke all on function public.my_invitations() from public, anon, authenticated, service_role;
grant execute on function public.my_invitations() to authenticated, tripsage_client;
comment on function public.my_invitations() is 'The invitations that the current user can accept or decline.';

-- The trip that the current user now belongs to; NULL when there is no such invitation (any more). Somebody who belongs
-- to the trip already keeps the level of today: an old invitation must not undo what was decided since.
create function private.accept_invitation(invitation bigint) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  me uuid := private.current_user_id();
  asked public.trip_invitations;
begin
  -- Whoever takes the inviter's right away at this moment waits, or was first.
  perform from public.trip_collaborators c
  join public.trip_invitations i on i.trip_id = c.trip_id and i.invited_by = c.user_id
  where i.id = invitation
  for share of c;
  select i.* into asked
  from public.trip_invitations i
  where i.id = invitation and i.id in (select m.id from private.my_invitations() m)
  for update;
  if not found then
    return null;
  end if;
  insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by)
  values (asked.trip_id, me, asked.permission_level, asked.invited_by)
  on conflict (trip_id, user_id) do nothing;
  delete from public.trip_invitations i where i.id = asked.id;
  return asked.trip_id;
end
$$;
revoke all on function private.accept_invitation(bigint) from public, anon, authenticated, service_role;
grant execute on function private.accept_invitation(bigint) to authenticated, tripsage_client;

create function public.accept_invitation(invitation bigint) returns bigint
language sql set search_path = '' as $$
  select private.accept_invitation(invitation)
$$;
revoke all on function public.accept_invitation(bigint) from public, anon, authenticated, service_role;
grant execute on function public.accept_invitation(bigint) to authenticated, tripsage_client;
comment on function public.accept_invitation(bigint) is
  'Joins the trip with the level of the invitation and returns the trip; NULL when the invitation is not valid.';

create function private.decline_invitation(invitation bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.trip_invitations i where i.id = invitation and i.email = private.own_address();
  return found;
end
$$;
revoke all on function private.decline_invitation(bigint) from public, anon, authenticated, service_role;
grant execute on function private.decline_invitation(bigint) to authenticated, tripsage_client;

create function public.decline_invitation(invitation bigint) returns boolean
language sql set search_path = '' as $$
  select private.decline_invitation(invitation)
$$;
revoke all on function public.decline_invitation(bigint) from public, anon, authenticated, service_role;
grant execute on function public.decline_invitation(bigint) to authenticated, tripsage_client;
comment on function public.decline_invitation(bigint) is 'Whether there was such an invitation to the current user.';

-- The members of a trip by name, owner first, for its members; id is the one in trip_collaborators, NULL for the owner.
create function private.trip_people(trip bigint)
returns table (id bigint, user_id uuid, name text, permission_level text, added_at timestamptz, updated_at timestamptz)
language plpgsql stable security definer rows 10 set search_path = '' as $$
begin
  if private.trip_level(trip) is null then
    return;
  end if;
  return query
    select m.id, m.user_id, private.display_name(u), m.permission_level, m.added_at, m.updated_at
    from (
      select null::bigint as id, t.user_id, 'owner'::text as permission_level, t.created_at as added_at,
             t.updated_at
      from public.trips t where t.id = trip
      union all
      select c.id, c.user_id, c.permission_level, c.added_at, c.updated_at
      from public.trip_collaborators c where c.trip_id = trip
    ) m
    join auth.users u on u.id = m.user_id
    order by m.id is not null, lower(private.display_name(u)), m.id;
end
$$;
revoke all on function private.trip_people(bigint) from public, anon, authenticated, service_role;
grant execute on function private.trip_people(bigint) to authenticated, tripsage_client;

create function public.trip_people(trip bigint)
returns table (id bigint, user_id uuid, name text, permission_level text, added_at timestamptz, updated_at timestamptz)
language sql stable set search_path = '' as $$
  select * from private.trip_people(trip)
$$;
revoke all on function public.trip_people(bigint) from public, anon, authenticated, service_role;
grant execute on function public.trip_people(bigint) to authenticated, tripsage_client;
comment on function public.trip_people(bigint) is 'Who belongs to a trip, by name, if the current user does.';

-- Invitations end with what they rest on: those to somebody who was removed, and those by somebody who may no longer
-- invite.
create function private.end_invitations() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.trip_invitations i where i.trip_id = old.trip_id and i.invited_by = old.user_id;
  if tg_op = 'DELETE' then
    delete from public.trip_invitations i
    where i.trip_id = old.trip_id and i.email = (select lower(u.email) from auth.users u where u.id = old.user_id);
  end if;
  return null;
end
$$;
revoke all on function private.end_invitations() from public, anon, authenticated, service_role;
create trigger trip_collaborators_end_invitations_delete after delete on public.trip_collaborators
  for each row execute function private.end_invitations();
create trigger trip_collaborators_end_invitations_update after update on public.trip_collaborators
  for each row when (old.permission_level = 'admin' and new.permission_level <> 'admin')
  execute function private.end_invitations();

-- Live updates ----------------------------------------------------------------------------------------------------------

-- An invitation is told to whom it is for, if anybody has that address.
create function private.announce_invitations() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.announce(tg_table_name, tg_op, array_agg(h.id), array_agg(h.trip_id), array_agg(h.person))
  from (
    select c.id::text, c.trip_id, u.id
    from changed c
    left join auth.users u on u.email = c.email and u.is_sso_user = false and private.is_verified(u)
  ) as h (id, trip_id, person);
  return null;
end
$$;
revoke all on function private.announce_invitations() from public, anon, authenticated, service_role;

do $$
declare
  told record;
begin
  for told in
    select * from (values
      ('travellers', 'announce_trip_rows'),
      ('expenses', 'announce_trip_rows'),
      ('expense_shares', 'announce_trip_rows'),
      ('settlements', 'announce_trip_rows'),
      ('trip_invitations', 'announce_invitations')
    ) as tolds (source, teller)
  loop
    execute format($ddl$
      create trigger %1$I after insert on public.%2$I
        referencing new table as changed for each statement execute function private.%3$I()
      $ddl$, told.source || '_announce_insert', told.source, told.teller);
    execute format($ddl$
      create trigger %1$I after update on public.%2$I
        referencing old table as was new table as changed for each statement execute function private.%3$I()
      $ddl$, told.source || '_announce_update', told.source, told.teller);
    execute format($ddl$
      create trigger %1$I after delete on public.%2$I
        referencing old table as changed for each statement execute function private.%3$I()
      $ddl$, told.source || '_announce_delete', told.source, told.teller);
  end loop;
end
$$;

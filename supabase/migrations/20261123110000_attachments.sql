-- Attachments: files of bookings, checksums, uploads that can be resumed, a trash, and bytes whose record is gone.

alter table public.file_attachments
  add column booking_kind text
    constraint file_attachments_booking_kind_check check (booking_kind in ('flight', 'stay', 'transport', 'item')),
  add column booking_id bigint,
  add column checksum text constraint file_attachments_checksum_check check (checksum ~ '^[0-9a-f]{64}$'),
  add column upload_until timestamptz,
  add column deleted_at timestamptz,
  add constraint file_attachments_booking_check
    check ((booking_kind is null) = (booking_id is null) and (booking_kind is null or trip_id is not null));
comment on column public.file_attachments.booking_id is
  'The booking of the same trip that the file belongs to: a row of the table that booking_kind stands for.';
comment on column public.file_attachments.checksum is 'SHA-256 of the content in hexadecimal.';
comment on column public.file_attachments.upload_until is
  'Until when Storage takes the object; private.renew_upload() moves it, for the writer only.';
grant update (booking_kind, booking_id, deleted_at) on public.file_attachments to authenticated, tripsage_client;
create index idx_file_attachments_uploading on public.file_attachments (user_id) where upload_status = 'uploading';

-- The same answer for a booking of another trip, one that the writer does not see, and one that does not exist.
create function private.guard_booking_reference() returns trigger
language plpgsql set search_path = '' as $$
declare
  found boolean;
begin
  if new.booking_id is null
     or (tg_op = 'UPDATE' and (new.booking_kind, new.booking_id, new.trip_id)
                              is not distinct from (old.booking_kind, old.booking_id, old.trip_id))
  then
    return new;
  end if;
  found := case new.booking_kind
    when 'flight' then
      exists (select from public.flights b where b.id = new.booking_id and b.trip_id = new.trip_id)
    when 'stay' then
      exists (select from public.accommodations b where b.id = new.booking_id and b.trip_id = new.trip_id)
    when 'transport' then
      exists (select from public.transportation b where b.id = new.booking_id and b.trip_id = new.trip_id)
    when 'item' then
      exists (select from public.itinerary_items b where b.id = new.booking_id and b.trip_id = new.trip_id)
  end;
  if found is not true then
    raise exception 'no such booking' using errcode = '42501';
  end if;
  return new;
end
$$;
revoke all on function private.guard_booking_reference() from public, anon, authenticated, service_role;
create trigger file_attachments_guard_booking
  before insert or update of booking_kind, booking_id, trip_id on public.file_attachments
  for each row execute function private.guard_booking_reference();

-- Uploading -----------------------------------------------------------------------------------------------------------

-- The window opens with the record, whatever its writer says; whoever writes cannot name a time.
create function private.open_upload() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.upload_until := case
    when new.upload_status = 'uploading' then statement_timestamp() + interval '15 minutes' end;
  return new;
end
$$;
revoke all on function private.open_upload() from public, anon, authenticated, service_role;
create trigger file_attachments_open_upload before insert on public.file_attachments
  for each row execute function private.open_upload();
update public.file_attachments set upload_until = created_at + interval '15 minutes' where upload_status = 'uploading';

-- 15 more minutes for a record that is not complete. For its writer, while the trip may still be written to.
create function private.renew_upload(attachment uuid) returns timestamptz
language sql security definer set search_path = '' as $$
  update public.file_attachments f
  set upload_status = 'uploading', upload_until = statement_timestamp() + interval '15 minutes'
  where f.id = attachment
    and f.user_id = private.current_user_id()
    and f.upload_status in ('uploading', 'failed')
    and f.virus_scan_status is distinct from 'infected'
    and f.deleted_at is null
    and (f.trip_id is null or private.trip_level(f.trip_id) in ('owner', 'admin', 'edit'))
  returning f.upload_until
$$;
revoke all on function private.renew_upload(uuid) from public, anon, authenticated, service_role;
grant execute on function private.renew_upload(uuid) to authenticated, tripsage_client;

-- Bytes whose record is gone ------------------------------------------------------------------------------------------

-- SQL cannot remove objects from Storage. A record that goes (also with its trip or its conversation) leaves a note,
-- and its writer, or who removed it, removes the object later.
create table private.orphaned_files (
  bucket_name text not null,
  file_path text not null,
  user_id uuid not null,
  removed_by uuid,
  orphaned_at timestamptz not null default now(),
  primary key (bucket_name, file_path)
);
create index idx_orphaned_files_user on private.orphaned_files (user_id);
create index idx_orphaned_files_removed_by on private.orphaned_files (removed_by);
alter table private.orphaned_files enable row level security;
revoke all on private.orphaned_files from public, anon, authenticated, service_role, tripsage_client;
comment on table private.orphaned_files is 'Read and written through functions only; there is no policy on purpose.';

create function private.note_orphans() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.orphaned_files (bucket_name, file_path, user_id, removed_by)
  select g.bucket_name, g.file_path, g.user_id, private.current_user_id() from gone g
  on conflict do nothing;
  return null;
end
$$;
revoke all on function private.note_orphans() from public, anon, authenticated, service_role;
create trigger file_attachments_note_orphans after delete on public.file_attachments
  referencing old table as gone for each statement execute function private.note_orphans();

-- A record that comes back has its object again.
create function private.adopt_orphans() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from private.orphaned_files o using made m
  where o.bucket_name = m.bucket_name and o.file_path = m.file_path;
  return null;
end
$$;
revoke all on function private.adopt_orphans() from public, anon, authenticated, service_role;
create trigger file_attachments_adopt_orphans after insert on public.file_attachments
  referencing new table as made for each statement execute function private.adopt_orphans();

create function private.orphaned_paths(bucket text) returns setof text
language sql stable security definer set search_path = '' as $$
  select o.file_path from private.orphaned_files o
  where o.bucket_name = bucket and private.current_user_id() in (o.user_id, o.removed_by)
  order by o.orphaned_at limit 100
$$;
create function private.forget_orphans(bucket text, paths text[]) returns void
language sql security definer set search_path = '' as $$
  delete from private.orphaned_files o
  where o.bucket_name = bucket and o.file_path = any (paths)
    and private.current_user_id() in (o.user_id, o.removed_by)
$$;
create function private.may_remove_orphan(bucket text, path text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from private.orphaned_files o
    where o.bucket_name = bucket and o.file_path = path and private.current_user_id() in (o.user_id, o.removed_by)
  )
$$;
revoke all on function private.orphaned_paths(text), private.forget_orphans(text, text[]),
  private.may_remove_orphan(text, text) from public, anon, authenticated, service_role;
grant execute on function private.orphaned_paths(text), private.forget_orphans(text, text[]),
  private.may_remove_orphan(text, text) to authenticated, tripsage_client;

-- Storage -------------------------------------------------------------------------------------------------------------

-- Where Storage's tables belong to another role, a superuser runs this afterwards: `tripsage-tui admin storage-sql`.
do $policies$
begin
  drop policy if exists tripsage_attachments_select on storage.objects;
  drop policy if exists tripsage_attachments_insert on storage.objects;
  drop policy if exists tripsage_attachments_delete on storage.objects;
  create policy tripsage_attachments_select on storage.objects for select to authenticated
    using (
      bucket_id = 'attachments'
      and (
        exists (select from public.file_attachments f where f.bucket_name = bucket_id and f.file_path = name)
        or private.may_remove_orphan(bucket_id, name)
      )
    );
  create policy tripsage_attachments_insert on storage.objects for insert to authenticated
    with check (
      bucket_id = 'attachments'
      and exists (
        select from public.file_attachments f
        where f.bucket_name = bucket_id and f.file_path = name
          and f.user_id = (select private.current_user_id())
          and f.upload_status = 'uploading'
          and f.upload_until > statement_timestamp()
          and (f.trip_id is null or private.trip_level(f.trip_id) in ('owner', 'admin', 'edit'))
      )
    );
  create policy tripsage_attachments_delete on storage.objects for delete to authenticated
    using (
      bucket_id = 'attachments'
      and (
        exists (
          select from public.file_attachments f
          where f.bucket_name = bucket_id and f.file_path = name
            and case when f.trip_id is null then f.user_id = (select private.current_user_id())
                     else private.trip_level(f.trip_id) in ('owner', 'admin', 'edit') end
        )
        or private.may_remove_orphan(bucket_id, name)
      )
    );
exception
  when insufficient_privilege then
    raise notice 'the policies of Storage have to be made by a superuser';
end
$policies$;

-- What the program attaches, for other programs too. An operator's own choice stays.
update storage.buckets
set allowed_mime_types = array[
  'application/pdf', 'application/msword', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.ms-excel', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'text/plain', 'text/csv', 'image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/svg+xml']
where id = 'attachments' and allowed_mime_types is null;

-- An upload that nobody has gone on with for a week never ends.
create or replace function private.clean_expired(out source text, out removed bigint) returns setof record
language plpgsql security definer set search_path = '' as $$
begin
  source := 'database_sessions';
  delete from private.database_sessions s where s.expires_at <= statement_timestamp();
  get diagnostics removed = row_count;
  return next;
  foreach source in array array['search_destinations', 'search_activities', 'search_flights', 'search_hotels'] loop
    execute format('delete from public.%I c where c.expires_at <= statement_timestamp()', source);
    get diagnostics removed = row_count;
    return next;
  end loop;
  source := 'file_attachments';
  delete from public.file_attachments f
  where f.upload_status = 'uploading' and f.upload_until <= statement_timestamp() - interval '7 days';
  get diagnostics removed = row_count;
  return next;
end
$$;

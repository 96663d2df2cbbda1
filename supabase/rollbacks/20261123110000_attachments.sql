-- The way back from 20261123110000_attachments. Files in the trash go with the column that says so.

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
  where f.upload_status = 'uploading' and f.created_at <= statement_timestamp() - interval '1 day';
  get diagnostics removed = row_count;
  return next;
end
$$;

update storage.buckets
set allowed_mime_types = null
where id = 'attachments' and allowed_mime_types = array[
  'application/pdf', 'application/msword', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.ms-excel', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'text/plain', 'text/csv', 'image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/svg+xml'];

do $policies$
begin
  drop policy if exists tripsage_attachments_select on storage.objects;
  drop policy if exists tripsage_attachments_insert on storage.objects;
  drop policy if exists tripsage_attachments_delete on storage.objects;
  create policy tripsage_attachments_select on storage.objects for select to authenticated
    using (
      bucket_id = 'attachments'
      and exists (select from public.file_attachments f where f.bucket_name = bucket_id and f.file_path = name)
    );
  create policy tripsage_attachments_insert on storage.objects for insert to authenticated
    with check (
      bucket_id = 'attachments'
      and exists (
        select from public.file_attachments f
        where f.bucket_name = bucket_id and f.file_path = name
          and f.user_id = (select private.current_user_id())
          and f.upload_status = 'uploading'
          and f.created_at > statement_timestamp() - interval '15 minutes'
      )
    );
  create policy tripsage_attachments_delete on storage.objects for delete to authenticated
    using (
      bucket_id = 'attachments'
      and exists (
        select from public.file_attachments f
        where f.bucket_name = bucket_id and f.file_path = name
          and case when f.trip_id is null then f.user_id = (select private.current_user_id())
                   else private.trip_level(f.trip_id) in ('owner', 'admin', 'edit') end
      )
    );
exception
  when insufficient_privilege then
    raise notice 'the policies of Storage have to be changed by a superuser';
end
$policies$;

drop trigger file_attachments_adopt_orphans on public.file_attachments;
drop trigger file_attachments_note_orphans on public.file_attachments;
drop trigger file_attachments_open_upload on public.file_attachments;
drop trigger file_attachments_guard_booking on public.file_attachments;
drop function private.may_remove_orphan(text, text);
drop function private.forget_orphans(text, text[]);
drop function private.orphaned_paths(text);
drop function private.adopt_orphans();
drop function private.note_orphans();
drop table private.orphaned_files;
drop function private.renew_upload(uuid);
drop function private.open_upload();
drop function private.guard_booking_reference();

delete from public.file_attachments where deleted_at is not null;
drop index public.idx_file_attachments_uploading;
alter table public.file_attachments
  drop constraint file_attachments_booking_check,
  drop column booking_kind,
  drop column booking_id,
  drop column checksum,
  drop column upload_until,
  drop column deleted_at;

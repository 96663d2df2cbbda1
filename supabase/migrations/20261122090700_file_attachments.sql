-- Files. The record comes first: a storage object may only be written while its record says that it is being uploaded.

create table public.file_attachments (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  trip_id bigint references public.trips (id) on delete cascade,
  chat_message_id bigint references public.chat_messages (id) on delete cascade,
  filename text not null,
  original_filename text not null,
  file_size bigint not null,
  mime_type text not null,
  file_path text not null,
  bucket_name text not null default 'attachments',
  upload_status text not null default 'uploading',
  virus_scan_status text default 'pending',
  virus_scan_result jsonb default '{}',
  metadata jsonb default '{}',
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  constraint file_attachments_size_check check (file_size > 0),
  constraint file_attachments_upload_status_check check (upload_status in ('uploading', 'completed', 'failed')),
  constraint file_attachments_virus_status_check
    check (virus_scan_status in ('pending', 'clean', 'infected', 'failed')),
  constraint file_attachments_path_uniq unique (bucket_name, file_path)
);
create index idx_file_attachments_user on public.file_attachments (user_id, created_at);
create index idx_file_attachments_trip on public.file_attachments (trip_id);
create index idx_file_attachments_message on public.file_attachments (chat_message_id);

alter table public.file_attachments enable row level security;

-- A file of a trip belongs to the trip; a file of a conversation, or of nothing, to its user.
create policy file_attachments_select on public.file_attachments for select to authenticated, tripsage_client
  using (
    case when trip_id is null then user_id = (select private.current_user_id())
         else exists (select from public.trips t where t.id = trip_id) end
  );
-- The path starts with the writer's own folder, so that no record can lay claim to another user's object.
create policy file_attachments_insert on public.file_attachments for insert to authenticated, tripsage_client
  with check (
    user_id = (select private.current_user_id())
    and (file_path like user_id || '/%' or file_path like 'chat/' || user_id || '/%')
    and (trip_id is null or private.trip_level(trip_id) in ('owner', 'admin', 'edit'))
    and (chat_message_id is null or exists (select from public.chat_messages m where m.id = chat_message_id))
  );
create policy file_attachments_update on public.file_attachments for update to authenticated, tripsage_client
  using (
    case when trip_id is null then user_id = (select private.current_user_id())
         else private.trip_level(trip_id) in ('owner', 'admin', 'edit') end
  )
  with check (
    case when trip_id is null then user_id = (select private.current_user_id())
         else private.trip_level(trip_id) in ('owner', 'admin', 'edit') end
  );
create policy file_attachments_delete on public.file_attachments for delete to authenticated, tripsage_client
  using (
    case when trip_id is null then user_id = (select private.current_user_id())
         else private.trip_level(trip_id) in ('owner', 'admin', 'edit') end
  );

create trigger file_attachments_touch_updated_at before update on public.file_attachments
  for each row execute function private.touch_updated_at();

revoke all on public.file_attachments from public, anon, authenticated, service_role, tripsage_client;
grant select, insert, update, delete on public.file_attachments to service_role;
grant select, insert, delete on public.file_attachments to authenticated, tripsage_client;
-- user, path and bucket never change: the storage policies below rely on them.
grant update (trip_id, filename, original_filename, file_size, mime_type, upload_status, virus_scan_status,
              virus_scan_result, metadata)
  on public.file_attachments to authenticated, tripsage_client;

-- Storage -------------------------------------------------------------------------------------------------------------

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('attachments', 'attachments', false, 52428800, null)
on conflict (id) do nothing;

-- Where Storage's tables belong to a role that this one is no member of (some self-hosted projects), a superuser runs
-- this block afterwards: `tripsage-tui admin storage-sql`.
do $policies$
begin
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
    raise notice 'the policies of Storage have to be made by a superuser';
end
$policies$;

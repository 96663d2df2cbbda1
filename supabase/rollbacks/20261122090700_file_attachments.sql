-- The bucket and its objects stay: Supabase forbids deleting them by SQL, and files are not ours to throw away.
drop policy tripsage_attachments_delete on storage.objects;
drop policy tripsage_attachments_insert on storage.objects;
drop policy tripsage_attachments_select on storage.objects;
drop table public.file_attachments;

-- What an operator looks at, and what runs out.

create view public.database_health with (security_invoker = true) as
select
  'active_connections' as metric,
  count(*)::text as value,
  case when count(*) > 150 then 'warning' else 'ok' end as status
from pg_catalog.pg_stat_activity
where state = 'active';
revoke all on public.database_health from public, anon, authenticated, service_role, tripsage_client;
grant select on public.database_health to authenticated, service_role, tripsage_client;
comment on view public.database_health is
  'Runs with the rights of its reader, who sees the activity of the own role unless he may monitor the server.';

-- For a nightly job (pg_cron, or any scheduler that connects as the owner or as service_role).
create function private.clean_expired(out source text, out removed bigint) returns setof record
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
revoke all on function private.clean_expired() from public, anon, authenticated, service_role;
grant execute on function private.clean_expired() to service_role;
comment on function private.clean_expired() is
  'Removes tickets and search results that have expired and uploads that never ended; tells how many of each.';

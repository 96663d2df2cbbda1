drop function private.refuse_unissued_id();
drop function private.touch_updated_at();
drop function private.open_local_session(uuid, interval);
drop function public.close_database_session();
drop function private.close_database_session();
drop function public.open_database_session();
drop function private.open_database_session();
drop function private.mint_ticket(uuid, timestamptz, uuid);
drop function private.current_user_id();
drop table private.database_sessions;
drop schema private;

revoke usage on schema public, extensions from tripsage_client;

-- The extension "vector" stays: other things of the project may use it.
do $$
begin
  execute format('grant temporary on database %I to public', current_database());
exception
  when insufficient_privilege then
    null;
end
$$;

-- A role belongs to the whole cluster; it stays while another database still grants it something.
do $$
begin
  drop role tripsage_client;
exception
  when dependent_objects_still_exist or object_in_use then
    raise notice 'the role tripsage_client stays: it is still in use';
end
$$;

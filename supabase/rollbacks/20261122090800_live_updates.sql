do $$
declare
  source text;
  trigger_name name;
begin
  foreach source in array array['trips', 'trip_stops', 'trip_collaborators', 'flights', 'accommodations',
                                'transportation', 'itinerary_items', 'legs', 'file_attachments', 'chat_sessions',
                                'chat_messages', 'chat_tool_calls', 'memories', 'session_memories'] loop
    foreach trigger_name in array array['insert', 'update', 'delete'] loop
      execute format('drop trigger %I on public.%I', source || '_announce_' || trigger_name, source);
    end loop;
    if exists (
      select from pg_catalog.pg_publication_tables p
      where p.pubname = 'supabase_realtime' and p.schemaname = 'public' and p.tablename = source
        and not (select a.puballtables from pg_catalog.pg_publication a where a.pubname = p.pubname)
    ) then
      execute format('alter publication supabase_realtime drop table public.%I', source);
    end if;
  end loop;
end
$$;

drop trigger database_sessions_end_channels on private.database_sessions;
drop function private.announce_trips();
drop function private.announce_trip_rows();
drop function private.announce_collaborators();
drop function private.announce_files();
drop function private.announce_own_rows();
drop function private.announce_messages();
drop function private.announce_tool_calls();
drop function private.announce(text, text, text[], bigint[], uuid[]);
drop function private.end_channels();
drop function private.live_channels();
drop table private.user_channels;

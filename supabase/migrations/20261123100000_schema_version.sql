-- Which migration is the newest here: what the program needs to know before it says "the schema does not fit".

create function private.schema_version() returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select max(m.version) from supabase_migrations.schema_migrations m);
exception
  when undefined_table or invalid_schema_name or insufficient_privilege then
    return null;
end
$$;
revoke all on function private.schema_version() from public, anon, authenticated, service_role;
grant execute on function private.schema_version() to authenticated, tripsage_client;
comment on function private.schema_version() is
  'Version of the newest migration, by the history that the program and the Supabase CLI share; null without one.';

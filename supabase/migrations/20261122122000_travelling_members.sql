-- Whoever accepts an invitation is the traveller of the same name that somebody has put down before.

-- One traveller without an account and with this name, where that person is none yet; of several of one name nobody
-- knows which is meant.
create function private.link_traveller(trip bigint, member uuid) returns void
language sql security definer set search_path = '' as $$
  update public.travellers t
  set user_id = member
  where t.trip_id = trip and t.user_id is null
    and not exists (select from public.travellers other where other.trip_id = trip and other.user_id = member)
    and lower(trim(t.name)) = (select lower(trim(private.display_name(u))) from auth.users u where u.id = member)
    and not exists (
      select from public.travellers other
      where other.trip_id = trip and other.id <> t.id and other.user_id is null
        and lower(trim(other.name)) = lower(trim(t.name))
    )
$$;
revoke all on function private.link_traveller(bigint, uuid) from public, anon, authenticated, service_role;

create function private.link_new_member() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.link_traveller(new.trip_id, new.user_id);
  return null;
end
$$;
revoke all on function private.link_new_member() from public, anon, authenticated, service_role;

create trigger trip_collaborators_travel
  after insert on public.trip_collaborators
  for each row execute function private.link_new_member();

drop trigger trip_collaborators_travel on public.trip_collaborators;
drop function private.link_new_member();
drop function private.link_traveller(bigint, uuid);

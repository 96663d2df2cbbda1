drop table public.trip_stops;
drop table public.trip_collaborators;
drop table public.trips;
drop function private.end_collaboration_of_owner();
drop function private.refuse_owner_as_collaborator();
drop function private.guard_trip_trash();
drop function private.trip_level(bigint);
drop function private.shared_trip_ids(text[]);

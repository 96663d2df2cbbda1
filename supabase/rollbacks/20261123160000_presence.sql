drop function public.look_at_trip(bigint, uuid, boolean);
drop function private.look_at_trip(bigint, uuid, boolean);
drop function private.viewers_of(bigint);
drop table private.trip_viewers;

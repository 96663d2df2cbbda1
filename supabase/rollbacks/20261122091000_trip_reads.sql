drop function private.trip_parts(bigint);
drop function private.trip_costs();

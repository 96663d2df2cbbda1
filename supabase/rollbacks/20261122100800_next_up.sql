drop function private.coming_up(timestamptz, timestamptz, bigint, integer);
drop function private.wall_clock(timestamptz, text);

drop function private.clean_expired();
drop view public.database_health;

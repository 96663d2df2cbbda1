drop table public.chat_tool_calls;
drop table public.chat_messages;
drop table public.chat_sessions;
drop function private.guard_trip_reference();

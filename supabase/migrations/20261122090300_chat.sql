-- Conversations. A session bound to a trip stays private to its user, whatever is shared.

create table public.chat_sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  trip_id bigint references public.trips (id) on delete set null,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  ended_at timestamptz,
  metadata jsonb default '{}'
);
create index idx_chat_sessions_user_trip on public.chat_sessions (user_id, trip_id);
create index idx_chat_sessions_trip on public.chat_sessions (trip_id);

create table public.chat_messages (
  id bigint generated always as identity primary key,
  session_id uuid not null references public.chat_sessions (id) on delete cascade,
  role text not null,
  content text not null,
  created_at timestamptz default now(),
  metadata jsonb default '{}',
  constraint chat_messages_role_check check (role in ('user', 'assistant', 'system')),
  constraint chat_messages_content_length check (length(content) <= 32768)
);
create index idx_chat_messages_session_created on public.chat_messages (session_id, created_at);

create table public.chat_tool_calls (
  id bigint generated always as identity primary key,
  message_id bigint not null references public.chat_messages (id) on delete cascade,
  tool_id text not null,
  tool_name text not null,
  arguments jsonb not null default '{}',
  result jsonb,
  status text not null default 'pending',
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  error_message text,
  constraint chat_tool_calls_status_check check (status in ('pending', 'running', 'completed', 'failed'))
);
create index idx_chat_tool_calls_message on public.chat_tool_calls (message_id);

-- A row may name a trip only while its writer sees that trip, or the foreign key would tell which trips exist. Asked
-- when the reference changes and not at every update: who leaves a trip keeps writing in the own conversation.
create function private.guard_trip_reference() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.trip_id is not null
     and (tg_op = 'INSERT' or new.trip_id is distinct from old.trip_id)
     and row_security_active(tg_relid)
     and private.trip_level(new.trip_id) is null
  then
    raise exception 'no such trip' using errcode = '42501';
  end if;
  return new;
end
$$;
revoke all on function private.guard_trip_reference() from public, anon, authenticated, service_role;

alter table public.chat_sessions enable row level security;
alter table public.chat_messages enable row level security;
alter table public.chat_tool_calls enable row level security;

create policy chat_sessions_select on public.chat_sessions for select to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()));
create policy chat_sessions_insert on public.chat_sessions for insert to authenticated, tripsage_client
  with check (user_id = (select private.current_user_id()));
create policy chat_sessions_update on public.chat_sessions for update to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()))
  with check (user_id = (select private.current_user_id()));
create policy chat_sessions_delete on public.chat_sessions for delete to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()));

create policy chat_messages_select on public.chat_messages for select to authenticated, tripsage_client
  using (exists (select from public.chat_sessions s where s.id = session_id));
create policy chat_messages_insert on public.chat_messages for insert to authenticated, tripsage_client
  with check (exists (select from public.chat_sessions s where s.id = session_id));
create policy chat_messages_update on public.chat_messages for update to authenticated, tripsage_client
  using (exists (select from public.chat_sessions s where s.id = session_id))
  with check (exists (select from public.chat_sessions s where s.id = session_id));
create policy chat_messages_delete on public.chat_messages for delete to authenticated, tripsage_client
  using (exists (select from public.chat_sessions s where s.id = session_id));

create policy chat_tool_calls_select on public.chat_tool_calls for select to authenticated, tripsage_client
  using (exists (select from public.chat_messages m where m.id = message_id));
create policy chat_tool_calls_insert on public.chat_tool_calls for insert to authenticated, tripsage_client
  with check (exists (select from public.chat_messages m where m.id = message_id));
create policy chat_tool_calls_update on public.chat_tool_calls for update to authenticated, tripsage_client
  using (exists (select from public.chat_messages m where m.id = message_id))
  with check (exists (select from public.chat_messages m where m.id = message_id));
create policy chat_tool_calls_delete on public.chat_tool_calls for delete to authenticated, tripsage_client
  using (exists (select from public.chat_messages m where m.id = message_id));

create trigger chat_sessions_guard_trip before insert or update of trip_id on public.chat_sessions
  for each row execute function private.guard_trip_reference();
create trigger chat_sessions_touch_updated_at before update on public.chat_sessions
  for each row execute function private.touch_updated_at();
create trigger chat_messages_refuse_unissued_id before insert on public.chat_messages
  for each row execute function private.refuse_unissued_id('public.chat_messages_id_seq');
create trigger chat_tool_calls_refuse_unissued_id before insert on public.chat_tool_calls
  for each row execute function private.refuse_unissued_id('public.chat_tool_calls_id_seq');

revoke all on public.chat_sessions, public.chat_messages, public.chat_tool_calls
  from public, anon, authenticated, service_role, tripsage_client;
revoke all on sequence public.chat_messages_id_seq, public.chat_tool_calls_id_seq
  from public, anon, authenticated, service_role, tripsage_client;
grant select, insert, update, delete on public.chat_sessions, public.chat_messages, public.chat_tool_calls
  to service_role;
grant select, insert, delete on public.chat_sessions, public.chat_messages, public.chat_tool_calls
  to authenticated, tripsage_client;
grant update (trip_id, ended_at, metadata) on public.chat_sessions to authenticated, tripsage_client;
grant update (content, metadata) on public.chat_messages to authenticated, tripsage_client;
grant update (arguments, result, status, completed_at, error_message) on public.chat_tool_calls
  to authenticated, tripsage_client;

-- Conversations as trees: a message names the one it answers, so that an answer can be made again and a question asked
-- differently without losing what was there. All of it beyond the document.

alter table public.chat_sessions
  add column title text,
  add column active_message_id bigint,
  add column deleted_at timestamptz,
  add constraint chat_sessions_title_length check (length(title) <= 200);

alter table public.chat_messages
  add column parent_id bigint,
  add column status text not null default 'complete',
  add column updated_at timestamptz default now(),
  add column idempotency_key uuid not null default gen_random_uuid(),
  add column search tsvector generated always as (to_tsvector('simple', content)) stored,
  add constraint chat_messages_status_check
    check (status in ('streaming', 'complete', 'stopped', 'interrupted', 'length', 'filtered', 'failed')),
  add constraint chat_messages_parent_check check (parent_id < id),
  add constraint chat_messages_id_session_key unique (id, session_id),
  add constraint chat_messages_idempotency_key unique (session_id, idempotency_key);
alter table public.chat_messages
  add constraint chat_messages_parent_fkey
    foreign key (parent_id, session_id) references public.chat_messages (id, session_id) on delete cascade;
create index idx_chat_messages_parent on public.chat_messages (parent_id, session_id);
-- Answers that were being written when their program died.
create index idx_chat_messages_streaming on public.chat_messages (session_id) where status = 'streaming';

alter table public.chat_sessions
  add constraint chat_sessions_active_message_fkey
    foreign key (active_message_id, id) references public.chat_messages (id, session_id)
    on delete set null (active_message_id);
create index idx_chat_sessions_active_message on public.chat_sessions (active_message_id, id);
comment on column public.chat_sessions.active_message_id is 'The last message of the branch that is shown.';

alter table public.chat_tool_calls
  add column position integer not null default 0,
  add column decision text not null default 'none',
  add constraint chat_tool_calls_decision_check check (decision in ('none', 'asked', 'once', 'session', 'denied'));
comment on column public.chat_tool_calls.decision is
  'What the user said to it: reads need nothing; once and session are approvals.';

create trigger chat_messages_touch_updated_at before update on public.chat_messages
  for each row execute function private.touch_updated_at();

grant update (title, active_message_id, deleted_at) on public.chat_sessions to authenticated, tripsage_client;
grant update (status) on public.chat_messages to authenticated, tripsage_client;
grant update (decision) on public.chat_tool_calls to authenticated, tripsage_client;

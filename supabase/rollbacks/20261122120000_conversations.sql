drop trigger chat_messages_touch_updated_at on public.chat_messages;
alter table public.chat_tool_calls
  drop column position,
  drop column decision;
alter table public.chat_sessions
  drop column title,
  drop column active_message_id,
  drop column deleted_at;
alter table public.chat_messages
  drop column parent_id,
  drop column status,
  drop column updated_at,
  drop column search,
  drop column idempotency_key,
  drop constraint chat_messages_id_session_key;

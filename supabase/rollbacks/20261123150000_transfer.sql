-- The way back from 20261123150000_transfer.

alter table public.chat_sessions alter constraint chat_sessions_active_message_fkey not deferrable;
drop function private.issue_ids(text[]);
drop table public.transferred_rows;

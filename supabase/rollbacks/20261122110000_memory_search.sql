drop function public.search_memories(extensions.vector, text, integer, text[], text, boolean);
drop function private.recall_words(tsquery, integer, text[]);
drop function private.memory_weight(text, boolean, timestamptz);
drop function private.any_word(text);
drop trigger memories_touch_updated_at on public.memories;
create trigger memories_touch_updated_at before update on public.memories
  for each row execute function private.touch_updated_at();

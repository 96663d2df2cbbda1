drop function public.recall_memories(extensions.vector, integer, text, text);
drop function private.recall_nearest(extensions.vector, integer, text, text);
drop function private.recall_exact(extensions.vector, integer, text, text);
drop type private.recalled_memory;
drop table public.session_memories;
drop table public.memories;

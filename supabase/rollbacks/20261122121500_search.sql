drop function private.search_everything(text[], text, integer);
drop function private.folded(text);

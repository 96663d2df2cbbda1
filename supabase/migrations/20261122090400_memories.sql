-- What the assistant remembers. memories are facts; session_memories are turns, and the outbox of the extraction.

create table public.memories (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  memory_type text not null default 'user_preference',
  content text not null,
  embedding extensions.vector(1536),
  metadata jsonb default '{}',
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  -- beyond the document
  embedding_model text,
  content_hash text,
  mem0_id uuid,
  source text,
  source_session_id uuid references public.chat_sessions (id) on delete set null,
  source_message_id bigint references public.chat_messages (id) on delete set null,
  superseded_by bigint,
  pinned boolean not null default false,
  expires_at timestamptz,
  deleted_at timestamptz,
  search tsvector generated always as (to_tsvector('english', content) || to_tsvector('simple', content)) stored,
  embedding_half extensions.halfvec(1536)
    generated always as (extensions.l2_normalize(embedding)::extensions.halfvec(1536)) stored,
  constraint memories_type_check check (
    memory_type in ('user_preference', 'trip_history', 'search_pattern', 'conversation_context', 'other')),
  constraint memories_not_its_own_successor check (superseded_by <> id),
  constraint memories_id_user_uniq unique (id, user_id),
  constraint memories_user_mem0_uniq unique (user_id, mem0_id),
  -- Deleting a fact deletes what it replaced: an outdated version must not come back to life.
  constraint memories_superseded_by_fkey foreign key (superseded_by, user_id)
    references public.memories (id, user_id) on delete cascade
);
comment on column public.memories.embedding_model is
  'The space of the vector: model name and version. Vectors of different spaces are never compared.';
comment on column public.memories.embedding_half is
  'The direction of the vector at half precision, kept inside the row: reading 20,000 of them needs no TOAST.';

-- The half-precision copy (3 kB) stays inside the row; the full vector (6 kB) is the first to be moved out.
alter table public.memories alter column embedding_half set storage main;
alter table public.memories set (toast_tuple_target = 8160);

create index idx_memories_embedding on public.memories
  using hnsw (embedding extensions.vector_cosine_ops) with (m = 16, ef_construction = 200);
create index idx_memories_user_type on public.memories (user_id, memory_type);
-- What recall looks at, and can count without the heap.
create index idx_memories_recall on public.memories (user_id, memory_type, embedding_model)
  where embedding is not null and deleted_at is null and superseded_by is null;
create index idx_memories_user_created on public.memories (user_id, created_at);
create index idx_memories_superseded_by on public.memories (superseded_by, user_id);
create index idx_memories_source_session on public.memories (source_session_id);
create index idx_memories_source_message on public.memories (source_message_id);
create index idx_memories_without_embedding on public.memories (user_id, id) where embedding is null;
create unique index idx_memories_live_hash on public.memories (user_id, content_hash)
  where deleted_at is null and superseded_by is null;

create table public.session_memories (
  id bigint generated always as identity primary key,
  session_id uuid not null references public.chat_sessions (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  content text not null,
  embedding extensions.vector(1536),
  metadata jsonb default '{}',
  created_at timestamptz default now(),
  -- beyond the document: the outbox. Rows of the web application are not waiting for anything.
  embedding_model text,
  role text,
  message_id bigint references public.chat_messages (id) on delete set null,
  state text not null default 'done',
  attempts integer not null default 0,
  last_error text,
  available_at timestamptz not null default now(),
  processed_at timestamptz,
  constraint session_memories_content_length check (length(content) <= 8192),
  constraint session_memories_role_check check (role in ('user', 'assistant', 'system')),
  constraint session_memories_state_check check (state in ('pending', 'working', 'done', 'failed')),
  constraint session_memories_attempts_check check (attempts >= 0)
);
create index idx_session_memories_embedding on public.session_memories
  using hnsw (embedding extensions.vector_cosine_ops) with (m = 16, ef_construction = 200);
create index idx_session_memories_session on public.session_memories (session_id);
create index idx_session_memories_user on public.session_memories (user_id, created_at);
create index idx_session_memories_message on public.session_memories (message_id);
create index idx_session_memories_outbox on public.session_memories (user_id, available_at, id)
  where state in ('pending', 'working');

alter table public.memories enable row level security;
alter table public.session_memories enable row level security;

create policy memories_select on public.memories for select to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()));
create policy memories_insert on public.memories for insert to authenticated, tripsage_client
  with check (
    user_id = (select private.current_user_id())
    and (source_session_id is null or exists (select from public.chat_sessions s where s.id = source_session_id))
    and (source_message_id is null or exists (select from public.chat_messages m where m.id = source_message_id))
  );
create policy memories_update on public.memories for update to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()))
  with check (
    user_id = (select private.current_user_id())
    and (source_session_id is null or exists (select from public.chat_sessions s where s.id = source_session_id))
    and (source_message_id is null or exists (select from public.chat_messages m where m.id = source_message_id))
  );
create policy memories_delete on public.memories for delete to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()));

create policy session_memories_select on public.session_memories for select to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()));
create policy session_memories_insert on public.session_memories for insert to authenticated, tripsage_client
  with check (
    user_id = (select private.current_user_id())
    and exists (select from public.chat_sessions s where s.id = session_id)
    and (message_id is null or exists (select from public.chat_messages m where m.id = message_id))
  );
create policy session_memories_update on public.session_memories for update to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()))
  with check (
    user_id = (select private.current_user_id())
    and (message_id is null or exists (select from public.chat_messages m where m.id = message_id))
  );
create policy session_memories_delete on public.session_memories for delete to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()));

create trigger memories_refuse_unissued_id before insert on public.memories
  for each row execute function private.refuse_unissued_id('public.memories_id_seq');
create trigger memories_touch_updated_at before update on public.memories
  for each row execute function private.touch_updated_at();
create trigger session_memories_refuse_unissued_id before insert on public.session_memories
  for each row execute function private.refuse_unissued_id('public.session_memories_id_seq');

revoke all on public.memories, public.session_memories
  from public, anon, authenticated, service_role, tripsage_client;
revoke all on sequence public.memories_id_seq, public.session_memories_id_seq
  from public, anon, authenticated, service_role, tripsage_client;
grant select, insert, update, delete on public.memories, public.session_memories to service_role;
grant select, insert, delete on public.memories, public.session_memories to authenticated, tripsage_client;
grant update (memory_type, content, embedding, metadata, embedding_model, content_hash, mem0_id, source,
              source_session_id, source_message_id, superseded_by, pinned, expires_at, deleted_at)
  on public.memories to authenticated, tripsage_client;
grant update (content, embedding, metadata, embedding_model, role, message_id, state, attempts, last_error,
              available_at, processed_at)
  on public.session_memories to authenticated, tripsage_client;

-- Recall --------------------------------------------------------------------------------------------------------------
-- "order by embedding <=> $1 limit 10" under row level security takes the nearest rows of everybody from the HNSW
-- index and then throws away those of others. So the plan is chosen here and not by the planner. Up to 5,000 candidates
-- (or one in a hundred of all memories, where the index would mostly meet those of others): an exact scan of the
-- half-precision copies of this user, re-ranked by the full vectors. Above that: the HNSW index, read on until enough
-- rows of this user are found, and the exact scan after all when the index gives up first. Both run under the caller's
-- policies.

-- SET hnsw.* below is only known once the library is loaded.
do $$
begin
  perform '[1]'::extensions.vector;
end
$$;

create type private.recalled_memory as (
  id bigint, content text, memory_type text, metadata jsonb, distance double precision
);
revoke all on type private.recalled_memory from public;
grant usage on type private.recalled_memory to authenticated, tripsage_client, service_role;

create function private.recall_exact(
  query_embedding extensions.vector, wanted integer, of_type text, in_space text
) returns setof private.recalled_memory
language plpgsql stable parallel safe set search_path = '' set jit = 'off' as $$
declare
  me uuid := private.current_user_id();
  half extensions.halfvec := extensions.l2_normalize(query_embedding)::extensions.halfvec(1536);
begin
  return query
    select m.id, m.content, m.memory_type, m.metadata,
           m.embedding operator(extensions.<=>) query_embedding as distance
    from (
      select x.id
      from public.memories x
      where x.user_id = me
        and (of_type is null or x.memory_type = of_type)
        and x.embedding is not null
        and x.embedding_model is not distinct from in_space
        and x.deleted_at is null and x.superseded_by is null
        and (x.expires_at is null or x.expires_at > statement_timestamp())
      -- both sides have length one, so the negative inner product orders as the cosine does, for less work
      order by x.embedding_half operator(extensions.<#>) half
      limit wanted + 20
    ) nearest
    join public.memories m on m.id = nearest.id
    order by 5, 1
    limit wanted;
end
$$;
revoke all on function private.recall_exact(extensions.vector, integer, text, text)
  from public, anon, authenticated, service_role;
grant execute on function private.recall_exact(extensions.vector, integer, text, text)
  to authenticated, tripsage_client, service_role;

create function private.recall_nearest(
  query_embedding extensions.vector, wanted integer, of_type text, in_space text
) returns setof private.recalled_memory
language plpgsql stable parallel safe set search_path = '' set jit = 'off'
set hnsw.iterative_scan = 'strict_order' set hnsw.ef_search = '200' set hnsw.max_scan_tuples = '40000'
set enable_seqscan = 'off' set enable_bitmapscan = 'off' set enable_sort = 'off' as $$
declare
  me uuid := private.current_user_id();
begin
  return query
    select x.id, x.content, x.memory_type, x.metadata,
           x.embedding operator(extensions.<=>) query_embedding as distance
    from public.memories x
    where x.user_id = me
      and (of_type is null or x.memory_type = of_type)
      and x.embedding_model is not distinct from in_space
      and x.deleted_at is null and x.superseded_by is null
      and (x.expires_at is null or x.expires_at > statement_timestamp())
    order by x.embedding operator(extensions.<=>) query_embedding
    limit wanted;
end
$$;
revoke all on function private.recall_nearest(extensions.vector, integer, text, text)
  from public, anon, authenticated, service_role;
grant execute on function private.recall_nearest(extensions.vector, integer, text, text)
  to authenticated, tripsage_client, service_role;

create function public.recall_memories(
  query_embedding extensions.vector, k integer, memory_type text default null, space text default null
) returns setof private.recalled_memory
language plpgsql stable parallel safe set search_path = '' as $$
declare
  wanted integer := least(greatest(k, 1), 200);
  many bigint := (
    select greatest(5000, c.reltuples / 100) from pg_catalog.pg_class c where c.oid = 'public.memories'::regclass
  );
  me uuid := private.current_user_id();
  candidates bigint;
  found bigint;
begin
  if query_embedding is null or k is null then
    return;
  end if;
  select count(*) into candidates
  from (
    select from public.memories m
    where m.user_id = me
      and (recall_memories.memory_type is null or m.memory_type = recall_memories.memory_type)
      and m.embedding_model is not distinct from space
      and m.embedding is not null and m.deleted_at is null and m.superseded_by is null
    limit many + 1
  ) counted;
  if candidates > many then
    return query
      with nearest as materialized (
        select * from private.recall_nearest(query_embedding, wanted, recall_memories.memory_type, space)
      )
      select * from nearest where (select count(*) from nearest) = wanted;
    get diagnostics found = row_count;
    if found = wanted then
      return;
    end if;
  end if;
  return query select * from private.recall_exact(query_embedding, wanted, recall_memories.memory_type, space);
end
$$;
revoke all on function public.recall_memories(extensions.vector, integer, text, text)
  from public, anon, authenticated, service_role;
grant execute on function public.recall_memories(extensions.vector, integer, text, text)
  to authenticated, tripsage_client, service_role;
comment on function public.recall_memories(extensions.vector, integer, text, text) is
  'The k (at most 200) memories of the current user nearest to the vector, nearest first. distance is the cosine '
  'distance, 0 for the same direction. space names the embedding model; NULL means rows that name none.';

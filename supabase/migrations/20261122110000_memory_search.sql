-- Recall by meaning and by words together, in one call; and edits that only edits make newer.

-- A vector that was computed later, or again in another space, is not a change of the fact: it must neither make it look
-- new nor get in the way of somebody who is editing it.
drop trigger memories_touch_updated_at on public.memories;
create trigger memories_touch_updated_at
  before update of memory_type, content, metadata, source, superseded_by, pinned, expires_at, deleted_at
  on public.memories for each row execute function private.touch_updated_at();

-- Any of the words of a question, as stems: 'trains at night' finds 'night train' and 'trained'. NULL without words.
create function private.any_word(question text) returns tsquery
language sql immutable parallel safe set search_path = '' as $$
  select string_agg(quote_literal(w.word) || case when length(w.word) > 2 then ':*' else '' end, ' | ')::tsquery
  from unnest(tsvector_to_array(to_tsvector('english', question))) as w (word)
  where position('\' in w.word) = 0
$$;
revoke all on function private.any_word(text) from public, anon, authenticated, service_role;
grant execute on function private.any_word(text) to authenticated, tripsage_client, service_role;

-- How much a memory counts beside others that fit as well: preferences before passing remarks, pinned before all, and
-- a little less with age (half of the loss after four months).
create function private.memory_weight(memory_type text, pinned boolean, changed timestamptz) returns double precision
language sql stable parallel safe set search_path = '' as $$
  select case memory_type
           when 'user_preference' then 1.0 when 'trip_history' then 0.95 when 'other' then 0.9
           when 'search_pattern' then 0.85 else 0.8
         end
         * case when pinned then 1.25 else 1.0 end
         * (0.85 + 0.15 * exp(-greatest(extract(epoch from statement_timestamp() - changed), 0) / 86400 / 180))
$$;
revoke all on function private.memory_weight(text, boolean, timestamptz)
  from public, anon, authenticated, service_role;
grant execute on function private.memory_weight(text, boolean, timestamptz)
  to authenticated, tripsage_client, service_role;

-- The memories that have the most of some words. The newest first, along the index, and of words that very many have only
-- the newest of these: the planner takes words for rare and would rather sort everything.
create function private.recall_words(words tsquery, wanted integer, memory_types text[])
returns table (id bigint, rank real)
language plpgsql stable parallel safe rows 50 set search_path = ''
set enable_sort = 'off' set enable_bitmapscan = 'off' set enable_seqscan = 'off' as $$
#variable_conflict use_column
declare
  me uuid := private.current_user_id();
begin
  if words is null then
    return;
  end if;
  return query
    select c.id, ts_rank_cd(c.search, words)
    from (
      select m.id, m.search
      from public.memories m
      where m.user_id = me and m.search @@ words
        and m.deleted_at is null and m.superseded_by is null
        and (m.expires_at is null or m.expires_at > statement_timestamp())
        and (memory_types is null or m.memory_type = any (memory_types))
      order by m.created_at desc limit 1000
    ) c
    order by 2 desc, 1 desc
    limit wanted;
end
$$;
revoke all on function private.recall_words(tsquery, integer, text[]) from public, anon, authenticated, service_role;
grant execute on function private.recall_words(tsquery, integer, text[])
  to authenticated, tripsage_client, service_role;

-- Reciprocal rank fusion (Cormack, Clarke, Büttcher 2009; k = 60) of the nearest vectors and of the best texts. With at
-- most `few` live memories all of them are ranked, and all are returned when `or_all` says so.
create function public.search_memories(
  query_embedding extensions.vector, query_text text, k integer,
  memory_types text[] default null, space text default null, or_all boolean default false
) returns table (id bigint, distance double precision, score double precision)
language plpgsql stable parallel safe rows 50 set search_path = '' set plan_cache_mode = 'force_generic_plan' as $$
#variable_conflict use_column
declare
  few constant integer := 100;
  unrelated constant double precision := 0.97; -- what is farther has nothing to do with the question (NaN neither)
  me uuid := private.current_user_id();
  wanted integer := least(greatest(k, 1), 200);
  words tsquery := private.any_word(query_text);
  half extensions.halfvec := extensions.l2_normalize(query_embedding)::extensions.halfvec(1536);
  live bigint;
begin
  select count(*) into live
  from (
    select from public.memories m
    where m.user_id = me and m.deleted_at is null and m.superseded_by is null
      and (memory_types is null or m.memory_type = any (memory_types))
    limit few + 1
  ) counted;
  return query
    with nearby as materialized (
      -- few: each of the copies that need no TOAST is looked at (both sides have length one); many: by the plan that
      -- recall_memories chooses for each type
      select m.id, 1 + (m.embedding_half operator(extensions.<#>) half) as distance
      from public.memories m
      where live <= few and query_embedding is not null
        and m.user_id = me and m.embedding is not null and m.embedding_model is not distinct from space
        and m.deleted_at is null and m.superseded_by is null
        and (m.expires_at is null or m.expires_at > statement_timestamp())
        and (memory_types is null or m.memory_type = any (memory_types))
      union all
      select r.id, r.distance
      from unnest(coalesce(memory_types, array[null::text])) as t (kind)
      cross join lateral public.recall_memories(query_embedding, wanted + 20, t.kind, space) r
      where live > few
    ),
    worded as materialized (
      select w.id, w.rank from private.recall_words(words, wanted + 20, memory_types) w
    ),
    votes as (
      -- equals share the last of their places: what fits as well as many others says little
      select n.id, 1.0 / (60 + count(*) over (order by n.distance)) as vote
      from nearby n where n.distance < unrelated
      union all
      select w.id, 1.0 / (60 + count(*) over (order by w.rank desc)) from worded w
    ),
    found as (
      select v.id, sum(v.vote)::double precision as votes from votes v group by v.id
      union all
      select m.id, 0.0
      from public.memories m
      where or_all and live <= few and m.user_id = me
        and m.deleted_at is null and m.superseded_by is null
        and (m.expires_at is null or m.expires_at > statement_timestamp())
        and (memory_types is null or m.memory_type = any (memory_types))
        and not exists (select from votes v where v.id = m.id)
    )
    select m.id,
           coalesce(
             (select n.distance from nearby n where n.id = m.id limit 1),
             case when m.embedding_model is not distinct from space
               then m.embedding operator(extensions.<=>) query_embedding end
           ),
           f.votes * private.memory_weight(m.memory_type, m.pinned, m.updated_at)
    -- row by row: the planner would rather read the whole table, as it takes functions to return thousands of rows
    from found f cross join lateral (select o.* from public.memories o where o.id = f.id limit 1) m
    order by 3 desc, m.pinned desc, m.updated_at desc, m.id desc
    limit case when or_all and live <= few then null else wanted end;
end
$$;
revoke all on function public.search_memories(extensions.vector, text, integer, text[], text, boolean)
  from public, anon, authenticated, service_role;
grant execute on function public.search_memories(extensions.vector, text, integer, text[], text, boolean)
  to authenticated, tripsage_client, service_role;
comment on function public.search_memories(extensions.vector, text, integer, text[], text, boolean) is
  'The k (at most 200) memories of the current user that fit a question best, by vector and by words, best first. '
  'distance is the cosine distance where the vector is of that space. The vector or the words may be missing. or_all: '
  'with at most 100 live memories, all of them.';

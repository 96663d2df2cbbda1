-- Search over everything that the current user sees. Under a policy a text match can use no index and is asked of every
-- row together with the question whose row it is; here the trips of the user are found once, and only their rows are read.

-- A text as it is compared: lower case, without diacritics, in compatibility form. Words and texts both go through it.
create function private.folded(value text) returns text
language sql immutable parallel safe set search_path = '' as $$
  select replace(replace(replace(
    lower(regexp_replace(
      normalize(value, nfkd), U&'[\0300-\036F\0483-\0487\0591-\05BD\064B-\0652\3099\309A]', '', 'g'
    )),
    'ß', 'ss'), 'ς', 'σ'), '’', '''')
$$;
revoke all on function private.folded(text) from public, anon, authenticated, service_role;
comment on function private.folded(text) is 'Lower case without diacritics; most texts are ASCII and only need lower().';

-- The entries that contain all words, each as the beginning of a word (anywhere where a word is not of a-z and 0-9, for
-- not every script puts spaces). Words may also be in the name of the trip, but not all of them. A confirmation code is
-- found when `code`, which has no spaces, is all of it, and is not told. Of each kind at most `most`: found by code or by
-- title first, then the nearest to today.
create function private.search_everything(words text[], code text, most integer)
returns table (
  kind text, id text, trip_id bigint, trip_name text, trip_zone text, archived boolean, title text, more text,
  day date, last_day date, at timestamptz, zone text, by_code boolean
)
language plpgsql stable security definer rows 50 set search_path = '' set jit = 'off' as $$
#variable_conflict use_column
declare
  me uuid := private.current_user_id();
  -- What stands between words, as spaces.
  marks constant text := E'-/().,:;!?"''+#&_@|<>[]{}*=\n\r\t→–—„“”«»·…';
  spaces constant text := repeat(' ', length(marks));
  given text[];
  patterns text[];
  rough text[];
  typed tsquery;
  whole text := lower(code);
begin
  select array_agg(f.word), array_agg('%' || f.word || '%'),
         array_agg(case when f.word ~ '^[a-z0-9]' then '% ' else '%' end || f.word || '%'),
         string_agg(format('(%L:* | %L:*)', f.word, lower(w.word)), ' & ')::tsquery
  into given, rough, patterns, typed
  from unnest(words[1:10]) as v (word)
  cross join lateral (select regexp_replace(left(v.word, 60), '[%_\\\s'']', '', 'g')) w (word)
  cross join lateral (select replace(private.folded(w.word), '''', '')) f (word)
  where f.word <> '';
  if me is null or patterns is null then
    return;
  end if;
  return query
    with mine as materialized (
      select t.*, ' ' || translate(private.folded(t.name), marks, spaces) as plain
      from public.trips t
      where t.deleted_at is null and (t.user_id = me or t.id = any (
        array(select c.trip_id from public.trip_collaborators c where c.user_id = me)
      ))
    ), entries as (
      select 'trip' as kind, m.id::text as id, m.id as trip_id, m.name as title,
             concat_ws(E'\n', m.destination, array_to_string(m.tags, ' '), m.trip_type) as more, null::text as secret,
             m.start_date as day, m.end_date as last_day, null::timestamptz as at, null::text as zone
      from mine m
      union all
      select 'note', m.id || '.' || n.number, m.id, left(n.line, 200), n.line, null, m.start_date, m.end_date, null, null
      from mine m cross join lateral unnest(m.notes) with ordinality as n (line, number)
      union all
      select 'stop', s.id::text, s.trip_id, s.place, s.country, null, s.arrive_date, s.depart_date, null, null
      from public.trip_stops s where s.trip_id = any (array(select m.id from mine m))
      union all
      select 'flight', f.id::text, f.trip_id, f.origin || ' → ' || f.destination,
             concat_ws(E'\n', f.flight_number, f.airline, l.legs, f.provider, f.notes), f.confirmation_code,
             f.departure_date, f.return_date, null, null
      from public.flights f
      left join (
        select g.flight_id, string_agg(concat_ws(' ', g.number, g.carrier, g.origin, g.destination), E'\n') as legs
        from public.legs g where g.trip_id = any (array(select m.id from mine m)) and g.flight_id is not null
        group by g.flight_id
      ) l on l.flight_id = f.id
      where f.trip_id = any (array(select m.id from mine m))
      union all
      select 'stay', a.id::text, a.trip_id, a.name,
             concat_ws(E'\n', a.address, a.room_type, a.provider, a.notes), a.confirmation_code,
             a.check_in_date, a.check_out_date, null, null
      from public.accommodations a where a.trip_id = any (array(select m.id from mine m))
      union all
      select 'transport', r.id::text, r.trip_id, r.origin || ' → ' || r.destination,
             concat_ws(E'\n', replace(r.transport_type, '_', ' '), l.legs, r.provider, r.notes), r.confirmation_code,
             r.day, null, r.departure_time, r.departure_zone
      from public.transportation r
      left join (
        select g.transportation_id,
               string_agg(concat_ws(' ', g.number, g.carrier, g.origin, g.destination), E'\n') as legs
        from public.legs g where g.trip_id = any (array(select m.id from mine m)) and g.transportation_id is not null
        group by g.transportation_id
      ) l on l.transportation_id = r.id
      where r.trip_id = any (array(select m.id from mine m))
      union all
      select 'item', i.id::text, i.trip_id, i.title,
             concat_ws(E'\n', i.location, i.description, i.item_type, i.provider, i.notes), i.confirmation_code,
             i.day, null, i.start_time, i.start_zone
      from public.itinerary_items i where i.trip_id = any (array(select m.id from mine m))
      union all
      select 'expense', e.id::text, e.trip_id, e.title, concat_ws(E'\n', e.category, e.notes), null,
             e.spent_on, null, null, null
      from public.expenses e where e.trip_id = any (array(select m.id from mine m))
      union all
      select 'conversation', s.id::text, s.trip_id, s.title, null, null, null, null, s.updated_at, null
      from public.chat_sessions s
      where s.user_id = me and s.deleted_at is null and s.title is not null
      union all
      select 'memory', y.id::text, null, left(y.content, 200), y.content, null, null, null, y.updated_at, null
      from public.memories y
      where y.user_id = me and y.deleted_at is null and y.superseded_by is null
        and (y.expires_at is null or y.expires_at > statement_timestamp())
    ), texts as (
      -- Compatibility forms and diacritics cost a hundred times what lower() does: arrows of our own do not count.
      select e.*, x.plain, x.heading,
             coalesce(whole <> '' and lower(replace(e.secret, ' ', '')) = whole, false) as by_code
      from entries e
      cross join lateral (
        select h.heading, concat_ws(E'\n', h.heading, e.more) as own
        from (select replace(e.title, '→', '>') as heading) h offset 0
      ) o
      cross join lateral (
        select case when octet_length(o.own) = length(o.own) then lower(o.own) else private.folded(o.own) end as plain,
               o.heading
        offset 0
      ) x
    ), candidates as (
      select t.*, ' ' || translate(t.plain, marks, spaces) as own
      from texts t
      where t.by_code or t.plain like any (rough)
      offset 0
    ), found as (
      select c.*, m.name, m.time_zone, m.archived_at is not null as archived,
             (' ' || translate(case when octet_length(c.heading) = length(c.heading) then lower(c.heading)
                                    else private.folded(c.heading) end, marks, spaces)) like all (patterns) as titled
      from candidates c left join mine m on m.id = c.trip_id
      where c.by_code or (c.own like any (patterns) and (c.own || coalesce(m.plain, '')) like all (patterns))
      union all
      select 'conversation', s.id::text, s.trip_id, coalesce(s.title, ''), g.content, null, null, null, g.created_at,
             null, null, null, false, null, m.name, m.time_zone, m.archived_at is not null, false
      from public.chat_sessions s
      join public.chat_messages g on g.session_id = s.id and g.role <> 'system' and g.search @@ typed
      left join mine m on m.id = s.trip_id
      where s.user_id = me and s.deleted_at is null
    ), once as (
      select distinct on (f.kind, f.id) f.*
      from found f
      order by f.kind, f.id, f.titled desc, f.at desc
    ), ranked as (
      select o.*, row_number() over (
        partition by o.kind
        order by o.by_code desc, o.titled desc, o.archived,
                 abs(coalesce(o.day, o.at::date) - current_date), o.id
      ) as number
      from once o
    )
    select r.kind, r.id, r.trip_id, r.name, r.time_zone, coalesce(r.archived, false), left(r.title, 200),
           case when length(r.more) <= 400 then r.more else (
             select substring(r.more from greatest(min(nullif(position(g.word in private.folded(r.more)), 0)) - 100, 1) for 400)
             from unnest(given) as g (word)
           ) end,
           r.day, r.last_day, r.at, r.zone, r.by_code
    from ranked r
    where r.number <= most
    order by r.kind, r.number;
end
$$;
revoke all on function private.search_everything(text[], text, integer)
  from public, anon, authenticated, service_role;
grant execute on function private.search_everything(text[], text, integer) to authenticated, tripsage_client;
comment on function private.search_everything(text[], text, integer) is
  'Entries of the trips, conversations and memories of the current user that contain all words.';

-- What the checker has found and the travellers know of: the keys of findings that are not to be told again.

alter table public.trips add column known_findings text[] not null default '{}';

comment on column public.trips.known_findings is
  'Keys of the checker''s findings that were put aside ("I know"), such as double-bed:accommodation-3:2027-10-09.';

grant update (known_findings) on public.trips to authenticated, tripsage_client;

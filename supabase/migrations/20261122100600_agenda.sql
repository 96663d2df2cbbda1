-- Where an item without a time stands in its day: after everything that begins up to this minute of the local clock,
-- or, where it is NULL, after everything that has a time. Among several in one place `position` decides.
alter table public.itinerary_items
  add column stands_after smallint
    constraint itinerary_items_stands_after_check check (stands_after between 0 and 1440);
comment on column public.itinerary_items.stands_after is
  'Minute of the day: an item without a time follows what begins until then; NULL puts it after all that has a time.';
grant update (stands_after) on public.itinerary_items to authenticated, tripsage_client;

alter table public.itinerary_items drop column stands_after;

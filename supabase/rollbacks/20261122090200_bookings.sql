drop table public.legs;
drop table public.itinerary_items;
drop table public.transportation;
drop table public.accommodations;
drop table public.flights;

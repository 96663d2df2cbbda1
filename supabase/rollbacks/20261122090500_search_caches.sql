drop table public.search_hotels;
drop table public.search_flights;
drop table public.search_activities;
drop table public.search_destinations;

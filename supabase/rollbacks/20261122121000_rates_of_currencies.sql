-- The way back from 20261122121000_rates_of_currencies.

drop trigger flights_forget_rate on public.flights;
drop trigger accommodations_forget_rate on public.accommodations;
drop trigger transportation_forget_rate on public.transportation;
drop trigger itinerary_items_forget_rate on public.itinerary_items;
drop trigger expenses_forget_rate on public.expenses;
drop trigger settlements_forget_rate on public.settlements;
drop function private.forget_rate();

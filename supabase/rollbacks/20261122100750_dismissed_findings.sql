alter table public.trips drop column known_findings;

-- A rate belongs to the currency of its row. Whoever gives a row another currency and says nothing of the rate does not
-- mean the old one: it would turn dollars into euros at the price of yen.
create function private.forget_rate() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.exchange_rate := null;
  return new;
end
$$;
revoke all on function private.forget_rate() from public, anon, authenticated, service_role;

do $$
declare
  rated text;
begin
  foreach rated in array array[
    'flights', 'accommodations', 'transportation', 'itinerary_items', 'expenses', 'settlements'
  ] loop
    execute format($ddl$
      create trigger %1$I before update on public.%2$I for each row
        when (old.currency is distinct from new.currency and old.exchange_rate is not distinct from new.exchange_rate)
        execute function private.forget_rate()
      $ddl$, rated || '_forget_rate', rated);
  end loop;
end
$$;

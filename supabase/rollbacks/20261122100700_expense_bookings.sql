-- The way back from 20261122100700_expense_bookings.

drop trigger trips_forget_rates on public.trips;
drop function private.forget_rates();

alter table public.expenses
  drop constraint expenses_booking_check,
  drop column booking_kind,
  drop column booking_id;

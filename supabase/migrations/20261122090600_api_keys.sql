-- Keys of outside services. The row names a secret in Vault; the secret itself passes through four functions only.

create table public.api_keys (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  service text not null,
  vault_secret_name text not null,
  created_at timestamptz not null default now(),
  last_used timestamptz,
  constraint api_keys_user_service_uniq unique (user_id, service)
);

alter table public.api_keys enable row level security;
create policy api_keys_select on public.api_keys for select to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()));
revoke all on public.api_keys from public, anon, authenticated, service_role, tripsage_client;
grant select on public.api_keys to authenticated, tripsage_client;
grant select, insert, update, delete on public.api_keys to service_role;

-- A secret does not outlive the row that names it, whichever way the row goes.
create function private.forget_secret() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from vault.secrets s where s.name = old.vault_secret_name;
  return null;
end
$$;
revoke all on function private.forget_secret() from public, anon, authenticated, service_role;
create trigger api_keys_forget_secret after delete on public.api_keys
  for each row execute function private.forget_secret();

-- For one named owner: these are what service_role may call. "service" is compared in lower case without blanks around.

create function private.put_api_key(owner uuid, service text, secret text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  name_of_service text := lower(trim(service));
  key public.api_keys;
begin
  if owner is null then
    raise exception 'not signed in' using errcode = '42501';
  end if;
  if coalesce(name_of_service, '') = '' or coalesce(secret, '') = '' then
    raise exception 'a key needs a service and a secret' using errcode = '22023';
  end if;
  insert into public.api_keys as k (user_id, service, vault_secret_name)
  values (owner, name_of_service, format('%s_api_key_%s', name_of_service, owner))
  on conflict on constraint api_keys_user_service_uniq do update set created_at = now(), last_used = null
  returning k.* into key;
  if exists (select from vault.secrets s where s.name = key.vault_secret_name) then
    perform vault.update_secret(s.id, put_api_key.secret) from vault.secrets s where s.name = key.vault_secret_name;
  else
    perform vault.create_secret(secret, key.vault_secret_name, 'API key');
  end if;
  return key.id;
end
$$;

create function private.get_api_key(owner uuid, service text) returns text
language sql stable security definer set search_path = '' as $$
  select s.decrypted_secret
  from public.api_keys k
  join vault.decrypted_secrets s on s.name = k.vault_secret_name
  where k.user_id = owner and k.service = lower(trim(get_api_key.service))
$$;

create function private.delete_api_key(owner uuid, service text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.api_keys k where k.user_id = owner and k.service = lower(trim(delete_api_key.service));
  return found;
end
$$;

create function private.touch_api_key(owner uuid, service text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.api_keys k set last_used = clock_timestamp()
  where k.user_id = owner and k.service = lower(trim(touch_api_key.service));
  return found;
end
$$;

-- For oneself: the owner is never an argument.

create function private.put_api_key(service text, secret text) returns uuid
language sql security definer set search_path = ''
return private.put_api_key(private.current_user_id(), service, secret);
create function private.get_api_key(service text) returns text
language sql stable security definer set search_path = ''
return private.get_api_key(private.current_user_id(), service);
create function private.delete_api_key(service text) returns boolean
language sql security definer set search_path = ''
return private.delete_api_key(private.current_user_id(), service);
create function private.touch_api_key(service text) returns boolean
language sql security definer set search_path = ''
return private.touch_api_key(private.current_user_id(), service);

-- The exposed names, with the rights of their caller.

create function public.put_api_key(service text, secret text) returns uuid
language sql set search_path = '' return private.put_api_key(service, secret);
create function public.get_api_key(service text) returns text
language sql stable set search_path = '' return private.get_api_key(service);
create function public.delete_api_key(service text) returns boolean
language sql set search_path = '' return private.delete_api_key(service);
create function public.touch_api_key(service text) returns boolean
language sql set search_path = '' return private.touch_api_key(service);

create function public.put_api_key(owner uuid, service text, secret text) returns uuid
language sql set search_path = '' return private.put_api_key(owner, service, secret);
create function public.get_api_key(owner uuid, service text) returns text
language sql stable set search_path = '' return private.get_api_key(owner, service);
create function public.delete_api_key(owner uuid, service text) returns boolean
language sql set search_path = '' return private.delete_api_key(owner, service);
create function public.touch_api_key(owner uuid, service text) returns boolean
language sql set search_path = '' return private.touch_api_key(owner, service);

do $$
declare
  routine record;
begin
  for routine in
    select p.oid::regprocedure as signature, 'owner' = any (p.proargnames) as names_the_owner
    from pg_catalog.pg_proc p
    where p.pronamespace in ('private'::regnamespace, 'public'::regnamespace)
      and p.proname in ('put_api_key', 'get_api_key', 'delete_api_key', 'touch_api_key')
  loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role', routine.signature);
    execute format('grant execute on function %s to %s', routine.signature,
                   case when routine.names_the_owner then 'service_role' else 'authenticated, tripsage_client' end);
  end loop;
end
$$;

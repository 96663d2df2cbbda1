-- A server that logs statements logs the values bound to them too. Those of the program are a ticket, behind a
-- transaction pooler, and keys of services on their way to Vault: none of them belongs into a log.
-- Who may not say so about values may often say it about statements; `doctor` tells where neither was allowed.

do $$
begin
  alter role tripsage_client set log_parameter_max_length = 0;
exception when insufficient_privilege then
  begin
    alter role tripsage_client set log_statement = 'none';
    alter role tripsage_client set log_min_duration_statement = -1;
  exception when insufficient_privilege then
    raise notice 'this role may not keep values of tripsage_client out of the log: a superuser runs '
      '"alter role tripsage_client set log_parameter_max_length = 0"';
  end;
end
$$;

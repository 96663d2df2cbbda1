do $$
begin
  alter role tripsage_client reset log_parameter_max_length;
exception when insufficient_privilege then
  null;
end
$$;
do $$
begin
  alter role tripsage_client reset log_statement;
  alter role tripsage_client reset log_min_duration_statement;
exception when insufficient_privilege then
  null;
end
$$;

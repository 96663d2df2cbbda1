drop function private.schema_version();

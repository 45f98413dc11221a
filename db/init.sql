-- Creates the role that the service logs in as; runs before the first migration.
-- It owns nothing, so it has no rights but those that the migrations grant. Idempotent. The password is for the local
-- stack; production creates this role with a secret of its own.
do $$
begin
  if not exists (select from pg_roles where rolname = 'saldo_service') then
    create role saldo_service login password 'saldo';
  end if;
end
$$;

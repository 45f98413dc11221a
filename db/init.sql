-- Creates the role that the service logs in as, before the first migration.
--
-- It owns nothing, so that the migrations' grants are its only rights. Safe to run again. The password is the local
-- stack's; production creates this role with its own secret.
do $$
begin
  if not exists (select from pg_roles where rolname = 'saldo_service') then
    create role saldo_service login password 'saldo';
  end if;
end
$$;

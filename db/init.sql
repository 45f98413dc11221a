-- What a cluster needs before the first migration: the role that the service logs in as. It owns nothing, so that the
-- migrations' grants are all it may do. Runs again without harm. The password is the local stack's; production
-- creates this role with a secret of its own.
do $$
begin
  if not exists (select from pg_roles where rolname = 'saldo_service') then
    create role saldo_service login password 'saldo';
  end if;
end
$$;

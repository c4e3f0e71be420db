-- reads identity.users, identity.tiers, pg_roles; errors TR725
CREATE OR REPLACE FUNCTION internal.refuse_user(p_user_id int, p_username text, p_email text, p_role text, p_tier text)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  -- One term after the other, so that the message names the one that is wrong.
  v_fault text := CASE
    WHEN p_username ~ '^[A-Za-z][A-Za-z0-9_.@-]{0,62}$' IS NOT TRUE THEN 'username'
    WHEN EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE lower(r.rolname) = lower(p_username))
         OR lower(p_username) ~ '^(none$|public$|pg_)' THEN 'login role'  -- PostgreSQL keeps these for itself
    WHEN EXISTS (SELECT FROM identity.users AS u WHERE lower(u.username) = lower(p_username)
                                                   AND u.user_id IS DISTINCT FROM p_user_id) THEN 'known name'
    WHEN p_email IS NOT NULL AND (p_email ~ '^[^@\s]+@[^@\s]+$' AND length(p_email) <= 254) IS NOT TRUE THEN 'email'
    WHEN EXISTS (SELECT FROM identity.users AS u WHERE lower(u.email) = lower(p_email) AND u.deleted_at IS NULL
                                                   AND u.user_id IS DISTINCT FROM p_user_id) THEN 'known email'
    WHEN p_role = ANY (enum_range(NULL::identity.role)::text[]) IS NOT TRUE THEN 'role'
    WHEN NOT EXISTS (SELECT FROM identity.tiers AS t WHERE t.tier = p_tier) THEN 'tier' END;
BEGIN
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'no user can have this %', split_part(v_fault, ' ', 2 - (v_fault !~ 'known')::int)
      USING ERRCODE = 'TR725',
            DETAIL = format('%s is %s.', CASE WHEN v_fault ~ 'email' THEN 'email' WHEN v_fault IN ('role', 'tier')
                                              THEN v_fault ELSE 'username' END,
                            coalesce(quote_literal(left(CASE WHEN v_fault ~ 'email' THEN p_email
                              WHEN v_fault = 'role' THEN p_role WHEN v_fault = 'tier' THEN p_tier
                              ELSE p_username END, 100)), 'NULL')),
            HINT = CASE v_fault
              WHEN 'username' THEN 'A name begins with a letter and has up to 63 letters, digits, dots, dashes, '
                                   'underscores and at signs.'
              WHEN 'login role' THEN 'A database role has it, or may have it alone: users and roles share their names.'
              WHEN 'known name' THEN 'A user has or had it already; names are not given again.'
              WHEN 'email' THEN 'An address has an at sign, no spaces and at most 254 characters; NULL: none.'
              WHEN 'known email' THEN 'Another user has it already.'
              WHEN 'role' THEN format('Roles are %s.',
                                      array_to_string(enum_range(NULL::identity.role)::text[], ', '))
              ELSE format('Tiers are %s.', (SELECT string_agg(t.tier, ', ' ORDER BY t.tier)
                                              FROM identity.tiers AS t)) END;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.refuse_user(int, text, text, text, text) IS
  'Refuses terms that no user can have, beside the user p_user_id himself (NULL: a new one). Error TR725.';

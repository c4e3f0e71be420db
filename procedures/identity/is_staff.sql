CREATE OR REPLACE FUNCTION identity.is_staff()
RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
RETURN coalesce(identity.actor_role() IN ('admin', 'runner'), false);
COMMENT ON FUNCTION identity.is_staff() IS
  'Whether who acts serves the whole house: administrators and runners see and trade every portfolio.';

-- trigger function of the tables of settings, limits and rights; writes ops.audit_log
CREATE OR REPLACE FUNCTION internal.audit_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_left_out text[] := string_to_array(TG_ARGV[2], ',');
  v_before   jsonb  := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  v_after    jsonb  := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
  PERFORM internal.audit(
    TG_ARGV[0] || CASE TG_OP WHEN 'INSERT' THEN '.added' WHEN 'UPDATE' THEN '.changed' ELSE '.removed' END,
    (SELECT string_agg(coalesce(v_before, v_after) ->> k.name, '/' ORDER BY k.place)
       FROM string_to_table(TG_ARGV[1], ',') WITH ORDINALITY AS k (name, place)),
    v_before - v_left_out, v_after - v_left_out);
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.audit_change() IS
  'Writes a change of a row to the audit, whoever made it and by whichever way. Its arguments: what the row is, the '
  'columns that name it, and the columns that are left out.';
REVOKE ALL ON FUNCTION internal.audit_change() FROM PUBLIC;

-- Each table with what its rows are, the columns that name a row, those that are left out, and which new rows and which
-- changes count where not all do: what rules and fills do by themselves is in the journal.
DO $$
DECLARE
  v_table record;
BEGIN
  FOR v_table IN
    SELECT * FROM (VALUES
      ('risk.limits', 'limit', 'subject,metric,action,instrument_id,period', '', 'true', 'true'),
      ('risk.protections', 'protection', 'subject,kind,per', '', 'true', 'true'),
      ('risk.halts', 'halt', 'subject', '', 'NEW.metric IS NULL', 'NEW.metric IS NULL OR NEW.resumed_at IS NOT NULL'),
      ('risk.locks', 'lock', 'portfolio_id,lock_id', '', 'false',
       'OLD.released_by IS NOT NULL OR NEW.released_by IS NOT NULL'),
      ('trading.portfolios', 'portfolio', 'owner,name', '', 'true', 'true'),
      ('identity.shares', 'share', 'portfolio_id,username', '', 'true', 'true'),
      -- Their lines are compiled from their components.
      ('trading.fee_schedules', 'fee_schedule', 'name,valid_from', 'lines,exercise_lines', 'true',
       'to_jsonb(OLD) - ''{lines,exercise_lines}''::text[] <> to_jsonb(NEW) - ''{lines,exercise_lines}''::text[]'),
      ('trading.fee_components', 'fee_component', 'name,valid_from,component,side,product,basis', '', 'true', 'true'),
      ('trading.fee_plans', 'fee_plan', 'name,kind,exchange_id', '', 'true', 'true'),
      ('market.exchanges', 'exchange', 'code', '', 'false',
       '(OLD.price_collar, OLD.stale_after) IS DISTINCT FROM (NEW.price_collar, NEW.stale_after)'),
      ('market.instruments', 'instrument', 'instrument_id,symbol', '', 'false',
       'OLD.price_collar IS DISTINCT FROM NEW.price_collar'),
      ('market.sessions', 'session', 'exchange_id,weekday,opens,valid_from', '', 'true', 'true'),
      ('market.holidays', 'holiday', 'exchange_id,day', '', 'true', 'true'),
      ('market.corporate_actions', 'corporate_action', 'instrument_id,kind,ex_date', '', 'true', 'true'),
      ('market.sale_conditions', 'sale_condition', 'exchange_id,sale_condition', '', 'true', 'true'),
      ('market.underlying_names', 'underlying_name', 'name', '', 'true', 'true'),
      ('market.tick_policy', 'tick_policy', 'only_row', '', 'true', 'true'),
      ('market.candle_settings', 'candle_settings', 'only_row', '', 'true', 'true'),
      ('identity.shares', 'share', 'portfolio_id,username', '', 'true', 'true'),
      ('identity.broker_connections', 'broker_connection', 'owner,name', 'credentials', 'true', 'true'),
      ('identity.connection_portfolios', 'broker_connection', 'connection_id,portfolio_id', '', 'true', 'true'),
      ('ops.alert_rules', 'alert_rule', 'owner,name', '', 'NEW.owner IS NOT NULL', 'true'),
      ('ops.alert_channels', 'alert_channel', 'owner,name', '', 'true', 'true'),
      ('ops.alert_settings', 'alert_settings', 'is_only_row', '', 'true', 'true'),
      ('identity.rate_limits', 'rate_limit', 'bucket', '', 'true', 'true'),
      ('identity.login_limits', 'login_limit', 'group_role', '', 'true', 'true'),
      ('identity.users', 'user', 'username', 'profile,settings,last_login_at', 'true',
       '(OLD.email, OLD.role, OLD.tier, OLD.disabled_at, OLD.deleted_at) IS DISTINCT FROM '
       '(NEW.email, NEW.role, NEW.tier, NEW.disabled_at, NEW.deleted_at)'),
      ('identity.api_keys', 'api_key', 'owner,name', '', 'true', 'OLD.revoked_at IS DISTINCT FROM NEW.revoked_at'),
      ('identity.secret_keys', 'secret_key', 'purpose,key_id', 'secret', 'true', 'true'),
      ('identity.tiers', 'tier', 'tier', '', 'true', 'true'),
      ('identity.settings', 'identity_settings', 'is_only_row', '', 'true', 'true'),
      ('ops.installed_code', 'code', 'checksum', '', 'true', 'true')
    ) AS t (name, subject, keys, left_out, new_rows, changes)
  LOOP
    IF v_table.new_rows <> 'false' THEN
      EXECUTE format('CREATE OR REPLACE TRIGGER audit_insert AFTER INSERT ON %s FOR EACH ROW WHEN (%s) '
                     'EXECUTE FUNCTION internal.audit_change(%L, %L, %L)', v_table.name, v_table.new_rows,
                     v_table.subject, v_table.keys, v_table.left_out);
      EXECUTE format('COMMENT ON TRIGGER audit_insert ON %s IS ''New rows are audited.''', v_table.name);
    END IF;
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_update AFTER UPDATE ON %s FOR EACH ROW '
                   'WHEN (OLD.* IS DISTINCT FROM NEW.* AND (%s)) EXECUTE FUNCTION internal.audit_change(%L, %L, %L)',
                   v_table.name, v_table.changes, v_table.subject, v_table.keys, v_table.left_out);
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_delete AFTER DELETE ON %s FOR EACH ROW '
                   'EXECUTE FUNCTION internal.audit_change(%L, %L, %L)', v_table.name, v_table.subject, v_table.keys,
                   v_table.left_out);
    EXECUTE format('COMMENT ON TRIGGER audit_update ON %1$s IS ''Changes are audited.'';'
                   'COMMENT ON TRIGGER audit_delete ON %1$s IS ''Removed rows are audited.''', v_table.name);
  END LOOP;
END
$$;

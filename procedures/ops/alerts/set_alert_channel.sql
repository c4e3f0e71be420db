-- reads identity.broker_connections; writes ops.alert_channels, ops.audit_log; errors TR701, TR753, TR807, TR811
CREATE OR REPLACE FUNCTION ops.set_alert_channel(
  name text, kind ops.channel_kind, address text DEFAULT NULL, connection text DEFAULT NULL,
  least_severity ops.severity DEFAULT 'info', is_for_house boolean DEFAULT false, enabled boolean DEFAULT true)
RETURNS ops.alert_channels
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_channel       ops.alert_channels;
  v_connection_id uuid;
  v_fault         text;
BEGIN
  SELECT c.connection_id INTO v_connection_id FROM identity.broker_connections AS c
   WHERE c.owner = ops.actor() AND c.name = set_alert_channel.connection;
  IF set_alert_channel.connection IS NOT NULL AND v_connection_id IS NULL THEN
    RAISE EXCEPTION 'unknown connection "%"', left(set_alert_channel.connection, 64)
      USING ERRCODE = 'TR753', DETAIL = 'You have no connection of this name.',
            HINT = 'bourse secrets set stores the address of the receiver, and the secret that it knows.';
  END IF;
  v_fault := CASE
    WHEN (set_alert_channel.name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$') IS NOT TRUE
      THEN 'a name begins with a letter or digit and has up to 63 letters, digits, dots, dashes and underscores'
    WHEN set_alert_channel.kind IS NULL THEN 'kind is missing'
    WHEN num_nonnulls(set_alert_channel.least_severity::text, set_alert_channel.is_for_house::text,
                      set_alert_channel.enabled::text) < 3 THEN 'least_severity, is_for_house or enabled is missing'
    WHEN set_alert_channel.kind IN ('webhook', 'slack', 'telegram') AND v_connection_id IS NULL
      THEN 'it needs a connection, with the secret'
    WHEN set_alert_channel.kind IN ('email', 'in_app') AND v_connection_id IS NOT NULL THEN 'it has no connection'
    WHEN set_alert_channel.kind NOT IN ('email', 'telegram') AND set_alert_channel.address IS NOT NULL
      THEN 'the address is that of its connection'
    WHEN set_alert_channel.kind = 'email'
         AND (length(set_alert_channel.address) <= 254
              AND set_alert_channel.address ~ '^[A-Za-z0-9._%+-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$') IS NOT TRUE
      THEN 'the address is none of e-mail'
    WHEN set_alert_channel.kind = 'telegram' AND (set_alert_channel.address ~ '^(-?[0-9]{1,20}|@[A-Za-z0-9_]{1,64})$')
         IS NOT TRUE THEN 'the address of telegram is the number of a chat, or @channel' END;
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'no channel of alerts can be like that'
      USING ERRCODE = 'TR811', DETAIL = v_fault || '.', HINT = 'docs/alerts.md shows channels of each kind.';
  ELSIF set_alert_channel.is_for_house AND NOT identity.is_staff() THEN
    PERFORM internal.require_staff('channels for alerts of the house');
  ELSIF (SELECT count(*) FROM ops.alert_channels AS c
          WHERE c.owner = ops.actor() AND c.name <> set_alert_channel.name) >= 20 THEN
    RAISE EXCEPTION 'too many channels of alerts'
      USING ERRCODE = 'TR807', DETAIL = format('%s has 20.', ops.actor()),
            HINT = 'ops.remove_alert_channel removes one.';
  END IF;
  INSERT INTO ops.alert_channels (name, kind, address, connection_id, least_severity, is_for_house, enabled)
  VALUES (set_alert_channel.name, set_alert_channel.kind, set_alert_channel.address, v_connection_id,
          set_alert_channel.least_severity, set_alert_channel.is_for_house, set_alert_channel.enabled)
  ON CONFLICT ON CONSTRAINT alert_channels_owner_name_key DO UPDATE
     SET kind = EXCLUDED.kind, address = EXCLUDED.address, connection_id = EXCLUDED.connection_id,
         least_severity = EXCLUDED.least_severity, is_for_house = EXCLUDED.is_for_house, enabled = EXCLUDED.enabled
  RETURNING * INTO v_channel;
  RETURN v_channel;
END
$$;
COMMENT ON FUNCTION ops.set_alert_channel(text, ops.channel_kind, text, text, ops.severity, boolean, boolean) IS
  'Makes a channel of who acts, or replaces the one of this name. connection names the connection (bourse secrets set) '
  'with the address and the secret of a webhook, slack or telegram; address is that of an e-mail, or a chat of '
  'telegram. is_for_house: alerts of the house are told here too, which administrators say. Errors TR701, TR753, '
  'TR807, TR811.';
REVOKE ALL ON FUNCTION ops.set_alert_channel(text, ops.channel_kind, text, text, ops.severity, boolean, boolean)
  FROM PUBLIC;

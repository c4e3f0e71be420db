-- What subscriptions allow, and the keys that sign and encrypt. A tier that somebody has changed stays as it is; a key
-- that is missing, as after a dump that left the secrets out, is made anew.
INSERT INTO identity.tiers (tier, portfolios, agents, backtests_per_day, trials_per_day, orders_per_minute,
                            open_orders, api_keys)
VALUES
  ('free',       1,    2,    10,   1000,   60,   50,   1),
  ('basic',      5,    10,   100,  10000,  300,  200,  5),
  ('pro',        25,   100,  1000, 100000, 3000, 1000, 25),
  ('enterprise', NULL, NULL, NULL, NULL,   NULL, NULL, NULL)
ON CONFLICT ON CONSTRAINT tiers_pkey DO NOTHING;

INSERT INTO identity.secret_keys (purpose, secret, created_at)
SELECT p.purpose, public.gen_random_bytes(32), now()
  FROM unnest('{tokens,totp}'::text[]) AS p (purpose)
 WHERE NOT EXISTS (SELECT FROM identity.secret_keys AS k WHERE k.purpose = p.purpose AND k.retired_at IS NULL);

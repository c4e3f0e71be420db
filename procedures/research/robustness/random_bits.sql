-- reads nothing
-- Jenkins's lookup3 (2006) of place under a key of 64 bits. PostgreSQL distributes partitions by this function, so that
-- it is the same in each version and on each machine: integers alone.
CREATE OR REPLACE FUNCTION research.random_bits(key bigint, place bigint)
RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
RETURN hashint8extended(place, key);
COMMENT ON FUNCTION research.random_bits(bigint, bigint) IS
  'The 64 random bits at a place (1, 2, …) of the sequence that a key begins. A seed is the key of keys: resample n '
  'of a seed draws from the sequence research.random_bits(seed, n). The same on every machine.';

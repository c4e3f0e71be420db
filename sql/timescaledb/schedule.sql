-- After the procedures: TimescaleDB's scheduler calls them.
SELECT add_job('market.settle_candles', interval '1 hour');

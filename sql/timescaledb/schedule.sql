-- After the procedures: TimescaleDB's scheduler calls them.
SELECT add_job('market.archive_candles', interval '1 hour');

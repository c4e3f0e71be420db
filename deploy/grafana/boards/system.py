"""Whether everything runs: runners, feeds, the database, errors."""

from panels import (WITHIN, bars, board, coloured, column, stat, steps, table, time_series)


def figure(title, metric, description, **more):
    return stat(title, f"""
        SELECT value FROM reporting.database_health WHERE metric = '{metric}' AND subject IS NULL""", description, **more)


BOARD = board("system", "System", "Runners, feeds, database, errors.", [], [
    ("Runners and feeds", [
        table("Runners", """
            SELECT name, state, feed, host, process_id AS process, version, seen_at AS seen, age_seconds AS age
              FROM reporting.runners
             ORDER BY runner_id DESC LIMIT 50""",
              "The latest starts; age: since the last sign of life. killed: it did not say that it stopped.",
              units={"age": "s"}, overrides=[column("process", unit="none")], no_value="no runner was started yet"),
        table("Feeds", """
            SELECT feed, portfolio, symbols, last_event_at AS "last event", age_seconds AS age, lag_seconds AS lag,
                   rejected_ticks AS rejected, is_finished AS finished
              FROM reporting.feed_health
             ORDER BY feed, portfolio NULLS FIRST LIMIT 200""",
              "What live feeds have stored, and how far each portfolio has read a feed. age: since the last was stored; "
              "lag: from its time until then; rejected: ticks of the last day.", units={"age": "s", "lag": "s"},
              no_value="no feed was read yet"),
        time_series("Ticks", f"""
            SELECT $__timeGroup(time, $__interval) AS time, sum(ticks)::float8 AS ticks
              FROM reporting.tick_rate
             WHERE {WITHIN}
             GROUP BY 1 ORDER BY 1""",
                    "Ticks of all instruments that were stored.", bars=True, no_value="no ticks in this span"),
        bars("Ticks that were not accepted", """
            SELECT feed || ' ' || reason AS reason, sum(ticks)::float8 AS ticks
              FROM market.rejection_counts
             WHERE day BETWEEN $__timeFrom()::date AND $__timeTo()::date
             GROUP BY 1 ORDER BY 2 DESC""",
             "By feed and reason, by UTC days.", no_value="all were accepted"),
        table("Oldest prices", """
            SELECT symbol, last_at AS "last price", age_seconds AS age, is_stale AS stale,
                   behind_seconds AS "not in closed candles"
              FROM reporting.candle_freshness
             ORDER BY is_stale DESC NULLS LAST, age_seconds DESC LIMIT 50""",
              "How old the latest price of each instrument is; a stale one fills nothing.",
              units={"age": "s", "not in closed candles": "s"}, no_value="no instrument has a price"),
        table("Portfolios that somebody keeps locked", """
            SELECT portfolio, seconds, user_name AS "user", application, state, process_id AS process
              FROM reporting.blocked_portfolios
             ORDER BY seconds DESC NULLS LAST""",
              "A transaction of another session has kept them for more than two seconds.",
              units={"seconds": "s"}, overrides=[column("process", unit="none")], no_value="none"),
        table("Contracts that wait for a price", """
            SELECT time, portfolio, symbol, kind, first_day AS "since day", quantity, price_of AS "price of",
                   last_price AS "last price"
              FROM reporting.unpriced_settlements
             ORDER BY time DESC""",
              "They are settled when a price comes, or somebody gives one.", width=24, height=6,
              no_value="all contracts are settled"),
    ]),
    ("Errors", [
        time_series("Errors", f"""
            SELECT $__timeGroup(time, $__interval) AS time, kind AS metric, count(*) AS value
              FROM reporting.error_journal
             WHERE {WITHIN}
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "Events of the journal that say that something went wrong, or was stopped.", bars=True, stack=True,
                    no_value="nothing went wrong"),
        table("Journal of errors", f"""
            SELECT time, kind, code, portfolio, symbol, detail, actor
              FROM reporting.error_journal
             WHERE {WITHIN}
             ORDER BY time DESC LIMIT 100""",
              "The latest; docs/errors.md says what codes mean.", no_value="nothing went wrong"),
    ]),
    ("Database", [
        figure("Cache hits", "cache_hits", "Blocks that were found in shared buffers.", unit="percentunit",
               thresholds=steps("orange", (0.95, "green"))),
        figure("Connections", "connections_used", "Of max_connections.", unit="percentunit", decimals=0,
               thresholds=steps("green", (0.7, "orange"), (0.9, "red"))),
        figure("Size", "size", "Of the database.", unit="bytes"),
        figure("Transaction numbers", "transaction_ids_used", "Of those after which the server stops: vacuum frees them.",
               unit="percentunit", thresholds=steps("green", (0.2, "orange"), (0.5, "red"))),
        figure("Oldest transaction", "oldest_transaction", "Of the sessions that this login may see.", unit="s",
               thresholds=steps("green", (60, "orange"), (600, "red"))),
        figure("Waiting", "waiting_for_locks", "Sessions that wait for a lock.",
               thresholds=steps("green", (1, "orange"))),
        table("Who waits for whom", """
            SELECT seconds, process_id AS process, user_name AS "user", waits_for AS "waits for", mode, query,
                   blocker_id AS blocker, blocker_user AS "blocker's user", blocker_state AS "does",
                   blocker_query AS "and runs"
              FROM reporting.locks
             ORDER BY seconds DESC NULLS LAST""",
              "A row for each pair of sessions. Needs pg_read_all_stats, which docs/grafana.md grants.", width=24,
              units={"seconds": "s"}, overrides=[column("process", unit="none"), column("blocker", unit="none")],
              no_value="nobody waits"),
        table("Tables", """
            SELECT subject AS "table", max(value) FILTER (WHERE metric = 'table_size') AS size,
                   max(value) FILTER (WHERE metric = 'rows') AS rows,
                   max(value) FILTER (WHERE metric = 'dead_rows') AS dead
              FROM reporting.database_health
             WHERE subject IS NOT NULL
             GROUP BY subject ORDER BY size DESC LIMIT 50""",
              "Tables of at least 1,000 rows; dead: share of rows that vacuum has not taken yet.",
              units={"size": "bytes", "rows": "locale"},
              overrides=[coloured("dead", steps("green", (0.2, "orange"), (0.5, "red")), unit="percentunit")],
              no_value="no table has 1,000 rows"),
        table("Copies", """
            SELECT kind, name, state, lag_bytes AS bytes, lag_seconds AS seconds FROM reporting.replication
             ORDER BY kind, name""",
              "Standbys and replication slots, and how far they are behind.", units={"bytes": "bytes", "seconds": "s"},
              no_value="there are no copies"),
        table("Counters", """
            SELECT metric, value, unit
              FROM reporting.database_health
             WHERE subject IS NULL AND unit IN ('transactions', 'deadlocks') OR metric IN ('wal_written', 'temporary_files')
             ORDER BY metric""",
              "Since the statistics of the server were reset.", units={"value": "locale"}, width=24, height=6),
    ]),
])

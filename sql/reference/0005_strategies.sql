-- Strategies to start from: rules that are known, with parameters that are usual and the book or paper that each comes
-- from. An agent gives values of its own to their parameters (strategy.create_agent(..., params => ...)); who wants
-- other rules creates a strategy of their own. These are the house's (owner NULL): everybody may read and run them.
INSERT INTO strategy.strategies (owner, name, type, description)
SELECT NULL, n.name, n.type::strategy.strategy_type, n.description FROM (VALUES
  ('trend_following', 'trend',
   'Goes with a trend that two averages, the ADX and the average of a longer length agree on, when the close crosses '
   'the parabolic SAR; leaves when the averages cross back, at 3 ATR, or at a chandelier. Averages and breakouts: '
   'Faith, Way of the Turtle (2007); ADX, SAR and ATR: Wilder, New Concepts in Technical Trading Systems (1978); '
   'chandelier: LeBeau, in Elder, Come Into My Trading Room (2002).'),
  ('mean_reversion', 'mean_reversion',
   'Buys what has fallen below the lower Bollinger band while RSI and stochastic are oversold, unless volume or '
   'volatility say that something has happened, and sells its mirror image; leaves at the middle band, after 10 '
   'candles, or at 2.5 ATR. The size goes by the standard deviation of the closes. Bollinger, Bollinger on Bollinger '
   'Bands (2001); RSI: Wilder (1978); stochastic: Lane, Lane''s Stochastics (1984).'),
  ('momentum', 'momentum',
   'Goes with a move that MACD, rate of change and a surge of volume confirm, at a candle pattern or a new high (or '
   'low) of five candles; leaves when the momentum fails, after 20 candles, or at 2 ATR. Jegadeesh and Titman, Returns '
   'to Buying Winners and Selling Losers (Journal of Finance 48, 1993); MACD: Appel, The Moving Average Convergence '
   'Divergence Method (1979); patterns: Nison, Japanese Candlestick Charting Techniques (1991).'),
  ('pairs_arbitrage', 'arbitrage',
   'Trades an instrument against $other when their spread, by a rolling hedge ratio, is far from its mean: back to the '
   'mean it leaves both, as well as when the spread runs away or after 20 candles. Give params => ''{"other": '
   '"EXCHANGE:SYMBOL"}''. Gatev, Goetzmann and Rouwenhorst, Pairs Trading: Performance of a Relative-Value Arbitrage '
   'Rule (Review of Financial Studies 19, 2006); the hedge ratio: Engle and Granger, Co-Integration and Error '
   'Correction (Econometrica 55, 1987).'),
  ('scalping', 'scalping',
   'Looks at every tick: buys what trades more than one spread below a short average, and sells what trades as much '
   'above it, while the spread is narrow; leaves at the average, after 60 seconds, at 0.2 percent, or before the '
   'session ends. The spread is estimated from prices alone, as twice the root of the negative covariance of '
   'successive changes: Roll, A Simple Implicit Measure of the Effective Bid-Ask Spread in an Efficient Market '
   '(Journal of Finance 39, 1984).'),
  ('swing', 'swing',
   'Buys the first pullback to a rising average after a breakout above the Donchian channel, and sells its mirror '
   'image; takes half of the profit at twice the risk, then stops at the entry, and leaves when the short channel '
   'breaks. Channels: Donchian (Commodities magazine, 1970s), as the turtles used them, Faith, Way of the Turtle '
   '(2007); pullback: Connors and Raschke, Street Smarts (1995).'),
  ('opening_range_breakout', 'custom',
   'Goes with the first close beyond the range of the session''s first 30 minutes, on more volume than usual; stops at '
   'the other side of the range, takes half of the profit at twice the risk, and is out before the session ends. '
   'Crabel, Day Trading with Short Term Price Patterns and Opening Range Breakout (1990).'),
  ('vwap_reversion', 'mean_reversion',
   'Buys what has fallen far below the session''s volume-weighted average price while it is oversold, and sells its '
   'mirror image; leaves at that average, after 24 candles, at 2 ATR, or before the session ends. The average as the '
   'price that large orders are measured by: Berkowitz, Logue and Noser, The Total Cost of Transactions on the NYSE '
   '(Journal of Finance 43, 1988).')) AS n (name, type, description)
ON CONFLICT ON CONSTRAINT strategies_owner_name_key DO NOTHING;

INSERT INTO strategy.strategy_versions (strategy_id, version, timeframe, parameters)
SELECT s.strategy_id, 1, n.timeframe, n.parameters
  FROM (VALUES
    ('trend_following', 'trend', interval '1 day', jsonb_build_object(
      'entry', 'ema(close, $fast) > ema(close, $slow) and adx(14) > $strength and crosses_above(close, sar()) '
               'and close > ema(close, $confirm)@1w',
      'exit', 'crosses_below(ema(close, $fast), ema(close, $slow))',
      'short_entry', 'ema(close, $fast) < ema(close, $slow) and adx(14) > $strength and crosses_below(close, sar()) '
                     'and close < ema(close, $confirm)@1w',
      'short_exit', 'crosses_above(ema(close, $fast), ema(close, $slow))',
      'sizing', jsonb '{"method": "fixed_fractional", "risk_percent": 1}',
      'exits', jsonb '[{"type": "atr_stop", "multiple": 3, "period": 14},
                       {"type": "chandelier", "period": 22, "multiple": 3}]',
      'params', jsonb '{"fast": 20, "slow": 50, "strength": 25, "confirm": 10}')),
    ('mean_reversion', 'mean_reversion', '1 day', jsonb_build_object(
      'entry', 'close < bbands(close, $period, $width).lower and rsi(close, 14) < 30 and stoch(14, 3, 3).k < 20 '
               'and volume < $surge * sma(volume, 20) and natr(14) < $volatility',
      'exit', 'close >= bbands(close, $period, $width).middle',
      'short_entry', 'close > bbands(close, $period, $width).upper and rsi(close, 14) > 70 and stoch(14, 3, 3).k > 80 '
                     'and volume < $surge * sma(volume, 20) and natr(14) < $volatility',
      'short_exit', 'close <= bbands(close, $period, $width).middle',
      'sizing', jsonb '{"method": "deviation", "risk_percent": 1, "deviations": 2, "period": 20}',
      'exits', jsonb '[{"type": "atr_stop", "multiple": 2.5, "period": 14}, {"type": "time_stop", "bars": 10}]',
      'params', jsonb '{"period": 20, "width": 2, "surge": 2, "volatility": 5}')),
    ('momentum', 'momentum', '1 day', jsonb_build_object(
      'entry', 'macd(close, 12, 26, 9).histogram > 0 and roc(close, $period) > $rate '
               'and volume > $surge * sma(volume, 20)[1] '
               'and (engulfing() > 0 or hammer() > 0 or morning_star() > 0 or close > highest(high, 5)[1])',
      'exit', 'roc(close, $period) < 0 or crosses_below(macd(close, 12, 26, 9).macd, macd(close, 12, 26, 9).signal)',
      'short_entry', 'macd(close, 12, 26, 9).histogram < 0 and roc(close, $period) < -$rate '
                     'and volume > $surge * sma(volume, 20)[1] '
                     'and (engulfing() < 0 or evening_star() < 0 or close < lowest(low, 5)[1])',
      'short_exit', 'roc(close, $period) > 0 '
                    'or crosses_above(macd(close, 12, 26, 9).macd, macd(close, 12, 26, 9).signal)',
      'sizing', jsonb '{"method": "fixed_fractional", "risk_percent": 1}',
      'exits', jsonb '[{"type": "atr_stop", "multiple": 2, "period": 14}, {"type": "time_stop", "bars": 20}]',
      'params', jsonb '{"period": 10, "rate": 3, "surge": 1.5}')),
    ('pairs_arbitrage', 'arbitrage', '1 day', jsonb_build_object(
      'entry', 'zscore(close - hedge_ratio(close, $other.close, $window) * $other.close, $period) '
               'between -$away and -$far and correlation(close, $other.close, $window) > $together',
      'exit', 'zscore(close - hedge_ratio(close, $other.close, $window) * $other.close, $period) > -$near '
              'or zscore(close - hedge_ratio(close, $other.close, $window) * $other.close, $period) < -$away',
      'short_entry', 'zscore(close - hedge_ratio(close, $other.close, $window) * $other.close, $period) '
                     'between $far and $away and correlation(close, $other.close, $window) > $together',
      'short_exit', 'zscore(close - hedge_ratio(close, $other.close, $window) * $other.close, $period) < $near '
                    'or zscore(close - hedge_ratio(close, $other.close, $window) * $other.close, $period) > $away',
      'sizing', jsonb '{"method": "volatility", "risk_percent": 0.5, "atr_multiple": 2}',
      'exits', jsonb '[{"type": "time_stop", "bars": 20}]',
      'params', jsonb '{"other": "SPY", "window": 60, "period": 20, "far": 2, "near": 0.5, "away": 4, "together": 0.5}',
      'legs', jsonb '[{"symbol": "$other", "ratio": "-hedge_ratio(close, $other.close, $window)"}]')),
    ('scalping', 'scalping', '0', jsonb_build_object(
      'entry', 'close < ema(close, $fast) - 2 * sqrt(-correlation(mom(close, 1), mom(close, 1)[1], $window)) '
               '* stdev(mom(close, 1), $window) '
               'and sqrt(-correlation(mom(close, 1), mom(close, 1)[1], $window)) * stdev(mom(close, 1), $window) '
               '< $widest * close / 20000',
      'exit', 'close >= ema(close, $fast)',
      'short_entry', 'close > ema(close, $fast) + 2 * sqrt(-correlation(mom(close, 1), mom(close, 1)[1], $window)) '
                     '* stdev(mom(close, 1), $window) '
                     'and sqrt(-correlation(mom(close, 1), mom(close, 1)[1], $window)) * stdev(mom(close, 1), $window) '
                     '< $widest * close / 20000',
      'short_exit', 'close <= ema(close, $fast)',
      'sizing', jsonb '{"method": "fixed_fractional", "risk_percent": 0.1}',
      'exits', jsonb '[{"type": "percent_stop", "percent": 0.2}, {"type": "time_stop", "seconds": 60},
                       {"type": "session_end", "minutes": 5}]',
      'params', jsonb '{"fast": 20, "window": 100, "widest": 5}')),
    ('swing', 'swing', '1 day', jsonb_build_object(
      'entry', 'count(close > donchian($channel).upper[1], $memory) > 0 and ema(close, $average) > '
               'ema(close, $average)[5] and low <= ema(close, $average) and close > ema(close, $average)',
      'exit', 'close < donchian($short_channel).lower[1]',
      'short_entry', 'count(close < donchian($channel).lower[1], $memory) > 0 and ema(close, $average) < '
                     'ema(close, $average)[5] and high >= ema(close, $average) and close < ema(close, $average)',
      'short_exit', 'close > donchian($short_channel).upper[1]',
      'sizing', jsonb '{"method": "fixed_fractional", "risk_percent": 1}',
      'exits', jsonb '[{"type": "stop", "distance": "2 * atr(14)"},
                       {"type": "take_profit", "at_r": 2, "portion_percent": 50}, {"type": "break_even", "at_r": 2}]',
      'params', jsonb '{"channel": 20, "short_channel": 10, "memory": 15, "average": 20}')),
    ('opening_range_breakout', 'custom', '5 minutes', jsonb_build_object(
      'entry', 'session_minutes > $range and crosses_above(close, opening_high($range)) '
               'and volume > $surge * sma(volume, 20) and minutes_to_close > 60',
      'short_entry', 'session_minutes > $range and crosses_below(close, opening_low($range)) '
                     'and volume > $surge * sma(volume, 20) and minutes_to_close > 60',
      'sizing', jsonb '{"method": "fixed_fractional", "risk_percent": 0.5}',
      'exits', jsonb '[{"type": "stop", "distance": "opening_high($range) - opening_low($range)"},
                       {"type": "take_profit", "at_r": 2, "portion_percent": 50},
                       {"type": "session_end", "minutes": 10}]',
      'params', jsonb '{"range": 30, "surge": 1.5}')),
    ('vwap_reversion', 'mean_reversion', '5 minutes', jsonb_build_object(
      'entry', 'close < vwap() - $width * stdev(close - vwap(), 20) and rsi(close, 14) < 30 '
               'and session_minutes > 30 and minutes_to_close > 45',
      'exit', 'close >= vwap()',
      'short_entry', 'close > vwap() + $width * stdev(close - vwap(), 20) and rsi(close, 14) > 70 '
                     'and session_minutes > 30 and minutes_to_close > 45',
      'short_exit', 'close <= vwap()',
      'sizing', jsonb '{"method": "fixed_fractional", "risk_percent": 0.5}',
      'exits', jsonb '[{"type": "atr_stop", "multiple": 2, "period": 14}, {"type": "time_stop", "bars": 24},
                       {"type": "session_end", "minutes": 10}]',
      'params', jsonb '{"width": 2}'))) AS n (name, type, timeframe, parameters)
  JOIN strategy.strategies AS s ON s.owner IS NULL AND s.name = n.name AND s.type = n.type::strategy.strategy_type
 WHERE NOT EXISTS (SELECT FROM strategy.strategy_versions AS v WHERE v.strategy_id = s.strategy_id)
 ORDER BY s.strategy_id;

-- Each indicator as a window function over the golden bars equals TA-Lib.
SELECT bool_and(same(ta_wma, wma20)) AS wma, bool_and(same(ta_dema, dema20)) AS dema, bool_and(same(ta_tema, tema20)) AS tema,
       bool_and(same(ta_kama, kama30)) AS kama, bool_and(same(ta_trix, trix15)) AS trix, bool_and(same(ta_roc, roc10)) AS roc,
       bool_and(same(ta_mom, mom10)) AS mom, bool_and(same(ta_stdev, stddev20)) AS stdev,
       bool_and(same(ta_slope, linearreg_slope14)) AS linreg_slope
  FROM (SELECT *, ta.wma(close, 20) OVER w AS ta_wma, ta.dema(close, 20) OVER w AS ta_dema,
               ta.tema(close, 20) OVER w AS ta_tema, ta.kama(close, 30) OVER w AS ta_kama,
               ta.trix(close, 15) OVER w AS ta_trix, ta.roc(close, 10) OVER w AS ta_roc,
               ta.mom(close, 10) OVER w AS ta_mom, ta.stdev(close, 20) OVER w AS ta_stdev,
               ta.linreg_slope(close, 14) OVER w AS ta_slope
          FROM golden WINDOW w AS (ORDER BY i)) AS results;
SELECT bool_and(same(ta_natr, natr14)) AS natr, bool_and(same(ta_adx, adx14)) AS adx,
       bool_and(same(ta_plus_di, plus_di14)) AS plus_di, bool_and(same(ta_minus_di, minus_di14)) AS minus_di,
       bool_and(same(ta_cci, cci20)) AS cci, bool_and(same(ta_willr, willr14)) AS willr,
       bool_and(same(ta_ultosc, ultosc7_14_28)) AS ultosc, bool_and(same(ta_sar, golden_sar)) AS sar,
       bool_and(same(ta_obv, golden_obv)) AS obv, bool_and(same(ta_mfi, mfi14)) AS mfi
  FROM (SELECT *, sar AS golden_sar, obv AS golden_obv, ta.natr(high, low, close, 14) OVER w AS ta_natr,
               ta.adx(high, low, close, 14) OVER w AS ta_adx, ta.plus_di(high, low, close, 14) OVER w AS ta_plus_di,
               ta.minus_di(high, low, close, 14) OVER w AS ta_minus_di, ta.cci(high, low, close, 20) OVER w AS ta_cci,
               ta.willr(high, low, close, 14) OVER w AS ta_willr, ta.ultosc(high, low, close, 7, 14, 28) OVER w AS ta_ultosc,
               ta.sar(high, low, 0.02, 0.2) OVER w AS ta_sar, ta.obv(close, volume) OVER w AS ta_obv,
               ta.mfi(high, low, close, volume, 14) OVER w AS ta_mfi
          FROM golden WINDOW w AS (ORDER BY i)) AS results;
SELECT bool_and(same((m).macd, macd)) AS macd, bool_and(same((m).signal, macd_signal)) AS signal,
       bool_and(same((m).histogram, macd_hist)) AS histogram,
       bool_and(same((s).k, stoch_slowk)) AS stoch_k, bool_and(same((s).d, stoch_slowd)) AS stoch_d,
       bool_and(same((r).k, stochrsi_fastk)) AS stochrsi_k, bool_and(same((r).d, stochrsi_fastd)) AS stochrsi_d,
       bool_and(same((a).up, aroon_up14)) AS aroon_up, bool_and(same((a).down, aroon_down14)) AS aroon_down
  FROM (SELECT *, ta.macd(close, 12, 26, 9) OVER w AS m, ta.stoch(high, low, close, 14, 3, 3) OVER w AS s,
               ta.stochrsi(close, 14, 5, 3) OVER w AS r, ta.aroon(high, low, 14) OVER w AS a
          FROM golden WINDOW w AS (ORDER BY i)) AS results;

-- Those without a golden column, by their parts.
SELECT bool_and(same(z, (close - avg) / stdev)) AS zscore, bool_and(same((d).upper, high20)) AS donchian_upper,
       bool_and(same((d).lower, low20)) AS donchian_lower, bool_and(same((d).middle, (high20 + low20) / 2)) AS donchian_middle,
       bool_and(same((k).middle, ema20)) AS keltner_middle, bool_and(same((k).upper, ema20 + 2 * atr14)) AS keltner_upper,
       bool_and(same((k).lower, ema20 - 2 * atr14)) AS keltner_lower, bool_and(same(vwap, turnover / volumes)) AS vwap,
       bool_and(same(surge, volume / avg_volume)) AS volume_surge, bool_and(same(correlation, corr)) AS correlation,
       bool_and((f).k IS NOT DISTINCT FROM (CASE WHEN (f).d IS NOT NULL THEN (close - low14) / ((high14 - low14) / 100) END))
         AS stochf
  FROM (SELECT *, ta.zscore(close, 20) OVER w AS z, ta.donchian(high, low, 20) OVER w AS d,
               ta.keltner(high, low, close, 20, 14, 2) OVER w AS k, ta.vwap(close, volume) OVER w AS vwap,
               ta.volume_surge(volume, 10) OVER w AS surge, ta.correlation(close, volume, 20) OVER w AS correlation,
               ta.stochf(high, low, close, 14, 3) OVER w AS f, ta.sma(close, 20) OVER w AS avg,
               ta.stdev(close, 20) OVER w AS stdev,
               CASE WHEN i >= 19 THEN max(high) OVER w20 END AS high20,
               CASE WHEN i >= 19 THEN min(low) OVER w20 END AS low20, max(high) OVER w14 AS high14, min(low) OVER w14 AS low14,
               sum(close * volume) OVER w AS turnover, sum(volume) OVER w AS volumes,
               CASE WHEN i >= 10 THEN avg(volume) OVER (ORDER BY i ROWS BETWEEN 10 PRECEDING AND 1 PRECEDING) END AS avg_volume,
               CASE WHEN i >= 19 THEN corr(close, volume) OVER w20 END AS corr
          FROM golden
        WINDOW w AS (ORDER BY i), w20 AS (ORDER BY i ROWS 19 PRECEDING), w14 AS (ORDER BY i ROWS 13 PRECEDING)) AS results;
SELECT i, round(((s).line)::numeric, 6) AS line, (s).direction
  FROM (SELECT i, ta.supertrend(high, low, close, 3, 1) OVER (ORDER BY i) AS s FROM golden) AS t WHERE i < 10 ORDER BY i;

-- Candlestick patterns.
SELECT i, ta.doji(o, h, l, c) OVER w, ta.hammer(o, h, l, c) OVER w, ta.engulfing(o, h, l, c) OVER w,
       ta.morning_star(o, h, l, c) OVER w, ta.evening_star(o, h, l, c) OVER w
  FROM (VALUES (1, 110, 111, 99, 100), (2, 98, 99, 96, 97), (3, 98, 107, 97, 106), (4, 105, 106, 96, 105.1),
               (5, 110, 110.5, 100, 109), (6, 109, 120, 108, 119), (7, 121, 122, 120, 122), (8, 122, 123, 111, 112)) AS t (i, o, h, l, c)
WINDOW w AS (ORDER BY i);

-- The latest value of each group, in one pass; the same as the last of the window.
SELECT symbol, round(ta.rsi(close, 14 ORDER BY i)::numeric, 6) AS rsi,
       round((ta.macd(close, 12, 26, 9 ORDER BY i)).histogram::numeric, 6) AS histogram,
       (ta.bbands(close, 20, 2 ORDER BY i)) IS NOT NULL AS bands
  FROM (SELECT i % 2 AS symbol, i, close FROM golden) AS t GROUP BY symbol ORDER BY symbol;

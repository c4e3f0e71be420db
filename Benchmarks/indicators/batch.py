"""Batch kernels against TA-Lib's C, 10 million values each, in one process over the same arrays, runs interleaved.

Usage: batch.py LIBRARY [INDICATOR...]; LIBRARY is made by indicators.sh. Needs numpy and the TA-Lib wheel (its C library
is called directly, without its Python part)."""
import ctypes
import glob
import os
import statistics
import sys
import time

try:
    import numpy
    import talib
except ImportError as error:
    print(f"skipped: bench of indicators against TA-Lib ({error})")
    sys.exit()

COUNT = int(os.environ.get("BENCH_VALUES", 10_000_000))
RUNS = 5
DOUBLES = ctypes.POINTER(ctypes.c_double)
# kind (IndicatorKind), parameters, TA-Lib's function, inputs, TA-Lib's options, results
CASES = {
    "sma": (0, [20], "SMA", "c", [20], 1),
    "ema": (1, [20], "EMA", "c", [20], 1),
    "wma": (2, [20], "WMA", "c", [20], 1),
    "dema": (3, [20], "DEMA", "c", [20], 1),
    "tema": (4, [20], "TEMA", "c", [20], 1),
    "kama": (5, [30], "KAMA", "c", [30], 1),
    "trix": (6, [15], "TRIX", "c", [15], 1),
    "rsi": (7, [14], "RSI", "c", [14], 1),
    "roc": (8, [10], "ROC", "c", [10], 1),
    "mom": (9, [10], "MOM", "c", [10], 1),
    "stdev": (10, [20], "STDDEV", "c", [20, 1.0], 1),
    "linreg_slope": (11, [14], "LINEARREG_SLOPE", "c", [14], 1),
    "macd": (13, [12, 26, 9], "MACD", "c", [12, 26, 9], 3),
    "bbands": (14, [20, 2], "BBANDS", "c", [20, 2.0, 2.0, 0], 3),
    "stochrsi": (15, [14, 5, 3], "STOCHRSI", "c", [14, 5, 3, 0], 2),
    "atr": (16, [14], "ATR", "hlc", [14], 1),
    "natr": (17, [14], "NATR", "hlc", [14], 1),
    "adx": (18, [14], "ADX", "hlc", [14], 1),
    "plus_di": (19, [14], "PLUS_DI", "hlc", [14], 1),
    "minus_di": (20, [14], "MINUS_DI", "hlc", [14], 1),
    "cci": (21, [20], "CCI", "hlc", [20], 1),
    "willr": (22, [14], "WILLR", "hlc", [14], 1),
    "stoch": (23, [14, 3, 3], "STOCH", "hlc", [14, 3, 0, 3, 0], 2),
    "stochf": (24, [14, 3], "STOCHF", "hlc", [14, 3, 0], 2),
    "ultosc": (25, [7, 14, 28], "ULTOSC", "hlc", [7, 14, 28], 1),
    "aroon": (28, [14], "AROON", "hl", [14], 2),
    "sar": (29, [0.02, 0.2], "SAR", "hl", [0.02, 0.2], 1),
    "obv": (31, [], "OBV", "cv", [], 1),
    "mfi": (33, [14], "MFI", "hlcv", [14], 1),
    "correlation": (34, [20], "CORREL", "cv", [20], 1),
}


def pointer(array):
    return array.ctypes.data_as(DOUBLES)


def clock(call):
    # Processor time: what others do on the machine disturbs it less than the clock.
    begin = time.thread_time()
    call()
    return (time.thread_time() - begin) / COUNT * 1e9


def main():
    ours = ctypes.CDLL(sys.argv[1])
    library = glob.glob(os.path.join(os.path.dirname(talib.__file__), "..", "ta_lib.libs", "*.so*"))
    theirs = ctypes.CDLL(library[0])
    theirs.TA_Initialize()
    random = numpy.random.default_rng(1)
    close = numpy.round(100 * numpy.exp(numpy.cumsum(random.normal(0, 1e-4, COUNT))), 4)
    data = {
        "c": close,
        "h": close + random.random(COUNT) * 0.1,
        "l": close - random.random(COUNT) * 0.1,
        "v": numpy.floor(random.random(COUNT) * 1e4),
    }
    outputs = [numpy.zeros(COUNT) for _ in range(3)]
    columns = (DOUBLES * 3)(*map(pointer, outputs))
    begin, size = ctypes.c_int(), ctypes.c_int()
    unknown = [name for name in sys.argv[2:] if name not in CASES]
    if unknown:
        print(f"no measurement is called {', '.join(unknown)}; indicators are {', '.join(CASES)}", file=sys.stderr)
        sys.exit(2)
    for name in sys.argv[2:] or CASES:
        kind, parameters, function, inputs, options, results = CASES[name]
        numbers = (ctypes.c_double * 3)(*parameters)
        rows = (DOUBLES * 4)(*(pointer(data[i]) for i in (inputs + inputs[0] * 4)[:4]))
        arguments = [0, COUNT - 1, *(pointer(data[i]) for i in inputs)]
        arguments += [ctypes.c_double(o) if isinstance(o, float) else ctypes.c_int(o) for o in options]
        arguments += [ctypes.byref(begin), ctypes.byref(size), *map(pointer, outputs[:results])]
        call = getattr(theirs, f"TA_{function}")
        measured = {"ours": [], "theirs": []}
        for _ in range(RUNS):
            measured["theirs"].append(clock(lambda: call(*arguments)))
            measured["ours"].append(clock(lambda: ours.batch(kind, numbers, rows, columns, ctypes.c_long(COUNT))))
        value, reference = statistics.median(measured["ours"]), statistics.median(measured["theirs"])
        ratio = reference / value
        print(f"bench {name}: {value:.2f} ns/value, ratio {ratio:.2f} of TA-Lib's speed (aim 1.00)", flush=True)


main()

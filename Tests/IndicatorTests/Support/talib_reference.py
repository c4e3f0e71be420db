"""Reads bars as raw doubles (open, high, low, close, volume; one column after the other) from standard input and writes
TA-Lib's results for each request of the command line to standard output in the same form.
A request is FUNCTION:INPUTS:OPTIONS, for example MACD:c:12,26,9. Exits with 3 when TA-Lib cannot be imported."""
import sys

try:
    import numpy
    import talib
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

if "--version" in sys.argv:
    print(talib.__version__)
    sys.exit()

bars = numpy.frombuffer(sys.stdin.buffer.read()).reshape(5, -1)
columns = {name: numpy.ascontiguousarray(bars[i]) for i, name in enumerate("ohlcv")}
for request in sys.argv[1:]:
    function, inputs, options = request.split(":")
    numbers = [float(n) if "." in n else int(n) for n in options.split(",") if n]
    results = getattr(talib, function)(*(columns[name] for name in inputs), *numbers)
    for result in results if isinstance(results, tuple) else (results,):
        sys.stdout.buffer.write(result.tobytes())

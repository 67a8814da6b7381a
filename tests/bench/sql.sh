#!/bin/bash
# weir sql on the embedded cloud: the fixed cost of one query, and a result of 1 000 000 rows as it streams out; peak memory of the client.
set -e
weir pipeline lake --bucket lake-bench >/dev/null
cat >"$HOME/time.py" <<'EOF'
import resource, subprocess, sys, time
runs, name = int(sys.argv[1]), sys.argv[2]
best = None
for _ in range(runs):
    started = time.monotonic()
    done = subprocess.run(sys.argv[3:], stdout=subprocess.PIPE if runs > 1 else open('/dev/null', 'wb'), check=True)
    took = time.monotonic() - started
    best = took if best is None else min(best, took)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"bench {name} {best * 1000:.0f} ms, the best of {runs}")
print(f"bench {name}-peak {peak:.0f} MiB of the client")
EOF
big="select x * 1000 + y as n, 'some text that makes the row longer' as words from unnest(sequence(1, 1000)) a(x) cross join unnest(sequence(1, 1000)) b(y)"
python3 "$HOME/time.py" 10 sql-one-row weir sql -b lake-bench --format csv -c "select 1"
python3 "$HOME/time.py" 3 sql-million-rows-csv sh -c "weir sql -b lake-bench --format csv -c \"$big\" >/dev/null"
python3 "$HOME/time.py" 3 sql-million-rows-table sh -c "weir sql -b lake-bench -c \"$big\" >/dev/null"

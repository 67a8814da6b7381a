#!/bin/bash
# The architecture as a test: includes point one way, each foreign header has its home files, each table file has its row.
cd "$(dirname "$0")/.." || exit 1
fail=0
check() { # name, offending lines
    if [ -n "$2" ]; then echo "not ok $1"; echo "$2"; fail=1; else echo "ok $1"; fi
}
# folder -> folders of the project that it may include
may() {
    case "$1" in
    backend/base) echo 'backend/base' ;;
    backend/core) echo 'backend/base|backend/core' ;;
    backend/aws | backend/confluent | backend/ml | backend/sql) echo "backend/base|backend/core|$1" ;;
    backend/domain) echo 'backend/(base|core|aws|confluent|ml|sql|domain)' ;;
    backend/pipeline*) echo 'backend/(base|core|aws|confluent|ml|pipeline)' ;;
    backend/local) echo 'backend/(base|ml|sql|local)|backend/core/(sigv[24]|localfiles)' ;;
    tui/widget) echo 'backend/base|tui/(canvas|theme|event|action|keymap|widget)' ;;
    tui/cli) echo 'backend|tui/(cli|action|keymap|theme|shipped|screen|app|input|event)' ;;
    tui | tui/pane | tui/overlay) echo 'backend/(base|core|aws|domain|pipeline|sql|ml)|tui' ;;
    esac
}
bad=""
for dir in backend/*/ backend/*/*/ tui/ tui/*/; do
    dir=${dir%/}
    [ -d "$dir" ] || continue
    rule=$(may "$dir")
    [ -n "$rule" ] || { ls "$dir"/*.c >/dev/null 2>&1 && bad="$bad$dir has no rule in tests/layers.sh"$'\n'; continue; }
    lines=$(grep -nHE '^#include "(backend|tui)/' "$dir"/*.[ch] 2>/dev/null | grep -vE "#include \"($rule)")
    [ -z "$lines" ] || bad="$bad$lines"$'\n'
done
check "includes point one way" "$bad"
# local/ never sees the client's codec
check "the embedded cloud does not include the client" "$(grep -nHE '#include "backend/(aws|domain|core/(http|creds|config))' backend/local/*.[ch] 2>/dev/null)"
home() { # header pattern, allowed files (regex)
    check "home of $1" "$(grep -rnHE "^#include <($1)" backend tui --include='*.[ch]' | grep -vE "^($2):")"
}
home 'curses|ncurses|term\.h' 'tui/screen(_[a-z]+)?\.c'
home 'curl/' 'backend/core/http(_easy)?\.[ch]'
home 'jansson' 'backend/base/json\.[ch]'
home 'expat' 'backend/base/xml\.c'
home 'microhttpd' 'backend/local/server\.c'
home 'sqlite3' 'backend/base/db\.c'
home 'ini\.h' 'backend/base/ini\.c'
home 'readline/' 'tui/overlay/prompt\.c|tui/cli/(sql_shell|readline)\.c'
home 'openssl/' 'backend/base/digest\.c'
home 'duckdb' 'backend/sql/duck_api\.h'
home 'pcre2' 'backend/sql/sqlfn_regex\.c'
home 'zlib' 'backend/base/gzip(_pack)?\.c'
# one new thing = one file and one row: `#define MACRO(X) X(name) ...` in the header, NAME.c in the folder (NAME_part.c belongs to NAME)
row() { # header, macro, folder, file prefix
    rows=$(awk -v macro="#define $2(X)" 'index($0, macro) {on = 1} on {print} on && !/\\$/ {exit}' "$1" | grep -oE '\bX\([a-z0-9_]+' | cut -c3- | sort)
    files=$(ls "$3/$4"*.c 2>/dev/null | xargs -rn1 basename | sed -e "s/^$4//" -e 's/\.c$//' | sort)
    [ -n "$files" ] || return 0 # nothing of it is built
    check "$1 $2: each row has its file" "$(for r in $rows; do grep -qx "$r" <<<"$files" || echo "$r"; done)"
    check "$1 $2: each file has its row" "$(for f in $files; do grep -qx -e "$f" -e "${f%%_*}" <<<"$rows" || echo "$f"; done)"
}
row tui/pane.h PANES tui/pane ''
row backend/core/creds.h CREDS_SOURCES backend/core creds_
exit $fail

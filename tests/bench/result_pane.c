/* A result of 1.16 M rows in the Query pane of a terminal of 160x48, from the key that runs the statement: what the
 * terminal sees after keys in the grid, and the program's memory. The query runs on the embedded cloud that
 * tests/bench/run provides. */
#include "tests/lib/vt.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEYS = 200 };
static const char statement[] =
    "SELECT a*1000+b AS id, (a*7919+b*104729)%206209 AS customer, cast((a*31+b*17)%90000 as decimal(10,2))/100 AS "
    "price, "
    "date_add('second', a*1000+b, timestamp '2024-01-01 00:00:00') AS at, if(b%10=0,null,'as ordered') AS note "
    "FROM UNNEST(sequence(0,1159)) t(a) CROSS JOIN UNNEST(sequence(0,999)) u(b)";

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void tell(const char *what, double value, const char *unit)
{
    printf("bench result.pane.%s %.3g %s\n", what, value, unit);
    fflush(stdout);
}

/* To the end of the frame that follows each of the keys, which are pressed in turn. */
static bool keys(struct vt *vt, const char *what, const char *const names[2])
{
    static double times[KEYS];
    char name[64];
    for (int i = 0; i < KEYS; i++) {
        double start = now_ms();
        vt_key(vt, names[i % 2]);
        if (!vt_wait_frames(vt, 1))
            return false;
        times[i] = now_ms() - start;
    }
    qsort(times, KEYS, sizeof *times, compare);
    snprintf(name, sizeof name, "%s.p50", what);
    tell(name, times[KEYS / 2], "ms");
    snprintf(name, sizeof name, "%s.p99", what);
    tell(name, times[KEYS * 99 / 100], "ms");
    return true;
}

static bool wait_text(struct vt *vt, const char *what, const char *key, const char *text)
{
    double start = now_ms();
    vt_type(vt, key);
    if (!vt_wait(vt, text))
        return false;
    tell(what, now_ms() - start, "ms");
    return true;
}

static double peak_mib(int pid)
{
    char path[64], line[256];
    double kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *status = fopen(path, "re");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = atof(line + 6);
    if (status)
        fclose(status);
    return kib / 1024;
}

static bool measure(struct vt *vt)
{
    bool ok = vt_wait(vt, "ln 1 col 1");
    vt_type(vt, statement);
    ok = ok && vt_wait(vt, "u(b)");
    vt_key(vt, "F5");
    ok = ok && vt_wait(vt, "1 160 000 rows");
    vt_key(vt, "F6");
    ok = ok && wait_text(vt, "end", "G", "1159999") && wait_text(vt, "first", "gg", "00:00:01.000");
    ok = ok && keys(vt, "key_row", (const char *const[]){"Down", "Up"}) &&
         keys(vt, "key_page", (const char *const[]){"PgDn", "PgDn"});
    vt_type(vt, "ggll");
    ok = ok && wait_text(vt, "sort.done", "S", "529.12"); /* the largest price first */
    if (ok)
        tell("peak_rss", peak_mib(vt_pid(vt)), "MiB");
    return ok;
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    if (system("weir pipeline lake --bucket bench >/dev/null 2>&1") != 0) {
        printf("skip result.pane (no embedded cloud)\n");
        return 0;
    }
    const char *const argv[] = {"weir", "--view=query", "--bucket", "bench", NULL};
    struct vt *vt = vt_start(&(struct vt_options){.rows = 48, .cols = 160, .argv = argv});
    bool ok = measure(vt);
    vt_end(vt);
    return ok ? 0 : 1;
}

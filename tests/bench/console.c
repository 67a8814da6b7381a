/* The console's budgets (design: first frame 20 ms without network, key to paint p50 1 ms and p99 10 ms also while the
 * backend hangs, 500 bytes per cursor key, nothing written and one wake-up a second when idle, 12 MiB, quit 20 ms), as
 * a user's terminal sees them: a pseudo terminal of 160x48, time from write() of the key to the end of the frame (mode
 * 2026). The backend is the embedded cloud that tests/bench/run provides, then the same one stopped by SIGSTOP. */
#include "tests/lib/console.h"
#include "backend/base/buf.h"
#include "backend/base/path.h"
#include "backend/core/localctl.h"
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STARTS = 21, KEYS = 400, IDLE_MS = 10000, SETTLE_MS = 1500 };

static long long status_field(const char *path, const char *name)
{
    struct buf text = BUF_INIT(64 * 1024);
    const char *line = path_read(path, &text, NULL) ? strstr(buf_text(&text), name) : NULL;
    long long number = line ? strtoll(line + strlen(name), NULL, 10) : 0;
    buf_done(&text);
    return number;
}

static long long count_wakeups(pid_t pid)
{
    char path[300];
    long long total = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    for (struct dirent *task; tasks && (task = readdir(tasks)) != NULL;) {
        snprintf(path, sizeof path, "/proc/%d/task/%.200s/status", (int)pid, task->d_name);
        if (task->d_name[0] != '.')
            total += status_field(path, "\nvoluntary_ctxt_switches:");
    }
    if (tasks)
        closedir(tasks);
    return total;
}

static bool measure_starts(void)
{
    double first[STARTS], shown[STARTS], quits[STARTS];
    for (int i = 0; i < STARTS; i++) {
        struct console console;
        double before = console_now_ms();
        console_start(&console, "bench");
        bool ok = console_read_until(&console, "\033[?2026l", CONSOLE_WAIT_MS);
        first[i] = console_now_ms() - before;
        ok = ok && console_read_until(&console, "raw/", CONSOLE_WAIT_MS);
        shown[i] = console_now_ms() - before;
        quits[i] = console_quit(&console);
        if (!ok || quits[i] < 0)
            return false;
    }
    printf("bench console.first_frame.median %.1f ms\n", console_percentile(first, STARTS, 0.5));
    printf("bench console.first_frame.max %.1f ms\n", console_percentile(first, STARTS, 1));
    printf("bench console.lake_shown.median %.1f ms\n", console_percentile(shown, STARTS, 0.5));
    printf("bench console.quit.median %.1f ms\n", console_percentile(quits, STARTS, 0.5));
    printf("bench console.quit.max %.1f ms\n", console_percentile(quits, STARTS, 1));
    return true;
}

static bool measure_keys(struct console *console, const char *name)
{
    double times[KEYS], bytes[KEYS];
    for (int i = 0; i < KEYS; i++) {
        times[i] = console_type(console, i % 2 ? "k" : "j");
        bytes[i] = (double)console->seen.len;
        if (times[i] < 0)
            return false;
    }
    printf("bench console.%s.p50 %.2f ms\n", name, console_percentile(times, KEYS, 0.5));
    printf("bench console.%s.p99 %.2f ms\n", name, console_percentile(times, KEYS, 0.99));
    printf("bench console.%s.bytes.p50 %.0f bytes\n", name, console_percentile(bytes, KEYS, 0.5));
    return true;
}

static void measure_idle(struct console *console)
{
    char path[64];
    long long running = count_wakeups(console->pid);
    console_read_until(console, NULL, IDLE_MS);
    printf("bench console.feeds.wakeups %.1f 1/s\n", (double)(count_wakeups(console->pid) - running) * 1000 / IDLE_MS);
    console_type(console,
                 "="); /* nothing is fetched, and an empty lake has no ages that count seconds: nothing changes */
    console_read_until(console, NULL, SETTLE_MS);
    console_type(console, "j");
    console_read_until(console, NULL, SETTLE_MS);
    buf_clear(&console->seen);
    long long before = count_wakeups(console->pid);
    console_read_until(console, NULL, IDLE_MS);
    printf("bench console.idle.bytes %.1f bytes/s\n", (double)console->seen.len * 1000 / IDLE_MS);
    printf("bench console.idle.wakeups %.1f 1/s\n", (double)(count_wakeups(console->pid) - before) * 1000 / IDLE_MS);
    snprintf(path, sizeof path, "/proc/%d/status", (int)console->pid);
    printf("bench console.rss %.1f MiB\n", (double)status_field(path, "\nVmRSS:") / 1024);
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)console->pid);
    printf("bench console.pss %.1f MiB\n", (double)status_field(path, "\nPss:") / 1024);
}

static bool make_lake(void)
{
    return system(
               "weir pipeline lake --bucket bench >/dev/null && weir pipeline lake --bucket empty >/dev/null && mkdir "
               "-p \"$HOME/bench\" && cd \"$HOME/bench\" && "
               "for i in 0 1 2 3 4 5 6 7 8 9; do for z in raw curated; do mkdir -p $z; echo $i >$z/$i; done; done && "
               "weir cp -r raw s3://bench/raw/ >/dev/null 2>&1 && weir cp -r curated s3://bench/curated/ >/dev/null "
               "2>&1") == 0;
}

int main(void)
{
    struct localctl_info cloud;
    struct err err = ERR_NONE;
    struct console console;
    if (!make_lake() || !localctl_find(NULL, &cloud, &err)) {
        fprintf(stderr, "no lake to look at: %s\n", err.text);
        return 1;
    }
    if (!measure_starts())
        return 1;
    console_start(&console, "bench");
    bool ok = console_read_until(&console, "raw/", CONSOLE_WAIT_MS);
    console_read_until(&console, NULL, SETTLE_MS);
    ok = ok && measure_keys(&console, "key");
    kill((pid_t)cloud.pid, SIGSTOP);
    console_type(&console, "r");
    ok = ok && measure_keys(&console, "key_while_hanging");
    double quit = console_quit(&console);
    kill((pid_t)cloud.pid, SIGCONT);
    printf("bench console.quit_while_hanging %.1f ms\n", quit);
    console_start(&console, "empty");
    ok = ok && quit >= 0 && console_read_until(&console, "\033[?2026l", CONSOLE_WAIT_MS);
    console_read_until(&console, NULL, SETTLE_MS);
    measure_idle(&console);
    return console_quit(&console) >= 0 && ok ? 0 : 1;
}

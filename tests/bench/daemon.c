/* The embedded cloud's daemon: from fork to ready (as a client starts it: detached, through core/localctl), resident
 * memory when idle, and how often its threads wake up in three idle seconds. The state directory is new for the first
 * start and kept for the others. */
#include "backend/base/clock.h"
#include "backend/base/path.h"
#include "backend/core/localctl.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STARTS = 41, IDLE_S = 3 };

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

/* The number after name in a /proc status file; 0 when it is not there. */
static long long status_field(const char *path, const char *name)
{
    struct buf text = BUF_INIT(64 * 1024);
    const char *line = path_read(path, &text, NULL) ? strstr(buf_text(&text), name) : NULL;
    long long number = line ? strtoll(line + strlen(name), NULL, 10) : 0;
    buf_done(&text);
    return number;
}

/* Voluntary context switches of all threads: a thread that sleeps on has none. */
static long long count_wakeups(long long pid)
{
    char path[300];
    long long total = 0;
    snprintf(path, sizeof path, "/proc/%lld/task", pid);
    DIR *tasks = opendir(path);
    for (struct dirent *task; tasks && (task = readdir(tasks)) != NULL;) {
        snprintf(path, sizeof path, "/proc/%lld/task/%.200s/status", pid, task->d_name);
        if (task->d_name[0] != '.')
            total += status_field(path, "\nvoluntary_ctxt_switches:");
    }
    if (tasks)
        closedir(tasks);
    return total;
}

int main(void)
{
    char dir[] = "/tmp/weir-bench-XXXXXX", program[4096], path[64];
    const char *build = getenv("BUILD");
    double ready[STARTS];
    struct localctl_info info;
    struct err err = ERR_NONE;
    snprintf(program, sizeof program, "%s/weir-local", build && *build ? build : "build");
    struct localctl_options options = {.dir = mkdtemp(dir), .program = program, .is_explicit = true};
    for (int i = 0; i < STARTS; i++) {
        double before = now_ms();
        if (!localctl_start(&options, &info, &err)) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
        ready[i] = now_ms() - before;
        localctl_release(&info);
        if (i < STARTS - 1 && !localctl_stop(dir, &err))
            return 1;
    }
    printf("bench daemon_first_start %.1f ms\n", ready[0]);
    qsort(ready, STARTS, sizeof *ready, compare);
    printf("bench daemon_ready_median %.1f ms\nbench daemon_ready_max %.1f ms\n", ready[STARTS / 2], ready[STARTS - 1]);
    snprintf(path, sizeof path, "/proc/%lld/status", (long long)info.pid);
    struct timespec settle = {.tv_nsec = 200000000}, idle = {.tv_sec = IDLE_S};
    nanosleep(&settle, NULL); /* it still closes our connection */
    long long before = count_wakeups(info.pid);
    nanosleep(&idle, NULL);
    printf("bench daemon_idle_wakeups %lld in %d s\n", count_wakeups(info.pid) - before, IDLE_S);
    printf("bench daemon_idle_rss %.1f MiB\n", (double)status_field(path, "VmRSS:") / 1024);
    localctl_stop(dir, &err);
    path_remove_tree(dir, NULL);
    return 0;
}

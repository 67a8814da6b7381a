/* Others' viewers on the files of tests/bench/result.c (run first), in a terminal of 160x48: first rows on the screen,
 * the last row after the key that goes there, a filter where they have one, peak RSS. visidata is looked for in
 * build/bench/visidata (a venv: pip install visidata), csvlens in build/bench/csvlens (cargo install --root), then on
 * PATH. A step of more than 20 s is given up. */
#include "tests/lib/vt.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 100 };
struct viewer {
    const char *name, *program, *inside; /* inside: below the build directory's bench */
    const char *arguments[3];
    const char *end_keys, *filter_keys, *quit_keys;
};
static const struct viewer viewers[] = {
    {.name = "less",
     .program = "less",
     .arguments = {"-S"},
     .end_keys = "G",
     .filter_keys = "&late\r",
     .quit_keys = "q"},
    {.name = "csvlens",
     .program = "csvlens",
     .inside = "csvlens/bin/csvlens",
     .end_keys = "G",
     .filter_keys = "&late\r",
     .quit_keys = "q"},
    {.name = "visidata", .program = "vd", .inside = "visidata/bin/vd", .end_keys = "gj", .quit_keys = "gq"},
};
static const struct {
    const char *name, *last;
} files[] = {{"1m", "1159999"}, {"10m", "9999999"}};

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static void tell(const char *file, const char *what, const char *viewer, double value, const char *unit)
{
    printf("bench result.%s.%s.%s %.3g %s\n", file, what, viewer, value, unit);
    fflush(stdout);
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

/* One that loads in the background knows its end late: asked again until it shows the last row. */
static bool go_to_end(struct vt *vt, const struct viewer *viewer, const char *last)
{
    double until = now_ms() + 20000;
    for (int tries = 0; tries < TRIES && now_ms() < until; tries++) {
        vt_type(vt, viewer->end_keys);
        double step = now_ms() + (tries < 5 ? 100 : 400);
        while (now_ms() < step)
            if (vt_shows(vt, last))
                return true;
    }
    return false;
}

static void measure(const struct viewer *viewer, const char *program, const char *file, const char *path,
                    const char *last)
{
    const char *argv[6] = {program};
    int count = 1;
    for (int i = 0; i < 3 && viewer->arguments[i]; i++)
        argv[count++] = viewer->arguments[i];
    argv[count] = path;
    double start = now_ms();
    struct vt *vt = vt_start(&(struct vt_options){.rows = 48, .cols = 160, .argv = argv});
    bool ok = vt_wait(vt, "2024-");
    if (ok)
        tell(file, "first_rows", viewer->name, now_ms() - start, "ms");
    start = now_ms();
    if (ok && go_to_end(vt, viewer, last))
        tell(file, "end", viewer->name, now_ms() - start, "ms");
    else
        printf("skip result.%s.end.%s (more than 20 s)\n", file, viewer->name);
    start = now_ms();
    vt_type(vt, "g");
    if (ok && viewer->filter_keys) {
        vt_type(vt, viewer->filter_keys);
        if (vt_wait(vt, "said")) /* beside it, for the word itself is on the screen as it is typed */
            tell(file, "filter_text.first_rows", viewer->name, now_ms() - start, "ms");
    }
    tell(file, "peak_rss", viewer->name, peak_mib(vt_pid(vt)), "MiB");
    vt_end(vt);
}

int main(void)
{
    const char *build = getenv("BUILD");
    setlocale(LC_ALL, "C.UTF-8");
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        char path[300];
        snprintf(path, sizeof path, "%s/bench/result-%s.csv", build ? build : "build", files[f].name);
        for (size_t i = 0; i < sizeof viewers / sizeof *viewers; i++) {
            char inside[300], find[300];
            const struct viewer *viewer = &viewers[i];
            snprintf(inside, sizeof inside, "%s/bench/%s", build ? build : "build",
                     viewer->inside ? viewer->inside : "-");
            snprintf(find, sizeof find, "command -v %s >/dev/null", viewer->program);
            bool is_inside = access(inside, X_OK) == 0;
            if (access(path, R_OK) != 0)
                printf("skip result.%s.%s (tests/bench/run result makes the file)\n", files[f].name, viewer->name);
            else if (is_inside || system(find) == 0)
                measure(viewer, is_inside ? inside : viewer->program, files[f].name, path, files[f].last);
            else
                printf("skip result.%s.%s (not installed)\n", files[f].name, viewer->name);
        }
    }
    return 0;
}

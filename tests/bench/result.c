/* Results of any size: open, jump to the end, filter, sort, find and summarise a result of 1.16 M rows (100 MB) and one
 * of 10 M rows; one of 5 000 columns and one of cells of 1 MiB (100 MB each) for what they take of memory; as the grid
 * of a pane does it, without the terminal. Each file in a process of its own, whose peak RSS is told. The files are
 * made once, under the build directory. key: from an action of the grid to the drawing that has all its rows. */
#include "backend/base/buf.h"
#include "tui/grid_result.h"
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 48, COLS = 160, JUMPS = 300, STEPS = 300 };

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

static double percentile(double *values, int count, double share)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[(int)((count - 1) * share)];
}

/* ---- the file: orders with an id, a customer, a price, a moment, a city, a note; 86 bytes a row */
static const struct result_column columns[] = {{"order_id", "bigint"},     {"customer", "integer"},
                                               {"price", "decimal(10,2)"}, {"ordered_at", "timestamp"},
                                               {"city", "varchar"},        {"note", "varchar"}};
static const char *const cities[] = {"Amsterdam", "Berlin",   "Cairo",  "Delhi",
                                     "Edinburgh", "Florence", "Geneva", "Hanoi"};

static void make_rows(FILE *out, uint32_t count)
{
    uint64_t random = 88172645463325252u; /* xorshift64 (Marsaglia 2003) */
    fputs("\"order_id\",\"customer\",\"price\",\"ordered_at\",\"city\",\"note\"\n", out);
    for (uint32_t i = 0; i < count; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        unsigned spread = (unsigned)(random >> 20);
        fprintf(out, "\"%u\",\"%u\",\"%u.%02u\",\"2024-%02u-%02u %02u:%02u:%02u.000\",\"%s\",", i, spread % 206209,
                spread % 900, (unsigned)(random >> 8) % 100, spread % 12 + 1, spread % 28 + 1, spread % 24, spread % 60,
                (unsigned)(random >> 50) % 60, cities[spread % 8]);
        fputs(spread % 10 == 0 ? "\n" : spread % 1000 == 1 ? "\"said \"\"late\"\"\"\n" : "\"as ordered\"\n", out);
    }
}

enum { WIDE_COLUMNS = 5000, WIDE_ROWS = 2000, CELL_BYTES = 1 << 20, CELL_ROWS = 100 };

static void make_wide(FILE *out, uint32_t count)
{
    for (uint32_t i = 0; i < WIDE_COLUMNS; i++)
        fprintf(out, "%s\"c%u\"", i ? "," : "", i);
    for (uint32_t row = 0; row < count; row++)
        for (uint32_t i = 0; i < WIDE_COLUMNS; i++)
            fprintf(out, "%s\"%u\"", i ? "," : "\n", row * 7919 + i * 31);
    fputc('\n', out);
}

static void make_cells(FILE *out, uint32_t count)
{
    static char cell[CELL_BYTES];
    fputs("\"id\",\"text\",\"after\"\n", out);
    for (uint32_t row = 0; row < count; row++) {
        memset(cell, 'a' + (int)(row % 26), sizeof cell);
        fprintf(out, "\"%u\",\"%.*s\",\"late\"\n", row, (int)sizeof cell, cell);
    }
}

static bool make_file(const char *path, void (*make)(FILE *out, uint32_t rows), uint32_t rows)
{
    char temporary[600];
    struct stat stat_of;
    if (stat(path, &stat_of) == 0)
        return true;
    snprintf(temporary, sizeof temporary, "%s.part", path);
    FILE *out = fopen(temporary, "we");
    if (!out)
        return false;
    make(out, rows);
    bool ok = !ferror(out);
    return fclose(out) == 0 && ok && rename(temporary, path) == 0;
}

/* ---- the pane */
struct pane {
    struct grid_result source;
    struct grid *grid;
    struct canvas *canvas;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    uint64_t changes, seen;
};

static void changed(void *context)
{
    struct pane *pane = context;
    pthread_mutex_lock(&pane->lock);
    pane->changes++;
    pthread_cond_signal(&pane->cond);
    pthread_mutex_unlock(&pane->lock);
}

static void wait_change(struct pane *pane)
{
    pthread_mutex_lock(&pane->lock);
    while (pane->changes == pane->seen)
        pthread_cond_wait(&pane->cond, &pane->lock);
    pane->seen = pane->changes;
    pthread_mutex_unlock(&pane->lock);
}

static double draw(struct pane *pane)
{
    struct rect all = {.rows = ROWS, .cols = COLS};
    double start = now_ms();
    canvas_fill(pane->canvas, all, ROLE_text);
    grid_draw(pane->grid, pane->canvas, all, true, false, 0, false);
    return now_ms() - start;
}

static bool has_rows(struct pane *pane)
{
    for (int row = 1; row < ROWS && row <= (int)grid_shown(pane->grid); row++) {
        const char *glyph = canvas_cell(pane->canvas, row, 1)->glyph;
        if (strcmp(glyph, "…") == 0)
            return false;
    }
    return grid_shown(pane->grid) > 0;
}

/* Draws until no row is missing. */
static void show(struct pane *pane)
{
    for (draw(pane); !has_rows(pane); draw(pane))
        wait_change(pane);
}

static struct result_status settle(struct pane *pane)
{
    struct result_status status;
    for (result_status(pane->source.result, &status); !status.is_complete || status.work != RESULT_IDLE;
         result_status(pane->source.result, &status))
        wait_change(pane);
    return status;
}

static void tell(const char *what, const char *which, double value, const char *unit)
{
    printf("bench result.%s.%s %.3g %s\n", which, what, value, unit);
    fflush(stdout);
}

static void keys(struct pane *pane, const char *which)
{
    static double jumps[JUMPS], steps[STEPS], drawn[STEPS];
    unsigned random = 1;
    for (int i = 0; i < JUMPS; i++) {
        random = random * 1664525 + 1013904223;
        double start = now_ms();
        grid_move(pane->grid, (size_t)((double)random / 4294967296.0 * (double)grid_shown(pane->grid)));
        show(pane);
        jumps[i] = now_ms() - start;
    }
    grid_move(pane->grid, 0);
    show(pane);
    for (int i = 0; i < STEPS; i++) {
        double start = now_ms();
        grid_act(pane->grid, ACTION_page_down);
        drawn[i] = draw(pane);
        show(pane);
        steps[i] = now_ms() - start;
    }
    tell("key_page.p99", which, percentile(steps, STEPS, 0.99), "ms");
    tell("key_page_drawn.p99", which, percentile(drawn, STEPS, 0.99), "ms");
    tell("key_jump.p50", which, percentile(jumps, JUMPS, 0.5), "ms");
    tell("key_jump.p99", which, percentile(jumps, JUMPS, 0.99), "ms");
}

static void filter(struct pane *pane, const char *which, const char *name, const char *text)
{
    char what[64];
    double start = now_ms();
    grid_set_filter(pane->grid, text);
    show(pane);
    snprintf(what, sizeof what, "%s.first_rows", name);
    tell(what, which, now_ms() - start, "ms");
    settle(pane);
    snprintf(what, sizeof what, "%s.done", name);
    tell(what, which, now_ms() - start, "ms");
    grid_set_filter(pane->grid, "");
}

static void sort(struct pane *pane, const char *which, const char *name, const char *column)
{
    char what[64];
    double start = now_ms();
    grid_sort_by(pane->grid, column, false);
    settle(pane);
    show(pane);
    snprintf(what, sizeof what, "%s.done", name);
    tell(what, which, now_ms() - start, "ms");
    start = now_ms();
    grid_act(pane->grid, ACTION_last);
    show(pane);
    snprintf(what, sizeof what, "%s.end", name);
    tell(what, which, now_ms() - start, "ms");
    grid_sort_by(pane->grid, NULL, false);
}

static void summarise(struct pane *pane, const char *which)
{
    struct result_summary summary;
    double start = now_ms();
    result_summarise(pane->source.result, 2);
    for (result_summary(pane->source.result, &summary); !summary.is_done; result_summary(pane->source.result, &summary))
        wait_change(pane);
    tell("summary.done", which, now_ms() - start, "ms");
}

static void find_last(struct pane *pane, const char *which, uint64_t rows)
{
    char text[40];
    struct result_found found;
    snprintf(text, sizeof text, "order_id=%llu", (unsigned long long)rows - 1);
    double start = now_ms();
    result_find(pane->source.result, text, 0, false);
    for (found = result_found(pane->source.result); found.state == FIND_WORKING;
         found = result_found(pane->source.result))
        wait_change(pane);
    tell("find_last.done", which, now_ms() - start, "ms");
}

static void measure_orders(struct pane *pane, const char *which, uint64_t rows)
{
    keys(pane, which);
    filter(pane, which, "filter_text", "late");
    filter(pane, which, "filter_number", "price>890");
    sort(pane, which, "sort_number", "price");
    sort(pane, which, "sort_text", "city");
    sort(pane, which, "sort_time", "ordered_at");
    find_last(pane, which, rows);
    summarise(pane, which);
}

/* To the last column and back, which for very many columns means reading the rows anew. */
static void measure_shape(struct pane *pane, const char *which, uint64_t rows)
{
    (void)rows;
    double start = now_ms();
    grid_act(pane->grid, ACTION_line_end);
    show(pane);
    tell("last_column", which, now_ms() - start, "ms");
    grid_act(pane->grid, ACTION_line_start);
    show(pane);
    filter(pane, which, "filter_text", which[0] == 'w' ? "c1:15869" : "late");
}

static const struct shape {
    const char *name;
    void (*make)(FILE *out, uint32_t rows);
    uint32_t rows;
    size_t column_count;
    void (*measure)(struct pane *pane, const char *which, uint64_t rows);
} shapes[] = {
    {.name = "1m", .make = make_rows, .rows = 1160000, .column_count = 6, .measure = measure_orders},
    {.name = "10m", .make = make_rows, .rows = 10000000, .column_count = 6, .measure = measure_orders},
    {.name = "wide", .make = make_wide, .rows = WIDE_ROWS, .measure = measure_shape},
    {.name = "cells", .make = make_cells, .rows = CELL_ROWS, .measure = measure_shape},
};

static void open_and_measure(const char *path, const struct shape *shape)
{
    const char *which = shape->name;
    struct pane pane = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    struct stat stat_of = {0};
    struct err err = ERR_NONE;
    stat(path, &stat_of);
    pane.canvas = canvas_new(ROWS, COLS);
    double start = now_ms();
    struct result *result = result_open(&(struct result_options){.path = path,
                                                                 .columns = columns,
                                                                 .column_count = shape->column_count,
                                                                 .directory = "build/bench",
                                                                 .changed = changed,
                                                                 .context = &pane},
                                        &err);
    if (!result) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    result_arrived(result, stat_of.st_size, true);
    while (!result_columns(result, NULL))
        wait_change(&pane);
    pane.source.result = result;
    pane.grid = grid_new(result_columns(result, NULL));
    struct grid_source source = grid_result_source(&pane.source);
    grid_set_source(pane.grid, &source);
    draw(&pane);
    while (grid_shown(pane.grid) == 0)
        wait_change(&pane);
    show(&pane);
    tell("first_rows", which, now_ms() - start, "ms");
    struct result_status status = settle(&pane);
    double indexed = now_ms() - start;
    tell("indexed", which, indexed, "ms");
    tell("index_rate", which, (double)stat_of.st_size / 1e6 / indexed, "GB/s");
    start = now_ms();
    grid_act(pane.grid, ACTION_last);
    show(&pane);
    tell("end", which, now_ms() - start, "ms");
    shape->measure(&pane, which, status.rows);
    grid_free(pane.grid);
    result_close(result);
    canvas_free(pane.canvas);
}

static bool measure(const char *path, const struct shape *shape)
{
    int status;
    struct rusage usage;
    if (!make_file(path, shape->make, shape->rows)) {
        printf("skip result.%s (%s: %s)\n", shape->name, path, strerror(errno));
        return true;
    }
    pid_t pid = fork();
    if (pid == 0) {
        open_and_measure(path, shape);
        exit(0);
    }
    wait4(pid, &status, 0, &usage);
    tell("peak_rss", shape->name, (double)usage.ru_maxrss / 1024, "MiB");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(void)
{
    char path[300];
    const char *build = getenv("BUILD");
    bool ok = true;
    setlocale(LC_ALL, "C.UTF-8");
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        snprintf(path, sizeof path, "%s/bench", build ? build : "build");
        mkdir(path, 0777);
        snprintf(path, sizeof path, "%s/bench/result-%s.csv", build ? build : "build", shapes[i].name);
        ok = measure(path, &shapes[i]) && ok;
    }
    return ok ? 0 : 1;
}

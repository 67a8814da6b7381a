/* Completion over a large catalog: 5 000 tables of 100 columns, the longest of many calls at several places. */
#include "backend/domain/completion.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TABLES = 5000, COLUMNS = 100, CALLS = 200 };

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct catalog_view *make_view(struct arena *arena)
{
    static struct catalog_database databases[] = {{.name = "lake", .description = ""}};
    struct catalog_view *view = ARENA_NEW(arena, struct catalog_view);
    view->databases = databases;
    view->database_count = 1;
    view->tables = ARENA_ARRAY(arena, struct catalog_table, TABLES);
    view->table_count = TABLES;
    for (int t = 0; t < TABLES; t++) {
        struct catalog_table *table = &view->tables[t];
        *table = (struct catalog_table){.database = "lake",
                                        .name = arena_printf(arena, "orders_by_region_%04d", t),
                                        .format = "parquet",
                                        .kind = "EXTERNAL_TABLE",
                                        .columns = ARENA_ARRAY(arena, struct catalog_column, COLUMNS),
                                        .column_count = COLUMNS};
        for (int i = 0; i < COLUMNS; i++)
            table->columns[i] =
                (struct catalog_column){.name = arena_printf(arena, "measure_of_day_%03d", i), .type = "double"};
    }
    return view;
}

static void measure(const struct catalog_view *view, const char *name, const char *marked)
{
    static struct completion completion;
    char text[1024];
    size_t cursor = strcspn(marked, "|");
    double worst = 0, sum = 0;
    snprintf(text, sizeof text, "%.*s%s", (int)cursor, marked, marked + cursor + 1);
    for (int i = 0; i < CALLS; i++) {
        struct completion_request request = {
            .view = view, .database = "lake", .text = text, .len = strlen(text), .cursor = cursor};
        double started = now_ms();
        completion_find(&request, &completion);
        double took = now_ms() - started;
        completion_done(&completion);
        worst = took > worst ? took : worst;
        sum += took;
    }
    printf("bench completion-%s %.3f ms mean of %d (5 000 tables x 100 columns)\n", name, sum / CALLS, CALLS);
    printf("bench completion-%s-worst %.3f ms worst of %d\n", name, worst, CALLS);
}

int main(void)
{
    struct arena *arena = arena_new(1 << 30);
    const struct catalog_view *view = make_view(arena);
    measure(view, "tables", "select * from |");
    measure(view, "tables-prefix", "select * from orders_by_region_49|");
    measure(view, "tables-fuzzy", "select * from obr49|");
    measure(view, "columns",
            "select measure| from orders_by_region_0001 a join orders_by_region_4999 b on a.x = b.x join "
            "orders_by_region_2500 c on true join orders_by_region_3500 d on true");
    measure(view, "nothing-fits", "select * from zzqqy|");
    arena_free(arena);
    return 0;
}

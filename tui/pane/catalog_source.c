/* The rows of the Catalog pane's grids: out of the snapshots, none copied but partitions (joined with what was listed
 * below them). UI thread. */
#include "tui/pane/catalog.h"
#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bit: names, not adversaries; two that collide would share a mark, nothing more. */
static uint64_t name_id(const char *first, const char *second)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < 2; i++) {
        for (const char *at = i == 0 ? first : second; *at; at++)
            hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
        hash = (hash ^ 0xff) * 0x100000001b3u;
    }
    return hash;
}

static uint64_t table_identity(const void *row)
{
    const struct catalog_table *table = row;
    return name_id(table->database, table->name);
}
static uint64_t database_identity(const void *row)
{
    return name_id(((const struct catalog_database *)row)->name, "");
}
static uint64_t crawler_identity(const void *row)
{
    return name_id(((const struct catalog_crawler *)row)->name, "");
}
static uint64_t column_identity(const void *row)
{
    return name_id(((const struct catalog_column *)row)->name, "");
}
static uint64_t partition_identity(const void *row)
{
    return name_id(((const struct catalog_partition *)row)->values, "");
}
static uint64_t version_identity(const void *row)
{
    return name_id(((const struct catalog_version *)row)->id, "");
}

static size_t count_all(void *context, bool *is_at_least)
{
    const struct catalog_view *view = catalog_view_of(context);
    *is_at_least = false;
    return view ? view->table_count : 0;
}
static const void *any_table(void *context, size_t index)
{
    return &catalog_view_of(context)->tables[index];
}

static size_t count_databases(void *context, bool *is_at_least)
{
    const struct catalog_view *view = catalog_view_of(context);
    *is_at_least = false;
    return view ? view->database_count : 0;
}
static const void *database_at(void *context, size_t index)
{
    return &catalog_view_of(context)->databases[index];
}

static const struct catalog_database *listed(const struct catalog_state *state)
{
    return state->database[0] ? catalog_database_named(state, state->database) : NULL;
}
static size_t count_tables(void *context, bool *is_at_least)
{
    const struct catalog_database *database = listed(context);
    *is_at_least = false;
    return database ? database->table_count : 0;
}
static const void *table_at(void *context, size_t index)
{
    return &catalog_view_of(context)->tables[listed(context)->first_table + index];
}

static size_t count_crawlers(void *context, bool *is_at_least)
{
    const struct catalog_view *view = catalog_view_of(context);
    *is_at_least = false;
    return view ? view->crawler_count : 0;
}
static const void *crawler_at(void *context, size_t index)
{
    return &catalog_view_of(context)->crawlers[index];
}

/* The list of everything knows the columns; they need not wait for the table's own answer. */
static const struct catalog_table *columns_of(const struct catalog_state *state)
{
    const struct catalog_detail *detail = catalog_detail_of(state);
    return detail ? &detail->table : catalog_table_of(state);
}
static size_t count_columns(void *context, bool *is_at_least)
{
    const struct catalog_table *table = columns_of(context);
    *is_at_least = false;
    return table ? table->column_count : 0;
}
static const void *column_at(void *context, size_t index)
{
    return &columns_of(context)->columns[index];
}

static size_t count_partitions(void *context, bool *is_at_least)
{
    const struct catalog_state *state = context;
    const struct catalog_detail *detail = catalog_detail_of(state);
    *is_at_least = detail && detail->table.partitions > (int64_t)detail->partition_count;
    return detail ? state->partition_count : 0;
}
static const void *partition_at(void *context, size_t index)
{
    return &((const struct catalog_state *)context)->partitions[index];
}

static size_t count_versions(void *context, bool *is_at_least)
{
    const struct catalog_detail *detail = catalog_detail_of(context);
    *is_at_least = false;
    return detail ? detail->version_count : 0;
}
static const void *version_at(void *context, size_t index)
{
    return &catalog_detail_of(context)->versions[index];
}

static size_t count_preview(void *context, bool *is_at_least)
{
    const struct catalog_preview *preview = catalog_preview_of(context);
    *is_at_least = false;
    return preview ? preview->rows : 0;
}
static const void *preview_row(void *context, size_t index)
{
    const struct catalog_preview *preview = catalog_preview_of(context);
    return &preview->cells[index * preview->columns];
}

static const struct column no_columns[] = {{.id = NULL}};
static const struct {
    const struct column *columns;
    struct grid_source source;
} pages[PAGE_COUNT] = {
    [PAGE_COLUMNS] = {.columns = catalog_column_columns,
                      .source = {.count = count_columns, .row = column_at, .identity = column_identity}},
    [PAGE_PARTITIONS] = {.columns = catalog_partition_columns,
                         .source = {.count = count_partitions, .row = partition_at, .identity = partition_identity}},
    [PAGE_VERSIONS] = {.columns = catalog_version_columns,
                       .source = {.count = count_versions, .row = version_at, .identity = version_identity}},
    [PAGE_PREVIEW] = {.columns = no_columns, .source = {.count = count_preview, .row = preview_row}},
};

static struct grid *new_grid(struct catalog_state *state, const struct column *columns, struct grid_source source)
{
    struct grid *grid = grid_new(columns);
    source.context = state;
    grid_set_source(grid, &source);
    return grid;
}

void catalog_make_grids(struct catalog_state *state)
{
    state->tile_grid = new_grid(state, catalog_tile_columns,
                                (struct grid_source){.count = count_all, .row = any_table, .identity = table_identity});
    state->database_grid =
        new_grid(state, catalog_database_list_columns,
                 (struct grid_source){.count = count_databases, .row = database_at, .identity = database_identity});
    state->table_grid =
        new_grid(state, catalog_table_list_columns,
                 (struct grid_source){.count = count_tables, .row = table_at, .identity = table_identity});
    state->crawler_grid =
        new_grid(state, catalog_crawler_columns,
                 (struct grid_source){.count = count_crawlers, .row = crawler_at, .identity = crawler_identity});
    for (int page = 0; page < PAGE_COUNT; page++)
        state->page_grids[page] = new_grid(state, pages[page].columns, pages[page].source);
}

void catalog_free_grids(struct catalog_state *state)
{
    grid_free(state->tile_grid);
    grid_free(state->database_grid);
    grid_free(state->table_grid);
    grid_free(state->crawler_grid);
    for (int page = 0; page < PAGE_COUNT; page++)
        grid_free(state->page_grids[page]);
    free(state->partitions);
    free(state->preview_columns);
}

void catalog_join(struct catalog_state *state)
{
    const struct catalog_detail *detail = catalog_detail_of(state);
    free(state->partitions);
    state->partition_count = detail ? detail->partition_count : 0;
    state->partitions = calloc(state->partition_count + 1, sizeof *state->partitions);
    if (!state->partitions)
        abort();
    if (detail)
        catalog_join_partitions(detail, catalog_location_of(state), state->partitions);
    grid_refresh(state->page_grids[PAGE_PARTITIONS]);
}

static struct value preview_value(const void *row, const struct column *column)
{
    const char *cell = ((const char *const *)row)[column->index];
    return cell ? value_text(cell) : value_state(VALUE_NULL);
}

/* Athena's type names (Athena User Guide, "Data types"). */
static enum value_kind kind_of(const char *type)
{
    static const struct {
        const char *prefix;
        enum value_kind kind;
    } rows[] = {{"tinyint", VALUE_DIGITS}, {"smallint", VALUE_DIGITS}, {"int", VALUE_DIGITS},
                {"bigint", VALUE_DIGITS},  {"float", VALUE_DIGITS},    {"real", VALUE_DIGITS},
                {"double", VALUE_DIGITS},  {"decimal", VALUE_DIGITS},  {"date", VALUE_STAMP},
                {"timestamp", VALUE_STAMP}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strncmp(type, rows[i].prefix, strlen(rows[i].prefix)) == 0)
            return rows[i].kind;
    }
    return VALUE_TEXT;
}

/* As wide as its name and widest value, within reason. */
static int width_of(const struct catalog_preview *preview, size_t column)
{
    enum { LEAST = 4, MOST = 32 };
    int width = text_width(preview->names[column], strlen(preview->names[column]));
    for (size_t row = 0; row < preview->rows; row++) {
        const char *cell = preview->cells[row * preview->columns + column];
        int own = cell ? text_width(cell, strlen(cell)) : LEAST;
        width = own > width ? own : width;
    }
    return width < LEAST ? LEAST : width > MOST ? MOST : width;
}

void catalog_new_preview(struct catalog_state *state)
{
    const struct catalog_preview *preview = state->preview ? state->preview->value : NULL;
    struct grid *grid = state->page_grids[PAGE_PREVIEW];
    grid_set_columns(grid, no_columns);
    free(state->preview_columns);
    size_t count = preview ? preview->columns : 0;
    state->preview_columns = calloc(count + 1, sizeof *state->preview_columns);
    if (!state->preview_columns)
        abort();
    for (size_t i = 0; i < count; i++)
        state->preview_columns[i] = (struct column){.id = preview->names[i],
                                                    .title = preview->names[i],
                                                    .kind = kind_of(preview->types[i]),
                                                    .width = width_of(preview, i),
                                                    .help = preview->types[i],
                                                    .at = preview_value,
                                                    .index = i};
    grid_set_columns(grid, state->preview_columns);
    grid_refresh(grid);
}

/* What can be taken from the Catalog to elsewhere: the copy menu, the raw JSON, the web console's address, a whole
 * cell. Bytes are exact, never the sanitised form. UI thread. */
#include "backend/base/uri.h"
#include "tui/pane/catalog.h"
#include <stdio.h>
#include <string.h>

enum { CELL_MAX = 1 << 20, LIST_MAX_BYTES = 1 << 20 };

static void add_buf(struct copy_items *items, const char *label, struct buf *text)
{
    if (text->len > 0 && !text->failed)
        copy_add(items, label, text->data, text->len);
    buf_done(text);
}

static void add_text(struct copy_items *items, const char *label, const char *text)
{
    if (text && *text)
        copy_add(items, label, text, strlen(text));
}

static bool cell_text(const struct catalog_state *state, const struct column *column, const void *row, struct buf *out)
{
    struct value value = column_value(column, row);
    if (value_kind_is_text(column->kind) && value.state <= VALUE_AT_LEAST && value.text)
        return buf_append(out, value.text, value.len);
    return value_format(&value, column->kind, clock_wall(app_clock(state->pane->app)), out);
}

static void add_cell(const struct catalog_state *state, struct copy_items *items)
{
    struct grid *grid = catalog_grid(state);
    const void *row = grid ? grid_current(grid) : NULL;
    const struct column *column = row ? grid_current_column(grid) : NULL;
    struct buf cell = BUF_INIT(CELL_MAX);
    if (column)
        cell_text(state, column, row, &cell);
    add_buf(items, "cell", &cell);
}

static const struct column *columns_of_page(const struct catalog_state *state)
{
    const struct column *const pages[PAGE_COUNT] = {[PAGE_COLUMNS] = catalog_column_columns,
                                                    [PAGE_PARTITIONS] = catalog_partition_columns,
                                                    [PAGE_VERSIONS] = catalog_version_columns,
                                                    [PAGE_PREVIEW] = state->preview_columns};
    return pages[state->page];
}

/* Its cells with tabs between them. */
static void add_row(const struct catalog_state *state, struct copy_items *items)
{
    const struct column *columns = columns_of_page(state);
    const void *row = grid_current(state->page_grids[state->page]);
    struct buf line = BUF_INIT(CELL_MAX);
    for (const struct column *column = columns; row && column && column->id; column++) {
        if (column != columns)
            buf_putc(&line, '\t');
        cell_text(state, column, row, &line);
    }
    add_buf(items, "row", &line);
}

static void add_columns(const struct catalog_table *table, struct copy_items *items)
{
    struct buf names = BUF_INIT(LIST_MAX_BYTES);
    for (size_t i = 0; i < table->column_count; i++) {
        buf_puts(&names, i ? ", " : "");
        catalog_write_name(table->columns[i].name, &names);
    }
    add_buf(items, "columns", &names);
}

static void add_table(const struct catalog_state *state, const struct catalog_table *table, struct copy_items *items)
{
    const struct catalog_detail *detail = catalog_detail_of(state);
    struct buf qualified = BUF_INIT(4096);
    add_text(items, "name", table->name);
    catalog_write_qualified(table->database, table->name, &qualified);
    add_buf(items, "qualified", &qualified);
    add_text(items, "location", table->location);
    add_columns(table, items);
    add_text(items, "DDL", detail ? detail->ddl : "");
    add_text(items, "view query", detail ? detail->view_sql : "");
    add_text(items, "JSON", detail ? detail->json : "");
}

void catalog_copy_items(struct pane *pane, struct copy_items *items)
{
    const struct catalog_state *state = pane->state;
    const struct catalog_table *table = catalog_table_of(state);
    const struct catalog_database *database = catalog_database_of(state);
    const struct catalog_crawler *crawler =
        pane->is_zoomed && state->focus == AREA_CRAWLERS ? grid_current(state->crawler_grid) : NULL;
    const struct catalog_partition *partition =
        pane->is_zoomed && state->focus == AREA_PAGE && state->page == PAGE_PARTITIONS
            ? grid_current(state->page_grids[PAGE_PARTITIONS])
            : NULL;
    if (pane->is_zoomed && state->focus == AREA_PAGE) {
        add_cell(state, items);
        add_row(state, items);
    }
    if (partition)
        add_text(items, "partition's location", partition->location);
    if (crawler) {
        add_text(items, "name", crawler->name);
        add_text(items, "target", crawler->target);
        add_text(items, "error", crawler->last_error);
        add_text(items, "JSON", crawler->json);
    } else if (table) {
        add_table(state, table, items);
    } else if (database) {
        add_text(items, "name", database->name);
        add_text(items, "location", database->location);
        add_text(items, "JSON", database->json);
    }
}

bool catalog_raw_json(struct pane *pane, struct buf *out)
{
    const struct catalog_state *state = pane->state;
    const struct catalog_detail *detail = catalog_detail_of(state);
    const struct catalog_database *database = catalog_database_of(state);
    const struct catalog_crawler *crawler =
        pane->is_zoomed && state->focus == AREA_CRAWLERS ? grid_current(state->crawler_grid) : NULL;
    const char *text = crawler                   ? crawler->json
                       : catalog_table_of(state) ? (detail ? detail->json : "")
                       : database                ? database->json
                                                 : "";
    return *text && buf_puts(out, text);
}

void catalog_web(struct catalog_state *state)
{
    const struct catalog_table *table = catalog_table_of(state);
    const struct catalog_database *database = catalog_database_of(state);
    struct buf url = BUF_INIT(8192);
    char name[CONFIG_NAME], account[CONFIG_NAME], region[CONFIG_NAME];
    if (session_is_embedded(state->pane->session) || !database) {
        app_say(state->pane->app, "the embedded cloud has no web console; y copies the name");
        return;
    }
    session_identity(state->pane->session, name, account, region, sizeof name);
    buf_printf(&url, "https://%s.console.aws.amazon.com/glue/home?region=%s#/v2/data-catalog/", region, region);
    buf_puts(&url, table ? "tables/view/" : "databases/view/");
    if (table) {
        uri_encode(table->name, strlen(table->name), false, &url);
        buf_puts(&url, "?database=");
    }
    uri_encode(database->name, strlen(database->name), false, &url);
    if (!url.failed)
        app_copy(state->pane->app, url.data, url.len);
    buf_done(&url);
}

void catalog_peek(struct catalog_state *state)
{
    struct grid *grid = catalog_grid(state);
    const void *row = grid ? grid_current(grid) : NULL;
    const struct column *column = row ? grid_current_column(grid) : NULL;
    struct buf cell = BUF_INIT(CELL_MAX);
    if (column && cell_text(state, column, row, &cell))
        overlay_pager(state->pane->app, column->title, buf_text(&cell), cell.len);
    buf_done(&cell);
}

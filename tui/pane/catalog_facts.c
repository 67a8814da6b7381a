/* What is said of a table, a database, a crawler, a partition: in the facts part, and whole in the pager on `d`. What
 * the list knows is shown at once; the rest when the table's feeds have it. UI thread. */
#include "tui/pane/catalog.h"
#include <stdio.h>
#include <string.h>

enum { GAPS_SHOWN = 6, WORDS = 512 };

void catalog_age(int64_t ms, int64_t now_ms, char out[TEXT_SHORT])
{
    enum { SECOND = 1000, MINUTE = 60000 };
    int64_t age = now_ms > ms ? now_ms - ms : 0;
    text_duration(age - age % (age >= MINUTE ? MINUTE : SECOND), out);
}

void catalog_money(double dollars, char out[TEXT_SHORT])
{
    if (dollars < 0)
        snprintf(out, TEXT_SHORT, "unknown");
    else
        snprintf(out, TEXT_SHORT, dollars >= 0.1 ? "$%.2f" : "$%.5f", dollars);
}

struct telling {
    struct catalog_state *state;
    struct textview *view;
    int64_t now_ms;
    bool is_whole; /* in the pager: nothing is left out */
};

static void add(const struct telling *telling, const char *label, enum theme_role role, const char *text)
{
    if (text && *text)
        textview_field(telling->view, label, role, text);
}

static void add_time(const struct telling *telling, const char *label, int64_t ms)
{
    char time[TEXT_SHORT], age[TEXT_SHORT], words[80];
    if (ms <= 0)
        return;
    catalog_age(ms, telling->now_ms, age);
    snprintf(words, sizeof words, "%s   %s ago", text_time(ms, time), age);
    textview_field(telling->view, label, ROLE_text, words);
}

static void add_failure(const struct telling *telling, const char *label, const struct err *err)
{
    const char *remedy = err_advice(err);
    textview_field(telling->view, label, ROLE_error, err->text);
    if (!strstr(err->text, remedy))
        textview_field(telling->view, "", ROLE_remedy, remedy);
}

/* Why a feed has nothing (new) for the table; false: nothing failed. */
static bool add_feed_failure(const struct telling *telling, const char *label, const struct snap *snap)
{
    if (!snap || snap->err.code == ERR_OK)
        return false;
    add_failure(telling, label, &snap->err);
    return true;
}

/* ---- a table */

static void add_bytes(const struct telling *telling, const struct catalog_table *table)
{
    const struct catalog_location *location = catalog_location_of(telling->state);
    char bytes[TEXT_SHORT], objects[TEXT_SHORT], words[WORDS];
    if (!table->location[0])
        return;
    if (location && location->bytes != CATALOG_UNKNOWN) {
        snprintf(words, sizeof words, "%s%s in %s object%s%s", location->is_complete ? "" : "at least ",
                 text_bytes((uint64_t)location->bytes, bytes), text_count(location->objects, objects),
                 location->objects == 1 ? "" : "s", location->is_complete ? ", listed now" : ", still listing");
        textview_field(telling->view, "bytes", location->objects ? ROLE_text : ROLE_warn, words);
    } else if (table->bytes != CATALOG_UNKNOWN) {
        snprintf(words, sizeof words, "%s, as crawled", text_bytes((uint64_t)table->bytes, bytes));
        textview_field(telling->view, "bytes", ROLE_text, words);
    }
    if (location && location->err.code != ERR_OK)
        add_failure(telling, "listing", &location->err);
    else if (!location && !add_feed_failure(telling, "listing", telling->state->location) &&
             table->bytes == CATALOG_UNKNOWN)
        textview_field(telling->view, "bytes", ROLE_unknown, "asking S3");
}

static void add_cost(const struct telling *telling, const struct catalog_table *table)
{
    const struct catalog_location *location = catalog_location_of(telling->state);
    const struct config *config = app_config(telling->state->pane->app);
    bool is_listed = location && location->bytes != CATALOG_UNKNOWN;
    int64_t bytes = is_listed ? location->bytes : table->bytes;
    char cost[TEXT_SHORT], words[WORDS];
    if (!table->location[0])
        return;
    if (bytes == CATALOG_UNKNOWN) {
        textview_field(telling->view, "full scan", ROLE_unknown, "costs an unknown amount: its bytes are not known");
        return;
    }
    catalog_money(catalog_scan_cost(bytes, config->athena_price_cents), cost);
    int used =
        snprintf(words, sizeof words, "costs about %s%s", is_listed && !location->is_complete ? "(so far) " : "", cost);
    if (telling->is_whole)
        snprintf(words + used, sizeof words - (size_t)used, " at $%lld.%02lld per TB, 10 MB at least",
                 (long long)config->athena_price_cents / 100, (long long)config->athena_price_cents % 100);
    textview_field(telling->view, "full scan", ROLE_text, words);
}

static void add_gaps(const struct telling *telling, const struct catalog_detail *detail)
{
    struct buf words = BUF_INIT(64 * 1024);
    size_t shown =
        telling->is_whole ? detail->gap_count : (detail->gap_count < GAPS_SHOWN ? detail->gap_count : GAPS_SHOWN);
    if (!detail->gap_count)
        return;
    buf_printf(&words, "%zu day%s missing: ", detail->gap_count, detail->gap_count == 1 ? "" : "s");
    for (size_t i = 0; i < shown; i++)
        buf_printf(&words, "%s%s", i ? ", " : "", detail->gaps[i]);
    if (shown < detail->gap_count)
        buf_puts(&words, ", ...");
    textview_field(telling->view, "gaps", ROLE_warn, buf_text(&words));
    buf_done(&words);
}

static int64_t count_differing(const struct catalog_detail *detail)
{
    int64_t count = 0;
    for (size_t i = 0; i < detail->partition_count; i++)
        count += detail->partitions[i].differing > 0;
    return count;
}

static void add_partitions(const struct telling *telling, const struct catalog_table *table)
{
    const struct catalog_detail *detail = catalog_detail_of(telling->state);
    char count[TEXT_SHORT], age[TEXT_SHORT], words[WORDS];
    if (table->key_count == 0)
        return;
    if (detail && detail->partition_err.code != ERR_OK) {
        add_failure(telling, "partitions", &detail->partition_err);
        return;
    }
    if (!detail || detail->table.partitions == CATALOG_UNKNOWN) {
        if (!add_feed_failure(telling, "partitions", telling->state->detail))
            textview_field(telling->view, "partitions", ROLE_unknown, "asking Glue");
        return;
    }
    int used = snprintf(words, sizeof words, "%s", text_count(detail->table.partitions, count));
    if (detail->table.partitions > 0)
        used += snprintf(words + used, sizeof words - (size_t)used, ", newest %s", detail->table.last_partition);
    if (detail->newest_ms > 0 && (size_t)used < sizeof words) {
        catalog_age(detail->newest_ms, telling->now_ms, age);
        snprintf(words + used, sizeof words - (size_t)used, ", last added %s ago", age);
    }
    textview_field(telling->view, "partitions", detail->table.partitions ? ROLE_text : ROLE_warn, words);
    add_gaps(telling, detail);
    int64_t differing = count_differing(detail);
    if (differing) {
        snprintf(words, sizeof words, "%s have other columns than the table: a shows which",
                 text_count(differing, count));
        textview_field(telling->view, "", ROLE_warn, words);
    }
}

static const struct catalog_crawler *crawler_named(const struct catalog_state *state, const char *name)
{
    const struct catalog_view *view = catalog_view_of(state);
    for (size_t i = 0; view && i < view->crawler_count; i++) {
        if (strcmp(view->crawlers[i].name, name) == 0)
            return &view->crawlers[i];
    }
    return NULL;
}

/* "raw  READY, last FAILED 3m ago" */
static enum theme_role crawler_words(const struct catalog_crawler *crawler, int64_t now_ms, char *out, size_t size)
{
    char age[TEXT_SHORT];
    bool has_failed = strcmp(crawler->last_status, "FAILED") == 0, runs = strcmp(crawler->state, "READY") != 0;
    int used = snprintf(out, size, "%s   %s", crawler->name, runs ? crawler->state : "");
    if (used > 0 && (size_t)used < size && !crawler->last_status[0])
        snprintf(out + used, size - (size_t)used, "%s", runs ? "" : "never ran");
    else if (used > 0 && (size_t)used < size) {
        catalog_age(crawler->last_started_ms, now_ms, age);
        snprintf(out + used, size - (size_t)used, "%slast %s %s ago", runs ? ", " : "", crawler->last_status, age);
    }
    return runs ? ROLE_running : has_failed ? ROLE_fail : ROLE_text;
}

static void add_crawler(const struct telling *telling, const char *name)
{
    const struct catalog_crawler *crawler = *name ? crawler_named(telling->state, name) : NULL;
    char words[WORDS];
    if (!*name)
        return;
    if (!crawler) {
        textview_field(telling->view, "crawler", ROLE_text, name);
        return;
    }
    enum theme_role role = crawler_words(crawler, telling->now_ms, words, sizeof words);
    textview_field(telling->view, "crawler", role, words);
    add(telling, "", ROLE_error, crawler->last_error);
}

static void add_version(const struct telling *telling, const struct catalog_table *table)
{
    const struct catalog_detail *detail = catalog_detail_of(telling->state);
    const struct catalog_version *version = detail && detail->version_count ? &detail->versions[0] : NULL;
    char words[WORDS], age[TEXT_SHORT];
    if (!table->version[0])
        return;
    int used = snprintf(words, sizeof words, "%s", table->version);
    if (table->updated_ms > 0) {
        catalog_age(table->updated_ms, telling->now_ms, age);
        used += snprintf(words + used, sizeof words - (size_t)used, ", made %s ago", age);
    }
    if (version && version->added != CATALOG_UNKNOWN)
        snprintf(words + used, sizeof words - (size_t)used, ": %lld column%s added, %lld removed, %lld changed",
                 (long long)version->added, version->added == 1 ? "" : "s", (long long)version->removed,
                 (long long)version->changed);
    textview_field(telling->view, "version", ROLE_text, words);
}

static void add_rows(const struct telling *telling, const struct catalog_table *table)
{
    char count[TEXT_SHORT], words[WORDS];
    if (!table->location[0])
        return;
    if (table->rows == CATALOG_UNKNOWN) {
        textview_field(telling->view, "rows", ROLE_unknown, "unknown: no crawler has counted them");
        return;
    }
    snprintf(words, sizeof words, "about %s, as crawled", text_count(table->rows, count));
    textview_field(telling->view, "rows", ROLE_text, words);
}

static void add_text_block(struct textview *view, const char *title, const char *text)
{
    textview_section(view, title);
    textview_add(view, ROLE_text, text, strlen(text));
}

static void add_whole_table(const struct telling *telling, const struct catalog_table *table)
{
    const struct catalog_detail *detail = catalog_detail_of(telling->state);
    if (!detail) {
        textview_field(telling->view, "", ROLE_dim, "the rest is being asked for: look again in a moment");
        return;
    }
    add_time(telling, "created", detail->created_ms);
    add(telling, "owner", ROLE_text, detail->owner);
    add(telling, "serde", ROLE_text, detail->serde);
    add(telling, "input", ROLE_text, detail->input_format);
    textview_section(telling->view, "columns");
    for (size_t i = 0; i < table->column_count; i++) {
        const struct catalog_column *column = &table->columns[i];
        char words[WORDS];
        snprintf(words, sizeof words, "%.200s%s%s%.200s", column->type,
                 column->is_partition_key ? "   partition key" : "", column->comment[0] ? "   " : "", column->comment);
        textview_field(telling->view, column->name, ROLE_text, words);
    }
    textview_section(telling->view, "properties");
    for (size_t i = 0; i < detail->property_count; i++)
        add(telling, detail->properties[i].name, ROLE_text, detail->properties[i].value);
    add_text_block(telling->view, "as SQL", detail->ddl);
}

static void tell_table(const struct telling *telling, const struct catalog_table *table)
{
    const struct catalog_detail *detail = catalog_detail_of(telling->state);
    bool is_view = strcmp(table->kind, "VIRTUAL_VIEW") == 0;
    add(telling, "location", ROLE_text, table->location);
    if (!table->location[0])
        textview_field(telling->view, "kind", ROLE_text, is_view ? "view: it keeps no data of its own" : table->kind);
    add_bytes(telling, table);
    add_cost(telling, table);
    add_rows(telling, table);
    add(telling, "format", ROLE_text, is_view ? "" : table->format);
    add_partitions(telling, table);
    add_crawler(telling, table->crawler);
    add_version(telling, table);
    add(telling, "comment", ROLE_text, detail ? detail->description : "");
    if (!detail)
        add_feed_failure(telling, "details", telling->state->detail);
    if (telling->is_whole)
        add_whole_table(telling, table);
    else if (detail && detail->view_sql[0])
        add_text_block(telling->view, "query", detail->view_sql);
}

/* ---- a database */

static void add_sums(const struct telling *telling, const struct catalog_database *database)
{
    const struct catalog_view *view = catalog_view_of(telling->state);
    int64_t bytes = 0;
    size_t unknown = 0;
    char number[TEXT_SHORT], words[WORDS];
    for (size_t i = 0; i < database->table_count; i++) {
        const struct catalog_table *table = &view->tables[database->first_table + i];
        bytes += table->bytes != CATALOG_UNKNOWN ? table->bytes : 0;
        unknown += table->bytes == CATALOG_UNKNOWN && table->location[0];
    }
    textview_field(telling->view, "tables", ROLE_text, text_count((int64_t)database->table_count, number));
    if (unknown == database->table_count)
        return;
    snprintf(words, sizeof words, "%s%s as crawled", unknown ? "at least " : "", text_bytes((uint64_t)bytes, number));
    textview_field(telling->view, "bytes", ROLE_text, words);
}

static void tell_database(const struct telling *telling, const struct catalog_database *database)
{
    const struct catalog_view *view = catalog_view_of(telling->state);
    add(telling, "comment", ROLE_text, database->description);
    add(telling, "location", ROLE_text, database->location);
    if (database->is_loading)
        textview_field(telling->view, "tables", ROLE_unknown, "asking Glue");
    else if (database->err.code != ERR_OK)
        add_failure(telling, "tables", &database->err);
    else
        add_sums(telling, database);
    add_time(telling, "created", database->created_ms);
    for (size_t i = 0; i < view->crawler_count; i++) {
        if (strcmp(view->crawlers[i].database, database->name) == 0)
            add_crawler(telling, view->crawlers[i].name);
    }
}

/* ---- a crawler, a partition */

static void tell_crawler(const struct telling *telling, const struct catalog_crawler *crawler)
{
    char words[WORDS];
    add_crawler(telling, crawler->name);
    add(telling, "database", ROLE_text, crawler->database);
    add(telling, "crawls", ROLE_text, crawler->target);
    add(telling, "schedule", ROLE_text, crawler->schedule[0] ? crawler->schedule : "on demand");
    add_time(telling, "last run", crawler->last_started_ms);
    if (crawler->tables_created != CATALOG_UNKNOWN) {
        snprintf(words, sizeof words, "tables: %lld created, %lld updated, %lld deleted",
                 (long long)crawler->tables_created, (long long)crawler->tables_updated,
                 (long long)crawler->tables_deleted);
        textview_field(telling->view, "changed", ROLE_text, words);
    }
}

static const char *type_in(const struct catalog_column *columns, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(columns[i].name, name) == 0)
            return columns[i].type;
    }
    return NULL;
}

static void tell_own_columns(const struct telling *telling, const struct catalog_partition *partition,
                             const struct catalog_table *table)
{
    char words[WORDS];
    textview_section(telling->view, "its columns, which are not the table's");
    for (size_t i = 0; i < partition->column_count; i++) {
        const struct catalog_column *own = &partition->columns[i];
        const char *type = type_in(table->columns, table->column_count - table->key_count, own->name);
        bool is_same = type && strcmp(type, own->type) == 0;
        snprintf(words, sizeof words,
                 is_same ? "%.200s"
                 : type  ? "%.200s   the table says %.200s"
                         : "%.200s   not the table's",
                 own->type, type ? type : "");
        textview_field(telling->view, own->name, is_same ? ROLE_text : ROLE_warn, words);
    }
    for (size_t i = 0; i + table->key_count < table->column_count; i++) {
        if (type_in(partition->columns, partition->column_count, table->columns[i].name))
            continue;
        snprintf(words, sizeof words, "missing   the table says %.200s", table->columns[i].type);
        textview_field(telling->view, table->columns[i].name, ROLE_warn, words);
    }
}

static void tell_partition(const struct telling *telling, const struct catalog_partition *partition)
{
    const struct catalog_detail *detail = catalog_detail_of(telling->state);
    char bytes[TEXT_SHORT], objects[TEXT_SHORT], words[WORDS];
    if (partition->is_missing) {
        textview_field(telling->view, "state", ROLE_warn,
                       "missing: there are partitions before and after this day, and none of it");
        return;
    }
    add(telling, "location", ROLE_text, partition->location);
    if (partition->bytes != CATALOG_UNKNOWN) {
        snprintf(words, sizeof words, "%s in %s object%s, listed now", text_bytes((uint64_t)partition->bytes, bytes),
                 text_count(partition->objects, objects), partition->objects == 1 ? "" : "s");
        textview_field(telling->view, "bytes", partition->objects ? ROLE_text : ROLE_warn, words);
    } else {
        textview_field(telling->view, "bytes", ROLE_unknown, "unknown: not told apart by the listing of the table");
    }
    add_time(telling, "added", partition->created_ms);
    if (partition->differing == CATALOG_UNKNOWN)
        textview_field(telling->view, "columns", ROLE_unknown, "not compared with the table's");
    else if (partition->differing == 0)
        textview_field(telling->view, "columns", ROLE_text, "those of the table");
    else if (detail)
        tell_own_columns(telling, partition, &detail->table);
}

/* ---- where it is shown */

static struct telling telling_for(struct catalog_state *state, struct textview *view, bool is_whole)
{
    return (struct telling){
        .state = state, .view = view, .now_ms = clock_wall(app_clock(state->pane->app)), .is_whole = is_whole};
}

void catalog_fill_facts(struct catalog_state *state)
{
    struct telling telling = telling_for(state, state->facts, false);
    const struct catalog_table *table = catalog_table_of(state);
    const struct catalog_database *database = catalog_database_of(state);
    textview_clear(state->facts);
    if (table)
        tell_table(&telling, table);
    else if (database)
        tell_database(&telling, database);
}

void catalog_describe(struct catalog_state *state)
{
    struct textview *view = textview_new();
    struct telling telling = telling_for(state, view, true);
    const struct catalog_table *table = catalog_table_of(state);
    const struct catalog_database *database = catalog_database_of(state);
    const void *row = catalog_grid(state) ? grid_current(catalog_grid(state)) : NULL;
    bool is_page = state->pane->is_zoomed && state->focus == AREA_PAGE;
    const char *title = "";
    textview_set_wrap(view, WRAP_FIELDS);
    if (state->pane->is_zoomed && state->focus == AREA_CRAWLERS && row) {
        title = ((const struct catalog_crawler *)row)->name;
        tell_crawler(&telling, row);
    } else if (is_page && state->page == PAGE_PARTITIONS && row) {
        title = ((const struct catalog_partition *)row)->values;
        tell_partition(&telling, row);
    } else if (table) {
        title = table->name;
        tell_table(&telling, table);
    } else if (database) {
        title = database->name;
        tell_database(&telling, database);
    }
    if (*title)
        overlay_pager_view(state->pane->app, title, view);
    else
        textview_free(view);
}

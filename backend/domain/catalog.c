/* Reading the catalog; see catalog.h. The columns of its tables are in catalog_columns.c. */
#include "backend/aws/glue.h"
#include "backend/base/text.h"
#include "backend/domain/catalog_private.h"
#include <stdlib.h>
#include <string.h>

enum { ATHENA_LEAST_BYTES = 10 * 1000 * 1000, JSON_TEXT_MAX = 1 << 20 };

static const char *keep(struct arena *arena, const char *text)
{
    char *copy = *text ? arena_strdup(arena, text) : NULL;
    return copy ? copy : "";
}

static const char *json_text(const json_t *value, struct arena *arena)
{
    struct buf text = BUF_INIT(JSON_TEXT_MAX);
    const char *kept = json_write(value, 2, &text) ? arena_strdup(arena, buf_text(&text)) : NULL;
    buf_done(&text);
    return kept ? kept : "";
}

static int64_t time_ms(const json_t *object, const char *key)
{
    return (int64_t)(json_number_value(json_object_get(object, key)) * 1000);
}

static int64_t figure(const json_t *parameters, const char *key)
{
    const char *text = json_str(parameters, key);
    char *end;
    long long value = strtoll(text, &end, 10);
    return *text && !*end && value >= 0 ? value : CATALOG_UNKNOWN;
}

static bool check_arena(struct arena *arena, struct err *err)
{
    return !arena_failed(arena) || err_set(err, ERR_TOO_LARGE, "the catalog is larger than this view can hold");
}

bool catalog_read_databases(struct aws *aws, const struct cancel *cancel, struct arena *arena,
                            struct catalog_list *list, struct err *err)
{
    json_t *all = glue_get_databases(aws, cancel, err), *database;
    size_t i;
    if (!all)
        return false;
    list->databases = ARENA_ARRAY(arena, struct catalog_database, json_array_size(all) + 1);
    json_array_foreach(all, i, database)
    {
        if (!list->databases)
            break;
        list->databases[list->count++] =
            (struct catalog_database){.name = keep(arena, json_str(database, "Name")),
                                      .description = keep(arena, json_str(database, "Description")),
                                      .location = keep(arena, json_str(database, "LocationUri")),
                                      .created_ms = time_ms(database, "CreateTime"),
                                      .json = json_text(database, arena)};
    }
    json_decref(all);
    return check_arena(arena, err);
}

void catalog_add_columns(const json_t *list, bool is_key, struct arena *arena, struct catalog_column *columns,
                         size_t *count)
{
    size_t i;
    json_t *column;
    json_array_foreach(list, i, column)
    {
        columns[(*count)++] = (struct catalog_column){.name = keep(arena, json_str(column, "Name")),
                                                      .type = keep(arena, json_str(column, "Type")),
                                                      .comment = keep(arena, json_str(column, "Comment")),
                                                      .is_partition_key = is_key};
    }
}

/* What the table says of its format: the classification, else by the input format. */
const char *catalog_format_of(const json_t *table)
{
    const char *classification = json_str(json_object_get(table, "Parameters"), "classification");
    const char *input = json_str(json_object_get(table, "StorageDescriptor"), "InputFormat");
    if (*classification)
        return classification;
    if (strcmp(json_str(table, "TableType"), "VIRTUAL_VIEW") == 0)
        return "view";
    return text_find(input, "parquet") ? "parquet" : text_find(input, "orc") ? "orc" : *input ? "text" : "";
}

void catalog_fill_table(const json_t *from, struct arena *arena, struct catalog_table *table)
{
    const json_t *parameters = json_object_get(from, "Parameters");
    const json_t *descriptor = json_object_get(from, "StorageDescriptor");
    const json_t *columns = json_object_get(descriptor, "Columns"), *keys = json_object_get(from, "PartitionKeys");
    *table = (struct catalog_table){
        .database = keep(arena, json_str(from, "DatabaseName")),
        .name = keep(arena, json_str(from, "Name")),
        .location = keep(arena, json_str(descriptor, "Location")),
        .format = keep(arena, catalog_format_of(from)),
        .version = keep(arena, json_str(from, "VersionId")),
        .kind = keep(arena, json_str(from, "TableType")),
        .crawler = keep(arena, json_str(parameters, "UPDATED_BY_CRAWLER")),
        .rows = figure(parameters, "recordCount"),
        .bytes = figure(parameters, "sizeKey"),
        .objects = figure(parameters, "objectCount"),
        .updated_ms = time_ms(from, "UpdateTime"),
        .key_count = json_array_size(keys),
        .partitions = CATALOG_UNKNOWN,
        .first_partition = "",
        .last_partition = "",
    };
    table->columns = ARENA_ARRAY(arena, struct catalog_column, json_array_size(columns) + json_array_size(keys) + 1);
    if (table->columns) {
        catalog_add_columns(columns, false, arena, table->columns, &table->column_count);
        catalog_add_columns(keys, true, arena, table->columns, &table->column_count);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct catalog_table *)a)->name, ((const struct catalog_table *)b)->name);
}

struct gathering {
    struct arena *arena;
    struct catalog_list *list;
    size_t cap;
};

static bool gather_page(void *context, const json_t *tables, struct err *err)
{
    struct gathering *gathering = context;
    struct catalog_list *list = gathering->list;
    size_t i;
    json_t *table;
    json_array_foreach(tables, i, table)
    {
        if (list->count == gathering->cap)
            list->tables =
                arena_grow(gathering->arena, list->tables, list->count, &gathering->cap, sizeof *list->tables);
        if (!list->tables)
            break;
        catalog_fill_table(table, gathering->arena, &list->tables[list->count++]);
    }
    return check_arena(gathering->arena, err);
}

bool catalog_read_tables(struct aws *aws, const char *database, const struct cancel *cancel, struct arena *arena,
                         struct catalog_list *list, struct err *err)
{
    struct gathering gathering = {.arena = arena, .list = list};
    struct glue_table_walk walk = {.database = database, .each = gather_page, .context = &gathering};
    if (!glue_walk_tables(aws, &walk, cancel, err))
        return false;
    if (list->count > 1) /* Glue promises no order */
        qsort(list->tables, list->count, sizeof *list->tables, by_name);
    return true;
}

struct counting {
    struct arena *arena;
    struct catalog_table *table;
};

static bool count_page(void *context, const json_t *partitions, struct err *err)
{
    const struct counting *counting = context;
    size_t i;
    json_t *partition;
    json_array_foreach(partitions, i, partition)
        catalog_count_partition(counting->table, catalog_join_values(partition, counting->arena));
    return check_arena(counting->arena, err);
}

static bool count_partitions(struct aws *aws, const struct cancel *cancel, struct arena *arena,
                             struct catalog_table *table, struct err *err)
{
    struct counting counting = {.arena = arena, .table = table};
    struct glue_partition_walk walk = {
        .database = table->database, .table = table->name, .each = count_page, .context = &counting};
    table->partitions = 0;
    return glue_walk_partitions(aws, &walk, cancel, err);
}

bool catalog_read_table(struct aws *aws, const char *database, const char *name, const struct cancel *cancel,
                        struct arena *arena, struct catalog_table *table, struct err *err)
{
    json_t *found = glue_get_table(aws, database, name, cancel, err);
    if (!found)
        return false;
    catalog_fill_table(found, arena, table);
    json_decref(found);
    return check_arena(arena, err) && (table->key_count == 0 || count_partitions(aws, cancel, arena, table, err));
}

static int64_t metric(const json_t *metrics, const char *crawler, const char *name)
{
    size_t i;
    json_t *one;
    json_array_foreach(metrics, i, one)
    {
        if (strcmp(json_str(one, "CrawlerName"), crawler) == 0)
            return json_int(one, name, CATALOG_UNKNOWN);
    }
    return CATALOG_UNKNOWN;
}

static void read_crawler(const json_t *from, const json_t *metrics, struct arena *arena,
                         struct catalog_crawler *crawler)
{
    const json_t *last = json_object_get(from, "LastCrawl");
    const json_t *place = json_array_get(json_object_get(json_object_get(from, "Targets"), "S3Targets"), 0);
    const char *name = json_str(from, "Name");
    *crawler = (struct catalog_crawler){
        .name = keep(arena, name),
        .database = keep(arena, json_str(from, "DatabaseName")),
        .state = keep(arena, json_str(from, "State")),
        .last_status = keep(arena, json_str(last, "Status")),
        .last_error = keep(arena, json_str(last, "ErrorMessage")),
        .target = keep(arena, json_str(place, "Path")),
        .schedule = keep(arena, json_str(json_object_get(from, "Schedule"), "ScheduleExpression")),
        .json = json_text(from, arena),
        .last_started_ms = time_ms(last, "StartTime"),
        .tables_created = metric(metrics, name, "TablesCreated"),
        .tables_updated = metric(metrics, name, "TablesUpdated"),
        .tables_deleted = metric(metrics, name, "TablesDeleted"),
    };
}

bool catalog_read_crawlers(struct aws *aws, const struct cancel *cancel, struct arena *arena, struct catalog_list *list,
                           struct err *err)
{
    struct err metrics_err = ERR_NONE;
    json_t *all = glue_get_crawlers(aws, cancel, err), *crawler;
    size_t i;
    if (!all)
        return false;
    /* what they changed is worth knowing, but not worth failing for */
    json_t *metrics = json_array_size(all) ? glue_get_crawler_metrics(aws, NULL, cancel, &metrics_err) : NULL;
    list->crawlers = ARENA_ARRAY(arena, struct catalog_crawler, json_array_size(all) + 1);
    json_array_foreach(all, i, crawler)
    {
        if (list->crawlers)
            read_crawler(crawler, metrics, arena, &list->crawlers[list->count++]);
    }
    json_decref(metrics);
    json_decref(all);
    return check_arena(arena, err);
}

static int badness(const struct catalog_crawler *crawler)
{
    static const struct {
        const char *word;
        int badness;
    } words[] = {{"SUCCEEDED", 1}, {"CANCELLED", 2}, {"FAILED", 5}};
    if (strcmp(crawler->state, "READY") != 0)
        return 3; /* it runs: its last end is history */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(crawler->last_status, words[i].word) == 0)
            return words[i].badness;
    }
    return 4; /* never ran */
}

const struct catalog_crawler *catalog_worst_crawler(const struct catalog_view *view)
{
    const struct catalog_crawler *worst = NULL;
    for (size_t i = 0; i < view->crawler_count; i++) {
        const struct catalog_crawler *crawler = &view->crawlers[i];
        int more = worst ? badness(crawler) - badness(worst) : 1;
        if (more > 0 || (more == 0 && crawler->last_started_ms > worst->last_started_ms))
            worst = crawler;
    }
    return worst;
}

double catalog_scan_cost(int64_t bytes, int64_t price_cents)
{
    if (bytes > 0 && bytes < ATHENA_LEAST_BYTES)
        bytes = ATHENA_LEAST_BYTES;
    return (double)bytes / 1e12 * (double)price_cents / 100;
}

static void print_text(FILE *out, const char *name, const char *text)
{
    char clean[1024];
    if (*text)
        fprintf(out, "%-11s %s\n", name, text_clean_into(text, clean, sizeof clean));
}

void catalog_print_facts(const struct catalog_table *table, int64_t price_cents, FILE *out)
{
    char number[TEXT_SHORT];
    fputc('\n', out);
    print_text(out, "location", table->location);
    print_text(out, "format", table->format);
    print_text(out, "version", table->version);
    print_text(out, "crawler", table->crawler);
    if (table->key_count)
        fprintf(out, "%-11s %s\n", "partitions", text_count(table->partitions, number));
    print_text(out, "first", table->first_partition);
    print_text(out, "last", table->last_partition);
    if (table->rows != CATALOG_UNKNOWN)
        fprintf(out, "%-11s about %s\n", "rows", text_count(table->rows, number));
    if (table->bytes != CATALOG_UNKNOWN)
        fprintf(out, "%-11s %s, a full scan costs about $%.4f\n", "bytes", text_bytes((uint64_t)table->bytes, number),
                catalog_scan_cost(table->bytes, price_cents));
}

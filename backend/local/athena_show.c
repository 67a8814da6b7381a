/* SHOW statements that list names and properties, answered over the Glue store; columns are athena_describe.c's,
 * statements that recreate something athena_show_create.c's. Runner threads. Source: Athena User Guide, "SHOW ...". */
#include "backend/local/athena_kinds.h"
#include "backend/local/glue_store.h"
#include <stdlib.h>
#include <string.h>

enum { PAGE = 1000, PATTERN_MAX = 4096 };

/* Hive's pattern ('*' any text, '|' or) as a regular expression. */
static void put_pattern(const char *pattern, struct buf *out)
{
    for (; pattern && *pattern; pattern++)
        buf_puts(out, *pattern == '*' ? ".*" : (char[]){*pattern, '\0'});
}

bool athena_pattern(const char *pattern, regex_t *regex, struct err *err)
{
    struct buf text = BUF_INIT(PATTERN_MAX);
    buf_puts(&text, "^(");
    put_pattern(pattern ? pattern : "*", &text);
    buf_puts(&text, ")$");
    bool ok = !text.failed && regcomp(regex, buf_text(&text), REG_EXTENDED | REG_ICASE | REG_NOSUB) == 0;
    buf_done(&text);
    return ok || athena_refuse(err, "FAILED", "SemanticException the pattern '%.100s' is not valid", pattern);
}

struct listing {
    struct athena_run *run;
    struct buf pattern;
    bool only_views;
};

static void put_names(struct listing *listing, const json_t *list, const regex_t *regex)
{
    size_t i;
    json_t *entry;
    json_array_foreach(list, i, entry)
    {
        bool is_view = strcmp(json_str(entry, "TableType"), "VIRTUAL_VIEW") == 0;
        if ((!listing->only_views || is_view) && (!regex || regexec(regex, json_str(entry, "Name"), 0, NULL, 0) == 0))
            buf_printf(&listing->run->text, "%s\n", json_str(entry, "Name"));
    }
}

/* All pages of databases (database NULL) or of a database's tables. */
static bool list_names(struct listing *listing, const char *database, const regex_t *regex, struct err *err)
{
    struct glue_page page = {.max = PAGE};
    struct glue_table_query query = {.database = database, .pattern = buf_text(&listing->pattern)};
    bool ok = true;
    do {
        char *after = page.next;
        page.after = after;
        page.next = NULL;
        json_t *list = database ? glue_table_list(listing->run->job->cloud, &query, &page, err)
                                : glue_database_list(listing->run->job->cloud, &page, err);
        free(after);
        put_names(listing, list, regex);
        ok = list != NULL;
        json_decref(list);
    } while (ok && page.next);
    free(page.next);
    return ok;
}

static bool show_names(struct athena_run *run, const char *database, bool only_views, struct err *err)
{
    struct listing listing = {.run = run, .pattern = BUF_INIT(PATTERN_MAX), .only_views = only_views};
    put_pattern(run->statement->pattern, &listing.pattern);
    bool ok = list_names(&listing, database, NULL, err);
    buf_done(&listing.pattern);
    return ok;
}

static bool show_databases(struct athena_run *run, struct err *err)
{
    struct listing listing = {.run = run, .pattern = BUF_INIT(PATTERN_MAX)};
    regex_t regex;
    athena_columns(run, (const char *const[]){"database_name", NULL});
    if (!athena_pattern(run->statement->pattern, &regex, err))
        return false;
    bool ok = list_names(&listing, NULL, &regex, err);
    regfree(&regex);
    return ok;
}

static bool show_tables(struct athena_run *run, struct err *err)
{
    athena_columns(run, (const char *const[]){"tab_name", NULL});
    return show_names(run, run->statement->database, false, err);
}

static bool show_views(struct athena_run *run, struct err *err)
{
    athena_columns(run, (const char *const[]){"views", NULL});
    return show_names(run, run->statement->database, true, err);
}

/* ---- partitions */

struct partition_list {
    struct athena_run *run;
    const json_t *keys;
    json_t *spec; /* NULL: all */
};

static bool put_partition(void *context, const json_t *partition, struct err *err)
{
    struct partition_list *list = context;
    const json_t *values = json_object_get(partition, "Values");
    (void)err;
    if (list->spec && !athena_partition_matches(list->spec, values))
        return true;
    athena_partition_name(list->keys, values, &list->run->text);
    buf_putc(&list->run->text, '\n');
    return true;
}

static bool show_partitions(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    struct cloud *cloud = run->job->cloud;
    athena_columns(run, (const char *const[]){"partition", NULL});
    json_t *table = glue_table_get(cloud, st->database, st->name, err);
    if (!table)
        return false;
    struct partition_list list = {.run = run, .keys = json_object_get(table, "PartitionKeys")};
    struct athena_partitions walk = {
        .database = st->database, .table = st->name, .each = put_partition, .context = &list};
    bool ok = json_array_size(list.keys) > 0 ||
              athena_refuse(err, "FAILED",
                            "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. Table %.100s "
                            "is not a partitioned table",
                            st->name);
    if (ok && st->partition_count)
        ok = (list.spec = athena_partition_values(&st->partitions[0], list.keys, false, err)) != NULL;
    ok = ok && athena_each_partition(cloud, &walk, err);
    json_decref(list.spec);
    json_decref(table);
    return ok;
}

/* ---- properties */

static bool show_properties(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    athena_columns(run, (const char *const[]){"prpt_name", "prpt_value", NULL});
    json_t *table = glue_table_get(run->job->cloud, st->database, st->name, err);
    json_t *parameters = json_object_get(table, "Parameters"), *value;
    const char *key;
    if (table && st->pattern && json_object_get(parameters, st->pattern))
        buf_printf(&run->text, "%s\n", json_str(parameters, st->pattern));
    else if (table && st->pattern)
        buf_printf(&run->text, "Table %s does not have property: %s\n", st->name, st->pattern);
    else
        json_object_foreach(parameters, key, value) buf_printf(&run->text, "%s\t%s\n", key, json_string_value(value));
    json_decref(table);
    return table != NULL;
}

bool athena_show(struct athena_run *run, struct err *err)
{
    static const struct {
        const char *verb;
        bool (*show)(struct athena_run *run, struct err *err);
    } rows[] = {
        {.verb = "SHOW DATABASES", .show = show_databases},
        {.verb = "SHOW TABLES", .show = show_tables},
        {.verb = "SHOW VIEWS", .show = show_views},
        {.verb = "SHOW COLUMNS", .show = athena_show_columns},
        {.verb = "SHOW PARTITIONS", .show = show_partitions},
        {.verb = "SHOW TBLPROPERTIES", .show = show_properties},
        {.verb = "SHOW CREATE TABLE", .show = athena_show_create_table},
        {.verb = "SHOW CREATE VIEW", .show = athena_show_create_view},
    };
    for (size_t i = 0; run->statement->verb && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].verb, run->statement->verb) == 0)
            return rows[i].show(run, err);
    return athena_refuse(err, "NOT_SUPPORTED", "the embedded cloud does not run %s", run->statement->verb);
}

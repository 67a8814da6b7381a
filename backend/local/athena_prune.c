/* Which partitions a statement can need: its conditions on partition keys, as an expression of Glue's GetPartitions.
 * The others are not looked at, as in Athena, so that neither their number nor a damaged object in them matters. Only
 * what the syntax says plainly is used; in doubt all are read. Runner threads. */
#include "backend/local/athena_source.h"
#include <string.h>
#include <strings.h>

enum { EXPRESSION_MAX = 1 << 20 };

static bool is_one_of(const char *type, const char *const *names)
{
    for (; *names; names++)
        if (strncmp(type, *names, strlen(*names)) == 0)
            return true;
    return false;
}

/* Appends the condition on a key of this type; false when it cannot be said. A date's folder may be written in another
 * form ("2024-1-2"), which text does not compare: those stay. */
static bool put_condition(const struct dialect_condition *condition, const char *type, struct buf *out)
{
    static const char *const numbers[] = {"tinyint", "smallint", "int", "bigint", NULL},
                             *const texts[] = {"string", "varchar", NULL}, *const dates[] = {"date", NULL};
    bool is_date = is_one_of(type, dates);
    if (condition->are_numbers ? !is_one_of(type, numbers) : !is_date && !is_one_of(type, texts))
        return false;
    for (size_t i = 0; i < condition->count; i++)
        if (strchr(condition->values[i], '\'') || (is_date && strlen(condition->values[i]) != strlen("2024-01-02")))
            return false;
    bool is_list = strcmp(condition->op, "IN") == 0;
    const char *quote = condition->are_numbers ? "" : "'";
    buf_printf(out, "%s(%s %s %s", out->len ? " AND " : "", condition->column, condition->op, is_list ? "(" : "");
    for (size_t i = 0; i < condition->count; i++)
        buf_printf(out, "%s%s%s%s", i ? ", " : "", quote, condition->values[i], quote);
    buf_puts(out, is_list ? ")" : "");
    if (is_date)
        buf_printf(out, " OR NOT %s LIKE '____-__-__'", condition->column);
    return buf_puts(out, ")");
}

static void put_read(const struct dialect_table *table, const struct dialect_read *read, struct buf *out)
{
    for (size_t i = 0; i < read->condition_count; i++)
        for (size_t j = 0; j < table->partition_count; j++)
            if (strcasecmp(read->conditions[i].column, table->partitions[j].name) == 0)
                put_condition(&read->conditions[i], table->partitions[j].type, out);
}

static bool reads_table(const struct dialect_read *read, const struct dialect_table *table)
{
    return strcmp(read->database, table->database) == 0 && strcmp(read->name, table->name) == 0;
}

/* A name that is none of the tables read is a view's, which may read the table too. */
static bool has_views(const struct dialect_statement *st, const struct dialect_reads *reads)
{
    for (size_t i = 0; i < reads->count; i++) {
        size_t at = 0;
        while (st->tables[at] && !reads_table(&reads->items[i], st->tables[at]))
            at++;
        if (!st->tables[at])
            return true;
    }
    return false;
}

const char *athena_prune(struct athena_run *run, const struct dialect_table *table)
{
    const json_t *context = json_object_get(json_object_get(run->job->record, "Execution"), "QueryExecutionContext");
    const char *database = json_str(context, "Database"), *expression = NULL;
    struct err err = ERR_NONE;
    struct buf all = BUF_INIT(EXPRESSION_MAX), one = BUF_INIT(EXPRESSION_MAX);
    struct dialect_reads *reads =
        dialect_reads(run->sql, strlen(run->sql), *database ? database : "default", run->arena, &err);
    bool ok = reads && reads->count && !has_views(run->statement, reads);
    for (size_t i = 0; ok && i < reads->count; i++) {
        if (!reads_table(&reads->items[i], table))
            continue;
        buf_clear(&one);
        put_read(table, &reads->items[i], &one);
        ok = one.len > 0 && !one.failed; /* a scan without a condition needs them all */
        buf_printf(&all, "%s(%s)", all.len ? " OR " : "", buf_text(&one));
    }
    if (ok && all.len && !all.failed)
        expression = arena_strdup(run->arena, buf_text(&all));
    buf_done(&all);
    buf_done(&one);
    return expression;
}

/* EXPLAIN and EXPLAIN ANALYZE: the plan is the embedded engine's own, laid out as Athena lays out its plans; nothing in
 * it is made up, so operators have the engine's names. TYPE VALIDATE and IO are answered from the translation. Runner
 * threads. Sources: Athena User Guide, "EXPLAIN and EXPLAIN ANALYZE"; DuckDB documentation, "EXPLAIN". */
#include "backend/base/path.h"
#include "backend/local/athena_kinds.h"
#include <stdio.h>
#include <string.h>

enum { PLAN_MAX = 64 << 20, DEPTH_MAX = 500 };

struct plan {
    struct athena_run *run;
    struct buf *out;
    bool is_analyze;
    int ids;
};

static const char *option(const struct athena_run *run, const char *name, const char *fallback)
{
    const char *value = pairs_get(&run->statement->properties, name);
    return value ? value : fallback;
}

/* ---- asking the engine */

/* The second cell of the second line of the CSV: the plan. */
static json_t *read_plan(const char *path, struct err *err)
{
    struct buf text = BUF_INIT(PLAN_MAX), plain = BUF_INIT(PLAN_MAX);
    json_t *plan = NULL;
    if (path_read(path, &text, err)) {
        const char *at = strchr(buf_text(&text), '\n');
        at = at ? strstr(at, "\",\"") : NULL;
        for (at = at ? at + 3 : ""; *at && !(at[0] == '"' && at[1] != '"'); at++) {
            buf_putc(&plain, *at);
            at += at[0] == '"';
        }
        plan = json_parse(buf_text(&plain), plain.len, err);
    }
    buf_done(&text);
    buf_done(&plain);
    return plan;
}

static json_t *ask_plan(struct athena_run *run, bool is_analyze, struct err *err)
{
    struct buf sql = BUF_INIT(PLAN_MAX);
    char output[PATH_SIZE];
    bool is_logical = !is_analyze && strcmp(option(run, "type", "distributed"), "logical") == 0;
    if (is_logical)
        json_array_append_new(run->setup, json_string("SET explain_output='optimized_only'"));
    buf_printf(&sql, "EXPLAIN (%sFORMAT json) %s", is_analyze ? "ANALYZE, " : "", run->statement->duck_sql);
    bool ok = athena_tables(run, err) && path_join(output, run->dir, "plan.csv", err);
    run->job->planned_ms = clock_mono(&clock_system);
    ok = ok && athena_run_engine(run, buf_text(&sql), output, err);
    buf_done(&sql);
    run->rows = 0;
    if (!is_analyze)
        run->scanned = 0; /* footers and first lines, which Athena does not charge for a plan */
    return ok ? read_plan(output, err) : NULL;
}

/* ---- one node */

static const char *node_name(const json_t *node)
{
    const char *name = json_str(node, "name");
    name = *name ? name : json_str(node, "operator_name");
    return *name ? name : json_str(node, "operator_type");
}

/* The root of an analysed plan is the query as a whole. */
static const json_t *first_node(const json_t *plan)
{
    const json_t *node = json_is_array(plan) ? json_array_get(plan, 0) : plan;
    while (json_array_size(json_object_get(node, "children")) == 1 &&
           (!*node_name(node) || strcmp(node_name(node), "EXPLAIN_ANALYZE") == 0))
        node = json_array_get(json_object_get(node, "children"), 0);
    return node;
}

static void put_detail(const struct plan *plan, const char *key, const char *text, struct buf *out)
{
    if (!*text || strstr(text, plan->run->dir) || strncmp(key, "Estimated", 9) == 0)
        return;
    buf_printf(out, "%s%s: ", out->len ? ", " : "", key);
    for (; *text; text++)
        buf_puts(out, *text == '\n' ? ", " : (char[]){*text, '\0'});
}

/* "Groups: #0, Aggregates: sum(#1)" */
static void put_details(const struct plan *plan, const json_t *node, struct buf *out)
{
    const char *key;
    json_t *value, *item;
    json_object_foreach(json_object_get(node, "extra_info"), key, value)
    {
        struct buf text = BUF_INIT(1 << 20);
        size_t i;
        if (json_is_string(value))
            buf_puts(&text, json_string_value(value));
        json_array_foreach(value, i, item)
        {
            if (json_is_string(item))
                buf_printf(&text, "%s%s", i ? ", " : "", json_string_value(item));
        }
        put_detail(plan, key, buf_text(&text), out);
        buf_done(&text);
    }
}

static void put_figures(const struct plan *plan, const json_t *node, struct buf *out)
{
    const char *estimate = json_str(json_object_get(node, "extra_info"), "Estimated Cardinality");
    if (plan->is_analyze)
        buf_printf(out, "rows: %lld, time: %.2f ms", (long long)json_int(node, "operator_cardinality", 0),
                   json_number_value(json_object_get(node, "operator_timing")) * 1000);
    else
        buf_printf(out, "rows: %s", *estimate ? estimate : "?");
}

/* ---- the forms */

static void put_text(struct plan *plan, const json_t *node, int depth)
{
    struct buf details = BUF_INIT(PLAN_MAX), figures = BUF_INIT(1024);
    json_t *child;
    size_t i;
    if (depth > DEPTH_MAX)
        return;
    put_details(plan, node, &details);
    put_figures(plan, node, &figures);
    buf_printf(plan->out, "%*s- %s[%s]\n%*s{%s}\n", 4 * depth + 4, "", node_name(node), buf_text(&details),
               4 * depth + 10, "", buf_text(&figures));
    buf_done(&details);
    buf_done(&figures);
    json_array_foreach(json_object_get(node, "children"), i, child) put_text(plan, child, depth + 1);
}

static json_t *node_json(struct plan *plan, const json_t *node, int depth)
{
    struct buf details = BUF_INIT(PLAN_MAX), figures = BUF_INIT(1024);
    char id[16];
    json_t *children = json_array(), *child;
    size_t i;
    snprintf(id, sizeof id, "%d", plan->ids++);
    put_details(plan, node, &details);
    put_figures(plan, node, &figures);
    json_array_foreach(json_object_get(node, "children"), i, child)
    {
        if (depth < DEPTH_MAX)
            json_array_append_new(children, node_json(plan, child, depth + 1));
    }
    json_t *made = json_pack("{s:s, s:s, s:[s], s:[s], s:o}", "id", id, "name", node_name(node), "details",
                             buf_text(&details), "estimates", buf_text(&figures), "children", children);
    buf_done(&details);
    buf_done(&figures);
    return made;
}

static int put_graph(struct plan *plan, const json_t *node, int depth)
{
    int own = plan->ids++;
    json_t *child;
    size_t i;
    buf_printf(plan->out, "plannode_%d[label=\"{%s}\"];\n", own, node_name(node));
    json_array_foreach(json_object_get(node, "children"), i, child)
    {
        if (depth < DEPTH_MAX)
            buf_printf(plan->out, "plannode_%d -> plannode_%d;\n", own, put_graph(plan, child, depth + 1));
    }
    return own;
}

static bool put_plan(struct plan *plan, struct err *err)
{
    struct athena_run *run = plan->run;
    const char *format = option(run, "format", "text");
    json_t *asked = ask_plan(run, plan->is_analyze, err);
    athena_columns(run, (const char *const[]){"Query Plan", NULL}); /* the engine's own are not the result's */
    const json_t *root = first_node(asked);
    if (!asked)
        return false;
    if (strcmp(format, "json") == 0) {
        bool is_logical = strcmp(option(run, "type", "distributed"), "logical") == 0;
        json_t *tree = node_json(plan, root, 0);
        json_t *whole = is_logical ? json_incref(tree) : json_pack("{s:O}", "0", tree);
        json_write(whole, 2, plan->out);
        buf_putc(plan->out, '\n');
        json_decref(whole);
        json_decref(tree);
    } else if (strcmp(format, "graphviz") == 0) {
        buf_puts(plan->out, "digraph plan {\n");
        put_graph(plan, root, 0);
        buf_puts(plan->out, "}\n");
    } else {
        if (strcmp(option(run, "type", "distributed"), "logical") != 0)
            buf_puts(plan->out, "Fragment 0 [SINGLE]\n");
        put_text(plan, root, 0);
    }
    json_decref(asked);
    return true;
}

/* What is read, without asking the engine. */
static void put_io(struct athena_run *run)
{
    json_t *tables = json_array();
    for (size_t i = 0; run->statement->tables && run->statement->tables[i]; i++)
        json_array_append_new(tables,
                              json_pack("{s:{s:s, s:{s:s, s:s}}, s:[], s:{}}", "table", "catalog", "awsdatacatalog",
                                        "schemaTable", "schema", run->statement->tables[i]->database, "table",
                                        run->statement->tables[i]->name, "columnConstraints", "estimate"));
    json_t *whole = json_pack("{s:o, s:{}}", "inputTableColumnInfos", tables, "estimate");
    json_write(whole, 2, &run->text);
    buf_putc(&run->text, '\n');
    json_decref(whole);
}

static bool check_options(const struct athena_run *run, struct err *err)
{
    static const char *const types[] = {"logical", "distributed", "validate", "io", NULL}, *const formats[] = {
                                                                                               "text", "json",
                                                                                               "graphviz", NULL};
    const char *type = option(run, "type", "distributed"), *format = option(run, "format", "text");
    size_t at = 0;
    while (types[at] && strcmp(types[at], type) != 0)
        at++;
    if (!types[at])
        return athena_refuse(err, "SYNTAX_ERROR", "EXPLAIN has no type %.40s", type);
    for (at = 0; formats[at] && strcmp(formats[at], format) != 0;)
        at++;
    return formats[at] || athena_refuse(err, "SYNTAX_ERROR", "EXPLAIN has no format %.40s", format);
}

bool athena_explain(struct athena_run *run, struct err *err)
{
    struct plan plan = {
        .run = run, .out = &run->text, .is_analyze = strcmp(run->statement->verb, "EXPLAIN ANALYZE") == 0};
    const char *inner = run->statement->inner;
    bool is_query = dialect_nature(inner, strlen(inner)).kind == DIALECT_QUERY;
    if (!check_options(run, err))
        return false;
    if (plan.is_analyze && !is_query)
        return athena_refuse(err, "NOT_SUPPORTED", "EXPLAIN ANALYZE is for queries only");
    if (!plan.is_analyze && strcmp(option(run, "type", ""), "validate") == 0) {
        athena_columns(run, (const char *const[]){"Valid", NULL});
        return buf_puts(&run->text, "true\n");
    }
    if (!plan.is_analyze && strcmp(option(run, "type", ""), "io") == 0) {
        athena_columns(run, (const char *const[]){"Query Plan", NULL});
        put_io(run);
        return true;
    }
    return put_plan(&plan, err);
}

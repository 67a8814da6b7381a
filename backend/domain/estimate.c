/* What a statement will scan and cost; see estimate.h. The statement's reads come from the dialect, tables and
 * partitions from Glue, sizes from the listing; a crawler's figures stand in where listing is not possible. Views are
 * followed. */
#include "backend/aws/glue.h"
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include "backend/domain/catalog.h"
#include "backend/domain/estimate_private.h"
#include "backend/domain/listing.h"
#include "backend/domain/query.h"
#include "backend/sql/dialect.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    ESTIMATE_ARENA = 256 << 20,
    VIEW_DEPTH = 8,
    SQL_VIEW_MAX = 1024 * 1024,
    /* more partitions than this are not listed one by one; their table's location is */
    PARTITIONS_LISTED = 10 * LISTING_ZONES
};

/* The sum so far. */
struct sum {
    int64_t bytes;
    bool is_upper; /* not all of it need be read */
    bool is_about; /* older figures, or a share as one file has it */
    bool is_short; /* a part is missing */
    int64_t partitions;
};
struct run {
    const struct estimate_request *request;
    struct arena *arena;
    struct sum sum;
    const char *const *names; /* of the statement whose reads are being sized */
    int64_t tables;
    struct buf why;
    struct err *err;
};

static void say(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct run *run, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (text_find(buf_text(&run->why), text))
        return;
    buf_printf(&run->why, "%s%s", run->why.len ? "; " : "", text);
}

/* --- sizes --- */
struct places {
    struct s3_name *items;
    size_t count, cap;
};

static bool add_place(struct run *run, struct places *places, const char *location)
{
    struct s3_name name;
    struct err ignored = ERR_NONE;
    if (!s3_is_name(location) || !s3_name_parse(location, &name, &ignored))
        return false;
    size_t len = strlen(name.key);
    if (len > 0 && name.key[len - 1] != '/' && len + 1 < sizeof name.key) /* "orders" is not "orders_old" */
        memcpy(name.key + len, "/", 2);
    places->items = arena_grow(run->arena, places->items, places->count, &places->cap, sizeof *places->items);
    if (!places->items)
        return false;
    places->items[places->count++] = name;
    return true;
}

/* The places of one bucket from *at on, up to a listing's maximum; *at moves behind. False when cancelled. */
static bool list_some(struct run *run, const struct places *places, size_t *at, struct sum *sum)
{
    const char *bucket = places->items[*at].bucket;
    struct listing_options options = {
        .source = listing_source_s3(run->request->aws), .bucket = bucket, .cancel = run->request->cancel};
    struct listing *listing = listing_new(&options);
    bool ok = true;
    size_t start = *at;
    for (; ok && *at < places->count && *at - start < LISTING_ZONES && strcmp(places->items[*at].bucket, bucket) == 0;
         ++*at)
        ok = listing_add(listing, places->items[*at].key, run->err);
    ok = ok && listing_run(listing, run->err);
    for (size_t i = 0; ok && i < listing_count(listing); i++) {
        const struct listing_zone *zone = listing_zone(listing, i);
        sum->bytes += zone->sum.bytes;
        if (!zone->is_complete) {
            sum->is_short = true;
            say(run, "s3://%s/%s could not be listed: %.80s", bucket, zone->prefix, zone->err.text);
        }
    }
    listing_free(listing);
    return ok;
}

static bool list_places(struct run *run, const struct places *places, struct sum *sum)
{
    for (size_t at = 0; at < places->count;)
        if (!list_some(run, places, &at, sum))
            return false;
    return true;
}

/* --- partitions --- */
static bool is_number_type(const char *type)
{
    static const char *const numbers[] = {"tinyint", "smallint", "int", "bigint", "long", "float", "double", "decimal"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strncasecmp(type, numbers[i], strlen(numbers[i])) == 0)
            return true;
    return false;
}

static void put_value(struct buf *out, const struct dialect_condition *condition, const char *value)
{
    buf_printf(out, condition->are_numbers ? "%s" : "'%s'", value);
}

/* As Glue's GetPartitions takes it; false when this key has another type or a value cannot be written. */
static bool put_condition(struct buf *out, const struct dialect_condition *condition, const char *type)
{
    if (is_number_type(type) != condition->are_numbers)
        return false;
    for (size_t i = 0; i < condition->count; i++)
        if (strchr(condition->values[i], '\''))
            return false;
    buf_printf(out, "%s%s %s ", out->len ? " AND " : "", condition->column, condition->op);
    bool is_list = strcmp(condition->op, "IN") == 0;
    buf_puts(out, is_list ? "(" : "");
    for (size_t i = 0; i < condition->count; i++) {
        buf_puts(out, i ? ", " : "");
        put_value(out, condition, condition->values[i]);
    }
    return buf_puts(out, is_list ? ")" : "");
}

/* The conditions on partition keys; *keys gets their names for people. */
static void partition_filter(const json_t *table, const struct dialect_read *read, struct buf *out, struct buf *keys)
{
    const json_t *list = json_object_get(table, "PartitionKeys"), *key;
    size_t k;
    json_array_foreach(list, k, key)
    {
        bool any = false;
        for (size_t i = 0; i < read->condition_count; i++)
            if (strcasecmp(read->conditions[i].column, json_str(key, "Name")) == 0)
                any = put_condition(out, &read->conditions[i], json_str(key, "Type")) || any;
        if (any)
            buf_printf(keys, "%s%s", keys->len ? ", " : "", json_str(key, "Name"));
    }
}

static json_t *get_partitions(struct run *run, const struct dialect_read *read, const char *filter)
{
    struct glue_partition_filter ask = {.expression = filter, .max = PARTITIONS_LISTED + 1};
    struct err err = ERR_NONE;
    json_t *list = glue_get_partitions(run->request->aws, read->database, read->name, &ask, run->request->cancel, &err);
    if (!list && *filter && err.code != ERR_CANCELLED) { /* a filter the service does not take: all, then */
        ask.expression = NULL;
        list = glue_get_partitions(run->request->aws, read->database, read->name, &ask, run->request->cancel, &err);
        run->sum.is_upper = true;
    }
    if (!list)
        *run->err = err;
    return list;
}

/* Adds the locations of the partitions that remain; false with run->err, or (ERR_OK) when there are too many. */
static bool partition_places(struct run *run, const json_t *table, const struct dialect_read *read,
                             struct places *places, struct sum *sum)
{
    struct buf filter = BUF_INIT(16 * 1024), keys = BUF_INIT(4096);
    partition_filter(table, read, &filter, &keys);
    json_t *list = get_partitions(run, read, filter.failed ? "" : buf_text(&filter)), *partition;
    size_t i, count = json_array_size(list);
    json_array_foreach(list, i, partition)
    {
        const char *location = json_str(json_object_get(partition, "StorageDescriptor"), "Location");
        if (count <= PARTITIONS_LISTED && !add_place(run, places, location))
            sum->is_short = true;
    }
    bool ok = list && count <= PARTITIONS_LISTED;
    if (ok) {
        sum->partitions += (int64_t)count;
        say(run, keys.len ? "%s: %zu partition%s by %s" : "%s: all %zu partition%s%s", read->name, count,
            count == 1 ? "" : "s", buf_text(&keys));
    }
    json_decref(list);
    buf_done(&filter);
    buf_done(&keys);
    return ok;
}

/* --- one table --- */
static bool is_parquet(const json_t *table)
{
    const char *classification = json_str(json_object_get(table, "Parameters"), "classification");
    const char *input = json_str(json_object_get(table, "StorageDescriptor"), "InputFormat");
    return text_find(classification, "parquet") || text_find(input, "parquet");
}

static bool is_columnar(const json_t *table)
{
    const char *classification = json_str(json_object_get(table, "Parameters"), "classification");
    const char *input = json_str(json_object_get(table, "StorageDescriptor"), "InputFormat");
    return is_parquet(table) || text_find(classification, "orc") || text_find(input, "orc.Orc");
}

/* Of Parquet the share of the columns named, as one file has it; of other columnar formats all is the upper bound. */
static void share_columns(struct run *run, const json_t *table, const struct dialect_read *read,
                          const struct places *places, struct sum *sum)
{
    struct estimate_share share = {.of = 0};
    char whole[TEXT_SHORT];
    sum->is_upper = true;
    if (read->is_all || !run->names || !is_parquet(table) || !places->count ||
        !estimate_column_share(run->request, &places->items[0], run->names, &share)) {
        say(run, "columnar: only the columns named are read");
        return;
    }
    say(run, "%s: %d of %d columns, of %s in all", read->name, share.named, share.of,
        text_bytes((uint64_t)sum->bytes, whole));
    sum->bytes = (int64_t)((double)sum->bytes * share.share);
    sum->is_about = true;
}

static void say_format(struct run *run, const json_t *table, const struct dialect_read *read,
                       const struct places *places, struct sum *sum)
{
    const json_t *parameters = json_object_get(table, "Parameters");
    if (is_columnar(table))
        share_columns(run, table, read, places, sum);
    if (strcasecmp(json_str(parameters, "table_type"), "ICEBERG") == 0) {
        sum->is_upper = true;
        say(run, "Iceberg: older versions lie there too");
    }
}

static bool fall_back(struct run *run, const json_t *table, const struct dialect_read *read, struct sum *sum)
{
    const char *text = json_str(json_object_get(table, "Parameters"), "sizeKey");
    char *end;
    long long bytes = strtoll(text, &end, 10);
    if (!*text || *end || bytes < 0)
        return false;
    *sum = (struct sum){.bytes = bytes, .is_about = true, .is_upper = sum->is_upper};
    say(run, "%s: as its crawler counted", read->name);
    return true;
}

static bool size_table(struct run *run, const json_t *table, const struct dialect_read *read, struct sum *sum)
{
    const json_t *parameters = json_object_get(table, "Parameters");
    const char *location = json_str(json_object_get(table, "StorageDescriptor"), "Location");
    struct places places = {.items = NULL};
    bool is_partitioned = json_array_size(json_object_get(table, "PartitionKeys")) > 0;
    bool is_projected = strcasecmp(json_str(parameters, "projection.enabled"), "true") == 0;
    if (is_partitioned && is_projected) { /* the catalog has no partitions to prune by */
        sum->is_upper = true;
        say(run, "%s: partition projection is not followed", read->name);
    }
    bool has_places = is_partitioned && !is_projected && partition_places(run, table, read, &places, sum);
    if (run->err->code == ERR_CANCELLED)
        return false;
    if (is_partitioned && !is_projected && !has_places) {
        sum->is_upper = true;
        places.count = 0;
        if (run->err->code != ERR_OK)
            say(run, "%s: partitions not read (%.80s)", read->name, run->err->text);
        else
            say(run, "%s: more than %d partitions, all of it counted", read->name, PARTITIONS_LISTED);
        *run->err = ERR_NONE;
    }
    if (!has_places && !add_place(run, &places, location)) {
        sum->is_short = true;
        say(run, "%s has no location in S3", read->name);
    }
    if (!list_places(run, &places, sum))
        return false;
    say_format(run, table, read, &places, sum);
    if (sum->is_short)
        fall_back(run, table, read, sum);
    return true;
}

/* --- reads and views --- */
static bool add_reads(struct run *run, const char *sql, size_t len, const char *database, int depth);

static void add_sum(struct sum *to, const struct sum *sum)
{
    to->bytes += sum->bytes;
    to->partitions += sum->partitions;
    to->is_upper = to->is_upper || sum->is_upper;
    to->is_about = to->is_about || sum->is_about;
    to->is_short = to->is_short || sum->is_short;
}

static bool is_metadata(const struct dialect_read *read)
{
    const char *suffix = strchr(read->name, '$');
    return strcmp(read->database, "information_schema") == 0 || (suffix && strcmp(suffix, "$partitions") == 0);
}

/* False only when cancelled; a table that cannot be read makes the sum short. */
static bool add_read(struct run *run, const struct dialect_read *read, int depth, struct sum *sum)
{
    struct err err = ERR_NONE;
    if (is_metadata(read))
        return true;
    json_t *table = glue_get_table(run->request->aws, read->database, read->name, run->request->cancel, &err);
    if (!table) {
        sum->is_short = true;
        say(run, "%s.%s: %.120s", read->database, read->name, err.text);
        *run->err = err.code == ERR_CANCELLED ? err : ERR_NONE;
        return err.code != ERR_CANCELLED;
    }
    struct buf query = BUF_INIT(SQL_VIEW_MAX);
    const char *view = catalog_view_query(table, &query) ? buf_text(&query) : NULL;
    bool ok = true;
    if (view && depth < VIEW_DEPTH) {
        struct sum outer = run->sum;
        run->sum = (struct sum){0};
        ok = add_reads(run, view, query.len, read->database, depth + 1);
        *sum = run->sum;
        run->sum = outer;
    } else if (view) {
        sum->is_short = true;
        say(run, "%s: views within views are followed %d deep", read->name, VIEW_DEPTH);
    } else {
        run->tables++;
        ok = size_table(run, table, read, sum);
    }
    buf_done(&query);
    json_decref(table);
    return ok;
}

static bool same_condition(const struct dialect_condition *a, const struct dialect_condition *b)
{
    if (strcmp(a->column, b->column) != 0 || strcmp(a->op, b->op) != 0 || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->values[i], b->values[i]) != 0)
            return false;
    return true;
}

static bool same_read(const struct dialect_read *a, const struct dialect_read *b)
{
    if (strcmp(a->database, b->database) != 0 || strcmp(a->name, b->name) != 0 ||
        a->condition_count != b->condition_count || a->is_all != b->is_all)
        return false;
    for (size_t i = 0; i < a->condition_count; i++)
        if (!same_condition(&a->conditions[i], &b->conditions[i]))
            return false;
    return true;
}

static bool add_reads(struct run *run, const char *sql, size_t len, const char *database, int depth)
{
    struct err err = ERR_NONE;
    struct dialect_reads *reads = dialect_reads(sql, len, database, run->arena, &err);
    struct sum *sums = reads ? ARENA_ARRAY(run->arena, struct sum, reads->count + 1) : NULL;
    if (!sums) {
        run->sum.is_short = true;
        say(run, "%.200s", *err.text ? err.text : "the statement is too large");
        return true;
    }
    const char *const *outer = run->names;
    for (size_t i = 0; i < reads->count; i++) {
        run->names = reads->names;
        size_t same = 0; /* listed once, counted as often as it is scanned */
        while (same < i && !same_read(&reads->items[same], &reads->items[i]))
            same++;
        if (same < i)
            sums[i] = sums[same];
        else if (!add_read(run, &reads->items[i], depth, &sums[i]))
            return false;
        add_sum(&run->sum, &sums[i]);
    }
    run->names = outer;
    if (reads->is_limited && reads->count) {
        run->sum.is_upper = true;
        say(run, "LIMIT may end it sooner");
    }
    return true;
}

/* --- the answer --- */
static enum estimate_certainty certainty_of(const struct sum *sum)
{
    if (sum->is_short && sum->bytes == 0)
        return ESTIMATE_UNKNOWN;
    if (sum->is_about || (sum->is_short && sum->is_upper))
        return ESTIMATE_ABOUT;
    return sum->is_short ? ESTIMATE_AT_LEAST : sum->is_upper ? ESTIMATE_AT_MOST : ESTIMATE_EXACT;
}

static void conclude(const struct run *run, struct estimate *out)
{
    out->certainty = certainty_of(&run->sum);
    out->tables = run->tables;
    out->partitions = run->sum.partitions;
    if (out->certainty != ESTIMATE_UNKNOWN) {
        out->bytes = run->sum.bytes;
        out->cost = catalog_scan_cost(run->sum.bytes, run->request->price_cents); /* nothing scanned is free */
    }
    snprintf(out->reason, sizeof out->reason, "%lld %s%s%s", (long long)run->tables,
             run->tables == 1 ? "table" : "tables", run->why.len ? "; " : "", buf_text(&run->why));
}

bool estimate_query(const struct estimate_request *request, struct estimate *out, struct err *err)
{
    struct err own = ERR_NONE;
    struct dialect_nature nature = dialect_nature(request->sql, request->len);
    *out = (struct estimate){.certainty = ESTIMATE_UNKNOWN, .bytes = -1, .cost = -1, .only_reads = nature.only_reads};
    if (*nature.verb && !nature.scans) {
        out->certainty = ESTIMATE_EXACT;
        out->is_free = true;
        out->bytes = 0;
        out->cost = 0;
        snprintf(out->reason, sizeof out->reason, "%s scans nothing", nature.verb);
        return true;
    }
    if (!*nature.verb) {
        snprintf(out->reason, sizeof out->reason, "no statement that is known");
        return true;
    }
    struct run run = {
        .request = request, .arena = arena_new(ESTIMATE_ARENA), .why = BUF_INIT(16 * 1024), .err = err ? err : &own};
    *run.err = ERR_NONE;
    bool ok = add_reads(&run, request->sql, request->len, request->database, 0);
    if (ok)
        conclude(&run, out);
    buf_done(&run.why);
    arena_free(run.arena);
    return ok;
}

char *estimate_words(const struct estimate *estimate, char out[ESTIMATE_WORDS])
{
    static const char *const words[] = {[ESTIMATE_EXACT] = "",
                                        [ESTIMATE_ABOUT] = "about ",
                                        [ESTIMATE_AT_MOST] = "at most ",
                                        [ESTIMATE_AT_LEAST] = "at least ",
                                        [ESTIMATE_UNKNOWN] = ""};
    char bytes[TEXT_SHORT], cost[32];
    query_cost_text(estimate->cost, cost);
    if (estimate->is_free)
        snprintf(out, ESTIMATE_WORDS, "free");
    else if (estimate->certainty == ESTIMATE_UNKNOWN)
        snprintf(out, ESTIMATE_WORDS, "unknown");
    else
        snprintf(out, ESTIMATE_WORDS, "%s%s, %s", words[estimate->certainty],
                 text_bytes((uint64_t)estimate->bytes, bytes), *cost ? cost : "cost unknown");
    return out;
}

bool estimate_allows(const struct estimate *estimate, int64_t max_bytes, struct err *err)
{
    char words[ESTIMATE_WORDS], limit[TEXT_SHORT];
    if (max_bytes <= 0 || estimate->is_free || estimate->bytes <= max_bytes) /* -1 when unknown */
        return true;
    text_bytes((uint64_t)max_bytes, limit);
    return err_set(err, ERR_REFUSED, "the query scans %s: more than the limit of %s", estimate_words(estimate, words),
                   limit);
}

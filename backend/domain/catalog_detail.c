/* The feed of one table: what Glue says of it, its versions, its partitions. Published once when table and versions are
 * there, and again with the partitions. On the feed's thread. */
#include "backend/aws/glue.h"
#include "backend/domain/catalog_private.h"
#include "backend/domain/session.h"
#include <string.h>

enum {
    DETAIL_ARENA = 192 << 20,
    TEXT_MAX = 4 << 20,
    COMPARED_MAX = 64 /* columns of a table whose partitions are read with theirs: wider ones cost too much to fetch */
};

static const char *keep(struct arena *arena, const char *text)
{
    const char *copy = *text ? arena_strdup(arena, text) : NULL;
    return copy ? copy : "";
}

static const char *keep_buf(struct arena *arena, struct buf *text, bool is_good)
{
    const char *kept = is_good ? keep(arena, buf_text(text)) : "";
    buf_done(text);
    return kept;
}

static void read_properties(const json_t *table, struct arena *arena, struct catalog_detail *detail)
{
    json_t *parameters = json_object_get(table, "Parameters"), *value;
    const char *name;
    detail->properties = ARENA_ARRAY(arena, struct catalog_property, json_object_size(parameters) + 1);
    json_object_foreach(parameters, name, value)
    {
        if (detail->properties)
            detail->properties[detail->property_count++] = (struct catalog_property){
                .name = keep(arena, name), .value = keep(arena, json_is_string(value) ? json_string_value(value) : "")};
    }
}

static void read_texts(const json_t *table, struct arena *arena, struct catalog_detail *detail)
{
    struct buf ddl = BUF_INIT(TEXT_MAX), json = BUF_INIT(TEXT_MAX), view = BUF_INIT(TEXT_MAX);
    detail->ddl = keep_buf(arena, &ddl, catalog_write_ddl(table, &ddl));
    detail->json = keep_buf(arena, &json, json_write(table, 2, &json));
    detail->view_sql = keep_buf(arena, &view, catalog_view_query(table, &view));
}

/* All but the partitions. */
static struct catalog_detail *read_detail(const json_t *table, const json_t *versions, struct arena *arena)
{
    const json_t *descriptor = json_object_get(table, "StorageDescriptor");
    struct catalog_detail *detail = ARENA_NEW(arena, struct catalog_detail);
    if (!detail)
        return NULL;
    catalog_fill_table(table, arena, &detail->table);
    detail->created_ms = (int64_t)(json_number_value(json_object_get(table, "CreateTime")) * 1000);
    detail->owner = keep(arena, json_str(table, "Owner"));
    detail->description = keep(arena, json_str(table, "Description"));
    detail->input_format = keep(arena, json_str(descriptor, "InputFormat"));
    detail->serde = keep(arena, json_str(json_object_get(descriptor, "SerdeInfo"), "SerializationLibrary"));
    read_properties(table, arena, detail);
    read_texts(table, arena, detail);
    return catalog_diff(versions, arena, detail) ? detail : NULL;
}

struct walking {
    struct arena *arena;
    struct catalog_detail *detail;
    size_t cap;
    bool compares;
};

static bool add_page(void *context, const json_t *partitions, struct err *err)
{
    struct walking *walking = context;
    size_t i;
    json_t *partition;
    json_array_foreach(partitions, i, partition)
    {
        catalog_count_partition(&walking->detail->table, catalog_join_values(partition, walking->arena));
        if (!catalog_add_partition(partition, &walking->detail->table, walking->compares, walking->arena,
                                   walking->detail, &walking->cap))
            return err_set(err, ERR_TOO_LARGE, "the partitions of %s are more than this view can hold",
                           walking->detail->table.name);
    }
    return true;
}

/* False only when cancelled: partitions that cannot be read leave the rest. */
static bool read_partitions(struct aws *aws, const struct cancel *cancel, struct arena *arena,
                            struct catalog_detail *detail)
{
    struct walking walking = {.arena = arena, .detail = detail, .compares = detail->table.column_count <= COMPARED_MAX};
    struct glue_partition_walk walk = {.database = detail->table.database,
                                       .table = detail->table.name,
                                       .with_columns = walking.compares,
                                       .each = add_page,
                                       .context = &walking};
    detail->table.partitions = 0;
    bool ok = glue_walk_partitions(aws, &walk, cancel, &detail->partition_err);
    if (!ok)
        detail->table.partitions = CATALOG_UNKNOWN;
    return detail->partition_err.code != ERR_CANCELLED && catalog_find_gaps(arena, detail);
}

struct catalog_detail *catalog_read_detail(struct aws *aws, const char *database, const char *name,
                                           const struct cancel *cancel, struct arena *arena, struct err *err)
{
    json_t *table = glue_get_table(aws, database, name, cancel, err);
    json_t *versions = table ? glue_get_table_versions(aws, database, name, cancel, err) : NULL;
    struct catalog_detail *detail = versions ? read_detail(table, versions, arena) : NULL;
    if (versions && (!detail || arena_failed(arena))) {
        err_set(err, ERR_TOO_LARGE, "the table %s is larger than this view can hold", name);
        detail = NULL;
    }
    if (detail && detail->table.key_count == 0)
        detail->table.partitions = 0;
    else if (detail && !read_partitions(aws, cancel, arena, detail)) {
        *err = detail->partition_err;
        detail = NULL;
    }
    json_decref(table);
    json_decref(versions);
    return detail;
}

/* Without partitions; a table that has none is then complete. */
static struct snap *make(struct catalog *catalog, const json_t *table, const json_t *versions, struct err *err)
{
    struct snap *snap = snap_new(DETAIL_ARENA);
    struct catalog_detail *detail = read_detail(table, versions, snap->arena);
    if (!detail || arena_failed(snap->arena)) {
        err_set(err, ERR_TOO_LARGE, "the table %s is larger than this view can hold", json_str(table, "Name"));
        snap_put(snap);
        return NULL;
    }
    if (detail->table.key_count == 0)
        detail->table.partitions = 0;
    catalog_stamp(catalog, snap, detail, 2);
    return snap;
}

static struct snap *with_partitions(struct feed *feed, struct catalog *catalog, struct aws *aws, const json_t *table,
                                    const json_t *versions, struct err *err)
{
    struct snap *snap = make(catalog, table, versions, err);
    struct catalog_detail *detail = snap ? (struct catalog_detail *)snap->value : NULL;
    if (!detail || detail->table.key_count == 0)
        return snap;
    struct snap *early = make(catalog, table, versions, err);
    if (early)
        feed_publish_partial(feed, early);
    if (read_partitions(aws, feed_cancel(feed), snap->arena, detail))
        return snap;
    err_set(err, ERR_CANCELLED, "another table was chosen");
    snap_put(snap);
    return NULL;
}

struct snap *catalog_fetch_detail(struct feed *feed, void *context, struct err *err)
{
    struct catalog *catalog = context;
    struct catalog_wish wish;
    catalog_get_wish(catalog, &wish);
    if (!*wish.table) { /* nothing was chosen yet */
        struct snap *snap = snap_new(4096);
        catalog_stamp(catalog, snap, NULL, 0);
        return snap;
    }
    if (!cancel_wait(feed_cancel(feed), CATALOG_REST_MS)) {
        err_set(err, ERR_CANCELLED, "another table was chosen");
        return NULL;
    }
    struct aws *aws = session_connect(catalog->session, feed_cancel(feed), err);
    json_t *table = aws ? glue_get_table(aws, wish.database, wish.table, feed_cancel(feed), err) : NULL;
    json_t *versions = table ? glue_get_table_versions(aws, wish.database, wish.table, feed_cancel(feed), err) : NULL;
    struct snap *snap = versions ? with_partitions(feed, catalog, aws, table, versions, err) : NULL;
    json_decref(table);
    json_decref(versions);
    return snap;
}

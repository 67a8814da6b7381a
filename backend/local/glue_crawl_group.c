/* Which folders are tables and which are partitions. As Glue does ("How does a crawler determine when to create
 * partitions?"): folders side by side whose schemas are alike (same format, compression and delimiter, 70 % of the
 * columns) and equally deep are partitions of one table named after the folder above; others are tables of their own.
 * key=value folders need the same format only. One unnamed folder alone stays a table, unless its name is a number or
 * date. Files of one folder that differ are tables of their own. */
#include "backend/local/glue_crawl.h"
#include <string.h>

enum { SIMILAR_PERCENT = 70 };

static bool check_stop(struct crawl *crawl, struct err *err)
{
    return !atomic_load(crawl->stop) || err_set(err, ERR_CANCELLED, "the crawl was stopped");
}

static void totals(const struct crawl_folder *folder, int64_t *count, int64_t *bytes)
{
    *count += folder->count;
    *bytes += folder->bytes;
    for (const struct crawl_folder *child = folder->children; child; child = child->next)
        totals(child, count, bytes);
}

static struct crawl_table *new_table(struct crawl *crawl, struct crawl_folder *root, const struct glue_schema *schema)
{
    struct crawl_table *table = ARENA_NEW(crawl->arena, struct crawl_table);
    if (!table)
        return NULL;
    *table = (struct crawl_table){.path = root->path, .name = root->name, .root = root, .schema = *schema};
    totals(root, &table->count, &table->bytes);
    return table;
}

static struct crawl_table *file_table(struct crawl *crawl, struct crawl_folder *folder, const struct crawl_file *file,
                                      const struct glue_schema *schema)
{
    struct crawl_table *table = ARENA_NEW(crawl->arena, struct crawl_table);
    const char *slash = strrchr(file->key, '/');
    if (table)
        *table = (struct crawl_table){.path = file->key,
                                      .name = slash ? slash + 1 : file->key,
                                      .root = folder,
                                      .is_file = true,
                                      .count = 1,
                                      .bytes = file->size,
                                      .schema = *schema};
    return table;
}

struct sampled {
    const struct crawl_file *file;
    struct glue_schema schema;
};

/* Samples of the folder's own files, spread evenly. */
static size_t sample_files(struct crawl *crawl, const struct crawl_options *options, const struct crawl_folder *folder,
                           struct sampled *samples, size_t max, struct err *err)
{
    size_t wanted = folder->kept < max ? folder->kept : max, got = 0;
    for (size_t i = 0; i < wanted && check_stop(crawl, err); i++) {
        const struct crawl_file *file = &folder->files[wanted > 1 ? i * (folder->kept - 1) / (wanted - 1) : 0];
        samples[got].file = file;
        if (glue_crawl_sample(crawl, options->bucket, file, options->sample_bytes, &samples[got].schema, err))
            got++;
        else if (err->code != ERR_OK)
            break;
    }
    return got;
}

/* A folder's own files: one table, one each when they differ, or none. */
static struct crawl_table *group_files(struct crawl *crawl, const struct crawl_options *options,
                                       struct crawl_folder *folder, struct err *err)
{
    struct sampled samples[249]; /* SampleSize's maximum */
    size_t max = options->sample_size ? (size_t)options->sample_size : CRAWL_FILES_SAMPLED;
    size_t count = sample_files(crawl, options, folder, samples, max < 249 ? max : 249, err);
    if (count == 0 || err->code != ERR_OK)
        return NULL;
    struct glue_schema merged = samples[0].schema;
    bool alike = true;
    for (size_t i = 1; i < count && alike; i++)
        alike = glue_schema_merge(crawl->arena, &merged, &samples[i].schema, options->combine ? 0 : SIMILAR_PERCENT);
    if (alike) {
        folder->own = merged;
        folder->own.row = merged.row ? glue_type_copy(crawl->arena, merged.row) : NULL; /* merging goes on */
        return new_table(crawl, folder, &merged);
    }
    struct crawl_table *list = NULL;
    for (size_t i = count; i-- > 0;) {
        struct crawl_table *table = file_table(crawl, folder, samples[i].file, &samples[i].schema);
        if (!table)
            break;
        table->next = list;
        list = table;
    }
    return list;
}

static bool is_hive(const char *name)
{
    const char *equals = strchr(name, '=');
    return equals && equals > name;
}

/* "2024", "01", "2024-01-31" */
static bool is_dated(const char *name)
{
    return *name && strspn(name, "0123456789-_") == strlen(name);
}

static bool can_be_partitions(const struct crawl_folder *folder)
{
    const struct crawl_folder *first = folder->children;
    size_t count = 0, hive = 0, dated = 0;
    for (const struct crawl_folder *child = first; child; child = child->next, count++) {
        size_t key = strcspn(first->name, "=") + 1;
        hive += is_hive(child->name) && is_hive(first->name) && strncmp(child->name, first->name, key) == 0;
        dated += is_dated(child->name);
    }
    return count > 1 || hive == 1 || dated == 1;
}

/* The children's tables folded into one of this folder; NULL when they are not one. */
static struct crawl_table *merge_children(struct crawl *crawl, const struct crawl_options *options,
                                          struct crawl_folder *folder, struct crawl_table *tables, bool forced)
{
    if (!tables || (!forced && !can_be_partitions(folder)))
        return NULL;
    bool hive = folder->children && is_hive(folder->children->name);
    struct glue_schema merged = tables->schema;
    struct crawl_folder *child = folder->children;
    bool even = true;
    for (struct crawl_table *table = tables; table; table = table->next) {
        even = even && !table->is_file && table->levels == tables->levels;
        while (child && child != table->root && child->count == 0 && !child->children)
            child = child->next;
        if (!forced && (table->is_file || table->root != child || table->levels != tables->levels))
            return NULL;
        if (table != tables && !glue_schema_merge(crawl->arena, &merged, &table->schema,
                                                  forced || hive || options->combine ? 0 : SIMILAR_PERCENT))
            return NULL;
        child = child ? child->next : NULL;
    }
    struct crawl_table *table = new_table(crawl, folder, &merged);
    if (table)
        table->levels = even ? tables->levels + 1 : 0;
    return table;
}

static struct crawl_table *append(struct crawl_table *list, struct crawl_table *more)
{
    struct crawl_table **end = &list;
    while (*end)
        end = &(*end)->next;
    *end = more;
    return list;
}

struct crawl_table *glue_crawl_group(struct crawl *crawl, const struct crawl_options *options,
                                     struct crawl_folder *folder, int level, struct err *err)
{
    struct crawl_table *own = folder->kept ? group_files(crawl, options, folder, err) : NULL, *below = NULL,
                       *last = NULL;
    for (struct crawl_folder *child = folder->children; child && err->code == ERR_OK; child = child->next) {
        struct crawl_table *tables = glue_crawl_group(crawl, options, child, level + 1, err);
        if (last)
            last->next = tables;
        else
            below = tables;
        for (struct crawl_table *table = tables; table; table = table->next)
            last = table;
    }
    if (err->code != ERR_OK)
        return NULL;
    bool forced = options->table_level > 0 && level == options->table_level;
    if (options->table_level > 0 && level < options->table_level)
        return append(own, below); /* tables are further down */
    struct crawl_table *merged = merge_children(crawl, options, folder, below, forced);
    if (merged && !own)
        return merged;
    /* files beside folders of the same kind: one table without partitions, read through all of it */
    if (merged && !own->next && !own->is_file &&
        glue_schema_merge(crawl->arena, &merged->schema, &own->schema, SIMILAR_PERCENT)) {
        merged->levels = 0;
        return merged;
    }
    return append(own, below);
}

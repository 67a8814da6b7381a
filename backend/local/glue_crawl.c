/* One run of a crawler over its targets: see glue_crawl.h. */
#include "backend/local/glue_crawl.h"
#include "backend/local/s3_inside.h"
#include <stdlib.h>
#include <string.h>

enum { MANY_OBJECTS = 500, SMALL_SAMPLE = 128 * 1024, TABLES_OF_DATABASE_MAX = 1000000 };

static bool need_database(struct crawl *crawl, struct err *err)
{
    json_t *input = json_pack("{s:s}", "Name", crawl->database);
    bool ok =
        glue_database_create(crawl->cloud, input, err) || strcmp(err->service_code, "AlreadyExistsException") == 0;
    json_decref(input);
    if (ok)
        *err = ERR_NONE;
    return ok;
}

static json_t *existing_tables(struct crawl *crawl, struct err *err)
{
    struct glue_table_query query = {.database = crawl->database};
    struct glue_page page = {.max = TABLES_OF_DATABASE_MAX};
    json_t *list = glue_table_list(crawl->cloud, &query, &page, err);
    free(page.next);
    return list;
}

static void read_options(struct crawl *crawl, const json_t *target, struct crawl_options *options)
{
    struct err err;
    const char *text = json_str(crawl->crawler, "Configuration");
    json_t *configuration = *text ? json_parse(text, strlen(text), &err) : NULL;
    const json_t *grouping = json_object_get(configuration, "Grouping");
    options->combine = strcmp(json_str(grouping, "TableGroupingPolicy"), "CombineCompatibleSchemas") == 0;
    options->table_level = (int)json_int(grouping, "TableLevelConfiguration", 0);
    const json_t *output = json_object_get(json_object_get(configuration, "CrawlerOutput"), "Partitions");
    options->inherits = strcmp(json_str(output, "AddOrUpdateBehavior"), "InheritFromTable") == 0;
    options->sample_size = (int)json_int(target, "SampleSize", 0);
    options->sample_bytes = CRAWL_SAMPLE;
    json_decref(configuration);
}

/* The target may be one object. */
static struct crawl_table *object_table(struct crawl *crawl, struct crawl_options *options, struct crawl_folder *root,
                                        const char *prefix, struct err *err)
{
    size_t len = strlen(prefix);
    if (len == 0 || prefix[len - 1] == '/')
        return NULL;
    struct crawl_file file = {.key = prefix, .size = INT64_MAX};
    struct buf bytes = BUF_INIT(256 << 20);
    if (!s3_inside_read(crawl->cloud, options->bucket, prefix, &bytes, err)) {
        if (err->code == ERR_NOT_FOUND)
            *err = ERR_NONE;
        buf_done(&bytes);
        return NULL;
    }
    file.size = (int64_t)bytes.len;
    buf_done(&bytes);
    struct crawl_table *table = ARENA_NEW(crawl->arena, struct crawl_table);
    if (!table || !glue_crawl_sample(crawl, options->bucket, &file, options->sample_bytes, &table->schema, err))
        return NULL;
    crawl->seen++;
    table->path = prefix;
    table->name = root->name;
    table->root = root;
    table->is_file = true;
    table->count = 1;
    table->bytes = file.size;
    return table;
}

static int level_of(const char *path)
{
    int level = 1; /* the bucket */
    for (; *path; path++)
        level += *path == '/';
    return level;
}

static bool write_tables(struct crawl *crawl, const struct crawl_options *options, const struct crawl_table *tables,
                         struct err *err)
{
    int count = 0;
    for (const struct crawl_table *table = tables; table; table = table->next) {
        if (++count > CRAWL_TABLES_MAX)
            return err_set(err, ERR_TOO_LARGE, "the target makes more than %d tables", CRAWL_TABLES_MAX);
        if (atomic_load(crawl->stop))
            return err_set(err, ERR_CANCELLED, "the crawl was stopped");
        /* looked up each time: an earlier table of this run may have taken the name */
        json_t *existing = existing_tables(crawl, err);
        bool ok = existing && glue_crawl_write(crawl, options, table, existing, err);
        json_decref(existing);
        if (!ok)
            return false;
    }
    return true;
}

static bool crawl_target(struct crawl *crawl, const json_t *target, struct err *err)
{
    char bucket[256];
    const char *prefix;
    if (!glue_crawl_target(json_str(target, "Path"), bucket, &prefix))
        return err_set(err, ERR_USAGE, "the target %.150s names no bucket", json_str(target, "Path"));
    if (!s3_inside_bucket_exists(crawl->cloud, bucket))
        return err_set(err, ERR_NOT_FOUND, "S3 bucket %s does not exist", bucket);
    struct crawl_options options = {.bucket = bucket};
    read_options(crawl, target, &options);
    int64_t before = crawl->seen;
    struct crawl_folder *root = glue_crawl_tree(crawl, target, bucket, prefix, err);
    if (!root)
        return false;
    if (crawl->seen - before > MANY_OBJECTS)
        options.sample_bytes = SMALL_SAMPLE;
    struct crawl_table *tables = crawl->seen > before
                                     ? glue_crawl_group(crawl, &options, root, level_of(root->path), err)
                                     : object_table(crawl, &options, root, prefix, err);
    if (err->code != ERR_OK || !write_tables(crawl, &options, tables, err))
        return false;
    json_t *existing = existing_tables(crawl, err);
    bool ok = existing && glue_crawl_forget(crawl, bucket, prefix, tables, existing, err);
    json_decref(existing);
    return ok;
}

bool glue_crawl_run(struct crawl *crawl, struct err *err)
{
    size_t i;
    json_t *target;
    *err = ERR_NONE;
    crawl->name = json_str(crawl->crawler, "Name");
    crawl->database = json_str(crawl->crawler, "DatabaseName");
    crawl->arena = arena_new(CRAWL_ARENA);
    bool ok = need_database(crawl, err) && glue_crawl_rules(crawl, err);
    json_array_foreach(json_object_get(json_object_get(crawl->crawler, "Targets"), "S3Targets"), i, target) ok =
        ok && crawl_target(crawl, target, err);
    arena_free(crawl->arena);
    crawl->arena = NULL;
    return ok;
}

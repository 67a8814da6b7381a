/* weir ls: buckets, or what is below a prefix. */
#include "backend/aws/s3.h"
#include "backend/base/uri.h"
#include "backend/domain/zones.h"
#include "tui/cli/output.h"
#include <string.h>

struct ls_options {
    bool recursive, versions;
};
static const struct opt ls_opts[] = {
    {.name = "recursive",
     .letter = 'r',
     .kind = OPT_BOOL,
     .offset = offsetof(struct ls_options, recursive),
     .help = "every object below the prefix, not one level"},
    {.name = "versions",
     .kind = OPT_BOOL,
     .offset = offsetof(struct ls_options, versions),
     .help = "all versions and delete markers"},
    {.name = NULL},
};

static struct value entry_key(const void *row)
{
    const struct entry_row *entry = row;
    return value_bytes_text(entry->key, entry->key_len);
}

static struct value entry_etag(const void *row)
{
    const struct entry_row *entry = row;
    return entry->etag && *entry->etag ? value_text(entry->etag) : value_state(VALUE_NONE);
}

static struct value entry_version(const void *row)
{
    const struct entry_row *entry = row;
    return entry->version_id && *entry->version_id ? value_text(entry->version_id) : value_state(VALUE_NONE);
}

static const struct column machine_columns[] = {
    {.id = "key", .title = "KEY", .kind = VALUE_TEXT, .get = entry_key},
    {.id = "etag", .title = "ETAG", .kind = VALUE_TEXT, .get = entry_etag},
    {.id = "version_id", .title = "VERSION", .kind = VALUE_TEXT, .get = entry_version},
    {.id = NULL},
};

struct ls_run {
    struct output *output;
    size_t cut; /* bytes of the key that the name leaves out */
};

static struct entry_row entry_of(const struct s3_object *object, size_t cut)
{
    if (cut > object->key_len)
        cut = object->key_len;
    return (struct entry_row){.kind = object->is_delete_marker ? ENTRY_DELETE_MARKER : ENTRY_OBJECT,
                              .name = object->key + cut,
                              .name_len = object->key_len - cut,
                              .key = object->key,
                              .key_len = object->key_len,
                              .bytes = object->bytes,
                              .modified_ms = object->modified_ms,
                              .etag = object->etag,
                              .storage_class = object->storage_class,
                              .version_id = object->version_id,
                              .is_latest = object->is_latest};
}

static bool print_page(void *context, const struct s3_page *page)
{
    struct ls_run *run = context;
    bool ok = true;
    for (size_t i = 0; ok && i < page->prefix_count; i++) {
        const struct s3_prefix *prefix = &page->prefixes[i];
        size_t cut = run->cut < prefix->len ? run->cut : prefix->len;
        struct entry_row entry = {.kind = ENTRY_PREFIX,
                                  .name = prefix->name + cut,
                                  .name_len = prefix->len - cut,
                                  .key = prefix->name,
                                  .key_len = prefix->len,
                                  .bytes = -1,
                                  .etag = "",
                                  .storage_class = "",
                                  .version_id = ""};
        ok = output_row(run->output, &entry);
    }
    for (size_t i = 0; ok && i < page->object_count; i++) {
        struct entry_row entry = entry_of(&page->objects[i], run->cut);
        ok = output_row(run->output, &entry);
    }
    return ok;
}

static int list_buckets(struct cli *cli, struct aws *aws)
{
    struct err err = ERR_NONE;
    struct arena *arena = arena_new(64 * 1024 * 1024);
    struct s3_buckets buckets = {0};
    if (!s3_list_buckets(aws, &cli->cancel, arena, &buckets, &err)) {
        arena_free(arena);
        return cli_fail(cli, &err);
    }
    struct output *output = output_open(cli, bucket_columns, NULL);
    for (size_t i = 0; i < buckets.count; i++) {
        struct bucket_row row = {.name = buckets.items[i].name, .created_ms = buckets.items[i].created_ms};
        output_row(output, &row);
    }
    bool ok = output_close(output, &err);
    arena_free(arena);
    return ok ? 0 : cli_fail(cli, &err);
}

static int list_place(struct cli *cli, struct aws *aws, const struct ls_options *options, const struct s3_name *name)
{
    struct err err = ERR_NONE, close_err = ERR_NONE;
    struct s3_list list = {.bucket = name->bucket,
                           .prefix = name->key,
                           .delimiter = options->recursive ? NULL : "/",
                           .cancel = &cli->cancel};
    const char *slash = strrchr(name->key, '/');
    struct ls_run run = {.output =
                             output_open(cli, options->versions ? version_columns : entry_columns, machine_columns),
                         .cut = slash ? (size_t)(slash - name->key) + 1 : 0};
    bool ok = options->versions ? s3_version_all(aws, &list, print_page, &run, &err)
                                : s3_list_all(aws, &list, print_page, &run, &err);
    if (!output_close(run.output, &close_err))
        return cli_fail(cli, &close_err);
    return ok ? 0 : cli_fail(cli, &err);
}

static int ls_run(struct cli *cli, const void *options, int argc, char **argv)
{
    struct err err = ERR_NONE;
    struct s3_name name;
    if (argc == 1 && !s3_name_parse(argv[0], &name, &err))
        return cli_fail(cli, &err);
    struct aws *aws = cli_aws(cli, &err);
    if (!aws)
        return cli_fail(cli, &err);
    return argc == 0 ? list_buckets(cli, aws) : list_place(cli, aws, options, &name);
}

const struct verb verb_ls = {
    .name = "ls",
    .arguments = "[s3://BUCKET[/PREFIX]]",
    .summary = "list buckets, or objects below a prefix",
    .help =
        "Lists the buckets, or the prefixes and objects whose keys begin with PREFIX, one level deep. Rows are printed "
        "as they "
        "arrive;\nan empty listing is a success. The JSON and CSV forms carry the whole key, the ETag and the version.",
    .options = ls_opts,
    .options_size = sizeof(struct ls_options),
    .max_args = 1,
    .run = ls_run,
};

/* weir catalog: databases, tables, columns, partitions and versions of the Data Catalog. */
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include "backend/domain/catalog.h"
#include "backend/domain/listing.h"
#include "tui/cli/output.h"
#include <stdio.h>
#include <string.h>

struct catalog_options {
    bool crawlers, tables, partitions, versions, ddl;
};
#define FIELD(field) .kind = OPT_BOOL, .offset = offsetof(struct catalog_options, field)
static const struct opt catalog_opts[] = {
    {.name = "crawlers", FIELD(crawlers), .help = "the crawlers and their state instead"},
    {.name = "tables", FIELD(tables), .help = "the tables of all databases instead"},
    {.name = "partitions", FIELD(partitions), .help = "of a table: its partitions, newest first, and the days missing"},
    {.name = "versions", FIELD(versions), .help = "of a table: its versions and what they changed"},
    {.name = "ddl", FIELD(ddl), .help = "of a table: the statement that makes it"},
    {.name = NULL},
};
#undef FIELD

struct show {
    struct cli *cli;
    struct aws *aws;
    const struct catalog_options *options;
    struct arena *arena;
    char database[CATALOG_NAME];
    const char *table; /* NULL: none named */
};

static int print_rows(struct cli *cli, const struct column *columns, const void *rows, size_t count, size_t size)
{
    struct err err = ERR_NONE;
    struct output *output = output_open(cli, columns, NULL);
    for (size_t i = 0; i < count; i++)
        output_row(output, (const char *)rows + i * size);
    return output_close(output, &err) ? 0 : cli_fail(cli, &err);
}

static int show_databases(struct show *show)
{
    struct err err = ERR_NONE;
    struct catalog_list list = {0};
    if (!catalog_read_databases(show->aws, &show->cli->cancel, show->arena, &list, &err))
        return cli_fail(show->cli, &err);
    return print_rows(show->cli, catalog_database_columns, list.databases, list.count, sizeof *list.databases);
}

static int show_crawlers(struct show *show)
{
    struct err err = ERR_NONE;
    struct catalog_list list = {0};
    if (!catalog_read_crawlers(show->aws, &show->cli->cancel, show->arena, &list, &err))
        return cli_fail(show->cli, &err);
    return print_rows(show->cli, catalog_crawler_columns, list.crawlers, list.count, sizeof *list.crawlers);
}

static int show_tables(struct show *show)
{
    struct err err = ERR_NONE;
    struct catalog_list list = {0};
    if (!catalog_read_tables(show->aws, show->database, &show->cli->cancel, show->arena, &list, &err))
        return cli_fail(show->cli, &err);
    return print_rows(show->cli, catalog_table_columns, list.tables, list.count, sizeof *list.tables);
}

/* A database whose tables cannot be read is said; the others are printed all the same. */
static int show_all_tables(struct show *show)
{
    struct err err = ERR_NONE;
    struct catalog_list databases = {0};
    int status = 0;
    if (!catalog_read_databases(show->aws, &show->cli->cancel, show->arena, &databases, &err))
        return cli_fail(show->cli, &err);
    struct output *output = output_open(show->cli, catalog_tile_columns, NULL);
    for (size_t i = 0; i < databases.count; i++) {
        struct catalog_list list = {0};
        if (!catalog_read_tables(show->aws, databases.databases[i].name, &show->cli->cancel, show->arena, &list,
                                 &err)) {
            status = cli_fail(show->cli, &err);
            status = i > 0 || databases.count > 1 ? err_exit_code(&(struct err){.code = ERR_PARTIAL}) : status;
            continue;
        }
        for (size_t k = 0; k < list.count; k++)
            output_row(output, &list.tables[k]);
    }
    return output_close(output, &err) ? status : cli_fail(show->cli, &err);
}

static int show_table(struct show *show)
{
    struct err err = ERR_NONE;
    struct catalog_table table;
    if (!catalog_read_table(show->aws, show->database, show->table, &show->cli->cancel, show->arena, &table, &err))
        return cli_fail(show->cli, &err);
    int status =
        print_rows(show->cli, catalog_column_columns, table.columns, table.column_count, sizeof *table.columns);
    if (status == 0 && strcmp(show->cli->config->format, "table") == 0)
        catalog_print_facts(&table, show->cli->config->athena_price_cents, stdout);
    return status;
}

/* What lies below each partition now, for those of the first one's bucket up to a listing's maximum. */
static void list_partitions(struct show *show, struct catalog_detail *detail)
{
    struct s3_name name;
    struct err err = ERR_NONE;
    size_t *of = ARENA_ARRAY(show->arena, size_t, detail->partition_count + 1), count = 0;
    struct listing *listing = NULL;
    char bucket[64] = "";
    for (size_t i = 0; of && i < detail->partition_count && count < LISTING_ZONES; i++) {
        const char *location = detail->partitions[i].location;
        if (detail->partitions[i].is_missing || !s3_is_name(location) || !s3_name_parse(location, &name, &err) ||
            (*bucket && strcmp(bucket, name.bucket) != 0))
            continue;
        size_t len = strlen(name.key);
        if (len > 0 && name.key[len - 1] != '/' && len + 1 < sizeof name.key)
            memcpy(name.key + len, "/", 2);
        snprintf(bucket, sizeof bucket, "%s", name.bucket);
        if (!listing)
            listing = listing_new(&(struct listing_options){
                .source = listing_source_s3(show->aws), .bucket = bucket, .cancel = &show->cli->cancel});
        if (!listing_add(listing, name.key, &err))
            break;
        of[count++] = i;
    }
    if (listing && listing_run(listing, &err))
        for (size_t i = 0; i < count && i < listing_count(listing); i++) {
            const struct listing_zone *zone = listing_zone(listing, i);
            detail->partitions[of[i]].bytes = zone->is_complete ? zone->sum.bytes : CATALOG_UNKNOWN;
            detail->partitions[of[i]].objects = zone->is_complete ? zone->sum.objects : CATALOG_UNKNOWN;
        }
    if (listing)
        listing_free(listing);
}

static int show_detail(struct show *show)
{
    struct err err = ERR_NONE;
    struct catalog_detail *detail =
        catalog_read_detail(show->aws, show->database, show->table, &show->cli->cancel, show->arena, &err);
    if (!detail)
        return cli_fail(show->cli, &err);
    if (show->options->ddl) {
        for (const char *at = detail->ddl; *at; at += *at == '\n') {
            struct buf line = BUF_INIT(1024 * 1024);
            size_t len = strcspn(at, "\n");
            text_clean(at, len, &line);
            puts(buf_text(&line));
            buf_done(&line);
            at += len;
        }
        return 0;
    }
    if (show->options->versions)
        return print_rows(show->cli, catalog_version_columns, detail->versions, detail->version_count,
                          sizeof *detail->versions);
    if (detail->partition_err.code != ERR_OK)
        return cli_fail(show->cli, &detail->partition_err);
    list_partitions(show, detail);
    return print_rows(show->cli, catalog_partition_columns, detail->partitions, detail->partition_count,
                      sizeof *detail->partitions);
}

static int show_named(struct show *show, const char *name)
{
    const struct catalog_options *options = show->options;
    struct err err = ERR_NONE;
    size_t len = strcspn(name, ".");
    snprintf(show->database, sizeof show->database, "%.*s", (int)len, name);
    show->table = name[len] && name[len + 1] ? name + len + 1 : NULL;
    bool wants_detail = options->partitions || options->versions || options->ddl;
    if (wants_detail && !show->table) {
        err_set(&err, ERR_USAGE, "--partitions, --versions and --ddl are of a table: name DATABASE.TABLE");
        return cli_fail(show->cli, &err);
    }
    return wants_detail ? show_detail(show) : show->table ? show_table(show) : show_tables(show);
}

static int catalog_run(struct cli *cli, const void *data, int argc, char **argv)
{
    struct err err = ERR_NONE;
    const struct catalog_options *options = data;
    struct aws *aws = cli_aws(cli, &err);
    if (!aws)
        return cli_fail(cli, &err);
    struct show show = {.cli = cli, .aws = aws, .options = options, .arena = arena_new(CATALOG_ARENA)};
    int status = options->crawlers ? show_crawlers(&show)
                 : options->tables ? show_all_tables(&show)
                 : argc            ? show_named(&show, argv[0])
                                   : show_databases(&show);
    arena_free(show.arena);
    return status;
}

const struct verb verb_catalog = {
    .name = "catalog",
    .arguments = "[DATABASE[.TABLE]]",
    .summary = "databases, tables, columns of the Data Catalog",
    .help =
        "Without an argument the databases; with a database its tables, their format, rows and bytes as the crawler "
        "counted them;\nwith a table its columns, partition keys last, then its location, partitions and what a full "
        "scan costs in Athena.\n--partitions lists what lies below each partition now.",
    .options = catalog_opts,
    .options_size = sizeof(struct catalog_options),
    .max_args = 1,
    .run = catalog_run,
};

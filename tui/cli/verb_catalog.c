/* weir catalog: databases, tables of one, columns of one table. */
#include "backend/domain/catalog.h"
#include "tui/cli/output.h"
#include <stdio.h>
#include <string.h>

struct catalog_options {
    bool crawlers;
};
static const struct opt catalog_opts[] = {
    {.name = "crawlers",
     .kind = OPT_BOOL,
     .offset = offsetof(struct catalog_options, crawlers),
     .help = "the crawlers and their state instead"},
    {.name = NULL},
};

static int print_rows(struct cli *cli, const struct column *columns, const void *rows, size_t count, size_t size)
{
    struct err err = ERR_NONE;
    struct output *output = output_open(cli, columns, NULL);
    for (size_t i = 0; i < count; i++)
        output_row(output, (const char *)rows + i * size);
    return output_close(output, &err) ? 0 : cli_fail(cli, &err);
}

static int show_table(struct cli *cli, struct aws *aws, const char *database, const char *name, struct arena *arena)
{
    struct err err = ERR_NONE;
    struct catalog_table table;
    if (!catalog_read_table(aws, database, name, &cli->cancel, arena, &table, &err))
        return cli_fail(cli, &err);
    int status = print_rows(cli, catalog_column_columns, table.columns, table.column_count, sizeof *table.columns);
    if (status == 0 && !output_is_json(cli) && strcmp(cli->config->format, "table") == 0)
        catalog_print_facts(&table, cli->config->athena_price_cents, stdout);
    return status;
}

static int show(struct cli *cli, struct aws *aws, const struct catalog_options *options, const char *name,
                struct arena *arena)
{
    struct err err = ERR_NONE;
    struct catalog_list list = {0};
    char database[256];
    if (options->crawlers) {
        if (!catalog_read_crawlers(aws, &cli->cancel, arena, &list, &err))
            return cli_fail(cli, &err);
        return print_rows(cli, catalog_crawler_columns, list.crawlers, list.count, sizeof *list.crawlers);
    }
    if (!name) {
        if (!catalog_read_databases(aws, &cli->cancel, arena, &list, &err))
            return cli_fail(cli, &err);
        return print_rows(cli, catalog_database_columns, list.databases, list.count, sizeof *list.databases);
    }
    size_t len = strcspn(name, ".");
    snprintf(database, sizeof database, "%.*s", (int)len, name);
    if (name[len])
        return show_table(cli, aws, database, name + len + 1, arena);
    if (!catalog_read_tables(aws, database, &cli->cancel, arena, &list, &err))
        return cli_fail(cli, &err);
    return print_rows(cli, catalog_table_columns, list.tables, list.count, sizeof *list.tables);
}

static int catalog_run(struct cli *cli, const void *options, int argc, char **argv)
{
    struct err err = ERR_NONE;
    struct aws *aws = cli_aws(cli, &err);
    if (!aws)
        return cli_fail(cli, &err);
    struct arena *arena = arena_new(CATALOG_ARENA);
    int status = show(cli, aws, options, argc ? argv[0] : NULL, arena);
    arena_free(arena);
    return status;
}

const struct verb verb_catalog = {
    .name = "catalog",
    .arguments = "[DATABASE[.TABLE]]",
    .summary = "databases, tables, columns of the Data Catalog",
    .help =
        "Without an argument the databases; with a database its tables, their format, rows and bytes as the crawler "
        "counted them;\nwith a table its columns, partition keys last, then its location, partitions and what a full "
        "scan costs in Athena.",
    .options = catalog_opts,
    .options_size = sizeof(struct catalog_options),
    .max_args = 1,
    .run = catalog_run,
};

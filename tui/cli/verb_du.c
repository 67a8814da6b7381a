/* weir du: objects and bytes below each prefix, by the same parallel listing as the Zones pane. */
#include "backend/base/uri.h"
#include "backend/domain/listing.h"
#include "tui/cli/output.h"
#include "tui/cli/progress.h"
#include <string.h>

struct du_row {
    const char *name;
    struct listing_sum sum;
    bool is_complete;
};

static struct value counted(const void *row, int64_t number)
{
    struct value value = value_number(number);
    if (!((const struct du_row *)row)->is_complete)
        value.state = VALUE_AT_LEAST;
    return value;
}

static struct value du_name(const void *row)
{
    const char *name = ((const struct du_row *)row)->name;
    return *name ? value_text(name) : value_toned(value_text("."), TONE_DIM);
}

static struct value du_objects(const void *row)
{
    return counted(row, ((const struct du_row *)row)->sum.objects);
}

static struct value du_bytes(const void *row)
{
    return counted(row, ((const struct du_row *)row)->sum.bytes);
}

static struct value du_newest(const void *row)
{
    int64_t newest = ((const struct du_row *)row)->sum.newest_ms;
    return newest ? value_number(newest) : value_state(VALUE_NONE);
}

static const struct column du_columns[] = {
    {.id = "prefix", .title = "PREFIX", .kind = VALUE_TEXT, .get = du_name},
    {.id = "objects", .title = "OBJECTS", .kind = VALUE_COUNT, .get = du_objects},
    {.id = "bytes", .title = "BYTES", .kind = VALUE_BYTES, .get = du_bytes},
    {.id = "newest", .title = "NEWEST", .kind = VALUE_AGE, .get = du_newest},
    {.id = NULL},
};

static void du_progress(void *context, const struct listing *listing)
{
    progress_update(context, listing_objects(listing), -1, NULL);
}

static int print_sums(struct cli *cli, const struct listing_zone *zone, const char *uri)
{
    struct err err = ERR_NONE;
    struct output *output = output_open(cli, du_columns, NULL);
    for (size_t i = 0; i < zone->child_count; i++) {
        struct du_row row = {zone->children[i].name, zone->children[i].sum, zone->is_complete};
        output_row(output, &row);
    }
    struct du_row all = {uri, zone->sum, zone->is_complete};
    output_row(output, &all);
    return output_close(output, &err) ? 0 : cli_fail(cli, &err);
}

static int du_run(struct cli *cli, const void *options, int argc, char **argv)
{
    (void)options;
    (void)argc;
    struct err err = ERR_NONE;
    struct s3_name name;
    if (!s3_name_parse(argv[0], &name, &err))
        return cli_fail(cli, &err);
    struct aws *aws = cli_aws(cli, &err);
    if (!aws)
        return cli_fail(cli, &err);
    struct progress *progress = progress_open(cli, "counting", PROGRESS_COUNT);
    struct listing_options listing_options = {.source = listing_source_s3(aws),
                                              .bucket = name.bucket,
                                              .cancel = &cli->cancel,
                                              .progress = du_progress,
                                              .context = progress};
    struct listing *listing = listing_new(&listing_options);
    bool ok = listing_add(listing, name.key, &err) && listing_run(listing, &err);
    progress_close(progress);
    int status = ok ? 0 : cli_fail(cli, &err);
    const struct listing_zone *zone = ok ? listing_zone(listing, 0) : NULL;
    if (zone && (zone->sum.objects > 0 || zone->err.code == ERR_OK))
        status = print_sums(cli, zone, argv[0]);
    if (zone && zone->err.code != ERR_OK) {
        status = cli_fail(cli, &zone->err);
        if (zone->sum.objects > 0)
            status = err_exit_code(&(struct err){.code = ERR_PARTIAL});
    }
    listing_free(listing);
    return status;
}

const struct verb verb_du = {
    .name = "du",
    .arguments = "s3://BUCKET[/PREFIX]",
    .summary = "objects and bytes below each prefix",
    .help = "Counts what is below PREFIX, one row per next-level prefix (\".\" is what lies directly there) and one "
            "for all of it. Lists in "
            "parallel;\nmemory does not depend on the number of objects. Exit status 6 when a part could not be read.",
    .min_args = 1,
    .max_args = 1,
    .run = du_run,
};

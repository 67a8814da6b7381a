/* weir zones: the Zones pane's list view, headless. */
#include "backend/base/text.h"
#include "backend/domain/zones.h"
#include "tui/cli/output.h"
#include <string.h>

enum { ZONES_WAIT_MS = 1000 };

static bool is_final(const struct snap *snap, struct feed *feed)
{
    if (!snap)
        return false;
    if (snap->err.code != ERR_OK)
        return feed_state(feed) != FEED_FETCHING;
    const struct zones_view *view = snap->value;
    return view && !view->is_listing && feed_state(feed) != FEED_FETCHING;
}

/* Waits for a complete listing; the session's deadlines bound it. NULL when cancelled. */
static const struct snap *wait_complete(struct cli *cli, struct zones *zones, uint64_t after)
{
    struct feed *feed = zones_totals_feed(zones);
    while (!cancel_is_set(&cli->cancel)) {
        const struct snap *snap = snap_slot_get(zones_totals(zones));
        if (snap && snap->generation > after && is_final(snap, feed))
            return snap;
        if (snap)
            cli_say_retry(cli, snap->retry.tries > 0 ? &snap->err : NULL);
        snap_put(snap);
        cli_wait_change(cli, ZONES_WAIT_MS);
    }
    return NULL;
}

static void print_note(const struct cli *cli, const struct zones_view *view)
{
    char objects[TEXT_SHORT], bytes[TEXT_SHORT], behind[TEXT_SHORT];
    if (strcmp(cli->config->format, "table") != 0)
        return;
    printf("\n%s  %s objects  %s%s\n", view->bucket, text_count(view->all.objects, objects),
           text_bytes((uint64_t)view->all.bytes, bytes), view->all.is_complete ? "" : "  (at least)");
    if (view->curated_behind_ms != INT64_MIN && view->curated_behind_ms > 0)
        printf("curated is %s behind raw\n", text_duration(view->curated_behind_ms, behind));
}

static int print_view(struct cli *cli, const struct zones_view *view, struct err *err)
{
    int denied = 0;
    if (!*view->bucket) {
        struct output *output = output_open(cli, bucket_columns, NULL);
        for (size_t i = 0; i < view->bucket_count; i++)
            output_row(output, &view->buckets[i]);
        return output_close(output, err) ? 0 : cli_fail(cli, err);
    }
    struct output *output = output_open(cli, zone_columns, NULL);
    for (size_t i = 0; i < view->zone_count; i++) {
        output_row(output, &view->zones[i]);
        if (view->zones[i].err.code != ERR_OK) {
            denied++;
            *err = view->zones[i].err;
        }
    }
    if (!output_close(output, err))
        return cli_fail(cli, err);
    print_note(cli, view);
    if (denied == 0)
        return 0;
    cli_fail(cli, err);
    return err_exit_code(&(struct err){.code = ERR_PARTIAL});
}

static int zones_once(struct cli *cli, void *context)
{
    uint64_t *seen = context;
    struct err err = ERR_NONE;
    struct session *session = cli_session(cli, &err);
    if (!session)
        return cli_fail(cli, &err);
    struct zones *zones = session_zones(session);
    feed_set_visible(zones_totals_feed(zones), true);
    if (*seen > 0)
        feed_refresh(zones_totals_feed(zones));
    const struct snap *snap = wait_complete(cli, zones, *seen);
    if (!snap)
        return cli_signal_status(cli);
    *seen = snap->generation;
    err = snap->err;
    int status = snap->err.code != ERR_OK ? cli_fail(cli, &err) : print_view(cli, snap->value, &err);
    snap_put(snap);
    return status;
}

static int zones_run(struct cli *cli, const void *options, int argc, char **argv)
{
    (void)options;
    uint64_t seen = 0;
    struct err err = ERR_NONE;
    struct session *session = cli_session(cli, &err);
    if (!session)
        return cli_fail(cli, &err);
    if (argc == 1)
        zones_set_bucket(session_zones(session), argv[0]);
    return cli_watch(cli, zones_once, &seen);
}

const struct verb verb_zones = {
    .name = "zones",
    .arguments = "[BUCKET]",
    .summary = "what each zone of the lake holds",
    .help = "Objects, bytes, newest object and share of small files (below 128 MiB) of each zone: the Zones pane "
            "without the screen. Exit "
            "status 6\nwhen a zone could not be read; the others are printed.",
    .max_args = 1,
    .run = zones_run,
};

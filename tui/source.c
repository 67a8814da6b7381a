/* The state of a pane's source. UI thread. */
#include "tui/source.h"
#include "tui/app.h"

enum { STALE_INTERVALS = 3 }; /* older than this many refresh intervals is stale, whatever the feed says */

static enum pane_source of_error(enum err_code code)
{
    switch (code) {
    case ERR_DENIED:
        return SOURCE_DENIED;
    case ERR_CREDENTIALS:
    case ERR_EXPIRED:
    case ERR_CLOCK_SKEW:
        return SOURCE_CREDENTIALS;
    case ERR_DNS:
    case ERR_CONNECT:
    case ERR_TLS:
    case ERR_TIMEOUT:
    case ERR_INTERRUPTED:
        return SOURCE_UNREACHABLE;
    default:
        return SOURCE_ERROR;
    }
}

void source_status(struct pane_status *status, const struct snap *snap, struct feed *feed, const struct app *app)
{
    status->source = SOURCE_LOADING;
    status->taken_ms = 0;
    status->err = ERR_NONE;
    status->retry = (struct snap_retry){.tries = 0};
    if (!snap || (!snap->value && snap->err.code == ERR_OK))
        return;
    int64_t interval = app_config(app)->refresh_ms, own = feed ? feed_interval(feed) : interval;
    interval = own == 0 || own > interval ? own : interval; /* what is fetched only when asked is not late */
    int64_t age = clock_wall(app_clock(app)) - snap->taken_ms;
    status->taken_ms = snap->value ? snap->taken_ms : 0;
    status->err = snap->err;
    status->retry = snap->retry;
    bool is_old = interval > 0 && age > STALE_INTERVALS * interval;
    if (snap->retry.tries > 0)
        status->source = SOURCE_RETRYING;
    else if (snap->err.code != ERR_OK)
        status->source = of_error(snap->err.code);
    else if (app_is_paused(app))
        status->source = SOURCE_PAUSED;
    else if (is_old && feed && feed_state(feed) == FEED_FETCHING) /* a quick fetch is not worth a word that flickers */
        status->source = SOURCE_REFRESHING;
    else
        status->source = is_old ? SOURCE_STALE : SOURCE_OK;
}

bool source_is_stale(const struct pane_status *status)
{
    return status->source != SOURCE_OK && status->source != SOURCE_REPLAY && status->source != SOURCE_REFRESHING &&
           status->source != SOURCE_LOADING;
}

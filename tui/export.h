/* Exports the rows that a grid shows, in its order, as CSV, JSON or JSON lines: a form asks for the file, a job writes
 * it. For panes whose rows are in snapshots. UI thread; the job's end is in the list of background work. */
#ifndef WEIR_TUI_EXPORT_H
#define WEIR_TUI_EXPORT_H
#include "backend/core/snap.h"
#include "tui/app.h"
#include "tui/widget/grid.h"

struct export_options {
    const char *name; /* of the file, without directory and ending: "orders"; raw */
    const char *note; /* what is exported: "the 12 rows shown of s3://lake/raw/orders/" */
    struct grid *grid;
    const struct column *columns; /* of static life, ends with .id = NULL */
    const struct snap *snap;      /* holds the rows; kept until the job ends */
    void (*started)(void *context, int job);
    void *context; /* NULL started: none */
};
/* False with a word in the footer when there is nothing to export. */
bool export_grid(struct app *app, const struct export_options *options);
#endif

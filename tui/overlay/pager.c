/* The pager: any text in a reader (JSON, a policy, a whole cell, details). UI thread. */
#include "tui/app.h"
#include "tui/overlay/reader.h"

static const struct overlay_ops pager_ops = {
    .name = "pager",
    .context = CONTEXT_pager,
    .footer = reader_footer,
    .key = reader_key,
    .act = reader_act,
    .draw = reader_draw,
    .close = reader_close,
};

void overlay_pager_view(struct app *app, const char *title, struct textview *view)
{
    struct reader *reader = reader_new(title);
    textview_free(reader->view);
    reader->view = view;
    app_push_overlay(app, &pager_ops, reader);
}

void overlay_pager(struct app *app, const char *title, const char *bytes, size_t len)
{
    struct textview *view = textview_new();
    textview_set_wrap(view, WRAP_ALL);
    textview_add(view, ROLE_dialog, bytes, len);
    overlay_pager_view(app, title, view);
}

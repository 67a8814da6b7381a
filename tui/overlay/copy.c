/* The copy menu: what the focused pane offers to copy, each with a look at it. The bytes copied are exact. UI thread.
 */
#include "backend/base/text.h"
#include "tui/app.h"
#include "tui/overlay.h"
#include <stdlib.h>

enum { PREVIEW = 48 };

static void free_items(void *context)
{
    struct copy_items *items = context;
    for (int i = 0; i < items->count; i++)
        buf_done(&items->item[i].text);
    free(items);
}

static void copy_item(struct app *app, void *context, int index)
{
    const struct copy_items *items = context;
    app_copy(app, buf_text(&items->item[index].text), items->item[index].text.len);
}

void overlay_copy(struct app *app)
{
    struct pane *pane = app_focused(app);
    struct copy_items *items = calloc(1, sizeof *items);
    if (!items)
        abort();
    if (pane && pane->ops->copy_items)
        pane->ops->copy_items(pane, items);
    if (items->count == 0) {
        app_say(app, "there is nothing to copy here");
        free_items(items);
        return;
    }
    const char *lines[COPY_ITEMS], *notes[COPY_ITEMS];
    char previews[COPY_ITEMS][PREVIEW * 4];
    for (int i = 0; i < items->count; i++) {
        lines[i] = items->item[i].label;
        notes[i] = text_clean_into(buf_text(&items->item[i].text), previews[i], sizeof previews[i]);
    }
    overlay_menu(app, &(struct menu_options){.title = "Copy",
                                             .lines = lines,
                                             .notes = notes,
                                             .count = items->count,
                                             .done = copy_item,
                                             .context = items,
                                             .free_context = free_items});
}

/* What a copy menu offers; see pane.h. UI thread. */
#include "tui/pane.h"
#include <stdio.h>

enum { COPY_MAX = 4 << 20 };

void copy_add(struct copy_items *items, const char *label, const char *bytes, size_t len)
{
    if (items->count == COPY_ITEMS)
        return;
    struct buf text = BUF_INIT(COPY_MAX);
    if (!buf_append(&text, bytes, len)) {
        buf_done(&text);
        return;
    }
    snprintf(items->item[items->count].label, sizeof items->item->label, "%s", label);
    items->item[items->count++].text = text;
}

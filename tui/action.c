/* The table of actions, made of its X rows. */
#include "tui/action.h"
#include <string.h>

const struct action_row action_rows[ACTION_COUNT] = {
#define X(name, says, explains, changes)                                                                               \
    [ACTION_##name] = {.id = #name, .label = says, .help = explains, .writes = changes},
    ACTIONS(X)
#undef X
};

enum action action_find(const char *id)
{
    for (int i = 0; i < ACTION_COUNT; i++)
        if (!strcmp(action_rows[i].id, id))
            return (enum action)i;
    return ACTION_COUNT;
}

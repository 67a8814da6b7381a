/* Keymaps: text files of lines `context chord[ chord...] = action` (or `= none` to unbind), '#' comments, contexts
 * inherit (zones -> list -> global); several chords are a sequence. The default that ships is compiled in; the user's
 * own file is merged over it. UI thread. */
#ifndef WEIR_TUI_KEYMAP_H
#define WEIR_TUI_KEYMAP_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "tui/action.h"
#include "tui/event.h"

/* X(context, parent) - overlays and panes name the one they are in */
#define KEYMAP_CONTEXTS(X)                                                                                             \
    X(global, global)                                                                                                  \
    X(list, global)                                                                                                    \
    X(dialog, global)                                                                                                  \
    X(text, global)                                                                                                    \
    X(pager, list)                                                                                                     \
    X(menu, list)                                                                                                      \
    X(zones, list)                                                                                                     \
    X(catalog, list)                                                                                                   \
    X(form, text)                                                                                                      \
    X(help, pager)                                                                                                     \
    X(log, pager)                                                                                                      \
    X(jobs, list)                                                                                                      \
    X(query, list)                                                                                                     \
    X(editor, global)
enum keymap_context {
#define X(context, parent) CONTEXT_##context,
    KEYMAP_CONTEXTS(X)
#undef X
        CONTEXT_COUNT
};
enum { KEYMAP_NAME = 64 };
enum { KEYMAP_SEQUENCE = 4 }; /* longest chord sequence, "g g" */

struct keymap;
struct keymap *keymap_new(void);
void keymap_free(struct keymap *keymap);
/* Merges a text over what is there: a key given before is rebound, one given twice in this text is an error. Errors are
 * "where:line: ..." (unknown context, chord or action; a sequence whose beginning is bound in the same context) and
 * leave the keymap as it was. */
bool keymap_merge(struct keymap *keymap, const char *where, const char *text, struct err *err);
/* Loads default, then NAME (shipped or the user's keymaps/NAME.keys), then the user's keys.keys if there is one. */
struct keymap *keymap_load(const char *name, struct err *err);
/* Names of all keymaps, the shipped ones and then the user's own; returns the count. */
int keymap_names(char names[][KEYMAP_NAME], int max);

/* Feeds one key in a context. pending holds the keys of an unfinished sequence and is updated. */
enum keymap_result { KEYMAP_MISS, KEYMAP_PENDING, KEYMAP_HIT };
struct keymap_pending {
    struct key keys[KEYMAP_SEQUENCE];
    int count;
};
enum keymap_result keymap_feed(const struct keymap *keymap, enum keymap_context context, struct key key,
                               struct keymap_pending *pending, enum action *action);
/* Does the context itself (not its parents) bind this chord, or a sequence that begins with it? */
bool keymap_binds(const struct keymap *keymap, enum keymap_context context, struct key key);
/* The first chord sequence that does the action in this context ("g g"), the user's before the shipped one; false when
 * it is unbound there. */
bool keymap_chord(const struct keymap *keymap, enum keymap_context context, enum action action, struct buf *out);
/* Calls each for every action that has keys in the context (inherited ones too, shadowed ones not), grouped by the
 * context that binds them; chords are joined ("k, Up"). */
void keymap_each(const struct keymap *keymap, enum keymap_context context,
                 void (*each)(void *data, enum keymap_context from, const char *chords, enum action action),
                 void *data);
const char *keymap_context_name(enum keymap_context context);
#endif

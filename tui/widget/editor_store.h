/* The text of an editor: bytes with a gap, and an index of lines with a gap of its own. Lines behind the index's gap
 * are kept by their distance from the end of the text, so a change in one line touches no other line's entry. Knows no
 * characters and no cursor. For tui/widget/editor*.c. UI thread. */
#ifndef WEIR_TUI_WIDGET_EDITOR_STORE_H
#define WEIR_TUI_WIDGET_EDITOR_STORE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store_line {
    uint32_t at; /* start of the line: from the start of the text before the gap, from its end behind it */
    int32_t state;
};
struct store {
    char *data; /* with a NUL behind it all, for functions that look for one before they look at a length */
    size_t gap, gap_len, len; /* len: without the gap */
    size_t max;
    struct store_line *lines;
    size_t line_gap, line_gap_len, line_count;
};

void store_init(struct store *store, size_t max); /* an empty text is one empty line */
void store_done(struct store *store);
/* Replaces removed bytes at `at` by bytes; false, and nothing changed, when the text would pass its maximum. */
bool store_splice(struct store *store, size_t at, size_t removed, const char *bytes, size_t len);

static inline unsigned char store_byte(const struct store *store, size_t at)
{
    return (unsigned char)store->data[at < store->gap ? at : at + store->gap_len];
}
/* The bytes from..to in one piece, valid until the next call for this store; moves the gap when it is inside. */
const char *store_view(struct store *store, size_t from, size_t to);
/* Copies without moving anything. */
void store_copy(const struct store *store, size_t from, size_t to, char *out);

/* Lines count from 0; the newline belongs to its line. */
size_t store_line_start(const struct store *store, size_t line); /* of line line_count: the text's length */
size_t store_line_end(const struct store *store, size_t line);   /* before the newline */
size_t store_line_of(const struct store *store, size_t at);
/* A number kept beside each line; new lines have 0. */
int store_line_state(const struct store *store, size_t line);
void store_set_line_state(struct store *store, size_t line, int state);
#endif

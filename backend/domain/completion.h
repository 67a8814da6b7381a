/* Completion of SQL from the catalog snapshot: what fits at the cursor, best first. Pure and without waiting, so the
 * editor may call it on the UI thread and the readline shell on its own: at most 5 ms over 5 000 tables of 100 columns
 * (tests/bench/completion.c). Knows Athena's SQL only through backend/sql/dialect.h. */
#ifndef WEIR_DOMAIN_COMPLETION_H
#define WEIR_DOMAIN_COMPLETION_H
#include "backend/domain/catalog.h"

enum {
    COMPLETION_MAX = 200,              /* candidates; is_cut tells that there were more */
    COMPLETION_TEXT_MAX = 1024 * 1024, /* bytes of all their texts */
    COMPLETION_STATEMENT_MAX = 262144  /* a longer statement (Athena would refuse it) has no candidates */
};
enum completion_kind {
    COMPLETION_COLUMN,
    COMPLETION_RELATION, /* an alias, a WITH name or a table's name where a column may follow behind '.' */
    COMPLETION_TABLE,
    COMPLETION_VIEW,
    COMPLETION_DATABASE,
    COMPLETION_FIELD, /* of a row column */
    COMPLETION_JOIN,  /* a condition: "a.id = b.id" */
    COMPLETION_FUNCTION,
    COMPLETION_KEYWORD,
    COMPLETION_KINDS
};
struct completion_item {
    const char *label;  /* what replaces [start, end): quoted where needed; in the letter case that the user types */
    const char *detail; /* a column's type and table, a table's format and database, a function's signature; "" none */
    enum completion_kind kind;
    int score; /* higher first; equal ones by name */
};
struct completion {
    size_t start, end; /* bytes of the text that a candidate replaces: the word up to the cursor */
    struct completion_item items[COMPLETION_MAX];
    size_t count;
    bool is_cut;
    struct arena *arena; /* private: the texts */
};
struct completion_request {
    const struct catalog_view *view; /* NULL: no catalog yet: words and functions only */
    const char *database;            /* the default one; NULL or "": none */
    const char *text;                /* the whole text, of several statements */
    size_t len, cursor;              /* bytes */
};
/* Fills *out, which completion_done frees; no candidates inside strings and comments. Nothing of the catalog is
 * borrowed. */
void completion_find(const struct completion_request *request, struct completion *out);
void completion_done(struct completion *out);
/* "column", "table", ... */
const char *completion_kind_word(enum completion_kind kind);
#endif

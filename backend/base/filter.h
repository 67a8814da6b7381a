/* The filter language of every list: "text" contains (ASCII case-insensitive unless it has capitals), "!text" inverse,
 * "-f text" fuzzy, "column:text" in one column, "column>10k" compares (also < <= >= =). Plain words look at text and
 * time columns and at the words for what is not known ("denied", "NULL"); not at figures, where "1" would match nearly
 * every row. Pure; any thread. */
#ifndef WEIR_BASE_FILTER_H
#define WEIR_BASE_FILTER_H
#include "backend/base/column.h"

enum { FILTER_TEXT = 256, FILTER_CELL_BYTES = 4096 /* of a cell that fuzzy looks at */ };
enum filter_kind { FILTER_NONE, FILTER_CONTAINS, FILTER_FUZZY, FILTER_COMPARE };
enum filter_op { OP_EQUAL, OP_LESS, OP_LESS_EQUAL, OP_MORE, OP_MORE_EQUAL };
struct filter {
    enum filter_kind kind;
    enum filter_op op;
    bool is_inverse, is_exact_case;
    int column;               /* -1: any */
    char needle[FILTER_TEXT]; /* what is looked for; of a comparison of text kinds what is compared with */
    size_t len;
    int64_t number; /* what the others are compared with */
    char note[96];  /* why it is not applied; "" when it is */
};
/* columns end with an id of NULL; a text longer than FILTER_TEXT is cut. */
void filter_parse(struct filter *filter, const struct column *columns, const char *text);
/* One value of a column; the filter's inverse is not applied. scratch is room to format in. */
bool filter_match_value(const struct filter *filter, enum value_kind kind, const struct value *value, int64_t now_ms,
                        struct buf *scratch);
/* A row through its columns, inverse applied. */
bool filter_match_row(const struct filter *filter, const struct column *columns, size_t count, const void *row,
                      int64_t now_ms, struct buf *scratch);
/* The next place of a contains filter's text at or after *at; false when there is none. */
bool filter_span(const struct filter *filter, const char *text, size_t len, size_t *at);
#endif

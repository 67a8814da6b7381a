/* Shared by completion*.c: the words of the statement under the cursor, what place the cursor is in, and the relations
 * that a column there may come from. All in the request's own arena. */
#ifndef WEIR_DOMAIN_COMPLETION_PRIVATE_H
#define WEIR_DOMAIN_COMPLETION_PRIVATE_H
#include "backend/domain/completion.h"
#include "backend/sql/dialect.h"

enum { COMPLETION_DEPTH = 6, COMPLETION_RELATIONS = 64, COMPLETION_NO_WORD = -1 };

struct complete_word { /* a token that is neither space nor comment */
    const char *text;
    int len;
    enum dialect_token_kind kind;
    int partner; /* of a bracket: the other one's index, or COMPLETION_NO_WORD */
    int opener;  /* index of the '(' around it, or COMPLETION_NO_WORD */
};
struct complete_column {
    const char *name, *type; /* type "" unknown */
};
struct complete_relation {
    const char *name;     /* alias or table name, unquoted; "" none */
    const char *database; /* "" unless a table without an alias */
    const struct catalog_table *table;
    const struct complete_column *columns; /* of a subquery or WITH name: those plainly known */
    size_t column_count;
    int level; /* 0: of the query around the cursor, 1: of the one around that, ... */
    int word;  /* where it is written */
};
/* One bit each: keywords say where they fit. */
enum complete_place {
    PLACE_NOTHING = 0,
    PLACE_START = 1 << 0,
    PLACE_QUERY = 1 << 1,        /* a query may begin */
    PLACE_TABLE = 1 << 2,        /* a table's name */
    PLACE_DATABASE = 1 << 3,     /* a database's name */
    PLACE_OPERAND = 1 << 4,      /* a value: columns, functions */
    PLACE_SELECTED = 1 << 5,     /* right behind SELECT */
    PLACE_BEHIND_ITEM = 1 << 6,  /* behind a value in a select list */
    PLACE_BEHIND_TABLE = 1 << 7, /* behind a table in FROM */
    PLACE_BEHIND_TEST = 1 << 8,  /* behind a value in WHERE, ON, HAVING */
    PLACE_BEHIND_GROUP = 1 << 9,
    PLACE_BEHIND_ORDER = 1 << 10,
    PLACE_BEHIND_VALUE = 1 << 11, /* behind any value */
    PLACE_CASE = 1 << 12,         /* inside CASE ... END */
    PLACE_GROUPS = 1 << 13,       /* behind GROUP BY */
    PLACE_TYPE = 1 << 14,
    PLACE_SHOW = 1 << 15,
    PLACE_CREATE = 1 << 16,
    PLACE_DROP = 1 << 17,
    PLACE_ALTER = 1 << 18,
    PLACE_IN_DATABASE = 1 << 19, /* IN, FROM of SHOW TABLES */
    PLACE_OUTPUT = 1 << 20,      /* ORDER BY: names of the select list too */
    PLACE_COLUMNS = 1 << 21,     /* columns alone: INSERT INTO t (, USING ( */
    PLACE_ANY = 1 << 22,         /* some statement we do not follow: any keyword */
    PLACE_WINDOW = 1 << 23,      /* behind OVER ( */
    PLACE_JOIN = 1 << 24         /* right behind ON: conditions between the sides */
};

struct complete_context {
    const struct completion_request *request;
    struct arena *arena; /* scratch */
    struct complete_word *words;
    int count, at;      /* words before the cursor's own word: [0, at) */
    const char *prefix; /* what is typed of the word, without its quote */
    size_t prefix_len;
    bool is_quoted;
    const char *qualifiers[2]; /* "database", "table" before '.', unquoted; NULL none */
    int qualifier_count;
    int qualified_at; /* index of the first word of the qualified name; at without one */
    unsigned places;
    struct complete_relation relations[COMPLETION_RELATIONS];
    int relation_count;
    struct complete_relation ctes[COMPLETION_RELATIONS];
    int cte_count;
};

/* completion_words.c: false when nothing is to be completed here (strings, comments); sets out->start and end. */
bool complete_read_words(struct complete_context *c, struct completion *out);
bool complete_is(const struct complete_context *c, int index, const char *word); /* any index */
bool complete_is_any(const struct complete_context *c, int index, const char *const *words);
const char *complete_name(const struct complete_context *c, int index); /* unquoted, in the arena */
bool complete_is_name(const struct complete_context *c, int index);     /* may it be an identifier? */
/* completion_place.c */
void complete_find_place(struct complete_context *c);
/* completion_scope.c */
void complete_find_relations(struct complete_context *c);
const struct catalog_table *complete_find_table(const struct complete_context *c, const char *database,
                                                const char *name);
/* The output names of the query around the cursor. */
size_t complete_outputs(const struct complete_context *c, struct complete_column **columns);
/* completion_keywords.c: calls with each keyword of the places, and with the rest of those already begun ("BY" behind
 * GROUP). */
void complete_keywords(const struct complete_context *c, unsigned places,
                       void (*found)(void *context, const char *keyword), void *context);
/* Does the word before the cursor leave only the rest of a keyword (GROUP | BY)? */
bool complete_only_goes_on(const struct complete_context *c);
#endif

/* Where statements of a text begin and end, which one a cursor is in, and what a statement is by its syntax: does it
 * only read, does it scan. No catalog and no translation. The editor calls it on the UI thread, the command line on its
 * own. */
#include "backend/sql/dialect_parse.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { NATURE_ARENA = 64 * 1024 * 1024 };

/* --- boundaries --- */
/* Words and numbers hold no boundary: skipping them here keeps a long text fast. A letter before a quote belongs to the
 * string (X'00'), which begins at the quote all the same. */
static size_t skip_word(const char *sql, size_t len, size_t at)
{
    while (at < len && (isalnum((unsigned char)sql[at]) || sql[at] == '_'))
        at++;
    return at;
}

bool dialect_split(const char *sql, size_t len, size_t *offset, struct dialect_part *part)
{
    struct dialect_token token;
    int state = 0;
    bool has_begun = false;
    *part = (struct dialect_part){.start = len, .end = len, .next = len};
    while (*offset < len) {
        size_t start = *offset, behind = skip_word(sql, len, start);
        bool is_word = behind > start, is_space = false;
        if (is_word) {
            *offset = behind;
        } else {
            dialect_token(sql, len, offset, &state, &token);
            is_space = token.kind == TOKEN_SPACE || token.kind == TOKEN_COMMENT;
            if (token.kind == TOKEN_OPERATOR && sql[start] == ';') {
                if (!has_begun)
                    continue; /* an empty one */
                part->next = *offset;
                part->is_ended = true;
                return true;
            }
        }
        if (!is_space && !has_begun) {
            *part = (struct dialect_part){.start = start};
            has_begun = true;
        }
        if (has_begun && !is_space)
            part->end = *offset;
    }
    part->is_open = state != 0;
    part->next = len;
    return has_begun;
}

static bool is_line_between(const char *sql, size_t from, size_t to)
{
    return from < to && memchr(sql + from, '\n', to - from);
}

bool dialect_split_at(const char *sql, size_t len, size_t cursor, struct dialect_part *part)
{
    struct dialect_part found;
    size_t offset = 0;
    bool any = false;
    while (dialect_split(sql, len, &offset, &found)) {
        bool is_behind = any && part->is_ended && cursor >= part->next && !is_line_between(sql, part->next, cursor);
        if (any && found.start > cursor && is_behind)
            return true; /* behind the ';' of the one before, on its line */
        *part = found;
        any = true;
        if (cursor < found.next || (cursor == found.next && !found.is_ended))
            return true;
    }
    return any;
}

/* --- what it is --- */
static bool is_any(const struct parser *p, size_t index, const char *const *words)
{
    for (; *words; words++)
        if (parser_is_at(p, index - p->next, *words))
            return true;
    return false;
}

/* A query by its first word: does any word in it, outside strings and quoted names, change something? */
static bool looks_harmless(const struct parser *p)
{
    static const char *const changing[] = {"INSERT", "UPDATE",   "DELETE", "MERGE",   "CREATE", "DROP",     "ALTER",
                                           "UNLOAD", "INTO",     "CALL",   "GRANT",   "REVOKE", "TRUNCATE", "EXECUTE",
                                           "MSCK",   "OPTIMIZE", "VACUUM", "PREPARE", NULL};
    for (size_t i = p->next; i < p->count; i++)
        if (is_any(p, i, changing) || p->items[i].kind == TOKEN_ERROR ||
            (parser_is_at(p, i - p->next, "TABLE") && parser_is_at(p, i + 1 - p->next, "(")))
            return false;
    return true;
}

static bool query_only_reads(struct parser *p)
{
    struct err ignored = ERR_NONE;
    size_t start = p->next;
    p->err = &ignored;
    bool ok = parse_query(p) && parser_at_end(p);
    p->next = start;
    return ok || looks_harmless(p);
}

static void nature_of(struct parser *p, struct dialect_nature *nature);

static void of_query(struct parser *p, struct dialect_nature *nature)
{
    nature->only_reads = query_only_reads(p);
    nature->scans = true;
}

static void of_scan(struct parser *p, struct dialect_nature *nature)
{
    (void)p;
    nature->scans = true;
}

static void of_reader(struct parser *p, struct dialect_nature *nature)
{
    (void)p;
    nature->only_reads = true;
}

static void of_writer(struct parser *p, struct dialect_nature *nature)
{
    (void)p;
    nature->only_reads = false;
}

static void of_explain(struct parser *p, struct dialect_nature *nature)
{
    p->next++;
    if (!parser_accept(p, "ANALYZE")) { /* (ANALYZE) is another system's way: in doubt it runs */
        nature->only_reads = !parser_is(p, "(") || !parser_is_at(p, 1, "ANALYZE");
        return;
    }
    struct dialect_nature inner = {.verb = ""};
    parser_accept(p, "VERBOSE");
    nature_of(p, &inner);
    nature->verb = "EXPLAIN ANALYZE";
    nature->only_reads = *inner.verb && inner.only_reads;
    nature->scans = inner.scans;
}

/* CREATE TABLE name ... AS, outside parentheses, followed by a query. */
static bool is_ctas(const struct parser *p)
{
    static const char *const starts[] = {"SELECT", "WITH", "VALUES", "TABLE", "(", NULL};
    for (size_t i = p->next; i + 1 < p->count; i++) {
        if (p->closes[i])
            i = p->closes[i];
        else if (parser_is_at(p, i - p->next, "AS") && is_any(p, i + 1, starts))
            return true;
    }
    return false;
}

static void of_create(struct parser *p, struct dialect_nature *nature)
{
    static const char *const view[] = {"VIEW", "OR", NULL}, *const database[] = {"DATABASE", "SCHEMA", NULL};
    size_t what = p->next + 1;
    nature->verb = "CREATE TABLE";
    if (is_any(p, what, view)) {
        nature->verb = "CREATE VIEW";
        nature->kind = DIALECT_CREATE_VIEW;
    } else if (is_any(p, what, database)) {
        nature->verb = "CREATE DATABASE";
        nature->kind = DIALECT_CREATE_DATABASE;
    } else if (is_ctas(p)) {
        nature->verb = "CREATE TABLE AS SELECT";
        nature->kind = DIALECT_CTAS;
        nature->scans = true;
    }
}

static void of_drop(struct parser *p, struct dialect_nature *nature)
{
    static const char *const database[] = {"DATABASE", "SCHEMA", NULL}, *const view[] = {"VIEW", NULL};
    size_t what = p->next + 1;
    nature->verb = "DROP TABLE";
    if (is_any(p, what, view)) {
        nature->verb = "DROP VIEW";
        nature->kind = DIALECT_DROP_VIEW;
    } else if (is_any(p, what, database)) {
        nature->verb = "DROP DATABASE";
        nature->kind = DIALECT_DROP_DATABASE;
    }
}

static void of_alter(struct parser *p, struct dialect_nature *nature)
{
    static const char *const database[] = {"DATABASE", "SCHEMA", NULL};
    nature->verb = "ALTER TABLE";
    if (is_any(p, p->next + 1, database)) {
        nature->verb = "ALTER DATABASE";
        nature->kind = DIALECT_ALTER_DATABASE;
    }
}

struct nature_row {
    const char *word, *verb;
    enum dialect_kind kind;
    void (*find)(struct parser *p, struct dialect_nature *nature);
};
static const struct nature_row natures[] = {
    {.word = "SELECT", .verb = "SELECT", .kind = DIALECT_QUERY, .find = of_query},
    {.word = "WITH", .verb = "SELECT", .kind = DIALECT_QUERY, .find = of_query},
    {.word = "VALUES", .verb = "SELECT", .kind = DIALECT_QUERY, .find = of_query},
    {.word = "TABLE", .verb = "SELECT", .kind = DIALECT_QUERY, .find = of_query},
    {.word = "(", .verb = "SELECT", .kind = DIALECT_QUERY, .find = of_query},
    {.word = "EXPLAIN", .verb = "EXPLAIN", .kind = DIALECT_EXPLAIN, .find = of_explain},
    {.word = "SHOW", .verb = "SHOW", .kind = DIALECT_SHOW, .find = of_reader},
    {.word = "DESCRIBE", .verb = "DESCRIBE", .kind = DIALECT_DESCRIBE, .find = of_reader},
    {.word = "DESC", .verb = "DESCRIBE", .kind = DIALECT_DESCRIBE, .find = of_reader},
    {.word = "USE", .verb = "USE", .kind = DIALECT_USE, .find = of_reader},
    {.word = "INSERT", .verb = "INSERT", .kind = DIALECT_INSERT, .find = of_scan},
    {.word = "UNLOAD", .verb = "UNLOAD", .kind = DIALECT_UNLOAD, .find = of_scan},
    {.word = "EXECUTE",
     .verb = "EXECUTE",
     .kind = DIALECT_EXECUTE,
     .find = of_scan}, /* of what, only the service knows */
    {.word = "CREATE", .verb = "CREATE", .kind = DIALECT_CREATE_TABLE, .find = of_create},
    {.word = "DROP", .verb = "DROP", .kind = DIALECT_DROP_TABLE, .find = of_drop},
    {.word = "ALTER", .verb = "ALTER", .kind = DIALECT_ALTER_TABLE, .find = of_alter},
    {.word = "MSCK", .verb = "MSCK REPAIR TABLE", .kind = DIALECT_MSCK, .find = of_writer},
    {.word = "PREPARE", .verb = "PREPARE", .kind = DIALECT_PREPARE, .find = of_writer},
    {.word = "DEALLOCATE", .verb = "DEALLOCATE PREPARE", .kind = DIALECT_DEALLOCATE, .find = of_writer},
};

static void nature_of(struct parser *p, struct dialect_nature *nature)
{
    for (size_t i = 0; i < sizeof natures / sizeof *natures; i++)
        if (parser_is(p, natures[i].word)) {
            nature->verb = natures[i].verb;
            nature->kind = natures[i].kind;
            natures[i].find(p, nature);
            return;
        }
}

struct dialect_nature dialect_nature(const char *sql, size_t len)
{
    struct dialect_nature nature = {.verb = ""};
    struct err ignored = ERR_NONE;
    struct parser p;
    struct arena *arena = arena_new(NATURE_ARENA);
    if (parser_init(&p, sql, len, arena, &ignored))
        nature_of(&p, &nature);
    arena_free(arena);
    return nature;
}

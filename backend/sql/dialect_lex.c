/* The parser's hands: lexemes of one statement, looking ahead, expecting, names and strings, and errors with line and
 * column as Athena words them. No grammar lives here. */
#include "backend/sql/dialect_parse.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- errors --- */
static bool fail_text(struct err *err, const char *name, const char *text)
{
    if (!err)
        return false;
    err_set(err, strcmp(name, "NOT_SUPPORTED") == 0 ? ERR_NOT_IMPLEMENTED : ERR_PARSE, "%s", text);
    snprintf(err->service_code, sizeof err->service_code, "%s", name);
    return false;
}

bool dialect_fail(struct err *err, const char *name, const char *format, ...)
{
    char text[sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return fail_text(err, name, text);
}

bool dialect_fail_at(struct err *err, const char *name, const char *sql, size_t at, const char *format, ...)
{
    char text[sizeof err->text];
    size_t line = 1, column = 1;
    for (size_t i = 0; i < at; i++) {
        if (sql[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)sql[i] & 0xc0) != 0x80) {
            column++;
        }
    }
    int size = snprintf(text, sizeof text, "line %zu:%zu: ", line, column);
    va_list args;
    va_start(args, format);
    vsnprintf(text + size, sizeof text - (size_t)size, format, args);
    va_end(args);
    return fail_text(err, name, text);
}

/* --- lexemes --- */
static bool add_lexeme(struct parser *p, size_t *cap, const struct dialect_token *token, bool is_ended)
{
    struct lexeme item = {.kind = token->kind,
                          .text = p->sql + token->start,
                          .at = token->start,
                          .len = token->len,
                          .is_ended = is_ended};
    if (!is_ended)
        return dialect_fail_at(p->err, "SYNTAX_ERROR", p->sql, item.at,
                               "mismatched input '%c': what it begins has no end", *item.text);
    if (token->kind == TOKEN_SPACE || token->kind == TOKEN_COMMENT)
        return true;
    if (token->kind == TOKEN_ERROR && isdigit((unsigned char)*item.text))
        return dialect_fail_at(p->err, "SYNTAX_ERROR", p->sql, item.at,
                               "identifiers must not start with a digit; surround the identifier with double quotes");
    p->items = arena_grow(p->arena, p->items, p->count, cap, sizeof *p->items);
    if (!p->items)
        return dialect_fail(p->err, "QUERY_TOO_LARGE", "the statement is too large");
    p->items[p->count++] = item;
    return true;
}

static bool match_parentheses(struct parser *p)
{
    size_t *open = ARENA_ARRAY(p->arena, size_t, p->count + 1);
    size_t depth = 0;
    p->closes = ARENA_ARRAY(p->arena, size_t, p->count + 1);
    if (!open || !p->closes)
        return dialect_fail(p->err, "QUERY_TOO_LARGE", "the statement is too large");
    for (size_t i = 0; i < p->count; i++) {
        if (p->items[i].len != 1)
            continue;
        if (*p->items[i].text == '(')
            open[depth++] = i;
        else if (*p->items[i].text == ')' && depth > 0)
            p->closes[open[--depth]] = i;
    }
    return true;
}

static bool lexeme_is(const struct lexeme *item, const char *word)
{
    if (item->kind == TOKEN_STRING || item->kind == TOKEN_QUOTED_NAME || item->len == 0)
        return false;
    return strncasecmp(item->text, word, item->len) == 0 && word[item->len] == '\0';
}

/* Hive's statements, unlike Trino's, have escapes in strings. */
static bool is_hive(const struct parser *p)
{
    return p->count >= 2 && ((lexeme_is(&p->items[0], "CREATE") && lexeme_is(&p->items[1], "EXTERNAL")) ||
                             lexeme_is(&p->items[0], "ALTER"));
}

/* A string whose quote is behind a backslash goes on. */
static void end_hive_string(const char *sql, size_t len, size_t *offset, int *state, struct dialect_token *token)
{
    size_t at = token->start + 1;
    while (at < len && (sql[at] != '\'' || (at + 1 < len && sql[at + 1] == '\'')))
        at += sql[at] == '\\' || sql[at] == '\'' ? 2 : 1;
    bool is_ended = at < len;
    *offset = is_ended ? at + 1 : len;
    *state = is_ended ? 0 : *state;
    token->len = *offset - token->start;
}

/* \' \" and \\ are the characters; other escapes are left to who knows the property. */
static void hive_unescape(char *text)
{
    char *to = text;
    for (; *text; text++) {
        text += *text == '\\' && (text[1] == '\'' || text[1] == '"' || text[1] == '\\');
        *to++ = *text;
    }
    *to = '\0';
}

bool parser_init(struct parser *p, const char *sql, size_t len, struct arena *arena, struct err *err)
{
    struct dialect_token token;
    size_t offset = 0, cap = 0;
    int state = 0;
    *p = (struct parser){.sql = sql, .len = len, .arena = arena, .err = err};
    if (len > DIALECT_SQL_MAX)
        return dialect_fail(err, "QUERY_TOO_LARGE", "the statement has %zu bytes; the maximum is %d", len,
                            DIALECT_SQL_MAX);
    while (dialect_token(sql, len, &offset, &state, &token)) {
        if (token.kind == TOKEN_STRING && sql[token.start] == '\'' && is_hive(p))
            end_hive_string(sql, len, &offset, &state, &token);
        if (!add_lexeme(p, &cap, &token, state == 0))
            return false;
    }
    while (p->count > 0 && p->items[p->count - 1].len == 1 && *p->items[p->count - 1].text == ';')
        p->count--;
    token = (struct dialect_token){.kind = TOKEN_SPACE, .start = len};
    if (p->count < cap || (p->items = arena_grow(arena, p->items, p->count, &cap, sizeof *p->items))) {
        p->items[p->count] = (struct lexeme){.kind = TOKEN_SPACE, .text = sql + len, .at = len, .is_ended = true};
        return match_parentheses(p);
    }
    return dialect_fail(err, "QUERY_TOO_LARGE", "the statement is too large");
}

const struct lexeme *parser_peek(const struct parser *p, size_t ahead)
{
    size_t at = p->next + ahead;
    return &p->items[at < p->count ? at : p->count];
}

bool parser_at_end(const struct parser *p)
{
    return p->next >= p->count;
}

bool parser_is(const struct parser *p, const char *word)
{
    return lexeme_is(parser_peek(p, 0), word);
}

bool parser_is_at(const struct parser *p, size_t ahead, const char *word)
{
    return lexeme_is(parser_peek(p, ahead), word);
}

bool parser_accept(struct parser *p, const char *word)
{
    if (!parser_is(p, word))
        return false;
    p->next++;
    return true;
}

bool parser_accept_words(struct parser *p, const char *words)
{
    size_t ahead = 0;
    for (const char *c = words; *c; ahead++) {
        char word[32];
        size_t size = strcspn(c, " ");
        snprintf(word, sizeof word, "%.*s", (int)size, c);
        if (!parser_is_at(p, ahead, word))
            return false;
        c += size + (c[size] == ' ');
    }
    p->next += ahead;
    return true;
}

bool parser_mismatch(struct parser *p, const char *expected)
{
    const struct lexeme *item = parser_peek(p, 0);
    if (item->len == 0)
        return dialect_fail_at(p->err, "SYNTAX_ERROR", p->sql, item->at, "mismatched input '<EOF>'. Expecting: %s",
                               expected);
    return dialect_fail_at(p->err, "SYNTAX_ERROR", p->sql, item->at, "mismatched input '%.*s'. Expecting: %s",
                           item->len > 60 ? 60 : (int)item->len, item->text, expected);
}

bool parser_expect(struct parser *p, const char *word)
{
    char expected[64];
    if (parser_accept(p, word))
        return true;
    snprintf(expected, sizeof expected, "'%s'", word);
    return parser_mismatch(p, expected);
}

bool parser_at_query(const struct parser *p)
{
    static const char *const starts[] = {"SELECT", "WITH", "VALUES", "TABLE"};
    static const char *const goes_on[] = {")", "UNION", "INTERSECT", "EXCEPT", "ORDER", "LIMIT", "OFFSET", "FETCH"};
    for (size_t at = p->next; at < p->count && parser_is_at(p, at - p->next, "("); at++) {
        size_t inner = at + 1;
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
            if (parser_is_at(p, inner - p->next, starts[i]))
                return true;
        bool is_whole = false; /* what follows the inner parentheses keeps the outer ones a query */
        for (size_t i = 0; i < sizeof goes_on / sizeof *goes_on && inner < p->count && p->closes[inner]; i++)
            is_whole = is_whole || parser_is_at(p, p->closes[inner] + 1 - p->next, goes_on[i]);
        if (!is_whole)
            return false;
    }
    return false;
}

bool parser_enter(struct parser *p)
{
    if (++p->depth <= DIALECT_DEPTH_MAX)
        return true;
    return dialect_fail_at(p->err, "STACK_OVERFLOW", p->sql, parser_peek(p, 0)->at,
                           "statement is too large (more than %d levels of nesting)", DIALECT_DEPTH_MAX);
}

void parser_leave(struct parser *p)
{
    p->depth--;
}

/* --- names and strings --- */
char *lexeme_text(const struct parser *p, const struct lexeme *item)
{
    return arena_strndup(p->arena, item->text, item->len);
}

static char *unquote(const struct parser *p, const char *text, size_t len, char quote)
{
    char *out = arena_alloc(p->arena, len + 1);
    size_t size = 0;
    for (size_t i = 0; out && i < len; i++) {
        out[size++] = text[i];
        if (text[i] == quote)
            i++; /* doubled */
    }
    return out;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80)
        return out[0] = (char)c, 1;
    if (c < 0x800)
        return out[0] = (char)(0xc0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
    if (c < 0x10000)
        return out[0] = (char)(0xe0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63)), out[2] = (char)(0x80 | (c & 63)),
               3;
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* \XXXX and \+XXXXXX of U&'...' (Trino: Unicode string literals, default escape) in place; the result is never longer.
 */
static void unicode_unescape(char *text)
{
    char *out = text;
    for (const char *in = text; *in;) {
        size_t digits = in[0] == '\\' && in[1] == '+' ? 6 : 4, start = digits == 6 ? 2 : 1, i = 0;
        if (*in == '\\')
            while (i < digits && isxdigit((unsigned char)in[start + i]))
                i++;
        if (*in == '\\' && i == digits) {
            char hex[8] = "";
            memcpy(hex, in + start, digits);
            unsigned long c = strtoul(hex, NULL, 16);
            out += put_utf8(out, c && c <= 0x10ffff ? (uint32_t)c : 0xfffd);
            in += start + digits;
        } else {
            in += in[0] == '\\' && in[1] == '\\';
            *out++ = *in++;
        }
    }
    *out = '\0';
}

char *lexeme_value(const struct parser *p, const struct lexeme *item)
{
    const char *text = item->text;
    size_t len = item->len;
    if (item->kind != TOKEN_STRING && item->kind != TOKEN_QUOTED_NAME)
        return lexeme_text(p, item);
    bool unicode = (*text == 'U' || *text == 'u') && text[1] == '&';
    size_t skip = unicode ? 3 : *text == 'x' || *text == 'X' ? 2 : 1;
    char *value = unquote(p, text + skip, len - skip - 1, text[len - 1]);
    if (unicode && value)
        unicode_unescape(value);
    return value;
}

bool parser_is_name(const struct parser *p)
{
    const struct lexeme *item = parser_peek(p, 0);
    if (item->kind == TOKEN_QUOTED_NAME)
        return true;
    if (item->kind != TOKEN_NAME && item->kind != TOKEN_KEYWORD && item->kind != TOKEN_FUNCTION)
        return false;
    return !dialect_is_reserved(item->text, item->len);
}

const char *parser_name(struct parser *p)
{
    if (!parser_is_name(p)) {
        parser_mismatch(p, "<identifier>");
        return NULL;
    }
    const struct lexeme *item = parser_peek(p, 0);
    if (item->kind == TOKEN_QUOTED_NAME && item->len == 2) {
        dialect_fail_at(p->err, "SYNTAX_ERROR", p->sql, item->at, "Zero-length delimited identifier not allowed");
        return NULL;
    }
    p->next++;
    return lexeme_value(p, item);
}

bool parser_is_string(const struct parser *p)
{
    const struct lexeme *item = parser_peek(p, 0);
    return item->kind == TOKEN_STRING && *item->text != 'x' && *item->text != 'X';
}

const char *parser_string(struct parser *p)
{
    if (!parser_is_string(p)) {
        parser_mismatch(p, "<string>");
        return NULL;
    }
    char *value = lexeme_value(p, &p->items[p->next++]);
    if (value && is_hive(p))
        hive_unescape(value);
    return value;
}

char *parser_text(const struct parser *p, size_t from_item, size_t to_item)
{
    if (from_item >= to_item)
        return arena_strdup(p->arena, "");
    const struct lexeme *last = &p->items[to_item - 1];
    size_t start = p->items[from_item].at;
    return arena_strndup(p->arena, p->sql + start, last->at + last->len - start);
}

char *dialect_lower(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; c && *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}

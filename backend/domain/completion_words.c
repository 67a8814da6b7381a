/* The words of the statement under the cursor, with their brackets matched, and the word being typed. See
 * completion_private.h. */
#include "backend/domain/completion_private.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

bool complete_is(const struct complete_context *c, int index, const char *word)
{
    if (index < 0 || index >= c->count)
        return false;
    const struct complete_word *w = &c->words[index];
    return w->kind != TOKEN_STRING && w->kind != TOKEN_QUOTED_NAME && strncasecmp(w->text, word, (size_t)w->len) == 0 &&
           word[w->len] == '\0';
}

bool complete_is_any(const struct complete_context *c, int index, const char *const *words)
{
    for (; *words; words++)
        if (complete_is(c, index, *words))
            return true;
    return false;
}

bool complete_is_name(const struct complete_context *c, int index)
{
    if (index < 0 || index >= c->count)
        return false;
    const struct complete_word *w = &c->words[index];
    if (w->kind == TOKEN_QUOTED_NAME)
        return true;
    return (w->kind == TOKEN_NAME || w->kind == TOKEN_KEYWORD || w->kind == TOKEN_FUNCTION) &&
           !dialect_needs_quotes(w->text, (size_t)w->len);
}

/* Quotes off, a doubled quote single, up to `len` bytes; names are lower case in the catalog and matched in any. */
static const char *unquoted(struct arena *arena, const char *text, size_t len, bool is_quoted)
{
    if (!is_quoted)
        return arena_strndup(arena, text, len);
    char quote = *text, *out = arena_alloc(arena, len + 1);
    size_t size = 0;
    for (size_t i = 1; out && i < len; i++) {
        if (text[i] == quote && ++i >= len)
            break;
        out[size++] = text[i];
    }
    return out ? out : "";
}

const char *complete_name(const struct complete_context *c, int index)
{
    const struct complete_word *w = &c->words[index];
    return unquoted(c->arena, w->text, (size_t)w->len, w->kind == TOKEN_QUOTED_NAME);
}

static bool add_word(struct complete_context *c, size_t *cap, const struct complete_word *word)
{
    c->words = arena_grow(c->arena, c->words, (size_t)c->count, cap, sizeof *c->words);
    if (!c->words)
        return false;
    c->words[c->count++] = *word;
    return true;
}

struct reading {
    size_t start, end; /* the statement's part of the text */
    size_t word_start, word_end;
    bool is_inside; /* of a string or comment */
};

/* The word that ends at the cursor, of which more may be typed. */
static bool is_typed(const struct dialect_token *token, size_t cursor)
{
    bool is_word = token->kind == TOKEN_NAME || token->kind == TOKEN_KEYWORD || token->kind == TOKEN_FUNCTION ||
                   token->kind == TOKEN_QUOTED_NAME;
    return is_word && token->start < cursor && cursor <= token->start + token->len;
}

static bool is_within(const struct dialect_token *token, size_t cursor, int state, const char *text)
{
    if (token->kind != TOKEN_STRING && token->kind != TOKEN_COMMENT)
        return false;
    size_t end = token->start + token->len;
    bool is_line_comment = token->kind == TOKEN_COMMENT && text[token->start] == '-';
    return token->start < cursor && (cursor < end || (cursor == end && (state != 0 || is_line_comment)));
}

/* Before the cursor: words up to the one being typed. */
static bool read_before(struct complete_context *c, struct reading *r, size_t *cap)
{
    const struct completion_request *request = c->request;
    struct dialect_token token;
    size_t offset = r->start;
    int state = 0;
    while (offset < r->end && dialect_token(request->text, r->end, &offset, &state, &token) &&
           token.start < request->cursor) {
        if (is_within(&token, request->cursor, state, request->text)) {
            r->is_inside = true;
            return true;
        }
        if (is_typed(&token, request->cursor)) {
            bool is_closed = token.kind == TOKEN_QUOTED_NAME && state == 0 && offset == request->cursor;
            r->word_start = token.start;
            c->is_quoted = token.kind == TOKEN_QUOTED_NAME;
            c->prefix = unquoted(c->arena, request->text + token.start, request->cursor - token.start, c->is_quoted);
            r->is_inside = is_closed; /* "name"| is whole */
            return true;
        }
        struct complete_word word = {.text = request->text + token.start, .len = (int)token.len, .kind = token.kind};
        if (token.kind != TOKEN_SPACE && token.kind != TOKEN_COMMENT && !add_word(c, cap, &word))
            return false;
    }
    return true;
}

/* Behind it: anew, so that a quote left open does not swallow the rest. */
static bool read_behind(struct complete_context *c, struct reading *r, size_t *cap)
{
    const struct completion_request *request = c->request;
    const char *text = request->text;
    struct dialect_token token;
    size_t at = request->cursor;
    int state = 0;
    while (r->word_start < at && at < r->end && (isalnum((unsigned char)text[at]) || text[at] == '_'))
        at++;
    if (c->is_quoted && at < r->end && text[at] == text[r->word_start])
        r->word_end = ++at; /* the closing quote is part of what is replaced */
    while (at < r->end && dialect_token(text, r->end, &at, &state, &token)) {
        struct complete_word word = {.text = text + token.start, .len = (int)token.len, .kind = token.kind};
        if (token.kind == TOKEN_OPERATOR && text[token.start] == ';')
            break;
        if (token.kind != TOKEN_SPACE && token.kind != TOKEN_COMMENT && !add_word(c, cap, &word))
            return false;
    }
    return true;
}

static void match_brackets(struct complete_context *c)
{
    int opener = COMPLETION_NO_WORD;
    for (int i = 0; i < c->count; i++) {
        struct complete_word *w = &c->words[i];
        w->partner = COMPLETION_NO_WORD;
        if (complete_is(c, i, ")") && opener != COMPLETION_NO_WORD) {
            w->partner = opener;
            c->words[opener].partner = i;
            opener = c->words[opener].opener;
            w->opener = opener;
            continue;
        }
        w->opener = opener;
        if (complete_is(c, i, "("))
            opener = i;
    }
}

static void read_qualifiers(struct complete_context *c)
{
    int at = c->at;
    while (c->qualifier_count < 2 && complete_is(c, at - 1, ".") && complete_is_name(c, at - 2)) {
        at -= 2;
        c->qualifiers[c->qualifier_count++] = complete_name(c, at);
    }
    if (c->qualifier_count == 2) { /* in the order they are written */
        const char *table = c->qualifiers[0];
        c->qualifiers[0] = c->qualifiers[1];
        c->qualifiers[1] = table;
    }
    c->qualified_at = at;
}

/* The statement around the cursor; behind a ';' a new one begins. */
static bool find_statement(const struct completion_request *request, struct reading *r)
{
    struct dialect_part part;
    *r = (struct reading){.start = request->cursor, .end = request->cursor};
    if (dialect_split_at(request->text, request->len, request->cursor, &part) && request->cursor >= part.start &&
        !(part.is_ended && request->cursor >= part.next)) {
        r->start = part.start;
        r->end = part.is_ended ? part.next : request->len;
    }
    return r->end - r->start <= COMPLETION_STATEMENT_MAX;
}

bool complete_read_words(struct complete_context *c, struct completion *out)
{
    struct reading r;
    size_t cap = 0;
    c->prefix = "";
    if (c->request->cursor > c->request->len || !find_statement(c->request, &r))
        return false;
    r.word_start = r.word_end = c->request->cursor;
    if (!read_before(c, &r, &cap) || r.is_inside)
        return false;
    c->at = c->count;
    if (!read_behind(c, &r, &cap))
        return false;
    c->prefix_len = strlen(c->prefix);
    match_brackets(c);
    read_qualifiers(c);
    out->start = r.word_start;
    out->end = r.word_end;
    return true;
}

/* A conservative layout of one statement: clauses on lines of their own, lists and conditions indented under them.
 * Only blanks and line ends between tokens change, and the letter case of nothing: what the tokens are, and in which
 * order, stays as it was, which is checked at the end. Pure. */
#include "backend/sql/dialect.h"
#include <string.h>
#include <strings.h>

enum { DEPTH_MAX = 64, INDENT = 4, SHORT_LIST = 72 };

struct layout {
    const char *sql;
    size_t len;
    struct buf *out;
    int depth;                 /* of parentheses that are laid out over lines */
    bool is_broken[DEPTH_MAX]; /* the parentheses at each depth: over lines, or on one */
    int level;                 /* parentheses open, both kinds */
    int bases[DEPTH_MAX];      /* depth that each level began with */
    bool at_start, had_space;
    char last;     /* last byte written that is no blank */
    int between;   /* level + 1 of a BETWEEN whose AND is still to come; 0 none */
    char word[24]; /* the last word, for what follows it */
};

/* Words that begin a line, and what their line is: a clause of its own, or a part under it. */
static const struct {
    const char *word;
    bool is_under;
} starts[] = {
    {"select", false},    {"from", false},  {"where", false},  {"group", false},  {"having", false},
    {"order", false},     {"limit", false}, {"offset", false}, {"union", false},  {"except", false},
    {"intersect", false}, {"with", false},  {"values", false}, {"join", false},   {"inner", false},
    {"left", false},      {"right", false}, {"full", false},   {"cross", false},  {"natural", false},
    {"and", true},        {"or", true},     {"window", false}, {"insert", false}, {"fetch", false},
};

static int start_of(const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strlen(starts[i].word) == len && strncasecmp(starts[i].word, word, len) == 0)
            return starts[i].is_under ? 2 : 1;
    return 0;
}

static bool is_word(const struct layout *layout, const char *word)
{
    return strcasecmp(layout->word, word) == 0;
}

static void remember(struct layout *layout, const char *word, size_t len)
{
    if (len >= sizeof layout->word)
        len = 0;
    memcpy(layout->word, word, len);
    layout->word[len] = '\0';
    if (is_word(layout, "between"))
        layout->between = layout->level + 1;
    else if (is_word(layout, "and") && layout->between == layout->level + 1)
        layout->between = 0;
}

static void new_line(struct layout *layout, int indent)
{
    if (layout->at_start)
        return;
    while (layout->out->len > 0 && layout->out->data[layout->out->len - 1] == ' ')
        layout->out->len--;
    buf_putc(layout->out, '\n');
    for (int i = 0; i < indent; i++)
        buf_putc(layout->out, ' ');
    layout->at_start = true;
}

static void put(struct layout *layout, const char *text, size_t len)
{
    buf_append(layout->out, text, len);
    layout->last = text[len - 1];
    layout->at_start = false;
}

static bool may_break(const struct layout *layout)
{
    return layout->level == 0 || (layout->level <= DEPTH_MAX && layout->is_broken[layout->level - 1]);
}

static int base(const struct layout *layout)
{
    return layout->depth * INDENT;
}

/* Where the parenthesis that opens at `at` closes, and whether a query is inside. */
static size_t closing(const struct layout *layout, size_t at, bool *is_query)
{
    struct dialect_token token;
    int open = 0, state = 0, words = 0;
    *is_query = false;
    while (dialect_token(layout->sql, layout->len, &at, &state, &token)) {
        const char *text = layout->sql + token.start;
        if (token.kind == TOKEN_OPERATOR && token.len == 1 && *text == '(')
            open++;
        else if (token.kind == TOKEN_OPERATOR && token.len == 1 && *text == ')' && --open == 0)
            return at;
        else if (token.kind != TOKEN_SPACE && token.kind != TOKEN_COMMENT && words++ == 0)
            *is_query = token.len == 6 && strncasecmp(text, "select", 6) == 0;
    }
    return layout->len;
}

static void open_paren(struct layout *layout, size_t start, bool spaced)
{
    bool is_query;
    size_t end = closing(layout, start, &is_query);
    bool breaks = layout->level < DEPTH_MAX && may_break(layout) && is_query && end - start > SHORT_LIST / 2;
    if (spaced)
        buf_putc(layout->out, ' ');
    put(layout, "(", 1);
    if (layout->level < DEPTH_MAX) {
        layout->is_broken[layout->level] = breaks;
        layout->bases[layout->level] = layout->depth;
    }
    layout->level++;
    if (breaks) {
        layout->depth++;
        new_line(layout, base(layout));
    }
}

static void close_paren(struct layout *layout)
{
    if (layout->level > 0)
        layout->level--;
    if (layout->level < DEPTH_MAX && layout->is_broken[layout->level]) {
        layout->depth = layout->bases[layout->level];
        new_line(layout, base(layout));
        layout->is_broken[layout->level] = false;
    }
    put(layout, ")", 1);
}

/* A word that would begin a line does not when it goes on what the word before began. */
static bool goes_on(const struct layout *layout, const char *word, size_t len)
{
    bool is_join = len == 4 && strncasecmp(word, "join", 4) == 0;
    if (is_join)
        return is_word(layout, "inner") || is_word(layout, "left") || is_word(layout, "right") ||
               is_word(layout, "full") || is_word(layout, "cross") || is_word(layout, "outer") ||
               is_word(layout, "natural");
    if (len == 3 && strncasecmp(word, "and", 3) == 0 && layout->between == layout->level + 1)
        return true;
    if (len == 4 && strncasecmp(word, "from", 4) == 0)
        return !may_break(layout); /* extract(year FROM x), IS DISTINCT FROM is caught below */
    return false;
}

static void put_word(struct layout *layout, const struct dialect_token *token, bool spaced)
{
    const char *word = layout->sql + token->start;
    int kind = may_break(layout) && token->kind == TOKEN_KEYWORD ? start_of(word, token->len) : 0;
    bool is_distinct_from = is_word(layout, "distinct") && kind == 1;
    bool follows_dot = layout->last == '.';
    if (kind && !goes_on(layout, word, token->len) && !is_distinct_from && !follows_dot && layout->out->len > 0)
        new_line(layout, base(layout) + (kind == 2 ? 2 : 0));
    else if (spaced && !layout->at_start)
        buf_putc(layout->out, ' ');
    put(layout, word, token->len);
    remember(layout, word, token->len);
}

static bool is_comma_of_list(const struct layout *layout)
{
    return may_break(layout);
}

static void put_token(struct layout *layout, const struct dialect_token *token)
{
    const char *text = layout->sql + token->start;
    bool spaced = layout->had_space && !layout->at_start && layout->out->len > 0;
    bool is_op = token->kind == TOKEN_OPERATOR && token->len == 1;
    if (is_op && *text == '(')
        open_paren(layout, token->start, spaced);
    else if (is_op && *text == ')')
        close_paren(layout);
    else if (is_op && *text == ',') {
        put(layout, ",", 1);
        remember(layout, ",", 1);
        if (is_comma_of_list(layout))
            new_line(layout, base(layout) + INDENT);
        else
            layout->had_space = true;
        if (!is_comma_of_list(layout))
            return; /* the blank that follows is its own */
    } else {
        put_word(layout, token, spaced);
    }
    layout->had_space = false;
}

static void put_comment(struct layout *layout, const struct dialect_token *token)
{
    const char *text = layout->sql + token->start;
    size_t len = token->len;
    bool is_line = len >= 2 && text[0] == '-' && text[1] == '-';
    while (is_line && len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    if (!layout->at_start && layout->out->len > 0)
        buf_putc(layout->out, ' ');
    put(layout, text, len);
    if (is_line)
        new_line(layout, base(layout));
    layout->had_space = false;
}

/* Are both the same tokens, blanks aside? */
static bool is_same(const char *a, size_t a_len, const char *b, size_t b_len)
{
    struct dialect_token left, right;
    size_t at = 0, bt = 0;
    int state = 0, other = 0;
    for (;;) {
        bool has_left, has_right;
        do
            has_left = dialect_token(a, a_len, &at, &state, &left);
        while (has_left && left.kind == TOKEN_SPACE);
        do
            has_right = dialect_token(b, b_len, &bt, &other, &right);
        while (has_right && right.kind == TOKEN_SPACE);
        if (!has_left || !has_right)
            return has_left == has_right && state == 0 && other == 0;
        size_t n = left.len, m = right.len;
        if (left.kind == TOKEN_COMMENT) { /* a line's comment may or may not hold its line end */
            while (n > 0 && strchr("\n\r", a[left.start + n - 1]))
                n--;
            while (m > 0 && strchr("\n\r", b[right.start + m - 1]))
                m--;
        }
        if (left.kind != right.kind || n != m || memcmp(a + left.start, b + right.start, n) != 0)
            return false;
    }
}

bool dialect_format(const char *sql, size_t len, struct buf *out)
{
    struct layout layout = {.sql = sql, .len = len, .out = out, .at_start = true};
    struct dialect_token token;
    size_t offset = 0, before = out->len;
    int state = 0;
    while (dialect_token(sql, len, &offset, &state, &token)) {
        if (token.kind == TOKEN_SPACE)
            layout.had_space = true;
        else if (token.kind == TOKEN_COMMENT)
            put_comment(&layout, &token);
        else if (token.kind == TOKEN_ERROR)
            break;
        else
            put_token(&layout, &token);
    }
    while (out->len > before && strchr(" \n", out->data[out->len - 1]))
        out->len--;
    if (out->data)
        out->data[out->len] = '\0';
    if (!out->failed && is_same(sql, len, buf_text(out) + before, out->len - before))
        return true;
    out->len = before;
    return false;
}

/* GetPartitions' Expression: a recursive-descent parser into a tree, and its evaluation. See glue_expression.h. */
#include "backend/local/glue_expression.h"
#include "backend/local/glue_store.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEPTH_MAX = 64, NODES_MAX = 10000 };

enum logic { UNKNOWN = -1, NO = 0, YES = 1 };
enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_COMPARE, NODE_IN, NODE_BETWEEN, NODE_LIKE, NODE_IS_NULL };
enum comparison { EQUAL, NOT_EQUAL, LESS, GREATER, LESS_EQUAL, GREATER_EQUAL };

struct literal {
    const char *text;
    struct literal *next;
};

struct node {
    enum node_kind kind;
    enum comparison comparison;
    struct node *left, *right;
    size_t key;
    bool is_number, negated;
    struct literal *literals;
};

struct glue_expression {
    struct node *root;
};

enum token { TOKEN_END, TOKEN_WORD, TOKEN_QUOTED_NAME, TOKEN_STRING, TOKEN_NUMBER, TOKEN_SIGN };

struct parser {
    const char *at;
    struct arena *arena;
    const json_t *keys;
    struct err *err;
    enum token token;
    char *text; /* of the token */
    int depth, nodes;
};

static bool fail_syntax(struct parser *parser, const char *expected)
{
    if (parser->err->code == ERR_OK)
        glue_refuse(parser->err, "InvalidInputException", "Unsupported expression: expected %s at '%.60s'", expected,
                    parser->token == TOKEN_END ? "the end" : parser->text);
    return false;
}

static bool read_quoted(struct parser *parser, char quote)
{
    struct buf text = BUF_INIT(4096);
    const char *at = parser->at + 1;
    for (; *at && (*at != quote || at[1] == quote); at++) {
        at += *at == quote;
        buf_putc(&text, *at);
    }
    parser->text = arena_strdup(parser->arena, buf_text(&text));
    bool ok = *at == quote && !text.failed && parser->text;
    buf_done(&text);
    parser->token = quote == '\'' ? TOKEN_STRING : TOKEN_QUOTED_NAME;
    parser->at = ok ? at + 1 : parser->at + strlen(parser->at);
    return ok || fail_syntax(parser, "a closing quote");
}

static size_t number_length(const char *at)
{
    size_t len = strspn(at, "+-");
    if (len > 1)
        return 0;
    size_t digits = strspn(at + len, "0123456789.");
    if (digits == 0)
        return 0;
    len += digits;
    if ((at[len] == 'e' || at[len] == 'E')) {
        size_t exponent = strspn(at + len + 1, "+-0123456789");
        len += exponent ? exponent + 1 : 0;
    }
    return len;
}

static bool advance(struct parser *parser)
{
    while (isspace((unsigned char)*parser->at))
        parser->at++;
    const char *at = parser->at;
    size_t len;
    if (!*at) {
        parser->token = TOKEN_END;
        parser->text = arena_strdup(parser->arena, "");
        return true;
    }
    if (*at == '\'' || *at == '"' || *at == '`')
        return read_quoted(parser, *at);
    if (isalpha((unsigned char)*at) || *at == '_' || (unsigned char)*at >= 0x80) {
        for (len = 0;
             at[len] && (isalnum((unsigned char)at[len]) || strchr("_$@#", at[len]) || (unsigned char)at[len] >= 0x80);
             len++)
            continue;
        parser->token = TOKEN_WORD;
    } else if ((len = number_length(at)) > 0) {
        parser->token = TOKEN_NUMBER;
    } else {
        len = (strchr("<>!", *at) && at[1] == '=') || (*at == '<' && at[1] == '>') ? 2 : 1;
        parser->token = TOKEN_SIGN;
    }
    parser->text = arena_strndup(parser->arena, at, len);
    parser->at = at + len;
    return parser->text || fail_syntax(parser, "a shorter expression");
}

static bool is_word(const struct parser *parser, const char *word)
{
    return parser->token == TOKEN_WORD && strcasecmp(parser->text, word) == 0;
}

static bool is_sign(const struct parser *parser, const char *sign)
{
    return parser->token == TOKEN_SIGN && strcmp(parser->text, sign) == 0;
}

static struct node *new_node(struct parser *parser, enum node_kind kind)
{
    struct node *node = ++parser->nodes <= NODES_MAX ? ARENA_NEW(parser->arena, struct node) : NULL;
    if (node)
        node->kind = kind;
    else
        glue_refuse(parser->err, "InvalidInputException", "The expression is too large");
    return node;
}

static bool type_is_number(const char *type)
{
    static const char *const names[] = {"tinyint", "smallint", "int",  "integer", "bigint",
                                        "long",    "float",    "real", "double",  "decimal"};
    size_t len = strcspn(type, "( ");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == len && strncasecmp(type, names[i], len) == 0)
            return true;
    return false;
}

static bool find_key(struct parser *parser, struct node *node)
{
    size_t i;
    json_t *key;
    json_array_foreach(parser->keys, i, key)
    {
        if (strcasecmp(json_str(key, "Name"), parser->text) == 0) {
            node->key = i;
            node->is_number = type_is_number(json_str(key, "Type"));
            return true;
        }
    }
    return glue_refuse(parser->err, "InvalidInputException", "Unsupported expression: %.100s is not a partition key",
                       parser->text);
}

static bool parse_number(const char *text, long double *number)
{
    char *end;
    while (isspace((unsigned char)*text))
        text++;
    *number = strtold(text, &end);
    return end != text && !*end && strspn(text, "+-.0123456789eE") == strlen(text);
}

static bool read_literal(struct parser *parser, struct node *node)
{
    /* DATE '2024-01-01', TIMESTAMP '...' */
    if ((is_word(parser, "date") || is_word(parser, "timestamp")) && !advance(parser))
        return false;
    bool is_text = parser->token == TOKEN_STRING;
    if (!is_text && parser->token != TOKEN_NUMBER)
        return fail_syntax(parser, "a literal");
    long double number;
    if (node->is_number && !parse_number(parser->text, &number))
        return glue_refuse(parser->err, "InvalidInputException",
                           "Unsupported expression: '%.60s' is not a number, as the partition key's type is",
                           parser->text);
    struct literal *literal = ARENA_NEW(parser->arena, struct literal), **end = &node->literals;
    if (!literal)
        return fail_syntax(parser, "a shorter expression");
    literal->text = parser->text;
    if (node->kind == NODE_IN) { /* order does not matter; long lists must not cost the square */
        literal->next = node->literals;
        node->literals = literal;
    } else {
        while (*end)
            end = &(*end)->next;
        *end = literal;
    }
    return advance(parser);
}

static bool read_in(struct parser *parser, struct node *node)
{
    node->kind = NODE_IN;
    if (!advance(parser) || !is_sign(parser, "("))
        return fail_syntax(parser, "( after IN");
    do {
        if (!advance(parser) || !read_literal(parser, node))
            return false;
    } while (is_sign(parser, ","));
    return is_sign(parser, ")") ? advance(parser) : fail_syntax(parser, ")");
}

static bool read_between(struct parser *parser, struct node *node)
{
    node->kind = NODE_BETWEEN;
    if (!advance(parser) || !read_literal(parser, node))
        return false;
    if (!is_word(parser, "and"))
        return fail_syntax(parser, "AND");
    return advance(parser) && read_literal(parser, node);
}

static bool read_is_null(struct parser *parser, struct node *node)
{
    node->kind = NODE_IS_NULL;
    if (!advance(parser))
        return false;
    if (is_word(parser, "not")) {
        node->negated = true;
        if (!advance(parser))
            return false;
    }
    return is_word(parser, "null") ? advance(parser) : fail_syntax(parser, "NULL");
}

static const struct {
    const char *sign;
    enum comparison comparison, mirrored;
} comparisons[] = {
    {.sign = "=", .comparison = EQUAL, .mirrored = EQUAL},
    {.sign = "<>", .comparison = NOT_EQUAL, .mirrored = NOT_EQUAL},
    {.sign = "!=", .comparison = NOT_EQUAL, .mirrored = NOT_EQUAL},
    {.sign = "<", .comparison = LESS, .mirrored = GREATER},
    {.sign = ">", .comparison = GREATER, .mirrored = LESS},
    {.sign = "<=", .comparison = LESS_EQUAL, .mirrored = GREATER_EQUAL},
    {.sign = ">=", .comparison = GREATER_EQUAL, .mirrored = LESS_EQUAL},
};

static bool read_comparison(struct parser *parser, struct node *node, bool mirrored)
{
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++) {
        if (!is_sign(parser, comparisons[i].sign))
            continue;
        node->comparison = mirrored ? comparisons[i].mirrored : comparisons[i].comparison;
        return advance(parser);
    }
    return fail_syntax(parser, "a comparison");
}

/* 5 < key */
static bool read_mirrored(struct parser *parser, struct node *node)
{
    char *text = parser->text;
    enum token token = parser->token;
    if (!advance(parser) || !read_comparison(parser, node, true))
        return false;
    if ((parser->token != TOKEN_WORD && parser->token != TOKEN_QUOTED_NAME) || !find_key(parser, node))
        return fail_syntax(parser, "a partition key");
    const char *rest = parser->at;
    parser->text = text;
    parser->token = token;
    if (!read_literal(parser, node))
        return false;
    parser->at = rest; /* read_literal went past the key's successor */
    return advance(parser);
}

static bool read_predicate(struct parser *parser, struct node *node)
{
    if (parser->token == TOKEN_STRING || parser->token == TOKEN_NUMBER)
        return read_mirrored(parser, node);
    if ((parser->token != TOKEN_WORD && parser->token != TOKEN_QUOTED_NAME) || !find_key(parser, node))
        return fail_syntax(parser, "a partition key");
    if (!advance(parser))
        return false;
    if (is_word(parser, "is"))
        return read_is_null(parser, node);
    if (is_word(parser, "not")) {
        node->negated = true;
        if (!advance(parser))
            return false;
    }
    if (is_word(parser, "in"))
        return read_in(parser, node);
    if (is_word(parser, "between"))
        return read_between(parser, node);
    if (is_word(parser, "like")) {
        node->kind = NODE_LIKE;
        return advance(parser) &&
               (parser->token == TOKEN_STRING ? read_literal(parser, node) : fail_syntax(parser, "a pattern"));
    }
    if (node->negated)
        return fail_syntax(parser, "IN, BETWEEN or LIKE");
    return read_comparison(parser, node, false) && read_literal(parser, node);
}

static struct node *parse_or(struct parser *parser);

static struct node *parse_unit(struct parser *parser)
{
    struct node *node = NULL;
    if (++parser->depth > DEPTH_MAX) {
        glue_refuse(parser->err, "InvalidInputException", "The expression is nested too deeply");
        return NULL;
    }
    if (is_word(parser, "not")) {
        node = new_node(parser, NODE_NOT);
        if (!node || !advance(parser) || !(node->left = parse_unit(parser)))
            return NULL;
    } else if (is_sign(parser, "(")) {
        if (!advance(parser) || !(node = parse_or(parser)))
            return NULL;
        if (!is_sign(parser, ")")) {
            fail_syntax(parser, ")");
            return NULL;
        }
        if (!advance(parser))
            return NULL;
    } else {
        node = new_node(parser, NODE_COMPARE);
        if (!node || !read_predicate(parser, node))
            return NULL;
    }
    parser->depth--;
    return node;
}

static struct node *parse_chain(struct parser *parser, const char *word, enum node_kind kind,
                                struct node *(*part)(struct parser *parser))
{
    struct node *left = part(parser);
    while (left && is_word(parser, word)) {
        struct node *node = new_node(parser, kind);
        if (!node || !advance(parser) || !(node->right = part(parser)))
            return NULL;
        node->left = left;
        left = node;
    }
    return left;
}

static struct node *parse_and(struct parser *parser)
{
    return parse_chain(parser, "and", NODE_AND, parse_unit);
}

static struct node *parse_or(struct parser *parser)
{
    return parse_chain(parser, "or", NODE_OR, parse_and);
}

struct glue_expression *glue_expression_parse(const char *text, const json_t *keys, struct arena *arena,
                                              struct err *err)
{
    struct parser parser = {.at = text, .arena = arena, .keys = keys, .err = err};
    struct glue_expression *expression = ARENA_NEW(arena, struct glue_expression);
    *err = ERR_NONE;
    if (!expression || !advance(&parser) || !(expression->root = parse_or(&parser))) {
        fail_syntax(&parser, "an expression");
        return NULL;
    }
    if (parser.token == TOKEN_END)
        return expression;
    fail_syntax(&parser, "AND, OR or the end");
    return NULL;
}

/* ---- evaluation */

static enum logic not_of(enum logic value)
{
    return value == UNKNOWN ? UNKNOWN : value == YES ? NO : YES;
}

/* False when either is no value of the type. */
static bool compare(const struct node *node, const char *value, const char *literal, int *order)
{
    if (!node->is_number) {
        *order = strcmp(value, literal);
        return true;
    }
    long double left, right;
    if (!parse_number(value, &left) || !parse_number(literal, &right))
        return false;
    *order = (left > right) - (left < right);
    return true;
}

static enum logic evaluate_compare(const struct node *node, const char *value)
{
    int order;
    if (!compare(node, value, node->literals->text, &order))
        return UNKNOWN;
    const bool answers[] = {
        [EQUAL] = order == 0,      [NOT_EQUAL] = order != 0,     [LESS] = order<0, [GREATER] = order> 0,
        [LESS_EQUAL] = order <= 0, [GREATER_EQUAL] = order >= 0,
    };
    return answers[node->comparison] ? YES : NO;
}

static enum logic evaluate_in(const struct node *node, const char *value)
{
    int order;
    for (const struct literal *literal = node->literals; literal; literal = literal->next) {
        if (!compare(node, value, literal->text, &order))
            return UNKNOWN;
        if (order == 0)
            return YES;
    }
    return NO;
}

static enum logic evaluate_between(const struct node *node, const char *value)
{
    int low, high;
    if (!compare(node, value, node->literals->text, &low) || !compare(node, value, node->literals->next->text, &high))
        return UNKNOWN;
    return low >= 0 && high <= 0 ? YES : NO;
}

/* % any text, _ one character; iterative, so that a pattern of many % stays cheap. */
static bool is_like(const char *text, const char *pattern)
{
    const char *star = NULL, *mark = NULL;
    while (*text) {
        if (*pattern == '%') {
            star = pattern++;
            mark = text;
        } else if (*pattern == '_' || *pattern == *text) {
            text++;
            while (*pattern == '_' && ((unsigned char)*text & 0xc0) == 0x80)
                text++;
            pattern++;
        } else if (star) {
            pattern = star + 1;
            text = ++mark;
        } else {
            return false;
        }
    }
    while (*pattern == '%')
        pattern++;
    return !*pattern;
}

static enum logic evaluate_predicate(const struct node *node, const json_t *values)
{
    const char *value = json_string_value(json_array_get(values, node->key));
    long double number;
    bool is_null = !value || strcmp(value, "__HIVE_DEFAULT_PARTITION__") == 0 ||
                   (node->is_number && !parse_number(value, &number));
    if (node->kind == NODE_IS_NULL)
        return is_null != node->negated ? YES : NO;
    if (is_null)
        return UNKNOWN;
    enum logic answer = node->kind == NODE_IN        ? evaluate_in(node, value)
                        : node->kind == NODE_BETWEEN ? evaluate_between(node, value)
                        : node->kind == NODE_LIKE    ? (is_like(value, node->literals->text) ? YES : NO)
                                                     : evaluate_compare(node, value);
    return node->negated ? not_of(answer) : answer;
}

/* The left spine of a chain can be as long as the expression: it is walked, not recursed into. */
static enum logic evaluate(const struct node *node, const json_t *values);

static enum logic evaluate_chain(const struct node *node, const json_t *values)
{
    enum node_kind kind = node->kind;
    enum logic decisive = kind == NODE_AND ? NO : YES, answer = not_of(decisive);
    for (;;) {
        bool is_chain = node->kind == kind;
        enum logic part = evaluate(is_chain ? node->right : node, values);
        if (part == decisive)
            return decisive;
        if (part == UNKNOWN)
            answer = UNKNOWN;
        if (!is_chain)
            return answer;
        node = node->left;
    }
}

static enum logic evaluate(const struct node *node, const json_t *values)
{
    if (node->kind == NODE_AND || node->kind == NODE_OR)
        return evaluate_chain(node, values);
    if (node->kind == NODE_NOT)
        return not_of(evaluate(node->left, values));
    return evaluate_predicate(node, values);
}

bool glue_expression_keeps(const struct glue_expression *expression, const json_t *values)
{
    return evaluate(expression->root, values) == YES;
}

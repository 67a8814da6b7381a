/* Parameter texts of the function table ("array(T),T", "local", "varchar,varchar...") against arguments' types. Source:
 * Trino documentation, "Functions and operators", for which types each function takes. */
#include "backend/sql/dialect_signature.h"
#include <ctype.h>
#include <string.h>

enum { NO_MATCH = 1000 };

static bool is_variable(const char *at)
{
    return isupper((unsigned char)at[0]) && !isalnum((unsigned char)at[1]);
}

static bool starts_word(const char **at, const char *word)
{
    size_t len = strlen(word);
    if (strncmp(*at, word, len) != 0 || isalnum((unsigned char)(*at)[len]))
        return false;
    *at += len;
    return true;
}

static int bind_decimal(struct tr *tr, char variable, const struct type **slot, const struct type *type)
{
    int precision, scale;
    if (type->base != BASE_DECIMAL && (variable == 'D' || !type_is_integer(type)))
        return NO_MATCH;
    type_as_decimal(type, &precision, &scale);
    *slot = type_decimal(tr->arena, precision, scale);
    return type->base == BASE_DECIMAL ? 0 : 1;
}

static int bind(struct tr *tr, char variable, const struct type *type, struct binding *binding)
{
    const struct type **slot = &binding->types[variable - 'A'];
    if (variable == 'N' && !type_is_number(type) && type->base != BASE_UNKNOWN)
        return NO_MATCH;
    if (variable == 'D' || variable == 'E')
        return bind_decimal(tr, variable, slot, type);
    if (!*slot) {
        *slot = type;
        return 0;
    }
    const struct type *common = type_common(tr->arena, *slot, type);
    if (!common)
        return NO_MATCH;
    int distance = type_equal(*slot, type) ? 0 : 1;
    *slot = common;
    return distance;
}

static int match(struct tr *tr, const char **at, const struct type *type, struct binding *binding);

static int match_kids(struct tr *tr, const char **at, const struct type *type, enum base base, struct binding *binding)
{
    int total = type->base == base ? 0 : type->base == BASE_UNKNOWN ? 1 : NO_MATCH;
    if (**at != '(')
        return total;
    for (size_t i = 0; **at == '(' || **at == ','; i++) {
        ++*at;
        total +=
            match(tr, at, total < NO_MATCH && i < type->count ? type->kids[i] : type_simple(BASE_UNKNOWN), binding);
    }
    ++*at;
    return total;
}

static const char *word_text(struct tr *tr, const char **at)
{
    const char *start = *at;
    while (**at && **at != ',' && **at != ')' && **at != '(' && **at != '.')
        ++*at;
    return arena_strndup(tr->arena, start, (size_t)(*at - start));
}

static int match_simple(struct tr *tr, const struct type *wanted, const struct type *type)
{
    if (type->base == BASE_UNKNOWN)
        return 1;
    if (type->base == wanted->base)
        return 0;
    if (!type_coerces(tr->arena, type, wanted))
        return NO_MATCH;
    return wanted->base > type->base ? 1 + (wanted->base - type->base) : 1;
}

static int match(struct tr *tr, const char **at, const struct type *type, struct binding *binding)
{
    if (is_variable(*at))
        return bind(tr, *(*at)++, type, binding);
    if (starts_word(at, "any"))
        return 0;
    if (starts_word(at, "local") || starts_word(at, "instant"))
        return type_is_datetime(type) ? 0 : type->base == BASE_UNKNOWN ? 1 : NO_MATCH;
    if (starts_word(at, "array"))
        return match_kids(tr, at, type, BASE_ARRAY, binding);
    if (starts_word(at, "map"))
        return match_kids(tr, at, type, BASE_MAP, binding);
    if (starts_word(at, "row"))
        return match_kids(tr, at, type, BASE_ROW, binding);
    if (starts_word(at, "interval"))
        return type->base == BASE_INTERVAL_DAY || type->base == BASE_INTERVAL_YEAR ? 0 : NO_MATCH;
    const struct type *wanted = type_parse(tr->arena, word_text(tr, at));
    return wanted ? match_simple(tr, wanted, type) : NO_MATCH;
}

/* The text of parameter `index`: the last one stands for all behind it when the list ends with "...". NULL: too many.
 */
static const char *parameter_text(const char *params, size_t index)
{
    const char *at = params, *last = params;
    if (!*params)
        return NULL;
    for (size_t i = 0; i < index; i++) {
        int depth = 0;
        for (; *at && (depth || *at != ','); at++)
            depth += *at == '(' ? 1 : *at == ')' ? -1 : 0;
        if (!*at)
            return at - params >= 3 && strcmp(at - 3, "...") == 0 ? last : NULL;
        last = ++at;
    }
    return at;
}

static size_t parameter_count(const char *params, bool *repeats)
{
    size_t count = *params != '\0', len = strlen(params);
    int depth = 0;
    for (const char *c = params; *c; c++) {
        depth += *c == '(' ? 1 : *c == ')' ? -1 : 0;
        count += *c == ',' && depth == 0;
    }
    *repeats = len >= 3 && strcmp(params + len - 3, "...") == 0;
    return count;
}

int signature_match(struct tr *tr, const struct function *row, const struct value *args, size_t count,
                    struct binding *binding)
{
    bool repeats;
    size_t wanted = parameter_count(row->params, &repeats);
    int total = 0;
    memset(binding, 0, sizeof *binding);
    if (count < wanted || (count > wanted && !repeats))
        return -1;
    for (size_t i = 0; i < count; i++) {
        const char *text = parameter_text(row->params, i);
        total += text ? match(tr, &text, args[i].type, binding) : NO_MATCH;
        if (total >= NO_MATCH)
            return -1;
    }
    return total;
}

/* Built part by part, not by the text of the whole: a zone is not in a type's text. */
static const struct type *build(struct tr *tr, const char **at, const struct binding *binding)
{
    const struct type *kids[2] = {NULL, NULL};
    size_t count = 0;
    if (is_variable(*at)) {
        const struct type *type = binding->types[*(*at)++ - 'A'];
        return type ? type : type_simple(BASE_UNKNOWN);
    }
    bool is_array = starts_word(at, "array"), is_map = !is_array && starts_word(at, "map");
    bool is_row = !is_array && !is_map && starts_word(at, "row");
    if (!is_array && !is_map && !is_row)
        return NULL;
    while ((**at == '(' || **at == ',') && count < 2) {
        ++*at;
        const char *start = *at;
        kids[count] = build(tr, at, binding);
        if (!kids[count]) {
            *at = start;
            kids[count] = type_parse(tr->arena, word_text(tr, at));
        }
        count++;
    }
    *at += **at == ')';
    if (is_array)
        return type_array(tr->arena, kids[0]);
    return is_map ? type_map(tr->arena, kids[0], kids[1]) : type_row(tr->arena, kids, NULL, count);
}

static int lesser(int a, int b)
{
    return a < b ? a : b;
}

/* "@whole": of the decimals D and E, what rounding to a whole number gives, and so on (Trino: MathFunctions and
 * DecimalOperators, the literal parameters of their signatures). */
static const struct type *decimal_result(struct tr *tr, const char *rule, const struct binding *binding)
{
    const struct type *d = binding->types['D' - 'A'], *e = binding->types['E' - 'A'];
    if (strcmp(rule, "whole") == 0)
        return type_decimal(tr->arena, lesser(38, d->precision - d->scale + lesser(d->scale, 1)), 0);
    if (strcmp(rule, "wider") == 0)
        return type_decimal(tr->arena, lesser(38, d->precision + 1), d->scale);
    if (strcmp(rule, "integral") == 0)
        return type_decimal(tr->arena, d->precision > d->scale ? d->precision - d->scale : 1, 0);
    int scale = d->scale > e->scale ? d->scale : e->scale; /* rest */
    return type_decimal(tr->arena, lesser(d->precision - d->scale, e->precision - e->scale) + scale, scale);
}

const struct type *signature_type(struct tr *tr, const char *text, const struct binding *binding)
{
    const char *at = text;
    if (*text == '@')
        return decimal_result(tr, text + 1, binding);
    const struct type *type = build(tr, &at, binding);
    if (!type)
        type = type_parse(tr->arena, text);
    return type ? type : type_simple(BASE_UNKNOWN);
}

const char *signature_argument(struct tr *tr, const struct function *row, size_t index, struct value arg,
                               const struct binding *binding)
{
    const char *text = parameter_text(row->params, index);
    if (starts_word(&text, "local"))
        return tr_local(tr, arg);
    if (starts_word(&text, "instant"))
        return tr_instant(tr, arg);
    if (starts_word(&text, "any") || starts_word(&text, "array") || starts_word(&text, "map") ||
        starts_word(&text, "row") || starts_word(&text, "interval"))
        return arg.type->base == BASE_CHAR ? tr_as(tr, arg, type_simple(BASE_VARCHAR)) : arg.sql;
    if (is_variable(text)) {
        const struct type *type = binding->types[*text - 'A'];
        bool differs = type && type->base != arg.type->base && type->count == 0 && type->base != BASE_UNKNOWN;
        return differs || arg.type->base == BASE_CHAR ? tr_as(tr, arg, type) : arg.sql;
    }
    const struct type *wanted = type_parse(tr->arena, word_text(tr, &text));
    return wanted->base == BASE_DECIMAL && arg.type->base == BASE_DECIMAL ? arg.sql : tr_as(tr, arg, wanted);
}

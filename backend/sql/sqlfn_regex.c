/* Regular expressions as Java's, which Trino documents: look-around, back references, lazy quantifiers. The home of
 * PCRE2. A pattern is compiled once per run over rows. Source: Trino documentation, "Regular expression functions". */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "backend/base/json.h"
#include "backend/sql/dialect.h"
#include "backend/sql/sqlfn.h"
#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum {
    MATCH_LIMIT = 1000000
}; /* backtracking steps: a hostile pattern ends with an error, not with a hanging worker */

struct regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *context;
};

static void regex_done(void *data)
{
    struct regex *regex = data;
    pcre2_code_free(regex->code);
    pcre2_match_data_free(regex->match);
    pcre2_match_context_free(regex->context);
    free(regex);
}

static struct regex *regex_of(struct sqlfn_call *call, const struct sqlfn_value *pattern)
{
    struct sqlfn_cache *cache = call->cache;
    int code;
    PCRE2_SIZE at;
    if (cache->data && cache->key_len == pattern->len && memcmp(cache->key, pattern->bytes, pattern->len) == 0)
        return cache->data;
    if (cache->done)
        cache->done(cache->data);
    free(cache->key);
    *cache = (struct sqlfn_cache){.data = NULL};
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern->bytes, pattern->len, PCRE2_UTF | PCRE2_NO_UTF_CHECK, &code, &at, NULL);
    if (!compiled) {
        char text[128];
        pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
        sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Invalid regular expression at %zu: %s", (size_t)at, text);
        return NULL;
    }
    struct regex *regex = malloc(sizeof *regex);
    char *key = malloc(pattern->len + 1);
    if (!regex || !key)
        abort();
    memcpy(key, pattern->bytes, pattern->len);
    pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
    *regex = (struct regex){.code = compiled,
                            .match = pcre2_match_data_create_from_pattern(compiled, NULL),
                            .context = pcre2_match_context_create(NULL)};
    pcre2_set_match_limit(regex->context, MATCH_LIMIT);
    *cache = (struct sqlfn_cache){.data = regex, .done = regex_done, .key = key, .key_len = pattern->len};
    return regex;
}

/* The next match from `at` on: 1 found, 0 none, -1 an error. */
static int next_match(struct sqlfn_call *call, struct regex *regex, size_t at, PCRE2_SIZE **ends)
{
    const struct sqlfn_value *text = &call->args[0];
    if (at > text->len)
        return 0;
    int found = pcre2_match(regex->code, (PCRE2_SPTR)text->bytes, text->len, at, PCRE2_NO_UTF_CHECK, regex->match,
                            regex->context);
    *ends = pcre2_get_ovector_pointer(regex->match);
    if (found == PCRE2_ERROR_NOMATCH)
        return 0;
    if (found < 0)
        return sqlfn_fail(call, "REGEXP_LIMIT_EXCEEDED", "the regular expression takes too many steps") ? 0 : -1;
    return (*ends)[0] > (*ends)[1] ? 0 : 1; /* \K can turn them round */
}

/* Behind a match: an empty one must move by one character. */
static size_t behind(const struct sqlfn_value *text, const PCRE2_SIZE *ends)
{
    size_t at = ends[1];
    if (ends[0] != ends[1])
        return at;
    do
        at++;
    while (at < text->len && ((unsigned char)text->bytes[at] & 0xc0) == 0x80);
    return at;
}

static bool like(struct sqlfn_call *call)
{
    PCRE2_SIZE *ends;
    struct regex *regex = regex_of(call, &call->args[1]);
    int found = regex ? next_match(call, regex, 0, &ends) : -1;
    call->out.number = found == 1;
    return found >= 0;
}

static bool count(struct sqlfn_call *call)
{
    PCRE2_SIZE *ends;
    struct regex *regex = regex_of(call, &call->args[1]);
    int found = regex ? 1 : -1;
    call->out.number = 0;
    for (size_t at = 0; regex && (found = next_match(call, regex, at, &ends)) == 1; at = behind(&call->args[0], ends))
        call->out.number++;
    return found >= 0;
}

static bool check_group(struct sqlfn_call *call, struct regex *regex, int64_t group)
{
    uint32_t groups = 0;
    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    return (group >= 0 && group <= (int64_t)groups) ||
           sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Pattern has %u groups. Cannot access group %lld", groups,
                      (long long)group);
}

static bool extract(struct sqlfn_call *call)
{
    PCRE2_SIZE *ends;
    int64_t group = call->args[2].number;
    struct regex *regex = regex_of(call, &call->args[1]);
    if (!regex || !check_group(call, regex, group))
        return false;
    int found = next_match(call, regex, 0, &ends);
    call->is_null = found == 0 || (found == 1 && ends[2 * group] == PCRE2_UNSET);
    if (found == 1 && !call->is_null)
        buf_append(call->text, call->args[0].bytes + ends[2 * group], ends[2 * group + 1] - ends[2 * group]);
    return found >= 0;
}

static bool extract_all(struct sqlfn_call *call)
{
    PCRE2_SIZE *ends;
    int64_t group = call->args[2].number;
    struct regex *regex = regex_of(call, &call->args[1]);
    int found = 0;
    if (!regex || !check_group(call, regex, group))
        return false;
    buf_putc(call->text, '[');
    for (size_t at = 0; (found = next_match(call, regex, at, &ends)) == 1; at = behind(&call->args[0], ends)) {
        buf_puts(call->text, call->text->len > 1 ? "," : "");
        if (ends[2 * group] == PCRE2_UNSET)
            buf_puts(call->text, "null");
        else
            json_write_string(call->args[0].bytes + ends[2 * group], ends[2 * group + 1] - ends[2 * group], call->text);
    }
    buf_putc(call->text, ']');
    return found == 0;
}

static bool split(struct sqlfn_call *call)
{
    PCRE2_SIZE *ends;
    const struct sqlfn_value *text = &call->args[0];
    struct regex *regex = regex_of(call, &call->args[1]);
    size_t start = 0;
    int found = regex ? 0 : -1;
    buf_putc(call->text, '[');
    for (size_t at = 0; regex && (found = next_match(call, regex, at, &ends)) == 1; at = behind(text, ends)) {
        json_write_string(text->bytes + start, ends[0] - start, call->text);
        buf_putc(call->text, ',');
        start = ends[1];
    }
    json_write_string(text->bytes + start, text->len - start, call->text);
    buf_putc(call->text, ']');
    return found == 0;
}

/* The groups of a pattern that matches the whole line, joined for the engine to split; NULL when it does not match.
 * Source: Hive's RegexSerDe. */
static bool fields(struct sqlfn_call *call)
{
    PCRE2_SIZE *ends;
    uint32_t groups = 0;
    struct regex *regex = regex_of(call, &call->args[1]);
    int found = regex ? next_match(call, regex, 0, &ends) : -1;
    call->is_null = found != 1 || ends[0] != 0 || ends[1] != call->args[0].len;
    if (found < 0 || call->is_null)
        return found >= 0;
    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    for (uint32_t i = 1; i <= groups; i++) {
        if (ends[2 * i] != PCRE2_UNSET)
            buf_append(call->text, call->args[0].bytes + ends[2 * i], ends[2 * i + 1] - ends[2 * i]);
        buf_puts(call->text, i < groups ? DIALECT_FIELD_MARK : "");
    }
    return true;
}

/* $1, ${name}, \$ in a replacement */
static bool replacement(struct sqlfn_call *call, struct regex *regex, const PCRE2_SIZE *ends)
{
    const struct sqlfn_value *by = &call->args[2];
    for (size_t i = 0; i < by->len; i++) {
        char c = by->bytes[i], next = i + 1 < by->len ? by->bytes[i + 1] : '\0';
        if (c == '\\' && i + 1 < by->len) {
            buf_putc(call->text, next);
            i++;
        } else if (c != '$') {
            buf_putc(call->text, c);
        } else {
            int group = -1;
            if (isdigit((unsigned char)next)) {
                group = next - '0';
                i++;
            } else if (next == '{') {
                const char *close = memchr(by->bytes + i, '}', by->len - i);
                char name[64] = "";
                size_t len = close ? (size_t)(close - by->bytes) - i - 2 : sizeof name;
                if (len < sizeof name)
                    memcpy(name, by->bytes + i + 2, len);
                group = len < sizeof name ? pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)name) : -1;
                i += len + 2;
            }
            if (group < 0 || !check_group(call, regex, group))
                return group < 0 ? sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Illegal replacement sequence: %.*s",
                                              (int)(by->len > 60 ? 60 : by->len), by->bytes)
                                 : false;
            if (ends[2 * group] != PCRE2_UNSET)
                buf_append(call->text, call->args[0].bytes + ends[2 * group], ends[2 * group + 1] - ends[2 * group]);
        }
    }
    return true;
}

static bool replace(struct sqlfn_call *call)
{
    PCRE2_SIZE *ends;
    const struct sqlfn_value *text = &call->args[0];
    struct regex *regex = regex_of(call, &call->args[1]);
    size_t start = 0;
    int found = regex ? 0 : -1;
    for (size_t at = 0; regex && (found = next_match(call, regex, at, &ends)) == 1; at = behind(text, ends)) {
        buf_append(call->text, text->bytes + start, ends[0] - start);
        if (!replacement(call, regex, ends))
            return false;
        start = ends[1];
    }
    buf_append(call->text, text->bytes + start, text->len - start);
    return found == 0;
}

static bool position(struct sqlfn_call *call)
{
    PCRE2_SIZE *ends;
    const struct sqlfn_value *text = &call->args[0];
    struct regex *regex = regex_of(call, &call->args[1]);
    int64_t start = call->args[2].number, wanted = call->args[3].number, characters = 1;
    size_t at = 0;
    if (!regex)
        return false;
    if (start < 1 || wanted < 1)
        return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "start and occurrence must be positive");
    for (int64_t i = 1; i < start && at < text->len; i++)
        for (at++; at < text->len && ((unsigned char)text->bytes[at] & 0xc0) == 0x80;)
            at++;
    call->out.number = -1;
    int found;
    for (; (found = next_match(call, regex, at, &ends)) == 1; at = behind(text, ends))
        if (--wanted == 0) {
            for (size_t i = 0; i < ends[0]; i++)
                characters += ((unsigned char)text->bytes[i] & 0xc0) != 0x80;
            call->out.number = characters;
            return true;
        }
    return found == 0;
}

const struct sqlfn sqlfn_regex[] = {
    {.name = "weir_regex_fields", .params = "ss", .result = 's', .call = fields},
    {.name = "weir_re_like", .params = "ss", .result = 'b', .call = like},
    {.name = "weir_re_count", .params = "ss", .result = 'i', .call = count},
    {.name = "weir_re_extract", .params = "ssi", .result = 's', .call = extract},
    {.name = "weir_re_extract_all", .params = "ssi", .result = 's', .call = extract_all},
    {.name = "weir_re_split", .params = "ss", .result = 's', .call = split},
    {.name = "weir_re_replace", .params = "sss", .result = 's', .call = replace},
    {.name = "weir_re_position", .params = "ssii", .result = 'i', .call = position},
    {.name = NULL},
};

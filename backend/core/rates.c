/* The rows of our own call rates and the option that overrides them; see rates.h. */
#include "backend/core/rates.h"
#include <stdlib.h>
#include <string.h>

static const struct rate {
    const char *service, *operation;
    double per_s;
} rates[] = {
#define X(id, name, calls) {.service = id, .operation = name, .per_s = calls},
    RATES(X)
#undef X
};
enum { RATE_MAX = 10000 };

/* The next entry of the option's text: "SERVICE:OPERATION=NUMBER". */
struct entry {
    const char *text;
    size_t len, service_len, operation_len;
    const char *operation;
    double per_s;
};

static bool next_entry(const char **at, struct entry *entry)
{
    *at += strspn(*at, " ,");
    size_t len = strcspn(*at, " ,");
    *entry = (struct entry){.text = *at, .len = len};
    *at += len;
    return len > 0;
}

static bool read_entry(struct entry *entry)
{
    const char *colon = memchr(entry->text, ':', entry->len), *equals = memchr(entry->text, '=', entry->len);
    char *end = NULL;
    if (!colon || !equals || colon == entry->text || equals < colon + 2)
        return false;
    entry->service_len = (size_t)(colon - entry->text);
    entry->operation = colon + 1;
    entry->operation_len = (size_t)(equals - colon - 1);
    entry->per_s = strtod(equals + 1, &end);
    return end == entry->text + entry->len && end > equals + 1 && entry->per_s >= 0 && entry->per_s <= RATE_MAX;
}

bool rates_check(const char *overrides, struct err *err)
{
    struct entry entry;
    for (const char *at = overrides; next_entry(&at, &entry);)
        if (!read_entry(&entry))
            return err_set(
                err, ERR_CONFIG,
                "api-rates: \"%.*s\" should be SERVICE:OPERATION=CALLS_PER_SECOND, as glue:*=5 (0: no limit)",
                (int)(entry.len < 80 ? entry.len : 80), entry.text);
    return true;
}

static bool is_same(const char *text, size_t len, const char *name)
{
    return strlen(name) == len && strncmp(text, name, len) == 0;
}

static bool find_override(const char *overrides, const char *service, const char *operation, double *per_s)
{
    struct entry entry;
    bool found = false;
    for (const char *at = overrides; next_entry(&at, &entry);) {
        if (!read_entry(&entry) || !is_same(entry.text, entry.service_len, service) ||
            !is_same(entry.operation, entry.operation_len, operation))
            continue;
        *per_s = entry.per_s; /* the last one counts */
        found = true;
    }
    return found;
}

static bool find_row(const char *service, const char *operation, double *per_s)
{
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        if (strcmp(rates[i].service, service) == 0 && strcmp(rates[i].operation, operation) == 0) {
            *per_s = rates[i].per_s;
            return true;
        }
    return false;
}

double rates_find(const char *overrides, const char *service, const char *operation, bool is_custom)
{
    double per_s = 0;
    bool found = find_override(overrides, service, operation, &per_s) || find_override(overrides, service, "*", &per_s);
    if (!found && !is_custom)
        found = find_row(service, operation, &per_s) || find_row(service, "*", &per_s);
    return found ? per_s : 0;
}

/* What is said of a query: words for states, the place of an error, cost, and the columns of the history. Pure. */
#include "backend/base/text.h"
#include "backend/domain/catalog.h"
#include "backend/domain/query.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct state_words {
    const char *word;
    enum value_tone tone;
    bool has_ended;
} words[QUERY_STATE_COUNT] = {
    [QUERY_WAITING] = {.word = "waiting", .tone = TONE_DIM},
    [QUERY_SENDING] = {.word = "sending", .tone = TONE_RUNNING},
    [QUERY_QUEUED] = {.word = "queued", .tone = TONE_RUNNING},
    [QUERY_RUNNING] = {.word = "running", .tone = TONE_RUNNING},
    [QUERY_CANCELLING] = {.word = "cancelling", .tone = TONE_WARN},
    [QUERY_SUCCEEDED] = {.word = "succeeded", .tone = TONE_OK, .has_ended = true},
    [QUERY_FAILED] = {.word = "failed", .tone = TONE_FAIL, .has_ended = true},
    [QUERY_CANCELLED] = {.word = "cancelled", .tone = TONE_WARN, .has_ended = true},
    [QUERY_SKIPPED] = {.word = "not run", .tone = TONE_DIM, .has_ended = true},
    [QUERY_LOST] = {.word = "unknown", .tone = TONE_WARN, .has_ended = true},
};

bool query_has_ended(enum query_state state)
{
    return words[state].has_ended;
}

const char *query_state_word(enum query_state state)
{
    return words[state].word;
}

bool query_error_place(const char *reason, size_t *line, size_t *column)
{
    for (const char *at = strstr(reason, "line "); at; at = strstr(at + 1, "line ")) {
        char *end;
        unsigned long found = strtoul(at + 5, &end, 10);
        if (end == at + 5 || *end != ':' || !isdigit((unsigned char)end[1]))
            continue;
        unsigned long place = strtoul(end + 1, &end, 10);
        if (found == 0 || place == 0)
            continue;
        *line = found;
        *column = place;
        return true;
    }
    return false;
}

double query_cost(const struct query_row *row, int64_t price_cents)
{
    bool is_free = row->state == QUERY_SKIPPED || row->state == QUERY_FAILED || row->is_reused ||
                   (row->statement[0] && strcmp(row->statement, "DML") != 0);
    if (is_free || (row->state == QUERY_CANCELLED && !row->execution[0]))
        return 0;
    if (row->scanned < 0 || (row->state != QUERY_SUCCEEDED && row->state != QUERY_CANCELLED))
        return -1;
    return catalog_scan_cost(row->scanned, price_cents);
}

void query_cost_text(double cost, char out[32])
{
    if (cost < 0)
        out[0] = '\0';
    else if (cost == 0)
        snprintf(out, 32, "$0");
    else
        snprintf(out, 32, cost < 0.001 ? "$%.5f" : cost < 1 ? "$%.4f" : "$%.2f", cost);
}

/* --- columns --- */

static struct value when(const void *row)
{
    return value_number(((const struct query_row *)row)->submitted_ms);
}

static struct value state(const void *row)
{
    const struct query_row *query = row;
    return value_toned(value_text(words[query->state].word), words[query->state].tone);
}

static struct value text_or_unknown(const struct query_row *query, const char *text)
{
    bool is_none = query->state == QUERY_SKIPPED || query->state == QUERY_WAITING;
    return *text ? value_text(text) : value_state(is_none ? VALUE_NONE : VALUE_UNKNOWN);
}

static struct value took(const void *row)
{
    return text_or_unknown(row, ((const struct query_row *)row)->took_text);
}

static struct value scanned(const void *row)
{
    const struct query_row *query = row;
    if (query->scanned >= 0)
        return value_number(query->scanned);
    return value_state(query->execution[0] ? VALUE_UNKNOWN : VALUE_NONE);
}

static struct value cost(const void *row)
{
    return text_or_unknown(row, ((const struct query_row *)row)->cost_text);
}

static struct value database(const void *row)
{
    return value_toned(value_text(((const struct query_row *)row)->database), TONE_DIM);
}

static struct value statement(const void *row)
{
    return value_text(((const struct query_row *)row)->head);
}

#define STATE                                                                                                          \
    {                                                                                                                  \
        .id = "state", .title = "STATE", .kind = VALUE_TEXT, .width = 10, .get = state, .help = "the service's word"   \
    }
#define STATEMENT                                                                                                      \
    {                                                                                                                  \
        .id = "sql", .title = "STATEMENT", .kind = VALUE_TEXT, .width = 24, .flex = true, .get = statement,            \
        .help = "SQL"                                                                                                  \
    }
#define TOOK                                                                                                           \
    {                                                                                                                  \
        .id = "took", .title = "TOOK", .kind = VALUE_TEXT, .width = 7, .get = took, .help = "time at the service"      \
    }
#define SCANNED                                                                                                        \
    {                                                                                                                  \
        .id = "scanned", .title = "SCANNED", .kind = VALUE_BYTES, .width = 8, .get = scanned, .help = "bytes read"     \
    }
#define COST                                                                                                           \
    {                                                                                                                  \
        .id = "cost", .title = "COST", .kind = VALUE_TEXT, .width = 8, .get = cost, .help = "what the service charges" \
    }
#define AGE                                                                                                            \
    {                                                                                                                  \
        .id = "age", .title = "AGE", .kind = VALUE_AGE, .width = 5, .get = when, .help = "since it was sent"           \
    }

const struct column query_columns[] = {
    STATE,
    STATEMENT,
    {.id = "database", .title = "DATABASE", .kind = VALUE_TEXT, .width = 10, .get = database, .help = "of plain names"},
    TOOK,
    SCANNED,
    COST,
    AGE,
    {.id = NULL},
};
const struct column query_tile_columns[] = {STATE, STATEMENT, TOOK, SCANNED, COST, AGE, {.id = NULL}};

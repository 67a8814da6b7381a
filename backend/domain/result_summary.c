/* What a column holds, in one pass over the shown rows and, for the histogram, a second. Distinct values are counted
 * exactly up to a limit; past it their number is estimated (HyperLogLog, Flajolet and others 2007) and the most
 * frequent are kept by Misra-Gries (1982): both say so. */
#include "backend/domain/result_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS = 1 << 16, /* of the table, 6 MiB */
    DISTINCT_EXACT = SLOTS / 4 * 3,
    REGISTERS = 1 << 14, /* an error of 1.04 / sqrt(16384) = 0.8 % */
    EXTREME_MAX = 4096,  /* bytes of a value that is compared for the least and greatest */
    TELL_EVERY = 8192
};

struct entry {
    uint64_t hash, count; /* count 0: free */
    uint32_t len;
    char text[RESULT_VALUE_BYTES];
};
struct summariser {
    struct result *result;
    uint64_t mine;
    int column;
    enum value_kind kind;
    struct result_view *view;
    struct entry *table;
    uint8_t *registers;
    size_t entries;
    uint64_t taken_off; /* from every count, by Misra-Gries */
    struct buf least, greatest;
    double low, high, sum, carried; /* Kahan's sum */
    uint64_t numbers;
    struct result_summary summary;
    struct err err;
};

/* 64 bits of FNV-1a, mixed at the end (the finaliser of MurmurHash3), for its low bits alone are weak. */
static uint64_t hash_of(const char *bytes, size_t len)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3u;
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53u;
    return hash ^ hash >> 33;
}

static struct entry *slot_of(struct entry *table, uint64_t hash)
{
    size_t at = hash & (SLOTS - 1);
    while (table[at].count > 0 && table[at].hash != hash)
        at = (at + 1) & (SLOTS - 1);
    return &table[at];
}

static int by_number(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Takes off every count what half of the values have at most, so that those make room. */
static bool make_room(struct summariser *it)
{
    uint64_t *counts = malloc(it->entries * sizeof *counts);
    struct entry *table = calloc(SLOTS, sizeof *table);
    size_t n = 0, left = 0;
    if (!counts || !table) {
        free(counts);
        free(table);
        return err_set(&it->err, ERR_FAILED, "summary: out of memory");
    }
    for (size_t i = 0; i < SLOTS; i++)
        if (it->table[i].count > 0)
            counts[n++] = it->table[i].count;
    qsort(counts, n, sizeof *counts, by_number);
    uint64_t off = counts[n / 2];
    for (size_t i = 0; i < SLOTS; i++) {
        if (it->table[i].count <= off)
            continue;
        struct entry *to = slot_of(table, it->table[i].hash);
        *to = it->table[i];
        to->count -= off;
        left++;
    }
    free(counts);
    free(it->table);
    it->table = table;
    it->entries = left;
    it->taken_off += off;
    return true;
}

static bool count_value(struct summariser *it, const struct value *value)
{
    uint64_t hash = hash_of(value->text, value->len);
    uint64_t rest = hash >> 14;
    uint8_t rank = (uint8_t)(rest ? __builtin_ctzll(rest) + 1 : 51), *cell = &it->registers[hash & (REGISTERS - 1)];
    *cell = rank > *cell ? rank : *cell;
    struct entry *entry = slot_of(it->table, hash);
    if (entry->count == 0 && it->entries == DISTINCT_EXACT) {
        it->summary.is_distinct_estimate = it->summary.is_top_estimate = true;
        if (!make_room(it))
            return false;
        entry = slot_of(it->table, hash);
    }
    if (entry->count++ == 0) {
        it->entries++;
        entry->hash = hash;
        entry->len = value->len > UINT32_MAX ? UINT32_MAX : (uint32_t)value->len;
        memcpy(entry->text, value->text, value->len < RESULT_VALUE_BYTES ? value->len : RESULT_VALUE_BYTES);
    }
    return true;
}

static double estimate_distinct(const uint8_t *registers)
{
    double sum = 0, m = REGISTERS;
    size_t zeros = 0;
    for (size_t i = 0; i < REGISTERS; i++) {
        sum += ldexp(1, -registers[i]);
        zeros += registers[i] == 0;
    }
    double estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    return estimate <= 2.5 * m && zeros > 0 ? m * log(m / (double)zeros) : estimate;
}

static void keep_extreme(struct summariser *it, const struct value *value, struct buf *extreme, int sign)
{
    struct value before = value_bytes_text(buf_text(extreme), extreme->len);
    if (extreme->data && sign * value_compare(value, &before, it->kind) <= 0)
        return;
    buf_clear(extreme);
    buf_append(extreme, value->text, value->len < EXTREME_MAX ? value->len : EXTREME_MAX);
}

static bool number_of(const struct summariser *it, const struct value *value, double *number)
{
    int64_t ms;
    if (it->kind == VALUE_DIGITS)
        return value_digits(value->text, value->len, number);
    if (it->kind != VALUE_STAMP || !value_stamp(value->text, value->len, &ms))
        return false;
    *number = (double)ms;
    return true;
}

static struct result_value value_of(const char *text, size_t len, uint64_t count)
{
    struct result_value value = {
        .len = len < RESULT_VALUE_BYTES ? len : RESULT_VALUE_BYTES, .is_cut = len > RESULT_VALUE_BYTES, .count = count};
    memcpy(value.text, text, value.len);
    return value;
}

static void add_number(struct summariser *it, const struct value *value)
{
    double number;
    if (!number_of(it, value, &number)) {
        it->summary.not_numbers += it->kind != VALUE_TEXT;
        return;
    }
    double part = number - it->carried, sum = it->sum + part;
    it->carried = isfinite(sum) ? sum - it->sum - part : 0;
    it->sum = sum;
    it->numbers++;
    if (!isfinite(number))
        return;
    if (!it->summary.has_bins || number < it->low) {
        it->low = number;
        it->summary.low = value_of(value->text, value->len, 0);
    }
    if (!it->summary.has_bins || number > it->high) {
        it->high = number;
        it->summary.high = value_of(value->text, value->len, 0);
    }
    it->summary.has_bins = true;
}

static bool summarise_value(struct summariser *it, const struct value *value)
{
    it->summary.rows++;
    if (value->state != VALUE_KNOWN) {
        it->summary.nulls++;
        return true;
    }
    it->summary.empties += value->len == 0;
    keep_extreme(it, value, &it->least, -1);
    keep_extreme(it, value, &it->greatest, 1);
    if (it->kind != VALUE_TEXT)
        add_number(it, value);
    return count_value(it, value);
}

static bool bin_value(struct summariser *it, const struct value *value)
{
    double number;
    if (value->state != VALUE_KNOWN || !number_of(it, value, &number) || !isfinite(number))
        return true;
    double place = it->high > it->low ? (number / 2 - it->low / 2) / (it->high / 2 - it->low / 2) * RESULT_BINS : 0;
    it->summary.bins[place < RESULT_BINS - 1 ? place > 0 ? (size_t)place : 0 : RESULT_BINS - 1]++;
    return true;
}

static void put_top(struct summariser *it, const struct entry *entry)
{
    struct result_summary *summary = &it->summary;
    size_t at = summary->top_count;
    while (at > 0 && summary->top[at - 1].count < entry->count)
        at--;
    if (at == RESULT_TOP)
        return;
    size_t last = summary->top_count < RESULT_TOP ? summary->top_count++ : RESULT_TOP - 1;
    memmove(summary->top + at + 1, summary->top + at, (last - at) * sizeof *summary->top);
    summary->top[at] = value_of(entry->text, entry->len, entry->count);
}

/* What has been seen so far; without the table of values while rows go by, which would be too much each time. */
static void publish(struct summariser *it, double progress, bool is_done)
{
    struct result_summary *summary = &it->summary;
    summary->progress = progress;
    summary->is_done = is_done;
    summary->distinct = summary->is_distinct_estimate ? (uint64_t)estimate_distinct(it->registers) : it->entries;
    summary->has_mean = it->kind == VALUE_DIGITS && it->numbers > 0;
    summary->mean = it->numbers > 0 ? it->sum / (double)it->numbers : 0;
    summary->min = value_of(buf_text(&it->least), it->least.len, 0);
    summary->max = value_of(buf_text(&it->greatest), it->greatest.len, 0);
    summary->err = it->err;
    summary->top_count = 0;
    for (size_t i = 0; is_done && i < SLOTS; i++)
        if (it->table[i].count > 0 && (it->taken_off == 0 || it->table[i].count > it->taken_off / 4))
            put_top(it, &it->table[i]);
    struct result *result = it->result;
    pthread_mutex_lock(&result->lock);
    if (!task_is_stale(result, TASK_SUMMARY, it->mine))
        result->summary = *summary;
    pthread_mutex_unlock(&result->lock);
    result_tell(result, is_done);
}

/* Calls take for the column's value of each row shown. progress of this pass: from .. from + share. */
static bool pass(struct summariser *it, bool (*take)(struct summariser *, const struct value *), double from,
                 double share)
{
    struct result *result = it->result;
    struct view_walk walk;
    struct cell_walk cells;
    struct buf decoded = BUF_INIT(RESULT_CELL_MAX);
    struct row_ref row;
    bool is_final = false, ok = view_walk_open(&walk, result, it->view, 0, &it->err);
    walk_init(&cells, result->form, result->fd, RESULT_CELL_MAX);
    while (ok) {
        view_walk_refresh(&walk, &is_final);
        while (ok && view_walk_next(&walk, &row, &it->err)) {
            struct row_cell cell;
            int left = it->column;
            walk_start(&cells, &row);
            while (left >= 0 && walk_next(&cells, &cell, &it->err))
                left--;
            struct value value = left >= 0 ? value_state(VALUE_NULL) : cell_value_of(&cell, &decoded);
            ok = it->err.code == ERR_OK && take(it, &value);
            if (walk.at % TELL_EVERY == 0)
                publish(it, from + share * (double)walk.at / (double)walk.count, false);
            ok = ok && !task_is_stale(result, TASK_SUMMARY, it->mine);
        }
        ok = ok && it->err.code == ERR_OK;
        if (!ok || is_final)
            break;
        ok = task_wait(result, TASK_SUMMARY, it->mine, walk.cursor.end);
    }
    view_walk_close(&walk);
    walk_done(&cells);
    buf_done(&decoded);
    return ok;
}

static void run(struct summariser *it)
{
    it->table = calloc(SLOTS, sizeof *it->table);
    it->registers = calloc(REGISTERS, 1);
    it->least = it->greatest = BUF_INIT(EXTREME_MAX);
    bool ok = (it->table && it->registers) || err_set(&it->err, ERR_FAILED, "summary: out of memory");
    double share = it->kind == VALUE_TEXT ? 1 : 0.5;
    ok = ok && pass(it, summarise_value, 0, share);
    if (ok && it->summary.has_bins)
        ok = pass(it, bin_value, share, 1 - share);
    if (it->table && it->registers)
        publish(it, ok ? 1 : it->summary.progress, true);
    free(it->table);
    free(it->registers);
    buf_done(&it->least);
    buf_done(&it->greatest);
}

void summary_run(struct result *result, uint64_t mine)
{
    struct summariser it = {.result = result, .mine = mine};
    pthread_mutex_lock(&result->lock);
    it.column = result->summary_column;
    it.view = view_hold(result->summary_view);
    pthread_mutex_unlock(&result->lock);
    it.summary.column = it.column;
    if (it.column >= 0) {
        it.kind = result->columns[it.column].kind;
        run(&it);
    }
    view_release(it.view);
}

void result_summarise(struct result *result, int column)
{
    size_t count;
    struct err err = ERR_NONE;
    result_columns(result, &count);
    column = column < (int)count ? column : -1;
    pthread_mutex_lock(&result->lock);
    struct result_view *old = result->summary_view, *view = result->view;
    result->summary_view =
        column >= 0 ? view_hold(view->basis ? view->basis : view) : NULL; /* the order is the same to it */
    result->summary_column = column;
    result->summary = (struct result_summary){.column = column};
    task_ask(result, TASK_SUMMARY);
    pthread_mutex_unlock(&result->lock);
    view_release(old);
    if (column >= 0 && !task_start(result, TASK_SUMMARY, &err))
        result_fail(result, &err);
}

void result_summary(struct result *result, struct result_summary *out)
{
    pthread_mutex_lock(&result->lock);
    *out = result->summary;
    pthread_mutex_unlock(&result->lock);
}

/* External merge sort (Knuth, TAOCP 3, 5.4): runs as large as memory allows, merged as many at a time as there are
 * buffers for. A run is sorted by its 64-bit keys, byte by byte (LSD radix sort, the same, 5.2.5), and where keys are
 * equal by the texts. Half of the memory is the radix sort's second array. */
#include "backend/domain/result_sort.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { FAN_MAX = 512, READ_MIN = 8192 /* holds the largest item */, STALE_EVERY = 4096 };

struct item {
    uint64_t key;
    struct row_mark mark;
    uint32_t len;  /* of the value, at most SORT_TEXT_MAX */
    uint32_t text; /* in memory: where its bytes are in the block; 0: not kept */
};
struct run {
    uint64_t at, size; /* bytes in the file */
};
struct runs {
    int fd;
    uint64_t size;
    struct run *list;
    size_t count, cap;
};
struct sorter {
    struct sorter_options options;
    const struct order *order;
    char *block; /* items from the front, texts from the back */
    struct item *spare;
    size_t size, count, text_at;
    struct runs runs;
    struct spool nulls;
    char *write_buffer;
    size_t written;
    uint64_t added, merged, passes;
};
struct view_of { /* an item with its text */
    const struct item *item;
    const char *text;
};

/* ---- keys: unsigned order of the keys is the order of the values */
static uint64_t key_integer(const struct value *value)
{
    int64_t number = 0;
    bool is_negative = value->len > 0 && value->text[0] == '-';
    size_t at = is_negative;
    if (at == value->len)
        return UINT64_MAX;
    for (; at < value->len; at++) {
        if (value->text[at] < '0' || value->text[at] > '9' || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_sub_overflow(number, value->text[at] - '0', &number))
            return UINT64_MAX; /* no integer of 64 bits: behind those */
    }
    if (!is_negative && number == INT64_MIN)
        return UINT64_MAX;
    return (uint64_t)(is_negative ? number : -number) ^ (uint64_t)1 << 63;
}

static uint64_t key_number(const struct value *value)
{
    return value_sort_key(value, VALUE_DIGITS);
}

static uint64_t key_time(const struct value *value)
{
    int64_t ms;
    return value_stamp(value->text, value->len, &ms) ? (uint64_t)ms ^ (uint64_t)1 << 63 : UINT64_MAX;
}

static uint64_t key_text(const struct value *value)
{
    return value_sort_key(value, VALUE_TEXT);
}

/* By the first type that fits. Longer values than `whole` bytes are not told apart by their keys alone: their text is
 * kept, and compared as its kind is. */
static const struct order {
    const char *type;
    uint64_t (*key)(const struct value *value);
    enum value_kind kind;
    size_t whole;
} orders[] = {
    {.type = "tinyint", .key = key_integer, .kind = VALUE_DIGITS, .whole = SIZE_MAX},
    {.type = "smallint", .key = key_integer, .kind = VALUE_DIGITS, .whole = SIZE_MAX},
    {.type = "int", .key = key_integer, .kind = VALUE_DIGITS, .whole = SIZE_MAX},
    {.type = "bigint", .key = key_integer, .kind = VALUE_DIGITS, .whole = SIZE_MAX},
    {.type = "decimal", .key = key_number, .kind = VALUE_DIGITS, .whole = 0},
    {.type = "", .key = key_number, .kind = VALUE_DIGITS, .whole = SIZE_MAX}, /* float, real, double */
    {.type = "", .key = key_time, .kind = VALUE_STAMP, .whole = sizeof "2024-01-01 00:00:00.000" - 1},
    {.type = "", .key = key_text, .kind = VALUE_TEXT, .whole = sizeof(uint64_t)},
};

static const struct order *order_of(const char *type)
{
    enum value_kind kind = column_kind_of_type(type);
    const struct order *order = orders;
    while (order->kind != kind || strncasecmp(type, order->type, strlen(order->type)) != 0)
        order++;
    return order;
}

/* A decimal of at most 15 digits is told apart by its double (DBL_DIG). */
static bool is_short_decimal(const char *type)
{
    int precision;
    return sscanf(type, "%*[a-zA-Z](%d", &precision) == 1 && precision <= 15;
}

struct sorter *sorter_new(const struct sorter_options *options, struct err *err)
{
    struct sorter *sorter = calloc(1, sizeof *sorter);
    size_t memory = options->memory > 4 * READ_MIN ? options->memory : 4 * READ_MIN;
    if (sorter) {
        sorter->options = *options;
        sorter->order = order_of(options->type);
        sorter->size = sorter->text_at = memory / 2;
        sorter->block = malloc(sorter->size);
        sorter->spare = malloc(sorter->size);
        sorter->write_buffer = malloc(READ_MIN);
        sorter->nulls.fd = sorter->runs.fd = -1;
    }
    if (!sorter || !sorter->block || !sorter->spare || !sorter->write_buffer) {
        err_set(err, ERR_FAILED, "sorting: out of memory");
    } else if (spool_open(&sorter->nulls, options->directory, err)) {
        return sorter;
    }
    sorter_free(sorter);
    return NULL;
}

static void runs_done(struct runs *runs)
{
    if (runs->fd >= 0)
        close(runs->fd);
    free(runs->list);
    *runs = (struct runs){.fd = -1};
}

void sorter_free(struct sorter *sorter)
{
    if (!sorter)
        return;
    runs_done(&sorter->runs);
    spool_close(&sorter->nulls);
    free(sorter->block);
    free(sorter->spare);
    free(sorter->write_buffer);
    free(sorter);
}

/* Of equal keys. */
static int compare_texts(const struct sorter *sorter, struct view_of a, struct view_of b)
{
    if (a.text && b.text) {
        struct value left = value_bytes_text(a.text, a.item->len), right = value_bytes_text(b.text, b.item->len);
        return value_compare(&left, &right, sorter->order->kind);
    }
    if (sorter->order->kind != VALUE_TEXT)
        return (a.text != NULL) - (b.text != NULL);                   /* more digits of the same millisecond */
    return (a.item->len > b.item->len) - (a.item->len < b.item->len); /* one of at most 8 bytes begins the other */
}

static int compare(const struct sorter *sorter, struct view_of a, struct view_of b)
{
    if (a.item->key != b.item->key)
        return a.item->key < b.item->key ? -1 : 1;
    int order = compare_texts(sorter, a, b);
    order = sorter->options.is_reverse ? -order : order;
    return order ? order : (a.item->mark.row > b.item->mark.row) - (a.item->mark.row < b.item->mark.row);
}

static struct view_of in_block(const struct sorter *sorter, const struct item *item)
{
    return (struct view_of){.item = item, .text = item->text ? sorter->block + item->text : NULL};
}

static int compare_in_block(const void *a, const void *b, void *context)
{
    return compare(context, in_block(context, a), in_block(context, b));
}

static struct item *items_of(const struct sorter *sorter)
{
    return (struct item *)(void *)sorter->block;
}

/* One pass by the byte at shift, keeping the order of equal bytes; false when all bytes are the same and nothing moved.
 */
static bool sort_by_byte(const struct item *from, struct item *to, size_t count, int shift)
{
    size_t starts[256] = {0}, sum = 0;
    for (size_t i = 0; i < count; i++)
        starts[from[i].key >> shift & 255]++;
    if (starts[from[0].key >> shift & 255] == count)
        return false;
    for (int i = 0; i < 256; i++) {
        size_t here = starts[i];
        starts[i] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[from[i].key >> shift & 255]++] = from[i];
    return true;
}

/* Items were added in the order of rows, which the passes keep. */
static void sort_block(struct sorter *sorter)
{
    struct item *items = items_of(sorter), *from = items, *to = sorter->spare;
    size_t count = sorter->count;
    for (int shift = 0; count > 1 && shift < 64; shift += 8) {
        if (!sort_by_byte(from, to, count, shift))
            continue;
        struct item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, count * sizeof *items);
    if (sorter->order->whole == SIZE_MAX)
        return;
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && items[end].key == items[first].key;)
            end++;
        if (end - first > 1)
            qsort_r(items + first, end - first, sizeof *items, compare_in_block, sorter);
    }
}

/* ---- writing runs */
static bool write_out(struct sorter *sorter, struct runs *runs, struct err *err)
{
    if (!write_fully(runs->fd, sorter->write_buffer, sorter->written, runs->size, err))
        return false;
    runs->size += sorter->written;
    sorter->written = 0;
    return true;
}

static bool write_item(struct sorter *sorter, struct runs *runs, struct view_of view, struct err *err)
{
    struct item item = *view.item;
    size_t text_len = view.text ? item.len : 0;
    item.text = view.text != NULL;
    if (sorter->written + sizeof item + text_len > READ_MIN && !write_out(sorter, runs, err))
        return false;
    memcpy(sorter->write_buffer + sorter->written, &item, sizeof item);
    if (text_len > 0)
        memcpy(sorter->write_buffer + sorter->written + sizeof item, view.text, text_len);
    sorter->written += sizeof item + text_len;
    return true;
}

static bool end_run(struct sorter *sorter, struct runs *runs, uint64_t from, struct err *err)
{
    if (!write_out(sorter, runs, err))
        return false;
    if (runs->count == runs->cap) {
        size_t cap = runs->cap ? runs->cap * 2 : 64;
        struct run *bigger = realloc(runs->list, cap * sizeof *bigger);
        if (!bigger)
            return err_set(err, ERR_FAILED, "sorting: out of memory");
        runs->list = bigger;
        runs->cap = cap;
    }
    runs->list[runs->count++] = (struct run){.at = from, .size = runs->size - from};
    return true;
}

static bool spill(struct sorter *sorter, struct err *err)
{
    struct runs *runs = &sorter->runs;
    if (runs->fd < 0 && (runs->fd = temporary_file(sorter->options.directory, err)) < 0)
        return false;
    uint64_t from = runs->size;
    sort_block(sorter);
    for (size_t i = 0; i < sorter->count; i++)
        if (!write_item(sorter, runs, in_block(sorter, items_of(sorter) + i), err))
            return false;
    sorter->count = 0;
    sorter->text_at = sorter->size;
    return end_run(sorter, runs, from, err);
}

static bool keeps_text(const struct sorter *sorter, size_t len)
{
    bool is_short = sorter->order->key == key_number && is_short_decimal(sorter->options.type);
    return len > sorter->order->whole && !is_short;
}

bool sorter_add(struct sorter *sorter, const struct value *value, struct row_mark mark, struct err *err)
{
    if (value->state != VALUE_KNOWN)
        return spool_add(&sorter->nulls, mark, err);
    size_t len = value->len < SORT_TEXT_MAX ? value->len : SORT_TEXT_MAX;
    size_t text_len = keeps_text(sorter, len) ? len : 0;
    if ((sorter->count + 1) * sizeof(struct item) + text_len > sorter->text_at && !spill(sorter, err))
        return false;
    uint64_t key = sorter->order->key(value);
    struct item item = {.key = sorter->options.is_reverse ? ~key : key, .mark = mark, .len = (uint32_t)len};
    if (text_len > 0) {
        sorter->text_at -= text_len;
        memcpy(sorter->block + sorter->text_at, value->text, text_len);
        item.text = (uint32_t)sorter->text_at;
    }
    items_of(sorter)[sorter->count++] = item;
    sorter->added++;
    return true;
}

/* ---- merging */
struct source {
    int fd;
    uint64_t at, end; /* bytes of the run not read yet */
    char *buffer;
    size_t size, from, len;
    struct item item; /* the first one */
    const char *text; /* its text, NULL: not kept; in the buffer */
};

/* The next item of a run; *is_end when there is none. */
static bool source_next(struct source *source, bool *is_end, struct err *err)
{
    if (source->len - source->from < sizeof source->item + SORT_TEXT_MAX && source->at < source->end) {
        memmove(source->buffer, source->buffer + source->from, source->len - source->from);
        source->len -= source->from;
        source->from = 0;
        uint64_t left = source->end - source->at;
        size_t want = source->size - source->len < left ? source->size - source->len : (size_t)left;
        if (!read_fully(source->fd, source->buffer + source->len, want, source->at, err))
            return false;
        source->at += want;
        source->len += want;
    }
    *is_end = source->from == source->len;
    if (*is_end)
        return true;
    memcpy(&source->item, source->buffer + source->from, sizeof source->item);
    source->from += sizeof source->item;
    source->text = source->item.text ? source->buffer + source->from : NULL;
    source->from += source->text ? source->item.len : 0;
    return true;
}

static bool goes_before(const struct sorter *sorter, const struct source *a, const struct source *b)
{
    return compare(sorter, (struct view_of){.item = &a->item, .text = a->text},
                   (struct view_of){.item = &b->item, .text = b->text}) < 0;
}

/* heap[0] is the source with the least item; restores that after heap[at] grew. */
static void sift_down(const struct sorter *sorter, struct source **heap, size_t count, size_t at)
{
    for (size_t least = at;; at = least) {
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++)
            if (goes_before(sorter, heap[child], heap[least]))
                least = child;
        if (least == at)
            return;
        struct source *swap = heap[at];
        heap[at] = heap[least];
        heap[least] = swap;
    }
}

static bool tick(struct sorter *sorter, struct err *err)
{
    if (++sorter->merged % STALE_EVERY)
        return true;
    const struct sorter_options *options = &sorter->options;
    if (options->is_stale && options->is_stale(options->context))
        return err_set(err, ERR_CANCELLED, "sorting was given up");
    if (options->progress && sorter->added > 0)
        options->progress(options->context, (double)sorter->merged / (double)(sorter->added * sorter->passes));
    return true;
}

/* To a new run, or as marks when out is given. */
static bool merge_heap(struct sorter *sorter, struct source **heap, size_t count, struct runs *to, struct spool *out,
                       struct err *err)
{
    for (size_t i = count / 2; i-- > 0;)
        sift_down(sorter, heap, count, i);
    while (count > 0) {
        struct source *least = heap[0];
        bool is_end;
        struct view_of view = {.item = &least->item, .text = least->text};
        bool ok = out ? spool_add(out, least->item.mark, err) : write_item(sorter, to, view, err);
        if (!ok || !source_next(least, &is_end, err) || !tick(sorter, err))
            return false;
        if (is_end)
            heap[0] = heap[--count];
        sift_down(sorter, heap, count, 0);
    }
    return true;
}

/* The block is free by now and serves as the buffers of the runs. */
static bool merge_group(struct sorter *sorter, const struct run *list, size_t count, struct runs *to, struct spool *out,
                        struct err *err)
{
    struct source *sources = calloc(count, sizeof *sources), **heap = calloc(count, sizeof *heap);
    size_t share = sorter->size / count, filled = 0;
    uint64_t from = to ? to->size : 0;
    bool ok = (sources && heap) || err_set(err, ERR_FAILED, "sorting: out of memory");
    for (size_t i = 0; ok && i < count; i++) {
        bool is_end = true;
        sources[i] = (struct source){.fd = sorter->runs.fd,
                                     .at = list[i].at,
                                     .end = list[i].at + list[i].size,
                                     .buffer = sorter->block + i * share,
                                     .size = share};
        ok = source_next(&sources[i], &is_end, err);
        if (ok && !is_end)
            heap[filled++] = &sources[i];
    }
    ok = ok && merge_heap(sorter, heap, filled, to, out, err) && (out || end_run(sorter, to, from, err));
    free(sources);
    free(heap);
    return ok;
}

static size_t fan_of(const struct sorter *sorter)
{
    size_t fan = sorter->size / READ_MIN;
    return fan > FAN_MAX ? FAN_MAX : fan;
}

static bool merge_runs(struct sorter *sorter, struct spool *out, struct err *err)
{
    size_t fan = fan_of(sorter);
    while (sorter->runs.count > fan) {
        struct runs next = {.fd = temporary_file(sorter->options.directory, err)};
        bool ok = next.fd >= 0;
        for (size_t i = 0; ok && i < sorter->runs.count; i += fan) {
            size_t left = sorter->runs.count - i;
            ok = merge_group(sorter, sorter->runs.list + i, left < fan ? left : fan, &next, NULL, err);
        }
        if (!ok) {
            runs_done(&next);
            return false;
        }
        runs_done(&sorter->runs);
        sorter->runs = next;
    }
    return merge_group(sorter, sorter->runs.list, sorter->runs.count, NULL, out, err);
}

static uint64_t count_passes(size_t runs, size_t fan)
{
    uint64_t passes = 1;
    for (; runs > fan; passes++)
        runs = (runs + fan - 1) / fan;
    return passes;
}

static bool add_nulls(struct sorter *sorter, struct spool *out, struct err *err)
{
    struct row_mark marks[256];
    if (!spool_flush(&sorter->nulls, err))
        return false;
    for (uint64_t at = 0; at < sorter->nulls.written; at += 256) {
        uint64_t left = sorter->nulls.written - at;
        size_t count = left < 256 ? (size_t)left : 256;
        if (!marks_read(sorter->nulls.fd, at, marks, count, err))
            return false;
        for (size_t i = 0; i < count; i++)
            if (!spool_add(out, marks[i], err))
                return false;
    }
    return true;
}

bool sorter_finish(struct sorter *sorter, struct spool *out, struct err *err)
{
    bool ok = true;
    if (sorter->runs.count > 0) {
        ok = sorter->count == 0 || spill(sorter, err);
        sorter->passes = count_passes(sorter->runs.count, fan_of(sorter));
        ok = ok && merge_runs(sorter, out, err);
    } else {
        sort_block(sorter);
        for (size_t i = 0; ok && i < sorter->count; i++)
            ok = spool_add(out, items_of(sorter)[i].mark, err);
    }
    return ok && add_nulls(sorter, out, err);
}

/* Folding: a page's objects into the sums of their zone and of its children, at once, so that no key is kept. Worker
 * threads. */
#include "backend/domain/listing_private.h"
#include <string.h>

static void sum_add(struct listing_sum *to, const struct listing_sum *from)
{
    to->objects += from->objects;
    to->bytes += from->bytes;
    to->small += from->small;
    if (from->newest_ms > to->newest_ms)
        to->newest_ms = from->newest_ms;
}

void listing_sum_object(struct listing_sum *sum, const struct s3_object *object, int64_t small_bytes)
{
    bool is_marker = object->bytes == 0 && object->key_len && object->key[object->key_len - 1] == '/';
    sum->objects++;
    sum->bytes += object->bytes;
    if (is_marker)
        return;
    sum->small += object->bytes < small_bytes;
    if (object->modified_ms > sum->newest_ms)
        sum->newest_ms = object->modified_ms;
}

static int compare_name(const char *name, const char *bytes, size_t len)
{
    int order = strncmp(name, bytes, len);
    return order ? order : (int)(unsigned char)name[len];
}

/* The zone's row of that name, made when there is room; NULL when there is not. */
static struct listing_child *child_of(struct listing_zone *zone, const char *name, size_t len)
{
    size_t low = 0, high = zone->child_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare_name(zone->children[middle].name, name, len);
        if (order == 0)
            return &zone->children[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (zone->child_count == LISTING_CHILDREN)
        return NULL;
    if (!zone->children)
        zone->children = listing_grown(NULL, LISTING_CHILDREN, sizeof *zone->children);
    memmove(zone->children + low + 1, zone->children + low, (zone->child_count - low) * sizeof *zone->children);
    zone->child_count++;
    zone->children[low] = (struct listing_child){.name = strndup(name, len)};
    return &zone->children[low];
}

static void fold(struct listing *listing, size_t index, const char *name, size_t len, const struct listing_sum *sum)
{
    if (!sum->objects)
        return;
    pthread_mutex_lock(&listing->lock);
    struct listing_zone *zone = &listing->zones[index];
    struct listing_child *child = child_of(zone, name, len);
    sum_add(&zone->sum, sum);
    if (child)
        sum_add(&child->sum, sum);
    pthread_mutex_unlock(&listing->lock);
}

/* Length of the first part of a key below a prefix with its slash: "orders/"; 0 for an object right there. */
size_t listing_child_len(const char *key, size_t prefix_len)
{
    const char *slash = strlen(key) >= prefix_len ? strchr(key + prefix_len, '/') : NULL;
    return slash ? (size_t)(slash - key) + 1 - prefix_len : 0;
}

struct fold_result listing_fold_page(struct listing *listing, const struct range *range, const struct s3_page *page)
{
    struct fold_result result = {0};
    struct listing_sum sum = {0};
    const char *child = "", *prefix = listing->zones[range->zone].prefix;
    size_t len = 0, prefix_len = strlen(prefix);
    for (size_t i = 0; i < page->object_count && !result.passed_end; i++) {
        const struct s3_object *object = &page->objects[i];
        result.is_foreign |= strncmp(object->key, prefix, prefix_len) != 0;
        if (result.is_foreign)
            break;
        result.is_unordered |= result.last && strcmp(object->key, result.last) < 0;
        result.last = object->key;
        result.passed_end = range->end && strcmp(object->key, range->end) >= 0;
        if (result.passed_end || (range->begin && strcmp(object->key, range->begin) < 0))
            continue;
        size_t next_len = listing_child_len(object->key, prefix_len);
        const char *next = object->key + prefix_len;
        if (next_len != len || memcmp(next, child, len) != 0) {
            fold(listing, range->zone, child, len, &sum);
            sum = (struct listing_sum){0};
            child = next;
            len = next_len;
        }
        listing_sum_object(&sum, object, listing->options.small_bytes);
    }
    fold(listing, range->zone, child, len, &sum);
    return result;
}

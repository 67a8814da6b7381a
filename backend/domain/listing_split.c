/* Splitting: where a range of keys that goes on is cut so that several workers can read it. Worker threads. */
#include "backend/domain/listing_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPLIT_EVERY = 8 /* pages between two looks at whether to split, once the first said no */ };

static bool push(struct listing *listing, struct range range)
{
    bool ok = false;
    pthread_mutex_lock(&listing->lock);
    if (listing->queued < LISTING_QUEUE && listing->zones[range.zone].err.code == ERR_OK) {
        listing->queue[listing->queued++] = range;
        listing->open[range.zone]++;
        ok = true;
        pthread_cond_signal(&listing->work);
        pthread_cond_signal(&listing->done); /* listing_run hires */
    }
    pthread_mutex_unlock(&listing->lock);
    return ok;
}

bool listing_may_split(struct listing *listing, const struct range *range, int pages)
{
    if (range->depth >= LISTING_DEPTH || listing->options.fan_out < 2 || (pages > 1 && pages % SPLIT_EVERY != 0))
        return false;
    pthread_mutex_lock(&listing->lock);
    bool has_room = listing->queued + (size_t)listing->options.fan_out < LISTING_QUEUE;
    bool has_idle = listing->queued + (size_t)listing->busy < (size_t)listing_hands(listing);
    bool is_whole = listing->is_whole[range->zone];
    pthread_mutex_unlock(&listing->lock);
    return has_room && has_idle && !is_whole;
}

void listing_keep_whole(struct listing *listing, size_t zone)
{
    pthread_mutex_lock(&listing->lock);
    listing->is_whole[zone] = true;
    pthread_mutex_unlock(&listing->lock);
}

/* Length of the deepest directory that holds all that is left: of the zone, or common to the last key and the end. */
static size_t common_dir(const char *zone, const char *last, const char *end)
{
    size_t dir = strlen(zone);
    for (size_t i = dir; end && last[i] && last[i] == end[i]; i++)
        if (last[i] == '/')
            dir = i + 1;
    return dir;
}

/* How many children of that directory the page shows. */
static size_t count_children(const struct s3_page *page, const char *dir, size_t dir_len)
{
    size_t count = 0, len = 0;
    const char *before = "";
    for (size_t i = 0; i < page->object_count; i++) {
        const char *key = page->objects[i].key;
        if (strncmp(key, dir, dir_len) != 0)
            continue;
        size_t next = listing_child_len(key, dir_len);
        if (next && (next != len || memcmp(key + dir_len, before, len) != 0))
            count++;
        before = key + dir_len;
        len = next;
    }
    return count;
}

/* Cuts the rest of *range at some of the prefixes found: the first piece stays with the caller, the others are queued.
 */
static bool cut(struct listing *listing, struct range *range, const struct s3_prefix *prefixes, size_t count,
                size_t pieces)
{
    char *end = range->end;
    bool is_cut = false;
    for (size_t piece = pieces; piece >= 1;
         piece--) { /* from the last, so that each piece ends where the next begins */
        const char *begin = prefixes[(piece - 1) * count / pieces].name;
        struct range part = {.zone = range->zone, .depth = range->depth + 1, .begin = strdup(begin), .end = end};
        part.start_after = strdup(begin);
        part.start_after[strlen(begin) - 1] = '.'; /* the character before '/': the key "dir/" itself is not missed */
        if (!push(listing, part)) {
            free(part.begin);
            free(part.start_after);
            break;
        }
        end = strdup(begin);
        is_cut = true;
    }
    range->end = end;
    range->depth++;
    return is_cut;
}

/* What cut() relies on: names below dir that end in a slash, in order. */
static bool are_children(const struct s3_page *page, const char *dir)
{
    size_t dir_len = strlen(dir);
    for (size_t i = 0; i < page->prefix_count; i++) {
        const struct s3_prefix *prefix = &page->prefixes[i];
        size_t len = strlen(prefix->name);
        if (len <= dir_len || strncmp(prefix->name, dir, dir_len) != 0 || prefix->name[len - 1] != '/' ||
            (i && strcmp(page->prefixes[i - 1].name, prefix->name) >= 0))
            return false;
    }
    return true;
}

/* Looks at the common prefixes after the last key, going down while all that is left is inside one of them. */
void listing_split(struct listing *listing, struct range *range, const struct s3_page *page)
{
    const char *last = page->objects[page->object_count - 1].key;
    size_t dir_len = common_dir(listing->zones[range->zone].prefix, last, range->end);
    struct arena *arena = arena_new(LISTING_PAGE_ARENA);
    for (int level = 0; level < LISTING_DEPTH; level++) {
        size_t own_len = listing_child_len(last, dir_len), shown = count_children(page, last, dir_len);
        char dir[S3_KEY_MAX + 1];
        if (!own_len || dir_len > S3_KEY_MAX)
            break; /* a leaf: part files only, a flat listing is the quickest */
        snprintf(dir, sizeof dir, "%.*s", (int)dir_len, last);
        struct s3_list list = {.bucket = listing->bucket,
                               .prefix = dir,
                               .delimiter = "/",
                               .start_after = last,
                               .max_keys = listing->options.page_keys,
                               .cancel = listing->options.cancel};
        struct s3_page found;
        struct err err;
        if (!listing_call_page(listing, &list, arena, &found, &err)) {
            if (err.code == ERR_DENIED) /* a policy for exactly the given prefix: go on flat */
                listing_keep_whole(listing, range->zone);
            break;
        }
        size_t first = 0, count = found.prefix_count;
        while (first < count && strcmp(found.prefixes[first].name, last) <= 0)
            first++; /* the child that holds the last key; more than that one: the store ignored start-after */
        if (first > 1 || !are_children(&found, dir)) {
            listing_keep_whole(listing, range->zone);
            break;
        }
        while (count > first && range->end && strcmp(found.prefixes[count - 1].name, range->end) >= 0)
            count--;
        count -= first;
        size_t pieces = shown > 1 ? count / shown : count; /* each piece worth at least a page */
        if (pieces >= (size_t)listing->options.fan_out)
            pieces = (size_t)listing->options.fan_out - 1;
        if (pieces) {
            cut(listing, range, found.prefixes + first, count, pieces);
            break;
        }
        if (count)
            break; /* many small children: a flat listing is the quickest */
        dir_len += own_len;
    }
    arena_free(arena);
}

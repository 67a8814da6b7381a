/* See hasher.h: a ring of slots between the connection's thread, which fills them, and one worker, which digests them.
 */
#include "backend/local/hasher.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4, SLOT_BYTES = 256 * 1024 };

struct hasher {
    struct digest *digest; /* the worker's until it ended */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int filled, taken; /* slots handed over and digested, counted from the start */
    bool is_over;
    size_t len[SLOTS];
    size_t at; /* bytes in the slot being filled */
    char bytes[SLOTS][SLOT_BYTES];
};

static void *work(void *argument)
{
    struct hasher *hasher = argument;
    pthread_mutex_lock(&hasher->lock);
    for (;;) {
        while (hasher->taken == hasher->filled && !hasher->is_over)
            pthread_cond_wait(&hasher->changed, &hasher->lock);
        if (hasher->taken == hasher->filled)
            break;
        int slot = hasher->taken % SLOTS;
        pthread_mutex_unlock(&hasher->lock);
        digest_update(hasher->digest, hasher->bytes[slot], hasher->len[slot]);
        pthread_mutex_lock(&hasher->lock);
        hasher->taken++;
        pthread_cond_signal(&hasher->changed);
    }
    pthread_mutex_unlock(&hasher->lock);
    return NULL;
}

struct hasher *hasher_new(enum digest_kind kind)
{
    struct hasher *hasher = malloc(sizeof *hasher); /* not zeroed: pages of unused slots are never touched */
    if (!hasher)
        return NULL;
    hasher->digest = digest_new(kind);
    hasher->filled = hasher->taken = 0;
    hasher->at = 0;
    hasher->is_over = false;
    pthread_mutex_init(&hasher->lock, NULL);
    pthread_cond_init(&hasher->changed, NULL);
    if (pthread_create(&hasher->thread, NULL, work, hasher) == 0)
        return hasher;
    digest_free(hasher->digest);
    pthread_cond_destroy(&hasher->changed);
    pthread_mutex_destroy(&hasher->lock);
    free(hasher);
    return NULL;
}

/* Hands the slot over and waits until the next one is free. */
static void hand_over(struct hasher *hasher)
{
    pthread_mutex_lock(&hasher->lock);
    hasher->len[hasher->filled % SLOTS] = hasher->at;
    hasher->filled++;
    hasher->at = 0;
    pthread_cond_signal(&hasher->changed);
    while (hasher->filled - hasher->taken == SLOTS)
        pthread_cond_wait(&hasher->changed, &hasher->lock);
    pthread_mutex_unlock(&hasher->lock);
}

void hasher_update(struct hasher *hasher, const void *bytes, size_t len)
{
    while (len > 0) {
        size_t room = SLOT_BYTES - hasher->at, n = len < room ? len : room;
        memcpy(hasher->bytes[hasher->filled % SLOTS] + hasher->at, bytes, n);
        hasher->at += n;
        bytes = (const char *)bytes + n;
        len -= n;
        if (hasher->at == SLOT_BYTES)
            hand_over(hasher);
    }
}

void hasher_end(struct hasher *hasher, uint8_t out[DIGEST_MAX])
{
    if (hasher->at > 0)
        hand_over(hasher);
    pthread_mutex_lock(&hasher->lock);
    hasher->is_over = true;
    pthread_cond_signal(&hasher->changed);
    pthread_mutex_unlock(&hasher->lock);
    pthread_join(hasher->thread, NULL);
    if (out)
        digest_end(hasher->digest, out);
    else
        digest_free(hasher->digest);
    pthread_cond_destroy(&hasher->changed);
    pthread_mutex_destroy(&hasher->lock);
    free(hasher);
}

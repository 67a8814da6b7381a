/* The writer of drafts. Texts wait in a small table under the lock; the writer takes one out, writes it with the lock
 * released, and puts it back when the write failed and nothing newer came. */
#include "backend/domain/draft.h"
#include "backend/base/path.h"
#include "backend/core/thread.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct slot {
    char name[DRAFT_NAME_MAX + 1];
    char *text; /* NULL: nothing to write */
    size_t len;
};

struct draft {
    char dir[PATH_SIZE];
    int64_t interval_ms;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* something was put, flushed, closed, or a round ended */
    struct slot slot[DRAFT_COUNT_MAX];
    size_t slots;
    uint64_t asked, answered; /* flushes */
    bool closing;
    struct err error;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool check_name(const char *name, struct err *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    size_t len = strlen(name);
    if (len == 0 || len > DRAFT_NAME_MAX || name[0] == '.' || strspn(name, allowed) != len)
        return err_set(err, ERR_USAGE, "draft name: use 1 to %d letters, digits, '_', '-' and '.'", DRAFT_NAME_MAX);
    return true;
}

static struct slot *find_slot(struct draft *draft, const char *name)
{
    for (size_t i = 0; i < draft->slots; i++)
        if (strcmp(draft->slot[i].name, name) == 0)
            return &draft->slot[i];
    if (draft->slots == DRAFT_COUNT_MAX)
        return NULL;
    struct slot *slot = &draft->slot[draft->slots++];
    strcpy(slot->name, name);
    return slot;
}

static bool has_text(const struct draft *draft)
{
    for (size_t i = 0; i < draft->slots; i++)
        if (draft->slot[i].text)
            return true;
    return false;
}

/* Called with the lock held; releases it during the write. */
static bool write_slot(struct draft *draft, struct slot *slot, struct err *err)
{
    char path[PATH_SIZE], *text = slot->text;
    size_t len = slot->len;
    slot->text = NULL;
    pthread_mutex_unlock(&draft->lock);
    bool ok = path_join(path, draft->dir, slot->name, err) && path_write_atomic(path, text, len, 0600, err);
    pthread_mutex_lock(&draft->lock);
    if (!ok && !slot->text) {
        slot->text = text;
        slot->len = len;
    } else {
        free(text);
    }
    return ok;
}

static void write_all(struct draft *draft)
{
    uint64_t asked = draft->asked;
    struct err error = ERR_NONE;
    for (size_t i = 0; i < draft->slots; i++)
        if (draft->slot[i].text)
            write_slot(draft, &draft->slot[i], &error);
    draft->error = error;
    draft->answered = asked;
    pthread_cond_broadcast(&draft->changed);
}

static void *write_drafts(void *context)
{
    struct draft *draft = context;
    int64_t due = 0; /* the first change is written at once */
    pthread_mutex_lock(&draft->lock);
    while (!draft->closing) {
        bool text = has_text(draft);
        if (draft->asked != draft->answered || (text && now_ms() >= due)) {
            write_all(draft);
            due = now_ms() + draft->interval_ms;
        } else {
            thread_wait(&draft->changed, &draft->lock, text ? due : THREAD_FOREVER);
        }
    }
    write_all(draft);
    pthread_mutex_unlock(&draft->lock);
    return NULL;
}

struct draft *draft_open(const struct draft_options *options, struct err *err)
{
    struct draft *draft = calloc(1, sizeof *draft);
    if (!draft) {
        err_set(err, ERR_FAILED, "drafts: out of memory");
        return NULL;
    }
    draft->interval_ms = options->interval_ms ? options->interval_ms : DRAFT_INTERVAL_MS;
    pthread_mutex_init(&draft->lock, NULL);
    thread_cond_init(&draft->changed);
    size_t len = strlen(options->dir);
    bool fits = len < sizeof draft->dir || err_set(err, ERR_USAGE, "drafts: the directory's name is too long");
    if (fits)
        memcpy(draft->dir, options->dir, len + 1);
    if (fits && path_make_dirs(draft->dir, 0700, err) &&
        thread_start(&draft->thread, "draft", write_drafts, draft, err))
        return draft;
    pthread_cond_destroy(&draft->changed);
    pthread_mutex_destroy(&draft->lock);
    free(draft);
    return NULL;
}

void draft_close(struct draft *draft)
{
    if (!draft)
        return;
    pthread_mutex_lock(&draft->lock);
    draft->closing = true;
    pthread_cond_broadcast(&draft->changed);
    pthread_mutex_unlock(&draft->lock);
    pthread_join(draft->thread, NULL);
    for (size_t i = 0; i < draft->slots; i++)
        free(draft->slot[i].text);
    pthread_cond_destroy(&draft->changed);
    pthread_mutex_destroy(&draft->lock);
    free(draft);
}

bool draft_put(struct draft *draft, const char *name, const char *text, size_t len, struct err *err)
{
    if (!check_name(name, err))
        return false;
    if (len > DRAFT_TEXT_MAX)
        return err_set(err, ERR_TOO_LARGE, "draft %s: more than %d bytes are not saved", name, DRAFT_TEXT_MAX);
    char *copy = malloc(len + 1);
    if (!copy)
        return err_set(err, ERR_FAILED, "draft %s: out of memory", name);
    if (len)
        memcpy(copy, text, len);
    pthread_mutex_lock(&draft->lock);
    struct slot *slot = find_slot(draft, name);
    if (slot) {
        free(slot->text);
        slot->text = copy;
        slot->len = len;
        pthread_cond_broadcast(&draft->changed);
    }
    pthread_mutex_unlock(&draft->lock);
    if (slot)
        return true;
    free(copy);
    return err_set(err, ERR_TOO_LARGE, "draft %s: %d drafts are open already", name, DRAFT_COUNT_MAX);
}

bool draft_flush(struct draft *draft, struct err *err)
{
    pthread_mutex_lock(&draft->lock);
    uint64_t mine = ++draft->asked;
    pthread_cond_broadcast(&draft->changed);
    while (draft->answered < mine)
        thread_wait(&draft->changed, &draft->lock, THREAD_FOREVER);
    struct err error = draft->error;
    pthread_mutex_unlock(&draft->lock);
    if (error.code != ERR_OK && err)
        *err = error;
    return error.code == ERR_OK;
}

bool draft_read(struct draft *draft, const char *name, struct buf *out, struct err *err)
{
    char path[PATH_SIZE];
    return check_name(name, err) && path_join(path, draft->dir, name, err) && path_read(path, out, err);
}

struct err draft_error(struct draft *draft)
{
    pthread_mutex_lock(&draft->lock);
    struct err error = draft->error;
    pthread_mutex_unlock(&draft->lock);
    return error;
}

/* The writer of drafts. Texts wait in a small table under the lock; the writer takes one out, writes it with the lock
 * released, and puts it back when the write failed and nothing newer came. */
#include "backend/domain/draft.h"
#include "backend/base/path.h"
#include "backend/core/thread.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

struct slot {
    char name[DRAFT_NAME_MAX + 1];
    char *text; /* NULL: nothing to write */
    size_t len;
    bool is_writing;
};

struct draft {
    char dir[PATH_SIZE];
    int64_t interval_ms;
    int lock_fd; /* holds the directory; -1: it is shared */
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
    struct slot *slot = NULL;
    for (size_t i = 0; i < draft->slots && !slot; i++)
        if (!draft->slot[i].name[0] && !draft->slot[i].is_writing) /* of a name that was removed */
            slot = &draft->slot[i];
    if (!slot && draft->slots < DRAFT_COUNT_MAX)
        slot = &draft->slot[draft->slots++];
    if (slot)
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
    slot->is_writing = true;
    pthread_mutex_unlock(&draft->lock);
    bool ok = path_join(path, draft->dir, slot->name, err) && path_write_atomic(path, text, len, 0600, err);
    pthread_mutex_lock(&draft->lock);
    slot->is_writing = false;
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

/* The kernel gives the lock back however a process ends. The file's name begins with a dot: no draft's does. */
static bool lock_dir(struct draft *draft, struct err *err)
{
    char path[PATH_SIZE];
    if (!path_join(path, draft->dir, ".lock", err))
        return false;
    draft->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (draft->lock_fd < 0)
        return err_set_errno(err, ERR_IO, "drafts: %.150s", path);
    if (flock(draft->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    return errno == EWOULDBLOCK ? err_set(err, ERR_CONFLICT, "drafts: another process writes to %.150s", draft->dir)
                                : err_set_errno(err, ERR_IO, "drafts: %.150s", path);
}

struct draft *draft_open(const struct draft_options *options, struct err *err)
{
    struct draft *draft = calloc(1, sizeof *draft);
    if (!draft) {
        err_set(err, ERR_FAILED, "drafts: out of memory");
        return NULL;
    }
    draft->lock_fd = -1;
    draft->interval_ms = options->interval_ms ? options->interval_ms : DRAFT_INTERVAL_MS;
    pthread_mutex_init(&draft->lock, NULL);
    thread_cond_init(&draft->changed);
    size_t len = strlen(options->dir);
    bool fits = len < sizeof draft->dir || err_set(err, ERR_USAGE, "drafts: the directory's name is too long");
    if (fits)
        memcpy(draft->dir, options->dir, len + 1);
    if (fits && path_make_dirs(draft->dir, 0700, err) && (!options->is_exclusive || lock_dir(draft, err)) &&
        thread_start(&draft->thread, "draft", write_drafts, draft, err))
        return draft;
    if (draft->lock_fd >= 0)
        close(draft->lock_fd);
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
    if (draft->lock_fd >= 0)
        close(draft->lock_fd);
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

bool draft_remove(struct draft *draft, const char *name, struct err *err)
{
    char path[PATH_SIZE];
    if (!check_name(name, err) || !path_join(path, draft->dir, name, err) || !draft_flush(draft, err))
        return false;
    /* flushed: no older text of this name is on its way to the disk */
    if (unlink(path) != 0 && errno != ENOENT)
        return err_set_errno(err, ERR_IO, "draft %s: removing it", name);
    pthread_mutex_lock(&draft->lock);
    for (size_t i = 0; i < draft->slots; i++) {
        if (strcmp(draft->slot[i].name, name) != 0)
            continue;
        free(draft->slot[i].text);
        draft->slot[i].text = NULL;
        draft->slot[i].name[0] = '\0';
    }
    pthread_mutex_unlock(&draft->lock);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

int draft_names(struct draft *draft, char names[][DRAFT_NAME_MAX + 1], int max)
{
    DIR *dir = opendir(draft->dir);
    int count = 0;
    for (struct dirent *entry; dir && count < max && (entry = readdir(dir));)
        if (check_name(entry->d_name, NULL))
            strcpy(names[count++], entry->d_name);
    if (dir)
        closedir(dir);
    qsort(names, (size_t)count, DRAFT_NAME_MAX + 1, by_name);
    return count;
}

struct err draft_error(struct draft *draft)
{
    pthread_mutex_lock(&draft->lock);
    struct err error = draft->error;
    pthread_mutex_unlock(&draft->lock);
    return error;
}

/* Restoring the query editor's buffers and saving them through drafts. A buffer is a draft "bN" and, when it is of a
 * saved query, a draft "bN-title"; an empty draft is a buffer that was closed. */
#include "backend/domain/query_buffers.h"
#include "backend/base/path.h"
#include "backend/core/thread.h"
#include "backend/domain/draft.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROCESSES_MAX = 8, NAMES_MAX = 4 * QUERY_BUFFERS_MAX };

struct query_buffers {
    char dir[PATH_SIZE];
    void (*changed)(void *context);
    void *context;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    bool is_ready, is_taken;
    struct draft *draft; /* NULL: nowhere to save to */
    struct err err;
    struct query_buffer_text texts[QUERY_BUFFERS_MAX];
    int count, last_id;
};

static struct draft *open_place(const struct query_buffers *buffers, int number, bool makes, struct err *err)
{
    char dir[PATH_SIZE], name[16];
    snprintf(name, sizeof name, "%d", number);
    if (!path_join(dir, buffers->dir, name, err) || (!makes && !path_exists(dir)))
        return NULL;
    return draft_open(&(struct draft_options){.dir = dir, .is_exclusive = true}, err);
}

/* "b12" -> 12; 0 when it is no buffer's name. */
static int id_of(const char *name)
{
    int id = 0;
    char end;
    return name[0] == 'b' && sscanf(name + 1, "%d%c", &id, &end) == 1 && id > 0 ? id : 0;
}

static void read_title(struct draft *draft, int id, char title[QUERY_BUFFER_TITLE])
{
    char name[32];
    struct buf text = BUF_INIT(QUERY_BUFFER_TITLE - 1);
    snprintf(name, sizeof name, "b%d-title", id);
    title[0] = '\0';
    if (draft_read(draft, name, &text, NULL))
        snprintf(title, QUERY_BUFFER_TITLE, "%s", buf_text(&text));
    buf_done(&text);
}

static void remove_pair(struct draft *draft, int id)
{
    char name[32];
    snprintf(name, sizeof name, "b%d", id);
    draft_remove(draft, name, NULL);
    snprintf(name, sizeof name, "b%d-title", id);
    draft_remove(draft, name, NULL);
}

/* All texts of a place; from another process's place they get ids of ours. */
static void read_place(struct query_buffers *buffers, struct draft *draft, bool is_ours)
{
    char(*names)[DRAFT_NAME_MAX + 1] = calloc(NAMES_MAX, sizeof *names);
    int count = names ? draft_names(draft, names, NAMES_MAX) : 0;
    for (int i = 0; i < count && buffers->count < QUERY_BUFFERS_MAX; i++) {
        struct buf text = BUF_INIT(DRAFT_TEXT_MAX);
        struct err err = ERR_NONE;
        int id = id_of(names[i]);
        if (id == 0 && strchr(names[i], '.'))
            draft_remove(draft, names[i], NULL); /* what a killed process had not yet renamed */
        if (id == 0)
            continue;
        if (!draft_read(draft, names[i], &text, &err))
            buffers->err = err;
        else if (text.len == 0)
            remove_pair(draft, id);
        else {
            struct query_buffer_text *into = &buffers->texts[buffers->count++];
            into->id = is_ours ? id : buffers->last_id + 1;
            read_title(draft, id, into->title);
            into->len = text.len;
            into->text = buf_take(&text);
        }
        int used = is_ours ? id : buffers->count ? buffers->texts[buffers->count - 1].id : 0;
        buffers->last_id = used > buffers->last_id ? used : buffers->last_id;
        buf_done(&text);
    }
    free(names);
}

static int by_id(const void *a, const void *b)
{
    return ((const struct query_buffer_text *)a)->id - ((const struct query_buffer_text *)b)->id;
}

static bool put_text(struct draft *draft, const struct query_buffer_text *text, struct err *err)
{
    char name[32];
    snprintf(name, sizeof name, "b%d-title", text->id);
    bool ok = draft_put(draft, name, text->title, strlen(text->title), err);
    snprintf(name, sizeof name, "b%d", text->id);
    return ok && draft_put(draft, name, text->text, text->len, err);
}

/* Takes over what a process that is no more left: first saved here, then removed there. */
static void adopt(struct query_buffers *buffers, int number)
{
    struct draft *other = open_place(buffers, number, false, NULL);
    if (!other)
        return;
    int before = buffers->count;
    char names[NAMES_MAX][DRAFT_NAME_MAX + 1];
    int found = draft_names(other, names, NAMES_MAX);
    bool ok = before + found <= QUERY_BUFFERS_MAX; /* all, or they stay where they are */
    if (ok)
        read_place(buffers, other, false);
    for (int i = before; i < buffers->count && ok; i++)
        ok = put_text(buffers->draft, &buffers->texts[i], NULL);
    if (ok && buffers->count > before && draft_flush(buffers->draft, NULL)) {
        for (int i = 0; i < found; i++)
            draft_remove(other, names[i], NULL);
    }
    draft_close(other);
}

static void *restore(void *context)
{
    struct query_buffers *buffers = context;
    struct err err = ERR_NONE;
    int ours = 0;
    for (; ours < PROCESSES_MAX && !buffers->draft; ours++)
        buffers->draft = open_place(buffers, ours, true, &err);
    if (buffers->draft) {
        read_place(buffers, buffers->draft, true);
        qsort(buffers->texts, (size_t)buffers->count, sizeof *buffers->texts, by_id);
        for (int i = 0; i < PROCESSES_MAX && buffers->count < QUERY_BUFFERS_MAX; i++)
            if (i != ours - 1)
                adopt(buffers, i);
    } else {
        buffers->err = err;
    }
    pthread_mutex_lock(&buffers->lock);
    buffers->is_ready = true;
    pthread_mutex_unlock(&buffers->lock);
    if (buffers->changed)
        buffers->changed(buffers->context);
    return NULL;
}

struct query_buffers *query_buffers_open(const char *dir, void (*changed)(void *context), void *context,
                                         struct err *err)
{
    struct query_buffers *buffers = calloc(1, sizeof *buffers);
    if (!buffers)
        abort();
    snprintf(buffers->dir, sizeof buffers->dir, "%s", dir);
    buffers->changed = changed;
    buffers->context = context;
    pthread_mutex_init(&buffers->lock, NULL);
    if (thread_start(&buffers->thread, "buffers", restore, buffers, err))
        return buffers;
    free(buffers);
    return NULL;
}

static bool is_ready(struct query_buffers *buffers)
{
    pthread_mutex_lock(&buffers->lock);
    bool ready = buffers->is_ready;
    pthread_mutex_unlock(&buffers->lock);
    return ready;
}

int query_buffers_take(struct query_buffers *buffers, struct query_buffer_text texts[QUERY_BUFFERS_MAX],
                       struct err *err)
{
    if (buffers->is_taken || !is_ready(buffers))
        return -1;
    buffers->is_taken = true;
    memcpy(texts, buffers->texts, (size_t)buffers->count * sizeof *texts);
    *err = buffers->err;
    return buffers->count;
}

bool query_buffers_put(struct query_buffers *buffers, const struct query_buffer_text *text)
{
    return buffers->is_taken && buffers->draft && put_text(buffers->draft, text, &buffers->err);
}

void query_buffers_remove(struct query_buffers *buffers, int id)
{
    query_buffers_put(buffers, &(struct query_buffer_text){.id = id, .text = ""});
}

struct err query_buffers_error(struct query_buffers *buffers)
{
    if (!buffers->is_taken || !buffers->draft)
        return buffers->is_taken ? buffers->err : ERR_NONE;
    return draft_error(buffers->draft);
}

void query_buffers_close(struct query_buffers *buffers)
{
    if (!buffers)
        return;
    pthread_join(buffers->thread, NULL);
    for (int i = 0; i < buffers->count && !buffers->is_taken; i++)
        free(buffers->texts[i].text);
    draft_close(buffers->draft);
    pthread_mutex_destroy(&buffers->lock);
    free(buffers);
}

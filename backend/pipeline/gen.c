/* The run: deals blocks of users to workers and writes what they made in order. A block's place in the order ids is
 * known when it is dealt, since each user's order count costs one draw; the total, which the ids' permutation needs,
 * comes from a pass over all users beforehand. */
#include "backend/pipeline/gen.h"
#include "backend/base/buf.h"
#include "backend/base/gzip_pack.h"
#include "backend/pipeline/gen_csv.h"
#include "backend/pipeline/gen_user.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LEVEL = 1,            /* of zlib: a higher one costs more time than everything else together */
    SLOTS_PER_THREAD = 4, /* blocks between the workers and the writer */
    TEXT_MAX = 256 << 20, /* of one table in one block; a typical one is 0.2 MB */
};

/* One table's rows of one block, compressed. */
struct packed {
    struct buf bytes;
    struct gzip_piece piece;
    uint64_t rows;
};
struct block {
    bool is_ready;
    struct packed tables[GEN_USER_TABLES];
};
/* The open file of a table; the writer's. */
struct output {
    struct gen_file *file; /* NULL: none open */
    struct gzip_member member;
    int part;
};

struct run {
    const struct gen_options *options;
    struct gen_result *result;
    struct gen_catalog *catalog;
    struct gen_model *model;
    struct gen_permutation order_ids;
    uint64_t block_count;
    struct output outputs[GEN_TABLES];
    /* below: under the lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t dealt, written; /* blocks */
    uint64_t next_order;     /* first order of the next block to be dealt */
    bool is_stopping;
    struct err err;      /* the first worker's failure */
    struct block *slots; /* block i is in slot i % slot_count until it is written */
    uint64_t slot_count;
};

/* One thread's own memory. */
struct worker {
    struct run *run;
    struct gen_maker *maker;
    struct gen_history *history;
    struct gzip_packer *packer;
    struct buf texts[GEN_USER_TABLES];
};

static uint64_t block_first(uint64_t block)
{
    return block * GEN_BLOCK_USERS + 1;
}

static uint64_t block_end(const struct run *run, uint64_t block)
{
    uint64_t end = block_first(block + 1);
    return end <= run->options->users ? end : run->options->users + 1;
}

static uint64_t count_orders(const struct run *run, uint64_t first, uint64_t end)
{
    uint64_t count = 0;
    for (uint64_t user = first; user < end; user++)
        count += (uint64_t)gen_user_orders(run->model, user);
    return count;
}

/* --- workers --- */

static bool worker_init(struct worker *worker, struct run *run, struct err *err)
{
    *worker = (struct worker){.run = run, .maker = gen_maker_make(run->model, err)};
    for (int i = 0; i < GEN_USER_TABLES; i++)
        buf_init(&worker->texts[i], TEXT_MAX);
    worker->history = malloc(sizeof *worker->history);
    worker->packer = worker->maker ? gzip_packer_make(LEVEL, err) : NULL;
    if (worker->maker && !worker->history)
        err_set(err, ERR_FAILED, "no memory for a worker of the generator");
    return worker->maker && worker->history && worker->packer;
}

static void worker_done(struct worker *worker)
{
    for (int i = 0; i < GEN_USER_TABLES; i++)
        buf_done(&worker->texts[i]);
    gzip_packer_free(worker->packer);
    free(worker->history);
    gen_maker_free(worker->maker);
}

static bool make_block(struct worker *worker, uint64_t index, uint64_t first_order, struct block *block,
                       struct err *err)
{
    struct run *run = worker->run;
    uint64_t rows[GEN_USER_TABLES] = {0};
    for (int i = 0; i < GEN_USER_TABLES; i++)
        buf_clear(&worker->texts[i]);
    for (uint64_t user = block_first(index); user < block_end(run, index); user++) {
        gen_user_make(worker->maker, user, worker->history);
        if (!gen_csv_history(run->catalog, &run->order_ids, user, first_order, worker->history, worker->texts, rows))
            return err_set(err, ERR_TOO_LARGE, "the rows of user %llu do not fit in memory", (unsigned long long)user);
        first_order += (uint64_t)worker->history->order_count;
    }
    for (int i = 0; i < GEN_USER_TABLES; i++) {
        struct packed *packed = &block->tables[i];
        const struct buf *text = &worker->texts[i];
        buf_clear(&packed->bytes);
        packed->rows = rows[i];
        if (!gzip_pack(worker->packer, text->data, text->len, &packed->bytes, &packed->piece, err))
            return false;
    }
    return true;
}

/* Waits for room and takes the next block; false when there is none or the run stops. */
static bool deal_block(struct run *run, uint64_t *index, uint64_t *first_order)
{
    pthread_mutex_lock(&run->lock);
    while (!run->is_stopping && run->dealt < run->block_count && run->dealt - run->written >= run->slot_count)
        pthread_cond_wait(&run->changed, &run->lock);
    bool is_dealt = !run->is_stopping && run->dealt < run->block_count;
    if (is_dealt) {
        *index = run->dealt++;
        *first_order = run->next_order;
        run->next_order += count_orders(run, block_first(*index), block_end(run, *index));
    }
    pthread_mutex_unlock(&run->lock);
    return is_dealt;
}

static void hand_over(struct run *run, struct block *block, bool is_ok, const struct err *err)
{
    pthread_mutex_lock(&run->lock);
    block->is_ready = is_ok;
    if (!is_ok && !run->is_stopping)
        run->err = *err;
    run->is_stopping |= !is_ok;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
}

static void *work(void *context)
{
    struct run *run = context;
    struct worker worker;
    struct err err = ERR_NONE;
    struct block none = {0};
    uint64_t index, first_order;
    bool is_ok = worker_init(&worker, run, &err);
    if (!is_ok)
        hand_over(run, &none, false, &err);
    while (is_ok && deal_block(run, &index, &first_order)) {
        struct block *block = &run->slots[index % run->slot_count];
        is_ok = make_block(&worker, index, first_order, block, &err);
        hand_over(run, block, is_ok, &err);
    }
    worker_done(&worker);
    return NULL;
}

/* --- the writer: the calling thread --- */

static bool write_bytes(struct run *run, struct output *output, const struct buf *bytes, struct err *err)
{
    run->result->bytes += bytes->len;
    return run->options->sink->ops->write(output->file, bytes->data, bytes->len, err);
}

/* Opens the next part of a table and writes its header line. */
static bool open_part(struct run *run, enum gen_table_id id, struct gzip_packer *packer, struct err *err)
{
    const struct gen_table *table = &gen_tables[id];
    struct output *output = &run->outputs[id];
    char path[128];
    if (table->file)
        snprintf(path, sizeof path, "%s/%s", table->folder, table->file);
    else
        snprintf(path, sizeof path, "%s/part-%05d.csv.gz", table->folder, output->part);
    output->file = run->options->sink->ops->open(run->options->sink, path, err);
    if (!output->file)
        return false;
    output->part++;
    run->result->files++;
    struct buf bytes = BUF_INIT(4096);
    struct gzip_piece piece;
    bool is_ok = gzip_member_begin(&output->member, &bytes, err) &&
                 gzip_pack(packer, table->header, strlen(table->header), &bytes, &piece, err);
    if (is_ok)
        gzip_member_add(&output->member, &piece);
    is_ok = is_ok && write_bytes(run, output, &bytes, err);
    buf_done(&bytes);
    return is_ok;
}

static bool close_part(struct run *run, enum gen_table_id id, struct err *err)
{
    struct output *output = &run->outputs[id];
    struct buf bytes = BUF_INIT(64);
    bool is_ok = gzip_member_end(&output->member, &bytes, err) && write_bytes(run, output, &bytes, err);
    buf_done(&bytes);
    if (!is_ok)
        return false; /* discarded with the others */
    struct gen_file *file = output->file;
    output->file = NULL;
    return run->options->sink->ops->close(file, err);
}

static bool write_small_table(struct run *run, enum gen_table_id id, struct gzip_packer *packer, struct err *err)
{
    struct buf text = BUF_INIT(16 << 20), bytes = BUF_INIT(16 << 20);
    struct gzip_piece piece;
    bool is_ok = open_part(run, id, packer, err);
    if (is_ok && !gen_tables[id].write(run->catalog, &text))
        is_ok = err_set(err, ERR_TOO_LARGE, "the table %s does not fit in memory", gen_tables[id].folder);
    is_ok = is_ok && gzip_pack(packer, text.data, text.len, &bytes, &piece, err);
    if (is_ok)
        gzip_member_add(&run->outputs[id].member, &piece);
    is_ok = is_ok && write_bytes(run, &run->outputs[id], &bytes, err) && close_part(run, id, err);
    buf_done(&text);
    buf_done(&bytes);
    return is_ok;
}

/* The rows of one block of one table, in a new part when the block begins one. */
static bool write_packed(struct run *run, uint64_t index, enum gen_table_id id, const struct packed *packed,
                         struct gzip_packer *packer, struct err *err)
{
    uint64_t users_per_part = (uint64_t)gen_tables[id].users_per_part;
    if (users_per_part > 0 && run->options->users_per_part > 0)
        users_per_part = run->options->users_per_part;
    struct output *output = &run->outputs[id];
    if (output->file && users_per_part > 0 && index * GEN_BLOCK_USERS % users_per_part == 0 &&
        !close_part(run, id, err))
        return false;
    if (!output->file && !open_part(run, id, packer, err))
        return false;
    gzip_member_add(&output->member, &packed->piece);
    return write_bytes(run, output, &packed->bytes, err);
}

/* Waits until the block is there; false when the run stops. */
static bool await_block(struct run *run, struct block *block, struct err *err)
{
    pthread_mutex_lock(&run->lock);
    while (!block->is_ready && !run->is_stopping)
        pthread_cond_wait(&run->changed, &run->lock);
    bool is_ready = !run->is_stopping;
    if (!is_ready && err)
        *err = run->err;
    pthread_mutex_unlock(&run->lock);
    return is_ready;
}

static void release_block(struct run *run, struct block *block)
{
    pthread_mutex_lock(&run->lock);
    block->is_ready = false;
    run->written++;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
}

static void count_block(struct run *run, uint64_t index, const struct block *block)
{
    run->result->users += block_end(run, index) - block_first(index);
    run->result->orders += block->tables[GEN_TABLE_ORDERS].rows;
    run->result->prior_lines += block->tables[GEN_TABLE_PRIOR].rows;
    run->result->train_lines += block->tables[GEN_TABLE_TRAIN].rows;
    run->result->pairs += block->tables[GEN_TABLE_TRUTH].rows;
}

static bool write_blocks(struct run *run, struct gzip_packer *packer, struct err *err)
{
    const struct gen_options *options = run->options;
    for (uint64_t index = 0; index < run->block_count; index++) {
        struct block *block = &run->slots[index % run->slot_count];
        if (cancel_is_set(options->cancel))
            return err_set(err, ERR_CANCELLED, "generating the data was cancelled; nothing was kept");
        if (!await_block(run, block, err))
            return false;
        for (int id = 0; id < GEN_USER_TABLES; id++)
            if (!write_packed(run, index, id, &block->tables[id], packer, err))
                return false;
        count_block(run, index, block);
        release_block(run, block);
        if (options->progress)
            options->progress(options->context, run->result, options->users);
    }
    for (int id = 0; id < GEN_USER_TABLES; id++)
        if (!close_part(run, id, err))
            return false;
    return true;
}

static bool write_all(struct run *run, struct err *err)
{
    struct gzip_packer *packer = gzip_packer_make(LEVEL, err);
    if (!packer)
        return false;
    bool is_ok = true;
    for (int id = GEN_USER_TABLES; id < GEN_TABLES && is_ok; id++)
        is_ok = write_small_table(run, id, packer, err);
    is_ok = is_ok && write_blocks(run, packer, err);
    gzip_packer_free(packer);
    return is_ok;
}

/* --- putting it together --- */

static int thread_count(const struct gen_options *options)
{
    long count = options->threads > 0 ? options->threads : sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > GEN_MAX_THREADS ? GEN_MAX_THREADS : (int)count;
}

static bool run_threads(struct run *run, struct err *err)
{
    pthread_t threads[GEN_MAX_THREADS];
    int wanted = thread_count(run->options), started = 0;
    while (started < wanted && pthread_create(&threads[started], NULL, work, run) == 0)
        started++;
    bool is_ok = started > 0 ? write_all(run, err) : err_set(err, ERR_FAILED, "no thread could be started");
    pthread_mutex_lock(&run->lock);
    run->is_stopping |= !is_ok;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
    while (started > 0)
        pthread_join(threads[--started], NULL);
    return is_ok;
}

static bool run_prepare(struct run *run, struct err *err)
{
    const struct gen_options *options = run->options;
    if (options->users < 1 || options->users > GEN_MAX_USERS)
        return err_set(err, ERR_USAGE, "cannot generate %llu users; give 1 to %d", (unsigned long long)options->users,
                       GEN_MAX_USERS);
    run->catalog = gen_catalog_make(options->seed, err);
    run->model = run->catalog ? gen_model_make(run->catalog, err) : NULL;
    if (!run->model)
        return false;
    enum { IDS_OF_ORDERS = 2 };
    run->order_ids = gen_permutation_of(options->seed, IDS_OF_ORDERS, count_orders(run, 1, options->users + 1));
    run->block_count = (options->users + GEN_BLOCK_USERS - 1) / GEN_BLOCK_USERS;
    run->slot_count = (uint64_t)thread_count(options) * SLOTS_PER_THREAD;
    run->slots = calloc(run->slot_count, sizeof *run->slots);
    if (!run->slots)
        return err_set(err, ERR_FAILED, "no memory for the generator's blocks");
    for (uint64_t i = 0; i < run->slot_count; i++)
        for (int id = 0; id < GEN_USER_TABLES; id++)
            buf_init(&run->slots[i].tables[id].bytes, TEXT_MAX);
    return true;
}

static void run_done(struct run *run)
{
    for (uint64_t i = 0; run->slots && i < run->slot_count; i++)
        for (int id = 0; id < GEN_USER_TABLES; id++)
            buf_done(&run->slots[i].tables[id].bytes);
    free(run->slots);
    gen_model_free(run->model);
    free(run->catalog);
    pthread_cond_destroy(&run->changed);
    pthread_mutex_destroy(&run->lock);
}

bool gen_run(const struct gen_options *options, struct gen_result *result, struct err *err)
{
    const struct gen_sink_ops *ops = options->sink->ops;
    struct run run = {.options = options, .result = result};
    *result = (struct gen_result){0};
    pthread_mutex_init(&run.lock, NULL);
    pthread_cond_init(&run.changed, NULL);
    bool is_ok = run_prepare(&run, err) && run_threads(&run, err);
    for (int id = 0; id < GEN_TABLES; id++)
        if (run.outputs[id].file)
            ops->discard(run.outputs[id].file);
    if (is_ok)
        is_ok = ops->finish(options->sink, err);
    else
        ops->abandon(options->sink);
    run_done(&run);
    return is_ok;
}

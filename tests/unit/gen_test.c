/* The generated data set as a whole: equal bytes on any number of threads, valid CSV, keys that refer to something, and
 * nothing left behind by a run that fails. Most tests write to memory. */
#include "backend/base/gzip.h"
#include "backend/base/path.h"
#include "backend/pipeline/gen.h"
#include "backend/pipeline/gen_csv.h"
#include "backend/pipeline/gen_words.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants the first four above first */
#include <cmocka.h>

/* --- a sink in memory, which can be told to fail --- */

enum { FILES_MAX = 40 };
struct gen_file {
    struct memory *memory;
    char path[100];
    struct buf bytes;
    bool is_closed;
};
struct memory {
    struct gen_sink sink;
    struct gen_file files[FILES_MAX];
    int count, open, writes_left; /* writes_left -1: no limit */
    bool is_finished, is_abandoned;
};

static struct gen_file *memory_open(struct gen_sink *sink, const char *path, struct err *err)
{
    struct memory *memory = (struct memory *)sink;
    assert_in_range(memory->count, 0, FILES_MAX - 1);
    (void)err;
    struct gen_file *file = &memory->files[memory->count++];
    *file = (struct gen_file){.memory = memory, .bytes = BUF_INIT(64 << 20)};
    snprintf(file->path, sizeof file->path, "%s", path);
    memory->open++;
    return file;
}

static bool memory_write(struct gen_file *file, const void *bytes, size_t len, struct err *err)
{
    if (file->memory->writes_left == 0)
        return err_set(err, ERR_DISK_FULL, "writing %s: no space", file->path);
    if (file->memory->writes_left > 0)
        file->memory->writes_left--;
    return buf_append(&file->bytes, bytes, len);
}

static bool memory_close(struct gen_file *file, struct err *err)
{
    (void)err;
    file->is_closed = true;
    file->memory->open--;
    return true;
}

static void memory_discard(struct gen_file *file)
{
    file->memory->open--;
}

static bool memory_finish(struct gen_sink *sink, struct err *err)
{
    (void)err;
    ((struct memory *)sink)->is_finished = true;
    return true;
}

static void memory_abandon(struct gen_sink *sink)
{
    ((struct memory *)sink)->is_abandoned = true;
}

static const struct gen_sink_ops memory_ops = {
    .open = memory_open,
    .write = memory_write,
    .close = memory_close,
    .discard = memory_discard,
    .finish = memory_finish,
    .abandon = memory_abandon,
};

static struct memory *memory_make(void)
{
    struct memory *memory = calloc(1, sizeof *memory);
    memory->sink.ops = &memory_ops;
    memory->writes_left = -1;
    return memory;
}

static void memory_free(struct memory *memory)
{
    for (int i = 0; i < memory->count; i++)
        buf_done(&memory->files[i].bytes);
    free(memory);
}

static struct memory *generate(struct gen_options options, struct gen_result *result)
{
    struct memory *memory = memory_make();
    struct err err = ERR_NONE;
    options.sink = &memory->sink;
    if (!gen_run(&options, result, &err))
        fail_msg("%s", err.text);
    assert_true(memory->is_finished);
    assert_int_equal(memory->open, 0);
    return memory;
}

static const struct gen_file *find_file(const struct memory *memory, const char *path)
{
    for (int i = 0; i < memory->count; i++)
        if (strcmp(memory->files[i].path, path) == 0)
            return &memory->files[i];
    fail_msg("there is no %s", path);
    return NULL;
}

/* The file's text; the caller frees it. */
static char *text_of(const struct memory *memory, const char *path)
{
    const struct gen_file *file = find_file(memory, path);
    struct gzip *gzip = gzip_decompressor();
    struct buf text = BUF_INIT(64 << 20);
    assert_true(gzip_feed(gzip, file->bytes.data, file->bytes.len, true, &text, NULL));
    gzip_free(gzip);
    return buf_take(&text);
}

/* --- a strict reader of CSV (RFC 4180 with "\n") --- */

enum { FIELDS_MAX = 8 };
struct row {
    int count;
    char *fields[FIELDS_MAX]; /* into text, which is unquoted in place */
};

static char *read_quoted(char *at, char **next)
{
    char *out = at, *start = at;
    for (;; at++) {
        assert_true(*at != '\0');
        if (*at == '"' && *++at != '"')
            break;
        *out++ = *at;
    }
    *next = at;
    assert_true(*at == ',' || *at == '\n');
    if (out == at)
        return start; /* cannot be: the closing quote gave room */
    *out = '\0';
    return start;
}

/* Moves past one line; false at the end. */
static bool read_row(char **text, struct row *row)
{
    char *at = *text;
    row->count = 0;
    if (!*at)
        return false;
    for (char end = ','; end == ','; at++) {
        assert_in_range(row->count, 0, FIELDS_MAX - 1);
        if (*at == '"') {
            row->fields[row->count++] = read_quoted(at + 1, &at);
        } else {
            row->fields[row->count++] = at;
            at += strcspn(at, ",\n");
            assert_true(*at != '\0');
            assert_null(memchr(row->fields[row->count - 1], '"', (size_t)(at - row->fields[row->count - 1])));
        }
        end = *at;
        *at = '\0';
    }
    *text = at;
    return true;
}

static long number(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    assert_true(end != text && *end == '\0');
    return value;
}

/* --- same bytes --- */

static void assert_same_files(const struct memory *a, const struct memory *b)
{
    assert_int_equal(a->count, b->count);
    for (int i = 0; i < a->count; i++) {
        const struct gen_file *other = find_file(b, a->files[i].path);
        assert_int_equal(a->files[i].bytes.len, other->bytes.len);
        assert_memory_equal(a->files[i].bytes.data, other->bytes.data, other->bytes.len);
    }
}

static void files_are_the_same_bytes_on_any_number_of_threads(void **state)
{
    (void)state;
    struct gen_options options = {.users = 1000, .seed = 7, .threads = 1, .users_per_part = 128};
    struct gen_result result;
    struct memory *one = generate(options, &result);
    for (options.threads = 2; options.threads <= 4; options.threads += 2) {
        struct gen_result again;
        struct memory *many = generate(options, &again);
        assert_same_files(one, many);
        assert_memory_equal(&result, &again, sizeof result);
        memory_free(many);
    }
    memory_free(one);
}

static void another_seed_makes_other_data(void **state)
{
    (void)state;
    struct gen_options options = {.users = 10, .seed = 7};
    struct gen_result result;
    struct memory *seven = generate(options, &result);
    options.seed = 8;
    struct memory *eight = generate(options, &result);
    static const char *const differing[] = {"truth/truth.csv.gz", "raw/orders/part-00000.csv.gz",
                                            "raw/products/part-00000.csv.gz"};
    for (int i = 0; i < 3; i++) {
        char *a = text_of(seven, differing[i]), *b = text_of(eight, differing[i]);
        assert_string_not_equal(a, b);
        free(a);
        free(b);
    }
    memory_free(seven);
    memory_free(eight);
}

/* Only the order ids know how many users there are. */
static void a_user_is_the_same_at_any_scale(void **state)
{
    (void)state;
    struct gen_result result;
    struct memory *small = generate((struct gen_options){.users = 65, .seed = 7}, &result);
    struct memory *large = generate((struct gen_options){.users = 400, .seed = 7}, &result);
    char *few = text_of(small, "truth/truth.csv.gz"), *many = text_of(large, "truth/truth.csv.gz");
    assert_memory_equal(few, many, strlen(few));
    free(few);
    free(many);
    char *a = text_of(small, "raw/orders/part-00000.csv.gz"), *b = text_of(large, "raw/orders/part-00000.csv.gz");
    char *at_a = a, *at_b = b;
    struct row row_a, row_b;
    while (read_row(&at_a, &row_a)) {
        assert_true(read_row(&at_b, &row_b));
        assert_int_equal(row_a.count, 7);
        for (int i = 1; i < 7; i++)
            assert_string_equal(row_a.fields[i], row_b.fields[i]);
    }
    free(a);
    free(b);
    memory_free(small);
    memory_free(large);
}

/* --- what is in the tables --- */

/* A data set read back: everything by order id and product id. */
struct set {
    struct gen_result result;
    struct memory *memory;
    long orders;
    char *set_of;  /* 'p', 't', 'e' (test) by order id - 1; 0: no such order */
    long *user_of; /* by order id - 1 */
    long *basket;  /* lines seen by order id - 1 */
};
enum { USERS = 300 };

static int read_set(void **state)
{
    static struct set set;
    set.memory = generate((struct gen_options){.users = USERS, .seed = 42, .users_per_part = 64}, &set.result);
    set.orders = (long)set.result.orders;
    set.set_of = calloc((size_t)set.orders, 1);
    set.user_of = calloc((size_t)set.orders, sizeof(long));
    set.basket = calloc((size_t)set.orders, sizeof(long));
    *state = &set;
    return 0;
}

static int free_set(void **state)
{
    struct set *set = *state;
    free(set->set_of);
    free(set->user_of);
    free(set->basket);
    memory_free(set->memory);
    return 0;
}

/* Calls on_row for every row of a table and checks its header; returns the number of rows. */
static long each_row(struct set *set, enum gen_table_id id, void (*on_row)(struct set *set, struct row *row))
{
    long rows = 0;
    for (int i = 0; i < set->memory->count; i++) {
        const char *path = set->memory->files[i].path;
        size_t folder = strlen(gen_tables[id].folder);
        if (strncmp(path, gen_tables[id].folder, folder) != 0 || path[folder] != '/')
            continue;
        char *text = text_of(set->memory, path), *at = text;
        assert_memory_equal(text, gen_tables[id].header, strlen(gen_tables[id].header));
        struct row row;
        read_row(&at, &row);
        int columns = row.count;
        for (; read_row(&at, &row); rows++) {
            assert_int_equal(row.count, columns);
            on_row(set, &row);
        }
        free(text);
    }
    return rows;
}

static long last_user, last_number;

static void check_order(struct set *set, struct row *row)
{
    char **field = row->fields;
    long id = number(field[0]), user = number(field[1]), order_number = number(field[3]);
    assert_in_range(id, 1, set->orders);
    assert_int_equal(set->set_of[id - 1], 0); /* each id once */
    assert_true(strcmp(field[2], "prior") == 0 || strcmp(field[2], "train") == 0 || strcmp(field[2], "test") == 0);
    assert_true(user == last_user ? order_number == last_number + 1 : user == last_user + 1 && order_number == 1);
    assert_in_range(number(field[4]), 0, 6);
    assert_int_equal(strlen(field[5]), 2);
    assert_in_range(number(field[5]), 0, 23);
    if (order_number == 1) {
        assert_string_equal(field[6], "");
    } else {
        char *point = strchr(field[6], '.');
        assert_string_equal(point, ".0");
        *point = '\0';
        assert_in_range(number(field[6]), 0, 30);
    }
    set->set_of[id - 1] = strcmp(field[2], "test") == 0 ? 'e' : field[2][0];
    set->user_of[id - 1] = user;
    last_user = user;
    last_number = order_number;
}

static void orders_are_numbered_and_their_ids_are_a_permutation(void **state)
{
    struct set *set = *state;
    last_user = last_number = 0;
    assert_int_equal(each_row(set, GEN_TABLE_ORDERS, check_order), set->orders);
    assert_int_equal(last_user, USERS);
    assert_int_equal(set->result.users, USERS);
    assert_null(memchr(set->set_of, 0, (size_t)set->orders));
}

static char expected_set;
static void check_line(struct set *set, struct row *row)
{
    long id = number(row->fields[0]);
    assert_in_range(id, 1, set->orders);
    assert_int_equal(set->set_of[id - 1], expected_set);
    assert_in_range(number(row->fields[1]), 1, GEN_PRODUCTS);
    assert_int_equal(number(row->fields[2]), ++set->basket[id - 1]); /* cart order counts from 1 */
    assert_in_range(number(row->fields[3]), 0, 1);
}

static void lines_belong_to_orders_of_their_set(void **state)
{
    struct set *set = *state;
    expected_set = 'p';
    assert_int_equal(each_row(set, GEN_TABLE_PRIOR, check_line), set->result.prior_lines);
    expected_set = 't';
    assert_int_equal(each_row(set, GEN_TABLE_TRAIN, check_line), set->result.train_lines);
    for (long i = 0; i < set->orders; i++)
        assert_true(set->set_of[i] == 'e' ? set->basket[i] == 0 : set->basket[i] > 0);
}

/* The truth against the tables: bit 0 bought before, 1 in the train order, 2 in the truth. */
static unsigned char (*pairs)[GEN_PRODUCTS];
static char train_user[USERS + 1];
static void note_prior(struct set *set, struct row *row)
{
    pairs[set->user_of[number(row->fields[0]) - 1]][number(row->fields[1]) - 1] |= 1;
}
static void note_train(struct set *set, struct row *row)
{
    long user = set->user_of[number(row->fields[0]) - 1], product = number(row->fields[1]) - 1;
    train_user[user] = 1;
    assert_int_equal(number(row->fields[3]), pairs[user][product] & 1); /* reordered: bought before */
    pairs[user][product] |= 2;
}
static void check_truth(struct set *set, struct row *row)
{
    (void)set;
    long user = number(row->fields[0]), product = number(row->fields[1]) - 1, label = number(row->fields[3]);
    double p = strtod(row->fields[2], NULL);
    assert_true(p >= 0 && p < 1 && strlen(row->fields[2]) == 9);
    assert_int_equal(pairs[user][product] & 5, 1); /* bought before, and only once in the truth */
    pairs[user][product] |= 4;
    if (train_user[user])
        assert_int_equal(label, pairs[user][product] >> 1 & 1);
}

static void the_truth_covers_exactly_the_pairs_of_prior_orders(void **state)
{
    struct set *set = *state;
    pairs = calloc(USERS + 1, sizeof *pairs);
    each_row(set, GEN_TABLE_PRIOR, note_prior);
    each_row(set, GEN_TABLE_TRAIN, note_train);
    assert_int_equal(each_row(set, GEN_TABLE_TRUTH, check_truth), set->result.pairs);
    for (int user = 1; user <= USERS; user++)
        for (int product = 0; product < GEN_PRODUCTS; product++)
            if ((pairs[user][product] & 1) != pairs[user][product] >> 2)
                fail_msg("user %d, product %d: bought before but not in the truth", user, product + 1);
    free(pairs);
}

static int aisle_department[GEN_AISLES];
static long next_id;
static void check_product(struct set *set, struct row *row)
{
    (void)set;
    long aisle = number(row->fields[2]), department = number(row->fields[3]);
    assert_int_equal(number(row->fields[0]), ++next_id);
    assert_true(strlen(row->fields[1]) >= 3);
    assert_in_range(aisle, 1, GEN_AISLES);
    assert_in_range(department, 1, GEN_DEPARTMENTS);
    if (aisle_department[aisle - 1] != 0)
        assert_int_equal(aisle_department[aisle - 1], department);
    aisle_department[aisle - 1] = (int)department;
}
static void check_named(struct set *set, struct row *row)
{
    (void)set;
    assert_int_equal(number(row->fields[0]), ++next_id);
    assert_true(row->fields[1][0] != '\0');
}

static void the_shop_is_complete(void **state)
{
    struct set *set = *state;
    next_id = 0;
    assert_int_equal(each_row(set, GEN_TABLE_PRODUCTS, check_product), GEN_PRODUCTS);
    next_id = 0;
    assert_int_equal(each_row(set, GEN_TABLE_AISLES, check_named), GEN_AISLES);
    next_id = 0;
    assert_int_equal(each_row(set, GEN_TABLE_DEPARTMENTS, check_named), GEN_DEPARTMENTS);
}

static void tables_are_cut_into_parts(void **state)
{
    struct set *set = *state; /* 300 users in parts of 64 */
    find_file(set->memory, "raw/orders/part-00004.csv.gz");
    find_file(set->memory, "raw/order_products__prior/part-00004.csv.gz");
    assert_int_equal(set->memory->count, 3 * 5 + 4);
    assert_int_equal(set->result.files, set->memory->count);
}

/* --- names --- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void product_names_are_distinct_and_exercise_quoting(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct gen_catalog *catalog = gen_catalog_make(seed, NULL);
        char **names = calloc(GEN_PRODUCTS, sizeof *names);
        int commas = 0, quotes = 0, foreign = 0;
        for (int i = 0; i < GEN_PRODUCTS; i++) {
            struct buf name = BUF_INIT(200);
            assert_true(gen_product_name(seed, &catalog->products[i], &name));
            names[i] = buf_take(&name);
            commas += strchr(names[i], ',') != NULL;
            quotes += strchr(names[i], '"') != NULL;
            foreign += strstr(names[i], "é") != NULL;
        }
        qsort(names, GEN_PRODUCTS, sizeof *names, by_text);
        for (int i = 0; i < GEN_PRODUCTS; i++) {
            if (i > 0 && strcmp(names[i - 1], names[i]) == 0)
                fail_msg("seed %d: two products are called %s", (int)seed, names[i]);
            if (i > 0)
                free(names[i - 1]);
        }
        free(names[GEN_PRODUCTS - 1]);
        assert_true(commas > 1000 && quotes > 100 && foreign > 100);
        free(names);
        free(catalog);
    }
}

static void fields_are_quoted_when_they_must_be(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(100);
    static const char *const fields[] = {"plain", "a,b", "say \"hi\"", "two\nlines", ""};
    for (int i = 0; i < 5; i++) {
        gen_csv_field(fields[i], strlen(fields[i]), &out);
        buf_putc(&out, ';');
    }
    assert_string_equal(buf_text(&out), "plain;\"a,b\";\"say \"\"hi\"\"\";\"two\nlines\";;");
    buf_done(&out);
}

/* --- failures leave nothing --- */

static void a_failing_write_ends_the_run(void **state)
{
    (void)state;
    static const int limits[] = {0, 1, 9, 10, 30};
    for (int i = 0; i < 5; i++) {
        struct memory *memory = memory_make();
        struct err err = ERR_NONE;
        struct gen_result result;
        memory->writes_left = limits[i];
        struct gen_options options = {.users = 1000, .seed = 1, .threads = 3, .sink = &memory->sink};
        assert_false(gen_run(&options, &result, &err));
        assert_int_equal(err.code, ERR_DISK_FULL);
        assert_true(memory->is_abandoned && !memory->is_finished);
        assert_int_equal(memory->open, 0);
        memory_free(memory);
    }
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, GEN_MAX_USERS + 1};
    for (int i = 0; i < 2; i++) {
        struct memory *memory = memory_make();
        struct err err = ERR_NONE;
        struct gen_result result;
        struct gen_options options = {.users = sizes[i], .sink = &memory->sink};
        assert_false(gen_run(&options, &result, &err));
        assert_int_equal(err.code, ERR_USAGE);
        assert_true(memory->is_abandoned);
        memory_free(memory);
    }
}

static void cancel_after_first(void *context, const struct gen_result *so_far, uint64_t users)
{
    (void)so_far;
    (void)users;
    cancel_set(context);
}

static void make_directory(char dir[40])
{
    strcpy(dir, "/tmp/weir-gen-XXXXXX");
    assert_non_null(mkdtemp(dir));
}

static bool holds(const char *dir, const char *name)
{
    char path[PATH_SIZE];
    assert_true(path_join(path, dir, name, NULL));
    return path_exists(path);
}

static bool generate_to(const char *dir, bool replace, struct gen_options options, struct err *err)
{
    struct gen_result result;
    options.sink = gen_sink_dir(dir, replace, err);
    return options.sink && gen_run(&options, &result, err);
}

static void a_cancelled_run_leaves_nothing(void **state)
{
    (void)state;
    char dir[40];
    struct cancel cancel = {0};
    struct err err = ERR_NONE;
    make_directory(dir);
    struct gen_options options = {
        .users = 5000, .seed = 1, .cancel = &cancel, .progress = cancel_after_first, .context = &cancel};
    assert_false(generate_to(dir, false, options, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
    assert_int_equal(rmdir(dir), 0); /* it is empty */
}

static void a_directory_gets_all_tables_and_nothing_else(void **state)
{
    (void)state;
    char dir[40];
    make_directory(dir);
    assert_true(generate_to(dir, false, (struct gen_options){.users = 200, .users_per_part = 64}, NULL));
    assert_true(holds(dir, "raw/orders/part-00003.csv.gz"));
    assert_true(holds(dir, "raw/departments/part-00000.csv.gz"));
    assert_true(holds(dir, "truth/truth.csv.gz"));
    assert_false(holds(dir, ".partial"));
    assert_true(path_remove_tree(dir, NULL));
}

static void a_directory_with_data_is_only_replaced_on_request(void **state)
{
    (void)state;
    char dir[40];
    struct err err = ERR_NONE;
    make_directory(dir);
    assert_true(generate_to(dir, false, (struct gen_options){.users = 200, .users_per_part = 64}, NULL));
    assert_false(generate_to(dir, false, (struct gen_options){.users = 10}, &err));
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_true(holds(dir, "raw/orders/part-00003.csv.gz"));
    assert_true(generate_to(dir, true, (struct gen_options){.users = 10}, NULL));
    assert_true(holds(dir, "raw/orders/part-00000.csv.gz"));
    assert_false(holds(dir, "raw/orders/part-00003.csv.gz")); /* of the larger set */
    assert_true(path_remove_tree(dir, NULL));
}

static void a_killed_run_is_cleared_away_and_a_live_one_is_left_alone(void **state)
{
    (void)state;
    char dir[40], stale[PATH_SIZE];
    struct err err = ERR_NONE;
    make_directory(dir);
    assert_true(path_join(stale, dir, ".partial/raw/orders", NULL));
    assert_true(path_make_dirs(stale, 0777, NULL));
    struct gen_sink *live = gen_sink_dir(dir, false, NULL);
    assert_non_null(live);
    assert_false(holds(dir, ".partial/raw/orders"));
    assert_null(gen_sink_dir(dir, false, &err));
    assert_int_equal(err.code, ERR_CONFLICT);
    live->ops->abandon(live);
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_the_same_bytes_on_any_number_of_threads),
        cmocka_unit_test(another_seed_makes_other_data),
        cmocka_unit_test(a_user_is_the_same_at_any_scale),
        cmocka_unit_test(product_names_are_distinct_and_exercise_quoting),
        cmocka_unit_test(fields_are_quoted_when_they_must_be),
        cmocka_unit_test(a_failing_write_ends_the_run),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(a_cancelled_run_leaves_nothing),
        cmocka_unit_test(a_directory_gets_all_tables_and_nothing_else),
        cmocka_unit_test(a_directory_with_data_is_only_replaced_on_request),
        cmocka_unit_test(a_killed_run_is_cleared_away_and_a_live_one_is_left_alone),
    };
    const struct CMUnitTest set_tests[] = {
        /* in this order: later ones use what earlier ones read */
        cmocka_unit_test(orders_are_numbered_and_their_ids_are_a_permutation),
        cmocka_unit_test(lines_belong_to_orders_of_their_set),
        cmocka_unit_test(the_truth_covers_exactly_the_pairs_of_prior_orders),
        cmocka_unit_test(the_shop_is_complete),
        cmocka_unit_test(tables_are_cut_into_parts),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed + cmocka_run_group_tests(set_tests, read_set, free_set);
}

/* Rows of the tables. Numbers are written by hand: a full-size run has fifty million rows. */
#include "backend/pipeline/gen_csv.h"
#include "backend/pipeline/gen_words.h"
#include <string.h>

enum { ROW_MAX = 80 }; /* longest row of a history table: 20 + 20 + 20 + 4 digits and separators */

static char *put_number(char *at, uint64_t number)
{
    char digits[20];
    int count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

static char *put_text(char *at, const char *text)
{
    size_t len = strlen(text);
    memcpy(at, text, len);
    return at + len;
}

/* Seven decimals; a probability that is not 0 or 1 is never written as either. */
static char *put_probability(char *at, double p)
{
    enum { SCALE = 10000000, DECIMALS = 7 };
    long scaled = (long)(p * SCALE + 0.5);
    if (scaled == 0 && p > 0)
        scaled = 1;
    if (scaled >= SCALE)
        scaled = SCALE - 1;
    at = put_text(at, "0.");
    for (int i = DECIMALS - 1; i >= 0; i--, scaled /= 10)
        at[i] = (char)('0' + scaled % 10);
    return at + DECIMALS;
}

/* orders: the first order has no days_since_prior_order; hours have two digits, days one decimal. */
static char *put_order(char *at, uint64_t id, uint64_t user, const char *set, int number, const struct gen_order *order)
{
    at = put_number(at, id);
    *at++ = ',';
    at = put_number(at, user);
    at = put_text(at, set);
    at = put_number(at, (uint64_t)number);
    *at++ = ',';
    *at++ = (char)('0' + order->weekday);
    *at++ = ',';
    *at++ = (char)('0' + order->hour / 10);
    *at++ = (char)('0' + order->hour % 10);
    *at++ = ',';
    if (order->days >= 0)
        at = put_text(put_number(at, (uint64_t)order->days), ".0");
    *at++ = '\n';
    return at;
}

static bool write_lines(const struct gen_catalog *catalog, uint64_t id, const struct gen_order *order,
                        const struct gen_line *lines, struct buf *out)
{
    char *start = buf_reserve(out, (size_t)order->lines * ROW_MAX), *at = start;
    if (!start)
        return false;
    for (int i = 0; i < order->lines; i++) {
        at = put_number(at, id);
        *at++ = ',';
        at = put_number(at, (uint64_t)catalog->products[lines[i].product].id);
        *at++ = ',';
        at = put_number(at, (uint64_t)i + 1);
        at = put_text(at, lines[i].is_reorder ? ",1\n" : ",0\n");
    }
    out->len += (size_t)(at - start);
    return true;
}

static bool write_truth(const struct gen_catalog *catalog, uint64_t user, const struct gen_history *history,
                        struct buf *out)
{
    char *start = buf_reserve(out, (size_t)history->pair_count * ROW_MAX), *at = start;
    if (!start)
        return false;
    for (int i = 0; i < history->pair_count; i++) {
        const struct gen_pair *pair = &history->pairs[i];
        at = put_number(at, user);
        *at++ = ',';
        at = put_number(at, (uint64_t)catalog->products[pair->product].id);
        *at++ = ',';
        at = put_probability(at, pair->probability);
        at = put_text(at, pair->is_bought ? ",1\n" : ",0\n");
    }
    out->len += (size_t)(at - start);
    return true;
}

bool gen_csv_history(const struct gen_catalog *catalog, const struct gen_permutation *ids, uint64_t user,
                     uint64_t first_order, const struct gen_history *history, struct buf texts[GEN_USER_TABLES],
                     uint64_t rows[GEN_USER_TABLES])
{
    int count = history->order_count;
    char *start = buf_reserve(&texts[GEN_TABLE_ORDERS], (size_t)count * ROW_MAX), *at = start;
    if (!start)
        return false;
    for (int i = 0; i < count; i++) {
        const struct gen_order *order = &history->orders[i];
        bool is_last = i == count - 1;
        uint64_t id = gen_permute(ids, first_order + (uint64_t)i) + 1;
        at = put_order(at, id, user, !is_last ? ",prior," : history->is_train ? ",train," : ",test,", i + 1, order);
        if (is_last && !history->is_train)
            continue; /* nobody is to see the labels of a test user, but for the truth */
        enum gen_table_id table = is_last ? GEN_TABLE_TRAIN : GEN_TABLE_PRIOR;
        if (!write_lines(catalog, id, order, history->lines + order->first_line, &texts[table]))
            return false;
        rows[table] += (uint64_t)order->lines;
    }
    texts[GEN_TABLE_ORDERS].len += (size_t)(at - start);
    rows[GEN_TABLE_ORDERS] += (uint64_t)count;
    rows[GEN_TABLE_TRUTH] += (uint64_t)history->pair_count;
    return write_truth(catalog, user, history, &texts[GEN_TABLE_TRUTH]);
}

bool gen_csv_field(const char *text, size_t len, struct buf *out)
{
    bool is_plain =
        !memchr(text, ',', len) && !memchr(text, '"', len) && !memchr(text, '\n', len) && !memchr(text, '\r', len);
    if (is_plain)
        return buf_append(out, text, len);
    buf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            buf_putc(out, '"');
        buf_putc(out, text[i]);
    }
    return buf_putc(out, '"');
}

static bool write_products(const struct gen_catalog *catalog, struct buf *out)
{
    struct buf name = BUF_INIT(256);
    bool is_ok = true;
    for (int id = 1; id <= GEN_PRODUCTS && is_ok; id++) {
        const struct gen_product *product = &catalog->products[catalog->by_id[id - 1]];
        buf_clear(&name);
        is_ok = gen_product_name(catalog->seed, product, &name) && buf_printf(out, "%d,", id) &&
                gen_csv_field(name.data, name.len, out) &&
                buf_printf(out, ",%d,%d\n", product->aisle + 1, product->department + 1);
    }
    buf_done(&name);
    return is_ok;
}

static bool write_named(const char *(*name_of)(int i), int count, struct buf *out)
{
    for (int i = 0; i < count; i++) {
        const char *name = name_of(i);
        buf_printf(out, "%d,", i + 1);
        gen_csv_field(name, strlen(name), out);
        buf_putc(out, '\n');
    }
    return !out->failed;
}

static bool write_aisles(const struct gen_catalog *catalog, struct buf *out)
{
    (void)catalog;
    return write_named(gen_aisle_name, GEN_AISLES, out);
}

static bool write_departments(const struct gen_catalog *catalog, struct buf *out)
{
    (void)catalog;
    return write_named(gen_department_name, GEN_DEPARTMENTS, out);
}

#define LINES_HEADER "order_id,product_id,add_to_cart_order,reordered\n"
/* users_per_part makes files of some 50 MiB of text */
const struct gen_table gen_tables[GEN_TABLES] = {
    [GEN_TABLE_ORDERS] = {.folder = "raw/orders",
                          .users_per_part = 131072,
                          .header = "order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,"
                                    "days_since_prior_order\n"},
    [GEN_TABLE_PRIOR] = {.folder = "raw/order_products__prior", .users_per_part = 16384, .header = LINES_HEADER},
    [GEN_TABLE_TRAIN] = {.folder = "raw/order_products__train", .users_per_part = 524288, .header = LINES_HEADER},
    [GEN_TABLE_TRUTH] = {.folder = "truth", .file = "truth.csv.gz", .header = "user_id,product_id,p_true,label\n"},
    [GEN_TABLE_PRODUCTS] = {.folder = "raw/products",
                            .header = "product_id,product_name,aisle_id,department_id\n",
                            .write = write_products,
                            .rows = GEN_PRODUCTS},
    [GEN_TABLE_AISLES] = {.folder = "raw/aisles",
                          .header = "aisle_id,aisle\n",
                          .write = write_aisles,
                          .rows = GEN_AISLES},
    [GEN_TABLE_DEPARTMENTS] = {.folder = "raw/departments",
                               .header = "department_id,department\n",
                               .write = write_departments,
                               .rows = GEN_DEPARTMENTS},
};
